// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// flat_address: gives the events of a map, {row, column, channel}, the number of the input that they are of a dense layer: inputs
// stand position by position, the channels of one together. Average pooling in front of the layer is part of the tables: all
// positions of a window have its number, and what fills no window is marked as dropped.
//
// Ports. in_*, out_*: links; out_dropped: the spike reaches nothing.
// Timing. One cycle, an event a cycle.
// Memory files: number of the first input of a row or of a column, with a one above it where it is dropped; one a line in hexadecimal.
module flat_address #(
    parameter ROW_BITS = 1,
    parameter COLUMN_BITS = 1,
    parameter CHANNEL_BITS = 1,
    parameter MAGNITUDE_BITS = 1,
    parameter OUT_BITS = 3,
    parameter ROW_MAP = "",
    parameter COLUMN_MAP = ""
) (
    input  wire                                         clk,
    input  wire                                         rst,
    input  wire                                         in_valid,
    output wire                                         in_ready,
    input  wire [1:0]                                   in_kind,
    input  wire [ROW_BITS+COLUMN_BITS+CHANNEL_BITS-1:0] in_address,
    input  wire                                         in_negative,
    input  wire [MAGNITUDE_BITS-1:0]                    in_magnitude,
    input  wire                                         in_fault,
    output reg                                          out_valid,
    input  wire                                         out_ready,
    output reg  [1:0]                                   out_kind,
    output reg  [OUT_BITS-1:0]                          out_channel,
    output reg                                          out_negative,
    output reg  [MAGNITUDE_BITS-1:0]                    out_magnitude,
    output reg                                          out_fault,
    output reg                                          out_dropped
);
    generate
        if (OUT_BITS < CHANNEL_BITS) begin : g_check_bits
            illegal_parameter_OUT_BITS_below_CHANNEL_BITS illegal();
        end
    endgenerate

    wire [OUT_BITS:0]   row, column;
    lookup_table #(.ENTRIES(1 << ROW_BITS), .INDEX_BITS(ROW_BITS), .WIDTH(OUT_BITS + 1), .FILE(ROW_MAP)) u_rows (
        .index(in_address[CHANNEL_BITS+COLUMN_BITS +: ROW_BITS]), .entry(row)
    );
    lookup_table #(.ENTRIES(1 << COLUMN_BITS), .INDEX_BITS(COLUMN_BITS), .WIDTH(OUT_BITS + 1), .FILE(COLUMN_MAP)) u_columns (
        .index(in_address[CHANNEL_BITS +: COLUMN_BITS]), .entry(column)
    );
    wire [OUT_BITS-1:0] channel;
    generate
        if (OUT_BITS > CHANNEL_BITS) begin : g_wider
            assign channel = {{(OUT_BITS-CHANNEL_BITS){1'b0}}, in_address[CHANNEL_BITS-1:0]};
        end else begin : g_equal
            assign channel = in_address[CHANNEL_BITS-1:0];
        end
    endgenerate

    wire advance = ~out_valid | out_ready;
    assign in_ready = advance;
    always @(posedge clk)
        if (rst)
            out_valid <= 1'b0;
        else if (advance)
            out_valid <= in_valid;
    always @(posedge clk)
        if (advance) begin
            out_kind <= in_kind;
            out_channel <= row[OUT_BITS-1:0] + column[OUT_BITS-1:0] + channel;
            out_negative <= in_negative;
            out_magnitude <= in_magnitude;
            out_fault <= in_fault;
            out_dropped <= row[OUT_BITS] | column[OUT_BITS];
        end
endmodule
