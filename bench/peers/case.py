"""What the peers are measured on: one function, the frames of a test set, and the builds of ours that compute that function."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.peers.environment import Environment, Limits
from bench.peers.function import IntegerFunction, golden_values, hand_over, integer_function
from model.base.errors import EquivalenceError
from model.base.files import read_json
from model.data import load_dataset
from model.data.dataset import ByteArray
from model.integer_network import Network, load_network
from model.integer_network.structure import IntArray

Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Case:
    """One function.

    Attributes:
        name: of the first build that computes it.
        build: folder of that build.
        network: its integer network.
        pixels: its test images.
        function: what peers are handed.
        out: receives what is written for this function.
        environment, limits: of the peers.
        builds: every build with this function, the first one among them.
    """

    name: str
    build: Path
    network: Network
    pixels: ByteArray
    function: IntegerFunction
    out: Path
    environment: Environment
    limits: Limits
    builds: list[Path] = field(default_factory=list)

    @property
    def sizes(self) -> str:
        """Inputs and neurons, e.g. ``64-32-10``."""
        return "-".join(str(size) for size in self.function.sizes)

    def folder(self, peer: str) -> Path:
        """A folder for a peer, with the two files that it is handed beside it."""
        if not (self.out / "frames.npz").is_file():
            self.out.mkdir(parents=True, exist_ok=True)
            hand_over(self.network, self.pixels, self.out)
        folder = self.out / peer
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def golden(self) -> dict[str, IntArray]:
        """Levels and scores of the golden simulation."""
        return golden_values(self.network, self.pixels)

    def labels(self) -> ByteArray:
        """Classes of the test images, (frames,)."""
        return load_dataset(self.build / "data" / "dataset.npz").test.labels

    def row(self, design: str, **figures: Any) -> Row:
        """A row of the table; what is not given is not comparable or was not measured, and the remark says why."""
        return {"network": self.sizes, "frames": len(self.pixels), "design": design, **figures}


def digest(function: IntegerFunction) -> str:
    """SHA-256 of a function: two builds with the same one compute the same, whatever their codes and cores."""
    sum_of_all = hashlib.sha256(str((function.bits, function.sizes)).encode())
    for layer in function.layers:
        for array in (layer.weights, layer.bounds, layer.offset):
            sum_of_all.update(array.astype("<i8").tobytes())
    return sum_of_all.hexdigest()


def cases_of(builds: Sequence[Path], out: Path, environment: Environment, limits: Limits) -> list[Case]:
    """One case a function, in the order of the builds.

    Raises:
        UserError: a build is missing, or its network is none that peers can be handed.
    """
    cases: dict[str, Case] = {}
    for build in builds:
        network = load_network(build / "fold" / "network.safetensors")
        function = integer_function(network)
        key = digest(function)
        if key not in cases:
            pixels = load_dataset(build / "data" / "dataset.npz").test.images
            folder = out / f"{build.name}-{key[:8]}"
            cases[key] = Case(build.name, build, network, pixels, function, folder, environment, limits)
        cases[key].builds.append(build)
    return list(cases.values())


def our_rows(case: Case) -> list[Row]:
    """Rows of our cores, read from the estimate.json, the sim.json and the golden.json of their builds.

    Raises:
        UserError: a build has no estimate, no simulation or no golden simulation.
        EquivalenceError: its simulation found a difference.
    """
    rows = []
    for build in case.builds:
        estimate, simulation = read_json(build / "estimate" / "estimate.json"), read_json(build / "sim" / "sim.json")
        golden = read_json(build / "golden" / "golden.json")
        verdict = simulation["rtl_vs_golden"]
        if verdict["mismatches"] or not verdict["values"]:
            raise EquivalenceError(
                f"{build}: its simulation compared {verdict['values']:,} values, {verdict['mismatches']:,} differ"
            )
        sources = {name: f"estimate/{file}" for name, file in estimate["sources"].items()}
        rows.append(
            case.row(
                f"Isospike, {build.name}",
                equality=verdict | {"stage": "RTL in Verilator against the golden simulation"},
                accuracy=golden["accuracy"],
                area={"xc7": estimate["xc7"], "ecp5": estimate["ecp5"], "sources": sources, "flags": estimate["flags"]},
                interval_cycles=simulation["interval_cycles"],
                latency_cycles=simulation["latency_cycles"],
                sources=dict.fromkeys(("interval_cycles", "latency_cycles", "equality"), "sim/sim.json")
                | {"accuracy": "golden/golden.json"},
                folder=str(build),
                versions=estimate["tools"],
                remark="AXI4-Stream ports, memories and argmax included",
            )
        )
    return rows
