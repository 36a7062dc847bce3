"""How fast Verilator simulates the core of a build: ``python -m bench.core_simulation_speed build/NAME``."""

from __future__ import annotations

import resource
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from bench.timing import machine
from model.base.errors import UserError
from model.data import load_dataset
from model.integer_network import load_network
from sim.core import read_core
from sim.plan import SPACED, standard_runs
from sim.runner import compile_bench, verilator
from sim.simulation import Inputs, simulate_core


@dataclass(frozen=True)
class Speed:
    """Processor seconds, frame by frame alone in the core.

    Attributes:
        compiling: Verilator and g++.
        simulating: of the frames, everything compared.
        start: of a simulation of one frame, most of it imports and the golden result.
        cycles: of the frames without the first one.
    """

    compiling: float
    simulating: float
    start: float
    cycles: int

    @property
    def microseconds_a_cycle(self) -> float:
        """Processor time of a cycle, without what a simulation takes to start."""
        return 1e6 * (self.simulating - self.start) / self.cycles


def measure(build: Path, frames: int) -> Speed:
    """Compile the core of a build and simulate its first frames.

    Args:
        build: folder of a build whose golden and rtl steps are done.
        frames: at least 2.

    Raises:
        UserError: fewer frames, or a file is missing.
    """
    if frames < 2:
        raise UserError(f"--frames {frames}: legal is 2 and more; the first one is what a simulation takes to start")
    network = build / "fold" / "network.safetensors"
    core = read_core(build / "rtl", load_network(network))
    images = load_dataset(build / "data" / "dataset.npz").test.images[:frames]
    with tempfile.TemporaryDirectory() as folder:
        compiled = Path(folder) / "compiled"
        before = _children()
        compile_bench(core, compiled)
        compiling = _children() - before

        def simulated(count: int) -> tuple[float, list[int]]:
            inputs = Inputs(network, build / "golden" / "golden.npz", build / "rtl", images[:count])
            began = _children()
            work = Path(folder) / f"work{count}"
            outcome = simulate_core(inputs, standard_runs(0)[:1], seed=1, work=work, processes=1, compiled=compiled)
            if outcome.failed:
                raise UserError(f"{build}: {outcome.failed[0].name}: {outcome.failed[0].detail}")
            return _children() - began, outcome.runs[SPACED][0]["latency"]

        start, _ = simulated(1)
        simulating, latencies = simulated(frames)
    return Speed(compiling, simulating, start, sum(latencies[1:]))


def _children() -> float:
    """Processor seconds of all child processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(
    builds: Annotated[list[Path], typer.Argument(help="Folders of builds with golden and rtl, measured one after the other.")],
    frames: Annotated[int, typer.Option(help="Test images to simulate.")] = 20,
) -> None:
    """Print the processor time of compiling and of a simulated cycle."""
    print(machine("numpy", "cocotb"))
    print(f"Verilator {verilator().version}, {frames} frames, one process")
    try:
        for build in builds:
            speed = measure(build, frames)
            a_cycle = f"{speed.cycles:,} cycles, {speed.microseconds_a_cycle:.2f} µs a cycle"
            print(f"{build}: compiling {speed.compiling:.0f} s; {a_cycle}")
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from None


if __name__ == "__main__":
    typer.run(main)
