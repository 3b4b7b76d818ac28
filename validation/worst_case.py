"""Exact worst cases of small deterministic cases: a semidefinite programme from above, a run of the reference from below.

Performance estimation (PEPit, solved by CLARABEL) maximises over all gradients, maps and functions that the hypotheses allow, in any
dimension; its dual value is an upper bound. The reference runs the extremal instance, a lower bound. Where both agree, it is the supremum.
"""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce
from inspect import signature
from operator import add
from typing import Any

import numpy as np

from reference.problems import gradient_sequence, quadratic
from reference.qsparse_local_sgd import run
from theory.claim import Claim, Reading, Relation
from theory.scenes import f_least, f_x, g_x
from theory.vectors import norm_sq
from validation.checks import Bench, Check
from validation.quantities import Measured, NotMeasured, Sides, evaluate, free_index, holds

SOLVER = "CLARABEL"
TOLERANCE = 1e-6
"""Relative. CLARABEL stops at 1e-8; the values of a dual and a primal point differ by a small multiple of that."""
DIGITS = 6
"""Significant digits that are reported, so that the solver's last digits show nowhere."""


@dataclass(frozen=True)
class WorstCase:
    """The worst case of one quantity, enclosed.

    `value`: the dual value of the programme, an upper bound in the quantity's unit; None where the solver failed, as `status` says.
    `primal`: the programme's own instance; `multipliers`: of its constraints, in the order they were stated: the proof of the bound.
    `attained_by_reference`: what a run of the reference reaches. `measured`: every letter and quantity there, as Fractions, for evaluating
    a relation; of a quantity along a run only the last time is known.
    """

    setting: str
    value: float | None
    primal: float | None
    multipliers: tuple[float, ...]
    status: str
    attained_by_reference: float
    measured: Measured
    solver: str = SOLVER

    @property
    def gap(self) -> float:
        """Relative distance of what bounds the value from above and what the reference attains; infinite where the solver failed."""
        return math.inf if self.value is None else abs(self.value - self.attained_by_reference) / abs(self.value)

    @property
    def exact(self) -> bool:
        return self.gap <= TOLERANCE


@dataclass(frozen=True)
class Solution:
    """What the solver said; `value` and `primal` are None unless `status` is "optimal"."""

    value: float | None
    primal: float | None
    multipliers: tuple[float, ...]
    status: str


def solve(programme: Any, constraints: Sequence[Any], **options: Any) -> Solution:
    """Solves a PEPit programme whose stated `constraints` are given again, for their multipliers; `options` are the solver's.

    A failure is an answer, not an error: no value, and what the solver said.
    """
    import cvxpy

    try:
        with redirect_stdout(io.StringIO()), warnings.catch_warnings():  # what they say, the status says
            warnings.simplefilter("ignore")
            value = programme.solve(wrapper="cvxpy", solver=SOLVER, verbose=0, **options)
    except cvxpy.error.SolverError as why:
        return Solution(None, None, (), f"solver error: {why}")
    status = programme.wrapper.prob.status
    if status != cvxpy.OPTIMAL or value is None:
        return Solution(None, None, (), status)
    return Solution(float(value), float(programme.objective.eval()), tuple(float(each.eval_dual()) for each in constraints), status)


# ---- Algorithm 1: error memory and deviation of the workers ----

ALIGNED, BALANCED = "aligned", "balanced"
EXTREMAL = {"memory_sq": ALIGNED, "mean_memory_sq": ALIGNED, "lag_sq": ALIGNED, "deviation_sq": BALANCED}
"""The quantities, and the gradients that make each largest: all workers' the same, or summing to zero over the workers."""


def algorithm_1(
    *,
    quantity: str,
    synchronisations: int,
    gap: int,
    workers: int = 1,
    gamma: float = 0.3,
    G: float = 1.0,
    eta: float | None = None,
    step_scale: float | None = None,
    a: float | None = None,
) -> WorstCase:
    """Largest `quantity` (in X^2) at t = (synchronisations + 1) H - 1, the last iterate before the next synchronisation, every H = gap.

    Over gradients of norm at most G (F/X), each chosen freely, and maps that leave at most 1 - gamma of what they compress. Expectations
    add nothing: by the triangle inequality in L2 the supremum is that of a deterministic run. Step size: `eta`, or step_scale / (a + t).
    Raises: ValueError for an unknown quantity, a number out of range or so small that the quantity is 0, or not exactly one step size.
    """
    letters = _step_letters(eta, step_scale, a)
    if quantity not in EXTREMAL:
        raise ValueError(f"quantity must be one of {', '.join(EXTREMAL)}, got {quantity!r}")
    aligned = EXTREMAL[quantity] == ALIGNED
    least = {"synchronisations": int(aligned), "gap": 2 - aligned, "workers": 2 - aligned}  # with fewer the quantity is 0
    for name, count in (("synchronisations", synchronisations), ("gap", gap), ("workers", workers)):
        if count < least[name] or count != int(count):
            raise ValueError(f"{name} must be an integer of at least {least[name]} for {quantity}, got {count}")
    if not 0 < gamma < 1:
        raise ValueError(f"gamma must lie strictly between 0 and 1, got {gamma}")
    _check_positive(G=G)
    letters |= {"G": G, "gamma": gamma, "gap": gap, "workers": workers}

    horizon = (synchronisations + 1) * gap - 1
    known = {name: Fraction(value) for name, value in letters.items()}
    eta_t = [known["eta"] if "eta" in known else known["step_scale"] / (known["a"] + t) for t in range(horizon + 1)]
    if "a" in known and (margin := known["a"] * known["gamma"] - 4 * gap) > 0:
        known["C"] = 4 * known["a"] * known["gamma"] * (1 - known["gamma"] ** 2) / margin  # the smallest that Lemma 4 allows

    etas, synchronise = np.array(eta_t[:-1], dtype=float), np.arange(1, horizon + 1) % gap == 0
    unit = (etas[0] * G) ** 2  # solved with eta_0 = G = 1, so that the solver's tolerances mean the same at every scale
    solution = _programme(quantity, etas / etas[0], synchronise, workers, gamma)
    value, primal = (None if each is None else each * unit for each in (solution.value, solution.primal))
    attained = _reference(quantity, etas, synchronise, workers, gamma, G)
    numbers = ", ".join(f"{name} = {number:g}" for name, number in letters.items())
    return WorstCase(
        f"of {quantity} after n = {synchronisations} synchronisations, t = {horizon}, {numbers}",
        value,
        primal,
        solution.multipliers,
        solution.status,
        attained,
        {name: _column(number) for name, number in known.items()}
        | {"eta_t": _column(*eta_t)[None], quantity: _column(*[None] * horizon, value)[None]},
    )


def _step_letters(eta: float | None, step_scale: float | None, a: float | None) -> dict[str, float]:
    """The letters of the one step size that is given."""
    given = {name: value for name, value in {"eta": eta, "step_scale": step_scale, "a": a}.items() if value is not None}
    if set(given) not in ({"eta"}, {"step_scale", "a"}):
        raise ValueError(f"give either eta, or step_scale and a, got eta = {eta}, step_scale = {step_scale}, a = {a}")
    _check_positive(**given)
    return given


def _column(*values: float | Fraction | None) -> np.ndarray:
    return np.array([None if value is None else Fraction(value) for value in values], dtype=object)


def _check_positive(**numbers: float) -> None:
    for name, value in numbers.items():
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be positive and finite, got {value}")


def _programme(quantity: str, etas: np.ndarray, synchronise: np.ndarray, workers: int, gamma: float) -> Solution:
    """Algorithm 1 on free points: every gradient, of norm at most 1, and every message are variables."""
    from PEPit import PEP, Point
    from PEPit.point import null_point

    programme = PEP()
    constraints = []
    x, x_hat, memory, x_tilde = null_point, [null_point] * workers, [null_point] * workers, [null_point] * workers
    for eta, synchronises in zip(etas.tolist(), synchronise, strict=True):
        gradients = [Point() for _ in range(workers)]
        constraints += [g**2 <= 1 for g in gradients]
        x_hat = [x_r - eta * g for x_r, g in zip(x_hat, gradients, strict=True)]
        x_tilde = [x_r - eta * g for x_r, g in zip(x_tilde, gradients, strict=True)]
        if synchronises:
            compressed = [m + x - x_r for m, x_r in zip(memory, x_hat, strict=True)]
            messages = [Point() for _ in range(workers)]
            memory = [v - g for v, g in zip(compressed, messages, strict=True)]
            constraints += [m**2 <= (1 - gamma) * v**2 for m, v in zip(memory, compressed, strict=True)]
            x = x - _mean(messages)
            x_hat = [x] * workers
    for constraint in constraints:
        programme.add_constraint(constraint)
    programme.set_performance_metric(_measure(quantity, memory, x_hat, x_tilde, lambda point: point**2))
    return solve(programme, constraints)


def _reference(quantity: str, etas: np.ndarray, synchronise: np.ndarray, workers: int, gamma: float, G: float) -> float:
    """What the reference reaches on the extremal instance, in the plane: the map keeps a residual of sqrt(1 - gamma) in every direction."""
    angles = 2 * np.pi * np.arange(workers) / workers * (EXTREMAL[quantity] == BALANCED)
    gradients = np.broadcast_to(G * np.stack([np.cos(angles), np.sin(angles)], axis=-1), (len(etas), workers, 2))
    samples = np.broadcast_to(np.arange(len(etas))[:, None, None], (len(etas), workers, 1))
    ended = run(gradient_sequence(gradients), np.zeros(2), lambda v, _: (1 - math.sqrt(1 - gamma)) * v, etas, synchronise, samples)
    return float(_measure(quantity, ended.memory[-1], ended.x_hat[-1], ended.x_tilde[-1], lambda vector: vector @ vector))


def _measure(quantity: str, memory: Any, x_hat: Any, x_tilde: Any, square: Callable[[Any], Any]) -> Any:
    """The quantity from each worker's vectors, whether free points or arrays. Workers are alike, so the first stands for the largest."""
    if quantity == "memory_sq":
        return square(memory[0])
    if quantity == "mean_memory_sq":
        return _mean([square(m) for m in memory])
    centre = _mean(x_hat)
    if quantity == "lag_sq":
        return square(centre - _mean(x_tilde))
    return _mean([square(centre - x) for x in x_hat])


def _mean(values: Sequence[Any]) -> Any:
    return reduce(add, values) / len(values)


# ---- one function: its squared gradient against its gap to the minimum ----


def smooth(*, L: float = 2.0) -> WorstCase:
    """Largest ||grad f(x)||^2 (F^2/X^2) where f(x) - f* is at most 1 F, over L-smooth convex functions.

    Raises: ValueError unless L is positive.
    """
    from PEPit.functions import SmoothConvexFunction

    return _squared_gradient("L", L, SmoothConvexFunction, largest=True)


def strongly_convex(*, mu: float = 0.5) -> WorstCase:
    """Smallest ||grad f(x)||^2 (F^2/X^2) where f(x) - f* is at least 1 F, over mu-strongly convex functions.

    Raises: ValueError unless mu is positive.
    """
    from PEPit.functions import StronglyConvexFunction

    return _squared_gradient("mu", mu, StronglyConvexFunction, largest=False)


def _squared_gradient(letter: str, curvature: float, functions: Any, largest: bool) -> WorstCase:
    from PEPit import PEP

    _check_positive(**{letter: curvature})
    sign = 1 if largest else -1
    programme = PEP()
    f = programme.declare_function(functions, **{letter: 1})  # curvature 1; the squared gradient scales with it
    minimiser, x = f.stationary_point(), programme.set_initial_point()
    constraint = sign * (f(x) - f(minimiser)) <= sign
    programme.set_initial_condition(constraint)
    programme.set_performance_metric(sign * f.gradient(x) ** 2)
    solution = solve(programme, [constraint])
    value, primal = (None if each is None else sign * each * curvature for each in (solution.value, solution.primal))

    parabola = quadratic(np.full((1, 1), curvature), np.zeros((1, 1, 1)))
    at = np.array([math.sqrt(2 / curvature)])
    attained = float((parabola.gradient(0, at, 0) ** 2).sum() / (parabola.loss(at) - parabola.f_star))
    measured = {letter: curvature, norm_sq(g_x).name: value, f_x.name: 1, f_least.name: 0}
    return WorstCase(
        f"of ||grad f(x)||^2 where f(x) - f* = 1, {letter} = {curvature:g}",
        value,
        primal,
        solution.multipliers,
        solution.status,
        attained,
        {name: _column(each) for name, each in measured.items()},
    )


# ---- which claim is measured by which case ----

_FIXED = partial(algorithm_1, synchronisations=5, gap=2, gamma=0.3, eta=1.0)
_DECAYING = partial(algorithm_1, synchronisations=5, gap=2, gamma=0.5, step_scale=1.0, a=20.0)  # a > 4 H / gamma = 16
_DRIFT = partial(algorithm_1, quantity="deviation_sq", synchronisations=0, gap=4, workers=2)

CASES: Mapping[str, Callable[..., WorstCase]] = {
    "qsparse_local_sgd/remark-2": smooth,
    "qsparse_local_sgd/remark-3": strongly_convex,
    "qsparse_local_sgd/lemma-4": partial(_DECAYING, quantity="memory_sq"),
    "qsparse_local_sgd/lemma-5": partial(_FIXED, quantity="memory_sq"),
    "qsparse_local_sgd/sec-3.5.1/mean-memory": partial(_FIXED, quantity="mean_memory_sq", workers=2),
    "qsparse_local_sgd/lemma-7": partial(_DRIFT, eta=1.0),
    "qsparse_local_sgd/lemma-8": partial(_DRIFT, gamma=0.5, step_scale=1.0, a=40.0),  # a > 4 H / gamma = 32
}
"""By claim: its case at small parameters, each of which can be given again."""


def exact(claim_id: str, **parameters: Any) -> WorstCase:
    """The exact worst case of a claim's quantity, at the registered parameters but for those given.

    Raises: ValueError for a claim without a case, a parameter that its case does not have, or as the case.
    """
    if claim_id not in CASES:
        raise ValueError(f"claim must be one of {', '.join(CASES)}, got {claim_id!r}")
    allowed = signature(CASES[claim_id]).parameters
    for name in parameters:
        if name not in allowed:
            raise ValueError(f"parameters of {claim_id} must be among {', '.join(allowed)}, got {name}")
    return CASES[claim_id](**parameters)


def tightness(claim: Claim, reading: Reading, bench: Bench) -> Check | None:
    """How far the bound of a reading is from the exact worst case, at the small case registered for its claim."""
    relation = reading.relation
    if claim.id not in CASES or relation is None or relation.op == "==":
        return None
    worst = exact(claim.id)
    if worst.value is None:
        return Check("tightness", "solver failed", f"{SOLVER} on the worst case {worst.setting}: {worst.status}")
    try:
        if strange := _strange(reading, worst.measured):
            return Check("tightness", "not compared", f"{strange}: not so in the worst case {worst.setting}")
        ratio, bound = _compared(relation, worst.measured)
    except NotMeasured as why:
        return Check("tightness", "not compared", f"{why}, in the worst case {worst.setting}")
    evidence = f"exact worst case {worst.setting}: {worst.value:.{DIGITS}g} ({SOLVER}), bound {bound:.{DIGITS}g}, {_distance(ratio)}"
    if not worst.exact:
        return Check("tightness", "not attained", f"{evidence}; the reference falls short of it by a part of {worst.gap:.1g}", ratio)
    return Check("tightness", "exact", f"{evidence}; the reference attains it to {TOLERANCE:g}", ratio)


def _strange(reading: Reading, measured: Measured) -> str:
    """A hypothesis of the reading that the case does not share, in words; empty if there is none."""
    unmet = (h.says for h in reading.given if h.name == "gap_as_defined" or (h.condition is not None and not holds(h.condition, measured)))
    return next(unmet, "")  # gap_as_defined allows a longer first stretch, whose worst case is another


def _compared(relation: Relation, measured: Measured) -> tuple[float, float]:
    """Measured over bound, above 1 where the relation fails, and the bound: both sides at the last time."""
    small, large = (relation.lhs, relation.rhs) if relation.op in ("<=", "<") else (relation.rhs, relation.lhs)
    index = {symbol: times[-1:] for symbol, times in free_index((small, large), measured).items()}
    exact = np.zeros(1)  # the measured values are rationals: nothing is lost to round-off
    sides = Sides(evaluate(small, measured, index), evaluate(large, measured, index), "<=", None, exact)
    bound = sides.large if relation.op in ("<=", "<") else sides.small
    return float(f"{sides.ratios.max():.{DIGITS}g}"), float(bound.ravel()[0])


def _distance(ratio: float) -> str:
    if ratio == 1:
        return "equal: sharp"
    return f"exceeded {ratio:.3g} times" if ratio > 1 else f"{1 / ratio:.3g} times from it"
