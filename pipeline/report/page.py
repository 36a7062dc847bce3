"""The page: report and drawings in one HTML file that needs nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipeline.report import formats
from pipeline.report.plots import Plots
from pipeline.report.schema import Equivalence, Report


@dataclass(frozen=True)
class Link:
    """One comparison of the chain, for the diagram and the table.

    Attributes:
        key: name in report.json.
        title: the two stages.
        compared: what the values are.
        result: the comparison.
    """

    key: str
    title: str
    compared: str
    result: Equivalence

    @property
    def holds(self) -> bool:
        """True where something was compared and nothing differed."""
        return self.result.values > 0 and self.result.mismatches == 0

    @property
    def state(self) -> str:
        """The class that colours it: equal, differs, or measured."""
        if self.holds:
            return "equal"
        return "measured" if self.result.role == "measurement" else "differs"

    @property
    def sign(self) -> str:
        """The sign that stands on it."""
        return {"equal": "=", "differs": "≠", "measured": "≈"}[self.state]


def links(report: Report) -> dict[str, Link]:
    """The comparisons in the order of the chain."""
    levels = "every level of every layer and the scores"
    texts = {
        "ann_vs_reference": ("folded network in floating point = integer reference", levels),
        "reference_vs_golden": ("integer reference = golden SNN", levels),
        "hls_vs_golden": ("HLS C simulation = golden SNN", "every layer's spikes at every time step and the scores"),
        "rtl_vs_golden": ("RTL simulation = golden SNN", "every layer's spikes at every time step, scores and class"),
        "counters_rtl_vs_golden": ("RTL counters = golden counts", "every operation count of every layer and frame"),
    }
    if report.equivalence.reference_vs_golden.role == "measurement":
        texts["reference_vs_golden"] = ("the method's ANN ≈ golden SNN", "rates of every layer and the scores")
    found = {key: Link(key, *text, getattr(report.equivalence, key)) for key, text in texts.items()}
    if report.netlist is None:
        return found
    netlist = Link(
        "netlist_vs_golden", "ECP5 netlist = golden SNN", "scores, class and packets, cycles of the RTL", report.netlist
    )
    return found | {netlist.key: netlist}


def render(report: Report, plots: Plots) -> str:
    """The whole page."""
    environment = Environment(
        loader=PackageLoader("pipeline.report"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    for name in ("count", "brief_count", "percent", "energy", "significant", "seconds", "words", "shape", "window"):
        environment.filters[name] = getattr(formats, name)
    template = environment.get_template("report.html.j2")
    return template.render(report=report, plots=plots, links=links(report), energy=report.energy.model_dump())
