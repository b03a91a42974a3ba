"""`facemon site`: the last run's Allure report and its badge, as a folder that any web server can serve."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facemon.cli.console import counted, err
from facemon.cli.options import Store, Target, examples
from facemon.cli.scheduled.summary import look
from facemon.cli.trouble import CommandError, Exit
from facemon.clock import SystemClock
from facemon.errors import InvalidInput

_EXAMPLES = examples(
    ("facemon site", "allure-results becomes .facemon/site, with badge.json and badge.svg"),
    ("facemon site my-results --out public --pictures", "for your own eyes: with the faces"),
)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=_EXAMPLES)(site)


def site(
    results: Annotated[
        str,
        typer.Argument(metavar="[RESULTS]", help="Where facemon check --allure wrote.", show_default=False),
    ] = "allure-results",
    out: Annotated[
        str, typer.Option(metavar="FOLDER", help="Where the page goes; it is replaced.")
    ] = ".facemon/site",
    pictures: Annotated[
        bool,
        typer.Option("--pictures", help="Keep the pictures of faces: not for a page that anybody may read."),
    ] = False,
    target: Target = None,
    store: Store = None,
) -> int:
    """Make a page of Allure results: without Java, without a request to another host, with a trend over the runs.

    Needs Node.js 20 or newer. The history is kept beside the store, so that facemon state push keeps it too.
    The badge is the state of the last run, and says stale where three slots of its schedule went by since.
    """
    from facemon.cli.reach import label_if_told, settings_of
    from facemon.scheduled.allure_site import SiteError, build
    from facemon.scheduled.branch import kept
    from facemon.scheduled.packing import HISTORY

    where = settings_of(store=store).store
    folder = Path(out)
    _refuse_folder(folder)
    try:
        dropped = build(Path(results), folder, kept(where).folder / HISTORY, pictures=pictures)
    except SiteError as error:
        raise CommandError(str(error), code=Exit.FAIL) from None
    if dropped:
        err().print(f"{counted(dropped, 'run')} of the history could not be read: dropped", style="yellow")
    _badge(where, folder, label_if_told(target))
    err().print(f"the page is {folder / 'index.html'}: serve the folder, or publish it")
    return Exit.OK


def _badge(where: str, folder: Path, target: str | None) -> None:
    from facemon.config import surroundings
    from facemon.scheduled.badge import badge, endpoint, svg
    from facemon.scheduled.slots import VARIABLE

    run, _ = look(where, target)
    found = badge(run, SystemClock().now(), schedule=surroundings().get(VARIABLE, ""))
    (folder / "badge.json").write_text(endpoint(found), "utf-8")
    (folder / "badge.svg").write_text(svg(found), "utf-8")


def _refuse_folder(folder: Path) -> None:
    """The folder is emptied: it must be none, empty, or a page that was made before."""
    from facemon.scheduled.allure_site import MARK

    if not folder.exists():
        return
    if not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).exists()):
        raise InvalidInput(
            "output folder", str(folder), "a new or an empty folder, or one that facemon site made"
        )
