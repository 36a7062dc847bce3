// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// counter_monitor: records the counters of a layer whenever it has finished a frame.
//
// RECORDS: WIDTH/8 bytes a frame, filled up to whole words of four, little endian: the totals since reset as they stand in the
// cycle of frame_done.
module counter_monitor #(
    parameter RECORDS = "counters.bin",
    parameter WIDTH = 720
) (
    input wire             clk,
    input wire             opening,
    input wire             closing,
    input wire             recording,
    input wire             frame_done,
    input wire [WIDTH-1:0] counters
);
    integer file;

    initial file = 0;

    always @(posedge clk) begin
        if (opening)
            file <= $fopen(RECORDS, "wb");
        if (closing)
            $fclose(file);
        if (recording & frame_done)
            $fwrite(file, "%u", counters);
    end
endmodule
