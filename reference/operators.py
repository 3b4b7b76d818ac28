"""The compression operators of Qsparse-local-SGD, chapter 2: what each of them does to a vector.

Vectors are [..., d] in X (the unit of the parameter); every leading axis is a batch, the dtype is preserved, and object arrays of
Fractions are computed exactly. All randomness is an argument: `uniforms` [..., draws, d], iid in [0, 1), one column a coordinate.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, product
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from reference.exact import count, exact_root, is_exact, rationals, vectors

Uniforms = np.ndarray | None
_BLOCK = 1 << 16  # columns worked on at a time: temporaries stay small beside a vector of millions


class Branch(NamedTuple):
    """One outcome of the randomness that the coordinates share, with the rounding still open.

    Given the branch (it has `probability`), each coordinate i independently takes column i of `up` [draws, d] with probability `chance[i]`,
    else column i of `down`. A chance of 0 is a coordinate with nothing left to draw.
    """

    probability: Any
    chance: np.ndarray
    down: np.ndarray
    up: np.ndarray


@dataclass(frozen=True, repr=False)
class Operator:
    """A map R^d -> R^d, told as `apply(x, uniforms)`, and its randomness, told as `branches(x)` of one vector [d].

    `draws`: rows of uniforms that a vector consumes, 0 for a deterministic map. `support(x, uniforms)`, where the operator selects
    coordinates: the mask [..., d] of the selected ones, equally many in every row. `separable`: given a branch, output coordinate i depends
    on column i only.
    """

    name: str
    draws: int
    apply: Callable[[np.ndarray, Uniforms], np.ndarray]
    branches: Callable[[np.ndarray], Iterable[Branch]]
    parameters: Mapping[str, Any]
    support: Callable[[np.ndarray, Uniforms], np.ndarray] | None = None
    separable: bool = True

    def __call__(self, x: ArrayLike, uniforms: ArrayLike | None = None) -> np.ndarray:
        """The operator on each row of `x` [..., d].

        Raises: ValueError if x is not finite, if a parameter does not fit d, or if uniforms are missing, superfluous or of another shape.
        """
        x = vectors("x", x)
        u = None if uniforms is None else np.asarray(uniforms)
        expected = (*x.shape[:-1], self.draws, x.shape[-1])
        if self.draws == 0 and u is not None:
            raise ValueError(f"uniforms must be None, as {self} is deterministic, got shape {u.shape}")
        if self.draws > 0 and (u is None or u.shape != expected):
            raise ValueError(f"uniforms must have shape {expected} for {self}, got {'None' if u is None else u.shape}")
        y = self.apply(x, u)
        return rationals(y) if is_exact(x) else y

    def events(self, x: ArrayLike) -> Iterator[tuple[Any, np.ndarray]]:
        """All outcomes on one vector [d] as (probability, uniforms [draws, d]): the expectation of F is the sum of p * F(apply(x, u)).

        Probabilities are Fractions if x is exact, else floats. Lazy: there may be 2^d of them.
        """
        x = vectors("x", x)
        for branch in self.branches(x):
            is_open = np.flatnonzero(branch.chance > 0)
            for rises in product((False, True), repeat=is_open.size):
                probability, uniforms = branch.probability, branch.down.copy()
                for i, rise in zip(is_open, rises, strict=True):
                    probability *= branch.chance[i] if rise else 1 - branch.chance[i]
                    if rise:
                        uniforms[:, i] = branch.up[:, i]
                yield probability, uniforms

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.parameters.values()))})"


# ---- sparsification (section 2.2) ----


def identity() -> Operator:
    """C(x) = x: no compression."""
    return Operator("identity", 0, lambda x, u: x.copy(), _certain, {}, lambda x, u: np.ones(x.shape, dtype=bool))


def top_k(k: int) -> Operator:
    """The k entries of largest magnitude, always exactly k: among equals the lower index wins."""

    def support(x: np.ndarray, u: Uniforms) -> np.ndarray:
        def minus_magnitude(columns: slice) -> np.ndarray:
            magnitude = np.abs(x[..., columns])
            return np.negative(magnitude, out=magnitude)

        return _smallest(minus_magnitude, x.shape[-1], k)

    return Operator("top_k", 0, _keep(support), _certain, {"k": count("k", k)}, support)


def rand_k(k: int) -> Operator:
    """k entries chosen uniformly at random: those with the k smallest uniforms."""

    def support(x: np.ndarray, u: Uniforms) -> np.ndarray:
        assert u is not None
        return _smallest(lambda columns: u[..., 0, columns].copy(), x.shape[-1], k)

    def branches(x: np.ndarray) -> Iterator[Branch]:
        d = x.size
        _check_k(k, d)
        for chosen in combinations(range(d), k):
            u = _full(x, 1, Fraction(3, 4))
            u[0, list(chosen)] = _like(x, Fraction(1, 4))
            yield Branch(_like(x, Fraction(1, math.comb(d, k))), _full(x, 1, Fraction(0))[0], u, u)

    return Operator("rand_k", 1, _keep(support), branches, {"k": count("k", k)}, support)


# ---- quantisation (section 2.1) ----


def qsgd(intervals: int) -> Operator:
    """QSGD: ||x||_2 sign(x_i) xi_i, where xi_i is |x_i| / ||x||_2 rounded at random, unbiased, to a multiple of 1/intervals. Q(0) = 0.

    Exact on Fractions where the norm is rational, else ValueError.
    """

    def grid(x: np.ndarray) -> tuple[Callable, Callable]:
        length = norm(x, 2)
        divisor, top = np.where(length == 0, 1, length), _like(x, intervals)
        return (
            lambda x: np.minimum(np.abs(x) / divisor * intervals, top),  # round-off must not reach the level above the last
            lambda x, level: np.sign(x) * length * level / intervals,
        )

    return _rounding("qsgd", count("intervals", intervals), grid)


def stochastic_levels(intervals: int) -> Operator:
    """Suresh et al.: each entry rounded at random, unbiased, to a grid of `intervals` equal steps from the least entry to the largest."""

    def grid(x: np.ndarray) -> tuple[Callable, Callable]:
        low, width = x.min(-1, keepdims=True), np.ptp(x, axis=-1, keepdims=True)
        divisor, top = np.where(width == 0, 1, width), _like(x, intervals)
        return (
            lambda x: np.minimum((x - low) / divisor * intervals, top),
            lambda x, level: low + width * level / intervals,
        )

    return _rounding("stochastic_levels", count("intervals", intervals), grid)


def stochastic_rotated(intervals: int) -> Operator:
    """Suresh et al.: random signs (uniforms row 0), Walsh-Hadamard rotation, `stochastic_levels` (row 1), and the rotation back.

    Raises (when called): ValueError unless d is a power of two.
    """
    levels = stochastic_levels(intervals)

    def apply(x: np.ndarray, u: Uniforms) -> np.ndarray:
        assert u is not None
        signs = random_signs(u[..., 0, :], x.dtype)
        # The grid scales with the vector, so the two factors 1/sqrt(d) may be taken as one division by d, which keeps rationals rational.
        return signs * hadamard(levels.apply(hadamard(signs * x), u[..., 1:, :])) / x.shape[-1]

    def branches(x: np.ndarray) -> Iterator[Branch]:
        probability = _like(x, Fraction(1, 2**x.size))
        for pattern in product((Fraction(1, 4), Fraction(3, 4)), repeat=x.size):
            row = np.array([_like(x, p) for p in pattern], dtype=x.dtype)[None]
            for inner in levels.branches(hadamard(random_signs(row[0], x.dtype) * x)):
                yield Branch(probability, inner.chance, np.concatenate([row, inner.down]), np.concatenate([row, inner.up]))

    return Operator("stochastic_rotated", 2, apply, branches, levels.parameters, separable=False)


def random_signs(u: np.ndarray, dtype: DTypeLike) -> np.ndarray:
    """+1 where u < 1/2, else -1."""
    return np.where(u < 0.5, 1, -1).astype(dtype)


def hadamard(x: np.ndarray) -> np.ndarray:
    """The Walsh-Hadamard transform of each row of x [..., d], not normalised: applied twice it is d times the identity.

    Raises: ValueError unless d is a power of two.
    """
    d = x.shape[-1]
    if d & (d - 1):
        raise ValueError(f"d must be a power of two for the Walsh-Hadamard rotation, got {d}")
    for step in (1 << i for i in range(d.bit_length() - 1)):
        pairs = x.reshape(*x.shape[:-1], -1, 2, step)
        a, b = pairs[..., 0, :], pairs[..., 1, :]
        x = np.stack([a + b, a - b], axis=-2).reshape(x.shape)
    return x


# ---- compositions (section 2.3) ----


def sign_comp(comp: Operator, m: int = 1) -> Operator:
    """||Comp_k(x)||_m SignComp_k(x) / k with sign(0) = +1 on the selected coordinates (Definition 6, Lemma 3).

    `comp`: an operator that selects coordinates. Exact on Fractions where the m-norm is rational, else ValueError.
    """
    parameters = {"comp": comp, "m": count("m", m)}
    support = _support("comp", comp)

    def apply(x: np.ndarray, u: Uniforms) -> np.ndarray:
        mask = support(x, u)
        kept = _gather(x, mask)
        scale = norm(kept, m) / kept.shape[-1]
        del kept  # as large as x where k = d
        return np.where(mask, np.where(x >= 0, scale, -scale), _like(x, 0))

    return Operator("sign_comp", comp.draws, apply, comp.branches, parameters)


def scaled_sign() -> Operator:
    """EF-SIGNSGD: ||x||_1 sign(x) / d with sign(0) = +1, as one bit a coordinate has no room for a zero."""
    return replace(sign_comp(identity(), 1), name="scaled_sign", parameters={})


def compose(quantiser: Operator, sparsifier: Operator, acts_on: Literal["kept", "whole"] = "kept") -> Operator:
    """Q(Comp_k(x)) of Lemma 1 in its two readings: Q sees the k kept entries, in order of index ("kept"), or all d with zeros ("whole").

    Uniforms: the sparsifier's rows first, then the quantiser's; a kept entry uses the uniforms of its own column.
    """
    support = _support("sparsifier", sparsifier)
    if acts_on not in ("kept", "whole"):
        raise ValueError(f'acts_on must be "kept" or "whole", got {acts_on!r}')
    rows = sparsifier.draws

    def apply(x: np.ndarray, u: Uniforms) -> np.ndarray:
        mask = support(x, u if u is None else u[..., :rows, :])
        rest = None if u is None or quantiser.draws == 0 else u[..., rows:, :]
        if acts_on == "whole":
            return quantiser.apply(np.where(mask, x, _like(x, 0)), rest)
        y = np.zeros_like(x)
        y[mask] = quantiser.apply(_gather(x, mask), None if rest is None else _gather(rest, mask[..., None, :])).ravel()
        return y

    def branches(x: np.ndarray) -> Iterator[Branch]:
        for outer in sparsifier.branches(x):
            mask = support(x, outer.down)
            seen, columns = (np.where(mask, x, _like(x, 0)), slice(None)) if acts_on == "whole" else (x[mask], mask)
            for inner in quantiser.branches(seen):
                chance, down, up = outer.chance.copy(), _full(x, quantiser.draws), _full(x, quantiser.draws)
                chance[columns], down[:, columns], up[:, columns] = inner.chance, inner.down, inner.up
                probability = outer.probability * inner.probability
                yield Branch(probability, chance, np.concatenate([outer.down, down]), np.concatenate([outer.up, up]))

    parameters = {"quantiser": quantiser, "sparsifier": sparsifier, "acts_on": acts_on}
    return Operator("compose", rows + quantiser.draws, apply, branches, parameters, separable=quantiser.separable)


def scaled(operator: Operator, factor: float | Fraction) -> Operator:
    """factor * C(x); Lemma 2 takes factor = 1 / (1 + beta)."""
    if not (math.isfinite(factor) and factor > 0):
        raise ValueError(f"factor must be positive and finite, got {factor}")

    def apply(x: np.ndarray, u: Uniforms) -> np.ndarray:
        y = operator.apply(x, u)
        y *= _like(x, factor)
        return y

    parameters = {"operator": operator, "factor": factor}
    return Operator("scaled", operator.draws, apply, operator.branches, parameters, separable=operator.separable)


def piecewise(operators: Sequence[Operator], dims: Sequence[int]) -> Operator:
    """[C_1(x_1) ... C_n(x_n)] on consecutive pieces of x, of lengths `dims` (Corollary 1).

    A piece uses the uniforms of its own columns, as many rows from the first as it draws.
    """
    if len(operators) != len(dims) or not dims:
        raise ValueError(f"operators and dims must be equally many and at least one, got {len(operators)} and {len(dims)}")
    ends = np.cumsum([count("dims", n) for n in dims]).tolist()
    pieces = [slice(end - n, end) for end, n in zip(ends, dims, strict=True)]
    draws = max(operator.draws for operator in operators)

    def check(x: np.ndarray) -> None:
        if x.shape[-1] != ends[-1]:
            raise ValueError(f"dims must sum to d = {x.shape[-1]}, got {ends[-1]}")

    def apply(x: np.ndarray, u: Uniforms) -> np.ndarray:
        check(x)
        y = np.empty_like(x)
        for operator, piece in zip(operators, pieces, strict=True):
            y[..., piece] = operator.apply(x[..., piece], u[..., : operator.draws, piece] if u is not None and operator.draws else None)
        return y

    def branches(x: np.ndarray, done: int = 0) -> Iterator[Branch]:
        check(x)
        if done == len(operators):
            yield from _certain(x, draws)
            return
        operator, piece = operators[done], pieces[done]
        for first in operator.branches(x[piece]):
            for rest in branches(x, done + 1):
                rows = (slice(operator.draws), piece)
                rest.chance[piece], rest.down[rows], rest.up[rows] = first.chance, first.down, first.up
                yield rest._replace(probability=first.probability * rest.probability)

    parameters = {"operators": tuple(operators), "dims": tuple(dims)}
    return Operator("piecewise", draws, apply, branches, parameters, separable=all(operator.separable for operator in operators))


OPERATORS: dict[str, Callable[..., Operator]] = {
    factory.__name__: factory
    for factory in (
        identity, top_k, rand_k, qsgd, stochastic_levels, stochastic_rotated, sign_comp, scaled_sign, compose, scaled, piecewise,
    )
}  # fmt: skip


# ---- shared by the operators ----


def _check_k(k: int, d: int) -> None:
    if not 1 <= k <= d:
        raise ValueError(f"k must be between 1 and d = {d}, got {k}")


def _support(name: str, operator: Operator) -> Callable[[np.ndarray, Uniforms], np.ndarray]:
    if operator.support is None:
        raise ValueError(f"{name} must select coordinates (identity, top_k, rand_k), got {operator}")
    return operator.support


def _smallest(keys: Callable[[slice], np.ndarray], d: int, k: int) -> np.ndarray:
    """Mask of the k smallest keys of each row, the lower index first among equals; `keys` makes those of a stretch of columns anew."""
    _check_k(k, d)
    scratch = keys(slice(None))
    scratch.partition(k - 1, axis=-1)  # in place: nothing as large as x is held twice
    threshold, shape = scratch[..., k - 1 : k].copy(), scratch.shape
    del scratch
    mask = np.empty(shape, dtype=bool)
    for block in _blocks(d):
        mask[..., block] = keys(block) < threshold
    missing = k - mask.sum(-1, keepdims=True)
    for block in _blocks(d):
        ties = keys(block) == threshold
        mask[..., block] |= ties & (np.cumsum(ties, axis=-1) <= missing)
        missing = missing - ties.sum(-1, keepdims=True)
    return mask


def _keep(support: Callable[[np.ndarray, Uniforms], np.ndarray]) -> Callable[[np.ndarray, Uniforms], np.ndarray]:
    return lambda x, u: np.where(support(x, u), x, _like(x, 0))


def _gather(x: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """The masked entries of each row, in order of index: [..., k]."""
    return x[np.broadcast_to(mask, x.shape)].reshape(*x.shape[:-1], -1)


def _blocks(d: int) -> Iterator[slice]:
    return (slice(start, start + _BLOCK) for start in range(0, d, _BLOCK))


def norm(x: np.ndarray, m: int) -> np.ndarray:
    """||x||_m of each row, [..., 1]: exact for Fractions; for floats free of overflow, summed in float64, returned in x's dtype."""
    if is_exact(x):
        return np.frompyfunc(lambda total: exact_root(total, m), 1, 1)((np.abs(x) ** m).sum(-1, keepdims=True))
    peak = np.maximum(x.max(-1, keepdims=True), -x.min(-1, keepdims=True))
    divisor = np.where(peak == 0, 1, peak)
    parts = (((np.abs(x[..., block]) / divisor) ** m).sum(-1, keepdims=True, dtype=np.float64) for block in _blocks(x.shape[-1]))
    return (peak * sum(parts) ** (1 / m)).astype(x.dtype)


def _rounding(name: str, intervals: int, grid: Callable[[np.ndarray], tuple[Callable, Callable]]) -> Operator:
    """Unbiased rounding to the integer levels of a grid: `grid(x)` returns position(x) in [0, intervals] and value(x, level).

    A coordinate at position n + f, 0 <= f < 1, rounds up to level n + 1 where its uniform is below f.
    """

    def apply(x: np.ndarray, u: Uniforms) -> np.ndarray:
        assert u is not None
        position, value = grid(x)
        y = np.empty_like(x)
        for block in _blocks(x.shape[-1]):
            entry = x[..., block]
            exact_level = position(entry)
            level = np.floor(exact_level)
            y[..., block] = value(entry, level + (u[..., 0, block] < exact_level - level))
        return y

    def branches(x: np.ndarray) -> Iterator[Branch]:
        exact_level = grid(x)[0](x)
        chance = exact_level - np.floor(exact_level)
        yield Branch(_like(x, Fraction(1)), chance, (1 + chance)[None] / 2, chance[None] / 2)

    return Operator(name, 1, apply, branches, {"intervals": intervals})


def _certain(x: np.ndarray, draws: int = 0) -> Iterator[Branch]:
    """The one branch of a map that draws nothing."""
    yield Branch(_like(x, Fraction(1)), _full(x, 1, Fraction(0))[0], _full(x, draws), _full(x, draws))


def _like(x: np.ndarray, value: float | Fraction) -> Any:
    """`value` as a Fraction beside exact vectors, as a float beside floats."""
    return Fraction(value) if is_exact(x) else float(value)


def _full(x: np.ndarray, rows: int, value: Fraction = Fraction(1, 2)) -> np.ndarray:
    return np.full((rows, x.size), _like(x, value), dtype=x.dtype)
