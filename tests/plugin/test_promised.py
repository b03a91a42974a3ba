"""Where a run's objectives come from, and what is refused."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from facemon.config import Settings
from facemon.plugin.promised import made_by, name_of, note, promised
from facemon.plugin.state import SessionState
from facemon.slo.objectives import default_objectives

FILE = '[objectives]\nfast = "response_time.p95 <= 2s"\n'


def state(folder: Path, *paths: str, **load: str) -> SessionState:
    """A session started in a folder, with these paths on its command line."""
    config: Any = SimpleNamespace(
        invocation_params=SimpleNamespace(dir=folder),
        args=list(paths),
        rootpath=folder,
        getoption=lambda name, default=None: load.get(name.removeprefix("facemon_"), default),
        getini=lambda _: None,
    )
    return SessionState(config)


def said(session: SessionState, *sentences: str, **settings: Any) -> tuple[str, list[str]]:
    """By whom, and the objectives in words."""
    found = promised(session, Settings(objective=sentences, **settings))
    return found.by, [str(objective) for objective in found.objectives]


def test_without_a_word_the_specification_holds(tmp_path: Path) -> None:
    """Its four promises, with the response time that is set."""
    by, objectives = said(state(tmp_path), response_time_limit=5)
    assert by == "specification"
    assert objectives == [str(objective) for objective in default_objectives(5)]
    assert "response_time.p95 <= 5s" in objectives


def test_a_file_outranks_the_specification_and_the_command_line_the_file(tmp_path: Path) -> None:
    """Each replaces the other as a whole."""
    (tmp_path / "facemon.toml").write_text(FILE)
    assert said(state(tmp_path)) == ("file", ["response_time.p95 <= 2s"])
    given = ("success_rate >= 99%", "credits.mean <= 4credits")
    assert said(state(tmp_path), *given) == ("command line", list(given))


def test_the_file_of_the_folder_where_it_starts_comes_before_that_of_the_checks(tmp_path: Path) -> None:
    """A job that runs another folder's checks keeps their promises, unless its own folder states some."""
    for name in ("here", "there"):
        (tmp_path / name / "checks").mkdir(parents=True)
    (tmp_path / "there" / "facemon.toml").write_text(FILE)
    here, path = tmp_path / "here", "../there/checks/check_it.py::check_it"
    assert said(state(here, path))[0] == "file"
    assert said(state(here, "checks"))[0] == "specification"
    (here / "facemon.toml").write_text('[objectives]\nmine = "success_rate >= 90%"\n')
    assert said(state(here, path)) == ("file", ["success_rate >= 90%"])


def test_the_same_sentence_twice_is_one_promise(tmp_path: Path) -> None:
    """However it is spelt."""
    assert said(state(tmp_path), "success_rate >= 95%", "success_rate>=0.95")[1] == ["success_rate >= 95%"]


def test_a_schedule_adds_what_the_specification_promises_of_load(tmp_path: Path) -> None:
    """Throughput, memory and CPU, beside its four; to what somebody states nothing is added."""
    by, objectives = said(state(tmp_path, rate="120/min"))
    assert by == "specification"
    assert objectives[4:] == ["throughput >= 100/min", "memory.max <= 256MB", "cpu.mean <= 30%"]
    assert said(state(tmp_path, rate="120/min"), "success_rate >= 95%")[1] == ["success_rate >= 95%"]


@pytest.mark.parametrize(
    ("sentence", "rate", "wanted"),
    [
        ("succes_rate >= 95%", None, "the setting objective.*'succes_rate'; did you mean success_rate"),
        ("", None, "the setting objective.*write it as"),
        ("throughput >= 5/min", None, "takes a run with a rate: give --facemon-rate too"),
        ("cpu.mean <= 30%", None, "takes a run with a rate"),
        ("throughput >= 5/min", "4/min", "cannot be shown at 4/min: give a --facemon-rate of 5/min or more"),
    ],
)
def test_what_can_never_be_confirmed_is_refused(
    tmp_path: Path, sentence: str, rate: str | None, wanted: str
) -> None:
    """A sentence that is none, a pace that this run does not send at: refused at the start, with the way out."""
    load = {"rate": rate} if rate else {}
    with pytest.raises(pytest.UsageError, match=f"^facemon: .*{wanted}"):
        said(state(tmp_path, **load), sentence)


def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path) -> None:
    """File, line, name, reason and nearest spelling in one sentence."""
    (tmp_path / "facemon.toml").write_text('\n[objectives]\nfast = "respons_time.p95 <= 3s"\n')
    with pytest.raises(pytest.UsageError) as refused:
        said(state(tmp_path))
    for part in ("facemon.toml:3", "fast", "did you mean response_time?"):
        assert part in str(refused.value)


def test_a_file_may_promise_what_only_some_runs_measure(tmp_path: Path) -> None:
    """A project states its throughput once; a run without a rate is not refused for it."""
    (tmp_path / "facemon.toml").write_text('[objectives]\npace = "throughput >= 100/min"\n')
    assert said(state(tmp_path)) == ("file", ["throughput >= 100/min"])
    with pytest.raises(pytest.UsageError, match=r"facemon\.toml:2.*cannot be shown at 60/min"):
        said(state(tmp_path, rate="1/s"))


def test_it_is_read_once(tmp_path: Path) -> None:
    """A file that changes under a run does not change what the run is judged by."""
    session = state(tmp_path)
    before = promised(session, Settings())
    (tmp_path / "facemon.toml").write_text(FILE)
    assert promised(session, Settings()) is before


# --- markers ---


def item(*markers: dict[str, Any], name: str = "check_it") -> Any:
    """A check of `check_file.py` with these markers, the nearest first."""
    marks = [SimpleNamespace(kwargs=kwargs) for kwargs in markers]
    return SimpleNamespace(
        nodeid=f"checks/check_file.py::{name}[20]@group",
        parent=SimpleNamespace(nodeid="checks/check_file.py"),
        originalname=name,
        name=f"{name}[20]",
        iter_markers=lambda _: iter(marks),
    )


def test_the_nearest_marker_counts(tmp_path: Path) -> None:
    """A check's own objectives replace those of its class or module, as its other settings do."""
    session = state(tmp_path)
    note(item({}, {"objectives": ["success_rate >= 95%"]}, {"objectives": ["error_rate <= 1%"]}), session)
    assert session.marked == {"checks/check_file.py::check_it": ["success_rate >= 95%"]}


@pytest.mark.parametrize(
    ("objectives", "wanted"),
    [
        ("success_rate >= 95%", "is no list"),
        (["succes_rate >= 95%"], "did you mean success_rate"),
        ([3], "no sentence"),
        (["memory.max <= 256MB"], "about a figure of the whole run"),
    ],
)
def test_a_wrong_marker_is_refused_wherever_it_stands(tmp_path: Path, objectives: Any, wanted: str) -> None:
    """Also where a nearer one outranks it: it names the check and says why."""
    with pytest.raises(pytest.UsageError, match=f"check_file.py::check_it.*marker.*{wanted}"):
        note(item({"objectives": ["success_rate >= 95%"]}, {"objectives": objectives}), state(tmp_path))


def test_a_check_is_all_its_runs() -> None:
    """Its parameters and xdist's group are not part of its name, and another check's beginning is."""
    name = name_of(item())
    assert name == "checks/check_file.py::check_it"
    assert all(made_by(name, f"{name}{more}") for more in ("", "[20-male]", "@group", "[20]@group"))
    assert not any(made_by(name, other) for other in (None, f"{name}_too", "checks/check_file.py"))
