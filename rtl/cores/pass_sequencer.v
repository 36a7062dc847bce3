// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// pass_sequencer: turns the events of a link into passes over the groups of a layer, one group a cycle.
//
// A spike of magnitude m is m passes that add a weight row, or subtract it (SIGNED). A marker is one pass: an end of step
// doubles every potential (DOUBLING) or does nothing (one cycle); the end of a frame, or with EVERY_STEP of a step, adds
// constant row 0, and after it come further constant rows up to ADDS, then the firing of STEPS time steps:
//   LEVELS = 0  a fire pass a time step, which sends its spikes;
//   LEVELS = 1  a decision, that is FIRES fire passes of which the last one sends; with CHARGES a decision a time step, else
//               one decision, and a pass without operation that sends for each further time step.
// With CHARGES a pass that adds the charge register precedes every decision. Successive fire passes take constant rows from
// ADDS on, or row ADDS always where ONE_FIRE_ROW; with LEAKS the second one of a decision is the negative pass. The last fire
// pass of a frame restarts the potentials. After reset one pass restarts them before the first event is taken.
//
// Ports. in_*: the link; in_dropped: the spike reaches nothing and costs a cycle. stall: no pass that sends may be decided in this
// cycle. weight_address: of the pass that is decided in this cycle, the weights that it reads. coming_row, coming_fire, one cycle
// later: the row of constants that it reads, and whether it is a fire pass. issue … fire_fault, two cycles later: its operation (stage 0 of potential_bank); subtracting marks a negative spike, charging the
// addition of the charge register, row chooses a constant; fire, fire_first: a fire pass, the first of its
// decision; sends, last_pass: its spikes are sent, with which the frame ends; fire_fault belongs to last_pass. marker_taken,
// spike_taken and with it spike_dropped and taken_magnitude tell the counters what was accepted.
//
// Timing. in_ready is high in the last cycle of an event's last pass. Events, markers and passes follow without a bubble.
module pass_sequencer #(
    parameter LANES = 1,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter SOURCES = 1,
    parameter CHANNEL_BITS = 1,
    parameter SIGNED = 0,
    parameter MAGNITUDE_BITS = 1,
    parameter ADDRESS_BITS = 1,
    parameter BASE_BITS = 1,
    parameter DOUBLING = 0,
    parameter EVERY_STEP = 0,
    parameter ADDS = 1,
    parameter SATURATES = 0,
    parameter CHARGES = 0,
    parameter STEPS = 1,
    parameter STEP_BITS = 1,
    parameter LEVELS = 0,
    parameter FIRES = 1,
    parameter LEAKS = 0,
    parameter ONE_FIRE_ROW = 1,
    parameter ROW_BITS = 1
) (
    input  wire                      clk,
    input  wire                      rst,
    input  wire                      in_valid,
    output wire                      in_ready,
    input  wire [1:0]                in_kind,
    input  wire [CHANNEL_BITS-1:0]   in_channel,
    input  wire                      in_negative,
    input  wire [MAGNITUDE_BITS-1:0] in_magnitude,
    input  wire                      in_fault,
    input  wire                      in_dropped,
    input  wire                      stall,
    output wire [ADDRESS_BITS-1:0]   weight_address,
    output wire [ROW_BITS-1:0]       coming_row,
    output wire                      coming_fire,
    output reg                       issue,
    output reg  [2:0]                operation,
    output reg                       restart,
    output reg  [GROUP_BITS-1:0]     group,
    output reg                       last_group,
    output reg                       from_weights,
    output reg                       subtracting,
    output reg                       charging,
    output reg  [ROW_BITS-1:0]       row,
    output reg  [BASE_BITS-1:0]      base,
    output reg                       fire,
    output reg                       fire_first,
    output reg                       sends,
    output reg                       last_pass,
    output reg                       fire_fault,
    output reg                       spike_taken,
    output reg                       marker_taken,
    output reg                       spike_dropped,
    output reg  [MAGNITUDE_BITS-1:0] taken_magnitude
);
    localparam [1:0] SPIKE = 2'd0, END_OF_FRAME = 2'd2;
    localparam [2:0] HOLD = 3'd0, ADD = 3'd1, DOUBLE = 3'd2, FIRE = 3'd3, SATURATE = 3'd4, LEAK = 3'd5;
    localparam [2:0] RESTART_ALL = 3'd0, EVENTS = 3'd1, CONSTANTS = 3'd2, CHARGE = 3'd3, FIRING = 3'd4, SENDING = 3'd5;

    localparam LAST_GROUP = GROUPS - 1;
    localparam LAST_STEP = STEPS - 1;
    localparam LAST_ADD = ADDS - 1;
    localparam [2:0] FIRST_FIRE_STATE = (CHARGES != 0) ? CHARGE : FIRING;
    localparam [2:0] AFTER_MARKER = (ADDS > 1) ? CONSTANTS : FIRST_FIRE_STATE;
    localparam [2:0] NEXT_STEP = (CHARGES != 0) ? CHARGE : (LEVELS != 0) ? SENDING : FIRING;
    localparam FIRE_ROWS = (ONE_FIRE_ROW != 0) ? 1 : (LEVELS != 0) ? FIRES : STEPS;

    generate
        if (ADDS < 1 || STEPS < 1) begin : g_check_program
            illegal_parameter_ADDS_or_STEPS_below_1 illegal();
        end
        if (STEPS > (1 << STEP_BITS) || ADDS + FIRE_ROWS > (1 << ROW_BITS)) begin : g_check_rows
            illegal_parameter_STEPS_beyond_STEP_BITS_or_ROW_BITS illegal();
        end
        if (FIRES < 1 || FIRES > 8 || (FIRES != 1 && LEVELS == 0) || (LEAKS != 0 && FIRES != 2)) begin : g_check_fires
            illegal_parameter_FIRES_not_of_a_decision illegal();
        end
        if (MAGNITUDE_BITS < 1 || MAGNITUDE_BITS > 7) begin : g_check_magnitude
            illegal_parameter_MAGNITUDE_BITS_not_1_to_7 illegal();
        end
    endgenerate

    reg [2:0]              state;
    reg [STEP_BITS-1:0]    step;
    reg [ROW_BITS-1:0]     fire_row;
    reg [ROW_BITS-1:0]     add_row;
    reg [ADDRESS_BITS-1:0] row_base;
    reg                    frame_ends;
    reg [2:0]              next_operation;
    reg [ROW_BITS-1:0]     next_row;
    reg [GROUP_BITS-1:0]   next_group;
    reg [BASE_BITS-1:0]    next_base;
    reg                    next_fire_fault;

    wire is_spike = in_kind == SPIKE;
    wire is_frame_end = in_kind == END_OF_FRAME;
    wire concludes = is_frame_end | ((EVERY_STEP != 0) & ~is_spike);
    wire dropped = in_dropped & is_spike;
    wire passes = (is_spike | concludes | (DOUBLING != 0)) & ~dropped;

    wire next_last_group = next_group == LAST_GROUP[GROUP_BITS-1:0];
    wire last_step = step == LAST_STEP[STEP_BITS-1:0];
    wire next_fire = state == FIRING;
    wire first_fire, last_fire, last_repeat, next_sends, frame_decided;
    wire next_last_pass = next_sends & last_step & frame_ends;
    wire next_charging = state == CHARGE;
    wire next_restart = (state == RESTART_ALL) | frame_decided;
    wire next_issue = (state == EVENTS) ? in_valid & passes : (next_sends ? ~stall : 1'b1);
    wire pass_ends = next_issue & next_last_group;
    assign in_ready = (state == EVENTS) & ((next_last_group & last_repeat) | ~passes);
    wire next_from_weights = (state == EVENTS) & is_spike;
    wire next_subtracting = next_from_weights & (SIGNED != 0) & in_negative;
    wire next_spike_taken = in_valid & in_ready & is_spike;
    wire next_marker_taken = in_valid & in_ready & ~is_spike;
    wire [ADDRESS_BITS-1:0] first_row = (GROUPS == 1) ? {ADDRESS_BITS{1'b0}} : row_base;
    generate
        if (ADDRESS_BITS > CHANNEL_BITS) begin : g_wider_address
            assign weight_address = first_row + {{(ADDRESS_BITS-CHANNEL_BITS){1'b0}}, in_channel};
        end else begin : g_address
            assign weight_address = first_row + in_channel[ADDRESS_BITS-1:0];
            // Links have three bits of channel or more; fewer source channels leave the upper ones at zero.
            wire unused_channel = &{1'b0, in_channel};
        end
    endgenerate

    generate
        if (LEVELS != 0) begin : g_decision
            localparam LAST_FIRE = FIRES - 1;
            reg [2:0] fire_number;
            assign first_fire = fire_number == 3'd0;
            assign last_fire = fire_number == LAST_FIRE[2:0];
            assign next_sends = (next_fire & last_fire) | (state == SENDING);
            assign frame_decided = next_fire & last_fire & frame_ends & (last_step | (CHARGES == 0));
            always @(posedge clk)
                if (rst)
                    fire_number <= 3'd0;
                else if (next_fire & pass_ends)
                    fire_number <= last_fire ? 3'd0 : fire_number + 3'd1;
        end else begin : g_pass
            assign first_fire = 1'b1;
            assign last_fire = 1'b1;
            assign next_sends = next_fire;
            assign frame_decided = next_last_pass;
        end
        if (MAGNITUDE_BITS > 1) begin : g_repeat
            reg [MAGNITUDE_BITS-1:0] repetition;
            assign last_repeat = ~is_spike | (repetition == in_magnitude);
            always @(posedge clk)
                if (rst)
                    repetition <= {{(MAGNITUDE_BITS-1){1'b0}}, 1'b1};
                else if (next_from_weights & pass_ends)
                    repetition <= last_repeat ? {{(MAGNITUDE_BITS-1){1'b0}}, 1'b1} : repetition + 1'b1;
        end else begin : g_once
            assign last_repeat = 1'b1;
        end
    endgenerate

    always @* begin
        next_operation = HOLD;
        next_row = {ROW_BITS{1'b0}};
        case (state)
            EVENTS: next_operation = is_spike ? ADD : ~concludes ? DOUBLE : (SATURATES != 0) ? SATURATE : ADD;
            CONSTANTS: begin
                next_operation = ADD;
                next_row = add_row;
            end
            CHARGE: next_operation = ADD;
            FIRING: begin
                next_operation = (LEAKS != 0 && !first_fire) ? LEAK : FIRE;
                next_row = fire_row;
            end
            default: next_operation = HOLD;
        endcase
    end

    always @(posedge clk)
        if (rst) begin
            state <= RESTART_ALL;
            next_group <= {GROUP_BITS{1'b0}};
            row_base <= {ADDRESS_BITS{1'b0}};
            next_base <= {BASE_BITS{1'b0}};
            step <= {STEP_BITS{1'b0}};
            fire_row <= ADDS[ROW_BITS-1:0];
            add_row <= {ROW_BITS{1'b0}};
            frame_ends <= 1'b0;
            next_fire_fault <= 1'b0;
        end else begin
            if (pass_ends) begin
                next_group <= {GROUP_BITS{1'b0}};
                row_base <= {ADDRESS_BITS{1'b0}};
                next_base <= {BASE_BITS{1'b0}};
            end else if (next_issue) begin
                next_group <= next_group + 1'b1;
                row_base <= row_base + SOURCES[ADDRESS_BITS-1:0];
                next_base <= next_base + LANES[BASE_BITS-1:0];
            end
            case (state)
                RESTART_ALL:
                    if (pass_ends) state <= EVENTS;
                EVENTS:
                    if (pass_ends & concludes) begin
                        state <= AFTER_MARKER;
                        frame_ends <= is_frame_end;
                        next_fire_fault <= in_fault & is_frame_end;
                        step <= {STEP_BITS{1'b0}};
                        fire_row <= ADDS[ROW_BITS-1:0];
                        add_row <= {{(ROW_BITS-1){1'b0}}, 1'b1};
                    end
                CONSTANTS:
                    if (pass_ends) begin
                        add_row <= add_row + 1'b1;
                        if (add_row == LAST_ADD[ROW_BITS-1:0]) state <= FIRST_FIRE_STATE;
                    end
                CHARGE:
                    if (pass_ends) state <= FIRING;
                FIRING:
                    if (pass_ends) begin
                        if (ONE_FIRE_ROW == 0)
                            fire_row <= ((LEVELS != 0) & last_fire) ? ADDS[ROW_BITS-1:0] : fire_row + 1'b1;
                        if (last_fire) begin
                            step <= step + 1'b1;
                            state <= last_step ? EVENTS : NEXT_STEP;
                        end
                    end
                SENDING:
                    if (pass_ends) begin
                        step <= step + 1'b1;
                        if (last_step) state <= EVENTS;
                    end
                default: state <= RESTART_ALL;
            endcase
        end

    // Between the decision and stage 0: the weights are under way.
    localparam PASS = 17 + GROUP_BITS + ROW_BITS + BASE_BITS + MAGNITUDE_BITS;
    wire                      coming_issue, coming_restart, coming_last_group, coming_from_weights, coming_subtracting, coming_charging;
    wire                      coming_fires, coming_fire_first, coming_sends, coming_last_pass, coming_fire_fault;
    wire                      coming_spike, coming_marker, coming_dropped;
    wire [2:0]                coming_operation;
    wire [GROUP_BITS-1:0]     coming_group;
    wire [BASE_BITS-1:0]      coming_base;
    wire [MAGNITUDE_BITS-1:0] coming_magnitude;
    stage_register #(.WIDTH(PASS)) u_coming (
        .clk(clk), .rst(rst), .advance(1'b1),
        .given({
            next_issue, next_restart, next_last_group, next_from_weights, next_subtracting, next_charging,
            next_fire, first_fire, next_sends, next_last_pass, next_fire_fault,
            next_spike_taken, next_marker_taken, dropped, next_operation, next_group, next_row, next_base, in_magnitude
        }),
        .held({
            coming_issue, coming_restart, coming_last_group, coming_from_weights, coming_subtracting, coming_charging,
            coming_fires, coming_fire_first, coming_sends, coming_last_pass, coming_fire_fault,
            coming_spike, coming_marker, coming_dropped, coming_operation, coming_group, coming_row, coming_base, coming_magnitude
        })
    );
    assign coming_fire = coming_issue & coming_fires;

    always @(posedge clk) begin
        issue <= coming_issue & ~rst;
        operation <= coming_operation;
        restart <= coming_restart;
        group <= coming_group;
        last_group <= coming_last_group;
        from_weights <= coming_from_weights;
        subtracting <= coming_subtracting;
        charging <= coming_charging;
        row <= coming_row;
        base <= coming_base;
        fire <= coming_fires;
        fire_first <= coming_fire_first;
        sends <= coming_sends;
        last_pass <= coming_last_pass;
        fire_fault <= coming_fire_fault;
        spike_taken <= coming_spike & ~rst;
        marker_taken <= coming_marker & ~rst;
        spike_dropped <= coming_dropped;
        taken_magnitude <= coming_magnitude;
    end
endmodule
