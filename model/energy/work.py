"""What a layer does, in priceable pieces: operations with their widths and accesses with the size of their store."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class OperationKind(StrEnum):
    """An adder (also for subtractions and compares) or a multiplier."""

    ADD = "add"
    MULTIPLY = "multiply"


@dataclass(frozen=True)
class Operation:
    """Operations of one kind and width.

    Attributes:
        label: what they are for.
        kind: add or multiply.
        count: over all frames.
        bits: width of the adder, or of the first factor.
        other_bits: width of the second factor; 0 for an add.
        per_spike: True where the count grows with the number of spikes.
    """

    label: str
    kind: OperationKind
    count: float
    bits: int
    other_bits: int = 0
    per_spike: bool = False


@dataclass(frozen=True)
class Access:
    """Reads or writes of one store.

    Attributes:
        label: what is moved.
        store: weights, potentials or constants.
        count: over all frames.
        access_bits: bits that one access moves.
        store_bits: bits that the store holds.
        per_spike: True where the count grows with the number of spikes.
    """

    label: str
    store: str
    count: float
    access_bits: int
    store_bits: int
    per_spike: bool = False


@dataclass(frozen=True)
class LayerWork:
    """Everything one layer does over all frames.

    Attributes:
        name: the layer.
        operations: arithmetic.
        accesses: memory traffic.
        convention_accumulates: accumulates as the spiking literature counts them.
        convention_multiply_accumulates: multiply-accumulates as the literature counts them.
    """

    name: str
    operations: tuple[Operation, ...]
    accesses: tuple[Access, ...]
    convention_accumulates: float
    convention_multiply_accumulates: float
