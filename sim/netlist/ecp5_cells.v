// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// ecp5_cells: the models of ECP5 cells that yosys ships (its folder share/ecp5), those that it maps to and no others.
//
// LUT4, PFUMX, L6MUX21, TRELLIS_DPR16X4, TRELLIS_FF, INV and CCU2C. cells_sim.v beside them would add a DP16KD that has only ports
// (the model is in DP16KD.v), and the flip-flops of Lattice's own library twice.
`define NO_INCLUDES
`include "common_sim.vh"
`include "ccu2c_sim.vh"
