// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// plane_monitor: records every time step of a plane link as link_monitor records the events of a link: its values, then its marker.
//
// PLANE_BITS / SOURCES bits of the plane are the magnitude of each source. A time step that changed or vanished while it was not
// taken is recorded as a break of the handshake.
module plane_monitor #(
    parameter RECORDS = "link.bin",
    parameter SOURCES = 1,
    parameter PLANE_BITS = 1
) (
    input wire                  clk,
    input wire                  rst,
    input wire                  opening,
    input wire                  closing,
    input wire                  recording,
    input wire                  valid,
    input wire                  ready,
    input wire [1:0]            kind,
    input wire [PLANE_BITS-1:0] plane,
    input wire [SOURCES-1:0]    negative,
    input wire                  fault
);
    localparam [1:0] SPIKE = 2'd0, END_OF_FRAME = 2'd2, BROKEN = 2'd3;
    localparam BITS = PLANE_BITS / SOURCES;

    integer                    file;
    integer                    source;
    reg                        waiting;
    reg [PLANE_BITS-1:0]       offered_plane;
    reg [SOURCES-1:0]          offered_negative;
    reg [2:0]                  offered_marker;

    wire [2:0] marker = {kind, fault & (kind == END_OF_FRAME)};
    wire changed = plane != offered_plane | negative != offered_negative | marker != offered_marker;

    initial file = 0;

    always @(posedge clk) begin
        if (opening)
            file <= $fopen(RECORDS, "wb");
        if (closing)
            $fclose(file);
        waiting <= valid & ~ready & ~rst;
        offered_plane <= plane;
        offered_negative <= negative;
        offered_marker <= marker;
        if (recording & ~rst) begin
            if (waiting & (~valid | changed))
                $fwrite(file, "%u", {BROKEN, 30'd0});
            if (valid & ready) begin
                for (source = 0; source < SOURCES; source = source + 1)
                    if (plane[source*BITS +: BITS] != {BITS{1'b0}})
                        $fwrite(file, "%u", {
                            SPIKE, 1'b0, negative[source], {(7-BITS){1'b0}}, plane[source*BITS +: BITS], source[20:0]
                        });
                $fwrite(file, "%u", {marker, 29'd0});
            end
        end
    end
endmodule
