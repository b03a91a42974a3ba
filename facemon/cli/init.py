"""`facemon init`: scheduled monitoring in one's own repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facemon.cli.options import examples
from facemon.cli.trouble import CommandError, Exit

if TYPE_CHECKING:
    from facemon.scheduled.starter import Item

_EXAMPLES = examples(
    ("facemon init", "workflows, facemon.toml and an example check, into the repository that this folder is"),
    ("facemon init --force", "also over files that were changed since"),
)
_NEXT = """
next:
  1. facemon check                            the check on the built-in simulator: no key, no cost
  2. commit what was written, and push it to the default branch: GitHub runs schedules from there only
  3. secret STABILITY_API_KEY                 the vendor's key (Settings, Secrets and variables, Actions)
  4. Actions, monitor, Run workflow           the first run; from then on it runs every hour

  It spends at most 30 credits a run (variable FACEMON_MAX_CREDITS; 2 faces: variable FACEMON_SAMPLES).
  Another server than the vendor's, such as your own gateway: its URL as variable FACEMON_TARGET.
  Permissions: the workflows name all that they need; nothing is to be set. The branch facemon-state is made by the
  first run and pushed with force: leave it out of branch protection. It holds the records, with prompts and redacted
  replies and without pictures: in a public repository anybody can read it.
  Optional: a page with the report (Settings, Pages, source: GitHub Actions; then variable FACEMON_PAGES = true) ·
  secret FACEMON_HEARTBEAT_URL, so that somebody outside notices silence · secret FACEMON_STORE, a PostgreSQL URL,
  in place of the branch · other channels than issues: facemon.toml"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(init)


def init(
    force: Annotated[
        bool, typer.Option("--force", help="Replace files that differ from what is written.")
    ] = False,
) -> int:
    """Write what scheduled monitoring needs into the current folder, the top of a repository.

    Two workflows (monitor, gate) with their set-up action, a facemon.toml with objectives and alerts, and an
    example check. A file that is there and differs is named and left alone. Run again, it changes nothing.
    """
    import facemon
    from facemon.scheduled.starter import Standing, items, write

    folder = Path.cwd()
    _refuse_below(folder)
    elsewhere = _speaks_elsewhere(folder)
    try:
        found = [item for item in items(folder, facemon.__version__) if item.path not in elsewhere]
        for item in found:
            if item.standing is Standing.MISSING or (force and item.standing is Standing.CHANGED):
                write(folder, item)
    except OSError as error:
        raise CommandError(
            f"{error.filename} cannot be read or written: {error.strerror}", code=Exit.FAIL
        ) from None
    for path, reason in elsewhere.items():
        typer.echo(f"left out  {path}: {reason}")
    _tell(found, force)
    return Exit.OK


def _speaks_elsewhere(folder: Path) -> dict[str, str]:
    """A facemon.toml would silence the table of a pyproject.toml beside it. Raises ConfigError."""
    from facemon.project import project_file

    file = project_file(folder)
    if file is None or file.shown != "pyproject.toml":
        return {}
    return {"facemon.toml": "pyproject.toml has a table [tool.facemon]; write objectives and alerts there"}


def _tell(found: list[Item], force: bool) -> None:
    from facemon.scheduled.starter import Standing

    new = [item for item in found if item.standing is Standing.MISSING]
    changed = [item for item in found if item.standing is Standing.CHANGED]
    for item in new:
        typer.echo(f"written   {item.path}")
    for item in changed:
        typer.echo(
            f"replaced  {item.path}"
            if force
            else f"differs   {item.path}: left as it is (--force replaces it)"
        )
    if new:
        typer.echo(_NEXT)
    elif not (force and changed):
        typer.echo("nothing was changed" if changed else "everything is there already: nothing was changed")


def _refuse_below(folder: Path) -> None:
    """GitHub reads workflows at the top of a repository only."""
    top = next((place for place in (folder, *folder.parents) if (place / ".git").exists()), folder)
    if top != folder:
        raise CommandError(f"{folder} is not the top of its repository", f"cd {top} first")
