// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// link_join: says when a frame has left on every link of a layer that is read several times.
//
// The links need not be at the same frame: each may be some frames ahead of the slowest. joined is high in the cycle in which the
// slowest link ends a frame.
module link_join #(
    parameter LINKS = 1
) (
    input  wire             clk,
    input  wire             rst,
    input  wire [LINKS-1:0] ends,
    output wire             joined
);
    wire [LINKS-1:0] ready;

    assign joined = &ready;

    genvar link;
    generate
        for (link = 0; link < LINKS; link = link + 1) begin : g_link
            reg [15:0] ahead;
            assign ready[link] = ends[link] | (ahead != 16'd0);
            always @(posedge clk)
                if (rst)
                    ahead <= 16'd0;
                else
                    ahead <= ahead + {15'd0, ends[link]} - {15'd0, joined};
        end
    endgenerate
endmodule
