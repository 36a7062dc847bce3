"""The audit: no multiplier in any datapath, and ports, widths and memories as the integer network asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model.base.files import read_json
from model.integer_network import Network
from rtl.audit.constants import NotConstantError
from rtl.audit.expectation import PIXELS_A_BEAT, expected_instances, expected_layers, top_ports
from rtl.audit.hierarchy import hierarchy_mismatches
from rtl.audit.memory_files import CheckedMemory, check_memory, expected_memories
from rtl.audit.operators import MULTIPLIERS, Operators, find_operators
from rtl.audit.ports import connection_mismatches, parameter_mismatches, port_mismatches
from rtl.audit.sizes import ceiling
from rtl.audit.syntax import UnparsedFileError, VerilogFile, parse_file
from rtl.audit.unrolled_expectation import read_charges

TOP = "isospike_core"


@dataclass(frozen=True)
class AuditResult:
    """What the audit saw; ``mismatches`` has one line for everything that is not as it must be."""

    modules: tuple[str, ...]
    operators: tuple[Operators, ...]
    memories: tuple[CheckedMemory, ...]
    ports_checked: int
    parameters_checked: int
    wired_weights: int
    mismatches: tuple[str, ...]

    @property
    def multipliers(self) -> int:
        """Multiplications, divisions, remainders and powers in datapaths of any module."""
        return sum(len(found.multipliers) for found in self.operators)

    @property
    def passed(self) -> bool:
        """True where something was checked and everything was right."""
        weights = bool(self.memories) or self.wired_weights > 0
        return bool(self.modules) and weights and not self.multipliers and not self.mismatches

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        constants = Counter(str(operator.context) for found in self.operators for operator in found.constants)
        return {
            "passed": self.passed,
            "multipliers": self.multipliers,
            "operators": {
                "datapath": [str(operator) for found in self.operators for operator in found.multipliers],
                "constant": dict(sorted(constants.items())),
                "variable_shifts": [str(operator) for found in self.operators for operator in found.variable_shifts],
            },
            "modules": list(self.modules),
            "ports": {"ports": self.ports_checked, "parameters": self.parameters_checked},
            "memories": [memory.as_dict() for memory in self.memories],
            "wired_weights": self.wired_weights,
            "mismatches": list(self.mismatches),
        }


def audit_core(folder: Path, network: Network) -> AuditResult:
    """Audit a generated core.

    Args:
        folder: has verilog/, memory/ and rtl.json.
        network: the integer network that the core was generated from.
    """
    description = read_json(folder / "rtl.json")
    files, mismatches = _parse(folder, description)
    operators = [find_operators(file) for file in files]
    mismatches += _unaccounted_operators(files, operators)
    mismatches += hierarchy_mismatches(files, TOP)
    modules = {module.name: module for file in files for module in file.modules}
    lanes = [layer["lanes"] for layer in description["layers"]]
    layers = expected_layers(network, lanes, description["potential_buffers"], description["engines"])
    forms, found = read_charges(layers, modules)
    mismatches += found
    instances = expected_instances(network, layers, forms, description["port"])
    ports = parameters = 0
    if TOP in modules:
        top = modules[TOP]
        ports = len(top.portlist.ports)
        parameters = sum(len(instance.parameters) for instance in instances)
        try:
            mismatches += port_mismatches(top, top_ports(network, description["port"]))
            mismatches += parameter_mismatches(top, instances)
            mismatches += connection_mismatches(top, modules)
        except NotConstantError as error:
            mismatches.append(f"module {TOP}: expected constant ranges and parameters, found {error}")
    memories = [check_memory(folder, memory) for memory in expected_memories(network, layers)]
    mismatches += [memory.first for memory in memories if memory.first is not None]
    mismatches += _description_mismatches(description, network, memories)
    mismatches += _files_on_disk(folder, "memory", [memory.file for memory in memories])
    weights = sum(form.weights.size for form, _ in forms.values())
    return AuditResult(tuple(sorted(modules)), tuple(operators), tuple(memories), ports, parameters, weights, tuple(mismatches))


def _parse(folder: Path, description: dict[str, Any]) -> tuple[list[VerilogFile], list[str]]:
    files, mismatches = [], _files_on_disk(folder, "verilog", description["sources"])
    for path in sorted((folder / "verilog").glob("*.v")):
        try:
            files.append(parse_file(path))
        except UnparsedFileError as trouble:
            mismatches.append(str(trouble))
    return files, mismatches


def _files_on_disk(folder: Path, kind: str, expected: Sequence[str]) -> list[str]:
    found = {path.relative_to(folder).as_posix() for path in (folder / kind).glob("*")}
    missing = [f"file {name}: expected it, found none" for name in expected if name not in found and kind == "verilog"]
    return missing + [f"file {name}: expected none, found one" for name in sorted(found - set(expected))]


def _unaccounted_operators(files: Sequence[VerilogFile], operators: Sequence[Operators]) -> list[str]:
    """Every multiplying operator in the text must have been seen in the syntax tree, or the audit overlooks something."""
    mismatches = []
    for file, found in zip(files, operators, strict=True):
        seen = Counter(operator.symbol for operator in (*found.multipliers, *found.constants))
        mismatches += [
            f"file {file.name}: operator {symbol}: expected {file.operators[symbol]} in the syntax tree, found {seen[symbol]}"
            for symbol in MULTIPLIERS.values()
            if seen[symbol] != file.operators[symbol]
        ]
    return mismatches


def _description_mismatches(description: dict[str, Any], network: Network, memories: Sequence[CheckedMemory]) -> list[str]:
    """rtl.json against the network: simulation, estimate and report read it."""
    neurons = [(layer.name, layer.neuron) for layer in network.layers]
    expected: dict[str, object] = {
        "top": TOP,
        "beats": 1 if description["port"] == "frame" else ceiling(network.encoder.neurons, PIXELS_A_BEAT),
        "classes": network.readout.neuron.neurons,
        "score_bits": network.readout.neuron.potential_bits,
        "layers": [
            (name, neuron.neurons, neuron.potential_bits, neuron.time_steps, str(neuron.code)) for name, neuron in neurons
        ],
        "memories": sorted(memory.file for memory in memories),
    }
    fields = ("name", "channels", "potential_bits", "time_steps", "code")
    found = description | {
        "layers": [tuple(layer[field] for field in fields) for layer in description["layers"]],
        "memories": sorted(description["memories"]),
    }
    return [f"rtl.json: {key}: expected {value}, found {found[key]}" for key, value in expected.items() if found[key] != value]
