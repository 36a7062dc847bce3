// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// word_fifo: first-in first-out memory of 2**DEPTH_BITS words with a register at its output.
//
// Ports. push/in_word: write, allowed while the fifo is not full; almost_full: fewer than MARGIN words are free, for a
// writer that decides MARGIN − 1 cycles ahead. out_valid, out_ready, out_word: a transfer happens when both are 1.
//
// Timing. A word pushed into an empty fifo is valid at the output two cycles later; one word a cycle in and out.
// Invariant: no push when full (the writer's duty: it stops at almost_full).
module word_fifo #(
    parameter WIDTH = 8,
    parameter DEPTH_BITS = 2,
    parameter MARGIN = 1
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             push,
    input  wire [WIDTH-1:0] in_word,
    output wire             almost_full,
    output reg              out_valid,
    input  wire             out_ready,
    output reg  [WIDTH-1:0] out_word
);
    generate
        if (MARGIN < 1 || MARGIN >= (1 << DEPTH_BITS)) begin : g_check_margin
            illegal_parameter_MARGIN_not_below_the_depth illegal();
        end
    endgenerate

    // A word is read a cycle after it was written, at the earliest.
    (* no_rw_check *)
    reg [WIDTH-1:0]    memory [0:(1 << DEPTH_BITS)-1];
    reg [DEPTH_BITS:0] write_pointer;
    reg [DEPTH_BITS:0] read_pointer;

    localparam [DEPTH_BITS:0] ALMOST = (1 << DEPTH_BITS) - MARGIN + 1;
    wire [DEPTH_BITS:0] held = write_pointer - read_pointer;
    wire fetch = (held != {(DEPTH_BITS+1){1'b0}}) & (~out_valid | out_ready);
    assign almost_full = held >= ALMOST;

    always @(posedge clk) begin
        if (push)
            memory[write_pointer[DEPTH_BITS-1:0]] <= in_word;
        if (fetch)
            out_word <= memory[read_pointer[DEPTH_BITS-1:0]];
    end

    always @(posedge clk)
        if (rst) begin
            write_pointer <= {(DEPTH_BITS+1){1'b0}};
            read_pointer <= {(DEPTH_BITS+1){1'b0}};
            out_valid <= 1'b0;
        end else begin
            if (push) write_pointer <= write_pointer + 1'b1;
            if (fetch) read_pointer <= read_pointer + 1'b1;
            if (fetch) out_valid <= 1'b1;
            else if (out_ready) out_valid <= 1'b0;
        end
endmodule
