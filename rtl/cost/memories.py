"""What yosys makes of a memory: tables or block memories, by the costs of its libraries, and how many."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Memory:
    """A memory of the core.

    Attributes:
        words: their number.
        bits: of a word.
        written: while the core runs; else it holds what a file says.
        regular: what it holds is a table of coordinates, of which little is left where it becomes logic.
    """

    words: int
    bits: int
    written: bool
    regular: bool = False


@dataclass(frozen=True)
class Built:
    """What a memory becomes.

    Attributes:
        blocks: block memories, on 7-series in units of 36 kbit.
        distributed: tables used as memory.
        logic: tables that hold constants, if nothing of the contents is shared.
        registers: bits that become flip-flops with logic to choose among them.
    """

    blocks: float = 0.0
    distributed: float = 0.0
    logic: float = 0.0
    registers: float = 0.0


def _up(number: int, unit: int) -> int:
    return -(-number // unit)


def _fewest(memory: Memory, shapes: Mapping[int, int]) -> int:
    """Blocks of the best of several shapes, width → words."""
    return min(_up(memory.bits, width) * _up(memory.words, words) for width, words in shapes.items())


_HALF_BLOCK = {1: 16384, 2: 8192, 4: 4096, 9: 2048, 18: 1024, 36: 512}
_WHOLE_BLOCK = {1: 32768, 2: 16384, 4: 8192, 9: 4096, 18: 2048, 36: 1024, 72: 512}


def on_xc7(memory: Memory) -> Built:
    """As ``XC7_FLOW`` maps it: brams_xc4v.txt, lutrams_xc5v.txt, 1/64 a bit for a table of constants."""
    halves, wholes = _fewest(memory, _HALF_BLOCK), _fewest(memory, _WHOLE_BLOCK)
    block_cost, blocks = min((129 * halves, halves / 2), (257 * wholes, float(wholes)))
    if not memory.written:
        if memory.words * memory.bits / 64 < block_cost:
            return Built(logic=_constant_tables(memory, 6))
        return Built(blocks=blocks)
    small = 4 * _up(memory.bits, 6) * _up(memory.words, 32)
    large = 4 * _up(memory.bits, 3) * _up(memory.words, 64)
    tables = min(small, large) if memory.words <= 32 else large
    if 2 * tables > block_cost:
        return Built(blocks=blocks)
    return Built(distributed=tables)


_ECP5_BLOCK = {1: 16384, 2: 8192, 4: 4096, 9: 2048, 18: 1024, 36: 512}


def on_ecp5(memory: Memory) -> Built:
    """As ``ECP5_FLOW`` maps it: brams_16kd.txt, lutrams_trellis.txt."""
    blocks = _fewest(memory, _ECP5_BLOCK)
    if not memory.written:
        if memory.words * memory.bits / 16 < 128 * blocks:
            return Built(logic=_constant_tables(memory, 4))
        return Built(blocks=blocks)
    pieces = _up(memory.bits, 4) * _up(memory.words, 16)
    return Built(blocks=blocks) if 4 * pieces > 128 * blocks else Built(distributed=6 * pieces)


_ICE40_BLOCK = {2: 2048, 4: 1024, 8: 512, 16: 256}


def on_ice40(memory: Memory) -> Built:
    """As ``ICE40_FLOW`` maps it: brams.txt; it has no distributed memory."""
    blocks, bits = _fewest(memory, _ICE40_BLOCK), memory.words * memory.bits
    if not memory.written:
        return Built(logic=_constant_tables(memory, 4)) if bits / 16 < 64 * blocks else Built(blocks=blocks)
    return Built(registers=bits) if bits < 64 * blocks else Built(blocks=blocks)


def _constant_tables(memory: Memory, inputs: int) -> float:
    """Tables of so many inputs for constants: one a bit and 2**inputs words; a few words are part of the logic behind them."""
    return memory.bits * min(memory.words / 16, float(_up(memory.words, 1 << inputs))) if memory.words > 1 else 0.0


RULES: Mapping[str, Callable[[Memory], Built]] = {"xc7": on_xc7, "ecp5": on_ecp5, "ice40": on_ice40}
