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
from rtl.estimate.contents import check_blocks
from rtl.estimate.families import ECP5, XC7
from rtl.estimate.netlist import cell_counts
from rtl.estimate.placement import CAPACITIES, place_and_route, placement_arguments, read_placement, what_is_missing
from rtl.estimate.run import run_tool
from rtl.estimate.scripts import ECP5_FLOW, XC7_FLOW, script


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
    placement = read_placement(_write(tmp_path / "report.json", _report()))
    assert (placement.fmax_mhz, placement.lut4_placed) == (81.25, 1234)
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
    assert what_is_missing(figures, "85k") == missing


def test_every_device_that_may_be_named_has_its_capacities() -> None:
    assert set(get_args(EstimateSection.model_fields["ecp5_device"].annotation)) == CAPACITIES.keys()


@pytest.mark.parametrize("key", ["fmax", "utilization", "critical_paths"])
def test_a_report_without_a_key_is_an_error(tmp_path: Path, key: str) -> None:
    report = _report()
    del report[key]
    path = _write(tmp_path / "report.json", report)
    with pytest.raises(UserError) as caught:
        read_placement(path)
    assert str(caught.value) == f"{path}: no '{key}'; expected the report of nextpnr 0.11 or a compatible version"


@pytest.mark.parametrize("clocks", [{}, {"a": {"achieved": 1.0}, "b": {"achieved": 2.0}}])
def test_one_clock_and_no_other_number_is_taken(tmp_path: Path, clocks: dict[str, Any]) -> None:
    path = _write(tmp_path / "report.json", _report() | {"fmax": clocks})
    with pytest.raises(UserError) as caught:
        read_placement(path)
    assert str(caught.value) == f"{path}: {len(clocks)} clocks with a frequency; expected one"


def test_a_blanked_memory_that_is_in_no_block_memory_is_an_error(tmp_path: Path) -> None:
    large = _write(tmp_path / "large.json", {"modules": {"core": {"cells": {"u_first.u_weights.memory": {}}}}})
    blocks = _write(tmp_path / "blocks.json", {"modules": {"core": {"cells": {"u_first.u_weights.memory.0.1": {}}}}})
    check_blocks(large, blocks)
    empty = _write(tmp_path / "none.json", {"modules": {"core": {"cells": {"u_first.u_weights.memory2.0.1": {}}}}})
    with pytest.raises(UserError, match=r"memory u_first\.u_weights\.memory is in no block memory"):
        check_blocks(large, empty)


def _program(folder: Path, text: str) -> Tool:
    path = folder / "program"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return Tool("nextpnr-ecp5", (str(path),), "0.11", "test")


def test_a_failing_program_is_named_with_its_first_error_and_its_log(tmp_path: Path) -> None:
    tool = _program(tmp_path, "echo 'Info: packing'; echo 'ERROR: Unable to place cell' >&2; echo 'ERROR: later'; exit 1")
    with pytest.raises(UserError) as caught:
        place_and_route(tool, tmp_path, "ecp5.json", EstimateSection(ecp5_device="12k"))
    assert str(caught.value) == (
        f"nextpnr-ecp5 failed: ERROR: Unable to place cell (the log is {tmp_path / 'place_and_route.log'});"
        " a core that is too large for an ECP5 12k needs a larger estimate.ecp5_device (at most 85k),"
        " a smaller hardware.parallelism or, with maps, hardware.potential_buffers = 1"
    )


def test_a_program_that_fails_silently_is_named_with_its_status(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nextpnr-ecp5 failed: exit status 3"):
        run_tool(_program(tmp_path, "exit 3"), [], tmp_path, tmp_path / "log")


def test_a_program_that_ends_well_without_a_report_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"place_and_route\.json: no such file"):
        place_and_route(_program(tmp_path, "exit 0"), tmp_path, "ecp5.json", EstimateSection())


def test_both_flows_leave_the_counters_out_and_map_with_and_without_wide_tables() -> None:
    for flow in (XC7_FLOW, ECP5_FLOW):
        lines = script(flow, ["verilog/a.v"], "core", "../out").splitlines()
        assert "hierarchy -check -top core -chparam COUNTERS 0" in lines
        tables = [line for line in lines if line.endswith("-run map_luts:check")]
        assert [line.count("-nowidelut") for line in tables] == [0, 1]


def test_device_router_and_seed_reach_nextpnr() -> None:
    settings = EstimateSection(ecp5_device="45k", ecp5_router="router2", seed=7)
    assert " ".join(placement_arguments("core.json", settings)) == (
        "--45k --speed 6 --out-of-context --timing-allow-fail --router router2 --seed 7"
        " --json core.json --report place_and_route.json"
    )
