"""Which hypotheses of a cited claim are in force where it is cited: the same ones, ones they imply, or ones that ask nothing there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.asymptotics import Largest, Rate, in_the_end
from theory.claim import Hypothesis
from theory.rules import SOLVER, Rule, Solver, plain
from theory.symbols import C_hat, R, T, a, d, eta, eta_t, mu, stage_horizon, t, xi

SCHEDULES: dict[str, Mapping[Any, Any]] = {
    "fixed_step": {eta_t: eta},
    "decaying_step": {eta_t: xi / (a + t)},
    "strongly_convex_step": {eta_t: 8 / (mu * (a + t)), xi: 8 / mu},
    "four_over_mu_step": {eta_t: 4 / (mu * (a + t)), xi: 4 / mu},
    "horizon_step": {eta_t: C_hat / sp.sqrt(T), eta: C_hat / sp.sqrt(T)},
}
"""What a schedule says of the step at t and of its letters."""
FIXED = ("fixed_step", "horizon_step")
IMPLIED: dict[str, Collection[str]] = {
    "nonincreasing_step": tuple(SCHEDULES),
    "fixed_step": ("horizon_step", "capped_step", "root_step", "horizon_cost_step", "stage_steps", "fixed_transformation"),
    "decaying_step": ("strongly_convex_step", "four_over_mu_step"),
    "gap_as_defined": ("gap_from_zero",),
    "gap_from_zero": ("one_shot", "once_at_the_end"),  # whose H is T
    "nondecreasing_step": ("fixed_step", "climbing_schedule"),
    "minimiser": ("strongly_convex",),
    "warm_up_then_decay_step": ("fixed_step", "nonincreasing_step", "nondecreasing_step", "falling_schedule", "climbing_schedule"),
    "positive_weights": ("step_below_three_halves", "fixed_step_below_three_halves", "falling_schedule", "climbing_schedule"),
    "step_below_three_halves": ("capped_step", "falling_schedule", "climbing_schedule"),
    "fixed_step_at_most_half": ("capped_step", "root_step"),
    "momentum_step": ("horizon_cost_step",),
    "small_momentum_step": ("momentum_step",),  # at rho = 1
    "heavy_young": ("momentum_step",),  # at rho = 1
    "convex": ("strongly_convex", "weakly_convex half_envelope stage_steps"),  # of F_{s, gamma}, the function that a stage runs on
    "strongly_convex": ("weakly_convex half_envelope stage_steps",),  # so is F_{s, gamma}, with the modulus 1 / (2 gamma)
    "fixed_transformation": ("stage_steps",),  # within a stage
    "weight_recursion": ("fixed_transformation", "suffix_step", "root_transformation", "strategy_2_weights"),  # each is a claim
    "largest_kept": ("keeps_k",),  # what Top_k means
    "even_chances": ("keeps_k",),  # what Rand_k means
}
"""Hypotheses without a scalar form that says all, and those that imply them: each alone, or several together, separated by spaces."""
ASKS_NOTHING = {
    "any_map": "whatever the compressor does",
    "young_parameter": "a free parameter of the proof, fixed or minimised over",
    "first_synchronisation": "what t_(1) means, named by the rule",
    "positive_step": "steps are positive",
}
"""Hypotheses of a cited claim that only fix a letter, and why they ask nothing of who cites it."""

WHOLE: Mapping[Any, str] = {
    d / R: "coordinates of a segment, which is a vector itself",
    stage_horizon: "iterations of a stage",
}
"""What stands for letters that are declared to be whole, is whole itself, and is not known as such by its form: what it counts."""

BEYOND_SCALARS = frozenset((
    "contraction", "second_moment", "strongly_convex", "gap_from_zero", "gap_as_defined", "fixed_step", "decaying_step",
    "strongly_convex_step", "four_over_mu_step", "horizon_step", "fixed_transformation", "suffix_step", "excess", "keeps_k",
    "batches", "spectral_gap", "power_of_two", "transformed",
))  # fmt: skip
"""Hypotheses that ask something of maps, functions, sets or samples too: that their letters are in range does not put them in force."""


def in_force(needed: Hypothesis, given: Collection[Hypothesis], judge: Solver = SOLVER) -> bool:
    """Whether a hypothesis of a cited claim holds under the hypotheses of the citing reading; `judge` says what follows of scalars."""
    if _is_named(needed, given):
        return True
    if needed.condition is None or needed.name in BEYOND_SCALARS:
        return False
    return _follows(_in_schedule(needed.condition, given), given, judge)


def unmet(
    by: Rule | Rate | Largest, of: Callable[[str], Iterable[Hypothesis]], given: Collection[Hypothesis], judge: Solver = SOLVER
) -> list[str]:
    """Hypotheses of cited claims that are not in force where they are used: with everything that is substituted into what is cited.

    `of` gives the hypotheses of a claim. What a rate chooses it chooses last, and its conditions have to be met from some value of its
    first free letter on.
    """
    chosen, growing = (by.at, by.free[0]) if isinstance(by, Rate) else ({}, None)
    missing = []
    for cited, changes in by.uses():
        for needed in of(cited):
            condition = needed.condition
            touched = condition is not None and _after(_in_schedule(_after(condition, *changes), given), chosen)
            if condition is None or touched == _in_schedule(condition, given):
                met = in_force(needed, given, judge)
            else:
                met = needed.name not in BEYOND_SCALARS or _is_named(needed, given)
                met = met and (_follows(touched, given, judge) if growing is None else _follows_in_the_end(touched, growing, given, judge))
            if not met:
                missing.append(f"{cited} needs {needed.name}" + (f" where {touched}" * (touched not in (condition, sp.true, sp.false))))
        missing += [f"{cited} needs a whole {letter}, not {value}" for change in changes for letter, value in _not_whole(change)]
    return list(dict.fromkeys(missing))


def _not_whole(change: Mapping[Any, Any]) -> Iterator[tuple[Any, Any]]:
    """Letters that are declared to be whole, with what is put in their place and is not (of rates only orders count: they are free to)."""
    for letter, value in change.items():
        if isinstance(letter, sp.Symbol) and letter.is_integer and not sp.sympify(value).is_integer and value not in WHOLE:
            yield letter, value


def _is_named(needed: Hypothesis, given: Collection[Hypothesis]) -> bool:
    names = {hypothesis.name for hypothesis in given}
    return needed.name in names or needed.name in ASKS_NOTHING or any(names >= set(each.split()) for each in IMPLIED.get(needed.name, ()))


def _in_schedule(condition: Boolean, given: Collection[Hypothesis]) -> Boolean:
    """A condition on steps as one on the letters of the schedule that is given."""
    step = {} if {hypothesis.name for hypothesis in given} & set(FIXED) else {eta: eta_t}
    return condition.subs(step).subs(_schedule(given))


def _schedule(given: Collection[Hypothesis]) -> Mapping[Any, Any]:
    return next((SCHEDULES[name] for name in sorted({hypothesis.name for hypothesis in given} & set(SCHEDULES))), {})


def _after(condition: Boolean, *changes: Mapping[Any, Any]) -> Boolean:
    """A condition after substitutions; one that speaks of a quantity at every index is not changed where an index is chosen."""
    for change in changes:
        free = plain(condition).free_symbols
        apt = {key: value for key, value in change.items() if not isinstance(key, sp.Symbol) or key in free}
        condition = condition.subs(apt, simultaneous=True).doit() if apt else condition
    return condition


def _follows(condition: Boolean, given: Collection[Hypothesis], judge: Solver) -> bool:
    if condition in (sp.true, sp.false):
        return condition is sp.true
    schedule = _schedule(given)
    conditions = tuple(plain(hypothesis.condition.subs(schedule)) for hypothesis in given if hypothesis.condition is not None)
    return not judge.lacks(plain(condition), conditions)


def _follows_in_the_end(condition: Boolean, growing: sp.Expr, given: Collection[Hypothesis], judge: Solver) -> bool:
    """Whether a condition follows once a letter is large enough, the others held fixed."""
    parts = condition.args if isinstance(condition, sp.And) else (condition,)
    return all(_follows(in_the_end(part, growing), given, judge) or _follows(part, given, judge) for part in parts)
