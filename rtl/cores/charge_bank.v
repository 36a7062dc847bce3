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

    // What is added to: the word that was read, or the one that has just been written.
    wire [WORD-1:0] value;
    wire [WORD-1:0] charged;
    reg  [WORD-1:0] written;
    always @(posedge clk)
        written <= charged;

    genvar buffer;
    generate
        if (BUFFERS == 1) begin : g_one
            reg  [WORD-1:0]         memory [0:DEPTH-1];
            reg  [WORD-1:0]         word;
            wire                    clears = clearing | wiping;
            wire [ADDRESS_BITS-1:0] read_address = issue ? address : scan_address;
            wire [ADDRESS_BITS-1:0] write_address = active ? active_address : cleared_address;
            always @(posedge clk) begin
                word <= memory[read_address];
                if (active | clears)
                    memory[write_address] <= charged;
            end
            // A word is cleared through the adder, whose operand is zero then: no gate stands between adder and memory.
            assign value = (forward ? written : word) & {WORD{~clears}};
            assign scan_word = word;
            wire unused_side = &{1'b0, active_side};
        end else begin : g_two
            // A word that was cleared says so in one bit more: what its others hold does not count.
            wire [2*(WORD+1)-1:0] words;
            for (buffer = 0; buffer < 2; buffer = buffer + 1) begin : g_buffer
                localparam [0:0] SIDE = buffer;
                reg  [WORD:0]           memory [0:DEPTH-1];
                reg  [WORD:0]           word;
                wire                    is_charged = side == SIDE;
                wire                    was_charged = (active_side == SIDE) & ~wiping;
                wire [ADDRESS_BITS-1:0] read_address = is_charged ? address : scan_address;
                wire [ADDRESS_BITS-1:0] write_address = was_charged ? active_address : cleared_address;
                always @(posedge clk) begin
                    word <= memory[read_address];
                    if (wiping | (was_charged ? active : clearing))
                        memory[write_address] <= {~was_charged, charged};
                end
                assign words[buffer*(WORD+1) +: WORD+1] = word;
            end
            wire [WORD-1:0] first = words[WORD-1:0];
            wire [WORD-1:0] second = words[WORD+1 +: WORD];
            wire            first_counts = ~words[WORD];
            wire            second_counts = ~words[2*WORD+1];
            wire [WORD-1:0] read = (first & {WORD{first_counts & ~active_side}}) | (second & {WORD{second_counts & active_side}});
            assign value = forward ? written : read;
            assign scan_word = (first & {WORD{first_counts & active_side}}) | (second & {WORD{second_counts & ~active_side}});
        end
    endgenerate

    genvar lane;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            wire [WIDTH-1:0] stored = value[lane*WIDTH +: WIDTH];
            wire [OPERAND_BITS-1:0] given = operand[lane*OPERAND_BITS +: OPERAND_BITS];
            wire [WIDTH-1:0] addend;
            if (WIDTH > OPERAND_BITS) begin : g_extend
                assign addend = {{(WIDTH-OPERAND_BITS){given[OPERAND_BITS-1]}}, given};
            end else begin : g_full
                assign addend = given;
            end
            if (CARRIES != 0) begin : g_carry
                // One bit more below, whose carry is the one that is added.
                wire [WIDTH:0] extended = {addend, 1'b1} + {stored, carry};
                assign charged[lane*WIDTH +: WIDTH] = extended[WIDTH:1];
                wire unused_bit = &{1'b0, extended[0]};
            end else begin : g_plain
                assign charged[lane*WIDTH +: WIDTH] = addend + stored;
            end
        end
        if (CARRIES == 0) begin : g_no_carry
            wire unused_carry = &{1'b0, carry};
        end
    endgenerate
endmodule
