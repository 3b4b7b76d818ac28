"""The worst drift and progress of local iterates under local SGD, gradients being free."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from reference.local_sgd import run
from reference.problems import gradient_sequence
from validation import performance
from validation.performance import (
    WorstCase,
    at_last,
    check_choice,
    check_count,
    check_positive,
    column,
    found,
    listed,
    mean,
    square,
    step_letters,
    times,
    within,
)

Origin = Callable[[Any, Any], Any]
FROM: Mapping[str, Origin] = {"deviation_sq": lambda x, synced: mean(x), "local_progress_sq": lambda x, synced: synced[0]}
"""By quantity: where the distance of the local iterates x is measured from; `synced` are those at the last synchronisation."""


def algorithm_1(
    *,
    quantity: str = "deviation_sq",
    synchronisations: int,
    gap: int,
    workers: int = 2,
    G: float = 1.0,
    eta: float | None = None,
    step_scale: float | None = None,
    a: float | None = None,
) -> WorstCase:
    """Largest deviation (1/R) sum_r ||x_bar_t - x_t^r||^2 (X^2) at t = (synchronisations + 1) H - 1, the last before the next, every H.

    With `quantity` "local_progress_sq": of x_t^r from where all were last synchronised, not from their mean. Over gradients of norm at most
    G (F/X), each chosen freely. Expectations add nothing, by the triangle inequality in L2. Step size: `eta`, or step_scale / (a + t).
    Raises: ValueError for another quantity, a number out of range or so small that there is no deviation, or not exactly one step size.
    """
    check_choice("quantity", quantity, FROM)
    letters = step_letters(eta, step_scale, a)
    check_count("synchronisations", synchronisations, 0)
    check_count("gap", gap, 2)
    check_count("workers", workers, 2)
    check_positive(G=G)
    letters |= {"G": G, "gap": gap, "workers": workers}

    horizon = (synchronisations + 1) * gap - 1
    iterations, synced = range(horizon + 1), range(0, horizon + 1, gap)
    known = {name: Fraction(value) for name, value in letters.items()}
    eta_t = [known["eta"] if "eta" in known else known["step_scale"] / (known["a"] + t) for t in iterations]
    etas, synchronise = np.array(eta_t[:-1], dtype=float), np.arange(1, horizon + 1) % gap == 0
    unit = (etas[0] * G) ** 2  # solved with eta_0 = G = 1
    solution, gradients = _programme(etas / etas[0], synchronise, workers, FROM[quantity])
    value = times(solution.value, unit)
    return WorstCase(
        f"of {quantity} after n = {synchronisations} synchronisations, t = {horizon}, {listed(letters)}",
        value,
        times(solution.primal, unit),
        solution.multipliers,
        solution.status,
        math.nan if gradients is None else _reference(G * within(gradients, 1.0), etas, synchronise, FROM[quantity]),
        {name: column(number) for name, number in known.items()}
        | {"eta_t": column(*eta_t)[None], "t_i": column(*synced)[None], "t_i at t": column(*[synced[t // gap] for t in iterations])[None]}
        | {quantity: at_last(horizon, value)},
        synchronisations,
    )


def _programme(etas: np.ndarray, synchronise: np.ndarray, workers: int, origin: Origin) -> tuple[performance.Solution, np.ndarray | None]:
    """Local SGD on free points, and the gradients [T, workers, d] of the instance that solves it."""
    from PEPit import PEP, Point
    from PEPit.point import null_point

    programme = PEP()
    x, gradients = [null_point] * workers, []
    synced = x
    for eta, synchronises in zip(etas.tolist(), synchronise, strict=True):
        gradients.append([Point() for _ in range(workers)])
        x = [x_r - eta * g for x_r, g in zip(x, gradients[-1], strict=True)]
        if synchronises:
            x = synced = [mean(x)] * workers
    constraints = [g**2 <= 1 for each in gradients for g in each]
    for constraint in constraints:
        programme.add_constraint(constraint)
    programme.set_performance_metric(_apart(x, origin(x, synced)))
    solution = performance.solve(programme, constraints)
    return solution, None if solution.value is None else found(gradients)


def _reference(gradients: np.ndarray, etas: np.ndarray, synchronise: np.ndarray, origin: Origin) -> float:
    """What the reference reaches on the programme's own instance."""
    iterations, workers, d = gradients.shape
    samples = np.broadcast_to(np.arange(iterations)[:, None, None], (iterations, workers, 1))
    ended = run(gradient_sequence(gradients), np.zeros(d), etas, synchronise, samples)
    synced = np.flatnonzero(synchronise)[-1] + 1 if synchronise.any() else 0
    return float(_apart(ended.x[-1], origin(ended.x[-1], ended.x[synced])))


def _apart(x: Any, origin: Any) -> Any:
    """(1/R) sum_r ||origin - x^r||^2 of local iterates, free points or arrays."""
    return mean([square(origin - x_r) for x_r in x])
