"""The primitives of the families and the lookup tables each takes."""

from __future__ import annotations

from rtl.estimate.netlist import CellCosts

# AMD UG953 (7-series libraries guide) and UG474 (the slice): a memory lookup table holds 64 bits; a second read port repeats
# the contents; the M primitives take the four tables of a slice.
XC7_DISTRIBUTED_MEMORY = {
    "RAM32X1S": 1,
    "RAM32X1S_1": 1,
    "RAM64X1S": 1,
    "RAM64X1S_1": 1,
    "RAM128X1S": 2,
    "RAM128X1S_1": 2,
    "RAM256X1S": 4,
    "RAM32X1D": 2,
    "RAM32X1D_1": 2,
    "RAM64X1D": 2,
    "RAM64X1D_1": 2,
    "RAM128X1D": 4,
    "RAM32M": 4,
    "RAM64M": 4,
}
XC7_SHIFT_REGISTERS = {"SRL16E": 1, "SRLC32E": 1}
# An inverter that no table absorbs is a table of one input.
XC7_LOGIC = {"LUT1": 1, "LUT2": 1, "LUT3": 1, "LUT4": 1, "LUT5": 1, "LUT6": 1, "INV": 1}
XC7_FLIP_FLOPS = {kind + edge: 1 for kind in ("FDRE", "FDSE", "FDCE", "FDPE") for edge in ("", "_1")}

XC7 = CellCosts(
    "7-series",
    {
        "lut": XC7_LOGIC | XC7_DISTRIBUTED_MEMORY | XC7_SHIFT_REGISTERS,
        "ff": XC7_FLIP_FLOPS,
        "bram36": {"RAMB36E1": 1, "RAMB18E1": 0.5},
        "dsp": {"DSP48E1": 1},
        "lut_logic": XC7_LOGIC,
        "lut_memory": XC7_DISTRIBUTED_MEMORY,
        "lut_shift_register": XC7_SHIFT_REGISTERS,
        "carry4": {"CARRY4": 1},
        "muxf7": {"MUXF7": 1},
        "muxf8": {"MUXF8": 1},
        "latch": {"LDCE": 1, "LDPE": 1},
    },
)

# Lattice TN1264 (ECP5 memory usage) and DS1044: a carry cell is two lookup tables of a slice in carry mode; a 16x4 distributed
# memory takes three slices of two tables, two that hold the bits and one that drives the write port.
ECP5_LOGIC = {"LUT4": 1, "INV": 1}
ECP5_CARRY = {"CCU2C": 2}
ECP5_DISTRIBUTED_MEMORY = {"TRELLIS_DPR16X4": 6}

ECP5 = CellCosts(
    "ECP5",
    {
        "lut4": ECP5_LOGIC | ECP5_CARRY | ECP5_DISTRIBUTED_MEMORY,
        "ff": {"TRELLIS_FF": 1},
        "bram": {"DP16KD": 1, "PDPW16KD": 1},
        "mult18": {"MULT18X18D": 1, "ALU54B": 1},
        "lut4_logic": ECP5_LOGIC,
        "lut4_carry": ECP5_CARRY,
        "lut4_memory": ECP5_DISTRIBUTED_MEMORY,
        "pfumx": {"PFUMX": 1},
        "l6mux21": {"L6MUX21": 1},
    },
)

# Lattice ICE Technology Library: a logic cell has one table, one flip-flop and the carry to its neighbour. The sum of an adder is
# a table that yosys counts; a carry that nothing shares takes a cell that only the placer counts.
ICE40_FLIP_FLOPS = {
    f"SB_DFF{edge}{kind}": 1 for edge in ("", "N") for kind in ("", "E", "SR", "R", "SS", "S", "ESR", "ER", "ESS", "ES")
}

ICE40 = CellCosts(
    "iCE40",
    {
        "lut4": {"SB_LUT4": 1},
        "ff": ICE40_FLIP_FLOPS,
        "bram": {"SB_RAM40_4K": 1, "SB_RAM40_4KNR": 1, "SB_RAM40_4KNW": 1, "SB_RAM40_4KNRNW": 1},
        "dsp": {"SB_MAC16": 1},
        "carry": {"SB_CARRY": 1},
    },
)

# Gowin UG288 (configurable function units): the sum of an adder is made in the table that carries it; a 16x4 distributed memory
# takes four tables for its bits and two to write them. Multiplexers that join tables, constants and the like are beside them.
GOWIN_LOGIC = {"LUT1": 1, "LUT2": 1, "LUT3": 1, "LUT4": 1, "INV": 1}
GOWIN_CARRY = {"ALU": 1}
GOWIN_DISTRIBUTED_MEMORY = {"RAM16SDP1": 6, "RAM16SDP2": 6, "RAM16SDP4": 6}
GOWIN_FLIP_FLOPS = {f"DFF{edge}{kind}": 1 for edge in ("", "N") for kind in ("", "E", "S", "SE", "R", "RE", "P", "PE", "C", "CE")}

GOWIN = CellCosts(
    "Gowin",
    {
        "lut4": GOWIN_LOGIC | GOWIN_CARRY | GOWIN_DISTRIBUTED_MEMORY,
        "ff": GOWIN_FLIP_FLOPS,
        "bram": {"SP": 1, "SPX9": 1, "DPB": 1, "DPX9B": 1, "SDPB": 1, "SDPX9B": 1},
        "dsp": dict.fromkeys(("MULT9X9", "MULT18X18", "MULT36X36", "MULTALU18X18", "MULTALU36X18", "MULTADDALU18X18"), 1),
        "lut4_logic": GOWIN_LOGIC,
        "lut4_carry": GOWIN_CARRY,
        "lut4_memory": GOWIN_DISTRIBUTED_MEMORY,
        "memory_cells": dict.fromkeys(GOWIN_DISTRIBUTED_MEMORY, 1),
    },
    free=frozenset({"MUX2_LUT5", "MUX2_LUT6", "MUX2_LUT7", "MUX2_LUT8", "GND", "VCC", "GSR"}),
)
