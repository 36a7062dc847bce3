// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// frame_source: plays the beats of a file into an AXI4-Stream, and notes when each frame was taken.
//
// FRAMES holds a byte with TLAST in its lowest bit a beat, then the BEAT_BYTES bytes of TDATA, most significant byte first. So frames of any
// length are played alike. spaced: a frame waits until the packets of all frames before it have left (latency of an idle core).
// settle: cycles after a reset in which no beat is offered.
// gap: share of cycles, in 1/65536, in which no new beat is offered. A beat that was offered stays until it is taken.
// TIMES: one record a frame, sixteen bytes, little endian: cycle of the last beat taken (8), cycle of the first (8).
module frame_source #(
    parameter BEAT_BYTES = 8,
    parameter FRAMES = "frames.bin",
    parameter TIMES = "source.bin"
) (
    input  wire        clk,
    input  wire        rst,
    input  wire        opening,
    input  wire        closing,
    input  wire [63:0] cycle,
    input  wire        spaced,
    input  wire [15:0] gap,
    input  wire [31:0] settle,
    input  wire [15:0] random,
    input  wire [31:0] packets,
    output reg  [31:0] frames,
    output reg         exhausted,
    output reg  [BEAT_BYTES*8-1:0] tdata,
    output reg         tvalid,
    output reg         tlast,
    input  wire        tready
);
    integer    frames_file;
    integer    times_file;
    integer    bytes;
    reg [BEAT_BYTES*8+7:0] beat;
    reg        in_frame;
    reg [63:0] first_cycle;
    reg [31:0] settled;

    wire taken = tvalid & tready;
    wire between = taken ? tlast : ~in_frame;
    wire waits = spaced & between & (taken | packets != frames);
    wire offers = (~tvalid | taken) & ~exhausted & ~waits & (settled == settle) & (random >= gap);

    initial begin
        frames_file = 0;
        times_file = 0;
        bytes = 0;
        beat = {(BEAT_BYTES*8+8){1'b0}};
    end

    always @(posedge clk) begin
        if (opening) begin
            frames_file <= $fopen(FRAMES, "rb");
            times_file <= $fopen(TIMES, "wb");
        end
        if (closing) begin
            $fclose(frames_file);
            $fclose(times_file);
        end
        if (rst) begin
            tvalid <= 1'b0;
            tlast <= 1'b0;
            in_frame <= 1'b0;
            exhausted <= 1'b0;
            frames <= 32'd0;
            settled <= 32'd0;
        end else begin
            if (settled != settle)
                settled <= settled + 32'd1;
            if (taken) begin
                tvalid <= 1'b0;
                in_frame <= ~tlast;
                if (~in_frame)
                    first_cycle <= cycle;
                if (tlast) begin
                    frames <= frames + 32'd1;
                    $fwrite(times_file, "%u", {in_frame ? first_cycle : cycle, cycle});
                end
            end
            if (offers) begin
                // verilator lint_off BLKSEQ
                bytes = $fread(beat, frames_file);
                // verilator lint_on BLKSEQ
                tvalid <= bytes == BEAT_BYTES + 1;
                exhausted <= bytes != BEAT_BYTES + 1;
                tlast <= beat[BEAT_BYTES*8];
                tdata <= beat[BEAT_BYTES*8-1:0];
            end
        end
    end

    wire unused = &{1'b0, beat[BEAT_BYTES*8+7:BEAT_BYTES*8+1]};
endmodule
