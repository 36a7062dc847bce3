// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// row_adder: the sum of two rows of bits, wide enough for every sum that occurs.
//
// Ports. left, right: unsigned numbers of WIDTH bits; sum: the same width, whoever instantiates proves that it holds the sum.
// Timing. Combinational.
module row_adder #(
    parameter WIDTH = 2
) (
    input  wire [WIDTH-1:0] left,
    input  wire [WIDTH-1:0] right,
    output wire [WIDTH-1:0] sum
);
    assign sum = left + right;
endmodule
