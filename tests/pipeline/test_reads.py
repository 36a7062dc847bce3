"""A step that reads some files of another one alone runs again only where these change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from model.base.files import write_json
from model.config.effective import as_folding_sees_it
from model.config.schema import Configuration
from pipeline.inputs import configuration_values
from pipeline.step import Settings
from pipeline.steps import STEPS
from tests.pipeline.fake_steps import FIRST, LAST, Builder


def write_two(settings: Settings, _folders: Mapping[str, Path], out: Path) -> None:
    """One file of the seed, one of the lanes."""
    write_json(out / "seed.json", settings.config.training.seed)
    write_json(out / "lanes.json", settings.config.hardware.parallelism)


def built(builder: Builder, **sections: object) -> list[str]:
    """Names of the steps that ran."""
    recorder, failure = builder.run(Configuration.model_validate({"name": "fake", **sections}))
    assert failure is None
    return recorder.names


def test_file_that_is_not_read_is_no_reason_to_run(tmp_path: Path) -> None:
    first = replace(FIRST, run=write_two, keys=("training.seed", "hardware.parallelism"))
    builder = Builder(tmp_path, (first, replace(LAST, reads={"first": ("seed.json",)})))
    assert built(builder) == ["first", "last"]
    assert built(builder, hardware={"parallelism": 3}) == ["first"]
    assert built(builder, hardware={"parallelism": 3}, training={"seed": 9}) == ["first", "last"]


def test_every_file_counts_where_nothing_is_said(tmp_path: Path) -> None:
    first = replace(FIRST, run=write_two, keys=("training.seed", "hardware.parallelism"))
    builder = Builder(tmp_path, (first, LAST))
    built(builder)
    assert built(builder, hardware={"parallelism": 3}) == ["first", "last"]


def fold_reads(**hardware: object) -> dict[str, object]:
    step = next(step for step in STEPS if step.name == "fold")
    config = Configuration.model_validate({"name": "x", "hardware": hardware})
    return configuration_values(step.view(config), step.keys)


def test_without_a_target_no_key_of_the_core_matters_to_the_choice() -> None:
    assert fold_reads(parallelism=3, engine="unrolled", potential_buffers=1) == fold_reads()
    assert fold_reads(target="balanced", parallelism=3) != fold_reads(target="balanced")
    assert fold_reads(engine="auto") != fold_reads()


def test_engines_are_the_targets_own_to_choose_unless_they_are_given() -> None:
    def engine(**hardware: object) -> tuple[object, str]:
        section = Configuration.model_validate({"name": "x", "hardware": hardware}).hardware
        return section.engine, section.effective_target

    assert engine() == ("event", "off")
    assert engine(target="cycles=9") == ("auto", "cycles=9")
    assert engine(target="cycles=9", engine="event") == ("event", "cycles=9")
    assert engine(engine=["event", "auto"]) == (["event", "auto"], "balanced")
    seen = as_folding_sees_it(Configuration.model_validate({"name": "x", "hardware": {"target": "luts=9"}}))
    assert seen.hardware.engine == "auto"


def test_those_who_read_the_network_alone_say_so() -> None:
    reads = {step.name: dict(step.reads) for step in STEPS if "fold" in step.upstream}
    alone = {"fold": ("network.safetensors",)}
    assert reads == {**dict.fromkeys(("golden", "hls", "sim", "estimate", "netlist"), alone), "rtl": {}, "report": {}}
