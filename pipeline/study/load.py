"""A study file: a configuration, and the table [study] around it; every error is one line."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from model.base.errors import UserError
from model.config.describe import key_schemas, nearest, nearest_key, shown
from model.config.load import Table, configuration_of, read_table
from model.config.schema import Configuration
from pipeline.campaign.section import SectionReader
from pipeline.study.schema import METHODS, HardwareSection, StudySection, VariantSection, WholeSection

_TABLES: dict[str, type[BaseModel]] = {"variants": VariantSection, "rtl": HardwareSection, "rtl.whole": WholeSection}
_READER = SectionReader("study", "study.seeds=[1]", _TABLES, METHODS)


@dataclass(frozen=True)
class StudyFile:
    """What a study file says.

    Attributes:
        path: the file, for messages.
        base: the configuration that everything is varied around.
        study: what is varied.
        table: the base configuration as it is written, ``--set`` included.
    """

    path: str
    base: Configuration
    study: StudySection
    table: Table

    @property
    def variants(self) -> list[VariantSection]:
        """The plain methods and then the variants, in the order of the file."""
        return [*(VariantSection(name=method, method=method) for method in self.study.methods), *self.study.variants]

    def configuration(self, variant: VariantSection, changes: dict[str, Any]) -> Configuration:
        """The base with the keys of a variant and of one row.

        Raises:
            UserError: the variant sets an unknown key or an illegal value, or its method does not take the rest.
        """
        table = copy.deepcopy(self.table)
        own = f"{self.path}: study variant {variant.name}"
        for key, value in {"conversion.method": variant.method, **variant.set, **changes}.items():
            if key not in key_schemas():
                raise UserError(f"{own}: set: {key} is not a key of the configuration{nearest_key(key)}")
            section, _, last = key.rpartition(".")
            target = table.setdefault(section, {}) if section else table
            target[last] = value
        return configuration_of(table, own)


def load_study(path: Path, overrides: Sequence[str] = ()) -> StudyFile:
    """Read, override and check a study file.

    Args:
        path: the TOML file.
        overrides: ``key=value`` texts of ``--set``, of the configuration or, as ``study.KEY``, of the study.

    Raises:
        UserError: anything that is wrong, with the key, its value, the legal ones and the nearest match.
    """
    table = read_table(path)
    if "study" not in table:
        raise UserError(f"{path}: [study] is missing; add it with e.g. methods = [{', '.join(map(shown, METHODS[:2]))}]")
    given = table.pop("study")
    own, others = _READER.split(overrides)
    base = configuration_of(table, str(path), others)
    study = _READER.read(StudySection, given, str(path), own)
    file = StudyFile(str(path), base, study, table)
    _check_names(file)
    return file


def _check_names(file: StudyFile) -> None:
    names = [variant.name for variant in file.variants]
    if not names:
        example = shown(list(METHODS[:2]))
        raise UserError(f"{file.path}: the study is empty; give study.methods, e.g. {example}, or [[study.variants]]")
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise UserError(f"{file.path}: study: two variants are called {double}; every name is one line of the plots")
    for whole in file.study.rtl.whole:
        if whole.variant not in names:
            raise UserError(
                f"{file.path}: study.rtl.whole.variant = {shown(whole.variant)}: legal are {', '.join(names)}"
                f"{nearest(whole.variant, names)}"
            )
