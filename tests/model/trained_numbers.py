"""Trained numbers of dense networks, written down without the names that a chain implies."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from model.conversion.trained import RealArray, TrainedLayer, TrainedNetwork, TrainedReadout, TrainedSynapses
from model.integer_network.structure import IntArray


def dense_layer(
    weights: IntArray, weight_bits: int, gain: RealArray, bias: RealArray, unit: float, levels: int, lowest: int = 0, **more: Any
) -> TrainedLayer:
    """A linear layer that ``chained`` names."""
    return TrainedLayer("?", (TrainedSynapses("?", weights, weight_bits),), gain, bias, unit, levels, lowest, **more)


def dense_readout(weights: IntArray, weight_bits: int, scale: float, bias: RealArray) -> TrainedReadout:
    """A readout whose source ``chained`` names."""
    return TrainedReadout(TrainedSynapses("?", weights, weight_bits), scale, bias)


def chained(input_levels: int, layers: Sequence[TrainedLayer], readout: TrainedReadout) -> TrainedNetwork:
    """Each layer reads the one before; they are called hidden1, hidden2 and so on."""
    names = ["input", *(f"hidden{place}" for place in range(1, len(layers) + 1))]
    hidden = tuple(
        replace(layer, name=name, synapses=(replace(layer.synapses[0], source=source),))
        for layer, source, name in zip(layers, names, names[1:], strict=False)
    )
    return TrainedNetwork(input_levels, hidden, replace(readout, synapses=replace(readout.synapses, source=names[-1])))
