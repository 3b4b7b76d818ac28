"""Networks of gossip: graphs, mixing matrices W, and the numbers that theorems ask of them (QPRSGD, section IV.B, Assumption 2).

A graph is its adjacency [workers, workers], bool, symmetric, no worker its own neighbour. W is [workers, workers], without unit. Object
arrays of Fractions are checked exactly; eigenvalues are floats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reference.exact import count, is_exact, rationals

TOLERANCE = 16 * np.finfo(float).eps
"""By how much, times the number of workers, a row of floats may sum to something else than 1, and W_ij differ from W_ji."""


# ---- graphs ----


def ring(workers: int) -> np.ndarray:
    """Worker i meets i - 1 and i + 1, modulo the number of workers; two workers are joined once, one is alone."""
    return _joined(workers, lambda i: [(i + 1) % workers])


def chain(workers: int) -> np.ndarray:
    """Worker i meets i - 1 and i + 1 where there are such: a ring cut open."""
    return _joined(workers, lambda i: range(i + 1, min(i + 2, workers)))


def complete(workers: int) -> np.ndarray:
    """Everybody meets everybody."""
    return _joined(workers, range)


def star(workers: int) -> np.ndarray:
    """Worker 0 meets everybody, the others only worker 0."""
    return _joined(workers, lambda i: range(min(i, 1)))


def torus(rows: int, columns: int) -> np.ndarray:
    """A grid whose opposite edges are glued; worker (i, j) has number i * columns + j.

    Raises: ValueError for rows or columns below 1.
    """
    for name, value in (("rows", rows), ("columns", columns)):
        count(name, value)
    number = np.arange(rows * columns).reshape(rows, columns)
    right, below = np.roll(number, -1, axis=1).ravel(), np.roll(number, -1, axis=0).ravel()
    return _joined(rows * columns, lambda i: [right[i], below[i]])


def exponential(workers: int) -> np.ndarray:
    """Worker i meets i + 1, i + 2, i + 4, ... modulo the number of workers, and those meet i back."""
    return _joined(workers, lambda i: [(i + (1 << power)) % workers for power in range((workers - 1).bit_length())])


def erdos_renyi(uniforms: ArrayLike, probability: float) -> np.ndarray:
    """Workers i < j meet where uniforms[i, j] < probability; `uniforms` [workers, workers]. It may be disconnected: `check` says so.

    Raises: ValueError for uniforms that are no square or outside [0, 1), or a probability outside [0, 1].
    """
    u = np.asarray(uniforms)
    if u.ndim != 2 or u.shape[0] != u.shape[1] or not len(u):
        raise ValueError(f"uniforms must have shape [workers, workers], got shape {u.shape}")
    if not ((u >= 0) & (u < 1)).all():
        raise ValueError(f"uniforms must lie in [0, 1), got {u[~((u >= 0) & (u < 1))][0]}")
    if not 0 <= probability <= 1:
        raise ValueError(f"probability must be between 0 and 1, got {probability}")
    drawn = np.triu(u < probability, 1)
    return drawn | drawn.T


def _joined(workers: int, met_by: Callable[[int], Iterable[int]]) -> np.ndarray:
    """The graph in which each worker meets those that it is said to, itself left out, and is met by them."""
    adjacency = np.zeros((count("workers", workers),) * 2, dtype=bool)
    for i in range(workers):
        for j in met_by(i):
            adjacency[i, j] = adjacency[j, i] = i != j
    return adjacency


# ---- mixing matrices ----


def metropolis(adjacency: ArrayLike, exact: bool = False) -> np.ndarray:
    """Metropolis weights: W_ij = 1 / (1 + max(degree i, degree j)) between neighbours, the rest of a row on its diagonal.

    Symmetric and doubly stochastic on every graph, with a positive diagonal. Fractions if `exact`.
    Raises: ValueError for an adjacency that is not symmetric, joins a worker to itself, or is no matrix of truth values.
    """
    given = np.asarray(adjacency)
    if given.ndim != 2 or given.shape[0] != given.shape[1] or not len(given) or not np.isin(given, (0, 1)).all():
        raise ValueError(f"adjacency must have shape [workers, workers] and hold 0 and 1, got shape {given.shape} of {given.dtype}")
    a = given.astype(bool)
    if (a != a.T).any() or a.diagonal().any():
        raise ValueError("adjacency must be symmetric and without loops")
    degree = a.sum(-1)
    larger = 1 + np.maximum(degree[:, None], degree[None, :])
    W = rationals(a) / rationals(larger)
    W[np.diag_indices(len(W))] = 1 - W.sum(-1)
    return W if exact else W.astype(float)


def check(W: ArrayLike) -> np.ndarray:
    """W itself, once it is known to be symmetric, doubly stochastic and connected.

    Raises: ValueError naming a row at fault: an entry outside [0, 1], asymmetry, a sum other than 1, a worker that worker
    0 cannot reach.
    """
    W = np.asarray(W)
    if W.ndim != 2 or W.shape[0] != W.shape[1] or not len(W):
        raise ValueError(f"W must have shape [workers, workers], got shape {W.shape}")
    if W.dtype.kind not in "fiO":
        raise ValueError(f"W must hold floats or Fractions, got dtype {W.dtype}")
    slack = 0 if is_exact(W) else TOLERANCE * len(W)
    if (outside := ~((-slack <= W) & (1 + slack >= W))).any():
        i, j = np.argwhere(outside)[0]
        raise ValueError(f"W must have entries between 0 and 1, got {W[i, j]} in row {i}, column {j}")
    if (asymmetric := np.abs(W - W.T) > slack).any():
        i, j = np.argwhere(asymmetric)[0]
        raise ValueError(f"W must be symmetric, got {W[i, j]} in row {i}, column {j} and {W[j, i]} in row {j}, column {i}")
    sums = W.sum(1)
    if (unfair := np.abs(sums - 1) > slack).any():
        raise ValueError(f"W must be doubly stochastic, got a sum of {sums[unfair][0]} in row {int(np.argmax(unfair))}")
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
