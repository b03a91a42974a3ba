"""What every evaluator owes, held against all of them: a new one is tested here without a line of its own."""

import importlib
import inspect
import io
import json
import math
import pkgutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import facemon.evaluators as room
from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Answer, Asked, NotAsked, Question, Threshold, Unscored
from facemon.model import Score, ScoreVerdict
from facemon.scoring import default_evaluators, score
from facemon.simulator.portraits import draw_portrait
from facemon.vision import models
from facemon.vision.calibration import UNCALIBRATED, Calibration
from facemon.vision.subject import Subject
from facemon.vision.trouble import ModelUnavailable, Unreadable

DEFAULTS = {name: kind for name, kind in EVALUATORS.items() if kind.extra is None}
ASKED = Asked("png", (64, 64), 40, "female", "a portrait of a woman of 40")
NOTHING = Asked()
FAILED, UNSCORED = ScoreVerdict.FAILED, ScoreVerdict.UNSCORED
NOT_VERDICTS = (Unscored, Unreadable, NotAsked)


def encoded(image, kind="PNG", **options):
    """The bytes of a Pillow image."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


PORTRAIT = draw_portrait(40, "female", 3).resize((1024, 1024), Image.Resampling.BICUBIC)
SMALL = PORTRAIT.resize((300, 300), Image.Resampling.BICUBIC)
NOISE = encoded(Image.effect_noise((64, 64), 60).convert("RGB"))
WHOLE = {kind: encoded(PORTRAIT, kind) for kind in ("PNG", "JPEG", "WEBP")}
SUBJECTS = {kind: Subject(data) for kind, data in WHOLE.items()}


def assert_sound(data, asked=ASKED):
    """Every evaluator answers about these bytes as the contract says; returns its scores by name."""
    subject = Subject(data)
    for judge in default_evaluators():
        try:
            answer = judge.evaluate(subject, asked)
        except NOT_VERDICTS:
            continue
        assert isinstance(answer, Answer) and type(answer.passed) is bool
        assert 0 <= answer.score <= 100 and isinstance(answer.score, int | float)
        assert answer.raw is None or math.isfinite(answer.raw)
        assert (answer.raw is None) == (answer.unit is None)
        assert bool(answer.reason) != answer.passed, f"{judge.name}: {answer}"
        assert json.dumps([answer.score, answer.raw])
    scores = {one.evaluator: one for one in score(data, asked, default_evaluators())}
    assert [one.reason for one in scores.values() if "the evaluator failed" in one.reason] == []
    return scores


# --- the table ---


def test_each_key_of_the_table_is_a_name():
    """A literal table: the key is the evaluator's name, and none is there twice."""
    assert {name: kind.name for name, kind in EVALUATORS.items()} == {name: name for name in EVALUATORS}
    assert len(set(EVALUATORS.values())) == len(EVALUATORS)


def test_one_member_one_file_and_every_file_in_the_table():
    """Beside base, each file of the room holds one class of its own, with `evaluate`, and the table names it."""
    found = []
    for module in pkgutil.iter_modules(room.__path__):
        if module.name == "base":
            continue
        loaded = importlib.import_module(f"{room.__name__}.{module.name}")
        own = [
            kind
            for _, kind in inspect.getmembers(loaded, inspect.isclass)
            if kind.__module__ == loaded.__name__
        ]
        assert len(own) == 1, f"{module.name} holds {own}"
        found += own
    assert sorted(kind.__name__ for kind in found) == sorted(kind.__name__ for kind in EVALUATORS.values())


def test_weights_of_the_defaults_are_shares():
    """Together they are the whole of the quality score, and what needs an optional package has none of it."""
    assert math.fsum(kind.weight for kind in DEFAULTS.values()) == pytest.approx(1)
    assert {kind.weight for name, kind in EVALUATORS.items() if name not in DEFAULTS} <= {0.0}


@pytest.mark.parametrize("kind", EVALUATORS.values(), ids=EVALUATORS)
def test_each_says_what_it_is(kind):
    """Name, version and source are texts; the class says what it measures; its weight is a share."""
    assert all(
        isinstance(text, str) and text for text in (kind.name, kind.version, kind.source, kind.__doc__)
    )
    assert 0 <= kind.weight <= 1 and (kind.extra is None or kind.extra)


@pytest.mark.parametrize("kind", EVALUATORS.values(), ids=EVALUATORS)
def test_a_threshold_has_its_evidence(kind):
    """Either a score from 0 to 100 with a sentence on what it rests on, or none at all."""
    threshold = kind.default_threshold
    if threshold is not None:
        assert 0 < threshold.score <= 100 and len(threshold.basis.split()) >= 3


@pytest.mark.parametrize("kind", EVALUATORS.values(), ids=EVALUATORS)
def test_each_says_what_to_do_about_its_fault(kind):
    """One line for whoever is on call, no sentence: it follows a reason, or stands behind an arrow."""
    assert 20 < len(kind.advice) <= 120 and "\n" not in kind.advice
    assert kind.advice[0].islower() and kind.advice[-1] not in ".;:"


def test_what_to_do_fits_the_fault():
    """No two evaluators give one advice, unless they leave it at what is said of any picture."""
    own = [kind.advice for kind in EVALUATORS.values() if kind.advice != Question.advice]
    assert len(set(own)) == len(own) >= 13


@pytest.mark.parametrize("kind", DEFAULTS.values(), ids=DEFAULTS)
def test_each_takes_a_calibration(kind):
    """Made without arguments or with a calibration, whose threshold replaces the built-in one."""
    own = Threshold(1.5, "measured on our own pictures")
    assert kind().threshold == kind.default_threshold
    assert kind(Calibration("ours", UNCALIBRATED.age, 0.1, {kind.name: own})).threshold is own
    assert kind(Calibration("ours", UNCALIBRATED.age, 0.1)).threshold == kind.default_threshold


@pytest.mark.parametrize("name", DEFAULTS)
@pytest.mark.parametrize("kind", WHOLE)
def test_each_passes_a_good_picture_alike_twice(name, kind):
    """The same bytes get the same answer, from the same object or from another."""
    one, other = EVALUATORS[name](), EVALUATORS[name]()
    asked = Asked(kind.lower(), (1024, 1024), 40, "female", "a portrait")
    answers = [judge.evaluate(SUBJECTS[kind], asked) for judge in (one, one, other)]
    assert answers[0].passed, answers[0].reason
    assert answers == answers[:1] * 3 and not answers[0].breaks_picture


# --- the same bytes, the same scores ---

PICTURES = [WHOLE["JPEG"], NOISE, encoded(SMALL), WHOLE["PNG"][:5000], encoded(Image.new("L", (40, 9), 99))]
CHILD = """
import sys
from facemon.evaluators.base import Asked
from facemon.scoring import default_evaluators, score
asked = Asked("png", (64, 64), 40, "female", "a portrait of a woman of 40")
for path in sys.argv[1:]:
    print(repr(score(open(path, "rb").read(), asked, default_evaluators())))
"""


@pytest.fixture(scope="module")
def expected():
    """The scores of each picture, judged by fresh evaluators."""
    return [score(data, ASKED, default_evaluators()) for data in PICTURES]


def test_what_was_judged_before_does_not_matter(expected):
    """The same evaluators judge the pictures backwards and twice over."""
    judges = default_evaluators()
    for _ in range(2):
        assert [score(data, ASKED, judges) for data in PICTURES[::-1]] == expected[::-1]


def test_threads_agree(expected):
    """Four threads that share the evaluators find what one finds."""
    judges = default_evaluators()
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda data: score(data, ASKED, judges), PICTURES * 3))
    assert found == expected * 3


def test_another_process_agrees(expected, tmp_path):
    """A process of its own finds the same, to the last digit."""
    paths = [tmp_path / str(number) for number in range(len(PICTURES))]
    for path, data in zip(paths, PICTURES, strict=True):
        path.write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", CHILD, *paths], capture_output=True, check=True
    )
    assert done.stdout.decode().splitlines() == [repr(scores) for scores in expected]


# --- models ---


@pytest.mark.parametrize("model", ["_FINDER", "_NETWORKS"])
def test_a_missing_model_is_unscored_with_its_cause(model, monkeypatch):
    """Those who need it leave no verdict and say what is missing; the others judge as ever."""

    def fail():
        raise ModelUnavailable("model", OSError("no such file"))

    expected = {one.evaluator: one for one in score(WHOLE["JPEG"], ASKED, default_evaluators())}
    monkeypatch.setattr(models, model, models._Once(fail))
    found = {one.evaluator: one for one in score(WHOLE["JPEG"], ASKED, default_evaluators())}
    lost = {name for name, one in found.items() if one != expected[name]}
    assert lost and found.keys() == expected.keys()
    assert {(found[name].verdict, found[name].score, found[name].reason) for name in lost} == {
        (UNSCORED, None, str(ModelUnavailable("model", OSError("no such file"))))
    }
    assert not lost & {"decodes", "format", "size", "not_blank", "not_blurred"}


# --- any bytes at all ---


@settings(deadline=None, max_examples=40)
@given(st.binary(max_size=400))
def test_random_bytes(data):
    """Random bytes: decodes fails with invalid_image, the rest is unscored, and nothing is raised."""
    scores = assert_sound(data)
    assert list(scores) == list(DEFAULTS)
    assert (scores["decodes"].verdict, scores["decodes"].error_type) == (FAILED, "invalid_image")
    assert {one.verdict for name, one in scores.items() if name != "decodes"} == {UNSCORED}


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.binary(max_size=60), st.floats(0, 1), st.integers(0, 60))
def test_damaged_pictures(kind, patch, where, removed):
    """A picture with a piece replaced, removed or put in raises nothing, whatever is made of it."""
    data = encoded(SMALL.resize((96, 96)), kind)
    at = int(where * len(data))
    assert_sound(data[:at] + patch + data[at + removed :])


@settings(deadline=None, max_examples=40)
@given(st.integers(0, len(NOISE) * 8 - 1))
def test_one_flipped_bit_of_a_png_is_found(place):
    """PNG carries check sums: one wrong bit anywhere is a broken picture, not a slightly different face."""
    data = bytearray(NOISE)
    data[place // 8] ^= 1 << place % 8
    assert assert_sound(bytes(data))["decodes"].error_type == "invalid_image"


# --- any picture at all ---

MODES = [
    *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    *(("JPEG", mode) for mode in ("L", "RGB", "CMYK", "YCbCr")),
    *(("WEBP", mode) for mode in ("L", "RGB", "RGBA")),
]
SHAPES = st.one_of(
    st.tuples(st.integers(1, 300), st.integers(1, 300)),
    st.tuples(st.integers(1, 4), st.integers(1, 3000)),
    st.tuples(st.integers(1, 3000), st.integers(1, 4)),
)
CONTENTS = st.sampled_from(
    ["black", "white", "flat", "noise", "coarse", "gradient", "portrait", "pasted", "dim"]
)


def painted(content, size, seed):
    """A picture of that content, mode RGB."""
    chance = np.random.default_rng(seed)
    width, height = size
    match content:
        case "black" | "white":
            return Image.new("RGB", size, content)
        case "flat":
            return Image.new("RGB", size, tuple(map(int, chance.integers(0, 256, 3))))
        case "noise":
            return Image.fromarray(chance.integers(0, 256, (height, width, 3), np.uint8))
        case "coarse":
            return Image.fromarray(chance.integers(0, 256, (3, 2, 3), np.uint8)).resize(size)
        case "gradient":
            return Image.linear_gradient("L").rotate(90 * (seed % 4)).resize(size).convert("RGB")
        case "pasted":
            image = Image.new("RGB", size, tuple(map(int, chance.integers(0, 256, 3))))
            image.paste(SMALL, tuple(map(int, chance.integers(-200, 200, 2))))
            return image
        case "dim":
            return SMALL.resize(size).point(lambda value: value * (seed % 20) // 100)
        case _:
            return SMALL.resize(size)


def stored(image, mode):
    """The picture in a mode that a file can have."""
    if mode == "I;16":
        return Image.fromarray(np.asarray(image.convert("L")).astype(np.uint16) * 257)
    if mode in ("LA", "RGBA"):
        image = image.convert(mode)
        image.putalpha(Image.radial_gradient("L").resize(image.size))
    return image.convert(mode)


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(MODES), SHAPES, CONTENTS, st.integers(0, 2**31), st.booleans())
def test_any_picture_is_judged_or_left(stored_as, size, content, seed, turned):
    """Every mode, shape and content that a file can have: a verdict or none, and no warning of numpy's either."""
    kind, mode = stored_as
    exif = Image.Exif()
    exif[0x0112] = 1 + seed % 8 if turned else 1
    data = encoded(stored(painted(content, size, seed), mode), kind, exif=exif)
    found = assert_sound(data)
    assert found["decodes"].verdict is ScoreVerdict.PASSED
    assert all(isinstance(one, Score) for one in found.values())


@pytest.mark.parametrize(("kind", "mode"), MODES)
@pytest.mark.parametrize("size", [(1, 1), (2, 1), (2, 2), (3, 3), (1, 700), (700, 2), (400, 400)])
def test_one_colour_of_every_mode_and_shape(kind, mode, size):
    """From one pixel to a thin strip, one colour is a picture, and a blank one."""
    found = assert_sound(encoded(stored(Image.new("RGB", size, "white"), mode).convert(mode), kind))
    assert found["decodes"].verdict is ScoreVerdict.PASSED
    if mode not in ("LA", "RGBA"):  # whose transparency is a pattern of its own
        assert found["not_blank"].verdict is FAILED


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "LAB", "I", "I;16", "F"])
def test_a_format_that_the_api_does_not_paint_is_no_picture(mode):
    """TIFF holds every mode there is, and reaches no decoder in any of them."""
    assert assert_sound(encoded(Image.new(mode, (9, 9)), "TIFF"))["decodes"].error_type == "invalid_image"


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_animated_pictures(kind):
    """An animation is judged by its first frame and raises nothing."""
    frames = [Image.effect_noise((64, 64), 60).convert("RGB") for _ in range(3)]
    found = assert_sound(encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50))
    assert found["not_blank"].verdict is ScoreVerdict.PASSED


def test_a_huge_thin_picture():
    """Sixty thousand pixels by one."""
    found = assert_sound(encoded(Image.effect_noise((60_000, 1), 60)))
    assert found["decodes"].raw == 60_000 and found["not_blank"].verdict is ScoreVerdict.PASSED


# --- what was asked ---


def test_what_was_not_asked_leaves_no_score():
    """Without a request there is nothing to compare a format, a size or a person with."""
    asked_about = {one.evaluator for one in score(WHOLE["JPEG"], NOTHING, default_evaluators())}
    assert set(DEFAULTS) - asked_about >= {"format", "size"}
    for name in set(DEFAULTS) - asked_about:
        with pytest.raises(NotAsked):
            EVALUATORS[name]().evaluate(Subject(WHOLE["JPEG"]), NOTHING)


@pytest.mark.parametrize("asked", [ASKED, NOTHING, Asked(age=20), Asked(gender="male"), Asked(face=False)])
def test_any_request_gets_an_answer(asked):
    """Whatever was asked, in part or whole: verdicts, unscored, or nothing."""
    for data in (NOISE, WHOLE["WEBP"], b"no picture"):
        assert_sound(data, asked)
