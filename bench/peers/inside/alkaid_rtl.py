"""Alkaid on the function of function.npz, in the peers' environment.

``python alkaid_rtl.py FUNCTION FRAMES OUT FORM CUTOFF EMULATED`` writes Verilog under OUT/rtl, the values of its interpreter
and, where EMULATED is 1, of its Verilog in Verilator to OUT/values.npz and what it says about itself to OUT/alkaid.json.
Nothing of Isospike is imported here.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
from alkaid.codegen import RTLModel
from alkaid.trace import FVArray, HWConfig, trace

# What `alkaid convert` takes when nothing is said.
HARDWARE = HWConfig(1, 1, -1)
SOLVER = {"hard_dc": 5}


def spent() -> float:
    """Processor time so far, that of programs started and ended included."""
    return sum(os.times()[:4])


def levels_of(product: FVArray, bounds: np.ndarray, form: str) -> FVArray:
    """How many bounds are reached, as (1) one compare a bound, added, or (2) by halving, each bit of the level one choice."""
    count = bounds.shape[1]
    reached = [product >= bounds[:, index].astype(float) for index in range(count)]
    if form == "sum" or count & (count + 1):
        return sum(reached[1:], start=reached[0])
    return _binary(reached)


def _binary(reached: list[FVArray]) -> FVArray:
    """The digits of the level, most significant first: the upper half of the bounds decides where its middle is reached."""
    middle = len(reached) // 2
    if not middle:
        return reached[0]
    low, high = _binary(reached[:middle]), _binary(reached[middle + 1 :])
    return reached[middle] * float(middle + 1) + np.where(reached[middle], high, low)


def traced(arrays: dict[str, np.ndarray], form: str) -> tuple[FVArray, list[FVArray]]:
    """Inputs, and the values of every layer."""
    inputs = arrays["weights0"].shape[1]
    bits, none = np.full(inputs, int(arrays["bits"])), np.zeros(inputs, dtype=int)
    source = values = FVArray.from_kif(none, bits, none, HARDWARE, solver_options=SOLVER)
    results = []
    for index in range(len(arrays) // 3):
        product = values @ arrays[f"weights{index}"].T.astype(float)
        bounds = arrays[f"bounds{index}"]
        values = levels_of(product, bounds, form) if bounds.size else product + arrays[f"offset{index}"].astype(float)
        results.append(values)
    return source, results


def main(function: Path, frames: Path, out: Path, form: str, cutoff: float, emulated: bool) -> None:
    """Trace, write and run."""
    with np.load(function) as archive:
        arrays = dict(archive)
    with np.load(frames) as archive:
        levels = archive["levels"].astype(float)
    started = spent()
    source, values = traced(arrays, form)
    program = trace(source, values[-1])
    model = RTLModel(program, out / "rtl", "peer", latency_cutoff=cutoff)
    model.write()
    written = spent()
    every = trace(source, np.concatenate(values)).predict(levels)
    bounds = np.cumsum([value.size for value in values])[:-1]
    results = {f"interpreter{index}": part for index, part in enumerate(np.split(every, bounds, axis=1))}
    interpreted = spent()
    seconds = {"trace and write": written - started, "interpreter": interpreted - written}
    if emulated:
        model._compile(nproc=1, openmp=False)
        results["verilog"] = np.asarray(model.predict(levels))
        seconds["compile with Verilator and run"] = spent() - interpreted
    rounded = {name: np.round(array).astype(np.int64) for name, array in results.items()}
    np.savez_compressed(out / "values.npz", allow_pickle=False, **rounded)
    exact = all(np.array_equal(np.round(array), array) for array in results.values())
    schedule = model.fsm.inp_signals[0].schedule
    figures = {
        "interval": schedule.period,
        "latency": model.latency,
        "register_bits": model.reg_bits,
        "cost_by_its_own_count": float(program.cost),
        "integers": exact,
        "processor_seconds": seconds,
        "versions": {"alkaid": version("alkaid"), "numpy": version("numpy")},
        "settings": {"hardware": list(HARDWARE), "solver": SOLVER, "form": form, "latency_cutoff": cutoff},
    }
    (out / "alkaid.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], float(sys.argv[5]), sys.argv[6] == "1")
