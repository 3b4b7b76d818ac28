"""Runs of M-DSGD: what is measured, who is a valid instance, that planted errors are caught while true statements survive."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from theory import hypotheses as h
from theory.claim import Reading, Relation, at_most, equals
from theory.symbols import (
    G,
    J,
    R,
    T,
    U,
    alpha,
    d,
    distance_bound,
    elimination_less_sq,
    envelope,
    envelope_gradient_sq,
    eta,
    eta_t,
    gamma_t,
    gradient_sq,
    i,
    k,
    masking_distance_sq,
    mem_sgd_less_sq,
    momentum,
    output_gap,
    recursion_less,
    rescaled_memory_less_sq,
    rescaled_total_memory_sq,
    rescaled_transformation_less_sq,
    rho_t,
    stage_eta,
    stage_gradient_sq,
    stages,
    start_distance_sq,
    step_numerator,
    t,
    total_memory_sq,
    total_momentum_sq,
    transformation_less_sq,
    transformed_lag_sq,
    worker_memory_sq,
)
from validation import momentum as runs
from validation.attack import ARENAS, EFFORTS, Attack, attack, generator
from validation.hypotheses import Case, Pieces, judge
from validation.witness import shrink

FAST = replace(EFFORTS["quick"], instances=12, starts=128)
GIVEN = (h.momentum_range, h.second_moment)
FIXED = (*GIVEN, h.fixed_transformation, h.memory_at_most_U)
MEMORY_LIMIT = 2 * (d - k) * (2 * d + k) * G**2 / ((1 - momentum) ** 2 * k**2)


def attacked(relation: Relation, given=GIVEN, arena: str = "mdsgd", **setting: str) -> Attack:
    reading = Reading("as printed", relation, tuple(given), arena=arena, setting=setting)
    found = attack(reading, FAST, 0)
    if found.witness is not None:
        again = ARENAS[arena].replay(reading, found.witness)
        assert again.broken
        assert found.ratio == pytest.approx(float(again.lhs) / float(again.rhs) if again.rhs else math.inf)
    return found


def survives(found: Attack) -> bool:
    assert "did not survive" not in found.evidence  # a float violation that no exact run confirms is a wrong measurement
    return found.outcome == "not broken" and found.instances > 0


# ---- measuring ----


@pytest.mark.parametrize(
    ("convexity", "rule"), [("smooth", "fixed"), ("smooth", "any"), ("convex", "strategy 2"), ("strongly convex", "suffix")]
)
def test_every_drawn_run_is_valid_and_measures_the_same_exactly(convexity, rule):
    convex = {"smooth": (), "convex": (h.convex,), "strongly convex": (h.strongly_convex,)}[convexity]
    steps = {"fixed": (h.fixed_transformation,), "suffix": (h.suffix_step,)}.get(rule, ())
    given = (*GIVEN, h.smooth, h.weakly_convex, h.memory_at_most_U, h.distance_at_most_B, *convex, *steps)
    specs = [s for s in runs.draw(convexity, rule, 8, generator(2, "test")) if s.horizon <= 4 and s.parameters.get("alpha", [1])[0] == 1]
    for spec in [s for s in specs if s.operator["name"] != "top_k"][::7]:  # equal entries may differ by round-off
        seen = runs.observe(spec, runs.strong_convexity(spec), beside=True)
        instance = runs.to_instance(spec, 5, Fraction(1), Fraction(1))
        if runs.ARENA.cost(instance) > 200:
            continue
        again, constants = runs.decode(instance)
        exactly = runs.observe(again, constants.get("mu"), beside=True)
        judged = judge(given, runs.case_of(again, constants, exactly))
        bounds = {"second_moment": "G", "memory_at_most_U": "U", "distance_at_most_B": "distance_bound"}  # asked to be positive
        unmet = {name: why for name, (met, why) in judged.items() if not met and constants[bounds.get(name, "L")][0] > 0}
        assert not unmet
        for name in set(seen.measured).difference(("iterate_distance_sq", "transformed_distance_sq", "start_distance_sq")):  # x* may vary
            rounded = np.asarray(exactly.measured[name][0], dtype=float)
            np.testing.assert_allclose(rounded, seen.measured[name][5], rtol=1e-6, atol=1e-9, err_msg=name)  # steep kinks amplify


def test_structures_visit_the_edges():
    drawn = list(runs.structures())
    assert {1, 2} == {s["n"] for s in drawn}
    assert any(s["T"] == s["R"] == 1 and s["operator"]["name"] == "identity" for s in drawn)
    assert {"identity", "linear", "top_k", "rand_k"} == {s["operator"]["name"] for s in drawn}


def test_drawn_functions_are_bounded_below_with_bounded_slopes_and_as_convex_as_asked():
    for convexity in ("smooth", "convex"):
        functions = runs.draw_functions(convexity, (60, 4, 2, 2), generator(0, "test"))
        curvature = functions.pieces()[1]
        assert (curvature[..., [0, -1]] == 0).all()
        assert functions.bounded_below().all()
        assert bool((curvature >= 0).all()) is (convexity == "convex")
        mean = functions.mean().mean()
        assert (mean.bends.sum(-1) == 0).all()  # exactly, so that the mean is flat far out


def test_the_bound_on_gradients_is_the_supremum_over_all_points():
    functions = runs.draw_functions("smooth", (20, 2, 2, 2), generator(1, "test"))
    bound = runs.second_moments(functions, np.zeros((1, 20, 1, 2)))[0]
    points = np.linspace(-6, 6, 1201)
    values = [Pieces(*(each[:, None] for each in functions)).gradient(np.full((20, 1, 1, 1, 2), x)) for x in points]
    largest = np.array([(v[:, 0] ** 2).mean((1, 2)) for v in values]).max(0).sum(-1)  # coordinates are separate
    assert (largest <= bound + 1e-12).all()
    assert (largest >= 0.8 * bound).all()  # the grid comes near the knots


# ---- identities, for whatever compresses ----


@pytest.mark.parametrize("quantity", [transformation_less_sq, elimination_less_sq, recursion_less])
def test_the_transformation_equation_holds_on_every_run(quantity):
    assert survives(attacked(equals(quantity, 0), step="any"))
    assert survives(attacked(equals(quantity, 0), step="fixed"))
    assert survives(attacked(equals(quantity, 0), step="strategy 2 corrected"))


@pytest.mark.parametrize("quantity", [transformation_less_sq, recursion_less])
def test_strategy_2_as_printed_falls_by_an_exact_witness(quantity):
    found = attacked(equals(quantity, 0), (*GIVEN, h.positive_momentum), step="strategy 2")
    assert found.outcome == "broken"
    assert found.witness["horizon"] <= 2
    assert found.witness["step"]["alpha"] == "1"


def test_the_step_of_the_transformed_iterate_is_not_divided_by_beta():
    printed = equals(gamma_t.subs(t, t + 1), step_numerator / (momentum * (t + 1) ** alpha))
    right = equals(gamma_t.subs(t, t + 1), step_numerator / (t + 1) ** alpha)
    assert attacked(printed, (h.positive_momentum,), step="strategy 2").outcome == "broken"
    assert survives(attacked(right, (h.positive_momentum,), step="strategy 2 corrected"))


def test_mem_sgd_with_a_constant_step_is_vanilla_m_dsgd_and_with_others_is_not():
    assert survives(attacked(equals(mem_sgd_less_sq, 0), (h.no_momentum, h.fixed_transformation)))
    assert attacked(equals(mem_sgd_less_sq, 0), (h.no_momentum,), step="strategy 2").outcome == "broken"
    assert attacked(equals(mem_sgd_less_sq, 0), (h.momentum_range, h.fixed_transformation)).outcome == "broken"


def test_momentum_factor_masking_changes_the_iterates_only_where_there_is_momentum():
    assert survives(attacked(equals(masking_distance_sq, 0), (h.no_momentum, h.keeps_k), step="any, beta 0"))
    assert attacked(equals(masking_distance_sq, 0), (h.momentum_range, h.keeps_k, h.fixed_transformation)).outcome == "broken"


@pytest.mark.parametrize("quantity", [rescaled_memory_less_sq, rescaled_transformation_less_sq])
def test_rescaled_mem_sgd_is_mem_sgd_and_transforms_to_sgd(quantity):
    assert survives(attacked(equals(quantity, 0), ()))


def test_the_memory_of_rescaled_mem_sgd_outgrows_lemma_13_where_the_step_falls():
    limit = at_most(rescaled_total_memory_sq, MEMORY_LIMIT.subs(momentum, 0))
    given = (h.second_moment, h.no_momentum, h.keeps_k)
    assert attacked(limit, given, step="any, beta 0").outcome == "broken"
    assert survives(attacked(limit, (*given, h.fixed_transformation)))


# ---- bounds, and planted errors in them ----

LAG = 2 * G**2 / (1 - momentum) ** 2 * rho_t**2 + 2 * U**2 * eta_t.subs(t, t + 1) ** 2
C_11 = G * sp.sqrt(2 * G**2 * momentum**2 / (1 - momentum) ** 4 + 2 * U**2) + G**2 / (2 - 2 * momentum)


def test_momentum_and_lag_stay_within_their_bounds_and_not_within_smaller_ones():
    lag = transformed_lag_sq.subs(t, t + 1)
    assert survives(attacked(at_most(total_momentum_sq, G**2 / (1 - momentum) ** 2)))
    assert attacked(at_most(total_momentum_sq, G**2 / (1 - momentum))).outcome == "broken"
    assert survives(attacked(at_most(lag, LAG), FIXED))
    assert attacked(at_most(lag, LAG / 4), FIXED).outcome == "broken"


def test_lemma_11_holds_and_falls_with_half_its_first_term():
    given = (*FIXED, h.convex)
    assert survives(attacked(at_most(output_gap, (1 - momentum) / (2 * eta * T) * start_distance_sq + C_11 * eta), given))
    assert attacked(at_most(output_gap, (1 - momentum) / (8 * eta * T) * start_distance_sq + C_11 * eta), given).outcome == "broken"


def test_gradients_stay_within_G_and_not_within_less():
    assert survives(attacked(at_most(gradient_sq, G**2), (*FIXED, h.smooth)))
    assert attacked(at_most(gradient_sq, G**2 / 2), (*FIXED, h.smooth)).outcome == "broken"


# ---- who is valid ----

HUBER = {"slope": "-1", "curvature": "0", "knots": ["0", "2"], "bends": ["1", "-1"]}
RUN = {
    "horizon": 2, "batch": 1, "operator": {"name": "identity"}, "gamma": "1",
    "step": {"rule": "fixed", "eta": "1", "beta": "1/4"}, "start": ["-2"], "functions": [[[HUBER]]],
    "constants": {"L": "1", "weak_convexity": "0", "G": "1", "U": "0", "distance_bound": "4", "direction_bound": "1", "error_bound": "0",
                  "lag_factor": "25/256", "turn_factor": "0", "largest_turn": "0"},
}  # fmt: skip
PLANTED = Reading("planted", at_most(total_momentum_sq, G**2 / (1 - momentum)), (*GIVEN, h.fixed_transformation), arena="mdsgd")


def test_a_run_replays_by_hand():
    found = ARENAS["mdsgd"].replay(PLANTED, RUN)
    assert found.broken
    assert (found.lhs, found.rhs, found.at) == (Fraction(25, 16), Fraction(4, 3), "t = 1")  # -1, then -1 - 1/4


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"functions": []}, "this is no run|equally many samples"),
        ({"horizon": 0}, "horizon must be at least 1, got 0"),
        ({"step": {"rule": "root", "beta": "0"}}, "step rule must be one of .* to be exact, got 'root'"),
        ({"step": {"rule": "fixed", "eta": "1", "beta": "1"}}, "beta must be at least 0 and below 1, got 1"),
        ({"step": {"rule": "fixed", "eta": "-1", "beta": "0"}}, "eta must be positive, got -1"),
        ({"step": {"rule": "any", "steps": ["1"], "rho_start": "0", "beta": "1/2"}}, "steps must have T [+] 1 = 3 values, got 1"),
        ({"step": {"rule": "strategy 2", "step_numerator": "1", "alpha": "1/2", "first_eta": "1", "beta": "0"}}, "alpha must be whole"),
        ({"step": {"rule": "fixed"}}, "this is no run of M-DSGD"),
    ],
)
def test_a_run_that_is_none_gives_one_clear_error(changes, complaint):
    with pytest.raises(ValueError, match=complaint):
        ARENAS["mdsgd"].replay(PLANTED, RUN | changes)


def test_a_reading_that_asks_for_an_unknown_step_is_refused():
    with pytest.raises(ValueError, match=r"the setting step must be one of fixed, any, .*, got 'random'"):
        attacked(equals(elimination_less_sq, 0), step="random")


def test_an_instance_under_another_rule_or_with_a_false_constant_does_not_count():
    corrected = Reading("other", PLANTED.relation, GIVEN, arena="mdsgd", setting={"step": "strategy 2"})
    assert not ARENAS["mdsgd"].replay(corrected, RUN).valid
    assert not ARENAS["mdsgd"].replay(PLANTED, RUN | {"constants": {**RUN["constants"], "G": "1/2"}}).valid
    masked = replace(PLANTED, given=(*PLANTED.given, h.keeps_k))
    assert not ARENAS["mdsgd"].replay(masked, RUN).valid  # the identity is no mask of k entries


def exact(**values) -> dict[str, np.ndarray]:
    return {name: np.array([[Fraction(x) for x in value]] if isinstance(value, list) else [Fraction(value)], dtype=object)
            for name, value in values.items()}  # fmt: skip


def case(functions=None, **values) -> Case:
    return Case(measured=exact(**values), synchronise=(1,), compressions=[], second_moments=[], functions=functions)


KINK = Pieces(*(np.array(x, dtype=object) for x in ([[Fraction(0)]], [[Fraction(-2)]], [[[Fraction(0)]]], [[[Fraction(3)]]])))
SUFFIX = {"mu": 2, "beta": "1/2"}
POWERS = {"step_numerator": 2, "beta": "1/2", "alpha": 1}


@pytest.mark.parametrize(
    ("hypothesis", "good", "bad"),
    [
        (
            h.fixed_transformation,
            case(eta=1, beta="1/2", eta_t=[1, 1], rho_t=[-1, -1]),
            case(eta=1, beta="1/2", eta_t=[1, 2], rho_t=[-1, -1]),
        ),
        (h.fixed_transformation, case(eta=1, beta=0, eta_t=[1], rho_t=[0]), case(eta=1, beta="1/2", eta_t=[1], rho_t=[0])),
        (h.suffix_step, case(**SUFFIX, eta_t=[7, "3/8"], rho_t=["-1/4", "-1/8"]), case(**SUFFIX, eta_t=[7, "3/8"], rho_t=["-1/2", "-1/4"])),
        (h.suffix_step, case(**SUFFIX, eta_t=[7, "3/8"], rho_t=["-1/4", "-1/8"]), case(**SUFFIX, eta_t=[7, "1/2"], rho_t=["-1/4", "-1/8"])),
        (h.weakly_convex, case(KINK, weak_convexity=2), case(KINK, weak_convexity=1)),
        (h.weight_recursion, case(recursion_less=[0, 0]), case(recursion_less=[0, "1/9"])),
        (
            h.strategy_2_weights,
            case(**POWERS, eta_t=[7, "3/2"], rho_t=[5, "-1/2"]),
            case(**POWERS, eta_t=[7, "3/2"], rho_t=[5, "-1"]),  # as printed, without the factor beta
        ),
    ],
)
def test_a_validator_tells_what_meets_its_hypothesis_from_what_does_not(hypothesis, good, bad):
    assert judge((hypothesis,), good)[hypothesis.name][0]
    assert not judge((hypothesis,), bad)[hypothesis.name][0]


# ---- memory ----


def test_lemma_13_holds_for_top_k_and_for_any_contraction_and_falls_where_a_factor_is_missing():
    for given in ((*GIVEN, h.keeps_k), (*GIVEN, h.contraction)):
        assert survives(attacked(at_most(total_memory_sq, MEMORY_LIMIT), given, "mdsgd_memory"))
    assert attacked(at_most(total_memory_sq, MEMORY_LIMIT / 2), (*GIVEN, h.contraction), "mdsgd_memory").outcome == "broken"
    assert attacked(at_most(total_memory_sq, MEMORY_LIMIT / 16), (*GIVEN, h.keeps_k), "mdsgd_memory").outcome == "broken"


def test_the_sum_of_memories_needs_the_number_of_workers():
    assert survives(attacked(at_most(total_memory_sq, R * worker_memory_sq), (*GIVEN, h.contraction), "mdsgd_memory"))
    assert attacked(at_most(total_memory_sq, worker_memory_sq), (*GIVEN, h.contraction), "mdsgd_memory").outcome == "broken"


def test_the_adversary_reaches_what_aligned_gradients_reach():
    setting = runs.Setting(workers=1, horizon=8, d=4, k=1, beta=Fraction(0), map="free")
    found = runs.ascend(setting, 16, 4, generator(0, "test"))
    keep = math.sqrt(3 / 4)
    assert found.measured["total_memory_sq"][:, -1].max() == pytest.approx(sum(keep**j for j in range(1, 9)) ** 2)


def test_a_free_map_that_does_not_contract_is_no_instance():
    reading = Reading("planted", at_most(total_memory_sq, MEMORY_LIMIT), (*GIVEN, h.contraction), arena="mdsgd_memory")
    instance = {"map": "free", "k": 1, "beta": "0", "G": "1", "U": "9", "gradients": [[["1", "0"]]], "residuals": [[["9", "0"]]]}
    assert not ARENAS["mdsgd_memory"].replay(reading, instance).valid
    assert ARENAS["mdsgd_memory"].replay(reading, instance | {"residuals": [[["1/2", "1/2"]]]}).valid
    for wrong in ({"map": "magic"}, {"residuals": []}, {"k": 3}, {"beta": "1"}, {"gradients": []}):
        with pytest.raises(ValueError, match=r"must|no sequence"):
            ARENAS["mdsgd_memory"].replay(reading, instance | wrong)


# ---- stages ----

STAGED = (*GIVEN, h.weakly_convex, h.half_envelope, h.iterates_within_B)


def test_the_printed_bound_on_gradients_of_a_stage_falls_and_twice_its_second_term_holds():
    printed, right = (at_most(stage_gradient_sq, 2 * G**2 + factor * distance_bound**2 / envelope**2) for factor in (4, 8))
    assert attacked(printed, STAGED, "mdsgd_stages").outcome == "broken"
    assert survives(attacked(right, STAGED, "mdsgd_stages"))


def test_theorem_12_holds_under_its_conditions_and_not_without_its_right_side():
    G_hat_sq = 2 * G**2 + 4 * distance_bound**2 / envelope**2
    C_hat = sp.sqrt(G_hat_sq) * sp.sqrt(2 * G_hat_sq * momentum**2 / (1 - momentum) ** 4 + 2 * U**2) + G_hat_sq / (2 - 2 * momentum)
    given = (*STAGED, h.stage_steps, h.long_stages, h.stage_losses, h.memory_at_most_U)
    left = (1 + momentum) / 4 * envelope / (stages * (stages + 1)) * sp.Sum((i + 1) * envelope_gradient_sq, (i, 0, stages - 1))
    right = (J**2 + 3 * C_hat * stage_eta.subs(i, 0)) / (stages + 1)
    assert survives(attacked(at_most(left, right), given, "mdsgd_stages"))
    assert attacked(at_most(left, right / 10**4), given, "mdsgd_stages").outcome == "broken"


def test_the_proximal_point_of_hubers_function_is_known():
    huber = Pieces(*(np.array([x], dtype=float) for x in ([-1.0], [0.0], [[-1.0, 1.0]], [[1.0, -1.0]])))  # x^2 / 2 near 0, |x| far out
    anchors = np.array([[[0.5], [3.0], [-3.0]]])
    found = huber.proximal(anchors, np.full((1, 1, 1), 0.5))
    np.testing.assert_allclose(found, [[[0.5 / 1.5], [2.5], [-2.5]]])


STAGES = {
    "horizons": [1], "batch": 1, "operator": {"name": "identity"}, "parameters": {"weak_convexity": "1", "slack": "1", "beta": "0"},
    "start": ["-2"], "functions": [[[HUBER]]], "constants": {"G": "1", "U": "0", "distance_bound": "99", "J": "9"},
}  # fmt: skip


def test_a_stage_replays_by_hand():
    reading = Reading("planted", at_most(envelope_gradient_sq, G**2 / 2), STAGED, arena="mdsgd_stages")
    found = ARENAS["mdsgd_stages"].replay(reading, STAGES)
    assert found.broken
    assert found.lhs == 1  # the slope of |x| at the proximal point -2 + 1/2
    for wrong in ({"horizons": []}, {"parameters": {"weak_convexity": "0", "slack": "1", "beta": "0"}}, {"parameters": {}}):
        with pytest.raises(ValueError, match=r"must|no run"):
            ARENAS["mdsgd_stages"].replay(reading, STAGES | wrong)


@pytest.mark.parametrize("arena", ["mdsgd", "mdsgd_memory", "mdsgd_stages"])
def test_shrinking_ends_with_a_smaller_witness(arena):
    relation, given, instance = {
        "mdsgd": (PLANTED.relation, PLANTED.given, RUN | {"horizon": 3}),
        "mdsgd_memory": (
            at_most(total_memory_sq, G**2 / 8), GIVEN,
            {"map": "top_k", "k": 1, "beta": "0", "G": "2", "U": "9", "gradients": [[["1", "1"]], [["1", "1"]]], "residuals": []},
        ),
        "mdsgd_stages": (at_most(envelope_gradient_sq, G**2 / 2), STAGED, STAGES | {"horizons": [1, 2]}),
    }[arena]  # fmt: skip
    reading = Reading("planted", relation, tuple(given), arena=arena)
    instance = ARENAS[arena].refit(instance)
    assert ARENAS[arena].replay(reading, instance).broken
    smaller = shrink(ARENAS[arena], reading, instance)
    assert (ARENAS[arena].cost(smaller), len(str(smaller))) < (ARENAS[arena].cost(instance), len(str(instance)))
    assert ARENAS[arena].replay(reading, smaller).broken
