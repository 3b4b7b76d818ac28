"""What QPRSGD says of vectors alone: chains of quantisers, the bits of a quantised vector, mixing matrices, discounted sums.

Every kind of case is drawn and measured by a few functions on arrays [batch, ...]: floats for the search, Fractions for the verdict.
QSGD is summed over all its outcomes; the last quantiser of a chain needs only its variance. Roots and logarithms become enclosures, and so
do the moments of long chains, whose outcomes are too many.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any, ClassVar, NamedTuple, Protocol

import mpmath
import numpy as np
import sympy as sp

from reference.exact import is_exact
from reference.topology import chain, erdos_renyi, exponential, metropolis, ring, star, torus
from validation.attack import Effort
from validation.floors import Array, floor_of, product_of, repeated, tiled, total
from validation.long_chains import error_ceiling, error_floor
from validation.quantities import Exact, Interval, bounds, evaluate, root
from validation.runs import round_off_is_0

Structure = dict[str, Any]
"""What does not vary in a batch: whole numbers, names, and W as nested lists of "p/q"."""
Arrays = dict[str, np.ndarray]


class Kind(Protocol):
    """One kind of case. `units`: of each array, as powers of position and loss."""

    units: ClassVar[Mapping[str, tuple[int, int]]]

    def draw(self, setting: Mapping[str, Any], effort: Effort, rng: np.random.Generator) -> Iterator[tuple[Structure, Arrays]]:
        """Batches of cases in floats, edges among them."""
        ...

    def measure(self, structure: Structure, arrays: Arrays) -> dict[str, np.ndarray]:
        """Letters [batch], quantities [batch, times]; "G" says how large a case is. Raises: ValueError where no exact answer is known."""
        ...


def full(value: Any, beside: np.ndarray) -> np.ndarray:
    """One number for every case of a batch."""
    if not is_exact(beside):
        return np.full(len(beside), float(value))
    return np.full(len(beside), value if isinstance(value, Interval) else Fraction(value), dtype=object)


# ---- QSGD, on floats, Fractions and enclosures ----


class Rounding(NamedTuple):
    """QSGD at vectors [..., n] of any floor: norm [..., 1], sign, the level below |v_i| s / ||v|| and the chance of the one above."""

    norm: Array
    sign: Array
    level: Array
    chance: Array

    def variance(self, intervals: int) -> Array:
        """E ||Q(v) - v||^2, [...]."""
        width = self.norm[..., 0] / (Fraction(intervals) if self.norm.dtype == object else intervals)
        return width * width * total(self.chance * (1 - self.chance), -1)

    def outcome(self, rises: Array, intervals: int) -> Array:
        """Q(v) where the coordinates that `rises` marks are rounded up."""
        return self.norm * self.sign * (self.level + rises) / (Fraction(intervals) if self.norm.dtype == object else intervals)


def rounding(v: Array, intervals: int) -> Rounding:
    """How QSGD rounds v; nothing to round at v = 0. Raises: ValueError where an enclosure leaves a sign or a level open."""
    if v.dtype == object:
        sign = np.frompyfunc(_sign, 1, 1)(v)
        size = sign * v
        norm = np.frompyfunc(lambda total: root(total, 2), 1, 1)((size * size).sum(-1, keepdims=True))
        position = short(
            size * Fraction(intervals) / np.frompyfunc(lambda found: found if bounds(found)[1] > 0 else Fraction(1), 1, 1)(norm)
        )
        level = np.frompyfunc(_floor, 1, 1)(position)
        return Rounding(norm, sign, level, position - level)
    xp = floor_of(v).xp
    norm = xp.sqrt(total(v * v, -1))[..., None]
    position = (xp.abs(v) * intervals / xp.where(norm > 0, norm, 1)).clip(max=intervals)
    level = xp.floor(position)
    return Rounding(norm, xp.sign(v), level, position - level)


_GRID = 1 << 200


def short(values: Array) -> Array:
    """Enclosures rounded outwards to a fixed grid, so that they do not grow from hop to hop; floats and Fractions as they are."""
    return values if values.dtype != object else np.asarray(np.frompyfunc(_short, 1, 1)(values), dtype=object)


def _short(value: Any) -> Any:
    if not isinstance(value, Interval):
        return value
    return Interval(Fraction(math.floor(value.low * _GRID), _GRID), Fraction(math.ceil(value.high * _GRID), _GRID))


def _sign(value: Any) -> int:
    low, high = bounds(value)
    if low < 0 < high:
        raise ValueError(f"the sign of {value} is not certain")
    return int(high > 0) - int(low < 0)


def _floor(value: Any) -> Fraction:
    low, high = (math.floor(end) for end in bounds(value))
    if low != high:
        raise ValueError(f"the level below {value} is not certain")
    return Fraction(low)


def rises(n: int) -> np.ndarray:
    """All ways to round n coordinates, [2^n, n], 1 where up."""
    return np.array(list(product((0, 1), repeat=n)), dtype=int).reshape(1 << n, n)


class Hop(NamedTuple):
    """One quantiser of a chain: what it quantises [batch, outcomes, n], how likely that is [batch, outcomes], and how it rounds."""

    v: Array
    weight: Array
    rounded: Rounding


def hops(w: Array, weight: Array, intervals: int) -> Iterator[Hop]:
    """Each S_i = Q(S_(i-1) + w^i), S_0 = 0, over all outcomes of those before it: every path becomes that many, one after the other.

    `w` [batch, paths, workers, n] of any floor, `weight` [batch, paths].
    """
    workers, n = w.shape[2:]
    state, up = w[:, :, 0] * 0, floor_of(w).take(rises(n))
    for i in range(workers):
        v = state + on_outcomes(w[:, :, i], state)
        rounded = rounding(v, intervals)
        yield Hop(v, weight, rounded)
        if i + 1 < workers:
            each = Rounding(*(repeated(part, len(up), 1) for part in rounded))
            which = tiled(up, v.shape[1])
            likely = product_of(floor_of(w).xp.where(which > 0, each.chance, 1 - each.chance))
            weight = short(repeated(weight, len(up), 1) * likely)
            state = short(each.outcome(which, intervals))


def on_outcomes(values: Array, like: Array) -> Array:
    """Something of each path [batch, paths, n], for each outcome of `like` [batch, outcomes, n]; as it is where there is one path."""
    paths = values.shape[1]
    return values if paths == 1 else repeated(values, like.shape[1] // paths, 1)


def chain_error(w: Array, weight: Array, intervals: int) -> Array:
    """E ||S_M - (w^1 + ... + w^M)||^2 of `hops`, [batch]."""
    *_, last = hops(w, weight, intervals)
    return _error(last, on_outcomes(total(w, 2), last.v), last.rounded.variance(intervals))


def _error(hop: Hop, exact: Array, variance: Array) -> Array:
    """E ||Q(v) - exact||^2, [batch], for `exact` [batch, outcomes or 1, n], where Q has the variance [batch, outcomes]."""
    away = hop.v - exact
    return (hop.weight * (total(away * away, -1) + variance)).sum(-1)


def chained(w: np.ndarray, intervals: int) -> dict[str, np.ndarray]:
    """Moments of a chain of `hops` on vectors w [batch, workers, n], over all outcomes of all quantisers but the last.

    Partial errors, sums and the noise of each step for i = 0..workers; the first quantiser alone; the rest for the whole chain.
    """
    sums = np.concatenate([w[:, :1] * 0, np.cumsum(w, axis=1)], axis=1)
    nothing = w[:, 0, 0] * 0
    errors, noises, seconds = [nothing], [nothing], [nothing]
    for i, hop in enumerate(hops(w[:, None], w[:, :1, 0] * 0 + 1, intervals)):
        variance = hop.rounded.variance(intervals)
        noises.append((hop.weight * variance).sum(-1))
        errors.append(_error(hop, sums[:, i + 1, None], variance))
        seconds.append((hop.weight * ((hop.v * hop.v).sum(-1) + variance)).sum(-1))
    sums_sq = (sums * sums).sum(-1)
    inputs = (w * w).sum(-1)
    return {
        "chain_error_sq": errors[-1],
        "chain_second_sq": seconds[-1],
        "chain_before_sq": seconds[-2],
        "chain_before_sum_sq": sums_sq[:, -2],
        "chain_sum_sq": sums_sq[:, -1],
        "chain_inputs_sq": inputs.sum(-1),
        "chain_first_sq": inputs[:, 0],
        "chain_last_sq": inputs[:, -1],
        "image_sq": seconds[1],
        "x_sq": inputs[:, 0],
        "chain_partial_error_sq": np.stack(errors, axis=-1),
        "chain_partial_sum_sq": sums_sq,
        "chain_step_noise_sq": np.stack(noises, axis=-1),
    }


def enclosed(w: np.ndarray, intervals: int, bins: int) -> dict[str, np.ndarray]:
    """Moments of a whole chain of any length on vectors w [batch, workers, 2]: enclosures, of which floats are the lower ends."""
    exact = is_exact(w)
    errors = []
    for each in w:
        below = error_floor(each.astype(float), intervals, bins)
        errors.append(Interval(Fraction(below), error_ceiling(each, intervals)) if exact else below)
    error = np.array(errors, dtype=w.dtype)
    sum_sq = (w.sum(1) ** 2).sum(-1)
    return {"chain_error_sq": error, "chain_second_sq": error + sum_sq, "chain_sum_sq": sum_sq, "chain_inputs_sq": (w * w).sum((1, 2))}


_SHARE = sp.Symbol("d") / (4 * sp.Symbol("intervals") ** 2)
_M = sp.Symbol("workers")
CONSTANTS = {
    "exponential": sp.exp(_SHARE),
    "ring_constant": sp.exp(_SHARE) / _M + (_SHARE / _M + 1) ** (_M - 1) / _SHARE - 1 / _SHARE - 1,
    "chain_constant": (((_SHARE / _M + 1) ** (_M + 1) - 1) * _M / _SHARE - 1 - _M) / (2 * _M),
}
"""Letters of the ring that d, s and M determine: exp(d / (4 s^2)), C_1 of Lemma 1, and what stands for it by the improved one."""


def ring_letters(workers: int, d: int, intervals: int, beside: np.ndarray) -> dict[str, np.ndarray]:
    """M, d, s, and what they determine."""
    out = {name: full(value, beside) for name, value in (("workers", workers), ("d", d), ("intervals", intervals))}
    known = _constants(workers, d, intervals, is_exact(beside))
    return out | {name: np.repeat(value, len(beside)) for name, value in known.items()}


@cache
def _constants(workers: int, d: int, intervals: int, exact: bool) -> dict[str, np.ndarray]:
    """Each of `CONSTANTS`, [1]."""
    beside = np.zeros(1, dtype=object if exact else float)
    known = {name: full(value, beside) for name, value in (("workers", workers), ("d", d), ("intervals", intervals))}
    return {name: evaluate(formula.subs(_M, workers), known)[0] for name, formula in CONSTANTS.items()}


LONG_CHAINS = ((32, 4, 300, 0), (64, 6, 300, 0), (128, 8, 600, 8), (256, 12, 900, 24))
"""Workers, s, bins of the norm (more of both ask for more of them), and the moves of an effort that has the time."""


@dataclass(frozen=True)
class Chain:
    """w^1, ..., w^M: "segment", where they are one of M segments, so that d is M times their length, or "whole".

    With `bins` of the norm for its enclosure, where a chain is long.
    """

    units: ClassVar[Mapping[str, tuple[int, int]]] = {"w": (1, 0)}

    def draw(self, setting: Mapping[str, Any], effort: Effort, rng: np.random.Generator) -> Iterator[tuple[Structure, Arrays]]:
        for (workers, n), s in product(((1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (2, 3), (3, 3), (2, 4), (3, 4), (4, 1)), (1, 2, 4)):
            count = effort.instances if n * (workers - 1) <= 4 else max(effort.instances // 3, 8)
            w = rng.integers(-12, 13, (count, workers, n)) / 4
            w[::3] = np.abs(w[::3, :1]) + rng.integers(0, 3, (len(w[::3]), workers, n)) / 64  # all alike, or nearly
            w[1::6] = 1 + rng.integers(0, 3, (len(w[1::6]), workers, n)) / 64  # flat
            yield {"quantise": setting.get("quantise", "segment"), "intervals": s}, {"w": w}
        if setting.get("quantise", "segment") == "segment":
            for workers, s, bins in (each for *each, moves in LONG_CHAINS if effort.moves >= moves):
                w = np.arange(workers, 0, -1.0)[:, None] * [4, 3]  # what comes first is quantised most often
                yield {"quantise": "segment", "intervals": s, "bins": bins}, {"w": w[None]}

    def measure(self, structure: Structure, arrays: Arrays) -> dict[str, np.ndarray]:
        w, s = arrays["w"], int(structure["intervals"])
        _, workers, n = w.shape
        if structure["quantise"] not in ("segment", "whole"):
            raise ValueError(f'quantise must be "segment" or "whole", got {structure["quantise"]!r}')
        moments = enclosed(w, s, int(structure["bins"])) if "bins" in structure else chained(w, s)
        found = moments | ring_letters(workers, n * workers if structure["quantise"] == "segment" else n, s, w)
        return found | {"G": np.abs(w).max((1, 2))}


@dataclass(frozen=True)
class Code:
    """One quantised vector v on the wire, after a header of 32 bits."""

    units: ClassVar[Mapping[str, tuple[int, int]]] = {"v": (1, 0)}

    def draw(self, setting: Mapping[str, Any], effort: Effort, rng: np.random.Generator) -> Iterator[tuple[Structure, Arrays]]:
        for d, s in product((1, 2, 3, 5, 8, 16, 33, 64), (1, 2, 3, 7, 16)):
            v = rng.integers(-8, 9, (effort.instances, d)) / 4
            v[::4] = np.eye(1, d)  # one entry
            v[1::4] = 1  # flat
            yield {"intervals": s}, {"v": v}

    def measure(self, structure: Structure, arrays: Arrays) -> dict[str, np.ndarray]:
        v, s = arrays["v"], int(structure["intervals"])
        found = rounding(v, s)

        def expected(of_level: Any) -> np.ndarray:
            """The sum over coordinates of E of a function of the level."""
            low, high = (np.frompyfunc(of_level, 1, 1)(found.level + step) for step in (0, 1))
            return _plain(((1 - found.chance) * low + found.chance * high).sum(-1), v)

        digits = lambda level: int(level + 1).bit_length()  # noqa: E731
        log2 = _log2 if is_exact(v) else lambda value: math.log2(value)
        gamma, described, smooth = (
            expected(each) for each in (lambda z: 2 * digits(z) - 1, lambda z: 2 * digits(z), lambda z: 2 * log2(z + 1) + 1)
        )
        fixed, next_squares = full(32 + v.shape[-1], v), expected(lambda z: (z + 1) * (z + 1))
        return {
            "d": full(v.shape[-1], v),
            "intervals": full(s, v),
            "header_bits": full(32, v),
            "x_sq": (v * v).sum(-1),
            "nonzeros": expected(lambda z: int(z > 0)),
            "level_sum": expected(lambda z: z),
            "large_entries": _plain((found.level >= 1).sum(-1) + full(0, v), v),
            "small_level_sum": _plain(np.where(found.level >= 1, 0, found.chance).sum(-1), v),
            "level_sq_sum": expected(lambda z: z * z),
            "next_level_sq_sum": next_squares,
            "bound": next_squares,
            "code_bits": fixed + gamma,
            "code_bits_as_described": fixed + described,
            "code_bits_smooth": fixed + smooth,
            "G": np.abs(v).max(-1),
        }


def _plain(values: np.ndarray, beside: np.ndarray) -> np.ndarray:
    return values if is_exact(beside) else values.astype(float)


@cache
def _log2(value: Fraction) -> Fraction | Interval:
    """log2 of a positive whole number: exact at powers of two, else enclosed."""
    whole = int(value)
    if whole & (whole - 1) == 0:
        return Fraction(whole.bit_length() - 1)
    iv = mpmath.iv
    found = iv.log(iv.mpf(whole)) / iv.log(iv.mpf(2))
    return Interval(*(Fraction(*mpmath.libmp.to_rational(end._mpi_[0])) for end in (found.a, found.b)))


# ---- mixing matrices ----


def mixings(workers: int) -> list[list[list[str]]]:
    """Matrices W with rational eigenvalues for 2, 3 or 4 workers, those with a negative one, and one that hardly mixes, among them."""
    one = np.full((workers, workers), Fraction(1, workers), dtype=object)
    own = np.array([[Fraction(int(i == j)) for j in range(workers)] for i in range(workers)], dtype=object)
    shares = (Fraction(1), Fraction(1, 2), Fraction(3, 2) if workers == 2 else Fraction(5, 4), Fraction(1, 64))
    blends = [(1 - share) * own + share * one for share in shares]
    graphs = {3: (chain,), 4: (ring, star)}.get(workers, ())
    found = [*blends, *(metropolis(graph(workers), exact=True) for graph in graphs)]
    return [written(W) for W in found if (W >= 0).all()]


def networks(rng: np.random.Generator) -> list[list[list[str]]]:
    """Metropolis weights of larger graphs: a torus, the smallest exponential one that is not complete, and random ones of 4 and 5 workers.

    A random one joins any two workers with probability 1/2, and is drawn again until it is connected.
    """

    def drawn(workers: int) -> np.ndarray:
        while True:
            graph = erdos_renyi(rng.random((workers, workers)), 0.5)
            if np.linalg.matrix_power(graph | np.eye(workers, dtype=bool), workers).all():
                return graph

    return [written(metropolis(graph, exact=True)) for graph in (torus(2, 3), exponential(6), drawn(4), drawn(5))]


def written(W: np.ndarray) -> list[list[str]]:
    return [[str(x) for x in row] for row in W]


def read_mixing(rows: list[list[str]], exact: bool) -> np.ndarray:
    W = np.array([[Fraction(x) for x in row] for row in rows], dtype=object)
    return W if exact else W.astype(float)


_CLOSE = sp.Rational(1, 10**40)  # of enclosures of eigenvalues that are irrational


def spectrum(rows: list[list[str]]) -> tuple[Exact, Exact]:
    """rho and the largest |lambda - 1| of W, rational or enclosed; 0, 0 for one worker.

    Raises: ValueError for a W that is not symmetric, or does not have the eigenvalue 1.
    """
    return _spectrum(tuple(map(tuple, rows)))


@cache
def _spectrum(rows: tuple[tuple[str, ...], ...]) -> tuple[Exact, Exact]:
    W, z = sp.Matrix([[sp.Rational(x) for x in row] for row in rows]), sp.Symbol("z")
    others, rest = sp.div(sp.Poly(W.charpoly(z).as_expr(), z), sp.Poly(z - 1, z))
    if not W.is_symmetric() or not rest.is_zero:
        raise ValueError(f"W must be symmetric and have the eigenvalue 1, got {W.tolist()}")
    ends = [interval for factor, _ in others.factor_list()[1] for interval, _ in factor.intervals(eps=_CLOSE)]
    values = [Interval(*(Fraction(int(end.p), int(end.q)) for end in each)) for each in ends]
    return _farthest(values, Fraction(0)), _farthest(values, Fraction(1))


def _farthest(values: list[Interval], away_from: Fraction) -> Exact:
    """The largest distance; 0 from nothing."""
    low = max((max(each.low - away_from, away_from - each.high, Fraction(0)) for each in values), default=Fraction(0))
    high = max((max(each.high - away_from, away_from - each.low) for each in values), default=Fraction(0))
    return low if low == high else Interval(low, high)


@dataclass(frozen=True)
class Matrix:
    """Any X [n, workers], one column a worker, under powers of W."""

    units: ClassVar[Mapping[str, tuple[int, int]]] = {"X": (1, 0)}
    POWERS = 6

    def draw(self, setting: Mapping[str, Any], effort: Effort, rng: np.random.Generator) -> Iterator[tuple[Structure, Arrays]]:
        for workers in (2, 3, 4):
            for W in mixings(workers):
                yield self._cases(W, effort, rng)
        for W in networks(rng) if effort.moves else ():
            yield self._cases(W, effort, rng)

    @staticmethod
    def _cases(W: list[list[str]], effort: Effort, rng: np.random.Generator) -> tuple[Structure, Arrays]:
        X = rng.integers(-8, 9, (effort.instances, 2, len(W))) / 4
        X[::4, :, 1:] = 0
        X[1::4] -= X[1::4].mean(-1, keepdims=True)
        return {"W": W}, {"X": X}

    def measure(self, structure: Structure, arrays: Arrays) -> dict[str, np.ndarray]:
        X = arrays["X"]
        W = read_mixing(structure["W"], is_exact(X))
        mean = X.sum(-1, keepdims=True) / (Fraction(len(W)) if is_exact(X) else len(W))
        power, deviations = X, []
        for _ in range(self.POWERS):
            deviations.append(((power - mean) ** 2).sum((1, 2)))
            power = power.dot(W)
        rho, spread = spectrum(structure["W"])
        return {
            "workers": full(len(W), X),
            "rho": full(rho, X),
            "spread": full(spread, X),
            "matrix_sq": (X**2).sum((1, 2)),
            "later_columns_sq": (X[..., 1:] ** 2).sum((1, 2)),
            "moved_sq": ((X.dot(W) - X) ** 2).sum((1, 2)),
            "mixed_deviation_sq": np.stack([round_off_is_0(each, (X**2).sum((1, 2))) for each in deviations], axis=-1),
            "G": np.abs(X).max((1, 2)),
        }


def discounted_before(b: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Of b [batch, k], for each t the sum over h < t of rho^(t - h - 1) b_h; rho [batch]."""
    found = [b[:, 0] * 0]
    for each in b.T[:-1]:
        found.append(rho * found[-1] + each)
    return np.stack(found, axis=-1)


@dataclass(frozen=True)
class Discounted:
    """Nonnegative b_1, ..., b_k and a discount rho in [0, 1).

    Where rounds are discounted, b_t is what the norms of round t add up to, over `gap` steps that are all alike, or the norm of its noise.
    """

    units: ClassVar[Mapping[str, tuple[int, int]]] = {"b": (0, 0), "rho": (0, 0)}

    def draw(self, setting: Mapping[str, Any], effort: Effort, rng: np.random.Generator) -> Iterator[tuple[Structure, Arrays]]:
        for gap, k in product((1, 3), (1, 2, 5, 20)):
            b = rng.integers(0, 9, (effort.instances, k)) / 4
            b[::3] = 1
            yield {"gap": gap}, {"b": b, "rho": rng.choice([0.0, 0.25, 0.5, 0.875], effort.instances)}

    def measure(self, structure: Structure, arrays: Arrays) -> dict[str, np.ndarray]:
        b, rho = arrays["b"], arrays["rho"]
        a = rho[:, None] * discounted_before(b, rho) + b
        gap = full(int(structure["gap"]), rho)
        before = (discounted_before(b, rho) ** 2).sum(-1)
        return {
            "rho": rho,
            "rounds": full(b.shape[1], rho),
            "gap": gap,
            "eta": full(1, rho),
            **dict.fromkeys(("discounted_squared_progress", "discounted_norms_sq"), before),
            "discounted_noise_sq": discounted_before(b**2, rho**2).sum(-1),
            **dict.fromkeys(("round_progress_sq", "round_norms_sq", "quantisation_noise_sq"), b**2),
            "round_stochastic_sq": b**2 / gap[:, None],
            "discounted_sum": a.sum(-1),
            "discounted_sq_sum": (a**2).sum(-1),
            "sequence_sum": b.sum(-1),
            "sequence_sq_sum": (b**2).sum(-1),
            "G": b.sum(-1),
        }
