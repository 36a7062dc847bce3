"""Engine counts as energy is priced from them: apart from ``engine_counts``, so that new prices do not repeat a simulation."""

from __future__ import annotations

from model.energy import EngineCounts, WeightCounts
from model.golden import GoldenResult
from model.integer_network import Network
from rtl.core_plan import CorePlan
from rtl.engine_counts import ENGINE_COUNT_FIELDS, predict_engine_counts, predict_weight_counts


def predict_engine(network: Network, result: GoldenResult, plan: CorePlan) -> dict[str, EngineCounts]:
    """What energy is priced from, by layer: the predicted counts of all frames together.

    Args:
        network: the integer network.
        result: its golden result.
        plan: its core.
    """
    predicted, weights = predict_engine_counts(result, plan), predict_weight_counts(network, result, plan)
    return {
        layer.name: EngineCounts(
            lanes=layer.lanes,
            **dict(zip(ENGINE_COUNT_FIELDS, (int(total) for total in predicted[layer.name].sum(axis=0)), strict=True)),
            weights=tuple(WeightCounts(**group) for group in weights[layer.name]),
        )
        for layer in plan.layers
    }
