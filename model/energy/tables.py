"""Published energies of 45 nm operations and memory accesses, and the rules that scale them to other widths and sizes.

Every constant is from M. Horowitz, "Computing's energy problem (and what we can do about it)", ISSCC 2014, 45 nm at
0.9 V. Between the published widths an adder is priced by its full adders and a multiplier by its partial-product bits,
the scaling of QTools (C. N. Coelho et al., Nature Machine Intelligence 3, 2021, QKeras), here drawn through all
published points instead of a fit through them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from model.energy.work import Access, LayerWork, Operation, OperationKind

HOROWITZ = "M. Horowitz, Computing's energy problem, ISSCC 2014, 45 nm, 0.9 V"
QTOOLS = "scaling after QTools: C. N. Coelho et al., Nature Machine Intelligence 3, 2021"
CONVENTION = "fp32 multiply-accumulate and accumulate of Horowitz 2014, as the spiking literature uses them"

ADD_POINTS = ((0, 0.0), (8, 0.03), (32, 0.1))
"""Width in bits, pJ of an integer add; zero bits cost nothing."""

MULTIPLY_POINTS = ((0, 0.0), (8, 0.2), (32, 3.1))
"""Width of both factors in bits, pJ of an integer multiplication."""

STORE_POINTS = ((8 * 1024, 10.0), (32 * 1024, 20.0), (1024 * 1024, 100.0))
"""Bytes of a static memory, pJ of an access of 64 bits."""

STORE_ACCESS_BITS = 64
STORE_EXPONENT = 0.5
"""Outside of the published sizes the energy goes with the square root of the size, the slope of the published points."""

FLOAT_MULTIPLY_ACCUMULATE = 4.6
FLOAT_ACCUMULATE = 0.9


def add_energy(bits: int) -> float:
    """Energy in pJ of an integer add, subtraction or compare of ``bits`` bits: linear between the published widths."""
    return _on_lines(ADD_POINTS, bits)


def multiply_energy(bits: int, other_bits: int) -> float:
    """Energy in pJ of an integer multiplication: linear in the product of the widths between the published ones.

    A factor of one bit selects instead of multiplying and costs nothing.
    """
    if min(bits, other_bits) <= 1:
        return 0.0
    products = tuple((width * width, energy) for width, energy in MULTIPLY_POINTS)
    return _on_lines(products, bits * other_bits)


def access_energy(access_bits: int, store_bits: int) -> float:
    """Energy in pJ of one access of ``access_bits`` to a store of ``store_bits``.

    Proportional to the bits moved; between the published sizes a power law through the two neighbours (a straight line
    on logarithmic axes), outside of them the square root of the size.
    """
    return access_bits / STORE_ACCESS_BITS * _store_energy(store_bits / 8)


def _store_energy(size: float) -> float:
    """Energy of an access of 64 bits to a store of ``size`` bytes."""
    for (low, low_energy), (high, high_energy) in pairwise(STORE_POINTS):
        if low < size <= high:
            exponent = math.log(high_energy / low_energy) / math.log(high / low)
            return float(low_energy * (size / low) ** exponent)
    nearest, energy = STORE_POINTS[0] if size <= STORE_POINTS[0][0] else STORE_POINTS[-1]
    return float(energy * (size / nearest) ** STORE_EXPONENT)


def _on_lines(points: tuple[tuple[int, float], ...], at: int) -> float:
    """Straight lines through the points; the last one goes on beyond them."""
    segments = list(pairwise(points))
    (low, low_energy), (high, high_energy) = next((line for line in segments if at <= line[1][0]), segments[-1])
    return low_energy + (high_energy - low_energy) * (at - low) / (high - low)


@dataclass(frozen=True)
class Line:
    """Energy of one kind of work of a layer.

    Attributes:
        label: what was done.
        group: arithmetic, weights, potentials or constants.
        picojoules: over all frames.
        per_spike: True where it grows with the number of spikes.
    """

    label: str
    group: str
    picojoules: float
    per_spike: bool


@dataclass(frozen=True)
class Table:
    """A way to price the work of a layer.

    Attributes:
        key: name in report.json.
        title: name for people.
        note: what it is for, in one sentence.
        sources: where the constants come from.
        lines: prices one layer.
    """

    key: str
    title: str
    note: str
    sources: tuple[str, ...]
    lines: Callable[[LayerWork], tuple[Line, ...]]

    def constants(self) -> dict[str, object]:
        """The constants behind the table, for the report."""
        return dict(_CONSTANTS[self.key])


def _operation_line(operation: Operation) -> Line:
    match operation.kind:
        case OperationKind.ADD:
            each = add_energy(operation.bits)
        case OperationKind.MULTIPLY:
            each = multiply_energy(operation.bits, operation.other_bits)
    return Line(operation.label, "arithmetic", operation.count * each, operation.per_spike)


def _access_line(access: Access) -> Line:
    each = access_energy(access.access_bits, access.store_bits)
    return Line(access.label, access.store, access.count * each, access.per_spike)


def _integer(work: LayerWork) -> tuple[Line, ...]:
    return tuple(_operation_line(operation) for operation in work.operations)


def _integer_and_memory(work: LayerWork) -> tuple[Line, ...]:
    return _integer(work) + tuple(_access_line(access) for access in work.accesses)


def _literature(work: LayerWork) -> tuple[Line, ...]:
    return (
        Line("accumulates", "arithmetic", work.convention_accumulates * FLOAT_ACCUMULATE, True),
        Line("multiply-accumulates", "arithmetic", work.convention_multiply_accumulates * FLOAT_MULTIPLY_ACCUMULATE, False),
    )


_INTEGER_CONSTANTS: dict[str, object] = {
    "add_pJ_by_bits": {str(bits): energy for bits, energy in ADD_POINTS if bits},
    "multiply_pJ_by_bits": {f"{bits}x{bits}": energy for bits, energy in MULTIPLY_POINTS if bits},
    "scaling": "an add is linear in its width, a multiplication in the product of its widths, through 0 and the published points",
}
_MEMORY_CONSTANTS: dict[str, object] = {
    "access_of_64_bits_pJ_by_bytes": {str(size): energy for size, energy in STORE_POINTS},
    "store_scaling": "proportional to the bits moved; power law between published sizes, square root of the size outside of them",
}
_CONSTANTS: dict[str, dict[str, object]] = {
    "integer": _INTEGER_CONSTANTS,
    "integer_and_memory": _INTEGER_CONSTANTS | _MEMORY_CONSTANTS,
    "literature": {"multiply_accumulate_pJ": FLOAT_MULTIPLY_ACCUMULATE, "accumulate_pJ": FLOAT_ACCUMULATE},
}

INTEGER = Table(
    "integer",
    "Integer arithmetic at the actual widths",
    "every add, compare and multiplication of the network at the width of its operands; no memory",
    (HOROWITZ, QTOOLS),
    _integer,
)
INTEGER_AND_MEMORY = Table(
    "integer_and_memory",
    "Integer arithmetic and memory traffic",
    "the same arithmetic, and every weight, potential and constant moved, priced by the size of the store it is in",
    (HOROWITZ, QTOOLS),
    _integer_and_memory,
)
LITERATURE = Table(
    "literature",
    "Literature convention",
    "for comparison with papers only: 32-bit floating point that this hardware does not have, synaptic operations alone",
    (CONVENTION,),
    _literature,
)

TABLES = (INTEGER, INTEGER_AND_MEMORY, LITERATURE)
