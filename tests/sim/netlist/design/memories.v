// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// memories: memories of every kind that becomes an ECP5 block memory, with one address and one word for all of them.
//
// read_only: 512 words of 36 bits from contents.mem. wide, half, quarter: one port writes, one reads, 36, 9 and 4 bits wide.
// both: two ports that read and write, 18 bits wide. Everything that is read comes a cycle later.
module memories #(
    parameter COUNTERS = 0
) (
    input  wire        clk,
    input  wire        write,
    input  wire        read,
    input  wire [11:0] to,
    input  wire [11:0] from,
    input  wire [35:0] word,
    output reg  [35:0] constant,
    output wire [35:0] wide,
    output wire [8:0]  half,
    output wire [3:0]  quarter,
    output wire [17:0] left,
    output wire [17:0] right
);
    reg [35:0] read_only [0:511];
    initial $readmemh("contents.mem", read_only);
    always @(posedge clk)
        if (read)
            constant <= read_only[from[8:0]];

    one_write #(.WIDTH(36), .ADDRESS_BITS(9), .ZEROS("zeros_512.mem")) u_wide (
        .clk(clk), .write(write), .read(read), .to(to[8:0]), .from(from[8:0]), .word(word), .out(wide)
    );
    one_write #(.WIDTH(9), .ADDRESS_BITS(11), .ZEROS("zeros_2048.mem")) u_half (
        .clk(clk), .write(write), .read(read), .to(to[10:0]), .from(from[10:0]), .word(word[8:0]), .out(half)
    );
    one_write #(.WIDTH(4), .ADDRESS_BITS(12), .ZEROS("zeros_4096.mem")) u_quarter (
        .clk(clk), .write(write), .read(read), .to(to), .from(from), .word(word[3:0]), .out(quarter)
    );
    two_ports #(.ZEROS("zeros_1024.mem")) u_both (
        .clk(clk), .write_left(write), .write_right(read), .to_left({1'b0, to[8:0]}), .to_right({1'b1, from[8:0]}),
        .word_left(word[17:0]), .word_right(word[35:18]), .left(left), .right(right)
    );
endmodule
