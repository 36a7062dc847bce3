"""Values of constant Verilog expressions, as far as ranges and parameters need them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping

from rtl.audit.syntax import Node, kind_of

Value = int | str

_BASES = {"b": 2, "o": 8, "d": 10, "h": 16}
_BINARY: dict[str, Callable[[int, int], int]] = {
    "Plus": operator.add,
    "Minus": operator.sub,
    "Times": operator.mul,
    "Divide": operator.floordiv,
    "Mod": operator.mod,
    "Sll": operator.lshift,
    "Srl": operator.rshift,
}


class NotConstantError(Exception):
    """An expression that has no value before the circuit runs, or that this module does not know."""


def value_of(node: Node, names: Mapping[str, Value]) -> Value:
    """Value of an expression under given parameters.

    Raises:
        NotConstantError: a name or a construct in it is unknown.
    """
    kind = kind_of(node)
    if kind == "Rvalue":
        return value_of(node.var, names)
    if kind == "IntConst":
        return integer(node.value)
    if kind == "StringConst":
        return str(node.value)
    if kind == "Identifier" and node.name in names:
        return names[node.name]
    if kind in _BINARY:
        return _BINARY[kind](integer_of(node.left, names), integer_of(node.right, names))
    raise NotConstantError(f"{kind} {getattr(node, 'name', '')}".strip())


def integer_of(node: Node, names: Mapping[str, Value]) -> int:
    """Value of an expression that is a number."""
    value = value_of(node, names)
    if isinstance(value, str):
        raise NotConstantError(f"text {value!r}")
    return value


def integer(literal: str) -> int:
    """Value of a Verilog integer literal.

    Raises:
        NotConstantError: it has unknown digits.
    """
    match = re.fullmatch(r"(?:(\d*)'[sS]?([bBoOdDhH]))?([0-9a-fA-FxXzZ?_]+)", literal)
    digits = "" if match is None else match.group(3).replace("_", "")
    if match is None or re.search(r"[xXzZ?]", digits):
        raise NotConstantError(f"literal {literal}")
    return int(digits, _BASES[(match.group(2) or "d").lower()])


def width_of(declaration: Node, names: Mapping[str, Value]) -> int:
    """Bits of a declared port or wire."""
    if declaration.width is None:
        return 1
    return integer_of(declaration.width.msb, names) - integer_of(declaration.width.lsb, names) + 1
