"""Is there anything on it?"""

import numpy as np
import pytest
from PIL import Image

from facemon.evaluators.base import Asked
from facemon.evaluators.not_blank import NotBlank
from facemon.model import ScoreVerdict
from facemon.scoring import score

PASSED, FAILED = ScoreVerdict.PASSED, ScoreVerdict.FAILED
COLOURS = ["black", "white", "#7f7f7f", "#ff0000", "#00ff7f"]


def judged(data):
    """The one score."""
    return score(data, Asked(), [NotBlank()])[0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("size", [(1, 1), (64, 48), (1536, 640)])
def test_one_colour_is_blank_in_every_format(encode, kind, colour, size):
    """A picture of one colour fails, also after a lossy encoding; it is a finding, and no error type."""
    found = judged(encode(Image.new("RGB", size, colour), kind))
    assert found.verdict is FAILED and found.raw < 1 and found.error_type is None
    assert "blank" in found.reason


@pytest.mark.parametrize("amplitude", [1, 2, 3])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_little_noise_on_one_colour_is_still_blank(encode, kind, amplitude):
    """Sensor-like noise of a few grey values is nothing to look at."""
    noise = (
        np.random.default_rng(3).integers(127 - amplitude, 128 + amplitude, (512, 512, 3)).astype(np.uint8)
    )
    assert judged(encode(Image.fromarray(noise), kind)).verdict is FAILED


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_person_is_not_blank(person, encode, kind):
    """A drawn face passes with full marks, and upright or mirrored makes no difference."""
    found = judged(encode(person, kind))
    assert (found.verdict, found.score, found.unit) == (PASSED, 100, "grey values") and found.raw > 20
    assert found.reason == ""


@pytest.mark.parametrize(("deviation", "verdict"), [(3.5, FAILED), (4.5, PASSED)])
def test_the_threshold_is_four_grey_values(encode, deviation, verdict):
    """Half the picture lighter, half darker by so much: the standard deviation is that number."""
    image = Image.fromarray(np.repeat(np.array([[0, 255]], np.uint8), 64, axis=1).repeat(64, axis=0))
    image = image.point(lambda value: 0 if value == 0 else round(2 * deviation))
    found = judged(encode(image))
    assert found.raw == pytest.approx(deviation) and found.verdict is verdict
    assert found.score == pytest.approx(100 * deviation / 20)


def test_a_sixteen_bit_picture_is_not_blank(person, encode):
    """More bits a pixel are no less of a picture."""
    deep = Image.fromarray(np.asarray(person.convert("L")).astype(np.uint16) * 257)
    assert judged(encode(deep)).verdict is PASSED


def test_the_simulators_portraits(portraits, encode):
    """No portrait of the simulator is blank."""
    assert [judged(encode(portrait)).verdict for portrait in portraits] == [PASSED] * len(portraits)
