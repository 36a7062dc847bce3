"""From the files of the steps to the sections of the report."""

from __future__ import annotations

import dataclasses
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from model.base.errors import UserError
from model.base.files import sha256_of
from model.config.schema import Configuration
from model.energy import EngineCounts, WeightCounts, energy_account
from model.golden import GoldenResult, GroupCounts, LayerCounts, NetworkCounts, load_golden
from model.golden.storage import wanted_frames
from model.integer_network import Layer, Network, Synapses, Window, load_network
from model.integer_network.structure import INPUT
from pipeline.report.folding import folding_section, predicted_area_section
from pipeline.report.growth import FrameCosts, growth_section
from pipeline.report.sources import BuildFiles

STEPS = ("data", "train", "convert", "fold", "golden", "hls", "rtl", "sim", "estimate", "netlist")
NETWORK_FILE = "fold/network.safetensors"

ACCURACIES = {
    "test_images": ("data/data.json", "counts.test"),
    "trained": ("train/train.json", "accuracy.test"),
    "ann": ("convert/convert.json", "accuracy.ann"),
    "reference": ("convert/convert.json", "accuracy.reference"),
    "golden": ("golden/golden.json", "accuracy"),
    "golden_of_hls_images": ("golden/golden.json", "accuracy_of_frames.hls"),
    "golden_of_rtl_images": ("golden/golden.json", "accuracy_of_frames.simulation"),
    "hls": ("hls/hls.json", "accuracy"),
    "rtl": ("sim/sim.json", "accuracy"),
}
EQUIVALENCES = {
    "ann_vs_reference": ("convert/convert.json", "comparison"),
    "reference_vs_golden": ("golden/golden.json", "comparison"),
    "hls_vs_golden": ("hls/hls.json", "comparison"),
    "rtl_vs_golden": ("sim/sim.json", "rtl_vs_golden"),
    "counters_rtl_vs_golden": ("sim/sim.json", "counters_rtl_vs_golden"),
}
NETLIST = "netlist/netlist.json"
XC7 = ("lut", "ff", "bram36", "dsp")
ECP5 = ("lut4", "ff", "bram")
CLOCKS = ("fmax_mhz", "fmax_mhz_lowest", "fmax_mhz_highest")
ENGINE = ("row_reads", "potential_reads", "potential_writes", "executed_cycles", "skipped_cycles")


def network_section(network: Network) -> dict[str, Any]:
    """Sizes, codes and widths."""
    encoder = network.encoder
    sources = [INPUT, *(layer.name for layer in network.hidden)]
    return {
        "layers": len(network.layers),
        "neurons": network.neurons,
        "synapses": network.synapse_count,
        "time_steps": max(network.source_steps(source) for source in sources),
        "topology": [encoder.neurons, *(layer.neuron.neurons for layer in network.layers)],
        "input": {
            "shape": list(encoder.shape),
            "bits": encoder.bits,
            "code": str(encoder.code),
            "time_steps": encoder.time_steps,
        },
        "by_layer": [_layer(network, layer) for layer in network.layers],
    }


def _layer(network: Network, layer: Layer) -> dict[str, Any]:
    neuron = layer.neuron
    return {
        "name": layer.name,
        "mode": str(neuron.mode),
        "code": str(neuron.code),
        "sources": [_source(network, group) for group in layer.synapses],
        "map": list(neuron.map),
        "max_pooling": None if layer.max_pooling is None else _window(layer.max_pooling),
        "neurons": neuron.neurons,
        "levels": neuron.levels,
        "time_steps": neuron.time_steps,
        "potential_bits": neuron.potential_bits,
    }


def _source(network: Network, group: Synapses) -> dict[str, Any]:
    kind = "identity" if group.is_identity else "convolution" if group.is_convolution else "linear"
    return {
        "source": group.source,
        "kind": kind,
        "map": list(network.source_map(group.source)),
        "average_pooling": list(group.pooling),
        "window": _window(group.window) if group.is_convolution else None,
        "groups": group.groups,
        "weight_bits": group.weight_bits,
        "weights": int(group.weights.size),
        "zero_weights": int((group.weights == 0).sum()),
    }


def _window(window: Window) -> dict[str, list[int]]:
    return {"size": list(window.size), "stride": list(window.stride), "padding": list(window.padding)}


def hidden_code(network: Network) -> str:
    """The wire code of the hidden layers, or theirs joined by commas; of a lone readout that of the input."""
    codes = [str(layer.neuron.code) for layer in network.hidden] or [str(network.encoder.code)]
    return codes[0] if len(set(codes)) == 1 else ",".join(codes)


def is_causal(files: BuildFiles) -> bool:
    """True where the spiking network is measured against its ANN instead of being equal to it."""
    return not files.read("golden/golden.json", "comparison_is_verdict")


def accuracy_section(files: BuildFiles, config: Configuration) -> dict[str, Any]:
    """Accuracies along the chain, and of how many images each simulation had to run."""
    section = {name: files.take(f"accuracy.{name}", *where) for name, where in ACCURACIES.items()}
    return section | {
        "hls_images": wanted_frames(config.hls.frames, section["test_images"]),
        "rtl_images": wanted_frames(config.simulation.frames, section["test_images"]),
    }


def equivalence_section(files: BuildFiles, causal: bool) -> dict[str, Any]:
    """The comparisons of the chain, each with its role."""
    section = {}
    for name, (file, key) in EQUIVALENCES.items():
        compared = {
            field: files.take(f"equivalence.{name}.{field}", file, f"{key}.{field}")
            for field in ("frames", "values", "mismatches", "by_layer")
        }
        measured = causal and name == "reference_vs_golden"
        section[name] = compared | {
            "first": files.optional(file, f"{key}.first"),
            "role": "measurement" if measured else "equality",
        }
    return section


def netlist_section(files: BuildFiles, config: Configuration) -> dict[str, Any] | None:
    """The netlist against golden, and of how many images it had to be; None where it was not simulated."""
    wanted = config.netlist.frames
    if wanted == "off":
        return None
    compared = {
        field: files.take(f"netlist.{field}", NETLIST, f"netlist_vs_golden.{field}")
        for field in ("frames", "values", "mismatches", "by_layer")
    }
    simulated = wanted_frames(config.simulation.frames, files.read("data/data.json", "counts.test"))
    return compared | {
        "images": wanted_frames(wanted, simulated),
        "first": files.optional(NETLIST, "netlist_vs_golden.first"),
        "role": "equality",
    }


def checks_section(files: BuildFiles) -> dict[str, Any]:
    """The checks of the HLS project, the simulation and the netlists."""
    hls: dict[str, dict[str, Any]] = files.take("checks.hls", "hls/hls.json", "checks")
    return {
        "hls": [{"name": name, **check} for name, check in hls.items()],
        "rtl": files.take("checks.rtl", "sim/sim.json", "checks"),
        "estimate": files.take("checks.estimate", "estimate/estimate.json", "checks"),
        "netlist": files.take("checks.netlist", NETLIST, "checks") if files.read(NETLIST, "simulated") else [],
    }


def hardware_section(files: BuildFiles, costs: FrameCosts) -> dict[str, Any]:
    """Cycles, area and clock; times follow from the two."""
    sim, estimate = "sim/sim.json", "estimate/estimate.json"
    latency, interval = (
        {field: files.take(f"hardware.{name}.{field}", sim, f"{key}.{field}") for field in ("min", "median", "max")}
        for name, key in (("latency_cycles", "latency_cycles"), ("interval_cycles_range", "interval_cycles"))
    )
    files.take("hardware.interval_cycles", sim, "interval_cycles.median")
    devices = {}
    for device, figures in (("xc7", XC7), ("ecp5", ECP5)):
        for figure in figures:
            files.take(f"hardware.{device}.{figure}", estimate, f"{device}.{figure}")
        devices[device] = files.read(estimate, device)
    placement = files.take("hardware.placement", estimate, "placement")
    clocks = [None, None, None]
    if not placement["missing"]:
        clocks = [files.take(f"hardware.ecp5.{figure}", estimate, f"ecp5.{figure}") for figure in CLOCKS]
    fmax = clocks[0]
    return {
        "latency_cycles": latency,
        "latency_growth": growth_section(costs),
        "interval_cycles": interval["median"],
        "interval_cycles_range": interval,
        "predicted": files.take("hardware.predicted", sim, "predicted"),
        "predicted_area": predicted_area_section(files),
        "folding": folding_section(files),
        "layer_cycles": files.take("hardware.layer_cycles", sim, "layer_cycles"),
        "latency_us": fmax and latency["median"] / fmax,
        "frames_per_second": fmax and fmax * 1e6 / interval["median"],
        "xc7": devices["xc7"],
        "ecp5": devices["ecp5"] | dict(zip(CLOCKS, clocks, strict=True)),
        "targets": files.take("hardware.targets", estimate, "targets"),
        "smallest": files.take("hardware.smallest", estimate, "smallest"),
        "placement": placement,
        "critical_path": files.take("hardware.critical_path", estimate, "critical_path"),
        "hls": files.take("hardware.hls", "hls/hls.json", "synthesis"),
    }


def energy_section(files: BuildFiles, network: Network) -> dict[str, object]:
    """Golden counts and engine traffic of the images that the RTL simulation ran, priced."""
    counts = _golden_counts(files)
    frames = files.read("sim/sim.json", "frames")
    if frames != counts.frames:
        raise UserError(
            f"{files.folder / 'sim/sim.json'}: engine counts of {frames} frames, golden counts of {counts.frames};"
            " run the sim step again"
        )
    return energy_account(network, counts, _engine_counts(files, network))


def _golden_counts(files: BuildFiles) -> NetworkCounts:
    file, key = "golden/golden.json", "simulated_counts"
    layers = files.take("energy.counts", file, f"{key}.layers")
    fields = [field.name for field in dataclasses.fields(LayerCounts)]
    return NetworkCounts(
        files.read(file, f"{key}.frames"),
        {
            layer: LayerCounts(**{field: files.read(file, f"{key}.layers.{layer}.{field}") for field in fields})
            for layer in layers
        },
        {layer: tuple(GroupCounts(**group) for group in files.read(file, f"{key}.groups.{layer}")) for layer in layers},
    )


def _engine_counts(files: BuildFiles, network: Network) -> dict[str, EngineCounts]:
    lanes = {layer["name"]: layer["lanes"] for layer in files.read("rtl/rtl.json", "layers")}
    engine = {}
    for layer in network.layers:
        if layer.name not in lanes:
            raise UserError(f"{files.folder / 'rtl/rtl.json'}: no figure 'layers.{layer.name}'; run the rtl step again")
        fields = {
            field: files.take(f"energy.engine.{layer.name}.{field}", "sim/sim.json", f"engine_counts.{layer.name}.{field}")
            for field in ENGINE
        }
        weights = files.take(f"energy.engine.{layer.name}.weights", "sim/sim.json", f"weight_counts.{layer.name}")
        counted = EngineCounts(lanes=lanes[layer.name], **fields, weights=tuple(WeightCounts(**group) for group in weights))
        predicted = sum(group.row_reads for group in counted.weights)
        if predicted != counted.row_reads:
            raise UserError(
                f"{files.folder / 'sim/sim.json'}: layer {layer.name} read {counted.row_reads} weight rows, its groups of"
                f" synapses {predicted}; run the sim step again"
            )
        engine[layer.name] = counted
    return engine


def seconds_section(files: BuildFiles) -> dict[str, float]:
    """Wall time of every step before this one."""
    return {step: float(files.take(f"seconds.{step}", f"{step}/manifest.json", "seconds")) for step in STEPS}


def provenance_section(files: BuildFiles, config: Configuration) -> dict[str, Any]:
    """Everything that is needed to get the same figures again; called last, when every origin is known."""
    data, estimate = "data/data.json", "estimate/estimate.json"
    tools = {
        "python": platform.python_version(),
        **{package: version(package) for package in ("numpy", "cocotb", "pyverilog")},
        **{package: str(files.read("train/train.json", package)) for package in ("torch", "brevitas")},
        **{name: str(value) for name, value in files.read("hls/hls.json", "versions").items()},
        "verilator": str(files.read("sim/sim.json", "verilator")),
        **{name: str(value) for name, value in files.read(estimate, "tools").items()},
    }
    return {
        "network": NETWORK_FILE,
        "network_sha256": sha256_of(files.folder / NETWORK_FILE),
        "images": f"all {files.read(data, 'counts.test')} images of the test part of {files.read(data, 'title')}",
        "seeds": {
            "training": files.read("train/train.json", "seed"),
            "simulation": files.read("sim/sim.json", "seed"),
            "place_and_route": list(config.estimate.seeds),
        },
        "data": {key: files.read(data, key) for key in ("source", "title", "shape", "counts", "checksums")},
        "tools": tools,
        "flags": files.read(estimate, "flags"),
        "figures": _with_sources(files),
        "configuration": config,
    }


def _with_sources(files: BuildFiles) -> dict[str, str]:
    """Origins, where the estimate step knows the tool's own file, that one."""
    sources: dict[str, str] = files.read("estimate/estimate.json", "sources")
    tool_files = {f"hardware.{metric}": f"estimate/{file}" for metric, file in sources.items()}
    return files.origins | {figure: file for figure, file in tool_files.items() if figure in files.origins}


def load_network_and_golden(build: Path) -> tuple[Network, GoldenResult]:
    """The integer network of a build and what the golden simulator did with it."""
    return load_network(build / NETWORK_FILE), load_golden(build / "golden/golden.npz")
