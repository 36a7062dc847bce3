"""Every key of the table [explore], its type, its legal values and its default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from model.config.schema import Auto, HiddenCode, Levels, LogicLevels, Parallelism, Sparsity, WeightBits

Code = Auto | HiddenCode
Engine = Literal["event", "unrolled"]
InputBits = Annotated[int, Field(ge=1, le=8)]
Hidden = Annotated[list[Annotated[int, Field(ge=1, le=8192)]], Field(max_length=16)]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1)]
Most = 64

_OR_LISTS = "or lists of them, one a layer"


class ExploreSection(BaseModel):
    """What is varied around the configuration; every key but two is a list of values, and every combination is a point."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    hidden: Annotated[
        list[Hidden] | None,
        Field(
            min_length=1, max_length=Most, description="a list of lists of neurons, e.g. [[16], [32, 16]]; absent: network.hidden"
        ),
    ] = None
    input_bits: Annotated[
        list[InputBits] | None,
        Field(min_length=1, max_length=Most, description="a list of whole numbers from 1 to 8; absent: input.bits"),
    ] = None
    weight_bits: Annotated[
        list[WeightBits | list[WeightBits]],
        Field(min_length=1, max_length=Most, description=f"a list of whole numbers from 2 to 8, {_OR_LISTS}"),
    ] = [2, 4]
    sparsity: Annotated[
        list[Sparsity | list[Sparsity]] | None,
        Field(
            min_length=1, max_length=Most, description=f"a list of numbers from 0 to 0.99, {_OR_LISTS}; absent: training.sparsity"
        ),
    ] = None
    levels: Annotated[
        list[Levels | list[Levels]],
        Field(min_length=1, max_length=Most, description=f"a list of whole numbers from 1 to 64, {_OR_LISTS}"),
    ] = [1, 3, 7]
    code: Annotated[
        list[Code | list[Code]] | None,
        Field(
            min_length=1,
            max_length=Most,
            description=f"a list of auto, unary, bits, count, train, {_OR_LISTS}; absent: unary, bits, of a causal method auto",
        ),
    ] = None
    engine: Annotated[
        list[Engine | list[Engine]],
        Field(min_length=1, max_length=Most, description=f"a list of event, unrolled, {_OR_LISTS}"),
    ] = ["event", "unrolled"]
    port: Annotated[
        list[Literal["auto", "stream", "frame"]],
        Field(
            min_length=1,
            max_length=3,
            description="a list of auto, stream, frame; auto: frame where first layer and readout are unrolled, else stream",
        ),
    ] = ["auto"]
    parallelism: Annotated[
        list[Auto | Parallelism | list[Parallelism]],
        Field(min_length=1, max_length=Most, description=f"a list of auto and whole numbers from 1 to 4096, {_OR_LISTS}"),
    ] = ["auto", 8]
    logic_levels: Annotated[
        list[LogicLevels] | None,
        Field(min_length=1, max_length=Most, description="a list of whole numbers from 1 to 64; absent: hardware.logic_levels"),
    ] = None
    seeds: Annotated[
        list[Seed] | None,
        Field(min_length=1, max_length=100, description="a list of whole numbers from 0 to 4294967295; absent: training.seed"),
    ] = None
    frames: Annotated[
        int, Field(ge=1, le=1000000, description="a whole number from 1 to 1000000: the first so many test images are simulated")
    ] = 100
    measure_lut: Annotated[
        int,
        Field(ge=0, le=10**9, description="a whole number from 0 to 1000000000: cores predicted to be larger are not measured"),
    ] = 30000
