"""Hidden layers in Brevitas modules: linear ones, and convolutions with max pooling and a residual."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from brevitas.nn import QuantConv2d, QuantLinear
from torch import Tensor, nn

from model.config.layers import LayerPlan
from model.integer_network.gains import LARGEST_GAIN
from model.training.activations import ActivationShape, HiddenActivation
from model.training.quantisers import hidden_weights, map_weights


@dataclass(frozen=True, eq=False)
class Residual:
    """What is added to a layer's sums.

    Attributes:
        values: activations of the added layer, (images, channels, rows, columns).
        ratio: of the activations that one level stands for, the added layer's to the source's; a scalar.
    """

    values: Tensor
    ratio: Tensor


@dataclass(frozen=True, eq=False)
class JointWeights:
    """Weights of a convolution and of the residual that it adds, rounded in one unit: real ones are integers times the scale.

    Attributes:
        scale: (channels,).
        integers: of the convolution, (channels, input channels / groups, rows, columns).
        weights: the same in reals, with their gradient.
        added_integers: of the residual, (channels, added channels, 1, 1), or an identity's gains, (channels, 1, 1, 1).
        added: the same in reals, of a convolution with their gradient.
        exact_added: the integers before they were rounded.
    """

    scale: Tensor
    integers: Tensor
    weights: Tensor
    added_integers: Tensor
    added: Tensor
    exact_added: Tensor


class HiddenLayer(nn.Module):
    """Quantised weights, batch norm or a bias, and the activation; this class is the part that all layers share.

    Attributes:
        plan: sizes and sources.
        weight_bits: of the quantised weights.
        kind: of the activation: qcfs, clip, relu, signed or leaky.
        levels: L; 0 where the activation is not quantised.
        lowest: the lowest level, at most 0.
        negative_slope: of a leaky activation, else 0.
        weights_quantised: whether the forward pass takes the integers of the weights or the weights themselves.
        statistics_frozen: whether batch norm keeps its running statistics while training, as if it were folded.
    """

    norm: nn.BatchNorm1d | nn.BatchNorm2d | None
    activation: HiddenActivation

    def __init__(self, plan: LayerPlan, weight_bits: int, shape: ActivationShape) -> None:
        super().__init__()
        self.plan, self.weight_bits = plan, weight_bits
        self.kind, self.levels, self.lowest, self.negative_slope = shape.kind, shape.levels, shape.lowest, shape.negative_slope
        self.weights_quantised = True
        self.statistics_frozen = False

    @property
    def weighted(self) -> QuantLinear | QuantConv2d:
        """The module that holds the weights, and the bias where there is no batch norm."""
        raise NotImplementedError

    def forward(self, values: Tensor, residual: Residual | None = None) -> Tensor:
        """What the layer sends, before average pooling; arguments as for ``pre_activation``."""
        # Levels are decided in single precision, also where products are not.
        return self.activation(self.pre_activation(values, residual).float())  # type: ignore[no-any-return]

    def pre_activation(self, values: Tensor, residual: Residual | None = None) -> Tensor:
        """What the activation gets: of linear layers (images, neurons), of convolutions the map that is sent.

        Args:
            values: activations of the source, (images, inputs) or (images, channels, rows, columns).
            residual: of a layer that adds another one's.
        """
        raise NotImplementedError

    def train(self, mode: bool = True) -> HiddenLayer:
        """As every module's; frozen statistics stay in evaluation mode."""
        super().train(mode)
        if self.statistics_frozen and self.norm is not None:
            self.norm.eval()
        return self

    @property
    def unit(self) -> Tensor:
        """λ / L, the activation that one level stands for, a scalar; λ where there are no levels, 1 for relu."""
        return self.activation.unit

    @property
    def sent_unit(self) -> Tensor:
        """The activation that one level stands for behind average pooling, where the levels of a window are added."""
        rows, columns = self.plan.average_pooling
        return self.unit / (rows * columns)


class LinearLayer(HiddenLayer):
    """A linear layer; it reads maps flattened."""

    def __init__(self, plan: LayerPlan, weight_bits: int, shape: ActivationShape, batch_norm: bool) -> None:
        super().__init__(plan, weight_bits, shape)
        self.linear = QuantLinear(plan.inputs.size, plan.channels, bias=not batch_norm, weight_quant=hidden_weights(weight_bits))
        self.norm = nn.BatchNorm1d(plan.channels) if batch_norm else None
        self.activation = HiddenActivation(shape)

    @property
    def weighted(self) -> QuantLinear:
        """The linear module."""
        return self.linear

    def pre_activation(self, values: Tensor, residual: Residual | None = None) -> Tensor:
        """(images, inputs), or a map, to (images, neurons); nothing is added."""
        assert residual is None
        charge = linear(self.linear, values.flatten(1), self.weights_quantised)
        return charge if self.norm is None else self.norm(charge)


class ConvolutionLayer(HiddenLayer):
    """A convolution, the residual that is added to its sums, batch norm of both, and max pooling.

    Pooling stands before the activation, which never falls where its argument rises: the activation of the largest sum is
    the largest activation, and a pass over the pooled map is cheaper.

    A residual joins the convolution in its unit, the weight scale s of a channel times what one level of the source stands
    for: an identity as the integer gain round(ratio / s), a 1×1 convolution by integers of the same scale, which is found
    from the weights of both.
    """

    def __init__(self, plan: LayerPlan, weight_bits: int, shape: ActivationShape, batch_norm: bool) -> None:
        super().__init__(plan, weight_bits, shape)
        self.convolution = QuantConv2d(
            plan.inputs.channels,
            plan.channels,
            plan.kernel,
            stride=plan.stride,
            padding=plan.padding,
            groups=plan.groups,
            bias=not batch_norm,
            weight_quant=map_weights(weight_bits),
        )
        self.shortcut: nn.Conv2d | None = None
        if plan.shortcut == "convolution":
            assert plan.added_map is not None
            self.shortcut = nn.Conv2d(plan.added_map.channels, plan.channels, 1, stride=plan.shortcut_stride, bias=False)
        self.norm = nn.BatchNorm2d(plan.channels) if batch_norm else None
        self.activation = HiddenActivation(shape)

    @property
    def weighted(self) -> QuantConv2d:
        """The convolution, without a shortcut."""
        return self.convolution

    def pre_activation(self, values: Tensor, residual: Residual | None = None) -> Tensor:
        """A map (images, channels, rows, columns) to the map that is sent, before average pooling."""
        charge = self._charge(values, residual)
        if self.norm is not None:
            charge = self.norm(charge)
        pooling = self.plan.max_pooling
        return charge if pooling is None else nn.functional.max_pool2d(charge, pooling.size, pooling.stride, pooling.padding)

    def _charge(self, values: Tensor, residual: Residual | None) -> Tensor:
        if residual is None:
            own = self.convolution
            return self._convolved(values, own.quant_weight().value if self.weights_quantised else own.weight)
        if not self.weights_quantised:
            return self._convolved(values, self.convolution.weight) + self._added(residual.values)
        joint = self.joint_weights(residual.ratio)
        charge = self._convolved(values, joint.weights)
        if self.shortcut is None:
            return charge + residual.values * (joint.added / residual.ratio).reshape(-1, 1, 1)
        return charge + convolved(residual.values, joint.added / residual.ratio, stride=self.plan.shortcut_stride)

    def _added(self, values: Tensor) -> Tensor:
        return values if self.shortcut is None else convolved(values, self.shortcut.weight, stride=self.plan.shortcut_stride)

    def _convolved(self, values: Tensor, weights: Tensor) -> Tensor:
        plan = self.plan
        return convolved(values, weights, self.convolution.bias, plan.stride, plan.padding, plan.groups)

    def joint_weights(self, ratio: Tensor) -> JointWeights:
        """The weights of the convolution and of what is added, rounded with one scale for each channel.

        Args:
            ratio: of the residual; it has no gradient here.
        """
        ratio, own = ratio.detach(), self.convolution.weight
        if self.shortcut is None:
            # A scale below this would need a gain of more bits.
            least = ratio * (self.largest_weight / LARGEST_GAIN)
            added = least.to(own).expand(len(own), 1)
        else:
            added = self.shortcut.weight.flatten(1) * ratio
        both = self.convolution.weight_quant(torch.cat([own.flatten(1), added], dim=1))
        sizes = [own[0].numel(), added.shape[1]]
        weights, added_weights = both.value.split(sizes, dim=1)
        integers, added_integers = both.int().split(sizes, dim=1)
        scale = both.scale.detach().reshape(-1, 1)
        if self.shortcut is None:
            exact = ratio / scale
            added_integers = torch.floor(exact + 0.5).clamp(max=LARGEST_GAIN)
            added_weights = added_integers * scale
        else:
            exact = added / scale
        return JointWeights(
            scale.reshape(-1),
            integers.reshape(own.shape),
            weights.reshape(own.shape),
            added_integers[:, :, None, None],
            added_weights[:, :, None, None],
            exact[:, :, None, None],
        )

    @property
    def largest_weight(self) -> int:
        """The largest magnitude of the narrow range."""
        return (1 << (self.weight_bits - 1)) - 1


def convolved(
    values: Tensor,
    weights: Tensor,
    bias: Tensor | None = None,
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (0, 0),
    groups: int = 1,
) -> Tensor:
    """A convolution of maps (images, channels, rows, columns).

    Rows and columns that a stride skips under a kernel of one position are taken away before: that is the same, and PyTorch
    2.13 writes outside of its memory in the gradient of such a convolution with channels last.
    """
    rows, columns = (
        step if size == 1 and around == 0 else 1 for step, size, around in zip(stride, weights.shape[2:], padding, strict=True)
    )
    values = values[:, :, ::rows, ::columns]
    left = stride[0] // rows, stride[1] // columns
    return nn.functional.conv2d(values, weights, bias, left, padding, 1, groups)


def linear(layer: QuantLinear, values: Tensor, quantised: bool) -> Tensor:
    """The layer with the integers of its weights, or with the weights themselves."""
    return layer(values) if quantised else nn.functional.linear(values, layer.weight, layer.bias)
