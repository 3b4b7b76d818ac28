"""The hypotheses, judged on a concrete case independently of who made it, and the edges that every sampler visits.

A scalar condition is evaluated as `theory.hypotheses` states it. What no formula can say (smoothness, contraction, gaps) is judged by the
validator of the same name, from the functions, vectors and sets of the case itself. All judgements are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, pairwise, product
from typing import Any, NamedTuple

import numpy as np

from theory.claim import Hypothesis, Reading
from validation.floors import Array, Floor, below, entries, floor_of, if_below, in_order, laid, multiplied, over, ratio, summed, total
from validation.quantities import Measured, NotMeasured, holds


class Pieces(NamedTuple):
    """Functions of d separate coordinates, each with a continuous, piecewise linear derivative

    f'(x) = slope + curvature x + sum_j bend_j max(x - knot_j, 0), f(0) = 0 left of the knots. Quadratics have no knots; Huber's function
    has two; a steep negative piece is a concave kink. slope, curvature [..., d]; knots, bends [..., d, K]; F/X, F/X^2, X, F/X^2.
    All is asked of any floor's arrays, but whether a function is bounded below, which is asked of NumPy's.
    """

    slope: Array
    curvature: Array
    knots: Array
    bends: Array

    def on(self, floor: Floor) -> Pieces:
        """The same in the arrays of a floor."""
        return Pieces(*map(floor.take, self))

    def _beyond(self, x: Array) -> Iterator[tuple[Array, Array]]:
        """Of each knot its bend, and how far x is beyond it; one after the other, so that nothing K times as large as x is held."""
        for bend, knot in zip(entries(self.bends, -1), entries(self.knots, -1), strict=True):
            yield bend, over(x, knot)

    def gradient(self, x: Array) -> Array:
        """The gradient [..., d] at x [..., d]."""
        return summed((multiplied(far, bend) for bend, far in self._beyond(x)), self.slope + self.curvature * x)

    def value(self, x: Array) -> Array:
        """The value [...] at x [..., d], in F."""
        bent = summed((multiplied(far * far, bend) for bend, far in self._beyond(x)), self.curvature * (x * x))
        return total(self.slope * x + bent / 2, -1)

    def mean(self) -> Pieces:
        """The mean of the functions along the last axis before the coordinates: [..., n, d] to [..., d]."""
        n, xp = self.slope.shape[-2], floor_of(self.slope).xp
        knots, bends = (xp.moveaxis(each, -3, -2).reshape(*each.shape[:-3], each.shape[-2], -1) for each in (self.knots, self.bends))
        return Pieces(total(self.slope, -2) / n, total(self.curvature, -2) / n, knots, bends / n)

    def pieces(self) -> tuple[Array, Array]:
        """On each piece, from left to right, derivative extrapolated to 0 and curvature: two arrays [..., d, K + 1]."""
        offsets, curvatures = zip(*((offset, curvature) for _, offset, curvature in self._from_left()), strict=True)
        xp = floor_of(self.slope).xp
        return xp.stack(offsets, -1), xp.stack(curvatures, -1)

    def laid(self) -> Pieces:
        """The same with the first axis last in memory, as `floors.laid`."""
        return Pieces(*map(laid, self))

    def _from_left(self) -> Iterator[tuple[Array | None, Array, Array]]:
        """Of each piece the knot where it begins, its derivative extrapolated to 0, and its curvature, [..., d] each."""
        knots, bends = in_order(self.knots, self.bends)
        yield None, self.slope, self.curvature
        turns = accumulate(-bend * knot for bend, knot in zip(bends, knots, strict=True))
        for knot, turn, bend in zip(knots, turns, accumulate(bends), strict=True):
            yield knot, self.slope + turn, self.curvature + bend

    def least(self) -> Array:
        """A minimiser [..., d] of a function that is bounded below: the best of all stationary points, of each piece extrapolated one.

        Where the least value is taken at a knot, the derivative is 0 there, and so is that of a piece beside it.
        """
        xp = floor_of(self.slope).xp
        offsets, curvatures = (xp.stack(each) for each in zip(*(piece[1:] for piece in self._from_left()), strict=True))
        points = ratio(-offsets, curvatures)
        alone = Pieces(*(each[..., None] for each in self[:2]), *(each[..., None, :] for each in self[2:]))
        (best, least), *others = zip(alone.value(points[..., None]), points, strict=True)
        for value, x in others:  # one after the other: an argmin along a short axis takes several times as long
            least, best = if_below(value, best, x, least), xp.minimum(value, best)
        return least

    def proximal(self, anchor: Array, envelope: Array) -> Array:
        """The minimiser of f(w) + ||w - anchor||^2 / (2 envelope), like `anchor` [..., d], where that is strictly convex.

        It is right of those knots whose own anchors, knot + envelope f'(knot), are left of this one; so that none need be put in order.
        """
        xp = floor_of(self.slope).xp
        knots = xp.moveaxis(self.knots, -1, 0)
        offset, curvature = self.slope - anchor / envelope, self.curvature + 1 / envelope
        for knot, of_knot, bend in zip(knots, knots + envelope * self.gradient(knots), entries(self.bends, -1), strict=True):
            passed = below(of_knot, anchor)
            offset, curvature = offset - passed * (bend * knot), curvature + passed * bend
        return offset / -curvature

    def bounded_below(self) -> np.ndarray:
        """Whether every coordinate's function is, [...]."""
        offset, curvature = self.pieces()
        left = (curvature[..., 0] > 0) | ((curvature[..., 0] == 0) & (offset[..., 0] <= 0))
        right = (curvature[..., -1] > 0) | ((curvature[..., -1] == 0) & (offset[..., -1] >= 0))
        return (left & right).all(-1)


class Compression(NamedTuple):
    """One use of the compressor: its input v, its output where that is certain, and E ||v - C(v)||^2 in X^2."""

    v: tuple[Fraction, ...]
    message: tuple[Fraction, ...] | None
    error: Fraction


@dataclass(frozen=True)
class Case:
    """All that a validator may look at, in exact rationals.

    `measured`: letters [1] and quantities [1, times]. `second_moments`: E ||grad f_i||^2 at each local iterate; `variances[r]`: the same of
    the deviation from grad f^(r), against `sigma_sq[r]`. `functions`: the f^(r), [R, d]; None for a raw sequence of gradients.
    """

    measured: Measured
    synchronise: tuple[int, ...]
    compressions: Sequence[Compression]
    second_moments: Collection[Fraction]
    variances: Sequence[Collection[Fraction]] = ()
    sigma_sq: Sequence[Fraction] = ()
    functions: Pieces | None = None
    sets: Sequence[tuple[int, ...]] = ()
    """Where each worker synchronises, or one set for all; empty for the one set `synchronise`."""
    first: int = 0
    """The iteration of the first step that was measured; of those before it, the rule alone is known."""

    def letter(self, name: str) -> Fraction:
        if name not in self.measured:
            raise NotMeasured(f"{name} is not stated")
        return self.measured[name][0]


Judgement = tuple[bool, str]


def _curvatures(case: Case) -> np.ndarray:
    if case.functions is None:
        raise NotMeasured("there are no functions, only gradients")
    return case.functions.pieces()[1]


def smooth(case: Case) -> Judgement:
    L, steepest = case.letter("L"), np.abs(_curvatures(case)).max()
    return steepest <= L, f"the gradients are {steepest}-Lipschitz, L = {L}"


def one_sided_smooth(case: Case) -> Judgement:
    L, steepest = case.letter("L"), _curvatures(case).max()
    return steepest <= L, f"the largest curvature upwards is {steepest}, L = {L}"


def strongly_convex(case: Case) -> Judgement:
    mu, flattest = case.letter("mu"), _curvatures(case).min()
    return flattest >= mu > 0, f"the least curvature is {flattest}, mu = {mu}"


def convex(case: Case) -> Judgement:
    flattest = _curvatures(case).min()
    return flattest >= 0, f"the least curvature is {flattest}"


def minimiser(case: Case) -> Judgement:
    if case.functions is None:
        raise NotMeasured("there are no functions, only gradients")
    mean = case.functions.mean()
    if not mean.bounded_below().all():
        return False, "f is not bounded below"
    slope = np.abs(mean.gradient(mean.least())).max()
    return slope == 0, f"the gradient of f at x* is {slope}"


def second_moment(case: Case) -> Judgement:
    if not case.second_moments:
        raise NotMeasured("no bound of the second moments is known")
    G, largest = case.letter("G"), max(case.second_moments)
    return largest <= G**2, f"the largest second moment is {largest}, G^2 = {G**2}"


def variance(case: Case) -> Judgement:
    if not case.variances:
        raise NotMeasured("there are no samples, only gradients")
    largest = [max(values) for values in case.variances]
    met = all(value <= bound for value, bound in zip(largest, case.sigma_sq, strict=True))
    sums = sum(case.sigma_sq, Fraction(0)) <= case.letter("sigma_sq_sum") and max(case.sigma_sq) <= case.letter("sigma_max") ** 2
    return met and sums, f"the largest variances are {', '.join(map(str, largest))}, sigma_r^2 = {', '.join(map(str, case.sigma_sq))}"


def contraction(case: Case) -> Judgement:
    gamma = case.letter("gamma")
    images: dict[tuple[Fraction, ...], tuple[Fraction, ...] | None] = {}
    for v, message, error in case.compressions:
        norm = sum((x**2 for x in v), Fraction(0))
        if error > (1 - gamma) * norm:
            return False, f"||v - C(v)||^2 = {error} exceeds (1 - gamma) ||v||^2 = {(1 - gamma) * norm}"
        if images.setdefault(v, message) != message:
            return False, f"the same input {_vector(v)} has two outputs: this is no map"
    return 0 < gamma <= 1, f"||v - C(v)||^2 <= (1 - gamma) ||v||^2 at all {len(images)} inputs, gamma = {gamma}"


def _vector(v: tuple[Fraction, ...]) -> str:
    return f"({', '.join(map(str, v))})"


def gap_as_defined(case: Case) -> Judgement:
    if len(case.synchronise) < 2:
        return False, f"the gap needs two synchronisations, got {case.synchronise}"
    return _stretches(case, 0)


def gap_from_zero(case: Case) -> Judgement:
    return _stretches(case, 1)


def _stretches(case: Case, zeros: int) -> Judgement:
    """Of every worker's set, the start counted as one (1) or not (0)."""
    T, H, longest = case.letter("horizon"), case.letter("gap"), 0
    for chosen in case.sets or (case.synchronise,):
        if not chosen or chosen[0] < 1 or chosen[-1] != T or list(chosen) != sorted(set(chosen)):
            return False, f"the synchronisations must increase within 1..T = {T} and end with T, got {chosen}"
        longest = max([longest, *(after - before for before, after in pairwise((*[0] * zeros, *chosen)))])
    return longest <= H, f"the longest stretch is {longest}, H = {H}"


def _step(case: Case, rule: Callable[[int], Fraction]) -> Judgement:
    for t, eta in enumerate(case.measured["eta_t"][0], case.first):
        if eta != rule(t):
            return False, f"eta_{t} = {eta} where the rule gives {rule(t)}"
    return True, "every step size follows the rule"


def fixed_step(case: Case) -> Judgement:
    eta = case.letter("eta")
    return _step(case, lambda t: eta)


def decaying_step(case: Case) -> Judgement:
    scale, a = case.letter("step_scale"), case.letter("a")
    return _step(case, lambda t: scale / (a + t))


def strongly_convex_step(case: Case) -> Judgement:
    mu, a = case.letter("mu"), case.letter("a")
    return _step(case, lambda t: 8 / (mu * (a + t)))


def four_over_mu_step(case: Case) -> Judgement:
    mu, a = case.letter("mu"), case.letter("a")
    return _step(case, lambda t: 4 / (mu * (a + t)))


def horizon_step(case: Case) -> Judgement:
    C_hat, T, eta = case.letter("C_hat"), case.letter("horizon"), case.letter("eta")
    met, why = _step(case, lambda t: eta)
    return met and eta > 0 and eta**2 * T == C_hat**2, f"{why}; eta^2 T = {eta**2 * T}, C_hat^2 = {C_hat**2}"


def _steps(case: Case) -> list[Fraction]:
    return list(case.measured["eta_t"][0])


def positive_step(case: Case) -> Judgement:
    return min(_steps(case)) > 0, f"the least step is {min(_steps(case))}"


def nonincreasing_step(case: Case) -> Judgement:
    etas = _steps(case)
    return all(later <= sooner for sooner, later in pairwise(etas)), f"the step goes from {etas[0]} to {etas[-1]}"


def nondecreasing_step(case: Case) -> Judgement:
    etas = _steps(case)
    return all(later >= sooner for sooner, later in pairwise(etas)), f"the step goes from {etas[0]} to {etas[-1]}"


def monotone_step(case: Case) -> Judgement:
    met, why = nondecreasing_step(case)
    return met or nonincreasing_step(case)[0], why


def warm_up_then_decay_step(case: Case) -> Judgement:
    etas = _steps(case)
    peak = etas.index(max(etas))
    rises = all(later >= sooner for sooner, later in pairwise(etas[: peak + 1]))
    falls = all(later <= sooner for sooner, later in pairwise(etas[peak:]))
    return rises and falls, f"the step is largest, {etas[peak]}, at t = {peak}"


def alternating_step(case: Case) -> Judgement:
    etas = _steps(case)
    return all(later == sooner for sooner, later in zip(etas, etas[2:], strict=False)), f"the step begins {', '.join(map(str, etas[:4]))}"


def same_function(case: Case) -> Judgement:
    if case.functions is None:
        raise NotMeasured("there are no functions, only gradients")
    met = all(bool((each == each[:1]).all()) for each in case.functions)
    return met, f"the functions of the workers {'agree' if met else 'differ'}"


def any_map(case: Case) -> Judgement:
    return True, "nothing is asked of the map"


VALIDATORS: dict[str, Callable[[Any], Judgement]] = {
    validator.__name__: validator
    for validator in (
        smooth, one_sided_smooth, strongly_convex, convex, minimiser, second_moment, variance, contraction, gap_as_defined, gap_from_zero,
        fixed_step, decaying_step, strongly_convex_step, four_over_mu_step, horizon_step, positive_step, nonincreasing_step,
        nondecreasing_step, monotone_step, warm_up_then_decay_step, alternating_step, same_function, any_map,
    )
}  # fmt: skip


def judge(given: Collection[Hypothesis], case: Case) -> dict[str, Judgement]:
    """Each hypothesis by name: whether the case meets it, and why. Exact.

    A hypothesis that can neither be evaluated nor validated counts as not met.
    """
    return {hypothesis.name: _judge(hypothesis, case) for hypothesis in given}


def _judge(hypothesis: Hypothesis, case: Case) -> Judgement:
    validator = VALIDATORS.get(hypothesis.name)
    if validator is None and hypothesis.condition is None:
        return False, "there is no way to judge this"
    try:
        if hypothesis.condition is not None and not holds(hypothesis.condition, case.measured):
            return False, f"{hypothesis.condition} is false"
        return validator(case) if validator else (True, f"{hypothesis.condition} is true")
    except NotMeasured as why:
        return False, str(why)


# ---- letters that a statement quantifies over ----

FREE = {"p": (Fraction(2), Fraction(11, 10), Fraction(6)), "young": (Fraction(1), Fraction(1, 8), Fraction(8))}


def free_letters(reading: Reading) -> list[dict[str, Fraction]]:
    """Values of the letters that the relation holds for all of (p > 1, tau > 0); one empty choice where it has none."""
    named = {symbol.name for symbol in reading.relation.symbols} if reading.relation is not None else set()
    wanted = {name: values for name, values in FREE.items() if name in named}
    return [dict(zip(wanted, values, strict=True)) for values in product(*wanted.values())]


def with_free(instance: dict[str, Any], free: Mapping[str, Any] | None) -> dict[str, Any]:
    """The instance with values of free letters, if there are any."""
    return instance | {"free": {name: str(value) for name, value in free.items()}} if free else instance


def free_of(instance: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The free letters of an instance, [1] each."""
    return {name: np.array([Fraction(value)], dtype=object) for name, value in instance.get("free", {}).items()}


# ---- samplers: the edges first ----

MARGIN = Fraction(1, 64)
"""How far beyond a strict bound an edge case lies, relative to it."""


def coefficients(d: int) -> tuple[Fraction, ...]:
    """Contraction coefficients: no compression, the ends of the range, and between."""
    return tuple(dict.fromkeys((Fraction(1), Fraction(1, 20), Fraction(1, d), Fraction(1, 2), Fraction(9, 10))))


def smallest_shift(names: Collection[str], H: int, gamma: Fraction, kappa: Any = 0, scale_times_L: Any = 0) -> Any:
    """The least a (a margin above strict bounds) that meets the shift hypotheses among `names`; 1 where there are none."""
    strict = {
        "shift_above_memory": 4 * H / gamma,
        "shift_above_condition": 32 * kappa,
        "shift_above_four_condition": 4 * kappa,
        "shift_above_step": 2 * scale_times_L,
        "shift_above_one": Fraction(1),
    }
    edges = [bound * (1 + MARGIN) for name, bound in strict.items() if name in names]
    return max([*edges, Fraction(H if "shift_above_gap" in names else 1)])


def synchronisations(H: int, stretches: int, literal: bool, rng: np.random.Generator) -> tuple[tuple[int, ...], ...]:
    """Sets of indices whose gap is at most H: all stretches full; with random lengths; and, read literally, after a long first stretch."""
    regular = tuple(H * (i + 1) for i in range(stretches))
    lengths = rng.integers(1, H + 1, stretches)
    sets = [regular, tuple(int(i) for i in np.cumsum(lengths))]
    if literal:
        sets += [tuple(first + H * i for i in range(2)) for first in (5 * H, 20 * H)]
    return tuple(dict.fromkeys(sets))
