// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// firing_output: turns the compares of fire passes into the events of a layer's link, or with PLANES into its time steps.
//
// LEVELS = 0: a fire pass is a time step, a neuron spikes where its compare succeeds. LEVELS = 1: the compares of a decision
// make a level (level_bank), which is sent from the last of them on. Parameters from RANGE on are those of level_bank.
//
// Ports. What pass_sequencer gives in stage 0; under of stage 1: the sum of the lane's compare is negative, which is a success in
// the second pass of a decision with LEAKS and none in all others. stall: for pass_sequencer. sent, sent_magnitude: what the
// pass sends, for the counters, in stage 1, or 2 with LEVELS. out_*: the link; with PLANES a transfer has the sign and magnitude
// of each of NEURONS, and no channel.
// Timing. See spike_output and plane_output; a cycle more with LEVELS.
module firing_output #(
    parameter LANES = 1,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter CHANNEL_BITS = 1,
    parameter DEPTH_BITS = 2,
    parameter SIGNED = 0,
    parameter MAGNITUDE_BITS = 1,
    parameter LEVELS = 0,
    parameter RANGE = 2,
    parameter FLOOR = 0,
    parameter LEVEL_BITS = 2,
    parameter LEAKS = 0,
    parameter CODE = 0,
    parameter STEPS = 1,
    parameter NEURONS = 1,
    parameter PLANES = 0
) (
    input  wire                            clk,
    input  wire                            rst,
    input  wire                            issue,
    input  wire [GROUP_BITS-1:0]           group,
    input  wire                            last_group,
    input  wire                            fire,
    input  wire                            fire_first,
    input  wire                            sends,
    input  wire                            last_pass,
    input  wire                            fire_fault,
    input  wire [CHANNEL_BITS-1:0]         base,
    input  wire [LANES-1:0]                under,
    output wire                            stall,
    output wire [LANES-1:0]                sent,
    output wire [LANES*MAGNITUDE_BITS-1:0] sent_magnitude,
    output wire                            out_valid,
    input  wire                            out_ready,
    output wire [1:0]                      out_kind,
    output wire [CHANNEL_BITS-1:0]         out_channel,
    output wire [PLANES*(NEURONS-1):0]     out_negative,
    output wire [(PLANES*(NEURONS-1)+1)*MAGNITUDE_BITS-1:0] out_magnitude,
    output wire                            out_fault
);
    localparam [1:0] END_OF_STEP = 2'd1, END_OF_FRAME = 2'd2;
    localparam MARGIN = (LEVELS != 0) ? 8 : 7;

    generate
        if (PLANES != 0 && PLANES != 1) begin : g_check_planes
            illegal_parameter_PLANES_not_0_or_1 illegal();
        end
        if (LEVELS == 0 && (SIGNED != 0 || MAGNITUDE_BITS != 1)) begin : g_check_levels
            illegal_parameter_SIGNED_or_MAGNITUDE_BITS_without_LEVELS illegal();
        end
        if ((SIGNED != 0) != (FLOOR != 0)) begin : g_check_signed
            illegal_parameter_SIGNED_not_of_FLOOR illegal();
        end
    endgenerate

    // Stage 1.
    reg                    fired, fault;
    reg [1:0]              marker;
    reg [CHANNEL_BITS-1:0] fired_base;
    always @(posedge clk) begin
        fired <= issue & sends & ~rst;
        fired_base <= base;
        fault <= fire_fault & last_pass;
        marker <= ~last_group ? 2'd0 : last_pass ? END_OF_FRAME : END_OF_STEP;
    end

    wire                            word_fired, word_fault;
    wire [1:0]                      word_marker;
    wire [CHANNEL_BITS-1:0]         word_base;
    wire [LANES-1:0]                word_quiet, word_negative;
    wire [LANES*MAGNITUDE_BITS-1:0] word_magnitude;
    generate
        if (LEVELS != 0) begin : g_levels
            reg                    active, deciding, first, last, inverted;
            reg [GROUP_BITS-1:0]   active_group;
            reg                    late_fired, late_fault;
            reg [1:0]              late_marker;
            reg [CHANNEL_BITS-1:0] late_base;
            always @(posedge clk) begin
                active <= issue & (fire | sends) & ~rst;
                deciding <= fire;
                first <= fire & fire_first;
                last <= last_group;
                inverted <= (LEAKS == 0) | fire_first;
                active_group <= group;
                late_fired <= fired & ~rst;
                late_fault <= fault;
                late_marker <= marker;
                late_base <= fired_base;
            end
            level_bank #(
                .LANES(LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .LEVEL_BITS(LEVEL_BITS), .FLOOR(FLOOR), .RANGE(RANGE),
                .LEAKS(LEAKS), .CODE(CODE), .STEPS(STEPS), .MAGNITUDE_BITS(MAGNITUDE_BITS)
            ) u_levels (
                .clk(clk), .rst(rst), .active(active), .deciding(deciding), .first(first), .sending(fired), .last_group(last),
                .group(active_group), .success(under ^ {LANES{inverted}}), .quiet(word_quiet), .negative(word_negative), .magnitude(word_magnitude)
            );
            assign word_fired = late_fired;
            assign word_fault = late_fault;
            assign word_marker = late_marker;
            assign word_base = late_base;
        end else begin : g_spikes
            assign word_fired = fired;
            assign word_fault = fault;
            assign word_marker = marker;
            assign word_base = fired_base;
            assign word_quiet = under;
            assign word_negative = {LANES{1'b0}};
            assign word_magnitude = {LANES{1'b1}};
            wire unused = &{1'b0, group, fire, fire_first};
        end
    endgenerate
    assign sent = ~word_quiet;
    assign sent_magnitude = word_magnitude;

    generate
        if (PLANES != 0) begin : g_planes
            plane_output #(
                .NEURONS(NEURONS), .LANES(LANES), .GROUPS(GROUPS), .DEPTH_BITS(DEPTH_BITS), .MARGIN(MARGIN),
                .SIGNED(SIGNED), .MAGNITUDE_BITS(MAGNITUDE_BITS)
            ) u_output (
                .clk(clk), .rst(rst), .fired(word_fired), .quiet(word_quiet), .negative(word_negative), .magnitude(word_magnitude),
                .marker(word_marker), .fault(word_fault), .stall(stall),
                .out_valid(out_valid), .out_ready(out_ready), .out_kind(out_kind), .out_plane(out_magnitude),
                .out_negative(out_negative), .out_fault(out_fault)
            );
            assign out_channel = {CHANNEL_BITS{1'b0}};
            // Words come in the order of their groups.
            wire unused_base = &{1'b0, word_base};
        end else begin : g_events
            spike_output #(
                .LANES(LANES), .CHANNEL_BITS(CHANNEL_BITS), .DEPTH_BITS(DEPTH_BITS), .MARGIN(MARGIN),
                .SIGNED(SIGNED), .MAGNITUDE_BITS(MAGNITUDE_BITS)
            ) u_output (
                .clk(clk), .rst(rst), .fired(word_fired), .quiet(word_quiet), .negative(word_negative), .magnitude(word_magnitude),
                .base(word_base), .marker(word_marker), .fault(word_fault), .stall(stall),
                .out_valid(out_valid), .out_ready(out_ready), .out_kind(out_kind), .out_channel(out_channel),
                .out_negative(out_negative), .out_magnitude(out_magnitude), .out_fault(out_fault)
            );
        end
    endgenerate
endmodule
