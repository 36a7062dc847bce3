// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// memory_bench: memories and their netlist side by side, with random addresses, words and enables; counts cycles that differ.
//
// In the first cycle everything is read, so that every output is known from the second one on.
module memory_bench #(
    parameter CYCLES = 1000
) ();
    reg         clk;
    reg         write;
    reg         read;
    reg  [11:0] to;
    reg  [11:0] from;
    reg  [35:0] word;
    wire [228:0] expected;
    wire [228:0] got;
    integer     cycle;
    integer     differing;

    memories u_memories (
        .clk(clk), .write(write), .read(read), .to(to), .from(from), .word(word), .constant(expected[35:0]),
        .wide(expected[71:36]), .half(expected[80:72]), .quarter(expected[84:81]), .left(expected[102:85]),
        .right(expected[120:103]), .table_word(expected[138:121]), .broad(expected[174:139]), .gated(expected[192:175]), .shared(expected[210:193]),
        .unregistered(expected[228:211])
    );
    memories_netlist u_netlist (
        .clk(clk), .write(write), .read(read), .to(to), .from(from), .word(word), .constant(got[35:0]),
        .wide(got[71:36]), .half(got[80:72]), .quarter(got[84:81]), .left(got[102:85]),
        .right(got[120:103]), .table_word(got[138:121]), .broad(got[174:139]), .gated(got[192:175]), .shared(got[210:193]),
        .unregistered(got[228:211])
    );

    initial begin
        clk = 1'b0;
        differing = 0;
        for (cycle = 0; cycle < CYCLES; cycle = cycle + 1) begin
            write = $random;
            read = cycle == 0 ? 1'b1 : $random;
            // Few addresses, so that what was written is read again.
            to = {$random} & 12'h00F;
            from = cycle % 3 == 0 ? {$random} : {$random} & 12'h00F;
            word = {$random, $random};
            #5 clk = 1'b1;
            #5 clk = 1'b0;
            if (cycle > 0 && expected !== got)
                differing = differing + 1;
        end
        $display("%0d of %0d cycles differ", differing, CYCLES);
        $finish;
    end
endmodule
