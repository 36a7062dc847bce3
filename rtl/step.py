"""The rtl step: integer network to Verilog, memories, description and audit."""

from __future__ import annotations

from pathlib import Path

from model.base.files import write_json
from model.config.schema import Configuration
from model.integer_network import load_network
from rtl.audit import audit_core
from rtl.generate import generate_core


def run_rtl(config: Configuration, convert: Path, out: Path) -> None:
    """Generate the core and audit it.

    Args:
        config: its hardware section is read.
        convert: folder with network.safetensors.
        out: receives verilog/, memory/, rtl.json and audit.json.
    """
    network = load_network(convert / "network.safetensors")
    hardware = config.hardware
    generate_core(network, hardware.parallelism, out, hardware.potential_buffers, hardware.engine, hardware.port)
    write_json(out / "audit.json", audit_core(out, network).as_dict())
