"""From claims to a ledger: which are chosen, judging them with progress, remembering, and the stable JSON form."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from theory.claim import Claim, Reading
from theory.papers import claims
from validation.ahead import Ahead
from validation.attack import CutShort, Effort
from validation.checks import Check, paper_text
from validation.files import write_json
from validation.verdict import Judged, Ledger, Verdict, needed

FORMAT = 1
"""Version of the JSON form."""
FLOORS = ("theory", "reference", "gpu", "validation")
LIBRARIES = ("numpy", "sympy", "z3-solver", "torch", "antlr4-python3-runtime")


def choose(globs: Sequence[str] = (), paper: str | None = None) -> tuple[Claim, ...]:
    """The claims that any of the globs names (all when there is none), in paper order. A glob may leave the paper out.

    Raises:
        ValueError: unknown paper, or a glob that matches nothing.
    """
    everything = claims(paper)
    named = set()
    for glob in globs:
        found = _named(everything, glob)
        if not found:
            raise ValueError(f"no claim matches {glob!r}{f' in {paper}' if paper else ''}; 'tightrope verify' alone lists every id")
        named |= {claim.id for claim in found}
    return tuple(claim for claim in everything if not globs or claim.id in named)


def _named(everything: Sequence[Claim], glob: str) -> list[Claim]:
    """By id, by label alone, else by the equation number under which a statement is printed: lemma-5 is also eq-3.2."""

    def matching(names: Callable[[Claim], list[str]]) -> list[Claim]:
        return [
            c
            for c in everything
            if any(fnmatchcase(f"{prefix}{n}".lower(), glob.lower()) for n in names(c) for prefix in ("", f"{c.paper}/"))
        ]

    by_label = matching(lambda claim: [_label(claim)])
    if by_label:
        return by_label
    by_number = matching(lambda claim: [f"eq-{number}" for number in re.findall(r"\((\w+(?:\.\d+)?)\)", claim.where)])
    return [claim for claim in by_number if "/" not in _label(claim)] or by_number


def _label(claim: Claim) -> str:
    return claim.id.split("/", 1)[1]


class Interrupted(KeyboardInterrupt):
    """An interruption while claims were judged, with the verdicts that were there by then, and the seconds that each took.

    `attack`: that which was cut short, if it had come to anything.
    """

    def __init__(self, verdicts: list[Verdict], seconds: dict[str, float], attack: CutShort | None) -> None:
        super().__init__()
        self.verdicts, self.seconds, self.attack = verdicts, seconds, attack


def judge_all(
    chosen: Collection[Claim],
    effort: Effort,
    seed: int,
    cache_dir: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
    found: Callable[[Verdict], None] = lambda _: None,
) -> tuple[list[Verdict], dict[str, float]]:
    """Judges the chosen claims and whatever they cite; returns the chosen verdicts and seconds spent for each.

    With `cache_dir`, a verdict found before under the same key is recalled; each new one is kept as soon as it is there. `progress` is told
    of each claim before it is judged, `found` each verdict of a chosen one right after.

    Raises:
        Interrupted: with the verdicts found so far.
    """
    key = blunt_key(effort, seed)
    store = Store(cache_dir / key) if cache_dir is not None else None
    all_claims = claims()
    by_id = {claim.id: claim for claim in all_claims}
    recall = (lambda cited: store.recall(by_id[cited])) if store is not None else (lambda _: None)
    verdicts: list[Verdict] = []
    seconds: dict[str, float] = {}
    try:
        todo = needed(chosen, by_id, lambda claim_id: store is not None and store.has(claim_id))
        with Ahead(todo, effort, seed) as ahead:
            ledger = Ledger(all_claims, effort, seed, recall, ahead)
            ahead.meanwhile = ledger.rehearsal(todo)
            for claim in chosen:
                progress(claim.id)
                started = time.perf_counter()
                verdict = ledger.by_use(claim)
                seconds[claim.id] = time.perf_counter() - started
                verdicts.append(verdict)
                if store is not None:
                    for known in ledger.verdicts.values():
                        store.keep(known)
                found(verdict)
    except KeyboardInterrupt as stop:
        raise Interrupted(verdicts, seconds, stop if isinstance(stop, CutShort) else None) from stop
    return verdicts, seconds


@cache
def _sources() -> str:
    """One hash over every source file of the four floors and the versions of the libraries that decide."""
    total = hashlib.sha256()
    for floor in FLOORS:
        spec = find_spec(floor)
        assert spec is not None
        assert spec.submodule_search_locations is not None
        for path in sorted(Path(spec.submodule_search_locations[0]).rglob("*.py")):
            total.update(str(path.name).encode() + path.read_bytes())
    for library in LIBRARIES:
        total.update(f"{library} {version(library)}".encode())
    return total.hexdigest()


def blunt_key(effort: Effort, seed: int) -> str:
    """What a remembered verdict is keyed by: any change to any source, library, paper text, effort or seed forgets all."""
    texts = [paper_text(paper) or "" for paper in sorted({claim.paper for claim in claims()})]
    return hashlib.sha256(repr((FORMAT, _sources(), effort, seed, texts)).encode()).hexdigest()[:24]


class Store:
    """Verdicts on disk as plain data, one file a claim; an unreadable file is as good as none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: set[str] = set()

    def _path(self, claim_id: str) -> Path:
        return self.folder / (hashlib.sha256(claim_id.encode()).hexdigest()[:24] + ".json")

    def has(self, claim_id: str) -> bool:
        return self._path(claim_id).exists()

    def recall(self, claim: Claim) -> Verdict | None:
        try:
            data = json.loads(self._path(claim.id).read_text(encoding="utf-8"))
            verdict = _thaw(claim, data)
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            return None
        self._kept.add(claim.id)
        return verdict

    def keep(self, verdict: Verdict) -> None:
        if verdict.claim.id in self._kept:
            return
        write_json(self._path(verdict.claim.id), _freeze(verdict))
        self._kept.add(verdict.claim.id)


def _freeze(verdict: Verdict) -> dict[str, Any]:
    def judged(each: Judged | None) -> Any:
        return None if each is None else {"verdict": each.verdict, "checks": [vars(check) for check in each.checks]}

    return {
        "verdict": verdict.verdict, "why": verdict.why, "readings": [judged(j) for j in verdict.readings],
        "correction": judged(verdict.correction), "improvement": judged(verdict.improvement),
        "checks": [vars(check) for check in verdict.checks], "flags": list(verdict.flags), "cited": dict(verdict.cited),
    }  # fmt: skip


def _thaw(claim: Claim, data: Mapping[str, Any]) -> Verdict:
    def judged(reading: Reading | None, kept: Any) -> Judged | None:
        if reading is None or kept is None:
            return None
        return Judged(reading, tuple(Check(**check) for check in kept["checks"]), kept["verdict"])

    readings = tuple(judged(reading, kept) for reading, kept in zip(claim.readings, data["readings"], strict=True))
    return Verdict(
        claim, data["verdict"], data["why"], tuple(j for j in readings if j is not None), judged(claim.correction, data["correction"]),
        judged(claim.improvement, data["improvement"]), tuple(Check(**check) for check in data["checks"]), tuple(data["flags"]),
        data["cited"],
    )  # fmt: skip


def as_json(
    verdicts: Sequence[Verdict], effort: Effort, seed: int, seconds: Mapping[str, float], witnesses: Mapping[str, str]
) -> dict[str, Any]:
    """The documented form: all but `timing` depends on the claims, effort and seed alone."""
    return {
        "version": FORMAT,
        "effort": effort.name,
        "seed": seed,
        "claims": [_row(verdict, witnesses.get(verdict.claim.id)) for verdict in verdicts],
        "timing": {"total_s": round(sum(seconds.values()), 3), "claims_s": {claim: round(s, 3) for claim, s in seconds.items()}},
    }


def _row(verdict: Verdict, witness: str | None) -> dict[str, Any]:
    claim = verdict.claim
    first = claim.readings[0] if claim.readings else None
    checks = [*verdict.checks, *(verdict.readings[0].checks if verdict.readings else ())]
    return {
        "id": claim.id,
        "kind": claim.kind,
        "where": claim.where,
        "statement": f"{claim.says} {first.relation or ''}".strip() if first is not None else claim.says,
        "latex": " ; ".join(claim.latex) or None,
        "hypotheses": [hypothesis.says for hypothesis in first.given] if first is not None else [],
        "verdict": verdict.verdict,
        "why": verdict.why,
        "flags": list(verdict.flags),
        "readings": [_reading(judged) for judged in verdict.readings],
        "checks": [check.row() for check in checks],
        "worst_ratio": _number(verdict.ratio),
        "resolution": _number(verdict.resolution),
        "correction": _reading(verdict.correction) if verdict.correction is not None else None,
        "improvement": _reading(verdict.improvement) if verdict.improvement is not None else None,
        "witness": witness,
    }


def _reading(judged: Judged) -> dict[str, Any]:
    return {
        "name": judged.reading.name,
        "statement": f"{judged.reading.says} {judged.reading.relation or ''}".strip(),
        "hypotheses": [hypothesis.says for hypothesis in judged.reading.given],
        "verdict": judged.verdict,
        "checks": [check.row() for check in judged.checks],
        "worst_ratio": _number(judged.ratio),
    }


def _number(value: float | None) -> float | None:
    # Twelve digits: what is left of a float after sums whose order a thread count may change.
    return None if value is None else float(f"{value:.12g}")


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str | None, str | None]]:
    """(id, old verdict, new verdict) for every claim whose verdict changed, came or went.

    Raises:
        ValueError: not a ledger.
    """
    try:
        before, after = ({row["id"]: row["verdict"] for row in ledger["claims"]} for ledger in (old, new))
    except (KeyError, TypeError) as why:
        raise ValueError(f"not a ledger of 'tightrope verify --json': {why!r} is missing") from why
    return [
        (each, before.get(each), after.get(each))
        for each in [*before, *(a for a in after if a not in before)]
        if before.get(each) != after.get(each)
    ]
