"""What the workflows install: a requirement for facemon that may stand in a file of a public repository.

The job that installs it holds the vendor's key. So the default is the very place that this facemon came from, as
pip noted it (PEP 610, direct_url.json): a commit, or an archive with its hash. Only what came from a package index or
from a folder is named by its version.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from facemon.errors import ConfigError, shorten

_EXTRAS = "github,apprise,postgres"  # the channels and the store that the templates speak of
_EXTRA = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_CLAUSE = r"(?:==|~=|!=|<=|>=|<|>)\s*[a-z0-9][a-z0-9.*+!_-]*"
_PLACE = (
    r"(?:git\+)?https://[a-z0-9.-]+(?::\d+)?/[\w.~/%@+-]+|git\+ssh://git@[a-z0-9.-]+(?::\d+)?/[\w.~/%@+-]+"
)
# PEP 508, less markers and whatever a shell, YAML or GitHub's expressions would read as theirs.
_REQUIREMENT = re.compile(
    rf"facemon\s*(?:\[\s*(?P<extras>{_EXTRA}(?:\s*,\s*{_EXTRA})*)\s*\])?\s*"
    rf"(?:@\s*(?P<url>(?:{_PLACE})(?:#[\w=&./-]+)?)|(?P<clauses>{_CLAUSE}(?:\s*,\s*{_CLAUSE})*))?",
    re.IGNORECASE | re.ASCII,
)
_CREDENTIAL = re.compile(r"://(?!git@)[^/\s]*@|\?")
_COMMIT = re.compile(r"@[0-9a-f]{40}(?:#|$)|#(?:.*&)?sha256=[0-9a-f]{64}")
_KEY = "REQUIREMENT"
_LINE = re.compile(rf'^ *{_KEY}: "([^"\n]+)"$', re.MULTILINE)
_ACCEPTED = "facemon==1.2.3, or facemon @ git+https://HOST/OWNER/facemon@COMMIT"


@dataclass(frozen=True, slots=True)
class Requirement:
    """text: as pip reads it, extras included · url: it says where, so that no package index is asked."""

    text: str
    url: bool

    @property
    def pinned(self) -> bool:
        """Whether it is the same code every time."""
        return bool(_COMMIT.search(self.text)) if self.url else "==" in self.text

    @property
    def yaml(self) -> str:
        """The step of the set-up action that installs it."""
        return f'      run: python -m pip install "${_KEY}"\n      env:\n        {_KEY}: "{self.text}"'


def requirement(text: str) -> Requirement:
    """Of a text such as somebody types; with the extras of the templates where it names none.

    Raises ConfigError for what is no requirement for facemon, and for a URL that holds a credential (unshown).
    """
    if "://" in text and _CREDENTIAL.search(text):
        raise ConfigError(
            "the requirement is not accepted (it is not shown): its URL holds a credential, and would stand in the "
            "repository for all to read; give one without user, password and query"
        )
    found = _REQUIREMENT.fullmatch(text.strip())
    if found is None:
        shown = "(it is not shown: it holds a URL)" if "://" in text else shorten(text)
        raise ConfigError(f"requirement {shown} is not accepted: give {_ACCEPTED}")
    extras = re.sub(r"\s", "", found["extras"] or _EXTRAS)
    rest = f" @ {found['url']}" if found["url"] else re.sub(r"\s", "", found["clauses"] or "")
    return Requirement(f"facemon[{extras}]{rest}", bool(found["url"]))


def installed(version: str) -> Requirement:
    """How this very facemon, which is of that version, was installed."""
    try:
        noted = metadata.distribution("facemon").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        noted = None
    return _noted(noted or "") or requirement(f"facemon=={version}")


def named_by(action: str) -> Requirement | None:
    """What the text of a set-up action installs; None where it does not say so in our way."""
    line = _LINE.search(action)
    try:
        return requirement(line[1]) if line else None
    except ConfigError:
        return None


def _noted(direct_url: str) -> Requirement | None:
    """Of a direct_url.json; None for a folder, a file, and whatever else another machine cannot reach."""
    try:
        content = json.loads(direct_url)
        return requirement(f"facemon @ {_place(content, content['url'])}")
    except (ValueError, KeyError, TypeError, AttributeError, ConfigError):
        return None


def _place(content: Mapping[str, Any], url: str) -> str:
    if "vcs_info" in content:
        come_from = f"{content['vcs_info']['vcs']}+{url}@{content['vcs_info']['commit_id']}"
        return (
            f"{come_from}#subdirectory={content['subdirectory']}" if "subdirectory" in content else come_from
        )
    archive = content["archive_info"]  # a KeyError for a folder, which is dir_info
    digest = archive.get("hashes", {}).get("sha256") or archive.get("hash", "").removeprefix("sha256=")
    return f"{url}#sha256={digest}" if digest else url
