"""Algorithm 1 against its listing, and Lemma 6 as an identity in rationals for an arbitrary map in place of the compressor."""

from fractions import Fraction as F
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.exact import rationals
from reference.operators import compose, identity, qsgd, rand_k, scaled_sign, sign_comp, top_k
from reference.problems import gradient_sequence, quadratic
from reference.qsparse_local_sgd import block_momentum, init, local_momentum, run, step
from reference.schedules import check_synchronisation, every, irregular, synchronises
from reference.schemes import schemes
from reference.wire import on_wire

R, D, T = 3, 4, 7


def integers(seed: int, *shape: int) -> np.ndarray:
    return rationals(np.random.default_rng(seed).integers(-5, 6, shape))


def arbitrary_map(v, uniforms):
    """No contraction and no sense: it is only required to be a map."""
    return 3 * v[..., ::-1] ** 2 - F(1, 7)


def lemma_6_fails_by(trajectory) -> np.ndarray:
    """x_hat_t - x_tilde_t - mean memory (3.11), averaged over the workers, at every t."""
    return (trajectory.x_hat - trajectory.x_tilde - trajectory.memory).sum(axis=-2)


def trajectory_of(seed: int, compress=arbitrary_map, synchronise=None):
    problem = gradient_sequence(integers(seed, T, R, D))
    samples = np.broadcast_to(np.arange(T)[:, None, None], (T, R, 1))
    if synchronise is None:
        synchronise = synchronises(irregular(3, T, np.random.default_rng(seed).random(T)), T)
    eta = rationals([F(1, t + 2) for t in range(T)])
    return run(problem, integers(seed + 1, D), compress, eta, synchronise, samples)


@given(st.integers(0, 10**6))
def test_lemma_6_holds_exactly_for_an_arbitrary_map(seed):
    assert not lemma_6_fails_by(trajectory_of(seed)).any()


def test_lemma_6_breaks_when_workers_synchronise_one_iteration_late(monkeypatch):
    def late(state, *args):
        after, messages = step(state, *args)
        return after._replace(x_hat=np.where(messages.any(), state.x[..., None, :], after.x_hat)), messages  # x_t instead of x_{t+1}

    monkeypatch.setattr("reference.qsparse_local_sgd.step", late)
    assert lemma_6_fails_by(trajectory_of(0)).any()


def listing(x0, gradients, eta, indices, compress):
    """Algorithm 1 a second time, worker by worker and entry by entry, from the listing alone."""
    x = list(x0)
    x_hat, memory = [list(x0) for _ in range(R)], [[F(0)] * D for _ in range(R)]
    history = [(x, [*x_hat], [*memory])]
    for t in range(T):
        sent = []
        for r in range(R):
            half = [x_hat[r][j] - eta[t] * gradients[t][r][j] for j in range(D)]
            if t + 1 not in indices:
                x_hat[r] = half
            else:
                v = [memory[r][j] + x[j] - half[j] for j in range(D)]
                g = compress(np.array(v, dtype=object), None)
                memory[r] = [v[j] - g[j] for j in range(D)]
                sent.append(g)
        if sent:
            x = [x[j] - sum(g[j] for g in sent) / F(R) for j in range(D)]
            x_hat = [list(x) for _ in range(R)]
        history.append((x, [*x_hat], [*memory]))
    return history


@pytest.mark.parametrize("operator", [identity(), top_k(2), sign_comp(top_k(2), 1), scaled_sign()], ids=str)
@pytest.mark.parametrize("indices", [every(1, T), every(3, T), (2, 3, 7), (7,)], ids=str)
def test_step_is_the_listing(operator, indices):
    g, x0, eta = integers(3, T, R, D), integers(4, D), rationals([F(1, t + 2) for t in range(T)])
    state = init(x0, R)
    for t, expected in enumerate(listing(x0, g, eta, check_synchronisation(indices, T), operator)):
        for found, wanted in zip(state, expected, strict=True):
            assert (found == np.array(wanted, dtype=object)).all(), f"t = {t}"
        if t < T:
            state, messages = step(state, g[t], eta[t], t + 1 in indices, operator)
            assert messages.any() == (t + 1 in indices)


def test_identity_at_gap_1_is_sgd_on_the_mean_gradient():
    found = trajectory_of(5, identity(), np.ones(T, dtype=bool))
    x = found.x[0]
    for t in range(T):
        x = x - found.eta[t] * found.gradients[t].sum(axis=0) / R
        assert (found.x[t + 1] == x).all()
    assert not found.memory.any()


def test_without_synchronisation_nothing_is_compressed_or_sent():
    def unwanted(v, uniforms):
        raise AssertionError("compressed without synchronisation")

    state, messages = step(init(np.zeros(D), R), np.ones((R, D)), 0.1, False, unwanted)
    assert not messages.any()
    assert not state.memory.any()
    assert (state.x == 0).all()


def test_instances_of_a_batch_keep_their_own_steps_and_synchronisation():
    x0, g = np.zeros((2, D)), np.random.default_rng(0).normal(size=(2, R, D))
    eta, synchronise = np.array([0.1, 0.5]), np.array([True, False])
    together = step(init(x0, R), g, eta, synchronise, top_k(2))
    for i in range(2):
        alone = step(init(x0[i], R), g[i], eta[i], synchronise[i], top_k(2))
        for found, wanted in zip((*together[0], together[1]), (*alone[0], alone[1]), strict=True):
            assert (found[i] == wanted).all()


def test_run_advances_a_batch_as_its_instances():
    problem = quadratic(np.array([[1.0, 2], [3, 1]]), np.arange(12.0).reshape(2, 3, 2))
    rng = np.random.default_rng(1)
    x0, samples, u = rng.normal(size=(5, 2)), rng.integers(0, 3, (T, 5, 2, 1)), rng.random((T, 5, 2, 1, 2))
    eta, synchronise = np.tile(np.linspace(0.1, 0.2, 5), (T, 1)), synchronises(every(3, T), T)
    together = run(problem, x0, rand_k(1), eta, synchronise, samples, u)
    for i in range(5):
        alone = run(problem, x0[i], rand_k(1), eta[:, i], synchronise, samples[:, i], u[:, i])
        for name in ("x", "x_hat", "memory", "x_tilde", "messages"):
            assert (getattr(together, name)[:, i] == getattr(alone, name)).all()


def test_lemma_6_survives_the_wire_when_the_memory_books_what_was_received():
    rng = np.random.default_rng(2)
    problem = gradient_sequence(rng.normal(size=(T, R, D)))
    samples = np.broadcast_to(np.arange(T)[:, None, None], (T, R, 1))
    operator = compose(qsgd(2), top_k(2))
    found = run(problem, np.zeros(D), on_wire(operator), np.full(T, 0.1), synchronises(every(2, T), T), samples, rng.random((T, R, 1, D)))
    # Every quantity is below 8 and takes part in fewer than 10 additions an iteration, T of them: float64 round-off, not float32's.
    assert np.abs(lemma_6_fails_by(found)).max() <= 8 * 10 * T * R * 2.0**-53
    assert found.messages.any()
    assert (found.messages == found.messages.astype(np.float32)).all()


def test_local_momentum_is_the_heavy_ball():
    beta, eta, g = F(9, 10), F(1, 4), integers(6, T, 1, D)
    state, velocity = init(integers(7, D), 1), rationals(np.zeros((1, D)))
    x, u = state.x, rationals(np.zeros(D))
    for t in range(T):
        velocity = local_momentum(velocity, g[t], beta)
        state, _ = step(state, velocity, eta, True, identity())
        u = beta * u + g[t][0]
        x = x - eta * u
        assert (state.x == x).all()


def test_block_momentum_is_the_heavy_ball_on_the_progress_of_each_block():
    beta, eta, g = F(9, 10), F(1, 4), integers(8, 6, 1, D)
    state, velocity = init(integers(9, D), 1), rationals(np.zeros((1, D)))
    for t in range(6):
        pushed, velocity = block_momentum(state, velocity, g[t], eta, t % 2 == 1, beta)
        state, _ = step(state, pushed, eta, t % 2 == 1, identity())
    x, u = integers(9, D), rationals(np.zeros(D))
    for block in range(3):
        u = beta * u + eta * (g[2 * block] + g[2 * block + 1])[0]
        x = x - u
    assert (state.x == x).all()
    assert (velocity[0] == u).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gradients": np.full((R, D), np.nan)}, r"gradients must be finite, got nan at index \(0, 0\)"),
        ({"gradients": np.full((R, D), np.inf)}, "gradients must be finite, got inf"),
        ({"gradients": np.ones((R, D + 1))}, r"gradients must have the shape \(3, 4\) of x_hat, got \(3, 5\)"),
    ],
)
def test_bad_gradients_are_refused(change, message):
    arguments = {"gradients": np.ones((R, D)), "eta": 0.1, "synchronise": True, "compress": identity()} | change
    with pytest.raises(ValueError, match=message):
        step(init(np.zeros(D), R), **arguments)


def test_runs_of_unequal_lengths_and_no_workers_are_refused():
    with pytest.raises(ValueError, match="must share a first axis T"):
        run(SimpleNamespace(workers=R, gradients=None), np.zeros(D), identity(), np.ones(3), np.ones(2, dtype=bool), np.zeros((3, R, 1)))
    with pytest.raises(ValueError, match="workers must be an integer of at least 1, got 0"):
        init(np.zeros(D), 0)


def test_the_schemes_are_those_compared():
    found = schemes(2)
    assert {name: scheme.gap for name, scheme in found.items() if name.startswith("SignTopK")} == {
        f"SignTopK, H = {gap}": gap for gap in (1, 4, 8, 16)
    }
    assert {name for name, scheme in found.items() if scheme.gap == 1} == {"SGD", "EF-SIGNSGD", "TopK-SGD", "SignTopK, H = 1"}
    x = np.array([3.0, 1, -4, 0])
    assert (found["SGD"].operator(x) == x).all()
    assert (found["EF-SIGNSGD"].operator(x) == [2, 2, -2, 2]).all()
    assert (found["TopK-SGD"].operator(x) == [3, 0, -4, 0]).all()
    assert (found["SignTopK, H = 16"].operator(x) == [3.5, 0, -3.5, 0]).all()
