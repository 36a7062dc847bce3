"""Ports, parameters and wires of the top level against what the integer network asks for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rtl.audit.constants import NotConstantError, Value, integer_of, value_of, width_of
from rtl.audit.sizes import ExpectedInstance
from rtl.audit.syntax import Node, instances, kind_of

_DIRECTIONS = ("Input", "Output", "Inout")


def port_mismatches(top: Node, expected_ports: Mapping[str, tuple[str, int]]) -> Iterator[str]:
    """The top level's ports against the interface, names, directions and widths."""
    found = {port.name: (kind_of(port), width_of(port, {})) for port in _ports(top)}
    for name, (direction, width) in expected_ports.items():
        expected, got = f"{direction.lower()} of {width} bits", "none"
        if name in found:
            got = f"{found[name][0].lower()} of {found[name][1]} bits"
        if got != expected:
            yield f"module {top.name}: port {name}: expected {expected}, found {got}"
    for name in found.keys() - expected_ports.keys():
        yield f"module {top.name}: port {name}: expected none, found one"


def parameter_mismatches(top: Node, expected: Sequence[ExpectedInstance]) -> Iterator[str]:
    """Instances of the top level and every one of their parameters."""
    found = {instance.name: instance for instance in instances(top)}
    for wanted in expected:
        if wanted.name not in found:
            yield f"module {top.name}: instance {wanted.name}: expected one of {wanted.module}, found none"
            continue
        instance = found[wanted.name]
        if instance.module != wanted.module:
            yield f"module {top.name}: instance {wanted.name}: expected one of {wanted.module}, found {instance.module}"
            continue
        yield from _unequal_parameters(wanted, instance_parameters(instance))
    for name in found.keys() - {wanted.name for wanted in expected}:
        yield f"module {top.name}: instance {name}: expected none, found one of {found[name].module}"


def _unequal_parameters(wanted: ExpectedInstance, got: Mapping[str, Value]) -> Iterator[str]:
    for name in sorted(wanted.parameters.keys() | got.keys()):
        expected, value = wanted.parameters.get(name, "none"), got.get(name, "none")
        if expected != value:
            yield f"module {wanted.module}: instance {wanted.name}: parameter {name}: expected {expected}, found {value}"


def instance_parameters(instance: Node) -> dict[str, Value]:
    """Parameters of an instance; a parameter that is passed through keeps its name as its value."""
    values: dict[str, Value] = {}
    for parameter in instance.parameterlist:
        if kind_of(parameter.argname) == "Identifier":
            values[parameter.paramname] = parameter.argname.name
        else:
            values[parameter.paramname] = value_of(parameter.argname, {})
    return values


def connection_mismatches(top: Node, modules: Mapping[str, Node]) -> Iterator[str]:
    """Every port of every instance: connected, and to a wire of its own width."""
    declared = [item for declaration in top.items if kind_of(declaration) == "Decl" for item in declaration.list]
    wires = [item for item in declared if kind_of(item) == "Wire"]
    widths = {item.name: width_of(item, {}) for item in (*wires, *_ports(top))}
    for instance in instances(top):
        if instance.module not in modules:
            continue
        module = modules[instance.module]
        given = {name: value for name, value in instance_parameters(instance).items() if value != name}
        names = _default_parameters(module) | given
        connected = {port.portname: port.argname for port in instance.portlist}
        for port in _ports(module):
            place = f"module {instance.module}: instance {instance.name}: port {port.name}"
            expected = width_of(port, names)
            if connected.get(port.name) is None:
                yield f"{place}: expected {expected} bits, found nothing connected"
                continue
            try:
                found = _connected_width(connected[port.name], widths)
            except NotConstantError as error:
                yield f"{place}: expected {expected} bits, found something of unknown width ({error})"
                continue
            if found != expected:
                yield f"{place}: expected {expected} bits, found {found}"


def _connected_width(node: Node, widths: Mapping[str, int]) -> int:
    kind = kind_of(node)
    if kind == "Identifier" and node.name in widths:
        return widths[node.name]
    if kind == "Concat":
        return sum(_connected_width(part, widths) for part in node.list)
    if kind == "Partselect":
        return integer_of(node.msb, {}) - integer_of(node.lsb, {}) + 1
    if kind == "Pointer":
        return 1
    if kind == "IntConst" and "'" in node.value:
        return int(node.value.split("'")[0])
    raise NotConstantError(f"{kind} {getattr(node, 'name', '')}".strip())


def _default_parameters(module: Node) -> dict[str, Value]:
    declared = [] if module.paramlist is None else [parameter for item in module.paramlist.params for parameter in item.list]
    return {parameter.name: value_of(parameter.value, {}) for parameter in declared}


def _ports(module: Node) -> list[Node]:
    return [port.first for port in module.portlist.ports if kind_of(port.first) in _DIRECTIONS]
