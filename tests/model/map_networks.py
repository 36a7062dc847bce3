"""Random small convolutional networks with residuals, trained for a few steps on random images."""

from random import Random
from typing import Any

import numpy as np
import torch
from hypothesis import strategies as st

from model.base.errors import UserError
from model.config import Configuration
from model.config.layers import plan_layers
from model.data import Dataset, Part
from model.training.loop import deterministic
from model.training.network import QuantisedNetwork

CLASSES = 3
METHOD_OF_ACTIVATION = {"qcfs": "pascal", "clip": "parallel", "relu": "parallel", "signed": "pmsm", "leaky": "dual-phase"}

Layers = list[dict[str, Any]]


def configured(
    layers: Layers, bits: int = 3, batch_norm: bool = True, seed: int = 7, **sections: dict[str, Any]
) -> Configuration:
    """A configuration of a layer list; keyword arguments change keys of the sections."""
    table: dict[str, Any] = {
        "name": "maps",
        "input": {"bits": bits},
        "network": {"layers": layers, "levels": 3, "batch_norm": batch_norm},
        "training": {"epochs": 3, "batch_size": 16, "learning_rate": 0.02, "seed": seed},
    }
    for section, changes in sections.items():
        table[section] = table.get(section, {}) | changes
    return Configuration.model_validate(table)


@st.composite
def layer_lists(draw: st.DrawFn, shape: tuple[int, ...], pooling: tuple[str, ...] = ("max_pool", "average_pool")) -> Layers:
    """One to five convolutions, any kernel, stride, padding, groups, pooling and residual that fit; perhaps a linear layer."""
    random = Random(draw(st.integers(0, 2**32 - 1)))

    def sides(low: int, high: int) -> list[int]:
        return [random.randint(low, high), random.randint(low, high)]

    layers: Layers = []
    for place in range(random.randint(1, 5)):
        keeps_map = place > 0 and random.random() < 0.5
        # The map stays as it is, so that an identity can be added.
        same: dict[str, Any] = {"conv": layers[-1]["conv"], "kernel": 3} if keeps_map else {}
        any_other = {"conv": random.choice([2, 4, 6]), "kernel": sides(1, 3), "padding": sides(0, 1)}
        layer = same or any_other
        wishes = {} if keeps_map else {"stride": sides(1, 2), "groups": random.choice([1, 2, 4])}
        if place and random.random() < 0.7:
            wishes["add"] = f"hidden{random.randint(1, place)}"
        pooled = random.choice([*pooling, None, None, None])
        if pooled is not None:
            overlapping = {"size": sides(2, 3), "stride": sides(1, 2), "padding": sides(0, 1)}
            wishes[pooled] = overlapping if pooled == "max_pool" and random.random() < 0.5 else sides(1, 2)
        for key, value in wishes.items():
            layer |= {key: value} if fits([*layers, layer | {key: value}], shape) else {}
        if not fits([*layers, layer], shape):
            break
        layers.append(layer)
    layers = layers or [{"conv": 3, "kernel": 1}]
    return [*layers, {"linear": random.randint(2, 5)}] if random.random() < 0.5 else layers


def fits(layers: Layers, shape: tuple[int, ...]) -> bool:
    """Whether the layers can be built for images of a shape."""
    try:
        plan_layers(configured(layers), shape)
    except UserError:
        return False
    return True


SHAPES = st.sampled_from([(5, 6), (1, 7, 4), (3, 6, 6), (2, 8, 7)])


def random_images(shape: tuple[int, ...], images: int, seed: int) -> np.ndarray:
    """(images, …) of 0..255, the first dark, the second bright."""
    pixels = np.random.default_rng(seed).integers(0, 256, (images, *shape), dtype=np.uint8)
    pixels[:1], pixels[1:2] = 0, 255
    return pixels


def random_dataset(shape: tuple[int, ...], seed: int = 0, train: int = 64, rest: int = 20) -> Dataset:
    """Random images with random labels."""
    generator = np.random.default_rng(seed)

    def part(images: int) -> Part:
        return Part(
            random_images(shape, images, int(generator.integers(1 << 30))), generator.integers(0, CLASSES, images, dtype=np.uint8)
        )

    return Dataset(part(train), part(rest), part(rest), CLASSES)


def steps_of_training(network: QuantisedNetwork, shape: tuple[int, ...], bits: int, steps: int = 3, seed: int = 0) -> None:
    """A few steps on random images and labels, all levels in use; the network is left in evaluation mode."""
    generator = torch.Generator().manual_seed(seed)
    for layer in network.layers():
        layer.activation.start_at(1.5)
        if layer.norm is not None:
            layer.norm.momentum = 0.7
    optimiser = torch.optim.SGD(network.parameters(), lr=0.05)
    network.train()
    for _ in range(steps):
        levels = torch.randint(0, 1 << bits, (16, int(np.prod(shape))), generator=generator).float()
        labels = torch.randint(0, CLASSES, (16,), generator=generator)
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(levels), labels).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    network.eval()


def trained(config: Configuration, shape: tuple[int, ...], seed: int = 0, steps: int = 3) -> QuantisedNetwork:
    """A network of the first stage after a few steps."""
    with deterministic(seed):
        network = QuantisedNetwork(config, shape, CLASSES)
        steps_of_training(network, shape, config.input.bits, steps, seed)
    return network
