"""The table of a study: what a row holds, study.json, and study.csv with the same figures."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipeline.campaign.csv_lines import csv_lines

SCHEMA = "isospike-study-1"

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[int | float, Field(ge=0)]


class Section(BaseModel):
    """A part of the table; keys that are not known are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Simulations(Section):
    """A row's network in HLS and RTL, compared with golden."""

    frames: Annotated[int, Field(ge=1, description="test images simulated")]
    hls_values: Annotated[Count, Field(description="spikes and scores of HLS compared with golden")]
    hls_mismatches: Count
    rtl_values: Annotated[Count, Field(description="spikes, scores and classes of RTL compared with golden")]
    rtl_mismatches: Count
    counters_values: Annotated[Count, Field(description="counters of RTL compared with golden's counts")]
    counters_mismatches: Count
    checks_failed: Annotated[Count, Field(description="further checks of the HLS project and the simulation that failed")]
    latency_cycles: Annotated[Amount, Field(description="measured on the core, median of the frames")]
    interval_cycles: Annotated[Amount, Field(description="measured on the core with frames back to back, median")]


class Row(Section):
    """One network on the test set: a variant at a number of time steps, a code and a seed."""

    variant: Annotated[str, Field(description="the method, or the variant's name")]
    method: str
    activation: Annotated[str, Field(description="what the network was trained with")]
    seed: Annotated[int, Field(description="of training")]
    time_steps: Annotated[Count, Field(description="T: time steps of a causal method, levels of a deferred one")]
    code: Annotated[str, Field(description="as asked for; train for causal neurons")]
    codes: Annotated[list[str], Field(description="of every hidden layer")]
    levels: Annotated[list[Count], Field(description="largest level of every hidden layer")]
    lowest_levels: Annotated[list[int], Field(description="lowest level of every hidden layer")]
    wire_time_steps: Annotated[list[Count], Field(description="time steps that every hidden layer sends")]
    input_code: str
    input_time_steps: Count
    potential_bits: Annotated[list[Count], Field(description="proved width of every layer's potential")]
    data: Annotated[dict[str, str | int], Field(description="source, and images of each part of the split")]
    images: Annotated[int, Field(ge=1, description="test images of this row")]
    accuracy: Annotated[Share, Field(description="golden SNN on these images")]
    accuracy_trained: Annotated[Share, Field(description="trained network on the whole test part")]
    accuracy_ann: Annotated[Share, Field(description="folded and rounded network on these images")]
    accuracy_reference: Annotated[Share, Field(description="integer reference on these images")]
    exact: Annotated[bool, Field(description="true where the SNN must equal its ANN: a mismatch is a failure")]
    values: Annotated[Count, Field(description="levels and scores compared with the ANN")]
    mismatches: Annotated[Count, Field(description="of these, how many differ")]
    loss: Annotated[dict[str, Share], Field(description="by layer, the share of neurons and images that differ from the ANN")]
    counts: Annotated[dict[str, Amount], Field(description="golden counts of all layers, per image")]
    cycles_sum: Annotated[Amount, Field(description="cycle rule per image, sum over the layers: latency-like")]
    cycles_max: Annotated[Amount, Field(description="cycle rule per image, largest layer: interval-like")]
    energy: Annotated[dict[str, Amount], Field(description="pJ per image by price table")]
    simulations: Annotated[Simulations | None, Field(description="with --rtl")]
    failures: Annotated[list[str], Field(description="comparisons for equality that failed")]
    seconds: Annotated[Amount, Field(description="conversion and golden simulation, when they were made")]
    training: Annotated[str, Field(description="folder of the training, below the study's")]

    @property
    def operations(self) -> float:
        """Additions, compares and resets of all layers, per image."""
        return sum(self.counts[name] for name in OPERATIONS)


OPERATIONS = ("accumulates", "doublings", "bias_adds", "charge_adds", "compares", "resets")


class AbsentRows(Section):
    """Rows that the grid has not, and why; no time steps and a code of null stand for all."""

    variant: str
    time_steps: list[int]
    code: str | None
    reason: str


class Table(Section):
    """study.json."""

    schema_: Annotated[Literal["isospike-study-1"], Field(alias="schema")]
    name: str
    verdict: Annotated[Literal["PASS", "FAIL"], Field(description="FAIL where any comparison for equality failed")]
    failures: list[str]
    absent: Annotated[list[AbsentRows], Field(description="rows that are absent by rule")]
    versions: Annotated[dict[str, str], Field(description="of programs and packages that the figures depend on")]
    configuration: Annotated[dict[str, Any], Field(description="the base configuration")]
    study: Annotated[dict[str, Any], Field(description="the table [study]")]
    rows: Annotated[list[Row], Field(min_length=1)]


def schema_text() -> str:
    """The JSON schema of study.json."""
    return json.dumps(Table.model_json_schema(by_alias=True), indent=2) + "\n"


def csv_text(table: Table) -> str:
    """One line a row; lists are separated by spaces, dictionaries have a column a key or ``key=value`` pairs."""
    flat = [_flat(row) | {"versions": _pairs(table.versions)} for row in table.rows]
    return csv_lines(flat)


def _flat(row: Row) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in row.model_dump(mode="json").items():
        if key == "loss":
            values[key] = _pairs(value)
        elif key == "failures":
            values[key] = "; ".join(value)
        elif key == "simulations":
            empty = dict.fromkeys(Simulations.model_fields, "")
            values |= {f"simulated_{name}": figure for name, figure in (value or empty).items()}
        elif key == "counts":
            values |= value
        elif isinstance(value, dict):
            values |= {f"{key}_{name}": inner for name, inner in value.items()}
        elif isinstance(value, list):
            values[key] = " ".join(map(str, value))
        else:
            values[key] = value
    return values


def _pairs(values: dict[str, Any]) -> str:
    return " ".join(f"{key}={value}" for key, value in values.items())


def failures_of(rows: Iterable[Row]) -> list[str]:
    """Every failed comparison with the row it is of."""
    return [f"{row.variant} T={row.time_steps} {row.code} seed {row.seed}: {reason}" for row in rows for reason in row.failures]
