from __future__ import annotations

from pathlib import Path

import pytest

from model.base.errors import UserError
from pipeline.explore.grid import grid_of
from pipeline.explore.load import load_explore
from tests.pipeline.explore.explorations import TINY, write_exploration


def reasons(folder: Path, *overrides: str) -> dict[str, list[str]]:
    return grid_of(load_explore(write_exploration(folder), overrides)).absent.reasons


def test_points_are_every_combination_and_what_is_none_has_its_reason(tmp_path: Path) -> None:
    grid = grid_of(load_explore(write_exploration(tmp_path)))
    absent = sum(map(len, grid.absent.reasons.values()))
    assert (len(grid.points), absent) == (12, 12)
    assert len(grid.points) + absent == 2 * 2 * 2 * 3
    assert list(grid.absent.reasons) == [
        "every layer is unrolled, so that there are no lanes to choose: the same core as with parallelism=auto",
        "with one level every code sends the same single time step: the same core as with code=unary",
    ]
    assert str(grid.points[0]) == "levels=1 code=unary engine=event parallelism=auto seed 1"


def test_a_point_sets_its_keys(tmp_path: Path) -> None:
    point = grid_of(load_explore(write_exploration(tmp_path), ("explore.seeds=[7, 9]",))).points[-1]
    config = point.config
    assert (point.seed, config.training.seed, config.network.levels, config.network.weight_bits) == (9, 9, 3, 3)
    assert (config.hardware.engine, config.hardware.port, config.hardware.parallelism) == ("unrolled", "frame", "auto")
    assert (config.simulation.frames, config.hls.frames) == (12, 12)


def test_sparsity_and_levels_of_logic_are_walked_where_they_make_another_core(tmp_path: Path) -> None:
    overrides = ("explore.sparsity=[0, 0.5, [0.9, 0.2]]", "explore.logic_levels=[3, 12]", "explore.parallelism=[auto]")
    grid = grid_of(load_explore(write_exploration(tmp_path), overrides))
    found = {(point.config.hardware.engine, point.config.hardware.logic_levels) for point in grid.points}
    assert found == {("event", 3), ("unrolled", 3), ("unrolled", 12)}
    assert [point.config.training.sparsity for point in grid.points[:1]] == [0]
    assert {str(point.config.training.sparsity) for point in grid.points} == {"0.0", "0.5", "[0.9, 0.2]"}
    assert "no layer is unrolled, so that there are no sums to cut: the same core as with logic_levels=3" in grid.absent.reasons


@pytest.mark.parametrize(
    "engine, port", [("[[unrolled, event]]", "stream"), ("[[event, unrolled]]", "stream"), ("[[unrolled, unrolled]]", "frame")]
)
def test_automatic_port_takes_whole_frames_between_unrolled_ends(tmp_path: Path, engine: str, port: str) -> None:
    grid = grid_of(load_explore(write_exploration(tmp_path), (f"explore.engine={engine}",)))
    assert {point.config.hardware.port for point in grid.points} == {port}


def test_a_list_of_the_wrong_length_is_absent_with_the_reason(tmp_path: Path) -> None:
    found = reasons(tmp_path, "explore.hidden=[[4], [4, 3]]", "explore.parallelism=[[2, 2]]")
    (reason,) = [reason for reason in found if reason.startswith("hardware.parallelism")]
    assert "2 values, but network.hidden" in reason
    assert all("hidden=4,3" in title for title in found[reason])


def test_nothing_that_is_possible_is_an_error(tmp_path: Path) -> None:
    text = TINY.replace("[explore]", '[conversion]\nmethod = "opi"\n[explore]')
    with pytest.raises(UserError, match="no point is possible: "):
        grid_of(load_explore(write_exploration(tmp_path, text)))


def test_codes_of_a_causal_method_are_its_own(tmp_path: Path) -> None:
    text = TINY.replace("[explore]", '[conversion]\nmethod = "opi"\n[explore]').replace('code = ["unary", "bits"]\n', "")
    grid = grid_of(load_explore(write_exploration(tmp_path, text)))
    assert {point.config.conversion.code for point in grid.points} == {"auto"}
