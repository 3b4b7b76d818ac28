"""What is installed is whole: `make test` points TIGHTROPE_SITE at where the wheel was unpacked, and all tests run against that."""

import importlib
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

FLOORS = ("theory", "reference", "gpu", "validation", "figures")
SITE = os.environ.get("TIGHTROPE_SITE")


@pytest.mark.parametrize("name", FLOORS)
def test_every_floor_is_a_typed_package(name):
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    assert (Path(spec.origin).parent / "py.typed").is_file()


@pytest.mark.skipif(SITE is None, reason="only make test unpacks a wheel")
@pytest.mark.parametrize("name", [*FLOORS, "tightrope"])
def test_the_installed_files_are_the_ones_imported(name):
    origin = importlib.import_module(name).__file__
    assert origin is not None
    assert Path(origin).resolve().is_relative_to(Path(str(SITE)).resolve())


def run(folder, *words):
    """What Python prints, started where no file of this project lies."""
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, check=True, cwd=folder).stdout


def test_help_names_every_command(tmp_path):
    printed = run(tmp_path, "-m", "tightrope", "--help")
    for command in ("verify", "show", "bound", "replay", "diff", "bench", "figures"):
        assert command in printed


def test_help_imports_no_heavy_library(tmp_path):
    code = "import sys, tightrope; print(sorted({'torch', 'sympy', 'numpy', 'matplotlib', 'z3'} & set(sys.modules)))"
    assert run(tmp_path, "-c", code).strip() == "[]"
