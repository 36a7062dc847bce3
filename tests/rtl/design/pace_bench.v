// Frames at a pace of one in three cycles, five cycles under way to their queue, for tests of frame_pacer and frame_queue alone.
// The second queue holds half as many frames as the pacer counts.
module pace_bench (
    /* verilator public_flat_rw_on */
    input  wire        clk,
    input  wire        rst,
    input  wire        willing,
    input  wire [7:0]  number,
    input  wire        ready,
    output wire        may_start,
    output wire        valid,
    output wire [7:0]  scores,
    output wire        fault,
    output wire        valid_of_half,
    output wire [7:0]  scores_of_half
    /* verilator public_off */
);
    wire       started = willing & may_start;
    wire       left;
    reg  [4:0] under_way;
    wire       arrives = under_way[4];
    reg  [7:0] numbers [0:4];
    frame_pacer #(.INTERVAL(3), .INTERVAL_BITS(2), .FRAME_BITS(2)) u_pacer (
        .clk(clk), .rst(rst), .started(started), .left(left), .may_start(may_start)
    );
    always @(posedge clk)
        under_way <= rst ? 5'd0 : {under_way[3:0], started};
    integer place;
    always @(posedge clk) begin
        numbers[0] <= number;
        for (place = 1; place < 5; place = place + 1) numbers[place] <= numbers[place-1];
    end
    /* verilator lint_off PINCONNECTEMPTY */
    frame_queue #(.WIDTH(8), .FRAME_BITS(2)) u_queue (
        .clk(clk), .rst(rst), .in_valid(arrives), .in_ready(), .in_scores(numbers[4]), .in_fault(numbers[4][0]),
        .out_valid(valid), .out_ready(ready), .out_scores(scores), .out_fault(fault), .left(left)
    );
    frame_queue #(.WIDTH(8), .FRAME_BITS(1)) u_half (
        .clk(clk), .rst(rst), .in_valid(arrives), .in_ready(), .in_scores(numbers[4]), .in_fault(numbers[4][0]),
        .out_valid(valid_of_half), .out_ready(ready), .out_scores(scores_of_half), .out_fault(), .left()
    );
    /* verilator lint_on PINCONNECTEMPTY */
endmodule
