"""The plugin's options: one literal table, so that a pytest run that does not use facemon imports nothing of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from facemon.config import Settings
    from facemon.load.schedule import Schedule

# Setting → (placeholder, help); without a placeholder it is a switch. The names are those of
# `facemon.config.Settings`; a test holds the two together.
OPTIONS: dict[str, tuple[str, str]] = {
    "target": (
        "sim|mock|live|URL",
        (
            "what the checks talk to: sim (default; a local simulator, started and stopped by the run), mock (respx, "
            "no socket), live (the vendor's API; needs STABILITY_API_KEY and a credit cap), or a server's URL"
        ),
    ),
    "fault": (
        "NAME[:KEY=VALUE,...]",
        "let the simulator misbehave; may be given several times; `facemon simulate --list-faults` lists the names",
    ),
    "max_credits": ("CREDITS", "hard cap on credits over all workers; mandatory for live"),
    "store": ("PATH|URL", "where records are kept (default: .facemon/facemon.db)"),
    "model": ("NAME", "the model (default: the provider's own, core)"),
    "provider": ("NAME", "the upstream API: stability_v2beta (default) or stability_v1"),
    "samples": (
        "N",
        "faces the availability check asks for (default: 72; 59 is the least that can confirm a p95)",
    ),
    "objective": (
        "SENTENCE",
        (
            "what is promised, such as 'response_time.p95 <= 3s'; may be given several times, or separated by `;` "
            "(default: those of facemon.toml or pyproject.toml, else the specification's)"
        ),
    ),
    "sequential": (
        "",
        (
            "take no more samples than the evidence needs, of at most `samples` (default: 300 then); the error "
            "guarantee holds though it looks again and again"
        ),
    ),
    "response_time_limit": ("SECONDS", "the promise on the response time (default: 3)"),
    "give_up_after": ("N", "failures in a row after which a worker asks no more (default: 5; 0: never)"),
    "attempt_timeout": ("SECONDS", "of one HTTP exchange (default: 30)"),
    "generation_timeout": ("SECONDS", "of a request with its retries (default: 180)"),
    "rate_limit": ("N/SECONDSs|none", "requests in a time, over all workers (default: 150/10s)"),
    "calibration": (
        "FILE",
        "calibration of the scores on your own pictures, made by `facemon evaluators calibrate` (default: published)",
    ),
    "evaluators": (
        "NAME[,NAME]",
        "optional evaluators beside the default ones: ofiq, safety, text_similarity",
    ),
    "clip_model": ("FOLDER", "a CLIP model in ONNX, for text_similarity"),
    "descriptor": ("NAME", "what tells people apart: classical (default), or identity (an extra)"),
    "control_url": ("URL", "asked when a connection fails; if it is silent too, our own network is at fault"),
}

# The same for a schedule of load (`facemon.load.schedule`), which belongs to a run and not to the settings.
LOAD_OPTIONS: dict[str, tuple[str, str]] = {
    "rate": ("N/min|N/s|N/h", "send on a schedule before the checks, at this rate over all workers"),
    "duration": ("TIME", "how long the schedule is, such as 90s, 2m, 1h (default: 2m)"),
    "arrivals": ("constant|poisson", "even gaps (default: constant), or those of a Poisson process"),
    "arrival_seed": ("N", "from which Poisson arrivals are drawn (default: 0)"),
}

# What a `@pytest.mark.facemon(...)` may set for one check.
MARKER_SETTINGS = ("attempt_timeout", "generation_timeout", "model", "response_time_limit")
MARKER_OBJECTIVES = "objectives"  # beside them, its promises

_REPEATABLE = ("fault", "objective")


def add_options(parser: pytest.Parser) -> None:
    """Register every option on the command line and, under the same name, in the ini file."""
    group = parser.getgroup("facemon", "facemon: synthetic monitoring of face image generation")
    for name, (placeholder, text) in (OPTIONS | LOAD_OPTIONS).items():
        given: dict[str, Any] = {"action": "store_true"}
        if placeholder:
            given = {"action": "append" if name in _REPEATABLE else "store", "metavar": placeholder}
        group.addoption(
            "--facemon-" + name.replace("_", "-"),
            dest=f"facemon_{name}",
            default=None,
            help=text.replace("%", "%%"),
            **given,
        )
        parser.addini(f"facemon_{name}", f"default of --facemon-{name.replace('_', '-')}", default=None)


def named(config: pytest.Config) -> bool:
    """Whether any facemon option stands on the command line or in the ini file."""
    return any(_command_line(config)) or bool(_ini(config)) or any(_load_values(config).values())


def settings_of(config: pytest.Config) -> Settings:
    """ini file < environment < command line. Raises pytest.UsageError with the one sentence of ConfigError."""
    from facemon.config import Settings  # late: only a run that uses facemon pays for it
    from facemon.errors import ConfigError

    try:
        return Settings.load(low=_ini(config), high=_command_line(config))
    except ConfigError as error:
        raise pytest.UsageError(f"facemon: {error}") from None


def schedule_of(config: pytest.Config) -> Schedule | None:
    """The schedule of load that the command line or the ini file asks for. Raises pytest.UsageError."""
    values = _load_values(config)
    if not any(values.values()):
        return None
    from facemon.errors import ConfigError
    from facemon.load.schedule import parse_schedule

    try:
        return parse_schedule(values)
    except ConfigError as error:
        raise pytest.UsageError(f"facemon: {error}") from None


def _load_values(config: pytest.Config) -> dict[str, str | None]:
    return {
        name: config.getoption(f"facemon_{name}", None) or config.getini(f"facemon_{name}") or None
        for name in LOAD_OPTIONS
    }


def _command_line(config: pytest.Config) -> dict[str, object]:
    values = {name: config.getoption(f"facemon_{name}", None) for name in OPTIONS}
    return {
        name: tuple(value) if name in _REPEATABLE else value
        for name, value in values.items()
        if value is not None
    }


def _ini(config: pytest.Config) -> dict[str, object]:
    values = {name: config.getini(f"facemon_{name}") for name in OPTIONS}
    return {name: value for name, value in values.items() if value}
