"""The folders of one build: a finished folder a step, an unfinished one beside it while it runs, and a lock around all."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from model.base.errors import UserError
from model.base.files import disk_full, read_json, replacing, sha256_of, write_json
from pipeline.inputs import Inputs
from pipeline.manifest import MANIFEST

_LEAST_FREE_BYTES = 64 << 10


@dataclass(frozen=True)
class Workplace:
    """``build/<name>``."""

    folder: Path

    def finished(self, step: str) -> Path:
        """Where the whole result of a step is."""
        return self.folder / step

    def partial(self, step: str) -> Path:
        """Where a step works."""
        return self.folder / f"{step}.partial"

    def failed(self, step: str) -> Path:
        """Where the result of a step lies whose comparison failed."""
        return self.folder / f"{step}.failed"

    def _replaced(self, step: str) -> Path:
        return self.folder / f"{step}.replaced"

    def _started_with(self, step: str) -> Path:
        return self.folder / f"{step}.partial.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other builds of the same name out.

        Raises:
            UserError: one is running, or the folder cannot be written.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / ".lock", timeout=0):
                yield
        except Timeout:
            way_out = "wait for it, or give this one another name with --set name=…"
            raise UserError(f"{self.folder}: another build of this name is running; {way_out}") from None
        except (PermissionError, NotADirectoryError, FileExistsError) as error:
            raise UserError(f"{error.filename}: {error.strerror}; choose a folder you can write to with --build-dir") from error

    def recover(self, step: str) -> None:
        """Finish or undo a replacement that a kill interrupted."""
        if self._replaced(step).exists() and not self.finished(step).exists():
            self._replaced(step).rename(self.finished(step))
        _remove(self._replaced(step))
        # The manifest is written last, so an unfinished folder that has one is whole.
        if (self.partial(step) / MANIFEST).exists():
            self.finish(step)

    def start(self, step: str, inputs: Inputs, resumes: bool) -> Path:
        """An empty folder to work in; where ``resumes`` and the inputs are those of an interrupted run, that run's folder."""
        partial, started_with = self.partial(step), self._started_with(step)
        if not (resumes and partial.is_dir() and started_with.exists() and _read_inputs(started_with) == inputs):
            _remove(partial)
        partial.mkdir(exist_ok=True)
        write_json(started_with, inputs)
        return partial

    def finish(self, step: str) -> None:
        """Put the whole unfinished folder in the place of the last result."""
        if self.finished(step).exists():
            self.finished(step).rename(self._replaced(step))
        self.partial(step).rename(self.finished(step))
        _remove(self._replaced(step))
        _remove(self.failed(step))
        _remove(self._started_with(step))

    def set_aside(self, step: str) -> Path:
        """Keep the result of a failed step for inspection; it never counts as a result."""
        _remove(self.failed(step))
        self.partial(step).rename(self.failed(step))
        _remove(self._started_with(step))
        return self.failed(step)

    def publish(self, step: str, name: str) -> None:
        """Copy a file of a finished step to the build's own folder, if it is not there already."""
        source, target = self.finished(step) / name, self.folder / name
        if not target.is_file() or sha256_of(target) != sha256_of(source):
            with replacing(target) as beside:
                shutil.copyfile(source, beside)

    def withdraw(self, name: str) -> None:
        """Remove a published file that no longer describes the build."""
        _remove(self.folder / name)

    def as_disk_full(self, error: BaseException, step: str) -> UserError | None:
        """The error for a full disk, where that is the reason for ``error``."""
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
                return disk_full(self.partial(step))
            if "No space left on device" in str(cause):
                return disk_full(self.partial(step))
            cause = cause.__cause__ or cause.__context__
        # Libraries and compilers have their own words for it.
        return disk_full(self.partial(step)) if shutil.disk_usage(self.folder).free < _LEAST_FREE_BYTES else None


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _read_inputs(path: Path) -> object:
    try:
        return read_json(path)
    except UserError:
        return None
