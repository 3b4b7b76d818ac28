"""The tightness figure: its files, and bad input."""

from __future__ import annotations

import csv
import json

import pytest
from matplotlib.figure import Figure

from figures import tightness as figure
from validation import tightness


def test_a_figure_comes_as_png_pdf_and_the_numbers_twice(tmp_path, monkeypatch):
    small = tightness.Sweep("qsparse_local_sgd/lemma-7", "gap", ("2", "4"), "workers", ("2",))
    monkeypatch.setattr(tightness, "SWEEPS", (small,))
    rows = figure.run(["lemma-7"], tmp_path, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(figure.FILES)
    assert (tmp_path / "tightness.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "tightness.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads((tmp_path / "tightness.json").read_text())["rows"] == rows
    with (tmp_path / "tightness.csv").open() as file:
        table = list(csv.DictReader(file))
    assert [float(row["ratio"]) for row in table] == [row["ratio"] for row in rows]
    assert {row["gap"] for row in table} == {"2", "4"}


@pytest.mark.parametrize("panels", [1, 2, 3])
def test_the_title_stays_within_the_figure(tmp_path, monkeypatch, panels):
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda self, *_, **__: drawn.append(self))
    sweep = tightness.Sweep("qsparse_local_sgd/lemma-7", "gap", ("2", "4"), "workers", ("2",))
    rows = [{"form": "printed", "gap": gap, "workers": "2", "ratio": 0.5} for gap in sweep.values]
    figure._draw(tmp_path, [sweep] * panels, [rows] * panels, 12345)
    drawn[0].draw_without_rendering()
    (title,) = (text for text in drawn[0].texts if "seed 12345" in text.get_text())
    place = title.get_window_extent()
    assert drawn[0].bbox.x0 < place.x0
    assert place.x1 < drawn[0].bbox.x1
    assert place.y0 > max(axes.get_window_extent().y1 for axes in drawn[0].axes)


def test_no_legend_lies_on_a_panel_or_leaves_the_figure(tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr(Figure, "savefig", lambda self, *_, **__: drawn.append(self))
    sweep = tightness.Sweep("dist_ef_sgd/lemma-6", "gap", ("2", "4"), "beta", ("0", "1/2", "9/10"))
    rows = [
        {"form": form, "gap": gap, "beta": beta, "ratio": 0.5}
        for form in ("printed", "improved")
        for gap in sweep.values
        for beta in sweep.others
    ]
    figure._draw(tmp_path, [sweep] * 2, [rows] * 2, 0)
    drawn[0].draw_without_rendering()
    for axes in drawn[0].axes:
        place = axes.get_legend().get_window_extent()
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["momentum = 0", "momentum = 1/2", "momentum = 9/10"]
        assert not any(place.overlaps(other.get_window_extent()) for other in drawn[0].axes)
        assert drawn[0].bbox.x0 < place.x0
        assert place.x1 < drawn[0].bbox.x1
        assert place.y0 > drawn[0].bbox.y0


def test_a_glob_without_a_panel_names_those_there_are(tmp_path):
    with pytest.raises(ValueError, match=r"no panel is about theorem-1; there are panels about qsparse_local_sgd/lemma-4"):
        figure.run(["theorem-1"], tmp_path / "out", 0)
    assert not (tmp_path / "out").exists()
