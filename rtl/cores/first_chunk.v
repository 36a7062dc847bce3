// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// first_chunk: the lowest of the chunks of a word that hold a spike, and which others do.
//
// Ports. occupied: a bit a chunk. first: the number of the lowest bit that is set, 0 where none is. others: the rest.
// Timing. Combinational.
module first_chunk #(
    parameter CHUNKS = 2,
    parameter CHUNK_BITS = 1
) (
    input  wire [CHUNKS-1:0]     occupied,
    output reg  [CHUNK_BITS-1:0] first,
    output reg  [CHUNKS-1:0]     others
);
    generate
        if (CHUNKS < 1 || CHUNKS > (1 << CHUNK_BITS)) begin : g_check_chunks
            illegal_parameter_CHUNKS_beyond_CHUNK_BITS illegal();
        end
    endgenerate

    integer i;
    always @* begin
        first = {CHUNK_BITS{1'b0}};
        others = occupied;
        for (i = CHUNKS - 1; i >= 0; i = i - 1)
            if (occupied[i]) begin
                first = i[CHUNK_BITS-1:0];
                others = occupied;
                others[i] = 1'b0;
            end
    end
endmodule
