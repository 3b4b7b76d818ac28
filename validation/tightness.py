"""How tight each bound is: what comes nearest to it, by what and over which horizon, and the exact worst case where that is known.

A search goes in rounds: the first is the attack by which the claim was judged, each further one attacks again with randomness of its own
and goes on from the best instances, its own and the one that earlier rounds kept, by local search, along the slope and by ascents of a free
adversary. What a round found is kept before the next begins.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from theory.claim import Claim, Reading
from theory.papers import claims
from validation import fields, free_maps, ledger, report
from validation.attack import ARENAS, Attack, CutShort, Effort, Instance, forget_pools, generator
from validation.checks import CLOSED, Check
from validation.factors import Known, of_supremum
from validation.files import require_file, require_folder, write_json
from validation.onward import GoesOn
from validation.quantities import NotMeasured, plausible, sides
from validation.verdict import STANDS, USELESS_RESOLUTION, Judged, Verdict
from validation.witness import CORRUPT, Witness, exact_ratio
from validation.witness import save as save_witness


@dataclass(frozen=True)
class Nearest:
    """The instance that came nearest to a bound, and how near: `ratio`, measured / bound.

    `exact` says whether an exact replay found every hypothesis met there, and gave the ratio; else it is a float of the search, and its
    instance one that the hypotheses do not let judge, a bare sequence of gradients for instance.
    """

    ratio: float
    arena: str
    instance: Instance
    exact: bool

    @property
    def horizon(self) -> int | None:
        """Iterations, or rounds, of the run; None where the statement is about a single step, vector or function."""
        for name in ("horizon", "rounds"):
            if name in self.instance:
                return int(self.instance[name])
        if "horizons" in self.instance:  # of stages
            return sum(int(length) for length in self.instance["horizons"])
        return next((len(self.instance[name]) for name in ("gradients", "eta") if isinstance(self.instance.get(name), list)), None)

    @property
    def attained_by(self) -> str:
        """What stands in the place of the compressor, and among how many workers."""
        instance = self.instance
        workers = len(instance["gradients"][0]) if "gradients" in instance else instance.get("workers")
        if self.horizon is not None and "tilts" in instance.get("arrays", {}):
            workers = len(instance["arrays"]["tilts"])
        if workers is None and self.horizon is not None and isinstance(instance.get("functions"), list):
            workers = len(instance["functions"])
        among = "" if workers is None else f", {workers} worker{'s' if int(workers) > 1 else ''}"
        return f"{_compressor(instance)}{among}"


def _compressor(instance: Instance) -> str:
    operator = instance.get("operator", instance.get("map"))
    if isinstance(operator, Mapping) and operator["name"] == free_maps.NAME:
        return "free contraction map"
    if isinstance(operator, Mapping):
        parameters = ", ".join(f"{name} = {value}" for name, value in operator.items() if name != "name")
        return f"{operator['name']}({parameters})" if parameters else str(operator["name"])
    if isinstance(operator, str) and operator != "free":
        return operator
    if isinstance(operator, Sequence) and not isinstance(operator, str):
        return " of ".join(part for part in _flat(operator) if part != "compose")
    if "residuals" in instance or operator == "free":
        return "free contraction map"
    if "intervals" in instance:
        return f"qsgd(s = {instance['intervals']})"
    return "one step" if "points" in instance else "no compressor"


def _flat(parts: Any) -> Iterator[str]:
    if isinstance(parts, str):
        yield parts
    elif isinstance(parts, Sequence):
        for part in parts:
            yield from _flat(part)


@dataclass(frozen=True)
class Tightness:
    """A claim with a measured side: the reading that stands (or the printed one, where none does), and how near anything comes to it.

    `improved`: the same for the improvement, if there is one. `worst_case`: the tightness check against the exact worst case.
    """

    verdict: Verdict
    judged: Judged
    nearest: Nearest | None
    improved: Nearest | None
    worst_case: Check | None

    @property
    def claim(self) -> Claim:
        return self.verdict.claim

    @cached_property
    def supremum(self) -> Known | None:
        """In closed form, over all lengths, where it is known; and what share of the bound it is."""
        return of_supremum(self.claim.id, self.judged.reading)

    def as_json(self) -> dict[str, Any]:
        return {
            "reading": self.judged.reading.name,
            "bound": str(self.judged.reading.relation),
            **_nearest_as_json(self.nearest),
            "improved": None if self.improved is None else _nearest_as_json(self.improved),
            "exact_worst_case": None if self.worst_case is None else {**self.worst_case.row(), "ratio": self.worst_case.ratio},
            "supremum": None if self.supremum is None else _supremum_as_json(self.supremum),
        }


def _supremum_as_json(known: Known) -> dict[str, Any]:
    limit = None if known.limit is None else str(known.limit)
    return {"of": known.says, "value": str(known.value), "limit": limit, "ratio": known.share.most}


def _nearest_as_json(nearest: Nearest | None) -> dict[str, Any]:
    if nearest is None:
        return {"ratio": None, "replayed": None, "horizon": None, "attained_by": None}
    ratio = float(f"{nearest.ratio:.12g}")
    return {"ratio": ratio, "replayed": nearest.exact, "horizon": nearest.horizon, "attained_by": nearest.attained_by}


def measurable(reading: Reading) -> bool:
    """Whether a reading bounds something that an arena measures: an inequality that is searched, not decided or evaluated."""
    return reading.arena is not None and reading.arena not in CLOSED and reading.relation is not None and reading.relation.op != "=="


def standing(verdict: Verdict) -> Judged | None:
    """The measurable reading that stands: as printed, else corrected; the printed one where none does; None where none is measurable."""
    readings = [*verdict.readings, *([verdict.correction] if verdict.correction is not None else [])]
    candidates = [judged for judged in readings if measurable(judged.reading)]
    return next((judged for judged in candidates if judged.verdict in STANDS), candidates[0] if candidates else None)


def nearest_of(reading: Reading, found: Attack | Check) -> Nearest | None:
    """What an attack came nearest with, replayed exactly where that can be. None where it had no instance."""
    instance = found.witness or found.nearest
    if isinstance(found, Check):
        instance = instance["instance"] if instance is not None else None
    if instance is None or found.ratio is None or reading.arena is None:
        return None
    try:
        again = ARENAS[reading.arena].replay(reading, instance)
    except ValueError:  # a run that floats alone can follow
        return Nearest(found.ratio, reading.arena, instance, False)
    return Nearest(exact_ratio(again) if again.valid else found.ratio, reading.arena, instance, again.valid)


def _again(reading: Reading, kept: Nearest) -> Nearest:
    """What a file says came nearest, its ratio by a replay. Raises: any of `CORRUPT` if that finds less than the file says was replayed."""
    fields.check(str(reading.arena), reading, kept.instance)
    found = nearest_of(reading, Attack("not broken", kept.ratio, 0, "", nearest=kept.instance))
    if found is None or found.arena != kept.arena or (kept.exact and not found.exact):
        raise ValueError("what was kept does not replay")
    return found


def better(one: Nearest | None, other: Nearest | None) -> Nearest | None:
    """The nearer of two; one that was replayed exactly before one that was not."""
    known = [each for each in (one, other) if each is not None]
    return max(known, key=lambda each: (each.exact, each.ratio), default=None)


class Kept:
    """What rounds of a search found, on disk, one file a reading; one that cannot be read, or does not replay, is as good as none."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def _path(self, claim: Claim, reading: Reading) -> Path | None:
        name = hashlib.sha256(f"{claim.id} {reading.name}".encode()).hexdigest()[:24]
        return None if self.folder is None else self.folder / f"{name}.json"

    def load(self, claim: Claim, reading: Reading) -> tuple[int, Nearest | None]:
        """How many rounds are done, and the nearest of them, as a replay of it says."""
        path = self._path(claim, reading)
        try:
            data = json.loads(path.read_text(encoding="utf-8")) if path is not None else {}
            return int(data["rounds"]), None if data["nearest"] is None else _again(reading, Nearest(**data["nearest"]))
        except (OSError, *CORRUPT):
            return 0, None

    def save(self, claim: Claim, reading: Reading, rounds: int, nearest: Nearest | None) -> None:
        path = self._path(claim, reading)
        if path is not None:
            write_json(path, {"claim": claim.id, "rounds": rounds, "nearest": None if nearest is None else vars(nearest)})


def one_round(reading: Reading, effort: Effort, seed: int, number: int, kept: Nearest | None) -> Nearest | None:
    """Attacks a reading once more, with the randomness of that round alone, and searches on from the best of it and from what was kept."""
    assert reading.arena is not None
    of_round = int(generator(seed, "round", number).integers(2**31))
    searching_on = replace(effort, polished=True, moves=max(effort.moves, effort.iterations), steered=max(effort.steered, effort.kept))
    arena: Any = ARENAS[reading.arena]
    found = nearest_of(reading, arena.attack(reading, searching_on, of_round))
    if kept is None or not isinstance(arena, GoesOn):
        return found
    try:
        return better(found, nearest_of(reading, arena.onward(reading, kept.instance, searching_on, of_round)))
    except (ValueError, LookupError):  # a long run, or one that is not written in full
        return found


def searched(judged: Judged, claim: Claim, kept: Kept, rounds: int, effort: Effort, seed: int) -> Iterator[Nearest | None]:
    """The nearest after each round, from those that are done to the last of `rounds`; each is kept before it is told."""
    attacked = next((check for check in judged.checks if check.name == "attack"), None)
    first = nearest_of(judged.reading, attacked) if attacked is not None else None
    done, found = kept.load(claim, judged.reading)
    best = better(first, found)
    yield best
    for number in range(done + 1, rounds + 1):
        try:
            best = better(best, one_round(judged.reading, effort, seed, number, best))
        except CutShort as stop:
            kept.save(claim, judged.reading, number - 1, better(best, nearest_of(stop.reading, stop.found)))
            raise
        kept.save(claim, judged.reading, number, best)
        yield best


def run(
    globs: Sequence[str],
    effort_name: str,
    seed: int,
    rounds: int,
    json_file: Path | None,
    instances: Path,
    cache_dir: Path | None,
) -> list[Tightness]:
    """Judges the chosen claims, searches on, prints the table and writes the rows and the nearest instances, whatever there is by then.

    Raises:
        ValueError: unknown effort or id, or no chosen claim bounds anything that is measured.
        OSError: a file cannot be written; nothing was searched then.
        KeyboardInterrupt: an interruption, once what had been found was told.
    """
    effort = report.effort_of(effort_name)
    chosen = [claim for claim in ledger.choose(globs) if any(measurable(each) for each in claim.stated if each is not claim.improvement)]
    if not chosen:
        raise ValueError(f"none of {', '.join(globs)} bounds a quantity that is measured; 'tightrope show ID' says what is checked")
    if json_file is not None:
        require_file(json_file)
    require_folder(instances)
    kept = Kept(cache_dir / ledger.blunt_key(effort, seed) / "search" if cache_dir is not None else None)
    found: dict[tuple[str, str], Nearest | None] = {}
    verdicts: list[Verdict] = []
    seconds: dict[str, float] = {}
    interrupted = False
    try:
        verdicts, seconds = report.judge_chosen(chosen, effort, seed, cache_dir, attacks_too=True)
        _search(verdicts, kept, rounds, effort, seed, found)
    except ledger.Interrupted as stop:  # what was judged is told, with what its attacks and earlier rounds came to
        verdicts, seconds, interrupted = stop.verdicts, stop.seconds, True
        _search(verdicts, kept, 0, effort, seed, found)
        verdicts += _cut_short(stop.attacks, [claim for claim in chosen if claim.id not in seconds], kept, found)
    except KeyboardInterrupt:
        interrupted = True
    rows = list(_rows(verdicts, found))
    for row in rows:
        _save(row, instances)
    if json_file is not None:
        whole = ledger.as_json([row.verdict for row in rows], effort, seed, seconds, {})
        claims = [{**of_claim, "tightness": row.as_json()} for of_claim, row in zip(whole["claims"], rows, strict=True)]
        write_json(json_file, {**whole, "version": ledger.FORMAT, "rounds": rounds, "claims": claims})
    _print(rows, effort, seed, rounds)
    if interrupted:
        raise KeyboardInterrupt
    return rows


def _save(row: Tightness, folder: Path) -> None:
    """The nearest instance as a witness, and that of the improved bound, if there is one, as another beside it."""
    improvement = row.verdict.improvement
    for judged, nearest, mark in ((row.judged, row.nearest, ""), (improvement, row.improved, ".improved")):
        if judged is not None and nearest is not None:
            made_by = f"tightrope tightness {row.claim.id}"
            kind = Witness(row.claim.id, judged.reading.name, nearest.arena, nearest.instance, made_by)
            save_witness(kind, folder / f"{row.claim.id}{mark}.json")


def _search(
    verdicts: Sequence[Verdict], kept: Kept, rounds: int, effort: Effort, seed: int, found: dict[tuple[str, str], Nearest | None]
) -> None:
    """Fills `found`, round by round, so that the instances drawn in one are forgotten before the next."""
    todo = [(v.claim, each) for v in verdicts for each in (standing(v), v.improvement) if each is not None and measurable(each.reading)]
    running = {(claim.id, each.reading.name): searched(each, claim, kept, rounds, effort, seed) for claim, each in todo}
    columns = (TextColumn("searching"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.fields[now]}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("searching", total=len(running) * (rounds + 1), now="")
        while running:
            for key in list(running):
                bar.update(task, now=key[0])
                try:
                    found[key] = next(running[key])
                except StopIteration:
                    del running[key]
                except CutShort as stop:
                    found[key] = better(found.get(key), nearest_of(stop.reading, stop.found))
                    raise
                bar.advance(task)
            forget_pools()


def _cut_short(
    attacks: Sequence[CutShort], unjudged: Sequence[Claim], kept: Kept, found: dict[tuple[str, str], Nearest | None]
) -> list[Verdict]:
    """The claims that state what was attacked, as unchecked; in `found`, and kept for the next search, what the attacks came to.

    Where it is none of these, but one that they cite: the first of all claims that states it.
    """
    cited = [stop for stop in attacks if not any(stop.reading in claim.stated for claim in unjudged)]
    theirs = [next((claim for claim in claims() if stop.reading in claim.stated), None) for stop in cited]
    told = []
    for claim in {claim.id: claim for claim in (*unjudged, *theirs) if claim is not None}.values():
        came_to = [stop for stop in attacks if stop.reading in claim.stated]
        for stop in came_to:
            rounds, before = kept.load(claim, stop.reading)
            found[claim.id, stop.reading.name] = best = better(before, nearest_of(stop.reading, stop.found))
            kept.save(claim, stop.reading, rounds, best)
        if came_to:
            readings = tuple(Judged(reading, (), "unchecked") for reading in claim.readings)
            correction, improvement = (
                None if each is None else Judged(each, (), "unchecked") for each in (claim.correction, claim.improvement)
            )
            told.append(Verdict(claim, "unchecked", "interrupted before it was judged", readings, correction, improvement, (), ()))
    return told


def _rows(verdicts: Sequence[Verdict], found: Mapping[tuple[str, str], Nearest | None]) -> Iterator[Tightness]:
    for verdict in verdicts:
        judged, better_form = standing(verdict), verdict.improvement
        if judged is None:
            continue
        improved = found.get((verdict.claim.id, better_form.reading.name)) if better_form is not None else None
        exact = next((check for check in judged.checks if check.name == "tightness"), None)
        yield Tightness(verdict, judged, found.get((verdict.claim.id, judged.reading.name)), improved, exact)


def _print(rows: Sequence[Tightness], effort: Effort, seed: int, rounds: int) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=report.WIDTH)
    said = (
        "nearest: largest measured / bound found, ~ where no exact replay could judge every hypothesis; improved: the same for the "
        "improved bound; exact: exact worst case of a small instance / bound; sup: supremum over all lengths, where its closed form is "
        "known, / bound, at the worst of the values tried"
    )
    table = Table(box=None, pad_edge=False, header_style="bold", caption=said, caption_justify="left", expand=True)
    for name in ("id", "verdict", "nearest", "improved", "exact", "horizon", "attained by"):
        table.add_column(name, no_wrap=True, justify="right" if name in ("nearest", "improved", "exact", "horizon") else "left")
    table.add_column("bound", no_wrap=True, overflow="ellipsis", ratio=1)
    for row in rows:
        nearest, exact = row.nearest, row.worst_case
        table.add_row(
            row.claim.id,
            Text(row.verdict.verdict, style=report.COLOURS[row.verdict.verdict]),
            _told(nearest),
            _told(row.improved),
            _exactly(exact, row.supremum),
            "" if nearest is None or nearest.horizon is None else str(nearest.horizon),
            "" if nearest is None else nearest.attained_by,
            Text(str(row.judged.reading.relation)),
        )
    console.print(table)
    ratios = [row.nearest.ratio for row in rows if row.nearest is not None]
    for share in (0.9, 0.5, 0.1, 1 / USELESS_RESOLUTION):
        near = sum(ratio >= share for ratio in ratios)
        console.print(f"within a factor {1 / share:.3g} of the bound: {near} of {len(rows)}", highlight=False)
    console.print(f"effort {effort.name}, seed {seed}, {rounds} rounds beyond the first", highlight=False)


def _exactly(worst: Check | None, known: Known | None) -> str:
    case = "" if worst is None else worst.outcome if worst.ratio is None else f"{worst.ratio:.3g}"
    return case if known is None or known.share.most is None else f"{case} sup {known.share.most:.3g}".strip()


def _told(nearest: Nearest | None) -> str:
    return "" if nearest is None else f"{'' if nearest.exact else '~'}{nearest.ratio:.3g}"


# ---- ratios along the letters ----


@dataclass(frozen=True)
class Sweep:
    """A claim whose adversary is asked again along one letter, once for each value of another, everything else fixed."""

    claim: str
    letter: str
    values: tuple[str, ...]
    other: str
    others: tuple[str, ...]
    fixed: Mapping[str, str] = field(default_factory=dict)


_GAMMAS = ("1/20", "1/10", "1/5", "3/10", "1/2", "7/10", "9/10")
_BETAS = ("0", "1/4", "1/2", "3/4", "7/8", "15/16")
_GAPS = ("1", "2", "4", "8", "16", "32")

SWEEPS = (
    Sweep("qsparse_local_sgd/lemma-4", "gamma", _GAMMAS, "gap", ("1", "4")),
    Sweep("qsparse_local_sgd/lemma-5", "gamma", _GAMMAS, "gap", ("1", "4")),
    Sweep("qsparse_local_sgd/lemma-7", "gap", _GAPS, "workers", ("2", "3", "4")),
    Sweep("qsparse_local_sgd/lemma-8", "gap", _GAPS, "workers", ("2", "4")),
    Sweep("local_sgd/lemma-3.3", "gap", _GAPS, "workers", ("2", "4")),
    Sweep("qsparse_local_sgd/lemma-10", "gap", _GAPS[:5], "gamma", ("1", "1/2", "1/5")),
    Sweep("qsparse_local_sgd/lemma-12", "gap", _GAPS[:5], "gamma", ("1", "1/2", "1/5")),
    Sweep("dist_ef_sgd/lemma-6", "gamma", _GAMMAS[1:], "beta", ("0", "1/2", "9/10")),
    Sweep("dist_ef_sgd/lemma-6", "beta", _BETAS, "gamma", ("3/10", "9/10")),
    Sweep("mdsgd/sec-7/three-strategies", "gamma", ("1/16", "1/8", "1/4", "1/2", "3/4"), "beta", ("0", "1/2", "9/10")),
)
"""Panels of the tightness figure: bounds against gamma, H and, for momentum, mu, called beta here."""


def swept(sweep: Sweep, claim: Claim, seed: int) -> Iterator[dict[str, Any]]:
    """One row for each point and form of the bound, printed and improved: {"form", letters, "ratio", "horizon"}; ratio None if not met.

    Each form is asked of the adversary of its own arena and hypotheses, which not all forms of a claim share.
    """
    forms = {"printed": claim.readings[0], "corrected": claim.correction, "improved": claim.improvement}
    measurable_forms = {form: reading for form, reading in forms.items() if reading is not None and measurable(reading)}
    for other, value in product(sweep.others, sweep.values):
        letters = {sweep.letter: value, sweep.other: other, **sweep.fixed}
        exact = {name: Fraction(each) for name, each in letters.items()}
        seen: dict[tuple[str, frozenset[str]], Mapping[str, np.ndarray]] = {}
        for form, reading in measurable_forms.items():
            asked = str(reading.arena), frozenset(hypothesis.name for hypothesis in reading.given)
            if asked not in seen:
                arena: Any = ARENAS[asked[0]]
                seen[asked] = arena.at(reading, exact, generator(seed, "sweep", sweep.claim, sorted(letters.items())))
            measured = seen[asked]
            yield {
                "claim": sweep.claim,
                "form": form,
                **letters,
                "ratio": _largest(reading, measured),
                "horizon": int(measured["horizon"][0]),
            }


def _largest(reading: Reading, measured: Mapping[str, np.ndarray]) -> float | None:
    """The largest ratio over starts and times; None where the conditions are not met, or something is not measured."""
    assert reading.relation is not None
    try:
        met = plausible(reading.conditions, measured)
        ratios = sides(reading.relation, measured).ratios.max(-1)
    except NotMeasured:
        return None
    ratios = np.broadcast_to(ratios, met.shape)[met]
    return float(ratios.max()) if ratios.size and np.isfinite(ratios.max()) else None
