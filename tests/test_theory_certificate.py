import json
import random
from dataclasses import replace
from fractions import Fraction

import pytest
import sympy
from sympy import Rational, Symbol, symbols

from theory.certificate import certify
from theory.stored import as_data, recheck
from theory.vectors import average_dot, average_norm_sq, dot, evaluate, gram_bases, norm_sq, vector, worker_vector, zero

eta, mu, L, gamma, p, c = symbols("eta mu L gamma p c", positive=True)
f_virtual, f_true = symbols("f_virtual f_true", nonnegative=True)  # gaps f(.) - f* at the virtual and the mean true iterate
f_workers = Symbol("f_workers", real=True)  # the average over workers of f^r at their own iterates, minus f*

# Qsparse-local-SGD, C.6 and C.7, with x* as the origin
virtual = vector("virtual")
true = worker_vector("true")
gradient = worker_vector("gradient")  # of f^r at the worker's own iterate
at_virtual = worker_vector("gradient at virtual")  # of f^r at the virtual iterate; its mean is the gradient of f there
small_step = (eta <= 1 / (4 * L), mu <= L)


def contraction_step(share=1):
    """(C.3): contraction, then Young."""
    m, x, after = vector("m"), vector("x"), vector("after")
    slack = (1 - gamma / p) * norm_sq(m) + share * p * (1 - gamma**2) / ((p - 1) * gamma) * norm_sq(x) - norm_sq(after)
    return slack, {"contraction": (1 - gamma) * norm_sq(m + x) - norm_sq(after)}, {"contraction": 1}, (gamma <= 1, p > 1)


def lemma_14(reading="virtual", deviation=3, distance=3, gap=1, power=2, loose=()):
    """(C.27): `deviation`, `distance` and `gap` are printed constants; `loose` hypotheses are left out."""
    hypotheses = {
        "lipschitz": L**power * average_norm_sq(true - virtual) - average_norm_sq(gradient - at_virtual),
        "gradient_gap": 2 * L * f_virtual - norm_sq(at_virtual.mean),
        "strong_convexity": 2 * average_dot(true, gradient) - 2 * f_workers - mu * average_norm_sq(true),
        "smoothness": 2 * f_workers - 2 * f_virtual + 2 * average_dot(virtual - true, gradient) + L * average_norm_sq(virtual - true),
        "smoothness_of_f": L / 2 * norm_sq(true.mean) - f_true,
    }
    multipliers = {"lipschitz": 2 * eta**2, "gradient_gap": 2 * eta**2, "strong_convexity": eta, "smoothness": eta}
    if reading == "true":
        multipliers["smoothness_of_f"] = gap * eta * mu / (2 * L)
    slack = (
        (1 - mu * eta / 2) * norm_sq(virtual)
        - gap * eta * mu / (2 * L) * (f_virtual if reading == "virtual" else f_true)
        + eta * (3 * mu / 2 + distance * L) * norm_sq(true.mean - virtual)
        + deviation * eta * L * average_norm_sq(true.deviation)
        - norm_sq(virtual - eta * gradient.mean)
    )
    return slack, hypotheses, {name: value for name, value in multipliers.items() if name not in loose}, small_step


def descent(last=1, longest=1, loose=()):
    """(C.17) without the variance, which stands on both sides: f at the next virtual iterate is `f_next`."""
    f_next = Symbol("f_next", real=True)
    here = worker_vector("gradient of f")  # of the average function f, at the workers' iterates
    hypotheses = {
        "smoothness": f_virtual - f_next - eta * dot(at_virtual.mean, gradient.mean) + eta**2 * L * norm_sq(gradient.mean),
        "local_lipschitz": L**2 * average_norm_sq(true - virtual) - average_norm_sq(gradient - at_virtual),
        "lipschitz": L**2 * average_norm_sq(true - virtual) - average_norm_sq(here - at_virtual.mean),
    }
    slack = f_virtual - f_next + last * eta * L**2 * average_norm_sq(virtual - true) - eta / 4 * average_norm_sq(here)
    multipliers = {"smoothness": 1, "local_lipschitz": eta / 2, "lipschitz": eta / 2}
    return slack, hypotheses, {name: value for name, value in multipliers.items() if name not in loose}, (eta <= longest / (2 * L),)


def convex_gradient_gap(constant=2, loose=()):
    """Remark 2, from the smoothness of f at the point one gradient step away and the minimum."""
    g, f_step = vector("g"), Symbol("f_step", real=True)
    hypotheses = {"smoothness": f_virtual - f_step - norm_sq(g) / L + L / 2 * norm_sq(g / L), "minimum": f_step}
    multipliers = {name: 2 * L for name in hypotheses if name not in loose}
    return constant * L * f_virtual - norm_sq(g), hypotheses, multipliers, ()


def strong_gradient_gap(constant=2, square=1):
    """Remark 3, from strong convexity between the point and the minimiser."""
    x, g = vector("x"), vector("g")
    return (
        norm_sq(g) - constant * mu * f_virtual,
        {"strong_convexity": -f_virtual + dot(g, x) - square * mu / 2 * norm_sq(x)},
        {"strong_convexity": 2 * mu},
        (),
    )


def jensen(constant=1):
    """Remark 4 over n, for any n."""
    return constant * average_norm_sq(true) - norm_sq(true.mean), {}, {}, ()


def variance(constant=1):
    """Remark 5."""
    return constant * average_norm_sq(true) - average_norm_sq(true - true.mean), {}, {}, ()


def young(inverse=1):
    """Remark 6."""
    u, v = vector("u"), vector("v")
    return gamma * norm_sq(u) + inverse * norm_sq(v) / gamma - 2 * dot(u, v), {}, {}, ()


def young_of_a_sum(inverse=1):
    """Remark 6, second line."""
    u, v = vector("u"), vector("v")
    return (1 + gamma) * norm_sq(u) + (1 + inverse / gamma) * norm_sq(v) - norm_sq(u + v), {}, {}, ()


STEPS = {
    "C.3": contraction_step(),
    "C.27 at the virtual iterate": lemma_14("virtual"),
    "C.27 at the true iterate": lemma_14("true"),
    "C.17": descent(),
    "remark 2": convex_gradient_gap(),
    "remark 3": strong_gradient_gap(),
    "remark 4": jensen(),
    "remark 5": variance(),
    "remark 6": young(),
    "remark 6 of a sum": young_of_a_sum(),
}

PLANTED = {
    "C.3, halved": contraction_step(share=Rational(1, 2)),
    "C.3, (1 - gamma)^2 for 1 - gamma^2": contraction_step(share=(1 - gamma) / (1 + gamma)),
    "C.27, deviation term lost": lemma_14("virtual", deviation=0),
    "C.27, distance term lost": lemma_14("true", distance=-Rational(3, 2)),
    "C.27, gap five times": lemma_14("virtual", gap=5),
    "C.27, gap five times at the true iterate": lemma_14("true", gap=5),
    "C.27, missing square": lemma_14("virtual", power=1),
    "C.17, quartered": descent(last=Rational(1, 4)),
    "C.17, step too long": descent(longest=4),
    "remark 2, halved": convex_gradient_gap(constant=1),
    "remark 3, doubled": strong_gradient_gap(constant=4),
    "remark 3, curvature halved": strong_gradient_gap(square=Rational(1, 2)),
    "remark 4, halved": jensen(Rational(1, 2)),
    "remark 5, halved": variance(Rational(1, 2)),
    "remark 6, halved": young(Rational(1, 2)),
    "remark 6 of a sum, halved": young_of_a_sum(Rational(1, 2)),
    **{f"C.27 without {name}": lemma_14("true", loose=[name]) for name in lemma_14("true")[2]},
    **{f"C.17 without {name}": descent(loose=[name]) for name in descent()[2]},
    **{f"remark 2 without {name}": convex_gradient_gap(loose=[name]) for name in convex_gradient_gap()[2]},
}


def stands(certificate):
    """Whether the certificate, stored, checks again without leaving a sign to a solver."""
    try:
        return recheck(json.loads(json.dumps(as_data(certificate)))) == ()
    except ValueError:
        return False


@pytest.mark.parametrize("name", STEPS)
def test_a_step_of_the_paper_is_certified(name):
    certificate = certify(*STEPS[name])
    assert certificate.outcome == "proved", certificate.evidence
    assert stands(certificate)


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_error_is_not_certified(name):
    certificate = certify(*PLANTED[name])
    assert certificate.outcome == "not reached"
    assert not stands(certificate)


def random_point(expressions, rng, workers=3, d=2):
    """Random exact vectors and scalars for every symbol of the expressions."""
    arrays, scalars = {}, {}
    for symbol in sorted(set().union(*(e.free_symbols for e in expressions)), key=lambda s: s.name):
        bases = gram_bases(symbol)
        if bases is None:
            scalars[symbol] = Fraction(rng.randint(1, 9), rng.randint(1, 9)) + (symbol == p)
            continue
        for base in bases:
            name = base.name.removeprefix("mean ")
            own = base.kind == "deviation" or base.name != name
            if name not in arrays:
                shape = (workers, d) if own else (1, d)
                rows = [[Fraction(rng.randint(-9, 9), rng.randint(1, 5)) for _ in range(shape[1])] for _ in range(shape[0])]
                arrays[name] = rows if own else rows[0]
    return arrays, scalars


@pytest.mark.parametrize("name", STEPS)
def test_a_certificate_is_an_identity_at_random_exact_vectors(name):
    slack, hypotheses, multipliers, _ = STEPS[name]
    certificate = certify(*STEPS[name])
    rng = random.Random(name)
    for case in certificate.cases[:1]:
        squares = sum((square.weight * average_norm_sq(square.form) for square in case.squares), sympy.S.Zero)
        rest = certificate.constant + squares
        arrays, scalars = random_point([slack, rest, *hypotheses.values(), *map(sympy.sympify, multipliers.values())], rng)
        value = {name: evaluate(hypothesis, arrays, scalars) for name, hypothesis in hypotheses.items()}
        combined = sum((evaluate(m, arrays, scalars) * value[name] for name, m in multipliers.items()), sympy.S.Zero)
        assert evaluate(slack, arrays, scalars) - combined - evaluate(rest, arrays, scalars) == 0


def test_a_pivot_that_vanishes_at_the_boundary_splits_the_region():
    certificate = certify(*contraction_step())
    assert len(certificate.cases) == 2  # gamma < 1 and gamma = 1
    x, y = vector("x"), vector("y")
    assert certify((1 - gamma) * norm_sq(x) + norm_sq(y) - 2 * (1 - gamma) * dot(x, y), {}, {}, (gamma <= 1,)).outcome == "proved"
    assert certify((1 - gamma) * norm_sq(x) + norm_sq(y) + gamma * dot(x, y), {}, {}, (gamma <= 1,)).outcome == "not reached"


def test_a_zero_pivot_needs_a_zero_row():
    x, y = vector("x"), vector("y")
    assert certify(dot(x, y), {}, {}).outcome == "not reached"
    assert certify(norm_sq(x + y) - norm_sq(x), {}, {}).outcome == "not reached"


def test_a_multiplier_must_be_nonnegative_unless_its_hypothesis_is_an_equality():
    x, y = vector("x"), vector("y")
    hypotheses = {"unit": c - norm_sq(x), "angle": dot(x, y)}
    slack = norm_sq(x - y) - 4 * dot(x, y)
    assert certify(slack, hypotheses, {"angle": -6}).outcome == "not reached"
    assert certify(slack, hypotheses, {"angle": -6}, equalities=["angle"]).outcome == "proved"
    assert certify(norm_sq(x) - c, hypotheses, {"unit": -1}).outcome == "not reached"
    assert certify(norm_sq(x) - c, hypotheses, {"unit": -1}, equalities=["unit"]).outcome == "proved"


def test_a_multiplier_with_a_pole_in_the_region_is_refused():
    x, y = vector("x"), vector("y")
    slack, hypotheses = norm_sq(x) - norm_sq(y), {"both": (1 - gamma) * (norm_sq(x) - norm_sq(y))}
    assert certify(slack, hypotheses, {"both": 1 / (1 - gamma)}, (gamma <= 1,)).outcome == "not reached"
    assert certify(slack, hypotheses, {"both": 1 / (1 - gamma)}, (gamma < 1,)).outcome == "proved"


def test_function_values_must_cancel():
    x = vector("x")
    assert certify(norm_sq(x) + f_workers, {}, {}).outcome == "not reached"
    assert certify(norm_sq(x) + f_virtual, {}, {}).outcome == "proved"  # a gap to the minimum is nonnegative
    assert certify(norm_sq(x) - f_virtual, {}, {}).outcome == "not reached"


def test_a_tampered_certificate_does_not_survive_its_recheck():
    certificate = certify(*lemma_14("virtual"))
    (case,) = certificate.cases
    assert not stands(replace(certificate, slack=certificate.slack - norm_sq(virtual) / 1000))
    assert not stands(replace(certificate, cases=(replace(case, squares=case.squares[1:]),)))
    assert not stands(replace(certificate, cases=()))
    assert not stands(replace(certificate, multipliers={**certificate.multipliers, "smoothness": eta / 2}))
    two = certify(*contraction_step())
    assert not stands(replace(two, cases=two.cases[:1]))


def test_an_average_over_workers_is_the_means_plus_the_deviations():
    u, v, x = worker_vector("u"), worker_vector("v"), vector("x")
    arrays = {"u": [[1, 2], [3, -4], [0, 5]], "v": [[2, 0], [-1, 1], [7, 3]], "x": [1, Fraction(1, 2)]}

    def inner(one, other):
        return sum((Fraction(s) * t for s, t in zip(one, other, strict=True)), Fraction(0))

    pairs = list(zip(arrays["u"], arrays["v"], strict=True))
    assert evaluate(average_dot(u, v), arrays, {}) == sum(inner(one, other) for one, other in pairs) / 3
    assert evaluate(average_dot(u, x), arrays, {}) == sum(inner(one, arrays["x"]) for one in arrays["u"]) / 3
    difference = [[c_ * Fraction(2) - s for c_, s in zip(row, arrays["x"], strict=True)] for row in arrays["u"]]
    assert evaluate(average_norm_sq(2 * u - x), arrays, {}) == sum(inner(row, row) for row in difference) / 3
    assert average_dot(u.mean, v.deviation) == 0
    assert (u - u.mean - u.deviation) == zero


def test_gram_symbols_do_not_depend_on_order():
    x, y = vector("x"), vector("y")
    assert dot(x, y) == dot(y, x)
    assert {gram_bases(symbol) is None for symbol in dot(x, eta * y).free_symbols} == {True, False}
    assert (x - y) * 2 == 2 * x - 2 * y


def test_bad_input_is_named():
    x, u = vector("x"), worker_vector("u")
    with pytest.raises(ValueError, match="average_dot"):
        dot(x, u)
    with pytest.raises(ValueError, match="name"):
        vector("a,b")
    with pytest.raises(ValueError, match="got smooth"):
        certify(norm_sq(x), {"smoothness": norm_sq(x)}, {"smooth": 1})
    with pytest.raises(ValueError, match="affine"):
        certify(norm_sq(x) ** 2, {}, {})
    with pytest.raises(ValueError, match="'x'"):
        evaluate(norm_sq(x), {}, {})
    with pytest.raises(ValueError, match="eta"):
        evaluate(eta * norm_sq(x), {"x": [1]}, {})
    with pytest.raises(ValueError, match="shape"):
        evaluate(dot(x, vector("y")), {"x": [1, 2], "y": [1]}, {})
