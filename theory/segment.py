"""What a Lipschitz gradient says along a segment: the slope at each of its points, and, integrated, the value at its end."""

from __future__ import annotations

import sympy as sp

from theory.claim import at_most, equals
from theory.rules import Certified, Combined, Granted, Integrated, Isolated, Rule
from theory.scenes import fact, lipschitz
from theory.symbols import L
from theory.vectors import Vector, dot, norm_sq, vector

_s = sp.Symbol("s", real=True, positive=True)  # where on the segment, up to 1 at its end
_slope = sp.Symbol("mean slope on the segment", real=True)
_there = vector("g_there")  # the gradient at x + s (y - x)


def below_tangent(f_end: sp.Expr, f_start: sp.Expr, g_start: Vector, way: Vector) -> Rule:
    """f at y is at most its tangent at x plus (L / 2) ||y - x||^2, y - x being the `way`."""
    on_segment = Certified(
        at_most(dot(_there, way), dot(g_start, way) + L * _s * norm_sq(way)),
        (fact("f has an L-Lipschitz gradient: at x and at x + s (y - x)", lipschitz(_there - g_start, _s * way), 1 / (2 * L * _s)),),
    )
    named = Granted(equals(_slope, dot(_there, way)), by="the slope of f along y - x at x + s (y - x) is <grad f there, y - x>")
    slopes = Integrated(Isolated(Combined((on_segment, named), (1, 1)), _slope), _s)
    whole = Granted(equals(f_end - f_start - _slope, 0), by="f(y) - f(x) is the integral of that slope over s from 0 to 1")
    return Isolated(Combined((slopes, whole), (1, 1)), f_end)
