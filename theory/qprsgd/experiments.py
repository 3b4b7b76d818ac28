r"""QPRSGD, abstract, sections I and V, Appendix G: bits of a message, and what is said of the experiments, against Table II.

Table II gives, for three bandwidths, hours until the training loss is below 0.1; ratios of its entries are exact numbers.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory import hypotheses as given
from theory.asymptotics import Rate
from theory.claim import Claim, Hypothesis, Reading, Relation, at_least, at_most, equals
from theory.qprsgd.ring import RING_SPEEDUP, RISE
from theory.qprsgd.terms import ARENA, BEST_KNOWN, K, M, N, printed
from theory.rules import Cite, Combined, Decided, Granted, Instance, Isolated, Joined, Raised, Summed, Using, scaled
from theory.symbols import (
    C_hat,
    L,
    bound,
    code_bits,
    code_bits_as_described,
    code_bits_smooth,
    d,
    header_bits,
    level_sq_sum,
    level_sum,
    n,
    next_level_sq_sum,
    nonzeros,
    resnet34_parameters,
    s,
    sigma_max,
    sigma_sq_sum,
)
from theory.symbols import T as HORIZON


def hours(text: str) -> sp.Rational:
    """An entry of Table II."""
    return sp.Rational(text)


RAR = {
    100: {"PSGD": hours("0.33"), "QSGD": hours("0.36"), "PR-SGD": hours("0.17"), "QPRSGD": hours("0.21")},
    20: {"PSGD": hours("0.63"), "QSGD": hours("0.42"), "PR-SGD": hours("0.3"), "QPRSGD": hours("0.23")},
    5: {"PSGD": hours("1.04"), "QSGD": hours("0.46"), "PR-SGD": hours("0.45"), "QPRSGD": hours("0.25")},
}
GOSSIP = {
    100: {"PSGD": hours("0.48"), "QSGD": hours("0.51"), "PR-SGD": hours("0.32"), "QPRSGD": hours("0.42")},
    20: {"PSGD": hours("2.82"), "QSGD": hours("2.03"), "PR-SGD": hours("0.91"), "QPRSGD": hours("0.56")},
    5: {"PSGD": hours("4.79"), "QSGD": hours("2.45"), "PR-SGD": hours("1.9"), "QPRSGD": hours("0.74")},
}


def fastest(method: str) -> sp.Expr:
    """The largest speed-up of QPRSGD over a method in Table II."""
    return sp.Max(*[table[band][method] / table[band]["QPRSGD"] for table in (RAR, GOSSIP) for band in (100, 20, 5)])


def ratio(label: str, kind: str, where: str, says: str, latex: str, relation: Relation, corrected: Relation | None = None) -> Claim:
    """A number in running text against Table II."""
    return Claim(
        f"qprsgd/{label}",
        kind,
        where,
        says,
        (latex,),
        (Reading("as printed, against Table II", relation),),
        unparsed="a number in running text; read twice",
        correction=Reading("corrected: what Table II gives", corrected) if corrected is not None else None,
    )


MEGABITS = sp.Integer(85 * 8)
BITS = {"PSGD": 32, "QSGD": 12, "PR-SGD": 32, "QPRSGD": 12}  # of an entry, section V.A
EVERY = {"PSGD": 1, "QSGD": 1, "PR-SGD": 4, "QPRSGD": 4}  # iterations between messages
ITERATIONS = {4: 16000, 8: 8000}  # until convergence on the ring, by workers, section V.B.2
ROWS = {
    100: {
        "PSGD": "100\tPSGD\t79.52\t0.33\t75.6\t0.48",
        "QSGD": "QSGD\t79.55\t0.36\t74.52\t0.51",
        "PR-SGD": "PR-SGD\t79.06\t0.17\t79.15\t0.32",
        "QPRSGD": "QPRSGD\t79.1\t0.21\t75.01\t0.42",
    },
    20: {
        "PSGD": "20\tPSGD\t70.6\t0.63\t56.57\t2.82",
        "QSGD": "QSGD\t69.27\t0.42\t60.52\t2.03",
        "PR-SGD": "PR-SGD\t78.84\t0.3\t65.02\t0.91",
        "QPRSGD": "QPRSGD\t79.31\t0.23\t72.06\t0.56",
    },
    5: {
        "PSGD": "PSGD\t42.03\t1.04\t25.73\t4.79",
        "QSGD": "QSGD\t68.1\t0.46\t34.08\t2.45",
        "PR-SGD": "PR-SGD\t68.82\t0.45\t56.08\t1.9",
        "QPRSGD": "QPRSGD\t78.61\t0.25\t69.05\t0.74",
    },
}
"""The lines of Table II, by bandwidth in Mbps."""


def sent(method: str) -> sp.Rational:
    """Megabits that a worker sends at least in one iteration: a model where it sends, and no less on a ring or to a neighbour."""
    return MEGABITS * sp.Rational(BITS[method], 32) / EVERY[method]


ENTRIES = sp.Integer(85 * 10**6 // 4)
LEVELS_OF_12_BITS = sp.Integer(2**12 // 2 - 1)
COARSENESS = ENTRIES / (4 * LEVELS_OF_12_BITS**2)
MANY_WORKERS = (1 + COARSENESS) / (sp.exp(COARSENESS) - COARSENESS - 1)  # what (7) multiplies by d
TABLE_2 = {"rar": RAR, "gossip": GOSSIP}


WORKERS = {8: "the most that section V.B speaks of", 32: "one for each core of section V.A"}
"""Numbers of workers that Table II may be of; it does not say."""


def epoch(workers: int) -> sp.Rational:
    """Iterations of as many workers with batches of 16 through 50000 images."""
    return sp.Rational(50000, 16 * workers)


def within_the_hours(name: str, method: str, band: int) -> Claim:
    """An entry of Table II against the size of the model."""
    printed_time, in_one = 3600 * TABLE_2[name][band][method], sent(method) / band
    fails = [workers for workers in WORKERS if epoch(workers) * in_one > printed_time]
    return Claim(
        f"qprsgd/table-2/{name}-{method.lower()}" + f"-{band}" * (band != 5),
        "table",
        "section V.C, Table II, against section V.A",
        f"{method}, {name}: an epoch with batches of 16, each worker sending one model of 85 MB (32 bits an entry, 12 where quantised) "
        "every iteration, or every fourth, within the hours printed. The loss was to fall below 0.1 in them. Workers are not told.",
        latex=(ROWS[band][method],),
        unparsed="a row of a table; read twice",
        readings=tuple(
            Reading(f"at {band} Mbps, in seconds, with {workers} workers, {why}", at_most(epoch(workers) * in_one, printed_time))
            for workers, why in WORKERS.items()
        ),
        correction=Reading(
            f"corrected: the printed time allows fewer iterations than an epoch of {fails[-1]} workers has",
            Relation(sp.floor(printed_time / in_one), "<", epoch(fails[-1])),
        )
        if fails
        else None,
    )


IN_A_PHASE = (M - 1) / M  # models that a worker of a ring sends in one of two phases, and receives
RING_SAVES = 2 * M / (4 * IN_A_PHASE)  # what a server sends and receives over what a worker of a ring does
POSITION = sp.Symbol("y", real=True, nonnegative=True)  # s |u_i|, between two levels
TOUCH = sp.Symbol("q", real=True, positive=True)  # where a tangent touches
BELOW = sp.Symbol("l", real=True, nonnegative=True)  # the level below
LOGARITHM = sp.Symbol("log2_z", real=True, nonnegative=True)
DESCRIBED = 2 * (sp.floor(LOGARITHM) + 1)  # bits of the code of z as section G.1 has it: zeros and digits
VARIETY = sp.log((s**2 + 2 * s * sp.sqrt(d) + d + d / 4) / d, 2)
LEMMA_12 = at_most(nonzeros, sp.Min(s**2 + s * sp.sqrt(d), d))
THEOREM_3 = at_most(code_bits, header_bits + 2 * d + d * VARIETY)
AS_DESCRIBED = Summed(
    Decided(equals(DESCRIBED, (2 * sp.floor(LOGARITHM) + 1) + 1)),
    equals(code_bits_as_described, code_bits + d),
    by="over entries and draws: one zero more for each of the d codes",
)
IN_BITS = Isolated(Combined((Cite("qprsgd/appendix-g/elias-length"), Cite("qprsgd/appendix-g/jensen")), (1, 1)), code_bits)

# Any positive integers v_i, and any exponent rho
EXPONENT = sp.Symbol("exponent", real=True, positive=True)
LOGARITHMS, LENGTHS, POWERS_SUMMED = sp.symbols("sum_of_log2_v sum_of_code_lengths sum_of_v_to_the_exponent", real=True, nonnegative=True)
LOG_TANGENTS = Granted(
    at_most(LOGARITHMS, d / EXPONENT * sp.log(TOUCH, 2) + (POWERS_SUMMED / TOUCH - d) / (EXPONENT * sp.log(2))),
    by="log x <= x - 1 at x = v^rho / q for each of the d numbers v; q > 0 at will",
)
code: dict[str, Any] = {"arena": ARENA, "setting": {"of": "code"}}

CLAIMS = (
    ratio(
        "abstract/speed-up",
        "text",
        "abstract",
        "Up to 18.6 times as fast as Parallel SGD at low bandwidth. The largest ratio of Table II is 4.79 / 0.74.",
        "the convergence speed is boosted by up to 18.6 times",
        equals(fastest("PSGD"), sp.Rational("18.6")),
        equals(fastest("PSGD"), sp.Rational(479, 74)),
    ),
    ratio(
        "sec-5/low-bandwidth-speedup",
        "text",
        "section V.C",
        "Up to 5.3 times as fast as PSGD at low bandwidth: neither this nor the 18.6 of the abstract is in Table II.",
        "QPRSGD runs up to 5.3x faster than PSGD under the low bandwidth environment",
        equals(fastest("PSGD"), sp.Rational("5.3")),
        equals(fastest("PSGD"), sp.Rational(479, 74)),
    ),
    ratio(
        "sec-1/against-qsgd",
        "text",
        "section I, contributions",
        "Up to 3.8 times as fast as QSGD. The largest ratio of Table II is 2.03 / 0.56.",
        "QPRSGD achieves up to 3.8 times and 4.7 times convergence efficiency in comparison with QSGD and PR-SGD",
        equals(fastest("QSGD"), sp.Rational("3.8")),
        equals(fastest("QSGD"), sp.Rational(203, 56)),
    ),
    ratio(
        "sec-1/against-pr-sgd",
        "text",
        "section I, contributions",
        "Up to 4.7 times as fast as PR-SGD. The largest ratio of Table II is 1.9 / 0.74.",
        "3.8 times and 4.7 times convergence efficiency",
        equals(fastest("PR-SGD"), sp.Rational("4.7")),
        equals(fastest("PR-SGD"), sp.Rational(190, 74)),
    ),
    Claim(
        "qprsgd/sec-1/ring-volume",
        "text",
        "section I",
        "A worker of a ring against a server of M. It sends (M - 1) / M of a model in each of two phases of M - 1 hops (section IV.A.1), "
        "and receives as much; a server receives M models and sends M.",
        latex=("whose total volume is M times smaller than the one handled by the dedicated parameter server",),
        unparsed="running text; read twice",
        readings=(
            Reading("in all: models sent and received", at_least(RING_SAVES, M), (given.several_workers,)),
            Reading(
                "in one phase: models that a server receives against what a worker sends",
                at_least(M / IN_A_PHASE, M),
                (given.several_workers,),
            ),
        ),
        correction=Reading("corrected: more than M / 2 times smaller", at_least(RING_SAVES, M / 2), (given.several_workers,)),
    ),
    Claim(
        "qprsgd/abstract/communication",
        "text",
        "abstract",
        "Communication reduced by 90% against Parallel SGD: 12 of 32 bits, every fourth iteration.",
        latex=("the communication overhead is reduced by 90%",),
        unparsed="running text; read twice",
        readings=(Reading("at 12 bits an entry (section V.A) and K = 4", at_least(1 - sp.Rational(12, 32) / 4, sp.Rational(9, 10))),),
    ),
    Claim(
        "qprsgd/sec-1/communication",
        "text",
        "section I, contributions; section V.B.4",
        "More than 90% less communication than PR-SGD, at the same K: that takes fewer than 3.2 bits an entry. Section V.A allows 12; the "
        "code of Appendix G takes at least a sign and one bit.",
        latex=("it reduces the communication cost by more than 90% as compared with the PR-SGD",),
        unparsed="running text; read twice",
        readings=(
            Reading("at 12 bits an entry (section V.A)", at_least(1 - sp.Rational(12, 32), sp.Rational(9, 10))),
            Reading("at 2 bits an entry, the least that the code takes", at_least(1 - sp.Rational(2, 32), sp.Rational(9, 10))),
        ),
    ),
    Claim(
        "qprsgd/sec-5/equal-communication",
        "text",
        "section V.B.4",
        "PSGD and PR-SGD are said to send the same in an epoch. PSGD sends every iteration, PR-SGD every fourth.",
        latex=("the total communication cost in PSGD is equal to the one in PR-SGD",),
        unparsed="running text; read twice",
        readings=(Reading("megabits that a worker sends in an iteration, K = 4", equals(sent("PSGD"), sent("PR-SGD"))),),
        correction=Reading("corrected: K times as many", equals(sent("PSGD"), EVERY["PR-SGD"] * sent("PR-SGD"))),
    ),
    Claim(
        "qprsgd/sec-5/always-fastest",
        "text",
        "section V.C",
        "QPRSGD is the fastest of the four below full bandwidth.",
        latex=("Apart from the case with full bandwidth, it always has the fastest convergence speed",),
        unparsed="running text; read twice",
        readings=(
            Reading(
                "against Table II: its largest time over the least of the others, at 20 and 5 Mbps",
                at_most(
                    sp.Max(
                        *[
                            table[band]["QPRSGD"] / min(time for method, time in table[band].items() if method != "QPRSGD")
                            for table in (RAR, GOSSIP)
                            for band in (20, 5)
                        ]
                    ),
                    1,
                ),
            ),
        ),
    ),
    ratio(
        "sec-5/psgd-slows",
        "text",
        "section V.C",
        "Parallel SGD by gossip, from 1 hour to 4 hours at 5 Mbps; Table II says from 0.48 to 4.79.",
        "the corresponding convergence time for Parallel SGD increases from 1 hour to 4 hours",
        equals(GOSSIP[5]["PSGD"] / GOSSIP[100]["PSGD"], sp.Integer(4)),
        equals(GOSSIP[5]["PSGD"] / GOSSIP[100]["PSGD"], sp.Rational(479, 48)),
    ),
    ratio(
        "sec-5/almost-same-time",
        "text",
        "section V.C",
        "By gossip QPRSGD is said to take almost the same time whatever the bandwidth; Table II says 0.42 hours at 100 Mbps, 0.74 at 5: "
        "not within half as much again. (On the ring, of which this is not said, 0.21 and 0.25.)",
        "QPRSGD remains almost the same convergence time when bandwidth changes",
        at_most(GOSSIP[5]["QPRSGD"] / GOSSIP[100]["QPRSGD"], sp.Rational(3, 2)),
        equals(GOSSIP[5]["QPRSGD"] / GOSSIP[100]["QPRSGD"], sp.Rational(74, 42)),
    ),
    ratio(
        "sec-5/pr-sgd-in-an-hour",
        "text",
        "section V.C",
        "PR-SGD on the ring converges within 60 minutes at 5 Mbps.",
        "converge in 60 minutes when bandwidth is limited to 5Mbps",
        at_most(RAR[5]["PR-SGD"], sp.Integer(1)),
    ),
    Claim(
        "qprsgd/sec-5/workers",
        "text",
        "section V.B.2",
        "From 4 to 8 workers the iterations fall from 16 to 8 thousand: linear.",
        latex=("16×10^3",),
        unparsed="a number in running text; read twice",
        readings=(Reading("as printed: iterations times workers, of 4 and of 8 workers", equals(4 * ITERATIONS[4], 8 * ITERATIONS[8])),),
    ),
    Claim(
        "qprsgd/sec-5/model-size",
        "text",
        "section V.A",
        "The size of the gradient of ResNet-34 with a 10-way softmax, at 32 bits an entry.",
        latex=("The model size of ResNet-34 is approximately 85 MB",),
        unparsed="running text; read twice",
        readings=(Reading("to the nearest MB", at_most(sp.Abs(4 * resnet34_parameters - 85 * 10**6), 500_000), arena="resnet"),),
    ),
    *(within_the_hours(name, method, band) for band in (5, 20, 100) for name in TABLE_2 for method in ROWS[band]),
    ratio(
        "sec-5/iterations",
        "text",
        "section V.B.2, against Table II",
        "The 8 thousand iterations that 8 workers of QPRSGD took on the ring, at 12 bits an entry, every fourth: 7 hours at 20 Mbps, where "
        "0.23 are printed until the loss is below 0.1.",
        "8×10^3",
        at_most(ITERATIONS[8] * sent("QPRSGD") / 20, 3600 * RAR[20]["QPRSGD"]),
        at_least(ITERATIONS[8] * sent("QPRSGD") / 20, 30 * 3600 * RAR[20]["QPRSGD"]),
    ),
    Claim(
        "qprsgd/sec-5/k-8",
        "text",
        "section V.B.1",
        "K = 8 takes 30% less time than K = 4 by gossip.",
        latex=("QPRSGD with K = 8 takes nearly 30% less time than with K = 4",),
        unparsed="running text; read twice",
        readings=(Reading("as printed", unchecked="read off a figure whose numbers are not given"),),
    ),
    Claim(
        "qprsgd/sec-5/against-qsgd",
        "text",
        "section V.B.4",
        "50 to 60% less communication than QSGD. At the same 12 bits an entry and K = 4 it is 75% less in an epoch; the text also speaks "
        "of totals until convergence.",
        latex=("reduces communication cost by 50-60% comparing to QSGD",),
        unparsed="running text; read twice",
        readings=(
            Reading(
                "in as many epochs, at as many bits an entry: at most 60%", at_most(1 - sent("QPRSGD") / sent("QSGD"), sp.Rational(3, 5))
            ),
            Reading("in total, until convergence", unchecked="read off a figure whose numbers are not given"),
        ),
    ),
    Claim(
        "qprsgd/sec-5/less-than-qsgd",
        "text",
        "section V.B.4",
        "Less communication than QSGD in as many epochs: at as many bits an entry, a K-th of it.",
        latex=("the total communication overhead of Quantized-PR-SGD is less than the one of QSGD",),
        unparsed="running text; read twice",
        readings=(Reading("at 12 bits an entry (section V.A) and K = 4", Relation(sent("QPRSGD"), "<", sent("QSGD"))),),
    ),
    Claim(
        "qprsgd/sec-5/validates-theorem-2",
        "text",
        "section V, against section IV.B.2 and section V.A",
        "The experiments are to validate the analysis. Theorem 2 takes d mu^2 < s^2 (1 - rho)^2, and mu is at least 1 - rho, whatever the "
        "graph: so d < s^2. 85 MB are 21.25 million entries of 32 bits; 12 bits an entry tell 2 s + 1 <= 4096 levels apart.",
        latex=("To validate our analysis in the last section, we conduct a series of empirical studies for QPRSGD",),
        unparsed="running text; read twice",
        relies=("qprsgd/theorem-2/eq-12",),
        readings=(Reading("Theorem 2 speaks of the experiments: d <= s^2, s = 2047", at_most(ENTRIES, LEVELS_OF_12_BITS**2)),),
        correction=Reading(
            "corrected: on the best of graphs it would at 14 bits an entry, s = 8191", at_most(ENTRIES, sp.Integer(8191) ** 2)
        ),
    ),
    Claim(
        "qprsgd/sec-5/conforms-to-speedup",
        "text",
        "section V.B.2, against section IV.A.2",
        "With 8 workers the results are to conform to linear speedup, which Corollary 1.3 has for as many workers as (7) allows. Here "
        "a = d / (4 s^2) is 1.27 at least.",
        latex=("the results conform the conclusion that our algorithm preserves the linear speedup property",),
        unparsed="running text; read twice",
        relies=("qprsgd/corollary-1.3", "qprsgd/eq-7"),
        readings=(
            Reading("8 workers within (7), corrected, on which Corollary 1.3, corrected, rests", at_most(8, COARSENESS * MANY_WORKERS)),
        ),
        correction=Reading("corrected: it allows 2", equals(sp.floor(COARSENESS * MANY_WORKERS), 2)),
    ),
    Claim(
        "qprsgd/sec-5/epochs",
        "text",
        "section V.B.3",
        "Over 3 times as fast as PSGD in epochs.",
        latex=("the convergence speed of Quantized-PR-SGD is over 3× faster than PSGD",),
        unparsed="running text; read twice",
        readings=(Reading("as printed", unchecked="read off a figure whose numbers are not given"),),
    ),
    # ---- Table I ----
    Claim(
        "qprsgd/table-1/ring",
        "table",
        "section I, Table I",
        "The ring's entry of this paper's row, where M meets (7) with a for d, and N is at least K M^3.",
        latex=(r"This paper	$O\left(1/\sqrt{NKM}\right)$",),
        unparsed="a cell of a table; read twice",
        relies=("qprsgd/corollary-1.3",),
        readings=(RING_SPEEDUP,),
    ),
    Claim(
        "qprsgd/table-1/qsparse-local-sgd",
        "table",
        "section I, Table I",
        "The entry of Qsparse-local-SGD: of order 1 / sqrt(N K M), its iterations being N K, where N is at least K^3 M^3.",
        latex=(r"QSparse-Local-SGD [7]	$O\left(1/\sqrt{NKM}\right)$",),
        unparsed="a cell of a table; read twice",
        readings=(
            Reading(
                "as printed, N = n K^3 M^3",
                equals(HORIZON, N * K),
                (
                    given.smooth,
                    given.second_moment,
                    given.variance,
                    given.batches,
                    given.contraction,
                    given.gap_from_zero,
                    given.horizon_step,
                ),
                rate=Rate(
                    "qsparse_local_sgd/theorem-1",
                    (1 / (K**2 * M**2 * sp.sqrt(n)),),
                    (n, K, M),
                    at={C_hat: sp.sqrt(M) / L, HORIZON: n * K**4 * M**3, sigma_sq_sum: M * sigma_max**2},
                ),
            ),
        ),
    ),
    Claim(
        "qprsgd/table-1/others",
        "table",
        "section I, Table I",
        "DoubleSqueeze, local SGD by gossip, DCD-PSGD, FedPAQ.",
        latex=(r"FedPAQ [8]	$O\left(1/\sqrt{NK}\right)$",),
        unparsed="cells of a table; read twice",
        readings=(
            Reading("as printed", unchecked="statements of papers that are not at hand"),
            Reading(
                "none is below the order that no method beats, at any K",
                at_least(sp.Min(1 / sp.sqrt(N * M), 1 / sp.sqrt(N * K * M), 1 / sp.sqrt(N * K)), BEST_KNOWN),
            ),
        ),
    ),
    # ---- Appendix G ----
    Claim(
        "qprsgd/lemma-12",
        "lemma",
        "Appendix G, Lemma 12",
        "Expected number of entries that survive quantising.",
        latex=(r"E[\|Q_s(\boldsymbol{v})\|_0] \le \min\left(s^2 + s\sqrt{d}, d\right)",),
        letters={r"E[\|Q_s(\boldsymbol{v})\|_0]": nonzeros},
        readings=printed(
            LEMMA_12,
            follows=Joined(
                (
                    Isolated(Combined((Cite("qprsgd/appendix-g/surviving"), Cite("qprsgd/appendix-g/level-sum")), (1, 1)), nonzeros),
                    Granted(at_most(nonzeros, d), by="there are d entries"),
                )
            ),
            **code,
        ),
    ),
    Claim(
        "qprsgd/lemma-13",
        "lemma",
        "Appendix G, Lemma 13",
        "Bits of Elias gamma codes of positive integers, 2 log2(v) + 1 at most each; one letter stands for the exponent and for the bound. "
        "With as many zeros before a number as it has digits, as section G.1 describes the code, each takes one bit more.",
        latex=(r"\sum_{i=1}^{d} |Elias(v_i)| \le \frac{2d}{\rho} \log \frac{\rho}{d} + d",),
        unparsed="one letter with two meanings; read twice",
        misprint="rho for the bound and for the exponent",
        readings=(
            Reading(
                "exponent 2, the bound for itself: bits of the codes of zeta_i + 1, beside header and signs",
                at_most(code_bits, header_bits + 2 * d + d * sp.log(next_level_sq_sum / d, 2)),
                follows=IN_BITS,
                **code,
            ),
            Reading(
                "any exponent rho, and the v_i^rho at most B in sum",
                at_most(LENGTHS, 2 * d / EXPONENT * sp.log(bound / d, 2) + d),
                follows=Instance(
                    Using(
                        Using(
                            Summed(
                                Decided(at_most(sp.floor(LOGARITHM), LOGARITHM)),
                                at_most(LENGTHS, 2 * LOGARITHMS + d),
                                by="over the d numbers: the code of v has 2 floor(log2 v) + 1 bits",
                            ),
                            (LOG_TANGENTS,),
                        ),
                        (Granted(at_most(POWERS_SUMMED, bound), by="what B is"),),
                    ),
                    {TOUCH: bound / d},
                ),
            ),
            Reading(
                "exponent 2, the bound for itself, with as many zeros as digits",
                at_most(code_bits_as_described, header_bits + 2 * d + d * sp.log(next_level_sq_sum / d, 2)),
                **code,
            ),
        ),
        correction=Reading(
            "corrected: 3 d for 2 d with as many zeros as digits",
            at_most(code_bits_as_described, header_bits + 3 * d + d * sp.log(next_level_sq_sum / d, 2)),
            follows=Using(AS_DESCRIBED, (IN_BITS,)),
            **code,
        ),
    ),
    Claim(
        "qprsgd/appendix-g/elias-length",
        "step",
        "Appendix G, proof of Lemma 13, first line",
        "Bits of the codes, |Elias(k)| = 2 log2(k) + 1: an equality at powers of 2 only, else the floor of the logarithm counts.",
        latex=(r"\sum_{i=1}^{d} |Elias(v_i)| = \sum_{i=1}^{d} (2\log(v_i) + 1) = 2\sum_{i=1}^{d} \log(v_i) + d",),
        unparsed="one letter with two meanings; read twice",
        readings=printed(equals(code_bits, code_bits_smooth), **code),
        correction=Reading(
            "corrected: at most",
            at_most(code_bits, code_bits_smooth),
            follows=Summed(
                Decided(at_most(sp.floor(LOGARITHM), LOGARITHM)),
                at_most(code_bits, code_bits_smooth),
                by="over entries and draws: the code of z = zeta_i + 1 has 2 floor(log2 z) + 1 bits, beside header and signs",
            ),
            **code,
        ),
    ),
    Claim(
        "qprsgd/appendix-g/jensen",
        "step",
        "Appendix G, proof of Lemma 13, (a)",
        "The mean of logarithms is at most the logarithm of the mean square, over 2.",
        latex=(r"\stackrel{(a)}{\leq} \frac{2}{\rho} d\log\left(\frac{1}{d}\sum_{i=1}^{d} v_i^{\rho}\right) + d",),
        unparsed="one letter with two meanings; read twice",
        readings=(
            Reading(
                "exponent 2, over entries and draws",
                at_most(code_bits_smooth, header_bits + 2 * d + d * sp.log(next_level_sq_sum / d, 2)),
                follows=Instance(
                    Granted(
                        at_most(code_bits_smooth, header_bits + 2 * d + d * sp.log(TOUCH, 2) + (next_level_sq_sum / TOUCH - d) / sp.log(2)),
                        by="log x <= x - 1 at x = z^2 / q for each z = zeta_i + 1, which takes 2 log2 z + 1 bits and a sign; q > 0 at will",
                    ),
                    {TOUCH: next_level_sq_sum / d},
                ),
                **code,
            ),
            Reading(
                "any exponent rho",
                at_most(2 * LOGARITHMS + d, 2 / EXPONENT * d * sp.log(POWERS_SUMMED / d, 2) + d),
                (Hypothesis("positive_integers", "the v_i are at least 1", d <= POWERS_SUMMED),),
                follows=Isolated(scaled(Instance(LOG_TANGENTS, {TOUCH: POWERS_SUMMED / d}), 2), 2 * LOGARITHMS + d),
            ),
        ),
    ),
    Claim(
        "qprsgd/appendix-g/surviving",
        "step",
        "Appendix G, proof of Lemma 12",
        "Entries that survive, by s ||u||_1, which is the expected sum of the levels.",
        latex=(r"\leq s^2 + s||u||_1 \leq s^2 + s\sqrt{d}",),
        unparsed="part of a chain; read twice",
        readings=printed(
            at_most(nonzeros, s**2 + level_sum),
            follows=Summed(
                Decided(at_most(sp.Min(1, POSITION), POSITION**2 + POSITION)),
                at_most(nonzeros, s**2 + level_sum),
                by="an entry survives with chance min(1, y), y = s |u_i| the mean of its level (Lemma 4); the y^2 add up to s^2",
            ),
            **code,
        ),
    ),
    Claim(
        "qprsgd/appendix-g/level-sum",
        "step",
        "Appendix G, proof of Lemma 12",
        "s ||u||_1 <= s sqrt(d) for ||u||_2 = 1.",
        latex=(r"\leq s^2 + s||u||_1 \leq s^2 + s\sqrt{d}",),
        unparsed="part of a chain; read twice",
        readings=printed(
            at_most(level_sum, s * sp.sqrt(d)),
            follows=Instance(
                Summed(
                    Decided(at_most(POSITION, POSITION**2 / (2 * TOUCH) + TOUCH / 2)),
                    at_most(level_sum, s**2 / (2 * TOUCH) + d * TOUCH / 2),
                    by="levels have the mean y = s |u_i| (Lemma 4), whose squares add up to s^2",
                ),
                {TOUCH: s / sp.sqrt(d)},
            ),
            **code,
        ),
    ),
    Claim(
        "qprsgd/appendix-g/code-length",
        "text",
        "Appendix G.1",
        "Length of the code of k: as many zeros as the number has digits, and these. 2 log(k) - 1 and log(k) are no more than 0 at k = 1, "
        "whose code has two bits.",
        latex=("the encoding length |Elias(k)| = O(2log(k) - 1) = O(log(k))",),
        unparsed="running text; read twice",
        readings=(
            Reading("at k = 1, any multiple of 2 log(k) - 1 being negative", at_most(DESCRIBED.subs(LOGARITHM, 0), 2 * sp.log(1, 2) - 1)),
            Reading("at k = 1, any multiple of log(k) being 0", at_most(DESCRIBED.subs(LOGARITHM, 0), sp.log(1, 2))),
        ),
        correction=Reading(
            "corrected: at most 4 log2(k) from k = 2 on",
            at_most(DESCRIBED, 4 * LOGARITHM),
            (Hypothesis("two_or_more", "k >= 2", LOGARITHM >= 1),),
        ),
    ),
    Claim(
        "qprsgd/appendix-g/next-levels",
        "step",
        "Appendix G, proof of Theorem 3",
        "||y + 1||^2 in d coordinates: the last term is ||1||^2 = d, printed as 1.",
        latex=(r"\leq \mathbb{E}[\|\boldsymbol{y}\|_{2}^{2}] + 2\mathbb{E}[\|\boldsymbol{y}\|_{1}] + 1",),
        unparsed="part of a chain; read twice",
        misprint="1 for d",
        readings=printed(at_most(next_level_sq_sum, level_sq_sum + 2 * level_sum + 1), **code),
        correction=Reading(
            "corrected: + d",
            at_most(next_level_sq_sum, level_sq_sum + 2 * level_sum + d),
            follows=Summed(
                Decided(at_most((BELOW + 1) ** 2, BELOW**2 + 2 * BELOW + 1)),
                at_most(next_level_sq_sum, level_sq_sum + 2 * level_sum + d),
                by="over draws and the levels of d entries",
            ),
            **code,
        ),
    ),
    Claim(
        "qprsgd/appendix-g/levels",
        "step",
        "Appendix G, proof of Theorem 3",
        "Second moment and sum of the levels.",
        latex=(r"\leq \frac{d}{4} + s^{2} + 2s\sqrt{d} + 1",),
        unparsed="part of a chain; read twice",
        readings=printed(
            at_most(level_sq_sum + 2 * level_sum, d / 4 + s**2 + 2 * s * sp.sqrt(d)),
            follows=Combined(
                (
                    Summed(
                        Decided(at_most(BELOW**2 * (1 - RISE) + (BELOW + 1) ** 2 * RISE, (BELOW + RISE) ** 2 + sp.Rational(1, 4))),
                        at_most(level_sq_sum, s**2 + d / 4),
                        by="a level is l or, with chance p, l + 1; the squares of l + p = s |u_i| add up to s^2",
                    ),
                    Cite("qprsgd/appendix-g/level-sum"),
                ),
                (1, 2),
            ),
            **code,
        ),
    ),
    Claim(
        "qprsgd/theorem-3",
        "theorem",
        "Appendix G, Theorem 3",
        "Expected bits of a message. With the 1 of its proof for d it falls below two bits an entry, which every entry takes.",
        latex=(
            r"\mathbb{E}[|Code\left(Q_{s}\left(v\right)\right)|] \leq F + 2d + d\log\frac{s^{2} + 2s\sqrt{d} + 1 + d/4}{d}",
            r"\leq F + 2d + d\log \frac{s^2 + 2s\sqrt{d} + 1 + d/4}{d}",
        ),
        unparsed="log without brackets; read twice",
        relies=("qprsgd/lemma-13",),
        misprint="1 for d within the logarithm",
        readings=printed(at_most(code_bits, header_bits + 2 * d + d * sp.log((s**2 + 2 * s * sp.sqrt(d) + 1 + d / 4) / d, 2)), **code),
        correction=Reading(
            "corrected: d for 1",
            THEOREM_3,
            follows=Raised(
                Cite("qprsgd/lemma-13"),
                Isolated(Combined((Cite("qprsgd/appendix-g/next-levels"), Cite("qprsgd/appendix-g/levels")), (1, 1)), next_level_sq_sum),
            ),
            **code,
        ),
    ),
    Claim(
        "qprsgd/theorem-3/as-described",
        "theorem",
        "Appendix G, Theorem 3, with the code of section G.1",
        "The same with as many zeros before a number as it has digits, as the text describes the code: a bit more for each entry.",
        latex=("the code Elias(k) would simply be len of zeros added before bin(k)",),
        unparsed="running text; read twice",
        relies=("qprsgd/lemma-13",),
        readings=printed(
            at_most(code_bits_as_described, header_bits + 2 * d + d * sp.log((s**2 + 2 * s * sp.sqrt(d) + 1 + d / 4) / d, 2)), **code
        ),
        correction=Reading(
            "corrected: 3 d for 2 d, and d for 1",
            at_most(code_bits_as_described, header_bits + 3 * d + d * VARIETY),
            follows=Using(AS_DESCRIBED, (Cite("qprsgd/theorem-3"),)),
            **code,
        ),
    ),
)
