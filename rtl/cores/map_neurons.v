// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// map_neurons: a layer of neurons in a map, behind the map_synapses of its SYNAPSES sources: banks of potentials, the scan that
// decides all levels at a word a cycle, and the memory that they are sent from.
//
// When every source has ended its frame (CAUSAL without DIRECT: its time step) and the last charge is written, it is scanned,
// decided and sent. BUFFERS = 2: the buffers change sides, the next frame (time step) is charged meanwhile; BUFFERS = 1: it waits
// until the scan has read every word. DIRECT: SCANS scans of the same charge.
// POOLS: a neuron decides on the largest potential of its window. CAUSAL: what is left of a potential is kept from one time
// step to the next; a frame starts from the start memory, a word a group or, START_PER_NEURON, a word each.
// Stages of the scan: map_scan, bank, choice of the bank, maximum or sum, map_decision, level_sender.
//
// Ports. allowed … totals: see map_synapses, source 0 lowest. out_*: a link for each of SENDERS consumers, which take a frame
// when they like: a sender holds two. counters, frame_done: see layer_counters; here a
// doubling is counted though it is a shift of the weight.
//
// Timing. Σ passes of the events + markers + SCANS·words scanned + events sent + 32 cycles a scan at most, links willing.
module map_neurons #(
    parameter SYNAPSES = 1,
    parameter SENDERS = 1,
    parameter LANES = 1,
    parameter LAST_LANES = 1,
    parameter WIDTH = 8,
    parameter OPERAND_BITS = 4,
    parameter CARRIES = 0,
    parameter BUFFERS = 2,
    parameter BANK_ROWS = 1,
    parameter BANK_COLUMNS = 1,
    parameter BANK_BITS = 1,
    parameter DEPTH = 1,
    parameter ADDRESS_BITS = 1,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter GROUP_WORDS = 1,
    parameter ROWS = 1,
    parameter ROW_BITS = 1,
    parameter COLUMNS = 1,
    parameter COLUMN_BITS = 1,
    parameter CHANNEL_BITS = 3,
    parameter OUT_BITS = 3,
    parameter WORDS = 1,
    parameter WORD_BITS = 1,
    parameter ROW_ENTRIES = 1,
    parameter ROW_ENTRY_BITS = 1,
    parameter COLUMN_ENTRIES = 1,
    parameter COLUMN_ENTRY_BITS = 1,
    parameter ROW_MAP = "",
    parameter COLUMN_MAP = "",
    parameter POOLS = 0,
    parameter CAUSAL = 0,
    parameter DIRECT = 0,
    parameter SCANS = 1,
    parameter SCAN_BITS = 1,
    parameter START_PER_NEURON = 0,
    parameter START = "",
    parameter SATURATES = 0,
    parameter FIRES = 1,
    parameter [FIRES*8-1:0] MULTIPLES = 1,
    parameter FLOOR = 0,
    parameter LEVEL_BITS = 2,
    parameter LEAKS = 0,
    parameter CONSTANT_ROWS = 2,
    parameter CONSTANT_ROW_BITS = 1,
    parameter CONSTANTS = "",
    parameter CODE = 0,
    parameter STEPS = 1,
    parameter STEP_BITS = 1,
    parameter SIGNED_OUT = 0,
    parameter MAGNITUDE_OUT_BITS = 1,
    parameter DOUBLINGS = 0,
    parameter COUNTERS = 0
) (
    input  wire                                                         clk,
    input  wire                                                         rst,
    output wire [SYNAPSES-1:0]                                          allowed,
    input  wire [SYNAPSES-1:0]                                          wants,
    output wire                                                         resume,
    input  wire [SYNAPSES-1:0]                                          ended,
    input  wire [SYNAPSES-1:0]                                          frame_ends,
    input  wire [SYNAPSES-1:0]                                          fault,
    input  wire [SYNAPSES*BANK_ROWS*BANK_COLUMNS-1:0]                   issue,
    input  wire [SYNAPSES*BANK_ROWS*BANK_COLUMNS*ADDRESS_BITS-1:0]      addresses,
    input  wire [SYNAPSES*BANK_ROWS*BANK_COLUMNS*LANES*OPERAND_BITS-1:0] operands,
    input  wire [SYNAPSES-1:0]                                          carry,
    input  wire [SYNAPSES*288-1:0]                                      totals,
    output wire [SENDERS-1:0]                                           out_valid,
    input  wire [SENDERS-1:0]                                           out_ready,
    output wire [2*SENDERS-1:0]                                         out_kind,
    output wire [SENDERS*OUT_BITS-1:0]                                  out_channel,
    output wire [SENDERS-1:0]                                           out_negative,
    output wire [SENDERS*MAGNITUDE_OUT_BITS-1:0]                        out_magnitude,
    output wire [SENDERS-1:0]                                           out_fault,
    output wire [719:0]                                                 counters,
    output wire                                                         frame_done
);
    localparam WORD = LANES * WIDTH;
    localparam LAST_SCAN = SCANS - 1;
    localparam [2:0] SETTLED = 3'd5;

    generate
        if (SYNAPSES != 1 && SYNAPSES != 2) begin : g_check_synapses
            illegal_parameter_SYNAPSES_not_1_or_2 illegal();
        end
        if (POOLS != 0 && CAUSAL != 0) begin : g_check_pools
            illegal_parameter_POOLS_of_causal_neurons illegal();
        end
        if (SCANS < 1 || SCANS > (1 << SCAN_BITS) || (SCANS != 1 && DIRECT == 0) || (DIRECT != 0 && CAUSAL == 0)) begin : g_check_scans
            illegal_parameter_SCANS_not_of_direct_input illegal();
        end
    endgenerate

    // Which frame is charged and which is scanned.
    reg                 side;
    reg                 scanning;
    reg                 repeating;
    reg [SCAN_BITS-1:0] scan_number;
    reg                 frame_last;
    reg                 frame_fault;
    reg                 begins_frame;
    reg                 next_begins_frame;
    reg [2:0]           settling;
    wire                scan_busy;
    wire                wipe;
    wire                sender_free;
    wire                scan_done;
    wire                all_ended = &ended;
    wire                settled = all_ended & (settling == SETTLED);
    wire                may_scan = ~scanning & ~scan_busy & sender_free;
    wire                change = may_scan & ~repeating & settled;
    wire                start = change | (may_scan & repeating);
    wire [SCAN_BITS-1:0] next_scan = change ? {SCAN_BITS{1'b0}} : scan_number + 1'b1;
    wire                last_scan = next_scan == LAST_SCAN[SCAN_BITS-1:0];
    wire                frame_ending = &frame_ends;
    always @(posedge clk)
        if (rst) begin
            side <= 1'b0;
            scanning <= 1'b0;
            repeating <= 1'b0;
            settling <= 3'd0;
            scan_number <= {SCAN_BITS{1'b0}};
            next_begins_frame <= 1'b1;
        end else begin
            settling <= ~all_ended ? 3'd0 : (settling == SETTLED) ? SETTLED : settling + 3'd1;
            if (change) begin
                side <= ~side;
                next_begins_frame <= frame_ending;
            end
            if (start) begin
                scanning <= 1'b1;
                scan_number <= next_scan;
                repeating <= ~last_scan;
            end else if (scan_done)
                scanning <= 1'b0;
        end
    always @(posedge clk)
        if (start) begin
            begins_frame <= (DIRECT != 0) ? change : next_begins_frame;
            frame_last <= last_scan & (change ? frame_ending : 1'b1);
            if (change) frame_fault <= |fault;
        end
    generate
        if (BUFFERS == 1) begin : g_after_scan
            reg waiting;
            assign resume = waiting & ~repeating & ~scan_busy;
            always @(posedge clk)
                if (rst | resume)
                    waiting <= 1'b0;
                else if (change)
                    waiting <= 1'b1;
        end else begin : g_meanwhile
            assign resume = change;
        end
        if (SYNAPSES == 1) begin : g_alone
            assign allowed = ~wipe & ~rst;
            wire unused_wants = &{1'b0, wants};
        end else begin : g_first_come
            assign allowed = {~wipe & ~rst & ~wants[0], ~wipe & ~rst};
            wire unused_wants = &{1'b0, wants};
        end
    endgenerate

    // The scan.
    wire                    scan_issue, scan_clear, first_2, last_2, scan_last_2;
    wire [ADDRESS_BITS-1:0] scan_address;
    wire [BANK_BITS-1:0]    bank_row_2, bank_column_2;
    wire [GROUP_BITS-1:0]   group_2;
    wire [OUT_BITS-1:0]     base_2;
    map_scan #(
        .LANES(LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .GROUP_WORDS(GROUP_WORDS), .DEPTH(DEPTH), .ADDRESS_BITS(ADDRESS_BITS),
        .BANK_BITS(BANK_BITS), .ROWS(ROWS), .ROW_BITS(ROW_BITS), .COLUMNS(COLUMNS), .COLUMN_BITS(COLUMN_BITS),
        .CHANNEL_BITS(CHANNEL_BITS), .BASE_BITS(OUT_BITS), .ROW_ENTRIES(ROW_ENTRIES), .ROW_ENTRY_BITS(ROW_ENTRY_BITS),
        .COLUMN_ENTRIES(COLUMN_ENTRIES), .COLUMN_ENTRY_BITS(COLUMN_ENTRY_BITS), .ROW_MAP(ROW_MAP), .COLUMN_MAP(COLUMN_MAP)
    ) u_scan (
        .clk(clk), .rst(rst), .start(start), .clearing(last_scan), .busy(scan_busy), .wipe(wipe), .issue(scan_issue),
        .address(scan_address), .bank_row(bank_row_2), .bank_column(bank_column_2), .clear(scan_clear), .window_first(first_2),
        .window_last(last_2), .group(group_2), .base(base_2), .last(scan_last_2)
    );

    // The banks, and the word that is read in stage 2 of the scan.
    wire [WORD-1:0] word_4;
    charge_banks #(
        .SYNAPSES(SYNAPSES), .LANES(LANES), .WIDTH(WIDTH), .OPERAND_BITS(OPERAND_BITS), .CARRIES(CARRIES), .BUFFERS(BUFFERS),
        .BANK_ROWS(BANK_ROWS), .BANK_COLUMNS(BANK_COLUMNS), .BANK_BITS(BANK_BITS), .DEPTH(DEPTH), .ADDRESS_BITS(ADDRESS_BITS)
    ) u_banks (
        .clk(clk), .side(side), .issue(issue), .addresses(addresses), .operands(operands), .carry(carry), .scan_issue(scan_issue),
        .scan_clear(scan_clear), .wipe(wipe), .scan_address(scan_address), .scan_row(bank_row_2), .scan_column(bank_column_2),
        .scan_word(word_4)
    );

    reg                  valid_3, valid_4, first_3, first_4, last_3, last_4, scan_last_3, scan_last_4;
    reg [GROUP_BITS-1:0] group_3, group_4;
    reg [OUT_BITS-1:0]   base_3, base_4;
    always @(posedge clk) begin
        {valid_4, valid_3} <= {valid_3 & ~rst, scan_issue & ~rst};
        {first_4, first_3} <= {first_3, first_2};
        {last_4, last_3} <= {last_3, last_2};
        {scan_last_4, scan_last_3} <= {scan_last_3, scan_last_2};
        {group_4, group_3} <= {group_3, group_2};
        {base_4, base_3} <= {base_3, base_2};
    end

    // The largest of a window, or the sum with what was left of the time step before.
    wire                  decided;
    wire [WORD-1:0]       left_word;
    wire                  given;
    wire [WORD-1:0]       given_word;
    wire [OUT_BITS-1:0]   given_base;
    wire                  given_last;
    wire [GROUP_BITS-1:0] given_group;
    genvar lane;
    generate
        if (POOLS != 0 || CAUSAL != 0) begin : g_fifth
            reg                valid_5;
            reg [OUT_BITS-1:0] base_5;
            reg                scan_last_5;
            reg [WORD-1:0]     word_5;
            always @(posedge clk) begin
                valid_5 <= valid_4 & last_4 & ~rst;
                base_5 <= base_4;
                scan_last_5 <= scan_last_4;
            end
            assign given = valid_5;
            assign given_word = word_5;
            assign given_base = base_5;
            assign given_last = scan_last_5;
            assign given_group = group_4;
            if (CAUSAL != 0) begin : g_state
                reg [WORD-1:0]      memory [0:WORDS-1];
                reg [WORD-1:0]      state_4;
                reg [WORD_BITS-1:0] read_index, write_index;
                wire [WORD-1:0]     start_4;
                always @(posedge clk) begin
                    state_4 <= memory[read_index];
                    if (decided)
                        memory[write_index] <= left_word;
                    read_index <= start ? {WORD_BITS{1'b0}} : read_index + {{(WORD_BITS-1){1'b0}}, valid_3};
                    write_index <= start ? {WORD_BITS{1'b0}} : write_index + {{(WORD_BITS-1){1'b0}}, decided};
                end
                if (START_PER_NEURON != 0) begin : g_each
                    constant_memory #(
                        .LANES(LANES), .WIDTH(WIDTH), .ROWS(1), .ROW_BITS(1), .GROUPS(WORDS), .GROUP_BITS(WORD_BITS), .FILE(START)
                    ) u_start (.clk(clk), .row(1'b0), .group(read_index), .word(start_4));
                end else begin : g_by_group
                    constant_memory #(
                        .LANES(LANES), .WIDTH(WIDTH), .ROWS(1), .ROW_BITS(1), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .FILE(START)
                    ) u_start (.clk(clk), .row(1'b0), .group(group_3), .word(start_4));
                end
                for (lane = 0; lane < LANES; lane = lane + 1) begin : g_sum
                    always @(posedge clk)
                        word_5[lane*WIDTH +: WIDTH] <= word_4[lane*WIDTH +: WIDTH]
                            + (begins_frame ? start_4[lane*WIDTH +: WIDTH] : state_4[lane*WIDTH +: WIDTH]);
                end
                wire unused_first = &{1'b0, first_4};
            end else begin : g_maximum
                for (lane = 0; lane < LANES; lane = lane + 1) begin : g_largest
                    wire larger = $signed(word_4[lane*WIDTH +: WIDTH]) > $signed(word_5[lane*WIDTH +: WIDTH]);
                    always @(posedge clk)
                        if (valid_4 & (first_4 | larger))
                            word_5[lane*WIDTH +: WIDTH] <= word_4[lane*WIDTH +: WIDTH];
                end
                wire unused_state = &{1'b0, left_word};
            end
        end else begin : g_fourth
            assign given = valid_4;
            assign given_word = word_4;
            assign given_base = base_4;
            assign given_last = scan_last_4;
            assign given_group = group_3;
            wire unused_state = &{1'b0, first_4, last_4, group_4, left_word};
        end
    endgenerate

    wire [LANES*LEVEL_BITS-1:0] levels;
    wire [OUT_BITS-1:0]         level_base;
    wire                        level_last;
    wire [47:0]                 successes, sent_events, sent_spikes;
    assign scan_done = decided & level_last;
    map_decision #(
        .LANES(LANES), .LAST_LANES(LAST_LANES), .WIDTH(WIDTH), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS), .BASE_BITS(OUT_BITS),
        .SATURATES(SATURATES), .FIRES(FIRES), .MULTIPLES(MULTIPLES), .FLOOR(FLOOR), .LEVEL_BITS(LEVEL_BITS), .LEAKS(LEAKS),
        .ROWS(CONSTANT_ROWS), .ROW_BITS(CONSTANT_ROW_BITS), .CONSTANTS(CONSTANTS), .COUNTERS(COUNTERS)
    ) u_decision (
        .clk(clk), .rst(rst), .in_group(given_group), .in_valid(given), .in_word(given_word), .in_base(given_base),
        .in_last(given_last), .out_valid(decided), .out_levels(levels), .out_word(left_word), .out_base(level_base),
        .out_last(level_last), .successes(successes)
    );
    wire [SENDERS-1:0]    free;
    wire [SENDERS*48-1:0] events_of_senders, spikes_of_senders;
    genvar sender;
    generate
        for (sender = 0; sender < SENDERS; sender = sender + 1) begin : g_sender
            level_sender #(
                .LANES(LANES), .LEVEL_BITS(LEVEL_BITS), .BASE_BITS(OUT_BITS), .WORDS(WORDS), .WORD_BITS(WORD_BITS), .CODE(CODE),
                .STEPS(STEPS), .STEP_BITS(STEP_BITS), .SIGNED(SIGNED_OUT), .MAGNITUDE_BITS(MAGNITUDE_OUT_BITS), .COUNTERS(COUNTERS)
            ) u_sender (
                .clk(clk), .rst(rst), .in_valid(decided), .in_levels(levels), .in_base(level_base), .in_last(level_last),
                .in_frame_last(frame_last), .in_fault(frame_fault), .free(free[sender]), .out_valid(out_valid[sender]),
                .out_ready(out_ready[sender]), .out_kind(out_kind[2*sender +: 2]),
                .out_address(out_channel[sender*OUT_BITS +: OUT_BITS]), .out_negative(out_negative[sender]),
                .out_magnitude(out_magnitude[sender*MAGNITUDE_OUT_BITS +: MAGNITUDE_OUT_BITS]), .out_fault(out_fault[sender]),
                .sent_events(events_of_senders[sender*48 +: 48]), .sent_spikes(spikes_of_senders[sender*48 +: 48])
            );
        end
    endgenerate
    assign sender_free = &free;
    // All senders send the same.
    assign sent_events = events_of_senders[47:0];
    assign sent_spikes = spikes_of_senders[47:0];
    wire unused_counts = &{1'b0, events_of_senders, spikes_of_senders};

    map_counters #(
        .ENABLED(COUNTERS), .SYNAPSES(SYNAPSES), .LANES(LANES), .LAST_LANES(LAST_LANES), .GROUPS(GROUPS), .GROUP_BITS(GROUP_BITS),
        .STAGES(SATURATES + FIRES), .CAUSAL(CAUSAL), .DIRECT(DIRECT), .DOUBLINGS(DOUBLINGS)
    ) u_counters (
        .clk(clk), .rst(rst), .totals(totals), .change(change), .frame_ending(frame_ending), .group(group_3), .read(valid_3), .first(first_3),
        .last(last_3), .clear(scan_clear), .begins(begins_frame), .successes(successes), .sent_events(sent_events), .sent_spikes(sent_spikes),
        .frame_sent(scan_done & frame_last), .counters(counters), .frame_done(frame_done)
    );
endmodule
