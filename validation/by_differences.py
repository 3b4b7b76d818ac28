"""The adversary of gossip and the ring: conditional gradient on many runs in one batch, where outcomes of quantisers are paths.

How likely a path is depends on the iterates, and paths branch as a run goes on, so that derivatives are differences: every number of every
run is moved a little, all these copies in one batch through the twin. What comes of them is moved as `validation.adversary`
moves all others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from theory.claim import Relation
from validation.adversary import Adversary, Inputs
from validation.attack import MOST_NUMBERS
from validation.hypotheses import Pieces
from validation.nearby import MOST_WORK, Rate, Scored, changed
from validation.quantities import along_orbit

BY = 1 / 512
"""How far a number is moved to see what that changes, over the largest of its kind."""
SHORT = ("paths", "moments")
"""Laws of runs whose numbers are free: long ones are of workers that are alike."""
NUMBERS = 16
"""Of a run that are moved, in about: each takes a run of its own."""
MOST_STARTS = 64
FEWEST = 2
"""Batches that climb, at least."""
BATCHES = 4
"""Structures of which runs are drawn for the adversary to start from."""

Parts = tuple[dict[str, Any], dict[str, np.ndarray]]
"""A batch of runs as its arena has it: structure and arrays."""


@dataclass(frozen=True)
class Case:
    """The same as an adversary has it: `others` are tilts and noise; `fixed` the names of what is 0 and stays so."""

    structure: dict[str, Any]
    functions: Pieces
    start: np.ndarray
    others: Mapping[str, np.ndarray]
    eta: np.ndarray
    fixed: Collection[str]
    directions: None = None

    @property
    def parts(self) -> Parts:
        return self.structure, {**self.functions._asdict(), "start": self.start, "eta": self.eta, **self.others}

    def with_arrays(self, arrays: Mapping[str, np.ndarray]) -> Case:
        """The same with other arrays of the same names, of any number of rows."""
        functions = Pieces(*(arrays[name] for name in Pieces._fields))
        return replace(self, functions=functions, start=arrays["start"], eta=arrays["eta"], others={n: arrays[n] for n in self.others})


def case_of(parts: Parts) -> Case:
    """A batch; gossip starts from 0, where no function of it has a slope, and runs without noise have none, which would branch paths."""
    structure, arrays = parts
    functions = Pieces(*(arrays[name] for name in Pieces._fields))
    fixed = (*(("start", "slope") if structure["of"] == "gossip" else ()), *(() if arrays["noise"].any() else ("noise",)))
    return Case(structure, functions, arrays["start"], {name: arrays[name] for name in ("tilts", "noise")}, arrays["eta"], fixed)


@dataclass(frozen=True)
class Steered:
    """Such an adversary: how a batch is measured, what a row of it takes, what it starts from besides what was drawn."""

    measure: Callable[[Parts], dict[str, np.ndarray]]
    work: Callable[[Parts], int]
    draw: Callable[[], Iterable[Parts]]
    starts: int
    steps: int

    def search(
        self, drawn: Iterable[Parts], relation: Relation, rate: Rate, free: Mapping[str, Fraction], reached: float
    ) -> Iterator[tuple[list[Scored], int]]:
        """As `Adversary.search`; origins are parts."""
        adversary = Adversary(
            self._batches,
            lambda case: True,
            self._measure,
            lambda case: self.work(case.parts),
            lambda case, by, before: replace(case, eta=case.eta * by),
            Inputs(least=-1.0),
            self.starts,
            self.steps,
            partial(differences, measure=self._measure, work=lambda case: self.work(case.parts)),
            FEWEST,
        )
        suitable = [case_of(parts) for parts in drawn if self._suits(parts)]
        for found, met in adversary.search(suitable, relation, rate, free, reached):
            yield [each._replace(origin=(each.origin[0].parts, each.origin[1])) for each in found], met

    def _suits(self, parts: Parts) -> bool:
        return parts[0]["law"] in SHORT and self.work(parts) <= MOST_WORK // (NUMBERS * max(self.starts, 1))

    def _measure(self, case: Case) -> dict[str, np.ndarray]:
        return self.measure(case.parts)

    def _batches(self) -> Iterator[Case]:
        fitting = [parts for parts in self.draw() if self._suits(parts)]
        yield from map(case_of, fitting[:: -(-len(fitting) // BATCHES)] if fitting else ())


def differences(
    case: Case,
    relation: Relation,
    free: Mapping[str, Fraction],
    measure: Callable[[Case], dict[str, np.ndarray]],
    work: Callable[[Case], int],
) -> dict[str, np.ndarray]:
    """Of the ratio of each run, along everything that the adversary may set, by name; of the shape of each. Raises: NotMeasured."""
    _, arrays = case.parts
    rows, movable = len(case.start), [name for name in arrays if name != "eta" and name not in case.fixed and arrays[name].size]
    moves = [(name, place) for name in movable for place in np.ndindex(arrays[name].shape[1:])]
    sizes = {name: np.abs(arrays[name]).reshape(rows, -1).max(1) for name in movable}
    lengths = {name: BY * np.where(size > 0, size, 1) for name, size in sizes.items()}
    slopes = {name: np.zeros_like(values) for name, values in arrays.items() if name != "eta"}
    at_once = max(MOST_NUMBERS // (rows * max(work(case), 1)), 1)
    for first in range(0, len(moves), at_once):
        some = moves[first : first + at_once]
        here, *moved = _ratios(case, some, lengths, relation, free, measure)
        for (name, place), ratios in zip(some, moved, strict=True):
            slopes[name][_every(place)] = np.nan_to_num((ratios - here) / lengths[name], posinf=0, neginf=0)
    return slopes


def _every(place: tuple[int, ...]) -> Any:
    """That place of every row."""
    return (slice(None), *place)


def _ratios(
    case: Case,
    moves: Sequence[tuple[str, tuple[int, ...]]],
    lengths: Mapping[str, np.ndarray],
    relation: Relation,
    free: Mapping[str, Fraction],
    measure: Callable[[Case], dict[str, np.ndarray]],
) -> np.ndarray:
    """The ratio of each row, and after each of the moves up, [1 + moves, rows]."""
    copies = [case]
    for name, place in moves:
        arrays = dict(case.parts[1])
        arrays[name] = arrays[name].copy()
        arrays[name][_every(place)] += lengths[name]
        copies.append(case.with_arrays(arrays))
    batch = changed(lambda *values: np.concatenate(values), *copies)
    measured = measure(batch)
    measured |= {name: np.full(len(batch.start), float(value)) for name, value in free.items()}
    return along_orbit(relation, measured, [(Fraction(1), Fraction(1))])[0].reshape(len(copies), len(case.start))
