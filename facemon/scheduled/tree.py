"""The commit that holds a state: its files at the top, without a parent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from facemon.scheduled.git import Repository

_README = "README.md"
_WORDS = (
    "The state of facemon between its runs, replaced by each of them. Made by `facemon state push`; to look at it,\n"
    "`facemon state fetch` in a fresh clone. A run that finds no such branch starts from nothing.\n"
)


def fetched(git: Repository, branch: str) -> str | None:
    """The commit that the branch is at, brought here; None where there is no such branch. Raises GitError."""
    if git.tip(branch) is None:
        return None
    source = f"+refs/heads/{branch}:refs/heads/state"
    git.run("fetch", "--quiet", "--no-tags", "--depth=1", git.url, source)
    return git.run("rev-parse", "refs/heads/state")  # the branch may have moved since


def content(git: Repository, commit: str) -> dict[str, bytes]:
    """The regular files at the top, by their names: what else there may be is none of ours."""
    return {
        name: git.output("cat-file", "blob", about.split()[2])
        for name, about in _entries(git, commit).items()
        if about.startswith("100") and name.isascii()
    }


def committed(git: Repository, files: Mapping[str, bytes], now: datetime, base: str | None = None) -> str:
    """A new commit of these files; base: a commit whose other entries are in it too."""
    entries = {} if base is None else _entries(git, base)
    for name, data in {_README: _WORDS.encode(), **files}.items():
        entries[name] = f"100644 blob {git.run('hash-object', '-w', '--stdin', stdin=data)}"
    listing = "".join(f"{about}\t{name}\0" for name, about in entries.items())
    tree = git.run("mktree", "-z", stdin=listing.encode("utf-8", "surrogateescape"))
    return git.run("commit-tree", tree, "-m", f"state at {now:%Y-%m-%d %H:%M} UTC")


def same(git: Repository, one: str | None, other: str) -> bool:
    """Whether two commits hold the same."""
    return one is not None and len({git.run("rev-parse", f"{each}^{{tree}}") for each in (one, other)}) == 1


def _entries(git: Repository, commit: str) -> dict[str, str]:
    """Mode, type and object of what lies at the top, by name."""
    found = git.output("ls-tree", "-z", commit).decode("utf-8", "surrogateescape").split("\0")
    return {name: about for about, _, name in (entry.partition("\t") for entry in found if entry)}
