"""Jobs of the simulation processes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sim.plan import Job, load_job, shares, standard_runs


@given(images=st.integers(1, 10_000), processes=st.integers(1, 64))
def test_shares_cover_all_images_once_and_none_is_empty(images: int, processes: int) -> None:
    parts = shares(images, processes)
    assert [first for first, _ in parts] == [sum(count for _, count in parts[:index]) for index in range(len(parts))]
    assert sum(count for _, count in parts) == images
    assert len(parts) == min(images, processes)
    counts = [count for _, count in parts]
    assert min(counts) >= 1
    assert max(counts) - min(counts) <= 1


def test_a_job_survives_its_file(tmp_path: Path) -> None:
    job = Job(
        network=Path("n"), golden=Path("g"), pixels=Path("p"), core=Path("c"),
        first=3, count=4, seed=5, idle_limit=6, runs=standard_runs(30), last_image=5,
    )  # fmt: skip
    job.save(tmp_path / "job.json")
    assert load_job(tmp_path / "job.json") == job
