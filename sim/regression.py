"""``python -m sim.regression``: random untrained networks through reference, golden simulator, HLS and RTL; equality everywhere.

A network that fails is shrunk to a small one that still fails, and the command that repeats it is printed.
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
from model.integer_network import Layer, NeuronMode
from sim.junit import suite_of, write_suites
from sim.random_networks import RandomCase, random_case
from sim.regression_case import CaseResult, load_case, save_case, try_cases
from sim.runner import verilator
from sim.shrink import shrink
from sim.simulation import usable_cores

DEFAULT_NETWORKS = 100
DEFAULT_FIRST_SEED = 1000
SUMMARY_FILE = "regression.json"
DEFAULT_OUT = Path("build/regression")
MOST_CASES_A_PROJECT = 10
SHRINK_TRIALS = 40


@dataclass(frozen=True)
class Options:
    """What the command line asked for; see ``--help``."""

    networks: int
    seed: int
    jobs: int
    only: int | None
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
    parser.add_argument("--networks", type=int, default=DEFAULT_NETWORKS, metavar="N", help="networks to try (%(default)s)")
    parser.add_argument("--seed", type=int, default=DEFAULT_FIRST_SEED, metavar="S", help="seed of the first one (%(default)s)")
    parser.add_argument("--jobs", type=int, default=usable_cores(), metavar="N", help="processes (%(default)s)")
    parser.add_argument("--only", type=int, metavar="SEED", help="try this one network")
    parser.add_argument("--case", type=Path, metavar="FOLDER", help="try the network of a folder that an earlier failure left")
    parser.add_argument("--shrink", type=int, default=SHRINK_TRIALS, metavar="N", help="trials to shrink a failure (%(default)s)")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT, metavar="FOLDER", help="results (%(default)s)")
    given = parser.parse_args(arguments)
    if given.networks < 1 or given.jobs < 1:
        parser.error("--networks and --jobs must be at least 1")
    return Options(given.networks, given.seed, given.jobs, given.only, given.case, given.shrink, given.out)


def _cases(options: Options) -> list[RandomCase]:
    if options.case is not None:
        return [load_case(options.case)]
    if options.only is not None:
        return [random_case(options.only)]
    return [random_case(options.seed + index) for index in range(options.networks)]


def run_cases(options: Options, cases: Sequence[RandomCase]) -> list[CaseResult]:
    """Try all cases in several processes; results in the order of the cases."""
    together = min(MOST_CASES_A_PROJECT, -(-len(cases) // options.jobs))
    groups = [cases[start : start + together] for start in range(0, len(cases), together)]
    work = (joblib.delayed(try_cases)(group, options.out / "work" / str(group[0].seed)) for group in groups)
    results: dict[int, CaseResult] = {}
    with progress(len(cases), "random networks", "networks") as bar:
        for group in joblib.Parallel(n_jobs=options.jobs, return_as="generator_unordered")(work):
            results |= {result.seed: result for result in group}
            failed = sum(bool(result.failed) for result in results.values())
            bar.note(f"{failed} failed")
            bar.advance(len(group))
    return [results[case.seed] for case in cases]


def _report(options: Options, cases: Sequence[RandomCase], results: Sequence[CaseResult]) -> int:
    """Shrink what failed, write both files, print the verdict."""
    started = time.monotonic()
    failures = [_explain(options, case, result) for case, result in zip(cases, results, strict=True) if result.failed]
    values = sum(check.values for result in results for check in result.checks)
    options.out.mkdir(parents=True, exist_ok=True)
    write_suites(
        [suite_of(f"seed {result.seed}", result.checks) for result in results],
        options.out / "results.xml",
    )
    summary = {
        "networks": len(results),
        "failed": len(failures),
        "values": values,
        "mismatches": sum(check.mismatches for result in results for check in result.checks),
        "failures": failures,
        "cases": [
            {"seed": case.seed, "network": describe(case), "seconds": result.seconds, "passed": not result.failed}
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
    print(f"FAIL seed {case.seed}: {describe(case)}\n  {first.name}: {first.detail}", flush=True)
    folder = options.out / "failures" / str(case.seed)
    small = case
    if options.shrink_trials:
        with progress(options.shrink_trials, f"shrinking seed {case.seed}", "trials") as bar:
            # Something else that fails in a smaller network is not what is looked for.
            looked_for = {check.name for check in result.failed}

            def fails(candidate: RandomCase) -> bool:
                bar.advance()
                (tried,) = try_cases([candidate], options.out / "work" / f"shrink-{case.seed}")
                return any(check.name in looked_for for check in tried.failed)

            small = shrink(case, fails, options.shrink_trials)
    save_case(small, folder)
    command = f"python -m sim.regression --case {os.path.relpath(folder)}"
    print(f"  shrunk to {describe(small)}\n  repeat it with: {command}")
    print(f"  or in full:     python -m sim.regression --only {case.seed}", flush=True)
    return {"seed": case.seed, "check": first.name, "detail": first.detail, "shrunk": describe(small), "repeat": command}


def describe(case: RandomCase) -> str:
    """A network in a few words."""
    network = case.network
    encoder = network.encoder
    sizes = "-".join([f"{encoder.neurons}({encoder.code} {encoder.bits} bits)", *map(_describe_layer, network.layers)])
    return f"{network.method} {sizes}, lanes {'/'.join(map(str, case.lanes))}, {len(case.pixels)} frames"


def _describe_layer(layer: Layer) -> str:
    """Neurons, code, range of a decision; of causal layers what is special about them, and their time steps."""
    neuron = layer.neuron
    if neuron.mode is NeuronMode.READOUT:
        return f"{neuron.neurons}"
    low, high = neuron.decision_range
    words = [str(neuron.code), f"{low}..{high}"]
    if neuron.mode is NeuronMode.CAUSAL:
        words += ["leaky"] * neuron.is_leaky + [f"T{neuron.time_steps}"]
    return f"{neuron.neurons}({' '.join(words)})"


if __name__ == "__main__":
    sys.exit(main())
