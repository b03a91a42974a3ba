"""`facemon check`: the checks, without needing to know pytest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from facemon.cli.options import Faults, MaxCredits, Model, Provider, Store, Target, examples
from facemon.cli.trouble import CommandError, Exit
from facemon.errors import InvalidInput

if TYPE_CHECKING:
    from facemon.config import Settings

_EXAMPLES = examples(
    ("facemon check", "all checks against the built-in simulator, ending in a verdict"),
    ("facemon check -k refused --target mock", "only the checks named so, without a socket"),
    ("facemon check --fault internal_error:rate=0.3 --samples 60", "see what a bad day looks like"),
    ("facemon check -n 2 --junit junit.xml --allure allure-results", "two workers, and reports for CI"),
    ("facemon check --objective 'response_time.p95 <= 2s'", "another promise than the specification's"),
    ("facemon check --sequential", "stop asking as soon as the evidence suffices"),
    (
        "facemon check -n 4 --rate 100/min --duration 10m",
        "send at a rate first, and see whether it is served",
    ),
    ("facemon check --target live --max-credits 300", "the real service: export STABILITY_API_KEY=… first"),
    (
        "facemon check --target mock -k empty_prompt -- -vv --durations=5",
        "what follows -- goes to pytest as it is",
    ),
)
_MOST_WORKERS = 64
# Keys of the ini file that are no settings: they belong to a run. The plugin judges them.
_OF_LOAD = ("rate", "duration", "arrivals", "arrival_seed")


class _WithRest(TyperCommand):
    """Keeps what follows `--` for pytest; typer would take it for more PATHS."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        cut = args.index("--") if "--" in args else len(args)
        ctx.obj = args[cut + 1 :]
        return super().parse_args(ctx, args[:cut])


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(cls=_WithRest, epilog=_EXAMPLES, options_metavar="[OPTIONS]", no_args_is_help=False)(check)


def check(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATHS",
            help="Checks to run: files, folders or FILE::CHECK. Default: ./checks, else those that facemon ships.",
        ),
    ] = None,
    target: Target = None,
    fault: Faults = None,
    max_credits: MaxCredits = None,
    store: Store = None,
    model: Model = None,
    provider: Provider = None,
    samples: Annotated[
        str | None,
        typer.Option(
            metavar="N", help="Faces to ask for (default: 72; 59 is the least that can confirm a p95)."
        ),
    ] = None,
    objective: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SENTENCE",
            help="What is promised, such as 'success_rate >= 99%'; may be given several times. Default: what "
            "facemon.toml or pyproject.toml states, else the specification's.",
        ),
    ] = None,
    sequential: Annotated[
        bool,
        typer.Option(
            "--sequential",
            help="Ask for no more faces than the evidence needs (of at most 300, or --samples).",
        ),
    ] = False,
    rate: Annotated[
        str | None,
        typer.Option(metavar="N/min|N/s|N/h", help="Send on a schedule before the checks, at this rate."),
    ] = None,
    duration: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="How long that lasts, such as 90s or 10m (default: 2m)."),
    ] = None,
    workers: Annotated[
        str | None,
        typer.Option(
            "--workers", "-n", metavar="N|auto", help="Processes side by side (default: none extra)."
        ),
    ] = None,
    allure: Annotated[
        str | None, typer.Option(metavar="DIR", help="Write Allure results into this folder.")
    ] = None,
    junit: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write a JUnit report into this file.")
    ] = None,
    keyword: Annotated[
        str | None,
        typer.Option("-k", metavar="EXPR", help="Only the checks whose names fit, such as 'json or seed'."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name every check as it runs.")] = False,
) -> int:
    """Run the checks and say whether the service is up, degraded, down or unknown.

    A setting comes from an option, else from a FACEMON_… variable, else from a
    facemon_… key of the pytest configuration that holds here. When facemon's own
    checks run, nothing else in that configuration counts.

    Exit codes: 0 pass · 1 fail · 2 interrupted · 3 a fault of facemon's own
    4 a wrong option · 5 no check found · 10 too few samples to tell
    11 unknown (no data, key, credits, rate limit, budget, own network, no check that uses facemon)
    141 whoever read the output closed it
    """
    from facemon.cli.pytest_line import LAST_WORDS, arguments, find_checks
    from facemon.cli.reach import settings_of
    from facemon.cli.user_ini import facemon_keys

    checks = find_checks(paths or ())
    ini = facemon_keys(checks.anchor)
    given: dict[str, object] = {
        "fault": fault,
        "max_credits": max_credits,
        "store": store,
        "model": model,
        "provider": provider,
        "samples": samples,
        "objective": tuple(objective) if objective else None,
    }
    known: dict[str, object] = {name: value for name, value in ini.items() if value and name not in _OF_LOAD}
    settings = settings_of(known, target=target, sequential=sequential or None, **given)
    _check_promises(settings, checks.anchor)
    _check_settings(settings)
    # The target always: so the plugin knows from the start that it is in use.
    options = [("--facemon-target", settings.target)]
    for name, value in {**given, "rate": rate, "duration": duration}.items():
        options += [(f"--facemon-{name.replace('_', '-')}", one) for one in _each(value)]
    options += _reports(workers, allure, junit)
    line = arguments(checks, ini, options)
    line += ["--facemon-sequential"] if sequential else []
    line += ["-k", keyword] if keyword is not None else []
    typer.echo(f"checks    {checks.label}")
    if verbose:
        line.append("-v")  # pytest's header, with the plugin's line in it, comes with it
    else:
        line.append("-q")
        typer.echo(f"target    {_described(settings)}")
    return _run([*line, *context.obj, *LAST_WORDS])


def _run(line: list[str]) -> int:
    import pytest

    from facemon.cli.witness import Witness

    witness = Witness()
    code = int(pytest.main(line, plugins=[witness]))
    if code == Exit.OK and witness.blind:
        raise CommandError(
            "no check used facemon: what passed says nothing of the service",
            "let a check take the fixture facemon (async def check_a_face(facemon): …), or name other PATHS",
            Exit.UNKNOWN,
        )
    return code


def _check_promises(settings: Settings, anchor: Path) -> None:
    """Refuse wrong objectives of the command line, or of the file that the plugin is going to read."""
    from facemon.promises import promises, stated

    _ = stated(settings.objective, "the setting objective") or promises(Path()) or promises(anchor)


def _check_settings(settings: Settings) -> None:
    """Refuse what the plugin would refuse later, in the words of this command line."""
    from facemon import FaceRequest
    from facemon.cli.asking import quote
    from facemon.judges import prepare

    quote(
        settings,
        FaceRequest(30, "female"),
        settings.most_samples,
        "pictures of the sample, and of some more,",
    )
    prepare(settings)  # last: it may load models; they are at hand when the checks run


def _described(settings: Settings) -> str:
    cap = "" if settings.max_credits is None else f", at most {settings.max_credits:g} credits"
    faults = f", faults: {' '.join(settings.fault)}" if settings.fault else ""
    return f"{settings.target}, model {settings.model or '(default)'}{cap}{faults}"


def _reports(workers: str | None, allure: str | None, junit: str | None) -> list[tuple[str, str]]:
    from facemon.cli.values import whole

    found = []
    if workers is not None:
        number = workers if workers == "auto" else str(whole("workers", workers, 0, _MOST_WORKERS))
        # Checks that share their portraits stay together, so that those are paid once.
        found += [("--numprocesses", number), ("--dist", "loadgroup")]
    if allure is not None:
        if Path(allure).exists() and not Path(allure).is_dir():
            raise InvalidInput("allure folder", allure, "a folder, new or not")
        found.append(("--alluredir", allure))
    if junit is not None:
        if Path(junit).is_dir() or not Path(junit).absolute().parent.is_dir():
            raise InvalidInput("junit file", junit, "a file in a folder that exists")
        found.append(("--junitxml", junit))
    return found


def _each(value: object) -> list[str]:
    return [] if value is None else list(map(str, value)) if isinstance(value, list | tuple) else [str(value)]
