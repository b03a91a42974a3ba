"""From bytes to an upright, opaque picture, whatever they are: a picture or Unreadable, and nothing else."""

import io
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from facemon.vision.decoding import decode, upright
from facemon.vision.trouble import Unreadable

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def encoded(image, kind="PNG", **options):
    """The bytes of a Pillow image."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def coloured(width=24, height=16):
    """Each corner another colour, so that every turn of it is another picture."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 200, 30), (0, 0, width // 2, height // 2))
    image.paste((30, 30, 200), (width // 2, height // 2, width, height))
    return image


def oriented(value):
    """EXIF with an orientation."""
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


def chunk(kind, body):
    """A PNG chunk with its sum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, *between, rows=None, depth=8, colour=2):
    """A PNG put together by hand; between: chunks before the pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    rows = bytes(height * (1 + width * 3)) if rows is None else rows
    return b"".join([SIGNATURE, header, *between, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")])


def judged(data):
    """The upright pixels of bytes that decode."""
    image = decode(data)
    assert isinstance(image, Image.Image), image
    return upright(image)


def refused(data):
    """Why bytes do not decode."""
    why = decode(data)
    assert isinstance(why, Unreadable)
    return str(why)


# --- what a viewer shows ---


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_plain_picture_comes_back_as_it_is(kind):
    """Format, size and colours are those that were stored."""
    options = {"PNG": {}, "JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}[kind]
    data = encoded(coloured(), kind, **options)
    assert decode(data).format == kind
    found, expected = np.asarray(judged(data), int), np.asarray(coloured(), int)
    assert found.shape == expected.shape and abs(found - expected).max() <= 3


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_turned_picture_is_shown_upright(kind, turn):
    """All eight EXIF orientations, in each format, as Pillow's own `exif_transpose` turns them."""
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(coloured(), kind, exif=oriented(turn), **options)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    assert np.array_equal(np.asarray(judged(data)), np.asarray(expected))


@pytest.mark.parametrize("turn", [0, 9, 65_535])
def test_an_orientation_that_does_not_exist_is_upright(turn):
    """Values beside 1 to 8 turn nothing."""
    data = encoded(coloured(), exif=oriented(turn))
    assert np.array_equal(np.asarray(judged(data)), np.asarray(coloured()))


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("RGBA", (0, 0, 0, 0), (255, 255, 255)),
        ("RGBA", (200, 100, 0, 255), (200, 100, 0)),
        ("RGBA", (0, 0, 0, 51), (204, 204, 204)),
        ("LA", (0, 0), (255, 255, 255)),
        ("1", 1, (255, 255, 255)),
        ("L", 17, (17, 17, 17)),
        ("I;16", 0x8000, (128, 128, 128)),
    ],
)
def test_every_mode_becomes_red_green_blue_on_white_paper(mode, colour, expected):
    """Transparency shows white; 16 bits are scaled, not cut off."""
    found = judged(encoded(Image.new(mode, (3, 2), colour)))
    assert found.mode == "RGB" and found.size == (3, 2) and found.getpixel((1, 1)) == expected


def test_a_palette_with_a_transparent_colour():
    """The transparent entry of a palette shows white, the others their colour."""
    image = Image.new("P", (2, 1))
    image.putpalette([0, 0, 0, 10, 200, 30])
    image.putpixel((1, 0), 1)
    found = judged(encoded(image, transparency=0))
    assert [found.getpixel((x, 0)) for x in (0, 1)] == [(255, 255, 255), (10, 200, 30)]


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_animation_is_its_first_frame(kind):
    """Further frames are not decoded, and the picture is no animation any more."""
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "green", "blue")]
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=10)
    red, green, blue = judged(data).getpixel((4, 4))
    assert red > 240 and max(green, blue) < 20


# --- bounds ---


@pytest.mark.parametrize("size", [(9000, 8000), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(size, monkeypatch):
    """A few kilobytes that would unpack to gigabytes are Unreadable, and no pixel of them is decoded."""

    def never(self):
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", never)
    assert "pixels, more than 16000000" in refused(png(*size, rows=bytes(10_000)))


def test_the_largest_picture_allowed_is_decoded(monkeypatch):
    """The limit is a number of pixels: at it a picture is read, one row more and it is not."""
    monkeypatch.setattr("facemon.vision.decoding._MOST_PIXELS", 100)
    assert judged(encoded(Image.new("L", (10, 10)))).size == (10, 10)
    assert refused(encoded(Image.new("L", (10, 11)))) == "10x11 pixels, more than 100"


@pytest.mark.parametrize("turned", [False, True])
def test_a_strip_is_no_longer_than_a_jpeg_can_be(turned):
    """65535 pixels of one side are read, one more is not, though it is few pixels."""
    for length, allowed in ((65_535, True), (65_536, False)):
        size = (1, length) if turned else (length, 1)
        data = png(*size)
        assert (judged(data).size == size) if allowed else ("a side longer than 65535" in refused(data))


def test_bytes_are_bounded(monkeypatch):
    """The bound is met exactly: as many bytes are read, one more is not."""
    data = png(4, 4)
    monkeypatch.setattr("facemon.vision.decoding._MOST_BYTES", len(data))
    assert judged(data).size == (4, 4)
    assert refused(data + b"x") == f"{len(data) + 1} bytes, more than {len(data)}"


def test_a_second_size_in_the_file_is_checked_too():
    """A JPEG with two headers: the second, which the decoder would go by, is held to the limits as well."""
    data = encoded(coloured(), "JPEG")
    at = data.index(b"\xff\xc0")
    header = data[at : at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")]
    huge = header[:5] + struct.pack(">HH", 60_000, 60_000) + header[9:]
    assert "60000x60000 pixels" in refused(data[:at] + header + huge + data[at + len(header) :])


# --- what is no picture ---


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the body is empty"),
        (b"<html>no</html>", "no PNG, JPEG or WebP"),
        (bytes(64), "no PNG, JPEG or WebP"),
        (b"GIF89a", "no PNG, JPEG or WebP"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "no PNG, JPEG or WebP"),
        (SIGNATURE, "ends early"),
        (b"\xff\xd8\xff\xd9", "ends early"),
        (b"RIFF\x04\0\0\0WEBP", "WebP"),
        (png(0, 4), "0x4 pixels"),
    ],
)
def test_what_is_no_picture_says_why(data, reason):
    """One clause that tells what was found."""
    assert reason in refused(data)


def test_other_formats_are_not_opened():
    """Pillow knows dozens; only those that the API paints reach a decoder."""
    for kind in ("TIFF", "BMP", "GIF", "PPM", "TGA", "ICO"):
        assert "no PNG, JPEG or WebP" in refused(encoded(coloured(), kind))


def test_a_wrong_sum_is_found():
    """One flipped bit in the pixels of a PNG: the sum of its chunk tells."""
    data = bytearray(png(8, 8))
    data[data.index(b"IDAT") + 6] ^= 1
    assert "its CRC does not fit" in refused(bytes(data))


# --- no warnings, no state ---

BLOCKS = [
    b"",
    b"II",
    b"Exif\0\0",
    b"XX*\0\x08\0\0\0",
    b"II*\0\xff\xff\xff\xff",
    b"MM\0*\0\0\0\x08\xff\xff",
    b"II*\0\x08\0\0\0\x01\0\x12\x01\x02\0\xff\xff\xff\xff\0\0\0\0",
    b"II*\0\x08\0\0\0\x02\0\x1a\x01\x05\0\x01\0\0\0\xff\xff\xff\x7f\x12\x01\x03\0\x01\0\0\0\x06\0\0\0",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_malformed_exif_does_no_harm(block):
    """A picture is not broken by what its metadata say, and they give no warning (which would be an error here)."""
    segment = b"\xff\xe1" + struct.pack(">H", 8 + len(block)) + b"Exif\0\0" + block
    data = encoded(coloured(), "JPEG")
    for copy in (data[:2] + segment + data[2:], png(24, 16, chunk(b"eXIf", block))):
        assert judged(copy).size in ((24, 16), (16, 24))
    whole = BLOCKS.index(block) == len(BLOCKS) - 1
    assert judged(data[:2] + segment + data[2:]).size == ((16, 24) if whole else (24, 16))


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=80), st.booleans())
def test_any_exif_at_all(block, marked):
    """Random metadata turn a picture at most."""
    block = (b"II*\0\x08\0\0\0" if marked else b"") + block
    assert judged(png(3, 2, chunk(b"eXIf", block))).size in ((3, 2), (2, 3))


def test_filters_of_warnings_are_left_alone(monkeypatch):
    """They belong to the whole process: a thread that changed them would take a test's warnings away."""

    def touched(*_):
        raise AssertionError("the filters of warnings were changed")

    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setattr(warnings, "catch_warnings", touched)
        monkeypatch.setattr(warnings, "simplefilter", touched)
        assert isinstance(
            pool.submit(decode, encoded(coloured(), "JPEG", exif=oriented(6))).result(), Image.Image
        )


def test_threads_do_not_disturb_each_other():
    """Four threads decode forty pictures of different colours, and each gets its own."""
    pictures = {shade: encoded(Image.new("L", (200, 200), shade)) for shade in range(0, 240, 6)}
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(judged, pictures.values())
        assert [image.getpixel((9, 9))[0] for image in found] == list(pictures)
