"""The benchmarks cover what the project promises, measure what they say, and tell a promise that is not kept. None asserts a time."""

import json

import numpy as np
import pytest

from gpu import operators as gpu_operators
from reference import operators as reference_operators
from validation import bench
from validation.bench import Measured


def test_every_operator_that_can_have_that_size_is_measured():
    rotated = {"stochastic_rotated"}  # d must be a power of two
    assert set(bench.OPERATORS) == set(reference_operators.OPERATORS) - rotated == set(gpu_operators.OPERATORS) - rotated
    assert bench.D & (bench.D - 1)


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(bench, "D", 40_000)
    monkeypatch.setattr(bench, "K", 400)


def test_memory_is_measured_on_both_floors_and_counts_input_and_result(small):
    rows = {row.name: row for row in bench.memory()}
    assert set(rows) == {f"memory {floor}.{name}" for floor in ("reference", "gpu") for name in bench.OPERATORS}
    assert all(2 <= row.ratio < 100 for row in rows.values())


@pytest.mark.parametrize("floor", ["reference", "gpu"])
def test_an_avoidable_copy_is_measured(small, monkeypatch, floor):
    def copying(room):
        def apply(x, uniforms=None):
            kept = [x + i for i in range(6)]
            return kept[0]

        apply.draws = 0
        return apply

    monkeypatch.setitem(bench.OPERATORS, "identity", copying)
    measured = (bench._reference_memory if floor == "reference" else bench._gpu_memory)("identity")
    assert measured.ratio == pytest.approx(7, abs=0.1)
    assert not measured.kept


def test_a_promise_that_is_not_kept_is_told(monkeypatch, capsys, tmp_path):
    rows = [Measured("fast", 2.5, 3, True, "loop / batch"), Measured("small", np.pi, 4, False, "peak / input")]
    monkeypatch.setattr(bench, "BENCHMARKS", {"both": lambda: rows})
    bench.run([], tmp_path / "bench.json")
    out = capsys.readouterr().out
    assert [line.split()[:5] for line in out.splitlines()[1:]] == [["fast", "2.50", ">=", "3", "NO"], ["small", "3.14", "<=", "4", "yes"]]
    assert [row["kept"] for row in json.loads((tmp_path / "bench.json").read_text())] == [False, True]


def test_the_engine_is_measured_on_real_digits_against_a_loop_over_15_workers():
    from gpu.bench import benchmark_engine

    found = benchmark_engine(repeats=1)
    assert found["workers"] == 15
    assert found["ratio"] == found["loop_seconds"] / found["batch_seconds"]


def test_help_is_started_as_a_program():
    (row,) = bench.start()
    assert row.ratio > 0
    assert "bare start of Python" in row.of


def test_attacks_are_measured_under_the_adversary_and_on_runs_of_a_theorem():
    for measure, name in ((bench.adversary, "attack"), (bench.theorem, "run")):
        rows = measure(instances=8, looped=2, repeats=1)  # raises where they differ
        assert [(row.name, row.promised, row.at_least) for row in rows] == [(f"{name} loop", 50, True), (f"{name} batch", 1.5, True)]
        assert all(row.ratio > 0 for row in rows)


def test_rooms_that_disagree_are_not_timed_against_each_other():
    rooms = {"torch": lambda: {"x": np.ones(3)}, "at once": lambda: {"x": np.ones(3)}, "one by one": lambda: {"x": np.array([1 + 1e-6])}}
    with pytest.raises(AssertionError):
        bench._in_turns("any", rooms, 3, 1, 1, "nothing")
