"""What a step says in a line about what it made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.base.errors import UserError
from model.base.files import write_json
from pipeline.outcomes import convert_failures, convert_summary, estimate_summary

EQUAL: dict[str, Any] = {"values": 1200, "mismatches": 0, "first": None}


def converted(folder: Path, codes: dict[str, Any], comparison: dict[str, Any] = EQUAL) -> Path:
    write_json(folder / "convert.json", {"accuracy": {"reference": 0.9731}, "comparison": comparison, "codes": codes})
    return folder


def test_conversion_names_the_codes_that_it_chose(tmp_path: Path) -> None:
    codes = {
        "hidden1": {"code": "bits", "automatic": True},
        "hidden2": {"code": "count", "automatic": False},
        "hidden3": {"code": "unary", "automatic": True},
    }
    expected = "97.31 %, integers equal to Brevitas in 1,200 values; cheapest codes: hidden1 bits, hidden3 unary"
    assert convert_summary(converted(tmp_path, codes)) == expected


def test_conversion_says_nothing_of_codes_that_were_given(tmp_path: Path) -> None:
    codes = {"hidden1": {"code": "bits", "automatic": False}}
    assert convert_summary(converted(tmp_path, codes)) == "97.31 %, integers equal to Brevitas in 1,200 values"


@pytest.mark.parametrize(
    "comparison,reason",
    [
        ({"values": 0, "mismatches": 0, "first": None}, "ann_vs_reference: nothing was compared"),
        ({"values": 1200, "mismatches": 3, "first": "image 7"}, "image 7 (3 of 1,200 values differ)"),
    ],
)
def test_a_comparison_that_proves_nothing_fails(tmp_path: Path, comparison: dict[str, Any], reason: str) -> None:
    assert convert_failures(converted(tmp_path, {}, comparison)) == [reason]


def test_an_absent_figure_is_an_error_and_not_a_zero(tmp_path: Path) -> None:
    write_json(tmp_path / "convert.json", {"codes": {}})
    with pytest.raises(UserError, match=r"convert\.json: no figure accuracy\.reference; delete its folder and build again"):
        convert_summary(tmp_path)


@pytest.mark.parametrize(
    "missing,clock", [("", "52.3 MHz (50.0 to 55.6)"), ("312 of 208 DP16KD", "not placed, needs 312 of 208 DP16KD of an 85k")]
)
def test_the_estimate_gives_the_clock_or_what_is_missing_for_one(tmp_path: Path, missing: str, clock: str) -> None:
    figures: dict[str, Any] = {
        "xc7": {"lut": 3210, "bram36": 7.5, "dsp": 0},
        "ecp5": {"lut4": 54321, "fmax_mhz": 52.34, "fmax_mhz_lowest": 50.0, "fmax_mhz_highest": 55.61},
        "placement": {"device": "85k", "missing": missing},
        "predicted": {"lut": {"predicted": 3000.4, "measured": 3210, "error": -0.0653}},
        "targets": {
            "up5k": {
                "figures": {"lut4": 2345, "fmax_mhz": 30.0, "fmax_mhz_lowest": 30.0, "fmax_mhz_highest": 30.0},
                "placement": {"missing": ""},
            },
            "lp384": {"figures": {"lut4": 2345}, "placement": {"missing": "2,345 of 384 LUT4"}},
        },
    }
    write_json(tmp_path / "estimate.json", figures)
    targets = "; up5k 2,345 LUT4, 30.0 MHz; lp384 2,345 LUT4, not placed, needs 2,345 of 384 LUT4"
    area = "7-series 3,210 LUT (3,000 predicted, -6.5 %), 7.5 BRAM36, 0 DSP; ECP5 54,321 LUT4"
    assert estimate_summary(tmp_path) == f"{area}, {clock}{targets}"
