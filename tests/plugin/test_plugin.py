"""The hooks: header, section and exit code of whole runs."""

from __future__ import annotations

import re
from typing import Any

import pytest

import facemon.plugin.verdict
from facemon.errors import StoreError
from facemon.plugin.run import Target
from facemon.simulator.process import SimulatorError, SimulatorProcess
from facemon.store import RecordStore
from tests.plugin.test_bench import (
    NOTHING_ASKED,
    ONE_FACE,
    PLAIN,
    SAMPLE,
    everything,
    records,
    run,
    runs,
    section,
)

FAILING = """
async def test_failing(facemon):
    assert (await facemon.generate(age=30, gender="male")).image is None
"""


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulator that answers at once."""
    monkeypatch.setattr("facemon.simulator.core.draw_latency", lambda *_: 0.0)


def headers(result: pytest.RunResult) -> list[str]:
    """Our lines above the first test."""
    return [line for line in result.outlines if line.startswith("facemon:")]


def test_the_header_is_one_line_without_a_key(pytester: pytest.Pytester) -> None:
    """Target, model, cap and faults, in one line; the key in the environment is not in it."""
    options = ("--facemon-model", "ultra", "--facemon-max-credits", "50", "--facemon-fault", "hang:on=9")
    result = run(pytester, NOTHING_ASKED, *options, env={"STABILITY_API_KEY": "sk-canary"})
    assert headers(result) == ["facemon: target mock, model ultra, at most 50 credits, faults: hang:on=9"]
    assert "canary" not in everything(result)


def test_no_header_when_not_in_use(pytester: pytest.Pytester) -> None:
    """Without an option of ours nobody reads of us."""
    assert not headers(run(pytester, PLAIN, target=None))


def test_a_run_reads_like_this(pytester: pytest.Pytester, quick: None) -> None:
    """The end of a run of two samples, with figures that vary blanked out."""
    result = run(pytester, SAMPLE, "-q", "--facemon-samples", "2")
    lines = result.outlines
    start = next(number for number, line in enumerate(lines) if " facemon ===" in line)
    text = "\n".join(line.rstrip() for line in lines[start + 1 : -1])
    text = re.sub(r"0\.\d+ s\b *", "0.1 s ", text)
    text = re.sub(r"\d+ a minute", "99 a minute", re.sub(r"\d+ MB", "99 MB", text))
    text = re.sub(r"--run \S+", "--run ID", text).replace("p95 0.1 s ", "p95 0.1 s       ")
    text = re.sub(r"· p95 0.1 s +·", "· p95 0.1 s ·", text)
    expected = [
        "target    mock · stability_v2beta · core",
        "state     up: 2 generations",
        r"verdict +objective +observed +95% one-sided +n",
        r"inconclusive  success_rate >= 95% +100\.0% +22\.[34]% to 100\.0% +2  57 more samples would decide",
        r"inconclusive  first_attempt_success_rate >= 95% +100\.0% +22\.[34]% to 100\.0% +2  57 more .*",
        r"inconclusive  response_time\.p95 <= 3s +p95 0\.1 s +0\.1 s +to \? +2  57 more .*",
        r"inconclusive  sound_picture_rate >= 95% +100\.0% +22\.[34]% to 100\.0% +2  57 more .*",
        r"times     average 0\.1 s · p50 0\.1 s · p90 0\.1 s · p95 0\.1 s · p99 0\.1 s",
        r"pictures  2 of 2 · 99 a minute · memory at most 99 MB a process",
        r"errors    none",
        r"retries   0 · success rate 100\.0%, at the first attempt 100\.0%",
        r"credits   6 booked · no cap · the simulator charged 6",
        r"records   \.facemon/facemon\.db · facemon records list --run ID",
        r"verdict   INCONCLUSIVE: .*samples.* \(exit code 10\)",
    ]
    shown = [line.strip() for line in text.splitlines() if line.strip()]
    assert len(shown) == len(expected), text
    for line, pattern in zip(shown, expected, strict=True):
        assert re.fullmatch(pattern, line), line


def test_passing_checks_end_with_0(pytester: pytest.Pytester) -> None:
    """A picture came and no objective is open: 0."""
    result = run(pytester, ONE_FACE)
    assert result.ret == 0
    assert section(result)["verdict"].startswith("PASS")


@pytest.mark.slow
def test_enough_samples_confirm_and_end_with_0(pytester: pytest.Pytester, quick: None) -> None:
    """59 good faces are the least that confirm 95 % at 95 % confidence: every objective passes, exit code 0."""
    result = run(pytester, SAMPLE, "-q", "--facemon-samples", "59")
    assert result.ret == 0
    assert len(section(result)["pass"].splitlines()) == 4


def test_a_failing_check_ends_with_1(pytester: pytest.Pytester) -> None:
    """The check's own assertion: 1, and the state is not called up."""
    result = run(pytester, ONE_FACE + FAILING)
    assert result.ret == 1
    said = section(result)
    assert said["verdict"].startswith("FAIL")
    assert said["state"].startswith("degraded")


def test_too_few_samples_end_with_10(pytester: pytest.Pytester, quick: None) -> None:
    """Nothing failed, but two faces confirm nothing."""
    assert run(pytester, SAMPLE, "--facemon-samples", "2").ret == 10


@pytest.mark.parametrize(
    ("fault", "said"),
    [("unauthorized", "(401)"), ("payment_required", "(402)"), ("rate_limited", "(429)")],
)
def test_what_is_ours_is_unknown(pytester: pytest.Pytester, quick: None, fault: str, said: str) -> None:
    """401, 402 and 429 tell nothing of the service: letter U, a sentence, exit code 11, and no failed check."""
    result = run(pytester, ONE_FACE, "--facemon-fault", fault)
    assert result.ret == 11
    assert any(re.match(r"test_it.py U +\[100%\]", line) for line in result.outlines)
    assert result.parseoutcomes() == {"unknown": 1}
    words = section(result)
    assert words["state"].startswith("unknown")
    assert said in words["unknown"]
    assert words["verdict"].startswith("UNKNOWN")


@pytest.mark.parametrize("fault", ["internal_error:on=1-4", "moderated", "undecodable_body"])
def test_what_is_theirs_is_a_failure(pytester: pytest.Pytester, quick: None, fault: str) -> None:
    """5xx, a refusal of an innocent prompt, a broken picture: 1, never unknown."""
    options = ("--facemon-fault", fault, "--facemon-generation-timeout", "1")
    result = run(pytester, ONE_FACE, *options)
    assert result.ret == 1
    assert section(result)["verdict"].startswith("FAIL")


def test_a_spent_budget_is_unknown(pytester: pytest.Pytester, quick: None) -> None:
    """The cap ends the run in front of it: 11, the sentence, and no credit above the cap."""
    result = run(pytester, SAMPLE, "--facemon-samples", "3", "--facemon-max-credits", "7")
    assert result.ret == 11
    said = section(result)
    assert "budget ended the run" in said["unknown"]
    assert said["credits"] == "6 booked · cap 7 · the simulator charged 6"
    assert result.parseoutcomes() == {"passed": 2, "unknown": 1}


def test_nothing_collected_ends_with_5(pytester: pytest.Pytester) -> None:
    """An empty selection is pytest's own 5, and no word of another code."""
    result = run(pytester, ONE_FACE, "-k", "nothing_is_called_so")
    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    assert not re.search(r"exit code (?!5)", everything(result))


def test_all_skipped_ends_with_11(pytester: pytest.Pytester) -> None:
    """Whoever looked at nothing knows nothing."""
    source = "import pytest\n@pytest.mark.skip(reason='today')\ndef test_it(facemon):\n    pass\n"
    result = run(pytester, source)
    assert result.ret == 11
    assert "no check came to a result" in section(result)["unknown"]


def test_checks_that_measured_nothing_end_with_11(pytester: pytest.Pytester) -> None:
    """A check that only looks at its settings passed, but nobody asked the service anything: unknown, not up."""
    result = run(pytester, "def test_it(facemon):\n    assert facemon.target == 'mock'\n")
    assert result.ret == 11
    said = section(result)
    assert said["state"] == "unknown: nothing was measured"
    assert said["verdict"].startswith("UNKNOWN")
    assert result.parseoutcomes() == {"passed": 1}


def test_a_fault_that_never_fired_is_not_0(pytester: pytest.Pytester) -> None:
    """A declared fault that did not strike: the run proved nothing about it, and says which one."""
    result = run(pytester, ONE_FACE, "--facemon-fault", "internal_error:on=99")
    assert result.ret == 11
    assert "internal_error:on=99 was declared and never fired" in section(result)["unknown"]


def test_a_fault_that_fired_once_is_not_called_unfired(pytester: pytest.Pytester, quick: None) -> None:
    """The other way round: one that struck is not reported, and its failure counts."""
    result = run(pytester, ONE_FACE, "--facemon-fault", "moderated:on=1")
    assert result.ret == 1
    assert "never fired" not in everything(result)


def broken(*_: Any, **__: Any) -> Any:
    """Something of our own that breaks."""
    raise RuntimeError("a mistake of our own")


def test_our_own_mistake_is_unknown(pytester: pytest.Pytester) -> None:
    """An exception inside the verdict: a warning and exit code 11, not 0, 1 or an internal error."""
    pytester.makeconftest(
        """
        import facemon.plugin.verdict

        def conclude(*_):
            raise RuntimeError("a mistake of our own")

        facemon.plugin.verdict.conclude = conclude
        """
    )
    result = run(pytester, ONE_FACE, "-W", "default", apart=True)
    assert result.ret == 11
    assert "a mistake of our own" in section(result)["unknown"]
    assert "PytestWarning: facemon: " in everything(result)
    assert "INTERNALERROR" not in everything(result)


def test_our_own_mistake_is_unknown_with_warnings_as_errors(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same under -W error, where the warning itself is an exception."""
    monkeypatch.setattr(facemon.plugin.verdict, "conclude", broken)
    result = run(pytester, ONE_FACE, "-W", "error")
    assert result.ret == 11
    assert "a mistake of our own" in section(result)["unknown"]
    assert "INTERNALERROR" not in everything(result)


def test_our_own_mistake_hides_no_failure(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verdict broke and a check had failed: fail outranks unknown."""
    monkeypatch.setattr(facemon.plugin.verdict, "conclude", broken)
    assert run(pytester, FAILING).ret == 1


def test_our_own_mistake_makes_no_failure_of_an_unknown(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The verdict broke and a check could not see the service: 11, for nobody saw a failure."""
    monkeypatch.setattr(facemon.plugin.verdict, "conclude", broken)
    assert run(pytester, ONE_FACE, "--facemon-fault", "unauthorized").ret == 11


def test_a_section_that_breaks_is_no_internal_error(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in the last lines is ours as well: the run is unknown, not broken."""
    monkeypatch.setattr("facemon.plugin.section.lines", broken)
    result = run(pytester, ONE_FACE)
    assert result.ret == 11
    assert "INTERNALERROR" not in everything(result)


def test_a_simulator_that_does_not_start_is_unknown(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our own simulator is not the service: that it does not start is unknown, with the reason."""

    def start(_: SimulatorProcess) -> SimulatorProcess:
        raise SimulatorError("the simulator did not start: no memory left")

    monkeypatch.setattr(SimulatorProcess, "start", start)
    result = run(pytester, ONE_FACE, target="sim")
    assert result.ret == 11
    assert "no memory left" in section(result)["unknown"]


def test_a_simulator_that_does_not_start_is_unknown_for_workers_too(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same with -n, where the controller starts it: no internal error."""

    def start(_: SimulatorProcess) -> SimulatorProcess:
        raise SimulatorError("the simulator did not start: no memory left")

    monkeypatch.setattr(SimulatorProcess, "start", start)
    result = run(pytester, ONE_FACE, "-n", "1", target="sim")
    assert "INTERNALERROR" not in everything(result)
    assert "no memory left" in everything(result)
    assert result.ret == 11


def test_a_simulator_that_cannot_be_asked_at_the_end_is_unknown(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it counted is not known then: no failure of a check, and not a pass either."""

    def state(_: Target) -> dict[str, Any]:
        raise SimulatorError("the simulator's control door does not answer")

    monkeypatch.setattr(Target, "state", state)
    result = run(pytester, ONE_FACE)
    assert result.ret == 11
    assert "control door does not answer" in section(result)["unknown"]


def test_a_store_that_fails_is_our_own_fault(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that cannot be written: letter U and exit code 11, with the store's own words."""

    async def add(*_: Any) -> Any:
        raise StoreError("the store facemon.db could not do it: the disk is full")

    monkeypatch.setattr(RecordStore, "add", add)
    result = run(pytester, ONE_FACE)
    assert result.ret == 11
    assert "the disk is full" in section(result)["unknown"]
    assert result.parseoutcomes() == {"unknown": 1}


def test_somebody_elses_failure_counts(pytester: pytest.Pytester) -> None:
    """A test without facemon fails beside passing checks: 1, as pytest alone would end."""
    result = run(pytester, ONE_FACE + "\ndef test_other():\n    assert False\n")
    assert result.ret == 1
    assert section(result)["verdict"].startswith("FAIL")


def test_fail_outranks_unknown(pytester: pytest.Pytester, quick: None) -> None:
    """A failed check beside one that could not be judged: 1; what is unknown is told all the same."""
    result = run(pytester, ONE_FACE + FAILING, "--facemon-fault", "unauthorized:on=1")
    assert result.ret == 1
    assert "(401)" in section(result)["unknown"]


def test_unknown_outranks_inconclusive(pytester: pytest.Pytester, quick: None) -> None:
    """Too few samples and one of them unknown: 11."""
    result = run(pytester, SAMPLE, "--facemon-samples", "3", "--facemon-fault", "unauthorized:on=2")
    assert result.ret == 11
    assert len(section(result)["inconclusive"].splitlines()) == 4


def test_stopping_at_the_first_failure_still_ends_in_a_verdict(
    pytester: pytest.Pytester, quick: None
) -> None:
    """-x: the run is judged on what it saw, and what is unknown does not become a failure by it."""
    unknown = run(pytester, SAMPLE, "-x", "--facemon-samples", "3", "--facemon-fault", "unauthorized")
    assert unknown.ret == 11
    assert "(401)" in section(unknown)["unknown"]
    failed = run(pytester, FAILING + ONE_FACE, "-x")
    assert failed.ret == 1
    assert section(failed)["verdict"].startswith("FAIL")


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ("raise KeyboardInterrupt", pytest.ExitCode.INTERRUPTED),
        ("pytest.exit('enough')", pytest.ExitCode.INTERRUPTED),
        ("pytest.exit('enough', returncode=0)", 11),
    ],
)
def test_an_interrupted_run_has_its_section_and_never_ends_with_0(
    pytester: pytest.Pytester, end: str, code: int
) -> None:
    """Ctrl-C and pytest.exit: pytest's own code, but never 0, and the section says what was seen and what was not."""
    source = f"import pytest\n{ONE_FACE}\ndef test_interrupted(facemon):\n    {end}\n"
    result = run(pytester, source)
    assert result.ret == code
    said = section(result)
    assert said["pictures"].startswith("1 of 1 ")
    assert "the run was interrupted" in said["unknown"]
    assert said["verdict"].startswith("UNKNOWN")


def test_an_exit_with_a_code_of_its_own_keeps_it(pytester: pytest.Pytester) -> None:
    """pytest.exit with a code that pytest does not know: it stays (pytest prints no summary then), and no pass."""
    result = run(pytester, ONE_FACE + "\ndef test_it(facemon):\n    import pytest\n    pytest.exit('x', 7)\n")
    assert result.ret == 7
    assert "PASS" not in everything(result)


def test_an_interrupted_run_still_tells_a_failure(pytester: pytest.Pytester) -> None:
    """What failed before Ctrl-C failed: the section says so, pytest's code stays."""
    result = run(pytester, FAILING + "\ndef test_interrupted(facemon):\n    raise KeyboardInterrupt\n")
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert section(result)["verdict"].startswith("FAIL")


def test_a_broken_module_keeps_pytests_code(pytester: pytest.Pytester) -> None:
    """A module that cannot be imported: 2, and no pass is claimed."""
    pytester.makepyfile(test_broken="import no_such_module")
    result = run(pytester, ONE_FACE)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "PASS" not in everything(result)


def test_a_broken_module_fails_a_run_that_goes_on(pytester: pytest.Pytester) -> None:
    """With --continue-on-collection-errors the rest runs and passes, but its checks were never run: 1."""
    pytester.makepyfile(test_broken="import no_such_module")
    result = run(pytester, ONE_FACE, "--continue-on-collection-errors")
    assert result.ret == 1
    assert result.parseoutcomes() == {"passed": 1, "errors": 1}
    assert section(result)["verdict"].startswith("FAIL")


THRESHOLD = """
import pytest

@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session):
    result = yield
    session.testsfailed += 1  # as pytest-cov does below its threshold
    return result
"""


@pytest.mark.parametrize(
    ("source", "options"),
    [
        (ONE_FACE, ()),
        (ONE_FACE, ("--facemon-fault", "unauthorized")),
        (SAMPLE, ("--facemon-samples", "2")),
    ],
    ids=["pass", "unknown", "inconclusive"],
)
def test_another_plugins_failure_keeps_1(
    pytester: pytest.Pytester, quick: None, source: str, options: tuple[str, ...]
) -> None:
    """A plugin that failed the session without a failed test, as pytest-cov does: whatever we found, it stays 1."""
    pytester.makeconftest(THRESHOLD)
    result = run(pytester, source, *options)
    assert result.ret == 1
    assert "pytest failed this run for a reason of its own (exit code 1)" in everything(result)


GROUPED = """
import pytest
from facemon.errors import {names}

async def test_it(facemon):
    await facemon.generate(age=30, gender="male")
    raise ExceptionGroup("several", [{members}])
"""


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ("RateLimited('a')", 11),
        ("RateLimited('a'), Unauthorized('b', status=401)", 11),
        ("ExceptionGroup('inner', [Unauthorized('b', status=401)]), StoreError('full')", 11),
        ("RateLimited('a'), ServerError('b', status=500)", 1),
        ("ServerError('b', status=500), RateLimited('a')", 1),
        ("RateLimited('a'), AssertionError('c')", 1),
        ("RateLimited('a'), ExceptionGroup('inner', [AssertionError('c')])", 1),
    ],
)
def test_a_group_is_unknown_only_if_all_of_it_is(pytester: pytest.Pytester, members: str, code: int) -> None:
    """Several generations in a TaskGroup: one member that tells of the service makes the check a failure."""
    names = "RateLimited, ServerError, StoreError, Unauthorized"
    result = run(pytester, GROUPED.format(names=names, members=members))
    assert result.ret == code
    assert result.parseoutcomes() == {"unknown" if code == 11 else "failed": 1}


def test_nothing_is_left_behind(pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory) -> None:
    """After the run its ledger is gone; the store and its log's folder are all that stays."""
    folder = tmp_path_factory.mktemp("temporary")
    source = ONE_FACE + "    import tempfile; print('TEMP', tempfile.gettempdir())\n"
    result = run(pytester, source, "-s", env={"TMPDIR": str(folder)}, apart=True)
    assert result.ret == 0
    assert f"TEMP {folder}" in everything(result)
    assert list(folder.iterdir()) == []
    assert [path.name for path in (pytester.path / ".facemon").iterdir() if path.suffix == ".db"] == [
        "facemon.db"
    ]


def test_the_run_is_kept_with_its_end(pytester: pytest.Pytester, quick: None) -> None:
    """The store knows the run: who was asked, when it ended, and what it said; its records are the run's."""
    run(pytester, SAMPLE, "--facemon-samples", "2")
    kept, *others = runs(pytester.path)
    assert not others
    assert (kept.target, kept.provider, kept.model) == ("mock", "stability_v2beta", "core")
    assert kept.finished_at is not None
    assert kept.finished_at >= kept.started_at
    assert kept.summary["exit"] == 10
    assert kept.summary["state"] == "up"
    assert {record.run_id for record in records(pytester.path)} == {kept.id}


def test_two_runs_in_one_store_are_told_apart(pytester: pytest.Pytester, quick: None) -> None:
    """Yesterday's failures are not today's: a verdict is over its own run's records."""
    assert run(pytester, ONE_FACE, "--facemon-fault", "moderated").ret == 1
    result = run(pytester, ONE_FACE)
    assert result.ret == 0
    assert section(result)["pictures"].startswith("1 of 1 ")
    assert len(runs(pytester.path)) == 2


def test_a_marker_alone_is_use(pytester: pytest.Pytester) -> None:
    """A test with our marker and no fixture counts as a check of ours: its failure is in the verdict."""
    source = "import pytest\n@pytest.mark.facemon(model='core')\ndef test_it():\n    assert False\n"
    result = run(pytester, source, target=None, env={"FACEMON_TARGET": "mock"})
    assert result.ret == 1
    assert section(result)["verdict"].startswith("FAIL")
