"""The exception tree: its drawing, its closed list of types, and its texts."""

import pickle
import re
from typing import get_args

import pytest

from facemon import errors
from facemon.errors import ConnectionFailed, ConnectionReason, ErrorType, FacemonError, GenerationError
from facemon.model import State


def subclasses(kind):
    """Every class below `kind` that facemon.errors itself defines."""
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield child
            yield from subclasses(child)


def drawn_tree():
    """The docstring's drawing as {name: (parent, columns after the name)}."""
    tree, path = {}, {}
    for line in errors.__doc__[errors.__doc__.index("FacemonError") :].split("\n\n")[0].splitlines():
        bars, text = re.fullmatch(r"([├└│─ ]*)(.*)", line).groups()
        name, *columns = re.split(r" {2,}", text)
        name, depth = name.split(" (")[0], len(bars) // 4
        path[depth] = name
        tree[name] = (path.get(depth - 1), columns)
    return tree


GENERATION_ERRORS = sorted(subclasses(GenerationError), key=lambda kind: kind.__name__)


def test_drawn_tree_is_the_tree_in_the_code():
    """The docstring draws every class of the module under its real parent, and nothing else."""
    code = {kind.__name__: kind.__mro__[1].__name__ for kind in subclasses(FacemonError)}
    drawn = {name: parent for name, (parent, _) in drawn_tree().items() if name != "FacemonError"}
    assert drawn == code


def test_drawn_remark_of_the_second_base_is_true():
    """`InvalidInput (also a ValueError)` is the only class with a second base, and has it."""
    assert issubclass(errors.InvalidInput, ValueError)
    assert "InvalidInput (also a ValueError)" in errors.__doc__
    assert [kind for kind in subclasses(FacemonError) if len(kind.__bases__) > 1] == [errors.InvalidInput]


@pytest.mark.parametrize("kind", GENERATION_ERRORS, ids=lambda kind: kind.__name__)
def test_drawn_type_and_state_are_those_of_the_class(kind):
    """The second and third column of the drawing are the class's error type and state."""
    _, columns = drawn_tree()[kind.__name__]
    assert columns[:2] == [kind.error_type, kind.state]


def test_error_types_are_a_closed_list():
    """Each generation error has a type of its own; together they are the ErrorType literal, no more, no less."""
    types = [kind.error_type for kind in GENERATION_ERRORS]
    assert len(types) == len(set(types))
    assert set(types) == set(get_args(ErrorType))


def test_error_types_are_one_word():
    """A type is one lower-case word, so that a distribution can be counted by it."""
    assert all(word.isidentifier() and word.islower() for word in get_args(ErrorType))


def test_states_are_those_of_the_model():
    """The state names that errors may carry are exactly the values of model.State."""
    assert set(get_args(errors.StateName)) == {state.value for state in State}


def test_no_generation_error_says_up():
    """A failure never says that the service is up."""
    assert all(kind.state in ("degraded", "down", "unknown") for kind in GENERATION_ERRORS)


@pytest.mark.parametrize("reason", get_args(ConnectionReason))
def test_connection_state_by_reason(reason):
    """Only what our own side alone can cause is unknown; the rest is down; the cause names it."""
    error = ConnectionFailed("x", reason)
    assert error.state == (
        "unknown" if reason in ("no dns", "no route", "closed by us", "own fault") else "down"
    )
    assert error.cause == f"connection: {reason}"


def test_reason_of_one_error_does_not_change_its_class():
    """An unknown connection error leaves the next one down: the state is set on the instance."""
    ConnectionFailed("x", "no dns")
    assert ConnectionFailed.state == "down" and ConnectionFailed("x").state == "down"


def test_cause_is_the_type_unless_said_otherwise():
    """Every error names what stands behind its state."""
    assert errors.Unauthorized("x", status=401).cause == "unauthorized"


def test_generation_error_starts_without_attempts():
    """Attempts are added by whoever made them; before that there are none, and status and id are unknown."""
    error = errors.ServerError("x")
    assert (error.attempts, error.status, error.request_id) == ((), None, None)


def test_rate_limited_knows_status_and_wait():
    """A 429 carries its status by itself and the wait that was asked for."""
    error = errors.RateLimited("x", request_id="r", retry_after=7.0)
    assert (error.status, error.request_id, error.retry_after) == (429, "r", 7.0)


def test_invalid_input_names_value_and_accepted():
    """A refused value is told with its name, itself and what is accepted, in one line and as attributes."""
    error = errors.InvalidInput("age", 21, "one of 20, 30")
    assert str(error) == "age 21 is not accepted: give one of 20, 30"
    assert (error.name, error.value, error.accepted) == ("age", 21, "one of 20, 30")


@pytest.mark.parametrize("kind", [errors.ConfigError, errors.StoreError, errors.AttemptTimeout])
def test_simple_errors_survive_pickling(kind):
    """An error that a worker process raises reaches its controller with its text."""
    assert str(pickle.loads(pickle.dumps(kind("what happened")))) == "what happened"


@pytest.mark.parametrize(
    ("value", "expected"),
    [("x", "'x'"), (None, "None"), ("a" * 78, "'" + "a" * 78 + "'")],
)
def test_shorten_leaves_short_values(value, expected):
    """A value of up to 80 characters is shown whole."""
    assert errors.shorten(value) == expected


def test_shorten_cuts_the_middle():
    """A long value keeps its beginning and its end and stays within the limit."""
    text = errors.shorten("a" * 500 + "end")
    assert len(text) <= 80 and text.startswith("'aaa") and text.endswith("aend'") and "…" in text


@pytest.mark.parametrize("value", [10**5000, -(10**5000)], ids=["huge", "hugely negative"])
def test_shorten_shows_a_number_too_long_for_python_to_print(value):
    """Python refuses to print whole numbers beyond 4300 digits; an error message must still come about."""
    assert 0 < len(errors.shorten(value)) <= 80


def test_shorten_survives_a_repr_that_fails():
    """A value whose repr raises does not replace the complaint about it by another one."""

    class Broken:
        def __repr__(self):
            raise RuntimeError("no repr")

    assert "Broken" in errors.shorten(Broken())
