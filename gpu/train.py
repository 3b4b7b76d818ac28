"""Training of Algorithm 1 on a small model: many schemes, step scales and seeds at once, with checkpoints.

Every random number is a function of (seed, purpose, iteration), so a resumed run needs no generator state and repeats an uninterrupted one
bit for bit on the same device and number of threads. The host waits for the device only to evaluate and to save.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from gpu import models
from gpu.data import Data
from gpu.operators import Operator
from gpu.qsparse_local_sgd import State, init
from gpu.workers import Move, advance

DIVISION, SAMPLES, OPERATOR = range(3)  # what randomness is for


@dataclass(frozen=True)
class Scheme:
    """An operator, how often it synchronises, and its schedule eta_t = c / (lambda (shift + t)) for each c in `step_scales`.

    `bits` is what one worker sends to the master in one message.
    """

    name: str
    operator: Operator
    gap: int
    shift: float
    bits: int
    step_scales: tuple[float, ...]

    def __post_init__(self) -> None:
        if isinstance(self.gap, bool) or not isinstance(self.gap, int) or self.gap < 1:
            raise ValueError(f"gap of {self.name} must be a whole number of at least 1, got {self.gap}")
        for name in ("shift", "bits"):
            if not 0 < getattr(self, name) < np.inf:
                raise ValueError(f"{name} of {self.name} must be positive and finite, got {getattr(self, name)}")
        if not self.step_scales or not all(0 < c < np.inf for c in self.step_scales):
            raise ValueError(f"step_scales of {self.name} must be positive and finite, got {self.step_scales}")


@dataclass(frozen=True)
class Settings:
    """R workers with b samples each an iteration; an epoch is n / (R b) iterations; one run for each seed."""

    workers: int = 15
    batch: int = 8
    epochs: int = 20
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)
    averaged: bool = False

    def __post_init__(self) -> None:
        for name in ("workers", "batch", "epochs"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds) or min(self.seeds) < 0:
            raise ValueError(f"seeds must be different and not negative, at least one, got {self.seeds}")

    def iterations_per_epoch(self, samples: int) -> int:
        """Iterations that draw as many samples as there are, rounded down, at least 1."""
        return max(1, samples // (self.workers * self.batch))


class Curves(NamedTuple):
    """What training recorded at `iterations` [points]: `loss` (F) and test `error` (a share) [schemes, scales, seeds, points].

    `bits` [schemes, points] all workers together had sent to the master by then; `resumed_at` is the iteration the run went on from.
    """

    iterations: np.ndarray
    epochs: np.ndarray
    loss: np.ndarray
    error: np.ndarray
    bits: np.ndarray
    resumed_at: int


class Run(NamedTuple):
    """A training run after `iteration` iterations: a state and a weighted average [scales, seeds, d] for each scheme."""

    iteration: int
    states: list[State]
    averages: list[Tensor]


def draws(seed: int, purpose: int, iteration: int, size: int, scheme: int = 0) -> np.ndarray:
    """`size` random uint64, a function of the arguments alone."""
    return np.random.Philox(key=[seed, purpose], counter=[0, iteration, scheme, 0]).random_raw(size)


def divide(samples: int, workers: int, seed: int) -> list[np.ndarray]:
    """The data in random order, cut into D_1..D_R of as equal size as possible (as in line 5, each worker has its own)."""
    if samples < workers:
        raise ValueError(f"workers must be at most the {samples} training samples, got {workers}")
    return np.array_split(np.argsort(draws(seed, DIVISION, 0, samples), kind="stable"), workers)


def sample(shards: Sequence[np.ndarray], batch: int, seed: int, iteration: int) -> np.ndarray:
    """Indices [R, b] that the workers draw at one iteration, uniformly with replacement, each from its own shard."""
    raw = draws(seed, SAMPLES, iteration, len(shards) * batch).reshape(len(shards), batch)
    return np.stack([shard[row % np.uint64(len(shard))] for shard, row in zip(shards, raw, strict=True)])


def uniforms(scheme: int, operator: Operator, seeds: Sequence[int], iteration: int, workers: int, like: Tensor) -> Tensor | None:
    """What a random operator needs at one iteration: [seeds, R, draws, d] in [0, 1), of the dtype and on the device of `like` [..., d]."""
    if not operator.draws:
        return None
    shape = (workers, operator.draws, like.shape[-1])
    raw = np.stack([draws(seed, OPERATOR, iteration, int(np.prod(shape)), scheme).reshape(shape) for seed in seeds])
    return torch.from_numpy((raw >> np.uint64(40)).astype(np.float32) * 2.0**-24).to(like)


def synchronises(gap: int, iteration: int, horizon: int) -> bool:
    """Whether t + 1 is in I_T: a multiple of the gap, or T itself."""
    return (iteration + 1) % gap == 0 or iteration + 1 == horizon


def evaluation_points(horizon: int, per_epoch: int) -> list[int]:
    """0, then every tenth more up to the first epoch, then two an epoch up to T."""
    early, point = [0], 1
    while point < min(per_epoch, horizon):
        early.append(point)
        point = max(point + 1, round(1.1 * point))
    return early + list(range(per_epoch, horizon, max(1, per_epoch // 2))) + [horizon]


def train(
    data: Data,
    schemes: Sequence[Scheme],
    settings: Settings = Settings(),
    points: Sequence[int] | None = None,
    checkpoint: Path | None = None,
    resume: bool = False,
    interval: int | None = None,
    may_diverge: bool = False,
    progress: bool = False,
    device: str | torch.device | None = None,
) -> Curves:
    """Train softmax regression with lambda = 1 / n by every scheme, scale and seed at once, all schemes on the same samples.

    All schemes must have equally many step scales. Evaluated is the master's x_t, or with `averaged` the average over iterations and
    workers with weights w_t = (a + t)^2 of Theorem 2. A checkpoint is written every `interval` iterations (an epoch), and on Ctrl-C.
    Raises ValueError for a checkpoint of other settings, FloatingPointError when a loss is no longer finite unless it `may_diverge`.
    """
    trainer = _Trainer(data, schemes, settings, points, device)
    run = trainer.start()
    if checkpoint is not None and resume and checkpoint.exists():
        run = trainer.load(checkpoint)
    resumed_at = run.iteration
    interval = interval or trainer.per_epoch
    with _progress() if progress else nullcontext() as bar:
        task = bar.add_task("training", total=trainer.horizon, completed=run.iteration) if bar else None
        try:
            while True:
                if run.iteration in trainer.points:
                    trainer.evaluate(run, may_diverge)
                if (
                    checkpoint is not None
                    and run.iteration > resumed_at
                    and (run.iteration % interval == 0 or run.iteration == trainer.horizon)
                ):
                    trainer.save(run, checkpoint)
                if run.iteration == trainer.horizon:
                    return trainer.curves(resumed_at)
                run = trainer.advance(run)
                if bar and task is not None:
                    bar.update(task, completed=run.iteration)
        except KeyboardInterrupt:
            if checkpoint is not None:
                trainer.save(run, checkpoint)
            raise


def sweep(data: Data, schemes: Sequence[Scheme], settings: Settings, progress: bool = False) -> np.ndarray:
    """Training loss [schemes, scales] at the end, mean over seeds; infinite where a scale diverged."""
    horizon = settings.epochs * settings.iterations_per_epoch(len(data.train_labels))
    curves = train(data, schemes, settings, points=[horizon], may_diverge=True, progress=progress)
    return np.nan_to_num(curves.loss[..., -1], nan=np.inf, posinf=np.inf).mean(-1)


class _Trainer:
    """Everything that stays fixed during a run, on the device, and the records."""

    def __init__(
        self,
        data: Data,
        schemes: Sequence[Scheme],
        settings: Settings,
        points: Sequence[int] | None,
        device: str | torch.device | None,
    ) -> None:
        self.device = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self.schemes, self.settings, self.seeds = schemes, settings, settings.seeds
        self.train_inputs, self.test_inputs = (
            models.with_bias_feature(part.to(self.device)) for part in (data.train_images, data.test_images)
        )
        self.train_labels, self.test_labels = data.train_labels.to(self.device), data.test_labels.to(self.device)
        n = len(data.train_labels)
        self.regulariser = 1 / n
        self.gradient = partial(models.gradient, regulariser=self.regulariser)
        self.per_epoch = settings.iterations_per_epoch(n)
        self.horizon = settings.epochs * self.per_epoch
        self.points = list(points) if points is not None else evaluation_points(self.horizon, self.per_epoch)
        self.shards = [divide(n, settings.workers, seed) for seed in self.seeds]
        self.block: tuple[int, Tensor] = (-1, torch.empty(0))
        self.scales = len(schemes[0].step_scales)
        time = np.arange(self.horizon)
        self.etas, self.weights = [], []
        for scheme in schemes:
            since = scheme.shift + time
            eta = np.array(scheme.step_scales) / (self.regulariser * since[:, None])
            self.etas.append(torch.from_numpy(eta.astype(np.float32)).unsqueeze(-1).to(self.device))  # [T, scales, 1]
            self.weights.append((since**2 / np.cumsum(since**2)).tolist())
        shape = (len(schemes), self.scales, len(self.seeds), len(self.points))
        self.records = {name: torch.full(shape, torch.nan) for name in ("loss", "error")}

    def start(self) -> Run:
        x0 = torch.zeros(self.scales, len(self.seeds), models.dimension(self.train_inputs), device=self.device)
        return Run(0, [init(x0, self.settings.workers) for _ in self.schemes], [x0 for _ in self.schemes])

    def samples(self, iteration: int) -> Tensor:
        """Indices [seeds, R, b], moved to the device a hundred iterations at a time."""
        start = iteration - iteration % 100
        if self.block[0] != start:
            indices = [
                [sample(shards, self.settings.batch, seed, t) for seed, shards in zip(self.seeds, self.shards, strict=True)]
                for t in range(start, start + 100)
            ]
            self.block = (start, torch.from_numpy(np.array(indices)).to(self.device))
        return self.block[1][iteration - start]

    def advance(self, run: Run) -> Run:
        t, states, averages = run
        chosen = self.samples(t)
        moves = []
        for i, scheme in enumerate(self.schemes):
            send, like = synchronises(scheme.gap, t, self.horizon), states[i].x
            random = uniforms(i, scheme.operator, self.seeds, t, self.settings.workers, like) if send else None
            moves.append(
                Move(scheme.operator, self.etas[i][t], send, None if random is None else random.expand(self.scales, *random.shape))
            )
        if self.settings.averaged:
            averages = [
                average.lerp(state.x_hat.mean(-2), weights[t])
                for average, state, weights in zip(averages, states, self.weights, strict=True)
            ]
        return Run(t + 1, advance(states, moves, self.gradient, self.train_inputs[chosen], self.train_labels[chosen]), averages)

    def evaluate(self, run: Run, may_diverge: bool) -> None:
        x = torch.stack(run.averages if self.settings.averaged else [state.x for state in run.states])
        # Top_k may select nothing of an update that is not a number: the master stands still on a finite loss, and only the memory tells.
        alive = torch.stack([state.memory.isfinite().flatten(-2).all(-1) for state in run.states])
        loss = models.loss(x, self.train_inputs, self.train_labels, self.regulariser).masked_fill(~alive, torch.inf).cpu()
        finite = loss.isfinite().flatten(1).all(-1)
        if not may_diverge and not finite.all():
            names = ", ".join(scheme.name for scheme, fine in zip(self.schemes, finite.tolist(), strict=True) if not fine)
            raise FloatingPointError(f"the loss of {names} is not finite after {run.iteration} iterations: take a smaller step scale")
        point = self.points.index(run.iteration)
        self.records["loss"][..., point] = loss
        self.records["error"][..., point] = models.error(x, self.test_inputs, self.test_labels).cpu()

    def curves(self, resumed_at: int) -> Curves:
        sent = [
            [scheme.bits * self.settings.workers * (t // scheme.gap + (t == self.horizon and t % scheme.gap > 0)) for t in self.points]
            for scheme in self.schemes
        ]
        iterations = np.array(self.points)
        loss, error = (self.records[name].double().numpy() for name in ("loss", "error"))
        return Curves(iterations, iterations / self.per_epoch, loss, error, np.array(sent), resumed_at)

    def description(self) -> str:
        """What a checkpoint must agree in, as JSON."""
        schemes = [
            {"name": s.name, "operator": str(s.operator.name), "gap": s.gap, "shift": s.shift, "step_scales": s.step_scales}
            for s in self.schemes
        ]
        shape = [list(self.train_inputs.shape), list(self.test_inputs.shape)]
        fixed: dict[str, Any] = {"settings": asdict(self.settings), "schemes": schemes, "data": shape, "points": self.points}
        return json.dumps(fixed, sort_keys=True)

    def save(self, run: Run, path: Path) -> None:
        """Write the run to a temporary file beside `path`, then put it in place: there is always one whole checkpoint."""
        from safetensors.torch import save_file

        tensors = {f"record/{name}": record for name, record in self.records.items()}
        for i, (state, average) in enumerate(zip(run.states, run.averages, strict=True)):
            tensors |= {f"{i}/{name}": part for name, part in zip((*State._fields, "average"), (*state, average), strict=True)}
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            save_file(
                {name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format) for name, tensor in tensors.items()},
                temporary,
                {"description": self.description(), "iteration": str(run.iteration)},
            )
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)

    def load(self, path: Path) -> Run:
        """The run that `path` holds, with its records. Raises ValueError if it is damaged or of other settings."""
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, framework="pt") as file:
                about = file.metadata()
                tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 - not a dict
        except SafetensorError as error:
            raise ValueError(f"checkpoint {path} is damaged ({error}): remove it, or start afresh") from error
        if about["description"] != self.description():
            raise ValueError(f"checkpoint {path} was made with other settings: remove it, or start afresh")
        self.records = {name: tensors[f"record/{name}"] for name in self.records}
        parts = [[tensors[f"{i}/{name}"].to(self.device) for name in (*State._fields, "average")] for i in range(len(self.schemes))]
        return Run(int(about["iteration"]), [State(*part[:3]) for part in parts], [part[3] for part in parts])


def _progress() -> Any:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
