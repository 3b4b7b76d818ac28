"""The arena of one-shot averaging: local SGD whose workers meet at T - 1 and T alone, for so long that what they share is a bias.

Every worker descends the same function of one variable from its least point, where the slope has a kink: curvature c on the left, mu < c on
the right, samples off by +-noise. A step x -> x - eta f'(x) is then increasing and convex, so iterates lie right of the least point in the
mean, and no number of workers averages that away. Of the law of an iterate a lower bound is followed: whatever lies in one cell is moved to
its mean, which is smaller in the convex order, and remains so under increasing convex maps and independent noise. By Jensen's inequality
f at (the lower bound of) the mean of the output is at most E f of the output. Floats; what rounding may have added is taken off.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from theory.claim import Reading
from validation.attack import Attack, Effort, Instance, Replay, register
from validation.hypotheses import Case, Pieces, judge
from validation.letters import replayed
from validation.quantities import Interval, NotMeasured, bounds, root_above

MOST_ITERATIONS = 10**5
RATIOS = (2, 4, 9)
"""Curvature on the left over that on the right."""
WORKERS = 10**9
_DROPPED = 1e-25  # a cell with less probability is left out, and what it could add is taken off


class Run(NamedTuple):
    """T (at least 2) and K, curvatures c on the left and mu on the right in F/X^2, noise in F/X, and a, with eta_t = 4 / (mu (a + t))."""

    horizon: int
    workers: int
    left: Fraction
    right: Fraction
    noise: Fraction
    shift: Fraction


def mean_output(run: Run) -> Fraction:
    """A lower bound of the mean of x^_T = sum_t w_t x_t / S_T, w_t = (a + t)^2, in X; the least point is 0.

    With eta_0 <= 1 / c slopes never exceed the noise, so |x_t| <= noise / mu =: X. A step rounds positions by less than 25 u X (u = 2^-53),
    masses and means of cells, of n numbers together, by less than 3 n u X; nothing grows afterwards, as steps contract.
    """
    left, right, noise, a = map(float, run[2:])
    x, mass = np.array([0.0]), np.array([1.0])
    weights, mean, lost = 0.0, 0.0, 0.0
    for t in range(run.horizon):
        eta, weight = 4 / (right * (a + t)), (a + t) ** 2
        weights += weight
        mean += weight * float(mass @ x)
        x = x - eta * np.where(x > 0, right, left) * x
        x, mass = np.concatenate([x - eta * noise, x + eta * noise]), np.concatenate([mass, mass]) / 2
        cell = np.floor((x - x.min()) / (eta * noise)).astype(np.int64)
        together, moment = np.bincount(cell, mass), np.bincount(cell, mass * x)
        kept = together > _DROPPED
        lost += (4 * len(x) + 40) * 2.0**-53 + together[~kept].sum()
        mass, x = together[kept], moment[kept] / together[kept]
    reach = noise / right
    return Fraction(mean / weights) - Fraction((lost + 4 * run.horizon * 2.0**-53) * reach)


def letters(run: Run) -> dict[str, Any]:
    """What the run measures, in rationals, as [1]: the output gap between two certain ends."""
    middle = max(mean_output(run), Fraction(0))
    gap = Interval(run.right / 2 * middle**2, run.noise**2 / (2 * run.right))
    found = {
        "horizon": Fraction(run.horizon), "workers": Fraction(run.workers), "gap": Fraction(1), "a": run.shift, "mu": run.right,
        "L": run.left, "sigma_max": run.noise, "sigma_sq_sum": run.workers * run.noise**2, "G": root_above(2 * run.noise**2),
        "start_distance_sq": Fraction(0), "output_gap": gap,
    }  # fmt: skip
    return {name: np.array([value], dtype=object) for name, value in found.items()}


def case(run: Run, measured: dict[str, Any]) -> Case:
    eta = np.array([[4 / (run.right * (run.shift + t)) for t in range(run.horizon)]], dtype=object)
    zero = np.array([Fraction(0)], dtype=object)
    kink = Pieces(zero, zero + run.left, zero[:, None], zero[:, None] + run.right - run.left)
    alike = run.noise**2  # the variance of every worker; second moments are at most twice as large, as slopes are at most the noise
    return Case(measured | {"eta_t": eta}, (run.horizon - 1, run.horizon), (), {2 * alike}, [{alike}], [alike], kink)


class OneShot:
    """Runs as plain data: "horizon", "workers", "left", "right", "noise", "shift"."""

    name = "one_shot"

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        """The kink that comes nearest in a short run, for ever longer; nothing is drawn at random."""
        tried, best = 0, None
        for horizon in (1000, 27_000, MOST_ITERATIONS):
            ratios = RATIOS if best is None else (best[1],)
            for ratio in ratios:
                run = Run(horizon, WORKERS, Fraction(ratio), Fraction(1), Fraction(1), Fraction(4 * ratio + 1))
                instance = {name: str(value) for name, value in run._asdict().items()}
                try:
                    found = self.replay(reading, instance)
                except NotMeasured as why:
                    return Attack("no instance", None, tried, str(why))
                tried += 1
                least = bounds(found.lhs)[0]
                nearest = float(least / bounds(found.rhs)[1])
                if found.broken:
                    said = f"at least {float(least):.6g}, for certain, against {float(found.rhs):.6g}"
                    met = f"all {len(found.hypotheses)} hypotheses met; found among {tried} runs of up to {horizon} iterations"
                    return Attack("broken", nearest, tried, f"{said}, {met}", instance)
                if found.valid and (best is None or nearest > best[0]):
                    best = (nearest, ratio, instance)
        if best is None:
            return Attack("no instance", None, tried, "no run meets the hypotheses")
        return Attack("not broken", best[0], tried, f"at least {best[0]:.3g} over {tried} runs", nearest=best[2])

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """Raises: ValueError if this is no such run, or the reading asks for something else."""
        try:
            left, right, noise, shift = (Fraction(instance[name]) for name in Run._fields[2:])
            run = Run(int(instance["horizon"]), int(instance["workers"]), left, right, noise, shift)
        except (KeyError, TypeError, ValueError, ZeroDivisionError) as why:
            raise ValueError(f"this is no run of one-shot averaging: {type(why).__name__} {why}") from why
        if not (2 <= run.horizon <= MOST_ITERATIONS and run.workers >= 1 and min(run[2:]) > 0 and run.right <= run.left):
            raise ValueError(f"horizon must be in 2..{MOST_ITERATIONS}, all else positive, right at most left, got {run}")
        if 4 * run.left > run.right * run.shift:
            raise ValueError(f"the first step, 4 / (right shift), must be at most 1 / left, got shift {run.shift}")
        measured = letters(run)
        return replayed(reading, measured, judge(reading.given, case(run, measured)))


register(OneShot())
