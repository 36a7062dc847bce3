"""How fast the golden simulator is, beside the matrix products alone: ``python -m bench.golden_speed``."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from model.base.errors import UserError
from model.data import load_dataset
from model.golden import count_operations, simulate
from model.golden.simulate import GoldenResult
from model.integer_network import Network, load_network

Product = tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]


def products_of(network: Network, result: GoldenResult) -> list[Product]:
    """Operands of every matrix product of a simulation: spikes (frames, inputs) and weights (inputs, neurons)."""
    products = []
    spikes = result.input_spikes
    for layer in network.layers:
        weights = np.ascontiguousarray(layer.synapses[0].weights.T, dtype=np.float32)
        products += [(plane.astype(np.float32), weights) for plane in spikes]
        spikes = result.layers[layer.name].spikes
    return products


def milliseconds(action: Callable[[], object], runs: int) -> tuple[float, float]:
    """Best and median wall time after one run that does not count."""
    action()
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        action()
        times.append(1000 * (time.perf_counter() - started))
    return min(times), statistics.median(times)


def measure(build: Path, runs: int) -> None:
    """Print simulation with all counts, the matrix products alone, and their ratio."""
    network = load_network(build / "convert" / "network.safetensors")
    images = load_dataset(build / "data" / "dataset.npz").test.images
    products = products_of(network, simulate(network, images))
    sizes = "-".join(str(size) for size in (images[0].size, *(layer.neuron.channels for layer in network.layers)))
    print(f"{len(images):,} images through {sizes} ({network.method}), {len(products)} matrix products, {runs} runs,")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores, {platform.machine()}")
    simulated = milliseconds(lambda: count_operations(network, simulate(network, images)), runs)
    multiplied = milliseconds(lambda: [spikes @ weights for spikes, weights in products], runs)
    print(f"golden simulation with all counts: best {simulated[0]:.0f} ms, median {simulated[1]:.0f} ms")
    print(f"the matrix products alone:         best {multiplied[0]:.0f} ms, median {multiplied[1]:.0f} ms")
    print(f"ratio of the medians:              {simulated[1] / multiplied[1]:.1f}")


def main(
    build: Annotated[Path, typer.Argument(help="Folder of a build whose convert step has run.")] = Path("build/mnist"),
    runs: Annotated[int, typer.Option(min=1, help="Runs that count.")] = 11,
) -> None:
    """Measure the golden simulator on the test images of a build."""
    try:
        measure(build, runs)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    typer.run(main)
