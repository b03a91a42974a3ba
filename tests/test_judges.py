"""The evaluators that the settings name: which judge, with which thresholds, and what is refused."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from facemon import judges
from facemon.calibrating.file import save
from facemon.config import Settings
from facemon.errors import ConfigError
from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Question
from facemon.judges import (
    OPTIONAL,
    added_names,
    calibration_of,
    descriptor_of,
    evaluators_of,
    forget,
    prepare,
)
from facemon.vision.calibration import UNCALIBRATED, AgeError, Calibration, Threshold
from facemon.vision.descriptors import ClassicalDescriptor
from facemon.vision.trouble import ModelUnavailable

MINE = Calibration("my faces", AgeError(6.0), 0.02, {"not_blank": Threshold(31, "99 labelled pictures")})
DEFAULT = [name for name, kind in EVALUATORS.items() if kind.extra is None]


class Stub(Question):
    """An optional evaluator whose package is there."""

    name, source, extra = "safety", "nowhere", "safety"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No variable of facemon's, and nothing that another test made; nothing is left for others."""
    for name in [*os.environ]:
        if name.startswith("FACEMON_"):
            monkeypatch.delenv(name)
    forget()
    yield
    forget()


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


# --- made once ---


def made(**settings: object) -> object:
    """The stub that these settings bring."""
    return evaluators_of(named(evaluators="safety", **settings))[-1]


def test_an_optional_one_is_made_once_a_process(stub: None) -> None:
    """Monitors and drills of a run share it with its models; a default one costs nothing and is each monitor's own."""
    assert made() is made(attempt_timeout=5)
    assert evaluators_of(named())[0] is not evaluators_of(named())[0]


def test_another_calibration_makes_another(stub: None, calibration: Path) -> None:
    """What is kept never judges by thresholds that the settings do not name; a file made anew is read anew."""
    published = made()
    mine = made(calibration=str(calibration))
    assert isinstance(published, Stub) and isinstance(mine, Stub)
    assert (published.calibration, mine.calibration) == (UNCALIBRATED, MINE)
    assert made(calibration=str(calibration)) is mine
    save(calibration, Calibration("later", AgeError(5.0), 0.01), {})
    later = made(calibration=str(calibration))
    assert isinstance(later, Stub) and later.calibration.source == "later"


def test_another_clip_model_makes_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is read once, and another folder is another model."""
    read: list[Path] = []
    monkeypatch.setattr("facemon.evaluators.text_similarity.Clip", read.append)
    for folder in ("one", "one", "two", "two"):
        evaluators_of(named(evaluators="text_similarity", clip_model=folder))
    assert read == [Path("one"), Path("two")]


def test_two_that_ask_at_once_get_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """While one thread loads, the others wait for it and load nothing themselves."""
    makers: list[str] = []
    loading, go_on = threading.Event(), threading.Event()

    class Slow(Stub):
        def __init__(self, calibration: Calibration) -> None:
            super().__init__(calibration)
            makers.append(threading.current_thread().name)
            loading.set()
            assert go_on.wait(10)

    monkeypatch.setitem(EVALUATORS, "safety", Slow)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(made())) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert loading.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert len(makers) == 1
    assert len(found) == 3 and found[0] is found[1] is found[2]


def test_what_failed_is_tried_again(stub: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that was installed meanwhile is found: a failure is not kept."""
    monkeypatch.setattr(Stub, "__init__", lambda *_: (_ for _ in ()).throw(ConfigError("not there")))
    with pytest.raises(ConfigError, match="not there"):
        made()
    monkeypatch.undo()
    monkeypatch.setitem(EVALUATORS, "safety", Stub)
    assert isinstance(made(), Stub)


def test_forget_lets_go(stub: None) -> None:
    """After it nothing is kept: the next call makes another."""
    first = made()
    forget()
    assert made() is not first


def test_the_descriptor_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network of an optional one is loaded once, however many sets are compared."""
    assert descriptor_of(named()) is descriptor_of(named())


# --- refused before anything is paid for ---


def test_names_are_judged_without_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who only wants to know what is named pays for no model, and is refused the same way."""
    monkeypatch.setattr(Stub, "__init__", lambda *_: pytest.fail("it was made"))
    monkeypatch.setitem(EVALUATORS, "safety", Stub)
    assert added_names(named(evaluators="safety,ofiq,safety")) == ("safety", "ofiq")
    with pytest.raises(ConfigError, match="'nobody' is not accepted"):
        added_names(named(evaluators="ofiq,nobody"))


def test_what_is_prepared_is_what_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is loaded a second time when the first picture comes."""
    count: list[str] = []

    class Counted(Stub):
        def __init__(self, calibration: Calibration) -> None:
            super().__init__(calibration)
            count.append("evaluator")

    class Other(ClassicalDescriptor):
        def __init__(self) -> None:
            count.append("descriptor")

    monkeypatch.setitem(EVALUATORS, "safety", Counted)
    monkeypatch.setitem(judges.DESCRIPTORS, "identity", Other)
    settings = named(evaluators="safety", descriptor="identity")
    prepare(settings)
    assert count == ["evaluator", "descriptor"]
    evaluators_of(settings)
    descriptor_of(settings)
    assert count == ["evaluator", "descriptor"]


def test_a_descriptor_that_does_not_load_is_refused_like_a_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged network is heard before the first picture, in one sentence that names the setting."""

    def damaged() -> None:
        raise ModelUnavailable("identity network", OSError("damaged"))

    monkeypatch.setitem(judges.DESCRIPTORS, "identity", damaged)
    with pytest.raises(ConfigError, match=r"^descriptor identity: the identity network could not be loaded"):
        prepare(named(descriptor="identity"))
