"""A whole build folder of a tiny random network: real figures wherever a function of this repository makes them."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model.base.files import read_json, write_json
from model.compare import Comparer
from model.config.schema import Configuration
from model.golden import GoldenResult, count_operations, save_golden, simulate
from model.golden.step import is_causal, loss_by_layer
from model.integer_network import Network, save_network
from model.reference import evaluate_reference
from pipeline.report.growth import events_of_all_links
from rtl.core_plan import plan_core
from rtl.engine_counts import ENGINE_COUNT_FIELDS, predict_engine_counts, predict_weight_counts
from sim.random_networks import random_case

FRAMES = 12
AREA: dict[str, Any] = {
    "lut": {"predicted": 3531.0, "measured": 3210, "error": 0.1},
    "ff": {"predicted": 2109.0, "measured": 2109, "error": 0.0},
    "bram36": {"predicted": 0.0, "measured": 0, "error": None},
    "layers": {"encoder (input)": 100.5, "readout": 3430.5},
    "model": {"points": 40, "median": 0.04, "worst": 0.19, "within_20_percent": 40},
}
STEPS = ("data", "train", "convert", "fold", "golden", "hls", "rtl", "sim", "estimate", "netlist")

PREDICTED = {
    "median": 1233.0,
    "frames": FRAMES,
    "exact_frames": FRAMES - 1,
    "error_of_median_percent": 0.1,
    "mean_error_percent": 0.2,
    "largest_error_percent": 0.3,
}


def write_build(folder: Path, method: str = "pascal") -> Configuration:
    """Write what every step but the report writes, for a random network."""
    case = random_case(4, FRAMES, method)
    return write_build_of(folder, case.network, case.pixels)


def write_build_of(folder: Path, network: Network, pixels: npt.NDArray[np.uint8]) -> Configuration:
    """Write what every step but the report writes, for a network and (frames, channels) pixels."""
    result = simulate(network, pixels)
    labels = result.classes.astype(np.uint8)
    labels[0] = (labels[0] + 1) % max(network.readout.neuron.neurons, 2)  # one wrong, so that no accuracy is 1
    accuracy = float((result.classes == labels).mean())
    same = _comparison(result)
    _write_software(folder, network, result, accuracy)
    (folder / "data").mkdir(exist_ok=True)
    np.savez(folder / "data" / "dataset.npz", test_images=pixels, test_labels=labels)
    versions = {"hls4ml": "1.3.0", "g++": "12.2.0"}
    write_json(
        folder / "hls/hls.json",
        {
            "accuracy": accuracy,
            "comparison": same,
            "synthesis": {"status": "synthesis-ready, not synthesised"},
            "checks": {"operators": {"passed": True, "detail": "compiles against types without <*>"}},
            "versions": versions,
        },
    )
    _write_hardware(folder, network, result, accuracy)
    for step in STEPS:
        write_json(folder / step / "manifest.json", {"seconds": 1.25})
    return Configuration(name="tiny")


def _comparison(result: GoldenResult) -> dict[str, object]:
    comparer = Comparer("any")
    for name, trace in result.layers.items():
        comparer.add(name, trace.potentials, trace.potentials)
    return comparer.result().as_dict()


def _write_software(folder: Path, network: Network, result: GoldenResult, accuracy: float) -> None:
    from model.golden.encoding import input_levels

    write_json(
        folder / "data/data.json",
        {
            "source": "digits",
            "title": "digits",
            "shape": list(network.encoder.shape),
            "classes": network.readout.neuron.neurons,
            "counts": {"train": 20, "validation": 5, "test": FRAMES},
            "checksums": {"a file": "0123456789abcdef"},
        },
    )
    history = [{"epoch": epoch, "loss": 1 / epoch, "validation_accuracy": 1 - 0.5 / epoch} for epoch in (1, 2, 3)]
    write_json(
        folder / "train/train.json",
        {"accuracy": {"test": accuracy}, "best_epoch": 2, "seed": 7, "torch": "2.13.0", "brevitas": "0.13.4", "history": history},
    )
    (folder / "fold").mkdir(exist_ok=True)
    save_network(network, folder / "fold/network.safetensors")
    write_json(folder / "fold/fold.json", {"target": "off"})
    exact = {"ann": accuracy, "reference": accuracy}
    write_json(folder / "convert/convert.json", {"accuracy": exact, "comparison": _comparison(result)})
    (folder / "golden").mkdir(exist_ok=True)
    save_golden(result, folder / "golden/golden.npz")
    golden: dict[str, Any] = {
        "accuracy": accuracy,
        "accuracy_of_frames": {"hls": accuracy, "simulation": accuracy},
        "comparison": _comparison(result),
        "comparison_is_verdict": not is_causal(network),
        "counts": count_operations(network, result).as_dict(),
        "simulated_counts": count_operations(network, result).as_dict(),
    }
    if is_causal(network):
        # Levels of black images stand in for those of the ANN: the losses are not 0.
        black = np.zeros((result.frames, network.encoder.neurons), dtype=np.uint8)
        reference = evaluate_reference(network, input_levels(black, network.encoder).astype(np.int64))
        golden["loss_by_layer"] = loss_by_layer(network, reference, result)
        golden["comparison"] |= {"mismatches": 5}
    write_json(folder / "golden/golden.json", golden)


def _write_hardware(folder: Path, network: Network, result: GoldenResult, accuracy: float) -> None:
    plan = plan_core(network, 3)
    write_json(folder / "rtl/rtl.json", plan.as_dict())
    write_json(folder / "rtl/audit.json", {"multipliers": 0, "passed": True})
    engine = {
        name: dict(zip(ENGINE_COUNT_FIELDS, (int(total) for total in counts.sum(axis=0)), strict=True))
        for name, counts in predict_engine_counts(result, plan).items()
    }
    (folder / "sim").mkdir(exist_ok=True)
    np.save(folder / "sim/latency.npy", 1000 + 3 * events_of_all_links(result))
    write_json(
        folder / "sim/sim.json",
        {
            "accuracy": accuracy,
            "frames": FRAMES,
            "rtl_vs_golden": _comparison(result),
            "counters_rtl_vs_golden": _comparison(result),
            "latency_cycles": {"min": 41, "median": 1234.5, "max": 2222},
            "interval_cycles": {"min": 17, "median": 543, "max": 999},
            "predicted": {"latency_cycles": PREDICTED, "interval_cycles": None},
            "checks": [{"name": "back-pressure", "passed": True, "detail": "25 % of the cycles"}],
            "layer_cycles": {layer.name: {"bound_violations": 0, "worst_slack": 4} for layer in network.layers},
            "engine_counts": engine,
            "weight_counts": predict_weight_counts(network, result, plan),
            "seed": 11,
            "verilator": "5.048",
        },
    )
    write_json(
        folder / "estimate/estimate.json",
        {
            "xc7": {"lut": 3210, "ff": 2109, "bram36": 7.5, "dsp": 0, "lut_no_wide": 3333},
            "ecp5": {
                "lut4": 4321,
                "ff": 2108,
                "bram": 9,
                "fmax_mhz": 87.65,
                "fmax_mhz_lowest": 85.5,
                "fmax_mhz_highest": 90.25,
                "mult18": 0,
            },
            "predicted": AREA,
            "sources": {"xc7.lut": "xc7.json", "ecp5.fmax_mhz": "nextpnr.json"},
            "flags": {"xc7": "synth_xilinx -nodsp"},
            "tools": {"yosys": "0.70"},
            "placement": {"device": "85k", "missing": "", "seeds": {"1": 87.65, "2": 85.5, "3": 90.25}},
            "targets": {
                "up5k": {
                    "figures": {"lut4": 5555, "ff": 2100, "bram": 8},
                    "placement": {"device": "up5k", "missing": "5,555 of 5,280 LUT4", "seeds": {}},
                }
            },
            "smallest": [
                {"family": "iCE40", "part": "hx8k", "smaller": "up5k", "smaller_lacks": "5,555 of 5,280 LUT4", "placed": False}
            ],
            "critical_path": {"from": "u_a", "to": "u_b", "ns": 11.4},
            "checks": [{"name": "no latches", "passed": True, "detail": "0 latches; expected none"}],
        },
    )
    write_json(
        folder / "netlist/netlist.json",
        {
            "simulated": True,
            "frames": FRAMES,
            "netlist_vs_golden": _comparison(result),
            "checks": [{"name": "spaced: packets", "passed": True, "detail": "48 values of 12 frames equal"}],
        },
    )


def change(folder: Path, file: str, key: str, value: object) -> None:
    """Set a dotted key of a step's file; None removes it."""
    content = read_json(folder / file)
    *parents, last = key.split(".")
    section = content
    for parent in parents:
        section = section[parent]
    if value is None:
        del section[last]
    else:
        section[last] = value
    write_json(folder / file, content)
