"""OFIQ's unified quality score: the real package as far as it goes without its models, and a stand-in beyond."""

import builtins
import importlib.util
import sys
import types
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from facemon.errors import ConfigError
from facemon.evaluators.base import Asked
from facemon.evaluators.ofiq import Ofiq
from facemon.model import ScoreVerdict
from facemon.scoring import score
from facemon.vision.calibration import UNCALIBRATED, Calibration, Threshold

PASSED, FAILED, UNSCORED = ScoreVerdict.PASSED, ScoreVerdict.FAILED, ScoreVerdict.UNSCORED


class OFIQError(Exception):
    """As the package's."""


class FaceDetectionError(OFIQError):
    """As the package's, where it derives from another of these."""


@pytest.fixture
def stand_in(monkeypatch):
    """A module of the package's interface; what it finds is set by the test."""
    module = types.ModuleType("ofiq")
    module.seen, module.busy, module.finding = [], 0, 73.25

    class OFIQ:
        def scalar_quality(self, image_rgb):
            module.busy += 1
            assert module.busy == 1, "used by two threads at once"
            module.seen.append(image_rgb)
            for _ in range(500):  # long enough for another thread to come in
                pass
            module.busy -= 1
            if isinstance(module.finding, Exception):
                raise module.finding
            return module.finding

    module.OFIQ, module.OFIQError, module.FaceDetectionError = OFIQ, OFIQError, FaceDetectionError
    monkeypatch.setitem(sys.modules, "ofiq", module)
    return module


def judged(data, judge=None):
    """The one score."""
    (found,) = score(data, Asked(), [judge or Ofiq()])
    return found


def test_its_score_is_handed_on(stand_in, encode):
    """The unified score as it is; without a threshold it informs, and never fails."""
    for quality in (0.0, 12.5, 100.0):
        stand_in.finding = quality
        found = judged(encode(Image.new("RGB", (30, 20), "red")))
        assert (found.verdict, found.score, found.raw, found.unit) == (
            PASSED,
            quality,
            quality,
            "OFIQ points",
        )
        assert found.weight == 0 and found.reason == ""


def test_it_sees_upright_pixels(stand_in, encode):
    """Red, green, blue in this order, as a viewer shows them, in memory as the library wants them."""
    exif = Image.Exif()
    exif[0x0112] = 6
    judged(encode(Image.new("RGB", (30, 20), (250, 10, 20)), exif=exif))
    (pixels,) = stand_in.seen
    assert pixels.shape == (30, 20, 3) and pixels.dtype == np.uint8 and pixels.flags.c_contiguous
    assert pixels[0, 0].tolist() == [250, 10, 20]


@pytest.mark.parametrize(
    ("finding", "reason"),
    [
        (OFIQError("landmarks"), "OFIQ could not judge it (landmarks)"),
        (-1.0, "OFIQ could not judge it (a score of -1)"),
        (float("nan"), "OFIQ could not judge it (a score of nan)"),
    ],
    ids=["other", "failed", "nan"],
)
def test_what_it_cannot_judge_is_unscored(stand_in, encode, finding, reason):
    """A measure that failed is no score."""
    stand_in.finding = finding
    found = judged(encode(Image.new("RGB", (9, 9))))
    assert (found.verdict, found.score, found.reason) == (UNSCORED, None, reason)


def test_a_calibrated_threshold_fails_with_a_reason(stand_in, encode):
    """With a threshold of one's own it fails, and says with which figure."""
    own = Calibration("ours", UNCALIBRATED.age, 0.1, {"ofiq": Threshold(80, "our own pictures")})
    found = judged(encode(Image.new("RGB", (9, 9))), Ofiq(own))
    assert (found.verdict, found.reason) == (FAILED, "OFIQ's unified quality score is 73")


def test_one_thread_at_a_time(stand_in, encode):
    """The library's objects may not be used by two threads at once: they wait for each other."""
    judge, data = Ofiq(), encode(Image.new("RGB", (9, 9)))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # threads take turns in the middle of everything
    try:
        with ThreadPoolExecutor(4) as pool:
            assert {one.verdict for one in pool.map(lambda _: judged(data, judge), range(100))} == {PASSED}
    finally:
        sys.setswitchinterval(interval)


def test_a_missing_package_says_what_to_install(monkeypatch):
    """Without the package, making one is a ConfigError with the command that helps."""
    monkeypatch.setitem(sys.modules, "ofiq", None)
    with pytest.raises(ConfigError, match=r'pip install "facemon\[ofiq\]"'):
        Ofiq()


def test_the_real_package_without_models_says_how_to_get_them(monkeypatch, tmp_path):
    """Its models are a download of its own: the error names the command and the variable."""
    if importlib.util.find_spec("ofiq") is None:
        pytest.skip("python-ofiq is not installed")
    monkeypatch.setenv("OFIQ_DATA_DIR", str(tmp_path))
    with pytest.raises(ConfigError, match=r"python-ofiq setup.*OFIQ_DATA_DIR"):
        Ofiq()


def test_importing_it_imports_no_package(monkeypatch):
    """The evaluator's module can be imported by everybody; the package is looked for when one is made."""
    real = builtins.__import__

    def watched(name, *rest, **more):
        assert name.split(".")[0] != "ofiq"
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", watched)
    spec = importlib.util.find_spec("facemon.evaluators.ofiq")
    spec.loader.exec_module(importlib.util.module_from_spec(spec))


def test_a_picture_in_which_it_finds_nobody_leaves_nothing(stand_in, encode):
    """Another detector's blindness is no score, and no reason to call a run unknown: `face_count` has the say."""
    stand_in.finding = FaceDetectionError("none")
    assert not score(encode(Image.new("RGB", (9, 9))), Asked(), [Ofiq()])
