"""The evaluators that the settings name: which judge, with which thresholds, and what is refused."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from facemon import judges
from facemon.calibrating.file import save
from facemon.config import Settings
from facemon.errors import ConfigError
from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Question
from facemon.judges import OPTIONAL, calibration_of, descriptor_of, evaluators_of
from facemon.vision.calibration import UNCALIBRATED, AgeError, Calibration, Threshold
from facemon.vision.descriptors import ClassicalDescriptor

MINE = Calibration("my faces", AgeError(6.0), 0.02, {"not_blank": Threshold(31, "99 labelled pictures")})
DEFAULT = [name for name, kind in EVALUATORS.items() if kind.extra is None]


class Stub(Question):
    """An optional evaluator whose package is there."""

    name, source, extra = "safety", "nowhere", "safety"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable of facemon's."""
    for name in [*os.environ]:
        if name.startswith("FACEMON_"):
            monkeypatch.delenv(name)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> None:
    """`safety` needs no package."""
    monkeypatch.setitem(EVALUATORS, "safety", Stub)


@pytest.fixture
def calibration(tmp_path: Path) -> Path:
    """A calibration file."""
    path = tmp_path / "mine.json"
    save(path, MINE, {})
    return path


def named(**settings: object) -> Settings:
    """Settings with these values, and the defaults for all others."""
    return Settings.load(high=settings)


def test_by_default_all_judge_that_need_nothing_more() -> None:
    """In the table's order, without the optional ones, by published figures."""
    found = evaluators_of(named())
    assert [evaluator.name for evaluator in found] == DEFAULT
    assert not set(DEFAULT) & set(OPTIONAL)
    assert calibration_of(named()) is UNCALIBRATED


def test_an_optional_one_judges_after_the_others(stub: None) -> None:
    """What the settings add comes last: a report that can name one fault names a default one first."""
    found = evaluators_of(named(evaluators="safety"))
    assert [evaluator.name for evaluator in found] == [*DEFAULT, "safety"]


def test_a_name_given_twice_judges_once(stub: None) -> None:
    """Two scores of one name on one record would contradict the store."""
    found = evaluators_of(named(evaluators="safety, safety"))
    assert [evaluator.name for evaluator in found].count("safety") == 1


@pytest.mark.parametrize("name", ["nobody", "age", "Safety"])
def test_another_name_is_refused_in_one_sentence(name: str) -> None:
    """Unknown, or one that always runs: what was given and what is accepted."""
    with pytest.raises(ConfigError) as refusal:
        evaluators_of(named(evaluators=name))
    said = str(refusal.value)
    assert said.startswith(f"evaluators: {name!r} is not accepted: give ofiq, safety, text_similarity")
    assert "\n" not in said


def test_the_calibration_file_is_every_evaluators(stub: None, calibration: Path) -> None:
    """Its thresholds replace the published ones, its errors reach all of them, the optional ones too."""
    found = {e.name: e for e in evaluators_of(named(calibration=str(calibration), evaluators="safety"))}
    assert found["not_blank"].threshold == MINE.thresholds["not_blank"]
    assert found["face_count"].threshold == EVALUATORS["face_count"].default_threshold
    for name in ("prompt_adherence", "safety"):
        judge = found[name]
        assert isinstance(judge, Question)
        assert judge.calibration == MINE


def test_a_calibration_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Published figures never stand in for a file that was named."""
    with pytest.raises(ConfigError, match=r"calibration file '.*none\.json' cannot be read"):
        evaluators_of(named(calibration=str(tmp_path / "none.json")))


def test_text_similarity_needs_a_model_to_be_named() -> None:
    """Without one it is refused with the setting to set; with one, that folder is looked into."""
    with pytest.raises(ConfigError, match="set FACEMON_CLIP_MODEL"):
        evaluators_of(named(evaluators="text_similarity"))
    with pytest.raises(ConfigError, match="the CLIP model in nowhere cannot be loaded"):
        evaluators_of(named(evaluators="text_similarity", clip_model="nowhere"))


@pytest.mark.parametrize(
    ("name", "package"), [("ofiq", "ofiq"), ("safety", "nudenet"), ("identity", "face_recognition_models")]
)
def test_a_missing_package_is_refused_with_what_to_install(
    name: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence with the extra that brings it, not an ImportError."""
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    settings = named(descriptor=name) if name == "identity" else named(evaluators=name)
    with pytest.raises(ConfigError, match=rf"facemon\[{name}\]"):
        (evaluators_of(settings), descriptor_of(settings))


def test_the_descriptor_is_the_one_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """The classical one by default; another by its name."""
    assert isinstance(descriptor_of(named()), ClassicalDescriptor)

    class Other(ClassicalDescriptor):
        pass

    monkeypatch.setitem(judges.DESCRIPTORS, "identity", Other)
    assert isinstance(descriptor_of(named(descriptor="identity")), Other)
    with pytest.raises(ConfigError, match="classical or identity"):
        named(descriptor="astrology")
