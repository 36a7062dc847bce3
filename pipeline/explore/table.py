"""The table of an exploration: what a row holds, explore.json, and explore.csv with the same figures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.campaign.csv_lines import csv_lines

SCHEMA = "isospike-explore-1"
SELECTED_ENERGY = "integer"
"""Key of the price table that the front is drawn by."""

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[int | float, Field(ge=0)]
Basis = Literal["measured", "predicted"]


class Section(BaseModel):
    """A part of the table; keys that are not known are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Predicted(Section):
    """A core by its models, on the first test images."""

    frames: Annotated[int, Field(ge=1, description="the first so many test images, of all predicted and measured figures")]
    latency_cycles: Annotated[Amount, Field(description="median of the frames")]
    interval_cycles: Annotated[Amount | None, Field(description="median, frames back to back; null for a single frame")]
    lut: Annotated[Amount, Field(description="7-series tables, of the area model")]
    energy: Annotated[dict[str, Amount], Field(description="pJ an image, counted operations times each price table")]
    lanes: Annotated[list[Count], Field(description="of every layer")]
    engines: Annotated[list[str], Field(description="of every layer")]
    port: Annotated[str, Field(description="stream or frame")]


class Measured(Section):
    """A core built: Verilator against golden, yosys for 7-series."""

    frames: Annotated[int, Field(ge=1)]
    latency_cycles: Annotated[
        Amount | None, Field(description="median of the frames, each alone in the core; null: no frame came through")
    ]
    interval_cycles: Annotated[Amount | None, Field(description="median, frames back to back; null: fewer than two frames")]
    rtl_values: Annotated[Count, Field(description="spikes, scores and classes compared with golden")]
    rtl_mismatches: Count
    counters_values: Annotated[Count, Field(description="counters compared with golden's counts")]
    counters_mismatches: Count
    checks: Annotated[Count, Field(description="of the simulation, the comparisons included")]
    checks_failed: Count
    latency_exact_frames: Annotated[Count | None, Field(description="frames whose predicted latency is exact")]
    interval_exact_frames: Annotated[Count | None, Field(description="distances of frames that are predicted exactly")]
    area: Annotated[
        dict[str, Amount], Field(description="7-series cells by yosys, counters compiled out; lut_no_wide: without wide tables")
    ]


class Errors(Section):
    """Predicted / measured − 1."""

    lut: float
    latency_cycles: float | None
    interval_cycles: float | None


class Row(Section):
    """One point: a design with one seed of training."""

    title: Annotated[str, Field(description="of the design: the axes that vary")]
    axes: Annotated[dict[str, Any], Field(description="value of every axis; null: as the configuration has it")]
    seed: Annotated[int, Field(description="of training")]
    layers: Annotated[list[Count], Field(description="neurons of every layer, readout included")]
    input_code: str
    codes: Annotated[list[str], Field(description="wire code of every hidden layer")]
    time_steps: Annotated[list[Count], Field(description="that every hidden layer sends")]
    accuracy_validation: Annotated[Share, Field(description="golden on the validation images; selection goes by this one")]
    accuracy_test: Annotated[Share, Field(description="golden on all test images; nothing is chosen by it")]
    accuracy_ann: Annotated[Share, Field(description="of the trained network in integers, on the test images")]
    exact: Annotated[bool, Field(description="the method is exact, so that a mismatch is a failure")]
    values: Annotated[Count, Field(description="levels and scores of the test images compared with the ANN")]
    mismatches: Count
    predicted: Predicted
    measured: Measured | None
    not_measured: Annotated[str, Field(description="why not; empty where it was")]
    error: Errors | None
    training: Annotated[str, Field(description="folder of the training")]
    seconds: Annotated[Amount, Field(description="that network, prediction and measurement took when they were made")]
    failures: list[str]


class Design(Section):
    """A point on the plots: means over the seeds, measured where all of its rows are."""

    title: str
    axes: dict[str, Any]
    seeds: Annotated[list[int], Field(min_length=1)]
    accuracy_validation: Share
    accuracy_test: Share
    basis: Annotated[Basis, Field(description="of latency, interval and lut")]
    latency_cycles: Amount
    interval_cycles: Amount | None
    lut: Amount
    energy: Annotated[Amount, Field(description=f"pJ an image by the table {SELECTED_ENERGY}")]
    on_predicted_front: bool
    on_front: bool


class ModelError(Section):
    """How far predictions are from measurements, over all measured rows: magnitudes of predicted / measured − 1."""

    rows: Annotated[int, Field(ge=1)]
    exact: Annotated[Count, Field(description="rows without an error")]
    median: Amount
    worst: Amount
    worst_row: Annotated[str, Field(description="empty where every row is exact")]


class Front(Section):
    """What the front is drawn by."""

    basis: Annotated[Basis, Field(description="measured: of measured designs alone; predicted: nothing was measured")]
    larger: list[str]
    smaller: list[str]


class AbsentDesigns(Section):
    """Combinations that are no points, and why."""

    reason: str
    designs: Annotated[list[str], Field(min_length=1)]


class Table(Section):
    """Everything about an exploration."""

    schema_: Annotated[Literal["isospike-explore-1"], Field(alias="schema")]
    name: str
    verdict: Literal["PASS", "FAIL"]
    failures: list[str]
    measure: Literal["front", "all", "none"]
    front: Front
    model_error: Annotated[dict[str, ModelError], Field(description="by figure: lut, latency_cycles, interval_cycles")]
    data: Annotated[dict[str, str | int], Field(description="source, and images of each part of the split")]
    absent: list[AbsentDesigns]
    versions: Annotated[dict[str, str], Field(description="of programs and packages that the figures depend on")]
    flags: Annotated[dict[str, str], Field(description="synthesis commands")]
    configuration: Annotated[dict[str, Any], Field(description="the base configuration")]
    explore: Annotated[dict[str, Any], Field(description="values of the axes, and the other keys of [explore]")]
    designs: Annotated[list[Design], Field(min_length=1)]
    rows: Annotated[list[Row], Field(min_length=1)]


def schema_text() -> str:
    """The JSON schema of explore.json."""
    return json.dumps(Table.model_json_schema(by_alias=True), indent=2) + "\n"


def csv_text(table: Table) -> str:
    """One line a row; lists are separated by spaces, tables have a column a key."""
    front = {design.title: design for design in table.designs}
    pairs = {kind: " ".join(f"{key}={value}" for key, value in getattr(table, kind).items()) for kind in ("data", "versions")}
    flat = [
        _flat(row) | {"on_predicted_front": front[row.title].on_predicted_front, "on_front": front[row.title].on_front} | pairs
        for row in table.rows
    ]
    return csv_lines(flat)


def _flat(row: Row) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in row.model_dump(mode="json").items():
        values |= _columns("" if key == "axes" else key, value)
    # So that the columns are the same in every file.
    empty = {f"measured_{name}": "" for name in Measured.model_fields if name != "area"} if row.measured is None else {}
    return {key: value for key, value in values.items() if key not in ("measured", "error")} | empty


def _columns(name: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict):
        columns: dict[str, Any] = {}
        for key, inner in value.items():
            columns |= _columns(f"{name}_{key}" if name else key, inner)
        return columns
    if isinstance(value, list):
        return {name: ("; " if name == "failures" else " ").join(map(str, value))}
    return {name: "" if value is None else value}
