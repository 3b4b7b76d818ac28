"""Algorithm 2 against its listing, against Algorithm 1 where all workers agree, and the identities of Appendix D in rationals."""

from __future__ import annotations

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.exact import rationals
from reference.operators import qsgd, top_k
from reference.qsparse_local_sgd import asynchronous_init, asynchronous_step, init, step

R, D, T = 3, 4, 8


def integers(seed: int, *shape: int) -> np.ndarray:
    return rationals(np.random.default_rng(seed).integers(-5, 6, shape))


def arbitrary_map(v, uniforms):
    """No contraction and no sense: it is only required to be a map."""
    return 3 * v[..., ::-1] ** 2 - F(1, 7)


def steps(seed: int, subsets, compress=arbitrary_map):
    """States at t = 0..T, gradients and messages at t = 0..T-1."""
    states, messages, gradients = [asynchronous_init(integers(seed + 1, D), R)], [], integers(seed, T, R, D)
    for t in range(T):
        state, sent = asynchronous_step(states[-1], gradients[t], F(1, t + 2), subsets[t], compress)
        states.append(state)
        messages.append(sent)
    return states, gradients, messages


def subsets_of(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((T, R)) < 0.4


def listing(x0, gradients, indices, compress):
    """Algorithm 2 a second time, worker by worker, from the listing alone; `indices[r]` is I_T^(r)."""
    master, x, x_hat, memory = list(x0), [list(x0) for _ in range(R)], [list(x0) for _ in range(R)], [[F(0)] * D for _ in range(R)]
    history = [(master, x, x_hat, memory)]
    for t in range(T):
        half = [[a - F(1, t + 2) * g for a, g in zip(x_hat[r], gradients[t, r], strict=True)] for r in range(R)]
        received = {r for r in range(R) if t + 1 in indices[r]}
        sent, new_memory = {}, list(memory)
        for r in received:
            v = [m + a - h for m, a, h in zip(memory[r], x[r], half[r], strict=True)]
            sent[r] = list(compress(np.array([v], dtype=object), None)[0])
            new_memory[r] = [a - g for a, g in zip(v, sent[r], strict=True)]
        master = [a - sum((sent[r][j] for r in received), F(0)) / R for j, a in enumerate(master)]
        x = [list(master) if r in received else x[r] for r in range(R)]
        x_hat, memory = [list(master) if r in received else half[r] for r in range(R)], new_memory
        history.append((master, x, x_hat, memory))
    return history


@given(st.integers(0, 10**6))
def test_every_iteration_follows_the_listing(seed):
    chosen = subsets_of(seed)
    states, gradients, _ = steps(seed, chosen)
    indices = [{t + 1 for t in range(T) if chosen[t, r]} for r in range(R)]
    for state, lines in zip(states, listing(integers(seed + 1, D), gradients, indices, arbitrary_map), strict=True):
        for got, expected in zip(state, lines, strict=True):
            assert (got == np.array(expected, dtype=object)).all()


@given(st.integers(0, 10**6))
def test_algorithm_1_is_the_case_where_all_workers_or_none_synchronise(seed):
    together = np.random.default_rng(seed).random(T) < 0.5
    states, gradients, messages = steps(seed, np.repeat(together[:, None], R, axis=1))
    state = init(integers(seed + 1, D), R)
    for t in range(T):
        state, sent = step(state, gradients[t], F(1, t + 2), together[t], arbitrary_map)
        after = states[t + 1]
        assert all((one == other).all() for one, other in zip((after.master, after.x_hat, after.memory), state, strict=True))
        assert (messages[t] == sent).all()
        assert (after.x == after.master).all()


@given(st.integers(0, 10**6))
def test_the_master_lags_behind_the_virtual_iterates_at_the_last_synchronisations_by_the_mean_memory(seed):
    """(D.25), for an arbitrary map; while Lemma 6 is for synchronous workers only."""
    chosen = subsets_of(seed)
    states, gradients, _ = steps(seed, chosen)
    virtual = [states[0].x_hat]
    for t in range(T):
        virtual.append(virtual[-1] - F(1, t + 2) * gradients[t])
    for t, state in enumerate(states):
        last = [max([0, *(j + 1 for j in range(t) if chosen[j, r])]) for r in range(R)]
        at_last = sum(virtual[last[r]][r] for r in range(R)) / F(R)
        assert (state.master - at_last == state.memory.sum(0) / F(R)).all()


def test_the_lag_of_two_workers_of_whom_one_synchronised_is_a_quarter_of_its_step():
    """So Lemma 6, which makes the lag the mean memory (here 0), does not hold."""
    state = asynchronous_init(rationals([0]), 2)
    state, _ = asynchronous_step(state, rationals([[1], [0]]), F(1), [True, False], lambda v, u: v)
    virtual = rationals([[-1], [0]])
    assert not state.memory.any()
    assert (state.x_hat.sum(0) - virtual.sum(0))[0] / 2 == F(1, 4)


def test_each_run_of_a_batch_has_its_own_subset():
    x0, gradients, chosen = integers(0, 5, D), integers(1, 5, R, D), np.random.default_rng(2).random((5, R)) < 0.5
    together = asynchronous_step(asynchronous_init(x0, R), gradients, F(1, 3), chosen, top_k(2))
    for i in range(5):
        alone = asynchronous_step(asynchronous_init(x0[i], R), gradients[i], F(1, 3), chosen[i], top_k(2))
        assert all((one[i] == other).all() for one, other in zip((*together[0], together[1]), (*alone[0], alone[1]), strict=True))


def test_uniforms_reach_the_compressor():
    uniforms = np.full((R, 1, D), 0.5)
    state = asynchronous_init(np.zeros(D), R)
    gradients = np.arange(R * D, dtype=float).reshape(R, D)
    _, messages = asynchronous_step(state, gradients, 1.0, True, qsgd(2), uniforms)
    assert (messages == qsgd(2)(gradients, uniforms)).all()


@pytest.mark.parametrize(("gradients", "subset", "message"), [
    (np.zeros((R, D + 1)), True, r"gradients must have the shape \(3, 4\) of x_hat, got \(3, 5\)"),
    (np.zeros((R, D)), [True, False], r"subset must have one entry for each of 3 workers, got shape \(2,\)"),
    (np.full((R, D), np.nan), True, "gradients"),
])  # fmt: skip
def test_bad_input_is_named(gradients, subset, message):
    with pytest.raises(ValueError, match=message):
        asynchronous_step(asynchronous_init(np.zeros(D), R), gradients, 1.0, subset, top_k(1))
