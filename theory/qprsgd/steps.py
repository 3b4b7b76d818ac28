"""One-step vector inequalities of both proofs of QPRSGD, certified: what the descent of a round is put together from.

A worker vector has one value a worker, or one a local step of a round, as each rule says; sums over the others are taken by `Expected`.
"""

from __future__ import annotations

import sympy as sp

from theory.claim import Fact, at_most, equals
from theory.qprsgd.terms import K, M, total
from theory.rules import Certified, Expected, Isolated, Rule, Using, scaled
from theory.samples import jensen, unbiased, uncorrelated, variances_add
from theory.scenes import below_paraboloid, f_shifted, f_x, f_y, fact, lipschitz, u, v
from theory.symbols import (
    L,
    chain_before_sq,
    chain_before_sum_sq,
    chain_last_sq,
    chain_sum_sq,
    consensus_sq,
    eta,
    gradient_at_mean_sq,
    gradients_aligned,
    gradients_apart_sq,
    iterate_deviation_sq,
    mean_exact_progress_sq,
    mean_local_gradient_sq,
    mean_noise_progress_sq,
    mean_progress_sq,
    mean_quantisation_noise_sq,
    noise_apart_sq,
    quantisation_noise_sq,
    ring_noise_sq,
    round_deviation_sq,
    round_drift_sq,
    round_mean_gradient_sq,
    round_progress_sq,
    round_stochastic_sq,
    sigma,
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


# ---- sums over steps or workers ----


def summed_over_steps(summed_sq: sp.Expr, each_sq: sp.Expr) -> Rule:
    """||sum of K||^2 <= K * sum of the squares."""
    return scaled(jensen(summed_sq / K**2, each_sq / K), K**2)


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


def local_gradients(local_sq: sp.Expr, deviation_sq: sp.Expr, centre_sq: sp.Expr, steps: sp.Expr = sp.S.One) -> Rule:
    """Squared gradients of all workers against those of F at the mean iterates, by (16)."""
    return Expected(
        Certified(
            at_most(
                steps * M * average_norm_sq(local),
                2 * M * steps * (L**2 * average_norm_sq(away) + norm_sq(centre.mean) + zeta**2),
            ),
            (fact(_CLOSE, lipschitz(local - centre, away), 2 * M * steps), _alike(2 * M * steps)),
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

# ---- from the mean at the start of a round to a local iterate: Lemma 10 ----

way_sq = _letter("sum over n, k and m of the squared sum of the first k stochastic gradients")
DRIFT_IN_TWO = Expected(
    Certified(at_most(norm_sq(u + eta * v), 2 * norm_sq(u) + 2 * eta**2 * norm_sq(v))),
    {norm_sq(u + eta * v): total(round_drift_sq), norm_sq(u): K * total(consensus_sq), norm_sq(v): way_sq},
)

# ---- deviation within a round of gossip ----

_w = vector("w")
DEVIATION_IN_THREE = Isolated(  # step 0 is the start of the round
    Expected(
        Certified(at_most(norm_sq(u + eta * v + eta * _w), 2 * norm_sq(u) + 4 * eta**2 * (norm_sq(v) + norm_sq(_w)))),
        {norm_sq(u + eta * v + eta * _w): M * round_deviation_sq - consensus_sq, norm_sq(u): (K - 1) * consensus_sq,
         norm_sq(v): M * noise_apart_sq, norm_sq(_w): M * gradients_apart_sq},
    ),
    M * round_deviation_sq,
)  # fmt: skip
