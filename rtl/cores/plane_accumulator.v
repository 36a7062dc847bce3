// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// plane_accumulator: the membrane potentials of an unrolled layer: a register a neuron, one time step a cycle.
//
// Potentials are kept as sums of ones: V = U − C, U never negative, C a constant of the neuron (rtl/charge_network). A frame
// starts at U = 0; with DOUBLING the time steps are bit planes, and U doubles between them.
//
// Ports. in_*: a plane link behind the stages of the sums; charges: what its time step adds, WIDTH bits a neuron. frame_valid, frame_ready: all time
// steps of a frame are in potentials; frame_fault: of that frame. taken: a time step is taken.
// Timing. One time step a cycle; the first one of the next frame is taken in the cycle in which frame_ready takes the last.
module plane_accumulator #(
    parameter NEURONS = 1,
    parameter WIDTH = 4,
    parameter DOUBLING = 0
) (
    input  wire                     clk,
    input  wire                     rst,
    input  wire                     in_valid,
    output wire                     in_ready,
    input  wire [1:0]               in_kind,
    input  wire                     in_fault,
    input  wire [NEURONS*WIDTH-1:0] charges,
    output wire                     frame_valid,
    input  wire                     frame_ready,
    output reg                      frame_fault,
    output wire [NEURONS*WIDTH-1:0] potentials,
    output wire                     taken
);
    localparam [1:0] END_OF_FRAME = 2'd2;

    generate
        if (WIDTH < 2 || WIDTH > 40) begin : g_check_width
            illegal_parameter_WIDTH_not_2_to_40 illegal();
        end
    endgenerate

    reg full;
    reg first;
    assign frame_valid = full;
    assign in_ready = ~full | frame_ready;
    assign taken = in_valid & in_ready;

    always @(posedge clk)
        if (rst) begin
            full <= 1'b0;
            first <= 1'b1;
        end else if (taken) begin
            full <= in_kind == END_OF_FRAME;
            first <= in_kind == END_OF_FRAME;
        end else if (frame_ready)
            full <= 1'b0;

    always @(posedge clk)
        if (taken) frame_fault <= in_fault;

    genvar neuron;
    generate
        for (neuron = 0; neuron < NEURONS; neuron = neuron + 1) begin : g_neuron
            reg [WIDTH-1:0] potential;
            wire [WIDTH-1:0] kept = first ? {WIDTH{1'b0}} : (DOUBLING != 0) ? {potential[WIDTH-2:0], 1'b0} : potential;
            always @(posedge clk)
                if (taken) potential <= kept + charges[neuron*WIDTH +: WIDTH];
            assign potentials[neuron*WIDTH +: WIDTH] = potential;
        end
    endgenerate
endmodule
