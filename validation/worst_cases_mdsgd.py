"""The worst memory and momentum under Algorithm 1 of M-DSGD, gradients and contraction maps being free."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reference.mdsgd import init, step
from validation import performance
from validation.performance import (
    WorstCase,
    at_last,
    check_choice,
    check_count,
    check_open,
    check_positive,
    column,
    found,
    leaving,
    listed,
    square,
    times,
    within,
)

QUANTITIES = ("total_memory_sq", "total_momentum_sq")


def algorithm_1(*, quantity: str, iterations: int, workers: int = 1, gamma: float = 0.3, G: float = 1.0, beta: float = 0.0) -> WorstCase:
    """Largest `quantity` (F^2/X^2) after n = iterations: of the memory at t = n, of the momentum at t = n - 1.

    Over gradients of norm at most G (F/X) and maps that leave at most 1 - gamma of what they are given, in the place of the masks.
    Expectations add nothing, by the triangle inequality in L2.
    Raises: ValueError for an unknown quantity or a number out of range.
    """
    check_choice("quantity", quantity, QUANTITIES)
    check_count("iterations", iterations, 1)
    check_count("workers", workers, 1)
    check_open("gamma", gamma)
    check_positive(G=G)
    if not 0 <= beta < 1:
        raise ValueError(f"beta must be at least 0 and below 1, got {beta}")
    letters = {"G": G, "gamma": gamma, "workers": workers, "beta": beta}
    solution, instance = _programme(quantity, iterations, workers, gamma, beta)
    value = times(solution.value, G**2)
    time = iterations - (quantity == "total_momentum_sq")
    return WorstCase(
        f"of {quantity} after n = {iterations} iterations, {listed(letters)}",
        value,
        times(solution.primal, G**2),
        solution.multipliers,
        solution.status,
        math.nan if instance is None else _reference(quantity, *instance, gamma, G, beta),
        {name: column(number) for name, number in letters.items()} | {quantity: at_last(time, value)},
        iterations,
    )


def _programme(
    quantity: str, iterations: int, workers: int, gamma: float, beta: float
) -> tuple[performance.Solution, tuple[np.ndarray, np.ndarray] | None]:
    """Algorithm 1 on free points, and the gradients and what the maps leave, [iterations, workers, d], of the instance that solves it."""
    from PEPit import PEP, Point
    from PEPit.point import null_point

    programme = PEP()
    constraints, gradients, left = [], [], []
    momentum, memory = [null_point] * workers, [null_point] * workers
    for _ in range(iterations):
        gradients.append([Point() for _ in range(workers)])
        constraints += [g**2 <= 1 for g in gradients[-1]]
        momentum = [beta * m + g / workers for m, g in zip(momentum, gradients[-1], strict=True)]
        compressed = [m + u for m, u in zip(momentum, memory, strict=True)]
        memory = [Point() for _ in range(workers)]
        constraints += [u**2 <= (1 - gamma) * v**2 for u, v in zip(memory, compressed, strict=True)]
        left.append(memory)
    for constraint in constraints:
        programme.add_constraint(constraint)
    programme.set_performance_metric(_measure(quantity, memory, momentum))
    solution = performance.solve(programme, constraints)
    return solution, None if solution.value is None else (found(gradients), found(left))


def _reference(quantity: str, gradients: np.ndarray, left: np.ndarray, gamma: float, G: float, beta: float) -> float:
    """What the reference reaches on the programme's own instance, made feasible."""
    gradients, compress = G * within(gradients, 1.0), leaving(G * left, gamma)
    state = init(gradients[0, 0] * 0, gradients.shape[1])
    for g in gradients:
        state, _ = step(state, g, 1, beta, compress)
    return float(_measure(quantity, state.memory, state.momentum))


def _measure(quantity: str, memory: Any, momentum: Any) -> Any:
    """The quantity, a sum over the workers, from free points or arrays."""
    return square(sum(memory[1:], memory[0]) if quantity == "total_memory_sq" else sum(momentum[1:], momentum[0]))
