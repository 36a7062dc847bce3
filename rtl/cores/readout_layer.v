// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// readout_layer: the last layer, whose potentials are the scores; it never fires.
//
// All charge of a frame is added, with a doubling between bit planes (DOUBLING), then the offset (constant row 0); then
// the potentials of each group are handed over and restarted. A spike of magnitude m adds its weight row m times
// (MAGNITUDE_IN_BITS > 1), a negative one subtracts it (SIGNED_IN).
//
// Ports. in_*: the link; in_dropped: the spike reaches nothing. INPUTS: neurons of the source whose spikes reach
// something. scores_*: the potentials of a group, LANES at a time, lowest neurons first.
// scores_ready: the taker is free, and stays so until it is given scores. counters, frame_done: see layer_counters.
// Timing. Magnitudes·GROUPS + markers·GROUPS + 16 cycles a frame at most while the taker is free; with several groups a cycle
// a score and four a group for handing over.
module readout_layer #(
    parameter SOURCES = 1,
    parameter INPUTS = 1,
    parameter IN_BITS = 1,
    parameter SIGNED_IN = 0,
    parameter MAGNITUDE_IN_BITS = 1,
    parameter NEURONS = 1,
    parameter LANES = 1,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter ADDRESS_BITS = 1,
    parameter WEIGHT_BITS = 4,
    parameter WIDTH = 8,
    parameter DOUBLING = 0,
    parameter WEIGHTS = "",
    parameter CONSTANTS = "",
    parameter COUNTERS = 0
) (
    input  wire                         clk,
    input  wire                         rst,
    input  wire                         in_valid,
    output wire                         in_ready,
    input  wire [1:0]                   in_kind,
    input  wire [IN_BITS-1:0]           in_channel,
    input  wire                         in_negative,
    input  wire [MAGNITUDE_IN_BITS-1:0] in_magnitude,
    input  wire                         in_fault,
    input  wire                         in_dropped,
    output reg                          scores_valid,
    input  wire                         scores_ready,
    output wire [LANES*WIDTH-1:0]       scores,
    output reg                          scores_fault,
    output wire [719:0]                 counters,
    output wire                         frame_done
);
    localparam [2:0] HOLD = 3'd0, DOUBLE = 3'd2;

    generate
        if (NEURONS > GROUPS * LANES || NEURONS <= (GROUPS - 1) * LANES) begin : g_check_neurons
            illegal_parameter_NEURONS_not_of_GROUPS_and_LANES illegal();
        end
    endgenerate

    // Stage 0.
    wire                    issue, restart, last_group, from_weights, subtracting, charging, fire, fire_first, sends, last_pass;
    wire                    fire_fault, spike_taken, marker_taken, spike_dropped;
    wire [2:0]              operation;
    wire [GROUP_BITS-1:0]   group;
    wire [ADDRESS_BITS-1:0] weight_address;
    wire [0:0]              row, unused_coming_row;
    wire                    coming_fire;
    wire [MAGNITUDE_IN_BITS-1:0] taken_magnitude;
    wire                    unused_base;
    pass_sequencer #(
        .LANES(1), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .SOURCES(SOURCES), .CHANNEL_BITS(IN_BITS),
        .SIGNED(SIGNED_IN), .MAGNITUDE_BITS(MAGNITUDE_IN_BITS), .ADDRESS_BITS(ADDRESS_BITS), .BASE_BITS(1), .DOUBLING(DOUBLING),
        .EVERY_STEP(0), .ADDS(1), .SATURATES(0), .CHARGES(0), .STEPS(1), .STEP_BITS(1), .ONE_FIRE_ROW(1), .ROW_BITS(1)
    ) u_sequencer (
        .clk(clk), .rst(rst),
        .in_valid(in_valid), .in_ready(in_ready), .in_kind(in_kind), .in_channel(in_channel), .in_negative(in_negative),
        .in_magnitude(in_magnitude), .in_fault(in_fault), .in_dropped(in_dropped),
        .stall(~scores_ready | coming_fire | (issue & fire) | scores_valid),
        .coming_row(unused_coming_row), .coming_fire(coming_fire),
        .issue(issue), .operation(operation), .restart(restart), .group(group), .last_group(last_group), .from_weights(from_weights), .subtracting(subtracting), .charging(charging),
        .weight_address(weight_address), .row(row), .base(unused_base), .fire(fire), .fire_first(fire_first), .sends(sends),
        .last_pass(last_pass), .fire_fault(fire_fault), .spike_taken(spike_taken), .marker_taken(marker_taken), .spike_dropped(spike_dropped),
        .taken_magnitude(taken_magnitude)
    );

    always @(posedge clk) begin
        scores_valid <= issue & fire & ~rst;
        scores_fault <= fire_fault;
    end

    wire [LANES*WEIGHT_BITS-1:0] weight_row;
    weight_memory #(
        .LANES(LANES), .BITS(WEIGHT_BITS), .ROWS(GROUPS * SOURCES), .ADDRESS_BITS(ADDRESS_BITS), .FAR(1), .FILE(WEIGHTS)
    ) u_weights (.clk(clk), .rst(rst), .address(weight_address), .row(weight_row));

    wire [LANES*WIDTH-1:0] constant_word;
    constant_memory #(
        .LANES(LANES), .WIDTH(WIDTH), .ROWS(1), .ROW_BITS(1), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .FILE(CONSTANTS)
    ) u_constants (.clk(clk), .row(1'b0), .group(group), .word(constant_word));

    // Stage 1.
    wire [LANES*WIDTH-1:0] operand;
    wire                   carry;
    wire [LANES-1:0]       unused_negative;
    operand_choice #(
        .LANES(LANES), .WEIGHT_BITS(WEIGHT_BITS), .WIDTH(WIDTH), .WIRED((GROUPS == 1) ? 1 : 0), .DOUBLES(DOUBLING)
    ) u_operands (
        .clk(clk), .from_weights(from_weights), .subtracting(subtracting), .doubling(operation == DOUBLE), .constant_word(constant_word),
        .weight_row(weight_row), .potential(scores), .operand(operand), .carry(carry)
    );

    potential_bank #(
        .LANES(LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .WIDTH(WIDTH), .CARRIES(SIGNED_IN)
    ) u_potentials (
        .clk(clk), .issue(issue), .operation(fire ? HOLD : operation), .restart(restart), .group(group),
        .operand(operand), .carry(carry), .start({LANES*WIDTH{1'b0}}), .potential(scores), .negative(unused_negative)
    );
    // A readout compares nothing.
    wire unused = &{1'b0, unused_negative, unused_base, fire_first, unused_coming_row};

    layer_counters #(
        .ENABLED(COUNTERS), .READOUT(1), .NEURONS(NEURONS), .LANES(LANES), .GROUPS(GROUPS), .INPUTS(INPUTS), .ROW_BITS(1),
        .MAGNITUDE_IN_BITS(MAGNITUDE_IN_BITS)
    ) u_counters (
        .clk(clk), .rst(rst), .issue(issue), .operation(operation), .row(row), .last_group(last_group),
        .from_weights(from_weights), .charging(charging), .fire(fire), .sends(sends), .last_pass(last_pass),
        .spike_taken(spike_taken), .marker_taken(marker_taken), .spike_dropped(spike_dropped),
        .dropped_magnitude(taken_magnitude), .under({LANES{1'b0}}), .sent({LANES{1'b0}}),
        .sent_magnitude({LANES{1'b0}}), .counters(counters), .frame_done(frame_done)
    );
endmodule
