// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// signed_plane: the bits that a time step adds, with weights of one sign each: a negative value counts in bits of its own.
//
// Ports. plane, negative: a time step of SOURCES neurons, MAGNITUDE_BITS bits each. bits: of each neuron its magnitude where it
// is positive, and with SIGNED above it the magnitude where it is negative.
// Timing. Combinational; without SIGNED nothing but wires.
module signed_plane #(
    parameter SOURCES = 1,
    parameter MAGNITUDE_BITS = 1,
    parameter SIGNED = 0,
    parameter BITS = 1
) (
    input  wire [SOURCES*MAGNITUDE_BITS-1:0] plane,
    input  wire [SOURCES-1:0]                negative,
    output wire [BITS-1:0]                   bits
);
    generate
        if (BITS != SOURCES * MAGNITUDE_BITS * ((SIGNED != 0) ? 2 : 1)) begin : g_check_bits
            illegal_parameter_BITS_not_of_SOURCES illegal();
        end
    endgenerate

    genvar source;
    generate
        if (SIGNED != 0) begin : g_signed
            for (source = 0; source < SOURCES; source = source + 1) begin : g_source
                wire [MAGNITUDE_BITS-1:0] magnitude = plane[source*MAGNITUDE_BITS +: MAGNITUDE_BITS];
                assign bits[source*2*MAGNITUDE_BITS +: 2*MAGNITUDE_BITS] = {
                    magnitude & {MAGNITUDE_BITS{negative[source]}}, magnitude & {MAGNITUDE_BITS{~negative[source]}}
                };
            end
        end else begin : g_unsigned
            assign bits = plane;
            wire unused_negative = &{1'b0, negative};
        end
    endgenerate
endmodule
