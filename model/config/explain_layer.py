"""What is wrong in one table of ``network.layers``, in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from model.config.describe import JsonSchema, nearest, schema_in_words, shown, table_keys, words_of
from model.config.schema import LayerTable, MaxPoolTable

_PREFIX = 2
"""How many parts of pydantic's location name the key ``network.layers`` itself."""


def explained_layer(error: ValidationError, layers: Sequence[Any]) -> str:
    """The first of pydantic's findings in a list of layers, without its place.

    Args:
        error: whose first finding is inside ``network.layers``.
        layers: the list as it was written.
    """
    place, *inside = error.errors(include_url=False)[0]["loc"][_PREFIX:]
    index = int(place)
    table = layers[index]
    schemas = table_keys(LayerTable.__name__)
    if not isinstance(table, dict):
        return f"network.layers, layer {index + 1} = {shown(table)}: legal is a table of {', '.join(schemas)}"
    key = str(inside[0])
    layer = f"network.layers, layer {_name(table, index)}"
    if key == "max_pool" and isinstance(table[key], dict):
        return _explained_pool(error, index, table[key], layer)
    if key not in schemas:
        return f"{layer}: {key} is not a key; legal are {', '.join(schemas)}{nearest(key, schemas)}"
    return _wrong_value(layer, key, table[key], schemas[key])


def _name(table: Mapping[str, Any], index: int) -> str:
    name = table.get("name")
    return name if isinstance(name, str) and name else f"hidden{index + 1}"


def _explained_pool(error: ValidationError, index: int, table: Mapping[str, Any], layer: str) -> str:
    """Pydantic tries a number and a list before it looks into the table."""
    wanted = (index, "max_pool", MaxPoolTable.__name__)
    findings = (found for found in error.errors(include_url=False) if found["loc"][_PREFIX : _PREFIX + 3] == wanted)
    first = next(findings)
    key = str(first["loc"][_PREFIX + 3])
    schemas = table_keys(MaxPoolTable.__name__)
    if first["type"] == "missing":
        return f"{layer}: max_pool = {shown(table)}: {key} is missing; legal are {', '.join(schemas)}"
    if key not in schemas:
        return f"{layer}: max_pool.{key} is not a key; legal are {', '.join(schemas)}{nearest(key, schemas)}"
    return _wrong_value(layer, f"max_pool.{key}", table[key], schemas[key])


def _wrong_value(layer: str, key: str, value: object, schema: JsonSchema) -> str:
    return f"{layer}: {key} = {shown(value)}: legal is {schema_in_words(schema)}{nearest(value, words_of(schema))}"
