"""Long runs of QPRSGD in which QSGD rounds: all coordinates alike, so that second moments close, but for the noise, which is bounded twice.

Each of the d coordinates has the same function, tilts, start, and noise of the same sign. Errors of QSGD at different coordinates are
uncorrelated, given all before: so moments E z_i z_j of different coordinates i, j are those of the run without QSGD, exactly (P), and the
second moment of one coordinate is that and what QSGD adds, D. With X = sum over i != j of v_i v_j and S = ||v||^2 of what is rounded,

    c X + b S <= E ||Q(v) - v||^2 <= a S,

so that D is bounded below and above by linear recursions of their own, driven by P: as a whole, one matrix a round. The lower bound sums
up p (1 - p) >= -y^2 + (2 l + 1) y - l (l + 1), y = s |v_i| / ||v||, for the level l below s / sqrt(n), with ||v||_1 >= ||v|| + X / ((1 +
sqrt(n)) ||v||), as the root is concave. Both ends meet where all |v_i| are the same and half way between two levels.

On a ring a segment of n = d / M coordinates has noise from every hop, and its hops begin at a worker of its own: where workers differ, so
does D between segments; P does not. From some four hops on the errors of those before are larger than the steps between levels, and the
lower bound of the noise is 0: chains of more workers are `validation.long_chains`. Shapes: z [workers] of one coordinate at the start of
a round (of the ring one, all having the same); states [batch, m], the triangles of P and of both ends of D, for each kind of segments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import chain, product
from math import isqrt
from operator import mul
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from reference.exact import is_exact, rationals
from theory.claim import Reading, Relation
from theory.symbols import QUANTITIES, i, rho, start_loss, t
from theory.symbols import H as GAP
from theory.symbols import rounds as ROUNDS
from validation import gossip, moments, nearby
from validation.attack import Attack, Effort, Instance, Replay, generator, pooled, register
from validation.chains import Arrays, Structure, mixings, networks, read_mixing
from validation.hypotheses import free_of
from validation.letters import replayed
from validation.quantities import Interval, NotMeasured, bounds, root
from validation.runs import Group, fractions, joined, search

# ---- QSGD on vectors of n coordinates ----


class Ends(NamedTuple):
    """c, b and a: of X, of S, and of S from above."""

    cross: Fraction
    squares: Fraction
    above: Fraction


def ends_of_qsgd(n: int, s: int) -> Ends:
    """c X + b S <= E ||Q(v) - v||^2 <= a S for every v of n coordinates: Lemma 5 of QPRSGD from above, improved where 4 s^2 <= n.

    Of one coordinate nothing is rounded.
    """
    if n == 1:
        return Ends(Fraction(0), Fraction(0), Fraction(0))
    side = bounds(root(Fraction(n), 2))[1]
    level = isqrt(s * s // n)
    middle = Fraction(2 * level + 1, s)
    cross, squares = middle / (1 + side), middle - 1 - Fraction(n * level * (level + 1), s * s)
    if level * level * n == s * s:  # nothing to round where all are the same: 0 is as good
        cross = squares = Fraction(0)
    above = Fraction(n, 4 * s * s)
    return Ends(cross, squares, min(above, side / s - 1) if 4 * s * s <= n else above)


# ---- one round, as a matrix ----


class Quantity(NamedTuple):
    """Rows [batch, m] of a state: the quantity without QSGD, and its ends."""

    plain: np.ndarray
    low: np.ndarray
    high: np.ndarray


class Round:
    """A batch of rounds of one structure: arrays of one coordinate, which stands for all d.

    Raises: ValueError for what is no quadratic.
    """

    def __init__(self, structure: Structure, arrays: Arrays, eta: np.ndarray) -> None:
        self.ring, self.K, self.d = structure["of"] == "ring", int(structure["gap"]), int(structure["d"])
        self.tilts, self.size = arrays["tilts"][..., 0], arrays["noise"][..., 0]  # [batch, workers]
        self.B, self.M = self.tilts.shape
        self.exact = is_exact(self.tilts)
        if arrays["tilts"].shape[-1] != 1 or arrays["bends"].size:
            raise ValueError("all coordinates alike are written as one, of a quadratic")
        if (arrays["curvature"] < 0).any():
            raise ValueError("a long run needs losses that do not curve downwards")
        if self.d % (self.M if self.ring else 1):
            raise ValueError(f"segments must be as long as each other, got d = {self.d} and {self.M} workers")
        self.curvature, self.slope, self.eta = arrays["curvature"][:, 0], arrays["slope"][:, 0], eta
        self.length = self.d // (self.M if self.ring else 1)  # of what is rounded together
        self.ends = ends_of_qsgd(self.length, int(structure["intervals"]))
        self.kinds = self.kinds_of_segments()
        self.W = None if self.ring else read_mixing(structure["W"], self.exact)
        self.n = 1 if self.ring else self.M
        self.triangle = len(moments.triangle(self.n)[0])
        self.states = (1 + 2 * len(self.kinds)) * self.triangle
        self.start = np.repeat(arrays["start"] - self.about_minimiser()[:, None], self.n, axis=1)
        one = self.number(1)
        self.shrink, self.way, self.spread = [eta * 0 + one], [eta * 0], [eta * 0]
        for _ in range(self.K):  # local_k = shrink z + way (tilt - slope) + noise of variance spread size^2
            factor = 1 - eta * self.curvature
            self.shrink.append(self.shrink[-1] * factor)
            self.way.append(self.way[-1] * factor + eta)
            self.spread.append(self.spread[-1] * factor * factor + eta * eta)

    def kinds_of_segments(self) -> dict[int, int]:
        """How many segments are as the one whose hops begin at a worker; all coordinates as one without a ring."""
        found: dict[int, int] = {}
        for j in range(self.M if self.ring else 1):
            own = [np.roll(each, -j, axis=1) for each in (self.tilts, self.size)]
            like = (i for i in found if all((np.roll(a, -i, axis=1) == b).all() for a, b in zip((self.tilts, self.size), own, strict=True)))
            first = next(like, j)
            found[first] = found.get(first, 0) + 1
        return found

    def about_minimiser(self) -> np.ndarray:
        """Moves the origin to the minimiser of F, where it has one: what is 0 there is, without any round-off."""
        tilt = self.tilts.sum(1) / self.number(self.M)
        curved = self.curvature > 0
        minimiser = np.where(curved, (tilt - self.slope) / np.where(curved, self.curvature, self.number(1)), tilt * 0)
        self.tilts = self.tilts - np.where(curved, tilt, tilt * 0)[:, None]
        self.slope = np.where(curved, tilt * 0, self.slope)
        return minimiser

    def number(self, value: Any) -> Any:
        return Fraction(value) if self.exact else float(value)

    def zeros(self, *shape: int) -> np.ndarray:
        return np.zeros((self.B, *shape), dtype=object if self.exact else float) + self.number(0)

    # affine functions of y = (1, z), [batch, rows, n + 1]

    def at(self, m: int) -> np.ndarray:
        found = self.zeros(1, self.n + 1)
        found[:, 0, 1 + (0 if self.ring else m)] = self.number(1)
        return found

    def local(self, m: int, k: int) -> np.ndarray:
        """What is expected of the local iterate of worker m after k steps; its noise has variance spread_k size_m^2."""
        found = self.shrink[k][:, None, None] * self.at(m)
        found[:, 0, 0] = self.way[k] * (self.tilts[:, m] - self.slope)
        return found

    def noise(self, k: int) -> np.ndarray:
        """[batch, workers]."""
        return self.spread[k][:, None] * self.size**2

    def noise_of_gradients(self, k: int) -> np.ndarray:
        """Of the sum of a worker's gradients at its first k local iterates, [batch, workers]: a noise moves all iterates after it."""
        kept, found = self.eta * 0 + 1, self.eta * 0
        for _ in range(k):
            found, kept = found + (1 - kept) ** 2, kept * (1 - self.eta * self.curvature)
        return found[:, None] * self.size**2

    def mean(self, each: Callable[[int], np.ndarray]) -> np.ndarray:
        return sum(each(m) for m in range(self.M)) / self.number(self.M)

    def gradient(self, x: np.ndarray, tilt: np.ndarray) -> np.ndarray:
        found = self.curvature[:, None, None] * x
        found[:, 0, 0] = found[:, 0, 0] + self.slope - tilt
        return found

    # rows of a state

    def across(self, v: np.ndarray, fresh: Any = 0) -> np.ndarray:
        """E v_i v_j of different coordinates: v = V y and noise of variance `fresh`, the same at all coordinates."""
        found = self.zeros(self.states)
        found[:, : self.triangle] = moments.square(v)
        found[:, 0] = found[:, 0] + fresh
        return found

    def block(self, kind: int, end: int) -> slice:
        """Where a state has D of a kind of segments, from above (0) or below (1)."""
        at = 1 + 2 * kind + end
        return slice(at * self.triangle, (at + 1) * self.triangle)

    def added(self, v: np.ndarray, kind: int, end: int) -> np.ndarray:
        """What QSGD has added to E v_i^2 in a kind of segments, from above (0) or below (1)."""
        found, moving = self.zeros(self.states), v.copy()
        moving[..., 0] = moving[..., 0] * 0
        found[:, self.block(kind, end)] = moments.square(moving)
        return found

    def over_all(self, of_kinds: Iterable[np.ndarray]) -> np.ndarray:
        """The sum over all d coordinates of what each has in its kind of segments."""
        counts = (self.number(count * self.length) for count in self.kinds.values())
        return sum(map(mul, counts, of_kinds), self.zeros(self.states))

    def added_to_all(self, v: np.ndarray, end: int) -> np.ndarray:
        """What QSGD has added to E ||v||^2."""
        return self.over_all(self.added(v, kind, end) for kind in range(len(self.kinds)))

    def squared(self, v: np.ndarray, fresh: Any = 0) -> Quantity:
        """E ||v||^2 over all d coordinates."""
        plain = self.number(self.d) * self.across(v, fresh)
        high, low = (plain + self.added_to_all(v, end) for end in (0, 1))
        return Quantity(plain, low, high)

    def rounded(self, v: np.ndarray, fresh: Any, kind: int = 0, before: Any = 0) -> tuple[np.ndarray, np.ndarray]:
        """The variance of QSGD at one coordinate of v, from below and above; `before`: what else it has in E v_i^2, from above."""
        cross, squares, above = (self.number(each) for each in self.ends)
        plain = self.across(v, fresh)
        most = plain + self.added(v, kind, 0) + before
        return cross * self.number(self.length - 1) * plain + squares * most, above * most

    def quantised(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """The error per coordinate at the end of the round, from both sides: of each z, or of the mean in each kind of segments."""
        noise, M, found = self.noise(self.K), self.M, []
        if not self.ring:
            return [self.rounded(self.difference(m), noise[:, m]) for m in range(M)]
        for kind, first in enumerate(self.kinds):
            total, fresh = self.at(0) * 0, noise[:, 0] * 0
            low = high = self.zeros(self.states)
            for m in [*range(first, M), *range(first)]:
                total, fresh = total + self.at(m) - self.local(m, self.K), fresh + noise[:, m]
                below, above = self.rounded(total, fresh, kind, high)
                low, high = low + below, high + above
            found.append((low / self.number(M * M), high / self.number(M * M)))
        return found

    def difference(self, m: int) -> np.ndarray:
        return self.mixed(m) - self.at(m) - (self.at(m) - self.local(m, self.K))

    def mixed(self, m: int) -> np.ndarray:
        assert self.W is not None
        return sum(self.W[m, j] * self.at(j) for j in range(self.M))

    def matrix(self, errors: list[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
        """[batch, m, m]."""
        A, noise, size = self.zeros(self.n + 1, self.n + 1), self.zeros(self.n, self.n), self.triangle
        A[:, 0, 0] = self.number(1)
        if self.ring:
            A[:, 1:] = self.mean(lambda m: self.local(m, self.K))
            noise[:, 0, 0] = self.noise(self.K).sum(1) / self.number(self.M**2)
        else:
            for m in range(self.M):
                A[:, 1 + m] = (self.mixed(m) - self.at(m) + self.local(m, self.K))[:, 0]
                noise[:, m, m] = self.noise(self.K)[:, m]
        found = self.zeros(self.states, self.states)
        found[:, :size, :size] = moments.step([(self.number(1), A)], noise)
        A = A.copy()
        A[:, 1:, 0] = A[:, 1:, 0] * 0
        squared, (I, J) = moments.step([(self.number(1), A)]), moments.triangle(self.n)
        for kind, end in product(range(len(self.kinds)), (0, 1)):
            place = self.block(kind, end)
            found[:, place, place] = squared
            for at in np.flatnonzero((I == J) & (I > 0)):
                low, high = errors[kind if self.ring else I[at] - 1]
                row = place.start + at
                found[:, row] = found[:, row] + (low if end else high)
        return found

    def begin(self) -> np.ndarray:
        found = self.zeros(self.states)
        found[:, : self.triangle] = moments.start(self.start)
        return found

    def loss(self) -> Quantity:
        """F at the mean of z."""
        x, half = self.mean(self.at), self.curvature / self.number(2)
        form = half[:, None, None] * x[:, 0, :, None] * x[:, 0, None, :]
        linear = (self.slope - self.tilts.sum(1) / self.number(self.M))[:, None] * x[:, 0] / self.number(2)
        form[:, 0], form[:, :, 0] = form[:, 0] + linear, form[:, :, 0] + linear
        plain = self.zeros(self.states)
        plain[:, : self.triangle] = self.number(self.d) * moments.form(form)
        high, low = (plain + half[:, None] * self.added_to_all(x, end) for end in (0, 1))
        return Quantity(plain, low, high)

    # what is measured of a round

    def quantities(self, errors: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, Callable[[], Quantity]]:
        K, M, many = self.K, self.M, self.number(self.d)
        steps, workers, tilt = range(K), range(M), self.tilts.sum(1) / self.number(M)
        zero = self.zeros(self.states)

        def total(each: Iterator[Quantity], share: Any = 1) -> Quantity:
            return Quantity(*(share * sum(rows) for rows in zip(*each, strict=True)))

        def at_mean(k: int) -> Quantity:
            x = self.mean(lambda m: self.local(m, k))
            fresh = self.noise(k).sum(1) / self.number(M * M)
            return self.squared(self.gradient(x, tilt), self.curvature**2 * fresh)

        def summed(k: int) -> Quantity:
            """The sum of the workers' stochastic gradients."""
            found, own = at_mean(k), (self.size**2).sum(1)
            return Quantity(*(self.number(M * M) * row + many * self.across(self.at(0) * 0, own) for row in found))

        def gradients(k: int, own: int) -> Iterator[Quantity]:
            """Of all workers, with their own noise or without."""
            for m in workers:
                fresh = self.curvature**2 * self.noise(k)[:, m] + own * self.size[:, m] ** 2
                yield self.squared(self.gradient(self.local(m, k), self.tilts[:, m]), fresh)

        def apart(k: int) -> Iterator[Quantity]:
            x, noise = self.mean(lambda m: self.local(m, k)), self.noise(k)
            share = self.number(Fraction(1, M))
            for m in workers:
                yield self.squared(self.local(m, k) - x, (1 - share) ** 2 * noise[:, m] + share**2 * (noise.sum(1) - noise[:, m]))

        def noise_of_quantisers(share: Any) -> Quantity:
            low, high = (share * self.number(self.d) * sum(end) for end in zip(*errors, strict=True))
            return Quantity(zero, low, high)

        def of_mean(variances: np.ndarray) -> np.ndarray:
            return variances.sum(1) / self.number(M * M)

        start = self.mean(self.at)
        progress = [(self.local(m, K) - self.at(m), self.noise(K)[:, m]) for m in workers]
        inverse = 1 / self.eta**2

        def scaled(of: Quantity) -> Quantity:
            return Quantity(*(inverse[:, None] * row for row in of))

        found: dict[str, Callable[[], Quantity]] = {
            "start_gradient_sq": lambda: at_mean(0),
            "round_gradient_sq": lambda: total(at_mean(k) for k in steps),
            "round_mean_gradient_sq": lambda: total(at_mean(k) for k in steps),
            "round_aligned": lambda: total(at_mean(k) for k in steps),
            "round_local_gradient_sq": lambda: total(each for k in steps for each in gradients(k, 0)),
            "round_stochastic_sq": lambda: total(each for k in steps for each in gradients(k, 1)),
            "round_summed_stochastic_sq": lambda: total(summed(k) for k in steps),
            "round_deviation_sq": lambda: total((each for k in steps for each in apart(k)), self.number(Fraction(1, M))),
            "round_progress_sq": lambda: scaled(total(self.squared(*each) for each in progress)),
            "mean_progress_sq": lambda: scaled(
                self.squared(sum(v for v, _ in progress) / self.number(M), sum(fresh for _, fresh in progress) / self.number(M * M))
            ),
            "worker_progress_sq": lambda: scaled(self.squared(*progress[0])),
            "worker_gradient_sq": lambda: total(next(gradients(k, 0)) for k in steps),
            "worker_gradient_at_mean_sq": lambda: total(
                self.squared(
                    self.gradient(self.mean(partial(self.local, k=k)), self.tilts[:, 0]), self.curvature**2 * of_mean(self.noise(k))
                )
                for k in steps
            ),
            "worker_deviation_sq": lambda: total(next(apart(k)) for k in steps),
            "round_way_sq": lambda: total(self.squared(self.mean(partial(self.local, k=k)) - start, of_mean(self.noise(k))) for k in steps),
            "mean_exact_progress_sq": lambda: self.squared(
                sum((self.gradient(self.mean(partial(self.local, k=k)), tilt) for k in steps), self.at(0) * 0),
                of_mean(self.noise_of_gradients(K)),
            ),
            "mean_noise_progress_sq": lambda: self.squared(self.at(0) * 0, self.number(K) * of_mean(self.size**2)),
            "noise_apart_sq": lambda: self.squared(self.at(0) * 0, self.number(Fraction(K * (K - 1) * (M - 1), 2)) * of_mean(self.size**2)),
        }
        if self.ring:
            return found | {"ring_noise_sq": lambda: Quantity(zero, *map(self.over_all, zip(*errors, strict=True)))}
        return found | {
            "consensus_sq": lambda: total(self.squared(self.at(m) - start) for m in workers),
            "round_drift_sq": lambda: total(self.squared(self.local(m, k) - start, self.noise(k)[:, m]) for k in steps for m in workers),
            "mixing_move_sq": lambda: total(self.squared(self.mixed(m) - self.at(m)) for m in workers),
            "difference_sq": lambda: total(self.squared(self.difference(m), self.noise(K)[:, m]) for m in workers),
            "quantisation_noise_sq": lambda: noise_of_quantisers(self.number(1)),
            "mean_quantisation_noise_sq": lambda: noise_of_quantisers(self.number(Fraction(1, M * M))),
        }


AVERAGES = {
    "average_gradient_sq": ("start_gradient_sq", False),
    "average_start_mean_gradient_sq": ("start_gradient_sq", False),
    "average_local_gradient_sq": ("round_gradient_sq", True),
    "average_mean_gradient_sq": ("round_mean_gradient_sq", True),
}
"""Means over rounds, or over all local iterations: of what."""
RISE = "mean rise of start_loss"
"""From round to round."""


def measured(structure: Structure, arrays: Arrays, eta: np.ndarray, asked: set[str] | None = None) -> dict[str, np.ndarray]:
    """The "mean" of each quantity over the rounds, and averages, [batch]: enclosures, or floats, the upper end as "most mean ...".

    `asked` leaves out all others. Raises: ValueError where moments grow without bound over a long run.
    """
    a_round, N = Round(structure, arrays, eta), int(structure["rounds"])
    errors = a_round.quantised()
    needed = {AVERAGES[name][0] if name in AVERAGES else name.removeprefix("mean ") for name in asked} if asked is not None else None
    rows = {name: of() for name, of in a_round.quantities(errors).items() if needed is None or name in needed}
    matrix, begun = a_round.matrix(errors), a_round.begin()
    unit = np.eye(begun.shape[1]) if not a_round.exact else rationals(np.eye(begun.shape[1], dtype=int))
    last, sums = moments.sums([moments.watched(matrix, [np.repeat(row[None], a_round.B, axis=0) for row in unit])], N, begun)
    found: dict[str, np.ndarray] = {}

    def put(name: str, quantity: Quantity, state: np.ndarray, share: int) -> None:
        plain, low, high = ((row * state).sum(1) / a_round.number(share) for row in quantity)
        low = moments.larger(plain, low)
        if a_round.exact and max(abs(end) for x in (*low, *high) for end in bounds(x)) > moments.GROWTH**8:
            raise ValueError("moments that grow without bound cannot be told")
        if a_round.exact:
            both = np.array([Interval(bounds(x)[0], bounds(y)[1]) for x, y in zip(low, high, strict=True)], dtype=object)
            found.update({name: both, f"most {name}": both})
        else:
            found.update({name: low, f"most {name}": np.maximum(low, high)})

    for name, quantity in rows.items():
        put(f"mean {name}", quantity, sums, N)
        for average, (of, by_step) in AVERAGES.items():
            if of == name:
                put(average, quantity, sums, N * (a_round.K if by_step else 1))
    if needed is None or RISE.removeprefix("mean ") in needed:
        put(RISE, a_round.loss(), last - begun, N)
    return found


# ---- readings, in terms of what a long run shows ----


def ended(reading: Reading) -> Reading:
    """Sums over all rounds become N times means, and each side takes the end that is certain.

    Raises: NotMeasured for what asks for more.
    """
    assert reading.relation is not None
    lhs, op, rhs = reading.relation.lhs, reading.relation.op, reading.relation.rhs
    if op == "==":
        raise NotMeasured("bounds from both sides say nothing of an equality")
    small_first = op in ("<=", "<")
    return replace(reading, relation=Relation(_ended(lhs, small_first), op, _ended(rhs, not small_first)))


def _ended(side: Any, small: bool) -> sp.Expr:
    totals = sp.sympify(side).replace(lambda e: isinstance(e, sp.Sum), _total)
    whole = _averaged(totals)
    ends = sorted((x for x in whole.free_symbols if x.name in AVERAGES or x.name.startswith("mean ")), key=str)
    rest, found = whole.xreplace(dict.fromkeys(ends, sp.Integer(0))), []
    for low in ends:
        factor, high = sp.diff(whole, low), sp.Symbol(f"most {low.name}")
        if factor.free_symbols & set(ends):
            if whole != totals or not _rising(whole, ends):
                raise NotMeasured(f"{side} is not linear in {low}, nor does it speak of totals alone and rise with all of them")
            return whole if small else whole.xreplace({each: sp.Symbol(f"most {each.name}") for each in ends})
        if factor.is_nonnegative:
            found.append(factor * (low if small else high))
        else:
            found.append((sp.Min if small else sp.Max)(factor * low, factor * high, evaluate=False))
    return sp.Add(rest, *found)


def _rising(side: sp.Expr, means: list[sp.Symbol]) -> bool:
    """Whether a side certainly rises with all of these, where they are positive, and rho < 1 as for any W that is connected."""
    positive = {each: sp.Dummy(positive=True) for each in (*means, 1 - rho, 1 - rho**2)}
    return all(sp.diff(side.xreplace(positive), positive[each]).is_nonnegative for each in means)


def _averaged(side: sp.Expr) -> sp.Expr:
    """What holds of every round, or local iteration, holds of the mean over all."""
    after = start_loss.subs(t, t + 1)
    if side.has(after):
        side = side.xreplace({after: start_loss + sp.Symbol(RISE)}).expand()
    means = {f: _mean(f) for f in side.atoms(AppliedUndef) if f.args == (t,) and f.func != start_loss.func}
    found = side.xreplace(means | {f: _of_iteration(f) for f in side.atoms(AppliedUndef) if f.args == (i,)})
    if found.atoms(AppliedUndef) or {t, i} & found.free_symbols:
        raise NotMeasured(f"{side} asks for more than means over a long run")
    return found


def _mean(quantity: AppliedUndef) -> sp.Symbol:
    return sp.Symbol(f"mean {quantity.func.__name__}", nonnegative=quantity.is_nonnegative)


def _of_iteration(quantity: AppliedUndef) -> sp.Expr:
    of_round = gossip.OF_ROUND.get(quantity.func.__name__)
    return quantity if of_round is None else sp.Symbol(f"mean {of_round}", nonnegative=quantity.is_nonnegative) / GAP


def _total(total: sp.Sum) -> sp.Expr:
    (index, first, last), *more = total.limits
    if more or (first, last) != (0, ROUNDS - 1):
        raise NotMeasured(f"{total} is not over all rounds")
    functions = {f: _mean(f) for f in total.function.atoms(AppliedUndef) if f.args == (index,)}
    inside = total.function.xreplace(functions)
    if index in inside.free_symbols or any(sp.diff(inside, x).free_symbols & set(functions.values()) for x in functions.values()):
        raise NotMeasured(f"cannot sum {total} over a long run")
    return ROUNDS * inside


# ---- the arena ----


def spelled(structure: Structure, arrays: Arrays) -> Arrays:
    """All d coordinates."""
    copies, of_workers = int(structure["d"]), ("tilts", "noise")
    return {name: each if name == "eta" else np.repeat(each, copies, axis=2 if name in of_workers else 1) for name, each in arrays.items()}


def shown(structure: Structure, arrays: Arrays) -> dict[str, np.ndarray]:
    """What a float batch shows."""
    letters = gossip.Runs(structure["of"]).letters(structure, spelled(structure, arrays))
    reach = {"F^2/X^2": letters["G"] ** 2, "X^2": (np.abs(arrays["start"][:, 0]) + letters["eta"] * letters["G"]) ** 2}
    found = letters | {"horizon": np.ones(len(letters["G"]))}
    for name, values in measured(structure, arrays, letters["eta"]).items():
        beside = reach.get(QUANTITIES[plain].unit) if (plain := name.removeprefix("most ").removeprefix("mean ")) in QUANTITIES else None
        found[name] = values if beside is None else np.where(values > 1e-26 * beside, values, 0)  # round-off: some bounds are 0 too
    return found


_SIZES = {  # coordinates of a segment, or of all, and s: half way between two levels, where QSGD is noisiest, and not quite
    "ring": ((4, 1), (4, 3), (9, 2), (4, 9)),
    "gossip": ((4, 3), (4, 5), (9, 5), (4, 9)),
}
_MOST_CHAINED = 4  # d / (4 s^2) on a ring: what is allowed grows like its exponential


def structures(of: str, effort: Effort) -> Iterator[tuple[Structure, int, bool]]:
    """What a batch has in common, its number of workers, and whether they differ."""
    quick = effort.name == "quick"
    sizes, gaps, horizons = _SIZES[of][: 2 if quick else 4], (1, 3) if quick else (1, 2, 8), (1, 10**3, 10**6)
    apart = () if quick else sizes[:2]
    if of == "ring":
        for (n, s), K, N, M in product(sizes, gaps, horizons, (1, 2, 8) if quick else (1, 2, 3, 8, 32)):
            for differ in (False, True) if 1 < M < 4 and (n, s) in apart else (False,):
                if n * M <= _MOST_CHAINED * 4 * s * s:
                    yield {"of": of, "law": "alike", "rounds": N, "gap": K, "intervals": s, "d": n * M}, M, differ
        return
    grounds = [(M, W) for M in ((2,) if quick else (2, 3)) for W in mixings(M)]
    for (d, s), K, N, (M, W), rule, differ in product(sizes, gaps, horizons, grounds, ("drawn", "printed"), (False, True)):
        if not differ or (d, s) in apart:
            yield {"of": of, "law": "alike", "rounds": N, "gap": K, "intervals": s, "d": d, "W": W, "step": rule}, M, differ


def on_networks(rng: np.random.Generator) -> Iterator[tuple[Structure, int, bool]]:
    """The same by gossip on larger graphs, over a few rounds: workers hear of each other by and by."""
    (d, s), rounds = _SIZES["gossip"][0], 3
    for W, differ in product(networks(rng), (False, True)):
        yield {"of": "gossip", "law": "alike", "rounds": rounds, "gap": 1, "intervals": s, "d": d, "W": W, "step": "drawn"}, len(W), differ


def draw(of: str, effort: Effort, rng: np.random.Generator) -> Iterator[tuple[Structure, Arrays]]:
    large = of == "gossip" and effort.moves
    for structure, M, differ in chain(structures(of, effort), on_networks(rng) if large else ()):
        count = max(effort.instances // 25, 12)
        curvature = rng.integers(1, 9, (count, 1)) / 8
        curvature[::2] = 1
        tilts = np.repeat(rng.integers(-8, 9, (count, 1, 1)) / rng.choice([4.0, 32.0, 256.0], (count, 1, 1)), M, axis=1)
        noise = np.repeat(rng.choice([0.0, 0.25, 1.0, 4.0], (count, 1, 1)), M, axis=1)
        if differ:
            tilts = tilts + rng.choice([0.0, 0.25, 4.0], (count, 1, 1)) * np.resize([1, -1, 0], M)[:, None]
            noise = noise * rng.choice([0.0, 1.0, 4.0], (count, M, 1))
        start = rng.integers(-8, 9, (count, 1)) / 2 * (of == "ring")
        none, share = np.zeros((count, 1, 0)), rng.choice([1, 0.25, 1 / 16, 1 / 64, 1 / 1024, 1 / 4096], count)
        yield structure, {
            "slope": curvature * 0, "curvature": curvature, "knots": none, "bends": none, "tilts": tilts, "noise": noise, "start": start,
            "eta": share / (structure["gap"] * curvature[:, 0]),
        }  # fmt: skip


@pooled
def pool(of: str, effort: Effort, seed: int) -> list[Group]:
    """Long runs drawn and measured once for all claims, those of as many rounds in one batch."""
    found: dict[int, tuple[list[dict[str, np.ndarray]], list[Any]]] = {}
    with np.errstate(all="ignore"):
        for structure, arrays in draw(of, effort, generator(seed, "qprsgd, long", of)):
            seen = shown(structure, arrays)
            alike = found.setdefault(structure["rounds"], ([], []))
            alike[0].append(seen)
            alike[1].extend(((structure, arrays), row) for row in range(len(seen["G"])))
    return [(joined(batches), origins) for batches, origins in found.values()]


class Long:
    """Long runs of Algorithms 1 and 2."""

    name = "qprsgd, long"

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        return self.searched(reading, effort, seed)

    def written(self, found: Attack) -> Attack:
        return found

    def searched(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        """The search, whose instances are written already."""
        try:
            asked = ended(reading)
        except NotMeasured as why:
            return Attack("no instance", None, 0, str(why))
        of = reading.setting["of"]
        beside = nearby.Runs(
            lambda run, size: gossip.runs_near(run[0], run[1], size),
            lambda run: shown(*run),
            lambda run: 1000,
            lambda run: gossip.numbers_of(*run),
        )
        with np.errstate(all="ignore"):
            return search(self, asked, pool(of, effort, seed), partial(gossip.written, of), _size, beside, effort.moves // 8)

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """Raises: ValueError if this is no long run, or the reading asks for what none shows."""
        asked = reading if _is_ended(reading) else ended(reading)
        relation = asked.relation
        assert relation is not None
        try:
            structure, arrays = gossip.parts_of(instance)
            whole = spelled(structure, arrays)
            letters = gossip.Runs(structure["of"]).letters(structure, whole)
            names = {symbol.name.removeprefix("most ") for symbol in relation.symbols}
            seen: Mapping[str, np.ndarray] = letters | measured(
                structure, arrays, letters["eta"], {name for name in names if name in AVERAGES or name.startswith("mean ")}
            )
        except (KeyError, TypeError, IndexError, AttributeError, ZeroDivisionError) as why:
            raise ValueError(f"this is no long run of QPRSGD: {type(why).__name__} {why}") from why
        seen = dict(seen) | free_of(instance) | {"horizon": fractions([Fraction(1)])}
        judged = gossip.judged(asked, structure, whole, seen)
        return replayed(asked, seen, judged)


def _size(origin: tuple[tuple[Structure, Arrays], int]) -> int:
    return gossip.size_of(origin[0][0])


def _is_ended(reading: Reading) -> bool:
    assert reading.relation is not None
    return any(symbol.name.startswith("most ") for symbol in reading.relation.symbols)


register(Long())
