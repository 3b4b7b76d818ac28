"""Where a bound is attained its arena finds it: with half the bound the same statement falls."""

from dataclasses import replace

import pytest

from theory.claim import Relation
from theory.papers import claims
from validation.attack import ARENAS, EFFORTS, attack

ATTAINED = (
    "dist_ef_sgd/proposition-1/zero-block",
    "dist_ef_sgd/sec-3.2/sparse",
    "qsparse_local_sgd/corollary-1",
    "qsparse_local_sgd/appendix-b.3/top-against-rand/m-2",
    "qsparse_local_sgd/appendix-c.1/progress-3/line-1",
    "qsparse_local_sgd/appendix-c.1/progress-3",
    "qprsgd/appendix-b/segment",
    "qprsgd/appendix-g/bound-put-in",
)
READINGS = [(claim.id, reading) for claim in claims() if claim.id in ATTAINED for reading in claim.stated if reading.arena]


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
    assert {claim for claim, _ in READINGS} == set(ATTAINED)
