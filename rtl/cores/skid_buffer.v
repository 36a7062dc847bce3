// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// skid_buffer: cuts the ready of a stream: what arrives in the cycle in which its taker stops waits here.
//
// Ports. in_*, out_*: a ready/valid stream of words.
// Timing. in_ready is a register. A word passes in the cycle in which it comes; one a cycle.
// Invariant: a word is held only while its taker is not ready, and then none is taken.
module skid_buffer #(
    parameter WIDTH = 1
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             in_valid,
    output wire             in_ready,
    input  wire [WIDTH-1:0] in_word,
    output wire             out_valid,
    input  wire             out_ready,
    output wire [WIDTH-1:0] out_word
);
    generate
        if (WIDTH < 1) begin : g_check_width
            illegal_parameter_WIDTH_below_1 illegal();
        end
    endgenerate

    reg             full;
    reg [WIDTH-1:0] spare;
    assign in_ready = ~full;
    assign out_valid = full | in_valid;
    assign out_word = full ? spare : in_word;

    always @(posedge clk)
        if (rst)
            full <= 1'b0;
        else
            full <= out_valid & ~out_ready;

    always @(posedge clk)
        if (~full)
            spare <= in_word;
endmodule
