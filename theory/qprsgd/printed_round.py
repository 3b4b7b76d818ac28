r"""QPRSGD, Appendix C: one round of Algorithm 1 as printed, though T_1 and Lemma 6, which the paper puts it together from, are false.

Noise and the gradients after it are correlated, and three things pay for that. The chain of quantisers costs at most three quarters of
what Lemma 1 says. What gradients differ by from those at the mean iterate is bounded in all: what of it all workers share spoils descent,
what they do not share drives them apart, and nothing does both. And a noise is uncorrelated with the gradients up to its own step, and
with those at the start of the round.
"""

from __future__ import annotations

from typing import NamedTuple

import sympy as sp

from theory.claim import at_most, equals
from theory.qprsgd.steps import (
    _CLOSE,
    LATER_PAIRS,
    NOISE_APART,
    PAIRS,
    STEPS,
    SUM_OF_SQUARES,
    WAY_OF_MEAN,
    centre,
    local,
    local_gradients,
    noise,
)
from theory.qprsgd.terms import C_1_IN_LETTERS, SEGMENT, K, M
from theory.rules import Certified, Combined, Decided, Expected, Granted, InLetters, Instance, Isolated, Rule, Using, scaled
from theory.samples import first_noises, sums_of_steps, uncorrelated
from theory.scenes import fact, lipschitz, u, v
from theory.symbols import (
    L,
    chain_error_sq,
    chain_inputs_sq,
    descent_share,
    drift_share,
    eta,
    exponential,
    growth,
    mean_progress_sq,
    noise_apart_sq,
    ring_constant,
    round_aligned,
    round_deviation_sq,
    round_gradient_sq,
    round_local_gradient_sq,
    round_mean_gradient_sq,
    round_progress_sq,
    round_stochastic_sq,
    round_way_sq,
    sigma,
    t,
    worker_gradient_sq,
    worker_progress_sq,
    zeta,
)
from theory.vectors import average_dot, average_norm_sq, dot, norm_sq, vector, worker_vector

away, way = worker_vector("x_away"), vector("x_way")  # a worker's iterate less the mean iterate, and that less the start of the round
begun = worker_vector("g_begun")  # grad F_m at the start of the round
begun_own, before = vector("g_begun_own"), worker_vector("noise_before")  # of one worker, one value a step: the noise up to a step
_noise, _start, _rest = worker_vector("noise_apart"), worker_vector("start_apart"), worker_vector("rest_apart")


def _of_round(name: str) -> sp.Expr:
    """A quantity of a round in between, bounded before the end."""
    return sp.Function(name, real=True, nonnegative=True)(t)


APART, MOVED_APART, START_APART, REST = map(_of_round, ("q", "r", "start_apart_sq", "rest_apart_sq"))
NOISES, BEFORE, MOVED = map(_of_round, ("noises_sq", "noises_before_sq", "moved_gradients_sq"))

# ---- what gradients differ by: shared by all workers, or not ----

ALIGNED_APART = Expected(  # T_2, with what workers do not share
    Certified(
        at_most(
            -dot(centre.mean, local.mean),
            -norm_sq(centre.mean) / 2
            - norm_sq(local.mean) / 2
            + L**2 / 2 * average_norm_sq(away)
            - average_norm_sq((local - centre).deviation) / 2,
        ),
        (fact(_CLOSE, lipschitz(local - centre, away), sp.Rational(1, 2)),),
    ),
    {
        dot(centre.mean, local.mean): round_aligned,
        norm_sq(centre.mean): round_gradient_sq,
        norm_sq(local.mean): round_mean_gradient_sq,
        average_norm_sq(away): round_deviation_sq,
        average_norm_sq((local - centre).deviation): APART,
    },
)
SINCE_START = Expected(
    Certified(
        at_most(average_norm_sq((local - begun).deviation), 2 * average_norm_sq((local - centre).deviation) + 2 * L**2 * norm_sq(way)),
        (fact(_CLOSE, lipschitz(centre - begun, way), 2),),
    ),
    {
        average_norm_sq((local - begun).deviation): MOVED_APART,
        average_norm_sq((local - centre).deviation): APART,
        norm_sq(way): round_way_sq,
    },
)
MOVED_BY_WAY = Expected(
    Certified(
        at_most(average_norm_sq((local - begun).deviation), L**2 * (average_norm_sq(away.deviation) + norm_sq(way))),
        (fact(_CLOSE, lipschitz(local - begun, away.deviation + way)),),
    ),
    {
        average_norm_sq((local - begun).deviation): MOVED_APART,
        average_norm_sq(away.deviation): round_deviation_sq,
        norm_sq(way): round_way_sq,
    },
)


def drifted(share: sp.Expr, rest: sp.Expr) -> Rule:
    """How far workers are apart: noise, gradients at the start, and what gradients have moved by since; 1/share + 1/rest = 1."""
    apart = _noise + _start + _rest
    one = Expected(
        Certified(
            at_most(average_norm_sq(apart), share * (average_norm_sq(_noise) + average_norm_sq(_start)) + rest * average_norm_sq(_rest)),
            (fact("noise has mean zero, whatever the gradients at the start", average_dot(_noise, _start), -2 * share, True),),
        ),
        {
            average_norm_sq(apart): round_deviation_sq / eta**2,
            average_norm_sq(_noise): noise_apart_sq,
            average_norm_sq(_start): START_APART,
            average_norm_sq(_rest): REST,
        },
    )
    return scaled(
        Using(
            one,
            (
                NOISE_APART,
                Granted(
                    at_most(START_APART, SUM_OF_SQUARES * zeta**2),
                    by="Assumption 1 at the start of the round, and the sum of k^2 over k < K",
                ),
                sums_of_steps(
                    at_most(REST, LATER_PAIRS * MOVED_APART),
                    by="Cauchy-Schwarz over k - 1 steps, nothing having moved at the first, and the sum of k - 1 over k < K",
                ),
            ),
        ),
        eta**2,
    )


# ---- the progress of a round ----

CROSS = sp.Rational(6, 5)  # Young's price between noises and the gradients after them, in units of L eta
_by_way = Expected(
    Certified(
        at_most(average_norm_sq(local - begun), L**2 * (average_norm_sq(away.deviation) + norm_sq(way))),
        (fact(_CLOSE, lipschitz(local - begun, away.deviation + way)),),
    ),
    {average_norm_sq(local - begun): MOVED / M, average_norm_sq(away.deviation): round_deviation_sq, norm_sq(way): round_way_sq},
)


def by_later_gradients(young: sp.Expr) -> Rule:
    """||sum over K steps of gradient + noise||^2 where only the gradients after a noise know of it, by how far they moved since the start.

    `before` holds the noise up to each step, `young` is the price of that.
    """
    return Certified(
        at_most(
            K**2 * norm_sq(local.mean + noise.mean),
            K**2 * average_norm_sq(local)
            + K * average_norm_sq(noise)
            + K * (young * average_norm_sq(before) + average_norm_sq(local - begun_own) / young),
        ),
        (
            uncorrelated(noise, K, -K, STEPS),
            fact(
                "a noise is uncorrelated with the gradients up to its step and with that at the start",
                K**2 * dot(local.mean, noise.mean) - K * average_dot(before, local - begun_own),
                -2,
                True,
            ),
        ),
    )


def progress(price: sp.Expr) -> Rule:
    """E ||progress||^2 of all workers; `price` is Young's, of the gradients at the mean iterates."""
    one = Expected(
        by_later_gradients(CROSS * L * eta),
        {
            K**2 * norm_sq(local.mean + noise.mean): round_progress_sq,
            K * average_norm_sq(local): round_local_gradient_sq,
            average_norm_sq(noise): NOISES,
            K * average_norm_sq(before): BEFORE,
            K * average_norm_sq(local - begun_own): MOVED,
        },
    )
    return Using(
        one,
        (
            Granted(at_most(NOISES, M * sigma**2), by="Assumption 1: variance at most sigma^2"),
            first_noises(BEFORE, M * PAIRS, sigma**2),
            scaled(_by_way, M),
            local_gradients(round_local_gradient_sq, round_deviation_sq, round_gradient_sq, K, price),
        ),
    )


_moved_mean, _own_way = _of_round("moved_mean_gradients_sq"), _of_round("own_way_sq")
_of_mean, _before_of_mean = _of_round("noises_of_mean_sq"), _of_round("noises_of_mean_before_sq")
_noises_of_one, _before_of_one, _moved_of_one = map(_of_round, ("noises_of_one_sq", "noises_of_one_before_sq", "moved_of_one_sq"))
_way_of_one, _noisy_way, _exact_way = map(_of_round, ("way_of_one_sq", "noisy_way_sq", "exact_way_sq"))
PROGRESS_OF_ONE = Using(  # of one worker: T_1
    Expected(
        by_later_gradients(sp.Rational(3, 2) * L * eta),
        {
            K**2 * norm_sq(local.mean + noise.mean): worker_progress_sq,
            K * average_norm_sq(local): worker_gradient_sq,
            average_norm_sq(noise): _noises_of_one,
            K * average_norm_sq(before): _before_of_one,
            K * average_norm_sq(local - begun_own): _moved_of_one,
        },
    ),
    (
        Granted(at_most(_noises_of_one, sigma**2), by="Assumption 1: variance at most sigma^2"),
        first_noises(_before_of_one, PAIRS, sigma**2),
        Using(
            Using(
                Expected(
                    Certified(
                        at_most(average_norm_sq(local - begun), L**2 * average_norm_sq(away)),
                        (fact(_CLOSE, lipschitz(local - begun, away)),),
                    ),
                    {average_norm_sq(local - begun): _moved_of_one, average_norm_sq(away): _way_of_one},
                ),
                (
                    Expected(
                        Certified(at_most(norm_sq(eta * (u + v)), 2 * eta**2 * (norm_sq(u) + norm_sq(v)))),
                        {norm_sq(eta * (u + v)): _way_of_one, norm_sq(u): _noisy_way, norm_sq(v): _exact_way},
                    ),
                ),
            ),
            (
                first_noises(_noisy_way, PAIRS, sigma**2),
                sums_of_steps(
                    at_most(_exact_way, PAIRS * worker_gradient_sq), by="Cauchy-Schwarz over the first k steps, and the sum of k"
                ),
            ),
        ),
    ),
)
MEAN_PROGRESS = Using(  # E ||progress||^2 of the mean of all workers, in gossip
    Expected(
        by_later_gradients(L * eta),
        {
            K**2 * norm_sq(local.mean + noise.mean): mean_progress_sq,
            K * average_norm_sq(local): round_mean_gradient_sq,
            average_norm_sq(noise): _of_mean,
            K * average_norm_sq(before): _before_of_mean,
            K * average_norm_sq(local - begun_own): _moved_mean,
        },
    ),
    (
        Granted(at_most(_of_mean, sigma**2 / M), by="Assumption 1: variance at most sigma^2, and workers draw apart"),
        first_noises(_before_of_mean, PAIRS, sigma**2, M),
        Expected(
            Certified(
                at_most(norm_sq((local - begun).mean), L**2 * average_norm_sq(away)),
                (fact(_CLOSE, lipschitz(local - begun, away)),),
            ),
            {norm_sq((local - begun).mean): _moved_mean, average_norm_sq(away): _own_way},
        ),
        sums_of_steps(
            at_most(_own_way, eta**2 * PAIRS * round_stochastic_sq / M),
            by="Cauchy-Schwarz over the first k steps of each worker, which are among those of the round, and the sum of k",
        ),
    ),
)

# ---- the chain of quantisers ----

_q = sp.Symbol("q", real=True, nonnegative=True)  # a / M
_SECOND = 1 + (M - 1) * _q + (M - 1) * (M - 2) / 2 * _q**2
_THIRD = _SECOND + (M - 1) * (M - 2) * (M - 3) / 6 * _q**3  # of (1 + q)^(M - 1)


def _below_lemma_1(chain: Rule, share: sp.Expr, power: sp.Expr, left: tuple[tuple[Rule, sp.Expr], ...]) -> Rule:
    """The error of a chain by `share` times 2 C_1 / M, from what its recursion gives.

    `power` are first terms of (1 + q)^(M - 1). What 2 M C_1, so often, has more than the factor of the chain, powers and exp(a) at their
    least, is what the rules in `left` say is nonnegative, each so often.
    """
    inputs = chain_inputs_sq / M**2
    of_power = ((2 * share - 1) * (1 + _q**2) - (2 - 2 * share) * _q) / _q
    items = (
        (scaled(chain, 1 / M**2), sp.S.One),
        (Granted(equals(C_1_IN_LETTERS, ring_constant), by="C_1 of Lemma 1, g = (1 + a/M)^(M - 1), E = exp(a)"), 2 * share * M * inputs),
        (Granted(at_most((1 + SEGMENT) * growth, exponential), by="1 + x <= exp(x), to the power M"), 2 * share * inputs),
        (Granted(at_most(power, growth), by="the binomial theorem, q = a / M"), of_power * inputs),
        *((rule, multiplier * inputs) for rule, multiplier in left),
    )
    rules, multipliers = zip(*items, strict=True)
    return Isolated(Instance(Combined(rules, multipliers), {_q: SEGMENT}), chain_error_sq / M**2)


def few_in_chain(chain: Rule) -> Rule:
    """Three quarters, for up to three workers."""
    left = (
        (Decided(at_most(0, (M - 1) * (M - 2))), _q**3 / 4),
        (Decided(at_most(0, (M - 1) * (4 - M))), _q**2 / 4),
        (Decided(at_most(0, (M - 2) * (M - 3))), _q / 4),
    )
    return _below_lemma_1(chain, FEW.chain, _SECOND, left)


def many_in_chain(chain: Rule) -> Rule:
    """Five sevenths, for four workers and more."""
    left = (M - 1) * (M - 2) * (M - 3) * _q**3 - (M - 1) * (M - 2) * (4 * M - 21) * _q**2 / 3 + (M - 1) * (M - 4) * (M - 5) * _q
    return _below_lemma_1(chain, MANY.chain, _THIRD, ((Decided(at_most(0, left + (M - 4) * (3 * M - 5))), _q / 14),))


# ---- the round ----

BY_MORE, BY_LESS, BY_LATER = sp.symbols("by_more by_less by_later", real=True, nonnegative=True)
LATER_ROOM = 1 - 4 * L**2 * eta**2 * LATER_PAIRS
WRITTEN_OUT = {BY_MORE: 1 / (1 + drift_share), BY_LESS: 1 / (1 - drift_share), BY_LATER: 1 / LATER_ROOM}
OF_FACTORS = (
    sp.Eq(BY_MORE * (1 + drift_share), 1),
    sp.Eq(BY_LESS * (1 - drift_share), 1),
    BY_MORE > 0,
    BY_LESS > 0,
    BY_LATER > 0,
    sp.Eq(1, BY_LATER * LATER_ROOM),
    4 * L**2 * eta**2 * LATER_PAIRS <= 1 - drift_share,
)
_nonnegative = "squares are nonnegative"
_spare = sp.Rational(1, 2) - 2 * L**2 * eta**2 * LATER_PAIRS * BY_LESS
DESCENT = Combined(  # but for the quantisers
    (
        Using(Using(ALIGNED_APART, (drifted(2 * BY_MORE, 2 * BY_LESS),)), (SINCE_START,)),
        Granted(at_most(0, APART), by=_nonnegative),
        Granted(at_most(0, round_way_sq), by=_nonnegative),
        scaled(Isolated(WAY_OF_MEAN, round_way_sq), 1),
    ),
    (1, _spare, L**2 * _spare, L**2 / 2),
)
DEVIATION = Isolated(
    Combined(
        (
            Isolated(Using(drifted(sp.Rational(4, 3), sp.Integer(4)), (MOVED_BY_WAY,)), LATER_ROOM * round_deviation_sq),
            Granted(equals(1, BY_LATER * LATER_ROOM), by="what the letter is, as `OF_FACTORS` has it"),
        ),
        (BY_LATER, round_deviation_sq),
    ),
    round_deviation_sq,
)


# ---- what is left over, in letters: x = L eta, y = (K - 1) x, c = C_1 K x, delta, u = 1 / M ----

_x, _y, _c, _delta, _u = sp.symbols("x y c delta u", real=True, nonnegative=True)
_pairs, _later = _y * (_y + _x) / 2, _y * (_y - _x) / 2
_later_room, _room = 1 - 4 * _later, 1 - 4 * _pairs + 4 * _x**2
_WHOLE = sp.Or(sp.Le(_y, 0), sp.Le(_x, _y))  # K is a whole number
_DESCENDS = (_WHOLE, 8 * _x**2 * _c + 2 * _pairs + 2 * _c <= _room / 2, _room > 0)
_SHORT = (_WHOLE, _y <= sp.Rational(1, 2), 4 * _c <= 1 - 4 * _y**2)


def _left(what: sp.Expr, back: dict[sp.Symbol, sp.Expr], where: tuple[sp.Basic, ...]) -> Rule:
    """0 <= what, decided in letters and written out."""
    return InLetters(Decided(at_most(0, what)), {}, back, where)


def _left_where_short(what: sp.Expr, back: dict[sp.Symbol, sp.Expr]) -> Rule:
    """The same by what the first condition comes to, in letters of its own: decisions grow with every condition in force."""
    own = {letter: sp.Symbol(f"{letter}_short", real=True, nonnegative=True) for letter in back}
    decided = _left(what.subs(own), {mine: letter for letter, mine in own.items()}, tuple(each.subs(own) for each in _SHORT))
    return InLetters(decided, {}, back, _DESCENDS)


class Prices(NamedTuple):
    """Of the chain against Lemma 1, and Young's of the gradients at the mean iterates, where 1 / M is from `least` to `most`."""

    chain: sp.Expr
    young: sp.Expr
    least: sp.Expr
    most: sp.Expr


FEW = Prices(sp.Rational(3, 4), sp.Rational(5, 2), sp.Rational(1, 3), sp.S.One)  # up to three
MANY = Prices(sp.Rational(5, 7), sp.Rational(25, 9), sp.S.Zero, sp.Rational(1, 4))  # from four on
ANY = MANY._replace(most=sp.S.One)


def _noise_left(by: Prices, u: sp.Expr) -> sp.Expr:
    """What the terms of C_1 leave of the variance, times the room of later steps, at u = 1 / M."""
    moved = by.young / (by.young - 1)
    return sp.expand(
        _later_room * _pairs * _later * (1 + 3 * u)
        + _c
        * (
            (1 - by.chain - by.chain * CROSS * _y / 2) * _later_room
            + 2 * _pairs * (1 + u)
            - by.chain
            * ((_y / (2 * CROSS) + moved * _pairs) * sp.Rational(4, 3) * (1 - u) + _y * u / CROSS + 8 * moved * _later * _pairs * u)
        )
    )


def printed_round(by: Prices, constant: sp.Expr, noise: Rule, smooth: Rule, difference: sp.Expr) -> Rule:
    """One round as printed, with `constant` for C_1, from the noise of the ring by its progress and from the descent of a round."""
    x, w, share = L * eta, L**2 * eta**2 * PAIRS, 1 / M
    c, moved, third = constant * K * x, by.young / (by.young - 1), sp.Rational(1, 3)
    steps = {_x: x, _y: (K - 1) * x, _c: c}
    _moved_c = by.chain * (_y / (2 * CROSS) + moved * _pairs)  # times c: what the terms of C_1 make of the deviation
    base = Using(Using(Using(smooth, (noise,)), (progress(by.young),)), (DEVIATION,))
    spread = (share - by.least) / (by.most - by.least)
    items = (
        (base, 1),
        (DESCENT, eta),
        (WAY_OF_MEAN, by.chain * constant * x * L * (BY_LATER / CROSS + moved * K * x * (BY_LATER - 1))),
        # the variance
        (
            _left(
                (1 + _u) / (2 * _delta) - (1 - _u) / (1 + _delta) - _u - (1 - _delta) * (1 + 3 * _u) / 4,
                {_delta: drift_share, _u: share},
                (_delta > 0, _delta <= 1, _u <= 1),
            ),
            eta * sigma**2 * w,
        ),
        (Decided(at_most(0, 1 - drift_share - 4 * L**2 * eta**2 * LATER_PAIRS)), eta * sigma**2 * w * (1 + 3 * share) / 4),
        (
            InLetters(Decided(at_most(0, 1 / _delta - 1 / _x)), {}, {_delta: drift_share, _x: LATER_ROOM}, (_delta > 0, _delta <= _x)),
            2 * eta * sigma**2 * c * w * (1 + share),
        ),
        (_left_where_short(_noise_left(by, by.least), steps), eta * sigma**2 * BY_LATER * (1 - spread)),
        (_left_where_short(_noise_left(by, by.most), steps), eta * sigma**2 * BY_LATER * spread),
        # heterogeneity
        (
            _left(
                2 * _c
                + (8 * _c + 2) * _pairs / _delta
                - sp.Rational(2, 3) * (_pairs / (1 + _delta) + sp.Rational(4, 3) * _c * _moved_c / _later_room)
                - _c * by.chain * by.young,
                steps | {_delta: drift_share},
                (*_DESCENDS, _delta > 0, _delta <= _later_room),
            ),
            eta * K * zeta**2,
        ),
        (Granted(at_most(0, zeta**2), by=_nonnegative), eta * third * (w * BY_MORE + 4 * third * BY_LATER * (_c * _moved_c).subs(steps))),
        # gradients
        (Granted(at_most(0, round_gradient_sq), by=_nonnegative), eta / 2 - eta * descent_share / 2 - eta * by.chain * by.young * c),
        (
            _left(
                (1 - _x) / 2 - _pairs - _c * by.chain * (_y / CROSS / _later_room + moved * 8 * _later * _pairs / _later_room),
                steps,
                (*_DESCENDS, 1 - _x - 2 * _pairs * (1 + 4 * _c) / _room >= 0),
            ),
            eta * round_mean_gradient_sq,
        ),
    )
    rules, multipliers = zip(*items, strict=True)
    return InLetters(Isolated(Combined(rules, multipliers), difference), {}, WRITTEN_OUT, OF_FACTORS)
