"""Long quantised runs of QPRSGD with coordinates all alike: between their ends lies every enumerated run, and what is false falls."""

from fractions import Fraction as F
from itertools import product

import numpy as np
import pytest
import sympy as sp

from reference.exact import rationals
from theory import hypotheses as given
from theory import symbols as v
from theory.claim import Reading, Relation, at_most
from validation import alike, gossip
from validation.attack import ARENAS, EFFORTS
from validation.chains import mixings, rounding
from validation.quantities import Interval, NotMeasured, bounds

LONG = ARENAS["qprsgd, long"]
M, K, N, d, s, eta = v.R, v.H, v.rounds, v.d, v.s, v.eta
RUNS = (given.smooth, given.worker_variance, given.heterogeneity, given.fixed_step)
GOSSIP = (*RUNS, given.spectral_gap, given.common_start)


def total(quantity):
    return sp.Sum(quantity, (v.t, 0, N - 1))


def reading(relation: Relation, of: str, hypotheses: tuple) -> Reading:
    return Reading("as stated", relation, hypotheses, arena="qprsgd", setting={"of": of})


def case(of: str, rounds: int, gap: int, s: int, d: int, workers: int = 2, exact: bool = False, differ: bool = False, **numbers):
    """`differ`: tilts and noise of the workers do."""
    structure = {"of": of, "law": "alike", "rounds": rounds, "gap": gap, "intervals": s, "d": d}
    if of == "gossip":
        structure["W"] = mixings(workers)[1]
    values = {"slope": 0, "curvature": F(1, 2), "tilts": 1, "noise": F(3, 2), "start": 2 * (of == "ring"), "eta": F(1, 2)} | numbers
    shapes = {"tilts": (1, workers, 1), "noise": (1, workers, 1), "eta": (1,)}
    arrays = {name: rationals(np.full(shapes.get(name, (1, 1)), F(value), dtype=object)) for name, value in values.items()}
    arrays |= {name: np.zeros((1, 1, 0), dtype=object) for name in ("knots", "bends")}
    if differ:
        arrays["tilts"] = arrays["tilts"] + rationals([3, -2, F(1, 3)][:workers])[:, None]
        arrays["noise"] = arrays["noise"] * rationals([1, F(1, 4), 2][:workers])[:, None]
    return structure, arrays if exact else {name: each.astype(float) for name, each in arrays.items()}


# ---- one vector ----


@pytest.mark.parametrize(("n", "intervals"), list(product((1, 2, 3, 4, 9), (1, 2, 3, 4, 5, 9))))
def test_the_noise_of_any_vector_lies_between_its_ends(n, intervals):
    rng = np.random.default_rng(0)
    vectors = np.concatenate([rng.normal(size=(2000, n)), 1 + rng.normal(size=(2000, n)) / 5, np.eye(n), np.ones((1, n))])
    noise, squares = rounding(vectors, intervals).variance(intervals), (vectors**2).sum(-1)
    ends = alike.ends_of_qsgd(n, intervals)
    low = float(ends.cross) * (vectors.sum(-1) ** 2 - squares) + float(ends.squares) * squares
    assert (low <= noise + 1e-12 * squares).all()
    assert (noise <= (float(ends.above) + 1e-12) * squares).all()


@pytest.mark.parametrize(("n", "intervals"), [(4, 1), (4, 3), (4, 9), (9, 2), (16, 2)])
def test_the_lower_end_is_attained_where_all_are_the_same(n, intervals):
    noise = rounding(rationals(np.ones((1, n), dtype=int)), intervals).variance(intervals)[0]
    ends = alike.ends_of_qsgd(n, intervals)
    assert ends.cross * n * (n - 1) + ends.squares * n == noise
    assert noise == F(n * n, 4 * intervals**2) or n == 9  # half way between two levels: both ends


# ---- runs ----


def enumerated(structure, arrays) -> dict[str, float]:
    """Means over the rounds by every outcome of all noise and all quantisers."""
    found = gossip.KINDS[structure["of"]].measure(structure | {"law": "paths"}, alike.spelled(structure, arrays))
    means = {f"mean {name}": values[0].mean() for name, values in found.items() if values.shape == (1, structure["rounds"])}
    return means | {name: found[name][0] for name in alike.AVERAGES}


@pytest.mark.parametrize("differ", [False, True])
@pytest.mark.parametrize(("of", "rounds", "gap", "intervals"), [*product(("ring", "gossip"), (1, 2), (1,), (1, 2, 3)), ("ring", 1, 3, 1)])
def test_every_enumerated_run_lies_between_the_ends(of, rounds, gap, intervals, differ):
    structure, arrays = case(of, rounds, gap, intervals, 4 if of == "ring" else 2, differ=differ)
    found, all_outcomes = alike.shown(structure, arrays), enumerated(structure, arrays)
    names = {name.removeprefix("most ") for name in found if name.startswith("most ")} - {alike.RISE}
    assert len(names) > 18
    for name in names:
        low, high = found[name][0], found[f"most {name}"][0]
        assert low - 1e-11 <= all_outcomes[name] <= high + 1e-11, name
    noise = "mean ring_noise_sq" if of == "ring" else "mean quantisation_noise_sq"
    assert differ or found[noise][0] > 0.3 * all_outcomes[noise]


@pytest.mark.parametrize("gap", [1, 3])
def test_three_workers_that_differ_have_the_means_of_their_outcomes(gap):
    """Of one coordinate in each segment nothing is rounded, so that both ends meet where enumeration is."""
    structure, arrays = case("ring", 1 if gap == 3 else 2, gap, 2, 3, workers=3, differ=True)
    found, all_outcomes = alike.shown(structure, arrays), enumerated(structure, arrays)
    for name in {name.removeprefix("most ") for name in found if name.startswith("most ")} - {alike.RISE}:
        assert found[name][0] == pytest.approx(all_outcomes[name], rel=1e-9, abs=1e-12), name
        assert found[f"most {name}"][0] == pytest.approx(all_outcomes[name], rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("planted", ["all segments as the first", "noise of another worker", "gradients without noise"])
def test_an_error_with_workers_that_differ_is_caught_by_enumeration(planted, monkeypatch):
    """Two workers of which one alone has noise, and moves: where it begins the hops it is rounded twice."""
    gap = 3 if planted == "gradients without noise" else 1
    structure, arrays = case("ring", 1, gap, 2, 4 if gap == 1 else 2, tilts=0, start=0)
    arrays["noise"][:, 1:] = 0
    if planted == "all segments as the first":
        monkeypatch.setattr(alike.Round, "kinds_of_segments", lambda self: {0: self.M})
    elif planted == "noise of another worker":
        monkeypatch.setattr(alike.Round, "noise", lambda self, k: self.spread[k][:, None] * self.size[:, ::-1] ** 2)
    else:
        monkeypatch.setattr(alike.Round, "noise_of_gradients", lambda self, k: 0 * self.size)
    found, all_outcomes = alike.shown(structure, arrays), enumerated(structure, arrays)
    names = {name.removeprefix("most ") for name in found if name.startswith("most ")} & set(all_outcomes)
    assert any(not found[name][0] - 1e-11 <= all_outcomes[name] <= found[f"most {name}"][0] + 1e-11 for name in names)


@pytest.mark.parametrize("of", ["ring", "gossip"])
def test_the_loss_rises_by_what_its_outcomes_say(of):
    structure, arrays = case(of, 1, 1, 2, 4 if of == "ring" else 2, differ=True)
    losses = gossip.KINDS[of].measure(structure | {"law": "paths", "rounds": 2}, alike.spelled(structure, arrays))["start_loss"][0]
    found = alike.shown(structure, arrays)
    assert found[alike.RISE][0] - 1e-12 <= losses[1] - losses[0] <= found[f"most {alike.RISE}"][0] + 1e-12


@pytest.mark.parametrize("of", ["ring", "gossip"])
def test_too_high_a_lower_end_is_caught_by_enumeration(of, monkeypatch):
    right = alike.ends_of_qsgd
    monkeypatch.setattr(alike, "ends_of_qsgd", lambda n, s: right(n, s)._replace(cross=right(n, s).cross * F(6, 5)))
    structure, arrays = case(of, 2, 1, 1, 4 if of == "ring" else 2)
    found, all_outcomes = alike.shown(structure, arrays), enumerated(structure, arrays)
    assert any(found[name][0] > all_outcomes[name] + 1e-6 for name in ("mean ring_noise_sq", "mean quantisation_noise_sq") if name in found)


@pytest.mark.parametrize("of", ["ring", "gossip"])
def test_exact_ends_enclose_those_in_floats(of):
    exact = alike.measured(*case(of, 1000, 3, 3, 8 if of == "ring" else 4, exact=True), rationals([F(1, 2)]))
    floats = alike.measured(*case(of, 1000, 3, 3, 8 if of == "ring" else 4), np.array([0.5]))
    for name, values in floats.items():
        if name.startswith("most "):
            both = exact[name][0]
            assert isinstance(both, Interval)
            assert float(both.low) == pytest.approx(floats[name.removeprefix("most ")][0], rel=1e-9, abs=1e-12)
            assert float(both.high) == pytest.approx(values[0], rel=1e-9, abs=1e-12)


def test_a_million_quantised_rounds_are_those_of_the_geometric_series():
    """One worker, four coordinates, one interval, from the minimum: both ends in closed form, D' = q D + R, R = P_v or P_v + eta^2 D."""
    rate, noise = F(1, 8), F(1)
    structure, arrays = case("ring", 10**6, 1, 1, 4, workers=1, exact=True, curvature=1, tilts=0, start=0, noise=noise, eta=rate)
    found = alike.measured(structure, arrays, arrays["eta"])["average_gradient_sq"][0]
    q = (1 - rate) ** 2
    plain = rate**2 * noise**2 / (1 - q)
    rounded = rate**2 * (plain + noise**2)  # E v^2 of what is rounded, v = eta (z + noise)
    low, high = plain + rounded / (1 - q), plain + rounded / (1 - q - rate**2)
    assert float(found.low) == pytest.approx(float(4 * low), rel=1e-4)
    assert float(found.high) == pytest.approx(float(4 * high), rel=1e-4)
    assert low > F(3, 2) * plain


# ---- what must fall, and what must not ----


def test_a_bound_that_only_quantisation_breaks_falls_over_a_long_run():
    """The floor of SGD on the mean of all workers, L eta sigma^2 / M, holds without QSGD, and not with it."""
    floor = at_most(v.average_local_gradient_sq, 2 * v.initial_gap / (N * K * eta) + v.L * eta * v.sigma**2 / M)
    asked = reading(floor, "ring", (*RUNS, given.ring_descent_share))
    found = LONG.attack(asked, EFFORTS["quick"], 0)
    assert found.outcome == "broken"
    assert found.witness["rounds"] > 100
    again = ARENAS["qprsgd"].replay(asked, found.witness)
    assert again.broken
    structure, arrays = gossip.parts_of(found.witness)
    without = gossip.closed(structure, arrays, arrays["eta"])["average_local_gradient_sq"][0]  # of one coordinate
    assert bounds(structure["d"] * without)[1] < bounds(again.rhs)[0] < bounds(again.lhs)[0]


@pytest.mark.parametrize(("share", "outcome"), [(1, "not broken"), (sp.Rational(99, 100), "broken")])
def test_lemma_5_over_all_rounds_is_attained(share, outcome):
    lemma = at_most(total(v.quantisation_noise_sq), share * d / (4 * s**2) * total(v.difference_sq))
    assert LONG.attack(reading(lemma, "gossip", GOSSIP), EFFORTS["quick"], 0).outcome == outcome


def test_a_bound_of_every_round_is_one_of_their_mean():
    asked = alike.ended(reading(at_most(v.ring_noise_sq, 2 * v.round_progress_sq - v.round_deviation_sq), "ring", RUNS))
    assert {x.name for x in asked.relation.lhs.free_symbols} == {"mean ring_noise_sq"}
    assert asked.relation.rhs.has(sp.Max)  # the end of what is taken away is not known by its sign
    with pytest.raises(NotMeasured, match="equality"):
        alike.ended(reading(Relation(v.ring_noise_sq, "==", v.round_progress_sq), "ring", RUNS))
    roots = alike.ended(
        reading(at_most(total(v.ring_noise_sq), (sp.sqrt(total(v.round_progress_sq)) + sp.sqrt(N) * v.sigma) ** 2), "ring", RUNS)
    )
    assert {x.name for x in roots.relation.rhs.free_symbols} == {"most mean round_progress_sq", "rounds", "sigma"}
    assert {x.name for x in roots.relation.lhs.free_symbols} == {"mean ring_noise_sq", "rounds"}
    with pytest.raises(NotMeasured, match="not linear"):  # of every round, a root is not that of the mean
        alike.ended(reading(at_most(v.ring_noise_sq, sp.sqrt(v.round_progress_sq) * v.sigma), "ring", RUNS))
    each = alike.ended(reading(at_most(v.stochastic_sq, v.sigma**2 * M + v.local_gradients_sq), "ring", RUNS))
    assert sp.simplify(each.relation.lhs - sp.Symbol("mean round_stochastic_sq", nonnegative=True) / K) == 0
    with pytest.raises(NotMeasured, match="more than means"):
        alike.ended(reading(at_most(v.ring_noise_sq.subs(v.t, 3), v.round_progress_sq), "ring", RUNS))


def test_what_is_no_run_with_coordinates_all_alike_is_refused():
    structure, arrays = case("ring", 1, 1, 1, 4)
    with pytest.raises(ValueError, match="as long as each other"):
        alike.shown(structure | {"d": 5}, arrays)
    with pytest.raises(ValueError, match="curve downwards"):
        alike.shown(structure, {**arrays, "curvature": -arrays["curvature"]})
    with pytest.raises(ValueError, match="grow without bound"):
        alike.measured(*case("ring", 1000, 1, 1, 32, exact=True, eta=F(9)), rationals([F(9)]))
    with pytest.raises(ValueError, match="no long run of QPRSGD"):
        LONG.replay(reading(at_most(v.average_gradient_sq, v.L), "ring", RUNS), {"of": "ring", "law": "alike"})
    low, high = bounds(alike.measured(*case("gossip", 1, 1, 3, 4, exact=True), rationals([F(1, 2)]))["mean quantisation_noise_sq"][0])
    assert high - low < F(1, 10**60)  # one round from a common start: both ends meet half way between two levels


@pytest.mark.parametrize(("workers", "W", "intervals"), [(2, 0, 2), (2, 2, 6), (3, -1, 6), (2, 2, 3)])
def test_a_run_whose_printed_step_does_not_exist_is_no_instance(workers, W, intervals):
    """s^2 (1 - rho)^2 is d mu^2, or less: a step of 0 in floats would leave the gradient where it is, as if it broke every bound."""
    structure, arrays = case("gossip", 1000, 1, intervals, 4, workers=workers)
    structure |= {"W": mixings(workers)[W], "step": "printed"}
    with np.errstate(all="ignore"):
        found = alike.shown(structure, arrays)
    assert np.isnan(found["eta"]).all()
    assert np.isnan(found["G"]).all()  # `search` asks for more than 0
    asked = reading(at_most(v.average_gradient_sq, v.L), "gossip", GOSSIP)
    with pytest.raises(ValueError, match=r"\(14\) names no step where"):
        ARENAS["qprsgd"].replay(asked, gossip.written("gossip", ((structure, arrays), 0), (F(1), F(1))))
    with np.errstate(all="ignore"):
        fine = alike.shown(structure | {"intervals": intervals + (4 if intervals == 3 else 1)}, arrays)
    assert (fine["eta"] > 0).all()
