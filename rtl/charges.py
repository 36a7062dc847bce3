"""The sums of the unrolled layers of a core, each matrix built once in a process."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from model.integer_network import Layer, Network
from rtl.charge_network.build import build_charge_network
from rtl.charge_network.network import ChargeNetwork
from rtl.charge_network.stages import Stages, pipeline
from rtl.core_plan import CorePlan
from rtl.link_plan import LinkPlan
from rtl.unrolled_plan import step_matrix

Charges = dict[str, tuple[ChargeNetwork, Stages]]
"""By unrolled layer the sums of a time step, and where their registers are."""


def charges_of(network: Network, plan: CorePlan) -> Charges:
    """By unrolled layer the sums of a time step, cut into stages."""
    return {
        layer.name: _charge_of(layer, plan.links[built.links[0]], built.unrolled.width, plan.logic_levels)
        for layer, built in zip(network.layers, plan.layers, strict=True)
        if built.unrolled is not None
    }


def _charge_of(layer: Layer, link: LinkPlan, width: int, logic_levels: int) -> tuple[ChargeNetwork, Stages]:
    """The sums of one layer that takes so much of a link in a time step."""
    matrix = np.ascontiguousarray(step_matrix(layer, link), dtype=np.int64)
    return _charge(matrix.tobytes(), matrix.shape[0], width, logic_levels)


@lru_cache(maxsize=64)
def _charge(matrix: bytes, rows: int, width: int, logic_levels: int) -> tuple[ChargeNetwork, Stages]:
    sums = build_charge_network(np.frombuffer(matrix, dtype=np.int64).reshape(rows, -1), width)
    return sums, pipeline(sums, logic_levels)
