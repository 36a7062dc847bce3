"""``python -m sim.regression``: random untrained networks through reference, golden simulator, HLS and RTL; equality everywhere.

There are networks of linear layers and networks of maps. One that fails is shrunk to a small one that still fails, and the
command that repeats it is printed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import joblib  # type: ignore[import-untyped]

from model.base.errors import UserError
from model.base.files import write_json
from model.base.progress import progress
from model.integer_network import Layer, NeuronMode, Synapses
from rtl.core_settings import DEFAULT_SETTINGS
from rtl.link_plan import has_maps
from sim.junit import suite_of, write_suites
from sim.random_cases import case_of_name, named_cases
from sim.random_maps import MAPS
from sim.random_networks import DENSE, RandomCase
from sim.regression_case import CaseResult, load_case, save_case, try_cases
from sim.runner import verilator
from sim.shrink import shrink
from sim.simulation import usable_cores

DEFAULT_DENSE = 100
DEFAULT_MAPS = 200
DEFAULT_FIRST_SEED = 1000
SUMMARY_FILE = "regression.json"
DEFAULT_OUT = Path("build/regression")
MOST_CASES_A_PROJECT = 10
SHRINK_TRIALS = 40


@dataclass(frozen=True)
class Options:
    """What the command line asked for; see ``--help``."""

    dense: int
    maps: int
    seed: int
    jobs: int
    only: str | None
    case: Path | None
    shrink_trials: int
    out: Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line; 0 where everything is equal, 1 where something is not, 2 for something the user can mend."""
    options = _options(arguments)
    try:
        verilator()
        cases = _cases(options)
        return _report(options, cases, run_cases(options, cases))
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _options(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="python -m sim.regression", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dense", type=int, default=DEFAULT_DENSE, metavar="N", help="networks of linear layers (%(default)s)")
    parser.add_argument("--maps", type=int, default=DEFAULT_MAPS, metavar="N", help="networks of maps (%(default)s)")
    parser.add_argument(
        "--seed", type=int, default=DEFAULT_FIRST_SEED, metavar="S", help="the first seed of either (%(default)s)"
    )
    parser.add_argument("--jobs", type=int, default=usable_cores(), metavar="N", help="processes (%(default)s)")
    parser.add_argument("--only", metavar="NAME", help="try this one network, such as maps-1042")
    parser.add_argument("--case", type=Path, metavar="FOLDER", help="try the network of a folder that an earlier failure left")
    parser.add_argument("--shrink", type=int, default=SHRINK_TRIALS, metavar="N", help="trials to shrink a failure (%(default)s)")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, metavar="FOLDER", help="results (%(default)s)")
    given = parser.parse_args(arguments)
    if given.jobs < 1:
        parser.error("--jobs must be at least 1")
    if given.seed < 0 or given.dense < 0 or given.maps < 0 or given.dense + given.maps < 1:
        parser.error("--seed, --dense and --maps must not be negative, and one of the last two must be at least 1")
    return Options(given.dense, given.maps, given.seed, given.jobs, given.only, given.case, given.shrink, given.out)


def _cases(options: Options) -> list[RandomCase]:
    if options.case is not None:
        return [load_case(options.case)]
    if options.only is not None:
        return [case_of_name(options.only)]
    names = named_cases(DENSE, options.seed, options.dense) + named_cases(MAPS, options.seed, options.maps)
    return [case_of_name(name) for name in names]


def run_cases(options: Options, cases: Sequence[RandomCase]) -> list[CaseResult]:
    """Try all cases in several processes; results in the order of the cases."""
    groups = _groups(options, cases)
    work = (joblib.delayed(try_cases)(group, options.out / "work" / group[0].name) for group in groups)
    results: dict[str, CaseResult] = {}
    with progress(len(cases), "random networks", "networks") as bar:
        for group in joblib.Parallel(n_jobs=options.jobs, return_as="generator_unordered")(work):
            results |= {result.name: result for result in group}
            failed = sum(bool(result.failed) for result in results.values())
            bar.note(f"{failed} failed")
            bar.advance(len(group))
    return [results[case.name] for case in cases]


def _groups(options: Options, cases: Sequence[RandomCase]) -> list[list[RandomCase]]:
    """Cases that share an HLS project: those of one kind, since they have equally many frames."""
    groups: list[list[RandomCase]] = []
    for frames in dict.fromkeys(len(case.pixels) for case in cases):
        alike = [case for case in cases if len(case.pixels) == frames]
        together = min(MOST_CASES_A_PROJECT, -(-len(alike) // options.jobs))
        groups += [alike[start : start + together] for start in range(0, len(alike), together)]
    return groups


def _report(options: Options, cases: Sequence[RandomCase], results: Sequence[CaseResult]) -> int:
    """Shrink what failed, write both files, print the verdict."""
    started = time.monotonic()
    failures = [_explain(options, case, result) for case, result in zip(cases, results, strict=True) if result.failed]
    values = sum(check.values for result in results for check in result.checks)
    options.out.mkdir(parents=True, exist_ok=True)
    write_suites(
        [suite_of(result.name, result.checks) for result in results],
        options.out / "results.xml",
    )
    summary = {
        "networks": len(results),
        "maps": sum(case.name.startswith(MAPS) for case in cases),
        "failed": len(failures),
        "values": values,
        "mismatches": sum(check.mismatches for result in results for check in result.checks),
        "failures": failures,
        "cases": [
            {"name": case.name, "network": describe(case), "seconds": result.seconds, "passed": not result.failed}
            for case, result in zip(cases, results, strict=True)
        ],
        "seconds_shrinking": round(time.monotonic() - started, 1),
    }
    write_json(options.out / SUMMARY_FILE, summary)
    verdict, equal = "FAIL" if failures else "PASS", len(results) - len(failures)
    print(f"{verdict}: {equal} of {len(results)} networks equal in {values:,} values; {options.out / SUMMARY_FILE}")
    return 1 if failures else 0


def _explain(options: Options, case: RandomCase, result: CaseResult) -> dict[str, Any]:
    """Print a failure, shrink it, keep the small case and say how to repeat it."""
    first = result.failed[0]
    print(f"FAIL {case.name}: {describe(case)}\n  {first.name}: {first.detail}", flush=True)
    folder = options.out / "failures" / case.name
    small = case
    if options.shrink_trials:
        with progress(options.shrink_trials, f"shrinking {case.name}", "trials") as bar:
            # Something else that fails in a smaller network is not what is looked for.
            looked_for = {check.name for check in result.failed}

            def fails(candidate: RandomCase) -> bool:
                bar.advance()
                (tried,) = try_cases([candidate], options.out / "work" / f"shrink-{case.name}")
                return any(check.name in looked_for for check in tried.failed)

            small = shrink(case, fails, options.shrink_trials)
    save_case(small, folder)
    command = f"python -m sim.regression --case {os.path.relpath(folder)}"
    print(f"  shrunk to {describe(small)}\n  repeat it with: {command}")
    print(f"  or in full:     python -m sim.regression --only {case.name}", flush=True)
    return {"name": case.name, "check": first.name, "detail": first.detail, "shrunk": describe(small), "repeat": command}


def describe(case: RandomCase) -> str:
    """A network in a few words."""
    network = case.network
    encoder = network.encoder
    pixels = _size(encoder.map.channels, encoder.map.positions)
    sizes = "-".join([f"{pixels}({encoder.code} {encoder.bits} bits)", *map(_describe_layer, network.layers)])
    return (
        f"{network.method} {sizes}, lanes {'/'.join(map(str, case.lanes))}, {_described_buffers(case)}"
        f"{_described_engines(case)}{len(case.pixels)} frames"
    )


def _described_buffers(case: RandomCase) -> str:
    if not has_maps(case.network):
        return ""
    return "1 buffer, " if case.settings.potential_buffers == 1 else f"{case.settings.potential_buffers} buffers, "


def _described_engines(case: RandomCase) -> str:
    names = [layer.name for layer in case.network.layers if layer.name in case.unrolled]
    port = "" if case.settings.port == "stream" else f"port {case.settings.port}, "
    levels = case.settings.logic_levels
    deep = "" if levels == DEFAULT_SETTINGS.logic_levels else f"{levels} levels of logic, "
    return f"{'/'.join(names)} unrolled, {deep}{port}" if names else ""


def _describe_layer(layer: Layer) -> str:
    """Neurons, code, range of a decision, windows; of causal layers what is special about them, and their time steps."""
    neuron = layer.neuron
    windows = [_describe_group(group) for group in layer.synapses]
    if layer.max_pooling is not None:
        windows.append("largest of {}x{}".format(*layer.max_pooling.size))
    special = " + ".join(filter(None, windows))
    if neuron.mode is NeuronMode.READOUT:
        return f"{neuron.neurons}({special})" if special else f"{neuron.neurons}"
    low, high = neuron.decision_range
    words = [str(neuron.code), f"{low}..{high}"]
    if neuron.mode is NeuronMode.CAUSAL:
        words += ["leaky"] * neuron.is_leaky + [f"T{neuron.time_steps}"]
    words += [special] if special else []
    return f"{_size(neuron.channels, neuron.positions)}({' '.join(words)})"


def _describe_group(group: Synapses) -> str:
    """Kernel, stride, padding and groups of a convolution, and average pooling; nothing of what is dense."""
    words = []
    if group.is_convolution:
        words.append("kernel {}x{} stride {}x{} padding {}x{}".format(*group.window.size, *group.stride, *group.padding))
        words += [f"groups {group.groups}"] * (group.groups > 1)
    words += ["mean of {}x{}".format(*group.pooling)] * (group.pooling != (1, 1))
    return " ".join(words)


def _size(channels: int, positions: tuple[int, int]) -> str:
    return f"{channels}" if positions == (1, 1) else "{}x{}x{}".format(channels, *positions)


if __name__ == "__main__":
    sys.exit(main())
