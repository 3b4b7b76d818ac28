"""What could be said instead of a printed bound: the improvement that is stated, what rests on it, and how far any constant could go.

Any constant is bracketed. From below by instances: measured / bound at the nearest one, which no smaller multiple of the bound survives.
From above by proofs: 1 where the printed bound is proved, what its improvement makes of it, and for decided statements the smallest
multiple that the decision procedure still proves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import sympy as sp
from rich.console import Console
from rich.text import Text
from sympy.core.function import AppliedUndef

from theory.claim import IMPROVED, Claim, Reading, Relation
from theory.decide import decide
from theory.papers import claims
from validation import report
from validation.attack import Effort
from validation.factors import Factor, factor, of_supremum
from validation.tightness import better, measurable, nearest_of, standing
from validation.verdict import STANDS, Judged, Verdict

HALVINGS = 12
"""Bisections of a constant: 1/4096 of the printed one is resolved."""


def gain(printed: Relation, improved: Relation, given: Sequence[sp.Basic]) -> Factor | None:
    """How many times smaller the improved bound is; None where the two bound different things."""
    if printed.op != improved.op or sp.simplify(printed.lhs - improved.lhs) != 0:
        return None
    old, new = printed.rhs, improved.rhs
    return factor(old, new, given) if printed.op in ("<=", "<") else factor(new, old, given)


def least_decided(reading: Reading, effort: Effort) -> Fraction | None:
    """The smallest multiple of the bound of a scalar statement, on a grid of 2^-12, that is still decided to hold; None if not decided.

    Only for bounds that are nonnegative, where a smaller multiple says more.
    """
    relation = reading.relation
    if relation is None or relation.op not in ("<=", "<") or reading.follows or reading.facts or reading.rate or reading.arena:
        return None
    if any(sp.sympify(side).atoms(AppliedUndef) for side in (relation.lhs, relation.rhs)) or relation.rhs.is_nonnegative is not True:
        return None

    def holds(multiple: Fraction) -> bool:
        scaled = Relation(relation.lhs, relation.op, sp.Rational(multiple.numerator, multiple.denominator) * relation.rhs)
        return decide(scaled.boolean, list(reading.conditions), rlimit=effort.rlimit).outcome == "proved"

    if not holds(Fraction(1)):
        return None
    low, high = 0, 2**HALVINGS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(Fraction(middle, 2**HALVINGS)) else (middle, high)
    return Fraction(high, 2**HALVINGS)


def users(claim: Claim, improved: bool) -> list[str]:
    """Ids of the claims that rest on the standing form of a claim, or on its improvement."""
    cited = claim.id + IMPROVED * improved
    return [other.id for other in claims() if any(cited in reading.cites() for reading in other.stated)]


def run(claim_id: str, effort_name: str, seed: int, cache_dir: Path | None) -> None:
    """Prints what could be said instead of the printed bound of one claim.

    Raises:
        ValueError: unknown id or effort, or a claim that states no bound.
        InternalError: as `verify`.
    """
    claim, effort = report.one_claim(claim_id), report.effort_of(effort_name)
    if not any(reading.relation is not None for reading in claim.stated):
        raise ValueError(f"{claim.id} states no bound that could be improved")
    (verdict,), _ = report.judge_chosen([claim], effort, seed, cache_dir)
    console = Console(highlight=False, soft_wrap=True)
    for line in (*_now(verdict, effort), *_improved(verdict)):
        console.print(Text(line))


def _now(verdict: Verdict, effort: Effort) -> Iterator[str]:
    claim = verdict.claim
    yield f"{claim.id}  ({claim.kind}): {verdict.verdict}"
    stands = standing(verdict) or next((j for j in (*verdict.readings, verdict.correction) if j is not None and j.verdict in STANDS), None)
    stands = stands or verdict.readings[0]
    yield f"now       {stands.reading.name}: {stands.reading.relation}"
    if stands.reading.says:
        yield f"          {stands.reading.says}"
    yield from (f"given     {hypothesis.says}" for hypothesis in stands.reading.given)
    yield from _supremum(claim, stands.reading)
    yield from _room(stands, effort)
    if claim.loose:
        yield f"loose     {claim.loose}"
    rest = users(claim, improved=False)
    if rest:
        yield f"used by   {', '.join(rest)}"


def _supremum(claim: Claim, reading: Reading) -> Iterator[str]:
    """The closed form of what the bound is about, if one is known."""
    known = of_supremum(claim.id, reading)
    if known is not None:
        yield f"supremum  of {known.says}: {known.value}"
        limit = "" if known.limit is None else f"as {known.index} grows: {known.limit}; "
        yield f"          {limit}over the bound: {known.share}"


def _room(stands: Judged, effort: Effort) -> Iterator[str]:
    """Between which multiples of the bound the best constant lies."""
    below = None
    if measurable(stands.reading):
        attacked = next((check for check in stands.checks if check.name == "attack"), None)
        below = better(None, nearest_of(stands.reading, attacked)) if attacked is not None else None
    if below is not None:
        kind = "exactly, all hypotheses met" if below.exact else "in floats, not every hypothesis can be judged there"
        over = f" over {below.horizon} iterations" if below.horizon else ""
        yield f"below     no multiple under {below.ratio:.6g} holds: {below.attained_by}{over} ({kind})"
    for check in stands.checks:
        if check.name == "tightness" and check.ratio is not None:
            yield f"below     no multiple under {check.ratio:.6g} holds: {check.evidence}"
        if check.name == "derivation" and check.outcome == "dominated":
            yield f"above     the derivation gives more than is stated: {check.evidence}"
    least = least_decided(stands.reading, effort)
    if least is not None:
        yield f"above     the multiple {float(least):.4g} is decided to hold as well, on a grid of 1/{2**HALVINGS}"


def _improved(verdict: Verdict) -> Iterator[str]:
    improvement, claim = verdict.improvement, verdict.claim
    if improvement is None:
        yield "improved  no improvement is stated"
        return
    reading = improvement.reading
    assert reading.relation is not None
    yield ""
    yield f"improved  {reading.name}: {improvement.verdict}"
    yield f"          {reading.relation}"
    yield from (f"given     {hypothesis.says}" for hypothesis in reading.given)
    if reading.follows is not None:
        yield f"from      {', '.join(reading.follows.cites()) or 'its hypotheses'}, by {', '.join(reading.follows.names())}"
    yield from (f"check     {check.name}: {check.outcome}: {check.evidence}" for check in improvement.checks)
    for judged in (*verdict.readings, verdict.correction):
        if judged is None or judged.reading.relation is None:
            continue
        found = gain(judged.reading.relation, reading.relation, reading.conditions)
        if found is not None:
            yield f"gain      {judged.reading.name}: the bound is smaller by the factor {found}"
    rest = users(claim, improved=True)
    yield f"used by   {', '.join(rest) if rest else 'no other improvement'}"
