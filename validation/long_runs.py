"""Arenas "run, long", "mdsgd, long" and "dist_ef, long": quadratics whose moments close, so that a run may take a million steps.

Instances are those of the arenas "run", "mdsgd" and "dist_ef", with {"law": "moments"}: quadratics of one curvature for all workers, a
sample or two of each, slopes that cancel, and a compressor that acts simply: the identity, a multiple of it, a random mask. One entry
stands for all synchronisations, at every `gap` iterations (of worker r, r iterations before, under Algorithm 2), and for all steps that
are alike.

Constant steps: any number of iterations (`linear.periodic`); measured are means over time and the last iterations, so that a reading is
first put in these terms (`steady`). Steps that change: up to 10^3 iterations one after the other (`linear.walked`), everything is measured
at every time; steps that fall, rise or alternate by a rule, up to a million in blocks (`falling`), with the last iterations and sums over
time, in floats or within certain ends (`far_off`). Of M-DSGD with any steps the weights rho_t are known from their end, for from their
start they may grow like beta^-t. The steps of strategy 2 are those of identities alone, which need no long run.

The second moment G must bound is that on the box that no path leaves (`linear.reach`): a valid G, a little larger than needed. Random masks
leave every box in the end, for a coordinate may wait for ever: theirs holds for as long as the run lasts, and is of use where steps are
so small that this is short.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import chain, product
from typing import Any, TypeVar

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef
from sympy.core.relational import Relational

from reference.expectation import moments as operator_moments
from theory.claim import Hypothesis, Reading, Relation
from theory.symbols import T as HORIZON
from theory.symbols import a as SHIFT
from theory.symbols import eta_t, gamma_t, i, t
from validation import error_feedback, falling, linear, momentum, runs
from validation.attack import Attack, Effort, Instance, Replay, generator, pooled, register
from validation.hypotheses import Case, Compression, Judgement, Pieces, free_of, judge, smallest_shift, with_free
from validation.letters import replayed
from validation.linear import Slots
from validation.moments import larger
from validation.quantities import NotMeasured, bounds, root_above, spoken
from validation.runs import fractions

# ---- readings, in terms of what a long run shows ----

STEADY = {"eta_t", "gamma_t", "rho_t", "alpha_t", "peak_eta", "noise_sq"}
"""Quantities that do not change along a run with a constant step."""


_ENDS = {sp.Integer(0): "first", HORIZON: "last"}


def _mean(name: str) -> sp.Symbol:
    return sp.Symbol(f"mean {name}")


def steady(reading: Reading) -> Reading:
    """The reading of a run with constant steps: sums over all times become T times means, hypotheses speak of the largest of a quantity,

    and a free time is one of the last. Raises: NotMeasured for what asks for more.
    """
    assert reading.relation is not None
    relation = Relation(_steady(reading.relation.lhs), reading.relation.op, _steady(reading.relation.rhs))
    return replace(reading, relation=relation, given=tuple(map(on_largest, reading.given)))


def _steady(expression: Any) -> sp.Expr:
    whole = sp.sympify(expression)
    ends = {f: sp.Symbol(f"{_ENDS[f.args[0]]} {f.func.__name__}") for f in whole.atoms(AppliedUndef) if f.args[0] in _ENDS}
    whole = whole.xreplace({f: name for f, name in ends.items() if f.func.__name__ not in STEADY})
    steps = {f: _mean(f.func.__name__) for f in whole.atoms(AppliedUndef) if f.func.__name__ in STEADY}
    found = whole.xreplace(steps).replace(lambda e: isinstance(e, sp.Sum), _total)
    functions = found.atoms(AppliedUndef)
    if {t, i} & found.xreplace({f: sp.Dummy() for f in functions}).free_symbols or any(not f.args[0].has(t) for f in functions):
        raise NotMeasured(f"{expression} asks for more than means and the last iterations of a long run")
    return found


def _total(total: sp.Sum) -> sp.Expr:
    """A sum over time of terms with one quantity at most."""
    (index, first, last), *more = total.limits
    found = sp.Integer(0)
    for term in sp.Add.make_args(sp.expand(total.function)):
        functions = term.atoms(AppliedUndef)
        factor = term
        for f in functions:
            factor, name = term / f, f.func.__name__
        if more or len(functions) > 1 or factor.has(index):
            raise NotMeasured(f"cannot sum {term} over a long run")
        if not functions:
            found += (last - first + 1) * term
        elif (first, last, f.args[0]) == (0, HORIZON - 1, index):
            found += HORIZON * factor * _mean(name)
        else:
            raise NotMeasured(f"{name} is summed over all of a long run only, not from {first} to {last}")
    return found


def on_largest(hypothesis: Hypothesis, put: Callable[[Any], sp.Expr] = _steady) -> Hypothesis:
    """A hypothesis on all times as one on the largest, or on the least step; its sides are `put` in the terms of a kind of runs."""
    condition, changed = hypothesis.condition, {}
    if condition is None:
        return hypothesis
    for part in condition.atoms(Relational):
        small, large = (put(part.lts), put(part.gts)) if isinstance(part, (sp.Le, sp.Lt, sp.Ge, sp.Gt)) else map(put, part.args)
        if large in (eta_t, gamma_t):
            large = sp.Symbol(f"least {large.func.__name__}")
        small, large = _by_weights(small, large)
        if large.atoms(AppliedUndef) or (small.atoms(AppliedUndef) and not isinstance(small, AppliedUndef)):
            raise NotMeasured(f"{part} cannot be judged on a long run")
        if isinstance(small, AppliedUndef):
            small = sp.Symbol(f"largest {small.func.__name__}")
        kind = {sp.Ge: sp.Le, sp.Gt: sp.Lt}.get(part.func, part.func)
        changed[part] = kind(small, large)
    return replace(hypothesis, condition=condition.xreplace(changed))


def _by_weights(small: sp.Expr, large: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """Sides of small <= large without the weights of time in them: in what is largest of the quotient, or of the weight itself."""
    quantity, factor = _word(small), _word(large)
    if factor and factor[1] and quantity and quantity[0] == 1 and quantity[2] and not (quantity[1] or factor[2]):
        return sp.Symbol(f"largest {quantity[2]} per {factor[1]}"), factor[0]
    if quantity and quantity[1] and quantity[0].is_nonnegative and not quantity[2]:
        return quantity[0] * sp.Symbol(f"largest {quantity[1]}"), large
    return small, large


def far_off(reading: Reading) -> Reading:
    """The reading of a run too long to show all its times: sums over time become totals, a free time is one of the last.

    Raises: NotMeasured for what asks for more.
    """
    assert reading.relation is not None
    relation = Relation(_far_off(reading.relation.lhs), reading.relation.op, _far_off(reading.relation.rhs))
    return replace(reading, relation=relation, given=tuple(on_largest(hypothesis, _far_off) for hypothesis in reading.given))


def _far_off(expression: Any) -> sp.Expr:
    found = sp.sympify(expression).replace(lambda e: isinstance(e, sp.Sum), _far_total)
    for f in found.atoms(AppliedUndef):
        if f.args[0] == HORIZON:
            found = found.subs(f, sp.Symbol(f"last {f.func.__name__}"))
        elif not (f.args[0] - t).is_Integer:
            raise NotMeasured(f"{f} is not shown by a run of which the last times are")
    quantities = {f: sp.Dummy() for f in found.atoms(AppliedUndef)}
    late = found.xreplace(quantities).subs(t, HORIZON + 1 - SHOWN + t)  # quantities count from the first time that is shown
    return late.xreplace({dummy: f for f, dummy in quantities.items()})


SHOWN = 3
"""How many of the last times a run that goes far shows."""

_before = eta_t.subs(t, t - 1)
WORDS = {
    sp.Integer(1): "", eta_t: "eta_t", eta_t**2: "eta_t eta_t", eta_t**3: "eta_t eta_t eta_t", eta_t * _before**2: "eta_t eta_t' eta_t'",
    (SHIFT + t) ** 2: "square", 1 / sp.sqrt(t + 1): "root", 1 / (t + 1): "root root", gamma_t: "gamma_t", gamma_t**2: "gamma_t gamma_t",
}  # fmt: skip
"""What a sum over time is weighted with, and its name."""


def _far_total(total: sp.Sum) -> sp.Expr:
    """A sum over time: of terms with at most one quantity, and one of the weights."""
    (index, first, last), *more = total.limits
    function, found = total.function.subs(index, t), sp.Integer(0)
    half = sp.simplify(first - HORIZON + sp.ceiling(HORIZON / 2)) == 0
    lagging = first == 1 and function.has(_before)
    if more or last != HORIZON - 1 or not (first == 0 or half or lagging):
        raise NotMeasured(f"a long run is summed over all of it, or its last half, not from {first} to {last}")
    terms = [function] if _word(function) else sp.Add.make_args(sp.expand(function))
    for term in terms:
        word = _word(term)
        if word is None:
            raise NotMeasured(f"cannot sum {term} over a long run")
        outside, weight, quantity = word
        name = " ".join(each for each in ("half" if half else "total", weight, quantity) if each)
        found += outside * (HORIZON if name == "total" else sp.Symbol(name))
    return found


def _word(term: sp.Expr) -> tuple[sp.Expr, str, str] | None:
    """A term of a sum as a factor outside of time, the name of a weight and that of a quantity."""
    outside, inside, quantities = sp.Integer(1), sp.Integer(1), []
    for factor in sp.Mul.make_args(term):
        if isinstance(factor, AppliedUndef) and factor not in WORDS and factor.func != eta_t.func:
            quantities.append(factor)
        elif factor.has(t):
            inside *= factor
        else:
            outside *= factor
    if inside not in WORDS or len(quantities) > 1 or any(f.args[0] != t for f in quantities):
        return None
    return outside, WORDS[inside], quantities[0].func.__name__ if quantities else ""


# ---- kinds of runs ----

MOST_ITERATIONS, MOST_STEPS = 10**6, 1000
"""Iterations of a long run, and how many of them may differ: each is a matrix of its own."""


class Kind:
    """What one of the arenas adds: its instances, letters and steps."""

    name: str
    patient: frozenset[str] = frozenset()
    """Quantities of which long runs are for more than quick effort."""

    def repeated(self, spec: Any) -> bool:
        """Whether steps are constant."""
        return True

    def far(self, spec: Any) -> bool:
        """Whether steps fall for so long that not all times are shown."""
        return not self.repeated(spec) and spec.horizon > MOST_STEPS

    def asked(self, reading: Reading, repeated: bool) -> Reading:
        """The reading in terms of what a long run shows. Raises: NotMeasured for what asks for more."""
        return steady(reading) if repeated else reading

    def observe(self, spec: Any, measuring: bool = True) -> Seen:
        """What a batch of runs shows; what bounds it alone, unless `measuring`."""
        return observe_far(self, [spec], measuring)[0] if self.far(spec) else observe(self, spec, measuring)

    def steps(self, spec: Any) -> falling.Steps:
        """The steps of a run that goes far. Raises: ValueError for steps that follow no rule."""
        raise ValueError(f"at most {MOST_STEPS} steps of a long run may differ without a rule, got {spec.horizon}")

    def until(self, spec: Any, horizon: int) -> Any:
        """The same run up to an earlier horizon."""
        raise NotImplementedError

    def stops(self, spec: Any) -> list[Any]:
        """A run that goes far, after those up to each power of 10 before its end."""
        return [self.until(spec, T) for T in (10**4, 10**5) if spec.horizon > T] + [spec]

    def average_scale(self, spec: Any) -> Any:
        """What the weights of the average of a run that goes far add up to, [B]; 1 where there is none."""
        return 1

    def shown_steps(self, spec: Any, times: np.ndarray) -> dict[str, np.ndarray]:
        """What is known of the steps at these times of a run that goes far, [B, times]; eta_t, and what there is besides.

        Of its first and its last steps, among which the largest and the least of all are.
        """
        raise NotImplementedError

    def further(self, spec: Any, measured: Mapping[str, np.ndarray], largest: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """What else no time exceeds, [B]."""
        return {}

    def parts(self, spec: Any) -> dict[str, Any]:
        """What every model is made of. Raises: ValueError for a problem that is none of quadratics as described above."""
        functions = self.functions(spec)
        slope, n = functions.slope, functions.slope.shape[2]
        if n > 2 or (functions.bends != 0).any() or (functions.curvature != functions.curvature[:, :1, :1]).any():
            raise ValueError("a long run needs quadratics of one curvature, and one or two samples of each")
        mean = slope.sum(2) / n
        if (functions.curvature <= 0).any() or (mean.sum(1) != 0).any():
            raise ValueError("a long run needs positive curvature, and slopes that cancel over the workers")
        return {
            "curvature": functions.curvature[:, 0, 0],
            "slope": mean,
            "noise": np.abs(slope[:, :, 0] - slope[:, :, -1]) / 2,
            "start": spec.start,
            "operator": runs.operator_of(spec.operator),
        }

    def functions(self, spec: Any) -> Pieces:
        return spec.functions  # type: ignore[no-any-return]

    def model(self, spec: Any) -> linear.Model:
        raise NotImplementedError

    def slots(self, spec: Any) -> tuple[Slots, Slots]:
        """The steps of a period (of all the run, where steps fall), and those of the last one."""
        raise NotImplementedError

    def constant(self, spec: Any) -> dict[str, np.ndarray]:
        """What does not change along a run of constant steps, [B]; besides eta_t."""
        return {}

    def changing(self, spec: Any) -> dict[str, np.ndarray]:
        """What is known of the steps, [B, times], where they change; besides eta_t, but where that ends sooner."""
        return {}

    def stated(self, spec: Any, seen: Seen) -> dict[str, np.ndarray]:
        """The smallest constants that were found; without G where no bound was."""
        raise NotImplementedError

    def letters(self, spec: Any, seen: Seen, constants: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        raise NotImplementedError

    def exact(self, spec: Any, row: int, position: Fraction, loss: Fraction) -> Any:
        """One row in rationals, rescaled."""
        raise NotImplementedError

    def written(self, spec: Any) -> Instance:
        """An exact run as plain data, but for its constants."""
        raise NotImplementedError

    def read(self, instance: Instance) -> tuple[Any, dict[str, np.ndarray]]:
        raise NotImplementedError

    def suits(self, reading: Reading, spec: Any) -> dict[str, Judgement]:
        """Whether a run is of the algorithm and the steps that a reading speaks of, beyond its hypotheses."""
        raise NotImplementedError

    def pools(self, reading: Reading) -> list[tuple[Any, ...]]:
        """Keys of what to draw for a reading."""
        raise NotImplementedError

    def draw(self, key: tuple[Any, ...], effort: Effort, rng: np.random.Generator) -> Iterator[Any]:
        raise NotImplementedError

    def case(self, spec: Any, seen: Seen, measured: Mapping[str, np.ndarray], constants: Mapping[str, np.ndarray]) -> Case:
        raise NotImplementedError


@dataclass(frozen=True)
class Seen:
    """What a batch of long runs shows. `largest`: what no quantity exceeds at any time, [B]. ||grad f_r||^2 of each worker [B, any, R] and

    ||grad f||^2 [B, any] where they must be bounded, at most: infinite where no bound was found, None if numbers are exact. `variances`
    [B, R].
    """

    measured: dict[str, np.ndarray]
    largest: dict[str, np.ndarray]
    second: np.ndarray | None
    slopes: np.ndarray | None
    variances: np.ndarray


def squared_reach(model: linear.Model, slots: Slots, box: linear.Box) -> tuple[np.ndarray, np.ndarray]:
    """||grad f_r||^2 of each worker and ||grad f||^2 where gradients must be bounded, at most, [B, any, R] and [B, any]."""
    (S, B), d = slots.eta.shape, model.start.shape[-1]
    rows = linear.probe(lambda z: model.visited(z, slots), model.size, S, B, d, model.exact)
    far = np.moveaxis(box.of(rows).reshape(S, B, d, -1), 0, 1)  # [B, S, d, any]
    largest = far[:, 0]
    for s in range(1, far.shape[1]):
        largest = np.maximum(largest, far[:, s])
    return squared_slopes(model, np.moveaxis(largest, 1, 2))


def squared_slopes(model: linear.Model, largest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same where coordinates are at most `largest` [B, any, d]."""
    slope = model.curvature[:, None] * largest
    own = slope[:, :, None] + np.abs(model.slope)[:, None]
    return (own**2).sum(-1), (slope**2).sum(-1)


def observe(kind: Kind, spec: Any, measuring: bool = True) -> Seen:
    """Everything measured, and what bounds it; the latter alone, for which a run need not be followed, unless `measuring`."""
    model, (slots, last) = kind.model(spec), kind.slots(spec)
    moves = linear.system(model, slots)  # of which both ask: what a run shows, and what bounds it
    measured = _measure(kind, spec, model, slots, last, moves) if measuring else {}
    variances = (model.noise**2).sum(-1)
    try:
        periods = spec.horizon // len(slots.eta) if kind.repeated(spec) else 0
        box = linear.reach(model, slots, None if periods else last, moves, periods)
    except ValueError:
        return Seen(measured, {}, None, None, variances)
    at_workers, at_all = squared_reach(model, slots if kind.repeated(spec) else slots.followed(last), box)
    largest = {}
    if measuring:
        repeated, columns = kind.repeated(spec), {name: values for name, values in measured.items() if values.ndim > 1}
        largest = _largest_of(model, slots, box, measured) if repeated else {name: most(values) for name, values in columns.items()}
        largest |= kind.further(spec, measured, largest)
    return Seen(measured, largest, at_workers, at_all, variances)


def _measure(kind: Kind, spec: Any, model: linear.Model, slots: Slots, last: Slots, moves: linear.System) -> dict[str, np.ndarray]:
    T, repeated, number = spec.horizon, kind.repeated(spec), Fraction if model.exact else float
    found = linear.periodic(model, slots, last, T, moves) if repeated else linear.walked(model, slots, last, moves)
    measured, times = dict(found.columns), found.columns["gradient_sq"].shape[-1]
    constant = {"noise_sq": (model.noise**2).sum((1, 2)) / number(model.workers**2)}
    if repeated:
        constant |= {"eta_t": slots.eta[0], **kind.constant(spec)}
        measured |= {f"mean {name}": total / number(T) for name, total in found.sums.items()}
        measured |= {f"mean {name}": values for name, values in constant.items()}
        measured["output_gradient_sq"] = measured["mean gradient_sq"]
        at_first, first = slots.first(), np.broadcast_to(model.begin(), (1, *model.begin().shape))
        for name, (weight, v) in model.forms(first, at_first).items():
            begun = (v[0] ** 2).sum(-2) * (weight if np.ndim(weight) == 0 else weight[:, None])
            measured |= {f"first {name}": most(begun.sum(-1)), f"last {name}": found.columns[name][:, -1]}
    else:
        measured |= {"eta_t": slots.followed(last).eta.T, **kind.changing(spec)}
        weight = measured.get("gamma_t", measured["eta_t"])[:, :T]
        measured["output_gradient_sq"] = (weight * measured["gradient_sq"][:, :T]).sum(-1) / weight.sum(-1)
    measured |= {name: np.repeat(values[:, None], times, axis=1) for name, values in constant.items()}
    half, start_sq = model.curvature / (2 * number(1)), model.start**2
    measured |= {"initial_gap": (half * start_sq).sum(-1), "start_distance_sq": start_sq.sum(-1), "f_star": start_sq.sum(-1) * 0}
    if found.average_sq is not None:
        measured |= {"output_gap": (half * found.average_sq).sum(-1), "output_distance_sq": found.average_sq.sum(-1)}
    return measured


def observe_far(kind: Kind, specs: Sequence[Any], measuring: bool = True) -> list[Seen]:
    """What one batch of runs with falling steps shows up to each of its horizons; `specs` differ in these alone, the longest comes last.

    What bounds it alone, unless `measuring`.
    """
    model, steps, found = kind.model(specs[-1]), kind.steps(specs[-1]), []
    far = falling.followed(model, steps, [spec.horizon for spec in specs], measuring)
    scale = [kind.average_scale(spec) for spec in specs]
    variances, exact = (model.noise**2).sum(-1), model.exact
    if not measuring:
        return [Seen({}, {}, *squared_slopes(model, shown.reach), variances) for shown in far]
    half, start_sq = model.curvature / (Fraction(2) if exact else 2.0), model.start**2
    start = {"initial_gap": (half * start_sq).sum(-1), "start_distance_sq": start_sq.sum(-1), "f_star": start_sq.sum(-1) * 0}
    for spec, shown, by in zip(specs, far, scale, strict=True):
        T, number = spec.horizon, Fraction if exact else float
        noise_sq = (model.noise**2).sum((1, 2)) / number(model.workers**2)
        measured = start | shown.columns | {"noise_sq": np.repeat(noise_sq[:, None], SHOWN, axis=1)}
        measured |= {" ".join(filter(None, ("total", *key))): values for key, values in shown.totals.items()}
        measured |= {" ".join(filter(None, ("half", *key))): values for key, values in shown.halves.items() if not key[0]}
        measured |= {f"total {word}": values for word, values in falling.sums(steps, T, exact).items() if word}
        measured |= {f"last {name}": values[:, -1] for name, values in shown.columns.items()}
        at_ends = kind.shown_steps(spec, np.array([0, *range(T + 1 - SHOWN, T + 1)]))
        measured |= {name: values[:, 1:] for name, values in at_ends.items()}
        by_weight = "gamma_t" if "gamma_t" in at_ends else "eta_t"
        measured["output_gradient_sq"] = measured[f"total {by_weight} gradient_sq"] / measured[f"total {by_weight}"]
        if shown.average_sq is not None:
            measured["output_gap"] = (half * shown.average_sq).sum(-1) / by**2
            measured["output_distance_sq"] = shown.average_sq.sum(-1) / by**2
        for name in ("eta_t", "gamma_t"):
            if name in at_ends:
                measured |= {f"least {name}": -most(-at_ends[name]), f"most {name}": most(at_ends[name])}
        largest = shown.largest | {"eta_t": measured["most eta_t"]}
        largest |= kind.further(spec, measured, largest)
        found.append(Seen(measured, largest, *squared_slopes(model, shown.reach), variances))
    return found


def powers(eta: np.ndarray) -> dict[str, np.ndarray]:
    """Weights of sums over time that are powers of the step."""
    return {"": np.ones_like(eta), "eta_t": eta, "eta_t eta_t": eta**2, "eta_t eta_t eta_t": eta**3}


def most(values: np.ndarray) -> np.ndarray:
    largest = values[:, 0]
    for each in values.T[1:]:
        largest = larger(largest, each)
    return largest


def _largest_of(model: linear.Model, slots: Slots, box: linear.Box, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What no form exceeds at any time, [B]: its last values where the run starts at rest, from where moments only grow; else the box's

    too, for everybody may synchronise at the end who does not in the box.
    """
    at_rest = ((model.start == 0).all(-1) & (model.slope == 0).all((1, 2))).astype(bool)
    (S, B), (_, d), found = slots.eta.shape, model.start.shape, {}
    for name, (weight, v) in linear.rows_of(model, slots).items():
        last = most(columns[name][:, -S - 1 :])
        if at_rest.all():
            found[name] = last
            continue
        far = box.of(v.reshape(S, B * d, -1, v.shape[-1])).reshape(*v.shape[:-1])
        values = linear.totalled(weight, (far**2).sum(-1))
        found[name] = larger(last, np.where(at_rest, last, most(values)))
    return found


def roots(values: np.ndarray) -> np.ndarray:
    """Roots, or rationals above them, of numbers or of enclosures."""
    if values.dtype != object:
        return np.sqrt(values)
    return np.frompyfunc(lambda x: root_above(_shortened(bounds(x)[1])), 1, 1)(values)


def _shortened(x: Fraction) -> Fraction:
    """A rational of at most some 30 digits, at least as large."""
    scale = Fraction(10) ** (30 - len(str(x.numerator)) + len(str(x.denominator)))
    return x if x.denominator < 10**30 else Fraction(-((-x * scale) // 1)) / scale


def _above(values: np.ndarray) -> np.ndarray:
    """Numbers, or rationals above enclosures."""
    return values if values.dtype != object else np.frompyfunc(lambda x: _shortened(bounds(x)[1]), 1, 1)(values)


class Runs(Kind):
    """Algorithms 1 and 2 of Qsparse-local-SGD, and local SGD."""

    name = "run"

    def repeated(self, spec: runs.Spec) -> bool:
        return spec.rule in ("fixed", "horizon")

    def model(self, spec: runs.Spec) -> linear.Model:
        return (linear.Qsparse if spec.sets is None else linear.Asynchronous)(**self.parts(spec))

    def slots(self, spec: runs.Spec) -> tuple[Slots, Slots]:
        T, H, R, mu = spec.horizon, spec.gap, spec.shape[1], runs.curvatures(spec.functions)[0]
        if T % H or spec.batch != 1:
            raise ValueError(f"a long run must end with a period, and take one sample at a time, got {T} iterations of gap {H}")
        repeated = self.repeated(spec)
        if (H if repeated else T) > MOST_STEPS:
            raise ValueError(f"at most {MOST_STEPS} steps of a long run may differ, got {H if repeated else T}")
        eta = np.repeat(self._step(spec)[None], H + 1, axis=0) if repeated else runs.step_sizes(spec, mu)
        steps = len(eta) - 1
        own = 0 if spec.sets is None else np.arange(R)
        sends = (np.arange(1, steps + 1)[:, None, None] + own) % H == 0  # [S, 1, 1] or [S, 1, R]
        sends = sends[..., 0] if spec.sets is None else sends
        ends = sends.copy()
        ends[-1] = True
        weight = None
        if not repeated:
            sends = ends
            weight = (spec.parameters["a"] + np.arange(steps).astype(object if spec.exact else float)[:, None]) ** 2
            weight = weight / weight.sum(0)
            return Slots(eta[:-1], sends, weight), Slots(eta[-1:], sends[-1:])
        repeating = Slots(eta[:-1], sends)
        return repeating, repeating if spec.sets is None else Slots(eta[:-1], ends)

    def steps(self, spec: runs.Spec) -> falling.Steps:
        H, R, mu = spec.gap, spec.shape[1], runs.curvatures(spec.functions)[0].astype(float)
        rounded = runs.in_floats(spec)
        own = 0 if spec.sets is None else np.arange(R)
        sends = (np.arange(1, H + 1)[:, None, None] + own) % H == 0
        sends = sends[..., 0] if spec.sets is None else sends

        def at(times: np.ndarray) -> Slots:
            weight = (rounded.parameters["a"] + times[:, None]) ** 2
            return Slots(runs.step_sizes(rounded, mu, times), np.ones((len(times), 1), dtype=bool), weight)

        def weights(times: np.ndarray, slots: Slots) -> dict[str, np.ndarray]:
            assert slots.weight is not None
            return powers(slots.eta) | {"square": slots.weight}

        return falling.Steps(sends, np.ones_like(sends[0]), at, weights)

    def until(self, spec: runs.Spec, horizon: int) -> runs.Spec:
        return replace(spec, horizon=horizon, synchronise=(horizon,), sets=None if spec.sets is None else ((horizon,),) * len(spec.sets))

    def average_scale(self, spec: runs.Spec) -> Any:
        T, a = spec.horizon, spec.parameters["a"]
        return T * a**2 + a * (T * (T - 1)) + (T - 1) * T * (2 * T - 1) // 6

    def shown_steps(self, spec: runs.Spec, times: np.ndarray) -> dict[str, np.ndarray]:
        return {"eta_t": runs.step_sizes(spec, runs.curvatures(spec.functions)[0], times).T}

    def _step(self, spec: runs.Spec) -> np.ndarray:
        return spec.parameters["eta"] if spec.rule == "fixed" else spec.parameters["C_hat"] / math.isqrt(spec.horizon)

    def stated(self, spec: runs.Spec, seen: Seen) -> dict[str, np.ndarray]:
        flattest, steepest = runs.curvatures(spec.functions)
        found = {"L": steepest, "mu": flattest, "sigma_sq": seen.variances}
        if seen.second is not None:
            found["G"] = roots((_workers_largest(seen.second) + seen.variances).max(-1))
        return found

    def letters(self, spec: runs.Spec, seen: Seen, constants: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return runs.letters(spec, constants)

    def exact(self, spec: runs.Spec, row: int, position: Fraction, loss: Fraction) -> runs.Spec:
        return runs.exactly(spec, row, position, loss)

    def written(self, spec: runs.Spec) -> Instance:
        return runs.written(spec)

    def read(self, instance: Instance) -> tuple[runs.Spec, dict[str, np.ndarray]]:
        spec, constants = runs.decode(instance)
        if spec.gap < 1:
            raise ValueError(f"gap must be at least 1, got {spec.gap}")
        return spec, constants

    def case(self, spec: runs.Spec, seen: Seen, measured: Mapping[str, np.ndarray], constants: Mapping[str, np.ndarray]) -> Case:
        T, H, R = spec.horizon, spec.gap, spec.shape[1]
        lists = [tuple(range(H, T + 1, H))] if spec.sets is None else [(*(range(H - r % H, T, H)), T) for r in range(R)]
        second = set() if seen.second is None else set((_workers_largest(seen.second) + seen.variances)[0])
        return Case(
            measured=measured,
            synchronise=lists[0],
            sets=lists,
            compressions=_compressions(spec.operator, spec.shape[3]),
            second_moments=second,
            variances=[{value} for value in seen.variances[0]],
            sigma_sq=list(constants["sigma_sq"][0]),
            functions=Pieces(*(each[0] for each in spec.functions.mean())),
        )

    def suits(self, reading: Reading, spec: runs.Spec) -> dict[str, Judgement]:
        runs.check_algorithm(reading, spec)
        return {}

    def pools(self, reading: Reading) -> list[tuple[Any, ...]]:
        _, rules, _, same = runs.kind_of(reading)
        return [(rule, same, runs.is_asynchronous(reading)) for rule in rules]

    def draw(self, key: tuple[Any, ...], effort: Effort, rng: np.random.Generator) -> Iterator[runs.Spec]:
        rule, same, asynchronous = key
        falls, structures = rule not in ("fixed", "horizon"), _structures(same, asynchronous)
        beyond = [[T] for T in far_horizons(effort)] if falls else []
        of_each = [(each, _walks(effort, each[3]) if falls else _horizons(effort)) for each in structures]
        for (R, H, d, operator), horizons in of_each + list(product(far_structures(structures, effort), beyond)):
            for T in horizons:
                count = count_of(effort, T) if [T] not in beyond else FAR_RUNS
                functions, start = quadratics(count, R, d, not same, rng)
                flattest, L = runs.curvatures(functions)
                gamma = runs.coefficient(operator, d)
                inside = rng.choice([1.0, 1 / 8, 1 / 64, 1 / 1024, 1 / 16384], count)
                if rule == "fixed":
                    parameters = {"eta": inside / (2 * L)}
                elif rule == "horizon":
                    parameters = {"C_hat": inside / (2 * L) * math.isqrt(T)}
                else:
                    names = {"shift_above_gap", "shift_above_one"} | (set() if same else {"shift_above_memory"})
                    of_condition = {"shift_above_four_condition"} if rule == "four over mu" else {*names, "shift_above_condition"}
                    scale = rng.choice([1.0, 8.0, 1 / 8], count) / L
                    edge = (
                        smallest_shift(names, H, gamma, 0) if rule == "decaying" else
                        [smallest_shift(of_condition, H, gamma, k) for k in L / flattest]
                    )  # fmt: skip
                    a = np.ones(count) * np.asarray(edge, dtype=float) * rng.choice([1.0, 1.0, 2.0, 8.0], count)
                    least = {"decaying": 2.03125 * scale * L, "four over mu": 1.015625 * H / flattest}
                    a = np.maximum(a, least.get(rule, 0))
                    parameters = {"a": np.ceil(a * 64) / 64} | ({"step_scale": scale} if rule == "decaying" else {})
                sets = ((T,),) * R if asynchronous else None
                yield runs.Spec(T, H, (T,), 1, operator, functions, start, rule, parameters, np.full(count, float(gamma)), sets)


def _workers_largest(second: np.ndarray) -> np.ndarray:
    """Of [B, R iterates, R functions], each worker's function at its own iterate, [B, R]."""
    return np.stack([second[:, r, r] for r in range(second.shape[2])], axis=-1)


Structure = TypeVar("Structure", bound=tuple[Any, ...])

_PLAIN: dict[str, Any] = {"name": "identity"}
_LINEAR: tuple[dict[str, Any], ...] = tuple({"name": "linear", "residual": residual} for residual in ("4/5", "-3/5"))
SIMPLE = (_PLAIN, *_LINEAR)
_MASK: dict[str, Any] = {"name": "rand_k", "k": 1}


def _structures(same: bool, asynchronous: bool) -> list[tuple[int, int, int, dict[str, Any]]]:
    """Workers, gap, coordinates and operator."""
    if asynchronous:
        return [(2, 4, 1, _PLAIN), (2, 2, 1, _LINEAR[0])]
    if same:
        return [(1, 1, 2, _PLAIN), (2, 4, 1, _PLAIN), (4, 2, 1, _PLAIN)]
    return [(1, 1, 2, _PLAIN), (2, 4, 1, _PLAIN), (2, 1, 1, _LINEAR[0]), (2, 2, 1, _LINEAR[1]), (1, 2, 2, _MASK)]


def _horizons(effort: Effort) -> tuple[int, ...]:
    return (10**6,) if effort.name == "quick" else (10**2, 10**4, 10**6)


def _walks(effort: Effort, operator: Mapping[str, Any]) -> tuple[int, ...]:
    """Horizons of runs whose every step is taken."""
    return (240,) if effort.name == "quick" or operator is not _PLAIN else (240, 960)


FAR_RUNS = 4
"""Runs of a structure whose steps fall over a million iterations: as many steps as all others together take."""


def far_horizons(effort: Effort) -> tuple[int, ...]:
    """Horizons of runs with falling steps of which the last times are shown; and those of each power of 10 below."""
    return () if effort.name == "quick" else (10**6,)


def far_structures(structures: Sequence[Structure], effort: Effort) -> list[Structure]:
    """Those without random masks; two of them, unless there is time for all."""
    certain = [each for each in structures if each[-1] is not _MASK]
    return certain if effort.name == "thorough" else certain[-2:]


def count_of(effort: Effort, horizon: int) -> int:
    """Runs of a structure; of some horizons all steps of all runs are held at once."""
    return 16 if horizon == 960 else min(max(effort.instances // 5, 8), 80)


def quadratics(count: int, R: int, d: int, differ: bool, rng: np.random.Generator) -> tuple[Pieces, np.ndarray]:
    """Functions [count, R, 2, d] and starts [count, d]: every other run begins where f is least; of a third all workers are alike."""
    shape = (count, R, 2, d)
    curvature = np.ones((count, d))
    curvature[:, 1:] = rng.choice([1.0, 1 / 4, 1 / 16], (count, d - 1))
    slope = np.zeros(shape)
    if differ and R > 1:
        slope[:] = rng.choice([0.0, 1 / 4, 1.0], (count, 1, 1, 1)) * (1 - 2 * (np.arange(R) % 2))[:, None, None]
        if R % 2:
            slope[:, -1] = 0
    noise = rng.choice([1 / 8, 1 / 2, 1.0, 4.0], (count, 1, d))
    noise = np.repeat(noise, R, axis=1)
    if differ:
        noise[::4, 1:] = 0
    slope[:, :, 0] += noise
    slope[:, :, 1] -= noise
    none = np.zeros((*shape, 0))
    start = rng.choice([1 / 4, 1.0, 4.0, 32.0], (count, d))
    start[::2] = 0
    return Pieces(slope, np.broadcast_to(curvature[:, None, None], shape).copy(), none, none), start


def _compressions(description: Mapping[str, Any], d: int) -> list[Compression]:
    """The compressor at one vector: it is linear, or a mask, and so is as good at any other."""
    operator, v = runs.operator_of(description), fractions([Fraction(1)] * d)
    certain = tuple(operator(v)) if operator.draws == 0 else None
    return [Compression(tuple(v), certain, Fraction(operator_moments(operator, v).error))]


_FIRST: dict[str, Callable[[Any], Any]] = {
    "harmonic": lambda beta: 2 - beta, "climbing": lambda beta: 8 - 9 * beta, "alternating": lambda beta: 1 - Fraction(63, 64) * beta,
}  # fmt: skip
"""Of `momentum.WEIGHTS`: eta_0 over the scale, but for the denominators of "harmonic"."""


class Momenta(Kind):
    """M-DSGD with the constant step of its first strategy, the falling ones of Theorems 8 and 9, or any steps; MEM-SGD rescaled."""

    name = "mdsgd"

    def repeated(self, spec: runs.Spec) -> bool:
        return spec.rule == "fixed"

    def far(self, spec: runs.Spec) -> bool:
        return super().far(spec) or spec.rule in momentum.WEIGHTS

    def model(self, spec: runs.Spec) -> linear.Model:
        return (linear.Rescaled if spec.rule == "any, beta 0" else linear.Momentum)(**self.parts(spec), beta=spec.parameters["beta"])

    def observe(self, spec: runs.Spec, measuring: bool = True) -> Seen:
        seen, beta = super().observe(spec, measuring), spec.parameters["beta"]
        if spec.rule == "fixed" and (beta == 0).any() and measuring:  # where the step does not change, (3) is the memory at beta = 0
            memory = seen.measured["total_memory_sq"]
            seen.measured["rescaled_total_memory_sq"] = memory if spec.exact else np.where(beta[:, None] == 0, memory, np.nan)
        return seen

    def further(self, spec: runs.Spec, measured: Mapping[str, np.ndarray], largest: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """What the transformed iterate needs: (9), (10) over gamma_t^2, and d_t."""
        if "transformed_lag_sq" not in largest:
            return {}
        turn, lag, squares = (f"{name}gamma_t gamma_t" for name in ("alpha_t per ", "transformed_lag_sq per ", ""))
        if not self.far(spec):
            gamma_sq = measured["gamma_t"] ** 2
            turned, lags = (measured[name] / gamma_sq[:, : measured[name].shape[1]] for name in ("alpha_t", "transformed_lag_sq"))
            found = {turn: most(turned), squares: most(gamma_sq), lag: most(lags)}
            return found | ({lag: largest["transformed_lag_sq"] / gamma_sq[:, 0]} if self.repeated(spec) else {})
        slots = self.steps(spec).at(np.arange(spec.horizon + 1))
        assert slots.earlier is not None
        here, after, gamma = slots.eta[:-1], slots.eta[1:], slots.eta[:-1] - slots.earlier[1:]
        turned, off = np.abs(here - after) / gamma**2, 8 * falling.GIVEN * (here + after) / gamma**2  # so much may each be off
        return {
            turn: falling.largest_of(turned, off, spec.exact),
            squares: measured["most gamma_t"] ** 2,
            "batch_gradient_sq": largest["gradient_sq"] + measured["noise_sq"][:, 0],
        }

    def slots(self, spec: runs.Spec) -> tuple[Slots, Slots]:
        if spec.batch != 1:
            raise ValueError(f"a long run takes one sample at a time, got {spec.batch}")
        repeated, share = self.repeated(spec), Fraction(1, spec.horizon) if spec.exact else 1 / spec.horizon
        if repeated:
            eta = spec.parameters["eta"][None]
            found = Slots(eta, np.array([[True]]), eta * 0 + share)
            return found, found
        eta, rho = momentum.steps(spec, runs.curvatures(spec.functions)[0])
        before = eta if spec.rule == "any, beta 0" else rho  # of what this state is made
        earlier, sends = np.concatenate([before[:1] * 0, before[:-1]]), np.ones((len(eta), 1), dtype=bool)
        return Slots(eta[:-1], sends[:-1], eta[:-1] * 0 + share, earlier[:-1]), Slots(eta[-1:], sends[-1:], None, earlier[-1:])

    def constant(self, spec: runs.Spec) -> dict[str, np.ndarray]:
        eta, beta = spec.parameters["eta"], spec.parameters["beta"]
        return {"rho_t": eta * beta / (beta - 1), "gamma_t": eta - eta * beta / (beta - 1), "alpha_t": eta * 0}

    def changing(self, spec: runs.Spec) -> dict[str, np.ndarray]:
        eta, rho = momentum.steps(spec, runs.curvatures(spec.functions)[0])
        return {"rho_t": rho.T, "gamma_t": (eta - rho).T, "alpha_t": np.abs(eta[:-1] - eta[1:]).T}

    def steps(self, spec: runs.Spec) -> falling.Steps:
        if spec.rule in momentum.WEIGHTS:
            return self._weighted(spec)
        if spec.rule not in ("suffix", "root"):
            return super().steps(spec)
        beta, one = spec.parameters["beta"].astype(float), (1 - spec.parameters["beta"]).astype(float)
        first = spec.parameters["first_eta"].astype(float) if spec.rule == "suffix" else 1 - beta / math.sqrt(2)
        mu = runs.curvatures(spec.functions)[0].astype(float)

        def at(times: np.ndarray) -> Slots:
            t = np.maximum(times, 1.0)[:, None]  # of what is not asked at 0
            if spec.rule == "suffix":
                eta, before = (one * t + 1) / (t * (t + 1)) / mu, -beta / (t * mu)
            else:
                root, later = np.sqrt(t + 1), np.sqrt(t + 2)
                eta, before = 1 / root - beta / later, -beta / root
            begun = times[:, None] > 0
            eta = np.where(begun, eta, first)
            return Slots(eta, np.ones((len(times), 1), dtype=bool), np.ones_like(eta), np.where(begun, before, 0))

        def weights(times: np.ndarray, slots: Slots) -> dict[str, np.ndarray]:
            after, root = at(times + 1).earlier, np.ones_like(slots.eta) / np.sqrt(times + 1.0)[:, None]
            return {"": np.ones_like(root), "eta_t": slots.eta, "gamma_t": slots.eta - after, "root": root, "root root": root**2}

        everybody = np.ones((1, 1), dtype=bool)
        return falling.Steps(everybody, everybody[0], at, weights)

    def _weighted(self, spec: runs.Spec) -> falling.Steps:
        """Of a rule by its gamma_t; eta_t = gamma_t - beta gamma_{t+1} without a difference of floats."""
        exact_beta = spec.parameters["beta"]
        beta, scale = exact_beta.astype(float), spec.parameters["scale"].astype(float)
        at_0, slope = (np.asarray(of(exact_beta)).astype(float) for of in (_FIRST[spec.rule], lambda beta: 1 - beta))
        odd = (Fraction(63, 64) - exact_beta).astype(float)

        def at(times: np.ndarray) -> Slots:
            t = times[:, None].astype(float)
            if spec.rule == "alternating":
                eta = np.where(t % 2 > 0, odd, at_0)
            else:
                eta = (at_0 + slope * t) / ((t + 1) * (t + 2) if spec.rule == "harmonic" else 2**20)
            before = np.where(t > 0, -beta * scale * momentum.WEIGHTS[spec.rule](t), 0)
            return Slots(scale * eta, np.ones((len(times), 1), dtype=bool), np.ones_like(eta), before)

        def weights(times: np.ndarray, slots: Slots) -> dict[str, np.ndarray]:
            gamma = scale * momentum.WEIGHTS[spec.rule](times[:, None].astype(float))
            found = {"": np.ones_like(gamma), "eta_t": slots.eta, "gamma_t": gamma, "gamma_t gamma_t": gamma**2}
            return found | {"per gamma_t gamma_t": 1 / gamma**2}

        everybody = np.ones((1, 1), dtype=bool)
        return falling.Steps(everybody, everybody[0], at, weights, (("per gamma_t gamma_t", "transformed_lag_sq"),))

    def until(self, spec: runs.Spec, horizon: int) -> runs.Spec:
        return replace(spec, horizon=horizon, synchronise=(horizon,))

    def average_scale(self, spec: runs.Spec) -> Any:
        return spec.horizon

    def shown_steps(self, spec: runs.Spec, times: np.ndarray) -> dict[str, np.ndarray]:
        eta, rho = momentum.steps(spec, runs.curvatures(spec.functions)[0], times)
        return {"eta_t": eta.T, "rho_t": rho.T, "gamma_t": (eta - rho).T}

    def stated(self, spec: runs.Spec, seen: Seen) -> dict[str, np.ndarray]:
        flattest, steepest = runs.curvatures(spec.functions)
        zero = flattest * 0
        found = {"L": steepest, "mu": flattest, "weak_convexity": zero}
        if seen.second is not None:
            at_any = (seen.second + seen.variances[:, None]).sum(-1) / seen.variances.shape[1]
            named = {"U": "total_memory_sq", "distance_bound": "transformed_distance_sq"}
            bounded = {letter: roots(seen.largest[name]) for letter, name in named.items() if name in seen.largest}
            found |= {"G": roots(at_any.max(-1))} | bounded
            if "U" in found:
                found["U"] = runs.above_0(found["U"], found["G"])
        if "transformed_lag_sq per gamma_t gamma_t" in seen.largest:
            names = ("alpha_t per gamma_t gamma_t", "transformed_lag_sq per gamma_t gamma_t", "gamma_t gamma_t")
            turn, lag, squares = (_above(seen.largest[name]) for name in names)
            found |= {
                "turn_factor": turn,
                "largest_turn": turn * squares,
                "error_bound": found["U"],
                "direction_bound": roots(seen.largest["batch_gradient_sq"]),
                "lag_factor": lag,
            }
        return found

    def letters(self, spec: runs.Spec, seen: Seen, constants: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        return momentum.letters(spec, constants)

    def exact(self, spec: runs.Spec, row: int, position: Fraction, loss: Fraction) -> runs.Spec:
        if spec.rule == "root":
            raise ValueError("steps with roots must be rational to be written down")
        return runs.exactly(spec, row, position, loss, momentum.UNITS)

    def written(self, spec: runs.Spec) -> Instance:
        return momentum.written(spec)

    def read(self, instance: Instance) -> tuple[runs.Spec, dict[str, np.ndarray]]:
        return momentum.decode(instance)

    def case(self, spec: runs.Spec, seen: Seen, measured: Mapping[str, np.ndarray], constants: Mapping[str, np.ndarray]) -> Case:
        second = set() if seen.second is None else set(((seen.second + seen.variances[:, None]).sum(-1) / spec.shape[1]).ravel())
        return Case(
            measured=measured,
            synchronise=spec.synchronise,
            compressions=_compressions(spec.operator, spec.shape[3]),
            second_moments=second,
            functions=Pieces(*(each[0][None] for each in spec.functions.mean().mean())),
        )

    def suits(self, reading: Reading, spec: runs.Spec) -> dict[str, Judgement]:
        return momentum.suits(reading, spec)

    def pools(self, reading: Reading) -> list[tuple[Any, ...]]:
        masks, rules = any(h.name == "keeps_k" for h in reading.given), momentum.kind_of(reading)[1]
        asked = [rule for rule in ("fixed", "suffix", "root", "any", "any, beta 0") if rule in rules]
        return [(rule, masks) for rule in (*asked, *(momentum.WEIGHTS if "any" in rules and not masks else ()))]

    def draw(self, key: tuple[Any, ...], effort: Effort, rng: np.random.Generator) -> Iterator[runs.Spec]:
        rule, masks = key
        if effort.name == "quick" and not masks and rule not in ("fixed", "suffix", "root"):
            return
        structures: list[tuple[int, int, dict[str, Any]]] = [(1, 2, _MASK), (2, 2, _MASK)]
        if masks and rule != "fixed":
            structures = [(1, d, _MASK) for d in ((2,) if effort.name == "quick" else (2, 4))]
        elif not masks:
            structures = [(1, 2, _PLAIN), (2, 1, _PLAIN), (1, 1, _LINEAR[0]), (2, 1, _LINEAR[1]), *structures[:1]]
        beyond = [] if rule in ("fixed", "any", "any, beta 0") else [[T] for T in far_horizons(effort)]
        of_rule = {"fixed": _horizons(effort), **dict.fromkeys(momentum.WEIGHTS, ())}
        of_each = [(each, of_rule.get(rule, (60,) if masks else _walks(effort, each[-1]))) for each in structures]
        far = far_structures(structures, effort)
        if rule in momentum.WEIGHTS and effort.name != "thorough":
            far = [each for each in far if each[0] == 1]
        for (R, d, operator), horizons in of_each + list(product(far, beyond)):
            for T in horizons:
                count = count_of(effort, T) if [T] not in beyond else FAR_RUNS
                functions, start = quadratics(count, R, d, True, rng)
                beta = rng.choice([0.0, 0.5, 0.75] if rule not in ("any", *momentum.WEIGHTS) else [0.25, 0.5, 0.75], count)
                beta = beta * (rule != "any, beta 0")
                if masks and (rule != "fixed" or (effort.name != "quick" and T > 10**3)):
                    # so flat, and steps so small, that gradients hardly change while memory builds up, nor what random masks may reach
                    functions = Pieces(*(each / 64 for each in functions))
                    small = 2.0 ** rng.integers(-19, -16, (count, T + 1) if rule != "fixed" else count)
                    parameters = {"eta": small} if rule == "fixed" else _steps_with_weights(rule, small, beta)
                elif rule.startswith("any"):
                    unit = rng.choice([1 / 8, 1 / 64, 1 / 1024], (count, 1))
                    parameters = _steps_with_weights(rule, unit / 2.0 ** rng.integers(0, 2, (count, T + 1)), beta)
                elif rule in momentum.WEIGHTS:
                    parameters = {"scale": rng.choice([1.0, 1 / 16], count) / (64 if rule == "alternating" else 1)}
                else:
                    steps = {"fixed": ("eta", [1 / 8, 1 / 64, 1 / 1024, 1 / 16384]), "suffix": ("first_eta", [1.0, 1 / 8, 1 / 64])}
                    parameters = {steps[rule][0]: rng.choice(steps[rule][1], count)} if rule in steps else {}
                gamma = np.full(count, float(runs.coefficient(operator, d)))
                yield runs.Spec(T, 1, (T,), 1, operator, functions, start, rule, parameters | {"beta": beta}, gamma)


def _steps_with_weights(rule: str, steps: np.ndarray, beta: np.ndarray) -> dict[str, np.ndarray]:
    """Any steps [count, T + 1], and where their weights end: as if the last step went on."""
    return {"steps": steps} | ({"rho_end": -beta / (1 - beta) * steps[:, -1]} if rule == "any" else {})


@dataclass(frozen=True)
class Lasting(error_feedback.Spec):
    """Runs of dist-EF-SGD with the constant step eta [batch, 1], or with all their steps [batch, horizon].

    `rule`: one of `SHAPES`, by which steps go on from the one in eta, or a schedule of a corollary with `share` [batch] of its numerator.
    """

    horizon: int = 1
    rule: str = ""
    share: np.ndarray | None = None


SHAPES: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "harmonic": ("decreasing", lambda t: 1 / (t + 1)),
    "quarter": ("decreasing", lambda t: (t + 1) ** -0.25),
    "linear": ("increasing", lambda t: t + 1),
}
"""Of rules by which steps change for ever: the family, and eta_t / eta_0; for Fractions too where that is rational."""


class Feedback(Kind):
    """EF-SGD and dist-EF-SGD."""

    name = "dist_ef"
    patient = frozenset(
        {"plain_input_sq", "mean_message_sq", "server_input_sq", "plain_server_input_sq"}
        | {f"discounted_{name}" for name in ("gradient_sq", "batch_gradient_sq", "batch_noise_sq")}
    )

    def repeated(self, spec: Lasting) -> bool:
        return spec.eta.shape[1] == 1 and not spec.rule

    def far(self, spec: Lasting) -> bool:
        return bool(spec.rule)

    def steps(self, spec: Lasting) -> falling.Steps:
        everybody = np.ones((1, 1), dtype=bool)

        def eta_at(times: np.ndarray) -> np.ndarray:
            if spec.rule in SHAPES:
                return spec.eta[:, 0].astype(float) * SHAPES[spec.rule][1](times.astype(float))[:, None]
            L = runs.curvatures(self.functions(spec))[1]
            assert spec.share is not None
            return error_feedback.fitted(spec.rule, spec.horizon, spec.workers, spec.gamma, L, spec.beta, spec.share, times).eta.T

        def at(times: np.ndarray) -> Slots:
            before = np.where(times[:, None] > 0, eta_at(np.maximum(times - 1, 0)), 0)
            return Slots(eta_at(times), np.ones((len(times), 1), dtype=bool), None, None if spec.algorithm == "1" else before)

        def weights(times: np.ndarray, slots: Slots) -> dict[str, np.ndarray]:
            found = powers(slots.eta)
            return found if slots.earlier is None else found | {"eta_t eta_t' eta_t'": slots.eta * slots.earlier**2}

        return falling.Steps(everybody, everybody[0], at, weights)

    def until(self, spec: Lasting, horizon: int) -> Lasting:
        return replace(spec, horizon=horizon)

    def stops(self, spec: Lasting) -> list[Lasting]:
        return super().stops(spec) if spec.rule in SHAPES else [spec]  # the others depend on the horizon

    def shown_steps(self, spec: Lasting, times: np.ndarray) -> dict[str, np.ndarray]:
        whole = times[:-1]  # there is no step at the end
        if spec.exact:
            eta = spec.eta * SHAPES[spec.rule][1](np.vectorize(Fraction, otypes=[object])(whole))
        else:
            eta = self.steps(spec).at(whole).eta.T
        return {"eta_t": eta, "peak_eta": np.repeat(eta[:, :1], len(whole), axis=1) if eta[0, 0] >= eta[0, -1] else eta}

    def functions(self, spec: Lasting) -> Pieces:
        return Pieces(*(np.repeat(each[:, None], spec.workers, axis=1) for each in spec.functions))

    def model(self, spec: Lasting) -> linear.Model:
        parts = self.parts(spec)
        return linear.Single(**parts) if spec.algorithm == "1" else linear.ErrorFeedback(**parts, beta=spec.beta)

    def slots(self, spec: Lasting) -> tuple[Slots, Slots]:
        eta, sends = spec.eta.T, np.ones((spec.eta.shape[1], 1), dtype=bool)
        found = Slots(eta, sends)
        if self.repeated(spec):
            return found, found
        if spec.algorithm != "1":
            found = found._replace(earlier=np.concatenate([eta[:1] * 0, eta[:-1]]))
        return found, Slots(eta[-1:], sends[-1:], None, None if spec.algorithm == "1" else eta[-1:])

    def constant(self, spec: Lasting) -> dict[str, np.ndarray]:
        return {"peak_eta": spec.eta[:, 0]}

    def changing(self, spec: Lasting) -> dict[str, np.ndarray]:
        return {"eta_t": spec.eta, "peak_eta": np.maximum.accumulate(spec.eta, axis=1)}

    def stated(self, spec: Lasting, seen: Seen) -> dict[str, np.ndarray]:
        sigma = roots(seen.variances.max(-1))
        found = {"L": runs.curvatures(self.functions(spec))[1], "sigma": sigma}
        if seen.slopes is not None:
            found["G"] = roots(sigma**2 + seen.slopes.max(-1))
        return found

    def letters(self, spec: Lasting, seen: Seen, constants: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        if not self.repeated(spec) and not self.far(spec):
            return error_feedback.letters(spec, seen.measured["gradient_sq"], constants)
        d = spec.start.shape[1]
        counts = {name: spec.gamma * 0 + n for name, n in {"workers": spec.workers, "horizon": spec.horizon, "d": d}.items()}
        scale = {} if spec.step_scale is None else {"step_scale": spec.step_scale}
        common = counts | {"gamma": spec.gamma, "beta": spec.beta, **scale, **constants}
        if self.repeated(spec):
            return common | {"eta": spec.eta[:, 0]}
        by, twice_L = seen.measured, 2 * constants["L"]  # the output is drawn as Theorem 1 says
        drawn = 3 * by["total eta_t gradient_sq"] - twice_L * by["total eta_t eta_t gradient_sq"]
        return common | {"output_gradient_sq": drawn / (3 * by["total eta_t"] - twice_L * by["total eta_t eta_t"])}

    def exact(self, spec: Lasting, row: int, position: Fraction, loss: Fraction) -> Lasting:
        if spec.share is not None:
            raise ValueError("steps fitted to the horizon must be rational to be written down, which two different ones are not")
        return error_feedback.exactly(spec, row, position, loss)  # type: ignore[no-any-return]

    def written(self, spec: Lasting) -> Instance:
        return error_feedback.written(spec) | {"horizon": spec.horizon} | ({"rule": spec.rule} if spec.rule else {})

    def read(self, instance: Instance) -> tuple[Lasting, dict[str, np.ndarray]]:
        spec, constants = error_feedback.decode(instance)
        T, steps, rule = int(instance["horizon"]), spec.eta.shape[1], instance.get("rule", "")
        if steps not in ((1,) if rule else (1, T)):
            raise ValueError(f"a long run has one step or all {T}, got {steps}")
        if rule not in ("", "harmonic", "linear"):
            raise ValueError(f"rule must be harmonic or linear, got {rule!r}")
        return Lasting(**vars(spec), horizon=T, rule=rule), constants

    def case(self, spec: Lasting, seen: Seen, measured: Mapping[str, np.ndarray], constants: Mapping[str, np.ndarray]) -> Case:
        none: set[Any] = set()
        return error_feedback.EFCase(
            measured=measured,
            synchronise=(),
            compressions=_compressions(spec.operator, spec.start.shape[1]),
            second_moments=none if seen.slopes is None else set((seen.slopes + seen.variances.max(-1)[:, None]).ravel()),
            variances=[set(seen.variances.ravel())],
            functions=Pieces(*(each[0][None] for each in spec.functions.mean())),
            gradient_norms=none if seen.slopes is None else set(seen.slopes.ravel()),
            schedule=spec.schedule,
        )

    def suits(self, reading: Reading, spec: Lasting) -> dict[str, Judgement]:
        found = {"algorithm": error_feedback.of_algorithm(reading, spec.algorithm, spec.beta[0])}
        found |= error_feedback.of_operator(reading, spec.operator["name"])
        if spec.rule:
            family = SHAPES[spec.rule][0]
            found["family"] = (family in error_feedback.step_families(reading), f"the steps are {family}")
        return found

    def pools(self, reading: Reading) -> list[tuple[Any, ...]]:
        names = {h.name for h in reading.given}
        algorithm, families = error_feedback.algorithm_of(reading), error_feedback.step_families(reading)
        if algorithm == "3" or "repeatable" in names or "operator" in reading.setting:
            return []
        return [(algorithm, family) for family in families]

    def draw(self, key: tuple[Any, ...], effort: Effort, rng: np.random.Generator) -> Iterator[Lasting]:
        algorithm, family = key
        constant, fitted = family in _CONSTANT, family in error_feedback.FITTED
        structures: list[tuple[int, int, dict[str, Any]]] = [(1, 2, _PLAIN), (1, 1, _LINEAR[0]), (2, 1, _LINEAR[1])]
        if algorithm == "4" and not constant and effort.name == "quick":
            structures = structures[:1]
        for R, d, operator in [*structures, (4, 1, _PLAIN), (1, 2, _MASK)] if constant else structures:
            if algorithm == "1" and R > 1:
                continue
            for T in _horizons(effort) if constant else _walks(effort, operator):
                count = count_of(effort, T)
                whole, start = quadratics(count, 1, d, False, rng)
                functions = Pieces(*(each[:, 0] for each in whole))
                L = runs.curvatures(whole)[1]
                beta = rng.choice(error_feedback.BETAS if algorithm == "4" else [0.0], count)
                gamma = np.full(count, float(runs.coefficient(operator, d)))
                share, scale = rng.choice([1.0, 1 / 8, 1 / 64, 1 / 1024, 1 / 16384], count), None
                eta = ((1 - beta) ** 2 / 2 * share / L)[:, None]
                if fitted:
                    fit = error_feedback.fitted_constant if constant else error_feedback.fitted
                    eta, scale = fit(family, T, R, gamma, L, beta, share)
                elif not constant:
                    shapes = np.array(error_feedback.schedules(family, T), dtype=float)
                    eta = (rng.choice([1.0, 2.98], count)[:, None] * eta) * shapes[rng.integers(0, len(shapes), count)]
                schedule = family if fitted else ""
                yield Lasting("1" if algorithm == "1" else "2", R, operator, functions, start, eta, beta, gamma, scale, schedule, T)
        yield from self._far(algorithm, family, effort, rng)

    def _far(self, algorithm: str, family: str, effort: Effort, rng: np.random.Generator) -> Iterator[Lasting]:
        """Runs whose steps fall or rise by a rule for very long."""
        of_family = [rule for rule, (named, _) in SHAPES.items() if named == family and (rule != "quarter" or effort.name == "thorough")]
        rules = [family] if family in ("falling_schedule", "climbing_schedule") else of_family
        R, operator, d = (1, _LINEAR[0], 1) if algorithm == "1" else (2, _LINEAR[1], 1)
        for rule, T in product(rules, far_horizons(effort)):
            whole, start = quadratics(FAR_RUNS, 1, d, False, rng)
            functions, L = Pieces(*(each[:, 0] for each in whole)), runs.curvatures(whole)[1]
            beta = rng.choice(error_feedback.BETAS if algorithm == "4" else [0.0], FAR_RUNS)
            gamma = np.full(FAR_RUNS, float(runs.coefficient(operator, d)))
            share = rng.choice([1.0, 1 / 2, 1 / 8, 1 / 64], FAR_RUNS)
            eta, scale = (rng.choice([1.0, 2.98], FAR_RUNS) * (1 - beta) ** 2 / 2 * share / L)[:, None], None
            if rule not in SHAPES:
                fitting = error_feedback.fitted(rule, T, R, gamma, L, beta, share, np.array([0]))
                eta, scale = fitting
            elif SHAPES[rule][0] == "increasing":
                eta = eta / T
            name = "1" if algorithm == "1" else "2"
            yield Lasting(name, R, operator, functions, start, eta, beta, gamma, scale, "", T, rule, None if scale is None else share)


_CONSTANT = ("constant", "capped_step", "root_step", "horizon_cost_step")
"""Families of schedules whose step is one."""

KINDS: dict[str, Kind] = {kind.name: kind for kind in (Runs(), Momenta(), Feedback())}
Group = tuple[dict[str, np.ndarray], list[Any]]


@pooled
def pool(kind: Kind, key: tuple[Any, ...], effort: Effort, seed: int) -> tuple[Group, ...]:
    """Long runs drawn and measured once for all claims that ask for the same."""
    found = []
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        drawn = kind.draw(key, effort, generator(seed, "long", kind.name, key))
        for spec, seen in chain.from_iterable(seen_by(kind, each) for each in drawn):
            constants = {"G": np.full(len(spec.start), np.inf)} | kind.stated(spec, seen)
            measured = seen.measured | {f"largest {name}": values for name, values in seen.largest.items()}
            found.append((measured | kind.letters(spec, seen, constants), [(spec, row) for row in range(len(spec.start))]))
    return tuple(found)


def seen_by(kind: Kind, spec: Any) -> Iterator[tuple[Any, Seen]]:
    """A batch and what it shows; of one that goes far, up to every power of 10 besides."""
    if not kind.far(spec):
        yield spec, kind.observe(spec)
        return
    specs = kind.stops(spec)
    yield from zip(specs, observe_far(kind, specs), strict=True)


class LongRuns:
    """The long runs of an arena."""

    def __init__(self, kind: Kind) -> None:
        self.kind, self.name = kind, f"{kind.name}, long"

    def attack(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        return self.written(self.searched(reading, effort, seed))

    def searched(self, reading: Reading, effort: Effort, seed: int) -> Attack:
        """The search, whose instances say where they come from: written in rationals only when they are asked for."""
        assert reading.relation is not None
        if effort.name == "quick" and spoken(reading) & self.kind.patient:
            return Attack("no instance", None, 0, "long runs of this take more than quick effort")
        groups = [_bounded(group, reading) for key in self.kind.pools(reading) for group in pool(self.kind, key, effort, seed)]
        of_all: list[Attack] = []
        for repeated, far in ((True, False), (False, False), (False, True)):
            first = [(group, group[1][0][0]) for group in groups if group[1]]
            some = [group for group, spec in first if (self.kind.repeated(spec), self.kind.far(spec)) == (repeated, far)]
            if not some or reading.relation.op == "==":
                continue
            try:
                asked = far_off(reading) if far else self.kind.asked(reading, repeated)
            except NotMeasured as why:
                of_all.append(Attack("no instance", None, 0, str(why)))
                continue
            with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
                of_all.append(runs.search(self, asked, some, lambda origin, scale: {"from": (*origin, *scale)}, _size))
        return max(of_all, key=_rank, default=Attack("no instance", None, 0, "no long run speaks of this"))

    def _instance(self, found: Instance | None) -> Instance | None:
        """An instance in rationals, if the search left that for later; None if it cannot be written."""
        if found is None or "from" not in found:
            return found
        return with_free(self.encode(self.kind.exact(*found["from"])), found.get("free"))

    def written(self, found: Attack) -> Attack:
        """The same with its instances in rationals, where they can be written so."""
        try:
            return replace(found, witness=self._instance(found.witness), nearest=self._instance(found.nearest))
        except ValueError:
            return replace(found, nearest=None)

    def encode(self, spec: Any) -> Instance:
        """An exact run as plain data, with its constants as small as they were found."""
        data = {"law": "moments"} | self.kind.written(spec)
        constants = self.kind.stated(spec, _observed(self.kind, json.dumps(data)))
        text = {name: [str(x) for x in values[0]] if values.ndim > 1 else str(values[0]) for name, values in constants.items()}
        return data | {"constants": text}

    def replay(self, reading: Reading, instance: Instance) -> Replay:
        """Raises: ValueError if this is no long run, or the reading asks for what none shows."""
        assert reading.relation is not None
        kind, instance = self.kind, self._instance(instance) or instance
        if instance.get("law") != "moments":
            raise ValueError(f'law must be "moments", got {instance.get("law")!r}')
        try:
            if not 1 <= int(instance["horizon"]) <= MOST_ITERATIONS:
                raise ValueError(f"horizon must be between 1 and {MOST_ITERATIONS}, got {instance['horizon']}")
            spec, constants = kind.read(instance)
            suits = kind.suits(reading, spec)
            seen = _observed(kind, json.dumps({name: value for name, value in instance.items() if name not in ("constants", "free")}))
        except (KeyError, TypeError, AttributeError, ZeroDivisionError, IndexError) as why:
            raise ValueError(f"this is no long run: {type(why).__name__} {why}") from why
        far = kind.far(spec)
        asked = far_off(reading) if far else kind.asked(reading, kind.repeated(spec))
        largest = {f"largest {name}": values for name, values in seen.largest.items()}
        measured = seen.measured | largest | kind.letters(spec, seen, constants) | free_of(instance)
        first = spec.horizon + 1 - seen.measured["gradient_sq"].shape[-1] if far or kind.repeated(spec) else 0
        case = kind.case(spec, seen, measured, constants)
        judged = judge(asked.given, replace(case, first=first) if far else case) | suits
        return replayed(asked, measured, judged, first)


@lru_cache(maxsize=8)
def _observed(kind: Kind, data: str) -> Seen:
    """What an exact run without its constants shows: seen when they are taken, and whenever it is replayed."""
    spec, _ = kind.read({**json.loads(data), "constants": {}})
    with np.errstate(over="ignore", invalid="ignore"):  # where nothing bounds it
        return kind.observe(spec)


def _bounded(group: Group, reading: Reading) -> Group:
    """The runs on which every letter of a reading is finite."""
    measured, origins = group
    letters = {s.name for e in (reading.relation, *reading.conditions) for s in (e.symbols if isinstance(e, Relation) else e.free_symbols)}
    finite = np.all([np.isfinite(measured[name]) for name in letters & set(measured) if measured[name].ndim == 1], axis=0)
    rows = np.flatnonzero(np.broadcast_to(finite, len(origins)))
    return {name: values[rows] for name, values in measured.items()}, [origins[row] for row in rows]


def _size(origin: tuple[Any, int]) -> int:
    return int(origin[0].horizon)


def _rank(attack: Attack) -> tuple[bool, float]:
    return attack.outcome == "broken", -1.0 if attack.ratio is None else attack.ratio


for _kind in KINDS.values():
    register(LongRuns(_kind))
