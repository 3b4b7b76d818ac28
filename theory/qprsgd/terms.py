"""What the statements of QPRSGD share: constants spelled out, hypotheses in force, short ways to write claims.

Rounds are counted from 0, the local iterations of a round too; sums over the N rounds are `total`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sympy as sp

from theory import hypotheses as given
from theory.claim import Hypothesis, Reading, Relation
from theory.symbols import H, L, R, d, eta, exponential, growth, rho, rounds, s, spread, t

ARENA = "qprsgd"
M, K, N = R, H, rounds
BEST_KNOWN = 1 / sp.sqrt(N * K * M)
"""The order of sigma sqrt(L Delta / (N K M)), which no method using N K M stochastic gradients beats on every problem.

Y. Arjevani, Y. Carmon, J. C. Duchi, D. J. Foster, N. Srebro, B. Woodworth, Lower bounds for non-convex stochastic optimization, Math.
Programming (Series A) 199 (2023), doi 10.1007/s10107-022-01822-7, arXiv 1912.02365, abstract and main result: with unbiased stochastic
gradients of variance at most sigma^2, losses that are L-smooth and start within Delta of their infimum, in enough dimensions, any
algorithm takes Omega(Delta L sigma^2 / epsilon^4) of them to reach a gradient of norm at most epsilon, for small epsilon. N K M of them
leave a squared norm epsilon^2 of at least that order; that M come at a time only restricts the algorithm.
"""

# The ring
SHARE = d / (4 * s**2)  # excess of the quantiser on a whole vector
SEGMENT = d / (4 * s**2 * M)  # the same on one of M segments


def c_1(power: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    """C_1 of Lemma 1, given (1 + a/M)^(M - 1) and exp(a)."""
    return exponent / M + 4 * s**2 / d * power - (4 * s**2 / d + 1)


C_1 = c_1((SEGMENT + 1) ** (M - 1), sp.exp(SHARE))
C_1_IN_LETTERS = c_1(growth, exponential)
POWERS = Hypothesis(
    "powers",
    "g = (1 + a/M)^(M - 1) and E = exp(a), a = d / (4 s^2): Bernoulli and the exponential series",
    sp.And(growth >= 1 + (M - 1) * SEGMENT, exponential >= (1 + SEGMENT) * growth),
)
SPELLED = {growth: (SEGMENT + 1) ** (M - 1), exponential: sp.exp(SHARE)}

# Gossip
FINE = s**2 * (1 - rho) ** 2 - d * spread**2
NOISE = (d * (1 - rho) ** 2 + 2 * d * spread**2) / (2 * FINE)  # D_2'
NOISE_SHARE = d * spread / (4 * s**2 * (2 - spread))  # what noise makes of itself, by the improved Lemma 2
NOISE_ROOT = sp.sqrt(d) / (s * (2 - spread) * (1 - NOISE_SHARE))
SHARP_NOISE = NOISE_ROOT**2  # in the place of D_2'
CONSENSUS_ROOT = (rho + sp.sqrt(1 + (1 - rho**2) * SHARP_NOISE)) / (1 - rho**2)  # its square stands for 2 D_3'
LATER_ROOT = sp.sqrt(K * (K - 1) / 2)
SHARP_DRIFT = 1 - 2 * eta**2 * L**2 * (K + 1) * (K - 2)
SHARP_DEVIATION = (2 * K + 4 * eta**2 * L**2 - 1) / SHARP_DRIFT  # for D_1'
DRIFT = 1 - 12 * eta**2 * L**2 * (K + 1) * (K - 2)
DEVIATION = (2 * K + 24 * eta**2 * L**2 - 1) / DRIFT  # D_1'


class Constants(NamedTuple):
    """D_3' to D_6' and the denominator of Lemma 3, all by D_2'."""

    mixing: sp.Expr
    feedback: sp.Expr
    step: sp.Expr
    price: sp.Expr
    descent: sp.Expr


def constants(noise: sp.Expr) -> Constants:
    """What is built on a factor of the noise."""
    mixing = noise / (1 - rho**2) + 1 / (1 - rho) ** 2
    feedback = 1 - 8 * L**2 * eta**2 * K * DEVIATION * mixing
    step = 2 * eta * L * K * mixing + eta * L * (K - 1) / 2 + noise / (2 * M)
    price = 2 * K * L * eta * step / feedback
    return Constants(mixing, feedback, step, price, 1 - 4 * K * (K - 1) * L**2 * eta**2 * price - 2 * eta * K * L)


PRINTED = constants(NOISE)
MIXING, FEEDBACK, STEP, PRICE, DESCENT = PRINTED

# D_1' to D_4' and the denominators as letters: what derivations with many terms speak of
BY_ROOM, BY_DRIFT, BY_FEEDBACK, BY_GAP, BY_GAP_SQ, FACTOR_1, FACTOR_2, FACTOR_3, FACTOR_4 = sp.symbols(
    "by_room by_drift by_feedback by_gap by_gap_sq d_1 d_2 d_3 d_4", real=True
)
FACTORS = {
    BY_ROOM: 1 / (2 * FINE),
    BY_DRIFT: 1 / DRIFT,
    FACTOR_1: (2 * K + 24 * eta**2 * L**2 - 1) * BY_DRIFT,
    BY_GAP: 1 / (1 - rho**2),
    BY_GAP_SQ: 1 / (1 - rho) ** 2,
    FACTOR_2: (d * (1 - rho) ** 2 + 2 * d * spread**2) * BY_ROOM,
}
SIGNS = (BY_ROOM > 0, BY_DRIFT > 0, FACTOR_1 >= 0, BY_GAP >= 1, BY_GAP_SQ >= 1, FACTOR_2 >= 0)


def feedback(mixing: sp.Expr) -> sp.Expr:
    """The denominator of Lemma 3 in letters, given D_3'."""
    return 1 - 8 * L**2 * eta**2 * K * FACTOR_1 * mixing


def step(mixing: sp.Expr) -> sp.Expr:
    """D_4' in letters, given D_3'."""
    return 2 * eta * L * K * mixing + eta * L * (K - 1) / 2 + FACTOR_2 / (2 * M)


MIXED = FACTOR_2 * BY_GAP + BY_GAP_SQ  # D_3'

# The same of the improved Lemmas 2 and 7
OF_NOISE, CONSENSUS_FACTOR, LATER, DRIFTED, BY_SHARP_DRIFT, BY_SHARP_FEEDBACK, SHARP_FACTOR_1, SHARP_FACTOR_4 = sp.symbols(
    "of_noise consensus_factor later drifted by_sharp_drift by_sharp_feedback sharp_d_1 sharp_d_4", real=True
)
SHORT_FACTOR, COST = sp.symbols("short_factor cost", real=True)
SHARP_FACTORS = {
    OF_NOISE: NOISE_ROOT,
    CONSENSUS_FACTOR: (rho + sp.sqrt(1 + (1 - rho**2) * OF_NOISE**2)) / (1 - rho**2),
    BY_SHARP_DRIFT: 1 / SHARP_DRIFT,
    SHARP_FACTOR_1: (2 * K + 4 * eta**2 * L**2 - 1) * BY_SHARP_DRIFT,
}
SHARP_SIGNS = (
    OF_NOISE > 0,
    CONSENSUS_FACTOR >= 1,
    CONSENSUS_FACTOR >= OF_NOISE,
    sp.Eq((1 - rho**2) * CONSENSUS_FACTOR**2, 2 * rho * CONSENSUS_FACTOR + 1 + OF_NOISE**2),
    BY_SHARP_DRIFT > 0,
    SHARP_FACTOR_1 >= 0,
)


def sharp_feedback(deviation: sp.Expr, root: sp.Expr) -> sp.Expr:
    """The denominator of the improved Lemma 3, given what stands for D_1' and for the root of 2 D_3'."""
    return 1 - 3 * L**2 * eta**2 * K * deviation * root**2


def sharp_step(noise: sp.Expr, drift: sp.Expr) -> sp.Expr:
    """D_4' of the improved Theorem 2, given what stands for D_2', and the drift from the improved Lemma 10 in units of gradients."""
    return eta * L / (2 * K) * drift + L * eta * (K - 1) / 4 + noise / (2 * M)


def sharp_descent(price: sp.Expr) -> sp.Expr:
    """D_6' of the improved Theorem 2, given D_5'."""
    return 1 - 3 * K * (K - 1) * L**2 * eta**2 * price - eta * K * L


def _sharp() -> Constants:
    feedback, step = sharp_feedback(SHARP_DEVIATION, CONSENSUS_ROOT), sharp_step(SHARP_NOISE, (K * CONSENSUS_ROOT + LATER_ROOT) ** 2)
    price = 2 * K * L * eta * step / feedback
    return Constants(CONSENSUS_ROOT**2 / 2, feedback, step, price, sharp_descent(price))


SHARP = _sharp()

# Hypotheses in force
ASSUMPTION_1 = (given.smooth, given.worker_variance, given.heterogeneity)
RING = (*ASSUMPTION_1, given.even_segments, given.fixed_step)
GOSSIP = (*ASSUMPTION_1, given.spectral_gap, given.several_workers, given.common_start, given.fixed_step)
FINE_GOSSIP = (*GOSSIP, given.fine_levels)
FINE_ENOUGH_GOSSIP = (
    *GOSSIP,
    Hypothesis(
        "fine_enough_levels",
        "d mu < 4 s^2 (2 - mu), mu > 0 the spread of W",
        sp.And(spread > 0, d * spread < 4 * s**2 * (2 - spread)),
    ),
)
SPREAD_BELOW_2 = Hypothesis("spread_below_2", "mu <= 1 + rho, as every W has it", spread <= 1 + rho)
SHARP_STEPS = (
    given.drift_condition,
    Hypothesis("sharp_feedback_condition", "the denominator of the improved Lemma 3 is positive", SHARP.feedback > 0),
)
SHARP_DESCENT = Hypothesis("sharp_descent_condition", "D_6' > 0, by the improved Lemma 2", SHARP.descent > 0)
SHARP_SMALL_STEP = Hypothesis(
    "sharp_small_gossip_step",
    "K L eta (16 D_3' + 6) <= 1, as (14) gives, D_3' by the improved Lemmas 2 and 7: at least 1/2, so that 14 K L eta <= 1",
    sp.And(14 * K * L * eta <= 1, K * L * eta * (16 * SHARP.mixing + 6) <= 1),
)


def total(quantity: sp.Expr) -> sp.Expr:
    """A quantity of a round, summed over all N."""
    return sp.Sum(quantity, (t, 0, N - 1))


def printed(relation: Relation, hypotheses: tuple[Hypothesis, ...] = (), **how: Any) -> tuple[Reading, ...]:
    """The only reading of a statement that can be read in one way."""
    return (Reading("as printed", relation, hypotheses, **how),)


def ring(**more: Any) -> dict[str, Any]:
    """Attacked on runs of Algorithm 1."""
    return {"arena": ARENA, "setting": {"of": "ring", **more}}


def gossip(**more: Any) -> dict[str, Any]:
    """Attacked on runs of Algorithm 2."""
    return {"arena": ARENA, "setting": {"of": "gossip", **more}}


def chain(**more: Any) -> dict[str, Any]:
    """Attacked on vectors that are summed and quantised in turn."""
    return {"arena": ARENA, "setting": {"of": "chain", "quantise": "segment", **more}}


TWICE = "several vectors and operators in one display; read twice"
