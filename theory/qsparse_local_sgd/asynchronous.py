r"""Qsparse-local-SGD, chapter 4 and Table 5.2: asynchronous operation (Algorithm 2), in the paper's order.

The proofs stand in Appendix D (`asynchronous_proofs`). t_i is t'_0 here, the earliest of the workers' last synchronisations up to t.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import sympy as sp

from theory import hypotheses as given
from theory.asymptotics import ORDER_VARIABLES, Rate
from theory.claim import Claim, Hypothesis, Reading, Relation, at_most, equals
from theory.notation import ORDER
from theory.qsparse_local_sgd.synchronous import (
    CONVEX,
    CONVEX_GAP,
    CONVEX_LIMIT_ORDERS,
    CONVEX_ORDERS,
    CONVEX_RUN,
    CONVEX_STEP,
    CONVEX_STEP_BOUND,
    CONVEX_STEP_LIMIT,
    CONVEX_TERMS,
    COROLLARY_2,
    COROLLARY_3,
    COROLLARY_3_LIMIT,
    DECAYING,
    DESCENT,
    FIXED,
    HALF_STEPS,
    HORIZON,
    HORIZON_FIRST,
    INDEPENDENT,
    KEEP,
    LAG_PRICE,
    MEMORY_LEMMA,
    NON_CONVEX_GAP,
    NON_CONVEX_ORDERS,
    NON_CONVEX_TERMS,
    SINCE,
    SMOOTH_RUN,
    STEPS,
    STORED,
    VARIANCE,
    convex_bound,
    convex_limit,
    drift_price,
    free_step,
    in_root,
    in_stored,
    largest_gap,
    mean_gap,
    printed,
    smallest_horizon,
    solved_horizon,
    stored,
    stored_out,
    summed,
)
from theory.rules import (
    Certified,
    Chained,
    Cite,
    Combined,
    Expected,
    Granted,
    InLetters,
    Instance,
    Invariant,
    Isolated,
    Minkowski,
    Rule,
    Using,
    Weakened,
    scaled,
)
from theory.scenes import u_i
from theory.symbols import (
    C,
    C_hat,
    G,
    H,
    J,
    L,
    R,
    T,
    a,
    awaited_sq,
    b,
    deviation_sq,
    earlier_memory_sq,
    eta,
    eta_of,
    eta_t,
    gamma,
    initial_gap,
    lag_sq,
    largest_progress_sq,
    master_less_messages_sq,
    mean_earlier_memory_sq,
    mean_largest_step_sq,
    mean_oldest_step_sq,
    mean_overtaken_step_sq,
    mean_unsent_since,
    memory_sq,
    mu,
    n,
    noise_sq,
    output_gap,
    output_gradient_sq,
    overtaken_sq,
    paired,
    sigma_max,
    since_oldest_sq,
    t,
    t_i,
    t_j,
    unsent_before_sq,
    unsent_since,
    xi,
)
from theory.vectors import Vector, average_dot, average_norm_sq, norm_sq, vector, worker_vector

# Constants: B of Appendix D, C'' of Lemma 9 over 8, and C' of Lemma 10 over 2
B = 4 - 2 * gamma
GROWTH = B * (1 + C / gamma**2)
FIXED_GROWTH = B * (8 / gamma**2 - 6)

LEMMA_9 = at_most(deviation_sq, 8 * (1 + 8 * GROWTH * H**2) * eta_t**2 * G**2 * H**2)
LEMMA_10 = at_most(deviation_sq, (2 + H**2 * 2 * FIXED_GROWTH) * eta**2 * G**2 * H**2)
LEMMA_11 = at_most(lag_sq, 192 * GROWTH * eta_t**2 * H**4 * G**2 + 12 * C * eta_t**2 / gamma**2 * G**2 * H**2)
LEMMA_12 = at_most(lag_sq, 6 * FIXED_GROWTH * eta**2 * H**4 * G**2 + 12 * eta**2 * (1 - gamma**2) / gamma**2 * G**2 * H**2)

FIXED_LEMMA = (*MEMORY_LEMMA, given.fixed_step)
DECAYING_LEMMA = (*MEMORY_LEMMA, *DECAYING)
FIXED_WORST = {"asynchronous": True, "gap": "from zero", "step": "fixed"}
DECAYING_WORST = {"asynchronous": True, "gap": "from zero", "step": "decaying"}
HORIZON_RUN = {"asynchronous": True, "gap": "from zero", "step": "horizon"}
CONVEX_RUNS = {"asynchronous": True, "gap": "from zero", "step": "strongly convex"}

# The workers' iterates lie around the mean x~_t of the virtual ones at a distance that owes nothing to how many messages there were:
# the master at t_r is that mean at t_r, plus the mean memory and the mean progress that has not been sent; from t_r on a worker leaves the
# mean by what its own steps differ from the mean of all. Progress is told apart by whether it was made before t'_0 or since.
_memory, _before, _since = (worker_vector(name) for name in ("memory at t_r", "unsent before t'_0", "unsent or relative since t'_0"))
_around = _memory + _before + _since
AROUND = {
    norm_sq(_around.mean): lag_sq, average_norm_sq(_around.deviation): deviation_sq,
    average_norm_sq(_memory): earlier_memory_sq, average_norm_sq(_before): unsent_before_sq, average_norm_sq(_since): since_oldest_sq,
    average_dot(_before, _since): unsent_since,
}  # fmt: skip
# In their mean, the lag, own steps cancel: what is left is each worker's memory at the last synchronisation of each other, and its progress
# from its own last one before that, for those that synchronised earlier
_kept, _awaited, _overtaken = (vector(name) for name in ("all memory at t_r", "awaited at t_r", "overtaken since t_r"))
BEHIND_OTHERS = {
    norm_sq(_kept + _awaited + _overtaken): lag_sq, norm_sq(_kept): mean_earlier_memory_sq, norm_sq(_awaited): awaited_sq,
    norm_sq(_overtaken): overtaken_sq,
}  # fmt: skip
EARLIER_MEMORY, MEAN_EARLIER_MEMORY = (
    Granted(at_most(quantity, memory_sq.subs(t, t_j)), by="Jensen; a mean over all t_r is at most the largest, that at one of them, j")
    for quantity in (earlier_memory_sq, mean_earlier_memory_sq)
)
OTHERS = 1 - 1 / R  # their share
YOUNGER_SQ = (R - 1) * (2 * R - 1) / (6 * R**2)  # mean square of i / R, i = 0, ..., R - 1
CONTRARY = (R - 1) * (5 * R + 2) / (12 * R**2)  # mean of 2 x (1 - x) at x = min(i / R, 1 / 2), i = 0, ..., R - 1
SPARED = (R - 1) / R**2  # by one iteration, unless all workers synchronised last at t'_0
UNSENT_BEFORE = Granted(
    at_most(unsent_before_sq, YOUNGER_SQ * largest_progress_sq.subs(t, t_j)),
    by="j = t'_0; in the order of t_r the k-th worker finds unsent what others did before t'_0, of at most the R - k after it",
)
AWAITED = Granted(
    at_most(awaited_sq, (OTHERS / 2) ** 2 * largest_progress_sq.subs(t, t_j)),
    by="at most R (R - 1) / 2 pairs, of which each has at most the largest unsent, at one of all t_r, j",
)
LARGEST_BOUNDED = Granted(
    at_most(mean_largest_step_sq, eta_of(t_i) ** 2 * G**2), by="second moment at most G^2 (Assumption 2); steps do not grow"
)
OLDEST_BOUNDED = Granted(
    at_most(mean_oldest_step_sq, (1 - SPARED * paired / n**2) * eta_of(t_i) ** 2 * G**2),
    by="with c the share of workers that synchronise after j, x <= 1 the norm of the mean of the others' steps, y <= c^2 / 2 the share of "
    "pairs of which one finds unsent what the other did at j, both after it: at most 1 - c + (1 - c) c^2 + c y + 2 (1 - c) x (c^2 - y) - "
    "((1 - c) x)^2 of (eta_j G)^2, which is at most 1, and at most 1 - 1 / R + 1 / R^2 where c >= 1 / R, as it is at t'_0 if any step "
    "before it is unsent then; steps do not grow",
)
PAIRS = Granted(equals(unsent_since, n * mean_unsent_since), by="a sum of n terms is n times their mean")
PAIR_BOUNDED = Granted(
    at_most(mean_unsent_since, CONTRARY * eta_of(t_j) * eta_of(t_i) * G**2),
    by="in the order of t_r the k-th worker's step before t'_0 is unsent for the first workers alone, at most k - 1 of them, a share x; "
    "over these the steps since, with c as above, add up to at most x (1 - x) + x (1 - c - x) + x c = 2 x (1 - x) where x <= 1 - c, else "
    "to (1 - x) (1 - c) + (1 - c) c + (c^2 - (1 - x)^2) / 2, which is at most 1/2, and at most that for the largest x <= (k - 1) / R where "
    "this is below 1/2; steps do not grow",
)
OVERTAKEN_BOUNDED = Granted(
    at_most(mean_overtaken_step_sq, (eta_of(t_i) * G / 4) ** 2),
    by="of all R^2 pairs at most R^2 / 4 have t_r <= j < t_s; second moment at most G^2 (Assumption 2); steps do not grow",
)


def since(quantity: sp.Expr, step: sp.Expr, bounded: Rule, share: sp.Expr = sp.S.One, spared: sp.Expr = sp.S.Zero) -> Rule:
    """A bound on the sum of less than H steps, from one on their mean square; `spared` of the squared number of steps."""
    added = Expected(Cite("qsparse_local_sgd/appendix-c.1/progress-2"), {n**2 * norm_sq(u_i.mean): quantity, average_norm_sq(u_i): step})
    to = at_most(quantity, (share * eta_of(t_i) * G) ** 2 * ((H - 1) ** 2 - spared))
    return Weakened(Using(added, (bounded,)), to, (given.since_synchronisation,))


LESS = SPARED * paired
CROSSING = Weakened(
    Using(PAIRS, (PAIR_BOUNDED,)),
    at_most(unsent_since, (CONTRARY * (H - 1) ** 2 - SPARED * (H - 1 - paired) / 2) * eta_of(t_j) * eta_of(t_i) * G**2),
    (given.iterations_paired,),
)
LARGEST = since(largest_progress_sq, mean_largest_step_sq, LARGEST_BOUNDED)
OLDEST = since(since_oldest_sq, mean_oldest_step_sq, OLDEST_BOUNDED, spared=LESS)
CROSSED = sp.Rational(1, 4)  # share of the pairs that one iteration parts, at most
OVERTAKEN = since(overtaken_sq, mean_overtaken_step_sq, OVERTAKEN_BOUNDED, CROSSED)


def around(memory: Rule, before: Rule, both: Rule, later: Rule, *roots: sp.Expr) -> Rule:
    """Lag and deviation together, from bounds on the memory and on the squares and the product of the rest, and two roots over eta_t G."""
    rest = Combined((before, both, later), (1, 2, 1))
    return Minkowski((_memory, _before + _since), (memory, rest), tuple(root * eta_t * G for root in roots), AROUND)


def behind_others(memory: Rule, awaited: Rule, overtaken: Rule, *roots: sp.Expr) -> Rule:
    """The lag alone, from the like."""
    return Minkowski((_kept, _awaited, _overtaken), (memory, awaited, overtaken), tuple(root * eta_t * G for root in roots), BEHIND_OTHERS)


MEMORY_FIXED_ROOT = KEEP * (1 + KEEP) / gamma * H
FIXED_MEMORY = Instance(Cite("qsparse_local_sgd/lemma-5", improved=True), {t: t_j, eta: eta_t})
FIXED_LARGEST = Instance(LARGEST, {eta_of(t_i): eta_t, t: t_j})
# 6 R^2 (1 + 2 CONTRARY + YOUNGER_SQ) (H - 1)^2 - 6 R^2 SPARED (H - 1), multiplied out, as derivations do
BESIDE = sp.sqrt(sp.expand((13 * R**2 - 6 * R - 1) * (H - 1) ** 2 - 6 * (R - 1) * (H - 1)))
APART_FIXED_ROOT = BESIDE / (sp.sqrt(6) * R)
TOGETHER_FIXED = (MEMORY_FIXED_ROOT + APART_FIXED_ROOT) ** 2  # lag and deviation together over (eta G)^2
LAG_FIXED = (MEMORY_FIXED_ROOT + (CROSSED + OTHERS / 2) * (H - 1)) ** 2  # the lag over the same
AROUND_FIXED = Instance(
    around(
        Chained(EARLIER_MEMORY, FIXED_MEMORY),
        Using(UNSENT_BEFORE, (FIXED_LARGEST,)),
        Instance(CROSSING, {eta_of(t_i): eta_t, eta_of(t_j): eta_t}),
        Instance(OLDEST, {eta_of(t_i): eta_t}),
        MEMORY_FIXED_ROOT,
        APART_FIXED_ROOT,
    ),
    FIXED,
)
BEHIND_OTHERS_FIXED = Instance(
    behind_others(
        Chained(MEAN_EARLIER_MEMORY, FIXED_MEMORY),
        Using(AWAITED, (FIXED_LARGEST,)),
        Instance(OVERTAKEN, {eta_of(t_i): eta_t}),
        MEMORY_FIXED_ROOT,
        OTHERS / 2 * (H - 1),
        CROSSED * (H - 1),
    ),
    FIXED,
)


def by_now(rule: Rule, bound: sp.Expr, quantity: sp.Expr, under: Hypothesis = given.recent_message) -> Rule:
    """A bound with the step at t_i or t_j, for the decaying step, as `bound` times the step at t."""
    scheduled = Instance(rule, {eta_of(t_i): xi / (a + t_i), eta_of(t_j): xi / (a + t_j)})
    to = at_most(quantity, bound * xi**2 / (a + t) ** 2)
    return Instance(Weakened(scheduled, to, (under,)), {xi: eta_t * (a + t)})


def earlier(rule: Rule, bound: sp.Expr, quantity: sp.Expr) -> Rule:
    """The same, for a step at t_i that is less than H iterations before j."""
    scheduled = Instance(rule, {eta_of(t_i): xi / (a + t_i)})
    to = at_most(quantity, bound * xi**2 / (a + t_j) ** 2)
    return Instance(Weakened(scheduled, to, (given.synchronised_before,)), {xi: eta_of(t_j) * (a + t_j)})


DECAYING_MEMORY = by_now(
    Instance(Cite("qsparse_local_sgd/lemma-4", improved=True), {t: t_j}),
    (stored * SINCE * H * G) ** 2,
    memory_sq.subs(t, t_j),
    given.recent_synchronisation,
)


DECAYING_LARGEST = by_now(
    earlier(Instance(LARGEST, {t: t_j}), (SINCE * (H - 1) * G) ** 2, largest_progress_sq.subs(t, t_j)),
    (SINCE**2 * (H - 1) * G) ** 2,
    largest_progress_sq.subs(t, t_j),
    given.recent_synchronisation,
)
BEHIND = SINCE * sp.sqrt(1 + 2 * CONTRARY * SINCE + YOUNGER_SQ * SINCE**2)  # what is spared is left out, to keep it short
AROUND_DECAYING = around(
    Chained(EARLIER_MEMORY, DECAYING_MEMORY),
    Using(UNSENT_BEFORE, (DECAYING_LARGEST,)),
    by_now(CROSSING, CONTRARY * SINCE**3 * (H - 1) ** 2 * G**2, unsent_since, given.pair_of_iterations),
    by_now(OLDEST, (SINCE * (H - 1) * G) ** 2, since_oldest_sq, given.between_synchronisations),
    stored * SINCE * H,
    BEHIND * (H - 1),
)
BEHIND_OTHERS_DECAYING = behind_others(
    Chained(MEAN_EARLIER_MEMORY, DECAYING_MEMORY),
    Using(AWAITED, (DECAYING_LARGEST,)),
    by_now(OVERTAKEN, (CROSSED * SINCE * (H - 1) * G) ** 2, overtaken_sq, given.between_synchronisations),
    stored * SINCE * H,
    OTHERS / 2 * SINCE**2 * (H - 1),
    CROSSED * SINCE * (H - 1),
)
AROUND_ROOT = stored * SINCE * H + BEHIND * (H - 1)  # root of lag and deviation together over eta_t G, in the decaying case
LAG_ROOT = stored * SINCE * H + (OTHERS / 2 * SINCE + CROSSED) * SINCE * (H - 1)  # that of the lag
# Its two parts over H and H - 1, in letters
held, behind = sp.Symbol("held", nonnegative=True), sp.Symbol("behind", nonnegative=True)
PARTS = {held: STORED * SINCE, behind: BEHIND}
FIXED_PARTS = {held: MEMORY_FIXED_ROOT, behind: APART_FIXED_ROOT}  # those with a fixed step, as they are
TOGETHER = (held**2 * H**2, 2 * held * behind * H * (H - 1), behind**2 * (H - 1) ** 2)  # the square of the root


def parts_out(relation: Relation, parts: Mapping[sp.Symbol, sp.Expr] = PARTS) -> Relation:
    """A relation with the letters `held` and `behind` written out."""
    return relation.map(lambda side: side.xreplace(parts))


def in_parts(of: Rule, to: Relation, parts: Mapping[sp.Symbol, sp.Expr] = PARTS) -> Rule:
    """The derivation of a relation in the letters `held` and `behind`, which are written out at the end."""
    return InLetters(Weakened(of, to), to={value: letter for letter, value in parts.items()}, back=parts)


def improved(to: Relation, derivation: Rule, arena: str, says: str) -> Reading:
    """A bound that grows like H^2, not H^4; with a fixed step if it speaks of eta."""
    fixed = to.rhs.has(eta)
    return Reading(
        "improved: messages add up to progress and memory, so no H^4",
        to if fixed else stored_out(to),
        FIXED_LEMMA if fixed else (*MEMORY_LEMMA, given.decaying_step, given.shift_above_memory),
        follows=derivation if fixed else in_stored(derivation, to),
        arena=arena,
        setting=FIXED_WORST if fixed else DECAYING_WORST,
        says=says,
    )


AT_ONCE = "the lag and the deviation together; for H = 1 it is the improved bound on the memory, as all workers synchronise always"
LAG_ALONE = "with two workers and H = 2 nothing smaller holds as runs grow long, nor with two, gamma = 1 and any H"
SHARPER_9 = improved(at_most(lag_sq + deviation_sq, AROUND_ROOT**2 * eta_t**2 * G**2), AROUND_DECAYING, "around", AT_ONCE)
SHARPER_10 = improved(at_most(lag_sq + deviation_sq, TOGETHER_FIXED * eta**2 * G**2), AROUND_FIXED, "around", AT_ONCE)
SHARPER_11 = improved(at_most(lag_sq, LAG_ROOT**2 * eta_t**2 * G**2), BEHIND_OTHERS_DECAYING, "lag", "the lag alone")
SHARPER_12 = improved(at_most(lag_sq, LAG_FIXED * eta**2 * G**2), BEHIND_OTHERS_FIXED, "lag", LAG_ALONE)


def proved_at(label: str, better: Reading) -> Reading:
    """An improvement that is derived where the proof has arrived at the printed bound."""
    return replace(better, follows=Cite(f"qsparse_local_sgd/{label}", improved=True))


# Theorems
NON_CONVEX_ASYNCHRONOUS = (initial_gap / C_hat + C_hat * L * VARIANCE) * 4 / sp.sqrt(T) + 8 * (
    12 * (1 - gamma**2) / gamma**2 + (2 + 8 * FIXED_GROWTH * H**2)
) * C_hat**2 * L**2 * G**2 * H**2 / T
THEOREM_3 = at_most(output_gradient_sq, NON_CONVEX_ASYNCHRONOUS)
DRIFT_3 = (held + behind) * HORIZON * L * G
THEOREM_3_IMPROVED = at_most(output_gradient_sq, in_root(HORIZON * L, HORIZON_FIRST, DRIFT_3))

NOISY_STEP = Using(Instance(Cite("qsparse_local_sgd/eq-3.9"), FIXED), (INDEPENDENT,))
SHARP_NOISY_STEP = Using(Cite("qsparse_local_sgd/eq-3.9", improved=True), (INDEPENDENT,))
FIXED_TOGETHER = Weakened(
    Isolated(
        Combined((Instance(SHARP_NOISY_STEP, FIXED), Cite("qsparse_local_sgd/lemma-10", improved=True)), (1, 4 * eta * L**2)),
        HALF_STEPS.subs(eta_t, eta),
    ),
    at_most(HALF_STEPS.subs(eta_t, eta), DESCENT + eta**2 * L / 2 * VARIANCE + 4 * eta**3 * L**2 * TOGETHER_FIXED * G**2),
)

FREE_TOGETHER = Combined(
    (free_step(HORIZON * L), Instance(Cite("qsparse_local_sgd/lemma-10", improved=True), {eta: eta_t})), (1, drift_price(HORIZON * L))
)

DRIFT_PRINTED = (3 * mu / 2 + 3 * L) * (12 * C * G**2 * H**2 / gamma**2 + 192 * GROWTH * eta_t**2 * H**4 * G**2) + 24 * (
    1 + 8 * GROWTH * H**2
) * L * G**2 * H**2
DRIFT_ASYNCHRONOUS = (3 * mu / 2 + 3 * L) * (12 * C * G**2 * H**2 / gamma**2 + 192 * GROWTH * H**4 * G**2) + 24 * (
    1 + 8 * GROWTH * H**2
) * L * G**2 * H**2
CONVEX_STEP_ASYNCHRONOUS = Using(Cite("qsparse_local_sgd/eq-C.40"), (Cite("qsparse_local_sgd/lemma-11"), Cite("qsparse_local_sgd/lemma-9")))
THEOREM_4 = mean_gap(CONVEX_STEP_ASYNCHRONOUS)


def with_both(step: Rule, priced: Relation, price: sp.Expr) -> Rule:
    """One step whose lag and deviation each cost at most `price`, with the bound on both together; in the letters of PARTS."""
    to = at_most(priced.lhs, priced.rhs.subs({lag_sq: 0, deviation_sq: 0}) + price * sum(TOGETHER) * eta_t**2 * G**2)
    both = Combined((step, Cite("qsparse_local_sgd/lemma-9", improved=True)), (1, price))
    return Weakened(Isolated(both, priced.lhs), to)


THEOREM_4_IMPROVED = at_most(output_gap, convex_limit(VARIANCE, *(LAG_PRICE * part * G**2 for part in TOGETHER)))
CONVEX_STEP_TOGETHER = with_both(Cite("qsparse_local_sgd/eq-C.40", improved=True), CONVEX_STEP_LIMIT, eta_t * LAG_PRICE)

# Orders: those of the synchronous case, where H^2 becomes H^2 + H^4
FOURTH = (NON_CONVEX_ORDERS[1] * H**2, CONVEX_ORDERS[3] * H**2)
NON_CONVEX_ROOT = sp.sqrt(gamma) * T ** sp.Rational(1, 8) / (b * R) ** sp.Rational(3, 8)
CONVEX_ROOT = sp.sqrt(gamma) * (T / (b * R)) ** sp.Rational(1, 4)
COROLLARY_4 = replace(
    COROLLARY_2,
    of="qsparse_local_sgd/theorem-3",
    terms=(*NON_CONVEX_ORDERS, FOURTH[0]),
    at={C_hat: sp.sqrt(b * R) * J / sigma_max},
)
COROLLARY_5 = replace(COROLLARY_3, of="qsparse_local_sgd/theorem-4", terms=(*CONVEX_ORDERS, FOURTH[1]))
COROLLARY_4_LIMIT = replace(
    COROLLARY_2,
    of=summed(FIXED_TOGETHER, 2),
    at_most={**COROLLARY_2.at_most, KEEP: sp.Integer(1), BESIDE: sp.sqrt(13) * R * H},
    improved=True,
)
COROLLARY_5_LIMIT = replace(
    COROLLARY_3_LIMIT, of="qsparse_local_sgd/theorem-4", ceilings={(BEHIND / SINCE) ** 2: sp.Integer(3), **COROLLARY_3_LIMIT.ceilings}
)
FOURTH_TERMS = (FOURTH[0], 1 / sp.sqrt(b * R * T))
FOURTH_CONVEX_TERMS = (FOURTH[1], 1 / (b * R * T))
LARGE_SHIFT = {C: 8 * (1 - gamma**2)}  # what a >= 8 H / gamma allows
TWICE_ABOVE = Hypothesis("shift_twice_above_memory", "a >= 8 H / gamma", a >= 8 * H / gamma)
AT_LARGE_SHIFT = (*DECAYING_LEMMA, TWICE_ABOVE)
# The same by the improved Lemmas 9 and 11, where a is not chosen: such a shift leaves a - KEEP (a + H) a share of a
LARGE_SHIFT_RUN = (*MEMORY_LEMMA, given.decaying_step, given.shift_above_memory, TWICE_ABOVE)
LAG_PARTS = {held: STORED * SINCE, behind: (OTHERS / 2 * SINCE + CROSSED) * SINCE}
NO_FOURTH = "improved: H^2 / gamma^2 alone, by the improved lemma"


def without_fourth(lemma: str, quantity: sp.Expr, parts: Mapping[sp.Symbol, sp.Expr], others: Mapping[Any, Any]) -> Rate:
    """The order eta_t^2 G^2 H^2 / gamma^2 of what an improved lemma bounds; `others` are ceilings of its part in `behind`."""
    within = at_most(quantity, sum(part * eta_t**2 * G**2 for part in TOGETHER))
    return Rate(
        in_parts(Cite(f"qsparse_local_sgd/{lemma}", improved=True), within, parts),
        (eta_t**2 * G**2 * H**2 / gamma**2,),
        (H, gamma),
        at_most={KEEP: sp.Integer(1)},
        floors={a - KEEP * (a + H): a * gamma / 4},
        ceilings={**others, a + H: 5 * a / 4, a + H - 1: 5 * a / 4, H - 1: H},
    )


NON_CONVEX_HORIZON = H**8 * (b * R) ** 3 / gamma**4
CONVEX_HORIZON = H**4 * b * R / gamma**2
AT_SMALLEST = "at the smallest horizon of the last column, which is the largest gap of the column before, said the other way round"


def at_smallest(rate: Rate, order: sp.Expr, horizon: sp.Expr) -> Rate:
    """That a bound is of one order at a horizon, for every H, b, R and gamma."""
    free = tuple(variable for variable in ORDER_VARIABLES if variable != T)
    return replace(rate, terms=(order.subs(T, horizon),), at={**rate.at, T: horizon}, free=free)


EARLIER = "improved: from the smaller horizon of the synchronous setting on, by the improved corollary"
ASYNCHRONOUS_RATE = Reading(
    "as printed",
    at_most(output_gradient_sq, ORDER / sp.sqrt(b * R * T)),
    (*SMOOTH_RUN, given.horizon_step, given.noisy),
    rate=at_smallest(COROLLARY_4, 1 / sp.sqrt(b * R * T), NON_CONVEX_HORIZON),
    says=AT_SMALLEST,
)
ASYNCHRONOUS_RATE_LIMIT = replace(
    ASYNCHRONOUS_RATE,
    name=EARLIER,
    rate=at_smallest(COROLLARY_4_LIMIT, 1 / sp.sqrt(b * R * T), H**4 * (b * R) ** 3 / gamma**4),
    says="at T = H^4 (b R)^3 / gamma^4",
)
ASYNCHRONOUS_CONVEX_RATE = Reading(
    "as printed",
    at_most(output_gap, ORDER / (b * R * T)),
    (*CONVEX, given.condition_number, given.noisy),
    rate=at_smallest(COROLLARY_5, 1 / (b * R * T), CONVEX_HORIZON),
    says=AT_SMALLEST,
)
ASYNCHRONOUS_CONVEX_RATE_LIMIT = replace(
    ASYNCHRONOUS_CONVEX_RATE,
    name=EARLIER,
    given=(*CONVEX_RUN, *CONVEX_STEP, given.condition_number, given.noisy),
    rate=at_smallest(COROLLARY_5_LIMIT, 1 / (b * R * T), H**2 * b * R / gamma**2),
    says="at T = H^2 b R / gamma^2",
)
BALANCED = scaled(
    Granted(equals(C_hat * L * sigma_max**2 / (b * R), initial_gap / C_hat), by="both terms of order 1 / sqrt(T) are equal"),
    C_hat * b * R / (L * sigma_max**2),
)


LIKE_SYNCHRONOUS = "improved: as in the synchronous setting, by the improved corollary"


def no_fourth(terms: tuple[sp.Expr, sp.Expr], gap: sp.Expr) -> Reading:
    """The largest gap without the H^4 that Lemmas 9 to 12 can do without."""
    return Reading(LIKE_SYNCHRONOUS, **largest_gap(terms, gap))


# (4.6): at t_r worker r took the master's iterate; since then true and virtual iterates took the same steps
_synced, _virtual, _steps = worker_vector("x_hat at t_r"), worker_vector("x_tilde at t_r"), worker_vector("steps since t_r")
_oldest, _master = vector("master at t'_0"), vector("master")
_message, _passed = worker_vector("message"), worker_vector("passed")


def vanishes(difference: Vector) -> Relation:
    return equals(average_norm_sq(difference), 0)


LAG_SPLIT = vanishes(
    (_synced.mean - _oldest) + (_oldest - _master) + (_master - _virtual.mean) - ((_synced - _steps).mean - (_virtual - _steps).mean)
)
LAG_SINCE = vanishes((_synced - _steps).mean - (_virtual - _steps).mean - (_synced - _virtual).mean)
DEVIATION_LETTERS: dict[str, Any] = {"C''": 8 * GROWTH, "C'''": 8 * GROWTH, "C'": 2 * FIXED_GROWTH}

CLAIMS = (
    Claim(
        "qsparse_local_sgd/sec-4.1/gap",
        "assumption",
        "section 4.1",
        "Every worker has its own set of synchronisation indices, and its gap is at most H.",
        latex=(r"gap(\mathcal{I}_T^{(r)}) \leq H",),
        unparsed="a hypothesis; read twice",
        readings=(
            Reading("as printed", given=(given.gap_from_zero,), unchecked="an assumption that no claim refutes; every attack meets it"),
        ),
        relies=("qsparse_local_sgd/definition-8",),
    ),
    Claim(
        "qsparse_local_sgd/algorithm-2/line-19",
        "equation",
        "section 4.1, Algorithm 2, lines 16 and 19",
        "The master moves by the messages it receives, over the number of all workers.",
        latex=(r"\bar{\bar{\mathbf{x}}}_{t+1} \leftarrow \bar{\bar{\mathbf{x}}}_t - \frac{1}{R} \sum_{r \in \mathcal{S}} g_t^{(r)}",),
        unparsed="an assignment of vectors, coded for all iterations since t'_0 as a distance of zero; read twice",
        readings=printed(
            equals(master_less_messages_sq, 0),
            (given.any_map,),
            follows=Invariant(
                master_less_messages_sq,
                start=_oldest - _oldest,
                now=_master - _oldest + _passed.mean,
                following={"every iteration (lines 16, 19)": (_master - _message.mean) - _oldest + (_passed + _message).mean},
            ),
            says="the messages since t'_0 added up",
            arena="run",
            setting=HORIZON_RUN,
        ),
    ),
    Claim(
        "qsparse_local_sgd/theorem-3",
        "theorem",
        "section 4.2, Theorem 3",
        "Smooth functions, step C_hat / sqrt(T), asynchronous: the first order as in Theorem 1, and H^4 in the second.",
        latex=(
            r"\mathbb{E}\|\nabla f(\mathbf{z}_T)\|_2^2 \leq & \left(\frac{\mathbb{E}[f(\mathbf{x}_0)] - f^*}{\widehat{C}} + "
            r"\widehat{C}L \left(\frac{\sum_{r=1}^R \sigma_r^2}{bR^2} \right) \right) \frac{4}{\sqrt{T}} \\ & + 8 \left(12 "
            r"\frac{(1 - \gamma^2)}{\gamma^2} + (2 + 8C_1H^2) \right) \frac{\widehat{C}^2 L^2 G^2 H^2}{T}",
        ),
        letters={"C_1": FIXED_GROWTH},
        readings=printed(
            THEOREM_3,
            (*SMOOTH_RUN, given.horizon_step),
            follows=summed(Using(NOISY_STEP, (Cite("qsparse_local_sgd/lemma-12"), Cite("qsparse_local_sgd/lemma-10")))),
            arena="run",
            setting=HORIZON_RUN,
        ),
        improvement=Reading(
            "improved: no H^4, and the root of all that is known of the gradient, by the improved Lemma 10; below sums such as is printed",
            parts_out(THEOREM_3_IMPROVED, FIXED_PARTS),
            (*SMOOTH_RUN, given.horizon_step),
            follows=in_parts(solved_horizon(FREE_TOGETHER, DRIFT_3), THEOREM_3_IMPROVED, FIXED_PARTS),
            arena="run",
            setting=HORIZON_RUN,
        ),
        relies=("qsparse_local_sgd/assumption-1", "qsparse_local_sgd/assumption-2", "qsparse_local_sgd/sec-4.1/gap"),
    ),
    Claim(
        "qsparse_local_sgd/corollary-4",
        "corollary",
        "section 4.2, (4.1)",
        "Theorem 3 for a tuned step size, in orders.",
        latex=(
            r"\mathbb{E}\|\nabla f(\mathbf{z}_T)\|_2^2 \leq \mathcal{O} \left( \frac{J\sigma_{\max}}{\sqrt{bRT}} \right) + "
            r"\mathcal{O} \left( \frac{J^2 b R G^2}{\sigma_{\max}^2 \gamma^2 T} (H^2 + H^4) \right)",
        ),
        letters={r"\sigma_{\max}": sigma_max},
        readings=printed(
            at_most(output_gradient_sq, ORDER * NON_CONVEX_ORDERS[0] + ORDER * (NON_CONVEX_ORDERS[1] + FOURTH[0])),
            (*SMOOTH_RUN, given.horizon_step, given.noisy),
            rate=COROLLARY_4,
        ),
        improvement=Reading(
            "improved: no H^4, the order of Corollary 2, by the improved Theorem 3",
            at_most(output_gradient_sq, ORDER * sum(NON_CONVEX_ORDERS)),
            (*SMOOTH_RUN, given.horizon_step, given.noisy),
            rate=COROLLARY_4_LIMIT,
        ),
    ),
    Claim(
        "qsparse_local_sgd/corollary-4/step-size",
        "corollary",
        "section 4.2, Corollary 4",
        "The step size of the corollary; that of Corollary 2 has L in the denominator.",
        latex=(r"\widehat{C}^2 = bR(\mathbb{E}[f(\mathbf{x}_0)] - f^*)/\sigma_{\max}^2",),
        letters={r"\sigma_{\max}": sigma_max},
        readings=printed(
            equals(C_hat**2, b * R * initial_gap / sigma_max**2),
            (given.noisy,),
            follows=BALANCED,
            says="with the printed step (4.1) holds still, L being hidden in O(.)",
        ),
        correction=Reading(
            "corrected: over L, as in Corollary 2",
            equals(C_hat**2, b * R * initial_gap / (sigma_max**2 * L)),
            (given.noisy,),
            follows=BALANCED,
        ),
        misprint="L is missing in the denominator, so that the units do not agree",
    ),
    Claim(
        "qsparse_local_sgd/corollary-4/rate",
        "corollary",
        "section 4.2, after (4.1)",
        "The rate at the largest gap, smooth functions, asynchronous.",
        latex=(r"\mathcal{O} \left(1/\sqrt{bRT} \right)",),
        unparsed="one side only; read twice",
        readings=(ASYNCHRONOUS_RATE,),
        improvement=ASYNCHRONOUS_RATE_LIMIT,
    ),
    Claim(
        "qsparse_local_sgd/corollary-4/gap",
        "corollary",
        "section 4.2, after (4.1)",
        "How rarely workers may synchronise before compression is felt, smooth functions, asynchronous.",
        latex=(r"H = \mathcal{O} \left(\sqrt{\gamma} T^{1/8} / (bR)^{3/8} \right)",),
        readings=(Reading("as printed", **largest_gap(FOURTH_TERMS, NON_CONVEX_ROOT)),),
        improvement=no_fourth(NON_CONVEX_TERMS, NON_CONVEX_GAP),
    ),
    Claim(
        "qsparse_local_sgd/theorem-4",
        "theorem",
        "section 4.2, (4.2)",
        "Smooth, strongly convex functions, step 8 / (mu (a + t)), asynchronous.",
        latex=(
            r"\mathbb{E}[f(\bar{\mathbf{x}}_T)] - f^* \leq \frac{La^3}{4S_T} \|\mathbf{x}_0 - \mathbf{x}^*\|_2^2 + "
            r"\frac{8LT(T+2a)}{\mu^2 S_T} A + \frac{128LT}{\mu^3 S_T} D",
        ),
        letters={"D": DRIFT_PRINTED},
        readings=printed(
            at_most(output_gap, convex_bound(VARIANCE, DRIFT_PRINTED)), CONVEX, follows=THEOREM_4, arena="run", setting=CONVEX_RUNS
        ),
        correction=Reading(
            "corrected: D without eta_t^2",
            at_most(output_gap, convex_bound(VARIANCE, DRIFT_ASYNCHRONOUS)),
            CONVEX,
            follows=THEOREM_4,
            arena="run",
            setting=CONVEX_RUNS,
        ),
        improvement=Reading(
            "improved: no H^4 and no factor kappa, by the improved (C.40) and Lemmas 9 and 11",
            parts_out(THEOREM_4_IMPROVED),
            (*CONVEX_RUN, *CONVEX_STEP),
            follows=in_parts(mean_gap(CONVEX_STEP_TOGETHER, sp.Rational(1, 2)), THEOREM_4_IMPROVED),
            arena="run",
            setting=CONVEX_RUNS,
        ),
        misprint="D holds eta_t^2, which belongs to the bound of Lemma 11 and is already in the factor of D in the recursion",
        relies=("qsparse_local_sgd/assumption-1", "qsparse_local_sgd/assumption-2", "qsparse_local_sgd/sec-4.1/gap"),
    ),
    Claim(
        "qsparse_local_sgd/corollary-5",
        "corollary",
        "section 4.2, (4.3)",
        "Theorem 4 in orders, for a shift a of the order H / gamma.",
        latex=(
            r"\mathbb{E}[f(\bar{\mathbf{x}}_T)] - f^* \leq \mathcal{O}\left(\frac{G^2 H^3}{\mu^2 \gamma^3 T^3}\right) + "
            r"\mathcal{O}\left(\frac{\sigma_{\max}^2}{\mu^2 b R T} + \frac{H \sigma_{\max}^2}{\mu^2 b R \gamma T^2}\right) + "
            r"\mathcal{O}\left(\frac{G^2}{\mu^3 \gamma^2 T^2} (H^2 + H^4)\right)",
        ),
        letters={r"\sigma_{\max}": sigma_max},
        readings=printed(
            at_most(output_gap, ORDER * (sum(CONVEX_ORDERS) + FOURTH[1])),
            (*CONVEX, given.condition_number, given.noisy),
            rate=COROLLARY_5,
            says="a = (8 + 33 kappa) H / gamma meets every condition, and C = 8 (1 - gamma^2) is then large enough; kappa is hidden",
        ),
        improvement=Reading(
            "improved: no H^4 and no factor kappa, so that the units agree, by the improved Theorem 4",
            at_most(output_gap, ORDER * sum(CONVEX_LIMIT_ORDERS)),
            (*CONVEX_RUN, *CONVEX_STEP, given.condition_number, given.noisy),
            rate=COROLLARY_5_LIMIT,
            says="what is hidden is numbers and kappa, by a",
        ),
        relies=("qsparse_local_sgd/theorem-2/weights", "qsparse_local_sgd/corollary-3/start"),
    ),
    Claim(
        "qsparse_local_sgd/corollary-5/rate",
        "corollary",
        "section 4.2, after (4.3)",
        "The rate at the largest gap, strongly convex functions, asynchronous.",
        latex=(r"\mathcal{O}(1/(bRT))",),
        unparsed="one side only; read twice",
        readings=(ASYNCHRONOUS_CONVEX_RATE,),
        improvement=ASYNCHRONOUS_CONVEX_RATE_LIMIT,
    ),
    Claim(
        "qsparse_local_sgd/corollary-5/gap",
        "corollary",
        "section 4.2, after (4.3)",
        "How rarely workers may synchronise before compression is felt, strongly convex functions, asynchronous.",
        latex=(r"H = \mathcal{O}(\sqrt{\gamma}(T/(bR))^{1/4})",),
        readings=(Reading("as printed", **largest_gap(FOURTH_CONVEX_TERMS, CONVEX_ROOT)),),
        improvement=no_fourth(CONVEX_TERMS, CONVEX_GAP),
    ),
    Claim(
        "qsparse_local_sgd/sec-4.2/for-free",
        "text",
        "section 4.2, after Corollary 4",
        "Compression costs nothing in order: at the largest gap the rate of Corollary 4 is that without it.",
        latex=("we also observe that the compression comes for “free”",),
        unparsed="running text; read twice",
        readings=(ASYNCHRONOUS_RATE,),
        improvement=ASYNCHRONOUS_RATE_LIMIT,
        restates="qsparse_local_sgd/corollary-4/rate",
    ),
    Claim(
        "qsparse_local_sgd/sec-4.3/sets",
        "definition",
        "section 4.3",
        "Consecutive synchronisations of a worker are at most H apart; nothing is said of the first.",
        latex=(
            r"\mathcal{I}_T^{(r)} = \{t_{(i)}^{(r)} : i \in \mathbb{Z}^+, t_{(i)}^{(r)} \in [T], |t_{(i)}^{(r)} - t_{(j)}^{(r)}| "
            r"\leq H \forall |i - j| \leq 1\}",
        ),
        unparsed="a definition, judged by Lemma 12, whose relation is coded; read twice",
        readings=printed(
            LEMMA_12,
            (given.contraction, given.second_moment, given.gap_as_defined, given.fixed_step),
            arena="lag",
            setting={**FIXED_WORST, "gap": "as defined"},
            says="Lemma 12 where the stretch before the first index is not counted",
        ),
        correction=Reading(
            "corrected: the start counts as a synchronisation",
            LEMMA_12,
            FIXED_LEMMA,
            follows=Cite("qsparse_local_sgd/lemma-12"),
            arena="lag",
            setting=FIXED_WORST,
            says="t_(0) = 0, so that t_(1) <= H",
        ),
        misprint="i starts at 1, so the first stretch is not bounded; every proof uses that it is at most H",
    ),
    Claim(
        "qsparse_local_sgd/sec-4.3/descent",
        "text",
        "section 4.3",
        "(3.9) holds for Algorithm 2 too: it speaks of virtual iterates only.",
        latex=(r"(3.9) and (3.16) hold",),
        unparsed="in words; read twice",
        readings=printed(
            at_most(STEPS, DESCENT + eta_t**2 * L * noise_sq + 2 * eta_t * L**2 * lag_sq + 2 * eta_t * L**2 * deviation_sq),
            (given.smooth, given.batches, given.step_at_most_half),
            follows=Cite("qsparse_local_sgd/eq-3.9"),
            arena="run",
            setting=HORIZON_RUN,
        ),
        improvement=Reading(
            "improved: as (3.9) is",
            at_most(HALF_STEPS, DESCENT + eta_t**2 * L / 2 * noise_sq + 2 * eta_t * L**2 * lag_sq + 4 * eta_t * L**2 * deviation_sq),
            (given.smooth, given.batches, given.step_at_most_half),
            follows=Cite("qsparse_local_sgd/eq-3.9", improved=True),
            arena="run",
            setting=HORIZON_RUN,
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-4.3/step",
        "text",
        "section 4.3",
        "(3.16) holds for Algorithm 2 too.",
        latex=(r"(3.9) and (3.16) hold",),
        unparsed="in words; read twice",
        readings=printed(
            CONVEX_STEP_BOUND,
            (given.smooth, given.strongly_convex, given.variance, given.batches, given.step_at_most_quarter),
            follows=Cite("qsparse_local_sgd/eq-3.16"),
            arena="run",
            setting=CONVEX_RUNS,
        ),
        improvement=Reading(
            "improved: as (3.16) is",
            CONVEX_STEP_LIMIT,
            (given.smooth, given.strongly_convex, given.variance, given.batches, given.step_at_most_quarter),
            follows=Cite("qsparse_local_sgd/eq-3.16", improved=True),
            arena="run",
            setting=CONVEX_RUNS,
        ),
    ),
    Claim(
        "qsparse_local_sgd/sec-4.3/deviation-order",
        "text",
        "section 4.3, before Lemma 9",
        "The order of the deviation, asynchronous; for shifts of at least 8 H / gamma.",
        latex=(
            r"\frac{1}{R} \sum_{r=1}^R \mathbb{E} \|\widehat{\mathbf{x}}_t - \widehat{\mathbf{x}}_t^{(r)}\|_2^2 \leq "
            r"\mathcal{O}(\eta_t^2 G^2 (H^2 + H^4/\gamma^2))",
        ),
        readings=printed(
            at_most(deviation_sq, ORDER * eta_t**2 * G**2 * (H**2 + H**4 / gamma**2)),
            AT_LARGE_SHIFT,
            rate=Rate(
                "qsparse_local_sgd/lemma-9",
                (eta_t**2 * G**2 * H**2, eta_t**2 * G**2 * H**4 / gamma**2),
                (H, gamma),
                at=LARGE_SHIFT,
            ),
            says="C = 8 (1 - gamma^2) is large enough once a >= 8 H / gamma",
        ),
        improvement=Reading(
            NO_FOURTH,
            at_most(lag_sq + deviation_sq, ORDER * eta_t**2 * G**2 * H**2 / gamma**2),
            LARGE_SHIFT_RUN,
            rate=without_fourth("lemma-9", lag_sq + deviation_sq, PARTS, {(BEHIND / SINCE) ** 2: sp.Integer(3)}),
            says="the lag and the deviation together",
        ),
    ),
    Claim(
        "qsparse_local_sgd/lemma-9",
        "lemma",
        "section 4.3, (4.4); proof D.1",
        "With a decaying step the local iterates of asynchronous workers come closer to their mean.",
        latex=(
            r"\frac{1}{R} \sum_{r=1}^R \mathbb{E} \|\widehat{\mathbf{x}}_t - \widehat{\mathbf{x}}_t^{(r)}\|_2^2 \leq 8(1 + C'' H^2) "
            r"\eta_t^2 G^2 H^2",
        ),
        letters=DEVIATION_LETTERS,
        readings=printed(
            LEMMA_9,
            DECAYING_LEMMA,
            follows=Cite("qsparse_local_sgd/appendix-d.1/conclusion"),
            arena="deviation",
            setting=DECAYING_WORST,
            says="the step and a > 4 H / gamma of Lemma 4, whose C it takes, are meant",
        ),
        improvement=proved_at("appendix-d.1/conclusion", SHARPER_9),
        relies=("qsparse_local_sgd/sec-4.1/gap", "qsparse_local_sgd/assumption-2"),
    ),
    Claim(
        "qsparse_local_sgd/lemma-10",
        "lemma",
        "section 4.3, (4.5); proof D.2",
        "With a fixed step the local iterates of asynchronous workers stay close to their mean.",
        latex=(
            r"\frac{1}{R} \sum_{r=1}^R \mathbb{E} \|\widehat{\mathbf{x}}_t - \widehat{\mathbf{x}}_t^{(r)}\|_2^2 \leq (2 + H^2 C') "
            r"\eta^2 G^2 H^2",
        ),
        letters=DEVIATION_LETTERS,
        readings=printed(LEMMA_10, FIXED_LEMMA, follows=Cite("qsparse_local_sgd/eq-D.14"), arena="deviation", setting=FIXED_WORST),
        improvement=proved_at("eq-D.14", SHARPER_10),
        relies=("qsparse_local_sgd/sec-4.1/gap", "qsparse_local_sgd/assumption-2"),
    ),
    Claim(
        "qsparse_local_sgd/sec-4.3/since",
        "equation",
        "section 4.3, before (4.6)",
        "True and virtual iterates take the same steps after a synchronisation.",
        latex=(
            r"\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t = \frac{1}{R} \sum_{r=1}^R (\widehat{\mathbf{x}}_{t_r}^{(r)} - "
            r"\widetilde{\mathbf{x}}_{t_r}^{(r)})",
        ),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(LAG_SINCE, follows=Certified(LAG_SINCE)),
    ),
    Claim(
        "qsparse_local_sgd/eq-4.6",
        "equation",
        "section 4.3, (4.6)",
        "The lag in three parts: what the others sent since t'_0 before and after, and the master's own lag.",
        latex=(
            r"\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t = \left[ \frac{1}{R} \sum_{r=1}^R \widehat{\mathbf{x}}_{t_r}^{(r)} - "
            r"\bar{\bar{\mathbf{x}}}_{t'_0} \right] + [\bar{\bar{\mathbf{x}}}_{t'_0} - \bar{\bar{\mathbf{x}}}_t] + \left[ "
            r"\bar{\bar{\mathbf{x}}}_t - \frac{1}{R} \sum_{r=1}^R \widetilde{\mathbf{x}}_{t_r}^{(r)} \right]",
        ),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(LAG_SPLIT, follows=Certified(LAG_SPLIT)),
    ),
    Claim(
        "qsparse_local_sgd/sec-4.3/not-lemma-6",
        "text",
        "section 4.3, before and after (4.6)",
        "The lag is not the mean memory: of two workers whose gradients are G and 0 the first synchronises at once, and eta G / 4 is left.",
        latex=(r"\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t = \frac{1}{R} \sum_{r=1}^R m_t^{(r)}",),
        unparsed="said not to hold; coded at one run as a scalar, whose square must not be 0; read twice",
        readings=printed(Relation(eta**2 * G**2 / 16, ">", sp.Integer(0)), says="gamma = 1, so that no memory is left; t = 1"),
    ),
    Claim(
        "qsparse_local_sgd/sec-4.3/lag-order",
        "text",
        "section 4.3, after (4.6)",
        "The order of the lag, asynchronous; for shifts of at least 8 H / gamma.",
        latex=(
            r"\mathbb{E} \|\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t\|_2^2 \leq \mathcal{O}(\eta_t^2/\gamma^2 G^2 (H^2 "
            r"+ H^4))",
        ),
        letters={r"\eta_t^2/\gamma^2": eta_t**2 / gamma**2},
        readings=printed(
            at_most(lag_sq, ORDER * eta_t**2 / gamma**2 * G**2 * (H**2 + H**4)),
            AT_LARGE_SHIFT,
            rate=Rate(
                "qsparse_local_sgd/lemma-11",
                (eta_t**2 * G**2 * H**2 / gamma**2, eta_t**2 * G**2 * H**4 / gamma**2),
                (H, gamma),
                at=LARGE_SHIFT,
            ),
            says="C = 8 (1 - gamma^2) is large enough once a >= 8 H / gamma",
        ),
        improvement=Reading(
            NO_FOURTH,
            at_most(lag_sq, ORDER * eta_t**2 / gamma**2 * G**2 * H**2),
            LARGE_SHIFT_RUN,
            rate=without_fourth("lemma-11", lag_sq, LAG_PARTS, {OTHERS / 2 * SINCE + CROSSED: sp.Integer(1)}),
        ),
    ),
    Claim(
        "qsparse_local_sgd/lemma-11",
        "lemma",
        "section 4.3, (4.7); proof D.3",
        "With a decaying step the lag of asynchronous workers decays like the square of the step.",
        latex=(
            r"\mathbb{E}\|\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t\|_2^2 \leq C'\eta_t^2 H^4 G^2 + "
            r"12C\frac{\eta_t^2}{\gamma^2} G^2 H^2",
        ),
        letters={"C'": 192 * GROWTH},
        readings=printed(
            LEMMA_11, DECAYING_LEMMA, follows=Cite("qsparse_local_sgd/appendix-d.3/conclusion"), arena="lag", setting=DECAYING_WORST
        ),
        improvement=proved_at("appendix-d.3/conclusion", SHARPER_11),
        relies=("qsparse_local_sgd/sec-4.1/gap", "qsparse_local_sgd/assumption-2"),
    ),
    Claim(
        "qsparse_local_sgd/lemma-12",
        "lemma",
        "section 4.3, (4.8); proof D.4",
        "With a fixed step the lag of asynchronous workers stays bounded.",
        latex=(
            r"\mathbb{E}\|\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t\|_2^2 \leq 6C'\eta^2 H^4 G^2 + "
            r"\frac{12\eta^2(1-\gamma^2)}{\gamma^2} G^2 H^2",
        ),
        letters={"C'": FIXED_GROWTH},
        readings=printed(LEMMA_12, FIXED_LEMMA, follows=Cite("qsparse_local_sgd/eq-D.29"), arena="lag", setting=FIXED_WORST),
        improvement=proved_at("eq-D.29", SHARPER_12),
        relies=("qsparse_local_sgd/sec-4.1/gap", "qsparse_local_sgd/assumption-2"),
    ),
    Claim(
        "qsparse_local_sgd/sec-4.4/rate",
        "text",
        "section 4.4",
        "The rate of distributed vanilla SGD up to the largest gaps, 1 / sqrt(b R T) and 1 / (b R T).",
        latex=(
            "we characterize the allowable limits of local computation while ensuring convergence at the rate of distributed vanilla SGD",
        ),
        unparsed="running text; read twice",
        readings=(replace(ASYNCHRONOUS_RATE, name="smooth functions"), replace(ASYNCHRONOUS_CONVEX_RATE, name="strongly convex functions")),
    ),
    # Table 5.2
    Claim(
        "qsparse_local_sgd/table-5.2",
        "table",
        "section 5.2, Table 5.2",
        "Rates, largest gaps and smallest horizons of asynchronous operation.",
        latex=(r"\mathcal{O}(\sqrt{\gamma}T^{1/8}/(bR)^{3/8})",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=(Reading("as printed", says="the smooth gap; every cell is judged below", **largest_gap(FOURTH_TERMS, NON_CONVEX_ROOT)),),
        improvement=no_fourth(NON_CONVEX_TERMS, NON_CONVEX_GAP),
        relies=(
            "qsparse_local_sgd/table-5.2/non-convex-gap",
            "qsparse_local_sgd/table-5.2/non-convex-horizon",
            "qsparse_local_sgd/table-5.2/strongly-convex-gap",
            "qsparse_local_sgd/table-5.2/strongly-convex-horizon",
        ),
    ),
    Claim(
        "qsparse_local_sgd/table-5.2/non-convex-rate",
        "table",
        "section 5.2, Table 5.2, first row, rate",
        "The rate at the largest gap, smooth functions, asynchronous.",
        latex=(r"\mathcal{O}(1/\sqrt{bRT})",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=(ASYNCHRONOUS_RATE,),
        improvement=ASYNCHRONOUS_RATE_LIMIT,
        restates="qsparse_local_sgd/corollary-4/rate",
    ),
    Claim(
        "qsparse_local_sgd/table-5.2/non-convex-gap",
        "table",
        "section 5.2, Table 5.2, first row, H",
        "The largest gap, smooth functions, asynchronous.",
        latex=(r"\mathcal{O}(\sqrt{\gamma}T^{1/8}/(bR)^{3/8})",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=(Reading("as printed", **largest_gap(FOURTH_TERMS, NON_CONVEX_ROOT)),),
        improvement=no_fourth(NON_CONVEX_TERMS, NON_CONVEX_GAP),
        restates="qsparse_local_sgd/corollary-4/gap",
    ),
    Claim(
        "qsparse_local_sgd/table-5.2/non-convex-horizon",
        "table",
        "section 5.2, Table 5.2, first row, T",
        "The smallest horizon for a given gap, smooth functions, asynchronous.",
        latex=(r"\Omega(H^8(bR)^3/\gamma^4)",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=(Reading("as printed", **smallest_horizon(FOURTH_TERMS, NON_CONVEX_HORIZON)),),
        improvement=Reading(LIKE_SYNCHRONOUS, **smallest_horizon(NON_CONVEX_TERMS, H**4 * (b * R) ** 3 / gamma**4)),
    ),
    Claim(
        "qsparse_local_sgd/table-5.2/strongly-convex-rate",
        "table",
        "section 5.2, Table 5.2, second row, rate",
        "The rate at the largest gap, strongly convex functions, asynchronous.",
        latex=(r"\mathcal{O}(1/bRT)",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=(ASYNCHRONOUS_CONVEX_RATE,),
        improvement=ASYNCHRONOUS_CONVEX_RATE_LIMIT,
        restates="qsparse_local_sgd/corollary-5/rate",
    ),
    Claim(
        "qsparse_local_sgd/table-5.2/strongly-convex-gap",
        "table",
        "section 5.2, Table 5.2, second row, H",
        "The largest gap, strongly convex functions, asynchronous.",
        latex=(r"\mathcal{O}(\sqrt{\gamma}(T/(bR))^{1/4})",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=(Reading("as printed", **largest_gap(FOURTH_CONVEX_TERMS, CONVEX_ROOT)),),
        improvement=no_fourth(CONVEX_TERMS, CONVEX_GAP),
        restates="qsparse_local_sgd/corollary-5/gap",
    ),
    Claim(
        "qsparse_local_sgd/table-5.2/strongly-convex-horizon",
        "table",
        "section 5.2, Table 5.2, second row, T",
        "The smallest horizon for a given gap, strongly convex functions, asynchronous.",
        latex=(r"\Omega(H^4(bR)/\gamma^2)",),
        unparsed="a cell of a table, without its left side; read twice",
        readings=(Reading("as printed", **smallest_horizon(FOURTH_CONVEX_TERMS, CONVEX_HORIZON)),),
        improvement=Reading(LIKE_SYNCHRONOUS, **smallest_horizon(CONVEX_TERMS, H**2 * b * R / gamma**2)),
    ),
)
