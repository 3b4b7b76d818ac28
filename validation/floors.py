"""One door to the two floors: runs in rationals are stepped by the reference, runs in floats by its torch twin.

A floor is a room of algorithms and operators, and the functions of its arrays. NumPy and torch give many functions the same name and the
same order of arguments (stack, where, moveaxis, amax, ...): with those alone, and with operators and slices, what runs do is written once
for both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, reduce
from importlib import import_module
from operator import add, mul
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
    if not isinstance(v, np.ndarray):
        return list(v.unbind(axis))
    before = axis if axis >= 0 else v.ndim + axis
    return [v[(slice(None),) * before + (i,)] for i in range(v.shape[axis])]


def total(v: Array, axis: int) -> Array:
    """The sum over one axis."""
    if 0 < v.shape[axis] <= FEW:
        return reduce(add, entries(v, axis))
    return v.sum(axis) if isinstance(v, np.ndarray) else _reduced(floor("gpu").xp.sum, v, axis % v.ndim)


def _reduced(by: Callable[[Array, int], Array], v: Array, axis: int) -> Array:
    """A tensor without one axis: torch takes up to ten times as long where the axes are not in the order of memory."""
    order = sorted(range(v.ndim), key=v.stride, reverse=True)
    left = [other - (other > axis) for other in order if other != axis]
    return by(v.permute(order), order.index(axis)).movedim(tuple(range(len(left))), tuple(left))


def over(x: Array, knot: Array) -> Array:
    """max(x - knot, 0)."""
    far = x - knot
    return far.clip(min=0) if isinstance(far, np.ndarray) else far.clamp_(min=0)


def multiplied(v: Array, factor: Array) -> Array:
    """v times a factor of its shape or less; in torch in the memory of v, which nobody else may hold."""
    return v * factor if isinstance(v, np.ndarray) else v.mul_(factor)


def summed(terms: Iterable[Array], first: Array) -> Array:
    """`first` and terms of its shape, added up; in torch into the memory of each term, which nobody else may hold."""
    for term in terms:
        first = first + term if isinstance(first, np.ndarray) else term.add_(first)
    return first


def product_of(v: Array) -> Array:
    """The product over the last axis, of a few entries."""
    return reduce(mul, entries(v, -1))


def repeated(v: Array, count: int, axis: int) -> Array:
    """Each entry of an axis `count` times, one after the other; in torch the axis comes last in memory, where long ones are fast."""
    if isinstance(v, np.ndarray):
        return np.repeat(v, count, axis=axis)
    last = v.movedim(axis, -1).unsqueeze(-1)
    return last.expand(*last.shape[:-1], count).contiguous().flatten(-2).movedim(-1, axis)


def tiled(v: Array, count: int) -> Array:
    """The first axis `count` times, one whole after the other; in torch it comes last in memory, as in `repeated`."""
    if isinstance(v, np.ndarray):
        return np.tile(v, (count, *(1,) * (v.ndim - 1)))
    last = v.movedim(0, -1).unsqueeze(-2)
    return last.expand(*last.shape[:-2], count, -1).contiguous().flatten(-2).movedim(-1, 0)


def expected_inners(weight: Array, pairs: Mapping[str, tuple[Array, Array]]) -> dict[str, np.ndarray]:
    """Of each pair u, v [batch, paths, ..., d] the sum over paths, by weight [batch, paths], of <u, v> over the last axis: [batch, ...].

    In torch pairs of one shape are laid side by side, [batch, pairs, ..., d, paths], and one product with the weights sums them.
    """
    if isinstance(weight, np.ndarray):
        found = {name: total(u * v, -1) for name, (u, v) in pairs.items()}
        return {name: (each * weight.reshape(*weight.shape, *(1,) * (each.ndim - 2))).sum(1) for name, each in found.items()}
    stack, alike, sums = floor("gpu").xp.stack, dict[Any, list[str]](), dict[str, np.ndarray]()
    for name, (u, v) in pairs.items():
        alike.setdefault((u.shape, u is v), []).append(name)
    for (shape, same), names in alike.items():
        beside = stack([pairs[name][0].movedim(1, -1) for name in names], 1)
        beside.mul_(beside if same else stack([pairs[name][1].movedim(1, -1) for name in names], 1))
        found = (weight.unsqueeze(1) @ beside.flatten(1, -2).mT).numpy().reshape(shape[0], len(names), *shape[2:])
        sums |= zip(names, np.moveaxis(total(found, -1), 1, 0), strict=True)
    return sums


def mixed(x: Array, W: Array) -> Array:
    """W x, for x [batch, paths, workers, d] and a symmetric W [workers, workers]; in torch paths stay last in memory, as in `repeated`."""
    if isinstance(x, np.ndarray):
        return np.moveaxis(np.moveaxis(x, -2, -1).dot(W), -1, -2)
    last = x.movedim(1, -1)
    return (W @ last.flatten(2)).reshape(last.shape).movedim(-1, 1)


def laid(v: Array) -> Array:
    """The same with the first axis last in memory, where long ones are fast: short ones, and those that are broadcast, cost much there."""
    if isinstance(v, np.ndarray):
        return np.moveaxis(np.ascontiguousarray(np.moveaxis(v, 0, -1)), -1, 0)
    return v.movedim(0, -1).contiguous().movedim(-1, 0)


def stacked(values: Sequence[Array]) -> Array:
    """Along a new first axis; if what was the first one is last in memory, where `laid` puts it, it stays there."""
    xp, last = floor_of(values[0]).xp, values[-1]
    piece = last.strides[0] // last.itemsize if isinstance(last, np.ndarray) else last.stride(0)
    return xp.moveaxis(xp.stack([xp.moveaxis(v, 0, -1) for v in values]), -1, 1) if piece == 1 else xp.stack(values)


def below(u: Array, v: Array) -> Array:
    """Whether u < v, to multiply by: in torch numbers 1 and 0, with which it compares and chooses several times faster."""
    return u < v if isinstance(u, np.ndarray) else _factors("lt", u, v)


def if_below(u: Array, v: Array, then: Array, other: Array) -> Array:
    """`then` where u < v, `other` elsewhere, both finite."""
    return np.where(u < v, then, other) if isinstance(u, np.ndarray) else other.lerp(then, _factors("lt", u, v))


def ratio(u: Array, v: Array) -> Array:
    """u / v, and 0 where v is 0."""
    if isinstance(u, np.ndarray):
        none = v == 0
        return np.where(none, 0, u / np.where(none, 1, v))
    none = _factors("eq", v, 0)
    return u * (1 - none) / (v + none)


def _factors(comparison: str, u: Array, v: Array) -> Array:
    """1 where tensors compare so, 0 elsewhere."""
    torch = floor("gpu").xp
    shape = torch.broadcast_shapes(u.shape, getattr(v, "shape", ()))
    return getattr(torch, comparison)(u.detach(), v, out=u.new_empty(shape))


def mean_by(weights: Array, v: Array, axis: int) -> Array:
    """The mean over one axis by weights that add up to 1."""
    if 0 < v.shape[axis] <= FEW:
        return reduce(add, (weight * each for weight, each in zip(weights, entries(v, axis), strict=True)))
    return floor_of(v).xp.moveaxis(v, axis, -1) @ weights


def root(v: Array) -> Array:
    """Square roots of nonnegative floats; where one is 0, so is its derivative."""
    xp = floor_of(v).xp
    return xp.where(v > 0, xp.sqrt(xp.where(v > 0, v, 1)), 0 * v)


def in_order(keys: Array, values: Array) -> tuple[list[Array], list[Array]]:
    """The `entries` of keys and values, [..., K] each, by increasing keys; equal ones stay in their order."""
    if keys.shape[-1] <= 1:
        return entries(keys, -1), entries(values, -1)
    if isinstance(keys, np.ndarray):
        order = np.argsort(keys, axis=-1, kind="stable")
        order += np.arange(0, order.size, order.shape[-1]).reshape(*order.shape[:-1], 1)  # take_along_axis is five times as slow
        return entries(keys.reshape(-1)[order], -1), entries(values.reshape(-1)[order], -1)
    if keys.shape[-1] > FEW:
        rising, order = keys.sort(dim=-1, stable=True)
        return entries(rising, -1), entries(values.gather(-1, order), -1)
    rising, moved = entries(keys, -1), entries(values, -1)
    for end in range(len(rising) - 1, 0, -1):  # neighbours change places: torch sorts a short axis many times slower
        for i in range(end):
            later = _factors("lt", rising[i + 1], rising[i])
            for each in (rising, moved):
                each[i], each[i + 1] = each[i].lerp(each[i + 1], later), each[i + 1].lerp(each[i], later)
    return rising, moved


def magnitude(v: Array) -> Array:
    """The largest magnitude in each instance, of [time, batch, ...], [batch]; time first, which is fast, and without a copy of v."""
    xp = floor_of(v).xp
    high, low = (end(v, 0) if isinstance(v, np.ndarray) else _reduced(end, v, 0) for end in (xp.amax, xp.amin))
    return xp.amax(xp.maximum(high, -low).reshape(len(high), -1), -1)
