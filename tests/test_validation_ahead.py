"""Other processes answer what is asked here, and nobody waits for them once they are not needed."""

import time

import pytest

from theory.papers import claims
from validation import ahead
from validation.attack import EFFORTS


@pytest.fixture
def at_work(monkeypatch):
    """The processes of one claim; on a machine of any size, for however few claims."""
    monkeypatch.setattr(ahead, "FEW", 1)
    monkeypatch.setattr("multiprocessing.cpu_count", lambda: 2)
    return ahead.Ahead([next(claim for claim in claims("qsparse_local_sgd") if claim.id.endswith("/remark-2"))], EFFORTS["quick"], 0)


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
