"""Potential calibration of dual-phase conversion (Wang et al., 2022): V0 takes up what a neuron misses on average.

    V0[n] ← V0[n] + Θ[n]·T·(mean ANN output − mean output of the neuron over time steps)      outputs in units of the clip

per neuron, layer by layer from the front, where each layer hears the layers before it as they are after their own
calibration. A neuron that is right on average keeps its V0: a first layer of direct input, exact at half a threshold, stays
as it is.
"""

from __future__ import annotations

import torch
from torch import Tensor

from model.calibration.spiking import SpikingLayer


def calibrate_potentials(
    layers: list[SpikingLayer], inputs: Tensor, targets: list[Tensor], time_steps: int, whole: bool
) -> list[SpikingLayer]:
    """Calibrate every layer on the same images.

    Args:
        layers: as they are so far.
        inputs: (images, channels), direct.
        targets: outputs of the ANN, (images, channels) of each layer, in units of the clip: 0..1, leaky −1..1.
        time_steps: T.
        whole: round V0 to whole numbers, halves up, as an integer network needs it.
    """
    source, calibrated = inputs[None], []
    for layer, target in zip(layers, targets, strict=True):
        charge = layer.charge(source, time_steps)
        calibrated.append(layer.moved(moved_potential(layer, charge, target, whole)))
        source = calibrated[-1].fire(charge)
    return calibrated


def moved_potential(layer: SpikingLayer, charge: Tensor, target: Tensor, whole: bool) -> Tensor:
    """V0 (channels,) after one update, from charge (time steps, images, channels) and target (images, channels)."""
    missing = target.mean(dim=0) - layer.fire(charge).mean(dim=(0, 1))
    potential = layer.potential + layer.threshold * len(charge) * missing
    return torch.floor(potential + 0.5) if whole else potential
