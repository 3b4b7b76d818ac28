"""One door to the two floors: runs in rationals are stepped by the reference, runs in floats by its torch twin.

A floor is a room of algorithms and operators, and the functions of its arrays. NumPy and torch give many functions the same name and the
same order of arguments (stack, where, moveaxis, amax, ...): with those alone, and with operators and slices, what runs do is written once
for both.
"""

from __future__ import annotations

from functools import cache, reduce
from importlib import import_module
from operator import add
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from reference.exact import is_exact

Array: TypeAlias = Any
"""An array of NumPy, of floats or Fractions, or a tensor of torch."""


def plain(x: Array) -> np.ndarray:
    """What stands in an array of any floor, in NumPy's, without derivatives."""
    return x if isinstance(x, np.ndarray) else x.detach().numpy()  # type: ignore[no-any-return]


FEW = 8
"""Entries of an axis up to which they are added one by one: NumPy and torch reduce a short axis up to ten times slower than a long one."""


class Floor(NamedTuple):
    """`xp`: the functions of its arrays; `operators` and the algorithms: its modules."""

    xp: ModuleType
    operators: ModuleType
    qsparse_local_sgd: ModuleType
    mdsgd: ModuleType
    dist_ef_sgd: ModuleType
    qprsgd: ModuleType

    def take(self, x: Array | None) -> Array:
        """An array of NumPy as one of its own, sharing its memory; its own, and None, as they are."""
        return self.xp.asarray(x) if isinstance(x, np.ndarray) else x

    def give(self, x: Array) -> Array:
        """One of its own as an array of NumPy, sharing its memory; as it is where derivatives are to be taken along it."""
        return x if getattr(x, "requires_grad", False) else np.asarray(x)


@cache
def floor(name: str) -> Floor:
    """The floor "reference" or "gpu", imported when it is first asked for: what replays in rationals needs no torch."""
    rooms = (import_module(f"{name}.{room}") for room in Floor._fields[1:])
    return Floor(import_module({"reference": "numpy", "gpu": "torch"}[name]), *rooms)


def floor_of(x: Array) -> Floor:
    """The floor whose arrays these are."""
    return floor("reference" if isinstance(x, np.ndarray) else "gpu")


def floor_for(x: np.ndarray) -> Floor:
    """The floor that steps runs of these numbers: rationals the reference, floats the twin."""
    return floor("reference" if is_exact(x) else "gpu")


def entries(v: Array, axis: int) -> list[Array]:
    """What stands at each place of an axis, without it."""
    before = axis if axis >= 0 else v.ndim + axis
    return [v[(slice(None),) * before + (i,)] for i in range(v.shape[axis])]


def total(v: Array, axis: int) -> Array:
    """The sum over one axis."""
    return reduce(add, entries(v, axis)) if 0 < v.shape[axis] <= FEW else v.sum(axis)


def mean_by(weights: Array, v: Array, axis: int) -> Array:
    """The mean over one axis by weights that add up to 1."""
    if 0 < v.shape[axis] <= FEW:
        return reduce(add, (weight * each for weight, each in zip(weights, entries(v, axis), strict=True)))
    return floor_of(v).xp.moveaxis(v, axis, -1) @ weights


def root(v: Array) -> Array:
    """Square roots of nonnegative floats; where one is 0, so is its derivative."""
    xp = floor_of(v).xp
    return xp.where(v > 0, xp.sqrt(xp.where(v > 0, v, 1)), 0 * v)


def in_order(keys: Array, values: Array) -> tuple[Array, Array]:
    """Keys and values, [..., K] each, by increasing keys; equal ones stay in their order."""
    if isinstance(keys, np.ndarray):
        order = np.argsort(keys, axis=-1, kind="stable")
        order += np.arange(0, order.size, order.shape[-1]).reshape(*order.shape[:-1], 1)  # take_along_axis is five times as slow
        return keys.reshape(-1)[order], values.reshape(-1)[order]
    rising, order = keys.sort(dim=-1, stable=True)
    return rising, values.gather(-1, order)


def magnitude(v: Array) -> Array:
    """The largest magnitude in each instance, of [time, batch, ...], [batch]; time first, which is fast, and without a copy of v."""
    xp = floor_of(v).xp
    ends = xp.maximum(xp.amax(v, 0), -xp.amin(v, 0))
    return xp.amax(ends.reshape(len(ends), -1), -1)
