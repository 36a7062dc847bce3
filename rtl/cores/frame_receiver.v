// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// frame_receiver: takes frames of BEATS beats of BEAT_PIXELS 8-bit pixels from an AXI4-Stream and marks their end.
//
// Ports. s_axis_*: pixel 0 in bits 7:0, TLAST on the last beat. out_*: the beat, its number, whether the frame ends with
// it and whether the frame is faulty; a transfer happens when valid and ready are both 1.
//
// Timing. Combinational from s_axis to out. A frame whose TLAST is early ends there, faulty; one whose TLAST is late ends
// at beat BEATS − 1, faulty, and its surplus beats are swallowed up to TLAST. The next frame is not affected.
module frame_receiver #(
    parameter BEATS = 1,
    parameter BEAT_BITS = 1,
    parameter BEAT_PIXELS = 8
) (
    input  wire                     clk,
    input  wire                     rst,
    input  wire [BEAT_PIXELS*8-1:0] s_axis_tdata,
    input  wire                     s_axis_tvalid,
    output wire                     s_axis_tready,
    input  wire                     s_axis_tlast,
    output wire                     out_valid,
    input  wire                     out_ready,
    output wire [BEAT_PIXELS*8-1:0] out_pixels,
    output wire [BEAT_BITS-1:0]     out_beat,
    output wire                     out_end,
    output wire                     out_fault
);
    localparam LAST_BEAT = BEATS - 1;

    generate
        if (BEATS < 1 || BEATS > (1 << BEAT_BITS)) begin : g_check_beats
            illegal_parameter_BEATS_beyond_BEAT_BITS illegal();
        end
    endgenerate

    reg                 swallowing;
    reg [BEAT_BITS-1:0] beat;

    wire is_last = beat == LAST_BEAT[BEAT_BITS-1:0];
    assign out_valid = s_axis_tvalid & ~swallowing;
    assign s_axis_tready = swallowing | out_ready;
    assign out_pixels = s_axis_tdata;
    assign out_beat = beat;
    assign out_end = is_last | s_axis_tlast;
    assign out_fault = is_last != s_axis_tlast;

    always @(posedge clk)
        if (rst) begin
            swallowing <= 1'b0;
            beat <= {BEAT_BITS{1'b0}};
        end else if (s_axis_tvalid & s_axis_tready) begin
            if (swallowing)
                swallowing <= ~s_axis_tlast;
            else begin
                beat <= out_end ? {BEAT_BITS{1'b0}} : beat + 1'b1;
                swallowing <= is_last & ~s_axis_tlast;
            end
        end
endmodule
