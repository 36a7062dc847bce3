// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// charge_bank: one bank of the potentials of a map, LANES in a word, two frames of them: events charge one while the other is
// scanned and cleared.
//
// Ports. side: the buffer that is charged; it changes only while nothing is under way. issue, address: a word is charged;
// operand and carry, one cycle later: what is added to every lane, extended to WIDTH. scan_issue, scan_address, scan_clear: a word of
// the other buffer is read, and cleared; scan_word is valid one cycle later. wipe: scan_address is cleared in both buffers.
//
// Timing. Each side takes an operation in every cycle. A word may be charged in successive cycles (what was written last is
// forwarded); one that is scanned may not be read again in the cycle after it was cleared.
// Invariants: every sum that is ever read fits in WIDTH bits (the width proof of the integer network).
module charge_bank #(
    parameter LANES = 1,
    parameter WIDTH = 8,
    parameter OPERAND_BITS = 4,
    parameter DEPTH = 1,
    parameter ADDRESS_BITS = 1,
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
    generate
        if (DEPTH < 1 || DEPTH > (1 << ADDRESS_BITS)) begin : g_check_depth
            illegal_parameter_DEPTH_beyond_ADDRESS_BITS illegal();
        end
        if (WIDTH < OPERAND_BITS || WIDTH > 32) begin : g_check_width
            illegal_parameter_WIDTH_not_OPERAND_BITS_to_32 illegal();
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

    wire [LANES*WIDTH-1:0] charged;
    reg  [LANES*WIDTH-1:0] written;
    wire [LANES*WIDTH-1:0] read;
    always @(posedge clk)
        written <= charged;

    wire [2*LANES*WIDTH-1:0] words;
    genvar buffer;
    generate
        for (buffer = 0; buffer < 2; buffer = buffer + 1) begin : g_buffer
            localparam [0:0] SIDE = buffer;
            reg  [LANES*WIDTH-1:0]  memory [0:DEPTH-1];
            reg  [LANES*WIDTH-1:0]  word;
            wire                    is_charged = side == SIDE;
            wire                    was_charged = active_side == SIDE;
            wire [ADDRESS_BITS-1:0] read_address = is_charged ? address : scan_address;
            wire                    writes = wiping | (was_charged ? active : clearing);
            wire [ADDRESS_BITS-1:0] write_address = (was_charged & ~wiping) ? active_address : cleared_address;
            wire [LANES*WIDTH-1:0]  next = (was_charged & ~wiping) ? charged : {LANES*WIDTH{1'b0}};
            always @(posedge clk) begin
                word <= memory[read_address];
                if (writes)
                    memory[write_address] <= next;
            end
            assign words[buffer*LANES*WIDTH +: LANES*WIDTH] = word;
        end
    endgenerate
    assign read = active_side ? words[LANES*WIDTH +: LANES*WIDTH] : words[LANES*WIDTH-1:0];
    assign scan_word = active_side ? words[LANES*WIDTH-1:0] : words[LANES*WIDTH +: LANES*WIDTH];

    genvar lane;
    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            wire [WIDTH-1:0] value = forward ? written[lane*WIDTH +: WIDTH] : read[lane*WIDTH +: WIDTH];
            wire [OPERAND_BITS-1:0] given = operand[lane*OPERAND_BITS +: OPERAND_BITS];
            wire [WIDTH-1:0] addend;
            if (WIDTH > OPERAND_BITS) begin : g_extend
                assign addend = {{(WIDTH-OPERAND_BITS){given[OPERAND_BITS-1]}}, given};
            end else begin : g_full
                assign addend = given;
            end
            if (CARRIES != 0) begin : g_carry
                // One bit more below, whose carry is the one that is added.
                wire [WIDTH:0] extended = {addend, 1'b1} + {value, carry};
                assign charged[lane*WIDTH +: WIDTH] = extended[WIDTH:1];
                wire unused_bit = &{1'b0, extended[0]};
            end else begin : g_plain
                assign charged[lane*WIDTH +: WIDTH] = addend + value;
            end
        end
        if (CARRIES == 0) begin : g_no_carry
            wire unused_carry = &{1'b0, carry};
        end
    endgenerate
endmodule
