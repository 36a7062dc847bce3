"""Block memories: that none got lost on the way through mapping, and their contents back into the netlist."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.base.errors import UserError
from rtl.estimate.netlist import cells_of
from rtl.estimate.scripts import Flow

_WORDS, _WORD_BITS = 1024, 18
_WORDS_A_PARAMETER = 16
_PADDING = "00"
"""INITVAL_xx has 20 bits a word of 18 (brams_map_16kd.v of yosys)."""


def check_blocks(flow: Flow, contents: Path, mapped: Path) -> int:
    """Every block memory that yosys chose is in the mapped design under its name, and no other is.

    Args:
        flow: the family.
        contents: the memories as chosen, with their contents.
        mapped: the design after mapping, or its block memories.

    Returns:
        The number of blocks.

    Raises:
        UserError: one vanished, so that it is missing from the area, or came out of nowhere, without contents.
    """
    chosen = cells_of(contents)
    made = {name for name, cell in cells_of(mapped).items() if cell["type"] in flow.blocks}
    for name in sorted(chosen.keys() ^ made):
        which = "vanished in mapping" if name in chosen else "has no known contents"
        raise UserError(f"{mapped}: block memory {name} {which}; report it with the core")
    return len(made)


def fill_ecp5(contents: Path, design: Mapping[str, Any]) -> int:
    """Put the contents of its DP16KD back into a netlist, in place.

    Args:
        contents: the memories as chosen; INIT holds 1,024 words of 18 bits, word 0 in the lowest.
        design: the JSON of the netlist whose block memories have lost theirs.

    Returns:
        The number of bits that were put back.

    Raises:
        UserError: a memory has no INIT of that size.
    """
    chosen = cells_of(contents)
    bits = 0
    for module in design["modules"].values():
        for name, cell in module["cells"].items():
            if name in chosen and cell["type"] == "DP16KD":
                cell["parameters"] |= initial_values(chosen[name]["parameters"], f"{contents}: {name}")
                bits += _WORDS * _WORD_BITS
    return bits


def initial_values(parameters: Mapping[str, Any], where: str) -> dict[str, str]:
    """INITVAL_00 to INITVAL_3F of a DP16KD from the INIT of the memory that it was made of.

    Raises:
        UserError: INIT is absent or of another size.
    """
    init = str(parameters.get("INIT", ""))
    if len(init) != _WORDS * _WORD_BITS:
        raise UserError(
            f"{where}: INIT has {len(init)} bits; expected {_WORDS * _WORD_BITS} of yosys 0.70 or a compatible version"
        )
    # Most significant bit first: word 0 stands last.
    words = [init[len(init) - (word + 1) * _WORD_BITS : len(init) - word * _WORD_BITS] for word in range(_WORDS)]
    return {
        f"INITVAL_{place:02X}": "".join(
            _PADDING + word for word in reversed(words[place * _WORDS_A_PARAMETER : (place + 1) * _WORDS_A_PARAMETER])
        )
        for place in range(_WORDS // _WORDS_A_PARAMETER)
    }
