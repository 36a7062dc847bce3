// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// result_word: finds the class of a frame and sends it with the scores in a single beat.
//
// Ports. scores_*: the scores of all classes. m_axis_*: one beat a frame: the class in bits 31:0, then a score in every 32 bits,
// sign-extended; TLAST is always 1; TUSER = 1 marks a faulty frame, whose class and scores are 0.
//
// Timing. Two cycles; a frame a cycle. Ties: the lowest index wins.
module result_word #(
    parameter CLASSES = 2,
    parameter CLASS_BITS = 1,
    parameter WIDTH = 8
) (
    input  wire                      clk,
    input  wire                      rst,
    input  wire                      scores_valid,
    output wire                      scores_ready,
    input  wire [CLASSES*WIDTH-1:0]  scores,
    input  wire                      scores_fault,
    output reg  [(CLASSES+1)*32-1:0] m_axis_tdata,
    output reg                       m_axis_tvalid,
    input  wire                      m_axis_tready,
    output wire                      m_axis_tlast,
    output reg                       m_axis_tuser
);
    localparam LEAVES = 1 << CLASS_BITS;

    generate
        if (CLASSES < 1 || CLASSES > LEAVES) begin : g_check_classes
            illegal_parameter_CLASSES_beyond_CLASS_BITS illegal();
        end
        if (WIDTH > 32) begin : g_check_width
            illegal_parameter_WIDTH_beyond_32 illegal();
        end
    endgenerate

    reg                     held;
    reg                     fault;
    reg [CLASSES*WIDTH-1:0] frame;
    wire advance = ~m_axis_tvalid | m_axis_tready;
    assign scores_ready = ~held | advance;
    assign m_axis_tlast = 1'b1;

    // A tournament: node n is the better one of nodes 2n and 2n + 1, the leaves are LEAVES and above.
    wire [2*LEAVES*WIDTH-1:0]      best;
    wire [2*LEAVES*CLASS_BITS-1:0] winner;
    wire [(CLASSES+1)*32-1:0]      packet;
    genvar leaf, node, index;
    generate
        for (leaf = 0; leaf < LEAVES; leaf = leaf + 1) begin : g_leaf
            assign winner[(LEAVES+leaf)*CLASS_BITS +: CLASS_BITS] = leaf[CLASS_BITS-1:0];
            if (leaf < CLASSES) begin : g_class
                assign best[(LEAVES+leaf)*WIDTH +: WIDTH] = frame[leaf*WIDTH +: WIDTH];
            end else begin : g_none
                assign best[(LEAVES+leaf)*WIDTH +: WIDTH] = {1'b1, {(WIDTH-1){1'b0}}};
            end
        end
        for (node = 1; node < LEAVES; node = node + 1) begin : g_node
            wire signed [WIDTH-1:0] left = best[2*node*WIDTH +: WIDTH];
            wire signed [WIDTH-1:0] right = best[(2*node+1)*WIDTH +: WIDTH];
            wire better = right > left;
            assign best[node*WIDTH +: WIDTH] = better ? right : left;
            assign winner[node*CLASS_BITS +: CLASS_BITS]
                = better ? winner[(2*node+1)*CLASS_BITS +: CLASS_BITS] : winner[2*node*CLASS_BITS +: CLASS_BITS];
        end
        assign packet[31:0] = {{(32-CLASS_BITS){1'b0}}, winner[CLASS_BITS +: CLASS_BITS]};
        for (index = 0; index < CLASSES; index = index + 1) begin : g_score
            if (WIDTH == 32) begin : g_whole
                assign packet[(index+1)*32 +: 32] = frame[index*WIDTH +: WIDTH];
            end else begin : g_extended
                assign packet[(index+1)*32 +: 32] = {{(32-WIDTH){frame[index*WIDTH+WIDTH-1]}}, frame[index*WIDTH +: WIDTH]};
            end
        end
    endgenerate
    assign best[0 +: WIDTH] = {WIDTH{1'b0}};
    assign winner[0 +: CLASS_BITS] = {CLASS_BITS{1'b0}};
    wire unused = &{1'b0, best, winner};

    always @(posedge clk)
        if (rst) begin
            held <= 1'b0;
            m_axis_tvalid <= 1'b0;
        end else begin
            if (scores_ready) held <= scores_valid;
            if (advance) m_axis_tvalid <= held;
        end
    always @(posedge clk) begin
        if (scores_ready) begin
            frame <= scores;
            fault <= scores_fault;
        end
        if (advance) begin
            m_axis_tdata <= fault ? {((CLASSES+1)*32){1'b0}} : packet;
            m_axis_tuser <= fault;
        end
    end
endmodule
