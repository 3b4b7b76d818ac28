"""The axis of workers in torch: all get the same start, their gradients are taken, and what they send is averaged."""

from __future__ import annotations

from typing import Any

from torch import Tensor

FEW = 8
"""Workers up to which they are added one by one: torch reduces a short axis before a short one six times slower."""


def to_workers(x: Tensor, workers: int) -> Tensor:
    """x [..., d] at every worker, [..., R, d], in the memory of x: nothing is copied. Raises: ValueError for no worker."""
    if workers < 1:
        raise ValueError(f"workers must be at least 1, got {workers}")
    return x.unsqueeze(-2).expand(*x.shape[:-1], workers, x.shape[-1])


def sum_over_workers(v: Tensor) -> Tensor:
    """The sum of v [..., R, d] over its R workers, [..., d], of the same unit."""
    if v.shape[-2] > FEW:
        return v.sum(-2)
    first, *others = v.unbind(-2)
    return sum(others, first)


def over_workers(v: Tensor) -> Tensor:
    """The mean of v [..., R, d] over its R workers, [..., d], of the same unit."""
    workers = v.shape[-2]
    return sum_over_workers(v) / workers if workers > 1 else v.squeeze(-2)


def plus(x: Tensor, factor: Any, v: Tensor, axes: int = 2) -> Tensor:
    """x + factor v, with one factor a run or one for all (`per_run`), rounded like the product and then the sum.

    A fused `addcmul` rounds once, so that runs which magnify round-off leave those of the reference; here only the product is new memory.
    What is multiplied by the plain number 0, as momentum where there is none, is left out: the sum is then x itself.
    """
    if not isinstance(factor, Tensor) and factor == 0:
        return x
    found = per_run(factor, axes) * v
    return found.add_(x) if found.shape == x.shape and found.dtype == x.dtype else found + x


def minus(x: Tensor, factor: Any, v: Tensor, axes: int = 2) -> Tensor:
    """x - factor v, as `plus`."""
    return plus(x, -factor, v, axes)


def per_run(value: Any, axes: int = 2) -> Any:
    """One value a run, [...], shaped to meet as many further axes, those of [..., R, d]; a plain number as it is."""
    return value.reshape(*value.shape, *(1,) * axes) if isinstance(value, Tensor) else value


def taken_at(x: Tensor, gradients: Tensor) -> Tensor:
    """`gradients`, known to be one vector for each worker of x [..., R, d]; more leading axes than x has are more runs from there.

    Raises: ValueError for another number of workers or coordinates, which torch might broadcast in silence.
    """
    if gradients.shape[-2:] != x.shape[-2:]:
        raise ValueError(f"gradients must end in the shape {tuple(x.shape[-2:])} of workers and coordinates, got {tuple(gradients.shape)}")
    return gradients
