"""The nearest neighbour, measured: one step of EF or EF21 as a semidefinite programme, its closed form, and the parabola that attains it.

For callers: `contraction(method, ...)` answers a `WorstCase` whose value is the contraction of the Lyapunov function, a pure number;
`rows()` sets several beside the closed form of `theory.neighbour`; `verdicts()` judges the claims that prove it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from reference import dist_ef_sgd
from reference import neighbour as ef21
from reference.problems import quadratic
from theory import neighbour
from theory.symbols import L as smoothness
from theory.symbols import eta as step_size
from theory.symbols import gamma as contraction_coefficient
from theory.symbols import mu as strong_convexity
from validation import performance
from validation.attack import EFFORTS
from validation.performance import WorstCase, check_choice, check_open, check_positive, column, listed, times
from validation.verdict import Ledger, Verdict

METHODS = ("ef", "ef21")
SETTINGS = ((0.1, 0.5, 1.0), (0.01, 0.1, 1.0), (0.5, 0.9, 0.4), (0.1, 0.3, 1.7))
"""mu (with L = 1), gamma, and the step over the best one: at the best step, below it, and above it (where the method may diverge)."""


@dataclass(frozen=True)
class Row:
    """One setting: the programme's value and the reference's (in `worst`) beside the closed form.

    `difference`: of the value from the closed form, relative and signed; NaN where the solver failed.
    """

    method: str
    worst: WorstCase
    closed_form: float

    @property
    def difference(self) -> float:
        return math.nan if self.worst.value is None else self.worst.value / self.closed_form - 1


def best_step(L: float, mu: float, gamma: float) -> float:
    """The step (X^2/F) at which EF and EF21 contract fastest."""
    return _number(neighbour.BEST_STEP, L, mu, gamma, 1.0)


def closed_form(L: float, mu: float, gamma: float, eta: float) -> float:
    """What a step of EF or of EF21 multiplies its Lyapunov function by, at worst."""
    return _number(neighbour.RATE, L, mu, gamma, eta)


def contraction(method: str, *, L: float = 1.0, mu: float = 0.1, gamma: float = 0.5, eta: float | None = None) -> WorstCase:
    """Largest factor of the Lyapunov function in one step from any state, over L-smooth mu-strongly convex f and contraction maps.

    `eta` (X^2/F) is the best step if not given. The value is positive everywhere; above 1 the method diverges.
    Raises: ValueError for an unknown method or a number out of range.
    """
    check_choice("method", method, METHODS)
    check_positive(L=L, mu=mu)
    check_open("gamma", gamma)
    if mu >= L:
        raise ValueError(f"mu must be below L = {L:g}, got {mu}")
    eta = best_step(L, mu, gamma) if eta is None else eta
    check_positive(eta=eta)
    letters = {"L": L, "mu": mu, "gamma": gamma, "eta": eta}
    solution = _programme(method, mu / L, gamma, eta * L)  # solved with L = 1, so that the solver's tolerances mean the same at every scale
    return WorstCase(
        f"of the Lyapunov function after n = 1 step of {method}, {listed(letters)}",
        times(solution.value, 1.0),
        times(solution.primal, 1.0),
        solution.multipliers,
        solution.status,
        _reference(method, L, mu, gamma, eta),
        {name: column(number) for name, number in letters.items()},
        1,
    )


def rows(settings: Sequence[tuple[float, float, float]] = SETTINGS) -> list[Row]:
    """Both methods at (mu, gamma, eta over the best step), with L = 1."""
    found = []
    for mu, gamma, share in settings:
        eta = share * best_step(1.0, mu, gamma)
        found += [Row(method, contraction(method, mu=mu, gamma=gamma, eta=eta), closed_form(1.0, mu, gamma, eta)) for method in METHODS]
    return found


def verdicts() -> Mapping[str, Verdict]:
    """Each claim of `theory.neighbour`, judged."""
    ledger = Ledger(neighbour.CLAIMS, EFFORTS["quick"], 0)
    return {claim.id: ledger[claim.id] for claim in neighbour.CLAIMS}


def _number(expression: Any, L: float, mu: float, gamma: float, eta: float) -> float:
    return float(expression.subs({smoothness: L, strong_convexity: mu, contraction_coefficient: gamma, step_size: eta}))


def _programme(method: str, mu: float, gamma: float, eta: float) -> performance.Solution:
    """One step from a free state: what is compressed leaves a free residual."""
    from PEPit import PEP, Point
    from PEPit.functions import SmoothStronglyConvexFunction

    s = math.sqrt(1 - gamma)
    programme = PEP()
    f = programme.declare_function(SmoothStronglyConvexFunction, mu=mu, L=1)
    x, other, left = programme.set_initial_point(), Point(), Point()
    g = f.gradient(x)
    if method == "ef":
        minimiser, compressed = f.stationary_point(), other + eta * g
        before = _lyapunov(method, s, x - minimiser, other)
        after = _lyapunov(method, s, x - compressed + left - minimiser, left)
    else:
        next_g = f.gradient(x - eta * other)
        compressed = next_g - other
        before, after = _lyapunov(method, s, g, other), _lyapunov(method, s, next_g, next_g - left)
    constraints = [before <= 1, left**2 <= (1 - gamma) * compressed**2]
    for constraint in constraints:
        programme.add_constraint(constraint)
    programme.set_performance_metric(after)
    return performance.solve(programme, constraints, [f])


def _reference(method: str, L: float, mu: float, gamma: float, eta: float) -> float:
    """What the reference reaches on a parabola of curvature mu or L, C(p) = (1 + s) p, from the eigenvector of its step."""
    s = math.sqrt(1 - gamma)
    turns = {curvature: 1 - s - (1 + s) * eta * curvature for curvature in (mu, L)}
    curvature = max(turns, key=lambda each: abs(turns[each]))
    turn = turns[curvature]
    z = (turn + math.copysign(math.sqrt(turn**2 + 4 * s), turn)) / 2  # z - s / z = turn
    parabola = quadratic(np.full((1, 1), curvature), np.zeros((1, 1, 1)))

    def gradient(x: np.ndarray) -> np.ndarray:
        return parabola.gradients(x[None], np.zeros((1, 1), dtype=int))[0]

    def compress(v: np.ndarray, uniforms: np.ndarray | None) -> np.ndarray:
        return (1 + s) * v

    x = np.ones(1)
    if method == "ef":
        start = dist_ef_sgd.Single(x, -s * eta * curvature / (z + s) * x)
        after, _ = dist_ef_sgd.step_single(start, gradient(x), eta, compress)
        states = [(each.x, each.memory) for each in (start, after)]
    else:
        begin = ef21.init(x, (1 - z) / (eta * curvature) * gradient(x))
        ended, _ = ef21.step(begin, gradient, eta, compress)
        states = [(gradient(each.x), each.estimate) for each in (begin, ended)]
    first, last = (float(_lyapunov(method, s, *state)) for state in states)
    return last / first


def _lyapunov(method: str, s: float, one: Any, other: Any) -> Any:
    """The Lyapunov function of (x - x*, e) for EF, of (gradient, estimate) for EF21; of free points or arrays."""
    apart = performance.square(one - other)
    return apart + performance.square(other) / s if method == "ef" else apart + s * performance.square(one)
