"""The steps of a build, in order. Everything heavy is imported inside the step that needs it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from model.config.effective import as_folding_sees_it, as_training_sees_it
from pipeline import outcomes
from pipeline.step import Settings, Step

Folders = Mapping[str, Path]

_SIMULATOR = ("model/compare.py", "model/data", "model/golden", "model/integer_network")
_LAYERS = ("model/config/layers.py", "model/config/pooling.py", "model/config/presets.py")
PLAN = (
    *(
        "rtl/charges.py",
        "rtl/core_plan.py",
        "rtl/core_settings.py",
        "rtl/folding.py",
        "rtl/frame_pace.py",
        "rtl/link_plan.py",
        "rtl/map_plan.py",
        "rtl/unrolled_plan.py",
        "rtl/widths.py",
        "rtl/window_tables.py",
    ),
    "rtl/charge_network",
)
_DEVICES = (
    "rtl/estimate/parts.py",
    "rtl/estimate/families.py",
    "rtl/estimate/netlist.py",
    "rtl/estimate/scripts.py",
    "rtl/estimate/__init__.py",
)
_NETWORK = {"fold": ("network.safetensors",)}
"""Another choice for another target with the same codes is nothing to those that read the network alone."""
_GENERATOR = (
    *("rtl/audit", "rtl/cores", "rtl/templates"),
    *PLAN,
    *("rtl/generate.py", "rtl/map_instances.py", "rtl/map_memories.py", "rtl/memory_files.py", "rtl/step.py"),
    "rtl/unrolled_instances.py",
)


def _data(settings: Settings, _folders: Folders, out: Path) -> None:
    from model.data.step import run_data

    run_data(settings.config, settings.data_dir, out)


def _data_files(settings: Settings) -> dict[str, str | None]:
    """Only folders of images are not known by their checksums beforehand."""
    if settings.config.data.source != "image-folder":
        return {}
    from model.data.listing import listing_digest

    return {"--data-dir": None if settings.data_dir is None else listing_digest(settings.data_dir)}


def _train(settings: Settings, folders: Folders, out: Path) -> None:
    from model.training.step import run_train

    run_train(settings.config, settings.device, folders["data"], out)


def _convert(settings: Settings, folders: Folders, out: Path) -> None:
    from model.conversion.step import run_convert

    run_convert(settings.config, folders["data"], folders["train"], out)


def _fold(settings: Settings, folders: Folders, out: Path) -> None:
    from rtl.cost.step import run_fold

    run_fold(settings.config, folders["data"], folders["convert"], out)


def _golden(settings: Settings, folders: Folders, out: Path) -> None:
    from model.golden.step import run_golden

    run_golden(settings.config, folders["data"], folders["fold"], out)


def _hls(settings: Settings, folders: Folders, out: Path) -> None:
    from hls.step import run_hls

    run_hls(settings.config, folders["data"], folders["fold"], folders["golden"], out)


def _rtl(settings: Settings, folders: Folders, out: Path) -> None:
    from rtl.step import run_rtl

    run_rtl(settings.config, folders["fold"], out)


def _sim(settings: Settings, folders: Folders, out: Path) -> None:
    from sim.step import run_sim

    run_sim(settings.config, folders["data"], folders["fold"], folders["golden"], folders["rtl"], out)


def _estimate(settings: Settings, folders: Folders, out: Path) -> None:
    from rtl.estimate.step import run_estimate

    run_estimate(settings.config, folders["fold"], folders["rtl"], out)


def _netlist(settings: Settings, folders: Folders, out: Path) -> None:
    from sim.netlist.step import run_netlist

    # Where it looks for the network.
    run_netlist(settings.config, {**folders, "convert": folders["fold"]}, out)


def _report(settings: Settings, folders: Folders, out: Path) -> None:
    from pipeline.report.step import run_report

    run_report(settings.config, folders["data"].parent, out)


STEPS: tuple[Step, ...] = (
    Step(
        "data",
        "reading the data set",
        _data,
        # Files of MNIST and CIFAR-10 are checked, so that any directory gives the same data set.
        keys=("data.source", "data.title"),
        sources=("model/data",),
        packages=("numpy", "scikit-learn", "pillow"),
        files=_data_files,
        summary=outcomes.data_summary,
    ),
    Step(
        "train",
        "the quantised network, trained or ready",
        _train,
        upstream=("data",),
        # Methods that take the same trained network share it: the view names one of them.
        keys=("data.shift", "data.flip", "data.cutout", "input.bits", "network", "training", "fine_tuning", "conversion.method"),
        view=as_training_sees_it,
        # A preset is a name; its layers are inputs as the source code that lists them.
        sources=(
            *("model/data", "model/ready", "model/training", "model/conversion/resolve.py", "model/conversion/fits.py"),
            *("model/integer_network/gains.py", *_LAYERS),
        ),
        packages=("torch", "brevitas", "numpy"),
        resumes=True,
        summary=outcomes.train_summary,
    ),
    Step(
        "convert",
        "conversion to integers",
        _convert,
        upstream=("data", "train"),
        # The seed draws calibration images and their order.
        keys=("input", "network", "conversion", "training.seed"),
        sources=("model/conversion", "model/calibration", "model/training", "model/reference.py", *_LAYERS, *_SIMULATOR),
        packages=("torch", "brevitas", "numpy"),
        failures=outcomes.convert_failures,
        summary=outcomes.convert_summary,
    ),
    Step(
        "fold",
        "engine, lanes and wire code of every layer",
        _fold,
        upstream=("data", "convert"),
        # Without a target there is nothing to choose, and no other key matters.
        keys=("hardware",),
        view=as_folding_sees_it,
        sources=(
            *("model/conversion", "model/reference.py", "model/config/target.py", "rtl/cost", *PLAN, "rtl/cycles"),
            *("rtl/engine_counts.py", "rtl/estimate", *_SIMULATOR),
        ),
        packages=("numpy",),
        summary=outcomes.fold_summary,
    ),
    Step(
        "golden",
        "golden simulation",
        _golden,
        upstream=("data", "fold"),
        reads=_NETWORK,
        # Spikes are kept of as many images as the simulations want.
        keys=("simulation.frames", "hls.frames"),
        sources=("model/reference.py", *_SIMULATOR),
        packages=("numpy",),
        failures=outcomes.golden_failures,
        summary=outcomes.golden_summary,
    ),
    Step(
        "hls",
        "HLS project and its C simulation",
        _hls,
        upstream=("data", "fold", "golden"),
        reads=_NETWORK,
        keys=("hls",),
        sources=("hls", *_SIMULATOR),
        tools=("g++", "vitis_hls", "vitis"),
        packages=("hls4ml",),
        failures=outcomes.hls_failures,
        summary=outcomes.hls_summary,
    ),
    Step(
        "rtl",
        "Verilog and its audit",
        _rtl,
        upstream=("fold",),
        keys=("hardware",),
        sources=(*_GENERATOR, *_SIMULATOR),
        packages=("pyverilog",),
        failures=outcomes.rtl_failures,
        summary=outcomes.rtl_summary,
    ),
    Step(
        "sim",
        "simulation of the core",
        _sim,
        upstream=("data", "fold", "golden", "rtl"),
        reads=_NETWORK,
        keys=("simulation",),
        sources=("sim", *PLAN, "rtl/cycles", "rtl/engine_counts.py", *_SIMULATOR),
        tools=("g++", "make", "perl", "verilator"),
        packages=("cocotb",),
        failures=outcomes.sim_failures,
        summary=outcomes.sim_summary,
        details=outcomes.sim_details,
    ),
    Step(
        "estimate",
        "synthesis, place and route",
        _estimate,
        upstream=("fold", "rtl"),
        reads=_NETWORK,
        keys=("estimate",),
        sources=("rtl/estimate", "rtl/cost", *PLAN, *_SIMULATOR),
        tools=("yosys", "nextpnr-ecp5", "nextpnr-ice40", "nextpnr-himbaechel-gowin"),
        failures=outcomes.estimate_failures,
        summary=outcomes.estimate_summary,
    ),
    Step(
        "netlist",
        "simulation of the netlist",
        _netlist,
        upstream=("data", "fold", "golden", "rtl", "sim", "estimate"),
        reads=_NETWORK,
        # Only simulated images have an expectation.
        keys=("netlist", "simulation"),
        sources=("sim", "rtl/estimate", *PLAN, "rtl/cycles", "rtl/engine_counts.py", *_SIMULATOR),
        tools=("g++", "make", "perl", "verilator", "yosys"),
        packages=("cocotb",),
        failures=outcomes.netlist_failures,
        summary=outcomes.netlist_summary,
    ),
    Step(
        "report",
        "report",
        _report,
        upstream=("data", "train", "convert", "fold", "golden", "hls", "rtl", "sim", "estimate", "netlist"),
        keys=(
            *("name", "data", "input", "network", "training", "fine_tuning"),
            *("conversion", "hls", "hardware", "simulation", "estimate", "netlist"),
        ),
        sources=("pipeline/report", "model/energy", *_DEVICES, *_SIMULATOR),
        packages=("matplotlib",),
        failures=outcomes.report_failures,
        published=("report.json", "report.html"),
    ),
)
