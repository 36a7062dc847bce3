// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// stage_register: the bits between two stages of a pipeline.
//
// Ports. given: what the stage before makes; held: what the stage behind sees. advance: the pipeline moves.
// Timing. One cycle in which advance is 1.
module stage_register #(
    parameter WIDTH = 1
) (
    input  wire             clk,
    input  wire             advance,
    input  wire [WIDTH-1:0] given,
    output reg  [WIDTH-1:0] held
);
    always @(posedge clk)
        if (advance) held <= given;
endmodule
