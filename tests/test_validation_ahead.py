"""Other processes answer what is asked here, and nobody waits for them once they are not needed."""

import platform
import subprocess
import sys
import time
from concurrent.futures import wait
from dataclasses import replace

import pytest

from theory.papers import PAPERS, claims
from validation import ahead, processes
from validation.attack import EFFORTS, attack
from validation.checks import compared_twins
from validation.verdict import Ledger, _Presumed, judged_by_use, needed

REMARK = next(claim for claim in claims("qsparse_local_sgd") if claim.id.endswith("/remark-2"))


@pytest.fixture
def at_work(monkeypatch):
    """The processes of one claim; on a machine of any size, for however few claims."""
    monkeypatch.setattr(ahead, "FEW", 1)
    monkeypatch.setattr("multiprocessing.cpu_count", lambda: 2)
    return ahead.Ahead([REMARK], EFFORTS["quick"], 0)


def ends(worker):
    """Whether a process ends within a minute. The pool's own thread may be the one to notice, and `join` returns before it has said so."""
    deadline = time.monotonic() + 60
    while worker.is_alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    return not worker.is_alive()


def test_processes_in_the_middle_of_something_are_ended_not_waited_for(at_work):
    with at_work:
        at_work._pools[1].submit(time.sleep, 600)  # the one that reads formulas
        assert at_work._workers
    assert all(map(ends, at_work._workers))


def test_an_error_here_ends_them_too(at_work):
    with pytest.raises(KeyboardInterrupt), at_work:
        raise KeyboardInterrupt
    assert all(map(ends, at_work._workers))


def test_after_an_interruption_attacks_that_were_done_are_told(at_work):
    with at_work:
        wait(at_work._attacks.values())
        told = at_work.stopped([REMARK])
    assert [stop.reading.name for stop in told] == [each.name for each in REMARK.stated]
    assert told[0].found == attack(REMARK.readings[0], EFFORTS["quick"], 0)


def test_those_under_way_end_soon_with_what_they_had_come_to(monkeypatch):
    monkeypatch.setattr(ahead, "FEW", 1)
    monkeypatch.setattr("multiprocessing.cpu_count", lambda: 2)
    effort = replace(EFFORTS["thorough"], iterations=1_000_000)  # hours, on whatever machine
    with ahead.Ahead([REMARK], effort, 0) as at_work:
        future = next(iter(at_work._attacks.values()))
        while not future.running():
            time.sleep(0.02)
        time.sleep(1)  # imports
        told = at_work.stopped([REMARK])
        assert isinstance(future.result(60), ahead.Cut)
        assert [stop.found for stop in told] == [each.result(0).found for each in at_work._attacks.values() if _came_to(each)]


def _came_to(future):
    return future.done() and not future.cancelled() and future.result().found is not None


def test_every_paper_is_imported_before_the_others_are_forked():
    assert processes.PAPERS == PAPERS


def test_who_waits_does_what_is_left_meanwhile(at_work):
    left = [True, True, False]
    with at_work:
        slow = at_work._pools[1].submit(time.sleep, 2)
        at_work.meanwhile = lambda: left.pop(0)
        assert at_work._awaited(slow) is None
    assert not left


def test_twins_are_compared_elsewhere_with_the_same_result(monkeypatch):
    monkeypatch.setattr(ahead, "FEW", 1)
    monkeypatch.setattr("multiprocessing.cpu_count", lambda: 2)
    lemma = next(claim for claim in claims("qsparse_local_sgd") if claim.id.endswith("/lemma-3"))
    reading = lemma.readings[0]
    with ahead.Ahead([lemma], EFFORTS["quick"], 0) as at_work:
        monkeypatch.setattr(ahead, "compared_twins", None)  # not here
        found = at_work.twins(lemma, reading)
    assert found == compared_twins(reading, 0)
    assert found.outcome == "agrees"


def test_the_process_that_judges_needs_neither_torch_nor_a_parser_to_begin():
    asked = "import sys, validation.report; print([each for each in ('torch', 'antlr4') if each in sys.modules])"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_rehearsal_changes_no_verdict():
    chosen = [claim for claim in claims("mdsgd") if claim.id.split("/")[1] in ("lemma-6", "lemma-7", "eq-12", "strategy-2")]
    plain, rehearsed = (Ledger(claims(), EFFORTS["quick"], 0) for _ in range(2))
    one = rehearsed.rehearsal(chosen)
    assert [one() for _ in range(len(chosen) + 1)] == [True] * len(chosen) + [False]
    assert not rehearsed.verdicts
    assert rehearsed._bench.done
    assert [rehearsed[claim.id] for claim in chosen] == [plain[claim.id] for claim in chosen]


def test_what_is_needed_is_all_that_is_judged():
    every = {claim.id: claim for claim in claims()}
    named = ("sec-4.1/gap", "eq-D.9", "lemma-9", "corollary-4/gap")
    chosen = [every[f"qsparse_local_sgd/{name}"] for name in named]
    assert judged_by_use(chosen[0])  # so that its users are judged too
    ledger = Ledger(claims(), EFFORTS["quick"], 0, ahead=_Presumed())
    for claim in chosen:
        ledger.by_use(claim)
    todo = [claim.id for claim in needed(chosen, every, lambda _: False)]
    assert set(todo) == set(ledger.verdicts)
    assert len(todo) == len(set(todo)) > len(chosen)
    known = "qsparse_local_sgd/lemma-9"
    assert known not in [claim.id for claim in needed(chosen, every, lambda claim_id: claim_id == known)]


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such option")
def test_memory_that_is_freed_stays_with_the_process():
    program = """
import resource
from validation.processes import keep_memory
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    del [bytearray(b"x") * (3 << 20) for _ in range(10)][:]  # some 7,680 pages, held at once and freed
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
given_back = [faults() for _ in range(3)][-1]
keep_memory()
kept = [faults() for _ in range(3)][-1]
assert kept < given_back / 10, (kept, given_back)
"""
    subprocess.run([sys.executable, "-c", program], check=True)
