"""Certificates as files that anyone can check again, exactly and without a solver.

A file is JSON: {"claim": id, "made_by": command, "digest": of what is certified, "readings": [{"name", "statement", "boundaries": where it
goes beyond the conditions of its certificates by continuity, "certificates": as in `theory.stored`}]}. Of a reading that is derived it has
the vector steps; the rest of the derivation is not in it. Of a scalar statement it has the sign, and only where a reason shows it: that a
solver decided it is no certificate.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sympy as sp

from theory.certificate import Case, Certificate, certify
from theory.claim import Claim, Reading
from theory.decide import about
from theory.rules import Question, asked, boundaries, decided
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


LONGEST = 80
"""Operations in a scalar statement beyond which no reason is looked for: it takes seconds, and none was found."""


def save(verdict: Verdict, path: Path, scalars: bool = True) -> bool:
    """Writes the certificates that the proved readings of a claim rest on; False where there are none. An up-to-date file stays.

    Without `scalars` those of scalar statements are not looked for, which takes a quarter of a second each.
    Raises:
        OSError: the folder cannot be written.
    """
    proved = [each.reading for each in verdict.stated if each.verdict == "proved"]
    with_vectors = [(reading, questions) for reading in proved if (questions := asked(reading))]
    all_of_them = with_vectors + [(reading, questions) for reading in proved if (questions := decided(reading))]
    if not all_of_them or _digest(path) == _digest_of(all_of_them):
        return bool(all_of_them)
    chosen = all_of_them if scalars else with_vectors
    if _digest(path) == _digest_of(chosen):
        return bool(chosen)
    readings = []
    for reading, questions in chosen:
        stored = _certified(questions) if asked(reading) else _signed(questions)
        if stored:
            readings.append(
                {"name": reading.name, "statement": str(reading.relation), "boundaries": at_boundaries(reading), "certificates": stored}
            )
    if readings:
        made_by = f"tightrope verify {verdict.claim.id}"
        write_json(path, {"claim": verdict.claim.id, "made_by": made_by, "digest": _digest_of(chosen), "readings": readings})
    return bool(readings)


def _digest_of(asked_of: Sequence[tuple[Reading, tuple[Question, ...]]]) -> str:
    return hashlib.sha256(repr([(reading.name, questions) for reading, questions in asked_of]).encode()).hexdigest()


def _certified(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """The certificates that answer the questions, empty unless all are reached."""
    found = list({id(certificate): certificate for certificate in (certify(*question) for question in questions)}.values())
    if any(certificate.outcome != "proved" for certificate in found):  # then it is proved in another way
        return []
    return [as_data(each) for each in found]


def _signed(questions: Sequence[Question]) -> list[dict[str, Any]]:
    """The signs that answer scalar questions, empty unless a reason shows each of them."""
    found = []
    for slack, _, _, given, _ in questions:
        if slack.count_ops() > LONGEST:
            return []
        near, whole = about(slack.free_symbols, given), (Case((), ()),)
        stated = Certificate("proved", "as stated", slack, {}, {}, near, frozenset(), slack, sp.factor(slack), whole)
        try:
            found.append(as_data(stated))
            if recheck(found[-1]):  # a sign without a reason
                return []
        except (ValueError, sp.PolificationFailed):  # it cannot be written or read again, or it is about no polynomials
            return []
    return found


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
        if not stored or not _about_the_claim(asked(reading) or decided(reading), stored):
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
