"""Optimised Potential Initialisation (Bu et al., AAAI 2022): causal neurons, V0 = ⌊Θ/2⌋, not exact beyond the first layer.

A neuron adds the charge and bias of a time step, compares, soft-resets and emits, at every step. Θ is in the units of the clip
λ, so that the number of time steps changes no constant.
"""

from __future__ import annotations

import numpy as np

from model.conversion.fold import FoldedLayer, Rounding, fold, nearest_integers, rounding
from model.conversion.pascal import pascal_layers, readout_layer
from model.conversion.resolve import Codes
from model.conversion.trained import TrainedNetwork
from model.integer_network import Layer, Neuron, NeuronMode, Synapses, WireCode
from model.integer_network.structure import INPUT, IntArray


def opi_layers(trained: TrainedNetwork, codes: Codes) -> tuple[tuple[Layer, ...], dict[str, Rounding]]:
    """Layers of the integer network, widths not yet proved, and what rounding changed in each hidden one."""
    if codes.time_steps is None or not trained.hidden:
        # A readout alone has no neuron that fires, so it is the same in every method.
        return pascal_layers(trained, codes)
    layers: list[Layer] = []
    certificate = {}
    # Charge of a step: of direct input all of it, of a spike the clip of its neuron.
    source, unit, levels, levels_a_step = INPUT, 1.0 / trained.input_levels, trained.input_levels, 1
    for index, layer in enumerate(trained.hidden):
        name = f"hidden{index + 1}"
        folded = fold(layer, unit, levels)
        neuron = _neuron(folded, levels_a_step, codes.time_steps)
        layers.append(Layer(name, (Synapses(source, folded.weights, layer.weight_bits),), neuron))
        certificate[name] = rounding(
            folded, _boundaries(layer.levels, levels_a_step, neuron.threshold, neuron.step_bias), neuron.threshold
        )
        source, unit, levels, levels_a_step = name, layer.unit, layer.levels, layer.levels
    layers.append(readout_layer(trained, source, trained.hidden[-1].clip, steps=codes.time_steps))
    return tuple(layers), certificate


def _neuron(folded: FoldedLayer, source_levels: int, time_steps: int) -> Neuron:
    """Θ = λ / (|gain|·λ_in) and a bias for every step; λ_in is 1 for the direct input, whose charge comes at every step.

    With S levels of the source and L of its own that is the folded threshold times L/S and the folded bias over S.
    """
    levels, middle = folded.levels, folded.middle
    threshold, bias = nearest_integers(
        folded,
        folded.threshold * levels / source_levels,
        lambda near: (middle * near - near // 2) / levels - folded.boundary(middle) / source_levels,
        lambda near, bias: _boundaries(levels, source_levels, near, bias),
    )
    # A constant channel reaches level k of L by a bias of k and a threshold of L.
    threshold = np.where(folded.constant, levels, threshold)
    return Neuron(
        mode=NeuronMode.CAUSAL,
        code=WireCode.TRAIN,
        levels=levels,
        time_steps=time_steps,
        threshold=threshold,
        offset=threshold // 2,
        step_bias=np.where(folded.constant, folded.constant_level, bias),
        potential_bits=1,
    )


def _boundaries(levels: int, source_levels: int, threshold: IntArray, bias: IntArray) -> IntArray:
    """Level m of the method's own ANN from L·(A + S·bias) + S·V0 ≥ m·S·Θ on, (channels, L)."""
    above = source_levels * (np.arange(1, levels + 1) * threshold[:, None] - (threshold // 2)[:, None])
    return np.asarray(-(-above // levels) - source_levels * bias[:, None])
