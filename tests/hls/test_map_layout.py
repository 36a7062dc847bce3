"""Where maps and their weights lie: channels side by side, a word a pass, groups in the passes that hold their channels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hls.map_layout import ChannelLayout, channels_first, channels_last
from model.integer_network import Shape

SIZES = st.integers(1, 5)


@given(channels=SIZES, rows=SIZES, columns=SIZES, frames=SIZES)
def test_channels_stand_side_by_side_and_come_back(channels: int, rows: int, columns: int, frames: int) -> None:
    shape = Shape(channels, rows, columns)
    values = np.arange(frames * shape.size).reshape(frames, shape.size)
    last = channels_last(values, shape)
    maps = values.reshape(frames, *shape)
    np.testing.assert_array_equal(last.reshape(frames, rows, columns, channels), maps.transpose(0, 2, 3, 1))
    np.testing.assert_array_equal(channels_first(last, shape), values)


@given(channels=st.integers(1, 12), lanes=st.integers(1, 12), positions=SIZES)
def test_constants_fill_whole_words(channels: int, lanes: int, positions: int) -> None:
    layout = ChannelLayout(channels, min(lanes, channels))
    values = np.arange(1, positions * channels + 1).reshape(positions, channels)
    words = layout.constants(values, surplus=-1).reshape(positions, layout.passes, layout.lanes)
    for position, channel in np.ndindex(values.shape):
        assert words[position, channel // layout.lanes, channel % layout.lanes] == values[position, channel]
    assert (words == -1).sum() == positions * (layout.padded - channels)


@given(groups=st.integers(1, 5), size=st.integers(1, 5), inputs=st.integers(1, 3), lanes=st.integers(1, 12))
def test_every_channel_finds_its_weights_where_the_kernels_look(groups: int, size: int, inputs: int, lanes: int) -> None:
    layout = ChannelLayout(groups * size, min(lanes, groups * size))
    weights = np.arange(1, groups * size * inputs * 6 + 1).reshape(groups * size, inputs, 2, 3)
    reach = layout.reach(groups)
    words = layout.weights(weights, groups).reshape(groups * inputs, 2, 3, reach, layout.lanes)
    first_passes = passes_as_the_kernel_counts_them(layout, groups, size)
    assert layout.first_passes(groups) == first_passes
    assert max(first_passes) + reach <= layout.passes
    for source in range(groups * inputs):
        group, own = divmod(source, inputs)
        found = np.zeros((2, 3, layout.padded), dtype=np.int64)
        first = first_passes[group] * layout.lanes
        found[..., first : first + reach * layout.lanes] = words[source].reshape(2, 3, -1)
        expected = np.zeros_like(found)
        channels = slice(group * size, (group + 1) * size)
        expected[..., channels] = weights[channels, own].transpose(1, 2, 0)
        np.testing.assert_array_equal(found, expected)


def passes_as_the_kernel_counts_them(layout: ChannelLayout, groups: int, size: int) -> list[int]:
    first_passes, counted, lane = [], 0, 0
    for _ in range(groups):
        first_passes.append(min(counted, layout.passes - layout.reach(groups)))
        counted += size // layout.lanes
        lane += size % layout.lanes
        if lane >= layout.lanes:
            lane -= layout.lanes
            counted += 1
    return first_passes
