"""`facemon simulate --list-faults`: made for people and for `cut -d' ' -f1`."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

import typer

from facemon.cli.trouble import Exit


def run() -> int:
    """Print every fault: its name, what it does, its own settings with their defaults."""
    from facemon.simulator import FAULTS

    width = max(map(len, FAULTS))
    for name, kind in sorted(FAULTS.items()):
        settings = _settings(kind)
        typer.echo(f"{name:<{width}}  {kind.summary}{f' ({settings})' if settings else ''}")
    return Exit.OK


def _settings(kind: Any) -> str:
    return ", ".join(
        f"{field.name}={_plain(field.default)}" if field.default is not MISSING else field.name
        for field in fields(kind)
    )


def _plain(value: object) -> str:
    return (
        str(value).lower()
        if isinstance(value, bool)
        else f"{value:g}"
        if isinstance(value, float)
        else str(value)
    )
