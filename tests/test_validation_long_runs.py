"""Long runs by their moments: against every sample path where runs are short, what they reach, a million steps replayed exactly."""

import functools
import json
from dataclasses import replace
from fractions import Fraction as F
from itertools import product

import numpy as np
import pytest
import sympy as sp

from theory import hypotheses as h
from theory import symbols as v
from theory.claim import Hypothesis, Reading, Relation
from validation import alike, error_feedback, falling, ledger, linear, long_runs, long_stages, moments, momentum, quantities, runs, stages
from validation.attack import ARENAS, EFFORTS, forget_pools
from validation.hypotheses import Pieces
from validation.long_runs import KINDS, Lasting, LongRuns
from validation.quantities import Interval, NotMeasured, bounds
from validation.runs import fractions
from validation.witness import Witness, exact_ratio, replay, save

OPERATORS = (
    {"name": "identity"},
    {"name": "linear", "residual": "4/5"},
    {"name": "linear", "residual": "-3/5"},
    {"name": "rand_k", "k": 1},
)
IN_STAGES = ARENAS["mdsgd_stages, long"].kind
SHORT = {"identity": 1, "linear": 1, "rand_k": 2}  # dimensions


def quadratics(workers: int, d: int, alike: bool) -> Pieces:
    """Two samples of each worker, of different noise and, unless alike, different minimisers."""
    slope = fractions([[[[F(0)] * d for _ in range(2)] for _ in range(workers)]])
    curvature = slope * 0 + fractions([F(1), F(1, 2)][:d])
    for r in range(workers):
        base = F(0) if alike or workers == 1 else F(1, 4) * (1 - 2 * (r % 2)) * (r < workers - workers % 2)
        width = F(1, 2) if alike else F(1 + r, 2)
        slope[0, r, 0], slope[0, r, 1] = base + width, base - width
    none = np.zeros((1, workers, 2, d, 0), dtype=object)
    return Pieces(slope, curvature, none, none)


def of_runs(T: int, H: int, R: int, operator: dict, rule: str, parameters: dict, asynchronous: bool, alike: bool = False) -> runs.Spec:
    d = SHORT[operator["name"]]
    stated = {name: fractions([F(value)]) for name, value in parameters.items()}
    start = fractions([[F(3), F(-2)][:d]])
    gamma = fractions([runs.coefficient(operator, d)])
    sets = ((T,),) * R if asynchronous else None
    return runs.Spec(T, H, (T,), 1, operator, quadratics(R, d, alike), start, rule, stated, gamma, sets)


def every_path(spec: runs.Spec) -> dict[str, np.ndarray]:
    """The same run with all its synchronisations, along all its sample paths."""
    T, H, R = spec.horizon, spec.gap, spec.shape[1]
    if spec.sets is None:
        whole = replace(spec, synchronise=tuple(range(H, T + 1, H)))
    else:
        sets = tuple(tuple(s for s in range(1, T + 1) if (s + r) % H == 0 or s == T) for r in range(R))
        whole = replace(spec, synchronise=runs.union(sets), sets=sets)
    return runs.observe(whole, runs.curvatures(spec.functions)[0]).measured


def floats(spec):
    """The run in floats."""
    changed = {}
    for name, value in vars(spec).items():
        if isinstance(value, np.ndarray):
            changed[name] = value.astype(float)
        elif isinstance(value, Pieces):
            changed[name] = Pieces(*(each.astype(float) for each in value))
        elif name == "parameters":
            changed[name] = {each: values.astype(float) for each, values in value.items()}
    return replace(spec, **changed)


def agree(found: dict[str, np.ndarray], wanted: dict[str, np.ndarray], horizon: int, at_least: int) -> None:
    """Every column that both have, at the times that the first has, and every mean; enclosed in less than 1e-50, or floats."""
    compared = 0
    for name, values in found.items():
        quantity = name.removeprefix("mean ")
        if quantity not in wanted:
            continue
        if name != quantity:
            whole = wanted[quantity]
            pairs = [(values[0], whole[0][:horizon].sum() / horizon if whole.ndim > 1 else whole[0])]
        elif values.ndim > 1:
            last = wanted[quantity][0][: horizon + 1][-values.shape[1] :]
            pairs = list(zip(values[0][-len(last) :], last, strict=True))
        else:
            pairs = [(values[0], wanted[quantity][0])]
        if quantity in ("rho_t", "gamma_t", "alpha_t", "eta_t", "noise_sq", "peak_eta"):
            pairs = pairs[:1]  # one step more or less is told of, all alike
        for got, exactly in pairs:
            compared += 1
            if isinstance(got, float):
                assert got == pytest.approx(float(exactly), rel=1e-11, abs=1e-12), name
            else:
                low, high = bounds(got)
                assert low <= exactly <= high, (name, float(low), float(exactly))
                assert high - low < F(1, 10**50), name
    assert compared >= at_least


PERIODS = [(4, 2, 1), (4, 1, 1), (4, 2, 2), (3, 1, 2)]


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_qsparse_local_sgd_has_the_moments_of_all_its_sample_paths(operator, asynchronous, exact):
    for T, H, R in PERIODS if operator["name"] != "rand_k" else [(2, 1, 1), (4, 2, 1), (2, 2, 2)]:
        if asynchronous and (R, H) != (2, 2):
            continue
        spec = of_runs(T, H, R, operator, "fixed", {"eta": "1/8"}, asynchronous)
        wanted = every_path(spec)
        found = long_runs.observe(KINDS["run"], spec if exact else floats(spec)).measured
        agree(found, wanted, T, 10 * H)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize(("rule", "parameters"), [
    ("decaying", {"step_scale": "3/4", "a": "5"}), ("strongly convex", {"a": "33"}), ("four over mu", {"a": "9"}),
])  # fmt: skip
def test_falling_steps_and_the_weighted_mean_have_the_moments_of_all_sample_paths(rule, parameters, exact):
    for operator, (T, H, R), asynchronous in product(OPERATORS[:3], ((4, 2, 2), (3, 1, 1), (4, 4, 2)), (False, True)):
        if asynchronous and R == 1:
            continue
        spec = of_runs(T, H, R, operator, rule, parameters, asynchronous)
        found = long_runs.observe(KINDS["run"], spec if exact else floats(spec)).measured
        agree(found, every_path(spec), T, 10 * T)
        assert {"output_gap", "output_gradient_sq"} <= set(found)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_momentum_has_the_moments_of_all_its_sample_paths(operator, exact):
    for T, R, beta in product((2, 3), (1, 2), ("0", "1/2")):
        if operator["name"] == "rand_k" and R * T > 3:
            continue
        spec = replace(of_runs(T, 1, R, operator, "fixed", {"eta": "1/8", "beta": beta}, False), synchronise=tuple(range(1, T + 1)))
        found = long_runs.observe(KINDS["mdsgd"], spec if exact else floats(spec)).measured
        agree(found, momentum.observe(spec, None).measured, T, 20)
        assert "output_gap" in found


@pytest.mark.parametrize("rule", ["suffix", "root"])
@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_momentum_with_falling_steps_has_the_moments_of_all_its_sample_paths(operator, rule):
    for T, R, beta in product((2, 3), (1, 2), ("0", "1/2")):
        if operator["name"] == "rand_k" and R * T > 3:
            continue
        parameters = {"beta": beta} | ({"first_eta": "1/8"} if rule == "suffix" else {})
        spec = replace(of_runs(T, 1, R, operator, rule, parameters, False), synchronise=tuple(range(1, T + 1)))
        for each in (floats(spec),) if rule == "root" else (spec, floats(spec)):
            found = long_runs.observe(KINDS["mdsgd"], each).measured
            wanted = momentum.observe(each, momentum.strong_convexity(each)).measured
            agree(found, wanted, T, 20)
            assert found["total_momentum_sq"].shape == found["worker_momentum_sq"].shape == (1, T)
            for steps in ("eta_t", "rho_t", "gamma_t", "alpha_t"):
                assert found[steps].tolist() == wanted[steps].tolist()


def with_any_steps(T: int, R: int, operator: dict, steps: list[str], rule: str = "any", **weights: str) -> runs.Spec:
    spec = replace(of_runs(T, 1, R, operator, rule, weights, False), synchronise=tuple(range(1, T + 1)))
    return replace(spec, parameters=spec.parameters | {"steps": fractions([[F(step) for step in steps[: T + 1]]])})


ANY_STEPS = (["1/8", "1/24", "1/1000", "1/2"], ["1/100", "1/4", "1/5", "1"])


@pytest.mark.parametrize("weight", ["rho_start", "rho_end"])
@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_momentum_with_any_steps_has_the_moments_of_all_its_sample_paths(operator, weight):
    """Floats from the end of the weights alone: from their start they grow."""
    for T, R, steps in product((2, 3), (1, 2), ANY_STEPS):
        if operator["name"] == "rand_k" and R * T > 3:
            continue
        spec = with_any_steps(T, R, operator, steps, beta="1/2", **{weight: "-3"})
        wanted = momentum.observe(spec, None).measured
        for each in (spec,) if weight == "rho_start" else (spec, floats(spec)):
            found = KINDS["mdsgd"].observe(each).measured
            agree(found, wanted, T, 10 * T)
            asked = {"transformed_lag_sq", "transformed_distance_sq", "virtual_loss", "total_memory_sq", "output_gap", "output_distance_sq"}
            assert asked <= set(found) & set(wanted)
            for name in ("rho_t", "gamma_t", "alpha_t"):
                assert found[name][0].astype(float) == pytest.approx(wanted[name][0].astype(float), rel=1e-14)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_rescaled_mem_sgd_has_the_moments_of_all_its_sample_paths(operator, exact):
    for T, R, steps in product((2, 3), (1, 2), (*ANY_STEPS, ["1/8"] * 4)):
        if operator["name"] == "rand_k" and R * T > 3:
            continue
        constant = steps == ["1/8"] * 4
        spec = with_any_steps(T, R, operator, steps, "any, beta 0", beta="0")
        if constant:
            spec = replace(spec, rule="fixed", parameters={"beta": spec.parameters["beta"], "eta": spec.parameters["steps"][:, 0]})
        found = KINDS["mdsgd"].observe(spec if exact else floats(spec)).measured
        wanted = momentum.observe(spec, None, beside=True).measured
        agree({name: found[name] for name in ("rescaled_total_memory_sq",)}, wanted, T, 2 if constant else T + 1)


@pytest.mark.parametrize("planted", ["no rescaling", "one step late"])
def test_an_error_in_the_rescaling_is_caught(planted, monkeypatch):
    split = linear.Rescaled.split_at
    if planted == "no rescaling":
        monkeypatch.setattr(linear.Rescaled, "split_at", lambda self, z, slots: split(self, z, slots._replace(earlier=None)))
    else:
        monkeypatch.setattr(linear.Rescaled, "split_at", lambda self, z, slots: split(self, z, slots._replace(earlier=slots.eta)))
    with pytest.raises(AssertionError):
        test_rescaled_mem_sgd_has_the_moments_of_all_its_sample_paths(OPERATORS[1], True)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("operator", OPERATORS, ids=str)
@pytest.mark.parametrize("algorithm", ["1", "2", "4"])
def test_error_feedback_has_the_moments_of_all_its_sample_paths(algorithm, operator, exact):
    for T, R in ((3, 1), (2, 2)):
        if (algorithm, R) == ("1", 2) or (operator["name"] == "rand_k" and (R > 1 or algorithm == "1")):
            continue
        d, beta = SHORT[operator["name"]], fractions([F(1, 2) if algorithm == "4" else F(0)])
        functions = Pieces(*(each[:, 0] for each in quadratics(1, d, True)))
        start, gamma = fractions([[F(3), F(-2)][:d]]), fractions([error_feedback.coefficient(operator, d)])
        number = "1" if algorithm == "1" else "2"
        spec = Lasting(number, R, operator, functions, start, fractions([[F(1, 8)]]), beta, gamma, horizon=T)
        seen = error_feedback.observe(replace(spec, eta=fractions([[F(1, 8)] * T])))
        found = long_runs.observe(KINDS["dist_ef"], spec if exact else floats(spec)).measured
        agree(found, seen.measured, T, 14)
        if algorithm != "1":
            asked = {"discounted_gradient_sq", "discounted_batch_gradient_sq", "discounted_batch_noise_sq", "plain_input_sq"}
            asked |= {"mean_message_sq", "server_input_sq", "plain_server_input_sq"} if operator["name"] != "rand_k" else set()
            assert asked <= set(found) & set(seen.measured)
            ends = {name: found[name] for name in ("first averaged_loss", "last averaged_loss", "first gradient_sq", "last momentum_sq")}
            wanted = {name: seen.measured[name.split()[1]][:, 0 if name.startswith("first") else -1] for name in ends}
            agree(ends, wanted, T, 4)


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
@pytest.mark.parametrize("algorithm", ["1", "2", "4"])
def test_error_feedback_with_changing_steps_has_the_moments_of_all_its_sample_paths(algorithm, operator):
    schedules = (["1/8", "1/24", "1/1000"], ["1/100", "1/4", "1/5"], ["1/4", "1/64", "1/4"])
    for R, (steps, T) in product((1, 2), ((schedules[0], 3), (schedules[1], 3), (schedules[2], 2))):
        if (algorithm, R) == ("1", 2) or (operator["name"] == "rand_k" and (R > 1 or algorithm == "1")) or R * T > 4:
            continue
        d = SHORT[operator["name"]]
        functions = Pieces(*(each[:, 0] for each in quadratics(1, d, True)))
        start, gamma = fractions([[F(3), F(-2)][:d]]), fractions([error_feedback.coefficient(operator, d)])
        eta = fractions([[F(step) for step in steps[:T]]])
        number, beta = ("2", F(1, 2)) if algorithm == "4" else (algorithm, F(0))
        spec = Lasting(number, R, operator, functions, start, eta, fractions([beta]), gamma, horizon=T)
        seen = error_feedback.observe(spec)
        wanted = seen.measured | error_feedback.letters(spec, seen.measured["gradient_sq"], error_feedback.tight(spec, seen, False))
        for each in (spec, floats(spec)):
            long = long_runs.observe(KINDS["dist_ef"], each)
            found = long.measured | KINDS["dist_ef"].letters(each, long, {"L": each.start[:, 0] * 0 + 1})
            agree(found, wanted, T, 14)
            assert len(found["eta_t"][0]) == T
            asked = {"drive_sq", "mean_drive_sq", "worker_input_sq", "mean_input_sq", "virtual_move_sq", "virtual_inner"}
            asked |= {"discounted_gradient_sq", "discounted_batch_gradient_sq", "discounted_batch_noise_sq", "plain_input_sq"}
            asked |= {"mean_message_sq", "server_input_sq", "plain_server_input_sq"} if operator["name"] != "rand_k" else set()
            assert algorithm == "1" or asked <= set(found) & set(wanted)
            assert found["peak_eta"][0].tolist() == wanted["peak_eta"][0].astype(type(found["peak_eta"][0][0])).tolist()


@pytest.mark.parametrize("planted", ["part", "sum", "server"])
def test_an_error_in_what_a_server_hears_or_in_a_discounted_sum_is_caught(planted, monkeypatch):
    if planted == "part":
        kept = linear.ErrorFeedback.discounted
        less = lambda self: {name: (of, part * F(999, 1000)) for name, (of, part) in kept(self).items()}  # noqa: E731
        monkeypatch.setattr(linear.ErrorFeedback, "discounted", less)
    elif planted == "sum":
        watched = moments.watched
        monkeypatch.setattr(linear.moments, "watched", lambda matrix, forms, kept=(): watched(matrix, forms))
    else:
        messages = linear.ErrorFeedback.messages
        monkeypatch.setattr(linear.ErrorFeedback, "messages", lambda self, state, put_in, _: messages(self, state, put_in, 0))
    with pytest.raises(AssertionError):
        test_error_feedback_has_the_moments_of_all_its_sample_paths("4", OPERATORS[1], True)


def in_stages(horizons: tuple[int, ...], R: int, operator: dict, beta: str, start: str = "3", slack: str = "1/64") -> stages.Stages:
    d, T = SHORT[operator["name"]], sum(horizons)
    functions = quadratics(R, d, True)
    functions.slope[:, -1] *= 2  # its noise
    parameters = {name: fractions([F(value)]) for name, value in {"weak_convexity": "1/3", "slack": slack, "beta": beta}.items()}
    gamma = fractions([runs.coefficient(operator, d)])
    begin = fractions([[F(start), -F(start) / 2][:d]])
    return stages.Stages(T, 1, tuple(range(1, T + 1)), 1, operator, functions, begin, "stages", parameters, gamma, horizons=horizons)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_stages_have_the_moments_of_all_their_sample_paths(operator, exact):
    for horizons, R, beta in product(((1,), (2,), (1, 2), (2, 1, 2), (1, 1, 1)), (1, 2), ("0", "1/2")):
        if sum(horizons) * R * (2 if operator["name"] == "rand_k" else 1) > 6:
            continue
        spec = in_stages(horizons, R, operator, beta)
        seen, found = stages.observe(spec), IN_STAGES.observe(spec if exact else floats(spec))
        agree(found.measured, seen.measured, 10, 3 * len(horizons) + 5)
        assert set(seen.measured) - set(found.measured) == set(long_stages.BOUNDED)
        T = [0, *np.cumsum([horizon + 1 for horizon in horizons])]  # iterates of a stage and its last one
        for s, stage in enumerate(long_stages.followed(*_stages_of(spec if exact else floats(spec)))):
            for name in long_stages.BOUNDED:
                within = seen.measured[name][:, T[s] : T[s + 1]]
                agree({name: stage.columns[name]}, {name: within[:, [0, -2, -1]]}, 10, 3)


def _stages_of(spec: stages.Stages) -> tuple:
    return IN_STAGES.model(spec), spec.horizons, IN_STAGES.etas(spec)


@pytest.mark.parametrize("operator", OPERATORS[:3], ids=str)
def test_what_stages_are_said_not_to_exceed_is_exceeded_on_no_path_and_at_no_time(operator):
    """Nor is it out of reach: without noise, momentum and memory the start is the farthest that the run goes."""
    for horizons, R, beta, start in product(((5,), (2, 4), (1, 2, 3)), (1, 2), ("0", "1/2"), ("3", "0")):
        if sum(horizons) * R > 8:
            continue
        spec = in_stages(horizons, R, operator, beta, start, "1/1024")
        seen, said = stages.observe(spec), IN_STAGES.observe(spec)
        for name in long_stages.BOUNDED:
            assert max(seen.measured[name][0]) <= bounds(said.largest[name][0])[1]
        assert seen.second_moments.max() <= long_stages.second_moments(said).max()
        within = zip(said.measured["stage_gradient_sq"][0], seen.measured["stage_gradient_sq"][0], strict=True)
        assert all(bounds(some)[0] <= most for some, most in within)
    pushed = in_stages((6,), 1, OPERATORS[0], "0", "0", "1/20")  # noise the same way, until it balances slope and pull but for a fifth
    said = long_stages.second_moments(IN_STAGES.observe(pushed)).max()
    assert stages.observe(pushed).second_moments.max() <= said <= F(13, 10) * stages.observe(pushed).second_moments.max()
    quiet = in_stages((2, 4), 1, OPERATORS[0], "0", slack="1/1024")
    quiet.functions.slope[:] = F(0)
    said = IN_STAGES.observe(quiet)
    assert float(said.largest["iterate_distance_sq"][0]) == pytest.approx(9, rel=1e-5)
    assert float(long_stages.second_moments(said).max()) == pytest.approx(9, rel=1e-5)


@pytest.mark.parametrize("operator", OPERATORS[:3], ids=str)
def test_no_sample_path_leaves_the_box(operator):
    """Gradients along every path, and with falling steps, are no larger than the box says; beside rest it is nearly met in the end."""
    for rule, parameters in (("fixed", {"eta": "1/64"}), ("decaying", {"step_scale": "1/2", "a": "5"})):
        for T, H, R in ((4, 2, 2), (4, 1, 1)):
            spec = of_runs(T, H, R, operator, rule, parameters, False)
            seen = long_runs.observe(KINDS["run"], spec, False)
            G_found = KINDS["run"].stated(spec, seen)["G"][0]
            whole = replace(spec, synchronise=tuple(range(H, T + 1, H)))
            paths = runs.observe(whole, runs.curvatures(spec.functions)[0])
            assert max(paths.second_moments.ravel()) <= G_found**2
    # one worker, no compression, from x*: the noise may push one way for ever, to where |grad f| is the noise
    spec = replace(of_runs(4, 1, 1, OPERATORS[0], "fixed", {"eta": "1/16"}, False), start=fractions([[F(0)]]))
    found = KINDS["run"].stated(spec, long_runs.observe(KINDS["run"], spec, False))["G"][0]
    assert float(found) == pytest.approx(np.sqrt(0.5), rel=1e-5)


def test_a_random_mask_has_no_bound_that_every_path_keeps_for_ever_but_one_until_its_end():
    """A coordinate may wait as long as the run lasts."""
    exact = of_runs(4, 1, 1, OPERATORS[3], "fixed", {"eta": "1/8"}, False)
    for each in (floats(exact), exact):
        model, slots = KINDS["run"].model(each), KINDS["run"].slots(each)[0]
        if each is exact:
            with pytest.raises(ValueError, match="no bound was found"):
                linear.reach(model, slots, None)
        else:
            assert not np.isfinite(linear.reach(model, slots, None).bounds).any()
        bounds_until = [linear.reach(model, slots, None, periods=T).bounds.astype(float) for T in (1, 4, 64)]
        assert (bounds_until[0] <= bounds_until[1]).all()
        assert (bounds_until[1] < bounds_until[2]).any()
    for T, R in ((4, 1), (2, 2), (1, 1)):
        spec = of_runs(T, 1, R, OPERATORS[3], "fixed", {"eta": "1/8"}, False)
        G_found = KINDS["run"].stated(spec, long_runs.observe(KINDS["run"], spec, False))["G"][0]
        whole = replace(spec, synchronise=tuple(range(1, T + 1)))
        paths = runs.observe(whole, runs.curvatures(spec.functions)[0])
        assert max(paths.second_moments.ravel()) <= G_found**2
    with pytest.raises(ValueError, match="no bound was found"):  # it grows beyond all that is of use
        linear.reach(model, KINDS["run"].slots(of_runs(4, 1, 1, OPERATORS[3], "fixed", {"eta": "64"}, False))[0], None, periods=10**6)


def test_a_bound_until_the_end_that_forgets_the_start_or_the_pushes_is_exceeded():
    A, c, start = fractions([[[[F(1, 2), F(0)], [F(1), F(1)]]]]), fractions([[[F(0), F(10)]]]), fractions([[F(4), F(0)]])
    u, reached = start[0], [start[0]]
    for _ in range(8):
        u = A[0, 0] @ u + c[0, 0]
        reached.append(u)
    farthest = np.max(np.stack(reached), axis=0)
    assert (linear._until(A, c, start, 8)[0] >= farthest).all()
    assert (linear._until(A.astype(float), c.astype(float), start.astype(float), 8)[0] >= farthest.astype(float)).all()
    for forgotten in ((c * 0, start), (c, start * 0)):
        assert not (linear._until(A, *forgotten, 8)[0] >= farthest).all()


def test_a_step_that_is_not_linear_is_refused():
    with pytest.raises(ValueError, match="not linear"):
        linear.probe(np.abs, 1, 1, 1, 1, False)


def test_readings_are_put_in_terms_of_means_and_last_iterations():
    total = sp.Sum(v.gradient_sq, (v.t, 0, v.T - 1))
    asked = long_runs.steady(Reading("", Relation(total / v.T, "<=", sp.Sum(v.eta_t**2, (v.t, 1, v.T - 1)))))
    mean = {name: sp.Symbol(f"mean {name}") for name in ("gradient_sq", "eta_t")}
    assert sp.expand(asked.relation.lhs - mean["gradient_sq"]) == 0
    assert sp.expand(asked.relation.rhs - (v.T - 1) * mean["eta_t"] ** 2) == 0
    again = long_runs.steady(asked)
    assert again.relation == asked.relation
    q, last = v.gradient_sq, v.T - 1
    ends = long_runs.steady(Reading("", Relation(q.subs(v.t, v.T), "<=", q.subs(v.t, 0)))).relation
    assert (ends.lhs, ends.rhs) == (sp.Symbol("last gradient_sq"), sp.Symbol("first gradient_sq"))
    for beyond in (sp.Sum(q, (v.t, 1, last)), v.t * q, q.subs(v.t, 1), sp.Sum(q * v.t, (v.t, 0, last))):
        with pytest.raises(NotMeasured):
            long_runs.steady(Reading("", Relation(beyond, "<=", v.L)))


def test_hypotheses_at_every_time_speak_of_the_largest():
    asked = long_runs.steady(Reading("", Relation(v.L, "<=", v.G), (h.memory_at_most_U, h.step_at_most_half)))
    conditions = [str(hypothesis.condition) for hypothesis in asked.given]
    assert "largest total_memory_sq" in conditions[0]
    assert "mean eta_t" in conditions[1]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_nothing_exceeds_what_is_said_to_be_the_largest(name):
    """Along runs of every length up to that of the instance: what was said to be the largest, of runs from rest and others."""
    kind = KINDS[name]
    for key in {"run": [("fixed", False, False)], "mdsgd": [("fixed", False)], "dist_ef": [("4", "constant")]}[name]:
        for spec in kind.draw(key, replace(EFFORTS["quick"], instances=20), np.random.default_rng(0)):
            seen = long_runs.observe(kind, replace(spec, horizon=64 * getattr(spec, "gap", 1)))
            for periods in (1, 2, 3, 8, 63):
                sooner = long_runs.observe(kind, replace(spec, horizon=periods * getattr(spec, "gap", 1)))
                for quantity in set(seen.largest) & set(seen.measured):
                    largest = seen.largest[quantity]
                    assert (sooner.measured[quantity].max(-1) <= largest * (1 + 1e-9)).all(), quantity


SMOOTH = (h.smooth, h.second_moment, h.variance, h.batches, h.contraction, h.gap_from_zero, h.fixed_step)


def test_a_constant_that_is_too_small_falls_at_a_million_steps_and_not_in_short_runs():
    """Small steps, and half of the noise that is left in the end, eta L sigma^2 / (2 b R): it takes some 1 / (eta L) steps to build up."""
    small = Hypothesis("small_step", "eta <= 1 / (64 L)", v.eta <= 1 / (64 * v.L))
    left = v.eta * v.L * v.sigma_sq_sum / (4 * v.R**2)
    planted = Relation(v.output_gradient_sq, "<=", 8 * v.initial_gap / (v.eta * v.T) + left)
    reading = Reading("planted", planted, (*SMOOTH, h.same_function, small), arena="run", setting={"step": "fixed"})
    found = ARENAS["run"].attack(reading, EFFORTS["quick"], 0)
    assert found.outcome == "broken"
    assert found.witness is not None
    assert found.witness["law"] == "moments"
    assert found.witness["horizon"] == 10**6
    again = ARENAS["run"].replay(reading, found.witness)
    assert again.broken
    assert exact_ratio(again) == pytest.approx(found.ratio)


def test_theorem_12_with_an_eighth_of_its_bound_falls_in_long_stages_and_not_in_short_ones_drawn_at_random(monkeypatch, request):
    monkeypatch.setattr(stages, "to_a_kink", lambda first: stages.crossing())
    forget_pools()
    request.addfinalizer(forget_pools)
    [chosen] = ledger.choose(["mdsgd/theorem-12"])
    reading = chosen.readings[0]
    planted = replace(reading, relation=Relation(8 * reading.relation.lhs, "<=", reading.relation.rhs))
    found = ARENAS["mdsgd_stages"].attack(planted, EFFORTS["quick"], 0)
    assert found.outcome == "broken"
    assert "short ones: largest ratio 0.0" in found.evidence
    assert found.witness["law"] == "moments"
    again = ARENAS["mdsgd_stages"].replay(planted, json.loads(json.dumps(found.witness)))
    assert again.broken
    assert exact_ratio(again) == pytest.approx(found.ratio)


@pytest.mark.parametrize(("claim", "arena"), [
    ("qsparse_local_sgd/theorem-1", "run"), ("qsparse_local_sgd/theorem-3", "run"), ("mdsgd/theorem-10", "mdsgd"),
    ("dist_ef_sgd/theorem-2", "dist_ef"), ("mdsgd/theorem-12", "mdsgd_stages"),
])  # fmt: skip
def test_theorems_are_measured_at_a_million_steps(claim, arena, tmp_path):
    """Searched in floats, written as a file, replayed exactly: the same ratio, all hypotheses met."""
    [chosen] = ledger.choose([claim])
    reading = chosen.readings[0]
    found = ARENAS[f"{arena}, long"].attack(reading, EFFORTS["quick"], 0)
    assert found.outcome == "not broken"
    assert found.nearest is not None
    assert found.nearest["horizon"] == 10**6
    path = tmp_path / "long.json"
    save(Witness(chosen.id, reading.name, arena, found.nearest, "a test"), path)
    again = replay(path, [chosen])
    assert again.valid
    assert not again.violated
    assert exact_ratio(again) == pytest.approx(found.ratio, rel=1e-6)
    assert found.ratio > 0.1


def test_a_stated_bound_below_what_the_run_reaches_is_not_met():
    [chosen] = ledger.choose(["qsparse_local_sgd/theorem-1"])
    found = LongRuns(KINDS["run"]).attack(chosen.readings[0], EFFORTS["quick"], 0)
    instance = json.loads(json.dumps(found.nearest))
    instance["constants"]["G"] = str(F(instance["constants"]["G"]) * F(99, 100))
    again = ARENAS["run"].replay(chosen.readings[0], instance)
    assert not again.hypotheses["second_moment"][0]
    instance["constants"].pop("G")
    with pytest.raises(NotMeasured, match="G is not measured"):
        ARENAS["run"].replay(chosen.readings[0], instance)


@pytest.mark.parametrize(("letter", "unmet"), [
    ("G", "second_moment"), ("U", "memory_at_most_U"), ("distance_bound", "iterates_within_B"), ("J", "stage_losses"),
])  # fmt: skip
def test_stages_that_exceed_a_stated_bound_do_not_meet_its_hypothesis(letter, unmet):
    [chosen] = ledger.choose(["mdsgd/theorem-12"])
    instance = LongRuns(IN_STAGES).encode(in_stages((2000, 4000), 1, OPERATORS[1], "1/2", slack="1"))
    again = ARENAS["mdsgd_stages"].replay(chosen.readings[0], instance)
    assert again.valid
    instance["constants"][letter] = str(F(instance["constants"][letter]) * F(99, 100))
    again = ARENAS["mdsgd_stages"].replay(chosen.readings[0], instance)
    assert [name for name, (met, _) in again.hypotheses.items() if not met] == [unmet]


@pytest.mark.parametrize(("change", "message"), [
    ({"horizon": 7}, "sum of horizons"), ({"batch": 2}, "one sample"), ({"law": "paths"}, "law must be"), ({"start": None}, "no run"),
    ({"functions": [[[{"slope": slope, "curvature": "1", "knots": [], "bends": []}]] for slope in ("1", "-1")]}, "by noise alone"),
])  # fmt: skip
def test_what_is_no_long_run_in_stages_is_refused(change, message):
    instance = LongRuns(IN_STAGES).encode(in_stages((2, 4), 1, OPERATORS[1], "1/2"))
    [chosen] = ledger.choose(["mdsgd/theorem-12"])
    with pytest.raises(ValueError, match=message):
        ARENAS["mdsgd_stages"].replay(chosen.readings[0], instance | change)


@pytest.mark.parametrize(("change", "message"), [
    ({"operator": {"name": "top_k", "k": 1}}, "not linear"),
    ({"batch": 2}, "one sample at a time"),
    ({"gap": 3}, "end with a period"),
    ({"functions": [[[{"slope": "1", "curvature": "1", "knots": [], "bends": []}]]]}, "slopes that cancel"),
    ({"start": None}, "no run"),
    ({"law": "paths"}, "law must be"),
    ({"horizon": 10**12, "synchronise": [10**12]}, "horizon must be"),
    ({"horizon": 0}, "horizon must be"),
    ({"horizon": 10**6, "gap": 10**6, "synchronise": [10**6]}, "may differ"),
    ({"step": {"rule": "fixed", "eta": "-1/16"}}, "eta must be positive"),
    ({"synchronise": [[4], [4]]}, "one list for Algorithm 1"),
])  # fmt: skip
def test_what_is_no_long_run_is_refused(change, message):
    instance = LongRuns(KINDS["run"]).encode(of_runs(4, 2, 2, OPERATORS[0], "fixed", {"eta": "1/16"}, False))
    if "operator" in change:  # a mask acts simply on one coordinate
        two = [[[c, c] for c in (s[0] for s in worker)] for worker in instance["functions"]]
        change = change | {"functions": two, "start": ["1", "2"]}
    reading = Reading("", Relation(v.output_gradient_sq, "<=", v.G), SMOOTH, arena="run")
    with pytest.raises(ValueError, match=message):
        ARENAS["run"].replay(reading, instance | change)


def long_run(arena: str, algorithm: str, beta: str) -> dict:
    """A long run of M-DSGD or of error feedback from rest, as plain data."""
    spec = replace(of_runs(4, 1, 1, OPERATORS[0], "fixed", {"eta": "1/8", "beta": beta}, False), start=fractions([[F(0)]]))
    if arena == "mdsgd":
        return LongRuns(KINDS[arena]).encode(replace(spec, synchronise=(1, 2, 3, 4)))
    functions, steps = Pieces(*(each[:, 0] for each in spec.functions)), fractions([[F(1, 8)]])
    of = Lasting(algorithm, 1, OPERATORS[0], functions, spec.start, steps, fractions([F(beta)]), spec.gamma, horizon=4)
    return LongRuns(KINDS[arena]).encode(of)


@pytest.mark.parametrize(("arena", "algorithm", "beta", "setting", "given", "unmet"), [
    ("mdsgd", "", "1/2", {"step": "strategy 2"}, (), "step_rule"),
    ("mdsgd", "", "1/2", {"step": "fixed"}, (h.keeps_k,), "keeps_k"),
    ("dist_ef", "2", "1/2", {"algorithm": "2"}, (), "algorithm"),
    ("dist_ef", "1", "0", {"algorithm": "4"}, (), "algorithm"),
])  # fmt: skip
def test_a_long_run_of_another_algorithm_or_other_steps_breaks_nothing(arena, algorithm, beta, setting, given, unmet):
    reading = Reading("", Relation(v.output_gradient_sq, "<=", -1), given, arena=arena, setting=setting)
    again = ARENAS[arena].replay(reading, long_run(arena, algorithm, beta))
    assert again.violated
    assert not again.broken
    assert [name for name, (met, _) in again.hypotheses.items() if not met] == [unmet]


def test_without_a_bound_of_gradients_no_G_is_one():
    """A step so long that a random mask lets the run grow beyond all bounds."""
    instance = LongRuns(KINDS["run"]).encode(of_runs(4, 1, 1, OPERATORS[3], "fixed", {"eta": "1/16"}, False))
    growing = instance | {"horizon": 1000, "synchronise": [1000], "step": {"rule": "fixed", "eta": "64"}}
    growing["constants"] = instance["constants"] | {"G": "1000000"}
    spec, _ = KINDS["run"].read(growing)
    assert KINDS["run"].observe(spec, False).second is None


@pytest.mark.parametrize(("name", "key"), [
    ("run", ("horizon", False, False)), ("mdsgd", ("fixed", False)),
    *(("dist_ef", ("2", family)) for family in ("constant", "capped_step", "root_step", "horizon_cost_step")),
])  # fmt: skip
def test_no_array_of_a_long_run_is_as_long_as_the_run(name, key):
    """Nor a view of one, which keeps it: pools of long runs stay in memory."""
    for spec in KINDS[name].draw(key, EFFORTS["quick"], np.random.default_rng(0)):
        for values in vars(spec).values():
            if isinstance(values, np.ndarray):
                assert (values if values.base is None else values.base).size < spec.horizon


@pytest.mark.parametrize(("name", "key"), [
    ("run", ("fixed", False, False)), ("run", ("strongly convex", False, True)), ("mdsgd", ("fixed", False)),
    ("dist_ef", ("4", "constant")),
])  # fmt: skip
def test_a_drawn_run_is_written_with_the_steps_it_was_drawn_with(name, key):
    """However small they are: a step rounded to 0 is no run."""
    kind = KINDS[name]
    for spec in kind.draw(key, EFFORTS["quick"], np.random.default_rng(0)):
        for row in range(len(spec.start)):
            slots, _ = kind.slots(kind.exact(spec, row, F(1), F(1)))
            drawn, _ = kind.slots(spec)
            assert slots.eta[:, 0].astype(float) == pytest.approx(drawn.eta[:, row], rel=1e-6)


# ---- falling steps, in blocks ----

RULES = [("decaying", {"step_scale": "3/4", "a": "5"}), ("strongly convex", {"a": "33"}), ("four over mu", {"a": "9"})]


def compared(spec, kind: str, beside=None) -> list[tuple[str, object, object]]:
    """What blocks and the walk step by step show of a run: its last times, sums over time, its average, what it reaches."""
    far, near = long_runs.observe_far(KINDS[kind], [spec])[0], long_runs.observe(KINDS[kind], spec if beside is None else beside)
    T, found = spec.horizon, []
    for name, values in near.measured.items():
        if name in far.measured:
            mine = far.measured[name]
            of_time = values[:, values.shape[1] - mine.shape[1] :] if values.ndim > 1 else values
            found.append((name, mine, of_time))
    for name in set(falling.SUMMED) & set(near.measured):
        found.append((f"total {name}", far.measured[f"total {name}"], near.measured[name][:, :T].sum(-1)))
        if f"half {name}" in far.measured:  # an even number of blocks
            found.append((f"half {name}", far.measured[f"half {name}"], near.measured[name][:, T // 2 : T].sum(-1)))
    for name in set(near.largest) & set(far.largest) - {"eta_t", "gradient_sq", "function_gap", "momentum_sq"}:
        found.append((f"largest {name}", far.largest[name], near.largest[name]))
    for name in ("second", "slopes"):
        if getattr(near, name) is not None:
            most = [getattr(seen, name).reshape(len(spec.start), -1).max(-1).astype(float) for seen in (far, near)]
            found.append((name, *most))
    return found


def agree_in_blocks(spec, kind: str, at_least: int, beside=None, outwards: float = 1e-6) -> None:
    """Floats to round-off; enclosures hold what rationals give, and are narrow; bounds are alike to `outwards`."""
    found = compared(spec, kind, beside)
    assert len(found) >= at_least
    for name, mine, wanted in found:
        assert np.shape(mine) == np.shape(wanted), name
        for one, other in zip(np.ravel(mine), np.ravel(wanted), strict=True):
            if isinstance(one, float):
                low, high = (other, other) if isinstance(other, float) else map(float, bounds(other))
                slack = outwards if name in ("second", "slopes") else 1e-9
                assert low - 1e-12 - slack * abs(low) <= one <= high + 1e-12 + slack * abs(high), name
            else:
                (low, high), (at_least_other, at_most_other) = bounds(one), bounds(other)
                assert low <= at_most_other, name
                assert at_least_other <= high, name
                assert high - low <= F(1, 10**11) * (1 + abs(high)), name


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("operator", OPERATORS[:3], ids=str)
@pytest.mark.parametrize(("rule", "parameters"), RULES)
def test_blocks_show_what_the_walk_step_by_step_shows(rule, parameters, operator, exact):
    for T, H, R, asynchronous in ((16, 2, 2, False), (16, 4, 2, True), (16, 1, 1, False)):
        spec = of_runs(T, H, R, operator, rule, parameters, asynchronous)
        agree_in_blocks(spec if exact else floats(spec), "run", 20)


@pytest.mark.parametrize("operator", OPERATORS[:3], ids=str)
@pytest.mark.parametrize("rule", ["suffix", "root"])
def test_momentum_in_blocks_shows_what_the_walk_step_by_step_shows(rule, operator):
    for T, R, beta in ((16, 2, "1/2"), (16, 1, "0"), (12, 1, "3/4")):
        parameters = {"beta": beta} | ({"first_eta": "1/8"} if rule == "suffix" else {})
        spec = replace(of_runs(T, 1, R, operator, rule, parameters, False), synchronise=tuple(range(1, T + 1)))
        for each in (floats(spec),) if rule == "root" else (spec, floats(spec)):
            agree_in_blocks(each, "mdsgd", 25)


def by_weights(rule: str, T: int, R: int, operator: dict, beta: str) -> tuple[runs.Spec, runs.Spec]:
    """M-DSGD by the weights of a rule, and the same with all its steps."""
    scale = "2048" if rule == "climbing" else "1/16"
    spec = replace(of_runs(T, 1, R, operator, rule, {"beta": beta, "scale": scale}, False), synchronise=tuple(range(1, T + 1)))
    eta, rho = momentum.steps(spec, None)
    return spec, replace(spec, rule="any", parameters={"beta": spec.parameters["beta"], "steps": eta.T, "rho_end": rho[-1]})


@pytest.mark.parametrize("operator", OPERATORS[:3], ids=str)
@pytest.mark.parametrize("rule", sorted(momentum.WEIGHTS))
def test_momentum_by_its_weights_in_blocks_shows_what_the_walk_step_by_step_shows(rule, operator):
    for T, R, beta in ((16, 2, "1/2"), (16, 1, "1/4"), (12, 1, "3/4")):
        for spec, beside in zip(*((each, floats(each)) for each in by_weights(rule, T, R, operator, beta)), strict=True):
            for mine, other in zip(momentum.steps(spec, None), momentum.steps(beside, None), strict=True):
                assert mine.astype(float) == pytest.approx(other.astype(float), rel=1e-12)
            agree_in_blocks(spec, "mdsgd", 30, beside)
            far, near = (KINDS["mdsgd"].observe(each) for each in (spec, beside))
            for letter, value in KINDS["mdsgd"].stated(beside, near).items():
                assert float(KINDS["mdsgd"].stated(spec, far)[letter][0]) == pytest.approx(float(value[0]), rel=1e-6), letter


@pytest.mark.parametrize("planted", ["step", "weight", "last time"])
def test_an_error_in_steps_by_their_weights_is_caught(planted, monkeypatch):
    spec, beside = (floats(each) for each in by_weights("harmonic" if planted == "step" else "climbing", 16, 2, OPERATORS[1], "1/2"))
    if planted == "step":
        monkeypatch.setitem(long_runs._FIRST, "harmonic", lambda beta: 2 - beta * (1 + 1e-5))
    elif planted == "weight":
        steps = KINDS["mdsgd"].steps
        monkeypatch.setattr(KINDS["mdsgd"], "steps", lambda each: replace(steps(each), weights=lambda *given: {
            word: values * (1 + 1e-6 * word.startswith("per")) for word, values in steps(each).weights(*given).items()}))  # fmt: skip
    else:
        monkeypatch.setattr(falling, "_most", lambda values: values[0])
    with pytest.raises(AssertionError):
        agree_in_blocks(spec, "mdsgd", 30, beside)


@pytest.mark.parametrize("operator", OPERATORS[:3], ids=str)
@pytest.mark.parametrize("algorithm", ["1", "2", "4"])
def test_error_feedback_in_blocks_shows_what_the_walk_step_by_step_shows(algorithm, operator):
    functions = Pieces(*(each[:, 0] for each in quadratics(1, 1, True)))
    start, gamma = fractions([[F(3)]]), fractions([error_feedback.coefficient(operator, 1)])
    beta, number = fractions([F(1, 2) if algorithm == "4" else F(0)]), "1" if algorithm == "1" else "2"
    for T, R, rule in ((12, 1, "harmonic"), (8, 2, "harmonic"), (8, 2, "linear")):
        if (algorithm, R) == ("1", 2):
            continue
        spec = Lasting(
            number, R, operator, functions, start, fractions([[F(1, 8 if rule == "harmonic" else 1024)]]), beta, gamma, horizon=T
        )
        shape = [F(1, t + 1) if rule == "harmonic" else F(t + 1) for t in range(T)]
        far, near = replace(spec, rule=rule), replace(spec, eta=spec.eta * fractions(shape))
        for each, beside in ((far, near), (floats(far), floats(near))):
            # the walk ends in the coordinates of the last step, blocks in those of one more
            agree_in_blocks(each, "dist_ef", 8, beside, 1e-6 if rule == "harmonic" else 1e-2)
            outputs = []
            for one in (each, beside):
                L = {"L": one.start[:, 0] * 0 + 1}
                outputs.append(KINDS["dist_ef"].letters(one, KINDS["dist_ef"].observe(one), L)["output_gradient_sq"][0])
            mine, other = (value if isinstance(value, float) else float(bounds(value)[0]) for value in outputs)
            assert mine == pytest.approx(other, rel=1e-10)


def test_drawn_runs_of_240_steps_are_the_same_in_blocks():
    for key in (("decaying", False, False), ("strongly convex", False, True), ("four over mu", True, False)):
        for spec in KINDS["run"].draw(key, replace(EFFORTS["quick"], instances=20), np.random.default_rng(0)):
            if spec.operator["name"] != "rand_k":
                agree_in_blocks(spec, "run", 20)


@pytest.mark.parametrize("planted", ["first block only", "step", "noise", "wrong phase", "weight"])
def test_an_error_in_a_block_is_caught(planted, monkeypatch):
    """A memory of noise lost between blocks, a coefficient off by a millionth, no noise, synchronisations one step late, a weight."""
    spec, steps = floats(of_runs(16, 2, 2, OPERATORS[1], "decaying", RULES[0][1], False)), KINDS["run"].steps
    if planted == "first block only":
        kept = falling.Near.settled
        monkeypatch.setattr(falling.Near, "settled", lambda self: self.map(np.zeros_like) if self.middle.shape[-1] > 1 else kept(self))
    elif planted == "step":
        fitted = falling.fitted
        monkeypatch.setattr(falling, "fitted", lambda *given: fitted(*given).map(lambda x: x * (1 + 1e-6 * (x.shape[-1] > 6))))
    elif planted == "noise":
        monkeypatch.setattr(falling, "by_coordinate", lambda values: _without_noise(values, spec))
    elif planted == "wrong phase":
        monkeypatch.setattr(KINDS["run"], "steps", lambda each: replace(steps(each), sends=np.roll(steps(each).sends, 1, axis=0)))
    else:
        monkeypatch.setattr(long_runs, "powers", lambda eta: {"": 1 + 1e-6 * eta, "eta_t": eta, "eta_t eta_t": eta**2})
    with pytest.raises(AssertionError):
        agree_in_blocks(spec, "run", 20)


def _without_noise(values: np.ndarray, spec) -> np.ndarray:
    rows = np.moveaxis(values, -1, 1).reshape(-1, values.shape[1])
    return rows * 0 if values.shape == KINDS["run"].model(spec).noise.shape else rows


def test_numbers_with_a_bound_of_their_error_hold_exact_ones():
    rng = np.random.default_rng(0)
    for _ in range(50):
        exact = [np.array([[F(int(x), int(y)) for x, y in rng.integers(-99, 100, (3, 2)) * 2 + 1] for _ in range(3)]) for _ in range(2)]
        a, b = (falling.Near.of(each, True) for each in exact)
        for found, wanted in (
            (a @ b, exact[0] @ exact[1]), (a + b, exact[0] + exact[1]), (a * b, exact[0] * exact[1]), (a.sum(-1), exact[0].sum(-1)),
            (a.T, exact[0].T), (a.larger(b), np.maximum(*exact)),
        ):  # fmt: skip
            for value, real in zip(found.values().flat, wanted.flat, strict=True):
                low, high = bounds(value)
                assert low <= real <= high
                assert high - low < F(1, 10**11)
        assert (falling.Near.of(exact[0], True).magnitude() >= np.abs(exact[0])).all()


def test_a_million_steps_of_a_line_are_those_of_its_closed_form():
    """x' = (1 - 1/(t+2)) x + noise / (t+2) from rest, eta_t = 1/(a+t) with a = 2: (t+1) x_t is a sum of t noises of variance 1."""
    spec = of_runs(10**6, 1, 1, OPERATORS[0], "decaying", {"step_scale": "1", "a": "2"}, False)
    spec = replace(spec, start=spec.start * 0)
    spec.functions.slope[:] = spec.functions.slope * 2  # noise +- 1
    for T, each in ((10**6, floats(spec)), (10**4, spec)):
        each = KINDS["run"].until(each, T)
        found = long_runs.observe_far(KINDS["run"], [each])[0].measured
        for value, wanted in ((found["gradient_sq"][0, -1], F(T, (T + 1) ** 2)), (found["gradient_sq"][0, 0], F(T - 2, (T - 1) ** 2))):
            if isinstance(value, Interval):
                assert value.low <= wanted <= value.high
                assert value.high - value.low < wanted / 10**8
            else:
                assert value == pytest.approx(float(wanted), rel=1e-9)


@pytest.mark.parametrize("claim", ["qsparse_local_sgd/theorem-5", "qsparse_local_sgd/theorem-2", "local_sgd/eq-12"])
def test_falling_steps_are_written_and_replayed_far_out(claim, monkeypatch):
    """Searched in floats, written in rationals, replayed within certain ends: the same ratio, all hypotheses met."""
    monkeypatch.setattr(long_runs, "far_horizons", lambda effort: (10**4,))
    monkeypatch.setattr(long_runs, "_walks", lambda effort, operator: ())
    forget_pools()
    [chosen] = ledger.choose([claim])
    found = ARENAS["run, long"].attack(chosen.readings[0], EFFORTS["quick"], 7)
    forget_pools()
    assert found.nearest["horizon"] == 10**4
    again = ARENAS["run"].replay(chosen.readings[0], json.loads(json.dumps(found.nearest)))
    assert again.valid
    assert not again.violated
    assert exact_ratio(again) == pytest.approx(found.ratio, rel=1e-6)
    late = replace(chosen.readings[0], relation=Relation(chosen.readings[0].relation.lhs * (F(101, 100) / F(found.ratio)), "<=",
                                                         chosen.readings[0].relation.rhs))  # fmt: skip
    assert ARENAS["run"].replay(late, found.nearest).broken


def test_a_step_of_another_rule_is_seen_at_the_last_times():
    spec = of_runs(2000, 4, 2, OPERATORS[0], "decaying", {"step_scale": "1/4", "a": "40"}, False)
    alone, with_the_rest = (KINDS["run"].observe(spec, measuring).second for measuring in (False, True))
    assert (alone == with_the_rest).all()
    instance = LongRuns(KINDS["run"]).encode(spec)
    for given, met in ((h.decaying_step, True), (h.strongly_convex_step, False)):
        reading = Reading("", Relation(v.output_gradient_sq, "<=", v.G**2), (h.second_moment, given), arena="run")
        again = ARENAS["run"].replay(reading, instance)
        assert [again.hypotheses[name][0] for name in (h.second_moment.name, given.name)] == [True, met]
    instance["constants"]["G"] = str(F(instance["constants"]["G"]) * F(99, 100))
    assert not ARENAS["run"].replay(reading, instance).hypotheses["second_moment"][0]


def test_sums_over_a_run_that_goes_far_are_totals():
    gap, T = v.function_gap, v.T
    weighted = sp.Sum((v.a + v.t) ** 2 * gap, (v.t, 0, T - 1)) / sp.Sum((v.a + v.t) ** 2, (v.t, 0, T - 1))
    assert long_runs._far_off(weighted) == sp.Symbol("total square function_gap") / sp.Symbol("total square")
    tail = sp.Sum(gap, (v.t, T - sp.ceiling(T / 2), T - 1))
    assert long_runs._far_off(tail) == sp.Symbol("half function_gap")
    mixed = long_runs._far_off(sp.Sum((3 - 2 * v.L * v.eta_t) * v.eta_t, (v.t, 0, T - 1)))
    assert sp.expand(mixed - 3 * sp.Symbol("total eta_t") + 2 * v.L * sp.Symbol("total eta_t eta_t")) == 0
    assert long_runs._far_off(gap.subs(v.t, T)) == sp.Symbol("last function_gap")
    for beyond in (sp.Sum(gap, (v.t, 1, T - 1)), gap.subs(v.t, 0), sp.Sum(gap * v.t, (v.t, 0, T - 1)), sp.Sum(gap**2, (v.t, 0, T - 1))):
        with pytest.raises(NotMeasured):
            long_runs._far_off(beyond)


def test_a_bound_that_speaks_of_the_time_is_asked_at_the_times_that_are_shown():
    found = long_runs._far_off(v.drive_sq - v.G**2 * v.momentum ** (v.t + 2))
    assert sp.expand(found - v.drive_sq + v.G**2 * v.momentum**v.T * v.momentum**v.t) == 0  # the first that is shown is T - 2
    harmonic = {
        "law": "moments", "algorithm": "2", "workers": 2, "operator": {"name": "linear", "residual": "-3/5"}, "gamma": "16/25",
        "beta": "1/2", "eta": ["1/512"], "start": ["0"], "horizon": 10_000, "rule": "harmonic",
        "constants": {"L": "1", "sigma": "1/2", "G": "1/2"},
        "functions": [[[{"slope": s, "curvature": "1", "knots": [], "bends": []}] for s in ("1/2", "-1/2")]],
    }  # fmt: skip
    for past, at_rest in ((v.t + 2, True), (2, False)):  # 1 + beta + ... of all gradients so far, 2 in the end, or of two, 3/2
        weights = (1 - v.momentum**past) / (1 - v.momentum)
        reading = Reading("", Relation(v.drive_sq, "<=", v.G**2 * weights**2), arena="dist_ef")
        assert ARENAS["dist_ef"].replay(reading, harmonic).violated is not at_rest


def test_what_does_not_fit_into_blocks_is_refused():
    with pytest.raises(ValueError, match="end with a period"):
        falling.length_of([10**6], 3)
    with pytest.raises(ValueError, match="no random mask"):
        long_runs.observe_far(KINDS["run"], [of_runs(4, 2, 1, OPERATORS[3], "decaying", RULES[0][1], False)])
    spec = of_runs(4, 2, 1, OPERATORS[0], "decaying", RULES[0][1], False)
    model = KINDS["run"].model(spec)
    with pytest.raises(ValueError, match="no such polynomial"):
        falling.fitted(lambda s: np.repeat(s.eta[:, :, None] ** 2, 1, axis=2), model, np.array([[True]]), False)


# ---- any steps of M-DSGD ----

SOME = replace(EFFORTS["normal"], instances=20)


@pytest.mark.parametrize(("claim", "rule"), [
    ("mdsgd/theorem-5", "any"), ("mdsgd/theorem-5", "alternating"), ("mdsgd/eq-11", "harmonic"), ("mdsgd/lemma-7", "any"),
    ("mdsgd/lemma-7", "climbing"),
])  # fmt: skip
def test_any_steps_of_momentum_are_searched_written_and_replayed_far_out(claim, rule, monkeypatch):
    [chosen] = ledger.choose([claim])
    reading = chosen.correction if claim == "mdsgd/theorem-5" else chosen.readings[0]
    monkeypatch.setattr(long_runs, "far_horizons", lambda effort: (10**3,))
    monkeypatch.setattr(KINDS["mdsgd"], "pools", lambda reading: [(rule, False)])
    forget_pools()
    found = ARENAS["mdsgd, long"].attack(reading, SOME, 7)
    forget_pools()
    assert found.outcome == "not broken"
    assert found.ratio > 1e-3
    assert found.nearest["step"]["rule"] == rule
    again = ARENAS["mdsgd"].replay(reading, json.loads(json.dumps(found.nearest)))
    assert again.valid, again.hypotheses
    assert exact_ratio(again) == pytest.approx(found.ratio, rel=1e-6)
    late = replace(reading, relation=Relation(reading.relation.lhs * (F(101, 100) / F(found.ratio)), "<=", reading.relation.rhs))
    assert ARENAS["mdsgd"].replay(late, found.nearest).broken
    if claim == "mdsgd/theorem-5":
        for letter in ("lag_factor", "direction_bound", "error_bound", "turn_factor", "largest_turn"):
            constants = found.nearest["constants"]
            if F(constants[letter]):
                less = found.nearest | {"constants": constants | {letter: str(F(constants[letter]) * F(99, 100))}}
                assert not ARENAS["mdsgd"].replay(reading, less).hypotheses["transformed"][0], letter


@pytest.mark.parametrize(("step", "message"), [
    ({"rule": "climbing", "scale": "1/8", "beta": "9/10"}, "a step is not positive"),
    ({"rule": "harmonic", "scale": "0", "beta": "1/2"}, "scale must be positive"),
    ({"rule": "any", "steps": ["1"] * 5, "beta": "1/2"}, "rho_start or rho_end"),
    ({"rule": "any", "steps": ["1"] * 5, "beta": "1/2", "rho_start": "0", "rho_end": "0"}, "rho_start or rho_end"),
])  # fmt: skip
def test_steps_of_momentum_that_are_none_are_refused(step, message):
    instance = long_run("mdsgd", "", "1/2") | {"step": step}
    with pytest.raises(ValueError, match=message):
        ARENAS["mdsgd"].replay(Reading("", Relation(v.total_memory_sq, "<=", v.G**2), (), arena="mdsgd"), instance)


def test_a_run_that_goes_far_and_that_nothing_bounds_is_no_exact_one():
    spec, _ = by_weights("climbing", 2000, 1, OPERATORS[1], "1/2")
    growing = replace(spec, parameters=spec.parameters | {"scale": fractions([F(2**22)])})
    with np.errstate(over="ignore", invalid="ignore"), pytest.raises(ValueError, match="no bound was found"):
        KINDS["mdsgd"].observe(growing)


@pytest.mark.parametrize("claim", ["mdsgd/sec-5/same-rate", "mdsgd/lemma-13/in-theorem-10", "mdsgd/lemma-11/strongly-convex"])
def test_masks_and_means_are_measured_at_a_million_steps(claim):
    [chosen] = ledger.choose([claim])
    reading = chosen.readings[0] if claim != "mdsgd/sec-5/same-rate" else chosen.correction
    found = ARENAS["mdsgd, long"].attack(reading, SOME, 0)
    assert found.outcome == "not broken"
    assert found.ratio > 1e-3
    again = ARENAS["mdsgd"].replay(reading, json.loads(json.dumps(found.nearest)))
    assert again.valid, again.hypotheses
    assert exact_ratio(again) == pytest.approx(found.ratio, rel=1e-6)


# ---- every reading that is attacked on quadratics ----

UNSEEN = {
    "local_sgd/eq-31": "adds up second moments since the last synchronisation",
    "local_sgd/eq-32": "asks for the last synchronisation before each time",
    "dist_ef_sgd/sec-3.1/reduces-to-ef-sgd": "is about compressors whose moments do not close",
    "dist_ef_sgd/sec-3.2/applies": "is about compressors whose moments do not close",
    "dist_ef_sgd/lemma-5/line-3": "discounts what each worker draws",
    "dist_ef_sgd/eq-5/line-6": "has a power with the time in it",
    "dist_ef_sgd/eq-8/line-2": "has a power with the time in it",
    "dist_ef_sgd/eq-9/line-1": "asks how far z_t moves in a step",
    "qsparse_local_sgd/appendix-d.3/moved": "asks how far the master moved since some synchronisation",
    **dict.fromkeys((f"qprsgd/{name}" for name in ("appendix-c/t-1", "appendix-c/t-1/uncorrelated", "lemma-11", "appendix-c/one-worker",
                     "appendix-e/way-of-mean", "appendix-f.2/in-two", "appendix-c/t-1/noise-apart", "appendix-f.1/two-parts",
                     "appendix-d/both-sides", "appendix-c/deviation/noise-apart", "appendix-e/gradients-in-four")),
                    "has roots of quantities of one round"),
}  # fmt: skip
"""Claims with a reading of which no long run speaks, and why; equalities aside, which neither floats nor enclosures show."""


def shown_by_small_runs(kind: long_runs.Kind, key: tuple) -> dict[tuple[bool, bool], set[str]]:
    """The names of everything that runs of a key show, by kinds of runs: with constant steps, going far."""
    found: dict[tuple[bool, bool], set[str]] = {}
    for spec in kind.draw(key, replace(EFFORTS["normal"], instances=5), np.random.default_rng(0)):
        for each, seen in long_runs.seen_by(kind, spec):
            constants = {"G": np.ones(len(each.start))} | kind.stated(each, seen)
            names = {*seen.measured, *(f"largest {name}" for name in seen.largest), *kind.letters(each, seen, constants)}
            found.setdefault((kind.repeated(each), kind.far(each)), set()).update(names)
    return found


def is_seen(reading: Reading, shown) -> bool:
    if reading.arena == "qprsgd":
        return bool(alike.ended(reading))
    kind = ARENAS[f"{reading.arena}, long"].kind
    for key in kind.pools(reading):
        for (repeated, far), names in shown(kind, key).items():
            try:
                asked = long_runs.far_off(reading) if far else kind.asked(reading, repeated)
            except NotMeasured:
                continue
            spoken = {name for name in quantities.spoken(asked) if not name.endswith(" at t")} - {"t", "i", "young", "p"}
            if spoken <= names:
                return True
    return False


def test_every_reading_attacked_on_quadratics_has_long_runs_or_a_reason_why_not(monkeypatch):
    for name, short in {"far_horizons": (100,), "_horizons": (100,), "_walks": (12,), "count_of": 2}.items():
        monkeypatch.setattr(long_runs, name, lambda *_, short=short: short)
    monkeypatch.setattr(long_stages, "long_stages", lambda effort: iter([(4, 8)]))
    unseen, shown = set(), functools.cache(shown_by_small_runs)
    for claim in ledger.choose(["*"]):
        for reading in filter(None, (*claim.readings, claim.correction, claim.improvement)):
            of_a_run = reading.arena in ("run", "mdsgd", "dist_ef", "mdsgd_stages") or reading.setting.get("of") in ("ring", "gossip")
            if reading.relation is None or not of_a_run or reading.relation.op == "==":
                continue
            try:
                seen = is_seen(reading, shown)
            except NotMeasured:
                seen = False
            if not seen:
                unseen.add(claim.id)
    assert unseen == set(UNSEEN)
