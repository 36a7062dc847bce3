// Potential banks of one, two and three groups, spike outputs of five and twenty lanes, the latter with signs and magnitudes, and
// level banks of every code, for tests of the modules alone. Python reaches the ports and nothing else, which leaves Verilator free
// to optimise the rest away.
module core_bench (
    input  wire        clk /* verilator public_flat_rw */,
    input  wire        rst /* verilator public_flat_rw */,
    input  wire        issue /* verilator public_flat_rw */,
    input  wire [2:0]  operation /* verilator public_flat_rw */,
    input  wire        restart /* verilator public_flat_rw */,
    input  wire [1:0]  group /* verilator public_flat_rw */,
    input  wire [29:0] operand /* verilator public_flat_rw */,
    input  wire        carry /* verilator public_flat_rw */,
    input  wire [29:0] start /* verilator public_flat_rw */,
    output wire [29:0] potential_1 /* verilator public_flat_rw */,
    output wire [29:0] potential_2 /* verilator public_flat_rw */,
    output wire [29:0] potential_3 /* verilator public_flat_rw */,
    output wire [2:0]  negative_1 /* verilator public_flat_rw */,
    output wire [2:0]  negative_2 /* verilator public_flat_rw */,
    output wire [2:0]  negative_3 /* verilator public_flat_rw */,
    input  wire        fired_5 /* verilator public_flat_rw */,
    input  wire        fired_20 /* verilator public_flat_rw */,
    input  wire [19:0] quiet /* verilator public_flat_rw */,
    input  wire [19:0] negative /* verilator public_flat_rw */,
    input  wire [59:0] magnitude /* verilator public_flat_rw */,
    input  wire [4:0]  base /* verilator public_flat_rw */,
    input  wire [1:0]  marker /* verilator public_flat_rw */,
    input  wire        fault /* verilator public_flat_rw */,
    input  wire        ready /* verilator public_flat_rw */,
    output wire        stall_5 /* verilator public_flat_rw */,
    output wire        valid_5 /* verilator public_flat_rw */,
    output wire [1:0]  kind_5 /* verilator public_flat_rw */,
    output wire [4:0]  channel_5 /* verilator public_flat_rw */,
    output wire        negative_of_5 /* verilator public_flat_rw */,
    output wire        magnitude_of_5 /* verilator public_flat_rw */,
    output wire        fault_5 /* verilator public_flat_rw */,
    output wire        stall_20 /* verilator public_flat_rw */,
    output wire        valid_20 /* verilator public_flat_rw */,
    output wire [1:0]  kind_20 /* verilator public_flat_rw */,
    output wire [4:0]  channel_20 /* verilator public_flat_rw */,
    output wire        negative_of_20 /* verilator public_flat_rw */,
    output wire [2:0]  magnitude_of_20 /* verilator public_flat_rw */,
    output wire        fault_20 /* verilator public_flat_rw */,
    input  wire        active /* verilator public_flat_rw */,
    input  wire        deciding /* verilator public_flat_rw */,
    input  wire        first /* verilator public_flat_rw */,
    input  wire        sending /* verilator public_flat_rw */,
    input  wire        last_group /* verilator public_flat_rw */,
    input  wire [1:0]  success /* verilator public_flat_rw */,
    output wire [1:0]  quiet_whole /* verilator public_flat_rw */,
    output wire [1:0]  sign_whole /* verilator public_flat_rw */,
    output wire [5:0]  size_whole /* verilator public_flat_rw */,
    output wire [1:0]  quiet_unary /* verilator public_flat_rw */,
    output wire [1:0]  sign_unary /* verilator public_flat_rw */,
    output wire [1:0]  quiet_bits /* verilator public_flat_rw */,
    output wire [1:0]  sign_bits /* verilator public_flat_rw */
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
    spike_output #(.LANES(5), .CHANNEL_BITS(5), .DEPTH_BITS(3)) u_output_5 (
        .clk(clk), .rst(rst), .fired(fired_5), .quiet(quiet[4:0]),
        .negative(negative[4:0]), .magnitude(magnitude[4:0]), .base(base), .marker(marker), .fault(fault), .stall(stall_5),
        .out_valid(valid_5), .out_ready(ready), .out_kind(kind_5), .out_channel(channel_5),
        .out_negative(negative_of_5), .out_magnitude(magnitude_of_5), .out_fault(fault_5)
    );
    spike_output #(.LANES(20), .CHANNEL_BITS(5), .DEPTH_BITS(3), .SIGNED(1), .MAGNITUDE_BITS(3)) u_output_20 (
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
    wire unused = &{1'b0, size_unary, size_bits};
endmodule
