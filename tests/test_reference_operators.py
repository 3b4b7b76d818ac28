"""The operators do what chapter 2 of Qsparse-local-SGD says: proved by exact enumeration in rationals wherever the randomness is finite."""

import tracemalloc
from dataclasses import replace
from fractions import Fraction as F
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.exact import exact_root, rationals
from reference.expectation import Moments, moments
from reference.operators import (
    OPERATORS,
    Operator,
    compose,
    identity,
    piecewise,
    qsgd,
    rand_k,
    random_signs,
    scaled,
    scaled_sign,
    sign_comp,
    stochastic_levels,
    stochastic_rotated,
    top_k,
)

D = 4
EXAMPLES = [
    identity(),
    top_k(3),
    rand_k(2),
    qsgd(1),
    qsgd(3),
    stochastic_levels(2),
    stochastic_rotated(3),
    scaled_sign(),
    sign_comp(top_k(2), 1),
    sign_comp(rand_k(3), 1),
    sign_comp(top_k(2), 2),
    sign_comp(top_k(2), 3),
    compose(qsgd(2), top_k(2)),
    compose(qsgd(2), top_k(2), "whole"),
    compose(stochastic_levels(3), rand_k(3)),
    compose(stochastic_levels(3), rand_k(3), "whole"),
    compose(stochastic_rotated(2), rand_k(2)),
    scaled(compose(qsgd(1), top_k(2)), F(2, 3)),
    piecewise([compose(stochastic_levels(1), rand_k(1)), qsgd(2)], [2, 2]),
    piecewise([top_k(1), scaled_sign()], [1, 3]),
]
# Rational norms throughout, also of the pieces; ties, zeros and negative entries among them.
POINTS = [rationals(x) for x in ([3, 0, -4, 0], [F(-3, 7), 0, F(4, 7), 0], [0, 0, 0, 0], [0, 6, 0, 8])]
UNBIASED = [qsgd(1), qsgd(3), stochastic_levels(1), stochastic_levels(4), stochastic_rotated(1), stochastic_rotated(2)]


def enumerated(operator: Operator, x: np.ndarray) -> Moments:
    """Moments by their definition, from the events alone."""
    outcomes = [(p, operator(x, u if operator.draws else None)) for p, u in operator.events(x)]
    assert sum(p for p, _ in outcomes) == 1
    return Moments(
        sum(p * y for p, y in outcomes), sum(p * (y**2).sum() for p, y in outcomes), sum(p * ((x - y) ** 2).sum() for p, y in outcomes)
    )


def is_unbiased(operator: Operator, x: np.ndarray) -> bool:
    return bool((enumerated(operator, x).mean == x).all())


def some_uniforms(operator: Operator, shape: tuple[int, ...], seed: int = 0) -> np.ndarray | None:
    return np.random.default_rng(seed).random((*shape[:-1], operator.draws, shape[-1])) if operator.draws else None


def has_rational_norms(operator: Operator, x: np.ndarray) -> bool:
    try:
        list(operator.events(x))
        operator(x, np.full((operator.draws, D), F(1, 2)) if operator.draws else None)
    except ValueError:
        return False
    return True


CASES = [(operator, x) for operator in EXAMPLES for x in POINTS if has_rational_norms(operator, x)]


def test_the_examples_and_the_exact_cases_cover_the_registry():
    assert {operator.name for operator in EXAMPLES} == set(OPERATORS)
    assert {operator.name for operator, _ in CASES} == set(OPERATORS)


# ---- what is computed ----


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=8), st.data())
def test_top_k_keeps_the_largest_entries_and_among_equals_the_lower_index(values, data):
    k = data.draw(st.integers(1, len(values)))
    x = np.array(values, dtype=float)
    chosen = sorted(range(len(x)), key=lambda i: (-abs(x[i]), i))[:k]
    support = top_k(k).support
    assert support is not None
    assert sorted(chosen) == np.flatnonzero(support(x, None)).tolist()
    assert (top_k(k)(x) == [x[i] if i in chosen else 0 for i in range(len(x))]).all()


def test_top_k_breaks_ties_by_index_across_blocks_too(monkeypatch):
    monkeypatch.setattr("reference.operators._BLOCK", 3)
    x = np.array([1.0, -2, 1, 1, 2, -1, 1, 1])
    assert (top_k(5)(x) == [1, -2, 1, 1, 2, 0, 0, 0]).all()


def test_rand_k_keeps_the_entries_with_the_smallest_uniforms():
    assert (rand_k(2)(np.array([5.0, 6, 7]), np.array([[0.9, 0.1, 0.5]])) == [0, 6, 7]).all()


def test_rand_k_keeps_every_subset_equally_often():
    kept = [tuple(np.flatnonzero(rand_k(2)(np.ones(D), np.array([order]) / D))) for order in permutations(range(D))]
    assert {kept.count(subset) for subset in kept} == {24 // 6}


@pytest.mark.parametrize("operator", UNBIASED, ids=str)
@pytest.mark.parametrize("x", POINTS, ids=str)
def test_quantisers_are_unbiased(operator, x):
    assert is_unbiased(operator, x)


def test_a_quantiser_that_rounds_up_too_often_is_seen_to_be_biased():
    honest = qsgd(2)
    assert not is_unbiased(replace(honest, apply=lambda x, u: honest.apply(x, u / 3)), POINTS[0])


def test_rounding_goes_up_exactly_where_the_uniform_is_below_the_fractional_part():
    x = rationals([3, 4])  # |x| / ||x|| = 3/5, 4/5
    grid = [F(j, 5) for j in range(5)]
    ups = [qsgd(1)(x, rationals([[u, u]])) != 0 for u in grid]
    assert np.sum(ups, axis=0).tolist() == [3, 4]


@pytest.mark.parametrize("x", POINTS, ids=str)
@pytest.mark.parametrize("intervals", [1, 2, 3])
def test_the_second_moment_of_qsgd_stays_within_both_branches_of_its_constant(x, intervals):
    norm_squared, second = (x**2).sum(), enumerated(qsgd(intervals), x).second_moment
    assert second <= (1 + F(D, intervals**2)) * norm_squared
    assert second <= (1 + exact_root(D, 2) / intervals) * norm_squared


@pytest.mark.parametrize("x", POINTS, ids=str)
@pytest.mark.parametrize("k", range(1, D + 1))
def test_top_k_contracts_at_least_as_rand_k_whose_error_is_exactly_1_minus_k_over_d(x, k):
    norm_squared = (x**2).sum()
    assert enumerated(rand_k(k), x).error == (1 - F(k, D)) * norm_squared
    assert enumerated(top_k(k), x).error <= (1 - F(k, D)) * norm_squared


@pytest.mark.parametrize("x", POINTS, ids=str)
@pytest.mark.parametrize(("operator", "k"), [(scaled_sign(), D), (sign_comp(top_k(2), 1), 2), (sign_comp(identity(), 1), D)], ids=str)
def test_signs_scaled_by_the_mean_magnitude_remove_the_squared_1_norm_over_k(x, operator, k):
    one_norm = sum(sorted(np.abs(x), reverse=True)[:k])
    assert enumerated(operator, x).error == (x**2).sum() - one_norm**2 / F(k)


@pytest.mark.parametrize("x", POINTS, ids=str)
def test_levels_have_the_variance_of_independent_two_point_rounding(x):
    low, step = min(x), (max(x) - min(x)) / F(3)
    floors = [low + step * ((v - low) // step) if step else v for v in x]
    assert enumerated(stochastic_levels(3), x).error == sum((v - f) * (f + step - v) for v, f in zip(x, floors, strict=True) if v != f)


def test_signs_of_zeros_on_the_support_are_plus_one():
    assert (sign_comp(top_k(3), 1)(np.array([0.0, -3, 0, 0])) == [1, -1, 1, 0]).all()
    assert (scaled_sign()(np.array([0.0, -2])) == [1, -1]).all()


def test_sign_comp_scales_by_the_m_norm_of_the_kept_entries():
    assert (sign_comp(top_k(2), 2)(np.array([3.0, 1, -4])) == [2.5, 0, -2.5]).all()
    assert (sign_comp(top_k(3), 3)(rationals([3, 4, 5, 0])) == [2, 2, 2, 0]).all()  # 27 + 64 + 125 = 6^3


def test_qsgd_of_the_kept_and_of_the_whole_vector_agree_but_levels_fill_the_zeros_of_the_whole():
    x, u = rationals([3, 0, -4, 1]), np.full((1, D), 0.3)
    assert (compose(qsgd(1), top_k(2))(x, u) == compose(qsgd(1), top_k(2), "whole")(x, u)).all()
    assert compose(stochastic_levels(1), top_k(2), "whole")(x, u)[1] != 0
    assert compose(stochastic_levels(1), top_k(2))(x, u)[1] == 0


def test_the_kept_entries_reach_the_quantiser_in_order_of_index_with_their_own_uniforms():
    seen = []
    spy = replace(qsgd(1), apply=lambda x, u: seen.append((x.tolist(), u.tolist())) or x)
    u = np.array([[0.9, 0.1, 0.2, 0.8], [0.4, 0.5, 0.6, 0.7]])
    compose(spy, rand_k(2))(np.array([1.0, 2, 3, 4]), u)
    assert seen == [([2, 3], [[0.5, 0.6]])]


def test_rotation_is_undone_exactly_where_nothing_is_rounded():
    x = rationals([7, 0, 0, 0])  # rotated: all entries +-7, the two ends of the grid
    assert all((stochastic_rotated(1)(x, u) == x).all() for _, u in stochastic_rotated(1).events(x))


def test_random_signs_are_plus_below_one_half_and_minus_above():
    assert random_signs(np.array([0, 0.49, 0.5, 0.9]), float).tolist() == [1, 1, -1, -1]


def test_rotations_differ_by_their_signs():
    x = rationals([4, 2, 1, 1])  # rotated: 8, 2, 4, 2; with the last sign changed: 6, 4, 6, 0, which the same grid fits otherwise
    expected = {}
    for p, u in stochastic_rotated(1).events(x):
        signs = tuple(random_signs(u[0], int))
        expected[signs] = expected.get(signs, 0) + p * ((stochastic_rotated(1)(x, u) - x) ** 2).sum()
    assert len(expected) == 2**D
    # Variance of one rounding of v in [low, high]: (v - low)(high - v); rotating back divides a squared error by d.
    assert expected[1, 1, 1, 1] * 2**D == F((4 - 2) * (8 - 4), D)
    assert expected[1, 1, 1, -1] * 2**D == F((4 - 0) * (6 - 4), D)


def test_scaling_and_pieces_act_as_they_say():
    x = np.array([1.0, -5, 2, 3])
    assert (scaled(top_k(1), 0.5)(x) == [0, -2.5, 0, 0]).all()
    assert (piecewise([top_k(1), top_k(1)], [2, 2])(x) == [0, -5, 0, 3]).all()
    assert (piecewise([identity(), rand_k(1)], [3, 1])(x, np.zeros((1, 4))) == x).all()


# ---- how it is computed ----


@pytest.mark.parametrize(("operator", "x"), CASES, ids=str)
def test_moments_by_coordinate_equal_those_by_enumeration(operator, x):
    by_coordinate, by_event = moments(operator, x), enumerated(operator, x)
    assert (by_coordinate.mean == by_event.mean).all()
    assert by_coordinate[1:] == by_event[1:]
    assert all(isinstance(value, F) for value in (*by_coordinate.mean, *by_coordinate[1:]))


@pytest.mark.parametrize(("operator", "x"), CASES, ids=str)
def test_floats_follow_the_rationals_in_every_event(operator, x):
    # Representative uniforms lie half-way between the decisions, so round-off decides nothing; 1e-13 is 450 ulps on at most 30 operations.
    for _, u in operator.events(x):
        exact = operator(x, u if operator.draws else None)
        floats = operator(x.astype(float), u.astype(float) if operator.draws else None)
        assert np.abs(exact.astype(float) - floats).max() <= 1e-13 * max(np.abs(x).max(), 1)


@pytest.mark.parametrize("operator", EXAMPLES, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_batch_is_its_rows_and_keeps_the_dtype(operator, dtype):
    x = np.random.default_rng(1).normal(size=(3, 2, D)).astype(dtype)
    u = some_uniforms(operator, x.shape)
    y = operator(x, u)
    assert y.dtype == dtype
    for row in np.ndindex(3, 2):
        assert (y[row] == operator(x[row], None if u is None else u[row])).all()


@pytest.mark.parametrize("operator", EXAMPLES, ids=str)
def test_operators_leave_their_input_alone_and_scale_with_it(operator):
    x = np.random.default_rng(2).normal(size=D)
    before, u = x.copy(), some_uniforms(operator, x.shape)
    y = operator(x, u)
    assert (x == before).all()
    assert not np.shares_memory(x, y)
    assert (operator(x * 2.0**-30, u) == y * 2.0**-30).all()  # powers of two are exact in floats


@pytest.mark.parametrize("operator", EXAMPLES, ids=str)
def test_extreme_magnitudes_neither_overflow_nor_vanish(operator):
    for scale in (1e-200, 1e200):
        y = operator(np.array([3.0, 1, -4, 2]) * scale, some_uniforms(operator, (D,)))
        assert np.isfinite(y).all()
        assert y.any()


@pytest.mark.parametrize(
    "operator",
    [top_k(2000), top_k(1 << 20), rand_k(2000), sign_comp(top_k(2000)), sign_comp(top_k(1 << 20), 2), qsgd(4), scaled_sign()],
    ids=str,
)
def test_peak_memory_is_at_most_four_times_the_input(operator):
    d = 1 << 21
    tracemalloc.start()
    try:
        x = np.random.default_rng(0).standard_normal(d, dtype=np.float32)
        u = np.random.default_rng(1).random((1, d), dtype=np.float32) if operator.draws else None
        operator(x, u)
        assert tracemalloc.get_traced_memory()[1] <= 4 * x.nbytes
    finally:
        tracemalloc.stop()


# ---- what is refused ----


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: top_k(0), "k must be an integer of at least 1, got 0"),
        (lambda: rand_k(2.5), "k must be an integer of at least 1, got 2.5"),
        (lambda: qsgd(0), "intervals must be an integer of at least 1, got 0"),
        (lambda: sign_comp(top_k(1), 0), "m must be an integer of at least 1, got 0"),
        (lambda: sign_comp(qsgd(1), 1), "comp must select coordinates"),
        (lambda: compose(qsgd(1), qsgd(1)), "sparsifier must select coordinates"),
        (lambda: compose(qsgd(1), top_k(1), "all"), 'acts_on must be "kept" or "whole"'),
        (lambda: scaled(identity(), 0), "factor must be positive and finite, got 0"),
        (lambda: piecewise([identity()], []), "operators and dims must be equally many"),
        (lambda: piecewise([identity()], [3])(np.ones(4)), "dims must sum to d = 4, got 3"),
        (lambda: top_k(12)(np.ones(10)), "k must be between 1 and d = 10, got 12"),
        (lambda: list(rand_k(12).events(np.ones(10))), "k must be between 1 and d = 10, got 12"),
        (lambda: sign_comp(top_k(3))(np.ones(2)), "k must be between 1 and d = 2, got 3"),
        (lambda: stochastic_rotated(1)(np.ones(3), np.zeros((2, 3))), "d must be a power of two for the Walsh-Hadamard rotation, got 3"),
        (lambda: top_k(1)(np.array([1, np.nan])), r"x must be finite, got nan at index \(1,\)"),
        (lambda: top_k(1)(np.array([1, -np.inf])), "x must be finite, got -inf"),
        (lambda: top_k(1)([1, 2]), "x must hold floats or Fractions, got dtype int64"),
        (lambda: identity()(3.0), r"x must have shape \[..., d\]"),
        (lambda: qsgd(1)(np.ones(2)), r"uniforms must have shape \(1, 2\) for qsgd\(1\), got None"),
        (lambda: qsgd(1)(np.ones(2), np.zeros(2)), r"uniforms must have shape \(1, 2\) for qsgd\(1\), got \(2,\)"),
        (lambda: top_k(1)(np.ones(2), np.zeros((1, 2))), r"uniforms must be None, as top_k\(1\) is deterministic"),
        (lambda: qsgd(1)(rationals([1, 1]), np.zeros((1, 2))), "value must have a rational root of degree 2, got 2"),
        (lambda: moments(stochastic_rotated(1), np.arange(32.0), limit=9), "at d = 32 must have at most 9 outcomes"),
    ],
)
def test_bad_input_is_refused_in_one_clear_line(call, message):
    with pytest.raises(ValueError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(1, 5))
def test_exact_roots_are_found_where_they_exist_and_refused_elsewhere(p, q, degree):
    assert exact_root(F(p, q) ** degree, degree) == F(p, q)
    if degree > 1:
        with pytest.raises(ValueError, match="rational root"):
            exact_root(F(p, q) ** degree * 2, degree) if p else exact_root(-1, degree)
