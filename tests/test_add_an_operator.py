"""How a new operator is added, from nothing: the steps, one a room, then the suites that run over it; whoever forgets a step is told.

The operator is that of TernGrad (Wen et al. 2017): every entry becomes max |x| with its sign, or 0, without bias. Read from top to bottom.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

import numpy as np
import pytest
import sympy as sp
import torch

from gpu import operators as gpu_operators
from reference import operators as reference_operators
from reference import wire
from reference.expectation import moments
from theory import calculus
from validation import operators as arena
from validation.crosscheck import CATALOGUE, crosscheck
from validation.operators import Case, Sizes, build, structure, vectors

NAME = "ternary"


# ---- step 1, theory: what is said of it ----


def facts() -> calculus.Operator:
    """Unbiased; E||Q(x)||^2 = max |x| ||x||_1 <= (1 + sqrt n) / 2 ||x||^2; a sign and a level an entry, and the scale once."""
    return calculus.Operator(
        NAME, lambda n: calculus.Facts(n, n, calculus.Message(n, value=sp.Integer(2), scalars=1, printed=1), (sp.sqrt(n) - 1) / 2)
    )


# ---- step 2, reference: what it does, as it could stand in a paper ----


def deed() -> reference_operators.Operator:
    """max |x| sign(x_i) with chance |x_i| / max |x|, else 0."""

    def grid(x: np.ndarray) -> tuple[Callable, Callable]:
        peak = np.abs(x).max(-1, keepdims=True)
        divisor = np.where(peak == 0, peak + 1, peak)
        return lambda entry: np.abs(entry) / divisor, lambda entry, level: level * peak * np.where(entry < 0, -1, 1)

    return reference_operators._rounding(NAME, 1, grid)


# ---- step 3, gpu: the same for any leading batch ----


def twin() -> gpu_operators.Operator:
    """The same in torch."""

    def apply(x: torch.Tensor, uniforms: torch.Tensor | None) -> torch.Tensor:
        assert uniforms is not None
        peak = x.abs().amax(-1, keepdim=True)
        return torch.where(x.abs() / gpu_operators._nonzero(peak) > uniforms[..., 0, :], peak.copysign(x), 0)

    return gpu_operators.Operator(NAME, 1, apply)


# ---- step 4, wire: its message, bit by bit ----


def codec(operator: reference_operators.Operator, d: int) -> wire.Codec:
    """The float32 scale, then two bits an entry: whether it is kept, and its sign."""

    def to_codes(x: np.ndarray, u: Any) -> tuple[list[float], np.ndarray]:
        y = operator.apply(x, u)
        return [np.abs(x).max()], (y != 0) + 2 * (y < 0)

    def from_codes(scales: np.ndarray, codes: np.ndarray, u: Any) -> np.ndarray:
        return wire._magnitude(scales[0]) * wire._levels(codes & np.uint64(1), 1) * np.where(codes >> np.uint64(1), -1, 1)

    return wire._coded(d, 1, 2, to_codes, from_codes)


# ---- step 5, validation: how many parts it has, and what is compared ----

COMPOSED = ("compose", NAME, "top_k", "kept")

STEPS: dict[str, tuple[Any, Any]] = {
    "theory": (calculus.OPERATORS, facts),
    "reference": (reference_operators.OPERATORS, deed),
    "gpu": (gpu_operators.OPERATORS, twin),
    "wire": (wire.CODECS, codec),
    "parts": (arena.PARTS, 0),
    "catalogue": (CATALOGUE, ((NAME,), ("compose", (NAME,), ("top_k",), "kept"))),
}
"""One line each in a registry."""


@contextmanager
def enrolled(forgotten: str = "") -> Iterator[None]:
    """The operator in every registry but one, for a while."""
    with pytest.MonkeyPatch.context() as patch:
        for step, (registry, value) in STEPS.items():
            if step != forgotten:
                patch.setitem(registry, NAME, value)
        yield


# ---- from here on every suite runs over it: nothing below knows what it does ----

SIZES = Sizes(4, 2, 1)
ROUND_OFF = 1e-12


def the_rooms_hold_the_same_operators() -> None:
    assert set(reference_operators.OPERATORS) == set(gpu_operators.OPERATORS) == set(wire.CODECS) == set(CATALOGUE) == set(arena.PARTS)
    assert set(CATALOGUE) <= set(calculus.OPERATORS)


def twins_agree() -> None:
    for found in crosscheck([NAME]):
        assert found.agrees, str(found)


def facts_are_deeds() -> None:
    """Alone and behind Top_k: unbiased within its excess, and contracting as the calculus composes it, over all outcomes."""
    for parts in map(structure, ((NAME,), COMPOSED)):
        operator, said = build(reference_operators.OPERATORS, parts, SIZES), build(calculus.OPERATORS, parts, SIZES, exact=True)
        gamma = calculus.coefficient(said, SIZES.d).gamma
        assert gamma is not None
        for x in vectors(Case(parts, SIZES), np.random.default_rng(0), 4):
            found, length = moments(operator, x), (x**2).sum()
            assert found.error <= (1 - float(gamma)) * length + ROUND_OFF
            if said.facts(sp.Integer(SIZES.d)).unbiased:
                assert np.abs(found.mean - x).max() <= ROUND_OFF
                assert found.second_moment <= (1 + float(said.facts(sp.Integer(SIZES.d)).excess)) * length + ROUND_OFF


def messages_are_what_the_receiver_uses() -> None:
    """The codec gives back the operator's image in float32, and takes the bits that theory counts."""
    rng = np.random.default_rng(1)
    for parts in map(structure, ((NAME,), COMPOSED)):
        operator, said = build(reference_operators.OPERATORS, parts, SIZES), build(calculus.OPERATORS, parts, SIZES)
        x, uniforms = rng.standard_normal(SIZES.d), rng.random((operator.draws, SIZES.d))
        payload = wire.encode(operator, x, uniforms)
        assert len(payload) == ceil(calculus.bits(said, SIZES.d) / 8)
        np.testing.assert_allclose(wire.decode(operator, payload, SIZES.d, uniforms), operator(x, uniforms), rtol=2.0**-23)


SUITES = (the_rooms_hold_the_same_operators, twins_agree, facts_are_deeds, messages_are_what_the_receiver_uses)


def all_suites() -> None:
    for suite in SUITES:
        suite()


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.__name__)
def test_every_suite_runs_over_the_new_operator(suite):
    with enrolled():
        suite()


@pytest.mark.parametrize("step", STEPS)
def test_a_forgotten_step_is_told(step):
    with enrolled(forgotten=step), pytest.raises((AssertionError, ValueError, KeyError)):
        all_suites()


@pytest.mark.parametrize(
    ("step", "wrong", "suite"),
    [
        ("theory", lambda: calculus.Operator(NAME, lambda n: calculus.Facts(n, n, calculus.Message(n), sp.sqrt(n) / 16)), facts_are_deeds),
        ("gpu", lambda: gpu_operators.scaled_sign(), twins_agree),
        ("wire", lambda operator, d: wire.CODECS["identity"](operator, d), messages_are_what_the_receiver_uses),
    ],
    ids=["a constant too good", "another twin", "a message too long"],
)
def test_a_step_done_wrong_is_told(step, wrong, suite):
    with enrolled(), pytest.MonkeyPatch.context() as patch:
        patch.setitem(STEPS[step][0], NAME, wrong)
        with pytest.raises((AssertionError, ValueError)):
            suite()
