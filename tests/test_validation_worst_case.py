import math
import re
from dataclasses import replace
from functools import partial

import pytest
from sympy import Rational

from theory import hypotheses as given
from theory.claim import Claim, Reading, at_least, at_most
from theory.scenes import f_least, f_x, g_x
from theory.symbols import C, G, H, L, a, deviation_sq, eta, eta_t, gamma, lag_sq, memory_sq, mu
from theory.vectors import norm_sq
from validation import performance, worst_case, worst_cases_qsparse_local_sgd
from validation.attack import EFFORTS
from validation.checks import Bench
from validation.performance import TOLERANCE, solve
from validation.worst_case import CASES, DIGITS, exact, tightness

BENCH = Bench(EFFORTS["quick"], 0, standing=lambda _: pytest.fail("nothing is cited"), proved=lambda _: False)

MEMORY = (given.contraction, given.second_moment, given.gap_from_zero)
DECAYING = (given.decaying_step, given.shift_above_memory, given.memory_constant)
PRINTED = {
    "remark-2": Reading("as printed", at_most(norm_sq(g_x), 2 * L * (f_x - f_least)), (given.smooth, given.convex, given.minimiser)),
    "remark-3": Reading("as printed", at_least(norm_sq(g_x), 2 * mu * (f_x - f_least)), (given.minimiser,)),
    "lemma-4": Reading("as printed", at_most(memory_sq, 4 * eta_t**2 / gamma**2 * C * H**2 * G**2), (*MEMORY, *DECAYING)),
    "lemma-5": Reading("as printed", at_most(memory_sq, 4 * eta**2 * (1 - gamma**2) / gamma**2 * H**2 * G**2), (*MEMORY, given.fixed_step)),
    "lemma-7": Reading("as printed", at_most(deviation_sq, eta**2 * G**2 * H**2), (*MEMORY, given.fixed_step)),
    "lemma-8": Reading("as printed", at_most(deviation_sq, 4 * eta_t**2 * G**2 * H**2), (*MEMORY, given.decaying_step)),
}


def check(label, reading=None):
    return tightness(Claim(f"qsparse_local_sgd/{label}", "lemma", "", ""), reading or PRINTED[label], BENCH)


def scaled(reading, factor):
    return replace(reading, relation=at_most(reading.relation.lhs, reading.relation.rhs * factor))


# ---- values, against what is found by hand ----


def memory_by_hand(gamma, steps, gap, G):
    """||v - C(v)|| <= s ||v|| and the triangle inequality, each an equality where all point one way: m' = s (m + G sum of the steps)."""
    m = 0.0
    for start in range(0, len(steps), gap):
        m = math.sqrt(1 - gamma) * (m + G * sum(steps[start : start + gap]))
    return m**2


@pytest.mark.parametrize(("gamma", "n", "gap"), [(0.05, 5, 1), (0.3, 3, 2), (0.5, 1, 3), (0.5, 4, 1), (0.9, 5, 2), (0.99, 2, 1)])
def test_the_memory_after_n_synchronisations_is_what_the_geometric_sum_says(gamma, n, gap):
    s = math.sqrt(1 - gamma)
    by_hand = (1 - gamma) * (1 + s) ** 2 / gamma**2 * (1 - s**n) ** 2 * (0.7 * gap * 1.3) ** 2
    worst = exact("qsparse_local_sgd/lemma-5", gamma=gamma, synchronisations=n, gap=gap, eta=0.7, G=1.3)
    assert worst.value == pytest.approx(by_hand, rel=TOLERANCE)
    assert worst.exact


@pytest.mark.parametrize(("a", "gap", "gamma", "n"), [(20.0, 2, 0.5, 3), (9.0, 2, 0.9, 5), (1.0, 1, 0.2, 4)])
def test_the_memory_with_a_decaying_step_is_what_the_recursion_says(a, gap, gamma, n):
    worst = exact("qsparse_local_sgd/lemma-4", a=a, gap=gap, gamma=gamma, synchronisations=n, step_scale=3.0, G=2.0)
    assert worst.value == pytest.approx(memory_by_hand(gamma, [3 / (a + t) for t in range(n * gap)], gap, 2.0), rel=TOLERANCE)
    assert worst.exact


@pytest.mark.parametrize("quantity", ["mean_memory_sq", "lag_sq"])
def test_more_workers_do_not_change_the_worst_mean_memory_nor_the_worst_lag(quantity):
    worst = exact("qsparse_local_sgd/lemma-5", quantity=quantity, workers=3, synchronisations=2)
    assert worst.value == pytest.approx(memory_by_hand(0.3, [1] * 4, 2, 1), rel=TOLERANCE)
    assert worst.exact


@pytest.mark.parametrize("workers", [2, 3, 4, 5])
@pytest.mark.parametrize("gap", [2, 3])
def test_the_deviation_is_the_square_of_the_longest_walk_for_any_number_of_workers(workers, gap):
    fixed = exact("qsparse_local_sgd/lemma-7", workers=workers, gap=gap, eta=0.5, G=3.0)
    assert fixed.value == pytest.approx(((gap - 1) * 0.5 * 3) ** 2, rel=TOLERANCE)
    decaying = exact("qsparse_local_sgd/lemma-8", workers=workers, gap=gap, a=4.0)
    assert decaying.value == pytest.approx(sum(1 / (4 + t) for t in range(gap - 1)) ** 2, rel=TOLERANCE)
    assert fixed.exact
    assert decaying.exact


@pytest.mark.parametrize("curvature", [1e-4, 0.5, 3.0, 1e6])
def test_the_constants_of_remarks_2_and_3_are_twice_the_curvature(curvature):
    for worst in (exact("qsparse_local_sgd/remark-2", L=curvature), exact("qsparse_local_sgd/remark-3", mu=curvature)):
        assert worst.value == pytest.approx(2 * curvature, rel=TOLERANCE)
        assert worst.exact


@pytest.mark.parametrize("claim_id", CASES)
def test_the_reference_attains_every_registered_case(claim_id):
    worst = exact(claim_id)
    assert worst.status == "optimal"
    assert worst.attained_by_reference == pytest.approx(worst.value, rel=TOLERANCE)
    assert worst.primal == pytest.approx(worst.value, rel=TOLERANCE)


def test_the_value_scales_with_its_unit():
    tiny = exact("qsparse_local_sgd/lemma-5", eta=1e-5, G=1e-3)
    assert tiny.value == pytest.approx(exact("qsparse_local_sgd/lemma-5").value * 1e-16, rel=TOLERANCE)
    assert tiny.exact


def test_the_multipliers_prove_the_value():
    worst = exact("qsparse_local_sgd/lemma-5", synchronisations=3, gap=1)
    assert min(worst.multipliers) >= 0
    of_gradients = worst.multipliers[::2]  # one gradient, then one compression in every iteration; only gradients have a right side, 1
    assert sum(of_gradients) == pytest.approx(worst.value, rel=TOLERANCE)


# ---- what the check says of a bound ----


@pytest.mark.parametrize("label", PRINTED)
def test_a_true_bound_is_not_below_the_exact_worst_case(label):
    found = check(label)
    assert found.outcome == "exact"
    assert 0 < found.ratio <= 1


def test_the_distance_is_that_of_bound_and_worst_case():
    s = math.sqrt(0.7)
    worst = 0.7 * (1 + s) ** 2 / 0.09 * (1 - s**5) ** 2
    found = check("lemma-5")
    assert found.ratio == pytest.approx(worst / (4 * (1 - 0.09) / 0.09), rel=10.0 ** (1 - DIGITS))
    assert f"{1 / found.ratio:.3g} times from it" in found.evidence


@pytest.mark.parametrize("label", ["remark-2", "remark-3"])
def test_a_sharp_constant_is_called_sharp(label):
    found = check(label)
    assert found.ratio == 1
    assert "sharp" in found.evidence


@pytest.mark.parametrize("label", ["lemma-4", "lemma-5", "lemma-7", "lemma-8", "remark-2"])
def test_a_bound_100_times_too_small_is_noticed(label):
    sound, planted = check(label), check(label, scaled(PRINTED[label], Rational(1, 100)))
    assert planted.ratio == pytest.approx(100 * sound.ratio, rel=10.0 ** (2 - DIGITS))
    assert planted.ratio > 1
    assert "exceeded" in planted.evidence


def test_a_lower_bound_too_large_is_noticed():
    planted = Reading("planted", at_least(norm_sq(g_x), 3 * mu * (f_x - f_least)), (given.minimiser,))
    assert check("remark-3", planted).ratio == pytest.approx(1.5)


def test_a_fixed_step_bound_that_forgets_the_gap_is_noticed():
    assert check("lemma-7", Reading("planted", at_most(deviation_sq, eta**2 * G**2), MEMORY)).ratio == pytest.approx(9)


def test_the_bound_is_taken_at_the_last_iterate_before_the_next_synchronisation():
    found = check("lemma-8", Reading("planted", at_most(deviation_sq, eta_t**2), MEMORY))
    assert found.ratio == pytest.approx((1 / 40 + 1 / 41 + 1 / 42) ** 2 * 43**2, rel=10.0 ** (1 - DIGITS))


@pytest.mark.parametrize(
    ("label", "reading", "why"),
    [
        ("lemma-5", replace(PRINTED["lemma-5"], given=(given.contraction, given.gap_as_defined)), "I_T are at most H apart"),
        ("lemma-5", replace(PRINTED["lemma-5"], relation=at_most(lag_sq, eta**2)), "lag_sq"),
        ("lemma-5", replace(PRINTED["lemma-5"], relation=at_most(memory_sq, eta**2 * a)), "a is not measured"),
        ("lemma-8", replace(PRINTED["lemma-8"], given=(replace(given.shift_above_one, says="large a", condition=a > 999),)), "large a"),
    ],
    ids=["other gap", "other quantity", "letter without a value", "hypothesis not met"],
)
def test_a_reading_that_the_case_does_not_measure_is_not_compared(label, reading, why):
    found = check(label, reading)
    assert found.outcome == "not compared"
    assert why in found.evidence
    assert found.ratio is None


def test_a_claim_without_a_case_or_without_a_relation_gets_no_answer():
    assert check("lemma-6", PRINTED["lemma-5"]) is None
    assert check("lemma-5", Reading("without a relation")) is None


def test_the_evidence_does_not_show_the_last_digits_of_the_solver():
    for label in PRINTED:
        found = check(label)
        digits = [len(number.replace(".", "").lstrip("0")) for number in re.findall(r"\d+\.\d+", found.evidence)]
        assert max(digits, default=0) <= DIGITS
        assert found.ratio == float(f"{found.ratio:.{DIGITS}g}")


# ---- failures ----


def test_an_infeasible_programme_is_reported_and_gives_no_value():
    from PEPit import PEP, Point

    programme, point = PEP(), Point()
    constraints = [point**2 <= 1, point**2 >= 2]
    for constraint in constraints:
        programme.add_constraint(constraint)
    programme.set_performance_metric(point**2)
    found = solve(programme, constraints)
    assert found.value is None
    assert "infeasible" in found.status


def test_an_unbounded_programme_is_reported_and_gives_no_value():
    from PEPit import PEP, Point

    programme, point = PEP(), Point()
    constraints = [point**2 >= 1]
    programme.add_constraint(constraints[0])
    programme.set_performance_metric(point**2)
    found = solve(programme, constraints)
    assert found.value is None
    assert "unbounded" in found.status


def test_a_solver_that_gives_up_is_reported_and_gives_no_bound(monkeypatch):
    monkeypatch.setattr(performance, "solve", partial(solve, max_iter=1))
    monkeypatch.setattr(worst_case, "_registered", worst_case._registered.__wrapped__)  # what was solved before is remembered
    for label in PRINTED:
        failed, found = exact(f"qsparse_local_sgd/{label}"), check(label)
        assert failed.value is None
        assert not failed.exact
        assert found.outcome == "solver failed"
        assert found.ratio is None
        assert failed.status in found.evidence


def test_an_instance_that_is_not_extremal_is_noticed(monkeypatch):
    monkeypatch.setitem(
        worst_cases_qsparse_local_sgd.EXTREMAL, "deviation_sq", worst_cases_qsparse_local_sgd.ALIGNED
    )  # workers that walk together do not deviate
    assert not exact("qsparse_local_sgd/lemma-7", synchronisations=1).exact
    monkeypatch.setitem(CASES, "qsparse_local_sgd/lemma-7", partial(CASES["qsparse_local_sgd/lemma-7"], synchronisations=1))
    assert check("lemma-7").outcome == "not attained"


@pytest.mark.parametrize(
    ("claim_id", "parameters", "says"),
    [
        ("qsparse_local_sgd/lemma-6", {}, "claim must be one of .*lemma-5.*lemma-6"),
        ("qsparse_local_sgd/lemma-5", {"mu": 1}, "parameters of qsparse_local_sgd/lemma-5 must be among .*gamma.*got mu"),
        ("qsparse_local_sgd/lemma-5", {"gamma": 1.0}, "gamma must lie strictly between 0 and 1, got 1.0"),
        ("qsparse_local_sgd/lemma-5", {"synchronisations": 0}, "synchronisations must be an integer of at least 1 for memory_sq, got 0"),
        ("qsparse_local_sgd/lemma-5", {"gap": 1.5}, "gap must be an integer"),
        ("qsparse_local_sgd/lemma-5", {"eta": -1.0}, "eta must be positive and finite, got -1.0"),
        ("qsparse_local_sgd/lemma-5", {"G": math.inf}, "G must be positive and finite, got inf"),
        ("qsparse_local_sgd/lemma-5", {"a": 3.0}, "give either eta, or step_scale and a, got eta = 1.0, step_scale = None, a = 3.0"),
        ("qsparse_local_sgd/lemma-5", {"quantity": "bits"}, "quantity must be one of memory_sq, .*got 'bits'"),
        ("qsparse_local_sgd/lemma-7", {"workers": 1}, "workers must be an integer of at least 2 for deviation_sq, got 1"),
        ("qsparse_local_sgd/lemma-7", {"gap": 1}, "gap must be an integer of at least 2 for deviation_sq, got 1"),
        ("qsparse_local_sgd/remark-2", {"L": 0.0}, "L must be positive and finite, got 0.0"),
    ],
)
def test_bad_input_is_refused_by_name(claim_id, parameters, says):
    with pytest.raises(ValueError, match=says):
        exact(claim_id, **parameters)
