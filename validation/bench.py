"""Every ratio this project promises, each against its yardstick in the same run. Apart from the tests: no test asserts a time."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from validation.attack import generator
from validation.files import write_json

D = 25_600_000
"""Entries of the vector that operators are measured at: the size of ResNet-50."""
K = 99_400
OPERATORS = ("top_k", "rand_k", "sign_comp", "qsgd", "scaled_sign")


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
    said = f"loop over {found['workers']} workers / one batch, MNIST softmax step, {took}"
    return [Measured("engine", found["ratio"], 3, True, said)]


def gossip() -> list[Measured]:
    """A thousand rounds of 64 gossiping workers in one batch, over the promised minute, and a loop over the workers beside it."""
    from gpu.bench import benchmark_gossip

    found = benchmark_gossip()
    run = f"G-QPRSGD on a ring of {found['workers']}, d = {found['d']:,}"
    took = f"{found['seconds']:.1f} s for {found['rounds']:,} rounds of {run}, on {found['device']} / 60 s"
    said = f"loop over workers / one batch, {1e3 * found['batch_seconds']:.1f} ms a round, {run}"
    return [Measured("gossip minute", found["seconds"] / 60, 1, False, took), Measured("gossip", found["ratio"], 1, True, said)]


def memory() -> list[Measured]:
    """Peak memory of the operators at d = 25.6 million in float32, uniforms and result included, over the size of the input."""
    return [_reference_memory(name) for name in OPERATORS] + [_gpu_memory(name) for name in OPERATORS]


def _operator(floor: str, name: str) -> object:
    module = __import__(f"{floor}.operators", fromlist=["operators"])
    made = {
        "top_k": lambda: module.top_k(K),
        "rand_k": lambda: module.rand_k(K),
        "sign_comp": lambda: module.sign_comp(module.top_k(K), 1),
        "qsgd": lambda: module.qsgd(16),
        "scaled_sign": module.scaled_sign,
    }
    return made[name]()


def _inputs(draws: int) -> tuple[np.ndarray, np.ndarray | None]:
    random = generator(0, "bench", "memory")
    x = random.standard_normal(D, dtype=np.float32)
    return x, random.random((draws, D), dtype=np.float32) if draws else None


def _reference_memory(name: str) -> Measured:
    operator = _operator("reference", name)
    tracemalloc.start()
    try:
        x, uniforms = _inputs(operator.draws)  # type: ignore[attr-defined]
        tracemalloc.reset_peak()
        operator(x, uniforms)  # type: ignore[operator]
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return Measured(f"memory reference.{name}", peak / x.nbytes, 4, False, f"peak traced memory / input, d = {D:,}, float32")


def _gpu_memory(name: str) -> Measured:
    import torch
    from torch.profiler import ProfilerActivity, profile

    operator = _operator("gpu", name)
    x, uniforms = (None if each is None else torch.from_numpy(each) for each in _inputs(operator.draws))  # type: ignore[attr-defined]
    assert x is not None
    given = sum(each.numel() * each.element_size() for each in (x, uniforms) if each is not None)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as recorded:
        operator(x, uniforms)  # type: ignore[operator]
    held = peak = given
    for event in recorded.profiler.kineto_results.events():
        if event.name() == "[memory]":
            held += event.nbytes()
            peak = max(peak, held)
    size = x.numel() * x.element_size()
    return Measured(f"memory gpu.{name}", peak / size, 4, False, f"peak of torch's allocations / input, d = {D:,}, float32, CPU")


BENCHMARKS: dict[str, Callable[[], list[Measured]]] = {"engine": engine, "gossip": gossip, "memory": memory}


def run(names: Sequence[str], json_file: Path | None) -> None:
    """Runs the named benchmarks, all without a name, prints the table and writes the rows.

    Raises:
        ValueError: no such benchmark.
    """
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise ValueError(f"benchmark must be one of {', '.join(BENCHMARKS)}, got {unknown[0]!r}")
    rows = [row for name, measure in BENCHMARKS.items() if not names or name in names for row in measure()]
    table = Table("benchmark", "ratio", "promised", "kept", "of", box=None)
    for row in rows:
        table.add_row(
            row.name, f"{row.ratio:.2f}", f"{'>=' if row.at_least else '<='} {row.promised:g}", "yes" if row.kept else "NO", row.of
        )
    Console().print(table)
    if json_file is not None:
        write_json(json_file, [{**asdict(row), "kept": row.kept} for row in rows])
