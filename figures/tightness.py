"""How near the adversary comes to each bound, against gamma, H and, for momentum, beta: one panel a lemma, log scale."""

from __future__ import annotations

import csv
import json
import math
import os
import tempfile
import textwrap
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from validation.tightness import Sweep

NAMES = {"gamma": "contraction coefficient γ", "gap": "longest stretch H", "beta": "momentum coefficient", "workers": "R"}
SHORT = {"gamma": "γ", "gap": "H", "beta": "momentum", "workers": "R"}
COLORS = ("#1f77b4", "#d62728", "#2ca02c")
DASHES = {"printed": "-", "corrected": "-.", "improved": "--"}
LETTERS_AN_INCH = 13
"""Of the title, at 9 points."""
FILES = ("tightness.png", "tightness.pdf", "tightness.csv", "tightness.json")


def asked(globs: Sequence[str], out: Path) -> list[Sweep]:
    """The panels whose claims `globs` name, all if none.

    Raises:
        ValueError: no panel is about a claim that is named.
        OSError: `out` cannot be written.
    """
    from validation.files import require_folder
    from validation.tightness import SWEEPS

    def named(claim: str) -> bool:
        return not globs or any(fnmatchcase(name.lower(), glob.lower()) for glob in globs for name in (claim, claim.split("/", 1)[1]))

    sweeps = [sweep for sweep in SWEEPS if named(sweep.claim)]
    if not sweeps:
        known = ", ".join(dict.fromkeys(sweep.claim for sweep in SWEEPS))
        raise ValueError(f"no panel is about {', '.join(globs)}; there are panels about {known}")
    require_folder(out)
    return sweeps


def run(globs: Sequence[str], out: Path, seed: int) -> list[dict[str, Any]]:
    """Asks the adversary again at every point of the panels whose claims `globs` name (all if none), and writes FILES into `out`.

    Raises:
        ValueError, OSError: as `asked`; nothing was searched then.
    """
    from rich.console import Console
    from rich.progress import track

    from theory.papers import claims
    from validation.tightness import swept

    sweeps = asked(globs, out)
    by_id = {claim.id: claim for claim in claims()}
    console = Console(stderr=True)
    panels = [list(swept(sweep, by_id[sweep.claim], seed)) for sweep in track(sweeps, "asking the adversary", console=console)]
    rows = [{"panel": number, **row} for number, panel in enumerate(panels, 1) for row in panel]
    with tempfile.TemporaryDirectory(dir=out, prefix=".figure-") as place:
        _draw(Path(place), sweeps, panels, seed)
        _write_csv(Path(place) / "tightness.csv", rows)
        made = {"made_by": "tightrope tightness --figure", "seed": seed, "rows": rows}
        (Path(place) / "tightness.json").write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
        for name in FILES:
            os.replace(Path(place) / name, out / name)
    for name in FILES:
        Console().print(f"wrote {out / name}", soft_wrap=True)
    return rows


def _write_csv(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def _draw(folder: Path, sweeps: Sequence[Any], panels: Sequence[Sequence[dict[str, Any]]], seed: int) -> None:
    from matplotlib.figure import Figure

    columns = min(3, len(sweeps))
    lines = -(-len(sweeps) // columns)
    figure = Figure(figsize=(5 * columns, 4.4 * lines + 0.6), layout="constrained")
    figure.get_layout_engine().set(w_pad=0.1, h_pad=0.1)  # type: ignore[union-attr,call-arg]
    places = figure.subplots(lines, columns, squeeze=False).ravel()
    for axes, sweep, rows in zip(places, sweeps, panels, strict=False):
        _panel(axes, sweep, rows)
    for axes in places[len(sweeps) :]:
        axes.set_axis_off()
    said = "largest measured / bound that the free adversary reached; solid: as printed, dash-dotted: corrected, dashed: improved"
    figure.suptitle(textwrap.fill(f"{said}; seed {seed}", LETTERS_AN_INCH * 5 * columns), fontsize=9, color="#555555")
    figure.savefig(folder / "tightness.png", dpi=150)
    figure.savefig(folder / "tightness.pdf", metadata={"CreationDate": None})


def _panel(axes: Axes, sweep: Any, rows: Sequence[dict[str, Any]]) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    for color, mark, width, other in zip(COLORS, "osd", (3.0, 1.8, 0.9), sweep.others, strict=False):  # equal curves stay visible
        label: str | None = f"{SHORT[sweep.other]} = {other}"
        for form, dash in DASHES.items():
            points = [
                (_number(row[sweep.letter]), row["ratio"])
                for row in rows
                if row["form"] == form and row[sweep.other] == other and row["ratio"]
            ]
            if points:
                size = 1.5 + 1.2 * width
                axes.plot(*zip(*points, strict=True), dash, marker=mark, markersize=size, color=color, label=label, linewidth=width)
                label = None  # the title says what dashes are
    axes.axhline(1, color="#888888", linewidth=0.8, linestyle=":")
    axes.set_yscale("log")
    decades = -math.log10(min((row["ratio"] for row in rows if row["ratio"]), default=1))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5, 7) if decades < 1 else (1, 2, 5) if decades < 2 else (1,)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter(NullFormatter())
    if sweep.letter != "beta":  # it begins at 0
        axes.set_xscale("log")
        axes.set_xticks([_number(value) for value in sweep.values], sweep.values, fontsize=7.5)  # 7/10 and 9/10 stay apart
        axes.minorticks_off()
    axes.set_xlabel(NAMES[sweep.letter])
    axes.set_ylabel("measured / bound")
    axes.set_title(sweep.claim, loc="left", fontsize=10)
    axes.grid(alpha=0.25, linewidth=0.5)
    # below the panel, where no curve is
    axes.legend(fontsize=8, frameon=False, markerscale=0.7, loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=len(sweep.others))


def _number(text: str) -> float:
    numerator, _, denominator = text.partition("/")
    return float(numerator) / float(denominator or 1)
