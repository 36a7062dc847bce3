"""The function that peers are handed: the integer network as matrices, compares and sums, without spikes or wire codes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from model.base.errors import UserError
from model.base.files import replacing
from model.compare import Comparer, Comparison
from model.data.dataset import ByteArray
from model.golden import input_levels, simulate
from model.golden.decode import decoded_levels
from model.integer_network import Network, NeuronMode
from model.integer_network.structure import INPUT, IntArray, Layer


@dataclass(frozen=True, eq=False)
class IntegerLayer:
    """One linear layer: the level of a neuron is the number of its bounds that its product reaches.

    The offset is inside the bounds: ⌊(Wx + B) / Θ⌋ ≥ i where Wx ≥ i·Θ − B, i = 1 … levels.

    Attributes:
        name: of the layer in the integer network.
        weights: int64 (neurons, inputs).
        bounds: int64 (neurons, levels), ascending; of the readout without columns.
        offset: int64 (neurons,), added to the product of the readout; of other layers 0.
    """

    name: str
    weights: IntArray
    bounds: IntArray
    offset: IntArray


@dataclass(frozen=True, eq=False)
class IntegerFunction:
    """Levels of ``bits`` bits in, scores out.

    Attributes:
        bits: width of an input.
        layers: in their order, each of the one before it; the last is the readout.
    """

    bits: int
    layers: tuple[IntegerLayer, ...]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, and neurons of every layer."""
        return (self.layers[0].weights.shape[1], *(layer.weights.shape[0] for layer in self.layers))


def integer_function(network: Network) -> IntegerFunction:
    """The function of a network of linear, deferred layers.

    Raises:
        UserError: a layer is of another kind.
    """
    before = [INPUT, *(layer.name for layer in network.layers)]
    return IntegerFunction(
        network.encoder.bits,
        tuple(_integer_layer(network, layer, source) for layer, source in zip(network.layers, before, strict=False)),
    )


def _integer_layer(network: Network, layer: Layer, source: str) -> IntegerLayer:
    neuron, synapses = layer.neuron, layer.synapses[0]
    linear = len(layer.synapses) == 1 and not synapses.is_convolution and synapses.source == source
    if not linear or synapses.pooling != (1, 1) or neuron.mode is NeuronMode.CAUSAL or neuron.lowest < 0:
        raise UserError(
            f"{network.name}: layer {layer.name} is {neuron.mode.value} with {len(layer.synapses)} group(s) of synapses from"
            f" {synapses.source}; peers are handed chains of linear layers with levels from 0 (method pascal or parallel)"
        )
    if neuron.mode is NeuronMode.READOUT:
        return IntegerLayer(layer.name, synapses.weights, np.empty((neuron.neurons, 0), dtype=np.int64), neuron.offset)
    multiples = np.arange(1, neuron.levels + 1)
    bounds = neuron.threshold[:, None] * multiples - neuron.offset[:, None]
    return IntegerLayer(layer.name, synapses.weights, bounds, np.zeros_like(neuron.offset))


def evaluate(function: IntegerFunction, levels: npt.NDArray[np.integer]) -> dict[str, IntArray]:
    """Levels of every hidden layer and scores of the readout, by name, each int64 (frames, neurons).

    Args:
        function: the function.
        levels: (frames, inputs).
    """
    values: IntArray = levels.astype(np.int64)
    results = {}
    for layer in function.layers:
        product = values @ layer.weights.T
        reached = (product[:, :, None] >= layer.bounds).sum(axis=2)
        values = reached if layer.bounds.size else product + layer.offset
        results[layer.name] = values
    return results


def golden_values(network: Network, pixels: ByteArray) -> dict[str, IntArray]:
    """The same of the golden simulation, spike by spike: the values that every peer is compared with."""
    result = simulate(network, pixels)
    levels = {layer.name: decoded_levels(layer, result.layers[layer.name].spikes).astype(np.int64) for layer in network.hidden}
    return levels | {network.readout.name: result.scores.astype(np.int64)}


def compare(stage: str, expected: dict[str, IntArray], got: dict[str, IntArray]) -> Comparison:
    """Every value of the layers that ``got`` has, those of ``expected`` being the right ones."""
    comparer = Comparer(stage)
    for layer, values in expected.items():
        if layer in got:
            comparer.add(layer, values, got[layer])
    return comparer.result()


def hand_over(network: Network, pixels: ByteArray, folder: Path) -> IntegerFunction:
    """Write ``function.npz`` and ``frames.npz``, after the function was found equal to the golden simulation on the frames.

    Raises:
        UserError: the network has layers that the function cannot express, or the function differs from the golden simulation.
    """
    function = integer_function(network)
    levels = input_levels(pixels, network.encoder)
    expected = golden_values(network, pixels)
    verdict = compare("function handed to peers", expected, evaluate(function, levels))
    if not verdict.equal:
        raise UserError(f"{network.name}: {verdict.first or 'no value was compared'}; run the tests of bench/peers")
    arrays: dict[str, npt.NDArray[np.int64]] = {"bits": np.array(function.bits)}
    for index, layer in enumerate(function.layers):
        arrays |= {f"weights{index}": layer.weights, f"bounds{index}": layer.bounds, f"offset{index}": layer.offset}
    with replacing(folder / "function.npz") as beside, beside.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, **arrays)
    golden = {f"golden_{name}": values for name, values in expected.items()}
    with replacing(folder / "frames.npz") as beside, beside.open("wb") as stream:
        np.savez_compressed(stream, allow_pickle=False, levels=levels.astype(np.int64), **golden)
    return function
