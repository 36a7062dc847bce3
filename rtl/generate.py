"""The generated top level: instances, wires and parameters, no logic of its own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from model.base.files import write_json, write_text
from model.integer_network import Network
from rtl.core_plan import CorePlan, LayerPlan, index_bits, plan_core
from rtl.memory_files import write_memories

CORES = Path(__file__).parent / "cores"
_TEMPLATES = Path(__file__).parent / "templates"


def generate_core(network: Network, parallelism: str | int | list[int], folder: Path) -> CorePlan:
    """Write a core: ``verilog/``, ``memory/`` and the description ``rtl.json``.

    The memory files are named relative to ``folder``: simulate and synthesise with it as the working directory.
    """
    plan = plan_core(network, parallelism)
    sources = _copy_cores(folder / "verilog")
    write_text(folder / "verilog" / f"{plan.top}.v", top_level(plan, network.name))
    memories = write_memories(network, plan, folder / "memory")
    description = plan.as_dict() | {
        "sources": [f"verilog/{name}" for name in [*sources, f"{plan.top}.v"]],
        "memories": [f"memory/{name}" for name in memories],
    }
    write_json(folder / "rtl.json", description)
    return plan


def top_level(plan: CorePlan, name: str) -> str:
    """Verilog of the top level."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    layers = [_layer_values(layer) for layer in plan.layers]
    template = environment.get_template("isospike_core.v.j2")
    return template.render(name=name, plan=plan, encoder=_encoder_values(plan), layers=layers)


def _copy_cores(folder: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(path.name for path in CORES.glob("*.v"))
    for name in names:
        shutil.copyfile(CORES / name, folder / name)
    return names


def _encoder_values(plan: CorePlan) -> dict[str, Any]:
    return {
        "beat_bits": index_bits(plan.beats),
        "step_bits": index_bits(plan.input_steps),
        "channel_bits": max(index_bits(plan.input_channels), 3),
        "patterns": "memory/encoder_patterns.mem" if plan.input_unary else "",
    }


def _layer_values(layer: LayerPlan) -> dict[str, Any]:
    """Every parameter of a layer's instance that is derived from its plan."""
    return {
        "plan": layer,
        "out_bits": max(index_bits(layer.channels), 3),
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
