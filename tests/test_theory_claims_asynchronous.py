"""The claims of chapter 4, Table 5.2, Appendix D and Theorem 6 come out as derivation, decision and exact witnesses say."""

from __future__ import annotations

import os
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest
import sympy as sp
from sympy.core.function import AppliedUndef

from reference.exact import rationals
from reference.qsparse_local_sgd import asynchronous_init, asynchronous_step
from theory.asymptotics import Rate
from theory.claim import IMPROVED, Reading, Relation, at_most
from theory.qsparse_local_sgd import CLAIMS as ALL
from theory.qsparse_local_sgd import asynchronous, asynchronous_proofs
from theory.rules import Context, NotReached, derive
from theory.symbols import P_T, S_T, C, G, H, R, a, eta, gamma, lag_sq, sigma_sq_sum, start_distance_sq
from theory.transcription import occurs
from validation.attack import ARENAS

PAPERS = os.environ.get("TIGHTROPE_PAPERS", "")
OWN = (*asynchronous.CLAIMS, *asynchronous_proofs.CLAIMS, *asynchronous_proofs.THEOREM)
BY_ID = {claim.id: claim for claim in ALL}
CLAIMS = {claim.id.removeprefix("qsparse_local_sgd/"): claim for claim in OWN}
DERIVED = sorted(name for name, claim in CLAIMS.items() if any(reading.follows for reading in claim.readings))
AMENDED = {"corollary-4/step-size", "theorem-4"}
"""Derived statements that are printed otherwise."""
TWO_WORKERS = {
    "horizon": 3, "gap": 2, "synchronise": [[2, 3], [1, 3]], "batch": 1, "operator": {"name": "identity"}, "gamma": "1",
    "step": {"rule": "fixed", "eta": "1"}, "start": ["0"],
    "functions": [[[{"slope": slope, "curvature": "0", "knots": [], "bends": []}]] for slope in ("1", "-1")],
    "constants": {"L": "0", "G": "1", "sigma_sq": ["0", "0"]},
}  # fmt: skip


@cache
def standing(claim_id: str) -> Relation:
    """The relation that derivations may cite: the first reading, or the correction where a derivation cannot reach it."""
    claim = BY_ID[claim_id.removesuffix(IMPROVED)]
    for reading in (claim.improvement,) if claim_id.endswith(IMPROVED) else (*claim.readings, claim.correction):
        if reading is not None and reading.relation is not None:
            reached = reading.follows is None or outcome(reading) in ("equal", "dominated")
            if reached:
                return reading.relation
    raise NotReached(f"nothing of {claim_id} stands")


def outcome(reading: Reading) -> str:
    assert reading.follows is not None
    assert reading.relation is not None
    return derive(reading.follows, reading.relation, Context(standing, reading.conditions)).outcome


def test_every_id_is_unique_and_stands_in_the_paper_of_all_claims():
    assert len(CLAIMS) == len(OWN)
    assert len(BY_ID) == len(ALL)
    assert {claim.id for claim in OWN} <= set(BY_ID)


@pytest.mark.skipif(not PAPERS, reason="TIGHTROPE_PAPERS does not say where the papers are")
def test_every_formula_occurs_in_the_paper():
    text = (Path(PAPERS) / "qsparse_local_sgd.txt").read_text(encoding="utf-8")
    missing = [(name, printed) for name, claim in CLAIMS.items() for printed in claim.latex if occurs(printed, text) is None]
    assert not missing


@pytest.mark.parametrize("name", [name for name in DERIVED if name not in AMENDED])
def test_what_is_derived_is_what_is_printed(name):
    assert all(outcome(reading) in ("equal", "dominated") for reading in CLAIMS[name].readings if reading.follows)


@pytest.mark.parametrize("name", sorted(AMENDED))
def test_a_misprint_is_not_derived_and_its_correction_is(name):
    claim = CLAIMS[name]
    assert outcome(claim.readings[0]) == "not reached"
    assert claim.correction is not None
    assert outcome(claim.correction) in ("equal", "dominated")


@pytest.mark.parametrize("name", ["lemma-9", "lemma-10", "lemma-11", "lemma-12", "theorem-3", "theorem-4", "theorem-6"])
def test_the_fourth_power_of_the_gap_can_be_done_without(name):
    improvement = CLAIMS[name].improvement
    assert improvement is not None
    assert improvement.relation is not None
    assert outcome(improvement) in ("equal", "dominated")
    letters = {S_T: sp.Integer(1), P_T: sp.Integer(1), start_distance_sq: sp.Integer(0)}
    gap = sp.Symbol("h", positive=True)
    bound = improvement.relation.rhs.xreplace(letters).subs({gamma: sp.Rational(3, 4), a: 8 * H}).subs(H, gap)
    power = 0 if name == "theorem-6" else 2  # there the steps are xi / (a + t), and a grows with H
    assert sp.limit(bound.subs(sigma_sq_sum, 0) / gap ** (power + 1), gap, sp.oo) == 0
    assert sp.limit(bound.subs(sigma_sq_sum, 0) / gap**power, gap, sp.oo) != 0


SHARPER = ["D.3", "D.5", "D.7", "D.8", "D.9", "D.11/line-1", "D.11/line-2", "D.11", "D.12", "D.13", "D.17", "D.18", "D.21", "D.26", "D.28"]


@pytest.mark.parametrize("name", SHARPER)
def test_a_sharper_step_of_appendix_d_is_derived_and_nothing_smaller(name):
    claim = CLAIMS[f"eq-{name}"]
    assert claim.improvement is not None
    bound, printed = claim.improvement.relation, claim.readings[0].relation
    assert bound is not None
    assert printed is not None
    assert outcome(claim.improvement) == "equal"
    assert outcome(replace(claim.improvement, relation=at_most(bound.lhs, sp.Rational(99, 100) * bound.rhs))) == "not reached"
    quantities = bound.rhs.atoms(AppliedUndef) | printed.rhs.atoms(AppliedUndef)
    at = {gamma: sp.Rational(3, 4), H: 3, R: 2, a: 32, C: 8 * (1 - sp.Rational(3, 4) ** 2), G: 1, eta: 1}
    small, large = (side.subs(dict.fromkeys(quantities, 1)).subs(at) for side in (bound.rhs, printed.rhs))
    assert 0 < small <= sp.Rational(9, 10) * large  # (3/2)^2 for 5/2 at least


def test_a_smaller_constant_of_theorem_6_is_not_derived():
    reading = CLAIMS["theorem-6"].readings[0]
    assert reading.relation is not None
    planted = replace(reading, relation=reading.relation.map(lambda side: side.subs(200, 199)))
    assert planted.relation != reading.relation
    assert outcome(planted) == "not reached"


@pytest.mark.parametrize("name", ["appendix-d.1/anchor", "appendix-d.1/progress-sum"])
def test_the_anchor_at_the_earliest_synchronisation_is_refuted_by_two_workers(name):
    claim = CLAIMS[name]
    assert claim.correction is not None
    assert ARENAS["run"].replay(claim.readings[0], TWO_WORKERS).broken
    corrected = ARENAS["run"].replay(claim.correction, TWO_WORKERS)
    assert corrected.valid
    assert not corrected.violated


def test_an_instance_of_the_other_algorithm_is_refused():
    reading = CLAIMS["appendix-d.1/anchor"].readings[0]
    with pytest.raises(ValueError, match="one list for Algorithm 1, and one for each worker for Algorithm 2"):
        ARENAS["run"].replay(reading, TWO_WORKERS | {"synchronise": [2, 3]})
    with pytest.raises(ValueError, match="a list for each of 2 workers, got 1"):
        ARENAS["run"].replay(reading, TWO_WORKERS | {"synchronise": [[2, 3]]})


def test_a_bound_too_small_is_broken_by_the_worst_gradients():
    """At t = 1 the lag of two workers is eta G / 4 (`test_reference_asynchronous`)."""
    reading = replace(CLAIMS["lemma-12"].readings[0], relation=at_most(lag_sq, eta**2 * G**2 / 17), follows=None)
    instance = {
        "gap": 2, "synchronise": [[1, 2], [2]], "gamma": "1", "G": "1", "step": {"rule": "fixed", "eta": "1"},
        "gradients": [[["1"], ["0"]]] * 2, "residuals": [[["0"], ["0"]]] * 2,
    }  # fmt: skip
    replayed = ARENAS["lag"].replay(reading, instance)
    assert replayed.broken
    assert replayed.lhs == Fraction(1, 16)


def test_what_is_said_of_lemma_6_is_what_algorithm_2_does():
    (reading,) = CLAIMS["sec-4.3/not-lemma-6"].readings
    assert reading.relation is not None
    state, _ = asynchronous_step(asynchronous_init(rationals([0]), 2), rationals([[1], [0]]), Fraction(1), [True, False], lambda v, u: v)
    lag_squared = ((state.x_hat - rationals([[-1], [0]])).sum(0)[0] / 2) ** 2
    assert reading.relation.lhs.subs({eta: 1, G: 1}) == lag_squared


def test_the_rates_of_the_table_hold_at_its_horizons():
    for name in ("table-5.2/non-convex-rate", "table-5.2/strongly-convex-rate"):
        (reading,) = CLAIMS[name].readings
        assert reading.rate is not None
        assert reading.rate.check(Context(standing, reading.conditions)).outcome == "equal"


def test_a_rate_without_the_fourth_power_is_not_reached_from_the_printed_theorem():
    (reading,) = CLAIMS["corollary-4"].readings
    assert isinstance(reading.rate, Rate)
    with_less = replace(reading.rate, terms=reading.rate.terms[:-1])
    assert with_less.check(Context(standing, reading.conditions)).outcome == "not reached"
