"""Runs whose steps never repeat, over a million of them: time is cut into blocks that are walked side by side.

In the coordinates of `linear` a step takes a state y to A y + c + noise, so that its mean m and covariance N obey m' = A m + c and
N' = A N A' + Q. A first walk, all blocks at once, finds what each of them does: a matrix, a vector, a covariance from rest. A chain through
the blocks says where each begins. A second walk, all blocks at once from there, measures everything at every time. The bound of what any
path reaches goes the same way, with |A| in place of A. Nothing but noise may be random: under a random mask the mean of A N A' is no such
product.

A, c, Q and what is measured are not asked of the reference at every step. In a few numbers of a step (its size, the weight before it, the
ratio of both) they are polynomials, found at some slots, checked at others, and evaluated ever after (`Polynomial`).

Floats. Of an exact model the polynomials are exact, and every float carries a bound of its error (`Near`): what is measured comes as
enclosures.

Shapes: K blocks of `length` steps; as in `linear` B runs, d coordinates, b = B d systems, n numbers of a state, and one more for the
average of iterates, if there is one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from reference.exact import is_exact, rationals
from validation import linear
from validation.linear import Model, Slots, by_coordinate
from validation.moments import larger
from validation.quantities import Interval

UNIT = 2.0**-53  # of round-off, relative
GIVEN = 16 * UNIT  # the part by which a step size, or another number of a step, may be off
_TINY = 2.0**-500  # more than what underflows, nothing beside what is measured
_OUT = 1 + 64 * UNIT  # outwards, after a step of nonnegative numbers


class Near:
    """Real numbers, each within `error` of `middle`; without `error`, floats as they are."""

    __array_ufunc__ = None

    def __init__(self, middle: np.ndarray, error: np.ndarray | None = None) -> None:
        self.middle, self.error = middle, error

    @classmethod
    def of(cls, values: np.ndarray, exact: bool) -> Near:
        """Floats; if `exact`, those nearest to exact numbers, with what they are off."""
        middle = np.asarray(values).astype(float)
        if not exact:
            return cls(middle)
        return cls(middle, np.where(middle == values, 0, np.abs(middle) * UNIT + _TINY).astype(float))

    def __getitem__(self, at: Any) -> Near:
        return Near(self.middle[at], None if self.error is None else self.error[at])

    def __add__(self, other: Near) -> Near:
        middle = self.middle + other.middle
        if self.error is None or other.error is None:
            return Near(middle)
        return Near(middle, (self.error + other.error + UNIT * np.abs(middle)) * _OUT)

    def __mul__(self, other: Near) -> Near:
        middle = self.middle * other.middle
        if self.error is None or other.error is None:
            return Near(middle)
        error = np.abs(self.middle) * other.error + self.error * (np.abs(other.middle) + other.error)
        return Near(middle, (error + UNIT * np.abs(middle)) * _OUT + _TINY)

    def __matmul__(self, other: Near) -> Near:
        middle = self.middle @ other.middle
        if self.error is None or other.error is None:
            return Near(middle)
        own, others = np.abs(self.middle), np.abs(other.middle)
        lost = (self.middle.shape[-1] + 2) * UNIT
        error = own @ other.error + self.error @ (others + other.error) + lost * (own @ others)
        return Near(middle, error * _OUT + _TINY)

    def sum(self, axis: int) -> Near:
        middle = self.middle.sum(axis)
        if self.error is None:
            return Near(middle)
        lost = (self.middle.shape[axis] + 2) * UNIT * np.abs(self.middle).sum(axis)
        return Near(middle, (self.error.sum(axis) + lost) * (1 + self.middle.shape[axis] * 4 * UNIT) + _TINY)

    def map(self, change: Callable[[np.ndarray], np.ndarray]) -> Near:
        """Moved about, not computed with."""
        return Near(change(self.middle), None if self.error is None else change(self.error))

    @property
    def T(self) -> Near:
        return self.map(lambda x: np.swapaxes(x, -1, -2))

    def settled(self) -> Near:
        """With 0 for what is so small that to go on with it takes long."""
        small = np.abs(self.middle) < _TINY
        return Near(np.where(small, 0, self.middle), None if self.error is None else np.where(small, 2 * _TINY, self.error))

    def magnitude(self) -> np.ndarray:
        """At least the absolute values."""
        return np.abs(self.middle) if self.error is None else (np.abs(self.middle) + self.error) * _OUT

    def larger(self, other: Near) -> Near:
        """The larger of two, entry by entry."""
        if self.error is None or other.error is None:
            return Near(np.maximum(self.middle, other.middle))
        low = np.maximum(self.middle - self.error, other.middle - other.error)
        high = np.maximum(self.middle + self.error, other.middle + other.error)
        middle = (low + high) / 2
        return Near(middle, np.maximum(high - middle, middle - low) * _OUT + 2 * UNIT * np.abs(middle) + _TINY)

    def values(self) -> np.ndarray:
        """As floats, or as enclosures."""
        if self.error is None:
            return self.middle
        return np.asarray(np.frompyfunc(_enclosure, 2, 1)(self.middle, self.error), dtype=object)


def _enclosure(middle: float, error: float) -> Interval:
    return Interval(Fraction(middle) - Fraction(error), Fraction(middle) + Fraction(error))


def stacked(each: Sequence[Near], axis: int = 0) -> Near:
    errors = [one.error for one in each]
    middle = np.stack([one.middle for one in each], axis=axis)
    return Near(middle, None if errors[0] is None else np.stack(errors, axis=axis))  # type: ignore[arg-type]


def joined(each: Sequence[Near], axis: int) -> Near:
    errors = [one.error for one in each]
    middle = np.concatenate([one.middle for one in each], axis=axis)
    return Near(middle, None if errors[0] is None else np.concatenate(errors, axis=axis))  # type: ignore[arg-type]


# ---- what depends on a step ----

Factors = tuple[str, ...]
Numbers = Mapping[str, np.ndarray]
"""The numbers of a step by name, [K, b]: eta, earlier, ratio (earlier / eta); of the next step the same with a dash; weight."""


class Polynomial:
    """Arrays [phases, b, ...] by the factors they are multiplied with; one phase where all are alike."""

    def __init__(self, parts: Mapping[Factors, np.ndarray]) -> None:
        some = next(iter(parts.values()))
        self.parts = {factors: part for factors, part in parts.items() if (part != 0).any()} or {(): some}
        self.near = {factors: Near.of(part, is_exact(part)) for factors, part in self.parts.items()}

    def map(self, change: Callable[[np.ndarray], np.ndarray]) -> Polynomial:
        return Polynomial({factors: change(part) for factors, part in self.parts.items()})

    def times(self, factor: str) -> Polynomial:
        return Polynomial({(*factors, factor): part for factors, part in self.parts.items()})

    def of_next(self) -> Polynomial:
        """The same of the step after."""
        return Polynomial({tuple(f"{name}'" for name in factors): part for factors, part in self.parts.items()})

    def __add__(self, other: Polynomial) -> Polynomial:
        both = dict(self.parts)
        for factors, part in other.parts.items():
            both[factors] = both[factors] + part if factors in both else part
        return Polynomial(both)

    def __matmul__(self, other: Polynomial) -> Polynomial:
        found: dict[Factors, np.ndarray] = {}
        for factors, part in self.parts.items():
            for others, another in other.parts.items():
                both, product = tuple(sorted((*factors, *others))), part @ another
                found[both] = found[both] + product if both in found else product
        return Polynomial(found)

    def at(self, phase: int, numbers: Numbers) -> Near:
        """[K, b, ...]."""
        middle: Any = 0
        size: Any = 0
        for factors, near in self.near.items():
            part = near.middle[phase if len(near.middle) > 1 else 0]
            term = part[None]
            for name in factors:
                term = term * numbers[name].reshape(*numbers[name].shape, *(1,) * (part.ndim - 1))
            middle = middle + term
            if near.error is not None:  # rounded itself, and each of its factors off by its part
                size = size + np.abs(term) * ((len(factors) + 1) * 2 * GIVEN)
        exact = next(iter(self.near.values())).error is not None
        return Near(middle, size * (1 + len(self.near) * UNIT) + len(self.near) * UNIT * np.abs(middle) + _TINY if exact else None)


def fitted(function: Callable[[Slots], np.ndarray], model: Model, sends: np.ndarray, changing: bool) -> Polynomial:
    """What a function of slots [S, b, ...] is, for each of `sends` [phases, ...], in the numbers of a step. Raises: ValueError if it is no

    sum of them with fixed coefficients.
    """
    # a step, the one before, and whether their ratio has a say: in general position, with one slot more than coefficients as a check
    eta, earlier = [1, 2, 4, 1, 4, 2], [1, 1, 1, 2, 2, 8]
    if not changing:
        eta, earlier = [1, 2, 4], [0, 0, 0]
    count, B = len(eta), len(model.start)
    names: tuple[Factors, ...] = ((), ("eta",), ("earlier",), ("ratio",))[: 4 if changing else 2]
    table = np.array([[Fraction(x) for x in (1, e, f, Fraction(f, e))][: len(names)] for e, f in zip(eta, earlier, strict=True)])
    inverse = linear.inverse(table[: len(names)])

    def column(of: list[int]) -> np.ndarray:
        found = np.repeat(rationals(of)[:, None], B, axis=1)
        return found if model.exact else found.astype(float)

    def share(number: Fraction) -> Any:
        return number if model.exact else float(number)

    phases = []
    for each in sends:
        slots = Slots(column(eta), np.repeat(each[None], count, axis=0), None, column(earlier) if changing else None)
        samples = function(slots)
        samples = np.broadcast_to(samples, (count, *samples.shape[1:]))
        parts = [sum(share(row[k]) * samples[k] for k in range(len(names))) for row in inverse]
        for k in range(len(names), count):
            again = sum(share(table[k, j]) * part for j, part in enumerate(parts))
            if (np.abs(again - samples[k]) > (0 if model.exact else 1e-9 * (1 + np.abs(samples[k]).max()))).any():
                raise ValueError("this step is no such polynomial in its size")
        phases.append([part if model.exact else np.where(np.abs(part) < 1e-13, 0, part) for part in parts])
    return Polynomial({name: np.stack([each[k] for each in phases]) for k, name in enumerate(names)})


# ---- a run ----


@dataclass(frozen=True)
class Steps:
    """The steps of a run: who synchronises after each of a period, `sends` [period, ...], and after the last one, `ends`; and `at`, from

    times [S] to slots of floats, each off by less than `GIVEN`. `weights`: what sums over time are weighted with, from times and slots.
    `largest`: weights and quantities of which the largest product is asked.
    """

    sends: np.ndarray
    ends: np.ndarray
    at: Callable[[np.ndarray], Slots]
    weights: Callable[[np.ndarray, Slots], Mapping[str, np.ndarray]]
    largest: tuple[tuple[str, str], ...] = ()


class Far(NamedTuple):
    """A run up to a horizon: quantities at its last times [B, 2 or 3]; the largest of some at any time, and of products with weights by

    "quantity weight" [B]; sums over all times by weight and quantity, and those over its last half [B]; E x^2 of the unscaled average
    [B, d], None without; what no path exceeds where gradients must be bounded, [B, any, d].
    """

    columns: dict[str, np.ndarray]
    largest: dict[str, np.ndarray]
    totals: dict[tuple[str, str], np.ndarray]
    halves: dict[tuple[str, str], np.ndarray]
    average_sq: np.ndarray | None
    reach: np.ndarray


SUMMED = ("gradient_sq", "function_gap", "momentum_sq")
"""What statements add up over time."""
BOUNDED = ("total_memory_sq", "transformed_distance_sq", "transformed_lag_sq")
"""What hypotheses bound at every time."""


def length_of(horizons: Sequence[int], period: int) -> int:
    """Steps of a block: so many that all horizons end with one, near to the root of the longest. Raises: ValueError if none do."""
    whole = math.gcd(*horizons)
    fitting = [n for n in _divisors(whole) if n % period == 0]
    if not fitting:
        raise ValueError(f"a long run must end with a period, got {', '.join(map(str, horizons))} iterations of gap {period}")
    root = math.sqrt(max(horizons))
    return min(fitting, key=lambda n: abs(math.log(n / root)))


def _divisors(n: int) -> list[int]:
    small = [k for k in range(1, math.isqrt(n) + 1) if n % k == 0]
    return sorted({*small, *(n // k for k in small)})


class _Parts(NamedTuple):
    """A model as polynomials, in its coordinates: these themselves [n, n], A [n, n], c [n, 1], push [n, R], what is measured [rows, 1 + n],

    what is visited, and the iterate that is averaged, [1, 1 + n].
    """

    turn: Polynomial
    A: Polynomial
    c: Polynomial
    push: Polynomial
    rows: Polynomial
    visited: Polynomial
    mean: Polynomial


def _parts(model: Model, steps: Steps, changing: bool) -> _Parts:
    if model.operator.draws:
        raise ValueError("a long run of steps that differ takes no random mask")
    (B, d), n = model.start.shape, model.size

    def whole(slots: Slots) -> np.ndarray:
        [(_, A, push)] = linear.system(model, slots).branches
        return np.concatenate([A, push], axis=-1)

    def probed(of: Callable[[np.ndarray, Slots], np.ndarray]) -> Polynomial:
        return fitted(lambda s: linear.probe(lambda z: of(z, s), n, len(s.eta), B, d, model.exact), model, steps.ends[None], changing)

    def measured(z: np.ndarray, slots: Slots) -> np.ndarray:
        return np.concatenate([form.v.reshape(*z.shape[:-2], -1, d) for form in linear.measures(model, z, slots).values()], axis=-2)

    moves = fitted(whole, model, np.concatenate([steps.sends, steps.ends[None]]), changing)
    turn = probed(model.coordinates).map(lambda x: x[..., 1:])
    back = fitted(lambda s: linear.turned(model, s)[1], model, steps.ends[None], changing)
    ahead = turn.of_next()

    def here(rows: Polynomial) -> Polynomial:
        """Rows [any, 1 + n] on the state, on its coordinates."""
        first, others = rows.map(lambda x: x[..., :1]), rows.map(lambda x: x[..., 1:]) @ back
        widened = first.map(lambda x: np.concatenate([x, np.repeat(x * 0, n, axis=-1)], axis=-1))
        return widened + others.map(lambda x: np.concatenate([x[..., :1] * 0, x], axis=-1))

    return _Parts(
        turn=turn,
        A=ahead @ moves.map(lambda x: x[..., 1 : n + 1]) @ back,
        c=ahead @ moves.map(lambda x: x[..., :1]),
        push=ahead @ moves.map(lambda x: x[..., n + 1 :]),
        rows=here(probed(measured)),
        visited=here(probed(model.visited)),
        mean=here(probed(lambda z, _: model.mean_iterate(z)[..., None, :])),
    )


class _Readings:
    """What is measured of a state: quantities in the order of `names`, all of them or those wanted."""

    def __init__(self, model: Model, steps: Steps, rows: Polynomial, wanted: Sequence[str] = ()) -> None:
        slots, (B, d) = steps.at(np.array([1])), model.start.shape
        like = model.zero(slots)
        forms = linear.measures(model, like, slots)
        self.names, self.within = [name for name in forms if not wanted or name in wanted], set(model.during(like, slots))
        self.of_name, group_of_row, weights, kept, at = list[slice](), list[int](), list[np.ndarray](), list[int](), 0
        for name, form in forms.items():
            groups, count = form.v.shape[-3:-1]
            if name in self.names:
                first = len(weights)
                self.of_name.append(slice(first, first + groups))
                group_of_row += list(np.repeat(np.arange(first, first + groups), count))
                weights += [np.broadcast_to(np.asarray(form.weight), (B, d))] * groups
                kept += range(at, at + groups * count)
            at += groups * count
        table = np.equal.outer(np.array(group_of_row), np.arange(len(weights))).astype(float)
        self.table, self.weights = Near.of(table, model.exact), Near.of(np.stack(weights, axis=-1), model.exact)
        self.shape, self.rows = (B, d), rows.map(lambda x: x[..., kept, :])

    def of(self, at: Numbers, mean: Near, covariance: Near) -> Near:
        """[K, B, names] from the numbers of a step, a mean [K, b, n, 1] and a covariance [K, b, n, n]."""
        rows = self.rows.at(0, at)
        linear_part = rows[..., 1:]
        expected = rows[..., :1] + linear_part @ mean
        squares = (expected * expected)[..., 0] + ((linear_part @ covariance) * linear_part).sum(-1)
        by_group = squares @ self.table
        summed = (by_group.map(lambda x: x.reshape(len(x), *self.shape, -1)) * self.weights).sum(2)  # [K, B, groups]
        found = []
        for of_name in self.of_name:
            each = summed[..., of_name]
            most = each[..., 0]
            for g in range(1, each.middle.shape[-1]):
                most = most.larger(each[..., g])
            found.append(most)
        return stacked(found, axis=-1)


def followed(model: Model, steps: Steps, horizons: Sequence[int], measuring: bool = True) -> list[Far]:
    """A run up to each of some horizons; what it can reach alone, unless `measuring`.

    Raises: ValueError for horizons that are no multiples of a block, a random mask, or exact numbers where nothing bounds what is reached.
    """
    length, exact, (B, d), n = length_of(horizons, len(steps.sends)), model.exact, model.start.shape, model.size
    blocks, first = max(horizons) // length, steps.at(np.array([0]))
    averaging, changing = first.weight is not None, first.earlier is not None
    parts = _parts(model, steps, changing)
    asked = [name for name in (*SUMMED, *BOUNDED) if name != "transformed_lag_sq" or steps.largest]
    whole_reading, readings = _Readings(model, steps, parts.rows), _Readings(model, steps, parts.rows, asked)
    noise = Near.of(by_coordinate(model.noise)[:, None, :], exact)
    begins = np.arange(blocks) * length

    def numbers(times: np.ndarray) -> tuple[Slots, dict[str, np.ndarray]]:
        slots = steps.at(times)
        found = {"eta": slots.eta, "earlier": slots.earlier, "weight": slots.weight}
        by_row = {name: np.repeat(each, d, axis=1) for name, each in found.items() if each is not None}
        if changing:
            by_row["ratio"] = by_row["earlier"] / by_row["eta"]
        return slots, by_row

    def walk(times: np.ndarray, count: int) -> Any:
        """Slots and numbers of each step, with those of the step after."""
        slots, here = numbers(times)
        for s in range(count):
            after, there = numbers(times + s + 1)
            yield s, slots, here | {f"{name}'": each for name, each in there.items()}
            slots, here = after, there

    mean_with_weight = parts.mean.times("weight") if averaging else None

    def step(phase: int, at: Numbers) -> tuple[Near, Near, Near, Near]:
        """A, c and Q, with the average if there is one, and what a path is pushed at most, [K, b, n, 1]."""
        A, c, pushed = parts.A.at(phase, at), parts.c.at(phase, at), parts.push.at(phase, at) * noise
        Q = pushed @ pushed.T
        if mean_with_weight is None:
            return A, c, Q, pushed
        row = mean_with_weight.at(0, at)
        shape = np.broadcast_shapes(A.middle.shape[:2], row.middle.shape[:2])
        A, c, Q, row = (each.map(lambda x: np.broadcast_to(x, (*shape, *x.shape[2:]))) for each in (A, c, Q, row))
        A = joined([A, row[..., 1:]], -2).map(lambda x: np.concatenate([x, x[..., :1] * 0], axis=-1))
        A.middle[..., -1, -1] = 1
        wider = Q.map(_widened)
        return A, joined([c, row[..., :1]], -2), wider, pushed

    # what each block does
    N = n + averaging
    one = Near.of(np.broadcast_to(np.eye(N), (blocks, B * d, N, N)), exact)
    whole, moved, spread = one, one[..., :1].map(np.zeros_like), one.map(np.zeros_like)
    bound, added = np.broadcast_to(np.eye(n), (blocks, B * d, n, n)), np.zeros((blocks, B * d, n, 1))
    for s, _, at in walk(begins, length):
        A, c, Q, pushed = step(s % len(steps.sends), at)
        if measuring:
            whole, moved, spread = A @ whole, A @ moved + c, A @ spread @ A.T + Q
        most = A[..., :n, :n].magnitude()
        bound, added = most @ bound * _OUT, (most @ added + _pushes(c, pushed, n)) * _OUT

    # where it begins
    _, at_start = numbers(np.array([0]))
    mean = parts.turn.at(0, at_start) @ Near.of(by_coordinate(model.begin())[..., None], exact)
    mean = mean.map(lambda x: x[0])
    far = mean.magnitude()
    if averaging:
        mean = joined([mean, mean[:, :1].map(np.zeros_like)], 1)
    covariance, means, covariances, fars = spread[0].map(np.zeros_like), [], [], []
    for k in range(blocks):
        means.append(mean)
        covariances.append(covariance)
        fars.append(far)
        if measuring:
            mean, covariance = (whole[k] @ mean + moved[k]).settled(), (whole[k] @ covariance @ whole[k].T + spread[k]).settled()
        far = (bound[k] @ far * _OUT + added[k]) * _OUT
    mean, covariance, far = stacked(means), stacked(covariances), np.stack(fars)

    # and what happens within
    within = {word for word, _ in steps.largest}

    def weights(times: np.ndarray, slots: Slots) -> dict[str, Near]:
        """[K, B, 1] by word."""
        given = ((word, weight[..., None]) for word, weight in steps.weights(times, slots).items())
        return {word: Near(weight, weight * GIVEN if exact else None) for word, weight in given}

    def weighted(given: Mapping[str, Near], values: Near, of: _Readings) -> dict[str, Near]:
        """The products of which the largest is asked, [K, B, 1]."""
        return {f"{name} {word}": given[word] * values[..., [of.names.index(name)]] for word, name in steps.largest}

    summed = [readings.names.index(name) for name in SUMMED if name in readings.names]
    largest: Near | None = None
    products: dict[str, Near] = {}
    totals: dict[str, Near] = {}
    reached: Any = 0.0
    late: list[tuple[Near, Near, np.ndarray, Near]] = []
    for s, slots, at in walk(begins, length):
        if measuring:
            values = readings.of(at, mean[..., :n, :], covariance[..., :n, :n])
            largest = values if largest is None else largest.larger(values)
            given = weights(begins + s, slots)
            for word in set(given) - within:
                part = given[word] * values[..., summed]
                totals[word] = totals[word] + part if word in totals else part
            for name, product in weighted(given, values, readings).items():
                products[name] = products[name].larger(product) if name in products else product
        reached = np.maximum(reached, _visited(parts.visited.at(0, at), far))
        if s >= length - 2:
            late.append((mean, covariance, far, whole_reading.of(at, mean[..., :n, :], covariance[..., :n, :n])))
        A, c, Q, pushed = step(s % len(steps.sends), at)
        far = (A[..., :n, :n].magnitude() @ far + _pushes(c, pushed, n)) * _OUT
        if measuring:
            mean, covariance = A @ mean + c, A @ covariance @ A.T + Q

    def until(horizon: int) -> Far:
        k = horizon // length
        before, own = (Near(each.middle[k - 1], None if each.error is None else each.error[k - 1]) for each in late[-1][:2])
        [(_, _, at)] = walk(np.array([horizon - 1]), 1)
        A, c, Q, pushed = step(len(steps.sends), at)
        far_then = (A[0, :, :n, :n].magnitude() @ late[-1][2][k - 1] + _pushes(c, pushed, n)[0]) * _OUT
        _, then = numbers(np.array([horizon]))
        reach = np.maximum(reached[:k].max(0), _visited(parts.visited.at(0, then), far_then[None])[0])  # [b, any]
        if exact and not np.isfinite(reach).all():
            raise ValueError("no bound was found for what the run can reach")
        reach = np.vectorize(Fraction, otypes=[object])(reach) if exact else reach
        reach = np.moveaxis(reach.reshape(B, d, -1), 1, 2)
        if not measuring:
            return Far({}, {}, {}, {}, None, reach)
        end, spread_then = A[0] @ before + c[0], A[0] @ own @ A[0].T + Q[0]
        last = whole_reading.of(then, end[None, ..., :n, :], spread_then[None, ..., :n, :n])
        shown = stacked([*(values[k - 1] for *_, values in late), last[0]]).values()  # [times, B, names]
        by_name = zip(whole_reading.names, np.moveaxis(shown, -1, 0), strict=True)
        columns = {name: values[:-1].T if name in readings.within else values.T for name, values in by_name}
        assert largest is not None
        by_block = zip(readings.names, np.moveaxis(largest[:k].values(), -1, 0), strict=True)
        highest = {name: _most([*values, columns[name][:, -1]]) for name, values in by_block}
        at_end = weighted(weights(np.array([horizon]), steps.at(np.array([horizon]))), last, whole_reading)
        for name, product in products.items():
            highest[name] = _most([*product[:k, :, 0].values(), at_end[name][0, :, 0].values()])
        whole_sum, half_sum = (
            {
                (word, readings.names[index]): some[first:k, :, j].sum(0).values()
                for word, some in totals.items() for j, index in enumerate(summed)
            }
            for first in (0, k // 2)
        )  # fmt: skip
        squared = None
        if averaging:
            square = end[:, -1, 0] * end[:, -1, 0] + spread_then[:, -1, -1]
            squared = square.values().reshape(B, d)
        return Far(columns, highest, whole_sum, half_sum if k % 2 == 0 else {}, squared, reach)

    return [until(horizon) for horizon in horizons]


def _widened(x: np.ndarray) -> np.ndarray:
    """With a row and a column of zeros more."""
    found = np.zeros((*x.shape[:-2], x.shape[-2] + 1, x.shape[-1] + 1))
    found[..., :-1, :-1] = x
    return found


def _pushes(c: Near, pushed: Near, n: int) -> np.ndarray:
    """What a path is pushed at most, [K, b, n, 1]."""
    return (c[..., :n, :].magnitude() + pushed.magnitude().sum(-1, keepdims=True)) * _OUT


def _visited(rows: Near, far: np.ndarray) -> np.ndarray:
    """The largest absolute values of rows [K, b, any, 1 + n] where coordinates are at most `far` [K, b, n, 1]: [K, b, any]."""
    size = rows.magnitude()
    return (size[..., 0] + (size[..., 1:] @ far)[..., 0]) * _OUT


def _most(values: Sequence[np.ndarray]) -> np.ndarray:
    found = values[0]
    for each in values[1:]:
        found = larger(found, each)
    return found


def largest_of(middle: np.ndarray, error: np.ndarray, exact: bool) -> np.ndarray:
    """The largest of each column of floats [times, B] that are off by `error` at most: floats [B], or enclosures."""
    if not exact:
        return np.asarray(middle.max(0))
    low, high = (middle - error).max(0), (middle + error * _OUT).max(0)
    ends = zip(low * (1 - 4 * UNIT), high * _OUT, strict=True)
    return np.array([Interval(Fraction(below), Fraction(above)) for below, above in ends], dtype=object)


def sums(steps: Steps, horizon: int, exact: bool) -> dict[str, np.ndarray]:
    """What the weights of a run add up to over all its times, [B]; floats, or enclosures."""
    times = np.arange(horizon)
    found = {}
    for word, values in steps.weights(times, steps.at(times)).items():
        total = np.array([math.fsum(row) for row in values.T])
        found[word] = Near(total, np.abs(total) * 2 * GIVEN if exact else None).values()
    return found
