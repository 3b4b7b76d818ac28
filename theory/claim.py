"""What a claim is: one frozen record per printed statement, plain data, in the order of the paper.

A claim *refers* to shared quantities, hypotheses and named rules; it implements nothing. Which checks apply to it follows from what its
statement holds: scalars alone are decided, inner products are certified, quantities are attacked, rates are derived.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sympy as sp
from sympy.logic.boolalg import Boolean

if TYPE_CHECKING:
    from theory.asymptotics import Largest, Rate
    from theory.rules import Rule

KINDS = ("definition", "assumption", "remark", "lemma", "theorem", "corollary", "table", "equation", "step", "text")
RELATIONS = {"<=": sp.Le, ">=": sp.Ge, "<": sp.Lt, ">": sp.Gt, "==": sp.Eq}
IMPROVED = "#improved"
"""What follows the id of a claim where its improvement is cited, not what stands of the claim itself."""


@dataclass(frozen=True)
class Relation:
    """`lhs op rhs`, kept as printed: sympy's own relations rewrite themselves, and a printed tautology would vanish."""

    lhs: sp.Expr
    op: str
    rhs: sp.Expr

    def __post_init__(self) -> None:
        if self.op not in RELATIONS:
            raise ValueError(f"op must be one of {', '.join(RELATIONS)}, got {self.op!r}")

    def __str__(self) -> str:
        return f"{self.lhs} {self.op} {self.rhs}"

    @property
    def slack(self) -> sp.Expr:
        """What is nonnegative (for `==`: zero) where the relation holds."""
        return sp.sympify(self.lhs - self.rhs if self.op in (">=", ">") else self.rhs - self.lhs)

    @property
    def boolean(self) -> Boolean:
        """The same as a sympy relational, to decide or to print."""
        return RELATIONS[self.op](self.lhs, self.rhs)

    def map(self, change: Any) -> Relation:
        """The relation with `change` applied to both sides."""
        return Relation(change(self.lhs), self.op, change(self.rhs))

    @property
    def symbols(self) -> set[sp.Symbol]:
        return set(sp.sympify(self.lhs).free_symbols) | set(sp.sympify(self.rhs).free_symbols)


def at_most(lhs: Any, rhs: Any) -> Relation:
    return Relation(sp.sympify(lhs), "<=", sp.sympify(rhs))


def at_least(lhs: Any, rhs: Any) -> Relation:
    return Relation(sp.sympify(lhs), ">=", sp.sympify(rhs))


def equals(lhs: Any, rhs: Any) -> Relation:
    return Relation(sp.sympify(lhs), "==", sp.sympify(rhs))


@dataclass(frozen=True)
class Hypothesis:
    """One shared assumption.

    `condition` is its symbolic form where it speaks of scalars alone; `name` is how `validation` finds the validator that judges an
    instance, whoever made it. A hypothesis about functions or maps (smoothness, contraction) has no scalar condition.
    """

    name: str
    says: str
    condition: Boolean | None = None


@dataclass(frozen=True)
class Fact:
    """An inequality `expression >= 0` (or `== 0`) that a hypothesis grants at named points, with the multiplier a certificate gives it."""

    label: str
    expression: sp.Expr
    multiplier: sp.Expr
    equality: bool = False


@dataclass(frozen=True)
class Reading:
    """One way to understand a printed statement (or its corrected, or improved form): hypotheses, a relation, and why it should hold.

    Exactly one of the following says how it can be proved, none if it cannot: `follows` (named rules on cited claims), `facts`
    (a certificate in inner products), nothing (a scalar relation, decided), `rate` (an asymptotic statement).
    `arena` names where `validation` attacks it; `setting` fixes structure there (an operator, a literal gap).
    """

    name: str
    relation: Relation | None = None
    given: tuple[Hypothesis, ...] = ()
    follows: Rule | None = None
    facts: tuple[Fact, ...] = ()
    rate: Rate | Largest | None = None
    arena: str | None = None
    setting: Mapping[str, Any] = field(default_factory=dict)
    says: str = ""
    unchecked: str = ""

    @property
    def conditions(self) -> tuple[Boolean, ...]:
        """The scalar forms of the hypotheses."""
        return tuple(h.condition for h in self.given if h.condition is not None)

    def cites(self) -> tuple[str, ...]:
        """Ids of all claims that its derivation or its rate rests on, in order, once each; an improvement is marked as one (`IMPROVED`)."""
        return tuple(dict.fromkeys(cited for rule in (self.follows, self.rate) if rule is not None for cited in rule.cites()))


@dataclass(frozen=True)
class Claim:
    """A printed statement with everything that is said about it.

    `latex` holds the relation literally as printed (several where the statement is several displays); `transcribed` names the letters
    whose meaning is special to this claim, over the paper's own table. `damaged` says where the stored text is broken by extraction.
    `relies` names definitions, assumptions and lemmas it uses without being derived from them by a rule. `loose` says what its bound gives
    away where nothing that is known comes near it.
    """

    id: str
    kind: str
    where: str
    says: str
    latex: tuple[str, ...] = ()
    readings: tuple[Reading, ...] = ()
    letters: Mapping[str, Any] = field(default_factory=dict)
    unparsed: str = ""
    damaged: str = ""
    relies: tuple[str, ...] = ()
    correction: Reading | None = None
    improvement: Reading | None = None
    misprint: str = ""
    restates: str = ""
    loose: str = ""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"{self.id}: kind must be one of {', '.join(KINDS)}, got {self.kind!r}")
        if "/" not in self.id or self.id != self.id.strip():
            raise ValueError(f"id must be '<paper>/<label>', got {self.id!r}")

    @property
    def stated(self) -> tuple[Reading, ...]:
        """Everything that is judged: the readings, then the correction and the improvement where there are; no two share a name."""
        return (*self.readings, *(each for each in (self.correction, self.improvement) if each is not None))

    @property
    def paper(self) -> str:
        return self.id.split("/", 1)[0]
