"""The model of a block memory against the memories that it is made of, through synthesis as in the estimate step."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from model.base.tools import find_tool
from rtl.estimate.blocks import check_blocks
from rtl.estimate.run import run_tool
from rtl.estimate.scripts import ECP5_FLOW, Design, script
from rtl.estimate.synthesis import write_ecp5
from sim.netlist.verilog import as_verilog
from sim.runner import COMPILER_FLAGS, MAKE_VARIABLES, verilator

DESIGN = Path(__file__).parent / "design"
SOURCES = ("memories.v", "two_ports.v", "one_write.v")
CYCLES = 4_000


@pytest.fixture(scope="module")
def netlist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The netlist of ``memories`` with the contents of its blocks, in a folder with everything it was made of."""
    folder = tmp_path_factory.mktemp("memories")
    for name in SOURCES:
        (folder / name).write_text((DESIGN / name).read_text())
    words = "".join(f"{(7919 * word + 12_345) * 2_654_435_761 % (1 << 36):09x}\n" for word in range(512))
    (folder / "contents.mem").write_text(words)
    table = "".join(f"{(104_729 * word + 77) * 2_654_435_761 % (1 << 18):05x}\n" for word in range(1024))
    (folder / "table.mem").write_text(table)
    for depth in (512, 1024, 2048, 4096):
        (folder / f"zeros_{depth}.mem").write_text("0\n" * depth)
    (folder / "run.ys").write_text(script(ECP5_FLOW, Design(folder, "memories", SOURCES), "."))
    run_tool(find_tool("yosys"), ["-Q", "-q", "-s", "run.ys"], folder, folder / "log")
    contents, blank = folder / "ecp5_contents.json", folder / "ecp5_blank.json"
    assert check_blocks(ECP5_FLOW, contents, blank) >= 5
    # Those of table_word and broad; the memories of the others are not read in every cycle, or by something else as well.
    assert write_ecp5(contents, blank, folder / "ecp5.json") == 18 + 36
    return folder / "ecp5.json"


def _differences(netlist: Path, out: Path) -> int:
    """Cycles in which the netlist shows something else than the behavioural memories, of ``CYCLES``."""
    verilog = as_verilog(find_tool("yosys"), netlist, out)
    renamed = (out / "netlist.v").read_text().replace("module memories(", "module memories_netlist(")
    (out / "netlist.v").write_text(renamed)
    tool = verilator()
    sources = [*(str(netlist.parent / name) for name in SOURCES), str(DESIGN / "memory_bench.v"), *map(str, verilog.sources)]
    command = [*tool.command, "--binary", "--timing", "-Wno-lint", "-Wno-style", "-Wno-INITIALDLY", "-Wno-SPECIFYIGN"]
    command += [
        "-MAKEFLAGS",
        "OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0",
        f"-I{verilog.models}",
        f"-GCYCLES={CYCLES}",
        "--top-module",
        "memory_bench",
        "--Mdir",
        str(out / "obj"),
    ]
    command += [argument for variable in MAKE_VARIABLES for argument in ("-MAKEFLAGS", variable)]
    run_tool(tool, ["-CFLAGS", COMPILER_FLAGS, *command[len(tool.command) :], *sources], netlist.parent, out / "compile.log")
    shown = subprocess.run([str(out / "obj/Vmemory_bench")], cwd=netlist.parent, check=True, text=True, capture_output=True)
    found = re.search(r"(\d+) of (\d+) cycles differ", shown.stdout)
    assert found is not None
    assert int(found.group(2)) == CYCLES
    return int(found.group(1))


def test_blocks_of_every_kind_equal_the_memories_that_they_are_made_of(netlist: Path, tmp_path: Path) -> None:
    cells = json.loads(netlist.read_text())["modules"]["memories"]["cells"].values()
    widths = {int(cell["parameters"]["DATA_WIDTH_B"], 2) for cell in cells if cell["type"] == "DP16KD"}
    assert widths >= {9, 18, 36}
    assert _differences(netlist, tmp_path) == 0


def test_one_bit_of_a_block_changes_what_is_read(netlist: Path, tmp_path: Path) -> None:
    design = json.loads(netlist.read_text())
    cells = design["modules"]["memories"]["cells"]
    name = next(name for name, cell in cells.items() if cell["type"] == "DP16KD" and name.startswith("read_only"))
    bits = cells[name]["parameters"]["INITVAL_00"]
    cells[name]["parameters"]["INITVAL_00"] = bits[:-1] + {"0": "1", "1": "0"}[bits[-1]]
    changed = netlist.with_name("changed.json")
    changed.write_text(json.dumps(design))
    assert 0 < _differences(changed, tmp_path) < CYCLES // 10


def test_an_output_register_left_out_is_seen(netlist: Path, tmp_path: Path) -> None:
    design = json.loads(netlist.read_text())
    cells = design["modules"]["memories"]["cells"].values()
    registered = [cell["parameters"] for cell in cells if cell["parameters"].get("REGMODE_A") == "OUTREG"]
    assert {int(parameters["DATA_WIDTH_B"], 2) for parameters in registered} == {18, 36}
    for parameters in registered[-1:]:
        parameters |= {"REGMODE_A": "NOREG", "REGMODE_B": "NOREG"}
    changed = netlist.with_name("unregistered.json")
    changed.write_text(json.dumps(design))
    assert _differences(changed, tmp_path) > CYCLES // 2
