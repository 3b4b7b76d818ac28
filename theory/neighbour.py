r"""The nearest neighbour: what is known exactly of single-worker error feedback, proved here without a solver.

Berg Thomsen, Taylor, Dieuleveut, "Tight analyses of first-order methods with error feedback" (2025, arXiv:2506.05271): the best contraction
of EF (Algorithm 1 of dist-EF-SGD with full gradients and a constant step) and of EF21, for L-smooth and mu-strongly convex f and any map
with ||C(p) - p||^2 <= (1 - delta) ||p||^2, at the best step. Their Theorem 1 is restated below from their public certificates. Here the
same Lyapunov functions give the rate at *every* step, in one formula,

    q^2,  where q is the positive root of q^2 = t q + s,  s = sqrt(1 - delta),  t = max |1 - s - (1 + s) eta c| over c in {mu, L},

and a parabola of curvature mu or L, compressed by C(p) = (1 + s) p, contracts by exactly q a step: no Lyapunov function and no analysis of
these methods does better. The proof is three identities in inner products and a few decisions about scalars, claims like any other:
`gradients` (what interpolation grants of two points), `turned` (hence the step turns the iterate by at most t), and `ef`, `ef21` (hence
both contract); `root` (the closed form), `attained` (the parabola), `best-step`, `rises` (q grows with t), and `as-published`.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Claim, Hypothesis, Reading, at_least, at_most, equals
from theory.scenes import f_x, f_y, fact, g_x, g_y, x, y
from theory.symbols import L, eigenvalue, eta, gamma, lower_root, mu, residual, root, turn
from theory.vectors import Vector, dot, norm_sq, vector

s, q, z = residual, root, eigenvalue  # the paper's sqrt(eps), and letters of this file

# ---- the closed form, in L, mu, gamma (their delta) and eta ----

_S = sp.sqrt(1 - gamma)
TURN = sp.Max(*(sp.Abs(1 - _S - (1 + _S) * eta * curvature) for curvature in (mu, L)))
_root = (turn + sp.sqrt(turn**2 + 4 * residual)) / 2
ROOT = _root.subs({turn: TURN, residual: _S}, simultaneous=True)
RATE = ROOT**2
"""What a step multiplies the Lyapunov function by, at worst; EF and EF21 alike."""
BEST_STEP = 2 * (1 - _S) / ((1 + _S) * (L + mu))
CONDITION = (L - mu) / (L + mu)


def lyapunov_ef(apart: Vector, memory: Vector) -> sp.Expr:
    """||x - x* - e||^2 + ||e||^2 / s, of the iterate relative to x* and the memory, both in X."""
    return norm_sq(apart - memory) + norm_sq(memory) / s


def lyapunov_ef21(gradient: Vector, estimate: Vector) -> sp.Expr:
    """||g - d||^2 + s ||g||^2, of the gradient and what stands for it, both in F/X."""
    return norm_sq(gradient - estimate) + s * norm_sq(gradient)


# ---- hypotheses ----

SMOOTH = Hypothesis("smooth_strongly_convex", "f is L-smooth and mu-strongly convex, mu < L", sp.And(mu > 0, mu < L))
CONTRACTS = Hypothesis("proper_residual", "||C(p) - p||^2 <= s^2 ||p||^2 for every p, 0 < s = sqrt(1 - delta) < 1", s < 1)
LARGE_ROOT = Hypothesis("large_root", "t = q - s / q > 0", q**2 > s)
SHORT = Hypothesis("short_step", "eta is at most the best step", eta * (1 + s) * (L + mu) <= 2 * (1 - s))
ORDERED = Hypothesis("ordered_roots", "one root is the lower", lower_root <= q)
LONG = Hypothesis("long_step", "eta is at least the best step", eta * (1 + s) * (L + mu) >= 2 * (1 - s))

# ---- vectors: an iterate relative to x*, and one step ----

_step, _turn = vector("step"), vector("g_turn")  # x - y and grad f(x) - grad f(y)
_apart, _slope, _memory, _next_memory = vector("apart"), vector("g_apart"), vector("memory"), vector("next_memory")
_gradient, _estimate, _difference, _next_residual = vector("g_now"), vector("g_estimate"), vector("g_difference"), vector("g_residual")
_next_gradient = _gradient - _difference  # x falls by eta d, so that the gradient changes with a step of eta d
TURNED_BY = q - s / q


def _interpolated(f_to: sp.Expr, f_from: sp.Expr, g_from: Vector, move: Vector, change: Vector) -> sp.Expr:
    """f(to) - f(from) - <g(from), move> - ||change||^2 / (2 L) - mu / (2 (1 - mu / L)) ||move - change / L||^2, nonnegative."""
    return f_to - f_from - dot(g_from, move) - norm_sq(change) / (2 * L) - mu / (2 * (1 - mu / L)) * norm_sq(move - change / L)


def _between(move: Vector, change: Vector) -> sp.Expr:
    """<change - mu move, L move - change>: the gradient changes by between mu and L times the move."""
    return dot(change - mu * move, L * move - change)


def _turned(move: Vector, change: Vector) -> sp.Expr:
    """||(1 - s) move - (1 + s) change||^2, for the change of eta times the gradient."""
    return norm_sq((1 - s) * move - (1 + s) * change)


def _claim(label: str, kind: str, says: str, *readings: Reading, relies: tuple[str, ...] = ()) -> Claim:
    return Claim(
        f"neighbour/{label}", kind, "arXiv:2506.05271, Theorems 1 and 2", says, (), readings, unparsed="no text is stored", relies=relies
    )


_BALL = 2 * (1 + s) * eta / (L - mu)
_SHRINKS = q**2 / ((q**2 - s) * (1 + s))
_TURN_LABEL = "neighbour/turned: the step turns the iterate by at most t = q - s / q"
# the eigenvector of one step on a parabola whose curvature times eta is `bent`, for C(p) = (1 + s) p, and eigenvalue z
_bent = (1 - s - z + s / z) / (1 + s)
_memory_of_one = -s * _bent / (z + s)
_estimate_of_one = (1 - z) / _bent
_EIGEN = Hypothesis("eigenvalue", "z is q or -q, and the parabola is not flat: z^2 > s, z != 1", sp.And(z**2 > s, sp.Ne(z, 1), s < 1))
_lambda = 2 * (1 - s) / ((1 + s) * (L + mu) ** 2) * (
    (1 - s) * (L - mu) + (1 + s) * sp.sqrt((L - mu) ** 2 + 16 * L * mu * s / (1 + s) ** 2)
)  # fmt: skip
_best_turn = (1 - s) * CONDITION

CLAIMS: tuple[Claim, ...] = (
    _claim(
        "gradients",
        "lemma",
        "What the two interpolation inequalities of two points say of their gradients, without function values.",
        Reading(
            "any two points",
            at_least(_between(x - y, g_x - g_y), 0),
            (SMOOTH,),
            facts=(
                fact("f interpolates from y to x", _interpolated(f_x, f_y, g_y, x - y, g_x - g_y), L - mu),
                fact("f interpolates from x to y", _interpolated(f_y, f_x, g_x, y - x, g_y - g_x), L - mu),
            ),
        ),
    ),
    _claim(
        "turned",
        "lemma",
        "A ball within a ball: how far (1 - s) step - (1 + s) eta turn can reach, for the two halves of the steps.",
        *(
            Reading(
                name,
                at_most(_turned(_step, eta * _turn), reach**2 * norm_sq(_step)),
                (SMOOTH, CONTRACTS, half),
                facts=(fact("neighbour/gradients at the two points", _between(_step, _turn), _BALL * reach),),
            )
            for name, reach, half in (
                ("steps up to the best", 1 - s - (1 + s) * eta * mu, SHORT),
                ("steps from the best on", (1 + s) * eta * L - (1 - s), LONG),
            )
        ),
        relies=("neighbour/gradients",),
    ),
    _claim(
        "ef",
        "theorem",
        "EF contracts by q^2: the Lyapunov function is that of x~ = x - e and of the memory.",
        Reading(
            "at every step",
            at_most(
                lyapunov_ef(_apart - _memory - eta * _slope + _next_memory, _next_memory),
                q**2 * lyapunov_ef(_apart, _memory),
            ),
            (CONTRACTS, LARGE_ROOT),
            facts=(
                fact(_TURN_LABEL, TURNED_BY**2 * norm_sq(_apart) - _turned(_apart, eta * _slope), _SHRINKS),
                fact("C contracts e + eta g", s**2 * norm_sq(_memory + eta * _slope) - norm_sq(_next_memory), 1 / s),
            ),
        ),
        relies=("neighbour/turned",),
    ),
    _claim(
        "ef21",
        "theorem",
        "EF21 contracts by the same q^2: eta d and the change of the gradient are a step and what it turns.",
        Reading(
            "at every step",
            at_most(
                lyapunov_ef21(_next_gradient, _next_gradient - _next_residual),
                q**2 * lyapunov_ef21(_gradient, _estimate),
            ),
            (CONTRACTS, LARGE_ROOT),
            facts=(
                fact(_TURN_LABEL, TURNED_BY**2 * norm_sq(_estimate) - _turned(_estimate, _difference), s * _SHRINKS),
                fact("C contracts g' - d", s**2 * norm_sq(_next_gradient - _estimate) - norm_sq(_next_residual), 1),
            ),
        ),
        relies=("neighbour/turned",),
    ),
    *(
        _claim(
            f"attained/{name}",
            "theorem",
            "A parabola that a step multiplies by z, whatever the Lyapunov function.",
            Reading("C(p) = (1 + s) p", equals(left, right), (_EIGEN,)),
        )
        for name, left, right in (
            ("ef/iterate", 1 - (1 + s) * (_memory_of_one + _bent), z),
            ("ef/memory", -s * (_memory_of_one + _bent), z * _memory_of_one),
            ("ef21/gradient", 1 - _bent * _estimate_of_one, z),
            ("ef21/estimate", _estimate_of_one + (1 + s) * (z - _estimate_of_one), z * _estimate_of_one),
            ("curvature", 1 - s - (1 + s) * _bent, z - s / z),
        )
    ),
    _claim(
        "best-step",
        "theorem",
        "No step turns less than the best one, where both curvatures turn alike.",
        Reading(
            "any step",
            at_least(sp.Max(1 - s - (1 + s) * eta * mu, (1 + s) * eta * L - (1 - s)), _best_turn),
            (SMOOTH, CONTRACTS),
        ),
        Reading(
            "the best step, by its slowest curvature",
            equals((1 - s - (1 + s) * eta * mu).subs(eta, 2 * (1 - s) / ((1 + s) * (L + mu))), _best_turn),
            (SMOOTH, CONTRACTS),
        ),
        Reading(
            "the best step, by its steepest curvature",
            equals(((1 + s) * eta * L - (1 - s)).subs(eta, 2 * (1 - s) / ((1 + s) * (L + mu))), _best_turn),
            (SMOOTH, CONTRACTS),
        ),
    ),
    _claim(
        "root",
        "lemma",
        "The positive root of q^2 = t q + s, in closed form.",
        Reading("t = q - s / q", equals(_root - s / _root, turn), (CONTRACTS,)),
    ),
    _claim(
        "rises",
        "lemma",
        "q grows with t = q - s / q.",
        Reading("two roots", at_most(lower_root - s / lower_root, q - s / q), (ORDERED,)),
    ),
    _claim(
        "as-published",
        "theorem",
        "The published rate at the best step, sqrt(eps) + (1 + sqrt(eps)) (L - mu) lambda / 4 with eps = 1 - delta, is q^2.",
        Reading(
            "Theorem 1",
            equals(s + (1 + s) * (L - mu) * _lambda / 4, ((_best_turn + sp.sqrt(_best_turn**2 + 4 * s)) / 2) ** 2),
            (SMOOTH, CONTRACTS),
        ),
    ),
)
