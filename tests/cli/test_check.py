"""`facemon check`: the right checks, with the right options, in anybody's repository."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from facemon.cli import check, pytest_line
from facemon.cli.trouble import Exit
from facemon.cli.user_ini import facemon_keys
from facemon.errors import ConfigError
from facemon.judges import forget
from tests.cli.conftest import Invoke
from tests.cli.test_app import SCRIPT

TOP = Path(pytest_line.facemon.__file__).parent.parent

CHECK = '''
async def check_a_face(facemon):
    """One face."""
    assert (facemon.target, facemon.response_time_limit) == ("mock", 9)
    await facemon.generate(age=30, gender="female")
'''


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What pytest would have been told."""
    told: list[list[str]] = []
    monkeypatch.setattr(check, "_run", lambda line: told.append(line) or 0)
    return told


def local_checks(folder: str = "checks") -> Path:
    Path(folder).mkdir()
    path = Path(folder) / "check_mine.py"
    path.write_text(CHECK)
    return path


def test_paths_come_before_a_local_folder_before_the_shipped_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given > ./checks > the wheel's > the checkout's. Somebody's `checks` folder without checks is none of ours."""
    assert pytest_line.find_checks([]) == pytest_line.Checks((str(TOP / "checks"),), shipped=True)
    Path("checks").mkdir()
    assert pytest_line.find_checks([]).shipped
    Path("checks").rmdir()
    local_checks()
    assert pytest_line.find_checks([]) == pytest_line.Checks(("checks",))
    local_checks("other")
    node = "other/check_mine.py::check_a_face"
    assert pytest_line.find_checks([node]) == pytest_line.Checks((node,))
    installed = tmp_path / "site" / "facemon"
    (installed / "shipped_checks").mkdir(parents=True)
    (installed / "shipped_checks" / "check_it.py").write_text(CHECK)
    monkeypatch.chdir(installed)
    monkeypatch.setattr(pytest_line.facemon, "__file__", str(installed / "__init__.py"))
    assert pytest_line.find_checks([]).paths == (str(installed / "shipped_checks"),)


def test_the_target_is_always_named(invoke: Invoke, lines: list[list[str]]) -> None:
    """The plugin knows from the start that it is in use; the default is the simulator."""
    assert invoke("check").exit_code == Exit.OK
    assert "--facemon-target=sim" in lines[0]


def test_options_become_the_plugins(invoke: Invoke, lines: list[list[str]]) -> None:
    """Each option goes to the plugin or to pytest, several faults as several, and what follows `--` as it is."""
    words = (
        "check --target mock --fault hang:on=1 --fault moderated --samples 60 --model ultra --max-credits 9"
    )
    more = "--store s.db -n 2 --junit j.xml --allure a -k seed -v -- --durations=3 -x"
    result = invoke(*words.split(), *more.split())
    assert result.exit_code == Exit.OK, result.output
    (line,) = lines
    for word in (
        "--facemon-target=mock",
        "--facemon-fault=hang:on=1",
        "--facemon-fault=moderated",
        "--facemon-samples=60",
        "--facemon-model=ultra",
        "--facemon-max-credits=9",
        "--facemon-store=s.db",
        "--numprocesses=2",
        "--junitxml=j.xml",
        "--alluredir=a",
        "-v",
    ):
        assert word in line
    assert line[line.index("-k") + 1] == "seed"
    assert line[-4:-2] == ["--durations=3", "-x"]


def test_settings_of_the_ini_file_count_and_an_option_outranks_them(
    invoke: Invoke, lines: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ini < environment < option, for the shipped checks too, though nothing else of the ini file reaches them."""
    Path("pytest.ini").write_text(
        "[pytest]\nfacemon_target = mock\nfacemon_samples = 61\naddopts = -p missing\n"
    )
    result = invoke("check")
    assert "--facemon-target=mock" in lines[-1]
    assert "facemon_samples=61" in lines[-1]
    assert "target    mock" in result.stdout
    monkeypatch.setenv("FACEMON_TARGET", "sim")
    invoke("check")
    assert "--facemon-target=sim" in lines[-1]
    invoke("check", "--target", "mock", "--samples", "7")
    assert {"--facemon-target=mock", "--facemon-samples=7"} <= set(lines[-1])


def test_a_wrong_ini_value_is_refused_like_an_option(
    invoke: Invoke, one_error: Callable[[Result], str], lines: list[list[str]]
) -> None:
    """The sentence names the value, before pytest starts."""
    Path("tox.ini").write_text("[pytest]\nfacemon_samples = none\n")
    assert "'none'" in one_error(invoke("check"))
    assert not lines


def test_promises_are_handed_on(
    invoke: Invoke, lines: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each sentence, the switch and the schedule become the plugin's; without them nothing is said of them."""
    invoke("check", "--target", "mock")
    assert not [word for word in lines[-1] if "objective" in word or "sequential" in word or "rate" in word]
    words = ("--objective", "success_rate >= 99%", "--objective", "credits.mean <= 4credits", "--sequential")
    result = invoke("check", "--target", "mock", *words, "--rate", "100/min", "--duration", "10m")
    assert result.exit_code == Exit.OK, result.output
    assert {
        "--facemon-objective=success_rate >= 99%",
        "--facemon-objective=credits.mean <= 4credits",
        "--facemon-sequential",
        "--facemon-rate=100/min",
        "--facemon-duration=10m",
    } <= set(lines[-1])


def test_an_ini_key_of_load_is_no_setting(invoke: Invoke, lines: list[list[str]]) -> None:
    """A rate in the ini file belongs to the run: it is handed on and not refused."""
    Path("pytest.ini").write_text("[pytest]\nfacemon_target = mock\nfacemon_rate = 60/min\n")
    assert invoke("check").exit_code == Exit.OK
    assert "facemon_rate=60/min" in lines[-1]


@pytest.mark.parametrize("way", ["option", "variable", "ini", "file"])
def test_a_wrong_objective_is_refused_before_pytest_starts(
    invoke: Invoke,
    one_error: Callable[[Result], str],
    lines: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    way: str,
) -> None:
    """Wherever it stands, that of a file with its line: exit 4, one sentence with the nearest name, no run begun."""
    wrong = "respons_time.p95 <= 3s"
    if way == "variable":
        monkeypatch.setenv("FACEMON_OBJECTIVE", wrong)
    elif way == "ini":
        Path("pytest.ini").write_text(f"[pytest]\nfacemon_objective = {wrong}\n")
    elif way == "file":
        Path("facemon.toml").write_text(f'[objectives]\nfast = "{wrong}"\n')
    result = invoke("check", "--target", "mock", *(("--objective", wrong) if way == "option" else ()))
    said = one_error(result)
    assert "did you mean response_time?" in said
    assert ("facemon.toml:2" in said) is (way == "file")
    assert (result.exit_code, lines) == (Exit.USAGE, [])


def test_the_file_of_the_folder_where_it_starts_is_kept(tmp_path: Path) -> None:
    """A real run of the shipped checks: the project's promise is judged, not the specification's."""
    Path("facemon.toml").write_text('[objectives]\nsmall = "memory.max <= 8GB"\n')
    done = _run(tmp_path, "check", "--target", "mock", "-k", "typical_face")
    assert done.returncode == Exit.OK, done.stdout + done.stderr
    assert "memory.max <= 8000MB" in done.stdout


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("EVALUATORS", "safty", "'safty' is not accepted: give ofiq, safety, text_similarity"),
        ("EVALUATORS", "text_similarity", "set FACEMON_CLIP_MODEL to a folder"),
        ("CALIBRATION", "missing.json", "'missing.json' cannot be read"),
        ("DESCRIPTOR", "identity", "facemon[identity]"),
    ],
)
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
def test_what_cannot_judge_is_refused_before_pytest_starts(
    invoke: Invoke,
    one_error: Callable[[Result], str],
    lines: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    workers: tuple[str, ...],
    name: str,
    value: str,
    said: str,
) -> None:
    """Evaluators, calibration and descriptor are looked at first: no run begins, and none is left in the store."""
    forget()
    monkeypatch.setitem(sys.modules, "face_recognition_models", None)
    monkeypatch.setenv(f"FACEMON_{name}", value)
    result = invoke("check", *workers)
    assert said in one_error(result)
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")
    assert not lines
    assert not Path(".facemon").exists()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.toml", '[pytest]\nfacemon_model = "ultra"\n'),
        (".pytest.ini", "[pytest]\nfacemon_model = ultra\n"),
        ("pyproject.toml", '[tool.pytest.ini_options]\nfacemon_model = "ultra"\n'),
        ("pyproject.toml", '[tool.pytest]\nfacemon_model = "ultra"\n'),
        ("tox.ini", "[pytest]\nfacemon_model = ultra\n"),
        ("setup.cfg", "[tool:pytest]\nfacemon_model = ultra\n"),
    ],
)
def test_the_keys_are_found_in_every_file_that_configures_pytest(
    tmp_path: Path, name: str, text: str
) -> None:
    """From the folder upwards, in pytest's order; a file that does not configure pytest is passed by."""
    (tmp_path / name).write_text(text)
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    (below / "pyproject.toml").write_text('[project]\nname = "x"\n')
    (below / "setup.cfg").write_text("[metadata]\nname = x\n")
    assert facemon_keys(below) == {"model": "ultra"}
    (below / "pytest.ini").write_text("")
    assert facemon_keys(below) == {}


def test_a_broken_ini_file_is_named(tmp_path: Path) -> None:
    """What cannot be read is said in one sentence."""
    (tmp_path / "pyproject.toml").write_text("[tool.pytest")
    with pytest.raises(ConfigError, match=r"pyproject\.toml cannot be read"):
        facemon_keys(tmp_path)


def test_local_checks_run_under_their_own_configuration(tmp_path: Path) -> None:
    """A real run: the repository's own names for tests do not keep the checks from being found."""
    local_checks()
    Path("pyproject.toml").write_text(
        '[tool.pytest.ini_options]\npython_files = ["spec_*.py"]\nfacemon_target = "mock"\n'
        'facemon_response_time_limit = "9"\n'
    )
    done = _run(tmp_path, "check", "-W", "error")
    assert done.returncode == Exit.USAGE  # -W is pytest's: it goes behind --
    done = _run(tmp_path, "check", "--", "-W", "error")
    assert done.returncode == Exit.OK, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert "verdict   PASS" in done.stdout


def test_the_shipped_checks_run_in_a_hostile_repository(tmp_path: Path) -> None:
    """A real run where pytest itself could not start: a missing plugin, ours switched off, a broken conftest."""
    Path("pytest.ini").write_text(
        "[pytest]\naddopts = -p missing -p no:facemon --strict-config\nfilterwarnings = error\nbogus = 1\n"
        "facemon_target = mock\n"
    )
    Path("conftest.py").write_text("raise SystemExit('a stranger')")
    done = _run(tmp_path, "check", "-k", "empty_prompt", PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert "target    mock" in done.stdout
    assert not (tmp_path / ".pytest_cache").exists()


def _run(folder: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, *words], cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, **more}
    )


def test_checks_that_never_use_facemon_are_no_success(tmp_path: Path) -> None:
    """What passed without asking the service says nothing of it: 11, and what to do. Looking is not running."""
    local_checks().write_text("def check_nothing():\n    pass\n")
    done = _run(tmp_path, "check")
    assert done.returncode == Exit.UNKNOWN, done.stdout + done.stderr
    assert "error: no check used facemon" in done.stderr
    assert "next: let a check take the fixture facemon" in done.stderr
    assert _run(tmp_path, "check", "--", "--collect-only").returncode == Exit.OK


def test_a_reader_that_has_enough_is_no_failure_of_the_service(tmp_path: Path) -> None:
    """`facemon check | head -1`: 141, as shells say it, and not 1."""
    local_checks()
    with subprocess.Popen(
        [SCRIPT, "check", "--target", "mock"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == Exit.CLOSED_PIPE
