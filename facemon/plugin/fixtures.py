"""The fixtures. Imported at every start of pytest, so everything heavy is imported when a check asks for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from facemon.plugin.options import MARKER_OBJECTIVES, MARKER_SETTINGS, OPTIONS, settings_of
from facemon.plugin.state import SessionState, state_of

if TYPE_CHECKING:
    from facemon.config import Settings
    from facemon.model import FaceRequest
    from facemon.plugin.engine import Engine
    from facemon.plugin.facade import Facemon
    from facemon.plugin.load_report import LoadReport
    from facemon.store import RecordStore

SAMPLE = "facemon_request"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def facemon_engine(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """What this process holds open for all its checks; a check of yours rarely needs it."""
    from facemon.plugin.engine import opened
    from facemon.plugin.run import OwnFault, check_target, open_target

    config = request.config
    state = state_of(config)
    try:
        settings = settings_of(config)
        check_target(settings)
        context = state.shared_context()
        target = open_target(settings, context, state.progress)
    except pytest.UsageError as error:
        # From a fixture a usage error would be reported once a check, as a failure of the service.
        state.refuse(str(error))
    except Exception as error:
        raise OwnFault(str(error)) from error
    try:
        async with opened(settings, context, target) as engine:
            _watch_evidence(state, settings, engine)
            yield engine
    except pytest.UsageError as error:
        state.refuse(str(error))
    except Exception as error:
        raise OwnFault(str(error)) from error
    finally:
        state.enough = None
        try:
            state.remember(target.state() if not context.simulator_url else {})
        except Exception as error:
            state.trouble = f"the simulator did not say what it counted ({error})"
        target.close()


def _watch_evidence(state: SessionState, settings: Settings, engine: Engine) -> None:
    if not settings.sequential:
        return
    from facemon.plugin.enough import Enough
    from facemon.plugin.promised import promised

    state.enough = Enough(engine, promised(state, settings).objectives, state.marked)


@pytest_asyncio.fixture(loop_scope="session")
async def facemon(request: pytest.FixtureRequest, facemon_engine: Engine) -> Facemon:
    """Ask for faces: `await facemon.generate(age=30, gender="female")`. See `facemon.plugin.facade.Facemon`."""
    from facemon.plugin.facade import Facemon

    return Facemon(facemon_engine, await facemon_engine.monitor(_overrides(request.node)), request.node)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def facemon_explored(request: pytest.FixtureRequest, facemon_engine: Engine) -> AsyncIterator[Facemon]:
    """The same where examples cost nothing; elsewhere the check is skipped. For checks that hypothesis explores.

    One for the session, because hypothesis refuses fixtures that could differ from example to example. A face takes
    longer than the 200 ms that hypothesis allows an example, so set its deadline to none:

        @given(seed=st.integers(1, SEED_MAX))
        @settings(max_examples=8, deadline=None)
        async def check_any_seed(facemon_explored, seed):
            assert (await facemon_explored.generate(age=30, gender="male", seed=seed)).image
    """
    from facemon.plugin.facade import Facemon

    target = facemon_engine.settings.target
    if target not in ("sim", "mock"):
        pytest.skip(f"not applicable: on the target {target} each example costs money")
    item = request._pyfuncitem  # the first that asks; `request.node` is the session
    facade = Facemon(facemon_engine, await facemon_engine.monitor(_overrides(item)), item)
    turns = _Turns(facade, facemon_engine)
    request.config.pluginmanager.register(turns)
    yield facade
    request.config.pluginmanager.unregister(turns)


class _Turns:
    """A plugin of pytest's: tells a session's facade which check it serves."""

    def __init__(self, facade: Facemon, engine: Engine) -> None:
        self._facade, self._engine = facade, engine

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Before the fixtures of a check, in which it may ask for faces already."""
        if "facemon_explored" in getattr(item, "fixturenames", ()):
            # Between two checks the loop stands still.
            monitor = self._engine.loop.run_until_complete(self._engine.monitor(_overrides(item)))
            self._facade.serve(item, monitor)


@pytest_asyncio.fixture(loop_scope="session")
async def facemon_store(facemon_engine: Engine) -> RecordStore:
    """The store that this run's records go to."""
    return facemon_engine.store


@pytest.fixture
def facemon_request(request: pytest.FixtureRequest) -> FaceRequest:
    """One face of the run's sample; a check that takes it runs once for each (`--facemon-samples`)."""
    face: FaceRequest = request.param
    return face


@pytest.fixture
def facemon_load(request: pytest.FixtureRequest) -> LoadReport:
    """What the load phase of this run saw, all workers' shares together. Skips the check where none was asked for."""
    if not request.config.pluginmanager.has_plugin("facemon-load"):
        pytest.skip("not asked: give --facemon-rate")
    from facemon.plugin.load_report import report_of

    return report_of(request.config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Spread the sample evenly over the cells of age and gender; a small one goes on where the last run ended."""
    if SAMPLE not in metafunc.fixturenames:
        return
    from itertools import cycle, islice, product

    from facemon.model import AGES, GENDERS, FaceRequest

    try:
        settings = settings_of(metafunc.config)
    except pytest.UsageError as error:
        # Raised from here it would be a broken module: exit code 2 and a traceback.
        state_of(metafunc.config).refused = str(error)
        metafunc.parametrize(SAMPLE, [], indirect=True)
        return
    from facemon.plugin.turn import first_cell

    count, every = settings.most_samples, list(product(AGES, GENDERS))
    start = first_cell(settings, state_of(metafunc.config).shared_context().run_id, count, len(every))
    cells = islice(cycle(every), start, start + count)
    faces = [
        pytest.param(FaceRequest(age, gender), id=f"{age}-{gender}-{number // 12 + 1}")
        for number, (age, gender) in enumerate(cells)
    ]
    metafunc.parametrize(SAMPLE, faces, indirect=True)


def uses_facemon(item: pytest.Item) -> bool:
    """Whether a test takes a fixture of ours or carries our marker."""
    names: tuple[str, ...] = tuple(getattr(item, "fixturenames", ()))
    ours = any(name == "facemon" or name.startswith("facemon_") for name in names)
    return ours or item.get_closest_marker("facemon") is not None


def run_in_session_loop(item: pytest.Item) -> None:
    """Mark an async test for pytest-asyncio, unless its author chose a loop."""
    marker = item.get_closest_marker("asyncio")
    if marker is None or not marker.kwargs:
        item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


def check_marker(item: pytest.Item, state: SessionState) -> None:
    """Refuse a wrong `@pytest.mark.facemon(...)` before anything runs; its objectives are noted.

    Raises pytest.UsageError.
    """
    for marker in item.iter_markers("facemon"):
        known = (*MARKER_SETTINGS, MARKER_OBJECTIVES)
        accepted = ", ".join(known)
        if marker.args:
            raise pytest.UsageError(
                f"facemon: {item.nodeid}: the marker takes no position: give {accepted} by name"
            )
        for name in marker.kwargs:
            if name not in known:
                raise pytest.UsageError(
                    f"facemon: {item.nodeid}: marker setting {name!r} is not accepted: give {accepted}"
                )
        _check_values(item, _settings_in(marker))
        if MARKER_OBJECTIVES in marker.kwargs:
            from facemon.plugin.promised import note

            note(item, state)


def _settings_in(marker: pytest.Mark) -> dict[str, Any]:
    return {name: value for name, value in marker.kwargs.items() if name != MARKER_OBJECTIVES}


def _overrides(item: pytest.Item) -> dict[str, Any] | None:
    """What the markers of a check change, the nearest first."""
    found: dict[str, Any] = {}
    for marker in item.iter_markers("facemon"):
        found = {**_settings_in(marker), **found}
    return found or None


def _check_values(item: pytest.Item, values: Mapping[str, Any]) -> None:
    from facemon.client import choose_model
    from facemon.config import Settings
    from facemon.errors import ConfigError

    try:
        Settings.load(high=values)
        if "model" in values:
            choose_model(settings_of(item.config).provider, values["model"])
    except ConfigError as error:
        raise pytest.UsageError(f"facemon: {item.nodeid}: marker: {error}") from None


__all__ = [
    "OPTIONS",
    "facemon",
    "facemon_engine",
    "facemon_explored",
    "facemon_load",
    "facemon_request",
    "facemon_store",
    "pytest_generate_tests",
]
