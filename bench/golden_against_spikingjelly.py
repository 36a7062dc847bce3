"""The golden simulator against SpikingJelly's simulation on the CPU: ``python -m bench.golden_against_spikingjelly``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from bench.spikingjelly_network import SPIKINGJELLY, SpikingJellyNetwork
from bench.step_networks import one_product, with_levels, with_time_steps
from bench.timing import Times, interleaved, machine
from model.base.errors import UserError
from model.base.files import write_json
from model.data import load_dataset
from model.data.dataset import ByteArray
from model.golden import count_operations, simulate, simulate_levels
from model.golden.decode import decoded_levels
from model.golden.levels import LevelResult
from model.integer_network import Network, WireCode, load_network

Action = Callable[[], object]

PRODUCT = "one matrix product, operands there"
SIMPLE = "SpikingJelly SimpleIFNode, integers"
USUAL = "SpikingJelly IFNode, threshold 1"
BY_HAND = "SpikingJelly IFNode, first product once"
_STOCK = (SIMPLE, USUAL)


def same_as_simulation(network: Network, pixels: ByteArray) -> LevelResult:
    """Simulate on levels, and spike by spike, and compare every level, score and count.

    Raises:
        UserError: they differ.
    """
    fast, full = simulate_levels(network, pixels), simulate(network, pixels)
    levels = [
        np.array_equal(fast.levels[layer.name], decoded_levels(layer, full.layers[layer.name].spikes)) for layer in network.hidden
    ]
    if not (all(levels) and np.array_equal(fast.scores, full.scores) and fast.counts == count_operations(network, full)):
        raise UserError(
            f"{network.name}: the simulation on levels differs from the simulation of spikes; run the tests of model/golden"
        )
    return fast


@dataclass(frozen=True)
class Measured:
    """What was found at one T.

    Attributes:
        times: of every simulation, by its name.
        differences: spike counts and scores of each of SpikingJelly's that differ from those of our causal network.
        values: how many of them there are.
    """

    times: dict[str, Times]
    differences: dict[str, int]
    values: int


def measure_at(network: Network, pixels: ByteArray, time_steps: int, runs: int) -> Measured:
    """Check and time everything at one T and print a table."""
    exact = {
        "ours, exact (pascal, bit planes)": with_levels(network, time_steps, WireCode.BITS),
        "ours, exact (parallel, packets)": with_levels(network, time_steps, WireCode.COUNT),
        "ours, exact (packed trains)": with_levels(network, time_steps, WireCode.UNARY),
    }
    causal = with_time_steps(network, time_steps)
    expected = same_as_simulation(causal, pixels)
    rivals = {
        SIMPLE: SpikingJellyNetwork(causal, pixels, normalised=False),
        USUAL: SpikingJellyNetwork(causal, pixels, normalised=True),
    }
    print(f"\nT = {time_steps}")
    differences = {name: rival.differences(expected) for name, rival in rivals.items()}
    for name, different in differences.items():
        print(f"{name}: {different:,} of {_values(expected):,} spike counts and scores differ from those of our causal network")
    for name, variant in exact.items():
        result = same_as_simulation(variant, pixels)
        same = all(np.array_equal(result.levels[layer], expected.levels[layer]) for layer in result.levels)
        print(f"{name}: levels {'equal' if same else 'other than'} the spike counts of our causal network")
    ours = exact | {"ours, causal (opi)": causal}
    actions: dict[str, Action] = {name: partial(simulate_levels, variant, pixels) for name, variant in ours.items()}
    actions |= {name: rival.scores for name, rival in rivals.items()}
    actions[BY_HAND] = rivals[USUAL].scores_with_one_first_product
    actions[PRODUCT] = one_product(network, pixels)
    times = interleaved(actions, runs)
    _print_table(times)
    return Measured(times, differences, _values(expected))


def _values(result: LevelResult) -> int:
    return result.scores.size + sum(levels.size for levels in result.levels.values())


def _print_table(times: dict[str, Times]) -> None:
    """Times, the faster of SpikingJelly's two as a multiple of each, and each as a multiple of one matrix product."""
    rivals = [times[name] for name in _STOCK]
    best, median, processor = (min(getattr(rival, kind) for rival in rivals) for kind in ("best", "median", "processor"))
    print(f"| {'':40} | best, ms | median, ms | CPU, ms | ratio of best | of median | of CPU | products |")
    print(f"|{'---|' * 8}")
    for name, taken in times.items():
        print(
            f"| {name:40} | {taken.best:8.1f} | {taken.median:10.1f} | {taken.processor:7.1f} | {best / taken.best:13.1f} "
            f"| {median / taken.median:9.1f} | {processor / taken.processor:6.1f} | {taken.best / times[PRODUCT].best:8.2f} |"
        )


def measure(build: Path, runs: int, time_steps: list[int]) -> dict[int, Measured]:
    """Print everything, and return it by T."""
    network = load_network(build / "fold" / "network.safetensors")
    pixels = load_dataset(build / "data" / "dataset.npz").test.images
    sizes = "-".join(str(size) for size in (pixels[0].size, *(layer.neuron.neurons for layer in network.layers)))
    print(f"{len(pixels):,} images through {sizes}, {network.encoder.bits}-bit input, {runs} runs in turns")
    print(machine("numpy", "torch", SPIKINGJELLY))
    return {steps: measure_at(network, pixels, steps, runs) for steps in time_steps}


def main(
    build: Annotated[Path, typer.Argument(help="Folder of a build whose convert step has run.")] = Path("build/mnist"),
    runs: Annotated[int, typer.Option(min=1, help="Runs that count.")] = 11,
    time_steps: Annotated[list[int] | None, typer.Option(min=1, max=64, help="T; may be repeated. Default 8 and 32.")] = None,
    json: Annotated[Path | None, typer.Option(help="A file that receives the figures.")] = None,
) -> None:
    """Measure both simulators on the test images of a build."""
    try:
        measured = measure(build, runs, time_steps or [8, 32])
        if json is not None:
            write_json(json, {steps: asdict(figures) for steps, figures in measured.items()})
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    typer.run(main)
