// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// two_ports: a memory with two ports that read every cycle, before they write; never both at the same address. ZEROS: file of its
// contents at the start.
module two_ports #(
    parameter ZEROS = ""
) (
    input  wire        clk,
    input  wire        write_left,
    input  wire        write_right,
    input  wire [9:0]  to_left,
    input  wire [9:0]  to_right,
    input  wire [17:0] word_left,
    input  wire [17:0] word_right,
    output reg  [17:0] left,
    output reg  [17:0] right
);
    (* ram_style = "block" *) reg [17:0] memory [0:1023];
    initial $readmemh(ZEROS, memory);
    always @(posedge clk) begin
        if (write_left)
            memory[to_left] <= word_left;
        left <= memory[to_left];
    end
    always @(posedge clk) begin
        if (write_right)
            memory[to_right] <= word_right;
        right <= memory[to_right];
    end
endmodule
