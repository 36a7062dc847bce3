"""Spiker+: VHDL of a network of the same sizes with our weights; area and cycles compare, what it computes does not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.peers.area import measure_area
from bench.peers.case import Case, Row
from bench.peers.environment import INSIDE, run_limited
from bench.peers.ghdl import write_verilog
from model.base.errors import UserError
from model.base.files import read_json, replacing, write_text
from model.base.tools import find_tool
from rtl.estimate.run import run_tool
from rtl.estimate.scripts import Design

PACKAGES = ("spikerplus", "tabulate")
STEPS = 100
"""Time steps of a frame, as in its authors' MNIST network."""
UPDATES = STEPS + 1
"""Updates of the network a frame, each with inputs of its own: its control compares their number with n_cycles + 1."""
NEURON_BITS = 8
FRAMES = 3
"""Frames that are simulated; what they cost in cycles hardly depends on them."""
SEED = 1

_FRAME = re.compile(r"frame (\d+) cycles (\d+) steps (\d+) output_spikes (\d+)")


@dataclass(frozen=True)
class Simulated:
    """What the simulation said of each frame.

    Attributes:
        cycles: clock cycles from one ready to the next.
        spikes: that the last layer sent.
    """

    cycles: tuple[int, ...]
    spikes: tuple[int, ...]


def measure(case: Case) -> list[Row]:
    """The row.

    Raises:
        UserError: a package or GHDL is missing, or the simulation did not come to an end.
        OverLimitError: it took more than it was given.
    """
    ghdl = find_tool("ghdl")
    for package in PACKAGES:
        case.environment.require(package)
    out = case.folder("spiker")
    weight_bits = max(layer.synapses[0].weight_bits for layer in case.network.layers)
    case.environment.run(
        "spiker_vhdl.py", [case.out / "function.npz", out, STEPS, weight_bits, NEURON_BITS], out / "spiker.log", case.limits
    )
    figures = read_json(out / "spiker.json")
    verilog = write_verilog(out / "vhdl", "network", out, case.limits)
    area = measure_area(Design(out, "network", [verilog], {}, list_memories=False), out / "area")
    if area["xc7"]["latch"]:
        raise UserError(
            f"Spiker+: {area['xc7']['latch']} latches in the synthesised VHDL, which has none; look at {out / 'area'}"
        )
    result = simulate(case, out, _for_simulation(out))
    cycles = {"min": min(result.cycles), "median": float(np.median(result.cycles)), "max": max(result.cycles)}
    return [
        case.row(
            f"Spiker+ {figures['versions']['spikerplus']}, {weight_bits}-bit weights, {NEURON_BITS}-bit neurons",
            area=area,
            interval_cycles=cycles,
            frames_simulated=len(result.cycles),
            output_spikes=sum(result.spikes),
            processor_seconds=figures["processor_seconds"],
            settings=figures["settings"] | {"input": f"Bernoulli spikes at the rate of a pixel, NumPy default_rng({SEED})"},
            sources={"interval_cycles": "bench.log"},
            folder=str(out),
            versions=figures["versions"] | {"ghdl": ghdl.version},
            remark=f"another network (leaky neurons, {STEPS} steps in {UPDATES} updates), memories included; parallel inputs,"
            " spikes out, no argmax",
        )
    ]


def _for_simulation(out: Path) -> str:
    """The file that is simulated. GHDL writes some wires twice: yosys takes them for one, Verilator does not, so yosys writes it,
    with trees of multiplexers: a parallel one would be read as a latch.
    """
    commands = "read_verilog ghdl.v\nhierarchy -check -top network\nproc\npmuxtree\nopt_clean\nwrite_verilog -noattr network.v\n"
    write_text(out / "as_verilog.ys", commands)
    run_tool(find_tool("yosys"), ["-Q", "-q", "-s", "as_verilog.ys"], out, out / "as_verilog.log")
    return "network.v"


def input_spikes(pixels: npt.NDArray[np.uint8], steps: int, seed: int) -> npt.NDArray[np.bool_]:
    """Bernoulli spikes (frames, steps, inputs) whose probability is a pixel's brightness, as its authors feed MNIST."""
    flat = pixels.reshape(len(pixels), 1, -1)
    return np.asarray(np.random.default_rng(seed).random((len(pixels), steps, flat.shape[2])) < flat / 255.0)


def as_rows(spikes: npt.NDArray[np.bool_]) -> str:
    """One hexadecimal row a time step, input 0 in the lowest bit."""
    rows = spikes.reshape(-1, spikes.shape[-1])
    padded = np.pad(rows, ((0, 0), (0, -rows.shape[1] % 8)))
    return "".join(f"{packed.tobytes()[::-1].hex()}\n" for packed in np.packbits(padded, axis=1, bitorder="little"))


def simulate(case: Case, out: Path, verilog: str) -> Simulated:
    """Run frames of the test set through the network in Verilator.

    Raises:
        UserError: a frame is missing, took another number of steps, or no spike came out of any.
    """
    verilator = find_tool("verilator")
    frames = min(FRAMES, len(case.pixels))
    with replacing(out / "spikes.mem") as beside:
        beside.write_text(as_rows(input_spikes(case.pixels[:frames], UPDATES, SEED)), encoding="ascii")
    sizes = {"INPUTS": case.function.sizes[0], "OUTPUTS": case.function.sizes[-1], "STEPS": UPDATES, "FRAMES": frames}
    arguments = [
        *("--binary", "--timing", "-CFLAGS", "-fcoroutines -std=gnu++20", "-Wno-fatal", "-Wno-lint", "-Wno-style"),
        *("--top-module", "spiker_bench", "--output-split-cfuncs", "5000", "--Mdir", "simulation", "-o", "bench"),
        *(f"-G{name}={value}" for name, value in sizes.items()),
        *(verilog, str((INSIDE / "spiker_bench.v").resolve())),
    ]
    environment = verilator.full_environment | {"MAKEFLAGS": "CFG_CXXFLAGS_PCH_I=-include"}
    run_limited([*verilator.command, *arguments], out / "verilator.log", case.limits, environment, out)
    run_limited([str((out / "simulation" / "bench").resolve())], out / "bench.log", case.limits, environment, out)
    return read_simulation((out / "bench.log").read_text(encoding="utf-8"), frames, UPDATES)


def read_simulation(log: str, frames: int, steps: int) -> Simulated:
    """Cycles and spikes of every frame from what the bench printed.

    Raises:
        UserError: as ``simulate``.
    """
    rows: list[dict[str, Any]] = [
        dict(zip(("frame", "cycles", "steps", "spikes"), map(int, found), strict=True)) for found in _FRAME.findall(log)
    ]
    if [row["frame"] for row in rows] != list(range(frames)) or any(row["steps"] != steps for row in rows):
        raise UserError(f"Spiker+ simulation: {rows or log.strip()[-200:]}; expected {frames} frames of {steps} steps each")
    if not any(row["spikes"] for row in rows):
        raise UserError(
            f"Spiker+ simulation: no spike came out in {frames} frames, so nothing shows that it ran; lower its threshold"
        )
    return Simulated(tuple(row["cycles"] for row in rows), tuple(row["spikes"] for row in rows))
