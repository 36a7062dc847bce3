from __future__ import annotations

from pathlib import Path

import pytest

from model.base.errors import UserError
from pipeline.study.grid import Grid, grid_of
from pipeline.study.load import load_study
from tests.pipeline.study.studies import TINY, write_study


def grid(folder: Path, text: str = TINY, rtl: bool = False) -> Grid:
    return grid_of(load_study(write_study(folder, text)), rtl)


def points(found: Grid) -> list[tuple[str, int, str]]:
    return list(dict.fromkeys((row.variant, row.time_steps, row.code) for row in found.rows))


def test_exact_methods_have_their_codes_and_causal_ones_their_train(tmp_path: Path) -> None:
    found = grid(tmp_path)
    assert points(found) == [("pascal", 2, "unary"), ("pascal", 2, "bits"), ("opi", 1, "train"), ("opi", 2, "train")]
    assert [row.seed for row in found.rows] == [1, 2] * 4
    assert [str(note) for note in found.notes] == [
        "pascal at T = 1: it was trained with 2 levels and has no other number; levels_follow = true trains one network for"
        " each T",
        "opi: neurons fire in every time step: one row with code train, whatever study.codes holds",
    ]


def test_configuration_of_a_row(tmp_path: Path) -> None:
    found = grid(tmp_path)
    bits, train = found.rows[3].config, found.rows[-1].config
    assert (bits.conversion.method, bits.conversion.code, bits.conversion.time_steps) == ("pascal", "bits", "auto")
    assert (train.conversion.method, train.conversion.code, train.conversion.time_steps) == ("opi", "auto", 2)
    assert (bits.training.seed, train.training.seed) == (2, 2)


def test_levels_follow_the_time_steps(tmp_path: Path) -> None:
    text = TINY.replace('methods = ["pascal", "opi"]', 'methods = ["dual-phase"]')
    text += '\n[[study.variants]]\nname = "own"\nmethod = "pascal"\nlevels_follow = true\n'
    text += 'time_steps = [3, 7]\ncodes = ["count"]\n'
    found = grid(tmp_path, text)
    assert points(found) == [("dual-phase", 1, "train"), ("dual-phase", 2, "train"), ("own", 3, "count"), ("own", 7, "count")]
    assert [row.config.network.levels for row in found.rows[::2]] == [1, 2, 3, 7]


def test_multi_spikes_have_codes_at_one_time_step_only(tmp_path: Path) -> None:
    found = grid(tmp_path, TINY.replace('["pascal", "opi"]', '["pmsm"]'))
    assert points(found) == [("pmsm", 1, "unary"), ("pmsm", 1, "bits"), ("pmsm", 2, "train")]
    assert str(found.notes[0]).startswith("pmsm: neurons fire in every time step beyond one time step")


def test_what_the_configuration_refuses_is_a_note_and_a_variant_without_a_row_an_error(tmp_path: Path) -> None:
    text = TINY + '\n[[study.variants]]\nname = "odd"\nmethod = "pascal"\nset = { "conversion.initial_potential" = "zero" }\n'
    with pytest.raises(UserError) as caught:
        grid(tmp_path, text)
    assert "study: no row of odd is possible: " in str(caught.value)
    assert "initial_potential" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_frames_of_the_simulations(tmp_path: Path) -> None:
    text = TINY + '\n[study.rtl]\nframes = 7\nseeds = [1]\n[[study.rtl.whole]]\nvariant = "opi"\ntime_steps = 2\ncode = "train"\n'
    assert {row.rtl_frames for row in grid(tmp_path, text).rows} == {0}
    frames = {(row.variant, row.time_steps, row.code, row.seed): row.rtl_frames for row in grid(tmp_path, text, rtl=True).rows}
    assert frames["opi", 2, "train", 1] is None
    assert frames["opi", 1, "train", 1] == frames["pascal", 2, "bits", 1] == 7
    assert {count for key, count in frames.items() if key[-1] == 2} == {0}


def test_whole_row_that_the_study_does_not_have(tmp_path: Path) -> None:
    text = TINY + '\n[[study.rtl.whole]]\nvariant = "pascal"\ntime_steps = 1\ncode = "bits"\n'
    text_of_error = "study.rtl.whole: pascal has no row at T = 1 with code bits; it has T = 2 with code bits"
    with pytest.raises(UserError, match=text_of_error):
        grid(tmp_path, text)


def test_study_files_that_come_along_are_possible() -> None:
    for name in ("study-digits", "study-mnist"):
        file = load_study(Path(__file__).parents[3] / "configs" / f"{name}.toml")
        assert file.base.name == name
        assert len(grid_of(file, rtl=True).rows) > 0
