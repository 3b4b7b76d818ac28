r"""Qsparse-local-SGD, Appendix D and section E.2: the proofs of chapter 4, and Theorem 6, in the paper's order.

A chain of relations is one claim a link (`/line-1`, ...); its last link carries the number. t_i is t'_0; what is said of any worker is
coded for the worst one, what is said of any j from t'_0 on for the worst j.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sympy as sp

from theory import hypotheses as given
from theory.claim import Claim, Hypothesis, Reading, Relation, at_least, at_most, equals
from theory.qsparse_local_sgd.asynchronous import (
    DECAYING_LARGEST,
    DECAYING_LEMMA,
    DECAYING_MEMORY,
    DECAYING_WORST,
    FIXED_GROWTH,
    FIXED_LARGEST,
    FIXED_LEMMA,
    FIXED_MEMORY,
    FIXED_WORST,
    GROWTH,
    HORIZON_RUN,
    LAG_SINCE,
    LAG_SPLIT,
    LARGEST,
    LEMMA_9,
    LEMMA_10,
    LEMMA_11,
    LEMMA_12,
    MEMORY_FIXED_ROOT,
    OTHERS,
    SHARPER_9,
    SHARPER_10,
    SHARPER_11,
    SHARPER_12,
    B,
    behind,
    by_now,
    held,
    in_parts,
    parts_out,
    proved_at,
    since,
    vanishes,
    with_both,
)
from theory.qsparse_local_sgd.convergence_proofs import (
    AT_I,
    DECAYING_FIRST,
    DECAYING_MOST,
    DECAYING_RUN,
    DRIFT_SUMMED,
    E3_LETTERS,
    JENSEN,
    LOCAL_PROGRESS,
    LOGARITHM,
    SUM_OF_STEPS,
    solved_decaying,
    weighted_gradient,
)
from theory.qsparse_local_sgd.synchronous import (
    DESCENT,
    EACH_WORKER,
    FIXED,
    KEEP,
    LEMMA_4,
    MEMORY_DECAYING,
    MEMORY_DECAYING_LIMIT,
    SINCE,
    VARIANCE,
    drift_price,
    free_step,
    in_root,
    in_stored,
    printed,
    stored,
    stored_out,
)
from theory.rules import (
    Certified,
    Chained,
    Cite,
    Expected,
    Granted,
    Instance,
    Invariant,
    Limit,
    Minkowski,
    Rule,
    Using,
    Weakened,
    scaled,
)
from theory.scenes import fact, u, u_i, v, x_hat
from theory.symbols import (
    P_T,
    C,
    G,
    H,
    L,
    R,
    a,
    deviation_sq,
    eta,
    eta_of,
    eta_t,
    from_oldest_sq,
    gamma,
    gradient_sq,
    initial_gap,
    lag_sq,
    largest_progress_sq,
    local_progress_sq,
    master_apart_sq,
    master_lag_sq,
    master_less_memory_sq,
    master_less_messages_sq,
    master_moved_sq,
    mean_memory_sq,
    mean_senders_step_sq,
    mean_synced_apart_sq,
    memory_sq,
    message_total_sq,
    n,
    others_apart_sq,
    output_gradient_sq,
    own_anchor_sq,
    own_total_sq,
    progress_sq,
    recent_progress_sq,
    recent_sent_sq,
    senders_before_sq,
    senders_left_sq,
    senders_memory_sq,
    senders_since_sq,
    sent_input_sq,
    sent_left_sq,
    sent_progress_sq,
    sent_sq,
    stale_anchor_sq,
    stale_progress,
    synced_apart_sq,
    t,
    t_i,
    t_j,
    tau,
    xi,
)
from theory.vectors import average_norm_sq, norm_sq, vector, worker_vector, zero

STEP_I = eta_of(t_i)
PER_MESSAGE = 2 * B * (4 / gamma**2 - 3) * eta**2 * H**2 * G**2  # (D.11)
MOVED = 32 * GROWTH * eta_t**2 * H**4 * G**2  # (D.9)
MOVED_FIXED = 2 * B * (4 / gamma**2 - 3) * eta**2 * H**4 * G**2  # (D.13)
SENT = (1 + KEEP) ** 2  # of what is compressed, for B, by the improved (D.6)
SHARPER = "improved: (1 + sqrt(1 - gamma))^2 for 4 - 2 gamma, by the improved (D.6)"
IN_ROOTS = "improved: memory and progress add up in roots, by the improved (D.6) and Lemmas 4 and 5"
TELESCOPED = "improved: messages add up to progress and memory, so no H^4"
SENT_INPUT = {
    r"\mathbb{E} \|g_j^{(s)}\|^2": sent_sq,
    r"\mathbb{E} \|m_j^{(s)} + \mathbf{x}_j^{(s)} - \widehat{\mathbf{x}}_{j+\frac{1}{2}}^{(s)}\|^2": sent_input_sq,
    r"\mathbb{E} \|m_j^{(s)}\|^2": memory_sq,
    r"\mathbb{E} \|\mathbf{x}_j^{(s)} - \widehat{\mathbf{x}}_{j+\frac{1}{2}}^{(s)}\|^2": sent_progress_sq,
    r"\eta_j": eta_t,
    "B": B,
}
APART = {
    r"\sum_{r=1}^R \mathbb{E} \|\widehat{\mathbf{x}}_t^{(r)} - \widehat{\mathbf{x}}_{t_r}^{(r)}\|^2": R * local_progress_sq,
    r"\mathbb{E} \|\widehat{\mathbf{x}}_t^{(r)} - \widehat{\mathbf{x}}_{t_r}^{(r)}\|^2": local_progress_sq,
    r"\sum_{r=1}^R \mathbb{E} \|\widehat{\mathbf{x}}_{t_r}^{(r)} - \bar{\mathbf{x}}_{t'_0}\|^2": R * mean_synced_apart_sq,
    r"\mathbb{E} \|\widehat{\mathbf{x}}_{t_r}^{(r)} - \bar{\mathbf{x}}_{t'_0}\|^2": synced_apart_sq,
    r"\mathbb{E} \|\widehat{\mathbf{x}}_{t_r}^{(r)} - \bar{\mathbf{x}}_{t_0}\|^2": synced_apart_sq,
    r"\sum_{r=1}^R \mathbb{E} \|\widehat{\mathbf{x}}_t^{(r)} - \bar{\mathbf{x}}_{t'_0}\|^2": R * from_oldest_sq,
    r"\mathbb{E} \|\bar{\mathbf{x}}_{t'_0} - \bar{\mathbf{x}}_t\|^2": master_moved_sq,
    r"\mathbb{E} \|\bar{\mathbf{x}}_{t_0} - \bar{\mathbf{x}}_t\|^2": master_moved_sq,
    r"\mathbb{E} \| \bar{\mathbf{x}}_t - \frac{1}{R} \sum_{r=1}^R \tilde{\mathbf{x}}_{t_r}^{(r)} \|^2": master_lag_sq,
    "B": B,
}
SINCE_OWN = Hypothesis("since_own", "n = t - t_r iterations since the worker's own last synchronisation, t_r >= t'_0", n <= t - t_i)
DAMAGED = "in Appendix D the master's iterate is stored with one bar; in chapter 4 it has two"

LIKE_LEMMA_4 = "improved: by the improved Lemma 4"
MEMORY_LIMIT_DECAYING = at_most(memory_sq, MEMORY_DECAYING_LIMIT)

# From any worker to the worst, from any message to the largest
EACH_PROGRESS = Granted(at_most(local_progress_sq, largest_progress_sq), by="a mean over the workers is at most the largest")
EACH_APART = Granted(at_most(mean_synced_apart_sq, synced_apart_sq), by="a mean over the workers is at most the largest")
EACH_MESSAGE = Granted(
    at_most(message_total_sq, H**2 * recent_sent_sq),
    by="(t_r - t'_0) (t_r - t'_0 + 1) <= (H - 1) H terms, averaged over the workers, each at most the largest",
)
LARGEST_MESSAGE = Granted(equals(recent_sent_sq, sent_sq.subs(t, t_j)), by="the largest message since t'_0 is that at some j")
LARGEST_PROGRESS = Granted(
    equals(recent_progress_sq, sent_progress_sq.subs(t, t_j)), by="the largest progress sent since t'_0 is that at some j"
)
ONE_STRETCH = Granted(
    at_most(sent_progress_sq, progress_sq),
    by="a worker that sends has added up one stretch between its own synchronisations (lines 5, 7, 11)",
)
OWN_MESSAGES = Granted(
    at_most(own_total_sq, H**2 * recent_sent_sq),
    by="(t_r - t'_0) (t_r - t'_0 + 1) <= (H - 1) H terms of each worker, averaged over the workers, each at most the largest",
)


FIXED_PROGRESS = Instance(Chained(ONE_STRETCH, Cite("qsparse_local_sgd/appendix-c.1/progress")), FIXED)


def sent_progress(factor: Any) -> Rule:
    """What a sender has added up since its last synchronisation, by the step at which it sends."""
    stretch = Instance(Chained(ONE_STRETCH, Cite("qsparse_local_sgd/appendix-c.1/progress")), AT_I)
    to = at_most(sent_progress_sq, factor * xi**2 * H**2 * G**2 / (a + t) ** 2)
    return Instance(Weakened(stretch, to, (given.last_synchronisation,)), {xi: eta_t * (a + t)})


# A sender has added up at most H steps, the first H - 1 iterations ago, so that the step has fallen by (a + H - 1) / a at most
SHARP_SENT_PROGRESS = by_now(
    Chained(ONE_STRETCH, Cite("qsparse_local_sgd/appendix-c.1/progress")),
    SINCE**2 * H**2 * G**2,
    sent_progress_sq,
    given.between_synchronisations,
)


def sent(factor: Any) -> Rule:
    """A message, decaying step: memory and progress."""
    parts = (Cite("qsparse_local_sgd/appendix-d.1/memory"), sent_progress(factor))
    return Using(Cite("qsparse_local_sgd/eq-D.7"), parts)


def at_oldest(largest: Rule, bounded: Rule, bound: Any, quantity: Any) -> Rule:
    """A bound on any message by the step at t'_0."""
    scheduled = Instance(Chained(largest, Instance(bounded, {t: t_j})), {eta_of(t_j): xi / (a + t_j)})
    to = at_most(quantity, bound * xi**2 / (a + t_i) ** 2)
    return Instance(Weakened(scheduled, to, (given.recent_message,)), {xi: STEP_I * (a + t_i)})


def since_oldest(rule: Rule, bound: Any, quantity: Any) -> Rule:
    """A bound by the step at t'_0 as one by the step at t."""
    to = at_most(quantity, bound * xi**2 / (a + t) ** 2)
    return Instance(Weakened(Instance(rule, AT_I), to, (given.last_synchronisation,)), {xi: eta_t * (a + t)})


def apart_by_messages(message: Rule) -> Rule:
    """How far the master moved between t'_0 and another worker's synchronisation, by a bound on the largest message."""
    return Using(Chained(Cite("qsparse_local_sgd/eq-D.5"), EACH_MESSAGE), (message,))


def moved_by_messages(message: Rule) -> Rule:
    """How far the master moved since t'_0, by the same."""
    return Using(Chained(Cite("qsparse_local_sgd/appendix-d.3/moved"), OWN_MESSAGES), (message,))


def fixed_message() -> Rule:
    """(D.11) for the largest message."""
    return Chained(LARGEST_MESSAGE, Instance(Cite("qsparse_local_sgd/eq-D.11"), {t: t_j}))


def sharper(relation: Relation, decaying: bool, follows: Rule, name: str = SHARPER, arena: str = "lag") -> Reading:
    """A smaller bound, with the letter `stored` written out."""
    (reading,) = worst(stored_out(relation), decaying, arena, follows=in_stored(follows, relation) if relation.rhs.has(stored) else follows)
    return replace(reading, name=name)


# What a sender compresses, and its message, in roots
_left_before, _stepped = vector("memory before"), vector("progress to send")
INPUT_IN_ROOTS = {norm_sq(_left_before + _stepped): sent_input_sq, norm_sq(_left_before): memory_sq, norm_sq(_stepped): sent_progress_sq}


def message_in_roots(memory: Rule, progress: Rule, *roots: Any) -> Rule:
    """A message by bounds on memory and progress, and their roots over eta_t G."""
    compressed = Minkowski((_left_before, _stepped), (memory, progress), tuple(root * eta_t * G for root in roots), INPUT_IN_ROOTS)
    return Using(Cite("qsparse_local_sgd/eq-D.6", improved=True), (compressed,))


MESSAGE_FIXED = SENT * (MEMORY_FIXED_ROOT + H) ** 2  # over (eta G)^2
MESSAGE_DECAYING = SENT * (stored + SINCE) ** 2 * H**2  # over (eta_t G)^2

# How far the master moved since t'_0 owes nothing to how many messages there were: those of one worker add up to its memory at t'_0 and its
# progress, less the memory that is left
_then, _unsent, _made, _left = (vector(name) for name in ("memory at t'_0", "unsent at t'_0", "progress since t'_0", "memory left"))
SENDERS = {
    norm_sq(_then + _unsent + _made - _left): master_apart_sq, norm_sq(_then): senders_memory_sq, norm_sq(_unsent): senders_before_sq,
    norm_sq(_made): senders_since_sq, norm_sq(_left): senders_left_sq,
}  # fmt: skip
BUT_ONE = "the worker that synchronised at t'_0 has sent nothing since, and of the R - 1 others each has at most the largest"
SENDERS_MEMORY, SENDERS_LEFT, SENDERS_BEFORE = (
    Granted(at_most(quantity, OTHERS**2 * largest), by=f"{BUT_ONE}; {j}")
    for quantity, largest, j in (
        (senders_memory_sq, memory_sq.subs(t, t_j), "j = t'_0"),
        (senders_left_sq, memory_sq.subs(t, t_j), "j = i"),
        (senders_before_sq, largest_progress_sq.subs(t, t_j), "j = t'_0"),
    )
)
SENDERS_SINCE = since(
    senders_since_sq,
    mean_senders_step_sq,
    Granted(at_most(mean_senders_step_sq, (OTHERS * STEP_I * G) ** 2), by=f"{BUT_ONE}; steps do not grow"),
    OTHERS,
)
APART_FIXED = (OTHERS * (2 * MEMORY_FIXED_ROOT + 2 * (H - 1))) ** 2 * eta**2 * G**2
APART_DECAYING = (OTHERS * (2 * stored * SINCE * H + (SINCE + 1) * SINCE * (H - 1))) ** 2 * eta_t**2 * G**2


def since_sent(of: Any, decaying: bool) -> Rule:
    """How far the master is from where it was at t'_0, at i = t_r or t."""
    memory, largest = (DECAYING_MEMORY, DECAYING_LARGEST) if decaying else (FIXED_MEMORY, FIXED_LARGEST)
    made = (
        by_now(SENDERS_SINCE, (OTHERS * SINCE * (H - 1) * G) ** 2, senders_since_sq, given.between_synchronisations)
        if decaying
        else Instance(SENDERS_SINCE, {STEP_I: eta_t})
    )
    parts = (Using(SENDERS_MEMORY, (memory,)), Using(SENDERS_BEFORE, (largest,)), made, Using(SENDERS_LEFT, (memory,)))
    held, waited, since_then = (stored * SINCE * H, SINCE**2 * (H - 1), SINCE * (H - 1)) if decaying else (MEMORY_FIXED_ROOT, H - 1, H - 1)
    roots = tuple(OTHERS * root * eta_t * G for root in (held, waited, since_then, held))
    apart = Minkowski((_then, _unsent, _made, -_left), parts, roots, SENDERS)
    at = Granted(at_most(of, master_apart_sq), by="i = t_r, or t")
    return Chained(at, apart) if decaying else Instance(Chained(at, apart), FIXED)


# The lag as in (D.17): the worker that synchronised last found the master where it is at t, so it stands in the first part and the second
_others, _moved, _behind = (vector(name) for name in ("where the others found the master", "master moved", "master's lag"))
LAG_IN_THREE = {
    norm_sq(_others - OTHERS * _moved + _behind): lag_sq, norm_sq(_others): others_apart_sq, norm_sq(_moved): master_moved_sq,
    norm_sq(_behind): master_lag_sq,
}  # fmt: skip
BETWEEN = sp.Max(0, 1 - 2 / R)  # share of the workers between the first and the last to synchronise
LAG_ROOTS = (sp.sqrt(BETWEEN) * sp.sqrt(mean_synced_apart_sq), OTHERS * sp.sqrt(master_moved_sq), sp.sqrt(master_lag_sq))
OTHERS_APART = Granted(
    at_most(others_apart_sq, BETWEEN * mean_synced_apart_sq),
    by="of the others, the one that synchronised at t'_0 found the master there; Jensen for the R - 2 that are left",
)
LATEST_AND_MASTER = tuple(Granted(at_most(part, part), by="as it is") for part in (sp.expand(OTHERS**2 * master_moved_sq), master_lag_sq))


# The lag of the master behind the virtual iterates at t_r is the mean memory, so its mean square is at most that of one memory
MASTER_BELOW_MEMORY = Limit(
    Using(
        Expected(
            Certified(at_most(norm_sq(u_i.mean + v), (1 + tau) * average_norm_sq(u_i) + (1 + 1 / tau) * norm_sq(v))),
            {norm_sq(u_i.mean + v): master_lag_sq, average_norm_sq(u_i): mean_memory_sq, norm_sq(v): master_less_memory_sq},
        ),
        (Cite("qsparse_local_sgd/eq-D.25"),),
    ),
    tau,
    0,
)


# Sharper than printed: a > 4 H / gamma allows the step to fall by a factor of 5/4 over H iterations, not 2. Theorem 6 rests on it.
SHARP_MESSAGE = by_now(Chained(LARGEST_MESSAGE, Instance(sent(4), {t: t_j})), sp.Rational(25, 2) * GROWTH * H**2 * G**2, recent_sent_sq)
SHARP_APART = Using(Chained(Chained(EACH_APART, Cite("qsparse_local_sgd/eq-D.5")), EACH_MESSAGE), (SHARP_MESSAGE,))
SHARP_MOVED = moved_by_messages(SHARP_MESSAGE)
SHARP_DEVIATION = Using(Cite("qsparse_local_sgd/eq-D.2"), (Cite("qsparse_local_sgd/eq-D.3"), SHARP_APART))
SHARP_LAG = Using(Cite("qsparse_local_sgd/eq-D.17"), (SHARP_APART, SHARP_MOVED, Cite("qsparse_local_sgd/eq-D.26")))


def theorem_6(factor: sp.Expr) -> Relation:
    """(E.2), with a factor of its last term."""
    last = factor * xi**3 * L**2 * G**2 * H**2 / (2 * (a - 1) ** 2 * P_T)
    return at_most(output_gradient_sq, initial_gap / P_T + L * xi**2 / ((a - 1) * P_T) * VARIANCE + last)


THEOREM_6 = theorem_6(16 + 24 * C / gamma**2 + 200 * GROWTH * H**2)
DRIFT_6 = (held * H + behind * (H - 1)) * DRIFT_SUMMED
THEOREM_6_IMPROVED = at_most(output_gradient_sq, in_root(DECAYING_MOST, DECAYING_FIRST, DRIFT_6))
FREE_STEPS = eta_t * (2 - DECAYING_MOST - tau) * gradient_sq
FREE_STEP_TOGETHER = with_both(
    free_step(DECAYING_MOST), at_most(FREE_STEPS, 2 * DESCENT + eta_t**2 * L * VARIANCE), drift_price(DECAYING_MOST)
)

# A message u of a worker that compresses v
ALL_OF_IT = Granted(at_most(sent_input_sq, sent_input_sq), by="what is compressed")
LEFT = Granted(at_most(sent_left_sq, (1 - gamma) * sent_input_sq), by="contraction (Definition 7)")

# The vectors of one iteration of Algorithm 2
_master, _message, _memory = vector("master"), worker_vector("message"), worker_vector("memory")
_virtual, _passed = worker_vector("x_tilde at t_r"), worker_vector("passed")
_received = worker_vector("received")  # both x^(r) and x_hat^(r) at the last synchronisation of r
_start, _step, _off_course = vector("start"), worker_vector("step"), worker_vector("x_tilde at t_r less start and steps")
_progress = worker_vector("progress")  # sum of eta_j grad f_j of a worker since its last synchronisation

PARTED_FROM_OLDEST = {
    average_norm_sq(u_i + _passed): from_oldest_sq, average_norm_sq(u_i): local_progress_sq, average_norm_sq(_passed): mean_synced_apart_sq
}  # fmt: skip
PARTED_ROOTS = (sp.sqrt(local_progress_sq), sp.sqrt(mean_synced_apart_sq))
AS_THEY_ARE = tuple(Granted(at_most(part, part), by="as it is") for part in (local_progress_sq, mean_synced_apart_sq))
NEARER = at_most(average_norm_sq(u_i + _passed), 2 * average_norm_sq(u_i) + 2 * average_norm_sq(_passed))
ONE_MORE = at_most(n**2 * norm_sq(u_i.mean), n**2 * average_norm_sq(u_i) + norm_sq(v))


def of_senders(moved: sp.Expr, total: sp.Expr) -> Rule:
    """What several messages move, by the total of their squares over the R - 1 workers that may have sent any."""
    measured = {
        OTHERS**2 * n**2 * norm_sq(u_i.mean): moved,
        OTHERS * (n**2 * average_norm_sq(u_i) + norm_sq(v)): total,
    }
    return Expected(scaled(Certified(ONE_MORE), OTHERS**2), measured)


LEFT_AND_INPUT = at_most(norm_sq(u), 2 * norm_sq(v - u) + 2 * norm_sq(v))
IN_TWO = at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v))
INPUT_IN_TWO = Expected(Certified(IN_TWO), {norm_sq(u + v): sent_input_sq, norm_sq(u): memory_sq, norm_sq(v): sent_progress_sq})
IN_THREE = at_most(norm_sq(u_i.mean + u + v), 3 * average_norm_sq(u_i) + 3 * norm_sq(u) + 3 * norm_sq(v))
STEPPED_LESS_SENT = vanishes((_master - _passed.mean) - (_master - _progress).mean - (_progress - _passed).mean)
STRETCH = vanishes(x_hat - (x_hat - _progress) - _progress)
AS_DEFINED = (given.contraction, given.second_moment, given.gap_as_defined, given.fixed_step)


def worst(relation: Relation, decaying: bool, arena: str = "lag", **how: Any) -> tuple[Reading, ...]:
    """A bound under the hypotheses of Lemmas 9 to 12, attacked by the worst gradients."""
    given_here, setting = (DECAYING_LEMMA, DECAYING_WORST) if decaying else (FIXED_LEMMA, FIXED_WORST)
    return printed(relation, given_here, arena=arena, setting=setting, **how)


CLAIMS = (
    Claim(
        "qsparse_local_sgd/appendix-d/sets",
        "definition",
        "appendix D, 5",
        "The sets of section 4.3 again.",
        latex=(
            r"\mathcal{I}_T^{(r)} = \{t_{(i)}^{(r)} : i \in \mathbb{Z}^+, t_{(i)}^{(r)} \in [T], |t_{(i)}^{(r)} - t_{(j)}^{(r)}| "
            r"\leq H, \forall |i - j| \leq 1\}",
        ),
        unparsed="a definition, judged by Lemma 12, whose relation is coded; read twice",
        readings=printed(
            LEMMA_12,
            AS_DEFINED,
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
        restates="qsparse_local_sgd/sec-4.3/sets",
    ),
    # D.1
    Claim(
        "qsparse_local_sgd/eq-D.1",
        "equation",
        "appendix D.1, (D.1)",
        "Lemma 9 again, its constant under another name.",
        latex=(
            r"\frac{1}{R} \sum_{r=1}^R \mathbb{E} \|\hat{\mathbf{x}}_t - \hat{\mathbf{x}}_t^{(r)}\|^2 \leq 8(1 + C''' H^2) "
            r"\eta_t^2 G^2 H^2",
        ),
        letters={"C'''": 8 * GROWTH},
        readings=worst(LEMMA_9, True, "deviation", follows=Cite("qsparse_local_sgd/lemma-9")),
        restates="qsparse_local_sgd/lemma-9",
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/variance",
        "step",
        "appendix D.1, before (D.2)",
        "Vectors are closer to their mean than to the origin.",
        latex=(r"\sum_{i=1}^n \|\mathbf{u}_i - \bar{\mathbf{u}}\|^2 \leq \sum_{i=1}^R \|\mathbf{u}_i\|^2",),
        letters={
            r"\sum_{i=1}^n \|\mathbf{u}_i - \bar{\mathbf{u}}\|^2": R * average_norm_sq(u_i.deviation),
            r"\sum_{i=1}^R \|\mathbf{u}_i\|^2": R * average_norm_sq(u_i),
        },
        readings=printed(
            at_most(R * average_norm_sq(u_i.deviation), R * average_norm_sq(u_i)),
            follows=Cite("qsparse_local_sgd/appendix-c.5/variance"),
            arena="vectors",
        ),
        misprint="the first sum runs to n, which is R",
    ),
    Claim(
        "qsparse_local_sgd/eq-D.2/line-2",
        "step",
        "appendix D.1, (D.2), line 2",
        "The deviation is at most the distance from the master's iterate at t'_0.",
        latex=(r"\frac{1}{R} \sum_{r=1}^R \mathbb{E} \|\widehat{\mathbf{x}}_t^{(r)} - \bar{\mathbf{x}}_{t'_0}\|^2",),
        letters=APART,
        damaged=DAMAGED,
        readings=printed(
            at_most(deviation_sq, from_oldest_sq),
            follows=Expected(
                scaled(Cite("qsparse_local_sgd/appendix-d.1/variance"), 1 / R),
                {average_norm_sq(u_i.deviation): deviation_sq, average_norm_sq(u_i): from_oldest_sq},
            ),
            arena="lag",
            setting=FIXED_WORST,
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.2",
        "step",
        "appendix D.1, (D.2), line 3",
        "Before and after the last synchronisation.",
        latex=(
            r"\frac{2}{R} \sum_{r=1}^R \mathbb{E} \|\widehat{\mathbf{x}}_t^{(r)} - \widehat{\mathbf{x}}_{t_r}^{(r)}\|^2 + "
            r"\frac{2}{R} \sum_{r=1}^R \mathbb{E} \|\widehat{\mathbf{x}}_{t_r}^{(r)} - \bar{\mathbf{x}}_{t'_0}\|^2",
        ),
        letters=APART,
        readings=printed(
            at_most(deviation_sq, 2 * local_progress_sq + 2 * mean_synced_apart_sq),
            follows=Chained(
                Cite("qsparse_local_sgd/eq-D.2/line-2"),
                Expected(Certified(NEARER), PARTED_FROM_OLDEST),
            ),
            arena="deviation",
            setting=FIXED_WORST,
        ),
        improvement=Reading(
            "improved: roots add up",
            at_most(deviation_sq, sp.Add(*PARTED_ROOTS) ** 2),
            follows=Chained(
                Cite("qsparse_local_sgd/eq-D.2/line-2"), Minkowski((u_i, _passed), AS_THEY_ARE, PARTED_ROOTS, PARTED_FROM_OLDEST)
            ),
            arena="deviation",
            setting=FIXED_WORST,
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.3/line-2",
        "step",
        "appendix D.1, (D.3), line 2",
        "Jensen's inequality for the mean of n steps.",
        latex=(r"(t - t_r) \sum_{j=t_r}^{t-1} \mathbb{E} \|\eta_j \nabla f_{i_j^{(r)}} \left( \widehat{\mathbf{x}}_j^{(r)} \right)\|^2",),
        unparsed="a sum over j, coded as n times the mean over u_1, ..., u_n; read twice",
        readings=printed(JENSEN, follows=Cite("qsparse_local_sgd/appendix-c.1/progress-2"), arena="vectors"),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.3/line-3",
        "step",
        "appendix D.1, (D.3), line 3",
        "Each step is bounded by the first one; at worst t_r is t'_0.",
        latex=(r"(t - t_r)^2 \eta_{t_r}^2 G^2",),
        letters={r"(t - t_r)": t - t_i, r"\eta_{t_r}": STEP_I},
        readings=worst(
            at_most(local_progress_sq, (t - t_i) ** 2 * STEP_I**2 * G**2),
            True,
            follows=Weakened(LOCAL_PROGRESS, at_most(local_progress_sq, (t - t_i) ** 2 * STEP_I**2 * G**2), (SINCE_OWN,)),
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.3",
        "step",
        "appendix D.1, (D.3), last line",
        "The step at most halves in between.",
        latex=(r"4\eta_t^2 H^2 G^2",),
        readings=worst(
            at_most(local_progress_sq, 4 * eta_t**2 * H**2 * G**2),
            True,
            follows=since_oldest(Cite("qsparse_local_sgd/eq-C.14/line-2"), 4 * H**2 * G**2, local_progress_sq),
        ),
        improvement=sharper(
            at_most(local_progress_sq, (SINCE * eta_t * (H - 1) * G) ** 2),
            True,
            by_now(Chained(EACH_PROGRESS, LARGEST), (SINCE * (H - 1) * G) ** 2, local_progress_sq, given.between_synchronisations),
            "improved: H - 1 iterations at most, over which the step falls by (a + H - 1) / a at most",
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/halves-1",
        "step",
        "appendix D.1, after (D.3)",
        "Over H iterations the step at most halves.",
        latex=(r"\eta_{t_r} \leq 2\eta_{t_r+H}",),
        letters={r"\eta_{t_r}": xi / (a + t_i), r"\eta_{t_r+H}": xi / (a + t_i + H)},
        readings=printed(at_most(xi / (a + t_i), 2 * xi / (a + t_i + H)), DECAYING_LEMMA),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/halves-2",
        "step",
        "appendix D.1, after (D.3)",
        "And it does not grow.",
        latex=(r"2\eta_{t_r+H} \leq 2\eta_t",),
        letters={r"\eta_t": xi / (a + t), r"\eta_{t_r+H}": xi / (a + t_i + H)},
        readings=printed(at_most(2 * xi / (a + t_i + H), 2 * xi / (a + t)), (given.decaying_step, given.last_synchronisation)),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.4",
        "step",
        "appendix D.1, (D.4)",
        "The master has moved by what was sent since t'_0.",
        latex=(
            r"\bar{\mathbf{x}}_{t_r}^{(r)} = \bar{\mathbf{x}}_{t'_0} - \frac{1}{R} \sum_{s=1}^R \sum_{j=t'_0}^{t_r-1} \mathbb{1}\{j+1 "
            r"\in \mathcal{I}_T^{(s)}\} g_j^{(s)}",
        ),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(
            equals(master_less_messages_sq, 0),
            (given.any_map,),
            follows=Cite("qsparse_local_sgd/algorithm-2/line-19"),
            arena="run",
            setting=HORIZON_RUN,
            says="the message of a worker that does not synchronise is 0",
        ),
        misprint="the master's iterate has no superscript (r)",
    ),
    Claim(
        "qsparse_local_sgd/eq-D.5",
        "step",
        "appendix D.1, (D.5)",
        "Jensen's inequality; one more message is added.",
        latex=(
            r"\mathbb{E} \|\widehat{\mathbf{x}}_{t_r}^{(r)} - \bar{\mathbf{x}}_{t'_0}\|^2 \leq \frac{(t_r - t'_0)}{R} \sum_{s=1}^R "
            r"\sum_{j=t'_0}^{t_r} \mathbb{E} \|g_j^{(s)}\|^2",
        ),
        unparsed="a double sum, coded as one quantity; read twice",
        readings=printed(
            at_most(synced_apart_sq, message_total_sq),
            follows=Expected(
                Certified(ONE_MORE),
                {n**2 * norm_sq(u_i.mean): synced_apart_sq, n**2 * average_norm_sq(u_i) + norm_sq(v): message_total_sq},
            ),
            arena="lag",
            setting=FIXED_WORST,
        ),
        improvement=Reading(
            "improved: over the R - 1 workers that may have sent",
            at_most(synced_apart_sq, OTHERS * message_total_sq),
            follows=of_senders(synced_apart_sq, message_total_sq),
            arena="lag",
            setting=FIXED_WORST,
            says="u^s of the others alone, as the one that synchronised at t'_0 has sent nothing since",
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/message-1",
        "step",
        "appendix D.1, before (D.6), first inequality",
        "A message is its input less what is left of it.",
        latex=(r"\mathbb{E} \|QC(\mathbf{u})\|^2 \leq 2\mathbb{E} \|\mathbf{u} - QC(\mathbf{u})\|^2 + 2\|\mathbf{u}\|^2",),
        letters={
            r"\mathbb{E} \|QC(\mathbf{u})\|^2": norm_sq(u),
            r"\mathbb{E} \|\mathbf{u} - QC(\mathbf{u})\|^2": norm_sq(v - u),
            r"\|\mathbf{u}\|^2": norm_sq(v),
        },
        readings=printed(LEFT_AND_INPUT, follows=Certified(LEFT_AND_INPUT), arena="vectors", says="v is compressed to u"),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/message-2",
        "step",
        "appendix D.1, before (D.6), second inequality",
        "What is left is bounded by contraction; the sum is B ||u||^2.",
        latex=(r"2(1 - \gamma)\|\mathbf{u}\|^2 + 2\|\mathbf{u}\|^2",),
        letters={r"\|\mathbf{u}\|^2": norm_sq(v)},
        readings=printed(
            at_most(norm_sq(u), 2 * (1 - gamma) * norm_sq(v) + 2 * norm_sq(v)),
            (given.contraction,),
            facts=(fact("contraction (Definition 7): what is left of v", (1 - gamma) * norm_sq(v) - norm_sq(v - u), 2),),
            says="attacked in expectation, as (D.6)",
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.6",
        "step",
        "appendix D.1, (D.6)",
        "A message is bounded by what is compressed.",
        latex=(
            r"\mathbb{E} \|g_j^{(s)}\|^2 \leq B\mathbb{E} \|m_j^{(s)} + \mathbf{x}_j^{(s)} - "
            r"\widehat{\mathbf{x}}_{j+\frac{1}{2}}^{(s)}\|^2",
        ),
        letters=SENT_INPUT,
        readings=printed(
            at_most(sent_sq, B * sent_input_sq),
            (given.contraction,),
            follows=Expected(Cite("qsparse_local_sgd/appendix-d.1/message-2"), {norm_sq(u): sent_sq, norm_sq(v): sent_input_sq}),
            arena="lag",
            setting=FIXED_WORST,
        ),
        improvement=Reading(
            "improved: (1 + sqrt(1 - gamma))^2 for 4 - 2 gamma, attained by what is left against the input",
            at_most(sent_sq, (1 + KEEP) ** 2 * sent_input_sq),
            (given.contraction,),
            follows=Minkowski(
                (v, u - v),
                (ALL_OF_IT, LEFT),
                (sp.sqrt(sent_input_sq), KEEP * sp.sqrt(sent_input_sq)),
                {norm_sq(u): sent_sq, norm_sq(v): sent_input_sq, norm_sq(u - v): sent_left_sq},
            ),
            arena="lag",
            setting=FIXED_WORST,
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.7",
        "step",
        "appendix D.1, (D.7)",
        "Memory and progress apart.",
        latex=(r"2B\mathbb{E} \|m_j^{(s)}\|^2 + 2B\mathbb{E} \|\mathbf{x}_j^{(s)} - \widehat{\mathbf{x}}_{j+\frac{1}{2}}^{(s)}\|^2",),
        letters=SENT_INPUT,
        readings=printed(
            at_most(sent_sq, 2 * B * memory_sq + 2 * B * sent_progress_sq),
            (given.contraction,),
            follows=Using(Cite("qsparse_local_sgd/eq-D.6"), (INPUT_IN_TWO,)),
            arena="lag",
            setting=FIXED_WORST,
        ),
        improvement=Reading(
            SHARPER,
            at_most(sent_sq, 2 * SENT * memory_sq + 2 * SENT * sent_progress_sq),
            (given.contraction,),
            follows=Using(Cite("qsparse_local_sgd/eq-D.6", improved=True), (INPUT_IN_TWO,)),
            arena="lag",
            setting=FIXED_WORST,
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/memory",
        "step",
        "appendix D.1, after (D.7)",
        "Lemma 4 holds for Algorithm 2: its proof looks at one worker's own synchronisations.",
        latex=(r"\mathbb{E}\|m_j^{(s)}\|^2 \leq 4C \frac{\eta_j^2}{\gamma^2} H^2 G^2",),
        letters=SENT_INPUT,
        misprint="the first and the second term of (D.3) for those of (D.7)",
        readings=worst(LEMMA_4, True, "memory", follows=Cite("qsparse_local_sgd/lemma-4")),
        improvement=sharper(MEMORY_LIMIT_DECAYING, True, Cite("qsparse_local_sgd/lemma-4", improved=True), LIKE_LEMMA_4, "memory"),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/anchor",
        "step",
        "appendix D.1, after (D.7)",
        "Where a worker last received the master's iterate: said to be at t'_0, which is another worker's synchronisation.",
        latex=(r"\mathbf{x}_j^{(s)} = \widehat{\mathbf{x}}_{t'_0}^{(s)}",),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(equals(stale_anchor_sq, 0), (given.any_map,), arena="run", setting=HORIZON_RUN),
        correction=Reading(
            "corrected: at its own last synchronisation up to j, which may be before t'_0",
            equals(own_anchor_sq, 0),
            (given.any_map,),
            follows=Invariant(
                own_anchor_sq,
                start=_start - _start,
                now=_received - _received,
                following={"it does not synchronise (line 7)": _received - _received, "it does (line 11)": _master - _master},
            ),
            arena="run",
            setting=HORIZON_RUN,
            says="x^(r) and x_hat^(r) at a synchronisation of the worker are the master's iterate",
        ),
        misprint="t'_0 for the last synchronisation of worker s; the bound drawn from it stands",
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/progress-sum",
        "step",
        "appendix D.1, after (D.7)",
        "What a worker has added up when it sends: said to begin at t'_0.",
        latex=(
            r"\|\mathbf{x}_j^{(s)} - \widehat{\mathbf{x}}_{j+\frac{1}{2}}^{(s)}\|^2 = \|\sum_{l=t'_0}^j \eta_l \nabla "
            r"f_{i_l^{(r)}}(\widehat{\mathbf{x}}_l^{(s)})\|^2",
        ),
        unparsed="norms of sums of vectors, coded as their largest difference; read twice",
        readings=printed(equals(stale_progress, 0), (given.any_map,), arena="run", setting=HORIZON_RUN),
        correction=Reading(
            "corrected: from its own last synchronisation",
            equals(own_anchor_sq, 0),
            (given.any_map,),
            follows=Cite("qsparse_local_sgd/appendix-d.1/anchor"),
            arena="run",
            setting=HORIZON_RUN,
            says="what it received is where its own steps began, so they are what it has added up",
        ),
        misprint="the sum must begin at the last synchronisation of worker s; (r) for (s)",
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/progress",
        "step",
        "appendix D.1, before (D.8)",
        "That is bounded all the same.",
        latex=(r"\mathbb{E}\|\mathbf{x}_j^{(s)} - \widehat{\mathbf{x}}_{j+\frac{1}{2}}^{(s)}\|^2 \leq 4\eta_{t'_0}^2 H^2 G^2",),
        letters={
            r"\mathbb{E} \|\mathbf{x}_j^{(s)} - \widehat{\mathbf{x}}_{j+\frac{1}{2}}^{(s)}\|^2": recent_progress_sq,
            r"\eta_{t'_0}": STEP_I,
        },
        readings=worst(
            at_most(recent_progress_sq, 4 * STEP_I**2 * H**2 * G**2),
            True,
            follows=at_oldest(LARGEST_PROGRESS, sent_progress(4), 4 * H**2 * G**2, recent_progress_sq),
        ),
        improvement=sharper(
            at_most(recent_progress_sq, (SINCE * STEP_I * H * G) ** 2),
            True,
            at_oldest(LARGEST_PROGRESS, SHARP_SENT_PROGRESS, SINCE**2 * H**2 * G**2, recent_progress_sq),
            "improved: the first of at most H steps was taken H - 1 iterations before, so it falls by (a + H - 1) / a at most",
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.8",
        "step",
        "appendix D.1, (D.8)",
        "Messages since t'_0 are bounded.",
        latex=(r"\mathbb{E}\|g_j^{(s)}\|^2 \leq 8B \left(1 + \frac{C}{\gamma^2}\right) \eta_{t'_0}^2 H^2 G^2",),
        letters={r"\mathbb{E} \|g_j^{(s)}\|^2": recent_sent_sq, r"\eta_{t'_0}": STEP_I, "B": B},
        readings=worst(
            at_most(recent_sent_sq, 8 * GROWTH * STEP_I**2 * H**2 * G**2),
            True,
            follows=at_oldest(LARGEST_MESSAGE, sent(4), 8 * GROWTH * H**2 * G**2, recent_sent_sq),
        ),
        improvement=sharper(
            at_most(recent_sent_sq, MESSAGE_DECAYING * STEP_I**2 * G**2),
            True,
            at_oldest(
                LARGEST_MESSAGE,
                message_in_roots(Cite("qsparse_local_sgd/lemma-4", improved=True), SHARP_SENT_PROGRESS, stored * H, SINCE * H),
                MESSAGE_DECAYING * G**2,
                recent_sent_sq,
            ),
            IN_ROOTS,
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/window",
        "step",
        "appendix D.1, before (D.9)",
        "The step at most halves from t'_0 to t.",
        latex=(r"\eta_{t'_0} \leq 2\eta_{t'_0+H} \leq 2\eta_t",),
        unparsed="a chain, coded by its ends; read twice",
        readings=printed(at_most(xi / (a + t_i), 2 * xi / (a + t)), (*DECAYING_LEMMA, given.last_synchronisation)),
        improvement=Reading(
            "improved: it falls by a fifth at most",
            at_most(xi / (a + t_i), sp.Rational(5, 4) * xi / (a + t)),
            (*DECAYING_LEMMA, given.last_synchronisation),
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.9",
        "step",
        "appendix D.1, (D.9)",
        "How far the master moved between t'_0 and another worker's synchronisation.",
        latex=(
            r"\mathbb{E}\|\widehat{\mathbf{x}}_{t_r}^{(r)} - \bar{\mathbf{x}}_{t'_0}\|^2 \leq 32B \left(1 + "
            r"\frac{C}{\gamma^2}\right) \eta_t^2 H^4 G^2",
        ),
        letters=APART,
        readings=worst(
            at_most(synced_apart_sq, MOVED),
            True,
            follows=since_oldest(apart_by_messages(Cite("qsparse_local_sgd/eq-D.8")), 32 * GROWTH * H**4 * G**2, synced_apart_sq),
        ),
        improvement=sharper(at_most(synced_apart_sq, APART_DECAYING), True, since_sent(synced_apart_sq, True), TELESCOPED),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/conclusion/line-1",
        "step",
        "appendix D.1, last display, line 1",
        "Both parts of (D.2) bounded.",
        latex=(r"8\eta_t^2 H^2 G^2 + 64B \left(1 + \frac{C}{\gamma^2}\right) \eta_t^2 H^4 G^2",),
        letters=APART,
        readings=worst(
            at_most(deviation_sq, 8 * eta_t**2 * H**2 * G**2 + 64 * GROWTH * eta_t**2 * H**4 * G**2),
            True,
            "deviation",
            follows=Using(
                Cite("qsparse_local_sgd/eq-D.2"), (Cite("qsparse_local_sgd/eq-D.3"), Chained(EACH_APART, Cite("qsparse_local_sgd/eq-D.9")))
            ),
        ),
        improvement=SHARPER_9,
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.1/conclusion",
        "step",
        "appendix D.1, last display, line 2",
        "Lemma 9.",
        latex=(r"8 \left[1 + 8BH^2 \left(1 + \frac{C}{\gamma^2}\right)\right] \eta_t^2 H^2 G^2",),
        letters=APART,
        readings=worst(LEMMA_9, True, "deviation", follows=Cite("qsparse_local_sgd/appendix-d.1/conclusion/line-1")),
        improvement=proved_at("appendix-d.1/conclusion/line-1", SHARPER_9),
    ),
    # D.2
    Claim(
        "qsparse_local_sgd/eq-D.10",
        "equation",
        "appendix D.2, (D.10)",
        "Lemma 10 again.",
        latex=(
            r"\frac{1}{R} \sum_{r=1}^R \mathbb{E} \|\widehat{\mathbf{x}}_t - \widehat{\mathbf{x}}_t^{(r)}\|^2 \leq (2 + H^2 C') "
            r"\eta^2 G^2 H^2",
        ),
        letters={"C'": 2 * FIXED_GROWTH},
        readings=worst(LEMMA_10, False, "deviation", follows=Cite("qsparse_local_sgd/lemma-10")),
        restates="qsparse_local_sgd/lemma-10",
    ),
    Claim(
        "qsparse_local_sgd/eq-D.11/line-1",
        "step",
        "appendix D.2, (D.11), line 1",
        "A message, fixed step: the progress bounded.",
        latex=(r"\mathbb{E}\|g_j^{(s)}\|^2 &\leq 2B\mathbb{E}\|m_j^{(s)}\|^2 + 2B\eta^2 H^2 G^2",),
        letters=SENT_INPUT,
        readings=worst(
            at_most(sent_sq, 2 * B * memory_sq + 2 * B * eta**2 * H**2 * G**2),
            False,
            follows=Using(Cite("qsparse_local_sgd/eq-D.7"), (FIXED_PROGRESS,)),
        ),
        improvement=sharper(
            at_most(sent_sq, 2 * SENT * memory_sq + 2 * SENT * eta**2 * H**2 * G**2),
            False,
            Using(Cite("qsparse_local_sgd/eq-D.7", improved=True), (FIXED_PROGRESS,)),
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.11/line-2",
        "step",
        "appendix D.2, (D.11), line 2",
        "The memory bounded by Lemma 5.",
        latex=(r"8B \frac{(1-\gamma^2)\eta^2}{\gamma^2} H^2 G^2 + 2\eta^2 B H^2 G^2",),
        letters=SENT_INPUT,
        readings=worst(
            at_most(sent_sq, 8 * B * (1 - gamma**2) * eta**2 / gamma**2 * H**2 * G**2 + 2 * eta**2 * B * H**2 * G**2),
            False,
            follows=Using(Cite("qsparse_local_sgd/eq-D.11/line-1"), (Cite("qsparse_local_sgd/lemma-5"),)),
        ),
        improvement=sharper(
            at_most(sent_sq, MESSAGE_FIXED * eta**2 * G**2),
            False,
            Instance(
                message_in_roots(
                    Instance(Cite("qsparse_local_sgd/lemma-5", improved=True), {eta: eta_t}),
                    Instance(FIXED_PROGRESS, {eta: eta_t}),
                    MEMORY_FIXED_ROOT,
                    H,
                ),
                FIXED,
            ),
            IN_ROOTS,
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.11",
        "step",
        "appendix D.2, (D.11), line 3",
        "The same in one term.",
        latex=(r"2B \left( \frac{4}{\gamma^2} - 3 \right) \eta^2 H^2 G^2",),
        letters=SENT_INPUT,
        readings=worst(at_most(sent_sq, PER_MESSAGE), False, follows=Cite("qsparse_local_sgd/eq-D.11/line-2")),
        improvement=sharper(
            at_most(sent_sq, MESSAGE_FIXED * eta**2 * G**2), False, Cite("qsparse_local_sgd/eq-D.11/line-2", improved=True), IN_ROOTS
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.12",
        "step",
        "appendix D.2, (D.12)",
        "Progress since the last synchronisation, fixed step.",
        latex=(r"\mathbb{E}\|\widehat{\mathbf{x}}_t^{(r)} - \widehat{\mathbf{x}}_{t_r}^{(r)}\|^2 \leq \eta^2 H^2 G^2",),
        letters=APART,
        readings=worst(
            at_most(local_progress_sq, eta**2 * H**2 * G**2),
            False,
            follows=Instance(Cite("qsparse_local_sgd/eq-C.14/line-2"), FIXED),
        ),
        improvement=sharper(
            at_most(local_progress_sq, (eta * (H - 1) * G) ** 2),
            False,
            Instance(Instance(Chained(EACH_PROGRESS, LARGEST), {STEP_I: eta_t}), FIXED),
            "improved: H - 1 iterations at most",
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.13",
        "step",
        "appendix D.2, (D.13)",
        "How far the master moved between t'_0 and another worker's synchronisation, fixed step.",
        latex=(
            r"\mathbb{E}\|\widehat{\mathbf{x}}_{t_r}^{(r)} - \bar{\mathbf{x}}_{t_0}\|^2 \leq 2B \left( \frac{4}{\gamma^2} - 3 \right) "
            r"\eta^2 H^4 G^2",
        ),
        letters=APART,
        readings=worst(
            at_most(synced_apart_sq, MOVED_FIXED),
            False,
            follows=apart_by_messages(fixed_message()),
        ),
        improvement=sharper(at_most(synced_apart_sq, APART_FIXED), False, since_sent(synced_apart_sq, False), TELESCOPED),
        misprint="t_0 for t'_0",
    ),
    Claim(
        "qsparse_local_sgd/eq-D.14",
        "step",
        "appendix D.2, (D.14)",
        "Lemma 10.",
        latex=(
            r"\frac{1}{R} \sum_{r=1}^R \mathbb{E}\|\widehat{\mathbf{x}}_t - \widehat{\mathbf{x}}_t^{(r)}\|^2 \leq \left[ 2 + 4BH^2 \left( "
            r"\frac{4}{\gamma^2} - 3 \right) \right] \eta^2 H^2 G^2",
        ),
        letters={"B": B},
        readings=worst(
            at_most(deviation_sq, (2 + 4 * B * H**2 * (4 / gamma**2 - 3)) * eta**2 * H**2 * G**2),
            False,
            "deviation",
            follows=Using(
                Cite("qsparse_local_sgd/eq-D.2"),
                (Cite("qsparse_local_sgd/eq-D.12"), Chained(EACH_APART, Cite("qsparse_local_sgd/eq-D.13"))),
            ),
        ),
        improvement=SHARPER_10,
    ),
    # D.3
    Claim(
        "qsparse_local_sgd/eq-D.15",
        "equation",
        "appendix D.3, (D.15)",
        "Lemma 11 again.",
        latex=(
            r"\mathbb{E}\|\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t\|^2 \leq C' \eta_t^2 H^4 G^2 + 12C "
            r"\frac{\eta_t^2}{\gamma^2} G^2 H^2",
        ),
        letters={"C'": 192 * GROWTH},
        readings=worst(LEMMA_11, True, follows=Cite("qsparse_local_sgd/lemma-11")),
        restates="qsparse_local_sgd/lemma-11",
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.3/since",
        "step",
        "appendix D.3, before (D.16)",
        "True and virtual iterates take the same steps after a synchronisation.",
        latex=(
            r"\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t = \frac{1}{R} \sum_{r=1}^R \left( \widehat{\mathbf{x}}_{t_r}^{(r)} - "
            r"\widetilde{\mathbf{x}}_{t_r}^{(r)} \right)",
        ),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(LAG_SINCE, follows=Cite("qsparse_local_sgd/sec-4.3/since")),
        restates="qsparse_local_sgd/sec-4.3/since",
    ),
    Claim(
        "qsparse_local_sgd/eq-D.16",
        "step",
        "appendix D.3, (D.16)",
        "The lag in three parts.",
        latex=(
            r"\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t = \left[ \frac{1}{R} \sum_{r=1}^R \widehat{\mathbf{x}}_{t_r}^{(r)} - "
            r"\bar{\mathbf{x}}_{t'_0} \right] + [\bar{\mathbf{x}}_{t'_0} - \bar{\mathbf{x}}_t] + \left[ \bar{\mathbf{x}}_t - \frac{1}{R} "
            r"\sum_{r=1}^R \widetilde{\mathbf{x}}_{t_r}^{(r)} \right]",
        ),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(LAG_SPLIT, follows=Cite("qsparse_local_sgd/eq-4.6")),
        restates="qsparse_local_sgd/eq-4.6",
    ),
    Claim(
        "qsparse_local_sgd/eq-D.17",
        "step",
        "appendix D.3, (D.17)",
        "Jensen's inequality for the three parts.",
        latex=(
            r"\mathbb{E}\|\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t\|^2 \leq \left[ \frac{3}{R} \sum_{r=1}^R "
            r"\mathbb{E}\|\widehat{\mathbf{x}}_{t_r}^{(r)} - \bar{\mathbf{x}}_{t'_0}\|^2 \right] + [3\mathbb{E}\|\bar{\mathbf{x}}_{t'_0} - "
            r"\bar{\mathbf{x}}_t\|^2] + \left[ 3\mathbb{E}\|\bar{\mathbf{x}}_t - \frac{1}{R} \sum_{r=1}^R "
            r"\widetilde{\mathbf{x}}_{t_r}^{(r)}\|^2 \right]",
        ),
        letters=APART,
        readings=printed(
            at_most(lag_sq, 3 * mean_synced_apart_sq + 3 * master_moved_sq + 3 * master_lag_sq),
            follows=Expected(
                Certified(IN_THREE),
                {
                    norm_sq(u_i.mean + u + v): lag_sq,
                    average_norm_sq(u_i): mean_synced_apart_sq,
                    norm_sq(u): master_moved_sq,
                    norm_sq(v): master_lag_sq,
                },
            ),
            arena="lag",
            setting=FIXED_WORST,
        ),
        improvement=Reading(
            "improved: roots add up, and where the last worker found the master stands in both parts, once with each sign",
            at_most(lag_sq, sp.Add(*LAG_ROOTS) ** 2),
            follows=Minkowski((_others, -OTHERS * _moved, _behind), (OTHERS_APART, *LATEST_AND_MASTER), LAG_ROOTS, LAG_IN_THREE),
            arena="lag",
            setting=FIXED_WORST,
            says="sharp for two workers",
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.18",
        "step",
        "appendix D.3, (D.18)",
        "(D.9) again.",
        latex=(
            r"\mathbb{E}\|\widehat{\mathbf{x}}_{t_r}^{(r)} - \bar{\mathbf{x}}_{t'_0}\|^2 \leq 32B \left(1 + \frac{C}{\gamma^2} \right) "
            r"\eta_t^2 H^4 G^2",
        ),
        letters=APART,
        readings=worst(at_most(synced_apart_sq, MOVED), True, follows=Cite("qsparse_local_sgd/eq-D.9")),
        improvement=sharper(at_most(synced_apart_sq, APART_DECAYING), True, since_sent(synced_apart_sq, True), TELESCOPED),
        restates="qsparse_local_sgd/eq-D.9",
    ),
    Claim(
        "qsparse_local_sgd/eq-D.19",
        "step",
        "appendix D.3, (D.19)",
        "The master is where all messages have brought it.",
        latex=(
            r"\bar{\mathbf{x}}_t = \bar{\mathbf{x}}_0 - \frac{1}{R} \sum_{r=1}^R \sum_{j=0}^{t_r-1} \mathbb{1}\{j+1 \in "
            r"\mathcal{I}_T^{(r)}\} g_j^{(r)}",
        ),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(
            equals(master_less_messages_sq, 0),
            (given.any_map,),
            follows=Cite("qsparse_local_sgd/eq-D.4"),
            arena="run",
            setting=HORIZON_RUN,
            says="worker r sends nothing from t_r to t; from 0 as from t'_0",
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.20",
        "step",
        "appendix D.3, (D.20)",
        "The same since t'_0.",
        latex=(
            r"\bar{\mathbf{x}}_{t'_0} - \frac{1}{R} \sum_{r=1}^R \sum_{j=t'_0}^{t_r-1} \mathbb{1}\{j+1 \in \mathcal{I}_T^{(r)}\} "
            r"g_j^{(r)}",
        ),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(
            equals(master_less_messages_sq, 0),
            (given.any_map,),
            follows=Cite("qsparse_local_sgd/eq-D.4"),
            arena="run",
            setting=HORIZON_RUN,
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.3/moved",
        "step",
        "appendix D.3, before (D.21)",
        "How far the master moved: a factor of worker r stands before the sum over r.",
        latex=(
            r"\mathbb{E}\|\bar{\mathbf{x}}_{t'_0} - \bar{\mathbf{x}}_t\|^2 \leq \frac{(t_r - t'_0)}{R} \sum_{r=1}^R "
            r"\sum_{j=t'_0}^{t_r} \mathbb{E}\|g_j^{(r)}\|^2",
        ),
        unparsed="r is both free and bound, so the sum is coded as one quantity; read twice",
        readings=(
            Reading(
                "as printed, for any worker r",
                at_most(master_moved_sq, 0),
                (given.any_map,),
                arena="run",
                setting=HORIZON_RUN,
                says="the factor is 0 for the worker that synchronised longest ago",
            ),
        ),
        correction=Reading(
            "corrected: each worker with its own factor, inside the sum",
            at_most(master_moved_sq, own_total_sq),
            follows=Expected(
                Certified(ONE_MORE),
                {n**2 * norm_sq(u_i.mean): master_moved_sq, n**2 * average_norm_sq(u_i) + norm_sq(v): own_total_sq},
            ),
            arena="lag",
            setting=FIXED_WORST,
            says="Jensen over the workers, then over the messages of each",
        ),
        improvement=Reading(
            "improved: over the R - 1 workers that may have sent",
            at_most(master_moved_sq, OTHERS * own_total_sq),
            follows=of_senders(master_moved_sq, own_total_sq),
            arena="lag",
            setting=FIXED_WORST,
            says="u^r of the others alone, as the one that synchronised at t'_0 has sent nothing since; each with its own factor",
        ),
        misprint="t_r stands outside the sum over r",
    ),
    Claim(
        "qsparse_local_sgd/eq-D.21",
        "step",
        "appendix D.3, (D.21)",
        "How far the master moved since t'_0; the bound used is (D.8), not (D.9).",
        latex=(
            r"\mathbb{E}\|\bar{\mathbf{x}}_{t'_0} - \bar{\mathbf{x}}_t\|^2 \leq 32B \left(1 + \frac{C}{\gamma^2} \right) \eta_t^2 "
            r"H^4 G^2",
        ),
        letters=APART,
        readings=worst(
            at_most(master_moved_sq, MOVED),
            True,
            follows=since_oldest(moved_by_messages(Cite("qsparse_local_sgd/eq-D.8")), 32 * GROWTH * H**4 * G**2, master_moved_sq),
        ),
        improvement=sharper(at_most(master_moved_sq, APART_DECAYING), True, since_sent(master_moved_sq, True), TELESCOPED),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.22",
        "step",
        "appendix D.3, (D.22)",
        "The virtual iterate of a worker at its last synchronisation.",
        latex=(
            r"\tilde{\mathbf{x}}_{t_r}^{(r)} = \bar{\mathbf{x}}_0 - \sum_{j=0}^{t_r-1} \eta_j \nabla f_{i_j^{(r)}} \left( "
            r"\hat{\mathbf{x}}_j^{(r)} \right)",
        ),
        unparsed="an identity of vectors, coded as a mean square of zero of their difference; read twice",
        readings=printed(
            vanishes(_off_course),
            (given.any_map,),
            follows=Invariant(
                average_norm_sq(_off_course),
                start=_start - _start,
                now=_virtual - (_start - _passed),
                following={"every iteration (3.7)": (_virtual - _step) - (_start - (_passed + _step))},
            ),
            says="(3.7) added up",
        ),
        relies=("qsparse_local_sgd/eq-3.7",),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.23",
        "step",
        "appendix D.3, (D.23)",
        "The master's lag is what was stepped and not sent.",
        latex=(
            r"\bar{\mathbf{x}}_t - \frac{1}{R} \sum_{r=1}^R \tilde{\mathbf{x}}_{t_r}^{(r)} = \frac{1}{R} \sum_{r=1}^R \left[ "
            r"\sum_{j=0}^{t_r-1} \eta_j \nabla^{(r)} f_{i_j} \left( \hat{\mathbf{x}}_j^{(r)} \right) - \sum_{j=0}^{t_r-1} "
            r"\mathbb{1}\{j+1 \in \mathcal{I}_T^{(r)}\} g_j^{(r)} \right]",
        ),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(STEPPED_LESS_SENT, follows=Certified(STEPPED_LESS_SENT), says="both start at x_0, written master"),
        misprint="the superscript (r) of the sample stands at the gradient",
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.3/stretch",
        "step",
        "appendix D.3, before (D.24)",
        "Progress over one stretch: the step size is missing.",
        latex=(
            r"\hat{\mathbf{x}}_{t_r^{(1)}}^{(r)} - \hat{\mathbf{x}}_{t_r^{(2)}-\frac{1}{2}}^{(r)} = "
            r"\sum_{j=t_r^{(1)}}^{t_r^{(2)}-1} \nabla f_{i_j^{(r)}} \left( \hat{\mathbf{x}}_j^{(r)} \right)",
        ),
        unparsed="an identity of vectors, coded for a stretch of one iteration with gradient 1 in one dimension; read twice",
        readings=printed(equals(eta, 1), (given.fixed_step,), says="the progress is eta, printed is 1"),
        correction=Reading(
            "corrected: eta_j before the gradient",
            STRETCH,
            follows=Certified(STRETCH),
            says="line 5 of Algorithm 2 over the stretch; progress is the sum of eta_j grad f_j",
        ),
        misprint="eta_j is missing",
    ),
    Claim(
        "qsparse_local_sgd/eq-D.24",
        "step",
        "appendix D.3, (D.24)",
        "The same from what the worker last received.",
        latex=(
            r"\mathbf{x}_{t_r^{(2)}-1}^{(r)} - \hat{\mathbf{x}}_{t_r^{(2)}-\frac{1}{2}}^{(r)} = \sum_{j=t_r^{(1)}}^{t_r^{(2)}-1} "
            r"\nabla f_{i_j^{(r)}} \left( \hat{\mathbf{x}}_j^{(r)} \right)",
        ),
        unparsed="an identity of vectors, coded for a stretch of one iteration with gradient 1 in one dimension; read twice",
        readings=printed(equals(eta, 1), (given.fixed_step,), says="the progress is eta, printed is 1"),
        correction=Reading(
            "corrected: eta_j before the gradient",
            STRETCH,
            follows=Cite("qsparse_local_sgd/appendix-d.3/stretch"),
            says="the worker received x_hat at its last synchronisation",
        ),
        misprint="eta_j is missing",
        restates="qsparse_local_sgd/appendix-d.3/stretch",
    ),
    Claim(
        "qsparse_local_sgd/eq-D.25",
        "step",
        "appendix D.3, (D.25)",
        "The master's lag is the mean memory.",
        latex=(
            r"\frac{1}{R} \sum_{r=1}^R \left[ \sum_{\substack{j:j+1 \in \mathcal{I}_T^{(r)} \\ j \leq t_r-1}} \left( "
            r"\mathbf{x}_j^{(r)} - \hat{\mathbf{x}}_{j+\frac{1}{2}}^{(r)} - g_j^{(r)} \right) \right]",
            r"\frac{1}{R} \sum_{r=1}^R m_{t_r}^{(r)}",
        ),
        unparsed="an identity of vectors, coded as a distance of zero; read twice",
        readings=printed(
            equals(master_less_memory_sq, 0),
            (given.any_map,),
            follows=Invariant(
                master_less_memory_sq,
                start=zero,
                now=_master - _virtual.mean - _memory.mean,
                following={
                    "none synchronises (lines 7, 16)": _master - _virtual.mean - _memory.mean,
                    "some do, the progress and the message of all others being 0 (lines 10, 19)": (
                        (_master - _message.mean) - (_virtual - _progress).mean - (_memory + _progress - _message).mean
                    ),
                },
            ),
            arena="run",
            setting=HORIZON_RUN,
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.3/mean-memory",
        "step",
        "appendix D.3, before (D.26)",
        "The mean memory is bounded as in Lemma 4.",
        latex=(r"\frac{1}{R} \sum_{r=1}^R \mathbb{E} \|m_t^{(r)}\|^2 \leq 4C \frac{\eta_t^2}{\gamma^2} G^2 H^2",),
        readings=worst(
            at_most(mean_memory_sq, MEMORY_DECAYING),
            True,
            "memory",
            follows=Chained(EACH_WORKER, Cite("qsparse_local_sgd/appendix-d.1/memory")),
        ),
        improvement=sharper(
            at_most(mean_memory_sq, MEMORY_DECAYING_LIMIT),
            True,
            Chained(EACH_WORKER, Cite("qsparse_local_sgd/appendix-d.1/memory", improved=True)),
            LIKE_LEMMA_4,
            "memory",
        ),
    ),
    Claim(
        "qsparse_local_sgd/eq-D.26",
        "step",
        "appendix D.3, (D.26)",
        "So is the master's lag.",
        latex=(
            r"\mathbb{E} \left\| \bar{\mathbf{x}}_t - \frac{1}{R} \sum_{r=1}^R \tilde{\mathbf{x}}_{t_r}^{(r)} \right\|^2 \leq 4C "
            r"\frac{\eta_t^2}{\gamma^2} G^2 H^2",
        ),
        letters=APART,
        readings=worst(
            at_most(master_lag_sq, MEMORY_DECAYING),
            True,
            "memory",
            follows=Chained(MASTER_BELOW_MEMORY, Cite("qsparse_local_sgd/appendix-d.3/mean-memory")),
        ),
        improvement=sharper(
            at_most(master_lag_sq, MEMORY_DECAYING_LIMIT),
            True,
            Chained(MASTER_BELOW_MEMORY, Cite("qsparse_local_sgd/appendix-d.3/mean-memory", improved=True)),
            LIKE_LEMMA_4,
            "memory",
        ),
    ),
    Claim(
        "qsparse_local_sgd/appendix-d.3/conclusion",
        "step",
        "appendix D.3, last display",
        "Lemma 11.",
        latex=(
            r"\mathbb{E}\|\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t\|^2 \leq 192B \left(1 + \frac{C}{\gamma^2}\right) \eta_t^2 "
            r"H^4 G^2 + 12C \frac{\eta_t^2}{\gamma^2} G^2 H^2",
        ),
        letters=APART,
        readings=worst(
            LEMMA_11,
            True,
            follows=Using(
                Cite("qsparse_local_sgd/eq-D.17"),
                (
                    Chained(EACH_APART, Cite("qsparse_local_sgd/eq-D.18")),
                    Cite("qsparse_local_sgd/eq-D.21"),
                    Cite("qsparse_local_sgd/eq-D.26"),
                ),
            ),
        ),
        improvement=SHARPER_11,
    ),
    # D.4
    Claim(
        "qsparse_local_sgd/eq-D.27",
        "equation",
        "appendix D.4, (D.27)",
        "Lemma 12 again.",
        latex=(
            r"\mathbb{E}\|\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t\|^2 \leq 6C' \eta^2 H^4 G^2 + "
            r"\frac{12\eta^2(1-\gamma^2)}{\gamma^2} G^2 H^2",
        ),
        letters={"C'": FIXED_GROWTH},
        readings=worst(LEMMA_12, False, follows=Cite("qsparse_local_sgd/lemma-12")),
        restates="qsparse_local_sgd/lemma-12",
    ),
    Claim(
        "qsparse_local_sgd/eq-D.28",
        "step",
        "appendix D.4, (D.28)",
        "How far the master moved since t'_0, fixed step.",
        latex=(r"\mathbb{E}\|\bar{\mathbf{x}}_{t_0} - \bar{\mathbf{x}}_t\|^2 \leq 2B \left(\frac{4}{\gamma^2} - 3\right) \eta^2 H^4 G^2",),
        letters=APART,
        readings=worst(
            at_most(master_moved_sq, MOVED_FIXED),
            False,
            follows=moved_by_messages(fixed_message()),
        ),
        improvement=sharper(at_most(master_moved_sq, APART_FIXED), False, since_sent(master_moved_sq, False), TELESCOPED),
        misprint="t_0 for t'_0",
    ),
    Claim(
        "qsparse_local_sgd/eq-D.29",
        "step",
        "appendix D.4, (D.29)",
        "Lemma 12.",
        latex=(
            r"\mathbb{E}\|\widehat{\mathbf{x}}_t - \widetilde{\mathbf{x}}_t\|^2 \leq 12B \left(\frac{4}{\gamma^2} - 3\right) \eta^2 "
            r"H^4 G^2 + \frac{12\eta^2(1-\gamma^2)}{\gamma^2} G^2 H^2",
        ),
        letters={"B": B},
        readings=worst(
            at_most(lag_sq, 12 * B * (4 / gamma**2 - 3) * eta**2 * H**4 * G**2 + 12 * eta**2 * (1 - gamma**2) / gamma**2 * G**2 * H**2),
            False,
            follows=Using(
                Cite("qsparse_local_sgd/eq-D.17"),
                (
                    Chained(EACH_APART, Cite("qsparse_local_sgd/eq-D.13")),
                    Cite("qsparse_local_sgd/eq-D.28"),
                    Chained(Chained(MASTER_BELOW_MEMORY, EACH_WORKER), Cite("qsparse_local_sgd/lemma-5")),
                ),
            ),
        ),
        improvement=SHARPER_12,
    ),
)

THEOREM = (
    Claim(
        "qsparse_local_sgd/theorem-6",
        "theorem",
        "appendix E.2, Theorem 6, (E.2)",
        "Smooth functions, decaying step, asynchronous. Lemmas 9 and 11 as printed give 512 for 200; a > 4 H / gamma gives the 200.",
        latex=(
            r"\mathbb{E}\|\nabla f(\mathbf{z}_T)\|^2 \leq \frac{\mathbb{E}f(\mathbf{x}_0) - f^*}{P_T} + \frac{L\xi^2}{(a-1)P_T} "
            r"\left(\frac{\sum_{r=1}^R \sigma_r^2}{bR^2} \right) + \left(16 + \frac{24C}{\gamma^2} + 200C'H^2 \right) \frac{\xi^3 L^2 "
            r"G^2 H^2}{2(a-1)^2 P_T}",
        ),
        letters={**E3_LETTERS, "C'": GROWTH},
        readings=printed(
            THEOREM_6,
            DECAYING_RUN,
            follows=weighted_gradient(Using(Cite("qsparse_local_sgd/eq-E.3"), (SHARP_LAG, SHARP_DEVIATION))),
            arena="run",
            setting=DECAYING_WORST,
        ),
        improvement=Reading(
            "improved: no H^4, and the root of all that is known of the gradient, by the improved Lemma 9 and sums of E.3",
            parts_out(THEOREM_6_IMPROVED),
            tuple(h for h in DECAYING_RUN if h not in (given.memory_constant, given.shift_above_gap)),
            follows=in_parts(solved_decaying(FREE_STEP_TOGETHER, DRIFT_6), THEOREM_6_IMPROVED),
            arena="run",
            setting=DECAYING_WORST,
        ),
        relies=("qsparse_local_sgd/assumption-1", "qsparse_local_sgd/assumption-2", "qsparse_local_sgd/sec-4.1/gap"),
    ),
    Claim(
        "qsparse_local_sgd/theorem-6/sum-of-steps",
        "theorem",
        "appendix E.2, Theorem 6 (ii)",
        "The steps add up to at least a logarithm.",
        latex=(r"P_T \geq \frac{\xi}{4} \ln\left(\frac{T+a-1}{a}\right)",),
        letters=E3_LETTERS,
        readings=printed(at_least(P_T, LOGARITHM), (given.decaying_step, given.shift_above_one), follows=SUM_OF_STEPS),
        restates="qsparse_local_sgd/theorem-5/sum-of-steps",
    ),
)
