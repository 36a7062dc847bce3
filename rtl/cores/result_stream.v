// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// result_stream: finds the class of a frame and sends it with the scores as one AXI4-Stream packet.
//
// Ports. scores_*: groups of LANES scores from readout_layer. m_axis_*: 32-bit beats, first the class, then CLASSES
// scores, sign-extended; TLAST on the last one; TUSER = 1 on every beat of a faulty frame, whose class and scores are 0.
//
// Timing. A score a cycle, then the packet; the next frame's scores are taken when the packet has left. Ties: the lowest
// index wins.
module result_stream #(
    parameter CLASSES = 2,
    parameter CLASS_BITS = 1,
    parameter LANES = 1,
    parameter LANE_BITS = 1,
    parameter WIDTH = 8
) (
    input  wire                   clk,
    input  wire                   rst,
    input  wire                   scores_valid,
    output wire                   scores_ready,
    input  wire [LANES*WIDTH-1:0] scores,
    input  wire                   scores_fault,
    output wire [31:0]            m_axis_tdata,
    output wire                   m_axis_tvalid,
    input  wire                   m_axis_tready,
    output wire                   m_axis_tlast,
    output wire                   m_axis_tuser
);
    localparam [1:0] WAITING = 2'd0, COMPARING = 2'd1, SENDING = 2'd2;
    localparam LAST_CLASS = CLASSES - 1;
    localparam LAST_LANE = LANES - 1;

    generate
        if (CLASSES < 1 || CLASSES > (1 << CLASS_BITS)) begin : g_check_classes
            illegal_parameter_CLASSES_beyond_CLASS_BITS illegal();
        end
        if (WIDTH > 32) begin : g_check_width
            illegal_parameter_WIDTH_beyond_32 illegal();
        end
    endgenerate

    reg [1:0]             state;
    reg [LANES*WIDTH-1:0] group;
    reg [LANE_BITS-1:0]   lane;
    reg [CLASS_BITS-1:0]  index;
    reg                   header;
    reg                   fault;
    reg                   some;
    reg [WIDTH-1:0]       best;
    reg [CLASS_BITS-1:0]  best_index;
    reg [WIDTH-1:0]       memory [0:CLASSES-1];

    // The scores of a group move down a place a cycle: no choice among them stands before the compare.
    wire [WIDTH-1:0] score = group[WIDTH-1:0];
    wire better = ~some | ($signed(score) > $signed(best));
    wire last_index = index == LAST_CLASS[CLASS_BITS-1:0];
    wire group_ends = lane == LAST_LANE[LANE_BITS-1:0];
    wire [WIDTH-1:0] sent = memory[index];
    wire [31:0] extended;
    generate
        if (WIDTH < 32) begin : g_extend
            assign extended = {{(32-WIDTH){sent[WIDTH-1]}}, sent};
        end else begin : g_full
            assign extended = sent;
        end
    endgenerate

    assign scores_ready = state == WAITING;
    assign m_axis_tvalid = state == SENDING;
    assign m_axis_tlast = ~header & last_index;
    assign m_axis_tuser = fault;
    assign m_axis_tdata = fault ? 32'd0 : header ? {{(32-CLASS_BITS){1'b0}}, best_index} : extended;

    always @(posedge clk)
        if (state == COMPARING)
            memory[index] <= score;

    always @(posedge clk)
        if (rst) begin
            state <= WAITING;
            index <= {CLASS_BITS{1'b0}};
            some <= 1'b0;
            header <= 1'b1;
        end else
            case (state)
                WAITING:
                    if (scores_valid) begin
                        group <= scores;
                        fault <= scores_fault;
                        lane <= {LANE_BITS{1'b0}};
                        state <= COMPARING;
                    end
                COMPARING: begin
                    lane <= lane + 1'b1;
                    group <= group >> WIDTH;
                    index <= last_index ? {CLASS_BITS{1'b0}} : index + 1'b1;
                    some <= ~last_index;
                    if (better) begin
                        best <= score;
                        best_index <= index;
                    end
                    if (last_index) state <= SENDING;
                    else if (group_ends) state <= WAITING;
                end
                default:
                    if (m_axis_tready) begin
                        header <= m_axis_tlast;
                        if (~header) index <= last_index ? {CLASS_BITS{1'b0}} : index + 1'b1;
                        if (m_axis_tlast) state <= WAITING;
                    end
            endcase

endmodule
