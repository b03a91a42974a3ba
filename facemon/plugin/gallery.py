"""What Allure's report shows of a check: what was said on the wire, and pictures where they are evidence.

A served picture is two to five megabytes, and checks share their portraits: attached to each of them in full, a run's
report is hundreds of megabytes that nobody looks at. So each picture is attached once in a process: as a small JPEG
where the check passed; where it failed, as it was judged, and the first few that have a fault also as they came.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence

import pytest

from facemon.client import curl_line
from facemon.model import Attempt, FaceImage, MonitoringData, State
from facemon.plugin.looking import who
from facemon.plugin.overlay import annotated, preview
from facemon.wire import to_json

_NAME = "facemon-gallery"
_MEDIA = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
_AS_THEY_CAME = 3  # pictures a check: enough to look at closely; a seed brings back the others
# Held until the check has an outcome. Of more, as hypothesis asks for, the last ones count: it ends with the example
# that failed.
_HELD = 24

Shown = tuple[MonitoringData, FaceImage]


class Gallery:
    """A plugin of pytest's: it knows a check's pictures, and attaches them when the check has an outcome."""

    def __init__(self) -> None:
        self._held: dict[str, list[Shown]] = {}
        self._place: dict[str, str] = {}  # id of a record → the check that its picture is attached to
        self._judged: set[str] = set()  # ids of records whose judgement is attached

    def add(self, item: pytest.Item, record: MonitoringData, image: FaceImage | None) -> None:
        """Attach what was said on the wire; keep the picture until it is known whether the check failed."""
        _attach_words(record)
        if image is not None:
            held = self._held.setdefault(item.nodeid, [])
            held.append((record, image))
            del held[:-_HELD]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Between two checks no loop runs: nobody's time is taken while pictures are drawn."""
        report = yield
        if call.when != "setup" or report.failed:
            self._show(item.nodeid, self._held.pop(item.nodeid, ()), failed=report.failed)
        return report

    def _show(self, check: str, pictures: Sequence[Shown], *, failed: bool) -> None:
        elsewhere, came = [], 0
        for record, image in pictures:
            faulty = record.state is not State.UP
            if failed and record.id not in self._judged:
                came += faulty
                _attach_judged(record, image, as_it_came=faulty and came <= _AS_THEY_CAME)
                self._judged.add(record.id)
            elif record.id not in self._place:
                _attach(preview(image.data), f"{who(record)}: picture, made smaller", "image/jpeg", "jpg")
            else:
                elsewhere.append(f"{who(record)}: {self._place[record.id]}")
                continue
            self._place[record.id] = check
        if elsewhere:
            _attach("\n".join(elsewhere), "pictures that are attached to another check", "text/plain", "txt")


def gallery(config: pytest.Config) -> Gallery:
    """The one of this process, registered when the first picture came."""
    found: Gallery | None = config.pluginmanager.get_plugin(_NAME)
    if found is None:
        found = Gallery()
        config.pluginmanager.register(found, _NAME)
    return found


def _attach_judged(record: MonitoringData, image: FaceImage, *, as_it_came: bool) -> None:
    _attach(annotated(image.data, record), f"{who(record)}: as it was judged", "image/jpeg", "jpg")
    if as_it_came:
        kind = image.metadata.format
        _attach(image.data, f"{who(record)}: picture, as it came", _MEDIA.get(kind, "image/png"), kind)


def _attach_words(record: MonitoringData) -> None:
    text = json.dumps(to_json(record), indent=2, ensure_ascii=False)
    name = who(record)
    _attach(text, f"{name}: metadata and attempts", "application/json", "json")
    for attempt in record.attempts:
        if attempt.exchange is not None:
            said, curl = _exchange_text(attempt), curl_line(attempt.exchange)
            _attach(said, f"{name}: attempt {attempt.number}, request and response", "text/plain", "txt")
            _attach(curl, f"{name}: attempt {attempt.number}, as a curl line", "text/plain", "txt")


def _attach(body: str | bytes | None, name: str, kind: str, ending: str) -> None:
    if body is not None:
        import allure  # late: only a run with --alluredir pays for it

        allure.attach(body, name, attachment_type=kind, extension=ending)


def _exchange_text(attempt: Attempt) -> str:
    exchange = attempt.exchange
    assert exchange is not None
    lines = [f"{exchange.method} {exchange.url}"]
    lines += [f"{name}: {value}" for name, value in exchange.request_headers]
    lines += [
        "",
        exchange.request_body,
        "",
        f"--- {attempt.outcome}",
        f"HTTP {attempt.status or '(no reply)'}",
    ]
    lines += [f"{name}: {value}" for name, value in exchange.response_headers]
    lines += ["", exchange.response_body]
    if attempt.error:
        lines += ["", attempt.error]
    return "\n".join(lines)
