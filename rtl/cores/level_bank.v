// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// level_bank: the levels that a layer's neurons decide by division, LANES of them in each of GROUPS words, and how they are
// sent time step by time step.
//
// A decision is a series of fire passes. The level starts at −FLOOR and takes the multiple of a pass wherever its compare
// succeeded: m = ⌈n/2⌉, then ⌈m'/2⌉ of what ⌊n/2⌋ leaves, from n = RANGE on (the multiples of Θ in the constant memory follow
// the same rule). With LEAKS it starts at 0, a success of the first pass adds 1 and one of the second subtracts 1.
// CODE says what a pass that sends makes of the level k:
//   0  the whole level: sign and magnitude, in one time step;
//   1  packed early: a spike with the sign of k while any is left, which moves k towards zero before the next time step;
//   2  bit planes of the magnitude of k, the most significant of STEPS first, each with the sign of k.
//
// Ports. Stage 1 of a pass: active, with deciding and first for a fire pass (the first of a decision), sending, and the neurons'
// success. Stage 2, one cycle later: quiet (0 for a neuron that spikes), negative and magnitude, and the word is written.
//
// Timing. A pass a cycle. Passes go over all groups in order, so that a word is never read in the cycle it is written in.
// Invariants: the level stays in −FLOOR..RANGE − FLOOR, which LEVEL_BITS hold (with a sign where FLOOR > 0); quiet lanes hold 0.
module level_bank #(
    parameter LANES = 1,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter LEVEL_BITS = 2,
    parameter FLOOR = 0,
    parameter RANGE = 2,
    parameter LEAKS = 0,
    parameter CODE = 0,
    parameter STEPS = 1,
    parameter MAGNITUDE_BITS = 1
) (
    input  wire                            clk,
    input  wire                            rst,
    input  wire                            active,
    input  wire                            deciding,
    input  wire                            first,
    input  wire                            sending,
    input  wire                            last_group,
    input  wire [GROUP_BITS-1:0]           group,
    input  wire [LANES-1:0]                success,
    output wire [LANES-1:0]                quiet,
    output wire [LANES-1:0]                negative,
    output wire [LANES*MAGNITUDE_BITS-1:0] magnitude
);
    localparam UNARY = 1, BITS = 2;
    localparam [LEVEL_BITS-1:0] ZERO = {LEVEL_BITS{1'b0}};
    localparam [LEVEL_BITS-1:0] ONE = ZERO + 1'b1;
    localparam [LEVEL_BITS-1:0] ALL = ~ZERO;
    localparam [LEVEL_BITS-1:0] START = (LEAKS != 0) ? ZERO : ZERO - FLOOR[LEVEL_BITS-1:0];

    generate
        if (LEVEL_BITS < 2 || LEVEL_BITS > 8 || FLOOR > 64 || RANGE < 2 || RANGE - FLOOR < 1 || RANGE - FLOOR > 64) begin : g_check_range
            illegal_parameter_RANGE_or_FLOOR_not_of_a_level illegal();
        end
        if (RANGE >= (1 << LEVEL_BITS) || (FLOOR > 0 && (RANGE - FLOOR >= (1 << (LEVEL_BITS - 1)) || FLOOR > (1 << (LEVEL_BITS - 1)))))
        begin : g_check_bits
            illegal_parameter_LEVEL_BITS_below_the_range illegal();
        end
        if (MAGNITUDE_BITS < 1 || MAGNITUDE_BITS > LEVEL_BITS) begin : g_check_magnitude
            illegal_parameter_MAGNITUDE_BITS_beyond_LEVEL_BITS illegal();
        end
        if ((CODE != 0 && FLOOR == 0) || CODE > 2 || (CODE == BITS && (STEPS < 2 || STEPS > LEVEL_BITS))) begin : g_check_code
            illegal_parameter_CODE_not_of_a_level illegal();
        end
        if (LEAKS != 0 && (FLOOR != 1 || RANGE != 2 || CODE != 0)) begin : g_check_leak
            illegal_parameter_LEAKS_not_of_one_spike_each_way illegal();
        end
    endgenerate

    // Stage 2.
    reg             updating;
    reg             decides;
    reg             begins;
    reg [LANES-1:0] succeeded;
    always @(posedge clk) begin
        updating <= active & ~rst;
        decides <= deciding;
        begins <= first;
        succeeded <= success;
    end

    wire [LEVEL_BITS-1:0] multiple;
    generate
        if (LEAKS != 0) begin : g_leak
            assign multiple = begins ? ONE : ALL;
        end else begin : g_halving
            localparam [LEVEL_BITS-1:0] WHOLE = RANGE[LEVEL_BITS-1:0];
            reg  [LEVEL_BITS-1:0] left;
            reg                   pass_ends;
            wire [LEVEL_BITS-1:0] half = {1'b0, left[LEVEL_BITS-1:1]};
            assign multiple = left - half;
            always @(posedge clk) begin
                pass_ends <= active & deciding & last_group & ~rst;
                if (rst)
                    left <= WHOLE;
                else if (pass_ends)
                    left <= (half == ZERO) ? WHOLE : half;
            end
        end
    endgenerate

    wire [LANES*LEVEL_BITS-1:0] stored;
    wire [LANES*LEVEL_BITS-1:0] level;
    generate
        if (GROUPS == 1) begin : g_register
            reg [LANES*LEVEL_BITS-1:0] word;
            assign stored = word;
            always @(posedge clk)
                if (updating)
                    word <= level;
            // One word needs no address.
            wire unused_group = &{1'b0, group};
        end else begin : g_memory
            // A group is read again when the others have been written.
            (* no_rw_check *)
            reg [LANES*LEVEL_BITS-1:0] memory [0:GROUPS-1];
            reg [LANES*LEVEL_BITS-1:0] word;
            reg [GROUP_BITS-1:0]       updated_group;
            assign stored = word;
            always @(posedge clk) begin
                word <= memory[group];
                updated_group <= group;
                if (updating)
                    memory[updated_group] <= level;
            end
        end
    endgenerate

    wire [LEVEL_BITS-1:0] plane;
    // Two passes of one value each, sent whole, are told apart without counting.
    wire unused_last = &{1'b0, last_group};
    generate
        if (CODE == BITS) begin : g_plane
            reg              sent;
            reg [STEPS-1:0]  planes;
            always @(posedge clk) begin
                sent <= active & sending & last_group & ~rst;
                if (rst)
                    planes <= {1'b1, {(STEPS-1){1'b0}}};
                else if (sent)
                    planes <= {planes[0], planes[STEPS-1:1]};
            end
            if (LEVEL_BITS > STEPS) begin : g_above
                assign plane = {{(LEVEL_BITS-STEPS){1'b0}}, planes};
            end else begin : g_full
                assign plane = planes;
            end
        end else begin : g_whole
            assign plane = ALL;
            wire unused_sending = &{1'b0, sending};
        end
    endgenerate

    genvar lane;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            wire [LEVEL_BITS-1:0] held = begins ? START : stored[lane*LEVEL_BITS +: LEVEL_BITS];
            wire [LEVEL_BITS-1:0] taken = succeeded[lane] ? multiple : ZERO;
            wire [LEVEL_BITS-1:0] step;
            if (CODE == UNARY) begin : g_unary
                wire [LEVEL_BITS-1:0] toward_zero = held[LEVEL_BITS-1] ? ONE : (held == ZERO) ? ZERO : ALL;
                assign step = decides ? taken : toward_zero;
            end else begin : g_kept
                assign step = decides ? taken : ZERO;
            end
            wire [LEVEL_BITS-1:0] next = held + step;
            wire                  below = (FLOOR > 0) & next[LEVEL_BITS-1];
            wire [LEVEL_BITS-1:0] size = (next ^ {LEVEL_BITS{below}}) + {{(LEVEL_BITS-1){1'b0}}, below};
            assign level[lane*LEVEL_BITS +: LEVEL_BITS] = next;
            assign negative[lane] = below;
            if (CODE == BITS) begin : g_bits
                assign quiet[lane] = (size & plane) == ZERO;
            end else begin : g_level
                assign quiet[lane] = next == ZERO;
            end
            if (MAGNITUDE_BITS > 1) begin : g_magnitude
                assign magnitude[lane*MAGNITUDE_BITS +: MAGNITUDE_BITS] = size[MAGNITUDE_BITS-1:0];
            end else begin : g_one
                assign magnitude[lane] = 1'b1;
            end
            wire unused_size = &{1'b0, size};
        end
    endgenerate
    wire unused_plane = &{1'b0, plane};
endmodule
