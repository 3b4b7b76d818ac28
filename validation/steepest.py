"""Steps along the slope: how fast the ratio of a claim grows with every number of a run, and all of them moved at once accordingly.

The local search (validation/nearby.py) moves one input of a run at a time, to many places. Here each number is moved a little up and down,
all these copies in one batch through the twin, with constants and the bound taken anew in each; what the ratio gains says where to go.
Steps of several lengths, along the slope or, as in conditional gradient, to the corner of the box that it points at, are judged like any
instance. Numbers are counted without units: a number that keeps its sign by its logarithm, any other in shares of the largest of its kind.
Supports, signs and the time at which the ratio is worst are piecewise constant: the slope is that of the run's own.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np

from validation.hypotheses import Pieces
from validation.nearby import (
    GRID,
    MOST_WORK,
    Kinds,
    Nearby,
    Numbers,
    Rate,
    Runs,
    Scored,
    alone,
    at_most_1,
    chosen_rows,
    keeps,
    scaled,
    shares_near,
)

BY = 1 / 512
"""How far a number is moved to see what that changes."""
LENGTHS = (1 / 2, 1 / 8, 1 / 32, 1 / 128)
"""How far a step moves the number that it moves farthest."""
WORTH = 1e-4
"""Relative growth of a ratio for which a step is made."""
FLAT = 1 / 64
"""Slopes below this share of the steepest do not count where only their signs do."""


def ascend(start: Scored, nearby: Nearby, rate: Rate, steps: int) -> tuple[list[Scored], int]:
    """What at most `steps` steps from a start came to, if it is a run, and how many runs met the conditions; told as by `nearby.climb`."""
    runs = nearby.of[type(start.origin[0])] if isinstance(nearby, Kinds) else nearby
    found: list[Scored] = []
    now, tried = start, 0
    for _ in range(steps if isinstance(runs, Runs) else 0):
        assert isinstance(runs, Runs)
        reached, met = _step(now, runs, rate)
        found.extend(reached)
        tried += met
        best = at_most_1([now, *reached])
        if best is now:
            break
        now = best
    return sorted(found, key=lambda each: -each.ratio), tried


def _step(now: Scored, runs: Runs, rate: Rate) -> tuple[list[Scored], int]:
    """The best run of a step, if it is worth it, and the best above 1, if any; and how many runs met the conditions."""
    run = alone(now.origin)
    numbers, most = runs.numbers(run), MOST_WORK // max(runs.work(run), 1)
    if numbers is None:
        return [], 0
    space = _Space(numbers)

    def judged(by: np.ndarray) -> tuple[Any, np.ndarray, np.ndarray]:
        """The runs moved by [rows, numbers] that are of the class, their ratios [scales, ...], and which rows they are."""
        batch, rows = space.moved(by)
        batch = chosen_rows(batch, rows)
        return batch, rate(runs.measure(batch), len(rows), now.free) if len(rows) else np.zeros((1, 0)), rows

    along = np.concatenate([np.eye(space.size), space.kinds[space.kinds.sum(-1) > 1]])  # each number, and all of a kind
    little = np.concatenate([0 * along[:1], BY * along, -BY * along])
    if len(little) > most:
        return [], 0
    _, found, rows = judged(little)
    ratios = np.full(len(little), -1.0)
    if now.scale < len(found):
        ratios[rows] = found[now.scale]
    if ratios[0] <= 0:
        return [], 0
    growth = _growth(ratios[0], *ratios[1:].reshape(2, -1))
    ways = _ways(growth[: space.size], growth[space.size :] @ along[space.size :], space)
    if not len(ways):
        return [], 0
    batch, found, _ = judged(ways[:: -(-len(ways) // most)])
    reached, above = [], found > 1 + 1e-9
    for within, least in ((~above.any(0) & ~above, (1 + WORTH) * now.ratio), (above, 1.0)):
        scale, row = np.unravel_index(int(np.where(within, found, -1).argmax()), found.shape) if found.size else (0, 0)
        if found.size and within[scale, row] and found[scale, row] > least:
            reached.append(Scored(float(found[scale, row]), int(scale), (batch, int(row)), now.free))
    return reached, int((found >= 0).any(0).sum())


def _growth(here: float, up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """By how much the ratio grows along each number, from what it is a little up and down; 0 where neither is better.

    A side that leaves the class (negative) counts as no better and no worse.
    """
    up, down = (np.where(each < 0, here, each) for each in (up, down))
    return np.where((up > here) | (down > here), up - down, 0)


def _ways(one: np.ndarray, of_kind: np.ndarray, space: _Space) -> np.ndarray:
    """Steps [ways, numbers] along the growth with each number on its own, with all of a kind together, and with both.

    Of every number: in proportion, or as far as any (the corner of the box); each kind of its own, or all as far as each other. Numbers
    that keep their sign, steps among them, go along once more by the whole length, down and up: most conditions tie them to curvatures.
    """
    directions = []
    for slope in (one, of_kind, one + of_kind):
        if not slope.any():
            continue
        steepest = np.abs(slope).max()
        each = [slope * kind for kind in space.kinds if (slope * kind).any()]
        directions += [slope, np.where(np.abs(slope) > FLAT * steepest, np.sign(slope), 0), *each]
        directions.append(sum((way / np.linalg.norm(way) for way in each), 0 * slope))
    if not directions:
        return np.zeros((0, space.size))
    furthest = [way / np.abs(way).max() for way in directions]
    turns = (0, -1, 1) if space.positive.any() else (0,)
    return np.unique([length * (way + turn * space.positive) for length, way, turn in product(LENGTHS, furthest, turns)], axis=0)


class _Space:
    """The numbers of a run in one row, `size` of them; `kinds` [kinds, size]: which belong together; `positive`: which keep their sign."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        functions, others = numbers.functions, {name: numbers.others[name] for name in numbers.moves if name in numbers.others}
        if "functions" in numbers.alike:
            functions = Pieces(*(each[:, :1] for each in functions))
        of_functions = {"slope": functions.slope, "curvature": functions.pieces()[1], "knots": np.sort(functions.knots, axis=-1)}
        self.here = of_functions | {name: values[:, :1] if name in numbers.alike else values for name, values in others.items()}
        ends = np.cumsum([0, *(values.size for values in self.here.values())])
        self.size, self.places = int(ends[-1]), dict(zip(self.here, map(slice, ends[:-1], ends[1:]), strict=True))
        self.kinds = np.zeros((len(self.here), self.size))
        self.positive = np.zeros(self.size)
        for kind, (name, place) in zip(self.kinds, self.places.items(), strict=True):
            kind[place] = 1
            self.positive[place] = numbers.moves.get(name) is scaled
        self.kinds = self.kinds[self.kinds.any(-1)]

    def moved(self, by: np.ndarray) -> tuple[Any, np.ndarray]:
        """A batch of runs moved by [rows, size], and which of its rows are of the class."""
        numbers, found = self.numbers, {}
        for name, place in self.places.items():
            values, way = self.here[name], by[:, place].reshape(len(by), *self.here[name].shape[1:])
            move = numbers.moves.get(name)
            if move is scaled:
                found[name] = values * (np.round(np.exp(way) * FINE) / FINE)
            elif move is shares_near:
                found[name] = _on_grid(np.clip(1 - (1 - values) * np.exp(-way), 0, 1 - 1 / GRID))
            else:
                found[name] = _on_grid(values + way * (np.abs(values).max(initial=0) or 1))
        curvature = np.maximum(found["curvature"], {"convex": 0, "strongly convex": 1 / GRID}.get(numbers.convexity, -np.inf))
        for end in (0, -1):  # what runs out straight goes on doing so
            curvature[..., end] *= self.here["curvature"][..., end] != 0
        slope = 0 * found["slope"] if numbers.level else found["slope"]
        parts = Pieces(slope, curvature[..., 0], np.sort(found["knots"], axis=-1), np.diff(curvature, axis=-1))
        functions = Pieces(*(self._whole("functions", each) for each in parts))
        batch = numbers.put(functions, {name: self._whole(name, found[name]) for name in self.here if name in numbers.others})
        met = keeps(numbers.functions, functions, numbers.convexity)
        return batch, np.flatnonzero(met & numbers.fits(batch) if numbers.fits is not None else met)

    def _whole(self, name: str, values: np.ndarray) -> np.ndarray:
        """Of what is alike, as many as there are."""
        if name not in self.numbers.alike:
            return values
        like = self.numbers.functions.slope if name == "functions" else self.numbers.others[name]
        return np.repeat(values, like.shape[1], axis=1)


FINE = float(1 << 12)
"""Factors are rounded to this grid, so that a fraction stays one."""


def _on_grid(values: np.ndarray) -> np.ndarray:
    return np.asarray(np.round(values * GRID) / GRID)
