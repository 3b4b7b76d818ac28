r"""Local SGD, sections 1 to 3 and the footnotes: what is stated, in the paper's order; proofs stand in `proofs`."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.logic.boolalg import Boolean

from theory import hypotheses as given
from theory.asymptotics import Largest, Rate
from theory.claim import Claim, Hypothesis, Reading, Relation, at_least, at_most, equals
from theory.local_sgd.common import (
    ALIKE,
    ANY_RECURSION,
    ANY_STEP_RECURSION,
    BATCHED,
    BY_THE_LEMMAS,
    DEVIATION,
    EVERY_GAP,
    FOUR,
    INDEPENDENT,
    LEMMA_3_1,
    LEMMA_3_1_FACTS,
    LEMMA_3_1_STEP,
    LEMMA_3_2,
    LEMMA_3_3,
    MEAN,
    OUTPUT,
    PROBLEM,
    PROOF,
    RECURSION,
    REVOKED,
    RUN,
    SETTING,
    SHARP_3_1,
    SHARP_3_1_FACTS,
    SHARP_3_1_STEP,
    SHARP_3_3,
    SHARP_12,
    SHARP_ANY_RECURSION,
    SHARP_RECURSION,
    SHARPLY_REVOKED,
    SQUARED_GAPS,
    STEP_I,
    STRAYED,
    STRETCH,
    THEOREM,
    THEOREM_2_2,
    VARIANCE,
    VARIANCE_ALONE,
    by_long_steps,
    by_sharp_steps,
    expected,
    granted,
    halved_theorem,
    near,
    printed,
    recursion,
    sharp_theorem,
    strays,
    sum_bound,
    theorem,
    vanishes,
    weighted,
)
from theory.notation import ORDER
from theory.qsparse_local_sgd.synchronous import DRIFT_CORRECTED, convex_bound
from theory.rules import Cancels, Certified, Chained, Cite, Combined, Expected, Granted, Instance, Invariant, Isolated, Weakened, scaled
from theory.scenes import (
    above_paraboloid,
    f_hat,
    f_least,
    f_min,
    f_tilde,
    f_x,
    f_y,
    fact,
    g_hat,
    g_tilde,
    g_x,
    local_f_hat,
    noise,
    p_bar,
    u,
    u_i,
    x,
    x_hat,
    x_tilde,
)
from theory.symbols import (
    S_T,
    C,
    G,
    H,
    L,
    R,
    T,
    a,
    b,
    deviation_sq,
    drift_term,
    drop,
    eta,
    eta_t,
    factor,
    function_gap,
    gamma,
    kappa,
    lag_sq,
    local_progress_sq,
    mixing,
    mu,
    n,
    noise_sq,
    output_gap,
    rounds,
    sigma_max,
    start_distance_sq,
    t,
    t_i,
    variance_term,
    xi,
)
from theory.vectors import average_norm_sq, norm_sq, zero

# Orders of the terms of (7), constants dropped: noise, noise under a large shift, deviation, start
FIRST = sigma_max**2 / (mu * R * T)
STEP_TERM, GAP_TERM = (each * sigma_max**2 / (mu**2 * R * T**2) for each in (L, H))
DRIFT, STRAY = H**2 * L * G**2 / (mu**2 * T**2), H * L * sigma_max**2 / (mu**2 * T**2)  # as printed, and by the improved theorem
START_LETTERS = (L**3, L**2 * H, L * H**2, H**3)  # L^2 H and L H^2 are at most L^3 + H^3
STARTS = tuple(each / (mu**2 * T**3) * start_distance_sq for each in START_LETTERS)
STARTS_IN_G = tuple(each / (mu**4 * T**3) * G**2 for each in START_LETTERS)
FREE = (T, R, H, L, mu, G, sigma_max)
NOISE_PRINTED = (1 / (mu * R * T) + (L + H) / (mu**2 * R * T**2)) * sigma_max**2
LONG = {S_T: T**3 / 3}
AT_FOUR: dict[Any, Any] = {8 + 168 / a: sp.Integer(50)}  # in the improved theorem, whose shift is at least 4
BELOW = AT_FOUR | {H - 1: H}
COROLLARY: dict[str, Any] = {"free": (T, R, H, L, mu), "at": {a: 4 * L / mu + H / mu}, "floors": LONG}
SMALL_SHIFT: dict[str, Any] = COROLLARY | {"at": {a: 4 * L / mu}, "ceilings": BELOW, "improved": True}
EDGE = "a = 4 kappa + H / mu in the place of the larger of the two, which makes the bound larger; the theorem asks for a strictly larger a"
COROLLARY_2_3 = equals(
    output_gap,
    ORDER * NOISE_PRINTED + ORDER * (H**2 * L / (mu**2 * T**2)) * G**2 + ORDER * (L**3 + H**3) / (mu**2 * T**3) * start_distance_sq,
)
SMALLEST_SHIFT = Hypothesis("smallest_shift", "a = max{4 kappa, H / mu}", sp.Eq(a, sp.Max(4 * L / mu, H / mu)))
BELOW_SUM = BELOW | {each: each.subs(a, 4 * L / mu + H / mu) for each in (T + 2 * a + 15, a)}  # the larger of two is at most their sum
AT_MAXIMUM: dict[str, Any] = {"free": (T, R, H, L, mu), "ceilings": BELOW_SUM, "floors": LONG, "improved": True}
FAR_START = {start_distance_sq: 4 * G**2 / mu**2}

# Section 1.1 chooses the shift of the order kappa + H, with H a number
SHIFTED: dict[str, Any] = {
    "at": {a: 4 * kappa + H, L: kappa * mu}, "floors": LONG, "ceilings": BELOW, "at_most": FAR_START, "improved": True,
}  # fmt: skip
EQ_3_TERMS = (
    sigma_max**2 / (mu * b * R * T),
    kappa * sigma_max**2 / (mu * b * R * T**2),
    H * sigma_max**2 / (mu * b * R * T**2),
    H**2 * kappa * G**2 / (mu * T**2),
    *(each * G**2 / (mu * T**3) for each in (kappa**3, kappa**2 * H, kappa * H**2, H**3)),
)
LARGEST_GAP = sp.sqrt(T / (R * b))
RATE_AT_GAP = (sigma_max**2 / (mu * b * R * T),)
# A shift of this order is not above H / mu for every H, which the theorem asks for and its improvement does not
FIVE_CONDITIONS = {a: 5 * L / mu}
IMPROVED_LONG: dict[str, Any] = {"floors": LONG, "ceilings": BELOW, "improved": True}
AT_ROUNDS = Rate("local_sgd/theorem-2.2", (1 / T, 1 / rounds), (T, rounds), at={**FIVE_CONDITIONS, H: T / rounds}, **IMPROVED_LONG)


def at_gap(gap: sp.Expr, power: int) -> Rate:
    """The rate of mini-batch local SGD where workers meet this rarely, H - 1 being at most this power of H."""
    how = IMPROVED_LONG | {"ceilings": AT_FOUR | {H - 1: H**power}}
    return Rate("local_sgd/remark-2.4", (1 / (R * b * T), 1 / T**2), (T, R, b), at={**FIVE_CONDITIONS, H: gap}, **how)


AT_GAP = at_gap(LARGEST_GAP, 2)


def largest_gap(dominated: sp.Expr, dominating: sp.Expr, gap: sp.Expr, free: tuple[sp.Symbol, ...] = (T, R, b, H)) -> dict[str, Any]:
    """Relation and derivation of H = O(gap)."""
    return {"relation": equals(H, ORDER * gap), "rate": Largest(H, dominated, dominating, gap, free)}


def smallest_horizon(dominated: sp.Expr, horizon: sp.Expr, within: tuple[Boolean, ...] = ()) -> dict[str, Any]:
    """Relation and derivation of T = Omega(horizon), against the first term of (7)."""
    return {"relation": equals(T, ORDER * horizon), "rate": Largest(T, dominated, FIRST, horizon, FREE, smallest=True, within=within)}


BATCHED_GAP = largest_gap(H**2 / T**2, 1 / (R * b * T), LARGEST_GAP)
HORIZON_LATEX = (
    r"T = \frac{1}{\mu} \cdot \Omega\left(L + H + \frac{H^2 G^2 K L}{\sigma^2} + \frac{(L^{3/2} + H^{3/2}) K^{1/2} G}{\mu^{3/2} "
    r"\sigma}\right)"
)
HORIZON = "one of four terms; read twice"
# The terms of the printed horizon, the last in two; what it asks of T for the start, and what (7) asks
PRINTED_FOR_OTHERS = (L / mu, H / mu, H**2 * G**2 * R * L / (mu * sigma_max**2))
PRINTED_FOR_START, NEEDED_FOR_START = (
    tuple(each ** sp.Rational(3, 2) * sp.sqrt(R) * G / (mu**power * sigma_max) for each in (L, H))
    for power in (sp.Rational(5, 2), sp.Rational(3, 2))
)
# Where mu <= L, as for every function, and what else is printed makes up for less than a thousandth of what is needed
SHORT_OF_START = (
    sp.Le(mu, L),
    *(sp.Le(1000 * each, NEEDED_FOR_START[0]) for each in (*PRINTED_FOR_OTHERS, PRINTED_FOR_START[1])),
)
WHOLE_THEOREM = theorem(VARIANCE / b)
_start_facts = (
    fact("second moment at most G^2, so ||grad f(x_0)||^2 too", G**2 - norm_sq(g_tilde.mean), 1 / mu**2),
    fact("f is mu-strongly convex: from x_0 to x*", above_paraboloid(f_min, f_tilde, g_tilde.mean, -x_tilde), 2 / mu),
    fact("f is mu-strongly convex: from x* to x_0", f_tilde - f_min - mu / 2 * norm_sq(x_tilde), 2 / mu),
)
START_DISTANCE = scaled(
    Expected(Certified(at_most(norm_sq(x_tilde), G**2 / mu**2), _start_facts), {norm_sq(x_tilde): start_distance_sq}), mu**2
)
TWO_WEIGHTS = mixing**2 + (1 - mixing) ** 2
MEET = {
    "no synchronisation": (x_hat - eta * g_hat).mean - (x_tilde - eta * g_hat.mean),
    "synchronisation (line 8, as (4) has it)": (x_hat - eta * g_hat).mean - (x_tilde - eta * g_hat.mean),
}

SOLUTIONS = (sp.Integer(1), sp.Rational(1, 2))  # of two workers, for f(x) = x^2
aimed_gap = sp.Symbol("aimed_gap", positive=True)  # of f(x_hat) to f*
single_gap = sp.Symbol("single_gap", nonnegative=True)  # output_gap of one worker on its own, in the mean over workers
SINGLE = sharp_theorem().map(lambda side: side.subs(R, 1))
APART_UNTIL_THE_END = Chained(
    Expected(
        Certified(at_most(f_hat - f_min, local_f_hat - f_min), granted(tangent=1)),
        {f_hat - f_min: output_gap, local_f_hat - f_min: single_gap},
    ),
    Instance(Cite("local_sgd/theorem-2.2", improved=True), {R: 1, output_gap: single_gap}),
)
ALONE = (*VARIANCE_ALONE, Hypothesis("never_synchronised", "the workers never synchronise, and the mean of their outputs is taken"))
SLOPES, shift = (sp.Symbol("slope_1", real=True), sp.Symbol("slope_2", real=True)), sp.Symbol("shift", real=True)
ONCE = (*(each for each in VARIANCE_ALONE if each is not given.gap_from_zero), given.once_at_the_end)
THEOREM_AT_ONCE = (*(each for each in THEOREM if each not in (given.gap_from_zero, given.shift_above_gap_over_mu)), given.one_shot)

CLAIMS = (
    # Section 1
    Claim(
        "local_sgd/abstract/rounds",
        "text",
        "abstract",
        "Synchronisation can be rarer than in mini-batch SGD by a factor of the root of the horizon, workers and batch held fixed.",
        latex=(r"T^{1/2}",),
        unparsed="one side only; read twice",
        readings=(Reading("as printed", **largest_gap(H**2 / T**2, 1 / T, sp.sqrt(T), (T, H))),),
        improvement=Reading(
            "improved: by a factor of the order of the horizon itself, by the improved Corollary 2.3",
            **largest_gap(H / T**2, 1 / T, T, (T, H)),
        ),
    ),
    Claim(
        "local_sgd/eq-1",
        "definition",
        "section 1, (1)",
        "Stochastic gradient descent.",
        latex=(r"\mathbf{x}_{t+1} := \mathbf{x}_t - \eta_t \mathbf{g}_t",),
        unparsed="a definition; read twice",
        readings=(Reading("as printed", says="the case K = 1 of (4)"),),
    ),
    Claim(
        "local_sgd/footnote-1",
        "text",
        "section 1, footnote 1",
        "The mean of the local iterates has at most the mean of their losses.",
        unparsed="stated in words; read twice",
        readings=printed(
            at_most(f_hat, local_f_hat),
            (given.strongly_convex, given.same_function),
            facts=granted(tangent=1),
            arena="step",
            setting=ALIKE,
        ),
    ),
    Claim(
        "local_sgd/footnote-1/not-k-times",
        "text",
        "section 1, footnote 1",
        "But convexity does not make the mean K times better: f(x) = x^2 and two local solutions, 1 and 1/2.",
        latex=("convexity does not imply that the averaged point is K times better",),
        unparsed="words; coded is an example, f at the mean against a K-th of the mean of f, both above f* = 0; read twice",
        readings=(
            Reading(
                "it need not be K times better",
                Relation((sum(SOLUTIONS) / len(SOLUTIONS)) ** 2, ">", sum(each**2 for each in SOLUTIONS) / len(SOLUTIONS) ** 2),
                says="what the solutions have in common is not averaged away; it is K times better where they are off by independent, "
                "unbiased errors (lemma-3.2)",
            ),
        ),
    ),
    Claim(
        "local_sgd/eq-2",
        "definition",
        "section 1.1, (2)",
        "The problem: a finite sum, the same for all workers.",
        latex=(
            r"f(\mathbf{x}) = \frac{1}{n} \sum_{i=1}^n f_i(\mathbf{x}), \quad \mathbf{x}^* := \arg \min_{\mathbf{x} \in \mathbb{R}^d} "
            r"f(\mathbf{x}), \quad f^* := f(\mathbf{x}^*)",
        ),
        unparsed="a definition; read twice",
        readings=(Reading("as printed", given=(given.same_function,), says="all workers sample the same f"),),
    ),
    Claim(
        "local_sgd/eq-3",
        "equation",
        "section 1.1, (3)",
        "The rate of mini-batch local SGD, in orders.",
        latex=(
            r"\mathbb{E} f(\hat{\mathbf{x}}_T) - f^* = O\left(\frac{1}{\mu b K T} + \frac{\kappa + H}{\mu b K T^2}\right) \sigma^2 + "
            r"O\left(\frac{H^2 L}{\mu^2 T^2} + \frac{(\kappa + H)^3}{\mu T^3}\right) G^2",
        ),
        readings=printed(
            equals(
                output_gap,
                ORDER * (1 / (mu * b * R * T) + (kappa + H) / (mu * b * R * T**2)) * sigma_max**2
                + ORDER * (H**2 * L / (mu**2 * T**2) + (kappa + H) ** 3 / (mu * T**3)) * G**2,
            ),
            (*EVERY_GAP, given.condition_number, given.batches),
            rate=Rate("local_sgd/remark-2.4", EQ_3_TERMS, (T, R, b, H, kappa), **SHIFTED),
            says="for a shift of 4 kappa + H, which need not be above H / mu; = O is read as at most. A G that bounded the gradient at "
            "every x would contradict strong convexity: it bounds it at the iterates",
        ),
        improvement=Reading(
            "improved: the shift need not grow with H, which stands once, by the variance",
            at_most(
                output_gap,
                ORDER * (1 / (mu * b * R * T) + kappa / (mu * b * R * T**2) + H * kappa / (mu * b * T**2)) * sigma_max**2
                + ORDER * kappa**3 / (mu * T**3) * G**2,
            ),
            (*EVERY_GAP, given.condition_number, given.batches),
            rate=Rate(
                "local_sgd/remark-2.4",
                (EQ_3_TERMS[0], EQ_3_TERMS[1], H * kappa * sigma_max**2 / (mu * b * T**2), EQ_3_TERMS[4]),
                (T, R, b, H, kappa),
                **(SHIFTED | {"at": {a: 4 * kappa, L: kappa * mu}}),
            ),
            says="for a shift of 4 kappa",
        ),
        relies=("local_sgd/theorem-2.2/weights", "local_sgd/corollary-2.3/start"),
    ),
    Claim(
        "local_sgd/sec-1.1/speed-up",
        "text",
        "section 1.1, after (3)",
        "For T large enough more workers, or larger batches, mean proportionally fewer iterations.",
        latex=("yield a linear reduction in the number of iterations",),
        unparsed="stated in words; read twice",
        readings=(
            Reading(
                "iterations until the first term of (3) is at a given accuracy",
                equals(T, ORDER / (R * b * aimed_gap)),
                rate=Largest(T, 1 / (R * b * T), aimed_gap, 1 / (R * b * aimed_gap), (T, R, b, aimed_gap), smallest=True),
            ),
        ),
    ),
    Claim(
        "local_sgd/abstract/speed-up",
        "text",
        "abstract; and section 4",
        "The rate of mini-batch SGD per evaluated gradient, linear in workers and batch.",
        latex=("achieves linear speed-up in the number of workers and mini-batch size",),
        unparsed="stated in words; read twice",
        readings=printed(
            at_most(output_gap, ORDER * RATE_AT_GAP[0]),
            (*EVERY_GAP, given.batches),
            rate=AT_GAP,
            says="T K b gradients are evaluated; what is left of the start falls like 1 / T^2 or faster",
        ),
        restates="local_sgd/sec-2.2/saving/rate",
    ),
    Claim(
        "local_sgd/sec-1.1/gap",
        "text",
        "section 1.1",
        "How rarely workers may synchronise.",
        latex=(r"H = O(T^{1/2} K^{-1/2} b^{-1/2})",),
        readings=(Reading("as printed", **BATCHED_GAP),),
        restates="local_sgd/sec-2.2/saving",
    ),
    Claim(
        "local_sgd/sec-1.1/reduction",
        "text",
        "section 1.1",
        "Rounds are fewer by the gap, which parallel mini-batch SGD has at 1.",
        latex=(r"O(T^{1/2} K^{-1/2} b^{-1/2})",),
        unparsed="one side only; read twice",
        readings=(Reading("as printed", **BATCHED_GAP),),
    ),
    Claim(
        "local_sgd/sec-1.1/sparsified",
        "text",
        "section 1.1; and section 4",
        "The proof carries over to sparsified methods: at gamma = 1 the theorem of Qsparse-local-SGD is (6) again, up to its constants.",
        unparsed="stated in words; read twice",
        readings=printed(
            at_most(
                THEOREM_2_2.rhs.doit(),
                convex_bound(VARIANCE, DRIFT_CORRECTED).subs({C: 8 * (1 - gamma**2)}).subs(gamma, 1).doit(),
            ),
            (given.strongly_convex, given.condition_at_least_two),
            says="Theorem 2 of Qsparse-local-SGD without compression, corrected, is larger than (6) term by term once kappa >= 2",
        ),
        relies=("qsparse_local_sgd/theorem-2",),
    ),
    Claim(
        "local_sgd/footnote-2",
        "definition",
        "section 1.1, footnote 2",
        "f is L-smooth if it lies below its tangent paraboloids of curvature L.",
        latex=(
            r"f(\mathbf{y}) \leq f(\mathbf{x}) + \langle \nabla f(\mathbf{x}), \mathbf{y} - \mathbf{x} \rangle + \frac{L}{2} \|\mathbf{y} "
            r"- \mathbf{x}\|^2",
        ),
        unparsed="a definition; read twice",
        readings=(Reading("as printed", given=(given.smooth,), says="for a convex f as good as a Lipschitz gradient"),),
    ),
    Claim(
        "local_sgd/footnote-2/lipschitz",
        "definition",
        "section 1.1, footnote 2",
        "With convexity the displayed half of smoothness bounds a gradient by the gap to the minimum, all that Lemma 3.1 asks of it.",
        unparsed="stated in words; read twice",
        readings=printed(
            at_most(norm_sq(g_x), 2 * L * (f_x - f_y)),
            (given.one_sided_smooth, given.strongly_convex),
            facts=(fact("f lies below its tangent paraboloid at x", f_x - norm_sq(g_x) / (2 * L) - f_y, 2 * L),),
            arena="function",
            setting={"y": "x*"},
            says="f is smallest at y, and at x - grad f(x) / L it is at most the paraboloid there",
        ),
    ),
    Claim(
        "local_sgd/footnote-3",
        "definition",
        "section 1.1, footnote 3",
        "f is mu-strongly convex if it lies above its tangent paraboloids of curvature mu.",
        latex=(
            r"f(\mathbf{y}) \geq f(\mathbf{x}) + \langle \nabla f(\mathbf{x}), \mathbf{y} - \mathbf{x} \rangle + \frac{\mu}{2} "
            r"\|\mathbf{y} - \mathbf{x}\|^2",
        ),
        unparsed="a definition; read twice",
        readings=(Reading("as printed", given=(given.strongly_convex,)),),
    ),
    Claim(
        "local_sgd/footnote-4",
        "text",
        "section 1.1, footnote 4",
        "A larger gap still gives convergence, at a lower rate.",
        unparsed="stated in words; read twice",
        readings=(
            Reading(
                "as printed",
                at_most(output_gap, ORDER / T + ORDER / rounds),
                EVERY_GAP,
                rate=AT_ROUNDS,
                says="for a gap T / N with N rounds",
            ),
        ),
        restates="local_sgd/sec-2.2/sublinear-gap",
    ),
    # Section 2
    Claim(
        "local_sgd/eq-4",
        "definition",
        "section 2, (4)",
        "Local steps, and where t + 1 is a synchronisation index, the mean of what they lead to.",
        latex=(
            r"\mathbf{x}_t^k - \eta_t \nabla_{i_t^k} f(\mathbf{x}_t^k), & \text{if } t+1 \notin \mathcal{I}_T",
            r"\frac{1}{K} \sum_{k=1}^K (\mathbf{x}_t^k - \eta_t \nabla_{i_t^k} f(\mathbf{x}_t^k)) & \text{if } t+1 \in \mathcal{I}_T",
        ),
        unparsed="a definition; read twice",
        readings=(Reading("as printed", says="the iterates that all lemmas speak of"),),
    ),
    Claim(
        "local_sgd/sec-2/evaluations",
        "text",
        "section 2",
        "T steps of K workers evaluate T K stochastic gradients.",
        latex=("the total number of stochastic gradient evaluations is TK",),
        unparsed="a count; read twice",
        readings=printed(equals(sp.Sum(R, (t, 0, T - 1)).doit(), T * R)),
    ),
    Claim(
        "local_sgd/sec-2/parallel",
        "text",
        "section 2, after (4)",
        "Synchronising in every iteration is mini-batch SGD: all workers are always at one point.",
        latex=(r"\mathcal{I}_T = [T]",),
        unparsed="a set; read twice",
        readings=printed(
            equals(deviation_sq, 0),
            (given.same_function, given.gap_from_zero, given.every_iteration),
            follows=Invariant(deviation_sq, x_tilde.deviation, zero, {"synchronisation (4)": (x_hat - eta * g_hat).mean.deviation}),
            arena="run",
            setting={"step": "fixed"},
            says="all start at x_0, and (4) leaves one point for all after every iteration",
        ),
    ),
    Claim(
        "local_sgd/algorithm-1/line-8",
        "definition",
        "section 2, Algorithm 1, line 8",
        "The listing averages the iterates before the step of line 5, (4) those after it.",
        latex=(r"\mathbf{x}_{t+1}^k \leftarrow \frac{1}{K} \sum_{k=1}^K \mathbf{x}_t^k",),
        unparsed="an assignment; read twice",
        readings=printed(
            vanishes(MEAN - (MEAN - eta * (p_bar + noise))),
            (given.same_function,),
            arena="step",
            setting=ALIKE,
            says="the point that line 8 prints and the one that (4) defines, apart",
        ),
        correction=Reading(
            "corrected: x_{t+1} on the right",
            equals(average_norm_sq((x_hat - eta * g_hat).mean - (MEAN - eta * p_bar)), 0),
            follows=Certified(equals(average_norm_sq((x_hat - eta * g_hat).mean - (MEAN - eta * p_bar)), 0)),
        ),
        misprint="x_t for x_{t+1}: with I_T = [T] the printed listing never leaves x_0",
    ),
    Claim(
        "local_sgd/definition-2.1",
        "definition",
        "section 2, Definition 2.1, (5)",
        "The gap of a set of integers is the longest stretch between neighbours in it.",
        latex=(r"\text{gap}(\mathcal{P}) := \max_{i=1, \dots, t} p_i - p_{i-1}",),
        unparsed="a definition, judged by Lemma 3.3, whose relation is coded; read twice",
        readings=printed(
            LEMMA_3_3,
            (
                given.same_function,
                given.second_moment,
                given.gap_as_defined,
                given.decaying_step,
                given.unit_numerator,
                given.shift_above_gap,
            ),
            arena="run",
            setting={"step": "decaying"},
            says="Lemma 3.3 where the stretch before the first index p_0 is not counted",
        ),
        correction=Reading(
            "corrected: the start counts as a synchronisation",
            LEMMA_3_3,
            (*DEVIATION, given.decaying_step, given.unit_numerator, given.shift_above_gap),
            follows=Cite("local_sgd/lemma-3.3"),
            arena="run",
            setting={"step": "decaying"},
            says="0 belongs to the set, so that the first synchronisation comes within H iterations",
        ),
        misprint="I_T lies in {1, ..., T}, so the gap of I_T says nothing of the first stretch; the proof of Lemma 3.3 needs t_0 >= t - H",
    ),
    Claim(
        "local_sgd/sec-2/one-shot",
        "text",
        "section 2, after (4)",
        "With T as its only index, local SGD synchronises once, at the end.",
        latex=(r"\mathcal{I}_T = \{T\}",),
        unparsed="a set; read twice",
        readings=printed(
            THEOREM_2_2.map(lambda side: side.subs(H, T)),
            THEOREM_AT_ONCE,
            follows=Instance(Cite("local_sgd/theorem-2.2"), {H: T}),
            arena="run",
            setting=SETTING,
            says="a name for a special case; coded is Theorem 2.2 for it, whose last term does not vanish (section 2.2)",
        ),
        improvement=Reading(
            "improved: what the improved theorem says of one worker, with no term that stays",
            SINGLE,
            ONCE,
            follows=APART_UNTIL_THE_END,
            arena="run",
            setting=SETTING,
            says="Jensen: until they meet, workers are as many runs of one",
        ),
    ),
    Claim(
        "local_sgd/sec-2.1/sgd",
        "text",
        "section 2.1",
        "SGD on one worker converges like the variance over the horizon.",
        latex=(r"\mathcal{O}(\frac{\sigma^2}{T})",),
        unparsed="one side only; read twice",
        readings=printed(
            at_most(output_gap, ORDER * sigma_max**2 / T + ORDER / T**2),
            EVERY_GAP,
            rate=Rate(
                "local_sgd/theorem-2.2",
                (sigma_max**2 / T, 1 / T**2),
                (T, sigma_max),
                at={R: 1, H: 1, **FIVE_CONDITIONS},
                **IMPROVED_LONG | {"ceilings": AT_FOUR},
            ),
            says="K = 1 and H = 1; what is left of the start falls like 1 / T^2 or faster",
        ),
        relies=("local_sgd/eq-1",),
    ),
    Claim(
        "local_sgd/sec-2.1/parallel-sgd",
        "text",
        "section 2.1",
        "Parallel SGD on K workers: K times less.",
        latex=(r"\mathcal{O}(\frac{\sigma^2}{TK})",),
        unparsed="one side only; read twice",
        readings=printed(
            at_most(output_gap, ORDER * sigma_max**2 / (T * R) + ORDER / T**2),
            EVERY_GAP,
            rate=Rate(
                "local_sgd/theorem-2.2",
                (sigma_max**2 / (T * R), 1 / T**2),
                (T, R, sigma_max),
                at={H: 1, **FIVE_CONDITIONS},
                **IMPROVED_LONG | {"ceilings": AT_FOUR},
            ),
            says="H = 1; what is left of the start falls like 1 / T^2 or faster",
        ),
    ),
    Claim(
        "local_sgd/sec-2.1/convexity",
        "text",
        "section 2.1, towards local SGD",
        "Convexity alone gives the mean of K independent runs the rate of one: no speed-up.",
        latex=(r"\mathcal{O}(\frac{\sigma^2}{T})",),
        unparsed="one side only; read twice",
        readings=printed(
            at_most(output_gap, ORDER * sigma_max**2 / T + ORDER / T**2),
            ALONE,
            rate=Rate(
                "local_sgd/sec-2.1/convexity/jensen", (sigma_max**2 / T, 1 / T**2), (T, R, sigma_max), at={a: 4 * L / mu}, floors=LONG
            ),
            says="for a = 4 kappa, uniformly in K, which the bound does not hold; what is left of the start falls like 1 / T^2 or faster",
        ),
    ),
    Claim(
        "local_sgd/sec-2.1/convexity/jensen",
        "text",
        "section 2.1, towards local SGD",
        "Theorem 2.2 with one worker, for the mean of K workers that never meet.",
        unparsed="stated in words; read twice",
        readings=printed(
            SINGLE,
            ALONE,
            follows=APART_UNTIL_THE_END,
            says="Jensen: the loss of the mean of the K weighted means is at most the mean of their losses; workers that never meet are no "
            "run of Algorithm 1, and one worker alone is attacked as Theorem 2.2",
        ),
    ),
    Claim(
        "local_sgd/sec-2.1/variance",
        "text",
        "section 2.1",
        "The mean of K stochastic gradients has a K-th of the variance.",
        unparsed="stated in words; read twice",
        readings=printed(LEMMA_3_2, (given.same_function, given.variance), follows=INDEPENDENT, arena="run"),
        restates="local_sgd/lemma-3.2",
    ),
    Claim(
        "local_sgd/sec-2.1/close",
        "text",
        "section 2.1",
        "Sequences that stay within a step of one another may be treated as one.",
        latex=(r"\|\mathbf{x}_t^k - \mathbf{x}_t^j\| = O(\eta_t)",),
        unparsed="a supposition; read twice",
        readings=printed(
            LEMMA_3_3,
            (*DEVIATION, given.decaying_step, given.shift_above_gap),
            follows=Cite("local_sgd/lemma-3.3/any-numerator"),
            arena="deviation",
            setting={"step": "decaying"},
            says="a supposition, which Lemma 3.3 makes precise: in the mean over workers, with 2 G H in O(.)",
        ),
    ),
    Claim(
        "local_sgd/theorem-2.2",
        "theorem",
        "section 2.2, Theorem 2.2, (6)",
        "Smooth, strongly convex functions, step 4 / (mu (a + t)): rate 1 / T at a weighted mean, the gap entering at 1 / T^2.",
        latex=(
            r"\mathbb{E} f(\hat{\mathbf{x}}_T) - f^* \leq \frac{\mu a^3}{2S_T} \|\mathbf{x}_0 - \mathbf{x}^*\|^2 + "
            r"\frac{4T(T+2a)}{\mu K S_T} \sigma^2 + \frac{256T}{\mu^2 S_T} G^2 H^2 L",
        ),
        readings=printed(
            THEOREM_2_2,
            THEOREM,
            follows=by_long_steps(INDEPENDENT, VARIANCE),
            arena="run",
            setting=SETTING,
            says="not by the printed proof, which needs a >= 16 kappa and a >= H: steps up to 1 / L are met by the function gap after the "
            "step, an early deviation by strong convexity",
        ),
        improvement=Reading(
            "improved: every a >= 4 kappa, whatever H: mu a^3 / 8, T (T + 2 a + 15), and (8 + 168 / a) (1 - 1/K) (H - 1) sigma^2",
            sharp_theorem(),
            VARIANCE_ALONE,
            follows=by_sharp_steps(INDEPENDENT),
            arena="run",
            setting=SETTING,
            says="with one worker, or workers that synchronise in every iteration, the last term is gone",
        ),
        relies=("local_sgd/definition-2.1", "local_sgd/footnote-2", "local_sgd/footnote-3", "local_sgd/eq-2", "local_sgd/eq-4"),
    ),
    Claim(
        "local_sgd/theorem-2.2/gap-as-defined",
        "theorem",
        "section 2.2, Theorem 2.2, with Definition 2.1 to the letter",
        "The gap of {T - 1, T} is 1, and workers that meet only there drift to one side of a kink of f: averaging does not help.",
        latex=(r"generated according to (4) with $\text{gap}(\mathcal{I}_T) \leq H$",),
        unparsed="a condition; the relation is that of Theorem 2.2; read twice",
        readings=printed(
            THEOREM_2_2,
            tuple(given.gap_as_defined if each is given.gap_from_zero else each for each in THEOREM),
            arena="one_shot",
            says="the stretch before the first index of I_T is not counted",
        ),
        correction=Reading(
            "corrected: the start counts as a synchronisation",
            THEOREM_2_2,
            THEOREM,
            follows=Cite("local_sgd/theorem-2.2"),
            arena="run",
            setting=SETTING,
        ),
        misprint="Definition 2.1 leaves out the stretch from the start to the first index, which Lemma 3.3 and so the theorem need",
        relies=("local_sgd/definition-2.1",),
    ),
    Claim(
        "local_sgd/theorem-2.2/weights",
        "theorem",
        "section 2.2, Theorem 2.2",
        "The weights add up to at least T^3 / 3.",
        latex=(r"S_T = \sum_{t=0}^{T-1} w_t \geq \frac{1}{3}T^3",),
        unparsed="a chain; read twice",
        readings=printed(at_least(S_T.doit(), T**3 / 3), (given.shift_above_four_condition, given.strongly_convex)),
    ),
    Claim(
        "local_sgd/corollary-2.3",
        "corollary",
        "section 2.2, Corollary 2.3, (7), line 1",
        "Theorem 2.2 in orders, for the smallest shift it allows.",
        latex=(
            r"\mathbb{E} f(\hat{\mathbf{x}}_T) - f^* &= O\left(\frac{1}{\mu K T} + \frac{L+H}{\mu^2 K T^2}\right) \sigma^2 + "
            r"O\left(\frac{H^2 L}{\mu^2 T^2}\right) G^2 + O\left(\frac{L^3 + H^3}{\mu^2 T^3}\right) \|\mathbf{x}_0 - \mathbf{x}^*\|^2",
        ),
        readings=(
            *printed(
                COROLLARY_2_3,
                THEOREM,
                rate=Rate("local_sgd/theorem-2.2", (FIRST, STEP_TERM, GAP_TERM, DRIFT, *STARTS), **COROLLARY),
                says=f"= O is read as at most; {EDGE}",
            ),
            Reading(
                "at the larger of the two itself",
                COROLLARY_2_3,
                (*EVERY_GAP, SMALLEST_SHIFT),
                rate=Rate("local_sgd/theorem-2.2", (FIRST, STEP_TERM, GAP_TERM, DRIFT, *STARTS), **AT_MAXIMUM),
                says="which the strict inequality of Theorem 2.2 excludes, and its improvement allows",
            ),
        ),
        improvement=Reading(
            "improved: the shift need not grow with H, which stands once, by the variance",
            at_most(
                output_gap,
                ORDER * (1 / (mu * R * T) + L / (mu**2 * R * T**2) + H * L / (mu**2 * T**2)) * sigma_max**2
                + ORDER * L**3 / (mu**2 * T**3) * start_distance_sq,
            ),
            VARIANCE_ALONE,
            rate=Rate("local_sgd/theorem-2.2", (FIRST, STEP_TERM, STRAY, STARTS[0]), **SMALL_SHIFT),
            says="a = 4 kappa, which by its improvement Theorem 2.2 allows for every H",
        ),
        relies=("local_sgd/theorem-2.2/weights",),
    ),
    Claim(
        "local_sgd/eq-7",
        "corollary",
        "section 2.2, Corollary 2.3, (7), line 2",
        "The same with the distance of the start bounded by the gradients.",
        latex=(
            r"&= O\left(\frac{1}{\mu K T} + \frac{L+H}{\mu^2 K T^2}\right) \sigma^2 + O\left(\frac{H^2 L}{\mu^2 T^2} + \frac{L^3 + "
            r"H^3}{\mu^4 T^3}\right) G^2",
        ),
        unparsed="the left side is that of line 1; read twice",
        readings=printed(
            at_most(
                output_gap,
                ORDER * NOISE_PRINTED + ORDER * (H**2 * L / (mu**2 * T**2) + (L**3 + H**3) / (mu**4 * T**3)) * G**2,
            ),
            THEOREM,
            rate=Rate("local_sgd/theorem-2.2", (FIRST, STEP_TERM, GAP_TERM, DRIFT, *STARTS_IN_G), **COROLLARY, at_most=FAR_START),
            says=EDGE,
        ),
        improvement=Reading(
            "improved: the shift need not grow with H, which stands once, by the variance",
            at_most(
                output_gap,
                ORDER * (1 / (mu * R * T) + L / (mu**2 * R * T**2) + H * L / (mu**2 * T**2)) * sigma_max**2
                + ORDER * L**3 / (mu**4 * T**3) * G**2,
            ),
            EVERY_GAP,
            rate=Rate("local_sgd/theorem-2.2", (FIRST, STEP_TERM, STRAY, STARTS_IN_G[0]), **SMALL_SHIFT, at_most=FAR_START),
            says="a = 4 kappa",
        ),
        relies=("local_sgd/theorem-2.2/weights", "local_sgd/corollary-2.3/start"),
    ),
    Claim(
        "local_sgd/eq-7/against-eq-3",
        "text",
        "section 2.2, (7), against section 1.1, (3)",
        "Two ways of printing one rate: (7) has H beside L, (3) beside kappa.",
        latex=(r"\frac{L+H}{\mu^2 K T^2}", r"\frac{\kappa + H}{\mu b K T^2}"),
        unparsed="terms of two displays, b = 1 in the second; read twice",
        readings=printed(equals((L + H) / (mu**2 * R * T**2), (kappa + H) / (mu * R * T**2)), (given.condition_number,)),
        correction=Reading(
            "corrected: mu H in (7), as (3) has it",
            equals((L + mu * H) / (mu**2 * R * T**2), (kappa + H) / (mu * R * T**2)),
            (given.condition_number,),
        ),
        misprint="H / mu in the condition on a should be H, a number: L + H in (7) adds a curvature to a count",
    ),
    Claim(
        "local_sgd/corollary-2.3/start",
        "corollary",
        "section 2.2, after (7)",
        "Strong convexity and bounded gradients bound the distance of the start from the minimiser.",
        latex=(r"\mathbb{E} \mu \|\mathbf{x}_0 - \mathbf{x}^*\| \leq 2G",),
        unparsed="coded as squares; read twice",
        readings=printed(
            at_most(mu**2 * start_distance_sq, 4 * G**2),
            (given.second_moment, given.strongly_convex, given.minimiser, given.same_function),
            follows=START_DISTANCE,
            arena="run",
            setting=SETTING,
        ),
        improvement=Reading(
            "improved: without the factor 2",
            at_most(mu**2 * start_distance_sq, G**2),
            (given.second_moment, given.strongly_convex, given.minimiser, given.same_function),
            follows=START_DISTANCE,
            arena="run",
            setting=SETTING,
        ),
    ),
    Claim(
        "local_sgd/remark-2.4",
        "remark",
        "section 2.2, Remark 2.4; footnote 5",
        "With mini-batches of b samples, Theorem 2.2 holds with a b-th of the variance.",
        latex=(r"\frac{\sigma^2}{b}",),
        unparsed="a replacement in (6); read twice",
        readings=printed(
            WHOLE_THEOREM,
            (*THEOREM, given.batches),
            follows=by_long_steps(BATCHED, VARIANCE / b),
            arena="run",
            setting=SETTING,
        ),
        improvement=Reading(
            "improved: every a >= 4 kappa, whatever H: mu a^3 / 8, T (T + 2 a + 15), and (8 + 168 / a) (1 - 1/K) (H - 1) sigma^2",
            sharp_theorem(b),
            (*VARIANCE_ALONE, given.batches),
            follows=by_sharp_steps(BATCHED, strays(b)),
            arena="run",
            setting=SETTING,
        ),
    ),
    Claim(
        "local_sgd/remark-2.4/variance",
        "remark",
        "section 2.2, Remark 2.4",
        "A mini-batch of b samples reduces the variance by a factor of b.",
        unparsed="stated in words; read twice",
        readings=printed(
            at_most(noise_sq, VARIANCE / b),
            (given.same_function, given.variance, given.batches),
            follows=BATCHED,
            arena="run",
        ),
    ),
    # Section 2.2
    Claim(
        "local_sgd/sec-2.2/horizon",
        "text",
        "section 2.2, convergence rate",
        "From which horizon the first term dominates (7): the last of four terms is off, and with L in it not made up for by the others.",
        latex=(HORIZON_LATEX,),
        unparsed="a sum of four terms, of which the last is coded, with L; read twice",
        readings=(
            Reading(
                "as printed",
                says="the other terms stand; this one has mu^(5/2) below, (7) gives mu^(3/2). It falls where mu <= L, and the sum of all "
                "that is printed is a thousand times too small",
                **smallest_horizon(STARTS_IN_G[0], PRINTED_FOR_START[0], SHORT_OF_START),
            ),
        ),
        correction=Reading(
            "corrected: the factor 1 / mu in front does not apply to the last term",
            **smallest_horizon(STARTS_IN_G[0], NEEDED_FOR_START[0]),
        ),
        misprint="mu^(3/2) under the last term is counted twice: with 1 / mu in front it should read mu^(1/2)",
        relies=tuple(f"local_sgd/sec-2.2/horizon/{term}" for term in ("step", "gap", "drift", "start")),
    ),
    Claim(
        "local_sgd/sec-2.2/horizon/step",
        "text",
        "section 2.2, convergence rate, first term",
        "The horizon for the term with L.",
        latex=(HORIZON_LATEX,),
        unparsed=HORIZON,
        readings=(Reading("as printed", **smallest_horizon(STEP_TERM, L / mu)),),
    ),
    Claim(
        "local_sgd/sec-2.2/horizon/gap",
        "text",
        "section 2.2, convergence rate, second term",
        "The horizon for the term with H.",
        latex=(HORIZON_LATEX,),
        unparsed=HORIZON,
        readings=(Reading("as printed", **smallest_horizon(GAP_TERM, H / mu)),),
    ),
    Claim(
        "local_sgd/sec-2.2/horizon/drift",
        "text",
        "section 2.2, convergence rate, third term",
        "The horizon for the deviation of the workers.",
        latex=(HORIZON_LATEX,),
        unparsed=HORIZON,
        readings=(Reading("as printed", **smallest_horizon(DRIFT, H**2 * G**2 * R * L / (mu * sigma_max**2))),),
    ),
    Claim(
        "local_sgd/sec-2.2/horizon/start",
        "text",
        "section 2.2, convergence rate, fourth term, with H",
        "The horizon for the part of the start with H: off like that with L, but the second to fourth term together make up for it.",
        latex=(HORIZON_LATEX,),
        unparsed=HORIZON,
        readings=(
            Reading(
                "what is printed against what (7) asks for",
                at_most(NEEDED_FOR_START[1], sum((*PRINTED_FOR_OTHERS[1:], PRINTED_FOR_START[1]))),
                (given.strongly_convex,),
                says="where mu >= 1, of two positive numbers the sum is at least the geometric mean: that of the second and third term is "
                "sqrt(L mu) times what is asked for; where mu <= 1 the fourth is enough",
            ),
        ),
    ),
    Claim(
        "local_sgd/sec-2.2/rate",
        "text",
        "section 2.2, convergence rate",
        "For constant K and H, the rate of the first term.",
        latex=(r"O\left(\frac{\sigma^2}{\mu K T}\right)",),
        unparsed="one side only; read twice",
        readings=printed(
            at_most(output_gap, ORDER * FIRST),
            EVERY_GAP,
            rate=Rate("local_sgd/theorem-2.2", (FIRST,), (T,), at=FIVE_CONDITIONS, **IMPROVED_LONG),
            says="the other terms fall faster in T, and their hidden factors hold K, H and 1 / sigma",
        ),
    ),
    Claim(
        "local_sgd/sec-2.2/gap",
        "text",
        "section 2.2, global synchronization steps",
        "How rarely workers may synchronise, sigma and G kept.",
        latex=(r"H = O\left(\frac{T^{1/2} \sigma}{K^{1/2} G} + \frac{T}{K}\right)",),
        readings=(
            Reading(
                "every such gap attains the rate",
                equals(H, ORDER * sp.sqrt(T / R) * sigma_max / G + ORDER * T / R),
                rate=Largest(H, H**2 * G**2 / T**2, sigma_max**2 / (R * T), T / R, (T, R, H, G, sigma_max)),
                says="a gap of order T / K, the second term, is allowed; the third term of (7) is then G^2 / K^2, whatever T",
            ),
            Reading(
                "every gap that attains the rate is such",
                at_most(H, sigma_max * sp.sqrt(T / R) / G + T / R),
                (given.gap_within_noise,),
                says="the first summand alone is necessary for (7) to have the rate, so the sum is too",
            ),
        ),
        correction=Reading(
            "corrected: the first summand alone",
            equals(H, ORDER * sp.sqrt(T / R) * sigma_max / G),
            rate=Largest(H, H**2 * G**2 / T**2, sigma_max**2 / (R * T), sp.sqrt(T / R) * sigma_max / G, (T, R, H, G, sigma_max)),
        ),
        improvement=Reading(
            "improved: the second summand, which is the larger for T >= K, by the improved Corollary 2.3",
            equals(H, ORDER * T / R),
            rate=Largest(H, H * sigma_max**2 / T**2, sigma_max**2 / (R * T), T / R, (T, R, H, sigma_max)),
            says="what is printed is not known from (7), and all the same allowed: there H stands once, beside sigma^2",
        ),
    ),
    Claim(
        "local_sgd/sec-2.2/gap/start",
        "text",
        "section 2.2, global synchronization steps",
        "At the largest gap that the deviation allows, the start is not felt: its term falls faster in K and in T.",
        unparsed="stated in words; read twice",
        readings=printed(
            at_most(H**3 * G**2 / T**3, ORDER * sigma_max**2 / (R * T)),
            rate=Largest(
                H, H**3 * G**2 / T**3, sigma_max**3 / (G * sp.sqrt(R**3 * T**3)), sp.sqrt(T / R) * sigma_max / G, (T, R, H, G, sigma_max)
            ),
            says="there the fourth term of (7) is sigma / (G sqrt(K T)) times the first, at most 1",
        ),
    ),
    Claim(
        "local_sgd/sec-2.2/sublinear-gap",
        "text",
        "section 2.2, global synchronization steps",
        "Any gap that grows more slowly than the horizon still gives convergence.",
        latex=(r"H = o(T)",),
        unparsed="a limit; read twice",
        readings=(
            Reading(
                "as printed",
                at_most(output_gap, ORDER / T + ORDER / rounds),
                EVERY_GAP,
                rate=AT_ROUNDS,
                says="for a gap T / N: H = o(T) says that N grows without bound",
            ),
        ),
    ),
    Claim(
        "local_sgd/sec-2.2/lower-rate",
        "text",
        "section 2.2, global synchronization steps",
        "Where workers meet more rarely than the rate allows, the third term of (7) is at least the first.",
        latex=("though at a lower rate",),
        unparsed="words; coded for the orders of both terms; read twice",
        readings=printed(
            at_least(DRIFT, FIRST),
            (
                given.strongly_convex,
                Hypothesis("gap_beyond_noise", "H >= sigma sqrt(T / K) / G", sigma_max**2 * T / (R * G**2) <= H**2),
            ),
            says="of the bound; that the method itself is slower there is not said by it",
        ),
        relies=("local_sgd/sec-2.2/gap",),
    ),
    Claim(
        "local_sgd/sec-2.2/saving",
        "text",
        "section 2.2, saving in communication",
        "How rarely workers may synchronise, batches of b, all else constant.",
        latex=(r"H = O\left(\frac{T^{1/2}}{K^{1/2} b^{1/2}}\right)",),
        readings=(Reading("as printed", **BATCHED_GAP),),
        improvement=Reading("improved: T / K, for every batch, by the improved (3)", **largest_gap(H / (b * T**2), 1 / (R * b * T), T / R)),
    ),
    Claim(
        "local_sgd/sec-2.2/saving/rate",
        "text",
        "section 2.2, saving in communication",
        "At that gap the rate is that of parallel mini-batch SGD.",
        unparsed="stated in words; read twice",
        readings=printed(
            at_most(output_gap, ORDER * RATE_AT_GAP[0]),
            (*EVERY_GAP, given.batches),
            rate=AT_GAP,
            says="what is left of the start falls like 1 / T^2 or faster",
        ),
        improvement=Reading(
            "improved: at the larger gap T / K, so with as many rounds as workers, however long the run",
            at_most(output_gap, ORDER * RATE_AT_GAP[0]),
            (*VARIANCE_ALONE, given.batches),
            rate=at_gap(T / R, 1),
            says="the order of K rounds, kappa held fixed, where sqrt(T K b) are printed; no second moment is asked for",
        ),
    ),
    Claim(
        "local_sgd/sec-2.2/rounds",
        "text",
        "section 2.2, saving in communication",
        "How few rounds suffice: as many as printed, but not fewer.",
        latex=(r"o((TKb)^{1/2})",),
        unparsed="one side only; read twice",
        readings=(
            Reading(
                "as printed",
                equals(rounds, ORDER * sp.sqrt(T * R * b) / factor),
                rate=Largest(
                    rounds,
                    1 / rounds**2,
                    1 / (R * b * T),
                    sp.sqrt(T * R * b) / factor,
                    (T, R, b, rounds, factor),
                    smallest=True,
                    within=(sp.Ge(rounds, 1, evaluate=False), sp.Le(R * b, T)),  # at least a round, and at most T needed
                ),
                says="o(.) is a number of rounds below the root by a factor that grows without bound, however slowly",
            ),
        ),
        correction=Reading(
            "corrected: O for o",
            equals(rounds, ORDER * sp.sqrt(T * R * b)),
            rate=Largest(rounds, 1 / rounds**2, 1 / (R * b * T), sp.sqrt(T * R * b), (T, R, b, rounds, factor), smallest=True),
            says="T / H at the gap printed in the sentence before",
        ),
        misprint="o for O: H = O((T / (K b))^(1/2)) leaves at least the order of (T K b)^(1/2) rounds",
    ),
    Claim(
        "local_sgd/sec-2.2/reduction",
        "text",
        "section 2.2, saving in communication",
        "Rounds are fewer than in parallel mini-batch SGD by the gap.",
        latex=(r"O(T^{1/2} K^{-1/2} b^{-1/2})",),
        unparsed="one side only; read twice",
        readings=(Reading("as printed", **BATCHED_GAP),),
    ),
    Claim(
        "local_sgd/sec-2.2/one-shot",
        "text",
        "section 2.2, extreme cases",
        "For one-shot averaging, H = T, the bound does not vanish.",
        latex=(r"H = T",),
        unparsed="one side only; read twice",
        readings=printed(
            at_least(256 * T / (mu**2 * S_T.doit()) * G**2 * T**2 * L, 64 * G**2 * L / mu**2),
            (given.shift_within_horizon,),
            says="the third term of (6) at H = T stays above a constant, however large T",
        ),
        improvement=Reading(
            "improved: that of one worker does: one-shot averaging converges like 1 / T, if not faster with more workers",
            at_most(output_gap, ORDER / T),
            ONCE,
            rate=Rate("local_sgd/sec-2/one-shot", (1 / T,), (T, R), at={a: 5 * L / mu, H: T}, floors=LONG, improved=True),
            says="as convexity alone gives it (section 2.1)",
        ),
    ),
    Claim(
        "local_sgd/sec-2.2/no-noise",
        "text",
        "section 2.2, extreme cases",
        "Without noise, or with many workers, the rate is 1 / T^2.",
        latex=(r"O\left(\frac{1}{T^2}\right)",),
        unparsed="one side only; read twice",
        readings=tuple(
            Reading(
                name,
                at_most(output_gap, ORDER / T**2),
                EVERY_GAP,
                rate=Rate("local_sgd/theorem-2.2", (1 / T**2,), (T,), at={**at, **FIVE_CONDITIONS}, **IMPROVED_LONG),
            )
            for name, at in (("without noise", {sigma_max: 0}), ("as many workers as iterations", {R: T}))
        ),
    ),
    Claim(
        "local_sgd/sec-2.2/gradient-descent",
        "text",
        "section 2.2, extreme cases",
        "Gradient descent with a constant step converges linearly.",
        unparsed="stated in words; read twice",
        readings=printed(
            at_most(norm_sq(x - eta * g_x), (1 - mu * eta) * norm_sq(x)),
            (given.smooth, given.strongly_convex, given.minimiser, given.fixed_step_at_most_half),
            facts=(
                fact("f is L-smooth and smallest at x*", 2 * L * (f_x - f_least) - norm_sq(g_x), eta**2),
                fact("f is mu-strongly convex: to x*", above_paraboloid(f_least, f_x, g_x, -x), 2 * eta),
                fact("f is smallest at x*", f_x - f_least, 2 * eta - 2 * eta**2 * L),
            ),
            arena="function",
            setting={"y": "x*"},
            says="x stands for x_t - x*",
        ),
    ),
    # Section 3
    Claim(
        "local_sgd/eq-8",
        "definition",
        "section 3, (8)",
        "The virtual sequence: the mean of the local iterates.",
        latex=(r"\bar{\mathbf{x}}_0 = \mathbf{x}_0, \quad \bar{\mathbf{x}}_t = \frac{1}{K} \sum_{k=1}^K \mathbf{x}_t^k",),
        unparsed="a definition; read twice",
        readings=(Reading("as printed", says="what all lemmas bound"),),
    ),
    Claim(
        "local_sgd/sec-3/at-synchronisation",
        "text",
        "section 3, after (8)",
        "Whenever workers synchronise they are at their mean.",
        latex=(r"\bar{\mathbf{x}}_t = \mathbf{x}_t^k",),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(
            equals(deviation_sq.subs(t, t_i), 0),
            (given.same_function,),
            follows=Cancels(deviation_sq.subs(t, t_i), MEAN - MEAN),
            arena="run",
            setting={"step": "decaying"},
            says="t_i in I_T: (4) puts every worker at the mean of what all have",
        ),
    ),
    Claim(
        "local_sgd/sec-3/synchronised",
        "text",
        "section 3, after (8)",
        "Where workers have just synchronised they are at their mean.",
        latex=(r"\bar{\mathbf{x}}_t \equiv \mathbf{x}_t^k",),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(
            equals(deviation_sq, 0),
            (given.same_function, given.gap_from_zero, given.every_iteration),
            follows=Cite("local_sgd/sec-2/parallel"),
            arena="run",
            setting={"step": "fixed"},
        ),
        restates="local_sgd/sec-2/parallel",
    ),
    Claim(
        "local_sgd/eq-9",
        "definition",
        "section 3, (9)",
        "The mean stochastic gradient and its expectation.",
        latex=(
            r"\mathbf{g}_t := \frac{1}{K} \sum_{k=1}^K \nabla f_{i_t^k}(\mathbf{x}_t^k), \quad \bar{\mathbf{g}}_t := \frac{1}{K} "
            r"\sum_{k=1}^K \nabla f(\mathbf{x}_t^k)",
        ),
        unparsed="a definition; read twice",
        readings=(Reading("as printed", says="the gradients that Lemmas 3.1 and 3.2 speak of"),),
    ),
    Claim(
        "local_sgd/sec-3/unbiased",
        "text",
        "section 3, after (9)",
        "The mean stochastic gradient is unbiased.",
        latex=(r"\mathbb{E} \mathbf{g}_t = \bar{\mathbf{g}}_t",),
        unparsed="an expectation; coded for one worker, two functions and a coordinate; read twice",
        readings=printed(
            equals(sum(SLOPES) / 2, sp.diff(sum(slope * shift for slope in SLOPES) / 2, shift)),
            says="each index has chance 1 / n, and f is the mean of the f_i; the mean over workers is linear",
        ),
        relies=("local_sgd/eq-2", "local_sgd/eq-9"),
    ),
    Claim(
        "local_sgd/sec-3/virtual-step",
        "text",
        "section 3, after (9)",
        "The virtual sequence steps by the mean stochastic gradient, whether or not workers synchronise.",
        latex=(r"\bar{\mathbf{x}}_{t+1} = \bar{\mathbf{x}}_t - \eta_t \mathbf{g}_t",),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(
            equals(lag_sq, 0),
            (given.same_function,),
            follows=Invariant(lag_sq, start=zero, now=MEAN - x_tilde, following=MEET),
            arena="run",
            setting={"step": "fixed"},
            says="the mean of the local iterates, less the sum of all mean steps from x_0",
        ),
    ),
    Claim(
        "local_sgd/lemma-3.1",
        "lemma",
        "section 3, Lemma 3.1, (10); proof in Appendix A",
        "One step towards the minimiser: noise and the deviation of the workers are the price.",
        latex=(
            r"\mathbb{E} \|\bar{\mathbf{x}}_{t+1} - \mathbf{x}^*\|^2 &\leq (1 - \mu\eta_t) \mathbb{E} \|\bar{\mathbf{x}}_t - "
            r"\mathbf{x}^*\|^2 + \eta_t^2 \mathbb{E} \|\mathbf{g}_t - \bar{\mathbf{g}}_t\|^2 \\ &\quad - \frac{1}{2} \eta_t \mathbb{E} "
            r"(f(\bar{\mathbf{x}}_t) - f^*) + 2\eta_t L \frac{1}{K} \sum_{k=1}^K \mathbb{E} \|\bar{\mathbf{x}}_t - \mathbf{x}_t^k\|^2",
        ),
        readings=printed(
            LEMMA_3_1, (*PROBLEM, given.step_at_most_quarter), follows=expected(LEMMA_3_1_STEP, eta_t, **LEMMA_3_1_FACTS), arena="run"
        ),
        improvement=Reading(
            "improved: any step up to 1/L, four times the progress of a small one and half of the deviation",
            SHARP_3_1,
            (*PROBLEM, given.step_at_most_inverse),
            follows=expected(SHARP_3_1_STEP, eta_t, **SHARP_3_1_FACTS),
            arena="run",
            says="gradients at the local iterates are kept, and smoothness leads to their mean; where mu = L and no worker deviates, the "
            "progress is exact",
        ),
        relies=("local_sgd/footnote-2", "local_sgd/footnote-3", "local_sgd/eq-4", "local_sgd/eq-8", "local_sgd/eq-9"),
    ),
    Claim(
        "local_sgd/lemma-3.2",
        "lemma",
        "section 3, Lemma 3.2",
        "The mean stochastic gradient has a K-th of the variance.",
        latex=(r"\mathbb{E} \|\mathbf{g}_t - \bar{\mathbf{g}}_t\|^2 \leq \frac{\sigma^2}{K}",),
        readings=printed(LEMMA_3_2, (given.same_function, given.variance), follows=INDEPENDENT, arena="run"),
        relies=("local_sgd/eq-9",),
    ),
    Claim(
        "local_sgd/lemma-3.3",
        "lemma",
        "section 3, Lemma 3.3, (11)",
        "With a decaying step the local iterates come closer to their mean, like the square of the step.",
        latex=(r"\frac{1}{K} \sum_{k=1}^K \mathbb{E} \|\bar{\mathbf{x}}_t - \mathbf{x}_t^k\|^2 \leq 4\eta_t^2 G^2 H^2",),
        readings=printed(
            LEMMA_3_3,
            (*DEVIATION, given.decaying_step, given.unit_numerator, given.shift_above_gap),
            follows=Cite("local_sgd/lemma-3.3/any-numerator"),
            arena="deviation",
            setting={"step": "decaying"},
        ),
        improvement=Reading(
            "improved: (9/4) (H - 1)^2 for 4 H^2, which is sharp at H = 2",
            SHARP_3_3,
            (*DEVIATION, given.decaying_step, given.unit_numerator, given.shift_above_gap),
            follows=Cite("local_sgd/lemma-3.3/any-numerator", improved=True),
            arena="deviation",
            setting={"step": "decaying"},
        ),
        relies=("local_sgd/definition-2.1", "local_sgd/eq-4", "local_sgd/eq-8"),
    ),
    Claim(
        "local_sgd/lemma-3.3/any-numerator",
        "lemma",
        "section 3, Lemma 3.3; Theorem 2.2 has the step 4 / (mu (a + t))",
        "The same for a step of any numerator: only its ratio between two iterations matters.",
        unparsed="stated in words; read twice",
        readings=printed(
            LEMMA_3_3,
            (*DEVIATION, given.decaying_step, given.shift_above_gap),
            follows=Instance(
                Weakened(
                    Instance(STRETCH, {STEP_I: xi / (a + (STEP_I.args[0]))}),
                    at_most(deviation_sq, 4 * xi**2 * G**2 * H**2 / (a + t) ** 2),
                    (given.last_synchronisation,),
                ),
                {xi: eta_t * (a + t)},
            ),
            arena="deviation",
            setting={"step": "decaying"},
        ),
        improvement=Reading(
            "improved: (9/4) (H - 1)^2 for 4 H^2, which is sharp at H = 2",
            SHARP_3_3,
            (*DEVIATION, given.decaying_step, given.shift_above_gap),
            follows=Instance(
                Weakened(
                    Instance(
                        Chained(
                            Cite("local_sgd/eq-30"),
                            Granted(
                                at_most(local_progress_sq, (((n + 1) * STEP_I + (n - 1) * eta_t) / 2) ** 2 * G**2),
                                by="Jensen's inequality, steps as weights; 1 / (a + h) is convex in h, so the n steps since t_i add up "
                                "to at most those on the chord from t_i to t_i + n",
                            ),
                        ),
                        {STEP_I: xi / (a + (STEP_I.args[0])), eta_t: xi / (a + t)},
                    ),
                    at_most(deviation_sq, sp.Rational(9, 4) * xi**2 * G**2 * (H - 1) ** 2 / (a + t) ** 2),
                    (given.n_since_synchronisation, given.since_synchronisation),
                ),
                {xi: eta_t * (a + t)},
            ),
            arena="deviation",
            setting={"step": "decaying"},
        ),
    ),
    Claim(
        "local_sgd/lemma-3.3/step",
        "lemma",
        "section 3, Lemma 3.3, in brackets",
        "How the gap and the step are related.",
        latex=(r"H \geq \frac{1}{\eta_t}, \forall t \geq 0",),
        unparsed="with a quantifier; read twice",
        readings=printed(at_least(H, a + t), (given.shift_above_gap,)),
        correction=Reading("corrected: at most", at_most(H, a + t), (given.shift_above_gap,)),
        misprint="H >= 1 / eta_t for H <= 1 / eta_t: 1 / eta_t = a + t, and a >= H",
    ),
    Claim(
        "local_sgd/lemma-3.4",
        "lemma",
        "section 3, Lemma 3.4, (12) and (13)",
        "What a recursion like (12) adds up to, with quadratic weights.",
        latex=(
            r"\frac{A}{S_T} \sum_{t=0}^{T-1} w_t e_t \leq \frac{\mu a^3}{4S_T} a_0 + \frac{2T(T+2a)}{\mu S_T} B + \frac{16T}{\mu^2 S_T} C",
        ),
        readings=printed(
            sum_bound(drop, variance_term, drift_term),
            (given.four_over_mu_step, given.shift_above_one),
            follows=weighted(ANY_RECURSION),
            arena="recursion",
            setting=SETTING,
            says="of numbers that obey (12), whatever A, B and C",
        ),
    ),
    Claim(
        "local_sgd/eq-12",
        "equation",
        "section 3, Lemma 3.4, (12)",
        "The recursion of Theorem 2.2's proof: Lemmas 3.1 to 3.3 with A = 1/2, B = sigma^2 / K, C = 8 G^2 H^2 L.",
        latex=(r"a_{t+1} \leq (1 - \mu\eta_t) a_t - \eta_t e_t A + \eta_t^2 B + \eta_t^3 C",),
        letters={"A": sp.Rational(1, 2), "B": VARIANCE, "C": 8 * G**2 * H**2 * L},
        readings=printed(
            recursion(sp.Rational(1, 2), VARIANCE, 8 * G**2 * H**2 * L),
            PROOF,
            follows=RECURSION,
            arena="run",
            setting=SETTING,
        ),
        improvement=Reading(
            "improved: A = 1 and C = 2 (1 - 1/K) sigma^2 (H - 1) L, for every a >= 4 kappa that is at least 8",
            SHARP_12,
            (*VARIANCE_ALONE, given.shift_at_least_eight),
            follows=SHARP_RECURSION,
            arena="run",
            setting=SETTING,
        ),
    ),
    Claim(
        "local_sgd/lemma-3.4/weights",
        "lemma",
        "section 3, Lemma 3.4",
        "The sum of the weights in closed form.",
        latex=(r"S_T := \sum_{t=0}^{T-1} w_t = \frac{T}{6} (2T^2 + 6aT - 3T + 6a^2 - 6a + 1)",),
        unparsed="a chain; read twice",
        readings=printed(equals(S_T.doit(), T / 6 * (2 * T**2 + 6 * a * T - 3 * T + 6 * a**2 - 6 * a + 1))),
    ),
    Claim(
        "local_sgd/lemma-3.4/weights-at-least",
        "lemma",
        "section 3, Lemma 3.4",
        "And what it is at least.",
        latex=(r"\frac{T}{6} (2T^2 + 6aT - 3T + 6a^2 - 6a + 1) \geq \frac{1}{3} T^3",),
        readings=printed(at_least(T / 6 * (2 * T**2 + 6 * a * T - 3 * T + 6 * a**2 - 6 * a + 1), T**3 / 3), (given.shift_above_one,)),
    ),
    # The proof of Theorem 2.2, which is printed here
    Claim(
        "local_sgd/sec-3/proof",
        "step",
        "section 3, proof of Theorem 2.2",
        "The theorem by the four lemmas: they ask for a >= 16 kappa and a >= H.",
        unparsed="stated in words; read twice",
        readings=printed(
            THEOREM_2_2,
            PROOF,
            follows=BY_THE_LEMMAS,
            arena="run",
            setting=SETTING,
            says="under the conditions that the lemmas need",
        ),
        improvement=Reading(
            "improved: half of the first two terms and 32 (1 - 1/K) (H - 1) sigma^2 for 256 H^2 G^2, for every a >= max{4 kappa, 8}",
            halved_theorem(32 * STRAYED * L),
            (*VARIANCE_ALONE, given.shift_at_least_eight),
            follows=Isolated(Combined((OUTPUT, weighted(SHARP_RECURSION)), (1, 1)), output_gap),
            arena="run",
            setting=SETTING,
            says="by the improved (12) and the printed Lemma 3.4; other weights halve the first two terms again (Theorem 2.2)",
        ),
        relies=("local_sgd/lemma-3.1", "local_sgd/lemma-3.2", "local_sgd/lemma-3.3", "local_sgd/lemma-3.4"),
    ),
    Claim(
        "local_sgd/sec-3/step-condition",
        "step",
        "section 3, proof of Theorem 2.2: Lemma 3.1 is applied",
        "The theorem's condition on a is to give Lemma 3.1 its step of at most 1 / (4 L).",
        latex=(r"\eta_t \leq \frac{1}{4L}",),
        letters={r"\eta_t": FOUR[eta_t]},
        readings=printed(
            at_most(FOUR[eta_t], 1 / (4 * L)),
            (given.strongly_convex, given.shift_above_four_condition, given.shift_above_gap_over_mu),
        ),
        correction=Reading(
            "corrected: a >= 16 kappa",
            at_most(FOUR[eta_t], 1 / (4 * L)),
            (given.strongly_convex, given.shift_above_sixteen_condition),
        ),
        misprint="a > 4 kappa gives eta_t < 1 / L; the numerator 4 of the step was left out",
    ),
    Claim(
        "local_sgd/sec-3/one-step",
        "step",
        "section 3, proof of Theorem 2.2: A = 1/2 (Lemma 3.1)",
        "(10) for the theorem's steps: it fails for steps near 1 / L.",
        latex=(r"A = \frac{1}{2}",),
        unparsed="stated in words; read twice",
        readings=printed(LEMMA_3_1, THEOREM, arena="run", setting=SETTING, says="Lemma 3.1 applied under the conditions of Theorem 2.2"),
        correction=Reading(
            "corrected: a >= 16 kappa",
            LEMMA_3_1,
            (*RUN, given.shift_above_sixteen_condition),
            follows=Cite("local_sgd/lemma-3.1"),
            arena="run",
            setting=SETTING,
        ),
        improvement=Reading(
            "improved: for the theorem's own steps, by the improved Lemma 3.1",
            SHARP_3_1,
            EVERY_GAP,
            follows=Cite("local_sgd/lemma-3.1", improved=True),
            arena="run",
            setting=SETTING,
        ),
        misprint="Lemma 3.1 asks for eta_t <= 1 / (4 L), the theorem's condition gives 1 / L",
    ),
    Claim(
        "local_sgd/sec-3/gap-condition",
        "step",
        "section 3, proof of Theorem 2.2: Lemma 3.3 is applied",
        "The theorem's condition on a is to give Lemma 3.3 its a >= H.",
        latex=(r"a > \max\{4\kappa, \frac{H}{\mu}\}",),
        unparsed="stated in words; read twice",
        readings=printed(at_least(a, H), (given.strongly_convex, given.shift_above_four_condition, given.shift_above_gap_over_mu)),
        correction=Reading("corrected: H for H / mu", at_least(a, H), (given.shift_strictly_above_gap,)),
        misprint="H / mu has a unit: where mu is large the printed condition asks nothing of H",
    ),
    Claim(
        "local_sgd/sec-3/deviation",
        "step",
        "section 3, proof of Theorem 2.2: C = 8 G^2 H^2 L (Lemma 3.3)",
        "(11) for the theorem's steps: it stands without a >= H, by strong convexity.",
        latex=(r"C = 8G^2 H^2 L",),
        unparsed="a constant, coded as the deviation it stands for; read twice",
        readings=printed(
            LEMMA_3_3,
            (given.smooth, given.strongly_convex, *DEVIATION, given.four_over_mu_step),
            follows=Instance(near(4), {mu: 4 / (eta_t * (a + t))}),
            arena="run",
            setting=SETTING,
            says="for every a > 0: while a + t <= 8 H the iterates are within G / mu of the minimiser, later a + t >= 2 (t - t_0)",
        ),
        improvement=Reading(
            "improved: (1 - 1/K) (H - 1) sigma^2 for 4 H^2 G^2, with the step before; for a >= 4 kappa, which is at hand",
            at_most(deviation_sq, 16 * STRAYED / (mu**2 * sp.Max(a, a + t - 1) ** 2)),
            VARIANCE_ALONE,
            follows=strays(),
            arena="run",
            setting=SETTING,
            says="a step of at most 1 / L brings two workers with one convex f closer: only noise drives them apart. Sharp at H = 2",
        ),
    ),
    Claim(
        "local_sgd/sec-3/constant-b",
        "step",
        "section 3, proof of Theorem 2.2: the constant B",
        "B is the variance of the mean stochastic gradient.",
        latex=(r"B = \frac{a^2}{K}",),
        unparsed="a constant, coded as the bound it stands for; read twice",
        readings=printed(at_most(noise_sq, a**2 / R), THEOREM, arena="run", setting=SETTING),
        correction=Reading("corrected: sigma^2 / K", LEMMA_3_2, THEOREM, follows=Cite("local_sgd/lemma-3.2"), arena="run", setting=SETTING),
        misprint="a^2 / K for sigma^2 / K, which Lemma 3.2 proves and (6) has",
    ),
    Claim(
        "local_sgd/sec-3/output",
        "step",
        "section 3, proof of Theorem 2.2: convexity",
        "The function gap of the output is at most the weighted mean of the function gaps.",
        latex=(r"\mathbb{E} f(\bar{x}_T) - f^* \leq \frac{1}{S_T} \sum_{t=0}^{T-1} w_t e_t",),
        letters={r"\mathbb{E} f(\bar{x}_T) - f^*": function_gap.subs(t, T)},
        readings=printed(
            at_most(function_gap.subs(t, T), SQUARED_GAPS / S_T),
            (*THEOREM,),
            arena="run",
            setting=SETTING,
            says="x_bar_T, as (8) defines it, is the mean of the last iterates",
        ),
        correction=Reading(
            "corrected: x_hat_T", at_most(output_gap, SQUARED_GAPS / S_T), (*THEOREM,), follows=OUTPUT, arena="run", setting=SETTING
        ),
        misprint="x_bar_T for x_hat_T, the weighted mean",
    ),
    Claim(
        "local_sgd/sec-3/weighted-averaging",
        "text",
        "section 3, weighted averaging",
        "Averaging the local sequences with other weights, two workers: the same variance only for equal weights.",
        unparsed="stated in words; read twice",
        readings=(
            Reading(
                "the same bound",
                at_most(TWO_WEIGHTS * sigma_max**2, sigma_max**2 / 2),
                (given.convex_weights,),
                says="Lemma 3.2 with weights lambda and 1 - lambda",
            ),
            Reading(
                "convergence all the same",
                at_most(TWO_WEIGHTS * sigma_max**2, sigma_max**2),
                (given.convex_weights,),
                says="the variance is never more than that of one worker",
            ),
        ),
        correction=Reading(
            "corrected: with the largest weight in the place of 1 / K",
            at_most(TWO_WEIGHTS * sigma_max**2, sp.Max(mixing, 1 - mixing) * sigma_max**2),
            (given.convex_weights,),
        ),
        misprint="the variance is multiplied by the sum of the squared weights, which is smallest, 1 / K, for equal ones",
    ),
    Claim(
        "local_sgd/sec-3/weighted-averaging/workers",
        "text",
        "section 3, weighted averaging",
        "Weights that add up to 1 have squares that add up to at least 1 / K, as equal ones do: these leave least variance.",
        unparsed="stated in words; read twice",
        readings=printed(
            at_least(n * average_norm_sq(u / n + u_i.deviation), norm_sq(u) / n),
            follows=Certified(at_least(n * average_norm_sq(u / n + u_i.deviation), norm_sq(u) / n)),
            arena="vectors",
            says="n workers; lambda_k times a vector u is u / n plus a deviation, whose mean is zero",
        ),
    ),
    Claim(
        "local_sgd/sec-3/conditions-on-a",
        "text",
        "section 3, conditions on a",
        "The condition on the step holds from some iteration on, whatever a.",
        latex=(r"\eta_t \leq \frac{1}{4L}",),
        letters={r"\eta_t": FOUR[eta_t]},
        readings=printed(at_most(FOUR[eta_t], 1 / (4 * L)), (given.decaying_step, given.late), says="from t = 16 kappa on"),
    ),
    Claim(
        "local_sgd/sec-3/conditions-on-a/revoked",
        "text",
        "section 3, conditions on a",
        "No condition on a is needed: while the step is longer than 1 / (4 L), gradients and strong convexity bound what it does.",
        unparsed="stated in words; read twice",
        readings=printed(
            REVOKED,
            (*RUN, given.shift_above_one),
            follows=Isolated(Combined((OUTPUT, weighted(ANY_STEP_RECURSION)), (1, 2)), output_gap),
            arena="run",
            setting=SETTING,
            says="Theorem 2.2 for every a > 1, with H^2 + 7 kappa^2 in the place of H^2: the order in T is the same",
        ),
        improvement=Reading(
            "improved: half of the first two terms, and 75/2 (1 - 1/K) (H - 1)^2 + 256 kappa^2 for 256 H^2 + 1792 kappa^2",
            SHARPLY_REVOKED,
            (*RUN, given.shift_above_one),
            follows=Isolated(Combined((OUTPUT, weighted(SHARP_ANY_RECURSION)), (1, 1)), output_gap),
            arena="run",
            setting=SETTING,
            says="by the improved Lemma 3.1 from steps of 1 / (2 L) on",
        ),
        relies=("local_sgd/sec-3/conditions-on-a",),
    ),
    Claim(
        "local_sgd/sec-3/adaptive",
        "text",
        "section 3, adaptive communication frequency",
        "For a small horizon, the term of (7) that depends on H^2 / T^2 suffers from a large gap.",
        latex=(r"\frac{H^2}{T^2} G^2",),
        unparsed="one side only; read twice",
        readings=printed(
            at_least(H**2 * L * G**2 / (mu**2 * T**2), sigma_max**2 / (mu * R * T)),
            (Hypothesis("short_run", "T <= H^2 G^2 K L / (mu sigma^2)", mu * sigma_max**2 * T <= H**2 * G**2 * R * L),),
            says="until then the third term of (7) is the larger, which a smaller H would help; the advice itself is not judged",
        ),
    ),
    Claim(
        "local_sgd/sec-4/rounds",
        "text",
        "section 4",
        "The abstract's factor again.",
        latex=(r"O(T^{1/2})",),
        unparsed="one side only; read twice",
        readings=(Reading("as printed", **largest_gap(H**2 / T**2, 1 / T, sp.sqrt(T), (T, H))),),
        restates="local_sgd/abstract/rounds",
    ),
)
