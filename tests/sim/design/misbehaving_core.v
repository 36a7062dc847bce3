// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// misbehaving_core: takes frames of one beat and breaks a rule that the lowest pixel chooses: 1 the channel of an event changes
// while it is not taken, 2 an event vanishes, 3 a result beat changes while it is not taken, 4 a frame is never answered, 5 the
// sign of an event changes, 6 its magnitude, 7 a spike and a negative spike come for the same channel. With any other pixel it
// sends one spike, an end of frame and a packet of three beats.
module isospike_core #(
    parameter COUNTERS = 0
) (
    input  wire        clk,
    input  wire        rst,
    input  wire [63:0] s_axis_tdata,
    input  wire        s_axis_tvalid,
    output wire        s_axis_tready,
    input  wire        s_axis_tlast,
    output wire [31:0] m_axis_tdata,
    output wire        m_axis_tvalid,
    input  wire        m_axis_tready,
    output wire        m_axis_tlast,
    output wire        m_axis_tuser
);
    localparam [7:0] CHANNEL_CHANGES = 8'd1, EVENT_VANISHES = 8'd2, RESULT_CHANGES = 8'd3, NO_ANSWER = 8'd4;
    localparam [7:0] SIGN_CHANGES = 8'd5, MAGNITUDE_CHANGES = 8'd6, TWO_SPIKES = 8'd7;
    localparam [1:0] TAKING = 2'd0, SPIKING = 2'd1, ENDING = 2'd2, ANSWERING = 2'd3;

    reg [1:0]  state;
    reg [7:0]  rule;
    reg [3:0]  cycles;
    reg [1:0]  sent;
    reg        second;

    wire       link0_valid = (state == SPIKING & ~(rule == EVENT_VANISHES & cycles == 4'd1)) | state == ENDING;
    wire       link0_ready = cycles == 4'd3;
    wire [1:0] link0_kind = state == ENDING ? 2'd2 : 2'd0;
    wire [2:0] link0_channel;
    wire       link0_negative = second | (rule == SIGN_CHANGES & cycles[0]);
    wire [6:0] link0_magnitude;
    wire       link0_fault = 1'b0;
    wire       frame_done0 = state == ENDING & link0_ready;
    wire       scores_ready = 1'b1;
    wire [719:0] counters0 = {719'd0, COUNTERS != 0};

    assign link0_channel = {2'd0, rule == CHANNEL_CHANGES & cycles[0]};
    assign link0_magnitude = rule == MAGNITUDE_CHANGES ? {6'd1, cycles[0]} : 7'd1;
    assign s_axis_tready = state == TAKING;
    assign m_axis_tvalid = state == ANSWERING;
    assign m_axis_tdata = rule == RESULT_CHANGES ? {28'd0, cycles} : {30'd0, sent};
    assign m_axis_tlast = sent == 2'd2;
    assign m_axis_tuser = 1'b0;

    always @(posedge clk) begin
        cycles <= cycles == 4'd3 ? 4'd0 : cycles + 4'd1;
        if (rst) begin
            state <= TAKING;
            cycles <= 4'd0;
            sent <= 2'd0;
            second <= 1'b0;
        end else
            case (state)
                TAKING:
                    if (s_axis_tvalid & s_axis_tlast) begin
                        rule <= s_axis_tdata[7:0];
                        state <= s_axis_tdata[7:0] == NO_ANSWER ? TAKING : SPIKING;
                        cycles <= 4'd0;
                    end
                SPIKING:
                    if (link0_ready) begin
                        second <= rule == TWO_SPIKES & ~second;
                        if (rule != TWO_SPIKES | second)
                            state <= ENDING;
                    end
                ENDING:
                    if (link0_ready)
                        state <= ANSWERING;
                default:
                    if (m_axis_tready) begin
                        sent <= m_axis_tlast ? 2'd0 : sent + 2'd1;
                        if (m_axis_tlast)
                            state <= TAKING;
                    end
            endcase
    end

    wire unused = &{1'b0, s_axis_tdata[63:8]};
endmodule
