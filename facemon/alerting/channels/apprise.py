"""Tells any of the receivers that the package `apprise` knows: chat rooms, pagers, telephones."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import warnings
from typing import Any
from urllib.parse import unquote

from facemon.alerting.channels.base import Channel, ChannelConfig
from facemon.alerting.options import Options
from facemon.alerting.story import cut
from facemon.alerting.taken import Taken
from facemon.alerting.words import text, title
from facemon.clock import Clock
from facemon.errors import DeliveryFailed
from facemon.incident import Notice
from facemon.model import State
from facemon.secret import Secret, redact

VARIABLE = "FACEMON_APPRISE_URLS"
_URLS = "addresses as apprise writes them, such as slack://…, with blanks between"
_TRIES = 3  # so many tries wait for an address that takes nothing while others do
_ANSWER = (
    20.0  # seconds; one that hangs is one that has not taken it, and the dispatcher gives the whole thirty
)
_MOST = 1500  # characters; what matters comes first, and chat rooms cut or split what is longer
_KINDS = {State.DOWN: "failure", State.DEGRADED: "warning", State.UNKNOWN: "warning", State.UP: "success"}
# Whoever logs the addresses that it calls; an address is a secret.
_TALKATIVE = ("apprise", "requests", "urllib3.connectionpool")


class Apprise(Channel):
    """A short message for each event, with the message's id at its end: its receivers know no other repeats.

    No options. The receivers are the addresses in FACEMON_APPRISE_URLS, which hold secrets. Apprise does not say why
    a receiver would not take a message, so that each is tried again. From the third try on a message that one of them
    has taken counts as sent, and its receipt says who has not: a dead address keeps nothing from the others. Those that
    took it are not told twice while this process lives; one that comes after it tells each of them once more, at most.
    """

    def __init__(self, config: ChannelConfig, clock: Clock) -> None:  # noqa: ARG002  it does not ask for the time
        options = Options(config)
        self.name = config.name
        try:
            library = importlib.import_module("apprise")
        except ImportError:
            raise options.lacks("apprise", "apprise") from None
        addresses = [Secret(each) for each in options.secret(VARIABLE, _URLS).reveal().split()]
        self._filter = _Redacting([*addresses, *(Secret(unquote(each.reveal())) for each in addresses)])
        self._watch(True)
        self._receivers = {str(number): _receiver(library, each) for number, each in enumerate(addresses, 1)}
        if None in self._receivers.values():
            self._watch(False)
            raise options.wrong_secret(VARIABLE, _URLS)
        self._taken = Taken()  # addresses by their numbers, as they are shown

    async def send(self, notice: Notice) -> str:
        """Tell every receiver; the receipt is empty where all have it. Raises DeliveryFailed where one has not taken it
        and this is the first or second try, or where none has.
        """
        taken = self._taken.of(notice.message.id)
        await asyncio.gather(
            *(self._tell(name, notice, taken) for name in self._receivers if name not in taken)
        )
        missing = [name for name in self._receivers if name not in taken]
        have = f"{len(taken)} of {len(self._receivers)} have it"
        said = f"not taken by address {', '.join(missing)} of {VARIABLE} ({have})"
        if missing and (not taken or notice.message.attempts + 1 < _TRIES):
            raise DeliveryFailed(said)
        self._taken.forget(notice.message.id)
        return said if missing else ""

    async def close(self) -> None:
        """Stop watching the logs."""
        self._watch(False)

    def _watch(self, on: bool) -> None:
        for logger in map(logging.getLogger, _TALKATIVE):
            (logger.addFilter if on else logger.removeFilter)(self._filter)

    async def _tell(self, name: str, notice: Notice, taken: set[str]) -> None:
        told = notice.event
        mark = f"\n\nmessage {notice.message.id}"
        body = cut(text(notice).partition("\n\n")[2].rstrip(), _MOST - len(mark)) + mark
        kind = "info" if told.incident_id is None else _KINDS[told.after]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER):
                if await self._receivers[name].async_notify(body=body, title=title(notice), notify_type=kind):
                    taken.add(name)  # at once: the try may be given up while a slow one is waited for


def _receiver(library: Any, address: Secret) -> Any:
    """None for an address that apprise cannot read."""
    receiver = library.Apprise(asset=library.AppriseAsset(app_id="facemon", app_desc="facemon", app_url=""))
    with warnings.catch_warnings(), contextlib.suppress(Exception):  # an error would carry the address along
        warnings.simplefilter("ignore")  # its hundred modules use what Python means to remove
        return receiver if receiver.add(address.reveal()) else None
    return None


class _Redacting(logging.Filter):
    """Takes pieces of the addresses out of what other people's code logs."""

    def __init__(self, secrets: list[Secret]) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage(), self._secrets), None
        if record.exc_info:
            trace = logging.Formatter().formatException(record.exc_info)
            record.exc_text, record.exc_info = redact(trace, self._secrets), None
        return True
