r"""QPRSGD, sections I and IV: what running text says of rates and of other methods, by the theorems of this paper.

Without quantisers Algorithm 1 is PR-SGD, and PSGD with one local step; Algorithm 2 is D-PSGD with one.
"""

from __future__ import annotations

import sympy as sp

from theory import hypotheses as given
from theory.asymptotics import Rate
from theory.claim import Claim, Hypothesis, Reading, Relation, at_least, at_most, equals
from theory.qprsgd.gossip import BY_DCD_PSGD, D_2, EQ_12_CORRECTED, THEOREM_STEPS, by_local_steps, speedup
from theory.qprsgd.ring import CONDITIONS, DRIFT_ROOM, LEMMA_1, RISE, STEP_BELOW_INVERSE
from theory.qprsgd.terms import C_1, FINE_GOSSIP, NOISE, RING, K, M, N
from theory.rules import Cite
from theory.symbols import L, d, error_sq, eta, i, n, ring_constant, s, sigma, x_sq

TEXT = "running text; read twice"
ROUNDED = sp.sqrt(2) * (2 - sp.sqrt(2))  # E ||Q(v) - v||^2 of v = (1, 1) at s = 1: ||v|| (||v||_1 - ||v||)
RECEPTIONS = sp.Sum(1, (i, 1, M - 1))  # the first segment is a worker's own
HOPS = sp.Sum(1, (i, 0, M - 1))  # of the listing

CLAIMS = (
    Claim(
        "qprsgd/sec-1/psgd",
        "text",
        "section I",
        "PSGD is of order 1 / sqrt(N M): Theorem 1 with one local step and nothing quantised, so that C_1 = 0.",
        latex=(r"PS-empowered classical PSGD¹ achieves the convergence rate of $O\left(1/\sqrt{NM}\right)$ for non-convex objectives",),
        unparsed=TEXT,
        readings=(
            Reading(
                "as printed",
                equals(eta, sp.sqrt(M / N) / L),
                (*RING, *CONDITIONS),
                rate=Rate("qprsgd/theorem-1", (1 / sp.sqrt(N * M),), (N, M), at={K: 1, ring_constant: 0, eta: sp.sqrt(M / N) / L}),
            ),
        ),
    ),
    Claim(
        "qprsgd/sec-1/d-psgd",
        "text",
        "section I",
        "D-PSGD has the rate of PSGD: Corollary 2.1, corrected, with one local step and nothing quantised, where N is at least M^3.",
        latex=("also known as decentralized PSGD (D-PSGD) [19], achieves the same convergence rate as the one under PS",),
        unparsed=TEXT,
        readings=(speedup("as printed, N = n M^3", sp.S.One, {NOISE: 0, K: 1}),),
    ),
    Claim(
        "qprsgd/sec-1/gossip-speedup",
        "text",
        "section I, contributions; section VI",
        "By gossip, linear speedup in workers and local steps: in the range of K of Corollary 2.1, K^2 D_2' being at most a constant, of "
        "order 1 / sqrt(N K M), where N is at least K^3 M^3.",
        latex=(
            "G-QPRSGD preserves the linear speedup with respect to the number of workers and the number of local updates",
            "the algorithm can achieve linear speedup with respect to the number of workers and the number of updates",
        ),
        unparsed=TEXT,
        readings=(
            speedup(
                "as printed, of the bound of Corollary 2.1, corrected, D_2' at most 1 / K^2, N = n K^3 M^3",
                K,
                {NOISE: D_2},
                small={D_2: 1 / K**2},
            ),
        ),
    ),
    Claim(
        "qprsgd/sec-4/three-hops",
        "text",
        "section IV.A.1, against Algorithm 1",
        "With four workers a segment is received, added to and passed on three times. The listing has M hops: its first adds to nothing "
        "that was received, and sends.",
        latex=("a worker repeats the following steps for three times in *reduce-scatter*",),
        unparsed=TEXT,
        readings=(
            Reading("hops of the listing that receive, of 4 workers", equals(RECEPTIONS.subs(M, 4).doit(), 3)),
            Reading("hops of the listing that send, of 4 workers", equals(HOPS.subs(M, 4).doit(), 3)),
        ),
    ),
    Claim(
        "qprsgd/sec-4/push",
        "text",
        "section IV.A.1, (Push), against Algorithm 1, line 12",
        "What a worker pushes: said to be its own update, quantised. By the listing, and by Lemma 1, it is what it received and its own "
        "segment, quantised together. Of (0, -1) and then (1, 1), with s = 1, that is (1, 0), and nothing is rounded (`sec-4/order`).",
        latex=("push the quantized update g by $g = Q_s(x_0 x_K)$",),
        unparsed=TEXT,
        damaged="the sign of the difference is lost",
        misprint="the update for what was received and the update",
        readings=(Reading("as printed: mean square error of Q(0, -1) + Q(1, 1), against that of the listing", equals(ROUNDED, 0)),),
        correction=Reading(
            "corrected: Q of what was received and the update, as line 12 and Lemma 1 have it",
            LEMMA_1,
            follows=Cite("qprsgd/lemma-1"),
            says="attacked as it",
        ),
    ),
    Claim(
        "qprsgd/sec-4/division",
        "text",
        "section IV.A.2, after Lemma 1",
        "That it does not matter how vectors are permuted and divided, as no segment stands in C_1. Their size does, as d / M: "
        "undivided vectors have d there, as in Remark 1, read so.",
        latex=(
            "permutation and division operations do not influence the convergence result, because the coefficient on the right hand side "
            "does not depend on the segments",
        ),
        unparsed=TEXT,
        readings=(
            Reading(
                "as printed: C_1 of undivided vectors against C_1 of segments, two workers, d = 4, s = 1",
                equals(C_1.subs(d, d * M).subs({M: 2, d: 4, s: 1}), C_1.subs({M: 2, d: 4, s: 1})),
            ),
        ),
        correction=Reading(
            "corrected: which of M equal segments it is does not matter", LEMMA_1, follows=Cite("qprsgd/lemma-1"), says="attacked as it"
        ),
    ),
    Claim(
        "qprsgd/theorem-1/denominators",
        "text",
        "section IV.A.2, before the conditions of Theorem 1",
        "The conditions are said to keep denominators from 0: the second keeps that of the first, of the third and of Lemma 6 at delta.",
        latex=("to avoid the probability that any denominators are being 0",),
        unparsed=TEXT,
        readings=(Reading("as printed", Relation(DRIFT_ROOM, ">", sp.Integer(0)), (given.ring_drift_share,)),),
    ),
    Claim(
        "qprsgd/sec-4/gossip-push",
        "text",
        "section IV.B.1, (Push), against Algorithm 2, line 8",
        "What a worker pushes: called quantised, printed without the quantiser. Of an update (1, 1), s = 1, they differ by ||Q(v) - v||^2.",
        latex=(r"push the quantized update $g^{(m)}$ by $g^{(m)} = \tilde{x}^{(m)} \tilde{x}_{0,5}^{(m)}$",),
        unparsed=TEXT,
        damaged="the sign of the difference is lost",
        misprint="Q_s is missing",
        readings=(Reading("as printed: mean square difference from what line 8 pushes", equals(ROUNDED, 0)),),
        correction=Reading(
            "corrected: Q_s of it, by Lemma 5",
            at_most(error_sq, d / (4 * s**2) * x_sq),
            follows=Cite("qprsgd/lemma-5"),
            says="attacked as it",
        ),
    ),
    Claim(
        "qprsgd/sec-4/gossip-limit",
        "text",
        "section IV.B.2, proof of Theorem 2",
        "What is said to be looked for: a rate that tends to 0. With a constant step (12) keeps a floor, as (9) does.",
        latex=(
            "we should find a convergence rate, which is negatively corresponding to N, such that it tends to 0 as the total number of "
            "synchronizations increase",
        ),
        unparsed="a limit; read twice",
        readings=(
            Reading(
                "F_m = L x^2 / 2 in one dimension, nothing rounded, K = 1, a fixed step: the floor L eta sigma^2 / (M (2 - L eta))",
                at_most(L * eta * sigma**2 / (M * (2 - L * eta)), 0),
                (given.some_noise, STEP_BELOW_INVERSE),
            ),
        ),
        correction=Reading(
            "corrected: up to a floor that a constant step does not leave, and that vanishes with it",
            EQ_12_CORRECTED,
            (*FINE_GOSSIP, *THEOREM_STEPS),
            follows=Cite("qprsgd/theorem-2/eq-12"),
            says="attacked as (12), corrected",
        ),
    ),
    Claim(
        "qprsgd/sec-4/gossip-workers",
        "text",
        "section IV.B.2, Linear Speedup",
        "By gossip, linear speedup in workers: with K, the levels and W fixed, of order 1 / sqrt(N M), where N is at least M^3.",
        latex=("Similar to PR-SGD [22], [23], the algorithm achieves linear speedup with respect to the number of workers",),
        unparsed=TEXT,
        readings=(speedup("as printed, of the bound of Corollary 2.1, corrected, N = n M^3", sp.S.One, {NOISE: D_2}),),
    ),
    Claim(
        "qprsgd/sec-4/not-the-models",
        "text",
        "section IV.B.1",
        "Models may not be quantised themselves: all at the minimiser, they would move in every round; differences are 0 there.",
        latex=("the quantization method we use cannot directly compress the entire model parameters",),
        unparsed="running text; coded is the variance of an entry of Q(x*), by (3) and (4); read twice",
        readings=(
            Reading(
                "as printed: what an entry moves by in the mean square",
                Relation(x_sq / s**2 * RISE * (1 - RISE), ">", sp.Integer(0)),
                (Hypothesis("off_level", "|x*_i| s / ||x*|| is l + p, 0 < p < 1: at no level", sp.And(RISE > 0, RISE < 1, x_sq > 0)),),
            ),
        ),
    ),
    Claim(
        "qprsgd/sec-4/best-of-pr-sgd",
        "text",
        "section IV.B.2, Linear Speedup; section I",
        "PR-SGD is of order 1 / sqrt(N K M) at best: Theorem 1 with nothing quantised, so that C_1 = 0, where N is at least K^3 M^3.",
        latex=(r"the best case of PR-SGD is $O(1/\sqrt{NKM})$",),
        unparsed=TEXT,
        readings=(
            Reading(
                "as printed, N = n K^3 M^3",
                equals(eta, sp.sqrt(M / (N * K)) / L),
                (*RING, *CONDITIONS),
                rate=Rate(
                    "qprsgd/theorem-1",
                    (1 / (K**2 * M**2 * sp.sqrt(n)),),
                    (n, K, M),
                    at={ring_constant: 0, eta: 1 / (L * K**2 * M * sp.sqrt(n)), N: n * K**3 * M**3},
                ),
            ),
        ),
    ),
    Claim(
        "qprsgd/sec-4/optimal-k",
        "text",
        "section IV.B.2, Effect of K",
        "With N K fixed, that one local step is not always best. By the bound of Corollary 2.1, corrected, it is, whatever the step.",
        latex=("we notice that the optimal *K* is not always 1",),
        unparsed=TEXT,
        readings=(Reading("of that bound: two are no worse than one", at_most(by_local_steps(sp.Integer(2)), by_local_steps(sp.S.One))),),
        correction=Reading("corrected: one is", at_least(by_local_steps(K), by_local_steps(sp.S.One))),
    ),
    Claim(
        "qprsgd/sec-4/dcd-psgd/released",
        "text",
        "section IV.B.2, Consistence with DCD-PSGD",
        "No term in N^(-2/3), which the rate of DCD-PSGD has: both terms of the rate at K = 1 bound all that there is.",
        latex=(r"the $N^{-2/3}$ term in DCD-PSGD [6] is released",),
        unparsed=TEXT,
        restates="qprsgd/sec-4/dcd-psgd",
        readings=(BY_DCD_PSGD,),
    ),
)
