// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// layer_counters: what a layer did since reset, for simulation; ENABLED = 0 leaves nothing of it.
//
// Ports. What pass_sequencer gives in stage 0, and fires of stage 1. READOUT = 1: the last pass of a frame reads the
// potentials and compares nothing.
// counters: twelve 48-bit totals, field 0 lowest: input spikes, accumulates, doublings, bias adds, charge adds, compares,
// spikes, weight rows read, potentials read, potentials written, executed cycles, skipped cycles (row passes that silent
// inputs did not cost).
//
// Timing. Totals include a pass two cycles after its stage 0; frame_done is high in the cycle in which they include the
// last pass of a frame and nothing after it.
module layer_counters #(
    parameter ENABLED = 0,
    parameter READOUT = 0,
    parameter NEURONS = 1,
    parameter LANES = 1,
    parameter GROUPS = 1,
    parameter SOURCES = 1,
    parameter ROW_BITS = 1
) (
    input  wire                clk,
    input  wire                rst,
    input  wire                issue,
    input  wire [2:0]          operation,
    input  wire [ROW_BITS-1:0] row,
    input  wire                last_group,
    input  wire                from_weights,
    input  wire                charging,
    input  wire                fire,
    input  wire                fire_last_step,
    input  wire                spike_taken,
    input  wire                marker_taken,
    input  wire [LANES-1:0]    fires,
    output wire [575:0]        counters,
    output wire                frame_done
);
    generate
        if (ENABLED != 0) begin : g_counters
            localparam [2:0] ADD = 3'd1, DOUBLE = 3'd2, SATURATE = 3'd4;
            localparam [47:0] STEP_PASSES = GROUPS * SOURCES;
            localparam [47:0] GROUP_NEURONS = LANES;
            localparam [47:0] LAST_GROUP_NEURONS = NEURONS - (GROUPS - 1) * LANES;
            localparam [0:0] COMPARING = (READOUT == 0);

            reg [11:0] counted;
            reg        skipping;
            reg        fired;
            reg        done;
            reg [47:0] neurons;
            wire constant_added = ~from_weights & ~charging & (row == {ROW_BITS{1'b0}});
            wire executed = issue & (fire | operation != 3'd0);
            always @(posedge clk) begin
                counted[0] <= spike_taken;
                counted[1] <= issue & from_weights;
                counted[2] <= issue & (operation == DOUBLE);
                counted[3] <= issue & constant_added & (operation == ADD | operation == SATURATE);
                counted[4] <= issue & charging;
                counted[5] <= issue & ((fire & COMPARING) | operation == SATURATE);
                counted[6] <= issue & fire & COMPARING;
                counted[7] <= issue & from_weights;
                counted[8] <= executed;
                counted[9] <= executed;
                counted[10] <= executed;
                counted[11] <= marker_taken;
                skipping <= issue & from_weights;
                fired <= issue & fire & fire_last_step & last_group;
                done <= fired & ~rst;
                neurons <= last_group ? LAST_GROUP_NEURONS : GROUP_NEURONS;
            end

            reg [47:0] emitted;
            integer i;
            always @* begin
                emitted = 48'd0;
                for (i = 0; i < LANES; i = i + 1)
                    emitted = emitted + {47'd0, fires[i]};
            end

            reg [47:0] totals [0:11];
            always @(posedge clk)
                for (i = 0; i < 12; i = i + 1)
                    if (rst)
                        totals[i] <= 48'd0;
                    else if (counted[i] | (i == 11 & skipping))
                        case (i)
                            0, 7, 10: totals[i] <= totals[i] + 48'd1;
                            6: totals[i] <= totals[i] + emitted;
                            8: totals[i] <= totals[i] + neurons + (counted[4] ? neurons : 48'd0);
                            11: totals[i] <= totals[i] + (counted[11] ? STEP_PASSES : 48'd0) - {47'd0, skipping};
                            default: totals[i] <= totals[i] + neurons;
                        endcase
            genvar field;
            for (field = 0; field < 12; field = field + 1) begin : g_field
                assign counters[field*48 +: 48] = totals[field];
            end
            assign frame_done = done;
        end else begin : g_none
            assign counters = 576'd0;
            assign frame_done = 1'b0;
            wire unused = &{1'b0, clk, rst, issue, operation, row, last_group, from_weights, charging, fire, fire_last_step,
                spike_taken, marker_taken, fires};
        end
    endgenerate
endmodule
