"""The picture as it was judged: what a person on call sees beside a failed check."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from facemon.model import (
    MonitoringData,
    Performance,
    Quality,
    RequestParams,
    ResourceUse,
    Score,
    ScoreVerdict,
)
from facemon.plugin import panel
from facemon.plugin.overlay import MARK, SIDE, annotated, drawn, preview
from facemon.simulator.portraits import PictureCache, PictureKey
from facemon.vision.models import FaceFinder
from facemon.vision.subject import Subject
from facemon.vision.trouble import ModelUnavailable

PICTURES = PictureCache(None)
SHARP = Score("sharpness", "1", ScoreVerdict.PASSED, 100.0, 13.9, "cycles", weight=0.5)
LIGHT = Score("exposure", "1", ScoreVerdict.FAILED, 25.0, 0.9, "of white", "burnt to white", weight=0.5)
ROUNDING = 2.0  # pixels: the size shown, its place on the sheet and the line are each a whole number
OPEN = Score("pose", "1", ScoreVerdict.UNSCORED, reason="no face was found")


def picture(variant: str = "plain", width: int = 512, height: int = 512) -> bytes:
    """A picture of the simulator's: a woman of 30, or what a fault makes of her."""
    return PICTURES.get(PictureKey(30, "female", 1, width, height, "png", variant))


def record(*scores: Score) -> MonitoringData:
    """A judged picture's record."""
    return MonitoringData(
        id="019a2037-6ecc-717c-afb0-e93fccd72379",
        timestamp=datetime(2025, 9, 15, tzinfo=UTC),
        request_params=RequestParams(30, "female"),
        performance=Performance(0.1),
        quality=Quality(scores),
        errors=(),
        attempts=(),
        resources=ResourceUse(0.0, 0),
    )


def sheet(data: bytes, *scores: Score) -> NDArray[np.uint8]:
    """The pixels of the annotated picture before they are compressed, shape (height, width, 3)."""
    made = drawn(data, record(*scores))
    assert made is not None
    return np.asarray(made)


def marked(pixels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pixels have the colour of the marks, shape (height, width)."""
    found: NDArray[np.bool_] = (pixels == MARK).all(axis=2)
    return found


@pytest.mark.parametrize(("width", "height"), [(512, 512), (768, 320), (320, 768)])
def test_a_box_is_drawn_round_the_face(width: int, height: int) -> None:
    """Along all four edges of what the detector found, scaled as the picture is; nothing beside the box."""
    data = picture(width=width, height=height)
    (face,) = Subject(data).faces
    scale = SIDE / max(width, height)
    left, top, right, bottom = (edge * scale for edge in face.box)
    left, right = (edge + (SIDE - width * scale) / 2 for edge in (left, right))
    marks = marked(sheet(data, SHARP)[:, :SIDE])
    down, across = np.nonzero(marks)
    assert (across.min(), down.min()) == pytest.approx((left, top), abs=ROUNDING)
    assert (across.max(), down.max()) == pytest.approx((right, bottom), abs=ROUNDING)
    middle = slice(round(left) + 5, round(right) - 5)
    assert marks[round(top) + 1, middle].all() and marks[round(bottom) - 1, middle].all()


def test_the_eyes_and_the_nose_are_marked() -> None:
    """A ring round each, wide enough to see and narrow enough to see through."""
    data = picture()
    (face,) = Subject(data).faces
    marks = marked(sheet(data)[:, :SIDE])
    for x, y in (face.left_eye, face.right_eye, face.nose):
        column, row = round(x * SIDE / 512), round(y * SIDE / 512)
        assert marks[row - 6 : row + 7, column - 6 : column + 7].sum() >= 15
        assert not marks[row, column]


def test_every_face_that_was_found_has_its_box() -> None:
    """Two people where one was asked for: the boxes show which two."""
    data = picture("two_faces")
    marks = marked(sheet(data)[:, :SIDE])
    faces = Subject(data).faces
    assert len(faces) == 2
    for face in faces:
        top, middle = face.box[1] * SIDE / 512, (face.box[0] + face.box[2]) / 2 * SIDE / 512
        assert marks[round(top) + 1, round(middle)]


def test_without_a_face_the_sheet_has_no_box() -> None:
    """The picture and its scores are there all the same."""
    pixels = sheet(picture("no_face"), LIGHT, OPEN)
    assert not marked(pixels).any()
    assert (pixels[:, SIDE:] == panel.RED).all(axis=2).any()


def test_without_a_detector_the_sheet_has_no_box(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that cannot be loaded costs the box, not the picture."""

    def missing() -> FaceFinder:
        raise ModelUnavailable("face detector", OSError("no such file"))

    monkeypatch.setattr("facemon.vision.subject.face_finder", missing)
    pixels = sheet(picture(), OPEN)
    assert not marked(pixels).any()
    assert pixels[:SIDE, :SIDE].std() > 10


@pytest.mark.parametrize("data", [b"", b"no picture", picture()[:20_000]], ids=["empty", "text", "cut off"])
def test_what_does_not_decode_gives_no_sheet(data: bytes) -> None:
    """There is nothing to draw on, and nothing to make smaller."""
    assert annotated(data, record(LIGHT)) is None
    assert preview(data) is None


def test_a_sheet_is_a_jpeg_that_can_be_read() -> None:
    """Less than half the bytes of a PNG; no pixel of the letters is far from what was drawn."""
    data = picture(width=1024, height=1024)
    made = annotated(data, record(SHARP, LIGHT, OPEN))
    assert made is not None
    stream = io.BytesIO()
    Image.fromarray(sheet(data, SHARP, LIGHT, OPEN)).save(stream, "PNG")
    assert len(made) < len(stream.getvalue()) / 2
    with Image.open(io.BytesIO(made)) as image:
        assert image.format == "JPEG"
        shown = np.asarray(image).astype(int)
    apart = abs(shown - sheet(data, SHARP, LIGHT, OPEN))[:, SIDE:]
    assert np.percentile(apart, 99) < 40


@pytest.mark.parametrize(("width", "height"), [(1536, 640), (640, 1536), (1024, 1024), (256, 320)])
def test_a_preview_is_a_small_jpeg(width: int, height: int) -> None:
    """No side beyond 512 pixels, the proportions as they were, and none made larger."""
    made = preview(picture(width=width, height=height))
    assert made is not None
    with Image.open(io.BytesIO(made)) as image:
        assert image.format == "JPEG"
        assert max(image.size) == min(512, max(width, height))
        assert image.width / image.height == pytest.approx(width / height, rel=0.02)


def test_the_picture_is_shown_as_it_is() -> None:
    """Outside the marks not a pixel is touched: it stands on the left at its own proportions."""
    data = picture(width=640, height=640)
    with Image.open(io.BytesIO(data)) as image:
        original = np.asarray(image.convert("RGB"))
    shown = sheet(data)[:640, :SIDE]
    (face,) = Subject(data).faces
    assert (shown[: int(face.box[1]) - 5] == original[: int(face.box[1]) - 5]).all()


# --- the scores beside it ---


def rows(*scores: Score) -> list[panel.Row]:
    """The panel's rows below its totals."""
    found = panel.rows(record(*scores))
    return found[[row.text for row in found].index(()) + 1 :]


def test_what_failed_comes_first() -> None:
    """Then what could not be judged, then the rest: each in its colour, a bar for what has a score."""
    shown = [(row.name, row.colour, row.score) for row in rows(SHARP, OPEN, LIGHT)]
    assert shown == [
        ("exposure", panel.RED, 25.0),
        ("not judged", panel.GREY, None),
        ("sharpness", panel.GREEN, 100.0),
    ]


@pytest.mark.parametrize(
    ("scores", "colour", "words"),
    [
        ((SHARP, LIGHT, OPEN), panel.RED, "failed: exposure"),
        ((SHARP, OPEN), panel.GREY, "1 question could not be judged"),
        ((SHARP,), panel.GREEN, "nothing is wrong with it"),
        ((), panel.GREY, "nobody has judged it"),
    ],
)
def test_the_headline_is_the_verdict(scores: tuple[Score, ...], colour: panel.Colour, words: str) -> None:
    """In words and in its colour; a picture without scores is not said to be sound."""
    headline = panel.rows(record(*scores))[0]
    assert (" ".join(headline.text), headline.colour) == (words, colour)


def test_the_whole_id_is_on_the_sheet() -> None:
    """Its beginning is the time: pictures that were asked for side by side share it."""
    kept = record(SHARP)
    assert kept.id in " ".join(word for row in panel.rows(kept) for word in row.text)


def test_a_bar_is_as_long_as_its_score() -> None:
    """25 of 100 is a quarter of the full bar, in red."""
    pixels = sheet(picture(), SHARP, LIGHT)[:, SIDE:]
    assert [longest(pixels, colour) for colour in (panel.RED, panel.GREEN)] == pytest.approx([25, 100], abs=1)


def longest(pixels: NDArray[np.uint8], colour: panel.Colour) -> int:
    """The longest unbroken line of a colour, in pixels."""
    lines = ["".join("x" if same else " " for same in row) for row in (pixels == colour).all(axis=2)]
    return max(len(run) for line in lines for run in line.split(" "))


def test_a_long_reason_is_written_to_its_end() -> None:
    """In as many lines as it needs, all within the panel, and the rows below make room for it."""
    reason = "looks 71 and female, where 30 and female was asked for " * 4
    row, below = rows(Score("prompt_adherence", "1", ScoreVerdict.FAILED, 0.0, reason=reason), SHARP)
    assert " ".join(row.text) == reason.strip()
    assert row.height == len(row.text) * below.height
    pixels = sheet(picture(), Score("prompt_adherence", "1", ScoreVerdict.FAILED, 0.0, reason=reason))
    assert (pixels[:, -10:] == panel.PAPER).all()


def test_a_long_list_makes_a_longer_sheet() -> None:
    """No score is written below the lower border."""
    pixels = sheet(picture(), *[SHARP] * 60)
    assert len(pixels) > SIDE
    assert (pixels[-5:, SIDE:] == panel.PAPER).all()
    assert (pixels[-30:, SIDE:] != panel.PAPER).any()


def test_questions_open_for_one_reason_share_a_row() -> None:
    """The reason once, then the names: a picture without a face leaves a dozen open."""
    other = Score("gender", "1", ScoreVerdict.UNSCORED, reason="no face was found")
    (row,) = rows(OPEN, other)
    assert " ".join(row.text) == "no face was found: pose, gender"


def test_only_letters_that_the_font_has_are_written() -> None:
    """Others would be empty boxes: they are replaced by what they mean, or by a question mark."""
    score = Score("exposure", "1", ScoreVerdict.FAILED, 0.0, reason="3 × 4² – at least ≥ 5 · café ✗")
    (row,) = rows(score)
    assert row.text == ("3 x 4^2 - at least >= 5 · caf? ?",)
