"""Small files of the form of CIFAR-10's, and a data set that fills them."""

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.data import cifar10

IMAGES = 20
PIXELS = 3 * 32 * 32
NAMES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]


def batches() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Pixels (20, 3072) and labels (20,) of every batch; two images of each class in each."""
    generator = np.random.default_rng(7)
    found = {}
    for name in NAMES:
        pixels = generator.integers(0, 256, (IMAGES, PIXELS), dtype=np.uint8)
        labels = generator.permutation(np.repeat(np.arange(10, dtype=np.uint8), 2))
        found[name] = pixels, labels
    return found


def binary(pixels: np.ndarray, labels: np.ndarray) -> bytes:
    return np.concatenate([labels[:, None], pixels], axis=1).tobytes()


def _text(content: bytes) -> bytes:
    return b"T" + len(content).to_bytes(4, "little") + content


def _number(value: int) -> bytes:
    return b"J" + value.to_bytes(4, "little", signed=True)


def pickled(pixels: np.ndarray, labels: np.ndarray, column_major: bool = False, kind: bytes = b"u1") -> bytes:
    """As Python 2 and the NumPy of 2009 wrote it."""
    array = b"cnumpy.core.multiarray\n_reconstruct\n" + b"cnumpy\nndarray\n" + _number(0) + b"\x85" + _text(b"b") + b"\x87R"
    dtype = b"cnumpy\ndtype\n" + _text(kind) + _number(0) + _number(1) + b"\x87R"
    dtype += b"(" + _number(3) + _text(b"|") + b"NNN" + _number(-1) + _number(-1) + _number(0) + b"tb"
    shape = _number(pixels.shape[0]) + _number(pixels.shape[1]) + b"\x86"
    content = pixels.tobytes("F" if column_major else "C")
    state = b"(" + _number(1) + shape + dtype + (b"\x88" if column_major else b"\x89") + _text(content) + b"t"
    numbers = b"](" + b"".join(_number(int(label)) for label in labels) + b"e"
    return b"\x80\x02}(" + _text(b"data") + array + state + b"b" + _text(b"labels") + numbers + b"u."


def write_binary(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (pixels, labels) in batches().items():
        (folder / f"{name}.bin").write_bytes(binary(pixels, labels))


def write_python(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for index, (name, (pixels, labels)) in enumerate(batches().items()):
        (folder / name).write_bytes(pickled(pixels, labels, column_major=index % 2 == 1))


def write_archive(path: Path, inner: str, files: dict[str, bytes]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(f"{inner}/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


def expect_these(monkeypatch: pytest.MonkeyPatch, archive_md5: str = "") -> None:
    """Make the reader expect twenty images a batch, and the checksums of these files."""
    md5 = tuple(
        hashlib.md5(pickled(pixels, labels, column_major=index % 2 == 1)).hexdigest()
        for index, (pixels, labels) in enumerate(batches().values())
    )
    monkeypatch.setattr(cifar10, "_BATCH_IMAGES", IMAGES)
    monkeypatch.setattr(cifar10, "_FIRST_LABELS", tuple(batches()["data_batch_1"][1][:10].tolist()))
    monkeypatch.setattr(cifar10, "BINARY", replace(cifar10.BINARY, archive_md5=archive_md5))
    monkeypatch.setattr(cifar10, "PYTHON", replace(cifar10.PYTHON, archive_md5=archive_md5, md5=md5))
