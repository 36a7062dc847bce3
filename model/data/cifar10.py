"""CIFAR-10 from its binary or its Python files, unpacked or as downloaded, and its fixed split."""

from __future__ import annotations

import hashlib
import tarfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from model.base.errors import UserError
from model.base.progress import progress
from model.data.dataset import ByteArray, Dataset, Part
from model.data.python_batches import unpickled_batch
from model.data.split import VALIDATION_EVERY, every_nth_of_each_class

CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")

SHAPE = (3, 32, 32)
_PIXELS = 3 * 32 * 32
_BATCH_IMAGES = 10000
_FIRST_LABELS = (6, 9, 9, 4, 1, 1, 2, 7, 8, 3)
# A pickle has its labels and the names of the files beside the pixels.
_LARGEST_FILE = 40_000_000
_TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
_BATCHES = (*_TRAIN, "test_batch")
_ADVICE = "take the original file from https://www.cs.toronto.edu/~kriz/cifar.html"
_NEEDED = (
    "put the batches of CIFAR-10 there, of the binary or the Python version, or cifar-10-binary.tar.gz or"
    " cifar-10-python.tar.gz as downloaded"
)


@dataclass(frozen=True)
class _Version:
    """One of the two published forms.

    Attributes:
        folder: that its archive unpacks to.
        archive: name of the archive.
        archive_md5: as published.
        suffix: of the batches' names.
        md5: of the batches, in order; empty where none is published.
    """

    folder: str
    archive: str
    archive_md5: str
    suffix: str = ""
    md5: tuple[str, ...] = ()


BINARY = _Version("cifar-10-batches-bin", "cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530", ".bin")
PYTHON = _Version(
    "cifar-10-batches-py",
    "cifar-10-python.tar.gz",
    "c58f30108f718f92721af3b95e74349a",
    md5=(
        "c99cafc152244af753f735de768cd75f",
        "d4bba439e000b95fd0a9bffe97cbabec",
        "54ebc095f3ab1f0389bbae665268c751",
        "634d18415352ddfa80567beed471001a",
        "482c414d41f54cd18b22e5b47cb7c3cb",
        "40351d587109b95175f43aff81a1287e",
    ),
)

_Reader = Callable[[str], tuple[bytes, str]]


def load_cifar10(folder: Path | None) -> tuple[Dataset, dict[str, str]]:
    """The data set and the MD5 of every batch.

    Every tenth training image of each class is for validation, 5,000 in all; the test batch is the test part. A batch of the
    Python version must have its published MD5, an archive too; for the files of the binary version none is published, so that
    size, labels and the number of images of every class are checked.

    Args:
        folder: with the batches, with the folder that the archive unpacks to, or with the archive; or the archive itself.

    Raises:
        UserError: no folder, or a file is missing or not the original.
    """
    if folder is None:
        raise UserError(f"data.source is 'cifar10', whose files are read from a folder: add --data-dir DIR; {_NEEDED}")
    version, read = _found(folder)
    images, labels, checksums = [], [], {}
    with progress(len(_BATCHES), "reading CIFAR-10", "batches") as shown:
        for index, batch in enumerate(_BATCHES):
            name = batch + version.suffix
            content, where = read(name)
            checksums[name] = _checked_md5(content, version, index, where)
            pixels, values = _batch_of(content, version, where)
            _check_labels(values, where, _FIRST_LABELS if index == 0 else ())
            images.append(pixels)
            labels.append(values)
            shown.advance()
    _check_classes(np.concatenate(labels[:-1]), "training batches", folder)
    _check_classes(labels[-1], "test batch", folder)
    return _split(images, labels), checksums


def _found(folder: Path) -> tuple[_Version, _Reader]:
    """Which version is there, and how one of its files is read."""
    for version in (BINARY, PYTHON):
        for place in (folder, folder / version.folder):
            if (place / f"{_BATCHES[0]}{version.suffix}").is_file():
                return version, _file_reader(place)
    for version in (BINARY, PYTHON):
        for archive in (folder / version.archive, folder):
            if archive.is_file() and archive.name == version.archive:
                return version, _archive_reader(archive, version)
    if folder.exists() and not folder.is_dir():
        raise UserError(
            f"--data-dir {folder}: a file, not a folder, and not named like an archive of CIFAR-10; legal are {BINARY.archive}"
            f" and {PYTHON.archive} as downloaded; give one of them, or a folder that holds one or the batches"
        )
    what = "no batch of CIFAR-10 is in this folder" if folder.is_dir() else "no such folder"
    raise UserError(f"--data-dir {folder}: {what}; {_NEEDED}")


def _file_reader(place: Path) -> _Reader:
    def read(name: str) -> tuple[bytes, str]:
        path = place / name
        try:
            size = path.stat().st_size
            if size > _LARGEST_FILE:
                raise UserError(f"{path}: {size} bytes are too many for a batch of CIFAR-10; {_ADVICE}")
            return path.read_bytes(), str(path)
        except OSError as error:
            raise UserError(f"{path}: cannot be read ({error.strerror}); {_ADVICE}") from error

    return read


def _archive_reader(archive: Path, version: _Version) -> _Reader:
    """The archive is read once, when its first file is asked for."""
    held: dict[str, bytes] = {}

    def read(name: str) -> tuple[bytes, str]:
        if not held:
            held.update(_members(archive, version))
        if name not in held:
            raise UserError(f"{archive}: has no {name}; {_ADVICE}")
        return held.pop(name), f"{archive}/{name}"

    return read


def _members(archive: Path, version: _Version) -> dict[str, bytes]:
    try:
        with archive.open("rb") as stream:
            digest = hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        if digest != version.archive_md5:
            raise UserError(f"{archive}: MD5 is {digest}; expected {version.archive_md5}; {_ADVICE}")
        wanted = {batch + version.suffix for batch in _BATCHES}
        found: dict[str, bytes] = {}
        with tarfile.open(archive, "r|gz") as members:
            for member in members:
                name = PurePosixPath(member.name).name
                stream_of_member = members.extractfile(member) if name in wanted and member.isreg() else None
                if stream_of_member is not None and member.size <= _LARGEST_FILE:
                    found[name] = stream_of_member.read()
        return found
    except (OSError, EOFError, tarfile.TarError, zlib.error) as error:
        raise UserError(f"{archive}: not a whole archive ({error}); {_ADVICE}") from error


def _checked_md5(content: bytes, version: _Version, index: int, where: str) -> str:
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if version.md5 and digest != version.md5[index]:
        raise UserError(f"{where}: MD5 is {digest}; expected {version.md5[index]}; {_ADVICE}")
    return digest


def _batch_of(content: bytes, version: _Version, where: str) -> tuple[ByteArray, ByteArray]:
    if version is PYTHON:
        return unpickled_batch(content, _BATCH_IMAGES, _PIXELS, where)
    expected = _BATCH_IMAGES * (1 + _PIXELS)
    if len(content) != expected:
        what = "truncated" if len(content) < expected else "too long"
        raise UserError(f"{where}: {what}, {len(content)} bytes; expected {expected}; {_ADVICE}")
    rows = np.frombuffer(content, dtype=np.uint8).reshape(_BATCH_IMAGES, 1 + _PIXELS)
    return rows[:, 1:], rows[:, 0]


def _check_labels(labels: ByteArray, where: str, first: tuple[int, ...]) -> None:
    if labels.max() >= len(CLASS_NAMES):
        index = int(np.argmax(labels >= len(CLASS_NAMES)))
        raise UserError(f"{where}: label {int(labels[index])} at index {index}; legal are 0 to {len(CLASS_NAMES) - 1}; {_ADVICE}")
    found = labels[: len(first)].tolist()
    if found != list(first):
        raise UserError(f"{where}: its first labels are {found}; expected {list(first)}; {_ADVICE}")


def _check_classes(labels: ByteArray, which: str, folder: Path) -> None:
    counts = np.bincount(labels, minlength=len(CLASS_NAMES))
    expected = len(labels) // len(CLASS_NAMES)
    if not np.all(counts == expected):
        label = int(np.argmax(counts != expected))
        raise UserError(
            f"{folder}: {which}: {int(counts[label])} images of class {CLASS_NAMES[label]}; expected {expected}; {_ADVICE}"
        )


def _split(images: list[ByteArray], labels: list[ByteArray]) -> Dataset:
    train_labels = np.concatenate(labels[:-1])
    train_images = np.concatenate(images[:-1]).reshape(-1, *SHAPE)
    held_out = every_nth_of_each_class(train_labels, VALIDATION_EVERY)
    return Dataset(
        Part(train_images[~held_out], train_labels[~held_out]),
        Part(train_images[held_out], train_labels[held_out]),
        Part(np.ascontiguousarray(images[-1]).reshape(-1, *SHAPE), np.ascontiguousarray(labels[-1])),
        len(CLASS_NAMES),
    )
