"""The report step: every figure of a build in report.json, checked, and report.html for people."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from model.base.errors import UserError
from model.base.files import write_json, write_text
from model.config.schema import Configuration
from model.integer_network import Network
from pipeline.report import collect
from pipeline.report.growth import FrameCosts, frame_costs
from pipeline.report.schema import SCHEMA, Accuracy, Audit, Checks, Equivalences, Hardware, Netlist, Report
from pipeline.report.sources import BuildFiles
from pipeline.report.verdict import failures


def run_report(config: Configuration, build: Path, out: Path) -> None:
    """Write ``report.json`` and ``report.html``.

    Args:
        config: the configuration of the build.
        build: the build's folder, with the folders of all other steps.
        out: the step's folder.

    Raises:
        UserError: a figure is missing, or one is not what it must be; the text names file and key.
    """
    from pipeline.report.page import render
    from pipeline.report.plots import draw_plots

    started = time.perf_counter()
    files = BuildFiles(build)
    network, golden = collect.load_network_and_golden(build)
    costs = frame_costs(build, golden)
    report = build_report(config, files, network, costs)
    plots = draw_plots(report, files, golden, costs)
    seconds = report.seconds | {"report": time.perf_counter() - started}
    report = report.model_copy(update={"seconds": seconds})
    write_text(out / "report.html", render(report, plots))
    write_json(out / "report.json", report.model_dump(mode="json", by_alias=True))


def build_report(config: Configuration, files: BuildFiles, network: Network, costs: FrameCosts) -> Report:
    """Read every figure and judge.

    Raises:
        UserError: a figure is missing, or one is not what it must be.
    """
    causal = collect.is_causal(files)
    sections: dict[str, Any] = {
        "schema": SCHEMA,
        "name": config.name,
        "method": network.method,
        "code": collect.hidden_code(network),
        "network": collect.network_section(network),
        "accuracy": collect.accuracy_section(files, config),
        "equivalence": collect.equivalence_section(files, causal),
        "netlist": collect.netlist_section(files, config),
        "loss_by_layer": files.take("loss_by_layer", "golden/golden.json", "loss_by_layer") if causal else None,
        "checks": collect.checks_section(files),
        "hardware": collect.hardware_section(files, costs),
        "audit": {name: files.take(f"audit.{name}", "rtl/audit.json", name) for name in ("multipliers", "passed")},
        "energy": collect.energy_section(files, network),
        "seconds": collect.seconds_section(files),
    }
    sections["provenance"] = collect.provenance_section(files, config)
    return _validated(sections, files)


def _validated(sections: dict[str, Any], files: BuildFiles) -> Report:
    """Judge, then check everything against the schema."""
    try:
        reasons = failures(
            Accuracy.model_validate(sections["accuracy"]),
            Equivalences.model_validate(sections["equivalence"]),
            None if sections["netlist"] is None else Netlist.model_validate(sections["netlist"]),
            Checks.model_validate(sections["checks"]),
            Hardware.model_validate(sections["hardware"]),
            Audit.model_validate(sections["audit"]),
        )
        return Report.model_validate(sections | {"verdict": "FAIL" if reasons else "PASS", "failures": reasons})
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        figure = next((name for name in files.origins if name.endswith(key)), key)
        origin = files.origins.get(figure, "the report")
        raise UserError(f"{files.folder}: figure {figure} from {origin} is {first['input']!r}; {first['msg'].lower()}") from error
