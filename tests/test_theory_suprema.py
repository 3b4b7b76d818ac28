"""Suprema after finitely many steps: proved from above and from below, and a planted error is not."""

from dataclasses import replace

import pytest
import sympy as sp

from theory.qsparse_local_sgd import CLAIMS
from theory.suprema import SUPREMA, step_growth
from theory.symbols import G, H, R, eta, gamma, momentum

STORED = sp.sqrt(1 - gamma) / step_growth  # what is left of a stored error
LIMITS = {
    "qsparse_local_sgd/lemma-5": (1 - gamma) * (1 + sp.sqrt(1 - gamma)) ** 2 / gamma**2 * (eta * H * G) ** 2,
    "qsparse_local_sgd/lemma-12": (sp.sqrt(1 - gamma) * (1 + sp.sqrt(1 - gamma)) / gamma + sp.Rational(1, 4)) ** 2 * (eta * H * G) ** 2,
    "dist_ef_sgd/lemma-2/constant-step": 4 * (1 - gamma) * G**2 / (1 - sp.sqrt(1 - gamma)) ** 4,
    "dist_ef_sgd/lemma-2/nondecreasing-step": (1 - gamma) * G**2 * (2 + sp.sqrt(1 - gamma) - STORED) ** 2 / (1 - STORED) ** 4,
    "mdsgd/lemma-7/momentum": G**2 / (1 - momentum) ** 2,
    "dist_ef_sgd/lemma-5": G**2 / (1 - momentum) ** 2,
    "dist_ef_sgd/eq-6": (1 - gamma) * G**2 / ((1 - sp.sqrt(1 - gamma)) ** 2 * (1 - momentum) ** 2),
    "mdsgd/sec-7/three-strategies": (1 - gamma) * G**2 / ((1 - sp.sqrt(1 - gamma)) ** 2 * (1 - momentum) ** 2),
}


@pytest.mark.parametrize("claim_id", SUPREMA)
def test_the_closed_form_is_proved_from_above_and_from_below(claim_id):
    assert SUPREMA[claim_id].prove() == ""


@pytest.mark.parametrize("claim_id", SUPREMA)
def test_a_closed_form_one_percent_too_small_is_not(claim_id):
    supremum = SUPREMA[claim_id]
    assert replace(supremum, norm=supremum.norm * sp.Rational(99, 100)).prove().startswith("from above")


@pytest.mark.parametrize("claim_id", SUPREMA)
def test_a_run_that_falls_short_or_is_not_the_listings_is_noticed(claim_id):
    supremum = SUPREMA[claim_id]
    short = replace(supremum.run, reaches=supremum.run.reaches / 2)
    assert replace(supremum, run=short).prove().startswith("from below only")
    wrong = replace(supremum.run, step={state: update * 2 for state, update in supremum.run.step.items()})
    assert "is not what the step makes" in wrong.check()
    late = replace(supremum.run, states={state: form + 1 for state, form in supremum.run.states.items()})
    assert "does not start at" in late.check()


@pytest.mark.parametrize("claim_id", SUPREMA)
def test_the_limit_is_the_sharp_constant_and_no_horizon_reaches_it(claim_id):
    supremum = SUPREMA[claim_id]
    assert sp.simplify(supremum.limit - LIMITS[claim_id]) == 0
    at = {gamma: sp.Rational(3, 10), G: 2, eta: 3, H: 4, momentum: sp.Rational(1, 2), step_growth: sp.Rational(5, 4)}
    far = [float((supremum.value / LIMITS[claim_id]).subs({**at, supremum.index: n}).evalf()) for n in (1, 10, 100, 200)]
    assert far[0] < far[1] < far[2] <= 1
    assert far[-1] == pytest.approx(1)


def test_the_limit_of_two_workers_in_turn_is_the_improved_lemma_12():
    (lemma,) = (claim for claim in CLAIMS if claim.id == "qsparse_local_sgd/lemma-12")
    assert lemma.improvement is not None
    assert lemma.improvement.relation is not None
    assert sp.simplify(lemma.improvement.relation.rhs.subs({H: 2, R: 2}) - SUPREMA["qsparse_local_sgd/lemma-12"].limit.subs(H, 2)) == 0
