"""The hidden layers that a configuration asks for: their order, names and shapes; everything that does not fit is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from model.base.errors import UserError
from model.config.describe import nearest, shown
from model.config.pooling import pooled_alike, pooling_of, pools_windows
from model.config.presets import PRESETS
from model.config.schema import Configuration, LayerTable, MaxPoolTable
from model.integer_network import Shape, Window
from model.integer_network.structure import INPUT

READOUT = "readout"
"""Name of the layer behind the hidden ones."""

IMAGE_SHAPES = {"digits": (8, 8), "mnist": (28, 28), "cifar10": (3, 32, 32)}
"""Shape of the images of the sources where it is known before they are read."""

LARGEST_LAYER = 1 << 28
"""Weights of a layer, and neurons of a map: 1 GiB of float32, of which training holds several."""

# Of the digits, MNIST and CIFAR-10 alike.
_CLASSES = 10

_Pair = tuple[int, int]
_CONVOLUTION_KEYS = ("kernel", "stride", "padding", "groups", "max_pool", "average_pool", "add")


@dataclass(frozen=True)
class LayerPlan:
    """One hidden layer with its shapes.

    Attributes:
        name: distinct from every other.
        kind: linear or convolution.
        channels: of a convolution; neurons of a linear layer.
        kernel: of a convolution, (rows, columns), as the next two; of a linear layer they are 1, 1 and 0.
        stride: of a convolution.
        padding: of a convolution.
        groups: of a convolution.
        max_pooling: windows of which the largest is sent.
        average_pooling: windows side by side whose mean is sent; what fills no window is dropped.
        source: ``"input"`` or the name of the layer before.
        inputs: the map that it reads, the source's after average pooling; linear layers read it flat.
        added: the earlier layer whose output is added to the sums, or None.
        added_map: the map that this layer sends, after its average pooling.
        shortcut: how it is added: as it is, or through a convolution with a 1×1 kernel.
        shortcut_stride: of that convolution.
        potentials: the map of sums, before max pooling.
        shape: the map that it sends, before average pooling.
    """

    name: str
    kind: Literal["linear", "convolution"]
    channels: int
    kernel: _Pair
    stride: _Pair
    padding: _Pair
    groups: int
    max_pooling: Window | None
    average_pooling: _Pair
    source: str
    inputs: Shape
    added: str | None
    added_map: Shape | None
    shortcut: Literal["identity", "convolution"] | None
    shortcut_stride: _Pair
    potentials: Shape
    shape: Shape

    @property
    def sent(self) -> Shape:
        """The map that a consumer reads, after average pooling."""
        rows, columns = self.average_pooling
        return Shape(self.shape.channels, self.shape.rows // rows, self.shape.columns // columns)

    @property
    def fan_in(self) -> int:
        """Weights of one neuron, without a shortcut's."""
        if self.kind == "linear":
            return self.inputs.size
        return self.inputs.channels // self.groups * self.kernel[0] * self.kernel[1]

    @property
    def weights(self) -> int:
        """Number of weights; a shortcut that is a convolution counts, gains of an identity do not."""
        return self.channels * (self.fan_in + self._shortcut_fan_in)

    @property
    def multiply_accumulates(self) -> int:
        """Of one image, padding included."""
        return self.potentials.size * (self.fan_in + self._shortcut_fan_in)

    @property
    def _shortcut_fan_in(self) -> int:
        return self.added_map.channels if self.shortcut == "convolution" and self.added_map is not None else 0


def layer_tables(config: Configuration) -> list[LayerTable]:
    """The hidden layers as a layer list, whichever key they were given by."""
    network = config.network
    if network.preset is not None:
        return pooled_alike(PRESETS[network.preset], pooling_of(config))
    if network.layers is not None:
        return network.layers
    return [LayerTable(linear=neurons) for neurons in network.hidden or []]


def hidden_count(config: Configuration) -> int:
    """Number of hidden layers."""
    return len(layer_tables(config))


def layers_key(config: Configuration) -> str:
    """The key that the hidden layers were given by, with its value, as an error names it."""
    network = config.network
    if network.preset is not None:
        return f'network.preset = "{network.preset}"'
    if network.layers is not None:
        return "network.layers"
    return f"network.hidden = {shown(network.hidden)}"


def plan_layers(config: Configuration, image_shape: tuple[int, ...], classes: int | None = None) -> list[LayerPlan]:
    """The hidden layers with all their shapes, front to back; the readout, which is linear, is not among them.

    Args:
        config: of the network section only the layers are read.
        image_shape: (rows, columns) or (channels, rows, columns).
        classes: neurons of the readout, whose size is checked where they are given.

    Raises:
        UserError: a layer that does not fit or is too large, by name.
    """
    tables = checked_tables(config)
    where = layers_key(config)
    plans: dict[str, LayerPlan] = {}
    for name, table in tables.items():
        try:
            plans[name] = _plan(name, table, plans, _map_of(image_shape))
            _check_size(plans[name])
        except UserError as error:
            raise UserError(f"{where}, layer {name}: {error}") from None
    found = list(plans.values())
    read = found[-1].sent if found else _map_of(image_shape)
    if classes is not None and classes * read.size > LARGEST_LAYER:
        way_out = "give the layer before it fewer neurons or more pooling"
        raise UserError(f"{where}, layer {READOUT}: {_too_many(classes * read.size, 'weights')}; {way_out}")
    return found


def check_layers(config: Configuration) -> None:
    """Refuse layers that do not fit, before images are read: with their shape where the source has but one.

    Raises:
        UserError: as ``plan_layers``.
    """
    shape = IMAGE_SHAPES.get(config.data.source)
    if shape is None:
        checked_tables(config)
    else:
        plan_layers(config, shape, _CLASSES)


def checked_tables(config: Configuration) -> dict[str, LayerTable]:
    """The hidden layers by name, checked as far as that is possible without the shape of an image.

    Raises:
        UserError: a layer of no kind or two, keys of another kind, a name twice, a sum with a layer that is not earlier, or
            pooling where there is no choice of it.
    """
    where = layers_key(config)
    preset = config.network.preset
    if preset is not None and config.network.pooling != "auto" and not pools_windows(preset):
        others = ", ".join(other for other in PRESETS if pools_windows(other))
        raise UserError(
            f'network.pooling = "{config.network.pooling}": {where} has no windows to pool, at most its whole map; legal is auto,'
            f" with {others} max and average too"
        )
    if preset is None and config.network.pooling != "auto":
        raise UserError(
            f'network.pooling = "{config.network.pooling}": {where} says itself how each layer is pooled; legal is auto, with'
            " network.preset max and average too"
        )
    named: dict[str, LayerTable] = {}
    for place, table in enumerate(layer_tables(config), start=1):
        name = table.name or f"hidden{place}"
        try:
            _check_table(name, table, named)
        except UserError as error:
            raise UserError(f"{where}, layer {name}: {error}") from None
        named[name] = table
    return named


def _check_table(name: str, table: LayerTable, earlier: Mapping[str, LayerTable]) -> None:
    if name in earlier:
        raise UserError("two layers have this name; legal are names of their own")
    if name in (INPUT, READOUT):
        raise UserError("this name is taken; legal is any but input and readout")
    if (table.conv is None) == (table.linear is None):
        both = "neither conv nor linear is given" if table.conv is None else "conv and linear are both given"
        raise UserError(f"{both}; give one of them, e.g. {{ conv = 16, kernel = 3 }} or {{ linear = 64 }}")
    if table.linear is not None:
        wrong = next((key for key in _CONVOLUTION_KEYS if getattr(table, key) is not None), None)
        if wrong is not None:
            value = shown(table.model_dump(exclude_none=True)[wrong])
            raise UserError(f"{wrong} = {value}: a linear layer takes linear and name; leave {wrong} out, or give conv")
    elif any(before.linear is not None for before in earlier.values()):
        raise UserError(f"conv = {table.conv}: a convolution after a linear layer has no map to read; put linear layers last")
    if table.add is not None and table.add not in earlier:
        legal = f"legal are the layers before it, {', '.join(earlier)}" if earlier else "no layer is before it; leave add out"
        raise UserError(f'add = "{table.add}": {legal}{nearest(table.add, earlier)}')


def _map_of(image_shape: Sequence[int]) -> Shape:
    *channels, rows, columns = image_shape
    return Shape(channels[0] if channels else 1, rows, columns)


def _plan(name: str, table: LayerTable, plans: Mapping[str, LayerPlan], image: Shape) -> LayerPlan:
    source, inputs = (INPUT, image) if not plans else [(last.name, last.sent) for last in plans.values()][-1]
    if table.linear is not None:
        neurons = Shape(table.linear)
        one, none = (1, 1), (0, 0)
        return LayerPlan(
            *(name, "linear", table.linear, one, one, none, 1, None, one, source, inputs),
            *(None, None, None, one, neurons, neurons),
        )
    assert table.conv is not None
    window = _kernel(table, inputs)
    groups = _groups(table, table.conv, inputs)
    potentials = Shape(table.conv, *window.positions(inputs.rows, inputs.columns))
    added_map = None if table.add is None else plans[table.add].sent
    shortcut_stride = (1, 1) if added_map is None else _shortcut_stride(table, added_map, potentials)
    max_pooling = _max_pooling(table, potentials)
    sent = potentials if max_pooling is None else Shape(table.conv, *max_pooling.positions(potentials.rows, potentials.columns))
    return LayerPlan(
        name=name,
        kind="convolution",
        channels=table.conv,
        kernel=window.size,
        stride=window.stride,
        padding=window.padding,
        groups=groups,
        max_pooling=max_pooling,
        average_pooling=_average_pooling(table, sent),
        source=source,
        inputs=inputs,
        added=table.add,
        added_map=added_map,
        shortcut=None if added_map is None else "identity" if added_map == potentials else "convolution",
        shortcut_stride=shortcut_stride,
        potentials=potentials,
        shape=sent,
    )


def _check_size(plan: LayerPlan) -> None:
    is_linear = plan.kind == "linear"
    if plan.weights > LARGEST_LAYER:
        way_out = "fewer neurons, or a smaller map before" if is_linear else "fewer channels, a smaller kernel or more groups"
        raise UserError(f"{_too_many(plan.weights, 'weights')}; give {way_out}")
    largest = max(plan.potentials, plan.shape, key=lambda shape: shape.size)
    if largest.size > LARGEST_LAYER:
        size = f"a map of {largest.channels}×{_by(largest.positions)}, {_too_many(largest.size, 'neurons')}"
        raise UserError(f"{size}; give fewer channels, less padding, or more stride or pooling before")


def _too_many(count: int, noun: str) -> str:
    return f"{count:,} {noun}; legal are at most {LARGEST_LAYER:,}"


def _kernel(table: LayerTable, inputs: Shape) -> Window:
    size = _pair(3 if table.kernel is None else table.kernel)
    half = [length // 2 for length in size]
    padding = _pair(half if table.padding is None else table.padding)
    if any(around >= length for around, length in zip(padding, size, strict=True)):
        raise UserError(
            f"padding = {shown(table.padding)}: a kernel of {_by(size)} would see nothing but padding;"
            f" legal is at most {_by((size[0] - 1, size[1] - 1))}"
        )
    room = inputs.rows + 2 * padding[0], inputs.columns + 2 * padding[1]
    if size[0] > room[0] or size[1] > room[1]:
        raise UserError(
            f"kernel = {_by(size)}: larger than its map of {_by(inputs[1:])}, padded {_by(room)}; give a smaller kernel,"
            " more padding, or less stride or pooling before"
        )
    return Window(size, _pair(1 if table.stride is None else table.stride), padding)


def _groups(table: LayerTable, channels: int, inputs: Shape) -> int:
    groups = 1 if table.groups is None else table.groups
    if inputs.channels % groups or channels % groups:
        legal = [count for count in range(1, inputs.channels + 1) if not (inputs.channels % count or channels % count)]
        raise UserError(
            f"groups = {groups}: must divide the {inputs.channels} channels that it reads and its own {channels};"
            f" legal are {', '.join(map(str, legal))}"
        )
    return groups


def _shortcut_stride(table: LayerTable, added: Shape, potentials: Shape) -> _Pair:
    """The smallest stride with which a 1×1 kernel makes one map as large as the other."""
    found = []
    for length, wanted in zip(added[1:], potentials[1:], strict=True):
        strides = (stride for stride in range(1, length + 1) if (length - 1) // stride + 1 == wanted)
        found.append(next(strides, 0))
    if 0 in found:
        raise UserError(
            f'add = "{table.add}": it sends {_by(added[1:])} positions, which no stride turns into the {_by(potentials[1:])}'
            " of this layer; change stride, padding or pooling, or add another layer"
        )
    return found[0], found[1]


def _max_pooling(table: LayerTable, potentials: Shape) -> Window | None:
    asked = table.max_pool
    if asked is None:
        return None
    if not isinstance(asked, MaxPoolTable):
        asked = MaxPoolTable(size=asked)
    size, padding = _pair(asked.size), _pair(asked.padding)
    window = Window(size, _pair(asked.size if asked.stride is None else asked.stride), padding)
    if any(2 * around > length for around, length in zip(padding, size, strict=True)):
        legal = _by((size[0] // 2, size[1] // 2))
        raise UserError(
            f"max_pool.padding = {_by(padding)}: more than half of its window of {_by(size)}; legal is at most {legal}"
        )
    room = potentials.rows + 2 * padding[0], potentials.columns + 2 * padding[1]
    if size[0] > room[0] or size[1] > room[1]:
        raise UserError(_too_large("max_pool", size, potentials))
    return window


def _average_pooling(table: LayerTable, sent: Shape) -> _Pair:
    if table.average_pool is None:
        return 1, 1
    if table.average_pool == "global":
        return sent.rows, sent.columns
    size = _pair(table.average_pool)
    if size[0] > sent.rows or size[1] > sent.columns:
        raise UserError(_too_large("average_pool", size, sent))
    return size


def _too_large(key: str, size: _Pair, positions: Shape) -> str:
    limit = f"larger than its map of {_by(positions[1:])}"
    return f"{key} = {_by(size)}: {limit}; give a smaller window, or less pooling or stride before"


def _pair(value: int | Sequence[int]) -> _Pair:
    return (value, value) if isinstance(value, int) else (value[0], value[1])


def _by(pair: Sequence[int]) -> str:
    return f"{pair[0]}×{pair[1]}"
