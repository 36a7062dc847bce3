"""What a generated sum of a time step computes, read back from its syntax tree: weights and a constant of every neuron.

Every instance keeps a value: the number that a counter or an adder gives is the sum of its inputs. From the sums backwards each
bit therefore gets the weight with which it counts, and the inputs of the module the weights of the layer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rtl.audit.constants import NotConstantError, integer, integer_of
from rtl.audit.expected_memory import IntArray
from rtl.audit.syntax import Node, kind_of

_ELEMENTS = {
    "ones_counter": (("bits",), "count", "INPUTS"),
    "row_adder": (("left", "right"), "sum", "WIDTH"),
    "stage_register": (("given",), "held", "WIDTH"),
}
"""Of each module its rows of inputs, its output and the parameter that says how long a row is."""
_REGISTER = "stage_register"
_SINK = "unobserved"
"""Has no outputs."""
_INPUTS, _SUMS = "bits", "charges"

Bit = tuple[str, int]
"""Name and number of a bit of a wire or port."""


class UnprovedError(Exception):
    """A construct in the module from which no sum follows; the text says which."""


@dataclass(frozen=True)
class _Term:
    """A bit or its complement in a row, or a zero (``bit`` is None)."""

    bit: Bit | None
    inverted: bool = False


@dataclass(frozen=True)
class ChargeForm:
    """Of every neuron what a time step adds: Σ weight · bit + constant.

    Attributes:
        weights: (neurons, bits).
        constants: (neurons,): what is added where no bit is set.
        stages: registers on every way from a bit to a sum.
    """

    weights: IntArray
    constants: IntArray
    stages: int


def charge_form(module: Node, neurons: int, inputs: int, width: int) -> ChargeForm:
    """Prove what a module sums.

    Args:
        module: the syntax tree of a generated ``charge_of_…``.
        neurons: its sums.
        inputs: its input bits.
        width: bits of a sum.

    Sums are those of the elements modulo 2**width, so that an overflow that counts a multiple of it is none; and since what they
    add up to lies between 0 and 2**width − 1 whatever the bits are, they are exact.

    Raises:
        UnprovedError: something in it is no counter, adder, wire or sum of these, or a sum may not fit its bits.
    """
    elements, sums = _read(module, neurons, width)
    stages = _stages(elements, sums, inputs)
    weights: dict[Bit, IntArray] = {}
    constants = np.zeros(neurons, dtype=np.int64)
    for neuron, row in enumerate(sums):
        unit = np.zeros(neurons, dtype=np.int64)
        unit[neuron] = 1
        for place, term in enumerate(row):
            _count(weights, constants, term, unit << place)
    for element in reversed(elements):
        if element.is_register:
            _pass_on(element, weights, constants, neurons)
            continue
        value = _value_of(element, weights, neurons, width)
        for row in element.rows:
            for place, term in enumerate(row):
                _count(weights, constants, term, value << place)
    found = [weights.pop((_INPUTS, number), np.zeros(neurons, dtype=np.int64)) for number in range(inputs)]
    form = ChargeForm(np.stack(found, axis=1), constants, stages)
    _check_range(form, width)
    return form


def _check_range(form: ChargeForm, width: int) -> None:
    for neuron, (weights, constant) in enumerate(zip(form.weights, form.constants, strict=True)):
        least, most = (int(constant + weights[chosen].sum()) for chosen in (weights < 0, weights > 0))
        if least < 0 or most >> width:
            raise UnprovedError(f"the sum of neuron {neuron}: {least} to {most} does not fit {width} bits")


def _stages(elements: list[_Element], sums: list[tuple[_Term, ...]], inputs: int) -> int:
    """Registers up to the sums; whatever is added together must have passed as many."""
    passed: dict[Bit, int] = {(_INPUTS, number): 0 for number in range(inputs)}
    for element in elements:
        before = _passed(passed, [term for row in element.rows for term in row], f"instance {element.name}")
        after = before + int(element.is_register)
        passed |= {(element.wire, place): after for place in range(element.outputs)}
    used = [term for row in sums for term in row if term.bit is not None]
    # What no bit is part of may be taken at any time; time steps pass one register at least.
    return _passed(passed, used, "the sums") if used else max(1, *passed.values())


def _passed(passed: dict[Bit, int], terms: list[_Term], where: str) -> int:
    for term in terms:
        if term.bit is not None and term.bit not in passed:
            raise UnprovedError(f"{where}: bit {term.bit[0]}[{term.bit[1]}] comes from nowhere before it is used")
    counts = {passed[term.bit] for term in terms if term.bit is not None}
    if len(counts) > 1:
        raise UnprovedError(f"{where}: bits that have passed {' and '.join(map(str, sorted(counts)))} registers are added")
    return counts.pop() if counts else 0


def port_width(module: Node, name: str) -> int:
    """Bits of a port.

    Raises:
        UnprovedError: the module has no such port.
    """
    for port in module.portlist.ports:
        if port.first.name == name and port.first.width is not None:
            return integer_of(port.first.width.msb, {}) + 1
    raise UnprovedError(f"no port {name} of several bits")


@dataclass(frozen=True)
class _Element:
    """An instance: its rows of inputs, lowest place first, and the wire of ``outputs`` bits that holds their sum.

    A register holds its one row, bit by bit.
    """

    name: str
    rows: tuple[tuple[_Term, ...], ...]
    wire: str
    outputs: int
    is_register: bool = False


def _count(weights: dict[Bit, IntArray], constants: IntArray, term: _Term, value: IntArray) -> None:
    """Add a term with a weight for each neuron; a complement is 1 − bit."""
    if term.bit is None:
        return
    if term.inverted:
        constants += value
        value = -value
    weights[term.bit] = weights.get(term.bit, 0) + value


def _pass_on(element: _Element, weights: dict[Bit, IntArray], constants: IntArray, neurons: int) -> None:
    """What a register holds counts as what it is given."""
    nothing = np.zeros(neurons, dtype=np.int64)
    for place, term in enumerate(element.rows[0]):
        _count(weights, constants, term, weights.pop((element.wire, place), nothing))


def _value_of(element: _Element, weights: dict[Bit, IntArray], neurons: int, width: int) -> IntArray:
    """The weight of an element's number, which all of its bits must share."""
    nothing = np.zeros(neurons, dtype=np.int64)
    bits = [weights.pop((element.wire, place), nothing) for place in range(element.outputs)]
    for place, weight in enumerate(bits):
        if not np.array_equal(weight, bits[0] << place):
            raise UnprovedError(f"instance {element.name}: bit {place} of its number does not count {1 << place} times bit 0")
    most = sum(1 << place for row in element.rows for place, term in enumerate(row) if term.bit is not None)
    # What is carried out of the number is no part of a sum where it counts a multiple of 2**width.
    if most >> element.outputs and np.any((bits[0] << element.outputs) % (1 << width)):
        raise UnprovedError(f"instance {element.name}: a sum up to {most} does not fit {element.outputs} bits")
    return bits[0]


def _read(module: Node, neurons: int, width: int) -> tuple[list[_Element], list[tuple[_Term, ...]]]:
    elements: list[_Element] = []
    sums: dict[int, tuple[_Term, ...]] = {}
    widths = {wire.name: integer_of(wire.width.msb, {}) + 1 for wire in _wires(module)}
    for item in module.items:
        kind = kind_of(item)
        if kind == "InstanceList":
            elements += [_element(instance, widths) for instance in item.instances if instance.module != _SINK]
        elif kind == "Assign":
            neuron, row = _sum(item, width)
            if neuron in sums:
                raise UnprovedError(f"line {item.lineno}: sum {neuron} is assigned twice")
            sums[neuron] = row
        elif kind != "Decl":
            raise UnprovedError(f"line {item.lineno}: {kind}, expected wires, instances and sums")
    if sorted(sums) != list(range(neurons)):
        raise UnprovedError(f"{len(sums)} sums, expected {neurons}")
    return elements, [sums[neuron] for neuron in range(neurons)]


def _wires(module: Node) -> Iterator[Node]:
    for item in module.items:
        if kind_of(item) == "Decl":
            for declared in item.list:
                if kind_of(declared) != "Wire" or declared.width is None:
                    found = f"line {declared.lineno}: {kind_of(declared)} {declared.name}"
                    raise UnprovedError(f"{found}, expected a wire of several bits")
                yield declared


def _element(instance: Node, widths: dict[str, int]) -> _Element:
    if instance.module not in _ELEMENTS:
        raise UnprovedError(f"instance {instance.name} of {instance.module}, expected {' or '.join(_ELEMENTS)}")
    row_names, given, size_name = _ELEMENTS[instance.module]
    size = {parameter.paramname: integer_of(parameter.argname, {}) for parameter in instance.parameterlist}[size_name]
    ports = {port.portname: port.argname for port in instance.portlist}
    wire = ports.pop(given)
    if kind_of(wire) != "Identifier" or wire.name not in widths:
        raise UnprovedError(f"instance {instance.name}: its number is no wire of the module")
    rows = tuple(_row(ports[name]) for name in row_names)
    if any(len(row) != size for row in rows):
        raise UnprovedError(f"instance {instance.name}: rows of {[len(row) for row in rows]} bits, its parameter says {size}")
    if instance.module == "ones_counter":
        # All of its bits are of one place.
        rows = tuple((term,) for term in rows[0])
    outputs = size.bit_length() if instance.module == "ones_counter" else size
    if widths[wire.name] != outputs:
        raise UnprovedError(f"instance {instance.name}: its number has {outputs} bits, {wire.name} {widths[wire.name]}")
    return _Element(instance.name, rows, wire.name, widths[wire.name], instance.module == _REGISTER)


def _sum(item: Node, width: int) -> tuple[int, tuple[_Term, ...]]:
    target, value = item.left.var, item.right.var
    if kind_of(target) != "Partselect" or target.var.name != _SUMS:
        raise UnprovedError(f"line {item.lineno}: an assignment to something else than {_SUMS}")
    low, high = integer_of(target.lsb, {}), integer_of(target.msb, {})
    row = _row(value)
    if low % width or high != low + width - 1 or len(row) != width:
        raise UnprovedError(f"line {item.lineno}: {_SUMS}[{high}:{low}] of {len(row)} bits, expected {width} of one neuron")
    return low // width, row


def _row(node: Node) -> tuple[_Term, ...]:
    """The terms of a concatenation, lowest place first."""
    if kind_of(node) != "Concat":
        raise UnprovedError(f"{kind_of(node)}, expected a concatenation of bits")
    return tuple(_term(part) for part in reversed(node.list))


def _term(node: Node) -> _Term:
    kind = kind_of(node)
    if kind == "Unot":
        term = _term(node.right)
        return _Term(term.bit, not term.inverted)
    if kind == "IntConst":
        try:
            if node.value.startswith("1'") and integer(node.value) == 0:
                return _Term(None)
        except NotConstantError:
            pass
    if kind == "Pointer" and kind_of(node.var) == "Identifier":
        return _Term((node.var.name, integer_of(node.ptr, {})))
    raise UnprovedError(f"{kind}, expected a bit, its complement or 1'b0")
