"""Where the second stage of training starts: the network of the first one, read with the levels it is to have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from model.config.schema import Configuration
from model.conversion.resolve import levels_by_layer
from model.data import Dataset
from model.training.adaptive_levels import choose_levels
from model.training.network import QuantisedNetwork


def is_dual_phase(config: Configuration) -> bool:
    """Whether the second stage is phase I of dual-phase; otherwise it is that of adaptive levels."""
    return config.conversion.method == "dual-phase"


def decided_before(config: Configuration, dataset: Dataset, first: QuantisedNetwork) -> dict[str, Any]:
    """What the second stage's checkpoint keeps: ``levels`` of the hidden layers, and how they came about.

    Args:
        config: with a second stage.
        dataset: adaptive levels are chosen on its validation part.
        first: the trained network of the first stage, on the CPU.
    """
    if is_dual_phase(config):
        return {"levels": list(levels_by_layer(config))}
    return choose_levels(config, dataset, first)


def second_stage_network(config: Configuration, first: QuantisedNetwork, levels: Sequence[int]) -> QuantisedNetwork:
    """The first stage's weights, batch norms and clips with other levels, ready to be fine-tuned.

    Dual-phase trains with the noisy quantised clamp and, as if batch norm were folded, with frozen statistics.

    Args:
        config: which second stage it is.
        first: the trained network of the first stage.
        levels: L of every hidden layer.
    """
    if not is_dual_phase(config):
        return first.with_levels(levels)
    network = first.with_levels(levels, config.fine_tuning.denoise)
    network.freeze_statistics()
    return network
