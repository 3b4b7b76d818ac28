r"""Lemma 11 of M-DSGD with nothing lost: how far the mean iterate of one stage can be above the minimum, for every number of iterations.

Three things that the paper's bound gives away are kept. There is no memory at the start, so that U counts T - 1 times; the momentum after
t iterations is at most G (1 - beta^t) / (1 - beta), not its limit; and from a start at the distance D, z_T is still at least
N = max(0, D - eta T G / (1 - beta)) away. Nothing exceeds

    (1 - beta) (D^2 - N^2) / (2 eta T) + eta G^2 / (2 (1 - beta))
      + eta G ((1 - 1/T) U + beta G / (1 - beta)^2 (1 - (1 - beta^T) / (T (1 - beta)))),

and `prove` shows where it is attained, by one worker without noise. From afar, D - N being eta T G / (1 - beta), by f = G |w|, whose
gradients all point one way. Without momentum from nearer too: z_t - w* = eta (g_t + ... + g_{T-1}) and w_t = z_t + eta u_t, with gradients
of norm G, any two of which have the inner product c G^2, and memories (U / G) g_t; f is the largest of 0, all <g_t, w - w*>, and
<h, w - w*>, h being the vector whose inner product with every w_t - w* is f(w_t): there is one for c < 1, the iterates being linearly
independent. `validation.worst_cases_mdsgd` finds the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp

from theory.claim import at_most, equals
from theory.decide import decide
from theory.rules import Certified, Chained, Expected, Granted, Limit, Rule, Telescoped, Using, scaled
from theory.scenes import above_paraboloid, f_least, f_y, fact, g_y, x, y
from theory.suprema import PACE, PACE_BOUND, Run, pace
from theory.symbols import G, T, U, eta, function_gap, output_gap, start_distance_sq, t, transformed_distance_sq
from theory.symbols import momentum as beta
from theory.vectors import dot, norm_sq, vector

_step = sp.Symbol("step", real=True, positive=True)
_drawn = vector("g_d")  # the stochastic gradient at w_t
_pull = sp.Function("pull", real=True)(t)  # E <grad F(w_t), w_t - z_t>
_memory = sp.Function("memory_norm", real=True, nonnegative=True)(t)

CLAIM = "mdsgd/lemma-11"
SAYS = "how far the mean iterate is above the minimum: from far away, and without momentum from anywhere"
START = sp.sqrt(start_distance_sq)  # D
LEFT = sp.Max(0, START - eta * T * G / (1 - beta))  # N


def mean_iterate(left: sp.Expr) -> sp.Expr:
    """The bound, with `left` for N."""
    lag = (1 - 1 / T) * U + beta * G / (1 - beta) ** 2 * (1 - (1 - beta**T) / (T * (1 - beta)))
    return (1 - beta) * (start_distance_sq - left**2) / (2 * eta * T) + eta * G**2 / (2 * (1 - beta)) + eta * G * lag


LARGEST = mean_iterate(LEFT)
ATTAINED = sp.Or(sp.Eq(beta, 0), eta * T * G / (1 - beta) <= START)
RELATION = at_most(output_gap, LARGEST)
_one = Expected(
    Certified(
        at_most(2 * _step * (f_y - f_least), norm_sq(x) - norm_sq(x - _step * _drawn) + _step**2 * G**2 + 2 * _step * dot(g_y, y - x)),
        (
            fact(
                "the draw is independent of the past: E <z_t, grad f> = <z_t, grad F(w_t)>", dot(x, _drawn - g_y), 2 * _step, equality=True
            ),
            fact("F is convex: at w_t and w*", above_paraboloid(f_least, f_y, g_y, -1 * y, sp.S.Zero), 2 * _step),
            fact("second moment at most G^2", G**2 - norm_sq(_drawn), _step**2),
        ),
    ),
    {
        f_y - f_least: function_gap,
        norm_sq(x): transformed_distance_sq,
        norm_sq(x - _step * _drawn): transformed_distance_sq.subs(t, t + 1),
        dot(g_y, y - x): _pull,
    },
    {_step: eta / (1 - beta)},
)
_beyond = sp.Symbol("beyond", real=True, positive=True)  # by which both roots are raised, so that none is 0
_held, _pushed = vector("memory"), vector("momentum")
_of_memory, _of_momentum = eta * (_memory + _beyond), eta * beta / (1 - beta) * (pace + _beyond)
_pulled = Limit(
    Expected(
        Certified(
            at_most(dot(g_y, eta * _held + eta * beta / (1 - beta) * _pushed), G * (_of_memory + _of_momentum)),
            (
                fact("||grad F(w_t)||^2 <= E ||grad f||^2 <= G^2", G**2 - norm_sq(g_y), (_of_memory + _of_momentum) / (2 * G)),
                fact("the root of E ||u~_t||^2", _memory**2 - norm_sq(_held), eta * G / (2 * (_memory + _beyond))),
                fact("the root of E ||g~_{t-1}||^2", pace**2 - norm_sq(_pushed), eta * beta / (1 - beta) * G / (2 * (pace + _beyond))),
            ),
        ),
        {dot(g_y, eta * _held + eta * beta / (1 - beta) * _pushed): _pull},  # w_t - z_t (Lemma 6), the momentum with its sign
    ),
    _beyond,
    0,
)
_summed = Using(
    Telescoped(Using(Using(_one, (_pulled,)), (PACE_BOUND,)), t, T, {transformed_distance_sq.subs(t, T): LEFT**2}),
    (
        Granted(equals(transformed_distance_sq.subs(t, 0), start_distance_sq), by="z_0 = w_0"),
        Granted(at_most(sp.Sum(_memory, (t, 0, T - 1)), (T - 1) * U), by="memory is empty at t = 0, and at most U later"),
        Granted(equals(sp.Sum(beta**t, (t, 0, T - 1)), (1 - beta**T) / (1 - beta)), by="a geometric sum"),
    ),
)
BOUND: Rule = Chained(
    Granted(at_most(output_gap, sp.Sum(function_gap, (t, 0, T - 1)) / T), by="Jensen: phi at the mean iterate"),
    scaled(_summed, (1 - beta) / (2 * eta * T)),
)
"""Derives `RELATION`; that z_T is at least N away is Minkowski's inequality in L2 for T steps of at most eta G / (1 - beta)."""


# ---- attained: far away by f = G |w|, j = t - 1 ----

_j = sp.Symbol("j", integer=True, nonnegative=True)
_m, _w, _gaps = sp.symbols("m_j w_j gaps_j", real=True)
_pace = PACE.subs(t, _j + 1)
_far = START - eta * T * G / (1 - beta)
FAR = Run(
    "f = G |w|, started at D: every gradient is G, every memory is U; gaps_j is the sum of all gaps up to iterate j",
    _j,
    {
        _m: _pace,
        _w: START + eta * U - eta * G / (1 - beta) * (_j + 1 - beta * (1 - beta ** (_j + 1)) / (1 - beta)),
        _gaps: (T * mean_iterate(_far)).subs(T, _j + 1),
    },
    {_m: beta * _m + G, _w: _w - eta * (beta * _m + G), _gaps: _gaps + G * _w},
    _gaps,
    {_m: G, _w: START - eta * G + eta * U, _gaps: G * START},
)

# ---- attained without momentum, by gradients with one inner product c G^2 ----

_c = sp.Symbol("c", real=True)
_rest = sp.Symbol("rest", integer=True, nonnegative=True)  # T - 1 - s: gradients after g_s
ALIKE = (_c <= 1, _c * (T - 1) >= -1, _rest <= T - 1)


def _inner(with_itself: bool, counted: sp.Expr) -> sp.Expr:
    """<g_t, eta (sum of `counted` gradients)>, g_t being one of them or none."""
    return eta * G**2 * (1 + (counted - 1) * _c if with_itself else counted * _c)


def _unattained(bound: sp.Expr) -> Iterator[str]:
    """What fails of the instance near the minimum, for the bound at beta = 0 and N = 0."""
    gap, later, earlier = (_inner(itself, _rest + 1) for itself in (True, True, False))  # <g_t, z_s - w*> for t = s, t > s and t < s
    lag = eta * G * U
    for other, why in ((later + lag * _c, "a later tangent"), (earlier + lag * _c, "an earlier tangent"), (sp.S.Zero, "0")):
        for memory in (sp.S.One, sp.S.Zero):  # none in iterate 0
            if decide(gap + memory * lag >= other.subs(U, memory * U), ALIKE).outcome != "proved":
                yield f"{why} lies above f(w_s)"
    mean = (sp.summation(gap, (_rest, 0, T - 1)) + (T - 1) * lag) / T
    distance_sq = eta * T * _inner(True, T)  # of w_0 from w*, eta times all gradients
    if sp.simplify(mean - bound.subs(start_distance_sq, distance_sq)) != 0:
        yield f"the mean gap is {mean}"
    if decide(distance_sq <= (eta * T * G) ** 2, ALIKE).outcome != "proved":
        yield "N is not 0"


def prove(bound: sp.Expr = LARGEST) -> str:
    """Why the bound is not shown to be attained; empty where it is: far away, and without momentum everywhere."""
    if broken := FAR.check():
        return f"far away: {broken}"
    if sp.simplify(FAR.reaches.subs(FAR.states) - (T * bound.subs(LEFT, _far)).subs(T, _j + 1)) != 0:
        return "far away the gaps have another mean"
    return next(_unattained(sp.simplify(bound.subs(LEFT, 0).subs(beta, 0))), "")
