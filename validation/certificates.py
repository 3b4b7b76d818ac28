"""Certificates as files that anyone can check again, exactly and without a solver.

A file is JSON: {"claim": id, "made_by": command, "digest": of what is certified, "readings": [{"name", "statement", "boundaries": where it
goes beyond the conditions of its certificates by continuity, "certificates": as in `theory.stored`, "steps"}]}. "steps" has what else it
takes to follow (`theory.replayed`): {"cites": which reading of each cited claim stands, "signs": by condition, the reasons for its signs}.
It is null where the whole does not follow without a solver; then the vector steps alone are certified.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from theory.certificate import Certificate, certify
from theory.claim import IMPROVED, Claim, Reading
from theory.papers import claims as all_claims
from theory.replayed import Kept, answers, found, is_settled, lacking
from theory.rules import Question, asked, boundaries
from theory.signs import LONGEST, SHORT
from theory.stored import Refused, as_data, from_data, recheck
from validation.files import write_json
from validation.verdict import Verdict

FIELDS = ("claim", "digest", "made_by", "readings")


@dataclass(frozen=True)
class Rechecked:
    """What a file holds of one reading: how many certificates, all of which check, and the signs they leave to a solver.

    `signs`: how many conditions of a derivation, or of a scalar statement, have a reason; None where only its vector steps are certified.
    `cited`: the readings of other claims that it rests on, by id.
    """

    reading: Reading
    certificates: int
    undecided: tuple[str, ...]
    signs: int | None
    cited: Mapping[str, Reading]


def save(verdict: Verdict, path: Path, steps: bool = True) -> bool:
    """Writes the certificates that the proved readings of a claim rest on; False where there are none. An up-to-date file stays.

    Without `steps` it is content with vector steps: reasons for scalar signs take a quarter of a second each.
    Raises:
        OSError: the folder cannot be written.
    """
    by_id = {claim.id: claim for claim in all_claims()}
    proved = [each.reading for each in verdict.stated if each.verdict == "proved"]
    wanted = [(reading, _cited(reading, verdict.cited, by_id)) for reading in proved if asked(reading) or is_settled(reading)]
    if not wanted:
        return False
    digests = _digests(wanted)
    if _digest(path) in digests[: 1 if steps else 2]:
        return True
    readings = [entry for reading, cited in wanted if (entry := _entry(reading, cited, steps))]
    if readings:
        made_by = f"tightrope verify {verdict.claim.id}"
        digest = digests[0 if steps else 1]
        write_json(path, {"claim": verdict.claim.id, "made_by": made_by, "digest": digest, "readings": readings})
    return bool(readings)


def _cited(reading: Reading, names: Mapping[str, str], by_id: Mapping[str, Claim]) -> dict[str, Reading]:
    """The readings of cited claims by these names; a claim or a reading that does not exist is left out."""
    taken = {}
    for cited in reading.follows.cites() if reading.follows is not None else ():
        claim = by_id.get(cited.removesuffix(IMPROVED))
        stated = () if claim is None else (claim.improvement,) if cited.endswith(IMPROVED) else (*claim.readings, claim.correction)
        for each in stated:
            if each is not None and each.name == names.get(cited):
                taken[cited] = each
    return taken


def _digests(wanted: Sequence[tuple[Reading, Mapping[str, Reading]]]) -> list[str]:
    """Of what is to be stored with steps, and without."""
    stated = repr([(reading, {cited: (taken.relation, taken.given) for cited, taken in others.items()}) for reading, others in wanted])
    return [hashlib.sha256(f"({stated}, {deep})".encode()).hexdigest() for deep in (True, False)]


def _entry(reading: Reading, cited: Mapping[str, Reading], steps: bool) -> dict[str, Any] | None:
    """What is stored of a reading; None where nothing of it is certified."""
    entry = {"name": reading.name, "statement": str(reading.relation), "boundaries": at_boundaries(reading)}
    if steps and is_settled(reading) and (whole := found(reading, cited)) is not None:
        names = {claim_id: taken.name for claim_id, taken in cited.items()}
        return {**entry, "certificates": list(whole.certificates.values()), "steps": {"cites": names, "signs": whole.reasons}}
    certificates = _certified(asked(reading), LONGEST if steps else SHORT)
    return {**entry, "certificates": certificates, "steps": None} if certificates else None


def _certified(questions: Sequence[Question], longest: int) -> list[dict[str, Any]]:
    """The certificates that answer the questions, empty unless all are reached."""
    found = list({id(certificate): certificate for certificate in (certify(*question) for question in questions)}.values())
    if any(certificate.outcome != "proved" for certificate in found):  # then it is proved in another way
        return []
    return [as_data(each, longest) for each in found]


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
    claims = tuple(claims)
    claim = next((each for each in claims if each.id == content["claim"]), None)
    if claim is None:
        raise ValueError(f"{path} names the claim {content['claim']!r}, which does not exist")
    readings, by_id = {each.name: each for each in claim.stated}, {each.id: each for each in claims}
    checked = []
    for entry in content["readings"]:
        try:
            reading, stored = readings[entry["name"]], [from_data(each) for each in entry["certificates"]]
            taken = tuple(what for each in entry["certificates"] for what in recheck(each))
            checked.append(_rechecked(reading, stored, taken, entry["steps"], by_id))
        except KeyError as why:
            raise ValueError(f"{path} names {why}; {claim.id} has the readings {', '.join(map(repr, readings))}") from None
        except Refused as why:
            raise ValueError(f"{path} proves nothing of {claim.id}, {entry['name']}: {why}") from None
    if not checked:
        raise ValueError(f"{path} holds no certificate")
    return claim, tuple(checked)


def _rechecked(
    reading: Reading, stored: Sequence[Certificate], taken: tuple[str, ...], steps: Any, by_id: Mapping[str, Claim]
) -> Rechecked:
    """Raises: Refused unless the reading follows from what is stored."""
    if steps is None:
        if not stored or not _about_the_claim(asked(reading), stored):
            raise Refused("something else is certified")
        return Rechecked(reading, len(stored), taken, None, {})
    cited = _cited(reading, steps["cites"], by_id)
    if not is_settled(reading):
        raise Refused("it has no steps")
    if missing := lacking(reading, cited, Kept(steps["signs"], stored)):
        raise Refused(missing)
    return Rechecked(reading, len(stored), taken, len(steps["signs"]), cited)


def _about_the_claim(questions: Sequence[Question], stored: Sequence[Certificate]) -> bool:
    """Whether every question has its answer, and every answer its question."""
    answered = [[answers(certificate, question) for question in questions] for certificate in stored]
    return all(any(row) for row in answered) and all(any(column) for column in zip(*answered, strict=True))
