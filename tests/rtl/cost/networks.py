"""A network that is small enough to try every choice, and images for it."""

from __future__ import annotations

import numpy as np

from model.integer_network import Encoder, InputCode, Network, WireCode
from sim.random_networks import Pixels, draw_pixels, draw_weights
from sim.random_neurons import NeuronShape, Start

FRAMES = 9


def small_network() -> Network:
    """16 inputs of 2 bits, 12 neurons of 3 levels in bits, 8 of 5 levels in unary, 4 classes."""
    return draw_weights(
        np.random.default_rng(5),
        name="small",
        method="pascal",
        encoder=Encoder((16,), 2, InputCode.BITS),
        sizes=(12, 8),
        shapes=(NeuronShape(WireCode.BITS, 3), NeuronShape(WireCode.UNARY, 5)),
        classes=4,
    )


def causal_network() -> Network:
    """8 inputs, 6 neurons that fire in each of 4 time steps, 3 classes."""
    return draw_weights(
        np.random.default_rng(6),
        name="causal",
        method="opi",
        encoder=Encoder((8,), 2, InputCode.DIRECT),
        sizes=(6,),
        shapes=(NeuronShape(WireCode.TRAIN, 3, time_steps=4, start=Start.HALF),),
        classes=3,
    )


def pixels_of(network: Network, frames: int = FRAMES) -> Pixels:
    """Black, white, noise."""
    return draw_pixels(np.random.default_rng(3), frames, network.encoder.neurons)
