"""`facemon generate` of one face: what it says to do, and what one picture cannot show."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from typer.testing import Result

from facemon.cli.trouble import Exit
from facemon.evaluators import EVALUATORS
from tests.cli.conftest import Invoke

FACE = ("generate", "--age", "30", "--gender", "female", "--seed", "1", "--target", "mock")


@pytest.mark.parametrize(
    ("fault", "evaluator"),
    [
        ("overexposed", "exposure"),
        ("wrong_gender", "gender"),
        ("no_face", "face_count"),
        ("heavy_compression", "compression"),
        ("blank_image", "not_blank"),
    ],
)
def test_each_fault_of_a_picture_has_its_own_way_out(
    invoke: Invoke, one_error: Callable[[Result], str], fault: str, evaluator: str
) -> None:
    """What to do is that of the first evaluator that found a fault: behind it others may hide."""
    result = invoke(*FACE, "--fault", fault)
    assert result.exit_code == Exit.FAIL
    assert one_error(result)
    assert EVALUATORS[evaluator].advice in result.stderr.replace("\n", " ")


@pytest.mark.parametrize("fault", ["profile", "face_cut_off"])
def test_a_face_that_cannot_be_found_may_be_there(
    invoke: Invoke, one_error: Callable[[Result], str], fault: str
) -> None:
    """A head from the side and half a face are no empty picture: the sentence leaves all three open."""
    said = one_error(invoke(*FACE, "--fault", fault))
    assert "no frontal face was found: there is none, it is turned away, or cut off" in said


def test_what_a_single_picture_cannot_show_is_said(invoke: Invoke) -> None:
    """One face for every seed is sound by itself: the way to the check that compares seeds, with the same fault."""
    result = invoke(*FACE, "--fault", "same_face")
    assert result.exit_code == Exit.OK
    assert "facemon check --fault same_face" in result.stderr
    assert "check_diversity" in result.stderr


@pytest.mark.parametrize(
    "options", [(), ("--fault", "overexposed"), ("--fault", "internal_error:times=1")], ids=lambda o: o[-1:]
)
def test_where_a_fault_was_seen_or_none_declared_no_more_is_said(
    invoke: Invoke, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    """An attempt that was tried again shows its fault too."""
    assert "check_diversity" not in invoke(*FACE, *options).stderr
