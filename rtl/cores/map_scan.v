// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// map_scan: reads the potentials of a map once a frame (or time step), neuron by neuron: for each group of lanes, row and column
// of neurons the potentials of its pooling window one after the other; without pooling one. What is read for the last time is
// cleared. Which words a window holds is in a table by row and one by column.
//
// Ports. start: scan now, clearing or not. busy: from start until the last word was issued. wipe: after reset every word of every
// bank is cleared. Stage 0: issue, address, bank_row, bank_column, clear for the banks, and of the word: window_first, window_last,
// group, base ({row, column, channel} of lane 0, without row and column where there is one position), last (of the scan).
//
// Timing. A potential word a cycle; stage 0 of the first one three cycles after start.
// Memory files: one entry a line in hexadecimal; from bit 0 on: last of its window, cleared, bank, address. The entries of a
// window stand together, the windows in order.
module map_scan #(
    parameter LANES = 1,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter GROUP_WORDS = 1,
    parameter DEPTH = 1,
    parameter ADDRESS_BITS = 1,
    parameter BANK_BITS = 1,
    parameter ROWS = 1,
    parameter ROW_BITS = 1,
    parameter COLUMNS = 1,
    parameter COLUMN_BITS = 1,
    parameter CHANNEL_BITS = 3,
    parameter BASE_BITS = 3,
    parameter ROW_ENTRIES = 1,
    parameter ROW_ENTRY_BITS = 1,
    parameter COLUMN_ENTRIES = 1,
    parameter COLUMN_ENTRY_BITS = 1,
    parameter ROW_MAP = "",
    parameter COLUMN_MAP = ""
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    start,
    input  wire                    clearing,
    output wire                    busy,
    output reg                     wipe,
    output reg                     issue,
    output reg  [ADDRESS_BITS-1:0] address,
    output reg  [BANK_BITS-1:0]    bank_row,
    output reg  [BANK_BITS-1:0]    bank_column,
    output reg                     clear,
    output reg                     window_first,
    output reg                     window_last,
    output reg  [GROUP_BITS-1:0]   group,
    output reg  [BASE_BITS-1:0]    base,
    output reg                     last
);
    localparam ENTRY = 2 + BANK_BITS + ADDRESS_BITS;
    localparam LAST_ROW = ROWS - 1;
    localparam LAST_COLUMN = COLUMNS - 1;
    localparam LAST_GROUP = GROUPS - 1;
    localparam LAST_WORD = DEPTH - 1;

    generate
        if (ROWS > (1 << ROW_BITS) || COLUMNS > (1 << COLUMN_BITS) || GROUPS > (1 << GROUP_BITS)) begin : g_check_sizes
            illegal_parameter_ROWS_COLUMNS_or_GROUPS_beyond_their_bits illegal();
        end
        if (BASE_BITS != CHANNEL_BITS && BASE_BITS != ROW_BITS + COLUMN_BITS + CHANNEL_BITS) begin : g_check_base
            illegal_parameter_BASE_BITS_not_of_a_map illegal();
        end
    endgenerate

    reg                         running;
    reg                         wiping;
    reg                         clears;
    reg [ADDRESS_BITS-1:0]      wiped;
    reg [ROW_ENTRY_BITS-1:0]    row_entry_number, row_window;
    reg [COLUMN_ENTRY_BITS-1:0] column_entry_number, column_window;
    reg [ROW_BITS-1:0]          row;
    reg [COLUMN_BITS-1:0]       column;
    reg [GROUP_BITS-1:0]        current_group;
    reg [ADDRESS_BITS-1:0]      group_address;
    reg [CHANNEL_BITS-1:0]      channel;
    reg                         begins;

    wire [ENTRY-1:0]        row_entry, column_entry;
    lookup_table #(.ENTRIES(ROW_ENTRIES), .INDEX_BITS(ROW_ENTRY_BITS), .WIDTH(ENTRY), .FILE(ROW_MAP)) u_rows (
        .index(row_entry_number), .entry(row_entry)
    );
    lookup_table #(.ENTRIES(COLUMN_ENTRIES), .INDEX_BITS(COLUMN_ENTRY_BITS), .WIDTH(ENTRY), .FILE(COLUMN_MAP)) u_columns (
        .index(column_entry_number), .entry(column_entry)
    );
    wire                    row_ends = row_entry[0];
    wire                    column_ends = column_entry[0];
    wire                    window_ends = row_ends & column_ends;
    wire                    last_column = column == LAST_COLUMN[COLUMN_BITS-1:0];
    wire                    last_row = row == LAST_ROW[ROW_BITS-1:0];
    wire                    last_group = current_group == LAST_GROUP[GROUP_BITS-1:0];
    wire                    line_ends = window_ends & last_column;
    wire                    group_ends = line_ends & last_row;
    wire                    scan_ends = group_ends & last_group;
    assign busy = running | wiping | wipe;

    always @(posedge clk)
        if (rst) begin
            wiping <= 1'b1;
            wiped <= {ADDRESS_BITS{1'b0}};
            running <= 1'b0;
        end else begin
            wiped <= wiped + 1'b1;
            if (wiped == LAST_WORD[ADDRESS_BITS-1:0]) wiping <= 1'b0;
            if (start) running <= 1'b1;
            else if (running & scan_ends) running <= 1'b0;
        end

    always @(posedge clk)
        if (~running) begin
            if (start) clears <= clearing;
            row_entry_number <= {ROW_ENTRY_BITS{1'b0}};
            row_window <= {ROW_ENTRY_BITS{1'b0}};
            column_entry_number <= {COLUMN_ENTRY_BITS{1'b0}};
            column_window <= {COLUMN_ENTRY_BITS{1'b0}};
            row <= {ROW_BITS{1'b0}};
            column <= {COLUMN_BITS{1'b0}};
            current_group <= {GROUP_BITS{1'b0}};
            group_address <= {ADDRESS_BITS{1'b0}};
            channel <= {CHANNEL_BITS{1'b0}};
            begins <= 1'b1;
        end else begin
            begins <= window_ends;
            // The columns of a window, then its rows, then the next window.
            if (line_ends) begin
                column_entry_number <= {COLUMN_ENTRY_BITS{1'b0}};
                column_window <= {COLUMN_ENTRY_BITS{1'b0}};
            end else if (window_ends) begin
                column_entry_number <= column_entry_number + 1'b1;
                column_window <= column_entry_number + 1'b1;
            end else
                column_entry_number <= column_ends ? column_window : column_entry_number + 1'b1;
            if (group_ends) begin
                row_entry_number <= {ROW_ENTRY_BITS{1'b0}};
                row_window <= {ROW_ENTRY_BITS{1'b0}};
            end else if (line_ends) begin
                row_entry_number <= row_entry_number + 1'b1;
                row_window <= row_entry_number + 1'b1;
            end else if (window_ends)
                row_entry_number <= row_window;
            else if (column_ends)
                row_entry_number <= row_entry_number + 1'b1;
            if (window_ends)
                column <= last_column ? {COLUMN_BITS{1'b0}} : column + 1'b1;
            if (line_ends)
                row <= last_row ? {ROW_BITS{1'b0}} : row + 1'b1;
            if (group_ends) begin
                current_group <= current_group + 1'b1;
                group_address <= group_address + GROUP_WORDS[ADDRESS_BITS-1:0];
                channel <= channel + LANES[CHANNEL_BITS-1:0];
            end
        end

    // The table entries, then their sum.
    reg                    valid_1, clear_1, begins_1, ends_1, last_1;
    reg [ADDRESS_BITS-1:0] row_address_1, column_address_1;
    reg [BANK_BITS-1:0]    bank_row_1, bank_column_1;
    reg [GROUP_BITS-1:0]   group_1;
    reg [BASE_BITS-1:0]    base_1;
    wire [BASE_BITS-1:0]   current_base;
    generate
        if (BASE_BITS == CHANNEL_BITS) begin : g_one_position
            assign current_base = channel;
        end else begin : g_map
            assign current_base = {row, column, channel};
        end
    endgenerate
    always @(posedge clk) begin
        valid_1 <= running & ~rst;
        clear_1 <= clears & row_entry[1] & column_entry[1];
        begins_1 <= begins;
        ends_1 <= window_ends;
        last_1 <= scan_ends;
        row_address_1 <= row_entry[2+BANK_BITS +: ADDRESS_BITS] + group_address;
        column_address_1 <= column_entry[2+BANK_BITS +: ADDRESS_BITS];
        bank_row_1 <= row_entry[2 +: BANK_BITS];
        bank_column_1 <= column_entry[2 +: BANK_BITS];
        group_1 <= current_group;
        base_1 <= current_base;
        wipe <= wiping & ~rst;
        issue <= valid_1 & ~rst;
        address <= wiping ? wiped : row_address_1 + column_address_1;
        clear <= clear_1;
        window_first <= begins_1;
        window_last <= ends_1;
        last <= last_1;
        bank_row <= bank_row_1;
        bank_column <= bank_column_1;
        group <= group_1;
        base <= base_1;
    end
endmodule
