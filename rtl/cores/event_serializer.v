// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// event_serializer: turns words of at most eight spikes into the events of a link, one event a cycle.
//
// Ports. in_*: a word, that is a mask of LANES spikes whose lane 0 is channel in_base, the sign (SIGNED) and the magnitude
// (MAGNITUDE_BITS > 1) of each, and the marker that follows them (0 none, 1 end of step, 2 end of frame; a word without spikes
// must have one). in_fault belongs to an end of frame.
// out_*: the link (kind 0 spike, 1 end of step, 2 end of frame); valid stays and the event is stable until ready. Sign and
// magnitude belong to a spike; without SIGNED the sign is 0, with MAGNITUDE_BITS = 1 the magnitude 1.
//
// Timing. A word of n spikes takes n cycles, and one more where it has a marker; the next word follows without a bubble.
// The event is registered: it appears two cycles after its word was taken. out_ready goes no further than to the registers of the
// event: a second event waits behind the one that is not taken. With WAITING a word may wait too, and in_ready is a register.
module event_serializer #(
    parameter LANES = 8,
    parameter CHANNEL_BITS = 3,
    parameter SIGNED = 0,
    parameter MAGNITUDE_BITS = 1,
    parameter WAITING = 1
) (
    input  wire                            clk,
    input  wire                            rst,
    input  wire                            in_valid,
    output wire                            in_ready,
    input  wire [LANES-1:0]                in_mask,
    input  wire [LANES-1:0]                in_negative,
    input  wire [LANES*MAGNITUDE_BITS-1:0] in_magnitude,
    input  wire [CHANNEL_BITS-1:0]         in_base,
    input  wire [1:0]                      in_marker,
    input  wire                            in_fault,
    output reg                             out_valid,
    input  wire                            out_ready,
    output wire [1:0]                      out_kind,
    output wire [CHANNEL_BITS-1:0]         out_channel,
    output wire                            out_negative,
    output wire [MAGNITUDE_BITS-1:0]       out_magnitude,
    output wire                            out_fault
);
    localparam [1:0] SPIKE = 2'd0, NO_MARKER = 2'd0;

    generate
        if (LANES < 1 || LANES > 8) begin : g_check_lanes
            illegal_parameter_LANES_not_1_to_8 illegal();
        end
        if (CHANNEL_BITS < 3) begin : g_check_channel
            illegal_parameter_CHANNEL_BITS_below_3 illegal();
        end
        if (MAGNITUDE_BITS < 1 || MAGNITUDE_BITS > 7) begin : g_check_magnitude
            illegal_parameter_MAGNITUDE_BITS_not_1_to_7 illegal();
        end
    endgenerate

    localparam WORD = LANES + LANES + LANES * MAGNITUDE_BITS + CHANNEL_BITS + 3;
    wire                            word_valid, word_ready, word_fault;
    wire [LANES-1:0]                word_mask, word_negative;
    wire [LANES*MAGNITUDE_BITS-1:0] word_magnitude;
    wire [CHANNEL_BITS-1:0]         word_base;
    wire [1:0]                      word_marker;
    wire [WORD-1:0]                 in_word = {in_fault, in_marker, in_base, in_magnitude, in_negative, in_mask};
    wire [WORD-1:0]                 word;
    assign {word_fault, word_marker, word_base, word_magnitude, word_negative, word_mask} = word;
    generate
        if (WAITING != 0) begin : g_waits
            skid_buffer #(.WIDTH(WORD)) u_words (
                .clk(clk), .rst(rst),
                .in_valid(in_valid), .in_ready(in_ready), .in_word(in_word),
                .out_valid(word_valid), .out_ready(word_ready), .out_word(word)
            );
        end else begin : g_given
            assign word_valid = in_valid;
            assign in_ready = word_ready;
            assign word = in_word;
        end
    endgenerate

    reg                    held;
    reg                    spikes_left;
    reg [LANES-1:0]        mask;
    reg [CHANNEL_BITS-1:0] base;
    reg [1:0]              marker;
    reg                    fault;

    // A word that ends is known before its last event, since whether the next word comes hangs on it.
    reg             unmarked;
    reg             single;
    reg             one, two, three, word_one, word_two;
    reg [2:0]       lane;
    reg [LANES-1:0] rest;
    integer i;
    always @* begin
        {one, two, three, word_one, word_two} = 5'd0;
        for (i = 0; i < LANES; i = i + 1) begin
            three = three | (two & mask[i]);
            two = two | (one & mask[i]);
            one = one | mask[i];
            word_two = word_two | (word_one & word_mask[i]);
            word_one = word_one | word_mask[i];
        end
        lane = 3'd0;
        rest = mask;
        for (i = LANES - 1; i >= 0; i = i - 1)
            if (mask[i]) begin
                lane = i[2:0];
                rest = mask;
                rest[i] = 1'b0;
            end
    end

    reg  spare_valid;
    wire advance = ~spare_valid;
    wire word_ends = ~spikes_left | (single & unmarked);
    assign word_ready = ~held | (advance & word_ends);

    // Channel bits above the lane's, so that the adder is as wide as the channel.
    wire [CHANNEL_BITS-1:0] lane_offset;
    generate
        if (CHANNEL_BITS > 3) begin : g_wide_channel
            assign lane_offset = {{(CHANNEL_BITS-3){1'b0}}, lane};
        end else begin : g_narrow_channel
            assign lane_offset = lane;
        end
    endgenerate

    always @(posedge clk)
        if (rst)
            held <= 1'b0;
        else if (word_ready)
            held <= word_valid;

    always @(posedge clk)
        if (word_ready) begin
            mask <= word_mask;
            spikes_left <= word_one;
            single <= ~word_two;
            base <= word_base;
            marker <= word_marker;
            unmarked <= word_marker == NO_MARKER;
            fault <= word_fault;
        end else if (advance) begin
            mask <= rest;
            spikes_left <= ~single;
            single <= ~three;
        end

    wire                      negative_now;
    wire [MAGNITUDE_BITS-1:0] magnitude_now;
    generate
        if (SIGNED != 0) begin : g_signed
            reg [LANES-1:0] negative;
            reg             chosen;
            integer         place;
            always @* begin
                chosen = negative[0];
                for (place = 1; place < LANES; place = place + 1)
                    if (lane == place[2:0])
                        chosen = negative[place];
            end
            always @(posedge clk)
                if (word_ready) negative <= word_negative;
            assign negative_now = chosen;
        end else begin : g_unsigned
            assign negative_now = 1'b0;
            wire unused_negative = &{1'b0, word_negative};
        end
        if (MAGNITUDE_BITS > 1) begin : g_magnitude
            reg [LANES*MAGNITUDE_BITS-1:0] magnitude;
            reg [MAGNITUDE_BITS-1:0]       chosen;
            integer                        place;
            always @* begin
                chosen = magnitude[MAGNITUDE_BITS-1:0];
                for (place = 1; place < LANES; place = place + 1)
                    if (lane == place[2:0])
                        chosen = magnitude[place*MAGNITUDE_BITS +: MAGNITUDE_BITS];
            end
            always @(posedge clk)
                if (word_ready) magnitude <= word_magnitude;
            assign magnitude_now = chosen;
        end else begin : g_one
            assign magnitude_now = 1'b1;
            wire unused_magnitude = &{1'b0, word_magnitude};
        end
    endgenerate

    // The event, and a spare one for the cycle in which its taker stops.
    localparam EVENT = CHANNEL_BITS + MAGNITUDE_BITS + 4;
    wire [EVENT-1:0] composed = {
        fault & ~spikes_left, spikes_left ? SPIKE : marker, base + lane_offset, negative_now, magnitude_now
    };
    reg [EVENT-1:0] spare;
    reg [EVENT-1:0] sent;
    wire free = ~out_valid | out_ready;
    assign {out_fault, out_kind, out_channel, out_negative, out_magnitude} = sent;

    always @(posedge clk)
        if (rst) begin
            out_valid <= 1'b0;
            spare_valid <= 1'b0;
        end else if (free) begin
            out_valid <= spare_valid | held;
            spare_valid <= 1'b0;
        end else if (held)
            spare_valid <= 1'b1;

    always @(posedge clk) begin
        if (free)
            sent <= spare_valid ? spare : composed;
        if (advance)
            spare <= composed;
    end
endmodule
