from __future__ import annotations

from pathlib import Path

import pytest

from model.base.errors import UserError
from model.config.load import load_configuration
from pipeline.explore.grid import axes_of, grid_of
from pipeline.explore.load import load_explore
from tests.pipeline.explore.explorations import TINY, write_exploration


def error_of(folder: Path, text: str, *overrides: str) -> str:
    path = write_exploration(folder, text)
    with pytest.raises(UserError) as caught:
        grid_of(load_explore(path, overrides))
    return str(caught.value).replace(str(path), "FILE")


def test_a_plain_configuration_has_axes_as_well(tmp_path: Path) -> None:
    file = load_explore(write_exploration(tmp_path, TINY.partition("[explore]")[0]))
    assert axes_of(file) == {
        "hidden": [[4]],
        "input_bits": [1],
        "weight_bits": [2, 4],
        "sparsity": [0.0],
        "levels": [1, 3, 7],
        "code": ["unary", "bits"],
        "engine": ["event", "unrolled"],
        "port": ["auto"],
        "parallelism": ["auto", 8],
        "logic_levels": [3],
    }


def test_a_build_does_not_see_the_table(tmp_path: Path) -> None:
    path = write_exploration(tmp_path)
    assert load_configuration(path) == load_explore(path).base


def test_overrides_reach_configuration_and_axes(tmp_path: Path) -> None:
    overrides = ("training.epochs=1", "explore.code=[bits]", "explore.hidden=[[3], [5, 4]]", "explore.engine=[event]")
    file = load_explore(write_exploration(tmp_path), overrides)
    assert (file.base.training.epochs, file.explore.code, file.explore.hidden) == (1, ["bits"], [[3], [5, 4]])


LEVELS = "a list of whole numbers from 1 to 64, or lists of them, one a layer"
KEYS = (
    "hidden, input_bits, weight_bits, sparsity, levels, code, engine, port, parallelism, logic_levels, seeds, frames, measure_lut"
)


@pytest.mark.parametrize(
    "old, new, expected",
    [
        ("frames =", "frame =", f"FILE: explore.frame is not a key; legal in [explore] are {KEYS}; did you mean frames?"),
        (
            "[1, 3]",
            "[65]",
            f"FILE: explore.levels = 65: legal is {LEVELS}",
        ),
        (
            "[1, 3]",
            "[]",
            f"FILE: explore.levels = []: legal is {LEVELS}",
        ),
        ("frames = 12", "frames = 0", "FILE: explore.frames = 0: legal is a whole number from 1 to 1000000:"),
        ("[explore]", "explore = 3\n[training.x]", None),
    ],
)
def test_wrong_file_is_one_line(tmp_path: Path, old: str, new: str, expected: str | None) -> None:
    assert old in TINY
    error = error_of(tmp_path, TINY.replace(old, new))
    assert "\n" not in error
    if expected is not None:
        assert error.startswith(expected)


def test_an_engine_that_is_none_is_named_with_the_nearest(tmp_path: Path) -> None:
    error = error_of(tmp_path, TINY, "explore.engine=[evnet]")
    assert error.startswith('--set: explore.engine = "evnet": legal is a list of event, unrolled')
    assert error.endswith("did you mean event?")


@pytest.mark.parametrize(
    "override, expected",
    [
        ("explore.level=[1]", "--set: explore.level is no key to set; legal are explore.hidden, "),
        ("explore.levels", "--set explore.levels: expected key=value, e.g. --set explore.levels=[1,3]"),
    ],
)
def test_wrong_override_is_one_line(tmp_path: Path, override: str, expected: str) -> None:
    assert error_of(tmp_path, TINY, override).startswith(expected)


def test_hidden_sizes_need_a_network_of_hidden_sizes(tmp_path: Path) -> None:
    text = TINY.replace("hidden = [4]", "layers = [{ linear = 4 }]")
    error = error_of(tmp_path, text, "explore.hidden=[[4]]")
    assert "layers or a preset; leave it out" in error


def test_a_study_is_no_exploration(tmp_path: Path) -> None:
    assert error_of(tmp_path, TINY + "[study]\n") == "FILE: has a table [study]; run flow.py study FILE"
