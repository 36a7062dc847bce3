"""Every key of a configuration, its type, its legal values and its default."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from model.config.target import parse_target

Auto = Literal["auto"]
Levels = Annotated[int, Field(ge=1, le=64)]
WeightBits = Annotated[int, Field(ge=2, le=8)]
Sparsity = Annotated[float, Field(ge=0, le=0.99)]
Parallelism = Annotated[int, Field(ge=1, le=4096)]
LogicLevels = Annotated[int, Field(ge=1, le=64)]
HiddenCode = Literal["unary", "bits", "count", "train"]
WindowSize = Annotated[int, Field(ge=1, le=64)]
WindowPadding = Annotated[int, Field(ge=0, le=63)]
Sizes = WindowSize | Annotated[list[WindowSize], Field(min_length=2, max_length=2)]
Paddings = WindowPadding | Annotated[list[WindowPadding], Field(min_length=2, max_length=2)]
Pooling = Literal["auto", "max", "average"]
Preset = Literal["lenet", "cnn-small", "vgg-small", "resnet-20", "vgg-16"]

LAYER_KEYS = ("hidden", "layers", "preset")
"""The keys of ``network`` that say which hidden layers it has; one of them at a time."""

_DEFAULT_HIDDEN = [32]


class Section(BaseModel):
    """A table of the configuration: unknown keys and silent conversions are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class DataSection(Section):
    """Which images."""

    source: Literal["digits", "mnist", "cifar10", "image-folder"] = Field(
        "digits", description="digits ship with scikit-learn; the others need --data-dir"
    )
    title: Annotated[str, Field(min_length=1, max_length=64)] | None = Field(
        None, description="what reports call the data; absent: the source"
    )
    shift: Annotated[int, Field(ge=0, le=4)] = Field(0, description="training images are shifted by up to this many pixels")
    flip: bool = Field(False, description="half of the training images are mirrored, left and right exchanged")
    cutout: Annotated[int, Field(ge=0, le=64)] = Field(0, description="side of a square that is cut out of training images")


class InputSection(Section):
    """How pixels become levels."""

    bits: Annotated[int, Field(ge=1, le=8)] = Field(2, description="levels of a pixel: its top bits")
    code: Literal["auto", "bits", "unary", "direct"] = Field("auto", description="auto: what the conversion method takes")


class MaxPoolTable(Section):
    """Max pooling whose windows are not side by side; one number is meant for rows and columns."""

    size: Sizes = Field(description="of the windows")
    stride: Sizes | None = Field(None, description="from one window to the next; absent: their size")
    padding: Paddings = Field(0, description="positions around the map, at most half a window")


class LayerTable(Section):
    """One hidden layer, a convolution or linear; one number is meant for rows and columns."""

    conv: Annotated[int, Field(ge=1, le=4096)] | None = Field(None, description="channels of a convolution")
    linear: Annotated[int, Field(ge=1, le=8192)] | None = Field(None, description="neurons of a linear layer")
    kernel: Sizes | None = Field(None, description="of the convolution; absent: 3")
    stride: Sizes | None = Field(None, description="of the convolution; absent: 1")
    padding: Paddings | None = Field(None, description="of the convolution; absent: half its kernel")
    groups: Annotated[int, Field(ge=1, le=4096)] | None = Field(None, description="of the convolution; absent: 1")
    max_pool: Sizes | MaxPoolTable | None = Field(None, description="the largest of each window is sent")
    average_pool: Sizes | Literal["global"] | None = Field(None, description="the mean of each window is sent")
    add: str | None = Field(None, description="residual: the earlier layer whose output is added")
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")] | None = Field(
        None, description="absent: hidden1, hidden2, by its place"
    )


class NetworkSection(Section):
    """The network that is trained; ``hidden`` is the one of the first three keys that is given where none is."""

    hidden: Annotated[list[Annotated[int, Field(ge=1, le=8192)]], Field(max_length=16)] | None = Field(
        None, description="neurons of each hidden layer, all linear"
    )
    layers: Annotated[list[LayerTable], Field(max_length=64)] | None = Field(
        None, description="hidden layers one by one: convolutions, then linear ones"
    )
    preset: Preset | None = Field(None, description="hidden layers of a known network")
    pooling: Pooling = Field(
        "auto", description="windows of a preset; auto: as the network is known, average where the method fires causally"
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

    @model_validator(mode="before")
    @classmethod
    def _one_key_for_hidden_layers(cls, table: Any) -> Any:
        if not isinstance(table, dict):
            return table
        given = [f"network.{key}" for key in LAYER_KEYS if table.get(key) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are given; each says which hidden layers there are: keep one of them")
        return table if given else {**table, "hidden": _DEFAULT_HIDDEN}


class TrainingSection(Section):
    """Quantisation-aware training."""

    epochs: Annotated[int, Field(ge=1, le=10000)] = 30
    batch_size: Annotated[int, Field(ge=2, le=65536)] = 64
    learning_rate: Annotated[float, Field(gt=0, le=10)] = 0.005
    weight_decay: Annotated[float, Field(ge=0, le=1)] = 0.0001
    optimiser: Literal["adamw", "sgd"] = Field("adamw", description="sgd: with Nesterov momentum 0.9")
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 1
    warm_start_epochs: Annotated[int, Field(ge=0, le=10000)] = Field(0, description="epochs in float before quantisation")
    warm_start_learning_rate: Annotated[float, Field(gt=0, le=10)] = Field(0.01, description="largest rate of these epochs")
    spike_penalty: Annotated[float, Field(ge=0, le=100)] = Field(
        0.0, description="added to the loss times the mean level of all hidden neurons, of 1: fewer spikes; 0: none"
    )
    sparsity: Sparsity | list[Sparsity] = Field(
        0.0,
        description="share of weights that are left out, the smallest; one for all hidden layers or one each and the readout's:"
        " fewer adders of unrolled layers",
    )
    ready: str = Field("off", description="name of a network that ships trained, taken instead of training; off: train")
    threads: Annotated[int, Field(ge=1, le=64)] = Field(1, description="of the CPU; their number decides how sums are rounded")


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


Engine = Literal["event", "unrolled", "auto"]
Frames = Literal["all"] | Annotated[int, Field(ge=1, le=10**9)]


class HlsSection(Section):
    """The hls4ml project."""

    parallelism: Auto | Parallelism | list[Parallelism] = Field(
        "auto", description="channels of a layer that work at once, one for all layers or one each"
    )
    part: str = "xc7a100tcsg324-1"
    clock_ns: Annotated[float, Field(gt=0, le=1000)] = 10.0
    frames: Frames = Field("all", description="C simulation runs the first so many test images; all: every one")


class HardwareSection(Section):
    """The RTL core."""

    target: str = Field(
        "off",
        description="what engines, lanes and codes that are auto are chosen for: off, balanced, cycles=N, luts=N, device=NAME",
    )
    engine: Engine | list[Engine] = Field(
        "event",
        description="of each layer, one for all or one each; event: a memory of weights, a spike a cycle; unrolled: weights wired"
        " into adders, a time step a cycle; auto: chosen for the target, without one for balanced",
    )
    port: Literal["stream", "frame"] = Field(
        "stream", description="stream: eight pixels a beat in, a score a beat out; frame: a frame a beat, for unrolled networks"
    )
    parallelism: Auto | Parallelism | list[Parallelism] = Field(
        "auto",
        description="lanes of each layer's engine, one for all layers or one each; auto: one a neuron, at most 128, of a map 384",
    )
    logic_levels: LogicLevels = Field(
        3, description="of the sums of unrolled layers between two registers; more: fewer cycles and flip-flops, a lower clock"
    )
    potential_buffers: Annotated[int, Field(ge=1, le=2)] = Field(
        2,
        description="potentials of so many frames in a layer of a map; 2: one is charged while the other is scanned; 1: smaller",
    )

    @model_validator(mode="before")
    @classmethod
    def _target_chooses_engines(cls, table: Any) -> Any:
        """Where there is a target, engines that nobody named are its own to choose."""
        if isinstance(table, dict) and table.get("target", "off") != "off":
            return {"engine": "auto", **table}
        return table

    @field_validator("target")
    @classmethod
    def _legal_target(cls, text: str) -> str:
        try:
            parse_target(text)
        except ValueError as error:
            raise ValueError(f'hardware.target = "{text}": {error}') from None
        return text

    @property
    def effective_target(self) -> str:
        """The target that is in force: ``balanced`` where an engine is auto and no target is given."""
        engines = [self.engine] if isinstance(self.engine, str) else self.engine
        return "balanced" if self.target == "off" and "auto" in engines else self.target


class SimulationSection(Section):
    """The Verilator simulation."""

    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = Field(1, description="random gaps and back-pressure")
    gap_percent: Annotated[int, Field(ge=1, le=90)] = Field(25, description="share of cycles with a gap or back-pressure")
    frames: Frames = Field("all", description="the first so many test images are simulated; all: every one")


Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


class EstimateSection(Section):
    """Synthesis, place and route."""

    seeds: Annotated[list[Seed], Field(min_length=1, max_length=100)] = Field(
        [1, 2, 3], description="of place and route, once each; the clock is the median, beside the lowest and the highest"
    )
    targets: Annotated[
        list[Literal["lp384", "hx1k", "u4k", "up5k", "hx8k", "gw1nz-1", "gw1n-4", "gw1n-9c"]], Field(max_length=8)
    ] = Field([], description="devices that the core is synthesised for and placed on beside the ECP5: iCE40 and Gowin")
    ecp5_device: Literal["12k", "25k", "45k", "85k"] = "85k"
    ecp5_router: Literal["router1", "router2"] = Field(
        "router1",
        description="of nextpnr; router1: often the higher clock; router2: much sooner done on a device that is two thirds full",
    )


class NetlistSection(Section):
    """The simulation of the synthesised netlist."""

    frames: Frames | Literal["off"] = Field(
        100, description="the first so many of the simulated test images; all: every one; off: none, and the report says so"
    )


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
    netlist: NetlistSection = NetlistSection()
