// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// word_splitter: cuts a wide word of spikes into its chunks of eight, leaving out the empty ones.
//
// Ports. in_*: a word, as event_serializer takes it but of any width, and 0 in in_quiet where a neuron spikes; in_occupied: which
// of its chunks are not empty, known before the word, so that the first of them is chosen while the word is taken. out_*: its
// chunks, lowest first, signs (SIGNED) and magnitudes (MAGNITUDE_BITS > 1) with them; the marker goes with the last chunk, or
// alone with an empty chunk where the word has no spikes.
//
// Timing. A word takes one cycle for each chunk that is not empty, and at least one; the next word follows without a
// bubble. Since such a chunk costs event_serializer a cycle or more, splitting costs no time. A chunk appears two cycles after its
// word was taken: it is chosen in one of them, and registered.
module word_splitter #(
    parameter LANES = 16,
    parameter CHANNEL_BITS = 4,
    parameter SIGNED = 0,
    parameter MAGNITUDE_BITS = 1
) (
    input  wire                            clk,
    input  wire                            rst,
    input  wire                            in_valid,
    output wire                            in_ready,
    input  wire [LANES-1:0]                in_quiet,
    input  wire [((LANES+7)>>3)-1:0]       in_occupied,
    input  wire [LANES-1:0]                in_negative,
    input  wire [LANES*MAGNITUDE_BITS-1:0] in_magnitude,
    input  wire [CHANNEL_BITS-1:0]         in_base,
    input  wire [1:0]                      in_marker,
    input  wire                            in_fault,
    output reg                             out_valid,
    input  wire                            out_ready,
    output reg  [7:0]                      out_mask,
    output wire [7:0]                      out_negative,
    output wire [(MAGNITUDE_BITS<<3)-1:0]  out_magnitude,
    output reg  [CHANNEL_BITS-1:0]         out_base,
    output reg  [1:0]                      out_marker,
    output reg                             out_fault
);
    localparam CHUNKS = (LANES + 7) >> 3;
    localparam PADDED = CHUNKS << 3;
    localparam CHUNK_BITS = CHANNEL_BITS - 3;

    generate
        if (LANES <= 8 || LANES > (1 << CHANNEL_BITS)) begin : g_check_lanes
            illegal_parameter_LANES_not_9_to_the_channels illegal();
        end
    endgenerate

    reg                    held;
    reg [PADDED-1:0]       quiet;
    reg [CHANNEL_BITS-1:0] base;
    reg [1:0]              marker;
    reg                    fault;
    reg [CHUNKS-1:0]       others;
    reg [CHUNK_BITS-1:0]   first;
    reg                    word_ends;

    // The first chunk and the others, of the word that arrives and of what is left of the one that is held.
    wire [CHUNKS-1:0]     others_arriving, others_left;
    wire [CHUNK_BITS-1:0] first_arriving, first_left;
    first_chunk #(.CHUNKS(CHUNKS), .CHUNK_BITS(CHUNK_BITS)) u_arriving (
        .occupied(in_occupied), .first(first_arriving), .others(others_arriving)
    );
    first_chunk #(.CHUNKS(CHUNKS), .CHUNK_BITS(CHUNK_BITS)) u_left (
        .occupied(others), .first(first_left), .others(others_left)
    );

    reg [7:0] chosen;
    integer i;
    always @* begin
        chosen = 8'd0;
        for (i = 0; i < CHUNKS; i = i + 1)
            if (first == i[CHUNK_BITS-1:0])
                chosen = ~quiet[(i << 3) +: 8];
    end

    wire advance = ~out_valid | out_ready;
    assign in_ready = ~held | (advance & word_ends);

    always @(posedge clk)
        if (rst) begin
            held <= 1'b0;
            out_valid <= 1'b0;
        end else begin
            if (in_ready) held <= in_valid;
            if (advance) out_valid <= held;
        end

    always @(posedge clk)
        if (advance) begin
            out_mask <= chosen;
            out_base <= base + {first, 3'd0};
            out_marker <= word_ends ? marker : 2'd0;
            out_fault <= fault;
        end

    always @(posedge clk)
        if (in_ready) begin
            base <= in_base;
            marker <= in_marker;
            fault <= in_fault;
            first <= first_arriving;
            others <= others_arriving;
            word_ends <= others_arriving == {CHUNKS{1'b0}};
        end else if (advance) begin
            first <= first_left;
            others <= others_left;
            word_ends <= others_left == {CHUNKS{1'b0}};
        end

    generate
        if (PADDED > LANES) begin : g_part
            always @(posedge clk)
                if (in_ready)
                    quiet <= {{(PADDED-LANES){1'b1}}, in_quiet};
        end else begin : g_whole
            always @(posedge clk)
                if (in_ready)
                    quiet <= in_quiet;
        end
    endgenerate

    // Signs and magnitudes wait beside the mask, a chunk of them is chosen as the mask's is.
    generate
        if (SIGNED != 0) begin : g_signed
            reg [PADDED-1:0] negative;
            reg [7:0]        signs, sent;
            integer          place;
            always @* begin
                signs = negative[7:0];
                for (place = 1; place < CHUNKS; place = place + 1)
                    if (first == place[CHUNK_BITS-1:0])
                        signs = negative[(place << 3) +: 8];
            end
            if (PADDED > LANES) begin : g_padded
                always @(posedge clk)
                    if (in_ready)
                        negative <= {{(PADDED-LANES){1'b0}}, in_negative};
            end else begin : g_full
                always @(posedge clk)
                    if (in_ready)
                        negative <= in_negative;
            end
            always @(posedge clk)
                if (advance) sent <= signs;
            assign out_negative = sent;
        end else begin : g_unsigned
            assign out_negative = 8'd0;
            wire unused_negative = &{1'b0, in_negative};
        end
        if (MAGNITUDE_BITS > 1) begin : g_magnitude
            localparam SIZE = MAGNITUDE_BITS << 3;
            reg [PADDED*MAGNITUDE_BITS-1:0] magnitude;
            reg [SIZE-1:0]                  sizes, sent;
            integer                         place;
            always @* begin
                sizes = magnitude[SIZE-1:0];
                for (place = 1; place < CHUNKS; place = place + 1)
                    if (first == place[CHUNK_BITS-1:0])
                        sizes = magnitude[place*SIZE +: SIZE];
            end
            if (PADDED > LANES) begin : g_padded
                always @(posedge clk)
                    if (in_ready)
                        magnitude <= {{(PADDED-LANES)*MAGNITUDE_BITS{1'b0}}, in_magnitude};
            end else begin : g_full
                always @(posedge clk)
                    if (in_ready)
                        magnitude <= in_magnitude;
            end
            always @(posedge clk)
                if (advance) sent <= sizes;
            assign out_magnitude = sent;
        end else begin : g_one
            assign out_magnitude = 8'hff;
            wire unused_magnitude = &{1'b0, in_magnitude};
        end
    endgenerate
endmodule
