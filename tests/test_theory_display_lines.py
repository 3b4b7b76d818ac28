"""Steps of the proofs of QPRSGD one by one: the one that falls is told from those beside it."""

from __future__ import annotations

import pytest

from theory.claim import Reading, at_most
from theory.papers import claims
from theory.qprsgd.terms import RING, ring
from theory.symbols import large_entries, nonzeros, worker_noise_progress_sq, worker_noises_sq
from validation.attack import EFFORTS, attack
from validation.verdict import Ledger

FALLS = {
    "appendix-c/t-1": ("noise-apart", ("noises-add", "bounded", "at-mean")),
    "appendix-c/deviation": ("noise-apart", ("variance", "cauchy", "in-two", "at-mean")),
    "appendix-e/later-steps": ("sums", ("summed", "collected", "divided")),
    "appendix-f.3": ("step-put-in", ("factors", "step-terms")),
}
"""Of the steps of a display the one that falls, and those beside it."""


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return Ledger(claims("qprsgd"), EFFORTS["quick"], 0)


@pytest.mark.parametrize("display", FALLS)
def test_the_step_that_falls_is_told_from_those_beside_it(ledger: Ledger, display: str) -> None:
    fallen, beside = FALLS[display]
    assert ledger[f"qprsgd/{display}/{fallen}"].verdict == "amended"
    assert {label: ledger[f"qprsgd/{display}/{label}"].verdict for label in beside} == dict.fromkeys(beside, "proved")


@pytest.mark.parametrize(
    "planted",
    [
        Reading("no small entry survives", at_most(nonzeros, large_entries), arena="qprsgd", setting={"of": "code"}),
        Reading(
            "half of the noises",
            at_most(2 * worker_noise_progress_sq, worker_noises_sq),
            RING,
            **ring(quantise="exactly", loss="any curvature"),
        ),
    ],
    ids=lambda planted: planted.name,
)
def test_a_step_that_forgets_something_is_caught(planted: Reading) -> None:
    assert attack(planted, EFFORTS["quick"], 0).outcome == "broken"
