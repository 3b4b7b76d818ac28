"""Every check can fail: for each, errors are planted in statements or in code, and that check, by its name, catches them.

One row an error: what is sound and what the check says of it, the same with the error in it, and what the check says then.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import sympy as sp

from gpu import operators as gpu_operators
from reference import operators as reference_operators
from theory import hypotheses as given
from theory.asymptotics import Largest, Rate
from theory.claim import Claim, Hypothesis, Reading, at_most, equals
from theory.papers import claims
from theory.rules import Cite, GeometricLimit, Granted
from theory.scenes import fact
from theory.symbols import (
    G,
    H,
    L,
    R,
    T,
    b,
    beta,
    deviation_sq,
    error_sq,
    eta,
    eta_t,
    gamma,
    i,
    memory_sq,
    p,
    resnet50_kept,
    synced_memory_sq,
    x_sq,
)  # fmt: skip
from theory.vectors import average_norm_sq, norm_sq, vector, worker_vector
from validation import checks, crosscheck
from validation.attack import EFFORTS, attack
from validation.checks import Bench, Check, transcription
from validation.report import LETTERS
from validation.verdict import Contradiction, judge_reading
from validation.worst_case import tightness

NAMES = {*LETTERS, "transcription", "hypotheses", "consistency", "cross-check"}
"""Every check there is: those with a letter in the table, and the rest that the README lists."""
KINDS = {"a factor", "a missing square", "a lost hypothesis", "a biased quantiser", "a twin off by one in the synchronisation"}

EFFORT = replace(EFFORTS["quick"], instances=24)
u, v, g, x, w = vector("u"), vector("v"), vector("g_x"), vector("x"), worker_vector("u_i")
LEMMA_5 = 4 * eta**2 * (1 - gamma**2) / gamma**2 * H**2 * G**2
MEMORY = (given.gap_from_zero, given.contraction, given.second_moment)
RECURSION = at_most(synced_memory_sq.subs(i, i + 1), (1 - gamma / 2) * synced_memory_sq + 2 * (1 - gamma**2) / gamma * eta**2 * H**2 * G**2)
LIMIT = GeometricLimit(Cite("paper/recursion"), Granted(equals(synced_memory_sq.subs(i, 0), 0), "m_0 = 0"), synced_memory_sq, i)
RATED = at_most(synced_memory_sq, G / T + H**2 / gamma**2 / T)
PRINTED = r"\eta_t^2 \leq \frac{1}{2L}"
OF_PAPER = {claim.id: claim for claim in claims("qsparse_local_sgd")}


def bench(known: Any = RECURSION, assumed: tuple[Hypothesis, ...] = ()) -> Bench:
    """Where one relation stands for every cited claim, proved, under the hypotheses `assumed`."""
    return Bench(EFFORT, 0, lambda _: known, lambda _: True, lambda _: assumed)


def said(name: str, reading: Reading, at: Bench | None = None, claim: str = "paper/claim") -> str:
    """What the check of that name says of a reading, on the way that `verify` takes."""
    found = judge_reading(Claim(claim, "equation", "", ""), reading, at or bench()).outcome(name)
    assert found is not None, f"{name} did not look at it"
    return found


def scalar(rhs: Any, *hypotheses: Hypothesis) -> Reading:
    return Reading("as printed", at_most((1 - gamma) * (1 + (p - 1) * gamma / p), rhs), hypotheses)


def derived(bound: Any, *hypotheses: Hypothesis) -> Reading:
    return Reading("as printed", at_most(synced_memory_sq, bound), hypotheses, follows=LIMIT)


def attacked(relation: Any, *hypotheses: Hypothesis, arena: str = "memory", **setting: Any) -> str:
    return attack(Reading("as printed", relation, hypotheses, arena=arena, setting=setting), EFFORT, 0).outcome


def certified(rhs: Any, *facts: Any) -> Reading:
    return Reading("as printed", at_most(norm_sq(g), rhs), facts=facts or (fact("Lipschitz", L**2 * norm_sq(x) - norm_sq(g)),))


def sized(power: Any) -> Reading:
    """The largest H at which compression is not felt, of order gamma T^power / (bR)^(3/4)."""
    printed = gamma * T**power / (b * R) ** sp.Rational(3, 4)
    return Reading("as printed", rate=Largest(H, b * R * H**2 / (gamma**2 * T), 1 / sp.sqrt(b * R * T), printed, (T, R, b, H, gamma)))


def ordered(*terms: Any) -> Reading:
    return Reading("as printed", rate=Rate("paper/low", terms, (T, H, gamma)))


def compared_with_print(rhs: Any) -> str:
    coded = Reading("as printed", at_most(eta_t**2, rhs))
    claim = Claim("qsparse_local_sgd/planted", "equation", "", "", (PRINTED,), (coded,))
    return next(check.outcome for check in transcription(claim) if check.outcome in ("agrees", "unparsed"))


def restated(rhs: Any) -> str:
    original, again = (
        Claim(f"paper/{name}", "equation", "", "", readings=(Reading("as printed", at_most(memory_sq, side)),))
        for name, side in (("original", LEMMA_5), ("again", rhs))
    )
    return checks.restatement(again, original).outcome


def worst(bound: Any, claim: str = "lemma-5") -> str:
    reading = Reading("as printed", at_most(memory_sq if claim == "lemma-5" else deviation_sq, bound), (*MEMORY, given.fixed_step))
    found = tightness(OF_PAPER[f"qsparse_local_sgd/{claim}"], reading, bench())
    assert isinstance(found, Check)
    assert found.ratio is not None
    return "exceeded" if found.ratio > 1 else "within"


def evaluated(count: Any) -> str:
    return said("evaluation", Reading("as printed", equals(resnet50_kept, count), arena="resnet"))


@contextmanager
def instead(room: Any, name: str, value: Any) -> Iterator[None]:
    """Something else in the place of an item of a registry, as long as it lasts; what was compared before is forgotten."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(room, name, value)
        checks._compared.cache_clear()
        try:
            yield
        finally:
            checks._compared.cache_clear()


def biased(factory: Any, share: Any) -> Any:
    """A quantiser whose uniforms are too small, so that it rounds up too often."""

    def make(*arguments: Any) -> Any:
        operator = factory(*arguments)
        return replace(operator, apply=lambda x, uniforms: operator.apply(x, uniforms * share))

    return make


def late(step: Any) -> Any:
    """A step that synchronises where t, not t + 1, is in I_T: each run's flags come one iteration late."""
    before = []

    def one_late(state: Any, gradients: Any, eta: Any, synchronise: Any, *rest: Any, **named: Any) -> Any:
        before.append(synchronise)
        return step(state, gradients, eta, before[-2] if len(before) > 1 else synchronise, *rest, **named)

    return one_late


def twins(operator: str = "qsgd") -> str:
    """What the cross-check says of the twins that an attack leans on; twins that disagree end the judging."""
    if operator == "algorithm_1":
        reading = Reading("as printed", at_most(deviation_sq, eta**2 * G**2 * H**2), (given.fixed_step, *MEMORY), arena="deviation")
    else:
        reading = Reading("as printed", at_most(error_sq, beta * x_sq), (given.unbiased, given.excess), arena="operator",
                          setting={"operator": operator})  # fmt: skip
    try:
        return said("cross-check", reading)
    except Contradiction as error:
        return "disagrees" if "reference and torch disagree" in str(error) else str(error)


def with_biased_twin() -> str:
    with instead(gpu_operators.OPERATORS, "qsgd", biased(gpu_operators.qsgd, 0.98)):
        return twins()


def with_late_twin() -> str:
    algorithm = crosscheck.ALGORITHMS["algorithm_1"]
    with instead(crosscheck.ALGORITHMS, "algorithm_1", replace(algorithm, twin=late(algorithm.twin))):
        return twins("algorithm_1")


def second_moment_of_qsgd() -> str:
    """What an attack says that nothing breaks; it rests on closed forms, and on the reference, whose moments must be the same."""
    try:
        return attacked(at_most(error_sq, beta * x_sq), given.unbiased, given.excess, arena="operator", operator="qsgd")
    except ArithmeticError as error:
        return "disagrees with the reference" if "the reference gives" in str(error) else str(error)


def with_biased_reference() -> str:
    with instead(reference_operators.OPERATORS, "qsgd", biased(reference_operators.qsgd, 0)):
        return second_moment_of_qsgd()


@dataclass(frozen=True)
class Planted:
    """One error: `sound` and `wrong` ask the check, which must answer `good` and `caught`."""

    check: str
    error: str
    sound: Any
    good: str
    wrong: Any
    caught: str


IN_RANGE, YOUNG = given.contraction, given.young_parameter
RIGHT_SCALAR = scalar(1 - gamma / p, IN_RANGE, YOUNG)
PLANTED = [
    Planted("transcription", "a factor", lambda: compared_with_print(1 / (2 * L)), "agrees",
            lambda: compared_with_print(1 / L), "unparsed"),
    Planted(
        "transcription", "a missing square", lambda: compared_with_print(1 / (2 * L)), "agrees",
        lambda: compared_with_print(1 / (2 * L**2)), "unparsed",
    ),
    Planted(
        "units", "a missing square",
        lambda: said("units", Reading("as printed", at_most(average_norm_sq(w), eta**2 * G**2))), "homogeneous",
        lambda: said("units", Reading("as printed", at_most(average_norm_sq(w), eta**2 * G))), "inhomogeneous",
    ),
    Planted(
        "hypotheses", "a sign turned", lambda: said("hypotheses", scalar(1, IN_RANGE, YOUNG)), "satisfiable",
        lambda: said("hypotheses", scalar(1, IN_RANGE, Hypothesis("p", "p < 0", p + gamma < 0))), "unsatisfiable",
    ),
    Planted("decision", "a factor", lambda: said("decision", RIGHT_SCALAR), "proved",
            lambda: said("decision", scalar(1 - gamma, IN_RANGE, YOUNG)), "refuted"),
    Planted("decision", "a missing square", lambda: said("decision", scalar(1 - gamma**2 / p, IN_RANGE, YOUNG)), "proved",
            lambda: said("decision", scalar((1 - gamma / p) ** 2, IN_RANGE, YOUNG)), "refuted"),
    Planted("decision", "a lost hypothesis", lambda: said("decision", RIGHT_SCALAR), "proved",
            lambda: said("decision", scalar(1 - gamma / p)), "refuted"),
    Planted("certificate", "a factor", lambda: said("certificate", certified(L**2 * norm_sq(x))), "proved",
            lambda: said("certificate", certified(L**2 * norm_sq(x) / 2)), "not reached"),
    Planted("certificate", "a missing square", lambda: said("certificate", certified(L**2 * norm_sq(x))), "proved",
            lambda: said("certificate", certified(L * norm_sq(x))), "not reached"),
    Planted("certificate", "a lost hypothesis", lambda: said("certificate", certified(L**2 * norm_sq(x))), "proved",
            lambda: said("certificate", certified(L**2 * norm_sq(x), fact("nothing", norm_sq(x), 0))), "not reached"),
    Planted("derivation", "a factor", lambda: said("derivation", derived(LEMMA_5, IN_RANGE)), "equal",
            lambda: said("derivation", derived(LEMMA_5 / 2, IN_RANGE)), "not reached"),
    Planted("derivation", "a missing square", lambda: said("derivation", derived(LEMMA_5, IN_RANGE)), "equal",
            lambda: said("derivation", derived(LEMMA_5 / H, IN_RANGE)), "not reached"),
    Planted("derivation", "a lost hypothesis", lambda: said("derivation", derived(LEMMA_5, IN_RANGE)), "equal",
            lambda: said("derivation", derived(LEMMA_5)), "not reached"),
    Planted("derivation", "a lost hypothesis", lambda: said("derivation", derived(LEMMA_5, *MEMORY), bench(assumed=MEMORY)), "equal",
            lambda: said("derivation", derived(LEMMA_5, *MEMORY[1:]), bench(assumed=MEMORY)), "conditional"),
    Planted("rate", "a wrong power", lambda: said("rate", sized(sp.Rational(1, 4))), "equal",
            lambda: said("rate", sized(sp.Rational(1, 2))), "contradicted"),
    Planted("rate", "a missing square", lambda: said("rate", ordered(1 / T, H**2 / gamma**2 / T), bench(RATED)), "equal",
            lambda: said("rate", ordered(1 / T, H / gamma**2 / T), bench(RATED)), "not reached"),
    Planted("attack", "a factor", lambda: attacked(at_most(memory_sq, LEMMA_5), *MEMORY, given.fixed_step), "not broken",
            lambda: attacked(at_most(memory_sq, LEMMA_5 / 8), *MEMORY, given.fixed_step), "broken"),
    Planted("attack", "a missing square", lambda: attacked(at_most(memory_sq, LEMMA_5), *MEMORY, given.fixed_step), "not broken",
            lambda: attacked(at_most(memory_sq, LEMMA_5 / H), *MEMORY, given.fixed_step), "broken"),
    Planted(
        "attack", "a lost hypothesis",
        lambda: attacked(at_most(deviation_sq, 4 * eta_t**2 * G**2 * H**2), *MEMORY, given.decaying_step, given.shift_above_gap,
                         arena="deviation"), "not broken",
        lambda: attacked(at_most(deviation_sq, 4 * eta_t**2 * G**2 * H**2), *MEMORY, given.decaying_step, arena="deviation"), "broken",
    ),
    Planted("attack", "a biased quantiser", second_moment_of_qsgd, "not broken", with_biased_reference, "disagrees with the reference"),
    Planted("evaluation", "a factor", lambda: evaluated(99_400), "true", lambda: evaluated(2 * 99_400), "false"),
    Planted("tightness", "a factor", lambda: worst(LEMMA_5), "within", lambda: worst(LEMMA_5 / 100), "exceeded"),
    Planted("tightness", "a missing square", lambda: worst(eta**2 * G**2 * H**2, "lemma-7"), "within",
            lambda: worst(eta**2 * G**2, "lemma-7"), "exceeded"),
    Planted("consistency", "a factor", lambda: restated(LEMMA_5), "agrees", lambda: restated(2 * LEMMA_5), "differs"),
    Planted("consistency", "a missing square", lambda: restated(LEMMA_5), "agrees", lambda: restated(LEMMA_5 / H), "differs"),
    Planted("cross-check", "a biased quantiser", twins, "agrees", with_biased_twin, "disagrees"),
    Planted("cross-check", "a twin off by one in the synchronisation", lambda: twins("algorithm_1"), "agrees", with_late_twin, "disagrees"),
]  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: f"{planted.check}: {planted.error}")
def test_what_is_sound_passes_and_the_planted_error_is_caught_by_that_check(planted):
    assert planted.sound() == planted.good
    assert planted.wrong() == planted.caught


def test_every_check_and_every_kind_of_error_has_its_row():
    assert {planted.check for planted in PLANTED} == NAMES
    assert {planted.error for planted in PLANTED} >= KINDS
