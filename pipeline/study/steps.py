"""What decides a row and its simulations, from the steps of a build that they consist of."""

from __future__ import annotations

from pipeline.campaign.steps import CONVERT, FOLD, GOLDEN, HLS, RTL, SIM, together
from pipeline.steps import PLAN

_MEASURE = (
    *("model/energy", *PLAN, "rtl/engine_counts.py", "rtl/engine_energy.py"),
    *("pipeline/study/measure.py", "pipeline/study/table.py"),
)

ROW = together("row", (CONVERT, FOLD, GOLDEN), ("data", "train"), keys=("hardware",), sources=_MEASURE)
SIMULATIONS = together("rtl", (GOLDEN, HLS, RTL, SIM), ("data", "row"), sources=("pipeline/study/simulations.py",))
