"""The twins agree to round-off, an error planted in one of them is caught, and both do what theory says of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import sympy as sp
import torch

from gpu import dist_ef_sgd as gpu_ef
from gpu import operators as gpu_operators
from gpu import qsparse_local_sgd as gpu_sgd
from reference import operators as reference_operators
from theory import calculus
from validation.crosscheck import (
    ALGORITHMS,
    CATALOGUE,
    SIZES,
    Algorithm,
    Comparison,
    Twins,
    _judged,
    allowed_ulps,
    crosscheck,
    with_block_momentum,
    with_local_momentum,
)
from validation.operators import QUANTISERS, Case, Sizes, build, names_in, structure, vectors

NAMES = (*CATALOGUE, *ALGORITHMS)


def agreeing(name: str, **planted: object) -> bool:
    return all(found.agrees for found in crosscheck([name], twins=Twins(**planted)))


@pytest.mark.parametrize("name", NAMES)
def test_twins_agree_in_both_precisions(name):
    found = crosscheck([name])
    assert {each.dtype for each in found} == {"float64", "float32"}
    for each in found:
        assert each.agrees, str(each)
        assert each.entries > 0
        assert each.ulps <= each.allowed


def test_every_operator_of_both_registries_is_compared():
    assert set(CATALOGUE) == set(reference_operators.OPERATORS) == set(gpu_operators.OPERATORS)
    assert set(CATALOGUE) <= set(calculus.OPERATORS)
    assert all(parts[0] == name for name, members in CATALOGUE.items() for parts in members)


def test_boundaries_of_rounding_are_met_and_explained():
    assert all(found.boundaries > 0 for found in crosscheck(["qsgd"]))


def test_selection_may_not_differ_at_all():
    assert allowed_ulps(structure("rand_k"), 64) == 0
    assert allowed_ulps(structure(("piecewise", "top_k", "identity")), 64) == 0
    assert allowed_ulps(structure("qsgd"), 64) > 0


def test_the_same_seed_compares_the_same():
    assert crosscheck(["compose"], seed=3) == crosscheck(["compose"], seed=3)


def test_an_unknown_name_is_refused():
    with pytest.raises(ValueError, match=r"names must be among .*, got 'top_q'"):
        crosscheck(["top_q"])


# ---- planted errors in the torch room ----


def registry(**changed: Callable) -> dict[str, Callable]:
    return {**gpu_operators.OPERATORS, **changed}


def one_less(factory: Callable) -> Callable:
    return lambda k: factory(max(k - 1, 1))


def altered(factory: Callable, change: Callable) -> Callable:
    """The operator with `change(apply)` in the place of apply."""

    def make(*arguments: object) -> gpu_operators.Operator:
        operator = factory(*arguments)
        return replace(operator, apply=change(operator.apply))

    return make


def later_index(apply: Callable) -> Callable:
    return lambda x, u: apply(x.flip(-1), u).flip(-1)  # among equals the higher index wins


def biased(apply: Callable) -> Callable:
    return lambda x, u: apply(x, u * 0.98)  # rounds up a little too often


def toward_zero(apply: Callable) -> Callable:
    return lambda x, u: apply(x, torch.ones_like(u))


def zero_is_negative(apply: Callable) -> Callable:
    return lambda x, u: apply(torch.where(x == 0, -1e-300 if x.dtype == torch.float64 else -1e-38, x), u)


def single(apply: Callable) -> Callable:
    return lambda x, u: apply(x.float(), None if u is None else u.float()).to(x.dtype)


PLANTED_OPERATORS = {
    "an off-by-one in k of top_k": ("top_k", registry(top_k=one_less(gpu_operators.top_k))),
    "an off-by-one in k of rand_k": ("rand_k", registry(rand_k=one_less(gpu_operators.rand_k))),
    "ties go to the higher index": ("top_k", registry(top_k=altered(gpu_operators.top_k, later_index))),
    "biased rounding": ("qsgd", registry(qsgd=altered(gpu_operators.qsgd, biased))),
    "rounding that is not random": ("stochastic_levels", registry(stochastic_levels=altered(gpu_operators.stochastic_levels, toward_zero))),
    "an interval too many": ("stochastic_rotated", registry(stochastic_rotated=lambda s: gpu_operators.stochastic_rotated(s + 1))),
    "Sign(0) = -1": ("scaled_sign", registry(scaled_sign=altered(gpu_operators.scaled_sign, zero_is_negative))),
    "the 1-norm for the m-norm": ("sign_comp", registry(sign_comp=lambda comp, m: gpu_operators.sign_comp(comp, 1))),
    "kept and whole exchanged": (
        "compose",
        registry(compose=lambda q, c, on: gpu_operators.compose(q, c, "whole" if on == "kept" else "kept")),
    ),
    "a factor forgotten": ("scaled", registry(scaled=lambda operator, factor: operator)),
    "pieces in another order": ("piecewise", registry(piecewise=lambda parts, dims: gpu_operators.piecewise(parts[::-1], dims[::-1]))),
    "single precision within": ("stochastic_levels", registry(stochastic_levels=altered(gpu_operators.stochastic_levels, single))),
}


@pytest.mark.parametrize("planted", PLANTED_OPERATORS)
def test_an_error_planted_in_an_operator_is_caught(planted):
    name, operators = PLANTED_OPERATORS[planted]
    assert not agreeing(name, operators=operators)


def late(state, gradients, eta, synchronise, compress, uniforms):
    """Synchronises when the run beside it should: the flags one place off."""
    return gpu_sgd.step(state, gradients, eta, synchronise.roll(1), compress, uniforms)


def forgets(state, gradients, eta, synchronise, compress, uniforms):
    """Sends without what was left over."""
    return gpu_sgd.step(state._replace(memory=torch.zeros_like(state.memory)), gradients, eta, synchronise, compress, uniforms)


def adds_up(state, gradients, eta, synchronise, compress, uniforms):
    """The sum of the messages for their mean."""
    after, messages = gpu_sgd.step(state, gradients, eta, synchronise, compress, uniforms)
    x = torch.where(synchronise[:, None], state.x - messages.sum(-2), after.x)
    return after._replace(x=x), messages


def alone(*given, server_compress=None, **more):
    """Another result only where the server's compressor is not given."""
    after, messages = gpu_ef.step(*given, server_compress=server_compress, **more)
    return after._replace(x=after.x + (server_compress is None)), messages


def same_both_ways(*given, compress=None, server_compress=None, **more):
    """Another result only where both compressors are the blockwise one."""
    after, messages = gpu_ef.step(*given, compress=compress, server_compress=server_compress, **more)
    twice = compress.name == "blockwise" and server_compress is compress
    return after._replace(x=after.x + twice), messages


def room(**changed):
    """The torch room of Qsparse-local-SGD with something else in it."""
    return SimpleNamespace(**{"step": gpu_sgd.step, **changed})


PLANTED_STEPS = {
    "a synchronisation shifted by one": ("algorithm_1", late),
    "a memory forgotten": ("algorithm_1", forgets),
    "a sum for a mean": ("algorithm_1", adds_up),
    "a server without a compressor of its own": ("dist_ef_sgd", alone),
    "blocks both ways": ("dist_ef_block_sgd", same_both_ways),
    "momentum without its past": ("local_momentum", with_local_momentum(room(local_momentum=lambda velocity, gradients, beta: gradients))),
    "Nesterov's momentum": (
        "local_momentum",
        with_local_momentum(room(local_momentum=lambda velocity, gradients, beta: beta * (velocity + gradients))),
    ),
    "momentum on every iteration": (
        "block_momentum",
        with_block_momentum(
            room(block_momentum=lambda state, v, g, eta, sync, beta: gpu_sgd.block_momentum(state, v, g, eta, sync | True, beta))
        ),
    ),
}


@pytest.mark.parametrize("planted", PLANTED_STEPS)
def test_an_error_planted_in_a_step_is_caught(planted):
    name, step = PLANTED_STEPS[planted]
    assert not agreeing(name, steps={name: step})


def test_an_argument_that_nobody_knows_how_to_draw_is_refused(monkeypatch):
    def step(state, gradients, humidity):
        return state, gradients

    monkeypatch.setitem(ALGORITHMS, "weather", Algorithm(ALGORITHMS["algorithm_1"].init, step, step))
    with pytest.raises(ValueError, match=r"arguments must be given or among .*, got 'humidity'"):
        crosscheck(["weather"])


def test_a_level_off_is_explained_at_the_boundary_only():
    def level(u):  # rounds 0.5 up where u < 0.5
        return [np.where(u < 0.5, 1.0, 0.0)]

    def verdict(u):
        u = np.array([[u]])
        case = Comparison([np.array([[1.0]])], level, u, [np.ones((1, 1))], allowed=4, boundary=1e-12)
        found = _judged("a level", np.dtype(float), iter([case]))
        return found.boundaries, found.unexplained

    assert verdict(0.25) == (0, 0)
    assert verdict(0.5) == (1, 0)  # the twin, an ulp higher, rounds up
    assert verdict(0.5 + 1e-9) == (0, 1)


# ---- what theory says of an operator, against what the torch room does, over all outcomes ----


def outcomes(parts, sizes: Sizes, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities [n] and the twin's images [n, d] of one vector, over all outcomes of the reference's randomness."""
    reference, twin = (build(room, parts, sizes) for room in (reference_operators.OPERATORS, gpu_operators.OPERATORS))
    probabilities, uniforms = zip(*reference.events(x), strict=True)
    batch = torch.from_numpy(np.repeat(x[None], len(probabilities), axis=0))
    images = twin(batch, torch.from_numpy(np.stack(uniforms)) if reference.draws else None)
    return np.array(probabilities), images.numpy()


SMALL = (Sizes(4, 2, 3, 1), Sizes(4, 2, 2, 2), Sizes(4, 1, 2, 3))
MEMBERS = [parts for members in CATALOGUE.values() for parts in members]
ROUND_OFF = 1e-12  # sums of at most 2^4 * 6 * 2^4 outcomes of entries up to 2


def said_of(parts, sizes: Sizes) -> calculus.Contraction | None:
    """The coefficient that theory gives at these sizes, None where it is unknown or its conditions fail."""
    found = calculus.coefficient(build(calculus.OPERATORS, parts, sizes, exact=True), sizes.d)
    return found if found.known and all(condition == sp.true for condition in found.conditions) else None


@pytest.mark.parametrize("parts", MEMBERS, ids=str)
def test_each_twin_contracts_as_the_calculus_says(parts):
    known = [(sizes, said) for sizes in SMALL if (said := said_of(parts, sizes)) is not None]
    assert bool(known) is (parts != structure(("compose", "stochastic_levels", "top_k", "whole")))  # noise in the place of zeros
    for sizes, said in known:
        for x in vectors(Case(parts, sizes), np.random.default_rng(0), 2):
            probabilities, images = outcomes(parts, sizes, x)
            assert probabilities.sum() == pytest.approx(1)
            assert probabilities @ ((images - x) ** 2).sum(-1) <= (1 - float(said.gamma)) * (x**2).sum() + ROUND_OFF


@pytest.mark.parametrize("name", QUANTISERS)
@pytest.mark.parametrize("sizes", SMALL, ids=str)
def test_each_quantiser_is_unbiased_with_its_printed_excess(name, sizes):
    parts = (name,)
    said = build(calculus.OPERATORS, parts, sizes).facts(sp.Integer(sizes.d))
    assert said.unbiased
    for x in vectors(Case(parts, sizes), np.random.default_rng(1), 2):
        probabilities, images = outcomes(parts, sizes, x)
        np.testing.assert_allclose(probabilities @ images, x, atol=ROUND_OFF)
        assert probabilities @ (images**2).sum(-1) <= (1 + float(said.excess)) * (x**2).sum() + ROUND_OFF


def test_a_biased_twin_fails_its_facts(monkeypatch):
    monkeypatch.setitem(gpu_operators.OPERATORS, "qsgd", altered(gpu_operators.qsgd, lambda apply: lambda x, u: apply(x, u * 0.5)))
    probabilities, images = outcomes(("qsgd",), Sizes(4, 2, 1), np.array([1.0, 0.5, -0.25, 0.125]))
    assert np.abs(probabilities @ images - [1.0, 0.5, -0.25, 0.125]).max() > 0.01


def test_all_sizes_of_the_crosscheck_fit_all_operators():
    for parts in MEMBERS:
        for sizes in SIZES:
            assert ("stochastic_rotated" not in names_in(parts)) or all(n & (n - 1) == 0 for n in (sizes.d, sizes.k))
            build(reference_operators.OPERATORS, parts, sizes)
