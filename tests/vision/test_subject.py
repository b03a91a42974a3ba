"""The one look at a picture: decoded once, reduced once, never an exception but Unreadable."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from facemon.vision import subject as subject_module
from facemon.vision.subject import REDUCED_SIDE, Subject, Unreadable, laplacian_variance


def encoded(image, kind="PNG", **options):
    """The bytes of a Pillow image."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def ramp(width, height):
    """A horizontal ramp from black to white."""
    row = np.linspace(0, 255, width).astype(np.uint8)
    return Image.fromarray(np.tile(row, (height, 1)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_format_and_size_are_those_of_the_bytes(kind):
    """Format in lower case and size as width and height, from the bytes and nothing else."""
    subject = Subject(encoded(Image.new("RGB", (30, 20)), kind))
    assert (subject.format, subject.size) == (kind.lower(), (30, 20))


def test_a_picture_is_decoded_and_reduced_once():
    """Every evaluator gets the same objects."""
    subject = Subject(encoded(ramp(700, 700)))
    assert subject.image is subject.image and subject.luminance is subject.luminance


@pytest.mark.parametrize("data", [b"", b"x", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%!PS-Adobe-3.0 EPSF-3.0\n"])
def test_what_does_not_decode_is_unreadable(data):
    """Each view of a broken picture raises Unreadable, every time it is asked for."""
    subject = Subject(data)
    for view in ("image", "format", "size", "luminance", "image"):
        with pytest.raises(Unreadable):
            getattr(subject, view)


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((1536, 1536), (384, 384)),  # 1536 // 320 = 4
        ((1024, 1024), (342, 342)),  # 1024 // 320 = 3, the last block smaller
        ((640, 1536), (768, 320)),
        ((320, 320), (320, 320)),
        ((639, 639), (639, 639)),
        ((1, 1), (1, 1)),
        ((3, 2), (2, 3)),
        ((5000, 1), (1, 5000)),
    ],
)
def test_luminance_is_reduced_in_whole_blocks(size, shape):
    """The shorter side is divided by a whole number so that about 320 pixels are left; nothing is ever enlarged."""
    grey = Subject(encoded(Image.new("L", size, 90))).luminance
    assert grey.shape == shape and grey.dtype == np.float32 and float(grey.min()) == float(grey.max()) == 90
    assert min(grey.shape) >= min(REDUCED_SIDE, *size)


def test_reduction_averages():
    """A fine chequerboard becomes its mean, not one of its colours."""
    board = Image.fromarray((np.indices((640, 640)).sum(0) % 2 * 255).astype(np.uint8))
    grey = Subject(encoded(board)).luminance
    assert grey.shape == (320, 320) and abs(float(grey.mean()) - 127.5) < 1 and float(grey.std()) < 1


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGB", (255, 0, 0), 76),  # ITU-R 601-2: 0.299 R + 0.587 G + 0.114 B
        ("RGB", (0, 255, 0), 150),
        ("RGB", (0, 0, 255), 29),
        ("RGBA", (255, 255, 255, 255), 255),
        ("L", 17, 17),
        ("LA", (17, 255), 17),
        ("1", 1, 255),
        ("P", 0, 0),
    ],
)
def test_luminance_of_each_mode(mode, colour, expected):
    """Grey values run from 0 to 255, whatever the mode of the picture."""
    assert float(Subject(encoded(Image.new(mode, (4, 4), colour))).luminance.mean()) == pytest.approx(
        expected, abs=1
    )


def test_sixteen_bits_are_scaled_not_cut_off():
    """A 16-bit ramp has the luminance of the same ramp in 8 bits: half of all values must not become white."""
    deep = Image.fromarray(np.asarray(ramp(300, 40)).astype(np.uint16) * 257)
    assert deep.mode == "I;16"
    found, expected = Subject(encoded(deep)).luminance, Subject(encoded(ramp(300, 40))).luminance
    assert float(np.abs(found - expected).max()) <= 1


def png_header_only(width, height):
    """A small PNG that says it is huge."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(10_000))), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


@pytest.mark.parametrize("size", [(9000, 8000), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(size, monkeypatch):
    """A few kilobytes that would unpack to gigabytes are Unreadable, and no pixel of them is decoded."""

    def never(self):
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)
    with pytest.raises(Unreadable, match=r"pixels|DecompressionBomb"):
        _ = Subject(png_header_only(*size)).image


def test_the_largest_picture_allowed_is_decoded(monkeypatch):
    """The limit is a number of pixels: at it a picture is read, one row more and it is not."""
    monkeypatch.setattr(subject_module, "_MOST_PIXELS", 100)
    assert Subject(encoded(Image.new("L", (10, 10)))).size == (10, 10)
    with pytest.raises(Unreadable, match="10x11 pixels, more than 100"):
        _ = Subject(encoded(Image.new("L", (10, 11)))).size


def test_laplacian_by_hand():
    """One bright pixel on 5 by 5: the inner 3 by 3 are -4 in the middle, 1 beside it and 0 in the corners, times 9."""
    grey = np.zeros((5, 5), dtype=np.float32)
    grey[2, 2] = 9
    expected = np.array([0, 9, 0, 9, -36, 9, 0, 9, 0], dtype=float).var()
    assert laplacian_variance(grey) == pytest.approx(expected)


@pytest.mark.parametrize("grey", [np.full((9, 9), 200), np.asarray(ramp(256, 9)), np.zeros((3, 3))])
def test_laplacian_of_flat_and_even_slopes_is_nothing(grey):
    """Neither a flat picture nor an even slope has detail."""
    assert laplacian_variance(grey.astype(np.float32)) == pytest.approx(0, abs=1e-6)


def test_laplacian_does_not_depend_on_orientation():
    """Turned and mirrored pictures have the same detail."""
    grey = np.random.default_rng(1).uniform(0, 255, (40, 60)).astype(np.float32)
    values = [laplacian_variance(turned) for turned in (grey, grey.T, grey[::-1], grey[:, ::-1])]
    assert values == pytest.approx([values[0]] * 4, rel=1e-4)
