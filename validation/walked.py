"""The problem on which Algorithm 1 of M-DSGD makes the walk of `validation/walk.py`, and its run by the reference over all outcomes.

beta = 0, the step is constant, masks are the same in every run. Of two coordinates the first, w, walks in places of X; the second, c, is
a clock. The first worker draws one of its samples, a s(c) or -a s(c) along w at the places, s being 1 every `stay` ticks of the clock and
0 at the ticks between. It sends w every `stay` iterations, what it drew when it came, and c always, whose slope -kappa moves the clock by
a tick. The others never send: they hold what F, which knows no clock, has besides; the second differs from the third by the slope kappa
that cancels the clock's. z_t is w_t less a share of the step times u_{t,1}, and less the step times u_{t,2} - u_{t,3}.
The step is as large as a is small: c, what the samples do between the ticks, and a add as little to A and G as one likes. That F is held by
p - 1 of p workers leaves G^2 at p / (p - 1) times the square of its largest slope.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from reference.exact import rationals
from reference.mdsgd import State, init, step

GAMMA = LARGEST_SLOPE = Fraction(1)  # the units of X^2/F and of F/X
SMALL = Fraction(1, 100)
"""What the clock reaches, in X, and what slopes along it add to gradients, in F/X."""
Point = tuple[Fraction, Fraction]
Law = dict[tuple[Point, Point, Point], Fraction]
"""The chance of every (w_t, z_t, d_t), in X, X and F/X."""


class Run(NamedTuple):
    """How often the iterate moves, for how many iterations it stays, how many places to the full slope, D over S, workers."""

    moves: int
    stay: int
    width: int
    ratio: int
    workers: int

    @property
    def samples(self) -> int:
        """Of the first worker; all are drawn alike likely."""
        return 2 * self.width * self.ratio

    def slope(self, place: int) -> int:
        """F' at a place, in S / `width`."""
        return max(-self.width, min(place, self.width))

    def chances(self, place: int) -> tuple[int, int]:
        """How many samples let the iterate move toward 0, and away, from a place from 0 on; at 0 from one side to the other."""
        toward = self.width * self.ratio + self.slope(place)
        return toward, self.samples - toward


class Problem(NamedTuple):
    """From place to place, and D; eta, a sample's slope a, a tick of the clock, its slope kappa; a bound on E ||grad f||^2."""

    place: Fraction
    D: Fraction
    eta: Fraction
    a: Fraction
    tick: Fraction
    kappa: Fraction
    second_moment: Fraction


@cache
def problem_of(run: Run) -> Problem:
    """The problem of a run, its second moment being a bound at every point: |s'| is at most 2 a tick, |H| at most `moves` + 1 places."""
    D, p = run.ratio * LARGEST_SLOPE, run.workers
    place, tick = run.stay * GAMMA * D, SMALL / (run.moves * run.stay)
    a = SMALL * tick / (2 * (run.moves + 1) * place)
    eta, kappa = p * place / a, a * tick / place
    return Problem(place, D, eta, a, tick, kappa, LARGEST_SLOPE**2 * Fraction(p, p - 1) + a**2 / p + (SMALL + kappa) ** 2)


def bump(clock: Fraction, stay: int) -> Point:
    """s and s' at a time in ticks: 1 at multiples of `stay`, 0 from a tick beside them on, s' continuous and 0 at all ticks."""
    away = (clock + Fraction(stay, 2)) % stay - Fraction(stay, 2)
    side, far = (1 if away > 0 else -1), abs(away)
    if far >= 1:
        return Fraction(0), Fraction(0)
    return (1 - 2 * far**2, -4 * side * far) if 2 * far <= 1 else (2 * (1 - far) ** 2, -4 * side * (1 - far))


def sample(run: Run, drawn: int, place: Fraction) -> Point:
    """h of a sample, and its integral H from 0, in places: 1 or -1 at the places, 0 from the one after `moves` on, linear between."""

    def at(j: int) -> int:
        if abs(j) > run.moves:
            return 0
        return 1 if drawn < run.width * run.ratio + run.slope(j) else -1

    low = place.numerator // place.denominator
    part = place - low
    h = at(low) + (at(low + 1) - at(low)) * part
    whole = sum(at(j) + at(j + 1) for j in range(min(low, 0), max(low, 0))) * (1 if low > 0 else -1)
    return h, (whole + part * (at(low) + h)) / 2


@cache
def gradients(run: Run, at: Point) -> tuple[Counter[Point], ...]:
    """Of each kind of worker (the first, the second, each other one), how many of its samples have which gradient at a point."""
    problem = problem_of(run)
    place, (s, turn) = at[0] / problem.place, bump(at[1] / problem.tick, run.stay)
    own = Counter[Point]()
    for drawn in range(run.samples):
        h, H = sample(run, drawn, place) if s or turn else (Fraction(0), Fraction(0))
        own[problem.a * s * h, problem.a * problem.place * turn * H / problem.tick - problem.kappa] += 1
    mean = [sum((g[i] * count for g, count in own.items()), Fraction(0)) / run.samples for i in (0, 1)]
    slope = LARGEST_SLOPE * max(Fraction(-1), min(place / run.width, Fraction(1)))
    others = (run.workers * slope - mean[0]) / (run.workers - 1), -(mean[1] + problem.kappa) / (run.workers - 1)
    second = others[0], others[1] + problem.kappa
    return own, Counter({second: run.samples}), Counter({others: run.samples})


def ran(run: Run, iterations: int) -> list[Law]:
    """The law of (w_t, z_t, d_t) in each iteration, by Algorithm 1 over all outcomes of what is drawn."""
    found = list[Law]()
    state, chances = init(rationals([[0, 0]]), run.workers), [Fraction(1)]
    for t in range(iterations):
        drawn = [(way, g, chance * count / run.samples) for way, chance in enumerate(chances)
                 for g, count in gradients(run, tuple(state.x[way]))[0].items()]  # fmt: skip
        ways, chances = [way for way, _, _ in drawn], [chance for _, _, chance in drawn]
        state = State(*(each[ways] for each in state))
        following = moved(run, state, [g for _, g, _ in drawn], t)
        before, after = combined(run, state, t), combined(run, following, t + 1)
        at = Law()
        for w, z, then, chance in zip(state.x, before, after, chances, strict=True):
            key = tuple(w), tuple(z), tuple((z - then) / GAMMA)
            at[key] = at.get(key, Fraction(0)) + chance  # type: ignore[index,call-overload]
        found.append(at)
        state = following
    return found


def moved(run: Run, state: State, own: list[Point], t: int) -> State:
    """The states after iteration t, the first worker having drawn these gradients."""
    rest = [[next(iter(of)) for of in gradients(run, tuple(x))[1:]] for x in state.x]
    drawn: Any = [[first, second, *[other] * (run.workers - 2)] for first, (second, other) in zip(own, rest, strict=True)]
    mask = np.zeros((run.workers, 2), dtype=int)
    mask[0] = (t + 1) % run.stay == 0, 1
    after, _ = step(state, rationals(drawn), problem_of(run).eta, 0, lambda v, _: mask * v)
    return after


def combined(run: Run, state: State, t: int) -> np.ndarray:
    """z_t [ways, 2]: a linear combination of w_t, u_{t,1}, u_{t,2} and u_{t,3} (counted from 1), the same for all ways."""
    u, eta = state.memory, problem_of(run).eta
    return state.x - Fraction(t % run.stay, run.stay) * eta * u[:, 0] - eta * (u[:, 1] - u[:, 2])  # type: ignore[no-any-return]
