// Plane outputs of one and of three groups, the latter with signs, magnitudes and lanes without a neuron, for tests of the module
// alone.
module plane_bench (
    /* verilator public_flat_rw_on */
    input  wire        clk,
    input  wire        rst,
    input  wire        fired_1,
    input  wire        fired_3,
    input  wire [5:0]  quiet,
    input  wire [5:0]  negative,
    input  wire [17:0] magnitude,
    input  wire [1:0]  marker,
    input  wire        fault,
    input  wire        ready,
    output wire        stall_1,
    output wire        valid_1,
    output wire [1:0]  kind_1,
    output wire [5:0]  plane_1,
    output wire [5:0]  signs_1,
    output wire        fault_1,
    output wire        stall_3,
    output wire        valid_3,
    output wire [1:0]  kind_3,
    output wire [38:0] plane_3,
    output wire [12:0] signs_3,
    output wire        fault_3
    /* verilator public_off */
);
    plane_output #(.NEURONS(6), .LANES(6), .GROUPS(1), .DEPTH_BITS(4), .MARGIN(6)) u_output_1 (
        .clk(clk), .rst(rst), .fired(fired_1), .quiet(quiet), .negative(negative), .magnitude(6'd0), .marker(marker), .fault(fault),
        .stall(stall_1), .out_valid(valid_1), .out_ready(ready), .out_kind(kind_1), .out_plane(plane_1), .out_negative(signs_1),
        .out_fault(fault_1)
    );
    plane_output #(
        .NEURONS(13), .LANES(5), .GROUPS(3), .DEPTH_BITS(4), .MARGIN(6), .SIGNED(1), .MAGNITUDE_BITS(3)
    ) u_output_3 (
        .clk(clk), .rst(rst), .fired(fired_3), .quiet(quiet[4:0]), .negative(negative[4:0]), .magnitude(magnitude[14:0]),
        .marker(marker), .fault(fault),
        .stall(stall_3), .out_valid(valid_3), .out_ready(ready), .out_kind(kind_3), .out_plane(plane_3), .out_negative(signs_3),
        .out_fault(fault_3)
    );
endmodule
