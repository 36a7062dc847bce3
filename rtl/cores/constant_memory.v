// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// constant_memory: read-only words of LANES constants of the membrane potential's width; constant row r of group g is at
// {r, g}. Layers of one group wire the constants into the logic of the adders; others read a memory. FIXED_ROW: the only row that
// is read, whatever row says; -1 for any.
//
// Timing. row and group are given in one cycle, word is valid in the next.
// Memory file: one word a line in hexadecimal, lane 0 in the lowest WIDTH bits; groups beyond GROUPS are absent from the
// address space only where GROUPS is a power of two, else their words hold zero.
module constant_memory #(
    parameter LANES = 1,
    parameter WIDTH = 8,
    parameter ROWS = 1,
    parameter ROW_BITS = 1,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter FIXED_ROW = -1,
    parameter FILE = ""
) (
    input  wire                   clk,
    input  wire [ROW_BITS-1:0]    row,
    input  wire [GROUP_BITS-1:0]  group,
    output wire [LANES*WIDTH-1:0] word
);
    generate
        if (ROWS < 1 || ROWS > (1 << ROW_BITS)) begin : g_check_rows
            illegal_parameter_ROWS_beyond_ROW_BITS illegal();
        end

        if (FIXED_ROW >= ROWS) begin : g_check_fixed
            illegal_parameter_FIXED_ROW_beyond_ROWS illegal();
        end

        if (GROUPS == 1 && FIXED_ROW >= 0) begin : g_fixed
            reg [LANES*WIDTH-1:0] memory [0:ROWS-1];
            initial $readmemh(FILE, memory);
            assign word = memory[FIXED_ROW];
            wire unused_address = &{1'b0, clk, row, group};
        end else if (GROUPS == 1) begin : g_wired
            reg [LANES*WIDTH-1:0] memory [0:ROWS-1];
            reg [ROW_BITS-1:0] selected;
            initial $readmemh(FILE, memory);
            always @(posedge clk)
                selected <= row;
            // Every row is a constant: chosen by compares, not by an address, so that no tool makes a memory of it.
            reg [LANES*WIDTH-1:0] chosen;
            integer i;
            always @* begin
                chosen = memory[0];
                for (i = 1; i < ROWS; i = i + 1)
                    if (selected == i[ROW_BITS-1:0])
                        chosen = memory[i];
            end
            assign word = chosen;
            // One group needs no address.
            wire unused_group = &{1'b0, group};
        end else begin : g_memory
            reg [LANES*WIDTH-1:0] memory [0:(ROWS << GROUP_BITS)-1];
            reg [LANES*WIDTH-1:0] read_word;
            initial $readmemh(FILE, memory);
            assign word = read_word;
            if (ROWS == 1) begin : g_one_row
                always @(posedge clk)
                    read_word <= memory[group];
                // One row needs no address.
                wire unused_row = &{1'b0, row};
            end else begin : g_rows
                wire [ROW_BITS+GROUP_BITS-1:0] address = {row, group};
                always @(posedge clk)
                    read_word <= memory[address];
            end
        end
    endgenerate
endmodule
