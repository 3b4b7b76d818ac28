"""The worst errors of workers and server under Algorithm 4 of dist-EF-SGD (2 without momentum), gradients and maps being free."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np

from reference.dist_ef_sgd import corrected, init, step
from validation import performance
from validation.performance import (
    WorstCase,
    at_last,
    check_choice,
    check_count,
    check_momentum,
    check_open,
    check_positive,
    column,
    found,
    leaving,
    listed,
    mean,
    square,
    times,
    within,
)

QUANTITIES = ("two_way_error_sq", "worker_error_sq", "server_error_sq", "drive_sq", "lag_sq")


class _Instance(NamedTuple):
    """Gradients and what the workers' maps leave, [iterations, workers, d]; what the server's map leaves, [iterations, d]; for G = 1."""

    gradients: np.ndarray
    left: np.ndarray
    server_left: np.ndarray


def algorithm_4(
    *,
    quantity: str,
    iterations: int,
    workers: int = 1,
    gamma: float = 0.3,
    G: float = 1.0,
    eta: float = 1.0,
    beta: float = 0.0,
    step_growth: float = 1.0,
) -> WorstCase:
    """Largest `quantity` (F^2/X^2) after n = iterations: of errors and lag, at t = n; of the drive, at t = n - 1.

    Over gradients of norm at most G (F/X), each chosen freely, and maps of workers and server that leave at most 1 - gamma of what they
    compress. Expectations add nothing, by the triangle inequality in L2. Steps are eta step_growth^t; errors depend on step_growth alone.
    The lag (X^2) is both errors together, times the last step.
    Raises: ValueError for an unknown quantity or a number out of range.
    """
    check_choice("quantity", quantity, QUANTITIES)
    check_count("iterations", iterations, 1)
    check_count("workers", workers, 1)
    check_open("gamma", gamma)
    check_positive(G=G, eta=eta, step_growth=step_growth)
    check_momentum(beta)
    letters = {"G": G, "gamma": gamma, "workers": workers, "eta": eta, "beta": beta}
    letters |= {} if step_growth == 1 else {"step_growth": step_growth}
    eta_t = [Fraction(eta) * Fraction(step_growth) ** t for t in range(iterations)]
    unit = G**2 * float(eta_t[-1]) ** 2 if quantity == "lag_sq" else G**2
    solution, instance = _programme(quantity, iterations, workers, gamma, beta, step_growth)
    value = times(solution.value, unit)
    time = iterations - (quantity == "drive_sq")
    return WorstCase(
        f"of {quantity} after n = {iterations} iterations, {listed(letters)}",
        value,
        times(solution.primal, unit),
        solution.multipliers,
        solution.status,
        math.nan if instance is None else _reference(quantity, instance, gamma, G, [float(each) for each in eta_t], beta),
        {name: column(number) for name, number in letters.items() if step_growth == 1 or name != "eta"}
        | {"eta_t": column(*eta_t)[None], "peak_eta": column(*accumulate(eta_t, max))[None], quantity: at_last(time, value)},
        iterations,
    )


def _programme(
    quantity: str, iterations: int, workers: int, gamma: float, beta: float, step_growth: float
) -> tuple[performance.Solution, _Instance | None]:
    """Algorithm 4 on free points, gradients of norm at most 1, and the instance that solves it."""
    from PEPit import PEP, Point
    from PEPit.point import null_point

    programme = PEP()
    constraints, gradients, left, server_left = [], [], [], []
    velocity, memory, server = [null_point] * workers, [null_point] * workers, null_point
    drive: list[Any] = []
    for _ in range(iterations):
        gradients.append([Point() for _ in range(workers)])
        constraints += [g**2 <= 1 for g in gradients[-1]]
        velocity = [beta * m + g for m, g in zip(velocity, gradients[-1], strict=True)]
        drive = [beta * m + g for m, g in zip(velocity, gradients[-1], strict=True)]
        compressed = [z + e / step_growth for z, e in zip(drive, memory, strict=True)]
        memory = [Point() for _ in range(workers)]
        constraints += [e**2 <= (1 - gamma) * p**2 for e, p in zip(memory, compressed, strict=True)]
        server_compressed = mean([p - e for p, e in zip(compressed, memory, strict=True)]) + server / step_growth
        server = Point()
        constraints.append(server**2 <= (1 - gamma) * server_compressed**2)
        left.append(memory)
        server_left.append(server)
    for constraint in constraints:
        programme.add_constraint(constraint)
    programme.set_performance_metric(_measure(quantity, memory, server, drive))
    solution = performance.solve(programme, constraints)
    return solution, None if solution.value is None else _Instance(found(gradients), found(left), found(server_left))


def _reference(quantity: str, instance: _Instance, gamma: float, G: float, etas: Sequence[float], beta: float) -> float:
    """What the reference reaches on the programme's own instance, made feasible."""
    gradients = G * within(instance.gradients, 1.0)
    compress, server_compress = (leaving(G * left, gamma) for left in (instance.left, instance.server_left))
    state = init(gradients[0, 0] * 0, gradients.shape[1])
    for g, eta in zip(gradients, etas, strict=True):
        state, _ = step(state, g, eta, compress, server_compress=server_compress, beta=beta)
    if quantity == "lag_sq":
        return float(square(state.x - corrected(state)))
    return float(_measure(quantity, state.memory, state.server_memory, beta * state.velocity + gradients[-1]))


def _measure(quantity: str, memory: Any, server: Any, drive: Any) -> Any:
    """The quantity from each worker's vectors and the server's, points or arrays. Workers are alike: the first has the largest drive."""
    if quantity in ("two_way_error_sq", "lag_sq"):
        return square(server + mean(memory))
    if quantity == "worker_error_sq":
        return mean([square(e) for e in memory])
    return square(server) if quantity == "server_error_sq" else square(drive[0])
