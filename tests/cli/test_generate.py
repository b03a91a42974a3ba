"""`facemon generate`: the file, what is said of it, and an exit code that does not lie."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import Result

from facemon.cli import saving
from facemon.cli.trouble import Exit
from facemon.errors import StoreError
from facemon.model import MonitoringData, sha256_hex
from facemon.store import RecordStore
from tests.cli.conftest import Invoke
from tests.cli.test_app import SCRIPT

FACE = ("generate", "--target", "mock", "--age", "30", "--gender", "female")


@pytest.fixture(autouse=True)
def patient(alone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests is not a slow service."""
    monkeypatch.setenv("FACEMON_RESPONSE_TIME_LIMIT", "600")


def stored() -> list[MonitoringData]:
    async def read() -> list[MonitoringData]:
        async with await RecordStore.open(".facemon/facemon.db", read_only=True) as store:
            return await store.records()

    return asyncio.run(read())


def said(result: Result, name: str) -> str:
    """The value of a line of the table."""
    return next(line[len(name) :].strip() for line in result.stdout.splitlines() if line.startswith(name))


def test_a_face_comes_into_a_file_with_its_metadata(invoke: Invoke) -> None:
    """The file holds the bytes served, its name says who it is, and the table says what is known of it."""
    result = invoke(*FACE)
    assert result.exit_code == Exit.OK, result.output
    seed = said(result, "seed")
    path = Path(f"face-30-female-{seed}.png")
    assert said(result, "file") == path.name
    assert said(result, "SHA-256") == sha256_hex(path.read_bytes())
    assert said(result, "size").startswith("1536 × 1536 pixels, png")
    assert said(result, "credits") == "3 (0.03 USD)"
    assert said(result, "finish reason") == "SUCCESS"
    for name in (
        "provider",
        "request id",
        "time",
        "attempts",
        "quality",
        "passed",
        "state",
        "prompt",
        "record",
    ):
        assert said(result, name)
    assert "one picture on core costs 3 credits (play money)" in result.stderr


def test_it_is_monitored(invoke: Invoke) -> None:
    """Its record is in the store, with its scores, under the id that was printed."""
    result = invoke(*FACE, "--seed", "12")
    (record,) = stored()
    assert said(result, "record") == record.id
    assert record.request_params.seed == 12
    assert record.quality.scores
    assert not record.quality.pending


def test_no_record_keeps_none(invoke: Invoke) -> None:
    """With --no-record no store is made."""
    assert invoke(*FACE, "--no-record").exit_code == Exit.OK
    assert not Path(".facemon").exists()


def test_the_format_follows_the_files_ending(invoke: Invoke) -> None:
    """`--out face.webp` asks for WebP; a folder takes the default name."""
    Path("faces").mkdir()
    assert invoke(*FACE, "--out", "face.webp", "--aspect-ratio", "21:9").exit_code == Exit.OK
    with Image.open("face.webp") as picture:
        assert (picture.format, picture.size) == ("WEBP", (2304, 960))
    assert invoke(*FACE, "--out", "faces").exit_code == Exit.OK
    assert len(list(Path("faces").glob("face-30-female-*.png"))) == 1


def test_nothing_is_overwritten_unless_told(invoke: Invoke, one_error: Callable[[Result], str]) -> None:
    """A name that was chosen is refused before anything is asked; one that only the seed decides gets a number."""
    Path("mine.png").write_bytes(b"mine")
    assert "'mine.png'" in one_error(invoke(*FACE, "--out", "mine.png"))
    assert Path("mine.png").read_bytes() == b"mine"
    assert not Path(".facemon").exists()
    assert invoke(*FACE, "--out", "mine.png", "--force").exit_code == Exit.OK
    assert Path("mine.png").read_bytes() != b"mine"
    first, second = (said(invoke(*FACE), "file") for _ in range(2))
    assert second == first.replace(".png", "-2.png")


def test_a_prompt_of_ones_own(invoke: Invoke) -> None:
    """A raw prompt is sent as it is; its file has no age to be named after."""
    result = invoke("generate", "--target", "mock", "--prompt", "a 30-year-old woman", "--seed", "3")
    assert result.exit_code == Exit.OK, result.output
    assert said(result, "prompt") == "a 30-year-old woman"
    assert Path("picture-3.png").exists()


@pytest.mark.parametrize(
    ("fault", "code", "todo"),
    [
        ("moderated", Exit.FAIL, "change the prompt"),
        ("not_found", Exit.FAIL, "check --target"),
        ("content_filtered", Exit.FAIL, "another seed"),
        ("empty_body", Exit.FAIL, "try again later"),
        ("truncated_picture", Exit.FAIL, "try again later"),
        ("connection_refused", Exit.FAIL, "a server listens there"),
        ("unauthorized", Exit.UNKNOWN, "STABILITY_API_KEY"),
        ("payment_required", Exit.UNKNOWN, "buy credits"),
        ("rate_limited", Exit.UNKNOWN, "wait a minute"),
    ],
)
def test_a_failure_is_one_sentence_and_a_way_out(
    invoke: Invoke, one_error: Callable[[Result], str], fault: str, code: Exit, todo: str
) -> None:
    """The service's failure is 1; what says nothing of the service (key, credits, limits) is 11. The record is kept."""
    result = invoke(*FACE, "--fault", fault)
    assert one_error(result)
    assert todo in result.stderr
    assert result.exit_code == code
    (record,) = stored()
    assert f"facemon records show {record.id}" in result.stderr
    assert not list(Path().glob("*.png"))


def test_the_own_budget_is_unknown(invoke: Invoke, one_error: Callable[[Result], str]) -> None:
    """A cap below the price stops the call before it is made, and says nothing of the service."""
    result = invoke(*FACE, "--max-credits", "2")
    assert "nothing was sent" in one_error(result)
    assert result.exit_code == Exit.UNKNOWN


def test_a_picture_that_is_not_sound_is_kept_and_no_success(
    invoke: Invoke, one_error: Callable[[Result], str]
) -> None:
    """A blurred picture was paid for, so its file is there; but it is not the face that was asked for."""
    result = invoke(*FACE, "--fault", "silently_blurred", "--out", "face.png")
    assert "not sound" in one_error(result)
    assert result.exit_code == Exit.FAIL
    assert Path("face.png").exists()


@pytest.mark.parametrize(
    ("fault", "failed"),
    [
        ("wrong_age", "prompt_adherence"),
        ("wrong_gender", "gender"),
        ("overexposed", "exposure"),
        ("no_face", "face_count"),
    ],
)
def test_a_picture_of_somebody_else_or_a_bad_one_is_no_success(
    invoke: Invoke, one_error: Callable[[Result], str], fault: str, failed: str
) -> None:
    """What is wrong is the first thing said under the quality, in words, and again as the error."""
    result = invoke(*FACE, "--seed", "1", "--fault", fault)
    assert result.exit_code == Exit.FAIL, result.output
    assert said(result, "failed").startswith(failed)
    reason = next(score.reason for score in stored()[0].quality.failed)
    assert reason in one_error(result)
    lines = [line.split()[0] for line in result.stdout.splitlines()]
    assert lines[lines.index("quality") + 1] == "failed"


def test_a_good_face_is_said_to_be_one(invoke: Invoke) -> None:
    """The quality, what took most from it, and the adherence in a line; no question failed, and none is left open."""
    result = invoke(*FACE, "--seed", "1")
    (record,) = stored()
    assert record.quality.quality_score is not None
    assert record.quality.prompt_adherence is not None
    quality = said(result, "quality")
    assert quality.startswith(f"{record.quality.quality_score:.0f} of 100")
    assert quality.endswith(f"adherence {record.quality.prompt_adherence:.2f}")
    assert not [line for line in result.stdout.splitlines() if line.startswith(("failed", "unscored"))]


def test_a_picture_that_comes_too_late_is_no_success(
    invoke: Invoke, one_error: Callable[[Result], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not below the promised time is degraded, by the health check's rule: the table says it, and the code is 1."""
    monkeypatch.setenv("FACEMON_RESPONSE_TIME_LIMIT", "0.000001")
    result = invoke(*FACE, "--out", "face.png")
    assert "too slowly" in one_error(result)
    assert said(result, "state").startswith("degraded: ")
    assert said(result, "state").endswith("where less than 1e-06 s is promised")
    assert result.exit_code == Exit.FAIL
    assert Path("face.png").exists()


def test_a_pipe_gets_no_trailing_spaces(invoke: Invoke) -> None:
    """Lines are filled with spaces for nobody but a terminal."""
    lines = invoke(*FACE).output.splitlines()
    assert lines == [line.rstrip() for line in lines]


def test_a_broken_store_costs_the_record_not_the_picture(
    invoke: Invoke, one_error: Callable[[Result], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was paid for is saved even when its record cannot be; that is our own fault, so 11."""

    async def full(_self: RecordStore, _record: MonitoringData) -> MonitoringData:
        raise StoreError("the store cannot grow, the disk is full: free some space")

    monkeypatch.setattr(RecordStore, "add", full)
    result = invoke(*FACE, "--out", "face.png")
    assert "the disk is full" in one_error(result)
    assert result.exit_code == Exit.UNKNOWN
    assert Path("face.png").exists()


def test_a_file_that_cannot_be_written_after_all_is_not_lost(
    invoke: Invoke, one_error: Callable[[Result], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The picture goes into the temporary folder, and the way out names it."""
    spare = tmp_path / "spare"
    spare.mkdir()
    monkeypatch.setattr(saving.tempfile, "tempdir", str(spare))
    monkeypatch.setattr(saving, "check_new", lambda path, *, force: None)
    Path("face.png").write_bytes(b"somebody was quicker")
    result = invoke(*FACE, "--out", "face.png")
    assert "'face.png'" in one_error(result)
    assert str(spare / "face.png") in result.stderr
    assert (spare / "face.png").stat().st_size > 100_000
    assert Path("face.png").read_bytes() == b"somebody was quicker"


@pytest.mark.parametrize("target", ["live", "https://images.example"])
def test_real_money_needs_a_key_and_a_cap(
    invoke: Invoke, one_error: Callable[[Result], str], monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    """Without a key: what to set. Without a cap: what it would cost. Both before anything is sent."""
    face = ("generate", "--age", "30", "--gender", "female", "--target", target)
    result = invoke(*face)
    assert "needs a key" in one_error(result)
    assert "export STABILITY_API_KEY=" in result.stderr
    monkeypatch.setenv("STABILITY_API_KEY", "sk-canary-0123456789")
    result = invoke(*face, "--model", "ultra")
    assert "one picture on ultra costs 8 credits (0.08 USD)" in one_error(result)
    assert "--max-credits" in result.stderr
    assert result.exit_code == Exit.USAGE


def test_a_newcomer_needs_nothing(tmp_path: Path) -> None:
    """The default: a simulator of its own, over a real connection, in a real terminal's absence."""
    command = [SCRIPT, "generate", "--age", "30", "--gender", "female"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert "connect" in next(line for line in done.stdout.splitlines() if line.startswith("time"))
    assert "▀" not in done.stdout
    assert "\x1b" not in done.stdout + done.stderr
    assert len(list(tmp_path.glob("face-30-female-*.png"))) == 1


@pytest.mark.parametrize("what", [("--age", "30", "--gender", "male"), ("--count", "2", "--out", "faces")])
def test_evaluators_that_cannot_be_had_are_refused_first(
    invoke: Invoke,
    one_error: Callable[[Result], str],
    monkeypatch: pytest.MonkeyPatch,
    what: tuple[str, ...],
) -> None:
    """A setting that is refused leaves no folder and no store behind."""
    monkeypatch.setenv("FACEMON_EVALUATORS", "safty")
    result = invoke("generate", "--target", "mock", *what)
    assert "evaluators: 'safty' is not accepted" in one_error(result)
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    assert not list(Path().iterdir())
