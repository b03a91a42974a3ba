"""The error log: each failed attempt with its whole request, response and traceback, one JSON object a line.

The file is `<path>`; when a line would make it larger than `max_bytes` it becomes `<path>.1`, and so on up to
`<path>.<backups>`. Any number of processes may write: a line is one write at the end of the file, made under the
lock file `<path>.lock`, which also keeps two processes from rotating at once.
"""

from __future__ import annotations

import json
import logging
import os
import warnings
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from facemon.model import Attempt
from facemon.store.identity import new_id
from facemon.store.locking import interprocess_lock


class ErrorLog:
    """Writes and finds entries. Nothing is opened before the first; the files are readable by their owner only.

    max_bytes: of one file · backups: how many older files are kept (0: the file is emptied instead).
    """

    def __init__(self, path: Path, max_bytes: int = 10_000_000, backups: int = 5) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._backups = backups
        self._warned = False

    def write(self, record_id: str, run_id: str | None, attempt: Attempt) -> str | None:
        """Write one entry; returns its id, or None where it could not be written.

        The log is an aid: its trouble is a RuntimeWarning (once), and never keeps a record from being saved.
        """
        try:
            entry = _entry(record_id, run_id, attempt)
            line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
            with interprocess_lock(self._numbered("lock")) as alone:
                if alone:
                    self._rotate_before(len(line))
                _append(self.path, line)
        except (
            OSError,
            ValueError,
            TypeError,
            OverflowError,
        ) as error:  # the disk's trouble, or a strange attempt's
            self._warn(error)
            return None
        return str(entry["id"])

    def find(self, log_id: str) -> dict[str, Any] | None:
        """The entry of an id, from the current file or an older one; None where there is none (any more).

        Raises OSError for a file that cannot be read.
        """
        wanted = log_id.encode("ascii", "replace")
        for line in self._lines():
            if wanted in line:
                entry = _parse(line)
                if entry is not None and entry.get("id") == log_id:
                    return entry
        return None

    def _lines(self) -> Iterator[bytes]:
        # From the newest file to the oldest: rotation moves lines this way too, so that none can slip past.
        for path in (self.path, *(self._numbered(number) for number in range(1, self._backups + 1))):
            try:
                with path.open("rb") as file:
                    yield from file
            except FileNotFoundError:
                continue

    def _rotate_before(self, more: int) -> None:
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            return
        if size == 0 or size + more <= self._max_bytes:
            return
        if self._backups == 0:
            self.path.unlink()
            return
        for number in range(self._backups - 1, 0, -1):
            if self._numbered(number).exists():
                self._numbered(number).replace(self._numbered(number + 1))
        self.path.replace(self._numbered(1))

    def _numbered(self, suffix: int | str) -> Path:
        return self.path.with_name(f"{self.path.name}.{suffix}")

    def _warn(self, error: Exception) -> None:
        if self._warned:
            return
        self._warned = True
        message = f"the error log {self.path} cannot be written: {getattr(error, 'strerror', None) or error}"
        try:
            warnings.warn(message, RuntimeWarning, stacklevel=3)
        except RuntimeWarning:
            # Warnings are errors here (-W error); raised from the writer, it would cost a record.
            logging.getLogger(__name__).warning(message)


def _append(path: Path, line: bytes) -> None:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags, 0o600)
    try:
        written = os.write(descriptor, line)
        if written < len(line):  # the disk is filling up: what is there must not swallow the next line
            os.write(descriptor, b"\n")
            raise OSError(f"only {written} of {len(line)} bytes could be written")
    finally:
        os.close(descriptor)


def _entry(record_id: str, run_id: str | None, attempt: Attempt) -> dict[str, object]:
    ended = attempt.started_at + timedelta(seconds=attempt.duration)
    exchange = attempt.exchange
    request = response = None
    if exchange is not None:
        request = {
            "method": exchange.method,
            "url": exchange.url,
            "headers": exchange.request_headers,
            "body": exchange.request_body,
        }
        if attempt.status is not None:
            response = {
                "status": attempt.status,
                "headers": exchange.response_headers,
                "body": exchange.response_body,
            }
    return {
        "id": new_id(ended),
        "timestamp": ended.isoformat(),
        "recordId": record_id,
        "runId": run_id,
        "attempt": attempt.number,
        "errorType": attempt.outcome,
        "message": attempt.error,
        "request": request,
        "response": response,
        "traceback": attempt.traceback,
    }


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
