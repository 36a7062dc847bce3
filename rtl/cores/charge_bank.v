// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// charge_bank: one bank of the potentials of a map, LANES in a word. BUFFERS = 2: two frames of them, events charge one while the
// other is scanned and cleared. BUFFERS = 1: one frame, that is charged or scanned.
//
// Ports. side: the buffer that is charged; it changes only while nothing is under way. issue, address: a word is charged;
// operand and carry, one cycle later: what is added to every lane, extended to WIDTH, zero where nothing is charged. scan_issue,
// scan_address, scan_clear: a word of the other buffer (the only one) is read, and cleared; scan_word is valid one cycle later.
// wipe: scan_address is cleared in all buffers.
//
// Timing. Each side takes an operation in every cycle, but with one buffer only one of them may. A word may be charged in
// successive cycles (what was written last is forwarded); one that is scanned may not be read again in the cycle after it was
// cleared.
// Invariants: every sum that is ever read fits in WIDTH bits (the width proof of the integer network).
module charge_bank #(
    parameter LANES = 1,
    parameter WIDTH = 8,
    parameter OPERAND_BITS = 4,
    parameter DEPTH = 1,
    parameter ADDRESS_BITS = 1,
    parameter BUFFERS = 2,
    parameter CARRIES = 0
) (
    input  wire                          clk,
    input  wire                          side,
    input  wire                          issue,
    input  wire [ADDRESS_BITS-1:0]       address,
    input  wire [LANES*OPERAND_BITS-1:0] operand,
    input  wire                          carry,
    input  wire                          scan_issue,
    input  wire                          scan_clear,
    input  wire                          wipe,
    input  wire [ADDRESS_BITS-1:0]       scan_address,
    output wire [LANES*WIDTH-1:0]        scan_word
);
    localparam WORD = LANES * WIDTH;

    generate
        if (DEPTH < 1 || DEPTH > (1 << ADDRESS_BITS)) begin : g_check_depth
            illegal_parameter_DEPTH_beyond_ADDRESS_BITS illegal();
        end
        if (WIDTH < OPERAND_BITS || WIDTH > 32) begin : g_check_width
            illegal_parameter_WIDTH_not_OPERAND_BITS_to_32 illegal();
        end
        if (BUFFERS != 1 && BUFFERS != 2) begin : g_check_buffers
            illegal_parameter_BUFFERS_not_1_or_2 illegal();
        end
    endgenerate

    reg                    active;
    reg                    forward;
    reg                    active_side;
    reg                    clearing;
    reg                    wiping;
    reg [ADDRESS_BITS-1:0] active_address;
    reg [ADDRESS_BITS-1:0] cleared_address;
    always @(posedge clk) begin
        active <= issue;
        active_side <= side;
        active_address <= address;
        forward <= active & (active_address == address);
        clearing <= scan_issue & scan_clear;
        wiping <= wipe;
        cleared_address <= scan_address;
    end

    // What was written last.
    reg [WORD-1:0] written;

    // A word with the operand of every lane added.
    function [WORD-1:0] sums;
        input [WORD-1:0]               stored;
        input [LANES*OPERAND_BITS-1:0] given;
        input                          one_more;
        reg   [WIDTH-1:0]              addend;
        reg                            unused_bit;
        integer                        lane;
        for (lane = 0; lane < LANES; lane = lane + 1) begin
            addend = {WIDTH{given[lane*OPERAND_BITS + OPERAND_BITS - 1]}};
            addend[OPERAND_BITS-1:0] = given[lane*OPERAND_BITS +: OPERAND_BITS];
            // One bit more below, whose carry is the one that is added.
            if (CARRIES != 0)
                {sums[lane*WIDTH +: WIDTH], unused_bit} = {addend, 1'b1} + {stored[lane*WIDTH +: WIDTH], one_more};
            else
                sums[lane*WIDTH +: WIDTH] = addend + stored[lane*WIDTH +: WIDTH];
        end
    endfunction

    generate
        if (BUFFERS == 1) begin : g_one
            // What is read while it is written is not looked at, but forwarded.
            (* no_rw_check *)
            reg  [WORD-1:0]         memory [0:DEPTH-1];
            reg  [WORD-1:0]         word;
            wire                    clears = clearing | wiping;
            wire [ADDRESS_BITS-1:0] read_address = issue ? address : scan_address;
            wire [ADDRESS_BITS-1:0] write_address = active ? active_address : cleared_address;
            // A word is cleared through the adder, whose operand is zero then: no gate stands between adder and memory.
            always @(posedge clk) begin
                word <= memory[read_address];
                if (active | clears) begin : g_write
                    reg [WORD-1:0] charged;
                    charged = sums((forward ? written : word) & {WORD{~clears}}, operand, carry);
                    memory[write_address] <= charged;
                    written <= charged;
                end
            end
            assign scan_word = word;
            wire unused_side = &{1'b0, active_side};
        end else begin : g_two
            // A word that was cleared says so in one bit more: what its others hold does not count.
            (* no_rw_check *)
            reg  [WORD:0]           memory_0 [0:DEPTH-1];
            (* no_rw_check *)
            reg  [WORD:0]           memory_1 [0:DEPTH-1];
            reg  [WORD:0]           word_0, word_1;
            wire [ADDRESS_BITS-1:0] read_address_0 = side ? scan_address : address;
            wire [ADDRESS_BITS-1:0] read_address_1 = side ? address : scan_address;
            wire                    charged_0 = ~active_side & ~wiping;
            wire                    charged_1 = active_side & ~wiping;
            wire [ADDRESS_BITS-1:0] write_address_0 = charged_0 ? active_address : cleared_address;
            wire [ADDRESS_BITS-1:0] write_address_1 = charged_1 ? active_address : cleared_address;
            wire                    counts_0 = ~word_0[WORD];
            wire                    counts_1 = ~word_1[WORD];
            always @(posedge clk) begin
                word_0 <= memory_0[read_address_0];
                word_1 <= memory_1[read_address_1];
                if (active | clearing | wiping) begin : g_write
                    reg [WORD-1:0] charged;
                    charged = sums(
                        forward ? written
                            : (word_0[WORD-1:0] & {WORD{counts_0 & ~active_side}}) | (word_1[WORD-1:0] & {WORD{counts_1 & active_side}}),
                        operand, carry);
                    if (wiping | (charged_0 ? active : clearing))
                        memory_0[write_address_0] <= {~charged_0, charged};
                    if (wiping | (charged_1 ? active : clearing))
                        memory_1[write_address_1] <= {~charged_1, charged};
                    written <= charged;
                end
            end
            assign scan_word =
                (word_0[WORD-1:0] & {WORD{counts_0 & active_side}}) | (word_1[WORD-1:0] & {WORD{counts_1 & ~active_side}});
        end
    endgenerate
endmodule
