"""A configuration from its TOML file and from ``--set key=value``; every error is one line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from model.base.errors import UserError
from model.config.describe import counted, is_text, key_schemas, legal_values, named_values, nearest, nearest_key, sections, shown
from model.config.explain_layer import explained_layer
from model.config.layers import check_layers, hidden_count, layers_key
from model.config.schema import LAYER_KEYS, Configuration

_READY = Path(__file__).resolve().parents[2] / "configs"
_BARE_WORD = re.compile(r"[A-Za-z0-9_.-]+")
Table = dict[str, Any]


def load_configuration(path: Path, overrides: Sequence[str] = ()) -> Configuration:
    """Read, override and check a configuration.

    Args:
        path: the TOML file.
        overrides: ``key=value`` texts of ``--set``; values in TOML syntax, bare words are strings; later ones win.

    Raises:
        UserError: anything that is wrong, with the key, its value, the legal ones and the nearest match.
    """
    table = read_table(path)
    if "study" in table:
        raise UserError(f"{path}: has a table [study], so it is no build; run flow.py study {path}")
    # What is varied around a build is no part of it.
    table.pop("explore", None)
    return configuration_of(table, str(path), overrides)


def configuration_of(table: Table, path: str, overrides: Sequence[str] = ()) -> Configuration:
    """Override and check a configuration that was read already.

    Args:
        table: what the TOML file holds; overrides are written into it.
        path: the file, or what else an error is to name as its place.
        overrides: as for ``load_configuration``.

    Raises:
        UserError: as ``load_configuration``.
    """
    origin: dict[str, str] = {}
    for override in overrides:
        key, value = _parse_override(override)
        _assign(table, key, value)
        origin[key] = "--set"
    try:
        config = Configuration.model_validate(table)
    except ValidationError as error:
        raise _explained(error, table, path, origin) from None
    _check_hidden_layers(config, path, origin)
    _check_lengths(config, path, origin)

    # The conversion methods are checked by their own table, which is read only here.
    from model.conversion.resolve import check_configuration

    check_configuration(config)
    return config


def read_table(path: Path) -> Table:
    """The tables of a TOML file.

    Raises:
        UserError: there is none, or it is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        ready = ", ".join(f"configs/{file.name}" for file in sorted(_READY.glob("*.toml")))
        raise UserError(f"{path}: no such configuration; ready ones are {ready}") from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise UserError(f"{path}: cannot be read as a configuration ({reason})") from None
    except tomllib.TOMLDecodeError as error:
        message, _, place = str(error).partition(" (at ")
        raise UserError(f"{path}: {place.rstrip(')') or 'line 1'}: not valid TOML: {message}") from None


def _parse_override(override: str) -> tuple[str, Any]:
    key, equals, text = (part.strip() for part in override.partition("="))
    if not equals or not key or not text:
        raise UserError(f"--set {override}: expected key=value, e.g. --set network.hidden=[64]")
    if key in sections():
        of_table = ", ".join(name for name in key_schemas() if name.startswith(f"{key}."))
        raise UserError(f"--set {override}: {key} is a table; set one of its keys: {of_table}")
    if key not in key_schemas():
        raise _unknown(key, "--set")
    return key, _parse_value(override, key, text)


def _parse_value(override: str, key: str, text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        pass
    if is_text(key) or _BARE_WORD.fullmatch(text):
        return text
    try:
        return tomllib.loads(f"value = {_BARE_WORD.sub(_quoted_word, text)}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"--set {override}: the value is not TOML: {error}") from None


def _quoted_word(match: re.Match[str]) -> str:
    word = match.group()
    return word if re.fullmatch(r"[-\d.]+|true|false", word) else f'"{word}"'


def _assign(table: Table, key: str, value: Any) -> None:
    section, _, last = key.rpartition(".")
    target = table.setdefault(section, {}) if section else table
    # A section that is no table stays as it is: the schema names it.
    if not isinstance(target, dict):
        return
    target[last] = value
    if section == "network" and last in LAYER_KEYS:
        # The layers of the file are replaced, whichever key they have there.
        for other in LAYER_KEYS:
            if other != last:
                target.pop(other, None)


def _explained(error: ValidationError, table: Table, path: str, origin: Mapping[str, str]) -> UserError:
    """The first of pydantic's findings as one line."""
    first = error.errors(include_url=False)[0]
    key = _key_of(first["loc"])
    where = origin.get(key, path)
    if first["type"] == "value_error":
        return UserError(f"{where}: {first['ctx']['error']}")
    if key == "network.layers" and len(first["loc"]) > 2:
        return UserError(f"{where}: {explained_layer(error, table['network']['layers'])}")
    if first["type"] == "extra_forbidden":
        return _unknown(key, where)
    if first["type"] == "missing":
        return UserError(f'{where}: {key} is missing; add a line like {key} = "my-network"')
    value = _value_of(table, key)
    if key not in key_schemas():
        return UserError(f"{where}: {key} = {shown(value)}: {key} is a table; write [{key}] and its keys below it")
    wrong = next((item for item in (value if isinstance(value, list) else [value]) if item not in named_values(key)), value)
    return UserError(f"{where}: {key} = {shown(value)}: legal is {legal_values(key)}{nearest(wrong, named_values(key))}")


def _key_of(location: tuple[int | str, ...]) -> str:
    # Behind the key pydantic adds which alternative of a union it tried and which item of a list it looked at.
    depth = 2 if location[0] in sections() else 1
    return ".".join(str(part) for part in location[:depth])


def _value_of(table: Table, key: str) -> Any:
    value: Any = table
    for part in key.split("."):
        value = value[part]
    return value


def _unknown(key: str, where: str) -> UserError:
    section = key.partition(".")[0]
    if "." in key and section in sections():
        legal = ", ".join(name.partition(".")[2] for name in key_schemas() if name.startswith(f"{section}."))
        place = f"in [{section}] are"
    else:
        legal = ", ".join([*(name for name in key_schemas() if "." not in name), *(f"[{name}]" for name in sections())])
        place = "are"
    return UserError(f"{where}: {key} is not a key; legal {place} {legal}{nearest_key(key)}")


def _check_hidden_layers(config: Configuration, path: str, origin: Mapping[str, str]) -> None:
    try:
        check_layers(config)
    except UserError as error:
        set_here = [key for key in origin if key in str(error) or key.removeprefix("network.") in LAYER_KEYS]
        raise UserError(f"{'--set' if set_here else path}: {error}") from None


def _check_lengths(config: Configuration, path: str, origin: Mapping[str, str]) -> None:
    hidden = hidden_count(config)
    lists: dict[str, tuple[object, int]] = {
        "network.levels": (config.network.levels, hidden),
        "network.weight_bits": (config.network.weight_bits, hidden + 1),
        "training.sparsity": (config.training.sparsity, hidden + 1),
        "conversion.code": (config.conversion.code, hidden),
        "hls.parallelism": (config.hls.parallelism, hidden + 1),
        "hardware.engine": (config.hardware.engine, hidden + 1),
        "hardware.parallelism": (config.hardware.parallelism, hidden + 1),
    }
    for key, (value, expected) in lists.items():
        if isinstance(value, list) and len(value) != expected:
            layers = counted(expected, "hidden layer") if expected == hidden else f"{expected} layers, the read-out included"
            raise UserError(
                f"{origin.get(key, path)}: {key} = {shown(value)}: {counted(len(value), 'value')}, but"
                f" {layers_key(config)} makes {layers}; give {expected} or one for all"
            )
