"""Whether a folder or file is still the one that was read, without reading it again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def listing_digest(place: Path) -> str:
    """SHA-256 over name, size and time of change of a file, or of every file below a folder."""
    digest = hashlib.sha256()
    for file in [place] if place.is_file() else _files_below(place):
        status = file.stat()
        name = file.relative_to(place).as_posix()
        # A name need not be UTF-8.
        digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _files_below(folder: Path) -> list[Path]:
    found = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    return sorted(file for file in found if file.is_file())
