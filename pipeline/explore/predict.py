"""A core as its models see it before it is built: cycles, area and the energy of its operations."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from model.base.errors import UserError
from model.base.files import write_json
from model.config.schema import Configuration
from model.energy import TABLES, price, spiking_work
from model.golden import NetworkCounts, load_golden
from model.integer_network import load_network
from pipeline.outcomes import Figures
from rtl.charges import charges_of
from rtl.core_plan import plan_core
from rtl.core_settings import CoreSettings
from rtl.cost.area import predict_area
from rtl.cycles import predict_core_cycles
from rtl.engine_energy import predict_engine

FILE = "prediction.json"


def write_prediction(config: Configuration, network_folder: Path, out: Path) -> None:
    """Write ``prediction.json``: the figures, or why there is no such core.

    Args:
        config: its hardware section is read.
        network_folder: of the network, with ``convert`` and ``golden`` below it.
        out: an empty folder.
    """
    network, hardware = load_network(network_folder / "convert" / "network.safetensors"), config.hardware
    try:
        plan = plan_core(network, hardware.parallelism, hardware.engine, CoreSettings.of(hardware))
    except UserError as error:
        write_json(out / FILE, {"absent": str(error)})
        return
    counts = NetworkCounts.from_dict(Figures(network_folder / "golden" / "golden.json")["simulated_counts"])
    result = load_golden(network_folder / "golden" / "golden.npz").select(slice(0, counts.frames))
    charges = charges_of(network, plan)
    cycles = predict_core_cycles(result, plan, {name: stages.count for name, (_, stages) in charges.items()})
    area = predict_area(network, plan, charges)
    work = spiking_work(network, counts, predict_engine(network, result, plan))
    figures: dict[str, Any] = {
        "frames": counts.frames,
        "latency_cycles": float(np.median(cycles.latency)),
        "interval_cycles": float(np.median(cycles.interval)) if len(cycles.interval) else None,
        "lut": area.lut,
        "energy": {table.key: price(work, table, counts.frames).total for table in TABLES},
        "lanes": plan.lanes,
        "engines": plan.engines,
        "port": "frame" if plan.whole_frames else "stream",
    }
    write_json(out / FILE, {"absent": None, "figures": figures, "core": plan.as_dict()})
