"""Folders and zip files of images: what is read, how it is split, and what is refused by name."""

import io
import os
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from model.base.errors import UserError
from model.base.files import read_json
from model.config import Configuration
from model.data import image_folder, image_tree
from model.data.decode import decoded
from model.data.image_folder import load_image_folder
from model.data.image_tree import printable
from model.data.split import every_nth_of_each_class
from model.data.step import run_data

COLOUR = np.random.default_rng(3).integers(0, 256, (6, 5, 3), dtype=np.uint8)


def file_of(pixels: np.ndarray, kind: str = "PNG", **keys: Any) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **keys)
    return stream.getvalue()


def numbered(label: int, number: int) -> np.ndarray:
    """An image that says which one it is in its first pixel."""
    pixels = np.zeros((4, 3, 3), dtype=np.uint8)
    pixels[0, 0] = label, number, 255
    return pixels


def write_classes(folder: Path, images: int = 10, names: tuple[str, ...] = ("ant", "bee")) -> None:
    for label, name in enumerate(names):
        (folder / name).mkdir(parents=True)
        for number in range(images):
            (folder / name / f"{number:03}.png").write_bytes(file_of(numbered(label, number)))


def zipped(folder: Path, path: Path, inner: str = "") -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, f"{inner}{file.relative_to(folder).as_posix()}")


def refusal(path: Path | None) -> str:
    with pytest.raises(UserError) as error:
        load_image_folder(path)
    assert "\n" not in str(error.value)
    return str(error.value)


def numbers(part: Any) -> list[tuple[int, int]]:
    """Class and number of every image of a part, by its pixels."""
    return [(int(image[0, 0, 0]), int(image[1, 0, 0])) for image in part.images]


def test_a_folder_with_train_and_test_is_read(tmp_path: Path) -> None:
    write_classes(tmp_path / "train", 10)
    write_classes(tmp_path / "test", 3)
    dataset, checksums, names = load_image_folder(tmp_path)
    assert names == ["ant", "bee"]
    assert dataset.shape == (3, 4, 3)
    assert dataset.classes == 2
    assert numbers(dataset.train) == [(label, number) for number in range(9) for label in range(2)]
    assert numbers(dataset.validation) == [(0, 9), (1, 9)]
    assert numbers(dataset.test) == [(label, number) for number in range(3) for label in range(2)]
    assert dataset.train.labels.tolist() == [0, 1] * 9
    assert list(checksums) == [f"{part} {what}" for part in ("train", "validation", "test") for what in ("files", "pixels")]


@pytest.mark.parametrize("form", ["folder", "zip", "zip in a folder", "two zips", "one of each"])
def test_every_form_gives_the_same_data_set(tmp_path: Path, form: str) -> None:
    source = tmp_path / "source"
    write_classes(source / "train", 10)
    write_classes(source / "test", 3)
    (source / "readme.txt").write_text("not an image, and in no class folder")
    expected = load_image_folder(source)
    place = tmp_path / "place"
    place.mkdir()
    if form == "folder":
        place = source
    elif form.startswith("zip"):
        zipped(source, place / "all.zip", "wrapped/" if form == "zip in a folder" else "")
        place = place / "all.zip"
    else:
        zipped(source / "test", place / "test.zip")
        if form == "two zips":
            zipped(source / "train", place / "train.zip", "train/")
        else:
            (source / "train").rename(place / "train")
    found = load_image_folder(place)
    assert found.checksums == expected.checksums
    assert found.class_names == expected.class_names
    assert np.array_equal(found.dataset.train.images, expected.dataset.train.images)


def test_without_a_test_part_every_fifth_image_is_for_the_test(tmp_path: Path) -> None:
    write_classes(tmp_path / "all", 13)
    dataset = load_image_folder(tmp_path / "all").dataset
    assert numbers(dataset.test) == [(label, number) for number in (4, 9) for label in range(2)]
    assert numbers(dataset.validation) == [(0, 11), (1, 11)]
    assert dataset.counts == {"train": 20, "validation": 2, "test": 4}
    zipped(tmp_path / "all", tmp_path / "all.zip")
    assert numbers(load_image_folder(tmp_path / "all.zip").dataset.train) == numbers(dataset.train)


def test_hidden_files_are_not_seen(tmp_path: Path) -> None:
    write_classes(tmp_path / "a", 13)
    expected = load_image_folder(tmp_path / "a").checksums
    (tmp_path / "a" / ".git").mkdir()
    (tmp_path / "a" / "__MACOSX").mkdir()
    (tmp_path / "a" / "ant" / ".DS_Store").write_bytes(b"")
    (tmp_path / "a" / "ant" / "Thumbs.db").write_bytes(b"")
    zipped(tmp_path / "a", tmp_path / "a.zip")
    assert load_image_folder(tmp_path / "a").checksums == load_image_folder(tmp_path / "a.zip").checksums == expected


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_colour_comes_channel_first_and_grey_without_one(kind: str) -> None:
    pixels = decoded(file_of(COLOUR, kind, quality=95), "file")
    assert (pixels.shape, pixels.dtype) == ((3, 6, 5), np.dtype(np.uint8))
    assert decoded(file_of(COLOUR[..., 0], kind), "file").shape == (6, 5)
    if kind == "PNG":
        assert np.array_equal(pixels, np.moveaxis(COLOUR, 2, 0))


def test_a_jpeg_of_several_pictures_is_its_first_one() -> None:
    whole = file_of(COLOUR, "MPO", save_all=True, append_images=[Image.fromarray(COLOUR[::-1].copy())])
    assert np.array_equal(decoded(whole, "file"), decoded(file_of(COLOUR, "JPEG"), "file"))


def test_grey_images_keep_rows_and_columns(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for number in range(13):
            (tmp_path / name / f"{number}.jpg").write_bytes(file_of(COLOUR[..., 0], "JPEG"))
    assert load_image_folder(tmp_path).dataset.train.images.shape == (20, 6, 5)


TREE = np.random.default_rng(5).integers(0, 256, (40, 30, 3), dtype=np.uint8)


@settings(max_examples=80, deadline=None)
@given(kind=st.sampled_from(["PNG", "JPEG"]), progressive=st.booleans(), data=st.data())
def test_a_truncated_image_is_refused_wherever_it_ends(kind: str, progressive: bool, data: st.DataObject) -> None:
    whole = file_of(TREE, kind, progressive=progressive)
    length = data.draw(st.integers(0, len(whole) - (9 if kind == "PNG" else 1)))
    with pytest.raises(UserError, match=r"^cat/7: .*; replace the file or take it out$") as error:
        decoded(whole[:length], "cat/7")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "content, text",
    [
        (b"", "not a PNG or JPEG image; replace the file or take it out"),
        (b"<html>not found</html>", "not a PNG or JPEG image; replace the file or take it out"),
        (file_of(COLOUR, "GIF"), "not a PNG or JPEG image; replace the file or take it out"),
        (file_of(COLOUR, "BMP"), "not a PNG or JPEG image; replace the file or take it out"),
        (file_of(COLOUR).replace(b"IHDR", b"IHDX"), "no whole PNG or JPEG (damaged head); replace the file or take it out"),
        (file_of(COLOUR, "JPEG")[:3], "no whole PNG or JPEG (damaged head); replace the file or take it out"),
        (
            file_of(np.zeros((4, 4, 4), dtype=np.uint8)),
            "pixels of mode RGBA; legal are L, RGB, 8 bits of grey or RGB; convert it",
        ),
        (file_of(np.zeros((4, 4), dtype=np.uint16)), "pixels of mode I;16; legal are L, RGB, 8 bits of grey or RGB; convert it"),
    ],
)
def test_what_is_no_image_of_a_known_kind_is_refused(content: bytes, text: str) -> None:
    with pytest.raises(UserError) as error:
        decoded(content, "file")
    assert str(error.value) == f"file: {text}"


def test_a_damaged_png_is_refused() -> None:
    whole = bytearray(file_of(COLOUR))
    whole[len(whole) // 2] ^= 1
    with pytest.raises(UserError, match="no whole PNG or JPEG"):
        decoded(bytes(whole), "file")


def test_images_of_different_sizes_or_kinds_are_refused_by_name_and_with_the_first_one(tmp_path: Path) -> None:
    write_classes(tmp_path, 13)
    first = tmp_path / "ant" / "000.png"
    odd = tmp_path / "bee" / "007.png"
    odd.write_bytes(file_of(np.zeros((5, 3, 3), dtype=np.uint8)))
    assert refusal(tmp_path) == (
        f"{odd}: 5 rows of 3 colour pixels; the first image, {first}, has 4 rows of 3 colour pixels;"
        " give all images one size and kind"
    )
    odd.write_bytes(file_of(np.zeros((4, 3), dtype=np.uint8)))
    assert refusal(tmp_path).startswith(f"{odd}: 4 rows of 3 grey pixels;")
    odd.write_bytes(b"\xff\xd8 cut")
    assert refusal(tmp_path).startswith(f"{odd}: no whole PNG or JPEG (")


def test_a_bad_image_in_a_zip_file_is_named_with_the_zip_file(tmp_path: Path) -> None:
    write_classes(tmp_path / "a", 13)
    (tmp_path / "a" / "bee" / "007.png").write_bytes(b"")
    zipped(tmp_path / "a", tmp_path / "a.zip")
    assert (
        refusal(tmp_path / "a.zip")
        == f"{tmp_path / 'a.zip'}/bee/007.png: not a PNG or JPEG image; replace the file or take it out"
    )


NEEDED = "give a folder or a zip file with one folder a class, or with train and test in it, folders or zip files of such folders"


def test_class_folders_that_do_not_fit_are_refused_by_name(tmp_path: Path) -> None:
    assert refusal(None) == (
        f"data.source is 'image-folder', whose images are read from --data-dir: add --data-dir DIR; {NEEDED}"
    )
    assert refusal(tmp_path / "none") == f"--data-dir {tmp_path / 'none'}: no such folder or zip file; {NEEDED}"
    assert refusal(tmp_path) == f"{tmp_path}: 0 class folders; legal are 2 to 256; {NEEDED}"
    write_classes(tmp_path, 13, ("ant",))
    assert refusal(tmp_path) == f"{tmp_path}: 1 class folders; legal are 2 to 256; {NEEDED}"
    (tmp_path / "bee").mkdir()
    assert refusal(tmp_path) == f"{tmp_path / 'bee'}: an empty class folder; put its images there or take it away"
    (tmp_path / "bee" / "deeper").mkdir()
    assert refusal(tmp_path) == f"{tmp_path / 'bee/deeper'}: a folder in a class folder; legal are images alone; {NEEDED}"
    (tmp_path / "bee" / "deeper").rmdir()
    (tmp_path / "bee" / "notes.txt").write_text("")
    assert refusal(tmp_path) == f"{tmp_path / 'bee/notes.txt'}: no image by its name; legal are .png, .jpg, .jpeg; take it out"


def test_an_empty_class_folder_of_a_zip_file_is_refused(tmp_path: Path) -> None:
    write_classes(tmp_path / "a", 13)
    (tmp_path / "a" / "cow").mkdir()
    zipped(tmp_path / "a", tmp_path / "a.zip")
    assert refusal(tmp_path / "a.zip").startswith(f"{tmp_path / 'a.zip'}/cow: an empty class folder;")


@pytest.mark.parametrize("images, apart, least", [(12, False, 13), (9, True, 10)])
def test_classes_too_small_to_hold_images_out_are_refused(tmp_path: Path, images: int, apart: bool, least: int) -> None:
    write_classes(tmp_path / "train" if apart else tmp_path, images)
    if apart:
        write_classes(tmp_path / "test", 1)
    folder = tmp_path / "train/ant" if apart else tmp_path / "ant"
    assert refusal(tmp_path) == (
        f"{folder}: {images} images are not enough to hold some out; legal are {least} and more; add images or take the class"
        " away"
    )


def test_parts_that_do_not_belong_together_are_refused(tmp_path: Path) -> None:
    write_classes(tmp_path / "train", 10)
    assert refusal(tmp_path) == f"{tmp_path}: test is missing beside {tmp_path / 'train'}; {NEEDED}"
    write_classes(tmp_path / "test", 2, ("ant", "cow"))
    assert (
        refusal(tmp_path)
        == f"{tmp_path / 'train'}: has a class bee, which {tmp_path / 'test'} lacks; give both the same class folders"
    )
    zipped(tmp_path / "train", tmp_path / "train.zip")
    assert refusal(tmp_path) == f"{tmp_path / 'train'}: train.zip is beside it; take one of them away"


def test_a_damaged_zip_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(b"PK\x03\x04 damaged")
    assert refusal(path) == f"{path}: not a whole zip file (File is not a zip file); take another copy"


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b\x08 packed otherwise"])
@pytest.mark.parametrize("is_side", [False, True])
def test_a_file_that_is_no_zip_file_is_not_called_a_damaged_one(tmp_path: Path, content: bytes, is_side: bool) -> None:
    path = tmp_path / ("train.zip" if is_side else "all.tar.gz")
    path.write_bytes(content)
    write_classes(tmp_path / "test", 3)
    assert refusal(tmp_path if is_side else path) == (
        f"{path}: not a zip file; legal is a folder or a zip file; unpack an archive of another kind and give its folder"
    )


def test_a_zip_file_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "all.zip"
    path.write_bytes(b"")

    def refuse(*_arguments: object, **_keys: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    monkeypatch.setattr(zipfile, "ZipFile", refuse)
    assert refusal(path) == f"{path}: cannot be read (Permission denied); make it readable or take another copy"


def test_a_zip_file_whose_names_are_not_the_utf_8_they_claim_to_be_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ant/é.png", b"")
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xe9\xe9"))
    assert refusal(path) == (
        f"{path}: not a whole zip file ('utf-8' codec can't decode byte 0xe9 in position 4: invalid continuation byte);"
        " take another copy"
    )


def test_an_image_whose_name_inside_of_the_zip_file_is_damaged_is_refused_by_name(tmp_path: Path) -> None:
    write_classes(tmp_path / "all", 13, ("ant", "bee"))
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for image in sorted((tmp_path / "all").rglob("*.png")):
            archive.write(image, image.relative_to(tmp_path / "all").as_posix().replace("ant/000", "ant/é"))
    path.write_bytes(path.read_bytes().replace("é".encode(), b"\xe9\xe9", 1))
    assert refusal(path).startswith(f"{path}/ant/é.png: cannot be read (")


needs_any_bytes_in_names = pytest.mark.skipif(sys.platform != "linux", reason="other systems take names of UTF-8 alone")


@needs_any_bytes_in_names
def test_names_that_are_not_utf_8_are_read_and_printable(tmp_path: Path) -> None:
    write_classes(tmp_path, 13, ("ant", "bee"))
    ant = tmp_path / os.fsdecode(b"caf\xe9")
    (tmp_path / "ant").rename(ant)
    (ant / "000.png").rename(ant / os.fsdecode(b"\xff.png"))
    found = load_image_folder(tmp_path)
    assert found.class_names == ["bee", r"caf\xe9"]
    assert found.dataset.counts == {"train": 20, "validation": 2, "test": 4}


@needs_any_bytes_in_names
def test_names_that_are_not_utf_8_are_escaped_in_errors(tmp_path: Path) -> None:
    write_classes(tmp_path, 13)
    odd = tmp_path / "bee" / os.fsdecode(b"\xe9.png")
    odd.write_bytes(b"")
    text = refusal(tmp_path)
    assert text == rf"{tmp_path}/bee/\xe9.png: not a PNG or JPEG image; replace the file or take it out"
    text.encode()
    assert refusal(tmp_path / os.fsdecode(b"\xe9")).startswith(rf"--data-dir {tmp_path}/\xe9: no such folder or zip file;")
    assert printable("café") == "café"


def test_a_damaged_file_in_a_zip_file_is_refused(tmp_path: Path) -> None:
    write_classes(tmp_path / "a", 13)
    zipped(tmp_path / "a", tmp_path / "a.zip")
    content = bytearray((tmp_path / "a.zip").read_bytes())
    at = content.index(b"bee/005.png") + 30
    content[at] ^= 1
    (tmp_path / "a.zip").write_bytes(content)
    assert refusal(tmp_path / "a.zip").startswith(f"{tmp_path / 'a.zip'}/bee/005.png: cannot be read (Bad CRC-32 for file")


def test_more_than_memory_is_meant_for_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_classes(tmp_path, 13)
    monkeypatch.setattr(image_folder, "_LARGEST_DATA_SET", 26 * 36 - 1)
    assert refusal(tmp_path) == (f"{tmp_path}: 26 images of 3×4×3 are 0 MiB; legal are at most 0; take fewer or smaller images")
    monkeypatch.setattr(image_tree, "LARGEST_FILE", 10)
    size = (tmp_path / "ant" / "000.png").stat().st_size
    assert refusal(tmp_path) == f"{tmp_path / 'ant/000.png'}: {size} bytes; legal are at most 10; make the image smaller"
    zipped(tmp_path, tmp_path.parent / "large.zip")
    assert f"/ant/000.png: {size} bytes; legal are at most 10" in refusal(tmp_path.parent / "large.zip")


def test_the_data_step_names_classes_and_title(tmp_path: Path) -> None:
    write_classes(tmp_path / "images", 13)
    config = Configuration(name="a", data={"source": "image-folder", "title": "Ants and bees"})  # type: ignore[arg-type]
    run_data(config, tmp_path / "images", tmp_path)
    found = read_json(tmp_path / "data.json")
    assert (found["title"], found["class_names"], found["shape"]) == ("Ants and bees", ["ant", "bee"], [3, 4, 3])
    assert len(set(found["checksums"].values())) == 6


@given(labels=st.lists(st.integers(0, 4), max_size=60), n=st.integers(1, 12))
def test_every_class_holds_out_its_share(labels: list[int], n: int) -> None:
    values = np.array(labels, dtype=np.uint8)
    chosen = every_nth_of_each_class(values, n)
    for label in range(5):
        assert int(chosen[values == label].sum()) == labels.count(label) // n
