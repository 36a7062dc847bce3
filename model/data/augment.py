"""Random changes of training images: shifted, mirrored, a square cut out."""

from __future__ import annotations

import torch
from torch import Tensor

from model.base.errors import UserError


class Augmenter:
    """Draws batches of training images, each changed by random numbers of its own; pixels that are missing are 0.

    The same seed gives the same batches on every device: random numbers are drawn on the CPU.

    Args:
        images: (images, rows, columns) or (images, channels, rows, columns), any type.
        shift: the largest offset in pixels, up, down and to the sides; what leaves the frame is lost.
        flip: whether half of the images are mirrored, left and right exchanged.
        cutout: side of a square that is set to 0, its centre anywhere in the image; 0 for none
            (DeVries and Taylor, arXiv 1708.04552).

    Raises:
        UserError: a square as large as the image.
    """

    def __init__(self, images: Tensor, shift: int, flip: bool = False, cutout: int = 0) -> None:
        self._shift, self._flip, self._cutout = shift, flip, cutout
        self._rows, self._columns = images.shape[-2:]
        if cutout >= min(self._rows, self._columns):
            raise UserError(
                f"data.cutout = {cutout}: images have {self._rows} rows of {self._columns} pixels; legal is less than either"
            )
        padded = torch.nn.functional.pad(images, (shift, shift, shift, shift))
        self._width = padded.shape[-1]
        self._pixels = padded.reshape(-1)
        self._image_size = padded[0].numel()
        places = torch.arange(self._image_size, device=images.device).reshape(padded.shape[1:])
        self._window = places[..., : self._rows, : self._columns].reshape(-1)

    def batch(self, indices: Tensor, generator: torch.Generator) -> Tensor:
        """The images of these indices, flattened to (images, pixels), each with changes drawn from ``generator``."""
        first = indices * self._image_size
        if self._shift:
            drawn = torch.randint(0, 2 * self._shift + 1, (2, len(indices)), generator=generator).to(indices.device)
            first = first + drawn[0] * self._width + drawn[1]
        maps = self._pixels[first[:, None] + self._window].reshape(len(indices), -1, self._rows, self._columns)
        if self._flip:
            mirrored = torch.randint(0, 2, (len(indices), 1, 1, 1), generator=generator).to(indices.device)
            maps = torch.where(mirrored.bool(), maps.flip(-1), maps)
        if self._cutout:
            maps = self._with_squares_cut_out(maps, generator)
        return maps.flatten(1)

    def _with_squares_cut_out(self, maps: Tensor, generator: torch.Generator) -> Tensor:
        inside = []
        for length in (self._rows, self._columns):
            centre = torch.randint(0, length, (len(maps), 1), generator=generator).to(maps.device)
            distance = torch.arange(length, device=maps.device) - (centre - self._cutout // 2)
            inside.append((distance >= 0) & (distance < self._cutout))
        square = inside[0][:, None, :, None] & inside[1][:, None, None, :]
        return maps.masked_fill(square, 0)
