"""What a check leaves in JUnit and in Allure, and what it must not leave there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.plugin.test_bench import everything, records, run

CHECKS = """
async def test_a_face(facemon, facemon_request):
    await facemon.generate(facemon_request)

async def test_retried(facemon):
    await facemon.generate(age=30, gender="male", seed=1234567)

async def test_plain():
    pass
"""
CANARY = "c4n4ryQx7vWz2KpLr9TnB4mHs8YdF6Jg"
FAULT = ("--facemon-fault", "rate_limited_with_retry_after:on=2,times=1")


@pytest.fixture
def canary(monkeypatch: pytest.MonkeyPatch) -> str:
    """The key that the run makes up for its simulator."""
    monkeypatch.setattr("facemon.plugin.run.secrets.token_hex", lambda _: CANARY)
    monkeypatch.setattr("facemon.simulator.core.draw_latency", lambda *_: 0.0)
    return CANARY


def properties(case: ET.Element) -> dict[str, list[str]]:
    """A test case's properties by name."""
    found: dict[str, list[str]] = {}
    for entry in case.iter("property"):
        found.setdefault(entry.attrib["name"], []).append(entry.attrib["value"])
    return found


def fragments(key: str) -> list[str]:
    """Every piece of 8 characters."""
    return [key[start : start + 8] for start in range(len(key) - 7)]


def leaks(folder: Path, key: str) -> list[str]:
    """The files below a folder that hold a piece of the key."""
    pieces = [piece.encode() for piece in fragments(key)]
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(piece in path.read_bytes() for piece in pieces)
    ]


def test_junit_carries_the_figures_of_each_generation(pytester: pytest.Pytester, canary: str) -> None:
    """Valid XML; each check's record id, response time, attempts and outcome as properties, others have none."""
    assert run(pytester, CHECKS, "--junitxml=junit.xml", "--facemon-samples", "2").ret == 10
    cases = {case.attrib["name"]: properties(case) for case in ET.parse("junit.xml").iter("testcase")}
    kept = {record.id: record for record in records(pytester.path)}
    assert len(kept) == 3
    assert not cases.pop("test_plain")
    for said in cases.values():
        record = kept.pop(said["facemon_record"][0])
        assert float(said["facemon_response_time"][0]) == pytest.approx(
            record.performance.response_time, abs=1e-3
        )
        assert said["facemon_attempts"] == ["1"]
        assert said["facemon_outcome"] == ["success"]
    assert not kept
    assert not leaks(pytester.path, canary)


def test_junit_carries_each_objective_with_its_verdict(pytester: pytest.Pytester, canary: str) -> None:
    """As properties of the whole file: those of the run, and a check's with its name in front."""
    source = """
import pytest

@pytest.mark.facemon(objectives=["response_time.p50 <= 60s"])
async def test_it(facemon, facemon_request):
    await facemon.generate(facemon_request)
"""
    objective = "--facemon-objective=success_rate >= 60%"
    run(pytester, source, objective, "--junitxml=junit.xml", "--facemon-samples", "6")
    entries = [entry for group in ET.parse("junit.xml").findall(".//testsuite/properties") for entry in group]
    said = {entry.attrib["name"]: entry.attrib["value"] for entry in entries}
    assert said["facemon_verdict"] == "pass"
    assert said["facemon_objective: success_rate >= 60%"] == "pass"
    assert said["facemon_objective: test_it.py::test_it: response_time.p50 <= 60s"] == "pass"


def test_junit_carries_failures_too(pytester: pytest.Pytester, canary: str) -> None:
    """A generation that failed has its record, its attempts and its error type in the file as well."""
    source = "async def test_it(facemon):\n    await facemon.generate(age=30, gender='male')\n"
    run(pytester, source, "--junitxml=junit.xml", "--facemon-fault", "moderated")
    (case,) = ET.parse("junit.xml").iter("testcase")
    said = properties(case)
    assert said["facemon_outcome"] == ["moderated"]
    assert said["facemon_record"] == [records(pytester.path)[0].id]
    assert not leaks(pytester.path, canary)


def allure_results(folder: Path) -> dict[str, Any]:
    """Allure's results by the check's name."""
    results = [json.loads(path.read_text()) for path in folder.glob("*-result.json")]
    return {result["name"]: result for result in results}


def attachments(result: dict[str, Any]) -> list[dict[str, str]]:
    """All attachments of a result, wherever in it they hang."""
    found = list(result.get("attachments", ()))
    for step in result.get("steps", ()):
        found += attachments(step)
    return found


def test_allure_carries_picture_attempts_and_a_curl_line(pytester: pytest.Pytester, canary: str) -> None:
    """Each check: its picture, its metadata, and each attempt with its curl line, named by who was asked for."""
    run(pytester, CHECKS, "--alluredir=allure", "--facemon-samples", "1", *FAULT)
    folder = pytester.path / "allure"
    result = allure_results(folder)["test_retried"]
    assert {entry["name"].partition(": ")[0] for entry in attachments(result)} == {"30 male seed 1234567"}
    found = {entry["name"].partition(": ")[2]: entry for entry in attachments(result)}
    assert set(found) == {
        "picture, made smaller",
        "metadata and attempts",
        "attempt 1, request and response",
        "attempt 1, as a curl line",
        "attempt 2, request and response",
        "attempt 2, as a curl line",
    }
    text = {name: (folder / entry["source"]).read_bytes() for name, entry in found.items()}
    assert found["picture, made smaller"]["type"] == "image/jpeg"
    assert text["picture, made smaller"].startswith(b"\xff\xd8")
    metadata = json.loads(text["metadata and attempts"])
    assert not metadata["quality"]["pending"]
    assert metadata["requestParams"]["seed"] == 1234567
    assert b"429" in text["attempt 1, request and response"]
    assert b"1234567" in text["attempt 2, request and response"]
    curl = text["attempt 2, as a curl line"].decode()
    assert curl.startswith("curl ")
    assert '"authorization: Bearer $STABILITY_API_KEY"' in curl
    assert not leaks(pytester.path, canary)
    assert "attachments" not in allure_results(folder)["test_plain"]


def test_allure_keeps_its_history(pytester: pytest.Pytester, canary: str) -> None:
    """No seed, no latency and no id among the parameters: two runs have the same ones, and the same history."""
    for folder in ("first", "second"):
        run(pytester, CHECKS, f"--alluredir={folder}", "--facemon-samples", "12")
    first, second = (allure_results(pytester.path / folder) for folder in ("first", "second"))
    assert len(first) == 14
    for name, result in first.items():
        assert result["historyId"] == second[name]["historyId"]
        assert result.get("parameters") == second[name].get("parameters")
        said = " ".join(entry["name"] + entry["value"] for entry in result.get("parameters", ()))
        assert not re.search(r"\d{7,}|\d\.\d{2,}|response_time|latency", said)


def test_without_allure_nothing_is_attached(pytester: pytest.Pytester, canary: str) -> None:
    """No --alluredir, no Allure: no folder, and a run without its plugin works."""
    result = run(pytester, CHECKS, "-p", "no:allure_pytest", "--facemon-samples", "1")
    assert result.parseoutcomes() == {"passed": 3}
    assert not [path for path in pytester.path.iterdir() if "allure" in path.name]


@pytest.mark.parametrize("fault", ["moderated", "unauthorized", "undecodable_body"])
def test_a_failing_check_shows_no_key(pytester: pytest.Pytester, canary: str, fault: str) -> None:
    """Terminal with --showlocals, JUnit, Allure, database and error log: no piece of the key, in either API."""
    options = ("--showlocals", "--junitxml=junit.xml", "--alluredir=allure", "--log-level=DEBUG")
    for provider in ("stability_v2beta", "stability_v1"):
        if (provider, fault) == ("stability_v1", "moderated"):
            continue
        result = run(
            pytester,
            CHECKS,
            *options,
            "--facemon-samples=1",
            "--facemon-fault",
            fault,
            f"--facemon-provider={provider}",
        )
        assert result.ret in (1, 11)
        text = everything(result)
        assert not [piece for piece in fragments(canary) if piece in text]
    assert not leaks(pytester.path, canary)
