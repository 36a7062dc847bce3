"""The quantised multi-layer perceptron in Brevitas modules."""

from __future__ import annotations

import torch
from brevitas.nn import QuantIdentity, QuantLinear
from torch import Tensor, nn

from model.config.schema import Configuration
from model.conversion.resolve import levels_by_layer, weight_bits_by_layer
from model.training.quantisers import hidden_weights, qcfs_activation, readout_weights

_FIRST_CLIP = 2.0


class HiddenLayer(nn.Module):
    """Quantised weights, batch norm or a bias, QCFS activation."""

    def __init__(self, inputs: int, outputs: int, weight_bits: int, levels: int, batch_norm: bool) -> None:
        super().__init__()
        self.levels = levels
        self.linear = QuantLinear(inputs, outputs, bias=not batch_norm, weight_quant=hidden_weights(weight_bits))
        self.norm = nn.BatchNorm1d(outputs) if batch_norm else None
        self.activation = QuantIdentity(act_quant=qcfs_activation(levels, _FIRST_CLIP))

    def forward(self, values: Tensor) -> Tensor:
        """(images, inputs) to (images, outputs)."""
        charge = self.linear(values)
        return self.activation(charge if self.norm is None else self.norm(charge))  # type: ignore[no-any-return]

    @property
    def unit(self) -> Tensor:
        """λ / L, the activation that one level stands for, a scalar."""
        return self.activation.act_quant.scale()  # type: ignore[no-any-return]


class QuantisedNetwork(nn.Module):
    """Hidden layers and a readout on input levels divided by the largest level.

    Args:
        config: sizes, levels and bits.
        inputs: pixels of one image.
        classes: outputs.
    """

    def __init__(self, config: Configuration, inputs: int, classes: int) -> None:
        super().__init__()
        self.input_levels = (1 << config.input.bits) - 1
        sizes = [inputs, *config.network.hidden]
        weight_bits = weight_bits_by_layer(config)
        self.hidden = nn.ModuleList(
            HiddenLayer(source, size, bits, levels, config.network.batch_norm)
            for source, size, bits, levels in zip(sizes, sizes[1:], weight_bits, levels_by_layer(config), strict=False)
        )
        self.readout = QuantLinear(sizes[-1], classes, bias=True, weight_quant=readout_weights(weight_bits[-1]))

    def forward(self, levels: Tensor) -> Tensor:
        """Input levels (images, pixels), 0..2**bits − 1, to scores (images, classes)."""
        values = levels / self.input_levels
        for layer in self.hidden:
            values = layer(values)
        return self.readout(values)  # type: ignore[no-any-return]


@torch.no_grad()
def predict(network: nn.Module, levels: Tensor, images_at_once: int = 2000) -> Tensor:
    """Classes (images,) of input levels (images, pixels) of any integer type; ties go to the lowest index."""
    network.eval()
    dtype = next(network.parameters()).dtype
    chunks = [network(levels[at : at + images_at_once].to(dtype)).argmax(dim=1) for at in range(0, len(levels), images_at_once)]
    return torch.cat(chunks)
