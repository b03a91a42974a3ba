"""Alerts and reports that are about no incident: kept first, then sent, to whom they are for."""

from __future__ import annotations

import os
from typing import ClassVar

import pytest

import facemon
from facemon.alerting.channels import CHANNELS
from facemon.alerting.sending import alert, channels_set_up, send_alert, send_report_email
from facemon.clock import ManualClock
from facemon.errors import AttemptTimeout, ConfigError, DeliveryRefused, InvalidInput, ServerError
from facemon.incident import Delivery, EventKind
from facemon.model import RecordedError, State
from facemon.store import RecordStore, Run
from facemon.store.incidents import IncidentStore

TWO = '[alerts.channels.ops]\nkind = "fake"\n[alerts.channels.mail]\nkind = "email"\n'
CANARY = "sk-Zq7Xw2Vr9Tk4Mn8Bp3Hd6Jf1"


class Fake:
    """A channel that looks into the store while it sends."""

    told: ClassVar[list] = []
    waiting: ClassVar[list] = []
    refuses: ClassVar[bool] = False

    def __init__(self, config, clock) -> None:
        if "bad" in config.options:
            raise ConfigError(f"{config.origin}: channel {config.name} cannot work")
        self.name = config.name

    async def send(self, notice) -> str:
        async with await IncidentStore.open("kept.db") as place:
            Fake.waiting += await place.messages(delivery=Delivery.PENDING)
        if Fake.refuses:
            raise DeliveryRefused("nobody lives there")
        Fake.told.append((self.name, notice))
        return "receipt"

    async def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """An empty folder, no variables, and no receiver but the fake one."""
    for name in [*os.environ]:
        if name.startswith(("FACEMON_", "GITHUB_")) or name == "STABILITY_API_KEY":
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FACEMON_STORE", "kept.db")
    for kind in ("fake", "email"):
        monkeypatch.setitem(CHANNELS, kind, Fake)
    for name, value in (("told", []), ("waiting", []), ("refuses", False)):
        monkeypatch.setattr(Fake, name, value)
    return tmp_path


@pytest.fixture
def project(alone):
    """Two channels."""
    (alone / "facemon.toml").write_text(TWO)


async def kept():
    async with await IncidentStore.open("kept.db") as place:
        return await place.messages(), await place.events(None)


async def test_without_a_text_the_last_run_is_reported(alone):
    """The mail carries the summary of the last run and what is open; without any run it says so."""
    (alone / "facemon.toml").write_text(TWO)
    await send_report_email()
    assert "there is no run yet" in Fake.told[-1][1].event.text
    async with await RecordStore.open("kept.db") as store:
        moment = ManualClock().now()
        await store.start_run(Run("0199-run", moment, "live", model="core"))
        await store.finish_run("0199-run", moment, {"exit": 1, "state": "down", "cause": "server_error"})
    await send_report_email()
    assert {name for name, _ in Fake.told} == {"mail"}
    assert "down" in Fake.told[-1][1].event.text and "error" in Fake.told[-1][1].event.text


async def test_an_alert_is_kept_before_it_is_sent(project):
    """With all its messages: who dies in between loses none. Every channel is told once."""
    found = await send_alert("the picture shop is closed", [AttemptTimeout("30 s"), "call Ada"])
    assert (found.sent, found.refused, found.pending) == (2, 0, 0)
    assert len({message.id for message in Fake.waiting}) == 2
    assert sorted(name for name, _ in Fake.told) == ["mail", "ops"]
    messages, (event,) = await kept()
    assert {message.delivery for message in messages} == {Delivery.SENT}
    assert (event.kind, event.incident_id, event.urgent) == (EventKind.ALERT, None, True)
    assert event.text == "the picture shop is closed\nAttemptTimeout: 30 s\ncall Ada"
    assert event.evidence.error_types == {"timeout": 1}


async def test_what_is_refused_is_kept_and_said(project, monkeypatch):
    """With what the receiver said."""
    monkeypatch.setattr(Fake, "refuses", True)
    found = await send_alert("closed")
    assert (found.sent, found.refused, found.pending) == (0, 2, 0)
    messages, _ = await kept()
    assert [message.last_error for message in messages] == ["nobody lives there"] * 2


async def test_a_report_goes_to_mail_only(project):
    """To channels of kind email, whatever they are called, with its HTML."""
    found = await send_report_email("72 faces", subject="Monday", html="<p>72 faces</p>")
    assert found.sent == 1 and [name for name, _ in Fake.told] == ["mail"]
    _, (event,) = await kept()
    assert (event.kind, event.cause, event.text, event.html) == (
        EventKind.REPORT,
        "Monday",
        "72 faces",
        "<p>72 faces</p>",
    )


@pytest.mark.parametrize("text", ["", "[alerts]", "[alerts.channels]", None])
async def test_without_a_channel_nobody_can_be_told(alone, text):
    """It says so, rather than nothing; nothing is kept."""
    if text is not None:
        (alone / "facemon.toml").write_text(text)
    for call in (send_alert("closed"), send_report_email("72 faces")):
        with pytest.raises(ConfigError, match=r"\[alerts\.channels\] in facemon\.toml"):
            await call
    assert not channels_set_up() and not (alone / "kept.db").exists()


async def test_without_a_mail_channel_no_report_is_sent(alone):
    """Other channels get none."""
    (alone / "facemon.toml").write_text('[alerts.channels.ops]\nkind = "fake"\n')
    assert channels_set_up()
    with pytest.raises(ConfigError):
        await send_report_email("72 faces")
    assert Fake.told == []


async def test_a_badly_configured_channel_stops_it(alone):
    """Before anything is kept or sent, also through the others."""
    (alone / "facemon.toml").write_text(TWO + "bad = 1\n")
    with pytest.raises(ConfigError, match=r"facemon\.toml:3: channel mail cannot work"):
        await send_alert("closed")
    assert Fake.told == [] and not (alone / "kept.db").exists()


@pytest.mark.parametrize("message", ["", " \n"])
async def test_an_empty_message_is_refused(project, message):
    """So is an empty report."""
    with pytest.raises(InvalidInput, match="message"):
        await send_alert(message)
    with pytest.raises(InvalidInput, match="report"):
        await send_report_email(message)
    assert Fake.told == []


async def test_no_secret_is_told(project, monkeypatch):
    """An exception may quote the key, or a password: neither is kept or sent."""
    monkeypatch.setenv("STABILITY_API_KEY", CANARY)
    monkeypatch.setenv("FACEMON_SMTP_PASSWORD", "a-password-of-length")
    monkeypatch.setenv("FACEMON_HEARTBEAT_URL", "https://ping.example.com/0193-token")
    address = "https://ping.example.com/0193-token, see https://example.com"
    await send_alert(f"closed {CANARY}", [ValueError(f"{CANARY} and a-password-of-length at {address}")])
    await send_report_email(CANARY, subject=CANARY, html=CANARY)
    _, events = await kept()
    assert len(events) == 2
    said = repr(events) + repr(Fake.told)
    assert CANARY[5:13] not in said and "a-password" not in said and "[redacted]" in said
    assert "0193-token" not in said and "see https://example.com" in said


async def test_an_address_that_begins_like_a_token_stays_one(project, monkeypatch):
    """Tokens begin with `github_pat_`; https://github.com is told as it is. Store and mail user are no news either."""
    monkeypatch.setenv("GITHUB_TOKEN", "github_pat_11ABCDEFG0abcdefghijkl_ZYXWVUTSRQ")
    monkeypatch.setenv("FACEMON_SMTP_USER", "AKIASMTPUSERID")
    monkeypatch.setenv("FACEMON_STORE", "kept.db")
    link = "https://github.com/acme/faces/issues/7"
    await send_alert(f"see {link}", ["login AKIASMTPUSERID", "token github_pat_11ABCDEFG0abcdefghijkl_ZYXW"])
    _, (event,) = await kept()
    assert event.text.splitlines() == [f"see {link}", "login [redacted]", "token github_pat_[redacted]"]


def test_an_alert_counts_error_types():
    """Of exceptions and of recorded errors; an iterator is read once; other texts stand as they are."""
    recorded = RecordedError("timeout", "30 s", State.DOWN, "timeout")
    errors = iter([AttemptTimeout("a"), recorded, ServerError("b"), ValueError("c"), "d"])
    event = alert(" closed ", errors, ManualClock().now(), lambda: "1", urgent=False)
    assert event.evidence.error_types == {"timeout": 2, "server_error": 1}
    assert event.text.splitlines() == [
        "closed",
        "AttemptTimeout: a",
        "timeout: 30 s",
        "ServerError: b",
        "ValueError: c",
        "d",
    ]
    assert (event.cause, event.urgent) == ("closed", False)


def test_both_are_in_the_library():
    """`facemon.send_alert`, `facemon.send_report_email`."""
    assert facemon.send_alert is send_alert and facemon.send_report_email is send_report_email
