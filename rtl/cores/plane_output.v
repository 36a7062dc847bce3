// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// plane_output: puts the words of a layer's time step together, so that an unrolled layer takes the step at once.
//
// Ports. fired: quiet holds 0 for each of LANES neurons that spikes, negative the signs (SIGNED) and magnitude the magnitudes
// (MAGNITUDE_BITS > 1; 0 of a quiet neuron); marker (0 none, 1 end of step, 2 end of frame) comes with the last of GROUPS words.
// stall: as in spike_output; words are in the fifo a cycle earlier. out_*: a plane link, MAGNITUDE_BITS bits and a sign a neuron.
//
// Timing. A time step is offered three cycles after its last word has fired, at the earliest; words flow one a cycle, without a
// bubble between steps. stall is a register. Words of a whole frame fit, so that the layer goes on while this one waits.
// Invariant: a step has GROUPS words, whatever spikes in them, so that those before the last need neither number nor reset.
module plane_output #(
    parameter NEURONS = 1,
    parameter LANES = 1,
    parameter GROUPS = 1,
    parameter DEPTH_BITS = 4,
    parameter MARGIN = 7,
    parameter SIGNED = 0,
    parameter MAGNITUDE_BITS = 1
) (
    input  wire                              clk,
    input  wire                              rst,
    input  wire                              fired,
    input  wire [LANES-1:0]                  quiet,
    input  wire [LANES-1:0]                  negative,
    input  wire [LANES*MAGNITUDE_BITS-1:0]   magnitude,
    input  wire [1:0]                        marker,
    input  wire                              fault,
    output reg                               stall,
    output wire                              out_valid,
    input  wire                              out_ready,
    output wire [1:0]                        out_kind,
    output wire [NEURONS*MAGNITUDE_BITS-1:0] out_plane,
    output wire [NEURONS-1:0]                out_negative,
    output wire                              out_fault
);
    localparam SIGNS_AT = LANES * MAGNITUDE_BITS;
    localparam VALUES = SIGNS_AT + ((SIGNED != 0) ? LANES : 0);
    localparam WORD = VALUES + 3;
    localparam LAST_AT = (GROUPS - 1) * VALUES;

    generate
        if (NEURONS > GROUPS * LANES || NEURONS <= (GROUPS - 1) * LANES) begin : g_check_neurons
            illegal_parameter_NEURONS_not_of_GROUPS_and_LANES illegal();
        end
        if (MAGNITUDE_BITS < 1 || MAGNITUDE_BITS > 7) begin : g_check_magnitude
            illegal_parameter_MAGNITUDE_BITS_not_1_to_7 illegal();
        end
    endgenerate

    // The signs come late in their cycle.
    reg            held;
    reg [WORD-1:0] held_word;
    wire           almost_full;
    always @(posedge clk) begin
        held <= fired & ~rst;
        held_word[WORD-1:VALUES] <= {fault, marker};
        stall <= almost_full & ~rst;
    end
    generate
        if (MAGNITUDE_BITS > 1) begin : g_sizes
            always @(posedge clk)
                held_word[SIGNS_AT-1:0] <= magnitude;
            wire unused_quiet = &{1'b0, quiet};
        end else begin : g_spikes
            // Kept as it comes, since an inverter in front of a memory costs a table.
            always @(posedge clk)
                held_word[SIGNS_AT-1:0] <= quiet;
            wire unused_magnitude = &{1'b0, magnitude};
        end
        if (SIGNED != 0) begin : g_signs
            always @(posedge clk)
                held_word[SIGNS_AT +: LANES] <= negative;
        end else begin : g_no_signs
            wire unused_negative = &{1'b0, negative};
        end
    endgenerate

    wire            word_valid;
    wire [WORD-1:0] word;
    wire            last = out_kind != 2'd0;
    word_fifo #(.WIDTH(WORD), .DEPTH_BITS(DEPTH_BITS), .MARGIN(MARGIN)) u_fifo (
        .clk(clk), .rst(rst),
        .push(held), .in_word(held_word), .almost_full(almost_full),
        .out_valid(word_valid), .out_ready(out_ready | ~last), .out_word(word)
    );

    // The last word of a step stays in the register of the fifo, those before it are shifted in one after the other.
    wire [LAST_AT+VALUES-1:0] step;
    assign step[LAST_AT +: VALUES] = word[VALUES-1:0];
    generate
        if (GROUPS > 1) begin : g_earlier
            reg [LAST_AT-1:0] earlier;
            assign step[LAST_AT-1:0] = earlier;
            always @(posedge clk)
                if (word_valid & ~last)
                    earlier <= step[LAST_AT+VALUES-1:VALUES];
        end
    endgenerate

    assign out_valid = word_valid & last;
    assign {out_fault, out_kind} = word[WORD-1:VALUES];
    genvar neuron;
    generate
        for (neuron = 0; neuron < NEURONS; neuron = neuron + 1) begin : g_neuron
            localparam GROUP = neuron / LANES;
            localparam LANE = neuron - GROUP * LANES;
            wire [MAGNITUDE_BITS-1:0] value = step[GROUP*VALUES + LANE*MAGNITUDE_BITS +: MAGNITUDE_BITS];
            assign out_plane[neuron*MAGNITUDE_BITS +: MAGNITUDE_BITS] = (MAGNITUDE_BITS > 1) ? value : ~value;
            if (SIGNED != 0) begin : g_sign
                assign out_negative[neuron] = step[GROUP*VALUES + SIGNS_AT + LANE];
            end else begin : g_no_sign
                assign out_negative[neuron] = 1'b0;
            end
        end
    endgenerate
    // The last word may have lanes without a neuron.
    wire unused_lanes = &{1'b0, step};
endmodule
