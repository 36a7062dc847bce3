"""All rows as one table, in Markdown and in JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.peers.case import Row
from bench.peers.results import MEASURED

NOTHING = "–"


def _cell(row: Row, *path: str) -> Any:
    value: Any = row
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _number(value: float | None) -> str:
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:,.1f}"


def _both(family: str, figure: str) -> Callable[[Row], str]:
    """A figure with and without wide lookup tables."""

    def shown(row: Row) -> str:
        wide, narrow = _cell(row, "area", family, figure), _cell(row, "area", family, f"{figure}_no_wide")
        return NOTHING if wide is None else f"{_number(wide)} / {_number(narrow)}"

    return shown


def _one(*path: str) -> Callable[[Row], str]:
    return lambda row: _number(_cell(row, *path))


def products(row: Row) -> dict[str, float]:
    """Lookup tables (wide ones allowed) times the median interval, by figure; empty where either is missing."""
    interval = _cell(row, "interval_cycles", "median")
    tables = {figure: _cell(row, "area", family, figure) for family, figure in (("xc7", "lut"), ("ecp5", "lut4"))}
    return {figure: count * interval for figure, count in tables.items() if count is not None and interval is not None}


def _equality(row: Row) -> str:
    verdict = row.get("equality")
    if not verdict:
        return NOTHING
    different = verdict["mismatches"]
    return f"{verdict['values']:,} equal" if different == 0 else f"{different:,} of {verdict['values']:,} differ"


def _percent(row: Row) -> str:
    accuracy = row.get("accuracy")
    return NOTHING if accuracy is None else f"{100 * accuracy:.2f} %"


def _seconds(row: Row) -> str:
    seconds = row.get("processor_seconds")
    return NOTHING if not seconds else "; ".join(f"{name} {spent:.3g}" for name, spent in seconds.items())


COLUMNS: tuple[tuple[str, Callable[[Row], str]], ...] = (
    ("network", lambda row: str(row["network"])),
    ("design", lambda row: str(row["design"])),
    ("values compared with the golden simulation", _equality),
    ("accuracy", _percent),
    ("LUT6, wide / no wide", _both("xc7", "lut")),
    ("FF", _one("area", "xc7", "ff")),
    ("RAMB36", _one("area", "xc7", "bram36")),
    ("LUT4, wide / no wide", _both("ecp5", "lut4")),
    ("FF", _one("area", "ecp5", "ff")),
    ("DP16KD", _one("area", "ecp5", "bram")),
    ("cycles between frames, median", _one("interval_cycles", "median")),
    ("LUT6 × interval", lambda row: _number(products(row).get("lut"))),
    ("LUT4 × interval", lambda row: _number(products(row).get("lut4"))),
    ("processor seconds", _seconds),
    ("frames a second of processor time", _one("frames_per_second")),
    ("run, ms", _one("run_ms", "best")),
    ("remark", lambda row: str(row.get("remark", ""))),
)


def as_markdown(ours: Sequence[Row], results: Sequence[Mapping[str, Any]]) -> str:
    """The table, below it a line for each peer that was not measured, and what it was measured with.

    Args:
        ours: rows of our cores.
        results: of the peers, as ``results.measured`` returns them.
    """
    rows = [*ours, *(row for result in results for row in result["rows"])]
    order = {row["network"]: index for index, row in reversed(list(enumerate(rows)))}
    rows.sort(key=lambda row: order[row["network"]])
    lines = [
        f"| {' | '.join(name for name, _ in COLUMNS)} |",
        f"|{'---|' * len(COLUMNS)}",
        *(f"| {' | '.join(shown(row) for _, shown in COLUMNS)} |" for row in rows),
    ]
    missing = [result for result in results if result["status"] != MEASURED]
    if missing:
        lines += ["", *(f"* {result['peer']}, {result['network']}: {result['status']}: {result['reason']}" for result in missing)]
    return "\n".join([*lines, "", *_provenance(rows, results)]) + "\n"


def _provenance(rows: Sequence[Row], results: Sequence[Mapping[str, Any]]) -> list[str]:
    versions: dict[str, set[str]] = {}
    flags: dict[str, set[str]] = {}
    for row in rows:
        for name, version in (row.get("versions") or {}).items():
            versions.setdefault(name, set()).add(version)
        for name, command in (_cell(row, "area", "flags") or {}).items():
            flags.setdefault(name, set()).add(command)
    machines = sorted({f"{result['machine']}, {result['date']}" for result in results})
    return [f"* {name}: {', '.join(sorted(values))}" for name, values in [*sorted(versions.items()), *sorted(flags.items())]] + [
        f"* machine: {machine}" for machine in machines
    ]


def as_json(ours: Sequence[Row], results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The same with everything that the rows know."""

    def whole(row: Row) -> Row:
        return row | {"lut_times_interval": products(row)}

    return {
        "ours": [whole(row) for row in ours],
        "peers": [{**result, "rows": [whole(row) for row in result["rows"]]} for result in results],
    }
