"""Three tiny steps for the engine: ``first`` and ``side`` read nothing, ``last`` reads ``first``.

As a program, ``python -m tests.pipeline.fake_steps FOLDER``, it builds them with a middle step that never ends, to be killed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from model.base.files import write_json
from model.config.schema import Configuration
from pipeline.engine import Engine, Failure
from pipeline.step import Settings, Step, with_upstream
from pipeline.workplace import Workplace

Run = Callable[[Settings, Mapping[str, Path], Path], None]


def write_seed(settings: Settings, _folders: Mapping[str, Path], out: Path) -> None:
    """The result is the training seed."""
    write_json(out / "seed.json", settings.config.training.seed)


def write_lanes(settings: Settings, _folders: Mapping[str, Path], out: Path) -> None:
    """The result is the parallelism."""
    write_json(out / "deep" / "lanes.json", settings.config.hardware.parallelism)


def write_sum(_settings: Settings, folders: Mapping[str, Path], out: Path) -> None:
    """The result is a copy of the upstream result."""
    (out / "copy.json").write_text((folders["first"] / "seed.json").read_text())


FIRST = Step("first", "the first", write_seed, keys=("training.seed",), sources=("code",))
SIDE = Step("side", "beside it", write_lanes, keys=("hardware",))
LAST = Step("last", "the last", write_sum, upstream=("first",), keys=("simulation",), published=("copy.json",))
STEPS = (FIRST, SIDE, LAST)


@dataclass
class Recorder:
    """Remembers what the engine told."""

    ran: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def started(self, step: Step, reason: str) -> None:
        """A step began."""
        self.ran.append((step.name, reason))

    def finished(self, step: Step, seconds: float, folder: Path) -> None:
        """Nothing more to remember."""

    def unchanged(self, step: Step, seconds: float, folder: Path) -> None:
        """A step was skipped."""
        self.skipped.append(step.name)

    def failed(self, step: Step, seconds: float, reasons: Sequence[str]) -> None:
        """Nothing more to remember."""

    @property
    def names(self) -> list[str]:
        """The steps that ran."""
        return [name for name, _ in self.ran]


@dataclass
class Builder:
    """A folder, a source tree of one file, and the steps."""

    folder: Path
    steps: tuple[Step, ...] = STEPS

    @property
    def build(self) -> Path:
        """The build's folder."""
        return self.folder / "build" / "fake"

    def write_source(self, text: str) -> None:
        """Change the source code that ``first`` depends on."""
        path = self.folder / f"tree{len(text)}" / "code" / "step.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        self._root = path.parents[1]

    def with_step(self, name: str, **changes: object) -> Builder:
        """The same builder with one step changed."""
        steps = tuple(replace(step, **changes) if step.name == name else step for step in self.steps)  # type: ignore[arg-type]
        changed = Builder(self.folder, steps)
        changed._root = self._root
        return changed

    def run(
        self, config: Configuration | None = None, first: str | None = None, target: str | None = None
    ) -> tuple[Recorder, Failure | None]:
        """Build everything, or one step and what it needs."""
        recorder = Recorder()
        settings = Settings(config or Configuration(name="fake"))
        engine = Engine(self.steps, settings, Workplace(self.build), self._root, recorder)
        needed = list(self.steps) if target is None else with_upstream(self.steps, target)
        return recorder, engine.build(needed, first)

    def __post_init__(self) -> None:
        self.write_source("one")


def never_end(_settings: Settings, _folders: Mapping[str, Path], out: Path) -> None:
    """Write half of a result, say so, and wait to be killed."""
    (out / "half.txt").write_text("half")
    print("in the middle", flush=True)
    time.sleep(600)


if __name__ == "__main__":
    Builder(Path(sys.argv[1])).with_step("side", run=never_end).run()
