// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// random_bits: 32 new pseudo-random bits in every cycle, from a seed that is taken over while rst is high.
//
// Marsaglia's xorshift with the shifts 13, 17 and 5 (Journal of Statistical Software 8:14, 2003): period 2**32 - 1. A seed of 0,
// on which it would stay, becomes 1. It is the same in every simulator, so that a seed repeats a run.
module random_bits (
    input  wire        clk,
    input  wire        rst,
    input  wire [31:0] seed,
    output reg  [31:0] bits
);
    wire [31:0] first = bits ^ {bits[18:0], 13'd0};
    wire [31:0] second = first ^ {17'd0, first[31:17]};
    wire [31:0] third = second ^ {second[26:0], 5'd0};

    always @(posedge clk)
        bits <= rst ? (seed == 32'd0 ? 32'd1 : seed) : third;
endmodule
