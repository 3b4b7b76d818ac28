"""How a search goes on from an instance that an earlier one kept: from the instance itself, and from where random moves take it.

The instance is written in rationals and may have been rescaled; the search moves numbers of moderate size, on a grid, so that it is taken
back to such units first. What leads away from it is random, so that a later round does not repeat the one before: two moves, each of the
kind and the sizes that the local search tries, whatever they do to the ratio.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any, Protocol, runtime_checkable

import numpy as np

from theory.claim import Reading
from validation.attack import Attack, Effort, Instance
from validation.nearby import PARENTS, SIZES, Nearby, Origin, changed

MOVES = 2
"""Random moves in a row."""


@runtime_checkable
class GoesOn(Protocol):
    """An arena whose search can start from an instance."""

    def onward(self, reading: Reading, instance: Instance, effort: Effort, seed: int) -> Attack:
        """Searches beside the instance alone. Raises: ValueError if it is none that can be moved."""
        ...


def beginnings(nearby: Nearby, variant: Any, rng: np.random.Generator) -> list[tuple[dict[str, np.ndarray], list[Origin]]]:
    """The instance as measured, and what some random moves make of it; each by itself, so that a search starts from every one."""
    found = list(_alone(nearby, variant))
    for _ in range(PARENTS - 1 if found else 0):
        here = found[0]
        for _ in range(MOVES):
            size = float(rng.choice(SIZES[:-1]))
            others = list(nearby.neighbours(here[1][int(rng.integers(len(here[1])))], size))
            here = next(_alone(nearby, others[int(rng.integers(len(others)))]), here) if others else here
        found.append(here)
    return found


def _alone(nearby: Nearby, variant: Any) -> Iterator[tuple[dict[str, np.ndarray], list[Origin]]]:
    yield from ((measured, origins) for measured, origins, _ in nearby.measured([variant]))


def scale_of(positions: Iterable[Any], slopes: Iterable[Any]) -> tuple[Fraction, Fraction]:
    """By which powers of 1000 positions, and losses, were most likely rescaled: those next to the largest position and slope."""
    position = _power(positions)
    return position, position * _power(slopes)


def scale_of_run(instance: Instance) -> tuple[Fraction, Fraction]:
    """The same of a run written with its `start` and `functions`; where no function has a slope, curvatures give one.

    Raises: ValueError for a long run, which is searched by its moments, and not moved.
    """
    if "law" in instance:
        raise ValueError("a long run is not moved")
    each = [c for worker in instance["functions"] for sample in worker for c in sample]
    positions = [*instance["start"], *(knot for c in each for knot in c["knots"])]
    curved = [Fraction(curvature) * _power(positions) for c in each for curvature in (c["curvature"], *c["bends"])]
    return scale_of(positions, [c["slope"] for c in each if Fraction(c["slope"])] or curved)


def begun(
    instance: Instance, moved: Callable[[Instance, Fraction, Fraction], Instance], decode: Callable[[Instance], tuple[Any, Any]]
) -> Any:
    """A written run as a batch of one in floats, `moved` back to the units it was most likely drawn in.

    Raises: ValueError for a long run, or as `decode`.
    """
    position, loss = scale_of_run(instance)
    return in_floats(decode(moved(instance, 1 / position, 1 / loss))[0])


def in_floats(run: Any) -> Any:
    """A run in rationals as a batch of one in floats."""
    return changed(lambda values: values.astype(float), run)


def _power(values: Iterable[Any]) -> Fraction:
    largest = max((abs(Fraction(value)) for value in values), default=Fraction(0))
    return Fraction(1000) ** round(math.log(largest, 1000)) if largest else Fraction(1)
