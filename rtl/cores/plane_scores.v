// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// plane_scores: the scores of an unrolled readout: its potentials without the constants of their sums, with the offsets.
//
// Ports. potentials: IN_WIDTH bits a class, unsigned; scores: WIDTH bits a class, two's complement. CONSTANTS: WIDTH bits a class,
// added modulo 2**WIDTH; whoever instantiates proves that the score fits.
// Timing. Combinational.
module plane_scores #(
    parameter CLASSES = 2,
    parameter IN_WIDTH = 4,
    parameter WIDTH = 8,
    parameter CONSTANTS = 0
) (
    input  wire [CLASSES*IN_WIDTH-1:0] potentials,
    output wire [CLASSES*WIDTH-1:0]    scores
);
    genvar index;
    generate
        for (index = 0; index < CLASSES; index = index + 1) begin : g_class
            wire [WIDTH-1:0] potential;
            if (IN_WIDTH >= WIDTH) begin : g_cut
                assign potential = potentials[index*IN_WIDTH +: WIDTH];
            end else begin : g_extended
                assign potential = {{(WIDTH-IN_WIDTH){1'b0}}, potentials[index*IN_WIDTH +: IN_WIDTH]};
            end
            assign scores[index*WIDTH +: WIDTH] = potential + CONSTANTS[index*WIDTH +: WIDTH];
        end
    endgenerate
    // Of a sum that is wider than a score the upper bits vanish with the constant.
    wire unused = &{1'b0, potentials};
endmodule
