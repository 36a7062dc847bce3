// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// window_walk: turns the events of a link into passes over the potentials of a map that each of them reaches.
//
// The potentials lie in BANK_ROWS × BANK_COLUMNS banks. A pass reads one word of weights and touches at most one word of each bank.
// An event takes ROW_PASSES × COLUMN_PASSES passes at most (where there is a bank for every row or column that an event reaches:
// one), fewer at a border, for each group of lanes that it reaches, and as often as its magnitude; one that reaches nothing takes
// a cycle. Which words and which weights is in tables by row and by column, and with SPLIT (grouped convolution) by channel.
// Between bit planes nothing is doubled: a weight is shifted by the places that its plane has still to go (SHIFTS of the first
// plane), which gives the same sum and costs no pass over the map.
//
// Ports. in_*: the link, in_address = {row, column, channel}. allowed: a pass may be decided in this cycle; wants: one would be.
// ended: the marker that concludes a frame (EVERY_STEP: a step) was taken, nothing more is until resume; frame_ends and fault
// are that marker's. weight_address two cycles after the decision; issue, addresses, negative, shift four cycles after it,
// when the weights are there. event_taken, magnitude_taken, marker_taken, pass_first (not a
// repetition), pass_last_group (the last that the event reaches), pass_partial (the map's last group): for the counters.
//
// Timing. A pass a cycle, without a bubble; a marker one cycle. in_ready is high in the cycle of an event's last pass.
module window_walk #(
    parameter ROW_BITS = 1,
    parameter COLUMN_BITS = 1,
    parameter CHANNEL_BITS = 1,
    parameter SIGNED = 0,
    parameter MAGNITUDE_BITS = 1,
    parameter BANK_ROWS = 1,
    parameter BANK_COLUMNS = 1,
    parameter ROW_PASSES = 1,
    parameter ROW_PASS_BITS = 1,
    parameter COLUMN_PASSES = 1,
    parameter COLUMN_PASS_BITS = 1,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter GROUP_WORDS = 1,
    parameter GROUP_WEIGHTS = 1,
    parameter SPLIT = 0,
    parameter ADDRESS_BITS = 1,
    parameter WEIGHT_ADDRESS_BITS = 1,
    parameter SHIFTS = 0,
    parameter SHIFT_BITS = 1,
    parameter EVERY_STEP = 0,
    parameter ROW_MAP = "",
    parameter COLUMN_MAP = "",
    parameter CHANNEL_MAP = ""
) (
    input  wire                                            clk,
    input  wire                                            rst,
    input  wire                                            in_valid,
    output wire                                            in_ready,
    input  wire [1:0]                                      in_kind,
    input  wire [ROW_BITS+COLUMN_BITS+CHANNEL_BITS-1:0]    in_address,
    input  wire                                            in_negative,
    input  wire [MAGNITUDE_BITS-1:0]                       in_magnitude,
    input  wire                                            in_fault,
    input  wire                                            allowed,
    output wire                                            wants,
    input  wire                                            resume,
    output reg                                             ended,
    output reg                                             frame_ends,
    output reg                                             fault,
    output reg  [WEIGHT_ADDRESS_BITS-1:0]                  weight_address,
    output reg  [BANK_ROWS*BANK_COLUMNS-1:0]               issue,
    output reg  [BANK_ROWS*BANK_COLUMNS*ADDRESS_BITS-1:0]  addresses,
    output wire                                            negative,
    output wire [SHIFT_BITS-1:0]                           shift,
    output reg                                             event_taken,
    output reg  [MAGNITUDE_BITS-1:0]                       magnitude_taken,
    output reg                                             marker_taken,
    output reg                                             pass_first,
    output reg                                             pass_last_group,
    output reg                                             pass_partial
);
    localparam [1:0] SPIKE = 2'd0, END_OF_FRAME = 2'd2;
    localparam LAST_GROUP = GROUPS - 1;
    localparam LAST_GROUP_WORD = LAST_GROUP * GROUP_WORDS;
    localparam [MAGNITUDE_BITS-1:0] ONE = 1;

    generate
        if (GROUPS < 1 || GROUPS > (1 << GROUP_BITS)) begin : g_check_groups
            illegal_parameter_GROUPS_beyond_GROUP_BITS illegal();
        end
        if (SHIFTS >= (1 << SHIFT_BITS) || (SHIFTS != 0 && EVERY_STEP != 0)) begin : g_check_shifts
            illegal_parameter_SHIFTS_beyond_SHIFT_BITS_or_causal illegal();
        end
        if (MAGNITUDE_BITS < 1 || MAGNITUDE_BITS > 7) begin : g_check_magnitude
            illegal_parameter_MAGNITUDE_BITS_not_1_to_7 illegal();
        end
    endgenerate

    wire [ROW_BITS-1:0]     row = in_address[CHANNEL_BITS+COLUMN_BITS +: ROW_BITS];
    wire [COLUMN_BITS-1:0]  column = in_address[CHANNEL_BITS +: COLUMN_BITS];
    wire [CHANNEL_BITS-1:0] channel = in_address[CHANNEL_BITS-1:0];

    reg [ROW_PASS_BITS-1:0]       row_pass;
    reg [COLUMN_PASS_BITS-1:0]    column_pass;
    reg [GROUP_BITS-1:0]          group;
    reg [ADDRESS_BITS-1:0]        group_address;
    reg [WEIGHT_ADDRESS_BITS-1:0] group_weight;

    wire                                 row_last, column_last;
    wire [BANK_ROWS-1:0]                 row_valid;
    wire [BANK_COLUMNS-1:0]              column_valid;
    wire [BANK_ROWS*ADDRESS_BITS-1:0]    row_addresses;
    wire [BANK_COLUMNS*ADDRESS_BITS-1:0] column_addresses;
    wire [WEIGHT_ADDRESS_BITS-1:0]       row_weight, column_weight;
    axis_map #(
        .POSITION_BITS(ROW_BITS), .PASSES(ROW_PASSES), .PASS_BITS(ROW_PASS_BITS), .BANKS(BANK_ROWS),
        .ADDRESS_BITS(ADDRESS_BITS), .WEIGHT_BITS(WEIGHT_ADDRESS_BITS), .FILE(ROW_MAP)
    ) u_rows (
        .position(row), .pass(row_pass), .last(row_last), .valid(row_valid), .addresses(row_addresses), .weight(row_weight)
    );
    axis_map #(
        .POSITION_BITS(COLUMN_BITS), .PASSES(COLUMN_PASSES), .PASS_BITS(COLUMN_PASS_BITS), .BANKS(BANK_COLUMNS),
        .ADDRESS_BITS(ADDRESS_BITS), .WEIGHT_BITS(WEIGHT_ADDRESS_BITS), .FILE(COLUMN_MAP)
    ) u_columns (
        .position(column), .pass(column_pass), .last(column_last), .valid(column_valid), .addresses(column_addresses),
        .weight(column_weight)
    );

    // Groups of lanes: all of them, or those of the channel's own part of a grouped convolution.
    wire                    last_group;
    wire [ADDRESS_BITS-1:0] first_address;
    generate
        if (SPLIT != 0) begin : g_split
            wire [ADDRESS_BITS+GROUP_BITS-1:0] entry;
            lookup_table #(
                .ENTRIES(1 << CHANNEL_BITS), .INDEX_BITS(CHANNEL_BITS), .WIDTH(ADDRESS_BITS + GROUP_BITS), .FILE(CHANNEL_MAP)
            ) u_channels (.index(channel), .entry(entry));
            assign first_address = entry[GROUP_BITS +: ADDRESS_BITS];
            assign last_group = group == entry[GROUP_BITS-1:0];
        end else begin : g_all
            assign first_address = {ADDRESS_BITS{1'b0}};
            assign last_group = group == LAST_GROUP[GROUP_BITS-1:0];
        end
    endgenerate

    wire [ADDRESS_BITS-1:0] first_word = first_address + group_address;

    wire is_spike = in_kind == SPIKE;
    wire is_frame_end = in_kind == END_OF_FRAME;
    wire concludes = ~is_spike & (is_frame_end | (EVERY_STEP != 0));
    wire reaches = (row_valid != {BANK_ROWS{1'b0}}) & (column_valid != {BANK_COLUMNS{1'b0}});
    wire go = allowed & ~ended;
    wire first_repeat, last_repeat;
    assign wants = in_valid & is_spike & reaches & ~ended;
    wire next_issue = wants & allowed;
    wire taps_end = row_last & column_last;
    wire repetition_ends = taps_end & last_group;
    assign in_ready = go & (~is_spike | ~reaches | (repetition_ends & last_repeat));
    wire taken = in_valid & in_ready;

    generate
        if (MAGNITUDE_BITS > 1) begin : g_repeat
            reg [MAGNITUDE_BITS-1:0] repetition;
            assign first_repeat = repetition == ONE;
            assign last_repeat = repetition == in_magnitude;
            always @(posedge clk)
                if (rst)
                    repetition <= ONE;
                else if (next_issue & repetition_ends)
                    repetition <= last_repeat ? ONE : repetition + ONE;
        end else begin : g_once
            assign first_repeat = 1'b1;
            assign last_repeat = 1'b1;
        end
    endgenerate

    always @(posedge clk)
        if (rst) begin
            row_pass <= {ROW_PASS_BITS{1'b0}};
            column_pass <= {COLUMN_PASS_BITS{1'b0}};
            group <= {GROUP_BITS{1'b0}};
            group_address <= {ADDRESS_BITS{1'b0}};
            group_weight <= {WEIGHT_ADDRESS_BITS{1'b0}};
        end else if (next_issue) begin
            column_pass <= column_last ? {COLUMN_PASS_BITS{1'b0}} : column_pass + 1'b1;
            if (column_last)
                row_pass <= row_last ? {ROW_PASS_BITS{1'b0}} : row_pass + 1'b1;
            if (taps_end) begin
                group <= last_group ? {GROUP_BITS{1'b0}} : group + 1'b1;
                group_address <= last_group ? {ADDRESS_BITS{1'b0}} : group_address + GROUP_WORDS[ADDRESS_BITS-1:0];
                group_weight <= last_group ? {WEIGHT_ADDRESS_BITS{1'b0}} : group_weight + GROUP_WEIGHTS[WEIGHT_ADDRESS_BITS-1:0];
            end
        end

    always @(posedge clk)
        if (rst)
            ended <= 1'b0;
        else if (resume)
            ended <= 1'b0;
        else if (taken & concludes)
            ended <= 1'b1;

    always @(posedge clk) begin
        if (taken & concludes) begin
            frame_ends <= is_frame_end;
            fault <= in_fault & is_frame_end;
        end
        event_taken <= taken & is_spike & ~rst;
        magnitude_taken <= in_magnitude;
        marker_taken <= taken & ~is_spike & ~rst;
    end

    // Stage 1: shares of the addresses. Stage 2: the address of the weights.
    wire [WEIGHT_ADDRESS_BITS-1:0] channel_weight;
    generate
        if (WEIGHT_ADDRESS_BITS > CHANNEL_BITS) begin : g_wider_address
            assign channel_weight = {{(WEIGHT_ADDRESS_BITS-CHANNEL_BITS){1'b0}}, channel};
        end else begin : g_address
            assign channel_weight = channel[WEIGHT_ADDRESS_BITS-1:0];
            wire unused_channel = &{1'b0, channel};
        end
    endgenerate
    reg                                  valid_1, valid_2, valid_3, first_1, first_2, first_3, last_1, last_2, last_3, partial_1, partial_2, partial_3;
    reg [BANK_ROWS-1:0]                  rows_1, rows_2, rows_3;
    reg [BANK_COLUMNS-1:0]               columns_1, columns_2, columns_3;
    reg [BANK_ROWS*ADDRESS_BITS-1:0]     row_words_1, row_words_2, row_words_3;
    reg [BANK_COLUMNS*ADDRESS_BITS-1:0]  column_words_1, column_words_2, column_words_3;
    reg [WEIGHT_ADDRESS_BITS-1:0]        weight_1, other_weight_1;
    integer i;
    integer j;
    always @(posedge clk) begin
        valid_1 <= next_issue & ~rst;
        first_1 <= first_repeat;
        last_1 <= last_group;
        partial_1 <= first_word == LAST_GROUP_WORD[ADDRESS_BITS-1:0];
        rows_1 <= row_valid;
        columns_1 <= column_valid;
        for (i = 0; i < BANK_ROWS; i = i + 1)
            row_words_1[i*ADDRESS_BITS +: ADDRESS_BITS] <=
                row_addresses[i*ADDRESS_BITS +: ADDRESS_BITS] + first_word;
        column_words_1 <= column_addresses;
        weight_1 <= row_weight + group_weight;
        other_weight_1 <= column_weight + channel_weight;
        {valid_3, valid_2} <= {valid_2 & ~rst, valid_1 & ~rst};
        {first_3, first_2} <= {first_2, first_1};
        {last_3, last_2} <= {last_2, last_1};
        {partial_3, partial_2} <= {partial_2, partial_1};
        {rows_3, rows_2} <= {rows_2, rows_1};
        {columns_3, columns_2} <= {columns_2, columns_1};
        {row_words_3, row_words_2} <= {row_words_2, row_words_1};
        {column_words_3, column_words_2} <= {column_words_2, column_words_1};
        weight_address <= weight_1 + other_weight_1;
        // Stage 4: a word of every bank.
        pass_first <= first_3;
        pass_last_group <= last_3;
        pass_partial <= partial_3;
        for (i = 0; i < BANK_ROWS; i = i + 1)
            for (j = 0; j < BANK_COLUMNS; j = j + 1) begin
                issue[i*BANK_COLUMNS + j] <= valid_3 & rows_3[i] & columns_3[j] & ~rst;
                addresses[(i*BANK_COLUMNS + j)*ADDRESS_BITS +: ADDRESS_BITS] <=
                    row_words_3[i*ADDRESS_BITS +: ADDRESS_BITS] + column_words_3[j*ADDRESS_BITS +: ADDRESS_BITS];
            end
    end

    generate
        if (SIGNED != 0) begin : g_signed
            reg [3:0] signs;
            always @(posedge clk)
                signs <= {signs[2:0], in_negative};
            assign negative = signs[3];
        end else begin : g_unsigned
            assign negative = 1'b0;
            wire unused_negative = &{1'b0, in_negative};
        end
        if (SHIFTS != 0) begin : g_shift
            reg [SHIFT_BITS-1:0]   plane;
            reg [4*SHIFT_BITS-1:0] shifts;
            always @(posedge clk) begin
                shifts <= {shifts[3*SHIFT_BITS-1:0], plane};
                if (rst)
                    plane <= SHIFTS[SHIFT_BITS-1:0];
                else if (taken & ~is_spike)
                    plane <= is_frame_end ? SHIFTS[SHIFT_BITS-1:0] : plane - 1'b1;
            end
            assign shift = shifts[3*SHIFT_BITS +: SHIFT_BITS];
        end else begin : g_no_shift
            assign shift = {SHIFT_BITS{1'b0}};
        end
    endgenerate
endmodule
