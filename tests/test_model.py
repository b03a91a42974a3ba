"""The dataclasses between the rooms: what a request refuses, and what a record says of itself."""

import dataclasses
import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.errors import (
    AttemptTimeout,
    ConnectionFailed,
    FacemonError,
    InvalidInput,
    RateLimited,
    ServerError,
    shorten,
)
from facemon.model import (
    AGES,
    ASPECT_RATIOS,
    FORMATS,
    GENDERS,
    SEED_MAX,
    Attempt,
    FaceImage,
    FaceRequest,
    ImageMetadata,
    MonitoringData,
    Performance,
    Phases,
    Quality,
    RecordedError,
    RequestParams,
    ResourceUse,
    Score,
    ScoreVerdict,
    State,
    recorded_error,
    sha256_hex,
)

# A slow moment of a busy machine is no failure of the code.
UNHURRIED = settings(deadline=None)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HUGE = 10**5000

BAD_AGES = [
    0,
    19,
    21,
    -20,
    71,
    80,
    20.0,
    20.5,
    float("nan"),
    True,
    False,
    None,
    "20",
    "２０",
    "",
    b"20",
    [20],
]
BAD_GENDERS = ["", "Male", "MALE", " male", "male ", "mâle", "man", "other", None, 1, True, b"male", ["male"]]
BAD_SEEDS = [0, -1, SEED_MAX + 1, 2**64, 1.0, True, False, "1", "", b"1", float("inf"), [1], HUGE, -HUGE]
BAD_RATIOS = ["", "4:3", "3:4", "1:1 ", "1/1", "1：1", "16x9", None, 1, 1.0, True, ("1:1",), "1:1" * 1000]
BAD_FORMATS = ["", "jpg", "PNG", "gif", "png ", ".png", "image/png", None, 0, True, b"png", "ｐｎｇ"]


@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize("gender", GENDERS)
def test_every_cell_of_the_specification_is_accepted(age, gender):
    """All twelve cells of age and gender make a request, and its defaults are square and PNG, without a seed."""
    request = FaceRequest(age, gender)
    assert dataclasses.astuple(request) == (age, gender, None, "1:1", "png")


@pytest.mark.parametrize("ratio", ASPECT_RATIOS)
@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("seed", [None, 1, SEED_MAX])
def test_every_ratio_format_and_boundary_seed_is_accepted(ratio, form, seed):
    """Nine ratios, three formats, the lowest and the highest seed, and none, are all accepted."""
    assert FaceRequest(20, "male", seed, ratio, form).seed == seed


def refusal(**fields):
    """The error for a request whose one field is bad."""
    with pytest.raises(InvalidInput) as caught:
        FaceRequest(**{"age": 20, "gender": "male", **fields})
    return caught.value


def assert_names(error, name, value, accepted):
    """The message names the field, the value and everything that is accepted, in one line."""
    text = str(error)
    assert text.startswith(f"{name} {shorten(value)} is not accepted: give ") and "\n" not in text
    assert all(str(word) in text for word in accepted)
    assert isinstance(error, FacemonError) and isinstance(error, ValueError)


@pytest.mark.parametrize("value", BAD_AGES, ids=repr)
def test_bad_age_is_refused(value):
    """An age that is not one of the six whole numbers is refused: a bool, a float or a text is no age."""
    assert_names(refusal(age=value), "age", value, AGES)


@pytest.mark.parametrize("value", BAD_GENDERS, ids=repr)
def test_bad_gender_is_refused(value):
    """Only the two words of the specification are genders, spelt as they are."""
    assert_names(refusal(gender=value), "gender", value, GENDERS)


@pytest.mark.parametrize(
    "value", BAD_SEEDS, ids=lambda value: "huge" if value in (HUGE, -HUGE) else repr(value)
)
def test_bad_seed_is_refused(value):
    """A seed is a whole number from 1 to the lower of the two APIs' limits; 0 would mean `pick one`."""
    assert_names(refusal(seed=value), "seed", value, (1, SEED_MAX))


@pytest.mark.parametrize("value", BAD_RATIOS, ids=lambda value: repr(value)[:20])
def test_bad_ratio_is_refused(value):
    """Only the nine documented ratios are accepted, and a long value is cut in the message."""
    error = refusal(aspect_ratio=value)
    assert_names(error, "aspect_ratio", value, ASPECT_RATIOS)
    assert len(str(error)) < 250


@pytest.mark.parametrize("value", BAD_FORMATS, ids=repr)
def test_bad_format_is_refused(value):
    """Only png, jpeg and webp are formats; jpg is not the API's word."""
    assert_names(refusal(output_format=value), "output_format", value, FORMATS)


def test_huge_age_is_refused():
    """A whole number too long for Python to print is refused like any other."""
    assert "age" in str(refusal(age=HUGE))


@UNHURRIED
@given(
    st.one_of(
        st.integers(), st.floats(), st.text(max_size=20), st.binary(max_size=8), st.none(), st.booleans()
    )
)
def test_any_age_is_either_one_of_the_six_or_refused(value):
    """No value of any common type gets through, and none draws another exception."""
    if type(value) is int and value in AGES:
        FaceRequest(value, "male")
    else:
        refusal(age=value)


def test_requests_are_frozen():
    """What travels between rooms cannot be changed on the way."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        FaceRequest(20, "male").age = 30


# --- what a record says of itself ---


def attempt(number=1, outcome="success"):
    """An attempt of which only number and outcome matter."""
    return Attempt(number, NOW, 1.0, Phases(), outcome)


def picture():
    """Metadata of some picture."""
    return ImageMetadata(
        "p", "m", "prompt", "", None, None, 1, "SUCCESS", None, 1, 1, "png", "0" * 64, 3, 3.0, 1.0, Phases()
    )


def record(*, errors=(), attempts=None, image=True, scores=()):
    """A record of one generation."""
    return MonitoringData(
        id="1",
        timestamp=NOW,
        request_params=RequestParams(),
        performance=Performance(1.0),
        quality=Quality(scores),
        errors=errors,
        attempts=(attempt(),) if attempts is None else attempts,
        resources=ResourceUse(0.0, 0),
        image=picture() if image else None,
    )


def score(verdict, value=None, error_type=None):
    """One evaluator's answer."""
    return Score("e", "1", verdict, value, error_type=error_type)


PASSED, FAILED, UNSCORED = ScoreVerdict.PASSED, ScoreVerdict.FAILED, ScoreVerdict.UNSCORED
TIMEOUT = recorded_error(AttemptTimeout("t"))
LIMITED = recorded_error(RateLimited("t"))
BROKEN = score(FAILED, 0.0, "invalid_image")


def test_a_clean_record_is_up():
    """A picture on the first attempt: succeeded, at once, no retry, no error type, up."""
    clean = record()
    assert clean.succeeded and clean.first_attempt_succeeded
    assert (clean.retry_count, clean.error_types, clean.state) == (0, (), State.UP)


def test_success_on_the_third_attempt_counts_against_the_first():
    """Two failed attempts before a picture: succeeded, but not at once, with two retries; the service was up."""
    third = record(attempts=(attempt(1, "timeout"), attempt(2, "server_error"), attempt(3)))
    assert third.succeeded and not third.first_attempt_succeeded
    assert (third.retry_count, third.error_types, third.state) == (2, (), State.UP)


def test_a_foreign_function_without_attempts_counts_as_one():
    """A monitored function that tells of no attempts made one, and no retry."""
    foreign = record(attempts=())
    assert foreign.first_attempt_succeeded and foreign.retry_count == 0


@pytest.mark.parametrize(
    ("errors", "scores", "state", "types"),
    [
        ((TIMEOUT,), (), State.DOWN, ("timeout",)),
        ((LIMITED,), (), State.UNKNOWN, ("rate_limited",)),
        ((TIMEOUT, LIMITED), (), State.UNKNOWN, ("timeout", "rate_limited")),
        ((), (BROKEN,), State.DOWN, ("invalid_image",)),
        ((LIMITED,), (BROKEN,), State.UNKNOWN, ("rate_limited", "invalid_image")),
        ((), (score(PASSED, 90.0), score(FAILED, 10.0)), State.DEGRADED, ()),
        ((), (score(UNSCORED),), State.UP, ()),
        ((), (score(PASSED, 100.0),), State.UP, ()),
    ],
)
def test_state_and_error_types(errors, scores, state, types):
    """The last error decides; a picture that does not decode is down; a failed score degrades; unscored does not."""
    found = record(errors=errors, scores=scores, image=not errors)
    assert (found.state, found.error_types) == (state, types)
    assert found.succeeded == (not types)


def test_late_error_takes_the_success_back():
    """A picture whose bytes turn out not to decode was no success, neither in the end nor at first."""
    late = record().with_scores((BROKEN,))
    assert not late.succeeded and not late.first_attempt_succeeded and late.error_types == ("invalid_image",)


def test_no_picture_is_no_success():
    """Without a picture there is no success, even if nobody recorded why."""
    assert not record(image=False).succeeded


def test_with_scores_ends_pending_and_leaves_the_original():
    """Scores come later: the new record has them and is no longer pending, the old one is unchanged."""
    waiting = dataclasses.replace(record(), quality=Quality(pending=True, diversity_score=50.0))
    judged = waiting.with_scores((part(80.0),))
    assert waiting.quality.pending and not judged.quality.pending
    assert judged.quality.diversity_score == 50.0 and judged.quality.quality_score == pytest.approx(80.0)


def part(value: float | None, weight: float = 0.5, name: str = "e") -> Score:
    """A component of the quality score."""
    return Score(name, "1", UNSCORED if value is None else PASSED, value, weight=weight)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((), None),
        ((None,), None),
        ((90.0, 40.0), 60.0),  # sqrt(90 · 40)
        ((100.0, 100.0), 100.0),
        ((None, 70.0), None),
        ((0.0, None, 100.0), 0.0),
    ],
)
def test_quality_is_a_product_of_its_components(values, expected):
    """The geometric mean: a component of 0 makes the whole 0; one that nobody knows makes it unknown, never higher."""
    quality = Quality(tuple(map(part, values)))
    assert quality.quality_score == (None if expected is None else pytest.approx(expected))


def test_quality_counts_by_weight():
    """A component of twice the weight counts twice; a question that weighs nothing does not count at all."""
    heavy, light, none = part(25.0, 0.2), part(100.0, 0.1), part(1.0, 0.0)
    assert Quality((heavy, light, none)).quality_score == pytest.approx((25 * 25 * 100) ** (1 / 3))
    assert Quality((none,)).quality_score is None


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0.01, 1)), min_size=2, max_size=6), st.data())
def test_a_component_that_could_not_be_scored_never_raises_the_quality(parts, data):
    """Whatever the other scores: without one of them the quality is the same, lower, or unknown."""
    whole = [part(*values) for values in parts]
    lost = data.draw(st.integers(0, len(whole) - 1))
    known = Quality(tuple(whole)).quality_score
    left = Quality(tuple(part(None if i == lost else one.score, one.weight) for i, one in enumerate(whole)))
    assert left.quality_score is None or left.quality_score <= known + 1e-9


def test_the_weakest_component_is_named():
    """`weakest` is the component that cost most, weights counted; a zero first, then one that hides the score."""
    costly, low = part(50.0, 0.4, "costly"), part(20.0, 0.1, "low")
    assert Quality((low, costly)).weakest is costly
    assert Quality((low, costly, part(None, 0.1, "blind"))).weakest.evaluator == "blind"
    assert Quality((low, part(None, 0.1), part(0.0, 0.01, "zero"))).weakest.evaluator == "zero"
    assert Quality((part(0.0, 0.1), part(0.4, 0.2, "next to nothing"))).weakest.evaluator == "next to nothing"
    assert Quality((part(0.0, 0.1, "cause"), part(0.0, 0.1, "effect"))).weakest.evaluator == "cause"
    assert Quality((score(PASSED, 1.0),)).weakest is None


def test_adherence_is_the_answer_of_its_evaluator():
    """prompt_adherence is that evaluator's probability; None where it did not answer."""
    answer = Score("prompt_adherence", "1", PASSED, 80.0, 0.8, "probability")
    assert Quality((part(1.0), answer)).prompt_adherence == 0.8
    assert Quality((part(1.0),)).prompt_adherence is None


def test_quality_sorts_by_verdict():
    """`failed` and `unscored` hold the scores with these verdicts and no others."""
    scores = (score(PASSED, 1.0), score(FAILED, 2.0), score(UNSCORED))
    assert (Quality(scores).failed, Quality(scores).unscored) == ((scores[1],), (scores[2],))


def test_recorded_error_keeps_what_the_exception_knew():
    """Type, text, state, cause, status and request id of an exception stand in the record."""
    kept = recorded_error(ServerError("HTTP 503: x", status=503, request_id="r"))
    assert kept == RecordedError("server_error", "HTTP 503: x", State.DOWN, "server_error", 503, "r")


def test_recorded_error_keeps_the_state_of_the_instance():
    """A connection that failed for want of DNS is unknown in the record too, with its cause."""
    kept = recorded_error(ConnectionFailed("x", "no dns"))
    assert (kept.state, kept.cause) == (State.UNKNOWN, "connection: no dns")


def test_attempt_succeeded_means_success():
    """Only the outcome `success` is one."""
    assert attempt().succeeded and not attempt(outcome="timeout").succeeded


# --- pictures ---


def test_save_writes_the_bytes_and_returns_the_path(tmp_path):
    """What is saved is what was served, byte for byte."""
    target = tmp_path / "face.png"
    assert FaceImage(b"\x89PNG\x00\xff", picture()).save(str(target)) == target
    assert target.read_bytes() == b"\x89PNG\x00\xff"


@pytest.mark.parametrize("name", ["missing/face.png", ".", "a" * 300, "nul\0byte.png"], ids=repr)
def test_save_to_a_bad_path_is_refused(tmp_path, name):
    """A path that cannot be written draws InvalidInput that names it, and no context with a traceback."""
    with pytest.raises(InvalidInput, match="output path") as caught:
        FaceImage(b"x", picture()).save(tmp_path / name)
    assert caught.value.__suppress_context__


def test_repr_of_a_picture_shows_no_bytes():
    """A repr shows metadata only: pictures of faces do not end in logs."""
    assert "secretpixels" not in repr(FaceImage(b"secretpixels", picture(), (attempt(),)))


@UNHURRIED
@given(st.binary(max_size=100))
def test_sha256_hex(data):
    """It is the SHA-256 in lower-case hex."""
    assert sha256_hex(data) == hashlib.sha256(data).hexdigest()
