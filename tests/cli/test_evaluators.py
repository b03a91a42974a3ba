"""`facemon evaluators`: what judges, with what evidence, under which calibration."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from facemon.calibrating.file import save
from facemon.cli.evaluators.listing import NEEDED
from facemon.cli.trouble import Exit
from facemon.config import Settings
from facemon.evaluators import EVALUATORS
from facemon.evaluators.base import Question
from facemon.vision.calibration import AgeError, Calibration, Threshold
from tests.cli.conftest import Invoke

MINE = Calibration(
    "my faces", AgeError(6.0), 0.02, {"not_blank": Threshold(31, "calibrated on 99 labelled pictures")}
)


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
