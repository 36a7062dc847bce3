"""The quantised network in Brevitas modules: hidden layers as planned, and a linear readout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from brevitas.nn import QuantLinear
from torch import Tensor, nn

from model.base.progress import Progress
from model.config.layers import LayerPlan, plan_layers
from model.config.schema import Configuration
from model.conversion.resolve import weight_bits_by_layer
from model.integer_network.structure import INPUT
from model.training.activations import ActivationShape, first_stage_shapes
from model.training.layers import ConvolutionLayer, HiddenLayer, LinearLayer, Residual, linear
from model.training.quantisers import readout_weights

_IMAGES_AT_ONCE = 2000
# Maps of many channels take fifty times the memory of their image.
_PIXELS_AT_ONCE = 1_600_000


class QuantisedNetwork(nn.Module):
    """Hidden layers and a readout on input levels divided by the largest level.

    Args:
        config: layers and bits.
        image_shape: (rows, columns) or (channels, rows, columns).
        classes: outputs.
        shapes: the activation of every hidden layer; absent: those of the first stage of training.

    Raises:
        UserError: a layer does not fit.
    """

    def __init__(
        self,
        config: Configuration,
        image_shape: tuple[int, ...],
        classes: int,
        shapes: Sequence[ActivationShape] | None = None,
    ) -> None:
        super().__init__()
        self._made_from = config, image_shape, classes
        self.input_levels = (1 << config.input.bits) - 1
        plans = plan_layers(config, image_shape, classes)
        *hidden_bits, readout_bits = weight_bits_by_layer(config)
        chosen = first_stage_shapes(config) if shapes is None else shapes
        self.hidden = nn.ModuleList(
            _layer(plan, bits, shape, config.network.batch_norm)
            for plan, bits, shape in zip(plans, hidden_bits, chosen, strict=True)
        )
        pixels = 1
        for size in image_shape:
            pixels *= size
        sources = plans[-1].sent.size if plans else pixels
        self.readout = QuantLinear(sources, classes, bias=True, weight_quant=readout_weights(readout_bits))
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
        return self.with_activations(shapes)

    def with_activations(self, shapes: Sequence[ActivationShape]) -> QuantisedNetwork:
        """A copy with other activations, in evaluation mode: weights and batch norms stay, clips are those of the shapes."""
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
        sent = self._inputs(levels)
        for layer, values, residual in self._walk(sent):
            sent[layer.plan.name] = pooled(layer(values, residual), layer.plan)
        return self._scores(sent)

    def pre_activations(self, levels: Tensor) -> Iterator[tuple[HiddenLayer, Tensor]]:
        """Every hidden layer with what its activation gets, front to back.

        The activation is applied when the next layer is asked for; whoever changed it meanwhile, changed what that one hears.

        Args:
            levels: input levels, (images, pixels).
        """
        sent = self._inputs(levels)
        for layer, values, residual in self._walk(sent):
            before = layer.pre_activation(values, residual)
            yield layer, before
            sent[layer.plan.name] = pooled(layer.activation(before), layer.plan)

    def activations(self, levels: Tensor) -> Iterator[tuple[HiddenLayer, Tensor]]:
        """Every hidden layer with its activations, before average pooling; arguments as for ``pre_activations``."""
        sent = self._inputs(levels)
        for layer, values, residual in self._walk(sent):
            after = layer(values, residual)
            yield layer, after
            sent[layer.plan.name] = pooled(after, layer.plan)

    def _inputs(self, levels: Tensor) -> dict[str, Tensor]:
        """Input activations: a map where a convolution reads them."""
        return {INPUT: self.as_map(levels / self.input_levels)}

    def as_map(self, values: Tensor) -> Tensor:
        """Values (images, pixels) as a map where a convolution reads them, channels last, which is faster on CPUs."""
        layers = self.layers()
        if not layers or layers[0].plan.kind == "linear":
            return values
        return values.reshape(len(values), *layers[0].plan.inputs).contiguous(memory_format=torch.channels_last)

    def _walk(self, sent: dict[str, Tensor]) -> Iterator[tuple[HiddenLayer, Tensor, Residual | None]]:
        """Every layer with what it reads from ``sent``; what no later layer reads is dropped from there."""
        layers = self.layers()
        last_reader = {name: index for index, layer in enumerate(layers) for name in _read_by(layer.plan)}
        for index, layer in enumerate(layers):
            plan = layer.plan
            residual = None if plan.added is None else Residual(sent[plan.added], self.ratio(plan))
            values = sent[plan.source]
            for name in _read_by(plan):
                if last_reader[name] == index:
                    del sent[name]
            yield layer, values, residual

    def _scores(self, sent: dict[str, Tensor]) -> Tensor:
        (values,) = sent.values()
        return linear(self.readout, values.flatten(1), self._weights_quantised)

    def ratio(self, plan: LayerPlan) -> Tensor:
        """What one level of a layer's added layer stands for, in activations that one of its source's does; a scalar."""
        assert plan.added is not None
        return self.sent_unit(plan.added) / self.sent_unit(plan.source)

    def sent_unit(self, name: str) -> Tensor:
        """The activation that one level stands for behind average pooling, where the levels of a window are added."""
        if name == INPUT:
            return torch.tensor(1.0 / self.input_levels)
        return next(layer for layer in self.layers() if layer.plan.name == name).sent_unit


def _layer(plan: LayerPlan, weight_bits: int, shape: ActivationShape, batch_norm: bool) -> HiddenLayer:
    kind = LinearLayer if plan.kind == "linear" else ConvolutionLayer
    return kind(plan, weight_bits, shape, batch_norm)


def _read_by(plan: LayerPlan) -> set[str]:
    return {plan.source} if plan.added is None else {plan.source, plan.added}


def pooled(values: Tensor, plan: LayerPlan) -> Tensor:
    """What readers of a layer hear of the map that it sends: its average pooling."""
    return values if plan.average_pooling == (1, 1) else nn.functional.avg_pool2d(values, plan.average_pooling)


@torch.no_grad()
def predict(network: nn.Module, levels: Tensor, shown: Progress | None = None) -> Tensor:
    """Classes (images,) of input levels (images, pixels) of any integer type; ties go to the lowest index.

    Args:
        network: on levels.
        levels: of the images.
        shown: is advanced by the images done.
    """
    network.eval()
    images_at_once = max(1, min(_IMAGES_AT_ONCE, _PIXELS_AT_ONCE // levels.shape[1]))
    dtype = next(network.parameters()).dtype
    chunks = []
    for images in torch.split(levels, images_at_once):
        chunks.append(network(images.to(dtype)).argmax(dim=1))
        if shown is not None:
            shown.advance(len(images))
    return torch.cat(chunks)
