// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// result_sink: takes result packets, always ready or with random back-pressure, and records every beat.
//
// stall: share of cycles, in 1/65536, in which it is not ready. RECORDS: one record a beat, sixteen bytes, little endian:
// cycle (8), flags (4: bit 0 TLAST, bit 1 TUSER, bit 2 the beat changed or vanished while it was not taken), TDATA (4). A beat of
// several WORDS of 32 bits makes a record for each, the lowest first, TLAST with the last.
module result_sink #(
    parameter WORDS = 1,
    parameter RECORDS = "results.bin"
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        opening,
    input  wire        closing,
    input  wire        recording,
    input  wire [63:0] cycle,
    input  wire [15:0] stall,
    input  wire [15:0] random,
    output reg  [31:0] packets,
    input  wire [WORDS*32-1:0] tdata,
    input  wire        tvalid,
    input  wire        tlast,
    input  wire        tuser,
    output reg         tready
);
    integer    file;
    reg        waiting;
    reg        changed;
    integer    word;
    reg [WORDS*32+1:0] offered;

    wire unstable = waiting & (~tvalid | {tuser, tlast, tdata} != offered);

    initial file = 0;

    always @(posedge clk) begin
        if (opening)
            file <= $fopen(RECORDS, "wb");
        if (closing)
            $fclose(file);
        if (rst) begin
            tready <= 1'b0;
            waiting <= 1'b0;
            changed <= 1'b0;
            packets <= 32'd0;
        end else begin
            tready <= random >= stall;
            waiting <= tvalid & ~tready;
            offered <= {tuser, tlast, tdata};
            changed <= (changed | unstable) & ~(tvalid & tready);
            if (tvalid & tready) begin
                packets <= packets + {31'd0, tlast};
                if (recording)
                    for (word = 0; word < WORDS; word = word + 1)
                        $fwrite(file, "%u", {
                            tdata[word*32 +: 32], 29'd0, changed | unstable, tuser, tlast & (word == WORDS - 1), cycle
                        });
            end
        end
    end
endmodule
