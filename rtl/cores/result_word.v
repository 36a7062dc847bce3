// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// result_word: finds the class of a frame and sends it with the scores in a single beat.
//
// Ports. scores_*: the scores of all classes. m_axis_*: one beat a frame: the class in bits 31:0, then a score in every 32 bits,
// sign-extended; TLAST is always 1; TUSER = 1 marks a faulty frame, whose class and scores are 0.
//
// Timing. A frame a cycle; two compares a cycle, so that a result takes 1 + ⌈CLASS_BITS/2⌉ cycles. All stages wait together where
// the beat is not taken. Ties: the lowest index wins.
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
    localparam STAGES = (CLASS_BITS - 1) >> 1;

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

    // The frame, and what accompanies it through the stages of the tournament.
    wire [STAGES:0]                     stage_valid;
    wire [STAGES:0]                     stage_fault;
    wire [(STAGES+1)*CLASSES*WIDTH-1:0] stage_frame;
    wire [CLASSES*WIDTH-1:0]            last_frame = stage_frame[STAGES*CLASSES*WIDTH +: CLASSES*WIDTH];
    wire                                last_fault = stage_fault[STAGES];
    assign stage_valid[0] = held;
    assign stage_fault[0] = fault;
    assign stage_frame[0 +: CLASSES*WIDTH] = frame;
    genvar stage;
    generate
        for (stage = 0; stage < STAGES; stage = stage + 1) begin : g_stage
            reg                     valid;
            reg                     wrong;
            reg [CLASSES*WIDTH-1:0] scored;
            assign stage_valid[stage+1] = valid;
            assign stage_fault[stage+1] = wrong;
            assign stage_frame[(stage+1)*CLASSES*WIDTH +: CLASSES*WIDTH] = scored;
            always @(posedge clk)
                if (rst) valid <= 1'b0;
                else if (advance) valid <= stage_valid[stage];
            always @(posedge clk)
                if (advance) begin
                    wrong <= stage_fault[stage];
                    scored <= stage_frame[stage*CLASSES*WIDTH +: CLASSES*WIDTH];
                end
        end
    endgenerate

    // A tournament: node n is the better one of nodes 2n and 2n + 1, the leaves are LEAVES and above. Every second level from the
    // leaves on is registered, but for the winner, which goes into the beat.
    wire [2*LEAVES*WIDTH-1:0]      best;
    wire [2*LEAVES*CLASS_BITS-1:0] winner;
    wire [(CLASSES+1)*32-1:0]      packet;
    genvar leaf, level, node, index;
    generate
        for (leaf = 0; leaf < LEAVES; leaf = leaf + 1) begin : g_leaf
            assign winner[(LEAVES+leaf)*CLASS_BITS +: CLASS_BITS] = leaf[CLASS_BITS-1:0];
            if (leaf < CLASSES) begin : g_class
                assign best[(LEAVES+leaf)*WIDTH +: WIDTH] = frame[leaf*WIDTH +: WIDTH];
            end else begin : g_none
                assign best[(LEAVES+leaf)*WIDTH +: WIDTH] = {1'b1, {(WIDTH-1){1'b0}}};
            end
        end
        for (level = 0; level < CLASS_BITS; level = level + 1) begin : g_level
            for (node = 1 << level; node < (2 << level); node = node + 1) begin : g_node
                wire signed [WIDTH-1:0] left = best[2*node*WIDTH +: WIDTH];
                wire signed [WIDTH-1:0] right = best[(2*node+1)*WIDTH +: WIDTH];
                wire                    later = right > left;
                wire [WIDTH-1:0]        score = later ? right : left;
                wire [CLASS_BITS-1:0]   class_index
                    = later ? winner[(2*node+1)*CLASS_BITS +: CLASS_BITS] : winner[2*node*CLASS_BITS +: CLASS_BITS];
                if (level > 0 && ((CLASS_BITS - level) & 1) == 0) begin : g_registered
                    reg [WIDTH-1:0]      kept_score;
                    reg [CLASS_BITS-1:0] kept_index;
                    always @(posedge clk)
                        if (advance) begin
                            kept_score <= score;
                            kept_index <= class_index;
                        end
                    assign best[node*WIDTH +: WIDTH] = kept_score;
                    assign winner[node*CLASS_BITS +: CLASS_BITS] = kept_index;
                end else begin : g_passed
                    assign best[node*WIDTH +: WIDTH] = score;
                    assign winner[node*CLASS_BITS +: CLASS_BITS] = class_index;
                end
            end
        end
        assign packet[31:0] = {{(32-CLASS_BITS){1'b0}}, winner[CLASS_BITS +: CLASS_BITS]};
        for (index = 0; index < CLASSES; index = index + 1) begin : g_score
            if (WIDTH == 32) begin : g_whole
                assign packet[(index+1)*32 +: 32] = last_frame[index*WIDTH +: WIDTH];
            end else begin : g_extended
                assign packet[(index+1)*32 +: 32] 
                    = {{(32-WIDTH){last_frame[index*WIDTH+WIDTH-1]}}, last_frame[index*WIDTH +: WIDTH]};
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
            if (advance) m_axis_tvalid <= stage_valid[STAGES];
        end
    always @(posedge clk) begin
        if (scores_ready) begin
            frame <= scores;
            fault <= scores_fault;
        end
        if (advance) begin
            m_axis_tdata <= last_fault ? {((CLASSES+1)*32){1'b0}} : packet;
            m_axis_tuser <= last_fault;
        end
    end
endmodule
