"""Suprema of sums of squares in gossip without quantisers, for every number of rounds or steps.

Consensus from round to round, and drift from step to step, are sums over a chain y_0 = 0, y_(k+1) = r y_k + b_k with 0 < r <= 1. Where
||b_0||^2, ..., ||b_(m-1)||^2 add up to 1, ||y_1||^2, ..., ||y_m||^2 add up to at most 1 / (1 - 2 r cos(a) + r^2), a being the root of
sin((m + 1) a) = r sin(m a) from pi / (2 m + 1), where r = 1, to pi / (m + 1). With s_k = sin(k a) and p_k = 1 - r s_(k-1) / s_k

    ||b_k||^2 = p_(k+1) ||y_(k+1)||^2 - p_k ||y_k||^2 + (1 - 2 r cos(a) + r^2) ||y_k||^2
                  + r s_k / s_(k+1) ||y_(k+1) - s_(k+1) / s_k y_k||^2

for every step. The squares are not negative, for s_1, ..., s_m are positive, and vanish where y_k = s_k / s_1 y_1: nothing is lost in the
sum over all steps, which leaves 1 - 2 r cos(a) + r^2 of every ||y_k||^2. `prove` checks all of it; the programmes of
`validation.worst_cases_qprsgd` find the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy as sp

from theory.certificate import certify
from theory.symbols import H, eta, rho, rounds
from theory.vectors import Vector, norm_sq, vector

angle = sp.Symbol("angle", real=True, positive=True)  # a
ratio, cosine, turned = sp.symbols("ratio cosine turned", real=True, positive=True)  # r, cos(a) and s_(k+1) / s_k
LOSS = 1 - 2 * ratio * cosine + ratio**2
STRICT = (ratio <= 1, cosine <= 1)
_k, _m = sp.symbols("k m", integer=True, positive=True)
_y = vector("y")


def _step(following: Vector) -> sp.Expr:
    """||b_k||^2 less the difference of potentials and less the loss, from y_k to the following, with 2 cos(a) s_k - s_(k+1) for s_(k-1)."""
    kept = (1 - ratio / turned) * norm_sq(following) - (1 - ratio * (2 * cosine - turned)) * norm_sq(_y)
    return norm_sq(following - ratio * _y) - kept - LOSS * norm_sq(_y)


def _unproved(loss: sp.Expr) -> Iterator[str]:
    upper = certify(_step(vector("y_next")) + (LOSS - loss) * norm_sq(_y), {}, {}, STRICT)
    if upper.outcome != "proved":
        yield f"a step is no square: {upper.evidence}"
    if sp.expand(_step(turned * _y)) != 0:
        yield "the square does not vanish where y_k = s_k y_1"
    before, now, after = (sp.sin(_k * angle + shift * angle) for shift in (-1, 0, 1))
    if sp.expand_trig(before + after - 2 * sp.cos(angle) * now).expand() != 0:
        yield "s_(k-1) is not 2 cos(a) s_k - s_(k+1)"
    if sp.expand(1 - ratio * (2 * cosine - ratio) - loss) != 0:  # s_(m+1) = r s_m
        yield "the last potential is not the loss"
    # at the first end sin((m + 1) a) = sin(pi - m a), at least r sin(m a); at the second it is 0, and sin(m a) is positive
    if sp.simplify((2 * _m + 1) * flat_angle(_m) - sp.pi) != 0 or sp.sin((_m + 1) * last_angle(_m)) != 0:
        yield "the equation need not have a root between the two ends"


def flat_angle(length: sp.Expr) -> sp.Expr:
    """The angle of a chain that forgets nothing, the least of all."""
    return sp.pi / (2 * length + 1)


def last_angle(length: sp.Expr) -> sp.Expr:
    """The angle of a chain that forgets all; s_1, ..., s_m are positive below it."""
    return sp.pi / (length + 1)


def prove(loss: sp.Expr = LOSS) -> str:
    """Why 1 / loss is not shown to be the largest sum of squares; empty where it is."""
    return next(_unproved(loss), "")


@dataclass(frozen=True)
class SumOfSquares:
    """The largest sum of a squared quantity (X^2) where squared gradients add up to 1 F^2/X^2: `unit` times that of a chain.

    `by`: why it is that of a chain with this `ratio`, of `length` = m.
    """

    claim: str
    says: str
    by: str
    ratio: sp.Expr
    length: sp.Expr
    unit: sp.Expr

    @property
    def value(self) -> sp.Expr:
        """In the letters of the claim, and the angle where it has no closed form."""
        a = flat_angle(self.length) if self.ratio == 1 else angle
        return self.unit / LOSS.subs({ratio: self.ratio, cosine: sp.cos(a)})

    @property
    def limit(self) -> sp.Expr | None:
        """Over all lengths: the angle, below pi / (m + 1), goes to 0. None where that has no bound."""
        return None if self.ratio == 1 else self.unit / (1 - self.ratio) ** 2

    def at(self, letters: Mapping[sp.Symbol, Any]) -> float:
        """The value at numbers for the letters, the angle found by bisection."""
        value, m, r = self.value.subs(letters), int(self.length.subs(letters)), sp.sympify(self.ratio).subs(letters)
        if value.has(angle):
            equation = sp.sin((m + 1) * angle) - r * sp.sin(m * angle)
            value = value.subs(angle, sp.nsolve(equation, angle, (sp.N(flat_angle(m)), sp.N(last_angle(m))), solver="bisect", verify=False))
        return float(value)


SUMS: Mapping[str, SumOfSquares] = {
    each.claim: each
    for each in (
        SumOfSquares(
            "qprsgd/lemma-7",
            "consensus, summed over N rounds",
            "along an eigenvector of W a round multiplies by its eigenvalue, of modulus at most rho, and adds eta times K gradients, "
            "the square of whose sum is at most K times theirs; a smaller modulus or another sign makes no sum of squares larger",
            rho,
            rounds - 1,
            eta**2 * H,
        ),
        SumOfSquares(
            "qprsgd/lemma-10",
            "drift from a common start, summed over the K steps of one round",
            "a step adds eta times a gradient and forgets nothing",
            sp.S.One,
            H - 1,
            eta**2,
        ),
    )
}
"""By claim; drift where N = 1, so that all start together."""
