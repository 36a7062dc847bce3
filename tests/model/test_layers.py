"""Layer lists and presets: their shapes and their sizes, and that torch takes and refuses the same."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from model.base.errors import UserError
from model.config import Configuration
from model.config.effective import as_training_sees_it
from model.config.layers import IMAGE_SHAPES, LayerPlan, hidden_count, plan_layers
from model.config.load import configuration_of
from model.config.presets import PRESETS
from model.config.schema import Preset
from model.integer_network import Shape, Window
from tests.model.layer_lists import GREY, Table, configured, loaded, planned, refusal


def test_a_convolution_has_kernel_3_same_padding_and_stride_1_by_default() -> None:
    (plan,) = planned({"conv": 5})
    assert plan == LayerPlan(
        name="hidden1",
        kind="convolution",
        channels=5,
        kernel=(3, 3),
        stride=(1, 1),
        padding=(1, 1),
        groups=1,
        max_pooling=None,
        average_pooling=(1, 1),
        source="input",
        inputs=Shape(1, 28, 28),
        added=None,
        added_map=None,
        shortcut=None,
        shortcut_stride=(1, 1),
        potentials=Shape(5, 28, 28),
        shape=Shape(5, 28, 28),
    )


def test_layers_read_what_the_one_before_sends() -> None:
    first, second, third = planned(
        {"conv": 4, "kernel": [3, 5], "stride": [2, 1], "padding": [0, 2], "max_pool": {"size": 3, "stride": 2, "padding": 1}},
        {"conv": 8, "groups": 4, "average_pool": [2, 3], "name": "second"},
        {"linear": 7},
        shape=(3, 20, 30),
    )
    assert first.potentials == Shape(4, 9, 30)
    assert first.max_pooling == Window((3, 3), (2, 2), (1, 1))
    assert first.shape == first.sent == Shape(4, 5, 15)
    assert (second.source, second.inputs, second.shape) == ("hidden1", Shape(4, 5, 15), Shape(8, 5, 15))
    assert second.sent == Shape(8, 2, 5)
    assert (third.name, third.source, third.inputs, third.shape) == ("hidden3", "second", Shape(8, 2, 5), Shape(7))
    assert [plan.weights for plan in (first, second, third)] == [4 * 3 * 15, 8 * 9, 7 * 80]
    assert [plan.multiply_accumulates for plan in (first, second, third)] == [270 * 4 * 45, 75 * 8 * 9, 560]


def test_a_residual_is_the_identity_between_equal_maps_and_else_a_convolution() -> None:
    first, second, third, fourth = planned(
        {"conv": 4},
        {"conv": 4, "add": "hidden1"},
        {"conv": 6, "add": "hidden2", "name": "wider"},
        {"conv": 6, "stride": [2, 4], "add": "hidden1", "average_pool": "global"},
    )
    assert (first.added, first.shortcut) == (None, None)
    assert (second.added, second.shortcut, second.shortcut_stride, second.weights) == ("hidden1", "identity", (1, 1), 4 * 36)
    assert (third.shortcut, third.shortcut_stride, third.weights) == ("convolution", (1, 1), 6 * (36 + 4))
    assert (fourth.shortcut, fourth.shortcut_stride, fourth.added_map) == ("convolution", (2, 4), Shape(4, 28, 28))
    assert fourth.multiply_accumulates == 6 * 14 * 7 * (54 + 4)
    assert (fourth.average_pooling, fourth.sent) == ((14, 7), Shape(6, 1, 1))


def test_what_is_added_is_what_the_layer_sends_and_it_is_added_before_pooling() -> None:
    _, second = planned({"conv": 4, "average_pool": 2}, {"conv": 4, "add": "hidden1", "max_pool": 2})
    assert second.shortcut == "identity"
    assert second.potentials == Shape(4, 14, 14)
    assert second.shape == Shape(4, 7, 7)


def test_plain_sizes_are_linear_layers() -> None:
    config = Configuration(name="test", network={"hidden": [9, 4]})  # type: ignore[arg-type]
    assert [(plan.name, plan.kind, plan.inputs.size, plan.weights) for plan in plan_layers(config, (2, 3))] == [
        ("hidden1", "linear", 6, 54),
        ("hidden2", "linear", 9, 36),
    ]
    assert hidden_count(Configuration(name="test")) == 1
    assert hidden_count(loaded({"layers": []})) == 0


PRESET_SIZES: list[tuple[Preset, tuple[int, ...], int, int, int]] = [
    ("lenet", (28, 28), 4, 61_470, 416_520),
    ("cnn-small", (28, 28), 3, 28_944, 1_924_992),
    ("vgg-small", (3, 32, 32), 6, 307_040, 38_653_952),
    ("resnet-20", (3, 32, 32), 19, 270_896, 40_813_184),
    ("vgg-16", (3, 32, 32), 15, 15_239_872, 313_725_952),
]


@pytest.mark.parametrize("preset, shape, layers, weights, work", PRESET_SIZES, ids=[row[0] for row in PRESET_SIZES])
def test_size_of_every_preset(preset: Preset, shape: tuple[int, ...], layers: int, weights: int, work: int) -> None:
    """With a readout of ten classes."""
    plans = plan_layers(Configuration(name="test", network={"preset": preset}), shape)  # type: ignore[arg-type]
    readout = 10 * plans[-1].sent.size
    assert len(plans) == layers
    assert sum(plan.weights for plan in plans) + readout == weights
    assert sum(plan.multiply_accumulates for plan in plans) + readout == work


def test_every_preset_has_its_size_tested() -> None:
    assert set(PRESETS) == {row[0] for row in PRESET_SIZES}


def test_resnet_20_has_convolutional_shortcuts_where_its_stages_begin() -> None:
    plans = plan_layers(Configuration(name="test", network={"preset": "resnet-20"}), (3, 32, 32))  # type: ignore[arg-type]
    assert [plan.shortcut for plan in plans if plan.added] == [
        *["identity"] * 3,
        *("convolution", "identity", "identity"),
        *("convolution", "identity", "identity"),
    ]
    assert [plan.channels for plan in plans] == [16] * 7 + [32] * 6 + [64] * 6
    assert plans[-1].sent == Shape(64, 1, 1)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("method", ["pascal", "parallel", "opi", "qcfs", "dual-phase", "pmsm"])
def test_every_method_takes_every_preset_and_its_training_plans_the_same_layers(preset: Preset, method: str) -> None:
    table = {"name": "test", "data": {"source": "image-folder"}, "network": {"preset": preset}, "conversion": {"method": method}}
    config = configuration_of(table, "own.toml")
    shape = (3, 32, 32)
    plans = plan_layers(config, shape)
    assert plan_layers(as_training_sees_it(config), shape) == plans
    causal = method in ("opi", "qcfs", "dual-phase")
    assert not (causal and any(plan.max_pooling for plan in plans))


def test_pooling_of_a_preset_can_be_chosen() -> None:
    plans = plan_layers(loaded({"preset": "vgg-small", "pooling": "average"}), (3, 32, 32))
    assert [plan.average_pooling for plan in plans] == [(1, 1), (2, 2)] * 3
    assert all(plan.max_pooling is None for plan in plans)
    assert plan_layers(loaded({"preset": "lenet", "pooling": "max"}), GREY)[0].max_pooling == Window((2, 2), (2, 2))
    assert refusal({"hidden": [3], "pooling": "max"}) == (
        'own.toml: network.pooling = "max": network.hidden = [3] says itself how each layer is pooled; legal is auto, with'
        " network.preset max and average too"
    )


@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize("method", ["pascal", "opi"])
def test_pooling_of_a_preset_without_windows_is_refused(pooling: str, method: str) -> None:
    assert refusal({"preset": "resnet-20", "pooling": pooling}, f"conversion.method={method}") == (
        f'own.toml: network.pooling = "{pooling}": network.preset = "resnet-20" has no windows to pool, at most its whole map;'
        " legal is auto, with lenet, cnn-small, vgg-small, vgg-16 max and average too"
    )


@pytest.mark.parametrize("preset", PRESETS)
def test_pooling_changes_the_layers_of_every_preset_that_takes_it(preset: Preset) -> None:
    def planned_with(pooling: str) -> list[LayerPlan]:
        return plan_layers(Configuration(name="test", network={"preset": preset, "pooling": pooling}), (3, 32, 32))  # type: ignore[arg-type]

    if preset == "resnet-20":
        with pytest.raises(UserError, match="legal is auto"):
            planned_with("max")
    else:
        assert planned_with("max") != planned_with("average")
        assert planned_with("auto") in (planned_with("max"), planned_with("average"))


def test_setting_one_key_of_the_hidden_layers_replaces_the_others() -> None:
    config = loaded({"hidden": [3]}, "network.preset=cnn-small")
    assert (config.network.hidden, config.network.preset) == (None, "cnn-small")
    assert loaded({"preset": "lenet"}, "network.hidden=[4]").network.hidden == [4]
    assert hidden_count(loaded({"hidden": [3]}, "network.layers=[{conv = 4, average_pool = global}, {linear = 3}]")) == 2
    assert loaded({}).network.hidden == [32]


def test_layers_survive_their_plain_values() -> None:
    config = configured({"conv": 3, "kernel": [1, 3], "max_pool": {"size": 2, "stride": [1, 2]}}, {"linear": 4})
    assert Configuration.model_validate(config.model_dump(mode="json")) == config


def test_image_shapes_are_those_of_the_readers() -> None:
    from model.data import cifar10, mnist
    from model.data.digits import load_digits

    assert IMAGE_SHAPES["digits"] == load_digits()[0].shape
    assert IMAGE_SHAPES["mnist"] == mnist.TRAIN_IMAGES.shape[1:]
    assert IMAGE_SHAPES["cifar10"] == cifar10.SHAPE


sizes = st.integers(1, 6)
pairs = st.tuples(sizes, sizes).map(list)
paddings = st.integers(0, 3)
convolutions = st.fixed_dictionaries(
    {"conv": st.sampled_from([1, 2, 4, 6])},
    optional={
        "kernel": sizes | pairs,
        "stride": st.integers(1, 3) | st.tuples(st.integers(1, 3), st.integers(1, 3)).map(list),
        "padding": paddings | st.tuples(paddings, paddings).map(list),
        "groups": st.sampled_from([1, 2, 3]),
        "max_pool": st.integers(1, 4) | st.fixed_dictionaries({"size": sizes}, optional={"stride": sizes, "padding": paddings}),
        "average_pool": st.integers(1, 4) | pairs | st.just("global"),
        "add": st.sampled_from(["hidden1", "hidden2", "hidden3"]),
    },
)
# Rules of this project where torch would go on.
DOCUMENTED = (
    "would see nothing but padding",
    "legal are the layers before it",
    "no layer is before it",
    "which no stride turns into",
)


def through_torch(tables: list[Table], image: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Shapes of what every layer sends, by torch's own modules; an error of torch is a refusal."""
    values = torch.zeros(1, *((1, *image) if len(image) == 2 else image))
    shapes = []
    for table in tables:
        kernel, pool, mean = table.get("kernel", 3), table.get("max_pool"), table.get("average_pool")
        half = kernel // 2 if isinstance(kernel, int) else [length // 2 for length in kernel]
        values = torch.nn.Conv2d(
            values.shape[1],
            table["conv"],
            kernel,
            table.get("stride", 1),
            table.get("padding", half),
            groups=table.get("groups", 1),
        )(values)
        if pool is not None:
            keys = pool if isinstance(pool, dict) else {"size": pool}
            values = torch.nn.MaxPool2d(keys["size"], keys.get("stride"), keys.get("padding", 0))(values)
        if mean is not None:
            values = torch.nn.AvgPool2d(values.shape[2:] if mean == "global" else mean)(values)
        shapes.append(tuple(values.shape[1:]))
    return shapes


@settings(max_examples=300, deadline=None)
@given(
    tables=st.lists(convolutions, min_size=1, max_size=4),
    image=st.tuples(st.integers(1, 12), st.integers(1, 12)) | st.tuples(st.just(3), st.integers(1, 12), st.integers(1, 12)),
)
def test_shapes_are_those_of_torch_and_refused_is_what_torch_refuses(tables: list[Table], image: tuple[int, ...]) -> None:
    try:
        plans = planned(*tables, shape=image)
    except UserError as error:
        if not any(rule in str(error) for rule in DOCUMENTED):
            with pytest.raises((RuntimeError, ValueError)):
                through_torch(tables, image)
        return
    assert [tuple(plan.sent) for plan in plans] == through_torch(tables, image)


@settings(max_examples=200, deadline=None)
@given(channels=st.integers(1, 3), rows=st.integers(1, 20), columns=st.integers(1, 20), stride=st.integers(1, 6), kernel=sizes)
def test_a_shortcut_makes_the_map_that_it_is_added_to(channels: int, rows: int, columns: int, stride: int, kernel: int) -> None:
    try:
        _, plan = planned(
            {"conv": 2}, {"conv": channels, "kernel": kernel, "stride": stride, "add": "hidden1"}, shape=(rows, columns)
        )
    except UserError:
        return
    shortcut = torch.nn.Conv2d(2, channels, 1, plan.shortcut_stride)(torch.zeros(1, 2, rows, columns))
    assert tuple(shortcut.shape[1:]) == tuple(plan.potentials)
    assert (plan.shortcut == "identity") == (plan.potentials == Shape(2, rows, columns))
