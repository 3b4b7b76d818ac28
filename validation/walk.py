"""The arena of a walk: how large gradients stay where d_t is unbiased given w_t, as M-DSGD's Theorem 5 prints it, but not given z_t too.

F is Huber's function of the first of two coordinates, of slope S = 1 from `width` places beside its least point on. The iterate stays at
its place for `stay` iterations and then goes to a neighbouring one, rather toward the least point: such that the mean of its moves is
-stay gamma F'. z goes there in as many equal steps, of D = `ratio` S each. To whom w_t is known alone, d_t is D or -D with mean F'(w_t);
z_t, which has set out already, tells which. The law of the walk is followed in whole numbers, so that both sides are exact.

Algorithm 1 makes w_t walk so on the problem of `validation/walked.py`, where the reference runs it over all outcomes; every replay runs the
first iterations and compares the law of (w_t, z_t, d_t) with the one that is followed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

import validation.momentum  # noqa: F401  that knows how to judge the hypotheses of M-DSGD
from theory.claim import Reading
from validation.attack import Attack, Effort, Instance, Replay, register
from validation.hypotheses import Case, Judgement, Pieces, judge
from validation.letters import replayed
from validation.quantities import NotMeasured, bounds, root_above
from validation.walked import GAMMA, LARGEST_SLOPE, Law, Run, problem_of, ran

MOST_ITERATIONS = 10**4
FIRST_MOVES = 3
"""Moves whose iterations every replay runs over all outcomes: twice as many with each further one."""


def laws(run: Run) -> Iterator[tuple[list[int], int]]:
    """Before each move: how many of all ways, equally likely, end at each distance from the least point; and how many all are."""
    law, of_all = [1], 1
    for _ in range(run.moves):
        yield law, of_all
        following = [0] * (len(law) + 1)
        for place, mass in enumerate(law):
            toward, away = run.chances(place)
            following[place + 1] += away * mass
            following[abs(place - 1)] += toward * mass
        law, of_all = following, of_all * run.samples


def mean_squares(run: Run) -> list[Fraction]:
    """E F'(w)^2 before each move, in S^2."""
    return [Fraction(sum(mass * run.slope(at) ** 2 for at, mass in enumerate(law)), run.width**2 * of_all) for law, of_all in laws(run)]


def followed(run: Run, moves: int) -> list[Law]:
    """The law of (w_t, z_t, d_t) in each iteration of the first moves, as it is followed here."""
    problem, found = problem_of(run), list[Law]()
    for law, of_all in laws(run._replace(moves=moves)):
        for since in range(run.stay):
            at = dict[Any, Fraction]()
            for place, mass in enumerate(law):
                for side in (1, -1) if place else (1,):
                    w = side * place * problem.place
                    for d, chance in zip((side * problem.D, -side * problem.D), run.chances(place), strict=True):
                        if mass * chance:
                            key = (w, problem.tick * len(found)), (w - since * GAMMA * d, Fraction(0)), (d, Fraction(0))
                            at[key] = Fraction(mass * chance, of_all * run.samples) / (2 if place else 1)
            found.append(at)
    return found


def letters(run: Run) -> dict[str, np.ndarray]:
    """What the run measures, in rationals: letters [1], quantities [1, T]."""
    problem = problem_of(run)
    D, T = problem.D, run.moves * run.stay
    stated = {
        "horizon": Fraction(T), "G": root_above(problem.second_moment), "L": LARGEST_SLOPE / (run.width * problem.place),
        "direction_bound": D, "lag_factor": ((run.stay - 1) * D + T * problem.tick / GAMMA) ** 2, "turn_factor": Fraction(0),
        "largest_turn": Fraction(0), "error_bound": Fraction(1), "initial_gap": Fraction(0),
    }  # fmt: skip
    out = {
        "gradient_sq": [value * LARGEST_SLOPE**2 for value in mean_squares(run) for _ in range(run.stay)],
        "transformed_lag_sq": [(t % run.stay * GAMMA * D) ** 2 + (t * problem.tick) ** 2 for t in range(T)],
        "gamma_t": [GAMMA] * T, "batch_gradient_sq": [D**2] * T,
        **dict.fromkeys(("total_memory_sq", "alpha_t"), [Fraction(0)] * T),  # there is no e_t
    }  # fmt: skip
    return {name: np.array([value], dtype=object) for name, value in (stated | out).items()}


def huber(L: Fraction) -> Pieces:
    """F: L-smooth, its slope between -S and S along the first coordinate, and 0 along the second."""
    knee, none = LARGEST_SLOPE / L, Fraction(0)
    of_each = ([-LARGEST_SLOPE, none], [none] * 2, [[-knee, knee], [none] * 2], [[L, -L], [none] * 2])
    return Pieces(*(np.array(each, dtype=object) for each in of_each))


def unbiased(run: Run) -> Judgement:
    """Of d_t, given where the iterate is: D times the surplus of the chance to move toward 0, against F' there."""
    D = run.ratio * LARGEST_SLOPE
    for place in range(run.moves):
        toward, away = run.chances(place)
        if place and Fraction(toward - away, run.samples) * D != LARGEST_SLOPE * run.slope(place) / run.width:
            return False, f"its mean is not F' at place {place}"
    return True, "its mean is F' at every place"


class Walk:
    """Walks as plain data: "moves", "stay", "width", "ratio", "workers"."""

    name = "walk"

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        """Walks with ever longer directions beside the gradients; nothing is drawn at random."""
        best = None
        for tried, ratio in enumerate((2, 4, 8, 16), 1):
            run = Run(moves=8 * ratio, stay=2 * ratio, width=max(ratio // 2, 1), ratio=ratio, workers=4)
            try:
                found = _both_sides(reading, run)
            except NotMeasured as why:
                return Attack("no instance", None, tried, str(why))
            nearest = float(bounds(found.lhs)[0] / bounds(found.rhs)[1])
            if found.broken:
                self.replay(reading, run._asdict())  # which has Algorithm 1 walk
                said = f"exactly {float(bounds(found.lhs)[0]):.6g} against {float(bounds(found.rhs)[1]):.6g}"
                met = f"all {len(found.hypotheses)} hypotheses met; found among {tried} walks of up to {run.moves * run.stay} iterations"
                return Attack("broken", nearest, tried, f"{said}, {met}", run._asdict())
            if found.valid and (best is None or nearest > best[0]):
                best = nearest, run._asdict()
        if best is None:
            return Attack("no instance", None, tried, "no walk meets the hypotheses")
        return Attack("not broken", best[0], tried, f"at most {best[0]:.3g} over {tried} walks", nearest=best[1])

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """Raises: ValueError if this is no such walk, if Algorithm 1 makes another one, or the reading asks for something else."""
        try:
            run = Run(*(int(instance[name]) for name in Run._fields))
        except (KeyError, TypeError, ValueError) as why:
            raise ValueError(f"this is no walk: {type(why).__name__} {why}") from why
        if min(run) < 1 or min(run.ratio, run.stay) < 2 or run.workers < 3 or run.moves * run.stay > MOST_ITERATIONS:
            most = f"moves times stay at most {MOST_ITERATIONS}"
            raise ValueError(f"all must be positive, ratio and stay at least 2, workers at least 3, {most}, got {run}")
        moves = min(run.moves, FIRST_MOVES)
        if followed(run, moves) != ran(run, moves * run.stay):
            raise ValueError(f"Algorithm 1 must make the walk that is followed, and makes another one: {run}")
        return _both_sides(reading, run)


def _both_sides(reading: Reading, run: Run) -> Replay:
    """By the walk as it is followed."""
    measured: dict[str, Any] = letters(run)
    case = Case(measured, (), (), {problem_of(run).second_moment}, functions=huber(measured["L"][0]))
    judged = dict(judge(reading.given, case))
    if "unbiased_given_iterate" in judged:
        judged["unbiased_given_iterate"] = unbiased(run)
    if "unbiased_given_past" in judged:
        judged["unbiased_given_past"] = False, "z_t tells where the iterate goes next, and so what d_t is"
    return replayed(reading, measured, judged)


register(Walk())
