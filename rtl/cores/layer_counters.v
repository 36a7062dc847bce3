// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// layer_counters: what a layer did since reset, for simulation; ENABLED = 0 leaves nothing of it.
//
// Ports. What pass_sequencer gives in stage 0; under of stage 1: the sums of a fire pass are negative; sent, sent_magnitude: what
// a pass sends, of stage 1, or 2 with LEVELS. INPUTS: sources that a spike can come from; spike_dropped, dropped_magnitude: the
// spike that was taken reaches nothing. READOUT = 1: the last pass of a frame reads the potentials and compares nothing.
// counters: fifteen 48-bit totals, field 0 lowest: input events, input spikes (the sum of their magnitudes), accumulates,
// doublings, bias adds, charge adds, compares, resets (compares that changed the potential), spikes (the sum of the
// magnitudes sent), events sent, weight rows read, potentials read, potentials written, executed cycles, skipped cycles (row
// passes that silent inputs did not cost).
//
// Timing. Totals include a pass two cycles after its stage 0, three with LEVELS; frame_done is high in the cycle in which they
// include the last pass of a frame and nothing after it.
module layer_counters #(
    parameter ENABLED = 0,
    parameter READOUT = 0,
    parameter LEVELS = 0,
    parameter NEURONS = 1,
    parameter LANES = 1,
    parameter GROUPS = 1,
    parameter INPUTS = 1,
    parameter ROW_BITS = 1,
    parameter MAGNITUDE_BITS = 1,
    parameter MAGNITUDE_IN_BITS = 1
) (
    input  wire                            clk,
    input  wire                            rst,
    input  wire                            issue,
    input  wire [2:0]                      operation,
    input  wire [ROW_BITS-1:0]             row,
    input  wire                            last_group,
    input  wire                            from_weights,
    input  wire                            charging,
    input  wire                            fire,
    input  wire                            sends,
    input  wire                            last_pass,
    input  wire                            spike_taken,
    input  wire                            spike_dropped,
    input  wire [MAGNITUDE_IN_BITS-1:0]    dropped_magnitude,
    input  wire                            marker_taken,
    input  wire [LANES-1:0]                under,
    input  wire [LANES-1:0]                sent,
    input  wire [LANES*MAGNITUDE_BITS-1:0] sent_magnitude,
    output wire [719:0]                    counters,
    output wire                            frame_done
);
    generate
        if (ENABLED != 0) begin : g_counters
            localparam FIELDS = 15;
            localparam [2:0] ADD = 3'd1, DOUBLE = 3'd2, SATURATE = 3'd4, LEAK = 3'd5;
            localparam LAST_GROUP_LANES = NEURONS - (GROUPS - 1) * LANES;
            localparam [47:0] STEP_PASSES = GROUPS * INPUTS;
            localparam [47:0] SPIKE_PASSES = GROUPS;
            localparam [47:0] GROUP_NEURONS = LANES;
            localparam [47:0] LAST_GROUP_NEURONS = LAST_GROUP_LANES;
            localparam [0:0] COMPARING = (READOUT == 0);

            // Stage 1: what the pass counts.
            wire constant_added = ~from_weights & ~charging & (row == {ROW_BITS{1'b0}});
            wire touched = issue & (fire | operation != 3'd0);
            reg [FIELDS-1:0] passing;
            reg              ending;
            reg              in_last_group;
            reg              leaking;
            reg              dropping;
            reg [47:0]       dropped;
            always @(posedge clk) begin
                passing[0] <= spike_taken;
                passing[1] <= (issue & from_weights & last_group) | (spike_taken & spike_dropped);
                dropping <= spike_taken & spike_dropped;
                dropped <= {{(48-MAGNITUDE_IN_BITS){1'b0}}, dropped_magnitude};
                passing[2] <= issue & from_weights;
                passing[3] <= issue & (operation == DOUBLE);
                passing[4] <= issue & constant_added & (operation == ADD | operation == SATURATE);
                passing[5] <= issue & charging;
                passing[6] <= issue & ((fire & COMPARING) | operation == SATURATE);
                passing[7] <= issue & fire & COMPARING;
                passing[8] <= issue & sends & COMPARING;
                passing[9] <= issue & sends & COMPARING;
                passing[10] <= issue & from_weights;
                passing[11] <= touched;
                passing[12] <= touched;
                passing[13] <= touched | (issue & sends);
                passing[14] <= marker_taken;
                ending <= issue & last_pass & last_group & ~rst;
                in_last_group <= last_group;
                leaking <= operation == LEAK;
            end
            wire [LANES-1:0] succeeding = under ^ {LANES{~leaking}};

            // The stage in which it is known what the pass sends.
            wire [FIELDS-1:0] counted;
            wire              ends;
            wire              of_last_group;
            wire [LANES-1:0]  successes;
            wire              drops;
            wire [47:0]       drop;
            if (LEVELS != 0) begin : g_late
                reg [FIELDS-1:0] late_counted;
                reg              late_ends;
                reg              late_of_last_group;
                reg [LANES-1:0]  late_successes;
                reg              late_drops;
                reg [47:0]       late_drop;
                always @(posedge clk) begin
                    late_counted <= passing;
                    late_ends <= ending & ~rst;
                    late_of_last_group <= in_last_group;
                    late_successes <= succeeding;
                    late_drops <= dropping;
                    late_drop <= dropped;
                end
                assign counted = late_counted;
                assign ends = late_ends;
                assign of_last_group = late_of_last_group;
                assign successes = late_successes;
                assign drops = late_drops;
                assign drop = late_drop;
            end else begin : g_early
                assign counted = passing;
                assign ends = ending;
                assign of_last_group = in_last_group;
                assign successes = succeeding;
                assign drops = dropping;
                assign drop = dropped;
            end
            wire [47:0] neurons = of_last_group ? LAST_GROUP_NEURONS : GROUP_NEURONS;

            reg [47:0] resets;
            reg [47:0] emitted;
            reg [47:0] events;
            integer i;
            always @* begin
                resets = 48'd0;
                emitted = 48'd0;
                events = 48'd0;
                for (i = 0; i < LANES; i = i + 1)
                    if (~of_last_group | i < LAST_GROUP_LANES) begin
                        resets = resets + {47'd0, successes[i]};
                        events = events + {47'd0, sent[i]};
                        if (sent[i])
                            emitted = emitted + {{(48-MAGNITUDE_BITS){1'b0}}, sent_magnitude[i*MAGNITUDE_BITS +: MAGNITUDE_BITS]};
                    end
            end

            reg        done;
            reg [47:0] totals [0:FIELDS-1];
            always @(posedge clk) begin
                done <= ends & ~rst;
                for (i = 0; i < FIELDS; i = i + 1)
                    if (rst)
                        totals[i] <= 48'd0;
                    else if (counted[i] | (i == 14 & counted[0]))
                        case (i)
                            1: totals[i] <= totals[i] + (drops ? drop : 48'd1);
                            0, 10, 13: totals[i] <= totals[i] + 48'd1;
                            7: totals[i] <= totals[i] + resets;
                            8: totals[i] <= totals[i] + emitted;
                            9: totals[i] <= totals[i] + events;
                            11: totals[i] <= totals[i] + neurons + (counted[5] ? neurons : 48'd0);
                            14: totals[i] <= totals[i] + (counted[14] ? STEP_PASSES : 48'd0) - ((counted[0] & ~drops) ? SPIKE_PASSES : 48'd0);
                            default: totals[i] <= totals[i] + neurons;
                        endcase
            end
            genvar field;
            for (field = 0; field < FIELDS; field = field + 1) begin : g_field
                assign counters[field*48 +: 48] = totals[field];
            end
            assign frame_done = done;
        end else begin : g_none
            assign counters = 720'd0;
            assign frame_done = 1'b0;
            wire unused = &{1'b0, clk, rst, issue, operation, row, last_group, from_weights, charging, fire, sends, last_pass,
                spike_taken, marker_taken, under, sent, sent_magnitude, spike_dropped, dropped_magnitude};
        end
    endgenerate
endmodule
