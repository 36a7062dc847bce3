"""The fit of the area model, and the coefficients that are shipped."""

from __future__ import annotations

import numpy as np
import pytest

from bench.area_model.cases import case_names, case_of
from bench.area_model.fit import fit_family
from model.base.files import read_json
from rtl.cost.area import COEFFICIENTS, predict_part
from rtl.cost.memories import Memory, on_ecp5, on_ice40, on_xc7
from rtl.cost.parts import Part


def test_coefficients_that_made_the_figures_are_found_again() -> None:
    generator = np.random.default_rng(1)
    true = {"lane bits": 1.7, "sequencers": 33.0, "lanes": 0.0}
    parts, points = {}, {}
    for number in range(40):
        amounts = {"lane bits": float(generator.integers(50, 900)), "sequencers": 1.0, "lanes": float(generator.integers(1, 64))}
        parts[str(number)] = {"layer": Part(amounts)}
        tables = sum(true[name] * amount for name, amount in amounts.items())
        points[str(number)] = {"xc7": {"lut": tables, "ff": 2 * tables, "bram36": 0.0}}
    lut, ff = fit_family(points, parts, "xc7")
    assert lut.coefficients["lane bits"] == pytest.approx(1.7, rel=0.01)
    assert lut.coefficients["sequencers"] == pytest.approx(33, rel=0.05)
    assert ff.coefficients["lane bits"] == pytest.approx(3.4, rel=0.01)
    assert lut.as_dict()["left_out"]["points"] == 40
    assert np.abs(lut.left_out).max() < 0.02


def test_cores_are_drawn_from_their_names_alone() -> None:
    names = list(case_names(6))
    assert names == ["sized-0", "sized-1", "maps-0", "sized-2", "sized-3", "maps-1"]
    for name in names:
        assert case_of(name).plan().as_dict() == case_of(name).plan().as_dict()


def test_shipped_coefficients_say_what_they_were_fitted_to() -> None:
    shipped = read_json(COEFFICIENTS)
    for family in shipped["families"].values():
        assert family["flags"].startswith("synth_")
        for figure in family["errors"].values():
            assert figure["left_out"]["points"] == figure["fitted"]["points"]
    errors = shipped["families"]["xc7"]["errors"]["lut"]["left_out"]
    assert errors["points"] == sum("xc7" in core for core in shipped["cores"].values()) >= 30
    assert errors["median"] < 0.1
    assert errors["within_20_percent"] >= 0.9 * errors["points"]


@pytest.mark.parametrize(
    "memory, xc7, ecp5, ice40",
    [
        # 784 × 512 bits of weights: 1,024 × 18 each on 7-series and ECP5, 512 × 8 on iCE40.
        (Memory(784, 512, False), 14.5, 29, 128),
        (Memory(16, 8, False), 0, 0, 0),
        (Memory(16, 8, True), 0, 0, 1),
        (Memory(1024, 36, True), 1, 2, 9),
    ],
)
def test_blocks_of_memories(memory: Memory, xc7: float, ecp5: float, ice40: float) -> None:
    assert on_xc7(memory).blocks == xc7
    assert on_ecp5(memory).blocks == ecp5
    assert on_ice40(memory).blocks == ice40


def test_part_of_nothing_takes_nothing() -> None:
    assert predict_part(Part(), "xc7") == {"lut": 0, "ff": 0, "bram36": 0}
