// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// map_decision: decides the levels of LANES neurons a cycle: a constant is added to their potentials, then every stage compares
// with one multiple of the threshold and subtracts it where it can, so that the levels leave STAGES + 1 cycles later.
//
// SATURATES: the first stage holds the potential below levels + 1 thresholds. LEAKS: two stages, up and down, with a threshold
// each. FLOOR: the lowest level is −FLOOR; so many thresholds are part of the constant. MULTIPLES: what each of FIRES stages adds
// to the level, eight bits each, the first stage lowest.
// Constant rows: 0 the addition; 1 with SATURATES −(levels + 1) thresholds; then the negated thresholds in the order of the
// stages (LEAKS: the negated threshold, then the negative threshold).
//
// Ports. in_group: of the word that is given one cycle later as in_valid, in_word, in_base, in_last. out_*: the levels of LEVEL_BITS
// (signed where FLOOR > 0), what is left of the potentials, and the word's base and last. successes: compares that changed
// the potential, of lanes with a neuron, for the counters.
module map_decision #(
    parameter LANES = 1,
    parameter LAST_LANES = 1,
    parameter WIDTH = 8,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter BASE_BITS = 3,
    parameter SATURATES = 0,
    parameter FIRES = 1,
    parameter [FIRES*8-1:0] MULTIPLES = 1,
    parameter FLOOR = 0,
    parameter LEVEL_BITS = 2,
    parameter LEAKS = 0,
    parameter ROWS = 2,
    parameter ROW_BITS = 1,
    parameter CONSTANTS = "",
    parameter COUNTERS = 0
) (
    input  wire                        clk,
    input  wire                        rst,
    input  wire [GROUP_BITS-1:0]       in_group,
    input  wire                        in_valid,
    input  wire [LANES*WIDTH-1:0]      in_word,
    input  wire [BASE_BITS-1:0]        in_base,
    input  wire                        in_last,
    output wire                        out_valid,
    output wire [LANES*LEVEL_BITS-1:0] out_levels,
    output wire [LANES*WIDTH-1:0]      out_word,
    output wire [BASE_BITS-1:0]        out_base,
    output wire                        out_last,
    output wire [47:0]                 successes
);
    localparam STAGES = SATURATES + FIRES;
    localparam LAST_GROUP = GROUPS - 1;
    localparam [LEVEL_BITS-1:0] ZERO = {LEVEL_BITS{1'b0}};

    generate
        if (ROWS != 1 + STAGES) begin : g_check_rows
            illegal_parameter_ROWS_not_of_the_stages illegal();
        end
        if (FIRES < 1 || (LEAKS != 0 && (FIRES != 2 || FLOOR != 1 || SATURATES != 0))) begin : g_check_fires
            illegal_parameter_FIRES_not_of_a_decision illegal();
        end
    endgenerate

    // Bundles of stage s at s; stage 0 is the word with its constant added.
    wire [(STAGES+2)*LANES*WIDTH-1:0]      words;
    wire [(STAGES+2)*LANES*LEVEL_BITS-1:0] levels;
    wire [(STAGES+2)*BASE_BITS-1:0]        bases;
    wire [(STAGES+2)*GROUP_BITS-1:0]       groups;
    wire [STAGES+1:0]                      valids;
    wire [STAGES+1:0]                      lasts;
    wire [(STAGES+1)*48-1:0]               sums;

    reg [GROUP_BITS-1:0] given_group;
    always @(posedge clk)
        given_group <= in_group;
    assign words[LANES*WIDTH-1:0] = in_word;
    assign levels[LANES*LEVEL_BITS-1:0] = {LANES{(LEAKS != 0) ? ZERO : ZERO - FLOOR[LEVEL_BITS-1:0]}};
    assign bases[BASE_BITS-1:0] = in_base;
    assign groups[GROUP_BITS-1:0] = given_group;
    assign valids[0] = in_valid;
    assign lasts[0] = in_last;

    // Whether the sum of a potential and a constant is.
    function is_negative;
        input [WIDTH-1:0] potential;
        input [WIDTH-1:0] constant;
        reg   [WIDTH-1:0] sum;
        begin
            sum = potential + constant;
            is_negative = sum[WIDTH-1];
        end
    endfunction

    genvar stage;
    generate
        for (stage = 0; stage <= STAGES; stage = stage + 1) begin : g_stage
            localparam [ROW_BITS-1:0] ROW = stage;
            localparam NUMBER = (stage > SATURATES) ? stage - SATURATES - 1 : 0;
            localparam [7:0] MULTIPLE = MULTIPLES[NUMBER*8 +: 8];
            localparam LEAKING = LEAKS != 0 && NUMBER == 1;
            // Of the level, where the stage fires.
            localparam [LEVEL_BITS-1:0] CHANGE = LEAKING ? {LEVEL_BITS{1'b1}} : MULTIPLE[LEVEL_BITS-1:0];
            localparam SATURATING = SATURATES != 0 && stage == 1;
            wire [GROUP_BITS-1:0] group_ahead;
            if (stage == 0) begin : g_first
                assign group_ahead = in_group;
            end else begin : g_later
                assign group_ahead = groups[(stage-1)*GROUP_BITS +: GROUP_BITS];
            end
            wire [LANES*WIDTH-1:0] constants;
            constant_memory #(
                .LANES(LANES), .WIDTH(WIDTH), .ROWS(ROWS), .ROW_BITS(ROW_BITS), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS),
                .FIXED_ROW(stage), .FILE(CONSTANTS)
            ) u_constants (.clk(clk), .row(ROW), .group(group_ahead), .word(constants));

            reg [LANES*WIDTH-1:0]      word;
            reg [LANES*LEVEL_BITS-1:0] level;
            reg [BASE_BITS-1:0]        base;
            reg [GROUP_BITS-1:0]       group;
            reg                        valid;
            reg                        last;
            wire [LANES*WIDTH-1:0]      given_word = words[stage*LANES*WIDTH +: LANES*WIDTH];
            wire [LANES*LEVEL_BITS-1:0] given_level = levels[stage*LANES*LEVEL_BITS +: LANES*LEVEL_BITS];
            integer                     lane;
            if (stage == 0) begin : g_add
                always @(posedge clk)
                    if (valids[stage]) begin
                        level <= given_level;
                        for (lane = 0; lane < LANES; lane = lane + 1)
                            word[lane*WIDTH +: WIDTH] <= given_word[lane*WIDTH +: WIDTH] + constants[lane*WIDTH +: WIDTH];
                    end
            end else if (SATURATING) begin : g_saturate
                // The complement of a negated number is one less than the number.
                always @(posedge clk)
                    if (valids[stage]) begin
                        level <= given_level;
                        for (lane = 0; lane < LANES; lane = lane + 1)
                            word[lane*WIDTH +: WIDTH] <=
                                is_negative(given_word[lane*WIDTH +: WIDTH], constants[lane*WIDTH +: WIDTH])
                                    ? given_word[lane*WIDTH +: WIDTH] : ~constants[lane*WIDTH +: WIDTH];
                    end
            end else begin : g_fire
                always @(posedge clk)
                    if (valids[stage])
                        for (lane = 0; lane < LANES; lane = lane + 1)
                            if (is_negative(given_word[lane*WIDTH +: WIDTH], constants[lane*WIDTH +: WIDTH]) == LEAKING) begin
                                word[lane*WIDTH +: WIDTH] <= given_word[lane*WIDTH +: WIDTH] + constants[lane*WIDTH +: WIDTH];
                                level[lane*LEVEL_BITS +: LEVEL_BITS] <= given_level[lane*LEVEL_BITS +: LEVEL_BITS] + CHANGE;
                            end else begin
                                word[lane*WIDTH +: WIDTH] <= given_word[lane*WIDTH +: WIDTH];
                                level[lane*LEVEL_BITS +: LEVEL_BITS] <= given_level[lane*LEVEL_BITS +: LEVEL_BITS];
                            end
            end
            always @(posedge clk) begin
                base <= bases[stage*BASE_BITS +: BASE_BITS];
                group <= groups[stage*GROUP_BITS +: GROUP_BITS];
                valid <= valids[stage] & ~rst;
                last <= lasts[stage];
            end
            assign words[(stage+1)*LANES*WIDTH +: LANES*WIDTH] = word;
            assign levels[(stage+1)*LANES*LEVEL_BITS +: LANES*LEVEL_BITS] = level;
            assign bases[(stage+1)*BASE_BITS +: BASE_BITS] = base;
            assign groups[(stage+1)*GROUP_BITS +: GROUP_BITS] = group;
            assign valids[stage+1] = valid;
            assign lasts[stage+1] = last;

            if (COUNTERS != 0 && stage > SATURATES) begin : g_count
                reg [47:0] changes;
                integer    place;
                wire       in_last_group = groups[stage*GROUP_BITS +: GROUP_BITS] == LAST_GROUP[GROUP_BITS-1:0];
                always @* begin
                    changes = 48'd0;
                    if (valids[stage])
                        for (place = 0; place < LANES; place = place + 1)
                            if ((~in_last_group | place < LAST_LANES)
                                && is_negative(given_word[place*WIDTH +: WIDTH], constants[place*WIDTH +: WIDTH]) == LEAKING)
                                changes = changes + 48'd1;
                end
                assign sums[stage*48 +: 48] = changes;
            end else begin : g_no_count
                assign sums[stage*48 +: 48] = 48'd0;
            end
        end
    endgenerate
    assign out_valid = valids[STAGES+1];
    assign out_last = lasts[STAGES+1];
    assign out_levels = levels[(STAGES+1)*LANES*LEVEL_BITS +: LANES*LEVEL_BITS];
    assign out_word = words[(STAGES+1)*LANES*WIDTH +: LANES*WIDTH];
    assign out_base = bases[(STAGES+1)*BASE_BITS +: BASE_BITS];
    // The last stage looks no constants up.
    wire unused_groups = &{1'b0, groups};

    reg [47:0] all_changes;
    integer    place;
    always @* begin
        all_changes = 48'd0;
        for (place = 0; place <= STAGES; place = place + 1)
            all_changes = all_changes + sums[place*48 +: 48];
    end
    assign successes = all_changes;
endmodule
