"""dist-EF-SGD (Zheng, Huang, Kwok 2019) in torch: Algorithms 1 to 4, and the baselines with majority vote.

A state holds any leading batch [...] of runs, R workers each. Steps are pure, differentiable in the gradients and in what `compress`
returns, and never wait for the host. x is in X and eta in X^2/F; the memories of Algorithms 2 to 4, gradients and messages are in F/X.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

import torch
from torch import Tensor

from gpu.operators import Operator, piecewise, scaled_sign
from gpu.worker_axis import minus, over_workers, per_run, plus, sum_over_workers, taken_at, to_workers

Compress = Callable[[Tensor, Tensor | None], Tensor]
Number = float | Tensor
"""One number, or a tensor over the leading axes."""


class Single(NamedTuple):
    """Algorithm 1: x and the error memory [..., d], in X."""

    x: Tensor
    memory: Tensor


def init_single(x0: Tensor) -> Single:
    """Line 2."""
    return Single(x0, torch.zeros_like(x0))


def step_single(state: Single, gradient: Tensor, eta: Number, compress: Compress, uniforms: Tensor | None = None) -> tuple[Single, Tensor]:
    """One iteration of EF-SGD: the state at t + 1 and Delta [..., d] in X."""
    p = plus(state.memory, eta, gradient, 1)  # line 4
    delta = compress(p, uniforms)  # line 5
    return Single(state.x - delta, p - delta), delta  # lines 6, 7


class State(NamedTuple):
    """`x`, `server_memory`, `decay_velocity` [..., d]; `memory`, `velocity` [..., R, d]; `eta` [...], of the step before (0 at first)."""

    x: Tensor
    memory: Tensor
    server_memory: Tensor
    velocity: Tensor
    decay_velocity: Tensor
    eta: Tensor


class Messages(NamedTuple):
    """What a round sends: `up` [..., R, d] and `down` [..., d]."""

    up: Tensor
    down: Tensor


def init(x0: Tensor, workers: int) -> State:
    """Line 2: everyone at `x0` [..., d], everything else 0."""
    nothing, at_workers = torch.zeros_like(x0), to_workers(torch.zeros_like(x0), workers)
    return State(x0, at_workers, nothing, at_workers, nothing, nothing[..., 0])


def step(
    state: State,
    gradients: Tensor,
    eta: Number,
    compress: Compress,
    uniforms: Tensor | None = None,
    server_compress: Compress | None = None,
    server_uniforms: Tensor | None = None,
    beta: Number = 0.0,
    weight_decay: Number = 0.0,
) -> tuple[State, Messages]:
    """One iteration of Algorithm 4, at `gradients` [..., R, d] taken at `state.x`; with beta = 0 of Algorithms 2 and 3.

    The server compresses with `server_compress`, or as the workers do. Line numbers are those of Algorithm 4.
    """
    velocity = plus(taken_at(state.velocity, gradients), beta, state.velocity)  # line 5
    shrink = state.eta / eta
    p = plus(plus(gradients, beta, velocity), shrink, state.memory)  # line 6
    up = compress(p, uniforms)  # line 7
    server_p = plus(over_workers(up), shrink, state.server_memory, 1)  # line 11
    down = (server_compress or compress)(server_p, server_uniforms)  # line 12
    decay = per_run(weight_decay, 1) * state.x
    decay_velocity = plus(decay, beta, state.decay_velocity, 1)  # Appendix A
    x = minus(state.x, eta, plus(down, beta, decay_velocity, 1) + decay, 1)  # line 8, with Appendix A
    steps = eta.expand_as(state.eta) if isinstance(eta, Tensor) else torch.full_like(state.eta, eta)
    return State(x, p - up, server_p - down, velocity, decay_velocity, steps), Messages(up, down)  # lines 9, 13


def blockwise(partition: Sequence[Sequence[int]]) -> Operator:
    """Each block of coordinates becomes ||v_b||_1 / d_b sign(v_b), sign(0) = +1 (section 3.2); blocks hold each of 0..d-1 exactly once."""
    order = list(chain.from_iterable(partition))
    if not order or sorted(order) != list(range(len(order))):
        raise ValueError(f"partition must hold each of 0..{len(order) - 1} exactly once, got {[list(block) for block in partition]}")
    pieces = piecewise([scaled_sign()] * len(partition), [len(block) for block in partition])
    if order == sorted(order):
        return pieces
    back = sorted(range(len(order)), key=order.__getitem__)

    def apply(x: Tensor, uniforms: Tensor | None) -> Tensor:
        if x.shape[-1] != len(order):
            raise ValueError(f"partition must hold each of 0..{x.shape[-1] - 1} exactly once, got {[list(block) for block in partition]}")
        there, here = (torch.tensor(each, device=x.device) for each in (order, back))
        return pieces.apply(x.index_select(-1, there), uniforms).index_select(-1, here)

    return replace(pieces, name="blockwise", apply=apply, parameters={"pieces": pieces, "order": tuple(order)})


class Voters(NamedTuple):
    """`x` [..., d] and `velocity` [..., R, d]."""

    x: Tensor
    velocity: Tensor


def init_vote(x0: Tensor, workers: int) -> Voters:
    """Everyone at `x0` [..., d] without momentum."""
    state = init(x0, workers)
    return Voters(state.x, state.velocity)


def step_vote(state: Voters, gradients: Tensor, eta: Number, beta: Number = 0.0, weight_decay: Number = 0.0) -> tuple[Voters, Messages]:
    """One iteration of signum with majority vote, of signSGD with beta = 0; a worker's sign(0) is +1, a tied vote 0."""
    velocity = plus((1 - per_run(beta)) * taken_at(state.velocity, gradients), beta, state.velocity)
    up = velocity.detach().ge(0).to(velocity.dtype).mul_(2).sub_(1)
    down = sum_over_workers(up).sign()
    return Voters(minus(state.x, eta, plus(down, weight_decay, state.x, 1), 1), velocity), Messages(up, down)
