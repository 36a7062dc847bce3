"""The estimate of a small core from end to end, and proof that a core without its memories' contents is refused."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from model.base.errors import UserError
from model.base.files import write_json
from model.base.tools import find_tool
from model.config.schema import Configuration
from model.integer_network import save_network
from rtl.audit import audit_core
from rtl.estimate.contents import check_audited, check_loaded
from rtl.estimate.families import XC7
from rtl.estimate.netlist import cell_counts
from rtl.estimate.parts import ECP5_FAMILY, GOWIN_FAMILY, ICE40_FAMILY, Family
from rtl.estimate.run import relative, run_tool
from rtl.estimate.scripts import XC7_FLOW, Design, elaboration, script
from rtl.estimate.step import run_estimate
from rtl.estimate.synthesis import CoreFiles
from rtl.generate import generate_core
from tests.rtl.audit_networks import deferred_network

LANES: list[int] = [2, 2]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("estimate") / "a folder" / "rtl"
    network = deferred_network()
    generate_core(network, LANES, folder)
    write_json(folder / "audit.json", audit_core(folder, network).as_dict())
    fold_of(folder).mkdir()
    save_network(network, fold_of(folder) / "network.safetensors")
    return folder


def fold_of(rtl: Path) -> Path:
    return rtl.parent / "fold"


@pytest.fixture(scope="module")
def folder_of_estimate(sound: Path) -> Path:
    out = sound.parent / "estimate"
    out.mkdir()
    settings = {"seeds": [2, 1], "targets": ["up5k", "lp384", "gw1nz-1"]}
    run_estimate(Configuration.model_validate({"name": "small", "estimate": settings}), fold_of(sound), sound, out)
    return out


@pytest.fixture(scope="module")
def estimate(folder_of_estimate: Path) -> dict[str, Any]:
    contents: dict[str, Any] = json.loads((folder_of_estimate / "estimate.json").read_text())
    return contents


@pytest.fixture
def core(sound: Path, tmp_path: Path) -> Path:
    """A copy to damage."""
    return shutil.copytree(sound, tmp_path / "core")


def _description(core: Path) -> dict[str, Any]:
    description: dict[str, Any] = json.loads((core / "rtl.json").read_text())
    return description


def _elaborate(core: Path) -> Path:
    commands = core.parent / "elaborate.ys"
    commands.write_text("\n".join(elaboration(CoreFiles.read(core).design, "../memories.json")) + "\n")
    run_tool(find_tool("yosys"), ["-Q", "-q", "-s", relative(commands, core)], core, core.parent / "yosys.log")
    return core.parent / "memories.json"


def test_every_figure_is_there_and_remembers_a_file_that_is_there(estimate: dict[str, Any], folder_of_estimate: Path) -> None:
    assert estimate.keys() >= {"xc7", "ecp5", "sources", "flags", "tools", "checks", "critical_path"}
    assert estimate["xc7"].keys() >= {"lut", "ff", "bram36", "dsp", "lut_no_wide"}
    assert estimate["ecp5"].keys() >= {"lut4", "ff", "bram", "mult18", "fmax_mhz", "lut4_no_wide"}
    figures = {f"{family}.{figure}" for family in ("xc7", "ecp5") for figure in estimate[family]}
    figures |= {f"targets.{name}.{figure}" for name, target in estimate["targets"].items() for figure in target["figures"]}
    seeds = {f"{where}.seeds.{seed}" for where in ("ecp5", "targets.up5k", "targets.lp384", "targets.gw1nz-1") for seed in (1, 2)}
    assert figures | {seed for seed in seeds if seed in estimate["sources"]} == estimate["sources"].keys()
    assert {"ecp5.seeds.1", "ecp5.seeds.2", "targets.up5k.seeds.1"} < estimate["sources"].keys()
    assert all((folder_of_estimate / file).is_file() for file in estimate["sources"].values())
    assert all((folder_of_estimate / name).is_file() for name in ("xc7.log", "ecp5.log", "85k_seed1.log", "85k_seed2.log"))


def test_a_sound_core_passes_every_check(estimate: dict[str, Any], sound: Path) -> None:
    assert [check["name"] for check in estimate["checks"] if not check["passed"]] == []
    assert estimate["xc7"]["dsp"] == estimate["ecp5"]["mult18"] == 0
    bits = 0
    for file in _description(sound)["memories"]:
        network_of = deferred_network().layers[0 if "first" in file else 1]
        width = network_of.synapses[0].weight_bits if "weights" in file else network_of.neuron.potential_bits
        bits += 2 * width * len((sound / file).read_text().split())
    contents = next(check for check in estimate["checks"] if check["name"] == "memory contents in the netlist")
    where = ("ECP5", "iCE40", "Gowin", "7-series")
    assert contents["detail"] == ", ".join(f"{bits:,} bits on {family}" for family in where) + " equal to the memory files"


def test_the_area_is_that_of_the_netlist_that_was_placed(estimate: dict[str, Any], folder_of_estimate: Path) -> None:
    netlist = json.loads((folder_of_estimate / "ecp5.json").read_text())
    cells = Counter(cell["type"] for cell in netlist["modules"]["isospike_core"]["cells"].values())
    assert estimate["ecp5"]["lut4"] == cells["LUT4"] + 2 * cells["CCU2C"] + 6 * cells["TRELLIS_DPR16X4"]
    assert estimate["ecp5"]["ff"] == cells["TRELLIS_FF"] > 100
    assert estimate["ecp5"]["lut4_logic"] < estimate["ecp5"]["lut4_placed"]
    parts = ("lut_logic", "lut_memory", "lut_shift_register")
    assert estimate["xc7"]["lut"] == sum(estimate["xc7"][part] for part in parts) > 100
    clocks = []
    for seed in (1, 2):
        report = json.loads((folder_of_estimate / f"85k_seed{seed}.json").read_text())
        clocks.append(round(next(iter(report["fmax"].values()))["achieved"], 3))
    assert estimate["placement"]["seeds"] == {"1": clocks[0], "2": clocks[1]}
    assert estimate["ecp5"]["fmax_mhz"] == estimate["ecp5"]["fmax_mhz_lowest"] == min(clocks) > 20
    assert estimate["ecp5"]["fmax_mhz_highest"] == max(clocks)


def test_a_target_has_its_own_figures_and_its_smallest_device(estimate: dict[str, Any], folder_of_estimate: Path) -> None:
    up5k, lp384, gw1nz = (estimate["targets"][name] for name in ("up5k", "lp384", "gw1nz-1"))
    report = json.loads((folder_of_estimate / "up5k_seed1.json").read_text())["utilization"]
    assert up5k["placement"]["missing"] == ""
    assert up5k["placement"]["seeds"].keys() == {"1", "2"}
    assert up5k["figures"]["bram"] == report["ICESTORM_RAM"]["used"]
    assert ICE40_FAMILY.part("up5k").capacities["lut4"] == report["ICESTORM_LC"]["available"]
    assert ICE40_FAMILY.part("up5k").capacities["bram"] == report["ICESTORM_RAM"]["available"]
    assert lp384["placement"]["missing"].startswith(f"{lp384['figures']['lut4']:,} of 384 LUT4")
    assert "fmax_mhz" not in lp384["figures"]
    report = json.loads((folder_of_estimate / "gw1nz-1_seed2.json").read_text())["utilization"]
    cells = {"lut4": "LUT4", "ff": "DFF", "memory_cells": "RAM16SDP4", "bram": "BSRAM"}
    assert GOWIN_FAMILY.part("gw1nz-1").capacities == {figure: report[cell]["available"] for figure, cell in cells.items()}
    assert (gw1nz["figures"]["ff"], gw1nz["figures"]["memory_cells"]) == (report["DFF"]["used"], report["RAM16SDP4"]["used"])
    assert gw1nz["figures"]["fmax_mhz"] > 10
    assert [(smallest["family"], smallest["part"], smallest["placed"]) for smallest in estimate["smallest"]] == [
        ("ECP5", "12k", False),
        ("iCE40", "hx1k", False),
        ("Gowin", "gw1nz-1", True),
        ("Artix-7", "xc7a12t", False),
    ]


def test_the_capacities_are_those_of_the_placer(estimate: dict[str, Any], folder_of_estimate: Path) -> None:
    there = json.loads((folder_of_estimate / "85k_seed1.json").read_text())["utilization"]
    available = {"lut4": "TRELLIS_COMB", "ff": "TRELLIS_FF", "bram": "DP16KD"}
    assert ECP5_FAMILY.part("85k").capacities == {figure: there[cell]["available"] for figure, cell in available.items()}
    assert (estimate["placement"]["device"], estimate["placement"]["missing"]) == ("85k", "")


def test_a_core_that_is_larger_than_the_device_is_not_placed(sound: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = replace(ECP5_FAMILY.part("12k"), capacities={"lut4": 1, "ff": 100_000, "bram": 100})
    monkeypatch.setattr(Family, "part", lambda _family, _name: part)
    # A folder beside the core: yosys is given relative names.
    out = sound.parent / "too_large"
    out.mkdir()
    run_estimate(Configuration.model_validate({"name": "small", "estimate": {"ecp5_device": "12k"}}), fold_of(sound), sound, out)
    figures = json.loads((out / "estimate.json").read_text())
    assert figures["placement"] == {"device": "12k", "missing": f"{figures['ecp5']['lut4']:,} of 1 LUT4", "seeds": {}}
    assert figures["critical_path"] == {}
    assert not {"fmax_mhz", "lut4_placed"} & figures["ecp5"].keys()
    assert not list(out.glob("12k_seed*"))


def test_flags_and_versions_are_stated(estimate: dict[str, Any]) -> None:
    assert estimate["flags"]["yosys xc7"] == "synth_xilinx -family xc7 -flatten -noiopad -noclkbuf"
    assert estimate["flags"]["yosys ecp5"] == "synth_ecp5"
    assert estimate["flags"]["core"] == "COUNTERS=0"
    assert estimate["flags"]["nextpnr-ecp5 85k"].startswith("--85k --speed 6 --out-of-context ")
    assert estimate["tools"]["yosys"].startswith("0.")
    texts = json.dumps([estimate["flags"], estimate["tools"], estimate["sources"]])
    assert "/" not in texts.replace("C6/I5", "")


def test_a_multiplier_becomes_a_dsp_block_that_is_counted(tmp_path: Path) -> None:
    (tmp_path / "product.v").write_text(
        "module product #(parameter COUNTERS = 0) (input wire [15:0] a, input wire [15:0] b, output wire [31:0] y);\n"
        "    assign y = a * b;\n"
        "endmodule\n"
    )
    (tmp_path / "xc7.ys").write_text(script(XC7_FLOW, Design(tmp_path, "product", ["product.v"]), "."))
    run_tool(find_tool("yosys"), ["-Q", "-q", "-s", "xc7.ys"], tmp_path, tmp_path / "log")
    assert XC7.count(cell_counts(tmp_path / "xc7_stat.json"), "")["dsp"] == 1


def test_every_bit_of_every_memory_file_is_in_the_elaborated_core(core: Path) -> None:
    memories = _elaborate(core)
    files = _description(core)["memories"]
    for file in files:
        path = core / file
        text = path.read_text()
        lines = text.split()
        lines[-1] = f"{int(lines[-1], 16) ^ 1:0{len(lines[-1])}x}"
        path.write_text("\n".join(lines) + "\n")
        with pytest.raises(UserError, match=rf"differs from {file} in word {len(lines) - 1}; the core was not synthesised"):
            check_loaded(core, files, memories)
        path.write_text(text)
    assert check_loaded(core, files, memories) > 0


def test_a_missing_memory_file_stops_yosys(core: Path) -> None:
    (core / "memory/first_weights.mem").unlink()
    with pytest.raises(UserError) as caught:
        _elaborate(core)
    assert str(caught.value).startswith("yosys failed: verilog/weight_memory.v:")
    assert "Can not open file `memory/first_weights.mem`" in str(caught.value)
    assert str(caught.value).endswith(f" (the log is {core.parent / 'yosys.log'})")


def test_a_truncated_memory_file_that_yosys_takes_is_refused(core: Path) -> None:
    path = core / "memory/first_weights.mem"
    text = path.read_text()
    path.write_text("\n".join(text.split()[:-1]) + "\n")
    memories = _elaborate(core)
    files = _description(core)["memories"]
    with pytest.raises(UserError, match=r"memory/first_weights\.mem has 8 words, memory .*weight_memory\.memory 9; "):
        check_loaded(core, files, memories)
    path.write_text(text)
    with pytest.raises(UserError, match=r"differs from memory/first_weights\.mem in word 8; "):
        check_loaded(core, files, memories)


def test_a_zeroed_memory_file_is_refused_before_anything_is_synthesised(core: Path, tmp_path: Path) -> None:
    path = core / "memory/first_weights.mem"
    path.write_text("00\n" * 9)
    with pytest.raises(UserError) as caught:
        run_estimate(Configuration.model_validate({"name": "small"}), fold_of(core), core, tmp_path)
    assert str(caught.value) == f"{path}: was changed after the audit; run the rtl step again"
    path.unlink()
    with pytest.raises(UserError) as caught:
        check_audited(core)
    assert str(caught.value) == f"{path}: no such memory file; run the rtl step again"


def test_a_memory_that_is_in_no_module_is_refused(core: Path) -> None:
    memories = _elaborate(core)
    files = [*_description(core)["memories"], "memory/first_start.mem"]
    with pytest.raises(UserError, match=r"memory/first_start\.mem is in no memory of the netlist"):
        check_loaded(core, files, memories)
    with pytest.raises(UserError, match=r"names the files \[\]; expected one"):
        check_loaded(core, files[1:2], memories)
