"""Fast tests that also run against the built wheel: `make installed` points TIGHTROPE_SITE at where it was unpacked."""

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


@pytest.mark.skipif(SITE is None, reason="only make installed unpacks a wheel")
@pytest.mark.parametrize("name", [*FLOORS, "tightrope"])
def test_the_installed_files_are_the_ones_imported(name):
    origin = importlib.import_module(name).__file__
    assert origin is not None
    assert Path(origin).resolve().is_relative_to(Path(str(SITE)).resolve())


def test_help_names_every_command():
    printed = subprocess.run([sys.executable, "-m", "tightrope", "--help"], capture_output=True, text=True, check=True).stdout
    for command in ("verify", "show", "bound", "replay", "diff", "bench", "figures"):
        assert command in printed


def test_help_imports_no_heavy_library():
    code = "import sys, tightrope; print(sorted({'torch', 'sympy', 'numpy', 'matplotlib', 'z3'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
