"""Has the skin a colour that skin has?"""

import numpy as np
import pytest
from PIL import Image

from facemon.evaluators.base import Asked, Unscored
from facemon.evaluators.natural_colour import NaturalColour
from facemon.vision import subject as subject_module
from facemon.vision.face import Face
from facemon.vision.subject import Subject


def judged(monkeypatch, colour, elsewhere=None, faces=1):
    """The answer on cheeks of one colour; `elsewhere` is that of everything else."""
    pixels = np.full((192, 160, 3), colour if elsewhere is None else elsewhere, np.uint8)
    pixels[80:112, 30:66] = pixels[80:112, 94:130] = colour
    face = Face((0, 0, 159, 191), (48.0, 64.0), (112.0, 64.0), (80.0, 110.0), 1.0, None, pixels)
    monkeypatch.setattr(subject_module, "_find_faces", lambda _: (face,) * faces)
    subject = Subject(b"")
    subject.__dict__["rgb"] = Image.fromarray(pixels)
    return NaturalColour().evaluate(subject, Asked())


# Six of the ten tones of the Monk Skin Tone scale: all but the palest two and the darkest two.
@pytest.mark.parametrize("colour", ["#f7ead0", "#eadaba", "#d7bd96", "#a07e56", "#825c43", "#604134"])
def test_skin_of_every_tone(monkeypatch, colour):
    """Light or dark: the lightness does not count."""
    rgb = tuple(bytes.fromhex(colour[1:]))
    found = judged(monkeypatch, rgb)
    assert found.score > 75 and found.passed and found.unit == "CIELAB units away from skin"


@pytest.mark.parametrize("colour", [(224, 172, 140), (198, 134, 102), (141, 85, 60), (96, 60, 45)])
def test_skin_under_white_light_has_full_marks(monkeypatch, colour):
    """Within the bounds nothing is lost."""
    assert (judged(monkeypatch, colour).raw, judged(monkeypatch, colour).score) == (0, 100)


@pytest.mark.parametrize(
    ("colour", "below"), [((90, 200, 90), 5), ((90, 110, 220), 5), ((255, 60, 60), 10), ((250, 250, 0), 10)]
)
def test_green_blue_red_and_yellow_faces(monkeypatch, colour, below):
    """Next to no marks; but it informs and never fails."""
    found = judged(monkeypatch, colour)
    assert found.score < below and found.passed and found.reason == ""


@pytest.mark.parametrize("grey", [0, 60, 128, 255])
def test_black_and_white_lies_seven_outside(monkeypatch, grey):
    """a* and b* of nothing are both 5 short: the square root of 50, for 66 marks."""
    found = judged(monkeypatch, (grey, grey, grey))
    assert found.raw == pytest.approx(50**0.5, abs=0.02) and found.score == pytest.approx(66, abs=0.5)


def test_only_the_cheeks_count(monkeypatch):
    """A green wall, hat or beard changes nothing."""
    assert judged(monkeypatch, (198, 134, 102), elsewhere=(0, 255, 0)).score == 100


@pytest.mark.parametrize("faces", [0, 2])
def test_without_exactly_one_face_it_is_unscored(monkeypatch, faces):
    """Another evaluator says how many faces there are."""
    with pytest.raises(Unscored):
        judged(monkeypatch, (198, 134, 102), faces=faces)


def test_the_simulators_portraits(portraits, encode):
    """Drawn portraits have skin of a natural colour."""
    assert all(NaturalColour().evaluate(Subject(encode(one)), Asked()).score >= 90 for one in portraits[:2])
