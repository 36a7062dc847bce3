// Copyright the Isospike authors. SPDX-License-Identifier: Apache-2.0
//
// DP16KD: simulation model of an ECP5 block memory, for netlists of yosys, whose own cell library has only its ports.
//
// Ports and parameters are those of the primitive (Lattice FPGA-TN-02204); parameters that yosys does not set are left out.
// 1,024 words of 18 bits. INITVAL_xx holds 16 of them in 20 bits each, the lowest word in the lowest bits. Of a narrower port
// address bit 3 chooses a half of 9 bits, and the bits below it a part of its lower 8; a port of 36 bits takes two words, the
// lower one on DIA or DOA, the upper one on DIB or DOB. In ports of 18 and 36 bits the lowest address bits enable halves for
// writing.
//
// Timing: a port acts on the rising edge of its clock (falling with CLKxMUX "INV") while CEx is high. It reads the word as it
// was before the edge, and when it writes keeps its output (NORMAL), shows what it writes (WRITETHROUGH) or the word before
// (READBEFOREWRITE). RSTx clears the output, whatever CEx; at once with RESETMODE "ASYNC". If both ports write a word in the same
// cycle, port B wins. With REGMODE_x "OUTREG" the output comes through a register a cycle later, of a port of 36 bits with both.
//
// Only what yosys and rtl/estimate make: an output register that is always enabled (OCEx 1) and never reset, of a port that is always
// enabled; chip select 0b000; a port of 36 bits writes by A and reads by B. Anything else does not elaborate.
//
// verilator lint_off WIDTHEXPAND
// The texts of parameters are shorter than what they are compared with, and not every width uses every signal.
// verilator lint_off UNUSEDPARAM
// verilator lint_off UNUSEDSIGNAL
// Two ports with clocks of their own write one memory; that is what it is.
// verilator lint_off MULTIDRIVEN
module DP16KD #(
    parameter DATA_WIDTH_A = 18,
    parameter DATA_WIDTH_B = 18,
    parameter REGMODE_A = "NOREG",
    parameter REGMODE_B = "NOREG",
    parameter RESETMODE = "SYNC",
    parameter ASYNC_RESET_RELEASE = "SYNC",
    parameter CSDECODE_A = "0b000",
    parameter CSDECODE_B = "0b000",
    parameter WRITEMODE_A = "NORMAL",
    parameter WRITEMODE_B = "NORMAL",
    parameter CLKAMUX = "CLKA",
    parameter CLKBMUX = "CLKB",
    parameter GSR = "ENABLED",
    parameter [319:0] INITVAL_00 = 320'd0,
    parameter [319:0] INITVAL_01 = 320'd0,
    parameter [319:0] INITVAL_02 = 320'd0,
    parameter [319:0] INITVAL_03 = 320'd0,
    parameter [319:0] INITVAL_04 = 320'd0,
    parameter [319:0] INITVAL_05 = 320'd0,
    parameter [319:0] INITVAL_06 = 320'd0,
    parameter [319:0] INITVAL_07 = 320'd0,
    parameter [319:0] INITVAL_08 = 320'd0,
    parameter [319:0] INITVAL_09 = 320'd0,
    parameter [319:0] INITVAL_0A = 320'd0,
    parameter [319:0] INITVAL_0B = 320'd0,
    parameter [319:0] INITVAL_0C = 320'd0,
    parameter [319:0] INITVAL_0D = 320'd0,
    parameter [319:0] INITVAL_0E = 320'd0,
    parameter [319:0] INITVAL_0F = 320'd0,
    parameter [319:0] INITVAL_10 = 320'd0,
    parameter [319:0] INITVAL_11 = 320'd0,
    parameter [319:0] INITVAL_12 = 320'd0,
    parameter [319:0] INITVAL_13 = 320'd0,
    parameter [319:0] INITVAL_14 = 320'd0,
    parameter [319:0] INITVAL_15 = 320'd0,
    parameter [319:0] INITVAL_16 = 320'd0,
    parameter [319:0] INITVAL_17 = 320'd0,
    parameter [319:0] INITVAL_18 = 320'd0,
    parameter [319:0] INITVAL_19 = 320'd0,
    parameter [319:0] INITVAL_1A = 320'd0,
    parameter [319:0] INITVAL_1B = 320'd0,
    parameter [319:0] INITVAL_1C = 320'd0,
    parameter [319:0] INITVAL_1D = 320'd0,
    parameter [319:0] INITVAL_1E = 320'd0,
    parameter [319:0] INITVAL_1F = 320'd0,
    parameter [319:0] INITVAL_20 = 320'd0,
    parameter [319:0] INITVAL_21 = 320'd0,
    parameter [319:0] INITVAL_22 = 320'd0,
    parameter [319:0] INITVAL_23 = 320'd0,
    parameter [319:0] INITVAL_24 = 320'd0,
    parameter [319:0] INITVAL_25 = 320'd0,
    parameter [319:0] INITVAL_26 = 320'd0,
    parameter [319:0] INITVAL_27 = 320'd0,
    parameter [319:0] INITVAL_28 = 320'd0,
    parameter [319:0] INITVAL_29 = 320'd0,
    parameter [319:0] INITVAL_2A = 320'd0,
    parameter [319:0] INITVAL_2B = 320'd0,
    parameter [319:0] INITVAL_2C = 320'd0,
    parameter [319:0] INITVAL_2D = 320'd0,
    parameter [319:0] INITVAL_2E = 320'd0,
    parameter [319:0] INITVAL_2F = 320'd0,
    parameter [319:0] INITVAL_30 = 320'd0,
    parameter [319:0] INITVAL_31 = 320'd0,
    parameter [319:0] INITVAL_32 = 320'd0,
    parameter [319:0] INITVAL_33 = 320'd0,
    parameter [319:0] INITVAL_34 = 320'd0,
    parameter [319:0] INITVAL_35 = 320'd0,
    parameter [319:0] INITVAL_36 = 320'd0,
    parameter [319:0] INITVAL_37 = 320'd0,
    parameter [319:0] INITVAL_38 = 320'd0,
    parameter [319:0] INITVAL_39 = 320'd0,
    parameter [319:0] INITVAL_3A = 320'd0,
    parameter [319:0] INITVAL_3B = 320'd0,
    parameter [319:0] INITVAL_3C = 320'd0,
    parameter [319:0] INITVAL_3D = 320'd0,
    parameter [319:0] INITVAL_3E = 320'd0,
    parameter [319:0] INITVAL_3F = 320'd0
) (
    input  wire DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3,
        DIA2, DIA1, DIA0,
    input  wire ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0,
    input  wire CEA, OCEA, CLKA, WEA, RSTA,
    input  wire CSA2, CSA1, CSA0,
    output wire DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3,
        DOA2, DOA1, DOA0,
    input  wire DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3,
        DIB2, DIB1, DIB0,
    input  wire ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0,
    input  wire CEB, OCEB, CLKB, WEB, RSTB,
    input  wire CSB2, CSB1, CSB0,
    output wire DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3,
        DOB2, DOB1, DOB0
);
    reg [17:0] memory [0:1023];

    wire [64 * 320 - 1:0] contents = {
        {INITVAL_3F, INITVAL_3E, INITVAL_3D, INITVAL_3C, INITVAL_3B, INITVAL_3A, INITVAL_39, INITVAL_38,
        INITVAL_37, INITVAL_36, INITVAL_35, INITVAL_34, INITVAL_33, INITVAL_32, INITVAL_31, INITVAL_30,
        INITVAL_2F, INITVAL_2E, INITVAL_2D, INITVAL_2C, INITVAL_2B, INITVAL_2A, INITVAL_29, INITVAL_28,
        INITVAL_27, INITVAL_26, INITVAL_25, INITVAL_24, INITVAL_23, INITVAL_22, INITVAL_21, INITVAL_20,
        INITVAL_1F, INITVAL_1E, INITVAL_1D, INITVAL_1C, INITVAL_1B, INITVAL_1A, INITVAL_19, INITVAL_18,
        INITVAL_17, INITVAL_16, INITVAL_15, INITVAL_14, INITVAL_13, INITVAL_12, INITVAL_11, INITVAL_10,
        INITVAL_0F, INITVAL_0E, INITVAL_0D, INITVAL_0C, INITVAL_0B, INITVAL_0A, INITVAL_09, INITVAL_08,
        INITVAL_07, INITVAL_06, INITVAL_05, INITVAL_04, INITVAL_03, INITVAL_02, INITVAL_01, INITVAL_00}
    };
    integer word;
    initial
        for (word = 0; word < 1024; word = word + 1)
            memory[word] = contents[word * 20 +: 18];

    generate
        if ((REGMODE_A != "NOREG" && REGMODE_A != "OUTREG") || (REGMODE_B != "NOREG" && REGMODE_B != "OUTREG")
                || (DATA_WIDTH_B == 36 && (REGMODE_A == "OUTREG") != (REGMODE_B == "OUTREG"))) begin : g_registers
            illegal_parameter_regmode illegal_parameter ();
        end
        if (CSDECODE_A != "0b000" || CSDECODE_B != "0b000") begin : g_selects
            illegal_parameter_csdecode illegal_parameter ();
        end
    endgenerate

    wire [17:0] in_a = {DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4,
        DIA3, DIA2, DIA1, DIA0};
    wire [17:0] in_b = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4,
        DIB3, DIB2, DIB1, DIB0};
    wire [13:0] address_a = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
    wire [13:0] address_b = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
    wire        clk_a = CLKAMUX == "INV" ? ~CLKA : CLKA;
    wire        clk_b = CLKBMUX == "INV" ? ~CLKB : CLKB;
    wire        on_a = CEA & ~(CSA2 | CSA1 | CSA0);
    wire        on_b = CEB & ~(CSB2 | CSB1 | CSB0);
    wire        unused = &{1'b0, OCEA, OCEB};

    // A word with what a port writes in it; a port narrower than a half writes into the lower 8 bits of one.
    function [17:0] written;
        input integer width;
        input [17:0] previous;
        input [17:0] data;
        input [3:0] low;
        begin
            written = previous;
            case (width)
                1: written[9 * low[3] + low[2:0]] = data[0];
                2: written[9 * low[3] + 2 * low[2:1] +: 2] = data[1:0];
                4: written[9 * low[3] + 4 * low[2] +: 4] = data[3:0];
                9: written[9 * low[3] +: 9] = data[8:0];
                default: begin
                    if (low[0])
                        written[8:0] = data[8:0];
                    if (low[1])
                        written[17:9] = data[17:9];
                end
            endcase
        end
    endfunction

    // What a port of up to 18 bits shows of a word.
    function [17:0] shown;
        input integer width;
        input [17:0] value;
        input [3:0] low;
        case (width)
            1: shown = {17'd0, value[9 * low[3] + low[2:0]]};
            2: shown = {16'd0, value[9 * low[3] + 2 * low[2:1] +: 2]};
            4: shown = {14'd0, value[9 * low[3] + 4 * low[2] +: 4]};
            9: shown = {9'd0, value[9 * low[3] +: 9]};
            default: shown = value;
        endcase
    endfunction

    wire [17:0] word_a = memory[address_a[13:4]];
    wire [17:0] word_b = memory[address_b[13:4]];
    wire [17:0] after_a = written(DATA_WIDTH_A, word_a, in_a, address_a[3:0]);
    wire [17:0] after_b = written(DATA_WIDTH_B, word_b, in_b, address_b[3:0]);
    // The two words of a port of 36 bits; bits 2 and 3 of its address enable the halves of the upper one.
    wire [9:0]  low_a = {address_a[13:5], 1'b0};
    wire [9:0]  high_a = {address_a[13:5], 1'b1};
    wire [17:0] after_low = written(18, memory[low_a], in_a, {2'b00, address_a[1:0]});
    wire [17:0] after_high = written(18, memory[high_a], in_b, {2'b00, address_a[3:2]});

    generate
        if (DATA_WIDTH_A == 36) begin : g_write_wide
            always @(posedge clk_a)
                if (on_a & WEA) begin
                    memory[low_a] <= after_low;
                    memory[high_a] <= after_high;
                end
        end else begin : g_write
            always @(posedge clk_a)
                if (on_a & WEA)
                    memory[address_a[13:4]] <= after_a;
            always @(posedge clk_b)
                if (on_b & WEB)
                    memory[address_b[13:4]] <= after_b;
        end
    endgenerate

    wire [17:0] next_a = shown(DATA_WIDTH_A, WEA && WRITEMODE_A == "WRITETHROUGH" ? after_a : word_a, address_a[3:0]);
    wire [17:0] next_b = shown(DATA_WIDTH_B, WEB && WRITEMODE_B == "WRITETHROUGH" ? after_b : word_b, address_b[3:0]);
    wire [35:0] next_wide = {memory[{address_b[13:5], 1'b1}], memory[{address_b[13:5], 1'b0}]};
    wire        moves_a = on_a & ~(WEA && WRITEMODE_A == "NORMAL");
    wire        moves_b = on_b & ~(WEB && WRITEMODE_B == "NORMAL");

    reg [17:0] out_a;
    reg [35:0] out_b;

    initial begin
        out_a = 18'd0;
        out_b = 36'd0;
    end

    generate
        if (RESETMODE == "ASYNC") begin : g_asynchronous
            always @(posedge clk_a or posedge RSTA)
                if (RSTA)
                    out_a <= 18'd0;
                else if (moves_a)
                    out_a <= next_a;
            always @(posedge clk_b or posedge RSTB)
                if (RSTB)
                    out_b <= 36'd0;
                else if (moves_b)
                    out_b <= DATA_WIDTH_B == 36 ? next_wide : {next_b, 18'd0};
        end else begin : g_synchronous
            always @(posedge clk_a)
                if (RSTA)
                    out_a <= 18'd0;
                else if (moves_a)
                    out_a <= next_a;
            always @(posedge clk_b)
                if (RSTB)
                    out_b <= 36'd0;
                else if (moves_b)
                    out_b <= DATA_WIDTH_B == 36 ? next_wide : {next_b, 18'd0};
        end
    endgenerate

    // What is shown: the word, or the output register behind it.
    wire [17:0] word_of_a = DATA_WIDTH_B == 36 ? out_b[17:0] : out_a;
    wire [17:0] word_of_b = out_b[35:18];
    wire [17:0] shown_a, shown_b;
    generate
        if (REGMODE_A == "OUTREG") begin : g_register_a
            reg [17:0] registered_a;
            initial registered_a = 18'd0;
            if (DATA_WIDTH_B == 36) begin : g_wide
                always @(posedge clk_b)
                    registered_a <= word_of_a;
            end else begin : g_half
                always @(posedge clk_a)
                    registered_a <= word_of_a;
            end
            assign shown_a = registered_a;
        end else begin : g_word_a
            assign shown_a = word_of_a;
        end
        if (REGMODE_B == "OUTREG") begin : g_register_b
            reg [17:0] registered_b;
            initial registered_b = 18'd0;
            always @(posedge clk_b)
                registered_b <= word_of_b;
            assign shown_b = registered_b;
        end else begin : g_word_b
            assign shown_b = word_of_b;
        end
    endgenerate

    assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2,
        DOA1, DOA0} = shown_a;
    assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2,
        DOB1, DOB0} = shown_b;
endmodule
