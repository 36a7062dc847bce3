"""A configuration and the table [explore] in it; every error is one line."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.base.errors import UserError
from model.config.load import Table, configuration_of, read_table
from model.config.schema import Configuration
from pipeline.campaign.section import SectionReader
from pipeline.explore.schema import ExploreSection

_READER = SectionReader("explore", "explore.levels=[1,3]", words=("auto", "unary", "bits", "count", "train", "event", "unrolled"))


@dataclass(frozen=True)
class ExploreFile:
    """What a file says.

    Attributes:
        path: the file, for messages.
        base: the configuration that everything is varied around.
        explore: what is varied.
        table: the base configuration as it is written, ``--set`` included.
    """

    path: str
    base: Configuration
    explore: ExploreSection
    table: Table

    def configuration(self, changes: dict[str, Any]) -> Configuration:
        """The base with other values of some keys.

        Raises:
            UserError: they do not go together.
        """
        table = copy.deepcopy(self.table)
        for key, value in changes.items():
            section, _, last = key.partition(".")
            table.setdefault(section, {})[last] = value
        return configuration_of(table, self.path)


def load_explore(path: Path, overrides: Sequence[str] = ()) -> ExploreFile:
    """Read, override and check a file.

    Args:
        path: the TOML file; without a table [explore] that table's defaults hold.
        overrides: ``key=value`` texts of ``--set``, of the configuration or, as ``explore.KEY``, of that table.

    Raises:
        UserError: anything that is wrong, with the key, its value, the legal ones and the nearest match.
    """
    table = read_table(path)
    if "study" in table:
        raise UserError(f"{path}: has a table [study]; run flow.py study {path}")
    given = table.pop("explore", {})
    own, others = _READER.split(overrides)
    base = configuration_of(table, str(path), others)
    explore = _READER.read(ExploreSection, given, str(path), own)
    if explore.hidden is not None and base.network.hidden is None:
        raise UserError(
            f"{path}: explore.hidden needs a network of network.hidden, and this one has layers or a preset; leave it out"
        )
    return ExploreFile(str(path), base, explore, table)
