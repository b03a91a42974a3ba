"""A local server that speaks GitHub's issues API, keeps state, and refuses what GitHub's description does not know.

It can be told to misbehave at chosen requests. On the loopback, for tests only.

    with GithubServer(token="ghs_…") as server:
        ... GITHUB_API_URL=server.url, GITHUB_REPOSITORY=server.home.name ...
        assert not server.violations
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.github_server.answers import ANSWERS, Reply, Stop
from tests.github_server.description import (
    ACCEPTED,
    VERSIONS,
    Invalid,
    Operation,
    check_reply,
    operation_of,
)
from tests.github_server.state import Repository


@dataclass
class Trouble:
    """What happens at requests whose `METHOD PATH` matches. status 0: the connection breaks · status -1: no answer for
    as long as the server lives · done: the request is carried out all the same · times: how often, None: always.
    """

    pattern: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = field(default_factory=lambda: {"message": "made up"})
    times: int | None = 1
    done: bool = False


@dataclass(frozen=True)
class Request:
    """One request as it came. operation: its name in the description, empty for none."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    operation: str


class GithubServer:
    """The server and its state. violations: requests outside the description; a test that is done looks at them."""

    def __init__(
        self, token: str, now: Callable[[], datetime] = lambda: datetime.now(UTC), me: str = "facemon-bot"
    ):
        self.token, self.now, self.me = token, now, me
        self.home = Repository("team/app")
        self.repositories = {self.home.name: self.home}
        self.violations: list[str] = []
        self.requests: list[Request] = []
        self.troubles: list[Trouble] = []
        self.lock = threading.RLock()
        self.over = threading.Event()
        self._comment = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _answer(self) -> None:
                server.serve(self)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(
            target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def add(self, name: str) -> Repository:
        """Another repository."""
        self.repositories[name] = Repository(name)
        return self.repositories[name]

    def trouble(self, pattern: str, status: int, **rest: Any) -> None:
        """Misbehave at the next requests that match (a regular expression over `METHOD PATH`)."""
        self.troubles.append(Trouble(pattern, status, **rest))

    def next_comment(self) -> int:
        """A number of a comment."""
        self._comment += 1
        return self._comment

    def count(self, method: str, pattern: str = "") -> int:
        """How many requests came with a method, and a path that matches."""
        return sum(each.method == method and bool(re.search(pattern, each.path)) for each in self.requests)

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        parts = urlsplit(handler.path)
        raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self.lock:
            trouble = self._trouble(f"{handler.command} {parts.path}")
            if trouble is None or trouble.done:
                reply = self._reply(handler, parts.path, parse_qs(parts.query, keep_blank_values=True), raw)
            else:
                self.requests.append(Request(handler.command, parts.path, {}, None, "trouble"))
        if trouble is not None:
            if trouble.status <= 0:
                if trouble.status < 0:
                    self.over.wait(60)
                handler.close_connection = True
                return
            reply = Reply(trouble.status, trouble.body, trouble.headers)
        data = b"" if reply.body is None else json.dumps(reply.body).encode()
        handler.send_response(reply.status)
        sent = {
            "Content-Type": "application/json; charset=utf-8",
            "X-GitHub-Media-Type": "github.v3; format=json",
        }
        for name, value in {**sent, **reply.headers, "Content-Length": str(len(data))}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(data)

    def _trouble(self, request: str) -> Trouble | None:
        for trouble in self.troubles:
            if trouble.times != 0 and re.search(trouble.pattern, request):
                if trouble.times is not None:
                    trouble.times -= 1
                return trouble
        return None

    def _reply(
        self, handler: BaseHTTPRequestHandler, path: str, query: dict[str, list[str]], raw: bytes
    ) -> Reply:
        known = operation_of(
            handler.command, re.sub("^/repositories/1(?=/|$)", f"/repos/{self.home.name}", path)
        )
        name = known[0].name if known else ""
        body = None
        try:
            body = json.loads(raw) if raw else None
            self._check_headers(handler, has_body=bool(raw))
            if known is None:
                raise Stop(404, "Not Found", violation="no such operation")
            operation, parts = known
            typed = operation.parameters(query)
            operation.content(body)
            reply = self._carry_out(operation, parts, typed, body)
        except Invalid as error:
            self.violations.append(f"{handler.command} {path}: {error.errors}")
            reply = Reply(422, {"message": "Validation Failed", "errors": error.errors})
        except Stop as stop:
            if stop.violation:
                self.violations.append(f"{handler.command} {path}: {stop.violation}")
            reply = Reply(stop.status, stop.body, stop.headers)
        self.requests.append(Request(handler.command, path, query, body, name))
        return reply

    def _check_headers(self, handler: BaseHTTPRequestHandler, has_body: bool) -> None:
        headers = handler.headers
        if not headers.get("User-Agent"):
            raise Stop(403, "Request forbidden by administrative rules.", violation="no User-Agent")
        for accepted in headers.get("Accept", "*/*").split(","):
            if not ACCEPTED.fullmatch(accepted.split(";")[0].strip()):
                raise Stop(415, "Must accept 'application/json'", violation=f"Accept: {accepted}")
        version = headers.get("X-GitHub-Api-Version")
        if version is not None and version not in VERSIONS:
            raise Stop(400, f'Unsupported version "{version}"', violation="X-GitHub-Api-Version")
        if has_body and headers.get("Content-Type", "").split(";")[0] != "application/json":
            raise Stop(415, "Unsupported media type", violation="Content-Type")
        kind, _, token = headers.get("Authorization", "").partition(" ")
        if kind.lower() not in ("token", "bearer") or token != self.token:
            raise Stop(401, "Bad credentials")

    def _carry_out(
        self, operation: Operation, parts: dict[str, str], query: dict[str, Any], body: Any
    ) -> Reply:
        name = f"{parts['owner']}/{parts['repo']}"
        repository = self.repositories.get(name)
        if repository is None:
            raise Stop(404, "Not Found")
        if repository.renamed:
            status = 301 if operation.method == "GET" else 307
            raise Stop(status, "Moved Permanently", headers={"Location": f"{self.url}/repositories/1"})
        reply = ANSWERS[operation.name](self, repository, parts, query, body)
        check_reply(operation, reply.body)
        return reply

    def paged(self, path: str, items: list[Any], query: dict[str, Any]) -> Reply:
        """One page, with the links to the others."""
        size, page = query.get("per_page", 30), query.get("page", 1)
        last = max(1, -(-len(items) // size))
        links = {"first": 1, "prev": page - 1} if page > 1 else {}
        links |= {"next": page + 1, "last": last} if page < last else {}
        shown = {
            key: f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value
            for key, value in query.items()
        }
        texts = [
            f'<{self.url}{path}?{urlencode({**shown, "page": number})}>; rel="{rel}"'
            for rel, number in links.items()
        ]
        headers = {"Link": ", ".join(texts)} if texts else {}
        return Reply(200, items[(page - 1) * size : page * size], headers)
