// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// link_monitor: records every transfer of a link between layers, and every break of its handshake.
//
// RECORDS: four bytes a transfer, little endian: kind in bits 31:30, fault (end of frame only) in bit 29; of a spike its sign in
// bit 28 (1 is negative), its magnitude in bits 27:21 and its channel in bits 20:0. Frame and time step are not recorded, the
// order of the markers says them. Kind 3, which no link sends, stands for an event that changed or vanished while it was not
// taken.
module link_monitor #(
    parameter RECORDS = "link.bin",
    parameter CHANNEL_BITS = 1,
    parameter MAGNITUDE_BITS = 1
) (
    input wire                      clk,
    input wire                      rst,
    input wire                      opening,
    input wire                      closing,
    input wire                      recording,
    input wire                      valid,
    input wire                      ready,
    input wire [1:0]                kind,
    input wire [CHANNEL_BITS-1:0]   channel,
    input wire                      negative,
    input wire [MAGNITUDE_BITS-1:0] magnitude,
    input wire                      fault
);
    localparam [1:0] SPIKE = 2'd0, END_OF_FRAME = 2'd2, BROKEN = 2'd3;

    integer    file;
    reg        waiting;
    reg [31:0] offered;

    wire [6:0]  spike_magnitude;
    generate
        if (MAGNITUDE_BITS == 7) begin : g_whole
            assign spike_magnitude = magnitude;
        end else begin : g_extended
            assign spike_magnitude = {{7 - MAGNITUDE_BITS{1'b0}}, magnitude};
        end
    endgenerate
    wire [20:0] spike_channel = {{21 - CHANNEL_BITS{1'b0}}, channel};
    wire [28:0] spike = {negative, spike_magnitude, spike_channel};
    wire [31:0] event_word = {kind, fault & (kind == END_OF_FRAME), kind == SPIKE ? spike : 29'd0};

    initial file = 0;

    always @(posedge clk) begin
        if (opening)
            file <= $fopen(RECORDS, "wb");
        if (closing)
            $fclose(file);
        waiting <= valid & ~ready & ~rst;
        offered <= event_word;
        if (recording & ~rst) begin
            if (waiting & (~valid | event_word != offered))
                $fwrite(file, "%u", {BROKEN, 30'd0});
            if (valid & ready)
                $fwrite(file, "%u", event_word);
        end
    end
endmodule
