// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// first_set: index of the lowest set bit of a mask, and the mask without it. Combinational; two levels of eight bits a
// chunk, so that the depth grows with the number of chunks only in the choice of a chunk.
//
// Ports. mask: at least one bit is set where index is used. rest: mask with its lowest set bit cleared.
module first_set #(
    parameter WIDTH = 8,
    parameter INDEX_BITS = 3
) (
    input  wire [WIDTH-1:0]      mask,
    output wire [INDEX_BITS-1:0] index,
    output wire [WIDTH-1:0]      rest
);
    localparam CHUNKS = (WIDTH + 7) >> 3;
    localparam PADDED = CHUNKS << 3;
    localparam CHUNK_BITS = (INDEX_BITS > 3) ? INDEX_BITS - 3 : 1;

    generate
        if (WIDTH > (1 << INDEX_BITS)) begin : g_check_index
            illegal_parameter_WIDTH_beyond_INDEX_BITS illegal();
        end
    endgenerate

    wire [PADDED-1:0] padded = {{(PADDED-WIDTH){1'b0}}, mask};
    wire [CHUNKS-1:0] occupied;
    genvar chunk;
    generate
        for (chunk = 0; chunk < CHUNKS; chunk = chunk + 1) begin : g_occupied
            assign occupied[chunk] = |padded[(chunk << 3) +: 8];
        end
    endgenerate

    reg [CHUNK_BITS-1:0] first_chunk;
    reg [7:0]            bits;
    reg [2:0]            first_bit;
    integer i;
    always @* begin
        first_chunk = {CHUNK_BITS{1'b0}};
        bits = 8'd0;
        for (i = CHUNKS - 1; i >= 0; i = i - 1)
            if (occupied[i]) begin
                first_chunk = i[CHUNK_BITS-1:0];
                bits = padded[(i << 3) +: 8];
            end
        first_bit = 3'd0;
        for (i = 7; i >= 0; i = i - 1)
            if (bits[i])
                first_bit = i[2:0];
    end

    wire [PADDED-1:0] rest_padded;
    generate
        for (chunk = 0; chunk < CHUNKS; chunk = chunk + 1) begin : g_rest
            wire chosen = first_chunk == chunk[CHUNK_BITS-1:0];
            wire [7:0] lowest = {7'd0, chosen} << first_bit;
            assign rest_padded[(chunk << 3) +: 8] = padded[(chunk << 3) +: 8] & ~lowest;
        end
    endgenerate
    assign rest = rest_padded[WIDTH-1:0];

    wire [CHUNK_BITS+2:0] joined = {first_chunk, first_bit};
    assign index = joined[INDEX_BITS-1:0];
    // Padding up to whole chunks.
    wire unused = &{1'b0, joined, rest_padded};
endmodule
