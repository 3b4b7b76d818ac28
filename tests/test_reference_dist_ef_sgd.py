"""Algorithms 1 to 4 against their listings, and Lemmas 1, 3 and z_t of Appendix G in rationals for an arbitrary map as the compressor."""

from fractions import Fraction as F
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import dist_ef_sgd
from reference.dist_ef_sgd import (
    averaged,
    blockwise,
    corrected,
    init,
    init_single,
    init_vote,
    pack_signs,
    per_tensor,
    round_bits,
    step,
    step_single,
    step_vote,
    unpack_signs,
    vote_bits,
    whole,
)
from reference.exact import rationals
from reference.operators import identity, rand_k, scaled_sign, top_k
from reference.wire import encode, message_bits

M, D, T = 3, 4, 6
SCHEDULES = {
    "constant": [F(1, 3)] * T,
    "decreasing": [F(1, t + 1) for t in range(T)],
    "increasing": [F(t + 1, 2) for t in range(T)],
    "warm-up": [F(1, 4), F(1), F(2), F(1), F(1, 5), F(1, 9)],
    "alternating": [F(1), F(1, 1000)] * (T // 2),
}


def integers(seed: int, *shape: int) -> np.ndarray:
    return rationals(np.random.default_rng(seed).integers(-5, 6, shape))


def arbitrary_map(v, uniforms):
    """No contraction and no sense: it is only required to be a map."""
    return 3 * v[..., ::-1] - F(1, 7) * (v > 1) + F(2, 5)


def states_of(etas, compress=arbitrary_map, beta=F(0), seed=0, workers=M):
    """All states of a run on gradients drawn at random, and the gradients [T, workers, d]."""
    gradients = integers(seed, T, workers, D)
    states = [init(integers(seed + 1, D), workers)]
    for eta, g in zip(etas, gradients, strict=True):
        states.append(step(states[-1], g, eta, compress, beta=beta)[0])
    return states, gradients


def identity_fails_by(states, etas, beta) -> np.ndarray:
    """x~_{t+1} - (x~_t - eta_t mean(beta m_t + g_t)), [T, d], with g_t = m_t - beta m_{t-1} (Lemmas 1, 3 and 4)."""
    drive = [(beta * after.velocity + after.velocity - beta * before.velocity).sum(0) / F(len(before.velocity))
             for before, after in pairwise(states)]  # fmt: skip
    virtual = [corrected(state) for state in states]
    return np.array([virtual[t + 1] - virtual[t] + etas[t] * drive[t] for t in range(T)])


@pytest.mark.parametrize("beta", [F(0), F(1, 2), F(9, 10)], ids=str)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_corrected_iterate_follows_sgd_for_an_arbitrary_map_and_any_positive_steps(schedule, beta):
    for seed in range(5):
        states, _ = states_of(SCHEDULES[schedule], beta=beta, seed=seed)
        assert not identity_fails_by(states, SCHEDULES[schedule], beta).any()


@given(st.lists(st.fractions(F(1, 1000), 1000), min_size=T, max_size=T), st.fractions(0, F(99, 100)), st.integers(0, 10**6))
def test_the_corrected_iterate_follows_sgd_for_drawn_steps(etas, beta, seed):
    states, _ = states_of(etas, beta=beta, seed=seed)
    assert not identity_fails_by(states, etas, beta).any()


def test_the_identity_breaks_without_rescaling_the_error_where_the_step_changes():
    def unscaled(state, gradients, eta, compress, **more):
        return step(state._replace(eta=np.asarray(eta)) if state.eta else state, gradients, eta, compress, **more)

    for schedule, breaks in (("constant", False), ("decreasing", True)):
        etas, states = SCHEDULES[schedule], [init(integers(1, D), M)]
        for eta, g in zip(etas, integers(0, T, M, D), strict=True):
            states.append(unscaled(states[-1], g, eta, arbitrary_map)[0])
        assert identity_fails_by(states, etas, F(0)).any() == breaks


def test_the_averaged_iterate_follows_sgd_with_a_larger_step_for_constant_steps_and_an_arbitrary_map():
    for beta in (F(0), F(1, 2), F(9, 10)):
        states, gradients = states_of(SCHEDULES["constant"], beta=beta)
        z = [averaged(state, SCHEDULES["constant"][0], beta) for state in states]
        for t in range(T):
            assert (z[t + 1] == z[t] - SCHEDULES["constant"][0] / (1 - beta) * gradients[t].sum(0) / F(M)).all()


def test_the_averaged_iterate_needs_constant_steps():
    etas, beta = SCHEDULES["decreasing"], F(1, 2)
    states, gradients = states_of(etas, beta=beta)
    z = [averaged(state, eta, beta) for state, eta in zip(states, etas, strict=False)]
    assert any((z[t + 1] != z[t] - etas[t] / (1 - beta) * gradients[t].sum(0) / F(M)).any() for t in range(T - 1))


def test_error_feedback_on_one_machine_follows_sgd_for_an_arbitrary_map_and_any_steps():
    state, gradients = init_single(integers(1, D)), integers(0, T, D)
    x = state.x
    for eta, g in zip(SCHEDULES["alternating"], gradients, strict=True):
        state, delta = step_single(state, g, eta, arbitrary_map)
        x = x - eta * g
        assert (state.x - state.memory == x).all()
        assert delta.any()


def listing(x0, gradients, etas, compress, beta, decay):
    """Algorithm 4 a second time, worker by worker, from the listing and Appendix A alone."""
    x, e, server_e = x0, [x0 * 0] * M, x0 * 0
    m, m_decay = [x0 * 0] * M, x0 * 0
    history = [(x, e, server_e)]
    for t in range(T):
        ratio = etas[t - 1] / etas[t] if t else F(0)
        m = [beta * m[i] + gradients[t][i] for i in range(M)]
        p = [beta * m[i] + gradients[t][i] + ratio * e[i] for i in range(M)]
        sent = [compress(each, None) for each in p]
        server_p = sum(sent) / F(M) + ratio * server_e
        update = compress(server_p, None)
        m_decay = beta * m_decay + decay * x
        x = x - etas[t] * (update + beta * m_decay + decay * x)
        e, server_e = [p[i] - sent[i] for i in range(M)], server_p - update
        history.append((x, e, server_e))
    return history


@pytest.mark.parametrize("operator", [identity(), top_k(2), scaled_sign(), blockwise([range(1), range(1, 4)])], ids=str)
@pytest.mark.parametrize(("beta", "decay"), [(F(0), F(0)), (F(0), F(1, 7)), (F(1, 2), F(0)), (F(1, 2), F(1, 7))], ids=str)
def test_step_is_the_listing(operator, beta, decay):
    for etas in SCHEDULES.values():
        gradients, x0 = integers(3, T, M, D), integers(4, D)
        state = init(x0, M)
        for t, (x, e, server_e) in enumerate(listing(x0, gradients, etas, operator, beta, decay)):
            for found, wanted in zip(state[:3], (x, np.array(e), server_e), strict=True):
                assert (found == wanted).all(), f"t = {t}"
            if t < T:
                state, _ = step(state, gradients[t], etas[t], operator, beta=beta, weight_decay=decay)


def test_with_the_identity_it_is_distributed_sgd_and_with_momentum_nesterovs():
    for beta in (F(0), F(1, 2)):
        for etas in SCHEDULES.values():
            states, gradients = states_of(etas, identity(), beta)
            x, m = states[0].x, rationals(np.zeros((M, D)))
            for t in range(T):
                m = beta * m + gradients[t]
                x = x - etas[t] * (beta * m + gradients[t]).sum(0) / F(M)
                assert (states[t + 1].x == x).all()
            assert not any(state.memory.any() or state.server_memory.any() for state in states)


def single_states(etas, compress, gradients, x0):
    states = [init_single(x0)]
    for eta, g in zip(etas, gradients, strict=True):
        states.append(step_single(states[-1], g, eta, compress)[0])
    return states


@pytest.mark.parametrize("operator", [scaled_sign(), blockwise([[0, 2], [1, 3]]), top_k(2), identity()], ids=str)
def test_with_one_worker_it_is_ef_sgd_exactly_where_the_compressor_is_idempotent(operator):
    """C(C(v)) = v' leaves the server nothing to correct: with equal steps, and even with changing ones, as these maps are homogeneous."""
    for etas in SCHEDULES.values():
        states, gradients = states_of(etas, operator, workers=1)
        single = single_states(etas, operator, gradients[:, 0], states[0].x)
        assert all((one.x == other.x).all() for one, other in zip(states, single, strict=True))
        assert not any(state.server_memory.any() for state in states)


def test_with_one_worker_it_is_not_ef_sgd_where_the_compressor_is_not_idempotent():
    def half(v, uniforms):
        return v / 2

    states, gradients = states_of(SCHEDULES["constant"], half, workers=1)
    single = single_states(SCHEDULES["constant"], half, gradients[:, 0], states[0].x)
    assert (states[1].x != single[1].x).any()


def test_with_one_worker_and_changing_steps_it_is_not_ef_sgd_where_the_compressor_is_not_homogeneous():
    def rounding(v, uniforms):
        return rationals(np.frompyfunc(lambda x: F(round(x)), 1, 1)(v))

    for schedule, differs in (("constant", False), ("alternating", True)):
        etas = [eta * (3 if schedule == "constant" else F(2, 7)) for eta in SCHEDULES[schedule]]
        states, gradients = states_of(etas, rounding, workers=1)
        single = single_states(etas, rounding, gradients[:, 0], states[0].x)
        assert any((one.x != other.x).any() for one, other in zip(states, single, strict=True)) == differs


# ---- blocks ----


def test_one_block_is_the_scaled_sign():
    v = integers(5, 20, D)
    assert (blockwise(whole(D))(v) == scaled_sign()(v)).all()


def test_the_scaled_sign_keeps_the_1_norm_and_signs_alone_do_not():
    v = rationals([[3, -1, 0, 2], [5, 5, -5, 5]])
    assert (np.abs(scaled_sign()(v)).sum(-1) == np.abs(v).sum(-1)).all()
    assert ((scaled_sign()(v) ** 2).sum(-1) <= (v**2).sum(-1)).all()
    assert (np.abs(np.where(v < 0, -1, 1)).sum(-1) == D).all()


def test_each_block_is_its_scaled_sign_wherever_its_coordinates_stand():
    v = integers(6, 20, 5)
    found = blockwise([[3, 0], [4], [1, 2]])(v)
    for block in ([3, 0], [4], [1, 2]):
        assert (found[:, block] == scaled_sign()(v[:, block])).all()


def test_tensors_are_consecutive_blocks():
    assert [list(block) for block in per_tensor([2, 1, 3])] == [[0, 1], [2], [3, 4, 5]]
    v = integers(7, 9, 6)
    assert (blockwise(per_tensor([2, 1, 3]))(v) == blockwise([[1, 0], [2], [5, 4, 3]])(v)).all()


@pytest.mark.parametrize("partition", [[], [[0, 1], [1, 2]], [[0], [2]], [[0, 0]]], ids=str)
def test_blocks_must_be_a_partition(partition):
    with pytest.raises(ValueError, match="partition must hold each of 0"):
        blockwise(partition)


def test_a_block_of_zeros_stays_zero_and_a_zero_beside_others_becomes_the_mean_magnitude():
    v = rationals([[0, 0, 0, 3]])
    assert blockwise([[0, 1], [2, 3]])(v).tolist() == [[0, 0, F(3, 2), F(3, 2)]]


# ---- baselines ----


def test_a_vote_goes_with_the_majority_and_a_tie_moves_nothing():
    state = init_vote(rationals([0, 0, 0]), 2)
    after, messages = step_vote(state, rationals([[5, -1, 2], [1, 9, -1]]), F(1, 10))
    assert messages.up.tolist() == [[1, -1, 1], [1, 1, -1]]
    assert messages.down.tolist() == [1, 0, 0]
    assert after.x.tolist() == [F(-1, 10), 0, 0]


def test_signum_votes_on_the_momenta_and_decays_weights():
    beta, decay, eta = F(1, 2), F(1, 10), F(1, 4)
    state = init_vote(integers(8, D), M)
    x, m = state.x, state.velocity
    for t in range(T):
        g = integers(20 + t, M, D)
        m = beta * m + (1 - beta) * g
        x = x - eta * (np.sign(np.where(m >= 0, 1, -1).sum(0)) + decay * x)
        state, _ = step_vote(state, g, eta, beta, decay)
        assert (state.x == x).all()


# ---- bits ----


@pytest.mark.parametrize("workers", [1, 3])
def test_bits_of_a_round_are_those_of_table_1(workers):
    d, partition = 11, [[0, 5, 1], [2, 3, 4], [6, 7, 8, 9, 10]]
    assert round_bits(identity(), d, workers) == 64 * workers * d
    assert round_bits(blockwise(per_tensor([3, 8])), d, workers) == 2 * workers * d + 64 * workers * 2
    assert round_bits(blockwise(partition), d, workers) == 2 * workers * d + 64 * workers * 3
    assert vote_bits(d, workers) == 2 * workers * d
    assert round_bits(blockwise(per_tensor([3, 8])), d, workers, server=identity()) == workers * (d + 64 + 32 * d)


def test_the_messages_have_the_bits_that_are_counted():
    operator, v = blockwise(per_tensor([3, 8])), np.random.default_rng(0).normal(size=11)
    assert len(encode(operator, v)) == -(-message_bits(operator, 11) // 8)
    signs = np.where(v < 0, -1.0, 1.0)
    assert len(pack_signs(signs)) == -(-vote_bits(11, 1) // 16)
    assert (unpack_signs(pack_signs(signs), 11) == signs).all()
    with pytest.raises(ValueError, match="must have 2 bytes, got 1"):
        unpack_signs(b"0", 11)


def test_a_vote_of_one_bit_needs_an_odd_number_of_workers():
    with pytest.raises(ValueError, match="workers must be odd for a vote of one bit an entry, got 4"):
        vote_bits(10, 4)


# ---- batches and bad input ----


def test_instances_of_a_batch_keep_their_own_steps_and_momentum():
    rng = np.random.default_rng(0)
    x0, g, u, down_u = rng.normal(size=(2, D)), rng.normal(size=(3, 2, M, D)), rng.random((3, 2, M, 1, D)), rng.random((3, 2, 1, D))
    eta, beta, decay = np.array([0.1, 0.5]), np.array([0.9, 0.5]), np.array([0.0, 0.1])
    together, alone = init(x0, M), [init(x0[i], M) for i in range(2)]
    for t in range(3):
        together, messages = step(together, g[t], eta / (t + 1), rand_k(2), u[t], None, down_u[t], beta, decay)
        for i in range(2):
            alone[i], sent = step(alone[i], g[t, i], eta[i] / (t + 1), rand_k(2), u[t, i], None, down_u[t, i], beta[i], decay[i])
            for found, wanted in zip((*together, *messages), (*alone[i], *sent), strict=True):
                assert (found[i] == wanted).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"gradients": np.full((M, D), np.nan)}, r"gradients must be finite, got nan at index \(0, 0\)"),
        ({"gradients": np.ones((M, D + 1))}, r"gradients must have the shape \(3, 4\) of memory, got \(3, 5\)"),
        ({"eta": 0.0}, "eta must be positive, got 0.0"),
    ],
)
def test_bad_input_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        step(init(np.zeros(D), M), **({"gradients": np.ones((M, D)), "eta": 0.1, "compress": identity()} | change))
    with pytest.raises(ValueError, match="workers must be an integer of at least 1, got 0"):
        init(np.zeros(D), 0)


def test_the_module_tells_single_machines_a_wrong_shape():
    with pytest.raises(ValueError, match=r"gradient must have the shape \(4,\) of x, got \(3, 4\)"):
        dist_ef_sgd.step_single(init_single(np.zeros(D)), np.ones((M, D)), 0.1, identity())
