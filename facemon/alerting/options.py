"""A channel's table in the project's file and its secrets, read key by key.

Whatever is wrong is one ConfigError that names the place, the key and what is accepted. It never repeats the value: a
password is easily written into the wrong key.
"""

from __future__ import annotations

from collections.abc import Sequence

from facemon.alerting.channels.base import ChannelConfig
from facemon.errors import ConfigError, shorten
from facemon.project import nearest
from facemon.secret import Secret


class Options:
    """The options of one channel. known: every key that there is; any other is refused here."""

    def __init__(self, config: ChannelConfig, *known: str) -> None:
        self._config = config
        for key in config.options:
            if key not in known:
                hint = nearest(str(key), known) if known else ": this kind of channel has no options"
                raise self._error(f"has no key {shorten(key, 40)}{hint}")

    def text(self, key: str, accepted: str, default: str | None = None) -> str:
        """One text that is not empty. accepted: as an error says it, such as `an address`."""
        value = self._config.options.get(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, accepted)
        return value.strip()

    def texts(self, key: str, accepted: str) -> tuple[str, ...]:
        """A list of texts, at least one."""
        value = self._config.options.get(key)
        if (
            not isinstance(value, list | tuple)
            or not value
            or not all(isinstance(each, str) for each in value)
        ):
            raise self.wrong(key, accepted)
        return tuple(value)

    def choice(self, key: str, names: Sequence[str], default: str) -> str:
        """One of a few words."""
        value = self._config.options.get(key, default)
        if value not in names:
            raise self._error(f"has a key {key} that is none of its words{nearest(str(value)[:40], names)}")
        return str(value)

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        value = self._config.options.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def secret(self, variable: str, accepted: str) -> Secret:
        """From the environment; an empty variable is a missing one: that is what a workflow makes of a secret that
        nobody has set.
        """
        value = self._config.environment.get(variable, "").strip()
        if not value:
            raise self._error(f"needs {variable} in the environment: {accepted}")
        return Secret(value)

    def wrong(self, key: str, accepted: str) -> ConfigError:
        """The complaint about a key that is missing, or whose value cannot be used."""
        state = "is not accepted" if key in self._config.options else "is missing"
        return self._error(f"cannot be used: {key} {state}: give {accepted}")

    def wrong_secret(self, variable: str, accepted: str) -> ConfigError:
        """The complaint about a variable that cannot be used."""
        return self._error(f"cannot use {variable} (its value is not shown): give {accepted}")

    def lacks(self, package: str, extra: str) -> ConfigError:
        """The complaint about a library that is not installed."""
        return self._error(f'needs the package {package}: pip install "facemon[{extra}]"')

    def _error(self, complaint: str) -> ConfigError:
        config = self._config
        where = f"{config.origin}: " if config.origin else ""
        return ConfigError(f"{where}channel {config.name} {complaint}")
