"""Problems: gradients are derivatives of the losses, and every stated constant is exact or on the right side."""

import math
from fractions import Fraction as F

import numpy as np
import pytest

from reference.exact import rationals
from reference.problems import PiecewiseQuadratic, gradient_sequence, kinked, linear, logistic, one_sided, quadratic, softmax

R, N, D = 2, 3, 2


def integers(seed, *shape):
    return rationals(np.random.default_rng(seed).integers(-6, 7, shape))


TILTS = integers(0, R, N, D)
EXACT = {
    "quadratic": quadratic(rationals([[1, 2], [3, F(1, 2)]]), integers(1, R, N, D)),
    "Huber": kinked(rationals([[2, 3], [1, 4]]), 0, rationals([[1, 2], [5, 5]]), TILTS / F(9)),
    "smoothed kink": kinked(rationals([[9, 8], [7, 6]]), 1, F(1, 3), TILTS, centre=rationals([[1, 0], [-1, 2]])),
    "two wells": kinked(rationals([[-2, 1], [-1, -3]]), rationals([[1, 2], [2, 1]]), rationals([[1, 2], [2, 1]]), TILTS / F(5)),
    "one-sided, minimum left of the kinks": one_sided(rationals([[1, 2], [4, 1]]), rationals([[5, 1], [1, 3]]), 1 + np.abs(TILTS)),
    "one-sided, minimum right of the kinks": one_sided(rationals([[1, 2], [4, 1]]), rationals([[5, 1], [1, 3]]), -1 - np.abs(TILTS)),
    "linear": linear(TILTS),
}
BOUNDED = {name: problem for name, problem in EXACT.items() if name != "linear"}


def regressions(seed=0, workers=R, n=6):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(workers, n, 3))
    return {
        "logistic": logistic(features, rng.choice([-1, 1], size=(workers, n)), 0.05),
        "softmax": softmax(features, rng.integers(0, 4, size=(workers, n)), 4, 0.05),
    }


ALL = {**EXACT, **regressions()}
each = pytest.mark.parametrize("name", ALL)
each_exact = pytest.mark.parametrize("name", EXACT)


def point(problem, seed):
    """A point, one a worker, away from all knots by at least 1/1000 (knots here are multiples of 1/3)."""
    shape = (problem.workers, problem.d)
    if isinstance(problem, PiecewiseQuadratic):
        return integers(seed, *shape) + F(1, 7)
    return np.random.default_rng(seed).normal(size=shape)


@each_exact
@pytest.mark.parametrize("seed", range(5))
def test_gradients_are_exactly_the_difference_quotients_of_a_quadratic_piece(name, seed):
    problem, h = EXACT[name], F(1, 1000)
    x = point(problem, seed)
    gradients = problem.full_gradients(x)
    for j in range(D):
        e = h * rationals(np.eye(D)[j])
        assert (gradients[:, j] == (problem.worker_losses(x + e) - problem.worker_losses(x - e)) / (2 * h)).all()


@pytest.mark.parametrize("name", ["logistic", "softmax"])
@pytest.mark.parametrize("seed", range(3))
def test_gradients_of_each_sample_are_difference_quotients(name, seed):
    # One sample a worker, so that f_r = f_{r,1}. With h = 1e-5: truncation h^2 / 6 |a|^3 < 1e-9 for |a| < 3.9, round-off 1e-15 / h = 1e-10.
    problem, h = regressions(seed, workers=8, n=1)[name], 1e-5
    assert np.linalg.norm(problem.features, axis=-1).max() < 3.9
    x = point(problem, seed)
    gradients = problem.gradients(x, np.zeros((8, 1), dtype=int))
    for j, e in enumerate(h * np.eye(problem.d)):
        quotient = (problem.worker_losses(x + e) - problem.worker_losses(x - e)) / (2 * h)
        assert np.abs(gradients[:, j] - quotient).max() < 2e-9


@each
def test_mini_batches_average_their_samples_and_all_samples_are_the_full_gradient(name):
    problem = ALL[name]
    x, samples = point(problem, 1), np.array([[0, 2], [1, 1]])
    singles = np.stack([problem.gradients(x, samples[:, [b]]) for b in range(2)])
    assert np.abs((problem.gradients(x, samples) - singles.sum(axis=0) / F(2)).astype(float)).max() < 1e-14
    assert (problem.gradients(x, np.tile(np.arange(problem.n), (R, 1))) == problem.full_gradients(x)).all()
    assert (problem.gradient(1, x[1], 2) == problem.gradients(x, np.array([[0], [2]]))[1]).all()


@each
def test_a_batch_is_its_instances(name):
    problem = ALL[name]
    x = np.stack([point(problem, seed) for seed in range(4)]).reshape(2, 2, R, problem.d)
    samples = np.random.default_rng(0).integers(0, problem.n, (2, 2, R, 5))
    for i in np.ndindex(2, 2):
        for found, wanted in [
            (problem.gradients(x, samples)[i], problem.gradients(x[i], samples[i])),
            (problem.loss(x[..., 0, :])[i], problem.loss(x[i][0])),
            (problem.variances(x)[i], problem.variances(x[i])),
        ]:
            assert np.abs(np.asarray(found - wanted).astype(float)).max() < 1e-13  # sums of at most 20 terms of size below 100


@each
@pytest.mark.parametrize("seed", range(5))
def test_no_pair_of_points_contradicts_L_and_mu(name, seed):
    problem = ALL[name]
    x, y = point(problem, seed), point(problem, seed + 100)
    step, change = x - y, problem.full_gradients(x) - problem.full_gradients(y)
    slack = 1e-12 if name in ("logistic", "softmax") else 0
    assert ((change**2).sum(-1) <= problem.L**2 * (step**2).sum(-1) + slack).all()
    if name != "two wells":
        assert ((change * step).sum(-1) >= problem.mu * (step**2).sum(-1) - slack).all()


def test_L_and_mu_of_a_quadratic_are_attained():
    problem = EXACT["quadratic"]
    change = problem.full_gradients(rationals(np.ones((R, D)))) - problem.full_gradients(rationals(np.zeros((R, D))))
    assert (change.max(), change.min()) == (problem.L, problem.mu) == (3, F(1, 2))


def test_negative_curvature_counts_for_L_and_leaves_no_strong_convexity():
    assert (EXACT["two wells"].L, EXACT["two wells"].mu) == (3, 0)


@each
@pytest.mark.parametrize("seed", range(5))
def test_variance_bounds_the_variance_everywhere_and_is_exact_for_tilts(name, seed):
    problem = ALL[name]
    found = problem.variances(point(problem, seed))
    assert (found <= problem.variance).all()
    assert np.allclose(problem.sigma**2, problem.variance.astype(float), rtol=1e-15)
    if name in EXACT:
        assert (found == problem.variance).all()


@each
def test_second_moment_is_the_largest_over_iterates_and_workers(name):
    problem = ALL[name]
    x = np.stack([point(problem, seed) for seed in range(3)])
    by_hand = max(
        sum((problem.gradient(r, x[t, r], i) ** 2).sum() for i in range(problem.n)) / F(problem.n) for t in range(3) for r in range(R)
    )
    assert float(problem.second_moment(x)) == pytest.approx(float(by_hand), rel=1e-14)


@pytest.mark.parametrize("name", BOUNDED)
def test_the_minimum_is_stationary_exact_and_below_every_other_point(name):
    problem = BOUNDED[name]
    assert problem.loss(problem.x_star) == problem.f_star
    assert not problem.full_gradients(np.stack([problem.x_star] * R)).sum(axis=0).any()
    assert problem.f_star_gap == 0
    axis = [F(i, 12) for i in range(-120, 121)]
    for j in range(D):  # coordinates are separate: a line through x_star in each suffices
        line = np.array([[z if i == j else problem.x_star[i] for i in range(D)] for z in axis], dtype=object)
        assert problem.loss(line).min() >= problem.f_star


def test_the_minimum_of_quadratics_is_the_weighted_mean_of_their_centres():
    h, c = rationals([[1, 2], [3, F(1, 2)]]), integers(1, R, N, D)
    assert (EXACT["quadratic"].x_star == (h[:, None] * c).sum(axis=(0, 1)) / (N * h.sum(axis=0))).all()


def test_functions_without_a_lower_bound_have_no_minimum():
    for problem in (EXACT["linear"], kinked(np.ones((R, D)), -1, 1, np.zeros((R, 1, D)))):
        assert problem.x_star is None
        assert problem.f_star == -math.inf
    assert linear(np.array([[[1.0]], [[-1.0]]])).f_star == 0


@pytest.mark.parametrize("name", ["logistic", "softmax"])
def test_f_star_of_a_regression_is_enclosed(name):
    problem = ALL[name]
    gradient = problem.full_gradients(np.stack([problem.x_star] * R)).mean(axis=0)
    assert 0 <= problem.f_star_gap <= 1e-14
    assert (gradient**2).sum() / (2 * problem.mu) <= problem.f_star_gap * (1 + 1e-12)
    others = np.random.default_rng(0).normal(size=(1000, problem.d))
    near = problem.x_star + 1e-3 * others
    for x in (others, near):  # strong convexity around the enclosed minimiser; round-off of a loss below 100
        lower = problem.f_star - problem.f_star_gap + problem.mu / 2 * ((x - problem.x_star) ** 2).sum(-1)
        assert (problem.loss(x) >= lower - 1e-13).all()


def test_f_star_of_a_one_dimensional_logistic_regression_is_what_bisection_finds():
    a, labels, ridge = np.array([1.0, -2, 0.5]), np.array([1, 1, -1]), 0.1

    def derivative(x):
        return ridge * x - sum(b * v / (1 + math.exp(b * v * x)) for v, b in zip(a, labels, strict=True)) / 3

    low, high = -20.0, 20.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if derivative(middle) < 0 else (low, middle)
    value = ridge / 2 * low**2 + sum(math.log1p(math.exp(-b * v * low)) for v, b in zip(a, labels, strict=True)) / 3
    problem = logistic(a[None, :, None], labels[None], ridge)
    assert problem.f_star == pytest.approx(value, rel=1e-14)
    assert problem.x_star[0] == pytest.approx(low, abs=1e-7)


def test_softmax_of_two_classes_is_logistic_regression_in_their_difference():
    rng = np.random.default_rng(3)
    features, labels = rng.normal(size=(R, 5, 3)), rng.integers(0, 2, size=(R, 5))
    w = rng.normal(size=3)
    two = softmax(features, labels, 2, 1e-9).loss(np.concatenate([0 * w, w]))
    assert two == pytest.approx(logistic(features, 2 * labels - 1, 1e-9).loss(w), rel=1e-14)


def test_regressions_survive_huge_logits():
    for problem in regressions().values():
        x = np.full((R, problem.d), 1e4) * np.arange(problem.d)
        assert np.isfinite(problem.full_gradients(x)).all()
        assert np.isfinite(problem.worker_losses(x)).all()


def test_a_gradient_sequence_returns_what_it_was_given_whatever_the_iterate():
    g = integers(7, 5, R, D)
    problem = gradient_sequence(g)
    for t in range(5):
        assert (problem.gradients(integers(t, R, D), np.full((R, 1), t)) == g[t]).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: quadratic(np.ones((2, 2)), np.ones((3, 1, 2))), r"curvature must be \[workers, d\] and centres \[workers, n, d\]"),
        (lambda: linear(np.ones((2, 1, 2))).gradients(np.zeros((2, 2)), np.array([[0], [1]])), r"within 0..0, got"),
        (lambda: linear(np.ones((2, 1, 2))).gradients(np.zeros((2, 2)), np.array([[0]])), r"samples must be \[..., 2, b\]"),
        (lambda: kinked(np.ones((1, 1)), 1, 0, np.ones((1, 1, 1))), "knots must increase"),
        (lambda: kinked(1, 1, 1, np.ones((2, 1))), r"tilts must be \[workers, n, d\]"),
        (lambda: one_sided(1, np.inf, np.ones((2, 1, 1))), "curvatures must be finite, got inf"),
        (lambda: PiecewiseQuadratic(*np.zeros((4, 2, 2))), r"knots must be \[workers, d, K\]"),
        (lambda: PiecewiseQuadratic(*np.zeros((4, 1, 1, 1))), r"curvatures must have shape \(1, 1, 2\)"),
        (lambda: logistic(np.ones((1, 2, 1)), np.array([[0, 1]]), 1), r"labels must be -1 or \+1"),
        (lambda: logistic(np.ones((1, 2, 1)), np.array([[1]]), 1), r"features must be \[workers, n, p\] and labels \[workers, n\]"),
        (lambda: logistic(np.ones((1, 1, 1)), np.array([[1]]), 0), "ridge must be positive and finite, got 0"),
        (lambda: logistic(np.full((1, 1, 1), np.nan), np.array([[1]]), 1), "features must be finite"),
        (lambda: softmax(np.ones((1, 1, 1)), np.array([[3]]), 3, 1), r"labels must be integers within 0..2"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
