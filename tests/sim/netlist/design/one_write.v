// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// one_write: a memory with a port to write and one to read, which shows the word as it was before the edge. ZEROS: file of
// its contents at the start.
module one_write #(
    parameter WIDTH = 8,
    parameter ADDRESS_BITS = 4,
    parameter ZEROS = ""
) (
    input  wire                    clk,
    input  wire                    write,
    input  wire                    read,
    input  wire [ADDRESS_BITS-1:0] to,
    input  wire [ADDRESS_BITS-1:0] from,
    input  wire [WIDTH-1:0]        word,
    output reg  [WIDTH-1:0]        out
);
    (* ram_style = "block" *) reg [WIDTH-1:0] memory [0:(1 << ADDRESS_BITS)-1];
    initial $readmemh(ZEROS, memory);
    always @(posedge clk) begin
        if (write)
            memory[to] <= word;
        if (read)
            out <= memory[from];
    end
endmodule
