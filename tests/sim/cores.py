"""Small cores, generated and compiled once for all tests, and changed copies of them."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from model.golden import save_golden, simulate
from model.integer_network import (
    Encoder,
    InputCode,
    Layer,
    Network,
    WireCode,
    save_network,
    verify_network,
)
from rtl.generate import generate_core
from sim.core import read_core
from sim.plan import Run
from sim.random_cases import case_of_name
from sim.random_networks import Pixels, draw_pixels, draw_weights
from sim.random_neurons import NeuronShape, Start
from sim.runner import compile_bench
from sim.simulation import Inputs, Outcome, simulate_core

FRAMES = 10
SEED = 7
STREAMING_ONLY = (Run("streaming"),)


@dataclass(frozen=True)
class SmallCore:
    """A network with its golden result, its core and the compiled bench around it."""

    folder: Path
    network: Network
    lanes: tuple[int, ...]
    pixels: Pixels
    engines: tuple[str, ...]

    @property
    def compiled(self) -> Path:
        return self.folder / "compiled"

    @property
    def inputs(self) -> Inputs:
        return Inputs(self.folder / "network.safetensors", self.folder / "golden.npz", self.folder / "rtl", self.pixels)

    def with_core_of(self, network: Network, folder: Path) -> Inputs:
        """The same golden result, but the memories of the core of another network of the same sizes."""
        generate_core(network, list(self.lanes), folder / "rtl", engine=self.engines)
        return replace(self.inputs, core=folder / "rtl")

    def of_network(self, network: Network, folder: Path) -> Inputs:
        """Another network of the same sizes and widths, with its golden result and the memories of its core."""
        inputs = replace(self.with_core_of(network, folder), network=folder / "network.safetensors", golden=folder / "golden.npz")
        save_network(network, inputs.network)
        save_golden(simulate(network, self.pixels), inputs.golden)
        return inputs

    def with_copied_core(self, folder: Path) -> Inputs:
        """The same golden result and a copy of the core, to be changed."""
        shutil.copytree(self.folder / "rtl", folder / "rtl")
        return replace(self.inputs, core=folder / "rtl")

    def run(self, inputs: Inputs, work: Path, runs: Sequence[Run] = STREAMING_ONLY, processes: int = 1) -> Outcome:
        """Simulate on the compiled bench."""
        return simulate_core(inputs, tuple(runs), seed=SEED, work=work, processes=processes, compiled=self.compiled)


def small_core(folder: Path, network: Network, lanes: tuple[int, ...], engines: tuple[str, ...]) -> SmallCore:
    """A core in a folder, where it may not be yet."""
    pixels = draw_pixels(np.random.default_rng(SEED), FRAMES, network.encoder.neurons)
    return SmallCore(folder, network, lanes, pixels, engines)


def write_core(core: SmallCore) -> None:
    """Write network, golden result and core, and compile the bench."""
    core.folder.mkdir(parents=True)
    save_network(core.network, core.inputs.network)
    save_golden(simulate(core.network, core.pixels), core.inputs.golden)
    generate_core(core.network, list(core.lanes), core.inputs.core, engine=core.engines)
    compile_bench(read_core(core.inputs.core, core.network), core.compiled, quick=True)


def deferred_network() -> Network:
    """11 inputs of 3 bits, 7 neurons in bits that need saturation, 5 in unary, 4 in packets, 3 classes."""
    return draw_weights(
        np.random.default_rng(376),
        name="deferred",
        method="pascal",
        encoder=Encoder((11,), 3, InputCode.BITS),
        sizes=(7, 5, 4),
        shapes=(NeuronShape(WireCode.BITS, 5), NeuronShape(WireCode.UNARY, 3), NeuronShape(WireCode.COUNT, 6)),
        classes=3,
    )


def signed_network() -> Network:
    """5 inputs of 2 bits in unary; 6 neurons of levels −3..2 in unary, 4 of −2..5 in bits, 3 of −5..3 in packets; 2 classes."""
    return draw_weights(
        np.random.default_rng(272),
        name="signed",
        method="pmsm",
        encoder=Encoder((5,), 2, InputCode.UNARY),
        sizes=(6, 4, 3),
        shapes=(NeuronShape(WireCode.UNARY, 2, -3), NeuronShape(WireCode.BITS, 5, -2), NeuronShape(WireCode.COUNT, 3, -5)),
        classes=2,
    )


def causal_network() -> Network:
    """13 inputs of 4 bits, direct; 5 and 3 neurons over 4 time steps; 2 classes."""
    network = draw_weights(
        np.random.default_rng(26),
        name="causal",
        method="opi",
        encoder=Encoder((13,), 4, InputCode.DIRECT),
        sizes=(5, 3),
        shapes=(NeuronShape(WireCode.TRAIN, 4, time_steps=4), NeuronShape(WireCode.TRAIN, 4, time_steps=4)),
        classes=2,
    )
    # Wide enough for other initial potentials, which are then a matter of a memory file.
    layers = [
        replace(layer, neuron=replace(layer.neuron, potential_bits=layer.neuron.potential_bits + 1)) for layer in network.layers
    ]
    return verify_network(replace(network, layers=tuple(layers)))


def multi_spike_network() -> Network:
    """6 inputs of 3 bits, direct; over 3 time steps 4 neurons send −2..3, 4 with a negative threshold −1..1, 3 send 0..2."""
    return draw_weights(
        np.random.default_rng(216),
        name="multi-spike",
        method="pmsm",
        encoder=Encoder((6,), 3, InputCode.DIRECT),
        sizes=(4, 4, 3),
        shapes=(
            NeuronShape(WireCode.TRAIN, 3, -2, time_steps=3, spikes=(-2, 3)),
            NeuronShape(WireCode.TRAIN, 2, -2, time_steps=3, spikes=(-1, 1), leaky=True, start=Start.ZERO),
            NeuronShape(WireCode.TRAIN, 2, time_steps=3, spikes=(0, 2), start=Start.ANY),
        ),
        classes=2,
    )


def mixed_network() -> Network:
    """9 inputs of 3 bits; 7 neurons of −4..5 in packets, 5 of −2..2 in unary, 6 of −3..5 in bits; 3 classes.

    Whole time steps leave the first layer, of three words each, and the third, of one.
    """
    return draw_weights(
        np.random.default_rng(41),
        name="mixed",
        method="pmsm",
        encoder=Encoder((9,), 3, InputCode.BITS),
        sizes=(7, 5, 6),
        shapes=(NeuronShape(WireCode.COUNT, 5, -4), NeuronShape(WireCode.UNARY, 2, -2), NeuronShape(WireCode.BITS, 5, -3)),
        classes=3,
    )


def map_network() -> Network:
    """A residual layer of 5 channels and the readout, a lane each.

    Its potentials take longer to clear after a reset than a frame takes to come, and back to back frames fill its lists.
    """
    return case_of_name("maps-104").network


NETWORKS = {
    "deferred": (deferred_network, (3, 5, 3, 2), ("event",) * 4),
    "signed": (signed_network, (4, 4, 2, 2), ("event",) * 4),
    "causal": (causal_network, (2, 3, 2), ("event",) * 3),
    "multi-spike": (multi_spike_network, (4, 3, 2, 2), ("event",) * 4),
    "mixed": (mixed_network, (3, 5, 6, 3), ("event", "unrolled", "event", "unrolled")),
    "map": (map_network, (1, 1), ("event",) * 2),
}


def change_layer(network: Network, index: int, **changes: np.ndarray) -> Network:
    """The same network with other numbers in one layer: ``weights``, or an array of the neuron by its name."""
    layer = network.layers[index]
    weights = changes.pop("weights", None)
    synapses = layer.synapses if weights is None else (replace(layer.synapses[0], weights=weights),)
    changed = Layer(layer.name, synapses, replace(layer.neuron, **changes))  # type: ignore[arg-type]
    return replace(network, layers=(*network.layers[:index], changed, *network.layers[index + 1 :]))
