"""How fast the golden simulator is on maps, beside its products alone in torch: ``python -m bench.golden_speed_maps``."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import torch
import typer
from torch import Tensor
from torch.nn import functional

from bench.timing import interleaved, machine
from model.base.errors import UserError
from model.data import load_dataset
from model.data.dataset import ByteArray
from model.golden import count_operations, input_levels, simulate, simulate_levels
from model.integer_network import Network, Synapses, load_network
from model.integer_network.structure import INPUT

IntegerArray = npt.NDArray[np.integer[Any]]


def convolutions_of(network: Network, images: ByteArray) -> list[Callable[[], Tensor]]:
    """One product for each layer and source, in single precision on levels that are there already, channels last."""
    levels: dict[str, IntegerArray] = {INPUT: input_levels(images, network.encoder), **simulate_levels(network, images).levels}
    return [_product(group, _map(levels[group.source], network, group)) for layer in network.layers for group in layer.synapses]


def _map(levels: IntegerArray, network: Network, group: Synapses) -> Tensor:
    values = torch.from_numpy(levels.astype(np.float32)).reshape(-1, *network.source_map(group.source))
    if group.pooling != (1, 1):
        values = functional.avg_pool2d(values, group.pooling, divisor_override=1)
    return values.contiguous(memory_format=torch.channels_last)


def _product(group: Synapses, values: Tensor) -> Callable[[], Tensor]:
    weights = torch.from_numpy(group.weights.astype(np.float32))
    if not group.is_convolution:
        flat = values.flatten(1)
        return lambda: flat @ weights.T
    kernels = weights.contiguous(memory_format=torch.channels_last)
    return lambda: functional.conv2d(values, kernels, None, group.stride, group.padding, 1, group.groups)


def measure(build: Path, images: int, runs: int) -> None:
    """Print both simulations with all counts, the convolutions alone, and their ratios."""
    network = load_network(build / "fold" / "network.safetensors")
    pixels = load_dataset(build / "data" / "dataset.npz").test.images[:images]
    products = convolutions_of(network, pixels)
    name = network.name
    print(f"{len(pixels):,} images through {name}, {len(network.layers)} layers ({network.method}), {runs} runs in turns")
    print(machine("numpy", "torch"))
    times = interleaved(
        {
            "spike by spike, with all counts": lambda: count_operations(network, simulate(network, pixels)),
            "on levels, with all counts": lambda: simulate_levels(network, pixels),
            f"its {len(products)} products alone, torch": lambda: [product() for product in products],
        },
        runs,
    )
    for title, taken in times.items():
        print(f"{title:34} best {taken.best:8.1f} ms, median {taken.median:8.1f} ms, {taken.best / len(pixels):7.3f} ms an image")
    spikes, levels, alone = times.values()
    ratios = spikes.best / alone.best, levels.best / alone.best
    print(f"ratio of the best to the products: {ratios[0]:.1f} spike by spike, {ratios[1]:.1f} on levels")
    print(f"peak memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def main(
    build: Annotated[Path, typer.Argument(help="Folder of a build whose convert step has run.")],
    images: Annotated[int, typer.Option(min=1, help="The first so many test images.")] = 200,
    runs: Annotated[int, typer.Option(min=1, help="Runs that count.")] = 5,
) -> None:
    """Measure the golden simulator on the test images of a build of maps."""
    try:
        measure(build, images, runs)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from error


if __name__ == "__main__":
    typer.run(main)
