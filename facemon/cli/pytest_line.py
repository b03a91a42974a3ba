"""The command line that makes pytest run checks anywhere, whatever pytest is told there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import facemon
from facemon.errors import InvalidInput

_OWN_INI = Path(__file__).with_name("checks.ini")

# What the checks need, over any ini file: their names, one event loop a session (a client and its connections outlive
# a check), modules found by their path (no package and no unique names needed).
_OVERRIDES = (
    "python_files=check_*.py",
    "python_functions=check_*",
    "asyncio_mode=auto",
    "asyncio_default_fixture_loop_scope=session",
    "asyncio_default_test_loop_scope=session",
)
# Ours are imported before pytest starts, in this process; last, so that it outranks a `-W error` of the user's.
LAST_WORDS = ("-W", "ignore::pytest.PytestAssertRewriteWarning")
# By entry point: also where plugins are not loaded by themselves (PYTEST_DISABLE_PLUGIN_AUTOLOAD) or were switched off.
_PLUGINS = ("facemon", "asyncio", "xdist", "allure_pytest", "no:cacheprovider")


@dataclass(frozen=True, slots=True)
class Checks:
    """Which checks run. `shipped`: those that came with facemon, which heed no other project's pytest options."""

    paths: tuple[str, ...]
    shipped: bool = False

    @property
    def anchor(self) -> Path:
        """The folder whose pytest configuration says what facemon is to do by default."""
        if self.shipped:
            return Path()
        path = Path(self.paths[0].partition("::")[0])
        return path if path.is_dir() else path.parent

    @property
    def label(self) -> str:
        """As a person reads it."""
        return f"shipped with facemon ({self.paths[0]})" if self.shipped else " ".join(self.paths)


def find_checks(paths: Sequence[str]) -> Checks:
    """The paths given, else a local `checks` folder, else the checks in the wheel, else those of an editable checkout.

    Raises InvalidInput for a path that is not there.
    """
    if paths:
        for path in paths:
            if not Path(path.partition("::")[0]).exists():
                raise InvalidInput(
                    "path", path, "a file or folder of checks that exists, or none for the default ones"
                )
        return Checks(tuple(paths))
    if _holds_checks(Path("checks")):
        return Checks(("checks",))
    package = Path(facemon.__file__).parent
    for folder in (package / "shipped_checks", package.parent / "checks"):
        if _holds_checks(folder):
            return Checks((str(folder),), shipped=True)
    raise InvalidInput(
        "path", "checks", "a file or folder of checks: this installation of facemon ships none"
    )


def arguments(checks: Checks, ini: Mapping[str, str], options: Iterable[tuple[str, str]]) -> list[str]:
    """pytest's arguments. ini: the `facemon_*` keys found beside the user; options: what the user gave facemon."""
    line = [word for name in _PLUGINS for word in ("-p", name)]
    line += ["--import-mode=importlib", "--tb=short"]
    overrides = [*_OVERRIDES]
    if checks.shipped:
        line += ["-c", str(_OWN_INI), f"--rootdir={checks.paths[0]}"]
        overrides += [f"facemon_{name}={value}" for name, value in ini.items()]
    line += [word for override in overrides for word in ("-o", override)]
    line += [f"{name}={value}" for name, value in options]
    return [*line, *checks.paths]


def _holds_checks(folder: Path) -> bool:
    return folder.is_dir() and any(folder.rglob("check_*.py"))
