"""Whether the table of steps tells the truth about what each step depends on."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from model.config.describe import key_schemas
from model.config.schema import Configuration
from pipeline.command import ROOT
from pipeline.inputs import configuration_values
from pipeline.step import Step, with_upstream
from pipeline.steps import STEPS

PACKAGES = ("model", "hls", "rtl", "sim", "pipeline")
# Nothing that a step computes depends on these: errors, files, progress, and keys, whose values are inputs themselves.
NEUTRAL = ("model/__init__.py", "model/base", "model/config", "pipeline/__init__.py", "hls/__init__.py", "rtl/__init__.py")
# Training takes the names of codes from there, which it does not read.
NAMES_ONLY = {"train": ("model/conversion/__init__.py", "model/integer_network")}
ENTRIES = {
    "data": "model.data.step",
    "train": "model.training.step",
    "convert": "model.conversion.step",
    "fold": "rtl.cost.step",
    "golden": "model.golden.step",
    "hls": "hls.step",
    "rtl": "rtl.step",
    # The simulator loads the bench by its name.
    "sim": "sim.step sim.cocotb_bench",
    "estimate": "rtl.estimate.step",
    "netlist": "sim.netlist.step sim.cocotb_bench",
    "report": "pipeline.report.step",
}


def module_file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def closure(modules: str) -> set[str]:
    """Every file of this repository that is loaded with modules, relative to the root."""
    found: set[str] = set()
    pending = modules.split()
    while pending:
        name = pending.pop()
        packages = [".".join(name.split(".")[:depth]) for depth in range(1, len(name.split(".")) + 1)]
        for file in filter(None, map(module_file, packages)):
            relative = file.relative_to(ROOT).as_posix()
            if relative not in found and relative.startswith(PACKAGES):
                found.add(relative)
                pending += list(imported(file))
    return found


def covered(file: str, sources: tuple[str, ...]) -> bool:
    return any(file == source or file.startswith(f"{source}/") for source in sources)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_sources_cover_every_file_that_a_step_loads(step: Step) -> None:
    sources = (*step.sources, *NEUTRAL, *NAMES_ONLY.get(step.name, ()))
    missing = sorted(file for file in closure(ENTRIES[step.name]) if not covered(file, sources))
    assert missing == []


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_sources_exist(step: Step) -> None:
    assert [source for source in step.sources if not (ROOT / source).exists()] == []


def test_every_key_is_read_by_a_step_before_the_report() -> None:
    config = Configuration(name="x")
    read = {key for step in STEPS[:-1] for key in configuration_values(config, step.keys)}
    assert set(key_schemas()) - read == {"name"}


@pytest.mark.parametrize(
    "key, first",
    [
        ("data.title", "data"),
        ("data.flip", "train"),
        ("network.preset", "train"),
        ("training.epochs", "train"),
        ("network.hidden", "train"),
        ("fine_tuning.epochs", "train"),
        ("conversion.method", "train"),
        ("conversion.time_steps", "convert"),
        ("input.code", "convert"),
        ("hls.parallelism", "hls"),
        ("hardware.parallelism", "fold"),
        ("hardware.target", "fold"),
        ("simulation.frames", "golden"),
        ("hls.frames", "golden"),
        ("simulation.seed", "sim"),
        ("estimate.seeds", "estimate"),
        ("estimate.ecp5_router", "estimate"),
        ("netlist.frames", "netlist"),
    ],
)
def test_key_is_first_read_by(key: str, first: str) -> None:
    config = Configuration(name="x")
    assert next(step.name for step in STEPS if key in configuration_values(config, step.keys)) == first


def trains_with(**sections: dict[str, Any]) -> dict[str, object]:
    train = next(step for step in STEPS if step.name == "train")
    config = Configuration.model_validate({"name": "x", **sections})
    return configuration_values(train.view(config), train.keys)


@pytest.mark.parametrize("method", ["parallel", "opi", "qcfs"])
def test_methods_of_the_same_activation_share_their_training(method: str) -> None:
    assert trains_with(conversion={"method": method}) == trains_with()


@pytest.mark.parametrize("method", ["dual-phase", "pmsm"])
def test_methods_of_another_activation_are_trained_anew(method: str) -> None:
    assert trains_with(conversion={"method": method}) != trains_with()


def test_levels_that_training_does_not_quantise_do_not_change_it() -> None:
    clipped: dict[str, Any] = {"activation": "clip"}
    opi = {"method": "opi"}
    assert trains_with(network={**clipped, "levels": 7}, conversion=opi) == trains_with(network=clipped, conversion=opi)
    # Dual-phase fine-tunes to the levels.
    phase = {"method": "dual-phase"}
    assert trains_with(network={**clipped, "levels": 7}, conversion=phase) != trains_with(network=clipped, conversion=phase)


def test_steps_come_after_those_they_read() -> None:
    names = [step.name for step in STEPS]
    assert names == ["data", "train", "convert", "fold", "golden", "hls", "rtl", "sim", "estimate", "netlist", "report"]
    assert all(names.index(upstream) < names.index(step.name) for step in STEPS for upstream in step.upstream)


def test_simulation_does_not_need_hls() -> None:
    assert [step.name for step in with_upstream(STEPS, "sim")] == ["data", "train", "convert", "fold", "golden", "rtl", "sim"]
