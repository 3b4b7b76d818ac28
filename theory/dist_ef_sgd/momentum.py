r"""dist-EF-SGD, sections 3.2, 3.3 and Appendices F to H: blocks, and Nesterov's momentum with a constant step."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp

from theory import hypotheses as given
from theory.asymptotics import Largest, Rate
from theory.claim import Claim, Reading, Relation, at_least, at_most, equals
from theory.dist_ef_sgd.terms import (
    ABOUT_THE_GRADIENT,
    ARENA,
    COST,
    COST_CUBED,
    DELTA,
    ERROR,
    INDEPENDENT,
    LARGEST_DRIVE,
    MAP,
    MESSAGE,
    MOMENTUM,
    ROOT,
    RUN,
    SERVER_CONTRACTS,
    SHARP_ERROR,
    SHARP_IS_HALF,
    SHARP_LIMITS,
    WITH_MOMENTUM,
    WORKER_CONTRACTS,
    below_peaks,
    claim,
    in_root,
    kept_share,
    printed,
    rho,
    rising,
    rising_errors,
    sharp_rising,
    sharply_below_peaks,
)
from theory.notation import ORDER
from theory.rules import (
    Cancels,
    Certified,
    Cite,
    Combined,
    Continued,
    Decided,
    Exchanged,
    Expected,
    GeometricLimit,
    Granted,
    Inducted,
    InLetters,
    Instance,
    Invariant,
    Isolated,
    Rooted,
    Rule,
    Solved,
    Squared,
    Summed,
    Telescoped,
    Using,
    Weakened,
    scaled,
)
from theory.samples import drawn, jensen
from theory.scenes import expected_next_f, f_y, fact, g_x, g_y, lipschitz, noise, u, v, x, y
from theory.symbols import (
    G,
    L,
    R,
    T,
    averaged_gradient_lag_sq,
    averaged_inner,
    averaged_lag_sq,
    averaged_loss,
    averaged_move_sq,
    averaged_step_less_sq,
    averaged_virtual_sq,
    batch_gradient_sq,
    blocks,
    d,
    discounted_batch_gradient_sq,
    discounted_batch_noise_sq,
    discounted_gradient_sq,
    discounted_late_sq,
    discounted_own_sq,
    drive_sq,
    eta,
    f_star,
    gradient_sq,
    initial_gap,
    lag_sq,
    mean_drive_sq,
    mean_error_sq,
    mean_input_sq,
    mean_message_sq,
    momentum,
    momentum_room,
    momentum_sq,
    noise_sq,
    output_gradient_sq,
    p,
    peak_eta,
    plain_input_sq,
    plain_server_input_sq,
    server_error_sq,
    server_input_sq,
    sigma,
    t,
    tau,
    two_way_error_sq,
    virtual_less_sq,
    worker_error_sq,
    worker_input_sq,
    xi,
)
from theory.vectors import average_norm_sq, dot, norm_sq, vector, worker_vector, zero

KEPT = 1 - momentum
MOMENTUM_MAP = (*MAP, *MOMENTUM)
MOMENTUM_RUN = (*RUN, *MOMENTUM)
ANY_STEP_MAP = (*MAP, given.positive_step, given.momentum_range)
PEAK = peak_eta.subs(t, t - 1)  # the largest step before t
DRIVE = G**2 * WITH_MOMENTUM
LEMMA_6 = at_most(two_way_error_sq, ERROR * WITH_MOMENTUM)
NEXT = {name: quantity.subs(t, t + 1) for name, quantity in (("worker", worker_error_sq), ("server", server_error_sq))}
YOUNG = at_most(norm_sq(u + v), (1 + tau) * norm_sq(u) + (1 + 1 / tau) * norm_sq(v))
EACH = worker_vector("each")  # e_{t+1,i}
HALF_DELTA = {tau: DELTA / (2 * (1 - DELTA))}
RATIO = (1 - DELTA) * (1 + tau)
ADMITS = (1 - DELTA) * (1 + 1 / tau)
DRIVES = (LARGEST_DRIVE, Cite("dist_ef_sgd/lemma-5"))
ERRORS = rising_errors(DRIVES, WITH_MOMENTUM)
NO_ERROR = Granted(equals(worker_error_sq.subs(t, 0), 0), by="the errors are zero at the start")
NO_SERVER_ERROR = Granted(equals(server_error_sq.subs(t, 0), 0), by="the errors are zero at the start")
NO_ERRORS = Using(
    Expected(
        Certified(at_most(norm_sq(u + EACH.mean), 2 * norm_sq(u) + 2 * average_norm_sq(EACH))),
        {
            norm_sq(u + EACH.mean): two_way_error_sq.subs(t, 0),
            norm_sq(u): server_error_sq.subs(t, 0),
            average_norm_sq(EACH): worker_error_sq.subs(t, 0),
        },
    ),
    (NO_SERVER_ERROR, NO_ERROR),
)
SHARP_ERRORS = sharp_rising(DRIVES, WITH_MOMENTUM)
_error, _drive = worker_vector("error"), worker_vector("drive")
SHARP_SERVER = (1 - DELTA) * (1 + ROOT) ** 2 / (1 - ROOT) ** 4 * DRIVE
_SERVER_FROM_BOTH = Using(
    Expected(
        Certified(
            at_most(
                norm_sq(v),
                kept_share * (1 + kept_share) / 2 * norm_sq(u)
                + kept_share * (1 + kept_share) / (1 - kept_share) * average_norm_sq(_error)
                + kept_share**2 * (1 + kept_share) / (1 - kept_share) ** 2 * average_norm_sq(_drive),
            ),
            (
                fact(
                    "Definition 1 at what the server compresses: both errors and the drives, less the workers' new errors",
                    kept_share**2 * norm_sq(u + (_drive - _error).mean) - norm_sq(v),
                ),
            ),
        ),
        {norm_sq(v): NEXT["server"], norm_sq(u): two_way_error_sq, average_norm_sq(_error): NEXT["worker"],
         average_norm_sq(_drive): mean_drive_sq},
    ),
    (Cite("dist_ef_sgd/lemma-6", improved=True), Cite("dist_ef_sgd/eq-6", {t: t + 1}, improved=True), *DRIVES),
)  # fmt: skip
_sharp_server = kept_share**2 * (1 + kept_share) ** 2 / (1 - kept_share) ** 4 * DRIVE
SERVER_FOLLOWS = in_root(Inducted(_SERVER_FROM_BOTH, NO_SERVER_ERROR, server_error_sq, t, _sharp_server, _sharp_server))
WORKER_BOUND = 4 * (1 - DELTA) / DELTA**2 * DRIVE
SERVER_BOUND = 64 * (1 - DELTA) / DELTA**4 * DRIVE

EQ_5 = at_most(NEXT["worker"], RATIO * worker_error_sq + ADMITS * mean_drive_sq)
EQ_5_BOUNDED = at_most(NEXT["worker"], RATIO * worker_error_sq + ADMITS * DRIVE)
EQ_7_YOUNG = at_most(NEXT["server"], RATIO * server_error_sq + ADMITS * mean_message_sq)
SERVER_YOUNG = Expected(Certified(YOUNG), {norm_sq(u + v): server_input_sq, norm_sq(u): server_error_sq, norm_sq(v): mean_message_sq})
EQ_7 = at_most(NEXT["server"], RATIO * server_error_sq + 2 * (2 - DELTA) * ADMITS * worker_input_sq)


def server_admits(inputs: sp.Expr) -> sp.Expr:
    """The constant term of (8), line 1, where what the workers compress is at most G^2 / (1 - mu)^2 times `inputs`."""
    return 2 * (2 - DELTA) * ADMITS * inputs * DRIVE


def eq_8_step(inputs: sp.Expr) -> Relation:
    """(8), line 1."""
    return at_most(NEXT["server"], RATIO * server_error_sq + server_admits(inputs))


SERVER_ADMITS, SHARP_ADMITS = server_admits(4 / DELTA**2), server_admits(1 / (1 - ROOT) ** 2)
_ratio, _constant = sp.symbols("geometric_ratio geometric_constant", real=True, nonnegative=True)


def written_out(recursion: Rule, start: Rule, quantity: sp.Expr, constant: sp.Expr) -> Rule:
    """A recursion with the ratio (1 - delta) (1 + beta) and this constant term, after t + 1 iterations."""
    solved = Solved(recursion, start, quantity, t, _constant * (1 - _ratio**t) / (1 - _ratio))
    letters = {constant: _constant, RATIO: _ratio}
    return Instance(InLetters(solved, letters, {letter: value for value, letter in letters.items()}, (_ratio < 1,)), {t: t + 1})


# ---- theorem 2 ----

SPEED = eta / KEPT
NEXT_AVERAGED = averaged_loss.subs(t, t + 1)
STEP_9 = at_most(
    NEXT_AVERAGED,
    averaged_loss - SPEED * averaged_inner + L * SPEED**2 / 2 * gradient_sq + L * eta**2 * sigma**2 / (2 * KEPT**2 * R),
)
DESCENT = at_most(
    NEXT_AVERAGED,
    averaged_loss
    - (eta * (2 - rho) / (2 * KEPT) - L * eta**2 / (2 * KEPT**2)) * gradient_sq
    + L * eta**2 * sigma**2 / (2 * KEPT**2 * R)
    + L**2 * eta / (2 * rho * KEPT) * averaged_lag_sq,
)


def bounded_descent(error: sp.Expr) -> Relation:
    """(9) to (12) combined, for a given bound on both errors without momentum; so are the others."""
    return at_most(
        NEXT_AVERAGED,
        averaged_loss
        - (eta * (2 - rho) / (2 * KEPT) - L * eta**2 / (2 * KEPT**2)) * gradient_sq
        + L**2 * eta**3 * momentum**4 / (rho * KEPT**3) * momentum_sq
        + L * eta**2 * sigma**2 / (2 * KEPT**2 * R)
        + L**2 * eta**3 / (rho * KEPT**3) * error,
    )


STEP_FACTS = (
    fact(
        "F is L-smooth, in expectation over the noise: at z and its successor",
        f_y - SPEED * dot(g_y, g_x) + L * SPEED**2 / 2 * (norm_sq(g_x) + norm_sq(noise)) - expected_next_f,
    ),
    fact("F has an L-Lipschitz gradient: at x and z", lipschitz(g_x - g_y, x - y), SPEED / (2 * rho)),
)
LAG_11 = at_most(averaged_lag_sq, 2 * eta**2 * two_way_error_sq + 2 * eta**2 * momentum**4 / KEPT**2 * momentum_sq)


def gradient_lag_11(error: sp.Expr) -> Relation:
    """The last line of (11), for a given bound on both errors without momentum."""
    own, momenta = 2 * error * WITH_MOMENTUM, 2 * momentum**4 / KEPT**2 * momentum_sq
    return at_most(averaged_gradient_lag_sq, L**2 * eta**2 * (own + momenta))


MOMENTA = sp.Sum(momentum_sq, (t, 0, T - 1))
GRADIENTS = sp.Sum(gradient_sq, (t, 0, T - 1))
_shrinks = at_most(norm_sq(u * momentum + v), momentum * norm_sq(u) + norm_sq(v) / KEPT)
MOMENTUM_STEP = Using(
    Expected(
        Certified(_shrinks),
        {norm_sq(u * momentum + v): momentum_sq.subs(t, t + 1), norm_sq(u): momentum_sq, norm_sq(v): batch_gradient_sq},
    ),
    (ABOUT_THE_GRADIENT, INDEPENDENT),
)
# Lemma 5 as a recursion: ||mu m + g||^2 <= mu ||m||^2 + ||g||^2 / (1 - mu), once for m_t and once more for mu m_t + g_t
_own_momentum_sq = sp.Function("own_momentum_sq", real=True, nonnegative=True)(t)  # E ||m_{t-1}||^2 of a worker
_pushed = Certified(
    at_most(norm_sq(u * momentum + v), momentum * norm_sq(u) + G**2 / KEPT),
    (fact("stochastic gradients have second moment at most G^2 (Assumptions 2 and 3)", G**2 - norm_sq(v), 1 / KEPT),),
)
_limit = GeometricLimit(
    Expected(_pushed, {norm_sq(u * momentum + v): _own_momentum_sq.subs(t, t + 1), norm_sq(u): _own_momentum_sq}),
    Granted(equals(_own_momentum_sq.subs(t, 0), 0), by="m_{-1} = 0"),
    _own_momentum_sq,
    t,
)
DRIVEN = Using(Expected(_pushed, {norm_sq(u * momentum + v): drive_sq, norm_sq(u): _own_momentum_sq}), (_limit,))
# (12): gradients discounted, D_t the sum over k < t of mu^(t-1-k) E ||g_k||^2 of mean stochastic gradients, or of exact ones
DISCOUNTED, DISCOUNTED_EXACT, DISCOUNTED_NOISE = discounted_batch_gradient_sq, discounted_gradient_sq, discounted_batch_noise_sq
_now = {total: Granted(equals(total.subs(t, t + 1), momentum * total + each), by="one more gradient, the others discounted once more")
        for total, each in ((DISCOUNTED, batch_gradient_sq), (DISCOUNTED_EXACT, gradient_sq))}  # fmt: skip
_no_momentum = Granted(equals(momentum_sq.subs(t, 0), 0), by="m_{-1} = 0")
DISCOUNTS = Inducted(
    Expected(
        Certified(_shrinks),
        {norm_sq(u * momentum + v): momentum_sq.subs(t, t + 1), norm_sq(u): momentum_sq, norm_sq(v): batch_gradient_sq},
    ),
    _no_momentum,
    momentum_sq,
    t,
    DISCOUNTED / KEPT,
    (momentum * DISCOUNTED + batch_gradient_sq) / KEPT,
)
_weights = sp.Symbol("weights", real=True, positive=True)  # A_t = mu A_{t-1} + 1, of which A_0 = 1
_AT_MOST_WEIGHTED = at_most(norm_sq(u * momentum + v), (momentum * _weights + 1) * (momentum / _weights * norm_sq(u) + norm_sq(v)))


def weights_so_far(power: sp.Expr) -> sp.Expr:
    """1 + mu + ... + mu^(power - 1)."""
    return (1 - momentum**power) / KEPT


def by_convexity(momenta: sp.Expr, each: sp.Expr, total: sp.Expr) -> Rule:
    """Momenta after t + 1 gradients against A_t times these, discounted, from momenta and discounted gradients before t."""
    return Inducted(
        Expected(
            Certified(_AT_MOST_WEIGHTED),
            {norm_sq(u * momentum + v): momenta.subs(t, t + 2), norm_sq(u): momenta.subs(t, t + 1), norm_sq(v): each.subs(t, t + 1)},
        ),
        Granted(at_most(momenta.subs(t, 1), _weights * total.subs(t, 1)), by="m_0 is the first gradient, and A_0 = 1"),
        momenta.subs(t, t + 1),
        t,
        _weights * total.subs(t, t + 1),
        (momentum * _weights + 1) * (momentum * total + each).subs(t, t + 1),
    )


BY_CONVEXITY = Instance(by_convexity(momentum_sq, batch_gradient_sq, DISCOUNTED), {_weights: weights_so_far(t + 1)})
# Line 3 of the proof of Lemma 5: of one worker, and once more for mu m_t + g_t
_own_gradient_sq, _own_discounted = (
    sp.Function(name, real=True, nonnegative=True)(t) for name in ("own_gradient_sq", "own_discounted_sq")
)  # E ||g_t||^2, and the sum over k < t of mu^(t-1-k) E ||g_k||^2
_DRIVEN_BY_CONVEXITY = Isolated(
    Combined(
        (
            Using(
                Expected(
                    Certified(_AT_MOST_WEIGHTED),
                    {norm_sq(u * momentum + v): drive_sq, norm_sq(u): _own_momentum_sq.subs(t, t + 1), norm_sq(v): _own_gradient_sq},
                ),
                (by_convexity(_own_momentum_sq, _own_gradient_sq, _own_discounted),),
            ),
            Granted(
                at_most(momentum * _own_discounted.subs(t, t + 1) + _own_gradient_sq, discounted_own_sq),
                by="of all workers the largest",
            ),
        ),
        (1, momentum * _weights + 1),
    ),
    drive_sq,
)
DRIVEN_BY_CONVEXITY = Instance(_DRIVEN_BY_CONVEXITY, {_weights: weights_so_far(t + 1)})
_OWN_BOUND = Granted(at_most(_own_gradient_sq, G**2), by="stochastic gradients have second moment at most G^2 (Assumptions 2 and 3)")
_OWN_SO_FAR = Inducted(
    Using(
        Granted(
            equals(_own_discounted.subs(t, t + 2), (momentum * _own_discounted + _own_gradient_sq).subs(t, t + 1)),
            by="one more gradient, the others discounted once more",
        ),
        (Instance(_OWN_BOUND, {t: t + 1}),),
    ),
    Granted(at_most(_own_discounted.subs(t, 1), _weights * G**2), by="one second moment, and A_0 = 1"),
    _own_discounted.subs(t, t + 1),
    t,
    _weights * G**2,
    (momentum * _weights + 1) * G**2,
)
DRIVEN_SO_FAR = Instance(
    Using(
        _DRIVEN_BY_CONVEXITY,
        (
            Using(
                Granted(
                    at_most(discounted_own_sq, momentum * _own_discounted.subs(t, t + 1) + _own_gradient_sq),
                    by="of a worker for which it is largest",
                ),
                (_OWN_SO_FAR, _OWN_BOUND),
            ),
        ),
    ),
    {_weights: weights_so_far(t + 1)},
)
_none_yet = {total: Granted(equals(total.subs(t, 0), 0), by="there is no gradient before the start") for total in _now}
DOUBLE_SUM = scaled(
    Using(
        Telescoped(Isolated(_now[DISCOUNTED_EXACT], KEPT * DISCOUNTED_EXACT), t, T, {DISCOUNTED_EXACT.subs(t, T): 0}),
        (_none_yet[DISCOUNTED_EXACT],),
    ),
    1 / KEPT,
)
SPLIT = Granted(equals(DISCOUNTED, DISCOUNTED_EXACT + DISCOUNTED_NOISE), by="the noise has mean zero, whatever was before")
COUNTED = sp.Sum(weights_so_far(T - 1 - t) * gradient_sq, (t, 0, T - 2))  # the double sum, by gradients
GRADIENTS_BUT_LAST = sp.Sum(gradient_sq, (t, 0, T - 2))
_power = sp.Symbol("power", real=True, nonnegative=True)  # mu^(T-1-t)
WEIGHTS_AT_MOST = Summed(
    Decided(at_most((1 - _power) / KEPT, 1 / KEPT)), at_most(COUNTED, GRADIENTS_BUT_LAST / KEPT), by="gradient by gradient"
)
NOISE_APART = Inducted(
    Using(_now[DISCOUNTED], (ABOUT_THE_GRADIENT, INDEPENDENT)),
    _none_yet[DISCOUNTED],
    DISCOUNTED,
    t,
    DISCOUNTED_EXACT + sigma**2 / (R * KEPT),
    momentum * DISCOUNTED_EXACT + gradient_sq + sigma**2 / (R * KEPT),
)
MOMENTUM_SUM = scaled(
    Weakened(
        Using(
            Telescoped(Isolated(MOMENTUM_STEP, KEPT * momentum_sq), t, T, {momentum_sq.subs(t, T): 0}),
            (Granted(equals(momentum_sq.subs(t, 0), 0), by="m_{-1} = 0"),),
        ),
        at_most(KEPT * MOMENTA, (GRADIENTS + T * sigma**2 / R) / KEPT),
    ),
    1 / KEPT,
)


DESCENT_SHARE = eta * (2 - rho) / (2 * KEPT) - L * eta**2 / (2 * KEPT**2)  # of the squared gradients
MOMENTUM_SHARE = L**2 * eta**3 * momentum**4 / (rho * KEPT**4)  # of the discounted ones


def discounted_descent(error: sp.Expr) -> Relation:
    """(9) to (12) combined, with the discounted gradients of (12), for a given bound on both errors without momentum."""
    return at_most(
        NEXT_AVERAGED,
        averaged_loss
        - DESCENT_SHARE * gradient_sq
        + MOMENTUM_SHARE * DISCOUNTED
        + L * eta**2 * sigma**2 / (2 * KEPT**2 * R)
        + L**2 * eta**3 / (rho * KEPT**3) * error,
    )


def telescoped(error: sp.Expr) -> Relation:
    """The display after (12) summed over a run, for a given bound on both errors without momentum; so are the others."""
    return at_most(
        DESCENT_SHARE * GRADIENTS,
        averaged_loss.subs(t, 0)
        - averaged_loss.subs(t, T)
        + MOMENTUM_SHARE * sp.Sum(DISCOUNTED, (t, 0, T - 1))
        + L * eta**2 * sigma**2 * T / (2 * KEPT**2 * R)
        + L**2 * eta**3 * T / (rho * KEPT**3) * error,
    )


def telescoped_split(error: sp.Expr) -> Relation:
    """The same with exact gradients and noise apart."""
    nested = sp.Sum(DISCOUNTED_EXACT, (t, 0, T - 1)) + sp.Sum(DISCOUNTED_NOISE, (t, 0, T - 1))
    return at_most(
        DESCENT_SHARE * GRADIENTS,
        initial_gap
        + f_star
        - averaged_loss.subs(t, T)
        + MOMENTUM_SHARE * nested
        + L * eta**2 * sigma**2 * T / (2 * KEPT**2 * R)
        + L**2 * eta**3 * T / (rho * KEPT**3) * error,
    )


def telescoped_noise(error: sp.Expr) -> Relation:
    """The same with the noise bounded, and F."""
    return at_most(
        DESCENT_SHARE * GRADIENTS,
        initial_gap
        + MOMENTUM_SHARE * sp.Sum(DISCOUNTED_EXACT, (t, 0, T - 1))
        + L**2 * eta**3 * momentum**4 * sigma**2 * T / (rho * KEPT**5 * R)
        + L * eta**2 * sigma**2 * T / (2 * KEPT**2 * R)
        + L**2 * eta**3 * T / (rho * KEPT**3) * error,
    )


def eq_13(error: sp.Expr) -> Relation:
    return at_most(
        (eta * (2 - rho) / (2 * KEPT) - L * eta**2 / (2 * KEPT**2) - L**2 * eta**3 * momentum**4 / (rho * KEPT**5)) * GRADIENTS,
        initial_gap
        + L**2 * eta**3 * momentum**4 * sigma**2 * T / (rho * KEPT**5 * R)
        + L * eta**2 * sigma**2 * T / (2 * KEPT**2 * R)
        + L**2 * eta**3 * T / (rho * KEPT**3) * error,
    )


EQ_14 = at_least(
    eta * (2 - rho) / (2 * KEPT) - L * eta**2 / (2 * KEPT**2) - L**2 * eta**3 * momentum**4 / (rho * KEPT**5),
    eta * (2 - rho) / (4 * KEPT),
)
_room = (2 - rho) * KEPT**2
_short = _room - 2 * L * eta
SHARES_14 = (
    fact("a short step, for the second term", _short, eta / (4 * KEPT**2)),
    fact("a short step, for the third term", _short, eta * momentum**4 * (_room + 2 * L * eta) / (4 * rho * KEPT**5)),
    fact("rho >= (2 - rho) mu^3", rho - (2 - rho) * momentum**3, eta * (2 - rho) * momentum / (4 * rho * KEPT)),
)


def averaged(error: sp.Expr) -> Relation:
    return at_most(
        output_gradient_sq,
        4 * KEPT / (eta * (2 - rho) * T) * initial_gap
        + 2 * L * eta * sigma**2 / ((2 - rho) * KEPT * R) * (1 + 2 * L * eta * momentum**4 / (rho * KEPT**3))
        + 4 * L**2 * eta**2 / (rho * (2 - rho) * KEPT**2) * error,
    )


def theorem_2(error: sp.Expr) -> Relation:
    return at_most(
        output_gradient_sq,
        4 * KEPT / (eta * T) * initial_gap
        + 2 * L * eta * sigma**2 / (KEPT * R) * (1 + 2 * L * eta * momentum**4 / KEPT**3)
        + 4 * L**2 * eta**2 / KEPT**2 * error,
    )


# The same before Young's parameters are chosen, one for what compression leaves and one for momentum: z lags behind x by both
TWO_PARTS = Expected(
    Certified(
        at_most(
            expected_next_f,
            f_y
            - SPEED * (1 - L * SPEED / 2 - (rho + 1 / p) / 2) * norm_sq(g_x)
            + L * SPEED**2 / 2 * norm_sq(noise)
            + SPEED * L**2 / 2 * (norm_sq(u) / rho + p * norm_sq(v)),
        ),
        (
            STEP_FACTS[0],
            fact("F has an L-Lipschitz gradient: at x and z", lipschitz(g_x - g_y, u + v), SPEED / (2 * (rho + 1 / p))),
        ),
    ),
    {
        expected_next_f: NEXT_AVERAGED, f_y: averaged_loss, norm_sq(g_x): gradient_sq, norm_sq(noise): noise_sq,
        norm_sq(u): eta**2 * two_way_error_sq, norm_sq(v): eta**2 * momentum**4 / KEPT**2 * momentum_sq,
    },
)  # fmt: skip


def gradient_share(weight: sp.Expr) -> sp.Expr:
    """Of twice the mean squared gradient, what is left by smoothness and momentum, `weight` being p."""
    return 2 - L * SPEED - 1 / weight - weight * L**2 * eta**2 * momentum**4 / KEPT**4


def start_and_noise(weight: sp.Expr) -> sp.Expr:
    """What does not depend on compression."""
    return 2 * KEPT / (eta * T) * initial_gap + L * eta * sigma**2 / (KEPT * R) * (1 + weight * L * eta * momentum**4 / KEPT**3)


def free_weights(share: sp.Expr, weight: sp.Expr, error: sp.Expr = SHARP_ERROR) -> Relation:
    """The mean squared gradient with rho free; `share` is left of twice of it."""
    left = L**2 * eta**2 * error / (rho * KEPT**2)
    return at_most((share - rho) * output_gradient_sq, left + start_and_noise(weight))


def free_weights_follows(sharp: bool) -> Rule:
    """The same for every p."""
    bounded = Using(TWO_PARTS, (INDEPENDENT, Cite("dist_ef_sgd/lemma-6", improved=sharp)))
    share = SPEED * (1 - L * SPEED / 2 - (rho + 1 / p) / 2)
    total = Using(Telescoped(Isolated(bounded, share * gradient_sq), t, T, {averaged_loss.subs(t, T): f_star}), (Z_STARTS, MOMENTUM_SUM))
    of_run = 2 / (SPEED * T)
    parts = (total, Granted(equals(T * output_gradient_sq, GRADIENTS), by="o is each iterate with chance 1/T"))
    return Isolated(Combined(parts, (of_run, (gradient_share(p) - rho) / T)), (gradient_share(p) - rho) * output_gradient_sq)


HALF_SHARE = gradient_share(sp.Integer(2))
HALVED = Isolated(
    Combined((Instance(Cite("dist_ef_sgd/theorem-2/free"), {p: 2}), Decided(at_most(1, HALF_SHARE))), (1, output_gradient_sq)),
    (1 - rho) * output_gradient_sq,
)


def in_roots(root: sp.Expr, rest: sp.Expr, share: sp.Expr) -> Relation:
    """What a relation (share - rho) x <= root^2 / rho + rest for every rho says of x, the mean squared gradient."""
    return at_most(output_gradient_sq, ((root + sp.sqrt(root**2 + share * rest)) / share) ** 2)


def rooted(of: Rule, root: sp.Expr, rest: sp.Expr, share: sp.Expr) -> Rule:
    """Its derivation."""
    return Rooted(of, output_gradient_sq, rho, root, root**2 + share * rest, share)


def theorem_2_roots(error: sp.Expr) -> Relation:
    """Theorem 2 in roots, for a bound on both errors without momentum."""
    return in_roots(L * eta * sp.sqrt(error) / KEPT, start_and_noise(sp.Integer(2)), HALF_SHARE)


def theorem_2_roots_follows(error: sp.Expr) -> Rule:
    """Its derivation, in the same letter."""
    of = Instance(Cite("dist_ef_sgd/theorem-2/free"), {p: 2})
    return rooted(of, L * eta * sp.sqrt(error) / KEPT, start_and_noise(sp.Integer(2)), HALF_SHARE)


RATE = 1 / sp.sqrt(R * T)
PRICE = COST / T ** sp.Rational(2, 3)


def horizon_of_first_order(power: int) -> Largest:
    """Where the term in 1/T of Corollary 3 is within the order of its variance term, against T of order M / (1 - mu)^power."""
    third, variance = 1 / (momentum_room**4 * T), 1 / (momentum_room * sp.sqrt(R * T))
    return Largest(T, third, variance, R / momentum_room**power, (T, R, momentum_room), smallest=True)


RATE_WITH_MOMENTUM = Reading(
    "as T grows, all else being fixed",
    at_most(output_gradient_sq, ORDER * RATE),
    (*MOMENTUM_RUN, given.horizon_cost_step),
    rate=Rate("dist_ef_sgd/corollary-3", (RATE,), (T,)),
)
FIRST_ORDER = (2 * KEPT / xi * initial_gap + L * xi * sigma**2 / KEPT) * 2 * RATE


COROLLARY_3 = at_most(
    output_gradient_sq,
    FIRST_ORDER
    + 4 * L**2 * xi**2 * momentum**4 * sigma**2 / (KEPT**4 * T)
    + 4 * PRICE * (KEPT / xi * initial_gap + 8 * L**2 * xi**2 * G**2 / KEPT**2),
)


def spread_out(factor: int) -> Relation:
    """The same term by term."""
    return at_most(
        output_gradient_sq,
        (RATE / xi + PRICE / xi) * 4 * KEPT * initial_gap
        + 2 * L * xi * sigma**2 / KEPT * RATE * (1 + 2 * L * xi * momentum**4 * sp.sqrt(R) / (KEPT**3 * sp.sqrt(T)))
        + 4 * factor * L**2 * xi**2 * G**2 / KEPT**2 * PRICE,
    )


# (8) from its third line on: the limit of a geometric series, Young's parameter put in
_server = 8 * (1 - DELTA) * (2 - DELTA) * (1 + 1 / tau) / DELTA**2 * DRIVE
_lines = [
    line.subs(HALF_DELTA)
    for line in (
        _server / (1 - (1 - DELTA) * (1 + tau)),
        _server / (DELTA - tau * (1 - DELTA)),
        2 * _server / DELTA,
        32 * (1 - DELTA) * (2 - DELTA) / DELTA**4 * DRIVE,
        64 * (1 - DELTA) / DELTA**4 * DRIVE,
    )
]
LINES_OF_8 = (
    (
        4, "The denominator of the geometric series, multiplied out.",
        r"\frac{8(1-\delta)(2-\delta)(1+1/\beta)}{\delta^2(\delta-\beta(1-\delta))(1-\mu)^2} G^2", equals, _lines[0:2],
    ),
    (
        5, "Young's parameter in the denominator.",
        r"\frac{16(1-\delta)(2-\delta)(1+1/\beta)}{\delta^3(1-\mu)^2} G^2", equals, _lines[1:3],
    ),
    (7, "2 - delta is at most 2.", r"\frac{64(1-\delta)}{\delta^4(1-\mu)^2} G^2", at_most, _lines[3:5]),
)  # fmt: skip
_outside = equals(norm_sq(u), _weights**2 * norm_sq(u * (1 / _weights)))  # a sum is its weights times a mean with these weights
WEIGHTS_OUTSIDE = equals(_outside.lhs, _outside.rhs.subs(_weights, weights_so_far(t + 1)))
PUT_OUTSIDE = Instance(Certified(_outside), {_weights: weights_so_far(t + 1)})
PARAMETERS = (given.momentum_range, given.small_momentum_step, given.heavy_young)
OUTPUT = drawn(output_gradient_sq, gradient_sq, 1, T)

# Vectors of one iteration of Algorithm 4
_x, _server_error, _server_message, _moved = vector("x"), vector("server_error"), vector("server_message"), vector("moved")
_message, _gradient, _momentum = worker_vector("message"), worker_vector("gradient"), worker_vector("momentum")
_put_in = worker_vector("put_in")
_next_momentum = momentum * _momentum + _gradient
_input = momentum * _next_momentum + _gradient + _error
_server_input = _message.mean + _server_error
_virtual = _x - eta * (_server_error + _error.mean)
_next_virtual = _x - eta * _server_message - eta * (_server_input - _server_message + (_input - _message).mean)
LAG_OF_MOMENTUM = eta * momentum**2 / KEPT
_averaged, _next_averaged = _virtual - LAG_OF_MOMENTUM * _momentum.mean, _next_virtual - LAG_OF_MOMENTUM * _next_momentum.mean
# z_{t+1}, line by line; the virtual iterate moves as Lemma 3 says
_z_lines = (
    _next_averaged,
    _virtual - eta * (momentum * _next_momentum + _gradient).mean - LAG_OF_MOMENTUM * _next_momentum.mean,
    _virtual - eta * momentum / KEPT * _next_momentum.mean - eta * _gradient.mean,
    _virtual - LAG_OF_MOMENTUM * _momentum.mean - eta * momentum / KEPT * _gradient.mean - eta * _gradient.mean,
)
LINES_OF_Z = (
    (
        2,
        "Lemma 3.",
        r"\tilde{x}_t - \eta \frac{1}{M} \sum_{i=1}^M (\mu m_{t,i} + g_{t,i}) - \frac{\eta\mu^2}{1-\mu} \frac{1}{M} \sum_{i=1}^M "
        r"m_{t,i}",
        _z_lines[1] - _z_lines[0],
    ),
    (
        3,
        "Momenta collected.",
        r"\tilde{x}_t - \frac{\eta\mu}{1-\mu} \frac{1}{M} \sum_{i=1}^M m_{t,i} - \eta \frac{1}{M} \sum_{i=1}^M g_{t,i}",
        _z_lines[2] - _z_lines[1],
    ),
    (
        4,
        "What the momentum is.",
        r"\tilde{x}_t - \frac{\eta\mu^2}{1-\mu} \frac{1}{M} \sum_{i=1}^M m_{t-1,i} - \frac{\eta\mu}{1-\mu} \frac{1}{M} "
        r"\sum_{i=1}^M g_{t,i} - \eta \frac{1}{M} \sum_{i=1}^M g_{t,i}",
        _z_lines[3] - _z_lines[2],
    ),
)

# Derivations, from what stands or (`sharp`) from what is improved; a letter is short for the bound on both errors
_limit = sp.Symbol("two_way_limit", real=True, nonnegative=True)


def in_short(follows: Callable[[bool], Rule], statement: Callable[[sp.Expr], Relation], sharp: bool = False) -> Rule:
    """A derivation in that letter, which is put back at the end."""
    error = SHARP_ERROR if sharp else ERROR
    return InLetters(Weakened(follows(sharp), statement(_limit)), {error: _limit}, {_limit: error})


def descent_follows(sharp: bool) -> Rule:
    """The display after (12)."""
    return Using(
        Expected(
            Certified(
                at_most(
                    expected_next_f,
                    f_y
                    - (eta * (2 - rho) / (2 * KEPT) - L * eta**2 / (2 * KEPT**2)) * norm_sq(g_x)
                    + L * eta**2 / (2 * KEPT**2) * norm_sq(noise)
                    + L**2 * eta / (2 * rho * KEPT) * norm_sq(x - y),
                ),
                STEP_FACTS,
            ),
            {
                expected_next_f: NEXT_AVERAGED,
                f_y: averaged_loss,
                norm_sq(g_x): gradient_sq,
                norm_sq(noise): noise_sq,
                norm_sq(x - y): averaged_lag_sq,
            },
        ),
        (INDEPENDENT, Cite("dist_ef_sgd/eq-11/distance"), Cite("dist_ef_sgd/lemma-6", improved=sharp)),
    )


def discounted_descent_follows(sharp: bool) -> Rule:
    """The display after (12) with its nested sum."""
    return Using(Cite("dist_ef_sgd/appendix-g/descent", improved=sharp), (Cite("dist_ef_sgd/eq-12/line-4"),))


def telescoped_follows(sharp: bool) -> Rule:
    """The first line of the display before (13)."""
    step = Cite("dist_ef_sgd/appendix-g/descent/line-1", improved=sharp)
    return Telescoped(Isolated(step, DESCENT_SHARE * gradient_sq), t, T)


Z_STARTS = Granted(equals(averaged_loss.subs(t, 0), initial_gap + f_star), by="z_0 = x_0")


def telescoped_split_follows(sharp: bool) -> Rule:
    """The second line of the display before (13)."""
    parts = (Cite("dist_ef_sgd/appendix-g/telescoped/line-1", improved=sharp), Z_STARTS, Telescoped(SPLIT, t, T))
    return Isolated(Combined(parts, (1, 1, MOMENTUM_SHARE)), DESCENT_SHARE * GRADIENTS)


def telescoped_noise_follows(sharp: bool) -> Rule:
    """The last line of the display before (13)."""
    parts = (
        Cite("dist_ef_sgd/appendix-g/telescoped/line-1", improved=sharp),
        Granted(at_most(f_star, averaged_loss.subs(t, T)), by="F is at least F_*"),
        Z_STARTS,
        Telescoped(NOISE_APART, t, T),
    )
    return Isolated(Combined(parts, (1, 1, 1, MOMENTUM_SHARE)), DESCENT_SHARE * GRADIENTS)


def eq_13_follows(sharp: bool) -> Rule:
    """(13)."""
    return Weakened(
        Using(
            Telescoped(
                Isolated(
                    Cite("dist_ef_sgd/appendix-g/descent", improved=sharp),
                    (eta * (2 - rho) / (2 * KEPT) - L * eta**2 / (2 * KEPT**2)) * gradient_sq,
                ),
                t,
                T,
                {averaged_loss.subs(t, T): f_star},
            ),
            (Z_STARTS, MOMENTUM_SUM),
        ),
        eq_13(_limit),
    )


def averaged_follows(sharp: bool) -> Rule:
    """The display after (14)."""
    return scaled(
        Isolated(
            Combined(
                (
                    Granted(equals(T * output_gradient_sq, GRADIENTS), by="o is each iterate with chance 1/T"),
                    Combined((Cite("dist_ef_sgd/eq-14"),), (GRADIENTS,)),
                    Cite("dist_ef_sgd/eq-13", improved=sharp),
                ),
                (eta * (2 - rho) / (4 * KEPT), 1, 1),
            ),
            eta * (2 - rho) / (4 * KEPT) * T * output_gradient_sq,
        ),
        4 * KEPT / (eta * (2 - rho) * T),
    )


STEP_3 = (
    Granted(equals(1 / eta, (sp.sqrt(T) / sp.sqrt(R) + COST * sp.cbrt(T)) / xi), by="the step of the corollary"),
    Granted(at_most(eta, xi * sp.sqrt(R) / sp.sqrt(T)), by="the first term of its denominator"),
    Granted(at_most(eta**2, xi**2 * R / T), by="the first term of its denominator"),
    Granted(at_most(COST_CUBED * eta**2, COST * xi**2 / T ** sp.Rational(2, 3)), by="the second term"),
)
START_AND_NOISE_3 = (2 * KEPT / T * initial_gap, L * sigma**2 / (KEPT * R), 2 * L**2 * sigma**2 * momentum**4 / (KEPT**4 * R))


def corollary_3_follows() -> Rule:
    """Corollary 3."""
    multipliers = (1, *(2 * each for each in START_AND_NOISE_3), 32 * L**2 * G**2 / KEPT**2)
    return Isolated(Combined((Cite("dist_ef_sgd/theorem-2"), *STEP_3), multipliers), output_gradient_sq)


FREE_3 = Isolated(
    Combined(
        (Cite("dist_ef_sgd/theorem-2/halved"), SHARP_IS_HALF, *STEP_3),
        (1, L**2 * eta**2 / (rho * KEPT**2), *START_AND_NOISE_3, 4 * L**2 * G**2 / (rho * KEPT**2)),
    ),
    (1 - rho) * output_gradient_sq,
)
ROOT_3 = 2 * L * xi * G * sp.sqrt(PRICE) / KEPT
REST_3 = FIRST_ORDER / 2 + 2 * L**2 * xi**2 * momentum**4 * sigma**2 / (KEPT**4 * T) + 2 * PRICE * KEPT / xi * initial_gap
COROLLARY_3_ROOTS = in_roots(ROOT_3, REST_3, sp.Integer(1))


INTRODUCTION: tuple[Claim, ...] = (
    claim(
        "sec-1/momentum-rate",
        "text",
        "section 1, contribution (ii)",
        "The rate with momentum and a constant step.",
        r"For dist-EF-SGDM with constant stepsize, we obtain an $\mathcal{O}(1/\sqrt{MT})$ rate",
        (RATE_WITH_MOMENTUM,),
        unparsed="a rate in running text, without its left side; read twice",
        restates="dist_ef_sgd/sec-3.3/rate",
    ),
)

STATEMENTS: tuple[Claim, ...] = (
    claim(
        "sec-3.3/start",
        "definition",
        "section 3.3",
        "Momentum starts at zero before iteration 0; m_0 = 0, as the text says, contradicts m_0 = mu m_{-1} + g_0.",
        r"m_{t,i} = \mu m_{t-1,i} + g_{t,i}, \forall i \in [M]",
        (Reading("Algorithm 4: m_{-1} = 0", says="(12) sums from k = 0, the proof of Lemma 5 from k = 1"),),
        unparsed="a definition; read twice",
        misprint="m_{0,i} = 0 for m_{-1,i} = 0; and mu in [0, 1] for mu in [0, 1), which Algorithm 4 has",
    ),
    claim(
        "algorithm-4",
        "definition",
        "section 3.3, Algorithm 4",
        "dist-EF-blockSGDM: Nesterov's direction in the place of the gradient.",
        r"p_{t,i} = \mu m_{t,i} + g_{t,i} + \frac{\eta_{t-1}}{\eta_t} e_{t,i}",
        (Reading("as printed"),),
        unparsed="a listing; read twice",
    ),
    claim(
        "sec-3.3/same-cost",
        "text",
        "section 3.3, before Algorithm 4",
        "With momentum the messages are of the same size.",
        "has the same communication cost as dist-EF-blockSGD",
        printed(equals(2 * R * (d + 32 * blocks), 2 * R * d + 64 * R * blocks)),
        unparsed="running text; read twice",
        restates="dist_ef_sgd/table-1",
    ),
    claim(
        "lemma-3",
        "lemma",
        "section 3.3, Lemma 3; proof B",
        "The error-corrected iterate moves as Nesterov's does, for any map.",
        r"\tilde{x}_{t+1} = \tilde{x}_t - \eta_t \frac{1}{M} \sum_{i=1}^M (\mu m_{t,i} + g_{t,i})",
        printed(
            equals(virtual_less_sq, 0),
            (given.any_map, given.positive_step, given.momentum_range),
            follows=Cite("dist_ef_sgd/lemma-4"),
            arena=ARENA,
            setting={"algorithm": "4"},
        ),
        unparsed="an identity of vectors, coded as a difference that stays zero; read twice",
        relies=("dist_ef_sgd/sec-3.3/start", "dist_ef_sgd/algorithm-4"),
    ),
    claim(
        "theorem-2",
        "theorem",
        "section 3.3, Theorem 2, (2); proof G",
        "Convergence with momentum and a constant step.",
        r"\mathbb{E} \left[\|\nabla F(x_o)\|_2^2\right] &\leq \frac{4(1-\mu)}{\eta T} [F(x_0) - F_*] + \frac{2L\eta\sigma^2}{(1-\mu)M} "
        r"\left[1 + \frac{2L\eta\mu^4}{(1-\mu)^3}\right] \\ &\quad + \frac{32L^2\eta^2(1-\delta)G^2}{\delta^2(1-\mu)^2} \left[1 + "
        r"\frac{16}{\delta^2} \right]",
        printed(
            theorem_2(ERROR),
            (*MOMENTUM_RUN, given.momentum_step),
            follows=Instance(Cite("dist_ef_sgd/appendix-g/averaged"), {rho: 1}),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: the sharp constant, and the square of a sum of roots",
            theorem_2_roots(SHARP_ERROR),
            (*MOMENTUM_RUN, given.momentum_step),
            follows=in_short(lambda _: theorem_2_roots_follows(_limit), theorem_2_roots, sharp=True),
            arena=ARENA,
            says="the best rho depends on the gradients themselves; at rho = 1/2 it is the printed bound with the sharp constant",
        ),
        relies=("dist_ef_sgd/assumption-1", "dist_ef_sgd/assumption-2", "dist_ef_sgd/assumption-3", "dist_ef_sgd/definition-1"),
    ),
    claim(
        "theorem-2/free",
        "theorem",
        "section 3.3, Theorem 2, before its parameters are chosen",
        "What compression leaves and momentum each have a parameter of Young's inequality: rho, and 1 / p.",
        (),
        printed(
            free_weights(gradient_share(p), p),
            (*MOMENTUM_RUN, given.young_parameter),
            follows=in_short(free_weights_follows, lambda error: free_weights(gradient_share(p), p, error), sharp=True),
            arena=ARENA,
            says="without momentum p may be as large as one likes",
        ),
        unparsed="stated in words; read twice",
    ),
    claim(
        "theorem-2/halved",
        "theorem",
        "section 3.3, Theorem 2, with rho free",
        "At p = 2 a step as short as that of Theorem 2 leaves half of twice the mean squared gradient.",
        (),
        printed(
            free_weights(sp.S.One, sp.Integer(2)),
            (*MOMENTUM_RUN, given.momentum_step),
            follows=HALVED,
            arena=ARENA,
            says="at rho = 1/2 it is Theorem 2, with the sharp constant",
        ),
        unparsed="stated in words; read twice",
    ),
    claim(
        "sec-3.3/larger-momentum",
        "text",
        "section 3.3, after Theorem 2",
        "Compared to Theorem 1 a larger momentum makes the first term smaller.",
        "makes the first term (which depends on the initial condition) smaller",
        (
            Reading(
                "as momentum grows, within Theorem 2",
                at_most(sp.diff(4 * KEPT / (eta * T) * initial_gap, momentum), 0),
                (given.momentum_range,),
            ),
            Reading(
                "against the first term of Theorem 1 at the same constant step",
                at_most(4 * KEPT / (eta * T) * initial_gap, 4 / (eta * (3 - 2 * L * eta) * T) * initial_gap),
                (given.momentum_range, given.momentum_step),
            ),
        ),
        unparsed="running text; read twice",
    ),
    claim(
        "sec-3.3/worse-variance",
        "text",
        "section 3.3, after Theorem 2",
        "A larger momentum makes the variance term worse.",
        "a worse variance term",
        (
            Reading(
                "as momentum grows, within Theorem 2",
                at_least(sp.diff(1 / KEPT * (1 + 2 * L * eta * momentum**4 / KEPT**3), momentum), 0),
                (given.momentum_range,),
            ),
            Reading(
                "against the second term of Theorem 1 at the same constant step",
                at_least(2 * L * eta / KEPT * (1 + 2 * L * eta * momentum**4 / KEPT**3), 2 * L * eta / (3 - 2 * L * eta)),
                (given.momentum_range, given.momentum_step),
            ),
        ),
        unparsed="running text; read twice",
    ),
    claim(
        "sec-3.3/worse-compression",
        "text",
        "section 3.3, after Theorem 2",
        "A larger momentum makes the error term due to compression worse.",
        "error term due to gradient compression (last term)",
        (
            Reading(
                "as momentum grows, within Theorem 2",
                at_least(sp.diff(4 * L**2 * eta**2 / KEPT**2 * ERROR, momentum), 0),
                (given.momentum_range, given.contraction),
            ),
            Reading(
                "against the last term of Theorem 1 at the same constant step",
                at_least(4 * L**2 * eta**2 / KEPT**2 * ERROR, 4 * L**2 * eta**2 / (3 - 2 * L * eta) * ERROR),
                (given.momentum_range, given.momentum_step, given.contraction),
            ),
        ),
        unparsed="running text; read twice",
    ),
    claim(
        "sec-3.3/bounded-error",
        "text",
        "section 3.3, before Theorem 2",
        "The errors are bounded with momentum too, for a constant step; Algorithm 4 has any steps, and falling ones break it.",
        "is bounded and",
        (
            Reading("a constant step", LEMMA_6, MOMENTUM_MAP, follows=Cite("dist_ef_sgd/lemma-6"), arena=ARENA),
            Reading("falling steps", LEMMA_6, (*ANY_STEP_MAP, given.nonincreasing_step), arena=ARENA),
        ),
        correction=Reading(
            "corrected: eta_{t-1} times the errors, against the largest step so far",
            at_most(lag_sq, PEAK**2 * ERROR * WITH_MOMENTUM),
            ANY_STEP_MAP,
            follows=below_peaks(DRIVES, WITH_MOMENTUM),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: the sharp constant, for any steps",
            at_most(lag_sq, PEAK**2 * SHARP_ERROR * WITH_MOMENTUM),
            ANY_STEP_MAP,
            follows=sharply_below_peaks(DRIVES, WITH_MOMENTUM),
            arena=ARENA,
            says="Lemma 6 for any steps: what momentum drives the iterate with does not depend on them",
        ),
        unparsed="running text; read twice",
        misprint="a condition on the steps is missing, as in Lemma 2: steps must not fall, or the bound is on eta_{t-1} times the errors",
    ),
    claim(
        "sec-3.3/larger-step",
        "text",
        "section 3.3, after Theorem 2",
        "A larger step makes the third term larger.",
        "makes the third term larger",
        printed(
            at_least(sp.diff(4 * L**2 * eta**2 / KEPT**2 * ERROR, eta), 0), (given.momentum_range, given.contraction, given.fixed_step)
        ),
        unparsed="running text; coded as the sign of a derivative; read twice",
    ),
    claim(
        "sec-3.3/rate",
        "text",
        "section 3.3, before Corollary 3",
        "The rate with momentum: its first order has the printed factors, but not from the horizon of Corollary 3 on.",
        r"\mathcal{O}(((1-\mu)[F(x_0) - F_*] + \sigma^2/(1-\mu))/\sqrt{MT})",
        (
            RATE_WITH_MOMENTUM,
            Reading(
                "the first order of Corollary 3, whatever M, mu, the initial gap and sigma: O hides 4 / gamma, and 2 L gamma",
                at_most(FIRST_ORDER, 4 / xi * KEPT * initial_gap * RATE + 2 * L * xi * sigma**2 / KEPT * RATE),
                (given.momentum_range,),
            ),
            Reading(
                "the horizon of Corollary 3, whatever mu: where its term in 1/T is within that order",
                equals(T, ORDER * R / momentum_room**4),
                rate=horizon_of_first_order(4),
                says="4 L^2 gamma^2 mu^4 sigma^2 / ((1 - mu)^4 T) is of order sigma^2 / ((1 - mu) sqrt(M T)) from M / (1 - mu)^6 on",
            ),
        ),
        correction=Reading(
            "corrected: M / (1 - mu)^6, whatever mu",
            equals(T, ORDER * R / momentum_room**6),
            rate=horizon_of_first_order(6),
        ),
        unparsed="a rate in running text, without its left side; read twice",
        misprint="as mu approaches 1 the horizon is T >= M / (1 - mu)^6, not the M / (1 - mu)^4 of Corollary 3",
    ),
    claim(
        "corollary-3",
        "corollary",
        "section 3.3, Corollary 3; proof H",
        "Convergence with momentum and a step fitted to the horizon.",
        r"\mathbb{E} [\|\nabla F(x_0)\|_2^2] \leq \left[\frac{2(1-\mu)}{\gamma} [F(x_0) - F_*] + \frac{L\gamma\sigma^2}{1-\mu} \right] "
        r"\frac{2}{\sqrt{MT}} + \frac{4L^2\gamma^2\mu^4\sigma^2}{(1-\mu)^4 T}",
        printed(
            COROLLARY_3,
            (*MOMENTUM_RUN, given.horizon_cost_step),
            follows=Cite("dist_ef_sgd/appendix-h/line-1"),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: the square of a sum of roots, for twice the sum of the squares, with half of the last term",
            COROLLARY_3_ROOTS,
            (*MOMENTUM_RUN, given.horizon_cost_step),
            follows=rooted(FREE_3, ROOT_3, REST_3, sp.S.One),
            arena=ARENA,
            says="with the step of the corollary",
        ),
        unparsed="its last term is stored with delta^2/3 for delta^(2/3); read twice",
        damaged="delta^{2/3} is stored as delta^2/3, and the index o as 0",
    ),
)

PROOFS: tuple[Claim, ...] = (
    claim(
        "lemma-5",
        "lemma",
        "appendix G, Lemma 5",
        "What momentum drives the iterate with; the lemma lost the square that its own proof ends with.",
        r"\mathbb{E} [\|\mu m_{t,i} + g_{t,i}\|_2^2] \leq \frac{G^2}{1-\mu}",
        printed(at_most(drive_sq, G**2 / KEPT), (given.common_variance, given.bounded_gradient, given.momentum_range), arena=ARENA),
        correction=Reading(
            "corrected: (1 - mu)^2, as the proof has",
            at_most(drive_sq, DRIVE),
            (given.common_variance, given.bounded_gradient, given.momentum_range),
            follows=Cite("dist_ef_sgd/lemma-5/proof"),
            arena=ARENA,
        ),
        misprint="1 - mu for (1 - mu)^2; the proof and Lemma 6 have the square",
        relies=("dist_ef_sgd/assumption-2", "dist_ef_sgd/assumption-3"),
    ),
    claim(
        "lemma-5/proof",
        "step",
        "appendix G, proof of Lemma 5, last line",
        "The bound that the proof ends with.",
        r"\frac{G^2}{(1-\mu)^2}",
        printed(
            at_most(drive_sq, DRIVE),
            (given.common_variance, given.bounded_gradient, given.momentum_range),
            follows=DRIVEN,
            arena=ARENA,
        ),
    ),
    claim(
        "lemma-5/line-2",
        "step",
        "appendix G, proof of Lemma 5, line 2",
        "A sum as its weights times a weighted mean.",
        r"\left(\sum_{k=1}^t \mu^{t-k+1} + 1 \right)^2 \mathbb{E} \left[\left\| \frac{\sum_{k=1}^t \mu^{t-k+1} g_{k,i} + g_{t,i}}{"
        r"\sum_{k=1}^t \mu^{t-k+1} + 1} \right\|_2^2 \right]",
        (
            Reading(
                "as printed, u being the sum of line 1",
                WEIGHTS_OUTSIDE,
                (given.momentum_range,),
                follows=PUT_OUTSIDE,
            ),
        ),
        unparsed="a sum of vectors, coded as one; read twice",
    ),
    claim(
        "lemma-5/line-3",
        "step",
        "appendix G, proof of Lemma 5, line 3",
        "Jensen's inequality; with the sums from k = 1, as if m_0 were 0, it falls at t = 0.",
        r"\left(\sum_{k=1}^t \mu^{t-k+1} + 1 \right) \left(\sum_{k=1}^t \mu^{t-k+1} \mathbb{E} [\|g_{k,i}\|_2^2] + "
        r"\mathbb{E} [\|g_{t,i}\|_2^2] \right)",
        printed(
            at_most(drive_sq, weights_so_far(t + 1) * discounted_late_sq),
            (given.common_variance, given.bounded_gradient, given.momentum_range),
            arena=ARENA,
        ),
        correction=Reading(
            "corrected: from k = 0",
            at_most(drive_sq, weights_so_far(t + 2) * discounted_own_sq),
            (given.common_variance, given.bounded_gradient, given.momentum_range),
            follows=DRIVEN_BY_CONVEXITY,
            arena=ARENA,
        ),
        misprint="the sums start at k = 1, as if m_0 were 0",
        unparsed="a sum over earlier gradients is a quantity of its own; read twice",
    ),
    claim(
        "lemma-5/line-4",
        "step",
        "appendix G, proof of Lemma 5, line 4",
        "What the drive has grown to after t iterations; with the sum from k = 1, as if m_0 were 0, it falls at t = 0.",
        r"\left(\sum_{k=1}^t \mu^{t-k+1} + 1 \right)^2 G^2",
        printed(
            at_most(drive_sq, G**2 * weights_so_far(t + 1) ** 2),
            (given.common_variance, given.bounded_gradient, given.momentum_range),
            arena=ARENA,
        ),
        correction=Reading(
            "corrected: from k = 0",
            at_most(drive_sq, G**2 * weights_so_far(t + 2) ** 2),
            (given.common_variance, given.bounded_gradient, given.momentum_range),
            follows=DRIVEN_SO_FAR,
            arena=ARENA,
        ),
        misprint="the sum starts at k = 1, as if m_0 were 0",
    ),
    claim(
        "lemma-5/expansion",
        "step",
        "appendix G, proof of Lemma 5, line 1",
        "Momentum as a sum of gradients; with m_{-1} = 0 the sum starts at k = 0, which the display leaves out.",
        r"\sum_{k=1}^t \mu^{t-k+1} g_{k,i} + g_{t,i}",
        (
            Reading(
                "as printed, at t = 0, all gradients g: mu m_0 + g_0 against g_0, in units of g",
                equals(momentum * 1 + 1, 1),
                (given.momentum_range,),
                says="Algorithm 4 has m_0 = g_0",
            ),
        ),
        correction=Reading(
            "corrected: from k = 0",
            equals(momentum * 1 + 1, sp.Sum(momentum ** (1 - t), (t, 0, 0)).doit() + 1),
            (given.momentum_range,),
        ),
        misprint="the sum starts at k = 1, as if m_0 were 0",
        unparsed="a sum of vectors; coded at t = 0; read twice",
    ),
    claim(
        "lemma-6",
        "lemma",
        "appendix G, Lemma 6",
        "Both errors together stay bounded with momentum and a constant step.",
        r"\mathbb{E} \left[ \left\| \tilde{e}_t + \frac{1}{M} \sum_{i=1}^M e_{t,i} \right\|_2^2 \right] \leq "
        r"\frac{8(1-\delta)G^2}{\delta^2(1-\mu)^2} \left[1 + \frac{16}{\delta^2} \right]",
        printed(LEMMA_6, MOMENTUM_MAP, follows=rising(DRIVES, WITH_MOMENTUM), arena=ARENA),
        improvement=Reading(
            "improved: 4 (1-delta) G^2 / ((1-q)^4 (1-mu)^2), q = sqrt(1-delta)",
            at_most(two_way_error_sq, SHARP_ERROR * WITH_MOMENTUM),
            MOMENTUM_MAP,
            follows=SHARP_ERRORS[1],
            arena=ARENA,
            says="sharp without momentum and only then: the largest errors need drives of length G / (1-mu) that turn over at every "
            "step, but from one step to the next a drive moves by at most 2 (1+mu) G < 2 G / (1-mu)",
        ),
        relies=("dist_ef_sgd/definition-1",),
    ),
    claim(
        "lemma-6/start",
        "step",
        "appendix G, proof of Lemma 6, before (4)",
        "At the start there are no errors, and the bound is not negative.",
        r"When $t = 0$, the bound trivially holds as $\tilde{e}_0 = 0$ and $e_{0,i} = 0$ for all i .",
        printed(
            at_most(two_way_error_sq.subs(t, 0), LEMMA_6.rhs),
            MOMENTUM_MAP,
            follows=NO_ERRORS,
            says="attacked as Lemma 6",
        ),
        unparsed="running text; read twice",
    ),
    claim(
        "appendix-g/in-two",
        "step",
        "appendix G, proof of Lemma 6, before (4)",
        "The square of a sum of two.",
        r"(a+b)^2 \leq 2a^2 + 2b^2",
        printed(
            at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v)),
            follows=Certified(at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v))),
            says="of any vectors; attacked along runs, as (4)",
        ),
        unparsed="in a sentence, of vectors; read twice",
    ),
    claim(
        "eq-4",
        "equation",
        "appendix G, (4)",
        "Both errors apart.",
        r"2 \|\tilde{e}_{t+1}\|_2^2 + 2 \left\| \frac{1}{M} \sum_{i=1}^M e_{t+1,i} \right\|_2^2",
        printed(
            at_most(two_way_error_sq.subs(t, t + 1), 2 * NEXT["server"] + 2 * mean_error_sq.subs(t, t + 1)),
            (given.any_map,),
            follows=Expected(
                Certified(at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v))),
                {norm_sq(u + v): two_way_error_sq.subs(t, t + 1), norm_sq(u): NEXT["server"], norm_sq(v): mean_error_sq.subs(t, t + 1)},
            ),
            arena=ARENA,
        ),
    ),
    claim(
        "eq-4/line-2",
        "equation",
        "appendix G, (4), line 2",
        "The mean of the workers' errors is at most as large as they are in the mean; M is printed as m.",
        r"2 \|\tilde{e}_{t+1}\|_2^2 + \frac{2}{m} \sum_{i=1}^M \|e_{t+1,i}\|_2^2",
        printed(
            at_most(two_way_error_sq.subs(t, t + 1), 2 * NEXT["server"] + 2 * NEXT["worker"]),
            (given.any_map,),
            follows=Using(
                Cite("dist_ef_sgd/eq-4"),
                (
                    Expected(
                        Certified(at_most(norm_sq(EACH.mean), average_norm_sq(EACH))),
                        {norm_sq(EACH.mean): mean_error_sq.subs(t, t + 1), average_norm_sq(EACH): NEXT["worker"]},
                    ),
                ),
            ),
            arena=ARENA,
        ),
        unparsed="sums over workers are quantities of their own; read twice",
        misprint="2/m for 2/M",
    ),
    claim(
        "eq-5/line-1",
        "step",
        "appendix G, (5), line 1",
        "The new error of a worker is what its compressor leaves.",
        r"\frac{1}{M} \sum_{i=1}^M \mathbb{E} [\|\mathcal{C}(p_{t,i}) - p_{t,i}\|_2^2]",
        printed(
            equals(average_norm_sq(_put_in - _message), average_norm_sq(_message - _put_in)),
            follows=Certified(equals(average_norm_sq(_put_in - _message), average_norm_sq(_message - _put_in))),
            says="e_{t+1,i} = p_{t,i} - C(p_{t,i})",
        ),
        unparsed="the argument of a sum; coded by the vectors that the listing has; read twice",
        relies=("dist_ef_sgd/algorithm-4",),
    ),
    claim(
        "eq-5/contraction",
        "step",
        "appendix G, (5), line 2",
        "Contraction at each worker.",
        r"(1-\delta) \frac{1}{M} \sum_{i=1}^M \mathbb{E} [\|p_{t,i}\|_2^2]",
        printed(at_most(NEXT["worker"], (1 - DELTA) * worker_input_sq), (given.contraction,), follows=WORKER_CONTRACTS, arena=ARENA),
        relies=("dist_ef_sgd/definition-1",),
    ),
    claim(
        "eq-5/line-3",
        "step",
        "appendix G, (5), line 3",
        "What a worker compresses, for a constant step.",
        r"(1-\delta) \frac{1}{M} \sum_{i=1}^M \mathbb{E} [\|e_{t,i} + \mu m_{t,i} + g_{t,i}\|_2^2]",
        printed(
            at_most(NEXT["worker"], (1 - DELTA) * plain_input_sq),
            (given.contraction, given.fixed_step, given.momentum_range),
            follows=Using(
                Cite("dist_ef_sgd/eq-5/contraction"),
                (Granted(equals(worker_input_sq, plain_input_sq), by="what a worker compresses, at eta_{t-1} = eta_t"),),
            ),
            arena=ARENA,
        ),
        relies=("dist_ef_sgd/algorithm-4",),
    ),
    claim(
        "eq-5/young",
        "step",
        "appendix G, (5), line 4",
        "Young's inequality, for a constant step.",
        r"(1-\delta)(1+\beta) \frac{1}{M} \sum_{i=1}^M \mathbb{E} [\|e_{t,i}\|_2^2] + (1-\delta)(1+1/\beta) \frac{1}{M} \sum_{i=1}^M "
        r"\mathbb{E} [\|\mu m_{t,i} + g_{t,i}\|_2^2]",
        printed(
            EQ_5,
            (given.contraction, given.fixed_step, given.momentum_range),
            follows=Using(
                Cite("dist_ef_sgd/eq-5/contraction"),
                (
                    Expected(
                        Certified(
                            at_most(
                                average_norm_sq(_error + _drive),
                                (1 + tau) * average_norm_sq(_error) + (1 + 1 / tau) * average_norm_sq(_drive),
                            )
                        ),
                        {
                            average_norm_sq(_error + _drive): worker_input_sq,
                            average_norm_sq(_error): worker_error_sq,
                            average_norm_sq(_drive): mean_drive_sq,
                        },
                    ),
                ),
            ),
            arena=ARENA,
        ),
        letters={r"\beta": tau},
    ),
    claim(
        "eq-5/lemma-5",
        "step",
        "appendix G, (5), line 5",
        "Lemma 5 put in, with the square that its statement lacks.",
        r"(1-\delta)(1+\beta) \frac{1}{M} \sum_{i=1}^M \mathbb{E} [\|e_{t,i}\|_2^2] + (1-\delta)(1+1/\beta) \frac{G^2}{(1-\mu)^2}",
        printed(EQ_5_BOUNDED, MOMENTUM_MAP, follows=Using(Cite("dist_ef_sgd/eq-5/young"), DRIVES), arena=ARENA),
        letters={r"\beta": tau},
    ),
    claim(
        "eq-5/line-6",
        "step",
        "appendix G, (5), line 6",
        "The recursion written out from zero errors.",
        r"\sum_{k=0}^t [(1-\delta)(1+\beta)]^{t-k} (1-\delta)(1+1/\beta) \frac{G^2}{(1-\mu)^2}",
        printed(
            at_most(NEXT["worker"], ADMITS * DRIVE * (1 - RATIO ** (t + 1)) / (1 - RATIO)),
            (*MOMENTUM_MAP, given.shrinking_young),
            follows=written_out(Cite("dist_ef_sgd/eq-5/lemma-5"), NO_ERROR, worker_error_sq, ADMITS * DRIVE),
            arena=ARENA,
        ),
        letters={r"\beta": tau},
    ),
    claim(
        "eq-5/line-7",
        "step",
        "appendix G, (5), last line, before the equality",
        "The limit of the geometric series.",
        r"\frac{(1-\delta)(1+1/\beta)}{1-(1-\delta)(1+\beta)} \frac{G^2}{(1-\mu)^2}",
        printed(
            at_most(worker_error_sq, ADMITS / (1 - RATIO) * DRIVE),
            (*MOMENTUM_MAP, given.shrinking_young),
            follows=GeometricLimit(Cite("dist_ef_sgd/eq-5/lemma-5"), NO_ERROR, worker_error_sq, t),
            arena=ARENA,
        ),
        letters={r"\beta": tau},
    ),
    claim(
        "eq-5",
        "equation",
        "appendix G, (5), last line",
        "The errors of the workers, for any parameter that makes the ratio less than one.",
        r"\frac{(1-\delta)(1+1/\beta)}{\delta-\beta(1-\delta)} \frac{G^2}{(1-\mu)^2}",
        printed(
            at_most(worker_error_sq, ADMITS / (DELTA - tau * (1 - DELTA)) * DRIVE),
            (*MOMENTUM_MAP, given.shrinking_young),
            follows=Cite("dist_ef_sgd/eq-5/line-7"),
            arena=ARENA,
        ),
        letters={r"\beta": tau},
    ),
    claim(
        "appendix-g/beta/value",
        "step",
        "appendix G, before (6)",
        "What the chosen parameter makes of 1 + 1/beta.",
        r"1+1/\beta = (2-\delta)/\delta",
        printed(equals((1 + 1 / tau).subs(HALF_DELTA), (2 - DELTA) / DELTA), (given.proper_contraction,)),
        letters={r"\beta": tau.subs(HALF_DELTA)},
    ),
    claim(
        "appendix-g/beta",
        "step",
        "appendix G, before (6)",
        "The parameter that is chosen.",
        r"(2-\delta)/\delta \leq 2/\delta",
        printed(at_most((2 - DELTA) / DELTA, 2 / DELTA)),
    ),
    claim(
        "eq-6",
        "equation",
        "appendix G, (6)",
        "The errors of the workers.",
        r"\frac{4(1-\delta)}{\delta^2(1-\mu)^2} G^2",
        printed(
            at_most(worker_error_sq, WORKER_BOUND),
            MOMENTUM_MAP,
            follows=ERRORS[0],
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: (1-delta) G^2 / ((1-q)^2 (1-mu)^2), which is sharp for every momentum",
            at_most(worker_error_sq, SHARP_LIMITS[0] * WITH_MOMENTUM),
            MOMENTUM_MAP,
            follows=SHARP_ERRORS[0],
            arena=ARENA,
        ),
    ),
    claim(
        "eq-7/line-1/left",
        "step",
        "appendix G, (7), line 1, before the inequality",
        "The new error of the server is what its compressor leaves.",
        r"\mathbb{E} [\|\mathcal{C}(\tilde{p}_t) - \tilde{p}_t\|_2^2]",
        printed(
            equals(norm_sq(u - v), norm_sq(v - u)),
            follows=Certified(equals(norm_sq(u - v), norm_sq(v - u))),
            says="e~_{t+1} = p~_t - C(p~_t), u what goes in and v what comes out",
        ),
        unparsed="coded by the vectors that the listing has; read twice",
        relies=("dist_ef_sgd/algorithm-4",),
    ),
    claim(
        "eq-7/line-1",
        "step",
        "appendix G, (7), line 1",
        "Contraction at the server.",
        r"(1-\delta) \mathbb{E} [\|\tilde{p}_t\|_2^2]",
        printed(at_most(NEXT["server"], (1 - DELTA) * server_input_sq), (given.contraction,), follows=SERVER_CONTRACTS, arena=ARENA),
        relies=("dist_ef_sgd/definition-1",),
    ),
    claim(
        "eq-7/line-2",
        "step",
        "appendix G, (7), line 2",
        "What the server compresses, for a constant step.",
        r"(1-\delta) \mathbb{E} \left[\left\| \frac{1}{M} \sum_{i=1}^M \Delta_{t,i} + \tilde{e}_t \right\|_2^2 \right]",
        printed(
            at_most(NEXT["server"], (1 - DELTA) * plain_server_input_sq),
            (given.contraction, given.fixed_step),
            follows=Using(
                Cite("dist_ef_sgd/eq-7/line-1"),
                (Granted(equals(server_input_sq, plain_server_input_sq), by="what the server compresses, at eta_{t-1} = eta_t"),),
            ),
            arena=ARENA,
        ),
        relies=("dist_ef_sgd/algorithm-4",),
    ),
    claim(
        "eq-7/line-3",
        "step",
        "appendix G, (7), line 3",
        "Young's inequality at the server, for a constant step.",
        r"(1-\delta)(1+\beta) \mathbb{E} [\|\tilde{e}_t\|_2^2] + (1-\delta)(1+1/\beta) \mathbb{E} \left[\left\| \frac{1}{M} "
        r"\sum_{i=1}^M \Delta_{t,i} \right\|_2^2 \right]",
        printed(
            EQ_7_YOUNG,
            (given.contraction, given.fixed_step),
            follows=Using(Cite("dist_ef_sgd/eq-7/line-1"), (SERVER_YOUNG,)),
            arena=ARENA,
        ),
        letters={r"\beta": tau},
    ),
    claim(
        "eq-7/line-4",
        "step",
        "appendix G, (7), line 4",
        "The message as the input less the new errors.",
        r"(1-\delta)(1+\beta) \mathbb{E} [\|\tilde{e}_t\|_2^2] + 2(1-\delta)(1+1/\beta) \mathbb{E} \left[\left\| \frac{1}{M} "
        r"\sum_{i=1}^M \Delta_{t,i} - \frac{1}{M} \sum_{i=1}^M p_{t,i} \right\|_2^2 \right] \\ &\quad + 2(1-\delta)(1+1/\beta) "
        r"\mathbb{E} \left[\left\| \frac{1}{M} \sum_{i=1}^M p_{t,i} \right\|_2^2 \right]",
        printed(
            at_most(NEXT["server"], RATIO * server_error_sq + 2 * ADMITS * (mean_error_sq.subs(t, t + 1) + mean_input_sq)),
            (given.contraction, given.fixed_step),
            follows=Using(
                Cite("dist_ef_sgd/eq-7/line-3"),
                (
                    Expected(
                        Certified(at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v))),
                        {norm_sq(u + v): mean_message_sq, norm_sq(u): mean_error_sq.subs(t, t + 1), norm_sq(v): mean_input_sq},
                    ),
                ),
            ),
            arena=ARENA,
        ),
        letters={
            r"\beta": tau,
            r"\mathbb{E} [\| \frac{1}{M} \sum_{i=1}^M \Delta_{t,i} - \frac{1}{M} \sum_{i=1}^M p_{t,i} \|_2^2]": mean_error_sq.subs(
                t, t + 1
            ),
        },
    ),
    claim(
        "eq-7/line-5",
        "step",
        "appendix G, (7), line 5",
        "Contraction at each worker, and the square of a mean.",
        r"(1-\delta)(1+\beta) \mathbb{E} [\|\tilde{e}_t\|_2^2] + 2(1-\delta)^2(1+1/\beta) \frac{1}{M} \sum_{i=1}^M \mathbb{E} "
        r"[\|p_{t,i}\|_2^2] \\ &\quad + 2(1-\delta)(1+1/\beta) \frac{1}{M} \sum_{i=1}^M \mathbb{E} [\|p_{t,i}\|_2^2]",
        printed(
            at_most(
                NEXT["server"],
                RATIO * server_error_sq + 2 * (1 - DELTA) * ADMITS * worker_input_sq + 2 * ADMITS * worker_input_sq,
            ),
            (given.contraction, given.fixed_step),
            follows=Using(
                Cite("dist_ef_sgd/eq-7/line-4"),
                (
                    jensen(mean_error_sq.subs(t, t + 1), NEXT["worker"]),
                    WORKER_CONTRACTS,
                    jensen(mean_input_sq, worker_input_sq),
                ),
            ),
            arena=ARENA,
        ),
        letters={r"\beta": tau},
    ),
    claim(
        "eq-7/message",
        "step",
        "appendix G, (7), lines 3 to 5",
        "What the server receives against what the workers compress.",
        r"2(1-\delta)(2-\delta)(1+1/\beta) \frac{1}{M} \sum_{i=1}^M \mathbb{E} [\|p_{t,i}\|_2^2]",
        printed(
            at_most(mean_message_sq, 2 * (2 - DELTA) * worker_input_sq),
            (given.contraction,),
            follows=MESSAGE,
            arena=ARENA,
        ),
        unparsed="a term with its factors, coded without them; read twice",
    ),
    claim(
        "eq-7",
        "equation",
        "appendix G, (7)",
        "The error of the server, for a constant step.",
        r"(1-\delta)(1+\beta) \mathbb{E} [\|\tilde{e}_t\|_2^2] + 2(1-\delta)(2-\delta)(1+1/\beta) \frac{1}{M} \sum_{i=1}^M \mathbb{E} "
        r"[\|p_{t,i}\|_2^2]",
        printed(
            EQ_7,
            (given.contraction, given.fixed_step),
            follows=Using(
                SERVER_CONTRACTS,
                (SERVER_YOUNG, Cite("dist_ef_sgd/eq-7/message")),
            ),
            arena=ARENA,
        ),
        letters={r"\beta": tau},
    ),
    claim(
        "appendix-g/inputs",
        "step",
        "appendix G, after (7)",
        "What the workers compress.",
        r"\frac{1}{M} \sum_{i=1}^M \mathbb{E} [\|p_{t,i}\|_2^2] \leq \frac{4}{\delta^2(1-\mu)^2} G^2",
        printed(
            at_most(worker_input_sq, 4 / DELTA**2 * DRIVE),
            MOMENTUM_MAP,
            follows=Weakened(
                Continued(
                    Using(
                        Expected(
                            Certified(
                                at_most(
                                    average_norm_sq(_error + _drive),
                                    (2 - DELTA) / (2 * (1 - DELTA)) * average_norm_sq(_error)
                                    + (2 - DELTA) / DELTA * average_norm_sq(_drive),
                                )
                            ),
                            {
                                average_norm_sq(_error + _drive): worker_input_sq,
                                average_norm_sq(_error): worker_error_sq,
                                average_norm_sq(_drive): mean_drive_sq,
                            },
                        ),
                        (ERRORS[0], *DRIVES),
                    ),
                    DELTA,
                    1,
                    by="a compressor with delta = 1 is one with every smaller delta",
                ),
                at_most(worker_input_sq, 4 / DELTA**2 * DRIVE),
            ),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: G^2 / ((1-q)^2 (1-mu)^2), which is sharp for every momentum",
            at_most(worker_input_sq, DRIVE / (1 - ROOT) ** 2),
            (*MOMENTUM_MAP, given.proper_contraction),
            follows=Using(
                Expected(
                    Certified(
                        at_most(average_norm_sq(_error + _drive), average_norm_sq(_error) / ROOT + average_norm_sq(_drive) / (1 - ROOT))
                    ),
                    {
                        average_norm_sq(_error + _drive): worker_input_sq,
                        average_norm_sq(_error): worker_error_sq,
                        average_norm_sq(_drive): mean_drive_sq,
                    },
                ),
                (Cite("dist_ef_sgd/eq-6", improved=True), *DRIVES),
            ),
            arena=ARENA,
        ),
    ),
    claim(
        "eq-6/equality",
        "step",
        "appendix G, (6), the equality",
        "Young's parameter put into the limit of (5).",
        r"\frac{2(1-\delta)(1+1/\beta)}{\delta(1-\mu)^2} G^2",
        printed(
            equals(
                ((1 - DELTA) * (1 + 1 / tau) / (DELTA - tau * (1 - DELTA)) * DRIVE).subs(HALF_DELTA),
                (2 * (1 - DELTA) * (1 + 1 / tau) / DELTA * DRIVE).subs(HALF_DELTA),
            ),
            (given.proper_contraction, given.momentum_range),
        ),
        letters={r"\beta": tau.subs(HALF_DELTA)},
    ),
    claim(
        "eq-8/line-1",
        "step",
        "appendix G, (8), line 1",
        "What the workers compress, put into (7).",
        r"(1-\delta)(1+\beta) \mathbb{E} [\|\tilde{e}_t\|_2^2] + \frac{8(1-\delta)(2-\delta)(1+1/\beta)}{\delta^2(1-\mu)^2} G^2",
        printed(
            eq_8_step(4 / DELTA**2),
            MOMENTUM_MAP,
            follows=Using(Cite("dist_ef_sgd/eq-7"), (Cite("dist_ef_sgd/appendix-g/inputs"),)),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: the sharp bound on what the workers compress",
            eq_8_step(1 / (1 - ROOT) ** 2),
            (*MOMENTUM_MAP, given.proper_contraction),
            follows=Using(Cite("dist_ef_sgd/eq-7"), (Cite("dist_ef_sgd/appendix-g/inputs", improved=True),)),
            arena=ARENA,
        ),
        letters={r"\beta": tau},
    ),
    claim(
        "eq-8/line-2",
        "step",
        "appendix G, (8), line 2",
        "The recursion written out from zero errors.",
        r"\sum_{k=0}^t [(1-\delta)(1+\beta)]^{t-k} \frac{8(1-\delta)(2-\delta)(1+1/\beta)}{\delta^2(1-\mu)^2} G^2",
        printed(
            at_most(NEXT["server"], SERVER_ADMITS * (1 - RATIO ** (t + 1)) / (1 - RATIO)),
            (*MOMENTUM_MAP, given.shrinking_young),
            follows=written_out(
                Cite("dist_ef_sgd/eq-8/line-1"),
                NO_SERVER_ERROR,
                server_error_sq,
                SERVER_ADMITS,
            ),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: as line 1 is",
            at_most(NEXT["server"], SHARP_ADMITS * (1 - RATIO ** (t + 1)) / (1 - RATIO)),
            (*MOMENTUM_MAP, given.proper_contraction, given.shrinking_young),
            follows=written_out(Cite("dist_ef_sgd/eq-8/line-1", improved=True), NO_SERVER_ERROR, server_error_sq, SHARP_ADMITS),
            arena=ARENA,
        ),
        letters={r"\beta": tau},
    ),
    claim(
        "eq-8/line-3",
        "step",
        "appendix G, (8), line 3",
        "The limit of the geometric series.",
        r"\frac{8(1-\delta)(2-\delta)(1+1/\beta)}{\delta^2(1-(1-\delta)(1+\beta))(1-\mu)^2} G^2",
        printed(
            at_most(server_error_sq, SERVER_ADMITS / (1 - RATIO)),
            (*MOMENTUM_MAP, given.shrinking_young),
            follows=GeometricLimit(Cite("dist_ef_sgd/eq-8/line-1"), NO_SERVER_ERROR, server_error_sq, t),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: as line 1 is",
            at_most(server_error_sq, SHARP_ADMITS / (1 - RATIO)),
            (*MOMENTUM_MAP, given.proper_contraction, given.shrinking_young),
            follows=GeometricLimit(Cite("dist_ef_sgd/eq-8/line-1", improved=True), NO_SERVER_ERROR, server_error_sq, t),
            arena=ARENA,
        ),
        letters={r"\beta": tau},
    ),
    *(
        claim(
            f"eq-8/line-{number}",
            "step",
            f"appendix G, (8), line {number}",
            says,
            latex,
            printed(relation(*sides), (given.proper_contraction, given.momentum_range)),
            unparsed="a line of a chain, coded with the line before; read twice",
        )
        for number, says, latex, relation, sides in LINES_OF_8
    ),
    claim(
        "eq-8/line-6",
        "step",
        "appendix G, (8), the line before the last",
        "An inequality printed as an equality: (1 + 1/beta) = (2 - delta)/delta is at most 2/delta.",
        r"\frac{16(1-\delta)(2-\delta)(1+1/\beta)}{\delta^3(1-\mu)^2} G^2 \\ & = \frac{32(1-\delta)(2-\delta)}{\delta^4(1-\mu)^2} G^2",
        printed(
            equals(
                (16 * (1 - DELTA) * (2 - DELTA) * (1 + 1 / tau) / DELTA**3 * DRIVE).subs(HALF_DELTA),
                32 * (1 - DELTA) * (2 - DELTA) / DELTA**4 * DRIVE,
            ),
            (given.contraction, given.momentum_range),
        ),
        correction=Reading(
            "corrected: at most",
            at_most(
                (16 * (1 - DELTA) * (2 - DELTA) * (1 + 1 / tau) / DELTA**3 * DRIVE).subs(HALF_DELTA),
                32 * (1 - DELTA) * (2 - DELTA) / DELTA**4 * DRIVE,
            ),
            (given.contraction, given.momentum_range),
        ),
        misprint="= for <=",
        letters={r"\beta": tau.subs(HALF_DELTA)},
    ),
    claim(
        "eq-8",
        "equation",
        "appendix G, (8)",
        "The error of the server.",
        r"\frac{64(1-\delta)}{\delta^4(1-\mu)^2} G^2",
        printed(at_most(server_error_sq, SERVER_BOUND), MOMENTUM_MAP, follows=ERRORS[1], arena=ARENA),
        improvement=Reading(
            "improved: (1-delta) (1+q)^2 G^2 / ((1-q)^4 (1-mu)^2), sharp without momentum",
            at_most(server_error_sq, SHARP_SERVER),
            MOMENTUM_MAP,
            follows=SERVER_FOLLOWS,
            arena=ARENA,
        ),
    ),
    claim(
        "appendix-g/averaged-iterate",
        "definition",
        "appendix G, definition of z_t",
        "The iterate that moves as SGD with a larger step does.",
        (
            r"z_t = \tilde{x}_t - \frac{\eta\mu^2}{1-\mu} \frac{1}{M} \sum_{i=1}^M m_{t-1,i}",
            r"z_{t+1} &= \tilde{x}_{t+1} - \frac{\eta\mu^2}{1-\mu} \frac{1}{M} \sum_{i=1}^M m_{t,i}",
        ),
        (Reading("as printed"),),
        unparsed="a definition, and the same one iteration later; read twice",
    ),
    *(
        claim(
            f"appendix-g/averaged-step/line-{number}",
            "step",
            f"appendix G, display after the definition of z_t, line {number}",
            says,
            latex,
            printed(
                equals(averaged_step_less_sq, 0),
                (given.any_map, *MOMENTUM),
                follows=Cancels(averaged_step_less_sq, difference),
                arena=ARENA,
                says="attacked is the whole chain: the first line against the last",
            ),
            unparsed="vectors; coded as the difference of both sides of the equality sign; read twice",
        )
        for number, says, latex, difference in LINES_OF_Z
    ),
    claim(
        "appendix-g/averaged-step",
        "step",
        "appendix G, display after the definition of z_t",
        "z_t moves as SGD with a larger step does, for any map.",
        r"z_t - \frac{\eta}{1-\mu} \frac{1}{M} \sum_{i=1}^M g_{t,i}",
        printed(
            equals(averaged_step_less_sq, 0),
            (given.any_map, *MOMENTUM),
            follows=Invariant(
                averaged_step_less_sq,
                start=zero,
                now=_averaged + _moved,
                following={"one iteration": _next_averaged + _moved + SPEED * _gradient.mean},
            ),
            arena=ARENA,
        ),
        unparsed="an identity of vectors, coded as a difference that stays zero; read twice",
        relies=("dist_ef_sgd/appendix-g/averaged-iterate",),
    ),
    claim(
        "appendix-g/averaged-move",
        "step",
        "appendix G, (9), between lines 1 and 2",
        "The squared move of z_t is that of the mean stochastic gradient.",
        r"\frac{L\eta^2}{2(1-\mu)^2} \mathbb{E}_t \left[\left\| \frac{1}{M} \sum_{i=1}^M g_{t,i} \right\|_2^2 \right]",
        printed(
            equals(averaged_move_sq, SPEED**2 * batch_gradient_sq),
            (given.any_map, *MOMENTUM),
            follows=Squared(averaged_move_sq, _next_averaged - _averaged, -SPEED, _gradient.mean, batch_gradient_sq),
            arena=ARENA,
        ),
        unparsed="one term of a chain; read twice",
    ),
    claim(
        "eq-9/line-1",
        "step",
        "appendix G, (9), line 1",
        "Smoothness at z_t and its successor.",
        r"F(z_t) + \langle \nabla F(z_t), \mathbb{E}_t[z_{t+1} - z_t] \rangle + \frac{L}{2} \mathbb{E}_t[\|z_{t+1} - z_t\|_2^2]",
        printed(
            at_most(NEXT_AVERAGED, averaged_loss - SPEED * averaged_inner + L / 2 * averaged_move_sq),
            (given.smooth, given.common_variance, *MOMENTUM),
            follows=Expected(
                Certified(
                    at_most(expected_next_f, f_y - SPEED * dot(g_y, g_x) + L / 2 * norm_sq(u)),
                    (
                        fact(
                            "F is L-smooth, in expectation over the noise: at z and its successor",
                            f_y - SPEED * dot(g_y, g_x) + L / 2 * norm_sq(u) - expected_next_f,
                        ),
                    ),
                ),
                {expected_next_f: NEXT_AVERAGED, f_y: averaged_loss, dot(g_y, g_x): averaged_inner, norm_sq(u): averaged_move_sq},
            ),
            arena=ARENA,
        ),
        unparsed="its inner product is coded with the step of z_t put in; read twice",
        relies=("dist_ef_sgd/assumption-1",),
    ),
    claim(
        "eq-9/line-2",
        "step",
        "appendix G, (9), line 2",
        "The step of z_t put in.",
        r"F(z_t) - \frac{\eta}{1-\mu} \left\langle \nabla F(z_t), \mathbb{E}_t \left[\frac{1}{M} \sum_{i=1}^M g_{t,i} \right] "
        r"\right\rangle + \frac{L\eta^2}{2(1-\mu)^2} \mathbb{E}_t \left[\left\| \frac{1}{M} \sum_{i=1}^M g_{t,i} \right\|_2^2 "
        r"\right]",
        printed(
            at_most(NEXT_AVERAGED, averaged_loss - SPEED * averaged_inner + L * SPEED**2 / 2 * batch_gradient_sq),
            (given.smooth, given.common_variance, *MOMENTUM),
            follows=Using(Cite("dist_ef_sgd/eq-9/line-1"), (Cite("dist_ef_sgd/appendix-g/averaged-move"),)),
            arena=ARENA,
        ),
        letters={
            r"\langle \nabla F(z_t), \mathbb{E}_t [\frac{1}{M} \sum_{i=1}^M g_{t,i} ] \rangle": averaged_inner,
        },
    ),
    claim(
        "eq-9/line-3",
        "step",
        "appendix G, (9), line 3",
        "Mean and noise of the mean stochastic gradient.",
        r"F(z_t) - \frac{\eta}{1-\mu} \langle \nabla F(z_t), \nabla F(x_t) \rangle + \frac{L\eta^2}{2(1-\mu)^2} \left[\|\nabla "
        r"F(x_t)\|_2^2 + \mathbb{E}_t \left[\left\| \frac{1}{M} \sum_{i=1}^M g_{t,i} - \nabla F(x_t) \right\|_2^2 \right] "
        r"\right]",
        printed(
            at_most(NEXT_AVERAGED, averaged_loss - SPEED * averaged_inner + L * SPEED**2 / 2 * (gradient_sq + noise_sq)),
            (given.smooth, given.common_variance, *MOMENTUM),
            follows=Using(Cite("dist_ef_sgd/eq-9/line-2"), (ABOUT_THE_GRADIENT,)),
            arena=ARENA,
        ),
    ),
    claim(
        "eq-9",
        "equation",
        "appendix G, (9)",
        "One step of descent at z_t.",
        r"F(z_t) - \frac{\eta}{1-\mu} \langle \nabla F(z_t), \nabla F(x_t) \rangle + \frac{L\eta^2}{2(1-\mu)^2} \|\nabla F(x_t)\|_2^2 + "
        r"\frac{L\eta^2\sigma^2}{2(1-\mu)^2M}",
        printed(
            STEP_9,
            (given.smooth, given.common_variance, *MOMENTUM),
            follows=Using(
                Expected(
                    Certified(
                        at_most(expected_next_f, f_y - SPEED * dot(g_y, g_x) + L * SPEED**2 / 2 * (norm_sq(g_x) + norm_sq(noise))),
                        (STEP_FACTS[0],),
                    ),
                    {
                        expected_next_f: NEXT_AVERAGED,
                        f_y: averaged_loss,
                        dot(g_y, g_x): averaged_inner,
                        norm_sq(g_x): gradient_sq,
                        norm_sq(noise): noise_sq,
                    },
                ),
                (INDEPENDENT,),
            ),
            arena=ARENA,
        ),
    ),
    claim(
        "eq-10/line-1",
        "step",
        "appendix G, (10), line 1",
        "The inner product of both gradients, taken apart.",
        r"-\|\nabla F(x_t)\|_2^2 + \langle \nabla F(x_t) - \nabla F(z_t), \nabla F(x_t) \rangle",
        printed(
            equals(-dot(g_y, g_x), -norm_sq(g_x) + dot(g_x - g_y, g_x)),
            follows=Certified(equals(-dot(g_y, g_x), -norm_sq(g_x) + dot(g_x - g_y, g_x))),
        ),
        letters={
            r"\|\nabla F(x_t)\|_2^2": norm_sq(g_x),
            r"\langle \nabla F(x_t) - \nabla F(z_t), \nabla F(x_t) \rangle": dot(g_x - g_y, g_x),
        },
    ),
    claim(
        "eq-10",
        "equation",
        "appendix G, (10)",
        "Young's inequality for the inner product of two gradients.",
        r"-\left(1 - \frac{\rho}{2}\right) \|\nabla F(x_t)\|_2^2 + \frac{1}{2\rho} \|\nabla F(x_t) - \nabla F(z_t)\|_2^2",
        printed(
            at_most(-dot(g_y, g_x), -(1 - rho / 2) * norm_sq(g_x) + 1 / (2 * rho) * norm_sq(g_x - g_y)),
            facts=(fact("unused", sp.Integer(0), 0),),
            arena="function",
        ),
        letters={r"\|\nabla F(x_t)\|_2^2": norm_sq(g_x), r"\|\nabla F(x_t) - \nabla F(z_t)\|_2^2": norm_sq(g_x - g_y)},
    ),
    claim(
        "eq-11/lipschitz",
        "step",
        "appendix G, (11), line 1",
        "The gradients at x_t and z_t.",
        r"\|\nabla F(x_t) - \nabla F(z_t)\|_2^2 &\leq L^2 \|x_t - z_t\|_2^2",
        printed(
            at_most(averaged_gradient_lag_sq, L**2 * averaged_lag_sq),
            (given.smooth, *MOMENTUM),
            follows=Expected(
                Certified(
                    at_most(norm_sq(g_x - g_y), L**2 * norm_sq(x - y)),
                    (fact("F has an L-Lipschitz gradient", lipschitz(g_x - g_y, x - y)),),
                ),
                {norm_sq(g_x - g_y): averaged_gradient_lag_sq, norm_sq(x - y): averaged_lag_sq},
            ),
            arena=ARENA,
        ),
        relies=("dist_ef_sgd/assumption-1",),
    ),
    claim(
        "eq-11",
        "equation",
        "appendix G, (11), line 3",
        "How far z_t is from x_t.",
        r"2L^2 \eta^2 \left\| \tilde{e}_t + \frac{1}{M} \sum_{i=1}^M e_{t,i} \right\|_2^2 + \frac{2L^2 \eta^2 \mu^4}{(1-\mu)^2} \left\| "
        r"\frac{1}{M} \sum_{i=1}^M m_{t-1,i} \right\|_2^2",
        printed(
            at_most(averaged_gradient_lag_sq, L**2 * LAG_11.rhs),
            (given.smooth, *MOMENTUM),
            follows=Using(Cite("dist_ef_sgd/eq-11/lipschitz"), (Cite("dist_ef_sgd/eq-11/distance"),)),
            arena=ARENA,
        ),
    ),
    claim(
        "eq-11/distance",
        "step",
        "appendix G, (11), lines 2 and 3",
        "The distance, in two parts.",
        r"2L^2 \|x_t - \tilde{x}_t\|_2^2 + 2L^2 \|\tilde{x}_t - z_t\|_2^2",
        (
            Reading(
                "as printed, without the common factor",
                LAG_11,
                (given.any_map, *MOMENTUM),
                follows=Using(
                    Expected(
                        Certified(at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v))),
                        {norm_sq(u + v): averaged_lag_sq, norm_sq(u): lag_sq, norm_sq(v): averaged_virtual_sq},
                    ),
                    (
                        Squared(lag_sq, _x - _virtual, eta, _server_error + _error.mean, two_way_error_sq),
                        Squared(averaged_virtual_sq, _virtual - _averaged, LAG_OF_MOMENTUM, _momentum.mean, momentum_sq),
                    ),
                ),
                arena=ARENA,
            ),
        ),
        unparsed="coded without the common factor; read twice",
    ),
    claim(
        "eq-11/lemma-6",
        "step",
        "appendix G, (11), last line",
        "Lemma 6 put in, which holds in expectation.",
        r"\frac{16L^2 \eta^2 (1-\delta) G^2}{\delta^2 (1-\mu)^2} \left[1 + \frac{16}{\delta^2} \right] + \frac{2L^2 \eta^2 "
        r"\mu^4}{(1-\mu)^2} \left\| \frac{1}{M} \sum_{i=1}^M m_{t-1,i} \right\|_2^2",
        printed(
            gradient_lag_11(ERROR),
            MOMENTUM_RUN,
            follows=Using(Cite("dist_ef_sgd/eq-11"), (Cite("dist_ef_sgd/lemma-6"),)),
            says="in expectation, which the display leaves out",
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: the sharp constant",
            gradient_lag_11(SHARP_ERROR),
            MOMENTUM_RUN,
            follows=Using(Cite("dist_ef_sgd/eq-11"), (Cite("dist_ef_sgd/lemma-6", improved=True),)),
            arena=ARENA,
        ),
        misprint="the expectation is left out on the left side",
    ),
    claim(
        "appendix-g/weights",
        "step",
        "appendix G, before (12)",
        "The sum of the weights.",
        r"A_{t-1} = \sum_{k=0}^{t-1} \mu^{t-1-k} = \frac{1-\mu^t}{1-\mu}",
        (
            Reading(
                "by its recursion: every weight is multiplied by mu, and one of 1 is added; there is none at t = 0",
                equals(weights_so_far(t + 1), momentum * weights_so_far(t) + 1),
                (given.momentum_range,),
            ),
        ),
        unparsed="a chain; coded by the recursion that its ends obey; read twice",
    ),
    claim(
        "eq-12/line-1",
        "step",
        "appendix G, (12), line 1",
        "A sum as its weights times a weighted mean.",
        r"A_{t-1}^2 \left\| \sum_{k=0}^{t-1} \frac{\mu^{t-1-k}}{A_{t-1}} \frac{1}{M} \sum_{i=1}^M g_{k,i} \right\|_2^2",
        (
            Reading(
                "as printed at t + 1, u being the mean momentum m_t",
                WEIGHTS_OUTSIDE,
                (given.momentum_range,),
                follows=PUT_OUTSIDE,
            ),
        ),
        unparsed="a sum of vectors, coded as one; read twice",
    ),
    claim(
        "eq-12/line-2",
        "step",
        "appendix G, (12), line 2",
        "Jensen's inequality.",
        r"A_{t-1}^2 \sum_{k=0}^{t-1} \frac{\mu^{t-1-k}}{A_{t-1}} \left\| \frac{1}{M} \sum_{i=1}^M g_{k,i} \right\|_2^2",
        (
            Reading(
                "as printed, at t + 1",
                at_most(momentum_sq.subs(t, t + 1), weights_so_far(t + 1) ** 2 * (DISCOUNTED.subs(t, t + 1) / weights_so_far(t + 1))),
                (given.momentum_range,),
                follows=BY_CONVEXITY,
                says="in expectation; at t = 0 both sides are zero",
                arena=ARENA,
            ),
        ),
        unparsed="a sum over earlier gradients is a quantity of its own; read twice",
    ),
    claim(
        "eq-12/line-3",
        "step",
        "appendix G, (12), line 3",
        "The mean momentum against discounted gradients, by the convexity of the square; A_t is (1 - mu^(t+1)) / (1 - mu).",
        r"A_{t-1} \sum_{k=0}^{t-1} \mu^{t-1-k} \left\| \frac{1}{M} \sum_{i=1}^M g_{k,i} \right\|_2^2",
        (
            Reading(
                "as printed, at t + 1",
                at_most(momentum_sq.subs(t, t + 1), weights_so_far(t + 1) * DISCOUNTED.subs(t, t + 1)),
                (given.momentum_range,),
                follows=BY_CONVEXITY,
                says="in expectation; at t = 0 both sides are zero",
                arena=ARENA,
            ),
        ),
        unparsed="a sum over earlier gradients is a quantity of its own; read twice",
    ),
    claim(
        "eq-12/line-4",
        "step",
        "appendix G, (12), last line",
        "The same with the limit of A.",
        r"\frac{1}{1-\mu} \sum_{k=0}^{t-1} \mu^{t-1-k} \left\| \frac{1}{M} \sum_{i=1}^M g_{k,i} \right\|_2^2",
        (
            Reading(
                "as printed",
                at_most(momentum_sq, DISCOUNTED / KEPT),
                (given.momentum_range,),
                follows=DISCOUNTS,
                says="in expectation",
                arena=ARENA,
            ),
        ),
        unparsed="a sum over earlier gradients is a quantity of its own; read twice",
    ),
    claim(
        "eq-12",
        "equation",
        "appendix G, (12), with the double-sum display",
        "Momenta summed over a run against gradients summed over a run.",
        r"\frac{1}{1-\mu} \sum_{k=0}^{t-1} \mu^{t-1-k} \left\| \frac{1}{M} \sum_{i=1}^M g_{k,i} \right\|_2^2",
        (
            Reading(
                "(12) and the double sum together, as they are used",
                at_most(MOMENTA, (GRADIENTS + T * sigma**2 / R) / KEPT**2),
                (given.common_variance, given.momentum_range),
                follows=MOMENTUM_SUM,
                arena=ARENA,
            ),
        ),
        unparsed="a nested sum; coded for what is used of it; read twice",
    ),
    claim(
        "appendix-g/descent/line-1",
        "step",
        "appendix G, after (12), with its nested sum",
        "(9) to (12) combined, as printed.",
        r"F(z_t) - \left(\frac{\eta(2-\rho)}{2(1-\mu)} - \frac{L\eta^2}{2(1-\mu)^2} \right) \|\nabla F(x_t)\|_2^2 + \frac{L^2 "
        r"\eta^3 \mu^4}{\rho(1-\mu)^4} \sum_{k=0}^{t-1} \mu^{t-1-k} \left\| \frac{1}{M} \sum_{i=1}^M g_{k,i} \right\|_2^2 \\ & \quad + "
        r"\frac{L\eta^2 \sigma^2}{2(1-\mu)^2 M} + \frac{8L^2 \eta^3 (1-\delta) G^2}{\rho \delta^2 (1-\mu)^3} \left[1 + "
        r"\frac{16}{\delta^2} \right]",
        printed(
            discounted_descent(ERROR),
            MOMENTUM_RUN,
            follows=in_short(discounted_descent_follows, discounted_descent),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: the sharp constant",
            discounted_descent(SHARP_ERROR),
            MOMENTUM_RUN,
            follows=in_short(discounted_descent_follows, discounted_descent, sharp=True),
            arena=ARENA,
        ),
        unparsed="the first line of a display with a nested sum; coded whole; read twice",
    ),
    claim(
        "appendix-g/descent",
        "step",
        "appendix G, after (12)",
        "(9) to (12) combined.",
        r"\frac{L\eta^2 \sigma^2}{2(1-\mu)^2 M} + \frac{8L^2 \eta^3 (1-\delta) G^2}{\rho \delta^2 (1-\mu)^3} \left[1 + "
        r"\frac{16}{\delta^2} \right]",
        printed(
            bounded_descent(ERROR),
            MOMENTUM_RUN,
            follows=in_short(descent_follows, bounded_descent),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: the sharp constant",
            bounded_descent(SHARP_ERROR),
            MOMENTUM_RUN,
            follows=in_short(descent_follows, bounded_descent, sharp=True),
            arena=ARENA,
        ),
        unparsed="the end of a display with a nested sum; coded with the mean momentum in its place; read twice",
    ),
    claim(
        "appendix-g/telescoped/line-1",
        "step",
        "appendix G, display before (13), lines 1 and 2",
        "One step of descent, summed over a run.",
        (
            r"\mathbb{E}[F(z_0)] - \mathbb{E}[F(z_T)] + \frac{L^2\eta^3\mu^4}{\rho(1-\mu)^4} \sum_{t=0}^{T-1} \sum_{k=0}^{t-1} "
            r"\mu^{t-1-k} \mathbb{E} \left[\left\| \frac{1}{M} \sum_{i=1}^M g_{k,i} \right\|_2^2 \right]",
        ),
        printed(
            telescoped(ERROR),
            MOMENTUM_RUN,
            follows=in_short(telescoped_follows, telescoped),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: the sharp constant",
            telescoped(SHARP_ERROR),
            MOMENTUM_RUN,
            follows=in_short(telescoped_follows, telescoped, sharp=True),
            arena=ARENA,
        ),
        unparsed="nested sums are quantities of their own; read twice",
    ),
    claim(
        "appendix-g/telescoped/line-2",
        "step",
        "appendix G, display before (13), lines 3 to 5",
        "The discounted gradients split into mean and noise.",
        r"F(x_0) - \mathbb{E}[F(z_T)] + \frac{L^2\eta^3\mu^4}{\rho(1-\mu)^4} \sum_{t=0}^{T-1} \sum_{k=0}^{t-1} \mu^{t-1-k} \mathbb{E} "
        r"\left[\|\nabla F(x_k)\|_2^2 \right] \\ & \quad + \frac{L^2\eta^3\mu^4}{\rho(1-\mu)^4} \sum_{t=0}^{T-1} \sum_{k=0}^{t-1} "
        r"\mu^{t-1-k} \mathbb{E} \left[\left\| \frac{1}{M} \sum_{i=1}^M g_{k,i} - \nabla F(x_k) \right\|_2^2 \right]",
        printed(
            telescoped_split(ERROR),
            MOMENTUM_RUN,
            follows=in_short(telescoped_split_follows, telescoped_split),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: the sharp constant",
            telescoped_split(SHARP_ERROR),
            MOMENTUM_RUN,
            follows=in_short(telescoped_split_follows, telescoped_split, sharp=True),
            arena=ARENA,
        ),
        unparsed="nested sums are quantities of their own; coded whole; read twice",
    ),
    claim(
        "appendix-g/telescoped/last-line",
        "step",
        "appendix G, display before (13), last line",
        "The gradients split into mean and noise, and the noise bounded.",
        r"F(x_0) - F_* + \frac{L^2\eta^3\mu^4}{\rho(1-\mu)^4} \sum_{t=0}^{T-1} \sum_{k=0}^{t-1} \mu^{t-1-k} \mathbb{E} "
        r"\left[\|\nabla F(x_k)\|_2^2 \right] \\ & \quad + "
        r"\frac{L^2\eta^3\mu^4\sigma^2T}{\rho(1-\mu)^5M} + \frac{L\eta^2\sigma^2T}{2(1-\mu)^2M} + "
        r"\frac{8L^2\eta^3(1-\delta)G^2T}{\rho\delta^2(1-\mu)^3} \left[1 + \frac{16}{\delta^2} \right]",
        printed(
            telescoped_noise(ERROR),
            MOMENTUM_RUN,
            follows=in_short(telescoped_noise_follows, telescoped_noise),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: the sharp constant",
            telescoped_noise(SHARP_ERROR),
            MOMENTUM_RUN,
            follows=in_short(telescoped_noise_follows, telescoped_noise, sharp=True),
            arena=ARENA,
        ),
        unparsed="a line of a display with nested sums; coded whole; read twice",
    ),
    *(
        claim(
            f"appendix-g/double-sum{part}",
            "step",
            f"appendix G, display with the double sum, line {number}",
            says,
            latex,
            printed(relation, (given.momentum_range,), follows=follows, arena=ARENA),
            unparsed="nested sums are quantities of their own; read twice",
        )
        for number, part, says, latex, relation, follows in (
            (
                1,
                "/line-1",
                "The order of the sums changed: how often each gradient is counted, and with which weights.",
                r"\sum_{k=0}^{T-2} \sum_{t=k+1}^{T-1} \mu^{t-1-k} \mathbb{E} \left[\|\nabla F(x_k)\|_2^2 \right]",
                equals(sp.Sum(DISCOUNTED_EXACT, (t, 0, T - 1)), COUNTED),
                Exchanged(_now[DISCOUNTED_EXACT], _none_yet[DISCOUNTED_EXACT], DISCOUNTED_EXACT, weights_so_far(T - 1 - t), t, T),
            ),
            (
                2,
                "/line-2",
                "The weights of each gradient add up to at most 1 / (1 - mu).",
                r"\frac{1}{1-\mu} \sum_{k=0}^{T-2} \mathbb{E} \left[\|\nabla F(x_k)\|_2^2 \right]",
                at_most(sp.Sum(DISCOUNTED_EXACT, (t, 0, T - 1)), GRADIENTS_BUT_LAST / KEPT),
                Using(Cite("dist_ef_sgd/appendix-g/double-sum/line-1"), (WEIGHTS_AT_MOST,)),
            ),
            (
                3,
                "",
                "Discounted gradients summed over a run.",
                r"\frac{1}{1-\mu} \sum_{k=0}^{T-1} \mathbb{E} \left[\|\nabla F(x_k)\|_2^2 \right]",
                at_most(sp.Sum(DISCOUNTED_EXACT, (t, 0, T - 1)), GRADIENTS / KEPT),
                DOUBLE_SUM,
            ),
        )
    ),
    claim(
        "eq-13",
        "equation",
        "appendix G, (13)",
        "The squared gradients of a run.",
        r"F(x_0) - F_* + \frac{L^2\eta^3\mu^4\sigma^2T}{\rho(1-\mu)^5M} + \frac{L\eta^2\sigma^2T}{2(1-\mu)^2M} + "
        r"\frac{8L^2\eta^3(1-\delta)G^2T}{\rho\delta^2(1-\mu)^3} \left[1 + \frac{16}{\delta^2} \right]",
        printed(
            eq_13(ERROR),
            MOMENTUM_RUN,
            follows=in_short(eq_13_follows, eq_13),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: the sharp constant",
            eq_13(SHARP_ERROR),
            MOMENTUM_RUN,
            follows=in_short(eq_13_follows, eq_13, sharp=True),
            arena=ARENA,
        ),
    ),
    claim(
        "eq-14",
        "equation",
        "appendix G, (14)",
        "The coefficient of the squared gradients from below.",
        r"\frac{\eta(2-\rho)}{2(1-\mu)} - \frac{L\eta^2}{2(1-\mu)^2} - \frac{L^2\eta^3\mu^4}{\rho(1-\mu)^5} \geq "
        r"\frac{\eta(2-\rho)}{4(1-\mu)}",
        printed(EQ_14, PARAMETERS, facts=SHARES_14),
    ),
    claim(
        "appendix-g/averaged",
        "step",
        "appendix G, display after (14)",
        "The mean squared gradient, with a free parameter of Young's inequality.",
        r"\frac{4(1-\mu)}{\eta(2-\rho)T} [F(x_0) - F_*] + \frac{2L\eta\sigma^2}{(2-\rho)(1-\mu)M} \left[1 + "
        r"\frac{2L\eta\mu^4}{\rho(1-\mu)^3} \right] \\ &\quad + \frac{32L^2\eta^2(1-\delta)G^2}{\rho(2-\rho)\delta^2(1-\mu)^2} \left[1 + "
        r"\frac{16}{\delta^2} \right]",
        printed(
            averaged(ERROR),
            (*MOMENTUM_RUN, *PARAMETERS),
            follows=in_short(averaged_follows, averaged),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: the sharp constant",
            averaged(SHARP_ERROR),
            (*MOMENTUM_RUN, *PARAMETERS),
            follows=in_short(averaged_follows, averaged, sharp=True),
            arena=ARENA,
        ),
    ),
    claim(
        "appendix-g/rho",
        "step",
        "appendix G, last line",
        "The parameter that is chosen may be.",
        r"Let $\rho = 1$",
        printed(at_least(1, (2 - 1) * momentum**3), (given.momentum_range,)),
        unparsed="running text; coded is what is asked of rho, rho >= (2 - rho) mu^3, at 1; read twice",
    ),
    claim(
        "appendix-g/output",
        "step",
        "appendix G, last line",
        "The expectation over the drawn index, each as likely as the others.",
        r"\mathbb{E} \left[\|\nabla F(x_0)\|_2^2 \right] = \frac{1}{T} \sum_{t=0}^{T-1} \mathbb{E}[\|\nabla F(x_t)\|_2^2]",
        printed(
            equals(output_gradient_sq, GRADIENTS / T),
            follows=OUTPUT,
            says="how o is drawn, and by which sum every arena measures it, so that an attack would compare the sum with itself",
        ),
        damaged="the index o is stored as 0",
    ),
    claim(
        "appendix-h/step",
        "step",
        "appendix H",
        "The step of Corollary 3 meets the condition of Theorem 2.",
        r"\eta \leq \frac{(1-\mu)^2}{2L}",
        (
            Reading(
                "without the price of compression, which only makes the step smaller",
                at_most(xi * sp.sqrt(R) / sp.sqrt(T), KEPT**2 / (2 * L)),
                (given.momentum_range, given.momentum_horizon),
            ),
        ),
        unparsed="what the condition implies; coded for the first term of the denominator; read twice",
    ),
    claim(
        "appendix-h/line-1",
        "step",
        "appendix H, lines 1 and 2",
        "The step of Corollary 3 put into Theorem 2.",
        r"\left[\frac{1}{\gamma \sqrt{MT}} + \frac{(1-\delta)^{1/3}}{\gamma \delta^{2/3} T^{2/3}} \left(1 + "
        r"\frac{16}{\delta^2}\right)^{1/3} \right] 4(1-\mu)[F(x_0) - F_*] \\ & \quad + \frac{2L\gamma\sigma^2}{(1-\mu)\sqrt{MT}} "
        r"\left[1 + \frac{2L\gamma\mu^4\sqrt{M}}{(1-\mu)^3\sqrt{T}} \right] + "
        r"\frac{32L^2\gamma^2(1-\delta)^{1/3}G^2}{\delta^{2/3}(1-\mu)^2T^{2/3}} \left[1 + \frac{16}{\delta^2} \right]^{1/3}",
        printed(spread_out(8), (*MOMENTUM_RUN, given.horizon_cost_step), follows=corollary_3_follows(), arena=ARENA),
        improvement=Reading(
            "improved: half of the last term",
            spread_out(4),
            (*MOMENTUM_RUN, given.horizon_cost_step),
            follows=scaled(Instance(FREE_3, {rho: sp.S.Half}), 2),
            arena=ARENA,
        ),
    ),
    claim(
        "appendix-h/last-line",
        "step",
        "appendix H, last line",
        "The bound of Corollary 3.",
        r"\left[\frac{2(1-\mu)}{\gamma} [F(x_0) - F_*] + \frac{L\gamma\sigma^2}{1-\mu} \right] \frac{2}{\sqrt{MT}} + "
        r"\frac{4L^2\gamma^2\mu^4\sigma^2}{(1-\mu)^4T}",
        printed(
            COROLLARY_3,
            (*MOMENTUM_RUN, given.horizon_cost_step),
            follows=Cite("dist_ef_sgd/corollary-3"),
            arena=ARENA,
        ),
        improvement=Reading(
            "improved: as Corollary 3 is",
            COROLLARY_3_ROOTS,
            (*MOMENTUM_RUN, given.horizon_cost_step),
            follows=Cite("dist_ef_sgd/corollary-3", improved=True),
            arena=ARENA,
        ),
        unparsed="its last term stands on the next line of the display; read twice",
    ),
)
