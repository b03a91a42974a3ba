"""`facemon evaluators calibrate`: the report, the file, and every refusal in one sentence."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import Result

from facemon.calibrating.file import load
from facemon.cli.trouble import Exit
from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Answer, Asked, Question
from facemon.simulator.portraits import draw_portrait
from facemon.vision.calibration import UNCALIBRATED
from facemon.vision.subject import Subject
from facemon.vision.trouble import ModelUnavailable
from tests.cli.conftest import Invoke


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


@pytest.fixture
def enough(faces: Path) -> Path:
    """The same folder with five faces: the fewest that measure an error."""
    for number in (1, 2, 3):
        shutil.copy(faces / "30-female.jpg", faces / f"face-30-female-{number}.jpg")
    return faces


def test_a_folder_is_reported(invoke: Invoke, faces: Path) -> None:
    """What can be said of two faces, on how many pictures it rests, and what was left out; nothing is written."""
    before = {*Path().rglob("*")}
    result = invoke("evaluators", "calibrate", "faces")
    assert result.exit_code == Exit.OK, result.output
    assert "30-female.jpg: 30 years, female" in result.stdout
    assert (
        "4 labelled, 3 decode, 2 with exactly one face; of these 2 with a labelled age, 2 with"
        in result.stdout
    )
    assert "2 of 3 (95 %: 9.4% to 99.2%) pictures that decode" in result.stdout
    assert "(2 pictures; too few for an interval)" in result.stdout
    assert "the published 7 years stays; too few pictures with a labelled age (2 of 2 agree" in result.stdout
    assert "the published 2.7% stays; too few pictures with a labelled gender (2 of 2" in result.stdout
    assert "2 pictures with one face: a limit that 95 % of good pictures pass needs 59" in result.stdout
    assert "left out 40-female-broken.png: it does not decode" in result.stderr
    assert "left out 40-male-wall.png: no face was found" in result.stderr
    assert "left out IMG_0001.png: its name says no gender" in result.stderr
    assert "nothing was written: --out FILE keeps it" in result.stderr
    assert before == {*Path().rglob("*")}


def test_ten_files_are_named_and_the_rest_is_counted(invoke: Invoke, faces: Path) -> None:
    """On the screen; a program is told all of them."""
    for number in range(20):
        (faces / f"note-{number}.txt").touch()
    told = invoke("evaluators", "calibrate", "faces").stderr
    assert told.count("left out ") == 10
    assert "and 13 more: --json names them all" in told
    assert len(json.loads(invoke("evaluators", "calibrate", "faces", "--json").stdout)["left_out"]) == 23


def test_a_report_is_kept_and_used(invoke: Invoke, enough: Path) -> None:
    """The file holds what was measured, names the folder without its path, and is what the settings load."""
    result = invoke("evaluators", "calibrate", str(enough), "--out", "mine.json", "--json")
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
    assert content["source"].startswith("faces: 5 of 6 pictures with exactly one face, 2")
    assert content["age"] and content["gender_error"] and content["evaluators"]["not_blank"]
    assert str(enough.parent) not in Path("mine.json").read_text("utf-8")
    left_out = ["IMG_0001.png", "40-female-broken.png", "40-male-wall.png"]
    assert [one["file"] for one in report["left_out"]] == left_out
    assert "the calibration is in mine.json" in result.stderr
    assert "without its own error" not in result.stderr


def test_what_is_not_in_the_file_is_told(invoke: Invoke, enough: Path) -> None:
    """Five genders and one age: the age stays as it is published, null in the file, with the reason."""
    rows = [f"face-30-female-{number}.jpg,,female" for number in (1, 2, 3)]
    lines = ["file,age,gender", *rows, "30-female.jpg,30,f", "m_50.jpg,,m"]
    Path("l.csv").write_text("\n".join(lines))
    result = invoke("evaluators", "calibrate", "faces", "--labels", "l.csv", "--out", "mine.json")
    assert result.exit_code == Exit.OK, result.output
    assert "without its own error of age: too few pictures with a labelled age (1 of 1 agree" in result.stderr
    assert "error of gender" not in result.stderr
    assert json.loads(Path("mine.json").read_text("utf-8"))["age"] is None
    assert load("mine.json").age == UNCALIBRATED.age


@pytest.mark.parametrize(("swap", "reason"), [(True, "the labels contradict"), (False, "too few pictures")])
def test_three_pictures_calibrate_nothing(
    invoke: Invoke, enough: Path, one_error: Callable[[Result], str], swap: bool, reason: str
) -> None:
    """Labels that are all wrong contradict the networks; right ones are too few. What to check is told."""
    few = Path("few")
    few.mkdir()
    for number in (1, 2, 3):
        name = f"70-male-{number}.jpg" if swap else f"30-female-{number}.jpg"
        shutil.copy(enough / f"face-30-female-{number}.jpg", few / name)
    result = invoke("evaluators", "calibrate", "few", "--out", "mine.json")
    sentence = one_error(result)
    assert reason in sentence and "nothing was written" in sentence
    assert (result.exit_code, Path("mine.json").exists()) == (Exit.UNKNOWN, False)
    assert ("70-male-1.jpg is labelled 70, male, and the network says 3" in result.stderr) is swap
    assert "next: " in result.stderr


def test_a_file_is_replaced_only_when_told(
    invoke: Invoke, enough: Path, one_error: Callable[[Result], str]
) -> None:
    """--force, which says that it replaced; without it the answer comes before any picture is judged."""
    Path("mine.json").write_text("precious")
    line = ("evaluators", "calibrate", "faces", "--out", "mine.json")
    assert "--force" in one_error(invoke(*line))
    assert Path("mine.json").read_text() == "precious"
    assert "the calibration replaced mine.json" in invoke(*line, "--force").stderr
    assert load("mine.json").source.startswith("faces")


def test_a_disk_without_room_is_told_in_words(
    invoke: Invoke, enough: Path, one_error: Callable[[Result], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the report, which was not for nothing; no number of the operating system."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("facemon.calibrating.file.save", full)
    result = invoke("evaluators", "calibrate", "faces", "--out", "mine.json")
    assert one_error(result).endswith("give a file that can be written (there is no room left)")
    assert "one face found in" in result.stdout


def test_labels_come_from_a_table(invoke: Invoke, faces: Path) -> None:
    """A face whose name says nothing, an age that its name does not have; a lost line is named with its number."""
    (faces / "labels.csv").write_text("file,age,gender\n30-female.jpg,33,female\nlost.png,3,f\n")
    found = invoke("evaluators", "calibrate", "faces", "--labels", "faces/labels.csv", "--json")
    report = json.loads(found.stdout)
    assert report["detected"]["of"] == 1
    assert report["left_out"][0]["file"] == "lost.png"
    assert "line 3 of labels.csv names it" in report["left_out"][0]["reason"]
    assert [one["reason"] for one in report["left_out"][1:]] == ["no line of labels.csv names it"] * 4


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
    assert "left out [bold]1.png: " in result.stderr


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
        (
            ("empty", "--labels", "missing.csv"),
            "'missing.csv'",
            "a CSV file that can be read (it does not exist)",
        ),
        (("empty", "--labels", "bytes.csv"), "'bytes.csv'", "can be read (it is not UTF-8 text)"),
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
    Path("bytes.csv").write_bytes(b"\xff")
    Path("wrong.csv").write_text("file,age,gender\nx.png,old,man\n")
    result = invoke("evaluators", "calibrate", *arguments)
    sentence = one_error(result)
    assert value in sentence and accepted in sentence
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
