// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// waiting_words: words that come when they come and wait here until they are taken; four can wait.
//
// Ports. push, in_word: a word comes; the giver counts them and never lets more than four be under way. out_*: a ready/valid stream.
// Timing. A word is at the output a cycle after it came where none waits; one a cycle.
// Invariant: words leave in the order in which they came.
module waiting_words #(
    parameter WIDTH = 1
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             push,
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

    // Read without a register, a cycle or more after it was written.
    reg [WIDTH-1:0] memory [0:3];
    reg [1:0]       written;
    reg [1:0]       taken;
    reg             some;
    wire            leaves = some & out_ready;
    wire [1:0]      next = taken + 2'd1;
    assign out_valid = some;
    assign out_word = memory[taken];

    always @(posedge clk)
        if (push)
            memory[written] <= in_word;

    always @(posedge clk)
        if (rst) begin
            written <= 2'd0;
            taken <= 2'd0;
            some <= 1'b0;
        end else begin
            if (push) written <= written + 2'd1;
            if (leaves) taken <= next;
            if (push != leaves) some <= push | (next != written);
        end
endmodule
