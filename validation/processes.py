"""Where other processes come from: one that has imported everything, once, and from which the others are forked; and what they share."""

from __future__ import annotations

import ctypes
import multiprocessing
import sys
from multiprocessing.context import BaseContext

from theory import PAPERS

IMPORTED = ("torch", "theory.latex", "validation.ahead", "validation.crosscheck", *(f"theory.{paper}" for paper in PAPERS))


def context() -> BaseContext:
    """The context in which `prepare` prepares: that of a fork server, where the system has it."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(list(IMPORTED))
    return server


def prepare() -> None:
    """Lets the imports of the other processes begin now, beside those of this one, which take as long."""
    if context().get_start_method() == "forkserver" and multiprocessing.cpu_count() > 1:
        from multiprocessing.forkserver import ensure_running

        ensure_running()


_TRIM, _OWN_MAPPING = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
_MOST_KEPT = 1 << 25  # bytes: the largest threshold that glibc takes; larger arrays are mapped, and given back, one by one


def keep_memory() -> None:
    """What is freed stays with this process, where the C library is glibc.

    Batches free and ask for megabytes again and again. Of pages that were given back the system has to make zeros each time, which has
    taken as long as the arithmetic.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None  # other libraries of Linux lack it
    if mallopt is not None:
        mallopt(_TRIM, -1)
        mallopt(_OWN_MAPPING, _MOST_KEPT)
