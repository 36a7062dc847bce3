"""Random shifts of training images."""

from __future__ import annotations

import torch


class Shifter:
    """Draws batches of training images, each shifted by its own random offset; what leaves the frame is lost, zeros come in.

    Args:
        images: (images, rows, columns), any type.
        shift: the largest offset in pixels, in both directions; 0 leaves images as they are.
    """

    def __init__(self, images: torch.Tensor, shift: int) -> None:
        self._shift = shift
        self._rows, self._columns = images.shape[1:]
        padded = torch.nn.functional.pad(images, (shift, shift, shift, shift))
        self._image_size = padded.shape[1] * padded.shape[2]
        self._width = padded.shape[2]
        self._pixels = padded.reshape(-1)
        rows = torch.arange(self._rows, device=images.device)[:, None] * self._width
        self._window = (rows + torch.arange(self._columns, device=images.device)).reshape(-1)

    def batch(self, indices: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """The images of these indices, flattened to (images, rows * columns), each with a shift drawn from ``generator``."""
        first = indices * self._image_size
        if self._shift:
            drawn = torch.randint(0, 2 * self._shift + 1, (2, len(indices)), generator=generator).to(indices.device)
            first = first + drawn[0] * self._width + drawn[1]
        return self._pixels[first[:, None] + self._window]
