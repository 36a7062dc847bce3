"""Figures out of the files of the steps; an absent one is an error, and every one remembers where it was read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.base.errors import UserError
from model.base.files import read_json


@dataclass
class BuildFiles:
    """The JSON files of one build.

    Attributes:
        folder: the build's folder, with one folder a step.
        origins: where each figure of the report was read, ``step/file.json#key``.
    """

    folder: Path
    origins: dict[str, str] = field(default_factory=dict)
    _contents: dict[str, Any] = field(default_factory=dict, repr=False)

    def read(self, file: str, key: str) -> Any:
        """The value of a dotted ``key`` in ``file``, a path inside the build's folder.

        Raises:
            UserError: no such file, no such key, or a key without a value.
        """
        value = self._content(file)
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
            if value is None:
                raise UserError(f"{self.folder / file}: no figure '{key}'; run the {file.partition('/')[0]} step again")
        return value

    def optional(self, file: str, key: str) -> Any:
        """The value of a dotted ``key``, or None where the step had no reason to write it."""
        value = self._content(file)
        for part in key.split("."):
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def take(self, figure: str, file: str, key: str) -> Any:
        """The same as ``read``, and remember that ``figure`` of the report comes from there."""
        value = self.read(file, key)
        self.origins[figure] = f"{file}#{key}"
        return value

    def _content(self, file: str) -> Any:
        if file not in self._contents:
            self._contents[file] = read_json(self.folder / file)
        return self._contents[file]
