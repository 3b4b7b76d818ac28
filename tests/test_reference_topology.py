"""Graphs and mixing matrices against their definitions and the eigenvalues that are known in closed form."""

import math
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference.topology import GRAPHS, TOLERANCE, chain, check, complete, erdos_renyi, exponential, metropolis, ring, spectrum, star, torus

ROUND_OFF = 64 * np.finfo(float).eps  # eigenvalues of a symmetric matrix of norm 1, at these sizes


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 7, 8])
@pytest.mark.parametrize("name", GRAPHS)
def test_metropolis_weights_of_every_graph_are_symmetric_doubly_stochastic_and_connected(name, workers):
    for exact in (False, True):
        check(metropolis(GRAPHS[name](workers), exact))


def test_graphs_join_whom_they_say():
    assert ring(5).sum(-1).tolist() == [2] * 5
    assert ring(5)[0, [1, 4]].all()
    assert chain(4).sum(-1).tolist() == [1, 2, 2, 1]
    assert complete(4).sum(-1).tolist() == [3] * 4
    assert star(4).sum(-1).tolist() == [3, 1, 1, 1]
    assert np.flatnonzero(exponential(9)[0]).tolist() == [1, 2, 4, 5, 7, 8]
    assert np.flatnonzero(torus(3, 4)[5]).tolist() == [1, 4, 6, 9]
    assert ring(1).sum() == 0
    assert ring(2).sum() == 2


def test_a_random_graph_follows_its_uniforms():
    u = np.array([[0.9, 0.1, 0.6], [0.0, 0.9, 0.4], [0.0, 0.0, 0.9]])
    assert erdos_renyi(u, 0.5).tolist() == [[False, True, False], [True, False, True], [False, True, False]]
    assert not erdos_renyi(u, 0.0).any()


@pytest.mark.parametrize("workers", [3, 4, 5, 8])
def test_the_spectrum_of_the_ring_is_the_known_cosines(workers):
    values = [1 / 3 + 2 / 3 * math.cos(2 * math.pi * j / workers) for j in range(1, workers)]
    found = spectrum(metropolis(ring(workers)))
    assert found.rho == pytest.approx(max(map(abs, values)), abs=ROUND_OFF)
    assert found.spread == pytest.approx(1 - min(values), abs=ROUND_OFF)
    assert found.gap == 1 - found.rho


def test_the_complete_graph_averages_in_one_step():
    found = spectrum(metropolis(complete(5)))
    assert found.rho == pytest.approx(0, abs=ROUND_OFF)
    assert found.spread == pytest.approx(1, abs=ROUND_OFF)


def test_workers_that_only_exchange_have_no_spectral_gap():
    found = spectrum(np.array([[0.0, 1.0], [1.0, 0.0]]))
    assert found.rho == pytest.approx(1, abs=ROUND_OFF)
    assert found.spread == pytest.approx(2, abs=ROUND_OFF)


def test_one_worker_has_no_second_eigenvalue():
    assert spectrum(np.ones((1, 1))) == (0, 0, 1)


@given(st.integers(2, 8), st.integers(0, 10**6))
def test_powers_of_w_forget_at_the_rate_rho(workers, seed):
    u = np.random.default_rng(seed).random((workers, workers))
    W = metropolis(erdos_renyi(u, 0.5) | chain(workers))
    rho, mean = spectrum(W).rho, np.full((workers, workers), 1 / workers)
    for t in range(1, 6):
        assert np.linalg.norm(np.linalg.matrix_power(W, t) - mean, 2) <= rho**t + workers * ROUND_OFF


@pytest.mark.parametrize(
    ("W", "message"),
    [
        ([[1.0, 0.0]], r"shape \[workers, workers\], got shape \(1, 2\)"),
        ([[0.5, 0.5], [0.25, 0.75]], "symmetric, got 0.5 in row 0, column 1 and 0.25 in row 1, column 0"),
        ([[0.5, 0.25], [0.25, 0.75]], "doubly stochastic, got a sum of 0.75 in row 0"),
        ([[0.5, 0.5], [0.5, 0.25]], "doubly stochastic, got a sum of 0.75 in row 1"),
        ([[1.5, -0.5], [-0.5, 1.5]], "between 0 and 1, got 1.5 in row 0, column 0"),
        ([[np.nan, 1.0], [1.0, 0.0]], "between 0 and 1, got nan in row 0, column 0"),
        ([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]], "connected, got row 2 out of reach of row 0"),
        (np.array([[F(1, 3), F(2, 3)], [F(2, 3), F(1, 3) + F(1, 10**30)]], dtype=object), "doubly stochastic, got a sum of .* in row 1"),
    ],
)
def test_a_matrix_that_does_not_mix_is_refused_by_its_row(W, message):
    with pytest.raises(ValueError, match=message):
        check(np.asarray(W))


def test_round_off_is_no_fault():
    W = metropolis(complete(7)) * (1 + TOLERANCE / 2)
    assert check(W) is W


def test_bad_graphs_get_one_clear_error():
    with pytest.raises(ValueError, match="workers must be an integer of at least 1, got 0"):
        ring(0)
    with pytest.raises(ValueError, match=r"workers must be an integer of at least 1, got 2\.5"):
        chain(2.5)
    with pytest.raises(ValueError, match="columns must be an integer of at least 1, got 0"):
        torus(2, 0)
    with pytest.raises(ValueError, match="probability must be between 0 and 1, got 2"):
        erdos_renyi(np.zeros((2, 2)), 2)
    with pytest.raises(ValueError, match=r"uniforms must have shape \[workers, workers\]"):
        erdos_renyi(np.zeros((2, 3)), 0.5)
    with pytest.raises(ValueError, match=r"uniforms must lie in \[0, 1\), got nan"):
        erdos_renyi(np.full((2, 2), np.nan), 0.5)
    with pytest.raises(ValueError, match="symmetric and without loops"):
        metropolis(np.eye(2))
    for none in (np.full((2, 2), np.nan), np.full((2, 2), 0.5), np.zeros((0, 0)), [["a"]]):
        with pytest.raises(ValueError, match=r"adjacency must have shape \[workers, workers\] and hold 0 and 1"):
            metropolis(none)
    for none in (np.eye(2) * (1 + 0j), np.eye(1, dtype=bool), [["a"]]):
        with pytest.raises(ValueError, match="W must hold floats or Fractions, got dtype"):
            check(none)
