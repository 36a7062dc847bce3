"""Finished results under the hash of everything that decides them, whole or absent, shared by all rows and all workers."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from pipeline.inputs import Inputs
from pipeline.manifest import DamagedManifestError, Manifest, hash_outputs, read_manifest, write_manifest
from pipeline.workplace import Workplace

_KEY_DIGITS = 20


def key_of(inputs: Inputs) -> str:
    """The content hash that a result is filed under."""
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()[:_KEY_DIGITS]


@dataclass(frozen=True)
class Store:
    """``OUT/<kind>/<key>``; a killed process leaves an unfinished folder beside it, as the steps of a build do."""

    root: Path

    def folder(self, kind: str, inputs: Inputs) -> Path:
        """Where a result is, or will be."""
        return self._workplace(kind).finished(key_of(inputs))

    def find(self, kind: str, inputs: Inputs) -> Path | None:
        """The folder of a finished and undamaged result, or None."""
        folder = self.folder(kind, inputs)
        try:
            manifest = read_manifest(folder)
        except DamagedManifestError:
            return None
        if manifest is None or manifest.inputs != inputs or manifest.first_mismatch(folder) is not None:
            return None
        return folder

    def bring(
        self, kind: str, inputs: Inputs, action: Callable[[Path], list[str]], resumes: bool = False
    ) -> tuple[Path, list[str]]:
        """Find a result or make it; another process that makes the same one is waited for.

        Args:
            kind: the folder's name: trainings, rows, rtl.
            inputs: everything that decides the result.
            action: writes the result into an empty folder and returns why it is none: comparisons that failed.
            resumes: an interrupted run's folder is handed to ``action`` again.

        Returns:
            The folder and the failed comparisons; a result with failures is kept aside and never found again.
        """
        workplace, key = self._workplace(kind), key_of(inputs)
        workplace.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(workplace.folder / f".{key}.lock"):
            workplace.recover(key)
            found = self.find(kind, inputs)
            if found is not None:
                return found, []
            started = time.monotonic()
            partial = workplace.start(key, inputs, resumes)
            try:
                failures = action(partial.absolute())
            except Exception as error:
                full = workplace.as_disk_full(error, str(error))
                if full is not None:
                    raise full from error
                raise
            if failures:
                aside = workplace.set_aside(key, partial)
                return aside, [reason.replace(str(partial.absolute()), str(aside)) for reason in failures]
            write_manifest(Manifest(kind, inputs, hash_outputs(partial), round(time.monotonic() - started, 3)), partial)
            workplace.finish(key, partial)
            return workplace.finished(key), []

    def seconds(self, folder: Path) -> float:
        """What a finished result took when it was made."""
        manifest = read_manifest(folder)
        return 0.0 if manifest is None else manifest.seconds

    def _workplace(self, kind: str) -> Workplace:
        return Workplace(self.root / kind)
