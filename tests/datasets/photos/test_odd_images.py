"""More than twenty kinds of odd and damaged files: each is either read as a person sees it, or named and refused."""

import os
import struct
import zlib

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from insm.datasets.photos.decoding import load_photo
from insm.datasets.photos.files import image_files
from insm.datasets.photos.photo_split import photo_split

RED, GREEN = (200, 30, 60), (20, 220, 90)


def image(mode: str = "RGB", size: tuple[int, int] = (16, 16)) -> Image.Image:
    """Red on the left, green on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(GREEN, (size[0] // 2, 0, *size))
    return image.convert(mode)


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(path):
    """A small PNG file that claims 30,000 x 30,000 pixels."""
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def truncated(suffix: str, **options):
    def make(path):
        noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path, suffix, **options)
        os.truncate(path, path.stat().st_size // 2)

    return make


def flipped_bits(path):
    """A PNG file whose compressed data were damaged."""
    image().save(path, "png")
    content = bytearray(path.read_bytes())
    place = content.index(b"IDAT") + 8
    content[place : place + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(content)


def animation(path, kind: str):
    others = [Image.new("RGB", (16, 16), colour) for colour in ("blue", "black")]
    image().save(path, kind, save_all=True, append_images=others)


def linked(path):
    image().save(path.with_name("original"), "png")
    path.symlink_to("original")


def oriented(path):
    exif = Image.Exif()
    exif[0x0112] = 3  # stored upside down
    image().rotate(180).save(path, "jpeg", exif=exif, quality=100, subsampling=0)


def sixteen_bits(path):
    grey = np.full((16, 16), 0x8000, dtype=np.uint16)
    grey[:, 8:] = 0xFFFF
    Image.fromarray(grey).save(path, "png")


def palette_with_transparency(path):
    small = image().quantize(2)
    small.save(path, "png", transparency=small.getpixel((0, 0)))


def black_and_white(path):
    image("L").point(lambda value: 255 * (value > 100)).convert("1").save(path, "png")


WHITE = (255, 255, 255)
GREYS = tuple((Image.new("RGB", (1, 1), colour).convert("L").getpixel((0, 0)),) * 3 for colour in (RED, GREEN))
READ = {  # kind -> how it is made, the colours on the left and on the right
    "plain": (lambda p: image().save(p, "png"), RED, GREEN),
    "exif orientation": (oriented, RED, GREEN),
    "greyscale": (lambda p: image("L").save(p, "png"), *GREYS),
    "grey jpeg": (lambda p: image("L").save(p, "jpeg", quality=100), *GREYS),
    "black and white": (black_and_white, (0,) * 3, WHITE),
    "alpha": (lambda p: image("RGBA").save(p, "png"), RED, GREEN),
    "palette": (lambda p: image().quantize(2).save(p, "png"), RED, GREEN),
    "palette with transparency": (palette_with_transparency, WHITE, GREEN),
    "cmyk jpeg": (lambda p: image("CMYK").save(p, "jpeg", quality=100, subsampling=0), RED, GREEN),
    "progressive jpeg": (lambda p: image().save(p, "jpeg", quality=100, subsampling=0, progressive=True), RED, GREEN),
    "16 bits": (sixteen_bits, (128,) * 3, WHITE),
    "animated gif": (lambda p: animation(p, "gif"), RED, GREEN),
    "animated png": (lambda p: animation(p, "png"), RED, GREEN),
    "wrong ending": (lambda p: image().save(p, "bmp"), RED, GREEN),
    "webp by another name": (lambda p: image().save(p, "webp", lossless=True), RED, GREEN),
    "symbolic link": (linked, RED, GREEN),
    "wide": (lambda p: image(size=(64, 16)).save(p, "png"), RED, GREEN),
    "one pixel": (lambda p: Image.new("RGB", (1, 1), RED).save(p, "png"), RED, RED),
}
DAMAGED_FILES = {  # kind -> how it is made, a word of the reason
    "zero bytes": (lambda p: p.write_bytes(b""), "cannot identify"),
    "text": (lambda p: p.write_text("see attached"), "cannot identify"),
    "web page": (lambda p: p.write_text("<html><body>404</body></html>"), "cannot identify"),
    "git lfs pointer": (
        lambda p: p.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"),
        "identify",
    ),
    "zeros": (lambda p: p.write_bytes(bytes(5000)), "cannot identify"),
    "truncated jpeg": (truncated("jpeg"), "truncated"),
    "truncated png": (truncated("png"), "truncated"),
    "truncated progressive jpeg": (truncated("jpeg", progressive=True), "truncated"),
    "damaged png": (flipped_bits, ""),
    "decompression bomb": (bomb, "decompression bomb"),
    "floating point": (lambda p: Image.new("F", (16, 16)).save(p, "tiff"), "floating-point"),
    "unreadable": (lambda p: p.symlink_to("/proc/self/mem"), ""),
}


@pytest.mark.parametrize("kind", READ)
def test_odd_files_are_read_as_a_person_sees_them(tmp_path, kind):
    make, left, right = READ[kind]
    make(tmp_path / "x.jpg")
    loaded = load_photo(tmp_path / "x.jpg", 16).astype(int)
    assert loaded.shape == (16, 16, 3)
    for colour, part in ((left, loaded[2:-2, 2:6]), (right, loaded[2:-2, 10:14])):
        assert colour is None or np.abs(part - colour).max() < 12


@pytest.mark.parametrize("kind", DAMAGED_FILES)
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_damaged_files_are_named(tmp_path, complains, kind):
    make, reason = DAMAGED_FILES[kind]
    make(tmp_path / "x.jpg")
    with complains(tmp_path / "x.jpg", "cannot be decoded", reason):
        load_photo(tmp_path / "x.jpg", 16)


def test_all_damaged_files_of_a_set_are_told_at_once(tmp_path, complains):
    paths = [tmp_path / f"{k:02}.jpg" for k in range(len(DAMAGED_FILES) + 1)]
    for path, (make, _) in zip(paths, DAMAGED_FILES.values(), strict=False):
        make(path)
    image().save(paths[-1], "png")
    split = photo_split([p for p in paths if p.is_file()], pd.DataFrame(index=range(len(paths))), 16)
    with complains("12 images are unreadable", *paths[:10], "and 2 more"):
        split.in_memory()


def test_what_is_no_image_by_name_or_kind_is_left_out(tmp_path):
    (tmp_path / "folder.jpg").mkdir()
    kept = ["Größe 東京 🙂.JPG", "a b'c\".png", "b.jpeg", "c.webp", "d.BMP", "e.tif", "f.tiff"]
    for name in ("notes.txt", ".hidden.jpg", *kept):
        (tmp_path / name).touch()
    assert [path.name for path in image_files(tmp_path)] == kept


@pytest.mark.parametrize("ending", ["webp", "bmp", "tif", "tiff"])
def test_other_endings_are_read_too(tmp_path, ending):
    options = {"lossless": True} if ending == "webp" else {}
    image().save(tmp_path / f"x.{ending}", **options)
    assert (load_photo(image_files(tmp_path)[0], 16)[:, :8] == RED).all()


def test_a_dangling_link_is_missing(tmp_path, complains):
    (tmp_path / "x.jpg").symlink_to("nowhere")
    with complains(tmp_path / "x.jpg", "is missing"):
        photo_split(image_files(tmp_path), pd.DataFrame(index=range(1)), 16)


def test_a_pipe_is_no_file(tmp_path, complains):
    os.mkfifo(tmp_path / "x.jpg")
    with complains(tmp_path / "x.jpg", "no file"):
        photo_split(image_files(tmp_path), pd.DataFrame(index=range(1)), 16)


def test_a_name_that_no_table_can_hold_is_told(tmp_path, complains):
    (tmp_path / os.fsdecode(b"caf\xe9.jpg")).touch()
    with complains(tmp_path, "no UTF-8", "rename"):
        image_files(tmp_path)
