"""What the letters of a statement are declared to be is asked of every instance: no counterexample has a negative G or half a worker."""

import json

import pytest

from theory import hypotheses as h
from theory.claim import Reading, at_most
from theory.papers import claims
from theory.symbols import G, eta, memory_sq, n, sigma_sq_sum, tau
from validation.attack import ARENAS, Replay
from validation.letters import declared

FLAT = {"slope": "-1", "curvature": "0", "knots": ["-1", "1"], "bends": ["1", "-1"]}  # Huber's function: slopes -1 to 1
MOMENTUM = {
    "horizon": 2, "batch": 1, "operator": {"name": "linear", "residual": "1/2"}, "gamma": "3/4", "start": ["2"], "functions": [[[FLAT]]],
    "step": {"rule": "fixed", "eta": "1", "beta": "1/2"},
    "constants": {
        "L": "1", "weak_convexity": "0", "G": "1", "U": "3", "distance_bound": "9", "direction_bound": "9", "error_bound": "9",
        "lag_factor": "9", "turn_factor": "0", "largest_turn": "0",
    },
}  # fmt: skip
TWO_WAY = {
    "algorithm": "2", "workers": 1, "operator": {"name": "linear", "residual": "1/2"}, "gamma": "3/4", "beta": "0", "eta": ["1", "1"],
    "start": ["2"], "functions": [[[FLAT]]], "constants": {"L": "1", "sigma": "0", "G": "1"}, "free": {"young": "1"},
}  # fmt: skip
VECTORS = {
    "letters": {"L": "1", "mu": "1", "eta": "1", "workers": "1", "n": "1", "batch": "1", "young": "1"},
    "points": {"u": ["1"], "v": ["1"], "u_i": [["1"]]},
}
MEMORY = {
    "gap": 1, "synchronise": [1, 2], "gamma": "3/4", "G": "1", "step": {"rule": "fixed", "eta": "1"}, "gradients": [[["-1"]], [["-1"]]],
    "residuals": [[["-1/2"]], [["-3/4"]]],
}  # fmt: skip


def printed(claim: str) -> Reading:
    return next(each for each in claims() if each.id == claim).readings[0]


LINEAR_IN_G = Reading("planted", at_most(memory_sq, G * eta), (h.gap_from_zero, h.contraction, h.second_moment), arena="memory")

CASES = (
    (printed("mdsgd/lemma-11"), MOMENTUM, ("constants", "G"), "-1", "G must be positive, got -1"),
    (printed("dist_ef_sgd/eq-5/young"), TWO_WAY, ("free", "young"), "-1/2", "young must be positive, got -1/2"),
    (printed("qsparse_local_sgd/remark-6"), VECTORS, ("letters", "young"), "-1", "young must be positive, got -1"),
    (LINEAR_IN_G, MEMORY, ("G",), "-1", "G must be positive, got -1"),
    (Reading("planted", at_most(n, 5), (), arena="scalars"), {"n": "5"}, ("n",), "11/2", "n must be a positive integer, got 11/2"),
    (
        Reading("planted", at_most(0, sigma_sq_sum), (), arena="scalars"),
        {"sigma_sq_sum": "0"}, ("sigma_sq_sum",), "-1", "sigma_sq_sum must be nonnegative, got -1",
    ),
)  # fmt: skip


def replayed(reading, instance) -> Replay:
    return ARENAS[reading.arena].replay(reading, instance)


@pytest.mark.parametrize(("reading", "instance", "place", "value", "complaint"), CASES, ids=lambda each: getattr(each, "arena", None))
def test_a_letter_that_is_not_as_declared_makes_no_counterexample(reading, instance, place, value, complaint):
    honest = replayed(reading, instance)
    assert honest.valid
    assert not honest.violated
    edited = json.loads(json.dumps(instance))
    within = edited
    for name in place[:-1]:
        within = within[name]
    within[place[-1]] = value
    found = replayed(reading, edited)
    assert found.violated
    assert not found.broken
    assert [why for met, why in found.hypotheses.values() if not met] == [complaint]


def test_a_letter_of_which_nothing_is_said_is_not_asked():
    assert replayed(Reading("planted", at_most(memory_sq, eta * 9), (h.second_moment,), arena="memory"), MEMORY | {"G": "-1"}).valid


def test_what_a_letter_may_be_is_told_in_words():
    assert [declared(letter.name) for letter in (n, tau, sigma_sq_sum)] == ["a positive integer", "positive", "nonnegative"]
    assert (declared("t"), declared("ratio")) == ("a nonnegative integer", "real")
