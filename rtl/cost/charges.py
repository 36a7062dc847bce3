"""The sums of unrolled layers, each matrix built once."""

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


def charges_of(network: Network, plan: CorePlan) -> dict[str, tuple[ChargeNetwork, Stages]]:
    """By unrolled layer the sums of a time step, cut into stages."""
    return {
        layer.name: charge_of(layer, plan.links[built.links[0]])
        for layer, built in zip(network.layers, plan.layers, strict=True)
        if built.unrolled is not None
    }


def charge_of(layer: Layer, link: LinkPlan) -> tuple[ChargeNetwork, Stages]:
    """The sums of one layer that takes so much of a link in a time step."""
    matrix = np.ascontiguousarray(step_matrix(layer, link), dtype=np.int64)
    return _charge(matrix.tobytes(), matrix.shape[0])


@lru_cache(maxsize=64)
def _charge(matrix: bytes, rows: int) -> tuple[ChargeNetwork, Stages]:
    sums = build_charge_network(np.frombuffer(matrix, dtype=np.int64).reshape(rows, -1))
    return sums, pipeline(sums)
