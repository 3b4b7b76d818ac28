"""Moments of linear recursions: against steps by hand, against every outcome of a random mask, enclosed over a million steps."""

from fractions import Fraction as F

import numpy as np
import pytest

from reference.exact import rationals
from reference.operators import rand_k
from reference.qsparse_local_sgd import init, step
from validation import gossip, moments
from validation.chains import mixings
from validation.quantities import Interval, bounds


def matrix(*rows: list) -> np.ndarray:
    return rationals([list(rows)])


def forms_of(n: int) -> np.ndarray:
    """E ||z||^2."""
    Q = rationals(np.zeros((1, n + 1, n + 1), dtype=int))
    Q[:, range(1, n + 1), range(1, n + 1)] = F(1)
    return moments.form(Q)


@pytest.mark.parametrize("exact", [True, False])
def test_a_driven_line_has_the_moments_of_its_recursion(exact):
    """z' = 1/2 z + 1 +- 1/4 from z = 3: mean and second moment by hand."""
    A, noise = matrix([1, 0], [1, F(1, 2)]), matrix([F(1, 16)])
    if not exact:
        A, noise = A.astype(float), noise.astype(float)
    one = moments.watched(moments.step([(1, A)], noise), [forms_of(1) if exact else forms_of(1).astype(float)])
    P, sums = moments.sums([one], 5, moments.start(matrix([3])[0] if exact else np.array([[3.0]])))
    mean, second, total = F(3), F(9), F(0)
    for _ in range(5):
        total += second
        mean, second = mean / 2 + 1, second / 4 + mean + 1 + F(1, 16)
    for found, wanted in ((P[0, 1], mean), (P[0, 2], second), (sums[0, 0], total)):
        low, high = bounds(found) if exact else (found, found)
        assert float(low) - 1e-12 <= wanted <= float(high) + 1e-12
        assert not exact or (low <= wanted <= high and high - low < F(1, 10**60))


def test_a_million_steps_are_those_of_the_geometric_series():
    """z' = 9/10 z +- 1 from 0: the sum of E z_t^2 in closed form."""
    q = F(81, 100)
    one = moments.watched(moments.step([(1, matrix([1, 0], [0, F(9, 10)]))], matrix([1])), [forms_of(1)])
    _, sums = moments.sums([one], 10**6, moments.start(matrix([0])[0]))
    low, high = bounds(sums[0, 0])
    wanted = (10**6 - 1 / (1 - q)) / (1 - q)  # up to q^(10^6), far below the width
    assert low <= wanted <= high
    assert high - low < F(1, 10**50)


def test_what_grows_without_bound_is_refused():
    one = moments.watched(moments.step([(1, matrix([1, 0], [0, 2]))]), [forms_of(1)])
    with pytest.raises(ValueError, match="grow without bound"):
        moments.sums([one], 10**6, moments.start(matrix([1])[0]))


def test_error_feedback_with_a_random_mask_has_the_moments_of_all_its_outcomes():
    """One worker of Qsparse-local-SGD with Rand_1 of 2 coordinates on a quadratic: the reference along all 2^3 sequences of masks."""
    rate, centre, start, T = F(1, 3), rationals([2, -1]), rationals([1, 4]), 3
    operator = rand_k(1)
    events = list(operator.events(start))
    paths = [(F(1), init(start, 1))]
    total = F(0)
    for _ in range(T):
        total += sum(p * (state.x**2).sum() for p, state in paths)
        paths = [
            (p * chance, step(state, state.x_hat - centre, rate, True, operator, uniforms[None])[0])
            for p, state in paths
            for chance, uniforms in events
        ]
    branches = []
    for kept in range(2):
        # z = (x, memory): the input is memory + rate (x - centre); the kept entry goes to x, the other stays
        rows = [[F(0)] * 5 for _ in range(5)]
        rows[0][0] = F(1)
        for i in range(2):
            sent = int(i == kept)
            rows[1 + i][1 + i], rows[3 + i][3 + i] = 1 - sent * rate, F(1 - sent)
            rows[1 + i][3 + i], rows[3 + i][1 + i] = F(-sent), (1 - sent) * rate
            rows[1 + i][0], rows[3 + i][0] = sent * rate * centre[i], -(1 - sent) * rate * centre[i]
        branches.append((F(1, 2), matrix(*rows)))
    Q = rationals(np.zeros((1, 5, 5), dtype=int))
    Q[:, [1, 2], [1, 2]] = F(1)
    one = moments.watched(moments.step(branches), [moments.form(Q)])
    _, sums = moments.sums([one], T, moments.start(np.concatenate([start, start * 0])[None]))
    low, high = bounds(sums[0, 0])
    assert low <= total <= high
    assert high - low < F(1, 10**60)


@pytest.mark.parametrize("intervals", [2, 3, 64])
def test_quantised_gossip_lies_between_its_bounds(intervals):
    """Every outcome of two rounds and the third by its start, two workers in the plane, against the moments from both sides."""
    structure = {"of": "gossip", "rounds": 3, "gap": 1, "intervals": intervals, "d": 2, "W": mixings(2)[1]}
    none = np.zeros((1, 2, 0), dtype=object)
    zero = rationals([[0, 0]])
    tilts = rationals([[[6, 8], [4, 3]]])
    arrays = {
        "slope": zero, "curvature": rationals([[1, F(1, 2)]]), "knots": none, "bends": none, "tilts": tilts, "noise": tilts * 0,
        "start": zero, "eta": rationals([F(1, 2)]),
    }  # fmt: skip
    floats = {name: values.astype(float) for name, values in arrays.items()}
    by_paths = gossip.KINDS["gossip"].measure(structure | {"law": "paths"}, floats)
    from_both_sides = gossip.KINDS["gossip"].measure(structure | {"law": "bounded"}, arrays)
    for name in ("average_gradient_sq", "average_local_gradient_sq"):
        found = from_both_sides[name][0]
        assert isinstance(found, Interval)
        assert float(found.low) - 1e-12 <= by_paths[name][0] <= float(found.high) + 1e-12
        assert (found.high - found.low) * 4 * intervals**2 < 200  # closes as the levels get finer


def test_a_long_quantised_run_is_measured_from_below_in_floats():
    structure = {"of": "gossip", "law": "bounded", "rounds": 10**6, "gap": 2, "intervals": 64, "d": 2, "W": mixings(2)[0]}
    arrays = {
        "slope": np.zeros((1, 2)), "curvature": np.array([[1.0, 0.5]]), "knots": np.zeros((1, 2, 0)), "bends": np.zeros((1, 2, 0)),
        "tilts": np.zeros((1, 2, 2)), "noise": np.ones((1, 2, 2)), "start": np.zeros((1, 2)), "eta": np.array([0.01]),
    }  # fmt: skip
    found = gossip.KINDS["gossip"].measure(structure, arrays)["average_gradient_sq"][0]
    floor = sum(a * 0.01 / 2 / (2 - 0.01 * a) for a in (1.0, 0.5))  # of SGD on the mean of two workers
    assert found == pytest.approx(floor, rel=1e-2)
