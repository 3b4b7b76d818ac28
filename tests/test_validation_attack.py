"""Attacks on runs: what is measured, who is a valid instance, and that planted errors are caught while true statements survive."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
import sympy as sp
import torch
from hypothesis import given as draws
from hypothesis import strategies as st

from theory import hypotheses as h
from theory.claim import Hypothesis, Reading, Relation, at_least, at_most, equals
from theory.local_sgd import CLAIMS as LOCAL_SGD
from theory.symbols import (
    S_T,
    C,
    C_hat,
    G,
    H,
    L,
    R,
    T,
    a,
    b,
    deviation_sq,
    eta,
    eta_t,
    function_gap,
    gamma,
    initial_gap,
    lag_less_memory_sq,
    lag_sq,
    mean_memory_sq,
    memory_sq,
    mu,
    noise_sq,
    output_gap,
    output_gradient_sq,
    p,
    progress_sq,
    sigma_sq_sum,
    start_distance_sq,
    synced_memory_sq,
    t,
    virtual_distance_sq,
    xi,
)  # fmt: skip
from validation import memory, runs
from validation.attack import ARENAS, EFFORTS, Attack, Effort, attack, generator, measured_once
from validation.hypotheses import VALIDATORS, Case, Compression, Pieces, judge, smallest_shift, synchronisations
from validation.quantities import Interval, NotMeasured, along_orbit, evaluate, holds, plausible_along, root, root_above, sides

QUICK = EFFORTS["quick"]
FAST = replace(QUICK, instances=24)

MEMORY = (h.gap_from_zero, h.contraction, h.second_moment)
SMOOTH = (h.smooth, h.second_moment, h.variance, h.batches, h.contraction, h.gap_from_zero)
CONVEX = (*SMOOTH, h.strongly_convex, h.strongly_convex_step, h.shift_above_one, h.shift_above_memory, h.shift_above_condition,
          h.shift_above_gap, h.memory_constant)  # fmt: skip
LEMMA_5 = 4 * eta**2 * (1 - gamma**2) / gamma**2 * H**2 * G**2
SUPREMUM_5 = (1 - gamma) * (1 + sp.sqrt(1 - gamma)) ** 2 / gamma**2 * eta**2 * H**2 * G**2
VARIANCE = sigma_sq_sum / (b * R**2)


def theorem_1(gap: sp.Expr = H**2) -> Relation:
    first = (initial_gap / C_hat + C_hat * L * VARIANCE) * 4 / sp.sqrt(T)
    return at_most(output_gradient_sq, first + 8 * (4 * (1 - gamma**2) / gamma**2 + 1) * C_hat**2 * L**2 * G**2 * gap / T)


def theorem_2(power: int) -> Relation:
    B = 4 * ((3 * mu / 2 + 3 * L) * C * G**2 * H**2 / gamma**2 + 3 * L**power * G**2 * H**2)
    start = L * a**3 / (4 * S_T) * start_distance_sq
    return at_most(output_gap, start + 8 * L * T * (T + 2 * a) / (mu**2 * S_T) * VARIANCE + 128 * L * T / (mu**3 * S_T) * B)


def on(arena: str, relation: Relation, *given: h.Hypothesis, effort: Effort = FAST, **setting: str) -> Attack:
    return attack(Reading("test", relation, tuple(given), arena=arena, setting=setting), effort, seed=0)


# ---- measured values ----


def floats(**values: object) -> dict[str, np.ndarray]:
    return {name: np.array(value, dtype=float) for name, value in values.items()}


def exact(**values: object) -> dict[str, np.ndarray]:
    return {name: np.frompyfunc(Fraction, 1, 1)(np.array(value, dtype=object)).astype(object) for name, value in values.items()}


@pytest.mark.parametrize("kind", [floats, exact])
def test_a_free_t_means_every_time_at_which_all_quantities_are_measured(kind):
    measured = kind(memory_sq=[[1, 4, 9, 16]], eta_t=[[1, 2]], horizon=[3])
    both = sides(at_most(memory_sq.subs(t, t + 1), eta_t), measured)
    assert both.index is not None
    assert both.index[1].tolist() == [0, 1]
    assert both.ratios.tolist() == [[4, 4.5]]


@pytest.mark.parametrize("kind", [floats, exact])
def test_sums_ends_and_letters_are_evaluated_row_by_row(kind):
    measured = kind(memory_sq=[[1, 4, 9], [2, 3, 4]], eta_t=[[1, 2], [3, 5]], horizon=[2, 2], gamma=[1, 0.5])
    total = sp.Sum(eta_t**2, (t, 0, T - 1))
    assert evaluate(total, measured).ravel().tolist() == [5, 34]
    assert evaluate(memory_sq.subs(t, T) - memory_sq.subs(t, 0), measured).ravel().tolist() == [8, 2]
    assert evaluate(T / gamma**2, measured).ravel().tolist() == [2, 8]


def test_what_is_not_measured_is_named():
    with pytest.raises(NotMeasured, match="gamma"):
        sides(at_most(memory_sq, gamma), floats(memory_sq=[[1]], horizon=[1]))


def test_a_zero_bound_compares_the_difference():
    broken, kept = sides(at_most(memory_sq, 1 - gamma**2), floats(memory_sq=[[1], [0]], gamma=[1, 1], horizon=[1, 1])).ratios
    assert broken == math.inf
    assert kept == 0


def test_round_off_between_large_terms_is_no_violation():
    measured = floats(memory_sq=[[1e6 + 0.1]], eta_t=[[1e6]], horizon=[1], gamma=[0.1])
    assert sides(at_most(memory_sq - eta_t, gamma), measured).ratios[0, 0] <= 1


@draws(st.fractions(min_value=0, max_value=10**12), st.integers(2, 4))
def test_a_root_is_enclosed_by_rationals(value, degree):
    found = root(value, degree)
    low, high = (found, found) if isinstance(found, Fraction) else (found.low, found.high)
    assert low**degree <= value <= high**degree
    assert high - low <= Fraction(1, 10**50)


def test_a_rational_root_stays_exact_and_a_constant_above_is_no_smaller():
    assert root(Fraction(9, 4), 2) == Fraction(3, 2)
    assert root_above(Fraction(9, 4)) == Fraction(3, 2)
    assert 2 <= root_above(Fraction(2)) ** 2 <= 2 + Fraction(1, 10**10)


def test_a_logarithm_is_enclosed():
    value = evaluate(sp.log(T), exact(horizon=[3]))[0, 0]
    assert isinstance(value, Interval)
    assert value.low < Fraction("1.0986122886681098") < value.high + Fraction(1, 10**15)
    assert value.high - value.low < Fraction(1, 10**50)
    assert sp.exp(sp.Rational(value.low.numerator, value.low.denominator)).n(80) <= 3


@draws(st.fractions(-9, 9), st.fractions(-9, 9), st.fractions(0, 1), st.fractions(0, 1))
def test_interval_arithmetic_contains_the_arithmetic_of_its_points(x, y, wide, at):
    X, point = Interval(x, x + wide), x + at * wide
    for result, value in ((X + y, point + y), (y - X, y - point), (X * y, point * y), (X**2, point**2), (X * X, point * point)):
        assert result.low <= value <= result.high


def test_equality_in_enclosures_is_never_called_a_violation():
    both = sides(at_most(sp.sqrt(T) ** 3 / T, sp.sqrt(T) + 0 * memory_sq), exact(horizon=[2], memory_sq=[[0]]))
    assert not both.violated.any()


def test_conditions_are_judged_exactly_at_their_edge():
    measured = exact(eta=[Fraction(1, 6)], L=[3], C_hat=[Fraction(1, 3)], horizon=[4])
    assert holds(C_hat / sp.sqrt(T) <= 1 / (2 * L), measured)
    assert not holds(C_hat / sp.sqrt(T) < 1 / (2 * L), measured)


def test_a_condition_that_divides_by_0_is_not_met():
    measured = exact(eta=[0], L=[3])
    assert not holds(1 / eta >= L, measured)
    assert not holds(sp.Not(1 / eta >= L), measured)
    assert not judge((Hypothesis("short", "", 1 / eta >= L),), Case(measured, (), (), ()))["short"][0]


# ---- instances ----


def test_the_orbit_by_units_is_what_a_rescaled_run_measures():
    stretch = progress_sq.subs(progress_sq.args[0], 0)
    relation = at_most(output_gap + function_gap, stretch + virtual_distance_sq + noise_sq + eta_t * G + mu)
    spec = next(s for s in runs.draw("strongly convex", "strongly convex", False, 8, generator(1, "test")) if s.shape[1] == 2)
    plain = runs.to_instance(spec, 3, Fraction(1), Fraction(1), False)
    scale = (Fraction(1, 1000), Fraction(10))
    case, moved = (_case(runs.ARENA.refit(each)) for each in (plain, runs.moved(plain, *scale)))
    numbers = {name: values.astype(float) for name, values in case.measured.items()}
    expected = sides(relation, moved.measured).ratios.max()
    assert along_orbit(relation, numbers, [scale])[0, 0] == pytest.approx(expected, rel=1e-12)


def test_a_condition_that_mixes_units_is_judged_after_each_rescaling_as_a_replay_does():
    reading = next(claim for claim in LOCAL_SGD if claim.id == "local_sgd/theorem-2.2").readings[0]
    spec = next(s for s in runs.draw("strongly convex", "four over mu", False, 16, generator(3, "test"), True) if s.shape[2] == 1)
    measured = runs.shown(spec, False)
    met = plausible_along(reading.conditions, measured, runs.ORBIT)
    assert met.shape == (len(runs.ORBIT), len(spec.start))
    assert (met[0] != met).any()  # a > H / mu, as 1 / mu grows
    judged = set()
    for row, scale in product(range(0, 16, 5), range(0, len(runs.ORBIT), 3)):
        instance = runs.to_instance(spec, row, *runs.ORBIT[scale], False)
        replayed = runs.ARENA.replay(reading, instance).hypotheses
        assert met[scale, row] == all(replayed[name][0] for name in ("shift_above_four_condition", "shift_above_gap_over_mu"))
        judged.add(bool(met[scale, row]))
    assert judged == {True, False}
    homogeneous = [condition for condition in reading.conditions if "gap" not in str(condition)]
    assert len(plausible_along(homogeneous, measured, runs.ORBIT)) == 1


def _case(instance) -> Case:
    spec, constants = runs.decode(instance)
    return runs.case_of(spec, constants, runs.observe(spec, constants.get("mu")))


@pytest.mark.parametrize(("convexity", "rule"), [("smooth", "horizon"), ("smooth", "decaying"), ("strongly convex", "strongly convex")])
def test_every_drawn_run_is_valid_and_measures_the_same_exactly(convexity, rule):
    steps = {"horizon": h.horizon_step, "decaying": h.decaying_step, "strongly convex": h.strongly_convex_step}
    convex = (h.strongly_convex, h.shift_above_condition) if convexity == "strongly convex" else ()
    shifts = (h.shift_above_memory, h.shift_above_gap, h.memory_constant) if rule != "horizon" else ()
    specs = [s for s in runs.draw(convexity, rule, False, 8, generator(2, "test")) if s.horizon <= 4]
    for spec in specs[::4]:
        flattest, _ = runs.curvatures(spec.functions)
        seen = runs.observe(spec, flattest if (flattest > 0).all() else None)
        instance = runs.to_instance(spec, 5, Fraction(1), Fraction(1), False)
        if runs.ARENA.cost(instance) > 200:
            continue
        case = _case(instance)
        judged = judge((*SMOOTH, steps[rule], *convex, *shifts), case)
        assert all(met for met, _ in judged.values()), judged
        arbitrary = () if convex else ("virtual_distance_sq", "start_distance_sq")  # where x* is not unique
        for name in set(seen.measured).difference(arbitrary):
            rounded = np.asarray(case.measured[name][0], dtype=float)
            np.testing.assert_allclose(rounded, seen.measured[name][5], rtol=1e-9, atol=1e-12, err_msg=name)


def test_structures_visit_the_edges():
    for rule in runs.RULES:
        drawn = list(runs.structures(rule))
        assert any(s["H"] == s["T"] > 1 for s in drawn)
        assert any(s["R"] == 1 for s in drawn)
        assert any(runs.coefficient(s["operator"], s["d"]) == 1 for s in drawn)
        assert {1, 2} == {s["n"] for s in drawn}
    functions = runs.draw_functions("strongly convex", (24, 2, 1, 1), generator(3, "test"))
    flattest, steepest = runs.curvatures(functions)
    assert (flattest == steepest).any()


def test_shifts_lie_just_beyond_the_bounds_that_are_asked_for():
    assert smallest_shift(set(), 10, Fraction(1, 2)) == 1
    assert smallest_shift({"shift_above_gap"}, 10, Fraction(1, 2)) == 10
    assert 80 < smallest_shift({"shift_above_memory", "shift_above_gap"}, 10, Fraction(1, 2)) < 82


def test_literal_gaps_leave_the_first_stretch_free():
    rng = generator(0, "test")
    assert all(np.diff((0, *s)).max() <= 3 for s in synchronisations(3, 5, False, rng))
    assert any(s[0] > 30 and np.diff(s).max() <= 3 for s in synchronisations(3, 5, True, rng))


ONE = Fraction(1)
LINE = Pieces(*(np.array(x, dtype=object) for x in ([[0 * ONE]], [[ONE]], [[[ONE]]], [[[ONE]]])))  # curvature 1, then 2
GOOD = Case(
    measured=exact(
        L=[2], mu=[1], G=[2], gamma=["1/2"], gap=[2], horizon=[3], eta=["1/4"], eta_t=[["1/4"] * 4], C_hat=["1/2"],
        sigma_sq_sum=[1], sigma_max=[1],
    ),
    synchronise=(2, 3),
    compressions=[Compression((Fraction(1), Fraction(1)), (Fraction(1), Fraction(0)), Fraction(1))],
    second_moments=[Fraction(4)],
    variances=[[Fraction(1)]],
    sigma_sq=[Fraction(1)],
    functions=LINE,
)  # fmt: skip


def with_letters(**values: object) -> Case:
    return replace(GOOD, measured={**GOOD.measured, **exact(**values)})


CONCAVE = replace(GOOD, functions=LINE._replace(curvature=-3 * LINE.curvature))
REJECTED = {
    "smooth": CONCAVE,
    "one_sided_smooth": with_letters(L=["3/2"]),
    "strongly_convex": with_letters(mu=["3/2"]),
    "convex": CONCAVE,
    "minimiser": replace(GOOD, functions=Pieces(LINE.slope + 1, 0 * LINE.curvature, LINE.knots, 0 * LINE.bends)),
    "second_moment": replace(GOOD, second_moments=[Fraction(4), Fraction(5)]),
    "variance": replace(GOOD, variances=[[Fraction(1), Fraction(2)]]),
    "contraction": with_letters(gamma=["3/4"]),
    "gap_as_defined": replace(GOOD, synchronise=(1, 4), measured={**GOOD.measured, **exact(horizon=[4])}),
    "gap_from_zero": replace(GOOD, synchronise=(3,)),
    "fixed_step": with_letters(eta_t=[["1/4", "1/4", "1/4", "1/5"]]),
    "decaying_step": with_letters(a=[1], step_scale=[1]),
    "strongly_convex_step": with_letters(a=[1]),
    "four_over_mu_step": with_letters(a=[1]),
    "same_function": replace(GOOD, functions=Pieces(*(np.concatenate([each, each + 1]) for each in LINE))),
    "horizon_step": with_letters(),
    "positive_step": with_letters(eta_t=[["1/4", "0", "1/4", "1/4"]]),
    "nonincreasing_step": with_letters(eta_t=[["1/4", "1/3", "1/4", "1/4"]]),
    "nondecreasing_step": with_letters(eta_t=[["1/4", "1/5", "1/4", "1/4"]]),
    "monotone_step": with_letters(eta_t=[["1/4", "1/5", "1/4", "1/4"]]),
    "warm_up_then_decay_step": with_letters(eta_t=[["1/4", "1/5", "1/4", "1/4"]]),
    "alternating_step": with_letters(eta_t=[["1/4", "1/5", "1/3", "1/5"]]),
}


def test_every_validator_is_known_to_reject():
    own = {name for name, validator in VALIDATORS.items() if validator.__module__ == "validation.hypotheses"}
    assert own == set(REJECTED) | {"any_map"}


@pytest.mark.parametrize("name", REJECTED)
def test_a_validator_rejects_what_misses_its_hypothesis(name):
    met, why = judge((getattr(h, name),), REJECTED[name])[name]
    assert not met, why


@pytest.mark.parametrize("name", sorted(set(REJECTED) - {"decaying_step", "strongly_convex_step", "four_over_mu_step", "horizon_step"}))
def test_a_validator_accepts_what_meets_its_hypothesis(name):
    met, why = judge((getattr(h, name),), GOOD)[name]
    assert met, why


def test_two_outputs_for_one_input_are_no_map():
    twice = [*GOOD.compressions, Compression((Fraction(1), Fraction(1)), (Fraction(0), Fraction(1)), Fraction(1))]
    met, why = judge((h.contraction,), replace(GOOD, compressions=twice))["contraction"]
    assert not met
    assert "no map" in why


# ---- memory and deviation ----


@pytest.mark.parametrize(("gamma_", "stretches"), [(Fraction(1, 2), 8), (Fraction(1, 4), 20), (Fraction(1, 10), 70)])
def test_the_ascent_reaches_95_percent_of_the_finite_supremum_in_3_steps(gamma_, stretches):
    setting = memory.Setting(1, 2, tuple(range(2, 2 * stretches + 1, 2)), gamma_, (("rule", "fixed"), ("eta", "1")))
    torch.manual_seed(1)  # which must not matter
    reached = memory.ascend(setting, memory.last_memory, 32, 3, generator(0, "test")).measured["memory_sq"].max()
    c = math.sqrt(1 - gamma_)  # m' = c (m + H G): supremum (H G c (1 - c^n) / (1 - c))^2
    assert 0.95 <= reached / (2 * c * (1 - c**stretches) / (1 - c)) ** 2 <= 1 + 1e-9


def test_lemma_5_stands_and_is_seen_to_be_nearly_tight():
    found = on("memory", at_most(memory_sq, LEMMA_5), *MEMORY, h.fixed_step, effort=QUICK)
    assert found.outcome == "not broken"
    assert found.ratio is not None
    assert found.ratio > 0.7
    assert on("memory", at_most(memory_sq, SUPREMUM_5), *MEMORY, h.fixed_step).outcome == "not broken"


@pytest.mark.parametrize(
    ("bound", "error"),
    [
        (LEMMA_5 / 8, "a factor 1/8"),
        (4 * eta**2 * (1 - gamma**2) / gamma * H**2 * G**2, "gamma not squared"),
        (4 * eta**2 * (1 - gamma**2) / gamma**2 * H**2 * G, "G not squared: units"),
        (LEMMA_5 / H, "H not squared"),
        (SUPREMUM_5 * sp.Rational(99, 100), "one percent"),
    ],
)
def test_planted_errors_in_lemma_5_are_caught(bound, error):
    found = on("memory", at_most(memory_sq, bound), *MEMORY, h.fixed_step)
    assert found.outcome == "broken", error
    assert found.witness is not None


@pytest.mark.parametrize("lost", [h.contraction, h.second_moment, h.gap_from_zero])
def test_an_instance_that_misses_a_hypothesis_does_not_count(lost):
    reading = Reading("planted", at_most(memory_sq, LEMMA_5 / 8), (*MEMORY, h.fixed_step), arena="memory")
    witness = attack(reading, FAST, 0).witness
    assert witness is not None
    worse = {"contraction": {"gamma": "99/100"}, "second_moment": {"G": "1/2"}, "gap_from_zero": {"gap": 0}}[lost.name]
    replayed = ARENAS["memory"].replay(reading, witness | worse)
    assert not replayed.hypotheses[lost.name][0]
    assert not replayed.broken


def test_the_gap_read_literally_breaks_lemma_5():
    found = on("memory", at_most(memory_sq, LEMMA_5), h.gap_as_defined, h.contraction, h.second_moment, h.fixed_step, gap="as defined")
    assert found.outcome == "broken"
    assert found.witness is not None
    assert found.witness["synchronise"][0] > found.witness["gap"]


def test_lemma_4_stands_for_the_smallest_constant_and_a_16_times_smaller_one_is_caught():
    bound = 4 * eta_t**2 / gamma**2 * C * H**2 * G**2
    given = (*MEMORY, h.decaying_step, h.shift_above_memory, h.memory_constant)
    assert on("memory", at_most(memory_sq, bound), *given).outcome == "not broken"
    assert on("memory", at_most(memory_sq, bound / 16), *given).outcome == "broken"


def test_lemma_8_needs_its_shift():
    relation, given = at_most(deviation_sq, 4 * eta_t**2 * G**2 * H**2), (h.decaying_step, h.gap_from_zero, h.second_moment)
    assert on("deviation", relation, *given).outcome == "broken"
    assert on("deviation", relation, *given, h.shift_above_gap).outcome == "not broken"


def test_lemma_7_stands_even_with_one_step_less_and_no_further():
    given = (h.fixed_step, h.gap_from_zero, h.second_moment)
    assert on("deviation", at_most(deviation_sq, eta**2 * G**2 * (H - 1) ** 2), *given).outcome == "not broken"
    assert on("deviation", at_most(deviation_sq, eta**2 * G**2 * (H - 1) ** 2 * sp.Rational(99, 100)), *given).outcome == "broken"


def test_a_twin_that_synchronises_one_iteration_late_makes_no_witness(monkeypatch):
    step, waiting = memory.step, []

    def late(state, gradients, eta, synchronise, compress, uniforms=None):
        on_time, messages = step(state, gradients, eta, synchronise, compress, uniforms)
        if not state.x_hat.any():  # a new run
            waiting.clear()
        if synchronise:
            waiting.append(on_time)
            return step(state, gradients, eta, False, compress, uniforms)
        return (waiting.pop() if waiting else on_time), messages

    monkeypatch.setattr(memory, "step", late)
    given, anew = (h.fixed_step, h.gap_from_zero, h.second_moment), replace(FAST, name="late")
    found = on("deviation", at_most(deviation_sq, eta**2 * G**2 * (H - 1) ** 2), *given, effort=anew)
    assert found.outcome == "not broken"
    assert "did not survive exact replay" in found.evidence


def test_free_letters_are_tried_at_several_values():
    limit = p**2 * (1 - gamma**2) / (p - 1) * eta**2 / gamma**2 * H**2 * G**2  # p = 2 gives Lemma 5
    assert on("memory", at_most(synced_memory_sq, limit), *MEMORY, h.fixed_step, h.young_parameter).outcome == "not broken"
    wrong = at_most(synced_memory_sq, limit / p)
    found = on("memory", wrong, *MEMORY, h.fixed_step, h.young_parameter)
    assert found.outcome == "broken"
    assert found.witness is not None
    assert "p" in found.witness["free"]


# ---- runs ----


def test_theorem_2_as_printed_is_broken_by_rescaling_and_stands_with_L_once():
    printed = on("run", theorem_2(2), *CONVEX)
    assert printed.outcome == "broken"
    assert printed.witness is not None
    corrected = on("run", theorem_2(1), *CONVEX)
    assert corrected.outcome == "not broken"


def test_two_quadratics_with_H_and_T_3_break_theorem_2_when_rescaled():
    quadratic = {"curvature": "1", "knots": [], "bends": []}
    instance = {
        "horizon": 3, "gap": 3, "synchronise": [3], "batch": 1, "operator": {"name": "identity"}, "gamma": "1",
        "step": {"rule": "strongly convex", "a": "65"}, "start": ["0"],
        "functions": [[[{"slope": "1", **quadratic}]], [[{"slope": "-1", **quadratic, "curvature": "2"}]]],
        "constants": {"L": "2", "mu": "1", "G": "9", "sigma_sq": ["0", "0"]},
    }  # fmt: skip
    arena, (printed, corrected) = runs.ARENA, (Reading("test", theorem_2(power), CONVEX, arena="run") for power in (2, 1))
    assert not arena.replay(printed, arena.refit(instance)).violated
    flat = arena.refit(runs.moved(instance, Fraction(10) ** 9, Fraction(1)))
    assert arena.replay(printed, flat).broken
    assert arena.replay(corrected, flat).valid
    assert not arena.replay(corrected, flat).violated


def test_theorem_1_stands_and_without_the_gap_it_does_not():
    assert on("run", theorem_1(), *SMOOTH, h.horizon_step).outcome == "not broken"
    assert on("run", theorem_1(sp.Integer(1)), *SMOOTH, h.horizon_step).outcome == "broken"


def test_one_sided_smoothness_is_not_enough_for_theorem_1():
    found = on("run", theorem_1(), h.one_sided_smooth, *SMOOTH[1:], h.horizon_step)
    assert found.outcome == "broken"
    reading = Reading("Lipschitz", theorem_1(), (*SMOOTH, h.horizon_step), arena="run")
    assert found.witness is not None
    met, why = runs.ARENA.replay(reading, found.witness).hypotheses["smooth"]
    assert not met, why


def test_the_average_memory_is_the_lag_and_half_of_it_is_not():
    given = (h.any_map,)
    assert on("run", equals(lag_less_memory_sq, 0), *given, step="fixed").outcome == "not broken"
    assert on("run", at_most(lag_sq, mean_memory_sq), *given, step="fixed").outcome == "not broken"
    assert on("run", at_most(lag_sq, mean_memory_sq / 2), *given, step="fixed").outcome == "broken"
    assert on("run", at_least(lag_sq, mean_memory_sq), *given, step="fixed").outcome == "broken"


def test_expectations_over_samples_are_exact():
    given = (*SMOOTH, h.fixed_step)
    assert on("run", at_most(noise_sq, VARIANCE), *given).ratio == pytest.approx(1, abs=1e-12)  # attained
    assert on("run", at_most(noise_sq, VARIANCE / 2), *given).outcome == "broken"
    assert on("run", at_most(noise_sq, sigma_sq_sum / (b**2 * R**2)), *given).outcome == "broken"


def test_what_an_arena_cannot_measure_gives_no_instance():
    found = on("run", at_most(output_gap, xi * G**2), *SMOOTH, h.fixed_step)
    assert found.outcome == "no instance"
    assert "not measured" in found.evidence


@pytest.mark.parametrize("arena", ["memory", "run"])
def test_the_same_seed_gives_the_same_attack(arena):
    of_memory, of_runs = (at_most(memory_sq, LEMMA_5 / 8), *MEMORY, h.fixed_step), (theorem_1(sp.Integer(1)), *SMOOTH, h.horizon_step)
    relation, *given = of_memory if arena == "memory" else of_runs
    assert on(arena, relation, *given) == on(arena, relation, *given, effort=replace(FAST, name="again"))


def test_an_unknown_arena_is_named():
    with pytest.raises(ValueError, match=r"arena must be one of .*got 'nowhere'"):
        attack(Reading("x", theorem_1(), arena="nowhere"), QUICK, 0)


class Run(NamedTuple):
    start: np.ndarray
    gap: int


def test_an_exact_run_is_measured_once_and_another_anew():
    seen = []
    measured = measured_once(lambda run, mu=None: seen.append(run) or len(seen))
    exact, again = (Run(np.array([Fraction(1, 3)]), 2) for _ in range(2))
    assert measured(exact) == measured(again) == 1
    others = [exact._replace(gap=3), exact._replace(start=np.array([Fraction(1, 4)])), exact._replace(start=np.array([[Fraction(1, 3)]]))]
    assert [measured(each) for each in others] == [2, 3, 4]
    assert measured(exact, mu=1) == 5
    floats = Run(np.array([0.5]), 2)
    assert [measured(floats), measured(floats)] == [6, 7]
