"""A network of counters and adders that sums bits with integer weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Int64 = npt.NDArray[np.int64]


@dataclass(frozen=True, order=True)
class Literal:
    """A bit, or its complement; signals are numbered, inputs first, then what counters and adders give, bit by bit."""

    signal: int
    inverted: bool = False

    def __invert__(self) -> Literal:
        return Literal(self.signal, not self.inverted)


@dataclass(frozen=True)
class Counter:
    """The number of ones among three bits (two outputs) or four to six (three outputs), lowest place first."""

    inputs: tuple[Literal, ...]
    first_output: int

    @property
    def outputs(self) -> int:
        """Bits of the number."""
        return len(self.inputs).bit_length()


@dataclass(frozen=True)
class Adder:
    """The sum of two rows of bits, lowest place first; None is a zero."""

    left: tuple[Literal | None, ...]
    right: tuple[Literal | None, ...]
    first_output: int
    outputs: int


Element = Counter | Adder


@dataclass(frozen=True)
class Charge:
    """One sum: Σ 2^place · bit + constant, where ``bits`` holds for each place the bit or None for a zero."""

    bits: tuple[Literal | None, ...]
    constant: int


@dataclass(frozen=True)
class ChargeNetwork:
    """Sums of weighted bits.

    Attributes:
        inputs: number of input bits.
        elements: counters and adders in an order in which inputs come before outputs.
        charges: the sums, one for each row of the matrix.
    """

    inputs: int
    elements: tuple[Element, ...]
    charges: tuple[Charge, ...]

    @property
    def signals(self) -> int:
        """Number of signals, inputs included."""
        return self.inputs + sum(element.outputs for element in self.elements)

    def evaluate(self, bits: Int64) -> Int64:
        """(rows, frames): the sums of (inputs, frames) bits, constants included."""
        values = np.zeros((self.signals, bits.shape[1]), dtype=np.int64)
        values[: self.inputs] = bits
        for element in self.elements:
            if isinstance(element, Counter):
                total = sum(_value(values, literal) for literal in element.inputs)
            else:
                total = _row(values, element.left) + _row(values, element.right)
            for place in range(element.outputs):
                values[element.first_output + place] = (total >> place) & 1
        return np.stack([_row(values, charge.bits) + charge.constant for charge in self.charges])


def _value(values: Int64, literal: Literal) -> Int64:
    signal: Int64 = values[literal.signal]
    return 1 - signal if literal.inverted else signal


def _row(values: Int64, row: tuple[Literal | None, ...]) -> Int64:
    total = np.zeros(values.shape[1], dtype=np.int64)
    for place, literal in enumerate(row):
        if literal is not None:
            total += _value(values, literal) << place
    return total
