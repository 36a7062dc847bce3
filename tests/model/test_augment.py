"""Training images shifted, mirrored and cut out: what may come out, and that the seed alone decides it."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from model.base.errors import UserError
from model.data.augment import Augmenter


def test_without_shift_images_stay_as_they_are() -> None:
    images = torch.arange(24, dtype=torch.uint8).reshape(2, 3, 4)
    batch = Augmenter(images, 0).batch(torch.tensor([1, 0]), torch.Generator())
    assert torch.equal(batch, images[[1, 0]].flatten(1))


def test_shifted_images_are_the_image_moved_with_zeros_coming_in() -> None:
    image = torch.arange(1, 13, dtype=torch.uint8).reshape(1, 3, 4)
    padded = torch.nn.functional.pad(image, (1, 1, 1, 1))[0]
    legal = {tuple(padded[row : row + 3, column : column + 4].flatten().tolist()) for row in range(3) for column in range(3)}
    batch = Augmenter(image, 1).batch(torch.zeros(200, dtype=torch.int64), torch.Generator().manual_seed(1))
    assert {tuple(row) for row in batch.tolist()} == legal
    again = Augmenter(image, 1).batch(torch.zeros(200, dtype=torch.int64), torch.Generator().manual_seed(1))
    assert torch.equal(batch, again)


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_half_of_the_images_are_mirrored_left_and_right_in_every_colour() -> None:
    image = torch.arange(24, dtype=torch.uint8).reshape(1, 3, 2, 4)
    batch = Augmenter(image, 0, flip=True).batch(torch.zeros(400, dtype=torch.int64), seeded(1))
    plain = (batch == image.flatten(1)).all(dim=1)
    mirrored = (batch == image.flip(-1).flatten(1)).all(dim=1)
    assert torch.equal(plain, ~mirrored)
    assert 150 < int(plain.sum()) < 250


def test_a_square_is_cut_out_of_all_colours_at_one_place() -> None:
    image = torch.full((1, 3, 8, 10), 7, dtype=torch.uint8)
    batch = Augmenter(image, 0, cutout=4).batch(torch.zeros(300, dtype=torch.int64), seeded(1)).reshape(300, 3, 8, 10)
    assert torch.equal(batch[:, 0], batch[:, 1])
    assert torch.equal(batch[:, 0], batch[:, 2])
    missing = batch[:, 0] == 0
    heights, widths = missing.any(dim=2).sum(dim=1), missing.any(dim=1).sum(dim=1)
    assert torch.equal(missing.sum(dim=(1, 2)), heights * widths)
    assert (int(heights.max()), int(widths.max())) == (4, 4)
    assert int(heights.min()) >= 2
    assert bool(missing.any(dim=0).all())


def test_a_square_as_large_as_the_image_is_refused() -> None:
    with pytest.raises(UserError) as error:
        Augmenter(torch.zeros(2, 3, 8, 10), 0, cutout=8)
    assert str(error.value) == "data.cutout = 8: images have 8 rows of 10 pixels; legal is less than either"


@given(
    channels=st.sampled_from([(), (1,), (3,)]),
    shift=st.integers(0, 3),
    flip=st.booleans(),
    cutout=st.integers(0, 3),
    seed=st.integers(0, 1000),
)
def test_every_pixel_comes_from_its_own_image_and_the_seed_decides(
    channels: tuple[int, ...], shift: int, flip: bool, cutout: int, seed: int
) -> None:
    images = torch.arange(1, 5, dtype=torch.uint8)[(...,) + (None,) * (len(channels) + 2)].expand(4, *channels, 4, 5)
    augmenter = Augmenter(images, shift, flip, cutout)
    chosen = torch.tensor([3, 0, 0, 2, 1])
    batch = augmenter.batch(chosen, seeded(seed))
    assert batch.dtype == torch.uint8
    assert batch.shape == (5, images[0].numel())
    assert all(set(row.tolist()) <= {0, int(index) + 1} for row, index in zip(batch, chosen, strict=True))
    assert torch.equal(batch, augmenter.batch(chosen, seeded(seed)))


def test_mirroring_leaves_the_shifts_of_a_seed_as_they_are() -> None:
    image = torch.arange(1, 13, dtype=torch.uint8).reshape(1, 3, 4)
    chosen = torch.zeros(50, dtype=torch.int64)
    plain = Augmenter(image, 1).batch(chosen, seeded(5)).reshape(50, 3, 4)
    both = Augmenter(image, 1, flip=True).batch(chosen, seeded(5)).reshape(50, 3, 4)
    same = (plain == both).all(dim=2).all(dim=1)
    mirrored = (plain.flip(-1) == both).all(dim=2).all(dim=1)
    assert bool((same | mirrored).all())
