"""Programmes find the closed forms of the theory; cases of several functions, of steps that change and of stages are as they must be."""

import math

import numpy as np
import pytest
import sympy as sp

from reference import mdsgd
from theory.mean_iterate import RELATION
from theory.papers import claims
from theory.suprema import SUPREMA
from theory.suprema_sums import SUMS
from theory.symbols import G, H, T, U, eta, gamma, i, rho, rounds, start_distance_sq
from theory.symbols import momentum as momentum_coefficient
from validation.attack import EFFORTS
from validation.checks import Bench
from validation.performance import TOLERANCE
from validation.worst_case import exact, tightness

BENCH = Bench(EFFORTS["quick"], 0, standing=lambda _: pytest.fail("nothing is cited"), proved=lambda _: False)
RECORDS = {claim.id: claim for claim in claims()}


# ---- gossip ----


@pytest.mark.parametrize(("share", "count", "gap"), [(0.25, 5, 2), (0.1, 3, 1), (0.35, 4, 3)])
def test_the_consensus_of_a_programme_is_that_of_the_chain(share, count, gap):
    worst = exact("qprsgd/lemma-7", share=share, rounds=count, gap=gap, eta=0.5)
    assert worst.value == pytest.approx(SUMS["qprsgd/lemma-7"].at({rho: 1 - 2 * share, rounds: count, H: gap, eta: 0.5}), rel=TOLERANCE)


@pytest.mark.parametrize("gap", [2, 3, 5])
def test_the_drift_of_one_round_of_a_programme_is_that_of_the_chain(gap):
    worst = exact("qprsgd/lemma-10", rounds=1, gap=gap, eta=2.0)
    assert worst.value == pytest.approx(SUMS["qprsgd/lemma-10"].at({H: gap, eta: 2}), rel=TOLERANCE)


# ---- two workers in turn, any gap ----


@pytest.mark.parametrize(("gap", "count"), [(3, 2), (4, 1), (2, 4)])
def test_two_workers_in_turn_are_as_the_closed_form_says_for_every_gap(gap, count):
    worst = exact("qsparse_local_sgd/lemma-12", gap=gap, synchronisations=count, gamma=0.6, G=2.0)
    closed = SUPREMA["qsparse_local_sgd/lemma-12"].value.subs({i: count, H: gap, gamma: 0.6, eta: 1, G: 2})
    assert worst.value == pytest.approx(float(closed), rel=TOLERANCE)
    assert worst.exact


# ---- M-DSGD: the mean iterate ----


def mean_iterate(worst):
    letters = {name: values[0] for name, values in worst.measured.items() if values.ndim == 1}
    names = {G: "G", T: "horizon", U: "U", eta: "eta", start_distance_sq: "start_distance_sq", momentum_coefficient: "beta"}
    return float(RELATION.rhs.subs({symbol: sp.Rational(str(letters[name])) for symbol, name in names.items()}))


@pytest.mark.parametrize("distance", [0.1, 0.5, 0.9, 1.7])  # eta T G = 0.8
@pytest.mark.parametrize("memory", [0.3, 2.0])
def test_without_momentum_the_mean_iterate_attains_the_closed_form_at_every_distance(distance, memory):
    worst = exact("mdsgd/lemma-11", iterations=4, beta=0.0, U=memory, start_distance_sq=distance**2)
    assert worst.value == pytest.approx(mean_iterate(worst), rel=TOLERANCE)


@pytest.mark.parametrize(("beta", "distance"), [(0.5, 1.6), (0.3, 3.0), (0.8, 4.0)])  # eta T G / (1 - beta) at most the distance
def test_with_momentum_it_does_so_from_far_away(beta, distance):
    worst = exact("mdsgd/lemma-11", iterations=4, beta=beta, start_distance_sq=distance**2)
    assert worst.value == pytest.approx(mean_iterate(worst), rel=TOLERANCE)
    assert worst.exact


@pytest.mark.parametrize("beta", [0.2, 0.5])
def test_with_momentum_it_falls_short_of_it_nearby(beta):
    worst = exact("mdsgd/lemma-11", iterations=4, beta=beta, start_distance_sq=0.25)
    assert worst.value < (1 - 100 * TOLERANCE) * mean_iterate(worst)


# ---- M-DSGD in stages ----


def test_the_printed_and_the_improved_theorem_12_bound_the_worst_run_in_stages():
    claim = RECORDS["mdsgd/theorem-12"]
    printed, improved = (tightness(claim, each, BENCH) for each in claim.stated)
    assert printed.outcome == improved.outcome == "exact"
    assert printed.ratio < improved.ratio < 1


def test_one_stage_of_one_iteration_has_the_envelope_gradient_that_the_loss_allows():
    loose = exact("mdsgd/theorem-12", stages=1, first=1, G=3.0, B=5.0, U=20.0, J=1.0)
    assert loose.exact
    # F_1 is strongly convex with modulus 1/gamma - c = c, so that F(w) - F* >= (gamma/2 + gamma/4) ||grad F_gamma(w)||^2, and gamma = 1
    assert loose.value == pytest.approx(4 / 3, rel=1e-5)


def test_no_run_on_an_absolute_value_exceeds_the_worst_case_in_stages():
    worst, draws = exact("mdsgd/theorem-12", stages=2, first=2, beta=0.5, U=0.5, B=8.0), np.random.default_rng(3)
    assert worst.exact
    tried = 0
    for _ in range(4000):
        slope, start = draws.uniform(0.02, 1), draws.uniform(0.05, 8)
        memories, total, visited, losses = iter(draws.choice([-0.5, 0.0, 0.5], 6)), 0.0, [], []
        stage = mdsgd.stage_init([start], 1)
        for s, length in enumerate((2, 4)):
            w = float(stage.anchor[0])
            losses.append(slope * abs(w))
            total += (s + 1) * min(abs(w), slope) ** 2  # gamma = 1
            for _ in range(length):
                visited.append(float(stage.state.x[0]))
                g, kept = slope * np.sign(stage.state.x)[None], next(memories)
                stage, _ = mdsgd.stage_step(stage, g, 6 / (s + 1), 0.5, 1.0, lambda v, _, u=kept: v - u)
            visited.append(float(stage.state.x[0]))
            stage = mdsgd.next_stage(stage, length)
        if max(map(abs, visited)) <= 8 and max(losses) <= 4:
            tried += 1
            assert total <= worst.value * (1 + TOLERANCE)
    assert tried > 100


# ---- workers with functions of their own, steps that change ----


def test_workers_with_functions_of_their_own_are_worse_than_one_worker_and_stay_below_the_improved_theorem_2():
    one, two = (exact("qsparse_local_sgd/theorem-2", workers=workers) for workers in (1, 2))
    assert one.exact
    assert two.exact
    assert two.value > (1 + 100 * TOLERANCE) * one.value
    claim = RECORDS["qsparse_local_sgd/theorem-2"]
    assert tightness(claim, claim.improvement, BENCH).ratio <= 1


def test_local_sgd_with_functions_of_their_own_is_worse_too_but_not_where_it_always_synchronises():
    apart, together = (exact("local_sgd/theorem-2.2", workers=2, gap=gap) for gap in (3, 1))
    one = exact("local_sgd/theorem-2.2", workers=1, gap=1)
    assert apart.exact
    assert apart.value > (1 + 100 * TOLERANCE) * one.value
    assert together.value >= one.value * (1 - TOLERANCE)


def test_a_step_that_hardly_grows_is_a_constant_one():
    slowly = exact("dist_ef_sgd/theorem-1/monotone", eta=0.3, step_growth=1 + 1e-7)
    assert slowly.value == pytest.approx(exact("dist_ef_sgd/eq-3").value, rel=1e-5)
    assert slowly.exact


def test_a_case_with_steps_that_rise_says_nothing_of_steps_that_never_do():
    claim = RECORDS["dist_ef_sgd/theorem-1/monotone"]
    falling, rising = (tightness(claim, each, BENCH) for each in claim.readings)
    assert falling.outcome == "not compared"
    assert "eta_j <= eta_(t_i)" in falling.evidence
    assert rising.outcome == "exact"


@pytest.mark.parametrize("growth", [0.5, 1.5])
def test_one_iteration_knows_of_no_growth_and_no_way_compresses_alone(growth):
    both = exact("dist_ef_sgd/theorem-1/monotone", iterations=3, step_growth=growth, L=2.0, eta=0.1)
    one_way = exact("dist_ef_sgd/theorem-1/monotone", iterations=3, step_growth=growth, L=2.0, eta=0.1, two_way=False)
    assert both.exact
    assert one_way.exact
    assert one_way.value <= both.value * (1 + TOLERANCE)
    single = exact("dist_ef_sgd/theorem-1/monotone", iterations=1, step_growth=growth, G=10.0, start=0.5)
    assert single.value == pytest.approx(1, rel=TOLERANCE)


@pytest.mark.parametrize(
    ("claim_id", "parameters", "says"),
    [
        ("dist_ef_sgd/theorem-1/monotone", {"step_growth": 3.0}, "step_growth must lie strictly between 0 and 1.77828, got 3.0"),
        ("dist_ef_sgd/theorem-1/monotone", {"beta": 0.5}, "beta must be at least 0 and below 1, and 0 with a step_growth"),
        ("mdsgd/theorem-12", {"stages": 0}, "stages must be an integer of at least 1, got 0"),
        ("mdsgd/theorem-12", {"J": 0.0}, "J must be positive and finite, got 0.0"),
        ("qsparse_local_sgd/theorem-2", {"workers": 0}, "workers must be an integer of at least 1, got 0"),
    ],
)
def test_bad_input_is_refused_by_name(claim_id, parameters, says):
    with pytest.raises(ValueError, match=says):
        exact(claim_id, **parameters)


def test_two_workers_hold_the_minimiser_of_the_mean_and_not_of_each():
    worst = exact("qsparse_local_sgd/theorem-2", workers=2, horizon=2, gap=2, a=129.0)
    assert math.isfinite(worst.attained_by_reference)
