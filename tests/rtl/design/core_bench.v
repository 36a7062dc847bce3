// Potential banks of one, two and three groups, a choice of operands, spike outputs of five and twenty lanes, the latter with signs and magnitudes, and
// level banks of every code, for tests of the modules alone. Python reaches the ports and nothing else, which leaves Verilator free
// to optimise the rest away.
module core_bench (
    /* verilator public_flat_rw_on */
    input  wire        clk,
    input  wire        rst,
    input  wire        issue,
    input  wire [2:0]  operation,
    input  wire        restart,
    input  wire [1:0]  group,
    input  wire [29:0] operand,
    input  wire        carry,
    input  wire [29:0] start,
    output wire [29:0] potential_1,
    output wire [29:0] potential_2,
    output wire [29:0] potential_3,
    output wire [2:0]  negative_1,
    output wire [2:0]  negative_2,
    output wire [2:0]  negative_3,
    input  wire        from_weights,
    input  wire        subtracting,
    input  wire        doubling,
    input  wire [29:0] constant_word,
    input  wire [29:0] constant_read,
    input  wire [11:0] weight_row,
    input  wire [29:0] held,
    output wire [29:0] chosen,
    output wire [29:0] chosen_of_memory,
    output wire        chosen_carry,
    input  wire        fired_5,
    input  wire        fired_20,
    input  wire [19:0] quiet,
    input  wire [19:0] negative,
    input  wire [59:0] magnitude,
    input  wire [4:0]  base,
    input  wire [1:0]  marker,
    input  wire        fault,
    input  wire        ready,
    output wire        stall_5,
    output wire        valid_5,
    output wire [1:0]  kind_5,
    output wire [4:0]  channel_5,
    output wire        negative_of_5,
    output wire        magnitude_of_5,
    output wire        fault_5,
    output wire        stall_20,
    output wire        valid_20,
    output wire [1:0]  kind_20,
    output wire [4:0]  channel_20,
    output wire        negative_of_20,
    output wire [2:0]  magnitude_of_20,
    output wire        fault_20,
    input  wire        active,
    input  wire        deciding,
    input  wire        first,
    input  wire        sending,
    input  wire        last_group,
    input  wire [1:0]  success,
    output wire [1:0]  quiet_whole,
    output wire [1:0]  sign_whole,
    output wire [5:0]  size_whole,
    output wire [1:0]  quiet_unary,
    output wire [1:0]  sign_unary,
    output wire [1:0]  quiet_bits,
    output wire [1:0]  sign_bits
    /* verilator public_off */
);
    potential_bank #(.LANES(3), .GROUPS(1), .GROUP_BITS(1), .WIDTH(10), .SATURATES(1), .LEAKS(1), .CARRIES(1)) u_bank_1 (
        .clk(clk), .issue(issue), .operation(operation), .restart(restart), .group(1'b0),
        .operand(operand), .carry(carry), .start(start), .potential(potential_1), .negative(negative_1)
    );
    potential_bank #(.LANES(3), .GROUPS(2), .GROUP_BITS(1), .WIDTH(10), .SATURATES(1), .LEAKS(1), .CARRIES(1)) u_bank_2 (
        .clk(clk), .issue(issue), .operation(operation), .restart(restart), .group(group[0]),
        .operand(operand), .carry(carry), .start(start), .potential(potential_2), .negative(negative_2)
    );
    potential_bank #(.LANES(3), .GROUPS(3), .GROUP_BITS(2), .WIDTH(10), .SATURATES(1), .LEAKS(1), .CARRIES(1)) u_bank_3 (
        .clk(clk), .issue(issue), .operation(operation), .restart(restart), .group(group),
        .operand(operand), .carry(carry), .start(start), .potential(potential_3), .negative(negative_3)
    );
    operand_choice #(.LANES(3), .WEIGHT_BITS(4), .WIDTH(10)) u_choice (
        .clk(clk), .from_weights(from_weights), .subtracting(subtracting), .doubling(doubling), .constant_word(constant_word),
        .weight_row(weight_row), .potential(held), .operand(chosen), .carry(chosen_carry)
    );
    wire unused_carry;
    operand_choice #(.LANES(3), .WEIGHT_BITS(4), .WIDTH(10), .WIRED(0)) u_choice_of_memory (
        .clk(clk), .from_weights(from_weights), .subtracting(subtracting), .doubling(doubling), .constant_word(constant_read),
        .weight_row(weight_row), .potential(held), .operand(chosen_of_memory), .carry(unused_carry)
    );
    spike_output #(.LANES(5), .CHANNEL_BITS(5), .DEPTH_BITS(4)) u_output_5 (
        .clk(clk), .rst(rst), .fired(fired_5), .quiet(quiet[4:0]),
        .negative(negative[4:0]), .magnitude(magnitude[4:0]), .base(base), .marker(marker), .fault(fault), .stall(stall_5),
        .out_valid(valid_5), .out_ready(ready), .out_kind(kind_5), .out_channel(channel_5),
        .out_negative(negative_of_5), .out_magnitude(magnitude_of_5), .out_fault(fault_5)
    );
    spike_output #(.LANES(20), .CHANNEL_BITS(5), .DEPTH_BITS(4), .SIGNED(1), .MAGNITUDE_BITS(3)) u_output_20 (
        .clk(clk), .rst(rst), .fired(fired_20), .quiet(quiet),
        .negative(negative), .magnitude(magnitude), .base(base), .marker(marker), .fault(fault), .stall(stall_20),
        .out_valid(valid_20), .out_ready(ready), .out_kind(kind_20), .out_channel(channel_20),
        .out_negative(negative_of_20), .out_magnitude(magnitude_of_20), .out_fault(fault_20)
    );
    level_bank #(
        .LANES(2), .GROUPS(1), .GROUP_BITS(1), .LEVEL_BITS(4), .FLOOR(3), .RANGE(7), .CODE(0), .STEPS(1), .MAGNITUDE_BITS(3)
    ) u_whole (
        .clk(clk), .rst(rst), .active(active), .deciding(deciding), .first(first), .sending(sending), .last_group(last_group),
        .group(1'b0), .success(success), .quiet(quiet_whole), .negative(sign_whole), .magnitude(size_whole)
    );
    wire [1:0] size_unary;
    level_bank #(
        .LANES(2), .GROUPS(1), .GROUP_BITS(1), .LEVEL_BITS(4), .FLOOR(3), .RANGE(7), .CODE(1), .STEPS(4), .MAGNITUDE_BITS(1)
    ) u_unary (
        .clk(clk), .rst(rst), .active(active), .deciding(deciding), .first(first), .sending(sending), .last_group(last_group),
        .group(1'b0), .success(success), .quiet(quiet_unary), .negative(sign_unary), .magnitude(size_unary)
    );
    wire [1:0] size_bits;
    level_bank #(
        .LANES(2), .GROUPS(1), .GROUP_BITS(1), .LEVEL_BITS(4), .FLOOR(3), .RANGE(7), .CODE(2), .STEPS(4), .MAGNITUDE_BITS(1)
    ) u_bits (
        .clk(clk), .rst(rst), .active(active), .deciding(deciding), .first(first), .sending(sending), .last_group(last_group),
        .group(1'b0), .success(success), .quiet(quiet_bits), .negative(sign_bits), .magnitude(size_bits)
    );
    wire unused = &{1'b0, unused_carry, size_unary, size_bits};
endmodule
