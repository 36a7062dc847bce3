// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// frame_queue: scores of frames that have left the layers of an unrolled core wait here until the result takes them.
//
// Ports. in_*, out_*: ready/valid streams of the scores of a frame and its fault. left: a frame is taken from the queue.
// Timing. A frame passes in the cycle in which it comes if none waits; one a cycle. in_ready is always set.
// Invariant: no more than 2**FRAME_BITS wait, which frame_pacer sees to; they leave in the order in which they came.
module frame_queue #(
    parameter WIDTH = 1,
    parameter FRAME_BITS = 1
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             in_valid,
    output wire             in_ready,
    input  wire [WIDTH-1:0] in_scores,
    input  wire             in_fault,
    output wire             out_valid,
    input  wire             out_ready,
    output wire [WIDTH-1:0] out_scores,
    output wire             out_fault,
    output wire             left
);
    generate
        if (FRAME_BITS < 1) begin : g_check_frame_bits
            illegal_parameter_FRAME_BITS_below_1 illegal();
        end
    endgenerate

    reg [WIDTH:0]          memory [0:(1<<FRAME_BITS)-1];
    reg [FRAME_BITS-1:0]   written;
    reg [FRAME_BITS-1:0]   taken;
    reg                    some;
    wire                   passes = ~some & out_ready;
    wire                   waits = in_valid & ~passes;
    wire                   leaves = some & out_ready;
    wire [FRAME_BITS-1:0]  next = taken + 1'b1;
    assign in_ready = 1'b1;
    assign out_valid = some | in_valid;
    assign {out_fault, out_scores} = some ? memory[taken] : {in_fault, in_scores};
    assign left = out_valid & out_ready;

    always @(posedge clk)
        if (waits)
            memory[written] <= {in_fault, in_scores};

    always @(posedge clk)
        if (rst) begin
            written <= {FRAME_BITS{1'b0}};
            taken <= {FRAME_BITS{1'b0}};
            some <= 1'b0;
        end else begin
            if (waits) written <= written + 1'b1;
            if (leaves) taken <= next;
            if (waits != leaves) some <= waits | (next != written);
        end
endmodule
