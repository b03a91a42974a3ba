"""What the workflows install: the place that this facemon came from, and nothing that may not stand in a repository."""

from __future__ import annotations

import json
from importlib import metadata
from typing import Any

import pytest
from packaging.requirements import Requirement as Theirs

from facemon.errors import ConfigError
from facemon.scheduled.requirement import Requirement, installed, named_by, requirement

COMMIT = "3d3c42e5aac5ba805825da76410c181273ba90b1"
DIGEST = "520cdef63d1d91e091931cfeb5ca0220e7f9515cdd997e56986295e3da15b22b"
EXTRAS = "[github,apprise,postgres]"
BY_VERSION = Requirement(f"facemon{EXTRAS}==1.2.3", url=False)


class Distribution:
    """As importlib.metadata shows an installed package whose installer noted this."""

    def __init__(self, noted: str | None) -> None:
        self._noted = noted

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return self._noted


@pytest.fixture
def come_from(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`come_from({...})`: facemon was installed with this direct_url.json; None: with none."""

    def set_up(noted: object) -> None:
        text = noted if isinstance(noted, str | None) else json.dumps(noted)
        monkeypatch.setattr(metadata, "distribution", lambda name: Distribution(text))

    return set_up


@pytest.mark.parametrize(
    ("noted", "text"),
    [
        (
            {
                "url": "https://git.example.com/team/facemon.git",
                "vcs_info": {"vcs": "git", "requested_revision": "main", "commit_id": COMMIT},
            },
            f"git+https://git.example.com/team/facemon.git@{COMMIT}",
        ),
        (
            {"url": "ssh://git@git.example.com/facemon", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"git+ssh://git@git.example.com/facemon@{COMMIT}",
        ),
        (
            {
                "url": "https://git.example.com/all",
                "subdirectory": "tools/facemon",
                "vcs_info": {"vcs": "git", "commit_id": COMMIT},
            },
            f"git+https://git.example.com/all@{COMMIT}#subdirectory=tools/facemon",
        ),
        (
            {
                "url": "https://example.com/facemon-1.0-py3-none-any.whl",
                "archive_info": {"hashes": {"sha256": DIGEST}},
            },
            f"https://example.com/facemon-1.0-py3-none-any.whl#sha256={DIGEST}",
        ),
        (
            {"url": "https://example.com/facemon-1.0.tar.gz", "archive_info": {"hash": f"sha256={DIGEST}"}},
            f"https://example.com/facemon-1.0.tar.gz#sha256={DIGEST}",
        ),
    ],
    ids=["git", "git-over-ssh", "subdirectory", "wheel", "older-form-of-a-hash"],
)
def test_it_names_the_place_that_it_came_from(come_from: Any, noted: dict[str, Any], text: str) -> None:
    """The commit, not the branch; the archive with its hash (the forms that PEP 610 describes)."""
    come_from(noted)
    assert installed("1.2.3") == Requirement(f"facemon{EXTRAS} @ {text}", url=True)
    assert installed("1.2.3").pinned


def test_an_archive_without_a_hash_is_named_and_not_called_pinned(come_from: Any) -> None:
    """Some installers note none: the place is known, what it holds tomorrow is not."""
    come_from({"url": "https://example.com/facemon.tar.gz", "archive_info": {}})
    assert installed("1.2.3") == Requirement(
        f"facemon{EXTRAS} @ https://example.com/facemon.tar.gz", url=True
    )
    assert not installed("1.2.3").pinned


@pytest.mark.parametrize(
    "noted",
    [
        None,
        "no JSON",
        [],
        {"url": "https://example.com/x", "vcs_info": None},
        {"url": "file:///home/me/facemon", "dir_info": {"editable": True}},
        {"url": "file:///home/me/facemon.whl", "archive_info": {"hashes": {"sha256": DIGEST}}},
        {"url": "file:///home/me/facemon", "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
        {"url": "https://hg.example.com/facemon", "vcs_info": {"vcs": "hg", "commit_id": COMMIT}},
        {"url": "http://example.com/facemon.whl", "archive_info": {}},
        {
            "url": "https://me:hunter2@git.example.com/facemon",
            "vcs_info": {"vcs": "git", "commit_id": COMMIT},
        },
    ],
)
def test_what_another_machine_cannot_reach_is_named_by_its_version(come_from: Any, noted: object) -> None:
    """A package index, a folder, a file of this machine, a URL with a password in it."""
    come_from(noted)
    assert installed("1.2.3") == BY_VERSION


def test_where_facemon_is_not_installed_it_is_named_by_its_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as from a checkout on the path."""

    def missing(name: str) -> None:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    assert installed("1.2.3") == BY_VERSION


@pytest.mark.parametrize(
    ("typed", "text", "pinned"),
    [
        ("facemon==1.2.3", f"facemon{EXTRAS}==1.2.3", True),
        (" Facemon [github] >= 1.2, < 2 ", "facemon[github]>=1.2,<2", False),
        ("facemon", f"facemon{EXTRAS}", False),
        (
            f"facemon@git+https://git.example.com:8443/a/b@{COMMIT}",
            f"facemon{EXTRAS} @ git+https://git.example.com:8443/a/b@{COMMIT}",
            True,
        ),
        (
            "facemon[ github , ofiq ] @ git+https://git.example.com/a/b@main",
            "facemon[github,ofiq] @ git+https://git.example.com/a/b@main",
            False,
        ),
    ],
)
def test_what_is_asked_for_is_installed(typed: str, text: str, pinned: bool) -> None:
    """With the extras that the templates need, unless it names its own; whether it can change is known. pip reads it
    as we do.
    """
    assert (requirement(typed).text, requirement(typed).pinned) == (text, pinned)
    theirs = Theirs(text)
    assert theirs.name == "facemon"
    assert bool(theirs.url) is requirement(typed).url
    assert theirs.extras == Theirs(typed.strip()).extras or theirs.extras == {"github", "apprise", "postgres"}


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "requests==2.0",
        "facemon-evil==1.0",
        "facemon==1.0; python_version > '3'",
        "facemon==1.0 requests",
        "facemon --index-url=https://example.com/simple",
        "facemon @ file:///home/me/facemon",
        "facemon @ http://example.com/facemon.whl",
        "facemon @ ../facemon",
        "git+https://git.example.com/a/facemon",
        "facemon @ https://example.com/$(id).whl",
        "facemon @ https://example.com/${{ secrets.X }}",
        'facemon==1.0"\n      - run: id',
        "facemon==1.0\nrequests",
        "facemon @ https://example.com/`id`",
    ],
)
def test_what_is_no_requirement_for_facemon_is_refused(typed: str) -> None:
    """Another package, an option, a marker, a folder, and whatever a shell or GitHub would read as theirs."""
    with pytest.raises(ConfigError, match=r"is not accepted.*give facemon==1\.2\.3, or facemon @ git\+https"):
        requirement(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "facemon @ git+https://me:hunter2@git.example.com/a/facemon@main",
        "facemon @ git+https://hunter2@git.example.com/a/facemon@main",
        "facemon @ git+ssh://git:hunter2@git.example.com/a/facemon",
        "facemon @ https://example.com/facemon.whl?token=hunter2",
        "git+https://hunter2@git.example.com/a/facemon",
    ],
)
def test_a_credential_is_refused_and_not_shown(typed: str) -> None:
    """It would stand in the repository, and in the log of whoever typed it."""
    with pytest.raises(ConfigError, match="its URL holds a credential") as caught:
        requirement(typed)
    assert "hunter2" not in str(caught.value)


def test_no_url_that_is_refused_is_shown() -> None:
    """A password may stand in it in a way that nobody recognises."""
    with pytest.raises(ConfigError, match="not shown") as caught:
        requirement("facemon @ git+https://me:hunt/er2@git.example.com/a/facemon")
    assert "hunt" not in str(caught.value)


def test_it_is_read_again_from_the_action_that_names_it() -> None:
    """What stands in a file that somebody may have changed is judged as what somebody types."""
    place = requirement(f"facemon @ git+https://git.example.com/a/b@{COMMIT}")
    assert named_by(f"runs:\n{place.yaml}\n") == place
    assert named_by(f"runs:\n{BY_VERSION.yaml}\n") == BY_VERSION
    assert named_by("runs:\n      run: python -m pip install facemon\n") is None
    assert named_by(f"runs:\n{place.yaml.replace('facemon[', 'requests[')}\n") is None
