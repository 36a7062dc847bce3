"""The rows of a study: every variant at every number of time steps, code and seed that its method has; the others by rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from model.base.errors import UserError
from model.config.schema import Configuration
from model.conversion.resolve import causal_time_steps
from pipeline.study.load import StudyFile
from pipeline.study.schema import VariantSection

TRAIN = "train"
_LEVELS_ARE_TIME_STEPS = ("dual-phase",)
_STEPS_OF_LEVELS = ("pascal",)


@dataclass(frozen=True)
class RowPlan:
    """One row before it is computed.

    Attributes:
        variant: name of the method or variant.
        method: its conversion method.
        time_steps: T: of a causal method its time steps, of a deferred one its levels (the steps of its unary train).
        code: the code that was asked for; ``train`` of causal neurons.
        seed: of training.
        config: the configuration of the row.
        rtl_frames: test images to take through HLS and RTL: 0 for none, None for all.
    """

    variant: str
    method: str
    time_steps: int
    code: str
    seed: int
    config: Configuration
    rtl_frames: int | None

    def __str__(self) -> str:
        return f"{self.variant} T={self.time_steps} {self.code} seed {self.seed}"


@dataclass(frozen=True)
class Note:
    """Why rows are absent; a field is empty or None where it holds for all of its values."""

    variant: str
    time_steps: tuple[int, ...]
    code: str | None
    reason: str

    def __str__(self) -> str:
        steps = f" at T = {', '.join(map(str, self.time_steps))}" if self.time_steps else ""
        code = "" if self.code is None else f" with code {self.code}"
        return f"{self.variant}{steps}{code}: {self.reason}"


@dataclass(frozen=True)
class Grid:
    """The rows, in the order of the file, and the notes on those that are not there."""

    rows: list[RowPlan]
    notes: list[Note]


def grid_of(file: StudyFile, rtl: bool) -> Grid:
    """All rows.

    Args:
        file: the study.
        rtl: whether rows go through HLS and RTL as well.

    Raises:
        UserError: a variant of which no row is possible, or a row for the whole test set that the study does not have.
    """
    rows: list[RowPlan] = []
    notes: list[Note] = []
    for variant in file.variants:
        own = _Variant(file, variant, rtl)
        rows += own.rows()
        if not own.any_row:
            raise UserError(f"{file.path}: study: no row of {variant.name} is possible: {own.notes[0].reason}")
        notes += own.notes
    _check_whole(file, rows)
    return Grid(rows, notes)


class _Variant:
    """The rows of one variant; the notes are complete when they were made."""

    def __init__(self, file: StudyFile, variant: VariantSection, rtl: bool) -> None:
        self._file, self._variant, self._rtl = file, variant, rtl
        self._absent: dict[tuple[str | None, str], list[int]] = {}
        self.any_row = False

    @property
    def notes(self) -> list[Note]:
        """One note a reason."""
        return [Note(self._variant.name, tuple(steps), *why) for why, steps in self._absent.items()]

    def rows(self) -> list[RowPlan]:
        """Rows in the order of time steps, codes and seeds."""
        found = [row for steps, code in self._points() for row in self._seeds(steps, code)]
        self.any_row = bool(found)
        return found

    def _points(self) -> Iterator[tuple[int, str]]:
        variant, study = self._variant, self._file.study
        codes = list(dict.fromkeys(variant.codes or study.codes))
        for each in sorted(set(variant.time_steps or study.time_steps)):
            automatic = self._possible(each, "auto", None)
            if automatic is None:
                continue
            if causal_time_steps(automatic) is None:
                yield from ((each, code) for code in codes if self._possible(each, code, code) is not None)
            else:
                self._note_train()
                yield each, TRAIN

    def _possible(self, time_steps: int, code: str, noted_code: str | None) -> Configuration | None:
        """The rule of the method first, then whatever the configuration's own check has against it."""
        variant = self._variant
        try:
            if variant.method in _STEPS_OF_LEVELS and not self._follows:
                levels = _largest(self._file.configuration(variant, {}).network.levels)
                if time_steps != levels:
                    reason = f"it was trained with {levels} levels and has no other number"
                    raise UserError(f"{reason}; levels_follow = true trains one network for each T")
            return self._configuration(time_steps, code, self._some_seed)
        except UserError as error:
            self._absent.setdefault((noted_code, str(error)), []).append(time_steps)
            return None

    def _note_train(self) -> None:
        beyond = " beyond one time step" if self._variant.method == "pmsm" else ""
        reason = f"neurons fire in every time step{beyond}: one row with code {TRAIN}, whatever study.codes holds"
        self._absent.setdefault((None, reason), [])

    def _seeds(self, time_steps: int, code: str) -> Iterator[RowPlan]:
        variant, study = self._variant, self._file.study
        for seed in dict.fromkeys(variant.seeds or study.seeds):
            config = self._configuration(time_steps, code, seed)
            frames = self._rtl_frames(time_steps, code, seed)
            yield RowPlan(variant.name, variant.method, time_steps, code, seed, config, frames)

    @property
    def _some_seed(self) -> int:
        return (self._variant.seeds or self._file.study.seeds)[0]

    @property
    def _follows(self) -> bool:
        return self._variant.levels_follow or self._variant.method in _LEVELS_ARE_TIME_STEPS

    def _configuration(self, time_steps: int, code: str, seed: int) -> Configuration:
        changes: dict[str, Any] = {"training.seed": seed, "conversion.code": "auto" if code == TRAIN else code}
        if self._follows:
            changes["network.levels"] = time_steps
        if self._variant.method not in _STEPS_OF_LEVELS:
            changes["conversion.time_steps"] = time_steps
        return self._file.configuration(self._variant, changes)

    def _rtl_frames(self, time_steps: int, code: str, seed: int) -> int | None:
        hardware = self._file.study.rtl
        if not self._rtl or (hardware.seeds is not None and seed not in hardware.seeds):
            return 0
        whole = any((row.variant, row.time_steps, row.code) == (self._variant.name, time_steps, code) for row in hardware.whole)
        return None if whole else hardware.frames


def _largest(levels: int | list[int]) -> int:
    return max(levels, default=1) if isinstance(levels, list) else levels


def _check_whole(file: StudyFile, rows: list[RowPlan]) -> None:
    there = {(row.variant, row.time_steps, row.code) for row in rows}
    for whole in file.study.rtl.whole:
        if (whole.variant, whole.time_steps, whole.code) not in there:
            have = sorted({f"T = {steps} with code {code}" for variant, steps, code in there if variant == whole.variant})
            raise UserError(
                f"{file.path}: study.rtl.whole: {whole.variant} has no row at T = {whole.time_steps} with code {whole.code};"
                f" it has {', '.join(have)}"
            )
