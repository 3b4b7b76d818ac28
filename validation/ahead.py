"""Checks that need no other claim, done ahead in other processes while the derivations are judged here.

Two processes, and each arena (each kind of its cases, where it has several) belongs to one of them, so that it draws instances once; the
one with fewer attacks reads formulas and compares twins too. The answers do not depend on where they were found. Nobody waits for these
processes when they are no longer needed: they are ended, not asked to leave.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from theory.claim import Claim, Reading
from theory.papers import claims
from validation.attack import Attack, CutShort, Effort, attack
from validation.checks import Check, compared_twins, has_twins, transcription
from validation.processes import context, keep_memory

Answer = TypeVar("Answer")
FEW = 12
"""Claims below which starting other processes takes longer than it saves."""
NICE = 5
"""How far these processes give way to the one that judges: there are three for two cores, and all must come to an end at about one time."""
PATIENCE = 10.0
"""Seconds that an interruption waits for what the attacks under way had come to."""


@dataclass(frozen=True)
class Cut:
    """An attack that was interrupted, and what it had come to by then."""

    found: Attack | None


class Ahead:
    """Answers to attacks, transcriptions and comparisons of twins, computed elsewhere from the moment this is made; a context manager.

    Who has to wait for one does `meanwhile` what it can, again and again until that says that nothing is left.
    """

    def __init__(self, todo: Sequence[Claim], effort: Effort, seed: int) -> None:
        self.effort, self.seed = effort, seed
        self.meanwhile: Callable[[], bool] = lambda: False
        self._pools: list[ProcessPoolExecutor] = []
        self._attacks: dict[tuple[str, str], Future[Attack | Cut]] = {}
        self._read: dict[str, Future[list[Check]]] = {}
        self._twins: dict[tuple[str, str], Future[Check | None]] = {}
        self._workers: list[BaseProcess] = []
        if len(todo) < FEW or multiprocessing.cpu_count() < 2:
            return
        others = set(multiprocessing.active_children())
        self._pools = [ProcessPoolExecutor(1, context(), initializer=_start) for _ in range(2)]
        attacked = {claim.id: [each for each in claim.stated if each.arena and each.relation is not None] for claim in todo}
        of, lighter = _shared_out(Counter(_family(reading) for readings in attacked.values() for reading in readings))
        for claim in todo:
            self._read[claim.id] = self._pools[lighter].submit(_transcribed, claim.id)
            for reading in filter(has_twins, claim.stated):
                self._twins[claim.id, reading.name] = self._pools[lighter].submit(_compared, claim.id, reading.name, seed)
            for reading in attacked[claim.id]:
                pool = self._pools[of[_family(reading)]]
                self._attacks[claim.id, reading.name] = pool.submit(_attacked, claim.id, reading.name, effort, seed)
        self._workers = [child for child in multiprocessing.active_children() if child not in others]

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_: Any) -> None:
        for pool in self._pools:
            pool.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:  # in the middle of an attack, or about to take down all that it imported: seconds, for nothing
            worker.terminate()

    def transcription(self, claim: Claim) -> list[Check]:
        future = self._read.get(claim.id)
        return self._awaited(future) if future is not None else list(transcription(claim))

    def attack(self, claim: Claim, reading: Reading) -> Attack:
        future = self._attacks.get((claim.id, reading.name))
        found = self._awaited(future) if future is not None else attack(reading, self.effort, self.seed)
        if isinstance(found, Cut):  # the other process heard of the interruption first
            raise KeyboardInterrupt
        return found

    def twins(self, claim: Claim, reading: Reading) -> Check | None:
        future = self._twins.get((claim.id, reading.name))
        return self._awaited(future) if future is not None else compared_twins(reading, self.seed)

    def stopped(self, unjudged: Iterable[Claim]) -> list[CutShort]:
        """After an interruption: what the attacks on these claims came to, or had come to by then; for what is not there yet it waits."""
        for future in self._attacks.values():
            future.cancel()
        for worker in self._workers:
            if worker.pid is not None and worker.is_alive():
                os.kill(worker.pid, signal.SIGINT)
        wait([future for future in self._attacks.values() if not future.cancelled()], PATIENCE)
        found = []
        for of, reading in ((claim.id, reading) for claim in unjudged for reading in claim.stated):
            asked = self._attacks.get((of, reading.name))
            if asked is None or asked.cancelled() or not asked.done() or asked.exception() is not None:
                continue
            told = asked.result()
            reached = told.found if isinstance(told, Cut) else told
            if reached is not None:
                found.append(CutShort(reading, reached))
        return found

    def _awaited(self, future: Future[Answer]) -> Answer:
        while not future.done() and self.meanwhile():
            pass
        return future.result()


def _family(reading: Reading) -> tuple[str, str]:
    """The arena of a reading and the kind of its cases: what shares its instances with no other."""
    return str(reading.arena), str(reading.setting.get("of", ""))


def _shared_out(attacks: Counter[tuple[str, str]]) -> tuple[dict[tuple[str, str], int], int]:
    """The process, 0 or 1, of each family, given how many attacks it is asked for, the most first; and the process that has fewer then."""
    of, load = {}, [0, 0]
    for family, count in attacks.most_common():
        of[family] = load.index(min(load))
        load[of[family]] += count
    return of, load.index(min(load))


def _start() -> None:
    """Interrupts are the parent's to answer, but in an attack; and when it is gone, killed even, there is nobody left to work for.

    Each process keeps to one thread, unless told otherwise: threads of torch that wait for each other on taken cores wait for long.
    """
    import torch  # not wanted by the process that judges

    if hasattr(os, "nice"):
        os.nice(NICE)
    keep_memory()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    signal.signal(signal.SIGINT, _interrupted)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


@dataclass
class _Here:
    """Of one of these processes: whether it was interrupted, and whether it is attacking."""

    interrupted: bool = False
    attacking: bool = False


_here = _Here()


def _interrupted(*_: object) -> None:
    _here.interrupted = True
    if _here.attacking:
        raise KeyboardInterrupt


def _end_with_the_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _claim(claim_id: str) -> Claim:
    return next(claim for claim in claims() if claim.id == claim_id)


def _reading(claim_id: str, name: str) -> Reading:
    return next(each for each in _claim(claim_id).stated if each.name == name)


def _transcribed(claim_id: str) -> list[Check]:
    return list(transcription(_claim(claim_id)))


def _compared(claim_id: str, name: str, seed: int) -> Check | None:
    return compared_twins(_reading(claim_id, name), seed)


def _attacked(claim_id: str, name: str, effort: Effort, seed: int) -> Attack | Cut:
    reading = _reading(claim_id, name)
    if _here.interrupted:  # nobody waits for what is still asked for
        return Cut(None)
    try:
        _here.attacking = True
        return attack(reading, effort, seed)
    except KeyboardInterrupt as stop:
        return Cut(stop.found if isinstance(stop, CutShort) else None)
    finally:
        _here.attacking = False
