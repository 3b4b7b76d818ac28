"""Arenas "mdsgd" and "mdsgd_memory": M-DSGD on problems with exactly known constants, and against the worst gradients and the worst map.

As in the arena "run": floats search, stepped by the torch twin, one exact run decides, and every expectation is by enumeration.
All workers hold equally many samples, so that the sum of what they compute is unbiased. Times are the paper's: where a rule for the step
begins at t = 1, iteration 0 has a step of its own (`first_eta`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, partial
from itertools import chain, product
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
import torch
from sympy.core.function import AppliedUndef

from gpu import mdsgd as gpu_mdsgd
from gpu import operators as gpu_operators
from reference.exact import rationals
from reference.mdsgd import init, recursion, recursion_back, step, strategy_1, strategy_2
from theory.claim import Reading
from validation import ascent, free_maps
from validation.adversary import FREE_MAP, LEAST_CURVATURE, Adversary, Inputs, directions, paced
from validation.ascent import DIMENSION, unit
from validation.attack import ARENAS, Attack, Effort, Instance, Replay, generator, measured_once, pooled, register, remembered, with_long
from validation.floors import Array, Floor, floor_for, floor_of, magnitude, mean_by, plain, total
from validation.hypotheses import VALIDATORS, Case, Compression, Judgement, Pieces, free_of, judge, with_free
from validation.letters import replayed
from validation.nearby import (
    Move,
    Numbers,
    Runs,
    factors,
    horizons_near,
    numbers_near,
    numbers_of,
    operators_near,
    scaled,
    shares_near,
    shifted,
)
from validation.onward import beginnings, begun
from validation.quantities import bounds, root_above, spoken
from validation.runs import (
    Group,
    Spec,
    above_0,
    above_least,
    coefficient,
    compressions,
    evaluated,
    exactly,
    fractions,
    grouped,
    lifted,
    mean_over,
    moved_functions,
    operator_of,
    paths,
    read_functions,
    roots_above,
    round_off_is_0,
    rows_of,
    search,
    speaks_of_maps,
    squared,
    times,
    timewise,
    work,
    write_functions,
)

# ---- steps: eta_t and rho_t for t = 0, ..., T ----

WEIGHTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "harmonic": lambda t: 1 / (t + 1),
    "climbing": lambda t: (t + 8) / 2**20,
    "alternating": lambda t: 1 - t % 2 / 64,
}
"""Steps for ever, by gamma_t over its scale: eta_t = gamma_t - beta gamma_{t+1} and rho_t = -beta gamma_{t+1} obey Lemma 6."""
RULES = ("fixed", "any", "any, beta 0", "strategy 2", "strategy 2 corrected", "suffix", "root", *WEIGHTS)
UNITS = {"eta": 1, "steps": 1, "rho_start": 1, "rho_end": 1, "first_eta": 1, "step_numerator": 1, "scale": 1, "beta": 0, "alpha": 0}
"""Parameters of a rule and their powers of X^2/F."""


def steps(spec: Spec, mu: np.ndarray | None, times: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """eta_t and rho_t, [T + 1, batch] each; of "suffix", "root" and `WEIGHTS` also at `times` alone, the first of them 0.

    "any": all of `steps`, and rho by the recursion of Lemma 6 from `rho_start`, or back from `rho_end`, or 0 in "any, beta 0"; "suffix" is
    Theorem 8's; "root" Theorem 9's. Raises: ValueError for "suffix" without mu.
    """
    p, T = spec.parameters, spec.horizon
    if spec.rule in WEIGHTS:
        at = np.arange(T + 1) if times is None else times
        at = (rationals(at) if spec.exact else at.astype(float))[:, None]
        here, later = (p["scale"] * WEIGHTS[spec.rule](at + shift) for shift in (0, 1))
        return here - p["beta"] * later, -p["beta"] * later
    if spec.rule == "fixed":
        return strategy_1(p["eta"], p["beta"], T + 1)
    if spec.rule.startswith("any"):
        eta = p["steps"].T[: T + 1]
        if spec.rule == "any, beta 0":
            return eta, 0 * eta
        return eta, recursion_back(eta, p["beta"], p["rho_end"]) if "rho_end" in p else recursion(eta, p["beta"], p["rho_start"])
    if spec.rule == "root":
        here, later = (np.sqrt((np.arange(T + 1) if times is None else times) + float(shift))[:, None] for shift in (1, 2))
        return 1 / here - p["beta"] / later, -p["beta"] / later
    printed, alpha = spec.rule == "strategy 2", 1
    if spec.rule == "suffix":
        if mu is None:
            raise ValueError("the step (1/t - beta/(t+1)) / mu needs a function that is strongly convex")
        numerator = 1 / mu
    else:
        numerator, alpha = p["step_numerator"], p["alpha"][0]
    eta, rho = strategy_2(numerator, p["beta"], alpha, np.arange(1, T + 1) if times is None else times[1:], printed)
    rho_0 = -numerator * (1 if printed else p["beta"])  # at t = 0 the power of t + 1 is 1
    return np.concatenate([p["first_eta"][None], eta]), np.concatenate([rho_0[None], rho])


# ---- one run, measured ----


class Observed(NamedTuple):
    """What a batch of runs shows: what is measured of it, when it is asked for, E ||grad f||^2 wherever G must bound it [any, batch], and

    compressions: inputs and messages [T, batch, paths, R, d].
    """

    quantities: Mapping[str, Callable[[], np.ndarray]]
    second_moments: np.ndarray
    inputs: np.ndarray
    messages: np.ndarray

    def of(self, wanted: Container[str]) -> dict[str, np.ndarray]:
        """Quantities that are `wanted`, and what constants and steps are judged by: in rationals each takes long."""
        return evaluated(self.quantities, wanted, _JUDGED)

    @property
    def measured(self) -> dict[str, np.ndarray]:
        """All quantities."""
        return self.of(self.quantities)


_JUDGED = {
    "eta_t", "rho_t", "gamma_t", "alpha_t", "recursion_less", "total_memory_sq", "transformed_lag_sq", "transformed_distance_sq",
    "batch_gradient_sq",
}  # fmt: skip


@measured_once
def observe(spec: Spec, mu: np.ndarray | None, beside: bool = False, on: Floor | None = None) -> Observed:
    """Runs a batch along all its sample paths, to be measured by everything that is not a stated constant; MEM-SGD too, if `beside`.

    `on` a floor, or that for its numbers; all comes back in NumPy, but for tensors along which derivatives are to be taken (of the steps
    none are).
    """
    on = on or floor_for(spec.start)
    xp, room, (B, R, *_), operator = on.xp, on.mdsgd, spec.shape, operator_of(spec.operator, on)
    probability, share, uniforms = paths(spec).on(on)
    functions, x0 = spec.functions.on(on), on.take(spec.start)
    f = functions.mean().mean()  # [batch, d]
    best = f.least()
    F_star = f.value(best)

    F, of_samples = lifted(f, 1), lifted(functions, 1)
    eta_of_t, rho_of_t = steps(spec, None if mu is None else plain(mu))
    freed, gamma = on.take(spec.directions), on.take(spec.gamma)
    eta, rho, beta = map(on.take, (eta_of_t, rho_of_t, spec.parameters["beta"][:, None]))

    def gradient(t: int, x: Array) -> Array:
        return total(share[t] * of_samples.gradient(x[..., None, None, :]), -2)  # [batch, paths, R, d]

    def uniforms_at(t: int) -> Array | None:
        return None if uniforms is None else xp.broadcast_to(uniforms[t], (B, *uniforms[t].shape))

    def compress_at(t: int) -> Any:
        return operator if freed is None else lambda v, u: v - free_maps.left(v, freed[:, t], gamma)

    start = room.init(xp.broadcast_to(x0[:, None], (B, len(probability), x0.shape[-1])), R)
    states, each_gradient, inputs, sent = [start], [], [], []
    for t in range(spec.horizon):
        each_gradient.append(gradient(t, states[-1].x))
        state, messages = room.step(states[-1], each_gradient[-1], eta[t][:, None], beta, compress_at(t), uniforms_at(t))
        states.append(state)
        sent.append(messages)
        inputs.append(messages + state.memory)
    x, momentum, memory = (xp.stack(field) for field in zip(*states, strict=True))
    before = [rho[0] * 0, *rho[:-1]]  # rho_{-1} multiplies no momentum
    z = xp.stack([room.transformed(s, eta[t][:, None], before[t][:, None]) for t, s in enumerate(states)])
    gradients = mean_over(xp.stack(each_gradient), -2)  # of the joint mini-batch

    def expected(values: Array) -> Array:
        return timewise(mean_by(probability, values, -1))

    target = best[:, None]
    reach = _reach(x, z, eta, momentum, memory, best)
    losses = cache(lambda: F.value(x))
    mean_x = cache(lambda: mean_over(x[:-1], 0))
    slopes_sq = cache(lambda: expected(squared(F.gradient(x))))

    @cache
    def noise() -> Array:
        steepest = xp.amax(xp.abs(f.pieces()[1]), (1, 2))
        return 1e-14 * xp.amax(xp.abs(losses()), (0, 2)) + 1e-28 * steepest * reach**2

    def left_over(difference: Array) -> Array:  # of an identity: exact, or 0 up to round-off
        return expected(round_off_is_0(squared(difference), 1e4 * reach[:, None] ** 2))

    total_memory, total_momentum = total(memory, -2), cache(lambda: total(momentum, -2))
    at = (slice(None), slice(None), None, None)  # [T + 1, batch] beside [T + 1, batch, paths, d]

    def transformation_less() -> Array:
        turned = eta[:-1] - eta[1:]
        return z[1:] - (z[:-1] - (eta - rho)[:-1][at] * gradients + turned[at] * total_memory[1:])

    def elimination_less() -> Array:
        after = x[1:] - eta[:-1][at] * total_memory[1:]
        return after - (x[:-1] - eta[:-1][at] * (total_momentum()[1:] + total_memory[:-1]))

    def recursion_less() -> np.ndarray:
        earlier = np.concatenate([rho_of_t[:1] * 0, rho_of_t[:-1]])
        found = spec.parameters["beta"] * (rho_of_t - eta_of_t) - earlier
        found[0] = found[0] * 0
        near = 0 if spec.exact else 1e-12 * (np.abs(rho_of_t) + np.abs(eta_of_t) + np.abs(earlier))
        return timewise(found if spec.exact else np.where(np.abs(found) > near, found, 0))  # type: ignore[no-any-return]

    def output_gradient_sq() -> Array:
        gamma_t = on.take(timewise(eta_of_t - rho_of_t)[:, :-1])
        whole, parts = gamma_t.sum(-1), (gamma_t * slopes_sq()[:, :-1]).sum(-1)
        return xp.where(whole != 0, parts / xp.where(whole != 0, whole, 1), 0 * parts)

    quantities: dict[str, Callable[[], Array]] = {
        "eta_t": lambda: timewise(eta_of_t),
        "rho_t": lambda: timewise(rho_of_t),
        "gamma_t": lambda: timewise(eta_of_t - rho_of_t),
        "alpha_t": lambda: timewise(np.abs(eta_of_t[:-1] - eta_of_t[1:])),
        "recursion_less": recursion_less,
        "total_memory_sq": lambda: expected(squared(total_memory)),
        "worker_memory_sq": lambda: expected(total(squared(memory), -1)),
        "total_momentum_sq": lambda: expected(squared(total_momentum()[1:])),
        "worker_momentum_sq": lambda: expected(total(squared(momentum[1:]), -1)),
        "masked_input_sq": lambda: expected(total(squared(xp.stack(inputs)), -1)),
        "batch_gradient_sq": lambda: expected(squared(gradients)),
        "gradient_sq": slopes_sq,
        "function_gap": lambda: above_least(expected(losses()), F_star, noise),
        "iterate_loss": lambda: expected(losses()),
        "iterate_distance_sq": lambda: expected(squared(x - target)),
        "transformed_lag_sq": lambda: expected(round_off_is_0(squared(z - x), reach[:, None] ** 2)),
        "transformed_distance_sq": lambda: expected(squared(z - target)),
        "transformation_less_sq": lambda: left_over(transformation_less()),
        "elimination_less_sq": lambda: left_over(elimination_less()),
        "virtual_loss": lambda: expected(F.value(z)),
        "output_distance_sq": lambda: mean_by(probability, squared(mean_x() - target), -1),
        "output_gap": lambda: above_least(mean_by(probability, F.value(mean_x()), -1), F_star, noise),
        "output_gradient_sq": output_gradient_sq,
        "f_star": lambda: F_star,
        "initial_gap": lambda: above_least(f.value(x0), F_star, noise),
        "start_distance_sq": lambda: squared(x0 - best),
    }
    if beside and freed is None:
        methods = cache(lambda: _beside(start, eta, memory, gradient, operator, uniforms_at, expected, left_over))
        quantities |= {name: partial(lambda name: methods()[name], name) for name in BESIDE - {"masking_distance_sq"}}
        masked = (lambda: _under_masking(start, eta, beta, gradient, operator, uniforms_at)) if operator.support is not None else lambda: x
        quantities["masking_distance_sq"] = lambda: left_over(x - masked())
    second = second_moments(functions, xp.concatenate([x, z]))
    of_each = {name: cache(partial(lambda value: on.give(value()), value)) for name, value in quantities.items()}
    return Observed(of_each, *map(on.give, (second, xp.stack(inputs), xp.stack(sent))))


BESIDE = {
    "mem_sgd_less_sq",
    "rescaled_memory_less_sq",
    "rescaled_total_memory_sq",
    "rescaled_transformation_less_sq",
    "masking_distance_sq",
}


def _beside(
    start: Any,
    eta: Array,
    memory: Array,
    gradient: Callable[[int, Array], Array],
    operator: Any,
    uniforms_at: Callable[[int], Array | None],
    expected: Callable[[Array], Array],
    left_over: Callable[[Array], Array],
) -> dict[str, Array]:
    """MEM-SGD and its rescaled form (3), (4), with the same draws: against M-DSGD's `memory`, each other, and their own transformation."""
    xp, room = floor_of(eta).xp, floor_of(eta).mdsgd
    inside, outside = [start], [start]
    moves = []
    for t in range(len(eta) - 1):
        here, later = eta[t][:, None], eta[t + 1][:, None]
        gradients = gradient(t, outside[-1].x)
        inside.append(room.mem_sgd(inside[-1], gradient(t, inside[-1].x), here, operator, uniforms_at(t))[0])
        outside.append(room.rescaled_mem_sgd(outside[-1], gradients, here, later, operator, uniforms_at(t))[0])
        moves.append(eta[t][:, None, None] * mean_over(gradients, -2))
    u, v = (xp.stack([s.memory for s in states]) for states in (inside, outside))
    of_steps = eta[:, :, None, None, None]
    z = xp.stack([room.transformed(s, eta[t][:, None], 0) for t, s in enumerate(outside)])

    def of_all_workers(difference: Array) -> Array:  # in X, [T + 1, batch, paths, R, d]
        return left_over(difference.reshape(*difference.shape[:-2], -1))

    return {
        "mem_sgd_less_sq": of_all_workers(u - of_steps * memory),
        "rescaled_memory_less_sq": of_all_workers(of_steps * v - u) / timewise(eta) ** 2,
        "rescaled_total_memory_sq": expected(squared(total(v, -2))),
        "rescaled_transformation_less_sq": left_over(z[1:] - z[:-1] + xp.stack(moves)),
    }


def _under_masking(
    start: Any,
    eta: Array,
    beta: Array,
    gradient: Callable[[int, Array], Array],
    operator: Any,
    uniforms_at: Callable[[int], Array | None],
) -> Array:
    """Iterates of Lin et al., [T + 1, batch, paths, d], with the same draws."""
    xp, room = floor_of(eta).xp, floor_of(eta).mdsgd
    states = [start]
    for t in range(len(eta) - 1):
        states.append(room.dgc(states[-1], gradient(t, states[-1].x), eta[t][:, None], beta, operator, uniforms_at(t))[0])
    return xp.stack([state.x for state in states])


def _reach(x: Array, z: Array, eta: Array, momentum: Array, memory: Array, best: Array) -> Array:
    """The largest coordinate of anything in a run, in X, [batch]: round-off is measured against it."""
    xp = floor_of(x).xp
    moved = magnitude(eta) * xp.maximum(magnitude(momentum), magnitude(memory)) * memory.shape[-2]
    return xp.amax(xp.stack([magnitude(x), magnitude(z), magnitude(best[None]), moved]), 0)


def second_moments(functions: Pieces, visited: Array) -> Array:
    """E ||grad f(w; zeta)||^2 over all samples, [any, batch]: its supremum over all w where every slope is bounded, else at `visited`.

    The derivatives are piecewise linear, so that the squares are convex between knots: the supremum is at a knot.
    """
    slope, bends = functions.curvature, functions.bends
    flat = (slope == 0).all() and bends.shape[-1] > 0 and (total(bends, -1) == 0).all()
    if not flat:
        each = lifted(functions, 1).on(floor_of(visited)).gradient(visited[..., None, None, :])
        return floor_of(visited).xp.moveaxis(mean_over(mean_over(squared(each), -1), -1), 1, -1).reshape(-1, len(slope))
    xp, (B, R, n, d, K) = floor_of(bends).xp, bends.shape
    knots = xp.moveaxis(functions.knots, 3, -1).reshape(B, R * n * K, d)
    each = lifted(functions, 1).gradient(knots[:, :, None, None, :])  # [batch, points, R, n, d]
    return total(xp.amax(mean_over(mean_over(each**2, 2), 2), 1), -1)[None]


def tight(spec: Spec, seen: Observed) -> dict[str, np.ndarray]:
    """The smallest constants that this batch allows; mu only if all are strongly convex."""
    xp = floor_of(seen.second_moments).xp
    curvature = spec.functions.mean().mean().pieces()[1].reshape(len(spec.start), -1)
    of_curvature = floor_of(curvature).xp
    flattest, steepest = of_curvature.amin(curvature, -1), of_curvature.amax(curvature, -1)
    m = seen.of(())
    gamma_sq = m["gamma_t"] ** 2

    def least_factor(values: Array) -> Array:
        on = floor_of(values)
        within = on.take(gamma_sq[:, : values.shape[1]])
        return on.xp.amax(on.xp.where(within > 0, values / on.xp.where(within > 0, within, 1), 0 * values), -1)

    turn, G = least_factor(m["alpha_t"]), roots_above(xp.amax(seen.second_moments, 0))
    return {
        "L": of_curvature.maximum(steepest, -flattest),
        **({"mu": flattest} if (flattest > 0).all() else {}),
        "weak_convexity": of_curvature.maximum(-flattest, 0 * flattest),
        "G": G,
        "U": above_0(roots_above(xp.amax(m["total_memory_sq"], -1)), G),
        "distance_bound": roots_above(xp.amax(m["transformed_distance_sq"], -1)),
        "direction_bound": roots_above(xp.amax(m["batch_gradient_sq"], -1)),
        "error_bound": above_0(roots_above(xp.amax(m["total_memory_sq"][:, 1:], -1)), G),
        "lag_factor": least_factor(m["transformed_lag_sq"]),
        "turn_factor": turn,
        "largest_turn": turn * gamma_sq.max(-1),
    }


def letters(spec: Spec, constants: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The letters of a batch, [batch] each: counts, parameters of the step, stated constants."""
    B, R, _, d = spec.shape
    counts = {"workers": R, "horizon": spec.horizon, "batch": spec.batch, "d": d, "k": int(spec.operator.get("k", d))}
    kind: Any = Fraction if spec.exact else float
    out = {name: np.full(B, kind(value), dtype=object if spec.exact else float) for name, value in counts.items()}
    stated = {name: values for name, values in spec.parameters.items() if name in ("eta", "beta", "alpha", "step_numerator")}
    if spec.rule in ("root", "suffix"):
        stated["step_numerator"] = 1 / constants["mu"] if spec.rule == "suffix" else np.ones(B)
    return out | {"gamma": spec.gamma} | stated | dict(constants)


def strong_convexity(spec: Spec) -> np.ndarray | None:
    """The largest mu of each F, [batch]; None unless all are strongly convex."""
    curvature = spec.functions.mean().mean().pieces()[1].reshape(len(spec.start), -1)
    flattest = floor_of(curvature).xp.amin(curvature, -1)
    return flattest if (flattest > 0).all() else None


# ---- instances as plain data ----


def to_instance(spec: Spec, row: int, position: Fraction, loss: Fraction) -> Instance:
    """One run of a float batch in rationals, rescaled by x -> position x, f -> loss f, with its constants taken tight."""
    return encode(free_maps.exactly(exactly(spec, row, position, loss, UNITS), spec, row))


def encode(spec: Spec) -> Instance:
    """An exact run as plain data, its constants taken as small as the run allows. Raises: ValueError for steps that are not rational."""
    data = written(spec)
    constants = tight(spec, observe(spec, strong_convexity(spec)))
    return data | {"constants": {name: str(values[0]) for name, values in constants.items()}}


def written(spec: Spec) -> Instance:
    """An exact run as plain data, but for its constants. Raises: ValueError for steps that are not rational."""
    if spec.rule == "root" or any(alpha != int(alpha) for alpha in spec.parameters.get("alpha", ())):
        raise ValueError(f"the steps of rule {spec.rule!r} must be rational to be written down")
    return {
        "horizon": spec.horizon,
        "batch": spec.batch,
        "operator": dict(spec.operator),
        "gamma": str(spec.gamma[0]),
        "step": {"rule": spec.rule} | {name: times(Fraction(1), values[0].tolist() if values.ndim > 1 else values[0])
                                       for name, values in spec.parameters.items()},
        "start": [str(x) for x in spec.start[0]],
        "functions": write_functions(spec.functions),
        **free_maps.written(spec.directions),
    }  # fmt: skip


def decode(instance: Instance) -> tuple[Spec, dict[str, np.ndarray]]:
    """The run and its stated constants, exactly. Raises: ValueError if this is no instance of the arena."""
    try:
        T, rule = int(instance["horizon"]), instance["step"]["rule"]
        if T < 1:
            raise ValueError(f"horizon must be at least 1, got {T}")
        if rule not in RULES or rule == "root":
            raise ValueError(f"step rule must be one of {', '.join(r for r in RULES if r != 'root')} to be exact, got {rule!r}")

        def exact(value: Any) -> np.ndarray:
            return fractions([[Fraction(x) for x in value]] if isinstance(value, list) else [Fraction(value)])

        parameters = {name: exact(value) for name, value in instance["step"].items() if name != "rule"}
        if not 0 <= parameters["beta"][0] < 1:
            raise ValueError(f"beta must be at least 0 and below 1, got {parameters['beta'][0]}")
        for name in {"eta", "steps", "step_numerator", "first_eta", "scale"} & set(parameters):
            if parameters[name].min() <= 0:
                raise ValueError(f"{name} must be positive, got {parameters[name].min()}")
        if rule == "any" and ("rho_start" in parameters) == ("rho_end" in parameters):
            raise ValueError("the weights of any steps need their start or their end, rho_start or rho_end, and not both")
        if rule.startswith("any") and parameters["steps"].shape[1] < T + 1:
            raise ValueError(f"steps must have T + 1 = {T + 1} values, got {parameters['steps'].shape[1]}")
        if not 0 < Fraction(instance["gamma"]) <= 1:
            raise ValueError(f"gamma must lie in (0, 1], got {instance['gamma']}")
        if "alpha" in parameters and parameters["alpha"][0].denominator != 1:
            raise ValueError(f"alpha must be whole for rational steps, got {parameters['alpha'][0]}")
        spec = Spec(
            horizon=T,
            gap=1,
            synchronise=tuple(range(1, T + 1)),
            batch=int(instance["batch"]),
            operator=instance["operator"],
            functions=read_functions(instance["functions"], len(instance["start"])),
            start=exact(list(instance["start"])),
            rule=rule,
            parameters=parameters,
            gamma=exact(instance["gamma"]),
        )
        spec = replace(spec, directions=free_maps.read(instance, (T, *spec.shape[1:2], spec.shape[3])))
        if rule in WEIGHTS and steps(spec, None, np.arange(2))[0].min() <= 0:
            raise ValueError(f"beta = {parameters['beta'][0]} is too large for the {rule} rule: a step is not positive")
        constants = {name: exact(value) for name, value in instance["constants"].items()}
    except (KeyError, TypeError, AttributeError, ZeroDivisionError, IndexError) as why:
        raise ValueError(f"this is no run of M-DSGD: {type(why).__name__} {why}") from why
    return spec, constants


def case_of(
    spec: Spec, constants: Mapping[str, np.ndarray], seen: Observed, compressed: bool = True, wanted: Container[str] | None = None
) -> Case:
    """All that the validators look at, and what is `wanted`, or all; the function is F, that of one worker.

    Compressions, which take long, only if `compressed`.
    """
    return Case(
        measured=(seen.measured if wanted is None else seen.of(wanted)) | letters(spec, constants),
        synchronise=spec.synchronise,
        compressions=compressions(operator_of(spec.operator), seen.inputs, seen.messages) if compressed else [],
        second_moments=set(seen.second_moments.ravel()),
        functions=Pieces(*(each[0][None] for each in spec.functions.mean().mean())),
    )


# ---- hypotheses that only these arenas know ----


def fixed_transformation(case: Case) -> Judgement:
    eta, beta = case.letter("eta"), case.letter("beta")
    met = all(value == eta for value in case.measured["eta_t"][0]) and all(
        value == beta * eta / (beta - 1) for value in case.measured["rho_t"][0]
    )
    return met, f"eta_t = {eta} and rho_t = beta eta / (beta - 1) for every t" if met else "a step or a weight differs"


def weight_recursion(case: Case) -> Judgement:
    met = not case.measured["recursion_less"][0].any()
    return met, "beta rho_t = beta eta_t + rho_{t-1} for every t >= 1" if met else "a weight does not follow from the one before"


def strategy_2_weights(case: Case) -> Judgement:
    numerator, beta, alpha = (case.letter(name) for name in ("step_numerator", "beta", "alpha"))
    powers = [Fraction(t) ** int(alpha) for t in range(len(case.measured["eta_t"][0]) + 1)]
    met = alpha == int(alpha) and all(
        (eta, rho) == (numerator * (1 / powers[t] - beta / powers[t + 1]), -beta * numerator / powers[t + 1])
        for t, (eta, rho) in enumerate(zip(case.measured["eta_t"][0], case.measured["rho_t"][0], strict=True))
        if t
    )
    return met, "every step and weight from t = 1 follows the rule" if met else "a step or a weight differs"


def suffix_step(case: Case) -> Judgement:
    mu, beta = case.letter("mu"), case.letter("beta")
    eta, rho = (list(case.measured[name][0]) for name in ("eta_t", "rho_t"))
    met = all(value == (Fraction(1, t) - beta / (t + 1)) / mu for t, value in enumerate(eta, case.first) if t) and all(
        value == -beta / (mu * (t + 1)) for t, value in enumerate(rho, case.first)
    )
    return met, "every step from t = 1 follows the rule" if met else "a step or a weight differs"


def weakly_convex(case: Case) -> Judgement:
    assert case.functions is not None
    c, flattest = case.letter("weak_convexity"), case.functions.pieces()[1].min()
    return -flattest <= c, f"the least curvature is {flattest}, c = {c}"


def transformed(case: Case) -> Judgement:
    """(9), and what bounds d_t and e_t, at every time: of a long run by what is largest."""

    def most(name: str) -> Fraction:
        values = case.measured.get(f"largest {name}")
        return max(bounds(value)[1] for value in (case.measured[name][0] if values is None else values))

    lags, A = "transformed_lag_sq per gamma_t gamma_t", case.letter("lag_factor")
    if f"largest {lags}" in case.measured:
        near = most(lags) <= A
    else:
        of_times = zip(case.measured["transformed_lag_sq"][0], case.measured["gamma_t"][0], strict=True)
        near = all(lag <= A * gamma**2 for lag, gamma in of_times)
    drawn, left = most("batch_gradient_sq"), most("total_memory_sq")
    met = near and drawn <= case.letter("direction_bound") ** 2 and left <= case.letter("error_bound") ** 2
    return met, f"z_t is {'' if near else 'not '}near w_t, E ||d_t||^2 is at most {float(drawn):.6g} and E ||e_t||^2 {float(left):.6g}"


def same_start(case: Case) -> Judgement:
    return True, "there is neither momentum nor memory at the start"


def unbiased_given_past(case: Case) -> Judgement:
    return True, "mini-batches are drawn uniformly, anew in every iteration, by workers with equally many samples"


def unbiased_given_iterate(case: Case) -> Judgement:
    return unbiased_given_past(case)


VALIDATORS.update(
    {
        v.__name__: v
        for v in (
            fixed_transformation,
            weight_recursion,
            strategy_2_weights,
            suffix_step,
            weakly_convex,
            transformed,
            same_start,
            unbiased_given_past,
            unbiased_given_iterate,
        )
    }
)

# ---- drawing ----

_LINEAR = ({"name": "linear", "residual": "4/5"}, {"name": "linear", "residual": "-3/5"})


def structures() -> Iterator[dict[str, Any]]:
    """Horizon, workers, samples, batch, dimension, operator of every batch; edges first (T = 1, one worker, no compression, no noise)."""
    plain = {"name": "identity"}
    for T, R in product((1, 2, 4, 7), (1, 2, 4)):
        for operator, d in ((plain, 1), (_LINEAR[0], 1), (_LINEAR[1], 1), ({"name": "top_k", "k": 1}, 2), ({"name": "top_k", "k": 1}, 4)):
            yield {"T": T, "R": R, "n": 1, "b": 1, "d": d, "operator": operator}
    for T, (R, b) in product((1, 2, 4), ((1, 1), (2, 1), (1, 2))):
        for operator in (plain, _LINEAR[0]):
            yield {"T": T, "R": R, "n": 2, "b": b, "d": 1, "operator": operator}
    for T, R in ((1, 1), (2, 1), (2, 2), (4, 1)):
        yield {"T": T, "R": R, "n": 1, "b": 1, "d": 2, "operator": {"name": "rand_k", "k": 1}}


def draw_functions(convexity: str, shape: tuple[int, int, int, int], rng: np.random.Generator) -> Pieces:
    """Random functions [batch, R, n, d]: two slopes that rise at a knot if strongly convex; else flat slopes on both sides and one turn.

    All numbers are binary fractions, and so are means over 2 or 4, so that slopes which should be flat are, exactly. Every third entry of
    the batch has one function for all workers and samples.
    """

    def among(values: list[float]) -> np.ndarray:
        return rng.choice(values, shape)

    if convexity == "strongly convex":
        left, right = among([0.125, 0.5, 1.0]), among([0.125, 0.5, 1.0])
        right[::2] = left[::2]  # quadratics
        out = Pieces(rng.integers(-8, 9, shape) / 4, left, rng.integers(-4, 5, (*shape, 1)) / 4, (right - left)[..., None])
    else:
        first, widths = rng.integers(-8, 5, shape) / 4, [among([1 / 64, 0.5, 1.0, 2.0]) for _ in range(2)]
        low, high = -rng.integers(0, 5, shape) / 4, rng.integers(0, 5, shape) / 4
        middle = low + (high - low) * among([0.0, 0.25, 1.0]) if convexity == "convex" else rng.integers(-8, 9, shape) / 4
        rises = (middle - low) / widths[0], (high - middle) / widths[1]
        knots = np.stack([first, first + widths[0], first + widths[0] + widths[1]], axis=-1)
        out = Pieces(low, 0 * low, knots, np.stack([rises[0], rises[1] - rises[0], -rises[1]], axis=-1))
    for each in out:
        each[::3] = each[::3, :1, :1]
    return out


def still() -> Spec:
    """w^2 / 2 by two samples that meet at -1 and 1, where there is no noise, and are 2 apart at 0: steps 1/t go 1, 0, +-1, +-1/2.

    At w* all of the second moment is noise, from which the next step gets farthest; there all of it is slope.
    """
    one = np.ones((1, 1, 1, 1))
    falling, rising = (-one, 0 * one, 0 * one, 2 * one), (one, 2 * one, 0 * one, -2 * one)  # the steeper side first: no piece is flat
    slope, curvature, knots, bends = (np.concatenate(each, axis=2) for each in zip(falling, rising, strict=True))
    parameters = {"first_eta": np.ones(1), "beta": np.zeros(1)}
    functions = Pieces(slope, curvature, knots[..., None], bends[..., None])
    return Spec(4, 1, (1, 2, 3, 4), 1, {"name": "identity"}, functions, np.ones((1, 1)), "suffix", parameters, np.ones(1))


def draw(convexity: str, rule: str, instances: int, rng: np.random.Generator) -> Iterator[Spec]:
    """Batches of runs: every structure, `instances` of each (fewer with noise)."""
    for s, alpha in product(structures(), (1.0, 0.5) if rule.startswith("strategy 2") else (1.0,)):
        count = instances if s["n"] == 1 else max(instances // 3, 8)
        functions = draw_functions(convexity, (count, s["R"], s["n"], s["d"]), rng)
        yield runs_on(functions, s, rule, alpha, rng)


def runs_on(functions: Pieces, s: Mapping[str, Any], rule: str, alpha: float, rng: np.random.Generator) -> Spec:
    """A batch of runs of a structure on functions [batch, R, n, d], all steps drawn."""
    (count, _, _, d), T = functions.slope.shape, s["T"]
    unit = rng.choice([1.0, 1.0, 0.125, 1 / 64, 8.0], count)
    beta = rng.choice([0.25, 0.5, 0.75] + ([0.0, 15 / 16] if rule != "any" else []), count) * (rule != "any, beta 0")
    any_steps = {"steps": unit[:, None] / 2.0 ** rng.integers(0, 4, (count, T + 1))}
    parameters = {
        "fixed": {"eta": unit},
        "any": any_steps | {"rho_start": rng.integers(-4, 5, count) / 4 * unit},
        "any, beta 0": any_steps,
        "root": {},
        "suffix": {"first_eta": unit},
    }.get(rule, {"step_numerator": unit, "alpha": np.full(count, alpha), "first_eta": unit * rng.integers(1, 3, count)})
    start = rng.integers(-8, 9, (count, d)) / 2
    start[1::4] = functions.mean().mean().least()[1::4]  # no initial gap: only noise and memory remain
    gamma = np.full(count, float(coefficient(s["operator"], d)))
    indices = tuple(range(1, T + 1))
    return Spec(T, 1, indices, s["b"], s["operator"], functions, start, rule, parameters | {"beta": beta}, gamma)


_AGAINST_FREE_MAPS = ((4, 1, 1), (9, 1, 1), (4, 2, 1), (2, 2, 2))
"""Horizon, workers and samples of the runs against free maps that an adversary starts from."""


def adversarial(convexity: str, rule: str, count: int, seed: int) -> Iterator[Spec]:
    """Batches of `count` runs against free maps for the adversary to start from."""
    for T, R, n in _AGAINST_FREE_MAPS if rule != "root" else ():  # which has no exact run
        rng = generator(seed, "adversary", convexity, rule, T, R, n)
        s = {"T": T, "b": 1, "operator": FREE_MAP}
        spec = runs_on(draw_functions(convexity, (count, R, n, DIMENSION), rng), s, rule, 1.0, rng)
        yield replace(spec, directions=directions((count, T, R, DIMENSION), rng))


MOST_INSTANCES = 400  # of a structure: pools stay in memory


@pooled
def pool(convexity: str, rule: str, beside: bool, effort: Effort, seed: int) -> Iterator[Group]:
    """Runs drawn once for every claim that speaks of this class of functions, this step rule, and MEM-SGD or not, grouped by horizon."""
    drawn = draw(convexity, rule, min(effort.instances, MOST_INSTANCES), generator(seed, "mdsgd", convexity, rule))
    first = [still()] if rule == "suffix" else []  # what comes nearest to Theorem 8
    return grouped((spec.horizon, shown(spec, beside), rows_of(spec)) for spec in chain(first, drawn))


def shown(spec: Spec, beside: bool, wanted: Container[str] | None = None) -> dict[str, np.ndarray]:
    """What a float batch shows, all of it or what is `wanted`, and its letters with the constants taken tight."""
    seen = observe(spec, strong_convexity(spec), beside)
    return seen.of(seen.quantities if wanted is None else wanted) | letters(spec, tight(spec, seen))


# ---- the arena of runs ----

_STEPS = {"eta": scaled, "steps": scaled, "step_numerator": scaled, "first_eta": scaled, "rho_start": shifted, "beta": shares_near}


_LENGTHS = [name for name, unit_of in UNITS.items() if unit_of == 1]
"""Parameters that are lengths of steps, or weights that go with them."""


def near(convexity: str, beside: bool, wanted: Container[str] | None = None) -> Runs:
    """The neighbourhoods of runs of a class of functions; compressors stay of their kind."""

    def kinds(spec: Spec) -> dict[str, Move]:
        return {name: move for name, move in _STEPS.items() if name != "beta" or spec.rule != "any, beta 0"}

    def numbers(spec: Spec) -> Numbers | None:
        if spec.rule == "root":
            return None  # irrational steps: no exact run
        found = numbers_of(spec, kinds(spec), convexity)
        return replace(found, fits=lambda batch: batch.parameters["beta"] > 0) if spec.rule == "any" else found

    def moves(spec: Spec, size: float) -> Iterator[Spec]:
        T, R, d = spec.horizon, spec.shape[1], spec.shape[3]
        if spec.rule == "root":
            return  # irrational steps: no exact run
        for other in numbers_near(spec, size, kinds(spec), convexity):
            if spec.rule != "any" or (other.parameters["beta"] > 0).all():
                yield other
        if size < 1:
            return
        for operator in operators_near(spec.operator, d):
            yield replace(spec, operator=operator, gamma=np.full_like(spec.gamma, float(coefficient(operator, d))))
        if spec.directions is not None:
            return  # there is one for every use
        for horizon in horizons_near(T):
            parameters = dict(spec.parameters)
            if "steps" in parameters:
                parameters["steps"] = np.pad(parameters["steps"], ((0, 0), (0, max(horizon - T, 0))), mode="edge")[:, : horizon + 1]
            yield replace(spec, horizon=horizon, synchronise=tuple(range(1, horizon + 1)), parameters=parameters)
        for workers in ([*range(R), R - 1], range(R - 1)):
            if workers:
                yield replace(spec, functions=Pieces(*(each[:, list(workers)] for each in spec.functions)))

    return Runs(moves, lambda spec: shown(spec, beside, wanted), work, numbers)


_RULE_OF = {"fixed_step": "fixed", "fixed_transformation": "fixed", "suffix_step": "suffix", "root_transformation": "root"}


def kind_of(reading: Reading) -> tuple[str, tuple[str, ...]]:
    """The class of functions and the step rules that a reading asks for, by its hypotheses and its setting."""
    names = {hypothesis.name for hypothesis in reading.given}
    convexity = "strongly convex" if "strongly_convex" in names else "convex" if "convex" in names else "smooth"
    wanted = (reading.setting["step"],) if "step" in reading.setting else tuple(_RULE_OF[name] for name in _RULE_OF if name in names)
    for rule in wanted:
        if rule not in RULES:
            raise ValueError(f"the setting step must be one of {', '.join(RULES)}, got {rule!r}")
    return convexity, wanted or ("fixed", "any")


def suits(reading: Reading, spec: Spec) -> dict[str, Judgement]:
    """Whether a run has the step rule, and the kind of mask, that a reading speaks of."""
    rule = "any" if spec.rule in WEIGHTS else spec.rule
    found = {"step_rule": (rule in kind_of(reading)[1], f"the step rule is {spec.rule}")}
    if any(hypothesis.name == "keeps_k" for hypothesis in reading.given):
        found["keeps_k"] = (spec.operator["name"] in ("top_k", "rand_k"), f"the mask is {spec.operator['name']}")
    return found


def _beside_too(reading: Reading) -> bool:
    """Whether a reading speaks of MEM-SGD or of momentum factor masking."""
    assert reading.relation is not None
    sides_of = (sp.sympify(side) for side in (reading.relation.lhs, reading.relation.rhs))
    return any(f.func.__name__ in BESIDE for side in sides_of for f in side.atoms(AppliedUndef))


class MomentumArena:
    """Theorems and identities, on runs of M-DSGD."""

    name = "mdsgd"

    @remembered
    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        convexity, rules = kind_of(reading)
        beside, masks = _beside_too(reading), {"top_k", "rand_k"} if any(h.name == "keeps_k" for h in reading.given) else None
        groups = (_kept(group, masks) for rule in rules for group in pool(convexity, rule, beside, effort, seed))

        def batches() -> Iterator[Spec]:
            for rule in rules if masks is None else ():
                yield from adversarial(convexity, rule, effort.steered, seed)

        short = self._searched(reading, groups, near(convexity, beside, spoken(reading)), effort, batches)
        return with_long(self, reading, effort, seed, short)

    def _searched(
        self, reading: Reading, groups: Iterable[Group], beside: Runs, effort: Effort, batches: Callable[[], Iterable[Spec]]
    ) -> Attack:
        convexity, _ = kind_of(reading)
        least = {"strongly convex": LEAST_CURVATURE, "convex": 0.0}.get(convexity, -1.0)
        adversary = Adversary(
            batches,
            lambda spec: spec.rule != "root",
            beside.measure,
            work,
            lambda spec, by, before: paced(spec, by, _LENGTHS),
            Inputs(convexity, least),
            effort.steered,
            effort.moves,
        )
        return search(self, reading, groups, _written, lambda origin: _size(origin[0]), beside, effort.moves, adversary=adversary)

    def onward(self, reading: Reading, instance: Instance, effort: Effort, seed: int) -> Attack:
        """Searches beside the instance alone. Raises: ValueError if it is none of a few steps."""
        beside, run = near(kind_of(reading)[0], _beside_too(reading), spoken(reading)), begun(instance, moved, decode)
        return self._searched(reading, beginnings(beside, run, generator(seed, "onward")), beside, effort, lambda: [run])

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        assert reading.relation is not None
        if "law" in instance:
            return ARENAS[f"{self.name}, long"].replay(reading, instance)
        spec, constants = decode(instance)
        seen = observe(spec, constants.get("mu") if spec.rule == "suffix" else strong_convexity(spec), _beside_too(reading))
        case = case_of(spec, constants | free_of(instance), seen, speaks_of_maps(reading), spoken(reading))
        judged = judge(reading.given, case)
        judged["bounded_below"] = (bool(spec.functions.mean().mean().bounded_below().all()), "F* is finite")
        judged |= suits(reading, spec)
        return replayed(reading, case.measured, judged)

    def cost(self, instance: Instance) -> int:
        """Iterations of one worker along one sample path."""
        functions, operator, T = instance["functions"], instance["operator"], int(instance["horizon"])
        subsets = math.comb(len(instance["start"]), int(operator["k"])) if operator["name"] == "rand_k" else 1
        return T * len(functions) * (len(functions[0]) ** int(instance["batch"]) * subsets) ** (T * len(functions))

    def simpler(self, instance: Instance) -> Iterator[Instance]:
        """Variants with fewer iterations, workers, samples or knots, or in other units."""
        functions = instance["functions"]
        if int(instance["horizon"]) > 1:
            yield instance | {"horizon": int(instance["horizon"]) - 1}
        if len(functions) > 1:
            for r in range(len(functions)):
                yield instance | {"functions": functions[:r] + functions[r + 1 :]}
        if len(functions[0]) > 1:
            yield instance | {"functions": [worker[:1] for worker in functions]}
        if any(c["knots"] for w in functions for s in w for c in s):
            yield instance | {"functions": [[[c | {"knots": [], "bends": []} for c in s] for s in w] for w in functions]}
        if instance["operator"]["name"] != "identity":
            yield instance | {"operator": {"name": "identity"}}
        for position, loss in product((Fraction(1), Fraction(10), Fraction(1, 10), Fraction(1000), Fraction(1, 1000)), repeat=2):
            if (position, loss) != (1, 1):
                yield moved(instance, position, loss)

    def refit(self, instance: Instance) -> Instance:
        """The same run with its constants taken as small as it allows. Raises: ValueError if there is no such run."""
        spec, _ = decode(instance)
        gamma = fractions([coefficient(spec.operator, spec.shape[3])])
        return with_free(encode(replace(spec, gamma=gamma)), instance.get("free"))


def moved(instance: Instance, position: Fraction, loss: Fraction) -> Instance:
    """The same run after x -> position x, f -> loss f; its stated constants are left to `refit`."""
    unit = position**2 / loss
    step_size = {name: value if name == "rule" else times(unit ** UNITS[name], value) for name, value in instance["step"].items()}
    functions = moved_functions(instance["functions"], position, loss)
    return instance | {"functions": functions, "step": step_size, "start": times(position, instance["start"])}


def _kept(group: Group, masks: set[str] | None) -> Group:
    """The runs whose compressor is among `masks`, if given."""
    drawn, origins = group
    rows = [row for row, (spec, _) in enumerate(origins) if masks is None or spec.operator["name"] in masks]
    return group if len(rows) == len(origins) else ({name: values[rows] for name, values in drawn.items()}, [origins[row] for row in rows])


def _written(origin: tuple[Spec, int], scale: tuple[Fraction, Fraction]) -> Instance:
    return to_instance(*origin, *scale)


def _size(spec: Spec) -> int:
    """Iterations of one worker along one path."""
    return spec.horizon * math.prod(spec.shape[1:])


ARENA = MomentumArena()
register(ARENA)


# ---- the arena of memory: the worst gradients, and the worst map ----

MAPS = ("free", "top_k")
"""What stands in the place of the compressor: any map that contracts by k / d, or top-K itself."""


@dataclass(frozen=True)
class Setting:
    """Everything but the adversary's choices, with G = 1: every worker's gradient lies in the unit ball of dimension d."""

    workers: int
    horizon: int
    d: int
    k: int
    beta: Fraction
    map: str


class Found(NamedTuple):
    """What an ascent reached: gradients and directions of residuals [T, starts, R, d]; total memory, and so on, as measured."""

    setting: Setting
    gradients: np.ndarray
    directions: np.ndarray
    measured: dict[str, np.ndarray]


def ascend(
    setting: Setting, starts: int, iterations: int, rng: np.random.Generator, polished: bool = False, kept: int | None = None
) -> Found:
    """Conditional gradient from many starts on ||u~_T||^2, through the torch twin, until it stops growing.

    With a free map it is convex in each gradient and each residual, so that replacing each by its normalised derivative never loses. Of the
    starts `kept` are told, all if it is None.
    """
    T, R, d = setting.horizon, setting.workers, setting.d
    g, q = (unit(torch.from_numpy(rng.standard_normal((T, starts, R, d)))) for _ in range(2))
    g[:, ::2] = q[:, ::2] = g[:1, ::2, :1]  # half of the starts on a line, a quarter with entries of one magnitude
    g[:, ::4] = q[:, ::4] = torch.where(g[:, ::4] > 0, 1.0, -1.0) / math.sqrt(d)
    return _ascend_from(setting, g, q, iterations, polished, kept)


def _ascend_from(
    setting: Setting, g: torch.Tensor, q: torch.Tensor, iterations: int, polished: bool = False, kept: int | None = None
) -> Found:
    """The ascent from gradients and directions of residuals [T, starts, R, d]."""
    T, R, d = setting.horizon, setting.workers, setting.d
    beta, keep = float(setting.beta), math.sqrt(1 - setting.k / d)
    largest = gpu_operators.top_k(setting.k)

    def run(g: torch.Tensor, q: torch.Tensor) -> tuple[list[gpu_mdsgd.State], list[torch.Tensor]]:
        states, sent = [gpu_mdsgd.init(g.new_zeros(g.shape[1], d), R)], []
        for t in range(T):

            def compress(v: torch.Tensor, u: torch.Tensor | None, t: int = t) -> torch.Tensor:
                return largest(v) if setting.map == "top_k" else v - keep * torch.linalg.vector_norm(v, dim=-1, keepdim=True) * q[t]

            state, messages = gpu_mdsgd.step(states[-1], g[t], 1.0, beta, compress)
            states.append(state)
            sent.append(messages)
        return states, sent

    def value(g: torch.Tensor, q: torch.Tensor) -> torch.Tensor:
        return (run(g, q)[0][-1].memory.sum(-2) ** 2).sum(-1)

    reached, (g, q) = (ascent.ascend if polished else ascent.climb)(value, (g, q), iterations)
    g, q = ascent.chosen(reached, (g, q), len(reached) if kept is None else kept)
    with torch.no_grad():
        states, sent = run(g, q)
    fields = [np.stack([field.numpy() for field in each]) for each in zip(*states, strict=True)]
    return Found(setting, g.detach().numpy(), q.detach().numpy(), _of_memory(fields[1], fields[2], np.stack([m.numpy() for m in sent])))


def _of_memory(momentum: np.ndarray, memory: np.ndarray, messages: np.ndarray) -> dict[str, np.ndarray]:
    """The quantities that need no function, [batch, times], from momentum and memory [T + 1, batch, R, d] and messages [T, ...]."""
    return {
        "total_memory_sq": timewise(squared(memory.sum(-2))),
        "worker_memory_sq": timewise(squared(memory).sum(-1)),
        "total_momentum_sq": timewise(squared(momentum[1:].sum(-2))),
        "worker_momentum_sq": timewise(squared(momentum[1:]).sum(-1)),
        "masked_input_sq": timewise(squared(messages + memory[1:]).sum(-1)),
    }


def memory_settings(names: frozenset[str], beta_zero: bool) -> Iterator[Setting]:
    """Small and large coefficients, one worker and more; enough iterations to come near the limit of both recursions."""
    for d, k in ((4, 2), (4, 1), (4, 3), (3, 3), (16, 1)):  # none in a plane, which would trap the residuals
        for beta in (Fraction(0),) if beta_zero else (Fraction(0), Fraction(1, 2), Fraction(3, 4)):
            for workers in (1, 2) if d <= 4 else (1,):
                horizon = min(math.ceil(6 * d / k) + math.ceil(3 / (1 - beta)), 96)
                for kind in ("top_k",) if "keeps_k" in names else MAPS:
                    yield Setting(workers, horizon, d, k, beta, kind)


@pooled
def _reached(names: frozenset[str], beta_zero: bool, effort: Effort, seed: int) -> Iterator[Found]:
    rng = generator(seed, "mdsgd_memory", sorted(names), beta_zero)

    def reached(setting: Setting) -> Found:
        starts = effort.batch(setting.horizon * setting.workers * setting.d)
        return ascend(setting, starts, effort.iterations, rng, effort.polished, effort.kept)

    return map(reached, memory_settings(names, beta_zero))


@dataclass(frozen=True)
class SettingsNearby:
    """Neighbourhoods of what an ascent reached: a shorter or longer run, another momentum, one kept coordinate more or less."""

    iterations: int

    def neighbours(self, origin: tuple[Found, int], size: float) -> Iterator[tuple[Setting, tuple[np.ndarray, np.ndarray]]]:
        found, row = origin
        here = found.setting
        settings = [here]
        for factor in map(Fraction, factors(size)):
            others = {here.beta * factor, 1 - (1 - here.beta) * factor} if here.beta else ()
            settings += [replace(here, beta=beta) for beta in others if 0 <= beta < 1]
        if size == 1:
            settings += [replace(here, horizon=horizon) for horizon in (here.horizon - 1, here.horizon + 1) if horizon]
            settings += [replace(here, k=k) for k in (here.k - 1, here.k + 1) if 1 <= k <= here.d]
        for setting in settings:
            times = np.arange(setting.horizon).clip(max=here.horizon - 1)
            g, q = found.gradients[times, row], found.directions[times, row]
            yield setting, ascent.supported(g, q, STARTS_BESIDE, generator(0, "beside", setting))

    def measured(self, variants: Sequence[Any]) -> Iterator[tuple[dict[str, np.ndarray], list[Any], list[int]]]:
        for place, (setting, (g, q)) in enumerate(variants):
            found = _ascend_from(setting, torch.from_numpy(g), torch.from_numpy(q), self.iterations)
            yield _with_letters(found), [(found, row) for row in range(STARTS_BESIDE)], [place] * STARTS_BESIDE


STARTS_BESIDE = 6


def _with_letters(found: Found) -> dict[str, np.ndarray]:
    """Quantities and letters of what an ascent reached; U is the largest total memory there."""
    U = np.sqrt(found.measured["total_memory_sq"].max(-1))
    return found.measured | _stated(found.setting, np.ones(len(U)), U, lambda value: np.full(len(U), float(value)))


def _stated(setting: Setting, G: Any, U: Any, like: Any) -> dict[str, Any]:
    """All letters of a setting."""
    letters_of = {"workers": setting.workers, "horizon": setting.horizon, "d": setting.d, "k": setting.k, "beta": setting.beta}
    return {**{name: like(value) for name, value in letters_of.items()}, "gamma": like(setting.k) / setting.d, "G": G, "U": U}


class MemoryArena:
    """Statements about memory and momentum alone, which see nothing of the functions but G."""

    name = "mdsgd_memory"

    @remembered
    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        names = frozenset(hypothesis.name for hypothesis in reading.given)
        reached = _reached(names & {"keeps_k"}, "no_momentum" in names, effort, seed)
        groups = ((_with_letters(found), [(found, row) for row in range(found.gradients.shape[1])]) for found in reached)
        return self._searched(reading, groups, effort)

    def _searched(self, reading: Reading, groups: Iterable[Group], effort: Effort) -> Attack:
        def size(origin: tuple[Found, int]) -> int:
            return origin[0].setting.horizon * origin[0].setting.workers

        return search(self, reading, groups, _written_memory, size, SettingsNearby(effort.iterations), effort.moves)

    def onward(self, reading: Reading, instance: Instance, effort: Effort, seed: int) -> Attack:
        """Searches beside the instance alone. Raises: ValueError if it is none."""
        gradients, residuals = (np.array(instance[name], dtype=object) for name in ("gradients", "residuals"))
        (T, R, d), rng = gradients.shape, generator(seed, "onward")
        setting = Setting(R, T, d, int(instance["k"]), Fraction(instance["beta"]), instance["map"])
        g = ascent.directions(gradients)
        q = ascent.directions(residuals) if setting.map == "free" else g
        beside = SettingsNearby(effort.iterations)
        return self._searched(reading, beginnings(beside, (setting, ascent.supported(g, q, STARTS_BESIDE, rng)), rng), effort)

    def at(self, reading: Reading, letters: Mapping[str, Fraction], rng: np.random.Generator) -> dict[str, np.ndarray]:
        """What the adversary reaches at given letters, gamma = k / d, long enough to come near its limit, a row for each start."""
        beta, gamma = letters.get("beta", Fraction(0)), letters["gamma"]
        d = gamma.denominator if gamma.denominator >= DIMENSION else gamma.denominator * DIMENSION
        setting = Setting(1, math.ceil(6 / gamma + 3 / (1 - beta)), d, int(gamma * d), beta, "free")
        return _with_letters(ascend(setting, 8, 8, rng))

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        assert reading.relation is not None
        case, kind = memory_case(instance)
        judged = judge(reading.given, case)
        if "keeps_k" in judged:
            judged["keeps_k"] = (kind == "top_k", f"the map is {kind}")
        return replayed(reading, case.measured, judged)

    def cost(self, instance: Instance) -> int:
        """Iterations of one worker."""
        return len(instance["gradients"]) * len(instance["gradients"][0])

    def refit(self, instance: Instance) -> Instance:
        """The same with G and U as small as it allows. Raises: ValueError if this is none."""
        case, _ = memory_case(instance)
        U = roots_above(case.measured["total_memory_sq"].max(-1))[0]
        return instance | {"G": str(root_above(max(case.second_moments))), "U": str(U)}

    def simpler(self, instance: Instance) -> Iterator[Instance]:
        """The last iterations alone; the first worker alone."""
        g, q = instance["gradients"], instance["residuals"]
        if len(g) > 1:
            yield instance | {"gradients": g[1:], "residuals": q[1:]}
            yield instance | {"gradients": g[:-1], "residuals": q[:-1]}
        if len(g[0]) > 1:
            yield instance | {"gradients": [each[:1] for each in g], "residuals": [each[:1] for each in q]}


def memory_case(instance: Instance) -> tuple[Case, str]:
    """An instance run by the reference, exactly, and its map. Raises: ValueError if it is none of this arena."""
    try:
        gradients, residuals = (
            fractions([[[Fraction(x) for x in v] for v in workers] for workers in instance[name]]) for name in ("gradients", "residuals")
        )
        if gradients.ndim != 3:
            raise ValueError(f"gradients must be given for every iteration, worker and coordinate, got shape {gradients.shape}")
        T, R, d = gradients.shape
        k, kind, beta = int(instance["k"]), instance["map"], Fraction(instance["beta"])
        if kind not in MAPS:
            raise ValueError(f"map must be one of {', '.join(MAPS)}, got {kind!r}")
        if kind == "free" and residuals.shape != gradients.shape:
            raise ValueError(f"residuals must have shape {gradients.shape}, got {residuals.shape}")
        if not 1 <= k <= d:
            raise ValueError(f"k must be between 1 and d = {d}, got {k}")
        if not 0 <= beta < 1:
            raise ValueError(f"beta must be at least 0 and below 1, got {beta}")
        stated = _stated(Setting(R, T, d, k, beta, kind), Fraction(instance["G"]), Fraction(instance["U"]), Fraction)
    except (KeyError, TypeError, AttributeError, IndexError, ZeroDivisionError) as why:
        raise ValueError(f"this is no sequence of gradients: {type(why).__name__} {why}") from why
    states, sent = [init(fractions([[Fraction(0)] * d]), R)], []
    for t in range(T):
        compress = operator_of({"name": "top_k", "k": k}) if kind == "top_k" else (lambda v, u, t=t: v - residuals[t])
        state, messages = step(states[-1], gradients[t][None], 1, beta, compress)
        states.append(state)
        sent.append(messages)
    _, momentum, memory = (np.stack(field) for field in zip(*states, strict=True))
    measured = _of_memory(momentum, memory, np.stack(sent)) | {name: fractions([value]) for name, value in stated.items()}
    used = zip((np.stack(sent) + memory[1:]).reshape(-1, d), np.stack(sent).reshape(-1, d), strict=True)
    return Case(
        measured=measured | free_of(instance),
        synchronise=tuple(range(1, T + 1)),
        compressions=[Compression(tuple(v), tuple(message), ((v - message) ** 2).sum()) for v, message in used],
        second_moments=set((gradients**2).sum(-1).ravel()),
    ), kind


def _written_memory(origin: tuple[Found, int], scale: tuple[Fraction, Fraction]) -> Instance:
    """One start in rationals: a little inside each ball, and rescaled by x -> position x, f -> loss f."""
    (found, row), (position, loss) = origin, scale
    setting, unit = found.setting, loss / position
    gradients = [ascent.inside(v) for v in found.gradients[:, row]]
    keep = ascent.below(math.sqrt(1 - setting.k / setting.d))
    momentum = memory = gradients[0] * 0
    residuals = []
    for g, direction in zip(gradients, found.directions[:, row], strict=True):
        momentum = setting.beta * momentum + g / setting.workers
        v = momentum + memory
        lengths = [ascent.below(math.sqrt(sum(x**2 for x in worker))) for worker in v]
        memory = np.array([keep * length * q for length, q in zip(lengths, ascent.inside(direction), strict=True)], dtype=object)
        residuals.append(memory)
    return ARENA_OF_MEMORY.refit({
        "map": setting.map,
        "k": setting.k,
        "beta": str(setting.beta),
        "G": "1",
        "U": "1",
        "gradients": [[[str(x * unit) for x in worker] for worker in g] for g in gradients],
        "residuals": [[[str(x * unit) for x in worker] for worker in q] for q in residuals] if setting.map == "free" else [],
    })  # fmt: skip


ARENA_OF_MEMORY = MemoryArena()
register(ARENA_OF_MEMORY)
