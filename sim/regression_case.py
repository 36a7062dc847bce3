"""One random network through reference, golden simulator, HLS and RTL, and on disk."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from hls.regression import hls_results_of_all
from hls.simulate import compare_with_golden
from model.base.errors import UserError
from model.base.files import read_json, write_json
from model.compare import Comparison
from model.golden import GoldenResult, input_levels, save_golden, simulate
from model.golden.step import compare_golden, is_causal
from model.integer_network import load_network, save_network
from model.reference import evaluate_reference
from rtl.core_settings import CoreSettings
from rtl.generate import generate_core
from sim.checks import Check, Group
from sim.plan import standard_runs
from sim.random_networks import RandomCase
from sim.simulation import Inputs, simulate_core

NETWORK_FILE, CASE_FILE, PIXELS_FILE = "network.safetensors", "case.json", "pixels.npy"
_LEAST_GAP, _MOST_GAP = 10, 80


@dataclass(frozen=True)
class CaseResult:
    """What became of a case: checks of all stages (a mismatching value is a failed check), and the seconds that it took."""

    name: str
    checks: tuple[Check, ...]
    seconds: float

    @property
    def failed(self) -> list[Check]:
        """Checks that did not pass."""
        return [check for check in self.checks if not check.passed]


def try_cases(cases: Sequence[RandomCase], folder: Path) -> list[CaseResult]:
    """Several cases at once, which share one HLS project, since compiling one costs seconds whatever is in it.

    Args:
        cases: of equally many frames.
        folder: to work in; it is removed when all cases pass.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    started = time.monotonic()
    goldens = [simulate(case.network, case.pixels) for case in cases]
    # Compilers and hls4ml talk while they work; what matters is in the checks.
    with redirect_stderr(io.StringIO()), redirect_stdout(io.StringIO()):
        by_hls = _hls_checks(cases, goldens, folder)
        shared = (time.monotonic() - started) / len(cases)
        results = []
        for case, golden, hls in zip(cases, goldens, by_hls, strict=True):
            begun = time.monotonic()
            checks = [*_reference_checks(case, golden), *hls, *_rtl_checks(case, golden, folder / case.name)]
            results.append(CaseResult(case.name, tuple(checks), round(shared + time.monotonic() - begun, 2)))
    if not any(result.failed for result in results):
        shutil.rmtree(folder)
    return results


def _stage(name: str, comparison: Comparison) -> Check:
    return Check(name, Group.VALUES, "", comparison.frames, comparison.values, comparison.mismatches, first=comparison.first)


def _broken(name: str, error: Exception) -> Check:
    return Check(name, Group.VALUES, "", 0, 0, 0, remark=f"{type(error).__name__}: {error}")


def _reference_checks(case: RandomCase, golden: GoldenResult) -> list[Check]:
    """Golden against the integer reference; a causal network differs from it by design."""
    if is_causal(case.network):
        return []
    reference = evaluate_reference(case.network, input_levels(case.pixels, case.network.encoder))
    return [_stage("reference_vs_golden", compare_golden(case.network, reference, golden))]


def _hls_checks(cases: Sequence[RandomCase], goldens: Sequence[GoldenResult], folder: Path) -> list[list[Check]]:
    """HLS against golden for every case; where the shared project fails, each case gets one of its own."""
    networks, pixels = [case.network for case in cases], [case.pixels for case in cases]
    try:
        results = hls_results_of_all(networks, pixels, folder / "hls", [list(case.lanes) for case in cases])
    except Exception as error:
        shutil.rmtree(folder / "hls", ignore_errors=True)
        if len(cases) == 1:
            return [[_broken("hls_vs_golden", error)]]
        pairs = zip(cases, goldens, strict=True)
        return [_hls_checks([case], [golden], folder / f"hls-{case.name}")[0] for case, golden in pairs]
    return [
        [_stage("hls_vs_golden", compare_with_golden(network, golden, result))]
        for network, golden, result in zip(networks, goldens, results, strict=True)
    ]


def _rtl_checks(case: RandomCase, golden: GoldenResult, folder: Path) -> list[Check]:
    """Every check of the simulation of the core."""
    save_case(case, folder)
    save_golden(golden, folder / "golden.npz")
    try:
        generate_core(case.network, list(case.lanes), folder / "rtl", case.engines, case.settings)
        inputs = Inputs(folder / NETWORK_FILE, folder / "golden.npz", folder / "rtl", case.pixels)
        runs = standard_runs(gap_percent(case.seed))
        # Noise may leave a layer of an untrained network silent.
        outcome = simulate_core(
            inputs, runs, seed=case.seed, work=folder / "work", processes=1, layers_may_be_silent=True, quick=True
        )
    except Exception as error:
        return [_broken("rtl_vs_golden", error)]
    return outcome.checks


def gap_percent(seed: int) -> int:
    """Gaps and back-pressure of a case, from now and then to most of the time."""
    return int(np.random.default_rng(seed).integers(_LEAST_GAP, _MOST_GAP + 1))


def save_case(case: RandomCase, folder: Path) -> None:
    """Write a case, so that it can be tried without its seed."""
    folder.mkdir(parents=True, exist_ok=True)
    save_network(case.network, folder / NETWORK_FILE)
    np.save(folder / PIXELS_FILE, case.pixels)
    built = {
        "lanes": list(case.lanes),
        "unrolled": sorted(case.unrolled),
        **asdict(case.settings),
    }
    write_json(folder / CASE_FILE, {"seed": case.seed, **built})


def load_case(folder: Path) -> RandomCase:
    """Read what ``save_case`` wrote.

    Raises:
        UserError: no case in this folder, or a damaged one.
    """
    path = folder / CASE_FILE
    values = read_json(path)
    try:
        seed, lanes, settings = int(values["seed"]), tuple(values["lanes"]), CoreSettings.described(values)
        unrolled = frozenset(values["unrolled"])
    except KeyError as error:
        raise UserError(f"{path}: no {error}; draw the case again with --only") from error
    return RandomCase(seed, load_network(folder / NETWORK_FILE), lanes, np.load(folder / PIXELS_FILE), unrolled, settings)
