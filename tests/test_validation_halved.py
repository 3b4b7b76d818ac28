"""Where a bound is attained its arena finds it: with half the bound the same statement falls."""

from dataclasses import replace

import pytest
import sympy as sp

from theory.claim import Relation
from theory.papers import claims
from validation.attack import ARENAS, EFFORTS, attack

ATTAINED = (
    "local_sgd/sec-2.2/gradient-descent",
    "mdsgd/sec-3.1/factor-dropped",
    "dist_ef_sgd/proposition-1/zero-block",
    "dist_ef_sgd/sec-3.2/sparse",
    "qsparse_local_sgd/corollary-1",
    "qsparse_local_sgd/appendix-b.3/top-against-rand/m-2",
    "qsparse_local_sgd/appendix-c.1/progress-3/line-1",
    "qsparse_local_sgd/appendix-c.1/progress-3",
    "qsparse_local_sgd/eq-C.26",
    "qsparse_local_sgd/appendix-d.1/indicator",
    "qprsgd/appendix-b/segment",
    "qprsgd/appendix-d/discounted-progress",
    "qprsgd/appendix-e/discounted-noise",
    "qprsgd/appendix-e/discounted-gradients",
    "qprsgd/appendix-e/discounted-gradients-squared",
    "qprsgd/appendix-g/bound-put-in",
)
BY_THE_IMPROVED = ("local_sgd/corollary-2.3/start", "qsparse_local_sgd/corollary-3/start")
READINGS = [
    (claim.id, reading)
    for claim in claims()
    if claim.id in ATTAINED + BY_THE_IMPROVED
    for reading in (claim.stated if claim.id in ATTAINED else [claim.improvement])
    if reading.arena and not (claim.id == "mdsgd/sec-3.1/factor-dropped" and "one iteration" not in reading.name)
]


@pytest.mark.parametrize(("claim", "reading"), READINGS, ids=[f"{claim}: {reading.name}" for claim, reading in READINGS])
def test_an_attained_bound_falls_when_halved(claim, reading):
    whole = attack(reading, EFFORTS["quick"], 0)
    assert whole.outcome == "not broken"
    assert whole.ratio > 0.999
    assert ARENAS[reading.arena].replay(reading, whole.nearest).valid
    small, large = (1, 2) if reading.relation.op == ">=" else (2, 1)
    lhs, rhs = reading.relation.lhs, reading.relation.rhs
    halved = replace(reading, relation=Relation(small * lhs, reading.relation.op, large * rhs))
    found = attack(halved, EFFORTS["quick"], 0)
    assert found.outcome == "broken"
    assert ARENAS[reading.arena].replay(halved, found.witness).broken


def test_every_attained_bound_is_there():
    assert {claim for claim, _ in READINGS} == {*ATTAINED, *BY_THE_IMPROVED}


def test_iterates_stray_by_half_of_what_their_noise_and_gradients_allow_and_no_less():
    reading = next(claim for claim in claims("qprsgd") if claim.id == "qprsgd/appendix-e/before-lemma-9").readings[0]
    assert attack(reading, EFFORTS["quick"], 0).ratio == pytest.approx(1 / 2)
    less = replace(reading, relation=Relation(reading.relation.lhs, "<=", sp.Rational(9, 20) * reading.relation.rhs))
    found = attack(less, EFFORTS["quick"], 0)
    assert found.outcome == "broken"
    assert ARENAS[reading.arena].replay(less, found.witness).broken
