"""Steps that rest on how samples are drawn: without bias, and independent of one another. Each is a certificate about one draw.

A worker vector stands for several draws, one a worker or one a step, and its mean for their mean. What is granted are facts about the
expectation of inner products; what follows from them is certified, and named by `Expected`.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.claim import Fact, Relation, at_most, equals
from theory.rules import Certified, Expected, Granted, Instance, Parted, Rule, Summed, Using
from theory.scenes import fact
from theory.symbols import T, n, output_chance, t
from theory.vectors import Vector, average_norm_sq, dot, norm_sq, vector, worker_vector

_mean, _noise, _each = vector("centre"), vector("noise"), worker_vector("noise_of_each")
_one_sq = sp.Symbol("one_noise_sq", real=True, nonnegative=True)  # mean square of the draws, in between
_total = sp.Symbol("total_weight", real=True, nonnegative=True)
_step_sq, _sum_sq = (sp.Symbol(f"{of}_noise_sq", real=True, nonnegative=True) for of in ("step", "sum"))  # of the noise of a step; of n


def uncorrelated(draws: Vector, count: sp.Expr, multiplier: Any, why: str = "draws are independent and unbiased") -> Fact:
    """In expectation the inner products of different draws vanish: n ||mean||^2 = mean of ||draw||^2."""
    return fact(f"{why}: different ones have inner product zero", count * norm_sq(draws.mean) - average_norm_sq(draws), multiplier, True)


def unbiased(fixed: Vector, noise: Vector, multiplier: Any, why: str = "the noise has mean zero, whatever was before") -> Fact:
    """In expectation the noise is orthogonal to what was fixed before."""
    return fact(why, dot(fixed, noise), multiplier, True)


def variances_add(mean_sq: sp.Expr, variance: sp.Expr, count: sp.Expr, batch: sp.Expr = sp.S.One) -> Rule:
    """The mean of `count` independent draws, each the mean of `batch` independent samples, has variance at most variance / (count * batch).

    `variance` is that of one sample, averaged over the draws where it differs between them.
    """

    independent, share = uncorrelated(_each, count, -1 / count), 1 / count
    if batch == 1:
        sample = fact("variance of one sample", variance - average_norm_sq(_each), share)
        return Expected(Certified(at_most(norm_sq(_each.mean), variance * share), (independent, sample)), {norm_sq(_each.mean): mean_sq})
    one = Certified(at_most(norm_sq(_each.mean), average_norm_sq(_each) * share), (independent,))
    named = {norm_sq(_each.mean): mean_sq, average_norm_sq(_each): _one_sq}
    return Using(Expected(one, named), (variances_add(_one_sq, variance, batch),))


def about_the_mean(second_sq: sp.Expr, mean_sq: sp.Expr, noise_sq: sp.Expr) -> Rule:
    """Second moment = square of the mean + variance, for a draw of that mean."""
    return Expected(
        Certified(
            equals(norm_sq(_mean + _noise), norm_sq(_mean) + norm_sq(_noise)),
            (unbiased(_mean, _noise, -2),),
        ),
        {norm_sq(_mean + _noise): second_sq, norm_sq(_mean): mean_sq, norm_sq(_noise): noise_sq},
    )


def jensen(mean_sq: sp.Expr, each_sq: sp.Expr) -> Rule:
    """The square of a mean is at most the mean of the squares."""
    return Expected(
        Certified(at_most(norm_sq(_each.mean), average_norm_sq(_each))), {norm_sq(_each.mean): mean_sq, average_norm_sq(_each): each_sq}
    )


def sums_of_steps(to: Relation, by: str) -> Rule:
    """A relation between sums over k of squared sums of steps: of n = k vectors a squared sum is at most n times the sum of the squares.

    `by` says which steps, and how it adds up over k.
    """
    return Summed(Certified(at_most(n**2 * norm_sq(_each.mean), n * n * average_norm_sq(_each))), to, by)


def first_noises(quantity: sp.Expr, pairs: sp.Expr, variance: sp.Expr, batch: sp.Expr = sp.S.One) -> Rule:
    """The squared sums of the first k noises, summed over k < K, where k adds up to `pairs`: noises of different steps are uncorrelated.

    `variance` is that of one sample, the noise of a step the mean of `batch` independent ones.
    """
    independent = uncorrelated(_each, n, -n, "noises of different steps are independent and unbiased")
    summed = Certified(at_most(n**2 * norm_sq(_each.mean), n * average_norm_sq(_each)), (independent,))
    of_one = Granted(at_most(_step_sq, variance), by="variance of one sample")
    of_step = of_one if batch == 1 else variances_add(_step_sq, variance, batch)
    named = {n**2 * norm_sq(_each.mean): _sum_sq, average_norm_sq(_each): _step_sq}
    of_sum = Using(Expected(summed, named), (of_step,))  # n variance / batch
    return Summed(of_sum, at_most(quantity, pairs * variance / batch), by="the first k steps, and the sum of k over k < K")


def drawn(output: sp.Expr, each: sp.Expr, weight: Any, total: sp.Expr) -> Rule:
    """The expectation of what is `each` at iteration t, at an iteration that is drawn with chance `weight` over `total`."""
    of_every = Granted(
        equals(output, sp.Sum(output_chance * each, (t, 0, T - 1))),
        by="the iteration is drawn apart from the run: an expectation is that of every iterate, weighted by its chance",
    )
    return Instance(Parted(Instance(of_every, {output_chance: weight / _total})), {_total: total})
