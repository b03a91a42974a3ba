"""The `facemon_*` keys of the pytest configuration that a run in some folder would have.

pytest's own search is private to it; this is the documented order: from the folder upwards, the first file that
configures pytest (https://docs.pytest.org/en/stable/reference/customize.html).
"""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from facemon.errors import ConfigError

_PREFIX = "facemon_"


def _ini(text: str) -> Mapping[str, Any] | None:
    return _section(text, "pytest")


def _cfg(text: str) -> Mapping[str, Any] | None:
    return _section(text, "tool:pytest")


def _section(text: str, name: str) -> Mapping[str, Any] | None:
    parser = configparser.ConfigParser(interpolation=None, strict=False, inline_comment_prefixes=None)
    parser.read_string(text)
    return parser[name] if parser.has_section(name) else None


def _toml(text: str) -> Mapping[str, Any] | None:
    found = tomllib.loads(text).get("pytest")
    return found if isinstance(found, dict) else None


def _pyproject(text: str) -> Mapping[str, Any] | None:
    found = tomllib.loads(text).get("tool", {}).get("pytest")
    if not isinstance(found, dict):
        return None
    options = found.get("ini_options")
    return options if isinstance(options, dict) else found


# In pytest's order. The first two pairs configure pytest by their name alone, empty or not.
_FILES: dict[str, Callable[[str], Mapping[str, Any] | None]] = {
    "pytest.toml": lambda text: _toml(text) or {},
    ".pytest.toml": lambda text: _toml(text) or {},
    "pytest.ini": lambda text: _ini(text) or {},
    ".pytest.ini": lambda text: _ini(text) or {},
    "pyproject.toml": _pyproject,
    "tox.ini": _ini,
    "setup.cfg": _cfg,
}


def facemon_keys(folder: Path) -> dict[str, str]:
    """Setting → value, without the prefix. Raises ConfigError for a file that cannot be read."""
    for place in (folder.absolute(), *folder.absolute().parents):
        for name, read in _FILES.items():
            section = _read(place / name, read)
            if section is not None:
                return {
                    key.removeprefix(_PREFIX): _as_text(value)
                    for key, value in section.items()
                    if key.startswith(_PREFIX)
                }
    return {}


def _read(path: Path, read: Callable[[str], Mapping[str, Any] | None]) -> Mapping[str, Any] | None:
    try:
        return read(path.read_text("utf-8")) if path.is_file() else None
    except (OSError, ValueError, configparser.Error) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(f"the pytest configuration {path} cannot be read: {reason}") from None


def _as_text(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
