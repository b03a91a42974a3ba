"""The look at encoded bytes: facts about whole pictures, ValueError for everything else, and nothing besides."""

import functools
import io
import random
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from facemon.encoded import EncodedFacts, inspect

# A slow moment of a busy machine is no failure of the code.
UNHURRIED = settings(deadline=None)

SIZES = [(1, 1), (2, 3), (16, 16), (17, 255), (256, 64), (640, 1), (1, 700)]
VARIANTS = {
    "png": ("PNG", {}),
    "png interlaced": ("PNG", {}),
    "png with text": ("PNG", {"text": True}),
    "jpeg": ("JPEG", {"quality": 80}),
    "jpeg progressive": ("JPEG", {"progressive": True}),
    "jpeg with exif and icc": ("JPEG", {"icc_profile": b"i" * 70_000, "exif": b"Exif\0\0" + b"e" * 900}),
    "jpeg with comment": ("JPEG", {"comment": b"\xff\xd9 not the end"}),
    "webp": ("WEBP", {"quality": 70}),
    "webp lossless": ("WEBP", {"lossless": True}),
    "webp extended": ("WEBP", {"exif": b"Exif\0\0e"}),
    "webp with alpha": ("WEBP", {"alpha": True}),
}
FORMAT = {"PNG": "png", "JPEG": "jpeg", "WEBP": "webp"}


@functools.cache
def encoded(variant, size=(40, 30), mode="RGB"):
    """A picture with structure in it, as Pillow (or, interlaced, we) encode it."""
    width, height = size
    chance = random.Random(f"{size}")
    image = Image.frombytes("RGB", size, chance.randbytes(width * height * 3)).convert(mode)
    name, options = VARIANTS[variant]
    options = dict(options)
    if variant == "png interlaced":
        return interlaced(image)
    if options.pop("text", False):
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("c2pa", "x" * 500, zip=True)
    if options.pop("alpha", False):
        image.putalpha(Image.linear_gradient("L").resize(size))
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def chunk(kind, body):
    """One PNG chunk."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def interlaced(image):
    """Pillow reads Adam7 but does not write it: seven passes, no filter."""
    width, height = image.size
    passes = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ]
    raw = bytearray()
    for left, top, right, down in passes:
        for y in range(top, height, down):
            row = b"".join(bytes(image.getpixel((x, y))) for x in range(left, width, right))
            raw += b"\0" + row if row else b""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(raw))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_facts_are_those_that_a_decoder_finds(variant, size):
    """Format and size agree with Pillow's own reading for every variant and odd size."""
    data = encoded(variant, size)
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        assert inspect(data) == EncodedFacts(FORMAT[image.format], *image.size)


MODES = {
    "PNG": ["1", "L", "P", "LA", "RGBA", "I;16"],
    "JPEG": ["1", "L", "CMYK", "YCbCr"],
    "WEBP": ["L", "P", "RGBA"],
}


@pytest.mark.parametrize(("name", "mode"), [(name, mode) for name, modes in MODES.items() for mode in modes])
def test_every_mode_of_pixels(name, mode):
    """Grey, palette, alpha, 16 bit and CMYK pictures are whole pictures too, where the format has the mode."""
    buffer = io.BytesIO()
    picture = Image.new("RGB", (33, 21), "teal")
    (picture.convert("L") if mode == "I;16" else picture).convert(mode).save(buffer, name)
    assert inspect(buffer.getvalue()) == EncodedFacts(FORMAT[name], 33, 21)


@pytest.mark.parametrize(
    "size",
    [(1536, 1536), (2304, 960), (640, 1536)],
    ids=str,
)
@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP"])
def test_documented_sizes(name, size):
    """The API's own large sizes are read as they are."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "grey").save(buffer, name)
    assert inspect(buffer.getvalue()) == EncodedFacts(FORMAT[name], *size)


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_truncation_is_seen(variant):
    """Cut at any byte, a picture is refused: a body that did not come whole is never taken for a picture."""
    data = encoded(variant)
    step = max(1, len(data) // 3000)
    points = {*range(0, len(data), step), *range(min(len(data), 200)), len(data) - 1, len(data) - 2}
    taken = []
    for point in sorted(points):
        try:
            inspect(data[:point])
        except ValueError:
            continue
        taken.append(point)
    assert taken == []


def test_truncation_is_told():
    """The error says what is missing, with the number of bytes there were."""
    for variant in ("png", "jpeg", "webp"):
        data = encoded(variant)[:-20]
        with pytest.raises(ValueError, match=f"ends early, after {len(data)}"):
            inspect(data)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "the body is empty"),
        (b"\0", "no PNG, JPEG or WebP"),
        (b"<html>502 Bad Gateway</html>", "start with 3c 68 74 6d"),
        (b'{"image": ""}', "no PNG, JPEG or WebP"),
        (b"GIF89a\x01\0\x01\0\0\0\0;", "no PNG, JPEG or WebP"),
        (b"BM" + b"\0" * 60, "no PNG, JPEG or WebP"),
        (b"\xff\xd8", "ends early"),
        (b"\xff\xd8\xff\xd9", "damaged|ends early"),
        (b"RIFF\x04\0\0\0WAVE", "no PNG, JPEG or WebP"),
        (b"RIFF\x08\0\0\0WEBPXXXX", "unknown chunk"),
    ],
)
def test_what_is_no_picture_is_named(data, said):
    """The sentence says what was there instead."""
    with pytest.raises(ValueError, match=said):
        inspect(data)


@pytest.mark.parametrize(
    "data",
    [
        b"RIFF\x08\0\0\0WEBPVP8X",
        b"RIFF\x0c\0\0\0WEBPVP8X\0\0\0\0",
        b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b"") + b"\0" * 20,
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 2, 0, 0, 0))
        + chunk(b"IEND", b""),
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 0, 8, 8, 2, 0, 0, 0))
        + chunk(b"IEND", b""),
    ],
    ids=[
        "webp head only",
        "webp without its header",
        "png end only",
        "png without pixels",
        "png of no width",
    ],
)
def test_a_shell_without_a_picture_is_refused(data):
    """Bytes that begin and end like a picture and hold none are no picture: a size read from them would be invented."""
    with pytest.raises(ValueError):
        inspect(data)


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name.startswith("png")])
def test_damaged_png_is_seen(variant):
    """A PNG carries check sums: any flipped bit behind its signature is seen."""
    data = bytearray(encoded(variant))
    chance = random.Random(1)
    for _ in range(300):
        at, bit = chance.randrange(8, len(data)), 1 << chance.randrange(8)
        data[at] ^= bit
        with pytest.raises(ValueError):
            inspect(bytes(data))
        data[at] ^= bit


def test_what_follows_the_end_is_not_looked_at():
    """Bytes behind a whole picture (a manifest, padding) do not make it a broken one."""
    for variant in ("png", "webp"):
        assert inspect(encoded(variant) + b"trailing") == inspect(encoded(variant))
    assert inspect(encoded("jpeg") + b"\0\0") == inspect(encoded("jpeg"))


def facts_or_none(data):
    """The facts, or None for a ValueError; anything else fails the test."""
    try:
        return inspect(data)
    except ValueError:
        return None


@UNHURRIED
@given(
    st.sampled_from([b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"\xff\xd8\xff", b"RIFF"]),
    st.binary(max_size=300),
)
def test_any_bytes(start, data):
    """Random bytes behind any signature give facts or ValueError, in finite time."""
    found = facts_or_none(start + data)
    assert found is None or (found.width >= 1 and found.height >= 1)


@UNHURRIED
@given(st.sampled_from([b"VP8 ", b"VP8L", b"VP8X"]), st.binary(max_size=60), st.integers(0, 80))
def test_any_webp(kind, data, size):
    """Any body behind a WebP's head gives facts or ValueError, and never a picture without pixels."""
    found = facts_or_none(b"RIFF" + struct.pack("<I", size) + b"WEBP" + kind + data)
    assert found is None or (found.width >= 1 and found.height >= 1)


@UNHURRIED
@given(
    st.sampled_from(sorted(VARIANTS)), st.lists(st.tuples(st.integers(0), st.integers(1, 255)), max_size=8)
)
def test_any_damage(variant, flips):
    """Whatever bytes of a picture are changed, the answer is facts or ValueError."""
    data = bytearray(encoded(variant))
    for at, mask in flips:
        data[at % len(data)] ^= mask
    found = facts_or_none(bytes(data))
    assert found is None or found.format in ("png", "jpeg", "webp")


@UNHURRIED
@given(st.sampled_from(sorted(VARIANTS)), st.data())
def test_any_piece(variant, data):
    """Any slice, and any two slices joined, give facts or ValueError."""
    whole = encoded(variant)
    first, second = (data.draw(st.integers(0, len(whole))) for _ in range(2))
    facts_or_none(whole[first:second])
    facts_or_none(whole[:first] + whole[second:])


def test_a_long_chain_of_empty_segments_ends():
    """A megabyte of shortest chunks or segments, or of lengths of nothing, is walked once and refused."""
    for data in (
        b"\xff\xd8" + b"\xff\xe0\0\0" * 250_000 + b"\xff\xd9",
        b"\xff\xd8" + b"\xff" * 1_000_000 + b"\xff\xd9",
        b"\x89PNG\r\n\x1a\n" + chunk(b"tEXt", b"") * 80_000,
    ):
        with pytest.raises(ValueError):
            inspect(data)


def test_fill_bytes_before_a_marker_are_legal():
    """A marker may be preceded by any number of FF bytes (ITU-T T.81, B.1.1.2)."""
    data = encoded("jpeg")
    assert inspect(data[:2] + b"\xff\xff" + data[2:]) == inspect(data)
