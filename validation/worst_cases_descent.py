"""The worst gradients and function gaps of Algorithm 1 of Qsparse-local-SGD, and of local SGD, on smooth functions, without noise.

One worker stands for all that have the same f: without noise they have the same iterates. Strongly convex functions may differ between
workers. Contraction maps are free; local SGD, which compresses nothing, is the run whose maps leave nothing.
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
    mean,
    times,
    within,
)
from validation.worst_cases_ef_sgd import interpolated


class _Setting(NamedTuple):
    """A run in units of L and of the start: steps, weights of the iterates and whether they synchronise after it, [T]; gamma None: no maps.

    With a modulus mu, of strong convexity, the output is the weighted mean iterate, else one drawn by the weights, of one worker.
    """

    etas: Sequence[float]
    weights: Sequence[float]
    synchronise: Sequence[bool]
    gamma: float | None
    G: float
    mu: float | None
    workers: int = 1


class _Instance(NamedTuple):
    """Of each worker's iterates, and with mu of the output: x, gradients of its f [workers, points, d], values [workers, points] above f*.

    With mu: x from the minimiser of f, where the gradients are `slopes` [workers, d], and values from those there.
    `left`: what the maps leave, [synchronisations, workers, d].
    """

    x: np.ndarray
    gradients: np.ndarray
    values: np.ndarray
    slopes: np.ndarray
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
    workers: int = 1,
) -> WorstCase:
    """Largest f(mean of the iterates x_t, t < T = n = horizon, with weights (a + t)^2) - f* (F) with the step steps / (mu (a + t)).

    Over L-smooth, mu-strongly convex f^(r), one for each of the workers, with ||grad f^(r)|| <= G (F/X) along the run, f their mean;
    without gamma under local SGD.
    Raises: ValueError for a number out of range.
    """
    check_count("horizon", horizon, 1)
    check_count("workers", workers, 1)
    check_positive(steps=steps, a=a, L=L, G=G, start_distance_sq=start_distance_sq)
    check_open("mu", mu, 0, L)
    if gamma is not None:
        check_open("gamma", gamma)
    letters = {"a": a, "L": L, "mu": mu, "G": G, "start_distance_sq": start_distance_sq, "gap": gap, "workers": workers}
    letters |= {} if gamma is None else {"gamma": gamma}
    eta_t = [Fraction(steps) / (Fraction(mu) * (Fraction(a) + t)) for t in range(horizon)]
    known = {"eta_t": column(*eta_t)[None]} | ({} if gamma is None else _memory_constant(a, gamma, gap))
    weights = [(a + t) ** 2 for t in range(horizon)]
    far = L * math.sqrt(start_distance_sq)
    setting = _Setting([float(eta) * L for eta in eta_t], weights, _every(gap, horizon), gamma, G / far, mu / L, workers)
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
    everything = {"workers": 1, **letters, "horizon": horizon, "batch": 1, "sigma_max": 0, "sigma_sq_sum": 0}
    who = "one worker" if setting.workers == 1 else "workers with functions of their own"
    return WorstCase(
        f"of {quantity} after n = {horizon} iterations of {who} on {kind} f, {listed(letters)}",
        value,
        times(solution.primal, unit),
        solution.multipliers,
        solution.status,
        math.nan if instance is None else _reference(setting, instance) * unit,
        {name: column(number) for name, number in everything.items()} | known | {quantity: column(value)},
        horizon,
    )


def _programme(setting: _Setting) -> tuple[performance.Solution, _Instance | None]:
    """The run on free residuals and functions with L = 1, and the instance that solves it."""
    from PEPit import PEP, Point
    from PEPit.expression import null_expression
    from PEPit.functions import SmoothFunction, SmoothStronglyConvexFunction
    from PEPit.point import null_point

    programme, workers = PEP(), range(setting.workers)
    slopes = [null_point] * setting.workers
    if setting.mu is None:
        functions = [programme.declare_function(SmoothFunction, L=1) for _ in workers]
    else:  # of positions relative to the minimiser, and values to those there
        functions = [programme.declare_function(SmoothStronglyConvexFunction, mu=setting.mu, L=1) for _ in workers]
        slopes[:-1] = [Point() for _ in workers][1:]
        slopes[-1] = -1 * sum(slopes[:-1], null_point)
        for f_r, slope in zip(functions, slopes, strict=True):
            f_r.add_point((null_point, slope, null_expression))
    x = programme.set_initial_point()
    x_hat, memory, visited, left, constraints = [x] * setting.workers, [null_point] * setting.workers, [], [], []
    for eta, synchronises in zip(setting.etas, setting.synchronise, strict=True):
        visited.append(x_hat)
        gradients = [f_r.gradient(x_r) for f_r, x_r in zip(functions, x_hat, strict=True)]
        constraints += [g**2 <= setting.G**2 for g in gradients]
        x_hat = [x_r - eta * g for x_r, g in zip(x_hat, gradients, strict=True)]
        if synchronises and setting.gamma is not None:
            compressed, memory = [m + x - x_r for m, x_r in zip(memory, x_hat, strict=True)], [Point() for _ in workers]
            constraints += [m**2 <= (1 - setting.gamma) * v**2 for m, v in zip(memory, compressed, strict=True)]
            left.append(memory)
            x = x - mean([v - m for v, m in zip(compressed, memory, strict=True)])
        elif synchronises:
            x = mean(x_hat)
        if synchronises:
            x_hat = [x] * setting.workers
    shares = [weight / sum(setting.weights) for weight in setting.weights]
    if setting.mu is None:
        # an interpolating function has its lowest value where a step of 1/L leads from some point
        (f,) = functions
        constraints += [f(point) - f.gradient(point) ** 2 / 2 >= 0 for (point,) in visited]
        constraints.append(f(visited[0][0]) <= 1)
        programme.set_performance_metric(sum(share * f.gradient(point) ** 2 for share, (point,) in zip(shares, visited, strict=True)))
    else:
        constraints.append(visited[0][0] ** 2 <= 1)
        output = sum((share * mean(points) for share, points in zip(shares, visited, strict=True)), null_point)
        visited.append([output] * setting.workers)
        programme.set_performance_metric(mean([f_r(output) for f_r in functions]))
    for constraint in constraints:
        programme.add_constraint(constraint)
    solution = performance.solve(programme, constraints, functions)
    if solution.value is None:
        return solution, None
    of_workers = [list(zip(functions, points, strict=True)) for points in visited]
    values = [[float(f_r(x_r).eval()) for f_r, x_r in each] for each in of_workers]
    at = found(visited).swapaxes(0, 1)
    slopes_there = found([[f_r.gradient(x_r) for f_r, x_r in each] for each in of_workers]).swapaxes(0, 1)
    return solution, _Instance(at, slopes_there, np.array(values).T, found(slopes), found(left))


def _reference(setting: _Setting, instance: _Instance) -> float:
    """What the reference reaches on the programme's own instance, NaN if no such functions have its gradients and values there."""
    horizon = len(setting.etas)
    gradients = np.concatenate([within(instance.gradients[:, :horizon], setting.G), instance.gradients[:, horizon:]], axis=1)
    shares = np.array(setting.weights) / sum(setting.weights)
    x = _iterates(setting, instance, np.swapaxes(gradients[:, :horizon], 0, 1))
    if setting.mu is None:
        exists = interpolated(x[:, 0], gradients[0], instance.values[0], 1.0, None)
        return float(shares @ (gradients[0] ** 2).sum(-1)) if exists else math.nan
    output = shares @ x.mean(1)
    for r in range(setting.workers):
        apart = np.vstack([x[:, r], output])
        # less the plane it has at the minimiser, and the parabola that strong convexity says it keeps, f^(r) is convex and least there
        values = instance.values[r] - apart @ instance.slopes[r] - setting.mu / 2 * (apart**2).sum(-1)
        slopes = gradients[r] - instance.slopes[r] - setting.mu * apart
        if not interpolated(apart, slopes, values, 1.0 - setting.mu, output * 0):
            return math.nan
    return float(instance.values[:, -1].mean())


def _iterates(setting: _Setting, instance: _Instance, gradients: np.ndarray) -> np.ndarray:
    """[T, workers, d]: where the reference goes with these gradients; the state after the last iteration is not one of the output's."""
    visited, start = [], instance.x[0, 0]
    if setting.gamma is None:
        local = local_sgd.init(start, setting.workers)
        for t, (g, eta) in enumerate(zip(gradients, setting.etas, strict=True)):
            visited.append(local.x)
            local = local_sgd.step(local, g, eta, setting.synchronise[t], setting.weights[t])[0]
        return np.array(visited)
    compress, state = leaving(instance.left, setting.gamma), qsparse_local_sgd.init(start, setting.workers)
    for g, eta, synchronises in zip(gradients, setting.etas, setting.synchronise, strict=True):
        visited.append(state.x_hat)
        state, _ = qsparse_local_sgd.step(state, g, eta, synchronises, compress)
    return np.array(visited)
