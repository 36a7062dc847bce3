// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// input_encoder: turns the pixels of a frame into the spikes of its time steps, word by word of eight pixels.
//
// The level of a pixel is its top BITS bits. UNARY = 0: a time step is a bit plane, most significant first; while a frame
// arrives, every plane keeps a list of its words that are not empty. UNARY = 1: a time step is one step of an
// integrate-and-fire encoder; one list keeps the words with a level above zero, and row t of the pattern memory says for
// each level whether it fires in step t. Two frames are held: one arrives while the other is sent, and the words of the
// first step are sent while their frame is still arriving. Silent words cost no time in a bit plane.
//
// Ports. in_*: beats of frame_receiver. out_*: words for event_serializer (mask, first channel, marker, fault).
// Timing. One beat a cycle in while a list is free; one word a cycle out; a word may leave five cycles after its beat: a list's
// length is looked at a cycle after it has changed, and what is read is registered, since a block memory is slow at its output.
// Both registers of a list run on, so that they can be a block's own; a word that is not taken waits behind them (waiting_words).
// Memory file of patterns (UNARY = 1): one row a time step, bit k set where level k fires.
module input_encoder #(
    parameter BITS = 1,
    parameter UNARY = 0,
    parameter STEPS = 1,
    parameter STEP_BITS = 1,
    parameter CHANNELS = 8,
    parameter CHANNEL_BITS = 3,
    parameter BEATS = 1,
    parameter BEAT_BITS = 1,
    parameter PATTERNS = ""
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    in_valid,
    output wire                    in_ready,
    input  wire [63:0]             in_pixels,
    input  wire [BEAT_BITS-1:0]    in_beat,
    input  wire                    in_end,
    input  wire                    in_fault,
    output wire                    out_valid,
    input  wire                    out_ready,
    output wire [7:0]              out_mask,
    output wire [CHANNEL_BITS-1:0] out_base,
    output wire [1:0]              out_marker,
    output wire                    out_fault
);
    localparam [1:0] NO_MARKER = 2'd0, END_OF_STEP = 2'd1, END_OF_FRAME = 2'd2;
    localparam LISTS = (UNARY != 0) ? 1 : BITS;
    localparam PAYLOAD = (UNARY != 0) ? (BITS << 3) : 8;
    localparam LAST_STEP = STEPS - 1;
    localparam LAST_BEAT = BEATS - 1;
    localparam LAST_LANE = (CHANNELS - 1) & 7;

    generate
        if (BITS < 1 || BITS > 8) begin : g_check_bits
            illegal_parameter_BITS_not_1_to_8 illegal();
        end
        if (STEPS != ((UNARY != 0) ? (1 << BITS) - 1 : BITS)) begin : g_check_steps
            illegal_parameter_STEPS_not_of_the_code illegal();
        end
        if (BEATS != ((CHANNELS + 7) >> 3)) begin : g_check_channels
            illegal_parameter_BEATS_not_of_CHANNELS illegal();
        end
    endgenerate

    // The levels of the beat, lane by lane; pixels beyond the last channel count as zero.
    wire [(BITS<<3)-1:0] levels;
    genvar lane, list;
    generate
        for (lane = 0; lane < 8; lane = lane + 1) begin : g_level
            wire exists;
            if (lane <= LAST_LANE) begin : g_every_beat
                assign exists = 1'b1;
            end else begin : g_all_but_the_last
                assign exists = in_beat != LAST_BEAT[BEAT_BITS-1:0];
            end
            assign levels[lane*BITS +: BITS] = in_pixels[(lane << 3) + 8 - BITS +: BITS] & {BITS{exists}};
            // The lower bits of a pixel are not part of its level.
            if (BITS < 8) begin : g_unused
                wire unused_pixel_bits = &{1'b0, in_pixels[(lane << 3) +: 8 - BITS]};
            end
        end
    endgenerate

    reg                 write_bank;
    reg                 read_bank;
    reg [1:0]           complete;
    reg [1:0]           faulty;
    reg [STEP_BITS-1:0] step;
    reg [BEAT_BITS:0]   position;
    reg [BEAT_BITS:0]   following;

    assign in_ready = ~complete[write_bank];
    wire take = in_valid & in_ready;

    // One memory a list: its words in the order of arrival, two frames.
    wire [LISTS-1:0]           stays;
    wire [LISTS-1:0]           goes_on;
    wire [LISTS-1:0]           begins;
    wire                       begins_other;
    wire [LISTS*PAYLOAD-1:0]   payloads;
    wire [LISTS*BEAT_BITS-1:0] beats;
    wire                       fetch;
    wire                       frame_sent;
    generate
        for (list = 0; list < LISTS; list = list + 1) begin : g_list
            wire [PAYLOAD-1:0] payload;
            reg [BEAT_BITS:0] count_0;
            reg [BEAT_BITS:0] count_1;
            wire [BEAT_BITS:0] written = write_bank ? count_1 : count_0;
            // A word is read a cycle after it was written, at the earliest.
            (* no_rw_check *)
            reg [PAYLOAD+BEAT_BITS-1:0] memory [0:(2 << BEAT_BITS)-1];
            reg [PAYLOAD+BEAT_BITS-1:0] read_word;
            reg [PAYLOAD+BEAT_BITS-1:0] word;
            if (UNARY != 0) begin : g_levels
                assign payload = levels;
            end else begin : g_plane
                for (lane = 0; lane < 8; lane = lane + 1) begin : g_bit
                    assign payload[lane] = levels[lane*BITS + BITS - 1 - list];
                end
            end
            // A full list holds every beat, so the top bit of its length never addresses a word.
            wire unused_length_bit = &{1'b0, written[BEAT_BITS]};
            wire append = take & (payload != {PAYLOAD{1'b0}});
            // A list is never read beyond its length: no carry chain is needed to compare.
            wire [BEAT_BITS:0] length = read_bank ? count_1 : count_0;
            assign stays[list] = position != length;
            assign goes_on[list] = following != length;
            assign begins[list] = length != {(BEAT_BITS+1){1'b0}};
            if (list == 0) begin : g_first
                assign begins_other = (read_bank ? count_0 : count_1) != {(BEAT_BITS+1){1'b0}};
            end
            assign payloads[list*PAYLOAD +: PAYLOAD] = word[PAYLOAD-1:0];
            assign beats[list*BEAT_BITS +: BEAT_BITS] = word[PAYLOAD +: BEAT_BITS];
            always @(posedge clk) begin
                if (append)
                    memory[{write_bank, written[BEAT_BITS-1:0]}] <= {in_beat, payload};
                read_word <= memory[{read_bank, position[BEAT_BITS-1:0]}];
                word <= read_word;
            end
            always @(posedge clk)
                if (rst) begin
                    count_0 <= {(BEAT_BITS+1){1'b0}};
                    count_1 <= {(BEAT_BITS+1){1'b0}};
                end else begin
                    if (append & ~write_bank) count_0 <= count_0 + 1'b1;
                    else if (frame_sent & ~read_bank) count_0 <= {(BEAT_BITS+1){1'b0}};
                    if (append & write_bank) count_1 <= count_1 + 1'b1;
                    else if (frame_sent & read_bank) count_1 <= {(BEAT_BITS+1){1'b0}};
                end
        end
    endgenerate

    // The reader: the words of a list, then the marker of the step. Whether a word is there was found out a cycle before, for
    // whatever may be read next; so was whether the frame is complete.
    reg  available_now;
    reg  complete_now;
    wire last_step = step == LAST_STEP[STEP_BITS-1:0];
    wire some_stays, some_goes_on, some_begins;
    generate
        if (LISTS == 1) begin : g_one_list
            assign some_stays = stays;
            assign some_goes_on = goes_on;
            assign some_begins = last_step ? begins_other : begins;
        end else begin : g_lists
            wire [STEP_BITS-1:0] next_step = step + 1'b1;
            assign some_stays = stays[step];
            assign some_goes_on = goes_on[step];
            assign some_begins = last_step ? begins_other : begins[next_step];
        end
    endgenerate
    wire marker_now = ~available_now & complete_now;
    reg [1:0]           read_marker, marker;
    reg                 read_fault, fault;
    reg [STEP_BITS-1:0] read_step, word_step;
    reg                 reading, come;
    // Words and markers that are on their way or wait: at most four.
    reg [2:0]           under_way;
    wire                room = ~under_way[2];
    wire                begun = room & (available_now | marker_now);
    wire                dropped;
    wire                taken = out_valid & out_ready;
    assign fetch = room & available_now;
    wire step_sent = room & marker_now;
    assign frame_sent = step_sent & last_step;

    always @(posedge clk)
        if (rst) begin
            available_now <= 1'b0;
            complete_now <= 1'b0;
        end else begin
            available_now <= step_sent ? some_begins : fetch ? some_goes_on : some_stays;
            complete_now <= frame_sent ? complete[~read_bank] : complete[read_bank];
        end

    always @(posedge clk) begin
        read_marker <= available_now ? NO_MARKER : last_step ? END_OF_FRAME : END_OF_STEP;
        read_fault <= faulty[read_bank];
        read_step <= step;
        marker <= read_marker;
        fault <= read_fault;
        word_step <= read_step;
    end

    always @(posedge clk)
        if (rst) begin
            write_bank <= 1'b0;
            read_bank <= 1'b0;
            complete <= 2'b00;
            faulty <= 2'b00;
            step <= {STEP_BITS{1'b0}};
            position <= {(BEAT_BITS+1){1'b0}};
            following <= {{BEAT_BITS{1'b0}}, 1'b1};
            reading <= 1'b0;
            come <= 1'b0;
            under_way <= 3'd0;
        end else begin
            if (take & in_end) begin
                complete[write_bank] <= 1'b1;
                faulty[write_bank] <= in_fault;
                write_bank <= ~write_bank;
            end
            reading <= begun;
            come <= reading;
            under_way <= under_way + {2'd0, begun} - {2'd0, taken} - {2'd0, dropped};
            if (fetch) begin
                position <= following;
                following <= following + 1'b1;
            end
            if (step_sent) begin
                position <= {(BEAT_BITS+1){1'b0}};
                following <= {{BEAT_BITS{1'b0}}, 1'b1};
                step <= frame_sent ? {STEP_BITS{1'b0}} : step + 1'b1;
            end
            if (frame_sent) begin
                complete[read_bank] <= 1'b0;
                read_bank <= ~read_bank;
            end
        end

    // The mask of the word that was fetched.
    wire [7:0] mask;
    wire [BEAT_BITS-1:0] beat;
    generate
        if (UNARY != 0) begin : g_unary
            reg [(1<<BITS)-1:0] patterns [0:STEPS-1];
            reg [(1<<BITS)-1:0] read_pattern;
            reg [(1<<BITS)-1:0] pattern;
            initial $readmemh(PATTERNS, patterns);
            always @(posedge clk) begin
                read_pattern <= patterns[step];
                pattern <= read_pattern;
            end
            for (lane = 0; lane < 8; lane = lane + 1) begin : g_fires
                wire [BITS-1:0] level = payloads[lane*BITS +: BITS];
                assign mask[lane] = pattern[level];
            end
            assign beat = beats;
            assign dropped = come & (marker == NO_MARKER) & (mask == 8'd0);
            wire unused_step = &{1'b0, word_step};
        end else begin : g_planes
            if (LISTS == 1) begin : g_one
                assign mask = payloads;
                assign beat = beats;
                wire unused_step = &{1'b0, word_step};
            end else begin : g_choice
                reg [7:0] chosen_mask;
                reg [BEAT_BITS-1:0] chosen_beat;
                integer i;
                always @* begin
                    chosen_mask = payloads[7:0];
                    chosen_beat = beats[BEAT_BITS-1:0];
                    for (i = 1; i < LISTS; i = i + 1)
                        if (word_step == i[STEP_BITS-1:0]) begin
                            chosen_mask = payloads[(i << 3) +: 8];
                            chosen_beat = beats[i*BEAT_BITS +: BEAT_BITS];
                        end
                end
                assign mask = chosen_mask;
                assign beat = chosen_beat;
            end
            assign dropped = 1'b0;
        end
    endgenerate

    localparam WORD = BEAT_BITS + 11;
    wire [BEAT_BITS-1:0] out_beat;
    waiting_words #(.WIDTH(WORD)) u_words (
        .clk(clk), .rst(rst),
        .push(come & ~dropped), .in_word({fault, marker, beat, (marker == NO_MARKER) ? mask : 8'd0}),
        .out_valid(out_valid), .out_ready(out_ready), .out_word({out_fault, out_marker, out_beat, out_mask})
    );
    wire [BEAT_BITS+2:0] first_channel = {out_beat, 3'd0};
    generate
        if (CHANNEL_BITS > BEAT_BITS + 3) begin : g_wide_channel
            assign out_base = {{(CHANNEL_BITS-BEAT_BITS-3){1'b0}}, first_channel};
        end else begin : g_channel
            assign out_base = first_channel[CHANNEL_BITS-1:0];
            if (BEAT_BITS + 3 > CHANNEL_BITS) begin : g_unused
                wire unused_channel_bits = &{1'b0, first_channel[BEAT_BITS+2:CHANNEL_BITS]};
            end
        end
    endgenerate
endmodule
