r"""What the statements of dist-EF-SGD share: bounds, hypotheses in force, and derivations.

Its errors e, e~ and its compressed p are gradients in kind; eta_{t-1} e_t is what the iterate lags behind. All that is derived here is
derived for steps that may change, from recursions for eta_{t-1}^2 E ||e_t||^2, since the paper's own, for E ||e_t||^2, need a constant one.
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory import hypotheses as given
from theory.claim import Claim, Hypothesis, Reading, Relation, at_most, equals
from theory.rules import (
    Certified,
    Combined,
    Decided,
    DrivenSum,
    Expected,
    Granted,
    Inducted,
    InLetters,
    Instance,
    Isolated,
    Parted,
    Rule,
    ShiftedSum,
    Squared,
    Telescoped,
    Using,
    Weakened,
    scaled,
)
from theory.samples import about_the_mean, drawn, jensen, variances_add
from theory.scenes import expected_next_f, f_y, fact, g_x, g_y, lipschitz, noise, u, v, x, y
from theory.symbols import (
    G,
    L,
    R,
    T,
    batch_gradient_sq,
    drive_sq,
    eta,
    eta_of,
    eta_t,
    f_star,
    gamma,
    gradient_sq,
    initial_gap,
    lag_sq,
    mean_drive_sq,
    mean_error_sq,
    mean_input_sq,
    mean_message_sq,
    momentum,
    n,
    noise_sq,
    output_chance,
    output_gradient_sq,
    peak_eta,
    server_error_sq,
    server_input_sq,
    sigma,
    t,
    tau,
    two_way_error_sq,
    virtual_loss,
    worker_error_sq,
    worker_input_sq,
)
from theory.vectors import Vector, average_norm_sq, dot, norm_sq, vector, worker_vector

ARENA = "dist_ef"
DELTA = gamma  # the paper's letter

# Bounds
LAST_STEP = eta_of(t - 1)
COST_CUBED = (1 - DELTA) / DELTA**2 * (1 + 16 / DELTA**2)
COST = sp.cbrt(COST_CUBED)  # what compression costs in the corollaries
ERROR = 8 * G**2 * COST_CUBED  # the bound of Lemma 2
ROOT = sp.sqrt(1 - DELTA)  # the q of the sharp bounds: a map keeps at most this share of a norm back
SHARP_ERROR = 4 * (1 - DELTA) * G**2 / (1 - ROOT) ** 4
SHARP_IS_HALF = Decided(at_most(SHARP_ERROR, ERROR / 2))  # nowhere more than half of the printed bound
WITH_MOMENTUM = 1 / (1 - momentum) ** 2
WEIGHTS = sp.Sum(eta_t * (3 - 2 * L * eta_t), (t, 0, T - 1))
SQUARES = sp.Sum(eta_t**2, (t, 0, T - 1))
LAGGED = sp.Sum(eta_t * LAST_STEP**2, (t, 1, T - 1))  # eta_{-1} = 0
PEAKS = sp.Sum(eta_t * peak_eta.subs(t, t - 1) ** 2, (t, 1, T - 1))
CUBES = sp.Sum(eta_t**3, (t, 0, T - 1))


def theorem_1(lagged: sp.Expr = LAGGED, error: sp.Expr = ERROR) -> Relation:
    """Theorem 1 with a given sum in its last term, and a given bound on both errors."""
    return at_most(
        output_gradient_sq,
        4 / WEIGHTS * initial_gap + 2 * L * sigma**2 / R * SQUARES / WEIGHTS + 4 * L**2 * error * lagged / WEIGHTS,
    )


# Hypotheses in force
MAP = (given.contraction, given.common_variance, given.bounded_gradient)
RUN = (given.smooth, *MAP)
ANY_STEP = (*RUN, given.positive_step, given.step_below_three_halves, given.positive_weights)
MOMENTUM = (given.fixed_step, given.momentum_range)
FIXED = {eta_of(t): eta, eta_of(t - 1): eta, eta_of(t + 1): eta}


def printed(relation: Relation | None, hypotheses: tuple[Hypothesis, ...] = (), **how: Any) -> tuple[Reading, ...]:
    """The only reading of a statement that can be read in one way."""
    return (Reading("as printed", relation, hypotheses, **how),)


def claim(label: str, kind: str, where: str, says: str, latex: str | tuple[str, ...], readings: tuple[Reading, ...], **more: Any) -> Claim:
    """A claim of this paper."""
    return Claim(f"dist_ef_sgd/{label}", kind, where, says, (latex,) if isinstance(latex, str) else latex, readings, **more)


# ---- one step of the errors, for any steps ----

_drive, _error = worker_vector("drive"), worker_vector("error")  # beta m + g and e of each worker
_input, _sent = worker_vector("input"), worker_vector("sent")  # p and C(p) of each worker
_iterate, _server_error = vector("iterate"), vector("server_error")  # x and e~
_ratio = LAST_STEP / eta_t
_keeps, _admits = 1 - DELTA / 2, (1 - DELTA) * (2 - DELTA) / DELTA  # Young's inequality at beta = delta / (2 (1 - delta)), times 1 - delta


def _young(a: Vector, b: Vector) -> Rule:
    """(1 - delta) ||a + b||^2 <= (1 - delta/2) ||a||^2 + (1 - delta) (2 - delta) / delta ||b||^2."""
    return Certified(
        at_most((1 - DELTA) * average_norm_sq(a + b), _keeps * average_norm_sq(a) + _admits * average_norm_sq(b)),
    )


WORKER_CONTRACTS = Expected(
    Certified(
        at_most(average_norm_sq(_input - _sent), (1 - DELTA) * average_norm_sq(_input)),
        (fact("Definition 1 at p of each worker", (1 - DELTA) * average_norm_sq(_input) - average_norm_sq(_sent - _input)),),
    ),
    {average_norm_sq(_input - _sent): worker_error_sq.subs(t, t + 1), average_norm_sq(_input): worker_input_sq},
)
SERVER_CONTRACTS = Expected(
    Certified(
        at_most(norm_sq(u - v), (1 - DELTA) * norm_sq(u)),
        (fact("Definition 1 at p of the server", (1 - DELTA) * norm_sq(u) - norm_sq(v - u)),),
    ),
    {norm_sq(u - v): server_error_sq.subs(t, t + 1), norm_sq(u): server_input_sq},
)
LARGEST_DRIVE = Granted(at_most(mean_drive_sq, drive_sq), by="a mean over the workers is at most the largest")
SECOND_MOMENT = Granted(at_most(drive_sq, G**2), by="without momentum beta m + g is g, of second moment G^2 (Assumptions 2 and 3)")
STARTS = tuple(
    Granted(equals(LAST_STEP.subs(t, 0) ** 2 * error.subs(t, 0), 0), by="the errors are zero at the start")
    for error in (worker_error_sq, server_error_sq)
)

WORKER_INPUT = Expected(
    _young(_error * _ratio, _drive),
    {average_norm_sq(_drive + _error * _ratio): worker_input_sq, average_norm_sq(_error): worker_error_sq,
     average_norm_sq(_drive): mean_drive_sq},
)  # fmt: skip
SERVER_INPUT = Expected(
    _young(v * _ratio, u),
    {norm_sq(v * _ratio + u): server_input_sq, norm_sq(v): server_error_sq, norm_sq(u): mean_message_sq},
)
MESSAGE = Using(
    Expected(
        Certified(at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v))),
        {norm_sq(u + v): mean_message_sq, norm_sq(u): mean_error_sq.subs(t, t + 1), norm_sq(v): mean_input_sq},
    ),
    (
        jensen(mean_error_sq.subs(t, t + 1), worker_error_sq.subs(t, t + 1)),
        WORKER_CONTRACTS,
        jensen(mean_input_sq, worker_input_sq),
    ),
)


def worker_recursion(drive: tuple[Rule, ...]) -> Rule:
    """eta_t^2 E ||e_{t+1}||^2 from eta_{t-1}^2 E ||e_t||^2, the drive bounded by G^2 times a constant."""
    return scaled(Using(Isolated(Combined((WORKER_CONTRACTS, WORKER_INPUT), (1, 1)), worker_error_sq.subs(t, t + 1)), drive), eta_t**2)


def server_recursion(drive: tuple[Rule, ...]) -> Rule:
    """The same at the server, driven by what the workers compress."""
    step = Combined((SERVER_CONTRACTS, SERVER_INPUT), (1, 1))
    bounded = Using(Isolated(step, server_error_sq.subs(t, t + 1)), (MESSAGE,))
    inputs = Combined((bounded, WORKER_INPUT), (1, 2 * (2 - DELTA) ** 2 / DELTA))
    return scaled(Using(Isolated(inputs, server_error_sq.subs(t, t + 1)), drive), eta_t**2)


NO_MOMENTUM = (LARGEST_DRIVE, SECOND_MOMENT)
SCALED_ERRORS = tuple(LAST_STEP**2 * error for error in (worker_error_sq, server_error_sq))
RECURSIONS = (worker_recursion(NO_MOMENTUM), server_recursion(NO_MOMENTUM))
LIMITS = (2 * (1 - DELTA) * (2 - DELTA) / DELTA**2 * G**2, 8 * (1 - DELTA) * (2 - DELTA) ** 3 / DELTA**4 * G**2)  # under eta = 1

# ---- what follows for the lag of the iterate ----

TWO_WAY = Using(
    Expected(
        Certified(at_most(norm_sq(u + v), 2 * norm_sq(u) + 2 * norm_sq(v))),
        {norm_sq(u + v): two_way_error_sq, norm_sq(u): server_error_sq, norm_sq(v): mean_error_sq},
    ),
    (jensen(mean_error_sq, worker_error_sq),),
)
LAG = Squared(
    lag_sq, _iterate - (_iterate - LAST_STEP * (_server_error + _error.mean)), LAST_STEP, _server_error + _error.mean, two_way_error_sq
)
SCALED_LAG = Using(LAG, (TWO_WAY,))


def below_peaks(drive: tuple[Rule, ...] = NO_MOMENTUM, factor: sp.Expr = sp.S.One) -> Rule:
    """lag_t <= bound of Lemma 2 times the square of the largest step before t, for any steps; `drive` is at most G^2 times `factor`."""
    before, now = (peak_eta.subs(t, time) ** 2 for time in (t - 1, t))
    worker, server = SCALED_ERRORS
    limits = [limit * factor for limit in LIMITS]
    under = (given.peak_so_far,)
    worker_bound = Inducted(worker_recursion(drive), STARTS[0], worker, t, limits[0] * before, limits[0] * now, under)
    server_step = Using(server_recursion(drive), (worker_bound,))
    server_bound = Inducted(server_step, STARTS[1], server, t, limits[1] * before, limits[1] * now, under)
    return Using(SCALED_LAG, (worker_bound, server_bound))


def rising_errors(drive: tuple[Rule, ...], factor: sp.Expr = sp.S.One) -> tuple[Rule, Rule]:
    """Bounds on the errors of workers and server for steps that never fall; `drive` is at most G^2 times `factor`."""
    limits = [limit * factor for limit in LIMITS]
    starts = [Granted(equals(error.subs(t, 0), 0), by="the errors are zero at the start") for error in (worker_error_sq, server_error_sq)]
    under = (given.rising_step,)
    worker_step, server_step = (scaled(step(drive), 1 / eta_t**2) for step in (worker_recursion, server_recursion))
    worker_bound = Inducted(worker_step, starts[0], worker_error_sq, t, limits[0], limits[0], under)
    server_bound = Inducted(Using(server_step, (worker_bound,)), starts[1], server_error_sq, t, limits[1], limits[1], under)
    return worker_bound, server_bound


def rising(drive: tuple[Rule, ...], factor: sp.Expr = sp.S.One) -> Rule:
    """The bound of Lemma 2 for steps that never fall."""
    return Using(TWO_WAY, rising_errors(drive, factor))


# Steps that rise to a peak and fall from there on: eta and eta^2 have nested intervals as level sets, which overlap the less the further
# one set is shifted, so the sum of eta_t eta_{t-n}^2 falls with n >= 1. Lemma 2 fails for falling steps, the sum that needs it does not.
ONE_PEAK = Granted(
    at_most(sp.Sum(eta_t * eta_of(t - n) ** 2, (t, n, T - 1)), LAGGED),
    by="for steps that rise, fall, or first rise and then fall, the sum of eta_t eta_(t-n)^2 is largest at n = 1: "
    "level sets are nested intervals, and overlap less the further they are shifted",
)


def driven_sum(count: int) -> DrivenSum:
    """The sum of eta_t times the scaled errors of the workers (count = 1) or of the server (2), for steps with one peak."""
    return DrivenSum(RECURSIONS[:count], STARTS[:count], SCALED_ERRORS[:count], eta_t, ONE_PEAK, t, T)


LAG_SUM_ONE_PEAK = Using(Telescoped(scaled(SCALED_LAG, eta_t), t, T), (driven_sum(1), driven_sum(2)))
LAG_SUM_PEAKS = Using(
    Telescoped(scaled(below_peaks(), eta_t), t, T),
    (Granted(equals(sp.Sum(eta_t * peak_eta.subs(t, t - 1) ** 2, (t, 0, T - 1)), PEAKS), by="there is no error and no lag at the start"),),
)

# ---- the sharp bound: both errors are kept together, and Young's parameter is chosen for each recursion as it stands ----

# Derived in the letter q = sqrt(1 - delta), in which all is rational
kept_share = sp.Symbol("kept_share", real=True, nonnegative=True)


def in_root(of: Rule) -> Rule:
    """A derivation in the letter q, which is put back at the end."""
    return InLetters(of, {DELTA: 1 - kept_share**2}, {kept_share: ROOT}, (kept_share < 1,))


_next_server_error, _next_error = vector("next_server_error"), worker_vector("next_error")
_limits = (kept_share**2 / (1 - kept_share) ** 2, 4 * kept_share**2 / (1 - kept_share) ** 4)  # under eta = 1 and G = 1
SHARP_LIMITS = tuple(limit.subs(kept_share, ROOT) * G**2 for limit in _limits)
_WORKER_INPUT = Expected(
    Certified(
        at_most(
            kept_share**2 * average_norm_sq(_drive + _error * _ratio),
            kept_share * average_norm_sq(_error * _ratio) + kept_share**2 / (1 - kept_share) * average_norm_sq(_drive),
        )
    ),
    {average_norm_sq(_drive + _error * _ratio): worker_input_sq, average_norm_sq(_error): worker_error_sq,
     average_norm_sq(_drive): mean_drive_sq},
)  # fmt: skip
_both, _next_both = _server_error + _error.mean, _next_server_error + _next_error.mean
_TWO_WAY = Expected(
    Certified(
        at_most(
            norm_sq(_next_both),
            kept_share * norm_sq(_both * _ratio)
            + 2 * (1 + kept_share) / (1 - kept_share) * average_norm_sq(_next_error)
            + 2 * kept_share**2 / (1 - kept_share) ** 2 * average_norm_sq(_drive),
        ),
        (
            fact(
                "Definition 1 at what the server compresses: its error, and of every worker input less new error",
                kept_share**2 * norm_sq(_server_error * _ratio + (_error * _ratio + _drive - _next_error).mean)
                - norm_sq(_next_server_error),
                2 / (1 + kept_share),
            ),
        ),
    ),
    {norm_sq(_next_both): two_way_error_sq.subs(t, t + 1), norm_sq(_both): two_way_error_sq,
     average_norm_sq(_next_error): worker_error_sq.subs(t, t + 1), average_norm_sq(_drive): mean_drive_sq},
)  # fmt: skip
SHARP_QUANTITIES = tuple(LAST_STEP**2 * error for error in (worker_error_sq, two_way_error_sq))
SHARP_STARTS = (STARTS[0], Granted(equals(SHARP_QUANTITIES[1].subs(t, 0), 0), by="the errors are zero at the start"))


def _sharp_steps(drive: tuple[Rule, ...]) -> tuple[Rule, Rule]:
    """E ||e_{t+1}||^2 and the two-way error after it from those before, the drive bounded by G^2 times a constant."""
    contracts = Instance(WORKER_CONTRACTS, {DELTA: 1 - kept_share**2})
    worker = Using(Isolated(Combined((contracts, _WORKER_INPUT), (1, 1)), worker_error_sq.subs(t, t + 1)), drive)
    return worker, Using(Using(_TWO_WAY, (worker,)), drive)


def sharp_rising(drive: tuple[Rule, ...], factor: sp.Expr = sp.S.One) -> tuple[Rule, Rule]:
    """Sharp bounds on the workers' errors and on both together for steps that never fall; `drive` is at most G^2 times `factor`."""
    found: list[Rule] = []
    errors = (worker_error_sq, two_way_error_sq)
    starts = [Granted(equals(error.subs(t, 0), 0), by="the errors are zero at the start") for error in errors]
    for step, start, error, limit in zip(_sharp_steps(drive), starts, errors, _limits, strict=True):
        bound = limit * G**2 * factor
        found.append(Inducted(Using(step, tuple(found)) if found else step, start, error, t, bound, bound, (given.rising_step,)))
    return in_root(found[0]), in_root(found[1])


def _sharp_recursions(drive: tuple[Rule, ...], factor: sp.Expr = sp.S.One) -> tuple[Rule, Rule]:
    """The same for the errors times the last step, so for any steps."""
    worker, both = (scaled(step, eta_t**2) for step in _sharp_steps(drive))
    bounded = at_most(
        SHARP_QUANTITIES[1].subs(t, t + 1),
        kept_share * SHARP_QUANTITIES[1]
        + 2 * kept_share * (1 + kept_share) / (1 - kept_share) * SHARP_QUANTITIES[0]
        + 2 * kept_share**2 * (2 + kept_share) / (1 - kept_share) ** 2 * G**2 * factor * eta_t**2,
    )
    return worker, Weakened(both, bounded)


_RECURSIONS = _sharp_recursions(NO_MOMENTUM)


def sharply_below_peaks(drive: tuple[Rule, ...] = NO_MOMENTUM, factor: sp.Expr = sp.S.One) -> Rule:
    """lag_t <= the sharp bound times the square of the largest step before t, whatever the steps; `drive` and `factor` as above."""
    before, now = (peak_eta.subs(t, time) ** 2 for time in (t - 1, t))
    found: list[Rule] = []
    for step, start, quantity, limit in zip(_sharp_recursions(drive, factor), SHARP_STARTS, SHARP_QUANTITIES, _limits, strict=True):
        bound, step = limit * G**2 * factor, Using(step, tuple(found)) if found else step
        found.append(Inducted(step, start, quantity, t, bound * before, bound * now, (given.peak_so_far,)))
    return in_root(Using(LAG, (found[1],)))


ANY_SCHEDULE = ShiftedSum(
    Decided(at_most(eta_t * eta_of(t - n) ** 2, eta_t**3 / 3 + sp.Rational(2, 3) * eta_of(t - n) ** 3)), eta_t**3, t, n, T
)  # whatever the steps: the inequality of the weighted means


def sharp_lag_sum(delayed: Rule) -> tuple[Rule, ...]:
    """A bound on the sum of eta_t lag_t, from one on the sums of eta_t eta_(t-n)^2."""
    driven = DrivenSum(_RECURSIONS, SHARP_STARTS, SHARP_QUANTITIES, eta_t, delayed, t, T)
    return (in_root(Using(Telescoped(scaled(LAG, eta_t), t, T), (driven,))),)


# ---- descent ----

rho = tau  # the paper's letter for the parameter of Young's inequality
STEP_FACTS = (
    fact(
        "F is L-smooth, in expectation over the noise: at the virtual iterate and its successor",
        f_y - eta * dot(g_y, g_x) + L * eta**2 / 2 * (norm_sq(g_x) + norm_sq(noise)) - expected_next_f,
    ),
    fact("F has an L-Lipschitz gradient: at the iterate and the virtual one", lipschitz(g_x - g_y, x - y), eta / (2 * rho)),
)
DESCENT = at_most(
    virtual_loss.subs(t, t + 1),
    virtual_loss - eta_t * (1 - (L * eta_t + rho) / 2) * gradient_sq + L * eta_t**2 / 2 * noise_sq + eta_t * L**2 / (2 * rho) * lag_sq,
)
DESCENDS = Expected(
    Certified(
        at_most(
            expected_next_f,
            f_y
            - eta * (1 - (L * eta + rho) / 2) * norm_sq(g_x)
            + L * eta**2 / 2 * norm_sq(noise)
            + eta * L**2 / (2 * rho) * norm_sq(x - y),
        ),
        STEP_FACTS,
        {eta: eta_t},
    ),
    {expected_next_f: virtual_loss.subs(t, t + 1), f_y: virtual_loss, norm_sq(g_x): gradient_sq, norm_sq(noise): noise_sq,
     norm_sq(x - y): lag_sq},
)  # fmt: skip
INDEPENDENT = variances_add(noise_sq, sigma**2, R)
ABOUT_THE_GRADIENT = about_the_mean(batch_gradient_sq, gradient_sq, noise_sq)
GRADIENTS = 3 * sp.Sum(eta_t * gradient_sq, (t, 0, T - 1)) - 2 * L * sp.Sum(eta_t**2 * gradient_sq, (t, 0, T - 1))
_total = sp.Symbol("total_weight", real=True, nonnegative=True)
CHANCE = eta_t * (3 - 2 * L * eta_t) / _total  # P(o = t)
OUTPUT = drawn(output_gradient_sq, gradient_sq, eta_t * (3 - 2 * L * eta_t), WEIGHTS)
CHANCES_ADD_UP = Parted(Instance(Telescoped(Granted(equals(output_chance, CHANCE), by="how o is drawn"), t, T), {_total: WEIGHTS}))
STARTED = Granted(equals(virtual_loss.subs(t, 0), initial_gap + f_star), by="there is no error at the start, so x~_0 = x_0")
LOWEST = {virtual_loss.subs(t, T): f_star}


def _step(descent: Rule) -> Rule:
    """One step of descent at rho = 1/2, in the order in which it is summed."""
    return Isolated(Using(Instance(descent, {rho: sp.Rational(1, 2)}), (INDEPENDENT,)), eta_t * (3 - 2 * L * eta_t) / 4 * gradient_sq)


def weighted(descent: Rule, lag_sum: tuple[Rule, ...]) -> Rule:
    """The weighted mean of the squared gradients from one step of descent, with a bound on the sum of eta_t lag_t."""
    return Using(Isolated(scaled(Telescoped(_step(descent), t, T), 4 / WEIGHTS), GRADIENTS / WEIGHTS), lag_sum)


def summed(descent: Rule, lag_sum: tuple[Rule, ...]) -> Rule:
    """Theorem 1 from one step of descent, with a bound on the sum of eta_t lag_t."""
    total = Using(Telescoped(_step(descent), t, T, LOWEST), (STARTED,))
    return Using(Isolated(Combined((OUTPUT, total), (1, 4 / WEIGHTS)), output_gradient_sq), lag_sum)
