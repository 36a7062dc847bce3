"""Verilog files as syntax trees: pyverilog's parser class alone, since its preprocessor would call an external program."""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

Node = Any
"""A node of pyverilog's syntax tree, which has no types."""

_LEGAL_DIRECTIVES = ("`default_nettype", "`timescale")
_OPERATOR_TOKENS = {"TIMES": "*", "DIVIDE": "/", "MOD": "%", "POWER": "**"}


class UnparsedFileError(Exception):
    """A file that the parser does not take; the text names file and line."""


@dataclass(frozen=True, eq=False)
class VerilogFile:
    """One file.

    Attributes:
        name: the file's name, without folders.
        modules: its module definitions.
        directives: lines with compiler directives other than those that cannot hide anything.
        operators: how often each of ``* / % **`` stands in the text, in attributes and sensitivity lists excepted.
    """

    name: str
    modules: tuple[Node, ...]
    directives: tuple[tuple[int, str], ...]
    operators: Counter[str]


def parse_file(path: Path) -> VerilogFile:
    """Parse one file.

    Raises:
        UnparsedFileError: it is no Verilog that the parser knows.
    """
    text = path.read_text(encoding="utf-8")
    parser = _parser()
    parser.lexer.reset_lineno()
    parser.lexer.directives.clear()
    try:
        source = parser.parse(text)
    except Exception as error:
        line = re.search(r"line:(\d+)", str(error))
        raise UnparsedFileError(f"{path.name}:{line.group(1) if line else '?'}: not parsed, {error}") from error
    # The lexer skips a directive to the end of its line, and with it whatever a macro would expand to.
    directives = [(line, value.strip()) for line, value in parser.get_directives() if not value.startswith(_LEGAL_DIRECTIVES)]
    return VerilogFile(path.name, tuple(source.description.definitions), tuple(directives), _operator_tokens(text))


@cache
def _parser() -> Any:
    """The parser; its tables take a second to build and no file of them is kept."""
    from pyverilog.vparser.parser import VerilogParser

    with tempfile.TemporaryDirectory() as folder:
        return VerilogParser(outputdir=folder, debug=False)


def _operator_tokens(text: str) -> Counter[str]:
    lexer = _parser().lexer
    lexer.reset_lineno()
    lexer.input(text)
    kinds = [""]
    while token := lexer.token():
        kinds.append(token.type)
    kinds.append("")
    found: Counter[str] = Counter()
    for before, kind, after in zip(kinds, kinds[1:], kinds[2:], strict=False):
        attribute_or_list = kind == "TIMES" and (before in ("LPAREN", "AT") or after == "RPAREN")
        if kind in _OPERATOR_TOKENS and not attribute_or_list:
            found[_OPERATOR_TOKENS[kind]] += 1
    return found


def kind_of(node: Node) -> str:
    """The name of a node's class."""
    return type(node).__name__


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it, also what pyverilog's own ``children`` leaves out."""
    yield node
    for child in children(node):
        yield from walk(child)


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below one."""
    below: tuple[Node, ...] = tuple(node.children())
    if kind_of(node) == "IdentifierScopeLabel" and node.loop is not None:
        return (*below, node.loop)
    if kind_of(node) == "Identifier" and node.scope is not None:
        return (*below, node.scope)
    return below


def instances(module: Node) -> list[Node]:
    """Every instance in a module, also inside generate blocks."""
    return [node for node in walk(module) if kind_of(node) == "Instance"]
