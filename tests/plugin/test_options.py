"""The options: one table, four sources in one order, and every wrong value refused in one sentence."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from facemon.config import Settings
from facemon.judges import forget
from facemon.plugin.options import MARKER_SETTINGS, OPTIONS
from tests.plugin.test_bench import NOTHING_ASKED, ONE_FACE, PLAIN, SAMPLE, everything, run, section

# The key never stands on a command line; the base URL is the library's, checks have a target; concurrency belongs to
# code that sends side by side.
WITHOUT_OPTION = {"api_key", "base_url", "concurrency"}
KEY = {"STABILITY_API_KEY": "sk-canary-Qx7vWz2KpLr9"}


def test_every_setting_has_an_option_or_a_reason() -> None:
    """The table of options and the settings agree, name by name."""
    assert set(OPTIONS) == set(Settings.model_fields) - WITHOUT_OPTION
    assert set(Settings.model_fields) >= WITHOUT_OPTION
    assert set(MARKER_SETTINGS) <= set(OPTIONS)


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_the_help_tells_the_real_default(name: str) -> None:
    """Where an option's help names a default, it is the one that the settings have."""
    said = re.search(r"default:? (\d+)/?(\d+)?|\(default: (\d+)", OPTIONS[name][1])
    default = Settings.model_fields[name].default
    if isinstance(default, int | float) and not isinstance(default, bool):
        assert said, f"the help of {name} does not tell its default {default:g}"
        assert next(group for group in said.groups() if group) == f"{default:g}"
    if isinstance(default, str):
        assert default in OPTIONS[name][1]


def samples(pytester: pytest.Pytester, *options: str, **surroundings: object) -> int:
    """How many checks a sample makes."""
    result = run(pytester, SAMPLE, "--collect-only", "-q", *options, **surroundings)  # type: ignore[arg-type]
    assert result.ret == 0
    return sum("test_a_face[" in line for line in result.outlines)


def test_ini_environment_command_line(pytester: pytest.Pytester) -> None:
    """Default < ini file < environment < command line, by the number of checks that each one makes."""
    ini, environment, command_line = (
        "facemon_samples = 2\n",
        {"FACEMON_SAMPLES": "3"},
        ("--facemon-samples", "4"),
    )
    assert samples(pytester) == 72
    assert samples(pytester, ini=ini) == 2
    assert samples(pytester, ini=ini, env=environment) == 3
    assert samples(pytester, *command_line, ini=ini, env=environment) == 4
    assert samples(pytester, *command_line, ini=ini) == 4


LIMITS = """
import pytest

async def test_unmarked(facemon):
    assert facemon.response_time_limit == {unmarked}
    await facemon.generate(age=30, gender="male")  # a run that measured nothing would be unknown

@pytest.mark.facemon(response_time_limit=40)
def test_marked(facemon):
    assert facemon.response_time_limit == 40
"""


@pytest.mark.parametrize(
    ("ini", "environment", "command_line", "unmarked"),
    [
        (None, None, None, 3),
        ("10", None, None, 10),
        ("10", "20", None, 20),
        ("10", "20", "30", 30),
        (None, "20", "30", 30),
    ],
)
def test_the_marker_outranks_them_all(
    pytester: pytest.Pytester,
    ini: str | None,
    environment: str | None,
    command_line: str | None,
    unmarked: float,
) -> None:
    """A marker's setting holds for its check, whatever else says; the check beside it has the settings' own."""
    result = run(
        pytester,
        LIMITS.format(unmarked=unmarked),
        *(("--facemon-response-time-limit", command_line) if command_line else ()),
        ini=f"facemon_response_time_limit = {ini}\n" if ini else "",
        env={"FACEMON_RESPONSE_TIME_LIMIT": environment} if environment else {},
    )
    assert result.ret == 0


def test_faults_come_from_each_source_and_replace_each_other(pytester: pytest.Pytester) -> None:
    """Several faults in an ini file or a variable are separated by blanks; the command line's replace them."""
    ini = "facemon_fault = hang:on=7 moderated:on=8\n"
    header = run(pytester, NOTHING_ASKED, "--co", ini=ini).stdout.str()
    assert "faults: hang:on=7 moderated:on=8" in header
    given = ("--facemon-fault", "moderated:on=9", "--facemon-fault", "hang:on=6")
    header = run(pytester, NOTHING_ASKED, "--co", *given, ini=ini).stdout.str()
    assert re.search(r"faults: moderated:on=9 hang:on=6$", header, re.MULTILINE)


def test_a_target_from_the_environment_is_used(pytester: pytest.Pytester) -> None:
    """FACEMON_TARGET alone decides whom the checks talk to."""
    source = """
async def test_it(facemon):
    assert facemon.target == "mock"
    assert (await facemon.generate(age=30, gender="male")).image is not None
"""
    assert run(pytester, source, target=None, env={"FACEMON_TARGET": "mock"}).ret == 0


REMOTE = "https://api.example.com"

# option, value, what the sentence has to say beside the value: what is accepted
BAD = [
    ("target", "simm", "sim, mock, live, or a URL"),
    ("target", "ftp://example.com", "https://"),
    ("target", "http://example.com", "https"),
    ("target", "https://example.com?key=value", "without user"),
    ("target", "https://example.com:99999", "port"),
    ("fault", "internal_eror", "did you mean internal_error"),
    ("fault", "internal_error:rate=2", "rate"),
    ("fault", "internal_error:no_such=1", "there are"),
    ("max_credits", "-1", "greater than or equal to 0"),
    ("max_credits", "lots", "number"),
    ("max_credits", "nan", "number"),
    ("samples", "0", "greater than or equal to 1"),
    ("samples", "many", "integer"),
    ("samples", "1.5", "integer"),
    ("response_time_limit", "0", "greater than 0"),
    ("give_up_after", "-1", "greater than or equal to 0"),
    ("attempt_timeout", "soon", "number"),
    ("attempt_timeout", "0", "greater than 0"),
    ("generation_timeout", "-5", "greater than 0"),
    ("rate_limit", "150", "150/10s"),
    ("rate_limit", "0/10s", "150/10s"),
    ("control_url", "nonsense", "URL"),
    ("provider", "no_such_provider", "stability_v1"),
    ("model", "no_such_model", "core"),
    ("store", "missing/folders/facemon.db", "make the folder"),
    ("store", ".", "name a file"),
    ("store", "mysql://host/database", "postgresql://"),
    ("store", ":memory:", "give a file"),
    ("objective", "succes_rate >= 95%", "did you mean success_rate"),
    ("objective", "response_time.p95 <= 3", "give s, ms, min"),
    ("objective", "success_rate >= 100%", "give a share such as 99%"),
    ("objective", "throughput >= 100/min", "give --facemon-rate too"),
]


def refused(result: pytest.RunResult, *said: str) -> None:
    """A usage error: exit code 4, one sentence of ours on one line, no traceback, no verdict, no test run."""
    text = everything(result)
    sentences = [line for line in text.splitlines() if "ERROR: facemon: " in line]
    assert len(sentences) == 1, text
    for words in said:
        assert words in sentences[0]
    assert result.ret == pytest.ExitCode.USAGE_ERROR, text
    assert "Traceback" not in text
    assert "INTERNALERROR" not in text
    assert not re.search(r"^verdict\b", text, re.MULTILINE)
    assert not re.search(r"\d+ (passed|failed|error)", text)


@pytest.mark.parametrize(("option", "value", "accepted"), BAD)
def test_a_bad_option_is_refused(pytester: pytest.Pytester, option: str, value: str, accepted: str) -> None:
    """Each wrong value on the command line: exit 4 and one sentence with the value and what is accepted."""
    dashed = f"--facemon-{option.replace('_', '-')}={value}"
    result = run(pytester, NOTHING_ASKED, dashed, target=None if option == "target" else "mock")
    shown = "mysql" if value.startswith("mysql") else value.partition(":")[0] if option == "fault" else value
    refused(result, shown, accepted)


def test_a_password_in_a_url_is_refused_unseen(pytester: pytest.Pytester) -> None:
    """A target with user and password is refused, and the sentence does not repeat the password."""
    result = run(pytester, NOTHING_ASKED, target="https://user:c4n4ry@example.com")
    refused(result, "without user, password")
    assert "c4n4ry" not in everything(result)


@pytest.mark.parametrize(("option", "value", "accepted"), [BAD[0], *BAD[7::4]])
def test_a_bad_ini_key_is_refused(pytester: pytest.Pytester, option: str, value: str, accepted: str) -> None:
    """The same in the ini file."""
    target = None if option == "target" else "mock"
    refused(run(pytester, NOTHING_ASKED, target=target, ini=f"facemon_{option} = {value}\n"), accepted)


@pytest.mark.parametrize(("option", "value", "accepted"), [*BAD[5::4], BAD[11]])
def test_a_bad_variable_is_refused(pytester: pytest.Pytester, option: str, value: str, accepted: str) -> None:
    """The same in the environment, with an option of ours on the command line."""
    env = {f"FACEMON_{option.upper()}": value}
    refused(run(pytester, NOTHING_ASKED, target=None if option == "target" else "mock", env=env), accepted)


@pytest.mark.parametrize("source", [NOTHING_ASKED, SAMPLE], ids=["fixture", "sample"])
def test_a_bad_variable_is_refused_when_a_check_asks(pytester: pytest.Pytester, source: str) -> None:
    """Nothing on the command line: the fixture, or the sample, is the first to read the environment."""
    refused(run(pytester, source, target=None, env={"FACEMON_SAMPLES": "0"}), "samples '0'", "greater")


def test_an_unknown_variable_is_refused_with_its_near_name(pytester: pytest.Pytester) -> None:
    """A misspelt FACEMON_ variable is no setting: a cap that is not read would be a costly typo."""
    refused(run(pytester, NOTHING_ASKED, env={"FACEMON_MAX_CREDIT": "5"}), "FACEMON_MAX_CREDITS")


def test_an_unknown_ini_key_is_refused(pytester: pytest.Pytester) -> None:
    """The same for a misspelt ini key (by --strict-config, which is pytest's own)."""
    result = run(pytester, NOTHING_ASKED, ini="facemon_max_credit = 5\n")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "facemon_max_credit" in everything(result)


@pytest.mark.parametrize(
    ("target", "options", "env", "said"),
    [
        ("live", ("--facemon-max-credits=5",), {}, "STABILITY_API_KEY"),
        ("live", (), KEY, "--facemon-max-credits"),
        (REMOTE, (), {}, "STABILITY_API_KEY"),
        (REMOTE, (), KEY, "--facemon-max-credits"),
        ("http://127.0.0.1:9", (), {}, "STABILITY_API_KEY"),
        (REMOTE, ("--facemon-fault=hang", "--facemon-max-credits=5"), KEY, "sim or mock"),
        ("live", ("--facemon-fault=hang", "--facemon-max-credits=5"), KEY, "sim or mock"),
        ("live", ("--facemon-max-credits=5",), {"STABILITY_API_KEY": "sk-canary with blanks"}, "ASCII"),
    ],
)
def test_money_and_keys_come_first(
    pytester: pytest.Pytester, target: str, options: tuple[str, ...], env: dict[str, str], said: str
) -> None:
    """live and a URL start with a key, a remote one with a cap, and neither with faults; no key is ever repeated."""
    result = run(pytester, NOTHING_ASKED, *options, target=target, env=env)
    refused(result, said)
    assert "canary" not in everything(result)


@pytest.mark.parametrize(
    ("marker", "said"),
    [
        ("10", "no position"),
        ("attempt_time=10", "attempt_time'"),
        ("target='live'", "'target'"),
        ("attempt_timeout='soon'", "'soon'"),
        ("response_time_limit=-1", "-1"),
        ("model='no_such_model'", "'no_such_model'"),
        ("objectives=['succes_rate >= 95%']", "did you mean success_rate"),
        ("objectives='success_rate >= 95%'", "is no list"),
    ],
)
def test_a_bad_marker_is_refused(pytester: pytest.Pytester, marker: str, said: str) -> None:
    """Wrong marker settings: exit 4 and one sentence that names the check, before any check runs."""
    source = f"import pytest\n@pytest.mark.facemon({marker})\ndef test_marked(facemon):\n    pass\n"
    refused(run(pytester, "def test_first(facemon):\n    pass\n" + source), "test_marked", said)


@pytest.mark.parametrize(
    ("option", "value", "accepted"),
    [
        ("target", "simm", "sim, mock"),
        ("fault", "internal_eror", "did you mean internal_error"),
        ("model", "no_such_model", "core"),
        ("store", "missing/folders/facemon.db", "make the folder"),
    ],
)
def test_workers_refuse_as_one(pytester: pytest.Pytester, option: str, value: str, accepted: str) -> None:
    """With -n 2 a wrong value is one sentence and exit 4 as well: not one a worker, and no internal error."""
    target = None if option == "target" else "mock"
    refused(
        run(pytester, NOTHING_ASKED * 2, f"--facemon-{option}={value}", "-n", "2", target=target), accepted
    )


def test_workers_refuse_a_bad_marker_as_one(pytester: pytest.Pytester) -> None:
    """Markers are read by the workers: their refusal is exit 4 too."""
    source = "import pytest\n@pytest.mark.facemon(7)\ndef test_marked(facemon):\n    pass\n"
    refused(run(pytester, source, "-n", "2"), "no position")


# --- what is promised ---


def test_objectives_come_from_each_source_and_replace_each_other(pytester: pytest.Pytester) -> None:
    """Several in an ini file or a variable are separated by `;`; the command line's replace them all."""
    ini = "facemon_objective = success_rate >= 60%; success_rate >= 61%\n"
    env = {"FACEMON_OBJECTIVE": "success_rate >= 62%;success_rate >= 63%"}
    given = ("--facemon-objective", "success_rate >= 64%", "--facemon-objective", "success_rate >= 65%")

    def judged(*options: str, **surroundings: Any) -> list[str]:
        return re.findall(
            r"success_rate >= (\d+)%", run(pytester, ONE_FACE, *options, **surroundings).stdout.str()
        )

    assert judged(ini=ini) == ["60", "61"]
    assert judged(ini=ini, env=env) == ["62", "63"]
    assert judged(*given, ini=ini, env=env) == ["64", "65"]


def test_a_projects_file_is_read(pytester: pytest.Pytester) -> None:
    """Its objectives replace the specification's, and what the run does not measure is named."""
    (pytester.path / "facemon.toml").write_text(
        '[objectives]\nmost = "success_rate >= 60%"\npace = "throughput >= 100/min"\n'
    )
    result = run(pytester, SAMPLE, "--facemon-samples", "6")
    assert result.ret == 0
    assert section(result)["pass"].startswith("success_rate >= 60%")
    assert "throughput >= 100/min: no rate was asked for" in section(result)["left"]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "workers"])
@pytest.mark.parametrize("target", ["mock", None], ids=["named", "unnamed"])
def test_a_wrong_file_is_refused_before_anything_is_sent(
    pytester: pytest.Pytester, target: str | None, workers: tuple[str, ...]
) -> None:
    """File, line and the nearest name; one sentence and exit 4, with workers too, and nothing kept."""
    (pytester.path / "facemon.toml").write_text('[objectives]\nfast = "respons_time.p95 <= 3s"\n')
    result = run(pytester, ONE_FACE, *workers, target=target, env={"FACEMON_TARGET": "mock"})
    refused(result, "facemon.toml:2", "did you mean response_time?")
    nothing_began(pytester, result)


def test_a_wrong_file_troubles_nobody_else(pytester: pytest.Pytester) -> None:
    """A run without a check of ours does not read it."""
    (pytester.path / "facemon.toml").write_text("nonsense")
    assert run(pytester, PLAIN, target=None).ret == 0


def test_the_marker_judges_its_own_check(pytester: pytest.Pytester) -> None:
    """Below the check's name, over all its parameters; another check's generations are not in it."""
    source = """
import pytest

@pytest.mark.facemon(objectives=["success_rate >= 60%"])
@pytest.mark.parametrize("age", [20, 30, 40, 50, 60, 70])
async def test_marked(facemon, age):
    await facemon.generate(age=age, gender="male")

async def test_other(facemon):
    await facemon.generate(age=30, gender="male")
"""
    result = run(pytester, source)
    assert result.ret == 0
    lines = result.outlines
    assert lines[lines.index("test_it.py::test_marked") + 1].split()[-1] == "6"


def test_a_switch_takes_a_word_in_the_ini_file(pytester: pytest.Pytester) -> None:
    """`facemon_sequential = true`; anything that is no yes or no is refused."""
    assert samples(pytester, ini="facemon_sequential = true\n") == 300
    assert samples(pytester, "--facemon-sequential", "--facemon-samples", "80") == 80
    refused(run(pytester, NOTHING_ASKED, ini="facemon_sequential = maybe\n"), "'maybe'", "boolean")


# --- what judges ---

# What is wrong with it, the variables, and what the sentence has to say.
UNFIT = {
    "name": ({"FACEMON_EVALUATORS": "safty"}, "'safty' is not accepted: give ofiq, safety, text_similarity"),
    "no-package": ({"FACEMON_EVALUATORS": "safety"}, 'pip install "facemon[safety]"'),
    "no-model": ({"FACEMON_EVALUATORS": "text_similarity"}, "set FACEMON_CLIP_MODEL to a folder"),
    "no-folder": (
        {"FACEMON_EVALUATORS": "text_similarity", "FACEMON_CLIP_MODEL": "missing"},
        "the CLIP model in missing cannot be loaded",
    ),
    "broken-model": (
        {"FACEMON_EVALUATORS": "text_similarity", "FACEMON_CLIP_MODEL": "clip"},
        "the CLIP model in clip cannot be loaded",
    ),
    "no-calibration": ({"FACEMON_CALIBRATION": "missing.json"}, "'missing.json' cannot be read"),
    "broken-calibration": ({"FACEMON_CALIBRATION": "broken.json"}, "'broken.json': it is no JSON"),
    "descriptor": ({"FACEMON_DESCRIPTOR": "astrology"}, "'astrology' is not accepted: give classical"),
    "no-identity": ({"FACEMON_DESCRIPTOR": "identity"}, "facemon[identity]"),
}


@pytest.fixture
def unfit(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with a broken CLIP model and a broken calibration, on a machine without the optional packages."""
    pytester.mkdir("clip")
    for name in ("vision.onnx", "text.onnx", "vocab.json", "merges.txt"):
        (pytester.path / "clip" / name).write_text("broken")
    (pytester.path / "broken.json").write_text("{")
    forget()
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setitem(sys.modules, "face_recognition_models", None)


def nothing_began(pytester: pytest.Pytester, result: pytest.RunResult) -> None:
    """No section, and no store: a run that is refused leaves nothing to misread."""
    assert not section(result), everything(result)
    assert "exit code 11" not in everything(result)
    assert not (pytester.path / ".facemon").exists()


@pytest.mark.parametrize("target", ["mock", None], ids=["named", "unnamed"])
@pytest.mark.parametrize("case", UNFIT)
def test_what_cannot_judge_is_refused_before_the_run(
    pytester: pytest.Pytester, unfit: None, case: str, target: str | None
) -> None:
    """Exit 4 and one sentence, before anything is paid for, whether or not the command line names facemon."""
    variables, said = UNFIT[case]
    result = run(pytester, ONE_FACE, target=target, env={"FACEMON_TARGET": "mock", **variables})
    refused(result, said)
    nothing_began(pytester, result)


@pytest.mark.parametrize("case", ["name", "no-folder", "no-calibration"])
def test_workers_are_not_started_for_what_cannot_judge(
    pytester: pytest.Pytester, unfit: None, case: str
) -> None:
    """With -n 2 the controller refuses, before it brings up any worker."""
    variables, said = UNFIT[case]
    result = run(pytester, ONE_FACE, "-n", "2", env=variables)
    refused(result, said)
    nothing_began(pytester, result)
    assert "bringing up nodes" not in everything(result)


def test_workers_refuse_what_cannot_judge_as_one(pytester: pytest.Pytester) -> None:
    """Where nothing but the environment names facemon, only a worker knows that it is used: the refusal is the same."""
    variables, said = UNFIT["name"]
    result = run(pytester, ONE_FACE * 2, "-n", "2", target=None, env={"FACEMON_TARGET": "mock", **variables})
    refused(result, said)
    nothing_began(pytester, result)


def test_what_cannot_judge_does_not_trouble_others(pytester: pytest.Pytester, unfit: None) -> None:
    """A run without a check of ours is nobody's business; one that only looks at the checks loads no model."""
    variables, _ = UNFIT["name"]
    assert run(pytester, PLAIN, target=None, env=variables).ret == 0
    assert run(pytester, ONE_FACE, "--collect-only", env=variables).ret == 0
