"""Files and modules: one module a file, every module there, and a top level that only instantiates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rtl.audit.operators import MULTIPLIERS, SHIFTS
from rtl.audit.syntax import Node, VerilogFile, children, instances, kind_of, walk

GUARD_PREFIX = "illegal_parameter_"
"""Modules of this name exist nowhere: a core instantiates one where a parameter is impossible, so that every tool stops."""

_TOP_ITEMS = ("Decl", "InstanceList")
_TOP_DECLARATIONS = ("Wire", "Parameter", "Localparam")
_PLAIN_CONNECTIONS = ("Identifier", "IntConst", "Concat", "Partselect", "Pointer")


def hierarchy_mismatches(files: Sequence[VerilogFile], top: str) -> Iterator[str]:
    """Everything that is wrong with files and instances, one line each."""
    names = {module.name for file in files for module in file.modules}
    for file in files:
        yield from _file_mismatches(file)
        for module in file.modules:
            yield from _instance_mismatches(file.name, module, names)
            if module.name == top:
                yield from _logic_in_top(file.name, module)
    if top not in names:
        yield f"module {top}: expected a file {top}.v, found none"


def _file_mismatches(file: VerilogFile) -> Iterator[str]:
    found = [module.name for module in file.modules]
    expected = file.name.removesuffix(".v")
    if found != [expected]:
        yield f"file {file.name}: expected the one module {expected}, found {', '.join(found) or 'none'}"
    for line, directive in file.directives:
        yield f"{file.name}:{line}: directive {directive.split()[0]}; expected none, since its text is hidden from the parser"


def _instance_mismatches(file: str, module: Node, names: set[str]) -> Iterator[str]:
    guarded = {id(instance) for instance in _guarded_instances(module)}
    for instance in instances(module):
        if instance.module in names:
            continue
        if instance.module.startswith(GUARD_PREFIX) and id(instance) in guarded:
            continue
        place = f"{file}:{instance.lineno}: instance {instance.name} of module {instance.module}"
        yield f"{place}: expected a file {instance.module}.v, found none"


def _guarded_instances(module: Node) -> Iterator[Node]:
    """Instances that stand alone in a branch of a generate condition."""
    for node in walk(module):
        if kind_of(node) == "IfStatement" and kind_of(node.true_statement) == "Block":
            statements = node.true_statement.statements
            if len(statements) == 1 and kind_of(statements[0]) == "InstanceList":
                yield from statements[0].instances


def _logic_in_top(file: str, module: Node) -> Iterator[str]:
    for item in module.items:
        kind = kind_of(item)
        if kind not in _TOP_ITEMS:
            yield f"{file}:{item.lineno}: {kind} in the top level, expected instances only"
        elif kind == "Decl":
            for declared in item.list:
                if kind_of(declared) not in _TOP_DECLARATIONS:
                    yield f"{file}:{declared.lineno}: {kind_of(declared)} in the top level, expected instances only"
    for instance in instances(module):
        for port in instance.portlist:
            yield from _logic_in_connection(file, instance, port)


def _logic_in_connection(file: str, instance: Node, port: Node) -> Iterator[str]:
    if port.argname is not None and kind_of(port.argname) not in _PLAIN_CONNECTIONS:
        yield f"{file}:{port.lineno}: port {port.portname} of {instance.name} is an expression, expected instances only"
    for node in (below for child in children(port) for below in walk(child)):
        if kind_of(node) in (*MULTIPLIERS, *SHIFTS, "Cond"):
            yield f"{file}:{port.lineno}: port {port.portname} of {instance.name} computes something, expected instances only"
