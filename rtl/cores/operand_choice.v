// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// operand_choice: what every lane of a potential_bank adds: its weight, its constant, or the potential itself, which doubles it.
//
// Ports. Stage 0 of a pass: from_weights; subtracting: the weight is of a negative spike; doubling; constant_word, the constant of
// every lane. Stage 1: weight_row, potential; operand and carry: a subtracted weight is inverted, and carry adds the one that is missing.
//
// Timing. operand follows weight_row and potential in the same cycle: the choice and the adder behind it fit in one table a bit on
// 7-series. For this, a bit of the constant and what else is chosen are told by one register: fixed decides between the bit itself
// and, by the bit, potential and weight. Bits that are equal in every constant share it where constants are wired.
module operand_choice #(
    parameter LANES = 1,
    parameter WEIGHT_BITS = 4,
    parameter WIDTH = 8
) (
    input  wire                         clk,
    input  wire                         from_weights,
    input  wire                         subtracting,
    input  wire                         doubling,
    input  wire [LANES*WIDTH-1:0]       constant_word,
    input  wire [LANES*WEIGHT_BITS-1:0] weight_row,
    input  wire [LANES*WIDTH-1:0]       potential,
    output wire [LANES*WIDTH-1:0]       operand,
    output reg                          carry
);
    generate
        if (WIDTH < WEIGHT_BITS) begin : g_check_width
            illegal_parameter_WIDTH_below_WEIGHT_BITS illegal();
        end
    endgenerate

    reg                   fixed;
    reg [LANES*WIDTH-1:0] choice;
    always @(posedge clk) begin
        fixed <= ~from_weights & ~doubling;
        carry <= subtracting;
        if (doubling)
            choice <= {LANES*WIDTH{1'b1}};
        else if (from_weights)
            choice <= {LANES*WIDTH{1'b0}};
        else
            choice <= constant_word;
    end

    genvar lane, position;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            wire [WEIGHT_BITS-1:0] weight = weight_row[lane*WEIGHT_BITS +: WEIGHT_BITS] ^ {WEIGHT_BITS{carry}};
            for (position = 0; position < WIDTH; position = position + 1) begin : g_bit
                localparam AT = lane * WIDTH + position;
                localparam FROM = (position < WEIGHT_BITS) ? position : WEIGHT_BITS - 1;
                assign operand[AT] = choice[AT] ? fixed | potential[AT] : ~fixed & weight[FROM];
            end
        end
    endgenerate
endmodule
