// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// link_fork: gives every event of the encoder to OUTPUTS links, each of which takes it when it likes; the next event follows when
// all have taken this one.
//
// Ports. in_*, out_*: links whose magnitude is one, output 0 lowest.
// Timing. Combinational; an event a cycle while all outputs are ready.
module link_fork #(
    parameter OUTPUTS = 2,
    parameter CHANNEL_BITS = 3
) (
    input  wire                            clk,
    input  wire                            rst,
    input  wire                            in_valid,
    output wire                            in_ready,
    input  wire [1:0]                      in_kind,
    input  wire [CHANNEL_BITS-1:0]         in_channel,
    input  wire                            in_negative,
    input  wire                            in_magnitude,
    input  wire                            in_fault,
    output wire [OUTPUTS-1:0]              out_valid,
    input  wire [OUTPUTS-1:0]              out_ready,
    output wire [2*OUTPUTS-1:0]            out_kind,
    output wire [OUTPUTS*CHANNEL_BITS-1:0] out_channel,
    output wire [OUTPUTS-1:0]              out_negative,
    output wire [OUTPUTS-1:0]              out_magnitude,
    output wire [OUTPUTS-1:0]              out_fault
);
    generate
        if (OUTPUTS < 2) begin : g_check_outputs
            illegal_parameter_OUTPUTS_below_2 illegal();
        end
    endgenerate

    reg [OUTPUTS-1:0] taken;
    wire [OUTPUTS-1:0] done = taken | out_ready;
    assign in_ready = &done;
    assign out_valid = {OUTPUTS{in_valid}} & ~taken;
    assign out_kind = {OUTPUTS{in_kind}};
    assign out_channel = {OUTPUTS{in_channel}};
    assign out_negative = {OUTPUTS{in_negative}};
    assign out_magnitude = {OUTPUTS{in_magnitude}};
    assign out_fault = {OUTPUTS{in_fault}};
    always @(posedge clk)
        if (rst | (in_valid & in_ready))
            taken <= {OUTPUTS{1'b0}};
        else if (in_valid)
            taken <= done;
endmodule
