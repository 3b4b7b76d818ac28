"""The arenas of one-step arguments and of networks: false steps are broken by plain exact scenes, true ones are left standing."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from theory import hypotheses as given
from theory.claim import Reading, at_least, at_most, equals
from theory.scenes import (
    apart,
    expected_next_f,
    f_hat,
    f_least,
    f_min,
    f_mixed,
    f_shifted,
    f_tilde,
    f_x,
    f_y,
    g_hat,
    g_tilde,
    g_x,
    g_y,
    lag,
    local_f_hat,
    mean_g_hat,
    mean_variance,
    next_f,
    noise,
    p_bar,
    spread,
    u,
    u_i,
    v,
    x,
    x_hat,
    x_tilde,
    y,
)  # fmt: skip
from theory.symbols import L, eta, mixing, mu, n, resnet34_parameters, resnet50_kept, resnet50_parameters, resnet152_parameters, tau
from theory.vectors import average_dot, average_norm_sq, dot, evaluate, norm_sq
from validation import scenes
from validation.attack import ARENAS, EFFORTS

QUICK = EFFORTS["quick"]
SMOOTH = (given.smooth,)
HALF = (given.smooth, given.step_at_most_half)
CONVEX = (given.smooth, given.strongly_convex, given.minimiser, given.step_at_most_quarter)

stepped = norm_sq(x_tilde - eta * p_bar)
descent = expected_next_f - f_tilde
priced = eta**2 * norm_sq(p_bar) - 2 * eta * dot(x_tilde, p_bar)
C_15_SECOND = at_most(
    descent, -eta / 2 * (norm_sq(g_tilde.mean) - L**2 * apart) + (2 * eta**2 * L - eta) / 2 * norm_sq(p_bar) + eta**2 * L * mean_variance
)
C_15 = at_most(
    descent,
    -eta / 2 * (norm_sq(g_tilde.mean) + L**2 * apart)
    + (2 * eta**2 * L - eta) / 2 * average_norm_sq(mean_g_hat)
    + eta**2 * L * mean_variance
    + eta * L**2 * apart,
)


def lemma_14(f_at: sp.Symbol):
    growth = eta * (3 * mu / 2 + 3 * L) * lag + 3 * eta * L * spread
    return at_most(stepped, (1 - mu * eta / 2) * norm_sq(x_tilde) - eta * mu / (2 * L) * (f_at - f_min) + growth)


def c_35(factor):
    return at_most(priced, -eta * (f_tilde - f_min) - eta * mu * norm_sq(x_hat.mean) + factor * L * eta * (lag + spread))


def reading(arena: str, relation, hypotheses=(), **setting) -> Reading:
    return Reading("as printed", relation, tuple(hypotheses), arena=arena, setting=setting)


a_1 = at_most(f_shifted - dot(x - (g_x - g_y) / L, g_y), f_x - dot(x, g_y) - norm_sq(g_x - g_y) / (2 * L))
a_2 = at_least(dot(x + (g_x - g_y) / mu, g_y) - f_shifted, dot(x, g_y) - f_x - norm_sq(g_x - g_y) / (2 * mu))

FALSE = {
    "(C.15), last line": reading("step", C_15, HALF),
    "(C.29) without the square": reading("step", at_most(norm_sq(p_bar), 2 * L**2 * sp.sqrt(apart) + 2 * norm_sq(g_tilde.mean)), CONVEX),
    "(C.30) without the square": reading(
        "step", at_most(eta**2 * norm_sq(p_bar), 2 * eta**2 * L**2 * sp.sqrt(apart) + 4 * eta**2 * L * (f_tilde - f_min)), CONVEX
    ),
    "(A.2), second line": reading("function", a_2, (given.strongly_convex,), shift=1 / mu),
    "a planted error: (C.35) with 1/2": reading("step", c_35(sp.Rational(1, 2)), CONVEX),
    "a planted error: Remark 2 with half its factor": reading(
        "function", at_most(norm_sq(g_x), L * (f_x - f_least)), (given.smooth, given.convex, given.minimiser)
    ),
    "a lost hypothesis: tangents without convexity": reading("function", at_least(f_y, f_x + dot(g_x, y - x)), SMOOTH),
    "a lost hypothesis: (C.16) under the one-sided bound": reading(
        "step", at_most(average_norm_sq(mean_g_hat), 2 * L**2 * apart + 2 * norm_sq(g_tilde.mean)), (given.one_sided_smooth,)
    ),
    "a lost factor: Young without its one": reading("vectors", at_most(norm_sq(u + v), (1 + tau) * norm_sq(u) + norm_sq(v) / tau)),
    "a lost n: Remark 4": reading("vectors", at_most(n**2 * norm_sq(u_i.mean), n * average_norm_sq(u_i))),
}
TRUE = {
    "(C.15), second line": reading("step", C_15_SECOND, SMOOTH),
    "(C.15), last line, identical workers": reading("step", C_15, HALF, identical=True),
    "(C.16)": reading("step", at_most(average_norm_sq(mean_g_hat), 2 * L**2 * apart + 2 * norm_sq(g_tilde.mean)), SMOOTH),
    "(C.17)": reading(
        "step",
        at_most(eta / 4 * average_norm_sq(mean_g_hat), f_tilde - expected_next_f + eta**2 * L * mean_variance + eta * L**2 * apart),
        HALF,
    ),
    "(C.26)": reading("step", at_most(norm_sq(x_tilde - eta * (p_bar + noise)), stepped + eta**2 * mean_variance), (given.variance,)),
    "(C.28)": reading("step", equals(stepped, norm_sq(x_tilde) + priced)),
    "(C.29) with the square": reading("step", at_most(norm_sq(p_bar), 2 * L**2 * apart + 2 * norm_sq(g_tilde.mean)), CONVEX),
    "(C.32)": reading("step", at_most(-2 * average_dot(x_hat, g_hat), -2 * (local_f_hat - f_min) - mu * average_norm_sq(x_hat)), CONVEX),
    "(C.35)": reading("step", c_35(3), CONVEX),
    "(C.35), improved": reading("step", c_35(sp.Rational(3, 2)), CONVEX),
    "Lemma 14": reading("step", lemma_14(f_tilde), CONVEX),
    "(C.39)": reading("step", lemma_14(f_hat), CONVEX),
    "descent, draw by draw": reading(
        "step", at_most(next_f - f_tilde, -eta * dot(g_tilde.mean, p_bar + noise) + eta**2 * L / 2 * norm_sq(p_bar + noise)), SMOOTH
    ),
    "Definition 2": reading("function", at_most(f_mixed, mixing * f_x + (1 - mixing) * f_y), (given.convex, given.convex_weights)),
    "Remark 1": reading("function", at_least(f_y, f_x + dot(g_x, y - x)), (given.convex,)),
    "Remark 2": reading("function", at_most(norm_sq(g_x), 2 * L * (f_x - f_least)), (given.smooth, given.convex, given.minimiser)),
    "Remark 3": reading("function", at_least(norm_sq(g_x), 2 * mu * (f_x - f_least)), (given.strongly_convex, given.minimiser)),
    "(A.1)": reading("function", a_1, (given.smooth, given.convex), shift=-1 / L),
    "Remark 4": reading("vectors", at_most(n**2 * norm_sq(u_i.mean), n**2 * average_norm_sq(u_i))),
    "Remark 5": reading("vectors", equals(average_norm_sq(u_i.deviation), average_norm_sq(u_i) - norm_sq(u_i.mean))),
    "Remark 6": reading("vectors", at_most(2 * dot(u, v), tau * norm_sq(u) + norm_sq(v) / tau)),
}


def attack(stated: Reading, seed: int = 0):
    return ARENAS[stated.arena].attack(stated, QUICK, seed)


@pytest.mark.parametrize("name", FALSE)
def test_a_false_step_is_broken_by_an_exact_scene(name):
    stated = FALSE[name]
    found = attack(stated)
    assert found.outcome == "broken", found.evidence
    replay = ARENAS[stated.arena].replay(stated, json.loads(json.dumps(found.witness)))
    assert replay.broken
    assert replay.valid


@pytest.mark.parametrize("name", TRUE)
def test_a_true_step_is_not_broken(name):
    found = attack(TRUE[name])
    assert found.outcome == "not broken", found.evidence
    assert 0 < found.ratio <= 1


def test_the_same_seed_finds_the_same_witness():
    assert attack(FALSE["(C.15), last line"], 4) == attack(FALSE["(C.15), last line"], 4)


def test_the_witness_against_c_15_needs_workers_that_differ():
    found = attack(FALSE["(C.15), last line"])
    assert int(found.witness["letters"]["workers"]) > 1
    again = ARENAS["step"].replay(reading("step", C_15_SECOND, HALF), found.witness)
    assert again.valid
    assert not again.violated  # the line before holds in the same scene


def test_measured_inner_products_are_those_of_theory():
    stated = FALSE["(C.15), last line"]
    scene = scenes._read(attack(stated).witness)
    vectors, values = scenes.seen(scene)
    arrays = {name: values_[0].tolist() for name, values_ in vectors.items()}
    scalars = {s: (values | scene.letters)[s.name][0] for s in C_15.symbols if s.name in values | scene.letters}
    lhs, rhs = (evaluate(side, arrays, scalars) for side in (C_15.lhs, C_15.rhs))
    replay = ARENAS["step"].replay(stated, attack(stated).witness)
    assert (lhs, rhs) == (sp.sympify(replay.lhs), sp.sympify(replay.rhs))


# A scene by hand: f^(1) = x^2/2 and f^(2) = -x^2/2 + x in one coordinate, noise in another, where f^(r) = x^2/2.
def by_hand(**change) -> dict:
    def rows(*pairs):
        return [list(pair) for pair in pairs]

    scene = {
        "letters": {"L": "1", "mu": "1/2", "eta": "1/2", "workers": "2", "n": "2", "batch": "1", "sigma_sq_sum": "4", "sigma_max": "5"},
        "points": {"x_tilde": ["1", "0"], "x_hat": rows("20", ("-1", "0")), "noise": ["0", "1"]},
        "functions": {
            "slope": rows("00", "10"), "curvature": rows("11", ("-1", "1")), "knots": [[["0"], ["0"]]] * 2, "bends": [[["0"], ["0"]]] * 2,
        },
    }  # fmt: skip
    for path, value in change.items():
        part, name = path.split("__")
        scene[part] = {**scene[part], name: value}
    return scene


def test_a_scene_by_hand_measures_what_one_computes_by_hand():
    _, values = scenes.seen(scenes._read(by_hand()))
    # f = x/2 in the first coordinate: f(1) = 1/2, f(x_hat mean) = 1/4; local: (2^2/2 + (-1/2 - 1))/2 = 1/4.
    assert values["f(x_tilde)"][0] == Fraction(1, 2)
    assert values["f(x_hat)"][0] == Fraction(1, 4)
    assert values["mean f_r(x_hat_r)"][0] == Fraction(1, 4)
    # p_bar = (2 + (1 + 1))/2 = 2, so x~ moves to 0 and, by the noise, to 1/2 in the second: f = 1/2 (1/2)^2.
    assert values["E f(x_tilde - eta p)"][0] == Fraction(1, 8)


@pytest.mark.parametrize(
    ("hypothesis", "change", "met"),
    [
        (given.smooth, {}, True),
        (given.smooth, {"letters__L": "9/10"}, False),
        (given.convex, {}, False),
        (given.convex, {"functions__curvature": [["1", "1"], ["0", "1"]]}, True),
        (given.strongly_convex, {"functions__curvature": [["1", "1"], ["0", "1"]]}, False),
        (given.strongly_convex, {"functions__curvature": [["1", "1"], ["1/2", "1"]]}, True),
        (given.minimiser, {}, False),
        (given.minimiser, {"functions__curvature": [["1", "1"]] * 2, "functions__slope": [["-1", "0"], ["1", "0"]]}, True),
        (given.minimiser, {"functions__curvature": [["-1", "1"]] * 2, "functions__slope": [["-1", "0"], ["1", "0"]]}, False),
        (given.variance, {}, True),
        (given.variance, {"letters__sigma_sq_sum": "3"}, False),
        (given.step_at_most_half, {}, True),
        (given.step_at_most_quarter, {}, False),
    ],
)
def test_hypotheses_are_judged_on_the_scene_itself(hypothesis, change, met):
    stated = reading("step", at_most(norm_sq(p_bar), norm_sq(p_bar)), (hypothesis,))
    assert ARENAS["step"].replay(stated, by_hand(**change)).hypotheses[hypothesis.name][0] is met


def test_noise_that_is_not_apart_is_no_noise_of_mean_zero():
    stated = reading("step", equals(norm_sq(x_tilde + noise), norm_sq(x_tilde) + norm_sq(noise)))
    assert ARENAS["step"].replay(stated, by_hand()).valid
    assert not ARENAS["step"].replay(stated, by_hand(points__noise=["1", "1"])).valid


@pytest.mark.parametrize(
    ("scene", "message"),
    [
        (by_hand(letters__workers="3"), "as many as workers = n = 3, got 2"),
        (by_hand(points__u=["1", "0"]), "a scene of the step arena needs"),
        ({"points": {}}, "a scene needs letters, points"),
        (by_hand(letters__L="one"), "a scene needs letters, points"),
    ],
)
def test_what_is_no_scene_is_refused(scene, message):
    with pytest.raises(ValueError, match=message):
        ARENAS["step"].replay(reading("step", at_most(norm_sq(p_bar), 1)), scene)


def test_letters_that_no_scene_can_have_leave_no_instance():
    never = (given.smooth, given.strongly_convex, given.Hypothesis("never", "mu > L", mu > L))
    assert attack(reading("step", at_most(norm_sq(p_bar), 0), never)).outcome == "no instance"


def test_a_false_step_is_found_along_the_orbit_alone():
    # True at the scale of every drawn number, false for a loss that is large enough: only x -> c x, f -> s f finds it.
    found = attack(reading("function", at_most(norm_sq(g_x), 10**9 * (1 + norm_sq(x))), SMOOTH))
    assert found.outcome == "broken"


@pytest.mark.parametrize(
    ("relation", "outcome"),
    [
        (equals(resnet50_parameters, 25_610_216), "broken"),  # section 5.3.1 as printed
        (equals(resnet34_parameters, 21_797_672 - 990 * 513), "not broken"),  # that of ResNet34_Weights, with 10 classes for 1000
        (equals(resnet50_parameters, 25_557_032), "not broken"),  # torchvision's documentation of ResNet50_Weights
        (equals(resnet50_kept, 99_400), "not broken"),  # section 5.3.1 as printed
        (at_most(sp.Abs(resnet152_parameters - 60_192_808), 0), "not broken"),  # torchvision's documentation of ResNet152_Weights
    ],
)
def test_networks_are_counted(relation, outcome):
    stated = reading("resnet", relation)
    found = attack(stated)
    assert found.outcome == outcome
    if found.witness:
        assert ARENAS["resnet"].replay(stated, found.witness).broken
        with pytest.raises(ValueError, match="is not what torchvision's models have"):
            ARENAS["resnet"].replay(stated, {"resnet50_parameters": "1"})


def test_every_number_of_a_witness_is_rational():
    found = attack(FALSE["(A.2), second line"])
    flat = np.array([found.witness["points"][name] for name in "xy"]).ravel().tolist() + list(found.witness["letters"].values())
    assert all(str(Fraction(entry)) == entry for entry in flat)
