"""git, run in a repository of its own: the user's checkout, index, hooks and references are never touched.

The token for GitHub comes from GITHUB_TOKEN, which git's credential helper reads from the environment that it
inherits: it stands in no argument, file or URL.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from facemon.config import handed_on
from facemon.errors import FacemonError
from facemon.scheduled.complaints import is_absent, may_pass, telling, todo
from facemon.secret import MASK, Secret, redact

_GITHUB = "https://github.com"
_USER_INFO = re.compile(r"//[^/\s@]+@")
_TIMEOUT = 300.0
_ALL = re.compile("(?s).*")  # of the environment: ssh, proxies and credential helpers have their variables
_FAR = ("ls-remote", "fetch", "push")
_PAUSES = (1.0, 3.0)  # seconds before the second and the third try of what goes over the network
# The quotes are the shell's: git hands a helper that begins with ! to it. Its standard input is git's question.
_HELPER = '!f() { test "$1" = get && printf "username=x-access-token\\npassword=%s\\n" "$GITHUB_TOKEN"; }; f'
_AUTHOR = ("-c", "user.name=facemon", "-c", "user.email=facemon@users.noreply.github.com")


class GitError(FacemonError):
    """git cannot be run, or refused; the message is one sentence without a secret.

    todo: what to do, where the remote said what is wanting; else empty.
    """

    def __init__(self, message: str, todo: str = "") -> None:
        super().__init__(message)
        self.todo = todo


@dataclass(frozen=True)
class Repository:
    """A bare repository that lives as long as a block. url: of the remote."""

    folder: Path
    url: str
    cwd: Path
    token: Secret | None = None
    server: str = _GITHUB
    sleep: Callable[[float], None] = time.sleep

    def tip(self, branch: str) -> str | None:
        """The commit that the remote's branch is at; None where there is no such branch. Raises GitError."""
        found = self.run("ls-remote", self.url, f"refs/heads/{branch}").split()
        return found[0] if found else None

    def run(self, *arguments: str, stdin: bytes = b"") -> str:
        """What a command said. Raises GitError."""
        return self.output(*arguments, stdin=stdin).decode("utf-8", "replace").strip()

    def output(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """The bytes of what a command said. Raises GitError."""
        ended = self.attempt(*arguments, stdin=stdin)
        if ended.returncode:
            raise self.error(f"git {arguments[0]} failed", ended)
        return ended.stdout

    def error(self, what: str, ended: subprocess.CompletedProcess[bytes], right: str = "read") -> GitError:
        """What failed, in git's words. right: to the contents, that a token needs for it."""
        return GitError(f"{what}: {self.said(ended)}", todo(ended.stderr, right))

    def attempt(self, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """A command, however it ends; over the network up to three times, where it fails for what may pass.

        Raises GitError where git cannot be run or takes too long.
        """
        line = ["git", f"--git-dir={self.folder}", *_AUTHOR, *self._credentials(), *arguments]
        ended = _run(line, self.cwd, stdin)
        for pause in _PAUSES if arguments[0] in _FAR else ():
            if not (ended.returncode and may_pass(ended.stderr)):
                break
            self.sleep(pause)
            ended = _run(line, self.cwd, stdin)
        return ended

    def said(self, ended: subprocess.CompletedProcess[bytes]) -> str:
        """The telling line of a complaint, without user, password and token."""
        worst = telling(ended.stderr) or f"exit code {ended.returncode}"
        return redact(_USER_INFO.sub(f"//{MASK}@", worst), [self.token])

    def _credentials(self) -> tuple[str, ...]:
        if not self.token:
            return ()
        return ("-c", f"credential.{self.server}.helper=", "-c", f"credential.{self.server}.helper={_HELPER}")


@contextmanager
def repository(folder: Path, remote: str, environment: Mapping[str, str]) -> Iterator[Repository]:
    """A fresh repository that talks to the remote of the one that `folder` is in. Raises GitError."""
    url = _url(folder, remote)
    token, server = environment.get("GITHUB_TOKEN", ""), environment.get("GITHUB_SERVER_URL", "") or _GITHUB
    with tempfile.TemporaryDirectory(prefix="facemon-git-") as place:
        made = Repository(Path(place), url, folder, Secret(token) if token else None, server)
        made.run("init", "--quiet", "--bare", "--template=", place)
        # Not as an argument: a remote on this machine would inherit it, and skip its own hooks.
        made.run("config", "core.hooksPath", "/dev/null")
        yield made


def _url(folder: Path, remote: str) -> str:
    ended = _run(["git", "remote", "get-url", remote], folder)
    if ended.returncode and not is_absent(ended.stderr):  # such as a checkout of another user's
        raise GitError(f"git refuses {folder}: {' '.join(ended.stderr.decode('utf-8', 'replace').split())}")
    if ended.returncode:
        raise GitError(
            f"{folder} is in no git repository with a remote {remote!r}: run this in the repository that keeps the "
            "state, or keep the store in a database (FACEMON_STORE=postgresql://…)"
        )
    return ended.stdout.decode().strip()


def is_tracked(path: Path) -> bool:
    """Whether a file is committed to the repository that it lies in."""
    return _run(["git", "ls-files", "--error-unmatch", path.name], path.parent).returncode == 0


def _run(line: list[str], cwd: Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        # A session of its own has no terminal: git cannot stop a job with a question that nobody will answer.
        return subprocess.run(  # noqa: S603  the arguments are ours, and no shell reads them
            line,
            cwd=cwd,
            env={**handed_on(_ALL), "LC_ALL": "C"},  # its words are read here
            input=stdin,
            capture_output=True,
            timeout=_TIMEOUT,
            start_new_session=True,
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git is not installed: it keeps the state between runs") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git did not end within {_TIMEOUT:g} s") from None
