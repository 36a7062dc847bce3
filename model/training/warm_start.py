"""A float network as the start of training: the same layers, nothing rounded, for the first epochs.

It learns faster than a quantised network, one of its steps is cheaper, and its accuracy is what quantisation is measured
against. Then weights and batch norms move into the quantised network, and each clip starts where the staircase errs least on
training images, layer by layer (of signed layers where its levels have the most entropy, as without a warm start).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from model.config.effective import activation_of
from model.config.layers import hidden_count
from model.config.schema import Configuration
from model.data import Dataset
from model.training.activations import ActivationShape
from model.training.checkpoint import TrainingState
from model.training.network import QuantisedNetwork

# Of the largest activation: from a tenth of it, in steps of one percent.
_SHARES = tuple(0.01 * percent for percent in range(10, 101))
_SAMPLES = 1 << 18
# Where there are no levels to err, few activations lie above the clip.
_QUANTILE = 0.999


def warms_up(config: Configuration) -> bool:
    """Whether training starts in float; a relu network is a float network already."""
    return config.training.warm_start_epochs > 0 and activation_of(config) != "relu"


def float_network(config: Configuration, dataset: Dataset) -> QuantisedNetwork:
    """Layers without levels, weights as they are: relu where the activation is qcfs or clip, else its clamp."""
    activation = activation_of(config)
    kind = activation if activation in ("signed", "leaky") else "relu"
    network = QuantisedNetwork(config, dataset.shape, dataset.classes, [ActivationShape(kind)] * hidden_count(config))
    network.quantise_weights(False)
    return network


def best_float_network(config: Configuration, dataset: Dataset, state: TrainingState) -> QuantisedNetwork:
    """The float network of the selected epoch, in evaluation mode."""
    network = float_network(config, dataset)
    network.load_state_dict(state.best_network)
    return network.eval()


@torch.no_grad()
def start_from(network: QuantisedNetwork, trained: QuantisedNetwork, images: Tensor) -> list[float]:
    """Take over weights and batch norms, then set the clips of the hidden layers.

    Args:
        network: in levels or with clamps, before its first step.
        trained: the float network.
        images: input levels of training images, (images, pixels).

    Returns:
        The clips, [] of signed layers, which have a start of their own.
    """
    taken = {name: value for name, value in trained.state_dict().items() if ".activation." not in name}
    network.load_state_dict(taken, strict=False)
    network.eval()
    clips: list[float] = []
    if any(layer.kind == "signed" for layer in network.layers()):
        return clips
    for layer, before in network.pre_activations(images.to(next(network.parameters()).dtype)):
        clips.append(clip_of_least_error(before, layer.levels))
        layer.activation.start_at(clips[-1])
    return clips


def clip_of_least_error(pre_activations: Tensor, levels: int) -> float:
    """λ whose staircase of L levels is nearest to the positive pre-activations in the mean square; a high quantile for L = 0."""
    values = pre_activations.detach().reshape(-1)
    values = values[:: max(1, len(values) // _SAMPLES)].double().clamp_min(0)
    largest = float(values.max())
    if largest <= 0:
        return 1.0
    if levels == 0:
        positive = values[values > 0].sort().values
        return float(positive[round(_QUANTILE * (len(positive) - 1))])

    def error(clip: float) -> float:
        unit = clip / levels
        return float(((torch.floor(values / unit + 0.5).clamp(0, levels) * unit - values) ** 2).mean())

    return min((share * largest for share in _SHARES), key=error)


def report(state: TrainingState, accuracy: dict[str, float], clips: list[float]) -> dict[str, Any]:
    """What ``train.json`` says about the warm start."""
    return {
        "accuracy": accuracy,
        "epochs": state.epoch,
        "best_epoch": state.best_epoch,
        "clips": clips,
        "history": state.history,
    }
