// Potential banks of one, two and three groups, and spike outputs of five and twenty lanes, for tests of the modules alone.
module core_bench (
    input  wire        clk,
    input  wire        rst,
    input  wire        issue,
    input  wire [2:0]  operation,
    input  wire        restart,
    input  wire [1:0]  group,
    input  wire [29:0] operand,
    input  wire [29:0] start,
    output wire [29:0] potential_1,
    output wire [29:0] potential_2,
    output wire [29:0] potential_3,
    output wire [2:0]  negative_1,
    output wire [2:0]  negative_2,
    output wire [2:0]  negative_3,
    input  wire        fired_5,
    input  wire        fired_20,
    input  wire [19:0] quiet,
    input  wire [4:0]  base,
    input  wire [1:0]  marker,
    input  wire        fault,
    input  wire        ready,
    output wire        stall_5,
    output wire        valid_5,
    output wire [1:0]  kind_5,
    output wire [4:0]  channel_5,
    output wire        fault_5,
    output wire        stall_20,
    output wire        valid_20,
    output wire [1:0]  kind_20,
    output wire [4:0]  channel_20,
    output wire        fault_20
);
    potential_bank #(.LANES(3), .GROUPS(1), .GROUP_BITS(1), .WIDTH(10), .SATURATES(1)) u_bank_1 (
        .clk(clk), .issue(issue), .operation(operation), .restart(restart), .group(1'b0),
        .operand(operand), .start(start), .potential(potential_1), .negative(negative_1)
    );
    potential_bank #(.LANES(3), .GROUPS(2), .GROUP_BITS(1), .WIDTH(10), .SATURATES(1)) u_bank_2 (
        .clk(clk), .issue(issue), .operation(operation), .restart(restart), .group(group[0]),
        .operand(operand), .start(start), .potential(potential_2), .negative(negative_2)
    );
    potential_bank #(.LANES(3), .GROUPS(3), .GROUP_BITS(2), .WIDTH(10), .SATURATES(1)) u_bank_3 (
        .clk(clk), .issue(issue), .operation(operation), .restart(restart), .group(group),
        .operand(operand), .start(start), .potential(potential_3), .negative(negative_3)
    );
    spike_output #(.LANES(5), .CHANNEL_BITS(5), .DEPTH_BITS(3)) u_output_5 (
        .clk(clk), .rst(rst), .fired(fired_5), .quiet(quiet[4:0]), .base(base), .marker(marker), .fault(fault), .stall(stall_5),
        .out_valid(valid_5), .out_ready(ready), .out_kind(kind_5), .out_channel(channel_5), .out_fault(fault_5)
    );
    spike_output #(.LANES(20), .CHANNEL_BITS(5), .DEPTH_BITS(3)) u_output_20 (
        .clk(clk), .rst(rst), .fired(fired_20), .quiet(quiet), .base(base), .marker(marker), .fault(fault), .stall(stall_20),
        .out_valid(valid_20), .out_ready(ready), .out_kind(kind_20), .out_channel(channel_20), .out_fault(fault_20)
    );
endmodule
