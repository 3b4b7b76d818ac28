"""Quantised parallel restarted SGD (Wu et al.): AR-QPRSGD on a ring (Algorithm 1), G-QPRSGD by gossip (Algorithm 2), and their baselines.

Arrays: x of the ring [..., d], all others [..., workers, d]; parameters, updates and messages in X, gradients in F/X, eta in X^2/F.
Leading axes are a batch. Object arrays of Fractions are computed exactly. A call of `step` is one local iteration; `synchronise` says
whether it is the last of its round (every K-th is). QSGD of the zero vector, where (3) and (4) divide by its norm, is zero.

Where the ring chains. At hop i a worker m adds its segment j to the partial sum that it received, and passes that on. Line 10 prints
j = (m + i) mod M with the sum going to the next worker: worker m + 1 then holds segment m + i after hop i, but wants m + i + 2 at hop
i + 1, so nothing is ever added to the right sum. The sum and the index must run in opposite directions. Here, as in Figure 1, sums go
from m to m + 1, so that j = (m - i) mod M: segment j visits the workers j, j + 1, ..., j - 1. (With the printed index the next worker would
be m - 1; for the law of the sum this only numbers the workers the other way.) Lemma 1 lets every segment start at worker 1; its bound is
the same for every order. After the last hop, the M-th, segment j arrives at worker j, which broadcasts it (line 15).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from reference.exact import count, is_exact, mean_over_workers, of_shape, per_instance, rationals, vectors, whether
from reference.operators import Operator, identity, qsgd
from reference.topology import check

Compress = Callable[[np.ndarray, np.ndarray | None], np.ndarray]


# ---- Algorithm 1: all-reduce ----


class State(NamedTuple):
    """x~ [..., d], the same at every worker, and the local iterates of the round under way [..., workers, d]."""

    x: np.ndarray
    local: np.ndarray


def init(x0: ArrayLike, workers: int) -> State:
    """Everybody at x0 [..., d]. Raises: ValueError for no worker."""
    workers = count("workers", workers)
    x = vectors("x0", x0)
    return State(x, _to_workers(x, workers))  # line 2


def segments(d: int, workers: int) -> list[slice]:
    """The `workers` consecutive pieces of d coordinates, as even as possible, the longer ones first; empty ones where d < workers."""
    share, more = divmod(d, count("workers", workers))
    starts = [piece * share + min(piece, more) for piece in range(workers + 1)]
    return [slice(start, stop) for start, stop in pairwise(starts)]


def ring_mean(updates: np.ndarray, compress: Compress, uniforms: np.ndarray | None = None) -> np.ndarray:
    """Lines 8 to 16: each segment quantised again at each worker it visits, Q(...Q(Q(w^j) + w^(j+1))... + w^(j-1)), over M; [..., d].

    A worker quantises each coordinate once, with the uniforms [..., workers, draws, d] of its own row and that column.
    Raises: ValueError for uniforms of another shape.
    """
    *batch, workers, d = updates.shape
    if uniforms is not None and (*uniforms.shape[:-2], uniforms.shape[-1]) != updates.shape:
        raise ValueError(f"uniforms must have shape {(*batch, workers, 'draws', d)}, got {uniforms.shape}")
    total = np.empty_like(updates[..., 0, :])
    for j, columns in enumerate(segments(d, workers)):
        if columns.start == columns.stop:
            continue
        delta = updates[..., 0, columns] * 0  # line 8
        for i in range(workers):
            m = (j + i) % workers  # the worker with j = (m - i) mod M
            own = None if uniforms is None else uniforms[..., m, :, columns]
            delta = compress(delta + updates[..., m, columns], own)  # lines 11, 12
        total[..., columns] = delta  # lines 15, 16
    return total / (Fraction(workers) if is_exact(total) else workers)


def server_mean(updates: np.ndarray, compress: Compress, uniforms: np.ndarray | None = None) -> np.ndarray:
    """The mean of updates that were quantised once each, as QSGD has it; [..., d]."""
    return mean_over_workers(compress(updates, uniforms))


def step(
    state: State, gradients: ArrayLike, eta: Any, synchronise: Any, compress: Compress, uniforms: np.ndarray | None = None
) -> tuple[State, np.ndarray]:
    """One local iteration of Algorithm 1: the state after it, and the mean update Delta [..., d] (0 where there is no synchronisation).

    `gradients` are taken by the caller at state.local. `eta` and `synchronise` are scalars or one per instance of the leading axes.
    Raises: ValueError for a gradient that is NaN or infinite, or of another shape than the local iterates.
    """
    return _step(state, gradients, eta, synchronise, lambda updates: ring_mean(updates, compress, uniforms))


def step_server(
    state: State, gradients: ArrayLike, eta: Any, synchronise: Any, compress: Compress, uniforms: np.ndarray | None = None
) -> tuple[State, np.ndarray]:
    """The same with the updates quantised once each: QSGD, and without quantisation PSGD and PR-SGD. Raises: ValueError as `step`."""
    return _step(state, gradients, eta, synchronise, lambda updates: server_mean(updates, compress, uniforms))


def _step(
    state: State, gradients: ArrayLike, eta: Any, synchronise: Any, aggregate: Callable[[np.ndarray], np.ndarray]
) -> tuple[State, np.ndarray]:
    local = _moved(state.local, gradients, eta)  # line 5
    meets = whether("synchronise", synchronise)[..., None]
    if not meets.any():
        return State(state.x, local), state.x * 0
    delta = np.where(meets, aggregate(state.x[..., None, :] - local), state.x * 0)  # lines 7 to 16
    x = state.x - delta  # line 17
    return State(x, np.where(meets[..., None], x[..., None, :], local)), delta


# ---- Algorithm 2: gossip ----


class Gossip(NamedTuple):
    """x~ of each worker and the local iterates of the round under way [..., workers, d]; `copies` [..., m, j, d] is what m keeps of x~^j:

    its own included, and 0 where W_mj = 0, for of that j it hears nothing.
    """

    x: np.ndarray
    local: np.ndarray
    copies: np.ndarray


def init_gossip(x0: ArrayLike, W: ArrayLike) -> Gossip:
    """Everybody at x0 [..., d], and known there to its neighbours. Raises: ValueError for a W that `topology.check` refuses."""
    weights = check(W)
    x = _to_workers(vectors("x0", x0), len(weights))
    return Gossip(x, x, heard(x, weights))


def heard(v: np.ndarray, W: np.ndarray) -> np.ndarray:
    """What each worker m hears of v [..., workers, d]: [..., m, j, d], v^j where W_mj != 0 or m = j, else 0."""
    from_all = v[..., None, :, :]
    return np.where(((W != 0) | np.eye(len(W), dtype=bool))[..., None], from_all, from_all * 0)


def step_gossip(
    state: Gossip, gradients: ArrayLike, eta: Any, synchronise: Any, W: ArrayLike, compress: Compress, uniforms: np.ndarray | None = None
) -> tuple[Gossip, np.ndarray]:
    """One local iteration of Algorithm 2: the state after it, and what each worker sends, g [..., workers, d] (0 where nothing is sent).

    A worker mixes what it keeps of its neighbours, and moves each copy by what it hears: the copies remain what they stand for. Line 10
    moves the x~^j with W_mj != 0; a worker moves its own whatever W_mm is. `eta`, `synchronise`: scalars or one per instance.
    Raises: ValueError as `step` and `topology.check`, or for a W of other neighbours than those whose copies are kept.
    """
    local = _moved(state.local, gradients, eta)  # line 5
    weights = check(W)
    weights = rationals(weights) if is_exact(state.x) else weights.astype(state.x.dtype)
    workers = local.shape[-2]
    if weights.shape != (workers, workers):
        raise ValueError(f"W must have shape {(workers, workers)}, got {weights.shape}")
    kept = heard(state.x, weights)
    if (astray := (state.copies != kept) & (kept == kept)).any():  # but for what has grown beyond numbers
        m, j = np.argwhere(astray)[0][-3:-1]
        raise ValueError(f"W must join those who keep copies of each other, got {weights[m, j]} in row {m}, column {j}")
    meets = whether("synchronise", synchronise)[..., None, None]
    if not meets.any():
        return Gossip(state.x, local, state.copies), local * 0
    mixed = (weights[..., None] * state.copies).sum(axis=-2)
    half = mixed - state.x + local  # line 7; x_{n;0} is x~_n
    messages = np.where(meets, compress(state.x - half, uniforms), local * 0)  # lines 8, 9
    x = state.x - messages  # line 10
    return Gossip(x, np.where(meets, x, local), state.copies - heard(messages, weights)), messages


# ---- the methods that section V compares, as data ----


class Scheme(NamedTuple):
    """How often workers meet, what is quantised, and the step: `step`, `step_server` or `step_gossip`."""

    gap: int
    operator: Operator
    step: Callable[..., Any]


def schemes(gap: int, intervals: int) -> dict[str, Scheme]:
    """Each method by name, with K = `gap` local steps and `intervals` of QSGD (the paper's s).

    Gossip with K = 1 is D-PSGD (Lian et al.) where nothing is quantised, and DCD-PSGD (Tang et al.) where the differences are.
    Raises: ValueError for a gap or intervals below 1.
    """
    plain, quantiser = identity(), qsgd(intervals)
    count("gap", gap)
    return {
        "PSGD": Scheme(1, plain, step_server),
        "QSGD": Scheme(1, quantiser, step_server),
        "PR-SGD": Scheme(gap, plain, step_server),
        "AR-QPRSGD": Scheme(gap, quantiser, step),
        "D-PSGD": Scheme(1, plain, step_gossip),
        "DCD-PSGD": Scheme(1, quantiser, step_gossip),
        "G-QPRSGD": Scheme(gap, quantiser, step_gossip),
    }


# ---- shared ----


def _moved(local: np.ndarray, gradients: ArrayLike, eta: Any) -> np.ndarray:
    g = of_shape("gradients", gradients, "the local iterates", local)
    return local - per_instance("eta", eta, g) * g


def _to_workers(x: np.ndarray, workers: int) -> np.ndarray:
    return np.repeat(x[..., None, :], workers, axis=-2)
