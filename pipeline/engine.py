"""Runs the steps whose inputs changed, in order, until one fails."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from model.base.errors import EquivalenceError, UserError
from model.base.progress import progress
from pipeline.inputs import Inputs, differences, inputs_of, keep_what_is_missing, visible_configuration
from pipeline.manifest import DamagedManifestError, Manifest, hash_outputs, read_manifest, write_manifest
from pipeline.step import Settings, Step
from pipeline.workplace import Workplace


class Observer(Protocol):
    """Is told what happens, and shows it."""

    def started(self, step: Step, reason: str) -> None:
        """A step begins, because of ``reason``; empty where there is no result yet."""

    def finished(self, step: Step, seconds: float, folder: Path) -> None:
        """A step ran and passed."""

    def unchanged(self, step: Step, seconds: float, folder: Path) -> None:
        """A step's result is still good; ``seconds`` is what it took when it was made."""

    def failed(self, step: Step, seconds: float, reasons: Sequence[str]) -> None:
        """A step ran and what had to be equal was not."""


@dataclass(frozen=True)
class Failure:
    """A comparison that failed: the step, the folder to look into, and the reasons, the first difference first."""

    step: str
    folder: Path
    reasons: list[str]


def _first_of(changes: Sequence[str]) -> str:
    more = len(changes) - 1
    return changes[0] + (f", and {more} more" if more else "")


@dataclass(frozen=True)
class Engine:
    """Runs steps below one build folder.

    Attributes:
        steps: all steps in order; a step comes after those it reads.
        settings: the configuration and how to make things.
        workplace: the build's folders.
        root: the folder that the sources of steps are relative to.
        observer: is told what happens.
    """

    steps: Sequence[Step]
    settings: Settings
    workplace: Workplace
    root: Path
    observer: Observer

    def build(self, needed: Sequence[Step], first: str | None = None) -> Failure | None:
        """Bring steps up to date.

        Args:
            needed: the steps to bring up to date, in order, upstream ones included.
            first: ``--from``: this step and those after it run in any case; the ones before it must be up to date already.

        Returns:
            The failure that ended the build, or None where every step passed.

        Raises:
            UserError: something the user can mend; also where a step before ``first`` is not up to date.
        """
        with self.workplace.locked():
            for step in needed:
                self.workplace.recover(step.name)
            made: dict[str, Manifest] = {}
            forced = False
            for step in needed:
                forced = forced or step.name == first
                failure = self._bring_up_to_date(step, made, forced, None if forced else first)
                if failure is not None:
                    self._withdraw_published()
                    return failure
                for name in step.published:
                    self.workplace.publish(step.name, name)
        return None

    def _bring_up_to_date(self, step: Step, made: dict[str, Manifest], forced: bool, first: str | None) -> Failure | None:
        digests = {name: made[name].digest_of(step.reads.get(name, made[name].outputs)) for name in step.upstream}
        inputs = inputs_of(step, self.settings, digests, self.root)
        manifest, reason = self._reason_to_run(step, inputs)
        if manifest is not None and not reason and not forced:
            if not step.resumes:
                self.workplace.sweep(step.name)
            self.observer.unchanged(step, manifest.seconds, self.workplace.finished(step.name))
            made[step.name] = manifest
            return None
        if first is not None:
            missing = reason or "it has no result yet"
            way_out = f"use --from {step.name}, or leave --from out"
            raise UserError(f"--from {first}: the earlier step {step.name} must run first: {missing}; {way_out}")
        return self._run(step, inputs, made, reason or ("--from" if manifest else ""))

    def _reason_to_run(self, step: Step, inputs: Inputs) -> tuple[Manifest | None, str]:
        """The manifest of the last result, if any, and why it is not good any more; no reason where it is."""
        folder = self.workplace.finished(step.name)
        try:
            manifest = read_manifest(folder)
        except DamagedManifestError:
            return None, f"{folder / 'manifest.json'} is damaged"
        if manifest is None:
            return None, f"{folder / 'manifest.json'} is missing" if folder.exists() else ""
        changes = differences(manifest.inputs, keep_what_is_missing(inputs, manifest.inputs))
        if changes:
            return manifest, _first_of(changes)
        mismatch = manifest.first_mismatch(folder)
        return manifest, "" if mismatch is None else f"{folder / mismatch} does not match its manifest"

    def _run(self, step: Step, inputs: Inputs, made: dict[str, Manifest], reason: str) -> Failure | None:
        self.observer.started(step, reason)
        started = time.monotonic()
        try:
            partial = self.workplace.start(step.name, inputs, step.resumes)
            reasons = self._call(step, partial)
            seconds = time.monotonic() - started
            if reasons:
                self._raise_if_disk_full(None, "\n".join(reasons))
                self.observer.failed(step, seconds, reasons)
                return Failure(step.name, self.workplace.set_aside(step.name, partial), reasons)
            manifest = Manifest(step.name, inputs, hash_outputs(partial), round(seconds, 3))
            write_manifest(manifest, partial)
            self.workplace.finish(step.name, partial)
        except Exception as error:
            # A step that read back what it could not write has a worse word for it.
            self._raise_if_disk_full(error, str(error))
            raise
        made[step.name] = manifest
        self.observer.finished(step, seconds, self.workplace.finished(step.name))
        return None

    def _call(self, step: Step, partial: Path) -> list[str]:
        config = visible_configuration(self.settings.config, step)
        settings = Settings(config, self.settings.data_dir, self.settings.device)
        # Programs that a step starts have working directories of their own.
        folders = {name: self.workplace.finished(name).absolute() for name in step.upstream}
        try:
            with progress(None, step.name):
                step.run(settings, folders, partial.absolute())
        except EquivalenceError as error:
            return [str(error)]
        return step.failures(partial)

    def _raise_if_disk_full(self, error: Exception | None, words: str) -> None:
        """A full disk is nothing that a stage computed wrongly."""
        full = self.workplace.as_disk_full(error, words)
        if full is not None:
            raise full from error

    def _withdraw_published(self) -> None:
        """An older report must not stand beside a build that failed."""
        for step in self.steps:
            for name in step.published:
                self.workplace.withdraw(name)
