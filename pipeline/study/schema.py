"""Every key of the table [study], its type, its legal values and its default."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Method = Literal["pascal", "parallel", "opi", "qcfs", "dual-phase", "pmsm"]
Code = Literal["auto", "unary", "bits", "count"]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
TimeSteps = Annotated[list[Annotated[int, Field(ge=1, le=64)]], Field(min_length=1, max_length=64)]
Codes = Annotated[list[Code], Field(min_length=1, max_length=4)]
Seeds = Annotated[list[Annotated[int, Field(ge=0, le=2**32 - 1)]], Field(min_length=1, max_length=100)]

METHODS: tuple[str, ...] = get_args(Method)
CODES: tuple[str, ...] = get_args(Code)

_TIME_STEPS = "a list of whole numbers from 1 to 64"
_CODES = f"a list of {', '.join(CODES)}"
_SEEDS = "a list of whole numbers from 0 to 4294967295"
_NAME = "text that matches ^[a-z0-9][a-z0-9_-]{0,39}$"


class Section(BaseModel):
    """A table of the study: unknown keys and silent conversions are refused; every description says what is legal."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class VariantSection(Section):
    """A method with keys of its own, a line of its own in every plot."""

    name: Annotated[Name, Field(description=_NAME)]
    method: Annotated[Method, Field(description=", ".join(METHODS))]
    time_steps: Annotated[TimeSteps | None, Field(description=_TIME_STEPS)] = None
    codes: Annotated[Codes | None, Field(description=_CODES)] = None
    seeds: Annotated[Seeds | None, Field(description=_SEEDS)] = None
    levels_follow: Annotated[bool, Field(description="true (network.levels is T, a training for each), false")] = False
    set: Annotated[dict[str, Any], Field(description='a table of configuration keys, e.g. { "network.levels" = 15 }')] = {}


class WholeSection(Section):
    """A row that the RTL and HLS simulations take through the whole test set."""

    variant: Annotated[Name, Field(description="the name of a method or variant of this study")]
    time_steps: Annotated[int, Field(ge=1, le=64, description="a whole number from 1 to 64")]
    code: Annotated[Literal["auto", "unary", "bits", "count", "train"], Field(description=f"{', '.join(CODES)}, train")]


class HardwareSection(Section):
    """What --rtl does."""

    frames: Annotated[int, Field(ge=1, le=1000000, description="a whole number from 1 to 1000000")] = 500
    seeds: Annotated[Seeds | None, Field(description=_SEEDS)] = None
    whole: Annotated[list[WholeSection], Field(description="tables [[study.rtl.whole]] of variant, time_steps and code")] = []


class StudySection(Section):
    """What is varied around the base configuration."""

    methods: Annotated[list[Method], Field(description=f"a list of {', '.join(METHODS)}")] = []
    variants: Annotated[list[VariantSection], Field(description="tables [[study.variants]]")] = []
    time_steps: Annotated[TimeSteps, Field(description=_TIME_STEPS)] = [1, 2, 4, 8, 16, 32]
    codes: Annotated[Codes, Field(description=_CODES)] = ["unary", "bits", "count"]
    seeds: Annotated[Seeds, Field(description=_SEEDS)] = [1, 2, 3]
    images: Annotated[
        Literal["all"] | Annotated[int, Field(ge=1, le=1000000)],
        Field(description="all, or the first so many images of the test set"),
    ] = "all"
    rtl: Annotated[HardwareSection, Field(description="a table [study.rtl] of frames, seeds and [[study.rtl.whole]]")] = (
        HardwareSection()
    )
