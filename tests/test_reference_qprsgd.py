"""Algorithms 1 and 2 of QPRSGD against their listings told worker by worker, their special cases, and the convention of the ring."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.exact import rationals
from reference.operators import identity, qsgd, top_k
from reference.qprsgd import (
    heard,
    init,
    init_gossip,
    ring_mean,
    schemes,
    segments,
    server_mean,
    step,
    step_gossip,
    step_server,
)
from reference.topology import chain, complete, metropolis, ring

M, K, D = 3, 2, 7
W = metropolis(chain(M), exact=True)


def integers(seed: int, *shape: int) -> np.ndarray:
    return rationals(np.random.default_rng(seed).integers(-5, 6, shape))


def rising(v: np.ndarray, u: np.ndarray | None) -> np.ndarray:
    """A stand-in for a quantiser that nothing can be mistaken for: not linear, and it uses each uniform."""
    return v * v + (0 if u is None else u[..., 0, :])


def as_messages(updates: np.ndarray, compress, uniforms: np.ndarray | None) -> np.ndarray:
    """Line 8 to 16 as M programs with mailboxes, sums going from worker m to m + 1, j = (m - i) mod M at hop i."""
    workers, d = updates.shape
    pieces = segments(d, workers)
    mail = [(m, updates[0, pieces[m]] * 0) for m in range(workers)]  # what arrives at each worker: which segment, and its sum
    for i in range(workers):
        sent = []
        for m, (segment, delta) in enumerate(mail):
            j = (m - i) % workers
            assert segment == j, "a worker must receive the segment that it is to add to"
            own = None if uniforms is None else uniforms[m][:, pieces[j]]
            sent.append((j, compress(delta + updates[m, pieces[j]], own)))
        mail = [sent[(m - 1) % workers] for m in range(workers)]
    assert [segment for segment, _ in mail] == list(range(workers)), "worker m must broadcast segment m"
    return np.concatenate([delta for _, delta in mail]) / F(workers)


@pytest.mark.parametrize("uniforms", [None, integers(1, M, 1, D)])
def test_the_ring_is_what_workers_with_mailboxes_compute(uniforms):
    updates = integers(0, M, D)
    assert (ring_mean(updates, rising, uniforms) == as_messages(updates, rising, uniforms)).all()


def test_the_printed_index_sends_segments_to_workers_that_want_another():
    """Line 10 with sums from m to m + 1: at hop i + 1 worker m + 1 wants segment m + i + 2, and receives m + i."""
    for workers in range(2, 8):
        arrives = {(m, i): (m - 1 + i - 1) % workers for m in range(workers) for i in range(1, workers)}
        met = [segment == (m + i) % workers for (m, i), segment in arrives.items()]
        assert all(met) if workers == 2 else not any(met)  # two workers are each other's next in both directions


def test_without_quantisation_the_ring_gives_the_mean():
    updates = integers(2, 2, M, D)
    for mean in (ring_mean, server_mean):
        assert (mean(updates, identity()) == updates.sum(-2) / F(M)).all()


def test_every_segment_is_quantised_again_at_every_worker():
    """Q(...Q(Q(w1) + w2)...): where Q squares, one segment of one coordinate says it all; segment j starts at worker j."""
    w = integers(3, M, M)
    found = ring_mean(w, rising) * M
    for j in range(M):
        total = F(0)
        for i in range(M):
            total = (total + w[(j + i) % M, j]) ** 2
        assert found[j] == total


@pytest.mark.parametrize(("d", "workers"), [(7, 3), (6, 3), (2, 5), (1, 1)])
def test_segments_cover_every_coordinate_once_and_differ_by_at_most_one(d, workers):
    pieces = segments(d, workers)
    assert [i for piece in pieces for i in range(d)[piece]] == list(range(d))
    lengths = [piece.stop - piece.start for piece in pieces]
    assert len(lengths) == workers
    assert max(lengths) - min(lengths) <= 1


def test_a_round_of_the_ring_is_k_local_steps_and_one_mean():
    x0, g, eta = integers(4, D), integers(5, 2 * K, M, D), F(1, 3)
    state, x = init(x0, M), x0
    for n in range(2):
        for k in range(K):
            state, delta = step(state, g[n * K + k], eta, k == K - 1, identity())
            if k < K - 1:
                assert (state.x == x).all()
                assert not delta.any()
        x = x - eta * g[n * K : (n + 1) * K].sum((0, 1)) / F(M)
        assert (state.x == x).all()
        assert (state.local == x).all()


def test_what_the_server_quantises_once_the_ring_quantises_m_times():
    x0, g, u = integers(6, D), integers(7, M, D), integers(8, M, 1, D)
    after, delta = step_server(init(x0, M), g, F(1, 2), True, rising, u)
    assert (delta == rising(g / F(2), u).sum(0) / F(M)).all()
    assert (after.x == x0 - delta).all()
    assert (step(init(x0, M), g, F(1, 2), True, rising, u)[1] != delta).any()


def gossip_as_programs(x0, g, eta, u, compress):
    """Algorithm 2 worker by worker, each with a dictionary of the neighbours it hears; yields all x~ after each round."""
    neighbours = [[j for j in range(M) if W[m, j] != 0] for m in range(M)]
    known = [dict.fromkeys(neighbours[m], x0) for m in range(M)]
    for n in range(len(g) // K):
        sent = []
        for m in range(M):
            local = known[m][m]
            for k in range(K):
                local = local - eta * g[n * K + k, m]
            half = sum(W[m, j] * known[m][j] for j in neighbours[m]) - known[m][m] + local
            sent.append(compress(known[m][m] - half, u[n, m]))
        for m in range(M):
            known[m] = {j: x - sent[j] for j, x in known[m].items()}
        yield [known[m][m] for m in range(M)]


def test_gossip_is_what_workers_that_track_their_neighbours_compute():
    x0, g, u, eta = integers(9, D), integers(10, 3 * K, M, D), integers(11, 3, M, 1, D), F(1, 4)
    state, wanted = init_gossip(x0, W), gossip_as_programs(x0, g, eta, u, rising)
    for i in range(3 * K):
        state, _ = step_gossip(state, g[i], eta, i % K == K - 1, W, rising, u[i // K])
        if i % K == K - 1:
            assert (state.x == np.array(next(wanted), dtype=object)).all()


@given(st.integers(0, 10**6))
def test_copies_stay_equal_to_what_they_are_copies_of(seed):
    rng = np.random.default_rng(seed)
    state = init_gossip(rng.normal(size=(2, D)), W.astype(float))
    for _ in range(4):
        state, _ = step_gossip(
            state, rng.normal(size=(2, M, D)), 0.1, rng.random(2) < 0.5, W.astype(float), qsgd(2), rng.random((2, M, 1, D))
        )
        np.testing.assert_allclose(state.copies, heard(state.x, W), rtol=0, atol=1e-13)
        assert not state.copies[:, 0, 2].any()  # the ends of a chain never hear of each other


def test_gossip_without_quantisation_and_k_1_is_d_psgd():
    x0, g, eta = integers(12, D), integers(13, 3, M, D), F(1, 5)
    state, x = init_gossip(x0, W), np.repeat(x0[None], M, axis=0)
    for t in range(3):
        state, sent = step_gossip(state, g[t], eta, True, W, identity())
        mixed = W.dot(x) - eta * g[t]
        assert (sent == x - mixed).all()
        x = mixed
        assert (state.x == x).all()


def test_gossip_with_k_1_is_dcd_psgd():
    """Tang et al.: x_{t+1} = x_t + Q(W x_t - eta g - x_t), for a Q that is odd."""
    rng = np.random.default_rng(14)
    w, x0, g, u = W.astype(float), rng.normal(size=D), rng.normal(size=(3, M, D)), rng.random((3, M, 1, D))
    state, x = init_gossip(x0, w), np.repeat(x0[None], M, axis=0)
    for t in range(3):
        state, _ = step_gossip(state, g[t], 0.1, True, w, qsgd(2), u[t])
        x = x + qsgd(2)(w @ x - 0.1 * g[t] - x, u[t])
        np.testing.assert_allclose(state.x, x, rtol=0, atol=1e-13)


def test_quantised_models_leave_the_minimiser_and_quantised_differences_do_not():
    w, at_least_loss, u = W.astype(float), np.array([3.0, 4.0]), np.random.default_rng(20).random((M, 1, 2))
    models = np.repeat(at_least_loss[None], M, axis=0)
    assert (w @ qsgd(1)(models, u) != models).all()
    state, sent = step_gossip(init_gossip(at_least_loss, w), models * 0, 0.1, True, w, qsgd(1), u)
    assert not sent.any()
    assert (state.x == models).all()


def test_the_mean_of_gossip_moves_by_the_mean_of_the_messages_whatever_is_quantised():
    x0, g = integers(15, D), integers(16, M, D)
    state, sent = step_gossip(init_gossip(x0, W), g, F(1, 2), True, W, top_k(1))
    assert (state.x.sum(0) / F(M) == x0 - sent.sum(0) / F(M)).all()


def test_a_worker_moves_its_own_iterate_though_it_gives_itself_no_weight():
    exchange = rationals([[0, 1], [1, 0]])
    g = integers(17, 2, D)
    state, _ = step_gossip(init_gossip(integers(18, D), exchange), g, F(1), True, exchange, identity())
    again, _ = step_gossip(state, g * 0, F(1), True, exchange, identity())
    assert (again.x == state.x[::-1]).all()


def test_qsgd_of_the_zero_vector_is_zero():
    zero = np.zeros((M, D))
    assert not ring_mean(zero, qsgd(2), np.full((M, 1, D), 0.0)).any()
    assert not server_mean(zero, qsgd(2), np.full((M, 1, D), 0.0)).any()


def test_instances_of_a_batch_keep_their_own_steps_and_meetings():
    rng = np.random.default_rng(19)
    x0, g, u = rng.normal(size=(2, D)), rng.normal(size=(2, M, D)), rng.random((2, M, 1, D))
    eta, meets = np.array([0.1, 0.5]), np.array([True, False])
    weights = W.astype(float)
    for begin, move in (
        (lambda x: init(x, M), lambda s, i: step(s, g[i], eta[i], meets[i], qsgd(2), u[i])),
        (lambda x: init(x, M), lambda s, i: step_server(s, g[i], eta[i], meets[i], qsgd(2), u[i])),
        (lambda x: init_gossip(x, weights), lambda s, i: step_gossip(s, g[i], eta[i], meets[i], weights, qsgd(2), u[i])),
    ):
        together, messages = move(begin(x0), slice(None))
        assert messages[0].any()
        assert not messages[1].any()
        for i in range(2):
            alone, _ = move(begin(x0[i]), i)
            for found, wanted in zip(together, alone, strict=True):
                np.testing.assert_allclose(found[i], wanted, rtol=0, atol=1e-14)


def test_the_baselines_are_the_same_steps_with_other_data():
    found = schemes(4, 2)
    assert {name: (s.gap, s.operator.name, s.step) for name, s in found.items()} == {
        "PSGD": (1, "identity", step_server), "QSGD": (1, "qsgd", step_server), "PR-SGD": (4, "identity", step_server),
        "AR-QPRSGD": (4, "qsgd", step), "D-PSGD": (1, "identity", step_gossip), "DCD-PSGD": (1, "qsgd", step_gossip),
        "G-QPRSGD": (4, "qsgd", step_gossip),
    }  # fmt: skip


def test_bad_input_gets_one_clear_error():
    with pytest.raises(ValueError, match="workers must be an integer of at least 1, got 0"):
        init(np.zeros(D), 0)
    with pytest.raises(ValueError, match=r"gradients must have the shape \(3, 7\) of the local iterates, got \(2, 7\)"):
        step(init(np.zeros(D), M), np.zeros((2, D)), 0.1, True, identity())
    with pytest.raises(ValueError, match="doubly stochastic"):
        init_gossip(np.zeros(D), np.eye(2) / 2)
    with pytest.raises(ValueError, match=r"W must have shape \(3, 3\), got \(4, 4\)"):
        step_gossip(init_gossip(np.zeros(D), W), np.zeros((M, D)), 0.1, True, metropolis(ring(4)), identity())
    start = init_gossip(np.ones(D), W)
    with pytest.raises(ValueError, match="W must be symmetric"):
        step_gossip(start, np.zeros((M, D)), 0.1, True, np.triu(np.ones((M, M))), identity())
    with pytest.raises(ValueError, match=r"W must join those who keep copies of each other, got 0\.25 in row 0, column 2"):
        step_gossip(init_gossip(np.ones(D), metropolis(ring(4))), np.zeros((4, D)), 0.1, True, metropolis(complete(4)), identity())
    for uniforms in (np.zeros((M + 1, 1, D)), np.zeros((M, 1, D + 1)), np.zeros((M - 1, 1, D))):
        with pytest.raises(ValueError, match=r"uniforms must have shape \(3, 'draws', 7\), got"):
            step(init(np.zeros(D), M), np.zeros((M, D)), 0.1, True, qsgd(2), uniforms)
    with pytest.raises(ValueError, match=r"workers must be an integer of at least 1, got 1\.5"):
        init(np.zeros(D), 1.5)
    with pytest.raises(ValueError, match="gap must be an integer of at least 1, got 0"):
        schemes(0, 2)


@pytest.mark.parametrize(
    ("row", "column", "entry", "said"),
    [
        (0, 1, np.nan, "W must have entries between 0 and 1, got nan in row 0, column 1"),
        (2, 2, np.inf, "W must have entries between 0 and 1, got inf in row 2, column 2"),
        (1, 0, -0.25, r"W must have entries between 0 and 1, got -0\.25 in row 1, column 0"),
        (0, 1, 0.25, r"W must be symmetric, got 0\.25 in row 0, column 1 and 0\.33\d* in row 1, column 0"),
        (2, 2, 0.5, r"W must be doubly stochastic, got a sum of 0\.83\d* in row 2"),
    ],
)
def test_gossip_names_the_row_of_a_w_that_does_not_mix(row, column, entry, said):
    bad = metropolis(chain(M))
    bad[row, column] = entry
    for attempt in (
        lambda: init_gossip(np.zeros(D), bad),
        lambda: step_gossip(init_gossip(np.zeros(D), W), np.zeros((M, D)), 0.1, True, bad, identity()),
    ):
        with pytest.raises(ValueError, match=said):
            attempt()


@pytest.mark.parametrize("shape", [(M,), (M, M + 1), (1, M), (0, 0)])
def test_gossip_refuses_a_w_that_is_no_square(shape):
    with pytest.raises(ValueError, match=r"W must have shape \[workers, workers\], got shape"):
        init_gossip(np.zeros(D), np.full(shape, 1 / M))


def test_a_network_in_two_parts_is_refused_by_the_first_row_out_of_reach():
    parts = np.kron(np.eye(2), np.full((2, 2), 0.5))
    with pytest.raises(ValueError, match="W must be connected, got row 2 out of reach of row 0"):
        init_gossip(np.zeros(D), parts)


@pytest.mark.parametrize("none", [0, -1, 1.5, True])
def test_schemes_without_intervals_are_refused(none):
    with pytest.raises(ValueError, match="intervals must be an integer of at least 1, got"):
        schemes(2, none)


def test_uniforms_of_another_shape_are_refused_by_every_step():
    g, start = np.zeros((M, D)), init(np.zeros(D), M)
    for uniforms in (None, np.zeros((M, 1, D + 1)), np.zeros((1, 1, D)), np.zeros((M, 2, D))):
        for move in (
            lambda u: step(start, g, 0.1, True, qsgd(2), u),
            lambda u: step_server(start, g, 0.1, True, qsgd(2), u),
            lambda u: step_gossip(init_gossip(np.zeros(D), W), g, 0.1, True, W.astype(float), qsgd(2), u),
        ):
            with pytest.raises(ValueError, match="uniforms"):
                move(uniforms)
