"""Witnesses: exact counterexamples as small files that anyone can replay without a search.

A file is JSON: {"claim": id, "reading": name, "arena": name, "instance": plain data with rationals as "p/q", "made_by": command}.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from theory.claim import Claim, Reading
from validation import fields
from validation.attack import ARENAS, Arena, Attack, Instance, Replay
from validation.files import write_json
from validation.quantities import Interval, bounds

SHRINK_STEPS = 800
"""Iterations of Algorithm 1, over all workers, that the replays of one shrinking may take together."""


@dataclass(frozen=True)
class Witness:
    """One counterexample and the statement that it breaks."""

    claim: str
    reading: str
    arena: str
    instance: Instance
    made_by: str


def save(witness: Witness, path: Path) -> None:
    """Writes the file whole or not at all. Raises: OSError if the folder cannot be written."""
    write_json(path, asdict(witness))


def load(path: Path) -> Witness:
    """Reads a witness. Raises: ValueError naming the file if it is no witness; OSError if it cannot be read."""
    names = list(Witness.__dataclass_fields__)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as why:
        raise ValueError(f"{path} is not a witness: it is no JSON ({why})") from why
    if not isinstance(content, dict) or sorted(content) != sorted(names):
        raise ValueError(f"{path} is not a witness: it must hold exactly {', '.join(names)}")
    for name in names:
        kind = dict if name == "instance" else str
        if not isinstance(content[name], kind):
            raise ValueError(f"{path} is not a witness: {name} must be {'an object' if kind is dict else 'a string'}")
    return Witness(**content)


def replay(path: Path, claims: Iterable[Claim]) -> Replay:
    """Both sides of the broken relation and every hypothesis, computed exactly from the file, without any search.

    Raises: ValueError if the file is corrupt, or names an unknown claim, reading or arena, or has a field that no replay reads.
    """
    witness = load(path)
    claim = next((each for each in claims if each.id == witness.claim), None)
    if claim is None:
        raise ValueError(f"{path} names the claim {witness.claim!r}, which does not exist")
    reading = next((each for each in claim.stated if each.name == witness.reading), None)
    if reading is None:
        raise ValueError(f"{path} names the reading {witness.reading!r}; {claim.id} has {', '.join(repr(r.name) for r in claim.stated)}")
    try:
        arena = ARENAS[witness.arena]
        fields.check(witness.arena, reading, witness.instance)
        found = arena.replay(reading, witness.instance)
        bounds(found.lhs), bounds(found.rhs)  # two numbers
        return found
    except CORRUPT as why:
        raise ValueError(f"{path} cannot be replayed: {type(why).__name__} {why}") from why


CORRUPT = (ValueError, TypeError, LookupError, AttributeError, ZeroDivisionError, OverflowError, MemoryError, SystemError)
"""What comes of an instance that someone altered: what stands in a file is input. (Other ArithmeticErrors are this program's own.)"""


# ---- from a float violation to a witness ----


@runtime_checkable
class Shrinkable(Protocol):
    """An arena whose instances can be made smaller."""

    def cost(self, instance: Instance) -> int:
        """What a replay takes, in iterations of one worker along one sample path."""
        ...

    def simpler(self, instance: Instance) -> Iterator[Instance]:
        """Variants with less structure."""
        ...

    def refit(self, instance: Instance) -> Instance:
        """The instance with derived constants taken tight again. Raises: ValueError if it is none any more."""
        ...


def confirm(
    arena: Arena,
    reading: Reading,
    candidates: Iterable[tuple[float, Callable[[], Instance]]],
    instances: int,
    what: str,
    tolerance: float = 1e-9,
) -> Attack:
    """What a float search came to: its candidates (ratio, instance) count as broken only once replayed exactly.

    They come with those above 1 first, in the order in which they make good witnesses; the ratio told of a broken one is the exact one.
    """
    unconfirmed, failed, why, best = 0, 0, "", 0.0
    tried = [0, 0]
    nearest: Callable[[], Instance] | None = None
    for ratio, make in candidates:
        if not _seems_broken(reading, ratio, tolerance):
            if ratio > best:
                best, nearest = ratio, make
            continue
        slight = ratio < ROUND_OFF
        if sum(tried) == TRIES or (slight and tried[1] == SLIGHT_TRIES):
            continue
        tried[slight] += 1
        try:
            instance = make()
            again = arena.replay(reading, instance)
        except (ValueError, ZeroDivisionError) as error:  # written in rationals it is no instance any more
            failed, why = failed + 1, why or str(error)
            continue
        if again.broken:
            if isinstance(arena, Shrinkable):
                instance = shrink(arena, reading, instance)
                again = arena.replay(reading, instance)
            return Attack("broken", exact_ratio(again), instances, f"{_told(again)}; found among {what}", instance)
        unconfirmed += 1
        if again.valid and exact_ratio(again) > best:
            best, nearest = exact_ratio(again), make
    doubt = f"; {unconfirmed} float violations did not survive exact replay" if unconfirmed else ""
    doubt += f"; {failed} could not be replayed: {why}" if failed else ""
    said = f"largest ratio {best:.4g} over {what}{doubt}"
    return Attack("not broken", best, instances, said, nearest=_written(nearest))


def confirm_nearby(
    arena: Arena, reading: Reading, drawn: Attack, candidates: Iterable[tuple[float, Callable[[], Instance]]], instances: int, what: str
) -> Attack:
    """What a search beside the best of a draw adds to it, where that broke nothing: of its candidates only what an exact replay upholds."""
    known = list(candidates)
    seeming = [each for each in known if _seems_broken(reading, each[0])]
    found = confirm(arena, reading, seeming, instances, what)
    if found.outcome == "broken":
        return found
    assert drawn.ratio is not None
    best, nearest = max((drawn.ratio, drawn.nearest), (found.ratio or 0.0, found.nearest), key=lambda each: each[0])
    for ratio, make in sorted((each for each in known if not _seems_broken(reading, each[0])), key=lambda each: -each[0])[:NEARBY_TRIES]:
        if ratio <= best * (1 + 1e-9):
            break
        try:
            instance = make()
            again = arena.replay(reading, instance)
        except (ValueError, ZeroDivisionError):  # no instance any more
            continue
        if again.valid and exact_ratio(again) > best:
            best, nearest = exact_ratio(again), instance
            break
    return Attack("not broken", best, instances, f"{drawn.evidence}; {what}: {best:.4g}", nearest=nearest)


TRIES, SLIGHT_TRIES = 24, 8
"""Violations in floats that are replayed: in all, and of those as slight as round-off, which is what they mostly are for a sharp bound."""
ROUND_OFF = 1 + 1e-6
NEARBY_TRIES = 6
"""Neighbours that are replayed, the best first, until one of them counts."""


def _seems_broken(reading: Reading, ratio: float, tolerance: float = 1e-9) -> bool:
    """Whether a float ratio says that a relation fails; a strict one does where both sides are equal."""
    strict = reading.relation is not None and reading.relation.op in ("<", ">")
    return ratio > 1 + tolerance or (strict and ratio >= 1 - tolerance)


def _written(make: Callable[[], Instance] | None) -> Instance | None:
    """The instance, or None if there is none or it cannot be written in rationals."""
    try:
        return None if make is None else make()
    except ValueError:
        return None


def rank(ratio: float, tolerance: float = 1e-9) -> int:
    """How promising a float ratio is as a witness: clear violations, then those that look like round-off, then none."""
    return 0 if ROUND_OFF < ratio < 1e6 else 1 if ratio > 1 + tolerance else 2


def exact_ratio(replayed: Replay) -> float:
    """Small side over large one: of enclosures the least that is certain."""
    small, large = float(bounds(replayed.lhs)[0]), float(bounds(replayed.rhs)[1])
    if large > 0:
        return small / large
    return large / small if small < 0 else float("inf") if small > 0 else 0.0


def _told(replayed: Replay) -> str:
    where = f" at {replayed.at}" if replayed.at else ""
    sides = f"{_short(replayed.lhs)} against {_short(replayed.rhs)}"
    said = f"certainly within {sides}" if "[" in sides else f"exactly {sides}"
    return f"{said}{where}, {_count(len(replayed.hypotheses))} met"


def _count(hypotheses: int) -> str:
    return "its hypothesis" if hypotheses == 1 else f"all {hypotheses} hypotheses"


def _short(value: Any) -> str:
    text = str(value)
    if not isinstance(value, Interval) and len(text) <= 24:
        return text
    low, high = (f"{float(end):.6g}" for end in bounds(value))
    return low if low == high else f"[{low}, {high}]"


def shrink(arena: Any, reading: Reading, instance: Instance, steps: int = SHRINK_STEPS) -> Instance:
    """A smaller counterexample to the same reading: less structure first, then simpler fractions, as long as it breaks exactly."""
    left = steps

    def breaks(candidate: Instance) -> Instance | None:
        nonlocal left
        left -= arena.cost(candidate)
        try:
            fitted = arena.refit(candidate)
            return fitted if arena.replay(reading, fitted).broken else None
        except (ValueError, ZeroDivisionError, IndexError):
            return None

    for variants in (arena.simpler, _plainer):
        progress = True
        while progress and left > 0:
            progress = False
            for candidate in variants(instance):
                if left <= 0:
                    break
                smaller = breaks(candidate)
                if smaller is not None and _size(arena, smaller) < _size(arena, instance):
                    instance, progress = smaller, True
                    break
    return instance


def _size(arena: Any, instance: Instance) -> tuple[int, int]:
    """Fewer iterations first, then fewer letters."""
    return arena.cost(instance), len(json.dumps(instance))


def _plainer(instance: Instance) -> Iterator[Instance]:
    """Variants with one rational replaced by a simpler one; stated constants are left to `refit`."""
    for place, text in _rationals({name: value for name, value in instance.items() if name != "constants"}):
        value = Fraction(text)
        options = {Fraction(0), Fraction(1), Fraction(-1), *(value.limit_denominator(n) for n in (1, 2, 4, 10, 100, 1000))}
        for option in sorted(options, key=lambda x: (len(str(abs(x))), x)):
            if len(str(abs(option))) < len(str(abs(value))):
                yield _replaced(instance, place, str(option))


def _rationals(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, str):
        try:
            Fraction(value)
        except ValueError:
            return
        yield place, value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _rationals(each, (*place, name))
    elif isinstance(value, list):
        for i, each in enumerate(value):
            yield from _rationals(each, (*place, i))


def _replaced(value: Any, place: tuple[Any, ...], text: str) -> Any:
    if not place:
        return text
    first, *rest = place
    if isinstance(value, dict):
        return {**value, first: _replaced(value[first], tuple(rest), text)}
    return [*value[:first], _replaced(value[first], tuple(rest), text), *value[first + 1 :]]
