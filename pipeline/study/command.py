"""``flow.py study``: from its options to its exit status."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from model.base.files import write_json, write_text
from pipeline.campaign.connection import check_workers, connection
from pipeline.command import FAILED, PASSED, ending_well
from pipeline.study.grid import Grid, grid_of
from pipeline.study.load import StudyFile, load_study
from pipeline.study.table import SCHEMA, Row, Table, csv_text, failures_of
from pipeline.study.text import summary_lines
from pipeline.terminal import print_aligned

_PACKAGES = ("numpy", "torch", "brevitas", "dask", "distributed")


@dataclass(frozen=True)
class StudyOptions:
    """What stands on the command line.

    Attributes:
        path: the study file.
        overrides: ``--set``.
        data_dir: where the files of the data set are.
        out: the study's folder; ``build/NAME`` where it is None.
        rtl: whether rows go through HLS and RTL as well.
        scheduler: address of an existing Dask scheduler.
        workers: processes of this machine; None for two, or for those of the scheduler.
    """

    path: Path
    overrides: Sequence[str] = ()
    data_dir: Path | None = None
    out: Path | None = None
    rtl: bool = False
    scheduler: str | None = None
    workers: int | None = None


def study_command(options: StudyOptions) -> int:
    """``flow.py study``: run a study and write its table, plots and page.

    Returns:
        The exit status: 0 for PASS, 1 where a comparison for equality failed, 2 for something the user can mend, 130 for Ctrl-C.
    """
    return ending_well(lambda: _study(options))


def _study(options: StudyOptions) -> int:
    check_workers(options.scheduler, options.workers)
    file = load_study(options.path, options.overrides)
    grid = grid_of(file, options.rtl)
    out = options.out if options.out is not None else Path("build") / file.base.name
    print(f"isospike: {options.path} → {out}", flush=True)
    print(f"{len(grid.rows)} rows", flush=True)
    # Dask and torch take seconds to import, which a study file with a mistake need not wait for.
    from pipeline.study.run import run_study

    connect = partial(connection, options.scheduler, options.workers)
    outcome = run_study(file, grid, out, options.data_dir, connect, options.scheduler is not None)
    table = _table(file, grid, outcome.rows)
    page = _publish(table, out)
    print(f"{outcome.made} results made, {outcome.found} found")
    print_aligned(summary_lines(table.rows))
    if table.failures:
        print(f"FAIL {page}: {table.failures[0].splitlines()[0]}")
        return FAILED
    print(f"PASS {page}")
    return PASSED


def _table(file: StudyFile, grid: Grid, rows: list[Row]) -> Table:
    failures = failures_of(rows)
    return Table.model_validate(
        {
            "schema": SCHEMA,
            "name": file.base.name,
            "verdict": "FAIL" if failures else "PASS",
            "failures": failures,
            "absent": [vars(note) | {"time_steps": list(note.time_steps)} for note in grid.notes],
            "versions": {"python": platform.python_version(), **{package: version(package) for package in _PACKAGES}},
            "configuration": file.base.model_dump(mode="json"),
            "study": file.study.model_dump(mode="json", exclude_none=True),
            "rows": rows,
        }
    )


def _publish(table: Table, out: Path) -> Path:
    """Table, plots and page, each whole or not at all."""
    from pipeline.campaign.drawings import write_pictures
    from pipeline.study.page import render
    from pipeline.study.plots import draw_plots

    plots = draw_plots(table)
    write_json(out / "study.json", table.model_dump(mode="json", by_alias=True))
    write_text(out / "study.csv", csv_text(table))
    write_pictures(plots.by_name, out / "plots")
    write_text(out / "study.html", render(table, plots))
    return out / "study.html"
