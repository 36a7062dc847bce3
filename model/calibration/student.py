"""The network that distribution-aware calibration makes: rounded weights that hear every channel with its own amplitude.

Levels of a channel c of a source stand for its amplitude θ[c] + φ[c]; the sums of a consumer know one unit for the whole source,
the reference. So the consumers' weights are multiplied by amplitude / reference before they are rounded, and an identity's
gains with them. Batch norm is folded into the weights first.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from brevitas.nn import QuantLinear
from torch import Tensor, nn

from model.calibration.da_qcfs import Staircase, with_amplitudes
from model.config.layers import LayerPlan
from model.conversion.trained import (
    TrainedLayer,
    TrainedNetwork,
    TrainedReadout,
    TrainedSynapses,
    folded_norm,
    integers,
    reals,
)
from model.integer_network.gains import GAIN_BITS, LARGEST_GAIN
from model.integer_network.structure import INPUT
from model.training.layers import ConvolutionLayer, HiddenLayer
from model.training.network import QuantisedNetwork, pooled
from model.training.quantisers import hidden_weights, readout_weights

_IMAGES_AT_ONCE = 500


class Heard(dict[str, Tensor]):
    """Activations of the input and of layers so far, behind average pooling; those that nobody reads any more are dropped."""

    def __init__(self, inputs: Tensor, plans: list[LayerPlan]) -> None:
        super().__init__({INPUT: inputs})
        self._last_reader = {name: plan.name for plan in plans for name in (plan.source, plan.added) if name is not None}

    def add(self, plan: LayerPlan, sent: Tensor) -> None:
        """What a layer sent, before its average pooling."""
        for name in [name for name in self if self._last_reader.get(name) == plan.name]:
            del self[name]
        self[plan.name] = pooled(sent, plan)


@dataclass(frozen=True, eq=False)
class Group:
    """A group of weights.

    Attributes:
        numbers: the integers, as they are converted.
        weights: what they stand for to a reader of activations, linear (neurons, inputs) or of a convolution.
    """

    numbers: TrainedSynapses
    weights: Tensor

    def charge(self, heard: Heard) -> Tensor:
        """Of activations behind average pooling."""
        values, numbers = heard[self.numbers.source], self.numbers
        if self.weights.ndim == 2:
            return values.flatten(1) @ self.weights.T
        return nn.functional.conv2d(values, self.weights, None, numbers.stride, numbers.padding, 1, numbers.groups)


@dataclass(frozen=True, eq=False)
class StudentLayer:
    """A hidden layer; its levels stand for ``reference`` / T in the consumers' weights."""

    plan: LayerPlan
    groups: tuple[Group, ...]
    scale: Tensor
    bias: Tensor
    staircase: Staircase
    reference: float

    def pre_activation(self, heard: Heard) -> Tensor:
        """(images, neurons) or maps, after max pooling."""
        charge = self.groups[0].charge(heard)
        for group in self.groups[1:]:
            charge = charge + group.charge(heard)
        charge = charge + self.bias.reshape(-1, *(1,) * (charge.ndim - 2))
        pooling = self.plan.max_pooling
        return charge if pooling is None else nn.functional.max_pool2d(charge, pooling.size, pooling.stride, pooling.padding)

    def sent(self, pre_activation: Tensor) -> Tensor:
        """What consumers hear, in the shape of the argument."""
        levels = self.staircase.level(rows(pre_activation)) * (self.reference / self.staircase.levels)
        return from_rows(levels, pre_activation)

    def numbers(self) -> TrainedLayer:
        """As they are converted."""
        stairs, plan = self.staircase, self.plan
        return TrainedLayer(
            name=plan.name,
            synapses=tuple(group.numbers for group in self.groups),
            gain=reals(self.scale),
            bias=reals(self.bias) + reals(stairs.before),
            unit=self.reference / stairs.levels,
            levels=stairs.levels,
            threshold_unit=reals(stairs.clip) / stairs.levels,
            positions=(plan.shape.rows, plan.shape.columns),
            max_pooling=plan.max_pooling,
        )


@dataclass(eq=False)
class Student:
    """Layers so far, and the readout behind the last one."""

    input_levels: int
    levels: int
    hidden: list[StudentLayer] = field(default_factory=list)
    readout: tuple[Group, Tensor, Tensor] | None = None

    def inputs(self, images: Tensor, network: QuantisedNetwork) -> Heard:
        """Activations (images, pixels) in the shape that the first layer reads."""
        return Heard(network.as_map(images), [layer.plan for layer in network.layers()])

    def source(self, name: str) -> tuple[float, Tensor | None, tuple[int, int]]:
        """Unit of a source's levels behind average pooling, amplitude of each channel over the reference, and the pooling."""
        if name == INPUT:
            return 1.0 / self.input_levels, None, (1, 1)
        layer = next(layer for layer in self.hidden if layer.plan.name == name)
        size = layer.plan.average_pooling
        amplitude = layer.staircase.amplitude / layer.reference
        return layer.reference / self.levels / (size[0] * size[1]), amplitude, size

    def classes(self, images: Tensor) -> Tensor:
        """Classes of activations (images, pixels), in the shape that ``inputs`` takes."""
        portions = images.split(_IMAGES_AT_ONCE)  # type: ignore[no-untyped-call]
        return torch.cat([self._scores(part).argmax(dim=1) for part in portions])

    def _scores(self, images: Tensor) -> Tensor:
        assert self.readout is not None
        plans = [layer.plan for layer in self.hidden]
        heard = Heard(images.reshape(len(images), *plans[0].inputs) if plans[0].kind == "convolution" else images, plans)
        for layer in self.hidden:
            heard.add(layer.plan, layer.sent(layer.pre_activation(heard)))
        group, _, bias = self.readout
        return group.charge(heard) + bias

    def numbers(self) -> TrainedNetwork:
        """As they are converted."""
        assert self.readout is not None
        group, scale, bias = self.readout
        readout = TrainedReadout(group.numbers, float(scale), reals(bias))
        return TrainedNetwork(self.input_levels, tuple(layer.numbers() for layer in self.hidden), readout)


def rows(values: Tensor) -> Tensor:
    """Maps (images, channels, rows, columns) as (samples, channels), a sample a position; what is no map stays as it is."""
    return values if values.ndim == 2 else values.permute(0, 2, 3, 1).reshape(-1, values.shape[1])


def from_rows(samples: Tensor, like: Tensor) -> Tensor:
    """The inverse of ``rows``."""
    if like.ndim == 2:
        return samples
    images, channels, high, wide = like.shape
    return samples.reshape(images, high, wide, channels).permute(0, 3, 1, 2)


def folded_groups(layer: HiddenLayer, student: Student, bits: int) -> tuple[tuple[Group, ...], Tensor]:
    """Groups of a layer with batch norm and amplitudes in them, rounded with one scale a channel; and that scale, (channels,)."""
    plan = layer.plan
    own = layer.weighted.weight.detach()
    factor = torch.from_numpy(folded_norm(layer)[0]).to(own.dtype)
    unit, amplitude, size = student.source(plan.source)
    real = with_amplitudes(own * of_channels(factor, own), _of_inputs(amplitude, own, plan.groups), 1.0).flatten(1)
    residual = None if plan.added is None else _folded_residual(layer, factor, student, unit, bits)
    columns = [real] if residual is None else [real, residual.columns]
    rounded = rounded_weights(torch.cat(columns, dim=1), bits, per_channel=True)
    sizes = [part.shape[1] for part in columns]
    scale, parts = rounded.scale, rounded.integers.split(sizes, dim=1)  # type: ignore[no-untyped-call]
    whole = parts[0].reshape(own.shape)
    numbers = TrainedSynapses(plan.source, integers(whole), bits, size, plan.stride, plan.padding, plan.groups)
    first = Group(numbers, whole * of_channels(scale, own))
    if residual is None:
        return (first,), scale
    return (first, residual.rounded(plan, bits, scale, parts[1])), scale


@dataclass(frozen=True, eq=False)
class _FoldedResidual:
    """What is added to a layer's sums, in their unit, before rounding.

    Attributes:
        columns: what the scale of each channel has to hold beside the convolution's weights, (channels, …).
        exact: of an identity the gains times the scale, (channels, 1); else the columns.
        ratio: of the units of one level, the added layer's to the source's.
        pooling: average pooling in front.
    """

    columns: Tensor
    exact: Tensor
    ratio: float
    pooling: tuple[int, int]

    def rounded(self, plan: LayerPlan, bits: int, scale: Tensor, columns: Tensor) -> Group:
        """The group, of the layer's scale (channels,) and the columns rounded with it."""
        identity = plan.shortcut == "identity"
        exact = self.exact / scale[:, None]
        whole = torch.floor(exact + 0.5).clamp(-LARGEST_GAIN, LARGEST_GAIN) if identity else columns
        assert plan.added is not None
        numbers = TrainedSynapses(
            plan.added,
            integers(whole[:, :, None, None]),
            GAIN_BITS if identity else bits,
            self.pooling,
            stride=plan.shortcut_stride,
            groups=plan.channels if identity else 1,
            exact=reals(exact[:, :, None, None]),
        )
        return Group(numbers, (whole * (scale / self.ratio)[:, None])[:, :, None, None])


def _folded_residual(layer: HiddenLayer, factor: Tensor, student: Student, unit: float, bits: int) -> _FoldedResidual:
    assert isinstance(layer, ConvolutionLayer)
    assert layer.plan.added is not None
    other_unit, amplitude, size = student.source(layer.plan.added)
    assert amplitude is not None
    ratio = other_unit / unit
    if layer.shortcut is not None:
        shortcut = layer.shortcut.weight.detach().flatten(1) * factor[:, None]
        columns = with_amplitudes(shortcut, amplitude, 1.0) * ratio
        return _FoldedResidual(columns, columns, ratio, size)
    exact = (factor * amplitude * ratio)[:, None]
    # A scale below this would need a gain of more bits.
    return _FoldedResidual(exact.abs() * (((1 << (bits - 1)) - 1) / LARGEST_GAIN), exact, ratio, size)


def folded_readout(network: QuantisedNetwork, student: Student, bits: int) -> tuple[Group, Tensor, Tensor]:
    """The readout's weights with the amplitudes in them, its scale, and its bias."""
    weights = network.readout.weight.detach()
    assert network.readout.bias is not None
    name = student.hidden[-1].plan.name if student.hidden else INPUT
    _, amplitude, size = student.source(name)
    rounded = rounded_weights(with_amplitudes(weights, _of_inputs(amplitude, weights, 1), 1.0), bits, per_channel=False)
    numbers = TrainedSynapses(name, integers(rounded.integers), bits, size)
    return Group(numbers, rounded.values), rounded.scale[0], network.readout.bias.detach()


def of_channels(values: Tensor, weights: Tensor) -> Tensor:
    """Constants (channels,) in a shape that goes with weights (channels, …)."""
    return values.reshape(-1, *(1,) * (weights.ndim - 1))


def _of_inputs(amplitude: Tensor | None, weights: Tensor, groups: int) -> Tensor:
    """Amplitudes of the source's channels in a shape that goes with the weights of its consumers."""
    if amplitude is None:
        return torch.ones(())
    if weights.ndim == 2:
        return amplitude.repeat_interleave(weights.shape[1] // len(amplitude))
    return amplitude.reshape(groups, -1).repeat_interleave(len(weights) // groups, dim=0)[:, :, None, None]


@dataclass(frozen=True, eq=False)
class RoundedWeights:
    """Integers (channels, source channels) of a weight quantiser, their width, and its scale, (channels,) or one for all."""

    integers: Tensor
    bits: int
    scale: Tensor

    @property
    def values(self) -> Tensor:
        """What they stand for, (channels, source channels)."""
        return self.integers * self.scale[:, None]


def rounded_weights(weights: Tensor, bits: int, per_channel: bool) -> RoundedWeights:
    """Round with the quantiser of hidden layers, or with the readout's one scale."""
    channels, sources = weights.shape
    quantiser = hidden_weights(bits) if per_channel else readout_weights(bits)
    linear = QuantLinear(sources, channels, bias=False, weight_quant=quantiser)
    linear.weight.data = weights.detach().clone()
    linear.eval()
    quantised = linear.quant_weight()
    return RoundedWeights(quantised.int().float(), bits, quantised.scale.reshape(-1).expand(channels))
