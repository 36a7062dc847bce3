"""``flow.py explore``: from its options to its exit status."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from model.base.errors import UserError
from model.base.files import write_json, write_text
from model.base.tools import available
from pipeline.campaign.connection import check_workers, connection
from pipeline.command import FAILED, PASSED, ending_well
from pipeline.explore.designs import designs_of, model_errors
from pipeline.explore.grid import axes_of, grid_of, seeds_of
from pipeline.explore.load import ExploreFile, load_explore
from pipeline.explore.table import SCHEMA, Table, csv_text
from pipeline.explore.text import error_lines, summary_lines
from pipeline.terminal import print_aligned

if TYPE_CHECKING:
    from pipeline.explore.run import Measure, Outcome

_PACKAGES = ("numpy", "torch", "brevitas", "dask", "distributed")
_TOOLS = ("yosys", "verilator")


@dataclass(frozen=True)
class ExploreOptions:
    """What stands on the command line.

    Attributes:
        path: the file.
        overrides: ``--set``.
        data_dir: where the files of the data set are.
        out: folder of the exploration; ``build/NAME-explore`` where it is None.
        measure: which designs are built, simulated and synthesised.
        scheduler: address of an existing Dask scheduler.
        workers: processes of this machine; None for two, or for those of the scheduler.
    """

    path: Path
    overrides: Sequence[str] = ()
    data_dir: Path | None = None
    out: Path | None = None
    measure: Measure = "front"
    scheduler: str | None = None
    workers: int | None = None


def explore_command(options: ExploreOptions) -> int:
    """``flow.py explore``: walk the points, measure, write table, plots and page.

    Returns:
        The exit status: 0 for PASS, 1 where a comparison for equality failed, 2 for something the user can mend, 130 for Ctrl-C.
    """
    return ending_well(lambda: _explore(options))


def _explore(options: ExploreOptions) -> int:
    check_workers(options.scheduler, options.workers)
    file = load_explore(options.path, options.overrides)
    grid = grid_of(file)
    out = options.out if options.out is not None else Path("build") / f"{file.base.name}-explore"
    print(f"isospike: {options.path} → {out}", flush=True)
    print(f"{len(grid.points)} points, {sum(map(len, grid.absent.reasons.values()))} combinations absent", flush=True)
    # Dask and torch take seconds to import, which a file with a mistake need not wait for.
    from pipeline.explore.run import run_exploration

    always = options.scheduler is not None

    connect = partial(connection, options.scheduler, options.workers)
    outcome = run_exploration(file, grid, out, options.data_dir, connect, always, options.measure)
    return _conclude(_table(file, outcome, options.measure), outcome, out)


def _conclude(table: Table, outcome: Outcome, out: Path) -> int:
    page = _publish(table, out)
    print(f"{outcome.made} results made, {outcome.found} found")
    print_aligned(summary_lines(table.designs))
    for line in error_lines(table.model_error):
        print(line)
    if table.failures:
        print(f"FAIL {page}: {table.failures[0].splitlines()[0]}")
        return FAILED
    print(f"PASS {page}")
    return PASSED


def _table(file: ExploreFile, outcome: Outcome, measure: str) -> Table:
    rows = outcome.rows
    if not rows:
        said = outcome.failures[0].splitlines()[0] if outcome.failures else next(iter(outcome.absent.reasons))
        raise UserError(f"{file.path}: explore: no point is left: {said}")
    failures = [*outcome.failures, *(f"{row.title} seed {row.seed}: {reason}" for row in rows for reason in row.failures)]
    designs, front = designs_of(rows)
    any_measured = any(row.measured is not None for row in rows)
    return Table.model_validate(
        {
            "schema": SCHEMA,
            "name": file.base.name,
            "verdict": "FAIL" if failures else "PASS",
            "failures": failures,
            "measure": measure,
            "front": front,
            "model_error": model_errors(rows),
            "data": outcome.data,
            "absent": [{"reason": reason, "designs": titles} for reason, titles in outcome.absent.reasons.items()],
            "versions": _versions(_TOOLS if any_measured else ()),
            "flags": _flags() if any_measured else {},
            "configuration": file.base.model_dump(mode="json"),
            "explore": _explored(file),
            "designs": designs,
            "rows": rows,
        }
    )


def _versions(tools: Sequence[str]) -> dict[str, str]:
    found = {name: tool.version for name in tools if (tool := available(name)) is not None}
    return {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}, **found}


def _flags() -> dict[str, str]:
    from rtl.estimate.area import flags_of
    from rtl.estimate.parts import XC7_FAMILY

    return flags_of(XC7_FAMILY.flow) | {"core": "COUNTERS=0"}


def _explored(file: ExploreFile) -> dict[str, Any]:
    """What was walked, defaults included."""
    limits = {"frames": file.explore.frames, "measure_lut": file.explore.measure_lut}
    return axes_of(file) | {"seeds": seeds_of(file)} | limits


def _publish(table: Table, out: Path) -> Path:
    """Table, plots and page, each whole or not at all."""
    from pipeline.campaign.drawings import write_pictures
    from pipeline.explore.page import render
    from pipeline.explore.plots import draw_plots

    plots = draw_plots(table)
    write_json(out / "explore.json", table.model_dump(mode="json", by_alias=True))
    write_text(out / "explore.csv", csv_text(table))
    write_pictures(plots.by_name, out / "plots")
    write_text(out / "explore.html", render(table, plots))
    return out / "explore.html"
