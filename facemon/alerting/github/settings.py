"""What the channel `github_issue` is told by its table and by the environment.

[alerts.channels.github_issue]
repository = "owner/name"           # GITHUB_REPOSITORY, if it is not given
labels = ["facemon"]                # the first is the one that issues are found by
lock = false                        # lock an issue once it is opened, so that nobody else writes into it
[alerts.channels.github_issue.assignees]
pictures = ["ada"]                  # a component, a check, or a pattern of them as in fnmatch
"*" = ["grace"]
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from facemon.alerting.channels.base import ChannelConfig
from facemon.alerting.options import Options
from facemon.config import check_url
from facemon.secret import Secret, secret_part

TOKEN, REPOSITORY, ADDRESS = "GITHUB_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL"
PUBLIC = "https://api.github.com"
MOST_ASSIGNEES = 10  # of an issue, by GitHub's documentation
_KEYS = ("assignees", "labels", "lock", "repository")
_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/[A-Za-z0-9._-]{1,100}")
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98})(?:\[bot\])?")


@dataclass(frozen=True, slots=True)
class GithubSettings:
    """api: its address without a slash at the end · assignees: pattern → logins."""

    repository: str
    labels: tuple[str, ...]
    assignees: Mapping[str, tuple[str, ...]]
    lock: bool
    api: str
    token: Secret

    def secret_part(self) -> Secret:
        """The token without what every token begins with: `github` alone is no secret, and stands in every address."""
        return secret_part(self.token)

    def logins(self, names: Iterable[str]) -> list[str]:
        """Who is to look after a component and its checks, in the order of the table, each once."""
        asked = list(names)
        found = [
            login
            for pattern, logins in self.assignees.items()
            if any(name == pattern or fnmatch.fnmatchcase(name, pattern) for name in asked)
            for login in logins
        ]
        return list(dict.fromkeys(found))[:MOST_ASSIGNEES]


def settings(config: ChannelConfig) -> GithubSettings:
    """Raises ConfigError that names the place, the key and what is accepted."""
    options = Options(config, *_KEYS)
    return GithubSettings(
        repository=_repository(config, options),
        labels=_labels(config, options),
        assignees=_assignees(config, options),
        lock=options.flag("lock", False),
        api=_address(config, options),
        token=_token(options),
    )


def _repository(config: ChannelConfig, options: Options) -> str:
    name = options.text(
        "repository",
        f"owner/name, here or in the environment as {REPOSITORY}",
        config.environment.get(REPOSITORY),
    )
    if not _REPOSITORY.fullmatch(name):
        raise options.wrong("repository", f"owner/name, here or in the environment as {REPOSITORY}")
    return name


def _labels(config: ChannelConfig, options: Options) -> tuple[str, ...]:
    accepted = 'a list of labels of 1 to 50 characters without a comma, such as ["facemon"]'
    labels = options.texts("labels", accepted) if "labels" in config.options else ("facemon",)
    # A comma would part the label in two where issues are asked for by it.
    if not all(1 <= len(label.strip()) == len(label) <= 50 and "," not in label for label in labels):
        raise options.wrong("labels", accepted)
    return tuple(dict.fromkeys(labels))


def _assignees(config: ChannelConfig, options: Options) -> dict[str, tuple[str, ...]]:
    table: Any = config.options.get("assignees", {})
    accepted = 'a table of component or check = ["login"], "*" for all'
    if not isinstance(table, Mapping):
        raise options.wrong("assignees", accepted)
    for logins in table.values():
        if not isinstance(logins, list | tuple) or not all(_is_login(each) for each in logins):
            raise options.wrong("assignees", f"{accepted}; logins without their @")
    return {str(pattern): tuple(logins) for pattern, logins in table.items()}


def _is_login(value: Any) -> bool:
    return isinstance(value, str) and bool(_LOGIN.fullmatch(value))


def _address(config: ChannelConfig, options: Options) -> str:
    try:
        return check_url(config.environment.get(ADDRESS) or PUBLIC)
    except ValueError as error:
        raise options.wrong_secret(ADDRESS, str(error)) from None


def _token(options: Options) -> Secret:
    accepted = "a token with the permission issues: write (in a workflow: secrets.GITHUB_TOKEN)"
    token = options.secret(TOKEN, accepted)
    # Nothing that could end the header it is sent in, or that a copy from a page brought along.
    if not re.fullmatch("[!-~]+", token.reveal()):
        raise options.wrong_secret(TOKEN, accepted)
    return token
