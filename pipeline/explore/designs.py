"""Designs from rows: means over the seeds, the front among them, and how well the models foretold what was measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import fmean, median

from pipeline.explore.front import Costs, pareto_front
from pipeline.explore.table import SELECTED_ENERGY, Basis, Design, Front, ModelError, Row

_FIGURES = ("lut", "latency_cycles", "interval_cycles")


def rows_of_designs(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows that differ by their seed alone, by title."""
    together: dict[str, list[Row]] = {}
    for row in rows:
        together.setdefault(row.title, []).append(row)
    return together


def predicted_front(rows: Sequence[Row]) -> set[str]:
    """Titles of the designs on the front of the predicted figures."""
    groups = rows_of_designs(rows)
    return _front({title: _costs(own, "predicted") for title, own in groups.items()})


def designs_of(rows: Sequence[Row]) -> tuple[list[Design], Front]:
    """All designs, and by which figures their front is drawn: of those that were measured, or of all where none was."""
    groups, expected = rows_of_designs(rows), predicted_front(rows)
    measured = {title: own for title, own in groups.items() if is_measured(own)}
    basis: Basis = "measured" if measured else "predicted"
    front = _front({title: _costs(own, basis) for title, own in (measured or groups).items()})
    designs = [
        _design(title, own, "measured" if title in measured else "predicted", title in expected, title in front)
        for title, own in groups.items()
    ]
    smaller = ["latency_cycles", "lut", f"energy ({SELECTED_ENERGY})"]
    return designs, Front(basis=basis, larger=["accuracy_validation"], smaller=smaller)


def is_measured(rows: Sequence[Row]) -> bool:
    """Whether every row was, without a failure."""
    return all(row.measured is not None and row.measured.latency_cycles is not None and not row.failures for row in rows)


def model_errors(rows: Sequence[Row]) -> dict[str, ModelError]:
    """By figure, over the measured rows."""
    found: dict[str, ModelError] = {}
    for figure in _FIGURES:
        errors = [
            (abs(error), f"{row.title} seed {row.seed}")
            for row in rows
            if row.error is not None and (error := getattr(row.error, figure)) is not None
        ]
        if errors:
            worst, where = max(errors)
            middle, exact = median(error for error, _ in errors), sum(error == 0 for error, _ in errors)
            found[figure] = ModelError(
                rows=len(errors), exact=exact, median=middle, worst=worst, worst_row=where if worst else ""
            )
    return found


def latency_of(row: Row, basis: Basis) -> float:
    """Median latency in cycles."""
    measured = row.measured if basis == "measured" else None
    return float(row.predicted.latency_cycles if measured is None else measured.latency_cycles or 0)


def lut_of(row: Row, basis: Basis) -> float:
    """Tables of 7-series."""
    measured = row.measured if basis == "measured" else None
    return float(row.predicted.lut if measured is None else measured.area["lut"])


def _interval_of(row: Row, basis: Basis) -> float | None:
    return row.predicted.interval_cycles if basis == "predicted" or row.measured is None else row.measured.interval_cycles


def _front(costs: dict[str, Costs]) -> set[str]:
    return {title for title, kept in zip(costs, pareto_front(list(costs.values())), strict=True) if kept}


def _costs(rows: Sequence[Row], basis: Basis) -> Costs:
    return (
        -_mean(rows, lambda row: row.accuracy_validation),
        _mean(rows, lambda row: latency_of(row, basis)),
        _mean(rows, lambda row: lut_of(row, basis)),
        _mean(rows, lambda row: row.predicted.energy[SELECTED_ENERGY]),
    )


def _mean(rows: Sequence[Row], figure: Callable[[Row], float]) -> float:
    return fmean(figure(row) for row in rows)


def _design(title: str, rows: Sequence[Row], basis: Basis, expected: bool, front: bool) -> Design:
    intervals = [_interval_of(row, basis) for row in rows]
    known = [interval for interval in intervals if interval is not None]
    return Design(
        title=title,
        axes=rows[0].axes,
        seeds=[row.seed for row in rows],
        accuracy_validation=_mean(rows, lambda row: row.accuracy_validation),
        accuracy_test=_mean(rows, lambda row: row.accuracy_test),
        basis=basis,
        latency_cycles=_mean(rows, lambda row: latency_of(row, basis)),
        interval_cycles=fmean(known) if len(known) == len(intervals) else None,
        lut=_mean(rows, lambda row: lut_of(row, basis)),
        energy=_mean(rows, lambda row: row.predicted.energy[SELECTED_ENERGY]),
        on_predicted_front=expected,
        on_front=front,
    )
