"""M-DSGD against its listing, its transformation as an identity in rationals for any map, and the methods it is compared with."""

from fractions import Fraction as F
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.exact import rationals
from reference.mdsgd import (
    State,
    aji_heafield,
    approximate_top_k,
    dgc,
    init,
    mem_sgd,
    next_stage,
    recursion,
    rescaled_mem_sgd,
    stage_init,
    stage_step,
    step,
    strategy_1,
    strategy_2,
    transformed,
)
from reference.operators import identity, rand_k, scaled_sign, top_k

R, D, T = 3, 4, 6
BETA = F(2, 3)


def integers(seed: int, *shape: int) -> np.ndarray:
    return rationals(np.random.default_rng(seed).integers(-5, 6, shape))


def arbitrary_map(v, uniforms):
    """No contraction and no sense: it is only required to be a map."""
    return 3 * v[..., ::-1] - F(1, 7)


def arbitrary_steps(seed: int) -> np.ndarray:
    return rationals([F(int(n), 8) for n in np.random.default_rng(seed).integers(1, 20, T + 1)])


def states_of(seed: int, compress=arbitrary_map, beta=BETA, eta=None, step=step) -> tuple[list[State], np.ndarray, np.ndarray]:
    """States at t = 0..T, gradients [T, R, D] (whatever the iterate), steps [T + 1]."""
    gradients, eta = integers(seed, T, R, D), arbitrary_steps(seed) if eta is None else eta
    states = [init(integers(seed + 1, D), R)]
    for t in range(T):
        states.append(step(states[-1], gradients[t], eta[t], beta, compress)[0])
    return states, gradients, eta


def transformation_fails_by(states, gradients, eta, rho, rho_start=F(5)) -> np.ndarray:
    """(14) at every t, left less right."""
    before = [rho_start, *rho]
    z = [transformed(s, eta[t], before[t]) for t, s in enumerate(states)]
    return np.array(
        [
            z[t + 1] - (z[t] - (eta[t] - rho[t]) * gradients[t].sum(0) / R + (eta[t] - eta[t + 1]) * states[t + 1].memory.sum(0))
            for t in range(T)
        ]
    )


# ---- the listing ----


def test_a_step_follows_lines_7_to_13():
    state = State(integers(0, D), integers(1, R, D), integers(2, R, D))
    gradients, eta = integers(3, R, D), F(1, 5)
    after, messages = step(state, gradients, eta, BETA, top_k(2))
    for k in range(R):
        g = BETA * state.momentum[k] + gradients[k] / R
        v = g + state.memory[k]
        mask = np.isin(np.arange(D), np.argsort(-np.abs(v), kind="stable")[:2])
        assert (after.momentum[k] == g).all()
        assert (messages[k] == mask * v).all()
        assert (after.memory[k] == ~mask * v).all()
    assert (after.x == state.x - eta * messages.sum(0)).all()


def test_everybody_starts_without_momentum_and_memory():
    state = init([1.0, 2.0], 3)
    assert state.memory.shape == state.momentum.shape == (3, 2)
    assert not state.memory.any()
    assert not state.momentum.any()


def test_a_batch_of_runs_is_each_run():
    rng = np.random.default_rng(0)
    state = State(rng.random((5, D)), rng.random((5, R, D)), rng.random((5, R, D)))
    gradients, eta, beta, u = rng.random((5, R, D)), rng.random(5), rng.random(5), rng.random((5, R, 1, D))
    for move in (step, dgc):
        after, messages = move(state, gradients, eta, beta, rand_k(2), u)
        for i in range(5):
            alone, sent = move(State(*(part[i] for part in state)), gradients[i], eta[i], beta[i], rand_k(2), u[i])
            for one, other in zip((*after, messages), (*alone, sent), strict=True):
                assert (one[i] == other).all()


def test_the_identity_is_momentum_sgd():
    states, gradients, eta = states_of(0, identity())
    x, g = states[0].x, 0 * states[0].x
    for t in range(T):
        g = BETA * g + gradients[t].sum(0) / R
        x = x - eta[t] * g
        assert (states[t + 1].x == x).all()
        assert not states[t + 1].memory.any()


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda: init([1.0], 0), "workers must be an integer of at least 1, got 0"),
        (lambda: stage_init([1.0], 0), "workers must be an integer of at least 1, got 0"),
        (
            lambda: step(init([1.0], 2), [[1.0]], 1.0, 0.5, identity()),
            r"gradients must have the shape \(2, 1\) of the memory, got \(1, 1\)",
        ),
        (lambda: step(init([1.0], 1), [[np.nan]], 1.0, 0.5, identity()), "gradients must be finite"),
        (lambda: dgc(init([1.0], 1), [[1.0]], 1.0, 0.5, scaled_sign()), "compress must select coordinates"),
        (lambda: approximate_top_k(0, 2), "k must be an integer of at least 1, got 0"),
        (lambda: approximate_top_k(1, 0), "sample must be an integer of at least 1, got 0"),
        (lambda: approximate_top_k(1, 3)(np.ones(2), np.zeros((1, 2))), "sample must be between 1 and d = 2, got 3"),
        (lambda: approximate_top_k(3, 1)(np.ones(2), np.zeros((1, 2))), "k must be between 1 and d = 2, got 3"),
        (lambda: recursion([1.0], 0, 0.0), "beta must not be 0"),
        (lambda: strategy_2(1.0, 0.5, 1, [0, 1]), "times must be at least 1, .*, got 0"),
        (lambda: next_stage(stage_init([1.0], 1), 0), "horizon must be an integer of at least 1, got 0"),
    ],
)
def test_bad_input_gets_one_clear_error(call, complaint):
    with pytest.raises(ValueError, match=complaint):
        call()


# ---- approximate top-K ----


def test_approximate_top_k_keeps_what_reaches_the_threshold_of_its_sample():
    x = rationals([5, -1, 4, 2, -3, 0])
    u = np.array([[9, 1, 9, 2, 3, 9]]) / 10  # the sample is -1, 2, -3
    assert approximate_top_k(2, 3).support(x, u).tolist() == [True, False, True, False, True, False]  # ceil(2 * 3 / 6) = 1: at least 3
    assert approximate_top_k(4, 3).support(x, u).tolist() == [True, False, True, True, True, False]  # the second of the sample: 2


def test_with_the_whole_vector_as_its_sample_it_is_top_k_and_ties():
    x = rationals([3, -3, 1, 2])
    for k in (1, 2, 3):
        kept = approximate_top_k(k, 4)(x, np.zeros((1, 4)))
        assert ((kept != 0) >= (top_k(k)(x) != 0)).all()
        assert (np.abs(x[kept == 0]) < np.abs(x[kept != 0]).min()).all()


def test_all_samples_are_equally_likely():
    operator, x = approximate_top_k(1, 2), rationals([4, 3, 2, 1])
    outcomes = list(operator.events(x))
    assert [p for p, _ in outcomes] == [F(1, 6)] * 6
    kept = sorted(int((operator(x, u) != 0).sum()) for _, u in outcomes)
    assert kept == [1, 1, 1, 2, 2, 3]  # the largest of the two sampled is the threshold


# ---- identities ----


@given(st.integers(0, 10**6))
def test_the_transformation_holds_exactly_for_an_arbitrary_map(seed):
    states, gradients, eta = states_of(seed)
    rho = recursion(eta[:-1], BETA, F(5))
    assert not transformation_fails_by(states, gradients, eta, rho).any()


@given(st.integers(0, 10**6))
def test_the_mask_cancels_for_an_arbitrary_map(seed):
    states, _, eta = states_of(seed)
    for t, (now, later) in enumerate(pairwise(states)):  # (7), (12)
        left = later.x - eta[t] * later.memory.sum(0)
        assert (left == now.x - eta[t] * (later.momentum + now.memory).sum(0)).all()


def forgets(state, gradients, eta, beta, compress):
    return step(state._replace(memory=0 * state.memory), gradients, eta, beta, compress)


def averages(state, gradients, eta, beta, compress):
    after, messages = step(state, gradients, eta, beta, compress)
    return after._replace(x=state.x - eta * messages.sum(0) / R), messages


def without_its_past(state, gradients, eta, beta, compress):
    return step(state._replace(momentum=0 * state.momentum), gradients, eta, beta, compress)


@pytest.mark.parametrize("planted", [forgets, averages, without_its_past])
def test_the_transformation_breaks_with_a_planted_error(planted):
    states, gradients, eta = states_of(1, step=planted)
    assert transformation_fails_by(states, gradients, eta, recursion(eta[:-1], BETA, F(5))).any()


def test_momentum_factor_masking_breaks_the_transformation():
    def masking(state, gradients, eta, beta, compress):
        return dgc(state, gradients, eta, beta, top_k(1))

    states, gradients, eta = states_of(1, step=masking)
    assert transformation_fails_by(states, gradients, eta, recursion(eta[:-1], BETA, F(5))).any()


def test_strategy_1_obeys_the_recursion():
    eta, rho = strategy_1(F(3, 7), BETA, T)
    assert all(BETA * now == BETA * e + before for e, (before, now) in zip(eta[1:], pairwise(rho), strict=True))
    assert (eta - rho == F(3, 7) / (1 - BETA)).all()


def test_strategy_2_as_printed_misses_the_recursion_by_beta_and_corrected_obeys_it():
    for printed in (True, False):
        eta, rho = strategy_2(F(3, 7), BETA, 1, range(1, T + 1), printed)
        obeyed = [BETA * now == BETA * e + before for e, (before, now) in zip(eta[1:], pairwise(rho), strict=True)]
        assert not any(obeyed) if printed else all(obeyed)
    assert (eta - rho == [F(3, 7) / t for t in range(1, T + 1)]).all()  # not eta / (beta t)


def test_strategy_2_holds_for_a_batch_and_any_exponent():
    eta, rho = strategy_2(np.array([1.0, 2.0]), np.array([0.5, 0.25]), 0.5, range(1, 4))
    np.testing.assert_allclose(eta[1], [1 / 2**0.5 - 0.5 / 3**0.5, 2 / 2**0.5 - 0.5 / 3**0.5])
    np.testing.assert_allclose(rho[1], [-1 / 3**0.5, -2 / 3**0.5])


# ---- the methods of section 3.1 ----


@given(st.integers(0, 10**6))
def test_vanilla_with_a_constant_step_is_mem_sgd(seed):
    gradients, eta = integers(seed, T, R, D), F(2, 9)
    plain = inside = init(integers(seed + 1, D), R)
    for t in range(T):
        plain, inside = (move(s, gradients[t], eta, top_k(2))[0] for move, s in ((aji_heafield, plain), (mem_sgd, inside)))
        assert (plain.x == inside.x).all()
        assert (eta * plain.memory == inside.memory).all()


def test_rescaled_mem_sgd_is_mem_sgd_for_any_step_and_vanilla_is_not():
    gradients, eta = integers(3, T, R, D), rationals([F(1, t + 1) for t in range(T + 1)])
    inside = outside = plain = init(integers(4, D), R)
    for t in range(T):
        inside, _ = mem_sgd(inside, gradients[t], eta[t], top_k(2))
        before = transformed(outside, eta[t], 0)
        outside, _ = rescaled_mem_sgd(outside, gradients[t], eta[t], eta[t + 1], top_k(2))
        plain, _ = aji_heafield(plain, gradients[t], eta[t], top_k(2))
        assert (inside.x == outside.x).all()
        assert (inside.memory == eta[t + 1] * outside.memory).all()
        assert (transformed(outside, eta[t + 1], 0) == before - eta[t] * gradients[t].sum(0) / R).all()
    assert (plain.x != inside.x).any()


def test_momentum_factor_masking_forgets_the_momentum_of_what_was_sent():
    state = State(integers(0, D), integers(1, R, D), integers(2, R, D))
    gradients = integers(3, R, D)
    masked, sent = dgc(state, gradients, F(1, 5), BETA, top_k(2))
    plain, messages = step(state, gradients, F(1, 5), BETA, top_k(2))
    kept = top_k(2).support(plain.momentum + state.memory, None)
    assert (sent == messages).all()
    assert (masked.x == plain.x).all()
    assert (masked.memory == plain.memory).all()
    assert (masked.momentum == np.where(kept, 0, plain.momentum)).all()


# ---- stages ----


def test_a_stage_runs_on_f_plus_its_proximal_term_and_the_next_starts_at_the_mean():
    envelope, eta, compress = F(1, 3), F(1, 10), top_k(1)
    stage, state = stage_init(integers(0, D), R), init(integers(0, D), R)
    visited = []
    for t in range(3):
        visited.append(state.x)
        gradients = integers(t + 1, R, D)
        stage, _ = stage_step(stage, gradients, eta, BETA, envelope, compress)
        state, _ = step(state, gradients + (state.x - visited[0]) / envelope, eta, BETA, compress)
        assert (stage.state.x == state.x).all()
    following = next_stage(stage, 3)
    assert (following.anchor == sum(visited) / F(3)).all()
    assert not following.state.memory.any()
    assert not following.state.momentum.any()
