"""Known networks as the layer lists that a person would write; the readout follows them."""

from __future__ import annotations

from model.config.schema import LayerTable, Preset


def _convolution(channels: int, kernel: int = 3, **keys: object) -> LayerTable:
    return LayerTable.model_validate({"conv": channels, "kernel": kernel, **keys})


def _linear(neurons: int) -> LayerTable:
    return LayerTable(linear=neurons)


def _lenet() -> list[LayerTable]:
    """LeNet-5 for 28×28 pixels: the padding makes them the 32×32 of LeCun et al., Proc. IEEE 86 (1998)."""
    return [
        _convolution(6, 5, padding=2, average_pool=2),
        _convolution(16, 5, padding=0, average_pool=2),
        _linear(120),
        _linear(84),
    ]


def _cnn_small() -> list[LayerTable]:
    return [_convolution(16, max_pool=2), _convolution(32, max_pool=2), _convolution(64, max_pool=2)]


def _vgg(*blocks: tuple[int, int], linear: tuple[int, ...] = ()) -> list[LayerTable]:
    """Blocks of (convolutions, channels), each followed by max pooling (Simonyan and Zisserman, ICLR 2015)."""
    layers: list[LayerTable] = []
    for convolutions, channels in blocks:
        layers += [_convolution(channels)] * (convolutions - 1)
        layers.append(_convolution(channels, max_pool=2))
    return [*layers, *map(_linear, linear)]


def _resnet_20() -> list[LayerTable]:
    """Three stages of three blocks for CIFAR-10 (He et al., CVPR 2016); shortcuts between stages are 1×1 convolutions."""
    layers = [_convolution(16, name="stem")]
    before = "stem"
    for stage, channels in enumerate((16, 32, 64), start=1):
        for block in "abc":
            name = f"stage{stage}{block}"
            stride = 2 if stage > 1 and block == "a" else 1
            layers.append(_convolution(channels, stride=stride, name=f"{name}1"))
            layers.append(_convolution(channels, add=before, name=f"{name}2"))
            before = f"{name}2"
    last = layers.pop()
    return [*layers, last.model_copy(update={"average_pool": "global"})]


PRESETS: dict[Preset, list[LayerTable]] = {
    "lenet": _lenet(),
    "cnn-small": _cnn_small(),
    "vgg-small": _vgg((2, 32), (2, 64), (2, 128)),
    "resnet-20": _resnet_20(),
    "vgg-16": _vgg((2, 64), (2, 128), (3, 256), (3, 512), (3, 512), linear=(512, 512)),
}
"""The hidden layers of every preset."""
