"""Engine counts: what the event engine does for a frame, predicted from the golden events."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from model.golden import GoldenResult
from model.golden.encoding import SpikeArray
from rtl.core_plan import CorePlan, LayerPlan

ENGINE_COUNT_FIELDS = ("row_reads", "potential_reads", "potential_writes", "executed_cycles", "skipped_cycles")


def predict_engine_counts(result: GoldenResult, plan: CorePlan) -> dict[str, npt.NDArray[np.int64]]:
    """Engine counts of every layer and frame, (frames, 5), fields of ``ENGINE_COUNT_FIELDS``.

    A pass takes one cycle a group and reads and writes every potential once; adding the charge register reads it as well; a
    pass that only sends touches none. A spike of magnitude m is m passes.
    """
    return {
        layer.name: _layer_counts(layer, _magnitudes(received), _events(received)) for layer, received, _ in _links(result, plan)
    }


def predict_cycles(result: GoldenResult, plan: CorePlan) -> dict[str, npt.NDArray[np.int64]]:
    """``cycle_bound`` of every layer and frame, (frames,)."""
    return {
        layer.name: cycle_bound(layer, _magnitudes(received), _events(sent)) for layer, received, sent in _links(result, plan)
    }


def _links(result: GoldenResult, plan: CorePlan) -> Iterator[tuple[LayerPlan, SpikeArray, SpikeArray]]:
    """Every layer with what it receives and what it sends."""
    received = result.input_spikes
    for layer in plan.layers:
        sent = result.layers[layer.name].spikes
        yield layer, received, sent
        received = sent


def _events(spikes: SpikeArray) -> npt.NDArray[np.int64]:
    """Values other than zero of a frame, (frames,)."""
    return np.asarray(np.count_nonzero(spikes, axis=(0, 2)), dtype=np.int64)


def _magnitudes(spikes: SpikeArray) -> npt.NDArray[np.int64]:
    """Σ|value| of a frame, (frames,)."""
    return np.asarray(np.abs(spikes).sum(axis=(0, 2), dtype=np.int64))


def program_passes(plan: LayerPlan) -> int:
    """Passes of a frame over the potentials that do not depend on its spikes."""
    doublings = (plan.source_steps - 1) if plan.doubling else 0
    if plan.engine == "readout":
        return doublings + 2
    if plan.engine == "direct":
        return doublings + 1 + plan.time_steps + plan.fire_passes
    if plan.causal:
        return plan.time_steps + plan.fire_passes
    return doublings + 1 + int(plan.saturates) + plan.fire_passes


def cycle_bound(plan: LayerPlan, arriving: npt.NDArray[np.int64], emitted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Most cycles that a frame may take in a layer whose links are willing.

    A marker costs a pass, a spike one for each unit of its magnitude, an event sent a cycle. A readout of several groups hands
    its scores over group by group, a cycle a score and three more a group.

    Args:
        plan: the layer.
        arriving: sum of the magnitudes of the spikes received, (frames,).
        emitted: events sent, (frames,).
    """
    received = arriving + plan.source_steps + (plan.time_steps if plan.engine == "direct" else 0)
    passes = received + plan.fire_passes + plan.emission_passes
    handed_over = plan.channels + 3 * plan.groups if plan.engine == "readout" and plan.groups > 1 else 0
    return passes * plan.groups + emitted + handed_over + 16


def _layer_counts(plan: LayerPlan, arriving: npt.NDArray[np.int64], events: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    passes = arriving + program_passes(plan)
    charges = plan.time_steps if plan.engine == "direct" else 0
    possible = plan.sources * plan.source_steps
    return np.stack(
        [
            arriving * plan.groups,
            (passes + charges) * plan.channels,
            passes * plan.channels,
            (passes + plan.emission_passes) * plan.groups,
            (possible - events) * plan.groups,
        ],
        axis=1,
    )
