"""What is left of a file when its metadata are cut out: its pixels, whatever else it holds."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from facemon.vision.stripping import orientation, stripped


def encoded(kind, **options):
    """A small picture with something on it."""
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((40, 30)).save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(data):
    """What Pillow decodes."""
    return Image.open(io.BytesIO(data)).convert("RGB").tobytes()


def chunk(kind, body):
    """A PNG chunk with its sum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def segment(marker, body):
    """A JPEG segment."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


PNG, JPEG, WEBP = (encoded(kind) for kind in ("PNG", "JPEG", "WEBP"))
AT = 8 + 25  # behind the header of a PNG


@pytest.mark.parametrize(
    "kind", [b"tEXt", b"zTXt", b"iTXt", b"iCCP", b"acTL", b"fcTL", b"fdAT", b"pHYs", b"xxXx"]
)
def test_chunks_that_make_no_pixels_are_cut_out(kind):
    """The picture is byte for byte the one without them, and its pixels are the same."""
    data = PNG[:AT] + chunk(kind, b"k\0\0" + zlib.compress(bytes(5000))) + PNG[AT:]
    found, exif = stripped(data)
    assert found == stripped(PNG)[0] and pixels(found) == pixels(PNG) and exif == b""


@pytest.mark.parametrize("marker", [*range(0xE1, 0xF0), 0xFE])
def test_segments_that_make_no_pixels_are_cut_out(marker):
    """Application segments and comments go; Adobe's, which tells the colours, stays."""
    data = JPEG[:2] + segment(marker, b"ICC_PROFILE\0\1\1" + bytes(300)) + JPEG[2:]
    found, _ = stripped(data)
    assert found == (data if marker == 0xEE else JPEG)
    assert pixels(stripped(JPEG)[0]) == pixels(JPEG)


def test_cmyk_of_adobe_keeps_its_meaning():
    """The colours of a CMYK JPEG are the same with and without its metadata."""
    buffer = io.BytesIO()
    Image.new("CMYK", (16, 16), (10, 200, 90, 40)).save(buffer, "JPEG")
    assert pixels(stripped(buffer.getvalue())[0]) == pixels(buffer.getvalue())


def test_what_follows_the_end_is_cut_off():
    """However much it is, it does not count as pieces."""
    assert stripped(PNG + bytes(500_000))[0] == PNG


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_exif_is_handed_out(kind):
    """From each format; of a JPEG's several blocks the first."""
    exif = Image.Exif()
    exif[0x0112] = 6
    _, found = stripped(encoded(kind, exif=exif))
    assert orientation(found) == 6
    if kind == "JPEG":
        more = segment(0xE1, b"Exif\0\0" + block("<", (0x0112, 3, 3)))
        doubled = JPEG[:2] + segment(0xE1, found) + more + JPEG[2:]
        assert orientation(stripped(doubled)[1]) == 6


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (PNG[:AT] + chunk(b"teXt", b"") * 10_001 + PNG[AT:], "more than 10000 chunks"),
        (JPEG[:2] + segment(0xE3, b"") * 10_001 + JPEG[2:], "more than 10000 segments"),
        (JPEG[:2] + b"\xff" * 20_000 + JPEG[2:], "more than 10000 segments"),
        (WEBP + b"junk\0\0\0\0" * 10_001, "more than 10000 chunks"),
        (JPEG[:2] + b"\0\0" + JPEG[2:], "damaged at byte 2"),
    ],
    ids=["chunks", "segments", "fill bytes", "webp chunks", "no marker"],
)
def test_pieces_are_bounded(data, reason):
    """Millions of empty pieces cost a reader seconds: more than a picture has is refused."""
    with pytest.raises(ValueError, match=reason):
        stripped(data)


@pytest.mark.parametrize(("scans", "allowed"), [(1, True), (40, True), (60, False), (5000, False)])
def test_scans_are_bounded(scans, allowed):
    """Each scan of a progressive JPEG is a pass over all its pixels; a thumbnail in the metadata counts as none."""
    data = encoded("JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    data = data[:last] + data[last:-2] * scans + data[-2:]
    data = data[:2] + segment(0xE1, b"Exif\0\0" + b"\xff\xda" * 200) + data[2:]
    if allowed:
        assert pixels(stripped(data)[0]) == pixels(data)
    else:
        with pytest.raises(ValueError, match="more than 50 scans"):
            stripped(data)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([PNG, JPEG, WEBP]), st.integers(0, 400), st.binary(max_size=12))
def test_damaged_files_end_in_value_error_or_in_bytes(data, at, patch):
    """Whatever is cut or changed: nothing but ValueError, and never more bytes than there were."""
    for copy in (data[:at], data[:at] + patch, data[:at] + patch + data[at + len(patch) :]):
        try:
            found, exif = stripped(copy)
        except ValueError:
            continue
        assert len(found) + len(exif) <= len(copy) + len(exif) * copy.startswith(b"RIFF")


def block(order, *entries):
    """An EXIF block by hand: (tag, type, value)."""
    body = b"".join(struct.pack(f"{order}HHIHxx", tag, kind, 1, value) for tag, kind, value in entries)
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(f"{order}IH", 8, len(entries)) + body


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_orientation_by_hand(order, prefix):
    """In either byte order, wherever the tag stands, with or without the mark before it."""
    assert orientation(prefix + block(order, (0x0100, 3, 5), (0x0112, 3, 8), (0x0112, 3, 2))) == 8


@pytest.mark.parametrize(
    "exif",
    [
        b"",
        b"II",
        block("<"),
        block("<", (0x0112, 2, 6)),
        block(">", (0x0113, 3, 6)),
        block("<", (0x0112, 3, 6))[:-5],
    ],
)
def test_no_orientation_is_upright(exif):
    """Nothing there, another type, another tag, or cut off."""
    assert orientation(exif) == 1
