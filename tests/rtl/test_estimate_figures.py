"""Counting cells and reading reports: every figure from JSON, and nothing that is absent becomes 0."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any, get_args

import pytest

from model.base.errors import UserError
from model.base.tools import Tool
from model.config.schema import EstimateSection
from rtl.estimate.blocks import check_blocks, initial_values
from rtl.estimate.families import ECP5, ICE40, XC7
from rtl.estimate.netlist import cell_counts
from rtl.estimate.parts import ECP5_FAMILY, ICE40_FAMILY, TARGETS
from rtl.estimate.placement import (
    Placement,
    Placements,
    place_and_route,
    placement_arguments,
    read_placement,
    write_clock_alone,
)
from rtl.estimate.run import run_tool
from rtl.estimate.scripts import ECP5_FLOW, ICE40_FLOW, XC7_FLOW, Design, script


def _write(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


def _statistics(cells: dict[str, int]) -> dict[str, Any]:
    return {"design": {"num_cells": sum(cells.values()), "num_cells_by_type": cells}}


def test_seven_series_memories_and_shift_registers_count_as_the_tables_they_take() -> None:
    cells = {
        "LUT1": 1,
        "LUT6": 10,
        "INV": 2,
        "RAM32M": 3,
        "RAM64X1D": 1,
        "RAM256X1S": 1,
        "SRL16E": 5,
        "SRLC32E": 7,
        "$scopeinfo": 9,
    }
    figures = XC7.count(cells, "x.json")
    assert figures["lut"] == 1 + 10 + 2 + 3 * 4 + 2 + 4 + 5 + 7
    assert (figures["lut_logic"], figures["lut_memory"], figures["lut_shift_register"]) == (13, 18, 12)


def test_half_block_memories_count_a_half() -> None:
    assert XC7.count({"RAMB36E1": 3, "RAMB18E1": 5}, "x.json")["bram36"] == 5.5
    assert XC7.count({"LUT2": 1}, "x.json")["bram36"] == 0


def test_dsp_blocks_latches_and_flip_flops_are_told_apart() -> None:
    figures = XC7.count({"DSP48E1": 2, "LDCE": 1, "FDRE": 4, "FDPE_1": 1}, "x.json")
    assert (figures["dsp"], figures["latch"], figures["ff"]) == (2, 1, 5)


def test_ecp5_carry_and_distributed_memory_count_as_tables() -> None:
    figures = ECP5.count({"LUT4": 100, "CCU2C": 10, "TRELLIS_DPR16X4": 3, "PFUMX": 5, "DP16KD": 2, "MULT18X18D": 1}, "x.json")
    assert (figures["lut4"], figures["bram"], figures["mult18"]) == (100 + 20 + 18, 2, 1)
    assert (figures["lut4_logic"], figures["lut4_carry"], figures["lut4_memory"]) == (100, 20, 18)


@pytest.mark.parametrize("kind", ["RAM512X1S", "SRLC64E", "URAM288", "CARRY8"])
def test_a_cell_that_is_in_no_table_is_an_error(kind: str) -> None:
    with pytest.raises(UserError) as caught:
        XC7.count({"LUT2": 1, kind: 3}, "xc7_stat.json")
    assert str(caught.value) == (
        f"xc7_stat.json: 3 cells of type {kind}, whose size on 7-series is not known;"
        " add it to the tables in rtl/estimate/families.py"
    )


def test_cell_counts_are_those_of_the_whole_design(tmp_path: Path) -> None:
    assert cell_counts(_write(tmp_path / "stat.json", _statistics({"LUT4": 2}))) == {"LUT4": 2}


@pytest.mark.parametrize(
    "statistics, message",
    [
        ({}, "no 'design' in the statistics"),
        ({"design": {"num_cells": 2}}, "no 'num_cells_by_type' in the statistics"),
        ({"design": {"num_cells_by_type": {"LUT4": 2}}}, "no 'num_cells' in the statistics"),
        (_statistics({}), "0 cells in all, 0 by type; expected a flattened design with cells"),
        ({"design": {"num_cells": 9, "num_cells_by_type": {"LUT4": 2}}}, "9 cells in all, 2 by type"),
    ],
)
def test_statistics_without_a_figure_are_an_error(tmp_path: Path, statistics: dict[str, Any], message: str) -> None:
    path = _write(tmp_path / "stat.json", statistics)
    with pytest.raises(UserError) as caught:
        cell_counts(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def _report() -> dict[str, Any]:
    return {
        "fmax": {"clk": {"achieved": 81.25, "constraint": 12}},
        "utilization": {"TRELLIS_COMB": {"used": 1234, "available": 83640}},
        "critical_paths": [
            {"from": "<async>", "to": "posedge clk", "path": []},
            {
                "from": "posedge clk",
                "to": "posedge clk",
                "path": [
                    {"type": "clk-to-q", "delay": 0.5, "from": {"cell": "a"}, "to": {"cell": "a"}},
                    {"type": "routing", "delay": 1.25, "from": {"cell": "a"}, "to": {"cell": "b"}},
                    {"type": "logic", "delay": 0.25, "from": {"cell": "b"}, "to": {"cell": "b"}},
                    {"type": "setup", "delay": 0.0, "from": {"cell": "b"}, "to": {"cell": "c"}},
                ],
            },
        ],
    }


def test_clock_and_critical_path_are_those_of_the_report(tmp_path: Path) -> None:
    placement = read_placement(_write(tmp_path / "report.json", _report()), ECP5_FAMILY, 3)
    assert (placement.fmax_mhz, placement.tables, placement.seed, placement.report) == (81.25, 1234, 3, "report.json")
    assert placement.critical_path == {"from": "a", "to": "c", "ns": 2.0, "routing_ns": 1.25, "logic_cells": 1}


@pytest.mark.parametrize(
    "figures,missing",
    [
        ({"lut4": 83_640, "ff": 83_640, "bram": 208}, ""),
        ({"lut4": 83_640, "ff": 1, "bram": 209}, "209 of 208 DP16KD"),
        ({"lut4": 83_641, "ff": 83_642, "bram": 0}, "83,641 of 83,640 LUT4, 83,642 of 83,640 flip-flops"),
    ],
)
def test_what_a_device_has_not_enough_of_is_named(figures: dict[str, int | float], missing: str) -> None:
    assert ECP5_FAMILY.part("85k").missing(figures, ECP5_FAMILY.names) == missing


def test_every_device_that_may_be_named_has_its_capacities() -> None:
    ecp5 = get_args(EstimateSection.model_fields["ecp5_device"].annotation)
    assert list(ecp5) == [part.name for part in ECP5_FAMILY.parts]
    (targets,) = get_args(EstimateSection.model_fields["targets"].annotation)
    assert set(get_args(targets)) == TARGETS.keys()


@pytest.mark.parametrize("key", ["fmax", "utilization", "critical_paths"])
def test_a_report_without_a_key_is_an_error(tmp_path: Path, key: str) -> None:
    report = _report()
    del report[key]
    path = _write(tmp_path / "report.json", report)
    with pytest.raises(UserError) as caught:
        read_placement(path, ECP5_FAMILY, 1)
    assert str(caught.value) == f"{path}: no '{key}'; expected the report of nextpnr 0.11 or a compatible version"


@pytest.mark.parametrize("clocks", [{}, {"a": {"achieved": 1.0}, "b": {"achieved": 2.0}}])
def test_one_clock_and_no_other_number_is_taken(tmp_path: Path, clocks: dict[str, Any]) -> None:
    path = _write(tmp_path / "report.json", _report() | {"fmax": clocks})
    with pytest.raises(UserError) as caught:
        read_placement(path, ECP5_FAMILY, 1)
    assert str(caught.value) == f"{path}: {len(clocks)} clocks with a frequency; expected one"


def _cells(path: Path, cells: dict[str, str]) -> Path:
    described = {name: {"type": kind, "parameters": {}} for name, kind in cells.items()}
    return _write(path, {"modules": {"core": {"cells": described}}})


def test_a_block_memory_that_vanishes_in_mapping_is_an_error_and_so_is_one_without_contents(tmp_path: Path) -> None:
    chosen = _cells(tmp_path / "contents.json", {"u_first.memory.0.0": "$__DP16KD_"})
    assert check_blocks(ECP5_FLOW, chosen, _cells(tmp_path / "same.json", {"u_first.memory.0.0": "DP16KD", "lut": "LUT4"})) == 1
    with pytest.raises(UserError, match=r"block memory u_first\.memory\.0\.0 vanished in mapping"):
        check_blocks(ECP5_FLOW, chosen, _cells(tmp_path / "none.json", {"u_first.memory.0.0": "LUT4"}))
    with pytest.raises(UserError, match=r"block memory other has no known contents"):
        check_blocks(ECP5_FLOW, chosen, _cells(tmp_path / "two.json", {"u_first.memory.0.0": "DP16KD", "other": "DP16KD"}))


def test_a_word_of_a_block_memory_stands_in_its_20_bits() -> None:
    words = ["0" * 18] * 1024
    words[0], words[17], words[1023] = "1" + "0" * 17, "0" * 17 + "1", "1" * 18
    values = initial_values({"INIT": "".join(reversed(words))}, "memory")
    assert len(values) == 64
    assert all(len(value) == 320 for value in values.values())
    assert values["INITVAL_00"] == "0" * 300 + "001" + "0" * 17
    assert values["INITVAL_01"][-40:-20] == "0" * 19 + "1"
    assert values["INITVAL_3F"][:20] == "00" + "1" * 18
    with pytest.raises(UserError, match="memory: INIT has 3 bits; expected 18432"):
        initial_values({"INIT": "000"}, "memory")


def _placement(seed: int, clock: float) -> Placement:
    return Placement(seed, f"85k_seed{seed}.json", clock, 1000 + seed, {"from": f"of seed {seed}"})


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 2, 0, 3, 1), (3, 4, 1, 2, 0)])
def test_median_lowest_and_highest_do_not_depend_on_which_run_ended_first(order: tuple[int, ...]) -> None:
    runs = [_placement(7, 80.0), _placement(2, 75.0), _placement(3, 90.0), _placement(5, 80.0), _placement(4, 79.0)]
    placements = Placements.of([runs[place] for place in order])
    assert placements.median.seed == 5
    assert placements.figures() == {
        "fmax_mhz": (80.0, "85k_seed5.json"),
        "fmax_mhz_lowest": (75.0, "85k_seed2.json"),
        "fmax_mhz_highest": (90.0, "85k_seed3.json"),
        "lut4_placed": (1005, "85k_seed5.json"),
    }
    assert placements.by_seed() == {"2": 75.0, "3": 90.0, "4": 79.0, "5": 80.0, "7": 80.0}


def test_of_two_seeds_the_median_is_the_run_with_the_lower_clock() -> None:
    assert Placements.of([_placement(1, 90.0), _placement(2, 80.0)]).median.seed == 2


@pytest.mark.parametrize(
    "figures, expected",
    [
        ({"lut4": 300, "ff": 10, "bram": 0}, ("lp384", "", "")),
        ({"lut4": 300, "ff": 10, "bram": 1}, ("hx1k", "lp384", "1 of 0 SB_RAM40_4K")),
        ({"lut4": 5_000, "ff": 6_000, "bram": 30}, ("hx8k", "up5k", "6,000 of 5,280 flip-flops")),
        ({"lut4": 5_000, "ff": 6_000, "bram": 33}, ("", "hx8k", "33 of 32 SB_RAM40_4K")),
    ],
)
def test_the_smallest_device_and_what_the_next_smaller_lacks(
    figures: dict[str, int | float], expected: tuple[str, str, str]
) -> None:
    assert tuple(ICE40_FAMILY.smallest(figures).values()) == expected


def test_only_the_clock_keeps_its_pin(tmp_path: Path) -> None:
    ports = {"clk": {"direction": "input", "bits": [2]}, "rst": {"direction": "input", "bits": [3]}}
    module = {"attributes": {"top": "0001"}, "ports": ports, "cells": {}}
    netlist = _write(tmp_path / "blank.json", {"modules": {"core": module, "LUT4": {"attributes": {}, "ports": {}}}})
    write_clock_alone(netlist, tmp_path / "ice40.json")
    written = json.loads((tmp_path / "ice40.json").read_text())["modules"]["core"]
    assert written == module | {"ports": {"clk": ports["clk"]}}
    _write(netlist, {"modules": {"core": module | {"ports": {"rst": ports["rst"]}}}})
    with pytest.raises(UserError, match=r"blank\.json: no top level with a port clk; run the rtl step again"):
        write_clock_alone(netlist, tmp_path / "ice40.json")


def _program(folder: Path, text: str) -> Tool:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return Tool("nextpnr-ecp5", (str(path),), "0.11", "test")


def test_a_failing_program_is_named_with_its_first_error_and_its_log(tmp_path: Path) -> None:
    tool = _program(tmp_path, "echo 'Info: packing'; echo 'ERROR: Unable to place cell' >&2; echo 'ERROR: later'; exit 1")
    with pytest.raises(UserError) as caught:
        place_and_route(tool, tmp_path, ECP5_FAMILY, ECP5_FAMILY.part("12k"), "ecp5.json", "router1", 1)
    assert str(caught.value) == (
        f"nextpnr-ecp5 failed: ERROR: Unable to place cell (the log is {tmp_path / '12k_seed1.log'});"
        " a core that is too large for an ECP5 12k needs a larger device (at most 85k),"
        " a smaller hardware.parallelism or, with maps, hardware.potential_buffers = 1"
    )


def test_a_program_that_fails_silently_is_named_with_its_status(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nextpnr-ecp5 failed: exit status 3"):
        run_tool(_program(tmp_path, "exit 3"), [], tmp_path, tmp_path / "log")


def test_a_program_that_ends_well_without_a_report_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"85k_seed2\.json: no such file"):
        place_and_route(_program(tmp_path, "exit 0"), tmp_path, ECP5_FAMILY, ECP5_FAMILY.part("85k"), "x", "router1", 2)


def test_both_flows_set_the_parameters_of_the_core_and_map_with_and_without_wide_tables(tmp_path: Path) -> None:
    core = Design(tmp_path, "core", ["verilog/a.v"], {"COUNTERS": 0})
    for flow in (XC7_FLOW, ECP5_FLOW):
        lines = script(flow, core, "../out").splitlines()
        assert "hierarchy -check -top core -chparam COUNTERS 0" in lines
        tables = [line for line in lines if line.endswith("-run map_luts:check")]
        assert [line.count("-nowidelut") for line in tables] == [0, 1]
    assert "-nowidelut" not in script(ICE40_FLOW, core, "../out")


def test_a_logic_cell_of_ice40_is_counted_by_table_and_by_flip_flop() -> None:
    figures = ICE40.count({"SB_LUT4": 9, "SB_CARRY": 4, "SB_DFF": 2, "SB_DFFESS": 3, "SB_RAM40_4K": 5}, "x.json")
    assert figures == {"lut4": 9, "ff": 5, "bram": 5, "dsp": 0, "carry": 4}


def test_device_router_and_seed_reach_nextpnr() -> None:
    assert " ".join(placement_arguments(ECP5_FAMILY.part("45k"), "core.json", "router2", 7, "out.json")) == (
        "--45k --speed 6 --out-of-context --timing-allow-fail --router router2 --seed 7 --json core.json --report out.json"
    )
