"""`facemon alerts` from the shell: what each command does, what it says, and how it ends."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typer.testing import Result

from facemon.alerting.channels import CHANNELS
from facemon.cli.trouble import Exit
from facemon.clock import SystemClock
from facemon.errors import ConfigError, DeliveryFailed, DeliveryRefused
from facemon.incident import Incident, Message, Silence
from facemon.model import State
from facemon.store import RecordStore, Run
from facemon.store.incidents import Changes, IncidentStore
from tests.cli.conftest import MOMENT, RUN, Invoke, _failed, _record
from tests.cli.test_help import examples_of, help_of

COMMANDS = ("update", "send", "list", "test", "silence", "acknowledge", "resolve")
Say = Callable[[Result], str]


class Fake:
    """A receiver; error: what it answers."""

    told: ClassVar[list[Any]] = []
    error: ClassVar[Exception | None] = None

    def __init__(self, config: Any, clock: Any) -> None:
        if "bad" in config.options:
            raise ConfigError(f"{config.origin}: channel {config.name} cannot work")

    async def send(self, notice: Any) -> str:
        if Fake.error is not None:
            raise Fake.error
        Fake.told.append(notice)
        return "number 7"

    async def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one channel."""
    monkeypatch.setitem(CHANNELS, "fake", Fake)
    monkeypatch.setattr(Fake, "told", [])
    monkeypatch.setattr(Fake, "error", None)
    file = tmp_path / "facemon.toml"
    file.write_text('[alerts.channels.ops-mail]\nkind = "fake"\n[objectives]\nup = "success_rate >= 99%"\n')
    return file


@pytest.fixture
def outage() -> str:
    """A store in the default place with a run in which the last three of six failed, a minute ago."""

    async def fill() -> None:
        async with await RecordStore.open(".facemon/facemon.db") as place:
            await place.start_run(Run(RUN, now, "sim"))
            for number in range(6):
                made = replace(_record(shift + number * timedelta(seconds=1)), run_id=RUN)
                await place.add(_failed(made) if number > 2 else made)
            await place.finish_run(RUN, now, {"checks": {}})

    now = SystemClock().now() - timedelta(minutes=1)
    shift = now - MOMENT
    asyncio.run(fill())
    return RUN


def in_store() -> tuple[list[Incident], list[Message]]:
    async def find() -> tuple[list[Incident], list[Message]]:
        async with await IncidentStore.open(".facemon/facemon.db") as place:
            return await place.incidents(), await place.messages()

    return asyncio.run(find())


# --- update ---


def test_update_tells_what_broke_and_keeps_it(invoke: Invoke, outage: str) -> None:
    """A line for each change on stdout, their number on stderr; the second time nothing. Nothing is sent."""
    result = invoke("alerts", "update")
    assert result.exit_code == Exit.OK
    assert re.search(r"^down: availability: server_error \(opened\)$", result.stdout, re.MULTILINE)
    assert "1 change, 1 message to send" in result.stderr
    again = invoke("alerts", "update")
    assert again.exit_code == Exit.OK and again.stdout == "" and "0 changes" in again.stderr
    (incident,), (message,) = in_store()
    assert incident.component == "availability" and message.channel == "ops-mail" and Fake.told == []


def test_update_of_another_target_finds_nothing(invoke: Invoke, outage: str) -> None:
    """Only runs against the target count; another address of the vendor is another target."""
    assert invoke("alerts", "update", "--target", "live").stdout == ""
    assert in_store() == ([], [])


def test_update_hands_on_the_address_of_the_report(
    invoke: Invoke, outage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FACEMON_REPORT_URL stands in the evidence."""
    monkeypatch.setenv("FACEMON_REPORT_URL", "https://example.com/report")
    invoke("alerts", "update")
    invoke("alerts", "send")
    assert Fake.told[0].event.evidence.report == "https://example.com/report"


# --- send ---


def test_send_until_acknowledged(invoke: Invoke, outage: str) -> None:
    """0 once nothing waits; a second call sends nothing twice."""
    invoke("alerts", "update")
    result = invoke("alerts", "send")
    assert result.exit_code == Exit.OK and "1 sent, 0 refused, 0 still waiting" in result.stderr
    assert invoke("alerts", "send").exit_code == Exit.OK and len(Fake.told) == 1


def test_what_fails_still_waits(invoke: Invoke, outage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """1, and the message is there for the next call; `list` says why."""
    monkeypatch.setattr(Fake, "error", DeliveryFailed("the mail server is away"))
    invoke("alerts", "update")
    result = invoke("alerts", "send", "--wait", "0s")
    assert result.exit_code == Exit.FAIL and "0 sent, 0 refused, 1 still waiting" in result.stderr
    listed = invoke("alerts", "list").stdout
    assert "pending" in listed and "the mail server is away" in " ".join(listed.split())


def test_a_refused_message_is_visible(invoke: Invoke, outage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """1 for as long as the incident is open; `list` shows it with its reason; --again sends it once it is mended."""
    monkeypatch.setattr(Fake, "error", DeliveryRefused("nobody lives there"))
    invoke("alerts", "update")
    result = invoke("alerts", "send")
    assert result.exit_code == Exit.FAIL and "1 refused" in result.stderr
    second = invoke("alerts", "send")
    assert second.exit_code == Exit.FAIL and "0 sent, 0 refused, 0 still waiting" in second.stderr
    assert "ops-mail refused what is to be told of an open incident: nobody lives there" in " ".join(
        second.stderr.split()
    )
    listed = " ".join(invoke("alerts", "list").stdout.split())
    assert "refused" in listed and "nobody lives there" in listed
    monkeypatch.setattr(Fake, "error", None)
    assert invoke("alerts", "send").exit_code == Exit.FAIL and Fake.told == []
    mended = invoke("alerts", "send", "--again")
    assert mended.exit_code == Exit.OK and "1 sent" in mended.stderr and len(Fake.told) == 1
    assert invoke("alerts", "send", "--again").exit_code == Exit.OK and len(Fake.told) == 1


def test_a_channel_that_is_gone_is_named_and_holds_up_nobody(
    invoke: Invoke, outage: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for it is no reason for a red job; the others are told."""
    monkeypatch.setattr(Fake, "error", DeliveryFailed("the mail server is away"))
    invoke("alerts", "update")
    invoke("alerts", "send", "--wait", "0s")
    project.write_text('[alerts.channels.other]\nkind = "fake"')
    result = invoke("alerts", "send")
    assert result.exit_code == Exit.OK
    assert "1 message for ops-mail, which facemon.toml does not name, is not sent" in result.stderr


def test_an_open_incident_without_a_channel_is_a_failure(invoke: Invoke, outage: str, project: Path) -> None:
    """Whoever set up no channel hears of it from the exit code: 1, until it is over."""
    project.write_text("")
    said = invoke("alerts", "update")
    assert said.exit_code == Exit.OK and "nobody will be told: facemon.toml names no channel" in said.stderr
    result = invoke("alerts", "send")
    assert result.exit_code == Exit.FAIL
    assert "1 incident open, and nobody is told: facemon.toml names no channel; [alerts.channels" in " ".join(
        result.stderr.split()
    )
    ((incident,), _) = in_store()
    invoke("alerts", "resolve", incident.id)
    assert invoke("alerts", "send").exit_code == Exit.OK


@pytest.mark.parametrize("wait", ["soon", "-1s", ""])
def test_a_wrong_patience_is_a_usage_error(invoke: Invoke, one_error: Say, wait: str) -> None:
    """With what is accepted."""
    result = invoke("alerts", "send", f"--wait={wait}")
    assert result.exit_code == Exit.USAGE and "such as 90s" in one_error(result)


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (["update"], "[alerts.channels.emial]"),
        (["send"], "[alerts.channels.emial]"),
        (["send"], '[alerts.channels.ops]\nkind = "fake"\nbad = 1'),
        (["test", "ops"], '[alerts.channels.ops]\nkind = "fake"\nbad = 1'),
        (["test", "ops"], "[alerts.channels.emial]"),
    ],
)
def test_a_badly_configured_channel_is_a_usage_error(
    invoke: Invoke, one_error: Say, project: Path, command: list[str], text: str
) -> None:
    """4, with file and line, before anything else."""
    project.write_text(text)
    result = invoke("alerts", *command)
    assert result.exit_code == Exit.USAGE and "facemon.toml:1" in one_error(result)


# --- list ---


def test_list_of_nothing(invoke: Invoke) -> None:
    """No incident is no error."""
    result = invoke("alerts", "list")
    assert result.exit_code == Exit.OK and result.stdout == ""
    assert "0 open incidents, 0 messages shown" in result.stderr


def test_list_shows_what_is_open_and_with_all_what_is_over(invoke: Invoke, outage: str) -> None:
    """Closed incidents and sent messages only with --all."""
    invoke("alerts", "update")
    (incident,), _ = in_store()
    open_ = invoke("alerts", "list")
    assert "availability" in open_.stdout and incident.id[:13] in open_.stdout and "pending" in open_.stdout
    assert "1 open incident, 1 message shown" in open_.stderr
    invoke("alerts", "resolve", incident.id)
    invoke("alerts", "send")
    assert invoke("alerts", "list").stdout == ""
    everything = invoke("alerts", "list", "--all")
    assert "availability" in everything.stdout and "acknowledged after" in " ".join(everything.stdout.split())


def test_list_as_json(invoke: Invoke, outage: str) -> None:
    """Incidents, messages, silences and windows, with all they have; empty lists where there are none."""
    assert json.loads(invoke("alerts", "list", "--json", "--store", "other.db").stdout) == {
        "incidents": [],
        "messages": [],
        "silences": [],
        "maintenance_windows": [],
    }
    invoke("alerts", "update")
    invoke("alerts", "silence", "speed", "--for", "2h", "--by", "ada", "--reason", "noise")
    data = json.loads(invoke("alerts", "list", "--json").stdout)
    (incident,), (message,), (silence,) = data["incidents"], data["messages"], data["silences"]
    assert (incident["component"], incident["state"], incident["announced"]) == (
        "availability",
        "down",
        "down",
    )
    assert (message["delivery"], message["incident_id"]) == ("pending", incident["id"])
    assert (silence["component"], silence["by"], silence["reason"]) == ("speed", "ada", "noise")


def window(component: str, starts: float, ends: float, reason: str = "") -> str:
    """A maintenance window of the project's file; starts, ends: hours from now, written with another offset."""
    zone = timezone(timedelta(hours=5))
    first, last = ((SystemClock().now() + timedelta(hours=each)).astimezone(zone) for each in (starts, ends))
    return (
        f'[[alerts.maintenance]]\ncomponent = "{component}"\nreason = "{reason}"\n'
        f"starts = {first.isoformat()}\nends = {last.isoformat()}\n"
    )


def test_list_shows_the_windows_of_the_file(invoke: Invoke, project: Path) -> None:
    """Those in force and those of the next day, marked as from the file; in UTC for people. Neither past nor far."""
    project.write_text(
        window("speed", -1, 1, "the vendor moves")
        + window("api", 23, 30)
        + window("pictures", -2, -1)
        + window("monitor", 25, 30)
    )
    listed = invoke("alerts", "list").stdout.splitlines()
    data = json.loads(invoke("alerts", "list", "--json").stdout)
    ends = datetime.fromisoformat(data["maintenance_windows"][0]["ends_at"]).astimezone(UTC)
    assert len(listed) == 2
    assert listed[0].startswith("maintenance of speed, ")
    assert listed[0].endswith(f" to {ends:%Y-%m-%d %H:%M} UTC: the vendor moves, from facemon.toml")
    assert listed[1].startswith("maintenance of api, ") and listed[1].endswith("given, from facemon.toml")
    assert data["silences"] == []
    assert [(each["component"], each["by"]) for each in data["maintenance_windows"]] == [
        ("speed", "facemon.toml"),
        ("api", "facemon.toml"),
    ]


# --- silence, acknowledge, resolve ---


def test_a_silence_keeps_everybody_undisturbed(invoke: Invoke, outage: str) -> None:
    """It says until when; the change is kept and said to be silent; `list` shows the silence."""
    result = invoke("alerts", "silence", "*", "--for", "30min", "--maintenance")
    assert result.exit_code == Exit.OK and re.search(r"\* is silenced until \d{4}-.* UTC", result.stderr)
    assert "nobody is told" in invoke("alerts", "update").stdout
    (incident,), messages = in_store()
    assert incident.announced is None and messages == []
    assert "maintenance of *" in invoke("alerts", "list").stdout


@pytest.mark.parametrize("time", ["0s", "91d", "long", "-2h"])
def test_a_silence_has_an_end(invoke: Invoke, one_error: Say, time: str) -> None:
    """Up to ninety days."""
    result = invoke("alerts", "silence", "speed", f"--for={time}")
    assert result.exit_code == Exit.USAGE and one_error(result)
    assert json.loads(invoke("alerts", "list", "--json").stdout)["silences"] == []


@pytest.mark.parametrize("component", ["", "  "])
@pytest.mark.parametrize("what", ["--for=2h", "--end"])
def test_a_silence_is_of_something(invoke: Invoke, one_error: Say, component: str, what: str) -> None:
    """An empty component would silence nothing, and say that it did."""
    result = invoke("alerts", "silence", component, what)
    assert result.exit_code == Exit.USAGE and "such as speed, or * for any" in one_error(result)
    assert silences() == []


@pytest.mark.parametrize(
    "options", [[], ["--end", "--for", "2h"], ["--end", "--reason", "over"], ["--end", "--maintenance"]]
)
def test_a_silence_begins_or_ends(invoke: Invoke, one_error: Say, options: list[str]) -> None:
    """With --for or with --end; what --end could not keep it does not take."""
    invoke("alerts", "silence", "speed", "--for", "1h")
    result = invoke("alerts", "silence", "speed", *options)
    assert result.exit_code == Exit.USAGE
    assert "give --for TIME to begin a silence, or --end alone to end one" in one_error(result)
    assert len(silences()) == 1 and silences()[0].ends_at > SystemClock().now()


def silences() -> list[Silence]:
    async def find() -> list[Silence]:
        async with await IncidentStore.open(".facemon/facemon.db") as place:
            return await place.silences()

    return asyncio.run(find())


def test_a_silence_is_ended_by_hand(invoke: Invoke, outage: str) -> None:
    """At once: what is still true is told with the next update. It says which one ended; it stays in the history."""
    invoke("alerts", "silence", "*", "--for", "90d", "--reason", "a slip")
    assert "nobody is told" in invoke("alerts", "update").stdout and in_store()[1] == []
    result = invoke("alerts", "silence", "*", "--end")
    assert result.exit_code == Exit.OK
    assert re.search(
        r"^ended: silence of \*, \S+ \S+ UTC to \S+ \S+ UTC: a slip$", result.stderr, re.MULTILINE
    )
    assert invoke("alerts", "update").exit_code == Exit.OK and len(in_store()[1]) == 1
    assert "silence of *" not in invoke("alerts", "list").stdout
    assert "silence of *" in invoke("alerts", "list", "--all").stdout


def test_only_silences_of_exactly_this_pattern_end(invoke: Invoke, project: Path) -> None:
    """All of them, those to come too; what else covers the component is said, and goes on."""
    project.write_text(window("sp*", -1, 1) + window("*", 3, 4))
    for component in ("speed", "*", "speed", "api"):
        invoke("alerts", "silence", component, "--for", "1h")
    later = SystemClock().now() + timedelta(hours=5)

    async def plan() -> None:
        async with await IncidentStore.open(".facemon/facemon.db") as place:
            made = Silence("later", "speed", later, later + timedelta(hours=1))
            await place.change(lambda _: Changes(silences=(made,)))

    asyncio.run(plan())
    said = invoke("alerts", "silence", "speed", "--end").stderr.splitlines()
    assert [line.split(",")[0] for line in said] == [
        *["ended: silence of speed"] * 3,
        "speed is still silenced: silence of *",
        "speed is still silenced: maintenance of sp*",
    ]
    lasting = [each.component for each in silences() if each.ends_at > SystemClock().now()]
    assert lasting == ["*", "api"]
    assert all(each.starts_at <= each.ends_at for each in silences())


@pytest.mark.parametrize(
    ("there", "named"),
    [
        ([], r"to end; nothing is silenced$"),
        (
            ["api", "*"],
            r"in force or to come: api \(until .* UTC\), \* \(until .* UTC\), speed \(.*facemon\.toml\)$",
        ),
    ],
)
def test_nothing_to_end(invoke: Invoke, one_error: Say, project: Path, there: list[str], named: str) -> None:
    """One error, with what is in force; a window of the file is ended in the file."""
    if there:
        project.write_text(window("speed", -1, 1))
    for component in there:
        invoke("alerts", "silence", component, "--for", "1h")
    result = invoke("alerts", "silence", "speed", "--end")
    assert result.exit_code == Exit.USAGE and re.search(named, one_error(result))
    assert "there is no silence of speed to end" in one_error(result)
    assert all(each.ends_at > SystemClock().now() for each in silences())


@pytest.mark.parametrize(
    ("component", "hint"),
    [
        ("availabilty", "did you mean availability?"),
        ("Speed", "did you mean speed?"),
        ("check_response_time", "did you mean speed?"),
        ("check_mine", "did you mean mine?"),
        ("xyz", "there are api, availability, mine, monitor, pictures, speed, yours"),
    ],
)
def test_a_component_that_nobody_has_seen(invoke: Invoke, seen: None, component: str, hint: str) -> None:
    """It may be one to come: it is silenced, with a warning."""
    result = invoke("alerts", "silence", component, "--for", "1h")
    assert result.exit_code == Exit.OK and f"{component} is silenced until" in result.stderr
    assert f"no component of this name has been seen: {hint}" in result.stderr
    assert [each.component for each in silences()] == [component]


@pytest.mark.parametrize("component", ["availability", "monitor", "mine", "yours", "*", "check[ab]", "zz?"])
def test_a_component_that_somebody_has_seen(invoke: Invoke, seen: None, component: str) -> None:
    """One of ours, of the last run's checks, of an incident; a pattern may mean anything."""
    result = invoke("alerts", "silence", component, "--for", "1h")
    assert result.exit_code == Exit.OK and "no component" not in result.stderr


@pytest.fixture
def seen() -> None:
    """A run with a check of one's own, and an incident of another's."""

    async def fill() -> None:
        now = SystemClock().now()
        async with await RecordStore.open(".facemon/facemon.db") as records:
            await records.start_run(Run(RUN, now, "sim"))
            await records.finish_run(RUN, now, {"checks": {"check_mine.py::check_it": {"outcome": "passed"}}})
        async with await IncidentStore.open(".facemon/facemon.db") as place:
            made = Incident("0199-a", "yours", State.UP, "late", now, now, now)
            await place.change(lambda _: Changes(incidents=(made,)))

    asyncio.run(fill())


def test_acknowledge_and_resolve_by_the_beginning_of_an_id(
    invoke: Invoke, one_error: Say, outage: str
) -> None:
    """Both are told; what is closed cannot be closed again, and the error names the way to see it."""
    invoke("alerts", "update")
    (incident,), _ = in_store()
    short = incident.id[:8]
    said = invoke("alerts", "acknowledge", short, "--by", "ada")
    assert said.exit_code == Exit.OK and "(acknowledged)" in said.stdout
    assert in_store()[0][0].acknowledged_by == "ada"
    done = invoke("alerts", "resolve", short)
    assert done.exit_code == Exit.OK and "(resolved)" in done.stdout
    (closed,), messages = in_store()
    assert closed.state is State.UP and closed.closed_at and len(messages) == 3
    for command in ("resolve", "acknowledge"):
        again = invoke("alerts", command, short)
        assert again.exit_code == Exit.USAGE and "is closed already" in one_error(again)
    assert invoke("alerts", "update").stdout == ""


@pytest.mark.parametrize("command", ["acknowledge", "resolve"])
def test_an_incident_that_there_is_not(invoke: Invoke, one_error: Say, command: str) -> None:
    """4, with what is accepted."""
    result = invoke("alerts", command, "0199")
    assert result.exit_code == Exit.USAGE and "the id of an incident" in one_error(result)


# --- test ---


def test_a_specimen_says_that_it_is_one(invoke: Invoke) -> None:
    """Acknowledged: 0 and the receipt. It says that nothing is wrong, and nothing is kept."""
    result = invoke("alerts", "test", "ops-mail")
    assert result.exit_code == Exit.OK and "ops-mail acknowledged the specimen: number 7" in result.stderr
    (notice,) = Fake.told
    assert "nothing is wrong" in notice.event.text and not notice.event.urgent
    assert not Path(".facemon").exists()


@pytest.mark.parametrize("error", [DeliveryFailed("away"), DeliveryRefused("away")])
def test_a_specimen_that_is_not_delivered(
    invoke: Invoke, one_error: Say, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """1, with what the receiver said."""
    monkeypatch.setattr(Fake, "error", error)
    result = invoke("alerts", "test", "ops-mail")
    assert result.exit_code == Exit.FAIL and "away" in one_error(result)


def test_no_such_channel(invoke: Invoke, one_error: Say, project: Path) -> None:
    """4, with those that there are, or where to name one."""
    result = invoke("alerts", "test", "mail")
    assert result.exit_code == Exit.USAGE and "give one of ops-mail" in one_error(result)
    project.write_text("")
    assert "[alerts.channels] of facemon.toml" in one_error(invoke("alerts", "test", "mail"))


# --- help ---


def test_the_help_says_how_to_end_a_silence() -> None:
    """In its words and in an example."""
    assert "at once with --end" in help_of(("alerts", "silence"))
    assert "facemon alerts silence speed --end" in examples_of(("alerts", "silence"))


@pytest.mark.parametrize(
    "example",
    sorted(
        {each for name in ((), *((name,) for name in COMMANDS)) for each in examples_of(("alerts", *name))}
    ),
)
def test_an_example_is_accepted(example: str, invoke: Invoke, outage: str, project: Path) -> None:
    """It runs as it is, on a store with an open incident and a silence."""
    project.write_text(f"{project.read_text()}[alerts.channels.console]\n")
    invoke("alerts", "update")
    invoke("alerts", "silence", "speed", "--for", "1h")
    (incident,), _ = in_store()
    words = [incident.id if word == "01a204c6" else word for word in shlex.split(example)[1:]]
    result = invoke(*words)
    assert result.exit_code == Exit.OK, result.output


def test_every_command_has_a_test() -> None:
    """The list above is that of the help."""
    named = set(re.findall(r"^│ ([a-z]+) ", help_of(("alerts",)), re.MULTILINE))
    assert named == set(COMMANDS)
