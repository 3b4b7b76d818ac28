"""One-step vector inequalities of both proofs of QPRSGD, certified: what the descent of a round is put together from.

A worker vector has one value a worker, or one a local step of a round, as each rule says; sums over the others are taken by `Expected`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Fact, Hypothesis, at_most, equals
from theory.qprsgd.terms import CONSENSUS_FACTOR, LATER, K, M, N, total
from theory.rules import (
    Certified,
    Combined,
    Decided,
    Expected,
    Granted,
    Isolated,
    Minkowski,
    Rooted,
    Rule,
    Summed,
    Telescoped,
    Using,
    Weakened,
    scaled,
)
from theory.samples import first_noises, jensen, sums_of_steps, unbiased, uncorrelated, variances_add
from theory.scenes import below_paraboloid, f_shifted, f_x, f_y, fact, lipschitz, u, v
from theory.symbols import (
    L,
    chain_before_sq,
    chain_before_sum_sq,
    chain_last_sq,
    chain_sum_sq,
    consensus_sq,
    difference_sq,
    discounted_sq_sum,
    discounted_sum,
    eta,
    gradient_at_mean_sq,
    gradients_aligned,
    gradients_apart_sq,
    iterate_deviation_sq,
    matrix_sq,
    mean_exact_progress_sq,
    mean_local_gradient_sq,
    mean_noise_progress_sq,
    mean_progress_sq,
    mean_quantisation_noise_sq,
    mixed_deviation_sq,
    mixing_move_sq,
    noise_apart_sq,
    quantisation_noise_sq,
    rho,
    ring_noise_sq,
    round_deviation_sq,
    round_drift_sq,
    round_gradient_sq,
    round_local_gradient_sq,
    round_mean_gradient_sq,
    round_progress_sq,
    round_stochastic_sq,
    round_way_sq,
    sequence_sq_sum,
    sequence_sum,
    sigma,
    spread,
    start_gradient_sq,
    start_loss,
    summed_stochastic_sq,
    t,
    worker_deviation_sq,
    worker_gradient_at_mean_sq,
    worker_gradient_sq,
    worker_progress_sq,
    zeta,
)
from theory.vectors import average_dot, average_norm_sq, dot, norm_sq, vector, worker_vector

_CLOSE = "every F_m is L-smooth"


def _letter(name: str) -> sp.Symbol:
    """A quantity in between, bounded before the end."""
    return sp.Symbol(name, real=True)


local = worker_vector("g_local")  # grad F_m at the worker's own iterate
centre = worker_vector("g_centre")  # grad F_m at the mean iterate; its mean is grad F there
noise = worker_vector("noise")  # stochastic gradient less its mean
away = worker_vector("x_away")  # the worker's iterate less the mean iterate
g_start, g_end, drawn, meant = vector("g_start"), vector("g_end"), vector("g_drawn"), vector("g_meant")
rounding = vector("rounding")  # what quantisers add
g_way, g_step, g_meant = worker_vector("g_way"), worker_vector("g_step"), worker_vector("g_meant_step")  # one a local step

SUM_OF_SQUARES = K * (K - 1) * (2 * K - 1) / 6  # of the k < K
QUANTISERS = "quantisers are unbiased, with draws of their own"
STEPS = "samples of different steps are independent, without bias"


def _variance(multiplier: sp.Expr) -> Fact:
    return fact("Assumption 1: variance at most sigma^2", sigma**2 - average_norm_sq(noise), multiplier)


def itself(quantity: sp.Expr) -> Rule:
    """What is not bounded by anything else."""
    return Granted(equals(quantity, quantity), by="itself")


# ---- sums over steps or workers ----


def summed_over_steps(summed_sq: sp.Expr, each_sq: sp.Expr, count: sp.Expr = K) -> Rule:
    """||sum of K||^2 <= K * sum of the squares, or of another `count`."""
    return scaled(jensen(summed_sq / count**2, each_sq / count), count**2)


PROGRESS = summed_over_steps(total(round_progress_sq), total(round_stochastic_sq))
ALONG_STEPS = summed_over_steps(mean_exact_progress_sq, round_mean_gradient_sq)
NOISES_ADD = scaled(variances_add(mean_noise_progress_sq / K**2, sigma**2, K, M), K**2)


def _noisy_sum(summed_sq: sp.Expr, gradients_sq: sp.Expr, variance: Rule, of_noise: sp.Symbol) -> Rule:
    """||sum over K steps of gradient + noise||^2 <= 2 K sum of gradients^2 + 2 K (variance): they may depend on one another."""
    relation = at_most(K**2 * norm_sq(local.mean + noise.mean), 2 * K**2 * average_norm_sq(local) + 2 * K * average_norm_sq(noise))
    step = Expected(
        Certified(relation, (uncorrelated(noise, K, -2 * K, STEPS),)),
        {K**2 * norm_sq(local.mean + noise.mean): summed_sq, K * average_norm_sq(local): gradients_sq, average_norm_sq(noise): of_noise},
    )
    return Using(step, (variance,))


_one_sq = _letter("noise_of_one_step_sq")
_of_one_worker = Expected(Certified(at_most(average_norm_sq(noise), sigma**2), (_variance(sp.S.One),)), {average_norm_sq(noise): _one_sq})
WORKER_SUM = _noisy_sum(worker_progress_sq, worker_gradient_sq, _of_one_worker, _one_sq)  # T_1

AT_THE_MEAN = Expected(  # T_1, by (16)
    Certified(
        at_most(average_norm_sq(local), 2 * L**2 * average_norm_sq(away) + 2 * average_norm_sq(centre)),
        (fact(_CLOSE, lipschitz(local - centre, away), 2),),
    ),
    {average_norm_sq(local): worker_gradient_sq, average_norm_sq(away): worker_deviation_sq,
     average_norm_sq(centre): worker_gradient_at_mean_sq},
)  # fmt: skip

_summed_noise_sq, _summed_gradients_sq = _letter("squared sum of a worker's noises"), _letter("squared sum of a worker's gradients")
_moved_gradients_sq = _letter("squared gradients of a worker less those at the mean iterates")
_of_workers = {norm_sq(u + v): worker_progress_sq, norm_sq(u): _summed_noise_sq, norm_sq(v): _summed_gradients_sq}
_noises_of_worker = scaled(variances_add(_summed_noise_sq / K**2, sigma**2, K), K**2)
_gradients_of_worker = summed_over_steps(_summed_gradients_sq, worker_gradient_sq)
WORKER_BY_ROOTS = Minkowski(
    (u, v), (_noises_of_worker, _gradients_of_worker), (sigma * sp.sqrt(K), sp.sqrt(K) * sp.sqrt(worker_gradient_sq)), _of_workers
)
_at_the_mean_by_roots = Minkowski(
    (u, v),
    (
        Expected(
            Certified(
                at_most(average_norm_sq(local - centre), L**2 * average_norm_sq(away)), (fact(_CLOSE, lipschitz(local - centre, away)),)
            ),
            {average_norm_sq(local - centre): _moved_gradients_sq, average_norm_sq(away): worker_deviation_sq},
        ),
        itself(worker_gradient_at_mean_sq),
    ),
    (L * sp.sqrt(worker_deviation_sq), sp.sqrt(worker_gradient_at_mean_sq)),
    {norm_sq(u + v): worker_gradient_sq, norm_sq(u): _moved_gradients_sq, norm_sq(v): worker_gradient_at_mean_sq},
)
WORKER_AT_THE_MEAN_BY_ROOTS = Minkowski(
    (u, v),
    (_noises_of_worker, Using(_gradients_of_worker, (_at_the_mean_by_roots,))),
    (sigma * sp.sqrt(K), sp.sqrt(K) * (L * sp.sqrt(worker_deviation_sq) + sp.sqrt(worker_gradient_at_mean_sq))),
    _of_workers,
)
_of_all = {norm_sq(u + v): mean_progress_sq, norm_sq(u): mean_noise_progress_sq, norm_sq(v): mean_exact_progress_sq}
IN_TWO_BY_ROOTS = Minkowski(
    (u, v),
    (itself(mean_noise_progress_sq), itself(mean_exact_progress_sq)),
    (sp.sqrt(mean_noise_progress_sq), sp.sqrt(mean_exact_progress_sq)),
    _of_all,
)
MEAN_BY_ROOTS = Minkowski(
    (u, v), (NOISES_ADD, ALONG_STEPS), (sigma * sp.sqrt(K / M), sp.sqrt(K) * sp.sqrt(round_mean_gradient_sq)), _of_all
)

# ---- how far local iterates stray from their mean in a round that all begin alike: Lemma 6 ----

PAIRS, LATER_PAIRS = K * (K - 1) / 2, (K - 1) * (K - 2) / 2
_centre_apart_sq, _moved_apart_sq = (
    _letter("sum over k of the deviation of k gradients at mean iterates"),
    _letter("and of what local ones add"),
)
_apart_sq = _letter("deviation of the gradients of a round less those at mean iterates")
_with_mean_sq = _letter("sum over k of the mean squared sum of the first k noises of a worker")
_heterogeneity_sq = _letter("squared gradients of the workers at a mean iterate less their mean, the largest over steps")
NOISE_APART = Using(
    Expected(
        Certified(
            at_most(average_norm_sq(noise.deviation), (1 - 1 / M) * average_norm_sq(noise)),
            (uncorrelated(noise, M, 1 / M, "workers draw apart, without bias"),),
        ),
        {average_norm_sq(noise.deviation): noise_apart_sq, average_norm_sq(noise): _with_mean_sq},
    ),
    (first_noises(_with_mean_sq, PAIRS, sigma**2),),
)
_w = vector("w")
DEVIATION_BY_ROOTS = Minkowski(
    (eta * u, eta * v, eta * _w),
    tuple(
        scaled(each, eta**2)
        for each in (
            NOISE_APART,
            Using(
                sums_of_steps(
                    at_most(_centre_apart_sq, SUM_OF_SQUARES * _heterogeneity_sq),
                    by="Cauchy-Schwarz over k steps, and the sum of k^2 over k < K",
                ),
                (
                    Expected(
                        Certified(
                            at_most(average_norm_sq(centre.deviation), zeta**2),
                            (fact("Assumption 1: heterogeneity at most zeta^2", zeta**2 - average_norm_sq(centre.deviation)),),
                        ),
                        {average_norm_sq(centre.deviation): _heterogeneity_sq},
                    ),
                ),
            ),
            Using(
                sums_of_steps(
                    at_most(_moved_apart_sq, LATER_PAIRS * _apart_sq),
                    by="Cauchy-Schwarz over k - 1 steps, workers agree at the first, and the sum of k - 1 over k < K",
                ),
                (
                    Expected(
                        Certified(
                            at_most(average_norm_sq((local - centre).deviation), L**2 * average_norm_sq(away)),
                            (fact(_CLOSE, lipschitz(local - centre, away)),),
                        ),
                        {average_norm_sq((local - centre).deviation): _apart_sq, average_norm_sq(away): round_deviation_sq},
                    ),
                ),
            ),
        )
    ),
    (
        eta * sigma * sp.sqrt(PAIRS * (M - 1) / M),
        eta * zeta * sp.sqrt(SUM_OF_SQUARES),
        eta * L * sp.sqrt(LATER_PAIRS) * sp.sqrt(round_deviation_sq),
    ),
    {
        norm_sq(eta * (u + v + _w)): round_deviation_sq,
        norm_sq(u): noise_apart_sq,
        norm_sq(v): _centre_apart_sq,
        norm_sq(_w): _moved_apart_sq,
    },
)

# ---- one more vector in the chain of quantisers ----

CHAIN_INPUT = sp.Symbol("chain_input_sq", real=True, nonnegative=True)  # E ||S + w||^2, S the chain before, w the last vector
ONE_MORE = Expected(
    Certified(
        equals(norm_sq(u + rounding + v), norm_sq(u + rounding) + norm_sq(u + v) - norm_sq(u)),
        (unbiased(v, rounding, -2, "the chain before is unbiased (Lemma 4)"),),
    ),
    {norm_sq(u + rounding + v): CHAIN_INPUT, norm_sq(u + rounding): chain_before_sq, norm_sq(u + v): chain_sum_sq,
     norm_sq(u): chain_before_sum_sq},
)  # fmt: skip
LAST_TWO = Expected(
    Certified(at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v))),
    {norm_sq(u + v): chain_sum_sq, norm_sq(u): chain_before_sum_sq, norm_sq(v): chain_last_sq},
)

# ---- one local step ----

_aligned = Certified(
    at_most(-dot(centre.mean, local.mean), -norm_sq(centre.mean) / 2 - norm_sq(local.mean) / 2 + L**2 / 2 * average_norm_sq(away)),
    (fact(_CLOSE, lipschitz(local - centre, away), sp.Rational(1, 2)),),
)
ALIGNED = Expected(  # T_2
    _aligned,
    {dot(centre.mean, local.mean): gradients_aligned, norm_sq(centre.mean): gradient_at_mean_sq,
     norm_sq(local.mean): mean_local_gradient_sq, average_norm_sq(away): iterate_deviation_sq},
)  # fmt: skip


SUMMED = Expected(  # T_3
    Certified(
        at_most(M**2 * norm_sq(local.mean + noise.mean), M * sigma**2 + M**2 * norm_sq(local.mean)),
        (unbiased(local.mean, noise.mean, -2 * M**2), uncorrelated(noise, M, -M), _variance(M)),
    ),
    {M**2 * norm_sq(local.mean + noise.mean): summed_stochastic_sq, norm_sq(local.mean): mean_local_gradient_sq},
)


def stochastic(second_sq: sp.Expr, gradients_sq: sp.Expr, steps: sp.Expr = sp.S.One) -> Rule:
    """Squared stochastic gradients of all workers against their gradients, of one step or added up over several."""
    return Expected(
        Certified(
            at_most(steps * M * average_norm_sq(local + noise), steps * M * (sigma**2 + average_norm_sq(local))),
            (
                fact("the noise has mean zero, whatever was before", average_dot(local, noise), -2 * steps * M, True),
                _variance(steps * M),
            ),
        ),
        {steps * M * average_norm_sq(local + noise): second_sq, steps * M * average_norm_sq(local): gradients_sq},
    )


# ---- the gradients of all workers, added up over `steps` local steps ----


def _alike(multiplier: sp.Expr) -> Fact:
    return fact("Assumption 1: gradients of the workers within zeta of their mean", zeta**2 - average_norm_sq(centre.deviation), multiplier)


def local_gradients(local_sq: sp.Expr, deviation_sq: sp.Expr, centre_sq: sp.Expr, steps: sp.Expr = sp.S.One, price: Any = 2) -> Rule:
    """Squared gradients of all workers against those of F at the mean iterates, by (16), or Young's inequality at another `price`."""
    moved = steps * M * price / (sp.sympify(price) - 1)
    return Expected(
        Certified(
            at_most(
                steps * M * average_norm_sq(local),
                moved * L**2 * average_norm_sq(away) + steps * M * price * (norm_sq(centre.mean) + zeta**2),
            ),
            (fact(_CLOSE, lipschitz(local - centre, away), moved), _alike(steps * M * price)),
        ),
        {steps * M * average_norm_sq(local): local_sq, steps * average_norm_sq(away): deviation_sq,
         steps * norm_sq(centre.mean): centre_sq},
    )  # fmt: skip


def gradients_apart(apart_sq: sp.Expr, deviation_sq: sp.Expr, steps: sp.Expr = sp.S.One) -> Rule:
    """Mean squared deviation of the workers' gradients from their mean: no other centre is better than the mean."""
    return Expected(
        Certified(
            at_most(steps * average_norm_sq(local.deviation), 2 * steps * (L**2 * average_norm_sq(away) + zeta**2)),
            (fact(_CLOSE, lipschitz(local - centre, away), 2 * steps), _alike(2 * steps)),
        ),
        {steps * average_norm_sq(local.deviation): apart_sq, steps * average_norm_sq(away): deviation_sq},
    )


# ---- one round of the ring ----


def ring_round(aligned: sp.Expr, moved_sq: sp.Expr) -> Rule:
    """(10): the loss from round to round, by what the mean gradients and the noise of the ring do.

    `aligned` is the sum over k of E <grad F(mean iterate), mean gradient>, `moved_sq` that of the squared mean stochastic gradients.
    """
    one = Expected(
        Certified(
            at_most(
                f_x, f_y - K * eta * average_dot(g_way, g_meant) + K * L * eta**2 / 2 * average_norm_sq(g_step) + L / 2 * norm_sq(rounding)
            ),
            (
                fact(
                    "F is L-smooth: from each mean iterate of the round to the next, added up",
                    f_y + K * average_dot(g_way, -eta * g_step) + K * L / 2 * eta**2 * average_norm_sq(g_step) - f_shifted,
                ),
                fact("F is L-smooth: from there to the start of the next round", below_paraboloid(f_x, f_shifted, g_end, rounding)),
                fact("stochastic gradients are unbiased, given what was before", average_dot(g_way, g_step - g_meant), K * eta, True),
                unbiased(g_end, rounding, -1, QUANTISERS),
            ),
        ),
        {f_x: start_loss.subs(t, t + 1), f_y: start_loss, K * average_dot(g_way, g_meant): aligned,
         K * average_norm_sq(g_step): moved_sq, norm_sq(rounding): ring_noise_sq},
    )  # fmt: skip
    return Isolated(one, start_loss.subs(t, t + 1) - start_loss)


# ---- one round of gossip: (13) ----

MEAN_NOISE = Expected(
    Certified(equals(norm_sq(noise.mean), average_norm_sq(noise) / M), (uncorrelated(noise, M, -1 / M, QUANTISERS),)),
    {norm_sq(noise.mean): mean_quantisation_noise_sq, average_norm_sq(noise): quantisation_noise_sq / M},
)
_misaligned = _letter("sum over k of -T_2")
_one_move = Expected(
    Certified(
        at_most(f_x, f_y - eta * dot(g_start, meant) + L * eta**2 / 2 * norm_sq(drawn) + L / 2 * norm_sq(rounding)),
        (
            fact("F is L-smooth: at the means of two rounds", below_paraboloid(f_x, f_y, g_start, rounding - eta * drawn)),
            fact("stochastic gradients are unbiased, given what was before", dot(g_start, drawn - meant), eta, True),
            unbiased(g_start - L * eta * drawn, rounding, -1, QUANTISERS),
        ),
    ),
    {f_x: start_loss.subs(t, t + 1), f_y: start_loss, dot(g_start, meant): -_misaligned, norm_sq(drawn): mean_progress_sq,
     norm_sq(rounding): mean_quantisation_noise_sq},
)  # fmt: skip
GOSSIP_ROUND = Using(
    Isolated(_one_move, start_loss.subs(t, t + 1) - start_loss),
    (
        Expected(
            _aligned,
            {dot(centre.mean, local.mean): -_misaligned, norm_sq(centre.mean): K * start_gradient_sq,
             norm_sq(local.mean): round_mean_gradient_sq, average_norm_sq(away): round_drift_sq / M},
        ),
        MEAN_NOISE,
    ),
)  # fmt: skip

MEAN_FOLLOWS = Expected(  # the gradient at the start of a round against the mean gradients in it
    Certified(
        at_most(norm_sq(centre.mean), sp.Rational(3, 2) * norm_sq(local.mean) + 3 * L**2 * average_norm_sq(away)),
        (fact(_CLOSE, lipschitz(local - centre, away), 3),),
    ),
    {norm_sq(centre.mean): K * start_gradient_sq, norm_sq(local.mean): round_mean_gradient_sq, average_norm_sq(away): round_drift_sq / M},
)

# ---- from the mean at the start of a round to a local iterate: Lemma 10 ----

way_sq = _letter("sum over k and m of the squared sum of the first k stochastic gradients")
DRIFT_IN_TWO = Expected(
    Certified(at_most(norm_sq(u + eta * v), 2 * norm_sq(u) + 2 * eta**2 * norm_sq(v))),
    {norm_sq(u + eta * v): round_drift_sq, norm_sq(u): K * consensus_sq, norm_sq(v): way_sq},
)

DRIFT_OF_ROUND_BY_ROOTS = Minkowski(
    (u, eta * v),
    (
        itself(K * consensus_sq),
        sums_of_steps(
            at_most(eta**2 * way_sq, eta**2 * K * (K - 1) / 2 * round_stochastic_sq),
            by="Cauchy-Schwarz over the first k steps, and (K + k)(K - k - 1) <= K (K - 1), appendix-f/weights-at-most",
        ),
    ),
    (sp.sqrt(K) * sp.sqrt(consensus_sq), eta * sp.sqrt(K * (K - 1) / 2) * sp.sqrt(round_stochastic_sq)),
    {norm_sq(u + eta * v): round_drift_sq, norm_sq(u): K * consensus_sq, norm_sq(v): way_sq},
)

# ---- how far the mean goes within a round of gossip ----

way_of_noise_sq = _letter("sum over k of the squared mean of the first k noises")
way_of_gradients_sq = _letter("sum over k of the squared mean of the first k gradients")
WAY_IN_TWO = Expected(
    Certified(at_most(norm_sq(eta * (u + v)), 2 * eta**2 * (norm_sq(u) + norm_sq(v)))),
    {norm_sq(eta * (u + v)): round_way_sq, norm_sq(u): way_of_noise_sq, norm_sq(v): way_of_gradients_sq},
)

WAY_OF_MEAN = Using(
    WAY_IN_TWO,
    (
        first_noises(way_of_noise_sq, PAIRS, sigma**2, M),
        sums_of_steps(
            at_most(way_of_gradients_sq, K * (K - 1) / 2 * round_mean_gradient_sq),
            by="Cauchy-Schwarz over the first k steps, whose gradients are among those of the round, and the sum of k",
        ),
    ),
)

WAY_BY_ROOTS = Minkowski(
    (eta * u, eta * v),
    tuple(scaled(each, eta**2) for each in WAY_OF_MEAN.bounds),
    (eta * sigma * sp.sqrt(K * (K - 1) / (2 * M)), eta * sp.sqrt(K * (K - 1) / 2) * sp.sqrt(round_mean_gradient_sq)),
    {norm_sq(eta * (u + v)): round_way_sq, norm_sq(u): way_of_noise_sq, norm_sq(v): way_of_gradients_sq},
)

# ---- gradients of all workers by four parts, one value a worker and local step: Appendix E ----

way_of_mean = vector("x_way")


def gradients_in_four(apart: sp.Expr, alike: sp.Expr, way: sp.Expr, start: sp.Expr) -> Rule:
    """By how far workers are apart, heterogeneity, the way of the mean and the gradient at the start, each so often."""
    count = K * M
    return Expected(
        Certified(
            at_most(
                count * average_norm_sq(local),
                count
                * (apart * L**2 * average_norm_sq(away) + alike * zeta**2 + way * L**2 * norm_sq(way_of_mean) + start * norm_sq(g_start)),
            ),
            (
                fact(_CLOSE, lipschitz(local - centre, away), apart * count),
                _alike(alike * count),
                fact("F is L-smooth: from the start to the mean", lipschitz(centre.mean - g_start, way_of_mean), way * count),
            ),
        ),
        {
            count * average_norm_sq(local): round_local_gradient_sq,
            K * average_norm_sq(away): round_deviation_sq,
            K * norm_sq(way_of_mean): round_way_sq,
            norm_sq(g_start): start_gradient_sq,
        },
    )


GRADIENTS_IN_FOUR = gradients_in_four(*(sp.Integer(4),) * 4)
SHORT_IN_FOUR = gradients_in_four(sp.Integer(10), sp.Rational(10, 9), sp.Integer(15), sp.Rational(6, 5))  # where steps are short
FEWER_IN_FOUR = gradients_in_four(sp.Integer(3), sp.Integer(2), sp.Integer(3), sp.Integer(3))  # what workers differ by has mean zero

_of_start_moved_sq = _letter("sum over k of the squared gradient at the mean iterate less that at the start of the round")
_of_workers_moved_sq = _letter("squared gradients of all workers less those at the mean iterates, over a round")
_of_centres_sq = _letter("squared gradients of all workers at the mean iterates, over a round")
_CENTRE_BY_ROOTS = Minkowski(
    (u, v),
    (
        Expected(
            Certified(
                at_most(K * norm_sq(centre.mean - g_start), K * L**2 * norm_sq(way_of_mean)),
                (fact("F is L-smooth: from the start to the mean", lipschitz(centre.mean - g_start, way_of_mean), K),),
            ),
            {K * norm_sq(centre.mean - g_start): _of_start_moved_sq, K * norm_sq(way_of_mean): round_way_sq},
        ),
        itself(K * start_gradient_sq),
    ),
    (L * sp.sqrt(round_way_sq), sp.sqrt(K) * sp.sqrt(start_gradient_sq)),
    {norm_sq(u + v): round_gradient_sq, norm_sq(u): _of_start_moved_sq, norm_sq(v): K * start_gradient_sq},
)
_CENTRES = sp.sqrt((L * sp.sqrt(round_way_sq) + sp.sqrt(K) * sp.sqrt(start_gradient_sq)) ** 2 + K * zeta**2)
FOUR_BY_ROOTS = Minkowski(  # the same, roots added up
    (u, v),
    (
        Expected(
            Certified(
                at_most(K * M * average_norm_sq(local - centre), K * M * L**2 * average_norm_sq(away)),
                (fact(_CLOSE, lipschitz(local - centre, away), K * M),),
            ),
            {K * M * average_norm_sq(local - centre): _of_workers_moved_sq, K * average_norm_sq(away): round_deviation_sq},
        ),
        Using(
            Expected(
                Certified(at_most(K * M * average_norm_sq(centre), K * M * (norm_sq(centre.mean) + zeta**2)), (_alike(K * M),)),
                {K * M * average_norm_sq(centre): _of_centres_sq, K * norm_sq(centre.mean): round_gradient_sq},
            ),
            (_CENTRE_BY_ROOTS,),
        ),
    ),
    (sp.sqrt(M) * L * sp.sqrt(round_deviation_sq), sp.sqrt(M) * _CENTRES),
    {norm_sq(u + v): round_local_gradient_sq, norm_sq(u): _of_workers_moved_sq, norm_sq(v): _of_centres_sq},
)

# ---- what W makes of deviations from the mean: Lemmas 7, 8, 9 ----

eigenvalue, along = sp.symbols("eigenvalue along", real=True)  # of W, other than that of the mean, and the squared norm of X along it
BY_EIGENVECTORS = "along each eigenvector of W but that of the mean; these are orthogonal, W being symmetric"
MOVED_BY_W = Summed(
    Decided(at_most((eigenvalue - 1) ** 2 * along, spread**2 * along)),
    at_most(total(mixing_move_sq), spread**2 * total(consensus_sq)),
    by=BY_EIGENVECTORS,
    at={eigenvalue: 1 + spread, along: 0},
    where=sp.And((eigenvalue - 1) ** 2 <= spread**2, along >= 0),
)
ONCE_MORE_BY_W = Summed(
    Decided(at_most(eigenvalue**2 * along, rho**2 * along)),
    at_most(mixed_deviation_sq.subs(t, t + 1), rho**2 * mixed_deviation_sq),
    by=BY_EIGENVECTORS,
    at={eigenvalue: rho, along: 0},
    where=sp.And(eigenvalue**2 <= rho**2, along >= 0),
)
WITHIN = Expected(  # deviations from the mean are no larger than what they are of
    Certified(at_most(M * average_norm_sq(away.deviation), M * average_norm_sq(away))),
    {M * average_norm_sq(away.deviation): mixed_deviation_sq.subs(t, 0), M * average_norm_sq(away): matrix_sq},
)


def _undivided(step: Rule, quantity: sp.Expr, ratio: sp.Expr) -> Rule:
    """1 - ratio times the sum over t < N of a quantity that starts at 0 and obeys Q(t + 1) <= ratio Q(t) + ..., by what drives it."""
    started = Granted(equals(quantity.subs(t, 0), 0), by="nothing was added before the first")
    return Using(Telescoped(Isolated(step, (1 - ratio) * quantity), t, N, {quantity.subs(t, N): 0}), (started,))


def discounted(step: Rule, quantity: sp.Expr, ratio: sp.Expr) -> Rule:
    """The sum itself."""
    return Isolated(scaled(_undivided(step, quantity, ratio), 1 / (1 - ratio)), total(quantity))


def _of_round(name: str) -> sp.Expr:
    """A quantity of a round in between, bounded before the end."""
    return sp.Function(name, real=True, nonnegative=True)(t)


_term, _driver = _of_round("a"), _of_round("b")
_turned, _before, _added = worker_vector("x_turned"), worker_vector("x_before"), worker_vector("x_added")
_shrinks = "Lemma 8: W - J turns deviations into ones rho times as large at most"


def _squared(next_sq: sp.Expr, before_sq: sp.Expr, added_sq: sp.Expr) -> Rule:
    """||rho turned + added||^2 <= rho ||before||^2 + ||added||^2 / (1 - rho), deviations from the mean of all workers."""
    now = rho * _turned.deviation + _added.deviation
    return Expected(
        Certified(
            at_most(M * average_norm_sq(now), M * rho * average_norm_sq(_before.deviation) + M * average_norm_sq(_added) / (1 - rho)),
            (fact(_shrinks, average_norm_sq(_before.deviation) - average_norm_sq(_turned.deviation), M * rho),),
        ),
        {M * average_norm_sq(now): next_sq, M * average_norm_sq(_before.deviation): before_sq, M * average_norm_sq(_added): added_sq},
    )


def _uncorrelated(next_sq: sp.Expr, before_sq: sp.Expr, added_sq: sp.Expr) -> Rule:
    """||turned + noise||^2 <= rho^2 ||before||^2 + ||noise||^2 in expectation."""
    now = rho * _turned.deviation + _added.deviation
    return Expected(
        Certified(
            at_most(M * average_norm_sq(now), M * rho**2 * average_norm_sq(_before.deviation) + M * average_norm_sq(_added)),
            (
                fact(_shrinks, average_norm_sq(_before.deviation) - average_norm_sq(_turned.deviation), M * rho**2),
                fact(QUANTISERS, average_dot(_turned.deviation, _added.deviation), -2 * M * rho, True),
            ),
        ),
        {M * average_norm_sq(now): next_sq, M * average_norm_sq(_before.deviation): before_sq, M * average_norm_sq(_added): added_sq},
    )


def _named(each: Rule, whole: sp.Symbol, driven_by: sp.Symbol) -> Rule:
    """Lemma 9 for sequences of k terms: N = k + 1, and nothing is added at last."""
    return Using(
        Isolated(Combined((each, Granted(equals(whole, total(_term)), by="what the sum is, N = k + 1")), (1, 1)), whole),
        (Granted(equals(total(_driver), driven_by), by="what the sum is, N = k + 1 and the last of them 0"),),
    )


_of_sums = Granted(at_most(_term.subs(t, t + 1), rho * _term + _driver), by="a_(e + 1) = rho a_e + b_(e + 1)")
SUMS = _named(discounted(_of_sums, _term, rho), discounted_sum, sequence_sum)
_of_squares = Expected(
    Certified(at_most(norm_sq(rho * u + v), rho * norm_sq(u) + norm_sq(v) / (1 - rho))),
    {norm_sq(rho * u + v): _term.subs(t, t + 1), norm_sq(u): _term, norm_sq(v): _driver},
)
SQUARES = _named(discounted(_of_squares, _term, rho), discounted_sq_sum, sequence_sq_sum)

noise_part_sq, progress_part_sq = _of_round("noise_part_sq"), _of_round("progress_part_sq")  # of what X differs from its mean by
_noise_by_squares = discounted(_squared(noise_part_sq.subs(t, t + 1), noise_part_sq, quantisation_noise_sq), noise_part_sq, rho)
_noise_alone = discounted(_uncorrelated(noise_part_sq.subs(t, t + 1), noise_part_sq, quantisation_noise_sq), noise_part_sq, rho**2)
_progress = discounted(_squared(progress_part_sq.subs(t, t + 1), progress_part_sq, round_progress_sq), progress_part_sq, rho)
_in_parts = Telescoped(
    Expected(
        Certified(at_most(norm_sq(u - eta * v), 2 * norm_sq(u) + 2 * eta**2 * norm_sq(v))),
        {norm_sq(u - eta * v): consensus_sq, norm_sq(u): noise_part_sq, norm_sq(v): progress_part_sq},
    ),
    t,
    N,
)
CONSENSUS = Using(_in_parts, (_noise_by_squares, _progress))
CONSENSUS_BY_VARIANCE = Using(_in_parts, (_noise_alone, _progress))

# Noise is uncorrelated with what was before, progress need not be: Young's price of that is chosen at the end, for all rounds at once

_went = worker_vector("g_went")  # progress of a round
_toward = sp.Symbol("toward", real=True)


def _consensus_driven(toward: sp.Expr) -> Rule:
    """1 - rho^2 - `toward` of how far iterates stray from their mean in all rounds, by progress and noise, for any `toward` > 0."""
    before = rho * _turned.deviation - eta * _went.deviation
    now = before + _added.deviation
    step = Expected(
        Certified(
            at_most(
                M * average_norm_sq(now),
                M * (rho**2 + toward) * average_norm_sq(_before.deviation)
                + M * (1 + rho**2 / toward) * eta**2 * average_norm_sq(_went)
                + M * average_norm_sq(_added),
            ),
            (
                fact(_shrinks, average_norm_sq(_before.deviation) - average_norm_sq(_turned.deviation), M * (rho**2 + toward)),
                fact(QUANTISERS, average_dot(before, _added.deviation), -2 * M, True),
            ),
        ),
        {M * average_norm_sq(now): consensus_sq.subs(t, t + 1), M * average_norm_sq(_before.deviation): consensus_sq,
         M * average_norm_sq(_went): round_progress_sq, M * average_norm_sq(_added): quantisation_noise_sq},
    )  # fmt: skip
    return _undivided(step, consensus_sq, rho**2 + toward)


_of_progress = eta**2 * K * total(round_stochastic_sq)
CONSENSUS_SOLVED = Rooted(
    Using(_consensus_driven(_toward), (PROGRESS,)),
    total(consensus_sq),
    _toward,
    rho * eta * sp.sqrt(K * total(round_stochastic_sq)),
    _of_progress + (1 - rho**2) * total(quantisation_noise_sq),
    1 - rho**2,
    (Hypothesis("toward_progress", "0 < p < 1 - rho^2, Young's price", sp.And(_toward > 0, _toward < 1 - rho**2)),),
)
CONSENSUS_LENGTH = (
    rho * eta * sp.sqrt(K * total(round_stochastic_sq)) + sp.sqrt(_of_progress + (1 - rho**2) * total(quantisation_noise_sq))
) / (1 - rho**2)
"""The root of what that comes to."""


# ---- what is quantised, by the noise before and by progress: along each eigenvector of W ----

_was, _came = sp.symbols("was came", real=True)  # X along an eigenvector, in one coordinate, and minus the progress of this round
_added_sq = sp.Symbol("added_sq", real=True)  # squared noise of a round along an eigenvector
_below_1 = (
    "along each eigenvector of W, none of whose eigenvalues is below 1 - mu or above 1; these are orthogonal, W being symmetric, and the "
    "noise of a round has mean zero, whatever was before"
)
_stored = _of_round("stored")  # of each eigenvector's share of X^2, (1 - eigenvalue) / (1 + eigenvalue), added up
_price = (1 - eigenvalue) / (1 + eigenvalue)


def quantised(share: sp.Expr) -> Rule:
    """1 - `share` of what is quantised in all rounds, by progress and the noise before, for any share between 0 and 1."""
    summed = Summed(
        Decided(
            at_most(
                (1 - share) * ((eigenvalue - 1) * _was + _came) ** 2,
                _came**2 / (share * (2 - spread) ** 2)
                + spread / (2 - spread) * _added_sq
                + _price * (_was**2 - (eigenvalue * _was + _came) ** 2 - _added_sq),
            )
        ),
        at_most(
            (1 - share) * difference_sq,
            eta**2 * round_progress_sq / (share * (2 - spread) ** 2)
            + spread / (2 - spread) * quantisation_noise_sq
            + _stored
            - _stored.subs(t, t + 1),
        ),
        by=_below_1,
        at={eigenvalue: 1 - spread, _was: 0, _came: 0, _added_sq: 0},
        where=sp.And(eigenvalue <= 1, eigenvalue >= 1 - spread, _added_sq >= 0),
    )
    nothing = Granted(equals(_stored.subs(t, 0), 0), by="all start alike")
    return Using(Telescoped(summed, t, N, {_stored.subs(t, N): 0}), (nothing,))


_part = sp.Symbol("part", real=True)
QUANTISED_SOLVED = Rooted(
    quantised(_part),
    total(difference_sq),
    _part,
    eta * sp.sqrt(total(round_progress_sq)) / (2 - spread),
    eta**2 * total(round_progress_sq) / (2 - spread) ** 2 + spread / (2 - spread) * total(quantisation_noise_sq),
    sp.S.One,
    (Hypothesis("part", "0 < p < 1, Young's price", sp.And(_part > 0, _part < 1)),),
)


_ways_sq = _letter("sum over all rounds, k and m of the squared sum of the first k stochastic gradients")


def drift_by_roots(consensus: Rule) -> Minkowski:
    """The drift of all rounds side by side, from K times the sum of `consensus_sq`, bounded by a square as the rule leaves it."""
    way = sums_of_steps(
        at_most(_ways_sq, K * (K - 1) / 2 * total(round_stochastic_sq)),
        by="Cauchy-Schwarz over the first k steps of each round, and (K + k)(K - k - 1) <= K (K - 1), appendix-f/weights-at-most",
    )
    return Minkowski(
        (u, -eta * v),
        (consensus, scaled(way, eta**2)),
        (sp.sqrt(K) * CONSENSUS_LENGTH, eta * sp.sqrt(K * (K - 1) * total(round_stochastic_sq) / 2)),
        {norm_sq(u - eta * v): total(round_drift_sq), norm_sq(u): K * total(consensus_sq), norm_sq(v): _ways_sq},
    )


# ---- deviation within a round of gossip ----


def _in_three(noise_price: sp.Expr, *facts: Fact) -> Rule:
    """Step 0 is the start of the round."""
    return Isolated(
        Expected(
            Certified(at_most(norm_sq(u + eta * v + eta * _w), 2 * norm_sq(u) + noise_price * eta**2 * (norm_sq(v) + norm_sq(_w))), facts),
            {
                norm_sq(u + eta * v + eta * _w): M * round_deviation_sq - consensus_sq,
                norm_sq(u): (K - 1) * consensus_sq,
                norm_sq(v): M * noise_apart_sq,
                norm_sq(_w): M * gradients_apart_sq,
            },
        ),
        M * round_deviation_sq,
    )


DEVIATION_IN_THREE = _in_three(sp.Integer(4))
DEVIATION_BY_VARIANCE = _in_three(sp.Integer(2), unbiased(u, v, -4 * eta, "noises have mean zero, whatever iterates differ by before"))

# ---- the same, the noise bounded by all stochastic gradients: in letters of `terms.SHARP_FACTORS` ----


def consensus_fed(noise_bound: Rule) -> Rule:
    """How far iterates stray from their mean in all rounds, by stochastic gradients alone, Young's price at its best."""
    summed = Using(Using(_consensus_driven(rho / CONSENSUS_FACTOR), (noise_bound,)), (PROGRESS,))
    return Weakened(
        scaled(summed, 1 / (1 - rho**2 - rho / CONSENSUS_FACTOR)), at_most(total(consensus_sq), _of_progress * CONSENSUS_FACTOR**2)
    )


def drift_fed(noise_bound: Rule) -> Rule:
    """The drift of all rounds, by stochastic gradients alone."""
    root, of_gradients = CONSENSUS_FACTOR, sp.sqrt(total(round_stochastic_sq))
    way = sums_of_steps(
        at_most(_ways_sq, K * (K - 1) / 2 * total(round_stochastic_sq)),
        by="Cauchy-Schwarz over the first k steps of each round, and (K + k)(K - k - 1) <= K (K - 1), appendix-f/weights-at-most",
    )
    return Minkowski(
        (u, -eta * v),
        (scaled(consensus_fed(noise_bound), K), scaled(way, eta**2)),
        (eta * K * root * of_gradients, eta * LATER * of_gradients),
        {norm_sq(u - eta * v): total(round_drift_sq), norm_sq(u): K * total(consensus_sq), norm_sq(v): _ways_sq},
    )
