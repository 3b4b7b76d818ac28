r"""QPRSGD, section IV.B, Appendices D to F: gossip, Theorem 2 and what is concluded from it.

Summed over all rounds the noise of the quantisers is bounded by the gradients; round by round it is not, since iterates that differ are
quantised too. Theorem 2 loses the variance of the mean gradient, L eta sigma^2 / M, on the way: with it goes every rate better than
1 / sqrt(N K M), which no method can have.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp

from theory import hypotheses as given
from theory.asymptotics import Largest, Rate
from theory.claim import Claim, Hypothesis, Reading, Relation, at_least, at_most, equals
from theory.qprsgd.printed_round import MEAN_PROGRESS
from theory.qprsgd.steps import (
    ALONG_STEPS,
    CONSENSUS,
    CONSENSUS_BY_VARIANCE,
    CONSENSUS_LENGTH,
    CONSENSUS_SOLVED,
    DEVIATION_BY_VARIANCE,
    DEVIATION_IN_THREE,
    FEWER_IN_FOUR,
    GOSSIP_ROUND,
    MEAN_BY_ROOTS,
    MEAN_FOLLOWS,
    MEAN_NOISE,
    MOVED_BY_W,
    NOISE_APART,
    NOISES_ADD,
    ONCE_MORE_BY_W,
    PROGRESS,
    SHORT_IN_FOUR,
    SQUARES,
    SUM_OF_SQUARES,
    SUMS,
    WITHIN,
    consensus_fed,
    drift_by_roots,
    drift_fed,
    gradients_apart,
    itself,
    quantised,
    stochastic,
)
from theory.qprsgd.terms import (
    ARENA,
    BEST_KNOWN,
    BY_DRIFT,
    BY_FEEDBACK,
    BY_SHARP_DRIFT,
    BY_SHARP_FEEDBACK,
    CONSENSUS_FACTOR,
    CONSENSUS_ROOT,
    COST,
    DESCENT,
    DEVIATION,
    DRIFT,
    DRIFTED,
    FACTOR_1,
    FACTOR_2,
    FACTOR_3,
    FACTOR_4,
    FACTORS,
    FEEDBACK,
    FINE,
    FINE_ENOUGH_GOSSIP,
    FINE_GOSSIP,
    GOSSIP,
    LATER,
    LATER_ROOT,
    MIXED,
    MIXING,
    NOISE,
    NOISE_SHARE,
    OF_NOISE,
    PRICE,
    PRINTED,
    SHARP,
    SHARP_DESCENT,
    SHARP_DEVIATION,
    SHARP_DRIFT,
    SHARP_FACTOR_1,
    SHARP_FACTOR_4,
    SHARP_FACTORS,
    SHARP_NOISE,
    SHARP_SIGNS,
    SHARP_SMALL_STEP,
    SHARP_STEPS,
    SHORT_FACTOR,
    SIGNS,
    STEP,
    TWICE,
    Constants,
    K,
    M,
    N,
    feedback,
    gossip,
    printed,
    sharp_descent,
    sharp_feedback,
    sharp_step,
    step,
    total,
)
from theory.rules import (
    Abbreviated,
    Certified,
    Cite,
    Combined,
    Decided,
    Expected,
    Granted,
    InLetters,
    Isolated,
    Joined,
    Minkowski,
    Rule,
    Solved,
    Telescoped,
    Using,
    Weakened,
    scaled,
)
from theory.samples import sums_of_steps
from theory.scenes import u, u_i, v
from theory.symbols import (
    L,
    average_gradient_sq,
    average_mean_gradient_sq,
    average_start_mean_gradient_sq,
    consensus_sq,
    d,
    difference_sq,
    discounted_sq_sum,
    discounted_sum,
    error_sq,
    eta,
    f_star,
    gradients_apart_sq,
    growth,
    i,
    initial_gap,
    later_columns_sq,
    local_gradients_sq,
    matrix_sq,
    mean_exact_progress_sq,
    mean_noise_progress_sq,
    mean_progress_sq,
    mean_quantisation_noise_sq,
    mixed_deviation_sq,
    mixing_move_sq,
    moved_sq,
    n,
    noise_apart_sq,
    quantisation_noise_sq,
    rho,
    round_deviation_sq,
    round_drift_sq,
    round_local_gradient_sq,
    round_mean_gradient_sq,
    round_progress_sq,
    round_stochastic_sq,
    s,
    sequence_sq_sum,
    sequence_sum,
    sigma,
    spread,
    start_gradient_sq,
    start_loss,
    stochastic_sq,
    t,
    weighted_apart_sq,
    weighted_deviation_sq,
    x_sq,
    zeta,
)
from theory.vectors import average_norm_sq, norm_sq

STOCHASTIC = total(round_stochastic_sq)
STEPS = (given.gossip_drift_condition, given.gossip_feedback_condition)
THEOREM_STEPS = (*STEPS, given.gossip_descent_condition)
EXACT = {"quantise": "exactly"}


def matrix(**more: str) -> dict[str, Any]:
    """Attacked on any X, W and sequences."""
    return {"arena": ARENA, "setting": {"of": "matrix", **more}}


# Lemma 2
LEMMA_2 = at_most(total(quantisation_noise_sq), eta**2 * K * NOISE * STOCHASTIC)
PER_ROUND = at_most(quantisation_noise_sq, eta**2 * K * NOISE * round_stochastic_sq)
ACCUMULATED = at_most(
    (1 - d * spread**2 / (s**2 * (1 - rho) ** 2)) * total(quantisation_noise_sq),
    (d / (2 * s**2) + d * spread**2 / (s**2 * (1 - rho) ** 2)) * eta**2 * total(round_progress_sq),
)
NOISE_BY_DIFFERENCE = Cite("qprsgd/appendix-d/noise")

# Lemma 3
VARIANCES = N * K * M * sigma**2 + 4 * zeta**2 * M * N * K + 4 * N * L**2 * sigma**2 * eta**2 * K * (K - 1)
SHARP_SPREAD = eta**2 * K * (K - 1) * N * ((M - 1) * sigma**2 + sp.Rational(2, 3) * M * (2 * K - 1) * zeta**2)  # over the denominator
SPREAD = 2 * eta**2 * M * K * (K - 1) * (sigma**2 + zeta**2 * (2 * K - 1)) * N / DRIFT
EQ_17 = at_most(
    STOCHASTIC,
    VARIANCES
    + 4 * L**2 * M * total(round_deviation_sq)
    + 4 * M * L**2 * eta**2 * K * (K - 1) * total(round_mean_gradient_sq)
    + 4 * K * M * total(start_gradient_sq),
)
EQ_17_PRINTED = at_most(
    STOCHASTIC,
    VARIANCES
    + 4 * L**2 * M * total(round_deviation_sq)
    + 4 * M * L**2 * eta**2 * K * (K - 1) * total(round_mean_gradient_sq)
    + 4 * K * total(start_gradient_sq),
)


def lemma_3(copies: sp.Expr) -> sp.Expr:
    """The right side, with `copies` for the factor of the gradients at the starts of rounds."""
    return (
        (M * N * K * (sigma**2 + 4 * zeta**2) + 4 * N * L**2 * sigma**2 * eta**2 * K * (K - 1)) / FEEDBACK
        + 8 * M * N * K * (K - 1) * L**2 * eta**2 * (sigma**2 + zeta**2 * (2 * K - 1)) / (FEEDBACK * DRIFT)
        + 4 * M * K * (K - 1) * L**2 * eta**2 / FEEDBACK * total(round_mean_gradient_sq)
        + 4 * K * copies / FEEDBACK * total(start_gradient_sq)
    )


SHARP_EQ_17 = at_most(
    STOCHASTIC,
    N * K * M * (sigma**2 + 2 * zeta**2)
    + 3 * L**2 * M * total(round_deviation_sq)
    + 3 * L**2 * eta**2 * K * (K - 1) * (N * sigma**2 + M * total(round_mean_gradient_sq))
    + 3 * K * M * total(start_gradient_sq),
)
SHARP_UNDIVIDED = (
    N * K * M * (sigma**2 + 2 * zeta**2)
    + 3 * L**2 * SHARP_SPREAD / SHARP_DRIFT
    + 3 * L**2 * eta**2 * K * (K - 1) * (N * sigma**2 + M * total(round_mean_gradient_sq))
    + 3 * K * M * total(start_gradient_sq)
)


VARIANCE_IN_ROUND = stochastic(round_stochastic_sq, round_local_gradient_sq, K)
CROWD = sp.Integer(8)
STRAIGHT = {
    total(round_mean_gradient_sq): 1,
    total(start_gradient_sq): 1,
    total(round_deviation_sq): 0,
    M: CROWD,
    N: 1,
    K: 1,
    sigma: 0,
    zeta: 0,
    L: 1,
    eta: sp.Rational(1, 1000),
    d: 1,
    s: 2,
    rho: 0,
    spread: 1,
}
"""Gradients of the linear F_m(x) = x, once each."""
LEMMA_3_CORRECTED = at_most(STOCHASTIC, lemma_3(M))
LEMMA_3_SHARP = at_most(STOCHASTIC, SHARP_UNDIVIDED / SHARP.feedback)
T_4 = at_most(M * total(round_deviation_sq), DEVIATION * total(consensus_sq) + SPREAD)


def apart_in_round(in_three: Rule, noises_by: sp.Expr, away_sq: sp.Expr = weighted_deviation_sq) -> Rule:
    """T_4 of one round, from a bound by the deviations at its start, noise and gradients; `noises_by` says how many noises count.

    The gradients of the workers are compared with those at one point, how far from which iterates are `away_sq` says.
    """
    parts = (
        Weakened(NOISE_APART, at_most(noise_apart_sq, K * (K - 1) / 2 * sigma**2 * noises_by)),
        sums_of_steps(at_most(gradients_apart_sq, weighted_apart_sq), by="Cauchy-Schwarz over the steps j < k"),
    )
    return Using(Using(in_three, parts), (gradients_apart(weighted_apart_sq, away_sq, SUM_OF_SQUARES),))


def deviation_in_round(in_three: Rule, noises_by: sp.Expr) -> Rule:
    """The same by the deviations at the start of the round and in it."""
    counted = Granted(
        at_most(weighted_deviation_sq, consensus_sq / M + (K + 1) * (K - 2) / 2 * round_deviation_sq),
        by="step j counts j + 1 + ... + (K - 1) times, which appendix-c/sum-of-steps bounds from j = 1 on; at j = 0 one more",
    )
    return Using(apart_in_round(in_three, noises_by), (counted,))


DEVIATION_IN_ROUND = deviation_in_round(DEVIATION_IN_THREE, sp.S.One)
SHARP_T_4 = at_most(M * total(round_deviation_sq), SHARP_DEVIATION * total(consensus_sq) + SHARP_SPREAD / SHARP_DRIFT)
OWN_DRIFT = 1 - 4 * eta**2 * L**2 * (K + 1) * (K - 2)  # what the proof needs, where 12 stands for 4
LEMMA_7 = at_most(
    K * total(consensus_sq),
    2 * K / (1 - rho**2) * total(quantisation_noise_sq) + 2 * K**2 * eta**2 / (1 - rho) ** 2 * STOCHASTIC,
)
SHARP_LEMMA_7 = at_most(K * total(consensus_sq), K * CONSENSUS_LENGTH**2)
LEMMA_10 = at_most(
    total(round_drift_sq),
    4 * K / (1 - rho**2) * total(quantisation_noise_sq) + (4 * K**2 * eta**2 / (1 - rho) ** 2 + eta**2 * K * (K - 1)) * STOCHASTIC,
)
LEMMA_11 = at_most(mean_progress_sq, 2 * K * sigma**2 / M + 2 * K * round_mean_gradient_sq)
SHARP_LEMMA_11 = at_most(
    mean_progress_sq,
    sp.Min(
        (sigma * sp.sqrt(K / M) + sp.sqrt(K) * sp.sqrt(round_mean_gradient_sq)) ** 2,
        K * sigma**2 / M * (1 + L * eta * (K - 1) / 2) + K * round_mean_gradient_sq + L * eta * K * (K - 1) / (2 * M) * round_stochastic_sq,
    ),
)
YOUNG = Certified(at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v)))
IN_TWO = Expected(
    YOUNG, {norm_sq(u + v): mean_progress_sq, norm_sq(u): mean_noise_progress_sq, norm_sq(v): mean_exact_progress_sq}
)  # noise and gradients
ALL_CONSENSUS = Isolated(scaled(Cite("qprsgd/lemma-7"), 1 / K), total(consensus_sq))

DRIFT_BY_ROOTS = drift_by_roots(Cite("qprsgd/lemma-7", improved=True))
SHARP_LEMMA_10 = at_most(total(round_drift_sq), sp.Add(*DRIFT_BY_ROOTS.roots) ** 2)

# Lemma 2 by what each eigenvector of W makes of noise and of progress together, Young's price of what progress knows of noise at its best
PART = sp.Symbol("part", real=True)
SHARP_ACCUMULATED = at_most(
    (1 - NOISE_SHARE) ** 2 * total(quantisation_noise_sq), d / (s**2 * (2 - spread) ** 2) * eta**2 * total(round_progress_sq)
)
_share = d / (4 * s**2)
ACCUMULATED_BY_EIGENVECTORS = scaled(
    Isolated(
        InLetters(
            Combined((NOISE_BY_DIFFERENCE, quantised(PART)), (1 - PART, _share)), {}, {PART: (1 - NOISE_SHARE) / 2}, (PART > 0, PART < 1)
        ),
        (1 - NOISE_SHARE) / 2 * total(quantisation_noise_sq),
    ),
    2 * (1 - NOISE_SHARE),
)
SHARP_LEMMA_2 = at_most(total(quantisation_noise_sq), SHARP_NOISE * eta**2 * K * STOCHASTIC)


def quantised_by_roots(mixing: Rule, root: sp.Expr) -> Rule:
    """All noise by roots that add up, that of what W moves bounded by a rule."""
    progress = eta**2 * total(round_progress_sq)
    parts = Minkowski(
        (u, -eta * v),
        (mixing, itself(progress)),
        (root, eta * sp.sqrt(total(round_progress_sq))),
        {norm_sq(u - eta * v): total(difference_sq), norm_sq(u): total(mixing_move_sq), norm_sq(v): total(round_progress_sq)},
    )
    return Using(NOISE_BY_DIFFERENCE, (parts,))


def t_4_plugged() -> Rule:
    """(17) with T_4, by Lemma 2."""
    by_start = Using(Cite("qprsgd/eq-17"), (scaled(Isolated(Cite("qprsgd/appendix-e/t-4"), M * total(round_deviation_sq)), 1 / M),))
    return Using(Using(by_start, (ALL_CONSENSUS,)), (Cite("qprsgd/lemma-2/summed"),))


CONSENSUS_FED = consensus_fed(Cite("qprsgd/lemma-2/summed", improved=True))
SHARP_T_4_ASSEMBLED = at_most(
    M * total(round_deviation_sq), SHARP_DEVIATION * CONSENSUS_ROOT**2 * eta**2 * K * STOCHASTIC + SHARP_SPREAD / SHARP_DRIFT
)
T_4_BY_ROOTS = Abbreviated(
    Using(Cite("qprsgd/appendix-e/t-4", improved=True), (CONSENSUS_FED,)), SHARP_T_4_ASSEMBLED, SHARP_FACTORS, SHARP_SIGNS
)
SHARP_T_4_PLUGGED = Isolated(
    Using(
        Cite("qprsgd/eq-17", improved=True),
        (scaled(Isolated(Cite("qprsgd/appendix-e/t-4-assembled", improved=True), M * total(round_deviation_sq)), 1 / M),),
    ),
    sharp_feedback(SHARP_FACTOR_1, CONSENSUS_FACTOR) * STOCHASTIC,
)


def lemma_3_derived(
    undivided: Rule, denominator: sp.Expr, to: Relation, letters: Mapping[sp.Symbol, sp.Expr], signs: tuple[Any, ...]
) -> Rule:
    """Lemma 3 from that, its factors as letters."""
    return Abbreviated(scaled(Isolated(undivided, denominator * STOCHASTIC), 1 / denominator), to, letters, signs)


# Theorem 2
EQ_13 = at_most(
    start_loss.subs(t, t + 1) - start_loss,
    -eta * K / 2 * start_gradient_sq
    - eta / 2 * round_mean_gradient_sq
    + L**2 * eta / (2 * M) * round_drift_sq
    + L / (2 * M**2) * quantisation_noise_sq
    + L * eta**2 / 2 * mean_progress_sq,
)
EQ_12 = at_most(
    (1 - 4 * PRICE / M) * average_gradient_sq + DESCENT / K * average_start_mean_gradient_sq,
    8 * (K - 1) * L**2 * eta**2 * PRICE / DRIFT * (sigma**2 + 2 * (2 * K - 1) * zeta**2)
    + PRICE * (sigma**2 + 4 * zeta**2 + 4 * L**2 * eta**2 * (K - 1) / M)
    + 2 * initial_gap / (eta * K * N),
)


def eq_12(by: Constants) -> Relation:
    """(12), corrected."""
    return at_most(
        (1 - 4 * by.price) * average_gradient_sq + by.descent * average_mean_gradient_sq,
        8 * (K - 1) * L**2 * eta**2 * by.price / DRIFT * (sigma**2 + (2 * K - 1) * zeta**2)
        + by.price * (sigma**2 + 4 * zeta**2 + 4 * L**2 * sigma**2 * eta**2 * (K - 1) / M)
        + 2 * L * eta * sigma**2 / M
        + 2 * initial_gap / (eta * K * N),
    )


EQ_12_CORRECTED = eq_12(PRINTED)
EQ_12_SHARP = at_most(
    (1 - 3 * SHARP.price) * average_gradient_sq + SHARP.descent * average_mean_gradient_sq,
    SHARP.price
    * (
        sigma**2
        + 2 * zeta**2
        + 3 * L**2 * sigma**2 * eta**2 * (K - 1) / M
        + 3 * L**2 * eta**2 * (K - 1) * ((M - 1) / M * sigma**2 + sp.Rational(2, 3) * (2 * K - 1) * zeta**2) / SHARP_DRIFT
    )
    + L * eta * sigma**2 / M * (1 + L * eta * (K - 1) / 2)
    + 2 * initial_gap / (eta * K * N),
)

ALL_ROUNDS = at_most(
    eta * K / 2 * total(start_gradient_sq) + (eta / 2 - eta**2 * L * K) * total(round_mean_gradient_sq),
    initial_gap
    + (2 * eta * L**2 * K / (M * (1 - rho**2)) + L / (2 * M**2)) * total(quantisation_noise_sq)
    + eta * L**2 / (2 * M) * (4 * K**2 * eta**2 / (1 - rho) ** 2 + eta**2 * K * (K - 1)) * STOCHASTIC
    + L * eta**2 * K * sigma**2 * N / M,
)
STARTED = Granted(equals(start_loss.subs(t, 0), initial_gap + f_star), by="F(x_1) - F* is the initial gap")
SUMMED_ROUNDS = Using(
    Telescoped(
        Isolated(Cite("qprsgd/eq-13"), eta * K / 2 * start_gradient_sq + eta / 2 * round_mean_gradient_sq),
        t,
        N,
        {start_loss.subs(t, N): f_star},
    ),
    (STARTED,),
)
ROUNDS_ADDED = Isolated(
    Using(SUMMED_ROUNDS, (Telescoped(Cite("qprsgd/lemma-11"), t, N), Cite("qprsgd/lemma-10"))),
    ALL_ROUNDS.lhs,
)
SHARP_ROUNDS_ADDED = Using(
    SUMMED_ROUNDS,
    (
        drift_fed(Cite("qprsgd/lemma-2/summed", improved=True)),
        Telescoped(MEAN_PROGRESS, t, N),
        Cite("qprsgd/lemma-2/summed", improved=True),
    ),
)
WITH_FEEDBACK = FACTORS | {BY_FEEDBACK: 1 / feedback(MIXED)}
SHARP_WITH_FEEDBACK = SHARP_FACTORS | {LATER: LATER_ROOT, BY_SHARP_FEEDBACK: 1 / sharp_feedback(SHARP_FACTOR_1, CONSENSUS_FACTOR)}
SHARP_PRICE_IN_LETTERS = 2 * K * L * eta * sharp_step(OF_NOISE**2, (K * CONSENSUS_FACTOR + LATER) ** 2) * BY_SHARP_FEEDBACK
PRICE_IN_LETTERS = 2 * K * L * eta * step(MIXED) * BY_FEEDBACK


def descent(price: sp.Expr) -> sp.Expr:
    """D_6', given D_5'."""
    return 1 - 4 * K * (K - 1) * L**2 * eta**2 * price - 2 * eta * K * L


SHARE_IN_LETTERS, DESCENT_IN_LETTERS = 1 - 4 * PRICE_IN_LETTERS, descent(PRICE_IN_LETTERS)


def theorem_2(summed: Rule, share: sp.Expr, of_means: sp.Expr, to: Relation, letters: Mapping[sp.Symbol, sp.Expr], signs: Any) -> Rule:
    """(12) from all rounds, their gradients bounded; `share` and `of_means` stand before the means of squared gradients."""
    return Abbreviated(
        Isolated(
            Combined(
                (
                    Isolated(
                        scaled(summed, 2 / (eta * K * N)),
                        share * total(start_gradient_sq) / N + of_means * total(round_mean_gradient_sq) / (N * K),
                    ),
                    Granted(equals(average_gradient_sq, total(start_gradient_sq) / N), by="what the mean over rounds is"),
                    Granted(
                        equals(average_mean_gradient_sq, total(round_mean_gradient_sq) / (N * K)),
                        by="what the mean over local iterations is",
                    ),
                ),
                (1, share, of_means),
            ),
            share * average_gradient_sq + of_means * average_mean_gradient_sq,
        ),
        to,
        letters,
        signs,
    )


FED_BACK = (*SIGNS, BY_FEEDBACK > 0)
SHARP_FED_BACK = (*SHARP_SIGNS, LATER >= 0, sp.Eq(LATER**2, K * (K - 1) / 2), BY_SHARP_FEEDBACK > 0)
PRICED = Abbreviated(Decided(at_most(0, PRICE_IN_LETTERS)), at_least(PRICE, 0), WITH_FEEDBACK, FED_BACK)
LEFT_OVER = Abbreviated(Decided(at_most(DESCENT_IN_LETTERS, 1)), at_most(DESCENT, 1), WITH_FEEDBACK, FED_BACK)

# Corollary 2.1 and the rates
D_2 = sp.Symbol("noise_factor", real=True, positive=True)  # D_2', which falls to 0 as s grows
D_3 = sp.Symbol("mixing_factor", real=True, positive=True)  # D_3'
ENOUGH = Hypothesis(
    "enough_rounds_in_letters",
    "the first of the two bounds on N",
    L**2 * M / sigma**2 * K**2 * M**2 * (4 * D_3 + 1) ** 2 / D_2**2 <= N,
)
LOCAL = Hypothesis(
    "few_local_steps_in_letters",
    "K <= sqrt((F(x_1) - F*) sigma^2 / (L D_2' (sigma^2 + 4 kappa^2)))",
    K**2 * L * D_2 * (sigma**2 + 4 * zeta**2) <= initial_gap * sigma**2,
)
PRICE_SMALL = given.small_gossip_step
_rest = sp.Symbol("rest_of_denominator", real=True, nonnegative=True)
_rest_of_14 = sigma * sp.sqrt(N / M) + 3 * K * L * sp.cbrt(D_2) + 16 * K * L * D_3
AT_MOST_THE_LAST = InLetters(
    Weakened(Granted(equals(eta, 1 / (_rest + 6 * K * L)), by="(14), D_2' and D_3' as letters"), at_most(eta, 1 / (6 * K * L))),
    {},
    {_rest: _rest_of_14},
)
COROLLARY_CORRECTED = at_most(
    average_gradient_sq,
    12 * K * L * eta * STEP * (sigma**2 + 4 * zeta**2) + 6 * L * eta * sigma**2 / M + 6 * initial_gap / (eta * K * N),
)
COROLLARY_SHARP = at_most(
    average_gradient_sq,
    K * L * eta * SHARP.step * (sp.Rational(43, 10) * sigma**2 + 5 * zeta**2)
    + sp.Rational(7, 10) * L * eta * sigma**2 / M
    + sp.Rational(4, 3) * initial_gap / (eta * K * N),
)
IN_SHORT = FACTORS | {FACTOR_3: MIXED, BY_FEEDBACK: 1 / feedback(FACTOR_3), FACTOR_4: step(FACTOR_3)}
SMALL = (
    sp.Rational(3, 2) >= BY_DRIFT,
    FACTOR_1 * L * eta <= sp.Rational(2, 3),
    FACTOR_3 >= FACTOR_2,
    FACTOR_3 >= 0,
    feedback(FACTOR_3) >= sp.Rational(2, 3),
    BY_FEEDBACK > 0,
    sp.Rational(3, 2) >= BY_FEEDBACK,
    FACTOR_4 >= 0,
    K * L * eta * FACTOR_4 <= sp.Rational(5, 96),
)
"""What the step of (14) makes of the factors: so D_5' <= 5/32."""
SMALL_PRICE = 2 * K * L * eta * FACTOR_4 * BY_FEEDBACK


def spare(what: sp.Expr) -> Rule:
    """0 <= what, to be taken as often as there is room for it."""
    return Granted(at_most(0, what), by="squares, and what they bound, are nonnegative")


def corollary_from_12(to: Relation, letters: Mapping[sp.Symbol, sp.Expr]) -> Rule:
    """Corollary 2.1 for small steps, from (12)."""
    return Abbreviated(
        scaled(
            Isolated(
                Combined(
                    (
                        Cite("qprsgd/theorem-2/eq-12"),
                        spare(average_mean_gradient_sq),
                        spare(average_gradient_sq),
                        spare(SMALL_PRICE * sigma**2),
                        spare(SMALL_PRICE * zeta**2),
                        spare(2 * K * L * eta * FACTOR_4 * (sigma**2 + 4 * zeta**2)),
                    ),
                    (
                        1,
                        descent(SMALL_PRICE),
                        sp.Rational(5, 8) - 4 * SMALL_PRICE,
                        sp.Rational(1, 6) - 8 * (K - 1) * L**2 * eta**2 * BY_DRIFT - 4 * L**2 * eta**2 * (K - 1) / M,
                        sp.Rational(2, 3) - 8 * (K - 1) * (2 * K - 1) * L**2 * eta**2 * BY_DRIFT,
                        sp.Rational(7, 6) * (sp.Rational(3, 2) - BY_FEEDBACK),
                    ),
                ),
                sp.Rational(3, 8) * average_gradient_sq,
            ),
            sp.Rational(8, 3),
        ),
        to,
        letters,
        (*SIGNS, *SMALL),
    )


SHORT_FEEDBACK = 1 - 10 * L**2 * eta**2 * K * SHARP_FACTOR_1 * FACTOR_3
_followed = sp.Rational(9, 10)  # of the mean gradients, counted as gradients at the start of their round
_drifts = 1 + 2 * _followed  # how often drift counts for that
SHARP_IN_SHORT = SHARP_FACTORS | {
    LATER: LATER_ROOT,
    FACTOR_3: CONSENSUS_FACTOR**2,
    DRIFTED: (K * CONSENSUS_FACTOR + LATER) ** 2,
    SHARP_FACTOR_4: sharp_step(OF_NOISE**2, DRIFTED),
    SHORT_FACTOR: sharp_step(OF_NOISE**2, _drifts * DRIFTED),
    COST: 2 * K * L * eta * SHORT_FACTOR / SHORT_FEEDBACK,
}
SHARP_SMALL = (
    *SHARP_SIGNS,
    LATER >= 0,
    sp.Eq(LATER**2, K * (K - 1) / 2),
    OF_NOISE**2 + 1 + 2 * rho * CONSENSUS_FACTOR <= FACTOR_3,
    sp.And(FACTOR_3 >= OF_NOISE**2 + 1, rho * CONSENSUS_FACTOR >= 0),
    sp.And(FACTOR_3 >= 1, OF_NOISE**2 >= 0),
    sp.Rational(98, 97) >= BY_SHARP_DRIFT,
    sp.Rational(196, 97) * K >= SHARP_FACTOR_1,
    sp.Rational(8, 9) <= SHORT_FEEDBACK,
    sp.Eq(FACTOR_3, CONSENSUS_FACTOR**2),
    sp.Eq(DRIFTED, (K * CONSENSUS_FACTOR + LATER) ** 2),
    DRIFTED >= 0,
    2 * K**2 * FACTOR_3 + K * (K - 1) >= DRIFTED,
    SHARP_FACTOR_4 >= 0,
    sp.Eq(SHORT_FACTOR, sharp_step(OF_NOISE**2, _drifts * DRIFTED)),
    SHORT_FACTOR >= 0,
    _drifts * SHARP_FACTOR_4 >= sharp_step(OF_NOISE**2, _drifts * DRIFTED),
    sp.And(_drifts * SHARP_FACTOR_4 >= SHORT_FACTOR, DRIFTED + OF_NOISE**2 + L * eta * K / M >= 0),  # by what is said of all these letters
    _drifts * eta * L * K * FACTOR_3 + (_drifts / 2 + sp.Rational(1, 4)) * eta * L * (K - 1) + (FACTOR_3 - 1) / (2 * M) >= SHORT_FACTOR,
    sp.And(FACTOR_3 + M >= 0, K * L * eta * SHORT_FACTOR <= sp.Rational(1, 32)),  # again
    sp.Eq(COST * SHORT_FEEDBACK, 2 * K * L * eta * SHORT_FACTOR),
    COST >= 0,
    sp.Rational(9, 4) * K * L * eta * SHORT_FACTOR >= COST,
    sp.Rational(9, 128) >= COST,
)
"""The same of the factors of the improvements."""
SHORT_UNDIVIDED = Isolated(
    Using(
        Telescoped(Using(Using(VARIANCE_IN_ROUND, (SHORT_IN_FOUR,)), (Cite("qprsgd/appendix-e/way-of-mean"),)), t, N),
        (scaled(Isolated(Cite("qprsgd/appendix-e/t-4-assembled", improved=True), M * total(round_deviation_sq)), 1 / M),),
    ),
    SHORT_FEEDBACK * STOCHASTIC,
)
SHORT_ROUNDS = Using(
    Combined((SUMMED_ROUNDS, Telescoped(MEAN_FOLLOWS, t, N)), (1, _followed * eta / 3)),
    (
        Weakened(drift_fed(Cite("qprsgd/lemma-2/summed", improved=True)), at_most(total(round_drift_sq), eta**2 * DRIFTED * STOCHASTIC)),
        Telescoped(MEAN_PROGRESS, t, N),
        Cite("qprsgd/lemma-2/summed", improved=True),
    ),
)
_kept = sp.Rational(3, 2)
_all_starts = 1 + 2 * _followed / 3 - sp.Rational(6, 5) * COST
_all_means = 1 - _followed - L * eta * K - 15 * L**2 * eta**2 * K * (K - 1) * COST
_on_noise, _on_zeta = sp.Rational(1, 50), sp.Rational(7, 100)  # of the variances, for how far iterates stray
COROLLARY_BY_MEANS = Abbreviated(
    scaled(
        Isolated(
            Combined(
                (
                    scaled(SHORT_ROUNDS, 2 / (eta * K * N)),
                    Granted(equals(SHORT_FACTOR, sharp_step(OF_NOISE**2, _drifts * DRIFTED)), by="what the letter is"),
                    Granted(equals(COST * SHORT_FEEDBACK, 2 * K * L * eta * SHORT_FACTOR), by="what the letter is"),
                    SHORT_UNDIVIDED,
                    Granted(equals(average_gradient_sq, total(start_gradient_sq) / N), by="what the mean over rounds is"),
                    Granted(
                        equals(average_mean_gradient_sq, total(round_mean_gradient_sq) / (N * K)),
                        by="what the mean over local iterations is",
                    ),
                    spare(average_mean_gradient_sq),
                    spare(average_gradient_sq),
                    spare(COST * sigma**2),
                    spare(COST * zeta**2),
                    spare(sigma**2),
                    spare(zeta**2),
                    spare(L * eta * sigma**2 / M),
                ),
                (
                    1,
                    -2 * L * eta / (M * N) * STOCHASTIC,
                    -STOCHASTIC / (K * M * N),
                    COST / (K * M * N),
                    _all_starts,
                    _all_means,
                    _all_means,
                    _all_starts - _kept,
                    _on_noise - L**2 * eta**2 * (K - 1) * (10 * (M - 1) / M * BY_SHARP_DRIFT + 15 / M),
                    _on_zeta - sp.Rational(20, 3) * L**2 * eta**2 * (K - 1) * (2 * K - 1) * BY_SHARP_DRIFT,
                    sp.Rational(43, 10) * _kept * K * L * eta * SHARP_FACTOR_4 - (1 + _on_noise) * COST,
                    5 * _kept * K * L * eta * SHARP_FACTOR_4 - (sp.Rational(10, 9) + _on_zeta) * COST,
                    sp.Rational(7, 10) * _kept - 1 - L * eta * (K - 1) / 2,
                ),
            ),
            _kept * average_gradient_sq,
        ),
        1 / _kept,
    ),
    COROLLARY_SHARP,
    SHARP_IN_SHORT,
    SHARP_SMALL,
)


SHARP_COROLLARY = (*FINE_ENOUGH_GOSSIP, SHARP_SMALL_STEP)
COROLLARY = at_most(
    average_gradient_sq,
    16 * initial_gap / (K * sp.sqrt(N * M)) + 4 * initial_gap * (3 * L * sp.cbrt(NOISE) + 16 * L * MIXING + 6 * L) / N,
)
RATE = 1 / (K * sp.sqrt(N * M))
K_RANGE = 1 / sp.sqrt(D_2)


def beyond(best: sp.Expr, rate: sp.Expr, iterations: sp.Symbol, rounds: sp.Expr) -> Largest:
    """Up to which K the printed rate stays above the order that no method beats, against the printed range of K, N in its range.

    That of N is taken at L = sigma = 1 and rho = 0, where D_3' = D_2' + 1.
    """
    enough = rounds >= M * sp.Max(K**2 * M**2 * (4 * D_2 + 5) ** 2 / D_2**2, 6 * (K - 1) * (2 * K - 1))
    return Largest(K, best, rate, K_RANGE, (K, iterations, M, D_2), within=(M >= 2, enough), shrinking=(D_2,))


BEYOND = beyond(BEST_KNOWN, RATE, N, N)


def speedup(name: str, steps: sp.Expr, at: Mapping[Any, Any], small: Mapping[Any, Any] | None = None, says: str = "") -> Reading:
    """Of the bound of Corollary 2.1, corrected: linear speedup in workers and in `steps` (K or 1), N being n (steps M)^3.

    `at` is put into the bound, what is in `small` is at most that.
    """
    then = {eta: 1 / (L * steps**2 * M * sp.sqrt(n)), N: n * (steps * M) ** 3}
    rate = Rate(
        "qprsgd/corollary-2.1",
        (1 / (steps**2 * M**2 * sp.sqrt(n)),),
        (n, K, M) if steps == K else (n, M),
        at={**at, **then},
        at_most=small or {},
    )
    return Reading(name, equals(eta, sp.sqrt(M / (N * steps)) / L), (*FINE_GOSSIP, *THEOREM_STEPS, PRICE_SMALL), rate=rate, says=says)


SPEEDUP = speedup(
    "corrected: of order 1 / sqrt(N K M) where D_2' is at most 1 / K, with step sqrt(M / (N K)) / L and N = n K^3 M^3",
    K,
    {NOISE: D_2},
    small={D_2: 1 / K},
    says="that takes s^2 of order d K; with coarser levels K L gamma D_2' sigma^2 / M keeps the rate at 1 / sqrt(N M)",
)

BY_DCD_PSGD = Reading(
    "as printed, of the bound of Corollary 2.1, corrected, N = n M^3",
    equals(eta, sp.sqrt(M / N) / L),
    (*FINE_GOSSIP, *THEOREM_STEPS, PRICE_SMALL),
    rate=Rate(
        "qprsgd/corollary-2.1",
        (1 / (M**2 * sp.sqrt(n)), 1 / (n * M**3)),
        (n, M),
        at={NOISE: D_2, K: 1, eta: 1 / (L * M * sp.sqrt(n)), N: n * M**3},
    ),
)


def by_local_steps(k: sp.Expr) -> sp.Expr:
    """What of the bound of Corollary 2.1, corrected, moves with the number of local steps where N K and the step are fixed."""
    return 12 * k * L * eta * (2 * eta * L * k * D_3 + eta * L * (k - 1) / 2 + D_2 / (2 * M))


ITERATIONS = sp.Symbol("iterations", real=True, positive=True)  # N K, held fixed

STEP_RANGE = Hypothesis(
    "step_of_corollary",
    "6 K L eta <= 1 and 16 K L D_3' eta <= 1, as (14) gives",
    sp.And(6 * K * L * eta <= 1, 16 * K * L * D_3 * eta <= 1),
)
D_1_OF = (2 * K + 24 * eta**2 * L**2 - 1) / DRIFT


def consequence(label: str, says: str, latex: str, relation: Relation, hypotheses: tuple[Hypothesis, ...]) -> Claim:
    """One of the inequalities that Appendix F.3 reads off the step."""
    return Claim(
        f"qprsgd/appendix-f.3/{label}",
        "step",
        "Appendix F.3",
        says,
        (latex,),
        printed(relation, hypotheses),
        unparsed="part of a display; read twice",
    )


BY_STEP = Hypothesis("step_below_variance", "eta <= 1 / (sigma sqrt(N / M))", eta**2 * sigma**2 * N <= M)
COROLLARY_STEPS = (
    consequence(
        "drift",
        "The first denominator.",
        r"1 - 12\bar{\gamma}^{2}L^{2}(K+1)(K-2) \ge \frac{2}{3}",
        at_least(DRIFT, sp.Rational(2, 3)),
        (STEP_RANGE,),
    ),
    consequence(
        "d-1", "D_1' times gamma L.", r"D'_{1}\bar{\gamma}L \le \frac{2}{3}", at_most(D_1_OF * eta * L, sp.Rational(2, 3)), (STEP_RANGE,)
    ),
    consequence(
        "d-3",
        "D_3' times K L gamma.",
        r"D'_{3}KL\bar{\gamma} \le \frac{1}{16}",
        at_most(D_3 * K * L * eta, sp.Rational(1, 16)),
        (STEP_RANGE,),
    ),
    consequence(
        "feedback",
        "The second denominator, by the two before.",
        r"1 - 8L^{2}\bar{\gamma}^{2}KD'_{1}D'_{3} \ge \frac{2}{3}",
        at_least(1 - 8 * L**2 * eta**2 * K * growth * D_3, sp.Rational(2, 3)),
        (STEP_RANGE, Hypothesis("d_1_in_letters", "g, for D_1', times gamma L at most 2/3", growth * eta * L <= sp.Rational(2, 3))),
    ),
    consequence(
        "d-5",
        "D_5', by the denominator before and D_2' <= D_3'.",
        r"D'_{5} \le \frac{1}{2}",
        at_most(2 * K * L * eta * (2 * eta * L * K * D_3 + eta * L * (K - 1) / 2 + D_2 / (2 * M)) / growth, sp.Rational(1, 2)),
        (
            STEP_RANGE,
            Hypothesis(
                "feedback_in_letters",
                "g, for 1 - 8 L^2 gamma^2 K D_1' D_3', at least 2/3; D_2' <= D_3'",
                sp.And(growth >= sp.Rational(2, 3), D_2 <= D_3),
            ),
        ),
    ),
    consequence(
        "d-6",
        "D_6', by D_5' <= 1/2.",
        r"D'_{6} > 0",
        Relation(1 - 4 * K * (K - 1) * L**2 * eta**2 * growth - 2 * eta * K * L, ">", sp.S.Zero),
        (STEP_RANGE, Hypothesis("d_5_in_letters", "g, for D_5', at most 1/2", growth <= sp.Rational(1, 2))),
    ),
    consequence(
        "step-terms",
        "1): with the range of N, 3 gamma K L D_4' is at most 3 K L D_2' / (sigma sqrt(N M)).",
        r"=\frac{3K^2L^2M}{\sigma^2N}\left(2D'_3+\frac{1}{2}\right)+\frac{3KLD'_2}{2\sigma\sqrt{NM}}\leq\frac{3KLD'_2}{\sigma\sqrt{NM}}",
        at_most(
            3 * K**2 * L**2 * M / (sigma**2 * N) * (2 * D_3 + sp.Rational(1, 2)) + 3 * K * L * D_2 / (2 * sigma * sp.sqrt(N * M)),
            3 * K * L * D_2 / (sigma * sp.sqrt(N * M)),
        ),
        (ENOUGH, given.some_noise),
    ),
    consequence(
        "variance-terms",
        "2): 4 (K - 1) L^2 (1 + 3 M) / (sigma^2 N) is at most 1 in the range of N.",
        r"\frac{4 (K-1) L^2}{\sigma^2 N} (1+3M) \le 1",
        at_most(4 * (K - 1) * L**2 / (sigma**2 * N) * (1 + 3 * M), 1),
        (
            given.some_noise,
            Hypothesis("second_range", "N >= 6 (K - 1)(2 K - 1) L^2 M / sigma^2", N * sigma**2 >= 6 * (K - 1) * (2 * K - 1) * L**2 * M),
        ),
    ),
    consequence(
        "heterogeneity-terms",
        "3): 6 (K - 1)(2 K - 1) L^2 gamma^2 is at most 1 in the range of N.",
        r"6(K-1)(2K-1)L^2\bar{\gamma}^2 \le \frac{6(K-1)(2K-1)L^2}{\sigma^2 N/M} \le 1",
        at_most(6 * (K - 1) * (2 * K - 1) * L**2 * eta**2, 1),
        (
            given.some_noise,
            BY_STEP,
            Hypothesis("second_range", "N >= 6 (K - 1)(2 K - 1) L^2 M / sigma^2", N * sigma**2 >= 6 * (K - 1) * (2 * K - 1) * L**2 * M),
        ),
    ),
    consequence(
        "step-inverse",
        "1 / gamma over K N: sigma sqrt(N / M) / (K N) is sigma / (K sqrt(N M)), and K cancels in the rest.",
        r"\frac{6KLD'_2}{\sigma \sqrt{NM}} \left(\sigma^2 + 4\kappa^2 \right) + \frac{2[F(X_1) - F_*]\sigma}{K\sqrt{NM}}",
        at_most(6 * K * L * D_2 / sigma * (sigma**2 + 4 * zeta**2) + 2 * initial_gap * sigma / K, 8 * initial_gap * sigma / K),
        (given.some_noise, LOCAL),
    ),
)

CLAIMS = (
    Claim(
        "qprsgd/eq-11",
        "definition",
        "section IV.B.2, (11)",
        "Algorithm 2 as a recursion for all workers' iterates.",
        latex=(
            r"X_{n+1} = X_n W - \gamma_n \sum_{k=0}^{K-1} G(X_{n;k}, \xi_k) + C_n",
            r"X_{n;t} = X_{n;t-1} - \gamma_n G(X_{n;t-1}, \xi_{t-1})",
        ),
        unparsed=TWICE,
        readings=(Reading("as printed", says="a definition; judged by its use"),),
    ),
    Claim(
        "qprsgd/assumption-2",
        "assumption",
        "section IV.B.2, Assumption 2",
        "The spectral gap of a symmetric doubly stochastic W.",
        latex=(r"\rho := \max\{|\lambda_2(W)|, |\lambda_M(W)|\} < 1",),
        unparsed=TWICE,
        readings=(Reading("as printed", says="judged by its use"),),
    ),
    Claim(
        "qprsgd/lemma-2/per-round",
        "lemma",
        "section IV.B.2, Lemma 2",
        "Noise of the quantisers in a round against the gradients of that round. Where gradients vanish and "
        "iterates differ, there is noise.",
        latex=(
            r"\mathbb{E} \|C_n\|_F^2 \le \bar{\gamma}^2 K \left[ \frac{d (1-\rho)^2 + 2d\mu^2}{2 \left(s^2 (1-\rho)^2 - d\mu^2 \right)} "
            r"\right] \sum_{k=0}^{K-1} \|G (X_{n;k}, \xi_k)\|_F^2",
        ),
        letters={
            r"\mathbb{E} \|C_n\|_F^2": quantisation_noise_sq,
            r"\sum_{k=0}^{K-1} \|G (X_{n;k}, \xi_k)\|_F^2": round_stochastic_sq,
        },
        relies=("qprsgd/eq-11", "qprsgd/assumption-2"),
        readings=printed(PER_ROUND, FINE_GOSSIP, **gossip()),
        correction=Reading(
            "corrected: summed over all rounds, as its proof has it",
            LEMMA_2,
            FINE_GOSSIP,
            follows=Cite("qprsgd/lemma-2/summed"),
            **gossip(),
        ),
        improvement=Reading(
            "improved: summed over all rounds, by what each eigenvector of W makes of noise and progress together",
            SHARP_LEMMA_2,
            FINE_ENOUGH_GOSSIP,
            follows=Cite("qprsgd/lemma-2/summed", improved=True),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/lemma-2/summed",
        "lemma",
        "Appendix D, last display",
        "The same summed over all rounds.",
        latex=(
            r"\bar{\gamma}^2 K \left( \frac{d}{2s^2} + \frac{d\mu^2}{s^2 (1-\rho)^2} \right) \sum_{n=1}^N \sum_{k=0}^{K-1} "
            r"\|G(X_{n;k},\xi_k)\|_F^2",
        ),
        unparsed=TWICE,
        relies=("qprsgd/eq-11", "qprsgd/assumption-2"),
        readings=printed(
            LEMMA_2,
            FINE_GOSSIP,
            follows=scaled(Using(scaled(Cite("qprsgd/appendix-d/accumulated"), s**2 * (1 - rho) ** 2), (PROGRESS,)), 1 / FINE),
            **gossip(),
        ),
        improvement=Reading(
            "improved: by what each eigenvector of W makes of noise and progress together; rho takes no part",
            SHARP_LEMMA_2,
            FINE_ENOUGH_GOSSIP,
            follows=scaled(Using(Cite("qprsgd/appendix-d/accumulated", improved=True), (PROGRESS,)), 1 / (1 - NOISE_SHARE) ** 2),
            says="of every unbiased quantiser of excess q = d / (4 s^2) nothing smaller holds for all numbers of rounds: along the "
            "eigenvector of mu, progress of (2 - mu (1 + q)) / (1 + q) times X keeps E X^2 as it is",
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/lemma-3",
        "lemma",
        "section IV.B.2, Lemma 3",
        "All stochastic gradients against the gradients at means. The sum over k on the left runs to K, one "
        "step too far, and the last term "
        "lacks a factor M.",
        latex=(
            (
                r"\leq \frac{MNK\left(\sigma^{2} + 4\kappa^{2}\right) + 4NL^{2}\sigma^{2}\bar{\gamma}^{2}K\left(K - 1\right)}{1 - "
                r"8L^{2}\bar{\gamma}^{2}KD_{1}'D_{3}'} \\ &+ \frac{8MNK\left(K - 1\right)L^{2}\bar{\gamma}^{2}\left[\sigma^{2} + "
                r"\kappa^{2}\left(2K - 1\right)\right]}{\left(1 - 8L^{2}\bar{\gamma}^{2}KD_{1}'D_{3}'\right)\left[1 - "
                r"12\bar{\gamma}^{2}L^{2}\left(K + 1\right)\left(K - 2\right)\right]} \\ &+ \frac{4MK\left(K - "
                r"1\right)L^{2}\bar{\gamma}^{2}}{1 - 8L^{2}\bar{\gamma}^{2}KD_{1}'D_{3}'} \sum_{n=1}^{N} \sum_{k=0}^{K-1} \left\| "
                r"\frac{\partial F\left(X_{n;k}\right) \cdot 1_{M}}{M} \right\|_{2}^{2} \\ &+ \frac{4K}{1 - "
                r"8L^{2}\bar{\gamma}^{2}KD_{1}'D_{3}'} \sum_{n=1}^{N} \left\| \nabla F\left(\frac{X_{n} \cdot 1_{M}}{M}\right) "
                r"\right\|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        misprint="K for K - 1 as the last index, and 4 K for 4 K M",
        relies=("qprsgd/assumption-1", "qprsgd/assumption-2"),
        readings=(
            Reading(
                "as printed, the sum up to K - 1: 8 workers, F_m(x) = x without noise, N = K = 1, L eta = 1/1000, a complete graph",
                at_most(CROWD, lemma_3(sp.S.One).subs(STRAIGHT).doit()),
            ),
        ),
        correction=Reading(
            "corrected: up to K - 1, and 4 K M",
            LEMMA_3_CORRECTED,
            (*FINE_GOSSIP, *STEPS),
            follows=lemma_3_derived(t_4_plugged(), feedback(MIXED), LEMMA_3_CORRECTED, FACTORS, SIGNS),
            **gossip(),
        ),
        improvement=Reading(
            "improved: by Lemmas 2 and 7, improved; noise and what differs between workers have mean zero",
            LEMMA_3_SHARP,
            (*FINE_ENOUGH_GOSSIP, *SHARP_STEPS),
            follows=lemma_3_derived(
                SHARP_T_4_PLUGGED, sharp_feedback(SHARP_FACTOR_1, CONSENSUS_FACTOR), LEMMA_3_SHARP, SHARP_FACTORS, SHARP_SIGNS
            ),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/lemma-3/d-1",
        "definition",
        "section IV.B.2, Lemma 3",
        "D_1': one for k = 0 and the rest over the denominator, together.",
        latex=(
            r"\frac{2K + 24\bar{\gamma}^{2}L^{2} - 1}{1 - 12\bar{\gamma}^{2}L^{2}(K+1)(K-2)}",
            (
                r"D'_{1} := \frac{\left(2K + 24\bar{\gamma}^{2}L^{2} - 1\right)}{1 - 12\bar{\gamma}^{2}L^{2}\left(K + 1\right)\left(K - "
                r"2\right)};"
            ),
        ),
        readings=printed(equals(1 + (2 * K - 2 + 12 * K * (K - 1) * eta**2 * L**2) / DRIFT, DEVIATION)),
    ),
    Claim(
        "qprsgd/lemma-3/d-2",
        "definition",
        "section IV.B.2, Lemma 3",
        "D_2': what Appendix D finds, as one fraction.",
        latex=(
            r"\frac{d(1-\rho)^{2} + 2d\mu^{2}}{2[s^{2}(1-\rho)^{2} - d\mu^{2}]}",
            (
                r"D'_{2} := \frac{d(1-\rho)^{2} + 2d\mu^{2}}{2[s^{2}(1-\rho)^{2} - d\mu^{2}]}, D'_{3} := \frac{D'_{2}}{1-\rho^{2}} + "
                r"\frac{1}{(1-\rho)^{2}},"
            ),
            r"D'_{2} := \frac{d\left(1 - \rho\right)^{2} + 2d\mu^{2}}{2\left(s^{2}\left(1 - \rho\right)^{2} - d\mu^{2}\right)}.",
        ),
        readings=printed(
            equals(
                (d / (2 * s**2) + d * spread**2 / (s**2 * (1 - rho) ** 2)) / (1 - d * spread**2 / (s**2 * (1 - rho) ** 2)),
                NOISE,
            ),
            (given.fine_levels, given.spectral_gap),
        ),
    ),
    Claim(
        "qprsgd/lemma-3/d-3",
        "definition",
        "section IV.B.2, Lemma 3",
        "D_3' is at least D_2'.",
        latex=(
            r"\frac{D'_{2}}{1-\rho^{2}} + \frac{1}{(1-\rho)^{2}}",
            r"\text{Let } D_{3}' = \frac{D_{2}'}{1-\rho^{2}} + \frac{1}{(1-\rho)^{2}},",
        ),
        letters={"D'_2": NOISE},
        readings=printed(at_least(MIXING, NOISE), (given.fine_levels, given.spectral_gap)),
    ),
    Claim(
        "qprsgd/theorem-2/eq-12",
        "theorem",
        "section IV.B.2, Theorem 2, (12)",
        "Gradients at the means of Algorithm 2. The variance of the mean stochastic gradient, 2 L gamma sigma^2 / M, is lost between two "
        "lines of the proof; a sigma^2 and a factor M are missing too, and the sum over k.",
        latex=(
            (
                r"\frac{1}{N} \left(\left(1 - \frac{4D'_{5}}{M} \right) \sum_{n=1}^{N} \mathbb{E} \left\| \nabla F \left(\frac{X_{n} "
                r"\cdot \mathbf{1}_{M}}{M} \right) \right\|_{2}^{2} + \frac{D'_{6}}{K} \sum_{n=1}^{N} \mathbb{E} \left\| \frac{\partial "
                r"F(X_{n}) \cdot \mathbf{1}_{M}}{M} \right\|_{2}^{2} \right)"
            ),
            (
                r"\leq \frac{8(K-1)L^{2}\bar{\gamma}^{2}D'_{5}}{1 - 12\bar{\gamma}^{2}L^{2}(K+1)(K-2)} \left(\sigma^{2} + "
                r"2(2K-1)\kappa^{2} \right) + D'_{5} \left(\sigma^{2} + 4\kappa^{2} + \frac{4L^{2}\bar{\gamma}^{2}(K-1)}{M} \right) + "
                r"\frac{2(F(x_{1}) - F_{*})}{\bar{\gamma}KN}"
            ),
        ),
        unparsed=TWICE,
        misprint="4 L^2 gamma^2 (K - 1) / M lacks sigma^2; X_n for X_{n;k}, without a sum over k",
        relies=("qprsgd/eq-1", "qprsgd/assumption-1", "qprsgd/assumption-2", "qprsgd/eq-11"),
        readings=printed(EQ_12, (*FINE_GOSSIP, *THEOREM_STEPS), **gossip(horizon="long")),
        correction=Reading(
            "corrected: with 2 L gamma sigma^2 / M, (1 - 4 D_5'), sigma^2, and the sum over k",
            EQ_12_CORRECTED,
            (*FINE_GOSSIP, *THEOREM_STEPS),
            follows=theorem_2(
                Using(Using(Cite("qprsgd/appendix-f/lost-variance"), (Cite("qprsgd/lemma-2/summed"),)), (Cite("qprsgd/lemma-3"),)),
                SHARE_IN_LETTERS,
                DESCENT_IN_LETTERS,
                EQ_12_CORRECTED,
                WITH_FEEDBACK,
                FED_BACK,
            ),
            **gossip(horizon="long"),
        ),
        improvement=Reading(
            "improved: by the improved Lemmas 2, 3 and 10, and noise that only the gradients after it know of",
            EQ_12_SHARP,
            (*FINE_ENOUGH_GOSSIP, *SHARP_STEPS, SHARP_DESCENT),
            follows=theorem_2(
                Using(SHARP_ROUNDS_ADDED, (Cite("qprsgd/lemma-3", improved=True),)),
                1 - 3 * SHARP_PRICE_IN_LETTERS,
                sharp_descent(SHARP_PRICE_IN_LETTERS),
                EQ_12_SHARP,
                SHARP_WITH_FEEDBACK,
                SHARP_FED_BACK,
            ),
            **gossip(horizon="long"),
        ),
    ),
    Claim(
        "qprsgd/theorem-2/d-4",
        "definition",
        "section IV.B.2, Theorem 2",
        "D_4' collects the factors of the stochastic gradients.",
        latex=(r"D'_{4} := 2\bar{\gamma}LKD'_{3} + \frac{\bar{\gamma}L(K-1)}{2} + \frac{D'_{2}}{2M}",),
        unparsed="a definition sign; read twice",
        readings=printed(
            equals(
                eta**2 * K * L / M * STEP,
                eta * L**2 / (2 * M) * (4 * K**2 * eta**2 / (1 - rho) ** 2 + eta**2 * K * (K - 1))
                + (2 * eta * L**2 * K / (M * (1 - rho**2)) + L / (2 * M**2)) * eta**2 * K * NOISE,
            )
        ),
    ),
    Claim(
        "qprsgd/theorem-2/d-5",
        "definition",
        "section IV.B.2, Theorem 2",
        "D_5' is 2 K L gamma D_4' over the denominator of Lemma 3; it is nonnegative; appendix-f/price finds it.",
        latex=(r"D'_{5} := \frac{2KL\bar{\gamma}D'_{4}}{1 - 8L^{2}\bar{\gamma}^{2}KD'_{1}D'_{3}}",),
        unparsed="a definition sign; read twice",
        readings=printed(at_least(PRICE, 0), (*FINE_GOSSIP, *STEPS), follows=PRICED),
    ),
    Claim(
        "qprsgd/theorem-2/d-6",
        "definition",
        "section IV.B.2, Theorem 2",
        "D_6' is what remains of the squared mean gradients: at most 1 of them; appendix-f/descent finds it.",
        latex=(r"D'_{6} := 1 - 4K(K-1)L^{2}\bar{\gamma}^{2}D'_{5} - 2\bar{\gamma}KL",),
        unparsed="a definition sign; read twice",
        readings=printed(
            at_most(DESCENT, 1),
            (*FINE_GOSSIP, *STEPS),
            follows=LEFT_OVER,
        ),
    ),
    Claim(
        "qprsgd/eq-13",
        "step",
        "section IV.B.2, (13)",
        "One round of Algorithm 2: smoothness, with unbiased quantisers that are independent of each other.",
        latex=(
            (
                r"\stackrel{(b)}{\leq} -\frac{\bar{\gamma}K}{2} \mathbb{E} \left\| \nabla F\left(\frac{X_{n} \cdot 1_{M}}{M}\right) "
                r"\right\|_{2}^{2} - \frac{\bar{\gamma}}{2} \sum_{k=0}^{K-1} \mathbb{E} \left\| \frac{\partial F(X_{n;k}) \cdot 1_{M}}{M} "
                r"\right\|_{2}^{2} + \frac{L^{2}\bar{\gamma}}{2M} \sum_{k=0}^{K-1} \sum_{m=1}^{M} \mathbb{E} \left\| \frac{X_{n} \cdot "
                r"1_{M}}{M} - x_{n;k}^{(m)} \right\|_{2}^{2} + \frac{L}{2M^{2}} \sum_{m=1}^{M} \mathbb{E} \left\| C_{n}^{(m)} "
                r"\right\|_{2}^{2} + \frac{L\bar{\gamma}^{2}}{2} \mathbb{E} \left\| \frac{1}{M} \sum_{m=1}^{M} \sum_{k=0}^{K-1} \nabla "
                r"f_{m} \left(x_{n;k}^{(m)}, \xi_{k}^{(m)} \right) \right\|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        readings=printed(
            EQ_13,
            GOSSIP,
            follows=GOSSIP_ROUND,
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/sec-4/mean-noise",
        "step",
        "section IV.B.2, after (13)",
        "The squared norm of the mean noise, printed without expectation.",
        latex=(
            (
                r"\left\|\frac{1}{M}\sum_{m=1}^{M}C_{n}^{(m)}\right\|_{2}^{2} = \left\|\frac{1}{M}\sum_{m=1}^{M}\left(Q_{s}\left(\Delta "
                r"X_{n}^{(m)}\right) - \Delta_{n}^{(m)}\right)\right\|_{2}^{2}"
            ),
            (
                r"= \frac{1}{M^{2}}\sum_{m=1}^{M}\left\|Q_{s}\left(\Delta X_{n}^{(m)}\right) - \Delta X_{n}^{(m)}\right\|_{2}^{2} = "
                r"\frac{1}{M^{2}}\sum_{m=1}^{M}\left\|C_{n}^{(m)}\right\|_{2}^{2}."
            ),
            (
                r"\begin{aligned} &\|\frac{1}{M}\sum_{m=1}^{M}C_{n}^{(m)}\|_{2}^{2} = \|\frac{1}{M}\sum_{m=1}^{M}\left(Q_{s}\left(\Delta "
                r"X_{n}^{(m)}\right) - \Delta_{n}^{(m)}\right)\|_{2}^{2} \\ &= \frac{1}{M^{2}}\sum_{m=1}^{M}\|Q_{s}\left(\Delta "
                r"X_{n}^{(m)}\right) - \Delta X_{n}^{(m)}\|_{2}^{2} = \frac{1}{M^{2}}\sum_{m=1}^{M}\|C_{n}^{(m)}\|_{2}^{2} \end{aligned}"
            ),
        ),
        unparsed=TWICE,
        misprint="the expectation is missing",
        readings=(Reading("as printed, for every draw", equals(norm_sq(u_i.mean), average_norm_sq(u_i) / M), arena="vectors"),),
        correction=Reading(
            "corrected: in expectation",
            equals(mean_quantisation_noise_sq, quantisation_noise_sq / M**2),
            GOSSIP,
            follows=MEAN_NOISE,
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/sec-4/last-bound",
        "step",
        "section IV.B.2, last display of the proof of Theorem 2",
        "What (12) is read off from: sigma^2 carries K for K^2, and L^3 stands for L^2 once. The variance of the mean gradient is missing.",
        latex=(
            (
                r"\leq -\frac{\bar{\gamma}K}{2} \left(1 - D_5'\right) \sum_{n=1}^N \mathbb{E} \left\| \nabla F\left(\frac{X_n \cdot "
                r"1_M}{M}\right) \right\|_2^2 \\ &- \frac{\bar{\gamma}}{2} D_6' \sum_{n=1}^N E \left\| \frac{\partial F\left(X_n \cdot "
                r"1_M\right)}{M} \right\|_2^2"
            ),
            (
                r"+ \frac{\bar{\gamma}^2 K L D'_4 N}{1 - 8 L^2 \bar{\gamma}^2 K D'_1 D'_3} \left[1 + \frac{4 L^2 \bar{\gamma}^2 (K-1)}{M} "
                r"\right. \\ &+ \frac{8 \left(K-1\right) L^2 \bar{\gamma}^2}{1 - 12 \bar{\gamma}^2 L^2 \left(K+1\right) \left(K-2\right)} "
                r"\right] \sigma^2 \\ &+ \frac{4 \bar{\gamma}^2 K^2 L D'_4 N}{1 - 8 L^2 \bar{\gamma}^2 K D'_1 D'_3} \left[1 + \frac{4 "
                r"\left(K-1\right) \left(2K-1\right) L^2 \bar{\gamma}^2}{1 - 12 \bar{\gamma}^2 L^3 \left(K+1\right) \left(K-2\right)} "
                r"\right] \kappa^2"
            ),
        ),
        unparsed="part of a display; read twice",
        misprint="L^3 for L^2, P for rho, K for K^2 before sigma^2",
        readings=printed(equals(1 - 12 * eta**2 * L**3 * (K + 1) * (K - 2), DRIFT)),
        correction=Reading(
            "corrected: L^2, as 24 L^2 gamma^2 times the sum of the k from 2 to K - 1 has it, Appendix E",
            equals(1 - 24 * eta**2 * L**2 * sp.Sum(t, (t, 2, K - 1)).doit(), DRIFT),
        ),
    ),
    Claim(
        "qprsgd/eq-14",
        "equation",
        "section IV.B.2, (14)",
        "The step of Corollary 2.1: it mixes units, sigma sqrt(N / M) being F/X and the other terms F/X^2.",
        latex=(r"\bar{\gamma} := \left(\sigma \sqrt{N/M} + 3KL \sqrt[3]{D'_2} + 16KLD'_3 + 6KL\right)^{-1}",),
        unparsed="a definition sign and a power -1; read twice",
        readings=printed(
            at_most(eta, 1 / (6 * K * L)),
            (*FINE_GOSSIP[-3:], given.spectral_gap, given.gossip_step),
            follows=AT_MOST_THE_LAST,
        ),
    ),
    Claim(
        "qprsgd/corollary-2.1",
        "corollary",
        "section IV.B.2, Corollary 2.1",
        "The rate of Algorithm 2, with explicit constants: of order 1 / (K sqrt(N M)).",
        latex=(
            r"\frac{16(F(x_1) - F_*)}{K\sqrt{NM}} + \frac{4(F(x_1) - F_*)(3L\sqrt[3]{D'_2} + 16LD'_3 + 6L)}{N}",
            (
                r"\frac{1}{N} \sum_{n=1}^{N} \mathbb{E} \left\| \nabla F\left(\frac{X_n \cdot \mathbf{1}_M}{M}\right) \right\|_2^2 \le "
                r"\frac{16(F(x_1) - F_*)}{K\sqrt{NM}} + \frac{4(F(x_1) - F_*)(3L\sqrt[3]{D'_2} + 16LD'_3 + 6L)}{N}"
            ),
        ),
        letters={"F(x_1) - F_*": initial_gap, "D'_2": NOISE, "D'_3": MIXING},
        misprint="sigma is missing in the first term, as the last display of Appendix F.3 shows",
        relies=("qprsgd/eq-14",),
        readings=printed(
            COROLLARY,
            (*FINE_GOSSIP, given.gossip_step, given.enough_rounds, given.few_local_steps, given.some_noise),
            **gossip(horizon="long"),
        ),
        correction=Reading(
            "corrected: what (12), corrected, gives for steps as small as (14) makes them, 6 K L gamma <= 1 and 16 K L D_3' gamma <= 1",
            COROLLARY_CORRECTED,
            (*FINE_GOSSIP, *THEOREM_STEPS, PRICE_SMALL),
            follows=corollary_from_12(COROLLARY_CORRECTED, IN_SHORT),
            **gossip(horizon="long"),
        ),
        improvement=Reading(
            "improved: by the rounds that (12) adds up, where mean gradients count as gradients at the start of their round",
            COROLLARY_SHARP,
            SHARP_COROLLARY,
            follows=COROLLARY_BY_MEANS,
            **gossip(horizon="long"),
        ),
    ),
    Claim(
        "qprsgd/corollary-2.1/rounds",
        "equation",
        "section IV.B.2, Corollary 2.1",
        "The range of N makes the terms in gamma^2 of 3 gamma K L D_4' no larger than the last.",
        latex=(r"N \ge \frac{L^2 M}{\sigma^2} \max\left(\frac{K^2 M^2 (4D'_3 + 1)^2}{(D'_2)^2}, 6(K - 1)(2K - 1)\right)",),
        unparsed="a primed letter in brackets squared; read twice",
        readings=printed(
            at_most(
                3 * K**2 * L**2 * M / (sigma**2 * N) * (2 * D_3 + sp.Rational(1, 2)),
                sp.Rational(3, 2) * K * L * D_2 / (sigma * sp.sqrt(N * M)),
            ),
            (ENOUGH,),
        ),
    ),
    Claim(
        "qprsgd/corollary-2.1/local-steps",
        "equation",
        "section IV.B.2, Corollary 2.1",
        "The range of K makes the first term of the bound at most the second.",
        latex=(r"K \le \sqrt{\frac{[F(x_1) - F_*]\sigma^2}{LD'_2(\sigma^2 + 4\kappa^2)}}",),
        letters={"[F(x_1) - F_*]": initial_gap, "D'_2": D_2},
        unparsed="a letter with brackets; read twice",
        readings=printed(
            at_most(6 * K * L * D_2 * (sigma**2 + 4 * zeta**2), 6 * initial_gap * sigma**2 / K),
            (LOCAL,),
        ),
    ),
    Claim(
        "qprsgd/sec-4/linear-speedup",
        "text",
        "section IV.B.2, Linear Speedup",
        "A rate of order 1 / (K sqrt(N M)), for all K in the printed range, which grows without bound as s "
        "does. Beyond K of order 1 it beats "
        "what any method can do with N K M stochastic gradients.",
        latex=(r"leading to a convergent rate of $O(1/K\sqrt{NM})$",),
        unparsed="running text; read twice",
        relies=("qprsgd/corollary-2.1",),
        readings=(Reading("as printed, against the order that no method beats", rate=BEYOND, relation=at_most(K, K_RANGE)),),
        correction=SPEEDUP,
    ),
    Claim(
        "qprsgd/sec-4/dominates",
        "text",
        "section IV.B.2, Linear Speedup",
        "Which of the two terms is the larger for large N: from N = K^2 M on.",
        latex=(r"the term $\frac{1}{K\sqrt{NM}}$ dominates the term $\frac{1}{N}$ when N is sufficiently large",),
        unparsed="running text; read twice",
        readings=(
            Reading(
                "as printed",
                at_least(1 / (K * sp.sqrt(N * M)), 1 / N),
                (Hypothesis("rounds_beyond_crossing", "N >= K^2 M", N >= K**2 * M),),
            ),
        ),
    ),
    Claim(
        "qprsgd/sec-4/quantisation-helps",
        "text",
        "section IV.B.2, Linear Speedup",
        "That quantising improves the rate. The bound itself grows with D_2', the price of quantising.",
        latex=("indicating that the existence of gradient quantization leads to a better convergence rate",),
        unparsed="running text; read twice",
        readings=(
            Reading(
                "D_4' of (12) with quantisers against D_4' without",
                at_most(
                    2 * eta * L * K * (D_2 / (1 - rho**2) + 1 / (1 - rho) ** 2) + D_2 / (2 * M),
                    2 * eta * L * K / (1 - rho) ** 2,
                ),
                (given.spectral_gap,),
            ),
        ),
        correction=Reading(
            "corrected: quantising costs",
            at_least(
                2 * eta * L * K * (D_2 / (1 - rho**2) + 1 / (1 - rho) ** 2) + D_2 / (2 * M),
                2 * eta * L * K / (1 - rho) ** 2,
            ),
            (given.spectral_gap,),
        ),
    ),
    Claim(
        "qprsgd/sec-4/effect-of-k",
        "text",
        "section IV.B.2, Effect of K",
        "With N K fixed, the larger K the better. The order that no method beats does not move with K then.",
        latex=("the larger value of *K* is, the better convergence effect Algorithm 2 has",),
        unparsed="running text; read twice",
        readings=(
            Reading(
                "as printed, against the order that no method beats, N K fixed",
                at_most(K, K_RANGE),
                rate=beyond(1 / sp.sqrt(ITERATIONS * M), RATE.subs(N, ITERATIONS / K), ITERATIONS, ITERATIONS / K),
            ),
        ),
        correction=Reading(
            "corrected: with N K and the step fixed, the bound of Corollary 2.1, corrected, grows with K",
            at_least(by_local_steps(K + 1), by_local_steps(K)),
            says="its other terms, 6 L gamma sigma^2 / M and 6 (F(x_1) - F*) / (gamma N K), do not move with K",
        ),
    ),
    Claim(
        "qprsgd/sec-4/dcd-psgd",
        "text",
        "section IV.B.2, Consistence with DCD-PSGD",
        "K = 1: of order 1 / sqrt(N M) + 1 / N, where N is at least M^3, as its range has it; this survives the correction of (12).",
        latex=(r"the convergence rate of $O(\frac{1}{\sqrt{NM}} + \frac{1}{N})$",),
        unparsed="running text; read twice",
        readings=(BY_DCD_PSGD,),
    ),
    Claim(
        "qprsgd/table-1/gossip",
        "table",
        "abstract; section I, Table I",
        "The gossip entry of this paper's row.",
        latex=(r"$O\left(1/\sqrt{NK^2M}\right)$",),
        unparsed="a cell of a table; read twice",
        relies=("qprsgd/corollary-2.1",),
        readings=(Reading("as printed, against the order that no method beats", at_most(K, K_RANGE), rate=BEYOND),),
        correction=SPEEDUP,
    ),
    Claim(
        "qprsgd/abstract/gossip-rate",
        "text",
        "abstract",
        "The same rate, said to outperform all existing compression methods.",
        latex=(r"$O(1/\sqrt{NK^2M})$",),
        unparsed="running text; read twice",
        restates="qprsgd/table-1/gossip",
        readings=(Reading("as printed, against the order that no method beats", at_most(K, K_RANGE), rate=BEYOND),),
        correction=SPEEDUP,
    ),
    # ---- Appendix D ----
    Claim(
        "qprsgd/appendix-d/noise",
        "step",
        "Appendix D, first display",
        "Each worker's noise against what it quantises.",
        latex=(
            r"\sum_{n=1}^{N} \sum_{m=1}^{M} \mathbb{E} \| C_{n}^{(m)} \|_{2}^{2} \leq \frac{d}{4s^{2}} \sum_{n=1}^{N} \sum_{m=1}^{M} "
            r"\mathbb{E} \| \Delta X_{n}^{(m)} \|_{2}^{2}",
        ),
        unparsed=TWICE,
        misprint="Lemma 4 for Lemma 5",
        readings=printed(
            at_most(total(quantisation_noise_sq), d / (4 * s**2) * total(difference_sq)),
            GOSSIP,
            follows=Cite("qprsgd/lemma-5", {error_sq: total(quantisation_noise_sq), x_sq: total(difference_sq)}),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-d/split",
        "step",
        "Appendix D, (a)",
        "What is quantised is mixing and progress.",
        latex=(
            (
                r"\stackrel{(a)}{\leq} \frac{d}{2s^{2}} \sum_{n=1}^{N} \sum_{m=1}^{M} \mathbb{E} \left\| X_{n} \left(W - I \right) "
                r"e^{(m)} \right\|_{2}^{2} \\ &+ \frac{d}{2s^{2}} \sum_{n=1}^{N} \sum_{m=1}^{M} \mathbb{E} \| \bar{\gamma} "
                r"\sum_{k=0}^{K-1} \nabla f_{m} \left(X_{n;k}^{(m)}, \xi_{k}^{(m)} \right) \|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        misprint="||a + b||^2 <= 2 ||a||^2 for 2 ||a||^2 + 2 ||b||^2",
        readings=printed(
            at_most(
                total(quantisation_noise_sq),
                d / (2 * s**2) * total(mixing_move_sq) + d / (2 * s**2) * eta**2 * total(round_progress_sq),
            ),
            GOSSIP,
            follows=Using(
                NOISE_BY_DIFFERENCE,
                (
                    Expected(
                        Certified(at_most(norm_sq(u - eta * v), 2 * norm_sq(u) + 2 * eta**2 * norm_sq(v))),
                        {
                            norm_sq(u - eta * v): total(difference_sq),
                            norm_sq(u): total(mixing_move_sq),
                            norm_sq(v): total(round_progress_sq),
                        },
                    ),
                ),
            ),
            **gossip(),
        ),
        improvement=Reading(
            "improved: the square of the sum of roots, for twice the sum of squares",
            at_most(
                total(quantisation_noise_sq),
                d / (4 * s**2) * (sp.sqrt(total(mixing_move_sq)) + eta * sp.sqrt(total(round_progress_sq))) ** 2,
            ),
            GOSSIP,
            follows=quantised_by_roots(itself(total(mixing_move_sq)), sp.sqrt(total(mixing_move_sq))),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-d/mixing",
        "step",
        "Appendix D, third display",
        "||X (W - I)||^2 against the later iterates: true of the columns of X P, P the eigenvectors of W, for which the letters of the "
        "workers' own iterates stand.",
        latex=(r"\leq \mu^2 \sum_{m=2}^{M} \mathbb{E} \|\tilde{x}_n^{(m)}\|_2^2",),
        unparsed=TWICE,
        readings=(Reading("as printed, of the workers' own iterates", at_most(moved_sq, spread**2 * later_columns_sq), **matrix()),),
        correction=Reading(
            "corrected: the deviations from the mean, which are the later columns of X P",
            at_most(total(mixing_move_sq), spread**2 * total(consensus_sq)),
            GOSSIP,
            follows=MOVED_BY_W,
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-d/discounted",
        "step",
        "Appendix D, bound of the noise",
        "The discounted sum of noise, squared: at most, where = is printed; and 1 / (1 - rho^2) would do, the noise being uncorrelated.",
        latex=(
            (
                r"\leq \sum_{n=1}^{N} \mathbb{E} \left\| \sum_{\varepsilon=1}^{n-1} \rho^{n-\varepsilon-1} C_{\varepsilon} "
                r"\right\|_{F}^{2}"
            ),
            r"= \frac{1}{(1-\rho)^{2}} \sum_{n=1}^{N} \|C_{n}\|_{F}^{2};",
        ),
        unparsed=TWICE,
        readings=(Reading("as printed, =, of one term b_1 = 1 and rho = 1/2", equals(sp.Integer(1), 1 / (1 - sp.Rational(1, 2)) ** 2)),),
        correction=Reading(
            "corrected: at most",
            at_most(discounted_sq_sum, sequence_sq_sum / (1 - rho) ** 2),
            (given.spectral_gap,),
            follows=Cite("qprsgd/lemma-9/squares"),
            arena=ARENA,
            setting={"of": "sequence"},
        ),
    ),
    Claim(
        "qprsgd/appendix-d/accumulated",
        "step",
        "Appendix D, last display",
        "All noise against all progress.",
        latex=(r"\left[1 - \frac{d\mu^2}{s^2 (1 - \rho)^2}\right] \sum_{n=1}^N \sum_{m=1}^M \mathbb{E} \left\| C_n^{(m)} \right\|_2^2",),
        unparsed=TWICE,
        readings=printed(
            ACCUMULATED,
            GOSSIP,
            follows=Weakened(
                Isolated(
                    Using(Using(Cite("qprsgd/appendix-d/split"), (Cite("qprsgd/appendix-d/mixing"),)), (CONSENSUS,)),
                    (1 - d * spread**2 / (s**2 * (1 - rho) ** 2)) * total(quantisation_noise_sq),
                ),
                ACCUMULATED,
            ),
            **gossip(),
        ),
        improvement=Reading(
            "improved: by what each eigenvector of W makes of noise and progress together, 1 - d mu / (4 s^2 (2 - mu)) squared before C",
            SHARP_ACCUMULATED,
            FINE_ENOUGH_GOSSIP,
            follows=ACCUMULATED_BY_EIGENVECTORS,
            **gossip(),
        ),
    ),
    # ---- Appendix E ----
    Claim(
        "qprsgd/lemma-7",
        "lemma",
        "Appendix E, Lemma 7",
        "How far iterates stray from their mean, over all rounds: errors of unbiased quantisers add up in squares.",
        latex=(
            (
                r"\leq \frac{2K}{1 - \rho^2} \sum_{n=1}^{N} E \left\| C_n \right\|_F^2 + \frac{2K^2 \bar{\gamma}^2}{(1 - \rho)^2} "
                r"\sum_{n=1}^{N} \sum_{k=0}^{K-1} \left\| G \left(X_{n;k}, \xi_k \right) \right\|_F^2"
            ),
            (
                r"\leq \frac{2K}{1-\rho^{2}}\sum_{n=1}^{N} \mathbb{E}\|C_{n}\|_{F}^{2} + "
                r"\frac{2K^{2}\bar{\gamma}^{2}}{(1-\rho)^{2}}\sum_{n=1}^{N}\sum_{k=0}^{K-1}\|G\left(X_{n;k},\xi_{k}\right)\|_{F}^{2}"
            ),
        ),
        unparsed=TWICE,
        relies=("qprsgd/eq-11", "qprsgd/assumption-2"),
        readings=printed(
            LEMMA_7,
            GOSSIP,
            follows=scaled(Using(CONSENSUS_BY_VARIANCE, (PROGRESS,)), K),
            **gossip(),
        ),
        improvement=Reading(
            "improved: noise is uncorrelated with what was before, which progress may know of",
            SHARP_LEMMA_7,
            GOSSIP,
            follows=scaled(CONSENSUS_SOLVED, K),
            says="half of the printed bound without quantisers; nothing smaller holds for all numbers of rounds, whatever noise there is "
            "to progress: along an eigenvector of eigenvalue rho, progress in proportion to X, away from the mean, meets it",
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-e/variance",
        "step",
        "Appendix E, first display",
        "The stochastic gradients of one local step: an equality is printed, Assumption 1 gives at most.",
        latex=(r"&= M\sigma^{2} + \sum_{m=1}^{M} \|\nabla F_{m}\left(x_{n;k}^{(m)}\right)\|_{2}^{2}",),
        unparsed=TWICE,
        readings=(Reading("as printed, =", equals(stochastic_sq, M * sigma**2 + local_gradients_sq), GOSSIP, **gossip()),),
        correction=Reading(
            "corrected: at most",
            at_most(stochastic_sq, M * sigma**2 + local_gradients_sq),
            GOSSIP,
            follows=stochastic(stochastic_sq, local_gradients_sq),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-e/four-parts",
        "step",
        "Appendix E, second display",
        "||a + b + c + e||^2 <= 4 (||a||^2 + ||b||^2 + ||c||^2 + ||e||^2), where the squared gradient at the start of the round is e: the "
        "last line has c a second time in its place, so that gradients which nowhere differ would be 0.",
        latex=(
            r"&\leq 4 \left\| \nabla F_m \left( x_{n;k}^{(m)} \right) - \nabla F_m \left( \frac{X_{n;k} \cdot 1_M}{M} \right) \right\|_2^2",
            r"+ 4 \left\| \nabla F_m \left(\frac{X_{n;k} \cdot 1_M}{M} \right) - \nabla F \left(\frac{X_{n;k} \cdot 1_M}{M} \right) "
            r"\right\|_2^2 \\ &+ 4 \left\| \nabla F \left(\frac{X_{n;k} \cdot 1_M}{M} \right) - \nabla F \left(\frac{X_{n} \cdot 1_M}{M} "
            r"\right) \right\|_2^2 \\ &+ 4 \left\| \nabla F \left(\frac{X_{n;k} \cdot 1_M}{M} \right) - \nabla F \left(\frac{X_{n} \cdot "
            r"1_M}{M} \right) \right\|_2^2",
        ),
        unparsed=TWICE,
        misprint="a difference of gradients, printed twice, for the gradient",
        readings=(
            Reading(
                "as printed: a, the mean of the u_i, and c = v, e = u; losses are alike, so that b = 0",
                at_most(norm_sq(u_i.mean + v + u), 4 * (norm_sq(u_i.mean) + norm_sq(v) + norm_sq(v))),
                arena="vectors",
            ),
        ),
        correction=Reading(
            "corrected: the gradient, so that it is n times the squares of n vectors; there are four",
            at_most(n**2 * norm_sq(u_i.mean), n**2 * average_norm_sq(u_i)),
            follows=Certified(at_most(n**2 * norm_sq(u_i.mean), n**2 * average_norm_sq(u_i))),
            arena="vectors",
        ),
    ),
    Claim(
        "qprsgd/eq-17",
        "step",
        "Appendix E, (17)",
        "All stochastic gradients, by T_4. The sum over m of the last term is M times it, not once.",
        latex=(
            (
                r"\leq NKM\sigma^{2} + 4L^{2} \underbrace{\sum_{n=1}^{N} \sum_{k=0}^{K-1} \sum_{m=1}^{M} \|x_{n;k}^{(m)} - \frac{X_{n;k} "
                r"\cdot 1_{M}}{M}\|_{2}^{2}}_{F} + 4\kappa^{2}MNK"
            ),
            (
                r"+ 8NL^{2}\sigma^{2} \sum_{k=0}^{K-1} k\bar{\gamma}^{2} + 8ML^{2}\bar{\gamma}^{2} \sum_{n=1}^{N} \sum_{k=0}^{K-1} "
                r"\sum_{t=0}^{k-1} k \|\frac{\partial F(X_{n;t}) \cdot 1_{M}}{M}\|_{2}^{2}"
            ),
            r"+ 4K \sum_{n=1}^{N} \|\nabla F\left(\frac{X_{n} \cdot 1_{M}}{M}\right)\|_{2}^{2}",
        ),
        unparsed=TWICE,
        misprint="4 K for 4 K M",
        readings=(
            Reading(
                "as printed: 8 workers, F_m(x) = x without noise, N = K = 1",
                at_most(CROWD, EQ_17_PRINTED.rhs.subs(STRAIGHT).doit()),
            ),
        ),
        correction=Reading(
            "corrected: 4 K M",
            EQ_17,
            GOSSIP,
            follows=Telescoped(
                Using(Using(VARIANCE_IN_ROUND, (Cite("qprsgd/appendix-e/gradients-in-four"),)), (Cite("qprsgd/appendix-e/way-of-mean"),)),
                t,
                N,
            ),
            **gossip(),
        ),
        improvement=Reading(
            "improved: what workers differ by has mean zero, so that each part is one of three, and heterogeneity one of two",
            SHARP_EQ_17,
            GOSSIP,
            follows=Telescoped(
                Using(
                    Using(VARIANCE_IN_ROUND, (FEWER_IN_FOUR,)),
                    (Cite("qprsgd/appendix-e/way-of-mean"),),
                ),
                t,
                N,
            ),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-e/t-4",
        "step",
        "Appendix E, bound of T_4",
        "How far local iterates stray from their mean, over all rounds.",
        latex=(
            (
                r"\leq \frac{2K - 1 + 24\bar{\gamma}^2 L^2}{1 - 12\bar{\gamma}^2 L^2 (K+1) (K-2)} \sum_{n=1}^N \sum_{m=1}^M "
                r"\|\tilde{x}_n^{(m)} - \frac{X_n \cdot 1_M}{M}\|_2^2 \\ &+ \frac{2\sigma^2 \bar{\gamma}^2 M K (K-1) + 2\bar{\gamma}^2 "
                r"\kappa^2 M (K-1) K (2K-1)}{1 - 12\bar{\gamma}^2 L^2 (K+1) (K-2)} N"
            ),
        ),
        unparsed=TWICE,
        readings=printed(
            T_4,
            (*GOSSIP, given.gossip_drift_condition),
            follows=scaled(
                Isolated(
                    Combined(
                        (
                            Isolated(Telescoped(DEVIATION_IN_ROUND, t, N), OWN_DRIFT * M * total(round_deviation_sq)),
                            Decided(at_most(0, (K - 1) * (2 * K**2 - K - 4))),
                            Decided(at_most(0, (K - 1) * (K + 1) * (K - 2))),
                            Decided(at_most(0, (K - 1) * (2 * K - 1))),
                        ),
                        (
                            DRIFT / OWN_DRIFT,
                            8 * eta**2 * L**2 / OWN_DRIFT * total(consensus_sq),
                            16 * eta**4 * L**2 * M * K * N * (sigma**2 + sp.Rational(2, 3) * (2 * K - 1) * zeta**2) / OWN_DRIFT,
                            sp.Rational(2, 3) * eta**2 * M * K * N * zeta**2,
                        ),
                    ),
                    DRIFT * M * total(round_deviation_sq),
                ),
                1 / DRIFT,
            ),
            **gossip(),
        ),
        improvement=Reading(
            "improved: noise has mean zero, whatever iterates differ by at the start of a round",
            SHARP_T_4,
            (*GOSSIP, given.drift_condition),
            follows=scaled(
                Isolated(
                    Telescoped(deviation_in_round(DEVIATION_BY_VARIANCE, (M - 1) / M), t, N), SHARP_DRIFT * M * total(round_deviation_sq)
                ),
                1 / SHARP_DRIFT,
            ),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-e/first-step",
        "step",
        "Appendix E, before T_4",
        "2 K - 2 + 12 K (K - 1) x <= 2 K - 1 + 24 x, x = gamma^2 L^2: just the condition on the step. (A sum "
        "over n stands on the right of a "
        "statement about one round.)",
        latex=(
            (
                r"\leq \frac{2K - 1 + 24 \bar{\gamma}^2 L^2}{1 - 12 \bar{\gamma}^2 L^2 \left(K + 1\right) \left(K - 2\right)} "
                r"\sum_{n=1}^{N} \sum_{m=1}^{M} \|\tilde{x}_n^{(m)} - \frac{X_n \cdot 1_M}{M}\|_2^2 \\ &+ \frac{2\sigma^2 \bar{\gamma}^2 "
                r"M K \left(K - 1\right) + 2 \bar{\gamma}^2 \kappa^2 M \left(K - 1\right) K \left(2K - 1\right)}{1 - 12 \bar{\gamma}^2 "
                r"L^2 \left(K + 1\right) \left(K - 2\right)}"
            ),
        ),
        unparsed=TWICE,
        misprint="a sum over n on the right only",
        readings=printed(
            at_most(2 * K - 2 + 12 * K * (K - 1) * eta**2 * L**2, 2 * K - 1 + 24 * eta**2 * L**2), (given.gossip_drift_condition,)
        ),
    ),
    # ---- Appendix F ----
    Claim(
        "qprsgd/lemma-8",
        "lemma",
        "Appendix F, Lemma 8",
        "W^t contracts deviations from the mean by rho^t: the first side by the last. The middle is lemma-8/middle.",
        latex=(
            r"\sum_{m=1}^{M} \mathbb{E} \|X_n \cdot W^t \cdot e^{(m)} - X_n \cdot \frac{1_M}{M}\|_2^2 \le \|\rho^{2t} X_n\|_F^2 = "
            r"\rho^{2t} \|X_n\|_F^2",
        ),
        unparsed=TWICE,
        misprint="(v^T) lacks its index",
        readings=(
            Reading(
                "the last side, rho^(2t) ||X||^2",
                at_most(mixed_deviation_sq, rho ** (2 * t) * matrix_sq),
                (given.spectral_gap,),
                follows=Solved(ONCE_MORE_BY_W, WITHIN, mixed_deviation_sq, t, rho ** (2 * t) * matrix_sq),
                **matrix(),
            ),
        ),
    ),
    Claim(
        "qprsgd/lemma-9/sums",
        "lemma",
        "Appendix F, Lemma 9",
        "Discounted sums.",
        latex=(r"\sum_{\varepsilon=1}^k a_\varepsilon \leq \frac{1}{1-\rho} \sum_{\varepsilon=1}^k b_\varepsilon",),
        letters={r"\sum_{\varepsilon=1}^k a_\varepsilon": discounted_sum, r"\sum_{\varepsilon=1}^k b_\varepsilon": sequence_sum},
        readings=printed(
            at_most(discounted_sum, sequence_sum / (1 - rho)),
            (given.spectral_gap,),
            follows=SUMS,
            arena=ARENA,
            setting={"of": "sequence"},
        ),
    ),
    Claim(
        "qprsgd/lemma-9/squares",
        "lemma",
        "Appendix F, Lemma 9",
        "Discounted sums, squared.",
        latex=(
            r"\sum_{\varepsilon=1}^k a_\varepsilon^2 \leq \frac{1}{(1-\rho)^2} \sum_{\varepsilon=1}^k b_\varepsilon^2",
            (
                r"\sum_{\varepsilon=1}^k a_\varepsilon \leq \frac{1}{1-\rho} \sum_{\varepsilon=1}^k b_\varepsilon; \quad "
                r"\sum_{\varepsilon=1}^k a_\varepsilon^2 \leq \frac{1}{(1-\rho)^2} \sum_{\varepsilon=1}^k b_\varepsilon^2"
            ),
        ),
        letters={r"\sum_{\varepsilon=1}^k a_\varepsilon^2": discounted_sq_sum, r"\sum_{\varepsilon=1}^k b_\varepsilon^2": sequence_sq_sum},
        readings=printed(
            at_most(discounted_sq_sum, sequence_sq_sum / (1 - rho) ** 2),
            (given.spectral_gap,),
            follows=SQUARES,
            arena=ARENA,
            setting={"of": "sequence"},
        ),
    ),
    Claim(
        "qprsgd/lemma-10",
        "lemma",
        "Appendix F, Lemma 10",
        "How far local iterates stray from the mean at the start of their round.",
        latex=(
            r"\leq \frac{4K}{1 - \rho^2} \sum_{n=1}^{N} E \| C_n \|_F^2",
            (
                r"+ \left[\frac{4K^2 \bar{\gamma}^2}{(1 - \rho)^2} + \bar{\gamma}^2 K (K - 1) \right] \sum_{n=1}^{N} \sum_{k=0}^{K-1} \| "
                r"G \left(X_{n;k}, \xi_k \right) \|_F^2"
            ),
        ),
        unparsed=TWICE,
        relies=("qprsgd/eq-11", "qprsgd/assumption-2"),
        readings=printed(
            LEMMA_10,
            GOSSIP,
            follows=Using(Telescoped(Cite("qprsgd/appendix-f.1/two-parts"), t, N), (ALL_CONSENSUS,)),
            **gossip(),
        ),
        improvement=Reading(
            "improved: the square of the sum of roots again, by the improved Lemma 7",
            SHARP_LEMMA_10,
            GOSSIP,
            follows=DRIFT_BY_ROOTS,
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-f/weights",
        "step",
        "Appendix F.1",
        "Sum of the indices above k.",
        latex=(
            r"\frac{(K+k) (K-k-1)}{2}",
            (
                r"= 2 \sum_{n=1}^{N} \sum_{k=0}^{K-1} \sum_{m=1}^{M} \mathbb{E} \| \frac{X_n \cdot 1_M}{M} - \tilde{x}_n^{(m)} \|_2^2 \\ "
                r"&+ 2 \bar{\gamma}^2 \sum_{n=1}^{N} \sum_{k=0}^{K-1} \frac{(K+k) (K-k-1)}{2} \mathbb{E} \| G\left(x_{n;j}^{(m)}, "
                r"\xi_j^{(m)}\right) \|_F^2"
            ),
        ),
        letters={"k": i},
        readings=printed(equals(sp.Sum(t, (t, i + 1, K - 1)).doit(), (K + i) * (K - i - 1) / 2)),
    ),
    Claim(
        "qprsgd/appendix-f/weights-at-most",
        "step",
        "Appendix F.1",
        "(K + k)(K - k - 1) <= K (K - 1).",
        latex=(r"\frac{2 \bar{\gamma}^2 K (K-1)}{2}",),
        unparsed="one factor of a bound; read twice",
        readings=printed(at_most((K + i) * (K - i - 1), K * (K - 1))),
    ),
    Claim(
        "qprsgd/lemma-11",
        "lemma",
        "Appendix F, Lemma 11",
        "Second moment of the mean progress of a round: Young's inequality between noise and gradients, which does without independence.",
        latex=(
            r"\leq \frac{2K\sigma^2}{M} + 2K \sum_{k=0}^{K-1} \| \frac{\partial F \left(X_{n;k} \right) \cdot 1_M}{M} \|_2^2",
            (
                r"\leq \frac{2K\sigma^2}{M} + 2K \sum_{k=0}^{K-1} \mathbb{E} \left\| \frac{\partial F \left(X_{n;k} \right) \cdot 1_M}{M} "
                r"\right\|_2^2,"
            ),
        ),
        unparsed=TWICE,
        relies=("qprsgd/assumption-1",),
        readings=printed(
            LEMMA_11,
            GOSSIP,
            follows=Using(Cite("qprsgd/appendix-f.2/in-two"), (NOISES_ADD, ALONG_STEPS)),
            **gossip(),
        ),
        improvement=Reading(
            "improved: the square of the sum of roots, or both once where steps are short, for only gradients after a noise know of it",
            SHARP_LEMMA_11,
            GOSSIP,
            follows=Joined((MEAN_BY_ROOTS, MEAN_PROGRESS)),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-f/lost-variance",
        "step",
        "Appendix F, accumulative bound",
        "Two lines of one display: L gamma^2 K sigma^2 N / M stands in the first, and is gone after the next sign of equality.",
        latex=(
            (
                r"\leq -\frac{\bar{\gamma}K}{2} \sum_{n=1}^N \| \nabla F(\frac{X_n \cdot 1_M}{M}) \|_2^2 - \frac{\bar{\gamma}}{2} "
                r"\sum_{n=1}^N \sum_{k=0}^{K-1} \| \frac{\partial F(X_{n;k}) \cdot 1_M}{M} \|_2^2 \\ &+ "
                r"\frac{2\bar{\gamma}L^2K}{M(1-P^2)} \sum_{n=1}^N \mathbb{E} \| C_n \|_F^2 + \frac{L}{2M^2} \sum_{n=1}^N \| C_n^{(m)} "
                r"\|_F^2 \\ &+ \frac{\bar{\gamma}L^2}{2M} \left(\frac{4K^2\bar{\gamma}^2}{(1-\rho)^2} + \bar{\gamma}^2K(K-1) \right) "
                r"\sum_{n=1}^N \sum_{k=0}^{K-1} \| G(X_{n;k}, \xi_k) \|_F^2 \\ &+ \frac{\gamma^{\bar{\gamma}L}}{2} "
                r"\left(\frac{2K\sigma^2N}{M} + 2K \sum_{n=1}^N \sum_{k=0}^{K-1} \| \frac{\partial F(X_{n;k}) \cdot 1_M}{M} \|_2^2 \right)"
            ),
        ),
        unparsed=TWICE,
        damaged="gamma^2 L / 2 before it",
        misprint="gamma^(gamma L) for gamma^2 L",
        readings=(
            Reading(
                "the terms before and after",
                equals(L * eta**2 / 2 * (2 * K * sigma**2 * N / M), 0),
            ),
        ),
        correction=Reading("corrected: all rounds, with that term", ALL_ROUNDS, GOSSIP, follows=ROUNDS_ADDED, **gossip()),
    ),
    Claim(
        "qprsgd/appendix-f/sum",
        "step",
        "Appendix F, accumulative bound",
        "All rounds together: 2 / (gamma K N) times the last display, which has lost the variance of the mean gradient.",
        latex=(
            (
                r"\leq -\frac{\bar{\gamma}K}{2} \left(1 - D_{5}'\right) \sum_{n=1}^{N} E \|\nabla F\left(\frac{X_{n} \cdot "
                r"1_{M}}{M}\right)\|_{2}^{2} \\ -\frac{\bar{\gamma}}{2} D_{6}' \sum_{n=1}^{N} E \|\frac{\partial F\left(X_{n} \cdot "
                r"1_{M}\right)}{M}\|_{2}^{2} \\ +\frac{\bar{\gamma}^{2} K L D_{4}' N}{1 - 8L^{2} \bar{\gamma}^{2} K D_{1}' D_{3}'} "
                r"\left[1 + \frac{4L^{2} \bar{\gamma}^{2} \left(K - 1\right)}{M} \\ +\frac{8 \left(K - 1\right) L^{2} \bar{\gamma}^{2}}{1 "
                r"- 12 \bar{\gamma}^{2} L^{2} \left(K + 1\right) \left(K - 2\right)}\right] \sigma^{2} \\ +\frac{4 \bar{\gamma}^{2} K^{2} "
                r"L D_{4}' N}{1 - 8L^{2} \bar{\gamma}^{2} K D_{1}' D_{3}'} \left[1 + \frac{4 \left(K - 1\right) \left(2K - 1\right) L^{2} "
                r"\bar{\gamma}^{2}}{1 - 12 \bar{\gamma}^{2} L^{2} \left(K + 1\right) \left(K - 2\right)}\right] \kappa^{2}"
            ),
        ),
        unparsed=TWICE,
        misprint="1 - D_5' for 1 - 4 D_5' / M, K for K^2 before sigma^2, which Appendix F.3 and (12) have",
        readings=(
            Reading(
                "as printed",
                at_most(
                    (1 - PRICE) * average_gradient_sq + DESCENT / K * average_start_mean_gradient_sq,
                    PRICE / K * sigma**2 * (1 + 4 * L**2 * eta**2 * (K - 1) / M + 8 * (K - 1) * L**2 * eta**2 / DRIFT)
                    + 4 * PRICE * zeta**2 * (1 + 4 * (K - 1) * (2 * K - 1) * L**2 * eta**2 / DRIFT)
                    + 2 * initial_gap / (eta * K * N),
                ),
                (*FINE_GOSSIP, *THEOREM_STEPS),
                **gossip(horizon="long"),
            ),
        ),
        correction=Reading(
            "corrected: with the variance of the mean gradient, and Lemma 3 corrected",
            EQ_12_CORRECTED,
            (*FINE_GOSSIP, *THEOREM_STEPS),
            follows=Cite("qprsgd/theorem-2/eq-12"),
            **gossip(horizon="long"),
        ),
    ),
    *COROLLARY_STEPS,
)
