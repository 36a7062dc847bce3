"""What report.json holds; docs/report.schema.json is this file's JSON schema."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from model.config.schema import Configuration

SCHEMA = "isospike-report-1"

Share = Annotated[float, Field(ge=0, le=1, description="a fraction from 0 to 1")]
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[int | float, Field(ge=0)]
Positive = Annotated[int | float, Field(gt=0)]


class Section(BaseModel):
    """A part of the report; keys that are not known are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Input(Section):
    """How pixels become spikes."""

    shape: list[int]
    bits: int
    code: str
    time_steps: int


Pair = Annotated[list[Count], Field(min_length=2, max_length=2, description="rows, columns")]
Map = Annotated[list[Count], Field(min_length=3, max_length=3, description="channels, rows, columns")]


class Window(Section):
    """A window that slides over a map."""

    size: Pair
    stride: Pair
    padding: Pair


class Source(Section):
    """What a layer reads, and by which weights."""

    source: str
    kind: Literal["linear", "convolution", "identity"]
    map: Annotated[Map, Field(description="of the source, before average pooling")]
    average_pooling: Annotated[Pair, Field(description="in front of the weights; [1, 1] is none")]
    window: Annotated[Window | None, Field(description="of a convolution")]
    groups: Annotated[Count, Field(description="of a convolution; as many as channels make it depthwise")]
    weight_bits: Count
    weights: Annotated[Count, Field(description="number of weights, zero weights included")]
    zero_weights: Count


class Layer(Section):
    """One layer of the integer network."""

    name: str
    mode: str
    code: str
    sources: Annotated[list[Source], Field(min_length=1, description="a residual connection is a second one")]
    map: Annotated[Map, Field(description="of the neurons, behind max pooling")]
    max_pooling: Window | None
    neurons: Count
    levels: Count
    time_steps: Annotated[Count, Field(description="of the output; 0 for the readout")]
    potential_bits: Annotated[Count, Field(description="proved width of the membrane potential")]


class Network(Section):
    """The integer network in numbers."""

    layers: Annotated[Count, Field(description="number of layers, the readout included")]
    neurons: Annotated[Count, Field(description="neurons of all layers")]
    synapses: Annotated[Count, Field(description="weights of all layers, zero weights included")]
    time_steps: Annotated[Count, Field(description="time steps of a frame on the longest link")]
    topology: Annotated[list[Count], Field(min_length=2, description="input values, then the neurons of every layer")]
    input: Input
    by_layer: Annotated[list[Layer], Field(min_length=1)]


class Accuracy(Section):
    """Share of test images classified rightly, stage by stage."""

    test_images: Annotated[int, Field(ge=1)]
    trained: Annotated[Share, Field(description="the trained network, before folding and rounding")]
    ann: Annotated[Share, Field(description="the folded and rounded network in floating point")]
    reference: Annotated[Share, Field(description="the integer reference")]
    golden: Share
    hls: Annotated[Share, Field(description="of the images that the C simulation ran")]
    rtl: Annotated[Share, Field(description="of the images that the RTL simulation ran")]
    hls_images: Annotated[int, Field(ge=1, description="how many the configuration asks for")]
    rtl_images: Annotated[int, Field(ge=1, description="how many the configuration asks for")]
    golden_of_hls_images: Share
    golden_of_rtl_images: Share


class Equivalence(Section):
    """Two stages compared value by value."""

    frames: Count
    values: Annotated[Count, Field(description="values compared: levels, spikes, scores or counts")]
    mismatches: Count
    by_layer: Annotated[dict[str, Count], Field(description="mismatches of every layer")]
    first: Annotated[str | None, Field(description="the first difference")]
    role: Annotated[
        Literal["equality", "measurement"],
        Field(description="a mismatch of an equality fails the build; a causal method is measured against its own ANN"),
    ]


class Netlist(Equivalence):
    """The ECP5 netlist against golden."""

    images: Annotated[int, Field(ge=1, description="how many the configuration asks for")]


class Equivalences(Section):
    """The chain."""

    ann_vs_reference: Equivalence
    reference_vs_golden: Equivalence
    hls_vs_golden: Equivalence
    rtl_vs_golden: Equivalence
    counters_rtl_vs_golden: Equivalence


class Loss(Section):
    """What a causal layer loses against its own ANN."""

    share_of_different_values: Share
    mean_difference: Annotated[float, Field(description="per time step")]
    mean_magnitude: Annotated[Amount, Field(description="per time step")]


class Cycles(Section):
    """Over the whole test set."""

    min: Positive
    median: Positive
    max: Positive


class Events(Section):
    """Of one frame on all links."""

    min: Count
    median: Amount
    max: Count


class Growth(Section):
    """The straight line through latency and events of all simulated frames."""

    events: Events
    cycles_per_event: float
    cycles_without_events: float
    explained: Annotated[Share, Field(description="share of the latency's variance that the line explains")]


class PredictedCycles(Section):
    """Cycles predicted from the golden events (docs/rtl.md), beside those of the simulation frame by frame."""

    median: Positive
    frames: Count
    exact_frames: Annotated[Count, Field(description="frames whose cycles are those that were predicted")]
    error_of_median_percent: Amount
    mean_error_percent: Amount
    largest_error_percent: Amount


class Predictions(Section):
    """Null where not every frame was measured, or where there is one frame alone."""

    latency_cycles: PredictedCycles | None
    interval_cycles: PredictedCycles | None


class PredictedFigure(Section):
    """A figure of the area model beside the one of the synthesis."""

    predicted: Amount
    measured: Amount
    error_percent: Annotated[float | None, Field(description="of what was measured; null of nothing")]


class PredictedArea(Section):
    """Area predicted from the plan of the core (docs/folding.md), on 7-series with wide lookup tables."""

    lut: PredictedFigure
    ff: PredictedFigure
    bram36: PredictedFigure
    layers: Annotated[dict[str, Amount], Field(description="predicted LUT of every part of the core")]
    model: Annotated[dict[str, Amount], Field(description="errors in LUT of the cores that it was fitted to, each left out")]


class FoldedLayer(Section):
    """What was chosen of one layer."""

    name: str
    engine: Literal["event", "unrolled"]
    lanes: Count
    code: str


class Alternative(Section):
    """Another choice that none beats in both figures."""

    layers: list[FoldedLayer]
    latency_cycles: Amount
    lut: Amount


class Folding(Section):
    """Engine, lanes and wire code of every layer, chosen for a target."""

    target: str
    layers: list[FoldedLayer]
    reason: str
    sample: Annotated[Count, Field(description="training images whose median latency was counted")]
    tried: Annotated[Count, Field(description="choices whose cost was predicted")]
    alternatives: list[Alternative]
    predicted: Annotated[dict[str, Amount], Field(description="median latency of the sample in cycles; LUT")]
    met: Annotated[bool | None, Field(description="by the core that was measured; null where nothing says so")]
    measured: str


class LayerCycles(Section):
    """Cycles of one layer against the bound of the design, in every frame and run of the simulation."""

    bound_violations: Count
    worst_slack: Annotated[int, Field(description="fewest cycles left below the bound")]


class Device(BaseModel):
    """Further figures of the same synthesis stand beside the required ones."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)


class Xc7(Device):
    """AMD 7-series, synthesised."""

    lut: Count
    ff: Count
    bram36: Annotated[Amount, Field(description="36-kbit blocks; a half counts 0.5")]
    dsp: Count


class Ecp5(Device):
    """Lattice ECP5, synthesised, placed and routed where the core fits the device."""

    lut4: Count
    ff: Count
    bram: Count
    fmax_mhz: Annotated[Positive | None, Field(description="median of the seeds; null where the core does not fit the device")]
    fmax_mhz_lowest: Annotated[Positive | None, Field(description="of the seeds")]
    fmax_mhz_highest: Annotated[Positive | None, Field(description="of the seeds")]


class PlacementDevice(Section):
    """What the core was to be placed on."""

    device: str
    missing: Annotated[str, Field(description="what the core needs more of than the device has; empty where it was placed")]
    seeds: Annotated[dict[str, Positive], Field(description="clock in MHz of every seed")]


class TargetDevice(Section):
    """A device beside the ECP5."""

    figures: Annotated[dict[str, Amount], Field(description="area in the units of its family; where it was placed the clocks")]
    placement: PlacementDevice


class Smallest(Section):
    """Of a family the smallest device with enough of everything, by the figures of the synthesis."""

    family: str
    part: Annotated[str, Field(description="empty where no device is large enough")]
    smaller: Annotated[str, Field(description="the next smaller device, or the largest where none is large enough; may be empty")]
    smaller_lacks: str
    placed: Annotated[bool, Field(description="whether the core was placed on it")]


class Hardware(Section):
    """Cycles by simulation; area and clock by open synthesis."""

    latency_cycles: Annotated[Cycles, Field(description="first input beat accepted to the last result beat, idle core")]
    latency_growth: Annotated[Growth | None, Field(description="null where every frame has as many events")]
    interval_cycles: Annotated[Positive, Field(description="median distance of results with frames back to back")]
    interval_cycles_range: Cycles
    predicted: Predictions
    predicted_area: PredictedArea
    folding: Annotated[Folding | None, Field(description="null where the configuration names no target")]
    layer_cycles: dict[str, LayerCycles]
    latency_us: Annotated[Positive | None, Field(description="median latency at the Fmax of the ECP5; null where there is none")]
    frames_per_second: Annotated[Positive | None, Field(description="one frame an interval at the Fmax of the ECP5, or null")]
    xc7: Xc7
    ecp5: Ecp5
    placement: PlacementDevice
    targets: dict[str, TargetDevice]
    smallest: list[Smallest]
    critical_path: Annotated[
        dict[str, Any], Field(description="of the routed ECP5 core with the median clock; empty where it was not placed")
    ]
    hls: Annotated[dict[str, Any], Field(description="what is known about HLS synthesis; figures only with the vendor tool")]


class Audit(BaseModel):
    """The audit of the Verilog's syntax tree."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    multipliers: Count
    passed: bool


class Energy(Section):
    """docs/energy.md."""

    counts: dict[str, Any]
    tables: dict[str, Any]
    baselines: dict[str, Any]
    break_even: dict[str, dict[str, dict[str, float | None]]]


class Check(BaseModel):
    """One check of a step."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    name: str
    passed: bool
    detail: str


class Checks(Section):
    """Checks beside the chain."""

    hls: Annotated[list[Check], Field(min_length=1, description="is the HLS project ready for synthesis")]
    rtl: Annotated[list[Check], Field(min_length=1, description="of the simulation of the Verilog")]
    estimate: Annotated[list[Check], Field(min_length=1, description="of the synthesised netlists")]
    netlist: Annotated[list[Check], Field(description="of the simulation of the netlist; empty where it was not simulated")]


class Provenance(Section):
    """How to get the same figures again."""

    network: Annotated[str, Field(description="the integer network's file, relative to the build's folder")]
    network_sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    images: str
    seeds: dict[str, int | list[int]]
    data: Annotated[dict[str, Any], Field(description="source, counts and checksums of the data")]
    tools: dict[str, str]
    flags: dict[str, Any]
    figures: Annotated[dict[str, str], Field(description="figure of the report: file of the build and key")]
    configuration: Configuration


class Report(Section):
    """A whole build."""

    model_config = ConfigDict(title="Isospike report")

    schema_: Annotated[Literal["isospike-report-1"], Field(alias="schema")]
    name: str
    verdict: Literal["PASS", "FAIL"]
    failures: Annotated[list[str], Field(description="why the verdict is FAIL")]
    method: str
    code: Annotated[str, Field(description="wire code of the hidden layers; where they differ, one each, joined by commas")]
    network: Network
    accuracy: Accuracy
    equivalence: Equivalences
    netlist: Annotated[Netlist | None, Field(description="the ECP5 netlist against golden; null where it was not simulated")]
    loss_by_layer: Annotated[dict[str, Loss] | None, Field(description="causal methods")]
    checks: Checks
    hardware: Hardware
    audit: Audit
    energy: Energy
    seconds: Annotated[dict[str, Amount], Field(description="wall time of every step")]
    provenance: Provenance


def schema_text() -> str:
    """The JSON schema of report.json, as it stands in docs/report.schema.json."""
    return json.dumps(Report.model_json_schema(by_alias=True), indent=2, ensure_ascii=False) + "\n"
