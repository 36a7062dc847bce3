"""Measure cores, fit the area model to them and write its coefficients: ``python -m bench.area_model --help``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from bench.area_model.cases import case_names
from bench.area_model.fit import CoreParts, Fit, errors_by_name, fit_family, fitted_figures, parts_of_cases
from bench.area_model.measure import Points, measure, read_points
from model.base.files import read_json, write_json
from rtl.cost.area import COEFFICIENTS
from rtl.estimate.area import flags_of
from rtl.estimate.parts import FAMILIES

_SHOWN = 8


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.area_model", description=main.__doc__)
    parser.add_argument("--cores", type=int, default=150, help="cores to measure; those that were measured are kept")
    parser.add_argument("--families", nargs="+", default=[*FAMILIES], choices=[*FAMILIES])
    parser.add_argument("--points", type=Path, default=Path("build/area_model/points.json"), help="what was measured")
    parser.add_argument("--seconds", type=float, default=1e9, help="begin no measurement later than this; 0: fit what is there")
    arguments = parser.parse_args()
    measure(list(case_names(arguments.cores)), arguments.families, arguments.points, arguments.seconds)
    wanted = set(case_names(arguments.cores))
    points = {name: figures for name, figures in read_points(arguments.points).items() if name in wanted}
    write_json(COEFFICIENTS, _fitted(points, read_json(arguments.points)["yosys"]))
    return 0


def _fitted(points: Points, yosys: str) -> dict[str, Any]:
    """Contents of the file of coefficients; 7-series first, of which the other families are multiples in the beginning."""
    parts = parts_of_cases(list(points))
    families: dict[str, Any] = {}
    first: list[dict[str, float]] = []
    for name, family in FAMILIES.items():
        if any(name in of_core for of_core in points.values()):
            fits = fit_family(points, parts, name, first)
            first = first or [fit.coefficients for fit in fits]
            figures = dict(zip(fitted_figures(name), fits, strict=True))
            _show(points, parts, name, figures)
            families[name] = {
                "flags": flags_of(family.flow)[f"yosys {family.flow.family}"],
                "errors": {figure: fit.as_dict() for figure, fit in figures.items()},
                "figures": {figure: fit.coefficients for figure, fit in figures.items()},
            }
    return {"yosys": yosys, "cores": points, "families": families}


def _show(points: Points, parts: CoreParts, family: str, fits: dict[str, Fit]) -> None:
    for figure, fit in fits.items():
        worst = ", ".join(f"{name} {error:+.1%}" for name, error in errors_by_name(points, parts, family, fit)[:_SHOWN])
        print(f"{family} {figure}: {fit.as_dict()}\n    left out, the worst: {worst}")


if __name__ == "__main__":
    sys.exit(main())
