"""Hostile files end in verdicts, in bounded time and memory: a monitor must not fall over what it watches."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import hostile
import pytest

from facemon.scoring import default_evaluators

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

# Of the CPU that judging a portrait of 1536x1536 takes. The bound on pixels admits seven times its pixels, and 16 bits
# and four colours of each take twice the time to unpack.
MOST_TIME = 12.0
# Bytes beyond what was there: a picture of 16 million pixels takes 64 MB in Pillow, and there may be a few of it.
MOST_MEMORY = 400 * 2**20


@pytest.fixture(scope="module")
def judged() -> dict[str, dict[str, Any]]:
    """Every file as judged in a process of its own; a warning there is an error."""
    program = [sys.executable, "-W", "error", str(Path(hostile.__file__))]
    done = subprocess.run(program, capture_output=True, timeout=600, check=True)
    assert done.stderr == b""
    lines = [json.loads(line) for line in done.stdout.splitlines() if line]
    return {line["name"]: line for line in lines}


def test_there_are_enough() -> None:
    """Twenty at least: a file that is dropped from the table is missed."""
    assert len(hostile.READABLE) + len(hostile.UNREADABLE) >= 20


@pytest.mark.parametrize("name", hostile.FILES)
def test_each_evaluator_answers(judged: dict[str, dict[str, Any]], name: str) -> None:
    """A score of each, none of which is an evaluator that failed; nothing died."""
    assert name in judged, "the process that judged it died"
    scores = judged[name]["scores"]
    assert [one[0] for one in scores] == [judge.name for judge in default_evaluators()]
    assert [one for one in scores if "the evaluator failed" in one[2]] == []


@pytest.mark.parametrize("name", hostile.UNREADABLE)
def test_what_is_no_picture_has_one_finding(judged: dict[str, dict[str, Any]], name: str) -> None:
    """`decodes` fails with invalid_image and says why; all else is unscored."""
    scores = {one[0]: one[1:] for one in judged[name]["scores"]}
    verdict, reason, error_type = scores.pop("decodes")
    assert (verdict, error_type) == ("failed", "invalid_image") and reason.startswith("does not decode (")
    assert {one[0] for one in scores.values()} == {"unscored"}


@pytest.mark.parametrize("name", hostile.READABLE)
def test_what_a_viewer_shows_is_judged(judged: dict[str, dict[str, Any]], name: str) -> None:
    """Odd, huge or laden with metadata, it is a picture: it decodes."""
    assert ["decodes", "passed", "", None] in judged[name]["scores"]


@pytest.mark.parametrize("name", hostile.FILES)
def test_time_and_memory_are_bounded(judged: dict[str, dict[str, Any]], name: str) -> None:
    """CPU time in proportion to a plain portrait's in the same run, memory in bytes."""
    portrait, found = judged[hostile.PORTRAIT], judged[name]
    assert found["seconds"] <= MOST_TIME * portrait["seconds"], found["seconds"] / portrait["seconds"]
    assert found["bytes"] <= MOST_MEMORY, found["bytes"]
