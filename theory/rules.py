"""Named inference rules: each takes cited relations and gives a new one, and discharges its side conditions or refuses.

A derivation is an expression of rules over citations, kept as data in the claim. `derive` composes it; `compare` says how the result
stands to what is printed: equal, dominated (by which factor), or not reached. Not reached is not a refutation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import Boolean

from theory.cancelling import cancel
from theory.certificate import certify
from theory.claim import IMPROVED, Fact, Hypothesis, Reading, Relation
from theory.decide import about, decide
from theory.scenes import FUNCTION_VALUES, STEP_VALUES
from theory.vectors import Vector, average_norm_sq, gram_bases

Question = tuple[sp.Expr, dict[str, sp.Expr], dict[str, sp.Expr], tuple[Boolean, ...], tuple[str, ...]]
"""The arguments of `certify`."""
Cited = tuple[str, tuple[Mapping[Any, Any], ...]]
"""The id of what is cited, and what is substituted into it on the way to the end of a derivation, first things first."""


class NotReached(Exception):
    """A rule whose side condition could not be discharged; the message says which and why."""


CROWD = 24
"""Among more conditions than these z3 loses its way (how far into its count it finds one varies by some hundredths from run to run, as its

terms lie in memory), and those that speak of nothing else are asked first.
"""


class Solver:
    """What shows the side conditions of a derivation: here z3; `theory.replayed` has reasons that were stored."""

    def lacks(self, condition: Boolean, given: tuple[Boolean, ...]) -> str:
        """Why it is not shown that a condition follows from others; empty where it is."""
        near = tuple(each for each in given if each.free_symbols <= condition.free_symbols)
        if len(given) > CROWD and decide(condition, near).outcome == "proved":
            return ""
        verdict = decide(condition, given)
        return "" if verdict.outcome == "proved" else verdict.evidence

    def uncertified(self, question: Question) -> str:
        """Why there is no certificate; empty where there is one."""
        certificate = certify(*question)
        return "" if certificate.outcome == "proved" else certificate.evidence


SOLVER = Solver()


@dataclass(frozen=True)
class Context:
    """What a derivation may use: the relation that stands for each cited id (`cites`), the scalar hypotheses in force, and who judges."""

    known: Callable[[str], Relation]
    given: tuple[Boolean, ...] = ()
    judge: Solver = SOLVER

    def having(self, *given: Boolean) -> Context:
        """The same with other hypotheses in force."""
        return replace(self, given=given)

    def under(self, hypotheses: Iterable[Hypothesis]) -> Context:
        """The same with more hypotheses in force."""
        return self.having(*self.given, *conditions(hypotheses))

    def require(self, condition: Any, why: str, extra: tuple[Boolean, ...] = ()) -> None:
        """Raises NotReached, with `why`, unless the condition follows from the hypotheses."""
        condition = sp.sympify(condition)
        for part in condition.args if isinstance(condition, sp.And) else (condition,):
            part = _stripped(plain(part))
            if part == sp.true:
                continue
            if part == sp.false:
                raise NotReached(why)
            if missing := self.judge.lacks(part, tuple(plain(g) for g in (*self.given, *extra))):
                raise NotReached(f"{why}: {part} ({missing})")


def conditions(hypotheses: Iterable[Hypothesis]) -> tuple[Boolean, ...]:
    """The scalar forms of hypotheses."""
    return tuple(h.condition for h in hypotheses if h.condition is not None)


@cache
def _stripped(condition: Boolean) -> Boolean:
    """x >= 0 without the factors of x that are nonnegative by declaration: shorter, and implies the original."""
    if not isinstance(condition, (sp.Le, sp.Ge)):
        return condition
    slack = sp.factor_terms(cancel(condition.gts - condition.lts))
    kept = [factor for factor in sp.Mul.make_args(slack) if not factor.is_nonnegative]
    return sp.Ge(sp.Mul(*kept), 0)


def plain(expression: Any) -> Any:
    """The expression with every applied quantity, `memory_sq(t)` say, turned into a symbol with the same assumptions."""
    atoms = {
        f: sp.Symbol(str(f).replace(" ", ""), real=True, nonnegative=_nonnegative(f), positive=f.is_positive)
        for f in expression.atoms(AppliedUndef, sp.Sum)
    }
    return expression.xreplace(atoms)


def _nonnegative(quantity: sp.Expr) -> bool | None:
    """Whether it is nonnegative by declaration; a sum of nonnegative terms is, which sympy does not say."""
    if isinstance(quantity, sp.Sum) and quantity.function.is_nonnegative:
        return True
    return quantity.is_nonnegative


@cache
def _expanded(expression: Any) -> sp.Expr:
    return _around_sums(sp.sympify(expression), sp.expand)


def _around_sums(expression: sp.Expr, change: Callable[[sp.Expr], sp.Expr]) -> sp.Expr:
    """The change made with sums and quantities as indivisible: sympy would multiply sums out."""
    whole = {q: sp.Dummy(str(q), real=True, nonnegative=q.is_nonnegative) for q in expression.atoms(AppliedUndef, sp.Sum)}
    return change(expression.xreplace(whole)).xreplace({dummy: q for q, dummy in whole.items()})


class Rule:
    """A node of a derivation."""

    def derive(self, context: Context) -> Relation:
        raise NotImplementedError

    @property
    def name(self) -> str:
        return type(self).__name__

    def parts(self) -> Iterator[Rule]:
        """The rules this one is applied to."""
        for each in fields(self):  # type: ignore[arg-type]
            value = getattr(self, each.name)
            if isinstance(value, Rule):
                yield value
            elif isinstance(value, tuple):
                yield from (v for v in value if isinstance(v, Rule))

    def assumes(self) -> tuple[Hypothesis, ...]:
        """Hypotheses that its parts are derived under, beside those of the claim."""
        return ()

    def cites(self) -> tuple[str, ...]:
        """Ids of every claim the derivation rests on, in order, once each; an improvement is marked as one (`IMPROVED`)."""
        return tuple(dict.fromkeys(cited for cited, _ in self.uses()))

    def uses(self) -> Iterator[Cited]:
        """Every use of another claim: what is cited, and what is substituted into it."""
        before, after = self.substitutes()
        for part in self.parts():
            yield from ((cited, (*before, *changes, *after)) for cited, changes in part.uses())

    def substitutes(self) -> tuple[tuple[Mapping[Any, Any], ...], tuple[Mapping[Any, Any], ...]]:
        """What this rule substitutes into its parts: before they see what they cite, and into what they derive."""
        return (), ()

    def names(self) -> tuple[str, ...]:
        """Names of the rules used, innermost first, once each."""
        return tuple(dict.fromkeys((*(n for part in self.parts() for n in part.names()), self.name)))


def _upper(relation: Relation, who: str) -> Relation:
    """The relation with its small side left."""
    if relation.op in ("<=", "<", "=="):
        return relation
    if relation.op in (">=", ">"):
        return Relation(relation.rhs, "<=" if relation.op == ">=" else "<", relation.lhs)
    raise NotReached(f"{who} needs an inequality")


@dataclass(frozen=True)
class Cite(Rule):
    """The standing relation of another claim (printed where it stands, else its correction), or its improvement, instantiated."""

    id: str
    at: Mapping[Any, Any] = field(default_factory=dict)
    improved: bool = False

    def derive(self, context: Context) -> Relation:
        require_counts(self.at, context)
        return instantiate(context.known(*self.cites()), self.at)

    def uses(self) -> Iterator[Cited]:
        yield self.id + IMPROVED * self.improved, (self.at,)


def instantiate(relation: Relation, at: Mapping[Any, Any]) -> Relation:
    """The relation with symbols, applied quantities or whole quantities replaced."""
    return relation.map(lambda side: side.subs(at, simultaneous=True).doit()) if at else relation


def require_counts(at: Mapping[Any, Any], context: Context) -> None:
    """Raises NotReached unless what stands for a letter that counts (iterations, say) is as large as one may be: t - 1 is no time at t = 0.

    That it is whole, `theory.force` judges.
    """
    for letter, value in at.items():
        if isinstance(letter, sp.Symbol) and letter.is_integer and letter.is_nonnegative:
            known = sp.sympify(value).is_positive if letter.is_positive else sp.sympify(value).is_nonnegative
            if not known:
                context.require(value > 0 if letter.is_positive else value >= 0, f"{value} may be no {letter}")


@dataclass(frozen=True)
class Granted(Rule):
    """A relation that a hypothesis grants outright; `by` names the hypothesis or the elementary fact."""

    relation: Relation
    by: str

    def derive(self, context: Context) -> Relation:
        return self.relation


@dataclass(frozen=True)
class Decided(Rule):
    """A scalar relation shown by decision, to be used by other rules."""

    relation: Relation

    def derive(self, context: Context) -> Relation:
        near = about(plain(self.relation.boolean).free_symbols, tuple(plain(condition) for condition in context.given))
        context.having(*near).require(self.relation.boolean, "scalar step not decided")
        return self.relation


@dataclass(frozen=True)
class Summed(Rule):
    """A relation between sums that one for each summand makes, decided or certified; `by` says how it adds up.

    It holds for all values of its free letters that meet `where`, and `at` chooses some.
    """

    each: Rule
    relation: Relation
    by: str
    at: Mapping[Any, Any] = field(default_factory=dict)
    where: Boolean = sp.true

    def derive(self, context: Context) -> Relation:
        self.each.derive(context.having(*context.given, self.where))
        context.require(self.where.subs(self.at), "the letters may not be chosen so")
        return instantiate(self.relation, self.at)


@dataclass(frozen=True)
class Certified(Rule):
    """A relation between inner products shown by certificate, to be used by other rules."""

    relation: Relation
    facts: tuple[Fact, ...] = ()
    at: Mapping[Any, Any] = field(default_factory=dict)

    def derive(self, context: Context) -> Relation:
        for question in self.questions(context.given):
            if missing := context.judge.uncertified(question):
                raise NotReached(f"no certificate: {missing}")
        return instantiate(self.relation, self.at)

    def questions(self, given: tuple[Boolean, ...]) -> tuple[Question, ...]:
        """What `certify` is asked, in its own arguments: one inequality, or two for an equality."""
        slack = instantiate(self.relation, self.at).slack
        return tuple(
            (
                plain(sign * slack),
                {fact.label: plain(fact.expression.subs(self.at)) for fact in self.facts},
                {fact.label: plain(sign * fact.multiplier.subs(self.at)) for fact in self.facts},
                tuple(plain(each) for each in given),
                tuple(fact.label for fact in self.facts if fact.equality),
            )
            for sign in ((1, -1) if self.relation.op == "==" else (1,))
        )


def asked(reading: Reading) -> tuple[Question, ...]:
    """Every certificate that a reading rests on: its own, or those of the steps of its derivation."""
    if reading.relation is not None and reading.facts:
        return Certified(reading.relation, reading.facts).questions(reading.conditions)
    return tuple(_asked(reading.follows, reading.conditions)) if reading.follows is not None else ()


def is_scalar(reading: Reading) -> bool:
    """Whether a reading is a statement about scalars alone, to be decided."""
    relation = reading.relation
    if relation is None or reading.facts or reading.follows or reading.rate or reading.arena:
        return False
    atoms = {atom for side in (relation.lhs, relation.rhs) for atom in sp.sympify(side).free_symbols}
    quantities = any(sp.sympify(side).atoms(AppliedUndef) for side in (relation.lhs, relation.rhs))
    return not quantities and not any(gram_bases(atom) for atom in atoms)


def _asked(rule: Rule, given: tuple[Boolean, ...]) -> Iterator[Question]:
    if isinstance(rule, Certified):
        yield from rule.questions(given)
    for part in rule.parts():
        yield from _asked(part, (*given, *conditions(rule.assumes())))


@dataclass(frozen=True)
class Expected(Rule):
    """The expectation of a relation between inner products and function values, in quantities.

    `measured` gives the quantity that each expression has as its expectation. Expectation is linear, so these expressions must use up every
    inner product and every value. `at` renames scalars.
    """

    of: Rule
    measured: Mapping[Any, Any]
    at: Mapping[Any, Any] = field(default_factory=dict)

    def derive(self, context: Context) -> Relation:
        return instantiate(self.of.derive(context).map(lambda side: _in_quantities(side, self.measured)), self.at)

    def substitutes(self) -> tuple[tuple[Mapping[Any, Any], ...], tuple[Mapping[Any, Any], ...]]:
        return (), (self.at,)


def _in_quantities(side: sp.Expr, measured: Mapping[Any, Any]) -> sp.Expr:
    """The expectation of a combination of inner products and values, by the expectations of the expressions that are measured."""
    return _expectation(side, tuple(measured), tuple(measured.values()))


@cache
def _expectation(side: sp.Expr, expressions: tuple[Any, ...], quantities: tuple[Any, ...]) -> sp.Expr:
    weights = [sp.Dummy() for _ in expressions]
    rest = _expanded(side - sum(w * sp.sympify(named) for w, named in zip(weights, expressions, strict=True)))
    random = sorted((s for s in rest.free_symbols if gram_bases(s) or s in (*STEP_VALUES, *FUNCTION_VALUES)), key=str)
    solutions = sp.linsolve([rest.coeff(symbol) for symbol in random], weights) if random else {tuple(sp.S.Zero for _ in weights)}
    if not solutions:
        raise NotReached(f"not every inner product in {side} is named")
    (found,) = solutions
    unused = dict.fromkeys(weights, sp.S.Zero)
    coefficients = [sp.factor(sp.sympify(c).xreplace(unused)) for c in found]
    scalar = rest.xreplace(unused | dict.fromkeys(random, sp.S.Zero))
    return _expanded(scalar + sum(c * q for c, q in zip(coefficients, quantities, strict=True)))


@dataclass(frozen=True)
class Minkowski(Rule):
    """Roots of mean squares add up at most: a sum of vectors, each with a mean square of at most the square of its root in `roots`, has

    one of at most the square of the sum of the roots. `bounds` bounds the mean square of each part, over the workers and in expectation;
    `measured` names them and that of the sum, as in `Expected`.
    """

    vectors: tuple[Vector, ...]
    bounds: tuple[Rule, ...]
    roots: tuple[sp.Expr, ...]
    measured: Mapping[Any, Any]

    def derive(self, context: Context) -> Relation:
        whole = Vector({})
        for part, bound, root in zip(self.vectors, self.bounds, self.roots, strict=True):
            relation, quantity = _upper(bound.derive(context), self.name), _in_quantities(average_norm_sq(part), self.measured)
            if relation.lhs != quantity:
                raise NotReached(f"{relation.lhs} is bounded, not {quantity}")
            context.require(root >= 0, "the root has no sign")
            context.require(relation.rhs <= root**2, "the root is too small")
            whole = whole + part
        return Relation(_in_quantities(average_norm_sq(whole), self.measured), "<=", sp.Add(*self.roots) ** 2)


@dataclass(frozen=True)
class Absorbed(Rule):
    """From x <= (a + b root(x))^2 with a, b >= 0 and b < 1: x <= (a / (1 - b))^2, for then root(x) <= a + b root(x)."""

    of: Rule

    def derive(self, context: Context) -> Relation:
        relation = _upper(self.of.derive(context), self.name)
        root = sp.sqrt(relation.lhs)
        outer = relation.rhs.base if isinstance(relation.rhs, sp.Pow) and relation.rhs.exp == 2 else sp.nan
        b = outer.coeff(root)
        a = outer - b * root
        if outer is sp.nan or a.expand().has(relation.lhs):
            raise NotReached(f"{relation.rhs} is not the square of a sum with the root of {relation.lhs}")
        context.require(sp.And(a >= 0, b >= 0), "a root has no sign")
        context.require(b < 1, "the factor of the root is not below 1")
        return Relation(relation.lhs, "<=", (a / (1 - b)) ** 2)


@dataclass(frozen=True)
class Invariant(Rule):
    """A vector that is zero at the start and that no branch of a step changes stays zero: its mean square `quantity` is zero."""

    quantity: sp.Expr
    start: Vector
    now: Vector
    following: Mapping[str, Vector]

    def derive(self, context: Context) -> Relation:
        if self.start.terms:
            raise NotReached(f"the vector does not start at zero: {self.start}")
        for branch, then in self.following.items():
            if moved := _left_over(then - self.now):
                raise NotReached(f"{branch}: the vector changes by {moved}")
        return Relation(self.quantity, "==", sp.Integer(0))


@dataclass(frozen=True)
class Cancels(Rule):
    """A vector whose terms cancel is zero, whatever they are: its mean square `quantity` is zero."""

    quantity: sp.Expr
    vector: Vector

    def derive(self, context: Context) -> Relation:
        if left := _left_over(self.vector):
            raise NotReached(f"terms are left over: {left}")
        return Relation(self.quantity, "==", sp.Integer(0))


@dataclass(frozen=True)
class Squared(Rule):
    """A vector that is `factor` times `other`, whatever their letters are, has factor^2 times its mean square, `other_sq`."""

    quantity: sp.Expr
    vector: Vector
    factor: sp.Expr
    other: Vector
    other_sq: sp.Expr

    def derive(self, context: Context) -> Relation:
        if left := _left_over(self.vector - self.factor * self.other):
            raise NotReached(f"one is not {self.factor} times the other, terms are left over: {left}")
        return Relation(self.quantity, "==", self.factor**2 * self.other_sq)


def _left_over(vector: Vector) -> dict[Any, sp.Expr]:
    """The terms of a vector that do not cancel."""
    return {base: c for base, c in vector.terms.items() if cancel(c) != 0}


@dataclass(frozen=True)
class Instance(Rule):
    """Substitution into a derived relation: the schedule, a free parameter, a special case."""

    of: Rule
    at: Mapping[Any, Any]

    def derive(self, context: Context) -> Relation:
        require_counts(self.at, context)
        return instantiate(self.of.derive(context), self.at)

    def substitutes(self) -> tuple[tuple[Mapping[Any, Any], ...], tuple[Mapping[Any, Any], ...]]:
        return (), (self.at,)


@dataclass(frozen=True)
class InLetters(Rule):
    """A derivation in other letters, which are written out again at the end; expressions stay short.

    `to` says what is written for what, `back` what each new letter stands for, so that `to` and then `back` changes nothing; `where` is
    what the new letters meet.
    """

    of: Rule
    to: Mapping[Any, Any]
    back: Mapping[sp.Symbol, Any]
    where: tuple[Boolean, ...] = ()

    def derive(self, context: Context) -> Relation:
        back = {letter: sp.sympify(value) for letter, value in self.back.items()}
        for old, new in self.to.items():
            if sp.simplify(sp.sympify(new).subs(back) - old) != 0:
                raise NotReached(f"{new} is not {old}, written out again")
        for letter, value in back.items():
            if letter.assumptions0 == sp.Symbol("declared", nonnegative=True).assumptions0:
                context.require(value >= 0, f"{letter} is nonnegative")
            elif letter.assumptions0 != sp.Symbol("declared", real=True).assumptions0:
                raise NotReached(f"{letter} must be declared real or nonnegative, and nothing else")
        for condition in self.where:
            context.require(condition.subs(back), "the new letters do not meet what is said of them")
        if taken := set(back) & set().union(*(condition.free_symbols for condition in context.given)):
            raise NotReached(f"a letter is in use: {taken}")

        def known(cited: str) -> Relation:
            relation = context.known(cited)
            if taken := set(back) & relation.symbols:
                raise NotReached(f"a letter is in use: {taken}")
            return relation.map(lambda side: side.subs(self.to))

        here = replace(context, known=known, given=(*self.where, *(condition.subs(self.to) for condition in context.given)))
        return self.of.derive(here).map(lambda side: side.xreplace(back))

    def substitutes(self) -> tuple[tuple[Mapping[Any, Any], ...], tuple[Mapping[Any, Any], ...]]:
        return (self.to,), (self.back,)


@dataclass(frozen=True)
class Using(Rule):
    """Replaces each quantity on the large side by its cited upper bound; its coefficient there must be nonnegative."""

    of: Rule
    bounds: tuple[Rule, ...]

    def derive(self, context: Context) -> Relation:
        relation = _upper(self.of.derive(context), self.name)
        rhs = _expanded(relation.rhs)
        for bound in self.bounds:
            upper = _upper(bound.derive(context), self.name)
            quantity = upper.lhs
            coefficient = rhs.coeff(quantity)
            rest = _expanded(rhs - coefficient * quantity)
            if coefficient == 0 or rest.has(quantity):
                raise NotReached(f"{quantity} does not stand linearly in {rhs}")
            if upper.op != "==":
                context.require(coefficient >= 0, f"coefficient of {quantity} has no sign")
            rhs = _expanded(rest + coefficient * upper.rhs)
        return Relation(relation.lhs, "<=", rhs)


@dataclass(frozen=True)
class Combined(Rule):
    """A nonnegative combination of relations (any sign for equalities): sum of multiplier times each; an equality of equalities alone."""

    of: tuple[Rule, ...]
    by: tuple[Any, ...]

    def derive(self, context: Context) -> Relation:
        lhs, rhs, op = sp.Integer(0), sp.Integer(0), "=="
        for rule, multiplier in zip(self.of, self.by, strict=True):
            relation = _upper(rule.derive(context), self.name)
            if relation.op != "==":
                context.require(sp.sympify(multiplier) >= 0, "multiplier has no sign")
                op = "<="
            lhs, rhs = lhs + multiplier * relation.lhs, rhs + multiplier * relation.rhs
        return Relation(_expanded(lhs), op, _expanded(rhs))


def scaled(rule: Rule, factor: Any) -> Rule:
    """The relation multiplied by a nonnegative factor."""
    return Combined((rule,), (sp.sympify(factor),))


@dataclass(frozen=True)
class Isolated(Rule):
    """Terms moved from one side to the other until the small side reads `lhs`."""

    of: Rule
    lhs: sp.Expr

    def derive(self, context: Context) -> Relation:
        relation = _upper(self.of.derive(context), self.name)
        return Relation(self.lhs, relation.op, _expanded(relation.rhs + self.lhs - relation.lhs))


@dataclass(frozen=True)
class Chained(Rule):
    """Transitivity: x <= y and y' <= z with y <= y' decided."""

    first: Rule
    second: Rule

    def derive(self, context: Context) -> Relation:
        one, two = _upper(self.first.derive(context), self.name), _upper(self.second.derive(context), self.name)
        if sp.simplify(one.rhs - two.lhs) != 0:
            context.require(one.rhs <= two.lhs, "the links of the chain do not meet")
        return Relation(one.lhs, "<=", two.rhs)


@dataclass(frozen=True)
class Joined(Rule):
    """Bounds on one quantity as one: x <= y and x <= z give x <= min(y, z); y <= x and z <= x give max(y, z) <= x."""

    of: tuple[Rule, ...]

    def derive(self, context: Context) -> Relation:
        relations = [_upper(rule.derive(context), self.name) for rule in self.of]
        small, large = {relation.lhs for relation in relations}, {relation.rhs for relation in relations}
        if len(small) == 1:
            return Relation(small.pop(), "<=", sp.Min(*large))
        if len(large) == 1:
            return Relation(sp.Max(*small), "<=", large.pop())
        raise NotReached(f"the bounds are not on one quantity: {', '.join(map(str, small))} against {', '.join(map(str, large))}")


@dataclass(frozen=True)
class Weakened(Rule):
    """A relation that the derived one implies, by decision; `under` says what the letters mean that do not survive it (t_i, say)."""

    of: Rule
    to: Relation
    under: tuple[Hypothesis, ...] = ()

    def assumes(self) -> tuple[Hypothesis, ...]:
        return self.under

    def derive(self, context: Context) -> Relation:
        here = context.under(self.under)
        excess(self.of.derive(here), self.to, here)
        return self.to


@dataclass(frozen=True)
class Cases(Rule):
    """A relation proved case by case: the conditions, one for each rule, leave nothing out under the hypotheses and `under`."""

    to: Relation
    conditions: tuple[Boolean, ...]
    of: tuple[Rule, ...]
    under: tuple[Hypothesis, ...] = ()

    def derive(self, context: Context) -> Relation:
        given = (*context.given, *(h.condition for h in self.under if h.condition is not None))
        whole = sp.Or(*self.conditions)
        context.having(*about(plain(whole).free_symbols, tuple(map(plain, given)))).require(whole, "a case is missing")
        for condition, rule in zip(self.conditions, self.of, strict=True):
            here = context.having(*given, condition)
            try:
                excess(rule.derive(here), self.to, here)
            except NotReached as why:
                raise NotReached(f"where {condition}: {why}") from None
        return self.to


@dataclass(frozen=True)
class EvenAndOdd(Rule):
    """A relation for every whole `letter` >= 1, from those at 2 `half` for every half >= 1 and at 2 `half` + 1 for every half >= 0."""

    to: Relation
    letter: sp.Symbol
    half: sp.Symbol
    even: Rule
    odd: Rule

    def derive(self, context: Context) -> Relation:
        if not (self.half.is_integer and self.half.is_nonnegative and self.letter.is_integer and self.letter.is_positive):
            raise NotReached(f"{self.letter} or {self.half} is not declared whole")
        for value, rule, least in ((2 * self.half, self.even, 1), (2 * self.half + 1, self.odd, 0)):
            here = context.having(*(g.subs(self.letter, value) for g in context.given), sp.Ge(self.half, least))
            try:
                excess(rule.derive(here), instantiate(self.to, {self.letter: value}), here)
            except NotReached as why:
                raise NotReached(f"at {self.letter} = {value}: {why}") from None
        return self.to


@dataclass(frozen=True)
class Abbreviated(Rule):
    """`to`, from a derivation of it in which expressions stand as letters: every step holds whatever the letters are.

    `letters` maps each to what it stands for, which may hold letters before it. `facts` are what the derivation needs to know of them: each
    is decided, with the last letter in it spelled out, from the facts before it and those hypotheses that speak of nothing else.
    """

    of: Rule
    to: Relation
    letters: Mapping[sp.Symbol, sp.Expr]
    facts: tuple[Any, ...] = ()

    def derive(self, context: Context) -> Relation:
        said = [part for each in context.given for part in (each.args if isinstance(each, sp.And) else (each,))]
        given = tuple(sp.sympify(self._short(condition)) for condition in said)
        known: tuple[Boolean, ...] = ()
        for fact in self.facts:
            spelled = (fact.subs(each, self.letters[each]) for each in reversed(self.letters) if fact.has(each))
            self._known(context, (fact, next(spelled, fact)), (*said, *given, *known))
            known += fact.args if isinstance(fact, sp.And) else (fact,)
        short = replace(context, known=lambda cited: context.known(cited).map(self._short), given=(*known, *given))
        excess(self.of.derive(short), self.to.map(self._short), short)
        return self.to

    def _known(self, context: Context, forms: Sequence[Any], given: tuple[Boolean, ...]) -> None:
        """Raises NotReached unless one of the forms of a fact follows from those conditions that speak of nothing else."""
        for form in forms:
            apt = tuple(condition for condition in given if condition.free_symbols <= form.free_symbols)
            try:
                context.having(*apt).require(form, "not known of the letters")
            except NotReached:
                if form is forms[-1]:
                    raise
            else:
                return

    def _short(self, expression: Any) -> Any:
        """The expression with letters for what they stand for, the longest first."""
        spelled: dict[sp.Symbol, sp.Expr] = {}
        for letter, value in self.letters.items():
            spelled[letter] = sp.sympify(value).subs(spelled)
        for letter in reversed(spelled):
            expression = sp.sympify(expression).subs(spelled[letter], letter)
        return expression


@dataclass(frozen=True)
class Raised(Rule):
    """A large side that does not fall where `quantity` > 0 grows, with the upper bound of that quantity in its place."""

    of: Rule
    bound: Rule

    def derive(self, context: Context) -> Relation:
        relation, upper = (_upper(rule.derive(context), self.name) for rule in (self.of, self.bound))
        grown = sp.Dummy("grown", positive=True)
        context.require(sp.diff(relation.rhs.subs(upper.lhs, grown), grown) >= 0, f"the bound may fall where {upper.lhs} grows")
        return Relation(relation.lhs, "<=", relation.rhs.subs(upper.lhs, upper.rhs))


@dataclass(frozen=True)
class Telescoped(Rule):
    """The sum of a relation over t = first, ..., T-1, first <= T; equalities add up to an equality.

    Differences F(t) - F(t+1) of a quantity collapse to F(first) - F(T), which `floor` bounds.
    """

    of: Rule
    index: sp.Symbol
    horizon: sp.Symbol
    floor: Mapping[Any, Any] = field(default_factory=dict)
    first: int = 0

    def derive(self, context: Context) -> Relation:
        relation = _upper(self.of.derive(context), self.name)
        t, T, first = self.index, self.horizon, self.first

        def summed(side: sp.Expr) -> sp.Expr:
            side, total = _expanded(side), sp.Integer(0)
            for f in sorted(side.atoms(AppliedUndef), key=str):
                following = f.subs(t, t + 1)
                if following == f or following not in side.atoms(AppliedUndef):
                    continue
                now, then = side.coeff(f), side.coeff(following)
                if 0 in (now, then):  # a factor of other terms (a step size, say), not a difference
                    continue
                if sp.simplify(now + then) != 0 or now.has(t):
                    raise NotReached(f"{f} does not telescope: coefficients {now} and {then}")
                total += now * (f.subs(t, first) - f.subs(t, T))
                side = _expanded(side - now * f - then * following)
            for term in sp.Add.make_args(side):
                constant, varying = term.as_independent(t, as_Add=False)
                if varying == 1:
                    total += constant * (T - first)
                elif varying != 0:
                    total += constant * sp.Sum(varying, (t, first, T - 1))
            return total

        rhs = summed(relation.rhs)
        for quantity, lowest in self.floor.items():
            coefficient = _expanded(rhs).coeff(quantity)
            context.require(coefficient <= 0, f"{quantity} is bounded below, so its coefficient must not be positive")
            rhs = _expanded(rhs - coefficient * quantity) + coefficient * lowest
        return Relation(summed(relation.lhs), "==" if relation.op == "==" and not self.floor else "<=", _expanded(rhs))


@dataclass(frozen=True)
class Parted(Rule):
    """A relation with every sum taken apart into those of its terms, constants before them."""

    of: Rule

    def derive(self, context: Context) -> Relation:
        return self.of.derive(context).map(lambda side: side.xreplace({total: _parted(total) for total in side.atoms(sp.Sum)}))


@cache
def _parted(total: sp.Sum) -> sp.Expr:
    terms = [term.as_independent(*total.variables, as_Add=False) for term in sp.Add.make_args(_expanded(total.function))]
    return sp.Add(*[constant * sp.Sum(varying, *total.limits) for constant, varying in terms])


@dataclass(frozen=True)
class SumAtMost(Rule):
    """Telescoping bound of a sum: term(t) <= F(t) - F(t+1) for every t gives sum over t < T of term <= F(0) - F(T).

    `at` is the schedule that the term is decided under. A negative term bounds the sum without its sign from below.
    """

    term: sp.Expr
    potential: sp.Expr
    index: sp.Symbol
    horizon: sp.Symbol
    at: Mapping[Any, Any] = field(default_factory=dict)

    def derive(self, context: Context) -> Relation:
        t, T = self.index, self.horizon
        drop = self.potential - self.potential.subs(t, t + 1)
        context.require(self.term.subs(self.at) <= drop, "the potential does not cover the term")
        sign = -1 if self.term.as_coeff_Mul()[0] < 0 else 1
        return Relation(sign * sp.Sum(sign * self.term, (t, 0, T - 1)), "<=", self.potential.subs(t, 0) - self.potential.subs(t, T))


@dataclass(frozen=True)
class DrivenSum(Rule):
    """What recursions add up to when they are driven by a square of steps eta: Q_j(t+1) <= sum over i <= j of a_ji Q_i(t) + c_j eta(t)^2.

    With Q_j(0) = 0 (`starts`), a_ji, c_j >= 0 and a_jj < 1, Q_j(t) <= sum over n >= 1 of w_n eta(t-n)^2 with weights w_n >= 0 that add up
    to the limit of Q_j under eta = 1. `delayed` bounds sum of eta(t) eta(t-n)^2 over t, for every n >= 1; so that times the limit bounds
    the sum of eta(t) Q(t) over t < T, for the last Q.
    """

    of: tuple[Rule, ...]
    starts: tuple[Rule, ...]
    quantities: tuple[sp.Expr, ...]
    step: sp.Expr
    delayed: Rule
    index: sp.Symbol
    horizon: sp.Symbol

    def derive(self, context: Context) -> Relation:
        t, limits = self.index, list[sp.Expr]()
        for j, (rule, start, quantity) in enumerate(zip(self.of, self.starts, self.quantities, strict=True)):
            relation = _upper(rule.derive(context), self.name)
            if sp.simplify(relation.lhs - quantity.subs(t, t + 1)) != 0:
                raise NotReached(f"the recursion bounds {relation.lhs}, not the next {quantity}")
            _base_case(start.derive(context), quantity.subs(t, 0), sp.Integer(0), context)
            rest, driven = _expanded(relation.rhs), sp.S.Zero
            drivers = [*zip(self.quantities[: j + 1], [*limits, None], strict=True), (self.step**2, sp.S.One)]
            ratio = sp.S.Zero
            for driver, limit in drivers:
                factor = sp.factor(rest.coeff(driver))
                rest = _expanded(rest - factor * driver)
                if factor.has(t):
                    raise NotReached(f"the factor of {driver} moves with {t}: {factor}")
                context.require(factor >= 0, f"the factor of {driver} has no sign")
                ratio, driven = (factor, driven) if limit is None else (ratio, driven + factor * limit)
            if _tidy(rest) != 0:
                raise NotReached(f"{rest} is no part of the recursion")
            context.require(ratio < 1, "the ratio is not below 1")
            limits.append(sp.factor(driven / (1 - ratio)))
        delayed = _upper(self.delayed.derive(context), self.name)
        n = next(iter(delayed.lhs.free_symbols - delayed.rhs.free_symbols), None)
        if n is None or delayed.lhs != sp.Sum(self.step * (self.step**2).subs(t, t - n), (t, n, self.horizon - 1)):
            raise NotReached(f"{delayed.lhs} is not the sum of {self.step} times its square n iterations before")
        total = sp.Sum(sp.expand(self.step * self.quantities[-1]), (t, 0, self.horizon - 1))
        return Relation(total, "<=", limits[-1] * delayed.rhs)


@dataclass(frozen=True)
class ShiftedSum(Rule):
    """From x <= p F(t) + r F(t-n) with F, p, r >= 0: the sum of x over t = n, ..., T-1 is at most p + r times that of F over t < T."""

    of: Rule
    term: sp.Expr
    index: sp.Symbol
    delay: sp.Symbol
    horizon: sp.Symbol

    def derive(self, context: Context) -> Relation:
        t, n, F = self.index, self.delay, self.term
        relation = _upper(self.of.derive(context), self.name)
        rhs, total = _expanded(relation.rhs), sp.S.Zero
        if not F.is_nonnegative or F.has(n):
            raise NotReached(f"{F} may be negative, or knows the delay {n}")
        for each in (F, F.subs(t, t - n)):
            factor = rhs.coeff(each)
            if factor.has(t, n):
                raise NotReached(f"the factor of {each} moves: {factor}")
            context.require(factor >= 0, f"the factor of {each} has no sign")
            rhs, total = _expanded(rhs - factor * each), total + factor
        if rhs != 0:
            raise NotReached(f"{rhs} is no part of the bound")
        return Relation(sp.Sum(relation.lhs, (t, n, self.horizon - 1)), "<=", total * sp.Sum(F, (t, 0, self.horizon - 1)))


@dataclass(frozen=True)
class LogSum(Rule):
    """Integral bound, from ln(1 + x) <= x: the sum over t < T of 1/(a+t) is at least ln((n+a)/a) for a > 0 and every n <= T with n + a > 0.

    `term` is what is summed; under the schedule `at` it is `factor` over a + t.
    """

    term: sp.Expr
    factor: sp.Expr
    a: sp.Expr
    until: sp.Expr
    index: sp.Symbol
    horizon: sp.Symbol
    at: Mapping[Any, Any] = field(default_factory=dict)

    def derive(self, context: Context) -> Relation:
        if cancel(self.term.subs(self.at) - self.factor / (self.a + self.index)) != 0:
            raise NotReached(f"{self.term} is not {self.factor} / ({self.a} + {self.index})")
        context.require(sp.And(self.a > 0, self.factor >= 0, self.until + self.a > 0), "the logarithm needs a positive start and end")
        context.require(self.until <= self.horizon, "the logarithm reaches beyond the sum")
        return Relation(sp.Sum(self.term, (self.index, 0, self.horizon - 1)), ">=", self.factor * sp.log((self.until + self.a) / self.a))


@dataclass(frozen=True)
class GeometricLimit(Rule):
    """From Q(i+1) <= q Q(i) + c with 0 <= q < 1 and Q(0) <= c / (1 - q): Q(i) <= c / (1 - q) for every i. `start` bounds Q(0)."""

    of: Rule
    start: Rule
    quantity: sp.Expr
    index: sp.Symbol

    def derive(self, context: Context) -> Relation:
        q, c = _recursion(_upper(self.of.derive(context), self.name), self.quantity, self.index)
        if c.has(self.index):
            raise NotReached(f"the constant term moves with {self.index}: {c}")
        context.require(sp.And(q >= 0, q < 1), "the ratio is not in [0, 1)")
        limit = sp.factor(c / (1 - q))
        _base_case(self.start.derive(context), self.quantity.subs(self.index, 0), limit, context)
        return Relation(self.quantity, "<=", limit)


@dataclass(frozen=True)
class Inducted(Rule):
    """Induction: Q(0) <= bound and Q(i+1) <= q Q(i) + c imply Q(i) <= bound for every i, when q bound + c <= following.

    `start` bounds Q(0); `bound` is that of step i, `following` that of step i+1; `under` relates the letters of both.
    """

    of: Rule
    start: Rule
    quantity: sp.Expr
    index: sp.Symbol
    bound: sp.Expr
    following: sp.Expr
    under: tuple[Hypothesis, ...] = ()

    def derive(self, context: Context) -> Relation:
        q, c = _recursion(_upper(self.of.derive(context), self.name), self.quantity, self.index)
        here = context.under(self.under)
        here.require(q >= 0, "the ratio has no sign")
        here.require(q * self.bound + c <= self.following, "the inductive step does not close")
        _base_case(self.start.derive(context), self.quantity.subs(self.index, 0), sp.sympify(self.bound).subs(self.index, 0), context)
        return Relation(self.quantity, "<=", self.bound)


@dataclass(frozen=True)
class Solved(Rule):
    """From Q(n+1) <= q Q(n) + c(n) with q >= 0: Q(n) <= bound(n) for every n, a closed form that starts where Q does and obeys the

    recursion with equality, so that nothing is lost on the way. `start` bounds Q(0). Equalities give an equality.
    """

    of: Rule
    start: Rule
    quantity: sp.Expr
    index: sp.Symbol
    bound: sp.Expr

    def derive(self, context: Context) -> Relation:
        recursion = _upper(self.of.derive(context), self.name)
        q, c = _recursion(recursion, self.quantity, self.index)
        context.require(q >= 0, "the ratio has no sign")
        following = self.bound.subs(self.index, self.index + 1)
        if cancel(sp.expand(following - q * self.bound - c)) != 0:
            raise NotReached(f"{self.bound} does not solve the recursion with ratio {q} and term {c}")
        start = _upper(self.start.derive(context), "the base case")
        if start.lhs != self.quantity.subs(self.index, 0) or sp.simplify(start.rhs - self.bound.subs(self.index, 0)) != 0:
            raise NotReached(f"{self.bound} does not start at {start.rhs}")
        return Relation(self.quantity, "==" if recursion.op == start.op == "==" else "<=", self.bound)


@dataclass(frozen=True)
class Exchanged(Rule):
    """A double sum in the other order: of Q(t) over t < T, where Q(t) is the sum over k < t of q^(t-1-k) g(k).

    From Q(t+1) = q Q(t) + g(t) and Q(0) = 0 it is that of w(t) g(t) over t < T - 1 where w(T-1) = 0 and w(t-1) = q w(t) + 1: by these
    Q(t) = w(t) g(t) + w(t-1) Q(t) - w(t) Q(t+1), and the differences collapse to w(-1) Q(0) - w(T-1) Q(T).
    """

    of: Rule
    start: Rule
    quantity: sp.Expr
    weight: sp.Expr
    index: sp.Symbol
    horizon: sp.Symbol

    def derive(self, context: Context) -> Relation:
        t, T, w = self.index, self.horizon, self.weight
        recursion, start = self.of.derive(context), self.start.derive(context)
        if recursion.op != "==" or start != Relation(self.quantity.subs(t, 0), "==", sp.Integer(0)):
            raise NotReached(f"{self.quantity} must obey an equality and start at 0")
        q, g = _recursion(recursion, self.quantity, t)
        if sp.simplify(w.subs(t, T - 1)) != 0 or sp.simplify(w.subs(t, t - 1) - q * w - 1) != 0:
            raise NotReached(f"{w} does not count how often each term occurs")
        return Relation(sp.Sum(self.quantity, (t, 0, T - 1)), "==", sp.Sum(w * g, (t, 0, T - 2)))


def _base_case(start: Relation, first: sp.Expr, bound: sp.Expr, context: Context) -> None:
    upper = _upper(start, "the base case")
    if upper.lhs != first:
        raise NotReached(f"the base case bounds {upper.lhs}, not {first}")
    context.require(upper.rhs <= bound, "the base case is beyond the bound")


def _recursion(relation: Relation, quantity: sp.Expr, index: sp.Symbol) -> tuple[sp.Expr, sp.Expr]:
    """q and c of Q(i+1) <= q Q(i) + c."""
    if relation.lhs != quantity.subs(index, index + 1):
        raise NotReached(f"the recursion bounds {relation.lhs}, not the next {quantity}")
    rhs = _expanded(relation.rhs)
    q = rhs.coeff(quantity)
    c = _expanded(rhs - q * quantity)
    if c.has(quantity):
        raise NotReached(f"{quantity} does not stand linearly in {rhs}")
    return q, c


@dataclass(frozen=True)
class MinimisedOver(Rule):
    """A bound that holds for every value of a free parameter, where it is smallest: at a stationary point, the bound being convex.

    `within` says which values the parameter may take.
    """

    of: Rule
    parameter: sp.Symbol
    at: Any
    within: tuple[Hypothesis, ...] = ()

    def assumes(self) -> tuple[Hypothesis, ...]:
        return self.within

    def derive(self, context: Context) -> Relation:
        allowed = conditions(self.within)
        here = context.under(self.within)
        relation = _upper(self.of.derive(here), self.name)
        for condition in allowed:
            context.require(condition.subs(self.parameter, self.at), f"{self.parameter} = {self.at} is not allowed")
        slope = sp.diff(relation.rhs, self.parameter)
        if sp.simplify(slope.subs(self.parameter, self.at)) != 0:
            raise NotReached(f"{self.parameter} = {self.at} is not stationary")
        here.require(sp.diff(slope, self.parameter) >= 0, f"not convex in {self.parameter}")
        return Relation(relation.lhs, "<=", relation.rhs.subs(self.parameter, self.at))

    def substitutes(self) -> tuple[tuple[Mapping[Any, Any], ...], tuple[Mapping[Any, Any], ...]]:
        return (), ({self.parameter: self.at},)


@dataclass(frozen=True)
class Rooted(Rule):
    """From (q - p) x <= root^2 / p + b for every parameter p between 0 and q: x <= ((root + sqrt(rest)) / q)^2, rest = root^2 + q b.

    At p = root / sqrt(x), where the bound is best, it reads q x <= b + 2 root sqrt(x); were that p beyond q, x would be below (root / q)^2.
    `within` says which values p may take, and what other letters mean that do not survive.
    """

    of: Rule
    quantity: sp.Expr
    parameter: sp.Symbol
    root: sp.Expr
    rest: sp.Expr
    q: sp.Expr
    within: tuple[Hypothesis, ...] = ()

    def assumes(self) -> tuple[Hypothesis, ...]:
        return self.within

    def derive(self, context: Context) -> Relation:
        relation, x, p = _upper(self.of.derive(context.under(self.within)), self.name), sp.Dummy("x"), self.parameter
        between = Context(context.known, (*context.given, p > 0, p < self.q))
        for condition in conditions(self.within):
            if condition.has(p):
                between.require(condition, "the parameter may not take every value from 0 to q")
        terms = sp.Add.make_args(_expanded(relation.rhs - relation.lhs))  # p may stand in a denominator that is multiplied out
        slack = _expanded(sp.Add(*[_around_sums(p * term, sp.cancel) for term in terms]).xreplace({self.quantity: x}))
        found = {(i, j): _expanded(slack.coeff(x, j)).coeff(p, i) for i, j in ((0, 0), (1, 0), (1, 1), (2, 1))}
        scale = found[2, 1]
        if _tidy(slack - sum(value * p**i * x**j for (i, j), value in found.items())) != 0 or _tidy(found[1, 1] + self.q * scale) != 0:
            raise NotReached(f"not of the form (q - {p}) {self.quantity} <= root^2 / {p} + b: {relation}")
        context.require(scale > 0, "the relation has no sign")
        context.require(self.q > 0, "q has no sign")
        context.require(self.root >= 0, "the root has no sign")
        for value, name in (
            (self.root**2 * scale - found[0, 0], "root"),
            (self.rest - self.root**2 - self.q * found[1, 0] / scale, "rest"),
        ):
            if _tidy(value) != 0:
                context.require(value >= 0, f"the {name} is too small")
        context.require(self.rest >= 0, "the rest has no sign")
        return Relation(self.quantity, "<=", ((self.root + sp.sqrt(self.rest)) / self.q) ** 2)


@dataclass(frozen=True)
class Limit(Rule):
    """A relation that holds for every value of a free parameter near `to`, at the limit: both sides are continuous there."""

    of: Rule
    parameter: sp.Symbol
    to: Any

    def derive(self, context: Context) -> Relation:
        relation = _upper(self.of.derive(context), self.name).map(lambda side: _expanded(side).subs(self.parameter, self.to))
        if any(side.has(sp.nan, sp.zoo, sp.oo) for side in (relation.lhs, relation.rhs)):
            raise NotReached(f"no finite value at {self.parameter} = {self.to}")
        return Relation(relation.lhs, "<=", relation.rhs)


@dataclass(frozen=True)
class Continued(Rule):
    """A relation derived for letter < to, at letter = to as well by continuity, where multipliers of its certificates have a pole.

    What is assumed at `to` must be so below it: `by` says why (a contraction with coefficient 1 is one with any other).
    """

    of: Rule
    letter: sp.Symbol
    to: Any
    by: str

    def assumes(self) -> tuple[Hypothesis, ...]:
        return (Hypothesis("below", f"{self.letter} < {self.to}", self.letter < self.to),)

    def derive(self, context: Context) -> Relation:
        relation = self.of.derive(context.under(self.assumes()))
        relation = relation.map(lambda side: _around_sums(sp.sympify(side), lambda whole: cancel(sp.together(whole))))
        for power in relation.lhs.atoms(sp.Pow) | relation.rhs.atoms(sp.Pow):
            if power.exp.is_negative and power.base.has(self.letter):
                context.require(sp.Ne(power.base.subs(self.letter, self.to), 0), f"no finite value at {self.letter} = {self.to}")
        return relation


def boundaries(rule: Rule) -> Iterator[str]:
    """Where a derivation reaches its boundary by continuity, and why it may."""
    if isinstance(rule, Continued):
        yield f"{rule.letter} = {rule.to} by continuity: {rule.by}"
    for part in rule.parts():
        yield from boundaries(part)


@dataclass(frozen=True)
class WeightedSum(Rule):
    """From Q(t+1) <= q(t) Q(t) - drop(t) + c(t), multiplied by v(t) >= 0 with v(t) q(t) <= v(t-1) for t >= 1:

    sum over t < T of v(t) drop(t) <= v(0) q(0) Q(0) + sum over t < T of v(t) c(t). `dropped` names the quantities in drop(t); with `last`
    the small side keeps v(T-1) Q(T).
    """

    of: Rule
    quantity: sp.Expr
    weight: sp.Expr
    index: sp.Symbol
    horizon: sp.Symbol
    dropped: tuple[sp.Expr, ...]
    last: bool = False

    def derive(self, context: Context) -> Relation:
        t, v = self.index, self.weight
        if not self.quantity.is_nonnegative:
            raise NotReached(f"{self.quantity} may be negative, so its weights must telescope exactly")
        q, rest = _recursion(_upper(self.of.derive(context), self.name), self.quantity, t)
        context.require(v >= 0, "the weight has no sign")
        context.require(q * v <= v.subs(t, t - 1), "the weighted recursion does not telescope", (t >= 1,))
        drop = sum((rest.coeff(d) * d for d in self.dropped), sp.Integer(0))
        gain = _expanded(rest - drop)
        if gain.atoms(AppliedUndef):
            raise NotReached(f"{gain} is not explicit in {t}")
        constant, varying = sp.factor(-drop * v).as_independent(t, as_Add=False)
        left = constant * sp.Sum(varying, (t, 0, self.horizon - 1))
        if self.last:
            left += v.subs(t, self.horizon - 1) * self.quantity.subs(t, self.horizon)
        start = sp.factor((q * v).subs(t, 0)) * self.quantity.subs(t, 0)
        gains = [sp.summation(sp.factor(term * v), (t, 0, self.horizon - 1)) for term in sp.Add.make_args(gain)]
        return Relation(left, "<=", start + sp.Add(*gains))


@dataclass(frozen=True)
class Reindexed(Rule):
    """From sum over t < T of p(t) Q(t+1) - q(t) Q(t) <= c with Q >= 0 and p >= 0: sum over t < T of w(t) Q(t) <= c + (q(0) + w(0)) Q(0),

    when p(t-1) - q(t) >= w(t) for t >= 1: each Q counts under its own index, and the last one is dropped.
    """

    of: Rule
    quantity: sp.Expr
    weight: sp.Expr
    index: sp.Symbol
    horizon: sp.Symbol

    def derive(self, context: Context) -> Relation:
        t, Q, w = self.index, self.quantity, self.weight
        relation = _upper(self.of.derive(context), self.name)
        total = next(iter(relation.lhs.atoms(sp.Sum)), None)
        if total is None or total.limits != ((t, 0, self.horizon - 1),) or relation.lhs.coeff(total) * total != relation.lhs:
            raise NotReached(f"{relation.lhs} is not one sum over {t} < {self.horizon}")
        terms = _expanded(relation.lhs.coeff(total) * total.function)
        p, q = terms.coeff(Q.subs(t, t + 1)), -terms.coeff(Q)
        if _expanded(terms - p * Q.subs(t, t + 1) + q * Q) != 0 or not Q.is_nonnegative:
            raise NotReached(f"{terms} is not made of nonnegative {Q} and the next one")
        context.require(p >= 0, "the factor of the next quantity has no sign")
        context.require(p.subs(t, t - 1) - q >= w, "the weight is not reached", (t >= 1,))
        return Relation(sp.Sum(w * Q, total.limits[0]), "<=", _expanded(relation.rhs + (q + w).subs(t, 0) * Q.subs(t, 0)))


@dataclass(frozen=True)
class Integrated(Rule):
    """A relation that holds for every s in [0, 1], integrated over s."""

    of: Rule
    over: sp.Symbol

    def derive(self, context: Context) -> Relation:
        relation = self.of.derive(context)
        return Relation(relation.lhs, relation.op, sp.integrate(relation.rhs, (self.over, 0, 1)))


@dataclass(frozen=True)
class Derived:
    """What a derivation gave: `equal`, `dominated` (printed is a weaker bound, by `factor`), or `not reached` with the reason."""

    outcome: str
    evidence: str
    factor: sp.Expr | None = None
    relation: Relation | None = None


def excess(derived: Relation, printed: Relation, context: Context) -> sp.Expr:
    """By how much the bound of a printed relation exceeds that of a derived one of the same small side, which implies it; 0 if they agree.

    Raises:
        NotReached: it is not implied, or that is not seen.
    """
    if printed.op == "==" and derived.op != "==":
        raise NotReached("an inequality was derived, an equality is printed")
    if printed.op in ("<", ">") and derived.op not in ("<", ">"):
        raise NotReached("the strict relation is printed, the weak one was derived")
    got, want = _upper(derived, "compare"), _upper(printed, "compare")
    try:
        # p <= q shows x <= y when y - x >= q - p, wherever the terms stand; the scales must agree, and the caller sets them
        more = _tidy((want.rhs - want.lhs) - (got.rhs - got.lhs))
        if more == 0 or (printed.op == "==" and _tidy((want.rhs - want.lhs) + (got.rhs - got.lhs)) == 0):
            return sp.Integer(0)
        if printed.op == "==":
            raise NotReached(f"the derivation gives {got.lhs} = {got.rhs}")
        context.require(more >= 0, "no sign")
    except NotReached:
        said = f"; printed / derived = {factor}" if (factor := _short_ratio(want.rhs, got.rhs)) is not None else ""
        raise NotReached(f"the derivation gives {got.lhs} {got.op} {got.rhs}{said}") from None
    return more


def compare(derived: Relation, printed: Relation, context: Context) -> Derived:
    """How a derived relation stands to the printed one with the same small side."""
    got, want = _upper(derived, "compare"), _upper(printed, "compare")
    try:
        more = excess(derived, printed, context)
    except NotReached as why:
        return Derived("not reached", str(why), _short_ratio(want.rhs, got.rhs), derived)
    if more == 0:
        return Derived("equal", "the derivation gives the printed relation", sp.Integer(1), derived)
    factor = _short_ratio(want.rhs, got.rhs) if _tidy(want.lhs - got.lhs) == 0 else None
    said = f"printed is {factor} times the derived bound" if factor is not None else f"printed exceeds the derived bound by {more}"
    return Derived("dominated", said, factor, derived)


def _tidy(expression: sp.Expr) -> sp.Expr:
    """One fraction, factored; sums that have a closed form as polynomials are written out where zero is not seen without."""
    expression = sp.sympify(expression)
    if (short := _factored(expression)) == 0:
        return short
    closed = {total: total.doit() for total in expression.atoms(sp.Sum) if not total.atoms(AppliedUndef) and total.function.is_polynomial()}
    return _factored(expression.xreplace(closed)) if closed else short


@cache
def _factored(expression: sp.Expr) -> sp.Expr:
    def change(whole: sp.Expr) -> sp.Expr:
        if not whole.is_rational_function(*whole.free_symbols):
            whole = sp.powdenest(whole)
        # factoring in full takes seconds where there are ten letters, and common factors are all that is needed
        return sp.factor_terms(cancel(whole))

    # sympy compares what a maximum is taken of whenever it makes one, which takes as long as all the rest
    letters: dict[Any, sp.Dummy] = {}
    for extremum in (extrema := sorted(expression.atoms(sp.Max, sp.Min), key=sp.default_sort_key)):
        letters.setdefault((type(extremum), frozenset(map(_expanded, extremum.args))), sp.Dummy("extremum", real=True))
    whole = {extremum: letters[type(extremum), frozenset(map(_expanded, extremum.args))] for extremum in extrema}
    short = _around_sums(expression.xreplace(whole), change)
    return short.xreplace({letter: extremum for extremum, letter in whole.items()})


def _short_ratio(numerator: sp.Expr, denominator: sp.Expr) -> sp.Expr | None:
    """The ratio, when it simplifies to something a reader can take in."""
    if denominator == 0 or numerator.count_ops() + denominator.count_ops() > 200:  # where it takes a second to find that it is not short
        return None
    ratio = _factored(numerator / denominator)
    if ratio.count_ops() <= 40:
        ratio = sp.factor(ratio)
    return ratio if ratio.count_ops() <= 20 else None


def derive(rule: Rule, printed: Relation, context: Context) -> Derived:
    """Composes a derivation and compares its result with the printed relation."""
    try:
        return compare(rule.derive(context), printed, context)
    except NotReached as why:
        return Derived("not reached", str(why))
