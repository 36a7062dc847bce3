"""Engine counts of a network as its core would have them."""

from collections.abc import Sequence

from model.energy import EngineCounts
from model.golden import GoldenResult
from model.integer_network import Network
from rtl.core_plan import plan_core
from rtl.engine_energy import predict_engine


def counted_engine(network: Network, result: GoldenResult, lanes: str | int | Sequence[int]) -> dict[str, EngineCounts]:
    """Of all frames of a golden result, by layer."""
    return predict_engine(network, result, plan_core(network, lanes))
