// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// spike_output: collects the results of fire passes and sends them as events of a link.
//
// Ports. fired: quiet holds 0 for each of LANES neurons that spikes, the first of which is channel base; marker (0 none, 1 end of
// step, 2 end of frame) follows them. stall: pass_sequencer may not issue a fire pass, since its result, two cycles later
// here, might not fit. out_*: the link.
//
// Timing. Words without spikes and marker are dropped and cost no time; a spike leaves at the earliest five or six cycles after
// it fired. Words of a whole frame fit, so that the layer goes on with the next frame while this one is sent.
module spike_output #(
    parameter LANES = 1,
    parameter CHANNEL_BITS = 1,
    parameter DEPTH_BITS = 2
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire                    fired,
    input  wire [LANES-1:0]        quiet,
    input  wire [CHANNEL_BITS-1:0] base,
    input  wire [1:0]              marker,
    input  wire                    fault,
    output wire                    stall,
    output wire                    out_valid,
    input  wire                    out_ready,
    output wire [1:0]              out_kind,
    output wire [CHANNEL_BITS-1:0] out_channel,
    output wire                    out_fault
);
    localparam WORD = LANES + CHANNEL_BITS + 3;
    localparam CHUNK = (LANES > 8) ? 8 : LANES;

    // The signs come late in their cycle: they are registered before anything is decided from all of them.
    reg                    held;
    reg [LANES-1:0]        held_quiet;
    reg [CHANNEL_BITS-1:0] held_base;
    reg [1:0]              held_marker;
    reg                    held_fault;
    always @(posedge clk) begin
        held <= fired & ~rst;
        held_quiet <= quiet;
        held_base <= base;
        held_marker <= marker;
        held_fault <= fault;
    end

    wire            word_valid;
    wire            word_ready;
    wire [WORD-1:0] word;
    word_fifo #(.WIDTH(WORD), .DEPTH_BITS(DEPTH_BITS), .MARGIN(4)) u_fifo (
        .clk(clk), .rst(rst),
        .push(held & (~(&held_quiet) | (held_marker != 2'd0))), .in_word({held_fault, held_marker, held_base, held_quiet}), .almost_full(stall),
        .out_valid(word_valid), .out_ready(word_ready), .out_word(word)
    );
    wire                    chunk_valid;
    wire                    chunk_ready;
    wire [CHUNK-1:0]        chunk_mask;
    wire [CHANNEL_BITS-1:0] chunk_base;
    wire [1:0]              chunk_marker;
    wire                    chunk_fault;
    generate
        if (LANES > 8) begin : g_split
            word_splitter #(.LANES(LANES), .CHANNEL_BITS(CHANNEL_BITS)) u_splitter (
                .clk(clk), .rst(rst),
                .in_valid(word_valid), .in_ready(word_ready), .in_quiet(word[LANES-1:0]),
                .in_base(word[LANES +: CHANNEL_BITS]), .in_marker(word[LANES+CHANNEL_BITS +: 2]), .in_fault(word[WORD-1]),
                .out_valid(chunk_valid), .out_ready(chunk_ready), .out_mask(chunk_mask),
                .out_base(chunk_base), .out_marker(chunk_marker), .out_fault(chunk_fault)
            );
        end else begin : g_whole
            assign chunk_valid = word_valid;
            assign word_ready = chunk_ready;
            assign {chunk_fault, chunk_marker, chunk_base} = word[WORD-1:LANES];
            assign chunk_mask = ~word[LANES-1:0];
        end
    endgenerate
    event_serializer #(.LANES(CHUNK), .CHANNEL_BITS(CHANNEL_BITS)) u_serializer (
        .clk(clk), .rst(rst),
        .in_valid(chunk_valid), .in_ready(chunk_ready), .in_mask(chunk_mask), .in_base(chunk_base),
        .in_marker(chunk_marker), .in_fault(chunk_fault),
        .out_valid(out_valid), .out_ready(out_ready), .out_kind(out_kind), .out_channel(out_channel), .out_fault(out_fault)
    );
endmodule
