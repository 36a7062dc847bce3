"""Rows of the table from what tasks returned."""

from __future__ import annotations

from typing import Any

from pipeline.explore.grid import PointPlan
from pipeline.explore.table import Errors, Measured, Predicted, Row

_OF_NETWORK = (
    *("layers", "input_code", "codes", "time_steps", "accuracy_validation", "accuracy_test", "accuracy_ann"),
    *("exact", "values", "mismatches"),
)


def new_row(point: PointPlan, network: dict[str, Any], prediction: dict[str, Any], training: str) -> Row:
    """A row before anything is measured.

    Args:
        point: of the grid.
        network: what the task of its network returned.
        prediction: what the task of its prediction returned.
        training: folder of its training.
    """
    return Row(
        title=point.title,
        axes=point.axes,
        seed=point.seed,
        **{name: network[name] for name in _OF_NETWORK},
        predicted=Predicted.model_validate(prediction["figures"]),
        measured=None,
        not_measured="",
        error=None,
        training=training,
        seconds=network["seconds"] + prediction["seconds"],
        failures=[],
    )


def measured_figures(row: Row, found: dict[str, Any]) -> Row:
    """The row with what the task of its measurement returned; without figures where the audit refused the core."""
    measured = _measured(found) if "area" in found else None
    return row.model_copy(
        update={
            "measured": measured,
            "not_measured": "" if measured is not None else "the core was refused before it was simulated",
            "error": None if measured is None else _errors(row.predicted, measured),
            "seconds": row.seconds + found["seconds"],
            "failures": found["failures"],
        }
    )


def _measured(found: dict[str, Any]) -> Measured:
    return Measured(
        frames=found["frames"],
        latency_cycles=_median(found["latency_cycles"]),
        interval_cycles=_median(found["interval_cycles"]),
        rtl_values=found["rtl_vs_golden"]["values"],
        rtl_mismatches=found["rtl_vs_golden"]["mismatches"],
        counters_values=found["counters_rtl_vs_golden"]["values"],
        counters_mismatches=found["counters_rtl_vs_golden"]["mismatches"],
        checks=found["checks"],
        checks_failed=found["checks_failed"],
        latency_exact_frames=_exact(found["predicted"]["latency_cycles"]),
        interval_exact_frames=_exact(found["predicted"]["interval_cycles"]),
        area=found["area"],
    )


def _median(spread: dict[str, float] | None) -> float | None:
    return None if spread is None else spread["median"]


def _exact(beside: dict[str, Any] | None) -> int | None:
    return None if beside is None else beside["exact_frames"]


def _errors(predicted: Predicted, measured: Measured) -> Errors:
    return Errors(
        lut=predicted.lut / measured.area["lut"] - 1,
        latency_cycles=_error(predicted.latency_cycles, measured.latency_cycles),
        interval_cycles=_error(predicted.interval_cycles, measured.interval_cycles),
    )


def _error(predicted: float | None, measured: float | None) -> float | None:
    return None if not measured or predicted is None else predicted / measured - 1
