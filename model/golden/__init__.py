"""The golden simulator: integer-exact spiking simulation of an integer network, whole batches at a time."""

from model.golden.counts import GroupCounts, LayerCounts, NetworkCounts, count_operations
from model.golden.encoding import input_levels, input_spikes
from model.golden.levels import LevelResult, simulate_levels
from model.golden.simulate import GoldenResult, LayerTrace, simulate
from model.golden.storage import load_golden, save_golden

__all__ = [
    "GoldenResult",
    "GroupCounts",
    "LayerCounts",
    "LayerTrace",
    "LevelResult",
    "NetworkCounts",
    "count_operations",
    "input_levels",
    "input_spikes",
    "load_golden",
    "save_golden",
    "simulate",
    "simulate_levels",
]
