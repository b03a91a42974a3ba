"""A wording of one's own: a file that is read, or refused with what is missing."""

from pathlib import Path

import pytest

from facemon.errors import InvalidInput
from facemon.model import FaceRequest
from facemon.prompts import HEADSHOT
from facemon.release.templates import template_of

GOOD = 'name = "plain"\nversion = "1"\ntext = "a {person} of {age} years"\n'


def test_a_built_in_template_has_its_name() -> None:
    """The name alone is enough."""
    assert template_of("headshot") is HEADSHOT


def test_a_file_is_a_template(tmp_path: Path) -> None:
    """Name and version go into the record, the words into the prompt."""
    path = tmp_path / "plain.toml"
    path.write_text(GOOD + 'negative = "hat"\n')
    filled = template_of(str(path)).fill(FaceRequest(30, "female"))
    assert (filled.prompt, filled.negative_prompt) == ("a woman of 30 years", "hat")
    assert (filled.template, filled.template_version) == ("plain", "1")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "name, text, version missing"),
        (GOOD.replace("version", "edition"), "version missing"),
        (GOOD + "weight = 3\n", "weight not accepted"),
        (GOOD.replace('"1"', "1"), "version missing"),
        ("name = ", "cannot be read"),
        (GOOD.replace("{age}", "{years}"), "in braces only"),
        (GOOD.replace("{age}", "{"), "in braces only"),
        (GOOD.replace("{age}", "30").replace("{person}", "man"), "one and the same face"),
        (GOOD.replace("plain", "headshot"), "another version"),
    ],
)
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: str, says: str) -> None:
    """With the reason and what is accepted, before anything is sent."""
    path = tmp_path / "plain.toml"
    path.write_text(content)
    with pytest.raises(InvalidInput) as refused:
        template_of(str(path))
    assert says in str(refused.value)


def test_a_name_that_is_none_is_refused() -> None:
    """With the names there are."""
    with pytest.raises(InvalidInput, match="one of headshot, or a TOML file"):
        template_of("headshots")
