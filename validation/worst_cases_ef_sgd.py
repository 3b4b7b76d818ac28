"""The worst gradients and function values of error feedback on one smooth function, convex or not, contraction maps being free.

EF-SGD (Algorithm 1 of dist-EF-SGD), and Algorithms 2 and 4 with one worker: all workers have the same F, and a deterministic run has the
same gradient at each, so that more of them change nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from typing import NamedTuple

import numpy as np

from reference import dist_ef_sgd
from validation import performance
from validation.performance import (
    TOLERANCE,
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
    times,
    within,
)

QUANTITIES = {"output_gradient_sq": "initial_gap", "function_gap": "start_distance_sq"}
"""What is largest, and what is known of the start: the mean of ||grad F(x_t)||^2 over t < T, and F(x_T) - F*."""


class _Setting(NamedTuple):
    """A run with eta = 1 and a start at 1: whether the server compresses too and F is convex, and steps [iterations]."""

    two_way: bool
    convex: bool
    gamma: float
    L: float
    G: float
    beta: float
    steps: Sequence[float]

    @property
    def shares(self) -> np.ndarray:
        """Of each gradient in the mean [iterations]: Theorem 1 draws its output so; all alike where steps are."""
        steps = np.array(self.steps)
        weights = np.ones_like(steps) if (steps == steps[0]).all() else steps * (3 - 2 * self.L * steps)
        return weights / weights.sum()


class _Instance(NamedTuple):
    """Of the points where F is known, for eta = 1 and a start at 1: x, gradients [points, d], and values [points] above F*.

    A minimiser [d], where F is convex; what the maps of worker and server leave, [iterations, d].
    """

    x: np.ndarray
    gradients: np.ndarray
    values: np.ndarray
    minimiser: np.ndarray | None
    left: np.ndarray
    server_left: np.ndarray


def error_feedback(
    *,
    quantity: str = "output_gradient_sq",
    iterations: int,
    two_way: bool = True,
    convex: bool = False,
    gamma: float = 0.5,
    L: float = 1.0,
    eta: float = 0.3,
    G: float = 2.0,
    beta: float = 0.0,
    start: float = 1.0,
    step_growth: float = 1.0,
) -> WorstCase:
    """Largest `quantity` after n = iterations with steps eta step_growth^t, over L-smooth F bounded below, with ||grad F|| <= G on the way.

    `start` bounds F(x_0) - F* (F) for the gradients (F^2/X^2), and ||x_0 - x*||^2 (X^2) for the gap (F), which needs a convex F.
    `two_way`: the server compresses too, with Nesterov's momentum `beta`; else EF-SGD. The reference runs the gradients that the programme
    found; that a function with them exists is checked by the interpolation inequalities at the points that the run visits. Where steps
    change, gradients are weighted as Theorem 1 draws its output, and steps stay below 3 / (2 L).
    Raises: ValueError for an unknown quantity, a number out of range, momentum in EF-SGD or with steps that change, or a gap of a function
    that is not convex.
    """
    check_choice("quantity", quantity, QUANTITIES)
    check_count("iterations", iterations, 1)
    check_open("gamma", gamma)
    check_positive(L=L, eta=eta, G=G, start=start)
    if not 0 <= beta < 1 or (beta and not (two_way and step_growth == 1)):
        raise ValueError(f"beta must be at least 0 and below 1, and 0 with a step_growth or 0 without two_way, got {beta}")
    eta_t = [Fraction(eta) * Fraction(step_growth) ** t for t in range(iterations)]
    if step_growth != 1:
        check_open("step_growth", step_growth, 0, (3 / (2 * L * eta)) ** (1 / max(iterations - 1, 1)))
    if quantity == "function_gap" and not convex:
        raise ValueError("function_gap needs convex=True: a start at a known distance bounds nothing else")
    letters = {"L": L, "eta": eta, "G": G, "gamma": gamma, "beta": beta, QUANTITIES[quantity]: start}
    letters |= {} if step_growth == 1 else {"step_growth": step_growth}
    energy = start if quantity == "output_gradient_sq" else start / eta  # in F; solved with eta = 1 and a start at 1
    unit = energy / eta if quantity == "output_gradient_sq" else energy
    scale = math.sqrt(energy / eta)  # of gradients
    setting = _Setting(two_way, convex, gamma, L * eta, G / scale, beta, [step_growth**t for t in range(iterations)])
    solution, instance = _programme(quantity, setting)
    attained = math.nan if instance is None else _reference(quantity, instance, setting) * unit
    value = times(solution.value, unit)
    known = {**letters, "horizon": iterations, "workers": 1, "sigma": 0}
    kind = "convex" if convex else "smooth"
    return WorstCase(
        f"of {quantity} after n = {iterations} iterations {'both ways' if two_way else 'of EF-SGD'} on {kind} F, {listed(letters)}",
        value,
        times(solution.primal, unit),
        solution.multipliers,
        solution.status,
        attained,
        {name: column(number) for name, number in known.items() if step_growth == 1 or name != "eta"}
        | {"eta_t": column(*eta_t)[None], "peak_eta": column(*accumulate(eta_t, max))[None]}
        | {quantity: at_last(iterations, value) if quantity == "function_gap" else column(value)},
        iterations,
    )


def _programme(quantity: str, setting: _Setting) -> tuple[performance.Solution, _Instance | None]:
    """The run on free residuals and an L-smooth F, and the instance that solves it."""
    from PEPit import PEP, Point
    from PEPit.functions import SmoothConvexFunction, SmoothFunction
    from PEPit.point import null_point

    programme, convex, L = PEP(), setting.convex, setting.L
    f = programme.declare_function(SmoothConvexFunction if convex else SmoothFunction, L=L)
    minimiser = f.stationary_point() if convex else null_point
    least = f(minimiser) if convex else 0
    velocity, memory, server = null_point, null_point, null_point  # memories times the step that made them
    start = programme.set_initial_point() if convex else Point(is_leaf=False, decomposition_dict={})  # the origin will do
    visited, left, server_left, constraints = [start], [], [], []
    for step in setting.steps:
        g = f.gradient(visited[-1])
        constraints.append(g**2 <= setting.G**2)
        velocity = setting.beta * velocity + g
        compressed = step * (setting.beta * velocity + g) + memory
        memory = Point()
        constraints.append(memory**2 <= (1 - setting.gamma) * compressed**2)
        moved = compressed - memory
        left.append(memory)
        if setting.two_way:
            server_compressed, server = moved + server, Point()
            constraints.append(server**2 <= (1 - setting.gamma) * server_compressed**2)
            moved = server_compressed - server
            server_left.append(server)
        visited.append(visited[-1] - moved)
    last = len(setting.steps) + (quantity == "function_gap")
    points = visited[:last]
    values, gradients = [f(point) for point in points], [f.gradient(point) for point in points]
    if not convex:  # an interpolating function has its lowest value where a step of 1/L leads from some point
        constraints += [value - g**2 / (2 * L) >= least for value, g in zip(values, gradients, strict=True)]
    if quantity == "output_gradient_sq":
        constraints.append(values[0] - least <= 1)
        programme.set_performance_metric(sum(share * g**2 for share, g in zip(setting.shares, gradients, strict=True)))
    else:
        constraints.append((visited[0] - minimiser) ** 2 <= 1)
        programme.set_performance_metric(values[-1] - least)
    for constraint in constraints:
        programme.add_constraint(constraint)
    solution = performance.solve(programme, constraints, [f])
    if solution.value is None:
        return solution, None
    above = np.array([float((value - least).eval()) for value in values])
    lowest = minimiser.eval() if convex else None
    return solution, _Instance(found(points), found(gradients), above, lowest, found(left), found(server_left or left))


def _reference(quantity: str, instance: _Instance, setting: _Setting) -> float:
    """What the reference reaches on the programme's own instance, NaN if no function has its gradients and values where the run goes."""
    iterations, visited = len(setting.steps), [instance.x[0]]
    gradients = np.vstack([within(instance.gradients[:iterations], setting.G), instance.gradients[iterations:]])
    each = np.array(setting.steps)[:, None] if setting.two_way else 1  # Algorithm 1 keeps the step in its memory
    compress, server_compress = leaving(instance.left / each, setting.gamma), leaving(instance.server_left / each, setting.gamma)
    single, state = dist_ef_sgd.init_single(visited[0]), dist_ef_sgd.init(visited[0], 1)
    for g, step in zip(gradients[:iterations], setting.steps, strict=True):
        if setting.two_way:
            state, _ = dist_ef_sgd.step(
                state, g[None], step, lambda v, u: compress(v[0], u)[None], server_compress=server_compress, beta=setting.beta
            )
        else:
            single, _ = dist_ef_sgd.step_single(single, g, step, compress)
        visited.append(state.x if setting.two_way else single.x)
    x = np.array(visited[: len(gradients)])
    if not interpolated(x, gradients, instance.values, setting.L, instance.minimiser):
        return math.nan
    return float(instance.values[-1] if quantity == "function_gap" else setting.shares @ (gradients**2).sum(-1))


def interpolated(x: np.ndarray, g: np.ndarray, f: np.ndarray, L: float, minimiser: np.ndarray | None) -> bool:
    """Whether an L-smooth function, convex where a minimiser is given, has these values above its lowest and gradients, to TOLERANCE.

    x, g [points, d], f [points]. Convex: Taylor, Hendrickx, Glineur 2017, Theorem 4. Else: Drori, Shamir 2020, Theorem 7.
    """
    if minimiser is not None:
        x, g, f = np.vstack([x, minimiser]), np.vstack([g, np.zeros_like(minimiser)]), np.append(f, 0)
    apart, change = x[:, None] - x, g[:, None] - g
    slack = f[:, None] - f
    if minimiser is not None:
        slack = slack - (g * apart).sum(-1) - (change**2).sum(-1) / (2 * L)
    else:
        slack = slack - ((g[:, None] + g) * apart).sum(-1) / 2 - (change**2).sum(-1) / (4 * L) + L * (apart**2).sum(-1) / 4
        slack = np.append(slack.ravel(), f - (g**2).sum(-1) / (2 * L))
    return bool((slack >= -TOLERANCE * max(1, np.abs(f).max())).all())
