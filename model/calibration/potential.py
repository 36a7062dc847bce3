"""Potential calibration of dual-phase conversion (Wang et al., 2022): V0 takes up what a neuron misses on average.

    V0[n] ← V0[n] + Θ[n]·T·(mean ANN output − mean output of the neuron over time steps)      outputs in units of the clip

per neuron, layer by layer from the front, where each layer hears the layers before it as they are after their own
calibration. A neuron that is right on average keeps its V0: a first layer of direct input, exact at half a threshold, stays
as it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from model.calibration.spiking import SpikingLayer, spread
from model.integer_network.structure import INPUT

_VALUES_AT_ONCE = 1 << 25


def calibrate_potentials(
    layers: list[SpikingLayer], inputs: Tensor, targets: list[Tensor], time_steps: int, whole: bool
) -> list[SpikingLayer]:
    """Calibrate every layer on the same images.

    Args:
        layers: as they are so far.
        inputs: (images, pixels), direct.
        targets: mean outputs of the ANN, (neurons,) of each layer, in units of the clip: 0..1, leaky −1..1.
        time_steps: T.
        whole: round V0 to whole numbers, halves up, as an integer network needs it.
    """
    sent, calibrated = {INPUT: inputs[None]}, []
    for layer, target in zip(layers, targets, strict=True):
        sources = [sent[name] for name in layer.sources]
        rate = torch.cat([spikes.sum(dim=(0, 1))[None] for spikes in answers(layer, sources, time_steps)]).sum(dim=0)
        mean = rate / (len(inputs) * time_steps)
        calibrated.append(layer.moved(moved_potential(layer, mean, target, time_steps, whole)))
        sent[layer.name] = trains(calibrated[-1], sources, time_steps)
    return calibrated


def answers(layer: SpikingLayer, sources: Sequence[Tensor], time_steps: int) -> Iterator[Tensor]:
    """What a layer sends, (time steps, images, neurons), a portion of the images at a time.

    Args:
        layer: that sends.
        sources: what its groups hear, (time steps, images, source neurons) each, or (1, …) of direct input.
        time_steps: T.
    """
    images, widest = sources[0].shape[1], max([len(layer.potential), *(source.shape[-1] for source in sources)])
    at_once = max(1, _VALUES_AT_ONCE // (widest * time_steps))
    for first in range(0, images, at_once):
        chosen = [source[:, first : first + at_once] for source in sources]
        yield layer.fire(layer.charge(chosen[0], time_steps, chosen[1:]))


def trains(layer: SpikingLayer, sources: Sequence[Tensor], time_steps: int) -> Tensor:
    """All of what a layer sends, as small integers."""
    return torch.cat([spikes.to(torch.int8) for spikes in answers(layer, sources, time_steps)], dim=1)


def moved_potential(layer: SpikingLayer, rate: Tensor, target: Tensor, time_steps: int, whole: bool) -> Tensor:
    """V0 (neurons,) after one update.

    Args:
        layer: as it is so far.
        rate: mean over images and time steps of what each neuron sends, (neurons,).
        target: mean over images of the ANN's output, (neurons,).
        time_steps: T.
        whole: as for ``calibrate_potentials``.
    """
    start, threshold = (spread(values, len(target)) for values in (layer.potential, layer.threshold))
    potential = start + threshold * time_steps * (target - rate)
    return torch.floor(potential + 0.5) if whole else potential
