// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// pixel_address: gives the events of the encoder, whose channel is the number of a pixel in the order of their arrival, the
// pixel's row, column and channel: wired where rows and columns are powers of two, else from a table.
//
// Ports. in_*: link whose address is the pixel; out_*: link whose address is {row, column, channel}.
// Timing. One cycle, an event a cycle; wired: none.
// Memory file: {row, column, channel} of every pixel, in hexadecimal, one a line.
module pixel_address #(
    parameter PIXELS = 1,
    parameter PIXEL_BITS = 3,
    parameter ROW_BITS = 1,
    parameter COLUMN_BITS = 1,
    parameter CHANNEL_BITS = 1,
    parameter WIRED = 0,
    parameter FILE = ""
) (
    input  wire                                         clk,
    input  wire                                         rst,
    input  wire                                         in_valid,
    output wire                                         in_ready,
    input  wire [1:0]                                   in_kind,
    input  wire [PIXEL_BITS-1:0]                        in_pixel,
    input  wire                                         in_negative,
    input  wire                                         in_magnitude,
    input  wire                                         in_fault,
    output wire                                         out_valid,
    input  wire                                         out_ready,
    output wire [1:0]                                   out_kind,
    output wire [ROW_BITS+COLUMN_BITS+CHANNEL_BITS-1:0] out_address,
    output wire                                         out_negative,
    output wire                                         out_magnitude,
    output wire                                         out_fault
);
    // Pixels are neither negative nor large.
    assign out_negative = in_negative;
    assign out_magnitude = in_magnitude;

    localparam ADDRESS_BITS = ROW_BITS + COLUMN_BITS + CHANNEL_BITS;

    generate
        if (PIXELS > (1 << PIXEL_BITS)) begin : g_check_pixels
            illegal_parameter_PIXELS_beyond_PIXEL_BITS illegal();
        end
        if (WIRED != 0) begin : g_wired
            // One channel more than there can be of rows and columns: where there is one alone its field is zero.
            wire [ADDRESS_BITS-1:0] pixel;
            if (ADDRESS_BITS > PIXEL_BITS) begin : g_wider
                assign pixel = {{(ADDRESS_BITS-PIXEL_BITS){1'b0}}, in_pixel};
            end else begin : g_equal
                assign pixel = in_pixel[ADDRESS_BITS-1:0];
            end
            assign out_valid = in_valid;
            assign in_ready = out_ready;
            assign out_kind = in_kind;
            assign out_fault = in_fault;
            assign out_address = {
                pixel[COLUMN_BITS +: ROW_BITS], pixel[COLUMN_BITS-1:0], pixel[COLUMN_BITS+ROW_BITS +: CHANNEL_BITS]};
            wire unused = &{1'b0, clk, rst};
        end else begin : g_table
            // The encoder numbers at least eight pixels.
            localparam INDEX_BITS = PIXELS <= 2 ? 1 : PIXELS <= 4 ? 2 : PIXEL_BITS;
            reg [ADDRESS_BITS-1:0] memory [0:PIXELS-1];
            initial $readmemh(FILE, memory);
            reg                    valid;
            reg [1:0]              kind;
            reg [ADDRESS_BITS-1:0] address;
            reg                    fault;
            wire                   advance = ~valid | out_ready;
            always @(posedge clk)
                if (rst)
                    valid <= 1'b0;
                else if (advance)
                    valid <= in_valid;
            always @(posedge clk)
                if (advance) begin
                    kind <= in_kind;
                    address <= memory[in_pixel[INDEX_BITS-1:0]];
                    fault <= in_fault;
                end
            assign in_ready = advance;
            assign out_valid = valid;
            assign out_kind = kind;
            assign out_address = address;
            assign out_fault = fault;
            wire unused = &{1'b0, in_pixel};
        end
    endgenerate
endmodule
