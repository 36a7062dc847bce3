"""Triples of inputs that several sums count with the same relative signs: one full adder serves all of them."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from itertools import combinations

Digits = dict[int, int]
"""Of one sum and place: the sign of every input that has a digit there."""
Triple = tuple[tuple[int, int], ...]
"""Three inputs with their signs; the first sign is positive."""

LEAST_SHARED = 3
"""A full adder takes two tables and saves a bit in each sum; a six-input counter needs one table a bit."""
_LONGEST_BLOCK = 40
"""Inputs among whose digits triples are looked for, so that their number stays bearable."""


def share_triples(columns: Sequence[Digits]) -> Iterator[tuple[Triple, list[tuple[int, int]]]]:
    """Take triples out of ``columns``, those that most columns share first.

    Yields:
        The triple, and for each column that had it the number and the common sign.
    """
    holders: dict[Triple, list[int]] = {}
    for number, digits in enumerate(columns):
        for block in _blocks(sorted(digits)):
            for inputs in combinations(block, 3):
                sign = digits[inputs[0]]
                triple = tuple((source, digits[source] * sign) for source in inputs)
                holders.setdefault(triple, []).append(number)
    queue = [(-len(found), triple) for triple, found in holders.items() if len(found) >= LEAST_SHARED]
    heapq.heapify(queue)
    while queue:
        size, triple = heapq.heappop(queue)
        found = [number for number in holders[triple] if _has(columns[number], triple)]
        if len(found) < LEAST_SHARED:
            continue
        if len(found) < -size:
            holders[triple] = found
            heapq.heappush(queue, (-len(found), triple))
            continue
        signs = []
        for number in found:
            signs.append((number, columns[number][triple[0][0]]))
            for source, _ in triple:
                del columns[number][source]
        yield triple, signs


def _blocks(inputs: Sequence[int]) -> Iterator[Sequence[int]]:
    count = -(-len(inputs) // _LONGEST_BLOCK)
    for block in range(count):
        yield inputs[block::count]


def _has(digits: Digits, triple: Triple) -> bool:
    first = digits.get(triple[0][0])
    return first is not None and all(digits.get(source) == sign * first for source, sign in triple)
