"""The requests to GitHub's issues API; every error is one of ours, and none carries the token."""

from __future__ import annotations

import functools
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from facemon.alerting.channels.base import MENDABLE
from facemon.alerting.github.connection import connect, translated
from facemon.alerting.github.settings import GithubSettings
from facemon.alerting.github.trouble import Forbidden, NotThere
from facemon.clock import Clock
from facemon.errors import DeliveryError, DeliveryFailed
from facemon.secret import redact

T = TypeVar("T")
SEARCHED = 500
"""Issues, five pages of them, that are always looked at; beyond them only as long as there is time."""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it was read. pull: it is a pull request, which to GitHub is an issue · handle: the library's own."""

    number: int
    title: str
    body: str
    labels: tuple[str, ...]
    closed: bool
    locked: bool
    pull: bool
    handle: Any = field(repr=False)


class Door:
    """All requests of one channel, one after the other, in one thread."""

    def __init__(self, settings: GithubSettings, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._github = connect(settings)
        self._repository: Any = None
        self._secret = settings.secret_part()
        self._until = self._search_until = float("inf")
        self._given_up = threading.Event()

    def begin(self, until: float, search_until: float, given_up: threading.Event) -> None:
        """A new delivery. until: the clock's moment after which no request is begun, nor once it is given_up ·
        search_until: after which the list of issues ends.
        """
        self._until, self._search_until, self._given_up = until, search_until, given_up

    def close(self) -> None:
        """Let go of the connection."""
        self._github.close()

    def clear(self, text: str) -> str:
        """Without the token, should some text have brought it along, and without what UTF-8 cannot carry: GitHub would
        refuse the whole.
        """
        return redact(text.encode("utf-8", "backslashreplace").decode(), [self._secret])

    def issue(self, number: int) -> Issue | None:
        """By its number, also where it was transferred to; None: deleted, or out of sight."""
        repository = self._home()
        try:
            return self._read(self._call(f"issue {number}", lambda: repository.get_issue(number)))
        except NotThere:
            return None

    def issues(self, since: datetime) -> Iterator[Issue]:
        """All with our first label that changed since then, open or closed, the newest first, page after page.

        After `SEARCHED` of them it ends when the time to search is over: otherwise thousands that a bot has touched
        today would keep an outage from being told, at each try. What was missed is an older one; to open a second
        issue is better than silence.
        """
        repository, label = self._home(), self._settings.labels[0]
        found = iter(repository.get_issues(state="all", labels=[label], since=since))
        for number in itertools.count():
            if number >= SEARCHED and self._clock.monotonic() > self._search_until:
                return
            handle = self._call("the list of issues", lambda: next(found, None))
            if handle is None:
                return
            issue = self._read(handle)
            if not issue.pull:
                yield issue

    def create(self, title: str, body: str, labels: list[str], assignees: list[str]) -> Issue:
        """Raises Invalid where GitHub does not take an assignee."""
        repository = self._home()
        words = {"title": self.clear(title), "body": self.clear(body), "labels": labels}
        if assignees:
            words["assignees"] = assignees
        return self._read(self._call("a new issue", lambda: repository.create_issue(**words)))

    def comments(self, issue: Issue) -> Iterator[str]:
        """The texts of all comments, the oldest first, page after page."""
        found = iter(issue.handle.get_comments())
        while (handle := self._call("the comments", lambda: next(found, None))) is not None:
            yield self._call("a comment", functools.partial(getattr, handle, "body")) or ""

    def comment(self, issue: Issue, text: str) -> None:
        """Add one. A lock is not meant for us: where it keeps us out, it is opened and put back."""
        words = self.clear(text)
        try:
            self._call("a new comment", lambda: issue.handle.create_comment(words))
        except Forbidden:
            if not issue.locked:
                raise
            reason = self._call("an issue", lambda: issue.handle.active_lock_reason)
            self._call("a locked issue", issue.handle.unlock)
            self._call("a new comment", lambda: issue.handle.create_comment(words))
            self.lock(issue, reason)

    def lock(self, issue: Issue, reason: str | None = None) -> None:
        """Nobody but those who may write to the repository comments any more."""
        requester, way = self._github.requester, f"{issue.handle.url}/lock"
        words = {"lock_reason": reason} if reason else {}  # the library's own way insists on a reason
        self._call("a lock", lambda: requester.requestJsonAndCheck("PUT", way, input=words))

    def edit(self, issue: Issue, changes: dict[str, Any]) -> None:
        """Change title, labels or state in one request."""
        words = {key: self.clear(value) if key == "title" else value for key, value in changes.items()}
        self._call("a change of the issue", lambda: issue.handle.edit(**words))

    def assign(self, issue: Issue, logins: list[str]) -> None:
        """Add assignees to those that are there."""
        self._call("the assignees", lambda: issue.handle.add_to_assignees(*logins))

    def _home(self) -> Any:
        """The repository by the name it has now: a renamed one redirects, and a redirected POST would be lost."""
        if self._repository is None:
            name = self._settings.repository
            found = self._call(f"repository {name}", lambda: self._github.get_repo(name))
            if not str(found.url).startswith(self._settings.api + "/"):
                said = f"GitHub names repository {name} by another address than {self._settings.api}"
                raise DeliveryFailed(said, MENDABLE)
            self._repository = found
        return self._repository

    def _read(self, handle: Any) -> Issue:
        def read() -> Issue:
            labels = tuple(label.name for label in handle.labels)
            return Issue(
                number=int(handle.number),
                title=handle.title,
                body=handle.body or "",
                labels=labels,
                closed=handle.state == "closed",
                locked=bool(handle.locked),
                pull="/pull/" in handle.html_url,
                handle=handle,
            )

        return self._call("an issue", read)

    def _call(self, where: str, request: Callable[[], T]) -> T:
        """Run a request. Its error is raised outside of `except`, so that no traceback leads to the headers sent."""
        if self._given_up.is_set() or self._clock.monotonic() > self._until:
            raise DeliveryFailed(f"GitHub took too long; stopped before {where}")
        try:
            return request()
        except Exception as error:  # the library's own, those of requests below it, and of unreadable replies
            failure = self._translated(error, where)
        raise failure

    def _translated(self, error: Exception, where: str) -> DeliveryError:
        found = translated(error, where, self._clock.now())
        found.args = (self.clear(str(found)),)
        return found
