"""Algorithm 1 of local SGD against update (4) and its listing, its special cases, and Qsparse-local-SGD with nothing compressed."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import qsparse_local_sgd
from reference.exact import rationals
from reference.local_sgd import init, run, schemes, step, weights
from reference.operators import identity
from reference.problems import gradient_sequence, quadratic
from reference.schedules import decaying, every, gap, irregular, synchronises

K, D, T = 3, 2, 6
ETA = decaying(F(4), F(7))(np.arange(T))


def integers(seed: int, *shape: int) -> np.ndarray:
    return rationals(np.random.default_rng(seed).integers(-5, 6, shape))


def run_on(gradients: np.ndarray, indices: tuple[int, ...], x0: np.ndarray, weight: np.ndarray | None = None):
    samples = np.broadcast_to(np.arange(T)[:, None, None], (T, K, 1))
    return run(gradient_sequence(gradients), x0, ETA, synchronises(indices, T), samples, weight)


def update_4(x0, gradients, indices):
    """The iterates by (4), worker by worker."""
    x = [list(x0) for _ in range(K)]
    yield x
    for t in range(T):
        moved = [[x[k][j] - ETA[t] * gradients[t][k][j] for j in range(D)] for k in range(K)]
        mean = [sum(moved[k][j] for k in range(K)) / F(K) for j in range(D)]
        x = [list(mean) for _ in range(K)] if t + 1 in indices else moved
        yield x


@pytest.mark.parametrize("indices", [every(1, T), every(4, T), (1, 2, 6), (T,)], ids=str)
def test_the_iterates_are_those_of_update_4(indices):
    g, x0 = integers(0, T, K, D), integers(1, D)
    found = run_on(g, indices, x0)
    for t, wanted in enumerate(update_4(x0, g, indices)):
        assert (found.x[t] == np.array(wanted, dtype=object)).all(), f"t = {t}"


def test_line_8_as_printed_would_never_move_the_mean_of_the_workers():
    """The listing averages x_t, not x_{t+1}: with I_T = [T] it stays at x_0 whatever the gradients, which (4) does not."""
    g, x0 = integers(0, T, K, D), integers(1, D)
    x = init(x0, K).x
    for _ in range(T):
        x = np.repeat(x.sum(0, keepdims=True) / F(K), K, axis=0)  # line 5 computes x_{t+1}, line 8 overwrites it with the mean of x_t
    assert (x == x0).all()
    assert (run_on(g, every(1, T), x0).x[-1] != x0).any()


@given(st.integers(0, 10**6))
def test_qsparse_local_sgd_with_nothing_compressed_has_the_same_iterates(seed):
    g, x0 = integers(seed, T, K, D), integers(seed + 1, D)
    indices = irregular(3, T, np.random.default_rng(seed).random(T))
    samples = np.broadcast_to(np.arange(T)[:, None, None], (T, K, 1))
    other = qsparse_local_sgd.run(gradient_sequence(g), x0, identity(), ETA, synchronises(indices, T), samples)
    assert (run_on(g, indices, x0).x == other.x_hat).all()
    assert not other.memory.any()


def test_synchronising_always_is_sgd_on_the_mean_gradient():
    g, x0 = integers(2, T, K, D), integers(3, D)
    found, x = run_on(g, every(1, T), x0), x0
    for t in range(T):
        x = x - ETA[t] * g[t].sum(0) / F(K)
        assert (found.x[t + 1] == x).all()


def test_one_shot_averaging_meets_only_at_the_end():
    g, x0 = integers(4, T, K, D), integers(5, D)
    found = run_on(g, schemes(T, 2, 4)["one-shot averaging"].synchronise, x0)
    alone = x0 - np.cumsum(ETA[:, None, None] * g, axis=0)
    assert (found.x[1:-1] == alone[:-1]).all()
    assert (found.x[-1] == alone[-1].sum(0) / F(K)).all()


def test_a_worker_of_mini_batch_local_sgd_steps_along_the_mean_gradient_of_its_samples():
    centres = np.random.default_rng(6).normal(size=(K, 5, D))
    problem = quadratic(np.ones((K, D)), centres)
    samples = np.array([[[0, 1], [2, 2], [3, 4]]])
    found = run(problem, np.zeros(D), [0.5], [False], samples)
    chosen = np.stack([centres[k, samples[0, k]].mean(0) for k in range(K)])
    np.testing.assert_allclose(found.x[1], 0.5 * chosen, rtol=8 * np.finfo(float).eps)


def test_the_output_weighs_iterate_t_by_its_square_distance_from_minus_a():
    g, x0, w = integers(7, T, K, D), integers(8, D), weights(F(7), T)
    found = run_on(g, every(2, T), x0, w)
    assert list(w) == [(7 + t) ** 2 for t in range(T)]
    assert found.weight[-1] == K * sum(w)
    assert (found.output == sum(w[t] * found.x[t].sum(0) for t in range(T)) / (K * sum(w))).all()


def test_the_output_without_weights_is_the_plain_mean():
    g, x0 = integers(9, T, K, D), integers(10, D)
    found = run_on(g, every(3, T), x0)
    assert (found.output == found.x[:-1].sum((0, 1)) / F(K * T)).all()


def test_the_schemes_differ_in_synchronisation_and_batch_alone():
    found = schemes(T, 2, 4)
    assert {name: (gap((0, *s.synchronise)), s.batch) for name, s in found.items()} == {
        "local SGD": (2, 1), "mini-batch local SGD": (2, 4), "parallel mini-batch SGD": (1, 4), "one-shot averaging": (T, 1),
    }  # fmt: skip


def test_instances_of_a_batch_keep_their_own_steps_weights_and_synchronisation():
    x0, g = np.ones((2, D)), np.random.default_rng(0).normal(size=(2, K, D))
    eta, weight, synchronise = np.array([0.1, 0.5]), np.array([2.0, 3.0]), np.array([True, False])
    together, messages = step(init(x0, K), g, eta, synchronise, weight)
    assert messages[0].any()
    assert not messages[1].any()
    for i in range(2):
        alone, _ = step(init(x0[i], K), g[i], eta[i], synchronise[i], weight[i])
        for found, wanted in zip(together, alone, strict=True):
            assert (found[i] == wanted).all()


def test_bad_input_gets_one_clear_error():
    with pytest.raises(ValueError, match=r"workers must be an integer of at least 1, got 0"):
        init(np.zeros(D), 0)
    with pytest.raises(ValueError, match=r"gradients must have the shape \(3, 2\) of x, got \(2, 2\)"):
        step(init(np.zeros(D), K), np.zeros((2, D)), 0.1, False)
    with pytest.raises(ValueError, match="share a first axis T"):
        run(quadratic(np.ones((K, D)), np.zeros((K, 1, D))), np.zeros(D), [0.1, 0.1], [True], np.zeros((2, K, 1), dtype=int))
