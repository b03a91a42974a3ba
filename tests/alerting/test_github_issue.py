"""The channel github_issue against a server that speaks GitHub's issues API and refuses what GitHub does not know."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

pytest.importorskip("github")
pytest.importorskip("githubkit")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from facemon.alerting.channels.base import ChannelConfig
from facemon.alerting.channels.github_issue import SEND_LIMIT, GithubIssue
from facemon.alerting.github import body, sync
from facemon.alerting.github.markers import (
    event_marker,
    holds,
    incident_marker,
    message_marker,
    tells_of_an_event,
)
from facemon.alerting.github.settings import settings as read_settings
from facemon.alerting.github.trouble import Forbidden, Invalid, NotThere, meaning
from facemon.clock import ManualClock
from facemon.errors import ConfigError, DeliveryFailed, DeliveryRefused
from facemon.incident import EventKind, Evidence
from facemon.model import State
from tests.github_server.life import TOKEN, Life, channel_of, config, evidence
from tests.github_server.server import GithubServer

DOWN, DEGRADED, UNKNOWN, UP = State.DOWN, State.DEGRADED, State.UNKNOWN, State.UP


@pytest.fixture
def clock() -> ManualClock:
    """Time moved by hand."""
    return ManualClock()


@pytest.fixture
def server(clock: ManualClock) -> Iterator[GithubServer]:
    """GitHub, on the loopback; at the end, nothing was asked of it that its description does not know."""
    with GithubServer(TOKEN, clock.now) as started:
        yield started
        assert not started.violations


@pytest_asyncio.fixture
async def life(server: GithubServer, clock: ManualClock) -> AsyncIterator[Life]:
    """Incidents that are told to the server."""
    channel = channel_of(server.url, clock, assignees={"availability": ["ada"], "check_contract*": ["linus"]})
    yield Life(channel, clock)
    await channel.close()


# --- the life of an issue --------------------------------------------------------------------------------------------


async def test_the_opening_event_is_an_issue_with_all_that_is_known(server: GithubServer, life: Life) -> None:
    """One issue: title with the state, labels, assignee, and a body with every piece of evidence and two markers."""
    (receipt,) = await life.see(DOWN, "timeout")
    (issue,) = server.home.issues
    (incident,) = life.incidents.values()
    assert receipt == "team/app#1"
    assert issue.title == "🛑 availability is down: timeout"
    assert issue.labels == ["facemon", "status:down", "availability"]
    assert issue.assignees == ["ada"]
    assert issue.texts == []
    assert holds(issue.body, incident_marker(incident.id))
    assert holds(issue.body, event_marker(life.messages[0][1].event.id))
    shown = [
        "check_availability.py::check_up", "no complete reply within 30 s", "88.2 to 93.7", "timeout", "12",
        "0193-aaaa", "[redacted]", "504 Gateway Timeout", "facemon check --target live --budget 3",
        "https://team.example.io/app/allure/17/index.html", "3 failures in a row",
    ]  # fmt: skip
    assert [text for text in shown if text not in issue.body] == []


async def test_a_repeat_changes_nothing(server: GithubServer, life: Life) -> None:
    """Each message, sent twice, with the receipt of its first try lost: one issue, one comment for each event."""
    for state, cause in (
        (DEGRADED, "wrong_age"),
        (DOWN, "timeout"),
        (DEGRADED, "wrong_age"),
        (UP, ""),
        (DOWN, "x"),
    ):
        await life.see(state, cause)
        life.receipts.clear()
        (_, notice) = life.messages[-1]
        before = [(issue.title, issue.state, list(issue.labels), issue.texts) for issue in server.home.issues]
        assert await life.channel.send(notice) == "team/app#1"
        assert [(i.title, i.state, list(i.labels), i.texts) for i in server.home.issues] == before
    assert len(server.home.issues) == 1
    assert len(server.home.issues[0].comments) == 4


async def test_old_news_that_come_again_after_later_ones_change_nothing(
    server: GithubServer, life: Life
) -> None:
    """A runner was lost with its receipts: all is sent again from the start, and the closed issue stays as it is."""
    for state in (DEGRADED, DOWN, UP):
        await life.see(state, "timeout")
    (issue,) = server.home.issues
    seen, writes = (issue.title, issue.state, issue.texts), len(server.requests)
    for _, notice in life.messages:
        await life.channel.send(notice)
    assert (issue.title, issue.state, issue.texts) == seen
    assert {request.method for request in server.requests[writes:]} == {"GET"}


async def test_a_process_that_died_between_comment_and_closing_is_made_good(
    server: GithubServer, life: Life
) -> None:
    """The comment is there and the issue is open: the repeat closes it and writes no second comment."""
    await life.see(DOWN, "timeout")
    server.trouble("PATCH", 500, times=None)
    with pytest.raises(DeliveryFailed):
        await life.see(UP)
    (issue,) = server.home.issues
    assert (issue.state, len(issue.comments)) == ("open", 1)
    server.troubles.clear()
    await life.tell([life.messages[-1][1]])
    assert (issue.state, issue.state_reason, len(issue.comments)) == ("closed", "completed", 1)


async def test_recovery_is_a_comment_with_the_duration_and_closes(server: GithubServer, life: Life) -> None:
    """Closed as completed, retitled; the last state stays as a label."""
    await life.see(DOWN, "timeout")
    life.clock.advance(2 * 3600 + 4 * 60)
    await life.see(UP)
    (issue,) = server.home.issues
    assert (issue.state, issue.state_reason) == ("closed", "completed")
    assert issue.title == "✅ availability is up again after 2 hours 5 minutes"
    assert "2 hours 5 minutes" in issue.texts[0]
    assert "status:down" in issue.labels


async def test_what_breaks_again_reopens_its_issue(server: GithubServer, life: Life) -> None:
    """Within the flap window: the same issue, open again, with a comment."""
    for state in (DOWN, UP, DEGRADED):
        await life.see(state, "timeout")
    (issue,) = server.home.issues
    assert (issue.state, issue.state_reason, len(issue.comments)) == ("open", "reopened", 2)
    assert issue.title.startswith("⚠️ availability is degraded")
    assert "status:degraded" in issue.labels
    assert "status:down" not in issue.labels


async def test_new_evidence_is_a_comment_and_brings_in_who_is_concerned(
    server: GithubServer, life: Life
) -> None:
    """Another check fails: its people are added, those that are there stay; a run with nothing new says nothing."""
    await life.see(DOWN, "timeout")
    assert await life.see(DOWN, "timeout") == []
    await life.see(DOWN, "timeout", evidence=evidence(checks={"check_contract.py::check_size": "wrong"}))
    (issue,) = server.home.issues
    assert issue.assignees == ["ada", "linus"]
    assert len(issue.comments) == 1
    assert "check_size" in issue.texts[0]


async def test_acknowledged_and_resolved_by_a_person(server: GithubServer, life: Life) -> None:
    """The first is a comment with the name and leaves the issue open, the second closes it."""
    await life.see(DOWN, "timeout")
    (name,) = life.incidents
    await life.tell(life.person(EventKind.ACKNOWLEDGED, name, by="ada"))
    (issue,) = server.home.issues
    assert issue.state == "open"
    assert "ada" in issue.texts[0]
    await life.tell(life.person(EventKind.RESOLVED, name))
    assert (issue.state, issue.state_reason, len(issue.comments)) == ("closed", "completed", 2)


async def test_an_alert_is_an_issue_of_its_own_and_a_report_is_none(server: GithubServer, life: Life) -> None:
    """An alert carries its message's marker, and its repeat finds it; a report is done with an empty receipt."""
    notice = life.alert("disk is full\nof records", urgent=True)
    assert await life.tell([notice, notice]) == ["team/app#1"] * 2
    (issue,) = server.home.issues
    assert issue.title == "disk is full"
    assert issue.labels == ["facemon"]
    assert holds(issue.body, message_marker(notice.message.id))
    asked = len(server.requests)
    assert await life.tell([life.alert("numbers of the day", kind=EventKind.REPORT)]) == [""]
    assert len(server.requests) == asked


async def test_an_incident_that_began_in_a_silence_is_opened_with_what_came_before(
    server: GithubServer, life: Life
) -> None:
    """The first message of an incident may be its third event: it opens the issue, and says what nobody was told."""
    incident = life.look(DOWN, "timeout")[0]
    earlier = replace(incident.event, silent=True)
    escalated = replace(
        incident.event, id="later", kind=EventKind.ESCALATED, before=DEGRADED, number=2, cause="server_error"
    )
    notice = replace(incident, event=escalated, history=(earlier, escalated))
    assert await life.channel.send(notice) == "team/app#1"
    assert "nobody was told" in server.home.issues[0].body


async def test_a_recovery_of_which_no_issue_was_ever_opened_opens_none(
    server: GithubServer, life: Life
) -> None:
    """The opening was refused, or the channel is new: nothing is there to be closed."""
    life.look(DOWN, "timeout")
    assert await life.see(UP) == [""]
    assert server.home.issues == []


# --- what people do to issues ----------------------------------------------------------------------------------------


async def test_closed_by_hand_it_stays_closed_until_it_gets_worse(server: GithubServer, life: Life) -> None:
    """Evidence and easing are comments that say so; an escalation opens it again; a recovery leaves the reason."""
    await life.see(DEGRADED, "wrong_age")
    (issue,) = server.home.issues
    issue.state, issue.state_reason = "closed", "not_planned"
    await life.see(DEGRADED, "wrong_age", evidence=evidence(error_types={"moderated": 1}))
    assert issue.state == "closed"
    assert "facemon alerts resolve" in issue.texts[0]
    await life.see(DOWN, "timeout")
    assert issue.state == "open"
    issue.state, issue.state_reason = "closed", "not_planned"
    await life.see(UP)
    assert (issue.state, issue.state_reason) == ("closed", "not_planned")
    assert len(issue.comments) == 3


@pytest.mark.parametrize("way", ["deleted", "out of sight"])
async def test_deleted_it_is_opened_anew_and_never_for_a_recovery(
    server: GithubServer, life: Life, way: str
) -> None:
    """410 or 404 for the receipt's number: the next event that is no recovery opens another."""
    await life.see(DEGRADED, "wrong_age")
    if way == "deleted":
        server.home.issues[0].deleted = True
    else:
        server.home.issues[0].labels = []
        server.trouble("GET .*/issues/1$", 404, times=None)
    assert await life.see(DOWN, "timeout") == ["team/app#2"]
    assert "degraded" in server.home.issues[1].body  # what the deleted one had told
    server.home.issues[1].deleted = True
    assert await life.see(UP) == [""]
    assert len(server.home.issues) == 2


async def test_a_lock_that_keeps_us_out_is_opened_and_put_back(server: GithubServer, life: Life) -> None:
    """Somebody locked the issue as too heated: the comment comes, and the lock with its reason is as before."""
    await life.see(DEGRADED, "wrong_age")
    (issue,) = server.home.issues
    server.home.keeps_out = True
    for reason in ("too heated", None):
        issue.locked, issue.lock_reason = True, reason
        await life.see(DOWN if reason else UP, "timeout")
        assert (issue.locked, issue.lock_reason) == (True, reason)
    assert len(issue.comments) == 2


async def test_a_title_that_a_person_wrote_keeps_its_words(server: GithubServer, life: Life) -> None:
    """Only our sign at its start is put right; without one, the title is left alone."""
    await life.see(DEGRADED, "wrong_age")
    (issue,) = server.home.issues
    issue.title = "⚠️ faces look too old since the vendor's update"
    await life.see(DOWN, "timeout")
    assert issue.title == "🛑 faces look too old since the vendor's update"
    issue.title = "vendor trouble, see chat"
    await life.see(UP)
    assert issue.title == "vendor trouble, see chat"


async def test_labels_and_assignees_of_people_stay(server: GithubServer, life: Life) -> None:
    """Ours are brought up to date beside theirs; whom a person took off is not put back."""
    await life.see(DEGRADED, "wrong_age")
    (issue,) = server.home.issues
    issue.labels.append("vendor")
    issue.assignees = ["grace"]
    await life.see(DOWN, "timeout")
    assert set(issue.labels) == {"facemon", "status:down", "availability", "vendor"}
    assert issue.assignees == ["grace"]


async def test_a_transferred_issue_is_followed(server: GithubServer, life: Life) -> None:
    """GitHub redirects to the other repository: the comments go there, and no second issue is opened here."""
    await life.see(DEGRADED, "wrong_age")
    other, (issue,) = server.add("team/other"), server.home.issues
    moved = other.add(issue.title, issue.body, issue.at, issue.login, labels=list(issue.labels))
    issue.moved = "team/other#1"
    await life.see(DOWN, "timeout")
    await life.see(UP)
    assert (moved.state, len(moved.comments)) == ("closed", 2)
    assert len(server.home.issues) == 1


async def test_a_renamed_repository_is_followed(server: GithubServer, clock: ManualClock) -> None:
    """The old name redirects; a redirected POST would be lost, so the new name is asked for first."""
    server.add("team/old").renamed = "team/app"
    channel = channel_of(server.url, clock, repository="team/old")
    life = Life(channel, clock)
    for state in (DOWN, UP):
        await life.see(state, "timeout")
    await channel.close()
    assert [(issue.state, len(issue.comments)) for issue in server.home.issues] == [("closed", 1)]


# --- paging ----------------------------------------------------------------------------------------------------------


async def test_u4_degraded_to_down_with_an_issue_open_is_told(server: GithubServer, life: Life) -> None:
    """U4: a comment, another title, another label. Where "an issue is open" ends the matter, the same test fails."""

    def assertions() -> None:
        (issue,) = server.home.issues
        assert issue.title == "🛑 availability is down: timeout"
        assert issue.labels == ["facemon", "availability", "status:down"]
        assert len(issue.comments) == 1

    await life.see(DEGRADED, "wrong_age")
    (notice,) = life.look(DOWN, "timeout")

    class Silent(GithubIssue):
        """As the tool of the lesson: what has an open issue is not told again."""

        async def send(self, notice):
            open_one = next((i for i in server.home.issues if i.state == "open"), None)
            return f"team/app#{open_one.number}" if open_one else await super().send(notice)

    silent = Silent(config(server.url), life.clock)
    await silent.send(notice)
    await silent.close()
    with pytest.raises(AssertionError):
        assertions()
    await life.tell([notice])
    assertions()


async def test_u6_the_issue_is_found_behind_the_first_hundred(
    server: GithubServer, life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    """U6: 250 younger issues, closed ones and pull requests among them, and the receipt lost. With the first page
    only, the same test fails.
    """
    notices = life.look(DEGRADED, "wrong_age")
    await life.tell(notices)
    for number in range(250):
        state = "closed" if number % 3 else "open"
        server.home.add(f"other {number}", "", life.clock.now(), "ada", labels=["facemon"], state=state)
        server.home.issues[-1].pull = number % 5 == 0
    life.receipts.clear()
    (worse,) = life.look(DOWN, "timeout")

    def assertions(receipt: str) -> None:
        assert receipt == "team/app#1"
        assert len(server.home.issues) == 251
        assert len(server.home.issues[0].comments) == 1

    whole = sync.Door.issues
    with monkeypatch.context() as patch:
        patch.setattr(sync.Door, "issues", lambda self, since: [*whole(self, since)][:80])
        receipt = await life.channel.send(worse)
        with pytest.raises(AssertionError):
            assertions(receipt)
    assert server.home.issues.pop().number == 252  # what the defect opened
    server.requests.clear()
    assertions(await life.channel.send(worse))
    pages = [request.query.get("page") for request in server.requests if request.operation == "list"]
    assert pages == [None, ["2"], ["3"]]
    assert all(
        request.query["per_page"] == ["100"] for request in server.requests if request.operation == "list"
    )


async def test_a_comment_is_found_behind_the_first_hundred(server: GithubServer, life: Life) -> None:
    """People wrote 230 comments before and after ours: its repeat finds it."""
    await life.see(DEGRADED, "wrong_age")
    (issue,) = server.home.issues
    from tests.github_server.state import Comment

    for number in range(230):
        issue.comments.append(Comment(number + 10_000, "me too", life.clock.now(), "grace"))
    await life.see(DOWN, "timeout")
    life.receipts.clear()
    await life.channel.send(life.messages[-1][1])
    assert sum(map(tells_of_an_event, issue.texts)) == 1


async def test_only_issues_since_the_incident_are_paged_through(server: GithubServer, life: Life) -> None:
    """Issues that did not change since a day before the incident cannot be its own: years of them cost no request."""
    old = life.clock.now() - timedelta(days=40)
    for number in range(450):
        server.home.add(f"old {number}", "", old, "ada", labels=["facemon"], state="closed")
    await life.see(DOWN, "timeout")
    assert server.count("GET", "/issues$") == 1


def labelled(server: GithubServer, count: int, seconds: float, clock: ManualClock) -> None:
    """Younger issues with our label, touched today, and a GitHub that takes so long for each page of them."""
    for number in range(count):
        server.home.add(f"other {number}", "", clock.now(), "ada", labels=["facemon"], state="closed")
    whole = server._reply

    def slow(handler, path, *rest):
        if handler.command == "GET" and path.endswith("/issues"):
            clock.advance(seconds)
        return whole(handler, path, *rest)

    server._reply = slow


async def test_thousands_of_issues_that_were_touched_today_keep_no_outage_from_being_told(
    server: GithubServer, life: Life
) -> None:
    """The search for the marker ends with half of the delivery's time: then the issue is opened, and later events know
    its number. A second try, whose first answer was lost, finds it, since the youngest come first.
    """
    labelled(server, 1200, 2.0, life.clock)
    assert await life.see(DOWN, "timeout") == ["team/app#1201"]
    assert server.count("GET", "/issues$") == 5
    (_, opening) = life.messages[-1]
    assert await life.channel.send(opening) == "team/app#1201"
    before = server.count("GET", "/issues$")
    assert await life.see(UP) == ["team/app#1201"]
    assert server.count("GET", "/issues$") == before
    assert len(server.home.issues) == 1201 and server.home.issues[-1].state == "closed"


async def test_five_pages_are_always_looked_at(server: GithubServer, life: Life) -> None:
    """A repository of some hundred issues behind a slow GitHub: ours is found among 499 younger ones, however long it
    takes, as long as the delivery has time at all.
    """
    (receipt,) = await life.see(DEGRADED, "wrong_age")
    labelled(server, 499, 3.5, life.clock)
    life.receipts.clear()
    assert await life.see(DOWN, "timeout") == [receipt]
    assert len(server.home.issues) == 500


async def test_behind_five_pages_the_search_goes_on_while_there_is_time(
    server: GithubServer, life: Life
) -> None:
    """A quick GitHub: ours is found among 1,500 younger ones."""
    (receipt,) = await life.see(DEGRADED, "wrong_age")
    labelled(server, 1500, 0.5, life.clock)
    life.receipts.clear()
    assert await life.see(DOWN, "timeout") == [receipt]


async def test_a_recovery_whose_issue_is_not_found_in_time_opens_none(
    server: GithubServer, life: Life
) -> None:
    """A second issue, about something that is over, would help nobody; and no message after it is held up."""
    await life.see(DOWN, "timeout")
    labelled(server, 1200, 2.0, life.clock)
    life.receipts.clear()
    assert await life.see(UP) == [""]
    assert len(server.home.issues) == 1201


async def test_a_quotation_of_our_comment_is_not_our_comment(server: GithubServer, life: Life) -> None:
    """A person quotes a comment with its hidden line: the event is still told, once, and later ones too."""
    from tests.github_server.state import Comment

    await life.see(DEGRADED, "wrong_age")
    (issue,) = server.home.issues
    (worse,) = life.look(DOWN, "timeout")
    quoted = f"> something\n> {event_marker(worse.event.id)}\n\nis this so?"
    issue.comments.append(Comment(9, quoted, life.clock.now(), "grace"))
    await life.tell([worse])
    assert sum(map(tells_of_an_event, issue.texts)) == 1


async def test_an_issue_that_quotes_ours_is_not_ours(server: GithubServer, life: Life) -> None:
    """A person opens an issue about an incident and quotes its body, hidden lines and all: ours is still found."""
    (receipt,) = await life.see(DEGRADED, "wrong_age")
    quoted = "\n".join(f"> {line}" for line in server.home.issues[0].body.splitlines())
    server.home.add("what is this?", quoted, life.clock.now(), "grace", labels=["facemon"])
    life.receipts.clear()
    (worse,) = life.look(DOWN, "timeout")
    assert await life.channel.send(worse) == receipt


@pytest.mark.parametrize("token", ["github_pat_11ABCDEFG0secretsecret", "ghp_0secretsecret"])
def test_what_is_hidden_of_a_token_is_its_secret_part(token: str) -> None:
    """A token begins with a word that stands in every address of GitHub: that is not cut out of the texts."""
    good = config("https://x.example")
    found = read_settings(replace(good, environment={**good.environment, "GITHUB_TOKEN": token}))
    assert "secretsecret" in found.secret_part().reveal()
    assert "gh" not in found.secret_part().reveal()


# --- trouble at GitHub -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("request_", ["GET .*/app$", "GET .*/issues$", "POST .*/issues$"])
async def test_a_5xx_is_waited_out(server: GithubServer, life: Life, status: int, request_: str) -> None:
    """Twice 5xx: pauses of 1 and 2 seconds on the clock, then one issue."""
    server.trouble(request_, status, times=2)
    await life.see(DOWN, "timeout")
    assert len(server.home.issues) == 1
    assert life.clock.sleeps == [1.0, 2.0]


@pytest.mark.parametrize("status", [502, 0])
@pytest.mark.parametrize("request_", ["POST .*/issues$", "POST .*/comments$", "PATCH"])
async def test_what_was_done_though_the_answer_was_lost_is_not_done_twice(
    server: GithubServer, life: Life, status: int, request_: str
) -> None:
    """GitHub carries it out and then answers 502, or the connection breaks: still one issue and one comment."""
    server.trouble(request_, status, done=True)
    for state in (DEGRADED, DOWN):
        await life.see(state, "timeout")
    (issue,) = server.home.issues
    assert len(issue.comments) == 1
    assert life.clock.sleeps == [1.0]


async def test_trouble_that_lasts_is_a_failure_within_the_limit(server: GithubServer, life: Life) -> None:
    """503 for ever: DeliveryFailed, before the time limit of a send is over."""
    server.trouble(".", 503, times=None)
    start = life.clock.monotonic() + 60
    with pytest.raises(DeliveryFailed, match="503"):
        await life.see(DOWN, "timeout")
    assert sum(life.clock.sleeps) < SEND_LIMIT
    assert life.clock.monotonic() - start < SEND_LIMIT


@pytest.mark.parametrize(
    ("status", "headers", "message", "wait"),
    [
        (429, {"Retry-After": "5"}, "slow down", 5.0),
        (403, {"Retry-After": "7"}, "You have exceeded a secondary rate limit", 7.0),
        (
            403,
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1767225669"},
            "API rate limit exceeded",
            10.0,
        ),
    ],
)
async def test_a_rate_limit_that_fits_is_waited_out(
    server: GithubServer, life: Life, status: int, headers: dict[str, str], message: str, wait: float
) -> None:
    """As long as GitHub asks, in the clock's time, and then it is delivered; the clock starts at 2026-01-01."""
    server.trouble("POST", status, headers=headers, body={"message": message})
    await life.see(DOWN, "timeout")
    assert life.clock.sleeps == [pytest.approx(wait)]
    assert len(server.home.issues) == 1


@pytest.mark.parametrize(
    ("status", "headers", "message", "wait"),
    [
        (429, {"Retry-After": "600"}, "slow down", 600.0),
        (429, {}, "slow down", 60.0),
        (403, {}, "You have exceeded a secondary rate limit. Please wait a few minutes", 60.0),
        (
            403,
            {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1767226260"},
            "API rate limit exceeded",
            601.0,
        ),
    ],
)
async def test_a_rate_limit_that_does_not_fit_is_handed_on(
    server: GithubServer, life: Life, status: int, headers: dict[str, str], message: str, wait: float
) -> None:
    """DeliveryFailed with the time to wait, at once."""
    server.trouble(".", status, headers=headers, body={"message": message}, times=None)
    with pytest.raises(DeliveryFailed) as caught:
        await life.see(DOWN, "timeout")
    assert caught.value.retry_after == pytest.approx(wait)
    assert life.clock.sleeps == []


@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        (401, "Bad credentials", "GITHUB_TOKEN"),
        (403, "Resource not accessible by integration", "issues: write"),
        (404, "Not Found", "no such repository"),
        (410, "Issues are disabled for this repo", "switched off"),
        (451, "Repository access blocked", "451"),
    ],
)
async def test_what_a_person_may_mend_is_tried_again_and_arrives(
    server: GithubServer, life: Life, status: int, message: str, hint: str
) -> None:
    """A token that ran out, a permission, a repository that is being moved: DeliveryFailed after one request, with what
    GitHub said and what to mend; a quarter of an hour later the same message is an issue.
    """
    server.trouble("POST", status, body={"message": message})
    with pytest.raises(DeliveryFailed, match=hint) as caught:
        await life.see(DOWN, "timeout")
    assert message in str(caught.value) and caught.value.retry_after == 900
    assert life.clock.sleeps == [] and server.count("POST") == 1
    assert await life.tell([life.messages[-1][1]]) == ["team/app#1"]


@pytest.mark.parametrize(
    ("status", "message"), [(422, "Validation Failed"), (400, "Problems parsing JSON"), (413, "Too large")]
)
async def test_what_is_about_the_message_is_refused_at_once(
    server: GithubServer, life: Life, status: int, message: str
) -> None:
    """DeliveryRefused that says what GitHub said: the same words would be refused again."""
    server.trouble("POST", status, body={"message": message})
    with pytest.raises(DeliveryRefused, match=f"{status} .*{message}"):
        await life.see(DOWN, "timeout")
    assert life.clock.sleeps == []


async def test_issues_that_are_switched_off_and_repositories_that_are_not_there(
    server: GithubServer, life: Life, clock: ManualClock
) -> None:
    """As the server itself answers them, without a made-up refusal; both may be mended, and then it is told."""
    server.home.has_issues = False
    with pytest.raises(DeliveryFailed, match="410"):
        await life.see(DOWN, "timeout")
    server.home.has_issues = True
    await life.tell([life.messages[-1][1]])
    assert len(server.home.issues) == 1
    elsewhere = channel_of(server.url, clock, repository="team/nothing")
    with pytest.raises(DeliveryFailed, match="no such repository"):
        await Life(elsewhere, clock).see(DOWN, "timeout")
    await elsewhere.close()


async def test_a_server_that_is_not_there_is_a_failure(clock: ManualClock) -> None:
    """Nobody listens: DeliveryFailed."""
    with GithubServer(TOKEN) as gone:
        url = gone.url
    channel = channel_of(url, clock)
    with pytest.raises(DeliveryFailed, match="could not be reached"):
        await Life(channel, clock).see(DOWN, "timeout")
    await channel.close()


async def test_an_answer_that_is_not_githubs_is_a_failure(server: GithubServer, life: Life) -> None:
    """200 with something else in it, as a proxy's page: not delivered, so not acknowledged."""
    server.trouble("POST", 200, body=["<html>"], times=None)
    with pytest.raises(DeliveryFailed):
        await life.see(DOWN, "timeout")


async def test_an_assignee_that_github_does_not_know_keeps_no_outage_back(
    server: GithubServer, clock: ManualClock
) -> None:
    """422 for the login: the issue is opened without, and says so."""
    channel = channel_of(server.url, clock, assignees={"*": ["nobody-here"]})
    await Life(channel, clock).see(DOWN, "timeout")
    await channel.close()
    (issue,) = server.home.issues
    assert issue.assignees == []
    assert "nobody-here" in issue.body


async def test_a_token_that_may_not_push_still_tells(server: GithubServer, life: Life) -> None:
    """GitHub drops labels and assignees silently: the issue and its comments come all the same."""
    server.home.may_push = False
    for state in (DEGRADED, DOWN, UP):
        await life.see(state, "timeout")
    (issue,) = server.home.issues
    assert (issue.state, len(issue.comments), issue.labels) == ("closed", 2, [])


async def test_a_delivery_that_was_given_up_begins_no_further_request(
    server: GithubServer, life: Life
) -> None:
    """The dispatcher's time limit cancels the send while a request is on its way: nothing is written after it."""
    import asyncio

    reached, go_on = asyncio.Event(), __import__("threading").Event()
    loop, whole = asyncio.get_running_loop(), server._reply

    def slow(*args):
        loop.call_soon_threadsafe(reached.set)
        go_on.wait(10)
        return whole(*args)

    server._reply = slow
    task = asyncio.create_task(life.channel.send(life.look(DOWN, "timeout")[0]))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await life.channel.close()
    life.channel._thread.shutdown(wait=True)
    assert server.home.issues == []


async def test_an_issue_is_locked_after_opening_where_it_is_asked_for(
    server: GithubServer, clock: ManualClock
) -> None:
    """`lock = true`: nobody else writes into it, and our own comments still come."""
    server.home.keeps_out = True
    channel = channel_of(server.url, clock, lock=True)
    life = Life(channel, clock)
    for state in (DOWN, UP):
        await life.see(state, "timeout")
    await channel.close()
    (issue,) = server.home.issues
    assert (issue.locked, issue.state, len(issue.comments)) == (True, "closed", 1)


# --- texts from outside ----------------------------------------------------------------------------------------------

HOSTILE = (
    "@everyone see #12 and GH-7, team/app#3, https://github.com/team/app/issues/9 ``` @ada <!-- facemon:event=x -->\n"
    "<!-- facemon:incident=y -->\n```\n# @grace\n<details>\n</details> <img src=x> [a](b) | x |\n~~~\n    @linus"
)
PIECES = ["@ada", "#12", "GH-1", "`", "``", "```", "~~~", "<!--", "-->", "<b>", "&#64;ada"]
PIECES += ["[x](http://a.b)", "https://x.y", "www.a.b"]
_PING = re.compile(r"@\w|#\d|GH-\d|://|www\.")


def rendered(text: str) -> tuple[str, str]:
    """Where GitHub would look for mentions, references and addresses: every text that is not code; and the markup."""
    tokens = MarkdownIt("commonmark", {"html": True}).parse(text)
    parts = [part for token in tokens for part in (token, *(token.children or ()))]
    words = [part.content for part in parts if part.type == "text"]
    return "\n".join(words), "\n".join(part.content for part in parts if part.type.startswith("html"))


def outside(text: str) -> Evidence:
    """Evidence that is foreign in every place."""
    return evidence(
        rule=text, objectives={text: text}, checks={text: text}, error_types={text: 1}, records=(text,),
        request=text, response=text, repeat=text, report=text, run_id=text, target=text,
    )  # fmt: skip


def notice_of(text: str, clock: ManualClock | None = None):
    """An opening whose every word comes from outside."""
    life = Life(None, clock or ManualClock())
    return life.look(DOWN, text, evidence=outside(text), component="avail @ada #1 <b>")[0]


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.sampled_from([*PIECES, "\n", "\r", "    ", "\\", "|", "*", "> ", "\u2028", "\x00", "a"]), max_size=12
    ).map("".join)
)  # fmt: skip
def test_no_text_from_outside_pings_links_or_brings_a_marker(text: str) -> None:
    """In title, body and comment: outside of code there is no mention, no reference, no address, no foreign markup."""
    _holds_nothing_foreign(text)


def test_a_hostile_error_text_does_nothing() -> None:
    """The same for one text that tries everything."""
    _holds_nothing_foreign(HOSTILE)


def _holds_nothing_foreign(text: str) -> None:
    notice = notice_of(text)
    assert not _PING.search(body.title(notice))
    for shown in (body.body(notice), body.comment(notice)):
        comments = re.findall(r"^<!--.*-->$", shown, re.M)
        assert all(
            event_marker(notice.event.id) == each or "facemon:incident=0193" in each for each in comments
        )
        assert shown.count("<!--") == len(comments)
        words, markup = rendered(shown)
        assert not _PING.search(words), words
        for known in (*comments, "<details>", "</details>", "<summary>", "</summary>"):
            markup = markup.replace(known, "")
        assert not re.search(r"<", markup), markup


@pytest.mark.parametrize(
    ("size", "sign"), [(100, "x"), (5000, "`"), (70_000, "@a "), (70_000, "\n"), (400_000, "é")]
)
def test_a_body_fits_and_says_what_was_cut(size: int, sign: str) -> None:
    """At most 65,536 characters, whatever the evidence; the markers stay, and what is cut is said."""
    long = (sign * size)[:size]
    many = {f"{number} {long[:500]}": long[:3000] for number in range(300)}
    notice = Life(None, ManualClock()).look(
        DOWN, long, evidence=replace(outside(long), checks=many, objectives=many, records=(long[:40],) * 5000)
    )[0]
    alert = Life(None, ManualClock()).alert(f"x{long}")
    for shown in (body.body(notice), body.comment(notice), body.body(alert)):
        assert len(shown) <= body.LIMIT
        assert "<!-- facemon:event=" in shown
    assert len(body.title(notice)) <= 256
    assert "which do not fit here" in body.body(notice)


def test_a_body_that_fits_is_not_cut() -> None:
    """Ordinary evidence is shown whole."""
    assert "do not fit" not in body.body(Life(None, ManualClock()).look(DOWN, "timeout")[0])


# --- the token -------------------------------------------------------------------------------------------------------


def fragments() -> list[str]:
    """Every eight characters of the token's secret part."""
    secret = TOKEN.removeprefix("ghs_")
    return [secret[i : i + 8] for i in range(len(secret) - 7)]


@pytest.mark.parametrize("status", [0, 200, 401, 403, 404, 410, 422, 429, 500])
async def test_the_token_is_in_no_error_log_or_repr(
    server: GithubServer, life: Life, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """GitHub echoes it, all logs are on, the traceback is printed with its variables: no 8 characters of it."""
    caplog.set_level(logging.DEBUG)
    seen = [
        repr(life.channel),
        repr(vars(life.channel)),
        repr(vars(life.channel._door)),
        repr(life.channel._settings),
    ]
    server.trouble("POST", status, body={"message": f"no {TOKEN}"}, times=None)
    with pytest.raises((DeliveryFailed, DeliveryRefused)) as caught:
        await life.see(DOWN, "timeout")
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    seen += [
        "".join(shown.format()),
        caplog.text,
        repr(caught.value.__dict__),
        repr(caught.value.__context__),
    ]
    assert [part for part in fragments() for text in seen if part in text] == []


async def test_the_token_is_in_no_issue_and_in_no_comment(server: GithubServer, life: Life) -> None:
    """Even if an error text brought it along, in every place where one can stand."""
    for state in (DEGRADED, DOWN):
        await life.see(state, f"wrong {TOKEN}", evidence=outside(f"it said {TOKEN}"))
    await life.tell([life.alert(f"it is {TOKEN}")])
    texts = [
        text
        for issue in server.home.issues
        for text in (issue.title, issue.body, *issue.texts, *issue.labels)
    ]
    assert [part for part in fragments() for text in texts if part in text] == []
    assert any("[redacted]" in text for text in texts)


async def test_the_token_is_in_no_title_that_is_changed(server: GithubServer, life: Life) -> None:
    """The first cause was harmless, the second brings the token along: the new title shows nothing of it."""
    await life.see(DEGRADED, "wrong_age")
    await life.see(DOWN, f"it said {TOKEN}")
    (issue,) = server.home.issues
    assert issue.title == "🛑 availability is down: it said ghs_[redacted]"


async def test_what_utf_8_cannot_carry_keeps_no_outage_back(server: GithubServer, life: Life) -> None:
    """GitHub would refuse the whole: in every place it is written as Python writes it."""
    lone = "caf\udce9.png"
    for state in (DEGRADED, DOWN):
        seen = replace(outside(f"{state} {lone}"), report=f"https://example.com/{lone}")
        await life.see(state, lone, evidence=seen)
    await life.tell([life.alert(lone)])
    texts = [text for issue in server.home.issues for text in (issue.title, issue.body, *issue.texts)]
    assert not [text for text in texts if re.search("[\ud800-\udfff]", text)]
    assert "https://example.com/caf\\udce9.png" in texts[1]


# --- settings --------------------------------------------------------------------------------------------------------


def test_the_smallest_table_is_an_empty_one() -> None:
    """In a workflow the environment says which repository, and with which token."""
    found = read_settings(
        ChannelConfig("github_issue", {}, {"GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": "a/b"})
    )
    assert (found.repository, found.labels, found.api) == ("a/b", ("facemon",), "https://api.github.com")
    assert found.token.reveal() == TOKEN


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"lables": ["x"]}, "labels"),
        ({"labels": "facemon"}, "labels"),
        ({"labels": []}, "labels"),
        ({"labels": ["a,b"]}, "comma"),
        ({"labels": ["x" * 51]}, "50 characters"),
        ({"repository": "https://github.com/a/b"}, "owner/name"),
        ({"repository": 3}, "owner/name"),
        ({"assignees": ["ada"]}, "component or check"),
        ({"assignees": {"*": "ada"}}, "component or check"),
        ({"assignees": {"*": ["@ada"]}}, "without their @"),
        ({"lock": "yes"}, "true or false"),
    ],
)
def test_a_wrong_option_stops_the_start(options: dict, said: str) -> None:
    """ConfigError with the place in the file, the channel, and what is accepted."""
    with pytest.raises(ConfigError, match=said) as caught:
        GithubIssue(config("http://127.0.0.1:1", **options), ManualClock())
    assert "facemon.toml:3" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_TOKEN", ""),
        ("GITHUB_TOKEN", "ghs_abc\nX: y"),
        ("GITHUB_API_URL", "http://github.example/api/v3"),
        ("GITHUB_API_URL", "https://user:pass@github.example"),
        ("GITHUB_REPOSITORY", ""),
    ],
)
def test_a_wrong_environment_stops_the_start_and_is_not_repeated(name: str, value: str) -> None:
    """The token goes to https or to this machine only."""
    good = config("https://github.example/api/v3")
    with pytest.raises(ConfigError) as caught:
        GithubIssue(replace(good, environment={**good.environment, name: value}), ManualClock())
    assert name in str(caught.value)
    assert not value or value not in str(caught.value)


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pip install "facemon[github]"` stands in the error."""
    monkeypatch.setitem(__import__("sys").modules, "github", None)
    with pytest.raises(ConfigError, match=re.escape('pip install "facemon[github]"')):
        GithubIssue(config("http://127.0.0.1:1"), ManualClock())


def test_assignees_are_found_by_component_check_and_pattern() -> None:
    """In the table's order, each once, and at most as many as GitHub takes."""
    table = {
        "pictures": ["ada"],
        "check_age*": ["grace", "ada"],
        "*": ["linus"],
        "check_a.py::x[1]": ["mary"],
    }
    found = read_settings(config("https://x.example", assignees=table))
    assert found.logins(["pictures"]) == ["ada", "linus"]
    assert found.logins(["speed", "check_age.py::check_it"]) == ["grace", "ada", "linus"]
    assert found.logins(["speed", "check_a.py::x[1]"]) == ["linus", "mary"]
    many = read_settings(config("https://x.example", assignees={"*": [f"p{number}" for number in range(20)]}))
    assert len(many.logins(["speed"])) == 10


# --- what an answer means, and the server itself ---------------------------------------------------------------------


def test_what_an_answer_means() -> None:
    """Each refusal by its own class, so that the delivery can go on where it may."""
    now = ManualClock().now()

    def of(status, headers=None, data=None):
        return meaning(status, headers or {}, data, now, "it")

    assert isinstance(of(404), NotThere)
    assert isinstance(of(410), NotThere)
    assert isinstance(of(403), Forbidden)
    invalid = of(422, data={"message": "x", "errors": [{"field": "assignees"}, "text", {"code": 1}]})
    assert isinstance(invalid, Invalid)
    assert invalid.fields == {"assignees"}
    assert of(503, {"retry-after": "9"}).retry_after == 9
    assert of(429, {"retry-after": "Thu, 01 Jan 2026 00:00:30 GMT"}).retry_after == 30
    assert (
        of(429, {"retry-after": "soon", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "x"}).retry_after
        == 60
    )
    assert isinstance(of(400, data="<html>"), DeliveryRefused)
    assert isinstance(of(418, data="<html>"), DeliveryFailed)
    assert [of(status).retry_after for status in (401, 402, 403, 404, 410, 418)] == [900] * 6
    assert isinstance(of(409), DeliveryFailed)


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", "/repos/team/app/issues", {"title": "x", "state": "open"}, {}, 422),
        ("POST", "/repos/team/app/issues", {"body": "no title"}, {}, 422),
        ("POST", "/repos/team/app/issues", {"title": "x" * 257}, {}, 422),
        ("POST", "/repos/team/app/issues", {"title": "x", "body": "x" * 65_537}, {}, 422),
        ("POST", "/repos/team/app/issues", {"title": "x", "assignees": ["nobody"]}, {}, 422),
        ("PATCH", "/repos/team/app/issues/1", {"state": "reopened"}, {}, 422),
        ("GET", "/repos/team/app/issues?per_page=101", None, {}, 422),
        ("GET", "/repos/team/app/issues?state=every", None, {}, 422),
        ("GET", "/repos/team/app/issues?labels=a&color=red", None, {}, 422),
        ("GET", "/repos/team/app/milestone", None, {}, 404),
        ("GET", "/repos/team/app", None, {"Accept": "text/html"}, 415),
        ("GET", "/repos/team/app", None, {"X-GitHub-Api-Version": "2020-01-01"}, 400),
        ("GET", "/repos/team/app", None, {"Authorization": "token wrong"}, 401),
        ("GET", "/repos/team/app", None, {}, 200),
        ("PUT", "/repos/team/app/issues/1/lock", {"lock_reason": "bored"}, {}, 422),
    ],
)
def test_the_server_refuses_what_github_does_not_know(
    clock: ManualClock, method: str, path: str, body: dict | None, headers: dict, status: int
) -> None:
    """The description bites: otherwise the tests above would prove nothing."""
    import httpx

    with GithubServer(TOKEN, clock.now) as server:
        server.home.add("first", "", clock.now(), "ada")
        sent = {"Authorization": f"Bearer {TOKEN}", **headers}
        assert httpx.request(method, server.url + path, json=body, headers=sent).status_code == status
