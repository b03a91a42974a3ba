"""An incident in words: titles, sentences, durations; foreign texts stay texts in every rendering."""

from __future__ import annotations

import io
import unicodedata
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from notices import DOWN, EVIDENCE, START, UNKNOWN, alert, notice
from PIL import Image

from facemon.alerting import words
from facemon.alerting.mail_page import page
from facemon.alerting.picture import timeline
from facemon.alerting.story import clean, cut, line, sections
from facemon.errors import ErrorType
from facemon.incident import EventKind, Evidence, Picture
from facemon.model import State

HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> @octocat #12 GH-7 ```` ![x](http://e.example/p.png) "
    "[y](javascript:alert(1)) \x1b[31m\u202e <!-- facemon:incident=1 --> </details> https://github.com/a/b/issues/1"
)
PAGE_PICTURES = {"1.x@y": Picture("timeline.png", b"", 'down "for" <hours>')}


def hostile_notice():
    """Foreign text in every place that can hold some."""
    bad = Evidence(
        rule=HOSTILE,
        objectives={HOSTILE: HOSTILE},
        checks={HOSTILE: HOSTILE},
        error_types={HOSTILE: 2},
        records=(HOSTILE,),
        request=HOSTILE,
        response=f"```\n{HOSTILE}\n```",
        repeat=HOSTILE,
        report=f"javascript:{HOSTILE}",
        run_id=HOSTILE,
        target=HOSTILE,
    )
    return notice(cause=HOSTILE, component=HOSTILE, evidence=bad)


class Page(HTMLParser):
    """Every element and its attributes, and the text between."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "less than a second"),
        (0.9, "less than a second"),
        (1, "1 second"),
        (59.9, "59 seconds"),
        (60, "1 minute"),
        (3600, "1 hour"),
        (7545, "2 hours 5 minutes"),
        (3 * 86_400, "3 days"),
        (3 * 86_400 + 5, "3 days"),
        (86_400 + 3600, "1 day 1 hour"),
    ],
)
def test_a_duration_is_its_two_greatest_units(seconds, said):
    """A unit of one is singular; what is smaller than the second unit is left out, never rounded up."""
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (notice(after=DOWN, cause="timeout"), "🛑 availability is down: timeout"),
        (notice(component="pictures", cause="wrong_age"), "⚠️ pictures are degraded: wrong_age"),
        (notice(after=UNKNOWN, cause="unauthorized"), "❔ nobody can tell about availability: unauthorized"),
        (notice(EventKind.RECOVERED), "✅ availability is up again after 2 hours 5 minutes"),
        (notice(EventKind.REOPENED), "🛑 availability is down again: timeout"),
        (notice(EventKind.ACKNOWLEDGED), "🛑 availability: ada has it in hand"),
        (notice(EventKind.RESOLVED), "☑️ availability: closed by hand after 1 hour"),
        (notice(after=DOWN, cause=""), "🛑 availability is down"),
        (alert(), "The picture shop is closed."),
        (alert(""), "facemon: alert"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_title_tells_the_state(told, said):
    """The sign, the component, the state and the cause in one line; of an alert its first line."""
    assert words.title(told) == said


@pytest.mark.parametrize("name", ["status", "analysis", "access", "speed", "api", "check_balance"])
def test_a_name_that_is_one_thing_is_singular(name):
    """Not every name that ends in s is a plural."""
    assert f"{name} is " in words.title(notice(component=name))


@pytest.mark.parametrize("name", ["pictures", "refusals", "checks"])
def test_a_name_that_is_many_is_plural(name):
    """`pictures are degraded`."""
    assert f"{name} are " in words.title(notice(component=name))


@given(st.text(max_size=400), st.sampled_from(State), st.sampled_from(EventKind))
def test_a_title_is_one_short_line(text, state, kind):
    """Whatever a cause or an alert holds: one line, no control character, and not longer than a subject may be."""
    for told in (notice(cause=text, after=state), alert(text)):
        said = words.title(replace(told, event=replace(told.event, kind=kind)))
        assert {unicodedata.category(sign) for sign in said} & {"Cc", "Cf", "Cs"} == set()
        assert 0 < len(said) <= 120
        assert len(said.splitlines()) == 1


def test_a_reopened_incident_lasted_since_it_broke_again():
    """The quarter of an hour in which it was up counts as no failure."""
    assert words.lasted(notice(EventKind.RECOVERED)) == 125 * 60
    assert words.lasted(notice(EventKind.RESOLVED)) == 60 * 60
    alone = replace(notice(EventKind.RECOVERED), history=())
    assert words.lasted(alone) == 125 * 60


def test_a_recovery_that_is_told_after_a_silence_names_the_time_until_it_recovered():
    """A recovery nobody heard of, told when the silence ends: the hours of silence after it are no failure."""
    told = notice(EventKind.RECOVERED)
    late = replace(told.event, number=told.event.number + 1, at=told.event.at + timedelta(hours=9))
    silent = replace(told.history[-1], silent=True)
    told = replace(told, event=late, history=(*told.history[:-1], silent, late))
    assert words.lasted(told) == 125 * 60


@pytest.mark.parametrize("kind", [kind for kind in EventKind if kind not in ("alert", "report")])
def test_a_sentence_says_what_and_when(kind):
    """One line that names the component, ends like a sentence, and leaves no placeholder."""
    said = words.sentence(notice(kind))
    assert ("availability" in said or kind is EventKind.RESOLVED) and said.endswith(".") and "\n" not in said
    assert "UTC" in said or "55 minutes" in said
    assert "None" not in said


@pytest.mark.parametrize("render", [words.text, words.markdown, lambda told: page(told, {})])
def test_all_evidence_is_told(render):
    """Rule, objectives with figure and interval, checks, counted errors, records, exchange, repetition, report."""
    said = render(notice(EventKind.ESCALATED)).replace("&gt;", ">").replace("&lt;", "<").replace("\u200b", "")
    for wanted in (
        EVIDENCE.rule,
        "91.2% (86.0% to 94.9%, 9 of 102 failed)",
        "check_availability.py::check_faces_come",
        "7 times",
        f"facemon records show {EVIDENCE.records[0]}",
        "authorization: [redacted]",
        "HTTP/1.1 503",
        EVIDENCE.repeat,
        EVIDENCE.report,
        "facemon alerts acknowledge 0199c0de-1111",
        "server_error",
        "0199c0de-2222-7000-8000-000000000002",
    ):
        assert wanted in said.replace("\\", ""), wanted


def test_what_is_not_known_is_not_headed():
    """No heading over nothing."""
    bare = notice(evidence=Evidence())
    assert [section.heading for section in sections(bare)] == ["What to do next", "About this message"]
    assert "Promises" not in words.text(bare) + words.markdown(bare) + page(bare, {})


@pytest.mark.parametrize("kind", ErrorType.__args__)
def test_every_error_type_has_its_advice(kind):
    """What to do next differs by what is wrong; each error type has a sentence of its own, or its state's."""
    if kind == "budget_exceeded":
        assert "credit cap" in sections(notice(cause=kind, after=UNKNOWN))[0].lines[0]
    known = sections(notice(cause=kind, after=DOWN))[0].lines
    assert known != sections(notice(cause="", after=DOWN, evidence=Evidence()))[0].lines


def test_a_fault_of_our_network_is_looked_for_here():
    """No DNS on the monitor's own machine sends nobody to the vendor's status page."""
    ours = sections(notice(cause="connection: no dns", after=UNKNOWN))[0].lines[0]
    theirs = sections(notice(cause="connection: refused", after=DOWN))[0].lines[0]
    assert "our side" in ours and "vendor" in theirs


@pytest.mark.parametrize("kind", [EventKind.RECOVERED, EventKind.RESOLVED])
def test_after_the_end_nothing_is_to_be_done(kind):
    """A recovery asks nobody to acknowledge anything."""
    assert "What to do next" not in words.text(notice(kind))
    assert "facemon alerts acknowledge" not in words.text(notice(kind))


def test_a_long_exchange_is_cut_and_says_so():
    """The beginning of a response, and how long it was; short ones are left alone."""
    said = words.text(notice(evidence=Evidence(response="x" * 9000)))
    assert "of 9000 characters" in said and len(said) < 6000
    assert cut("abc", 3) == "abc" and len(cut("x" * 500, 100)) == 100


def test_foreign_text_is_no_html():
    """No element or attribute comes from outside, and no link leads anywhere but to the web."""
    known = Page(page(notice(EventKind.ESCALATED), PAGE_PICTURES))
    found = Page(page(hostile_notice(), PAGE_PICTURES))
    assert {tag for tag, _ in found.found} <= {tag for tag, _ in known.found}
    allowed = {"style", "src", "alt", "lang", "charset", "name", "content", "href"}
    assert {name for _, attributes in found.found for name in attributes} <= allowed
    assert [a["href"] for tag, a in known.found if tag == "a"] == [EVIDENCE.report]
    assert [a for tag, a in found.found if tag == "a"] == []
    assert "<script>alert(1)</script>" in found.text
    assert "\x1b" not in found.text and "\u202e" not in found.text


def test_a_page_loads_nothing_from_another_host():
    """Pictures come with the mail; there is no style sheet, font or script to fetch."""
    found = Page(page(notice(EventKind.ESCALATED), PAGE_PICTURES)).found
    assert [a["src"] for _, a in found if "src" in a] == ["cid:1.x@y"]
    assert {tag for tag, _ in found} & {"script", "link", "iframe", "object", "style"} == set()
    assert all("url(" not in (a.get("style") or "") for _, a in found)


def test_foreign_text_is_no_markdown():
    """Beside the headings and lists of ours there is no element, no link, no mention and no reference."""
    source = words.markdown(hostile_notice())
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(source)
    inline = [child for token in tokens for child in token.children or ()]
    assert {token.type for token in inline} & {"link_open", "image", "html_inline"} == set()
    html = [token.content.strip() for token in tokens if token.type == "html_block"]
    assert all(block.startswith("<details><summary>") or block == "</details>" for block in html)
    # Outside code, where GitHub looks for them.
    prose = " ".join(token.content for token in inline if token.type == "text")
    for mark in ("@octocat", "#12", "GH-7", "https://"):
        assert mark not in prose, mark
    assert "octocat" in prose


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_becomes_markup(text, beside):
    """Any text, as prose or as code, is shown as it is: the same words, no element but the one it is put into."""
    parser = MarkdownIt("gfm-like", {"linkify": False})
    prose = [child for token in parser.parse(f"x{words.escaped(text)}\n\n") for child in token.children or ()]
    assert {token.type for token in prose} <= {"text", "text_special"}
    assert "".join(token.content for token in prose).replace("\u200b", "") == ("x" + line(text)).strip()
    if line(text):
        (span,) = [t for token in parser.parse(f"a {words.code(text)} b") for t in token.children or ()][1:2]
        assert span.type == "code_inline" and span.content.strip() == line(text).strip()
    blocks = parser.parse(words.fenced(f"{text}\n{beside}"))
    assert [token.type for token in blocks] == ["fence"]
    assert blocks[0].content.rstrip("\n") == clean(f"{text}\n{beside}").rstrip("\n").replace("\0", "\ufffd")


@pytest.mark.parametrize(
    "start", ["- a", "+ a", "1. a", "7) a", "---", "===", "> a", "# a", "| a |", "    a"]
)
def test_no_line_of_an_alert_becomes_a_list_or_a_heading(start):
    """The first sign of a line is a sign, also where it would underline the line before."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(words.markdown(alert(f"first\n{start}")))
    assert [token.type for token in tokens[:3]] == ["paragraph_open", "inline", "paragraph_close"]
    shown = "".join(child.content for child in tokens[1].children).replace("\u200b", "")
    assert shown == f"first{start.strip()}"


def test_an_alert_keeps_its_lines_and_its_own_html():
    """The text is told whole; the HTML of a report is taken as it was made."""
    told = alert(html="<table><tr><td>72 faces</td></tr></table>")
    assert "closed.\nCall Ada." in words.text(told)
    assert "<td>72 faces</td>" in page(told, {}) and "Call Ada" not in page(told, {})
    assert "Call Ada." in page(alert(), {})


# --- the picture ---


def shown(told):
    """The timeline as Pillow reads it."""
    return Image.open(io.BytesIO(timeline(told).data)).convert("RGB")


def test_a_timeline_shows_each_state_at_its_height():
    """Left to right: up in green, degraded in orange below it, down in red at the bottom."""
    image = shown(notice(EventKind.ESCALATED))
    colours = {(0, 158, 115): [], (230, 159, 0): [], (213, 60, 40): []}
    for x in range(150, image.width):
        for y in range(image.height):
            if image.getpixel((x, y)) in colours:
                colours[image.getpixel((x, y))].append((x, y))
    centres = [
        tuple(sum(each) / len(each) for each in zip(*places, strict=True)) for places in colours.values()
    ]
    assert centres == sorted(centres)
    assert [y for _, y in centres] == sorted(y for _, y in centres)


def test_a_timeline_says_in_words_what_it_shows():
    """Whoever does not see the picture reads it; a state that goes on is named once."""
    assert timeline(notice(EventKind.EVIDENCE)).alt == (
        "availability: up, then degraded from 2026-03-01 12:00 UTC, down from 2026-03-01 12:40 UTC"
    )


@pytest.mark.parametrize("minutes", [0, 1 / 60, 60 * 24 * 400])
def test_a_timeline_bears_any_length(minutes):
    """Two events in the same instant, and an incident of more than a year."""
    told = notice(EventKind.ESCALATED)
    later = replace(told.event, at=START + timedelta(minutes=minutes))
    assert shown(replace(told, event=later, history=(told.history[0], later))).size == (720, 400)


def test_what_belongs_to_no_incident_has_no_timeline():
    """An alert has no course."""
    assert timeline(alert()) is None
    assert shown(replace(notice(), history=())).size == (720, 400)
