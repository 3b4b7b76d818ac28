"""The contraction of EF and EF21: programme, closed form, parabola and proof say the same."""

import math
from dataclasses import replace
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import sympy as sp

from reference import neighbour as reference
from theory import neighbour
from theory.certificate import certify
from theory.scenes import f_x, f_y
from theory.stored import as_data, recheck
from theory.symbols import L, eta, gamma, mu, residual, root
from theory.vectors import dot, evaluate, vector
from validation import performance
from validation.attack import EFFORTS
from validation.neighbour import METHODS, SETTINGS, best_step, closed_form, contraction, rows, verdicts
from validation.performance import TOLERANCE, solve
from validation.verdict import Ledger

BY_ID = {claim.id: claim for claim in neighbour.CLAIMS}


def root_by_hand(mu, gamma, eta):
    """The largest eigenvalue, in modulus, of one step on a parabola of any curvature between mu and 1, C(p) = (1 - r) p, |r| <= s."""
    s, found = math.sqrt(1 - gamma), 0.0
    for curvature in np.linspace(mu, 1, 25):
        for left in np.linspace(-s, s, 25):
            bent = eta * curvature
            step = [[1 - (1 - left) * bent, -(1 - left)], [left * bent, left]]
            found = max(found, abs(np.linalg.eigvals(np.array(step))).max())
    return found


# ---- the proof ----


@pytest.fixture(scope="module")
def judged():
    return verdicts()


@pytest.mark.parametrize("claim_id", BY_ID)
def test_every_claim_is_proved_in_every_reading_without_a_solver(claim_id, judged):
    assert judged[claim_id].verdict == "proved"
    for reading in judged[claim_id].readings:
        assert reading.verdict == "proved"
        assert reading.outcome("units") == "homogeneous"
        assert reading.outcome("hypotheses") == "satisfiable"


@pytest.mark.parametrize("claim_id", BY_ID)
def test_what_a_claim_relies_on_is_among_the_claims(claim_id):
    assert set(BY_ID[claim_id].relies) <= set(BY_ID)


@pytest.mark.parametrize("label", ["ef", "ef21"])
def test_a_faster_contraction_has_no_certificate(label):
    claim = BY_ID[f"neighbour/{label}"]
    reading = claim.readings[0]
    faster = replace(reading, relation=reading.relation.map(lambda side: side.subs(neighbour.q**2, sp.Rational(99, 100) * neighbour.q**2)))
    assert faster.relation != reading.relation
    planted = replace(claim, readings=(faster,))
    assert Ledger([planted], EFFORTS["quick"], 0)[planted.id].verdict == "unchecked"


@pytest.mark.parametrize("label", ["gradients", "ef", "ef21"])
def test_the_certificates_are_rechecked_without_looking_for_them(label):
    reading = BY_ID[f"neighbour/{label}"].readings[0]
    facts, multipliers = ({f.label: getattr(f, what) for f in reading.facts} for what in ("expression", "multiplier"))
    assert not recheck(as_data(certify(reading.relation.slack, facts, multipliers, reading.conditions)))


@pytest.mark.parametrize("share", [0.5, 1.0, 1.6])
@pytest.mark.parametrize(
    ("label", "names", "scale"), [("ef", ("apart", "g_apart"), 1), ("ef21", ("g_estimate", "g_difference"), eta)], ids=["ef", "ef21"]
)
def test_what_the_theorems_take_from_the_lemma_is_what_the_lemma_says(label, names, scale, share):
    """The step of EF21 is eta times the estimate, so the lemma there is one for eta^2 times as much."""
    reading = BY_ID["neighbour/turned"].readings[int(share > 1)]
    move, turned = (vector(name) for name in names)
    gram = {"<step,step>": dot(move, move), "<g_turn,step>": dot(move, turned), "<g_turn,g_turn>": dot(turned, turned)}
    step = {sp.Symbol(name, real=True): scale**2 * value for name, value in gram.items()}
    if label == "ef21":
        step = {symbol: value * eta ** -str(symbol).count("g_turn") for symbol, value in step.items()}
    numbers = {L: sp.Integer(1), mu: sp.Rational(1, 5), residual: sp.Rational(1, 4)}
    numbers[eta] = sp.nsimplify(share) * 2 * (1 - numbers[residual]) / ((1 + numbers[residual]) * (1 + numbers[mu]))
    reach = neighbour.TURN.subs(gamma, 1 - residual**2).subs(numbers)
    q = (reach + sp.sqrt(reach**2 + 4 * numbers[residual])) / 2
    says = (reading.relation.slack.subs(step) / scale**2).subs(numbers)
    takes = BY_ID[f"neighbour/{label}"].readings[0].facts[0].expression.subs({**numbers, root: q})
    assert all(sp.simplify(c) == 0 for c in sp.Poly(sp.expand(says - takes), *(says.free_symbols | takes.free_symbols)).coeffs())


@pytest.mark.parametrize(("curvature", "tight"), [(Fraction(1, 5), True), (Fraction(1, 2), False), (Fraction(1), True)])
def test_the_interpolation_inequalities_hold_on_parabolas_with_equality_at_both_curvatures(curvature, tight):
    points = {"x": [Fraction(3)], "y": [Fraction(-1, 2)]}
    arrays = points | {f"g_{name}": [curvature * at[0]] for name, at in points.items()}
    values = {f: curvature * points[name][0] ** 2 / 2 for name, f in (("x", f_x), ("y", f_y))}
    for each in BY_ID["neighbour/gradients"].readings[0].facts:
        slack = evaluate(each.expression, arrays, {**values, L: 1, mu: Fraction(1, 5)})
        assert slack == 0 if tight else slack > 0


def test_another_published_rate_would_be_refuted():
    claim = BY_ID["neighbour/as-published"]
    wrong = replace(claim.readings[0], relation=claim.readings[0].relation.map(lambda side: side.subs(16, 15)))
    planted = replace(claim, readings=(wrong,))
    assert Ledger([planted], EFFORTS["quick"], 0)[planted.id].verdict == "refuted"


def test_the_rate_solves_the_equation_of_its_root():
    at = {L: 3, mu: sp.Rational(1, 7), gamma: sp.Rational(3, 4), eta: sp.Rational(1, 5)}
    root, turn, s = (each.subs(at) for each in (neighbour.ROOT, neighbour.TURN, sp.sqrt(1 - gamma)))
    assert sp.simplify(root**2 - turn * root - s) == 0


# ---- the numbers ----


@pytest.mark.parametrize("setting", SETTINGS)
def test_programme_closed_form_and_reference_agree_at_every_kind_of_step(setting):
    for row in rows([setting]):
        assert row.worst.status == "optimal"
        assert abs(row.difference) <= TOLERANCE
        assert row.worst.exact
        assert row.worst.attained_by_reference == pytest.approx(row.closed_form, rel=1e-12)
        assert min(row.worst.multipliers) >= -TOLERANCE * max(row.worst.multipliers)


@pytest.mark.parametrize("share", [0.05, 0.6, 1.0, 1.4])
@pytest.mark.parametrize("gamma", [0.1, 0.5, 0.95])
def test_no_parabola_and_no_linear_map_does_worse_than_the_closed_form(gamma, share):
    eta = share * best_step(1.0, 0.2, gamma)
    assert root_by_hand(0.2, gamma, eta) ** 2 == pytest.approx(closed_form(1.0, 0.2, gamma, eta), rel=1e-9)


def test_the_best_step_is_the_best():
    best = closed_form(1.0, 0.1, 0.5, best_step(1.0, 0.1, 0.5))
    others = [closed_form(1.0, 0.1, 0.5, share * best_step(1.0, 0.1, 0.5)) for share in (0.5, 0.9, 0.99, 1.01, 1.1, 2.0)]
    assert min(others) > best


@pytest.mark.parametrize("method", METHODS)
def test_the_contraction_does_not_change_with_the_scale_of_the_problem(method):
    one = contraction(method, L=1.0, mu=0.2)
    assert contraction(method, L=1e6, mu=2e5).value == pytest.approx(one.value, rel=TOLERANCE)
    assert contraction(method, L=1e6, mu=2e5).exact


@pytest.mark.parametrize("method", METHODS)
def test_a_solver_that_gives_up_gives_no_rate(method, monkeypatch):
    monkeypatch.setattr(performance, "solve", partial(solve, max_iter=1))
    failed = contraction(method)
    assert failed.value is None
    assert failed.gap == math.inf
    assert failed.status != "optimal"
    assert math.isnan(rows(((0.1, 0.5, 1.0),))[0].difference)


@pytest.mark.parametrize(
    ("method", "parameters", "says"),
    [
        ("ef22", {}, "method must be one of ef, ef21, got 'ef22'"),
        ("ef", {"mu": 1.0}, "mu must be below L = 1, got 1.0"),
        ("ef", {"mu": -1.0}, "mu must be positive and finite, got -1.0"),
        ("ef", {"gamma": 1.0}, "gamma must lie strictly between 0 and 1, got 1.0"),
        ("ef21", {"eta": 0.0}, "eta must be positive and finite, got 0.0"),
    ],
)
def test_bad_input_is_refused_by_name(method, parameters, says):
    with pytest.raises(ValueError, match=says):
        contraction(method, **parameters)


# ---- EF21 itself ----


def test_ef21_moves_by_its_estimate_and_corrects_it_with_the_message():
    start = reference.init([Fraction(1), Fraction(-2)], [Fraction(1, 2), Fraction(0)])
    after, message = reference.step(start, lambda x: 3 * x, Fraction(1, 4), lambda v, u: v / 2)
    assert after.x.tolist() == [Fraction(7, 8), Fraction(-2)]
    assert message.tolist() == [Fraction(17, 16), Fraction(-3)]
    assert after.estimate.tolist() == [Fraction(25, 16), Fraction(-3)]


def test_ef21_without_compression_is_gradient_descent():
    state = reference.init(np.array([2.0]), np.array([2.0]))
    for _ in range(5):
        state, _ = reference.step(state, lambda x: x, 0.25, lambda v, u: v)
    assert state.x == pytest.approx([2 * 0.75**5])


def test_ef21_refuses_an_estimate_of_another_shape():
    with pytest.raises(ValueError, match=r"estimate must have the shape \(2,\) of x0, got \(1,\)"):
        reference.init(np.zeros(2), np.zeros(1))
