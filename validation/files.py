"""Files are written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any


def require_folder(folder: Path) -> Path:
    """The folder, made if it is not there; what cannot be written is said before any work.

    Raises:
        OSError: nothing can be written into it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError as error:
        raise OSError(f"cannot write into the folder {folder}: {error.strerror}") from error


def require_file(path: Path) -> Path:
    """The path of a file to write, in a folder that is there and can be written.

    Raises:
        OSError: it is a folder, or its folder cannot be written.
    """
    if path.is_dir():
        raise OSError(f"cannot write the file {path}: it is a folder")
    require_folder(path.parent)
    return path


def write_json(path: Path, data: Any) -> None:
    """Writes whole or not at all: to a file beside it, then renamed.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(data, file, indent=1, ensure_ascii=False)
            file.write("\n")
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
