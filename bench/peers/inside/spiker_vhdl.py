"""Spiker+ at the sizes and with the weights of function.npz, in the peers' environment.

``python spiker_vhdl.py FUNCTION OUT STEPS WEIGHTS NEURONS``: WEIGHTS and NEURONS are bits. Writes VHDL under OUT/vhdl and what
was asked for to OUT/spiker.json. Nothing of Isospike is imported here.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from spikerplus.net_builder import NetBuilder
from spikerplus.vhdl_generator import VhdlGenerator

BETA = 0.9375


def description(arrays: dict[str, np.ndarray], steps: int, threshold: float) -> dict[str, object]:
    """The network as Spiker+ takes it: leaky neurons with subtractive reset, the example of its documentation."""
    network: dict[str, object] = {"n_cycles": steps, "n_inputs": arrays["weights0"].shape[1]}
    for index in range(len(arrays) // 3):
        network[f"layer_{index}"] = {
            "neuron_model": "lif",
            "n_neurons": arrays[f"weights{index}"].shape[0],
            "beta": BETA,
            "learn_beta": False,
            "threshold": threshold,
            "learn_threshold": False,
            "reset_mechanism": "subtract",
        }
    return network


def main(function: Path, out: Path, steps: int, weight_bits: int, neuron_bits: int) -> None:
    """Build the network, put the integer weights into it and write VHDL with the weights in behavioural memories."""
    with np.load(function) as archive:
        arrays = dict(archive)
    decimals = weight_bits - 1
    threshold = 2.0 ** (neuron_bits - 3 - decimals)
    started = time.process_time()
    network = NetBuilder(description(arrays, steps, threshold)).build()
    for index in range(len(arrays) // 3):
        weights = torch.from_numpy(arrays[f"weights{index}"]).float() / 2**decimals
        network.layers[f"fc{index + 1}"].weight.data.copy_(weights)
    options = {"weights_bw": weight_bits, "neurons_bw": neuron_bits, "fp_dec": decimals}
    VhdlGenerator(network, options).generate(functional=True).write_file_all(output_dir=str(out / "vhdl"), rm=True)
    figures = {
        "processor_seconds": {"generation of VHDL": time.process_time() - started},
        "versions": {"spikerplus": version("spikerplus"), "snntorch": version("snntorch"), "torch": version("torch")},
        "settings": {"steps": steps, "beta": BETA, "threshold": threshold, **options},
    }
    (out / "spiker.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *(int(argument) for argument in sys.argv[3:6]))
