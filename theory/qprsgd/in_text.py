r"""QPRSGD, sections I and IV: what running text says of rates and of other methods, by the theorems of this paper.

Without quantisers Algorithm 1 is PR-SGD, and PSGD with one local step; Algorithm 2 is D-PSGD with one.
"""

from __future__ import annotations

import sympy as sp

from theory.asymptotics import Rate
from theory.claim import Claim, Hypothesis, Reading, Relation, at_least, at_most, equals
from theory.qprsgd.gossip import BY_DCD_PSGD, PRICE_SMALL, THEOREM_STEPS, by_local_steps
from theory.qprsgd.ring import CONDITIONS, RISE
from theory.qprsgd.terms import FINE_GOSSIP, NOISE, RING, K, M, N
from theory.symbols import L, eta, i, n, ring_constant, s, x_sq

TEXT = "running text; read twice"
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
        readings=(
            Reading(
                "as printed, N = n M^3",
                equals(eta, sp.sqrt(M / N) / L),
                (*FINE_GOSSIP, *THEOREM_STEPS, PRICE_SMALL),
                rate=Rate(
                    "qprsgd/corollary-2.1",
                    (1 / (M**2 * sp.sqrt(n)),),
                    (n, M),
                    at={NOISE: 0, K: 1, eta: 1 / (L * M * sp.sqrt(n)), N: n * M**3},
                ),
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
