"""The estimate step: area on several families, clock where it is placed, every figure with the file it was read from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from model.base.files import write_json
from model.base.progress import Progress, progress
from model.base.tools import Tool, find_tool
from model.config.schema import Configuration, EstimateSection
from rtl.cost.beside import predicted_beside
from rtl.estimate.contents import check_audited
from rtl.estimate.parts import ECP5_FAMILY, TARGETS, XC7_FAMILY, Family, Part
from rtl.estimate.placement import Placement, Placements, place_and_route, placement_arguments
from rtl.estimate.synthesis import CoreFiles, Synthesis, netlist_name, synthesise

Result = TypeVar("Result")


@dataclass(frozen=True)
class Target:
    """A device that the core is placed on.

    Attributes:
        name: key of its figures.
        family: of the device.
        part: the device.
        router: of nextpnr.
    """

    name: str
    family: Family
    part: Part
    router: str


@dataclass(frozen=True)
class PlacedTarget:
    """A device with what it lacks for the core, or with the core placed on it."""

    target: Target
    synthesis: Synthesis
    missing: str
    placements: Placements | None

    def figures(self) -> dict[str, int | float]:
        """Of the synthesis, and of place and route where it was run."""
        placed = {} if self.placements is None else self.placements.figures()
        return self.synthesis.figures | {figure: value for figure, (value, _) in placed.items()}

    def files(self) -> dict[str, str]:
        """The file of each figure, and of the clock of each seed."""
        if self.placements is None:
            return self.synthesis.files
        placed = {figure: file for figure, (_, file) in self.placements.figures().items()}
        seeds = {f"seeds.{run.seed}": run.report for run in self.placements.runs}
        return self.synthesis.files | placed | seeds

    def summary(self) -> dict[str, Any]:
        """The device, what is missing, the clock of every seed."""
        by_seed = {} if self.placements is None else self.placements.by_seed()
        return {"device": self.target.part.name, "missing": self.missing, "seeds": by_seed}


def run_estimate(config: Configuration, fold: Path, rtl: Path, out: Path) -> None:
    """Synthesise the core for 7-series, ECP5 and the families of the targets; place and route it where a device has enough.

    Args:
        config: its estimate section is read.
        fold: folder of the fold step, with the integer network.
        rtl: folder of the core, with rtl.json and audit.json.
        out: receives estimate.json and everything that its figures were read from.

    Raises:
        UserError: a tool is missing or failed, a figure is missing, or a memory's contents are not in the netlist.
    """
    settings = config.estimate
    targets = _targets(settings)
    tools = {name: find_tool(name) for name in dict.fromkeys(["yosys", *(target.family.placer for target in targets)])}
    core = CoreFiles.read(rtl)
    check_audited(rtl)
    syntheses, placed = _run(core, tools, targets, settings.seeds, out)
    ecp5, others = placed[0], placed[1:]
    xc7 = syntheses[XC7_FAMILY.name]
    sources = {f"xc7.{figure}": file for figure, file in xc7.files.items()}
    sources |= {f"ecp5.{figure}": file for figure, file in ecp5.files().items()}
    sources |= {f"targets.{other.target.name}.{figure}": file for other in others for figure, file in other.files().items()}
    seeds = ", ".join(map(str, settings.seeds))
    estimate = {
        "xc7": xc7.figures,
        "ecp5": ecp5.figures(),
        "predicted": predicted_beside(fold / "network.safetensors", rtl, xc7.figures),
        "sources": sources,
        "placement": ecp5.summary(),
        "critical_path": {} if ecp5.placements is None else ecp5.placements.median.critical_path,
        "targets": {other.target.name: {"figures": other.figures(), "placement": other.summary()} for other in others},
        "smallest": [_smallest(synthesis, placed) for synthesis in syntheses.values()],
        "flags": {name: text for synthesis in syntheses.values() for name, text in synthesis.flags.items()}
        | {"core": "COUNTERS=0", "seeds": seeds}
        | {f"{target.family.placer} {target.part.name}": _flags(target) for target in targets},
        "tools": {tool.name: f"{tool.version} ({tool.origin})" for tool in tools.values()},
        "checks": _checks(syntheses, core),
    }
    write_json(out / "estimate.json", estimate)


def _targets(settings: EstimateSection) -> list[Target]:
    ecp5 = Target("ecp5", ECP5_FAMILY, ECP5_FAMILY.part(settings.ecp5_device), settings.ecp5_router)
    # router1 is the default of every placer.
    return [ecp5, *(Target(name, TARGETS[name], TARGETS[name].part(name), "router1") for name in settings.targets)]


def _flags(target: Target) -> str:
    return " ".join(placement_arguments(target.part, netlist_name(target.family), target.router, "SEED", "REPORT"))


def _run(
    core: CoreFiles, tools: dict[str, Tool], targets: Sequence[Target], seeds: Sequence[int], out: Path
) -> tuple[dict[str, Synthesis], list[PlacedTarget]]:
    """All programs, as many at a time as there are cores; results in the order of the families and of the targets."""
    families = {family.name: family for family in (*(target.family for target in targets), XC7_FAMILY)}
    jobs = len(families) + len(targets) * len(seeds)
    # Nothing waits inside a job, so that any number of threads will do.
    with progress(jobs, "synthesis, place and route", "jobs") as shown, ThreadPoolExecutor(_cores()) as pool:
        waiting = {name: pool.submit(synthesise, core, tools["yosys"], family, out) for name, family in families.items()}
        running: list[tuple[Target, str, list[Future[Placement]]]] = []
        for target in targets:
            synthesis = waiting[target.family.name].result()
            missing = target.part.missing(synthesis.figures, target.family.names)
            running.append((target, missing, [] if missing else _place(pool, tools, target, seeds, out)))
        syntheses = {name: _done(job, shown) for name, job in waiting.items()}
        placed = []
        for target, missing, runs in running:
            found = [_done(run, shown) for run in runs]
            shown.advance(len(seeds) - len(found))
            synthesis = syntheses[target.family.name]
            placed.append(PlacedTarget(target, synthesis, missing, Placements.of(found) if found else None))
    return syntheses, placed


def _place(
    pool: ThreadPoolExecutor, tools: dict[str, Tool], target: Target, seeds: Sequence[int], out: Path
) -> list[Future[Placement]]:
    family, tool = target.family, tools[target.family.placer]
    netlist = netlist_name(family)
    return [pool.submit(place_and_route, tool, out, family, target.part, netlist, target.router, seed) for seed in seeds]


def _done(job: Future[Result], shown: Progress) -> Result:
    result = job.result()
    shown.advance()
    return result


def _cores() -> int:
    return len(os.sched_getaffinity(0))


def _smallest(synthesis: Synthesis, placed: Sequence[PlacedTarget]) -> dict[str, Any]:
    """The smallest part by the figures of yosys, and whether the core was placed on just that one."""
    family = synthesis.family
    smallest = family.smallest(synthesis.figures)
    confirmed = [other for other in placed if other.target.family is family and other.target.part.name == smallest["part"]]
    return {"family": family.title} | smallest | {"placed": any(other.placements is not None for other in confirmed)}


def _checks(syntheses: dict[str, Synthesis], core: CoreFiles) -> list[dict[str, Any]]:
    xc7, ecp5 = syntheses["xc7"], syntheses["ecp5"]
    counted = {
        "no DSP blocks on 7-series": (xc7.figures["dsp"], "DSP48E1"),
        "no DSP blocks on ECP5": (ecp5.figures["mult18"], "multiplier blocks"),
        "no latches": (xc7.figures["latch"], "latches"),
    }
    counted |= {
        f"no DSP blocks on {synthesis.family.title}": (synthesis.figures["dsp"], "multiplier blocks")
        for name, synthesis in syntheses.items()
        if name not in ("xc7", "ecp5")
    }
    checks = [
        {"name": name, "passed": count == 0, "detail": f"{count} {what}; expected none"}
        for name, (count, what) in counted.items()
    ]
    return [*checks, _memory_check(syntheses, bool(core.memories))]


def _memory_check(syntheses: dict[str, Synthesis], has_memories: bool) -> dict[str, Any]:
    """Bits that were compared; a core whose weights are all wires has no memory file, and then none may be in the design."""
    bits = {name: synthesis.memory_bits for name, synthesis in syntheses.items()}
    detail = ", ".join(f"{number:,} bits on {syntheses[name].family.costs.family}" for name, number in bits.items())
    passed = all((number > 0) == has_memories for number in bits.values())
    return {"name": "memory contents in the netlist", "passed": passed, "detail": f"{detail} equal to the memory files"}
