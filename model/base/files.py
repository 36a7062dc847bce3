"""Files that are whole or absent, and their content hashes."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from model.base.errors import UserError

_CHUNK_BYTES = 1 << 20

UNREADABLE_ARCHIVE = (OSError, EOFError, ValueError, KeyError, BadZipFile)
"""What ``numpy.load`` and its members raise where an npz file is missing, cut, damaged or lacks an array."""


def sha256_of(path: Path) -> str:
    """Hexadecimal SHA-256 of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path beside ``path`` to write to; it takes the place of ``path`` when the block ends well.

    Raises:
        UserError: the disk is full; the old file, if any, is still there.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield beside
        os.replace(beside, path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise disk_full(path) from error
        raise
    finally:
        beside.unlink(missing_ok=True)


def disk_full(path: Path) -> UserError:
    """The error for a full disk, with the way out."""
    return UserError(f"{path}: the disk is full; free some space and run the same command again, it resumes")


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all."""
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write a JSON file whole or not at all, keys in the given order."""
    write_text(path, json.dumps(value, indent=2) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file.

    Raises:
        UserError: the file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; run the step that writes it") from error
    except ValueError as error:
        raise UserError(f"{path}: not valid JSON ({error}); delete it and build again") from error
