"""The project's own file: found, and every mistake with its line (what objectives need stands in test_promises.py)."""

from pathlib import Path

import pytest

from facemon.errors import ConfigError
from facemon.project import KEYS, nearest, project_file


def file_of(tmp_path: Path, text: str, name: str = "facemon.toml"):
    (tmp_path / name).write_text(text, "utf-8")
    return project_file(tmp_path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("\nalert = 1", "facemon.toml:2: there is no key 'alert'; did you mean alerts?"),
        ("[alerts]\n[objectivs]\n", "facemon.toml:2: there is no key 'objectivs'; did you mean objectives?"),
        ("xyz = 1", "facemon.toml:1: there is no key 'xyz': there is alerts, objectives"),
        ("[alerts\n", "facemon.toml:1: this is no TOML"),
    ],
)
def test_what_is_not_understood_is_refused(tmp_path, text, complaint):
    """With file, line, and the nearest key that there is."""
    with pytest.raises(ConfigError) as caught:
        file_of(tmp_path, text)
    assert str(caught.value).startswith(complaint)


def test_every_key_is_accepted(tmp_path):
    """Each table of its own, also below [tool.facemon]."""
    tables = "".join(f"[{key}]\n" for key in KEYS)
    assert list(file_of(tmp_path, tables).content) == list(KEYS)
    (tmp_path / "facemon.toml").unlink()
    tables = "".join(f"[tool.facemon.{key}]\n" for key in KEYS)
    assert list(file_of(tmp_path, tables, "pyproject.toml").content) == list(KEYS)


def test_the_line_of_a_key_in_one_of_several_tables(tmp_path):
    """`[[…]]` written twice: each has its own line."""
    text = "[[alerts.maintenance]]\nends = 1\n[[ alerts . maintenance ]]\n# ends\nends = 2\n"
    file = file_of(tmp_path, text)
    lines = [file.of("ends", "alerts", "maintenance", number=number) for number in (0, 1, 2)]
    assert lines == ["facemon.toml:2", "facemon.toml:5", "facemon.toml:2"]
    assert file.of("nothing", "alerts") == "facemon.toml"


def test_no_file_is_none(tmp_path):
    """Nor is a pyproject.toml that does not speak of facemon."""
    assert project_file(tmp_path) is None
    assert file_of(tmp_path, "[project]\n", "pyproject.toml") is None


def test_the_nearest_key_or_all():
    """As the end of a sentence."""
    assert nearest("emial", ("email", "webhook")) == "; did you mean email?"
    assert nearest("q", ("email", "webhook")) == ": there is email, webhook"
