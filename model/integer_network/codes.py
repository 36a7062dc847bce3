"""How levels travel and when neurons fire: codes, their time steps, and the multiples of a threshold in a decision."""

from __future__ import annotations

from enum import StrEnum


class InputCode(StrEnum):
    """How a pixel level travels from the encoder to the first layer."""

    BITS = "bits"
    UNARY = "unary"
    DIRECT = "direct"


class NeuronMode(StrEnum):
    """When a neuron decides to fire."""

    DEFERRED = "deferred"
    CAUSAL = "causal"
    READOUT = "readout"


class WireCode(StrEnum):
    """How a neuron's level travels: packed train, bit planes, one packet, a causal train, or not at all."""

    UNARY = "unary"
    BITS = "bits"
    COUNT = "count"
    TRAIN = "train"
    NONE = "none"


def unary_steps(levels: int) -> int:
    """Time steps of a packed train of ``levels`` spikes."""
    return levels


def bit_planes(levels: int) -> int:
    """Bit planes that hold ``levels``."""
    return levels.bit_length()


def wire_steps(code: WireCode, lowest: int, levels: int) -> int:
    """Time steps on the wire of a deferred neuron's levels ``lowest``..``levels``; 0 where nothing is sent."""
    magnitude = max(levels, -lowest)
    steps = {WireCode.UNARY: unary_steps(magnitude), WireCode.BITS: bit_planes(magnitude), WireCode.COUNT: 1, WireCode.NONE: 0}
    return steps[code]


def halving_multiples(count: int) -> tuple[int, ...]:
    """Multiples of Θ whose greedy subtraction gives clip(floor(V / Θ), 0, ``count``): ⌈n/2⌉, then those of ⌊n/2⌋.

    With h = ⌈n/2⌉ first: a quotient of h or more leaves at most n − h after it, a smaller one is at most h − 1 ≤ n − h; so
    the rest is the same problem with ⌊n/2⌋. What is left of V is V − k·Θ, whatever was clipped.
    """
    multiples = []
    while count:
        multiples.append((count + 1) // 2)
        count //= 2
    return tuple(multiples)
