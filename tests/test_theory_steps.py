"""The one-step vector inequalities of the five papers: certified with the multipliers of their proofs, none of which can be smaller."""

import pytest
import sympy

from theory.certificate import certify
from theory.papers import claims
from theory.rules import asked
from theory.stored import as_data, recheck

NAMED = (
    # Stich, Lemma 3.1 and the displays of its proof
    "local_sgd/lemma-3.1", "local_sgd/lemma-3.2", "local_sgd/eq-20", "local_sgd/eq-21", "local_sgd/eq-24", "local_sgd/eq-25",
    "local_sgd/eq-26", "local_sgd/eq-27", "local_sgd/eq-30",
    # dist-EF: the recursions of Lemmas 5 and 6, (9) to (13)
    "dist_ef_sgd/lemma-5/proof", "dist_ef_sgd/eq-4", "dist_ef_sgd/eq-5/young", "dist_ef_sgd/eq-7/message", "dist_ef_sgd/eq-7",
    "dist_ef_sgd/eq-9", "dist_ef_sgd/eq-10", "dist_ef_sgd/eq-11/lipschitz", "dist_ef_sgd/eq-11/distance", "dist_ef_sgd/eq-12",
    "dist_ef_sgd/appendix-c/noise", "dist_ef_sgd/appendix-c/variance", "dist_ef_sgd/appendix-c/descent", "dist_ef_sgd/appendix-g/descent",
    # M-DSGD: one step of the transformed sequence, convex, strongly convex in stages, and not convex
    "mdsgd/lemma-7/momentum", "mdsgd/theorem-5", "mdsgd/theorem-9", "mdsgd/theorem-10", "mdsgd/lemma-11", "mdsgd/lemma-13",
    # QPRSGD: T_1, T_2, T_3 and the descent of a round on a ring and by gossip
    "qprsgd/appendix-b/one-more", "qprsgd/appendix-c/t-1", "qprsgd/appendix-c/t-1/uncorrelated", "qprsgd/appendix-c/t-2",
    "qprsgd/appendix-c/t-3", "qprsgd/eq-10", "qprsgd/eq-13", "qprsgd/sec-4/mean-noise", "qprsgd/appendix-d/split",
    "qprsgd/appendix-e/variance", "qprsgd/appendix-e/t-4", "qprsgd/lemma-6", "qprsgd/lemma-7",
    "qprsgd/appendix-f.1/two-parts", "qprsgd/lemma-11",
    # Qsparse
    "qsparse_local_sgd/lemma-14", "qsparse_local_sgd/eq-3.10", "qsparse_local_sgd/eq-C.17",
)  # fmt: skip
WITHOUT_VECTORS = ("dist_ef_sgd/eq-14",)
"""Scalar inequalities certified with multipliers, whose hypotheses are conditions too: the solver could do without the multipliers."""


def questions(name):
    """What the readings of a claim that have a proof ask of `certify`, each once."""
    claim = next(claim for claim in claims() if claim.id == name)
    return list({str(question): question for reading in claim.stated for question in asked(reading)}.values())


@pytest.mark.parametrize("name", [*NAMED, *WITHOUT_VECTORS])
def test_a_step_is_certified_and_checks_again_without_leaving_a_sign_to_a_solver(name):
    found = [certify(*question) for question in questions(name)]
    assert found
    for certificate in found:
        assert certificate.outcome == "proved", certificate.evidence
        assert recheck(as_data(certificate)) == ()


@pytest.mark.parametrize("name", NAMED)
def test_no_hypothesis_can_be_taken_half_as_often(name):
    for slack, hypotheses, multipliers, given, equalities in questions(name):
        for label, multiplier in multipliers.items():
            if multiplier != 0:
                fewer = {**multipliers, label: multiplier / 2}
                assert certify(slack, hypotheses, fewer, given, equalities).outcome == "not reached", label


@pytest.mark.parametrize("name", NAMED)
def test_a_step_without_its_hypotheses_is_not_certified(name):
    for slack, hypotheses, multipliers, given, equalities in questions(name):
        if any(multiplier != 0 for multiplier in multipliers.values()):
            nothing = dict.fromkeys(multipliers, sympy.S.Zero)
            assert certify(slack, hypotheses, nothing, given, equalities).outcome == "not reached"
