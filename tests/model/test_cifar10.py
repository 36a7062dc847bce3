"""CIFAR-10 in both versions, unpacked and as downloaded, and what damaged files get."""

import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.base.errors import UserError
from model.base.files import read_json
from model.config import Configuration
from model.data import cifar10
from model.data.cifar10 import load_cifar10
from model.data.python_batches import unpickled_batch
from model.data.step import run_data
from tests.model.cifar_files import (
    IMAGES,
    NAMES,
    PIXELS,
    batches,
    binary,
    expect_these,
    pickled,
    write_archive,
    write_binary,
    write_python,
)

ORIGINAL = "take the original file from https://www.cs.toronto.edu/~kriz/cifar.html"


@pytest.fixture(autouse=True)
def _small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    expect_these(monkeypatch)


def refusal(folder: Path | None) -> str:
    with pytest.raises(UserError) as error:
        load_cifar10(folder)
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("inner", ["", "own"])
@pytest.mark.parametrize("write, folder", [(write_binary, "cifar-10-batches-bin"), (write_python, "cifar-10-batches-py")])
def test_both_versions_give_the_same_data_set(tmp_path: Path, write: Callable[[Path], None], folder: str, inner: str) -> None:
    write(tmp_path / folder if inner else tmp_path)
    dataset, checksums = load_cifar10(tmp_path)
    assert dataset.shape == (3, 32, 32)
    assert dataset.counts == {"train": 90, "validation": 10, "test": IMAGES}
    assert np.bincount(dataset.validation.labels).tolist() == [1] * 10
    pixels, labels = batches()["test_batch"]
    assert np.array_equal(dataset.test.images.reshape(IMAGES, -1), pixels)
    assert np.array_equal(dataset.test.labels, labels)
    suffix = ".bin" if write is write_binary else ""
    assert list(checksums) == [name + suffix for name in NAMES]
    content = ((tmp_path / folder if inner else tmp_path) / f"test_batch{suffix}").read_bytes()
    assert checksums[f"test_batch{suffix}"] == hashlib.md5(content).hexdigest()


def test_every_tenth_training_image_of_a_class_is_for_validation_and_the_rest_keeps_its_order(tmp_path: Path) -> None:
    write_binary(tmp_path)
    dataset, _ = load_cifar10(tmp_path)
    pixels = np.concatenate([batches()[name][0] for name in NAMES[:-1]])
    labels = np.concatenate([batches()[name][1] for name in NAMES[:-1]])
    held_out = [int(np.flatnonzero(labels == label)[9]) for label in range(10)]
    assert np.array_equal(dataset.validation.images.reshape(10, -1), pixels[sorted(held_out)])
    assert np.array_equal(dataset.train.images.reshape(90, -1), np.delete(pixels, held_out, axis=0))


@pytest.mark.parametrize("version", ["BINARY", "PYTHON"])
@pytest.mark.parametrize("names_itself", [False, True])
def test_an_archive_is_read_as_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, names_itself: bool
) -> None:
    published = getattr(cifar10, version)
    (write_binary if version == "BINARY" else write_python)(tmp_path / "files")
    files = {path.name: path.read_bytes() for path in (tmp_path / "files").iterdir()}
    path = tmp_path / published.archive
    write_archive(path, published.folder, {"readme.html": b"<html>", **files})
    expect_these(monkeypatch, hashlib.md5(path.read_bytes()).hexdigest())
    dataset, _ = load_cifar10(path if names_itself else tmp_path)
    write_binary(tmp_path / "unpacked")
    unpacked, _ = load_cifar10(tmp_path / "unpacked")
    assert np.array_equal(dataset.train.images, unpacked.train.images)
    assert np.array_equal(dataset.test.labels, unpacked.test.labels)


def test_an_archive_that_is_not_the_published_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cifar-10-binary.tar.gz"
    path.write_bytes(b"no archive")
    digest = hashlib.md5(b"no archive").hexdigest()
    assert refusal(tmp_path) == f"{path}: MD5 is {digest}; expected ; {ORIGINAL}"


@pytest.mark.parametrize(
    "damage, text",
    [(lambda content: content[: len(content) // 2], "not a whole archive ("), (lambda _: b"x", "not a whole archive (")],
)
def test_a_damaged_archive_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: Callable[[bytes], bytes], text: str
) -> None:
    write_binary(tmp_path / "files")
    path = tmp_path / "cifar-10-binary.tar.gz"
    write_archive(path, "cifar-10-batches-bin", {file.name: file.read_bytes() for file in (tmp_path / "files").iterdir()})
    path.write_bytes(damage(path.read_bytes()))
    expect_these(monkeypatch, hashlib.md5(path.read_bytes()).hexdigest())
    assert refusal(tmp_path).startswith(f"{path}: {text}")


def test_an_archive_without_a_batch_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "cifar-10-binary.tar.gz"
    write_archive(path, "cifar-10-batches-bin", {"data_batch_1.bin": binary(*batches()["data_batch_1"])})
    expect_these(monkeypatch, hashlib.md5(path.read_bytes()).hexdigest())
    assert refusal(tmp_path) == f"{path}: has no data_batch_2.bin; {ORIGINAL}"


def test_a_folder_is_needed_and_must_hold_batches(tmp_path: Path) -> None:
    needed = (
        "put the batches of CIFAR-10 there, of the binary or the Python version, or cifar-10-binary.tar.gz or"
        " cifar-10-python.tar.gz as downloaded"
    )
    assert refusal(None) == (f"data.source is 'cifar10', whose files are read from a folder: add --data-dir DIR; {needed}")
    assert refusal(tmp_path) == f"--data-dir {tmp_path}: no batch of CIFAR-10 is in this folder; {needed}"
    assert refusal(tmp_path / "none") == f"--data-dir {tmp_path / 'none'}: no such folder; {needed}"
    write_binary(tmp_path)
    (tmp_path / "data_batch_3.bin").unlink()
    assert refusal(tmp_path) == f"{tmp_path / 'data_batch_3.bin'}: cannot be read (No such file or directory); {ORIGINAL}"


@pytest.mark.parametrize("name", ["data_batch_1.bin", "my.tar.gz"])
def test_a_file_that_is_no_archive_by_its_name_is_called_a_file(tmp_path: Path, name: str) -> None:
    write_binary(tmp_path)
    file = tmp_path / name
    file.touch()
    assert refusal(file) == (
        f"--data-dir {file}: a file, not a folder, and not named like an archive of CIFAR-10; legal are cifar-10-binary.tar.gz"
        " and cifar-10-python.tar.gz as downloaded; give one of them, or a folder that holds one or the batches"
    )


SIZE = IMAGES * (1 + PIXELS)


def test_a_batch_of_another_length_or_with_other_labels_is_refused(tmp_path: Path) -> None:
    write_binary(tmp_path)
    path = tmp_path / "data_batch_1.bin"
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert refusal(tmp_path) == f"{path}: truncated, {SIZE - 1} bytes; expected {SIZE}; {ORIGINAL}"
    path.write_bytes(whole + b"\0")
    assert refusal(tmp_path) == f"{path}: too long, {SIZE + 1} bytes; expected {SIZE}; {ORIGINAL}"
    damaged = bytearray(whole)
    damaged[3 * (1 + PIXELS)] = 10
    path.write_bytes(damaged)
    assert refusal(tmp_path) == f"{path}: label 10 at index 3; legal are 0 to 9; {ORIGINAL}"
    damaged[3 * (1 + PIXELS)] = (whole[3 * (1 + PIXELS)] + 1) % 10
    path.write_bytes(damaged)
    assert refusal(tmp_path).startswith(f"{path}: its first labels are [")


def test_classes_must_be_of_one_size(tmp_path: Path) -> None:
    write_binary(tmp_path)
    path = tmp_path / "test_batch.bin"
    damaged = bytearray(path.read_bytes())
    before, damaged[0] = damaged[0], (damaged[0] + 1) % 10
    path.write_bytes(damaged)
    low = min(before, damaged[0])
    expected = 1 if low == before else 3
    assert refusal(tmp_path) == (
        f"{tmp_path}: test batch: {expected} images of class {cifar10.CLASS_NAMES[low]}; expected 2; {ORIGINAL}"
    )


def test_a_python_batch_must_have_its_published_checksum(tmp_path: Path) -> None:
    write_python(tmp_path)
    path = tmp_path / "data_batch_4"
    expected = hashlib.md5(path.read_bytes()).hexdigest()
    path.write_bytes(path.read_bytes() + b"\0")
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    assert refusal(tmp_path) == f"{path}: MD5 is {digest}; expected {expected}; {ORIGINAL}"


class _Harmful:
    """Unpickled by Python itself this would make a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.path),)


def test_nothing_that_a_pickle_asks_for_is_run(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    for content in (pickle.dumps(_Harmful(folder)), pickle.dumps({b"data": _Harmful(folder), b"labels": []})):
        with pytest.raises(
            UserError, match=r"^file: no batch of CIFAR-10 \(it asks for posix.mkdir, which no batch of CIFAR-10 holds\)"
        ):
            unpickled_batch(content, IMAGES, PIXELS, "file")
    assert not folder.exists()
    pickle.loads(pickle.dumps(_Harmful(folder)))
    assert folder.exists()


PIXELS_OF_TWO = np.arange(12, dtype=np.uint8).reshape(2, 6)
LABELS_OF_TWO = np.array([1, 0], dtype=np.uint8)


@pytest.mark.parametrize("column_major", [False, True])
def test_a_pickled_batch_is_read_in_either_order(column_major: bool) -> None:
    images, labels = unpickled_batch(pickled(PIXELS_OF_TWO, LABELS_OF_TWO, column_major), 2, 6, "file")
    assert np.array_equal(images, PIXELS_OF_TWO)
    assert labels.tolist() == [1, 0]


@pytest.mark.parametrize(
    "content",
    [
        pickled(PIXELS_OF_TWO, LABELS_OF_TWO[:1]),
        pickled(PIXELS_OF_TWO[:1], LABELS_OF_TWO),
        pickled(PIXELS_OF_TWO, LABELS_OF_TWO, kind=b"i1"),
        pickled(PIXELS_OF_TWO, LABELS_OF_TWO)[:-9],
        pickled(PIXELS_OF_TWO, np.array([1, 300])),
        pickle.dumps([1, 2]),
        pickle.dumps({b"data": 3, b"labels": [1, 2]}),
        b"",
    ],
)
def test_a_pickle_of_something_else_is_refused(content: bytes) -> None:
    with pytest.raises(UserError, match=r"^file: .*; take the original file$") as error:
        unpickled_batch(content, 2, 6, "file")
    assert "\n" not in str(error.value)


def test_the_published_files_are_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert cifar10.SHAPE == (3, 32, 32)
    assert len(cifar10.PYTHON.md5) == len(set(cifar10.PYTHON.md5)) == 6
    assert cifar10.BINARY.suffix == ".bin"
    assert len(cifar10.CLASS_NAMES) == 10


def test_the_data_step_writes_colour_images(tmp_path: Path) -> None:
    write_binary(tmp_path)
    config = Configuration(name="c", data={"source": "cifar10", "title": "Twenty a batch"})  # type: ignore[arg-type]
    run_data(config, tmp_path, tmp_path)
    found = read_json(tmp_path / "data.json")
    assert (found["source"], found["title"], found["shape"]) == ("cifar10", "Twenty a batch", [3, 32, 32])
    assert found["class_names"][:2] == ["airplane", "automobile"]
