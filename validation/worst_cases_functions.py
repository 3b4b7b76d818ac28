"""The worst case of one function: its squared gradient against its gap to the minimum."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from reference.problems import quadratic
from theory.scenes import f_least, f_x, g_x
from theory.vectors import norm_sq
from validation import performance
from validation.performance import WorstCase, check_positive, column, times


def smooth(*, L: float = 2.0) -> WorstCase:
    """Largest ||grad f(x)||^2 (F^2/X^2) where f(x) - f* is at most 1 F, over L-smooth convex functions.

    Raises: ValueError unless L is positive.
    """
    from PEPit.functions import SmoothConvexFunction

    return _squared_gradient("L", L, SmoothConvexFunction, largest=True)


def strongly_convex(*, mu: float = 0.5) -> WorstCase:
    """Smallest ||grad f(x)||^2 (F^2/X^2) where f(x) - f* is at least 1 F, over mu-strongly convex functions.

    Raises: ValueError unless mu is positive.
    """
    from PEPit.functions import StronglyConvexFunction

    return _squared_gradient("mu", mu, StronglyConvexFunction, largest=False)


def _squared_gradient(letter: str, curvature: float, functions: Any, largest: bool) -> WorstCase:
    from PEPit import PEP

    check_positive(**{letter: curvature})
    sign = 1 if largest else -1
    programme = PEP()
    f = programme.declare_function(functions, **{letter: 1})  # curvature 1; the squared gradient scales with it
    minimiser, x = f.stationary_point(), programme.set_initial_point()
    constraint = sign * (f(x) - f(minimiser)) <= sign
    programme.set_initial_condition(constraint)
    programme.set_performance_metric(sign * f.gradient(x) ** 2)
    solution = performance.solve(programme, [constraint], [f])
    value = times(solution.value, sign * curvature)

    parabola = quadratic(np.full((1, 1), curvature), np.zeros((1, 1, 1)))
    at = np.array([math.sqrt(2 / curvature)])
    # the parabola is smooth and strongly convex with its curvature, so that both letters can be this one
    attained = float((parabola.gradient(0, at, 0) ** 2).sum() / (parabola.loss(at) - parabola.f_star))
    measured = {"L": curvature, letter: curvature, norm_sq(g_x).name: value, f_x.name: 1, f_least.name: 0}
    return WorstCase(
        f"of ||grad f(x)||^2 where f(x) - f* = 1, {letter} = {curvature:g}",
        value,
        times(solution.primal, sign * curvature),
        solution.multipliers,
        solution.status,
        attained,
        {name: column(each) for name, each in measured.items()},
    )
