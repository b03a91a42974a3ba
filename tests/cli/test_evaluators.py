"""`facemon evaluators`: what judges, with what evidence; and the calibration on a folder of one's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import Result

from facemon.calibrating.file import load, save
from facemon.cli.evaluators.listing import NEEDED
from facemon.cli.trouble import Exit
from facemon.config import Settings
from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Answer, Asked, Question
from facemon.simulator.portraits import draw_portrait
from facemon.vision.calibration import UNCALIBRATED, AgeError, Calibration, Threshold
from facemon.vision.subject import Subject
from facemon.vision.trouble import ModelUnavailable
from tests.cli.conftest import Invoke

MINE = Calibration(
    "my faces", AgeError(6.0), 0.02, {"not_blank": Threshold(31, "calibrated on 99 labelled pictures")}
)


@pytest.fixture(scope="module")
def drawn() -> list[Image.Image]:
    """Two portraits."""
    return [draw_portrait(30, "female", 1), draw_portrait(50, "male", 2)]


@pytest.fixture
def faces(drawn: list[Image.Image], tmp_path: Path) -> Path:
    """A folder with two faces, a wall, a broken file, and a file that says nothing; it is `faces` from here."""
    folder = tmp_path / "faces"
    folder.mkdir()
    for name, image in zip(("30-female.jpg", "m_50.jpg"), drawn, strict=True):
        image.save(folder / name, quality=95)
    Image.new("RGB", (300, 300), (90, 120, 130)).save(folder / "40-male-wall.png")
    (folder / "40-female-broken.png").write_bytes(b"no picture")
    (folder / "IMG_0001.png").touch()
    return folder


# --- the list ---


def test_each_evaluator_is_listed_with_its_evidence(invoke: Invoke) -> None:
    """Name, version, weight, the score it fails below or that it informs, basis and source; below, the models and the
    calibration.
    """
    result = invoke("evaluators")
    assert result.exit_code == Exit.OK, result.output
    lines = result.stdout.splitlines()
    for name, kind in EVALUATORS.items():
        (line,) = [line for line in lines if line.startswith(f"{name} ")]
        limit = kind.default_threshold
        assert line.split()[1:3] == [kind.version, f"{kind.weight:g}"]
        assert (f"score {limit.score:.3g} " if limit else "informs") in line
        assert limit is None or limit.basis.split()[0] in line
        assert kind.source.split()[0] in result.stdout
    assert "models: " in result.stderr and "pillow" in result.stderr
    assert "calibration: published figures" in result.stderr


def test_the_list_for_a_program(invoke: Invoke) -> None:
    """The same as JSON, with everything that is said in the table."""
    content = json.loads(invoke("evaluators", "--json").stdout)
    assert [one["name"] for one in content["evaluators"]] == list(EVALUATORS)
    (one,) = [one for one in content["evaluators"] if one["name"] == "prompt_adherence"]
    assert set(one) == {
        "name", "version", "weight", "in_use", "fails_below", "fails_below_unit", "basis", "source", "extra",
        "installed", "needs_setting", "setting_is_set",
    }  # fmt: skip
    assert (one["in_use"], one["fails_below_unit"]) == (True, "score of 0 to 100")
    assert (one["needs_setting"], one["setting_is_set"]) == (None, None)
    assert (one["fails_below"], one["extra"], one["installed"]) == (20, None, True)
    assert content["calibration"]["gender_error"] == 0.027
    assert content["models"]["packages"]["pillow"]


def in_use(invoke: Invoke) -> set[str]:
    """Which of the optional ones a program is told are in use."""
    listed = json.loads(invoke("evaluators", "--json").stdout)["evaluators"]
    assert all(one["in_use"] for one in listed if not one["extra"])
    return {one["name"] for one in listed if one["in_use"] and one["extra"]}


def test_which_optional_ones_are_in_use_is_told(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that the settings name, without loading one; the others with what adds them."""

    class Unloaded(Question):
        """Is there, and must not be made for a list."""

        name, source, extra = "safety", "nowhere", "safety"

        def __init__(self, calibration: Calibration) -> None:
            raise AssertionError

    monkeypatch.setitem(EVALUATORS, "safety", Unloaded)
    monkeypatch.setattr("importlib.metadata.requires", lambda _: [])  # nothing is missing, whoever looks
    assert in_use(invoke) == set()
    assert "in use: the setting evaluators names it" not in (told := invoke("evaluators").stdout)
    assert "not in use: the setting evaluators adds it (FACEMON_EVALUATORS=safety)" in told
    monkeypatch.setenv("FACEMON_EVALUATORS", "safety")
    assert in_use(invoke) == {"safety"}
    told = invoke("evaluators").stdout
    assert "in use: the setting evaluators names it" in told
    assert "(FACEMON_EVALUATORS=safety)" not in told and "(FACEMON_EVALUATORS=ofiq)" in told


def test_one_in_use_that_lacks_something_is_told(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list does not call ready what a run will refuse, and does not stop there: it says what is missing."""
    monkeypatch.setenv("FACEMON_EVALUATORS", "text_similarity")
    assert in_use(invoke) == {"text_similarity"}
    result = invoke("evaluators")
    assert result.exit_code == Exit.OK
    assert "in use, but nothing starts: the setting evaluators names it, and it lacks this" in result.stdout
    assert "needs the setting clip_model (not set: FACEMON_CLIP_MODEL)" in result.stdout


@pytest.mark.parametrize("form", [(), ("--json",)])
def test_a_name_that_is_none_stops_the_list(
    invoke: Invoke, one_error: Callable[[Result], str], monkeypatch: pytest.MonkeyPatch, form: tuple[str, ...]
) -> None:
    """A setting that every run refuses is not passed over here: one sentence with what is accepted, exit code 4."""
    monkeypatch.setenv("FACEMON_EVALUATORS", "safty")
    result = invoke("evaluators", *form)
    said = one_error(result)
    assert "'safty' is not accepted: give ofiq, safety, text_similarity" in said
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")


def test_an_extra_that_is_missing_is_told(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """An optional evaluator is listed, with what must be installed for it, and is not loaded for that."""

    class Far(Question):
        """Needs a package that nobody has."""

        name, source, extra = "far", "nowhere", "far"

        def __init__(self, calibration: Calibration) -> None:
            raise AssertionError

    monkeypatch.setitem(EVALUATORS, "far", Far)
    needs = ["numpy>=2", 'no-such-package[a]>=1 ; extra == "far"', "psycopg>=3; extra == 'postgres'"]
    monkeypatch.setattr("importlib.metadata.requires", lambda _: needs)
    assert "needs facemon[far] (missing: no-such-package)" in invoke("evaluators").stdout
    listed = json.loads(invoke("evaluators", "--json").stdout)["evaluators"]
    absent = [(one["name"], one["extra"]) for one in listed if not (one["installed"] or one["needs_setting"])]
    assert absent == [("far", "far")]


@pytest.mark.parametrize(("folder", "state"), [(None, "not set: FACEMON_CLIP_MODEL"), ("clip", "set")])
def test_a_setting_that_is_needed_is_told(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, folder: str | None, state: str
) -> None:
    """No package brings a CLIP model: without the setting text_similarity is not there, whatever is installed."""
    if folder is not None:
        monkeypatch.setenv("FACEMON_CLIP_MODEL", folder)
    assert f"needs the setting clip_model ({state})" in invoke("evaluators").stdout
    listed = json.loads(invoke("evaluators", "--json").stdout)["evaluators"]
    (one,) = [one for one in listed if one["name"] == "text_similarity"]
    is_set = folder is not None
    assert (one["installed"], one["needs_setting"], one["setting_is_set"]) == (is_set, "clip_model", is_set)


def test_the_settings_that_are_needed_exist() -> None:
    """Evaluator and setting are known under these names."""
    for name, setting in NEEDED.items():
        assert name in EVALUATORS
        assert setting in Settings.model_fields


def test_the_calibration_in_use_is_told(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """FACEMON_CALIBRATION names the file; its thresholds stand in the table, its source below."""
    save(Path("mine.json"), MINE, {})
    monkeypatch.setenv("FACEMON_CALIBRATION", "mine.json")
    result = invoke("evaluators")
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("not_blank ")]
    assert " 31 " in line and "calibrated on 99 labelled pictures" in line
    assert "calibration: my faces" in result.stderr


@pytest.mark.parametrize("content", [None, "", '{"facemon_calibration": 1}'])
def test_a_calibration_that_cannot_be_used_stops(
    invoke: Invoke,
    one_error: Callable[[Result], str],
    monkeypatch: pytest.MonkeyPatch,
    content: str | None,
) -> None:
    """Missing, empty or half: one sentence, exit code 4, and never the published figures in silence."""
    if content is not None:
        Path("mine.json").write_text(content)
    monkeypatch.setenv("FACEMON_CALIBRATION", "mine.json")
    result = invoke("evaluators")
    assert "'mine.json'" in one_error(result)
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")


# --- the calibration ---


def test_a_folder_is_reported(invoke: Invoke, faces: Path) -> None:
    """What can be said of two faces, with intervals, and each file that was skipped; nothing is written."""
    before = {*Path().rglob("*")}
    result = invoke("evaluators", "calibrate", "faces")
    assert result.exit_code == Exit.OK, result.output
    assert "30-female.jpg: 30 years, female" in result.stdout
    assert "2 of 3 (95 %: 9.4% to 99.2%)" in result.stdout
    assert "(2 faces; too few for an interval)" in result.stdout
    assert "2 pictures with one face: a limit that 95 % of good pictures pass needs 59" in result.stdout
    assert "skipped 40-female-broken.png: it does not decode" in result.stderr
    assert "skipped IMG_0001.png: its name says no gender" in result.stderr
    assert "nothing was written: --out FILE keeps it" in result.stderr
    assert before == {*Path().rglob("*")}


def test_a_report_is_kept_and_used(invoke: Invoke, faces: Path) -> None:
    """The file holds what was measured, names the folder without its path, and is what the settings load."""
    result = invoke("evaluators", "calibrate", str(faces), "--out", "mine.json", "--json")
    assert result.exit_code == Exit.OK, result.output
    report = json.loads(result.stdout)
    content = json.loads(Path("mine.json").read_text("utf-8"))
    assert [(one["file"], one["age"], one["gender"]) for one in report["read"]] == [
        ("30-female.jpg", 30, "female"),
        ("40-female-broken.png", 40, "female"),
        ("40-male-wall.png", 40, "male"),
    ]
    assert report["detected"] == content["report"]["detected"]
    assert report["source"] == content["source"] == load("mine.json").source
    assert content["source"].startswith("faces: 2 labelled pictures, 2")
    assert str(faces.parent) not in Path("mine.json").read_text("utf-8")
    assert [one["file"] for one in report["skipped"]] == ["IMG_0001.png", "40-female-broken.png"]
    assert "the calibration is in mine.json" in result.stderr


def test_a_file_is_replaced_only_when_told(
    invoke: Invoke, faces: Path, one_error: Callable[[Result], str]
) -> None:
    """--force, which says that it replaced; without it the answer comes before any picture is judged."""
    Path("mine.json").write_text("precious")
    line = ("evaluators", "calibrate", "faces", "--out", "mine.json")
    assert "--force" in one_error(invoke(*line))
    assert Path("mine.json").read_text() == "precious"
    assert "the calibration replaced mine.json" in invoke(*line, "--force").stderr
    assert load("mine.json").source.startswith("faces")


def test_labels_come_from_a_table(invoke: Invoke, faces: Path) -> None:
    """A face whose name says nothing, and an age that its name does not have."""
    (faces / "labels.csv").write_text("file,age,gender\n30-female.jpg,33,female\n")
    found = invoke("evaluators", "calibrate", "faces", "--labels", "faces/labels.csv", "--json")
    report = json.loads(found.stdout)
    assert report["detected"]["of"] == 1
    assert len(report["skipped"]) == 4


def test_the_evaluators_of_the_settings_judge(
    invoke: Invoke, faces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FACEMON_EVALUATORS adds its own; the calibration in use is not measured again, and may be missing yet."""

    class Extra(Question):
        """An optional evaluator that needs nothing, and says which calibration it was made with."""

        name, source, extra = "safety", "nowhere", "safety"

        def evaluate(self, subject: Subject, asked: Asked) -> Answer:
            assert self.calibration is UNCALIBRATED
            return self.answer(42, 42, "marks", "")

    monkeypatch.setitem(EVALUATORS, "safety", Extra)
    line = ("evaluators", "calibrate", "faces", "--json")
    assert "safety" not in json.loads(invoke(*line).stdout)["scores"]
    monkeypatch.setenv("FACEMON_EVALUATORS", "safety")
    monkeypatch.setenv("FACEMON_CALIBRATION", "not-made-yet.json")
    result = invoke(*line)
    assert result.exit_code == Exit.OK, result.output
    assert json.loads(result.stdout)["scores"]["safety"]["median"] == 42


def test_an_evaluator_that_is_none_stops(
    invoke: Invoke, faces: Path, one_error: Callable[[Result], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The setting is read as everywhere, before any picture is judged."""
    monkeypatch.setenv("FACEMON_EVALUATORS", "safty")
    result = invoke("evaluators", "calibrate", "faces")
    assert "evaluators: 'safty' is not accepted" in one_error(result)
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")


def test_a_name_in_square_brackets_is_shown_as_it_is(invoke: Invoke, faces: Path) -> None:
    """A file's name is no markup, read or skipped."""
    (faces / "30-female.jpg").rename(faces / "[red]30-female.jpg")
    (faces / "IMG_0001.png").rename(faces / "[bold]1.png")
    (faces / "40-male-wall.png").unlink()
    result = invoke("evaluators", "calibrate", "faces")
    assert "[red]30-female.jpg: 30 years, female" in result.stdout
    assert "skipped [bold]1.png: " in result.stderr


def test_without_a_face_there_is_a_report_and_no_file(
    invoke: Invoke, faces: Path, one_error: Callable[[Result], str]
) -> None:
    """Walls tell that no face was found; a calibration made of that is refused."""
    for name in ("30-female.jpg", "m_50.jpg"):
        (faces / name).unlink()
    line = ("evaluators", "calibrate", "faces")
    told = invoke(*line)
    assert told.exit_code == Exit.OK
    assert "0 of 1" in told.stdout and "no face with a labelled age" in told.stdout
    result = invoke(*line, "--out", "mine.json")
    assert "in none of the pictures was exactly one face found: nothing was written" in one_error(result)
    assert result.exit_code == Exit.UNKNOWN
    assert not Path("mine.json").exists()


def test_networks_that_guess_are_refused(
    invoke: Invoke, faces: Path, one_error: Callable[[Result], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder with wrong labels must not make the scores worth nothing."""
    monkeypatch.setattr("facemon.calibrating.study.fit_gender", lambda mistaken, faces: 0.4)
    result = invoke("evaluators", "calibrate", "faces", "--out", "mine.json")
    assert "gender error 40.0% of at most 25%" in one_error(result)
    assert (result.exit_code, Path("mine.json").exists()) == (Exit.UNKNOWN, False)


def test_models_that_are_missing_end_it(
    invoke: Invoke, faces: Path, one_error: Callable[[Result], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence with the cause, not a report in which no face was found."""

    def gone() -> None:
        raise ModelUnavailable("face detector", ImportError("dlib"))

    monkeypatch.setattr("facemon.calibrating.judging.face_finder", gone)
    result = invoke("evaluators", "calibrate", "faces")
    assert "the face detector could not be loaded" in one_error(result)
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "value", "accepted"),
    [
        (("empty",), "'empty'", "no labelled picture"),
        (("broken",), "'broken'", "30-man.png: it does not decode"),
        (("missing",), "'missing'", "a folder that exists"),
        (("empty", "--labels", "missing.csv"), "'missing.csv'", "a CSV file that can be read"),
        (("empty", "--labels", "wrong.csv"), "line 2 'old'", "years from 0 to 120"),
        (("empty", "--out", "missing/c.json"), "'missing'", "a folder that exists"),
        (("empty", "--out", "broken"), "'broken'", "a file, not a folder"),
        ((), "DIR", "Missing argument"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    invoke: Invoke, one_error: Callable[[Result], str], arguments: tuple[str, ...], value: str, accepted: str
) -> None:
    """Value and what is accepted, exit code 4, nothing on stdout."""
    Path("empty").mkdir()
    Path("broken").mkdir()
    Path("broken/30-man.png").write_text("no picture")
    Path("wrong.csv").write_text("file,age,gender\nx.png,old,man\n")
    result = invoke("evaluators", "calibrate", *arguments)
    sentence = one_error(result)
    assert value in sentence and accepted in sentence
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
