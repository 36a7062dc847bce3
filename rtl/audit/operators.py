"""Where multiplications, divisions and shifts stand: in a datapath or in a constant that is settled at elaboration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rtl.audit.syntax import Node, VerilogFile, children, kind_of, walk

MULTIPLIERS = {"Times": "*", "Divide": "/", "Mod": "%", "Power": "**"}
SHIFTS = {"Sll": "<<", "Srl": ">>", "Sla": "<<<", "Sra": ">>>"}

_SIGNALS = ("Input", "Output", "Inout", "Wire", "Reg", "Tri", "Real", "Supply")


class Context(StrEnum):
    """What an expression is part of; every context but the datapath must be constant."""

    PARAMETER = "parameter"
    RANGE = "range"
    GENERATE = "generate"
    INSTANCE_PARAMETER = "instance parameter"
    REPLICATION = "replication count"
    SELECT = "select index"
    LOOP = "loop bound"
    DATAPATH = "datapath"


_CONSTANT_PARENTS = {
    "Parameter": Context.PARAMETER,
    "Localparam": Context.PARAMETER,
    "Width": Context.RANGE,
    "Length": Context.RANGE,
    "Dimensions": Context.RANGE,
    "ParamArg": Context.INSTANCE_PARAMETER,
}


@dataclass(frozen=True)
class Operator:
    """One operator in the text: file, line, symbol and what it is part of."""

    file: str
    line: int
    symbol: str
    context: Context

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: operator {self.symbol} in a {self.context}"


@dataclass(frozen=True)
class Operators:
    """The operators of a file.

    Attributes:
        multipliers: ``* / % **`` in a datapath.
        constants: the same operators where their value is settled at elaboration.
        variable_shifts: shifts in a datapath by something that is not constant.
    """

    multipliers: tuple[Operator, ...]
    constants: tuple[Operator, ...]
    variable_shifts: tuple[Operator, ...]


def find_operators(file: VerilogFile) -> Operators:
    """Classify every operator of a file; what is not proved constant counts as datapath."""
    found = [operator for module in file.modules for operator in _Classifier(file.name, module).operators()]
    multiplying = [operator for operator in found if operator.symbol in MULTIPLIERS.values()]
    return Operators(
        multipliers=tuple(operator for operator in multiplying if operator.context is Context.DATAPATH),
        constants=tuple(operator for operator in multiplying if operator.context is not Context.DATAPATH),
        variable_shifts=tuple(operator for operator in found if operator.symbol in SHIFTS.values()),
    )


class _Classifier:
    """Walks one module and keeps track of the context."""

    def __init__(self, file: str, module: Node) -> None:
        self._file = file
        self._module = module
        self._constants = _constant_names(module)
        # Declarations share nodes (a port and its wire have one range), and a select by +: holds its base twice.
        self._seen: set[int] = set()

    def operators(self) -> Iterator[Operator]:
        yield from self._walk(self._module, Context.DATAPATH, structural=True)

    def _walk(self, node: Node, context: Context, structural: bool) -> Iterator[Operator]:
        """``structural``: outside always and initial blocks and functions, where if and for are generate constructs."""
        kind = kind_of(node)
        if kind in MULTIPLIERS or kind in SHIFTS:
            if id(node) not in self._seen:
                self._seen.add(id(node))
                yield from self._judge(node, kind, context)
        if kind in ("Always", "Initial", "Function", "Task"):
            structural = False
        for child in children(node):
            yield from self._walk(child, self._context_of(child, node, kind, context, structural), structural)

    def _judge(self, node: Node, kind: str, context: Context) -> Iterator[Operator]:
        context = context if context is not Context.DATAPATH and self._is_constant(node) else Context.DATAPATH
        if kind in MULTIPLIERS:
            yield Operator(self._file, node.lineno, MULTIPLIERS[kind], context)
        elif context is Context.DATAPATH and not self._is_constant(node.right):
            yield Operator(self._file, node.lineno, SHIFTS[kind], context)

    def _context_of(self, child: Node, node: Node, kind: str, context: Context, structural: bool) -> Context:
        if kind in _CONSTANT_PARENTS:
            return _CONSTANT_PARENTS[kind]
        if kind == "Repeat" and child is node.times:
            context = Context.REPLICATION
        elif kind in ("Partselect", "Pointer") and child is not node.var:
            context = Context.SELECT
        elif kind == "ForStatement" and child is not node.statement:
            context = Context.GENERATE if structural else Context.LOOP
        elif kind == "IfStatement" and structural and child is node.cond:
            context = Context.GENERATE
        return context

    def _is_constant(self, node: Node) -> bool:
        """Whether an expression has no name in it but parameters, generate variables and loop variables."""
        kind = kind_of(node)
        if kind in ("FunctionCall", "SystemCall"):
            return all(self._is_constant(argument) for argument in node.args)
        if kind == "Identifier":
            return node.scope is None and node.name in self._constants
        return all(self._is_constant(child) for child in children(node))


def _constant_names(module: Node) -> set[str]:
    nodes = list(walk(module))
    settled = {node.name for node in nodes if kind_of(node) in ("Parameter", "Localparam", "Genvar")}
    loop_variables = {node.name for node in nodes if kind_of(node) == "Integer"} - set(_assigned_outside_loop_heads(nodes))
    # A name that is a signal anywhere in the module is taken for one everywhere.
    signals = {node.name for node in nodes if kind_of(node) in _SIGNALS}
    return (settled | loop_variables) - signals


def _assigned_outside_loop_heads(nodes: list[Node]) -> Iterator[str]:
    heads = {id(head) for node in nodes if kind_of(node) == "ForStatement" for head in (node.pre, node.post)}
    for node in nodes:
        if kind_of(node) in ("BlockingSubstitution", "NonblockingSubstitution", "Assign") and id(node) not in heads:
            yield from _targets(node.left)


def _targets(node: Node) -> Iterator[str]:
    """Names that an assignment changes, which those in the index of a select are not."""
    kind = kind_of(node)
    if kind == "Identifier":
        yield node.name
    elif kind in ("Lvalue", "Partselect", "Pointer"):
        yield from _targets(node.var)
    else:
        for child in children(node):
            yield from _targets(child)
