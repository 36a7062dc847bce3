"""What is measured: the network of a build with another number of levels or time steps, and one matrix product."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from model.base.errors import UserError
from model.data.dataset import ByteArray
from model.golden import input_levels
from model.integer_network import (
    InputCode,
    Layer,
    Network,
    Neuron,
    NeuronMode,
    WireCode,
    verify_network,
    wire_steps,
    with_proved_widths,
)
from model.integer_network.structure import IntArray

_NONE = np.empty(0, dtype=np.int64)


def with_levels(network: Network, levels: int, code: WireCode) -> Network:
    """The same weights and clips with ``levels`` levels, deferred.

    Args:
        network: of unsigned deferred layers.
        levels: levels of every hidden layer, 1..64.
        code: how they travel.
    """
    hidden = []
    for layer, threshold, bias in _cut(network, levels):
        steps = wire_steps(code, 0, levels)
        neuron = Neuron(NeuronMode.DEFERRED, code, levels, steps, threshold, bias + threshold // 2, _NONE, 1)
        hidden.append(replace(layer, neuron=neuron))
    return _checked(network, levels, hidden, InputCode.BITS)


def with_time_steps(network: Network, time_steps: int) -> Network:
    """The same with plain integrate-and-fire neurons that run ``time_steps`` steps on a constant input.

    A step of the first layer receives the whole charge, so its threshold and initial potential are T times those of a level:
    its sums of spikes are the levels of ``with_levels(network, time_steps, …)``. Later layers add the same up over the steps.
    """
    hidden = []
    for index, (layer, threshold, bias) in enumerate(_cut(network, time_steps)):
        scale = 1 if index else time_steps
        step_bias = bias // time_steps if index else bias
        initial = scale * (threshold // 2)
        neuron = Neuron(
            NeuronMode.CAUSAL, WireCode.TRAIN, time_steps, time_steps, scale * threshold, initial, step_bias, potential_bits=1
        )
        hidden.append(replace(layer, neuron=neuron))
    return _checked(network, time_steps, hidden, InputCode.DIRECT)


def one_product(network: Network, pixels: ByteArray) -> Callable[[], npt.NDArray[np.float32]]:
    """Input levels times the weights of the first layer, single precision, NumPy, operands converted before."""
    operands = input_levels(pixels, network.encoder).astype(np.float32)
    weights = np.ascontiguousarray(network.layers[0].synapses[0].weights.T, dtype=np.float32)
    return lambda: np.asarray(operands @ weights)


def _cut(network: Network, levels: int) -> list[tuple[Layer, IntArray, IntArray]]:
    """Every hidden layer with threshold and bias for ``levels`` levels of it and of its hidden source."""
    cut = []
    source_levels = 0
    for layer in network.hidden:
        neuron = layer.neuron
        if neuron.mode is not NeuronMode.DEFERRED or neuron.lowest:
            raise UserError(
                f"{network.name}: layer {layer.name} is {neuron.mode}, levels {neuron.lowest}..{neuron.levels};"
                " only unsigned deferred layers can be measured; take a build of pascal or parallel"
            )
        bias = neuron.offset - neuron.threshold // 2
        threshold = np.maximum(1, np.rint(neuron.levels * neuron.threshold / (source_levels or levels))).astype(np.int64)
        cut.append((layer, threshold, _scaled(bias, source_levels, levels)))
        source_levels = neuron.levels
    return cut


def _scaled(bias: IntArray, source_levels: int, levels: int) -> IntArray:
    """A bias in units of the charge, whose source has ``levels`` levels now; a multiple of them, for a bias of every step."""
    return levels * np.rint(bias / source_levels).astype(np.int64) if source_levels else bias


def _checked(network: Network, levels: int, hidden: list[Layer], code: InputCode) -> Network:
    readout = network.readout
    offset = _scaled(readout.neuron.offset, network.hidden[-1].neuron.levels, levels)
    layers = (*hidden, replace(readout, neuron=replace(readout.neuron, offset=offset)))
    return verify_network(with_proved_widths(replace(network, encoder=replace(network.encoder, code=code), layers=layers)))
