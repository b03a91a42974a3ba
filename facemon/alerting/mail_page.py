"""An event as the HTML of a mail, to be read on a telephone at night: what is wrong first, then what to do.

One column, styles within the elements (mail programs drop style sheets), both colour schemes, nothing from any other
host: pictures come with the mail. Every text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape

from facemon.alerting.story import Section, clean, line, link, sections
from facemon.alerting.words import sentence, title
from facemon.incident import Notice, Picture
from facemon.model import State

# White on each has a contrast of 4.5 or more (WCAG 2.2, 1.4.3).
_BAND = {State.DOWN: "#b3261e", State.DEGRADED: "#8a5300", State.UNKNOWN: "#5b5f66", State.UP: "#1e6b34"}
_NO_INCIDENT = "#2d4a6e"
_FONT = "font-family:system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_MONO = (
    "font:14px/1.45 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;"
    "background:rgba(128,128,128,.14);border-radius:6px;padding:8px 10px;margin:6px 0"
)
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>{title}</title></head>
<body style="margin:0;padding:0;{font};font-size:16px;line-height:1.45">
<div style="max-width:640px;margin:0 auto">
<div style="background:{band};color:#ffffff;padding:18px 16px;font-size:21px;font-weight:600">{title}</div>
<div style="padding:4px 16px 24px">
{body}
</div></div></body></html>
"""


def page(notice: Notice, pictures: Mapping[str, Picture]) -> str:
    """A whole page. pictures: Content-ID → the picture that the mail carries under it, in the order they are shown.

    `event.html` is taken as it is: it is made by this program, which has escaped it.
    """
    event = notice.event
    band = _NO_INCIDENT if event.incident_id is None else _BAND[event.after]
    parts = [*_lead(notice), *(_shown(cid, picture) for cid, picture in pictures.items())]
    first, *others = [*map(_section, sections(notice)), ""]
    parts += [first, *_report(notice), *others]  # the report before the details
    return _PAGE.format(title=escape(title(notice)), font=_FONT, band=band, body="\n".join(parts))


def _lead(notice: Notice) -> Iterator[str]:
    event = notice.event
    if event.html:
        yield event.html
    elif event.incident_id is None:
        yield f'<p style="white-space:pre-wrap">{escape(clean(event.text).strip())}</p>'
    else:
        yield f'<p style="font-size:17px">{escape(sentence(notice))}</p>'


def _shown(cid: str, picture: Picture) -> str:
    style = "width:100%;max-width:608px;height:auto;border-radius:6px;display:block;margin:8px 0"
    return f'<img src="cid:{escape(cid)}" alt="{escape(line(picture.alt))}" style="{style}">'


def _report(notice: Notice) -> Iterator[str]:
    address = notice.event.evidence.report
    if link(address):
        style = (
            "display:inline-block;background:#2d4a6e;color:#ffffff;text-decoration:none;border-radius:6px;"
            "padding:11px 18px;margin-top:12px;font-weight:600"
        )
        yield f'<a href="{escape(address)}" style="{style}">Open the report</a>'
    elif address:
        yield f"<p>Report: {escape(line(address))}</p>"


def _section(section: Section) -> str:
    inner = [f'<p style="margin:4px 0">{escape(line(each))}</p>' for each in section.lines]
    inner += [_row(name, value) for name, value in section.rows]
    inner += [f'<pre style="{_MONO}">{escape(clean(command))}</pre>' for command in section.commands]
    inner += [f'<pre style="{_MONO}">{escape(section.code)}</pre>'] if section.code else []
    heading = f'<h2 style="font-size:16px;margin:20px 0 4px">{escape(section.heading)}</h2>'
    return heading + "".join(inner)


def _row(name: str, value: str) -> str:
    style = "margin:5px 0;overflow-wrap:anywhere"
    return f'<p style="{style}"><span style="opacity:.75">{escape(line(name))}</span><br>{escape(line(value))}</p>'
