"""What every evaluator owes, held against all of them: a new one is tested here without a line of its own."""

import importlib
import inspect
import io
import pkgutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import facemon.evaluators as room
from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Answer, Asked, Unscored
from facemon.model import Score, ScoreVerdict
from facemon.scoring import default_evaluators, score
from facemon.vision.subject import Subject

ASKED = [Asked(), Asked("png", (64, 64), 30, "female"), Asked("jpeg", (1, 1))]
FAILED = ScoreVerdict.FAILED


def picture(kind, size=(64, 64), mode="RGB", **options):
    """A picture with something on it."""
    buffer = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


WHOLE = {kind: picture(kind) for kind in ("PNG", "JPEG", "WEBP")}


def assert_sound(data):
    """Every evaluator answers about these bytes as the contract says; returns the scores of the last request."""
    for asked in ASKED:
        scores = score(data, asked, default_evaluators())
        assert [one.evaluator for one in scores] == list(EVALUATORS)
        for one in scores:
            assert isinstance(one, Score) and one.version
            assert "the evaluator failed" not in one.reason, one.reason
            if one.verdict is ScoreVerdict.UNSCORED:
                assert one.score is None and one.reason and one.error_type is None
            else:
                assert 0 <= one.score <= 100 and isinstance(one.score, int | float)
                assert one.reason or one.verdict is ScoreVerdict.PASSED
                assert (one.raw is None) == (one.unit is None)
    return {one.evaluator: one for one in scores}


# --- the table ---


def test_table_is_sorted_and_each_name_is_its_key():
    """A literal table: the key is the evaluator's name, names are unique, in order."""
    assert list(EVALUATORS) == sorted(EVALUATORS)
    assert {name: kind().name for name, kind in EVALUATORS.items()} == {name: name for name in EVALUATORS}
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


@pytest.mark.parametrize("kind", EVALUATORS.values(), ids=EVALUATORS)
def test_each_says_what_it_is(kind):
    """Name, version and source are texts; the class says what it measures; it is made without arguments."""
    one = kind()
    assert all(isinstance(text, str) and text for text in (one.name, one.version, one.source, kind.__doc__))


@pytest.mark.parametrize("name", EVALUATORS)
@pytest.mark.parametrize("kind", WHOLE)
def test_each_judges_a_good_picture_alike_twice(name, kind):
    """The same bytes get the same answer, from the same object or from another, in either order."""
    one, other = EVALUATORS[name](), EVALUATORS[name]()
    asked = Asked(kind.lower(), (64, 64))
    answers = [judge.evaluate(Subject(WHOLE[kind]), asked) for judge in (one, one, other)]
    assert isinstance(answers[0], Answer) and answers[0].passed and answers == answers[:1] * 3
    assert answers[0].score == 100 and not answers[0].breaks_picture


# --- any bytes at all ---


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400))
def test_random_bytes(data):
    """Random bytes: decodes fails with invalid_image, the rest is unscored, and nothing is raised."""
    scores = assert_sound(data)
    assert (scores["decodes"].verdict, scores["decodes"].error_type) == (FAILED, "invalid_image")
    assert {one.verdict for name, one in scores.items() if name != "decodes"} == {ScoreVerdict.UNSCORED}


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.binary(max_size=60), st.floats(0, 1), st.integers(0, 60))
def test_damaged_pictures(kind, patch, where, removed):
    """A picture with a piece replaced, removed or put in raises nothing, whatever is made of it."""
    data = WHOLE[kind]
    at = int(where * len(data))
    assert_sound(data[:at] + patch + data[at + removed :])


@settings(deadline=None, max_examples=60)
@given(st.integers(0, len(WHOLE["PNG"]) * 8 - 1))
def test_one_flipped_bit_of_a_png_is_found(place):
    """PNG carries check sums: one wrong bit anywhere is a broken picture, not a slightly different face."""
    data = bytearray(WHOLE["PNG"])
    data[place // 8] ^= 1 << place % 8
    assert assert_sound(bytes(data))["decodes"].error_type == "invalid_image"


MODES = [
    *(("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")),
    *(("JPEG", mode) for mode in ("L", "RGB", "CMYK", "YCbCr")),
    *(("WEBP", mode) for mode in ("L", "RGB", "RGBA")),
    *(("TIFF", mode) for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK", "LAB", "I", "I;16", "F")),
]


@pytest.mark.parametrize(("kind", "mode"), MODES)
@pytest.mark.parametrize("size", [(1, 1), (2, 1), (2, 2), (3, 3), (1, 700), (700, 2), (400, 400)])
def test_every_mode_and_shape(kind, mode, size):
    """Every mode that a file can have, from one pixel to a thin strip, is answered about without an exception."""
    buffer = io.BytesIO()
    value = {"1": 1, "F": 0.5, "I": 70_000, "I;16": 60_000}.get(
        mode, "#405060" if mode not in ("LA", "LAB") else None
    )
    Image.new(
        mode, size, value if value is not None else (90, 120, 130)[: len(Image.new(mode, (1, 1)).getbands())]
    ).save(buffer, kind)
    found = assert_sound(buffer.getvalue())
    if kind == "TIFF":  # not one of the formats the API paints
        assert found["decodes"].error_type == "invalid_image"
        return
    assert found["decodes"].verdict is ScoreVerdict.PASSED
    if min(size) < 3:
        assert found["not_blurred"].verdict is ScoreVerdict.UNSCORED
    assert found["not_blank"].verdict is FAILED, "one colour"


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_animated_pictures(kind):
    """An animation is judged by its first frame and raises nothing."""
    frames = [Image.effect_noise((64, 64), 60).convert("RGB") for _ in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, kind, save_all=True, append_images=frames[1:], duration=50)
    found = assert_sound(buffer.getvalue())
    assert found["not_blank"].verdict is ScoreVerdict.PASSED


def test_a_huge_thin_picture():
    """Sixty thousand pixels by one."""
    found = assert_sound(picture("PNG", (60_000, 1)))
    assert found["decodes"].raw == 60_000 and found["not_blank"].verdict is ScoreVerdict.PASSED


def test_unscored_is_the_only_exception():
    """Called without the pool, an evaluator raises Unscored, Unreadable, or nothing."""
    with pytest.raises(Unscored, match="no format was asked for"):
        EVALUATORS["format"]().evaluate(Subject(WHOLE["PNG"]), Asked())
    with pytest.raises(Unscored, match="no size is documented"):
        EVALUATORS["size"]().evaluate(Subject(WHOLE["PNG"]), Asked())
