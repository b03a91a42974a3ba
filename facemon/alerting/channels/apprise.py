"""Tells any of the receivers that the package `apprise` knows: chat rooms, pagers, telephones."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import warnings
from typing import Any
from urllib.parse import unquote

from facemon.alerting.channels.base import ChannelConfig
from facemon.alerting.options import Options
from facemon.alerting.story import cut
from facemon.alerting.words import text, title
from facemon.clock import Clock
from facemon.errors import DeliveryFailed
from facemon.incident import Notice
from facemon.model import State
from facemon.secret import Secret, redact

VARIABLE = "FACEMON_APPRISE_URLS"
_URLS = "addresses as apprise writes them, such as slack://…, with blanks between"
_MOST = 1500  # characters; what matters comes first, and chat rooms cut or split what is longer
_KINDS = {State.DOWN: "failure", State.DEGRADED: "warning", State.UNKNOWN: "warning", State.UP: "success"}
# Whoever logs the addresses that it calls; an address is a secret.
_TALKATIVE = ("apprise", "requests", "urllib3.connectionpool")


class Apprise:
    """A short message for each event, with the message's id at its end: its receivers know no other repeats.

    No options. The receivers are the addresses in FACEMON_APPRISE_URLS, which hold secrets. Apprise does not say why
    a receiver would not take a message, so that each is tried again; those that took it are not told twice while
    this channel lives.
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
        self._receivers = [_receiver(library, each) for each in addresses]
        if None in self._receivers:
            self._watch(False)
            raise options.wrong_secret(VARIABLE, _URLS)
        self._taken: dict[str, set[int]] = {}  # message → the receivers that have it, until all have

    async def send(self, notice: Notice) -> str:
        """Tell every receiver. Raises DeliveryFailed while one of them has not taken it."""
        taken = self._taken.setdefault(notice.message.id, set())
        missing = [number for number in range(len(self._receivers)) if number not in taken]
        answers = await asyncio.gather(*(self._tell(number, notice) for number in missing))
        taken.update(number for number, good in zip(missing, answers, strict=True) if good)
        if len(taken) < len(self._receivers):
            open_ones = ", ".join(str(number + 1) for number in missing if number not in taken)
            raise DeliveryFailed(f"not taken by address {open_ones} of {VARIABLE} (the others have it)")
        del self._taken[notice.message.id]
        return ""

    async def close(self) -> None:
        """Stop watching the logs."""
        self._watch(False)

    def _watch(self, on: bool) -> None:
        for logger in map(logging.getLogger, _TALKATIVE):
            (logger.addFilter if on else logger.removeFilter)(self._filter)

    async def _tell(self, number: int, notice: Notice) -> bool:
        told = notice.event
        mark = f"\n\nmessage {notice.message.id}"
        body = cut(text(notice).partition("\n\n")[2].rstrip(), _MOST - len(mark)) + mark
        kind = "info" if told.incident_id is None else _KINDS[told.after]
        return bool(
            await self._receivers[number].async_notify(body=body, title=title(notice), notify_type=kind)
        )


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
