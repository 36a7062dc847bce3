// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// stream_switch: connects the core's streams to the frame source and the result sink, or, with outside, to the ports of the bench,
// where the ready-made AXI4-Stream drivers of the protocol tests sit.
module stream_switch #(
    parameter BEAT_BITS = 64
) (
    input  wire        outside,

    input  wire [BEAT_BITS-1:0] source_tdata,
    input  wire        source_tvalid,
    input  wire        source_tlast,
    output wire        source_tready,
    output wire        sink_tvalid,
    input  wire        sink_tready,

    input  wire [BEAT_BITS-1:0] s_axis_tdata,
    input  wire        s_axis_tvalid,
    input  wire        s_axis_tlast,
    output wire        s_axis_tready,
    output wire        m_axis_tvalid,
    input  wire        m_axis_tready,

    output wire [BEAT_BITS-1:0] core_s_tdata,
    output wire        core_s_tvalid,
    output wire        core_s_tlast,
    input  wire        core_s_tready,
    input  wire        core_m_tvalid,
    output wire        core_m_tready
);
    assign core_s_tdata  = outside ? s_axis_tdata : source_tdata;
    assign core_s_tvalid = outside ? s_axis_tvalid : source_tvalid;
    assign core_s_tlast  = outside ? s_axis_tlast : source_tlast;
    assign s_axis_tready = outside & core_s_tready;
    assign source_tready = ~outside & core_s_tready;

    assign m_axis_tvalid = outside & core_m_tvalid;
    assign sink_tvalid   = ~outside & core_m_tvalid;
    assign core_m_tready = outside ? m_axis_tready : sink_tready;
endmodule
