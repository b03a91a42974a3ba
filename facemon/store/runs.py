"""A run: the records that one command made, and what it said of them at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Run:
    """One run. target: `sim`, `mock`, `live` or a URL, kept without anything that could be a secret.

    workers: how many processes made its records · finished_at: None while it is under way, or if it was killed ·
    summary: what the run said at its end, as JSON can carry it (empty until then).
    """

    id: str
    started_at: datetime
    target: str
    provider: str | None = None
    model: str | None = None
    workers: int = 1
    finished_at: datetime | None = None
    summary: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "target", target_label(self.target))


def target_label(target: str) -> str:
    """A target as it may be shown: a URL loses its user, its password, its query and its fragment."""
    if "://" not in target:
        return target
    try:
        scheme, host, path, _, _ = urlsplit(target)
    except ValueError:
        return f"{target.split('://', 1)[0]}://…"
    return urlunsplit((scheme, host.rpartition("@")[2], path, "", ""))
