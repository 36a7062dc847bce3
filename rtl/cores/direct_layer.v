// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// direct_layer: the first layer of a causal network, which receives the same charge in every time step.
//
// The bit planes of the pixels are added once into a charge register (a second potential bank), with a doubling between
// planes, then the bias. After that come STEPS time steps: the charge is added to the potential, then a fire pass (LEVELS = 0)
// or a decision of FIRES fire passes (LEVELS = 1, as in event_layer). A frame starts from the start memory.
// Constant rows: 0 the bias, with LEVELS and FLOOR times the threshold, then the negated thresholds (LEAKS: the negated
// threshold, then the negative threshold).
//
// PLANES: time steps leave as a whole (firing_output).
// Ports. in_*, out_*: links; in_dropped: the spike reaches nothing. INPUTS: neurons of the source whose spikes reach anything;
// the input is unsigned and of magnitude 1. counters, frame_done: see layer_counters.
// Timing. (Events + markers + STEPS)·GROUPS + spikes sent + fire passes·GROUPS + 16 cycles a frame at most, links willing; with PLANES no
// spikes are sent.
module direct_layer #(
    parameter SOURCES = 1,
    parameter INPUTS = 1,
    parameter IN_BITS = 1,
    parameter NEURONS = 1,
    parameter OUT_BITS = 1,
    parameter SIGNED_OUT = 0,
    parameter MAGNITUDE_OUT_BITS = 1,
    parameter LANES = 1,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter ADDRESS_BITS = 1,
    parameter WEIGHT_BITS = 4,
    parameter WIDTH = 8,
    parameter STEPS = 1,
    parameter STEP_BITS = 1,
    parameter LEVELS = 0,
    parameter FIRES = 1,
    parameter RANGE = 2,
    parameter FLOOR = 0,
    parameter LEVEL_BITS = 2,
    parameter LEAKS = 0,
    parameter ROWS = 2,
    parameter ROW_BITS = 1,
    parameter DEPTH_BITS = 2,
    parameter WEIGHTS = "",
    parameter CONSTANTS = "",
    parameter START = "",
    parameter PLANES = 0,
    parameter COUNTERS = 0
) (
    input  wire                          clk,
    input  wire                          rst,
    input  wire                          in_valid,
    output wire                          in_ready,
    input  wire [1:0]                    in_kind,
    input  wire [IN_BITS-1:0]            in_channel,
    input  wire                          in_negative,
    input  wire [0:0]                   in_magnitude,
    input  wire                          in_fault,
    input  wire                          in_dropped,
    output wire                          out_valid,
    input  wire                          out_ready,
    output wire [1:0]                    out_kind,
    output wire [OUT_BITS-1:0]           out_channel,
    output wire [PLANES*(NEURONS-1):0]   out_negative,
    output wire [(PLANES*(NEURONS-1)+1)*MAGNITUDE_OUT_BITS-1:0] out_magnitude,
    output wire                          out_fault,
    output wire [719:0]                  counters,
    output wire                          frame_done
);
    localparam [2:0] HOLD = 3'd0, DOUBLE = 3'd2;

    generate
        if (NEURONS > GROUPS * LANES || NEURONS <= (GROUPS - 1) * LANES) begin : g_check_neurons
            illegal_parameter_NEURONS_not_of_GROUPS_and_LANES illegal();
        end
        if (ROWS != 1 + FIRES) begin : g_check_rows
            illegal_parameter_ROWS_not_of_the_program illegal();
        end
    endgenerate

    // Stage 0.
    wire                    issue, restart, last_group, from_weights, subtracting, charging, fire, fire_first, sends, last_pass;
    wire                    fire_fault, spike_taken, marker_taken, spike_dropped, stall;
    wire [2:0]              operation;
    wire [GROUP_BITS-1:0]   group;
    wire [ADDRESS_BITS-1:0] weight_address;
    wire [ROW_BITS-1:0]     row, unused_coming_row;
    wire                    unused_coming_fire;
    wire [0:0]              taken_magnitude;
    wire [OUT_BITS-1:0]     base;
    pass_sequencer #(
        .LANES(LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .SOURCES(SOURCES), .CHANNEL_BITS(IN_BITS),
        .ADDRESS_BITS(ADDRESS_BITS), .BASE_BITS(OUT_BITS), .DOUBLING(1), .EVERY_STEP(0), .ADDS(1), .SATURATES(0),
        .CHARGES(1), .STEPS(STEPS), .STEP_BITS(STEP_BITS), .LEVELS(LEVELS), .FIRES(FIRES), .LEAKS(LEAKS),
        .ONE_FIRE_ROW((LEVELS == 0) ? 1 : 0), .ROW_BITS(ROW_BITS)
    ) u_sequencer (
        .clk(clk), .rst(rst),
        .in_valid(in_valid), .in_ready(in_ready), .in_kind(in_kind), .in_channel(in_channel), .in_negative(in_negative),
        .in_magnitude(in_magnitude), .in_fault(in_fault), .in_dropped(in_dropped),
        .stall(stall), .coming_row(unused_coming_row), .coming_fire(unused_coming_fire),
        .issue(issue), .operation(operation), .restart(restart), .group(group), .last_group(last_group),
        .from_weights(from_weights), .subtracting(subtracting), .charging(charging), .weight_address(weight_address), .row(row),
        .base(base), .fire(fire), .fire_first(fire_first), .sends(sends), .last_pass(last_pass), .fire_fault(fire_fault),
        .spike_taken(spike_taken), .marker_taken(marker_taken), .spike_dropped(spike_dropped),
        .taken_magnitude(taken_magnitude)
    );
    wire integrating = ~charging & ~fire;

    wire [LANES*WEIGHT_BITS-1:0] weight_row;
    weight_memory #(
        .LANES(LANES), .BITS(WEIGHT_BITS), .ROWS(GROUPS * SOURCES), .ADDRESS_BITS(ADDRESS_BITS), .FAR(1), .FILE(WEIGHTS)
    ) u_weights (.clk(clk), .rst(rst), .address(weight_address), .row(weight_row));

    wire [LANES*WIDTH-1:0] constant_word;
    constant_memory #(
        .LANES(LANES), .WIDTH(WIDTH), .ROWS(ROWS), .ROW_BITS(ROW_BITS), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .FILE(CONSTANTS)
    ) u_constants (.clk(clk), .row(row), .group(group), .word(constant_word));

    // Stage 1: both banks read the constant there.
    reg                    charge_selected;
    always @(posedge clk)
        charge_selected <= charging;
    wire [LANES*WIDTH-1:0] charge_operand;
    wire                   unused_carry;
    operand_choice #(
        .LANES(LANES), .WEIGHT_BITS(WEIGHT_BITS), .WIDTH(WIDTH), .WIRED(0)
    ) u_operands (
        .clk(clk), .from_weights(from_weights), .subtracting(subtracting), .doubling(operation == DOUBLE), .constant_word(constant_word),
        .weight_row(weight_row), .potential(charge), .operand(charge_operand), .carry(unused_carry)
    );

    wire [LANES*WIDTH-1:0] start_word;
    constant_memory #(
        .LANES(LANES), .WIDTH(WIDTH), .ROWS(1), .ROW_BITS(1), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .FILE(START)
    ) u_start (.clk(clk), .row(1'b0), .group(group), .word(start_word));

    wire [LANES*WIDTH-1:0] charge;
    wire [LANES*WIDTH-1:0] potential;
    wire [LANES-1:0]       negative;
    wire [LANES-1:0]       unused_negative;

    potential_bank #(.LANES(LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .WIDTH(WIDTH)) u_charge (
        .clk(clk), .issue(issue & (~fire | restart)), .operation(integrating ? operation : HOLD), .restart(restart), .group(group),
        .operand(charge_operand), .carry(1'b0), .start({LANES*WIDTH{1'b0}}), .potential(charge), .negative(unused_negative)
    );
    potential_bank #(.LANES(LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .WIDTH(WIDTH), .LEAKS(LEAKS)) u_potentials (
        .clk(clk), .issue(issue & (~integrating | restart)), .operation(operation), .restart(restart), .group(group),
        .operand(charge_selected ? charge : constant_word), .carry(1'b0), .start(start_word), .potential(potential),
        .negative(negative)
    );
    // The potentials are seen through their compares alone, the charge through its value; the input is never negative.
    wire unused_bank_outputs = &{1'b0, potential, unused_negative, unused_carry, unused_coming_row, unused_coming_fire};

    wire [LANES-1:0]                    sent;
    wire [LANES*MAGNITUDE_OUT_BITS-1:0] sent_magnitude;
    firing_output #(
        .LANES(LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .CHANNEL_BITS(OUT_BITS), .DEPTH_BITS(DEPTH_BITS),
        .SIGNED(SIGNED_OUT), .MAGNITUDE_BITS(MAGNITUDE_OUT_BITS), .LEVELS(LEVELS), .RANGE(RANGE), .FLOOR(FLOOR),
        .LEVEL_BITS(LEVEL_BITS), .LEAKS(LEAKS), .NEURONS(NEURONS), .PLANES(PLANES)
    ) u_output (
        .clk(clk), .rst(rst), .issue(issue), .group(group), .last_group(last_group), .fire(fire), .fire_first(fire_first),
        .sends(sends), .last_pass(last_pass), .fire_fault(fire_fault), .base(base), .under(negative), .stall(stall),
        .sent(sent), .sent_magnitude(sent_magnitude),
        .out_valid(out_valid), .out_ready(out_ready), .out_kind(out_kind), .out_channel(out_channel),
        .out_negative(out_negative), .out_magnitude(out_magnitude), .out_fault(out_fault)
    );

    layer_counters #(
        .ENABLED(COUNTERS), .LEVELS(LEVELS), .NEURONS(NEURONS), .LANES(LANES), .GROUPS(GROUPS), .INPUTS(INPUTS),
        .ROW_BITS(ROW_BITS), .MAGNITUDE_BITS(MAGNITUDE_OUT_BITS), .MAGNITUDE_IN_BITS(1)
    ) u_counters (
        .clk(clk), .rst(rst), .issue(issue), .operation(operation), .row(row), .last_group(last_group),
        .from_weights(from_weights), .charging(charging), .fire(fire), .sends(sends), .last_pass(last_pass),
        .spike_taken(spike_taken), .marker_taken(marker_taken), .spike_dropped(spike_dropped),
        .dropped_magnitude(taken_magnitude), .under(negative), .sent(sent), .sent_magnitude(sent_magnitude),
        .counters(counters), .frame_done(frame_done)
    );
endmodule
