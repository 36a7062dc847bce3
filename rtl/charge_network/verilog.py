"""A network of counters and adders as a Verilog module that only instantiates."""

from __future__ import annotations

from collections.abc import Iterator

from rtl.charge_network.network import ChargeNetwork, Counter, Element, Literal
from rtl.charge_network.stages import Stages

_HEADER = """\
// {name}: generated, instances only. Do not edit.
//
// Ports. bits: the bits of a time step; charges: what they add, {width} bits a neuron, without the constant of each.
// Timing. {stages} registers, which move where advance is 1.
module {name} (
    input  wire clk,
    input  wire rst,
    input  wire advance,
    input  wire [{inputs}:0] bits,
    output wire [{outputs}:0] charges
);
"""


def charge_module(network: ChargeNetwork, stages: Stages, name: str, width: int) -> str:
    """The text of a module.

    Args:
        network: what it sums.
        stages: where its registers are.
        name: of the module.
        width: bits that ``charges`` has for each neuron.
    """
    sums = len(network.charges) * width
    lines = [_HEADER.format(name=name, width=width, inputs=network.inputs - 1, outputs=sums - 1, stages=stages.count)]
    # The name of every signal in the stage that is being written.
    names = {number: f"bits[{number}]" for number in range(network.inputs)}
    placed = [(stages.of_signals[element.first_output], number) for number, element in enumerate(network.elements)]
    for stage in range(stages.count):
        for number in (number for made, number in placed if made == stage):
            element = network.elements[number]
            lines += _instance(number, element, names)
            names |= {element.first_output + place: f"sum{number}[{place}]" for place in range(element.outputs)}
        held = stages.held[stage]
        if held:
            lines += _register(stage, [names[signal] for signal in held])
            names = {signal: f"held{stage}[{place}]" for place, signal in enumerate(held)}
    for number, charge in enumerate(network.charges):
        bits = _row(charge.bits, width, names)
        lines.append(f"    assign charges[{number * width + width - 1}:{number * width}] = {bits};\n")
    # Bits without a weight lead nowhere, nor does the clock where no bit has any.
    unread, signals = (network.inputs, "bits") if any(stages.held) else (network.inputs + 3, "{clk, rst, advance, bits}")
    lines.append(f"    unobserved #(.WIDTH({unread})) u_unobserved (.signals({signals}));\n")
    return "".join([*lines, "endmodule\n"])


def _instance(number: int, element: Element, names: dict[int, str]) -> Iterator[str]:
    yield f"    wire [{element.outputs - 1}:0] sum{number};\n"
    if isinstance(element, Counter):
        bits = ", ".join(_bit(literal, names) for literal in reversed(element.inputs))
        yield f"    ones_counter #(.INPUTS({len(element.inputs)})) u{number} (.bits({{{bits}}}), .count(sum{number}));\n"
    else:
        left, right = (_row(row, element.outputs, names) for row in (element.left, element.right))
        yield f"    row_adder #(.WIDTH({element.outputs})) u{number} (.left({left}), .right({right}), .sum(sum{number}));\n"


def _register(stage: int, bits: list[str]) -> Iterator[str]:
    yield f"    wire [{len(bits) - 1}:0] held{stage};\n"
    yield (
        f"    stage_register #(.WIDTH({len(bits)})) u_stage{stage} (.clk(clk), .rst(rst), .advance(advance),"
        f" .given({{{', '.join(reversed(bits))}}}), .held(held{stage}));\n"
    )


def _bit(literal: Literal | None, names: dict[int, str]) -> str:
    if literal is None:
        return "1'b0"
    return f"{'~' if literal.inverted else ''}{names[literal.signal]}"


def _row(row: tuple[Literal | None, ...], width: int, names: dict[int, str]) -> str:
    padded = row + (None,) * (width - len(row))
    return "{" + ", ".join(_bit(literal, names) for literal in reversed(padded)) + "}"
