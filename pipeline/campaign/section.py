"""A table of a configuration file that belongs to one command, such as [study]; every error is one line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from model.base.errors import UserError
from model.config.describe import nearest, shown

_BARE_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_TRUTHS = ("true", "false")


Section = TypeVar("Section", bound=BaseModel)


@dataclass(frozen=True)
class SectionReader:
    """Reads the table ``name`` of a file.

    Attributes:
        name: of the table.
        tables: keys that hold tables, by name within it (``rtl.whole``), and what these hold.
        words: of a legal value, for the nearest match.
        example: of an override.
    """

    name: str
    example: str
    tables: Mapping[str, type[BaseModel]] = field(default_factory=dict)
    words: Sequence[str] = ()

    def split(self, overrides: Sequence[str]) -> tuple[list[str], list[str]]:
        """The overrides of this table, and the others."""
        own = [override for override in overrides if override.strip().startswith(f"{self.name}.")]
        return own, [override for override in overrides if override not in own]

    def read(self, section: type[Section], given: Any, path: str, overrides: Sequence[str]) -> Section:
        """Override and check.

        Args:
            section: what the table holds.
            given: the table as it is written; overrides are written into it.
            path: the file, for messages.
            overrides: those of this table.

        Raises:
            UserError: anything that is wrong, with the key, its value, the legal ones and the nearest match.
        """
        if not isinstance(given, dict):
            raise UserError(
                f"{path}: {self.name} = {shown(given)}: {self.name} is a table; write [{self.name}] and its keys below it"
            )
        places = dict(self._override(section, given, override) for override in overrides)
        try:
            return section.model_validate(given)
        except ValidationError as error:
            raise self._explained(section, error, path, places) from None

    def _override(self, root: type[BaseModel], table: dict[str, Any], override: str) -> tuple[str, str]:
        key, equals, text = (part.strip() for part in override.partition("="))
        name = key.removeprefix(f"{self.name}.")
        if not equals or not text:
            raise UserError(f"--set {override}: expected key=value, e.g. --set {self.example}")
        legal = self._settable(root)
        if name not in legal:
            names = [f"{self.name}.{each}" for each in legal]
            raise UserError(f"--set: {key} is no key to set; legal are {', '.join(names)}{nearest(key, names)}")
        section, _, last = name.rpartition(".")
        target = table.setdefault(section, {}) if section else table
        if isinstance(target, dict):
            target[last] = _value_of(override, text)
        return name, "--set"

    def _settable(self, root: type[BaseModel]) -> list[str]:
        """The keys that hold no tables, of the table and of single tables in it."""
        single = {
            name: section for name, section in self.tables.items() if name in root.model_fields and self._is_single(root, name)
        }
        keys = [*root.model_fields, *(f"{name}.{key}" for name, section in single.items() for key in section.model_fields)]
        return [key for key in keys if key not in self.tables]

    def _is_single(self, root: type[BaseModel], name: str) -> bool:
        return root.model_fields[name].annotation is self.tables[name]

    def _explained(self, root: type[BaseModel], error: ValidationError, path: str, places: Mapping[str, str]) -> UserError:
        """The first of pydantic's findings as one line."""
        first = error.errors(include_url=False)[0]
        section, names = self._section_of(root, first["loc"])
        table = "".join(f".{name}" for name in names[:-1])
        where = f"{places.get('.'.join(names), path)}: {self.name}{table}"
        key = names[-1]
        if first["type"] == "extra_forbidden":
            return UserError(
                f"{where}.{key} is not a key; legal in [{self.name}{table}] are {', '.join(section.model_fields)}"
                f"{nearest(key, section.model_fields)}"
            )
        legal = section.model_fields[key].description
        if first["type"] == "missing":
            return UserError(f"{where}.{key} is missing; legal is {legal}")
        hint = nearest(first["input"], self.words) if isinstance(first["input"], str) else ""
        return UserError(f"{where}.{key} = {shown(first['input'])}: legal is {legal}{hint}")

    def _section_of(self, root: type[BaseModel], location: tuple[int | str, ...]) -> tuple[type[BaseModel], list[str]]:
        """The table that a finding is in, and the key's names without positions in lists."""
        section = root
        names: list[str] = []
        for part in location:
            if isinstance(part, int):
                continue
            names.append(part)
            inner = self.tables.get(".".join(names))
            if inner is None:
                break
            section = inner
        if names and ".".join(names) in self.tables:
            # The table itself has the wrong type.
            *outer, _ = names
            section = self.tables[".".join(outer)] if outer else root
        return section, names


def _value_of(override: str, text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        try:
            quoted = _BARE_WORD.sub(_quoted, text)
            return tomllib.loads(f"value = {quoted}")["value"]
        except tomllib.TOMLDecodeError as error:
            raise UserError(f"--set {override}: the value is not TOML: {error}") from None


def _quoted(match: re.Match[str]) -> str:
    return match.group() if match.group() in _TRUTHS else f'"{match.group()}"'
