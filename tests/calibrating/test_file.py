"""The file: what is written is read again, and anything else is refused in one sentence that says where."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from facemon.calibrating import file as file_module
from facemon.calibrating.adjustable import adjustable
from facemon.calibrating.file import load, save
from facemon.errors import ConfigError
from facemon.evaluators import EVALUATORS
from facemon.scoring import default_evaluators
from facemon.vision.calibration import UNCALIBRATED, AgeError, Calibration, Threshold
from facemon.vision.models import MODELS_VERSION

MINE = Calibration(
    "faces: 240 labelled pictures, 2026-03-01",
    AgeError(6.25, {20: 1.5, 30: -0.5}),
    0.031,
    {"not_blank": Threshold(31.5, "calibrated on 240 labelled pictures")},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A sound file."""
    save(tmp_path / "mine.json", MINE, {"detected": {"hits": 240, "of": 240}})
    return tmp_path / "mine.json"


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> str:
    """The sentence that refuses the file after a change."""
    content = json.loads(path.read_text("utf-8"))
    change(content)
    path.write_text(json.dumps(content))
    return refused(path)


def refused(path: Path) -> str:
    """The sentence, which names the file."""
    with pytest.raises(ConfigError) as caught:
        load(path)
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    return sentence


def test_what_was_written_is_read(path: Path) -> None:
    """Every figure comes back, and the evaluators judge by it."""
    assert load(path) == load(str(path)) == MINE
    by_name = {one.name: one for one in default_evaluators(load(path))}
    assert by_name["not_blank"].threshold == MINE.thresholds["not_blank"]
    assert by_name["not_blurred"].threshold == EVALUATORS["not_blurred"]().threshold


def test_it_says_which_models_and_evaluators_made_it(path: Path) -> None:
    """The version of each evaluator stands in it, also of those without a threshold of its own there."""
    content = json.loads(path.read_text("utf-8"))
    assert content["models"]["version"] == MODELS_VERSION
    assert content["evaluators"] == {name: kind.version for name, kind in EVALUATORS.items()}
    save(path, replace(MINE, thresholds={}), {})
    assert json.loads(path.read_text("utf-8"))["evaluators"] == content["evaluators"]


def test_a_file_without_the_versions_of_evaluators_is_read(path: Path) -> None:
    """There are such files; each threshold has the version that counts."""
    content = json.loads(path.read_text("utf-8"))
    del content["evaluators"]
    path.write_text(json.dumps(content))
    assert load(path) == MINE


@pytest.mark.parametrize(
    ("published", "kept", "absent"),
    [({"age": UNCALIBRATED.age}, "gender_error", "age"), ({"gender_error": 0.027}, "age", "gender_error")],
)
def test_what_was_not_measured_is_not_in_the_file(
    path: Path, published: dict[str, Any], kept: str, absent: str
) -> None:
    """Null there, and the published error for whoever reads it."""
    half = replace(MINE, **published)
    save(path, half, {})
    content = json.loads(path.read_text("utf-8"))
    assert content[absent] is None
    assert content[kept] is not None
    assert load(path) == half


def test_a_file_is_there_whole_or_not_at_all(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where writing ends half way, the old file stays as it was and nothing is left beside it."""
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError):
        save(path, MINE, {})
    assert path.read_bytes() == before
    assert [*path.parent.iterdir()] == [path]


def test_a_figure_that_json_cannot_hold_is_not_written(tmp_path: Path) -> None:
    """No NaN in a file that others read."""
    with pytest.raises(ValueError):
        save(tmp_path / "new.json", MINE, {"mean": float("nan")})
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        (lambda c: c.pop("age"), ["age is missing"]),
        (lambda c: c.update(evaluators={"age": 1}), ["evaluators.age 1", "a valid string"]),
        (lambda c: c["age"].pop("spread"), ["age.spread is missing"]),
        (lambda c: c.pop("models"), ["models is missing"]),
        (lambda c: c["age"].update(spread="7"), ["age.spread '7'", "a valid number"]),
        (lambda c: c["age"].update(spread=0), ["age.spread 0", "greater than 0"]),
        (lambda c: c["age"].update(spread=26), ["age.spread 26", "less than or equal to 25"]),
        (lambda c: c["age"]["bias"].update({"25": 1.0}), ["age.bias.25", "'20'"]),
        (lambda c: c["age"]["bias"].update({"20": None}), ["age.bias.20 None", "a valid number"]),
        (lambda c: c.update(gender_error=0.3), ["gender_error 0.3", "less than or equal to 0.25"]),
        (lambda c: c.update(gender_error=True), ["gender_error True"]),
        (lambda c: c.update(facemon_calibration=2), ["facemon_calibration 2", "give 1"]),
        (lambda c: c.update(notes="mine"), ["notes is no part of a calibration"]),
        (lambda c: c["thresholds"]["not_blank"].update(score=101), ["thresholds.not_blank.score 101", "100"]),
        (lambda c: c["thresholds"]["not_blank"].update(basis=""), ["thresholds.not_blank.basis ''"]),
        (
            lambda c: c["thresholds"].update(not_blnk=c["thresholds"]["not_blank"]),
            ["thresholds.not_blnk is no evaluator", "not_blank, "],
        ),
        (
            lambda c: c["thresholds"]["not_blank"].update(version="0"),
            ["thresholds.not_blank was made for version 0", "facemon evaluators calibrate DIR --out FILE"],
        ),
        (
            lambda c: c["models"].update(version="others 1"),
            ["other models (others 1, package ", "facemon evaluators calibrate DIR --out FILE"],
        ),
        (lambda c: c["models"].update(package="0.9"), ["other models", "package 0.9; here: "]),
        (lambda c: c["models"].update(package=None), ["other models", "package missing; here: "]),
    ],
)
def test_a_wrong_place_is_named(
    path: Path, change: Callable[[dict[str, Any]], object], parts: list[str]
) -> None:
    """The file, the place in it, what stands there, and what is accepted or what to do."""
    sentence = changed(path, change)
    for part in parts:
        assert part in sentence, sentence


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "it is no JSON"),
        (b"{", "it is no JSON"),
        (b"\xff\xfe", "cannot be read: it is not UTF-8 text"),
        (b"[]", "its content []"),
        (b"null", "its content None"),
        (b"{}", "facemon_calibration is missing"),
        (b'{"facemon_calibration": 1' + b"0" * 5000 + b"}", "it is no JSON"),
    ],
)
def test_what_is_no_calibration_is_refused(path: Path, content: bytes, part: str) -> None:
    """Any other file, cut off, empty or foreign."""
    path.write_bytes(content)
    assert part in refused(path)


def test_infinity_is_no_figure(path: Path) -> None:
    """Python's own JSON would let it through."""
    path.write_text(path.read_text("utf-8").replace("6.25", "Infinity"))
    assert "spread" in refused(path) or "JSON" in refused(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """A missing one, and a folder."""
    assert refused(tmp_path / "missing.json").endswith("cannot be read: it does not exist")
    assert refused(tmp_path).endswith("cannot be read: it is a folder, not a file")


@pytest.mark.parametrize("name", sorted(set(EVALUATORS) - set(adjustable())))
def test_a_threshold_that_no_calibration_sets_is_refused(path: Path, name: str) -> None:
    """Yes or no, what informs, what follows from the errors: named with what is accepted, and never half obeyed."""
    threshold = {"score": 30, "basis": "by hand", "version": EVALUATORS[name].version}
    sentence = changed(path, lambda content: content["thresholds"].update({name: threshold}))
    assert f"thresholds.{name} cannot be set: give not_blank, not_blurred, " in sentence
    assert name not in sentence.partition("give ")[2].split(", ")


def test_these_thresholds_are_no_calibrations() -> None:
    """The rule by name, so that it cannot empty the test above."""
    fixed = {"decodes", "format", "size", "face_count", "age", "gender", "prompt_adherence"}
    informing = {"background", "illumination", "natural_colour", "ofiq", "text_similarity"}
    assert not (fixed | informing) & set(adjustable())


@pytest.mark.parametrize("name", ["a\0b", "~nobody-of-that-name/mine.json"])
def test_a_name_that_cannot_be_a_file_is_refused(name: str) -> None:
    """One ConfigError, whatever the operating system or the look-up of a home says."""
    with pytest.raises(ConfigError, match=r"^the calibration file .* cannot be read: "):
        load(name)


def test_the_version_of_the_package_counts(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another release may hold other weights: its scores were never compared with any label."""
    monkeypatch.setattr(file_module, "installed_version", lambda _: "99.0")
    assert f"here: {MODELS_VERSION}, package 99.0" in refused(path)
