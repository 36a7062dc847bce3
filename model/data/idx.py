"""Reader of IDX files, gzip or plain, that trusts nothing it reads."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from model.base.errors import UserError
from model.data.dataset import ByteArray

_UNSIGNED_BYTE = 0x08


@dataclass(frozen=True)
class IdxFile:
    """What one file must be.

    Attributes:
        name: file name without ``.gz``.
        shape: sizes of all dimensions; one dimension holds labels, three hold images.
        md5: MD5 of the uncompressed file.
        values: how many different values are legal, 0..values − 1.
    """

    name: str
    shape: tuple[int, ...]
    md5: str
    values: int = 256

    @property
    def magic(self) -> int:
        """Type and number of dimensions, the first four bytes."""
        return _UNSIGNED_BYTE << 8 | len(self.shape)

    @property
    def header(self) -> bytes:
        """Magic and sizes, big-endian."""
        return b"".join(number.to_bytes(4, "big") for number in (self.magic, *self.shape))


def read_idx(folder: Path, expected: IdxFile, advice: str) -> ByteArray:
    """Read one file from a folder, ``name`` or ``name.gz``, and check all of it.

    Args:
        folder: where the file is.
        expected: what it must be.
        advice: the way out, the end of every error text.

    Raises:
        UserError: missing, unreadable, wrong magic, shape, length, value or checksum.
    """
    path = _find(folder, expected, advice)
    content = _content(path, advice)
    _check_header(path, content, expected, advice)
    values = np.frombuffer(content, dtype=np.uint8, offset=len(expected.header)).reshape(expected.shape)
    largest = int(values.max(initial=0))
    if largest >= expected.values:
        index = int(np.argmax(values.reshape(-1) >= expected.values))
        raise UserError(
            f"{path}: label {int(values.reshape(-1)[index])} at index {index}; legal are 0 to {expected.values - 1}; {advice}"
        )
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if digest != expected.md5:
        raise UserError(f"{path}: MD5 of the uncompressed file is {digest}; expected {expected.md5}; {advice}")
    return values


def _find(folder: Path, expected: IdxFile, advice: str) -> Path:
    for path in (folder / expected.name, folder / f"{expected.name}.gz"):
        if path.is_file():
            return path
    raise UserError(f"{folder}: neither {expected.name} nor {expected.name}.gz is in this folder; {advice}")


def _content(path: Path, advice: str) -> bytes:
    try:
        if path.suffix != ".gz":
            return path.read_bytes()
        with gzip.open(path) as stream:
            return stream.read()
    except EOFError as error:
        raise UserError(f"{path}: the gzip file is truncated; {advice}") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise UserError(f"{path}: not a whole gzip file ({error}); {advice}") from error
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); {advice}") from error


def _check_header(path: Path, content: bytes, expected: IdxFile, advice: str) -> None:
    length = len(expected.header) + int(np.prod(expected.shape))
    magic = int.from_bytes(content[:4], "big")
    if len(content) >= 4 and magic != expected.magic:
        raise UserError(f"{path}: magic number is {magic}; expected {expected.magic}; {advice}")
    if len(content) >= len(expected.header) and content[: len(expected.header)] != expected.header:
        sizes = content[4 : len(expected.header)]
        shape = tuple(int.from_bytes(sizes[at : at + 4], "big") for at in range(0, len(sizes), 4))
        raise UserError(f"{path}: shape is {shape}; expected {expected.shape}; {advice}")
    if len(content) != length:
        what = "truncated" if len(content) < length else "too long"
        raise UserError(f"{path}: {what}, {len(content)} bytes; expected {length}; {advice}")
