"""Whether a pytest run had anything to do with facemon. Imports pytest: to be imported late."""

from __future__ import annotations

import pytest


class Witness:
    """A pytest plugin of this command's own. blind: checks ran, and none of them took a fixture of facemon's."""

    def __init__(self) -> None:
        self._ran = self._used = False

    @property
    def blind(self) -> bool:
        """Whether the run's success says nothing of the service."""
        return self._ran and not self._used

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        """--help, --fixtures and --collect-only run nothing, and owe no verdict."""
        self._ran = not session.config.option.collectonly

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """The plugin is asked by its registered name: this room must not import it."""
        keeper = session.config.pluginmanager.getplugin("facemon-scorekeeper")
        self._used = bool(getattr(keeper, "used", False))
