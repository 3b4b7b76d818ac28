"""Exact worst cases of small deterministic cases: a semidefinite programme from above, a run of the reference from below.

Performance estimation (PEPit, solved by CLARABEL) maximises over all gradients, maps and functions that the hypotheses allow, in any
dimension; its dual value is an upper bound. The reference runs an extremal instance, a lower bound: one known by hand, or the one that the
programme found, made feasible. Where both agree, it is the supremum. The programmes themselves stand in `validation.worst_cases_*`.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from validation.quantities import Measured

SOLVER = "CLARABEL"
ACCURACIES = (1e-10, 1e-8, 1e-7)
"""At which CLARABEL is to stop, in gaps and residuals, one after the other until one succeeds. The second is its default."""
TOLERANCE = 1e-6
"""Relative, of a value: what the last of them costs it, where multipliers are large. "Upper bound" and "feasible" mean up to it."""


@dataclass(frozen=True)
class WorstCase:
    """The worst case of one quantity, enclosed.

    `setting`: the quantity and every parameter, in words. `horizon`: n, the steps (of Algorithm 1 of Qsparse and local SGD the
    synchronisations) that the instance makes, 0 for a fact about a function.
    `value`: the dual value of the programme, an upper bound in the quantity's unit; None where the solver failed, as `status` says.
    `primal`: the programme's own instance; `multipliers`: of its constraints, in the order they were stated, then those of the function
    class: the proof of the bound. `attained_by_reference`: what a run of the reference reaches, NaN where there is no instance to run.
    `measured`: every letter and quantity there, as Fractions, for evaluating a relation; of a quantity along a run only the last time is
    known.
    """

    setting: str
    value: float | None
    primal: float | None
    multipliers: tuple[float, ...]
    status: str
    attained_by_reference: float
    measured: Measured
    horizon: int = 0
    solver: str = SOLVER

    @property
    def gap(self) -> float:
        """Relative distance of what bounds the value from above and what the reference attains; infinite where the solver failed."""
        if self.value is None or math.isnan(self.attained_by_reference):
            return math.inf
        return abs(self.value - self.attained_by_reference) / abs(self.value)

    @property
    def exact(self) -> bool:
        return self.gap <= TOLERANCE


# ---- the programme, from above ----


@dataclass(frozen=True)
class Solution:
    """What the solver said; `value` and `primal` are None unless `status` is "optimal"."""

    value: float | None
    primal: float | None
    multipliers: tuple[float, ...]
    status: str


def solve(programme: Any, constraints: Sequence[Any], functions: Sequence[Any] = (), **options: Any) -> Solution:
    """Solves a PEPit programme whose `constraints` and `functions` are given again, for their multipliers; `options` are the solver's.

    A failure is an answer, not an error: no value, and what the solver said. A value of which the solver says that it is inaccurate is one.
    """
    import cvxpy

    from validation.stacked import NAME

    value = None
    try:
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():  # what they say, the status says
            warnings.simplefilter("ignore")
            value = programme.solve(wrapper=NAME, safe_mode=False, solver=SOLVER, verbose=0, accuracies=ACCURACIES, **options)
        status = programme.wrapper.prob.status
    except cvxpy.error.SolverError as why:
        status = f"solver error: {why}"
    if status != cvxpy.OPTIMAL or value is None:
        return Solution(None, None, (), status)
    multiplied = (*constraints, *(each for function in functions for each in function.list_of_class_constraints))
    return Solution(float(value), float(programme.objective.eval()), tuple(float(each.eval_dual()) for each in multiplied), status)


# ---- the instance it found, for the reference to run ----


def found(points: Iterable[Any]) -> np.ndarray:
    """The vectors [..., d] that a solved programme gives its points, nested or not; of another number of entries than any input's d."""
    return np.array([found(each) if isinstance(each, (list, tuple)) else each.eval() for each in points])


def within(vectors: np.ndarray, radii: float | np.ndarray) -> np.ndarray:
    """The vectors [..., d], shortened to the radii [...] where they are longer: the solver meets constraints only up to its accuracy."""
    lengths = np.linalg.norm(vectors, axis=-1)
    return vectors * np.minimum(1, np.divide(radii, lengths, out=np.ones_like(lengths), where=lengths > 0))[..., None]


def leaving(residuals: Iterable[np.ndarray], gamma: float) -> Callable[[np.ndarray, np.ndarray | None], np.ndarray]:
    """A compressor that leaves the residuals [..., d] one after the other, shortened to sqrt(1 - gamma) times what it is given.

    It is a contraction map wherever it is asked, which is all that a run can tell.
    """
    remaining = iter(residuals)

    def compress(v: np.ndarray, uniforms: np.ndarray | None) -> np.ndarray:
        return v - within(next(remaining), math.sqrt(1 - gamma) * np.linalg.norm(v, axis=-1))

    return compress


# ---- what programmes share ----


def times(value: float | None, unit: float) -> float | None:
    """A solved value in its unit, None where the solver failed."""
    return None if value is None else value * unit


def mean(values: Sequence[Any] | np.ndarray) -> Any:
    return reduce(add, values) / len(values)


def square(vector: Any) -> Any:
    """||vector||^2 of a free point or of an array [d]."""
    return vector @ vector if isinstance(vector, np.ndarray) else vector**2


def column(*values: float | Fraction | None) -> np.ndarray:
    """[n], as Fractions: a letter (one value) or, with a leading axis added, a quantity at the times 0, ..., n - 1."""
    return np.array([None if value is None else Fraction(value) for value in values], dtype=object)


def at_last(time: int, value: float | None) -> np.ndarray:
    """[1, time + 1]: a quantity along a run of which only the value at `time` is known."""
    return column(*[None] * time, value)[None]


def check_choice(name: str, value: str, allowed: Iterable[str]) -> None:
    """Raises: ValueError unless the value is among those allowed."""
    if value not in (names := tuple(allowed)):
        raise ValueError(f"{name} must be one of {', '.join(names)}, got {value!r}")


def check_count(name: str, count: float, least: int, where: str = "") -> None:
    """Raises: ValueError unless the count is an integer of at least `least`."""
    if count < least or count != int(count):
        raise ValueError(f"{name} must be an integer of at least {least}{where and f' for {where}'}, got {count}")


def check_open(name: str, value: float, low: float = 0, high: float = 1) -> None:
    """Raises: ValueError unless low < value < high."""
    if not low < value < high:
        raise ValueError(f"{name} must lie strictly between {low:g} and {high:g}, got {value}")


def check_momentum(beta: float) -> None:
    """Raises: ValueError unless 0 <= beta < 1."""
    if not 0 <= beta < 1:
        raise ValueError(f"beta must be at least 0 and below 1, got {beta}")


def check_positive(**numbers: float) -> None:
    """Raises: ValueError for a number that is not positive and finite."""
    for name, value in numbers.items():
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be positive and finite, got {value}")


def step_letters(eta: float | None, step_scale: float | None, a: float | None) -> dict[str, float]:
    """The letters of the one step size that is given, eta or step_scale / (a + t). Raises: ValueError for none, both or not positive."""
    given = {name: value for name, value in {"eta": eta, "step_scale": step_scale, "a": a}.items() if value is not None}
    if set(given) not in ({"eta"}, {"step_scale", "a"}):
        raise ValueError(f"give either eta, or step_scale and a, got eta = {eta}, step_scale = {step_scale}, a = {a}")
    check_positive(**given)
    return given


def listed(letters: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {number:g}" for name, number in letters.items())
