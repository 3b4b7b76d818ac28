"""Networks of gossip: graphs, mixing matrices W, and the numbers that theorems ask of them (QPRSGD, section IV.B, Assumption 2).

A graph is its adjacency [workers, workers], bool, symmetric, no worker its own neighbour. W is [workers, workers], without unit. Object
arrays of Fractions are checked exactly; eigenvalues are floats.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reference.exact import is_exact, rationals

TOLERANCE = 16 * np.finfo(float).eps
"""By how much, times the number of workers, a row of floats may sum to something else than 1, and W_ij differ from W_ji."""


# ---- graphs ----


def ring(workers: int) -> np.ndarray:
    """Worker i meets i - 1 and i + 1, modulo the number of workers; two workers are joined once, one is alone."""
    return _joined(workers, ((i, (i + 1) % workers) for i in range(workers)))


def chain(workers: int) -> np.ndarray:
    """Worker i meets i - 1 and i + 1 where there are such: a ring cut open."""
    return _joined(workers, ((i, i + 1) for i in range(workers - 1)))


def complete(workers: int) -> np.ndarray:
    """Everybody meets everybody."""
    return _joined(workers, ((i, j) for i in range(workers) for j in range(i)))


def star(workers: int) -> np.ndarray:
    """Worker 0 meets everybody, the others only worker 0."""
    return _joined(workers, ((0, i) for i in range(1, workers)))


def torus(rows: int, columns: int) -> np.ndarray:
    """A grid whose opposite edges are glued; worker (i, j) has number i * columns + j.

    Raises: ValueError for rows or columns below 1.
    """
    for name, value in (("rows", rows), ("columns", columns)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
    number = np.arange(rows * columns).reshape(rows, columns)
    right, below = np.roll(number, -1, axis=1), np.roll(number, -1, axis=0)
    return _joined(rows * columns, [(int(i), int(j)) for other in (right, below) for i, j in zip(number.flat, other.flat, strict=True)])


def exponential(workers: int) -> np.ndarray:
    """Worker i meets i + 1, i + 2, i + 4, ... modulo the number of workers, and those meet i back."""
    hops = [1 << power for power in range(max(workers - 1, 0).bit_length())]
    return _joined(workers, ((i, (i + hop) % workers) for i in range(workers) for hop in hops))


def erdos_renyi(uniforms: ArrayLike, probability: float) -> np.ndarray:
    """Workers i < j meet where uniforms[i, j] < probability; `uniforms` [workers, workers]. It may be disconnected: `check` says so.

    Raises: ValueError for uniforms that are no square, or a probability outside [0, 1].
    """
    u = np.asarray(uniforms)
    if u.ndim != 2 or u.shape[0] != u.shape[1] or not len(u):
        raise ValueError(f"uniforms must have shape [workers, workers], got shape {u.shape}")
    if not 0 <= probability <= 1:
        raise ValueError(f"probability must be between 0 and 1, got {probability}")
    drawn = np.triu(u < probability, 1)
    return drawn | drawn.T


def _joined(workers: int, edges: Iterable[tuple[int, int]]) -> np.ndarray:
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    adjacency = np.zeros((workers, workers), dtype=bool)
    for i, j in edges:
        if i != j:
            adjacency[i, j] = adjacency[j, i] = True
    return adjacency


# ---- mixing matrices ----


def metropolis(adjacency: ArrayLike, exact: bool = False) -> np.ndarray:
    """Metropolis weights: W_ij = 1 / (1 + max(degree i, degree j)) between neighbours, the rest of a row on its diagonal.

    Symmetric and doubly stochastic on every graph, with a positive diagonal. Fractions if `exact`.
    Raises: ValueError for an adjacency that is not symmetric, or joins a worker to itself.
    """
    a = np.asarray(adjacency, dtype=bool)
    if a.ndim != 2 or a.shape[0] != a.shape[1] or (a != a.T).any() or a.diagonal().any():
        raise ValueError(f"adjacency must be square, symmetric and without loops, got shape {a.shape}")
    degree = a.sum(-1)
    larger = 1 + np.maximum(degree[:, None], degree[None, :])
    W = rationals(a) / rationals(larger)
    W[np.diag_indices(len(W))] = 1 - W.sum(-1)
    return W if exact else W.astype(float)


def check(W: ArrayLike) -> np.ndarray:
    """W itself, once it is known to be symmetric, doubly stochastic and connected.

    Raises: ValueError naming the first row that is at fault: an entry outside [0, 1], asymmetry, a sum other than 1, a worker that worker
    0 cannot reach.
    """
    W = np.asarray(W)
    if W.ndim != 2 or W.shape[0] != W.shape[1] or not len(W):
        raise ValueError(f"W must have shape [workers, workers], got shape {W.shape}")
    slack = 0 if is_exact(W) else TOLERANCE * len(W)
    for i, row in enumerate(W):
        for j, weight in enumerate(row):
            if not (is_exact(W) or math.isfinite(weight)) or not -slack <= weight <= 1 + slack:
                raise ValueError(f"W must have entries between 0 and 1, got {weight} in row {i}, column {j}")
            if abs(weight - W[j, i]) > slack:
                raise ValueError(f"W must be symmetric, got {weight} in row {i}, column {j} and {W[j, i]} in row {j}, column {i}")
        if abs(row.sum() - 1) > slack:
            raise ValueError(f"W must be doubly stochastic, got a sum of {row.sum()} in row {i}")
    reached, more = np.zeros(len(W), dtype=bool), np.eye(1, len(W), dtype=bool)[0]
    while (more & ~reached).any():
        reached |= more
        more = (W[reached] > slack).any(0)
    if not reached.all():
        raise ValueError(f"W must be connected, got row {int(np.argmin(reached))} out of reach of row 0")
    return W


class Spectrum(NamedTuple):
    """Of a mixing matrix: rho = max |lambda_i|, spread (the paper's mu) = max |lambda_i - 1|, over i >= 2; gap = 1 - rho.

    A single worker has no second eigenvalue: rho = spread = 0.
    """

    rho: float
    spread: float
    gap: float


def spectrum(W: ArrayLike) -> Spectrum:
    """rho (Assumption 2), mu (proof of Lemma 2) and the spectral gap, from all eigenvalues but one that is 1.

    rho = 1 is possible for a connected W (two workers that only exchange): Assumption 2 excludes it, this function reports it.
    Raises: ValueError as `check`.
    """
    others = np.linalg.eigvalsh(check(W).astype(float))[:-1]
    rho, spread = float(np.abs(others).max(initial=0)), float(np.abs(others - 1).max(initial=0))
    return Spectrum(rho, spread, 1 - rho)


GRAPHS = {each.__name__: each for each in (ring, chain, complete, star, exponential)}
"""The graphs that need nothing but the number of workers."""
