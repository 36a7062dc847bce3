// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// layer_monitor: what is needed to say how many cycles a layer worked on a frame.
//
// RECORDS: 36 bytes, little endian, at three moments of a frame: moment (4: 0 first event taken, 1 end of frame taken, 2 the layer
// has finished the frame), cycle (8), and the cycles so far in which the input was starved (willing, not valid; 8), in which
// the output was blocked (8), and in which both were so (8). Two moments in one cycle make two records.
// in_willing is the link's ready, except where an event may take several passes or a pass several groups: such a layer is ready
// in the last cycle of an event alone.
module layer_monitor #(
    parameter RECORDS = "layer.bin"
) (
    input wire        clk,
    input wire        rst,
    input wire        opening,
    input wire        closing,
    input wire        recording,
    input wire [63:0] cycle,
    input wire        in_valid,
    input wire        in_ready,
    input wire        in_end,
    input wire        in_willing,
    input wire        blocked,
    input wire        finished
);
    localparam [31:0] FIRST = 32'd0, TAKEN = 32'd1, FINISHED = 32'd2;

    integer    file;
    reg        in_frame;
    reg [63:0] starved_cycles;
    reg [63:0] blocked_cycles;
    reg [63:0] both_cycles;

    wire starved = in_willing & ~in_valid;
    wire taken = in_valid & in_ready;

    wire [255:0] now = {both_cycles, blocked_cycles, starved_cycles, cycle};

    initial file = 0;

    always @(posedge clk) begin
        if (opening)
            file <= $fopen(RECORDS, "wb");
        if (closing)
            $fclose(file);
        if (rst) begin
            in_frame <= 1'b0;
            starved_cycles <= 64'd0;
            blocked_cycles <= 64'd0;
            both_cycles <= 64'd0;
        end else begin
            starved_cycles <= starved_cycles + {63'd0, starved};
            blocked_cycles <= blocked_cycles + {63'd0, blocked};
            both_cycles <= both_cycles + {63'd0, starved & blocked};
            if (taken)
                in_frame <= ~in_end;
            if (recording) begin
                if (taken & ~in_frame)
                    $fwrite(file, "%u", {now, FIRST});
                if (taken & in_end)
                    $fwrite(file, "%u", {now, TAKEN});
                if (finished)
                    $fwrite(file, "%u", {now, FINISHED});
            end
        end
    end
endmodule
