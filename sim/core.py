"""A generated core as the bench takes it: its files and the plan that it was made from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model.base.errors import UserError
from model.base.files import read_json
from model.integer_network import Network
from rtl.core_plan import CorePlan, plan_core
from rtl.core_settings import CoreSettings

_ADVICE = "run the rtl step again"


@dataclass(frozen=True)
class Core:
    """A generated core.

    Attributes:
        folder: where ``rtl.json``, ``verilog/`` and ``memory/`` are, absolute.
        sources: Verilog files, absolute.
        memories: memory files, absolute.
        plan: sizes of the core, its links and its layers.
        sum_stages: of every unrolled layer, registers between a time step and its sums.
        link_bits: of every link the width of each of its fields, as the generated top level declares them.
    """

    folder: Path
    sources: tuple[Path, ...]
    memories: tuple[Path, ...]
    plan: CorePlan
    sum_stages: Mapping[str, int]
    link_bits: tuple[Mapping[str, int], ...]


@dataclass(frozen=True)
class Netlist:
    """A synthesised core as Verilog.

    Attributes:
        sources: the netlist and the models of its cells.
        models: the folder of what these include.
    """

    sources: tuple[Path, ...]
    models: Path


def read_core(folder: Path, network: Network) -> Core:
    """Read what the rtl step wrote for a network.

    Raises:
        UserError: rtl.json is missing or incomplete, names a missing file, or describes a core of another network.
    """
    path = folder / "rtl.json"
    description = read_json(path)
    try:
        sources = tuple(folder.resolve() / name for name in description["sources"])
        memories = tuple(folder.resolve() / name for name in description["memories"])
        lanes = [int(layer["lanes"]) for layer in description["layers"]]
        engines, settings = [str(engine) for engine in description["engines"]], CoreSettings.described(description)
        stages = {str(name): int(count) for name, count in description["sum_stages"].items()}
        named = [(str(layer["name"]), int(layer["channels"])) for layer in description["layers"]]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: incomplete ({error!r}); {_ADVICE}") from error
    expected = [(layer.name, layer.neuron.neurons) for layer in network.layers]
    if named != expected:
        raise UserError(f"{path}: layers and neurons are {named}, the integer network has {expected}; {_ADVICE}")
    for file in (*sources, *memories):
        if not file.is_file():
            raise UserError(f"{file}: missing, but rtl.json names it; {_ADVICE}")
    plan = plan_core(network, lanes, engines, settings)
    top = folder / "verilog" / f"{plan.top}.v"
    return Core(folder.resolve(), sources, memories, plan, stages, _link_bits(top, plan))


def _link_bits(top: Path, plan: CorePlan) -> tuple[dict[str, int], ...]:
    """Widths of the fields of all links, as the generated top level declares them."""
    declared: dict[int, dict[str, int]] = {}
    text = top.read_text(encoding="utf-8")
    for highest, link, field in re.findall(r"wire\s*(?:\[(\d+):0\])?\s*link(\d+)_(\w+);", text):
        declared.setdefault(int(link), {})[field] = int(highest or 0) + 1
    for number, link in enumerate(plan.links):
        fields = "plane" if link.planes else "channel"
        if fields not in declared.get(number, {}):
            raise UserError(f"{top}: declares no {fields} of link {number}, the integer network has one; {_ADVICE}")
    if len(declared) != len(plan.links):
        raise UserError(f"{top}: declares {len(declared)} links, the integer network has {len(plan.links)}; {_ADVICE}")
    return tuple(declared[number] for number in range(len(plan.links)))
