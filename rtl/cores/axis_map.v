// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// axis_map: what one coordinate of an event reaches, along the rows or along the columns of a map: a table instead of a division.
//
// Ports. position, pass: a coordinate of an event, and which of its passes. last: there is no further pass. valid, addresses:
// for each of BANKS banks whether the pass reaches a word of it, and that word's share of the address. weight: the pass's share of
// the address of the weights. A position that reaches nothing has one pass without a valid bank.
// Timing. Combinational.
// Memory file: one entry a line in hexadecimal at {position, pass}, or at position where PASSES = 1; from bit 0 on: last,
// valid, addresses, weight.
module axis_map #(
    parameter POSITION_BITS = 1,
    parameter PASSES = 1,
    parameter PASS_BITS = 1,
    parameter BANKS = 1,
    parameter ADDRESS_BITS = 1,
    parameter WEIGHT_BITS = 1,
    parameter FILE = ""
) (
    input  wire [POSITION_BITS-1:0]      position,
    input  wire [PASS_BITS-1:0]          pass,
    output wire                          last,
    output wire [BANKS-1:0]              valid,
    output wire [BANKS*ADDRESS_BITS-1:0] addresses,
    output wire [WEIGHT_BITS-1:0]        weight
);
    localparam ENTRY = 1 + BANKS + BANKS * ADDRESS_BITS + WEIGHT_BITS;

    generate
        if (PASSES < 1 || PASSES > (1 << PASS_BITS)) begin : g_check_passes
            illegal_parameter_PASSES_beyond_PASS_BITS illegal();
        end
    endgenerate

    wire [ENTRY-1:0] entry;
    generate
        if (PASSES == 1) begin : g_one_pass
            lookup_table #(.ENTRIES(1 << POSITION_BITS), .INDEX_BITS(POSITION_BITS), .WIDTH(ENTRY), .FILE(FILE)) u_table (
                .index(position), .entry(entry)
            );
            wire unused_pass = &{1'b0, pass};
        end else begin : g_passes
            localparam INDEX_BITS = POSITION_BITS + PASS_BITS;
            lookup_table #(.ENTRIES(1 << INDEX_BITS), .INDEX_BITS(INDEX_BITS), .WIDTH(ENTRY), .FILE(FILE)) u_table (
                .index({position, pass}), .entry(entry)
            );
        end
    endgenerate
    assign {weight, addresses, valid, last} = entry;
endmodule
