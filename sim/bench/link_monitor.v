// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// link_monitor: records every transfer of a link between layers, and every break of its handshake.
//
// RECORDS: four bytes a transfer, little endian: kind in bits 31:30, fault (end of frame only) in bit 29, channel (spike only) in
// bits 28:0. Frame and time step are not recorded, the order of the markers says them. Kind 3, which no link sends, stands for
// an event that changed or vanished while it was not taken.
module link_monitor #(
    parameter RECORDS = "link.bin",
    parameter CHANNEL_BITS = 1
) (
    input wire                    clk,
    input wire                    rst,
    input wire                    opening,
    input wire                    closing,
    input wire                    recording,
    input wire                    valid,
    input wire                    ready,
    input wire [1:0]              kind,
    input wire [CHANNEL_BITS-1:0] channel,
    input wire                    fault
);
    localparam [1:0] SPIKE = 2'd0, END_OF_FRAME = 2'd2, BROKEN = 2'd3;

    integer    file;
    reg        waiting;
    reg [31:0] offered;

    wire [28:0] spike_channel = {{29 - CHANNEL_BITS{1'b0}}, channel};
    wire [31:0] event_word = {kind, fault & (kind == END_OF_FRAME), kind == SPIKE ? spike_channel : 29'd0};

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
