// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// operand_choice: what every lane of a potential_bank adds: its weight, its constant, or the potential itself, which doubles it.
//
// Ports. Stage 0 of a pass: from_weights; subtracting: the weight is of a negative spike; doubling; with WIRED constant_word, the
// constant of every lane. Stage 1: without WIRED constant_word; weight_row, potential; operand and carry: a subtracted weight is
// inverted, and carry adds the one that is missing.
//
// Timing. operand follows weight_row and potential in the same cycle: the choice and the adder behind it fit in one table a bit on
// 7-series. With WIRED constants, those of one group, a bit of the constant and what else is chosen are told by one register:
// fixed decides between the bit itself and, by the bit, potential and weight; bits that are equal in every constant share it.
// Constants out of a memory share nothing, and come from its register. Without DOUBLES potential is never chosen.
module operand_choice #(
    parameter LANES = 1,
    parameter WEIGHT_BITS = 4,
    parameter WIDTH = 8,
    parameter WIRED = 1,
    parameter DOUBLES = 1
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

    reg                    fixed;
    reg                    doubled;
    wire [LANES*WIDTH-1:0] choice;
    always @(posedge clk) begin
        fixed <= ~from_weights & ~((DOUBLES != 0) & doubling);
        doubled <= (DOUBLES != 0) & doubling;
        carry <= subtracting;
    end
    generate
        if (WIRED != 0) begin : g_told
            reg [LANES*WIDTH-1:0] told;
            assign choice = told;
            always @(posedge clk)
                if ((DOUBLES != 0) & doubling)
                    told <= {LANES*WIDTH{1'b1}};
                else if (from_weights)
                    told <= {LANES*WIDTH{1'b0}};
                else
                    told <= constant_word;
            wire unused_doubled = &{1'b0, doubled};
        end else begin : g_read
            assign choice = constant_word;
        end
    endgenerate

    genvar lane, position;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            wire [WEIGHT_BITS-1:0] weight = weight_row[lane*WEIGHT_BITS +: WEIGHT_BITS] ^ {WEIGHT_BITS{carry}};
            for (position = 0; position < WIDTH; position = position + 1) begin : g_bit
                localparam AT = lane * WIDTH + position;
                localparam FROM = (position < WEIGHT_BITS) ? position : WEIGHT_BITS - 1;
                if (WIRED != 0) begin : g_wired
                    assign operand[AT] = choice[AT] ? fixed | potential[AT] : ~fixed & weight[FROM];
                end else begin : g_memory
                    assign operand[AT] = fixed ? choice[AT] : doubled ? potential[AT] : weight[FROM];
                end
            end
        end
    endgenerate
endmodule
