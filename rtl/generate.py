"""The generated top level: instances, wires and parameters, no logic of its own."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from model.base.files import write_json, write_text
from model.integer_network import Network
from rtl.charge_network.verilog import charge_module
from rtl.charges import Charges, charges_of
from rtl.core_plan import CorePlan, plan_core
from rtl.core_settings import DEFAULT_SETTINGS, CoreSettings
from rtl.frame_pace import FramePace, pace_of
from rtl.map_instances import Instance, Wire, encoder_instances, encoder_wires, input_prefix, layer_instances, layer_wires
from rtl.memory_files import write_memories
from rtl.unrolled_instances import (
    charge_name,
    frame_planes_instance,
    plane_wires,
    unrolled_instances,
    unrolled_wires,
)
from rtl.widths import channel_bits, index_bits

CORES = Path(__file__).parent / "cores"
_TEMPLATES = Path(__file__).parent / "templates"


def generate_core(
    network: Network,
    parallelism: str | int | Sequence[int],
    folder: Path,
    engine: str | Sequence[str] = "event",
    settings: CoreSettings = DEFAULT_SETTINGS,
) -> CorePlan:
    """Write a core: ``verilog/``, ``memory/`` and the description ``rtl.json``; see ``plan_core``.

    The memory files are named relative to ``folder``: simulate and synthesise with it as the working directory.
    """
    plan = plan_core(network, parallelism, engine, settings)
    charges = charges_of(network, plan)
    sources = [*_copy_cores(folder / "verilog"), *_write_charges(plan, charges, folder / "verilog")]
    write_text(folder / "verilog" / f"{plan.top}.v", _top_level(network, plan, charges))
    memories = write_memories(network, plan, folder / "memory")
    description = plan.as_dict() | {
        "sources": [f"verilog/{name}" for name in [*sources, f"{plan.top}.v"]],
        "memories": [f"memory/{name}" for name in memories],
        "sum_stages": {name: stages.count for name, (_, stages) in charges.items()},
    }
    write_json(folder / "rtl.json", description)
    return plan


def _top_level(network: Network, plan: CorePlan, charges: Charges) -> str:
    """Verilog of the top level."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    pace = pace_of(plan, charges)
    layers = [_layer_values(network, plan, index, charges, pace) for index in range(len(plan.layers))]
    template = environment.get_template("isospike_core.v.j2")
    return template.render(
        name=network.name, plan=plan, encoder=_encoder_values(network, plan, pace), layers=layers, wires=_wires(plan), pace=pace
    )


def _wires(plan: CorePlan) -> list[Wire]:
    """Wires of the top level beside those that every core has."""
    wires = [] if plan.planes_in else encoder_wires(plan, channel_bits(plan.input_channels))
    for number, link in enumerate(plan.links):
        wires += plane_wires(f"link{number}", link) if link.planes else []
    for index, layer in enumerate(plan.layers):
        wires += layer_wires(plan, index) if layer.unrolled is None else unrolled_wires(plan, index)
        if layer.engine in ("event", "direct") and plan.sends_planes(layer):
            # Whole time steps have no channel.
            wires.append(Wire(f"link{layer.sends[0]}_channel", channel_bits(layer.channels)))
    return wires


def _write_charges(plan: CorePlan, charges: Charges, folder: Path) -> list[str]:
    """The module of every unrolled layer that sums its weights."""
    names = []
    for built in plan.layers:
        if built.unrolled is not None:
            name = charge_name(built)
            write_text(folder / f"{name}.v", charge_module(*charges[built.name], name, built.unrolled.width))
            names.append(f"{name}.v")
    return names


def _copy_cores(folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(path.name for path in CORES.glob("*.v"))
    for name in names:
        shutil.copyfile(CORES / name, folder / name)
    return names


def _encoder_values(network: Network, plan: CorePlan, pace: FramePace | None) -> dict[str, Any]:
    pixel_bits = channel_bits(plan.input_channels)
    made = [frame_planes_instance(network, plan, pace)] if plan.planes_in else encoder_instances(plan, pixel_bits)
    return {
        "beat_bits": index_bits(plan.beats),
        "step_bits": index_bits(plan.input_steps),
        "channel_bits": pixel_bits,
        "sends": "pixel" if len(plan.input_links) > 1 else input_prefix(plan, plan.input_links[0]),
        "instances": [_written(instance) for instance in made],
        "patterns": "memory/encoder_patterns.mem" if plan.input_unary else "",
    }


def written_parameters(made: Instance) -> dict[str, int | str]:
    """Parameters of an instance as Verilog writes them: names of files between quotation marks."""
    return {
        name: f'"{value}"' if value == "" or str(value).startswith("memory/") else value
        for name, value in made.parameters.items()
    }


def _written(made: Instance) -> Instance:
    return replace(made, parameters=written_parameters(made))


def _layer_values(network: Network, plan: CorePlan, index: int, charges: Charges, pace: FramePace | None) -> dict[str, Any]:
    """Every parameter of a layer's instance that is derived from its plan."""
    layer = plan.layers[index]
    number = layer.links[0]
    behind_map = plan.links[number].pooling is not None
    if layer.unrolled is None:
        made = layer_instances(plan, index)
    else:
        made = unrolled_instances(network, plan, index, charges[layer.name][1].count, pace is not None)
    return {
        "plan": layer,
        "index": index,
        "instances": [_written(instance) for instance in made],
        "taken": f"flat{number}" if behind_map else f"link{number}",
        "dropped": f"flat{number}_dropped" if behind_map else "1'b0",
        "in_bits": channel_bits(layer.sources) if behind_map else plan.links[number].address_bits,
        "out_bits": channel_bits(layer.channels),
        "planes": plan.sends_planes(layer),
        "class_bits": index_bits(layer.channels),
        "lane_bits": index_bits(layer.lanes),
        "group_bits": index_bits(layer.groups),
        "address_bits": index_bits(layer.groups * layer.sources),
        "step_bits": index_bits(max(layer.time_steps, 1)),
        "row_bits": index_bits(layer.constant_rows),
        "depth_bits": index_bits(layer.time_steps * layer.groups + layer.words_under_way),
        "range": layer.level_range if layer.leveled else 2,
        "floor": -layer.lowest if layer.leveled else 0,
        "weights": f"memory/{layer.name}_weights.mem",
        "constants": f"memory/{layer.name}_constants.mem",
        "start": f"memory/{layer.name}_start.mem" if layer.has_start else "",
    }
