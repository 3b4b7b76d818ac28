"""One-shot averaging on a kink: the lower bound is one, and near; and the theorem whose gap leaves the first stretch out falls."""

from fractions import Fraction as F
from itertools import product

import numpy as np
import pytest

from reference.local_sgd import init, step
from theory.papers import claims
from validation.attack import ARENAS, EFFORTS
from validation.one_shot import Run, mean_output

CLAIM = next(claim for claim in claims() if claim.id == "local_sgd/theorem-2.2/gap-as-defined")


def enumerated(run: Run) -> float:
    """E x^_T of one worker, over all its samples, by the reference."""
    signs = np.array(list(product([-1.0, 1.0], repeat=run.horizon)))
    state = init(np.zeros((len(signs), 1)), 1)
    for t in range(run.horizon):
        x, weight = state.x, float((run.shift + t) ** 2)
        gradients = np.where(x > 0, float(run.right), float(run.left)) * x + float(run.noise) * signs[:, t, None, None]
        state = step(state, gradients, float(4 / (run.right * (run.shift + t))), t + 1 >= run.horizon - 1, weight)[0]
    return float(state.output.mean())


@pytest.mark.parametrize(
    "run", [Run(10, 1, F(4), F(1), F(1), F(17)), Run(12, 1, F(9), F(2), F(1, 3), F(20)), Run(9, 1, F(2), F(2), F(3), F(9))]
)
def test_the_mean_of_the_output_is_bounded_from_below_and_nearly_met(run):
    exact, low = enumerated(run), float(mean_output(run))
    assert low <= exact
    if run.left == run.right:  # a parabola pushes nobody to one side
        assert abs(exact) < 1e-12
        assert low > -1e-9
    else:
        assert low > 0.9 * exact > 0


def test_the_theorem_with_the_gap_to_the_letter_falls_and_its_correction_does_not():
    found = ARENAS["one_shot"].attack(CLAIM.readings[0], EFFORTS["quick"], 0)
    assert found.outcome == "broken"
    for change, met in (({}, True), ({"shift": "16"}, False), ({"workers": "1"}, True)):
        again = ARENAS["one_shot"].replay(CLAIM.readings[0], found.witness | change)
        assert again.valid is met
        assert again.violated is (change != {"workers": "1"})  # one worker may be as far off as its variance says
    assert not ARENAS["one_shot"].replay(CLAIM.correction, found.witness).hypotheses["gap_from_zero"][0]


@pytest.mark.parametrize(
    ("change", "said"), [({"horizon": "1"}, "horizon must be in"), ({"right": "5"}, "right at most left"), ({"shift": "3"}, "first step")]
)
def test_what_the_bound_does_not_cover_is_refused(change, said):
    good = {"horizon": "10", "workers": "2", "left": "4", "right": "1", "noise": "1", "shift": "17"}
    with pytest.raises(ValueError, match=said):
        ARENAS["one_shot"].replay(CLAIM.readings[0], good | change)
