"""The worst error memory, lag and deviation under Algorithms 1 and 2 of Qsparse-local-SGD, gradients and contraction maps being free."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from reference.problems import gradient_sequence
from reference.qsparse_local_sgd import asynchronous_init, asynchronous_step, run
from validation import performance
from validation.performance import (
    WorstCase,
    at_last,
    check_choice,
    check_count,
    check_open,
    check_positive,
    column,
    listed,
    mean,
    square,
    step_letters,
    times,
)

ALIGNED, BALANCED = "aligned", "balanced"
EXTREMAL = {"memory_sq": ALIGNED, "mean_memory_sq": ALIGNED, "lag_sq": ALIGNED, "deviation_sq": BALANCED}
"""The quantities, and the gradients that make each largest: all workers' the same, or summing to zero over the workers."""


def algorithm_1(
    *,
    quantity: str,
    synchronisations: int,
    gap: int,
    workers: int = 1,
    gamma: float = 0.3,
    G: float = 1.0,
    eta: float | None = None,
    step_scale: float | None = None,
    a: float | None = None,
) -> WorstCase:
    """Largest `quantity` (in X^2) at t = (synchronisations + 1) H - 1, the last iterate before the next synchronisation, every H = gap.

    Over gradients of norm at most G (F/X), each chosen freely, and maps that leave at most 1 - gamma of what they compress. Expectations
    add nothing: by the triangle inequality in L2 the supremum is that of a deterministic run. Step size: `eta`, or step_scale / (a + t).
    Raises: ValueError for an unknown quantity, a number out of range or so small that the quantity is 0, or not exactly one step size.
    """
    letters = step_letters(eta, step_scale, a)
    check_choice("quantity", quantity, EXTREMAL)
    aligned = EXTREMAL[quantity] == ALIGNED
    least = {"synchronisations": int(aligned), "gap": 2 - aligned, "workers": 2 - aligned}  # with fewer the quantity is 0
    for name, count in (("synchronisations", synchronisations), ("gap", gap), ("workers", workers)):
        check_count(name, count, least[name], quantity)
    check_open("gamma", gamma)
    check_positive(G=G)
    letters |= {"G": G, "gamma": gamma, "gap": gap, "workers": workers}

    horizon = (synchronisations + 1) * gap - 1
    known, eta_t = _stated(letters, horizon)
    etas, synchronise = np.array(eta_t[:-1], dtype=float), np.arange(1, horizon + 1) % gap == 0
    unit = (etas[0] * G) ** 2  # solved with eta_0 = G = 1, so that the solver's tolerances mean the same at every scale
    solution = _programme(quantity, etas / etas[0], synchronise, workers, gamma)
    value = times(solution.value, unit)
    attained = _reference(quantity, etas, synchronise, workers, gamma, G)
    return WorstCase(
        f"of {quantity} after n = {synchronisations} synchronisations, t = {horizon}, {listed(letters)}",
        value,
        times(solution.primal, unit),
        solution.multipliers,
        solution.status,
        attained,
        {name: column(number) for name, number in known.items()} | {"eta_t": column(*eta_t)[None], quantity: at_last(horizon, value)},
        synchronisations,
    )


def algorithm_2(
    *,
    synchronisations: int,
    gap: int,
    gamma: float = 0.3,
    G: float = 1.0,
    eta: float | None = None,
    step_scale: float | None = None,
    a: float | None = None,
) -> WorstCase:
    """Largest lag (X^2) of two workers that synchronise in turn, one at i H and the other at i H - 1, at the last t = (n + 1) H - 1.

    So the first has waited H - 1 iterations, the most it may, and the second not one. All else as in `algorithm_1`. Raises: ValueError as
    there, and for a gap of 1, where all synchronise always.
    """
    letters = step_letters(eta, step_scale, a)
    check_count("synchronisations", synchronisations, 0)
    check_count("gap", gap, 2)
    check_open("gamma", gamma)
    check_positive(G=G)
    letters |= {"G": G, "gamma": gamma, "gap": gap, "workers": 2}

    horizon = (synchronisations + 1) * gap - 1
    known, eta_t = _stated(letters, horizon)
    etas, now = np.array(eta_t[:-1], dtype=float), np.arange(1, horizon + 1)
    sends = np.stack([now % gap == 0, (now + 1) % gap == 0], axis=-1)
    unit = (etas[0] * G) ** 2
    solution = _programme_2(etas / etas[0], sends, gamma)
    value = times(solution.value, unit)
    state, virtual, gradients = asynchronous_init(np.zeros(1), 2), 0.0, np.full((2, 1), G)
    for eta_now, subset in zip(etas, sends, strict=True):  # all gradients alike, and the map keeps as much as it may of each
        state, _ = asynchronous_step(state, gradients, eta_now, subset, lambda v, _: (1 - math.sqrt(1 - gamma)) * v)
        virtual -= eta_now * G
    return WorstCase(
        f"of lag_sq after n = {synchronisations} synchronisations in turn, t = {horizon}, {listed(letters)}",
        value,
        times(solution.primal, unit),
        solution.multipliers,
        solution.status,
        float((state.x_hat.mean() - virtual) ** 2),
        {name: column(number) for name, number in known.items()} | {"eta_t": column(*eta_t)[None], "lag_sq": at_last(horizon, value)},
        synchronisations,
    )


def _stated(letters: dict[str, float], horizon: int) -> tuple[dict[str, Fraction], list[Fraction]]:
    """All letters, C the smallest that Lemma 4 allows where it allows one, and eta_t for t = 0..T."""
    known = {name: Fraction(value) for name, value in letters.items()}
    if "a" in known and (margin := known["a"] * known["gamma"] - 4 * known["gap"]) > 0:
        known["C"] = 4 * known["a"] * known["gamma"] * (1 - known["gamma"] ** 2) / margin
    return known, [known["eta"] if "eta" in known else known["step_scale"] / (known["a"] + t) for t in range(horizon + 1)]


def _programme_2(etas: np.ndarray, sends: np.ndarray, gamma: float) -> performance.Solution:
    """Algorithm 2 on free points, as `_programme`; `sends` [T, workers]."""
    from PEPit import PEP, Point
    from PEPit.point import null_point

    programme, constraints, workers = PEP(), [], range(sends.shape[1])
    master, x, x_hat, memory, x_tilde = null_point, *([null_point for _ in workers] for _ in range(4))
    for eta, subset in zip(etas.tolist(), sends, strict=True):
        gradients = [Point() for _ in workers]
        constraints += [g**2 <= 1 for g in gradients]
        x_hat = [x_r - eta * g for x_r, g in zip(x_hat, gradients, strict=True)]
        x_tilde = [x_r - eta * g for x_r, g in zip(x_tilde, gradients, strict=True)]
        for r in np.flatnonzero(subset):
            compressed, message = memory[r] + x[r] - x_hat[r], Point()
            memory[r] = compressed - message
            constraints.append(memory[r] ** 2 <= (1 - gamma) * compressed**2)
            master = master - message / len(workers)
        for r in np.flatnonzero(subset):
            x[r] = x_hat[r] = master
    for constraint in constraints:
        programme.add_constraint(constraint)
    programme.set_performance_metric(square(mean(x_hat) - mean(x_tilde)))
    return performance.solve(programme, constraints)


def _programme(quantity: str, etas: np.ndarray, synchronise: np.ndarray, workers: int, gamma: float) -> performance.Solution:
    """Algorithm 1 on free points: every gradient, of norm at most 1, and every message are variables."""
    from PEPit import PEP, Point
    from PEPit.point import null_point

    programme = PEP()
    constraints = []
    x, x_hat, memory, x_tilde = null_point, [null_point] * workers, [null_point] * workers, [null_point] * workers
    for eta, synchronises in zip(etas.tolist(), synchronise, strict=True):
        gradients = [Point() for _ in range(workers)]
        constraints += [g**2 <= 1 for g in gradients]
        x_hat = [x_r - eta * g for x_r, g in zip(x_hat, gradients, strict=True)]
        x_tilde = [x_r - eta * g for x_r, g in zip(x_tilde, gradients, strict=True)]
        if synchronises:
            compressed = [m + x - x_r for m, x_r in zip(memory, x_hat, strict=True)]
            messages = [Point() for _ in range(workers)]
            memory = [v - g for v, g in zip(compressed, messages, strict=True)]
            constraints += [m**2 <= (1 - gamma) * v**2 for m, v in zip(memory, compressed, strict=True)]
            x = x - mean(messages)
            x_hat = [x] * workers
    for constraint in constraints:
        programme.add_constraint(constraint)
    programme.set_performance_metric(_measure(quantity, memory, x_hat, x_tilde))
    return performance.solve(programme, constraints)


def _reference(quantity: str, etas: np.ndarray, synchronise: np.ndarray, workers: int, gamma: float, G: float) -> float:
    """What the reference reaches on the extremal instance, in the plane: the map keeps a residual of sqrt(1 - gamma) in every direction."""
    angles = 2 * np.pi * np.arange(workers) / workers * (EXTREMAL[quantity] == BALANCED)
    gradients = np.broadcast_to(G * np.stack([np.cos(angles), np.sin(angles)], axis=-1), (len(etas), workers, 2))
    samples = np.broadcast_to(np.arange(len(etas))[:, None, None], (len(etas), workers, 1))
    ended = run(gradient_sequence(gradients), np.zeros(2), lambda v, _: (1 - math.sqrt(1 - gamma)) * v, etas, synchronise, samples)
    return float(_measure(quantity, ended.memory[-1], ended.x_hat[-1], ended.x_tilde[-1]))


def _measure(quantity: str, memory: Any, x_hat: Any, x_tilde: Any) -> Any:
    """The quantity from each worker's vectors, whether free points or arrays. Workers are alike, so the first stands for the largest."""
    if quantity == "memory_sq":
        return square(memory[0])
    if quantity == "mean_memory_sq":
        return mean([square(m) for m in memory])
    centre = mean(x_hat)
    if quantity == "lag_sq":
        return square(centre - mean(x_tilde))
    return mean([square(centre - x) for x in x_hat])
