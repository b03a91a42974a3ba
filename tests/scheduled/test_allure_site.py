"""The published report: sealed, without faces, with a trend."""

from __future__ import annotations

import functools
import http.server
import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import pytest

from facemon.scheduled import allure_site
from facemon.scheduled.allure_site import MARK, MOST_RUNS, SiteError, build, sealed, without_pictures

CHROMIUM = "/usr/bin/chromium"
HEAD = "<html><head><title>t</title></head>"
TAG = '<script async src="https://www.googletagmanager.com/gtag/js?id=G-1"></script>'
CALL = "<script>\n window.dataLayer = [];\n function gtag(){dataLayer.push(arguments);}\n gtag('js', 1);\n</script>"


def test_analytics_go_and_the_report_stays() -> None:
    """The tag, its inline call and any other remote script or link are removed; the report's own scripts are not."""
    own = '<script>window.allure = {}; const l = {"a": "https://example.com"};</script><script src="app-1.js"></script>'
    font = '<link rel="stylesheet" href="//fonts.example/x.css"><link rel="icon" href="data:image/svg+xml,x">'
    page = sealed(f"{HEAD}<body>{own}{TAG}{CALL}{font}</body></html>")
    assert own in page
    assert 'href="data:image/svg+xml,x"' in page
    for gone in ("googletagmanager", "gtag", "dataLayer", "fonts.example"):
        assert gone not in page


def test_the_page_forbids_itself_other_hosts() -> None:
    """What a later version smuggles in is stopped by the browser: the policy stands before everything else."""
    page = sealed(HEAD)
    assert page.startswith(
        '<html><head><meta http-equiv="Content-Security-Policy" content="default-src \'self\''
    )
    assert "http" not in page.partition("content=")[2].partition(">")[0]


@pytest.mark.parametrize(
    "page",
    [
        f"{HEAD}<body onload=\"gtag('js')\">",
        "<p>no head</p>",
        f"{HEAD}<img src=//www.google-analytics.com/x>",
    ],
)
def test_a_page_that_nobody_knows_is_not_published(page: str) -> None:
    """Analytics in another shape are an error, not a page that calls home."""
    with pytest.raises(SiteError, match="not published"):
        sealed(page)


def test_pictures_are_taken_out_of_a_result_at_any_depth() -> None:
    """A page for everybody shows no face; words stay."""
    words = {"name": "n", "type": "text/plain", "source": "a.txt"}
    face = {"name": "f", "type": "image/jpeg", "source": "a.jpg"}
    result = {
        "attachments": [face, words],
        "steps": [{"steps": [{"attachments": [face]}]}],
        "name": "image/jpeg",
    }
    assert without_pictures(result) == {
        "attachments": [words],
        "steps": [{"steps": [{"attachments": []}]}],
        "name": "image/jpeg",
    }


def test_no_results_and_no_node_are_one_clear_error_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each says what to do; no half page is left."""
    (tmp_path / "empty").mkdir()
    with pytest.raises(SiteError, match="facemon check --allure"):
        build(tmp_path / "empty", tmp_path / "site", tmp_path / "h.jsonl")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SiteError, match=r"install Node\.js"):
        build(results(tmp_path / "r", "passed"), tmp_path / "site", tmp_path / "h.jsonl")
    assert not (tmp_path / "site").exists()


def results(folder: Path, status: str) -> Path:
    """Allure results of two checks, one with a picture and a text."""
    folder.mkdir()
    picture, text = "11111111-attachment.jpg", "22222222-attachment.txt"
    (folder / picture).write_bytes(b"\xff\xd8 a face")
    (folder / text).write_text("the request")
    for name, outcome in (("check_a", "passed"), ("check_b", status)):
        content = {
            "uuid": str(uuid5(NAMESPACE_URL, f"{folder}{name}")),
            "historyId": name,
            "testCaseId": name,
            "name": name,
            "fullName": f"check_faces#{name}",
            "status": outcome,
            "start": 1_772_000_000_000,
            "stop": 1_772_000_001_000,
            "attachments": [
                {"name": "face", "source": picture, "type": "image/jpeg"},
                {"name": "request", "source": text, "type": "text/plain"},
            ],
        }
        (folder / f"{content['uuid']}-result.json").write_text(json.dumps(content))
    return folder


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The folder on the loopback; its address."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.browser
@pytest.mark.skipif(shutil.which("npx") is None, reason="needs Node.js: npx is not on the path")
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs a browser: there is no {CHROMIUM}")
def test_the_page_in_a_browser(tmp_path: Path) -> None:
    """After two runs, in real chromium: the trend has two runs, the failed check opens with its text and without the
    face, nothing leaves for another host, and no error is on the console.
    """
    pytest.importorskip("playwright.sync_api", reason="needs playwright")
    history, site = tmp_path / "kept" / "history.jsonl", tmp_path / "site"
    build(results(tmp_path / "one", "passed"), site, history)
    build(results(tmp_path / "two", "failed"), site, history)
    assert len(history.read_text().splitlines()) == 2
    assert not list(site.rglob("*.jpg"))
    with served(site) as address:
        seen = browse(address, Path(os.environ.get("FACEMON_TEST_SHOTS", tmp_path)))
    assert seen["elsewhere"] == []
    assert seen["complaints"] == []
    assert {"Checks of the last runs", "Latest"} <= set(seen["charts"].splitlines())
    assert seen["bars"] >= 2  # one for each run
    assert "check_b" in seen["check"]
    assert "request" in seen["check"]


def browse(address: str, shots: Path) -> dict[str, Any]:
    """What a person sees, and what the browser asks for while they look around."""
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        # A file that is not there is no error of the page: Allure asks for optional ones.
        page.on("console", lambda said: complaints.append(said.text) if "Policy" in said.text else None)
        page.goto(f"{address}index.html")
        page.get_by_text("check_b").first.click()
        page.get_by_text("request").first.wait_for()
        page.screenshot(path=shots / "check.png")
        check = page.inner_text("body")
        page.goto(f"{address}index.html#charts")
        page.reload()
        page.get_by_text("Checks of the last runs").wait_for()
        page.get_by_text("Latest").first.wait_for()
        page.wait_for_timeout(1000)  # the bars grow into view
        page.screenshot(path=shots / "charts.png")
        charts = page.inner_text("body")
        bars = page.locator("svg rect").count()
        browser.close()
    elsewhere = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    return {"elsewhere": elsewhere, "complaints": complaints, "check": check, "charts": charts, "bars": bars}


def test_the_history_has_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A year of hourly runs does not make the state's branch grow without end."""
    history = tmp_path / "history.jsonl"
    history.write_text("".join(f'{{"run": {number}}}\n' for number in range(MOST_RUNS * 3)))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SiteError):  # no node: what is before it is done
        build(results(tmp_path / "r", "passed"), tmp_path / "site", history)
    lines = history.read_text().splitlines()
    assert (len(lines), json.loads(lines[-1])) == (MOST_RUNS - 1, {"run": MOST_RUNS * 3 - 1})


def test_one_broken_line_of_the_history_fails_no_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is dropped, and counted; a message with other ends of lines than a line feed is one line."""
    history = tmp_path / "history.jsonl"
    good = json.dumps({"message": "one\u2028two\x85three"}, ensure_ascii=False).encode()
    history.write_bytes(b"\n".join([good, b'{"cut', b"\xff\xfe", b"7", good, b""]))
    monkeypatch.setattr(allure_site, "_generate", page_made)
    assert build(results(tmp_path / "r", "passed"), tmp_path / "site", history) == 3
    assert history.read_bytes() == good + b"\n" + good + b"\n"
    assert (tmp_path / "site" / MARK).exists()


def page_made(results: Path, out: Path, history: Path, place: Path) -> None:
    """In allure's stead."""
    out.mkdir()
    (out / "index.html").write_text("<html><head></head></html>")


def test_allure_is_handed_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program from npm sees what it needs to run; of its complaint the line that names the error is told."""
    seen = tmp_path / "seen"
    program = tmp_path / "allure"
    program.write_text(
        f'#!/bin/sh\nenv >> {seen}\nif [ "$1" = --version ]; then echo 3.18.0; exit; fi\n'
        'echo "TypeError: it broke" >&2\necho "Node.js v20" >&2\nexit 1\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    for name in ("FACEMON_STORE", "GITHUB_TOKEN", "STABILITY_API_KEY", "GITHUB_ENV", "NPM_CONFIG__AUTH"):
        monkeypatch.setenv(name, "canary")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with pytest.raises(SiteError, match="could not make the report: TypeError: it broke"):
        build(results(tmp_path / "r", "passed"), tmp_path / "site", tmp_path / "h")
    assert "canary" not in seen.read_text() and "HTTPS_PROXY" in seen.read_text()
