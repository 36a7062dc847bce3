"""The rtl step: integer network to Verilog, memories, description and audit."""

from __future__ import annotations

from pathlib import Path

from model.base.files import write_json
from model.config.schema import Configuration
from model.integer_network import load_network
from rtl.audit import audit_core
from rtl.core_settings import CoreSettings
from rtl.folding import chosen_folding
from rtl.generate import generate_core


def run_rtl(config: Configuration, fold: Path, out: Path) -> None:
    """Generate the core and audit it.

    Args:
        config: its hardware section is read.
        fold: folder of the fold step, with network.safetensors, and fold.json with engines and lanes where there is a target.
        out: receives verilog/, memory/, rtl.json and audit.json.
    """
    network = load_network(fold / "network.safetensors")
    hardware = config.hardware
    engine, parallelism = chosen_folding(hardware, fold)
    generate_core(network, parallelism, out, engine, CoreSettings.of(hardware))
    write_json(out / "audit.json", audit_core(out, network).as_dict())
