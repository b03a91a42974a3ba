"""What every channel owes, held against all but `github_issue`, and what each of them owes beside."""

from __future__ import annotations

import asyncio
import base64
import inspect
import io
import json
import logging
import re
import smtplib
import ssl
import sys
import traceback
from dataclasses import replace

import httpx
import pytest
from notices import EVENTS, alert, config, notice
from receivers import CANARY, KEY, RECEIVERS, ByApprise, ByMail, ByWebhook, OnTerminal

from facemon.alerting.channels import CHANNELS, apprise, channel
from facemon.alerting.channels.webhook import signed
from facemon.alerting.dispatcher import Dispatched, Patience, dispatch
from facemon.alerting.mail import message_id
from facemon.alerting.taken import Taken
from facemon.clock import ManualClock
from facemon.errors import ConfigError, DeliveryError, DeliveryFailed, DeliveryRefused
from facemon.incident import EventKind, Message
from facemon.secret import Secret
from facemon.store import IncidentStore
from facemon.store.incidents import Changes

KINDS = tuple(kind.kind for kind in RECEIVERS)
ALL_EVENTS = [*(notice(event.kind) for event in EVENTS), alert(), alert(html="<p>72 faces</p>")]


@pytest.fixture(params=RECEIVERS, ids=KINDS)
def receiver(request, monkeypatch):
    """Each receiver in turn."""
    made = request.param(monkeypatch)
    yield made
    if isinstance(made, ByWebhook):
        made.router.stop()


@pytest.fixture
def mail(monkeypatch):
    """A mail server."""
    return ByMail(monkeypatch)


@pytest.fixture
def hook(monkeypatch):
    """A webhook's receiver."""
    made = ByWebhook(monkeypatch)
    yield made
    made.router.stop()


def open_(receiver, changes=None, **environment):
    """The receiver's channel. changes: of its options; None: without."""
    options = {
        key: value for key, value in {**receiver.options, **(changes or {})}.items() if value is not None
    }
    return channel(config(receiver.kind, options, **{**receiver.environment, **environment}), ManualClock())


async def sent(receiver, *notices, **changes):
    """The receipts of a channel that is opened for these notices and closed again."""
    made = open_(receiver, changes)
    try:
        return [await made.send(each) for each in notices]
    finally:
        await made.close()


def fragments(secret):
    """Eight characters of it, at every place."""
    return [secret[i : i + 8] for i in range(len(secret) - 7)]


def leaks(text):
    """Pieces of the canary, or of its base64, that a text shows."""
    coded = base64.b64encode(f"\0me\0{CANARY}".encode()).decode()
    return [each for secret in (CANARY, KEY, coded) for each in fragments(secret) if each in text]


# --- the contract ---


def test_the_table_names_every_kind():
    """Five kinds, of which four are held against this contract here."""
    assert set(CHANNELS) == {*KINDS, "github_issue"}


async def test_a_channel_has_the_name_that_the_file_gives_it(receiver):
    """Messages are kept under that name."""
    made = open_(receiver)
    assert made.name == f"my-{receiver.kind}"
    await made.close()
    await made.close()


async def test_each_event_arrives_and_a_repeat_has_the_same_id(receiver, capsys):
    """Every kind of event is told; sent again, also by another process, it is recognised by its message's id."""
    made = open_(receiver)
    receipts = [await made.send(each) for each in ALL_EVENTS]
    await made.close()
    assert await sent(receiver, *ALL_EVENTS) == receipts
    wanted = [each.message.id for each in ALL_EVENTS]
    assert receiver.collect(capsys.readouterr().out) == wanted * 2


async def test_a_receiver_that_is_down_is_tried_again(receiver, capsys):
    """DeliveryFailed, whatever broke, so that the message stays; and it says nothing of a secret."""
    made = open_(receiver)
    receiver.break_down()
    with pytest.raises(DeliveryFailed) as raised:
        await made.send(notice())
    await made.close()
    assert leaks(str(raised.value)) == []


@pytest.mark.parametrize("kind", RECEIVERS, ids=KINDS)
def test_an_unknown_key_is_refused_at_the_start(kind, monkeypatch):
    """The place, the channel, the key, and the nearest key that there is."""
    receiver = kind(monkeypatch)
    for known in receiver.options or ("strem",):
        wrong = known + "s" if receiver.options else known
        with pytest.raises(ConfigError) as raised:
            open_(receiver, {wrong: CANARY})
        said = str(raised.value)
        assert said.startswith(f"facemon.toml:12: channel my-{receiver.kind} ") and wrong in said
        assert leaks(said) == []
        if receiver.options:
            assert f"did you mean {known}?" in said
    if isinstance(receiver, ByWebhook):
        receiver.router.stop()


WRONG = (5, True, "", "  ", [], [5], {}, {"a": 1}, 1.5, CANARY, "tsl", [CANARY])
OPTIONS = {
    "console": ("stream", "form"),
    "email": ("to", "from", "server", "tls", "login"),
    "webhook": ("url",),
    "apprise": (),
}


async def test_a_value_of_a_wrong_type_is_refused_at_the_start(receiver):
    """Every key with every kind of nonsense: one ConfigError with place and key; the value is not repeated."""
    for key in OPTIONS[receiver.kind]:
        for value in WRONG:
            if key == "login" and isinstance(value, bool):
                continue
            if key == "server" and value in ("tsl", CANARY):  # a host may be called so
                continue
            with pytest.raises(ConfigError) as raised:
                open_(receiver, {key: value})
            said = str(raised.value)
            assert said.startswith(f"facemon.toml:12: channel my-{receiver.kind} ") and key in said, said
            assert leaks(said) == []


async def test_a_missing_option_is_refused_at_the_start(receiver):
    """What has no default must be there."""
    for key in receiver.options:
        with pytest.raises(ConfigError, match=f"{key} is missing"):
            open_(receiver, {key: None})


@pytest.mark.parametrize("value", ["", "  \n"])
async def test_a_missing_secret_is_refused_at_the_start(receiver, value):
    """A secret that nobody has set is an empty variable in a workflow: it is named, before anything breaks."""
    for variable in receiver.environment:
        with pytest.raises(ConfigError) as raised:
            open_(receiver, **{variable: value})
        assert f"needs {variable} in the environment" in str(raised.value)
        assert leaks(str(raised.value)) == []


async def test_no_secret_is_shown(receiver, caplog, capsys):
    """Neither by the channel itself, nor in a log, nor in a traceback with all local variables."""
    caplog.set_level(logging.DEBUG)
    made = open_(receiver)
    shown = [
        repr(made),
        str(vars(made)),
        repr(config(receiver.kind, receiver.options, **receiver.environment)),
    ]
    await made.send(notice())
    receiver.break_down()
    with pytest.raises(DeliveryError) as raised:
        await made.send(notice())
    # What this test holds in its own variables is left out.
    frames = raised.value.__traceback__.tb_next
    told = traceback.TracebackException(type(raised.value), raised.value, frames, capture_locals=True)
    shown += told.format()
    await made.close()
    shown += [caplog.text, capsys.readouterr().err]
    assert leaks("\n".join(shown)) == []
    assert leaks(f"the search finds {CANARY}")


async def test_a_channel_without_a_place_is_complained_about_all_the_same(receiver):
    """Where there is no file, the sentence begins with the channel."""
    with pytest.raises(ConfigError, match=r"^channel x has no key"):
        channel(replace(config(receiver.kind, {"nonsense": 1}), name="x", origin=""), ManualClock())


@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_says_which_options_it_has(kind):
    """Each option of the contract stands in the docstring, where a user of the source looks."""
    told = inspect.getdoc(CHANNELS[kind])
    assert all(f"{key} = " in told for key in OPTIONS[kind])


LONE = "caf\udce9.png"  # as Python reads a name that is no UTF-8


async def test_what_utf_8_cannot_carry_keeps_no_alert_back(receiver, capsys):
    """In every text of an event: it is told all the same, and what arrives is text that any receiver can read."""
    seen = replace(
        EVENTS[0].evidence, rule=LONE, objectives={LONE: LONE}, checks={LONE: LONE}, error_types={LONE: 1},
        records=(LONE,), request=LONE, response=LONE, repeat=LONE, report=f"https://example.com/{LONE}", run_id=LONE,
        target=LONE,
    )  # fmt: skip
    told = [notice(cause=LONE, component=LONE, evidence=seen), alert(LONE, html=f"<p>{LONE}</p>")]
    await sent(receiver, *told)
    out = capsys.readouterr().out
    assert receiver.collect(out) == [each.message.id for each in told]
    if isinstance(receiver, ByWebhook):
        first, second = (json.loads(each.content.decode()) for each in receiver.requests)
        assert first["data"]["event"]["cause"] == second["data"]["event"]["text"] == "caf\\udce9.png"
        assert list(first["data"]["event"]["evidence"]["checks"]) == ["caf\\udce9.png"]
    arrived = [
        out,
        *(body.get_content() for mail in getattr(receiver, "mails", ()) for body in texts_of(mail)),
    ]
    arrived += [
        json.dumps(json.loads(each.content), ensure_ascii=False) for each in getattr(receiver, "requests", ())
    ]
    arrived += [told["body"] for _, told in getattr(receiver, "told", ())]
    assert not [text for text in arrived if re.search("[\ud800-\udfff]", text)]


def texts_of(mail):
    """Text and HTML."""
    return [part for part in mail.walk() if part.get_content_maintype() == "text"]


# --- the time of a try ---


@pytest.mark.parametrize("kind", sorted(CHANNELS))
def test_a_try_ends_before_the_claim_does(kind):
    """Otherwise another process would send the same message meanwhile. Mail takes longer than the others."""
    own = CHANNELS[kind].patience
    assert (own or Patience().send) < Patience().lease
    assert own == (100 if kind == "email" else None)


async def test_a_channel_has_a_time_of_its_own(tmp_path):
    """The dispatcher waits for as long as a channel says, else for as long as for everybody; the record names it."""
    clock, others_gave_up = ManualClock(), asyncio.Event()

    class Silent:
        async def send(self, told):
            await asyncio.Event().wait()

    class Impatient:
        patience = 0.002

        async def send(self, told):
            try:
                await asyncio.Event().wait()
            finally:
                others_gave_up.set()

    class Patient:
        patience = 30.0

        async def send(self, told):
            await others_gave_up.wait()
            return "took it"

    made = {"silent": Silent(), "impatient": Impatient(), "patient": Patient()}
    event = alert().event
    messages = [Message(name, event.id, name, clock.now()) for name in made]
    async with await IncidentStore.open(tmp_path / "facemon.db", clock=clock) as store:
        await store.change(lambda _: Changes(events=(event,), messages=tuple(messages)))
        ended = await dispatch(store, made, clock, owner="me", patience=Patience(send=0.001))
        errors = {each.channel: each.last_error for each in await store.messages()}
    assert ended == Dispatched(1, 0, 2)
    assert errors == {
        "silent": "no acknowledgement within 0.001 s",
        "patient": "",
        "impatient": "no acknowledgement within 0.002 s",
    }


# --- console ---


async def test_a_line_is_one_line_and_a_block_has_all(monkeypatch, capsys):
    """`form = "line"`: title, moment, message. A block has the evidence."""
    terminal = OnTerminal(monkeypatch)
    await sent(terminal, notice(), form="line")
    assert capsys.readouterr().out == (
        "⚠️ availability is degraded: server_error "
        "(2026-03-01 12:00 UTC, message 0199c0de-2222-7000-8000-000000000001)\n"
    )
    await sent(terminal, notice())
    out = capsys.readouterr().out
    assert "│ Promises" in out and "│   success_rate >= 99%: 91.2%" in out


async def test_stderr_leaves_stdout_alone(monkeypatch, capsys):
    """What a program reads from stdout is not mixed with alerts."""
    await sent(OnTerminal(monkeypatch), notice(), stream="stderr")
    out, err = capsys.readouterr()
    assert out == "" and "availability" in err


async def test_no_text_commands_the_terminal_or_the_runner(monkeypatch, capsys):
    """GitHub's runner obeys `::command::` at the start of a line and `##[command]`; a terminal obeys escapes."""
    bad = "::add-mask::x\n::set-env name=A::b\n  ::error::c\n##[group]d \x1b[2J [bold]e"
    await sent(OnTerminal(monkeypatch), alert(bad), notice(cause=bad))
    out = capsys.readouterr().out
    assert not [each for each in out.splitlines() if each.lstrip().startswith("::")]
    assert "##[" not in out and "\x1b" not in out and "[bold]e" in out


async def test_a_terminal_that_knows_no_signs_gets_the_words(monkeypatch):
    """An output in ASCII is no reason to lose an alert."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "ascii", write_through=True))
    await sent(OnTerminal(monkeypatch), notice())
    assert b"availability is degraded: server_error" in raw.getvalue()


# --- email ---


async def test_a_thread_is_named_by_its_mails(mail):
    """The receipt is the Message-ID; the next mail replies to it and refers to all; a new incident refers to none."""
    first, second, third = notice(), notice(EventKind.ESCALATED), notice(EventKind.RECOVERED)
    receipts = []
    for each in (first, second, third):
        receipts += await sent(mail, replace(each, receipts=tuple(receipts)))
    assert [each["Message-ID"] for each in mail.mails] == receipts
    assert [each["In-Reply-To"] for each in mail.mails] == [None, receipts[0], receipts[1]]
    assert [each["References"] for each in mail.mails] == [None, receipts[0], " ".join(receipts[:2])]


async def test_a_receipt_that_is_no_message_id_is_not_referred_to(mail):
    """Whatever another version of this program kept."""
    await sent(mail, replace(notice(), receipts=("", "#12", "<a b@c>", "sent\r\nBcc: x@example.com")))
    assert mail.mails[0]["References"] is None and mail.mails[0]["Bcc"] is None


async def test_a_very_long_thread_refers_to_its_first_and_its_last_mails(mail):
    """A header does not grow without end."""
    receipts = tuple(f"<{number}@example.com>" for number in range(100))
    await sent(mail, replace(notice(), receipts=receipts))
    named = mail.mails[0]["References"].split()
    assert len(named) == 20 and named[0] == receipts[0] and named[-1] == receipts[-1]


def test_a_message_id_is_one_whatever_it_is_made_of():
    """Python would fold an id of more than 77 characters into something else."""
    made = [
        message_id(ours, domain)
        for ours in ("x" * 90, "a b>", "0199c0de")
        for domain in ("e.example", "d" * 200)
    ]
    assert len(set(made)) == 6 and all(len(each) <= 75 and each.count("<") == 1 for each in made)
    assert made[4] == "<0199c0de@e.example>"


async def test_a_mail_is_the_same_at_each_try(mail):
    """Date, subject and all: only the boundaries between its parts are drawn anew."""
    await sent(mail, notice())
    await sent(mail, notice())
    first, second = mail.mails
    assert {**dict(first.items()), "Content-Type": ""} == {**dict(second.items()), "Content-Type": ""}
    assert [part.get_content() for part in first.walk() if not part.is_multipart()] == [
        part.get_content() for part in second.walk() if not part.is_multipart()
    ]
    assert first["Date"].datetime == notice().message.created_at
    assert first["Auto-Submitted"] == "auto-generated"


async def test_an_urgent_mail_says_so(mail):
    """A telephone may let it through at night."""
    await sent(mail, notice(), notice(EventKind.ESCALATED))
    assert [each["Importance"] for each in mail.mails] == [None, "high"]


NEVER, SOON, MENDED = "never", None, 900.0


@pytest.mark.parametrize(
    ("error", "again"),
    [
        (smtplib.SMTPAuthenticationError(535, f"no: {CANARY}".encode()), MENDED),
        (smtplib.SMTPAuthenticationError(534, b"too weak"), MENDED),
        (smtplib.SMTPAuthenticationError(454, b"later"), SOON),
        (smtplib.SMTPSenderRefused(550, b"who?", "me@example.com"), MENDED),
        (smtplib.SMTPSenderRefused(530, b"log in first", "me@example.com"), MENDED),
        (smtplib.SMTPSenderRefused(552, b"5.3.4 too large", "me@example.com"), NEVER),
        (smtplib.SMTPSenderRefused(451, b"greylisted", "me@example.com"), SOON),
        (smtplib.SMTPDataError(554, f"spam {CANARY}".encode()), NEVER),
        (smtplib.SMTPDataError(530, b"log in first"), MENDED),
        (smtplib.SMTPDataError(452, b"disk full"), SOON),
        (smtplib.SMTPConnectError(421, b"busy"), SOON),
        (smtplib.SMTPConnectError(554, b"no mail from you"), MENDED),
        (smtplib.SMTPHeloError(501, b"name?"), MENDED),
        (smtplib.SMTPNotSupportedError("STARTTLS extension not supported by server."), MENDED),
        (smtplib.SMTPException("No suitable authentication method found."), MENDED),
        (smtplib.SMTPServerDisconnected("gone"), SOON),
        (TimeoutError("timed out"), SOON),
        (OSError(101, "Network is unreachable"), SOON),
        (ssl.SSLCertVerificationError(1, "certificate verify failed"), SOON),
        (smtplib.SMTPRecipientsRefused({"a@b.c": (550, b"no"), "d@b.c": (551, b"no")}), NEVER),
        (smtplib.SMTPRecipientsRefused({"a@b.c": (530, b"log in"), "d@b.c": (530, b"log in")}), MENDED),
        (smtplib.SMTPRecipientsRefused({"a@b.c": (550, b"no"), "d@b.c": (450, b"later")}), SOON),
    ],
    ids=lambda value: value.__class__.__name__,
)
async def test_what_a_mail_server_says_decides(mail, error, again):
    """5yz for the mail or for all its recipients is for ever; a server, a login or a sender that is not accepted may be
    mended, and is asked again after a quarter of an hour; 4yz and the network pass. The server is named, the password
    is not.
    """
    mail.error = error
    if isinstance(error, ssl.SSLCertVerificationError):
        error.verify_message = "certificate has expired"
    with pytest.raises(DeliveryError) as raised:
        await sent(mail, notice())
    assert type(raised.value) is (DeliveryRefused if again is NEVER else DeliveryFailed)
    assert getattr(raised.value, "retry_after", NEVER) == again
    assert "smtp.example.com:587" in str(raised.value) and leaks(str(raised.value)) == []
    of_login = any(f"({code}" in str(error) for code in (454, 530, 534, 535))
    assert ("see FACEMON_SMTP_USER and FACEMON_SMTP_PASSWORD" in str(raised.value)) is of_login


async def test_who_did_not_get_it_is_said(mail, caplog):
    """Refused for ever: sent to the others; the receipt and the log say how many have it, who has not and why; the next
    mail still refers to it.
    """
    mail.refused = {"bob@example.com": (550, b"5.1.1 no such user")}
    (receipt,) = await sent(mail, notice())
    assert receipt.endswith("> to 1 of 2, not to bob@example.com (550 5.1.1 no such user)")
    assert "sent to 1 of 2, not to bob@example.com (550" in caplog.text
    await sent(mail, replace(notice(EventKind.ESCALATED), receipts=(receipt,)))
    assert mail.mails[1]["References"] == receipt.split()[0] == mail.mails[0]["Message-ID"]


ADA, BOB = "ada@example.com", "bob@example.com"
LATER = {BOB: (450, b"4.2.0 greylisted, come again")}


def again(told, attempts):
    """The same message after so many tries."""
    return replace(told, message=replace(told.message, attempts=attempts))


async def test_who_is_refused_for_now_gets_it_at_the_next_try_and_the_others_once(mail):
    """450 for one of two: not sent yet. The next try goes to that one alone, under the same Message-ID."""
    made = open_(mail)
    mail.refused = LATER
    with pytest.raises(
        DeliveryFailed, match=r"to 1 of 2, not to bob@example\.com \(450 4\.2\.0 greylisted"
    ) as raised:
        await made.send(notice())
    assert raised.value.retry_after is None
    with pytest.raises(DeliveryFailed, match="to 1 of 2, not to bob"):  # nobody takes it, yet ada has it
        await made.send(again(notice(), 1))
    mail.refused = {}
    receipt = await made.send(again(notice(), 2))
    await made.close()
    assert mail.recipients == [[ADA], [BOB]]
    assert [each["Message-ID"] for each in mail.mails] == [receipt] * 2
    assert all(each["To"] == "ada@example.com, bob@example.com" for each in mail.mails)


async def test_eight_tries_are_enough_where_somebody_has_it(mail):
    """Then it counts as sent, so that the next event is told; its receipt names who has not got it."""
    mail.refused = LATER
    made = open_(mail)
    for attempts in range(7):
        with pytest.raises(DeliveryFailed):
            await made.send(again(notice(), attempts))
    receipt = await made.send(again(notice(), 7))
    assert receipt.endswith("> to 1 of 2, not to bob@example.com (450 4.2.0 greylisted, come again)")
    assert mail.recipients == [[ADA]]
    await made.close()


async def test_a_process_that_comes_after_it_sends_to_all_once_more(mail):
    """Who has it is known to one process only. The repeat has the same Message-ID; the eighth try counts there too."""
    mail.refused = LATER
    for attempts in (0, 3):
        with pytest.raises(DeliveryFailed):
            await sent(mail, again(notice(), attempts))
    (receipt,) = await sent(mail, again(notice(), 9))
    assert "> to 1 of 2" in receipt and mail.recipients == [[ADA]] * 3
    assert {each["Message-ID"] for each in mail.mails} == {receipt.split()[0]}


async def test_a_mail_that_nobody_has_is_tried_for_ever(mail):
    """450 for everybody: no number of tries makes it sent."""
    mail.refused = {ADA: (450, b"later"), **LATER}
    with pytest.raises(DeliveryFailed, match="takes mail for nobody"):
        await sent(mail, again(notice(), 50))


async def test_a_later_refusal_for_ever_ends_the_trying(mail):
    """450, then 550 for one of two: the other has it, and no third try is made."""
    made = open_(mail)
    mail.refused = LATER
    with pytest.raises(DeliveryFailed):
        await made.send(notice())
    mail.refused = {BOB: (550, b"5.1.1 no such user")}
    assert "not to bob@example.com (550" in await made.send(again(notice(), 1))
    await made.close()


async def test_who_was_not_asked_because_the_server_left_is_asked_again(mail):
    """421 at the first of the two that are missing: the other has no answer, and is no less missing."""
    carl = "carl@example.com"
    made = open_(mail, {"to": [ADA, BOB, carl]})
    mail.refused = {**LATER, carl: (450, b"later")}
    with pytest.raises(DeliveryFailed):
        await made.send(notice())
    mail.error = smtplib.SMTPRecipientsRefused({BOB: (421, b"busy")})
    with pytest.raises(DeliveryFailed, match=r"to 1 of 3, not to bob@.*carl@example\.com \(421 not asked"):
        await made.send(again(notice(), 1))
    mail.error, mail.refused = None, {}
    await made.send(again(notice(), 2))
    assert mail.recipients == [[ADA], [BOB, carl]]
    await made.close()


def test_what_is_known_of_messages_does_not_grow_without_end():
    """The oldest message is forgotten first; one that is asked for again is not made anew."""
    taken = Taken(most=2)
    for name in ("a", "b", "c", "b"):
        taken.of(name).add(f"{name}@example.com")
    assert (taken.of("b"), taken.of("c")) == ({"b@example.com"}, {"c@example.com"})
    assert taken.of("a") == set()
    taken.forget("c")
    taken.forget("never seen")
    assert taken.of("c") == set()


@pytest.mark.parametrize(
    ("options", "calls"),
    [
        ({}, [("connect", "smtp.example.com", 587, False), ("starttls", True), ("login", "me", CANARY)]),
        ({"tls": "tls"}, [("connect", "smtp.example.com", 465, True), ("login", "me", CANARY)]),
        ({"login": False}, [("connect", "smtp.example.com", 587, False), ("starttls", True)]),
        ({"server": "smtp.example.com:2525"}, None),
        ({"server": "127.0.0.1:2525", "tls": "none"}, [("connect", "127.0.0.1", 2525, False)]),
        ({"server": "[::1]:2525", "tls": "none"}, [("connect", "::1", 2525, False)]),
    ],
)
async def test_a_login_travels_encrypted(mail, options, calls):
    """STARTTLS before the login, or TLS from the start; neither only on this machine, and then no login is needed."""
    await sent(mail, notice(), **options)
    assert mail.calls == (calls or [("connect", "smtp.example.com", 2525, False), *mail.calls[1:]])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tls": "none"}, "unencrypted to this machine itself only"),
        ({"tls": "startls"}, "did you mean starttls"),
        ({"server": "me:secret@smtp.example.com"}, "server is not accepted"),
        ({"server": "smtp.example.com:port"}, "server is not accepted"),
        ({"server": "smtp.example.com:99999"}, "server is not accepted"),
        ({"server": "smtps://smtp.example.com"}, "server is not accepted"),
        ({"from": "nobody"}, "from is not accepted"),
        ({"from": "a@example.com\r\nBcc: b@example.com"}, "from is not accepted"),
        ({"from": "a@example.com, b@example.com"}, "from is not accepted"),
        ({"to": "a@example.com"}, "to is not accepted: give a list"),
        ({"to": ["a@example.com", "b at example.com"]}, "to is not accepted"),
        ({"to": ["ä@example.com"]}, "to is not accepted"),
    ],
)
def test_a_mail_that_could_not_be_sent_stops_the_start(mail, options, said):
    """Addresses and servers are looked at before the first alert."""
    with pytest.raises(ConfigError, match=said):
        open_(mail, options)


def test_a_password_that_smtplib_cannot_send_stops_the_start(mail):
    """Its error would hold the password, hours later."""
    with pytest.raises(ConfigError, match="cannot use FACEMON_SMTP_PASSWORD") as raised:
        open_(mail, FACEMON_SMTP_PASSWORD=f"{CANARY}ä")
    assert leaks(str(raised.value)) == []


def test_a_name_may_stand_before_an_address(mail):
    """`On call <a@example.com>`, also with signs beyond ASCII."""
    open_(mail, {"to": ["Bereitschaft Süd <a@example.com>"], "from": "facemon <root@localhost>"})


# --- webhook ---


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_any_2xx_acknowledges(hook, status):
    """Whatever is answered beside."""
    hook.answer = httpx.Response(status)
    assert await sent(hook, notice()) == [""]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
async def test_what_may_pass_is_tried_again_when_the_receiver_asks(hook, status):
    """`Retry-After` in seconds or as a date (RFC 9110, 10.2.3) is handed on."""
    hook.answer = httpx.Response(status, headers={"retry-after": "120"})
    with pytest.raises(DeliveryFailed, match=f"example.com answered {status}") as raised:
        await sent(hook, notice())
    assert raised.value.retry_after == 120
    hook.answer = httpx.Response(status, headers={"retry-after": "Thu, 01 Jan 2026 00:01:30 GMT"})
    with pytest.raises(DeliveryFailed) as raised:
        await sent(hook, notice())
    assert raised.value.retry_after == 90


ABOUT_THE_MESSAGE = (400, 410, 413, 414, 415, 422)
ABOUT_THE_PLACE = (300, 301, 302, 304, 307, 308, 401, 402, 403, 404, 405, 406, 407, 409, 421, 426, 451)


@pytest.mark.parametrize("status", [*ABOUT_THE_MESSAGE, *ABOUT_THE_PLACE])
async def test_only_what_is_about_the_message_is_refused_for_ever(hook, status):
    """What a person may mend (address, secret, permission) is asked again after a quarter of an hour: a receiver that
    is being moved loses no alert. One request each; the answer is shown, without the secret if it is echoed.
    """
    headers = {"location": "https://elsewhere.example/x"}
    hook.answer = httpx.Response(status, headers=headers, text=f"you sent {KEY}\x1b[2J" + "x" * 9000)
    with pytest.raises(DeliveryError, match=f"example.com answered {status}") as raised:
        await sent(hook, notice())
    assert type(raised.value) is (DeliveryRefused if status in ABOUT_THE_MESSAGE else DeliveryFailed)
    assert getattr(raised.value, "retry_after", 900) == 900
    assert [str(each.url) for each in hook.requests] == ["https://example.com/facemon"]
    assert leaks(str(raised.value)) == [] and "\x1b" not in str(raised.value) and len(str(raised.value)) < 500


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (401, "see FACEMON_WEBHOOK_SECRET"),
        (403, "see FACEMON_WEBHOOK_SECRET"),
        (404, "see the channel's url"),
        (405, "see the channel's url"),
        (307, "a redirect, which is not followed: see the channel's url"),
    ],
)
async def test_what_is_to_be_mended_is_said(hook, status, hint):
    """Beside the number, which not everybody knows by heart; and a receiver that names a time is not asked later."""
    headers = {"location": "https://elsewhere.example/x", "retry-after": "60"}
    hook.answer = httpx.Response(status, headers=headers)
    with pytest.raises(DeliveryFailed) as raised:
        await sent(hook, notice())
    assert hint in str(raised.value) and raised.value.retry_after == 60


@pytest.mark.parametrize(
    "error", [httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x"), httpx.ConnectTimeout("x")]
)
async def test_trouble_on_the_way_is_tried_again(hook, error):
    """Who knows whether it arrived: it is sent again, with the same id."""
    hook.answer = error
    with pytest.raises(DeliveryFailed, match="cannot be reached"):
        await sent(hook, notice())


async def test_the_body_is_camel_case_and_keeps_names_that_are_data(hook):
    """Type, moment and data; checks, objectives and error types keep their own spelling; moments are in UTC."""
    await sent(hook, notice(EventKind.ESCALATED), alert())
    told, other = (json.loads(each.content) for each in hook.requests)
    assert told["type"] == "incident.escalated" and other["type"] == "facemon.alert"
    assert told["timestamp"] == "2026-03-01T12:40:00+00:00"
    data = told["data"]
    assert data["title"] == "🛑 availability is down: timeout"
    assert data["event"]["evidence"]["errorTypes"] == {"server_error": 2, "timeout": 7}
    assert "check_availability.py::check_faces_come" in data["event"]["evidence"]["checks"]
    assert (
        data["incident"]["openedAt"] == "2026-03-01T12:00:00+00:00" and data["incident"]["closedAt"] is None
    )
    assert data["event"]["incidentId"] == data["incident"]["id"]
    assert other["data"]["incident"] is None


def test_a_signature_is_that_of_the_published_example():
    """The test vector of Standard Webhooks: id, moment, body and secret → signature."""
    from datetime import UTC, datetime

    headers = signed(
        Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        datetime.fromtimestamp(1614265330, UTC),
        b'{"test": 2432232314}',
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


@pytest.mark.parametrize(
    "key", [CANARY, f"whsec_{CANARY}!", "whsec_", "whsec_c2hvcnQ=", "whsec_" + "A" * 200, "whsec_ä"]
)
def test_a_secret_that_is_none_stops_the_start(hook, key):
    """24 to 64 bytes in base64 behind whsec_; the value is not shown."""
    with pytest.raises(ConfigError, match="cannot use FACEMON_WEBHOOK_SECRET") as raised:
        open_(hook, FACEMON_WEBHOOK_SECRET=key)
    assert leaks(str(raised.value)) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/x",
        "ftp://example.com",
        "example.com",
        f"https://me:{CANARY}@example.com",
        "https://",
    ],
)
def test_a_webhook_goes_to_https_or_stays_on_this_machine(hook, url):
    """An address that would carry the message in the open, or a password, stops the start."""
    with pytest.raises(ConfigError, match="url is not accepted") as raised:
        open_(hook, {"url": url})
    assert leaks(str(raised.value)) == []


# --- apprise ---


async def test_who_has_it_is_not_told_again(monkeypatch):
    """One of two receivers is down: the other hears of it once, though the message is tried three times."""
    server = ByApprise(monkeypatch)
    made = open_(server)
    server.broken = {"mailto"}
    for _ in range(2):
        with pytest.raises(DeliveryFailed, match="address 2 of FACEMON_APPRISE_URLS"):
            await made.send(notice())
    server.broken = set()
    await made.send(notice())
    await made.close()
    assert [address.partition(":")[0] for address, _ in server.told] == ["slack", "mailto"]


async def test_a_dead_address_keeps_nothing_from_the_others(monkeypatch):
    """The first two tries wait for it; the third counts as sent, and its receipt says how many have it and who not."""
    server = ByApprise(monkeypatch)
    made = open_(server)
    server.broken = {"mailto"}
    for attempts in (0, 1):
        with pytest.raises(
            DeliveryFailed, match=r"not taken by address 2 of FACEMON_APPRISE_URLS \(1 of 2 have it\)"
        ):
            await made.send(again(notice(), attempts))
    receipt = await made.send(again(notice(), 2))
    await made.close()
    assert receipt == "not taken by address 2 of FACEMON_APPRISE_URLS (1 of 2 have it)"
    assert [address.partition(":")[0] for address, _ in server.told] == ["slack"]


async def test_a_process_that_comes_later_tells_the_good_address_once_more_at_most(monkeypatch):
    """Who has it is known to one process only: the third of them ends it."""
    server = ByApprise(monkeypatch)
    server.broken = {"mailto"}
    for attempts in (0, 1):
        with pytest.raises(DeliveryFailed):
            await sent(server, again(notice(), attempts))
    assert "1 of 2 have it" in (await sent(server, again(notice(), 2)))[0]
    assert [address.partition(":")[0] for address, _ in server.told] == ["slack"] * 3


async def test_what_no_address_has_taken_is_tried_for_ever(monkeypatch):
    """However often it failed, it is not sent."""
    server = ByApprise(monkeypatch)
    server.break_down()
    with pytest.raises(DeliveryFailed, match=r"address 1, 2 of FACEMON_APPRISE_URLS \(0 of 2 have it\)"):
        await sent(server, again(notice(), 50))


async def test_an_address_that_hangs_is_one_that_has_not_taken_it(monkeypatch):
    """It ends before the dispatcher gives the whole try up, so that the third try counts."""
    server = ByApprise(monkeypatch)
    monkeypatch.setattr(apprise, "_ANSWER", 0.01)
    made = open_(server)

    async def never(**told):
        await asyncio.Event().wait()

    monkeypatch.setattr(made._receivers["2"], "async_notify", never, raising=False)
    with pytest.raises(DeliveryFailed, match="address 2 of"):
        await made.send(notice())
    assert "address 2 of" in await made.send(again(notice(), 2))
    await made.close()
    assert len(server.told) == 1


async def test_a_chat_room_gets_what_matters_first(monkeypatch):
    """At most 1,500 characters, with what to do next, what it is and its kind; the id at the end."""
    server = ByApprise(monkeypatch)
    await sent(server, notice(EventKind.ESCALATED), notice(EventKind.RECOVERED), alert())
    kinds = [told["notify_type"] for address, told in server.told if address.startswith("slack")]
    assert kinds == ["failure", "success", "info"]
    told = server.told[0][1]
    assert told["title"] == "🛑 availability is down: timeout" and len(told["body"]) <= 1500
    assert "vendor's status page" in told["body"]
    assert told["body"].endswith("message 0199c0de-2222-7000-8000-000000000002")


def test_an_address_that_apprise_does_not_know_stops_the_start(monkeypatch):
    """It is counted and not shown."""
    with pytest.raises(ConfigError, match="cannot use FACEMON_APPRISE_URLS") as raised:
        open_(ByApprise(monkeypatch), FACEMON_APPRISE_URLS=f"slack://a/b {CANARY}")
    assert leaks(str(raised.value)) == []


def test_without_the_package_the_extra_is_named(monkeypatch):
    """`pip install "facemon[apprise]"`."""
    server = ByApprise(monkeypatch)
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError, match=r'pip install "facemon\[apprise\]"'):
        open_(server)


async def test_what_a_library_logs_of_an_address_is_taken_out(monkeypatch, caplog):
    """Also where it is spelt otherwise than in the address; other records pass as they are, and all do once closed."""
    caplog.set_level(logging.DEBUG)
    made = open_(ByApprise(monkeypatch))
    log = logging.getLogger("urllib3.connectionpool")
    log.debug('%s "POST /services/%s HTTP/1.1" 200', "host", CANARY)
    logging.getLogger("apprise").error("Unparseable URL mailto://me:%s@example.com", CANARY)
    log.debug("2 kept connections")
    assert (
        leaks(caplog.text) == [] and "2 kept connections" in caplog.text and "POST /services" in caplog.text
    )
    await made.close()
    log.debug("now %s", CANARY)
    assert leaks(caplog.text)


async def test_a_slow_receiver_is_waited_for_no_longer_than_the_dispatcher_waits(monkeypatch):
    """A send that is given up leaves the channel fit for the next one."""
    server = ByApprise(monkeypatch)
    made = open_(server)
    gate = asyncio.Event()

    async def never(**told):
        await gate.wait()

    receiver = made._receivers["1"]
    monkeypatch.setattr(receiver, "async_notify", never, raising=False)
    task = asyncio.create_task(made.send(notice()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    monkeypatch.undo()
    assert await made.send(notice()) == ""
    await made.close()
