// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// spike_output: collects the words of spikes of a layer and sends them as events of a link.
//
// Ports. fired: quiet holds 0 for each of LANES neurons that spikes, the first of which is channel base, negative the signs
// (SIGNED) and magnitude the magnitudes (MAGNITUDE_BITS > 1); marker (0 none, 1 end of step, 2 end of frame) follows them.
// stall: pass_sequencer may not issue a pass that sends, since its word, MARGIN − 4 cycles later here, might not fit.
// out_*: the link.
//
// Timing. Words without spikes and marker are dropped and cost no time; a spike leaves at the earliest six or seven cycles after
// it fired. stall is a register. Words of a whole frame fit, so that the layer goes on with the next frame while this one is sent.
module spike_output #(
    parameter LANES = 1,
    parameter CHANNEL_BITS = 1,
    parameter DEPTH_BITS = 2,
    parameter MARGIN = 7,
    parameter SIGNED = 0,
    parameter MAGNITUDE_BITS = 1
) (
    input  wire                            clk,
    input  wire                            rst,
    input  wire                            fired,
    input  wire [LANES-1:0]                quiet,
    input  wire [LANES-1:0]                negative,
    input  wire [LANES*MAGNITUDE_BITS-1:0] magnitude,
    input  wire [CHANNEL_BITS-1:0]         base,
    input  wire [1:0]                      marker,
    input  wire                            fault,
    output reg                             stall,
    output wire                            out_valid,
    input  wire                            out_ready,
    output wire [1:0]                      out_kind,
    output wire [CHANNEL_BITS-1:0]         out_channel,
    output wire                            out_negative,
    output wire [MAGNITUDE_BITS-1:0]       out_magnitude,
    output wire                            out_fault
);
    localparam SIGN_BITS = (SIGNED != 0) ? LANES : 0;
    localparam SIZE_BITS = (MAGNITUDE_BITS > 1) ? LANES * MAGNITUDE_BITS : 0;
    localparam CHUNKS = (LANES + 7) >> 3;
    localparam CHUNK = (LANES > 8) ? 8 : LANES;
    localparam OCCUPIED_AT = LANES + CHANNEL_BITS + 3;
    localparam SIGNS_AT = OCCUPIED_AT + CHUNKS;
    localparam SIZES_AT = SIGNS_AT + SIGN_BITS;
    localparam WORD = SIZES_AT + SIZE_BITS;

    // The signs come late in their cycle: they are registered before anything is decided from all of them, and what their
    // chunks say once more.
    reg                   held, ready;
    reg [OCCUPIED_AT-1:0] held_word;
    reg [WORD-1:0]        ready_word;
    always @(posedge clk) begin
        held <= fired & ~rst;
        held_word <= {fault, marker, base, quiet};
        ready <= held & ~rst;
        ready_word[OCCUPIED_AT-1:0] <= held_word;
    end
    genvar chunk;
    generate
        for (chunk = 0; chunk < CHUNKS; chunk = chunk + 1) begin : g_occupied
            localparam LOWEST = chunk << 3;
            localparam HIGHEST = (LOWEST + 8 < LANES) ? LOWEST + 8 : LANES;
            always @(posedge clk)
                ready_word[OCCUPIED_AT + chunk] <= ~(&held_word[HIGHEST-1:LOWEST]);
        end
    endgenerate

    wire            word_valid;
    wire            word_ready;
    wire [WORD-1:0] word;

    wire [LANES-1:0]                word_negative;
    wire [LANES*MAGNITUDE_BITS-1:0] word_magnitude;
    generate
        if (SIGNED != 0) begin : g_signs
            reg [LANES-1:0] held_negative;
            always @(posedge clk) begin
                held_negative <= negative;
                ready_word[SIGNS_AT +: LANES] <= held_negative;
            end
            assign word_negative = word[SIGNS_AT +: LANES];
        end else begin : g_no_signs
            assign word_negative = {LANES{1'b0}};
            wire unused_negative = &{1'b0, negative};
        end
        if (MAGNITUDE_BITS > 1) begin : g_sizes
            reg [LANES*MAGNITUDE_BITS-1:0] held_magnitude;
            always @(posedge clk) begin
                held_magnitude <= magnitude;
                ready_word[SIZES_AT +: LANES*MAGNITUDE_BITS] <= held_magnitude;
            end
            assign word_magnitude = word[SIZES_AT +: LANES*MAGNITUDE_BITS];
        end else begin : g_no_sizes
            assign word_magnitude = {LANES{1'b1}};
            wire unused_magnitude = &{1'b0, magnitude};
        end
    endgenerate

    wire almost_full;
    wire some = (ready_word[OCCUPIED_AT +: CHUNKS] != {CHUNKS{1'b0}}) | (ready_word[OCCUPIED_AT-2 -: 2] != 2'd0);
    always @(posedge clk)
        stall <= almost_full & ~rst;
    word_fifo #(.WIDTH(WORD), .DEPTH_BITS(DEPTH_BITS), .MARGIN(MARGIN)) u_fifo (
        .clk(clk), .rst(rst),
        .push(ready & some), .in_word(ready_word), .almost_full(almost_full),
        .out_valid(word_valid), .out_ready(word_ready), .out_word(word)
    );

    wire                            chunk_valid;
    wire                            chunk_ready;
    wire [CHUNK-1:0]                chunk_mask;
    wire [CHUNK-1:0]                chunk_negative;
    wire [CHUNK*MAGNITUDE_BITS-1:0] chunk_magnitude;
    wire [CHANNEL_BITS-1:0]         chunk_base;
    wire [1:0]                      chunk_marker;
    wire                            chunk_fault;
    generate
        if (LANES > 8) begin : g_split
            word_splitter #(
                .LANES(LANES), .CHANNEL_BITS(CHANNEL_BITS), .SIGNED(SIGNED), .MAGNITUDE_BITS(MAGNITUDE_BITS)
            ) u_splitter (
                .clk(clk), .rst(rst),
                .in_valid(word_valid), .in_ready(word_ready), .in_quiet(word[LANES-1:0]), .in_occupied(word[OCCUPIED_AT +: CHUNKS]),
                .in_negative(word_negative), .in_magnitude(word_magnitude),
                .in_base(word[LANES +: CHANNEL_BITS]), .in_marker(word[LANES+CHANNEL_BITS +: 2]), .in_fault(word[OCCUPIED_AT-1]),
                .out_valid(chunk_valid), .out_ready(chunk_ready), .out_mask(chunk_mask),
                .out_negative(chunk_negative), .out_magnitude(chunk_magnitude),
                .out_base(chunk_base), .out_marker(chunk_marker), .out_fault(chunk_fault)
            );
        end else begin : g_whole
            assign chunk_valid = word_valid;
            assign word_ready = chunk_ready;
            assign {chunk_fault, chunk_marker, chunk_base} = word[OCCUPIED_AT-1:LANES];
            wire unused_occupied = word[OCCUPIED_AT];
            assign chunk_mask = ~word[LANES-1:0];
            assign chunk_negative = word_negative;
            assign chunk_magnitude = word_magnitude;
        end
    endgenerate
    event_serializer #(
        .LANES(CHUNK), .CHANNEL_BITS(CHANNEL_BITS), .SIGNED(SIGNED), .MAGNITUDE_BITS(MAGNITUDE_BITS)
    ) u_serializer (
        .clk(clk), .rst(rst),
        .in_valid(chunk_valid), .in_ready(chunk_ready), .in_mask(chunk_mask),
        .in_negative(chunk_negative), .in_magnitude(chunk_magnitude),
        .in_base(chunk_base), .in_marker(chunk_marker), .in_fault(chunk_fault),
        .out_valid(out_valid), .out_ready(out_ready), .out_kind(out_kind), .out_channel(out_channel),
        .out_negative(out_negative), .out_magnitude(out_magnitude), .out_fault(out_fault)
    );
endmodule
