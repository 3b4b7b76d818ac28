"""Attacks on two-way error feedback: what is measured, who is a valid instance, what must break under which steps, and what survives."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from reference import dist_ef_sgd as reference_ef
from theory import hypotheses as h
from theory.claim import Reading, Relation, at_most
from theory.symbols import (
    G,
    L,
    R,
    T,
    drive_sq,
    ef_distance_sq,
    eta,
    eta_of,
    eta_t,
    gamma,
    gradient_sq,
    initial_gap,
    lag_sq,
    momentum,
    noise_sq,
    output_gradient_sq,
    peak_eta,
    sgd_distance_sq,
    sigma,
    t,
    two_way_error_sq,
    virtual_gradient_lag_sq,
    virtual_inner,
    virtual_loss,
    virtual_step_less_sq,
    worker_error_sq,
    xi,
)
from validation import error_feedback as arena
from validation.attack import EFFORTS, Attack, attack, generator
from validation.hypotheses import judge
from validation.quantities import bounds

FAST = replace(EFFORTS["quick"], instances=40, starts=64)
ADVERSARY = (h.contraction, h.second_moment)
ON_F = (h.smooth, h.common_variance, h.bounded_gradient, h.contraction, h.positive_step)
LEMMA_2 = 8 * (1 - gamma) * G**2 / gamma**2 * (1 + 16 / gamma**2)


def theorem_1(compression: int = 32) -> Relation:
    total = sp.Sum(eta_t * (3 - 2 * L * eta_t), (t, 0, T - 1))
    noise = 2 * L * sigma**2 / R * sp.Sum(eta_t**2, (t, 0, T - 1))
    error = compression * L**2 * (1 - gamma) * G**2 / gamma**2 * (1 + 16 / gamma**2) * sp.Sum(eta_t * eta_of(t - 1) ** 2, (t, 1, T - 1))
    return at_most(output_gradient_sq, (4 * initial_gap + noise + error) / total)


def on(relation: Relation, *given: h.Hypothesis, **setting: str) -> Attack:
    return attack(reading(relation, *given, **setting), FAST, seed=0)


def reading(relation: Relation, *given: h.Hypothesis, **setting: str) -> Reading:
    return Reading("test", relation, tuple(given), arena="dist_ef", setting=setting)


# ---- what is measured ----

BY_HAND = {
    "algorithm": "2", "workers": 1, "operator": {"name": "linear", "residual": "1/2"}, "gamma": "3/4", "beta": "0", "eta": ["1", "1/2"],
    "start": ["1"], "functions": [[[{"slope": "0", "curvature": "1", "knots": [], "bends": []}]]],
    "constants": {"L": "1", "sigma": "0", "G": "1"},
}  # fmt: skip


def test_two_iterations_are_measured_as_computed_by_hand():
    # g = 1: e = 1/2, e~ = 1/4, x = 3/4. Then g = 3/4, p = 3/4 + 2 / 2: e = 7/8; p~ = 7/8 + 2 / 4: e~ = 11/16, x = 3/4 - 11/32.
    measured = arena.case_of(BY_HAND).measured
    quarter = Fraction(1, 4)
    assert measured["two_way_error_sq"][0].tolist() == [0, 9 * quarter**2, Fraction(25, 16) ** 2]
    assert measured["server_error_sq"][0].tolist() == [0, quarter**2, Fraction(11, 16) ** 2]
    assert measured["worker_input_sq"][0].tolist() == [1, Fraction(7, 4) ** 2]
    assert measured["gradient_sq"][0].tolist() == [1, 9 * quarter**2, Fraction(13, 32) ** 2]
    assert measured["lag_sq"][0].tolist() == [0, 9 * quarter**2, Fraction(25, 32) ** 2]
    assert measured["virtual_loss"][0].tolist() == [Fraction(1, 2), 0, Fraction(9, 128)]
    assert measured["initial_gap"].tolist() == [Fraction(1, 2)]
    assert measured["output_gradient_sq"].tolist() == [Fraction(25, 32)]  # weights 1 (3 - 2) and 1/2 (3 - 1)
    assert measured["ef_distance_sq"][0].tolist() == [0, quarter**2, (Fraction(13, 32) - Fraction(1, 16)) ** 2]


def test_the_mean_squared_gradient_is_uniform_for_constant_steps_and_weighted_for_others():
    case = arena.case_of(BY_HAND | {"eta": ["1/3", "1/3"]})
    assert case.measured["output_gradient_sq"][0] == sum(case.measured["gradient_sq"][0][:-1]) / 2
    case = arena.case_of(BY_HAND | {"eta": ["1/4", "1"]})
    first, second, _ = case.measured["gradient_sq"][0]
    assert case.measured["output_gradient_sq"][0] == (Fraction(5, 8) * first + second) / Fraction(13, 8)  # weights 1/4 (3 - 1/2) and 1


@pytest.mark.parametrize("algorithm", ["1", "2", "4"])
def test_every_drawn_run_is_valid_and_measures_the_same_exactly(algorithm):
    rng = generator(3, "test", algorithm)
    hypotheses = (*ON_F, h.second_moment, h.momentum_range)
    for family in arena.FAMILIES:
        specs = [s for s in arena.draw(algorithm, family, 8, rng) if s.shape[1] <= 6]
        for spec in specs[:: 5 if family == "constant" else 9]:
            seen = arena.observe(spec)
            instance = arena.to_instance(spec, 5, Fraction(1), Fraction(1), False)
            if arena.ARENA.cost(instance) > 300:
                continue
            case = arena.case_of(instance)
            judged = judge(hypotheses, case)
            assert all(met for met, _ in judged.values()), judged
            for name, values in seen.measured.items():
                if name == "ef_distance_sq":  # signs of round-off differ
                    continue
                rounded = np.asarray(case.measured[name][0], dtype=float)
                np.testing.assert_allclose(values[5], rounded, rtol=1e-4, atol=1e-9 * max(1, np.abs(rounded).max()), err_msg=name)


def test_noise_of_independent_workers_averages_out():
    assert on(at_most(noise_sq, sigma**2 / R), *ON_F).outcome == "not broken"
    assert on(at_most(noise_sq, sigma**2 / (2 * R)), *ON_F).ratio == 2


# ---- hypotheses ----


@pytest.mark.parametrize("T_", [2, 3, 6])
def test_each_family_of_schedules_meets_the_hypotheses_that_ask_for_it_and_only_those(T_):
    for name, allowed in arena._ALLOWED.items():
        for family in arena.FAMILIES:
            found = [_judged(name, steps) for steps in arena.schedules(family, T_)]
            assert all(found) if family in allowed else T_ < 4 or not any(found), (name, family)


@pytest.mark.parametrize("schedule", arena.FITTED)
def test_steps_fitted_to_the_horizon_are_those_of_the_corollaries(schedule):
    given, count, M = getattr(h, schedule), 6, 2
    delta, curvature, share = (np.array(values) for values in ([0.36, 1.0], [2.0, 0.5], [1.0, 0.25]))
    beta = np.array([0.0, 0.5]) if schedule == "horizon_cost_step" else np.zeros(2)
    steps, numerator = arena.fitted(schedule, count, M, delta, curvature, beta, share)
    price = np.cbrt((1 - delta) / delta**2 * (1 + 16 / delta**2))
    times = np.arange(count)[:, None]
    capped = np.minimum(1 / (2 * curvature), numerator / (np.sqrt(count / M) + price * count ** (1 / 3)))
    printed = {
        "capped_step": capped + 0 * times,
        "root_step": np.minimum(1 / (2 * curvature), numerator * np.sqrt(M / count)) + 0 * times,
        "horizon_cost_step": numerator / (np.sqrt(count / M) + price * count ** (1 / 3)) + 0 * times,
        "falling_schedule": numerator / (((times + 1) * count) ** 0.25 / np.sqrt(M) + price * count ** (1 / 3)),
        "climbing_schedule": numerator * np.sqrt(times + 1) / (count / np.sqrt(M) + price * count ** (5 / 6)),
    }[schedule]
    np.testing.assert_allclose(steps.T, printed, rtol=1e-12)
    horizons = {
        "falling_schedule": 16 * curvature**4 * numerator**4 * M**2,
        "climbing_schedule": 4 * curvature**2 * numerator**2 * M,
        "horizon_cost_step": 4 * numerator**2 * curvature**2 * M / (1 - beta) ** 4,
    }
    assert (horizons.get(schedule, np.zeros(2)) <= count * (1 + 1e-12)).all(), given.says


def test_the_corollary_with_a_constant_step_survives_and_a_tenth_of_its_first_terms_is_noticed():
    cost = sp.cbrt((1 - gamma) / gamma**2 * (1 + 16 / gamma**2)) / T ** sp.Rational(2, 3)
    order, price = (2 * initial_gap / xi + L * xi * sigma**2) / sp.sqrt(R * T), 2 * cost * (initial_gap / xi + 8 * L**2 * xi**2 * G**2)
    given = (*ON_F, h.fixed_step, h.capped_step)
    whole = on(at_most(output_gradient_sq, 4 * L / T * initial_gap + order + price), *given)
    assert whole.instances > 0
    assert "could not be replayed" not in whole.evidence
    little = on(at_most(output_gradient_sq, (4 * L / T * initial_gap + order) / 10 + price), *given)
    assert little.outcome == "broken"  # exactly: the step is rational, and its numerator an enclosure
    assert little.witness is not None
    assert little.witness["schedule"] == "capped_step"


def _judged(name: str, steps: list[Fraction]) -> bool:
    case = arena.case_of(BY_HAND | {"eta": [str(step) for step in steps]})
    return judge((getattr(h, name),), case)[name][0]


@pytest.mark.parametrize(
    ("name", "constants"),
    [("common_variance", {"sigma": "1/2"}), ("bounded_gradient", {"G": "2"}), ("smooth", {"L": "1/2"})],
)
def test_a_constant_that_is_too_small_is_not_believed(name, constants):
    sample = {"slope": "-1", "curvature": "1", "knots": [], "bends": []}
    noisy = BY_HAND | {"functions": [[[sample], [sample | {"slope": "1"}]]], "start": ["2"]}
    for given, expected in (({}, True), (constants, False)):
        case = arena.case_of(noisy | {"constants": {"L": "1", "sigma": "1", "G": "3"} | given})
        assert judge((getattr(h, name),), case)[name][0] == expected


def test_maps_that_repeat_themselves_are_told_from_others():
    for operator, expected in (({"name": "scaled_sign"}, True), ({"name": "top_k", "k": 1}, True), (BY_HAND["operator"], False)):
        assert judge((h.repeatable,), arena.case_of(BY_HAND | {"operator": operator}))["repeatable"][0] == expected


def test_statements_on_functions_are_not_met_by_bare_gradients():
    found = arena.ascend("constant", 2, 1, [Fraction(0)], 8, 2, generator(0, "test"))
    judged = judge(ON_F, arena.case_of(arena.sequence_of(found, 0, Fraction(1), Fraction(1))))
    assert {name for name, (met, _) in judged.items() if not met} == {"smooth", "common_variance", "bounded_gradient"}


# ---- the adversary ----


def aligned(gamma_: float, T_: int) -> float:
    """||e~_T + e_T|| with G = 1 and all residuals as long as they may be, along one line."""
    keep, e, server = math.sqrt(1 - gamma_), 0.0, 0.0
    for _ in range(T_):
        p = 1 + e
        e = keep * p
        server = keep * (p - e + server)
    return e + server


def test_the_adversary_does_better_than_errors_along_one_line():
    found = arena.ascend("constant", 6, 2, [Fraction(0)], 40, 6, generator(1, "test"))
    reached = np.sqrt(arena.measure(found)["two_way_error_sq"][:, -1])
    for coefficient in arena.COEFFICIENTS:
        best = max(value for value, own in zip(reached, found.gamma, strict=True) if own == coefficient)
        assert best >= aligned(float(coefficient), 6) * (1 - 1e-6)


def test_what_the_adversary_reached_is_a_valid_instance_in_rationals_on_any_scale():
    found = arena.ascend("alternating", 3, 2, [Fraction(0), Fraction(1, 2)], 8, 2, generator(2, "test"))
    measured = arena.measure(found)
    for row, (position, loss) in enumerate([(1, 1), (1000, 1), (Fraction(1, 10), 7)]):
        case = arena.case_of(arena.sequence_of(found, 5 * row, Fraction(position), Fraction(loss)))
        judged = judge((*ADVERSARY, h.alternating_step, h.positive_step, h.momentum_range), case)
        assert all(met for met, _ in judged.values()), judged
        exact = np.array(case.measured["two_way_error_sq"][0], dtype=float) * float(position) ** 2 / float(loss) ** 2
        np.testing.assert_allclose(exact, measured["two_way_error_sq"][5 * row], rtol=2e-2)  # kept a little inside each ball


def test_a_shrunk_sequence_is_a_valid_sequence():
    found = arena.ascend("decreasing", 3, 2, [Fraction(1, 2)], 8, 2, generator(4, "test"))
    instance = arena.sequence_of(found, 2, Fraction(1), Fraction(1))
    smaller = list(arena.ARENA.simpler(instance))
    assert smaller
    for each in smaller:
        assert all(met for met, _ in judge(ADVERSARY, arena.case_of(each)).values())


# ---- what must break, and what must not ----


def test_lemma_2_stands_for_constant_and_increasing_steps_and_a_tenth_of_its_constant_is_caught():
    for steps in (h.fixed_step, h.nondecreasing_step):
        assert on(at_most(two_way_error_sq, LEMMA_2), *ADVERSARY, steps).outcome == "not broken"
        assert on(at_most(two_way_error_sq, LEMMA_2 / 10), *ADVERSARY, steps).outcome == "broken"


def test_lemma_2_breaks_for_decreasing_steps_although_the_step_condition_of_theorem_1_holds():
    statement = reading(at_most(two_way_error_sq, LEMMA_2), *ON_F, h.nonincreasing_step, h.step_below_three_halves)
    found = attack(statement, FAST, seed=0)
    assert found.outcome == "broken"
    assert {"functions", "start", "constants", "eta"} <= set(found.witness)
    assert len(found.witness["eta"]) <= 6
    again = arena.ARENA.replay(statement, found.witness)
    assert again.broken
    assert again.hypotheses["step_below_three_halves"][0]
    assert isinstance(again.lhs, Fraction)


def test_lemma_2_relative_to_the_largest_step_so_far_stands_for_any_steps():
    corrected = at_most(eta_of(t - 1) ** 2 * two_way_error_sq, LEMMA_2 * peak_eta.subs(t, t - 1) ** 2)
    assert on(corrected, *ADVERSARY, h.positive_step).outcome == "not broken"


def test_lemma_5_breaks_in_one_step_and_its_square_stands():
    found = on(at_most(drive_sq, G**2 / (1 - momentum)), *ON_F, h.momentum_range)
    assert found.outcome == "broken"
    assert len(found.witness["eta"]) == 1
    assert on(at_most(drive_sq, G**2 / (1 - momentum) ** 2), *ADVERSARY, h.momentum_range).outcome == "not broken"


def test_lemma_6_stands_for_constant_steps():
    bound = LEMMA_2 / (1 - momentum) ** 2
    assert on(at_most(two_way_error_sq, bound), *ADVERSARY, h.fixed_step, h.momentum_range).outcome == "not broken"
    assert on(at_most(worker_error_sq, 4 * (1 - gamma) * G**2 / gamma**2 / (1 - momentum)), *ADVERSARY, h.fixed_step,
              h.momentum_range).outcome == "broken"  # fmt: skip


@pytest.mark.parametrize("steps", [h.fixed_step, h.monotone_step, h.warm_up_then_decay_step], ids=lambda each: each.name)
def test_theorem_1_survives_with_one_rise_and_one_fall_of_the_step(steps):
    assert on(theorem_1(), *ON_F, steps, h.step_below_three_halves).outcome == "not broken"


def test_theorem_1_breaks_in_three_alternating_steps():
    statement = reading(theorem_1(), *ON_F, h.alternating_step, h.step_below_three_halves)
    found = attack(statement, FAST, seed=0)
    assert found.outcome == "broken"
    assert len(found.witness["eta"]) <= 6
    assert arena.ARENA.replay(statement, found.witness).broken


def test_theorem_1_without_its_compression_term_is_caught_under_constant_steps():
    assert on(theorem_1(0), *ON_F, h.fixed_step, h.step_below_three_halves).outcome == "broken"


def test_the_error_corrected_iterate_follows_sgd_and_a_planted_error_is_caught(monkeypatch):
    statement = at_most(virtual_step_less_sq, 0)
    assert on(statement, h.any_map).outcome == "not broken"

    def without_rescaling(state, gradients, eta, *more):
        unchanged = np.where(state.eta > 0, np.broadcast_to(eta, state.eta.shape), 0 * state.eta)
        return step(state._replace(eta=unchanged), gradients, eta, *more)

    step = reference_ef.step
    monkeypatch.setattr(reference_ef, "step", without_rescaling)
    for steps, violated in (("1/2", False), ("1", False), ("1/4", False)):
        assert arena.ARENA.replay(reading(statement, h.any_map), BY_HAND | {"eta": [steps, steps]}).violated == violated
    assert arena.ARENA.replay(reading(statement, h.any_map), BY_HAND).violated


def test_one_worker_is_ef_sgd_for_maps_that_repeat_themselves_and_not_for_others():
    assert on(at_most(ef_distance_sq, 0), h.one_worker, h.repeatable).outcome == "not broken"
    assert on(at_most(ef_distance_sq, 0), h.one_worker).outcome == "broken"


def test_the_identity_is_sgd():
    assert on(at_most(sgd_distance_sq, 0), h.identity_map).outcome == "not broken"


def test_descent_at_the_virtual_iterate_stands_and_half_its_curvature_is_caught():
    def descent(curvature):
        expected = virtual_loss - eta_t * virtual_inner + curvature * eta_t**2 * (gradient_sq + sigma**2 / R)
        return at_most(virtual_loss.subs(t, t + 1), expected)

    assert on(descent(L / 2), *ON_F).outcome == "not broken"
    assert on(descent(L / 4), *ON_F).outcome == "broken"


def test_gradients_at_both_iterates_need_smoothness_from_both_sides():
    statement = at_most(virtual_gradient_lag_sq, L**2 * lag_sq)
    assert on(statement, *ON_F).outcome == "not broken"
    assert on(statement, h.one_sided_smooth, *ON_F[1:]).outcome == "broken"


def test_settings_choose_the_algorithm_the_steps_and_the_operator():
    count = on(at_most(two_way_error_sq, LEMMA_2), *ON_F, h.fixed_step).instances
    blocks = on(at_most(two_way_error_sq, LEMMA_2), *ON_F, h.fixed_step, algorithm="3").instances
    plain = on(at_most(two_way_error_sq, LEMMA_2), *ON_F, operator="identity", steps="constant").instances
    assert 0 < blocks < count
    assert 0 < plain < count
    assert on(at_most(eta, L), *ON_F, algorithm="1", steps="decreasing").outcome == "no instance"
    with pytest.raises(ValueError, match="algorithm must be one of 1, 2, 3, 4, got '5'"):
        on(at_most(two_way_error_sq, LEMMA_2), *ON_F, algorithm="5")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eta": ["1", "0"]}, "eta must hold positive steps"),
        ({"beta": "1"}, r"beta must lie in \[0, 1\)"),
        ({"gamma": "0"}, r"gamma in \(0, 1\]"),
        ({"algorithm": "3"}, "algorithm must be"),
        ({"operator": {"name": "magic"}}, "operator must be one of"),
        ({"workers": None}, "this is no run"),
        ({"gradients": [[["1"]]]}, "this is no sequence of gradients"),
    ],
)
def test_what_is_no_instance_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        arena.case_of(BY_HAND | change)


def test_functions_without_knots_are_measured_in_rationals():
    assert not any(isinstance(value, float) for values in arena.case_of(BY_HAND).measured.values() for value in values.ravel())


FITTED_BY_HAND = BY_HAND | {"eta": ["1/2", "1/2"], "schedule": "capped_step"}


@pytest.mark.parametrize(
    ("changes", "name", "met"),
    [
        ({}, "capped_step", True),  # gamma is what makes the step 1/2, the cap
        ({"eta": ["1/4", "1/4"]}, "capped_step", True),
        ({"eta": ["51/100", "51/100"]}, "capped_step", False),  # above the cap
        ({"step_scale": "100"}, "capped_step", True),  # capped
        ({"step_scale": "1/100"}, "capped_step", False),  # this gamma has a smaller step
        ({"eta": ["1/4", "1/4"], "step_scale": "100"}, "capped_step", False),  # this gamma has a larger one
        ({}, "horizon_cost_step", False),
        ({"schedule": "horizon_cost_step", "eta": ["1/8", "1/8"]}, "horizon_cost_step", True),
        ({"schedule": "horizon_cost_step"}, "horizon_cost_step", False),  # T = 2 is below the horizon that gamma needs
        ({"schedule": "falling_schedule", "eta": ["1/8"]}, "falling_schedule", True),
        ({"schedule": "climbing_schedule", "eta": ["1/8"]}, "climbing_schedule", True),
    ],
)
def test_a_rational_step_of_a_corollary_is_judged_with_the_numerator_that_it_has(changes, name, met):
    case = arena.case_of(FITTED_BY_HAND | changes)
    assert judge((getattr(h, name),), case)[name][0] == met


def test_the_numerator_of_a_step_is_enclosed():
    # T = 4, M = 1, delta = 3/4: gamma = (1/2) (2 + cbrt(4 (1/4) (16/9) (1 + 256/9)))
    found = arena.numerator("capped_step", Fraction(1, 2), 4, 1, Fraction(3, 4))
    low, high = bounds(found)
    assert (2 * low - 2) ** 3 < Fraction(16, 9) * Fraction(265, 9) < (2 * high - 2) ** 3
    assert high - low < Fraction(1, 10**50)
    assert arena.numerator("root_step", Fraction(1, 2), 4, 1, Fraction(3, 4)) == 1


def test_two_steps_that_change_with_a_root_are_none():
    with pytest.raises(ValueError, match="one constant, or one alone"):
        arena.case_of(FITTED_BY_HAND | {"schedule": "falling_schedule"})
