"""One command of a person, from its options to its exit status."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from model.base.errors import UserError
from model.config.describe import nearest
from model.config.load import load_configuration
from model.config.target import parse_target
from pipeline.engine import Engine
from pipeline.step import Settings, Step, with_upstream
from pipeline.steps import STEPS
from pipeline.terminal import Terminal
from pipeline.workplace import Workplace

PASSED, FAILED, USER_ERROR, INTERRUPTED = 0, 1, 2, 130
ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Options:
    """What stands on the command line, the same for every command that builds something."""

    configuration: Path
    overrides: Sequence[str] = ()
    data_dir: Path | None = None
    device: str = "cpu"
    build_dir: Path = Path("build")
    first: str | None = None
    last: str | None = None
    target: str | None = None

    @property
    def settings(self) -> list[str]:
        """What overrides the configuration, ``--target`` last.

        Raises:
            UserError: a target that is none.
        """
        if self.target is None:
            return [*self.overrides]
        try:
            parse_target(self.target)
        except ValueError as error:
            raise UserError(f"--target {self.target}: {error}") from None
        return [*self.overrides, f"hardware.target={self.target}"]


def build_command(options: Options, target: str | None = None) -> int:
    """``flow.py build``, or one step and what it needs.

    Args:
        options: the command line.
        target: the step, or None for the whole build.

    Returns:
        The exit status: 0 for PASS, 1 for FAIL, 2 for something the user can mend, 130 for Ctrl-C.
    """
    return ending_well(lambda: _build(options, target))


def dump_command(options: Options, images: str | None, dump: Path | None) -> int:
    """``flow.py golden``: like ``build_command``; then everything about some test images goes to a file."""

    def action() -> int:
        if (images is None) != (dump is None):
            raise UserError("--images and --dump belong together, e.g. --images 0-9 --dump spikes.json")
        status = _build(options, "golden")
        if status == PASSED and images is not None and dump is not None:
            _dump(options, images, dump)
        return status

    return ending_well(action)


def doctor_command() -> int:
    """``flow.py doctor``: 0 where everything necessary is there, else 2."""
    from pipeline.doctor import examine

    return ending_well(lambda: PASSED if examine(ROOT / "constraints.txt") else USER_ERROR)


def ending_well(action: Callable[[], int]) -> int:
    """Run a command; what a person can mend is one line and a status."""
    try:
        return action()
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return USER_ERROR
    except KeyboardInterrupt:
        print("interrupted; the same command goes on where this one stopped", file=sys.stderr)
        return INTERRUPTED


def _build(options: Options, target: str | None) -> int:
    needed = _needed(options, target)
    config = load_configuration(options.configuration, options.settings)
    workplace = Workplace(options.build_dir / config.name)
    terminal = Terminal(target)
    print(f"isospike: {options.configuration} → {workplace.folder}", flush=True)
    settings = Settings(config, options.data_dir, options.device)
    failure = Engine(STEPS, settings, workplace, ROOT, terminal).build(needed, options.first)
    terminal.print_times()
    if failure is not None:
        print(f"FAIL {failure.folder}: {failure.reasons[0].splitlines()[0]}")
        return FAILED
    last = needed[-1]
    published = [workplace.folder / name for name in last.published]
    print(f"PASS {published[-1] if published else workplace.finished(last.name)}")
    return PASSED


def _dump(options: Options, images: str, dump: Path) -> None:
    from model.data import load_dataset
    from model.golden.dump import dump_images, parse_images
    from model.integer_network import load_network

    folder = options.build_dir / load_configuration(options.configuration, options.settings).name
    pixels = load_dataset(folder / "data" / "dataset.npz").test.images
    network = load_network(folder / "fold" / "network.safetensors")
    dump_images(network, pixels, parse_images(images, len(pixels)), dump)


def _needed(options: Options, target: str | None) -> list[Step]:
    names = [step.name for step in STEPS]
    for option, value in (("--from", options.first), ("--to", options.last)):
        if value is not None and value not in names:
            raise UserError(f"{option} {value}: no such step; legal are {', '.join(names)}{nearest(value, names)}")
    if target is not None:
        needed = with_upstream(STEPS, target)
    else:
        needed = list(STEPS[: names.index(options.last) + 1 if options.last else None])
    legal = [step.name for step in needed]
    if options.first is not None and options.first not in legal:
        goal = f"{target} does not need it" if target else f"it comes after --to {options.last}"
        raise UserError(f"--from {options.first}: {goal}; legal are {', '.join(legal)}")
    return needed
