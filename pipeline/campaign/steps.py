"""Results that several steps of a build make up, and what decides them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pipeline.command import ROOT
from pipeline.inputs import Inputs, inputs_of, visible_configuration
from pipeline.step import Settings, Step
from pipeline.steps import STEPS

Job = dict[str, Any]
"""Plain values only: a worker reads them before it can import anything of this repository."""

_STEPS = {step.name: step for step in STEPS}
DATA, TRAIN, CONVERT, FOLD, GOLDEN = (_STEPS[name] for name in ("data", "train", "convert", "fold", "golden"))
HLS, RTL, SIM = (_STEPS[name] for name in ("hls", "rtl", "sim"))


def together(
    name: str,
    steps: Sequence[Step],
    upstream: tuple[str, ...],
    keys: Sequence[str] = (),
    sources: Sequence[str] = (),
    tools: Sequence[str] = (),
) -> Step:
    """A step that several others make up, for the hash of everything that decides it; it is never run itself."""

    def collected(values: Callable[[Step], tuple[str, ...]], more: Sequence[str] = ()) -> tuple[str, ...]:
        return tuple(dict.fromkeys([value for step in steps for value in values(step)] + list(more)))

    def never(_settings: Settings, _folders: Any, _out: Path) -> None:
        raise AssertionError(f"{name} is no step of a build")

    return Step(
        name,
        "",
        never,
        upstream=upstream,
        keys=collected(lambda step: step.keys, keys),
        sources=collected(lambda step: step.sources, sources),
        tools=collected(lambda step: step.tools, tools),
        packages=collected(lambda step: step.packages),
    )


def inputs(step: Step, config: Any, **upstream: str) -> Inputs:
    """Everything that decides a result, with the digests of what it reads."""
    return inputs_of(step, Settings(config), upstream, ROOT)


def run_step(step: Step, config: Any, folders: dict[str, Path], out: Path) -> list[str]:
    """Run a step of a build as its engine would and return the comparisons that failed."""
    out.mkdir(parents=True, exist_ok=True)
    step.run(Settings(visible_configuration(config, step)), folders, out)
    return step.failures(out)
