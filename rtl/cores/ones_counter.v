// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// ones_counter: the number of ones among three to six bits.
//
// Ports. bits: INPUTS bits; count: their number, two bits for three and three bits for more.
// Timing. Combinational. With six bits every bit of the count is one six-input table.
module ones_counter #(
    parameter INPUTS = 3
) (
    input  wire [INPUTS-1:0]           bits,
    output wire [((INPUTS>3)?2:1):0]   count
);
    generate
        if (INPUTS < 3 || INPUTS > 6) begin : g_check_inputs
            illegal_parameter_INPUTS_not_3_to_6 illegal();
        end
    endgenerate

    wire low_carry = (bits[0] & bits[1]) | (bits[2] & (bits[0] ^ bits[1]));
    wire low_sum = bits[0] ^ bits[1] ^ bits[2];
    generate
        if (INPUTS == 3) begin : g_three
            assign count = {low_carry, low_sum};
        end else begin : g_more
            wire [2:0] rest;
            assign rest[0] = bits[3];
            if (INPUTS > 4) begin : g_five
                assign rest[1] = bits[4];
            end else begin : g_four
                assign rest[1] = 1'b0;
            end
            if (INPUTS > 5) begin : g_six
                assign rest[2] = bits[5];
            end else begin : g_no_six
                assign rest[2] = 1'b0;
            end
            wire high_carry = (rest[0] & rest[1]) | (rest[2] & (rest[0] ^ rest[1]));
            wire high_sum = rest[0] ^ rest[1] ^ rest[2];
            wire carry = low_sum & high_sum;
            assign count = {
                (low_carry & high_carry) | (carry & (low_carry ^ high_carry)), low_carry ^ high_carry ^ carry, low_sum ^ high_sum
            };
        end
    endgenerate
endmodule
