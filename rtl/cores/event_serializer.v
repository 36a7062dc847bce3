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
// The event is registered: it appears two cycles after its word was taken.
module event_serializer #(
    parameter LANES = 8,
    parameter CHANNEL_BITS = 3,
    parameter SIGNED = 0,
    parameter MAGNITUDE_BITS = 1
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
    output reg  [1:0]                      out_kind,
    output reg  [CHANNEL_BITS-1:0]         out_channel,
    output wire                            out_negative,
    output wire [MAGNITUDE_BITS-1:0]       out_magnitude,
    output reg                             out_fault
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

    reg                    held;
    reg                    spikes_left;
    reg [LANES-1:0]        mask;
    reg [CHANNEL_BITS-1:0] base;
    reg [1:0]              marker;
    reg                    fault;

    reg [2:0]       lane;
    reg [LANES-1:0] rest;
    integer i;
    always @* begin
        lane = 3'd0;
        rest = mask;
        for (i = LANES - 1; i >= 0; i = i - 1)
            if (mask[i]) begin
                lane = i[2:0];
                rest = mask;
                rest[i] = 1'b0;
            end
    end

    wire last_spike = rest == {LANES{1'b0}};
    wire word_ends = ~spikes_left | (last_spike & (marker == NO_MARKER));
    wire advance = ~out_valid | out_ready;
    assign in_ready = ~held | (advance & word_ends);

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
        if (rst) begin
            held <= 1'b0;
            out_valid <= 1'b0;
        end else begin
            if (in_ready) held <= in_valid;
            if (advance) out_valid <= held;
        end

    always @(posedge clk) begin
        if (in_ready) begin
            mask <= in_mask;
            spikes_left <= |in_mask;
            base <= in_base;
            marker <= in_marker;
            fault <= in_fault;
        end else if (advance) begin
            mask <= rest;
            spikes_left <= ~last_spike;
        end
        if (advance) begin
            out_kind <= spikes_left ? SPIKE : marker;
            out_channel <= base + lane_offset;
            out_fault <= fault & ~spikes_left;
        end
    end

    generate
        if (SIGNED != 0) begin : g_signed
            reg [LANES-1:0] negative;
            reg             sent;
            reg             chosen;
            integer         place;
            always @* begin
                chosen = negative[0];
                for (place = 1; place < LANES; place = place + 1)
                    if (lane == place[2:0])
                        chosen = negative[place];
            end
            always @(posedge clk) begin
                if (in_ready) negative <= in_negative;
                if (advance) sent <= chosen;
            end
            assign out_negative = sent;
        end else begin : g_unsigned
            assign out_negative = 1'b0;
            wire unused_negative = &{1'b0, in_negative};
        end
        if (MAGNITUDE_BITS > 1) begin : g_magnitude
            reg [LANES*MAGNITUDE_BITS-1:0] magnitude;
            reg [MAGNITUDE_BITS-1:0]       sent;
            reg [MAGNITUDE_BITS-1:0]       chosen;
            integer                        place;
            always @* begin
                chosen = magnitude[MAGNITUDE_BITS-1:0];
                for (place = 1; place < LANES; place = place + 1)
                    if (lane == place[2:0])
                        chosen = magnitude[place*MAGNITUDE_BITS +: MAGNITUDE_BITS];
            end
            always @(posedge clk) begin
                if (in_ready) magnitude <= in_magnitude;
                if (advance) sent <= chosen;
            end
            assign out_magnitude = sent;
        end else begin : g_one
            assign out_magnitude = 1'b1;
            wire unused_magnitude = &{1'b0, in_magnitude};
        end
    endgenerate
endmodule
