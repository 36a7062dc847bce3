"""VHDL as Verilog through GHDL, with what GHDL 2 leaves out of its Verilog or writes longer than yosys reads."""

from __future__ import annotations

import re
from pathlib import Path

from bench.peers.environment import Limits, run_limited
from model.base.errors import UserError
from model.base.files import write_text
from model.base.tools import find_tool

LITERAL_BITS = 4096
"""Yosys gives up on a word of Verilog with more than 16,384 characters."""

_WAY_OUT = "use GHDL 2.0 or mend bench/peers/ghdl.py"
_LITERAL = re.compile(r"\b(\d+)'b([01]+)\b")
_CASE = re.compile(r"(    case \(\w+\)\n(?:      \d+'b[01]+: \w+ <= [^\n]*;\n)+)(    endcase)")
_CHOSEN = re.compile(r"(\w+) <= [^\n]*;\n$")
_OTHERS = re.compile(r"select (\w+) <=\n(?:    [^\n]* when \"[01]+\",\n)+    ([^\n]+) when others;")
_BITS = re.compile(r"""(?:'([01X])'|"([01X]+)")$""")
_UNKNOWN = re.compile(r"\((\d+) downto 0 => 'X'\)$")


def write_verilog(vhdl: Path, top: str, out: Path, limits: Limits) -> str:
    """The synthesised files of a folder as OUT/ghdl.v; its name.

    Raises:
        UserError: GHDL is missing or failed, or a choice has no default.
        OverLimitError: it took more than it was given.
    """
    ghdl = find_tool("ghdl")
    files = sorted(path.name for path in vhdl.glob("*.vhd"))
    options = ["--std=08", f"--workdir={out.resolve()}"]
    for name, arguments in {"import": ["-i", *options, *files], "make": ["-m", *options, top]}.items():
        run_limited([*ghdl.command, *arguments], out / f"ghdl_{name}.log", limits, ghdl.full_environment, vhdl)
    for language in ("verilog", "vhdl"):
        command = [*ghdl.command, "--synth", *options, f"--out={language}", top]
        redirected = ["sh", "-c", f'"$@" > ../ghdl.{language}', "sh", *command]
        run_limited(redirected, out / f"ghdl_{language}.log", limits, ghdl.full_environment, vhdl)
    netlist, with_defaults = ((out / f"ghdl.{language}").read_text(encoding="utf-8") for language in ("verilog", "vhdl"))
    write_text(out / "ghdl.v", short_literals(complete_cases(netlist, with_defaults)))
    return "ghdl.v"


def complete_cases(verilog: str, vhdl: str) -> str:
    """The Verilog netlist with the default of every case, which GHDL 2 leaves out (ghdl#2041) and its VHDL netlist has.

    Without them yosys reads a latch, and what a default chooses is never reached.

    Raises:
        UserError: a case has no default in the VHDL netlist, or one of another form.
    """
    defaults = dict(_OTHERS.findall(vhdl))

    def completed(found: re.Match[str]) -> str:
        chosen = _CHOSEN.search(found[1])
        target = chosen[1] if chosen else ""
        if target not in defaults:
            raise UserError(f"GHDL: the choice of {target} has no default in its VHDL netlist; {_WAY_OUT}")
        return f"{found[1]}      default: {target} <= {_as_verilog(defaults[target])};\n{found[2]}"

    result, cases = _CASE.subn(completed, verilog)
    present = verilog.count("endcase")
    if cases != present:
        raise UserError(
            f"GHDL: {present - cases} of {present} cases of its Verilog netlist have a form that is not known; {_WAY_OUT}"
        )
    return result


def _as_verilog(value: str) -> str:
    bits, unknown = _BITS.match(value), _UNKNOWN.match(value)
    if bits:
        digits = (bits[1] or bits[2]).lower()
        return f"{len(digits)}'b{digits}"
    if unknown:
        return f"{int(unknown[1]) + 1}'bx"
    if value.isidentifier():
        return value
    raise UserError(f"GHDL: no Verilog for the default {value}; {_WAY_OUT}")


def short_literals(verilog: str) -> str:
    """The same Verilog, binary literals of more than ``LITERAL_BITS`` digits as concatenations of shorter ones."""

    def concatenated(found: re.Match[str]) -> str:
        digits = found[2]
        if len(digits) != int(found[1]) or len(digits) <= LITERAL_BITS:
            return found[0]
        parts = [digits[start : start + LITERAL_BITS] for start in range(0, len(digits), LITERAL_BITS)]
        return "{" + ", ".join(f"{len(part)}'b{part}" for part in parts) + "}"

    return _LITERAL.sub(concatenated, verilog)
