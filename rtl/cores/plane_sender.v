// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// plane_sender: sends the time steps of a frame of an unrolled layer, one a cycle.
//
// Ports. frame_*: of each neuron what every time step sends (level_decision) and its sign. out_*: a plane link, MAGNITUDE_BITS
// bits a neuron; kind 1 ends a step, kind 2 the frame.
// Timing. STEPS cycles a frame; the next one is taken with the last step.
// PACED = 1: frames come STEPS cycles apart or more and out_ready is always set (frame_pacer), so that every frame is taken at once.
module plane_sender #(
    parameter NEURONS = 1,
    parameter STEPS = 1,
    parameter STEP_BITS = 1,
    parameter MAGNITUDE_BITS = 1,
    parameter PACED = 0
) (
    input  wire                                    clk,
    input  wire                                    rst,
    input  wire                                    frame_valid,
    output wire                                    frame_ready,
    input  wire [NEURONS*STEPS*MAGNITUDE_BITS-1:0] frame_steps,
    input  wire [NEURONS-1:0]                      frame_negative,
    input  wire                                    frame_fault,
    output wire                                    out_valid,
    input  wire                                    out_ready,
    output wire [1:0]                              out_kind,
    output wire [NEURONS*MAGNITUDE_BITS-1:0]       out_plane,
    output wire [NEURONS-1:0]                      out_negative,
    output wire                                    out_fault
);
    localparam [1:0] END_OF_STEP = 2'd1, END_OF_FRAME = 2'd2;
    localparam LAST_STEP = STEPS - 1;

    generate
        if (STEPS < 1 || STEPS > (1 << STEP_BITS)) begin : g_check_steps
            illegal_parameter_STEPS_beyond_STEP_BITS illegal();
        end
    endgenerate

    reg                 sending;
    reg                 fault;
    reg [STEP_BITS-1:0] step;
    reg [NEURONS-1:0]   negative;
    wire last = step == LAST_STEP[STEP_BITS-1:0];
    wire sent = sending & out_ready;
    generate
        if (PACED != 0) begin : g_paced
            assign frame_ready = 1'b1;
        end else begin : g_waits
            assign frame_ready = ~sending | (sent & last);
        end
    endgenerate
    wire take = frame_valid & frame_ready;

    assign out_valid = sending;
    assign out_kind = last ? END_OF_FRAME : END_OF_STEP;
    assign out_fault = fault;
    assign out_negative = negative;

    always @(posedge clk)
        if (rst) begin
            sending <= 1'b0;
            step <= {STEP_BITS{1'b0}};
        end else begin
            if (take) sending <= 1'b1;
            else if (sent & last) sending <= 1'b0;
            if (sent) step <= last ? {STEP_BITS{1'b0}} : step + 1'b1;
        end
    always @(posedge clk)
        if (take) begin
            fault <= frame_fault;
            negative <= frame_negative;
        end

    genvar neuron;
    generate
        for (neuron = 0; neuron < NEURONS; neuron = neuron + 1) begin : g_neuron
            reg [STEPS*MAGNITUDE_BITS-1:0] steps;
            always @(posedge clk)
                if (take) steps <= frame_steps[neuron*STEPS*MAGNITUDE_BITS +: STEPS*MAGNITUDE_BITS];
                else if (sent) steps <= steps >> MAGNITUDE_BITS;
            assign out_plane[neuron*MAGNITUDE_BITS +: MAGNITUDE_BITS] = steps[MAGNITUDE_BITS-1:0];
        end
    endgenerate
endmodule
