// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// wave_dump: writes the waveform of the whole bench from the time on at which dump_from frames have been taken.
module wave_dump #(
    parameter WAVES = "waves.vcd"
) (
    input wire        clk,
    input wire [31:0] frames,
    input wire [31:0] dump_from
);
    reg dumping;

    initial dumping = 1'b0;

    always @(posedge clk)
        if (!dumping && frames >= dump_from) begin
            dumping <= 1'b1;
            $dumpfile(WAVES);
            $dumpvars(0, bench);
        end
endmodule
