"""Which claim is measured by which exact worst case, and how far its bound is from it.

For callers: `CASES` says which claims have a case, `exact(claim_id, **parameters)` solves it, at the registered small parameters but for
those given, and answers a `WorstCase`: `value` (None where the solver failed, as `status` says), `attained_by_reference`, their relative
`gap`, `setting` in words, and `horizon` n. Every case takes well under a second where n is at most 5. `theory.suprema` and
`theory.suprema_sums` have closed forms of some of them, by the same ids, `theory.mean_iterate` that of Lemma 11 of M-DSGD, and
`validation.neighbour` what belongs to no claim of the five papers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from inspect import signature
from typing import Any

import numpy as np

from theory.claim import Claim, Hypothesis, Reading, Relation
from validation import worst_cases_descent as descent
from validation import worst_cases_dist_ef_sgd as dist_ef_sgd
from validation import worst_cases_ef_sgd as ef_sgd
from validation import worst_cases_functions as functions
from validation import worst_cases_local_sgd as local_sgd
from validation import worst_cases_mdsgd as mdsgd
from validation import worst_cases_qprsgd as qprsgd
from validation import worst_cases_qsparse_local_sgd as qsparse_local_sgd
from validation import worst_cases_stages as in_stages
from validation.checks import Bench, Check
from validation.hypotheses import VALIDATORS
from validation.hypotheses import Case as Steps
from validation.performance import SOLVER, TOLERANCE, WorstCase
from validation.quantities import Measured, NotMeasured, Sides, evaluate, free_index, holds

DIGITS = 6
"""Significant digits that are reported, so that the solver's last digits show nowhere."""

OF_STEPS = ("nonincreasing_step", "nondecreasing_step", "monotone_step", "warm_up_then_decay_step", "alternating_step")
"""Hypotheses about the shape of a schedule, which have no scalar form."""

_FIXED = partial(qsparse_local_sgd.algorithm_1, synchronisations=5, gap=2, gamma=0.3, eta=1.0)
_DECAYING = partial(qsparse_local_sgd.algorithm_1, synchronisations=5, gap=2, gamma=0.5, step_scale=1.0, a=20.0)  # a > 4 H / gamma = 16
_DRIFT = partial(qsparse_local_sgd.algorithm_1, quantity="deviation_sq", synchronisations=0, gap=4, workers=2)
_IN_TURN = partial(qsparse_local_sgd.algorithm_2, gap=2)
_ERROR = partial(dist_ef_sgd.algorithm_4, iterations=5, gamma=0.3)
_WITH_MOMENTUM = partial(_ERROR, beta=0.5)
_BY_HORIZON = partial(descent.horizon_step, horizon=4, G=2.0)
_BY_DECAY = partial(descent.decaying_step, horizon=4, G=2.0)
_BY_MEAN = partial(descent.weighted_mean, horizon=3, gap=2, gamma=0.5, steps=8.0, a=129.0)  # a > 32 kappa = 128
_LOCAL = partial(local_sgd.algorithm_1, synchronisations=0, gap=5, workers=2, a=5.0)

CASES: Mapping[str, Callable[..., WorstCase]] = {
    "qsparse_local_sgd/remark-2": functions.smooth,
    "qsparse_local_sgd/remark-3": functions.strongly_convex,
    "qsparse_local_sgd/lemma-4": partial(_DECAYING, quantity="memory_sq"),
    "qsparse_local_sgd/lemma-5": partial(_FIXED, quantity="memory_sq"),
    "qsparse_local_sgd/sec-3.5.1/mean-memory": partial(_FIXED, quantity="mean_memory_sq", workers=2),
    "qsparse_local_sgd/lemma-7": partial(_DRIFT, eta=1.0),
    "qsparse_local_sgd/lemma-8": partial(_DRIFT, gamma=0.5, step_scale=1.0, a=40.0),  # a > 4 H / gamma = 32
    "qsparse_local_sgd/theorem-1": _BY_HORIZON,
    "qsparse_local_sgd/theorem-2": partial(_BY_MEAN, workers=2),
    "qsparse_local_sgd/theorem-3": _BY_HORIZON,  # of one worker that synchronises with itself alone
    "qsparse_local_sgd/theorem-4": _BY_MEAN,
    "qsparse_local_sgd/theorem-5": _BY_DECAY,
    "qsparse_local_sgd/theorem-6": _BY_DECAY,
    "qsparse_local_sgd/lemma-11": partial(_IN_TURN, synchronisations=3, gamma=0.9, step_scale=1.0, a=40.0),
    "qsparse_local_sgd/lemma-12": partial(_IN_TURN, synchronisations=3, gamma=0.9, eta=1.0),
    "dist_ef_sgd/lemma-2/constant-step": partial(_ERROR, quantity="two_way_error_sq", workers=2),
    "dist_ef_sgd/lemma-2/nondecreasing-step": partial(_ERROR, quantity="two_way_error_sq", workers=2, step_growth=1.25),
    "dist_ef_sgd/lemma-2": partial(_ERROR, quantity="lag_sq", workers=2, step_growth=0.5),
    "dist_ef_sgd/lemma-5": partial(_WITH_MOMENTUM, quantity="drive_sq"),
    "dist_ef_sgd/lemma-6": partial(_WITH_MOMENTUM, quantity="two_way_error_sq", workers=2),
    "dist_ef_sgd/eq-6": partial(_WITH_MOMENTUM, quantity="worker_error_sq"),
    "dist_ef_sgd/eq-8": partial(_WITH_MOMENTUM, quantity="server_error_sq"),
    "dist_ef_sgd/theorem-1": partial(ef_sgd.error_feedback, iterations=5),
    "dist_ef_sgd/theorem-1/monotone": partial(ef_sgd.error_feedback, iterations=5, eta=0.15, step_growth=1.25),
    "dist_ef_sgd/eq-3": partial(ef_sgd.error_feedback, iterations=5),
    "dist_ef_sgd/theorem-2": partial(ef_sgd.error_feedback, iterations=5, eta=0.1, beta=0.5),
    "local_sgd/theorem-2.2": partial(descent.weighted_mean, horizon=3, gap=2),
    "local_sgd/lemma-3.3": partial(_LOCAL, step_scale=1.0),
    "local_sgd/lemma-3.3/any-numerator": partial(_LOCAL, step_scale=3.0),
    "local_sgd/eq-32": partial(local_sgd.algorithm_1, quantity="local_progress_sq", synchronisations=0, gap=5, eta=1.0),
    "mdsgd/lemma-11": partial(mdsgd.averaged_gap, iterations=5),
    "mdsgd/theorem-12": in_stages.in_stages,
    "mdsgd/theorem-10": partial(mdsgd.mean_gradient, iterations=5),
    "mdsgd/lemma-7/momentum": partial(mdsgd.algorithm_1, quantity="total_momentum_sq", iterations=5, beta=0.5),
    "mdsgd/sec-7/three-strategies": partial(mdsgd.algorithm_1, quantity="total_memory_sq", iterations=5, workers=2, gamma=0.3, beta=0.5),
    "qprsgd/lemma-7": partial(qprsgd.algorithm_2, quantity="consensus_sq", rounds=5),
    "qprsgd/lemma-10": partial(qprsgd.algorithm_2, quantity="round_drift_sq", rounds=4),
}
"""By claim: its case at small parameters, each of which can be given again."""


def exact(claim_id: str, **parameters: Any) -> WorstCase:
    """The exact worst case of a claim's quantity, at the registered parameters but for those given.

    Raises: ValueError for a claim without a case, a parameter that its case does not have, or as the case.
    """
    if claim_id not in CASES:
        raise ValueError(f"claim must be one of {', '.join(CASES)}, got {claim_id!r}")
    allowed = signature(CASES[claim_id]).parameters
    for name in parameters:
        if name not in allowed:
            raise ValueError(f"parameters of {claim_id} must be among {', '.join(allowed)}, got {name}")
    return CASES[claim_id](**parameters)


@cache  # a claim's readings, its correction and its improvement bound the same quantity
def _registered(case: Callable[..., WorstCase]) -> WorstCase:
    return case()


def tightness(claim: Claim, reading: Reading, bench: Bench) -> Check | None:
    """How far the bound of a reading is from the exact worst case, at the small case registered for its claim."""
    relation = reading.relation
    if claim.id not in CASES or relation is None or relation.op == "==":
        return None
    worst = _registered(CASES[claim.id])
    if worst.value is None:
        return Check("tightness", "solver failed", f"{SOLVER} on the worst case {worst.setting}: {worst.status}")
    try:
        if strange := _strange(reading, worst.measured):
            return Check("tightness", "not compared", f"{strange}: not so in the worst case {worst.setting}")
        ratio, bound = _compared(relation, worst.measured)
    except NotMeasured as why:
        return Check("tightness", "not compared", f"{why}, in the worst case {worst.setting}")
    evidence = f"exact worst case {worst.setting}: {worst.value:.{DIGITS}g} ({SOLVER}), bound {bound:.{DIGITS}g}, {_distance(ratio)}"
    if not worst.exact:
        return Check("tightness", "not attained", f"{evidence}; the reference falls short of it by a part of {worst.gap:.1g}", ratio)
    return Check("tightness", "exact", f"{evidence}; the reference attains it to {TOLERANCE:g}", ratio)


def _strange(reading: Reading, measured: Measured) -> str:
    """A hypothesis of the reading that the case does not share, in words; empty if there is none."""
    return next((h.says for h in reading.given if not _shared(h, measured)), "")


def _shared(hypothesis: Hypothesis, measured: Measured) -> bool:
    """Whether the case is known not to break a hypothesis: by its scalar form, by the steps, or by what is known of all cases."""
    if hypothesis.name == "gap_as_defined":  # it allows a longer first stretch, whose worst case is another
        return False
    if hypothesis.name in OF_STEPS and "eta_t" in measured:
        return VALIDATORS[hypothesis.name](Steps(measured, (), (), ()))[0]
    return hypothesis.condition is None or holds(hypothesis.condition, measured)


def _compared(relation: Relation, measured: Measured) -> tuple[float, float]:
    """Measured over bound, above 1 where the relation fails, and the bound: both sides at the last time."""
    small, large = (relation.lhs, relation.rhs) if relation.op in ("<=", "<") else (relation.rhs, relation.lhs)
    index = {symbol: times[-1:] for symbol, times in free_index((small, large), measured).items()}
    exact = np.zeros(1)  # the measured values are rationals: nothing is lost to round-off
    sides = Sides(evaluate(small, measured, index), evaluate(large, measured, index), "<=", None, exact)
    bound = sides.large if relation.op in ("<=", "<") else sides.small
    return float(f"{sides.ratios.max():.{DIGITS}g}"), float(bound.ravel()[0])


def _distance(ratio: float) -> str:
    if ratio == 1:
        return "equal: sharp"
    return f"exceeded {ratio:.3g} times" if ratio > 1 else f"{1 / ratio:.3g} times from it"
