"""git as facemon runs it: tried again where that may help, told in its own words, and no secret shown."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facemon.scheduled.branch import Kept, fetch
from facemon.scheduled.complaints import may_pass, todo
from facemon.scheduled.git import GitError, Repository, repository

NOW = datetime(2026, 3, 2, 12, 20, tzinfo=UTC)
STORE = Kept(Path(".facemon/facemon.db"))

Clone = Callable[[str], Path]
Git = Callable[..., str]


def test_what_may_pass_is_tried_again(origin: Path, clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times over the network; a refusal, and what is done here, once."""
    sleeps: list[float] = []
    ends = [(128, b"fatal: unable to access: The requested URL returned error: 503")] * 2 + [(0, b"")]
    said = iter(ends)

    def ended(*_: object) -> subprocess.CompletedProcess[bytes]:
        code, complaint = next(said)
        return subprocess.CompletedProcess([], code, b"", complaint)

    made = Repository(Path(), "url", Path(), sleep=sleeps.append)
    monkeypatch.setattr("facemon.scheduled.git._run", ended)
    assert made.attempt("ls-remote").returncode == 0 and sleeps == [1.0, 3.0]
    for command, complaint in (("push", b"error: 403"), ("push", b"stale info"), ("mktree", b"error: 503")):
        said = iter([(1, complaint), (0, b"")])
        assert made.attempt(command).returncode == 1 and sleeps == [1.0, 3.0]


def test_without_a_repository_there_is_one_clear_error() -> None:
    """It names the way out."""
    with pytest.raises(GitError, match="no git repository with a remote 'origin'"):
        fetch(STORE, NOW, {})


def test_the_token_goes_to_github_alone_and_into_no_argument(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """git's own credential machinery finds it for the server, and for no other host."""
    token = "ghs_canary0123456789"
    monkeypatch.setenv("GITHUB_TOKEN", token)
    monkeypatch.setenv("GIT_ASKPASS", "false")
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    with repository(clone("first"), "origin", {"GITHUB_TOKEN": token}) as git:
        found = git.run("credential", "fill", stdin=b"protocol=https\nhost=github.com\n\n")
        elsewhere = git.attempt("credential", "fill", stdin=b"protocol=https\nhost=example.com\n\n")
        arguments = json.dumps([*git._credentials()])  # what would stand in a process list
        shown = repr(git)
    assert f"password={token}" in found
    assert "username=x-access-token" in found
    assert elsewhere.returncode != 0
    assert token not in arguments + shown


def test_errors_show_no_user_and_no_token(clone: Clone, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """A remote's URL may carry a password."""
    monkeypatch.setattr("facemon.scheduled.git._PAUSES", ())
    folder = clone("first")
    git("remote", "set-url", "origin", "http://user:canarypassword@127.0.0.1:9/x.git", cwd=folder)
    monkeypatch.chdir(folder)
    with pytest.raises(GitError) as caught:
        fetch(STORE, NOW, {"GITHUB_TOKEN": "ghs_canary0123456789"})
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "complaint",
    [
        b"fatal: unable to access 'https://github.com/a/b/': The requested URL returned error: 401",
        b"fatal: unable to access 'https://github.com/a/b/': The requested URL returned error: 403",
        b"remote: Repository not found.\nfatal: repository 'https://github.com/a/b/' not found",
        b"fatal: Authentication failed for 'https://github.com/a/b/'",
        b"git@github.com: Permission denied (publickey).\nConnection closed by remote host",
        b"fatal: could not read Username for 'https://github.com': No such device or address",
    ],
)
def test_the_token_is_named_where_the_remote_refused_it(complaint: bytes) -> None:
    """And no further try is made: it would be refused too."""
    assert not may_pass(complaint)
    assert "GITHUB_TOKEN may write contents" in todo(complaint, "write")
    assert "GITHUB_TOKEN may read contents" in todo(complaint, "read")


@pytest.mark.parametrize(
    "complaint",
    [
        b"fatal: unable to access 'https://github.com/a/b/': The requested URL returned error: 503",
        b"fatal: unable to access 'https://github.com/a/b/': Could not resolve host: github.com",
        b"fatal: unable to access 'https://github.com/a/b/': Failed to connect to github.com port 443",
        b"error: RPC failed; curl 56 Recv failure: Connection reset by peer",
        b"fatal: the remote end hung up unexpectedly",
    ],
)
def test_of_a_trouble_of_the_network_no_token_is_blamed(complaint: bytes) -> None:
    """It may pass, and is tried again."""
    assert may_pass(complaint)
    assert todo(complaint, "write") == ""


def test_the_rules_of_a_branch_are_no_matter_of_the_token() -> None:
    """Whoever reads it looks at the branch's protection."""
    complaint = b" ! [remote rejected] abc -> facemon-state (protected branch hook declined)"
    assert "protection" in todo(complaint, "write")
    assert not may_pass(complaint)


def test_a_checkout_of_another_users_is_told_in_gits_own_words(
    clone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They name the way out, and that there is a repository."""
    monkeypatch.chdir(clone("first"))
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(GitError, match=r"dubious ownership.* git config --global --add safe\.directory"):
        fetch(STORE, NOW, {})


def test_git_speaks_english(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it says is read here, whatever the user's language."""
    for name in ("LC_ALL", "LANG", "LANGUAGE"):
        monkeypatch.setenv(name, "de_DE.UTF-8")
    with repository(clone("first"), "origin", {}) as git:
        assert git.run("-c", "alias.told=!printenv LC_ALL", "told") == "C"
