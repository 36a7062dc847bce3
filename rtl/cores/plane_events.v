// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// plane_events: sends the time steps of an unrolled layer as events, for a layer that takes them one by one.
//
// Ports. in_*: a plane link; out_*: a link of events, lowest channels first, then the marker.
// Timing. A cycle an event and one a marker; the next time step is taken when the last of these is under way.
module plane_events #(
    parameter SOURCES = 1,
    parameter CHANNEL_BITS = 3,
    parameter SIGNED = 0,
    parameter MAGNITUDE_BITS = 1
) (
    input  wire                              clk,
    input  wire                              rst,
    input  wire                              in_valid,
    output wire                              in_ready,
    input  wire [1:0]                        in_kind,
    input  wire [SOURCES*MAGNITUDE_BITS-1:0] in_plane,
    input  wire [SOURCES-1:0]                in_negative,
    input  wire                              in_fault,
    output wire                              out_valid,
    input  wire                              out_ready,
    output wire [1:0]                        out_kind,
    output wire [CHANNEL_BITS-1:0]           out_channel,
    output wire                              out_negative,
    output wire [MAGNITUDE_BITS-1:0]         out_magnitude,
    output wire                              out_fault
);
    localparam CHUNK = (SOURCES > 8) ? 8 : SOURCES;

    wire [SOURCES-1:0] quiet;
    genvar source;
    generate
        for (source = 0; source < SOURCES; source = source + 1) begin : g_source
            assign quiet[source] = in_plane[source*MAGNITUDE_BITS +: MAGNITUDE_BITS] == {MAGNITUDE_BITS{1'b0}};
        end
    endgenerate

    wire                            chunk_valid;
    wire                            chunk_ready;
    wire [CHUNK-1:0]                chunk_mask;
    wire [CHUNK-1:0]                chunk_negative;
    wire [CHUNK*MAGNITUDE_BITS-1:0] chunk_magnitude;
    wire [CHANNEL_BITS-1:0]         chunk_base;
    wire [1:0]                      chunk_marker;
    wire                            chunk_fault;
    generate
        if (SOURCES > 8) begin : g_split
            localparam CHUNKS = (SOURCES + 7) >> 3;
            wire [CHUNKS-1:0] occupied;
            genvar chunk;
            for (chunk = 0; chunk < CHUNKS; chunk = chunk + 1) begin : g_occupied
                localparam LOWEST = chunk << 3;
                localparam HIGHEST = (LOWEST + 8 < SOURCES) ? LOWEST + 8 : SOURCES;
                assign occupied[chunk] = ~(&quiet[HIGHEST-1:LOWEST]);
            end
            word_splitter #(
                .LANES(SOURCES), .CHANNEL_BITS(CHANNEL_BITS), .SIGNED(SIGNED), .MAGNITUDE_BITS(MAGNITUDE_BITS)
            ) u_splitter (
                .clk(clk), .rst(rst),
                .in_valid(in_valid), .in_ready(in_ready), .in_quiet(quiet), .in_occupied(occupied),
                .in_negative(in_negative), .in_magnitude(in_plane), .in_base({CHANNEL_BITS{1'b0}}), .in_marker(in_kind), .in_fault(in_fault),
                .out_valid(chunk_valid), .out_ready(chunk_ready), .out_mask(chunk_mask),
                .out_negative(chunk_negative), .out_magnitude(chunk_magnitude),
                .out_base(chunk_base), .out_marker(chunk_marker), .out_fault(chunk_fault)
            );
        end else begin : g_whole
            assign chunk_valid = in_valid;
            assign in_ready = chunk_ready;
            assign chunk_mask = ~quiet;
            assign chunk_negative = in_negative;
            assign chunk_magnitude = in_plane;
            assign chunk_base = {CHANNEL_BITS{1'b0}};
            assign chunk_marker = in_kind;
            assign chunk_fault = in_fault;
        end
    endgenerate
    event_serializer #(
        .LANES(CHUNK), .CHANNEL_BITS(CHANNEL_BITS), .SIGNED(SIGNED), .MAGNITUDE_BITS(MAGNITUDE_BITS)
    ) u_serializer (
        .clk(clk), .rst(rst),
        .in_valid(chunk_valid), .in_ready(chunk_ready), .in_mask(chunk_mask),
        .in_negative(chunk_negative), .in_magnitude(chunk_magnitude),
        .in_base(chunk_base), .in_marker(chunk_marker), .in_fault(chunk_fault),
        .out_valid(out_valid), .out_ready(out_ready), .out_kind(out_kind), .out_channel(out_channel),
        .out_negative(out_negative), .out_magnitude(out_magnitude), .out_fault(out_fault)
    );
endmodule
