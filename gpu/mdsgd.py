"""Algorithm 1 of M-DSGD in torch, the methods of its section 3.1, its transformed iterate, and stages.

A state holds any leading batch [...] of runs, R workers each. Steps are pure, differentiable, and never wait for the host. x is in X;
gradients, momentum, memory and messages in F/X (of `mem_sgd`, memory and messages in X); eta in X^2/F.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from gpu.operators import Operator, rand_k
from gpu.worker_axis import minus, per_run, plus, sum_over_workers, taken_at, to_workers

Compress = Callable[[Tensor, Tensor | None], Tensor]


class State(NamedTuple):
    """`x` [..., d] at the master; `momentum` (g_{t-1,k}) and `memory` (u_{t,k}) [..., R, d] at the workers."""

    x: Tensor
    momentum: Tensor
    memory: Tensor


def init(x0: Tensor, workers: int) -> State:
    """Lines 1, 2: everybody at `x0` [..., d], without momentum and memory. Raises: ValueError for no worker."""
    nothing = to_workers(torch.zeros_like(x0), workers)
    return State(x0, nothing, nothing)


def step(
    state: State, gradients: Tensor, eta: float | Tensor, beta: float | Tensor, compress: Compress, uniforms: Tensor | None = None
) -> tuple[State, Tensor]:
    """Lines 4 to 13 for one t: the state at t + 1, and what each worker sends, [..., R, d].

    `gradients` [..., R, d]: the mean over each worker's mini-batch at `state.x`. `eta` and `beta` are numbers or tensors over the leading
    axes. `compress(v, uniforms)` puts the mask on v; any other map will do. `uniforms` [..., R, draws, d].
    """
    g = plus(_share(state, gradients), beta, state.momentum)  # line 7
    v = g + state.memory
    messages = compress(v, uniforms)  # lines 8, 9
    x = minus(state.x, eta, sum_over_workers(messages), 1)  # lines 12, 13
    return State(x, g, v - messages), messages  # line 10


def aji_heafield(
    state: State, gradients: Tensor, eta: float | Tensor, compress: Compress, uniforms: Tensor | None = None
) -> tuple[State, Tensor]:
    """Aji & Heafield: Algorithm 1 with beta = 0."""
    return step(state, gradients, eta, 0.0, compress, uniforms)


def mem_sgd(
    state: State, gradients: Tensor, eta: float | Tensor, compress: Compress, uniforms: Tensor | None = None
) -> tuple[State, Tensor]:
    """Alistarh et al. and Stich et al.: the step size is inside the memory."""
    g = _share(state, gradients)
    v = plus(state.memory, eta, g)
    messages = compress(v, uniforms)
    return State(state.x - sum_over_workers(messages), g, v - messages), messages


def rescaled_mem_sgd(
    state: State,
    gradients: Tensor,
    eta: float | Tensor,
    eta_next: float | Tensor,
    compress: Compress,
    uniforms: Tensor | None = None,
) -> tuple[State, Tensor]:
    """(3) and (4): `mem_sgd` on the memory over the step size."""
    g = _share(state, gradients)
    v = g + state.memory
    messages = compress(v, uniforms)
    memory = per_run(eta) / per_run(eta_next) * (v - messages)  # (3)
    return State(minus(state.x, eta, sum_over_workers(messages), 1), g, memory), messages  # (4)


def dgc(
    state: State, gradients: Tensor, eta: float | Tensor, beta: float | Tensor, compress: Operator, uniforms: Tensor | None = None
) -> tuple[State, Tensor]:
    """Lin et al.: momentum factor masking forgets the momentum of what was sent.

    Raises: ValueError for an operator that does not select coordinates.
    """
    if compress.support is None:
        raise ValueError(f"compress must select coordinates for momentum factor masking, got {compress.name}")
    g_hat = plus(_share(state, gradients), beta, state.momentum)
    v = g_hat + state.memory
    kept = compress.support(v, uniforms)
    messages = torch.where(kept, v, 0)
    x = minus(state.x, eta, sum_over_workers(messages), 1)
    return State(x, torch.where(kept, 0, g_hat), torch.where(kept, 0, v)), messages


def approximate_top_k(k: int, sample: int) -> Operator:
    """Every entry that reaches a threshold in magnitude: the ceil(k sample / d)-th largest of a random sample of the coordinates.

    Row 0 of `uniforms` draws the sample: the coordinates of its `sample` smallest entries, among equals the lower index first.
    Raises: ValueError for k or sample below 1 (and, when called, above d).
    """
    for name, value in (("k", k), ("sample", sample)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
    drawn = rand_k(sample).support

    def support(x: Tensor, u: Tensor | None) -> Tensor:
        d = x.shape[-1]
        for name, value in (("k", k), ("sample", sample)):
            if value > d:
                raise ValueError(f"{name} must be between 1 and d = {d}, got {value}")
        assert drawn is not None
        magnitudes = torch.where(drawn(x, u), x.abs(), -1)
        return x.abs() >= magnitudes.topk(-(-k * sample // d), dim=-1).values[..., -1:]

    return Operator("approximate_top_k", 1, lambda x, u: torch.where(support(x, u), x, 0), {"k": k, "sample": sample}, support)


def transformed(state: State, eta: float | Tensor, rho_before: float | Tensor) -> Tensor:
    """z_t of (13), [..., d], from the step eta_t to come and the weight rho_{t-1}."""
    forward = plus(state.x, rho_before, sum_over_workers(state.momentum), 1)
    return minus(forward, eta, sum_over_workers(state.memory), 1)


class Stage(NamedTuple):
    """A stage under way: the state of Algorithm 1, `anchor` [..., d] where it started, `total` [..., d] the sum of its iterates so far."""

    state: State
    anchor: Tensor
    total: Tensor


def stage_init(x0: Tensor, workers: int) -> Stage:
    """The first stage, at `x0` [..., d]. Raises: ValueError for no worker."""
    return Stage(init(x0, workers), x0, torch.zeros_like(x0))


def stage_step(
    stage: Stage,
    gradients: Tensor,
    eta: float | Tensor,
    beta: float | Tensor,
    envelope: float | Tensor,
    compress: Compress,
    uniforms: Tensor | None = None,
) -> tuple[Stage, Tensor]:
    """One iteration on F_{s,gamma} (15), (16): every gradient [..., R, d] of F at `stage.state.x` gains (w - w~_s) / envelope."""
    x = stage.state.x
    pull = (x - stage.anchor) / per_run(envelope, 1)
    after, messages = step(stage.state, gradients + pull.unsqueeze(-2), eta, beta, compress, uniforms)
    return Stage(after, stage.anchor, stage.total + x), messages


def next_stage(stage: Stage, horizon: int) -> Stage:
    """The start of the next stage: the mean of the `horizon` iterates of this one. Raises: ValueError for a horizon below 1."""
    if horizon < 1:
        raise ValueError(f"horizon must be at least 1, got {horizon}")
    return stage_init(stage.total / horizon, stage.state.memory.shape[-2])


def _share(state: State, gradients: Tensor) -> Tensor:
    """Each worker's part of the mean gradient: its own over the number of workers, the 1/(p b) of line 7."""
    return taken_at(state.memory, gradients) / gradients.shape[-2]
