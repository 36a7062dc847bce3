// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// potential_bank: the membrane potentials of one layer, LANES of them in each of GROUPS words, and the one adder a lane.
//
// Timing. Stage 0: issue, operation, restart and group are given. Stage 1, one cycle later: operand, carry and start are given,
// potential and negative are valid, and the word is written at the end of the cycle. One operation is taken in every cycle,
// also on the word of the cycle before: what was written last is forwarded.
//
// Operations, V the potential, B the operand of the lane:
//   HOLD      V <= V
//   ADD       V <= V + B
//   DOUBLE    the same; B is V (operand_choice)
//   FIRE      V <= V + B where V + B >= 0 (B is a negated threshold: compare and soft reset), else V
//   SATURATE  V <= V + B where V + B < 0, else -1; only with SATURATES = 1
//   LEAK      V <= V + B where V + B < 0 (B is a negative threshold's magnitude), else V; only with LEAKS = 1
// negative = V + B < 0, whatever the operation.
// carry is added to every V + B, so that an inverted operand subtracts; only with CARRIES = 1.
// With restart the word becomes start instead, whatever the operation; negative is as without.
//
// Invariants: every sum fits in WIDTH bits (the width proof of the integer network); after reset every word is
// restarted before it is used (pass_sequencer does so).
module potential_bank #(
    parameter LANES = 1,
    parameter GROUPS = 1,
    parameter GROUP_BITS = 1,
    parameter WIDTH = 8,
    parameter SATURATES = 0,
    parameter LEAKS = 0,
    parameter CARRIES = 0
) (
    input  wire                   clk,
    input  wire                   issue,
    input  wire [2:0]             operation,
    input  wire                   restart,
    input  wire [GROUP_BITS-1:0]  group,
    input  wire [LANES*WIDTH-1:0] operand,
    input  wire                   carry,
    input  wire [LANES*WIDTH-1:0] start,
    output wire [LANES*WIDTH-1:0] potential,
    output wire [LANES-1:0]       negative
);
    localparam [2:0] ADD = 3'd1, DOUBLE = 3'd2, FIRE = 3'd3, SATURATE = 3'd4, LEAK = 3'd5;

    generate
        if (LANES < 1) begin : g_check_lanes
            illegal_parameter_LANES_below_1 illegal();
        end
        if (GROUPS < 1 || GROUPS > (1 << GROUP_BITS)) begin : g_check_groups
            illegal_parameter_GROUPS_beyond_GROUP_BITS illegal();
        end
        if (WIDTH < 2 || WIDTH > 32) begin : g_check_width
            illegal_parameter_WIDTH_not_2_to_32 illegal();
        end
    endgenerate

    reg writing;
    reg firing;
    reg saturating;
    reg leaking;
    reg restarting;
    always @(posedge clk) begin
        writing    <= issue & (operation == ADD || operation == DOUBLE || operation == SATURATE);
        firing     <= issue & (operation == FIRE);
        saturating <= issue & (operation == SATURATE && SATURATES != 0);
        leaking    <= issue & (operation == LEAK && LEAKS != 0);
        restarting <= issue & restart;
    end

    wire [LANES-1:0]       write;
    wire [LANES*WIDTH-1:0] sum;
    genvar lane;

    // Before the adders: yosys puts the operand that was declared first on the carry chain's direct input, and only a
    // register goes there without a LUT of its own.
    generate
        if (GROUPS == 1) begin : g_registers
            reg [LANES*WIDTH-1:0] word;
            assign potential = word;
            for (lane = 0; lane < LANES; lane = lane + 1) begin : g_word
                always @(posedge clk)
                    if (restarting)
                        word[lane*WIDTH +: WIDTH] <= start[lane*WIDTH +: WIDTH];
                    else if (saturating & ~negative[lane])
                        word[lane*WIDTH +: WIDTH] <= {WIDTH{1'b1}};
                    else if (write[lane])
                        word[lane*WIDTH +: WIDTH] <= sum[lane*WIDTH +: WIDTH];
            end
            // One word needs no address.
            wire unused_group = &{1'b0, group};
        end else begin : g_memory
            // What is read while it is written is not looked at, but forwarded.
            (* no_rw_check *)
            reg [LANES*WIDTH-1:0] memory [0:GROUPS-1];
            reg [LANES*WIDTH-1:0] read_word;
            reg [LANES*WIDTH-1:0] written_word;
            reg [GROUP_BITS-1:0]  active_group;
            reg                   active;
            reg                   forward;
            wire [LANES*WIDTH-1:0] next_word;
            assign potential = forward ? written_word : read_word;
            for (lane = 0; lane < LANES; lane = lane + 1) begin : g_word
                assign next_word[lane*WIDTH +: WIDTH] =
                    restarting                ? start[lane*WIDTH +: WIDTH] :
                    saturating & ~negative[lane]  ? {WIDTH{1'b1}} :
                    write[lane]               ? sum[lane*WIDTH +: WIDTH] : potential[lane*WIDTH +: WIDTH];
            end
            always @(posedge clk) begin
                active       <= issue;
                read_word    <= memory[group];
                active_group <= group;
                forward      <= active & (active_group == group);
                written_word <= next_word;
                if (active)
                    memory[active_group] <= next_word;
            end
        end
    endgenerate

    generate
        for (lane = 0; lane < LANES; lane = lane + 1) begin : g_lane
            wire [WIDTH-1:0] value = potential[lane*WIDTH +: WIDTH];
            wire [WIDTH-1:0] addend = operand[lane*WIDTH +: WIDTH];
            if (CARRIES != 0) begin : g_carry
                // One bit more below, whose carry is the one that is added.
                wire [WIDTH:0] extended = {addend, 1'b1} + {value, carry};
                assign sum[lane*WIDTH +: WIDTH] = extended[WIDTH:1];
                wire unused_bit = &{1'b0, extended[0]};
            end else begin : g_plain
                assign sum[lane*WIDTH +: WIDTH] = addend + value;
            end
            assign negative[lane] = sum[lane*WIDTH + WIDTH - 1];
            assign write[lane] = writing | (firing & ~negative[lane]) | (leaking & negative[lane]);
        end
        if (CARRIES == 0) begin : g_no_carry
            wire unused_carry = &{1'b0, carry};
        end
    endgenerate
endmodule
