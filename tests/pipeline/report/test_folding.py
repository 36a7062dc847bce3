"""What the report says of a choice, and of the area model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.base.files import read_json, write_json
from pipeline.report.folding import folding_section, predicted_area_section
from pipeline.report.sources import BuildFiles
from pipeline.report.step import run_report
from tests.pipeline.report.example import change, write_build

LAYERS = [{"name": "hidden1", "engine": "unrolled", "lanes": 4, "code": "bits"}]


def folded(folder: Path, target: str) -> dict[str, Any]:
    write_build(folder)
    fold = {
        "target": target,
        "layers": LAYERS,
        "reason": "hidden1 unrolled bits: fewest LUT",
        "sample": 200,
        "tried": 12,
        "predicted": {"latency_cycles": {"median": 1230.0}, "area": {"lut": 3531.0}},
        "alternatives": [{"layers": LAYERS, "latency_cycles": 2000.0, "lut": 1500.25}],
    }
    write_json(folder / "fold/fold.json", fold)
    section = folding_section(BuildFiles(folder))
    assert section is not None
    return section


@pytest.mark.parametrize(
    "target, met, measured",
    [
        ("cycles=1235", True, "1,234.5 cycles in the simulation"),
        ("cycles=1234", False, "1,234.5 cycles in the simulation"),
        ("luts=3210", True, "3,210 LUT in the synthesis"),
        ("luts=3209", False, "3,210 LUT in the synthesis"),
        ("device=xc7a12t", True, "by the figures of the synthesis"),
        ("device=up5k", False, "needs 5,555 of 5,280 LUT4"),
        ("device=hx8k", True, "by the figures of the synthesis"),
        ("balanced", None, ""),
    ],
)
def test_target_is_met_by_what_was_measured(target: str, met: bool | None, measured: str, tmp_path: Path) -> None:
    section = folded(tmp_path, target)
    assert (section["target"], section["met"], section["measured"]) == (target, met, measured)


def test_family_that_was_not_synthesised_says_nothing_of_its_device(tmp_path: Path) -> None:
    folded(tmp_path, "device=up5k")
    change(tmp_path, "estimate/estimate.json", "targets", {})
    section = folding_section(BuildFiles(tmp_path))
    assert section is not None
    assert (section["met"], section["measured"]) == (None, "not synthesised for iCE40: name it in estimate.targets")


def test_page_and_figures_have_the_choice_and_the_error_of_the_model(tmp_path: Path) -> None:
    folded(tmp_path, "cycles=1234")
    config = write_build(tmp_path)
    folded(tmp_path, "cycles=1234")
    run_report(config, tmp_path, tmp_path / "report")
    hardware = read_json(tmp_path / "report/report.json")["hardware"]
    assert hardware["folding"]["predicted"] == {"latency_cycles": 1230.0, "lut": 3531.0}
    assert hardware["predicted_area"]["lut"] == {"predicted": 3531.0, "measured": 3210, "error_percent": 10.0}
    page = (tmp_path / "report/report.html").read_text(encoding="utf-8")
    assert "measured 3,210: +10.0 %; of 40 other cores half within 4.0 %, the worst 19 % off" in page
    assert '<span class="mono">cycles=1234</span>: not met, 1,234.5 cycles in the simulation' in page
    assert "2,000 cycles, 1,500 LUT: hidden1 unrolled bits" in page


def test_without_a_target_there_is_no_choice(tmp_path: Path) -> None:
    write_build(tmp_path)
    assert folding_section(BuildFiles(tmp_path)) is None
    assert predicted_area_section(BuildFiles(tmp_path))["bram36"]["error_percent"] is None
