"""Every ratio this project promises, each against its yardstick in the same run. Apart from the tests: no test asserts a time."""

from __future__ import annotations

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from reference import operators as reference_operators
from theory.suprema import SUPREMA
from validation.attack import generator
from validation.files import require_file, write_json
from validation.processes import keep_memory

D = 25_600_000
"""Entries of the vector that operators are measured at: the size of ResNet-50."""
K = 99_400
OPERATORS: dict[str, Callable[[Any], Any]] = {
    "identity": lambda room: room.identity(),
    "top_k": lambda room: room.top_k(K),
    "rand_k": lambda room: room.rand_k(K),
    "qsgd": lambda room: room.qsgd(16),
    "stochastic_levels": lambda room: room.stochastic_levels(16),
    "sign_comp": lambda room: room.sign_comp(room.top_k(K), 1),
    "scaled_sign": lambda room: room.scaled_sign(),
    "compose": lambda room: room.compose(room.qsgd(16), room.top_k(K)),
    "scaled": lambda room: room.scaled(room.qsgd(16), 0.5),
    "piecewise": lambda room: room.piecewise([room.top_k(K), room.qsgd(16)], [D // 2, D // 2]),
}
"""Every operator of the registries, made in a room (the module of one floor), but for the one whose d must be a power of two."""
HELP_SECONDS, ROUNDS_SECONDS = 0.5, 60.0
"""What `tightrope --help`, and 1,000 rounds of 64 gossiping workers, may take."""


@dataclass(frozen=True)
class Measured:
    """One promise: `ratio` should be at least (or at most) `promised`; `of` says what was divided by what."""

    name: str
    ratio: float
    promised: float
    at_least: bool
    of: str

    @property
    def kept(self) -> bool:
        return self.ratio >= self.promised if self.at_least else self.ratio <= self.promised


def engine() -> list[Measured]:
    """One batch over 15 workers against a loop over them."""
    from gpu.bench import benchmark_engine

    found = benchmark_engine()
    took = f"{1e3 * found['batch_seconds']:.1f} ms in batch on {found['device']}"
    said = f"loop over {found['workers']} workers / one batch, softmax step on MNIST digits, {took}"
    return [Measured("engine", found["ratio"], 3, True, said)]


def gossip() -> list[Measured]:
    """A thousand rounds of 64 gossiping workers in one batch, over the promised minute, and a loop over the workers beside it."""
    from gpu.bench import benchmark_gossip

    found = benchmark_gossip()
    run = f"G-QPRSGD on a ring of {found['workers']}, d = {found['d']:,}"
    took = f"{found['seconds']:.1f} s for {found['rounds']:,} rounds of {run}, on {found['device']} / {ROUNDS_SECONDS:g} s"
    said = f"loop over workers / one batch, {1e3 * found['batch_seconds']:.1f} ms a round, {run}"
    return [Measured("gossip minute", found["seconds"] / ROUNDS_SECONDS, 1, False, took), Measured("gossip", found["ratio"], 1, True, said)]


def suprema() -> list[Measured]:
    """What the adversary reaches, told nothing of the extremal operator, over the supremum; and the time it takes, over what it may."""
    from validation import error_feedback, memory
    from validation.memory import Setting

    gamma, delta = Fraction(1, 10), Fraction(3, 10)

    def lemma_5(n: int) -> float:
        setting = Setting(1, 1, tuple(range(1, n + 1)), gamma, (("rule", "fixed"), ("eta", "1")))
        found = memory.ascend(setting, memory.last_memory, 16, 6, generator(0, "bench", "lemma 5"), d=8)
        return float(found.measured["memory_sq"][:, -1].max())

    def lemma_6(n: int) -> float:
        found = error_feedback.ascend("constant", n, 1, [Fraction(0)], 16, 6, generator(0, "bench", "lemma 6"), [delta], d=8)
        return float(error_feedback.measure(found)["two_way_error_sq"].max())

    out = []
    for claim, letter, search, lengths, allowed in (
        ("qsparse_local_sgd/lemma-5", {"gamma": gamma, "eta": 1, "gap": 1, "G": 1}, lemma_5, (80, 120), 1.0),
        ("dist_ef_sgd/lemma-2/constant-step", {"gamma": delta, "G": 1}, lemma_6, (40, 80), 10.0),  # Lemma 6 without momentum
    ):
        supremum = SUPREMA[claim]
        at = {symbol: letter[symbol.name] for symbol in supremum.value.free_symbols if symbol.name in letter}
        finite, limit = (float(each.subs(at).subs(supremum.index, lengths[0])) for each in (supremum.value, supremum.limit))
        began = time.perf_counter()
        reached = search(lengths[0])
        took = time.perf_counter() - began
        said = ", ".join(f"{name} = {value}" for name, value in letter.items())
        out += [
            Measured(f"{claim} n = {lengths[0]}", reached / finite, 0.99, True, f"reached / supremum after n, {said}"),
            Measured(f"{claim} time", took / allowed, 1, False, f"{took:.2f} s of the search / the {allowed:g} s it may take"),
            Measured(f"{claim} n = {lengths[1]}", search(lengths[1]) / limit, 0.95, True, f"reached / limit of the supremum, {said}"),
        ]
    return out


def exact() -> list[Measured]:
    """The slowest exact worst case against a second."""
    from validation.worst_case import CASES
    from validation.worst_case import exact as solved

    def seconds(claim_id: str) -> float:
        began = time.perf_counter()
        solved(claim_id)
        return time.perf_counter() - began

    took = {claim_id: min(seconds(claim_id) for _ in range(3)) for claim_id in CASES}
    slowest = max(took, key=lambda claim_id: took[claim_id])
    said = f"best of 3 of the slowest exact worst case, {slowest}, / 1 s; all {len(took)} took {sum(took.values()):.1f} s"
    return [Measured("exact", took[slowest], 1, False, said)]


def attack() -> list[Measured]:
    """What attacks evaluate, in torch, in NumPy at once, and in NumPy one by one, with memory kept as attacks keep it."""
    import torch

    from validation.bench_attacks import scenes, timed

    keep_memory()
    out = []
    for scene in scenes():
        took = timed(scene, 5)
        number, looped = scene.instances * len(scene.batches), scene.looped * len(scene.batches)
        said = f"{number:,} instances of {scene.of}, torch on {torch.get_num_threads()} thread(s): {1e3 * took.torch:.0f} ms"
        work = f"{took.at_once_work / took.torch_work:.2f} by the work of all threads"
        if not scene.branches:
            said_of_loop = f"NumPy one by one ({looped}, scaled up) / torch, {said}"
            out.append(Measured(f"{scene.name} loop", took.loop / took.torch, 50, True, said_of_loop))
        out.append(Measured(f"{scene.name} batch", took.at_once / took.torch, 1.5, True, f"NumPy at once / torch, {work}, {said}"))
    return out


def memory() -> list[Measured]:
    """Peak memory of the operators at d = 25.6 million in float32, uniforms and result included, over the size of the input."""
    return [_reference_memory(name) for name in OPERATORS] + [_gpu_memory(name) for name in OPERATORS]


def _given(name: str) -> tuple[Callable[[Any], Any], np.ndarray, np.ndarray | None]:
    """How to make an operator in a room, and what it is given: x [d], and uniforms [draws, d] if it draws."""
    make, random = OPERATORS[name], generator(0, "bench", "memory")
    draws = make(reference_operators).draws
    x = random.standard_normal(D, dtype=np.float32)
    return make, x, random.random((draws, D), dtype=np.float32) if draws else None


def _reference_memory(name: str) -> Measured:
    tracemalloc.start()
    try:
        make, x, uniforms = _given(name)
        operator = make(reference_operators)
        tracemalloc.reset_peak()
        operator(x, uniforms)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return _memory(f"reference.{name}", peak, x, "traced memory")


def _gpu_memory(name: str) -> Measured:
    import torch
    from torch.profiler import ProfilerActivity, profile

    from gpu import operators as gpu_operators

    make, x, uniforms = _given(name)
    operator, given = make(gpu_operators), [torch.from_numpy(each) for each in (x, uniforms) if each is not None]
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        operator(*given)
    held = peak = sum(each.numel() * each.element_size() for each in given)
    for event in recorded.profiler.kineto_results.events():
        if event.name() == "[memory]":
            held += event.nbytes()
            peak = max(peak, held)
    return _memory(f"gpu.{name}", peak, x, "torch's allocations")


def _memory(name: str, peak: int, x: np.ndarray, of: str) -> Measured:
    return Measured(f"memory {name}", peak / x.nbytes, 4, False, f"peak of {of} / input, d = {x.size:,}, float32, CPU")


def start() -> list[Measured]:
    """How fast the map of the product is there, beside an interpreter that starts and does nothing."""
    shown, bare = (_seconds([sys.executable, *words]) for words in (["-m", "tightrope", "--help"], ["-c", "pass"]))
    said = f"tightrope --help / the {HELP_SECONDS} s it may take; {shown / bare:.1f} times a bare start of Python, {1e3 * bare:.0f} ms"
    return [Measured("help", shown / HELP_SECONDS, 1, False, said)]


def _seconds(command: list[str], tries: int = 5) -> float:
    """Of a command at its fastest."""

    def once() -> float:
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - began

    return min(once() for _ in range(tries))


BENCHMARKS: dict[str, Callable[[], list[Measured]]] = {
    "help": start,
    "engine": engine,
    "gossip": gossip,
    "attack": attack,
    "suprema": suprema,
    "exact": exact,
    "memory": memory,
}


def run(names: Sequence[str], json_file: Path | None) -> None:
    """Runs the named benchmarks, all without a name, prints the table and writes the rows.

    Raises:
        ValueError: no such benchmark.
        OSError: the file cannot be written; nothing was measured then.
    """
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise ValueError(f"benchmark must be one of {', '.join(BENCHMARKS)}, got {unknown[0]!r}")
    if json_file is not None:
        require_file(json_file)
    rows = [row for name, measure in BENCHMARKS.items() if not names or name in names for row in measure()]
    table = Table("benchmark", "ratio", "promised", "kept", "of", box=None)
    for row in rows:
        table.add_row(
            row.name, f"{row.ratio:.2f}", f"{'>=' if row.at_least else '<='} {row.promised:g}", "yes" if row.kept else "NO", row.of
        )
    Console().print(table)
    if json_file is not None:
        write_json(json_file, [{**asdict(row), "kept": row.kept} for row in rows])
