"""`[alerts]` of the project's file: read, or refused in one sentence with file and line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from facemon.alerting.channels import CHANNELS
from facemon.alerting.config import AlertSettings, alert_settings, opened
from facemon.alerting.rules.watch import FLAP
from facemon.clock import ManualClock
from facemon.config import Settings, surroundings
from facemon.errors import ConfigError
from facemon.promises import promises

SOUND = """[objectives]
fast = "response_time.p95 <= 3s"
[alerts]
flap = "90min"
[alerts.channels.console]
[alerts.channels.ops-mail]
kind = "email"
to = ["ops@example.com"]
[[alerts.maintenance]]
component = "speed"
starts = 2026-12-01T02:00:00Z
ends = 2026-12-01T05:00:00+01:00
reason = "the vendor moves"
[[alerts.maintenance]]
starts = 2026-12-02T02:00:00Z
ends = 2026-12-02T04:00:00Z
"""
WINDOW = "[[alerts.maintenance]]\nstarts = 2026-12-01T02:00:00Z\nends = 2026-12-01T04:00:00Z\n"


@pytest.fixture
def read(tmp_path: Path):
    """Reads a text as the project's file."""

    def reader(text: str, name: str = "facemon.toml", **environment: str) -> AlertSettings:
        (tmp_path / name).write_text(text, "utf-8")
        return alert_settings(tmp_path, environment)

    return reader


def test_all_that_can_be_said(read, tmp_path):
    """Channels in the file's order with kind, options, variables and line; windows in UTC; and the flap window."""
    found = read(SOUND, FACEMON_SMTP_PASSWORD="quite-secret")
    console, mail = found.channels
    assert found.names == ("console", "ops-mail") and found.flap == timedelta(minutes=90)
    assert (console.kind, dict(console.options), console.origin) == ("console", {}, "facemon.toml:5")
    assert (mail.kind, mail.options, mail.origin) == ("email", {"to": ["ops@example.com"]}, "facemon.toml:6")
    assert mail.environment == {"FACEMON_SMTP_PASSWORD": "quite-secret"} and "quite" not in repr(found)
    first, second = found.maintenance
    assert first.ends_at - first.starts_at == timedelta(hours=2) and first.maintenance
    assert (first.component, first.reason, second.component) == ("speed", "the vendor moves", "*")
    assert first.starts_at == datetime(2026, 12, 1, 2, tzinfo=UTC) and first.id != second.id
    assert [promise.name for promise in promises(tmp_path)] == ["fast"]


@pytest.mark.parametrize("text", ["", "[alerts]", '[objectives]\nfast = "response_time.p95 <= 3s"'])
def test_nothing_is_said(read, text):
    """Nobody is told, and the default damps."""
    assert read(text) == AlertSettings() and AlertSettings().flap == FLAP


def test_no_file(tmp_path):
    """The same."""
    assert alert_settings(tmp_path, {}) == AlertSettings()


def test_in_pyproject(read):
    """Below [tool.facemon], with its own lines."""
    found = read("[project]\n[tool.facemon.alerts.channels]\nconsole = {}\n", "pyproject.toml")
    assert [each.origin for each in found.channels] == ["pyproject.toml:3"]


MISTAKES = [
    ("alerts = 3", "facemon.toml:1: alerts is 3, and should be a table"),
    ("alerts = false", "facemon.toml:1: alerts is False, and should be a table"),
    ("alerts = []", "facemon.toml:1: alerts is [], and should be a table"),
    ("[alerts]\nflop = 1", "facemon.toml:2: alerts has no key 'flop'; did you mean flap?"),
    (
        "[alerts.chanels.console]",
        "facemon.toml:1: alerts has no key 'chanels'; did you mean channels?",
    ),
    ("[alerts]\nflap = 3", "facemon.toml:2: flap is 3: give a number and a unit, such as 90s, 30min, 1h, 7d"),
    (
        '[alerts]\n\nflap = "soon"',
        "facemon.toml:3: flap is 'soon': give a number and a unit, such as 90s, 30min, 1h, 7d",
    ),
    (
        '[alerts]\nflap = "-1h"',
        "facemon.toml:2: flap is '-1h': give a number and a unit, such as 90s, 30min, 1h, 7d",
    ),
    ("[alerts]\nchannels = 1", "facemon.toml:2: channels is 1, and should be a table"),
    ('[alerts]\nchannels = ["email"]', "facemon.toml:2: channels is "),
    ("[alerts.channels]\nconsole = 1", "facemon.toml:2: channel console is 1, and should be a table"),
    ("[alerts.channels.emial]", "facemon.toml:1: channel emial says no kind; did you mean email?"),
    ("[alerts.channels.ops]", "facemon.toml:1: channel ops says no kind: there is console"),
    (
        '[alerts.channels.ops]\nkind = "e-mail"',
        "facemon.toml:1: there is no kind of channel 'e-mail'; did you mean email?",
    ),
    ("[alerts.channels.ops]\nkind = 1", "facemon.toml:1: there is no kind of channel 1: there is console"),
    ('[alerts.channels.ops]\nkind = ["email"]', "facemon.toml:1: there is no kind of channel ['email']"),
    ('[alerts.channels."Ops Mail"]', "facemon.toml:1: 'Ops Mail' is no name of a channel"),
    ("[alerts.maintenance]", "facemon.toml:1: maintenance is written as [[alerts.maintenance]]"),
    ("[alerts]\nmaintenance = [1]", "facemon.toml:2: maintenance is written as [[alerts.maintenance]]"),
    (
        WINDOW + "start = 1",
        "facemon.toml:4: maintenance has no key 'start'; did you mean starts?",
    ),
    (WINDOW + WINDOW + "\nby = 1", "facemon.toml:8: maintenance has no key 'by'"),
    (
        "[[alerts.maintenance]]",
        "facemon.toml:1: starts of maintenance is None: give a moment with its offset",
    ),
    (
        "[[alerts.maintenance]]\nstarts = 2026-12-01T02:00:00Z",
        "facemon.toml:2: ends of maintenance is None: give a moment with its offset",
    ),
    (
        WINDOW + "[[alerts.maintenance]]\nstarts = 2026-12-01T02:00:00\nends = 2026-12-01T04:00:00Z",
        "facemon.toml:5: starts of maintenance is ",
    ),
    ("[[alerts.maintenance]]\nstarts = 2026-12-01", "facemon.toml:2: starts of maintenance is "),
    ('[[alerts.maintenance]]\nstarts = "noon"', "facemon.toml:2: starts of maintenance is 'noon'"),
    (
        WINDOW + "[[alerts.maintenance]]\nstarts = 2026-12-01T02:00:00Z\nends = 2026-12-01T02:00:00Z",
        "facemon.toml:6: maintenance ends at 2026-12-01 02:00:00+00:00, which is not after its start",
    ),
    (WINDOW + "reason = 3", "facemon.toml:4: reason of maintenance is 3: give a text"),
    (WINDOW + "component = []", "facemon.toml:4: component of maintenance is []: give a text"),
]


@pytest.mark.parametrize(("text", "complaint"), MISTAKES, ids=[complaint[14:60] for _, complaint in MISTAKES])
def test_a_mistake_is_one_sentence(read, text, complaint):
    """With file, line, what was found, and what is accepted; what was not understood never becomes nothing."""
    with pytest.raises(ConfigError) as caught:
        read(text)
    said = str(caught.value)
    assert said.startswith(complaint) and len(said.splitlines()) == 1


@pytest.mark.parametrize("text", ["[alerts]\nflap = 3", "[alerts.channels.emial]"])
def test_a_mistake_in_alerts_costs_no_promise(read, tmp_path, text):
    """Objectives are read as before: checks go on."""
    (tmp_path / "facemon.toml").write_text(f'{text}\n[objectives]\nfast = "response_time.p95 <= 3s"\n')
    assert [promise.name for promise in promises(tmp_path)] == ["fast"]


# --- opened ---


class Fake:
    """A channel that counts its ends."""

    closed: ClassVar[list[str]] = []

    def __init__(self, config, clock) -> None:
        if "bad" in config.options:
            raise ConfigError(f"{config.origin}: channel {config.name} cannot work")
        self.name = config.name

    async def close(self) -> None:
        Fake.closed.append(self.name)


@pytest.fixture
def fake(monkeypatch):
    """A kind of channel without options."""
    monkeypatch.setitem(CHANNELS, "fake", Fake)
    monkeypatch.setattr(Fake, "closed", [])


async def test_channels_are_opened_by_name_and_closed(read, fake):
    """Each of its kind, closed at the end, also where what was done with them failed."""
    found = read('[alerts.channels]\none = {kind = "fake"}\ntwo = {kind = "fake"}\nfake = {}\n')

    async def use():
        async with opened(found.channels, ManualClock()) as channels:
            assert list(channels) == ["one", "two", "fake"] and channels["two"].name == "two"
            raise KeyError

    with pytest.raises(KeyError):
        await use()
    assert sorted(Fake.closed) == ["fake", "one", "two"]


async def test_a_badly_configured_channel_stops_the_start(read, fake):
    """Nothing is sent through the others either, and what was opened before it is closed."""
    found = read('[alerts.channels]\none = {kind = "fake"}\ntwo = {kind = "fake", bad = 1}\n')
    with pytest.raises(ConfigError, match=r"facemon\.toml:3: channel two cannot work"):
        async with opened(found.channels, ManualClock()):
            raise AssertionError("it was opened")
    assert Fake.closed == ["one"]


async def test_a_secret_that_is_missing_stops_the_start(read):
    """Named with the line of its channel."""
    found = read('[alerts.channels.hook]\nkind = "webhook"\nurl = "https://example.com/x"\n')
    with pytest.raises(ConfigError, match=r"facemon\.toml:1: channel hook needs FACEMON_WEBHOOK_SECRET"):
        async with opened(found.channels, ManualClock()):
            raise AssertionError("it was opened")


# --- variables ---


def test_the_variables_of_channels_and_of_nothing_else(monkeypatch):
    """Secrets of channels and GitHub's variables: neither settings, nor the API's key, nor what others have set."""
    wanted = {"FACEMON_SMTP_PASSWORD": "a", "FACEMON_WEBHOOK_SECRET": "b", "GITHUB_TOKEN": "c"}
    others = {"STABILITY_API_KEY": "d", "FACEMON_TARGET": "sim", "AWS_SECRET": "e", "facemon_smtp_user": "f"}
    for name, value in {**wanted, **others}.items():
        monkeypatch.setenv(name, value)
    found = surroundings()
    assert wanted.items() <= found.items() and not set(others) & set(found)
    assert Settings.load().target == "sim"
