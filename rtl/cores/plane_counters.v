// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// plane_counters: what an unrolled layer did since reset, for simulation; ENABLED = 0 leaves nothing of it.
//
// Ports. in_plane: the time step on the plane link, MAGNITUDE_IN_BITS bits a source; it moves through STAGES stages where advance is 1.
// taken: the one behind the last stage is added to the potentials. frame_valid, frame_ready: a frame is decided where both are 1; reached, steps: of level_decision (DECIDES = 0, a readout: none). A frame counts
// COMPARED compares, and for each neuron that reaches r levels RESETS[8·r +: 8] resets, as the definition's decision makes them.
// counters: the fifteen fields of layer_counters. No weight row is read; a time step reads and writes every potential in one cycle.
//
// Timing. Totals include a time step two cycles after it is taken, a decision one cycle after it; frame_done is high in the cycle
// in which they include the decision of a frame and nothing after it.
module plane_counters #(
    parameter ENABLED = 0,
    parameter STAGES = 1,
    parameter SOURCES = 1,
    parameter MAGNITUDE_IN_BITS = 1,
    parameter NEURONS = 1,
    parameter DOUBLING = 0,
    parameter DECIDES = 0,
    parameter COMPARES = 1,
    parameter COMPARED = 0,
    parameter STEPS = 1,
    parameter MAGNITUDE_BITS = 1,
    parameter RESETS = 0
) (
    input  wire                                    clk,
    input  wire                                    rst,
    input  wire                                    advance,
    input  wire                                    taken,
    input  wire [SOURCES*MAGNITUDE_IN_BITS-1:0]    in_plane,
    input  wire                                    frame_valid,
    input  wire                                    frame_ready,
    input  wire [NEURONS*COMPARES-1:0]             reached,
    input  wire [NEURONS*STEPS*MAGNITUDE_BITS-1:0] steps,
    output wire [719:0]                            counters,
    output wire                                    frame_done
);
    generate
        if (ENABLED != 0) begin : g_counters
            localparam FIELDS = 15;
            localparam [47:0] ALL = NEURONS;
            localparam [47:0] ALL_COMPARED = COMPARED;
            wire decided = frame_valid & frame_ready;

            // What arrives, and the same behind every stage.
            reg [47:0] arriving_events;
            reg [47:0] arriving_spikes;
            reg [STAGES*48-1:0] events_held;
            reg [STAGES*48-1:0] spikes_held;
            integer i;
            always @* begin
                arriving_events = 48'd0;
                arriving_spikes = 48'd0;
                for (i = 0; i < SOURCES; i = i + 1)
                    if (in_plane[i*MAGNITUDE_IN_BITS +: MAGNITUDE_IN_BITS] != {MAGNITUDE_IN_BITS{1'b0}}) begin
                        arriving_events = arriving_events + 48'd1;
                        arriving_spikes = arriving_spikes
                            + {{(48-MAGNITUDE_IN_BITS){1'b0}}, in_plane[i*MAGNITUDE_IN_BITS +: MAGNITUDE_IN_BITS]};
                    end
            end
            if (STAGES > 1) begin : g_stages
                always @(posedge clk)
                    if (advance) begin
                        events_held <= {events_held[(STAGES-1)*48-1:0], arriving_events};
                        spikes_held <= {spikes_held[(STAGES-1)*48-1:0], arriving_spikes};
                    end
            end else begin : g_stage
                always @(posedge clk)
                    if (advance) begin
                        events_held <= arriving_events;
                        spikes_held <= arriving_spikes;
                    end
            end
            reg        first;
            reg        stepped;
            reg        doubled;
            reg [47:0] events;
            reg [47:0] spikes;
            always @(posedge clk) begin
                if (rst | decided)
                    first <= ~(taken & ~rst);
                else if (taken)
                    first <= 1'b0;
                stepped <= taken & ~rst;
                doubled <= taken & ~rst & ~(first | decided) & (DOUBLING != 0);
                events <= events_held[STAGES*48-1 -: 48];
                spikes <= spikes_held[STAGES*48-1 -: 48];
            end

            // What is decided.
            wire [47:0] resets;
            wire [47:0] sent_events;
            wire [47:0] sent_spikes;
            if (DECIDES != 0) begin : g_decisions
                integer j;
                integer k;
                reg [31:0] levels;
                reg [47:0] subtracted;
                reg [47:0] nonzero;
                reg [47:0] total;
                assign resets = subtracted;
                assign sent_events = nonzero;
                assign sent_spikes = total;
                always @* begin
                    subtracted = 48'd0;
                    nonzero = 48'd0;
                    total = 48'd0;
                    levels = 32'd0;
                    if (decided) begin
                        for (j = 0; j < NEURONS; j = j + 1) begin
                            levels = 32'd0;
                            for (k = 0; k < COMPARES; k = k + 1)
                                levels = levels + {31'd0, reached[j*COMPARES+k]};
                            subtracted = subtracted + {40'd0, RESETS[{levels[28:0], 3'd0} +: 8]};
                        end
                        for (j = 0; j < NEURONS * STEPS; j = j + 1)
                            if (steps[j*MAGNITUDE_BITS +: MAGNITUDE_BITS] != {MAGNITUDE_BITS{1'b0}}) begin
                                nonzero = nonzero + 48'd1;
                                total = total
                                    + {{(48-MAGNITUDE_BITS){1'b0}}, steps[j*MAGNITUDE_BITS +: MAGNITUDE_BITS]};
                            end
                    end
                end
            end else begin : g_no_decisions
                assign resets = 48'd0;
                assign sent_events = 48'd0;
                assign sent_spikes = 48'd0;
                wire unused = &{1'b0, reached, steps};
            end

            reg        done;
            reg [47:0] totals [0:FIELDS-1];
            integer field;
            always @(posedge clk) begin
                done <= decided & ~rst;
                if (rst)
                    for (field = 0; field < FIELDS; field = field + 1)
                        totals[field] <= 48'd0;
                else begin
                    if (stepped) begin
                        totals[0] <= totals[0] + events;
                        totals[1] <= totals[1] + spikes;
                        totals[2] <= totals[2] + reached_synapses;
                        for (field = 11; field < 13; field = field + 1)
                            totals[field] <= totals[field] + ALL;
                        totals[13] <= totals[13] + 48'd1;
                    end
                    if (doubled) totals[3] <= totals[3] + ALL;
                    if (decided) begin
                        totals[4] <= totals[4] + ALL;
                        totals[6] <= totals[6] + ALL_COMPARED;
                        totals[7] <= totals[7] + resets;
                        totals[8] <= totals[8] + sent_spikes;
                        totals[9] <= totals[9] + sent_events;
                    end
                end
            end
            // Every spike reaches every neuron: added bit by bit of their number, without a multiplication.
            localparam [47:0] FAN_OUT = NEURONS;
            reg [47:0] reached_synapses;
            integer bit_place;
            always @* begin
                reached_synapses = 48'd0;
                for (bit_place = 0; bit_place < 24; bit_place = bit_place + 1)
                    if (FAN_OUT[bit_place])
                        reached_synapses = reached_synapses + (spikes << bit_place);
            end
            genvar place;
            for (place = 0; place < FIELDS; place = place + 1) begin : g_field
                assign counters[place*48 +: 48] = totals[place];
            end
            assign frame_done = done;
        end else begin : g_none
            assign counters = 720'd0;
            assign frame_done = 1'b0;
            wire unused = &{1'b0, clk, rst, advance, taken, in_plane, frame_valid, frame_ready, reached, steps};
        end
    endgenerate
endmodule
