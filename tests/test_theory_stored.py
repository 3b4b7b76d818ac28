"""Certificates as data: they check again by algebra alone, and whatever is changed in them is refused."""

import copy
import json

import pytest
import sympy
import z3

from theory import signs
from theory.certificate import certify
from theory.spelled import letter, read, spell
from theory.stored import Refused, as_data, from_data, recheck
from theory.vectors import average_norm_sq, dot, norm_sq, vector, worker_vector

eta, L, G = sympy.symbols("eta L G", real=True, positive=True)
beta = sympy.Symbol("beta", real=True, nonnegative=True)
x, g, u = vector("x"), vector("g"), worker_vector("u")
SHORT = (eta <= 1 / (4 * L),)


def of_a_step():
    """A step of gradient descent, with a multiplier, pivots and a sign that needs the condition on the step."""
    slack = norm_sq(x) - norm_sq(x - eta * g) - eta * (2 - eta * L) * norm_sq(g) / L + eta * norm_sq(u.deviation.mean)
    cocoercive = dot(x, g) - norm_sq(g) / L
    return certify(slack + eta * (1 - 4 * eta * L) * norm_sq(x), {"cocoercive": cocoercive}, {"cocoercive": 2 * eta}, SHORT)


def of_momentum():
    """A pivot that vanishes at beta = 0."""
    slack = beta * norm_sq(x) + norm_sq(g) / (1 - beta) - norm_sq(beta * x + g)
    return certify(slack, {}, {}, (beta < 1,))


def stored(certificate):
    return json.loads(json.dumps(as_data(certificate)))


@pytest.mark.parametrize("make", [of_a_step, of_momentum])
def test_a_stored_certificate_checks_without_a_solver(make, monkeypatch):
    certificate = make()
    data = stored(certificate)
    monkeypatch.setattr(z3.Solver, "check", lambda *_: pytest.fail("a solver was asked"))
    assert recheck(data) == ()
    again = from_data(data)
    assert sympy.expand(again.slack - certificate.slack) == 0


def test_where_a_pivot_vanishes_the_boundary_is_a_case_of_its_own():
    assert [case["where"] for case in stored(of_momentum())["cases"]] == [["beta > 0"], ["beta == 0"]]


def changed(data, place, value):
    data = copy.deepcopy(data)
    at = data
    for step in place[:-1]:
        at = at[step]
    assert at[place[-1]] != value
    at[place[-1]] = value
    return data


TAMPERED = {
    "the statement": (of_a_step, ["nonnegative"], "dot('x', 'x')"),
    "a hypothesis": (of_a_step, ["hypotheses", "cocoercive", "expression"], "dot('g', 'x') - 2*dot('g', 'g')/L"),
    "a multiplier": (of_a_step, ["hypotheses", "cocoercive", "multiplier"], "3*eta"),
    "an inequality for an equality": (of_a_step, ["hypotheses", "cocoercive", "is"], "zero"),
    "a hypothesis that is neither": (of_a_step, ["hypotheses", "cocoercive", "is"], "positive"),
    "a division by zero": (of_a_step, ["cases", 0, "squares", 0, "pivot"], "1/0"),
    "a condition": (of_a_step, ["given"], ["eta <= 1/L"]),
    "no condition": (of_a_step, ["given"], []),
    "a pivot": (of_a_step, ["cases", 0, "squares", 0, "pivot"], "eta"),
    "a row": (of_momentum, ["cases", 0, "squares", 0, "of", 0, "times"], "beta"),
    "a square left out": (of_momentum, ["cases", 0, "squares"], []),
    "a case left out": (of_momentum, ["cases"], stored(of_momentum())["cases"][:1]),
    "a case for another": (of_momentum, ["cases", 1, "where"], ["beta == 1"]),
    "the constant": (of_a_step, ["constant"], "1"),
    "no signs": (of_a_step, ["signs"], []),
    "a letter that is not known": (of_a_step, ["letters"], {"eta": "real positive"}),
    "a letter that may be negative": (of_a_step, ["letters", "eta"], "real"),
    "no certificate": (of_a_step, ["cases"], None),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_certificate_is_refused(what):
    make, place, value = TAMPERED[what]
    with pytest.raises(Refused):
        recheck(changed(stored(make()), place, value))


def test_a_reason_that_was_made_weaker_is_refused():
    data = stored(of_a_step())
    reasons = [(i, j) for i, sign in enumerate(data["signs"]) for j, factor in enumerate(sign["cases"][0]["factors"]) if factor["sum"]]
    assert reasons
    for i, j in reasons:
        with pytest.raises(Refused):
            recheck(changed(data, ["signs", i, "cases", 0, "factors", j, "sum"], []))
        with pytest.raises(Refused):
            recheck(changed(data, ["signs", i, "cases", 0, "factors", j, "sign"], -data["signs"][i]["cases"][0]["factors"][j]["sign"]))


def test_a_sign_left_to_the_solver_is_named():
    data = stored(of_a_step())
    data["signs"][0] = {"shown": data["signs"][0]["shown"], "by": "z3"}
    assert recheck(data) == (data["signs"][0]["shown"],)


def test_only_a_proved_certificate_is_stored():
    with pytest.raises(ValueError, match="not reached"):
        as_data(certify(dot(x, g), {}, {}))


@pytest.mark.parametrize(
    ("expression", "kind", "given"),
    [
        (1 - 4 * eta * L, "nonnegative", SHORT),
        (eta * (1 - 2 * eta * L), "positive", SHORT),
        ((1 - eta * L) * (2 - eta * L), "positive", SHORT),
        ((eta * L - 1) ** 2 * (G - L) / (1 + eta), "nonnegative", (G >= L,)),
        (beta - 1, "nonzero", (beta < 1,)),
        ((beta - 1) * (beta - 2), "positive", (beta < 1,)),
        (1 - sympy.sqrt(1 - G), "positive", (G <= 1,)),
        (G + sympy.sqrt(1 - G) - 1, "positive", (G < 1,)),
        (1 - G / 2 - sympy.sqrt(1 - G), "nonnegative", (G <= 1,)),
        (sympy.Max(eta, L) - eta, "nonnegative", ()),
        (eta + L - sympy.Abs(eta - L), "positive", ()),
        (1 - sympy.Min(eta * L, beta), "positive", (beta < 1,)),
        (G - 2 * L, "nonnegative", (sympy.Eq(G, 2 * L),)),
        (2 * L - G, "nonnegative", (sympy.Eq(G, 2 * L),)),
    ],
)
def test_a_sign_has_a_reason_that_shows_it(expression, kind, given):
    reason = signs.find(expression, kind, given)
    assert reason is not None
    assert signs.shows(reason, expression, kind, given)
    assert not signs.shows(reason, expression + 1, kind, given)
    assert not signs.shows(reason, -expression, "positive", given)


@pytest.mark.parametrize(
    ("expression", "kind", "given"),
    [
        (1 - 5 * eta * L, "nonnegative", SHORT),
        (1 - 4 * eta * L, "positive", SHORT),
        (beta, "positive", ()),
        (beta - 1, "nonzero", (beta <= 1,)),
        (eta - L, "nonnegative", ()),
        (sympy.sqrt(1 - G) - 1, "nonnegative", (G <= 1,)),
        (G + sympy.sqrt(1 - G) - 1, "positive", (G <= 1,)),
        (sympy.Max(eta, L) - eta, "positive", ()),
        (sympy.Min(eta, L) - eta, "nonnegative", ()),
        (G - L, "nonnegative", (sympy.Eq(G, L / 2),)),
    ],
)
def test_a_false_sign_has_no_reason(expression, kind, given):
    assert signs.find(expression, kind, given) is None


def test_text_gives_the_expression_back():
    letters = {each.name: each for each in (eta, L, beta, sympy.Symbol("f(x)", real=True))}
    for expression in (
        eta * average_norm_sq(u) - dot(x, g) / (2 * L),
        sympy.sqrt(L) + sympy.Max(eta, beta) - sympy.Rational(3, 7) * letters["f(x)"] ** 2,
        eta <= 1 / (4 * L),
        sympy.Eq(beta, eta * L),
    ):
        assert read(spell(expression), letters) == expression
    assert letter("eta", "real positive") == eta
    assert letter("eta", "real") != eta


@pytest.mark.parametrize("text", ["__import__('os')", "eta.free_symbols", "[1, 2]", "lambda: 1", "eta; L", "unknown", "1.5*eta"])
def test_text_that_is_no_expression_is_refused(text):
    with pytest.raises(ValueError, match=r"cannot read|not allowed"):
        read(text, {"eta": eta, "L": L})
