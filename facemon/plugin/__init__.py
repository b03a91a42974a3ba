"""The pytest plugin: hooks only. Nothing heavy is imported, opened or printed until facemon is used."""

from __future__ import annotations

import inspect
import json
import warnings
from collections.abc import Generator
from contextlib import suppress
from typing import Any

import pytest

from facemon.plugin.fixtures import (
    SAMPLE,
    check_marker,
    facemon,
    facemon_engine,
    facemon_explored,
    facemon_load,
    facemon_request,
    facemon_store,
    pytest_generate_tests,
    run_in_session_loop,
    uses_facemon,
)
from facemon.plugin.options import add_options, named, schedule_of, settings_of
from facemon.plugin.scorekeeper import OURS, UNKNOWN_CAUSE, Scorekeeper
from facemon.plugin.state import WORKER_INPUT, WORKER_OUTPUT, state_of

__all__ = [
    "facemon",
    "facemon_engine",
    "facemon_explored",
    "facemon_load",
    "facemon_request",
    "facemon_store",
    "pytest_generate_tests",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Our options, in a group of their own."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """The marker; and, when an option names facemon, its settings checked before anything runs."""
    config.addinivalue_line(
        "markers",
        "facemon(attempt_timeout, generation_timeout, model, response_time_limit, objectives): settings of one "
        "check, outranking the command line, and its objectives, a list of sentences",
    )
    config.pluginmanager.register(Scorekeeper(state_of(config)), "facemon-scorekeeper")
    if not named(config) or config.option.help:
        return
    _ask_for_load(config)
    if state_of(config).is_worker:
        return
    from facemon.plugin.promised import promised
    from facemon.plugin.run import check_judges, check_store, check_target

    settings = settings_of(config)
    check_target(settings)
    promised(state_of(config), settings)
    if not config.option.collectonly:  # later their refusal would come too late to be one sentence
        check_judges(settings)
        check_store(settings)


def _ask_for_load(config: pytest.Config) -> None:
    """A schedule, if one was given, checked before anything runs. Raises pytest.UsageError."""
    schedule = schedule_of(config)
    if schedule is None or config.option.collectonly:
        return
    from facemon.plugin.load_phase import check_load
    from facemon.plugin.loading import register
    from facemon.plugin.run import check_model

    settings = settings_of(config)
    check_model(settings)
    check_load(settings, schedule)
    register(config, schedule)


def pytest_report_header(config: pytest.Config) -> str | None:
    """One line, when an option names facemon; never a key."""
    if not named(config):
        return None
    from facemon.plugin.run import label

    settings = settings_of(config)
    cap = "" if settings.max_credits is None else f", at most {settings.max_credits:g} credits"
    faults = f", faults: {' '.join(settings.fault)}" if settings.fault else ""
    return f"facemon: target {label(settings)}, model {settings.model or '(default)'}{cap}{faults}"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config) -> None:
    """The controller starts what its workers share."""
    if not named(config):
        return
    from facemon.judges import forget

    forget()  # the workers judge; what was loaded here to see that it can be had would only take memory
    if settings_of(config).target == "sim":
        from facemon.plugin.sharing import share_simulator

        share_simulator(state_of(config), settings_of(config))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker what it shares with the others."""
    node.workerinput[WORKER_INPUT] = json.dumps(state_of(node.config).shared_context().to_dict())


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_pycollect_makeitem(obj: object) -> Generator[None, object, object]:
    """Our async checks run in the session's loop, where their client lives, whatever the ini file says.

    Innermost, so that pytest-asyncio, which wraps what was collected, already sees the mark.
    """
    collected = yield
    if inspect.iscoroutinefunction(obj):
        for item in collected if isinstance(collected, list) else [collected]:
            if isinstance(item, pytest.Item) and uses_facemon(item):
                run_in_session_loop(item)
    return collected


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Of what was selected: wrong markers and settings are refused before anything runs, what is measured is noted."""
    state = state_of(session.config)
    if state.refused:
        session.items.clear()
    try:
        _check_selected(session)
    except pytest.UsageError as error:
        if not state.is_worker:
            raise
        state.refused = str(error)  # a worker's own usage error would be an internal error of xdist
        session.items.clear()


def _check_selected(session: pytest.Session) -> None:
    state = state_of(session.config)
    for item in filter(uses_facemon, session.items):
        check_marker(item, state)
        state.used = True
        state.samples = state.samples or SAMPLE in getattr(item, "fixturenames", ())
    if state.used and not session.config.option.collectonly:
        # Nothing on the command line may have named us, and a worker has loaded nothing yet.
        from facemon.plugin.promised import promised
        from facemon.plugin.run import check_judges, check_target

        settings = settings_of(session.config)
        check_target(settings)
        promised(state, settings)
        check_judges(settings)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """In a sequential run: no more of the sample than the evidence needs."""
    enough = state_of(item.config).enough
    if enough is not None and SAMPLE in getattr(item, "fixturenames", ()):
        enough.check(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Mark our items' reports, and those whose failure tells nothing of the service."""
    report = yield
    if uses_facemon(item):
        setattr(report, OURS, True)
        if report.failed and call.excinfo is not None:
            cause = _unknown_cause(call.excinfo.value)
            if cause:
                setattr(report, UNKNOWN_CAUSE, cause)
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """What a worker says at its end, or that it died without a word."""
    state = state_of(node.config)
    said = getattr(node, "workeroutput", {}).get(WORKER_OUTPUT)
    if said:
        state.hear(said)
    elif error:
        state.dead.append(node.gateway.id)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """After the last check: the verdict over all workers' records."""
    try:
        result = yield
    except session.Failed:  # -x or --maxfail: what was seen until then is judged all the same
        _end(session)
        raise
    except (session.Interrupted, KeyboardInterrupt, pytest.exit.Exception) as raised:
        # Ctrl-C, pytest.exit, and -x under xdist: the figures are shown, and nobody reads a pass into them.
        most = session.config.option.maxfail
        state = state_of(session.config)
        ours = state.used or state.dead or named(session.config)
        if ours and (not most or session.testsfailed < most):
            state.trouble = "the run was interrupted: what it had not reached is unknown"
            state.interrupted = isinstance(raised, KeyboardInterrupt)
        _end(session)
        raise
    _end(session)
    return result


def _stopped_at_maxfail(session: pytest.Session) -> bool:
    most = session.config.option.maxfail
    return session.exitstatus == pytest.ExitCode.INTERRUPTED and bool(most) and session.testsfailed >= most


def _end(session: pytest.Session) -> None:
    state = state_of(session.config)
    if state.is_worker or session.config.option.collectonly or state.refused:
        return
    if state.stop:
        try:
            state.remember(state.stop())
        except Exception as error:
            state.trouble = f"the simulator did not say what it counted ({error})"
        state.stop = None
    if state.used or state.dead:
        _conclude(session.config)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker reports; the controller's exit code becomes the verdict's."""
    config = session.config
    state = state_of(config)
    if state.is_worker:
        config.workeroutput[WORKER_OUTPUT] = state.report()  # type: ignore[attr-defined]
        return
    seen = state.counts.failed or state.counts.others_failed
    if state.refused:
        session.exitstatus = pytest.ExitCode.USAGE_ERROR
    elif state.verdict is not None and state.verdict.exit == 1 and _stopped_at_maxfail(session):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED  # xdist says 2 where a run without workers says 1
    elif state.verdict is not None and session.exitstatus in (0, 1):
        session.exitstatus = int(state.verdict.exit)
        if session.testsfailed > state.counts.reported and session.exitstatus != 1:
            # Another plugin failed the session (pytest-cov's threshold does): that is not ours to turn green.
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
            state.section += (
                ("          pytest failed this run for a reason of its own (exit code 1)", "red"),
            )
    elif state.trouble and session.exitstatus in (0, 1) and not seen:
        session.exitstatus = 11


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """One section, only when facemon was used."""
    state = state_of(config)
    if state.refused:
        terminalreporter.write_line(f"ERROR: {state.refused}", red=True)
        return
    if state.verdict is None:
        if state.trouble:
            terminalreporter.section("facemon")
            terminalreporter.write_line(f"unknown   {state.trouble} (exit code 11)", yellow=True)
        return
    terminalreporter.section("facemon")
    for text, colour in state.section:
        terminalreporter.write_line(text, **({colour: True} if colour else {}))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing behind: no process, no ledger file."""
    state = state_of(config)
    if state.stop:
        with suppress(Exception):
            state.stop()
    if state.context and not state.is_worker:
        from pathlib import Path

        for suffix in ("", "-wal", "-shm"):
            Path(state.context.ledger_path + suffix).unlink(missing_ok=True)


def _conclude(config: pytest.Config) -> None:
    """Judge; what goes wrong in here is our own fault, and makes the run unknown instead of breaking it."""
    state = state_of(config)
    try:
        from facemon.plugin.evidence import publish
        from facemon.plugin.section import lines
        from facemon.plugin.verdict import conclude

        verdict = conclude(state, settings_of(config))
        state.section = tuple(lines(verdict))
        publish(config, verdict)
        state.verdict = verdict
    except Exception as error:
        state.trouble = f"the run could not be judged: {error}"
        with suppress(Warning):  # under -W error a warning is an exception; the section says it all the same
            warnings.warn(pytest.PytestWarning(f"facemon: {state.trouble}"), stacklevel=1)


def _unknown_cause(raised: BaseException) -> str | None:
    """Why a failure tells nothing of the service; None if it does tell something."""
    from facemon.errors import GenerationError, StoreError
    from facemon.plugin.run import OwnFault

    if isinstance(raised, BaseExceptionGroup):
        causes = [_unknown_cause(member) for member in raised.exceptions]
        return causes[0] if all(causes) else None
    if isinstance(raised, GenerationError):
        return raised.cause if raised.state == "unknown" else None
    if isinstance(raised, StoreError | OwnFault):
        return f"own fault: {raised}"
    if isinstance(raised, AssertionError | TimeoutError | pytest.fail.Exception):
        return None  # what a check is written to say: a promise was not kept
    return f"the check's own mistake: {_first_line(raised)}"


def _first_line(raised: BaseException) -> str:
    said = next(iter(str(raised).splitlines()), "")
    name = type(raised).__name__
    return f"{name}: {said}"[:160] if said else name
