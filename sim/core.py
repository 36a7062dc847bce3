"""A generated core as the bench takes it: its files and the plan that it was made from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from model.base.errors import UserError
from model.base.files import read_json
from model.integer_network import Network
from rtl.core_plan import CorePlan, plan_core

_ADVICE = "run the rtl step again"


@dataclass(frozen=True)
class Core:
    """A generated core.

    Attributes:
        folder: where ``rtl.json``, ``verilog/`` and ``memory/`` are, absolute.
        sources: Verilog files, absolute.
        memories: memory files, absolute.
        plan: sizes of the core, its links and its layers.
        channel_bits: width of the channel field of every link.
        magnitude_bits: width of the magnitude field of every link.
    """

    folder: Path
    sources: tuple[Path, ...]
    memories: tuple[Path, ...]
    plan: CorePlan
    channel_bits: tuple[int, ...]
    magnitude_bits: tuple[int, ...]


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
        buffers = int(description["potential_buffers"])
        named = [(str(layer["name"]), int(layer["channels"])) for layer in description["layers"]]
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: incomplete ({error!r}); {_ADVICE}") from error
    expected = [(layer.name, layer.neuron.neurons) for layer in network.layers]
    if named != expected:
        raise UserError(f"{path}: layers and neurons are {named}, the integer network has {expected}; {_ADVICE}")
    for file in (*sources, *memories):
        if not file.is_file():
            raise UserError(f"{file}: missing, but rtl.json names it; {_ADVICE}")
    plan = plan_core(network, lanes, buffers)
    top = folder / "verilog" / f"{plan.top}.v"
    channel_bits, magnitude_bits = (_link_bits(top, field, len(plan.links)) for field in ("channel", "magnitude"))
    return Core(folder.resolve(), sources, memories, plan, channel_bits, magnitude_bits)


def _link_bits(top: Path, field: str, links: int) -> tuple[int, ...]:
    """Widths of a field of all links, as the generated top level declares them."""
    declared = re.findall(rf"wire\s*\[(\d+):0\]\s*link(\d+)_{field};", top.read_text(encoding="utf-8"))
    highest = {int(link): int(bit) for bit, link in declared}
    if sorted(highest) != list(range(links)):
        raise UserError(f"{top}: declares a {field} of the links {sorted(highest)}, the integer network has {links}; {_ADVICE}")
    return tuple(highest[link] + 1 for link in range(links))
