"""AR-QPRSGD and G-QPRSGD in torch, with their baselines: the ring and gossip of Wu et al.

A state holds any leading batch [...] of runs, R workers each. Steps are pure, differentiable in the gradients and in what `compress`
returns, and never wait for the host. Parameters, updates and messages are in X; gradients in F/X; eta in X^2/F. One call of a step is one
local iteration; `synchronise` says whether it is the last of its round. Segments visit workers as the reference explains.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from gpu.worker_axis import minus, over_workers, per_run, taken_at, to_workers

Compress = Callable[[Tensor, Tensor | None], Tensor]


class State(NamedTuple):
    """`x` [..., d], the same at every worker; `local` [..., R, d], the iterates of the round under way."""

    x: Tensor
    local: Tensor


def init(x0: Tensor, workers: int) -> State:
    """Everybody at `x0` [..., d]. Raises: ValueError for no worker."""
    return State(x0, to_workers(x0, workers))


def ring_mean(updates: Tensor, compress: Compress, uniforms: Tensor | None = None) -> Tensor:
    """The mean [..., d] of `updates` [..., R, d] as the ring has it, every segment quantised again at every worker.

    All segments of one length (there are at most two) make a hop together: [..., segments, length].
    """
    workers, d = updates.shape[-2:]
    share, more = divmod(d, workers)
    groups = [(0, more, share + 1), (more, workers - more, share)]
    parts = [_hops(updates, compress, uniforms, *group) for group in groups if group[1] * group[2]]
    return (parts[0] if len(parts) == 1 else torch.cat(parts, dim=-1)) / workers


def _hops(updates: Tensor, compress: Compress, uniforms: Tensor | None, first: int, count: int, length: int) -> Tensor:
    """The sums [..., count * length] of the `count` segments of one length that start with number `first`."""
    workers, share = updates.shape[-2], length if first == 0 else length + 1
    columns = slice(first * share, first * share + count * length)
    pieces = updates[..., columns].unflatten(-1, (count, length))  # [..., R, count, length]
    own = None if uniforms is None else uniforms[..., columns].unflatten(-1, (count, length)).movedim(-2, -3)  # draws first
    delta = torch.zeros_like(pieces[..., 0, :, :])
    for hop in range(workers):
        added = _standing(pieces, first + hop, -3)
        delta = compress(delta + added, None if own is None else _standing(own, first + hop, -4))
    return delta.flatten(-2)


def _standing(pieces: Tensor, shift: int, axis: int) -> Tensor:
    """Of segment j what belongs to worker (shift + j) % R: a diagonal of axes `axis` (workers) and the next (segments), or the two ends

    of one; without the workers' axis.
    """
    workers = pieces.shape[axis]
    ends = (pieces.diagonal(offset, axis, axis + 1).movedim(-1, axis + 1) for offset in (-(shift % workers), workers - shift % workers))
    found = [end for end in ends if end.shape[axis + 1]]
    return found[0] if len(found) == 1 else torch.cat(found, axis + 1)


def server_mean(updates: Tensor, compress: Compress, uniforms: Tensor | None = None) -> Tensor:
    """The mean [..., d] of updates that were quantised once each, as QSGD has it."""
    return over_workers(compress(updates, uniforms))


def step(
    state: State, gradients: Tensor, eta: float | Tensor, synchronise: bool | Tensor, compress: Compress, uniforms: Tensor | None = None
) -> tuple[State, Tensor]:
    """One local iteration of Algorithm 1: the state after it, and the mean update [..., d] (zeros where there is no synchronisation).

    `gradients` [..., R, d] are taken by the caller at `state.local`; `eta` and `synchronise` are one value or a tensor over the leading
    axes; `uniforms` [..., R, draws, d] go to `compress`.
    """
    return _step(state, gradients, eta, synchronise, lambda updates: ring_mean(updates, compress, uniforms))


def step_server(
    state: State, gradients: Tensor, eta: float | Tensor, synchronise: bool | Tensor, compress: Compress, uniforms: Tensor | None = None
) -> tuple[State, Tensor]:
    """The same with the updates quantised once each: QSGD, and without quantisation PSGD and PR-SGD."""
    return _step(state, gradients, eta, synchronise, lambda updates: server_mean(updates, compress, uniforms))


def _step(
    state: State, gradients: Tensor, eta: float | Tensor, synchronise: bool | Tensor, aggregate: Callable[[Tensor], Tensor]
) -> tuple[State, Tensor]:
    local = minus(state.local, eta, taken_at(state.local, gradients))  # line 5
    if not isinstance(synchronise, Tensor) and not synchronise:
        return State(state.x, local), torch.zeros_like(state.x)
    delta = aggregate(state.x.unsqueeze(-2) - local)  # lines 7 to 16
    if not isinstance(synchronise, Tensor):
        x = state.x - delta  # line 17
        return State(x, to_workers(x, local.shape[-2])), delta
    delta = torch.where(synchronise[..., None], delta, 0)
    x = state.x - delta
    return State(x, torch.where(per_run(synchronise), x.unsqueeze(-2), local)), delta


class Gossip(NamedTuple):
    """`x` and `local` [..., R, d]: each worker's x~, and its iterate in the round under way. Copies of x~ at neighbours are equal to it."""

    x: Tensor
    local: Tensor


def init_gossip(x0: Tensor, W: Tensor) -> Gossip:
    """Everybody at `x0` [..., d]; `W` [R, R] is symmetric, doubly stochastic and connected. Raises: ValueError for one of another shape."""
    x = to_workers(x0, W.shape[-1] if W.ndim else 1)
    return Gossip(x, _mixes(W, x))


def _mixes(W: Tensor, x: Tensor) -> Tensor:
    """x itself, once it is known that W has a weight for each two of its workers: torch might broadcast in silence."""
    if tuple(W.shape) != (x.shape[-2],) * 2:
        raise ValueError(f"W must have shape {(x.shape[-2],) * 2}, got {tuple(W.shape)}")
    return x


def step_gossip(
    state: Gossip,
    gradients: Tensor,
    eta: float | Tensor,
    synchronise: bool | Tensor,
    W: Tensor,
    compress: Compress,
    uniforms: Tensor | None = None,
) -> tuple[Gossip, Tensor]:
    """One local iteration of Algorithm 2: the state after it, and what each worker sends [..., R, d] (zeros where nothing is sent).

    `W` is [R, R]. `eta` and `synchronise` are one value or a tensor over the leading axes. Raises: ValueError for a W of another shape.
    """
    local = minus(state.local, eta, taken_at(state.local, gradients))  # line 5
    if not isinstance(synchronise, Tensor) and not synchronise:
        return Gossip(state.x, local), torch.zeros_like(local)
    half = (W.to(state.x.dtype) @ _mixes(W, state.x)).sub_(state.x) + local  # line 7; in place, for new memory is what takes the time
    messages = compress(half.neg_().add_(state.x), uniforms)  # lines 8, 9
    if isinstance(synchronise, Tensor):
        messages = torch.where(per_run(synchronise), messages, 0)
    x = state.x - messages  # line 10
    return Gossip(x, torch.where(per_run(synchronise), x, local) if isinstance(synchronise, Tensor) else x), messages


def neighbours(W: Tensor) -> list[list[tuple[int, float]]]:
    """Whom each worker hears, itself included where it gives itself weight, and with which weight: what a loop over workers is told."""
    return [[(j, w) for j, w in enumerate(row) if w] for row in W.tolist()]


def step_gossip_one_by_one(
    state: Gossip, gradients: Tensor, eta: float, heard: list[list[tuple[int, float]]], compress: Compress, uniforms: Tensor | None = None
) -> Gossip:
    """The last local iteration of a round of one run, x [R, d], worker by worker, as a program with one object per worker does it."""
    messages = []
    for m, others in enumerate(heard):
        (first, weight), *more = others
        mixed = weight * state.x[first]
        for j, weight in more:
            mixed.add_(state.x[j], alpha=weight)
        half = mixed.sub_(state.x[m]).add_(state.local[m]).sub_(gradients[m], alpha=eta)
        messages.append(compress(state.x[m] - half, None if uniforms is None else uniforms[m]))
    x = torch.stack([state.x[m] - message for m, message in enumerate(messages)])
    return Gossip(x, x)
