"""Lemma 11 of M-DSGD with nothing lost: derived, attained, and a planted error is not."""

import pytest
import sympy as sp

from theory.claim import at_most
from theory.mean_iterate import BOUND, LEFT, RELATION, mean_iterate, prove
from theory.papers import claims
from theory.rules import Context, derive
from theory.symbols import G, T, U, eta, output_gap, start_distance_sq
from theory.symbols import momentum as beta

IN_FORCE = Context(lambda claim_id: pytest.fail(f"nothing is cited, got {claim_id}"), (beta < 1, U > 0))
HALF = sp.Rational(1, 2)


def test_the_bound_is_derived():
    assert derive(BOUND, RELATION, IN_FORCE).outcome == "equal"


def test_a_bound_one_percent_smaller_is_not():
    assert derive(BOUND, at_most(output_gap, RELATION.rhs * sp.Rational(99, 100)), IN_FORCE).outcome == "not reached"


def test_it_is_attained():
    assert prove() == ""


@pytest.mark.parametrize("planted", [mean_iterate(LEFT) * sp.Rational(101, 100), mean_iterate(LEFT) + eta * G * U / T], ids=["scaled", "U"])
def test_a_larger_bound_is_not(planted):
    assert prove(planted) != ""


@pytest.mark.parametrize("distance", [HALF, 3, 20])
@pytest.mark.parametrize("b", [sp.S.Zero, HALF])
def test_it_is_below_the_improved_lemma_11_and_comes_near_it_on_long_runs(distance, b):
    (lemma,) = (claim for claim in claims() if claim.id == "mdsgd/lemma-11")
    at = {G: 2, U: 1, eta: sp.Rational(1, 5), beta: b}
    for horizon, share in ((1, 0.0), (4, 0.3), (400, 0.98)):
        here = {**at, T: horizon, start_distance_sq: distance**2}
        sharp, constant = (float(side.subs(here)) for side in (RELATION.rhs, lemma.readings[0].relation.rhs))
        assert sharp < constant
        if float(LEFT.subs(here)) == 0:
            assert sharp > share * float(((1 - beta) * start_distance_sq / (2 * eta * T) + eta * G * U).subs(here))
