// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// weight_memory: read-only rows of LANES signed weights; the row of (group, source channel) is at group * SOURCES + channel.
//
// Timing. row is valid two cycles after address: a block memory is slow at its output, so the row is registered there (by the
// block itself where it can). With FAR it is three cycles: once more beside the lanes, which are far from it. Reset clears that
// register, so that no tool makes shift registers of both, whose every bit costs a table.
// Memory file: one row a line in hexadecimal, lane 0 in the lowest BITS bits; lanes without a neuron hold zero.
module weight_memory #(
    parameter LANES = 1,
    parameter BITS = 4,
    parameter ROWS = 1,
    parameter ADDRESS_BITS = 1,
    parameter FAR = 0,
    parameter FILE = ""
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire [ADDRESS_BITS-1:0] address,
    output wire [LANES*BITS-1:0]   row
);
    generate
        if (ROWS < 1 || ROWS > (1 << ADDRESS_BITS)) begin : g_check_rows
            illegal_parameter_ROWS_beyond_ADDRESS_BITS illegal();
        end
        if (FAR != 0 && FAR != 1) begin : g_check_far
            illegal_parameter_FAR_not_0_or_1 illegal();
        end
        if (BITS < 2 || BITS > 16) begin : g_check_bits
            illegal_parameter_BITS_not_2_to_16 illegal();
        end
    endgenerate

    reg [LANES*BITS-1:0] memory [0:ROWS-1];
    initial $readmemh(FILE, memory);

    reg [LANES*BITS-1:0] read_row, sent_row;
    always @(posedge clk) begin
        read_row <= memory[address];
        sent_row <= read_row;
    end
    generate
        if (FAR != 0) begin : g_far
            stage_register #(.WIDTH(LANES * BITS)) u_row (.clk(clk), .rst(rst), .advance(1'b1), .given(sent_row), .held(row));
        end else begin : g_near
            assign row = sent_row;
            wire unused_reset = &{1'b0, rst};
        end
    endgenerate
endmodule
