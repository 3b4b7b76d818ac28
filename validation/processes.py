"""Where other processes come from: one that has imported everything, once, and from which the others are forked."""

from __future__ import annotations

import multiprocessing
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
