// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// plane_pipeline: what accompanies a time step through the stages of its sums: that it is there, its kind and its fault.
//
// Ports. in_*, out_*: a plane link without its plane, before and behind STAGES stages; advance: all stages move.
// Timing. STAGES cycles; a time step a cycle. All stages wait where the last one holds a time step that is not taken.
module plane_pipeline #(
    parameter STAGES = 1
) (
    input  wire       clk,
    input  wire       rst,
    input  wire       in_valid,
    output wire       in_ready,
    input  wire [1:0] in_kind,
    input  wire       in_fault,
    output wire       out_valid,
    input  wire       out_ready,
    output wire [1:0] out_kind,
    output wire       out_fault,
    output wire       advance
);
    generate
        if (STAGES < 1) begin : g_check_stages
            illegal_parameter_STAGES_below_1 illegal();
        end
    endgenerate

    reg [STAGES-1:0] valid;
    reg [STAGES-1:0] fault;
    reg [STAGES-1:0] kind_low;
    reg [STAGES-1:0] kind_high;
    assign out_valid = valid[STAGES-1];
    assign out_fault = fault[STAGES-1];
    assign out_kind = {kind_high[STAGES-1], kind_low[STAGES-1]};
    assign advance = ~out_valid | out_ready;
    assign in_ready = advance;

    generate
        if (STAGES > 1) begin : g_several
            always @(posedge clk)
                if (rst) valid <= {STAGES{1'b0}};
                else if (advance) valid <= {valid[STAGES-2:0], in_valid};
            always @(posedge clk)
                if (advance) begin
                    fault <= {fault[STAGES-2:0], in_fault};
                    kind_low <= {kind_low[STAGES-2:0], in_kind[0]};
                    kind_high <= {kind_high[STAGES-2:0], in_kind[1]};
                end
        end else begin : g_one
            always @(posedge clk)
                if (rst) valid <= 1'b0;
                else if (advance) valid <= in_valid;
            always @(posedge clk)
                if (advance) begin
                    fault <= in_fault;
                    kind_low <= in_kind[0];
                    kind_high <= in_kind[1];
                end
        end
    endgenerate
endmodule
