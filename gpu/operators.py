"""The compression operators of Qsparse-local-SGD, chapter 2, in torch, over any leading batch.

An operator takes `x` [..., d] and `uniforms` [..., draws, d], independent and uniform in [0, 1), and returns [..., d] in the units, the
dtype and on the device of `x`. It draws nothing itself, makes no tensor anywhere else, and never waits for the host: which way it goes
depends on shapes alone, never on values. At 25 million entries it stays within four times the memory of its input.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from numbers import Integral
from typing import Any, Literal

import torch
from torch import Tensor

# Above this many entries `topk` (16 bytes of workspace an entry on a CPU) gives way to a search that needs one bool an entry.
_BISECT_ABOVE = 1 << 20
_BLOCK = 1 << 20  # entries reduced at a time: torch makes integers of bools, and a copy of a power, before it adds them up
_FEW = 4  # entries of a row, up to which comparing each with each is faster than any search
_SPARE_BITS = (torch.float32, torch.float16, torch.bfloat16)  # with 29 and more bits fewer than float64 in the mantissa
_BITS_OF = {torch.float64: torch.int64, torch.float32: torch.int32, torch.float16: torch.int16, torch.bfloat16: torch.int16}


@dataclass(frozen=True)
class Operator:
    """What a worker does to an update before it is sent.

    `apply(x, uniforms)` maps [..., d] and [..., draws, d] to [..., d]; `support(x, uniforms)`, where the operator selects entries, is the
    mask [..., d] of exactly the k it selects, zeros among them included.
    """

    name: str
    draws: int
    apply: Callable[[Tensor, Tensor | None], Tensor]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    support: Callable[[Tensor, Tensor | None], Tensor] | None = None

    def __call__(self, x: Tensor, uniforms: Tensor | None = None) -> Tensor:
        """The operator on each row of `x` [..., d].

        Raises ValueError when a parameter does not fit d, or the uniforms are missing, superfluous or of another shape.
        """
        given = None if uniforms is None else tuple(uniforms.shape)
        needed = (*x.shape[:-1], self.draws, x.shape[-1]) if self.draws else None
        if given != needed:
            raise ValueError(f"uniforms of {self.name} must have the shape {needed}, got {given}")
        return self.apply(x, uniforms)


def _positive(name: str, value: int) -> int:
    if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
        raise ValueError(f"{name} must be a whole number of at least 1, got {value!r}")
    return int(value)


def _row(uniforms: Tensor | None, row: int) -> Tensor:
    assert uniforms is not None  # __call__ saw to it
    return uniforms[..., row, :]


def _rows(uniforms: Tensor | None, start: int, stop: int) -> Tensor | None:
    return None if uniforms is None or start == stop else uniforms[..., start:stop, :]


def _search(keys: Tensor, rank: int) -> Tensor:
    """The rank-th largest of nonnegative `keys` [..., d], as [..., 1], built bit by bit: bit patterns are ordered as their floats are."""
    bits = keys.view(_BITS_OF[keys.dtype])
    found = torch.zeros_like(bits[..., :1])
    for position in reversed(range(torch.iinfo(bits.dtype).bits - 1)):
        candidate = found | (1 << position)
        found = torch.where(_count(bits >= candidate) >= rank, candidate, found)
    return found.view(keys.dtype)


def _count(mask: Tensor) -> Tensor:
    """How many marks each row has, [..., 1]."""
    return torch.stack([block.sum(-1, keepdim=True) for block in mask.split(_BLOCK, dim=-1)]).sum(0)


def _keep_first(marks: Tensor, allowed: Tensor) -> Tensor:
    """Of the marks of each row only the first `allowed` [..., 1]. Overwrites `marks`."""
    allowed = allowed.to(torch.int32)
    for block in marks.split(_BLOCK, dim=-1):
        rank = block.cumsum(-1, dtype=torch.int32)
        block.logical_and_(rank <= allowed)
        allowed = allowed - rank[..., -1:]
    return marks


def _select_few(keys: Tensor, k: int, largest: bool) -> Tensor:
    """As `_select`, of a few keys a row: each one's rank by its comparison with all others, one operation for all rows."""
    columns, mask = keys.unbind(-1), torch.empty_like(keys, dtype=torch.bool)  # laid out as the keys are, whichever axis comes last there
    before: list[list[Tensor]] = [[] for _ in columns]
    for i, j in combinations(range(len(columns)), 2):
        first = columns[i] >= columns[j] if largest else columns[i] <= columns[j]
        before[j].append(first.view(torch.int8))
        before[i].append((~first).view(torch.int8))
    for (one, *others), chosen in zip(before, mask.unbind(-1), strict=True):
        torch.lt(sum(others, one), k, out=chosen)
    return mask


def _select(keys: Tensor, k: int, largest: bool) -> Tensor:
    """Mask [..., d] of exactly k largest (or smallest) of the nonnegative `keys`; among equal ones the lower index wins."""
    d = keys.shape[-1]
    if k > d:
        raise ValueError(f"k must be between 1 and d = {d}, got {k}")
    if k == 1 and d != 2:  # of two keys one comparison is faster still
        near = keys.contiguous()  # where another axis comes last in memory, the search along a row takes ten times as long as the copy
        first = near.argmax(-1, keepdim=True) if largest else near.argmin(-1, keepdim=True)  # the first of equal ones
        return torch.zeros_like(keys, dtype=torch.bool).scatter_(-1, first, True)
    if d <= _FEW:
        return _select_few(keys, k, largest)
    if d <= _BISECT_ABOVE and keys.dtype in _SPARE_BITS:
        # As bit patterns of float64, keys of a shorter type leave room for their indices: no two are equal, and no tie is to be broken.
        places = torch.arange(d - 1, -1, -1, device=keys.device) if largest else torch.arange(d, device=keys.device)
        chosen = keys.double().view(torch.int64).add_(places).topk(k, dim=-1, largest=largest, sorted=False).indices
        return torch.zeros_like(keys, dtype=torch.bool).scatter_(-1, chosen, True)
    if d > _BISECT_ABOVE:
        edge = _search(keys, k if largest else d - k + 1)
        missing = k - _count(keys > edge if largest else keys < edge)
    else:
        chosen = keys.topk(k, dim=-1, largest=largest, sorted=False).values
        edge = chosen.amin(-1, keepdim=True) if largest else chosen.amax(-1, keepdim=True)
        missing = _count(chosen == edge)
    return _keep_first(keys == edge, missing).logical_or_(keys > edge if largest else keys < edge)


def _round_up_or_down(level: Tensor, uniforms: Tensor) -> Tensor:
    """`level` rounded to a neighbouring integer without bias: up where the uniform is below its fractional part. Overwrites `level`."""
    for start in range(0, level.shape[-1], _BLOCK):
        block = level.narrow(-1, start, min(_BLOCK, level.shape[-1] - start))
        up = block.frac().gt_(uniforms.narrow(-1, start, block.shape[-1]))
        block.floor_().add_(up)
    return level


def _nonzero(scale: Tensor) -> Tensor:
    return torch.where(scale > 0, scale, 1)


def _norm(x: Tensor, m: int) -> Tensor:
    """||x||_m of each row, [..., 1], taken relative to the largest magnitude, so that no power overflows.

    `vector_norm` would do for short rows; over millions of float32 entries it is off by percents on a CPU, where `sum` is not.
    """
    if m == 1:  # no power is taken
        return torch.stack([block.abs().sum(-1, keepdim=True) for block in x.split(_BLOCK, dim=-1)]).sum(0)
    peak = x.detach().abs().amax(-1, keepdim=True)
    parts = [(block.abs() / _nonzero(peak)).pow(m).sum(-1, keepdim=True) for block in x.split(_BLOCK, dim=-1)]
    return _nonzero(torch.stack(parts).sum(0)) ** (1 / m) * peak


def _hadamard(x: Tensor) -> Tensor:
    """The Walsh-Hadamard transform of `x` [..., d], d a power of two, not normalised: twice it is d times the identity."""
    d = x.shape[-1]
    if d & (d - 1):
        raise ValueError(f"d must be a power of two for the rotation, got {d}")
    for stage in range(d.bit_length() - 1):
        pairs = x.unflatten(-1, (-1, 2, 1 << stage))
        low, high = pairs[..., 0, :], pairs[..., 1, :]
        x = torch.stack((low + high, low - high), dim=-2).flatten(-3)
    return x


def identity() -> Operator:
    """No compression: all d entries are kept."""
    return Operator("identity", 0, lambda x, uniforms: x.clone(), {}, lambda x, uniforms: torch.ones_like(x, dtype=torch.bool))


def _sparsifier(name: str, draws: int, k: int, support: Callable[[Tensor, Tensor | None], Tensor]) -> Operator:
    return Operator(name, draws, lambda x, uniforms: torch.where(support(x, uniforms), x, 0), {"k": k}, support)


def top_k(k: int) -> Operator:
    """Keep the k entries of largest magnitude; ties go to the lower index. Section 2.2."""
    _positive("k", k)
    return _sparsifier("top_k", 0, k, lambda x, uniforms: _select(x.detach().abs(), k, largest=True))


def rand_k(k: int) -> Operator:
    """Keep k entries, every k-subset equally likely: those with the k smallest uniforms. Section 2.2."""
    _positive("k", k)
    return _sparsifier("rand_k", 1, k, lambda x, uniforms: _select(_row(uniforms, 0), k, largest=False))


def qsgd(intervals: int) -> Operator:
    """Round |x_i| / ||x||_2 without bias to a multiple of 1 / intervals. Section 2.1, example 1."""
    _positive("intervals", intervals)

    def apply(x: Tensor, uniforms: Tensor | None) -> Tensor:
        norm = _norm(x, 2)
        level = x.abs().div_(_nonzero(norm)).mul_(intervals).clamp_(max=intervals)  # |x_i| may exceed the rounded norm by an ulp
        return _round_up_or_down(level, _row(uniforms, 0)).mul_(norm / intervals).copysign_(x)

    return Operator("qsgd", 1, apply, {"intervals": intervals})


def stochastic_levels(intervals: int) -> Operator:
    """Round every entry without bias to one of intervals + 1 equidistant levels from min x to max x. Section 2.1, example 2."""
    _positive("intervals", intervals)

    def apply(x: Tensor, uniforms: Tensor | None) -> Tensor:
        low = x.amin(-1, keepdim=True)
        width = x.amax(-1, keepdim=True) - low
        level = (x - low).div_(_nonzero(width)).mul_(intervals).clamp_(max=intervals)
        return _round_up_or_down(level, _row(uniforms, 0)).mul_(width / intervals).add_(low)

    return Operator("stochastic_levels", 1, apply, {"intervals": intervals})


def stochastic_rotated(intervals: int) -> Operator:
    """Stochastic levels after a random rotation (signs, then Walsh-Hadamard), rotated back; d a power of two. Section 2.1, example 3."""
    quantise = stochastic_levels(intervals)

    def apply(x: Tensor, uniforms: Tensor | None) -> Tensor:
        sign = torch.where(_row(uniforms, 0) < 0.5, 1, -1)
        return _hadamard(quantise(_hadamard(x * sign), _rows(uniforms, 1, 2))) * sign / x.shape[-1]

    return Operator("stochastic_rotated", 2, apply, {"intervals": intervals})


def _signed(x: Tensor, size: Tensor) -> Tensor:
    """`size` [..., 1] with the signs of `x`, where the sign of zero is +1 (Definition 6)."""
    return torch.copysign(size, x.detach() + 0)  # which makes +0 of -0


def scaled_sign() -> Operator:
    """(||x||_1 / d) Sign(x), the operator of EF-SIGNSGD."""
    return Operator("scaled_sign", 0, lambda x, uniforms: _signed(x, _norm(x, 1) / x.shape[-1]))


def sign_comp(comp: Operator, m: int = 1) -> Operator:
    """||Comp_k(x)||_m SignComp_k(x) / k, where `comp` selects entries and the sign of a selected zero is +1. Lemma 3."""
    support = _support("comp", comp)
    _positive("m", m)

    def apply(x: Tensor, uniforms: Tensor | None) -> Tensor:
        kept = support(x, uniforms)
        size = _norm(torch.where(kept, x, 0), m) / comp.parameters.get("k", x.shape[-1])
        return torch.where(kept, _signed(x, size), 0)

    return Operator("sign_comp", comp.draws, apply, {"comp": comp, "m": m})


def _support(name: str, operator: Operator) -> Callable[[Tensor, Tensor | None], Tensor]:
    if operator.support is None:
        raise ValueError(f"{name} must select entries (identity, top_k, rand_k), got {operator.name}")
    return operator.support


def compose(quantiser: Operator, sparsifier: Operator, acts_on: Literal["kept", "whole"] = "kept") -> Operator:
    """Q(Comp_k(x)): the quantiser acts on the k kept entries, in order of index ("kept"), or on all of R^d ("whole"). Lemma 1.

    Uniforms: the sparsifier's rows first, then the quantiser's; a kept entry uses those of its own column.
    """
    support, first, draws = _support("sparsifier", sparsifier), sparsifier.draws, sparsifier.draws + quantiser.draws
    if acts_on not in ("kept", "whole"):
        raise ValueError(f'acts_on must be "kept" or "whole", got "{acts_on}"')

    def on_whole(x: Tensor, uniforms: Tensor | None) -> Tensor:
        return quantiser(sparsifier(x, _rows(uniforms, 0, first)), _rows(uniforms, first, draws))

    def on_kept(x: Tensor, uniforms: Tensor | None) -> Tensor:
        k = sparsifier.parameters.get("k", x.shape[-1])
        kept = support(x, _rows(uniforms, 0, first))
        ranks = torch.arange(1, k + 1, dtype=torch.int32, device=x.device).expand(*x.shape[:-1], k)
        columns = torch.searchsorted(kept.to(torch.int32).cumsum_(-1), ranks.contiguous())
        own = _rows(uniforms, first, draws)
        if own is not None:
            own = own.gather(-1, columns.unsqueeze(-2).expand(*own.shape[:-1], k))
        return torch.zeros_like(x).scatter_(-1, columns, quantiser(x.gather(-1, columns), own))

    parameters = {"quantiser": quantiser, "sparsifier": sparsifier, "acts_on": acts_on}
    return Operator("compose", draws, on_kept if acts_on == "kept" else on_whole, parameters)


def scaled(operator: Operator, factor: float) -> Operator:
    """factor * C(x); Lemma 2 takes factor = 1 / (1 + beta)."""
    if not (math.isfinite(factor) and factor > 0):
        raise ValueError(f"factor must be positive and finite, got {factor}")

    def apply(x: Tensor, uniforms: Tensor | None) -> Tensor:
        y = operator(x, uniforms)
        return y * factor if y is x or y.requires_grad else y.mul_(factor)  # in place: nobody else holds what an operator returns

    return Operator("scaled", operator.draws, apply, {"operator": operator, "factor": factor})


def piecewise(operators: Sequence[Operator], dims: Sequence[int]) -> Operator:
    """[C_1(x_1) ... C_n(x_n)] on consecutive pieces of lengths `dims`; a piece uses its own columns and the first rows. Corollary 1."""
    if len(operators) != len(dims) or not dims:
        raise ValueError(f"operators and dims must be equally many and at least one, got {len(operators)} and {len(dims)}")
    lengths = [_positive("dims", length) for length in dims]

    def apply(x: Tensor, uniforms: Tensor | None) -> Tensor:
        if sum(lengths) != x.shape[-1]:
            raise ValueError(f"dims must sum to d = {x.shape[-1]}, got {sum(lengths)}")
        pieces = x.split(lengths, dim=-1)
        columns = [None] * len(lengths) if uniforms is None else uniforms.split(lengths, dim=-1)
        done = [operator(piece, _rows(own, 0, operator.draws)) for operator, piece, own in zip(operators, pieces, columns, strict=True)]
        return torch.cat(done, dim=-1)

    parameters = {"operators": tuple(operators), "dims": tuple(lengths)}
    return Operator("piecewise", max(operator.draws for operator in operators), apply, parameters)


#: Every operator by its name: from here the tests and the cross-check take them.
OPERATORS: dict[str, Callable[..., Operator]] = {
    factory.__name__: factory
    for factory in (
        identity, top_k, rand_k, qsgd, stochastic_levels, stochastic_rotated, sign_comp, scaled_sign, compose, scaled, piecewise,
    )
}  # fmt: skip
