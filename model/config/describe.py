"""What is legal for each key of a configuration, in words, read from the schema itself."""

from __future__ import annotations

import difflib
import functools
import json
from collections.abc import Iterable
from typing import Any

from model.config.schema import Configuration

JsonSchema = dict[str, Any]


@functools.cache
def key_schemas() -> dict[str, JsonSchema]:
    """The JSON schema of every key, by its dotted name, e.g. ``network.hidden``."""
    whole = Configuration.model_json_schema()
    schemas: dict[str, JsonSchema] = {}
    for name, value in whole["properties"].items():
        reference = value.get("$ref")
        if reference is None:
            schemas[name] = value
            continue
        section = whole["$defs"][reference.rpartition("/")[2]]
        schemas.update({f"{name}.{key}": inner for key, inner in section["properties"].items()})
    return schemas


def sections() -> list[str]:
    """The names of the tables."""
    return list(dict.fromkeys(name.partition(".")[0] for name in key_schemas() if "." in name))


def legal_values(key: str) -> str:
    """The legal values of a key in words, e.g. ``a whole number from 2 to 8, or a list of them``."""
    return schema_in_words(key_schemas()[key])


def schema_in_words(schema: JsonSchema) -> str:
    """The legal values of one JSON schema in words; the absence of a value is not among them."""
    options = [option for option in schema.get("anyOf", [schema]) if option.get("type") != "null"]
    single = [_in_words(option) for option in options if option.get("type") != "array" and "$ref" not in option]
    lists = [option for option in options if option.get("type") == "array"]
    tables = [_in_words(option) for option in options if "$ref" in option]
    if not single:
        return _in_words((lists or options)[0])
    pair = bool(lists) and lists[0].get("minItems") == lists[0].get("maxItems") == 2
    several = ["or two of them, [rows, columns]" if pair else "or a list of them"] if lists else []
    return ", ".join([*single, *several, *(f"or {table}" for table in tables)])


def _in_words(schema: JsonSchema) -> str:
    if "$ref" in schema:
        return f"a table of {', '.join(table_keys(schema['$ref'].rpartition('/')[2]))}"
    if "const" in schema or "enum" in schema:
        return ", ".join(map(str, schema.get("enum", [schema.get("const")])))
    if "pattern" in schema:
        return f"text that matches {schema['pattern']}"
    kind = schema["type"]
    if kind == "array":
        return f"a list of at most {schema['maxItems']} values, each {_in_words(schema['items'])}"
    if kind in ("integer", "number"):
        number = "a whole number" if kind == "integer" else "a number"
        low = f"above {schema['exclusiveMinimum']}" if "exclusiveMinimum" in schema else f"from {schema['minimum']}"
        return f"{number} {low} to {schema['maximum']}"
    return {"boolean": "true, false", "string": "text"}[str(kind)]


def table_keys(model: str) -> dict[str, JsonSchema]:
    """The JSON schema of every key of a nested table, by the name of its model."""
    properties: dict[str, JsonSchema] = Configuration.model_json_schema()["$defs"][model]["properties"]
    return properties


def named_values(key: str) -> list[str]:
    """The legal values that are words, for the nearest match."""
    return words_of(key_schemas()[key])


def words_of(schema: JsonSchema) -> list[str]:
    """The legal values of one JSON schema that are words."""
    words: list[str] = []
    for option in schema.get("anyOf", [schema]):
        inner = option.get("items", option)
        words += [inner["const"]] if "const" in inner else [str(value) for value in inner.get("enum", [])]
    return words


def nearest(word: object, choices: Iterable[str]) -> str:
    """``; did you mean …?`` for the choice nearest to ``word``; empty where none is near."""
    found = difflib.get_close_matches(str(word), list(choices), n=1, cutoff=0.6)
    return f"; did you mean {found[0]}?" if found else ""


def nearest_key(key: str) -> str:
    """Like :func:`nearest` for dotted keys: a right name in the wrong table is near too."""
    whole = nearest(key, key_schemas())
    if whole:
        return whole
    last_parts = {name.rpartition(".")[2]: name for name in reversed(key_schemas())}
    near = difflib.get_close_matches(key.rpartition(".")[2], last_parts, n=1, cutoff=0.7)
    return f"; did you mean {last_parts[near[0]]}?" if near else ""


def is_text(key: str) -> bool:
    """Whether any text is of the right type for a key."""
    schema = key_schemas()[key]
    options = schema.get("anyOf", [schema])
    return any(option.get("type") == "string" and "enum" not in option and "const" not in option for option in options)


def counted(count: int, noun: str) -> str:
    """``1 value``, ``2 values``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def shown(value: object) -> str:
    """A value as it is written in TOML, shortened."""
    if value is None:
        return "not given"
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else f"{text[:57]}..."
