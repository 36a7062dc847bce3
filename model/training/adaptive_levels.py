"""The rule that turns the AL metric into a level count for every layer."""

from __future__ import annotations

from typing import Any

from model.config.schema import Configuration
from model.data import Dataset
from model.training.network import QuantisedNetwork


def choose_levels(config: Configuration, dataset: Dataset, network: QuantisedNetwork) -> dict[str, Any]:
    """``levels`` of the hidden layers and the ``metrics`` behind them."""
    raise NotImplementedError
