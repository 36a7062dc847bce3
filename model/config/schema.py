"""Every key of a configuration, its type, its legal values and its default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Auto = Literal["auto"]
Levels = Annotated[int, Field(ge=1, le=64)]
WeightBits = Annotated[int, Field(ge=2, le=8)]
Parallelism = Annotated[int, Field(ge=1, le=4096)]
HiddenCode = Literal["unary", "bits", "count", "train"]


class Section(BaseModel):
    """A table of the configuration: unknown keys and silent conversions are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DataSection(Section):
    """Which images."""

    source: Literal["digits", "mnist"] = Field("digits", description="digits ship with scikit-learn; mnist needs --data-dir")
    shift: Annotated[int, Field(ge=0, le=4)] = Field(0, description="training images are shifted by up to this many pixels")


class InputSection(Section):
    """How pixels become levels."""

    bits: Annotated[int, Field(ge=1, le=8)] = Field(2, description="levels of a pixel: its top bits")
    code: Literal["auto", "bits", "unary", "direct"] = Field("auto", description="auto: what the conversion method takes")


class NetworkSection(Section):
    """The network that is trained."""

    hidden: Annotated[list[Annotated[int, Field(ge=1, le=8192)]], Field(max_length=16)] = Field(
        [32], description="neurons of each hidden layer"
    )
    levels: Levels | list[Levels] = Field(3, description="activation levels L, one for all hidden layers or one each")
    weight_bits: WeightBits | list[WeightBits] = Field(4, description="weight bits, one for all layers or one each")
    batch_norm: bool = Field(True, description="batch norm after each hidden layer's weights")
    activation: Literal["auto", "qcfs", "clip", "relu", "signed", "leaky"] = Field(
        "auto", description="what the hidden layers are trained with; auto: what the conversion method takes first"
    )
    lowest_levels: Auto | Annotated[int, Field(ge=0, le=64)] = Field(
        "auto", description="signed activation: levels below zero, N; auto: as many as above"
    )
    adaptive_levels: bool = Field(False, description="levels is where each layer starts; what it needs is chosen after training")


class TrainingSection(Section):
    """Quantisation-aware training."""

    epochs: Annotated[int, Field(ge=1, le=10000)] = 30
    batch_size: Annotated[int, Field(ge=2, le=65536)] = 64
    learning_rate: Annotated[float, Field(gt=0, le=10)] = 0.005
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.0001
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 1


class FineTuningSection(Section):
    """The second stage of training, where the method or adaptive levels have one."""

    epochs: Annotated[int, Field(ge=0, le=10000)] = Field(4, description="0: the levels of the second stage without training")
    learning_rate: Annotated[float, Field(gt=0, le=10)] = 0.005
    denoise: Annotated[float, Field(ge=0, le=0.9)] = Field(
        0.1, description="dual-phase: share of activations that a training step leaves unrounded"
    )


class ConversionSection(Section):
    """From the trained network to the integer network."""

    method: Literal["pascal", "parallel", "opi", "qcfs", "dual-phase", "pmsm"] = Field(
        "pascal",
        description="pascal, parallel: deferred, exact; opi, qcfs, dual-phase: causal, a spike a step; pmsm: signed multi-spikes",
    )
    code: Auto | HiddenCode | list[Auto | HiddenCode] = Field(
        "auto", description="wire code, one for all hidden layers or one each"
    )
    time_steps: Auto | Annotated[int, Field(ge=1, le=64)] = Field(
        "auto", description="causal methods: time steps; parallel: levels; auto: the largest level count, of pmsm 1"
    )
    initial_potential: Literal["half", "zero"] = Field(
        "half", description="opi and qcfs: membranes start at half a threshold, or at zero as an ablation"
    )
    calibration: Literal["auto", "on", "off"] = Field(
        "auto", description="auto: where the method has one; off: leave it out as an ablation"
    )
    calibration_images: Annotated[int, Field(ge=16, le=1000000)] = Field(
        1024, description="training images that calibration sees"
    )


class HlsSection(Section):
    """The hls4ml project."""

    parallelism: Auto | Parallelism | list[Parallelism] = Field(
        "auto", description="unrolled neurons, one for all layers or one each"
    )
    part: str = "xc7a100tcsg324-1"
    clock_ns: Annotated[float, Field(gt=0, le=1000)] = 10.0


class HardwareSection(Section):
    """The RTL core."""

    parallelism: Auto | Parallelism | list[Parallelism] = Field(
        "auto", description="lanes of each layer's event engine, one for all layers or one each; auto: one a neuron, at most 128"
    )


class SimulationSection(Section):
    """The Verilator simulation."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(1, description="random gaps and back-pressure")
    gap_percent: Annotated[int, Field(ge=1, le=90)] = Field(25, description="share of cycles with a gap or back-pressure")


class EstimateSection(Section):
    """Synthesis, place and route."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(1, description="place and route")
    ecp5_device: Literal["12k", "25k", "45k", "85k"] = "85k"


class Configuration(Section):
    """One build."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$", description="the folder under build/")]
    data: DataSection = DataSection()
    input: InputSection = InputSection()
    network: NetworkSection = NetworkSection()
    training: TrainingSection = TrainingSection()
    fine_tuning: FineTuningSection = FineTuningSection()
    conversion: ConversionSection = ConversionSection()
    hls: HlsSection = HlsSection()
    hardware: HardwareSection = HardwareSection()
    simulation: SimulationSection = SimulationSection()
    estimate: EstimateSection = EstimateSection()
