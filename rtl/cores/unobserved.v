// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// unobserved: takes signals that only a simulation looks at, by their names, so that a core needs no ports for them.
module unobserved #(
    parameter WIDTH = 1
) (
    input wire [WIDTH-1:0] signals
);
    wire unused = &{1'b0, signals};
endmodule
