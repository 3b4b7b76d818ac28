"""What is derived of a segment and of sums of steps, and that nothing stronger is."""

from __future__ import annotations

import pytest
import sympy as sp

from theory.claim import Relation, at_most
from theory.rules import Certified, Context, NotReached, Summed, derive
from theory.samples import first_noises, sums_of_steps
from theory.scenes import f_x, f_y, g_x, x, y
from theory.segment import below_tangent
from theory.symbols import L, R, n, sigma
from theory.vectors import average_norm_sq, dot, norm_sq, worker_vector

NOTHING_KNOWN = Context(lambda cited: pytest.fail(f"{cited} is cited"))
to, each = sp.Symbol("to", real=True), worker_vector("step_of_each")


@pytest.mark.parametrize(("share", "outcome"), [(sp.Rational(1, 2), "equal"), (sp.Rational(1, 3), "not reached")])
def test_a_function_lies_below_its_tangent_paraboloid_of_curvature_L_and_of_no_smaller_one(share: sp.Expr, outcome: str) -> None:
    printed = at_most(f_y, f_x + dot(g_x, y - x) + share * L * norm_sq(y - x))
    assert derive(below_tangent(f_y, f_x, g_x, y - x), printed, NOTHING_KNOWN).outcome == outcome


def test_sums_over_k_rest_on_an_inequality_for_each_k() -> None:
    relation = at_most(to, 2 * to)
    assert sums_of_steps(relation, "over k").derive(NOTHING_KNOWN) == relation
    less = Certified(at_most(n**2 * norm_sq(each.mean), (n - 1) * n * average_norm_sq(each)))
    with pytest.raises(NotReached):
        Summed(less, Relation(to, "<=", to), "over k").derive(NOTHING_KNOWN)


def test_first_noises_add_up_without_a_factor_because_they_are_uncorrelated() -> None:
    pairs = sp.Symbol("pairs", nonnegative=True)
    assert first_noises(to, pairs, sigma**2).derive(NOTHING_KNOWN) == at_most(to, pairs * sigma**2)
    assert first_noises(to, pairs, sigma**2, R).derive(NOTHING_KNOWN) == at_most(to, pairs * sigma**2 / R)
    with pytest.raises(NotReached):
        Certified(at_most(n**2 * norm_sq(each.mean), n * average_norm_sq(each))).derive(NOTHING_KNOWN)
