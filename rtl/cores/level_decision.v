// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// level_decision: the levels of the neurons of an unrolled layer, and what each time step sends of them.
//
// A neuron reaches level m where its potential is at least a constant of its own; it does so for all m up to its level k.
// CODE 0 (count): |k| in one time step. CODE 1 (unary): |k| spikes, packed early. CODE 2 (bits): the binary digits of |k|, most
// significant first. Negative levels (FLOOR of them) are sent with a sign.
//
// Ports. potentials: WIDTH bits a neuron, unsigned. reached: of each neuron bit m − 1 + FLOOR is set where it reaches level m.
// steps: of each neuron MAGNITUDE_BITS bits a time step, the first one in the lowest bits; negative: k is below zero.
// THRESHOLDS: of each neuron for m = 1 − FLOOR … the constant, WIDTH + 1 bits; 2**WIDTH is never reached.
// Timing. Combinational. The compares are chains of ANDs and ORs, since their constants leave less of these than of adders.
module level_decision #(
    parameter NEURONS = 1,
    parameter WIDTH = 4,
    parameter CODE = 1,
    parameter FLOOR = 0,
    parameter COMPARES = 1,
    parameter STEPS = 1,
    parameter MAGNITUDE_BITS = 1,
    parameter THRESHOLDS = 0
) (
    input  wire [NEURONS*WIDTH-1:0]                potentials,
    output wire [NEURONS*COMPARES-1:0]             reached,
    output wire [NEURONS*STEPS*MAGNITUDE_BITS-1:0] steps,
    output wire [NEURONS-1:0]                      negative
);
    localparam CEILING = COMPARES - FLOOR;
    localparam HIGHEST = (CEILING > FLOOR) ? CEILING : FLOOR;

    generate
        if (CODE > 2 || FLOOR > COMPARES) begin : g_check_code
            illegal_parameter_CODE_or_FLOOR illegal();
        end
        if (CODE == 1 ? (STEPS != HIGHEST || MAGNITUDE_BITS != 1) : CODE == 2 ? (HIGHEST >> STEPS != 0 || MAGNITUDE_BITS != 1)
            : (STEPS != 1 || HIGHEST >> MAGNITUDE_BITS != 0)) begin : g_check_steps
            illegal_parameter_STEPS_not_of_the_code illegal();
        end
    endgenerate

    genvar neuron, compare, place, step;
    generate
        for (neuron = 0; neuron < NEURONS; neuron = neuron + 1) begin : g_neuron
            wire [WIDTH-1:0] potential = potentials[neuron*WIDTH +: WIDTH];
            wire [COMPARES-1:0] levels;
            assign reached[neuron*COMPARES +: COMPARES] = levels;
            for (compare = 0; compare < COMPARES; compare = compare + 1) begin : g_compare
                localparam [WIDTH:0] THRESHOLD = THRESHOLDS[(neuron*COMPARES+compare)*(WIDTH+1) +: WIDTH + 1];
                wire [WIDTH:0] not_less;
                assign not_less[0] = 1'b1;
                for (place = 0; place < WIDTH; place = place + 1) begin : g_place
                    if (THRESHOLD[place]) begin : g_one
                        assign not_less[place+1] = potential[place] & not_less[place];
                    end else begin : g_zero
                        assign not_less[place+1] = potential[place] | not_less[place];
                    end
                end
                assign levels[compare] = not_less[WIDTH] & ~THRESHOLD[WIDTH];
            end

            // Padded with levels that are never reached above and always reached below.
            wire [2*HIGHEST-1:0] padded;
            for (compare = 0; compare < 2 * HIGHEST; compare = compare + 1) begin : g_padded
                if (compare < HIGHEST - FLOOR) begin : g_below
                    assign padded[compare] = 1'b1;
                end else if (compare - HIGHEST < CEILING) begin : g_level
                    assign padded[compare] = levels[compare-HIGHEST+FLOOR];
                end else begin : g_above
                    assign padded[compare] = 1'b0;
                end
            end
            if (FLOOR > 0) begin : g_signed
                assign negative[neuron] = ~padded[HIGHEST-1];
            end else begin : g_unsigned
                assign negative[neuron] = 1'b0;
            end
            // Whether |k| is at least 1, 2, …
            wire [HIGHEST-1:0] at_least;
            for (compare = 0; compare < HIGHEST; compare = compare + 1) begin : g_magnitude
                assign at_least[compare] = padded[HIGHEST+compare] | ~padded[HIGHEST-1-compare];
            end
            if (CODE == 1) begin : g_unary
                assign steps[neuron*STEPS +: STEPS] = at_least;
            end else begin : g_binary
                for (step = 0; step < STEPS * MAGNITUDE_BITS; step = step + 1) begin : g_digit
                    // A binary digit changes at every multiple of its weight.
                    localparam DIGIT = (CODE == 2) ? STEPS - 1 - step : step;
                    wire [HIGHEST:0] parity;
                    assign parity[0] = 1'b0;
                    for (compare = 1; compare <= HIGHEST; compare = compare + 1) begin : g_parity
                        if ((compare >> DIGIT) << DIGIT == compare) begin : g_changes
                            assign parity[compare] = parity[compare-1] ^ at_least[compare-1];
                        end else begin : g_stays
                            assign parity[compare] = parity[compare-1];
                        end
                    end
                    assign steps[neuron*STEPS*MAGNITUDE_BITS + step] = parity[HIGHEST];
                end
            end
        end
    endgenerate
endmodule
