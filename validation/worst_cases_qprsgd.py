"""The worst consensus and drift under Algorithm 2 of QPRSGD, gossip, where nothing is quantised and stochastic gradients are free."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from reference.operators import identity
from reference.qprsgd import init_gossip, step_gossip
from validation import performance
from validation.performance import (
    WorstCase,
    check_choice,
    check_count,
    check_open,
    check_positive,
    column,
    found,
    listed,
    mean,
    square,
    times,
)

QUANTITIES = ("consensus_sq", "round_drift_sq")


def algorithm_2(*, quantity: str, rounds: int, gap: int = 2, workers: int = 2, share: float = 0.25, eta: float = 1.0) -> WorstCase:
    """Largest sum of `quantity` (X^2) over N = n = rounds, of K = gap steps, where squared gradients add up to 1 F^2/X^2.

    Each worker takes `share` from every other one: W has the eigenvalue 1 - share * workers besides 1. Expectations add nothing: sums of
    squares are forms, which are largest at their leading vector.
    Raises: ValueError for an unknown quantity, a number out of range, or so small that the quantity is 0.
    """
    check_choice("quantity", quantity, QUANTITIES)
    check_count("rounds", rounds, 2 if quantity == "consensus_sq" else 1, quantity)
    check_count("gap", gap, 1 if quantity == "consensus_sq" or rounds > 1 else 2, quantity)
    check_count("workers", workers, 2)
    check_open("share", share, 0, 1 / (workers - 1))
    check_positive(eta=eta)
    left = 1 - Fraction(share) * workers
    letters: dict[str, float | Fraction] = {
        "gap": gap,
        "workers": workers,
        "eta": eta,
        "rho": abs(left),
        "spread": 1 - left,
        "rounds": rounds,
    }
    W = np.full((workers, workers), share) + np.diag([float(left)] * workers)
    solution, gradients = _programme(quantity, rounds, gap, W)
    value, unit = times(solution.value, eta**2), eta**2
    along, attained = ({}, math.nan) if gradients is None else _reference(quantity, gradients, eta, W)
    return WorstCase(
        f"of the sum of {quantity} over n = {rounds} rounds without quantisers, {listed({k: float(v) for k, v in letters.items()})}",
        value,
        times(solution.primal, unit),
        solution.multipliers,
        solution.status,
        attained,
        {name: column(number) for name, number in letters.items()} | along,
        rounds,
    )


def _programme(quantity: str, rounds: int, gap: int, W: np.ndarray) -> tuple[performance.Solution, np.ndarray | None]:
    """Gossip on free points with eta = 1, and the gradients [rounds, gap, workers, d] of the instance that solves it."""
    from PEPit import PEP, Point
    from PEPit.point import null_point

    programme, workers = PEP(), len(W)
    x: list[Any] = [null_point] * workers
    gradients, measured = [], []
    for _ in range(rounds):
        gradients.append([[Point() for _ in range(workers)] for _ in range(gap)])
        local, start = x, mean(x)
        for g in gradients[-1]:
            if quantity == "round_drift_sq" or local is x:
                measured += [square(start - each) for each in local]
            local = [each - move for each, move in zip(local, g, strict=True)]
        x = [
            sum((weight * each for weight, each in zip(row, x, strict=True)), end - own) for row, own, end in zip(W, x, local, strict=True)
        ]
    constraint = sum(g**2 for each in gradients for step in each for g in step) <= 1
    programme.add_constraint(constraint)
    programme.set_performance_metric(sum(measured))
    solution = performance.solve(programme, [constraint])
    return solution, None if solution.value is None else found(gradients)


def _reference(quantity: str, gradients: np.ndarray, eta: float, W: np.ndarray) -> tuple[dict[str, np.ndarray], float]:
    """What each round of the reference measures on the programme's own instance, made feasible, and the sum of the quantity."""
    rounds, gap, _, d = gradients.shape
    gradients = gradients / max(1.0, math.sqrt((gradients**2).sum()))
    nothing, state = identity(), init_gossip(np.zeros(d), W)
    measured = np.zeros((len(QUANTITIES), rounds))
    for n in range(rounds):
        start = mean(state.x)
        for k in range(gap):
            apart = float(((state.local - start) ** 2).sum())
            measured[:, n] += apart * (k == 0), apart
            state, _ = step_gossip(state, gradients[n, k], eta, k == gap - 1, W, lambda v, _: nothing.apply(v, None))
    squares = {**dict(zip(QUANTITIES, measured, strict=True)), "round_stochastic_sq": (gradients**2).sum(axis=(1, 2, 3))}
    squares["quantisation_noise_sq"] = np.zeros(rounds)
    return {name: column(*map(float, each))[None] for name, each in squares.items()}, float(measured[QUANTITIES.index(quantity)].sum())
