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

from facemon.config import handed_on
from facemon.errors import FacemonError

VERSION = "3.18.0"
MARK = ".made-by-facemon"
"""In the folder of a page: what may be replaced by the next one."""
MOST_RUNS = 100  # in the history; the page's charts show the last ten of them
_TIMEOUT = 300.0
_ENTRY = "index.html"
# What npx and node need of the surroundings, which hold secrets beside.
_PASSED_ON = re.compile(
    r"(?i)PATH|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|SYSTEMROOT|TMPDIR|TEMP|TMP|LANG|LC_\w+|TZ|CI|NODE_EXTRA_CA_CERTS"
    r"|SSL_CERT_(FILE|DIR)|(HTTPS?|NO|ALL)_PROXY|NPM_CONFIG_(?!.*(auth|token|password))\w+|XDG_(CACHE|CONFIG)_HOME"
)
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


def build(results: Path, out: Path, history: Path, *, pictures: bool = False) -> int:
    """Make the page in `out`, which is emptied first, and add the run to the history; returns how many lines of that
    could not be read and were dropped.

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
        dropped = _shorten(history)
        history.parent.mkdir(parents=True, exist_ok=True)
        _generate(shown, place / "page", history.absolute(), place)
        for page in sorted((place / "page").rglob("*.html")):
            page.write_text(sealed(page.read_text("utf-8")), "utf-8")
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(place / "page", out)
        (out / MARK).touch()
    return dropped


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


def _shorten(history: Path) -> int:
    """Keep the last runs that can be read; how many lines could not: one of them would fail every report to come."""
    if not history.exists():
        return 0
    # By line feeds alone: a check's message may hold other ends of lines, which JSON does not escape.
    lines = [line for line in history.read_bytes().split(b"\n") if line.strip()]
    sound = [line for line in lines if _is_object(line)]
    history.write_bytes(b"".join(line + b"\n" for line in sound[-(MOST_RUNS - 1) :]))
    return len(lines) - len(sound)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:  # UnicodeDecodeError is one
        return False


def _generate(results: Path, out: Path, history: Path, place: Path) -> None:
    config = place / "allurerc.json"
    options = {"reportName": "facemon", "reportLanguage": "en", "singleFile": False, "charts": _CHARTS}
    content = {"name": "facemon", "output": str(out), "historyPath": str(history), "appendHistory": True}
    config.write_text(json.dumps(content | {"plugins": {"awesome": {"options": options}}}), "utf-8")
    line = [*_command(), "generate", str(results), "--config", str(config), "--output", str(out)]
    try:
        ended = subprocess.run(  # noqa: S603
            line, capture_output=True, text=True, timeout=_TIMEOUT, check=False, env=handed_on(_PASSED_ON)
        )
    except subprocess.TimeoutExpired:
        raise SiteError(f"allure did not end within {_TIMEOUT:g} s") from None
    if ended.returncode or not (out / _ENTRY).exists():
        said = (ended.stderr or ended.stdout).strip().splitlines()
        telling = [line for line in said if re.search(r"(?i)error", line)] or said[-1:]
        raise SiteError(
            f"allure could not make the report: {telling[0] if telling else f'exit code {ended.returncode}'}"
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
    line = [command, "--version"]
    try:
        ended = subprocess.run(  # noqa: S603
            line, capture_output=True, text=True, timeout=60, check=False, env=handed_on(_PASSED_ON)
        )
    except subprocess.TimeoutExpired:
        return False
    return ended.stdout.strip().startswith("3.")
