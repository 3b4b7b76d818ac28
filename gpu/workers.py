"""Two engines for Algorithm 1 on small models: everything in one batch, and worker by worker as the yardstick.

Both make one iteration of several schemes (an operator and a schedule each) on one shared sample: `inputs` [..., R, b, features] and
`labels` [..., R, b] are drawn and gathered once, and every scheme's state [..., R, d] meets them. The leading axes of a state (say, values
of a step size, then seeds) broadcast against those of the sample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import NamedTuple

import torch
from torch import Tensor

from gpu.operators import Operator
from gpu.qsparse_local_sgd import State, step

Gradient = Callable[[Tensor, Tensor, Tensor], Tensor]


class Move(NamedTuple):
    """What one scheme does in one iteration: its operator, eta over the leading axes, whether t + 1 is in I_T, its uniforms if any."""

    compress: Operator
    eta: Tensor
    synchronise: bool
    uniforms: Tensor | None = None


def advance(states: Sequence[State], moves: Sequence[Move], gradient: Gradient, inputs: Tensor, labels: Tensor) -> list[State]:
    """The states after one iteration, with all instances, seeds and workers of a scheme in one batch.

    Schemes stay apart where operators differ: one product for the gradients of all of them was measured to be slower (it leaves the
    caches), and an operator applied to a scheme that does not synchronise is work for nothing.
    """
    return [
        step(state, gradient(state.x_hat, inputs, labels), move.eta, move.synchronise, move.compress, move.uniforms)[0]
        for state, move in zip(states, moves, strict=True)
    ]


def advance_one_by_one(states: Sequence[State], moves: Sequence[Move], gradient: Gradient, inputs: Tensor, labels: Tensor) -> list[State]:
    """The same as `advance`, looping over schemes, runs and workers, as a program with one object per worker does it."""
    return [_advance_scheme(state, move, gradient, inputs, labels) for state, move in zip(states, moves, strict=True)]


def _advance_scheme(state: State, move: Move, gradient: Gradient, inputs: Tensor, labels: Tensor) -> State:
    x, x_hat, memory = (part.clone() for part in state)
    *leading, workers, _ = x_hat.shape
    inputs, labels = inputs.expand(*leading, *inputs.shape[-3:]), labels.expand(*leading, *labels.shape[-2:])
    eta = move.eta.expand(leading)
    for run in product(*map(range, leading)):
        messages = []
        for r in range(workers):
            at = (*run, r)
            half = x_hat[at] - eta[run] * gradient(x_hat[at], inputs[at], labels[at])
            x_hat[at] = half
            if move.synchronise:
                update = memory[at] + x[run] - half
                messages.append(move.compress(update, None if move.uniforms is None else move.uniforms[at]))
                memory[at] = update - messages[-1]
        if move.synchronise:
            x[run] -= torch.stack(messages).mean(0)
            x_hat[run] = x[run]
    return State(x, x_hat, memory)
