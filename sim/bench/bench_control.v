// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// bench_control: clock, reset and the course of one run.
//
// A run starts when run rises: the record files are opened, the core is reset, the frames are played, and when every frame
// has its packet and nothing has moved for QUIET cycles (so that a surplus packet is seen), the record files are closed and
// done rises. It stays until run falls. stuck rises, and the run ends, when nothing moved for idle_limit cycles; a source that
// cannot read its frames ends the run as well.
//
// The clock is made here and not in Python, which would have to wake up for every edge; except with outside, for drivers that
// must see the signals as they are just before an edge, and so have to make the edge themselves.
module bench_control #(
    parameter RESET_CYCLES = 8,
    parameter QUIET = 256
) (
    input  wire        run,
    input  wire        hold_reset,
    input  wire        outside,
    input  wire        outside_clk,
    input  wire [31:0] idle_limit,
    input  wire        moved,
    input  wire        exhausted,
    input  wire [31:0] frames,
    input  wire [31:0] packets,
    output wire        clk,
    output wire        rst,
    output reg  [63:0] cycle,
    output wire        opening,
    output wire        closing,
    output reg         recording,
    output reg         stuck,
    output wire        done
);
    localparam [2:0] IDLE = 3'd0, OPEN = 3'd1, RESET = 3'd2, PLAY = 3'd3, CLOSE = 3'd4, DONE = 3'd5;

    reg        own_clk;
    reg [2:0]  state;
    reg [31:0] waited;

    initial begin
        own_clk = 1'b0;
        cycle = 64'd0;
        state = IDLE;
        waited = 32'd0;
        recording = 1'b0;
        stuck = 1'b0;
    end
    always #5 own_clk = ~own_clk;

    assign clk = outside ? outside_clk : own_clk;

    assign opening = state == OPEN;
    assign closing = state == CLOSE;
    assign done = state == DONE;
    assign rst = hold_reset | (state == OPEN) | (state == RESET);

    always @(posedge clk) begin
        cycle <= cycle + 64'd1;
        waited <= waited + 32'd1;
        case (state)
            IDLE:
                if (run)
                    state <= OPEN;
            OPEN: begin
                state <= RESET;
                waited <= 32'd0;
                stuck <= 1'b0;
            end
            RESET:
                if (waited == RESET_CYCLES) begin
                    state <= PLAY;
                    recording <= 1'b1;
                    waited <= 32'd0;
                end
            PLAY: begin
                if (moved)
                    waited <= 32'd0;
                else if (exhausted && packets >= frames && waited >= QUIET)
                    state <= CLOSE;
                else if (waited >= idle_limit) begin
                    stuck <= 1'b1;
                    state <= CLOSE;
                end
            end
            CLOSE: begin
                recording <= 1'b0;
                state <= DONE;
            end
            default:
                if (!run)
                    state <= IDLE;
        endcase
    end
endmodule
