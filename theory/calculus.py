"""The contraction calculus: what each operator tells of itself, and one rule that gives compositions their coefficient and their bits.

An operator of this calculus is a factor c, times an unbiased map with excess e (E ||Q(y)||^2 <= (1 + e) ||y||^2), behind a selection of k
of n coordinates. Then E ||x - C(x)||^2 = ||x||^2 - 2 c E ||Comp_k(x)||^2 + E ||C(x)||^2, and with Lemma 13 it contracts with
(2 c - c^2 (1 + e)) k/n. Lemma 1 is c = 1, Lemma 2 is c = 1 / (1 + e), Top_k and Rand_k are c = 1, e = 0. Signs, which are biased, tell
their coefficient outright (Lemma 3); pieces have the smallest of theirs (Corollary 1); everything else is unknown, and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory.symbols import d as dimension
from theory.symbols import k as kept_coordinates
from theory.symbols import m as order
from theory.symbols import s as quantiser_intervals

PAPER = "qsparse_local_sgd"
FLOAT = sp.Integer(32)  # bits of a scalar on the wire


@dataclass(frozen=True)
class Contraction:
    """E ||x - C(x)||^2 <= (1 - gamma) ||x||^2 wherever `conditions` hold; `gamma` is None where it is unknown.

    `why`: the id of the claim that grants it, or what is missing.
    """

    gamma: sp.Expr | None
    why: str
    conditions: tuple[Boolean, ...] = ()

    @property
    def known(self) -> bool:
        return self.gamma is not None


@dataclass(frozen=True)
class Message:
    """Bits of a message: `count` entries of `location` + `value` bits, and once `scalars` float32 numbers (`printed` in section 5.1)."""

    count: sp.Expr
    location: sp.Expr = sp.S.Zero
    value: sp.Expr = FLOAT
    scalars: int = 0
    printed: int = 0

    def bits(self, as_printed: bool = False) -> sp.Expr:
        return self.count * (self.location + self.value) + FLOAT * (self.printed if as_printed else self.scalars)


@dataclass(frozen=True)
class Facts:
    """What an operator tells of itself on n coordinates.

    `excess`: e of the unbiased map; None where the operator is biased beyond its factor and its selection. `kept`: how many coordinates the
    selection leaves. `outright`: a coefficient that comes from no composition. `parts`: of a piecewise operator, the facts of its pieces.
    """

    n: sp.Expr
    kept: sp.Expr
    message: Message | None
    excess: sp.Expr | None = sp.S.Zero
    factor: sp.Expr = sp.S.One
    keeps_zeros: bool = True
    outright: Contraction | None = None
    parts: tuple[Facts, ...] = ()

    @property
    def selects(self) -> bool:
        """Whether it passes on what it keeps as it is."""
        return self.excess == 0 and self.factor == 1 and self.outright is None and not self.parts

    @property
    def unbiased(self) -> bool:
        """Whether it is a quantiser on all n: unbiased, with no more than its excess (a selection scaled up has more)."""
        return self.excess is not None and self.factor == 1 and self.kept == self.n and self.outright is None and not self.parts


@dataclass(frozen=True)
class Operator:
    """An operator by its name in the registries, its parameters, and its facts on n coordinates."""

    name: str
    facts: Callable[[sp.Expr], Facts]
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.parameters.values()))})"


def coefficient(operator: Operator, n: Any = dimension) -> Contraction:
    """The contraction coefficient of an operator on R^n, or why it is unknown."""
    return _coefficient(operator.facts(sp.sympify(n)))


def _coefficient(facts: Facts) -> Contraction:
    if facts.outright is not None:
        return facts.outright
    if facts.parts:
        return _smallest([_coefficient(part) for part in facts.parts])
    e, c, share = facts.excess, facts.factor, facts.kept / facts.n
    if e is None:
        return Contraction(
            None, "neither an unbiased map behind a selection nor a signed operator of Lemma 3: no claim gives a coefficient"
        )
    strength = sp.factor(2 * c - c**2 * (1 + e)) if c != 1 else 1 - e
    positive = sp.Gt(strength, 0) if c != 1 else sp.Lt(e, 1)
    conditions = () if positive == sp.true else (positive,)
    if positive == sp.false:
        return Contraction(None, f"2 c - c^2 (1 + e) = {strength} is not positive", ())
    return Contraction(strength * share, _granting(facts), conditions)


def _granting(facts: Facts) -> str:
    """The claim that grants a coefficient of the common form."""
    whole = facts.kept == facts.n
    if facts.factor == 1:
        label = "eq-B.6" if facts.excess == 0 else "sec-2.2/quantiser" if whole else "lemma-1"
    else:
        label = "lemma-2" if sp.simplify(1 / facts.factor - 1 - facts.excess) == 0 else "eq-B.1"
    return f"{PAPER}/{label}"


def _smallest(parts: Sequence[Contraction]) -> Contraction:
    gammas = [part.gamma for part in parts if part.gamma is not None]
    if len(gammas) < len(parts):
        return Contraction(None, "a piece is unknown: " + next(part.why for part in parts if not part.known))
    conditions = tuple(dict.fromkeys(condition for part in parts for condition in part.conditions))
    return Contraction(sp.Min(*gammas), f"{PAPER}/corollary-1", conditions)


def bits(operator: Operator, n: Any = dimension, as_printed: bool = False) -> sp.Expr | None:
    """Bits of one message, None where no claim gives them; `as_printed` counts the scalars of section 5.1, else those a decoder needs."""
    facts = operator.facts(sp.sympify(n))
    messages = [part.message for part in facts.parts] if facts.parts else [facts.message]
    found = [message.bits(as_printed) for message in messages if message is not None]
    return sp.Add(*found) if len(found) == len(messages) else None


# ---- atoms: each answers for itself ----


def identity() -> Operator:
    """C(x) = x."""
    return Operator("identity", lambda n: Facts(n, n, Message(n)))


def top_k(k: Any = kept_coordinates) -> Operator:
    """The k entries of largest magnitude."""
    return Operator("top_k", lambda n: Facts(n, _kept(k, n), Message(_kept(k, n), _log(n))), {"k": k})


def rand_k(k: Any = kept_coordinates) -> Operator:
    """k entries chosen uniformly at random, from a seed that the receiver shares: locations are not sent."""
    return Operator("rand_k", lambda n: Facts(n, _kept(k, n), Message(_kept(k, n))), {"k": k})


def qsgd(intervals: Any = quantiser_intervals) -> Operator:
    """QSGD: unbiased, keeps zeros; sends a level, a sign, and the norm once."""
    s = sp.sympify(intervals)

    def facts(n: sp.Expr) -> Facts:
        return Facts(n, n, Message(n, value=_log(s + 1) + 1, scalars=1, printed=1), sp.Min(n / s**2, sp.sqrt(n) / s))

    return Operator("qsgd", facts, {"intervals": intervals})


def stochastic_levels(intervals: Any = quantiser_intervals) -> Operator:
    """Stochastic rounding to a grid from the least to the largest entry: unbiased, turns zeros into noise; sends both ends of the grid."""
    return Operator("stochastic_levels", lambda n: _grid(n, intervals, n / (2 * sp.sympify(intervals) ** 2)), {"intervals": intervals})


def stochastic_rotated(intervals: Any = quantiser_intervals) -> Operator:
    """The same after a random rotation, whose seed the receiver shares."""
    return Operator(
        "stochastic_rotated", lambda n: _grid(n, intervals, 2 * sp.log(2 * n, 2) / sp.sympify(intervals) ** 2), {"intervals": intervals}
    )


def sign() -> Operator:
    """The signs alone (Definition 6): biased, and not scaled with the vector."""
    return Operator("sign", lambda n: Facts(n, n, Message(n, value=sp.S.One), excess=None, keeps_zeros=False))


def sign_comp(comp: Operator, m: Any = order) -> Operator:
    """||Comp_k(x)||_m SignComp_k(x) / k, for an operator that selects (Lemma 3); at m = 1 the constant that holds for every x."""
    m = sp.sympify(m)

    def facts(n: sp.Expr) -> Facts:
        inner = comp.facts(n)
        if not inner.selects or inner.message is None:
            raise ValueError(f"comp must select coordinates (identity, top_k, rand_k), got {comp}")
        gamma = sp.Piecewise((1 / n, sp.Eq(m, 1)), (inner.kept ** (2 / m - 1) / n, True))
        location = sp.S.Zero if inner.kept == n else inner.message.location
        message = Message(inner.kept, location, sp.S.One, scalars=1, printed=1)
        why = f"{PAPER}/lemma-3" if m == 1 else f"{PAPER}/lemma-3/higher-norms"
        return Facts(n, inner.kept, message, excess=None, outright=Contraction(gamma, why))

    return Operator("sign_comp", facts, {"comp": comp, "m": m})


def scaled_sign() -> Operator:
    """EF-SIGNSGD: ||x||_1 sign(x) / d, the case k = d, m = 1 of Lemma 3."""
    return Operator("scaled_sign", sign_comp(identity(), 1).facts)


def compose(quantiser: Operator, sparsifier: Operator, acts_on: Literal["kept", "whole"] = "kept") -> Operator:
    """Q(C(x)) of an unbiased Q after C: excesses multiply as 1 + e, factors and selections are those of C.

    Behind a selection, Q sees the kept entries ("kept"), or all n with zeros among them ("whole"); then it must keep zeros.
    """
    if acts_on not in ("kept", "whole"):
        raise ValueError(f'acts_on must be "kept" or "whole", got {acts_on!r}')

    def facts(n: sp.Expr) -> Facts:
        inner = sparsifier.facts(n)
        outer = quantiser.facts(inner.kept)
        message = _sent(inner, outer)
        if not outer.unbiased or inner.excess is None or inner.parts:
            return Facts(n, inner.kept, message, excess=None)
        if acts_on == "whole" and inner.kept != n and not outer.keeps_zeros:
            why = f"{quantiser.name} turns the zeros that {sparsifier.name} leaves into noise, of which beta_{{k,s}} knows nothing"
            unknown = Contraction(None, why)
            return Facts(n, inner.kept, None, excess=None, outright=unknown)
        assert outer.excess is not None
        excess = outer.excess if inner.excess == 0 else (1 + inner.excess) * (1 + outer.excess) - 1
        return replace(inner, message=message, excess=excess, keeps_zeros=outer.keeps_zeros and inner.keeps_zeros)

    return Operator("compose", facts, {"quantiser": quantiser, "sparsifier": sparsifier, "acts_on": acts_on})


def scaled(operator: Operator, factor: Any = None) -> Operator:
    """factor * C(x); without a factor, 1 / (1 + e) of Lemma 2. The receiver knows the factor."""

    def facts(n: sp.Expr) -> Facts:
        inner = operator.facts(n)
        if inner.excess is None or inner.parts:
            unknown = Contraction(None, f"{operator.name} scaled: only an unbiased map behind a selection has a rule for its scale")
            return replace(inner, outright=unknown, parts=())
        c = 1 / (1 + inner.excess) if factor is None else sp.sympify(factor)
        return replace(inner, factor=inner.factor * c)

    return Operator("scaled", facts, {"operator": operator, "factor": factor})


def piecewise(operators: Sequence[Operator], dims: Sequence[Any]) -> Operator:
    """[C_1(x_1) ... C_L(x_L)] on consecutive pieces of lengths `dims` (Corollary 1)."""
    if len(operators) != len(dims) or not dims:
        raise ValueError(f"operators and dims must be equally many and at least one, got {len(operators)} and {len(dims)}")
    lengths = [sp.sympify(length) for length in dims]

    def facts(n: sp.Expr) -> Facts:
        if sp.simplify(sp.Add(*lengths) - n) != 0:
            raise ValueError(f"dims must sum to n = {n}, got {sp.Add(*lengths)}")
        parts = tuple(operator.facts(length) for operator, length in zip(operators, lengths, strict=True))
        return Facts(n, sp.Add(*(part.kept for part in parts)), None, excess=None, parts=parts)

    return Operator("piecewise", facts, {"operators": tuple(operators), "dims": tuple(dims)})


OPERATORS: dict[str, Callable[..., Operator]] = {
    factory.__name__: factory
    for factory in (
        identity, top_k, rand_k, qsgd, stochastic_levels, stochastic_rotated, sign, sign_comp, scaled_sign, compose, scaled, piecewise,
    )
}  # fmt: skip


def build(parts: Sequence[Any]) -> Operator:
    """The operator of a structure such as `("compose", ("qsgd",), ("top_k",), "kept")`, its parameters being the letters d, k, s, m.

    Raises: ValueError if a name is no operator's.
    """
    name, *rest = parts
    if name not in OPERATORS:
        raise ValueError(f"operator must be one of {', '.join(OPERATORS)}, got {name!r}")
    return OPERATORS[name](*(build(part) if isinstance(part, tuple) else part for part in rest))


# ---- shared by the atoms ----


def _log(count: sp.Expr) -> sp.Expr:
    return sp.ceiling(sp.log(count, 2))


def _kept(k: Any, n: sp.Expr) -> sp.Expr:
    k = sp.sympify(k)
    if (k <= n) == sp.false or (k >= 1) == sp.false:
        raise ValueError(f"k must be between 1 and n = {n}, got {k}")
    return k


def _grid(n: sp.Expr, intervals: Any, excess: sp.Expr) -> Facts:
    message = Message(n, value=_log(sp.sympify(intervals) + 1), scalars=2, printed=1)
    return Facts(n, n, message, excess, keeps_zeros=False)


def _sent(inner: Facts, outer: Facts) -> Message | None:
    """A quantised selection sends the locations of the one and the values of the other."""
    if not inner.selects or inner.message is None or outer.message is None:
        return None
    return replace(outer.message, count=inner.kept, location=inner.message.location)
