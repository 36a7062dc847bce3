// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// weight_memory: read-only rows of LANES signed weights; the row of (group, source channel) is at group * SOURCES + channel.
//
// Timing. row is valid two cycles after address: a block memory is slow at its output, so the row is registered.
// Memory file: one row a line in hexadecimal, lane 0 in the lowest BITS bits; lanes without a neuron hold zero.
module weight_memory #(
    parameter LANES = 1,
    parameter BITS = 4,
    parameter ROWS = 1,
    parameter ADDRESS_BITS = 1,
    parameter FILE = ""
) (
    input  wire                    clk,
    input  wire [ADDRESS_BITS-1:0] address,
    output reg  [LANES*BITS-1:0]   row
);
    generate
        if (ROWS < 1 || ROWS > (1 << ADDRESS_BITS)) begin : g_check_rows
            illegal_parameter_ROWS_beyond_ADDRESS_BITS illegal();
        end
        if (BITS < 2 || BITS > 16) begin : g_check_bits
            illegal_parameter_BITS_not_2_to_16 illegal();
        end
    endgenerate

    reg [LANES*BITS-1:0] memory [0:ROWS-1];
    initial $readmemh(FILE, memory);

    reg [LANES*BITS-1:0] read_row;
    always @(posedge clk) begin
        read_row <= memory[address];
        row <= read_row;
    end
endmodule
