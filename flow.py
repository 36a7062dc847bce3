"""The command line of Isospike: ``python flow.py --help``."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

# Threads of torch that wait for others sleep: on a busy machine they would take the processor from those they wait for.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

try:
    import typer
except ModuleNotFoundError:
    sys.exit("error: the Python packages are not installed here; run `make build`, or use .venv/bin/python")

from pipeline.command import Options, build_command, doctor_command, dump_command
from pipeline.explore.command import ExploreOptions, explore_command
from pipeline.study.command import StudyOptions, study_command

DEFAULT_CONFIGURATION = Path("configs/digits.toml")
_STEPS = "data, train, convert, fold, golden, hls, rtl, sim, estimate, netlist, report"


class Device(StrEnum):
    """Where training runs."""

    CPU = "cpu"
    CUDA = "cuda"


class Measure(StrEnum):
    """Which designs of an exploration are built."""

    FRONT = "front"
    ALL = "all"
    NONE = "none"


Configuration = Annotated[Path, typer.Argument(metavar="CONFIG", help="The TOML file of the build.", show_default=True)]
DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Folder or zip file of the data set: IDX files of MNIST, batches or archive of CIFAR-10, folders of images."
    ),
]
Training = Annotated[Device, typer.Option(help="Where training runs; a checkpoint that is there already is used as it is.")]
Set = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Override a key of the configuration; may be repeated.")
]
Target = Annotated[
    str | None,
    typer.Option(
        metavar="TARGET",
        help="What engines, lanes and codes are chosen for: cycles=N, luts=N, device=NAME or balanced; sets hardware.target.",
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--from", metavar="STEP", help=f"Run this step and later ones again, refuse if an earlier one has to run: {_STEPS}."
    ),
]
To = Annotated[str | None, typer.Option("--to", metavar="STEP", help="Stop after this step.")]
Workers = Annotated[int | None, typer.Option(min=1, max=1024, help="Worker processes of this machine; 2 by default.")]
Scheduler = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="An existing Dask scheduler whose workers see the same files.")
]
BuildDir = Annotated[Path, typer.Option(help="Folder of all builds; this one goes into its folder NAME.")]

app = typer.Typer(
    help="Quantised networks as spiking, accumulate-only FPGA cores, proven equal bit for bit.\n\n"
    "The last line says PASS or FAIL and where to look. Exit status: 0 PASS, 1 FAIL (two stages differ), 2 something to mend,"
    " 130 interrupted.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command()
def build(
    config: Configuration = DEFAULT_CONFIGURATION,
    *,
    data_dir: DataDir = None,
    device: Training = Device.CPU,
    overrides: Set = None,
    target: Target = None,
    first: From = None,
    last: To = None,
    build_dir: BuildDir = Path("build"),
) -> None:
    """Run every step whose inputs changed, from the data set to the report."""
    options = Options(config, overrides or (), data_dir, device.value, build_dir, first, last, target)
    raise typer.Exit(build_command(options))


def _add_step(name: str, purpose: str) -> None:
    """One subcommand that brings a single step and what it needs up to date."""

    def command(
        config: Configuration = DEFAULT_CONFIGURATION,
        *,
        data_dir: DataDir = None,
        device: Training = Device.CPU,
        overrides: Set = None,
        target: Target = None,
        first: From = None,
        build_dir: BuildDir = Path("build"),
    ) -> None:
        options = Options(config, overrides or (), data_dir, device.value, build_dir, first, target=target)
        raise typer.Exit(build_command(options, name))

    app.command(name, help=f"{purpose}\n\nSteps it needs run first where they are not up to date.")(command)


_add_step("train", "Train the quantised network with Brevitas.")
_add_step("convert", "Convert the trained network to the integer network and compare it with Brevitas.")
_add_step("fold", "Choose engine, lanes and wire code of every layer for a target.")


@app.command()
def golden(
    config: Configuration = DEFAULT_CONFIGURATION,
    *,
    data_dir: DataDir = None,
    device: Training = Device.CPU,
    overrides: Set = None,
    target: Target = None,
    first: From = None,
    build_dir: BuildDir = Path("build"),
    images: Annotated[str | None, typer.Option(help="Test images to dump, e.g. 0-9 or 3,17,20-29.")] = None,
    dump: Annotated[Path | None, typer.Option(help="JSON file for every spike, potential and count of --images.")] = None,
) -> None:
    """Simulate the integer network on every test image; with --images and --dump also write everything about a few."""
    options = Options(config, overrides or (), data_dir, device.value, build_dir, first, target=target)
    raise typer.Exit(dump_command(options, images, dump))


_add_step("hls", "Write the hls4ml project and compare its C simulation with golden.")
_add_step("rtl", "Write the Verilog core and audit it.")
_add_step("sim", "Simulate the core on every test image and compare it with golden, one line a check.")
_add_step("estimate", "Synthesise, place and route the core with open tools.")
_add_step("netlist", "Simulate the synthesised netlist and compare its results with golden.")
_add_step("report", "Write the report.")


@app.command()
def study(
    config: Annotated[Path, typer.Argument(metavar="CONFIG", help="The TOML file of the study.")],
    *,
    data_dir: DataDir = None,
    overrides: Set = None,
    rtl: Annotated[bool, typer.Option("--rtl", help="Take every row through HLS and RTL simulation as well.")] = False,
    workers: Workers = None,
    scheduler: Scheduler = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the study; build/NAME by default.")] = None,
) -> None:
    """Compare conversion methods, time steps, codes and seeds on the whole test set: a table, plots and a page."""
    raise typer.Exit(study_command(StudyOptions(config, overrides or (), data_dir, out, rtl, scheduler, workers)))


@app.command()
def explore(
    config: Configuration = DEFAULT_CONFIGURATION,
    *,
    data_dir: DataDir = None,
    overrides: Set = None,
    measure: Annotated[
        Measure, typer.Option(help="Which cores are built, simulated and synthesised: those of the predicted front, all, none.")
    ] = Measure.FRONT,
    workers: Workers = None,
    scheduler: Scheduler = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the exploration; build/NAME-explore by default.")] = None,
) -> None:
    """Walk bits, levels, codes, engines and lanes around a configuration and draw the Pareto front of what they cost.

    The axes are the keys of the file's table explore, also for --set: docs/explore.md. Designs are compared by
    their accuracy on validation images. Every core that is built must equal golden.
    """
    options = ExploreOptions(config, overrides or (), data_dir, out, measure.value, scheduler, workers)
    raise typer.Exit(explore_command(options))


@app.command()
def doctor() -> None:
    """Which tools and packages were found, where, which version, and what to do about a missing one."""
    raise typer.Exit(doctor_command())


def main(arguments: list[str] | None = None) -> int:
    """Run a command line, by default the process's; one that cannot be read is a line on stderr and status 2."""
    try:
        return app(arguments, prog_name="flow.py", standalone_mode=False) or 0
    except typer.TyperException as error:
        said = error.format_message().replace("Value error, ", "")
        context = getattr(error, "ctx", None)
        command = "flow.py" if context is None else context.command_path
        # Without a command nothing is left to say: the help has been shown.
        if said.strip():
            print(f"error: {said[:1].lower()}{said[1:].rstrip('.')}; python {command} -h says what is legal", file=sys.stderr)
        return error.exit_code
    except typer.Abort:
        return 130


if __name__ == "__main__":
    sys.exit(main())
