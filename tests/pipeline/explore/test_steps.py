"""Whether the results of an exploration depend on every file that they are made with."""

from __future__ import annotations

import pytest

from pipeline.explore.steps import MEASUREMENT, NETWORK, PREDICTION
from pipeline.step import Step
from tests.pipeline.test_steps import NEUTRAL, closure, covered

# Steps are called through these, whose own sources are inputs of the step.
CALLS = (
    *("pipeline/__init__.py", "pipeline/campaign", "pipeline/command.py", "pipeline/doctor.py", "pipeline/engine.py"),
    *("pipeline/explore/__init__.py", "pipeline/inputs.py", "pipeline/manifest.py", "pipeline/outcomes.py", "pipeline/report"),
    *("pipeline/step.py", "pipeline/steps.py", "pipeline/terminal.py", "pipeline/workplace.py"),
)
FILES = {"network": "network", "prediction": "predict", "measurement": "measure"}
ENTRIES = {
    "network": "pipeline.explore.network model.conversion.step model.golden.step",
    "prediction": "pipeline.explore.predict",
    "measurement": "pipeline.explore.measure rtl.step sim.cocotb_bench",
}


def loaded(name: str) -> set[str]:
    """Without what only the steps' table or the command line loads, which is the whole repository."""
    own = f"pipeline/explore/{FILES[name]}.py"
    found = {own}
    for entry in ENTRIES[name].split():
        if entry.startswith("pipeline."):
            found |= {file for module in direct(own) for file in closure(module)}
        else:
            found |= closure(entry)
    return found


def direct(file: str) -> list[str]:
    from pipeline.command import ROOT
    from tests.pipeline.test_steps import imported

    return [name for name in imported(ROOT / file) if not name.startswith(("pipeline.campaign", "pipeline.outcomes"))]


@pytest.mark.parametrize("step", [NETWORK, PREDICTION, MEASUREMENT], ids=lambda step: step.name)
def test_sources_cover_every_file_that_a_result_is_made_with(step: Step) -> None:
    sources = (*step.sources, *NEUTRAL, *CALLS)
    assert sorted(file for file in loaded(step.name) if not covered(file, sources)) == []
