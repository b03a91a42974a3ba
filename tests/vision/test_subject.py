"""The one look at a picture: decoded once, reduced once, never an exception but Unreadable."""

import gc
import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from facemon.evaluators.base import Asked
from facemon.scoring import default_evaluators, score
from facemon.simulator.portraits import draw_portrait
from facemon.vision import models
from facemon.vision.subject import REDUCED_SIDE, SEARCHED_SIDE, Subject, scaled
from facemon.vision.trouble import ModelUnavailable, Unreadable, Unscored


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
    views = (
        "image",
        "format",
        "size",
        "rgb",
        "luminance",
        "searched",
        "faces",
        "face",
        "attributes",
        "image",
    )
    for view in views:
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
        ((300, 50_000), (12_500, 75)),  # 15 million pixels of which none is on a short side
    ],
)
def test_luminance_is_reduced_in_whole_blocks(size, shape):
    """The shorter side is divided by a whole number so that about 320 pixels are left; nothing is ever enlarged.

    A strip is reduced until a million pixels are left.
    """
    grey = Subject(encoded(Image.new("L", size, 90))).luminance
    assert grey.shape == shape and grey.dtype == np.float32 and float(grey.min()) == float(grey.max()) == 90
    assert min(grey.shape) >= min(REDUCED_SIDE, *size) or size == (300, 50_000)
    assert grey.size <= 1_000_000


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


# --- faces ---


@pytest.fixture(scope="module")
def portrait():
    """One of the simulator's portraits, 512 by 512."""
    return draw_portrait(30, "female", 7)


@pytest.mark.parametrize("side", [256, 512, 1024])
def test_a_face_is_placed_in_pixels_of_the_picture(portrait, side):
    """Whatever the size at which it was looked for, box and eyes are in the picture's own pixels."""
    face = Subject(encoded(portrait.resize((side, side)), "JPEG")).face
    reference = Subject(encoded(portrait)).face
    found = np.array([*face.box, *face.left_eye, *face.right_eye, *face.nose]) / side
    expected = np.array([*reference.box, *reference.left_eye, *reference.right_eye, *reference.nose])
    assert found == pytest.approx(expected / 512, abs=0.03)
    assert face.left_eye[0] < face.nose[0] < face.right_eye[0]


def test_a_turned_picture_is_judged_as_a_viewer_shows_it(portrait):
    """Lying on its side with an EXIF tag that says so, a portrait has its face upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = encoded(portrait.transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=exif)
    assert abs(Subject(lying).face.roll - Subject(encoded(portrait)).face.roll) < 3


def test_no_face_and_two_faces_cannot_be_judged_as_one(portrait):
    """`faces` holds what there is; `face` and `attributes` say why there is not one."""
    twice = Image.new("RGB", (1024, 512))
    twice.paste(portrait, (0, 0))
    twice.paste(ImageOps.mirror(portrait), (512, 0))
    for image, count, reason in (
        (Image.new("RGB", (300, 300), "grey"), 0, "no face was found"),
        (twice, 2, "2 faces were found, not one"),
    ):
        subject = Subject(encoded(image))
        assert len(subject.faces) == count
        for view in ("face", "attributes", "face"):
            with pytest.raises(Unscored, match=reason):
                getattr(subject, view)


def test_a_small_head_is_seen_on_the_second_look(portrait):
    """A face of a fifth of the picture is too small at 256 pixels, and found at 512."""
    wide = Image.new("RGB", (1536, 1536), (196, 205, 214))
    wide.paste(portrait, (500, 500))
    subject = Subject(encoded(wide))
    assert len(models.face_finder().find(subject.searched)) == 0 and len(subject.faces) == 1


def test_attributes_are_probabilities(portrait):
    """81 ages that add up to one, and one of the two genders."""
    found = Subject(encoded(portrait)).attributes
    assert found.ages.shape == (81,) and float(found.ages.sum()) == pytest.approx(1)
    assert float(found.ages.min()) >= 0 and 0 <= found.male <= 1 and 0 <= found.age <= 80


@pytest.mark.parametrize(
    "size", [(1, 1), (2, 1), (1, 3000), (65_535, 2), (255, 257), (4000, 900), (3000, 3000)]
)
def test_what_is_searched_is_never_huge_nor_empty(size):
    """The shorter side becomes 256 pixels, unless that made the longer one more than 1024; to a pixel."""
    pixels = scaled(Image.new("RGB", size), SEARCHED_SIDE)
    height, width, colours = pixels.shape
    assert colours == 3 and min(height, width) >= 1 and max(height, width) <= 1025
    assert min(height, width) == 256 or max(height, width) in (1024, 1025)
    assert Subject(encoded(Image.new("L", size))).faces == ()


def test_views_are_made_once(portrait):
    """What evaluators share is made once a picture, and what it raised is raised again without being tried again."""
    calls = []

    def count(subject):
        calls.append(subject)
        return object()

    def fail(subject):
        calls.append(subject)
        raise Unscored("not this one")

    subject = Subject(encoded(portrait))
    assert subject.view(count) is subject.view(count) and len(calls) == 1
    for _ in range(2):
        with pytest.raises(Unscored, match="not this one"):
            subject.view(fail)
    assert len(calls) == 2
    assert subject.faces is subject.faces and subject.attributes is subject.attributes


def test_a_model_that_is_missing_is_no_fault_of_the_picture(portrait, monkeypatch):
    """The views that need it raise ModelUnavailable with the cause; the others are there."""

    def missing():
        raise ModelUnavailable("face detector", ImportError("no dlib"))

    monkeypatch.setattr("facemon.vision.subject.face_finder", missing)
    subject = Subject(encoded(portrait))
    for view in ("faces", "face", "attributes"):
        with pytest.raises(
            ModelUnavailable, match=r"the face detector could not be loaded \(ImportError: no dlib\)"
        ):
            getattr(subject, view)
    assert subject.luminance.shape == (512, 512)


@pytest.mark.parametrize("data", [b"no picture", encoded(Image.new("RGB", (300, 300), (90, 120, 130)))])
def test_a_judged_picture_leaves_memory_at_once(data):
    """No cycle holds a picture that does not decode or shows nobody: it goes without the garbage collector."""
    gc.collect()
    before = {id(thing) for thing in gc.get_objects() if isinstance(thing, Subject)}
    gc.disable()
    try:
        score(data, Asked("png", (300, 300), 30, "female"), default_evaluators())
        assert not {id(thing) for thing in gc.get_objects() if isinstance(thing, Subject)} - before
    finally:
        gc.enable()
