"""Build a network of counters and adders for a matrix of weights."""

from __future__ import annotations

import numpy as np

from rtl.charge_network.digits import lacking_ones, signed_digits
from rtl.charge_network.network import Adder, Charge, ChargeNetwork, Counter, Element, Int64, Literal
from rtl.charge_network.triples import Digits, share_triples

Heap = list[list[Literal]]
"""Of one sum: for each place the bits that are still to be added."""
LARGEST_COUNTER = 6


def build_charge_network(matrix: Int64, width: int = 64) -> ChargeNetwork:
    """A network that sums bits with the weights of a matrix.

    Weights are written in signed digits. A negative digit counts the complement of its bit, −x = (1 − x) − 1, and its −1 goes
    into the constant of the sum, so that only ones are counted. Triples that several sums share are counted once; then every
    sum has its places counted six bits at a time, and its last rows added.

    Args:
        matrix: (rows, inputs) integers.
        width: bits that hold every sum; an adder, whose own rows would allow more, makes no more.
    """
    builder = _Builder(matrix.shape[1], width)
    columns, places = _columns(matrix)
    heaps: list[Heap] = [[] for _ in matrix]
    for triple, signs in share_triples(columns):
        outputs = builder.count(tuple(Literal(source, sign < 0) for source, sign in triple))
        for number, sign in signs:
            row, place = places[number]
            for offset, literal in enumerate(outputs):
                _put(heaps[row], place + offset, literal if sign > 0 else ~literal)
    for digits, (row, place) in zip(columns, places, strict=True):
        for source, sign in digits.items():
            _put(heaps[row], place, Literal(source, sign < 0))
    charges = [
        Charge(builder.add_up(heap), -sum(map(lacking_ones, weights.tolist())))
        for heap, weights in zip(heaps, matrix, strict=True)
    ]
    return ChargeNetwork(matrix.shape[1], tuple(builder.elements), tuple(charges))


def _columns(matrix: Int64) -> tuple[list[Digits], list[tuple[int, int]]]:
    """The digits of every row and place, and which row and place they are of."""
    columns: dict[tuple[int, int], Digits] = {}
    for row, weights in enumerate(matrix):
        for source in np.flatnonzero(weights):
            for place, sign in signed_digits(int(weights[source])):
                columns.setdefault((row, place), {})[int(source)] = sign
    return list(columns.values()), list(columns)


def _put(heap: Heap, place: int, literal: Literal) -> None:
    while len(heap) <= place:
        heap.append([])
    heap[place].append(literal)


class _Builder:
    """Elements in the making."""

    def __init__(self, inputs: int, width: int) -> None:
        self.elements: list[Element] = []
        self._width = width
        self._signals = inputs

    def count(self, literals: tuple[Literal, ...]) -> list[Literal]:
        counter = Counter(literals, self._signals)
        return self._append(counter)

    def _append(self, element: Element) -> list[Literal]:
        self.elements.append(element)
        self._signals += element.outputs
        return [Literal(element.first_output + place) for place in range(element.outputs)]

    def add_up(self, heap: Heap) -> tuple[Literal | None, ...]:
        """Count six bits of a place at a time while there are, then add the rows that are left."""
        while any(len(bits) >= LARGEST_COUNTER for bits in heap):
            counted: Heap = []
            for place, bits in enumerate(heap):
                whole = len(bits) - len(bits) % LARGEST_COUNTER
                for first in range(0, whole, LARGEST_COUNTER):
                    for offset, literal in enumerate(self.count(tuple(bits[first : first + LARGEST_COUNTER]))):
                        _put(counted, place + offset, literal)
                for literal in bits[whole:]:
                    _put(counted, place, literal)
            heap = counted
        rows = [
            tuple(bits[number] if number < len(bits) else None for bits in heap)
            for number in range(max((len(bits) for bits in heap), default=0))
        ]
        rows = [_trimmed(row) for row in rows]
        while len(rows) > 1:
            rows.sort(key=lambda row: (len(row), row.count(None)))
            rows = [*rows[2:], self._add(rows[0], rows[1])]
        return rows[0] if rows else ()

    def _add(self, left: tuple[Literal | None, ...], right: tuple[Literal | None, ...]) -> tuple[Literal | None, ...]:
        """The sum of two rows; places below the first that both have are wires."""
        places = max(len(left), len(right))
        left, right = (row + (None,) * (places - len(row)) for row in (left, right))
        start = next((place for place in range(places) if left[place] is not None and right[place] is not None), places)
        low = tuple(left[place] or right[place] for place in range(start))
        if start == places:
            return low
        most = sum((bool(left[place]) + bool(right[place])) << (place - start) for place in range(start, places))
        adder = Adder(left[start:], right[start:], self._signals, min(most.bit_length(), self._width - start))
        return low + tuple(self._append(adder))


def _trimmed(row: tuple[Literal | None, ...]) -> tuple[Literal | None, ...]:
    length = max((place + 1 for place, literal in enumerate(row) if literal is not None), default=0)
    return row[:length]
