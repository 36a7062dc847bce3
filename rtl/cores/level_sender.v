// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// level_sender: keeps the levels of a map that a scan decides, word by word, and sends them time step by time step.
//
// For every time step there is a list of the words that send anything in it, so that silent words cost no time. Two scans are
// held: one arrives while the other is sent, and the first time step of a scan is sent while it still arrives.
// CODE: 0 whole levels (sign and magnitude) in one time step; 1 packed early: in time step t whoever has |k| > t, with the sign of k;
// 2 bit planes of |k|, the most significant first, with the sign of k.
//
// Ports. in_*: levels of LANES neurons (signed where SIGNED), the base of lane 0; in_last with the last word of a scan, in_frame_last
// where its last time step ends the frame, in_fault. free: a scan may start. out_*: the link, out_address = base + lane.
// sent_events, sent_spikes: what the word given in this cycle sends altogether, for the counters.
//
// Timing. A word a cycle in; an event a cycle out; a marker a cycle.
module level_sender #(
    parameter LANES = 1,
    parameter LEVEL_BITS = 2,
    parameter BASE_BITS = 3,
    parameter WORDS = 1,
    parameter WORD_BITS = 1,
    parameter CODE = 0,
    parameter STEPS = 1,
    parameter STEP_BITS = 1,
    parameter SIGNED = 0,
    parameter MAGNITUDE_BITS = 1,
    parameter COUNTERS = 0
) (
    input  wire                        clk,
    input  wire                        rst,
    input  wire                        in_valid,
    input  wire [LANES*LEVEL_BITS-1:0] in_levels,
    input  wire [BASE_BITS-1:0]        in_base,
    input  wire                        in_last,
    input  wire                        in_frame_last,
    input  wire                        in_fault,
    output wire                        free,
    output wire                        out_valid,
    input  wire                        out_ready,
    output wire [1:0]                  out_kind,
    output wire [BASE_BITS-1:0]        out_address,
    output wire                        out_negative,
    output wire [MAGNITUDE_BITS-1:0]   out_magnitude,
    output wire                        out_fault,
    output wire [47:0]                 sent_events,
    output wire [47:0]                 sent_spikes
);
    localparam [1:0] NO_MARKER = 2'd0, END_OF_STEP = 2'd1, END_OF_FRAME = 2'd2;
    localparam UNARY = 1, BITS = 2;
    localparam LAST_STEP = STEPS - 1;
    localparam SIZES_BITS = (MAGNITUDE_BITS > 1) ? LANES * MAGNITUDE_BITS : 0;
    localparam SIGNS_BITS = (SIGNED != 0) ? LANES : 0;
    localparam CHUNKS = (LANES > 8) ? (LANES + 7) >> 3 : 0;
    localparam OCCUPIED_AT = BASE_BITS + LANES;
    localparam SIGNS_AT = OCCUPIED_AT + CHUNKS;
    localparam SIZES_AT = SIGNS_AT + SIGNS_BITS;
    localparam PAYLOAD = SIZES_AT + SIZES_BITS;
    localparam CHUNK = (LANES > 8) ? 8 : LANES;

    generate
        if (CODE > 2 || STEPS < 1 || (CODE == 0 && STEPS != 1) || STEPS > (1 << STEP_BITS)) begin : g_check_code
            illegal_parameter_STEPS_not_of_CODE illegal();
        end
        if (WORDS > (1 << WORD_BITS)) begin : g_check_words
            illegal_parameter_WORDS_beyond_WORD_BITS illegal();
        end
        if (MAGNITUDE_BITS < 1 || MAGNITUDE_BITS > LEVEL_BITS || (MAGNITUDE_BITS > 1 && CODE != 0)) begin : g_check_magnitude
            illegal_parameter_MAGNITUDE_BITS_not_of_a_level illegal();
        end
    endgenerate

    // Signs and magnitudes of the word that arrives.
    wire [LANES*LEVEL_BITS-1:0] sizes;
    wire [LANES-1:0]            signs;
    genvar lane, list, chunk;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            wire [LEVEL_BITS-1:0] level = in_levels[lane*LEVEL_BITS +: LEVEL_BITS];
            wire below = (SIGNED != 0) & level[LEVEL_BITS-1];
            assign signs[lane] = below;
            assign sizes[lane*LEVEL_BITS +: LEVEL_BITS] = (level ^ {LEVEL_BITS{below}}) + {{(LEVEL_BITS-1){1'b0}}, below};
        end
    endgenerate

    reg                 write_bank;
    reg                 read_bank;
    reg [1:0]           complete;
    reg [1:0]           faulty;
    reg [1:0]           concluding;
    reg [STEP_BITS-1:0] step;
    reg [WORD_BITS:0]   position;
    assign free = ~complete[write_bank];

    wire [STEPS-1:0]         available;
    wire [STEPS*PAYLOAD-1:0] payloads;
    wire [STEPS*LANES-1:0]   masks;
    wire                     fetch;
    wire                     scan_sent;
    generate
        for (list = 0; list < STEPS; list = list + 1) begin : g_list
            wire [LANES-1:0]   mask;
            wire [PAYLOAD-1:0] payload;
            for (lane = 0; lane < LANES; lane = lane + 1) begin : g_mask
                wire [LEVEL_BITS-1:0] size = sizes[lane*LEVEL_BITS +: LEVEL_BITS];
                if (CODE == UNARY) begin : g_unary
                    assign mask[lane] = size > list;
                end else if (CODE == BITS) begin : g_bits
                    assign mask[lane] = size[LAST_STEP-list];
                end else begin : g_whole
                    assign mask[lane] = size != {LEVEL_BITS{1'b0}};
                end
                if (MAGNITUDE_BITS > 1) begin : g_size
                    assign payload[SIZES_AT + lane*MAGNITUDE_BITS +: MAGNITUDE_BITS] = size[MAGNITUDE_BITS-1:0];
                end
                wire unused_size = &{1'b0, size};
            end
            assign payload[OCCUPIED_AT-1:0] = {mask, in_base};
            for (chunk = 0; chunk < CHUNKS; chunk = chunk + 1) begin : g_occupied
                localparam LOWEST = chunk << 3;
                localparam HIGHEST = (LOWEST + 8 < LANES) ? LOWEST + 8 : LANES;
                assign payload[OCCUPIED_AT + chunk] = |mask[HIGHEST-1:LOWEST];
            end
            if (SIGNED != 0) begin : g_signs
                assign payload[SIGNS_AT +: LANES] = signs;
            end
            assign masks[list*LANES +: LANES] = mask;

            reg [WORD_BITS:0]   count_0;
            reg [WORD_BITS:0]   count_1;
            wire [WORD_BITS:0]  written = write_bank ? count_1 : count_0;
            // A word is read a cycle after it was written, at the earliest.
            (* no_rw_check *)
            reg [PAYLOAD-1:0]   memory [0:(2<<WORD_BITS)-1];
            reg [PAYLOAD-1:0]   word;
            wire append = in_valid & (mask != {LANES{1'b0}});
            wire [WORD_BITS:0] write_address = {write_bank, written[WORD_BITS-1:0]};
            wire [WORD_BITS:0] read_address = {read_bank, position[WORD_BITS-1:0]};
            // A full list holds every word, so the top bit of its length never addresses one.
            wire unused_length_bit = &{1'b0, written[WORD_BITS]};
            // The list that is read is never read beyond its length: no carry chain is needed to compare.
            assign available[list] = position != (read_bank ? count_1 : count_0);
            assign payloads[list*PAYLOAD +: PAYLOAD] = word;
            always @(posedge clk) begin
                if (append)
                    memory[write_address] <= payload;
                if (fetch)
                    word <= memory[read_address];
            end
            always @(posedge clk)
                if (rst) begin
                    count_0 <= {(WORD_BITS+1){1'b0}};
                    count_1 <= {(WORD_BITS+1){1'b0}};
                end else begin
                    if (append & ~write_bank) count_0 <= count_0 + 1'b1;
                    else if (scan_sent & ~read_bank) count_0 <= {(WORD_BITS+1){1'b0}};
                    if (append & write_bank) count_1 <= count_1 + 1'b1;
                    else if (scan_sent & read_bank) count_1 <= {(WORD_BITS+1){1'b0}};
                end
        end
        if (SIGNED == 0) begin : g_unsigned
            wire unused_signs = &{1'b0, signs};
        end
    endgenerate

    // The reader: the words of a list, then the marker of the step.
    wire available_now;
    generate
        if (STEPS == 1) begin : g_one_list
            assign available_now = available[0];
        end else begin : g_lists
            assign available_now = available[step];
        end
    endgenerate
    wire                last_step = step == LAST_STEP[STEP_BITS-1:0];
    wire                marker_now = ~available_now & complete[read_bank];
    reg [1:0]           marker;
    reg                 fault;
    reg [STEP_BITS-1:0] word_step;
    reg                 occupied;
    wire                word_ready;
    wire                advance = ~occupied | word_ready;
    wire                step_sent = advance & marker_now;
    assign fetch = advance & available_now;
    assign scan_sent = step_sent & last_step;

    always @(posedge clk)
        if (advance) begin
            marker <= available_now ? NO_MARKER : (last_step & concluding[read_bank]) ? END_OF_FRAME : END_OF_STEP;
            fault <= faulty[read_bank] & last_step;
            word_step <= step;
        end

    always @(posedge clk)
        if (rst) begin
            write_bank <= 1'b0;
            read_bank <= 1'b0;
            complete <= 2'b00;
            step <= {STEP_BITS{1'b0}};
            position <= {(WORD_BITS+1){1'b0}};
            occupied <= 1'b0;
        end else begin
            if (in_valid & in_last) begin
                complete[write_bank] <= 1'b1;
                write_bank <= ~write_bank;
            end
            if (advance) occupied <= available_now | marker_now;
            if (fetch) position <= position + 1'b1;
            if (step_sent) begin
                position <= {(WORD_BITS+1){1'b0}};
                step <= last_step ? {STEP_BITS{1'b0}} : step + 1'b1;
            end
            if (scan_sent) begin
                complete[read_bank] <= 1'b0;
                read_bank <= ~read_bank;
            end
        end
    always @(posedge clk)
        if (in_valid & in_last) begin
            faulty[write_bank] <= in_fault;
            concluding[write_bank] <= in_frame_last;
        end

    wire [PAYLOAD-1:0] chosen;
    generate
        if (STEPS == 1) begin : g_one
            assign chosen = payloads;
            wire unused_step = &{1'b0, word_step};
        end else begin : g_choice
            reg [PAYLOAD-1:0] choice;
            integer i;
            always @* begin
                choice = payloads[PAYLOAD-1:0];
                for (i = 1; i < STEPS; i = i + 1)
                    if (word_step == i[STEP_BITS-1:0])
                        choice = payloads[i*PAYLOAD +: PAYLOAD];
            end
            assign chosen = choice;
        end
    endgenerate

    wire                            is_word = marker == NO_MARKER;
    wire [LANES-1:0]                word_mask = is_word ? chosen[BASE_BITS +: LANES] : {LANES{1'b0}};
    wire [LANES-1:0]                word_negative;
    wire [LANES*MAGNITUDE_BITS-1:0] word_magnitude;
    wire [BASE_BITS-1:0]            word_base = chosen[BASE_BITS-1:0];
    generate
        if (SIGNED != 0) begin : g_word_signs
            assign word_negative = chosen[SIGNS_AT +: LANES];
        end else begin : g_no_signs
            assign word_negative = {LANES{1'b0}};
        end
        if (MAGNITUDE_BITS > 1) begin : g_word_sizes
            assign word_magnitude = chosen[SIZES_AT +: LANES*MAGNITUDE_BITS];
        end else begin : g_no_sizes
            assign word_magnitude = {LANES{1'b1}};
        end
    endgenerate

    wire                            chunk_valid;
    wire                            chunk_ready;
    wire [CHUNK-1:0]                chunk_mask;
    wire [CHUNK-1:0]                chunk_negative;
    wire [CHUNK*MAGNITUDE_BITS-1:0] chunk_magnitude;
    wire [BASE_BITS-1:0]            chunk_base;
    wire [1:0]                      chunk_marker;
    wire                            chunk_fault;
    generate
        if (LANES > 8) begin : g_split
            word_splitter #(
                .LANES(LANES), .CHANNEL_BITS(BASE_BITS), .SIGNED(SIGNED), .MAGNITUDE_BITS(MAGNITUDE_BITS)
            ) u_splitter (
                .clk(clk), .rst(rst),
                .in_valid(occupied), .in_ready(word_ready), .in_quiet(~word_mask),
                .in_occupied(is_word ? chosen[OCCUPIED_AT +: CHUNKS] : {CHUNKS{1'b0}}),
                .in_negative(word_negative), .in_magnitude(word_magnitude), .in_base(word_base), .in_marker(marker), .in_fault(fault),
                .out_valid(chunk_valid), .out_ready(chunk_ready), .out_mask(chunk_mask), .out_negative(chunk_negative),
                .out_magnitude(chunk_magnitude), .out_base(chunk_base), .out_marker(chunk_marker), .out_fault(chunk_fault)
            );
        end else begin : g_short
            assign chunk_valid = occupied;
            assign word_ready = chunk_ready;
            assign chunk_mask = word_mask;
            assign chunk_negative = word_negative;
            assign chunk_magnitude = word_magnitude;
            assign chunk_base = word_base;
            assign chunk_marker = marker;
            assign chunk_fault = fault;
        end
    endgenerate
    event_serializer #(
        .LANES(CHUNK), .CHANNEL_BITS(BASE_BITS), .SIGNED(SIGNED), .MAGNITUDE_BITS(MAGNITUDE_BITS)
    ) u_serializer (
        .clk(clk), .rst(rst),
        .in_valid(chunk_valid), .in_ready(chunk_ready), .in_mask(chunk_mask), .in_negative(chunk_negative),
        .in_magnitude(chunk_magnitude), .in_base(chunk_base), .in_marker(chunk_marker), .in_fault(chunk_fault),
        .out_valid(out_valid), .out_ready(out_ready), .out_kind(out_kind), .out_channel(out_address),
        .out_negative(out_negative), .out_magnitude(out_magnitude), .out_fault(out_fault)
    );

    generate
        if (COUNTERS != 0) begin : g_count
            reg [47:0] events;
            reg [47:0] spikes;
            integer    n;
            always @* begin
                events = 48'd0;
                spikes = 48'd0;
                for (n = 0; n < STEPS * LANES; n = n + 1)
                    events = events + {47'd0, in_valid & masks[n]};
                if (MAGNITUDE_BITS > 1) begin
                    for (n = 0; n < LANES; n = n + 1)
                        if (in_valid)
                            spikes = spikes + {{(48-LEVEL_BITS){1'b0}}, sizes[n*LEVEL_BITS +: LEVEL_BITS]};
                end else
                    spikes = events;
            end
            assign sent_events = events;
            assign sent_spikes = spikes;
        end else begin : g_no_count
            assign sent_events = 48'd0;
            assign sent_spikes = 48'd0;
            wire unused_masks = &{1'b0, masks};
        end
    endgenerate
endmodule
