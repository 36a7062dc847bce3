// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// map_synapses: the synapses from one source to the potentials of a map: takes the events of its link, walks over what they reach
// (window_walk) and reads the weights that are added there.
//
// A word of weights holds LANES of them for each of WEIGHT_BANKS banks, the first bank lowest; with WEIGHT_BANKS = 1 all banks
// take the same and a pass touches one of them. Weights of a pass stand turned to the banks that they go to, so that nothing is
// routed behind the memory.
//
// Ports. See window_walk; issue and addresses in stage 4 of a pass, operands (OPERAND_BITS a lane: the weight, shifted, inverted of
// a negative spike; zero without an issue) and carry in stage 5. totals: six 48-bit counters: events, spikes (sum of magnitudes), accumulates, weight
// words read, potentials touched, and passes that silent inputs did not cost.
module map_synapses #(
    parameter ROW_BITS = 1,
    parameter COLUMN_BITS = 1,
    parameter CHANNEL_BITS = 1,
    parameter SIGNED = 0,
    parameter MAGNITUDE_BITS = 1,
    parameter LANES = 1,
    parameter LAST_LANES = 1,
    parameter BANK_ROWS = 1,
    parameter BANK_COLUMNS = 1,
    parameter WEIGHT_BANKS = 1,
    parameter ROW_PASSES = 1,
    parameter ROW_PASS_BITS = 1,
    parameter COLUMN_PASSES = 1,
    parameter COLUMN_PASS_BITS = 1,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter GROUP_WORDS = 1,
    parameter GROUP_WEIGHTS = 1,
    parameter SPLIT = 0,
    parameter REACHED = 1,
    parameter STEP_PASSES = 1,
    parameter ADDRESS_BITS = 1,
    parameter WEIGHT_BITS = 4,
    parameter WEIGHT_WORDS = 1,
    parameter WEIGHT_ADDRESS_BITS = 1,
    parameter OPERAND_BITS = 4,
    parameter SHIFTS = 0,
    parameter SHIFT_BITS = 1,
    parameter EVERY_STEP = 0,
    parameter ROW_MAP = "",
    parameter COLUMN_MAP = "",
    parameter CHANNEL_MAP = "",
    parameter WEIGHTS = "",
    parameter COUNTERS = 0
) (
    input  wire                                                  clk,
    input  wire                                                  rst,
    input  wire                                                  in_valid,
    output wire                                                  in_ready,
    input  wire [1:0]                                            in_kind,
    input  wire [ROW_BITS+COLUMN_BITS+CHANNEL_BITS-1:0]          in_address,
    input  wire                                                  in_negative,
    input  wire [MAGNITUDE_BITS-1:0]                             in_magnitude,
    input  wire                                                  in_fault,
    input  wire                                                  allowed,
    output wire                                                  wants,
    input  wire                                                  resume,
    output wire                                                  ended,
    output wire                                                  frame_ends,
    output wire                                                  fault,
    output wire [BANK_ROWS*BANK_COLUMNS-1:0]                     issue,
    output wire [BANK_ROWS*BANK_COLUMNS*ADDRESS_BITS-1:0]        addresses,
    output wire [BANK_ROWS*BANK_COLUMNS*LANES*OPERAND_BITS-1:0]  operands,
    output wire                                                  carry,
    output wire [287:0]                                          totals
);
    localparam BANKS = BANK_ROWS * BANK_COLUMNS;

    generate
        if (WEIGHT_BANKS != 1 && WEIGHT_BANKS != BANKS) begin : g_check_banks
            illegal_parameter_WEIGHT_BANKS_not_1_or_all illegal();
        end
        if (LAST_LANES < 1 || LAST_LANES > LANES) begin : g_check_lanes
            illegal_parameter_LAST_LANES_not_1_to_LANES illegal();
        end
    endgenerate

    wire [WEIGHT_ADDRESS_BITS-1:0] weight_address;
    wire                           negative, event_taken, marker_taken, pass_first, pass_last_group, pass_partial;
    wire [SHIFT_BITS-1:0]          shift;
    wire [MAGNITUDE_BITS-1:0]      magnitude_taken;
    window_walk #(
        .ROW_BITS(ROW_BITS), .COLUMN_BITS(COLUMN_BITS), .CHANNEL_BITS(CHANNEL_BITS), .SIGNED(SIGNED), .MAGNITUDE_BITS(MAGNITUDE_BITS),
        .BANK_ROWS(BANK_ROWS), .BANK_COLUMNS(BANK_COLUMNS), .ROW_PASSES(ROW_PASSES), .ROW_PASS_BITS(ROW_PASS_BITS),
        .COLUMN_PASSES(COLUMN_PASSES), .COLUMN_PASS_BITS(COLUMN_PASS_BITS), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS),
        .GROUP_WORDS(GROUP_WORDS), .GROUP_WEIGHTS(GROUP_WEIGHTS), .SPLIT(SPLIT), .ADDRESS_BITS(ADDRESS_BITS),
        .WEIGHT_ADDRESS_BITS(WEIGHT_ADDRESS_BITS), .SHIFTS(SHIFTS), .SHIFT_BITS(SHIFT_BITS), .EVERY_STEP(EVERY_STEP),
        .ROW_MAP(ROW_MAP), .COLUMN_MAP(COLUMN_MAP), .CHANNEL_MAP(CHANNEL_MAP)
    ) u_walk (
        .clk(clk), .rst(rst), .in_valid(in_valid), .in_ready(in_ready), .in_kind(in_kind), .in_address(in_address),
        .in_negative(in_negative), .in_magnitude(in_magnitude), .in_fault(in_fault), .allowed(allowed), .wants(wants),
        .resume(resume), .ended(ended), .frame_ends(frame_ends), .fault(fault), .weight_address(weight_address), .issue(issue),
        .addresses(addresses), .negative(negative), .shift(shift), .event_taken(event_taken), .magnitude_taken(magnitude_taken),
        .marker_taken(marker_taken), .pass_first(pass_first), .pass_last_group(pass_last_group), .pass_partial(pass_partial)
    );

    wire [WEIGHT_BANKS*LANES*WEIGHT_BITS-1:0] weights;
    weight_memory #(
        .LANES(WEIGHT_BANKS * LANES), .BITS(WEIGHT_BITS), .ROWS(WEIGHT_WORDS), .ADDRESS_BITS(WEIGHT_ADDRESS_BITS), .FILE(WEIGHTS)
    ) u_weights (.clk(clk), .rst(rst), .address(weight_address), .row(weights));

    // A bank with one buffer clears its words through the adder. A reset of registers costs nothing, so all have it.
    wire quiet = issue == {BANKS{1'b0}};

    // A weight as it is added: shifted, and inverted of a negative spike.
    function [OPERAND_BITS-1:0] operand;
        input [WEIGHT_BITS-1:0]  weight;
        input [SHIFT_BITS-1:0]   places;
        input                    inverted;
        reg   [OPERAND_BITS-1:0] extended;
        reg   [WEIGHT_BITS-1:0]  unused_bits;
        integer                  place;
        begin
            {unused_bits, extended} = {{OPERAND_BITS{weight[WEIGHT_BITS-1]}}, weight};
            operand = extended;
            for (place = 1; place <= SHIFTS; place = place + 1)
                if (places == place[SHIFT_BITS-1:0])
                    operand = extended << place;
            operand = operand ^ {OPERAND_BITS{inverted}};
        end
    endfunction

    reg  [WEIGHT_BANKS*LANES*OPERAND_BITS-1:0] operand_word;
    integer                                    lane;
    always @(posedge clk)
        if (quiet)
            operand_word <= {WEIGHT_BANKS*LANES*OPERAND_BITS{1'b0}};
        else
            for (lane = 0; lane < WEIGHT_BANKS * LANES; lane = lane + 1)
                operand_word[lane*OPERAND_BITS +: OPERAND_BITS] <= operand(weights[lane*WEIGHT_BITS +: WEIGHT_BITS], shift, negative);
    generate
        if (WEIGHT_BANKS == BANKS) begin : g_own
            assign operands = operand_word;
        end else begin : g_same
            assign operands = {BANKS{operand_word}};
        end
    endgenerate

    reg subtracting;
    always @(posedge clk)
        subtracting <= negative & ~quiet;
    assign carry = subtracting;

    generate
        if (COUNTERS != 0) begin : g_count
            localparam [47:0] REACHED_CHANNELS = REACHED;
            localparam [47:0] WHOLE = LANES;
            localparam [47:0] PART = LAST_LANES;
            localparam [47:0] POSSIBLE = STEP_PASSES;
            reg [47:0] events, spikes, accumulates, rows, touched, skipped;
            reg [47:0] now_accumulates, now_touched;
            integer    bank;
            always @* begin
                now_accumulates = 48'd0;
                now_touched = 48'd0;
                for (bank = 0; bank < BANKS; bank = bank + 1)
                    if (issue[bank]) begin
                        now_accumulates = now_accumulates + (pass_last_group ? REACHED_CHANNELS : 48'd0);
                        now_touched = now_touched + (pass_partial ? PART : WHOLE);
                    end
            end
            always @(posedge clk)
                if (rst) begin
                    events <= 48'd0;
                    spikes <= 48'd0;
                    accumulates <= 48'd0;
                    rows <= 48'd0;
                    touched <= 48'd0;
                    skipped <= 48'd0;
                end else begin
                    if (event_taken) begin
                        events <= events + 48'd1;
                        spikes <= spikes + {{(48-MAGNITUDE_BITS){1'b0}}, magnitude_taken};
                    end
                    accumulates <= accumulates + now_accumulates;
                    rows <= rows + {47'd0, |issue};
                    touched <= touched + now_touched;
                    skipped <= skipped + (marker_taken ? POSSIBLE : 48'd0) - {47'd0, (|issue) & pass_first};
                end
            assign totals = {skipped, touched, rows, accumulates, spikes, events};
        end else begin : g_no_count
            assign totals = 288'd0;
            wire unused = &{1'b0, event_taken, magnitude_taken, marker_taken, pass_first, pass_last_group, pass_partial};
        end
    endgenerate
endmodule
