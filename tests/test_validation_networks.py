"""Gossip on larger graphs: from `normal` effort on every claim meets a torus, an exponential graph and random ones, and replays there."""

import numpy as np
import pytest
import sympy as sp

from reference.topology import check, exponential, metropolis, torus
from theory import hypotheses as given
from theory import symbols as v
from theory.claim import Reading, at_most
from theory.papers import claims
from validation import alike
from validation.attack import EFFORTS, generator
from validation.chains import mixings, networks, read_mixing, spectrum, written
from validation.gossip import ARENA, KINDS, parts_of, shown
from validation.gossip import written as as_instance
from validation.quantities import bounds
from validation.runs import ORBIT

ON_GRAPHS = ("gossip", "matrix")
NETWORKS = networks(generator(0, "networks"))
SETTINGS = sorted({(r.setting["of"], r.setting.get("quantise", "")) for c in claims() for r in c.stated
                   if r.arena == "qprsgd" and r.setting["of"] in ON_GRAPHS})  # fmt: skip


def drawn(kind: str, quantise: str, effort: str):
    """What every claim with such a setting meets."""
    setting = {"quantise": quantise} if quantise else {}
    return KINDS[kind].draw(setting, EFFORTS[effort], generator(0, "qprsgd", kind, tuple(setting.items())))


def test_larger_graphs_are_a_torus_an_exponential_graph_and_connected_random_ones():
    assert NETWORKS[:2] == [written(metropolis(graph, exact=True)) for graph in (torus(2, 3), exponential(6))]
    for seed in range(20):
        others = networks(generator(seed, "networks"))
        assert [len(W) for W in others] == [6, 6, 4, 5]
        for W in others:
            check(read_mixing(W, exact=True))
    assert networks(generator(1, "networks"))[2:] != NETWORKS[2:]


@pytest.mark.parametrize("W", NETWORKS, ids=["torus", "exponential", "random 4", "random 5"])
def test_eigenvalues_that_are_irrational_are_enclosed(W):
    values = np.linalg.eigvalsh(read_mixing(W, exact=False))[:-1]
    for found, wanted in zip(spectrum(W), (np.abs(values).max(), np.abs(values - 1).max()), strict=True):
        low, high = bounds(found)
        assert 0 <= high - low < 1e-39
        assert float(low) == pytest.approx(wanted, abs=1e-12)


def test_an_irrational_spectrum_is_met():
    assert any(
        bounds(each)[0] < bounds(each)[1] for seed in range(20) for W in networks(generator(seed, "networks")) for each in spectrum(W)
    )


def sizes(batches):
    """How many workers each graph has that is met, and by which laws."""
    met = {}
    for structure, _ in batches:
        met.setdefault(str(structure["W"]), (len(structure["W"]), set()))[1].add(structure.get("law", ""))
    return met


@pytest.mark.parametrize(("kind", "quantise"), SETTINGS)
def test_every_claim_on_graphs_meets_the_larger_ones_from_normal_effort_on(kind, quantise):
    met = sizes(drawn(kind, quantise, "normal"))
    for graph in (torus(2, 3), exponential(6)):
        assert met[str(written(metropolis(graph, exact=True)))][1] >= ({"moments", "paths"} if kind == "gossip" else {""})
    assert {size for size, _ in met.values()} >= {4, 5, 6}
    assert max(size for size, _ in sizes(drawn(kind, quantise, "quick")).values()) == 4  # which costs no more than before


def test_quantised_gossip_on_larger_graphs_is_met_in_longer_runs():
    met = sizes((s, a) for s, a in alike.draw("gossip", EFFORTS["normal"], generator(0, "long")))
    assert sorted(size for size, _ in met.values())[-4:] == [4, 5, 6, 6]
    assert max(size for size, _ in sizes(alike.draw("gossip", EFFORTS["quick"], generator(0, "long"))).values()) == 2


def cases():
    """One case of every structure on larger graphs."""
    for kind, quantise in SETTINGS:
        for structure, arrays in drawn(kind, quantise, "normal"):
            if len(structure["W"]) > 4 or structure["W"] not in mixings(len(structure["W"])):
                name = f"{kind}-{len(structure['W'])}-{structure.get('law')}-{structure.get('intervals')}-{structure.get('rounds')}"
                yield pytest.param(kind, structure, {key: each[:1] for key, each in arrays.items()}, id=name)


@pytest.mark.parametrize(("kind", "structure", "arrays"), {each.id: each for each in cases()}.values())
def test_what_is_measured_on_larger_graphs_in_floats_is_what_replays_in_rationals(kind, structure, arrays):
    floats = shown(kind, structure, arrays)
    exact = KINDS[kind].measure(*parts_of(as_instance(kind, ((structure, arrays), 0), ORBIT[0])))
    for name, values in exact.items():
        for one, other in zip(np.ravel(values), np.ravel(floats[name]), strict=True):
            low, high = bounds(one)
            if name in BETWEEN and structure["law"] == "moments":
                assert float(low) * (1 - 1e-8) <= other <= float(high) * (1 + 1e-8), name
                continue
            assert high - low <= 1e-20 * max(1, abs(high)), name
            assert float(low) == pytest.approx(other, rel=1e-8, abs=1e-10), name


BETWEEN = ("discounted_norms_sq",)
"""What moments bound on both sides alone: sums of norms, where the norms are drawn."""


def test_long_quantised_runs_on_larger_graphs_are_in_rationals_what_they_are_in_floats():
    for structure, arrays in list(alike.draw("gossip", EFFORTS["normal"], generator(0, "long")))[-8::2]:
        one = int(arrays["noise"].any((1, 2)).argmax())
        row = {name: each[one : one + 1] for name, each in arrays.items()}
        floats, exact = alike.shown(structure, row), parts_of(as_instance("gossip", ((structure, row), 0), ORBIT[0]))
        found = alike.measured(*exact, exact[1]["eta"], {"mean quantisation_noise_sq"})["mean quantisation_noise_sq"][0]
        low, high = bounds(found)
        assert 0 < low <= high
        assert float(low) == pytest.approx(floats["mean quantisation_noise_sq"][0], rel=1e-9)
        assert float(high) == pytest.approx(floats["most mean quantisation_noise_sq"][0], rel=1e-9)


def test_a_bound_that_is_tight_on_a_larger_graph_is_caught_too_small_there():
    """Where the first columns alone differ, and the spread on ||X (W - I)||^2; the hypotheses are judged on an enclosed rho."""
    for W in NETWORKS:
        X = np.linalg.eigh(read_mixing(W, exact=False))[1]
        values = np.linalg.eigvalsh(read_mixing(W, exact=False))
        along = X[:, np.abs(values - 1).argmax()]
        case = as_instance("matrix", (({"W": W}, {"X": np.stack([along, 0 * along])[None]}), 0), ORBIT[0])
        for share, broken in ((1, False), (sp.Rational(99, 100), True)):
            reading = Reading("as stated", at_most(v.moved_sq, share * v.spread**2 * v.matrix_sq), (given.spectral_gap,),
                              arena="qprsgd", setting={"of": "matrix"})  # fmt: skip
            found = ARENA.replay(reading, case)
            assert found.valid
            assert found.violated is broken


def test_long_chains_grow_with_the_effort():
    longest = [max(a["w"].shape[1] for _, a in KINDS["chain"].draw({}, effort, generator(0, "chains"))) for effort in EFFORTS.values()]
    assert longest == [64, 128, 256]
