r"""QPRSGD, Appendices A to G: relations displayed without a number on the way to what `ring`, `gossip` and `experiments` state."""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory import hypotheses as given
from theory.claim import Claim, Reading, at_most, equals
from theory.qprsgd.gossip import (
    ALL_CONSENSUS,
    COROLLARY_CORRECTED,
    COROLLARY_SHARP,
    CROWD,
    DEVIATION_IN_ROUND,
    EXACT,
    IN_TWO,
    LEMMA_10,
    NOISE_BY_DIFFERENCE,
    OWN_DRIFT,
    SHARP_COROLLARY,
    SHARP_LEMMA_10,
    SHARP_T_4_ASSEMBLED,
    SPREAD,
    STEPS,
    STOCHASTIC,
    STRAIGHT,
    T_4_BY_ROOTS,
    THEOREM_STEPS,
    VARIANCES,
    apart_in_round,
    deviation_in_round,
    quantised_by_roots,
    t_4_plugged,
)
from theory.qprsgd.ring import CONDITIONS, DOWNHILL, LEMMA_6, LEMMA_6_CORRECTED, ROUND, STRAYED, all_rounds
from theory.qprsgd.steps import (
    CONSENSUS,
    DEVIATION_BY_ROOTS,
    DEVIATION_BY_VARIANCE,
    DEVIATION_IN_THREE,
    DRIFT_IN_TWO,
    DRIFT_OF_ROUND_BY_ROOTS,
    FOUR_BY_ROOTS,
    IN_TWO_BY_ROOTS,
    NOISE_APART,
    NOISES_ADD,
    QUANTISED_SOLVED,
    SUM_OF_SQUARES,
    WAY_BY_ROOTS,
    WAY_OF_MEAN,
    summed_over_steps,
    way_sq,
)
from theory.qprsgd.steps import GRADIENTS_IN_FOUR as BY_FOUR_PARTS
from theory.qprsgd.terms import (
    DESCENT,
    DEVIATION,
    DRIFT,
    FACTORS,
    FEEDBACK,
    FINE_ENOUGH_GOSSIP,
    FINE_GOSSIP,
    GOSSIP,
    MIXED,
    MIXING,
    NOISE,
    PRICE,
    RING,
    SEGMENT,
    SHARP_DRIFT,
    SIGNS,
    SPREAD_BELOW_2,
    TWICE,
    K,
    M,
    N,
    chain,
    feedback,
    gossip,
    printed,
    ring,
    total,
)
from theory.rules import Abbreviated, Cite, Combined, Decided, Granted, Isolated, Using, Weakened, scaled
from theory.samples import about_the_mean, sums_of_steps
from theory.scenes import u_i
from theory.symbols import (
    L,
    average_gradient_sq,
    average_local_gradient_sq,
    chain_inputs_sq,
    chain_partial_sum_sq,
    consensus_sq,
    d,
    descent_share,
    discounted_noise_sq,
    discounted_norms_sq,
    discounted_sq_sum,
    discounted_squared_progress,
    discounted_sum,
    error_sq,
    eta,
    growth,
    i,
    image_sq,
    initial_gap,
    mean_exact_progress_sq,
    mean_noise_progress_sq,
    mean_progress_sq,
    noise_apart_sq,
    quantisation_noise_sq,
    rho,
    round_deviation_sq,
    round_drift_sq,
    round_gradient_sq,
    round_local_gradient_sq,
    round_mean_gradient_sq,
    round_norms_sq,
    round_progress_sq,
    round_stochastic_sq,
    round_way_sq,
    s,
    sequence_sq_sum,
    sequence_sum,
    sigma,
    spread,
    start_gradient_sq,
    weighted_deviation_sq,
    weighted_drift_sq,
    worker_deviation_sq,
    worker_gradient_at_mean_sq,
    x_sq,
    zeta,
)
from theory.vectors import average_norm_sq, norm_sq

# Lemma 6's proof, one worker: what is summed over t < K, before it is divided
ONE_WORKER = at_most(
    worker_deviation_sq,
    (K - 1) * K * eta**2 * sigma**2 * (M + 1) / (2 * M)
    + eta**2 * (K - 1) * K * round_mean_gradient_sq
    + 2 * (K + 1) * (K - 2) * eta**2 * L**2 * worker_deviation_sq
    + 2 * (K - 1) * K * eta**2 * worker_gradient_at_mean_sq,
)
ONE_WORKER_DOWNHILL = {
    worker_deviation_sq: STRAYED,
    worker_gradient_at_mean_sq: DOWNHILL[round_gradient_sq],
    round_mean_gradient_sq: DOWNHILL[round_mean_gradient_sq],
}
# Appendix D: what `appendix-d/accumulated` moves to one side; Appendix E: T_4 in one round, its first step taken off
NOISE_ON_BOTH_SIDES = at_most(
    total(quantisation_noise_sq),
    d * spread**2 / (s**2 * (1 - rho) ** 2) * total(quantisation_noise_sq)
    + (d / (2 * s**2) + d * spread**2 / (s**2 * (1 - rho) ** 2)) * eta**2 * total(round_progress_sq),
)
LATER_STEPS = at_most(
    DRIFT * (M * round_deviation_sq - consensus_sq),
    (2 * K - 2 + 12 * K * (K - 1) * eta**2 * L**2) * consensus_sq
    + 2 * sigma**2 * eta**2 * M * K * (K - 1)
    + 2 * eta**2 * zeta**2 * M * (K - 1) * K * (2 * K - 1),
)
SHARP_LATER_STEPS = at_most(
    SHARP_DRIFT * (M * round_deviation_sq - consensus_sq),
    (2 * K - 2 + 2 * K * (K - 1) * eta**2 * L**2) * consensus_sq
    + sigma**2 * eta**2 * (M - 1) * K * (K - 1)
    + sp.Rational(2, 3) * eta**2 * zeta**2 * M * (K - 1) * K * (2 * K - 1),
)
FIRST_SQ = sp.Symbol("sum of the first i squares", real=True, nonnegative=True)
GRADIENTS_IN_FOUR = at_most(
    round_local_gradient_sq,
    4 * L**2 * M * round_deviation_sq + 4 * K * M * zeta**2 + 4 * M * L**2 * round_way_sq + 4 * K * M * start_gradient_sq,
)
DRIFT_PER_ROUND = at_most(
    round_drift_sq,
    4 * K / (1 - rho**2) * quantisation_noise_sq + (4 * K**2 * eta**2 / (1 - rho) ** 2 + eta**2 * K * (K - 1)) * round_stochastic_sq,
)
T_4_ASSEMBLED = at_most(M * total(round_deviation_sq), 2 * DEVIATION * MIXING * eta**2 * K * STOCHASTIC + SPREAD)
LEMMA_3_UNDIVIDED = at_most(
    FEEDBACK * STOCHASTIC,
    VARIANCES
    + 4 * L**2 * SPREAD
    + 4 * M * L**2 * eta**2 * K * (K - 1) * total(round_mean_gradient_sq)
    + 4 * K * M * total(start_gradient_sq),
)
WITHOUT_MEANS = VARIANCES + 4 * L**2 * SPREAD + 4 * K * total(start_gradient_sq)
BRACKET = eta * L / 2 * (4 * K / (1 - rho) ** 2 + K - 1) + (2 * eta * L * K / (1 - rho**2) + 1 / (2 * M)) * NOISE

# Appendix D: what the first two rounds add to X, of one number
WENT_1, WENT_2, NOISE_1, NOISE_2, MIXES = sp.symbols("went_1 went_2 noise_1 noise_2 w", real=True)

# Appendix F.3: D_2'^(1/3), D_3', D_4', the brackets of sigma^2 (with its factor) and kappa^2
ROOT_OF_D_2, D_3, D_4, FIRST_BRACKET, SECOND_BRACKET = sp.symbols(
    "root_of_d_2 d_3 d_4 first_bracket second_bracket", real=True, positive=True
)
STEP_PUT_IN = (
    FIRST_BRACKET * sigma**2
    + 12 * eta * K * L * D_4 * SECOND_BRACKET * zeta**2
    + 2 * initial_gap * (sigma * sp.sqrt(N / M) + 3 * K * L * ROOT_OF_D_2 + 16 * K * L * D_3 + 6 * K * L) / (K * N)
)

# Appendix E.1
DISCOUNTED: dict[str, Any] = {
    "arena": "qprsgd",
    "setting": {"of": "sequence"},
    "says": "attacked on norms of rounds that follow no algorithm",
}
DISCOUNTED_NORMS = Cite("qprsgd/lemma-9/squares", {discounted_sq_sum: discounted_norms_sq, sequence_sq_sum: total(round_norms_sq)})

CLAIMS = (
    # ---- Appendix A ----
    Claim(
        "qprsgd/appendix-a/variance",
        "step",
        "Appendix A, proof of Lemma 5",
        "Error of an unbiased quantiser: second moment less that of the mean. The proof names Lemma 1 for Lemma 4.",
        latex=(r"= \mathbb{E}[\|Q_{s}(\boldsymbol{v})\|_{2}^{2}] - \|\mathbb{E}[Q_{s}(\boldsymbol{v})]\|_{2}^{2}",),
        unparsed=TWICE,
        readings=printed(
            equals(error_sq, image_sq - x_sq),
            follows=Isolated(about_the_mean(image_sq, x_sq, error_sq), image_sq - x_sq - error_sq),
            arena="operator",
            setting={"operator": "qsgd"},
        ),
    ),
    # ---- Appendix B ----
    Claim(
        "qprsgd/appendix-b/segment",
        "step",
        "Appendix B, first display",
        "Second moment of a quantised segment of d/M coordinates.",
        latex=(
            (
                r"\mathbb{E}\left[\mathcal{Q}_{s}(\boldsymbol{w}_{i})\right] = \boldsymbol{w}_{i}; \quad "
                r"\mathbb{E}\left\|\mathcal{Q}_{s}(\boldsymbol{w}_{i})\right\|_{2}^{2} \leq \left(\frac{d}{4s^{2}M} + "
                r"1\right)\left\|\boldsymbol{w}_{i}\right\|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        readings=printed(
            at_most(image_sq, (SEGMENT + 1) * x_sq),
            follows=Cite("qprsgd/appendix-a/second-moment", {d: d / M}),
            **chain(),
        ),
    ),
    Claim(
        "qprsgd/appendix-b/partial-sums",
        "step",
        "Appendix B, third bound of the long display",
        "||w^1 + ... + w^m||^2 is at most m times the squares.",
        latex=(r"\cdot m \sum_{j=1}^{m} \left\| w_{i}^{(j)} \right\|_{2}^{2}",),
        unparsed=TWICE,
        readings=printed(
            at_most(chain_partial_sum_sq, i * chain_inputs_sq),
            follows=Using(
                summed_over_steps(chain_partial_sum_sq, FIRST_SQ, i),
                (Granted(at_most(FIRST_SQ, chain_inputs_sq), by="squares of the other vectors are nonnegative"),),
            ),
            **chain(),
        ),
    ),
    Claim(
        "qprsgd/appendix-b/largest-power",
        "step",
        "Appendix B, (a)",
        "r^(M-m) <= r^(M-2) for m from 2 to M, r = d / (4 s^2 M) + 1: in steps of one power, g = r^(M-m).",
        latex=(r"\forall m \in \{2, ..., M\}, \left(\frac{d}{4s^2M} + 1\right)^{M-m} \le \left(\frac{d}{4s^2M} + 1\right)^{M-2}",),
        unparsed="powers with a letter in the exponent are judged as letters; read twice",
        readings=printed(at_most(growth, (SEGMENT + 1) * growth)),
    ),
    # ---- Appendix C ----
    Claim(
        "qprsgd/sec-4/lemma-6",
        "step",
        "section IV.A.2, proof of Theorem 1",
        "Lemma 6, in the sketch of the proof.",
        latex=(
            r"+ \frac{2(K-1)K\gamma_{n}^{2}}{1-2(K+1)(K-2)L^{2}\gamma_{n}^{2}} \sum_{k=0}^{K-1} \left(\kappa^{2} + "
            r"\|\nabla F(\bar{x}_{n;k})\|_{2}^{2} \right)",
        ),
        unparsed=TWICE,
        restates="qprsgd/lemma-6",
        readings=(
            Reading(
                "as printed, on the instance of Lemma 6",
                at_most(STRAYED, LEMMA_6.rhs.subs(DOWNHILL).doit()),
            ),
        ),
        correction=Reading(
            "corrected, as Lemma 6",
            LEMMA_6_CORRECTED,
            (*RING, given.drift_condition),
            follows=Cite("qprsgd/lemma-6"),
            **ring(**EXACT, loss="any curvature"),
        ),
    ),
    Claim(
        "qprsgd/appendix-c/noise-of-mean",
        "step",
        "Appendix C.1, fourth line",
        "The noise of the mean of all workers and what else a worker's iterate differs from the mean by are added in squares, though the "
        "worker's own noise is in both: 1 + 1/M stands for 1 - 1/M. Here for one step without gradients, over all workers.",
        latex=(
            (
                r"= \mathbb{E} \| \frac{\gamma_{n}}{M} \sum_{m=1}^{M} \sum_{j=0}^{t-1} (\nabla f_{m}(x_{n:j}^{(m)}, \xi_{j}^{(m)}) - "
                r"\nabla F_{m}(x_{n:j}^{(m)})) \|_{2}^{2} \\ &+ \mathbb{E} \| \frac{\gamma_{n}}{M} \sum_{m=1}^{M} \sum_{j=0}^{t-1} \nabla "
                r"F_{m}(x_{n:j}^{(m)}) - \gamma_{n} \sum_{j=0}^{t-1} \nabla f_{m}(x_{n:j}^{(m)}, \xi_{j}^{(m)}) \|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        readings=(
            Reading(
                "as printed, =, for every draw",
                equals(average_norm_sq(u_i.deviation), norm_sq(u_i.mean) + average_norm_sq(u_i)),
                arena="vectors",
            ),
        ),
        correction=Reading(
            "corrected: 1 - 1/M, at most, summed over the steps of a round",
            at_most(noise_apart_sq, K * (K - 1) / 2 * sigma**2 * (1 - 1 / M)),
            RING,
            follows=NOISE_APART,
            **ring(**EXACT, loss="any curvature"),
        ),
    ),
    Claim(
        "qprsgd/appendix-c/one-worker",
        "step",
        "Appendix C.1, sum over t",
        "One worker's deviation, before it is divided; noise and the gradients after it are added as if uncorrelated.",
        latex=(
            (
                r"= \frac{(K-1)K\gamma_{n}^{2} \sigma^{2}(M+1)}{2M} \\ &+ \gamma_{n}^{2}(K-1)K \sum_{t=0}^{K-1} \mathbb{E} \|\frac{1}{M} "
                r"\sum_{m=1}^{M} \nabla F_{m}(x_{n;t}^{(m)})\|_{2}^{2} \\ &+ 2(K+1)(K-2)\gamma_{n}^{2} L^{2} \sum_{t=0}^{K-1} \mathbb{E} "
                r"\|\bar{x}_{n;j} - x_{n;j}^{(m)}\|_{2}^{2} \\ &+ 2(K-1)K\gamma_{n}^{2} \sum_{t=0}^{K-1} \mathbb{E} \|\nabla "
                r"F_{m}(\bar{x}_{n;t})\|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        readings=(
            Reading(
                "as printed, on the instance of Lemma 6",
                at_most(STRAYED, ONE_WORKER.rhs.subs(ONE_WORKER_DOWNHILL).subs(DOWNHILL).doit()),
            ),
        ),
        correction=Reading(
            "corrected: Lemma 6, over all workers",
            at_most(
                round_deviation_sq,
                (K - 1) * K * eta**2 * sigma**2 * (M - 1) / M
                + sp.Rational(2, 3) * (K - 1) * K * (2 * K - 1) * eta**2 * zeta**2
                + 2 * (K + 1) * (K - 2) * L**2 * eta**2 * round_deviation_sq,
            ),
            (*RING, given.drift_condition),
            follows=Isolated(scaled(Cite("qprsgd/lemma-6"), 1 - 2 * (K + 1) * (K - 2) * L**2 * eta**2), round_deviation_sq),
            **ring(**EXACT, loss="any curvature"),
        ),
        improvement=Reading(
            "improved: the square of the sum of roots, before it is divided",
            at_most(round_deviation_sq, sp.Add(*DEVIATION_BY_ROOTS.roots) ** 2),
            RING,
            follows=DEVIATION_BY_ROOTS,
            **ring(**EXACT, loss="any curvature"),
        ),
    ),
    Claim(
        "qprsgd/appendix-c/all-rounds",
        "step",
        "section IV.A.2 and Appendix C, last display before C.1",
        "All rounds of Algorithm 1: what (9) is read off from.",
        latex=(
            (
                r"\leq &- \frac{\bar{\gamma}\varepsilon}{2} \sum_{n=1}^N \sum_{k=0}^{K-1} \|\nabla F(\bar{x}_{n;k})\|_2^2 + C_1 L "
                r"\bar{\gamma}^2 K \sigma^2 N + 2L K^2 \bar{\gamma}^2 C_1 \kappa^2 N \\ &+ \frac{L \bar{\gamma}^2 K \sigma^2 N}{2M} + "
                r"\left(2K L^3 \bar{\gamma}^2 C_1 + \frac{L^2 \bar{\gamma}}{2}\right) \left(\frac{(K-1)K \gamma_n^2 \sigma^2 "
                r"(M+1)}{2M\delta} + \frac{2(K-1)K^2 \gamma_n^2 \kappa^2}{\delta}\right) N."
            ),
            (
                r"\leq -\frac{\bar{\gamma}\varepsilon}{2} \sum_{n=1}^{N} \sum_{k=0}^{K-1} \|\nabla F(\bar{x}_{n;k})\|_{2}^{2} + "
                r"C_{1}L\bar{\gamma}^{2}K\sigma^{2}N + 2LK^{2}\bar{\gamma}^{2}C_{1}\kappa^{2}N \\ + "
                r"\frac{L\bar{\gamma}^{2}K\sigma^{2}N}{2M} + \left(2KL^{3}\bar{\gamma}^{2}C_{1} + \frac{L^{2}\bar{\gamma}}{2}\right) "
                r"\left(\frac{(K-1)K\gamma_{n}^{2}\sigma^{2}(M+1)}{2M\delta} + \frac{2(K-1)K^{2}\gamma_{n}^{2}\kappa^{2}}{\delta}\right)N"
            ),
        ),
        unparsed=TWICE,
        misprint="gamma_n for gamma; below it (9) is called Equation 11",
        readings=printed(
            at_most(
                eta * descent_share / 2 * N * K * average_local_gradient_sq,
                initial_gap + N * (ROUND.rhs + eta * descent_share / 2 * round_gradient_sq),
            ),
            (*RING, *CONDITIONS),
            follows=scaled(all_rounds(Cite("qprsgd/appendix-c/round")), N * K * eta * descent_share / 2),
            **ring(),
        ),
    ),
    # ---- Appendix D ----
    Claim(
        "qprsgd/appendix-d/recurrence",
        "step",
        "Appendix D, recurrence of X_n",
        "X_n by what was added before, from X_1 = 0. The first line adds C_n, which (11) adds to X_(n+1); the second has C_1 to C_(n-1). "
        "Here for iterates of one number, W = w.",
        latex=(
            r"X_n = X_{n-1}W - \gamma_n \sum_{k=0}^{K-1} G\left(X_{n-1;k}, \xi_k\right) + C_n",
            (
                r"= -\sum_{\varepsilon=1}^{n-1} \bar{\gamma} \sum_{k=0}^{K-1} G\left(X_{\varepsilon;k,\xi_k}\right) W^{n-\varepsilon-1} + "
                r"\sum_{\varepsilon=1}^{n-1} C_{\varepsilon} W^{n-\varepsilon-1}"
            ),
        ),
        unparsed="two lines of a display; read twice",
        misprint="C_n for C_(n-1)",
        readings=(Reading("as printed: both lines at n = 2", equals(-WENT_1 + NOISE_2, -WENT_1 + NOISE_1)),),
        correction=Reading(
            "corrected: C_(n-1), at n = 3",
            equals((-WENT_1 + NOISE_1) * MIXES - WENT_2 + NOISE_2, -(WENT_1 * MIXES + WENT_2) + NOISE_1 * MIXES + NOISE_2),
        ),
    ),
    Claim(
        "qprsgd/appendix-d/mixed",
        "step",
        "Appendix D, accumulated noise",
        "All noise against what iterates differ by, and progress; with the columns of X P for the workers' own iterates.",
        latex=(
            (
                r"\leq \frac{d\mu^{2}}{2s^{2}} \sum_{n=1}^{N} \sum_{m=2}^{M} \mathbb{E} \| \tilde{x}_{n}^{(m)} \|_{2}^{2} \\ &+ "
                r"\frac{d}{2s^{2}} \sum_{n=1}^{N} \sum_{m=1}^{M} \mathbb{E} \| \bar{\gamma} \sum_{k=0}^{K-1} \nabla f_{m} "
                r"\left(x_{n;k}^{(m)}, \xi_{k}^{(m)} \right) \|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        readings=(
            Reading(
                "the later columns of X P, which are the deviations from the mean",
                at_most(
                    total(quantisation_noise_sq),
                    d * spread**2 / (2 * s**2) * total(consensus_sq) + d / (2 * s**2) * eta**2 * total(round_progress_sq),
                ),
                GOSSIP,
                follows=Using(Cite("qprsgd/appendix-d/split"), (Cite("qprsgd/appendix-d/mixing"),)),
                **gossip(),
            ),
        ),
        improvement=Reading(
            "improved: the square of the sum of roots, for twice the sum of squares",
            at_most(
                total(quantisation_noise_sq),
                d / (4 * s**2) * (spread * sp.sqrt(total(consensus_sq)) + eta * sp.sqrt(total(round_progress_sq))) ** 2,
            ),
            GOSSIP,
            follows=quantised_by_roots(Cite("qprsgd/appendix-d/mixing"), spread * sp.sqrt(total(consensus_sq))),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-d/discounted-progress",
        "step",
        "Appendix D, bound of the progress",
        "The discounted sum of progress, squared.",
        latex=(
            r"\leq \frac{1}{(1-\rho)^{2}} \sum_{n=1}^{N} \sum_{m=1}^{M} \left\| \bar{\gamma} \sum_{k=0}^{K-1} "
            r"\nabla f_{m}\left(x_{n;k}^{(m)},\xi_{k}^{(m)}\right) \right\|_{2}^{2}",
        ),
        unparsed=TWICE,
        readings=printed(
            at_most(discounted_squared_progress, total(round_progress_sq) / (1 - rho) ** 2),
            (given.spectral_gap,),
            follows=Cite(
                "qprsgd/lemma-9/squares",
                {discounted_sq_sum: discounted_squared_progress, sequence_sq_sum: total(round_progress_sq)},
            ),
            **DISCOUNTED,
        ),
    ),
    Claim(
        "qprsgd/appendix-d/both-sides",
        "step",
        "Appendix D, before the last display",
        "All noise against itself and all progress; the sums over m begin at 2 on the left and at 1 on the right.",
        latex=(
            (
                r"\leq \frac{d\mu^{2}}{s^{2} (1-\rho)^{2}} \sum_{n=1}^{N} \sum_{m=1}^{M} \mathbb{E} \left\| C_{n}^{(m)} \right\|_{2}^{2} "
                r"\\ &+ \left(\frac{d}{2s^{2}} + \frac{d\mu^{2}}{s^{2} (1-\rho)^{2}} \right) \sum_{n=1}^{N} \sum_{m=1}^{M} \left\| "
                r"\bar{\gamma} \sum_{k=0}^{K-1} \nabla f \left(x_{n;k}^{(m)}, \xi_{k}^{(m)} \right) \right\|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        misprint="m = 2 for m = 1 on the left: what is moved there next is the noise of all workers",
        readings=(
            Reading(
                "the noise of all workers, from m = 1",
                NOISE_ON_BOTH_SIDES,
                GOSSIP,
                follows=Weakened(
                    Using(Using(Cite("qprsgd/appendix-d/split"), (Cite("qprsgd/appendix-d/mixing"),)), (CONSENSUS,)), NOISE_ON_BOTH_SIDES
                ),
                **gossip(),
            ),
        ),
        improvement=Reading(
            "improved: by what each eigenvector of W makes of noise and of progress together",
            at_most(
                total(quantisation_noise_sq),
                d
                / (4 * s**2)
                * (
                    eta * sp.sqrt(total(round_progress_sq)) / (2 - spread)
                    + sp.sqrt(eta**2 * total(round_progress_sq) / (2 - spread) ** 2 + spread / (2 - spread) * total(quantisation_noise_sq))
                )
                ** 2,
            ),
            (*GOSSIP, SPREAD_BELOW_2),
            follows=Using(NOISE_BY_DIFFERENCE, (QUANTISED_SOLVED,)),
            **gossip(),
        ),
    ),
    # ---- Appendix E ----
    Claim(
        "qprsgd/appendix-e/later-steps",
        "step",
        "Appendix E, before T_4, the steps k >= 1 of one round",
        "How far the iterates of a round stray from their mean after its first step.",
        latex=(
            r"& \leq \left(2K - 2 + 12K \left(K - 1\right) \bar{\gamma}^2 L^2\right) \sum_{m=1}^{M} \|\tilde{x}_n^{(m)} - "
            r"\frac{X_n \cdot 1_M}{M}\|_2^2 \\ & + 2\sigma^2 \bar{\gamma}^2 M K \left(K - 1\right) + 2\bar{\gamma}^2 \kappa^2 M "
            r"\left(K - 1\right) K \left(2K - 1\right)",
        ),
        unparsed=TWICE,
        misprint="k - 1 for K - 1 as the last index, and X and x exchanged",
        readings=printed(
            LATER_STEPS,
            (*GOSSIP, given.gossip_drift_condition),
            follows=Isolated(
                Combined(
                    (
                        Isolated(DEVIATION_IN_ROUND, OWN_DRIFT * M * round_deviation_sq),
                        Decided(at_most(0, (K - 1) * (2 * K**2 - K - 4))),
                        Decided(at_most(0, (K - 1) * (K + 1) * (K - 2))),
                        Decided(at_most(0, (K - 1) * (2 * K - 1))),
                    ),
                    (
                        DRIFT / OWN_DRIFT,
                        8 * eta**2 * L**2 / OWN_DRIFT * consensus_sq,
                        16 * eta**4 * L**2 * M * K * (sigma**2 + sp.Rational(2, 3) * (2 * K - 1) * zeta**2) / OWN_DRIFT,
                        sp.Rational(2, 3) * eta**2 * M * K * zeta**2,
                    ),
                ),
                LATER_STEPS.lhs,
            ),
            **gossip(),
        ),
        improvement=Reading(
            "improved: noise has mean zero, whatever iterates differ by at the start of a round",
            SHARP_LATER_STEPS,
            (*GOSSIP, given.drift_condition),
            follows=Isolated(deviation_in_round(DEVIATION_BY_VARIANCE, (M - 1) / M), SHARP_LATER_STEPS.lhs),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-e/gradients-in-four",
        "step",
        "Appendix E, first display, (a), over the steps of a round",
        "The workers' gradients by four parts. The sum over m of the last is M times it, not once.",
        latex=(
            (
                r"\overset{(a)}{\leq} M\sigma^{2} + 4L^{2} \sum_{m=1}^{M} \|x_{n;k}^{(m)} - \frac{X_{n;k} \cdot 1_{M}}{M}\|_{2}^{2} + "
                r"4\kappa^{2}M \\ &+ 4ML^{2} \|\frac{X_{n;k} \cdot 1_{M}}{M} - \frac{X_{n} \cdot 1_{M}}{M}\|_{2}^{2} + 4\|\nabla "
                r"F\left(\frac{X_{n} \cdot 1_{M}}{M}\right)\|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        misprint="4 for 4 M before the last term",
        readings=(
            Reading(
                "as printed: 8 workers, F_m(x) = x without noise, one step",
                at_most(CROWD, 4),
            ),
        ),
        correction=Reading(
            "corrected: 4 M",
            GRADIENTS_IN_FOUR,
            GOSSIP,
            follows=BY_FOUR_PARTS,
            **gossip(),
        ),
        improvement=Reading(
            "improved: roots add up, and what workers differ by at the mean iterate has mean zero",
            at_most(round_local_gradient_sq, sp.Add(*FOUR_BY_ROOTS.roots) ** 2),
            GOSSIP,
            follows=FOUR_BY_ROOTS,
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-e/way-of-mean",
        "step",
        "Appendix E, first display",
        "How far the mean goes within a round: Lemma 11 for its first k steps, over k < K.",
        latex=(
            (
                r"\leq M\sigma^{2} + 4L^{2} \sum_{m=1}^{M} \|x_{n;k}^{(m)} - \frac{X_{n;k} \cdot 1_{M}}{M}\|_{2}^{2} + 4\kappa^{2}M \\ &+ "
                r"4ML^{2}\bar{\gamma}^{2}\left(\frac{2k\sigma^{2}}{M} + 2k\sum_{t=0}^{k-1} \|\frac{\partial F\left(X_{n;t}\right) \cdot "
                r"1_{M}}{M}\|_{2}^{2} \right) \\ &+ 4\|\nabla F\left(\frac{X_{n} \cdot 1_{M}}{M}\right)\|_{2}^{2}"
            ),
        ),
        unparsed=TWICE,
        misprint="gamma for gamma^2, one line on",
        readings=printed(
            at_most(round_way_sq, eta**2 * K * (K - 1) * (sigma**2 / M + round_mean_gradient_sq)),
            GOSSIP,
            follows=WAY_OF_MEAN,
            **gossip(),
        ),
        improvement=Reading(
            "improved: the square of the sum of roots, for twice the sum of squares",
            at_most(round_way_sq, eta**2 * K * (K - 1) / 2 * (sigma / sp.sqrt(M) + sp.sqrt(round_mean_gradient_sq)) ** 2),
            GOSSIP,
            follows=WAY_BY_ROOTS,
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-e/deviation-of-a-step",
        "step",
        "Appendix E, bound of a step of T_4, (b), over the steps of a round",
        "Local iterates less their mean by what they differ by at the start, noise and gradients: less would do. Gradients are compared "
        "with those at the mean at the start of the round; the next display has the mean of step j. Any point will do.",
        latex=(
            (
                r"\stackrel{(b)}{\leq} 2 \sum_{m=1}^{M} \|\tilde{x}_{n}^{(m)} - \frac{X_{n} \cdot 1_{M}}{M}\|_{2}^{2} + "
                r"4k\sigma^{2}\bar{\gamma}^{2}M \\ &\quad + 4\bar{\gamma}^{2} \left(6kL^{2} \sum_{m=1}^{M} \sum_{j=0}^{k-1} \|\frac{X_{n} "
                r"\cdot 1_{M}}{M} - x_{n;j}^{(m)}\|_{2}^{2} + 3k^{2}\kappa^{2}M \right)"
            ),
        ),
        unparsed=TWICE,
        misprint="X_n for X_{n;j}",
        readings=(
            Reading(
                "as printed",
                at_most(
                    M * round_deviation_sq,
                    2 * K * consensus_sq
                    + 2 * eta**2 * K * (K - 1) * M * sigma**2
                    + 24 * eta**2 * L**2 * M * weighted_drift_sq
                    + 12 * eta**2 * SUM_OF_SQUARES * M * zeta**2,
                ),
                GOSSIP,
                follows=apart_in_round(DEVIATION_IN_THREE, sp.S.One, weighted_drift_sq),
                **gossip(),
            ),
            Reading(
                "X_{n;j} for X_n, as the next display has it",
                at_most(
                    M * round_deviation_sq,
                    2 * K * consensus_sq
                    + 2 * eta**2 * K * (K - 1) * M * sigma**2
                    + 24 * eta**2 * L**2 * M * weighted_deviation_sq
                    + 12 * eta**2 * SUM_OF_SQUARES * M * zeta**2,
                ),
                GOSSIP,
                follows=apart_in_round(DEVIATION_IN_THREE, sp.S.One),
                **gossip(),
            ),
        ),
        improvement=Reading(
            "improved: noise has mean zero, whatever iterates differ by at the start, and gradients are apart by two parts",
            at_most(
                M * round_deviation_sq,
                (2 * K - 1) * consensus_sq
                + eta**2 * K * (K - 1) * (M - 1) * sigma**2
                + 4 * eta**2 * L**2 * M * weighted_deviation_sq
                + 4 * eta**2 * SUM_OF_SQUARES * M * zeta**2,
            ),
            GOSSIP,
            follows=apart_in_round(DEVIATION_BY_VARIANCE, (M - 1) / M),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-e/t-4-assembled",
        "step",
        "Appendix E, bound of T_4, (a)",
        "T_4 against all stochastic gradients, by Lemmas 7 and 2.",
        latex=(
            (
                r"\stackrel{(a)}{\leq} \left[\frac{2D_1' D_2'}{1 - \rho^2} + \frac{2D_1}{(1 - \rho)^2} \right] \bar{\gamma}^2 K "
                r"\sum_{n=1}^N \sum_{k=0}^{K-1} \|G \left(X_{n;k}, \xi_k\right)\|_F^2 \\ &+ \frac{2\bar{\gamma}^2 M K (K-1) [\sigma^2 + "
                r"\kappa^2 (2K-1)] N}{1 - 12\bar{\gamma}^2 L^2 (K+1) (K-2)}"
            ),
        ),
        unparsed=TWICE,
        misprint="D_1 for D_1'",
        readings=printed(
            T_4_ASSEMBLED,
            (*FINE_GOSSIP, given.gossip_drift_condition),
            follows=Abbreviated(
                Using(Using(Cite("qprsgd/appendix-e/t-4"), (ALL_CONSENSUS,)), (Cite("qprsgd/lemma-2/summed"),)),
                T_4_ASSEMBLED,
                FACTORS,
                SIGNS,
            ),
            **gossip(),
        ),
        improvement=Reading(
            "improved: by the improved bound of T_4, and Lemmas 7 and 2, improved",
            SHARP_T_4_ASSEMBLED,
            (*FINE_ENOUGH_GOSSIP, given.drift_condition),
            follows=T_4_BY_ROOTS,
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-e/lost-mean-gradients",
        "step",
        "Appendix E, last display before E.1",
        "Lemma 3 before it is divided: the squared mean gradients, which the display before has, are gone, and 4 K stands for 4 K M.",
        latex=(
            r"\leq NKM\sigma^{2} + 4\kappa^{2}MNK + 4NL^{2}\sigma^{2}\bar{\gamma}^{2}K(K-1) \\ + \frac{8L^{2}\bar{\gamma}^{2}MK(K-1)"
            r"[\sigma^{2} + \kappa^{2}(2K-1)]N}{1 - 12\bar{\gamma}^{2}L^{2}(K+1)(K-2)}",
        ),
        unparsed=TWICE,
        misprint="a term lost, K for K - 1 as the last index, and 4 K for 4 K M",
        readings=(
            Reading(
                "as printed: 8 workers, F_m(x) = x without noise, N = K = 1, L eta = 1/1000",
                at_most((FEEDBACK * CROWD).subs(STRAIGHT), WITHOUT_MEANS.subs(STRAIGHT).doit()),
            ),
        ),
        correction=Reading(
            "corrected: with that term, and 4 K M",
            LEMMA_3_UNDIVIDED,
            (*FINE_GOSSIP, *STEPS),
            follows=Abbreviated(
                Isolated(t_4_plugged(), feedback(MIXED) * STOCHASTIC),
                LEMMA_3_UNDIVIDED,
                FACTORS,
                SIGNS,
            ),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-e/discounted-noise",
        "step",
        "Appendix E.1",
        "Noise, discounted by rho^2: Lemma 9, for which Lemma 7 is named.",
        latex=(
            r"\sum_{n=1}^{N} \sum_{\varepsilon=1}^{n-1} \mathbb{E} \| \rho^{n-\varepsilon-1} C_{\varepsilon} \|_{F}^{2} \leq "
            r"\frac{1}{1-\rho^{2}} \sum_{n=1}^{N} \mathbb{E} \| C_{n} \|_{F}^{2}",
        ),
        unparsed=TWICE,
        misprint="Lemma 7 for Lemma 9",
        readings=printed(
            at_most(discounted_noise_sq, total(quantisation_noise_sq) / (1 - rho**2)),
            (given.spectral_gap,),
            follows=Cite(
                "qprsgd/lemma-9/sums",
                {rho: rho**2, discounted_sum: discounted_noise_sq, sequence_sum: total(quantisation_noise_sq)},
            ),
            **DISCOUNTED,
        ),
    ),
    Claim(
        "qprsgd/appendix-e/discounted-gradients",
        "step",
        "Appendix E.1, second display, first bound",
        "Norms of the stochastic gradients, discounted by rho: Lemma 9.",
        latex=(
            r"\leq \frac{1}{\left(1-\rho\right)^{2}}\sum_{n=1}^{N}\left(\bar{\gamma}\sum_{t=0}^{K-1}"
            r"\|G\left(X_{n;t},\xi_{t}\right)\|_{F}\right)^{2}",
        ),
        unparsed=TWICE,
        misprint="M for N as the last index",
        readings=(
            Reading(
                "as printed: 3 workers that draw +-1 in every step, gamma = K = N = 1, a complete graph, so that rho = 0",
                at_most(3 + 3, 3),
                says="||G||_F^2 is 3 in each round: the left side adds up those of rounds 1 and 2, the right side that of round 1",
            ),
        ),
        correction=Reading(
            "corrected: both over N rounds",
            at_most(eta**2 * discounted_norms_sq, eta**2 * total(round_norms_sq) / (1 - rho) ** 2),
            (given.spectral_gap,),
            follows=scaled(DISCOUNTED_NORMS, eta**2),
            **DISCOUNTED,
        ),
    ),
    Claim(
        "qprsgd/appendix-e/discounted-gradients-squared",
        "step",
        "Appendix E.1, second display, second bound",
        "The same by their squares: Cauchy-Schwarz over the steps of a round.",
        latex=(
            r"\leq \frac{\bar{\gamma}^{2}K}{\left(1-\rho\right)^{2}}\sum_{n=1}^{N}\sum_{t=0}^{K-1}"
            r"\|G\left(X_{n;t},\xi_{t}\right)\|_{F}^{2}",
        ),
        unparsed=TWICE,
        readings=printed(
            at_most(eta**2 * discounted_norms_sq, eta**2 * K / (1 - rho) ** 2 * STOCHASTIC),
            (given.spectral_gap,),
            follows=Using(Cite("qprsgd/appendix-e/discounted-gradients"), (summed_over_steps(total(round_norms_sq), STOCHASTIC),)),
            **DISCOUNTED,
        ),
    ),
    # ---- Appendix F ----
    Claim(
        "qprsgd/sec-4/drift-per-round",
        "step",
        "section IV.B.2, after (13)",
        "Lemma 10 as the sketch has it, for one round: where iterates already differ and neither noise nor gradients are left, it falls.",
        latex=(
            (
                r"\leq \frac{4K}{1 - \rho^2} \mathbb{E} \| C_n \|_F^2 \\ &+ \left[\frac{4K^2 \bar{\gamma}^2}{(1 - \rho)^2} + "
                r"\bar{\gamma}^2 K \left(K - 1 \right) \right] \sum_{k=0}^{K-1} \mathbb{E} \left\| G \left(X_{n;k}, \xi_k \right) "
                r"\right\|_F^2,"
            ),
        ),
        unparsed=TWICE,
        misprint="the sums over n are missing",
        readings=printed(DRIFT_PER_ROUND, GOSSIP, **gossip()),
        correction=Reading("corrected: over all rounds, Lemma 10", LEMMA_10, GOSSIP, follows=Cite("qprsgd/lemma-10"), **gossip()),
        improvement=Reading(
            "improved: over all rounds, by the improved Lemma 10",
            SHARP_LEMMA_10,
            GOSSIP,
            follows=Cite("qprsgd/lemma-10", improved=True),
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-f.1/two-parts",
        "step",
        "Appendix F.1",
        "Drift from the mean at the start of a round: what iterates differed by, and the way since.",
        latex=(r"+ \frac{2 \bar{\gamma}^2 K (K-1)}{2} \sum_{n=1}^{N} \sum_{k=0}^{K-1} \mathbb{E} \| G",),
        unparsed=TWICE,
        readings=printed(
            at_most(round_drift_sq, 2 * K * consensus_sq + eta**2 * K * (K - 1) * round_stochastic_sq),
            GOSSIP,
            follows=Using(
                DRIFT_IN_TWO,
                (
                    sums_of_steps(
                        at_most(way_sq, K * (K - 1) / 2 * round_stochastic_sq),
                        by="Cauchy-Schwarz over the first k steps, and (K + k)(K - k - 1) <= K (K - 1), appendix-f/weights-at-most",
                    ),
                ),
            ),
            **gossip(),
        ),
        improvement=Reading(
            "improved: the square of the sum of roots, for twice the sum of squares",
            at_most(round_drift_sq, sp.Add(*DRIFT_OF_ROUND_BY_ROOTS.roots) ** 2),
            GOSSIP,
            follows=DRIFT_OF_ROUND_BY_ROOTS,
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-f.2/in-two",
        "step",
        "Appendix F.2, first bound",
        "Noise and gradients of a round, by ||a + b||^2 <= 2 ||a||^2 + 2 ||b||^2.",
        latex=(
            (
                r"\leq 2 \mathbb{E} \| \frac{1}{M} \sum_{m=1}^{M} \sum_{k=0}^{K-1} \left(\nabla f_m \left(x_{n;k}^{(m)}, \xi_k^{(m)} "
                r"\right) - \nabla F_m \left(x_{n;k}^{(m)} \right) \right) \|_2^2 \\ &+ 2 \mathbb{E} \| \frac{1}{M} \sum_{m=1}^{M} "
                r"\sum_{k=0}^{K-1} \mathbb{E} \| \nabla F_m \left(x_{n;k}^{(m)} \right) \|_2^2"
            ),
        ),
        unparsed=TWICE,
        misprint="an expectation and a norm within a norm",
        readings=printed(
            at_most(mean_progress_sq, 2 * mean_noise_progress_sq + 2 * mean_exact_progress_sq), GOSSIP, follows=IN_TWO, **gossip()
        ),
        improvement=Reading(
            "improved: the square of the sum of roots, for twice the sum of squares",
            at_most(mean_progress_sq, (sp.sqrt(mean_noise_progress_sq) + sp.sqrt(mean_exact_progress_sq)) ** 2),
            GOSSIP,
            follows=IN_TWO_BY_ROOTS,
            **gossip(),
        ),
    ),
    Claim(
        "qprsgd/appendix-f.2/variance",
        "step",
        "Appendix F.2, last line",
        "The noise of a round, averaged over workers: an equality is printed, Assumption 1 gives at most.",
        latex=(r"&= \frac{2 K \sigma^2}{M} + 2 K \sum_{k=0}^{K-1} \| \frac{\partial F \left( x_{n;k} \right) \cdot 1_M}{M} \|_2^2",),
        unparsed=TWICE,
        readings=(Reading("as printed, =", equals(mean_noise_progress_sq, K * sigma**2 / M), GOSSIP, **gossip(**EXACT)),),
        correction=Reading(
            "corrected: at most",
            at_most(mean_noise_progress_sq, K * sigma**2 / M),
            GOSSIP,
            follows=NOISES_ADD,
            **gossip(**EXACT),
        ),
    ),
    Claim(
        "qprsgd/appendix-f/price",
        "step",
        "Appendix F, accumulative bound, last form",
        "What stands before the gradients at means is 4 D_5' / M; the next display has 1 - D_5'.",
        latex=(
            (
                r"- \frac{\bar{\gamma}}{2} (1 - \frac{8KL\bar{\gamma}}{(1 - 8L^2\bar{\gamma}^2 KD'_1 D'_3) M} [\frac{\bar{\gamma}L}{2} "
                r"[\frac{4K}{(1 - \rho)^2} + K - 1] \\ &+ (\frac{2\bar{\gamma} LK}{1 - \rho^2} + \frac{1}{2M}) D_2 \Big) \sum_{n=1}^N "
                r"\sum_{k=0}^{K-1} \|\frac{\partial F(X_{n;k}) \cdot 1_M}{M}\|_2^2"
            ),
        ),
        unparsed="part of a display; read twice",
        damaged="lines of the display stand twice",
        misprint="D_2 for D_2'",
        readings=printed(equals(8 * K * L * eta / (FEEDBACK * M) * BRACKET, 4 * PRICE / M)),
    ),
    Claim(
        "qprsgd/appendix-f.3/rearranged",
        "step",
        "Appendix F.3, first display after the step, its two lines",
        "The step put in, and its terms sorted: on the way kappa^2 loses its factor 3 gamma K L D_4', and sigma sqrt(N / M), which is "
        "taken out, stays too. (D_2' to D_4' and the two brackets as letters.)",
        latex=(
            (
                r"= 3\bar{\gamma}KLD_4' \left[1 + \frac{4L^2 \bar{\gamma}^2 \left(K-1\right)}{M} + 12 \left(K-1\right) L^2 "
                r"\bar{\gamma}^2\right] \sigma^2 \\ & + 4 \left[1 + 6 \left(K-1\right) \left(2K-1\right) L^2 \bar{\gamma}^2\right] "
                r"\kappa^2 + \frac{2[F \left(X_1\right) - F_*]\sigma}{K\sqrt{NM}} \\ & + \frac{2 \left(F \left(X_1\right) - F_*\right) "
                r"\left(\sigma \sqrt{N/M} + 3L^3 \sqrt{D_2} + 16LD_3' + 6L\right)}{N}"
            ),
        ),
        unparsed=TWICE,
        misprint="a factor lost, a term twice, 6 K for 6 K L, a cube for a cube root",
        readings=(
            Reading(
                "as printed, 6 K L for 6 K",
                equals(
                    STEP_PUT_IN,
                    FIRST_BRACKET * sigma**2
                    + 4 * SECOND_BRACKET * zeta**2
                    + 2 * initial_gap * sigma / (K * sp.sqrt(N * M))
                    + 2 * initial_gap * (sigma * sp.sqrt(N / M) + 3 * L * ROOT_OF_D_2 + 16 * L * D_3 + 6 * L) / N,
                ),
            ),
        ),
        correction=Reading(
            "corrected",
            equals(
                STEP_PUT_IN,
                FIRST_BRACKET * sigma**2
                + 12 * eta * K * L * D_4 * SECOND_BRACKET * zeta**2
                + 2 * initial_gap * sigma / (K * sp.sqrt(N * M))
                + 2 * initial_gap * (3 * L * ROOT_OF_D_2 + 16 * L * D_3 + 6 * L) / N,
            ),
        ),
    ),
    Claim(
        "qprsgd/appendix-f.3/result",
        "step",
        "Appendix F.3, last display",
        "What Corollary 2.1 is read off from, sigma in its place: the variance of the mean gradient was lost before.",
        latex=(
            (
                r"\leq \frac{6KLD'_2}{\sigma \sqrt{NM}} \left(\sigma^2 + 4\kappa^2 \right) + \frac{2[F(X_1) - F_*]\sigma}{K\sqrt{NM}} \\ "
                r"& + \frac{2(F(X_1) - F_*) \left(3L^3 \sqrt{D_2} + 16LD'_3 + 6L \right)}{N}"
            ),
        ),
        unparsed="part of a display; read twice",
        misprint="a cube where a cube root is meant, D_2 for D_2'",
        readings=printed(
            at_most(
                average_gradient_sq / 2,
                6 * K * L * NOISE / (sigma * sp.sqrt(N * M)) * (sigma**2 + 4 * zeta**2)
                + 2 * initial_gap * sigma / (K * sp.sqrt(N * M))
                + 2 * initial_gap * (3 * L * sp.cbrt(NOISE) + 16 * L * MIXING + 6 * L) / N,
            ),
            (*FINE_GOSSIP, given.gossip_step, given.enough_rounds, given.few_local_steps, given.some_noise),
            **gossip(horizon="long"),
        ),
        correction=Reading(
            "corrected: Corollary 2.1, corrected",
            COROLLARY_CORRECTED,
            (*FINE_GOSSIP, *THEOREM_STEPS, given.small_gossip_step),
            follows=Cite("qprsgd/corollary-2.1"),
            **gossip(horizon="long"),
        ),
        improvement=Reading(
            "improved: Corollary 2.1, improved",
            COROLLARY_SHARP,
            SHARP_COROLLARY,
            follows=Cite("qprsgd/corollary-2.1", improved=True),
            **gossip(horizon="long"),
        ),
    ),
    Claim(
        "qprsgd/appendix-f/descent",
        "step",
        "Appendix F, accumulative bound, last form",
        "What stands before the mean gradients is D_6'; gamma^2 is printed twice in its denominator, that of Lemma 3.",
        latex=(
            (
                r"- \frac{\bar{\gamma}}{2} (1 - 2\bar{\gamma} LK - \frac{8K^2(K - 1)L^3\bar{\gamma}^3}{1 - "
                r"8L^2\bar{\gamma}^2\bar{\gamma}^2 KD'_1 D'_3} [\frac{\bar{\gamma}L}{2} [\frac{4K}{(1 - \rho)^2} + K - 1] \\ &+ "
                r"(\frac{2\bar{\gamma} LK}{1 - \rho^2} + \frac{1}{2M}) D_2 \Big) \sum_{n=1}^N \sum_{k=0}^{K-1} \|\frac{\partial "
                r"F(X_{n;k}) \cdot 1_M}{M}\|_2^2"
            ),
        ),
        unparsed="part of a display; read twice",
        misprint="gamma^2 gamma^2 for gamma^2, D_2 for D_2'",
        readings=(
            Reading(
                "as printed: its denominator is that of Lemma 3, D_1' and D_3' as letters",
                equals(1 - 8 * L**2 * eta**2 * eta**2 * K * growth * D_3, 1 - 8 * L**2 * eta**2 * K * growth * D_3),
            ),
        ),
        correction=Reading(
            "corrected: gamma^2 once, D_2'",
            equals(1 - 2 * eta * L * K - 8 * K**2 * (K - 1) * L**3 * eta**3 / FEEDBACK * BRACKET, DESCENT),
        ),
    ),
)
