"""`facemon generate --count`: a training set."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from facemon.cli.trouble import Exit
from facemon.evaluators.noise import Noise
from facemon.vision.trouble import Unscored
from tests.cli.conftest import Invoke
from tests.cli.test_generate import said, stored


def set_of(count: int, *more: str) -> tuple[str, ...]:
    return ("generate", "--target", "mock", "--count", str(count), *more)


def test_a_set_is_numbered_and_monitored(invoke: Invoke) -> None:
    """N pictures, N records; each file's name says who it is; --seed repeats the choice of ages and genders."""
    result = invoke(*set_of(3, "--seed", "5", "--format", "jpeg"))
    assert result.exit_code == Exit.OK, result.output
    names = sorted(path.name for path in Path("training-set").iterdir())
    assert all(re.fullmatch(r"\d-face-\d0-(fe)?male-\d+\.jpeg", name) for name in names)
    assert len(stored()) == len(names) == 3
    assert said(result, "faces") == "3 of 3"
    assert said(result, "credits") == "9 (0.09 USD), with what may have been charged for nothing"
    assert "each of 3 pictures on core costs 3 credits, together 9" in result.stderr
    invoke(*set_of(3, "--seed", "5", "--format", "jpeg", "--out", "again"))
    assert [name.rpartition("-")[0] for name in names] == sorted(
        path.name.rpartition("-")[0] for path in Path("again").iterdir()
    )


def test_a_set_tells_what_broken_pictures_cost(invoke: Invoke) -> None:
    """A picture that came broken may have been charged: it counts, and one that the service refused does not."""
    broken = invoke(*set_of(3, "--fault", "undecodable_body:on=1", "--out", "one"))
    assert said(broken, "faces") == "2 of 3"
    assert said(broken, "credits").startswith("9 (0.09 USD), ")
    refused = invoke(*set_of(3, "--fault", "moderated:on=1", "--out", "two"))
    assert said(refused, "faces") == "2 of 3"
    assert said(refused, "credits").startswith("6 (0.06 USD), ")


def test_each_picture_that_is_not_sound_is_named(invoke: Invoke) -> None:
    """Who was asked for, the seed, the record and why, in words: without that nobody knows which one to throw away."""
    result = invoke(*set_of(4, "--seed", "5", "--fault", "blank_image:on=2", "--fault", "no_face:on=4"))
    assert result.exit_code == Exit.FAIL
    unsound = [record for record in stored() if record.quality.failed]
    assert len(unsound) == 2
    words = " ".join(result.stdout.split())  # a terminal folds long lines
    assert "not sound 2 of 4: see them before you use them age " in words
    for record in unsound:
        asked, image = record.request_params, record.image
        assert image is not None
        named = f"age {asked.age}, {asked.gender}, seed {image.seed}, record {record.id}: "
        assert named + ", ".join(score.reason for score in record.quality.failed) in words
    for record in set(stored()) - set(unsound):
        assert record.id not in words


def test_a_set_of_sound_pictures_says_nothing_of_others(invoke: Invoke) -> None:
    """No row where there is nothing to look at; and no id of a record that was not kept."""
    assert "not sound" not in invoke(*set_of(1, "--out", "one")).stdout
    blank = invoke(*set_of(1, "--out", "two", "--fault", "blank_image", "--no-record"))
    assert blank.exit_code == Exit.FAIL
    assert re.search(r"not sound +1 of 1: ", blank.stdout)
    assert re.search(r"age \d0, (fe)?male, seed \d+: ", blank.stdout)


def test_a_set_that_was_not_judged_is_unknown(invoke: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures that an evaluator could not judge are no success; how many and why stands in the report."""

    def blind(*_: object) -> None:
        raise Unscored("no model today")

    monkeypatch.setattr(Noise, "evaluate", blind)
    result = invoke(*set_of(2))
    assert result.exit_code == Exit.UNKNOWN
    assert "2 of 2 (noise: no model today)" in " ".join(result.stdout.split())


def test_a_set_never_mixes_with_what_is_there(invoke: Invoke, one_error: Callable[[Result], str]) -> None:
    """A folder that holds something is refused before anything is spent, unless told."""
    Path("faces").mkdir()
    Path("faces/notes.txt").write_text("mine")
    assert "'faces'" in one_error(invoke(*set_of(1, "--out", "faces")))
    assert invoke(*set_of(1, "--out", "faces", "--force")).exit_code == Exit.OK
    assert Path("faces/notes.txt").read_text() == "mine"


def test_a_folder_may_have_any_ending(invoke: Invoke) -> None:
    """A folder's name says nothing of the pictures' format."""
    assert invoke(*set_of(1, "--out", "faces.v2")).exit_code == Exit.OK
    assert [path.suffix for path in Path("faces.v2").iterdir()] == [".png"]


def test_a_set_gives_up_on_a_service_that_only_fails(invoke: Invoke) -> None:
    """After five failures in a row no more is asked: a thousand refusals tell no more than a handful."""
    result = invoke(*set_of(40, "--fault", "moderated"))
    assert result.exit_code == Exit.FAIL
    assert len(stored()) < 20
    assert "too many failures in a row" in result.stdout
    assert "moderated" in result.stdout


def test_a_set_that_could_not_be_seen_is_unknown(invoke: Invoke) -> None:
    """A refused key is not a failure of the service; a budget that ends early keeps what was paid for."""
    assert invoke(*set_of(2, "--fault", "unauthorized", "--out", "one")).exit_code == Exit.UNKNOWN
    result = invoke(*set_of(3, "--max-credits", "3", "--out", "two"))
    assert result.exit_code == Exit.UNKNOWN
    assert len(list(Path("two").iterdir())) == 1
