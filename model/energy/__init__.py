"""Energy of counted operations: price tables, baselines of equal width and the break-even between them (docs/energy.md)."""

from model.energy.account import energy_account
from model.energy.baselines import BASELINES, Baseline, baseline_work
from model.energy.break_even import BreakEven, break_even
from model.energy.price import Price, price
from model.energy.spiking import EngineCounts, WeightCounts, spiking_work
from model.energy.tables import TABLES, Table
from model.energy.work import Access, LayerWork, Operation, OperationKind

__all__ = [
    "BASELINES",
    "TABLES",
    "Access",
    "Baseline",
    "BreakEven",
    "EngineCounts",
    "LayerWork",
    "Operation",
    "OperationKind",
    "Price",
    "Table",
    "WeightCounts",
    "baseline_work",
    "break_even",
    "energy_account",
    "price",
    "spiking_work",
]
