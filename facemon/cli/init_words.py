"""What `facemon init` says: what it did, what is to be done next, and, last, that nobody would be told."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from facemon.project import ProjectFile
    from facemon.scheduled.requirement import Requirement
    from facemon.scheduled.starter import Item

_STEPS = (
    ("facemon check", "the check on the built-in simulator: no key, no cost"),
    (
        "commit and push to the default branch",
        "the schedule begins with it: GitHub runs schedules from there only",
    ),
    ("secret STABILITY_API_KEY", "the vendor's key (Settings, Secrets and variables, Actions)"),
    ("Actions, monitor, Run workflow", "the first run; from then on it runs every hour"),
)
_KNOW = """
  It spends at most 30 credits a run (variable FACEMON_MAX_CREDITS; 2 faces: variable FACEMON_SAMPLES).
  Another server than the vendor's, such as your own gateway: its URL as variable FACEMON_TARGET.
  Permissions: the workflows name all that they need; nothing is to be set. The branch facemon-state is made by the
  first run and pushed with force: leave it out of branch protection. It holds the records, with prompts and redacted
  replies and without pictures: in a public repository anybody can read it.
  Optional: a page with the report (Settings, Pages, source: GitHub Actions; then variable FACEMON_PAGES = true) ·
  secret FACEMON_HEARTBEAT_URL, so that somebody outside notices silence, such as when GitHub disables the schedule
  of a public repository after 60 days without activity · secret FACEMON_STORE, a PostgreSQL URL, in place of the
  branch · other channels than issues: facemon.toml"""
_TABLE = ("alerts", "channels", "github_issue")


def done(found: Sequence[Item], due: Collection[Item], chosen: Requirement) -> Iterator[str]:
    """A line for each file that was written or left alone."""
    from facemon.scheduled.starter import ACTION, Standing

    verbs = {Standing.MISSING: "written ", Standing.LACKS: "added to", Standing.CHANGED: "replaced"}
    for item in found:
        if item in due:
            yield f"{verbs[item.standing]}  {item.path}"
        elif item.standing is Standing.CHANGED:
            why = "after an upgrade of facemon, --force replaces it" if item.ours else "it is yours"
            yield f"differs   {item.path}: left as it is ({why})"
    if not due:
        same = all(item.standing is Standing.SAME for item in found)
        yield f"{'everything is there already: ' if same else ''}nothing was changed"
    if any(item.path == ACTION for item in due):
        yield from _installs(chosen)


def _installs(chosen: Requirement) -> Iterator[str]:
    yield f"\nThe workflows install {chosen.text}"
    if not chosen.url:
        yield (
            "  from the package index that pip knows on the runner. facemon's authors publish it on none: unless yours "
            "holds it,\n  name the place of your copy, with its commit:"
        )
    elif not chosen.pinned:
        yield "  whatever that is on the day, in a job that holds your key. Name a commit:"
    if not (chosen.url and chosen.pinned):
        yield '  facemon init --force --install "facemon @ git+https://HOST/OWNER/facemon@COMMIT"'


def next_steps(found: Sequence[Item], chosen: Requirement, mute: ProjectFile | None) -> Iterator[str]:
    """What a person does now, where something was written for the first time."""
    from facemon.scheduled.starter import Standing

    if not any(item.standing is Standing.MISSING for item in found):
        return
    steps = list(_STEPS)
    if not chosen.url:
        steps.insert(1, ("see where the workflows get facemon", "above: they take it from a package index"))
    if mute is not None:
        steps.insert(0, (f"add a channel to {mute.shown}", "nobody is told of anything before: see below"))
    yield "\nnext:"
    yield from (f"  {n}. {what:<38} {why}" for n, (what, why) in enumerate(steps, 1))
    yield _KNOW


def silent(mute: ProjectFile | None) -> Iterator[str]:
    """Which lines the project's own file lacks, ready to be pasted at its end."""
    if mute is None:
        return
    said = f"NOBODY WILL BE TOLD: {mute.shown} names no channel. Add these lines at its end:"
    yield "\n" + typer.style(said, fg=typer.colors.YELLOW, bold=True)
    yield f'\n[{".".join((*mute.table, *_TABLE))}]\nlabels = ["facemon"]'
