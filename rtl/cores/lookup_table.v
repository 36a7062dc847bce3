// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// lookup_table: a read-only table in logic.
//
// Timing. Combinational.
// Memory file: one entry a line in hexadecimal.
module lookup_table #(
    parameter ENTRIES = 2,
    parameter INDEX_BITS = 1,
    parameter WIDTH = 1,
    parameter FILE = ""
) (
    input  wire [INDEX_BITS-1:0] index,
    output wire [WIDTH-1:0]      entry
);
    generate
        if (ENTRIES < 1 || ENTRIES > (1 << INDEX_BITS)) begin : g_check_entries
            illegal_parameter_ENTRIES_beyond_INDEX_BITS illegal();
        end
    endgenerate

    reg [WIDTH-1:0] memory [0:ENTRIES-1];
    initial $readmemh(FILE, memory);
    assign entry = memory[index];
endmodule
