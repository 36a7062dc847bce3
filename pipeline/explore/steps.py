"""What decides the results of an exploration: a converted network, the prediction of a core, its measurement."""

from __future__ import annotations

from pipeline.campaign.steps import CONVERT, GOLDEN, RTL, SIM, together
from pipeline.steps import PLAN

NETWORK = together("network", (CONVERT, GOLDEN), ("data", "train"), sources=("pipeline/explore/network.py",))
PREDICTION = together(
    "prediction",
    (),
    ("network",),
    keys=("hardware",),
    sources=(
        *("model/energy", "model/golden", "model/integer_network", *PLAN, "rtl/cost", "rtl/cycles"),
        *("rtl/engine_counts.py", "rtl/engine_energy.py", "pipeline/explore/predict.py"),
    ),
)
MEASUREMENT = together(
    "measurement",
    (RTL, SIM),
    ("data", "network"),
    sources=("rtl/estimate", "pipeline/explore/measure.py"),
    tools=("yosys",),
)
