// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// charge_banks: the potentials of a map in BANK_ROWS × BANK_COLUMNS banks, charged by one of SYNAPSES sources at a time, and the
// choice of the bank that is scanned.
//
// Ports. issue and addresses of every bank, a cycle later operands and carry, source 0 lowest (map_synapses). side, wipe, scan_*:
// see charge_bank; scan_row, scan_column: the bank that scan_issue reads. scan_word: what it held, two cycles after scan_issue.
//
// Invariants: at most one source issues in a cycle.
module charge_banks #(
    parameter SYNAPSES = 1,
    parameter LANES = 1,
    parameter WIDTH = 8,
    parameter OPERAND_BITS = 4,
    parameter CARRIES = 0,
    parameter BUFFERS = 2,
    parameter BANK_ROWS = 1,
    parameter BANK_COLUMNS = 1,
    parameter BANK_BITS = 1,
    parameter DEPTH = 1,
    parameter ADDRESS_BITS = 1
) (
    input  wire                                                          clk,
    input  wire                                                          side,
    input  wire [SYNAPSES*BANK_ROWS*BANK_COLUMNS-1:0]                    issue,
    input  wire [SYNAPSES*BANK_ROWS*BANK_COLUMNS*ADDRESS_BITS-1:0]       addresses,
    input  wire [SYNAPSES*BANK_ROWS*BANK_COLUMNS*LANES*OPERAND_BITS-1:0] operands,
    input  wire [SYNAPSES-1:0]                                           carry,
    input  wire                                                          scan_issue,
    input  wire                                                          scan_clear,
    input  wire                                                          wipe,
    input  wire [ADDRESS_BITS-1:0]                                       scan_address,
    input  wire [BANK_BITS-1:0]                                          scan_row,
    input  wire [BANK_BITS-1:0]                                          scan_column,
    output reg  [LANES*WIDTH-1:0]                                        scan_word
);
    localparam BANKS = BANK_ROWS * BANK_COLUMNS;
    localparam WORD = LANES * WIDTH;
    localparam OPERANDS = LANES * OPERAND_BITS;

    generate
        if (SYNAPSES != 1 && SYNAPSES != 2) begin : g_check_synapses
            illegal_parameter_SYNAPSES_not_1_or_2 illegal();
        end
        if (BANK_ROWS > (1 << BANK_BITS) || BANK_COLUMNS > (1 << BANK_BITS)) begin : g_check_banks
            illegal_parameter_BANK_BITS_too_few illegal();
        end
    endgenerate

    wire [BANKS*WORD-1:0] scan_words;
    reg  [BANK_BITS-1:0]  row_3, column_3;
    wire                  charge_carry;
    wire                  second_active;
    generate
        if (SYNAPSES == 1) begin : g_one_source
            assign second_active = 1'b0;
            assign charge_carry = carry[0];
        end else begin : g_two_sources
            reg second;
            always @(posedge clk)
                second <= |issue[BANKS +: BANKS];
            assign second_active = second;
            assign charge_carry = second ? carry[1] : carry[0];
        end
    endgenerate
    always @(posedge clk) begin
        row_3 <= scan_row;
        column_3 <= scan_column;
    end
    genvar bank, column;
    generate
        for (bank = 0; bank < BANK_ROWS; bank = bank + 1) begin : g_row
            for (column = 0; column < BANK_COLUMNS; column = column + 1) begin : g_bank
                localparam INDEX = bank * BANK_COLUMNS + column;
                localparam [BANK_BITS-1:0] BANK_ROW = bank;
                localparam [BANK_BITS-1:0] BANK_COLUMN = column;
                wire selected = (scan_row == BANK_ROW) & (scan_column == BANK_COLUMN);
                wire                    charge;
                wire [ADDRESS_BITS-1:0] charge_address;
                wire [OPERANDS-1:0]     charge_operand;
                if (SYNAPSES == 1) begin : g_one
                    assign charge = issue[INDEX];
                    assign charge_address = addresses[INDEX*ADDRESS_BITS +: ADDRESS_BITS];
                    assign charge_operand = operands[INDEX*OPERANDS +: OPERANDS];
                end else begin : g_two
                    assign charge = issue[INDEX] | issue[BANKS+INDEX];
                    assign charge_address = issue[BANKS+INDEX]
                        ? addresses[(BANKS+INDEX)*ADDRESS_BITS +: ADDRESS_BITS] : addresses[INDEX*ADDRESS_BITS +: ADDRESS_BITS];
                    assign charge_operand = second_active
                        ? operands[(BANKS+INDEX)*OPERANDS +: OPERANDS] : operands[INDEX*OPERANDS +: OPERANDS];
                end
                charge_bank #(
                    .LANES(LANES), .WIDTH(WIDTH), .OPERAND_BITS(OPERAND_BITS), .DEPTH(DEPTH), .ADDRESS_BITS(ADDRESS_BITS),
                    .BUFFERS(BUFFERS), .CARRIES(CARRIES)
                ) u_bank (
                    .clk(clk), .side(side), .issue(charge), .address(charge_address), .operand(charge_operand), .carry(charge_carry),
                    .scan_issue(scan_issue & selected), .scan_clear(scan_clear), .wipe(wipe), .scan_address(scan_address),
                    .scan_word(scan_words[INDEX*WORD +: WORD])
                );
            end
        end
        if (SYNAPSES == 1) begin : g_no_second
            wire unused_second = &{1'b0, second_active};
        end
        if (BANKS == 1) begin : g_only_bank
            always @(posedge clk)
                scan_word <= scan_words;
            wire unused_banks = &{1'b0, row_3, column_3};
        end else begin : g_choice
            reg [WORD-1:0] chosen;
            integer        i, j;
            always @* begin
                chosen = scan_words[WORD-1:0];
                for (i = 0; i < BANK_ROWS; i = i + 1)
                    for (j = 0; j < BANK_COLUMNS; j = j + 1)
                        if (row_3 == i[BANK_BITS-1:0] && column_3 == j[BANK_BITS-1:0])
                            chosen = scan_words[(i*BANK_COLUMNS + j)*WORD +: WORD];
            end
            always @(posedge clk)
                scan_word <= chosen;
        end
    endgenerate
endmodule
