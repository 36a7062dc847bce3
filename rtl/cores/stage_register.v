// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// stage_register: the bits between two stages of a pipeline.
//
// Ports. given: what the stage before makes; held: what the stage behind sees. advance: the pipeline moves. rst: nothing is
// in the pipeline afterwards, so what the bits are does not matter; with it no tool makes shift registers of several stages, of which
// each bit costs a table.
// Timing. One cycle in which advance is 1.
module stage_register #(
    parameter WIDTH = 1
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             advance,
    input  wire [WIDTH-1:0] given,
    output reg  [WIDTH-1:0] held
);
    always @(posedge clk)
        if (rst) held <= {WIDTH{1'b0}};
        else if (advance) held <= given;
endmodule
