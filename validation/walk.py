"""The arena of a walk: how large gradients stay where d_t is unbiased given w_t, as M-DSGD's Theorem 5 prints it, but not given z_t too.

F is Huber's function of one variable, of slope G from `width` places beside its least point on. The iterate stays at its place for `stay`
iterations and then goes to a neighbouring one, rather toward the least point: such that the mean of its moves is -stay gamma F'. z goes
there in as many equal steps, of D = `ratio` G each. To whom w_t is known alone, d_t is D or -D with mean F'(w_t); z_t, which has set out
already, tells which. The law of the walk is followed in whole numbers, so that both sides are exact.

Algorithm 1 makes w_t walk so, and z_t is a combination of what its workers hold, with G and A as little larger as one likes. One worker has
a small share of F, samples whose gradients are of one size, and sends what it drew `stay` iterations later, when a second coordinate, a
clock driven by a worker whose slope another one cancels, has come round; elsewhere on the clock, and for the rest of F, gradients are those
of workers that never send.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

import validation.momentum  # noqa: F401  that knows how to judge the hypotheses of M-DSGD
from theory.claim import Reading
from validation.attack import Attack, Effort, Instance, Replay, register
from validation.hypotheses import Case, Judgement, Pieces, judge
from validation.letters import replayed
from validation.quantities import NotMeasured, bounds

MOST_ITERATIONS = 10**4
GAMMA = LARGEST_SLOPE = Fraction(1)  # the units of X^2/F and of F/X


class Run(NamedTuple):
    """How often the iterate moves, for how many iterations it stays, how many places to the full slope, and D over G; all at least 1."""

    moves: int
    stay: int
    width: int
    ratio: int

    @property
    def chances(self) -> list[tuple[int, int]]:
        """Of each place from 0 on that is reached, the chances to move toward 0 and away, in 2 `width` `ratio`-ths."""
        least = self.width * self.ratio
        return [(0, 2 * least), *((least + slope, least - slope) for slope in map(self.slope, range(1, self.moves)))]

    def slope(self, place: int) -> int:
        """F' at a place from 0 on, in G / `width`."""
        return min(place, self.width)


def mean_squares(run: Run) -> list[Fraction]:
    """E F'(w)^2 before each move, in G^2; the walk starts at 0, and both sides of it are alike."""
    law, found = [1], list[Fraction]()
    for moved in range(run.moves):
        of_all = sum(mass * run.slope(place) ** 2 for place, mass in enumerate(law))
        found.append(Fraction(of_all, run.width**2 * (2 * run.width * run.ratio) ** moved))
        following = [0] * (len(law) + 1)
        for place, (mass, (toward, away)) in enumerate(zip(law, run.chances, strict=False)):
            following[place + 1] += away * mass
            following[max(place - 1, 0)] += toward * mass
        law = following
    return found


def letters(run: Run) -> dict[str, np.ndarray]:
    """What the run measures, in rationals: letters [1], quantities [1, T]."""
    D, T = run.ratio * LARGEST_SLOPE, run.moves * run.stay
    place = run.stay * GAMMA * D  # X, from one to the next
    stated = {
        "horizon": Fraction(T), "G": LARGEST_SLOPE, "L": LARGEST_SLOPE / (run.width * place), "direction_bound": D,
        "lag_factor": ((run.stay - 1) * D) ** 2, "turn_factor": Fraction(0), "largest_turn": Fraction(0), "error_bound": Fraction(1),
        "initial_gap": Fraction(0),
    }  # fmt: skip
    out = {
        "gradient_sq": [value * LARGEST_SLOPE**2 for value in mean_squares(run) for _ in range(run.stay)],
        "transformed_lag_sq": [(since * GAMMA * D) ** 2 for since in range(run.stay)] * run.moves,
        "gamma_t": [GAMMA] * T, "batch_gradient_sq": [D**2] * T,
        **dict.fromkeys(("total_memory_sq", "alpha_t"), [Fraction(0)] * T),  # there is no e_t
    }  # fmt: skip
    return {name: np.array([value], dtype=object) for name, value in (stated | out).items()}


def huber(run: Run, L: Fraction) -> Pieces:
    """F: L-smooth, its slope between -G and G."""
    knee = LARGEST_SLOPE / L
    return Pieces(*(np.array([each], dtype=object) for each in (-LARGEST_SLOPE, Fraction(0), [-knee, knee], [L, -L])))


def unbiased(run: Run) -> Judgement:
    """Of d_t, given where the iterate is: D times the surplus of the chance to move toward 0, against F' there."""
    D, whole = run.ratio * LARGEST_SLOPE, 2 * run.width * run.ratio
    means = ((place, Fraction(toward - away, whole) * D) for place, (toward, away) in enumerate(run.chances) if place)
    wrong = next((place for place, mean in means if mean != LARGEST_SLOPE * run.slope(place) / run.width), None)
    return wrong is None, "its mean is F' at every place" if wrong is None else f"its mean is not F' at place {wrong}"


class Walk:
    """Walks as plain data: "moves", "stay", "width", "ratio"."""

    name = "walk"

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        """Walks with ever longer directions beside the gradients; nothing is drawn at random."""
        best = None
        for tried, ratio in enumerate((2, 4, 8, 16), 1):
            run = Run(moves=8 * ratio, stay=4 * ratio, width=max(ratio // 3, 1), ratio=ratio)
            instance: Instance = run._asdict()
            try:
                found = self.replay(reading, instance)
            except NotMeasured as why:
                return Attack("no instance", None, tried, str(why))
            nearest = float(bounds(found.lhs)[0] / bounds(found.rhs)[1])
            if found.broken:
                said = f"exactly {float(bounds(found.lhs)[0]):.6g} against {float(bounds(found.rhs)[1]):.6g}"
                met = f"all {len(found.hypotheses)} hypotheses met; found among {tried} walks of up to {run.moves * run.stay} iterations"
                return Attack("broken", nearest, tried, f"{said}, {met}", instance)
            if found.valid and (best is None or nearest > best[0]):
                best = nearest, instance
        if best is None:
            return Attack("no instance", None, tried, "no walk meets the hypotheses")
        return Attack("not broken", best[0], tried, f"at most {best[0]:.3g} over {tried} walks", nearest=best[1])

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """Raises: ValueError if this is no such walk, or the reading asks for something else."""
        try:
            run = Run(*(int(instance[name]) for name in Run._fields))
        except (KeyError, TypeError, ValueError) as why:
            raise ValueError(f"this is no walk: {type(why).__name__} {why}") from why
        if min(run) < 1 or run.ratio < 2 or run.stay < 2 or run.moves * run.stay > MOST_ITERATIONS:
            raise ValueError(f"all must be positive, ratio and stay at least 2, moves times stay at most {MOST_ITERATIONS}, got {run}")
        measured: dict[str, Any] = letters(run)
        F = huber(run, measured["L"][0])
        judged = dict(judge(reading.given, Case(measured, (), (), {LARGEST_SLOPE**2}, functions=F)))
        if "unbiased_given_iterate" in judged:
            judged["unbiased_given_iterate"] = unbiased(run)
        if "unbiased_given_past" in judged:
            judged["unbiased_given_past"] = False, "z_t tells where the iterate goes next, and so what d_t is"
        return replayed(reading, measured, judged)


register(Walk())
