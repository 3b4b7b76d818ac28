"""The benchmarks cover what the project promises, measure what they say, and tell a promise that is not kept. None asserts a time."""

import json

import numpy as np
import pytest

from gpu import operators as gpu_operators
from reference import operators as reference_operators
from validation import bench, bench_attacks, crosscheck
from validation.bench import Measured
from validation.floors import floor


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


def small_scenes():
    yield bench_attacks.adversary(instances=8, horizon=3)
    yield from bench_attacks.arenas(instances=16, every=12)
    yield from (bench_attacks.steps(name, instances=4, horizon=3) for name in bench_attacks.STEPPED)


def test_every_arena_of_runs_and_every_algorithm_is_a_scene_whose_rooms_agree():
    found = {}
    for scene in small_scenes():
        assert scene.batches
        found[scene.name] = bench_attacks.timed(scene, repeats=1)  # raises where they differ
    assert {f"{name} steps" for name in crosscheck.ALGORITHMS} < set(found)
    assert {"run", "asynchronous run", "local SGD run", "M-DSGD run", "stages", "dist-EF run", "ring run", "gossip run"} < set(found)
    assert all(min(took) > 0 for took in found.values())


def test_the_loop_is_scaled_up_to_all_instances():
    scene = bench_attacks.adversary(instances=500, horizon=1)
    took = bench_attacks.timed(scene, repeats=1)
    assert took.loop > 10 * took.at_once


def test_attacks_are_told_against_both_yardsticks(monkeypatch):
    monkeypatch.setattr(bench_attacks, "scenes", lambda: [bench_attacks.adversary(instances=50, horizon=2)])
    rows = bench.attack()
    assert [(row.name, row.promised, row.at_least) for row in rows] == [("attack loop", 50, True), ("attack batch", 1.5, True)]
    assert all("thread(s)" in row.of for row in rows)
    branching = bench_attacks.adversary(instances=50, horizon=2)._replace(branches=True)
    monkeypatch.setattr(bench_attacks, "scenes", lambda: [branching])
    assert [row.name for row in bench.attack()] == ["attack batch"]


def test_rooms_that_disagree_are_not_timed_against_each_other():
    def evaluate(batch, on):
        return {"x": batch + (0 if on is floor("gpu") else 1e-6)}

    with pytest.raises(AssertionError, match=r"any: 100\.0% of the instances differ between torch and NumPy at once"):
        bench_attacks.timed(bench_attacks.Scene("any", "nothing", 3, [np.ones(3)], evaluate), 1)


def test_one_instance_in_twenty_may_be_tipped_at_a_boundary_and_no_more():
    ours, theirs = [{"x": np.zeros(20)}], [{"x": np.eye(20)[0]}]
    assert bench_attacks.apart(ours, theirs) == bench_attacks.TIPPED
    assert bench_attacks.apart(ours, [{"x": np.eye(20)[0] + np.eye(20)[1]}]) > bench_attacks.TIPPED
    assert bench_attacks.apart(ours, [{"x": np.zeros(2)}]) == 0  # the loop has the first alone
