r"""QPRSGD, lines of displays between the first and the last: each step of a proof by itself, from the line before it.

So a step that falls is told from those that stand beside it: of T_1 only the second sign of equality falls, for instance.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory import hypotheses as given
from theory.claim import Claim, Hypothesis, Reading, Relation, at_most, equals
from theory.qprsgd.gossip import (
    ALL_ROUNDS,
    BEYOND,
    BY_STEP,
    COROLLARY_CORRECTED,
    CROWD,
    D_2,
    D_3,
    DEVIATION_IN_THREE,
    EXACT,
    K_RANGE,
    LEMMA_7,
    SPEEDUP,
    SPREAD,
    STARTED,
    STEPS,
    STOCHASTIC,
    STRAIGHT,
    SUMMED_ROUNDS,
    THEOREM_STEPS,
    VARIANCES,
    apart_in_round,
    lemma_3,
    matrix,
    t_4_plugged,
)
from theory.qprsgd.ring import APART, NOISE_OF_RING, QUANTISED_CHAIN, SMOOTH_ON_RING, SPLIT
from theory.qprsgd.steps import (
    ALONG_STEPS,
    AT_THE_MEAN,
    BY_EIGENVECTORS,
    LAST_TWO,
    NOISE_APART,
    PROGRESS,
    QUANTISERS,
    SUM_OF_SQUARES,
    away,
    centre,
    drawn,
    g_end,
    g_start,
    g_step,
    g_way,
    itself,
    local,
    meant,
    noise,
    noise_part_sq,
    progress_part_sq,
    rounding,
    summed_over_steps,
)
from theory.qprsgd.steps import STEPS as INDEPENDENT_STEPS
from theory.qprsgd.terms import (
    BY_GAP,
    BY_GAP_SQ,
    C_1,
    DEVIATION,
    DRIFT,
    FACTOR_2,
    FACTORS,
    FINE_GOSSIP,
    GOSSIP,
    MIXING,
    NOISE,
    RING,
    SEGMENT,
    SHARE,
    SIGNS,
    STEP,
    TWICE,
    K,
    M,
    N,
    chain,
    gossip,
    printed,
    ring,
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
    Isolated,
    Minkowski,
    Raised,
    Summed,
    Telescoped,
    Using,
    scaled,
)
from theory.samples import uncorrelated
from theory.scenes import below_paraboloid, f_shifted, f_x, f_y, fact, g_x, lipschitz, u, u_i, v, x, y
from theory.symbols import (
    L,
    average_gradient_sq,
    bound,
    chain_before_sq,
    chain_before_sum_sq,
    chain_error_sq,
    chain_first_sq,
    chain_last_sq,
    chain_second_sq,
    chain_sum_sq,
    code_bits_smooth,
    consensus_sq,
    d,
    discounted_noise_sq,
    discounted_norms_sq,
    eta,
    f_star,
    gradients_apart_sq,
    growth,
    header_bits,
    i,
    image_sq,
    initial_gap,
    large_entries,
    later_columns_sq,
    level_sum,
    local_gradients_sq,
    matrix_sq,
    mean_exact_progress_sq,
    mean_noise_progress_sq,
    mean_progress_sq,
    mixed_deviation_sq,
    moved_sq,
    n,
    next_level_sq_sum,
    noise_apart_sq,
    noises_sq,
    nonzeros,
    quantisation_noise_sq,
    rho,
    ring_noise_sq,
    round_aligned,
    round_deviation_sq,
    round_drift_sq,
    round_mean_gradient_sq,
    round_noises_sq,
    round_progress_sq,
    round_summed_stochastic_sq,
    s,
    sigma,
    small_level_sum,
    spread,
    start_gradient_sq,
    start_loss,
    stochastic_sq,
    t,
    weighted_deviation_sq,
    worker_deviation_sq,
    worker_exact_progress_sq,
    worker_gradient_at_mean_sq,
    worker_gradient_sq,
    worker_noise_progress_sq,
    worker_noises_sq,
    worker_progress_sq,
    x_sq,
    zeta,
)
from theory.vectors import average_dot, average_norm_sq, dot, norm_sq

EXACT_RING = {**EXACT, "loss": "any curvature"}
IN_TWO = at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v))
TWO_WORKERS = Hypothesis("two_workers", "M = 2", sp.Eq(M, 2))
VARIANCE = "Assumption 1: variance at most sigma^2"

# One level of the quantiser: l below, P the chance of the one above; a vector's norm, an entry's sign and size
LEVEL_SQ = i**2 / s**2 * (1 - growth) + (i + 1) ** 2 / s**2 * growth
LEVEL_SQ_AT_MOST = at_most(LEVEL_SQ, 1 / (4 * s**2) + ((i + growth) / s) ** 2)
NORM, SIZE = sp.symbols("norm size", real=True, positive=True)
SIGN = sp.Symbol("sign", real=True)
ABOVE = SIZE / NORM * s - i  # (4)
POSITION = sp.Symbol("y", real=True, nonnegative=True)  # s |u_i|

RISE = sp.Function("rise", real=True)(t)  # of the loss in a round
EIGENVALUE = sp.Symbol("eigenvalue", real=True)  # of W, other than that of the mean
ALONG = sp.Symbol("along", real=True)  # squared norm along its eigenvector
TURNED = Hypothesis("turned", "lambda^2 <= rho^2", rho**2 >= EIGENVALUE**2)
PART_1, PART_2, BOTH = sp.symbols("first_sq second_sq both_sq", real=True, nonnegative=True)

# Appendix F: what stands before the noise, and before all stochastic gradients once Lemma 2 is put in
BEFORE_NOISE = 2 * eta * L**2 * K / (M * (1 - rho**2)) + L / (2 * M**2)


def before_gradients(noise: sp.Expr, gap: sp.Expr, gap_sq: sp.Expr) -> sp.Expr:
    """The latter, given D_2', 1 / (1 - rho^2) and 1 / (1 - rho)^2."""
    drift = 4 * K**2 * eta**2 * gap_sq + eta**2 * K * (K - 1)
    return eta * L**2 / (2 * M) * drift + (2 * eta * L**2 * K / M * gap + L / (2 * M**2)) * eta**2 * K * noise


BEFORE_GRADIENTS = before_gradients(NOISE, 1 / (1 - rho**2), 1 / (1 - rho) ** 2)
BEFORE_IN_LETTERS = before_gradients(FACTOR_2, BY_GAP, BY_GAP_SQ)
ROUNDS_BY_DRIFT = at_most(
    eta * K / 2 * total(start_gradient_sq) + eta / 2 * total(round_mean_gradient_sq),
    initial_gap
    + eta * L**2 / (2 * M) * total(round_drift_sq)
    + L / (2 * M**2) * total(quantisation_noise_sq)
    + L * eta**2 / 2 * total(mean_progress_sq),
)
LATER = M * round_deviation_sq - consensus_sq


def plugged(copies: sp.Expr) -> Relation:
    """(17) with T_4, with `copies` for the factor of the gradients at the starts of rounds."""
    return at_most(
        STOCHASTIC,
        VARIANCES
        + 4 * L**2 * (2 * DEVIATION * MIXING * eta**2 * K * STOCHASTIC + SPREAD)
        + 4 * M * L**2 * eta**2 * (K - 1) * K * total(round_mean_gradient_sq)
        + 4 * K * copies * total(start_gradient_sq),
    )


BLOCKS = (3, 4, 6, 3)
"""Of ResNet-34: K. He, X. Zhang, S. Ren, J. Sun, Deep residual learning for image recognition, CVPR 2016, Table 1."""
BEFORE_STEP = at_most(
    average_gradient_sq / 2,
    3
    * eta
    * K
    * L
    * STEP
    * (
        (1 + 4 * L**2 * eta**2 * (K - 1) / M + 12 * (K - 1) * L**2 * eta**2) * sigma**2
        + 4 * (1 + 6 * (K - 1) * (2 * K - 1) * L**2 * eta**2) * zeta**2
    )
    + 2 * initial_gap / (eta * K * N),
)


NOISE_DISCOUNTED = Granted(
    at_most(total(noise_part_sq), discounted_noise_sq),
    by="Lemma 8 for the noise of each round, uncorrelated with that of any other: appendix-e/noises-add",
)
NORMS_DISCOUNTED = Granted(
    at_most(total(progress_part_sq), discounted_norms_sq),
    by="Lemma 8 for the gradients of each round, whose norms add up: appendix-e/norms-add",
)


def line(label: str, where: str, says: str, latex: tuple[str, ...], readings: tuple[Reading, ...], **more: Any) -> Claim:
    """One step of a proof."""
    return Claim(f"qprsgd/{label}", "step", where, says, latex, readings, **{"unparsed": TWICE, **more})


CLAIMS = (
    # ---- section V.A ----
    Claim(
        "qprsgd/sec-5/resnet-34",
        "text",
        "section V.A",
        "Residual blocks of ResNet-34, stage by stage [34, Table 1].",
        ("ResNet-34 is composed of 16 residual blocks",),
        printed(equals(sum(BLOCKS), 16)),
        unparsed="running text; read twice",
    ),
    # ---- section IV.A and Appendix C: Theorem 1 ----
    Claim(
        "qprsgd/sec-4/bounded-noise-squared",
        "text",
        "section IV.A.2, before Remark 2",
        "With few workers the factor of (6) is of order 1 / M^2, by 2 exp(a) / M^2, a = d / (4 s^2). (7) as printed allows too many.",
        (r"The following remark achieves $O(1/M^2)$",),
        (
            Reading(
                "as printed, at d = 64, s = 4, where (7) allows 178 workers: 16 of them",
                at_most((2 * C_1 / M).subs({M: 16, d: 64, s: 4}), (2 * sp.exp(SHARE) / M**2).subs({M: 16, d: 64, s: 4})),
            ),
        ),
        unparsed="running text; read twice",
        relies=("qprsgd/eq-7",),
        correction=Reading(
            "corrected: under (7) with a for d",
            at_most(2 * C_1 / M, 2 * sp.exp(SHARE) / M**2),
            (given.fewer_workers,),
            follows=scaled(Cite("qprsgd/eq-7"), 2 / M**2),
        ),
    ),
    line(
        "sec-4/telescoped",
        "section IV.A.2, proof of Theorem 1, second and last display; Appendix C, last display before C.1",
        "What the loss rises by in all rounds is the last less the first, and at least F* less the first.",
        (
            (
                r"F_* - F(\tilde{x}_1) \le \mathbb{E}[F(\tilde{x}_{N+1}) - F(\tilde{x}_1)] = \sum_{n=1}^N \mathbb{E}[F(\tilde{x}_{n+1}) - "
                r"F(\tilde{x}_n)]"
            ),
            (
                r"F_* - F(\tilde{x}_1) \le \mathbb{E}[F(\tilde{x}_{N+1}) - F(\tilde{x}_1)] = \sum_{n=1}^N \mathbb{E}[F(\tilde{x}_{n+1}) - "
                r"F(\tilde{x}_n)]"
            ),
            (
                r"F_* &- F(\tilde{x}_1) \leq \mathbb{E}[F(\tilde{x}_{N+1}) - F(\tilde{x}_1)] \\ &= \sum_{n=1}^N "
                r"\mathbb{E}[F(\tilde{x}_{n+1}) - F(\tilde{x}_n)]"
            ),
        ),
        printed(
            at_most(-sp.Sum(RISE, (t, 0, N - 1)), initial_gap),
            follows=Using(
                Telescoped(
                    Granted(equals(-RISE, start_loss - start_loss.subs(t, t + 1)), by="what a rise is"),
                    t,
                    N,
                    {start_loss.subs(t, N): f_star},
                ),
                (STARTED,),
            ),
            says="a sum that telescopes; what is left of it is at least F*, whatever the rounds do: there is nothing to attack",
        ),
    ),
    line(
        "eq-10/smooth",
        "section IV.A.2, (10), first two lines; Appendix C, (15), first two lines",
        "From each mean iterate to the next, and from the last to the start of the next round, F being L-smooth.",
        (
            (
                r"= \mathbb{E}\left[F(\tilde{x}_{n+1}) - F(\tilde{x}_{n;K})\right] + \sum_{k=0}^{K-1} "
                r"\mathbb{E}\left[F(\tilde{x}_{n;k+1}) - F(\tilde{x}_{n;k})\right] \\ \leq \mathbb{E}\left\langle\nabla "
                r"F(\tilde{x}_{n;K}), \tilde{x}_{n+1} - \bar{x}_{n;K}\right\rangle + \frac{L}{2}\mathbb{E}\|\tilde{x}_{n+1} - "
                r"\bar{x}_{n;K}\|_{2}^{2} \\ + \sum_{k=0}^{K-1} \left(\mathbb{E}\left\langle\nabla F(\bar{x}_{n;k}), \bar{x}_{n;k+1} - "
                r"\bar{x}_{n;k}\right\rangle + \frac{L}{2}\mathbb{E}\|\bar{x}_{n;k+1} - \bar{x}_{n;k}\|_{2}^{2}\right)"
            ),
            (
                r"= \mathbb{E}\left[F(\tilde{x}_{n+1}) - F(\bar{x}_{n;k})\right] + \sum_{k=0}^{K-1} \mathbb{E}\left[F(\bar{x}_{n;k+1}) - "
                r"F(\bar{x}_{n;k})\right] \\ \leq \mathbb{E}\left\langle\nabla F(\bar{x}_{n;k}), \bar{x}_{n+1} - "
                r"\bar{x}_{n;k}\right\rangle + \frac{L}{2}\mathbb{E}\|\bar{x}_{n+1} - \bar{x}_{n;k}\|_{2}^{2} \\ + \sum_{k=0}^{K-1} "
                r"\left(\mathbb{E}\left\langle\nabla F(\bar{x}_{n;k}), \bar{x}_{n;k+1} - \bar{x}_{n;k}\right\rangle + "
                r"\frac{L}{2}\mathbb{E}\|\bar{x}_{n;k+1} - \bar{x}_{n;k}\|_{2}^{2}\right)"
            ),
        ),
        printed(
            at_most(
                f_x - f_y,
                dot(g_end, rounding)
                + L / 2 * norm_sq(rounding)
                - K * eta * average_dot(g_way, g_step)
                + K * L * eta**2 / 2 * average_norm_sq(g_step),
            ),
            facts=(
                fact(
                    "F is L-smooth: from each mean iterate of the round to the next, added up",
                    f_y + K * average_dot(g_way, -eta * g_step) + K * L / 2 * eta**2 * average_norm_sq(g_step) - f_shifted,
                ),
                fact("F is L-smooth: from there to the start of the next round", below_paraboloid(f_x, f_shifted, g_end, rounding)),
            ),
            says="vectors of one round, which no arena draws; attacked in expectation as (10)",
        ),
        misprint="x~_{n;k} and x_bar_{n;k} for x_bar_{n;K}, x_bar_{n+1} for x~_{n+1}",
    ),
    line(
        "eq-15/unbiased",
        "Appendix C, (15), (a)",
        "The ring is unbiased: of its noise only the square is left.",
        (
            r"\stackrel{(a)}{=} "
            r"\frac{L}{2}\mathbb{E}\left\|-\frac{1}{M}\mathcal{Q}_{s}\left(\dots\mathcal{Q}_{s}\left(\mathcal{Q}_{s}\left(g_{n}^{(1)}"
            r"\right) + g_{n}^{(2)}\right) + \dots + g_{n}^{(M)}\right) + \frac{1}{M}\sum_{m=1}^{M}g_{n}^{(m)}\right\|_{2}^{2} \\ + "
            r"\sum_{k=0}^{K-1}\mathbb{E}\left\{\nabla F(\bar{x}_{n;k}), -\frac{\gamma_{n}}{M}\sum_{m=1}^{M}\nabla "
            r"f_{m}\left(x_{n;k}^{(m)}, \xi_{k}^{(m)}\right)\right\|_{2}^{2} \\ + "
            r"\frac{L}{2}\sum_{k=0}^{K-1}\mathbb{E}\left\|-\frac{\gamma_{n}}{M}\sum_{m=1}^{M}\nabla f_{m}\left(x_{n;k}^{(m)}, "
            r"\xi_{k}^{(m)}\right)\right\|_{2}^{2}",
        ),
        printed(
            at_most(
                start_loss.subs(t, t + 1) - start_loss,
                -eta * round_aligned + L * eta**2 / (2 * M**2) * round_summed_stochastic_sq + L / 2 * ring_noise_sq,
            ),
            RING,
            follows=SMOOTH_ON_RING,
            **ring(),
        ),
        misprint="a brace and a norm for the brackets of the inner product",
    ),
    line(
        "eq-15/noise",
        "Appendix C, (15), (b)",
        "The noise of the ring in a round, by Lemma 1, which speaks of one segment: over all of them it is Remark 1, which (10) names.",
        (
            r"\stackrel{(b)}{=} \frac{C_{1}L\gamma_{n}^{2}}{M}\sum_{m=1}^{M}\mathbb{E}\left\|\sum_{j=0}^{K-1}\nabla "
            r"f_{m}(x_{n;j}^{(m)}, \xi_{j}^{(m)})\right\|_{2}^{2}",
            r"where (*a*) is according to unbiased feature of QSGD [24] and (*b*) is based on the variance equation "
            r"$\mathbb{E}[(x - \mathbb{E}(x))^2] = \mathbb{E}(x^2) - [\mathbb{E}(x)]^2$ and Lemma 1",
        ),
        (
            Reading(
                "as printed, =, of one worker with one coordinate, d = s = 1, which QSGD leaves as it is",
                equals(0, (2 * C_1).subs({M: 1, d: 1, s: 1})),
            ),
        ),
        correction=Reading(
            "corrected: at most, as in (10)", NOISE_OF_RING, RING, follows=Cite("qprsgd/eq-10/noise"), says="attacked as it"
        ),
        misprint="= for <=, Lemma 1 for Remark 1",
    ),
    line(
        "appendix-c/t-1/noise-apart",
        "Appendix C, T_1, second sign of equality",
        "A worker's noises and its gradients are added in squares, though each noise moves the gradients after it.",
        (
            r"= \|\sum_{j=0}^{K-1} [\nabla f_m(x_{n;j}^{(m)}, \xi_j^{(m)}) - \nabla F_m(x_{n;j}^{(m)})] + \sum_{j=0}^{K-1} \nabla "
            r"F_m(x_{n;j}^{(m)})\|_2^2 \\ &= \|\sum_{j=0}^{K-1} [\nabla f_m(x_{n;j}^{(m)}, \xi_j^{(m)}) - \nabla "
            r"F_m(x_{n;j}^{(m)})]\|_2^2 \\ &+ \|\sum_{j=0}^{K-1} \nabla F_m(x_{n;j}^{(m)})\|_2^2",
        ),
        (
            Reading(
                "as printed, in expectation",
                equals(worker_progress_sq, worker_noise_progress_sq + worker_exact_progress_sq),
                RING,
                **ring(**EXACT_RING),
            ),
        ),
        correction=Reading(
            "corrected: at most twice as much, by Young's inequality",
            at_most(worker_progress_sq, 2 * worker_noise_progress_sq + 2 * worker_exact_progress_sq),
            RING,
            follows=Expected(
                Certified(IN_TWO),
                {norm_sq(u + v): worker_progress_sq, norm_sq(u): worker_noise_progress_sq, norm_sq(v): worker_exact_progress_sq},
            ),
            **ring(**EXACT_RING),
        ),
        improvement=Reading(
            "improved: the square of the sum of roots",
            at_most(worker_progress_sq, (sp.sqrt(worker_noise_progress_sq) + sp.sqrt(worker_exact_progress_sq)) ** 2),
            RING,
            follows=Minkowski(
                (u, v),
                (itself(worker_noise_progress_sq), itself(worker_exact_progress_sq)),
                (sp.sqrt(worker_noise_progress_sq), sp.sqrt(worker_exact_progress_sq)),
                {norm_sq(u + v): worker_progress_sq, norm_sq(u): worker_noise_progress_sq, norm_sq(v): worker_exact_progress_sq},
            ),
            **ring(**EXACT_RING),
        ),
    ),
    line(
        "appendix-c/t-1/noises-add",
        "Appendix C, T_1, third sign of equality",
        "Noises of different steps have mean zero, whatever was before: in expectation they are added in squares.",
        (
            r"= \sum_{j=0}^{K-1} \|\nabla f_m(x_{n;j}^{(m)}, \xi_j^{(m)}) - \nabla F_m(x_{n;j}^{(m)})\|_2^2 \\ &+ \|\sum_{j=0}^{K-1} "
            r"\nabla F_m(x_{n;j}^{(m)})\|_2^2",
        ),
        (
            Reading(
                "as printed, in expectation",
                equals(worker_noise_progress_sq, worker_noises_sq),
                RING,
                follows=Expected(
                    Certified(
                        equals(K**2 * norm_sq(noise.mean), K * average_norm_sq(noise)), (uncorrelated(noise, K, -K, INDEPENDENT_STEPS),)
                    ),
                    {K**2 * norm_sq(noise.mean): worker_noise_progress_sq, K * average_norm_sq(noise): worker_noises_sq},
                ),
                **ring(**EXACT_RING),
            ),
        ),
    ),
    line(
        "appendix-c/t-1/bounded",
        "Appendix C, T_1, first bound",
        "The variance of K noises, and Cauchy-Schwarz over K steps: this step stands.",
        (r"\leq K\sigma^2 + K \sum_{j=0}^{K-1} \|\nabla F_m(x_{n;j}^{(m)})\|_2^2",),
        printed(
            at_most(worker_noises_sq + worker_exact_progress_sq, K * sigma**2 + K * worker_gradient_sq),
            RING,
            follows=Combined(
                (
                    Expected(
                        Certified(
                            at_most(K * average_norm_sq(noise), K * sigma**2), (fact(VARIANCE, sigma**2 - average_norm_sq(noise), K),)
                        ),
                        {K * average_norm_sq(noise): worker_noises_sq},
                    ),
                    summed_over_steps(worker_exact_progress_sq, worker_gradient_sq),
                ),
                (1, 1),
            ),
            **ring(**EXACT_RING),
        ),
    ),
    line(
        "appendix-c/t-1/at-mean",
        "Appendix C, T_1, (a)",
        "By (16), and every F_m being L-smooth.",
        (
            r"\leq K\sigma^2 + 2KL^2 \sum_{j=0}^{K-1} \|x_{n;j}^{(m)} - \bar{x}_{n;j}\|_2^2 + 2K \sum_{j=0}^{K-1} \|\nabla "
            r"F_m(\bar{x}_{n;j})\|_2^2",
        ),
        printed(
            at_most(K * worker_gradient_sq, 2 * K * L**2 * worker_deviation_sq + 2 * K * worker_gradient_at_mean_sq),
            RING,
            follows=scaled(AT_THE_MEAN, K),
            **ring(**EXACT_RING),
        ),
    ),
    # ---- Appendix A ----
    line(
        "appendix-a/mean-level",
        "Appendix A, proof of Lemma 4, second line",
        "The mean of a level over s, the chance of the one above put in.",
        (r"= \frac{\ell}{s} + \frac{1}{s}\left(\frac{|v_i|}{||v||_2}s - \ell\right) = \frac{|v_i|}{||v||_2}",),
        printed(equals(i / s + (SIZE / NORM * s - i) / s, SIZE / NORM)),
        unparsed="an equality of three; read twice",
    ),
    line(
        "appendix-a/mean-entry",
        "Appendix A, proof of Lemma 4, last display",
        "Norm and sign times that: the entry.",
        (
            r"\mathbb{E}(v_i') = \|\boldsymbol{v}\|_2 \cdot \operatorname{sgn}(v_i) \cdot \mathbb{E}[\zeta(v_i, s) / s]",
            r"= \|\boldsymbol{v}\|_2 \cdot \operatorname{sgn}(v_i) \cdot \frac{|v_i|}{\|\boldsymbol{v}\|_2} = v_i",
        ),
        printed(equals(NORM * SIGN * (SIZE / NORM), SIGN * SIZE)),
        unparsed="an equality of four; read twice",
    ),
    line(
        "appendix-a/level-expanded",
        "Appendix A, proof of Lemma 5, second line",
        "Second moment of a level over s, multiplied out.",
        (r"= -\frac{1}{s^2}P^2 + \frac{1}{s^2}P + \frac{|v_i|^2}{||v||_2^2}",),
        printed(equals(LEVEL_SQ, -(growth**2) / s**2 + growth / s**2 + ((i + growth) / s) ** 2)),
        unparsed="one line of a chain; read twice",
    ),
    line(
        "appendix-a/level-at-most",
        "Appendix A, proof of Lemma 5, (a)",
        "The square is dropped.",
        (r"\stackrel{(a)}{\leq} \frac{1}{4s^2} + \frac{|v_i|^2}{\|v\|_2^2}",),
        printed(LEVEL_SQ_AT_MOST),
        unparsed="one line of a chain; read twice",
    ),
    line(
        "appendix-a/entries",
        "Appendix A, proof of Lemma 5, third display and what follows it",
        "Entry by entry: the levels' second moments, whose ratios |v_i| / ||v|| have squares that add up to 1.",
        (r"\mathbb{E}[\|Q_s(v)\|_2^2] = \sum_{i=1}^d \mathbb{E}[\|v\|_2^2 \cdot (\zeta(v_i, s)/s)^2]",),
        printed(
            at_most(image_sq, (SHARE + 1) * x_sq),
            follows=Summed(
                Decided(LEVEL_SQ_AT_MOST),
                at_most(image_sq, (SHARE + 1) * x_sq),
                by="over the d entries, each ||v||^2 times the second moment of its level over s, (l + P) / s = |v_i| / ||v||",
            ),
            arena="operator",
            setting={"operator": "qsgd"},
        ),
    ),
    line(
        "appendix-a/variance-at-most",
        "Appendix A, proof of Lemma 5, last display, last line",
        "The second moment put in.",
        (
            r"\mathbb{E}[\|Q_{s}(\boldsymbol{v}) - \boldsymbol{v}\|_{2}^{2}] = \mathbb{E}[\|Q_{s}(\boldsymbol{v}) - "
            r"\mathbb{E}[Q_{s}(\boldsymbol{v})]\|_{2}^{2}] \\ = \mathbb{E}[\|Q_{s}(\boldsymbol{v})\|_{2}^{2}] - "
            r"\|\mathbb{E}[Q_{s}(\boldsymbol{v})]\|_{2}^{2} \\ \leq \left(\frac{d}{4s^{2}} + 1\right)\|\boldsymbol{v}\|_{2}^{2} - "
            r"\|\boldsymbol{v}\|_{2}^{2} = \frac{d}{4s^{2}}\|\boldsymbol{v}\|_{2}^{2}",
        ),
        printed(
            at_most(image_sq - x_sq, SHARE * x_sq),
            follows=Isolated(Cite("qprsgd/appendix-a/second-moment"), image_sq - x_sq),
            arena="operator",
            setting={"operator": "qsgd"},
        ),
    ),
    # ---- Appendix B ----
    line(
        "appendix-b/one-more/variance",
        "Appendix B, second display, first line",
        "Error of one more quantised vector: second moment less the norm of the mean.",
        (r"= \mathbb{E} \|Q_{s} \left(Q_{s}(X) + x_{i}\right)\|_{2}^{2} - \|\mathbb{E}(X) + x_{i}\|_{2}^{2}",),
        printed(
            equals(chain_error_sq, chain_second_sq - chain_sum_sq),
            follows=Isolated(SPLIT, chain_second_sq - chain_sum_sq - chain_error_sq),
            **chain(),
        ),
    ),
    line(
        "appendix-b/one-more/expanded",
        "Appendix B, second display, second and third line",
        "The second moment of the quantiser, and the square of the chain before plus the vector multiplied out: its inner product with the "
        "mean alone is left, the chain being unbiased.",
        (
            r"\leq \left(\frac{d}{4s^{2}M} + 1\right) \mathbb{E} \|Q_{s}(X) + x_{i}\|_{2}^{2} - \|\mathbb{E}(X) + x_{i}\|_{2}^{2} \\ &= "
            r"\left(\frac{d}{4s^{2}M} + 1\right) \mathbb{E} \|Q_{s}(X)\|_{2}^{2} + \frac{d}{2s^{2}M} \left\langle \mathbb{E}(X), x_{i} "
            r"\right\rangle \\ &+ \frac{d}{4s^{2}M} \|x_{i}\|_{2}^{2} - \|\mathbb{E}(X)\|_{2}^{2}",
        ),
        printed(
            at_most(
                chain_error_sq,
                (SEGMENT + 1) * chain_before_sq
                + SEGMENT * (chain_sum_sq - chain_before_sum_sq - chain_last_sq)
                + SEGMENT * chain_last_sq
                - chain_before_sum_sq,
            ),
            follows=Isolated(Combined((SPLIT, QUANTISED_CHAIN), (-1, 1)), chain_error_sq),
            **chain(),
        ),
    ),
    line(
        "appendix-b/one-more/young",
        "Appendix B, second display, (a)",
        "The inner product by <a, b> <= (||a||^2 + ||b||^2) / 2.",
        (
            r"\stackrel{(a)}{\leq} \left(\frac{d}{4s^{2}M} + 1\right) \mathbb{E} \|Q_{s}(X)\|_{2}^{2} + \left(\frac{d}{4s^{2}M} - "
            r"1\right) \|\mathbb{E}(X)\|_{2}^{2} \\ &+ \frac{d}{2s^{2}M} \|x_{i}\|_{2}^{2}",
        ),
        printed(
            at_most(chain_error_sq, (SEGMENT + 1) * chain_before_sq + (SEGMENT - 1) * chain_before_sum_sq + 2 * SEGMENT * chain_last_sq),
            follows=Isolated(Combined((Cite("qprsgd/appendix-b/one-more/expanded"), LAST_TWO), (1, SEGMENT)), chain_error_sq),
            **chain(),
        ),
    ),
    line(
        "appendix-b/last-hop",
        "Appendix B, first bound of the long display",
        "One more vector, the last of M.",
        (
            r"\leq \left(\frac{d}{4s^{2}M}+1\right) \mathbb{E} \left\| Q_{s} \left(\dots Q_{s} \left(Q_{s} \left(w_{i}^{(1)} \right) + "
            r"w_{i}^{(2)} \right) + \dots + w_{i}^{(M-1)} \right) \right\|_{2}^{2} \\ + \frac{d}{2s^{2}M} \left\| w_{i}^{(M)} "
            r"\right\|_{2}^{2} + \mathbb{E} \left\| w_{i}^{(1)} + \dots + w_{i}^{(M)} \right\|_{2}^{2} \\ + "
            r"\left(\frac{d}{4s^{2}M}-1\right) \left\| w_{i}^{(1)} + \dots + w_{i}^{(M-1)} \right\|_{2}^{2}",
        ),
        printed(
            at_most(
                chain_second_sq,
                (SEGMENT + 1) * chain_before_sq + 2 * SEGMENT * chain_last_sq + chain_sum_sq + (SEGMENT - 1) * chain_before_sum_sq,
            ),
            follows=Cite("qprsgd/appendix-b/one-more"),
            **chain(),
        ),
        restates="qprsgd/appendix-b/one-more",
    ),
    line(
        "appendix-b/first-hop",
        "Appendix B, third bound of the long display, at M = 2",
        "The first quantiser's second moment put in. The line before has left out a term, (1 + q)^(M-2) (q - 1) ||w^1||^2, that this one "
        "has: where q = d / (4 s^2 M) < 1 it is negative, and the step falls.",
        (
            r"\leq \left(\frac{d}{4s^{2}M}+1\right)^{M-1} \mathbb{E} \left\| Q_{s} \left(w_{i}^{(1)} \right) \right\|_{2}^{2} \\ + "
            r"\frac{d}{2s^{2}M} \sum_{m=2}^{M} \left(\frac{d}{4s^{2}M} + 1 \right)^{M-m} \left\| w_{i}^{(m)} \right\|_{2}^{2} + \left\| "
            r"\sum_{m=1}^{M} w_{i}^{(m)} \right\|_{2}^{2} \\ + \frac{d}{2s^{2}M} \sum_{m=2}^{M-1} \left(\frac{d}{4s^{2}M} + 1 "
            r"\right)^{M-m-1} \left\| \sum_{j=1}^{m} w_{i}^{(j)} \right\|_{2}^{2} \\ \leq \left[\left(\frac{d}{4s^{2}M} + 1 \right)^{M} + "
            r"\left(\frac{d}{4s^{2}M} + 1 \right)^{M-2} \left(\frac{d}{4s^{2}M} - 1 \right) \right] \left\| w_{i}^{(1)} \right\|_{2}^{2} "
            r"\\ + \frac{d}{2s^{2}M} \sum_{m=2}^{M} \left(\frac{d}{4s^{2}M} + 1 \right)^{M-m} \left\| w_{i}^{(m)} \right\|_{2}^{2} + "
            r"\left\| \sum_{m=1}^{M} w_{i}^{(m)} \right\|_{2}^{2} \\ + \frac{d}{2s^{2}M} \sum_{m=2}^{M-1} \left(\frac{d}{4s^{2}M} + 1 "
            r"\right)^{M-m-1} \cdot m \sum_{j=1}^{m} \left\| w_{i}^{(j)} \right\|_{2}^{2}",
        ),
        (
            Reading(
                "as printed: the first vector's part of both lines",
                at_most((SEGMENT + 1) * chain_before_sq, ((SEGMENT + 1) ** 2 + (SEGMENT - 1)) * chain_first_sq),
                (TWO_WORKERS,),
                **chain(),
            ),
        ),
        correction=Reading(
            "corrected: with that term in both",
            at_most(
                (SEGMENT + 1) * chain_before_sq + (SEGMENT - 1) * chain_first_sq, ((SEGMENT + 1) ** 2 + (SEGMENT - 1)) * chain_first_sq
            ),
            (TWO_WORKERS,),
            follows=Isolated(
                scaled(Cite("qprsgd/appendix-a/second-moment", {image_sq: chain_before_sq, x_sq: chain_first_sq, d: d / M}), SEGMENT + 1),
                (SEGMENT + 1) * chain_before_sq + (SEGMENT - 1) * chain_first_sq,
            ),
            **chain(),
        ),
    ),
    line(
        "appendix-b/first-weight",
        "Appendix B, last bound of the long display",
        "The weight of the first vector, with that of `appendix-b/weights`: 2 r^(M-2) + r^(M-2) (r - 2) + r^M = r^M + r^(M-1), at most "
        "2 r^M, r = d / (4 s^2 M) + 1 and g = r^(M-2).",
        (
            r"\leq \left\| \sum_{m=1}^{M} w_{i}^{(m)} \right\|_{2}^{2} + \left[2 \exp \left(\frac{d}{4s^{2}} \right) \\ + "
            r"\frac{8s^{2}M}{d} \left[\left(\frac{d}{4s^{2}M} + 1 \right)^{M-1} - 1 \right] - 2M \right] \sum_{m=1}^{M-1} \left\| "
            r"w_{i}^{(m)} \right\|_{2}^{2}",
        ),
        printed(at_most(2 * growth + growth * (SEGMENT - 1) + (SEGMENT + 1) ** 2 * growth, 2 * (SEGMENT + 1) ** 2 * growth)),
        unparsed="powers with a letter in the exponent are judged as letters; read twice",
    ),
    # ---- Appendix C.1 ----
    line(
        "appendix-c/deviation/noise-apart",
        "Appendix C.1, fifth line, over the steps of a round and all workers",
        "Noise and gradients are added in squares, though each noise moves the gradients after it. (Both are taken less their mean over "
        "workers: `appendix-c/noise-of-mean`.)",
        (
            r"+ \mathbb{E} \| \frac{\gamma_{n}}{M} \sum_{m=1}^{M} \sum_{j=0}^{t-1} \mathbb{E} \| \nabla f_{m}(x_{n:j}^{(m)}, "
            r"\xi_{j}^{(m)}) - \nabla F_{m}(x_{n:j}^{(m)}) \|_{2}^{2} \\ &+ \mathbb{E} \| \frac{\gamma_{n}}{M} \sum_{m=1}^{M} "
            r"\sum_{j=0}^{t-1} \mathbb{E} \| \nabla f_{m}(x_{n:j}^{(m)}, \xi_{j}^{(m)}) - \nabla F_{m}(x_{n:j}^{(m)}) \|_{2}^{2} \\ &+ "
            r"\mathbb{E} \| \frac{\gamma_{n}}{M} \sum_{m=1}^{M} \sum_{j=0}^{t-1} \mathbb{E} \| \nabla f_{m}(x_{n:j}^{(m)}, \xi_{j}^{(m)}) "
            r"- \nabla F_{m}(x_{n:j}^{(m)}) \|_{2}^{2} \\ &+ \gamma_{n}^{2} \sum_{j=0}^{t-1} \mathbb{E} \| \nabla f_{m}(x_{n:j}^{(m)}, "
            r"\xi_{j}^{(m)}) - \nabla F_{m}(x_{n:j}^{(m)}) \|_{2}^{2} \\ &+ \gamma_{n}^{2} \sum_{j=0}^{t-1} \mathbb{E} \| \nabla "
            r"f_{m}(x_{n:j}^{(m)}, \xi_{j}^{(m)}) - \nabla F_{m}(x_{n:j}^{(m)}) \|_{2}^{2} \\ &+ \mathbb{E} \| \frac{\gamma_{n}}{M} "
            r"\sum_{m=1}^{t-1} \sum_{j=0}^{t-1} \nabla F_{m}(x_{n:j}^{(m)}) - \gamma_{n} \sum_{j=0}^{t-1} \nabla F_{m}(x_{n:j}^{(m)}) "
            r"\|_{2}^{2}",
        ),
        (
            Reading(
                "as printed, =",
                equals(round_deviation_sq, eta**2 * (noise_apart_sq + gradients_apart_sq)),
                RING,
                **ring(**EXACT_RING),
            ),
        ),
        damaged="a line stands three times, with an expectation and a norm within a norm, and another twice",
        correction=Reading(
            "corrected: at most twice as much",
            at_most(round_deviation_sq, 2 * eta**2 * (noise_apart_sq + gradients_apart_sq)),
            RING,
            follows=APART,
            **ring(**EXACT_RING),
        ),
        improvement=Reading(
            "improved: the square of the sum of roots",
            at_most(round_deviation_sq, eta**2 * (sp.sqrt(noise_apart_sq) + sp.sqrt(gradients_apart_sq)) ** 2),
            RING,
            follows=Minkowski(
                (eta * u, eta * v),
                (scaled(itself(noise_apart_sq), eta**2), scaled(itself(gradients_apart_sq), eta**2)),
                (eta * sp.sqrt(noise_apart_sq), eta * sp.sqrt(gradients_apart_sq)),
                {norm_sq(eta * (u + v)): round_deviation_sq, norm_sq(u): noise_apart_sq, norm_sq(v): gradients_apart_sq},
            ),
            **ring(**EXACT_RING),
        ),
    ),
    line(
        "appendix-c/deviation/variance",
        "Appendix C.1, sixth line, over the steps of a round",
        "The variance of the noises: 1 + 1/M is more than it takes, 1 - 1/M.",
        (
            r"\leq \frac{\gamma_{n}^{2}}{M^{2}} \cdot M \cdot t \cdot \sigma^{2} + \gamma_{n}^{2} \cdot t \cdot \sigma^{2} \\ &+ "
            r"\gamma_{n}^{2} \mathbb{E} \| \frac{1}{M} \sum_{m=1}^{M} \sum_{j=0}^{t-1} \nabla F_{m}(x_{n:j}^{(m)}) - \sum_{j=0}^{t-1} "
            r"\nabla F_{m}(x_{n:j}^{(m)}) \|_{2}^{2}",
        ),
        printed(at_most(noise_apart_sq, K * (K - 1) / 2 * (sigma**2 / M + sigma**2)), RING, follows=NOISE_APART, **ring(**EXACT_RING)),
    ),
    line(
        "appendix-c/deviation/cauchy",
        "Appendix C.1, seventh line",
        "Cauchy-Schwarz over t steps. The line has neither their sum nor the factor t, which the next has.",
        (
            r"\leq (1 + \frac{1}{M}) \gamma_{n}^{2} t \sigma^{2} \\ &+ \gamma_{n}^{2} \mathbb{E} \| \frac{1}{M} \sum_{m=1}^{M} \nabla "
            r"F_{m}(x_{n:j}^{(m)}) - \nabla F_{m}(x_{n:j}^{(m)}) \|_{2}^{2} \\ &\leq (1 + \frac{1}{M}) \gamma_{n}^{2} t \sigma^{2} \\ &+ "
            r"\gamma_{n}^{2} \mathbb{E} \| \frac{1}{M} \sum_{m=1}^{M} \nabla F_{m}(x_{n:j}^{(m)}) - \nabla F_{m}(x_{n:j}^{(m)}) "
            r"\|_{2}^{2} \\ &\leq (1 + \frac{1}{M}) \gamma_{n}^{2} t \sigma^{2} \\ &+ \gamma_{n}^{2} \mathbb{E} \| \frac{1}{M} "
            r"\sum_{m=1}^{M} \nabla F_{m}(x_{m:j}^{(m)}) - \nabla F_{m}(x_{m:j}^{(m)}) \|_{2}^",
        ),
        (
            Reading(
                "with both, of n steps",
                at_most(n**2 * norm_sq(u_i.mean), n * (n * average_norm_sq(u_i))),
                follows=Certified(at_most(n**2 * norm_sq(u_i.mean), n * (n * average_norm_sq(u_i)))),
                arena="vectors",
            ),
        ),
        damaged="the line stands three times, without its sum",
    ),
    line(
        "appendix-c/deviation/in-two",
        "Appendix C.1, eighth line",
        "||a - b||^2 <= 2 ||a||^2 + 2 ||b||^2.",
        (
            r"\leq (1 + \frac{1}{M})\gamma_n^2 t \sigma^2 + \gamma_n^2 t \sum_{j=0}^{t-1} (2\mathbb{E} \| \frac{1}{M} \sum_{m=1}^M \nabla "
            r"F_m(x_{n;j}^{(m)}) \|_2^2 + 2\mathbb{E} \| \nabla F_m(x_{n;j}^{(m)}) \|_2^2) \leq (1 + \frac{1}{M})\gamma_n^2 t \sigma^2 + "
            r"2\gamma_n^2 t \sum_{j=0}^{t-1} \mathbb{E} \| \frac{1}{M} \sum_{m=1}^M \nabla F_m(x_{n;j}^{(m)}) \|_2^2 + 4\gamma_n^2 t L^2 "
            r"\sum_{j=0}^{t-1} \mathbb{E} \| \bar{x}_{n;j} - x_{n;j}^{(m)} \|_2^2 + 4\gamma_n^2 t \sum_{j=0}^{t-1} \mathbb{E} \| \nabla "
            r"F_m(\bar{x}_{n;j}) \|_2^2",
        ),
        printed(
            at_most(norm_sq(u - v), 2 * norm_sq(u) + 2 * norm_sq(v)),
            follows=Certified(at_most(norm_sq(u - v), 2 * norm_sq(u) + 2 * norm_sq(v))),
            arena="vectors",
        ),
    ),
    line(
        "appendix-c/deviation/at-mean",
        "Appendix C.1, ninth line, summed over the steps of a round",
        "The gradients at the mean iterate for the worker's own, by (16).",
        (
            r"\leq (1 + \frac{1}{M})\gamma_n^2 t \sigma^2 + \gamma_n^2 t \sum_{j=0}^{t-1} (2\mathbb{E} \| \frac{1}{M} \sum_{m=1}^M \nabla "
            r"F_m(x_{n;j}^{(m)}) \|_2^2 + 2\mathbb{E} \| \nabla F_m(x_{n;j}^{(m)}) \|_2^2) \leq (1 + \frac{1}{M})\gamma_n^2 t \sigma^2 + "
            r"2\gamma_n^2 t \sum_{j=0}^{t-1} \mathbb{E} \| \frac{1}{M} \sum_{m=1}^M \nabla F_m(x_{n;j}^{(m)}) \|_2^2 + 4\gamma_n^2 t L^2 "
            r"\sum_{j=0}^{t-1} \mathbb{E} \| \bar{x}_{n;j} - x_{n;j}^{(m)} \|_2^2 + 4\gamma_n^2 t \sum_{j=0}^{t-1} \mathbb{E} \| \nabla "
            r"F_m(\bar{x}_{n;j}) \|_2^2",
        ),
        printed(
            at_most(2 * worker_gradient_sq, 4 * L**2 * worker_deviation_sq + 4 * worker_gradient_at_mean_sq),
            RING,
            follows=scaled(AT_THE_MEAN, 2),
            **ring(**EXACT_RING),
        ),
    ),
    line(
        "appendix-c/sum-of-noise",
        "Appendix C.1, sum over t",
        "The sum of t over t < K.",
        (r"\leq (1 + \frac{1}{M}) \gamma_{n}^{2} \sigma^{2} \frac{(K-1)K}{2}",),
        printed(equals(sp.Sum(i, (i, 0, K - 1)).doit(), (K - 1) * K / 2)),
        unparsed="one factor of a bound; read twice",
    ),
    line(
        "appendix-c/sum-of-gradients",
        "Appendix C.1, sum over t",
        "Step j stands with the sum of t over j < t < K, at most K (K - 1) / 2.",
        (
            (
                r"\leq (1 + \frac{1}{M}) \gamma_{n}^{2} \sigma^{2} \cdot \sum_{t=0}^{K-1} t \\ &+ 2\gamma_{n}^{2} \sum_{t=0}^{K-1} "
                r"\sum_{j=0}^{t-1} t \mathbb{E} \|\frac{1}{M} \sum_{m=1}^{M} \nabla F_{m}(x_{n;j}^{(m)})\|_{2}^{2} \\ &+ 4\gamma_{n}^{2} "
                r"L^{2} \sum_{t=0}^{K-1} \sum_{j=0}^{t-1} t \mathbb{E} \|\bar{x}_{n;j} - x_{n;j}^{(m)}\|_{2}^{2} \\ &+ 4\gamma_{n}^{2} "
                r"\sum_{t=0}^{K-1} \sum_{j=0}^{t-1} t \mathbb{E} \|\nabla F_{m}(\bar{x}_{n;j})\|_{2}^{2}"
            ),
            (
                r"\leq (1 + \frac{1}{M}) \gamma_{n}^{2} \sigma^{2} \frac{(K-1)K}{2} \\ &+ 2\gamma_{n}^{2} \frac{(K-1)K}{2} "
                r"\sum_{t=0}^{K-1} \mathbb{E} \|\frac{1}{M} \sum_{m=1}^{M} \nabla F_{m}(x_{n;t}^{(m)})\|_{2}^{2} \\ &+ 4\gamma_{n}^{2} "
                r"L^{2} \frac{(K+1)(K-2)}{2} \sum_{t=0}^{K-1} \mathbb{E} \|\bar{x}_{n;j} - x_{n;j}^{(m)}\|_{2}^{2} \\ &+ 4\gamma_{n}^{2} "
                r"\frac{(K-1)K}{2} \sum_{t=0}^{K-1} \mathbb{E} \|\nabla F_{m}(\bar{x}_{n;t})\|_{2}^{2}"
            ),
        ),
        printed(at_most((K + i) * (K - 1 - i) / 2, K * (K - 1) / 2)),
        unparsed="one factor of a bound; read twice",
    ),
    line(
        "appendix-c/collected",
        "Appendix C.1, sum over t, last sign of equality",
        "The factors of sigma^2, as one fraction.",
        (r"= \frac{(K-1)K\gamma_{n}^{2} \sigma^{2}(M+1)}{2M}",),
        printed(equals((1 + 1 / M) * eta**2 * sigma**2 * (K - 1) * K / 2, (K - 1) * K * eta**2 * sigma**2 * (M + 1) / (2 * M))),
        unparsed="one term of a chain; read twice",
    ),
    # ---- Appendix D ----
    Claim(
        "qprsgd/appendix-d/eigenvalues",
        "step",
        "Appendix D, third display, last sign of equality",
        "||X (W - I)||^2 by the squared norms of the workers' own iterates; it is by those of the columns of X P. Here with two workers.",
        (r"\sum_{m=1}^{M} (\lambda_m - 1)^2 \mathbb{E} \|\tilde{x}_n^{(m)}\|_2^2",),
        (Reading("as printed, of two workers", equals(moved_sq, spread**2 * later_columns_sq), (TWO_WORKERS,), **matrix()),),
        unparsed=TWICE,
        correction=Reading(
            "corrected: of the deviations from the mean",
            equals(moved_sq, spread**2 * mixed_deviation_sq.subs(t, 0)),
            (TWO_WORKERS,),
            follows=Summed(
                Decided(equals((EIGENVALUE - 1) ** 2 * ALONG, spread**2 * ALONG)),
                equals(moved_sq, spread**2 * mixed_deviation_sq.subs(t, 0)),
                by=f"{BY_EIGENVECTORS}; of two workers there is one other",
                at={EIGENVALUE: 1 + spread, ALONG: 0},
                where=sp.Eq((EIGENVALUE - 1) ** 2, spread**2),
            ),
            **matrix(),
        ),
    ),
    line(
        "appendix-d/in-two",
        "Appendix D, the recurrence in two parts; Appendices E, (a) of T_4, E.1 and F.1, (a)",
        "||a + b||^2 <= 2 ||a||^2 + 2 ||b||^2.",
        (
            (
                r"\leq 2 \sum_{m=2}^{M} \mathbb{E} \| \sum_{\varepsilon=1}^{n-1} C_{\varepsilon} W^{n-\varepsilon-1} e^{(m)} \|_{2}^{2} "
                r"\\ &\quad + 2 \sum_{m=2}^{M} \mathbb{E} \| \sum_{\varepsilon=1}^{n-1} \bar{\gamma} \sum_{k=0}^{K-1} "
                r"G\left(X_{\varepsilon;k,\xi_{k}}\right) W^{n-\varepsilon-1} e^{(m)} \|_{2}^{2}"
            ),
            (
                r"\stackrel{(a)}{\leq} 2 \sum_{m=1}^{M} \|\tilde{x}_{n}^{(m)} - \frac{X_{n} \cdot 1_{M}}{M}\|_{2}^{2} \\ &\quad + 2 "
                r"\sum_{m=1}^{M} \|\bar{\gamma} \sum_{j=0}^{k-1} \left(\nabla f_{m} \left(x_{n;j}^{(m)}, \xi_{j}^{(m)}\right) - "
                r"\frac{1}{M} \sum_{i=1}^{M} \nabla f_{i} \left(x_{n;j}^{(i)}, \xi_{j}^{(i)}\right) \right) \|_{2}^{2}"
            ),
            (
                r"\left| \frac{\alpha}{2} 2 \sum_{m=1}^{M} \left(\mathbb{E} \right\| \sum_{\varepsilon=1}^{n-1} C_{\varepsilon} \cdot "
                r"\left(\frac{1_M}{M} - W^{n-\varepsilon-1} e^{(m)} \right) \right\|_2^2 \\ &\left. + \mathbb{E} \right\| \bar{\gamma} "
                r"\sum_{\varepsilon=1}^{n-1} \sum_{t=0}^{K-1} G \left(X_{\varepsilon;t}, \xi_t \right) \cdot \left(\frac{1_M}{M} - "
                r"W^{n-\varepsilon-1} e^{(m)} \right) \right\|_2^2"
            ),
            (
                r"\stackrel{(a)}{\leq} 2 \sum_{m=1}^{M} \mathbb{E} \left\| \frac{X_n \cdot 1_M}{M} - \tilde{x}_n^{(m)} \right\|_2^2 + 2 "
                r"\sum_{m=1}^{M} \mathbb{E} \left\| \bar{\gamma} \sum_{j=0}^{k-1} \nabla f_m \left(x_{n;j}^{(m)}, \xi_j^{(m)} \right) "
                r"\right\|_2^2"
            ),
            (
                r"\leq 2 \sum_{n=1}^{N} \sum_{k=0}^{K-1} \sum_{m=1}^{M} \mathbb{E} \| \frac{X_n \cdot 1_M}{M} - \tilde{x}_n^{(m)} \|_2^2 "
                r"\\ &+ 2 \bar{\gamma}^2 \sum_{n=1}^{N} \sum_{k=0}^{K-1} k \sum_{j=0}^{k-1} \mathbb{E} \| G\left(x_{n;j}^{(m)}, "
                r"\xi_j^{(m)}\right) \|_F^2"
            ),
        ),
        printed(IN_TWO, follows=Certified(IN_TWO), arena="vectors"),
    ),
    line(
        "appendix-d/turned",
        "Appendix D, bound of the noise, first bound",
        "rho for each eigenvalue of W, of either sign, within the norm of a sum over rounds: noises of different rounds must be "
        "uncorrelated, which is not said here. Two rounds, along one eigenvector.",
        (
            (
                r"= \sum_{n=1}^{N} \mathbb{E} \left\| \left(\sum_{\varepsilon=1}^{n-1} C_{\varepsilon} \right) P \begin{bmatrix} 0 & "
                r"\lambda_{2} - \varepsilon - 1 & & \\ & \lambda_{2} - \varepsilon - 1 & & \\ & & \lambda_{n} - \varepsilon - 1 "
                r"\end{bmatrix} \right\|_{F}^{2}"
            ),
            r"\leq \sum_{n=1}^{N} \mathbb{E} \left\| \sum_{\varepsilon=1}^{n-1} \rho^{n-\varepsilon-1} C_{\varepsilon} \right\|_{F}^{2}",
        ),
        (
            Reading(
                "as printed, in expectation over unbiased quantisers",
                at_most(norm_sq(u + EIGENVALUE * v), norm_sq(u + rho * v)),
                (TURNED,),
                facts=(fact(QUANTISERS, dot(u, v), 2 * (rho - EIGENVALUE), True),),
                says="two uncorrelated vectors, which no arena draws; attacked along runs in appendix-e/before-lemma-9",
            ),
        ),
        damaged="powers of eigenvalues stand as differences, and the matrix, which depends on the round, outside the sum",
    ),
    line(
        "appendix-d/steps-of-a-round",
        "Appendix D, last display, second bound",
        "Cauchy-Schwarz over the steps of a round.",
        (
            r"\leq \left(\frac{d}{2s^2} + \frac{d\mu^2}{s^2 (1 - \rho)^2}\right) \sum_{n=1}^N \sum_{m=1}^M \left\| \bar{\gamma} "
            r"\sum_{k=0}^{K-1} \nabla f_m \left(x_{n;k}^{(m)}, \xi_k^{(m)} \right) \right\|_2^2 \\ & \leq \bar{\gamma}^2 K "
            r"\left(\frac{d}{2s^2} + \frac{d\mu^2}{s^2 (1 - \rho)^2} \right) \sum_{n=1}^N \sum_{m=1}^M \sum_{k=0}^{K-1} \left\| \nabla "
            r"f_m \left(x_{n;k}^{(m)}, \xi_k^{(m)} \right) \right\|_2^2",
        ),
        printed(
            at_most(eta**2 * total(round_progress_sq), eta**2 * K * STOCHASTIC),
            GOSSIP,
            follows=scaled(PROGRESS, eta**2),
            **gossip(),
        ),
    ),
    # ---- Appendix E ----
    line(
        "appendix-e/noise-apart",
        "Appendix E, first display, second line",
        "Noise and gradient of one step: in expectation they are added in squares, the noise having mean zero.",
        (
            r"\|G\left(x_{n;k},\xi_{k}\right)\|_{F}^{2} &= \sum_{m=1}^{M} \|\nabla "
            r"f_{m}\left(x_{n;k}^{(m)},\xi_{k}^{(m)}\right)\|_{2}^{2} \\ &= \sum_{m=1}^{M} \|\nabla "
            r"f_{m}\left(x_{n;k}^{(m)},\xi_{k}^{(m)}\right) - \nabla F_{m}\left(X_{n;k}^{(m)}\right)\|_{2}^{2} \\ &+ \sum_{m=1}^{M} "
            r"\|\nabla F_{m}\left(x_{n;k}^{(m)}\right)\|_{2}^{2}",
        ),
        (
            Reading(
                "as printed, in expectation",
                equals(stochastic_sq, noises_sq + local_gradients_sq),
                GOSSIP,
                follows=Expected(
                    Certified(
                        equals(M * average_norm_sq(local + noise), M * average_norm_sq(local) + M * average_norm_sq(noise)),
                        (fact("the noise has mean zero, whatever was before", average_dot(local, noise), -2 * M, True),),
                    ),
                    {
                        M * average_norm_sq(local + noise): stochastic_sq,
                        M * average_norm_sq(local): local_gradients_sq,
                        M * average_norm_sq(noise): noises_sq,
                    },
                ),
                **gossip(**EXACT),
            ),
        ),
    ),
    line(
        "appendix-e/expanded",
        "Appendix E, first display, last line",
        "The way of the mean multiplied out: the factor of the mean gradients, k = i.",
        (
            r"= M\sigma^{2} + 4L^{2} \sum_{m=1}^{M} \|x_{n;k}^{(m)} - \frac{X_{n;k} \cdot 1_{M}}{M}\|_{2}^{2} + 4\kappa^{2}M + "
            r"8kL^{2}\sigma^{2}\bar{\gamma}^{2} \\ &+ 8MkL^{2}\bar{\gamma} \sum_{t=0}^{k-1} \|\frac{\partial F\left(X_{n;t}\right) \cdot "
            r"1_{M}}{M}\|_{2}^{2} + 4\|\nabla F\left(\frac{X_{n} \cdot 1_{M}}{M}\right)\|_{2}^{2}",
        ),
        (Reading("as printed", equals(4 * M * L**2 * eta**2 * 2 * i, 8 * M * i * L**2 * eta)),),
        misprint="gamma for gamma^2",
        correction=Reading("corrected: gamma^2", equals(4 * M * L**2 * eta**2 * 2 * i, 8 * M * i * L**2 * eta**2)),
    ),
    line(
        "appendix-e/four-differences",
        "Appendix E, second display, first line",
        "A gradient as a sum of four terms. The third difference is of one and the same gradient, so that the sum is another.",
        (
            r"= \left\| \nabla F_m \left(x_{n;k}^{(m)} \right) - \nabla F_m \left(\frac{X_{n;k} \cdot 1_M}{M} \right) \\ &+ \nabla F_m "
            r"\left(\frac{X_{n;k} \cdot 1_M}{M} \right) - \nabla F \left(\frac{X_{n;k} \cdot 1_M}{M} \right) \\ &+ \nabla F "
            r"\left(\frac{X_{n;k} \cdot 1_M}{M} \right) - \nabla F \left(\frac{X_{n;k} \cdot 1_M}{M} \right) + \nabla F \left(\frac{X_{n} "
            r"\cdot 1_M}{M} \right) \right\|_2^2",
        ),
        (
            Reading(
                "as printed, less the difference of grad F at both means that is missing",
                equals(norm_sq(u), norm_sq(u - v)),
                arena="vectors",
            ),
        ),
        misprint="X_{n;k} for X_n",
        correction=Reading(
            "corrected: with grad F(X_n 1 / M)",
            equals(norm_sq(u), norm_sq((u - v) + v)),
            follows=Certified(equals(norm_sq(u), norm_sq((u - v) + v))),
        ),
    ),
    line(
        "appendix-e/first-local-step",
        "Appendix E, T_4 at k = 0",
        "||a||^2 <= 2 ||a||^2.",
        (
            r"\sum_{m=1}^{M} \|\tilde{x}_{n}^{(m)} - \frac{X_{n} \cdot 1_{M}}{M}\|_{2}^{2} \leq 2\sum_{m=1}^{M} \|\tilde{x}_{n}^{(m)} - "
            r"\frac{X_{n} \cdot 1_{M}}{M}\|_{2}^{2}",
        ),
        printed(at_most(norm_sq(u), 2 * norm_sq(u)), follows=Certified(at_most(norm_sq(u), 2 * norm_sq(u))), arena="vectors"),
    ),
    line(
        "appendix-e/later-steps/summed",
        "Appendix E, T_4 for k >= 1, first bound",
        "The bound of a step, over the steps of a round but the first.",
        (
            r"\leq 2\sum_{k=1}^{K-1} \sum_{m=1}^{M} \|\tilde{x}_{n}^{(m)} - \frac{X_{n} \cdot 1_{M}}{M}\|_{2}^{2} + "
            r"4\sigma^{2}\bar{\gamma}^{2}M\sum_{k=1}^{K-1} k \\ &+ 24\bar{\gamma}^{2}L^{2}\sum_{k=1}^{K-1} k\sum_{m=1}^{M} "
            r"\sum_{j=0}^{k-1} \|\frac{X_{n;j} \cdot 1_{M}}{M} - x_{n;j}^{(m)}\|_{2}^{2} \\ &+ "
            r"12\bar{\gamma}^{2}\kappa^{2}M\sum_{k=0}^{K-1} k^{2}",
        ),
        printed(
            at_most(
                LATER,
                2 * (K - 1) * consensus_sq
                + 2 * eta**2 * K * (K - 1) * M * sigma**2
                + 24 * eta**2 * L**2 * M * weighted_deviation_sq
                + 12 * eta**2 * SUM_OF_SQUARES * M * zeta**2,
            ),
            GOSSIP,
            follows=Isolated(apart_in_round(DEVIATION_IN_THREE, sp.S.One), LATER),
            **gossip(),
        ),
    ),
    line(
        "appendix-e/later-steps/sums",
        "Appendix E, T_4 for k >= 1, second bound, last term",
        "The sum of k^2: sigma^2 K stands for kappa^2, so that workers that differ without noise would not be apart.",
        (
            r"\leq 2(K-1)\sum_{m=1}^{M} \|\tilde{x}_{n}^{(m)} - \frac{X_{n} \cdot 1_{M}}{M}\|_{2}^{2} + "
            r"2\sigma^{2}\bar{\gamma}^{2}MK(K-1) \\ &+ 24\bar{\gamma}^{2}L^{2}\frac{K(K-1)}{2}\sum_{k=0}^{M} \|\tilde{x}_{n}^{(m)} - "
            r"\frac{X_{n} \cdot 1_{M}}{M}\|_{2}^{2} \\ &+ 12\bar{\gamma}^{2}L^{2}(K+1)(K-2)\sum_{k=1}^{K-1}\sum_{m=1}^{M} \|x_{n;k}^{(m)} "
            r"- \frac{X_{n;k} \cdot 1_{M}}{M}\|_{2}^{2} \\ &+ 2\sigma^{2}\bar{\gamma}^{2}MK(K-1)K(2K-1)",
        ),
        (
            Reading(
                "as printed",
                at_most(12 * eta**2 * zeta**2 * M * SUM_OF_SQUARES, 2 * sigma**2 * eta**2 * M * K * (K - 1) * K * (2 * K - 1)),
            ),
        ),
        misprint="sigma^2 K for kappa^2, and a sum over k up to M for one over the workers",
        correction=Reading(
            "corrected: kappa^2, without K; the squares of the k < K added up",
            equals(12 * eta**2 * zeta**2 * M * sp.Sum(t**2, (t, 0, K - 1)).doit(), 2 * zeta**2 * eta**2 * M * (K - 1) * K * (2 * K - 1)),
        ),
    ),
    line(
        "appendix-e/later-steps/collected",
        "Appendix E, T_4 for k >= 1, last sign of equality",
        "What stands before the deviations at the start of the round.",
        (
            r"= \left(2K-2+12K(K-1)\bar{\gamma}^{2}L^{2}\right)\sum_{m=1}^{M} \|\tilde{x}_{n}^{(m)} - \frac{X_{n} \cdot "
            r"1_{M}}{M}\|_{2}^{2} \\ &+ 2\sigma^{2}\bar{\gamma}^{2}MK(K-1)+2\bar{\gamma}^{2}\kappa^{2}M(K-1)K(2K-1) \\ &+ "
            r"12\bar{\gamma}^{2}L^{2}(K+1)(K-2)\sum_{k=1}^{K-1}\sum_{m=1}^{M} \|x_{n;k}^{(m)} - \frac{X_{n;k} \cdot 1_{M}}{M}\|_{2}^{2}",
        ),
        printed(equals(2 * (K - 1) + 24 * eta**2 * L**2 * K * (K - 1) / 2, 2 * K - 2 + 12 * K * (K - 1) * eta**2 * L**2)),
        unparsed="one factor of a bound; read twice",
    ),
    line(
        "appendix-e/later-steps/divided",
        "Appendix E, before T_4, the last display but one, first bound",
        "Divided by what stands on the left, which is positive.",
        (
            r"\leq \frac{2K - 2 + 12K \left(K - 1\right) \bar{\gamma}^2 L^2}{1 - 12 \bar{\gamma}^2 L^2 \left(K + 1\right) \left(K - "
            r"2\right)} \sum_{m=1}^{M} \|\tilde{x}_n^{(m)} - \frac{X_n \cdot 1_M}{M}\|_2^2 \\ &+ \frac{2\sigma^2 \bar{\gamma}^2 M K "
            r"\left(K - 1\right) + 2 \bar{\gamma}^2 \kappa^2 M \left(K - 1\right) K \left(2K - 1\right)}{1 - 12 \bar{\gamma}^2 L^2 "
            r"\left(K + 1\right) \left(K - 2\right)}",
        ),
        printed(
            at_most(
                LATER,
                (2 * K - 2 + 12 * K * (K - 1) * eta**2 * L**2) / DRIFT * consensus_sq
                + (2 * sigma**2 * eta**2 * M * K * (K - 1) + 2 * eta**2 * zeta**2 * M * (K - 1) * K * (2 * K - 1)) / DRIFT,
            ),
            (*GOSSIP, given.gossip_drift_condition),
            follows=Isolated(scaled(Cite("qprsgd/appendix-e/later-steps"), 1 / DRIFT), LATER),
            **gossip(),
        ),
    ),
    line(
        "appendix-e/plugged",
        "Appendix E, T_4 plugged back",
        "(17) with the bound of T_4. As in (17) the sum over m of the last term is M times it, and a sum runs to K for K - 1.",
        (
            r"\leq NKM\sigma^{2} \\ &+ 4L^{2} \left(\left[\frac{2D_{1}'D_{2}'}{1-\rho^{2}} + \frac{2D_{1}'}{(1-\rho)^{2}} \right] "
            r"\bar{\gamma}^{2}K \sum_{n=1}^{N} \sum_{k=0}^{K} \|G\left(X_{n;k},\xi_{k}\right)\|_{F}^{2} \\ &+ "
            r"\frac{2\bar{\gamma}^{2}MK\left(K-1\right)\left[\sigma^{2}+\kappa^{2}\left(2K-1\right)\right]N}{1-12\bar{\gamma}^{2}L^{2}"
            r"\left(K+1\right)\left(K-2\right)} \right) + 4\kappa^{2}MNK \\ &+ 4NL^{2}\sigma^{2}\bar{\gamma}^{2}K\left(K-1\right) + 4K "
            r"\sum_{n=1}^{N} \|\nabla F\left(\frac{X_{n}\cdot 1_{M}}{M}\right)\|_{2}^{2} \\ &+ 4ML^{2}\bar{\gamma}^{2}(K-1)K "
            r"\sum_{n=1}^{N} \sum_{k=0}^{K-1} \|\frac{\partial F\left(X_{n;k}\right)\cdot 1_{M}}{M}\|_{2}^{2}",
        ),
        (
            Reading(
                "as printed, the sum up to K - 1: 8 workers, F_m(x) = x without noise, N = K = 1, L eta = 1/1000, a complete graph",
                at_most(CROWD, plugged(sp.S.One).rhs.subs(STOCHASTIC, CROWD).subs(STRAIGHT).doit()),
            ),
        ),
        misprint="4 K for 4 K M, and K for K - 1 as the last index",
        correction=Reading(
            "corrected: 4 K M",
            plugged(M),
            (*FINE_GOSSIP, *STEPS),
            follows=Abbreviated(t_4_plugged(), plugged(M), FACTORS, SIGNS),
            **gossip(),
        ),
    ),
    line(
        "appendix-e/noises-add",
        "Appendix E.1, (b)",
        "Noises of different rounds are uncorrelated: of two of them.",
        (
            r"\left| \frac{\beta}{2} 2 \sum_{m=1}^{M} \sum_{\varepsilon=1}^{n-1} \mathbb{E} \right\| C_{\varepsilon} \cdot "
            r"\left(\frac{1_M}{M} - W^{n-\varepsilon-1} e^{(m)} \right) \right\|_2^2 \\ &\left. + 2 \sum_{m=1}^{M} \mathbb{E} \| "
            r"\bar{\gamma} \sum_{\varepsilon=1}^{n-1} \sum_{t=0}^{K-1} G \left(X_{\varepsilon;t}, \xi_t \right) \cdot \left(\frac{1_M}{M} "
            r"- W^{n-\varepsilon-1} e^{(m)} \right) \right\|_2^2",
        ),
        (
            Reading(
                "as printed, in expectation",
                equals(norm_sq(u + v), norm_sq(u) + norm_sq(v)),
                facts=(fact(QUANTISERS, dot(u, v), -2, True),),
            ),
        ),
    ),
    line(
        "appendix-e/norms-add",
        "Appendix E.1, (c)",
        "The norm of a sum of gradients is at most the sum of their norms, which Lemma 8, printed as Lemma 9, bounds: of two of them.",
        (
            r"\left. + 2 \mathbb{E} \left(\bar{\gamma} \sum_{\varepsilon=1}^{n-1} \sum_{t=0}^{K-1} \rho^{n-\varepsilon-1} \| G "
            r"\left(X_{\varepsilon;t}, \xi_t \right) \|_F \right)^2",
        ),
        printed(
            at_most(BOTH, (sp.sqrt(PART_1) + sp.sqrt(PART_2)) ** 2),
            follows=Minkowski(
                (u, v),
                (itself(PART_1), itself(PART_2)),
                (sp.sqrt(PART_1), sp.sqrt(PART_2)),
                {norm_sq(u + v): BOTH, norm_sq(u): PART_1, norm_sq(v): PART_2},
            ),
        ),
        misprint="Lemma 9 for Lemma 8",
        damaged="the first term of the line is missing",
    ),
    line(
        "appendix-e/before-lemma-9",
        "Appendix E.1, last display, first bound",
        "How far iterates stray from their mean, by the noise and the gradients of each round before, discounted.",
        (
            (
                r"\leq 2 \sum_{n=1}^{N} \sum_{k=0}^{K-1} \sum_{\varepsilon=1}^{n-1} \mathbb{E} \| \rho^{n-\varepsilon-1} C_{\varepsilon} "
                r"\|_F^2"
            ),
            (
                r"+ 2\sum_{n=1}^{N}\sum_{k=0}^{K-1} "
                r"\mathbb{E}\left(\bar{\gamma}\sum_{\varepsilon=1}^{n-1}\sum_{t=0}^{K-1}\rho^{n-\varepsilon-1} "
                r"\|G\left(X_{\varepsilon;t},\xi_{t}\right)\|_{F}\right)^{2}"
            ),
        ),
        printed(
            at_most(K * total(consensus_sq), 2 * K * discounted_noise_sq + 2 * K * eta**2 * discounted_norms_sq),
            GOSSIP,
            follows=scaled(
                Using(
                    Telescoped(
                        Expected(
                            Certified(at_most(norm_sq(u - eta * v), 2 * norm_sq(u) + 2 * eta**2 * norm_sq(v))),
                            {norm_sq(u - eta * v): consensus_sq, norm_sq(u): noise_part_sq, norm_sq(v): progress_part_sq},
                        ),
                        t,
                        N,
                    ),
                    (NOISE_DISCOUNTED, NORMS_DISCOUNTED),
                ),
                K,
            ),
            **gossip(),
            says="of norms that are drawn, E (sum)^2 is bounded from both sides",
        ),
        improvement=Reading(
            "improved: the square of the sum of roots, for twice the sum of squares",
            at_most(K * total(consensus_sq), K * (sp.sqrt(discounted_noise_sq) + eta * sp.sqrt(discounted_norms_sq)) ** 2),
            GOSSIP,
            follows=scaled(
                Minkowski(
                    (u, -eta * v),
                    (NOISE_DISCOUNTED, scaled(NORMS_DISCOUNTED, eta**2)),
                    (sp.sqrt(discounted_noise_sq), eta * sp.sqrt(discounted_norms_sq)),
                    {
                        norm_sq(u - eta * v): total(consensus_sq),
                        norm_sq(u): total(noise_part_sq),
                        norm_sq(v): total(progress_part_sq),
                    },
                ),
                K,
            ),
            **gossip(),
            says="all rounds side by side; met by gradients alone",
        ),
        misprint="X~ for x~",
    ),
    # ---- Theorem 2: section IV.B and Appendix F ----
    line(
        "eq-13/smooth",
        "section IV.B.2, (13), first bound; Appendix F, first bound",
        "From the mean of a round to that of the next, F being L-smooth.",
        (
            (
                r"\leq \mathbb{E}\left\langle\nabla F\left(\frac{X_{n}\cdot 1_{M}}{M}\right), \frac{X_{n+1}\cdot 1_{M}}{M} - "
                r"\frac{X_{n}\cdot 1_{M}}{M}\right\rangle \\ &\quad + \frac{L}{2}\mathbb{E}\left\|\frac{X_{n+1}\cdot 1_{M}}{M} - "
                r"\frac{X_{n}\cdot 1_{M}}{M}\right\|_{2}^{2}"
            ),
            (
                r"\leq \mathbb{E}\left\{\nabla F\left(\frac{X_{n}\cdot 1_{M}}{M}, \frac{X_{n+1}\cdot 1_{M}}{M} - \frac{X_{n}\cdot "
                r"1_{M}}{M}\right)\right\} \\ &+ \frac{L}{2}\|\frac{X_{n+1}\cdot 1_{M}}{M} - \frac{X_{n}\cdot 1_{M}}{M}\|_{2}^{2}"
            ),
        ),
        printed(
            at_most(f_y - f_x, dot(g_x, y - x) + L / 2 * norm_sq(y - x)),
            (given.smooth,),
            facts=(fact("F is L-smooth", below_paraboloid(f_y, f_x, g_x, y - x)),),
            arena="function",
        ),
    ),
    line(
        "sec-4/unbiased-noise",
        "section IV.B.2, after (13)",
        "The noise of the quantisers has mean zero, (3) and (4) put in: one entry of one worker, P the chance of the level above.",
        (r"\mathbb{E}_{C_n}\left(\frac{C_n\cdot 1_M}{M}\right)=0,",),
        printed(equals(NORM * SIGN * (i * (1 - ABOVE) + (i + 1) * ABOVE) / s - SIGN * SIZE, 0)),
        unparsed="an expectation over quantisers; read twice",
        relies=("qprsgd/eq-3", "qprsgd/eq-4"),
    ),
    line(
        "eq-13/unbiased",
        "section IV.B.2, (13), (a); Appendix F, (a)",
        "Noise of quantisers and samples has mean zero, given what was before it.",
        (
            (
                r"\quad \left(\stackrel{a}{=} -\bar{\gamma}\sum_{k=0}^{K-1}\mathbb{E}\left\langle\nabla F\left(\frac{X_{n}\cdot "
                r"1_{M}}{M}\right), \frac{1}{M}\sum_{m=1}^{M}\nabla F_{m}\left(x_{n;k}^{(m)}\right)\right\rangle \\ &\quad + "
                r"\frac{L}{2}\mathbb{E}\left\|\frac{1}{M}\sum_{m=1}^{M}C_{n}^{(m)}\right\|_{2}^{2} \\ &\quad + "
                r"\frac{L\bar{\gamma}^{2}}{2}\mathbb{E}\left\|\frac{1}{M}\sum_{m=1}^{M}\sum_{k=0}^{K-1}\nabla f_{m}\left(x_{n;k}^{(m)}, "
                r"\xi_{k}^{(m)}\right)\right\|_{2}^{2}"
            ),
            (
                r"\stackrel{(a)}{=} & -\frac{\bar{\gamma}}{M} \sum_{k=0}^{K-1} \sum_{m=1}^{M} \mathbb{E} \langle \nabla F(\frac{X_n \cdot "
                r"1_M}{M}), \nabla F_m(x_{n;k}^{(m)}) \rangle \\ & + \frac{L}{2} \| - \frac{\bar{\gamma} \sum_{k=0}^{K-1} \sum_{m=1}^{M} "
                r"\nabla f_m(x_{n;k}^{(m)}, \xi_k^{(m)})}{M} + \frac{C_n \cdot 1_M}{M} \|_2^2"
            ),
        ),
        (
            Reading(
                "as printed, in expectation",
                equals(
                    dot(g_start, rounding - eta * drawn) + L / 2 * norm_sq(rounding - eta * drawn),
                    -eta * dot(g_start, meant) + L / 2 * norm_sq(rounding) + L * eta**2 / 2 * norm_sq(drawn),
                ),
                facts=(
                    fact("stochastic gradients are unbiased, given what was before", dot(g_start, drawn - meant), eta, True),
                    fact(QUANTISERS, dot(g_start - L * eta * drawn, rounding), -1, True),
                ),
            ),
        ),
        damaged="the letter of (a) stands below its sign",
    ),
    line(
        "eq-13/polarised",
        "Appendix F, bound after (a)",
        "The inner product by squares, and the mean of differences by the differences.",
        (
            r"\leq -\frac{\bar{\gamma}K}{2} \mathbb{E} \| \nabla F(\frac{X_n \cdot 1_M}{M}) \|_2^2 - \frac{\bar{\gamma}}{2} "
            r"\sum_{k=0}^{K-1} \mathbb{E} \| \frac{\partial F(X_{n;k} \cdot 1_M)}{M} \|_2^2 \\ & + \frac{\bar{\gamma}}{2M} "
            r"\sum_{k=0}^{K-1} \sum_{m=1}^{M} \mathbb{E} \| \nabla F_m(\frac{X_n \cdot 1_M}{M}) - \nabla F_m(x_{n;k}^{(m)}) \|_2^2 \\ & + "
            r"\frac{L\bar{\gamma}^2}{2} \| \frac{1}{M} \sum_{m=1}^{M} \sum_{k=0}^{K-1} \nabla f_m(x_{n;k}^{(m)}, \xi_k^{(m)}) \|_2^2 + "
            r"\frac{L}{2} \| \frac{1}{M} \sum_{m=1}^{M} C_n^{(m)} \|_2^2",
        ),
        printed(
            at_most(
                -dot(centre.mean, local.mean),
                -norm_sq(centre.mean) / 2 - norm_sq(local.mean) / 2 + average_norm_sq(centre - local) / 2,
            ),
            facts=(fact("unused", sp.Integer(0), 0),),
            says="vectors of one round, which no arena draws; attacked in expectation as (13)",
        ),
        misprint="the gradient tuple at X 1 for the mean of the gradients",
    ),
    line(
        "eq-13/lipschitz",
        "Appendix F, (b)",
        "Differences of gradients by distances, every F_m being L-smooth.",
        (
            r"+ \frac{\bar{\gamma}L^2}{2M} \mathbb{E} \| \nabla F(\frac{X_n \cdot 1_M}{M}) \|_2^2 - \frac{\bar{\gamma}}{2} "
            r"\sum_{k=0}^{K-1} \mathbb{E} \| \frac{\partial F(X_{n;k} \cdot 1_M)}{M} \|_2^2 \\ & + \frac{\bar{\gamma}L^2}{2M} "
            r"\sum_{k=0}^{K-1} \sum_{m=1}^{M} \mathbb{E} \| \frac{X_n \cdot 1_M}{M} - x_{n;k}^{(m)} \|_2^2 \\ & + "
            r"\frac{L\bar{\gamma}^2}{2} \| \frac{1}{M} \sum_{m=1}^{M} \sum_{k=0}^{K-1} \nabla f_m(X_{n;k}^{(m)}, \xi_k^{(m)}) \|_2^2 + "
            r"\frac{L}{2M^2} \sum_{m=1}^{M} \| C_n^{(m)} \|_2^2",
        ),
        printed(
            at_most(average_norm_sq(centre - local) / 2, L**2 / 2 * average_norm_sq(away)),
            facts=(fact("every F_m is L-smooth", lipschitz(centre - local, away), sp.Rational(1, 2)),),
            says="vectors of one round, which no arena draws; attacked in expectation as (13)",
        ),
        damaged="the sign of (b) is missing, and + gamma L^2 / (2 M) stands for - gamma K / 2",
    ),
    line(
        "sec-4/all-rounds",
        "section IV.B.2, last display of the proof of Theorem 2, second bound",
        "All rounds, by Lemmas 10 and 11: the variance of the mean gradient, L gamma^2 K sigma^2 N / M, is gone.",
        (
            r"F_* - F(X_1) &\leq \mathbb{E} \left[F\left(\frac{X_{n+1} \cdot 1_M}{M}\right) \right] - F(X_1) \\ &\leq "
            r"-\frac{\bar{\gamma}K}{2} \sum_{n=1}^N \mathbb{E} \left\| \nabla F\left(\frac{X_n \cdot 1_M}{M}\right) \right\|_2^2 \\ &- "
            r"\left(\frac{\bar{\gamma}}{2} - \bar{\gamma}^2 L K\right) \sum_{n=1}^N \sum_{k=0}^{K-1} \mathbb{E} \left\| \frac{\partial "
            r"F(X_{n;k}) \cdot 1_M}{M} \right\|_2^2 \\ &+ \left(\frac{2\bar{\gamma}L^2 K}{M(1 - P^2)} + \frac{L}{2M^2}\right) "
            r"\sum_{n=1}^N \mathbb{E} \|C_n\|_F^2 \\ &+ \frac{\bar{\gamma}L^2}{2M} \left[\frac{4K^2 \bar{\gamma}^2}{(1 - \rho)^2} + "
            r"\bar{\gamma}^2 K(K - 1) \right] \sum_{n=1}^N \sum_{k=0}^{K-1} \mathbb{E} \left\| G\left(X_{n;k}, \xi_k\right) \right\|_F^2",
        ),
        printed(at_most(ALL_ROUNDS.lhs, ALL_ROUNDS.rhs - L * eta**2 * K * sigma**2 * N / M), GOSSIP, **gossip(horizon="long")),
        misprint="P for rho, X_{n+1} for X_{N+1}",
        correction=Reading(
            "corrected: with it", ALL_ROUNDS, GOSSIP, follows=Cite("qprsgd/appendix-f/lost-variance"), **gossip(horizon="long")
        ),
    ),
    line(
        "lemma-8/middle",
        "Appendix F, Lemma 8, its middle",
        "The first side by the middle, where rho^(2t) stands within the norm.",
        (r"\le \|\rho^{2t} X_n\|_F^2 = \rho^{2t} \|X_n\|_F^2",),
        printed(at_most(mixed_deviation_sq, rho ** (4 * t) * matrix_sq), (given.spectral_gap,), **matrix()),
        misprint="rho^(2t) for rho^t within the norm",
        correction=Reading(
            "corrected: rho^t within the norm",
            at_most(mixed_deviation_sq, rho ** (2 * t) * matrix_sq),
            (given.spectral_gap,),
            follows=Cite("qprsgd/lemma-8"),
            **matrix(),
        ),
    ),
    line(
        "appendix-f/summed",
        "Appendix F, accumulative bound, first bound",
        "(13) over all rounds.",
        (
            r"F_* - F(X_1) &\leq \mathbb{E} \left[F(\frac{X_{n+1} \cdot 1_M}{M}) \right] - F(X_1) \\ &\leq -\frac{\bar{\gamma}K}{2} "
            r"\sum_{n=1}^N \| \nabla F(\frac{X_n \cdot 1_M}{M}) \|_2^2 - \frac{\bar{\gamma}}{2} \sum_{n=1}^N \sum_{k=0}^{K-1} \| "
            r"\frac{\partial F(X_{n;k}) \cdot 1_M}{M} \|_2^2 \\ &+ \frac{\bar{\gamma}L^2}{2M} \sum_{n=1}^N \sum_{k=0}^{K-1} \sum_{m=1}^M "
            r"\mathbb{E} \| \frac{X_n \cdot 1_M}{M} - x_{n;k}^{(m)} \|_2^2 \\ &+ \frac{L\bar{\gamma}^2}{2} \sum_{n=1}^N \| \frac{1}{M} "
            r"\sum_{m=1}^M \sum_{k=0}^{K-1} \nabla f_m(x_{n;k}^{(m)}, \xi_k^{(m)}) \|_2^2 + \frac{L}{2M^2} \sum_{n=1}^N \sum_{m=1}^M \| "
            r"C_n^{(m)} \|_2^2",
        ),
        printed(ROUNDS_BY_DRIFT, GOSSIP, follows=Isolated(SUMMED_ROUNDS, ROUNDS_BY_DRIFT.lhs), **gossip()),
        misprint="X_{n+1} for X_{N+1}",
    ),
    line(
        "appendix-f/noise-put-in",
        "Appendix F, accumulative bound, (c)",
        "Lemma 2 put in.",
        (
            r"+ (\frac{2\bar{\gamma}L^2K}{M(1-\rho^2)} + \frac{L}{2M^2}) \sum_{n=1}^N \|C_n\|_F^2 \\ &+ \frac{\bar{\gamma}L^2}{2M} "
            r"\Big[\frac{4K^2\bar{\gamma}^2}{(1-\rho)^2} + \bar{\gamma}^2 K(K-1) \Big] \sum_{n=1}^N \sum_{k=0}^{K-1} "
            r"\|G(X_{n;k},\xi_k)\|_F^2 \\ &- \frac{\bar{\gamma}K}{2} \sum_{n=1}^N \|\nabla F(\frac{X_n \cdot 1_M}{M})\|_2^2 \\ &- "
            r"(\frac{\bar{\gamma}}{2} - \bar{\gamma}^2 LK) \sum_{n=1}^N \sum_{k=0}^{K-1} \|\frac{\partial F(X_{n;k}) \cdot 1_M}{M}\|_2^2 "
            r"\\ &+ \frac{\bar{\gamma}L^2}{2M} \Big[\frac{4K^2\bar{\gamma}^2}{(1-\rho)^2} + \bar{\gamma}^2 K(K-1) \Big] \sum_{n=1}^N "
            r"\sum_{k=0}^{K-1} \|G(X_{n;k},\xi_k)\|_F^2 \\ &+ (\frac{2\bar{\gamma}L^2K}{M(1-\rho^2)} + \frac{L}{2M^2})\bar{\gamma}^2 "
            r"KD'_2 \sum_{n=1}^N \sum_{k=0}^{K-1} \|G(X_{n;k},\xi_k)\|_F^2 \\ &+ (\frac{2\bar{\gamma}L^2K}{M(1-\rho^2)} + "
            r"\frac{L}{2M^2})\bar{\gamma}^2 KD'_2 \sum_{n=1}^N \sum_{k=0}^{K-1} \|G(X_{n;k},\xi_k)\|_F^2 \\ &- (\frac{\bar{\gamma}}{2} - "
            r"\bar{\gamma}^2 LK) \sum_{n=1}^N \sum_{k=0}^{K-1} \|\frac{\partial F(X_{n;k}) \cdot 1_M}{M}\|_2^2 \\ &- "
            r"(\frac{\bar{\gamma}}{2} - \bar{\gamma}^2 LK) \sum_{n=1}^N \sum_{k=0}^{K-1} \|\frac{\partial F(X_{n;k}) \cdot 1_M}{M}\|_2^2",
        ),
        printed(
            at_most(BEFORE_NOISE * total(quantisation_noise_sq), BEFORE_NOISE * eta**2 * K * NOISE * STOCHASTIC),
            FINE_GOSSIP,
            follows=scaled(Cite("qprsgd/lemma-2/summed"), BEFORE_NOISE),
            **gossip(),
        ),
        damaged="lines of the display stand twice",
    ),
    line(
        "appendix-f/gradients-put-in",
        "Appendix F, accumulative bound, (a)",
        "Lemma 3 put in, corrected. Of its denominators those of T_4 are missing, and a sum over n runs to K - 1.",
        (
            r"+ (\frac{\bar{\gamma}^3 L^2 K}{2M} [\frac{4K}{(1-\rho)^2} + K-1] + \frac{\bar{\gamma}^2 KL}{M} "
            r"(\frac{2\bar{\gamma}LK}{1-\rho^2} + \frac{1}{2M}) D_2 \Big) \\ &\cdot (\frac{MNK(\sigma^2 + 4\kappa^2) + "
            r"4NL^2\sigma^2\bar{\gamma}^2 K(K-1)}{1 - 8L^2\bar{\gamma}^2 KD'_1 D'_3}) \\ &+ \frac{8MNK(K-1)L^2\bar{\gamma}^2 [\sigma^2 + "
            r"\kappa^2 (2K-1)]}{(1 - 8L^2\bar{\gamma}^2 KD'_1 D'_3)} \sum_{n=1}^{K-1} \|\frac{\partial F(X_{n;k}) \cdot 1_M}{M}\|_2^2 \\ "
            r"&+ \frac{4K}{1 - 8L^2\bar{\gamma}^2 KD'_1 D'_3} \sum_{n=1}^N \sum_{k=0}^{K-1} \|\frac{\partial F(X_{n;k}) \cdot "
            r"1_M}{M}\|_2^2 \\ &+ \frac{2\bar{\gamma} LK}{(1 - \rho^2} + \frac{1}{2M}) D_2 \Big) \sum_{n=1}^N \sum_{k=0}^{K-1} "
            r"\|\frac{\partial F(X_{n;k}) \cdot 1_M}{M}\|_2^2",
        ),
        (
            Reading(
                "with Lemma 3, corrected",
                at_most(BEFORE_GRADIENTS * STOCHASTIC, BEFORE_GRADIENTS * lemma_3(M)),
                (*FINE_GOSSIP, *STEPS),
                follows=Abbreviated(
                    scaled(Cite("qprsgd/lemma-3"), BEFORE_IN_LETTERS),
                    at_most(BEFORE_GRADIENTS * STOCHASTIC, BEFORE_GRADIENTS * lemma_3(M)),
                    FACTORS,
                    SIGNS,
                ),
                **gossip(),
            ),
        ),
        damaged="factors and brackets of the display are missing",
        misprint="D_2 for D_2'",
    ),
    line(
        "appendix-f.1/cauchy",
        "Appendix F.1, (b)",
        "Cauchy-Schwarz over the first k steps: of n vectors.",
        (
            r"\stackrel{(b)}{\leq} 2 \sum_{m=1}^{M} \mathbb{E} \left\| \frac{X_n \cdot 1_M}{M} - \tilde{x}_n^{(m)} \right\|_2^2 \\ &+ 2 "
            r"\bar{\gamma}^2 k \sum_{m=1}^{M} \sum_{j=0}^{k-1} \mathbb{E} \left\| \nabla f_m \left(x_{n;j}^{(m)}, \xi_j^{(m)} \right) "
            r"\right\|_2^2 \\ &= 2 \sum_{m=1}^{M} \mathbb{E} \left\| \frac{X_n \cdot 1_M}{M} - \tilde{x}_n^{(m)} \right\|_2^2 + 2 "
            r"\bar{\gamma}^2 k \sum_{j=0}^{k-1} \mathbb{E} \left\| G \left(x_{n;j}^{(m)}, \xi_j^{(m)} \right) \right\|_F^2",
        ),
        printed(
            at_most(n**2 * norm_sq(u_i.mean), n * (n * average_norm_sq(u_i))),
            follows=Certified(at_most(n**2 * norm_sq(u_i.mean), n * (n * average_norm_sq(u_i)))),
            arena="vectors",
        ),
    ),
    line(
        "appendix-f.1/lemma-7",
        "Appendix F.1, last bound",
        "Lemma 7 put in.",
        (
            r"\leq 2 \left(\frac{2K}{1-\rho^2} \sum_{n=1}^{N} \mathbb{E} \| C_n \|_F^2 + \frac{2K^2 \bar{\gamma}^2}{(1-\rho)^2} "
            r"\sum_{n=1}^{N} \sum_{k=0}^{K-1} \| G\left(x_{n;k}, \xi_k\right) \|_F^2 \right) \\ &+ \frac{2 \bar{\gamma}^2 K (K-1)}{2} "
            r"\sum_{n=1}^{N} \sum_{k=0}^{K-1} \mathbb{E} \| G\left(x_{n;j}^{(m)}, \xi_j^{(m)}\right) \|_F^2",
        ),
        printed(at_most(2 * K * total(consensus_sq), 2 * LEMMA_7.rhs), GOSSIP, follows=scaled(Cite("qprsgd/lemma-7"), 2), **gossip()),
        misprint="G at j where it is summed over k",
    ),
    line(
        "appendix-f.2/noises-add",
        "Appendix F.2, second bound",
        "Noises of all workers and steps are uncorrelated; Cauchy-Schwarz over the steps of a round.",
        (
            r"\leq 2 \frac{1}{M^2} \sum_{m=1}^{M} \sum_{k=0}^{K-1} \mathbb{E} \| \nabla f_m \left(x_{n;k}^{(m)}, \xi_k^{(m)} \right) - "
            r"\nabla F_m \left(x_{n;k}^{(m)} \right) \|_2^2 \\ &+ 2 K \sum_{k=0}^{K-1} \mathbb{E} \| \frac{\partial F \left(x_{n;k} "
            r"\right) \cdot 1_M}{M} \|_2^2",
        ),
        printed(
            at_most(mean_noise_progress_sq + mean_exact_progress_sq, round_noises_sq / M**2 + K * round_mean_gradient_sq),
            GOSSIP,
            follows=Combined(
                (
                    Expected(
                        Certified(
                            equals(K**2 * norm_sq(noise.mean), K / M * average_norm_sq(noise)),
                            (uncorrelated(noise, K * M, -K / M, "draws of different steps and workers are independent, without bias"),),
                        ),
                        {K**2 * norm_sq(noise.mean): mean_noise_progress_sq, K * M * average_norm_sq(noise): round_noises_sq},
                    ),
                    ALONG_STEPS,
                ),
                (1, 1),
            ),
            **gossip(**EXACT),
        ),
    ),
    line(
        "appendix-f.3/before-step",
        "Appendix F.3, first display after the step, first bound",
        "The last display of Appendix F with what the step makes of its denominators: the variance of the mean gradient was lost before.",
        (
            r"\leq 3\bar{\gamma}KLD_4' [1 + \frac{4L^2 \bar{\gamma}^2 \left(K-1\right)}{M} + 12 \left(K-1\right) L^2 \bar{\gamma}^2] "
            r"\sigma^2 \\ & + 12\bar{\gamma}KLD_4' \kappa^2 \left(1 + 6 \left(K-1\right) \left(2K-1\right) L^2 \bar{\gamma}^2\right) \\ & "
            r"+ \frac{2 \left(F \left(X_1\right) - F_*\right) \left(\sigma \sqrt{N/M} + 3KL^3 \sqrt{D_2} + 16KLD_3' + 6K\right)}{KN}",
        ),
        printed(
            BEFORE_STEP,
            (*FINE_GOSSIP, given.gossip_step, given.enough_rounds, given.few_local_steps, given.some_noise),
            **gossip(horizon="long"),
        ),
        misprint="6 K for 6 K L, a cube for a cube root, D_2 for D_2'",
        correction=Reading(
            "corrected: Corollary 2.1, corrected",
            COROLLARY_CORRECTED,
            (*FINE_GOSSIP, *THEOREM_STEPS, given.small_gossip_step),
            follows=Cite("qprsgd/corollary-2.1"),
            **gossip(horizon="long"),
        ),
    ),
    line(
        "appendix-f.3/factors",
        "Appendix F.3, 1), first bound",
        "3 gamma K L D_4', D_4' spelled out, with K for K - 1.",
        (
            r"3\bar{\gamma}KLD'_4 &= 3\bar{\gamma}KL\left(2\bar{\gamma}KLD'_3 + \frac{\bar{\gamma}L\left(K-1\right)}{2} + "
            r"\frac{D'_2}{2M}\right) \\ &\leq 6\bar{\gamma}^2K^2L^2D'_3 + \frac{3\bar{\gamma}^2L^2K^2}{2} + \frac{3\bar{\gamma}KLD'_2}{2M}",
        ),
        printed(
            at_most(
                3 * eta * K * L * (2 * eta * K * L * D_3 + eta * L * (K - 1) / 2 + D_2 / (2 * M)),
                6 * eta**2 * K**2 * L**2 * D_3 + 3 * eta**2 * L**2 * K**2 / 2 + 3 * eta * K * L * D_2 / (2 * M),
            )
        ),
    ),
    line(
        "appendix-f.3/step-put-in",
        "Appendix F.3, 1), second sign of equality",
        "gamma is at most 1 / (sigma sqrt(N / M)), not equal to it: the terms in gamma^2.",
        (
            r"=\frac{3K^2L^2M}{\sigma^2N}\left(2D'_3+\frac{1}{2}\right)+\frac{3KLD'_2}{2\sigma\sqrt{NM}}\leq\frac{3KLD'_2}{\sigma\sqrt"
            r"{NM}}",
        ),
        (
            Reading(
                "as printed, =",
                equals(
                    6 * eta**2 * K**2 * L**2 * D_3 + 3 * eta**2 * L**2 * K**2 / 2,
                    3 * K**2 * L**2 * M / (sigma**2 * N) * (2 * D_3 + sp.Rational(1, 2)),
                ),
                (given.some_noise, BY_STEP),
            ),
        ),
        misprint="= for <=",
        correction=Reading(
            "corrected: at most",
            at_most(
                6 * eta**2 * K**2 * L**2 * D_3 + 3 * eta**2 * L**2 * K**2 / 2,
                3 * K**2 * L**2 * M / (sigma**2 * N) * (2 * D_3 + sp.Rational(1, 2)),
            ),
            (given.some_noise, BY_STEP),
        ),
    ),
    line(
        "appendix-f.3/variance-put-in",
        "Appendix F.3, 2)",
        "The same of the terms that stand with sigma^2; one sign is missing.",
        (
            r"\begin{aligned} &\frac{4L^2\bar{\gamma}^2 (K-1)}{M} + 12 (K-1) L^2 \bar{\gamma}^2 \\ &= 4 (K-1) L^2 \bar{\gamma}^2 "
            r"\left(\frac{1}{M} + 3\right) \frac{4 (K-1) L^2}{\sigma^2 N/M} \left(\frac{1}{M} + 3\right)",
        ),
        printed(
            at_most(4 * L**2 * eta**2 * (K - 1) / M + 12 * (K - 1) * L**2 * eta**2, 4 * (K - 1) * L**2 / (sigma**2 * N) * (1 + 3 * M)),
            (given.some_noise, BY_STEP),
        ),
        damaged="a sign of relation is missing",
    ),
    Claim(
        "qprsgd/sec-4/rate",
        "text",
        "section IV.B.2, after Corollary 2.1",
        "Its rate as an order: for large N that of its first term, which no method has beyond K of order 1.",
        (r"The result suggests that the convergent rate for Algorithm 2 is $O(\frac{1}{K\sqrt{NM}} + \frac{1}{N})$",),
        (Reading("as printed, for large N, against the order that no method beats", at_most(K, K_RANGE), rate=BEYOND),),
        unparsed="running text; read twice",
        relies=("qprsgd/corollary-2.1",),
        correction=SPEEDUP,
    ),
    # ---- Appendix G ----
    line(
        "appendix-g/large-entries",
        "Appendix G, proof of Lemma 12, first display",
        "Entries of at least 1 / s, whose squares add up to at most 1: at most s^2 of them.",
        (r"(d - |I(u)|) / s^2 \le \sum_{i \notin I(u)} u_i^2 \le 1",),
        printed(
            at_most(large_entries, s**2),
            follows=Summed(
                Decided(at_most(1, POSITION**2)),
                at_most(large_entries, s**2),
                by="over the entries with y = s |u_i| >= 1; all the y^2 add up to s^2",
                at={POSITION: 1},
                where=POSITION >= 1,
            ),
            arena="qprsgd",
            setting={"of": "code"},
        ),
    ),
    line(
        "appendix-g/survivors",
        "Appendix G, proof of Lemma 12, second display",
        "Large entries survive surely, a small one with chance s |u_i|.",
        (r"E[||Q_s(v)||_0] = d - |I(u)| + \sum_{i \in I(u)} s|u_i|",),
        printed(
            equals(nonzeros, large_entries + small_level_sum),
            follows=Summed(
                Decided(equals(sp.Min(1, POSITION), POSITION)),
                equals(nonzeros, large_entries + small_level_sum),
                by="an entry survives with chance min(1, y), y = s |u_i|: large ones surely, of the others y is at most 1",
                at={POSITION: 1},
                where=POSITION <= 1,
            ),
            arena="qprsgd",
            setting={"of": "code"},
        ),
    ),
    line(
        "appendix-g/survivors-at-most",
        "Appendix G, proof of Lemma 12, second display, first bound",
        "The large entries by s^2, the small ones by all.",
        (r"\leq s^2 + s||u||_1 \leq s^2 + s\sqrt{d}",),
        printed(
            at_most(large_entries + small_level_sum, s**2 + level_sum),
            follows=Combined(
                (
                    Cite("qprsgd/appendix-g/large-entries"),
                    Summed(
                        Decided(at_most(0, POSITION)),
                        at_most(small_level_sum, level_sum),
                        by="levels have the mean y >= 0 (Lemma 4), and the small entries are among all",
                    ),
                ),
                (1, 1),
            ),
            arena="qprsgd",
            setting={"of": "code"},
        ),
    ),
    Claim(
        "qprsgd/appendix-g/level-bits",
        "text",
        "Appendix G.1",
        "Bits for the code of a level plus 1. At level 1 the logarithm is 0, and the code of 2 has three bits.",
        (r"$O(log(\zeta(v_i, s)))$ bits for Elias",),
        (Reading("at level 1: three bits are O(log 1)", at_most(sp.Integer(3), sp.log(sp.Integer(1), 2))),),
        unparsed="running text; read twice",
        correction=Reading("corrected: O(log of the level plus 1), plus one bit", at_most(sp.Integer(3), 2 * sp.log(sp.Integer(2), 2) + 1)),
    ),
    line(
        "appendix-g/bound-put-in",
        "Appendix G, proof of Lemma 13, last sign of equality",
        "The bound for the sum of powers: at most it, where = is printed.",
        (
            r"\stackrel{(a)}{\leq} \frac{2}{\rho} d\log\left(\frac{1}{d}\sum_{i=1}^{d} v_i^{\rho}\right) + d = "
            r"\frac{2d}{\rho}\log\frac{\rho}{d} + d",
        ),
        (Reading("as printed, =, of one entry 1 where 4 is the bound, exponent 2", equals(sp.log(1, 2), sp.log(4, 2))),),
        unparsed="one letter with two meanings; read twice",
        correction=Reading(
            "corrected: at most",
            at_most(code_bits_smooth, header_bits + 2 * d + d * sp.log(bound / d, 2)),
            (Hypothesis("squares_at_most", "the squares of the entries add up to at most the bound", next_level_sq_sum <= bound),),
            follows=Raised(
                Cite("qprsgd/appendix-g/jensen"), Granted(at_most(next_level_sq_sum, bound), by="the bound, a hypothesis of Lemma 13")
            ),
            arena="qprsgd",
            setting={"of": "code"},
            says="attacked with the least bound",
        ),
    ),
)
