"""The quantised multi-layer perceptron in Brevitas modules."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from brevitas.nn import QuantLinear
from torch import Tensor, nn

from model.config.schema import Configuration
from model.conversion.resolve import weight_bits_by_layer
from model.training.activations import ActivationShape, HiddenActivation, first_stage_shapes
from model.training.quantisers import hidden_weights, readout_weights


class HiddenLayer(nn.Module):
    """Quantised weights, batch norm or a bias, and the activation.

    Attributes:
        kind: of the activation: qcfs, clip, relu, signed or leaky.
        levels: L; 0 where the activation is not quantised.
        lowest: the lowest level, at most 0.
        negative_slope: of a leaky activation, else 0.
        weights_quantised: whether the forward pass takes the integers of the weights or the weights themselves.
        statistics_frozen: whether batch norm keeps its running statistics while training, as if it were folded.
    """

    def __init__(self, inputs: int, outputs: int, weight_bits: int, shape: ActivationShape, batch_norm: bool) -> None:
        super().__init__()
        self.kind, self.levels, self.lowest, self.negative_slope = shape.kind, shape.levels, shape.lowest, shape.negative_slope
        self.linear = QuantLinear(inputs, outputs, bias=not batch_norm, weight_quant=hidden_weights(weight_bits))
        self.norm = nn.BatchNorm1d(outputs) if batch_norm else None
        self.activation = HiddenActivation(shape)
        self.weights_quantised = True
        self.statistics_frozen = False

    def forward(self, values: Tensor) -> Tensor:
        """(images, inputs) to (images, outputs)."""
        return self.activation(self.pre_activation(values))  # type: ignore[no-any-return]

    def pre_activation(self, values: Tensor) -> Tensor:
        """(images, inputs) to what the activation gets, (images, outputs)."""
        charge = _linear(self.linear, values, self.weights_quantised)
        return charge if self.norm is None else self.norm(charge)

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


def _linear(layer: QuantLinear, values: Tensor, quantised: bool) -> Tensor:
    return layer(values) if quantised else nn.functional.linear(values, layer.weight, layer.bias)


class QuantisedNetwork(nn.Module):
    """Hidden layers and a readout on input levels divided by the largest level.

    Args:
        config: sizes and bits.
        inputs: pixels of one image.
        classes: outputs.
        shapes: the activation of every hidden layer; absent: those of the first stage of training.
    """

    def __init__(self, config: Configuration, inputs: int, classes: int, shapes: Sequence[ActivationShape] | None = None) -> None:
        super().__init__()
        self._made_from = config, inputs, classes
        self.input_levels = (1 << config.input.bits) - 1
        sizes = [inputs, *config.network.hidden]
        weight_bits = weight_bits_by_layer(config)
        chosen = first_stage_shapes(config) if shapes is None else shapes
        self.hidden = nn.ModuleList(
            HiddenLayer(source, size, bits, shape, config.network.batch_norm)
            for source, size, bits, shape in zip(sizes, sizes[1:], weight_bits, chosen, strict=False)
        )
        self.readout = QuantLinear(sizes[-1], classes, bias=True, weight_quant=readout_weights(weight_bits[-1]))
        self._weights_quantised = True
        self.quantise_weights(all(shape.kind != "relu" for shape in chosen))

    def layers(self) -> list[HiddenLayer]:
        """The hidden layers, with their type."""
        return [*self.hidden]

    def quantise_weights(self, quantised: bool) -> None:
        """Compute with the integers of the weights, or with the weights themselves, as a relu network is trained."""
        self._weights_quantised = quantised
        for layer in self.layers():
            layer.weights_quantised = quantised

    def with_levels(self, levels: Sequence[int], denoise: float = 0.0) -> QuantisedNetwork:
        """A copy with other levels, in evaluation mode: weights, batch norms and clips stay.

        Args:
            levels: L of every hidden layer.
            denoise: the share of activations that stay unrounded while training.
        """
        activations = [layer.activation for layer in self.layers()]
        shapes = [
            activation.shape.with_levels(count, activation.clip, denoise)
            for activation, count in zip(activations, levels, strict=True)
        ]
        other = QuantisedNetwork(*self._made_from, shapes)
        # The clips are set already, and a clamp and a quantiser name theirs differently.
        other.load_state_dict(
            {name: value for name, value in self.state_dict().items() if ".activation." not in name}, strict=False
        )
        return other.eval()

    def freeze_statistics(self) -> None:
        """Train on with the batch norms' running statistics as they are."""
        for layer in self.layers():
            layer.statistics_frozen = True

    def forward(self, levels: Tensor) -> Tensor:
        """Input levels (images, pixels), 0..2**bits − 1, to scores (images, classes)."""
        values = levels / self.input_levels
        for layer in self.hidden:
            values = layer(values)
        return _linear(self.readout, values, self._weights_quantised)


@torch.no_grad()
def predict(network: nn.Module, levels: Tensor, images_at_once: int = 2000) -> Tensor:
    """Classes (images,) of input levels (images, pixels) of any integer type; ties go to the lowest index."""
    network.eval()
    dtype = next(network.parameters()).dtype
    chunks = [network(levels[at : at + images_at_once].to(dtype)).argmax(dim=1) for at in range(0, len(levels), images_at_once)]
    return torch.cat(chunks)
