"""Local SGD (Stich), Algorithm 1 in torch: update (4) and the weighted mean of iterates of Theorem 2.2.

A state holds any leading batch [...] of runs, R workers each. `step` is pure, differentiable in the gradients, and never waits for the
host. Iterates and messages are in X; gradients in F/X; eta in X^2/F.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from gpu.worker_axis import minus, over_workers, per_run, plus, sum_over_workers, taken_at, to_workers


class State(NamedTuple):
    """`x` [..., R, d] at the workers; `weighted` [..., d], the sum of w_t x_t over workers and time, and `weight` [...], that of w_t."""

    x: Tensor
    weighted: Tensor
    weight: Tensor

    @property
    def output(self) -> Tensor:
        """The weighted mean [..., d] of all iterates before this one; undefined at t = 0."""
        return self.weighted / self.weight.unsqueeze(-1)


def init(x0: Tensor, workers: int) -> State:
    """Line 1: every worker starts at `x0` [..., d]."""
    x = to_workers(x0, workers)
    return State(x, torch.zeros_like(x0), torch.zeros_like(x0[..., 0]))


def step(
    state: State, gradients: Tensor, eta: float | Tensor, synchronise: bool | Tensor, weight: float | Tensor = 1.0
) -> tuple[State, Tensor]:
    """Lines 3 to 9 for one t, line 8 as (4) has it: the state at t + 1, and the messages [..., R, d] (zeros where nothing is sent).

    `gradients` [..., R, d] are taken by the caller at `state.x`; `eta`, `weight` (w_t) and `synchronise` (whether t + 1 is in I_T) are
    each one value or a tensor over the leading axes.
    """
    workers = state.x.shape[-2]
    half = minus(state.x, eta, taken_at(state.x, gradients))  # line 5
    weighted = plus(state.weighted, weight, sum_over_workers(state.x), 1)
    total = state.weight + workers * weight
    if not isinstance(synchronise, Tensor) and not synchronise:
        return State(half, weighted, total), half.new_zeros(()).expand_as(half)
    together = to_workers(over_workers(half), workers)  # line 8, of x_{t+1}
    if not isinstance(synchronise, Tensor):
        return State(together, weighted, total), half
    at_workers = per_run(synchronise)
    return State(torch.where(at_workers, together, half), weighted, total), torch.where(at_workers, half, 0)
