"""How fast the golden simulator is, beside the matrix products alone: ``python -m bench.golden_speed``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import numpy.typing as npt
import typer

from bench.step_networks import one_product
from bench.timing import interleaved, machine
from model.base.errors import UserError
from model.data import load_dataset
from model.golden import count_operations, simulate, simulate_levels
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


def measure(build: Path, runs: int) -> None:
    """Print both simulations with all counts, the matrix products that they run alone, and their ratios."""
    network = load_network(build / "fold" / "network.safetensors")
    images = load_dataset(build / "data" / "dataset.npz").test.images
    products = products_of(network, simulate(network, images))
    first = one_product(network, images)
    sizes = "-".join(str(size) for size in (images[0].size, *(layer.neuron.neurons for layer in network.layers)))
    print(f"{len(images):,} images through {sizes} ({network.method}), {runs} runs in turns")
    print(machine("numpy"))
    times = interleaved(
        {
            "spike by spike, with all counts": lambda: count_operations(network, simulate(network, images)),
            f"its {len(products)} matrix products alone": lambda: [spikes @ weights for spikes, weights in products],
            "on levels, with all counts": lambda: simulate_levels(network, images),
            "the first layer's product alone": first,
        },
        runs,
    )
    for name, taken in times.items():
        print(f"{name:32} best {taken.best:6.1f} ms, median {taken.median:6.1f} ms")
    (simulated, multiplied, levels, once) = times.values()
    print(f"ratio of the medians: {simulated.median / multiplied.median:.1f} and {levels.median / once.median:.1f}")


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
