// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// frame_pacer: says when a frame may start, so that no part of an unrolled core ever waits.
//
// Ports. started: a frame starts, only where may_start is set; left: one has left the core. may_start: the next one may.
// Timing. may_start is a register: set INTERVAL cycles after a start, as many as the slowest part takes for a frame, if fewer than
// 2**FRAME_BITS frames are in the core, as many as its frame_queue has room for.
// Invariant: frames that have started and not left are 2**FRAME_BITS at most.
module frame_pacer #(
    parameter INTERVAL = 1,
    parameter INTERVAL_BITS = 1,
    parameter FRAME_BITS = 1
) (
    input  wire clk,
    input  wire rst,
    input  wire started,
    input  wire left,
    output reg  may_start
);
    localparam PAUSE = INTERVAL - 1;
    localparam [FRAME_BITS:0] NO_FRAME = {FRAME_BITS+1{1'b0}};

    generate
        if (INTERVAL < 1 || INTERVAL > (1 << INTERVAL_BITS)) begin : g_check_interval
            illegal_parameter_INTERVAL_beyond_INTERVAL_BITS illegal();
        end
        if (FRAME_BITS < 1) begin : g_check_frame_bits
            illegal_parameter_FRAME_BITS_below_1 illegal();
        end
    endgenerate

    reg [FRAME_BITS:0]      room;
    reg [INTERVAL_BITS-1:0] pause;
    wire [FRAME_BITS:0] next_room = (started & ~left) ? room - 1'b1 : (left & ~started) ? room + 1'b1 : room;
    wire [INTERVAL_BITS-1:0] next_pause
        = started ? PAUSE[INTERVAL_BITS-1:0] : (pause == {INTERVAL_BITS{1'b0}}) ? pause : pause - 1'b1;

    always @(posedge clk)
        if (rst) begin
            room <= {1'b1, {FRAME_BITS{1'b0}}};
            pause <= {INTERVAL_BITS{1'b0}};
            may_start <= 1'b1;
        end else begin
            room <= next_room;
            pause <= next_pause;
            may_start <= (next_room != NO_FRAME) & (next_pause == {INTERVAL_BITS{1'b0}});
        end
endmodule
