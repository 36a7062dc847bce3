"""The points of an exploration: every combination of values that is possible; the others with the reason."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from model.base.errors import UserError
from model.config.schema import Configuration
from model.conversion.resolve import causal_time_steps
from pipeline.explore.load import ExploreFile

KEYS = {
    "hidden": "network.hidden",
    "input_bits": "input.bits",
    "weight_bits": "network.weight_bits",
    "sparsity": "training.sparsity",
    "levels": "network.levels",
    "code": "conversion.code",
    "engine": "hardware.engine",
    "port": "hardware.port",
    "parallelism": "hardware.parallelism",
    "logic_levels": "hardware.logic_levels",
}
"""Axes in the order in which they are walked, and the key of the configuration that each sets."""

_SEED = "training.seed"
_DEFERRED = ("unary", "bits", "count")
Axes = dict[str, Any]


@dataclass(frozen=True)
class PointPlan:
    """One point before it is computed.

    Attributes:
        title: values of the axes that vary, which tells designs apart.
        axes: value of every axis but the seed.
        seed: of training.
        config: its configuration.
    """

    title: str
    axes: Axes
    seed: int
    config: Configuration

    def __str__(self) -> str:
        return f"{self.title} seed {self.seed}"


@dataclass
class Absent:
    """Designs that are absent, by reason."""

    reasons: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, title: str) -> None:
        """Note one, once."""
        titles = self.reasons.setdefault(reason, [])
        if title not in titles:
            titles.append(title)


@dataclass(frozen=True)
class Grid:
    """The points in the order of the axes, and what is absent so far."""

    points: list[PointPlan]
    absent: Absent


def axes_of(file: ExploreFile) -> dict[str, list[Any]]:
    """Values of every axis, those that the file leaves out at their defaults."""
    base, explore = file.base, file.explore
    causal = causal_time_steps(base) is not None
    values: dict[str, list[Any]] = {
        "hidden": explore.hidden or [base.network.hidden],
        "input_bits": explore.input_bits or [base.input.bits],
        "weight_bits": explore.weight_bits,
        "sparsity": explore.sparsity or [base.training.sparsity],
        "levels": explore.levels,
        "code": explore.code or (["auto"] if causal else ["unary", "bits"]),
        "engine": explore.engine,
        "port": explore.port,
        "parallelism": explore.parallelism,
        "logic_levels": explore.logic_levels or [base.hardware.logic_levels],
    }
    return {axis: _once(values[axis]) for axis in KEYS}


def seeds_of(file: ExploreFile) -> list[int]:
    """Seeds of training."""
    return _once(file.explore.seeds or [file.base.training.seed])


def grid_of(file: ExploreFile) -> Grid:
    """All points.

    Raises:
        UserError: none is possible.
    """
    axes, absent = axes_of(file), Absent()
    points = [point for design in _designs(axes) for point in _points(file, axes, design, absent)]
    if not points:
        raise UserError(f"{file.path}: explore: no point is possible: {next(iter(absent.reasons))}")
    return Grid(points, absent)


def _designs(axes: dict[str, list[Any]]) -> Iterator[Axes]:
    for values in itertools.product(*axes.values()):
        yield dict(zip(axes, values, strict=True))


def _points(file: ExploreFile, axes: dict[str, list[Any]], design: Axes, absent: Absent) -> Iterator[PointPlan]:
    """The design with every seed; none where it is not possible."""
    title = _title(axes, design)
    reason = _redundant(axes, design)
    if reason:
        absent.add(reason, title)
        return
    # Spikes are kept of as many images as are simulated.
    frames = {"simulation.frames": file.explore.frames, "hls.frames": file.explore.frames}
    given = {KEYS[axis]: value for axis, value in design.items() if value is not None} | {KEYS["port"]: _port(design)}
    # A target would choose what is walked here.
    given |= {"hardware.target": "off"}
    try:
        for seed in seeds_of(file):
            yield PointPlan(title, design, seed, file.configuration(given | frames | {_SEED: seed}))
    except UserError as error:
        absent.add(str(error).removeprefix(f"{file.path}: "), title)


def _redundant(axes: dict[str, list[Any]], design: Axes) -> str:
    """Why a design is the same as an earlier one, as far as its axes tell; empty where it is one of its own."""
    lanes, code, logic = axes["parallelism"][0], axes["code"][0], axes["logic_levels"][0]
    if _all(design["engine"], "unrolled") and design["parallelism"] != lanes:
        return f"every layer is unrolled, so that there are no lanes to choose: the same core as with parallelism={shown(lanes)}"
    if _all(design["engine"], "event") and design["logic_levels"] != logic:
        return f"no layer is unrolled, so that there are no sums to cut: the same core as with logic_levels={logic}"
    if _all(design["levels"], 1) and _all(code, *_DEFERRED) and _all(design["code"], *_DEFERRED) and design["code"] != code:
        return f"with one level every code sends the same single time step: the same core as with code={shown(code)}"
    return ""


def _all(value: Any, *legal: Any) -> bool:
    """Whether a value, or every one of a list, is one of these."""
    return all(each in legal for each in (value if isinstance(value, list) else [value]))


def _port(design: Axes) -> str:
    """The port of a core; a frame a beat needs an unrolled layer at either end."""
    if design["port"] != "auto":
        return str(design["port"])
    engine = design["engine"]
    ends = [engine[0], engine[-1]] if isinstance(engine, list) else [engine]
    return "frame" if _all(ends, "unrolled") else "stream"


def _title(axes: dict[str, list[Any]], design: Axes) -> str:
    varied = {axis: value for axis, value in design.items() if len(axes[axis]) > 1}
    return " ".join(f"{axis}={shown(value)}" for axis, value in (varied or {"engine": design["engine"]}).items())


def shown(value: Any) -> str:
    """A value of an axis without spaces: ``16,8`` for a list."""
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _once(values: list[Any]) -> list[Any]:
    """Without repetitions, in the order given."""
    return list({json.dumps(value): value for value in values}.values())
