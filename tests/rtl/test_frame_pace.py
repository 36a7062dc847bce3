"""The pace of a core of unrolled layers: its modules alone, and that no wire leads from its sink to its source."""

from __future__ import annotations

from pathlib import Path

from model.base.files import read_json
from model.base.tools import find_tool
from rtl.charges import charges_of
from rtl.core_plan import plan_core
from rtl.core_settings import CoreSettings
from rtl.estimate.run import run_tool
from rtl.frame_pace import pace_of
from rtl.generate import generate_core
from tests.rtl.audit_networks import deferred_network
from tests.rtl.benches import compile_bench, outcomes

DESIGN = Path(__file__).parent / "design" / "pace_bench.v"
SETTINGS = CoreSettings(port="frame")
TOP = "isospike_core"


def test_frames_never_wait_between_pacer_and_queue(tmp_path: Path) -> None:
    compile_bench(DESIGN, "pace_bench", tmp_path)
    passed = outcomes(tmp_path, tmp_path, "pace_bench", "tests.rtl.pace_checks")
    assert len(passed) == 5
    assert [name for name, fine in passed.items() if not fine] == []


def _unrolled_core(folder: Path) -> None:
    """A core of two unrolled layers that takes a frame a beat."""
    generate_core(deferred_network(), "auto", folder, "unrolled", SETTINGS)


def _inputs_in_the_same_cycle(folder: Path, output: str) -> set[str]:
    """Ports that reach an output of the core in ``folder`` through no register."""
    run_tool(
        find_tool("yosys"),
        ["-q", "-p", f"read_verilog -defer verilog/*.v; prep -flatten -top {TOP}; write_json core.json"],
        folder,
        folder / "yosys.log",
    )
    core = read_json(folder / "core.json")["modules"][TOP]
    behind: dict[int, list[int]] = {}
    for cell in core["cells"].values():
        if "dff" in cell["type"]:
            continue
        ends: dict[str, list[int]] = {"input": [], "output": []}
        for port, bits in cell["connections"].items():
            ends[cell["port_directions"][port]] += [bit for bit in bits if isinstance(bit, int)]
        behind |= dict.fromkeys(ends["output"], ends["input"])
    reached, left = set(), [bit for bit in core["ports"][output]["bits"] if isinstance(bit, int)]
    while left:
        bit = left.pop()
        if bit not in reached:
            reached.add(bit)
            left += behind.get(bit, [])
    return {name for name, port in core["ports"].items() if port["direction"] == "input" and not reached.isdisjoint(port["bits"])}


def test_frames_come_at_the_pace_of_the_slowest_link_and_as_many_as_are_under_way() -> None:
    network = deferred_network()
    plan = plan_core(network, "auto", "unrolled", SETTINGS)
    charges = charges_of(network, plan)
    pace = pace_of(plan, charges)
    # Two planes come in, three go on: two stages a layer, five steps, a register a layer and that of the pacer, twelve cycles.
    assert [stages.count for _, stages in charges.values()] == [2, 2]
    assert pace is not None
    assert (pace.interval, pace.frame_bits) == (3, 2)


def test_a_core_with_an_event_layer_has_no_pace() -> None:
    network = deferred_network()
    plan = plan_core(network, "auto", ["unrolled", "event"])
    assert pace_of(plan, charges_of(network, plan)) is None


def test_no_wire_leads_from_the_sink_of_an_unrolled_core_to_its_source(tmp_path: Path) -> None:
    _unrolled_core(tmp_path)
    assert _inputs_in_the_same_cycle(tmp_path, "s_axis_tready") == set()


def test_layers_that_wait_for_each_other_are_such_a_wire(tmp_path: Path) -> None:
    _unrolled_core(tmp_path)
    waits = {"isospike_core.v": (".PACED(1)", ".PACED(0)"), "frame_queue.v": ("in_ready = 1'b1", "in_ready = out_ready")}
    for name, (paced, waiting) in waits.items():
        file = tmp_path / "verilog" / name
        text = file.read_text(encoding="utf-8")
        assert paced in text
        file.write_text(text.replace(paced, waiting), encoding="utf-8")
    assert "m_axis_tready" in _inputs_in_the_same_cycle(tmp_path, "s_axis_tready")
