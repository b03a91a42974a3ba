from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.simulator.faults import FAULTS
from facemon.simulator.specs import COMMON, parse_spec


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_a_spec_by_its_name_alone(name: str) -> None:
    """All settings have defaults: a bare name strikes every request."""
    spec = parse_spec(name)
    assert (type(spec.fault), spec.rate, spec.first, spec.times) == (FAULTS[name], 1.0, 1, None)


@pytest.mark.parametrize("name", FAULTS)
def test_no_fault_has_a_setting_that_the_plan_keeps_for_itself(name: str) -> None:
    """rate, on, times and seed mean the same everywhere."""
    assert not {field.name for field in fields(FAULTS[name])} & set(COMMON)  # type: ignore[arg-type]


def test_common_keys_and_own_settings_are_told_apart() -> None:
    """One spec, both kinds."""
    spec = parse_spec("slow_headers: seconds=1.5, rate=0.3, times=2, seed=7, on=3-5")
    assert repr(spec.fault) == "SlowHeaders(seconds=1.5)"
    assert (spec.rate, spec.times, spec.seed, spec.first, spec.last) == (0.3, 2, 7, 3, 5)


@pytest.mark.parametrize(
    ("value", "first", "last"), [("3", 3, 3), ("3-5", 3, 5), ("3-3", 3, 3), ("2-", 2, 10**12)]
)
def test_on_names_one_request_or_a_span(value: str, first: int, last: int) -> None:
    """Counted from 1, both ends included."""
    spec = parse_spec(f"hang:on={value}")
    assert (spec.first, spec.last) == (first, last)


def test_settings_are_taken_by_their_type() -> None:
    """Floats, whole numbers, words, truths, and a float that may be absent."""
    assert parse_spec("rate_limited:retry_after=2").fault == FAULTS["rate_limited"](retry_after=2.0)  # type: ignore[call-arg]
    assert parse_spec("wrong_size:width=640").fault == FAULTS["wrong_size"](width=640)  # type: ignore[call-arg]
    assert parse_spec("hang:charged=false").fault == FAULTS["hang"](charged=False)  # type: ignore[call-arg]
    assert parse_spec("unknown_finish_reason:reason=ODD").fault == FAULTS["unknown_finish_reason"](
        reason="ODD"
    )  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "'' is not a fault"),
        ("slow_header", "'slow_header'.*did you mean slow_headers"),
        ("Hang", "'Hang'.*did you mean hang"),
        ("zzz", "'zzz' is not a fault; there are bad_content_type,"),
        ("hang:", "nothing follows"),
        ("hang:on", "'on' is not key=value"),
        ("hang:on=", "'on=' is not key=value"),
        ("hang:on=3,,rate=1", "'' is not key=value"),
        ("hang:on=0", "on=0 is not 3, 3-5 or 3-"),
        ("hang:on=5-3", "on=5-3"),
        ("hang:on=-3", "on=-3"),
        ("hang:on=3,on=4", "'on' is given twice"),
        ("hang:rate=0", "rate=0.*above 0"),
        ("hang:rate=1.5", "rate=1.5"),
        ("hang:rate=nan", "rate=nan is not a number"),
        ("hang:times=0", "times=0 is not a whole number of at least 1"),
        ("hang:seed=-1", "seed=-1"),
        ("hang:second=3", "no setting 'second'.*there are charged, rate"),
        ("slow_headers:second=3", "'second'.*did you mean seconds"),
        ("slow_headers:seconds=x", "seconds=x is not a number"),
        ("slow_headers:seconds=99999", "seconds: 99999.0.*0 to 86400"),
        ("hang:charged=yes", "charged=yes is neither true nor false"),
        ("truncated_body:share=1", "share: 1.0"),
        ("wrong_size:width=1", "width: 1 is not"),
        ("unknown_finish_reason:reason=SUCCESS", "reason: 'SUCCESS'"),
        ("wrong_content_type:content_type=x", "content_type: 'x'.*text/html"),
        ("unauthorized:echo=none", "echo: 'none'"),
        ("connection_refused:on=3", "only on=N-"),
        ("connection_refused:rate=0.5", "only on=N-"),
        ("connection_refused:times=2", "only on=N-"),
    ],
)
def test_a_bad_spec_is_refused_in_one_sentence(text: str, said: str) -> None:
    """The value, what is accepted, and the nearest name where there is one."""
    with pytest.raises(ValueError, match=said) as caught:
        parse_spec(text)
    assert "\n" not in str(caught.value)
    assert text in str(caught.value)


@given(st.text(max_size=30) | st.from_regex(r"(hang|slow_body):[a-z]{1,8}=[-0-9.a-z]{0,6}", fullmatch=True))
def test_any_text_is_a_spec_or_a_value_error(text: str) -> None:
    """No other exception comes out of a user's words."""
    try:
        spec = parse_spec(text)
    except ValueError:
        return
    assert spec.fault.name in FAULTS
