// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// frame_planes: turns the pixels of a frame into time steps for an unrolled layer, all pixels of a step at once.
//
// The level of a pixel is its top BITS bits. UNARY = 0: a time step is a bit plane, most significant first. UNARY = 1: it is one
// step of an integrate-and-fire encoder: bit t·2**BITS + k of PATTERNS says whether level k fires in step t.
//
// Ports. in_*: beats of frame_receiver, BEAT_PIXELS pixels each. out_*: a plane link; a step is one transfer, kind 1 ends a step,
// kind 2 the frame, whose fault goes with it. frame_left: a frame has left the core.
// Timing. A frame is taken in BEATS cycles and sent in STEPS; the first beat of the next one is taken with the last step.
// PACED = 1: a frame starts INTERVAL cycles after the one before it at the earliest, and only where fewer than 2**FRAME_BITS
// are between here and the end of the core (frame_pacer).
module frame_planes #(
    parameter PIXELS = 8,
    parameter BITS = 1,
    parameter UNARY = 0,
    parameter STEPS = 1,
    parameter STEP_BITS = 1,
    parameter BEATS = 1,
    parameter BEAT_BITS = 1,
    parameter BEAT_PIXELS = 8,
    parameter PATTERNS = 0,
    parameter PACED = 0,
    parameter INTERVAL = 1,
    parameter INTERVAL_BITS = 1,
    parameter FRAME_BITS = 1
) (
    input  wire                     clk,
    input  wire                     rst,
    input  wire                     in_valid,
    output wire                     in_ready,
    input  wire [BEAT_PIXELS*8-1:0] in_pixels,
    input  wire [BEAT_BITS-1:0]     in_beat,
    input  wire                     in_end,
    input  wire                     in_fault,
    input  wire                     frame_left,
    output wire                     out_valid,
    input  wire                     out_ready,
    output wire [1:0]               out_kind,
    output wire [PIXELS-1:0]        out_plane,
    output wire [PIXELS-1:0]        out_negative,
    output wire                     out_fault
);
    localparam [1:0] END_OF_STEP = 2'd1, END_OF_FRAME = 2'd2;
    localparam LAST_STEP = STEPS - 1;

    generate
        if (BITS < 1 || BITS > 8) begin : g_check_bits
            illegal_parameter_BITS_not_1_to_8 illegal();
        end
        if (STEPS != ((UNARY != 0) ? (1 << BITS) - 1 : BITS)) begin : g_check_steps
            illegal_parameter_STEPS_not_of_the_code illegal();
        end
        if (BEATS * BEAT_PIXELS < PIXELS || (BEATS - 1) * BEAT_PIXELS >= PIXELS) begin : g_check_beats
            illegal_parameter_BEATS_not_of_PIXELS illegal();
        end
    endgenerate

    reg                 sending;
    reg                 fault;
    reg [STEP_BITS-1:0] step;
    wire first = step == {STEP_BITS{1'b0}};
    wire last = step == LAST_STEP[STEP_BITS-1:0];
    wire may_start;
    assign out_valid = sending & (may_start | ~first);
    wire sent = out_valid & out_ready;
    generate
        if (PACED != 0) begin : g_paced
            frame_pacer #(
                .INTERVAL(INTERVAL), .INTERVAL_BITS(INTERVAL_BITS), .FRAME_BITS(FRAME_BITS)
            ) u_pacer (
                .clk(clk), .rst(rst), .started(sent & first), .left(frame_left), .may_start(may_start)
            );
        end else begin : g_at_once
            assign may_start = 1'b1;
            wire unused_left = &{1'b0, frame_left};
        end
    endgenerate

    assign in_ready = ~sending | (sent & last);
    assign out_kind = last ? END_OF_FRAME : END_OF_STEP;
    assign out_fault = fault;
    assign out_negative = {PIXELS{1'b0}};
    wire take = in_valid & in_ready;

    always @(posedge clk)
        if (rst) begin
            sending <= 1'b0;
            step <= {STEP_BITS{1'b0}};
        end else begin
            if (take & in_end) sending <= 1'b1;
            else if (sent & last) sending <= 1'b0;
            if (sent) step <= last ? {STEP_BITS{1'b0}} : step + 1'b1;
        end
    always @(posedge clk)
        if (take) fault <= in_fault;

    genvar pixel;
    generate
        for (pixel = 0; pixel < PIXELS; pixel = pixel + 1) begin : g_pixel
            localparam BEAT = pixel / BEAT_PIXELS;
            localparam PLACE = pixel - BEAT * BEAT_PIXELS;
            wire [BITS-1:0] arriving = in_pixels[PLACE*8 + 8 - BITS +: BITS];
            reg [BITS-1:0] level;
            wire written;
            if (BEATS == 1) begin : g_one_beat
                assign written = take;
            end else begin : g_beats
                assign written = take & (in_beat == BEAT[BEAT_BITS-1:0]);
            end
            if (UNARY != 0) begin : g_unary
                wire [(1<<BITS)-1:0] pattern;
                // A step alone has the only pattern: a number of the step in front would be a bit too many.
                if (STEPS == 1) begin : g_step
                    assign pattern = PATTERNS[(1<<BITS)-1:0];
                end else begin : g_steps
                    assign pattern = PATTERNS[{step, {BITS{1'b0}}} +: (1<<BITS)];
                end
                assign out_plane[pixel] = pattern[level];
                always @(posedge clk)
                    if (written) level <= arriving;
            end else begin : g_planes
                assign out_plane[pixel] = level[BITS-1];
                always @(posedge clk)
                    if (written) level <= arriving;
                    else if (sent) level <= level << 1;
            end
        end
    endgenerate

    // The lower bits of a pixel are not part of its level, and the last beat may be filled up.
    wire unused = &{1'b0, in_pixels, in_beat};
endmodule
