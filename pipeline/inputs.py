"""Everything that decides a step's result, as plain values that are compared with those of the last run."""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from model.base.files import sha256_of
from model.base.tools import available
from model.config.describe import shown
from model.config.schema import Configuration
from pipeline.step import Settings, Step

Inputs = dict[str, dict[str, Any]]
"""Tables ``configuration``, ``steps``, ``sources``, ``versions`` and ``files``, each from a name to a value."""


def inputs_of(step: Step, settings: Settings, upstream: Mapping[str, str], root: Path) -> Inputs:
    """The present inputs of a step.

    Args:
        step: the step.
        settings: the whole configuration, and where files are.
        upstream: digest of the outputs of every upstream step, by name.
        root: the folder that ``step.sources`` are relative to.
    """
    return {
        "configuration": configuration_values(step.view(settings.config), step.keys),
        "steps": {name: upstream[name] for name in step.upstream},
        "sources": {source: _digest_of_source(root / source) for source in step.sources},
        "versions": {
            **{name: None if (tool := available(name)) is None else tool.version for name in step.tools},
            **{name: _installed_version(name) for name in step.packages},
        },
        "files": step.files(settings),
    }


def _installed_version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def keep_what_is_missing(inputs: Inputs, before: Inputs) -> Inputs:
    """A program that is missing now, or a folder that is not named again, is no reason to repeat what was made with it."""
    kept = {
        table: {name: before.get(table, {}).get(name) if value is None else value for name, value in inputs[table].items()}
        for table in ("versions", "files")
    }
    return {**inputs, **kept}


def differences(before: Inputs, now: Inputs) -> list[str]:
    """What changed, in words; the configuration comes first."""
    found = []
    for table in now:
        old, new = before.get(table, {}), now[table]
        for name in [*new, *(name for name in old if name not in new)]:
            if old.get(name) != new.get(name):
                found.append(_in_words(table, name, old, new))
    return found


def _in_words(table: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    if name not in new:
        return f"{name} is no longer read"
    if name not in old:
        return f"{name} is read now"
    if table == "configuration":
        return f"{name} was {shown(old[name])} and is {shown(new[name])}"
    if table == "versions":
        return f"{name} was {old.get(name) or 'missing'} and is {new.get(name) or 'missing'}"
    if table == "files":
        return f"the files in {name} changed"
    return f"the result of {name} changed" if table == "steps" else f"the source code in {name} changed"


def configuration_values(config: Configuration, keys: tuple[str, ...]) -> dict[str, Any]:
    """The values of keys and of whole tables, by dotted name."""
    whole = config.model_dump(mode="json")
    values: dict[str, Any] = {}
    for key in keys:
        section, _, last = key.partition(".")
        value = whole[section][last] if last else whole[section]
        values.update({f"{key}.{name}": inner for name, inner in value.items()} if isinstance(value, dict) else {key: value})
    return values


def visible_configuration(config: Configuration, step: Step) -> Configuration:
    """The configuration as a step sees it: the keys it declares, through its view, and every other one at its default.

    So a step that reads a key it does not declare never gives a result that depends on it. The name is the folder's and always
    the same.
    """
    table: dict[str, Any] = {"name": config.name}
    for key, value in configuration_values(step.view(config), step.keys).items():
        section, _, last = key.rpartition(".")
        (table.setdefault(section, {}) if section else table)[last] = value
    return Configuration.model_validate(table)


@functools.cache
def _digest_of_source(path: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(_source_files(path)):
        digest.update(f"{file.relative_to(path.parent).as_posix()}\0{sha256_of(file)}\0".encode())
    return digest.hexdigest()


def _source_files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    for file in path.rglob("*"):
        hidden = any(part.startswith(".") or part == "__pycache__" for part in file.relative_to(path).parts)
        if file.is_file() and not hidden:
            yield file
