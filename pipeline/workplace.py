"""The folders of one build: a finished folder a step, an unfinished one beside it while it runs, and a lock around all."""

from __future__ import annotations

import errno
import itertools
import os
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
_DISK_FULL_WORDS = os.strerror(errno.ENOSPC)


@dataclass(frozen=True)
class Workplace:
    """``build/<name>``."""

    folder: Path

    def finished(self, step: str) -> Path:
        """Where the whole result of a step is."""
        return self.folder / step

    def partials(self, step: str) -> list[Path]:
        """Where a step works, or did when it was killed."""
        return [*self.folder.glob(f"{step}.partial"), *sorted(self.folder.glob(f"{step}.[0-9]*.partial"))]

    def failed(self, step: str) -> Path:
        """Where the result of a step lies whose comparison failed."""
        return self.folder / f"{step}.failed"

    def _replaced(self, step: str) -> Path:
        return self.folder / f"{step}.replaced"

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
        for partial in self.partials(step):
            if (partial / MANIFEST).exists():
                self.finish(step, partial)

    def start(self, step: str, inputs: Inputs, resumes: bool) -> Path:
        """An empty folder to work in; where ``resumes`` and the inputs are those of an interrupted run, that run's folder."""
        leftovers = self.partials(step)
        for leftover in leftovers:
            if resumes and _read_inputs(_started_with(leftover)) == inputs:
                return leftover
        # Programs that a killed run had started may still write below its folder, so that a new run has another one.
        names = (f"{step}.{number}.partial" if number > 1 else f"{step}.partial" for number in itertools.count(1))
        partial = next(path for path in map(self.folder.joinpath, names) if path not in leftovers)
        self.sweep(step)
        partial.mkdir()
        write_json(_started_with(partial), inputs)
        return partial

    def sweep(self, step: str) -> None:
        """Remove what killed runs of a step left, as far as nothing writes there any more."""
        for leftover in self.partials(step):
            shutil.rmtree(leftover, ignore_errors=True)
            _started_with(leftover).unlink(missing_ok=True)

    def finish(self, step: str, partial: Path) -> None:
        """Put the whole unfinished folder in the place of the last result."""
        if self.finished(step).exists():
            self.finished(step).rename(self._replaced(step))
        partial.rename(self.finished(step))
        _remove(self._replaced(step))
        _remove(self.failed(step))
        _started_with(partial).unlink(missing_ok=True)

    def set_aside(self, step: str, partial: Path) -> Path:
        """Keep the result of a failed step for inspection; it never counts as a result."""
        _remove(self.failed(step))
        partial.rename(self.failed(step))
        _started_with(partial).unlink(missing_ok=True)
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

    def as_disk_full(self, error: BaseException | None, words: str) -> UserError | None:
        """The error for a full disk, where that is the reason for ``error`` or for what ended with ``words``."""
        cause = error
        while cause is not None:
            if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
                return disk_full(self.folder)
            cause = cause.__cause__ or cause.__context__
        # Programs that were started say it in their own words, or end without one.
        full = _DISK_FULL_WORDS in words or shutil.disk_usage(self.folder).free < _LEAST_FREE_BYTES
        return disk_full(self.folder) if full else None


def _started_with(partial: Path) -> Path:
    """The inputs of an unfinished run, beside its folder."""
    return partial.with_name(f"{partial.name}.json")


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
