"""`facemon init`: scheduled monitoring in one's own repository."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facemon.cli.init_words import done, next_steps, silent
from facemon.cli.options import examples
from facemon.cli.trouble import CommandError, Exit

if TYPE_CHECKING:
    from facemon.project import ProjectFile
    from facemon.scheduled.requirement import Requirement
    from facemon.scheduled.starter import Item

_EXAMPLES = examples(
    ("facemon init", "workflows, facemon.toml and an example check, into the repository that this folder is"),
    (
        'facemon init --install "facemon @ git+https://git.example.com/me/facemon@main"',
        "the workflows take facemon from there; a commit in the place of main pins it",
    ),
    ("facemon init --force", "after an upgrade of facemon: its workflows and its action anew, nothing else"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(init)


def init(
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Replace the files under .github/ that init wrote and that differ. facemon.toml, the checks and "
            ".gitignore are yours: they are never replaced.",
        ),
    ] = False,
    install: Annotated[
        str | None,
        typer.Option(
            metavar="REQUIREMENT",
            help="What the workflows install, as pip reads it. By default the commit or the archive that this facemon "
            "was installed from; else its version, from the package index that pip knows on the runner.",
        ),
    ] = None,
) -> int:
    """Write what scheduled monitoring needs into the current folder, the top of a repository.

    Two workflows (monitor, gate) with their set-up action, a facemon.toml with objectives and alerts, an example
    check, and lines in .gitignore. A file that is there and differs is named and left alone. Run again, it changes
    nothing. After an upgrade of facemon: facemon init --force.
    """
    from facemon.scheduled.starter import items, write

    folder = Path.cwd()
    _refuse_below(folder)
    elsewhere = _speaks_elsewhere(folder)
    try:
        chosen = _requirement(folder, install)
        found = [item for item in items(folder, chosen) if item.path not in elsewhere]
        mute = _without_channel(folder, found)
        due = [item for item in found if _due(item, force)]
        _refuse_links(folder, due)
        for item in due:
            write(folder, item)
    except OSError as error:
        raise CommandError(
            f"{error.filename} cannot be read or written: {error.strerror}", code=Exit.FAIL
        ) from None
    left = (f"left out  {path}: {reason}" for path, reason in elsewhere.items())
    for line in (*left, *done(found, due, chosen), *next_steps(found, chosen, mute), *silent(mute)):
        typer.echo(line)
    return Exit.OK


def _due(item: Item, force: bool) -> bool:
    from facemon.scheduled.starter import Standing

    return item.standing in (Standing.MISSING, Standing.LACKS) or (
        force and item.ours and item.standing is Standing.CHANGED
    )


def _requirement(folder: Path, install: str | None) -> Requirement:
    """What is asked for, else where this facemon came from, else the place that the action names already.

    Raises ConfigError, OSError.
    """
    import facemon
    from facemon.scheduled.requirement import installed, named_by, requirement
    from facemon.scheduled.starter import ACTION

    if install is not None:
        return requirement(install)
    here, action = installed(facemon.__version__), folder / ACTION
    if here.url or not action.is_file():
        return here
    there = named_by(action.read_text("utf-8", "replace"))
    return there if there is not None and there.url else here


def _speaks_elsewhere(folder: Path) -> dict[str, str]:
    """A facemon.toml would silence the table of a pyproject.toml beside it. Raises ConfigError."""
    from facemon.project import project_file

    file = project_file(folder)
    if file is None or file.shown != "pyproject.toml":
        return {}
    return {"facemon.toml": "pyproject.toml has a table [tool.facemon]; write objectives and alerts there"}


def _without_channel(folder: Path, found: Iterable[Item]) -> ProjectFile | None:
    """The project's own file where it tells nobody: nothing is written beside it that would. Raises ConfigError."""
    from facemon.alerting.config import alert_settings
    from facemon.config import surroundings
    from facemon.project import project_file
    from facemon.scheduled.starter import Standing

    if any(item.path == "facemon.toml" and item.standing is Standing.MISSING for item in found):
        return None
    return None if alert_settings(folder, surroundings()).names else project_file(folder)


def _refuse_links(folder: Path, due: Iterable[Item]) -> None:
    from facemon.scheduled.starter import link_outside

    for item in due:
        link = link_outside(folder, item.path)
        if link is not None:
            raise CommandError(
                f"{link} is a link out of the repository, and {item.path} would be written there",
                f"put a folder or a file of the repository in the place of {link}",
            )


def _refuse_below(folder: Path) -> None:
    """GitHub reads workflows at the top of a repository only."""
    top = next((place for place in (folder, *folder.parents) if (place / ".git").exists()), folder)
    if top != folder:
        raise CommandError(f"{folder} is not the top of its repository", f"cd {top} first")
