"""Derivations that replay without a solver: what shows each of their side conditions, found once, kept as data and checked again.

A derivation is derived anew from the claims' own data; of the file it takes the certificates of its vector steps (`theory.stored`), which
reading of each cited claim it rests on, and for every scalar side condition the reasons for the signs that imply it (`theory.signs`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import Boolean
from sympy.polys.polyerrors import BasePolynomialError

from theory import signs
from theory.certificate import Certificate, certify
from theory.claim import Reading, Relation
from theory.decide import about
from theory.force import unmet
from theory.rules import Cite, Context, Granted, NotReached, Question, Solver, derive, is_scalar
from theory.stored import Refused, as_data, reasons_of, recheck, spelled

REACHED = ("equal", "dominated")
Sign = tuple[sp.Expr, signs.Kind, tuple[Any, ...]]


def demanded(condition: Boolean, given: tuple[Any, ...]) -> Iterator[Sign]:
    """The signs that imply a condition, each with what is given for it. Of alternatives the last is shown where the others fail."""
    if isinstance(condition, sp.And):
        for part in condition.args:
            yield from demanded(part, given)
    elif isinstance(condition, sp.Or):
        *others, last = condition.args
        yield from demanded(last, (*given, *(sp.Not(each) for each in others)))
    elif not isinstance(condition, Relational):
        raise Refused(f"{condition} is no relation")
    elif isinstance(condition, sp.Eq | sp.Ne):
        difference = condition.lhs - condition.rhs
        for sign in (1, -1) if isinstance(condition, sp.Eq) else (1,):
            yield sign * difference, "nonnegative" if isinstance(condition, sp.Eq) else "nonzero", given
    else:
        yield condition.gts - condition.lts, "positive" if isinstance(condition, sp.Gt | sp.Lt) else "nonnegative", given


class Found(Solver):
    """Looks for reasons and certificates that need no solver, and keeps them."""

    def __init__(self) -> None:
        self.reasons: dict[str, list[Any]] = {}
        self.certificates: dict[int, dict[str, Any]] = {}

    def lacks(self, condition: Boolean, given: tuple[Boolean, ...]) -> str:
        found = []
        for expression, kind, where in demanded(condition, given):
            sign = expression, kind, about(expression.free_symbols, where)
            reasons = signs.find(*sign)
            if reasons is None or not _shown(spelled(reasons), sign):  # as it will be read again
                return f"no reason was found for the sign of {expression}"
            found.append(spelled(reasons))
        kept = self.reasons.setdefault(str(condition), [])
        if found not in kept:
            kept.append(found)
        return ""

    def uncertified(self, question: Question) -> str:
        certificate = certify(*question)
        if certificate.outcome != "proved":
            return certificate.evidence
        if id(certificate) not in self.certificates:
            data = as_data(certificate)
            if left := recheck(data):
                return f"only a solver shows that {left[0]}"
            self.certificates[id(certificate)] = data  # certificates are remembered: none of another question gets this number
        return ""


class Kept(Solver):
    """Checks stored reasons and certificates; nothing is searched."""

    def __init__(self, reasons: Mapping[str, Sequence[Any]], certificates: Sequence[Certificate]) -> None:
        self.reasons, self.certificates = reasons, certificates

    def lacks(self, condition: Boolean, given: tuple[Boolean, ...]) -> str:
        asked = [(e, kind, about(e.free_symbols, where)) for e, kind, where in demanded(condition, given)]
        try:
            for each in self.reasons.get(str(condition), ()):
                if len(each) == len(asked) and all(_shown(data, sign) for data, sign in zip(each, asked, strict=True)):
                    return ""
        except (KeyError, TypeError, AttributeError, ValueError) as why:
            raise Refused(f"what is stored for {condition} is no reason: {why}") from None
        return "no stored reason shows it"

    def uncertified(self, question: Question) -> str:
        return "" if any(answers(each, question) for each in self.certificates) else "none that is stored is about this step"


def _shown(data: Any, sign: Sign) -> bool:
    expression, kind, given = sign
    letters = {s.name: s for each in (expression, *given) for s in each.free_symbols}
    return signs.shows(reasons_of(data, letters), expression, kind, given)


def answers(certificate: Certificate, question: Question) -> bool:
    """Whether a certificate is about what was asked."""
    slack, hypotheses, _, given, equalities = question
    allowed = {part for condition in given for part in (condition.args if isinstance(condition, sp.And) else (condition,))}
    return (
        _same(certificate.slack, slack)
        and certificate.hypotheses.keys() == hypotheses.keys()
        and all(_same(expression, hypotheses[name]) for name, expression in certificate.hypotheses.items())
        and certificate.equalities == frozenset(equalities)
        and set(certificate.given) <= allowed
    )


def _same(one: sp.Expr, other: sp.Expr) -> bool:
    return bool(sp.expand(one - other) == 0 or sp.cancel(sp.together(one - other)) == 0)


def is_settled(reading: Reading) -> bool:
    """Whether algebra may settle it alone: a derivation that does not only cite or grant, or a statement about letters."""
    if reading.follows is not None:
        return reading.relation is not None and not isinstance(reading.follows, Cite | Granted)
    return is_scalar(reading) and reading.relation is not None and bool(reading.relation.slack.free_symbols)


def lacking(reading: Reading, cited: Mapping[str, Reading], judge: Solver) -> str:
    """What a reading still lacks where a judge shows what it can; empty where it follows. `cited` has the readings that stand, by id."""

    def known(claim_id: str) -> Relation:
        relation = cited[claim_id].relation if claim_id in cited else None
        if relation is None:
            raise NotReached(f"it is not said what is taken from {claim_id}")
        return relation

    assert reading.relation is not None
    context = Context(known, reading.conditions, judge)
    if reading.follows is None:
        try:
            context.require(reading.relation.boolean, "not shown")
        except NotReached as why:
            return str(why)
        return ""
    if missing := unmet(reading.follows, lambda each: cited[each].given if each in cited else (), reading.given, judge):
        return missing[0]
    derived = derive(reading.follows, reading.relation, context)
    return "" if derived.outcome in REACHED else derived.evidence


def found(reading: Reading, cited: Mapping[str, Reading]) -> Found | None:
    """The reasons and certificates by which a reading follows without a solver; None where a step needs one."""
    judge = Found()
    try:
        return None if lacking(reading, cited, judge) else judge
    except (ValueError, BasePolynomialError):  # a sign cannot be written, or is about no polynomials
        return None
