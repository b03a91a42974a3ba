"""What becomes of incidents, given what the rules say: every change once, and nothing that a silence hid is lost."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.alerting.components import API, AVAILABILITY, MONITOR, PICTURES, SPEED
from facemon.alerting.decide import acknowledged, decide, resolved
from facemon.alerting.status import Over, Status
from facemon.incident import CLOSING, EventKind, Evidence, Silence
from facemon.model import State
from facemon.store.incidents import Changes, Snapshot

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
UP, DEGRADED, DOWN, UNKNOWN = State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN
OPENED, ESCALATED, EASED, EVIDENCE = (
    EventKind.OPENED,
    EventKind.ESCALATED,
    EventKind.EASED,
    EventKind.EVIDENCE,
)
DAY = 24 * 60.0
RECOVERED, REOPENED = EventKind.RECOVERED, EventKind.REOPENED


class Life:
    """Decisions one after another, each seeing what those before it wrote; minutes pass as they are told to."""

    def __init__(self, *channels: str) -> None:
        self.now, self.channels = START, channels or ("mail",)
        self.incidents, self.events, self.messages, self.silences = {}, [], [], []
        self._numbers = itertools.count(1)

    def new_id(self) -> str:
        return f"{next(self._numbers):04}"

    def snapshot(self) -> Snapshot:
        events = {
            name: tuple(event for event in self.events if event.incident_id == name)
            for name in self.incidents
        }
        heard = {
            name: frozenset(each.channel for each in self.messages if each.incident_id == name)
            for name in self.incidents
        }
        return Snapshot(self.now, tuple(self.incidents.values()), tuple(self.silences), events, heard=heard)

    def keep(self, changes: Changes) -> list:
        self.incidents |= {incident.id: incident for incident in changes.incidents}
        self.events += changes.events
        self.messages += changes.messages
        return list(changes.events)

    def look(self, *statuses: Status, after: float = 10) -> list:
        """The events of an update some minutes later."""
        self.now += timedelta(minutes=after)
        return self.keep(decide(self.snapshot(), statuses, self.now, self.channels, self.new_id))

    def person(self, what, component: str = AVAILABILITY) -> list:
        """The events of what ada says of the incident."""
        return self.keep(
            what(self.snapshot(), self.of(component), "ada", self.now, self.channels, self.new_id)
        )

    def silence(self, minutes: float, component: str = "*", **rest) -> None:
        self.silences.append(
            Silence(self.new_id(), component, self.now, self.now + timedelta(minutes=minutes), **rest)
        )

    def of(self, component: str = AVAILABILITY):
        """Its last incident."""
        return [each for each in self.incidents.values() if each.component == component][-1]


def bad(state: State = DOWN, component: str = AVAILABILITY, cause: str = "timeout", **named) -> Status:
    """Something fires."""
    urgent = named.pop("urgent", False)
    return Status(component, state, cause, urgent, evidence=Evidence(**named))


def good(component: str = AVAILABILITY) -> Status:
    """It has recovered."""
    return Status(component, UP, recovered=True)


def kinds(events) -> list:
    return [event.kind for event in events]


def loud(events) -> list:
    return [event.kind for event in events if not event.silent]


# --- one incident, told once ---


def test_a_failure_opens_one_incident_and_repeats_say_nothing():
    """However often it is looked at: one incident, one event, one message."""
    life = Life()
    (event,) = life.look(bad(urgent=True))
    for _ in range(5):
        assert life.look(bad(urgent=True)) == []
    incident = life.of()
    assert (event.kind, event.before, event.after, event.number, event.urgent) == (OPENED, UP, DOWN, 1, True)
    assert (incident.state, incident.announced, incident.events) == (DOWN, DOWN, 1)
    assert len(life.incidents) == len(life.messages) == 1


def test_what_is_up_opens_nothing():
    """Nor does a recovery of what was never broken."""
    assert Life().look(good(), Status(SPEED, UP)) == []


def test_getting_worse_and_better_is_told_with_both_states():
    """U4: degraded → down with an incident open is news; so is the way back, and the incident stays."""
    life = Life()
    life.look(bad(DEGRADED))
    (worse,) = life.look(bad(DOWN, urgent=True))
    assert (worse.kind, worse.before, worse.after, worse.number) == (ESCALATED, DEGRADED, DOWN, 2)
    assert life.of().urgent
    (better,) = life.look(bad(DEGRADED))
    assert (better.kind, better.before, better.after, better.number) == (EASED, DOWN, DEGRADED, 3)
    assert life.of().closed_at is None and len(life.incidents) == 1


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ({"checks": {"a::b": "x"}}, {"checks": {"a::c": "x"}}),
        ({"error_types": {"timeout": 3}}, {"error_types": {"server_error": 1}}),
        ({"objectives": {"success_rate >= 99%": "91%"}}, {"objectives": {"error_rate <= 1%": "9%"}}),
    ],
    ids=["check", "error type", "objective"],
)
def test_what_else_is_wrong_is_told_once(first, then):
    """A check, objective or error type that no event has named; other figures of the same are nothing new."""
    life = Life()
    life.look(bad(**first))
    again = {name: dict.fromkeys(values, 99) for name, values in first.items()}
    assert life.look(bad(**again)) == []
    assert kinds(life.look(bad(**then))) == [EVIDENCE]
    assert life.look(bad(**then)) == life.look(bad(**first)) == []


def test_only_a_recovery_closes():
    """Up without having shown that it is well leaves it open; then it is closed, with how long it lasted."""
    life = Life()
    life.look(bad())
    assert life.look(Status(AVAILABILITY, UP)) == [] and life.look() == []
    (event,) = life.look(good(), after=40)
    incident = life.of()
    assert (event.kind, event.before, event.after, event.cause) == (RECOVERED, DOWN, UP, "timeout")
    assert incident.closed_at - incident.opened_at == timedelta(minutes=60)
    assert (incident.state, incident.announced) == (UP, UP)
    assert life.look(good()) == []


def test_broken_again_soon_is_the_same_incident():
    """Within a day it is reopened, to the minute; later it is a new one."""
    life = Life()
    life.look(bad())
    first = life.of().id
    life.look(good())
    assert kinds(life.look(bad(DEGRADED), after=DAY)) == [REOPENED]
    assert (life.of().id, life.of().reopened, life.of().closed_at) == (first, 1, None)
    life.look(good())
    assert kinds(life.look(bad(), after=DAY + 0.1)) == [OPENED]
    assert life.of().id != first and life.of().reopened == 0 and len(life.incidents) == 2


def test_the_flap_window_can_be_set():
    """As the project's file says."""
    life = Life()
    life.look(bad())
    life.look(good())
    life.now += timedelta(minutes=10)
    changes = decide(life.snapshot(), [bad()], life.now, (), life.new_id, timedelta(minutes=5))
    assert kinds(changes.events) == [OPENED]


def test_who_looked_earlier_does_not_close():
    """Two updaters at once: what the later one found broken is not closed by what the earlier one saw."""
    life = Life()
    life.look(bad())
    assert life.look(good(), after=-1) == []
    assert life.of().closed_at is None


def test_what_becomes_urgent_is_told():
    """Of an incident that woke nobody and whose state does not change: an outage after a slow burn."""
    life = Life()
    life.look(bad(DEGRADED))
    (event,) = life.look(bad(DEGRADED, urgent=True))
    assert (event.kind, event.before, event.after, event.urgent) == (ESCALATED, DEGRADED, DEGRADED, True)
    assert life.of().urgent and life.look(bad(DEGRADED, urgent=True)) == life.look(bad(DEGRADED)) == []


def test_who_looked_earlier_turns_nothing_back():
    """Two updaters at once: what the later one found worse is not eased by what the earlier one saw."""
    life = Life()
    life.look(bad(DEGRADED))
    life.look(bad())
    assert life.look(bad(DEGRADED), after=-1) == [] and life.of().state is DOWN


def test_a_new_channel_is_told_what_is_open():
    """The last that was told of it, once; of what is over or silenced nothing."""
    life = Life("mail")
    life.look(bad(DEGRADED))
    (worse,) = life.look(bad())
    life.look(bad(component=MONITOR, state=UNKNOWN))
    life.look(good(MONITOR))
    life.channels = ("mail", "chat")
    life.silence(15)
    assert life.look(bad()) == [] and len(life.messages) == 4
    assert life.look(bad()) == [] and len(life.messages) == 5
    assert (life.messages[-1].channel, life.messages[-1].event_id) == ("chat", worse.id)
    assert life.look(bad()) == [] and len(life.messages) == 5


def test_it_begins_with_its_first_failure():
    """Not with the look that found it."""
    life = Life()
    life.look(replace(bad(), since=START + timedelta(minutes=3)))
    assert life.of().opened_at == START + timedelta(minutes=3) and life.of().changed_at == life.now


def test_who_has_it_in_hand_says_so_once():
    """Somebody else takes it over; whoever opens it again finds nobody."""
    life = Life()
    life.look(bad())
    assert kinds(life.person(acknowledged)) == [EventKind.ACKNOWLEDGED] and life.person(acknowledged) == []
    life.look(good())
    life.look(bad())
    assert (life.of().acknowledged_by, life.of().acknowledged_at) == ("", None)


# --- what nobody saw while it lasted ---


def gone(component: str = AVAILABILITY, began: float = 2, ended: float = 8, cause: str = "timeout") -> Status:
    """It broke and recovered, in minutes since the start."""
    over = Over(START + timedelta(minutes=began), START + timedelta(minutes=ended))
    return Status(component, DOWN, cause, evidence=Evidence(checks={"a": "x"}), over=over)


def test_what_broke_and_recovered_unseen_is_one_incident_with_its_own_times():
    """Both are told, in order, with the messages due now; the component counts as up."""
    life = Life()
    broke, mended = life.look(gone())
    incident = life.of()
    assert [broke.kind, mended.kind] == [OPENED, RECOVERED] and (broke.number, mended.number) == (1, 2)
    assert (broke.before, broke.after, mended.before, mended.after) == (UP, DOWN, DOWN, UP)
    assert (broke.at, mended.at) == (incident.opened_at, incident.closed_at)
    assert incident.closed_at - incident.opened_at == timedelta(minutes=6)
    assert (incident.state, incident.announced, incident.events) == (UP, UP, 2)
    assert [message.event_id for message in life.messages] == [broke.id, mended.id]
    assert {message.created_at for message in life.messages} == {life.now}
    assert broke.evidence.checks and mended.evidence == Evidence()
    assert life.look(good()) == []


def test_what_came_back_unseen_is_the_same_incident():
    """Within the flap window of the last recovery, counted from when it broke."""
    life = Life()
    life.look(bad())
    life.look(good())
    assert kinds(life.look(gone(began=25, ended=28))) == [REOPENED, RECOVERED]
    assert len(life.incidents) == 1 and life.of().reopened == 1 and life.of().closed_at is not None


def test_what_was_explained_unseen_is_not_told():
    """Neither by an outage that is over as well, nor by one that goes on."""
    assert [event.component for event in Life().look(gone(SPEED), gone())] == [AVAILABILITY] * 2
    assert [event.component for event in Life().look(gone(SPEED), bad())] == [AVAILABILITY]


@pytest.mark.parametrize(
    ("begins", "ends", "told"),
    [(0, 9, []), (0, 5, [OPENED, RECOVERED]), (5, 9, [OPENED, RECOVERED]), (9, 60, [])],
    ids=["all of it", "its beginning", "its end", "the look"],
)
def test_what_was_silenced_all_the_time_is_not_told(begins, ends, told):
    """A maintenance window that is over at the look hides what lay in it, and nothing that reached out of it."""
    life = Life()
    life.silences.append(
        Silence("1", "*", START + timedelta(minutes=begins), START + timedelta(minutes=ends))
    )
    events = life.look(gone())
    assert kinds(events) == [OPENED, RECOVERED] and loud(events) == told
    assert life.look(after=100) == [] and len(life.messages) == len(told)


# --- one alert, not twenty ---


def test_our_own_cause_explains_all_others():
    """In whatever order the rules name them."""
    statuses = [bad(component=name) for name in (SPEED, AVAILABILITY, API, "beards")]
    blind = replace(bad(UNKNOWN, MONITOR), blind=True)
    for order in ([*statuses, blind], [blind, *statuses]):
        assert [event.component for event in Life().look(*order)] == [MONITOR]


def test_who_sees_a_part_hides_nothing():
    """One probe in twelve without a network: what the others show is told beside it, and at once when it is over."""
    life = Life()
    events = life.look(bad(UNKNOWN, MONITOR), bad())
    assert [event.component for event in events] == [MONITOR, AVAILABILITY]
    life = Life()
    life.look(replace(bad(UNKNOWN, MONITOR), blind=True))
    assert kinds(life.look(good(MONITOR), bad())) == [RECOVERED, OPENED]


def test_wrong_pictures_are_told_where_some_do_not_come():
    """They do not follow from it; a service that is slow in between does."""
    life = Life()
    events = life.look(bad(DEGRADED), bad(DEGRADED, PICTURES), bad(DEGRADED, SPEED))
    assert [event.component for event in events] == [AVAILABILITY, PICTURES]


def test_an_outage_explains_all_but_the_monitor():
    """Also in the very update that finds both, in whatever order."""
    statuses = [bad(component=name) for name in (PICTURES, SPEED, AVAILABILITY, API, "beards")]
    for order in itertools.permutations(statuses):
        assert [event.component for event in Life().look(*order)] == [AVAILABILITY]
    life = Life()
    life.look(bad())
    assert [event.component for event in life.look(bad(), bad(UNKNOWN, MONITOR))] == [MONITOR]


def test_what_is_open_already_goes_on():
    """It is neither closed nor forgotten while something else explains it."""
    life = Life()
    life.look(bad(DEGRADED, SPEED))
    assert kinds(life.look(bad(), bad(DEGRADED, SPEED))) == [OPENED]
    assert life.of(SPEED).closed_at is None
    assert kinds(life.look(bad(), good(SPEED))) == [RECOVERED]


def test_what_explained_is_over_and_it_is_still_true():
    """Then the next look opens it."""
    life = Life()
    life.look(bad(), bad(DEGRADED, PICTURES))
    assert kinds(life.look(good(), bad(DEGRADED, PICTURES))) == [RECOVERED]
    assert [event.component for event in life.look(bad(DEGRADED, PICTURES))] == [PICTURES]


# --- silences and maintenance ---


@pytest.mark.parametrize("maintenance", [False, True])
def test_in_a_silence_nothing_is_told_and_all_is_kept(maintenance):
    """Events are silent and make no message; nothing counts as announced."""
    life = Life()
    life.silence(60, maintenance=maintenance)
    events = life.look(bad(DEGRADED)) + life.look(bad(DOWN)) + life.look(bad(error_types={"timeout": 1}))
    assert kinds(events) == [OPENED, ESCALATED, EVIDENCE]
    assert all(event.silent for event in events) and life.messages == []
    assert life.of().announced is None and life.of().state is DOWN


def test_a_silence_is_of_its_components_and_its_time():
    """A pattern; from its start on, up to its end."""
    life = Life()
    life.silence(10, "s*")
    assert loud(life.look(bad(component=PICTURES), bad(component=SPEED), after=9.9)) == [OPENED]
    assert [event.component for event in life.look(after=0.1)] == [SPEED]
    later = Life()
    later.silences.append(Silence("1", "*", START + timedelta(minutes=20), START + timedelta(minutes=30)))
    assert loud(later.look(bad())) == [OPENED]


def test_an_outage_that_outlives_its_window_is_told():
    """U3: when the silence ends, the next look tells what is still true, with its evidence."""
    life = Life()
    life.silence(25)
    life.look(bad(DEGRADED, error_types={"timeout": 2}))
    life.look(bad(DOWN))
    life.person(acknowledged)
    (event,) = life.look(bad(DOWN))
    assert (event.kind, event.before, event.after, event.silent) == (OPENED, UP, DOWN, False)
    assert event.evidence.error_types == {"timeout": 2}
    assert len(life.messages) == 1 and life.look(bad(DOWN)) == []


def test_it_is_told_also_where_nothing_new_was_seen():
    """A silence ends between two runs: no status is needed to tell what is open."""
    life = Life()
    life.silence(15)
    life.look(bad())
    assert loud(life.look()) == [OPENED]


def test_what_got_worse_in_a_silence_is_told_at_its_end():
    """U2: a degraded service that went down in maintenance is not called well; the step from what was told is."""
    life = Life()
    life.look(bad(DEGRADED))
    life.silence(15)
    assert loud(life.look(bad(DOWN))) == []
    (event,) = life.look(bad(DOWN))
    assert (event.kind, event.before, event.after) == (ESCALATED, DEGRADED, DOWN)
    assert life.of().closed_at is None


def test_what_began_and_ended_in_a_silence_is_never_told():
    """Neither then nor at its end."""
    life = Life()
    life.silence(25)
    life.look(bad())
    life.look(good())
    for _ in range(3):
        assert life.look(good()) == []
    assert life.messages == [] and life.of().announced is None


def test_a_step_up_and_down_in_a_silence_is_never_told():
    """Degraded was told, degraded it is: down in between is in the events and in no message."""
    life = Life()
    life.look(bad(DEGRADED))
    life.silence(25)
    life.look(bad(DOWN))
    life.look(bad(DEGRADED))
    assert life.look(bad(DEGRADED)) == [] and len(life.messages) == 1


def test_a_recovery_in_a_silence_is_told_at_its_end():
    """To those who were told that it broke."""
    life = Life()
    life.look(bad())
    life.silence(15)
    assert loud(life.look(good())) == []
    (event,) = life.look(good())
    assert (event.kind, event.before, event.after, event.silent) == (RECOVERED, DOWN, UP, False)
    assert life.of().closed_at == START + timedelta(minutes=20)
    assert life.look(good()) == []


def test_a_recovery_is_told_also_where_it_broke_anew_in_the_silence():
    """The first incident is over and the second is open: both are told, the recovery first."""
    life = Life()
    life.look(bad())
    life.silence(DAY + 100)
    life.look(good())
    life.look(bad(DEGRADED), after=DAY + 1)
    assert len(life.incidents) == 2
    assert loud(life.look(bad(DEGRADED), after=DAY + 1)) == [RECOVERED, OPENED]


def test_a_recovery_is_told_before_a_new_incident():
    """Where the next one opens in the look that could have told the recovery."""
    life = Life()
    life.look(bad())
    life.silence(30)
    life.look(good())
    assert loud(life.look(bad(), after=DAY + 1)) == [RECOVERED, OPENED]


def test_nobody_hears_that_something_is_over_that_he_never_heard_of():
    """It opened in a silence, and recovered after it before anybody looked: kept, not told."""
    life = Life()
    life.silence(15)
    life.look(bad())
    (event,) = life.look(good())
    assert (event.kind, event.silent) == (RECOVERED, True) and life.messages == []


@pytest.mark.parametrize(
    "then", [bad(DOWN), bad(DEGRADED, checks={"a::b": "x"})], ids=["escalated", "evidence"]
)
def test_the_first_that_is_told_of_an_incident_is_that_it_opened(then):
    """Also where the look after the silence finds it worse, or wrong in another way."""
    life = Life()
    life.silence(15)
    life.look(bad(DEGRADED))
    (event,) = life.look(then)
    assert (event.kind, event.before, event.after) == (OPENED, UP, then.state)


def test_back_at_what_was_told_is_no_news():
    """Down in the silence, degraded again at the look after it: nobody hears of the step back."""
    life = Life()
    life.look(bad(DEGRADED))
    life.silence(15)
    life.look(bad(DOWN))
    (event,) = life.look(bad(DEGRADED))
    assert (event.kind, event.silent) == (EASED, True) and life.of().state is DEGRADED


def test_broken_again_before_the_recovery_could_be_told():
    """What was told, down, is true again."""
    life = Life()
    life.look(bad())
    life.silence(15)
    life.look(good())
    (event,) = life.look(bad())
    assert (event.kind, event.silent, life.of().reopened) == (REOPENED, True, 1)
    assert loud(life.look(good())) == [RECOVERED]


def test_the_incident_that_closed_last_is_the_one_that_is_reopened():
    """Also where an older one was told later."""
    life = Life()
    life.look(bad())
    life.silence(DAY + 25)
    life.look(good())
    life.look(bad(), after=DAY + 1)
    life.look(good())
    last = life.of().id
    assert loud(life.look(good())) == [RECOVERED]
    life.look(bad())
    assert [each.id for each in life.incidents.values() if each.closed_at is None] == [last]


# --- by hand ---


def test_somebody_has_it_in_hand():
    """Told, with the name; the state is as it was, and later changes are told as before."""
    life = Life()
    life.look(bad())
    (event,) = life.person(acknowledged)
    assert (event.kind, event.before, event.after, event.text) == (
        EventKind.ACKNOWLEDGED,
        DOWN,
        DOWN,
        "by ada",
    )
    assert (life.of().acknowledged_by, life.of().acknowledged_at) == ("ada", life.now)
    assert life.of().closed_at is None and len(life.messages) == 2
    assert life.look(bad()) == [] and kinds(life.look(good())) == [RECOVERED]


def test_resolved_by_hand_is_closed_and_told():
    """And may be reopened like any other."""
    life = Life()
    life.look(bad())
    (event,) = life.person(resolved)
    assert (event.kind, event.after, event.text) == (EventKind.RESOLVED, UP, "by ada")
    assert life.of().closed_at == life.now and life.of().announced is UP and len(life.messages) == 2
    assert kinds(life.look(bad())) == [REOPENED]


def test_by_hand_in_a_silence_and_just_after():
    """In it nobody is told; after it nobody is told that somebody has in hand, or closed, what he never heard of."""
    life = Life()
    life.silence(15)
    life.look(bad())
    before = life.of()
    assert loud(life.person(acknowledged)) == []
    life.now += timedelta(minutes=10)
    life.incidents[before.id], life.events = before, life.events[:1]
    after = before
    assert loud(life.person(acknowledged)) == [OPENED, EventKind.ACKNOWLEDGED]
    life.incidents[after.id], life.events = after, life.events[:2]
    assert loud(life.person(resolved)) == [] and life.of().announced is None


# --- messages ---


def test_one_message_for_each_channel_due_at_once():
    """Of loud events only; without a channel the events are kept all the same."""
    life = Life("mail", "chat", "issues")
    (event,) = life.look(bad())
    assert [each.channel for each in life.messages] == ["mail", "chat", "issues"]
    for message in life.messages:
        assert (message.event_id, message.incident_id) == (event.id, event.incident_id)
        assert (message.created_at, message.due_at) == (life.now, None)
    life.channels = ()
    assert kinds(life.look(good())) == [RECOVERED] and len(life.messages) == 3
    assert life.events[-1].silent and life.of().announced is DOWN
    life.channels = ("mail",)
    assert kinds(life.look()) == [RECOVERED] and len(life.messages) == 4


# --- whatever comes ---

STATUSES = st.builds(
    lambda component, state, recovered, error: Status(
        component,
        state,
        "x",
        recovered=recovered and state is UP,
        evidence=Evidence(error_types={error: 1}) if state is not UP else Evidence(),
    ),
    st.sampled_from([AVAILABILITY, SPEED, MONITOR]),
    st.sampled_from(list(State)),
    st.booleans(),
    st.sampled_from(["timeout", "server_error"]),
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from([1, 10, 61]),
        st.lists(STATUSES, max_size=3, unique_by=lambda status: status.component),
        st.sampled_from([None, None, None, "silence", "acknowledge", "resolve"]),
    ),
    max_size=25,
)


@given(STEPS)
def test_what_was_told_is_what_people_believe(steps):
    """For any sequence: the loud events of an incident replayed end at `announced`, each begins where the last one
    ended, and its events are numbered 1, 2, 3 …; one open incident a component; at the end of all silences people
    believe what is true.
    """
    life = Life("mail", "chat")
    for minutes, statuses, deed in steps:
        life.look(*statuses, after=minutes)
        still = [each for each in life.incidents.values() if each.closed_at is None]
        assert len({each.component for each in still}) == len(still)
        if deed == "silence":
            life.silence(25, "[am]*")
        elif deed and still:
            what = acknowledged if deed == "acknowledge" else resolved
            life.person(what, still[0].component)
        _check(life)
    life.look(after=60)
    _check(life)
    assert all((each.announced or UP) is each.state for each in life.incidents.values())


def _check(life):
    for incident in life.incidents.values():
        events = [event for event in life.events if event.incident_id == incident.id]
        assert [event.number for event in events] == list(range(1, incident.events + 1))
        told = [event for event in events if not event.silent]
        assert (told[-1].after if told else None) is incident.announced
        assert [event.before for event in told] == [UP, *(event.after for event in told)][: len(told)]
        assert events[-1].after is incident.state and (incident.state is UP) is bool(incident.closed_at)
        if told:
            assert told[0].kind is OPENED
            assert all(event.kind in CLOSING for event in told if event.after is UP)
    assert len(life.messages) == 2 * sum(not event.silent for event in life.events)


def test_a_state_is_never_told_twice():
    """What only repeats is no event: a loud one changes the state, names something new, or is a person's."""
    life = Life()
    for state in (DEGRADED, DEGRADED, DOWN, DOWN, UNKNOWN, DEGRADED):
        life.look(bad(state))
    assert kinds(life.events) == [OPENED, ESCALATED, EASED, ESCALATED]
