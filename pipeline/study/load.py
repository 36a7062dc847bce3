"""A study file: a configuration, and the table [study] around it; every error is one line."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from model.base.errors import UserError
from model.config.describe import key_schemas, nearest, nearest_key, shown
from model.config.load import Table, configuration_of, read_table
from model.config.schema import Configuration
from pipeline.study.schema import METHODS, HardwareSection, Section, StudySection, VariantSection, WholeSection

_PREFIX = "study."
_TABLES: dict[str, type[Section]] = {"variants": VariantSection, "rtl": HardwareSection, "rtl.whole": WholeSection}
_BARE_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


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
    if not isinstance(given, dict):
        raise UserError(f"{path}: study = {shown(given)}: study is a table; write [study] and its keys below it")
    own = [override for override in overrides if override.strip().startswith(_PREFIX)]
    base = configuration_of(table, str(path), [override for override in overrides if override not in own])
    places = dict(_override(given, override) for override in own)
    try:
        study = StudySection.model_validate(given)
    except ValidationError as error:
        raise _explained(error, str(path), places) from None
    file = StudyFile(str(path), base, study, table)
    _check_names(file)
    return file


def _override(table: dict[str, Any], override: str) -> tuple[str, str]:
    key, equals, text = (part.strip() for part in override.partition("="))
    name = key.removeprefix(_PREFIX)
    if not equals or not text:
        raise UserError(f"--set {override}: expected key=value, e.g. --set study.seeds=[1]")
    legal = _settable()
    if name not in legal:
        names = [f"{_PREFIX}{field}" for field in legal]
        raise UserError(f"--set: {key} is no key to set; legal are {', '.join(names)}{nearest(key, names)}")
    section, _, field = name.rpartition(".")
    target = table.setdefault(section, {}) if section else table
    if isinstance(target, dict):
        target[field] = _value_of(override, text)
    return name, "--set"


def _settable() -> list[str]:
    """The keys of [study] and [study.rtl] that hold no tables."""
    sections: dict[str, type[Section]] = {"": StudySection, "rtl.": HardwareSection}
    keys = [f"{prefix}{field}" for prefix, section in sections.items() for field in section.model_fields]
    return [key for key in keys if key not in _TABLES]


def _value_of(override: str, text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        try:
            quoted = _BARE_WORD.sub(lambda match: f'"{match.group()}"', text)
            return tomllib.loads(f"value = {quoted}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise UserError(f"--set {override}: the value is not TOML: {error}") from None


def _explained(error: ValidationError, path: str, places: dict[str, str]) -> UserError:
    """The first of pydantic's findings as one line."""
    first = error.errors(include_url=False)[0]
    section, names = _section_of(first["loc"])
    table = "".join(f".{name}" for name in names[:-1])
    where = f"{places.get('.'.join(names), path)}: study{table}"
    key = names[-1]
    if first["type"] == "extra_forbidden":
        return UserError(
            f"{where}.{key} is not a key; legal in [study{table}] are {', '.join(section.model_fields)}"
            f"{nearest(key, section.model_fields)}"
        )
    legal = section.model_fields[key].description
    if first["type"] == "missing":
        return UserError(f"{where}.{key} is missing; legal is {legal}")
    hint = nearest(first["input"], METHODS) if isinstance(first["input"], str) else ""
    return UserError(f"{where}.{key} = {shown(first['input'])}: legal is {legal}{hint}")


def _section_of(location: tuple[int | str, ...]) -> tuple[type[Section], list[str]]:
    """The table that a finding is in, and the key's names without positions in lists."""
    section: type[Section] = StudySection
    names: list[str] = []
    for part in location:
        if isinstance(part, int):
            continue
        names.append(part)
        inner = _TABLES.get(".".join(names))
        if inner is None:
            break
        section = inner
    if names and ".".join(names) in _TABLES:
        # The table itself has the wrong type.
        *outer, _ = names
        section = _TABLES[".".join(outer)] if outer else StudySection
    return section, names


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
