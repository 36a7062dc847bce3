"""Measure the cores, fit the lines, write growth.json and growth.png: ``python -m bench.growth``."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer

from bench.growth.cases import SERIES, SPIKE_RATE, Case, all_cases
from bench.growth.laws import LAWS, ROW_PASS, row_passes
from bench.growth.measure import measured, predicted
from bench.growth.plot import draw
from model.base.errors import UserError
from model.base.files import write_json
from model.base.progress import progress
from model.base.tools import find_tool
from pipeline.campaign.store import Store
from rtl.estimate.area import flags_of
from rtl.estimate.parts import XC7_FAMILY
from sim.runner import verilator


def main(
    out: Annotated[Path, typer.Option(help="Folder of the measured cores, growth.json and growth.png.")] = Path("build/growth"),
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 2, help="Of weights, thresholds and images.")] = 1,
) -> None:
    """Measure cycles and LUT of small cores; those that are there already are not measured again."""
    try:
        tools = {"yosys": find_tool("yosys").version, "verilator": verilator().version}
        found = _measure_all(Store(out.absolute()), seed)
        result = _result(found, seed) | {"tools": tools, "flags": flags_of(XC7_FAMILY.flow) | {"core": "COUNTERS=0"}}
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        raise typer.Exit(2) from error
    write_json(out / "growth.json", result)
    draw(result, out / "growth.png")
    for name, figures in result["lines"].items():
        for figure, line in figures.items():
            print(
                f"{figure:8} against {name:6}: {line['slope']:.3f} a {line['of']}, {line['start']:.1f} beside, largest residual"
                f" {line['largest_residual']:.1f} ({line['largest_residual_share']:.1%}), explained {line['explained']:.4f}"
            )
    print(f"{len(found)} cores, all equal to golden: {out / 'growth.json'}, {out / 'growth.png'}")


def _measure_all(store: Store, seed: int) -> dict[Case, dict[str, Any]]:
    cases = list(all_cases())
    found = {}
    with progress(len(cases), "simulation and synthesis", "cores") as shown:
        for case in cases:
            found[case] = measured(store, case, seed) | {"predicted": predicted(case, seed)}
            shown.advance()
    return found


def _result(found: dict[Case, dict[str, Any]], seed: int) -> dict[str, Any]:
    """Points and lines, for JSON."""
    series: dict[str, list[dict[str, Any]]] = {
        name: [{"value": value, "case": case.as_dict()} | _figures(found[case]) for value, case in cases.items()]
        for name, cases in SERIES.items()
    }
    frames = {
        "row_passes": [int(count) for count in row_passes(SPIKE_RATE, seed)],
        **{name: found[SPIKE_RATE][name] for name in ("events", "latency")},
    }
    lines: dict[str, Any] = {
        name: {
            figure: law.fit([point["value"] for point in points], [point[figure] for point in points]).as_dict()
            | {"of": law.unit}
            for figure, law in LAWS[name].items()
        }
        for name, points in series.items()
    }
    lines["spikes"] = {"latency": ROW_PASS.fit(frames["row_passes"], frames["latency"]).as_dict() | {"of": ROW_PASS.unit}}
    return {"seed": seed, "cores": len(found), "series": series, "frames": frames, "lines": lines}


def _figures(core: dict[str, Any]) -> dict[str, Any]:
    return {
        "events": median(core["events"]),
        "latency": median(core["latency"]),
        "interval": median(core["interval"]),
        "lut": core["area"]["lut"],
        "area": core["area"],
        "predicted": core["predicted"],
    }


if __name__ == "__main__":
    typer.run(main)
