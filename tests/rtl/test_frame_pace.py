"""The pace of a core of unrolled layers: its modules alone, and that no wire leads from its sink to its source."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from model.base.files import read_json
from model.base.tools import find_tool
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    Neuron,
    NeuronMode,
    Synapses,
    WireCode,
    verify_network,
    with_proved_widths,
)
from rtl.core_settings import CoreSettings
from rtl.estimate.run import run_tool
from rtl.generate import generate_core
from tests.rtl.benches import compile_bench, outcomes

DESIGN = Path(__file__).parent / "design" / "pace_bench.v"
NONE = np.zeros(0, dtype=np.int64)
TOP = "isospike_core"


def test_frames_never_wait_between_pacer_and_queue(tmp_path: Path) -> None:
    compile_bench(DESIGN, "pace_bench", tmp_path)
    passed = outcomes(tmp_path, tmp_path, "pace_bench", "tests.rtl.pace_checks")
    assert len(passed) == 5
    assert [name for name, fine in passed.items() if not fine] == []


def _unrolled_core(folder: Path) -> None:
    """A core of two unrolled layers that takes a frame a beat."""
    generate_core(_network(), "auto", folder, "unrolled", CoreSettings(port="frame"))


def _network() -> Network:
    hidden = Neuron(NeuronMode.DEFERRED, WireCode.BITS, 3, 2, np.array([4, 5, 6]), np.array([2, -1, 0]), NONE, 0)
    readout = Neuron(NeuronMode.READOUT, WireCode.NONE, 0, 0, NONE, np.array([1, -2]), NONE, 0)
    layers = (
        Layer("first", (Synapses("input", np.array([[1, -2, 3], [0, 7, -7], [5, 5, 5]]), 4),), hidden),
        Layer("last", (Synapses("first", np.array([[1, 0, -1], [2, 3, -3]]), 3),), readout),
    )
    return verify_network(with_proved_widths(Network("small", "pascal", Encoder((3,), 1, InputCode.BITS), layers)))


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
