"""A command that is killed in the middle goes on where it stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from model.base.files import read_json
from pipeline.command import ROOT
from pipeline.manifest import MANIFEST
from tests.pipeline.explore.explorations import write_exploration

PATIENCE_SECONDS = 300.0
MANY = ("--measure", "none", "--workers", "1", "--set", "training.epochs=10", "--set", "explore.weight_bits=[2, 3]")


def explore(path: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "flow.py"), "explore", str(path), "--out", str(out), *MANY]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(out: Path) -> set[str]:
    return {f"{path.parent.parent.name}/{path.parent.name}" for path in out.glob(f"*/*/{MANIFEST}")}


def test_killed_exploration_goes_on(tmp_path: Path) -> None:
    path, out = write_exploration(tmp_path), tmp_path / "out"
    process = explore(path, out)
    last = time.monotonic() + PATIENCE_SECONDS
    while not any(name.startswith("trainings/") for name in finished(out)):
        assert time.monotonic() < last, "waited in vain"
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    before = finished(out)
    times = {name: (out / name / MANIFEST).stat().st_mtime_ns for name in before}
    text, errors = explore(path, out).communicate(timeout=2 * PATIENCE_SECONDS)
    assert [line for line in errors.splitlines() if line.startswith("error")] == []
    assert text.splitlines()[-1] == f"PASS {out / 'explore.html'}"
    # What was finished is as it was, and every combination is a point or absent with its reason.
    assert {name: (out / name / MANIFEST).stat().st_mtime_ns for name in before} == times
    table = read_json(out / "explore.json")
    assert len(table["rows"]) + sum(len(note["designs"]) for note in table["absent"]) == 2 * 2 * 2 * 2 * 3
