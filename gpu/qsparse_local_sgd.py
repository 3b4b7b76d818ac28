"""Algorithms 1 and 2 of Qsparse-local-SGD in torch, and momentum around the first.

A state holds any leading batch [...] of runs, R workers each. `step` is pure, differentiable in the gradients and in what `compress`
returns, and never waits for the host. Parameters, memory and messages are in X; gradients in F/X; eta in X^2/F.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from gpu.worker_axis import minus, over_workers, per_run, plus, taken_at, to_workers

Compress = Callable[[Tensor, Tensor | None], Tensor]


class State(NamedTuple):
    """`x` [..., d] at the master; `x_hat` and `memory` [..., R, d] at the workers."""

    x: Tensor
    x_hat: Tensor
    memory: Tensor


def init(x0: Tensor, workers: int) -> State:
    """Line 1: every worker starts at `x0` [..., d] with an empty memory."""
    x_hat = to_workers(x0, workers)
    return State(x0, x_hat, torch.zeros_like(x_hat))


def step(
    state: State,
    gradients: Tensor,
    eta: float | Tensor,
    synchronise: bool | Tensor,
    compress: Compress,
    uniforms: Tensor | None = None,
) -> tuple[State, Tensor]:
    """Lines 4 to 20 for one t: the state at t + 1, and the messages [..., R, d] (zeros where nothing is sent).

    `gradients` [..., R, d] are taken by the caller at `state.x_hat`; `eta` is one number or a tensor over the leading axes; `synchronise`
    says whether t + 1 is in I_T, for all runs or as a bool tensor over the leading axes; `uniforms` [..., R, draws, d] go to `compress`.
    """
    x, x_hat, memory = state
    half = minus(x_hat, eta, taken_at(x_hat, gradients))  # line 5
    idle = State(x, half, memory)  # lines 7, 16
    if not isinstance(synchronise, Tensor) and not synchronise:
        return idle, half.new_zeros(()).expand_as(half)
    update = memory + x.unsqueeze(-2) - half
    messages = compress(update, uniforms)  # line 9
    x_next = x - over_workers(messages)  # line 18
    synced = State(x_next, to_workers(x_next, x_hat.shape[-2]), update - messages)  # lines 11, 10
    if not isinstance(synchronise, Tensor):
        return synced, messages
    at_workers = per_run(synchronise)
    at_each = (at_workers.squeeze(-1), at_workers, at_workers)
    return State(*(torch.where(*parts) for parts in zip(at_each, synced, idle, strict=True))), torch.where(at_workers, messages, 0)


class AsynchronousState(NamedTuple):
    """Algorithm 2: `master` [..., d]; at the workers `x`, what each last received, `x_hat` and `memory`, [..., R, d]."""

    master: Tensor
    x: Tensor
    x_hat: Tensor
    memory: Tensor


def asynchronous_init(x0: Tensor, workers: int) -> AsynchronousState:
    """Line 1 of Algorithm 2, at any common start `x0` [..., d]."""
    x, x_hat, memory = init(x0, workers)
    return AsynchronousState(x, x_hat, x_hat, memory)


def asynchronous_step(
    state: AsynchronousState,
    gradients: Tensor,
    eta: float | Tensor,
    subset: Tensor,
    compress: Compress,
    uniforms: Tensor | None = None,
) -> tuple[AsynchronousState, Tensor]:
    """Lines 4 to 20 of Algorithm 2 for one t: the state at t + 1, and the messages [..., R, d], zeros from workers outside the subset.

    `subset`, a bool tensor that broadcasts to [..., R], says of every worker whether t + 1 is in its own set; all else as in `step`.
    """
    master, x, x_hat, memory = state
    half = minus(x_hat, eta, taken_at(x_hat, gradients))  # line 5
    update = memory + x - half
    chosen = subset.unsqueeze(-1)
    messages = torch.where(chosen, compress(update, uniforms), 0)  # lines 9, 18
    master = master - over_workers(messages)  # lines 16, 19
    received = master.unsqueeze(-2)
    after = (torch.where(chosen, received, x), torch.where(chosen, received, half), torch.where(chosen, update - messages, memory))
    return AsynchronousState(master, *after), messages  # lines 7, 10, 11


def local_momentum(velocity: Tensor, gradients: Tensor, beta: float) -> Tensor:
    """Momentum inside the local iterations (section 5.3.1): the new velocity [..., R, d] in F/X, which `step` takes as its gradients."""
    return beta * velocity + gradients


def block_momentum(
    state: State, velocity: Tensor, gradients: Tensor, eta: float | Tensor, synchronise: bool | Tensor, beta: float
) -> tuple[Tensor, Tensor]:
    """Momentum on blocks of local iterations (chapter 6): what `step` takes as its gradients, and the new velocity, [..., R, d] in X.

    Where a worker synchronises, its progress since the last time, x - x_half, becomes beta * velocity + (x - x_half): a gradient that is
    larger by beta * velocity / eta does just that. Elsewhere nothing changes. `eta` must not be 0.
    """
    if not isinstance(synchronise, Tensor) and not synchronise:
        return gradients, velocity
    pushed = gradients + beta * velocity / per_run(eta)
    progress = plus(state.x.unsqueeze(-2) - state.x_hat, eta, pushed)
    if not isinstance(synchronise, Tensor):
        return pushed, progress
    return torch.where(per_run(synchronise), pushed, gradients), torch.where(per_run(synchronise), progress, velocity)
