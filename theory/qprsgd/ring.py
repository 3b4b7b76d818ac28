r"""QPRSGD, sections III and IV.A, Appendices A to C: the quantiser, the ring, Theorem 1 and its corollaries.

On a ring every segment is quantised once at each of M workers. In Appendix C the noise of a local step moves the gradients of the steps
after it: the proofs take them for independent, and where the loss curves downwards T_1 and Lemma 6 fall. Theorem 1 stands: `printed_round`.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from theory import hypotheses as given
from theory.asymptotics import Largest, Rate
from theory.claim import Claim, Hypothesis, Reading, Relation, at_least, at_most, equals
from theory.qprsgd.printed_round import ANY, FEW, MANY, PROGRESS_OF_ONE, few_in_chain, many_in_chain, printed_round
from theory.qprsgd.steps import (
    ALIGNED,
    AT_THE_MEAN,
    CHAIN_INPUT,
    DEVIATION_BY_ROOTS,
    LAST_TWO,
    LATER_PAIRS,
    NOISE_APART,
    ONE_MORE,
    SUM_OF_SQUARES,
    SUMMED,
    WORKER_AT_THE_MEAN_BY_ROOTS,
    WORKER_BY_ROOTS,
    WORKER_SUM,
    gradients_apart,
    ring_round,
)
from theory.qprsgd.terms import (
    C_1,
    C_1_IN_LETTERS,
    POWERS,
    RING,
    SEGMENT,
    SHARE,
    SPELLED,
    TWICE,
    K,
    M,
    N,
    chain,
    printed,
    ring,
)
from theory.rules import (
    Absorbed,
    Cases,
    Certified,
    Cite,
    Combined,
    Decided,
    Expected,
    Granted,
    Inducted,
    InLetters,
    Instance,
    Isolated,
    Joined,
    Rule,
    Solved,
    Summed,
    Telescoped,
    Using,
    Weakened,
    scaled,
)
from theory.samples import about_the_mean, sums_of_steps
from theory.scenes import u, v
from theory.symbols import (
    L,
    average_local_gradient_sq,
    chain_before_sq,
    chain_before_sum_sq,
    chain_constant,
    chain_error_sq,
    chain_first_sq,
    chain_inputs_sq,
    chain_last_sq,
    chain_partial_error_sq,
    chain_partial_sum_sq,
    chain_second_sq,
    chain_step_noise_sq,
    chain_sum_sq,
    d,
    descent_share,
    drift_share,
    error_sq,
    eta,
    exponential,
    f_star,
    gradient_at_mean_sq,
    gradients_aligned,
    gradients_apart_sq,
    growth,
    i,
    image_sq,
    initial_gap,
    iterate_deviation_sq,
    mean_local_gradient_sq,
    n,
    noise_apart_sq,
    ring_constant,
    ring_noise_sq,
    round_aligned,
    round_deviation_sq,
    round_gradient_sq,
    round_mean_gradient_sq,
    round_progress_sq,
    round_summed_stochastic_sq,
    s,
    sigma,
    start_loss,
    summed_stochastic_sq,
    t,
    weighted_apart_sq,
    weighted_deviation_sq,
    worker_deviation_sq,
    worker_gradient_at_mean_sq,
    worker_gradient_sq,
    worker_progress_sq,
    x_sq,
    zeta,
)
from theory.vectors import norm_sq

# The quantiser on few levels
COARSE = Hypothesis("coarse_levels", "4 s^2 <= d", 4 * s**2 <= d)
LEVEL_VARIANCE = sp.Symbol("level_variance", real=True, nonnegative=True)  # the sum of p (1 - p) over the levels

RISE = sp.Symbol("p", real=True)  # the chance of the level above
LEVELS_ADD = Granted(equals(error_sq, LEVEL_VARIANCE / s**2 * x_sq), by="(3), (4): a level l + p, p in [0, 1), has variance p (1 - p)")


def tangent(y: sp.Expr | int) -> sp.Expr:
    """The tangent of sqrt(y) - y at y = s^2 / d."""
    touch = s / sp.sqrt(d)
    return touch - touch**2 + (1 / (2 * touch) - 1) * (y - touch**2)


WORKER, HOP = sp.symbols("worker hop", integer=True, nonnegative=True)

# The chain S_i = Q(S_(i-1) + w^i)
NOTHING_YET = Granted(equals(chain_partial_error_sq.subs(i, 0), 0), by="S_0 = 0")
NEXT_ERROR = Using(
    about_the_mean(chain_partial_error_sq.subs(i, i + 1), chain_partial_error_sq, chain_step_noise_sq.subs(i, i + 1)),  # Lemma 4
    (
        Cite(
            "qprsgd/lemma-5",
            {
                error_sq: chain_step_noise_sq.subs(i, i + 1),
                x_sq: chain_partial_error_sq + chain_partial_sum_sq.subs(i, i + 1),
                d: d / M,
            },
        ),
        Cite("qprsgd/appendix-b/partial-sums", {i: i + 1}),
    ),
)
PARTIAL = (((1 + SEGMENT) * growth - 1) / SEGMENT - 1 - i) * chain_inputs_sq
BERNOULLI = Hypothesis("bernoulli", "g = (1 + d / (4 s^2 M))^i, so at least 1 + i d / (4 s^2 M)", growth >= 1 + i * SEGMENT)
CHAINED = Weakened(
    Inducted(
        NEXT_ERROR,
        NOTHING_YET,
        chain_partial_error_sq,
        i,
        PARTIAL,
        (((1 + SEGMENT) ** 2 * growth - 1) / SEGMENT - 2 - i) * chain_inputs_sq,
        (BERNOULLI,),
    ),
    at_most(chain_partial_error_sq, PARTIAL),
    (BERNOULLI,),
)
WHOLE_CHAIN = Instance(Instance(CHAINED, {i: M, growth: (1 + SEGMENT) * growth}), {chain_partial_error_sq.subs(i, M): chain_error_sq})
LEMMA_1 = at_most(chain_error_sq / M**2, 2 * C_1 / M * chain_inputs_sq)
LEMMA_1_IN_LETTERS = at_most(chain_error_sq / M**2, 2 * C_1_IN_LETTERS / M * chain_inputs_sq)
QUANTISED_CHAIN = Using(Cite("qprsgd/appendix-a/second-moment", {image_sq: chain_second_sq, d: d / M, x_sq: CHAIN_INPUT}), (ONE_MORE,))
CHAIN_FACTOR = ((1 + SEGMENT) ** (M + 1) - 1) / SEGMENT - 1 - M
SHARP_LEMMA_1 = at_most(chain_error_sq / M**2, CHAIN_FACTOR / M**2 * chain_inputs_sq)
OF_WHOLE = {d: M * d}  # a segment of M d coordinates is a vector of d
LEMMA_1_OF_WHOLE, SHARP_LEMMA_1_OF_WHOLE = (each.map(lambda side: side.subs(OF_WHOLE)) for each in (LEMMA_1, SHARP_LEMMA_1))
REMARK_2 = at_most(chain_second_sq / M**2, 2 / M**2 * sp.exp(SHARE) * chain_inputs_sq + chain_sum_sq / M**2)
C_1_BOUNDED = at_most(C_1_IN_LETTERS, (exponential - 1) / SHARE - 1 + exponential)
SPLIT = about_the_mean(chain_second_sq, chain_sum_sq, chain_error_sq)  # the chain is unbiased (Lemma 4)


# Powers, by induction
def _of_power(name: str) -> sp.Expr:
    return sp.Function(name, real=True)(i)


POWER, NEGATIVE_POWER = _of_power("power"), _of_power("negative_power")
HOP_SHARE = sp.Symbol("hop_share", real=True, positive=True)  # d / (4 s^2 M), of any M
HOP_EXPONENTIAL = sp.Symbol("hop_exponential", real=True, positive=True)
RATIO, FIRST = sp.symbols("ratio first", real=True, positive=True)
STEEPER = (SEGMENT.subs(M, M + 1) + 1) / (SEGMENT + 1)
EXPONENTIAL_SERIES = Hypothesis(
    "exponential_series",
    "e = exp(d / (4 s^2 M)), at least 1 + d / (4 s^2 M), and g = e^i",
    sp.And(HOP_EXPONENTIAL >= 1 + SEGMENT, growth >= 1),
)
POWER_AT_MOST = Weakened(
    Inducted(
        Granted(equals(POWER.subs(i, i + 1), (1 + SEGMENT) * POWER), by="the next power"),
        Granted(equals(POWER.subs(i, 0), 1), by="the first power"),
        POWER,
        i,
        growth,
        HOP_EXPONENTIAL * growth,
        (EXPONENTIAL_SERIES,),
    ),
    at_most(POWER, growth),
    (EXPONENTIAL_SERIES,),
)
POWER_AT_LEAST = Inducted(  # Bernoulli's inequality
    Granted(equals(NEGATIVE_POWER.subs(i, i + 1), RATIO * NEGATIVE_POWER), by="the next power"),
    Granted(equals(NEGATIVE_POWER.subs(i, 0), -1), by="the first power"),
    NEGATIVE_POWER,
    i,
    -(1 + i * (RATIO - 1)),
    -(1 + (i + 1) * (RATIO - 1)),
)
WEIGHTS = sp.Sum(2 * HOP_SHARE * (HOP_SHARE + 1) ** (i + 1 - n) * n, (n, 2, i + 1))  # of i + 2 workers
WEIGHTS_CLOSED = 2 / HOP_SHARE * ((HOP_SHARE + 1) ** (i + 1) - 1) + 2 * (HOP_SHARE + 1) ** i - 2 * (i + 2)
WEIGHTS_ADDED = Solved(
    Granted(
        equals(WEIGHTS.subs(i, i + 1), (1 + HOP_SHARE) * WEIGHTS + 2 * HOP_SHARE * (i + 2)),
        by="with one worker more each weight is 1 + q times as large, and a last one is added",
    ),
    Granted(equals(WEIGHTS.subs(i, 0), 0), by="the sum is empty for two workers"),
    WEIGHTS,
    i,
    WEIGHTS_CLOSED,
)

# Theorem 1
DRIFT_ROOM = 1 - 2 * (K + 1) * (K - 2) * L**2 * eta**2
LEMMA_6 = at_most(
    round_deviation_sq,
    (K - 1) * K * eta**2 * sigma**2 * (M + 1) / (2 * M * DRIFT_ROOM)
    + (K - 1) * K * eta**2 / DRIFT_ROOM * round_mean_gradient_sq
    + 2 * (K - 1) * K * eta**2 / DRIFT_ROOM * (K * zeta**2 + round_gradient_sq),
)
LOCAL_STEPS, CROWD, CURVED = 17, 100, sp.Rational(1, 100)
_noises = [sum(((1 + CURVED) ** (2 * step) for step in range(passed)), sp.S.Zero) for passed in range(LOCAL_STEPS)]
STRAYED = (1 - sp.Rational(1, CROWD)) * sum(_noises)
DOWNHILL = {
    round_mean_gradient_sq: CURVED**2 * sum(_noises) / CROWD,
    round_gradient_sq: CURVED**2 * sum(_noises) / CROWD,
    zeta: 0,
    sigma: 1,
    M: CROWD,
    K: LOCAL_STEPS,
    L: CURVED,
    eta: 1,
}
LEMMA_6_CORRECTED = at_most(
    round_deviation_sq,
    (K - 1) * K * eta**2 * sigma**2 * (M - 1) / (M * DRIFT_ROOM)
    + sp.Rational(2, 3) * (K - 1) * K * (2 * K - 1) * eta**2 * zeta**2 / DRIFT_ROOM,
)

_own = 1 - eta * L * sp.sqrt(LATER_PAIRS)
LEMMA_6_BY_ROOTS = at_most(round_deviation_sq, (sp.Add(*DEVIATION_BY_ROOTS.roots[:2]) / _own) ** 2)
LONG_DRIFT = Hypothesis("long_drift", "(K - 1)(K - 2) L^2 eta^2 < 2", (K - 1) * (K - 2) * L**2 * eta**2 < 2)


def round_on_ring(c: sp.Expr) -> Relation:
    """One round, with c for C_1."""
    return at_most(
        start_loss.subs(t, t + 1) - start_loss,
        -eta * descent_share / 2 * round_gradient_sq
        + c * L * eta**2 * K * sigma**2
        + 2 * L * K**2 * eta**2 * c * zeta**2
        + L * eta**2 * K * sigma**2 / (2 * M)
        + (2 * K * L**3 * eta**2 * c + L**2 * eta / 2)
        * ((K - 1) * K * eta**2 * sigma**2 * (M + 1) / (2 * M * drift_share) + 2 * (K - 1) * K**2 * eta**2 * zeta**2 / drift_share),
    )


def theorem_1(c: sp.Expr) -> Relation:
    """(9), with c for C_1."""
    return at_most(
        average_local_gradient_sq,
        (4 * K * L * eta * c + 1)
        / (drift_share * descent_share)
        * (sigma**2 * (M + 1) / (2 * M) + 2 * K * zeta**2)
        * (K - 1)
        * L**2
        * eta**2
        + (2 * c * sigma**2 + 4 * K * c * zeta**2 + sigma**2 / M) * L * eta / descent_share
        + 2 * initial_gap / (N * K * eta * descent_share),
    )


ROUND, THEOREM_1 = round_on_ring(ring_constant), theorem_1(ring_constant)
STEP_BELOW_INVERSE = Hypothesis("step_below_inverse", "eta < 1 / L", L * eta < 1)
CONDITIONS = (given.ring_descent_share, given.ring_drift_share, given.ring_third_condition)
APART = Expected(
    Certified(at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v))),  # noise and gradients, each less its mean, times eta
    {norm_sq(u + v): round_deviation_sq, norm_sq(u): eta**2 * noise_apart_sq, norm_sq(v): eta**2 * gradients_apart_sq},
)
DEVIATION_ON_RING = scaled(
    Isolated(
        Using(
            Using(
                Using(
                    APART,
                    (
                        NOISE_APART,
                        sums_of_steps(at_most(gradients_apart_sq, weighted_apart_sq), by="Cauchy-Schwarz over the steps j < k"),
                    ),
                ),
                (gradients_apart(weighted_apart_sq, weighted_deviation_sq, SUM_OF_SQUARES),),
            ),
            (
                Granted(
                    at_most(weighted_deviation_sq, (K + 1) * (K - 2) / 2 * round_deviation_sq),
                    by="step j counts j + 1 + ... + (K - 1) times, which appendix-c/sum-of-steps bounds; workers agree at j = 0",
                ),
            ),
        ),
        DRIFT_ROOM * round_deviation_sq,
    ),
    1 / DRIFT_ROOM,
)


def descent_on_ring(c: sp.Expr) -> Relation:
    """(10), with c for C_1."""
    return at_most(
        start_loss.subs(t, t + 1) - start_loss,
        -eta * round_aligned + L * eta**2 / (2 * M**2) * round_summed_stochastic_sq + c * L * eta**2 / M * round_progress_sq,
    )


DESCENT_ON_RING = descent_on_ring(ring_constant)


SMOOTH_ON_RING = ring_round(round_aligned, round_summed_stochastic_sq / M**2)


def noise_of_ring(c: sp.Expr) -> Relation:
    """Remark 1 for the progress of a round, with c for C_1."""
    return at_most(ring_noise_sq, 2 * c / M * eta**2 * round_progress_sq)


NOISE_OF_RING = noise_of_ring(ring_constant)
SUMMED_IN_ROUND = Cite(
    "qprsgd/appendix-c/t-3",
    {summed_stochastic_sq: round_summed_stochastic_sq, sigma: sp.sqrt(K) * sigma, mean_local_gradient_sq: round_mean_gradient_sq},
)
SMOOTH_ROUND = Using(SMOOTH_ON_RING, (SUMMED_IN_ROUND,))
OF_RING = {chain_error_sq: M**2 * ring_noise_sq, chain_inputs_sq: eta**2 * round_progress_sq}
ROUND_DERIVED = Cases(
    ROUND,
    (M <= 3, M >= 4),
    tuple(
        printed_round(by, ring_constant, Instance(chained(WHOLE_CHAIN), OF_RING), SMOOTH_ROUND, ROUND.lhs)
        for by, chained in ((FEW, few_in_chain), (MANY, many_in_chain))
    ),
)
ROUND_C = chain_constant / ANY.chain
ROUND_LETTER = sp.Symbol("round_constant", real=True, nonnegative=True)
"""In the place of C_1: as much more than the improved Lemma 1 has as Lemma 1 has from four workers on. At two and three C_1 may be less."""


FEW_LOCAL_STEPS = Hypothesis(
    "few_ring_local_steps",
    "K <= sigma^2 / (2 kappa^2) (1 + 2 exp(-d / (4 s^2))) (QPRSGD, Corollary 1.3)",
    2 * K * zeta**2 <= sigma**2 * (1 + 2 * sp.exp(-SHARE)),
)
SPEEDUP_AT = {
    eta: 1 / (L * K * M * sp.sqrt(n)),
    N: n * K * M**3,
    zeta: sigma / sp.sqrt(2 * K) * sp.sqrt(1 + 2 / exponential),
}
SPEEDUP_RATE = Rate("qprsgd/theorem-1", (1 / (K * M**2 * sp.sqrt(n)),), (n, K, M), at=SPEEDUP_AT | {ring_constant: exponential / M})
FEDPAQ = 1 / sp.sqrt(N * K)  # the rate that the paper gives of it
RING_SPEEDUP = Reading(
    "corrected: under (7) with a for d, so that C_1 <= exp(a) / M, and N = n K M^3",
    equals(eta, sp.sqrt(M) / (L * sp.sqrt(N * K))),
    (*RING, *CONDITIONS, given.fewer_workers, FEW_LOCAL_STEPS),
    rate=SPEEDUP_RATE,
    says="the range of M grows like 2 / a only: speed-up by M workers takes s^2 of order d M",
)


def sharpened(condition: Hypothesis) -> Hypothesis:
    """A condition on the step, by the improved Lemma 1."""
    assert condition.condition is not None
    says = f"{condition.says}, with (7/5) of the constant of the improved Lemma 1 for C_1"
    return Hypothesis(f"sharp_{condition.name}", says, condition.condition.subs(ring_constant, ROUND_C))


SHARP_CONDITIONS = (given.ring_drift_share, sharpened(given.ring_descent_share), sharpened(given.ring_third_condition))
SHARP_RANGE = Hypothesis(
    "workers_by_the_improved_lemma_1",
    "(7/5) M times the constant of the improved Lemma 1 at most exp(a), E, a = d / (4 s^2)",
    exponential >= M * ROUND_C,
)
WIDER_SPEEDUP = Reading(
    "improved: by the improved Theorem 1, under (7/5) M times its constant at most exp(a), and N = n K M^3",
    equals(eta, sp.sqrt(M) / (L * sp.sqrt(N * K))),
    (*RING, *SHARP_CONDITIONS, SHARP_RANGE, FEW_LOCAL_STEPS),
    rate=replace(SPEEDUP_RATE, improved=True, at=SPEEDUP_AT | {chain_constant: ANY.chain * exponential / M}),
    says="with fine levels that allows 20 / (7 a) workers, where (7) with a for d allows 2 / a",
)
PRINTED_RANGE = Reading(
    "under (7) as printed, a = d / (4 s^2) fixed: up to which M the terms with C_1 of (9) are of the printed order",
    at_most(M, d),
    (*RING, *CONDITIONS, given.few_workers, FEW_LOCAL_STEPS),
    rate=Largest(M, 1 / sp.sqrt(N * K * M), sp.sqrt(M / (N * K)), d, (N, K, M, d)),
    says="(7) as printed allows M of order d, where C_1 is of order 1, (exp(a) - 1) / a - 1 at least, and not of order 1 / M",
)
STARTED = Granted(equals(start_loss.subs(t, 0), initial_gap + f_star), by="F(x_1) - F* is the initial gap")
ALL_LOCAL = Granted(
    equals(average_local_gradient_sq, sp.Sum(round_gradient_sq, (t, 0, N - 1)) / (N * K)), by="what the mean over all local iterations is"
)


def all_rounds(each: Rule) -> Rule:
    """Rounds added up, the last loss at least F*, over all local iterations: from a bound on the descent of one round."""
    descent = Isolated(each, eta * descent_share / 2 * round_gradient_sq)
    summed = Using(Telescoped(descent, t, N, {start_loss.subs(t, N): f_star}), (STARTED,))
    return Isolated(Combined((ALL_LOCAL, scaled(summed, 2 / (N * K * eta * descent_share))), (1, 1)), average_local_gradient_sq)


NOISE_SHARP, DESCENT_SHARP = noise_of_ring(chain_constant), descent_on_ring(chain_constant)
ROUND_SHARP, THEOREM_1_SHARP = round_on_ring(ROUND_C), theorem_1(ROUND_C)


CLAIMS = (
    Claim(
        "qprsgd/eq-1",
        "definition",
        "section III, (1)",
        "The problem: F is the mean of M expected losses.",
        latex=(
            (
                r"\min_{\boldsymbol{x}\in\mathbb{R}^d} \quad F(\boldsymbol{x}) = \frac{1}{M} \sum_{m=1}^M "
                r"\underbrace{\mathbb{E}_{\boldsymbol{\xi}_m\sim\mathcal{D}_m}\left[f_m(\boldsymbol{x},\boldsymbol{\xi}_m)\right]}_{:=F_m"
                r"(\boldsymbol{x})}, \quad (1)"
            ),
        ),
        unparsed=TWICE,
        readings=(Reading("as printed", says="a definition; judged by its use"),),
    ),
    Claim(
        "qprsgd/eq-2",
        "definition",
        "section III, (2)",
        "The levels: 2 s + 1 of them, from -s to s, times ||v|| / s.",
        latex=(r"S = \{ v \|_2 \cdot \ell / s | \ell \text{ is an integer and } \ell \in [-s, s] \}",),
        unparsed="a set; read twice",
        damaged="the first bar of the norm is missing",
        readings=(Reading("as printed", equals(sp.Sum(1, (i, -s, s)).doit(), 2 * s + 1)),),
    ),
    Claim(
        "qprsgd/eq-3",
        "definition",
        "section III, (3)",
        "QSGD: norm, sign, level over s. At v = 0 level and norm are 0/0 and 0; the reference returns 0.",
        latex=(
            r"Q_s(\boldsymbol{v}_i) = \|\boldsymbol{v}\|_2 \cdot \operatorname{sgn}(\boldsymbol{v}_i) \cdot "
            r"\zeta(\boldsymbol{v}_i, \boldsymbol{s})/\boldsymbol{s}",
        ),
        unparsed=TWICE,
        readings=(Reading("as printed", says="a definition; judged by its use"),),
    ),
    Claim(
        "qprsgd/eq-4",
        "definition",
        "section III, (4)",
        "Levels are rounded at random, up with the probability that makes the mean right.",
        latex=(r"p = \frac{|v_i|}{\|v\|_2} s - \ell",),
        unparsed=TWICE,
        readings=(Reading("as printed", says="a definition; judged by its use"),),
    ),
    Claim(
        "qprsgd/lemma-4",
        "lemma",
        "Appendix A, Lemma 4",
        "QSGD is unbiased.",
        latex=(
            r"\mathbb{E}[Q_{s}(v)] = v",
            r"\mathbb{E}[\zeta(v_i, s)/s] = \frac{\ell}{s}(1-P) + \frac{\ell+1}{s}P = \frac{\ell}{s} + \frac{1}{s}P",
        ),
        unparsed=TWICE,
        relies=("qprsgd/eq-3", "qprsgd/eq-4"),
        readings=printed(equals((i * (1 - (v_share := sp.Symbol("ratio", real=True)) * s + i) + (i + 1) * (v_share * s - i)) / s, v_share)),
    ),
    Claim(
        "qprsgd/lemma-5",
        "lemma",
        "Appendix A, Lemma 5",
        "Its error is at most d / (4 s^2) of the vector.",
        latex=(r"\mathbb{E}[\|Q_s(\boldsymbol{v}) - \boldsymbol{v}\|_2^2] \le \frac{d}{4s^2} \|\boldsymbol{v}\|_2^2",),
        unparsed=TWICE,
        relies=("qprsgd/eq-2", "qprsgd/eq-3", "qprsgd/eq-4"),
        misprint="its proof says Lemma 1 where unbiasedness, Lemma 4, is meant",
        readings=printed(
            at_most(error_sq, SHARE * x_sq),
            follows=Using(
                LEVELS_ADD,
                (
                    Summed(
                        Decided(at_most(RISE * (1 - RISE), sp.Rational(1, 4))), at_most(LEVEL_VARIANCE, d / 4), by="of each of the d levels"
                    ),
                ),
            ),
            arena="operator",
            setting={"operator": "qsgd"},
        ),
        improvement=Reading(
            "improved: sqrt(d) / s - 1 where levels are coarse, 4 s^2 <= d",
            at_most(error_sq, (sp.sqrt(d) / s - 1) * x_sq),
            (COARSE,),
            follows=Using(
                LEVELS_ADD,
                (
                    Granted(
                        at_most(LEVEL_VARIANCE, d * tangent(0) + s**2 * (tangent(1) - tangent(0))),
                        by="p (1 - p) is below the tangent of y^(1/2) - y at y = s^2 / d, y = (l + p)^2, and the d squares add up to s^2",
                    ),
                ),
            ),
            arena="operator",
            setting={"operator": "qsgd"},
            says="sharp at vectors of one magnitude; at 4 s^2 = d it is d / (4 s^2)",
        ),
    ),
    Claim(
        "qprsgd/appendix-a/level-second-moment",
        "step",
        "Appendix A, proof of Lemma 5",
        "Second moment of a level, P the probability to round up.",
        latex=(
            r"-\frac{1}{s^2} \left(P - \frac{1}{2}\right)^2 + \frac{1}{4s^2} + \frac{|v_i|^2}{||v||_2^2}",
            r"\mathbb{E}[(\zeta(v_i, s)/s)^2] = \frac{\ell^2}{s^2}(1-P) + \frac{(\ell+1)^2}{s^2}P",
        ),
        letters={"P": growth, r"\frac{|v_i|^2}{||v||_2^2}": ((i + growth) / s) ** 2},
        readings=printed(
            equals(
                i**2 / s**2 * (1 - growth) + (i + 1) ** 2 / s**2 * growth,
                -((growth - sp.Rational(1, 2)) ** 2) / s**2 + 1 / (4 * s**2) + ((i + growth) / s) ** 2,
            )
        ),
    ),
    Claim(
        "qprsgd/appendix-a/second-moment",
        "step",
        "Appendix A, proof of Lemma 5",
        "E ||Q(v)||^2.",
        latex=(r"\left(\frac{d}{4s^2} + 1\right) \|v\|_2^2",),
        unparsed=TWICE,
        readings=printed(
            at_most(image_sq, (SHARE + 1) * x_sq),
            follows=Using(about_the_mean(image_sq, x_sq, error_sq), (Cite("qprsgd/lemma-5"),)),
            arena="operator",
            setting={"operator": "qsgd"},
        ),
    ),
    # ---- the ring ----
    Claim(
        "qprsgd/lemma-1/c-1",
        "definition",
        "section IV.A.2, Lemma 1",
        "The constant of Lemma 1. It stays bounded as M grows, by (exp(a) - 1)/a - 1 + exp(a)/M, a = d / (4 s^2).",
        latex=(
            r"C_1 := \frac{1}{M} \exp\left(\frac{d}{4s^2}\right) + \frac{4s^2}{d} \left(\frac{d}{4s^2M} + 1\right)^{M-1} - "
            r"\left(\frac{4s^2}{d} + 1\right)",
        ),
        unparsed="a definition sign; read twice",
        readings=(
            Reading(
                "as printed: positive",
                at_least(C_1, 0),
                follows=Instance(Weakened(Decided(at_most(0, C_1_IN_LETTERS)), at_most(0, C_1_IN_LETTERS), (POWERS,)), SPELLED),
            ),
        ),
    ),
    Claim(
        "qprsgd/lemma-1",
        "lemma",
        "section IV.A.2, Lemma 1, (5)",
        "Error of a segment of d/M coordinates that M workers sum up and quantise in turn.",
        latex=(
            r"\mathbb{E}\left\|X - \frac{1}{M}\sum_{m=1}^{M} w_i^{(m)}\right\|_2^2 \le "
            r"\frac{2C_1}{M}\sum_{m=1}^{M} \left\|w_i^{(m)}\right\|_2^2",
        ),
        unparsed=TWICE,
        relies=("qprsgd/eq-3", "qprsgd/eq-4"),
        readings=printed(
            LEMMA_1,
            follows=Instance(
                Weakened(scaled(WHOLE_CHAIN, 1 / M**2), LEMMA_1_IN_LETTERS, (POWERS,)),
                SPELLED,
            ),
            **chain(),
        ),
        improvement=Reading(
            "improved: what the recursion gives, about half of it where d / (4 s^2) is small",
            SHARP_LEMMA_1,
            follows=Instance(scaled(WHOLE_CHAIN, 1 / M**2), SPELLED),
            **chain(),
        ),
    ),
    Claim(
        "qprsgd/remark-1",
        "remark",
        "section IV.A.2, Remark 1, (6)",
        "The same for whole vectors: exact if each segment is quantised by itself, as Algorithm 1 does.",
        latex=(r"\mathbb{E} \|\Delta X\|_{2}^{2} \leq \frac{2C_{1}}{M} \sum_{m=1}^{M} \left\| \boldsymbol{w}^{(m)} \right\|_{2}^{2}",),
        unparsed=TWICE,
        readings=(
            Reading("Q on each segment", LEMMA_1, follows=Cite("qprsgd/lemma-1"), **chain()),
            Reading("Q on the whole vector, as (3) has it", LEMMA_1, **chain(quantise="whole")),
        ),
        correction=Reading(
            "corrected: Q on the whole vector, d for d / M within C_1",
            LEMMA_1_OF_WHOLE,
            follows=Cite("qprsgd/lemma-1", OF_WHOLE),
            **chain(quantise="whole"),
        ),
        improvement=Reading(
            "improved: Q on each segment, by the improved Lemma 1", SHARP_LEMMA_1, follows=Cite("qprsgd/lemma-1", improved=True), **chain()
        ),
    ),
    Claim(
        "qprsgd/sec-4/bounded-noise-order",
        "text",
        "section IV.A.2, after Remark 1",
        "The factor 2 C_1 / M of (6) is of order 1/M, since C_1 is bounded in M.",
        latex=("the complexity of the bounded noise is O(1/M)",),
        unparsed="running text; read twice",
        readings=(
            Reading(
                "as printed: C_1 <= (exp(a) - 1) / a - 1 + exp(a), a = d / (4 s^2)",
                at_most(C_1, (sp.exp(SHARE) - 1) / SHARE - 1 + sp.exp(SHARE)),
                follows=Instance(Weakened(Decided(C_1_BOUNDED), C_1_BOUNDED, (POWERS,)), SPELLED),
            ),
        ),
    ),
    Claim(
        "qprsgd/eq-7",
        "equation",
        "section IV.A.2, (7)",
        "How many workers Remark 2 allows. What its proof needs is M C_1 <= exp(a), a = d / (4 s^2); d stands where a must.",
        latex=(r"M \le d\left(1 + \frac{d}{4s^2}\right) \left(\exp\left(\frac{d}{4s^2}\right) - \frac{d}{4s^2} - 1\right)^{-1}",),
        unparsed="a superscript -1 and exp with sized brackets; read twice",
        misprint="d for d / (4 s^2) as the first factor",
        readings=(
            Reading(
                "as printed, at d = 64, s = 4, where it allows 178 workers: 16 of them",
                at_most((M * C_1).subs({M: 16, d: 64, s: 4}), sp.exp(SHARE).subs({d: 64, s: 4})),
            ),
        ),
        correction=Reading(
            "corrected: M <= a (1 + a) / (exp(a) - a - 1) gives M C_1 <= exp(a)",
            at_most(M * C_1, sp.exp(SHARE)),
            (given.fewer_workers,),
            follows=Instance(
                Weakened(
                    Decided(at_most(M * C_1_IN_LETTERS, exponential)),
                    at_most(M * C_1_IN_LETTERS, exponential),
                    (
                        POWERS,
                        Hypothesis(
                            "fewer_workers_in_letters", "the same, E for exp(a)", M * (exponential - SHARE - 1) <= SHARE * (1 + SHARE)
                        ),
                    ),
                ),
                SPELLED,
            ),
        ),
    ),
    Claim(
        "qprsgd/eq-8",
        "remark",
        "section IV.A.2, Remark 2, (8)",
        "With few workers the error is of order 1/M^2. (7) as printed allows too many: the noise of a chain grows like "
        "M ((exp(a) - 1) / a - 1), a = d / (4 s^2), and passes 2 exp(a) once M is some 2 a exp(a) / (exp(a) - 1 - a).",
        latex=(
            r"\leq \frac{2}{M^2} \exp \left(\frac{d}{4s^2} \right) \sum_{m=1}^M \left\| \boldsymbol{w}^{(m)} \right\|_2^2 + "
            r"\left\| \frac{1}{M} \sum_{m=1}^M \boldsymbol{w}^{(m)} \right\|_2^2",
        ),
        unparsed=TWICE,
        relies=("qprsgd/eq-7",),
        readings=(Reading("Q on each segment, under (7) as printed", REMARK_2, (given.few_workers,), **chain()),),
        correction=Reading(
            "corrected: Q on each segment, under (7) with a for d",
            REMARK_2,
            (given.fewer_workers,),
            follows=Using(
                scaled(SPLIT, 1 / M**2),
                (
                    Isolated(
                        Combined((Cite("qprsgd/lemma-1"), scaled(Cite("qprsgd/eq-7"), 2 * chain_inputs_sq / M**2)), (M**2, M**2)),
                        chain_error_sq,
                    ),
                ),
            ),
            **chain(),
        ),
        improvement=Reading(
            "improved: Q on each segment, for any number of workers",
            at_most(chain_second_sq / M**2, CHAIN_FACTOR / M**2 * chain_inputs_sq + chain_sum_sq / M**2),
            follows=Using(scaled(SPLIT, 1 / M**2), (Isolated(scaled(Cite("qprsgd/lemma-1", improved=True), M**2), chain_error_sq),)),
            **chain(),
        ),
    ),
    Claim(
        "qprsgd/eq-8/whole-vector",
        "remark",
        "section IV.A.2, Remark 2, (8), Q on the whole vector, as (3) has it",
        "The same with d coordinates quantised at once: the noise of M quantisers is at most ((1 + a)^(M + 1) - 1) / a - 1 - M times the "
        "squares, a = d / (4 s^2).",
        latex=(
            r"\leq \frac{2}{M^2} \exp \left(\frac{d}{4s^2} \right) \sum_{m=1}^M \left\| \boldsymbol{w}^{(m)} \right\|_2^2 + "
            r"\left\| \frac{1}{M} \sum_{m=1}^M \boldsymbol{w}^{(m)} \right\|_2^2",
        ),
        unparsed=TWICE,
        relies=("qprsgd/eq-7",),
        readings=(Reading("under (7) as printed", REMARK_2, (given.few_workers,), **chain(quantise="whole")),),
        correction=Reading(
            "corrected: what Lemma 1 gives with d for d / M, for any number of workers",
            at_most(chain_second_sq / M**2, LEMMA_1_OF_WHOLE.rhs + chain_sum_sq / M**2),
            follows=Using(scaled(SPLIT, 1 / M**2), (Isolated(scaled(Cite("qprsgd/lemma-1", OF_WHOLE), M**2), chain_error_sq),)),
            **chain(quantise="whole"),
        ),
        improvement=Reading(
            "improved: by the improved Lemma 1, with d for d / M",
            at_most(chain_second_sq / M**2, SHARP_LEMMA_1_OF_WHOLE.rhs + chain_sum_sq / M**2),
            follows=Using(
                scaled(SPLIT, 1 / M**2), (Isolated(scaled(Cite("qprsgd/lemma-1", OF_WHOLE, improved=True), M**2), chain_error_sq),)
            ),
            **chain(quantise="whole"),
        ),
    ),
    Claim(
        "qprsgd/sec-4/order",
        "text",
        "section IV.A.2, before the recursion; Appendix B",
        "That the order in which a chain adds and quantises has no influence. Its bound does not know the order; its error does: with "
        "s = 1 nothing is rounded from (0, -1) to (1, 0), and (1, 1) is, by its norm times (||v||_1 - ||v||).",
        latex=(
            "Knowing that the compression order does not lead to a substantial impact",
            "For the sake of compression order having no influence on the final result",
        ),
        unparsed="running text; read twice",
        readings=(
            Reading(
                "as printed: (1, 1) + (0, -1), its first hop alone, against (0, -1) + (1, 1)",
                at_most(sp.sqrt(2) * (2 - sp.sqrt(2)), 0),
            ),
        ),
        correction=Reading(
            "corrected: the bound of Lemma 1, a sum of squares, is that of any order", LEMMA_1, follows=Cite("qprsgd/lemma-1"), **chain()
        ),
        improvement=Reading(
            "improved: that of the improved Lemma 1", SHARP_LEMMA_1, follows=Cite("qprsgd/lemma-1", improved=True), **chain()
        ),
    ),
    # ---- Algorithm 1 ----
    Claim(
        "qprsgd/algorithm-1/line-10",
        "step",
        "section IV.A.1, Algorithm 1, lines 10 to 13",
        "Which segment worker m adds to at hop i: what it receives, its neighbour's of the hop before. With j = m + i the indices of "
        "what is passed to worker m + 1 and of what that adds to differ by 2, so that only two workers would chain.",
        latex=(r"j \leftarrow (m+i) \mod M;",),
        unparsed="a line of a listing; read twice",
        misprint="m + i for m - i",
        readings=(
            Reading(
                "sums go to worker m + 1, as in Lemma 1, with 4 workers, as in Figure 1: their segment less the one added to, modulo M",
                equals(sp.Mod((WORKER - 1 + HOP) - (WORKER + HOP + 1), 4), 0),
            ),
            Reading("sums go to worker m - 1", equals(sp.Mod((WORKER + 1 + HOP) - (WORKER + HOP + 1), M), 0)),
        ),
        correction=Reading(
            "corrected: j = (m - i) mod M, sums go to worker m + 1", equals(sp.Mod((WORKER - 1 - HOP) - (WORKER - (HOP + 1)), M), 0)
        ),
    ),
    Claim(
        "qprsgd/algorithm-1/line-15",
        "step",
        "section IV.A.1, Algorithm 1, line 15",
        "Worker m broadcasts Delta_m: what arrived at the last of M hops must be its own segment. (The text has M - 1 hops, three for four "
        "workers; after these worker m holds Delta_(m+1).)",
        latex=("Broadcast Δ_m to other nodes;",),
        unparsed="a line of a listing; read twice",
        relies=("qprsgd/algorithm-1/line-10",),
        readings=(
            Reading(
                "sums go to worker m + 1, with 4 workers: the segment that arrived less m, modulo M",
                equals(sp.Mod((WORKER - 1 + 3) - WORKER, 4), 0),
            ),
            Reading("sums go to worker m - 1", equals(sp.Mod((WORKER + 1 + M - 1) - WORKER, M), 0)),
        ),
        correction=Reading("corrected: j = (m - i) mod M, sums go to worker m + 1", equals(sp.Mod((WORKER - 1 - (M - 1)) - WORKER, M), 0)),
    ),
    # ---- Theorem 1 ----
    Claim(
        "qprsgd/sec-4/recursion",
        "definition",
        "section IV.A.2, after Remark 2",
        "Algorithm 1 as a recursion.",
        latex=(
            (
                r"\boldsymbol{x}_{n;0}^{(m)} = \tilde{\boldsymbol{x}}_n, \quad \boldsymbol{x}_{n;t}^{(m)} = \tilde{\boldsymbol{x}}_n - "
                r"\gamma_n \sum_{j=0}^{t-1} \nabla f_m \left(\boldsymbol{x}_{n;j}^{(m)}, \boldsymbol{\xi}_j^{(m)} \right),"
            ),
            (
                r"\tilde{\boldsymbol{x}}_{n+1} = \tilde{\boldsymbol{x}}_n - \frac{1}{M} \underbrace{\mathcal{Q}_s \left(\dots "
                r"\mathcal{Q}_s \left(\mathcal{Q}_s \left(\boldsymbol{g}_n^{(1)} \right) + \boldsymbol{g}_n^{(2)} \right) + \dots "
                r"\right)}_{M \text{ gradients from } M \text{ workers}},"
            ),
            (
                r"\boldsymbol{g}_n^{(i)} = \gamma_n \sum_{k=0}^{K-1} \nabla f_i \left(\boldsymbol{x}_{n;k}^{(i)}, "
                r"\boldsymbol{\xi}_k^{(i)} \right), \quad \bar{\boldsymbol{x}}_{n;t} = \frac{1}{M} \sum_{m=1}^M \boldsymbol{x}_{n;t}^{(m)}"
            ),
        ),
        unparsed=TWICE,
        readings=(Reading("as printed", says="a definition; judged by its use"),),
    ),
    Claim(
        "qprsgd/assumption-1",
        "assumption",
        "section IV.A.2, Assumption 1",
        "Smooth losses; stochastic gradients of variance at most sigma^2; workers' gradients within kappa of "
        "their mean, in the mean square.",
        latex=(
            r"\mathbb{E}_{\xi \sim \mathcal{D}_m} \|\nabla f_m(\boldsymbol{x}, \xi) - \nabla F_m(\boldsymbol{x})\|_2^2 \leq \sigma^2",
            r"\frac{1}{M} \sum_{m=1}^M \|\nabla F(\boldsymbol{x}) - \nabla F_m(\boldsymbol{x})\|_2^2 \leq \kappa^2",
        ),
        unparsed=TWICE,
        readings=(Reading("as printed", says="judged by its use"),),
    ),
    Claim(
        "qprsgd/theorem-1",
        "theorem",
        "section IV.A.2, Theorem 1, (9)",
        "Mean squared gradient at the mean iterates of Algorithm 1, under three conditions on the step. It stands, though T_1 and Lemma 6, "
        "which its proof is put together from, fall: appendix-c/round.",
        latex=(
            (
                r"\frac{1}{NK} \sum_{n=1}^{N} \sum_{k=0}^{K-1} \mathbb{E} \left\| \nabla F(\bar{\boldsymbol{x}}_{n,k}) \right\|_{2}^{2} "
                r"\leq \frac{(4KL\bar{\gamma}C_{1}+1)}{\delta\epsilon} \left(\frac{\sigma^{2}(M+1)}{2M} + 2K\kappa^{2} \right) "
                r"(K-1)L^{2}\bar{\gamma}^{2} \qquad (9) \\ + \frac{1}{\epsilon} \left(2C_{1}\sigma^{2} + 4KC_{1}\kappa^{2} + "
                r"\frac{\sigma^{2}}{M} \right) L\bar{\gamma} + \frac{2\left[F(\tilde{\boldsymbol{x}}_{1}) - "
                r"F_{*}\right]}{NK\bar{\gamma}\epsilon},"
            ),
        ),
        unparsed="one relation in two lines with an equation number between; read twice",
        relies=("qprsgd/eq-1", "qprsgd/assumption-1", "qprsgd/sec-4/recursion"),
        readings=printed(THEOREM_1, (*RING, *CONDITIONS), follows=all_rounds(Cite("qprsgd/appendix-c/round")), **ring()),
        improvement=Reading(
            "improved: by the improved Lemma 1, 7/5 of its constant for C_1",
            THEOREM_1_SHARP,
            (*RING, *SHARP_CONDITIONS),
            follows=all_rounds(Cite("qprsgd/appendix-c/round", improved=True)),
            says="that is at most C_1 for one worker and from four on, and within a twentieth of it for two and three",
            **ring(),
        ),
    ),
    Claim(
        "qprsgd/theorem-1/condition-descent",
        "equation",
        "section IV.A.2, Theorem 1",
        "First condition: it leaves room for small steps, whatever K and C_1 are.",
        latex=(
            r"\frac{(8C_1L^2\bar{\gamma}^2 + (K-1)L\bar{\gamma} + 2C_1)KL\bar{\gamma}}{1 - "
            r"2(K+1)(K-2)L^2\bar{\gamma}^2} \leq \frac{1-\epsilon}{2}",
        ),
        letters={r"\bar{\gamma}": eta},
        readings=printed(
            at_most(
                (8 * ring_constant * L**2 * eta**2 + (K - 1) * L * eta + 2 * ring_constant) * K * L * eta / DRIFT_ROOM,
                (1 - descent_share) / 2,
            ),
            (
                Hypothesis(
                    "small_step",
                    "K L eta (1 + 2 C_1) <= 1/16, epsilon = 1/2",
                    sp.And(
                        K * L * eta * (1 + 2 * ring_constant) <= sp.Rational(1, 16),
                        sp.Eq(descent_share, sp.Rational(1, 2)),
                        ring_constant >= 0,
                    ),
                ),
            ),
        ),
    ),
    Claim(
        "qprsgd/theorem-1/condition-drift",
        "equation",
        "section IV.A.2, Theorem 1",
        "Second condition: met by every delta in (0, 1) where K is 1 or 2.",
        latex=(r"2(K+1)(K-2)L^2\bar{\gamma}^2 \leq 1-\delta",),
        letters={r"\bar{\gamma}": eta},
        readings=printed(
            at_most(2 * (K + 1) * (K - 2) * L**2 * eta**2, 1 - drift_share),
            (Hypothesis("one_or_two_local_steps", "K <= 2, delta < 1", sp.And(K <= 2, drift_share < 1)),),
        ),
    ),
    Claim(
        "qprsgd/theorem-1/condition-mean",
        "equation",
        "section IV.A.2, Theorem 1",
        "Third condition: with a step that meets the first, eta L < 1/2 would do for K = 1.",
        latex=(r"1 - L\bar{\gamma} - \frac{(4KL\bar{\gamma}C_1 + 1)(K-1)KL^2\bar{\gamma}^2}{1 - 2(K+1)(K-2)L^2\bar{\gamma}^2} > 0",),
        letters={r"\bar{\gamma}": eta},
        readings=(
            Reading(
                "as printed",
                at_least(1 - L * eta - (4 * K * L * eta * ring_constant + 1) * (K - 1) * K * L**2 * eta**2 / DRIFT_ROOM, 0),
                (
                    Hypothesis(
                        "small_step",
                        "K L eta (1 + 2 C_1) <= 1/16",
                        sp.And(K * L * eta * (1 + 2 * ring_constant) <= sp.Rational(1, 16), ring_constant >= 0),
                    ),
                ),
            ),
        ),
        unparsed="a strict relation stated with slack; read twice",
    ),
    Claim(
        "qprsgd/sec-4/limit",
        "text",
        "section IV.A.2, proof of Theorem 1",
        "What is said to be shown: that the mean squared gradient vanishes in the limit. With a constant step (9) keeps a floor.",
        latex=(r"\lim_{N \to \infty} \frac{1}{NK} \sum_{n=1}^{N} \sum_{k=0}^{K-1} \mathbb{E} \|\nabla F(\bar{x}_{n,k})\|_{2}^{2} = 0",),
        unparsed="a limit; read twice",
        readings=(
            Reading(
                "F = L x^2 / 2, one worker, K = 1, a fixed step: the floor L eta sigma^2 / (2 - L eta)",
                at_most(L * eta * sigma**2 / (2 - L * eta), 0),
                (given.some_noise, STEP_BELOW_INVERSE),
            ),
        ),
        correction=Reading(
            "corrected: up to a floor that a constant step does not leave, and that vanishes with it",
            THEOREM_1,
            (*RING, *CONDITIONS),
            follows=Cite("qprsgd/theorem-1"),
            **ring(),
        ),
    ),
    Claim(
        "qprsgd/corollary-1.1",
        "corollary",
        "section IV.A.2, Corollary 1.1",
        "Step 1 / (L K sqrt(N)): of order 1 / sqrt(N), uniformly in K and M, once N is large enough for the conditions on the step.",
        latex=(r"\bar{\gamma} = \frac{1}{LK\sqrt{N}}",),
        letters={r"\bar{\gamma}": eta},
        relies=("qprsgd/lemma-1/c-1",),
        readings=(
            Reading(
                "as printed",
                equals(eta, 1 / (L * K * sp.sqrt(N))),
                (*RING, *CONDITIONS),
                rate=Rate("qprsgd/theorem-1", (1 / sp.sqrt(N),), (N, K, M), at={eta: 1 / (L * K * sp.sqrt(N))}),
            ),
        ),
    ),
    Claim(
        "qprsgd/corollary-1.2",
        "corollary",
        "section IV.A.2, Corollary 1.2",
        "Step 1 / (L sqrt(N K)), K at most sigma^2 / (2 kappa^2): of order 1 / sqrt(N K), where N is at least K.",
        latex=(r"\bar{\gamma} = \frac{1}{L\sqrt{NK}}",),
        letters={r"\bar{\gamma}": eta},
        relies=("qprsgd/lemma-1/c-1",),
        readings=(
            Reading(
                "as printed, N = n K",
                equals(eta, 1 / (L * sp.sqrt(N * K))),
                (*RING, *CONDITIONS),
                rate=Rate(
                    "qprsgd/theorem-1",
                    (1 / (K * sp.sqrt(n)),),
                    (n, K, M),
                    at={eta: 1 / (L * K * sp.sqrt(n)), N: n * K, zeta: sigma / sp.sqrt(2 * K)},
                ),
            ),
        ),
    ),
    Claim(
        "qprsgd/corollary-1.3",
        "corollary",
        "section IV.A.2, Corollary 1.3",
        "Step sqrt(M) / (L sqrt(N K)): of order 1 / sqrt(N K M), where C_1 <= exp(a) / M and N is at least K M^3. (7) as printed does not "
        "give the first.",
        latex=(r"\bar{\gamma} = \frac{\sqrt{M}}{L\sqrt{NK}}",),
        letters={r"\bar{\gamma}": eta},
        relies=("qprsgd/eq-7",),
        readings=(PRINTED_RANGE,),
        correction=RING_SPEEDUP,
        improvement=WIDER_SPEEDUP,
    ),
    Claim(
        "qprsgd/sec-4/ring-speedup",
        "text",
        "section IV.A.2, after Corollary 1.3; abstract and section I",
        "On the ring, linear speedup in workers and local steps, in the best case: what Corollary 1.3 says.",
        latex=(
            "our algorithm achieves linear speedup with respect to the number of workers and the number of local updates in the best case",
        ),
        unparsed="running text; read twice",
        restates="qprsgd/corollary-1.3",
        readings=(PRINTED_RANGE,),
        correction=RING_SPEEDUP,
    ),
    Claim(
        "qprsgd/sec-4/impact-of-s",
        "text",
        "section IV.A.2, after Corollary 1.3",
        "Finer levels allow more workers and more local steps: both bounds fall with a = d / (4 s^2). With E = exp(a), its own derivative, "
        "that of (1 + a) / (E - a - 1) is -a E / (E - a - 1)^2.",
        latex=("larger s contributes to a wider range for M and K",),
        unparsed="running text; read twice",
        readings=(
            Reading(
                "the bound on M: slope over a",
                at_most((exponential - SHARE - 1 - (1 + SHARE) * (exponential - 1)) / (exponential - SHARE - 1) ** 2, 0),
            ),
            Reading("the bound on K: slope over a, for exp(a) >= 1", at_most(-2 / exponential, 0)),
        ),
    ),
    Claim(
        "qprsgd/sec-4/more-bits",
        "text",
        "section IV.A.2, after Corollary 1.3",
        "Finer levels take more bits: what stands in the logarithm of Theorem 3, corrected, grows with s.",
        latex=("it probably requires more bits in every transmission",),
        unparsed="running text; read twice",
        readings=(
            Reading(
                "as printed, from s to s + 1",
                at_least(((s + 1) ** 2 + 2 * (s + 1) * sp.sqrt(d) + 5 * d / 4) / d, (s**2 + 2 * s * sp.sqrt(d) + 5 * d / 4) / d),
            ),
        ),
    ),
    Claim(
        "qprsgd/sec-4/against-fedpaq",
        "text",
        "section IV.A.2, after Corollary 1.3",
        "1 / sqrt(N K M) against the 1 / sqrt(N K) of FedPAQ. Under (7) as printed C_1 may be of order 1, and the bound above both.",
        latex=(r"achieves a convergence rate of $O\left(1/\sqrt{NK}\right)$ under PS, our result presents a distinct dominance",),
        unparsed="running text; read twice",
        relies=("qprsgd/corollary-1.3",),
        readings=(
            Reading(
                "under (7) as printed, a = d / (4 s^2) fixed: up to which M the terms with C_1 of (9) are within the order of FedPAQ",
                at_most(M, d),
                (*RING, *CONDITIONS, given.few_workers, FEW_LOCAL_STEPS),
                rate=Largest(M, FEDPAQ, sp.sqrt(M / (N * K)), d, (N, K, M, d)),
            ),
        ),
        correction=Reading(
            "corrected: as Corollary 1.3, corrected, a factor of sqrt(M) below it",
            RING_SPEEDUP.relation,
            RING_SPEEDUP.given,
            rate=replace(SPEEDUP_RATE, terms=((FEDPAQ / sp.sqrt(M)).subs(N, SPEEDUP_AT[N]),)),
        ),
    ),
    # ---- Appendix B ----
    Claim(
        "qprsgd/appendix-b/one-more",
        "step",
        "Appendix B, (a)",
        "One more vector, quantised: before the norm of the mean is moved.",
        latex=(
            (
                r"\leq \left(\frac{d}{4s^2M} + 1\right) \mathbb{E} \|Q_s(X)\|_2^2 + \frac{d}{2s^2M} \|x_i\|_2^2 + \|\mathbb{E}(X) + "
                r"x_i\|_2^2 \\ & + \left(\frac{d}{4s^2M} - 1\right) \|\mathbb{E}(X)\|_2^2"
            ),
        ),
        unparsed=TWICE,
        readings=(
            Reading(
                "as printed",
                at_most(
                    chain_second_sq,
                    (SEGMENT + 1) * chain_before_sq + 2 * SEGMENT * chain_last_sq + chain_sum_sq + (SEGMENT - 1) * chain_before_sum_sq,
                ),
                follows=Combined(
                    (
                        QUANTISED_CHAIN,
                        LAST_TWO,
                    ),
                    (1, SEGMENT),
                ),
                **chain(),
            ),
        ),
        improvement=Reading(
            "improved: the norm of the mean is not moved",
            at_most(chain_second_sq, (SEGMENT + 1) * (chain_before_sq + chain_sum_sq - chain_before_sum_sq)),
            follows=QUANTISED_CHAIN,
            **chain(),
        ),
    ),
    Claim(
        "qprsgd/appendix-b/weights",
        "step",
        "Appendix B, (a)",
        "The sum of the weights, in closed form; the index runs up to M - 1, so M >= 2: by induction from there, for any "
        "q in the place of d / (4 s^2 M).",
        latex=(
            (
                r"= \frac{8s^2M}{d} \left[ \left(\frac{d}{4s^2M} + 1\right)^{M-1} - 1 \right] + 2\left(\frac{d}{4s^2M} + 1\right)^{M-2} - "
                r"2M"
            ),
            r"\frac{d}{2s^2M} \sum_{m=2}^{M-1} \left(\frac{d}{4s^2M} + 1\right)^{M-m-1} \cdot m",
        ),
        unparsed="a sum with a factor outside it; read twice",
        readings=(Reading("as printed, i for M - 2 and q for d / (4 s^2 M)", equals(WEIGHTS, WEIGHTS_CLOSED), follows=WEIGHTS_ADDED),),
    ),
    Claim(
        "qprsgd/appendix-b/unrolled",
        "step",
        "Appendix B, second bound of the long display, at M = 2",
        "The recursion unrolled; a term (1 + q)^(M-2) (q - 1) ||w^1||^2 is left out, which is positive where q = d / (4 s^2 M) > 1.",
        latex=(r"\leq \left(\frac{d}{4s^{2}M}+1\right)^{M-1} \mathbb{E} \left\| Q_{s} \left(w_{i}^{(1)} \right) \right\|_{2}^{2}",),
        unparsed=TWICE,
        readings=(
            Reading(
                "as printed: the bound before it is at most this one",
                at_most(
                    (SEGMENT + 1) * chain_before_sq + 2 * SEGMENT * chain_last_sq + (SEGMENT - 1) * chain_first_sq,
                    (SEGMENT + 1) * chain_before_sq + 2 * SEGMENT * chain_last_sq,
                ),
                says="decided, and false wherever d > 4 s^2 M",
            ),
        ),
        correction=Reading(
            "corrected: with that term, which the next line has",
            at_most(
                chain_second_sq,
                ((SEGMENT + 1) * chain_before_sq + 2 * SEGMENT * chain_last_sq + (SEGMENT - 1) * chain_first_sq + chain_sum_sq).subs(M, 2),
            ),
            (Hypothesis("two_workers", "M = 2", sp.Eq(M, 2)),),
            follows=Cite("qprsgd/appendix-b/one-more", {M: 2, chain_before_sum_sq: chain_first_sq}),
            **chain(),
        ),
    ),
    Claim(
        "qprsgd/appendix-b/powers",
        "step",
        "Appendix B, after the long display",
        "2 r^(M-1) <= r^M + r^(M-1), r = d / (4 s^2 M) + 1.",
        latex=(r"2\left(\frac{d}{4s^2M} + 1\right)^{M-1} \le \left(\frac{d}{4s^2M} + 1\right)^M + \left(\frac{d}{4s^2M} + 1\right)^{M-1}",),
        unparsed="powers with a letter in the exponent are judged as letters; read twice",
        readings=printed(at_most(2 * growth, (SEGMENT + 1) * growth + growth)),
    ),
    Claim(
        "qprsgd/appendix-b/total",
        "step",
        "Appendix B, last bound of the long display",
        "The sum on the right leaves out the last worker, whose vector is quantised too.",
        latex=(
            r"+ \frac{8s^{2}M}{d} \left[ \left(\frac{d}{4s^{2}M} + 1\right)^{M-1} - 1 \right] - 2M \right] "
            r"\sum_{m=1}^{M-1} \left\| w_{i}^{(m)} "
            r"\right\|_{2}^{2}",
        ),
        unparsed=TWICE,
        misprint="the sum runs up to M - 1 for M",
        readings=(
            Reading(
                "as printed",
                at_most(chain_second_sq, chain_sum_sq + 2 * M * C_1 * (chain_inputs_sq - chain_last_sq)),
                **chain(),
            ),
        ),
        correction=Reading(
            "corrected: the sum over all workers",
            at_most(chain_second_sq, chain_sum_sq + 2 * M * C_1 * chain_inputs_sq),
            follows=Using(SPLIT, (scaled(Isolated(scaled(Cite("qprsgd/lemma-1"), M**2), chain_error_sq), 1),)),
            **chain(),
        ),
    ),
    Claim(
        "qprsgd/appendix-b/monotone",
        "step",
        "Appendix B, last display",
        "(1 + a/M)^M is said to fall as M grows, towards exp(a). It rises, and so stays below exp(a), which is what is used.",
        latex=(r"f(M) = \left(\frac{d}{4s^2M} + 1\right)^M",),
        unparsed="running text; read twice",
        misprint="decreases for increases",
        readings=(Reading("from M = 1 to M = 2: it falls", at_most(((SEGMENT + 1) ** M).subs(M, 2), ((SEGMENT + 1) ** M).subs(M, 1))),),
        correction=Reading(
            "corrected: it rises, f(M + 1) over f(M) being 1 + a/M times ((1 + a/(M + 1)) / (1 + a/M))^(M + 1)",
            at_least((SEGMENT + 1) * STEEPER ** (M + 1), 1),
            follows=Instance(
                Instance(scaled(POWER_AT_LEAST, FIRST), {i: M + 1, RATIO: STEEPER, FIRST: SEGMENT + 1}),
                {NEGATIVE_POWER.subs(i, M + 1): -(STEEPER ** (M + 1))},
            ),
        ),
    ),
    Claim(
        "qprsgd/appendix-b/limit",
        "step",
        "Appendix B, last display",
        "(1 + a/M)^M <= exp(a).",
        latex=(
            r"\left(\frac{d}{4s^2M}+1\right)^M \le \lim_{M \to \infty} \left(\frac{d}{4s^2M}+1\right)^M = \exp\left(\frac{d}{4s^2}\right)",
        ),
        unparsed="a limit; read twice",
        readings=printed(
            at_most((SEGMENT + 1) ** M, sp.exp(SHARE)),
            follows=Instance(Instance(POWER_AT_MOST, {i: M, growth: sp.exp(SHARE)}), {POWER.subs(i, M): (SEGMENT + 1) ** M}),
        ),
    ),
    # ---- Appendix C ----
    Claim(
        "qprsgd/lemma-6",
        "lemma",
        "Appendix C, Lemma 6",
        "How far local iterates stray from their mean in one round. Its proof adds the noise of a step and "
        "the gradients after it as if they "
        "were uncorrelated; where the loss curves downwards the noise is amplified, and the bound on it is too small.",
        latex=(
            (
                r"\frac{1}{M}\sum_{m=1}^{M}\sum_{k=0}^{K-1}\mathbb{E}\left\|x_{n;k}^{(m)}-\bar{x}_{n;k}\right\|_{2}^{2} \\ &\leq "
                r"\frac{(K-1)K\gamma_{n}^{2}\sigma^{2}(M+1)}{2M[1-2(K+1)(K-2)L^{2}\gamma_{n}^{2}]} \\ &+ "
                r"\frac{(K-1)K\gamma_{n}^{2}}{1-2(K+1)(K-2)L^{2}\gamma_{n}^{2}}\sum_{k=0}^{K-1}\left\|\frac{1}{M}\sum_{m=1}^{M}\nabla "
                r"F_{m}\left(x_{n;k}^{(m)}\right)\right\|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        relies=("qprsgd/assumption-1",),
        readings=(
            Reading(
                "as printed, from x = 0 with F_m = -L x^2 / 2, noise +-sigma, M = 100, K = 17, K L eta = 17/100 (in "
                "units of eta^2 sigma^2)",
                at_most(STRAYED, LEMMA_6.rhs.subs(DOWNHILL).doit()),
            ),
        ),
        correction=Reading(
            "corrected: Young's inequality between noise and gradients",
            LEMMA_6_CORRECTED,
            (*RING, given.drift_condition),
            follows=DEVIATION_ON_RING,
            **ring(quantise="exactly", loss="any curvature"),
        ),
        improvement=Reading(
            "improved: the square of the sum of roots, and steps up to the room that takes",
            LEMMA_6_BY_ROOTS,
            (*RING, LONG_DRIFT),
            follows=Absorbed(DEVIATION_BY_ROOTS),
            **ring(quantise="exactly", loss="any curvature"),
        ),
    ),
    Claim(
        "qprsgd/appendix-c/t-1",
        "step",
        "section IV.A.2 and Appendix C, T_1",
        "Second moment of a worker's progress in a round: noise and later gradients taken as uncorrelated.",
        latex=(
            (
                r"&\leq K\sigma^2 + 2KL^2 \sum_{j=0}^{K-1} \|x_{n;j}^{(m)} - \bar{x}_{n;j}\|_2^2 + 2K \sum_{j=0}^{K-1} \|\nabla "
                r"F_m(\bar{x}_{n;j})\|_2^2"
            ),
            (
                r"T_{1} \leq K\sigma^{2} + 2KL^{2} \sum_{j=0}^{K-1} \left\| x_{n;j}^{(m)} - \bar{x}_{n;j} \right\|_{2}^{2} + 2K "
                r"\sum_{j=0}^{K-1} \left\| \nabla F_{m} \left(\bar{x}_{n;j} \right) \right\|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        readings=printed(
            at_most(worker_progress_sq, K * sigma**2 + 2 * K * L**2 * worker_deviation_sq + 2 * K * worker_gradient_at_mean_sq),
            RING,
            **ring(quantise="exactly", loss="any curvature"),
        ),
        correction=Reading(
            "corrected: twice as much, by Young's inequality",
            at_most(worker_progress_sq, 2 * K * sigma**2 + 4 * K * L**2 * worker_deviation_sq + 4 * K * worker_gradient_at_mean_sq),
            RING,
            follows=Using(
                Cite("qprsgd/appendix-c/t-1/uncorrelated"),
                (AT_THE_MEAN,),
            ),
            **ring(quantise="exactly", loss="any curvature"),
        ),
        improvement=Reading(
            "improved: the square of the sum of roots",
            at_most(worker_progress_sq, sp.Add(*WORKER_AT_THE_MEAN_BY_ROOTS.roots) ** 2),
            RING,
            follows=WORKER_AT_THE_MEAN_BY_ROOTS,
            **ring(quantise="exactly", loss="any curvature"),
        ),
    ),
    Claim(
        "qprsgd/appendix-c/t-1/uncorrelated",
        "step",
        "Appendix C, T_1",
        "The bound before: K sigma^2 and K times the squared gradients.",
        latex=(r"&\leq K\sigma^2 + K \sum_{j=0}^{K-1} \|\nabla F_m(x_{n;j}^{(m)})\|_2^2",),
        unparsed=TWICE,
        readings=printed(
            at_most(worker_progress_sq, K * sigma**2 + K * worker_gradient_sq), RING, **ring(quantise="exactly", loss="any curvature")
        ),
        correction=Reading(
            "corrected: both twice, by Young's inequality",
            at_most(worker_progress_sq, 2 * K * sigma**2 + 2 * K * worker_gradient_sq),
            RING,
            follows=WORKER_SUM,
            **ring(quantise="exactly", loss="any curvature"),
        ),
        improvement=Reading(
            "improved: the square of the sum of roots, or little more than is printed where steps are short",
            at_most(
                worker_progress_sq,
                sp.Min(
                    (sigma * sp.sqrt(K) + sp.sqrt(K) * sp.sqrt(worker_gradient_sq)) ** 2,
                    K * sigma**2
                    + K * worker_gradient_sq
                    + L * eta * K * (K - 1) * (sp.Rational(17, 12) * sigma**2 + sp.Rational(2, 3) * worker_gradient_sq),
                ),
            ),
            RING,
            follows=Joined((WORKER_BY_ROOTS, PROGRESS_OF_ONE)),
            says="only the gradients after a noise know of it, and they have moved by L times the way at most",
            **ring(quantise="exactly", loss="any curvature"),
        ),
    ),
    Claim(
        "qprsgd/eq-16",
        "equation",
        "Appendix C, (16)",
        "||a||^2 <= 2 ||a - b||^2 + 2 ||b||^2.",
        latex=(
            r"\left\|\nabla F_m\left(x_{n;j}^{(m)}\right)\right\|_2^2 \le 2 \left\|\nabla F_m\left(x_{n;j}^{(m)}\right) - "
            r"\nabla F_m(\bar{x}_{n;j})\right\|_2^2 + 2 \left\|\nabla F_m(\bar{x}_{n;j})\right\|_2^2",
        ),
        letters={
            r"\left\|\nabla F_m\left(x_{n;j}^{(m)}\right)\right\|_2^2": norm_sq(u),
            r"\left\|\nabla F_m\left(x_{n;j}^{(m)}\right) - \nabla F_m(\bar{x}_{n;j})\right\|_2^2": norm_sq(u - v),
            r"\left\|\nabla F_m(\bar{x}_{n;j})\right\|_2^2": norm_sq(v),
        },
        readings=printed(
            at_most(norm_sq(u), 2 * norm_sq(u - v) + 2 * norm_sq(v)),
            follows=Certified(at_most(norm_sq(u), 2 * norm_sq(u - v) + 2 * norm_sq(v))),
            arena="vectors",
        ),
    ),
    Claim(
        "qprsgd/appendix-c/t-2",
        "step",
        "section IV.A.2 and Appendix C, T_2",
        "The inner product that drives descent: the middle term is printed at the mean iterate, (15) gives it at the workers' own.",
        latex=(
            r"+ \frac{L^{2}}{2M} \sum_{m=1}^{M} \left\| \bar{x}_{n;k} - x_{n;k}^{(m)} \right\|_{2}^{2},",
            (
                r"\leq -\frac{1}{2} \left\|\nabla F(\bar{x}_{n;k})\right\|_{2}^{2} - \frac{1}{2} \left\|\frac{1}{M} \sum_{m=1}^{M} \nabla "
                r"F_{m}(\bar{x}_{n;k})\right\|_{2}^{2}"
            ),
            r"+ \frac{L^{2}}{2M} \sum_{m=1}^{M} \left\|\bar{x}_{n;k} - x_{n;k}^{(m)}\right\|_{2}^{2}",
        ),
        unparsed=TWICE,
        misprint="the mean gradient at the mean iterate for the mean of the gradients at the workers' iterates",
        readings=(
            Reading(
                "as printed",
                at_most(-gradients_aligned, -gradient_at_mean_sq + L**2 / 2 * iterate_deviation_sq),
                RING,
                **ring(quantise="exactly", loss="any curvature"),
            ),
        ),
        correction=Reading(
            "corrected: gradients at the workers' iterates",
            at_most(-gradients_aligned, -gradient_at_mean_sq / 2 - mean_local_gradient_sq / 2 + L**2 / 2 * iterate_deviation_sq),
            RING,
            follows=ALIGNED,
            **ring(quantise="exactly", loss="any curvature"),
        ),
    ),
    Claim(
        "qprsgd/appendix-c/t-3",
        "step",
        "section IV.A.2 and Appendix C, T_3",
        "Second moment of the summed stochastic gradients of one local step: here noise and gradients are uncorrelated.",
        latex=(
            r"T_{3} \leq M\sigma^{2} + \left\| \sum_{m=1}^{M} \nabla F_{m} \left(x_{n;k}^{(m)} \right) \right\|_{2}^{2}",
            (
                r"T_{3} = \left\| \sum_{m=1}^{M} \nabla f_{m} \left(x_{n;k}^{(m)}, \xi_{k}^{(m)} \right) \right\|_{2}^{2} \le M\sigma^{2} "
                r"+ \left\| \sum_{m=1}^{M} \nabla F_{m} \left(x_{n;k}^{(m)} \right) \right\|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        readings=printed(
            at_most(summed_stochastic_sq, M * sigma**2 + M**2 * mean_local_gradient_sq),
            RING,
            follows=SUMMED,
            **ring(quantise="exactly", loss="any curvature"),
        ),
    ),
    Claim(
        "qprsgd/eq-10/noise",
        "step",
        "section IV.A.2, (10), (a)",
        "The noise of the ring in a round, by Remark 1.",
        latex=(r"\underbrace{C_{1}L\gamma_{n}^{2}}_{M} \sum_{m=1}^{M} \mathbb{E}\left\|\sum_{j=0}^{K-1}",),
        unparsed=TWICE,
        damaged="C_1 L gamma_n^2 / M stands as an underbrace",
        readings=printed(
            NOISE_OF_RING,
            RING,
            follows=Cite(
                "qprsgd/lemma-1",
                {2 * C_1: 2 * ring_constant, chain_error_sq: M**2 * ring_noise_sq, chain_inputs_sq: eta**2 * round_progress_sq},
            ),
            **ring(),
        ),
        improvement=Reading(
            "improved: by the improved Lemma 1",
            NOISE_SHARP,
            RING,
            follows=Cite("qprsgd/lemma-1", OF_RING | {CHAIN_FACTOR: 2 * M * chain_constant}, improved=True),
            **ring(),
        ),
    ),
    Claim(
        "qprsgd/eq-10",
        "step",
        "section IV.A.2, (10)",
        "One round: descent, noise of the ring, variance.",
        latex=(
            (
                r"\stackrel{(a)}{\leq} \underbrace{C_{1}L\gamma_{n}^{2}}_{M} \sum_{m=1}^{M} \mathbb{E}\left\|\sum_{j=0}^{K-1} \nabla "
                r"f_{m}\left(x_{n;j}^{(m)}, \xi_{j}^{(m)}\right)\right\|_{2}^{2} \\ - \gamma_{n} \sum_{k=0}^{K-1} "
                r"\mathbb{E}\left\langle\nabla F\left(\bar{x}_{n;k}\right), \frac{1}{M} \sum_{m=1}^{M} \nabla "
                r"F_{m}\left(x_{n;k}^{(m)}\right)\right\rangle \\ \xrightarrow{T_{2}} \\ + \underbrace{\frac{L\gamma_{n}^{2}}{2M^{2}}} "
                r"\sum_{k=0}^{K-1} \mathbb{E}\left\|\sum_{m=1}^{M} \nabla f_{m}\left(x_{n;k}^{(m)}, \xi_{k}^{(m)}\right)\right\|_{2}^{2} "
                r"\\ \xrightarrow{T_{3}}"
            ),
        ),
        unparsed=TWICE,
        damaged="C_1 L gamma_n^2 / M stands as an underbrace",
        readings=printed(DESCENT_ON_RING, RING, follows=Using(SMOOTH_ON_RING, (Cite("qprsgd/eq-10/noise"),)), **ring()),
        improvement=Reading(
            "improved: by the improved Lemma 1",
            DESCENT_SHARP,
            RING,
            follows=Using(SMOOTH_ON_RING, (Cite("qprsgd/eq-10/noise", improved=True),)),
            **ring(),
        ),
    ),
    Claim(
        "qprsgd/eq-15",
        "step",
        "Appendix C, (15)",
        "The same as (10), with F(x_bar_{n;k}) printed for F(x_bar_{n;K}) at the end of the local steps.",
        latex=(
            (
                r"\stackrel{(b)}{=} \frac{C_{1}L\gamma_{n}^{2}}{M}\sum_{m=1}^{M}\mathbb{E}\left\|\sum_{j=0}^{K-1}\nabla "
                r"f_{m}(x_{n;j}^{(m)}, \xi_{j}^{(m)})\right\|_{2}^{2} \\ - \gamma_{n}\sum_{k=0}^{K-1}\mathbb{E}\left\|\nabla "
                r"F\left(\bar{x}_{n;k}, \frac{1}{M}\sum_{m=1}^{M}\nabla F_{m}\left(x_{n;k}^{(m)}\right)\right)\right\|_{2}^{2} \\ + "
                r"\frac{L\gamma_{n}^{2}}{2M^{2}}\sum_{k=0}^{K-1}\mathbb{E}\left\|\sum_{m=1}^{M}\nabla f_{m}\left(x_{n;k}^{(m)}, "
                r"\xi_{k}^{(m)}\right)\right\|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        restates="qprsgd/eq-10",
        misprint="= for <= at (b) (eq-15/noise), a norm for an inner product, and x_bar_{n;k} for x_bar_{n;K}",
        readings=printed(DESCENT_ON_RING, RING, follows=Cite("qprsgd/eq-10"), **ring()),
    ),
    Claim(
        "qprsgd/appendix-c/round",
        "step",
        "Appendix C, after T_3",
        "One round of Algorithm 1, T_1, T_2, T_3 and Lemma 6 put together.",
        latex=(
            (
                r"\leq -\frac{\gamma_n \varepsilon}{2} \sum_{k=0}^{K-1} \|\nabla F(\bar{x}_{n;k})\|_2^2 + C_1 L \gamma_n^2 K \sigma^2 + "
                r"2L K^2 \gamma_n^2 C_1 \kappa^2 \\ &+ \frac{L \gamma_n^2 K \sigma^2}{2M} + \left(2K L^3 \gamma_n^2 C_1 + \frac{L^2 "
                r"\gamma_n}{2}\right) \left(\frac{(K-1)K \gamma_n^2 \sigma^2 (M+1)}{2M\delta} \\ &+ \frac{2(K-1)K^2 \gamma_n^2 "
                r"\kappa^2}{\delta}\right)"
            ),
        ),
        unparsed=TWICE,
        readings=printed(ROUND, (*RING, *CONDITIONS), follows=ROUND_DERIVED, **ring()),
        improvement=Reading(
            "improved: by the improved Lemma 1, 7/5 of its constant for C_1",
            ROUND_SHARP,
            (*RING, *SHARP_CONDITIONS),
            follows=InLetters(
                printed_round(ANY, ROUND_LETTER, Cite("qprsgd/eq-10/noise", improved=True), SMOOTH_ROUND, ROUND.lhs),
                {chain_constant: ANY.chain * ROUND_LETTER},
                {ROUND_LETTER: ROUND_C},
            ),
            **ring(),
        ),
    ),
    Claim(
        "qprsgd/appendix-c/sum-of-steps",
        "step",
        "Appendix C.1",
        "Sum over t < K of the t earlier terms times t: the first term stands with K (K - 1) / 2, later ones "
        "with at most (K + 1)(K - 2) / 2.",
        latex=(r"\gamma_{n}^{2} L^{2} \frac{(K+1)(K-2)}{2} \sum_{t=0}^{K-1}",),
        unparsed=TWICE,
        readings=printed(
            at_most((K - 1 + i + 1) * (K - 1 - i) / 2, (K + 1) * (K - 2) / 2),
            (Hypothesis("later_step", "1 <= j <= K - 1", sp.And(i >= 1, i <= K - 1)),),
        ),
    ),
    Claim(
        "qprsgd/appendix-c/denominator",
        "step",
        "Appendix C.1, last display",
        "Lemma 6 for one worker; L^2 is printed twice in the denominators.",
        latex=(
            (
                r"\leq \frac{(K-1)K\gamma_{n}^{2}\sigma^{2}(M+1)}{2M[1-2(K+1)(K-2)L^{2}\gamma_{n}^{2}L^{2}]} \\ &+ "
                r"\frac{\gamma_{n}^{2}(K-1)K}{1-2(K+1)(K-2)L^{2}\gamma_{n}^{2}L^{2}} \sum_{t=0}^{K-1} \mathbb{E} "
                r"\|\frac{1}{M}\sum_{m=1}^{M} \nabla F_{m}(x_{n;t}^{(m)})\|_{2}^{2}"
            ),
            r"\frac{2(K-1)K\gamma_n^2}{1-2(K+1)(K-2)L^2\gamma_n^2L^2}\sum_{t=0}^{K-1} \mathbb{E}\|\nabla F_m(\bar{x}_{n;t})\|_2^2",
        ),
        unparsed="one side of a display; read twice",
        misprint="L^2 gamma_n^2 L^2 for L^2 gamma_n^2",
        readings=printed(equals(1 - 2 * (K + 1) * (K - 2) * L**2 * eta**2 * L**2, DRIFT_ROOM)),
        correction=Reading(
            "corrected: L^2 once, as 4 L^2 gamma^2 times the sum of the t from 2 to K - 1 has it, the display before",
            equals(1 - 4 * L**2 * eta**2 * sp.Sum(t, (t, 2, K - 1)).doit(), DRIFT_ROOM),
        ),
    ),
)
