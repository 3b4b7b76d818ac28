"""The worst gradients and function gaps of Algorithm 1 of Qsparse-local-SGD, and of local SGD, on one smooth function, without noise.

One worker stands for all: where they have the same f and no noise, they have the same iterates. Contraction maps are free; local SGD, which
compresses nothing, is the run whose maps leave nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from reference import local_sgd, qsparse_local_sgd
from validation import performance
from validation.performance import (
    WorstCase,
    check_count,
    check_open,
    check_positive,
    column,
    found,
    leaving,
    listed,
    times,
    within,
)
from validation.worst_cases_ef_sgd import interpolated


class _Setting(NamedTuple):
    """A run in units of L and of the start: steps, weights of the iterates and whether they synchronise after it, [T]; gamma None: no maps.

    With a modulus mu, of strong convexity, the output is the weighted mean iterate, else one drawn by the weights.
    """

    etas: Sequence[float]
    weights: Sequence[float]
    synchronise: Sequence[bool]
    gamma: float | None
    G: float
    mu: float | None


class _Instance(NamedTuple):
    """Of the iterates, and with mu of their mean and the minimiser [d]: x, gradients [points, d], values [points] above f*.

    `left`: what the maps leave, [synchronisations, d].
    """

    x: np.ndarray
    gradients: np.ndarray
    values: np.ndarray
    minimiser: np.ndarray | None
    left: np.ndarray


def horizon_step(
    *, horizon: int, gap: int = 2, gamma: float = 0.5, C_hat: float = 0.5, L: float = 1.0, G: float = 1.0, initial_gap: float = 1.0
) -> WorstCase:
    """Largest mean of ||grad f||^2 (F^2/X^2) over T = n = horizon iterations with the step C_hat / sqrt(T), over L-smooth f bounded below.

    With ||grad f|| <= G (F/X) along the run. Raises: ValueError for a number out of range.
    """
    check_count("horizon", horizon, 1)
    check_positive(C_hat=C_hat)
    letters = {"C_hat": C_hat, "L": L, "G": G, "initial_gap": initial_gap, "gap": gap, "gamma": gamma}
    eta = C_hat / math.sqrt(horizon)
    return _gradient([eta] * horizon, [1] * horizon, letters, {"eta": column(eta)})


def decaying_step(
    *,
    horizon: int,
    gap: int = 2,
    gamma: float = 0.5,
    step_scale: float = 5.0,
    a: float = 20.0,
    L: float = 1.0,
    G: float = 1.0,
    initial_gap: float = 1.0,
) -> WorstCase:
    """Largest mean of ||grad f||^2 (F^2/X^2), weighted by the steps step_scale / (a + t), over T = n = horizon; else as `horizon_step`."""
    check_count("horizon", horizon, 1)
    check_positive(step_scale=step_scale, a=a)
    letters = {"step_scale": step_scale, "a": a, "L": L, "G": G, "initial_gap": initial_gap, "gap": gap, "gamma": gamma}
    eta_t = [Fraction(step_scale) / (Fraction(a) + t) for t in range(horizon)]
    known = {"eta_t": column(*eta_t)[None]} | _memory_constant(a, gamma, gap)
    return _gradient([float(eta) for eta in eta_t], [float(eta) for eta in eta_t], letters, known)


def _gradient(etas: Sequence[float], weights: Sequence[float], letters: dict[str, float], known: dict[str, np.ndarray]) -> WorstCase:
    L, G, start = letters["L"], letters["G"], letters["initial_gap"]
    check_positive(L=L, G=G, initial_gap=start)
    check_open("gamma", letters["gamma"])
    synchronise = _every(letters["gap"], len(etas))
    unit = L * start  # of a squared gradient, in units of L and the gap at the start
    setting = _Setting([eta * L for eta in etas], weights, synchronise, letters["gamma"], G / math.sqrt(unit), None)
    return _solved("output_gradient_sq", setting, unit, letters, known)


def weighted_mean(
    *,
    horizon: int,
    gap: int = 1,
    gamma: float | None = None,
    steps: float = 4.0,
    a: float = 16.5,
    L: float = 1.0,
    mu: float = 0.25,
    G: float = 1.0,
    start_distance_sq: float = 1.0,
) -> WorstCase:
    """Largest f(mean of the iterates x_t, t < T = n = horizon, with weights (a + t)^2) - f* (F) with the step steps / (mu (a + t)).

    Over L-smooth, mu-strongly convex f with ||grad f|| <= G (F/X) along the run; without gamma under local SGD.
    Raises: ValueError for a number out of range.
    """
    check_count("horizon", horizon, 1)
    check_positive(steps=steps, a=a, L=L, G=G, start_distance_sq=start_distance_sq)
    check_open("mu", mu, 0, L)
    if gamma is not None:
        check_open("gamma", gamma)
    letters = {"a": a, "L": L, "mu": mu, "G": G, "start_distance_sq": start_distance_sq, "gap": gap}
    letters |= {} if gamma is None else {"gamma": gamma}
    eta_t = [Fraction(steps) / (Fraction(mu) * (Fraction(a) + t)) for t in range(horizon)]
    known = {"eta_t": column(*eta_t)[None]} | ({} if gamma is None else _memory_constant(a, gamma, gap))
    weights = [(a + t) ** 2 for t in range(horizon)]
    far = L * math.sqrt(start_distance_sq)
    setting = _Setting([float(eta) * L for eta in eta_t], weights, _every(gap, horizon), gamma, G / far, mu / L)
    return _solved("output_gap", setting, L * start_distance_sq, letters, known)


def _every(gap: float, horizon: int) -> list[bool]:
    check_count("gap", gap, 1)
    return [t % int(gap) == 0 for t in range(1, horizon + 1)]


def _memory_constant(a: float, gamma: float, gap: float) -> dict[str, np.ndarray]:
    """C of Lemma 4, the smallest that it allows, where a is large enough for one."""
    shift, kept = Fraction(a), Fraction(gamma)
    margin = shift * kept - 4 * Fraction(gap)
    return {"C": column(4 * shift * kept * (1 - kept**2) / margin)} if margin > 0 else {}


def _solved(quantity: str, setting: _Setting, unit: float, letters: dict[str, float], known: dict[str, np.ndarray]) -> WorstCase:
    solution, instance = _programme(setting)
    value, horizon = times(solution.value, unit), len(setting.etas)
    kind = "smooth" if setting.mu is None else "strongly convex"
    everything = {**letters, "horizon": horizon, "workers": 1, "batch": 1, "sigma_max": 0, "sigma_sq_sum": 0}
    return WorstCase(
        f"of {quantity} after n = {horizon} iterations of one worker on {kind} f, {listed(letters)}",
        value,
        times(solution.primal, unit),
        solution.multipliers,
        solution.status,
        math.nan if instance is None else _reference(setting, instance) * unit,
        {name: column(number) for name, number in everything.items()} | known | {quantity: column(value)},
        horizon,
    )


def _programme(setting: _Setting) -> tuple[performance.Solution, _Instance | None]:
    """The run on free residuals and one f with L = 1, and the instance that solves it."""
    from PEPit import PEP, Point
    from PEPit.functions import SmoothFunction, SmoothStronglyConvexFunction
    from PEPit.point import null_point

    programme = PEP()
    if setting.mu is None:
        f = programme.declare_function(SmoothFunction, L=1)
        minimiser, least = null_point, 0
    else:
        f = programme.declare_function(SmoothStronglyConvexFunction, mu=setting.mu, L=1)
        minimiser = f.stationary_point()
        least = f(minimiser)
    x = x_hat = programme.set_initial_point()
    memory, visited, left, constraints = null_point, [], [], []
    for eta, synchronises in zip(setting.etas, setting.synchronise, strict=True):
        visited.append(x_hat)
        g = f.gradient(x_hat)
        constraints.append(g**2 <= setting.G**2)
        x_hat = x_hat - eta * g
        if synchronises and setting.gamma is not None:
            compressed, memory = memory + x - x_hat, Point()
            constraints.append(memory**2 <= (1 - setting.gamma) * compressed**2)
            left.append(memory)
            x = x_hat = x - (compressed - memory)
    shares = [weight / sum(setting.weights) for weight in setting.weights]
    if setting.mu is None:
        # an interpolating function has its lowest value where a step of 1/L leads from some point
        constraints += [f(point) - f.gradient(point) ** 2 / 2 >= 0 for point in visited]
        constraints.append(f(visited[0]) <= 1)
        programme.set_performance_metric(sum(share * f.gradient(point) ** 2 for share, point in zip(shares, visited, strict=True)))
    else:
        constraints.append((visited[0] - minimiser) ** 2 <= 1)
        visited.append(sum((share * point for share, point in zip(shares, visited, strict=True)), null_point))
        programme.set_performance_metric(f(visited[-1]) - least)
    for constraint in constraints:
        programme.add_constraint(constraint)
    solution = performance.solve(programme, constraints, [f])
    if solution.value is None:
        return solution, None
    values = np.array([float((f(point) - least).eval()) for point in visited])
    lowest = None if setting.mu is None else minimiser.eval()
    return solution, _Instance(found(visited), found([f.gradient(point) for point in visited]), values, lowest, found(left))


def _reference(setting: _Setting, instance: _Instance) -> float:
    """What the reference reaches on the programme's own instance, NaN if no such function has its gradients and values there."""
    horizon = len(setting.etas)
    gradients = np.vstack([within(instance.gradients[:horizon], setting.G), instance.gradients[horizon:]])
    shares = np.array(setting.weights) / sum(setting.weights)
    x = _iterates(setting, instance, gradients[:horizon])
    if setting.mu is None:
        exists = interpolated(x, gradients, instance.values, 1.0, None)
        return float(shares @ (gradients**2).sum(-1)) if exists else math.nan
    assert instance.minimiser is not None
    x = np.vstack([x, shares @ x])
    apart = x - instance.minimiser  # less the parabola that strong convexity says f keeps, f is convex
    values = instance.values - setting.mu / 2 * (apart**2).sum(-1)
    exists = interpolated(x, gradients - setting.mu * apart, values, 1.0 - setting.mu, instance.minimiser)
    return float(instance.values[-1]) if exists else math.nan


def _iterates(setting: _Setting, instance: _Instance, gradients: np.ndarray) -> np.ndarray:
    """[T, d]: where the reference goes; the state after the last iteration is not one of the output's."""
    visited = []
    if setting.gamma is None:
        local = local_sgd.init(instance.x[0], 1)
        for t, (g, eta) in enumerate(zip(gradients, setting.etas, strict=True)):
            visited.append(local.x[0])
            local = local_sgd.step(local, g[None], eta, setting.synchronise[t], setting.weights[t])[0]
        return np.array(visited)
    compress, state = leaving(instance.left, setting.gamma), qsparse_local_sgd.init(instance.x[0], 1)
    for g, eta, synchronises in zip(gradients, setting.etas, setting.synchronise, strict=True):
        visited.append(state.x_hat[0])
        state, _ = qsparse_local_sgd.step(state, g[None], eta, synchronises, lambda v, u: compress(v[0], u)[None])
    return np.array(visited)
