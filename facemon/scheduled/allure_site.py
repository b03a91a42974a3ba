"""Allure's report as a page for everybody: no request to another host, no picture of a face, a trend over the runs.

The npm package `allure` makes it (version 3, which needs no Java). It puts a tag of Google Analytics into each page;
that is taken out, and the page forbids itself any other host by a Content-Security-Policy.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from facemon.errors import FacemonError

VERSION = "3.18"
MOST_RUNS = 100  # in the history; the page's charts show the last ten of them
_TIMEOUT = 300.0
_ENTRY = "index.html"
_REMOTE = re.compile(
    r"""<script\b[^>]*\bsrc\s*=\s*["']?(?:https?:)?//[^>]*>\s*</script\s*>"""
    r"""|<link\b[^>]*\bhref\s*=\s*["']?(?:https?:)?//[^>]*>""",
    re.IGNORECASE,
)
_INLINE = re.compile(r"<script\b[^>]*>(?:(?!</script).)*</script\s*>", re.IGNORECASE | re.DOTALL)
_ANALYTICS = re.compile(r"\bgtag\s*\(|googletagmanager|google-analytics")
# blob: and data: are the page's own: it shows attachments through them.
_POLICY = (
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self' 'unsafe-inline' data: blob:; "
    "object-src 'none'; form-action 'none'\">"
)
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
_CHARTS = [
    {"type": "statusDynamics", "title": "Checks of the last runs", "limit": 30},
    {"type": "currentStatus", "title": "Checks of this run"},
    {"type": "durationDynamics", "title": "How long the last runs took", "limit": 30},
]


class SiteError(FacemonError):
    """The page cannot be made; the message is one sentence."""


def build(results: Path, out: Path, history: Path, *, pictures: bool = False) -> None:
    """Make the page in `out`, which is emptied first, and add the run to the history.

    pictures: with the faces that the results hold; a page that anybody may read should not show them.
    Raises SiteError where there are no results, no node, or a page that would still ask another host.
    """
    if not any(results.glob("*-result.json")):
        raise SiteError(
            f"there are no Allure results in {results}: facemon check --allure {results} makes them"
        )
    with tempfile.TemporaryDirectory(prefix="facemon-site-") as folder:
        place = Path(folder)
        shown = place / "results"
        _copy(results, shown, pictures=pictures)
        _shorten(history)
        history.parent.mkdir(parents=True, exist_ok=True)
        _generate(shown, place / "page", history.absolute(), place)
        for page in sorted((place / "page").rglob("*.html")):
            page.write_text(sealed(page.read_text("utf-8")), "utf-8")
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(place / "page", out)


def sealed(page: str) -> str:
    """The page without anything that another host would be asked for, forbidden from asking one.

    Raises SiteError where analytics would stay in it: it looks as no page that we know.
    """
    clean = _INLINE.sub(lambda found: "" if _ANALYTICS.search(found[0]) else found[0], _REMOTE.sub("", page))
    if _ANALYTICS.search(clean):
        raise SiteError(
            "the report holds analytics in a place that facemon does not know: it is not published"
        )
    if not _HEAD.search(clean):
        raise SiteError("the report has a page without a head: it is not published")
    return _HEAD.sub(lambda found: found[0] + _POLICY, clean, count=1)


def without_pictures(result: object) -> object:
    """A result of Allure's without its attachments that are pictures, at any depth."""
    if isinstance(result, dict):
        return {
            key: _attachments(value) if key == "attachments" else without_pictures(value)
            for key, value in result.items()
        }
    return [without_pictures(item) for item in result] if isinstance(result, list) else result


def _attachments(value: object) -> object:
    if not isinstance(value, list):
        return value
    return [item for item in value if not str(item.get("type", "")).startswith("image/")]


def _copy(results: Path, shown: Path, *, pictures: bool) -> None:
    shutil.copytree(results, shown)
    if pictures:
        return
    for path in shown.glob("*.json"):
        if path.name.endswith(("-result.json", "-container.json")):
            content = without_pictures(json.loads(path.read_text("utf-8")))
            path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    # Only what results still name: the rest would be published as files that no page links.
    named = "\n".join(
        path.read_text("utf-8") for path in shown.glob("*-*.json") if "-attachment" not in path.name
    )
    for path in shown.glob("*-attachment*"):
        if path.name not in named:
            path.unlink()


def _shorten(history: Path) -> None:
    if history.exists():
        lines = history.read_text("utf-8").splitlines(keepends=True)
        history.write_text("".join(lines[-(MOST_RUNS - 1) :]), "utf-8")


def _generate(results: Path, out: Path, history: Path, place: Path) -> None:
    config = place / "allurerc.json"
    options = {"reportName": "facemon", "reportLanguage": "en", "singleFile": False, "charts": _CHARTS}
    content = {"name": "facemon", "output": str(out), "historyPath": str(history), "appendHistory": True}
    config.write_text(json.dumps(content | {"plugins": {"awesome": {"options": options}}}), "utf-8")
    line = [*_command(), "generate", str(results), "--config", str(config), "--output", str(out)]
    try:
        ended = subprocess.run(line, capture_output=True, text=True, timeout=_TIMEOUT, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        raise SiteError(f"allure did not end within {_TIMEOUT:g} s") from None
    if ended.returncode or not (out / _ENTRY).exists():
        said = (ended.stderr or ended.stdout).strip().splitlines()
        raise SiteError(
            f"allure could not make the report: {said[-1] if said else f'exit code {ended.returncode}'}"
        )


def _command() -> list[str]:
    """An installed allure of version 3, else npx, which fetches it once."""
    installed = shutil.which("allure")
    if installed and _is_version_3(installed):
        return [installed]
    npx = shutil.which("npx")
    if npx is None:
        raise SiteError(
            "the report needs node: install Node.js 20 or newer, which brings npx (no Java is needed)"
        )
    return [npx, "--yes", f"allure@{VERSION}"]


def _is_version_3(command: str) -> bool:
    ended = subprocess.run([command, "--version"], capture_output=True, text=True, timeout=60, check=False)  # noqa: S603
    return ended.stdout.strip().startswith("3.")
