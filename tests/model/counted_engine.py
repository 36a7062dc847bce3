"""Engine counts of a network as its core would have them."""

from collections.abc import Sequence

from model.energy import EngineCounts, WeightCounts
from model.golden import GoldenResult
from model.integer_network import Network
from rtl.core_plan import plan_core
from rtl.engine_counts import ENGINE_COUNT_FIELDS, predict_engine_counts, predict_weight_counts


def counted_engine(network: Network, result: GoldenResult, lanes: str | int | Sequence[int]) -> dict[str, EngineCounts]:
    """Of all frames of a golden result, by layer."""
    plan = plan_core(network, lanes)
    totals, weights = predict_engine_counts(result, plan), predict_weight_counts(network, result, plan)
    return {
        layer.name: EngineCounts(
            lanes=layer.lanes,
            **dict(zip(ENGINE_COUNT_FIELDS, (int(total) for total in totals[layer.name].sum(axis=0)), strict=True)),
            weights=tuple(WeightCounts(**group) for group in weights[layer.name]),
        )
        for layer in plan.layers
    }
