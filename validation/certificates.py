"""Certificates as files that anyone can check again, exactly and without a solver.

A file is JSON: {"claim": id, "made_by": command, "digest": of what is certified, "readings": [{"name", "statement", "boundaries": where it
goes beyond the conditions of its certificates by continuity, "certificates": as in `theory.stored`}]}. Of a reading that is derived it has
the vector steps; the rest of the derivation is not in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sympy as sp

from theory.certificate import Certificate, certify
from theory.claim import Claim, Reading
from theory.rules import Question, asked, boundaries
from theory.stored import Refused, as_data, from_data, recheck
from validation.files import write_json
from validation.verdict import Verdict

FIELDS = ("claim", "digest", "made_by", "readings")


@dataclass(frozen=True)
class Rechecked:
    """What a file holds of one reading: how many certificates, all of which check, and the signs they leave to a solver."""

    reading: Reading
    certificates: int
    undecided: tuple[str, ...]


def save(verdict: Verdict, path: Path) -> bool:
    """Writes the certificates that the proved readings of a claim rest on; False where there are none. An up-to-date file stays.

    Raises:
        OSError: the folder cannot be written.
    """
    proved = [(each.reading, questions) for each in verdict.stated if each.verdict == "proved" and (questions := asked(each.reading))]
    digest = hashlib.sha256(repr([(reading.name, questions) for reading, questions in proved]).encode()).hexdigest()
    if not proved or _digest(path) == digest:
        return bool(proved)
    readings = []
    for reading, questions in proved:
        found = list({id(certificate): certificate for certificate in (certify(*question) for question in questions)}.values())
        if all(certificate.outcome == "proved" for certificate in found):  # else it is proved in another way
            readings.append(
                {
                    "name": reading.name,
                    "statement": str(reading.relation),
                    "boundaries": at_boundaries(reading),
                    "certificates": [as_data(each) for each in found],
                }
            )
    if readings:
        made_by = f"tightrope verify {verdict.claim.id}"
        write_json(path, {"claim": verdict.claim.id, "made_by": made_by, "digest": digest, "readings": readings})
    return bool(readings)


def at_boundaries(reading: Reading) -> list[str]:
    """Where a reading goes beyond the conditions of its certificates by continuity."""
    return list(dict.fromkeys(boundaries(reading.follows))) if reading.follows is not None else []


def _digest(path: Path) -> str | None:
    try:
        return load(path)["digest"]
    except (OSError, ValueError):
        return None


def are_certificates(path: Path) -> bool:
    """Whether a file is meant as certificates. Raises: OSError if it cannot be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return False
    return isinstance(content, dict) and "readings" in content


def load(path: Path) -> dict[str, Any]:
    """Reads a file of certificates. Raises: ValueError naming the file if it is none; OSError if it cannot be read."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as why:
        raise ValueError(f"{path} holds no certificate: it is no JSON ({why})") from why
    if not isinstance(content, dict) or sorted(content) != sorted(FIELDS) or not isinstance(content["readings"], list):
        raise ValueError(f"{path} holds no certificate: it must hold exactly {', '.join(FIELDS)}")
    return content


def replay(path: Path, claims: Iterable[Claim]) -> tuple[Claim, tuple[Rechecked, ...]]:
    """Checks every certificate of a file, and that they are about what the claim states, without a solver.

    Raises:
        ValueError: the file is corrupt, names an unknown claim or reading, certifies something else, or proves nothing.
    """
    content = load(path)
    claim = next((each for each in claims if each.id == content["claim"]), None)
    if claim is None:
        raise ValueError(f"{path} names the claim {content['claim']!r}, which does not exist")
    readings = {each.name: each for each in claim.stated}
    found = []
    for entry in content["readings"]:
        try:
            reading, stored = readings[entry["name"]], [from_data(each) for each in entry["certificates"]]
            taken = tuple(what for each in entry["certificates"] for what in recheck(each))
        except KeyError as why:
            raise ValueError(f"{path} names {why}; {claim.id} has the readings {', '.join(map(repr, readings))}") from None
        except Refused as why:
            raise ValueError(f"{path} proves nothing of {claim.id}, {entry['name']}: {why}") from None
        if not stored or not _about_the_claim(asked(reading), stored):
            raise ValueError(f"{path} certifies something else than {claim.id}, {reading.name}, states")
        found.append(Rechecked(reading, len(stored), taken))
    if not found:
        raise ValueError(f"{path} holds no certificate")
    return claim, tuple(found)


def _about_the_claim(questions: Sequence[Question], stored: Sequence[Certificate]) -> bool:
    """Whether every question has its answer, and every answer its question."""
    answered = [[_answers(certificate, question) for question in questions] for certificate in stored]
    return all(any(row) for row in answered) and all(any(column) for column in zip(*answered, strict=True))


def _answers(certificate: Certificate, question: Question) -> bool:
    slack, hypotheses, _, given, equalities = question
    allowed = {part for condition in given for part in (condition.args if isinstance(condition, sp.And) else (condition,))}
    return (
        _same(certificate.slack, slack)
        and certificate.hypotheses.keys() == hypotheses.keys()
        and all(_same(expression, hypotheses[name]) for name, expression in certificate.hypotheses.items())
        and certificate.equalities == frozenset(equalities)
        and set(certificate.given) <= allowed
    )


def _same(one: sp.Expr, other: sp.Expr) -> bool:
    return bool(sp.expand(one - other) == 0 or sp.cancel(sp.together(one - other)) == 0)
