"""Good manners: a pytest run that does not use facemon does not notice that it is installed."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from typing import Any

import pytest

import facemon
from tests.plugin.test_bench import FEWER_PLUGINS, ONE_FACE, PLAIN, everything, run

HEAVY = {
    *(
        "aiohttp",
        "aiosqlite",
        "alembic",
        "allure",
        "httpcore",
        "httpx",
        "numpy",
        "PIL",
        "platformdirs",
        "psutil",
    ),
    *("pydantic", "pydantic_settings", "respx", "rich", "sqlalchemy", "typer"),
}

LOOP_SCOPE = ("-o", "asyncio_default_fixture_loop_scope=session")  # pytest-asyncio warns when nobody says it

# Writes down every file, socket, process and database that pytest opens, and every module that is there at the end.
WATCHER = """
import json, re, sys
import pytest

seen = []
WATCHED = {"open", "sqlite3.connect", "subprocess.Popen", "os.mkdir", "os.remove", "os.rename", "tempfile.mkstemp"}

def watch(event, arguments):
    if event in WATCHED or event.startswith("socket."):
        if not (event == "open" and str(arguments[0]).endswith((".py", ".pyc", ".so"))):
            # pytest tries out its folder for temporary files under a random name
            seen.append(re.sub("/[a-z0-9_]{8}$", "/RANDOM", f"{event} {arguments[0]}"))

sys.addaudithook(watch)
code = int(pytest.main(sys.argv[2:]))
sys.stdout.flush()
with open(sys.argv[1], "w") as report:
    json.dump({"code": code, "seen": seen, "modules": sorted(sys.modules)}, report)
"""


def watched(pytester: pytest.Pytester, *options: str) -> dict[str, Any]:
    """A run in a process of its own: its code, what it opened, its modules, what it printed."""
    watcher = pytester.makepyfile(watcher=WATCHER)
    report = pytester.path / "report.json"
    done = subprocess.run(
        # Other plugins import heavy things of their own; they would hide it if ours did too.
        [
            sys.executable,
            watcher,
            report,
            "-p",
            "no:cacheprovider",
            *FEWER_PLUGINS,
            *LOOP_SCOPE,
            *options,
            "test_plain.py",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    output = re.sub(r" in [\d.]+s", "", done.stdout + done.stderr)
    return {**json.loads(report.read_text()), "output": output}


def heavy(modules: list[str]) -> set[str]:
    """Which of the heavy libraries are among them."""
    return {name.partition(".")[0] for name in modules} & HEAVY


@pytest.fixture
def plain(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with a test that has nothing to do with facemon."""
    pytester.makepyfile(test_plain=PLAIN)
    return pytester


def test_a_run_without_facemon_is_the_run_without_the_plugin(plain: pytest.Pytester) -> None:
    """With no option, marker or fixture of ours: no file, socket or process opened, nothing printed, nothing heavy.

    Also under -W error and --strict-markers, and `-p no:facemon` works.
    """
    strict = ("-q", "-W", "error", "--strict-markers", "--strict-config")
    installed, disabled = watched(plain, *strict), watched(plain, "-p", "no:facemon", *strict)
    assert installed["code"] == disabled["code"] == 0
    assert sorted(installed["seen"]) == sorted(disabled["seen"])
    assert installed["output"] == disabled["output"]
    added = set(installed["modules"]) - set(disabled["modules"])
    assert "facemon.plugin" in added
    assert not [path.name for path in plain.path.iterdir() if "facemon" in path.name]
    assert not heavy(list(added))
    assert {name for name in added if name.startswith("facemon")} == {
        "facemon",
        "facemon.plugin",
        "facemon.plugin.fixtures",
        "facemon.plugin.options",
        "facemon.plugin.outcomes",
        "facemon.plugin.scorekeeper",
        "facemon.plugin.state",
    }


def test_the_watcher_of_the_test_above_can_see(plain: pytest.Pytester) -> None:
    """A run that does use facemon opens files and imports heavy things, and the watcher tells."""
    plain.makepyfile(test_plain="def test_it(facemon):\n    pass\n")
    used = watched(plain, "--facemon-target", "mock", "-q", "-o", "asyncio_default_test_loop_scope=session")
    assert any("facemon.db" in line for line in used["seen"])
    assert {"httpx", "sqlalchemy", "pydantic"} <= heavy(used["modules"])


def test_workers_of_a_run_without_facemon_cost_nothing_either(plain: pytest.Pytester) -> None:
    """Under xdist too: the controller of plain tests imports nothing heavy for facemon's sake."""
    controller = watched(plain, "-q", "-n", "1")
    assert not heavy(controller["modules"])


def test_a_bad_environment_does_not_trouble_others(pytester: pytest.Pytester) -> None:
    """A wrong FACEMON_ variable stops nobody who does not use facemon."""
    result = run(pytester, PLAIN, target=None, env={"FACEMON_TARGET": "nonsense", "FACEMON_TYPO": "1"})
    assert result.ret == 0
    assert "facemon" not in everything(result).replace("facemon-0", "")


def test_without_the_plugin_its_options_are_unknown(pytester: pytest.Pytester) -> None:
    """`-p no:facemon` really takes it out: an option of ours is then a usage error of pytest's own."""
    result = run(pytester, PLAIN, "-p", "no:facemon")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "unrecognized arguments" in everything(result)


def test_a_run_that_uses_it_passes_with_warnings_as_errors(pytester: pytest.Pytester) -> None:
    """-W error: no warning of ours or of a library of ours turns a good run into a bad one."""
    assert run(pytester, ONE_FACE, "-W", "error", apart=True).ret == 0


def test_help_shows_one_group_with_one_prefix(pytester: pytest.Pytester) -> None:
    """--help: our own group, every option in it named --facemon-…; the ini keys have the same names."""
    text = run(pytester, None, "--help", target=None).stdout.str()
    group = re.search(r"^facemon: synthetic monitoring.*?:\n(.*?)\n\n?\S", text, re.DOTALL | re.MULTILINE)
    assert group
    options = re.findall(r"^  (-\S+?)[= ]", group[1], re.MULTILINE)
    assert len(options) >= 13
    assert all(name.startswith("--facemon-") for name in options)
    for name in options:
        assert re.search(rf"^  {name[2:].replace('-', '_')} ", text, re.MULTILINE), f"no ini key for {name}"


def test_help_comes_also_with_bad_settings(pytester: pytest.Pytester) -> None:
    """Whoever made a mistake must be able to ask for help."""
    result = run(pytester, None, "--help", target="nonsense")
    assert result.ret == 0
    assert "--facemon-target" in result.stdout.str()


def test_markers_are_listed_with_their_settings(pytester: pytest.Pytester) -> None:
    """--markers: ours, with what it accepts."""
    text = run(pytester, None, "--markers", target=None).stdout.str()
    assert re.search(r"@pytest.mark.facemon\(.*attempt_timeout.*model.*\)", text)


def test_collecting_says_and_opens_nothing(pytester: pytest.Pytester) -> None:
    """--collect-only judges nothing: exit code 0, no section, no store."""
    result = run(pytester, ONE_FACE, "--collect-only")
    assert result.ret == 0
    assert "verdict" not in result.stdout.str()
    assert not (pytester.path / ".facemon").exists()


SOCKETS = """
import sys
import pytest

connections = []

def watch(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "socket.sendto"):
        connections.append(f"{event} {arguments[1:]}")

sys.addaudithook(watch)

def pytest_unconfigure(config):
    print("CONNECTIONS", len(connections), connections)
"""


def test_mock_opens_no_socket_and_needs_no_key(pytester: pytest.Pytester) -> None:
    """The target mock: pictures come, refusals and drills work, and nothing is connected, bound or looked up."""
    pytester.makeconftest(SOCKETS)
    source = (
        ONE_FACE
        + """
from facemon import ImageRequest

async def test_refusal(facemon):
    await facemon.refusal(ImageRequest(""), error_type="invalid_request", status=400)

async def test_drill(facemon):
    async with facemon.drill("moderated") as drill:
        assert (await drill.attempt(ImageRequest("a face"))).error.error_type == "moderated"

async def test_balance(facemon):
    assert await facemon.balance() > 0
"""
    )
    result = run(pytester, source, apart=True)
    assert result.ret == 0
    assert "CONNECTIONS 0 []" in result.outlines


def test_importing_facemon_is_light() -> None:
    """`import facemon` brings nothing but facemon itself and a little of the standard library."""
    code = "import sys, importlib; before = set(sys.modules); import facemon; print(sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    added = set(ast.literal_eval(done.stdout))
    assert {name for name in added if name.partition(".")[0] not in sys.stdlib_module_names} == {"facemon"}
    assert not added & {"asyncio", "sqlite3", "ssl", "urllib.request", "subprocess", "tempfile"}
    assert not done.stderr


def test_every_public_name_resolves() -> None:
    """What `__all__` promises is there, sorted, and shown by dir(); what it does not is an AttributeError."""
    assert sorted(facemon.__all__, key=str.lower) == list(facemon.__all__)
    assert len(set(facemon.__all__)) == len(facemon.__all__)
    for name in facemon.__all__:
        assert getattr(facemon, name) is not None
        assert name in dir(facemon)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = facemon.no_such_name


def test_a_collection_that_breaks_is_none_of_our_business(pytester: pytest.Pytester) -> None:
    """A module of somebody's that cannot be imported interrupts the run: no section of ours, no word of unknown."""
    result = run(pytester, "import nothing_is_called_so\n", target=None)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert "facemon ==" not in everything(result)
    assert "unknown" not in everything(result)
