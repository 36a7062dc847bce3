"""Layer lists that do not fit or are too large: refused by the layer's name, before training, in these words."""

from typing import Any

import pytest

from model.base.errors import UserError
from model.config.layers import LARGEST_LAYER, hidden_count, plan_layers
from model.config.load import configuration_of
from tests.model.layer_lists import Table, configured, planned, refusal

LAYER_KEYS = "conv, linear, kernel, stride, padding, groups, max_pool, average_pool, add, name"
REFUSALS: list[tuple[list[Any], str]] = [
    ([3], f"layer 1 = 3: legal is a table of {LAYER_KEYS}"),
    (
        [{}],
        "layer hidden1: neither conv nor linear is given; give one of them, e.g. { conv = 16, kernel = 3 } or { linear = 64 }",
    ),
    (
        [{"conv": 3, "linear": 4}],
        "layer hidden1: conv and linear are both given; give one of them, e.g. { conv = 16, kernel = 3 } or { linear = 64 }",
    ),
    ([{"conv": 3, "kernal": 3}], f"layer hidden1: kernal is not a key; legal are {LAYER_KEYS}; did you mean kernel?"),
    ([{"conv": 0}], "layer hidden1: conv = 0: legal is a whole number from 1 to 4096"),
    (
        [{"conv": 1, "name": "a"}, {"conv": 3, "kernel": [3], "name": "b"}],
        "layer b: kernel = [3]: legal is a whole number from 1 to 64, or two of them, [rows, columns]",
    ),
    (
        [{"conv": 3, "max_pool": "two"}],
        'layer hidden1: max_pool = "two": legal is a whole number from 1 to 64, or two of them, [rows, columns],'
        " or a table of size, stride, padding",
    ),
    (
        [{"conv": 3, "max_pool": {"size": 2, "strid": 2}}],
        "layer hidden1: max_pool.strid is not a key; legal are size, stride, padding; did you mean stride?",
    ),
    (
        [{"conv": 3, "max_pool": {"stride": 2}}],
        'layer hidden1: max_pool = {"stride": 2}: size is missing; legal are size, stride, padding',
    ),
    (
        [{"conv": 3, "max_pool": {"size": 0}}],
        "layer hidden1: max_pool.size = 0: legal is a whole number from 1 to 64, or two of them, [rows, columns]",
    ),
    (
        [{"conv": 3, "max_pool": {"size": 3, "padding": 2}}],
        "layer hidden1: max_pool.padding = 2×2: more than half of its window of 3×3; legal is at most 1×1",
    ),
    (
        [{"conv": 3, "average_pool": "globl"}],
        'layer hidden1: average_pool = "globl": legal is a whole number from 1 to 64, global, or two of them, [rows, columns];'
        " did you mean global?",
    ),
    (
        [{"conv": 3, "kernel": [40, 3], "padding": [2, 0]}],
        "layer hidden1: kernel = 40×3: larger than its map of 28×28, padded 32×28; give a smaller kernel, more padding,"
        " or less stride or pooling before",
    ),
    (
        [{"conv": 3, "padding": [1, 3]}],
        "layer hidden1: padding = [1, 3]: a kernel of 3×3 would see nothing but padding; legal is at most 2×2",
    ),
    (
        [{"conv": 4}, {"conv": 6, "groups": 4}],
        "layer hidden2: groups = 4: must divide the 4 channels that it reads and its own 6; legal are 1, 2",
    ),
    (
        [{"conv": 4, "max_pool": 4}, {"conv": 4, "max_pool": 8}],
        "layer hidden2: max_pool = 8×8: larger than its map of 7×7; give a smaller window, or less pooling or stride before",
    ),
    (
        [{"conv": 4, "average_pool": [2, 29]}],
        "layer hidden1: average_pool = 2×29: larger than its map of 28×28; give a smaller window, or less pooling or stride"
        " before",
    ),
    (
        [{"conv": 4, "name": "block1"}, {"conv": 4, "add": "blok1"}],
        'layer hidden2: add = "blok1": legal are the layers before it, block1; did you mean block1?',
    ),
    ([{"conv": 4, "add": "hidden2"}, {"conv": 4}], 'layer hidden1: add = "hidden2": no layer is before it; leave add out'),
    (
        [{"conv": 4}, {"conv": 4, "add": "hidden2"}],
        'layer hidden2: add = "hidden2": legal are the layers before it, hidden1; did you mean hidden1?',
    ),
    (
        [{"conv": 4}, {"conv": 4, "padding": 2, "add": "hidden1"}],
        'layer hidden2: add = "hidden1": it sends 28×28 positions, which no stride turns into the 30×30 of this layer;'
        " change stride, padding or pooling, or add another layer",
    ),
    (
        [{"linear": 3}, {"conv": 4}],
        "layer hidden2: conv = 4: a convolution after a linear layer has no map to read; put linear layers last",
    ),
    (
        [{"linear": 3, "max_pool": 2}],
        "layer hidden1: max_pool = 2: a linear layer takes linear and name; leave max_pool out, or give conv",
    ),
    ([{"linear": 3, "name": "readout"}], "layer readout: this name is taken; legal is any but input and readout"),
    ([{"linear": 3, "name": "hidden2"}, {"linear": 3}], "layer hidden2: two layers have this name; legal are names of their own"),
    ([{"linear": 3, "name": "A-1"}], 'layer A-1: name = "A-1": legal is text that matches ^[a-z][a-z0-9_]{0,31}$'),
]


TOO_LARGE: list[tuple[list[Table], str]] = [
    (
        [{"conv": 4096, "kernel": 64, "padding": 63}, {"conv": 4096, "kernel": 64, "padding": 63}],
        "layer hidden2: 68,719,476,736 weights; legal are at most 268,435,456; give fewer channels, a smaller kernel or more"
        " groups",
    ),
    (
        [{"conv": 64}, {"linear": 8192, "name": "wide"}],
        "layer wide: 411,041,792 weights; legal are at most 268,435,456; give fewer neurons, or a smaller map before",
    ),
    (
        [{"conv": 4096, "kernel": 64, "padding": 63}]
        + [{"conv": 4096, "kernel": 64, "padding": 63, "groups": 4096}] * 3
        + [{"conv": 8}],
        "layer hidden4: a map of 4096×280×280, 321,126,400 neurons; legal are at most 268,435,456; give fewer channels,"
        " less padding, or more stride or pooling before",
    ),
    (
        [{"conv": 4096, "kernel": 64, "padding": 63}],
        "layer readout: 339,189,760 weights; legal are at most 268,435,456; give the layer before it fewer neurons or more"
        " pooling",
    ),
]


@pytest.mark.parametrize("layers, text", TOO_LARGE, ids=[text for _, text in TOO_LARGE])
def test_a_layer_too_large_for_memory_is_refused_by_name(layers: list[Any], text: str) -> None:
    assert refusal({"layers": layers}) == f"own.toml: network.layers, {text}"


def test_a_layer_of_the_largest_size_is_taken() -> None:
    plan = planned({"linear": 8192}, shape=(1, LARGEST_LAYER // 8192))[0]
    assert plan.weights == LARGEST_LAYER
    assert planned({"conv": 256, "kernel": 1}, shape=(1024, 1024))[0].potentials.size == LARGEST_LAYER
    for layer, shape in (({"linear": 8192}, (1, 32769)), ({"conv": 256, "kernel": 1}, (1024, 1025))):
        with pytest.raises(UserError, match=r"^network.layers, layer hidden1: .*; legal are at most 268,435,456; "):
            planned(layer, shape=shape)


def test_a_readout_is_measured_where_the_classes_are_given() -> None:
    config = configured()
    plan_layers(config, (1024, 1024), 256)
    with pytest.raises(UserError, match=r"^network.layers, layer readout: 269,484,032 weights; legal are"):
        plan_layers(config, (1024, 1024), 257)
    plan_layers(config, (1024, 1024))


@pytest.mark.parametrize("layers, text", REFUSALS, ids=[text for _, text in REFUSALS])
def test_a_layer_that_does_not_fit_is_refused_by_name(layers: list[Any], text: str) -> None:
    assert refusal({"layers": layers}) == f"own.toml: network.layers, {text}"


def test_other_refusals_name_the_key_too() -> None:
    assert refusal({"hidden": [3], "preset": "lenet"}) == (
        "own.toml: network.hidden and network.preset are given; each says which hidden layers there are: keep one of them"
    )
    assert refusal({"preset": "cnn-smal"}) == (
        'own.toml: network.preset = "cnn-smal": legal is lenet, cnn-small, vgg-small, resnet-20, vgg-16; did you mean cnn-small?'
    )
    assert refusal({"layers": 3}) == (
        f"own.toml: network.layers = 3: legal is a list of at most 64 values, each a table of {LAYER_KEYS}"
    )
    assert refusal({}, "network.layers=[{conv = 3, kernel = 41, padding = 0}]").startswith(
        "--set: network.layers, layer hidden1: kernel = 41×41: larger than its map of 28×28, padded 28×28;"
    )
    assert refusal({"preset": "vgg-16"}).startswith('own.toml: network.preset = "vgg-16", layer hidden13: max_pool = 2×2: larger')
    assert refusal({"preset": "lenet"}, "network.levels=[3]") == (
        '--set: network.levels = [3]: 1 value, but network.preset = "lenet" makes 4 hidden layers; give 4 or one for all'
    )


def test_a_source_of_unknown_size_is_checked_as_far_as_possible() -> None:
    table: Table = {"name": "test", "data": {"source": "image-folder"}, "network": {"layers": [{"conv": 2, "kernel": 60}]}}
    assert hidden_count(configuration_of(table, "own.toml")) == 1
    table["network"] = {"layers": [{"conv": 2, "linear": 60}]}
    with pytest.raises(UserError, match="conv and linear are both given"):
        configuration_of(table, "own.toml")
