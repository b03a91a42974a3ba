"""What a scheduled run talks to, here: the service, GitHub, a mail server, a webhook's receiver, a remote."""

from __future__ import annotations

import base64
import gzip
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from mail_server import USER, MailServer, certificate
from workflow_runner import Github, git

from facemon.scheduled.starter import rendered
from facemon.simulator.config import SimulatorConfig
from facemon.simulator.process import SimulatorProcess
from tests.github_server.server import GithubServer

ROOT = Path(__file__).parents[2]
_GZIP = b"\x1f\x8b"
# Each is a secret of its own, so that a leak tells whose it is.
KEY = "sk-Zq7Xw2Vr9Tk4Mn8Bp3Hd6Jf1Lc5"
TOKEN = "ghs_Wd3Ny8Gs5Ub1Ke7Qa9Rv2Mz6Ht4Po0Ci"
PASSWORD = "Fx6Jb2Yk9Lw4Sp7Te1"
HOOK = "Vu8Cg3Im5Ox1Da7Nh9Ej4Qs2"
BEAT = "Bz5Kt9Fp2Ww8Gr4Xl6"
SECRETS = {"key": KEY, "token": TOKEN, "password": PASSWORD, "hook": HOOK, "beat": BEAT}
SIGNING = "whsec_" + base64.b64encode(HOOK.encode()).decode()
FRAGMENT = 8
_MORE_CHANNELS = """
[alerts.channels.hook]
kind = "webhook"
url = "{hook}"

[alerts.channels.email]
to = ["on-call@example.com"]
from = "facemon@example.com"
server = "{mail}"
"""


class Receiver:
    """Takes webhooks and heartbeats. got: (method, path, body) of each."""

    def __init__(self) -> None:
        self.got: list[tuple[str, str, bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def _take(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                receiver.got.append((self.command, self.path, body))
                self.send_response(204)
                self.end_headers()

            do_GET = do_POST = _take  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def bodies(self, path: str) -> list[bytes]:
        """Of the requests to a path."""
        return [body for _, at, body in self.got if at == path]


class World:
    """Everything around one repository. The service stays at one address, well or not."""

    def __init__(self, room: Path, server: GithubServer, receiver: Receiver, mail: MailServer) -> None:
        self.room, self.server, self.receiver, self.mail = room, server, receiver, mail
        self.port = free_port()

    @property
    def service(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def serving(self, *faults: str) -> Iterator[SimulatorProcess]:
        """The service, with faults, for as long as the block lasts."""
        config = SimulatorConfig(port=self.port, key=KEY, faults=faults, latency_scale=0.1, balance=10_000)
        with SimulatorProcess(config) as simulator:
            yield simulator

    def github(self, origin: Path, trusted: Path, **variables: str) -> Github:
        """A runner for a repository. trusted: the mail server's certificate · variables: of the repository."""
        secrets = {
            "STABILITY_API_KEY": KEY,
            "FACEMON_SMTP_USER": USER,
            "FACEMON_SMTP_PASSWORD": PASSWORD,
            "FACEMON_WEBHOOK_SECRET": SIGNING,
            "FACEMON_HEARTBEAT_URL": f"{self.receiver.url}/beat/{BEAT}",
        }
        given = {
            "FACEMON_TARGET": self.service,
            "FACEMON_SAMPLES": "6",
            "FACEMON_REPORT_URL": "https://team.example.com/app/",
        }
        contexts = {"secrets": secrets, "vars": given | variables, "github": {"token": TOKEN}}
        environment = {
            "GITHUB_API_URL": self.server.url,
            "GITHUB_REPOSITORY": self.server.home.name,
            "SSL_CERT_FILE": str(trusted),
            # A request of the failing service ends before the waits between its retries do.
            "FACEMON_GENERATION_TIMEOUT": "2.5",
        }
        # Without node there is no report, and no history of reports to keep.
        without = () if shutil.which("npx") else ("facemon site",)
        return Github(origin, self.room, contexts, environment, without)

    def project_file(self) -> str:
        """What `facemon init` writes, with two more channels."""
        more = _MORE_CHANNELS.format(hook=f"{self.receiver.url}/hook", mail=self.mail.address)
        return rendered("facemon.toml", {}) + more


@contextmanager
def world(room: Path) -> Iterator[tuple[World, Path]]:
    """Started servers, and the mail server's certificate."""
    trusted, context = certificate(room)
    with (
        GithubServer(TOKEN) as server,
        Receiver() as receiver,
        MailServer("starttls", context, PASSWORD) as mail,
    ):
        yield World(room, server, receiver, mail), trusted


def remote(room: Path, files: Iterable[tuple[str, bytes]]) -> Path:
    """A bare repository with one commit on its branch main."""
    work, bare = room / "work", room / "origin.git"
    for name, content in files:
        target = work / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    git("init", "--quiet", "--bare", str(bare))
    git("init", "--quiet", str(work))
    git("add", "--all", "--force", cwd=work)
    git("commit", "--quiet", "-m", "all of it", cwd=work)
    git("push", "--quiet", str(bare), "HEAD:refs/heads/main", cwd=work)
    return bare


def this_checkout() -> Iterator[tuple[str, bytes]]:
    """Every file of the project, committed or not; what git ignores is none."""
    line = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(line, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            yield name, (ROOT / name).read_bytes()


def leaked(data: bytes) -> dict[str, list[str]]:
    """Secret → its pieces of eight characters that the data hold."""
    found = {}
    for name, secret in SECRETS.items():
        pieces = {secret[i : i + FRAGMENT] for i in range(len(secret) - FRAGMENT + 1)}
        hits = sorted(piece for piece in pieces if piece.encode() in data)
        if hits:
            found[name] = hits
    return found


def state_files(origin: Path) -> dict[str, bytes]:
    """The files of the state's branch, unpacked."""
    names = git(f"--git-dir={origin}", "ls-tree", "--name-only", "facemon-state").split()
    found = {}
    for name in names:
        raw = _blob(origin, f"facemon-state:{name}")
        found[name] = gzip.decompress(raw) if name.endswith(".gz") else raw
    return found


def every_blob(origin: Path) -> dict[str, bytes]:
    """All that was ever pushed beside main, also what no branch holds any more; unpacked, by its name in git."""
    listing = git(f"--git-dir={origin}", "cat-file", "--batch-all-objects", "--batch-check").splitlines()
    of_main = set(git(f"--git-dir={origin}", "rev-list", "--objects", "main").split())
    found = {}
    for name, kind, _ in map(str.split, listing):
        if kind == "blob" and name not in of_main:
            raw = _blob(origin, name)
            found[name] = gzip.decompress(raw) if raw.startswith(_GZIP) else raw
    return found


def _blob(origin: Path, name: str) -> bytes:
    command = ["git", f"--git-dir={origin}", "cat-file", "blob", name]
    return subprocess.run(command, capture_output=True, check=True).stdout


def free_port() -> int:
    """One that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
