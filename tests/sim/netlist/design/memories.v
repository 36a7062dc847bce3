// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// memories: memories of every kind that becomes an ECP5 block memory, with one address and one word for all of them.
//
// read_only: 512 words of 36 bits from contents.mem. wide, half, quarter: one port writes, one reads, 36, 9 and 4 bits wide.
// both: two ports that read and write, 18 bits wide. Everything that is read comes a cycle later.
// table: 1,024 words of 18 bits that are always read, and broad, 36 bits of 512 words: two cycles later, through a register each. gated: a
// register behind a memory that is only read at times. shared: one whose memory is also read without it.
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
    output reg  [17:0] table_word,
    output reg  [35:0] broad,
    output reg  [17:0] gated,
    output reg  [17:0] shared,
    output wire [17:0] unregistered,
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

    reg [17:0] table_words [0:1023];
    reg [35:0] broad_words [0:511];
    reg [17:0] gated_words [0:1023];
    reg [17:0] shared_words [0:1023];
    initial begin
        $readmemh("table.mem", table_words);
        $readmemh("contents.mem", broad_words);
        $readmemh("table.mem", gated_words);
        $readmemh("table.mem", shared_words);
    end
    reg [17:0] table_read, gated_read, shared_read;
    reg [35:0] broad_read;
    assign unregistered = shared_read;
    always @(posedge clk) begin
        table_read <= table_words[from[9:0]];
        table_word <= table_read;
        broad_read <= broad_words[from[8:0]];
        broad <= broad_read;
        if (read)
            gated_read <= gated_words[to[9:0]];
        gated <= gated_read;
        shared_read <= shared_words[to[9:0] ^ from[9:0]];
        shared <= shared_read;
    end

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
