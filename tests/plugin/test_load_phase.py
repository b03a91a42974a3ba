"""A run with a rate: one schedule over all workers, before the first check, and a verdict that it may withhold."""

from __future__ import annotations

from pathlib import Path

import pytest

from facemon.config import Settings
from facemon.load.asking import CHECK
from facemon.load.schedule import Schedule
from facemon.plugin import load_phase
from facemon.plugin.options import LOAD_OPTIONS
from tests.plugin.test_bench import everything, records, run, section

LOAD = """
def test_throughput(facemon_load):
    assert facemon_load.fault("throughput") == ""
"""
# Not memory: the process of these tests holds more than a monitor's.
ONLY = ("--facemon-objective", "throughput >= 100/min")
RATE = (*ONLY, "--facemon-rate", "300/min", "--facemon-duration", "2s")


def load_section(result: pytest.RunResult) -> str:
    """What stands between the load's own heading and facemon's."""
    return result.stdout.str().partition("= facemon load =")[2].partition("= facemon =")[0]


def test_every_request_of_the_schedule_is_sent_before_the_checks(pytester: pytest.Pytester) -> None:
    """Ten requests are due in two seconds; ten records of the run name the check, and a check after them sees ten."""
    source = LOAD + "    assert facemon_load.result.sent == facemon_load.result.due == 10\n"
    result = run(pytester, source, *RATE)
    assert "10 of 10 sent" in load_section(result), everything(result)
    kept = records(pytester.path)
    assert [record.check for record in kept] == [CHECK] * 10
    assert {record.purpose for record in kept} == {"measure"}
    assert len({(r.request_params.age, r.request_params.gender) for r in kept}) == 10
    assert section(result)["credits"].startswith("30 booked")


def test_without_a_rate_nothing_is_sent(pytester: pytest.Pytester) -> None:
    """The check is skipped with the option it waits for, and there is no section about load."""
    result = run(pytester, LOAD, "-rs")
    assert result.parseoutcomes() == {"skipped": 1}
    assert "not asked: give --facemon-rate" in everything(result)
    assert not load_section(result)
    assert not (pytester.path / ".facemon").exists() or not records(pytester.path)


def test_a_run_that_only_collects_sends_nothing(pytester: pytest.Pytester) -> None:
    """--collect-only, and a selection that is empty, cost nothing."""
    run(pytester, LOAD, *RATE, "--collect-only")
    assert run(pytester, None, *RATE, "-k", "nothing_is_called_so").ret == 5
    assert not (pytester.path / ".facemon").exists() or not records(pytester.path)


def test_a_failing_service_fails_the_throughput(pytester: pytest.Pytester) -> None:
    """Every request answered with a refusal: none served, the check fails and says what was seen."""
    result = run(pytester, LOAD, *RATE, "--facemon-fault", "moderated")
    assert result.ret == 1, everything(result)
    assert "0 of 10 in time" in everything(result)
    assert "moderated 10" in load_section(result)


def test_the_budget_makes_it_unknown(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cap that other checks share may end the sending: nothing is said about the service then."""
    monkeypatch.setattr("facemon.plugin.load_phase.check_load", lambda *_: None)
    result = run(pytester, LOAD, *RATE, "--facemon-max-credits", "9")
    assert result.ret == 11, everything(result)
    assert "the credit budget is spent" in load_section(result)
    assert sum(record.succeeded for record in records(pytester.path)) == 3


BAD = [
    (("--facemon-rate", "100"), "such as 100/min"),
    (("--facemon-duration", "2m"), "--facemon-duration belongs to a schedule"),
    (("--facemon-rate", "100/min", "--facemon-duration", "long"), "such as 90s"),
    (("--facemon-rate", "100/min", "--facemon-arrivals", "random"), "constant or poisson"),
    (("--facemon-rate", "20/s"), "150 requests in 10 s"),
    (
        ("--facemon-rate", "100/min", "--facemon-duration", "10m", "--facemon-max-credits", "300"),
        "1000 requests (100/min for 600s, constant) cost 3000 credits",
    ),
]


@pytest.mark.parametrize(("options", "said"), BAD)
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_what_cannot_be_sent_is_refused(
    pytester: pytest.Pytester, options: tuple[str, ...], said: str, workers: tuple[str, ...]
) -> None:
    """Exit 4 and one sentence, before anything is sent, with and without workers."""
    result = run(pytester, LOAD, *options, *workers)
    sentences = [line for line in everything(result).splitlines() if "ERROR: facemon: " in line]
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert len(sentences) == 1
    assert said in sentences[0]


def test_an_ini_key_asks_as_well(pytester: pytest.Pytester) -> None:
    """`facemon_rate` in the ini file is `--facemon-rate`."""
    result = run(pytester, LOAD, ini="facemon_rate = 300/min\nfacemon_duration = 1s\n")
    assert "5 of 5 sent" in load_section(result), everything(result)


@pytest.mark.parametrize("name", LOAD_OPTIONS)
def test_every_option_of_a_schedule_is_in_the_reference(name: str) -> None:
    """By name, as those of the settings are; none of them is a setting."""
    reference = Path(__file__).parents[2] / "docs" / "reference.md"
    assert f"| `{name}` |" in reference.read_text("utf-8")
    assert name not in Settings.model_fields


def test_nothing_of_ours_throttles_a_load() -> None:
    """The ledger keeps noting starts, for the checks that come after, and holds none back."""
    settings = load_phase.unthrottled(Settings(target="mock"))
    assert settings.concurrency == 1000
    assert settings.rate == (999_999_999, 10.0)
    assert load_phase.unthrottled(Settings(rate_limit="none")).rate is None


def test_a_url_may_have_no_limit() -> None:
    """A server of one's own is not held to the vendor's limit where the setting lifts it."""
    server = Settings(target="http://127.0.0.1:9", rate_limit="none")
    load_phase.check_load(server, Schedule(50, 10))
    with pytest.raises(pytest.UsageError, match="150 requests in 10 s"):
        load_phase.check_load(server.model_copy(update={"rate_limit": "150/10s"}), Schedule(50, 10))


@pytest.mark.slow
def test_workers_share_one_schedule(pytester: pytest.Pytester) -> None:
    """Three workers send what one would, each request once, from one instant on; every check sees the whole."""
    source = "".join(
        f"def test_{n}(facemon_load):\n    assert facemon_load.result.answered == 20\n" for n in range(6)
    )
    result = run(
        pytester, source, "-n", "3", "--facemon-rate", "600/min", "--facemon-duration", "2s", apart=True
    )
    said = load_section(result)
    assert "20 of 20 sent" in said, everything(result)
    assert "3 workers" in said
    assert result.parseoutcomes() == {"passed": 6}
    assert len(records(pytester.path)) == 20


KILLER = """
import json, os, pathlib, signal, threading, time

def pytest_collection_finish(session):
    given = getattr(session.config, "workerinput", {})
    if given.get("workerid") == "gw1":
        tally = pathlib.Path(json.loads(given["facemon_context"])["ledger_path"] + ".load", "gw1.json")
        def watch():
            while not tally.exists():
                time.sleep(0.01)
            os.kill(os.getpid(), signal.SIGKILL)
        threading.Thread(target=watch, daemon=True).start()
"""


@pytest.mark.slow
def test_a_worker_that_dies_hangs_nobody(pytester: pytest.Pytester) -> None:
    """One of two is killed while it sends: the other goes on to its checks, and the throughput is unknown."""
    (pytester.path / "conftest.py").write_text(KILLER)
    result = run(
        pytester, LOAD, *ONLY, "-n", "2", "--facemon-rate", "300/min", "--facemon-duration", "6s", apart=True
    )
    assert result.ret == 11, everything(result)
    assert "gw1 ended without a last word" in load_section(result)


def test_a_run_leaves_no_files(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder in which the processes met is gone at the end."""
    import tempfile

    monkeypatch.setattr(tempfile, "tempdir", str(pytester.mkdir("temporary")))
    run(pytester, LOAD, *RATE)
    assert not list(Path(pytester.path / "temporary").glob("*.load"))
