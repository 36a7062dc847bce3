"""Which operators are constant and which are a datapath, on small modules."""

from __future__ import annotations

from pathlib import Path

import pytest

from rtl.audit.operators import Context, Operators, find_operators
from rtl.audit.syntax import UnparsedFileError, parse_file

MODULE = """
module small #(
    parameter WIDTH = 8
) (
    input wire clk,
    input wire [WIDTH-1:0] a,
    input wire [WIDTH-1:0] b,
    output reg [WIDTH-1:0] c
);
    genvar lane;
    integer i;
    wire [WIDTH*4-1:0] wide;
{body}
endmodule
"""


def _operators(folder: Path, body: str) -> Operators:
    path = folder / "small.v"
    path.write_text(MODULE.format(body=body))
    file = parse_file(path)
    found = find_operators(file)
    seen = [operator.symbol for operator in (*found.multipliers, *found.constants)]
    assert sorted(seen) == sorted(file.operators.elements())
    return found


@pytest.mark.parametrize(
    "body, context",
    [
        ("    localparam TWICE = WIDTH * 2;", Context.PARAMETER),
        ("    wire [WIDTH*2-1:0] d = wide[0];", Context.RANGE),
        ("    reg [WIDTH-1:0] memory [0:WIDTH*2-1];", Context.RANGE),
        ("    generate if (WIDTH * 2 > 8) begin : g wire d; end endgenerate", Context.GENERATE),
        ("    generate for (lane = 0; lane < WIDTH * 2; lane = lane + 1) begin : g wire d; end endgenerate", Context.GENERATE),
        ("    small #(.WIDTH(WIDTH * 2)) u (.clk(clk), .a(a), .b(b), .c());", Context.INSTANCE_PARAMETER),
        ("    assign wide = {WIDTH*4{1'b0}};", Context.REPLICATION),
        ("    assign wide[WIDTH*2 +: WIDTH] = a;", Context.SELECT),
        ("    generate for (lane = 0; lane < 4; lane = lane + 1) begin : g assign wide[lane*WIDTH +: WIDTH] = a; end endgenerate",
         Context.SELECT),
        ("    always @* for (i = 0; i < 4; i = i + 1) c[i*2] = a[i];", Context.SELECT),
        ("    always @* for (i = 0; i < WIDTH * 2; i = i + 1) c[0] = a[i];", Context.LOOP),
    ],
)  # fmt: skip
def test_constants_may_multiply(tmp_path: Path, body: str, context: Context) -> None:
    found = _operators(tmp_path, body)
    assert found.multipliers == ()
    assert {operator.context for operator in found.constants} == {Context.RANGE, context}


@pytest.mark.parametrize(
    "body",
    [
        "    assign wide = a * b;",
        "    assign wide = a * 4;",
        "    assign wide = WIDTH * 4;",
        "    always @(posedge clk) c <= a / b;",
        "    always @(posedge clk) if (a % 3 == 0) c <= b;",
        "    always @* case (a * b) 0: c = a; default: c = b; endcase",
        "    assign wide = c ? {a * b, a} : b;",
        "    assign wide[a*2 +: 2] = b;",
        "    wire d = wide[a*2];",
        "    function [7:0] product; input [7:0] x; product = x * x; endfunction",
        "    initial c = a * b;",
        "    always @* begin i = a; c[0] = wide[i*2]; end",
        "    small u (.clk(clk), .a(a * b), .b(b), .c());",
        "    always @* for (i = 0; i < a * 2; i = i + 1) c[0] = b[i];",
        "    generate if (WIDTH > 1) begin : g wire [7:0] lane; assign wide[lane*2] = a; end endgenerate",
        "    assign wide = a ** 2;",
    ],
)
def test_whatever_is_not_proved_constant_is_a_datapath(tmp_path: Path, body: str) -> None:
    found = _operators(tmp_path, body)
    assert len(found.multipliers) == 1
    assert found.multipliers[0].context is Context.DATAPATH


def test_attributes_and_sensitivity_lists_have_no_operators(tmp_path: Path) -> None:
    found = _operators(
        tmp_path, '    (* rom_style = "block" *) reg [7:0] memory [0:3];\n    always @(*) c = a;\n    always @* c = b;'
    )
    assert found.multipliers == ()


def test_shifts_by_something_variable_are_reported_and_constant_ones_are_not(tmp_path: Path) -> None:
    found = _operators(tmp_path, "    assign wide = (a << 2) + (a >> WIDTH) + (a << b);\n    wire d = wide[(WIDTH << 1) - 1];")
    assert [str(operator) for operator in found.variable_shifts] == ["small.v:13: operator << in a datapath"]


def test_what_the_parser_does_not_take_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "small.v"
    path.write_text(MODULE.format(body="    logic x = ;"))
    with pytest.raises(UnparsedFileError, match=r"^small\.v:13: not parsed, "):
        parse_file(path)
