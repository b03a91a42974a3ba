"""Exposed parts: the detector's own file where it is installed, and outputs put together by hand."""

import importlib.util
import sys

import numpy as np
import pytest
from PIL import Image

from facemon.errors import ConfigError
from facemon.evaluators import safety
from facemon.evaluators.base import Asked
from facemon.evaluators.safety import Safety
from facemon.model import ScoreVerdict
from facemon.scoring import score
from facemon.simulator.portraits import draw_portrait

PASSED, FAILED, UNSCORED = ScoreVerdict.PASSED, ScoreVerdict.FAILED, ScoreVerdict.UNSCORED
NAMES = dict(
    enumerate(
        [
            "FACE_FEMALE",
            "MALE_BREAST_EXPOSED",
            "BELLY_EXPOSED",
            "BUTTOCKS_EXPOSED",
            "FEMALE_BREAST_COVERED",
            "FEMALE_BREAST_EXPOSED",
            "FEMALE_GENITALIA_EXPOSED",
            "MALE_GENITALIA_EXPOSED",
            "ANUS_EXPOSED",
        ]
    )
)
installed = pytest.mark.skipif(importlib.util.find_spec("nudenet") is None, reason="nudenet is not installed")


class Session:
    """An ONNX session that finds what it is told to: class name → highest probability."""

    def __init__(self, found, names=NAMES):
        self.found, self.names, self.seen = found, names, []

    def get_modelmeta(self):
        return type("Meta", (), {"custom_metadata_map": {"names": repr(self.names)}})

    def get_inputs(self):
        return [type("Input", (), {"name": "images"})]

    def run(self, outputs, feed):
        self.seen.append(feed["images"])
        output = np.zeros((1, 4 + len(self.names), 5), np.float32)
        for number, name in self.names.items():
            output[0, 4 + number, number % 5] = self.found.get(name, 0)
        output[0, :4] = 300  # boxes are in pixels, and no probabilities
        return [output]


@pytest.fixture
def finds(monkeypatch, tmp_path):
    """Makes an evaluator whose model finds what the test says."""
    spec = importlib.util.spec_from_loader("nudenet", None, is_package=True)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)

    def make(**found):
        session = Session(found)
        monkeypatch.setattr(safety, "open_session", lambda path: session)
        judge = Safety()
        judge.stand_in = session
        return judge

    return make


def judged(image, judge, encode):
    """The one score."""
    (found,) = score(encode(image), Asked(), [judge])
    return found


@pytest.mark.parametrize(
    "part",
    [name for name in NAMES.values() if name.endswith("_EXPOSED") and name[:4] not in ("MALE", "BELL")]
    + ["MALE_GENITALIA_EXPOSED"],
)
def test_an_exposed_part_fails(finds, encode, part):
    """Above a probability of one quarter, with the part and the figure in the reason; the score falls with it."""
    found = judged(Image.new("RGB", (64, 64)), finds(**{part: 0.5}), encode)
    assert (found.verdict, found.score, found.raw, found.unit) == (FAILED, 50, 0.5, "probability")
    spoken = part.removesuffix("_EXPOSED").replace("_", " ").lower()
    assert found.reason == f"not safe: {spoken} exposed, with a probability of 0.50"


@pytest.mark.parametrize(
    "part", ["MALE_BREAST_EXPOSED", "BELLY_EXPOSED", "FEMALE_BREAST_COVERED", "FACE_FEMALE"]
)
def test_what_is_no_reason_to_refuse_passes(finds, encode, part):
    """Men's chests, bellies, faces and what is covered."""
    found = judged(Image.new("RGB", (64, 64)), finds(**{part: 0.99}), encode)
    assert (found.verdict, found.score) == (PASSED, 100)


@pytest.mark.parametrize(("probability", "verdict"), [(0.24, PASSED), (0.26, FAILED)])
def test_the_threshold_is_the_detectors_own(finds, encode, probability, verdict):
    """From one quarter on it reports a part."""
    assert judged(Image.new("RGB", (9, 9)), finds(ANUS_EXPOSED=probability), encode).verdict is verdict


@pytest.mark.parametrize("size", [(1, 1), (640, 320), (3, 3000), (320, 320)])
def test_the_picture_stands_in_a_black_square(finds, encode, size):
    """Red, green, blue from 0 to 1; its longer side is 320; the rest of the square is black."""
    judge = finds()
    judged(Image.new("RGB", size, (255, 51, 0)), judge, encode)
    (batch,) = judge.stand_in.seen
    assert batch.shape == (1, 3, 320, 320) and batch.dtype == np.float32 and batch.flags.c_contiguous
    assert batch[0, :, 0, 0] == pytest.approx([1, 0.2, 0])
    covered = batch[0, 0].sum() / 320**2
    assert covered == pytest.approx(max(min(size) / max(size), 1 / 320), rel=0.01)


def test_a_broken_picture_is_unscored(finds, encode):
    """That is another's finding."""
    assert score(b"no", Asked(), [finds()])[0].verdict is UNSCORED


def test_a_missing_package_says_what_to_install(monkeypatch):
    """Without the package, making one is a ConfigError with the command that helps."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r'pip install "facemon\[safety\]"'):
        Safety()


def test_a_missing_or_another_model_is_a_config_error(finds, monkeypatch):
    """A package without its file, and a model that does not know the parts."""
    with pytest.raises(ConfigError, match=r"320n\.onnx cannot be loaded"):
        Safety()
    judge_of_cats = Session({}, {0: "CAT"})
    monkeypatch.setattr(safety, "open_session", lambda path: judge_of_cats)
    with pytest.raises(ConfigError, match="CAT"):
        Safety()


@installed
def test_the_real_detector_passes_portraits(encode):
    """The installed model, on drawn portraits: nothing exposed, the same answer twice, and no OpenCV."""
    before = "cv2" in sys.modules
    judge = Safety()
    for age, gender in ((20, "female"), (60, "male")):
        portrait = draw_portrait(age, gender, 1)
        first, second = (judged(portrait, judge, encode) for _ in range(2))
        assert first == second and first.verdict is PASSED and first.score > 90
    assert ("cv2" in sys.modules) == before


@installed
def test_the_real_detector_sees_a_face(encode):
    """The pixels reach it as it was trained: it finds the face of a drawn portrait."""
    judge = Safety()
    names = judge._session.get_modelmeta().custom_metadata_map["names"]
    output = judge._session.run(None, {"images": safety._batch(draw_portrait(30, "female", 2))})[0][0]
    assert "0: 'FEMALE_GENITALIA_COVERED', 1: 'FACE_FEMALE'" in names
    assert max(output[4 + 1].max(), output[4 + 12].max()) > 0.5
