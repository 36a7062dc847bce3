// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// map_counters: what a layer of a map did since reset, for simulation; ENABLED = 0 leaves nothing of it.
//
// The counts of the sources are taken over when a scan starts on a new charge, so that they are those of the frames that are scanned.
// Ports. totals, change, frame_ending: see map_neurons. Of a potential word that was read: its group, first and last of its window;
// clear of the cycle before; begins: the scan is the first of its frame, in which DIRECT counts the bias that it adds in each.
// successes, sent_events, sent_spikes: of this cycle. frame_sent: the last word of a frame is decided.
// counters, frame_done: as layer_counters.
module map_counters #(
    parameter ENABLED = 0,
    parameter SYNAPSES = 1,
    parameter LANES = 1,
    parameter LAST_LANES = 1,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter STAGES = 1,
    parameter CAUSAL = 0,
    parameter DIRECT = 0,
    parameter DOUBLINGS = 0
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire [SYNAPSES*288-1:0] totals,
    input  wire                    change,
    input  wire                    frame_ending,
    input  wire [GROUP_BITS-1:0]   group,
    input  wire                    read,
    input  wire                    first,
    input  wire                    last,
    input  wire                    clear,
    input  wire                    begins,
    input  wire [47:0]             successes,
    input  wire [47:0]             sent_events,
    input  wire [47:0]             sent_spikes,
    input  wire                    frame_sent,
    output wire [719:0]            counters,
    output wire                    frame_done
);
    generate
        if (ENABLED != 0) begin : g_counters
            localparam LAST_GROUP = GROUPS - 1;
            localparam [47:0] WHOLE = LANES;
            localparam [47:0] PART = LAST_LANES;
            localparam [47:0] WHOLE_COMPARES = LANES * STAGES;
            localparam [47:0] PART_COMPARES = LAST_LANES * STAGES;
            localparam [47:0] FRAME_DOUBLINGS = DOUBLINGS;
            wire        partial = group == LAST_GROUP[GROUP_BITS-1:0];
            wire [47:0] neurons = partial ? PART : WHOLE;
            wire [47:0] compared = partial ? PART_COMPARES : WHOLE_COMPARES;

            reg [287:0] sum;
            integer     source, field;
            always @* begin
                sum = 288'd0;
                for (source = 0; source < SYNAPSES; source = source + 1)
                    for (field = 0; field < 6; field = field + 1)
                        sum[field*48 +: 48] = sum[field*48 +: 48] + totals[source*288 + field*48 +: 48];
            end

            reg         cleared;
            reg         done;
            reg [287:0] arrived;
            reg [47:0]  doublings, biases, charges, compares, resets, spikes, events, reads, writes, scanned;
            always @(posedge clk) begin
                cleared <= clear;
                done <= frame_sent & ~rst;
                if (rst) begin
                    arrived <= 288'd0;
                    doublings <= 48'd0;
                    biases <= 48'd0;
                    charges <= 48'd0;
                    compares <= 48'd0;
                    resets <= 48'd0;
                    spikes <= 48'd0;
                    events <= 48'd0;
                    reads <= 48'd0;
                    writes <= 48'd0;
                    scanned <= 48'd0;
                end else begin
                    if (change) begin
                        arrived <= sum;
                        if (frame_ending) doublings <= doublings + FRAME_DOUBLINGS;
                    end
                    if (read) begin
                        scanned <= scanned + 48'd1;
                        reads <= reads + neurons + ((CAUSAL != 0) ? neurons : 48'd0);
                        writes <= writes + (cleared ? neurons : 48'd0) + ((CAUSAL != 0) ? neurons : 48'd0);
                        compares <= compares + (first ? 48'd0 : neurons) + (last ? compared : 48'd0);
                        if (last & (DIRECT == 0 | begins)) biases <= biases + neurons;
                        if (DIRECT != 0) charges <= charges + neurons;
                    end
                    resets <= resets + successes;
                    spikes <= spikes + sent_spikes;
                    events <= events + sent_events;
                end
            end
            // Of the sources: events, spikes, accumulates, weight words, potentials, skipped passes.
            assign counters = {
                arrived[240 +: 48], scanned + arrived[144 +: 48], writes + arrived[192 +: 48], reads + arrived[192 +: 48],
                arrived[144 +: 48], events, spikes, resets, compares, charges, biases, doublings, arrived[96 +: 48], arrived[48 +: 48],
                arrived[0 +: 48]};
            assign frame_done = done;
        end else begin : g_none
            assign counters = 720'd0;
            assign frame_done = 1'b0;
            wire unused = &{1'b0, clk, rst, totals, change, frame_ending, group, read, first, last, clear, begins, successes, sent_events,
                sent_spikes, frame_sent};
        end
    endgenerate
endmodule
