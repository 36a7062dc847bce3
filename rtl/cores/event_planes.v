// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// event_planes: collects the events of a time step, so that an unrolled layer takes them at once.
//
// Ports. in_*: a link of events; out_*: a plane link, MAGNITUDE_BITS bits and a sign a source, the kind and fault of the marker.
// Timing. An event a cycle; a time step is offered from the cycle after its marker on, and the next event is taken with it.
module event_planes #(
    parameter SOURCES = 1,
    parameter CHANNEL_BITS = 3,
    parameter MAGNITUDE_BITS = 1
) (
    input  wire                              clk,
    input  wire                              rst,
    input  wire                              in_valid,
    output wire                              in_ready,
    input  wire [1:0]                        in_kind,
    input  wire [CHANNEL_BITS-1:0]           in_channel,
    input  wire                              in_negative,
    input  wire [MAGNITUDE_BITS-1:0]         in_magnitude,
    input  wire                              in_fault,
    output reg                               out_valid,
    input  wire                              out_ready,
    output reg  [1:0]                        out_kind,
    output wire [SOURCES*MAGNITUDE_BITS-1:0] out_plane,
    output wire [SOURCES-1:0]                out_negative,
    output reg                               out_fault
);
    localparam [1:0] SPIKE = 2'd0;

    generate
        if (SOURCES > (1 << CHANNEL_BITS)) begin : g_check_sources
            illegal_parameter_SOURCES_beyond_CHANNEL_BITS illegal();
        end
    endgenerate

    assign in_ready = ~out_valid | out_ready;
    wire take = in_valid & in_ready;
    wire marked = take & (in_kind != SPIKE);
    wire sent = out_valid & out_ready;

    always @(posedge clk)
        if (rst) out_valid <= 1'b0;
        else if (marked) out_valid <= 1'b1;
        else if (out_ready) out_valid <= 1'b0;
    always @(posedge clk)
        if (marked) begin
            out_kind <= in_kind;
            out_fault <= in_fault;
        end

    genvar source;
    generate
        for (source = 0; source < SOURCES; source = source + 1) begin : g_source
            wire arrives = take & (in_kind == SPIKE) & (in_channel == source[CHANNEL_BITS-1:0]);
            reg [MAGNITUDE_BITS-1:0] magnitude;
            reg                      negative;
            always @(posedge clk)
                if (rst | sent | arrives) begin
                    magnitude <= (arrives & ~rst) ? in_magnitude : {MAGNITUDE_BITS{1'b0}};
                    negative <= arrives & ~rst & in_negative;
                end
            assign out_plane[source*MAGNITUDE_BITS +: MAGNITUDE_BITS] = magnitude;
            assign out_negative[source] = negative;
        end
    endgenerate
endmodule
