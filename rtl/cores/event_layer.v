// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// event_layer: a hidden layer whose neurons take spikes, LANES neurons at a time.
//
// A spike of magnitude m adds its weight row m times (MAGNITUDE_IN_BITS > 1), a negative one subtracts it (SIGNED_IN).
// Deferred (CAUSAL = 0): all charge is added, with a doubling between bit planes (DOUBLING); at the end of the frame the
// offset, then the firing of STEPS time steps. Causal (CAUSAL = 1): at the end of every time step the bias, then the firing of
// this one; a frame starts from the start memory.
// Firing with LEVELS = 0: a fire pass a time step. SATURATES holds the level count below 2**STEPS − 1. ONE_FIRE_ROW: packed
// trains, the threshold in every fire pass; otherwise bit planes, row s the threshold times 2**(STEPS − 1 − s).
// Firing with LEVELS = 1: a decision of FIRES fire passes, sent in code CODE (level_bank); −FLOOR, the lowest level, times the
// threshold is part of the offset or bias. With LEAKS: a positive pass and a negative one, with a threshold each.
//
// Constant rows: 0 the offset or bias (SATURATES: less levels + 1 thresholds), 1 with SATURATES levels + 1 thresholds,
// then the negated thresholds in the order of the fire passes (LEAKS: the negated threshold, then the negative threshold).
// PLANES: time steps leave as a whole (firing_output).
// Ports. in_*, out_*: links; in_dropped: the spike reaches nothing. INPUTS: neurons of the source whose spikes reach anything.
// counters, frame_done: see layer_counters.
// Timing. (Magnitudes + markers received)·GROUPS + events sent + (fire passes + passes that only send)·GROUPS + 16 cycles a frame
// at most, links willing; with PLANES no events are sent.
module event_layer #(
    parameter SOURCES = 1,
    parameter INPUTS = 1,
    parameter IN_BITS = 1,
    parameter SIGNED_IN = 0,
    parameter MAGNITUDE_IN_BITS = 1,
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
    parameter CAUSAL = 0,
    parameter DOUBLING = 0,
    parameter SATURATES = 0,
    parameter STEPS = 1,
    parameter STEP_BITS = 1,
    parameter LEVELS = 0,
    parameter FIRES = 1,
    parameter RANGE = 2,
    parameter FLOOR = 0,
    parameter LEVEL_BITS = 2,
    parameter LEAKS = 0,
    parameter CODE = 0,
    parameter ONE_FIRE_ROW = 1,
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
    input  wire [MAGNITUDE_IN_BITS-1:0]  in_magnitude,
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
    localparam [2:0] DOUBLE = 3'd2;
    localparam ADDS = 1 + SATURATES;
    localparam LAST_NEURONS = NEURONS - (GROUPS - 1) * LANES;

    generate
        if (NEURONS > GROUPS * LANES || LAST_NEURONS < 1) begin : g_check_neurons
            illegal_parameter_NEURONS_not_of_GROUPS_and_LANES illegal();
        end
        if (ROWS != ADDS + ((ONE_FIRE_ROW != 0) ? 1 : (LEVELS != 0) ? FIRES : STEPS)) begin : g_check_rows
            illegal_parameter_ROWS_not_of_the_program illegal();
        end
    endgenerate

    // Stage 0.
    wire                    issue, restart, last_group, from_weights, subtracting, charging, fire, fire_first, sends, last_pass;
    wire                    fire_fault, spike_taken, marker_taken, spike_dropped, stall;
    wire [2:0]              operation;
    wire [GROUP_BITS-1:0]   group;
    wire [ADDRESS_BITS-1:0] weight_address;
    wire [ROW_BITS-1:0]     row, coming_row;
    wire                    unused_coming_fire;
    wire [MAGNITUDE_IN_BITS-1:0] taken_magnitude;
    wire [OUT_BITS-1:0]     base;
    pass_sequencer #(
        .LANES(LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .SOURCES(SOURCES), .CHANNEL_BITS(IN_BITS),
        .SIGNED(SIGNED_IN), .MAGNITUDE_BITS(MAGNITUDE_IN_BITS), .ADDRESS_BITS(ADDRESS_BITS), .BASE_BITS(OUT_BITS),
        .DOUBLING(DOUBLING), .EVERY_STEP(CAUSAL), .ADDS(ADDS), .SATURATES(SATURATES), .STEPS(STEPS), .STEP_BITS(STEP_BITS),
        .LEVELS(LEVELS), .FIRES(FIRES), .LEAKS(LEAKS), .ONE_FIRE_ROW(ONE_FIRE_ROW), .ROW_BITS(ROW_BITS)
    ) u_sequencer (
        .clk(clk), .rst(rst),
        .in_valid(in_valid), .in_ready(in_ready), .in_kind(in_kind), .in_channel(in_channel), .in_negative(in_negative),
        .in_magnitude(in_magnitude), .in_fault(in_fault), .in_dropped(in_dropped),
        .stall(stall), .coming_row(coming_row), .coming_fire(unused_coming_fire),
        .issue(issue), .operation(operation), .restart(restart), .group(group), .last_group(last_group),
        .from_weights(from_weights), .subtracting(subtracting), .charging(charging), .weight_address(weight_address), .row(row),
        .base(base), .fire(fire), .fire_first(fire_first), .sends(sends), .last_pass(last_pass), .fire_fault(fire_fault),
        .spike_taken(spike_taken), .marker_taken(marker_taken), .spike_dropped(spike_dropped),
        .taken_magnitude(taken_magnitude)
    );
    // A pass that only sends leaves the potentials alone.
    wire working = issue & ((LEVELS == 0) | fire | ~sends);

    wire [LANES*WEIGHT_BITS-1:0] weight_row;
    weight_memory #(
        .LANES(LANES), .BITS(WEIGHT_BITS), .ROWS(GROUPS * SOURCES), .ADDRESS_BITS(ADDRESS_BITS), .FAR(1), .FILE(WEIGHTS)
    ) u_weights (.clk(clk), .rst(rst), .address(weight_address), .row(weight_row));

    wire [LANES*WIDTH-1:0] constant_word;
    constant_memory #(
        .LANES(LANES), .WIDTH(WIDTH), .ROWS(ROWS), .ROW_BITS(ROW_BITS), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .FILE(CONSTANTS)
    ) u_constants (.clk(clk), .row((GROUPS == 1) ? coming_row : row), .group(group), .word(constant_word));

    // Stage 1.
    wire [LANES*WIDTH-1:0] operand;
    wire                   carry;
    operand_choice #(
        .LANES(LANES), .WEIGHT_BITS(WEIGHT_BITS), .WIDTH(WIDTH), .WIRED((GROUPS == 1) ? 1 : 0), .DOUBLES(DOUBLING)
    ) u_operands (
        .clk(clk), .from_weights(from_weights), .subtracting(subtracting), .doubling(operation == DOUBLE), .constant_word(constant_word),
        .weight_row(weight_row), .potential(potential), .operand(operand), .carry(carry)
    );
    wire [LANES*WIDTH-1:0] start_word;
    wire [LANES*WIDTH-1:0] potential;
    wire [LANES-1:0]       negative;
    generate
        if (CAUSAL != 0) begin : g_start
            constant_memory #(
                .LANES(LANES), .WIDTH(WIDTH), .ROWS(1), .ROW_BITS(1), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .FILE(START)
            ) u_start (.clk(clk), .row(1'b0), .group(group), .word(start_word));
        end else begin : g_start_at_zero
            assign start_word = {LANES*WIDTH{1'b0}};
        end
    endgenerate

    potential_bank #(
        .LANES(LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .WIDTH(WIDTH), .SATURATES(SATURATES),
        .LEAKS(LEAKS), .CARRIES(SIGNED_IN)
    ) u_potentials (
        .clk(clk), .issue(working), .operation(operation), .restart(restart), .group(group),
        .operand(operand), .carry(carry), .start(start_word), .potential(potential), .negative(negative)
    );
    // The potentials are seen through their compares alone.
    wire unused_potential = &{1'b0, potential, unused_coming_fire};

    wire [LANES-1:0]                    sent;
    wire [LANES*MAGNITUDE_OUT_BITS-1:0] sent_magnitude;
    firing_output #(
        .LANES(LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .CHANNEL_BITS(OUT_BITS), .DEPTH_BITS(DEPTH_BITS),
        .SIGNED(SIGNED_OUT), .MAGNITUDE_BITS(MAGNITUDE_OUT_BITS), .LEVELS(LEVELS), .RANGE(RANGE), .FLOOR(FLOOR),
        .LEVEL_BITS(LEVEL_BITS), .LEAKS(LEAKS), .CODE(CODE), .STEPS(STEPS), .NEURONS(NEURONS), .PLANES(PLANES)
    ) u_output (
        .clk(clk), .rst(rst), .issue(issue), .group(group), .last_group(last_group), .fire(fire), .fire_first(fire_first),
        .sends(sends), .last_pass(last_pass), .fire_fault(fire_fault), .base(base), .under(negative), .stall(stall),
        .sent(sent), .sent_magnitude(sent_magnitude),
        .out_valid(out_valid), .out_ready(out_ready), .out_kind(out_kind), .out_channel(out_channel),
        .out_negative(out_negative), .out_magnitude(out_magnitude), .out_fault(out_fault)
    );

    layer_counters #(
        .ENABLED(COUNTERS), .LEVELS(LEVELS), .NEURONS(NEURONS), .LANES(LANES), .GROUPS(GROUPS), .INPUTS(INPUTS),
        .ROW_BITS(ROW_BITS), .MAGNITUDE_BITS(MAGNITUDE_OUT_BITS), .MAGNITUDE_IN_BITS(MAGNITUDE_IN_BITS)
    ) u_counters (
        .clk(clk), .rst(rst), .issue(issue), .operation(operation), .row(row), .last_group(last_group),
        .from_weights(from_weights), .charging(charging), .fire(fire), .sends(sends), .last_pass(last_pass),
        .spike_taken(spike_taken), .marker_taken(marker_taken), .spike_dropped(spike_dropped),
        .dropped_magnitude(taken_magnitude), .under(negative), .sent(sent), .sent_magnitude(sent_magnitude),
        .counters(counters), .frame_done(frame_done)
    );
endmodule
