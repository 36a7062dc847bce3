"""A generated core as the bench takes it: its files and the plan that it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from model.base.errors import UserError
from model.base.files import read_json
from model.integer_network import Network
from rtl.core_plan import CorePlan, index_bits, plan_core

_ADVICE = "run the rtl step again"


@dataclass(frozen=True)
class Core:
    """A generated core.

    Attributes:
        folder: where ``rtl.json``, ``verilog/`` and ``memory/`` are, absolute.
        sources: Verilog files, absolute.
        memories: memory files, absolute.
        plan: sizes of the core and its layers; link i goes to layer i.
    """

    folder: Path
    sources: tuple[Path, ...]
    memories: tuple[Path, ...]
    plan: CorePlan

    def link_bits(self, index: int) -> int:
        """Width of the channel field of the link to layer ``index``."""
        if index == 0:
            return max(index_bits(self.plan.input_channels), 3)
        source = self.plan.layers[index - 1]
        return max(index_bits(source.channels), index_bits(source.lanes))


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
        named = [(str(layer["name"]), int(layer["channels"])) for layer in description["layers"]]
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{path}: incomplete ({error!r}); {_ADVICE}") from error
    expected = [(layer.name, layer.neuron.channels) for layer in network.layers]
    if named != expected:
        raise UserError(f"{path}: layers and neurons are {named}, the integer network has {expected}; {_ADVICE}")
    for file in (*sources, *memories):
        if not file.is_file():
            raise UserError(f"{file}: missing, but rtl.json names it; {_ADVICE}")
    return Core(folder.resolve(), sources, memories, plan_core(network, lanes))
