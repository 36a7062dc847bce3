"""Images and labels, their fixed split, and the augmentation of training images."""

from model.data.dataset import Dataset, Part, load_dataset, save_dataset

__all__ = ["Dataset", "Part", "load_dataset", "save_dataset"]
