"""Local search beside the best instances of a draw: neighbours in batches, the best adopted, as long as the claim's ratio grows.

An arena says how an instance is moved without leaving the class that its hypotheses name, and how a batch is measured; this engine does
the rest, the same way for runs on functions and for the settings of a free adversary. Nothing here is random: the same draw, the same
neighbours. Moves come in sizes 1, 1/4, 1/16, 1/64; where no neighbour is worth it, the next size is tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from fractions import Fraction
from itertools import pairwise, product
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np

from validation.hypotheses import Pieces

WORTH = 1e-3
"""Relative growth of a ratio for which a neighbour is adopted."""
PARENTS = 4
"""Instances from which the search starts."""
SIZES = (1.0, 1 / 4, 1 / 16, 1 / 64)
"""How far the moves go, in turn: binary fractions, so that what should cancel does."""

Origin: TypeAlias = Any
"""Where a row comes from: (a batch or an ascent, its row)."""


class Scored(NamedTuple):
    """An instance that a reading allows, its ratio at the best of the rescalings, which one that is, and the free letters."""

    ratio: float
    scale: int
    origin: Origin
    free: dict[str, Fraction]


class Nearby(Protocol):
    """What an arena says of its neighbourhoods."""

    def neighbours(self, origin: Origin, size: float) -> Iterator[Any]:
        """Variants of an instance that meet whatever hypotheses it met, but for scalar conditions, which are judged on what is measured."""
        ...

    def measured(self, variants: Sequence[Any]) -> Iterator[tuple[dict[str, np.ndarray], list[Origin], list[int]]]:
        """Batches of variants: quantities and letters, where each row comes from, and which variant it is."""
        ...


Rate: TypeAlias = Callable[[dict[str, np.ndarray], int, dict[str, Fraction]], np.ndarray]
"""Ratios [scales, rows] of measured rows at values of the free letters; negative where a condition is not met."""
Onward: TypeAlias = Callable[[Scored], tuple[list[Scored], int]]
"""What something else makes of an instance, told as by `climb`."""


class Kinds:
    """Neighbourhoods of origins of several kinds, by the type of their batch."""

    def __init__(self, of: Mapping[type, Nearby]) -> None:
        self.of = of

    def neighbours(self, origin: Origin, size: float) -> Iterator[Any]:
        kind = type(origin[0])
        return ((kind, each) for each in self.of[kind].neighbours(origin, size))

    def measured(self, variants: Sequence[Any]) -> Iterator[tuple[dict[str, np.ndarray], list[Origin], list[int]]]:
        for kind, nearby in self.of.items():
            places = [place for place, (own, _) in enumerate(variants) if own is kind]
            for measured, origins, chosen in nearby.measured([variants[place][1] for place in places]):
                yield measured, origins, [places[which] for which in chosen]


def climb(
    starts: Sequence[Scored], nearby: Nearby, rate: Rate, steps: int, onward: Onward = lambda here: ([], 0)
) -> tuple[list[Scored], int]:
    """What at most `steps` rounds of moves from each start came to, best first, and how many neighbours met the conditions.

    In the list: every neighbour that was adopted, none of them above 1, and the best of those above 1 of every round, which may be
    round-off: they are never climbed from. What `onward` finds from a start, and from what was adopted, goes the same way.
    """
    sizes, tried = [0] * len(starts), 0
    found: list[Scored] = []

    def after(here: Scored) -> Scored:
        nonlocal tried
        further, met = onward(here)
        tried += met
        found.extend(further)
        return at_most_1([here, *further])

    now = [after(start) for start in starts]
    for _ in range(steps):
        live = [which for which, size in enumerate(sizes) if size < len(SIZES)]
        if not live:
            break
        variants = [(which, each) for which in live for each in nearby.neighbours(now[which].origin, SIZES[sizes[which]])]
        best: dict[int, Scored] = {}
        above: dict[int, Scored] = {}
        for measured, origins, of_variant in nearby.measured([each for _, each in variants]):
            parents = np.array([variants[place][0] for place in of_variant])
            rated = {str(free): rate(measured, len(parents), free) for free in (now[which].free for which in set(parents))}
            for which in np.unique(parents):
                free, own = now[which].free, parents == which
                ratios = np.where(own, rated[str(free)], -1)
                tried += int((ratios >= 0).any(0).sum())
                breaks = ratios > 1 + 1e-9
                for kept, within in ((best, ~breaks.any(0) & own), (above, breaks)):
                    within = np.broadcast_to(within, ratios.shape)
                    scale, row = np.unravel_index(int(np.where(within, ratios, -1).argmax()), ratios.shape)
                    if within[scale, row] and ratios[scale, row] > (kept[which].ratio if which in kept else 0):
                        kept[which] = Scored(float(ratios[scale, row]), int(scale), origins[row], free)
        found.extend(above.values())
        for which in live:
            if which in best and best[which].ratio > (1 + WORTH) * now[which].ratio:
                found.append(best[which])
                now[which] = after(best[which])
            else:
                sizes[which] += 1
    return sorted(found, key=lambda each: -each.ratio), tried


def at_most_1(found: Iterable[Scored]) -> Scored:
    """The best that does not break the bound; there must be one."""
    return max((each for each in found if each.ratio <= 1 + 1e-9), key=lambda each: each.ratio)


def spread(found: Iterable[Scored]) -> list[Scored]:
    """The best few that do not break the bound already, each of a batch of its own."""
    taken: dict[int, Scored] = {}
    for each in sorted((each for each in found if 0 < each.ratio <= 1 + 1e-9), key=lambda each: -each.ratio):
        taken.setdefault(id(each.origin[0]), each)
    return list(taken.values())[:PARENTS]


# ---- runs: a batch of instances that differ in numbers only, and a row of it ----


@dataclass(frozen=True)
class Runs:
    """Neighbourhoods where an origin is (batch, row).

    A batch is arrays with the rows first, in any nest of dataclasses, mappings and tuples; all else in it is its structure. `moves(run,
    size)` makes variants of a batch of one; `measure` says what a batch shows; `work`: what one row of a batch takes, in any unit;
    `numbers(run)`: those of a batch of one that may be moved together, if any.
    """

    moves: Callable[[Any, float], Iterator[Any]]
    measure: Callable[[Any], dict[str, np.ndarray]]
    work: Callable[[Any], int]
    numbers: Callable[[Any], Numbers | None]

    def neighbours(self, origin: Origin, size: float) -> Iterator[Any]:
        return self.moves(alone(origin), size)

    def measured(self, variants: Sequence[Any]) -> Iterator[tuple[dict[str, np.ndarray], list[Origin], list[int]]]:
        alike: dict[str, list[int]] = {}
        for place, run in enumerate(variants):
            alike.setdefault(structure_of(run), []).append(place)
        for places in alike.values():
            most = MOST_WORK // max(self.work(variants[places[0]]), 1)
            if not most:
                continue
            chosen = places if len(places) <= most else [places[i * len(places) // most] for i in range(most)]
            batch = changed(lambda *values: np.concatenate(values), *(variants[place] for place in chosen))
            yield self.measure(batch), [(batch, row) for row in range(len(chosen))], chosen


MOST_WORK = 1 << 18
"""Work on one structure in one round; of more variants, evenly spaced ones are taken."""


def alone(origin: Origin) -> Any:
    """The row of a batch as a batch of one."""
    batch, row = origin
    return chosen_rows(batch, slice(row, row + 1))


def chosen_rows(batch: Any, rows: slice | np.ndarray) -> Any:
    """Some rows of a batch."""
    return changed(lambda values: values[rows], batch)


def repeated(run: Any, count: int) -> Any:
    """A batch of one as a batch of that many rows, all alike."""
    return changed(lambda values: np.repeat(values, count, axis=0), run)


def changed(change: Callable[..., np.ndarray], *trees: Any) -> Any:
    """The same tree with every array in it changed, together with those in its place in the other trees."""
    first = trees[0]
    if isinstance(first, np.ndarray):
        return change(*trees)
    if isinstance(first, Mapping):
        return {name: changed(change, *(tree[name] for tree in trees)) for name in first}
    if is_dataclass(first) and not isinstance(first, type):
        return replace(first, **{f.name: changed(change, *(getattr(tree, f.name) for tree in trees)) for f in fields(first)})
    if isinstance(first, tuple):
        parts = [changed(change, *each) for each in zip(*trees, strict=True)]
        return type(first)(*parts) if hasattr(first, "_fields") else tuple(parts)
    return first


def structure_of(run: Any) -> str:
    """What two runs must have in common to be rows of one batch."""
    return repr(changed(lambda values: values.shape[1:], run))  # type: ignore[arg-type,return-value]


# ---- moves of numbers: arrays of one row ----


def factors(size: float) -> tuple[float, ...]:
    """To be multiplied by: on both sides of 1."""
    return (8.0, 2.0, 1 / 2, 1 / 8) if size == 1 else (1 + size, 1 - size)


def scaled(values: np.ndarray, size: float) -> Iterator[np.ndarray]:
    """Positive numbers, or numbers that keep their sign, up and down: all together, and each alone."""
    for factor in factors(size):
        for place in _alone(values):
            yield np.where(place, factor * values, values)


def shifted(values: np.ndarray, size: float) -> Iterator[np.ndarray]:
    """Any numbers up and down by `size`: all together, and each alone; and all doubled, halved or turned over."""
    for by in (size, -size):
        for place in _alone(values):
            yield np.where(place, values + by, values)
    for factor in (*factors(size), -1):
        yield factor * values


def shares_near(values: np.ndarray, size: float) -> Iterator[np.ndarray]:
    """Numbers in [0, 1), nearer to either end, and 0."""
    yield 0 * values
    for factor in factors(size):
        yield 1 - np.minimum(factor * (1 - values), 1)
        yield np.where(factor * values < 1, factor * values, values)


def _alone(values: np.ndarray) -> Iterator[np.ndarray]:
    """Masks: all entries of a row, and, where there are several, each one (at most `MOST_ALONE`, evenly spaced)."""
    yield np.ones_like(values, dtype=bool)
    count = values[0].size
    if count > 1:
        for place in dict.fromkeys(i * count // min(count, MOST_ALONE) for i in range(min(count, MOST_ALONE))):
            mask = np.zeros(count, dtype=bool)
            mask[place] = True
            yield mask.reshape(1, *values.shape[1:])


MOST_ALONE = 12


# ---- moves of functions ----

GRID = float(1 << 16)
"""Functions stay on this grid, so that they are written down as they are, and slopes that should be flat are."""


def functions_near(functions: Pieces, size: float, convexity: str = "", same: bool = False) -> Iterator[Pieces]:
    """Variants of functions [1, ..., d]: some of them scaled, tilted, moved, mirrored, bent, or made like another.

    Those that are "convex" or "strongly convex" stay so; where one runs out straight, it goes on doing so; their mean keeps a minimum.
    With `same`, what is alike along the first axis after the batch stays alike.
    """
    for variant in _functions(functions, size, 2 if same else 1):
        fitted = _on_grid(variant)
        if fitted is not None and keeps(functions, fitted, convexity).all():
            yield fitted


def _functions(functions: Pieces, size: float, first: int) -> Iterator[Pieces]:
    shape = functions.slope.shape
    for chosen in _selections(shape, first):

        def where(other: Pieces, chosen: np.ndarray = chosen) -> Pieces:
            picked = (np.where(chosen.reshape(*chosen.shape, *(1,) * (new.ndim - chosen.ndim)), new, old)
                      for new, old in zip(other, functions, strict=True))  # fmt: skip
            return Pieces(*picked)

        for factor in factors(size):
            yield where(Pieces(factor * functions.slope, factor * functions.curvature, functions.knots, factor * functions.bends))
            yield where(functions._replace(slope=factor * functions.slope))
            yield where(_about_centre(functions, factor))
            yield where(functions._replace(bends=factor * functions.bends))
        for by in (size, -size):
            yield where(functions._replace(slope=functions.slope + by))
            yield where(functions._replace(slope=functions.slope - by * functions.curvature, knots=functions.knots + by))
            for j in range(functions.knots.shape[-1]):
                alone = np.arange(functions.knots.shape[-1]) == j
                yield where(functions._replace(knots=functions.knots + by * alone))
                yield where(functions._replace(bends=functions.bends * (1 + by / 2 * alone)))
        if size == 1:
            yield where(mirrored(functions))
            yield where(functions._replace(bends=0 * functions.bends))
    if size == 1:
        for axis in range(first, len(shape) - 1):
            for one, other in product(range(min(shape[axis], 4)), repeat=2):
                if one != other:
                    index = np.arange(shape[axis])
                    index[one] = other
                    yield Pieces(*(np.take(each, index, axis) for each in functions))


def _selections(shape: tuple[int, ...], first: int) -> Iterator[np.ndarray]:
    """Masks [1, ..., d] over functions: all; those at one place of one axis; and single ones."""
    yield np.ones(shape, dtype=bool)
    for axis in range(first, len(shape)):
        for place in range(min(shape[axis], MOST_PLACES)) if shape[axis] > 1 else ():
            mask = np.zeros(shape, dtype=bool)
            mask[(slice(None),) * axis + (place,)] = True
            yield mask


MOST_PLACES = 4
"""Workers, samples or coordinates that are moved on their own."""


def mirrored(functions: Pieces) -> Pieces:
    """x -> f(-x), up to a constant."""
    slope = (functions.bends * functions.knots).sum(-1) - functions.slope
    return Pieces(slope, functions.curvature + functions.bends.sum(-1), -functions.knots, -functions.bends)


def _about_centre(functions: Pieces, factor: float) -> Pieces:
    """Stretched by 1 / factor about 0 with the same slopes: curvatures times factor, knots over it."""
    return Pieces(functions.slope, factor * functions.curvature, functions.knots / factor, factor * functions.bends)


def _on_grid(functions: Pieces) -> Pieces | None:
    """The functions with slopes and knots rounded to the grid; None where curvatures are not on it."""
    slope, knots = (np.round(each * GRID) / GRID for each in (functions.slope, functions.knots))
    if any((np.round(each * GRID) != each * GRID).any() for each in (functions.curvature, functions.bends)):
        return None
    return Pieces(slope, functions.curvature, knots, functions.bends)


def keeps(before: Pieces, after: Pieces, convexity: str) -> np.ndarray:
    """Which functions [batch, ..., d] are of the class of those before [1, ..., d], their mean bounded below as theirs was; [batch]."""
    curvature, was = after.pieces()[1], before.pieces()[1]
    lowest = curvature.reshape(len(curvature), -1).min(-1)
    met = lowest > 0 if convexity == "strongly convex" else lowest >= 0 if convexity == "convex" else np.ones(len(curvature), dtype=bool)
    for end in (0, -1):
        met &= ~((curvature[..., end] != 0) & (was[..., end] == 0)).reshape(len(curvature), -1).any(-1)
    return met & (_whole(after).bounded_below() | ~_whole(before).bounded_below())


def _whole(functions: Pieces) -> Pieces:
    """The mean of all functions [batch, ..., d], [batch, d]."""
    batch, *leading = functions.slope.shape[:-1]
    return Pieces(*(each.reshape(batch, math.prod(leading), *each.shape[1 + len(leading) :]) for each in functions)).mean()


def starts_near(start: np.ndarray, least: np.ndarray, size: float) -> Iterator[np.ndarray]:
    """Other places to start from, [1, d]: the minimiser, its mirror image, and a step or a share of the way towards or away from it."""
    if size == 1:
        yield least
        yield 2 * least - start
    for factor in factors(size):
        yield least + factor * (start - least)
    yield from shifted(start, size)


# ---- moves of synchronisations ----


def indices_near(indices: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Increasing indices with the same last one: one of them moved by one, dropped, or added in the middle of a stretch.

    At most `MOST_SETS`, evenly spaced: each is a batch of its own.
    """
    found = list(_indices_near(indices))
    most = min(len(found), MOST_SETS)
    return [found[i * len(found) // most] for i in range(most)]


MOST_SETS, MOST_ITERATIONS = 8, 48
"""Sets of indices beside one, and iterations up to which a run is doubled."""


def _indices_near(indices: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    *inner, last = indices
    for place, index in enumerate(inner):
        others = inner[:place] + inner[place + 1 :]
        yield (*others, last)
        for by in (1, -1):
            if 0 < index + by < last and index + by not in others:
                yield (*sorted([*others, index + by]), last)
    for before, after in pairwise((0, *indices)):
        if after - before > 1:
            yield tuple(sorted({*indices, (before + after) // 2}))


def horizons_near(horizon: int) -> list[int]:
    """One iteration less, one more, twice as many."""
    return [other for other in (horizon - 1, horizon + 1, 2 * horizon) if 1 <= other <= max(MOST_ITERATIONS, horizon + 1)]


def lasting(indices: tuple[int, ...], horizon: int) -> tuple[int, ...]:
    """The indices below a new horizon, which is the last; a long run goes on with the longest stretch."""
    longest = longest_stretch([indices], literal=False)
    return (*(i for i in indices if i < horizon), *range(indices[-1] + longest, horizon, longest), horizon)


def longest_stretch(sets: Sequence[Sequence[int]], literal: bool) -> int:
    """Of any of the sets; read literally, the start is not counted."""
    return max(after - before for own in sets for before, after in pairwise(own if literal and len(own) > 1 else (0, *own)))


# ---- moves of whole runs ----

Move: TypeAlias = Callable[[np.ndarray, float], Iterator[np.ndarray]]


@dataclass(frozen=True)
class Numbers:
    """The numbers of a batch of one that may be moved together: its functions [1, ..., d], and others by name, [1, ...].

    `moves` says how each of the others may be, as its own move. `put(functions, others)` is the batch that has these, of any number of
    rows, and `fits` says which rows of it are still of the class. Of what is `alike` ("functions", or the name of another), all along
    the first axis after the batch stays alike; `level` functions keep the slope 0.
    """

    functions: Pieces
    others: Mapping[str, np.ndarray]
    moves: Mapping[str, Move]
    put: Callable[[Pieces, dict[str, np.ndarray]], Any]
    fits: Callable[[Any], np.ndarray] | None = None
    convexity: str = ""
    alike: Collection[str] = ()
    level: bool = False


def numbers_of(spec: Any, parameters: Mapping[str, Move], convexity: str = "", same: bool = False) -> Numbers:
    """Those of a run, of which `numbers_near` moves one after the other."""

    def put(functions: Pieces, others: dict[str, np.ndarray]) -> Any:
        batch, moved = repeated(spec, len(functions.slope)), dict(others)
        return replace(batch, functions=functions, start=moved.pop("start"), parameters={**batch.parameters, **moved})

    moves = {"start": shifted} | {name: move for name, move in parameters.items() if name in spec.parameters}
    others = {"start": spec.start, **spec.parameters}
    return Numbers(spec.functions, others, moves, put, convexity=convexity, alike=("functions",) if same else ())


def numbers_near(spec: Any, size: float, parameters: Mapping[str, Move], convexity: str = "", same: bool = False) -> Iterator[Any]:
    """A run, one row of `functions`, `start` and `parameters`, with some of these moved; `parameters` says how each may be."""
    for functions in functions_near(spec.functions, size, convexity, same):
        yield replace(spec, functions=functions)
    for start in starts_near(spec.start, _whole(spec.functions).least(), size):
        yield replace(spec, start=start)
    for name, move in parameters.items():
        for values in move(spec.parameters[name], size) if name in spec.parameters else ():
            yield replace(spec, parameters={**spec.parameters, name: values})


def operators_near(operator: Mapping[str, Any], d: int) -> Iterator[dict[str, Any]]:
    """Compressors of the same kind that keep one coordinate more or less, or a residual nearer to 0, to 1, or of the other sign."""
    if operator["name"] == "linear":
        residual = Fraction(operator["residual"])
        near, far = abs(residual) / 2, (1 + abs(residual)) / 2
        for other in (-residual, near, -near, far, -far):
            if abs(other) <= MOST_RESIDUAL:
                yield {"name": "linear", "residual": str(other)}
    elif "k" in operator:
        for k in (int(operator["k"]) + 1, int(operator["k"]) - 1):
            if 1 <= k <= d:
                yield {**operator, "k": k}


MOST_RESIDUAL = Fraction(99, 100)
"""Beyond it, coefficients are so small that nothing is felt within a short run."""
