"""Operators, tied by name across the rooms, and the arena where statements about one operator at one vector are attacked.

An operator is named by a nested tuple of registry names, its *structure*: `("compose", ("qsgd",), ("top_k",), "kept")`. One structure and
one `Sizes` build the operator of the reference, its torch twin, and what theory says of it. The search uses closed forms of the moments,
batched in floats. A break counts only in exact arithmetic, and where the outcomes of the reference's own operator are few and rational,
they must say the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from fractions import Fraction
from functools import cache
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np
import sympy as sp

from reference.expectation import moments
from reference.operators import OPERATORS
from theory import calculus
from theory.claim import Hypothesis, Reading
from validation.attack import Attack, Effort, Instance, Replay, generator, register
from validation.letters import replayed
from validation.quantities import Exact, Measured, bounds, evaluate, holds, plausible, root, sides

Structure = tuple[Any, ...]

SPARSIFIERS = ("identity", "top_k", "rand_k")
QUANTISERS = ("qsgd", "stochastic_levels", "stochastic_rotated")
PARTS = {"sign_comp": 1, "scaled_sign": 0, "compose": 2, "scaled": 1, "piecewise": None, **dict.fromkeys((*SPARSIFIERS, *QUANTISERS), 0)}
"""Of how many operators each is made; None for any number."""


@dataclass(frozen=True)
class Sizes:
    """The integers that an operator is built from: dimension d, kept coordinates k, the printed s of a quantiser, order m of a norm.

    `levels`: s counts levels, so that a quantiser has s - 1 intervals; else s counts intervals.
    """

    d: int
    k: int = 1
    s: int = 1
    m: int = 1
    levels: bool = False

    @property
    def intervals(self) -> int:
        return self.s - 1 if self.levels else self.s

    def __str__(self) -> str:
        return f"d = {self.d}, k = {self.k}, s = {self.s}{' levels' if self.levels else ''}, m = {self.m}"


def structure(named: str | Sequence[Any]) -> Structure:
    """A structure as nested tuples, from those, from nested lists (JSON), or from the bare name of an operator without parts.

    Raises:
        ValueError: a name is no operator's.
    """
    name, *rest = [named] if isinstance(named, str) else list(named)
    if name not in PARTS:
        raise ValueError(f"an operator must be one of {', '.join(PARTS)}, got {name!r}")
    inner = len(rest) if PARTS[name] is None else PARTS[name]
    return (name, *map(structure, rest[:inner]), *rest[inner:])


def names_in(parts: Structure) -> Iterator[str]:
    """The names of all operators in a structure, outermost first."""
    yield parts[0]
    for part in parts[1:]:
        if isinstance(part, tuple):
            yield from names_in(part)


def build(registry: Mapping[str, Callable[..., Any]], parts: Structure, sizes: Sizes, exact: bool = False) -> Any:
    """The operator of a registry (`OPERATORS` of `reference.operators`, `gpu.operators`, `theory.calculus`) with this structure and sizes.

    A scaled operator takes the factor 1 / (1 + beta) of Lemma 2: a float or, if `exact`, a Fraction where it is rational. The pieces of a
    piecewise one share the coordinates as evenly as they can.
    """
    name, *rest = parts
    make = registry[name]
    if name in ("top_k", "rand_k"):
        return make(sizes.k)
    if name in QUANTISERS:
        return make(sizes.intervals)
    if name == "sign_comp":
        return make(build(registry, rest[0], sizes, exact), sizes.m)
    if name == "compose":
        return make(build(registry, rest[0], sizes, exact), build(registry, rest[1], sizes, exact), *rest[2:])
    if name == "scaled":
        factor = lemma_2_factor(parts, sizes)
        return make(build(registry, rest[0], sizes, exact), factor if exact and isinstance(factor, Fraction) else float(factor))
    if name == "piecewise":
        return make([build(registry, *each, exact) for each in zip(rest, pieces(rest, sizes), strict=True)], dims(rest, sizes.d))
    return make()


def dims(parts: Sequence[Structure], d: int) -> list[int]:
    """The lengths of the pieces of a piecewise operator: d shared as evenly as possible."""
    share, more = divmod(d, len(parts))
    return [share + (piece < more) for piece in range(len(parts))]


def pieces(parts: Sequence[Structure], sizes: Sizes) -> list[Sizes]:
    """The sizes of each piece; a piece shorter than k keeps all it has."""
    return [Sizes(length, min(sizes.k, length), sizes.s, sizes.m, sizes.levels) for length in dims(parts, sizes.d)]


# ---- printed constants ----


def _quantiser(parts: Structure) -> str | None:
    return next((name for name in names_in(parts) if name in QUANTISERS), None)


def seen(parts: Structure, sizes: Sizes) -> int:
    """How many coordinates the quantiser acts on: the k kept ones, or all d."""
    compose = next((part for part in _all_parts(parts) if part[0] == "compose"), None)
    return sizes.d if compose is None or compose[3] == "whole" or compose[2][0] == "identity" else sizes.k


def _all_parts(parts: Structure) -> Iterator[Structure]:
    yield parts
    for part in parts[1:]:
        if isinstance(part, tuple):
            yield from _all_parts(part)


@cache
def printed_excess(quantiser: str, n: int, s: int) -> Exact:
    """beta_{n,s} of section 2.1 as printed, for the printed s, whatever it counts."""
    constant = calculus.OPERATORS[quantiser](s).facts(sp.Integer(n)).excess
    assert constant is not None  # a quantiser is unbiased
    return _number(constant)


def tight_excess(quantiser: str, n: int, intervals: int) -> Exact | None:
    """The least constant of Definition 5 (ii), where it is known: QSGD with one interval, and stochastic levels."""
    if quantiser == "qsgd" and intervals == 1:
        return _number(sp.sqrt(n) - 1)
    if quantiser == "stochastic_levels":
        return Fraction(max(n - 2, 0), 2 * intervals**2)
    return None


def excess(parts: Structure, sizes: Sizes) -> Exact:
    """The printed beta of the quantiser within: beta_{k,s} behind a sparsifier, whatever it acts on, else beta_{d,s}; 0 without one."""
    quantiser = _quantiser(parts)
    n = sizes.k if {"top_k", "rand_k"} & set(names_in(parts)) else sizes.d
    return printed_excess(quantiser, n, sizes.s) if quantiser else Fraction(0)


def lemma_2_factor(parts: Structure, sizes: Sizes) -> Exact:
    """1 / (1 + beta), the factor of the scaled operator of Lemma 2."""
    return 1 / (1 + excess(parts, sizes))


def _number(value: sp.Expr) -> Exact:
    """A closed sympy number as a Fraction, or as an enclosure."""
    return evaluate(value, {"one": np.array([Fraction(1)], dtype=object)})[0, 0]


# ---- closed forms of the moments, on floats or exact numbers alike ----


def first_two(parts: Structure, sizes: Sizes, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """E C(x) [N, d] and E||C(x)||^2 [N] of each row of x [N, d], in floats or, for object arrays of Fractions, exactly (roots enclosed)."""
    name, *rest = parts
    if name == "scaled":
        mean, second = first_two(rest[0], sizes, x)
        factor: Any = lemma_2_factor(parts, sizes)
        factor = factor if x.dtype == object else float(factor)
        return mean * factor, second * factor**2  # an enclosure multiplies from the right, so that numpy sees an array
    if name == "piecewise":
        ends = np.cumsum(dims(rest, sizes.d))[:-1]
        done = [first_two(*each) for each in zip(rest, pieces(rest, sizes), np.split(x, ends, axis=-1), strict=True)]
        return np.concatenate([mean for mean, _ in done], axis=-1), sum((second for _, second in done[1:]), start=done[0][1])
    if name in QUANTISERS:
        return x, (x**2).sum(-1) + rounding_variance(name, sizes.intervals, x)
    if name == "scaled_sign":
        return first_two(("sign_comp", ("identity",)), Sizes(sizes.d), x)
    selection = rest[1] if name == "compose" else rest[0] if name == "sign_comp" else parts
    columns = selected(selection[0], sizes.k, x)
    y = np.take_along_axis(x[:, None, :], columns, axis=-1)
    second = (y**2).sum(-1)
    if name == "sign_comp":
        size = norm(y, sizes.m) / _whole(x, y.shape[-1])
        y, second = np.where(y >= 0, size[..., None], -size[..., None]), size**2 * y.shape[-1]
    if name == "compose":
        second = second + rounding_variance(rest[0][0], sizes.intervals, y if rest[2] == "kept" else _spread(y, columns, x))
    outcomes = _whole(x, columns.shape[1])
    return _spread(y, columns, x).sum(1) / outcomes, second.sum(1) / outcomes


def selected(sparsifier: str, k: int, x: np.ndarray) -> np.ndarray:
    """The equally likely selections of each row of x [N, d]: indices [N, outcomes, k], ascending."""
    count, d = x.shape
    if sparsifier == "top_k":
        return np.sort(np.argsort(-np.abs(x), axis=-1, kind="stable")[:, None, :k], axis=-1)
    sets = list(combinations(range(d), k)) if sparsifier == "rand_k" else [tuple(range(d))]
    return np.broadcast_to(np.array(sets), (count, len(sets), len(sets[0])))


def _spread(y: np.ndarray, columns: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Entries y [N, outcomes, k] put back into vectors like x: [N, outcomes, d], zero elsewhere."""
    whole = np.zeros((*columns.shape[:2], x.shape[-1]), dtype=x.dtype)
    np.put_along_axis(whole, columns, y, axis=-1)
    return whole


def norm(y: np.ndarray, m: int) -> np.ndarray:
    """||y||_m along the last axis."""
    powers = (np.abs(y) ** m).sum(-1)
    return powers ** (1 / m) if y.dtype != object else np.asarray(np.frompyfunc(lambda value: root(value, m), 1, 1)(powers), dtype=object)


def rounding_variance(quantiser: str, intervals: int, y: np.ndarray) -> np.ndarray:
    """E||Q(y) - y||^2 along the last axis: on a grid of step w, an entry that lies h above a level adds h (w - h)."""
    if quantiser == "stochastic_rotated":
        return _rotated_variance(intervals, y)
    if quantiser == "qsgd":
        offset, width = np.abs(y), norm(y, 2)[..., None]
    else:
        low = y.min(-1, keepdims=True)
        offset, width = y - low, y.max(-1, keepdims=True) - low
    step = width / _whole(y, intervals)
    above = offset - step * _floor(offset / np.where(step == 0, _whole(y, 1), step))
    return (above * (step - above)).sum(-1)


def _rotated_variance(intervals: int, y: np.ndarray) -> np.ndarray:
    """Averaged over the signs of the nonzero entries, one of them fixed: zeros have no sign, and turning all signs changes nothing."""
    n = y.shape[-1]
    free = max(int((y != 0).sum(-1).max(initial=0)) - 1, 0)
    patterns = np.array(list(product((1, -1), repeat=free)), dtype=int).reshape(1 << free, free)
    patterns = np.concatenate([np.ones((1 << free, 1), dtype=int), patterns], axis=-1)
    which = np.clip(np.cumsum(y != 0, axis=-1) - 1, 0, free)
    turned = np.stack([pattern[which] for pattern in patterns], axis=-2) * y[..., None, :]
    for stage in range(n.bit_length() - 1):
        pairs = turned.reshape(*turned.shape[:-1], -1, 2, 1 << stage)
        low, high = pairs[..., 0, :], pairs[..., 1, :]
        turned = np.stack((low + high, low - high), axis=-2).reshape(turned.shape)
    return rounding_variance("stochastic_levels", intervals, turned).sum(-1) / _whole(y, n * len(patterns))


def _floor(values: np.ndarray) -> np.ndarray:
    if values.dtype != object:
        return np.floor(values)
    return np.asarray(np.frompyfunc(_whole_part, 1, 1)(values), dtype=object)


def _whole_part(value: Exact) -> int:
    low, high = (math.floor(end) for end in bounds(value))
    if low != high:
        raise ValueError(f"the level below {value} is not certain")
    return low


def _whole(like: np.ndarray, count: int) -> Any:
    """A whole number to divide by, exact beside exact numbers."""
    return Fraction(count) if like.dtype == object else count


# ---- what is measured ----


class Case(NamedTuple):
    """One operator: its structure and its sizes, and the value of beta_q if it is not the printed one."""

    parts: Structure
    sizes: Sizes
    beta: Exact | None = None

    def __str__(self) -> str:
        return f"{'('.join(names_in(self.parts))}{')' * (sum(1 for _ in names_in(self.parts)) - 1)} at {self.sizes}"


BLOCKS = frozenset(
    ("block_coefficient", "block_size", *(f"piece_{j}{what}" for j in (1, 2) for what in ("_sq", "_error_sq")), "gamma_1", "gamma_2")
)
MOMENTS = frozenset(("image_sq", "inner", "error_sq", "bias_sq"))
AT_RANDOM = frozenset(("rand_sq", "rand_l1", "rand_l1_sq"))
KEPT = frozenset(("kept_sq", "kept_l1_sq", "kept_lm_sq", "kept_l1_lm", "error_budget", "least_kept"))
ALL = MOMENTS | KEPT | BLOCKS | AT_RANDOM | {"x_sq", "x_l1_sq"}
"""What `measure` gives, besides letters."""


def letters(case: Case, like: np.ndarray) -> dict[str, np.ndarray]:
    """The sizes of an operator and beta_q, by the names of `theory.symbols`, for each row of an array `like` [N, d]."""
    parts, sizes, beta = case
    beta = excess(parts, sizes) if beta is None else beta
    values = {"d": sizes.d, "k": sizes.k, "intervals": sizes.s, "m": sizes.m, "beta_q": beta}
    return {name: np.full(len(like), v if like.dtype == object else float(v), dtype=like.dtype) for name, v in values.items()}


def _of_blocks(case: Case, x: np.ndarray) -> dict[str, np.ndarray]:
    """Of a piecewise operator, each row of x: what each piece leaves, of which the largest coefficient that this allows (1 where it is

    zero), the least ||v_b||_1^2 / (d_b ||v_b||_2^2) of those not zero, and the size of the largest.
    """
    parts, sizes = case.parts[1:], pieces(case.parts[1:], case.sizes)
    found, flatness = dict[str, np.ndarray](), []
    for number, (part, size, v) in enumerate(zip(parts, sizes, np.split(x, np.cumsum([s.d for s in sizes])[:-1], axis=-1), strict=True), 1):
        mean, second = first_two(part, size, v)
        square = (v**2).sum(-1)
        one = _whole(x, 1)
        error = square - 2 * (v * mean).sum(-1) + second
        found |= {f"piece_{number}_sq": square, f"piece_{number}_error_sq": error}
        found[f"gamma_{number}"] = 1 - error / np.where(square == 0, one, square)
        flatness.append(np.where(square == 0, one, np.abs(v).sum(-1) ** 2 / (np.where(square == 0, one, square) * _whole(x, size.d))))
    largest = np.full(len(x), _whole(x, max(size.d for size in sizes)))
    return found | {"block_coefficient": np.array(flatness).min(0), "block_size": largest}


def measure(case: Case, x: np.ndarray, wanted: Collection[str] = ALL) -> dict[str, np.ndarray]:
    """The quantities of an operator at a vector, by the names of `theory.symbols`, for each row of x [N, d]: arrays [N], squares in X^2.

    Moments, kept norms and those of blocks are left out where none is wanted. With Fractions all is exact, irrational values as enclosures.
    """
    parts, sizes, _ = case
    x_sq = (x**2).sum(-1)
    found = {**letters(case, x), "x_sq": x_sq, "x_l1_sq": np.abs(x).sum(-1) ** 2}
    if parts[0] == "piecewise" and BLOCKS & set(wanted):
        found |= _of_blocks(case, x)
    if AT_RANDOM & set(wanted) and math.comb(sizes.d, sizes.k) <= OUTCOMES:
        y = np.take_along_axis(x[:, None, :], selected("rand_k", sizes.k, x), axis=-1)
        subsets, l1 = _whole(x, y.shape[1]), np.abs(y).sum(-1)
        found |= {"rand_sq": (y**2).sum((-1, -2)) / subsets, "rand_l1": l1.sum(-1) / subsets, "rand_l1_sq": (l1**2).sum(-1) / subsets}
    if MOMENTS & set(wanted):
        mean, second = first_two(parts, sizes, x)
        inner = (x * mean).sum(-1)
        found |= {"image_sq": second, "inner": inner, "error_sq": x_sq - 2 * inner + second, "bias_sq": ((mean - x) ** 2).sum(-1)}
    if KEPT & set(wanted):
        sparsifier = next((name for name in names_in(parts) if name in SPARSIFIERS), "identity")
        y = np.take_along_axis(x[:, None, :], selected(sparsifier, sizes.k, x), axis=-1)
        outcomes, one = _whole(x, y.shape[1]), _whole(x, 1)
        sq, l1, lm = (y**2).sum(-1), np.abs(y).sum(-1), norm(y, sizes.m)
        share = l1**2 / np.where(sq == 0, one, sq) * sizes.k / _whole(x, sizes.d**2)  # of Lemma 3, with 0/0 = 0
        found |= {
            "kept_sq": sq.sum(-1) / outcomes,
            "kept_l1_sq": (l1**2).sum(-1) / outcomes,
            "kept_lm_sq": (lm**2).sum(-1) / outcomes,
            "kept_l1_lm": (l1 * lm).sum(-1) / outcomes,
            "least_kept": np.abs(y).min((-1, -2)),
            "error_budget": (1 - np.maximum(share, one / sizes.d)).sum(-1) / outcomes * x_sq,
        }
    if x.dtype != object:  # what cancels to round-off is 0: a bound of 0 must not be broken by it
        floor = 64 * np.finfo(x.dtype).eps * x_sq
        vanishing = {"error_sq", "bias_sq", "error_budget"} & set(found)
        found |= {name: np.where(found[name] <= floor, 0, found[name]) for name in vanishing}
    return found


# ---- the arena ----

DIMENSIONS = (1, 2, 3, 4, 5, 8, 16)
ORDERS = (1, 2, 3, 5)
OUTCOMES = 80  # of a random selection, at most
DENSE_ROTATION = 8  # the largest d at which all sign patterns are enumerated; above, vectors have few nonzero entries
GRIDS = (1, 2, 4, 12, 100, 10**4, 10**7)  # denominators at which a witness is tried, the plainest first
RATIONAL_NORMS = {2: (3, -4), 3: (1, -2, 2), 4: (1, -1, 3, 5)}  # by d, a vector whose rounding by QSGD is rational
ROUND_OFF = 1e-9  # a ratio this close to 1 is not taken for a break


class OperatorArena:
    """Readings about one operator at one vector.

    `reading.setting`: `operator`, a structure or several (default: Top_k and Rand_k); `quantisers`, `sparsifiers`, names each tried in
    place of the one there; `acts_on`, "kept" or "whole"; `levels`, whether s counts levels; `beta`, "printed" (the default) or "tight",
    for the least constant that Definition 5 (ii) allows; `d`, `k`, `s`, `m`, a value or values to keep to.
    """

    name = "operator"

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        """Worst vectors of many operators: edges and Gaussians first, then an ascent from the worst of these."""
        assert reading.relation is not None
        cases = list(_cases(reading))
        rng = generator(seed, self.name, reading.name, reading.relation)
        cases = [cases[i] for i in sorted(rng.permutation(len(cases))[: 2 * effort.instances])]
        found: list[tuple[float, Case, np.ndarray]] = []
        tried = 0
        for case in cases:
            if not _admissible(reading, case):
                continue
            x = vectors(case, rng, effort.instances // 2)
            ratios = _ratios(reading, case, x)
            tried += len(x)
            best = np.argsort(-ratios, kind="stable")[:8]
            found.append((float(ratios[best[0]]), case, x[best]))
        if not found:
            return Attack("no instance", None, 0, "no operator of this arena meets the hypotheses")
        found.sort(key=lambda each: -each[0])
        for place, (_, case, x) in enumerate(found[:4]):
            ratio, x = _ascend(reading, case, x, rng, 4 * effort.iterations)
            tried += 4 * effort.iterations * 16 * len(x)
            found[place] = ratio, case, x
        worst, at, _ = max(found, key=lambda each: each[0])
        beyond = 1 - ROUND_OFF if reading.relation.op in ("<", ">") else 1 + ROUND_OFF
        breaking = [each for each in found if each[0] > beyond]
        for ratio, case, x in sorted(breaking, key=lambda each: (each[1].sizes.d, -each[0]))[:8]:  # the smallest witness is the plainest
            for instance in _rational(case, x):
                if self.replay(reading, instance).broken:
                    return Attack("broken", worst, tried, f"{case}, x = ({', '.join(instance['x'])}), about {ratio:.4g} times", instance)
        _tie(case for _, case, _ in found)
        nearest = next((each for _, case, x in found if case is at for each in _rational(case, x[:1], GRIDS[-2:-1])), None)
        return Attack("not broken", min(worst, 1.0), tried, f"largest ratio at {at}", nearest=nearest)

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """Both sides at one vector, exactly; the reference's own outcomes must give the same wherever they are few and rational.

        Raises:
            ValueError: the instance is none of this arena.
            ArithmeticError: the closed form and the reference disagree.
        """
        assert reading.relation is not None
        case = _read(instance)
        measured = _exactly(case, instance)
        x = _vector(instance)
        _confirm(case, x, measured)
        judged = {hypothesis.name: _judge(hypothesis, case, x, measured) for hypothesis in reading.given}
        return replayed(reading, measured, judged)


def _cases(reading: Reading) -> Iterator[Case]:
    """All operators of a reading at all sizes, small ones first."""
    setting = dict(reading.setting)
    given = setting.get("operator", (("top_k",), ("rand_k",)))
    several = not isinstance(given, str) and not isinstance(given[0], str)
    variants: list[Structure] = []
    for parts in map(structure, given if several else (given,)):
        quantisers = setting.get("quantisers", (_quantiser(parts),))
        sparsifiers = setting.get("sparsifiers", (None,))
        variants += [_varied(parts, q, c, setting.get("acts_on")) for q, c in product(quantisers, sparsifiers)]
    levels = bool(setting.get("levels", False))

    def values(letter: str, default: Iterable[int]) -> tuple[int, ...]:
        chosen = setting.get(letter, tuple(default))
        return (chosen,) if isinstance(chosen, int) else tuple(chosen)

    for d, parts in product(values("d", DIMENSIONS), variants):
        names, quantiser = set(names_in(parts)), _quantiser(parts)
        several_k = sorted({1, 2, 3, 4, d // 2, d} - {0}) if names & {"top_k", "rand_k"} else (d,)
        several_s = range(1 + levels, 5 + levels) if quantiser else (1,)
        several_m = (1,) if quantiser else ORDERS  # a norm of order m belongs to signs, and to sparsifiers looked at alone
        for k, s, m in product(values("k", several_k), values("s", several_s), values("m", several_m)):
            if k > d or s <= levels or ("rand_k" in names and math.comb(d, k) > OUTCOMES):
                continue
            sizes = Sizes(d, k, s, m, levels)
            n = seen(parts, sizes)
            if "stochastic_rotated" in names and n & (n - 1):
                continue
            beta = tight_excess(quantiser, n, sizes.intervals) if quantiser and setting.get("beta") == "tight" else None
            if beta is not None or setting.get("beta", "printed") == "printed":
                yield Case(parts, sizes, beta)


def _varied(parts: Structure, quantiser: str | None, sparsifier: str | None, acts_on: str | None) -> Structure:
    """The structure with another quantiser, sparsifier or way to compose."""
    name, *rest = parts
    if name in QUANTISERS and quantiser:
        return (quantiser,)
    if name in SPARSIFIERS and sparsifier:
        return (sparsifier,)
    inner = [_varied(part, quantiser, sparsifier, acts_on) if isinstance(part, tuple) else part for part in rest]
    return (name, *inner[:2], acts_on) if name == "compose" and acts_on else (name, *inner)


def vectors(case: Case, rng: np.random.Generator, count: int) -> np.ndarray:
    """The edges at which operators are worst, then `count` random vectors: [N, d] in X, each scaled to largest entry 1."""
    d, k, steps = case.sizes.d, case.sizes.k, 2 * case.sizes.intervals
    first = np.arange(d)
    edges = [
        first == 0,
        np.ones(d),
        (-1.0) ** first,
        np.where(first == 0, 1, np.where(first == 1, -1, 0)),  # one largest, one least, the rest in the middle
        np.where(first == 0, 1, np.where(first == 1, -1, 1 / steps)),
        np.where(first == 0, 1, np.where(first == 1, 0, 1 / steps)),  # the rest half-way between two levels
        np.where(first == 0, 1, 0.1),
        np.where(first == 0, 1, 1e-3),
        np.where(first < k, 1, 0),
        np.where(first < k, 1, 0.5),
        np.where(first < k, 1, -1e-3),
        np.where(first <= d // 2, 1, -0.5),  # ties
        0.5**first,
        1 / (1 + first),
        (first & (first - 1) == 0) & (first > 0),  # e_1 + e_2 + e_4 + e_8: random signs turn it into every sign pattern
    ]
    normal = rng.standard_normal((count, d))
    sparse = np.where(rng.random((count, d)) < 3 / d, normal, 0)
    x = np.concatenate([np.array(edges, dtype=float), normal, normal**3, sparse])
    if _few_nonzero(case):
        x = np.where(np.cumsum(x != 0, axis=-1) <= 5, x, 0)
    x = x[np.abs(x).max(-1) > 0]
    return x / np.abs(x).max(-1, keepdims=True)


def _few_nonzero(case: Case) -> bool:
    return "stochastic_rotated" in names_in(case.parts) and seen(case.parts, case.sizes) > DENSE_ROTATION


def _ratios(reading: Reading, case: Case, x: np.ndarray) -> np.ndarray:
    """How close to broken each row is; 0 where a scalar hypothesis fails, or the quantiser exceeds the constant that the reading grants."""
    assert reading.relation is not None
    conditions = [c for c in reading.conditions if {symbol.name for symbol in c.free_symbols} & ALL]
    measured = measure(case, x, {symbol.name for symbol in reading.relation.symbols.union(*(c.free_symbols for c in conditions))})
    ratios = np.asarray(sides(reading.relation, measured).ratios[:, 0])
    if conditions:
        ratios = np.where(plausible(conditions, measured), ratios, 0)
    quantiser = _quantiser(case.parts)
    if quantiser is None or all(hypothesis.name != "excess" for hypothesis in reading.given):
        return ratios
    y = _seen_vectors(case, x)
    allowed = float(_granted(case, quantiser)) * (y**2).sum(-1) * (1 + ROUND_OFF)
    return np.where((rounding_variance(quantiser, case.sizes.intervals, y) <= allowed).all(-1), ratios, 0)


def _ascend(reading: Reading, case: Case, x: np.ndarray, rng: np.random.Generator, rounds: int) -> tuple[float, np.ndarray]:
    """Each row of x [n, d] moved to the best of 16 neighbours, at ever smaller distances; the largest ratio, and the rows, best first."""
    ratios = _ratios(reading, case, x)
    for distance in np.geomspace(0.5, 1e-3, rounds):
        moves = distance * rng.standard_normal((len(x), 16, x.shape[-1]))
        moves = np.where(rng.random(moves.shape) < 0.5, moves, 0)
        near = x[:, None, :] * (1 + moves) if _few_nonzero(case) else x[:, None, :] + moves
        everywhere = np.concatenate([x[:, None, :], near], axis=1)
        scores = np.concatenate([ratios[:, None], _ratios(reading, case, near.reshape(-1, x.shape[-1])).reshape(len(x), 16)], axis=1)
        best = scores.argmax(1)
        x, ratios = everywhere[np.arange(len(x)), best], scores[np.arange(len(x)), best]
    order = np.argsort(-ratios, kind="stable")
    return float(ratios[order[0]]), x[order]


# ---- exact instances ----


def _rational(case: Case, x: np.ndarray, grids: tuple[int, ...] = GRIDS) -> Iterator[Instance]:
    """The rows of x as instances, rounded to ever finer rationals."""
    written = {**asdict(case.sizes), "operator": case.parts} | ({} if case.beta is None else {"beta": "tight"})
    for grid in grids:
        for row in x[:3] / np.abs(x[:3]).max(-1, keepdims=True):
            entries = [Fraction(round(float(entry) * grid), grid) for entry in row]
            if any(entries):
                yield {**written, "x": [str(entry) for entry in entries]}


def _read(instance: Instance) -> Case:
    try:
        parts = structure(instance["operator"])
        sizes = Sizes(levels=bool(instance["levels"]), **{letter: int(instance[letter]) for letter in "dksm"})
        if len(instance["x"]) != sizes.d:
            raise ValueError(f"x must have d = {sizes.d} entries, got {len(instance['x'])}")
    except KeyError as missing:
        raise ValueError(f"an instance of the operator arena needs operator, d, k, s, m, levels and x, got no {missing}") from None
    quantiser = _quantiser(parts)
    tight = tight_excess(quantiser, seen(parts, sizes), sizes.intervals) if quantiser and instance.get("beta") == "tight" else None
    return Case(parts, sizes, tight)


def _vector(instance: Instance) -> np.ndarray:
    return np.array([Fraction(entry) for entry in instance["x"]], dtype=object)


def _exactly(case: Case, instance: Instance) -> Measured:
    return measure(case, _vector(instance)[None])


def _confirm(case: Case, x: np.ndarray, measured: Measured) -> None:
    """The closed form against the outcomes of the reference's operator, where these are rational and few."""
    if not isinstance(lemma_2_factor(case.parts, case.sizes), Fraction):
        return
    try:
        deed = moments(build(OPERATORS, case.parts, case.sizes, exact=True), x, limit=300)
    except ValueError:
        return
    bias_sq = ((deed.mean - x) ** 2).sum()
    for name, value in (("image_sq", deed.second_moment), ("error_sq", deed.error), ("bias_sq", bias_sq)):
        low, high = bounds(measured[name][0])
        if not low <= value <= high:
            raise ArithmeticError(f"{case}: the reference gives {name} = {value}, the closed form {measured[name][0]}")


def _tie(cases: Iterable[Case]) -> None:
    """The closed forms of each kind of operator, at the smallest sizes tried, against the reference: a search that breaks nothing rests

    on them alone. Raises: ArithmeticError if they disagree.
    """
    compared: dict[Structure, int] = {}
    for case in sorted(cases, key=lambda case: astuple(case.sizes)):
        if case.sizes.d in RATIONAL_NORMS and compared.setdefault(case.parts, 0) < 3:
            compared[case.parts] += 1
            x = np.array([Fraction(entry) for entry in RATIONAL_NORMS[case.sizes.d]], dtype=object)
            _confirm(case, x, measure(case, x[None]))


def _admissible(reading: Reading, case: Case) -> bool:
    """Whether the scalar hypotheses hold that speak of the sizes alone."""
    sizes = letters(case, np.array([[Fraction(1)]], dtype=object))
    return all(holds(c, sizes) for c in reading.conditions if {symbol.name for symbol in c.free_symbols} <= sizes.keys())


def _judge(hypothesis: Hypothesis, case: Case, x: np.ndarray, measured: Measured) -> tuple[bool, str]:
    """Whether an instance meets a hypothesis, whoever made it; those on a quantiser are judged at the vectors that it sees."""
    if hypothesis.name in ("unbiased", "excess"):
        quantiser = _quantiser(case.parts)
        if quantiser is None:
            return True, "no quantiser takes part"
        judge = _is_unbiased if hypothesis.name == "unbiased" else _within_excess
        verdicts = [judge(quantiser, case, y) for y in _seen_vectors(case, x[None])[0]]
        return next((each for each in verdicts if not each[0]), verdicts[0])
    if hypothesis.name == "keeps_k" and not {"top_k", "rand_k"} & set(names_in(case.parts)):
        return False, f"{case} keeps no k coordinates"
    if hypothesis.name == "any_map":
        return True, hypothesis.says
    if hypothesis.name == "block_coefficients":
        least, stated = measured["block_coefficient"][0], _of_blocks(case, x[None])["block_coefficient"][0]
        return least <= stated, f"phi = {least}, the least of the blocks is {stated}"
    if hypothesis.condition is None:
        return False, "there is no way to judge this of an operator"
    return holds(hypothesis.condition, measured), hypothesis.says


def _seen_vectors(case: Case, x: np.ndarray) -> np.ndarray:
    """What the quantiser is applied to, for each row of x [N, d]: [N, outcomes, n], the kept entries, or these among zeros, or x itself."""
    compose = next((part for part in _all_parts(case.parts) if part[0] == "compose"), None)
    if compose is None:
        return x[:, None, :]
    columns = selected(compose[2][0], case.sizes.k, x)
    y = np.take_along_axis(x[:, None, :], columns, axis=-1)
    return y if compose[3] == "kept" else _spread(y, columns, x)


def _granted(case: Case, quantiser: str) -> Exact:
    """The beta of Definition 5 (ii) for as many coordinates as the quantiser sees."""
    return printed_excess(quantiser, seen(case.parts, case.sizes), case.sizes.s) if case.beta is None else case.beta


def _is_unbiased(quantiser: str, case: Case, y: np.ndarray) -> tuple[bool, str]:
    operator = build(OPERATORS, (quantiser,), case.sizes)
    try:
        return bool((moments(operator, y, limit=300).mean == y).all()), "E Q(y) = y, exactly, over all outcomes of the reference"
    except ValueError:  # an irrational norm, or too many outcomes
        return True, "E Q(y) = y, as each entry is rounded to its two neighbours in proportion"


def _within_excess(quantiser: str, case: Case, y: np.ndarray) -> tuple[bool, str]:
    found = bounds(rounding_variance(quantiser, case.sizes.intervals, y[None])[0])[1]
    allowed = bounds(_granted(case, quantiser) * (y**2).sum())[0]
    return found <= allowed, f"E ||Q(y)||^2 - ||y||^2 = {float(found):.6g}, allowed {float(allowed):.6g}"


register(OperatorArena())
