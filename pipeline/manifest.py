"""The record beside a step's outputs: what it was made from, the content hash of every file, and how long it took."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from model.base.files import sha256_of, write_json
from pipeline.inputs import Inputs

MANIFEST = "manifest.json"
_VERSION = 1


class DamagedManifestError(Exception):
    """The record itself cannot be read."""


@dataclass(frozen=True)
class Manifest:
    """What is known about a finished step.

    Attributes:
        step: its name.
        inputs: everything that decided its result.
        outputs: SHA-256 of every file, by path relative to the step's folder.
        seconds: wall time of the run that made it.
    """

    step: str
    inputs: Inputs
    outputs: dict[str, str]
    seconds: float

    @property
    def digest(self) -> str:
        """One hash for all outputs; steps downstream depend on it, so an equal result does not make them run again."""
        return self.digest_of(self.outputs)

    def digest_of(self, files: Collection[str]) -> str:
        """The same for some of the outputs."""
        chosen = {name: digest for name, digest in self.outputs.items() if name in files}
        return hashlib.sha256(json.dumps(chosen, sort_keys=True).encode()).hexdigest()

    def first_mismatch(self, folder: Path) -> str | None:
        """The first output that is missing or whose content changed, by relative path; None where all are whole."""
        for name, digest in self.outputs.items():
            file = folder / name
            if not file.is_file() or sha256_of(file) != digest:
                return name
        return None


def hash_outputs(folder: Path) -> dict[str, str]:
    """The content hash of every file below a step's folder but its manifest."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file != folder / MANIFEST)
    return {file.relative_to(folder).as_posix(): sha256_of(file) for file in files}


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write it as the last file of a step's folder."""
    write_json(folder / MANIFEST, {"manifest": _VERSION, **asdict(manifest)})


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a step's folder, or None where there is none.

    Raises:
        DamagedManifestError: there is one and it is not what this program writes.
    """
    try:
        table: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if table["manifest"] != _VERSION:
            raise DamagedManifestError
        return Manifest(str(table["step"]), dict(table["inputs"]), dict(table["outputs"]), float(table["seconds"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedManifestError from error
