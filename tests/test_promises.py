"""The objectives that a project's own file states: found, read, or refused with file, line, name and reason."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facemon.errors import ConfigError
from facemon.promises import Promise, promises, stated
from facemon.slo.language import parse

FAST, RELIABLE = "response_time.p95 <= 3s", "success_rate >= 99%"
SOUND = f"""# what we promise
[objectives]
fast-enough = "{FAST}"

reliable = '{RELIABLE}'  # once a minute
"""


@pytest.fixture
def write(tmp_path: Path):
    """Writes a file below a temporary folder and returns its folder."""

    def writer(text: str, name: str = "facemon.toml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path.parent

    return writer


def refused(folder: Path) -> str:
    """The sentence that refuses it: one line."""
    with pytest.raises(ConfigError) as caught:
        promises(folder)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


def outcome(folder: Path) -> tuple[Promise, ...] | str:
    """What is stated, or the sentence that refuses it."""
    try:
        return promises(folder)
    except ConfigError as error:
        return str(error)


# --- found ---


def test_names_sentences_and_lines(write):
    """Each entry is a promise under its name, in order, with file and line."""
    assert promises(write(SOUND)) == (
        Promise("fast-enough", parse(FAST), "facemon.toml:3"),
        Promise("reliable", parse(RELIABLE), "facemon.toml:5"),
    )


def test_in_pyproject(write):
    """The same below [tool.facemon.objectives], among the tables of others."""
    others = '[project]\nname = "x"\n[tool.other.objectives]\nfast = 1\n'
    text = f'{others}[ tool . "facemon".objectives ]\nfast = "{FAST}"\n'
    assert promises(write(text, "pyproject.toml")) == (Promise("fast", parse(FAST), "pyproject.toml:6"),)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'[objectives]\n"fast" = "{FAST}"', 2),
        (f"[objectives]\n  'fast'='{FAST}'", 2),
        (f'objectives.fast = "{FAST}"', 1),
        (f'\nobjectives = {{ fast = "{FAST}" }}', 2),
        (f'[ objectives ]\n# fast = "no"\nother = "{FAST}"\nfast = """\n{FAST}"""', 4),
        (f'[objectives]\nbreakfast = "{FAST}"\nfast = "{FAST}"', 3),
        (f'[objectives]\nfast = "{FAST} by\\\n age"'.replace("\\\n", ""), 2),
    ],
)
def test_the_line_is_that_of_the_name(write, text, line):
    """Quoted, indented, dotted, inline, after a comment of the same name: the line is the entry's own."""
    assert {p.name: p.origin for p in promises(write(text))}["fast"] == f"facemon.toml:{line}"


def test_the_nearest_file_from_the_folder_upwards(write):
    """A folder's own file hides those above it; without one the next above counts, shown by its way there."""
    top = write(SOUND)
    inner = write('[objectives]\nmine = "error_rate <= 5%"', "a/b/facemon.toml")
    (inner / "c").mkdir()
    assert [p.name for p in promises(inner)] == ["mine"]
    assert promises(inner / "c")[0].origin == "../facemon.toml:2"
    assert [p.origin for p in promises(top / "a")] == ["../facemon.toml:3", "../facemon.toml:5"]


def test_facemon_toml_wins_in_the_same_folder(write):
    """Beside a pyproject.toml that states others."""
    write(f'[tool.facemon.objectives]\nother = "{FAST}"', "pyproject.toml")
    assert [p.name for p in promises(write(SOUND))] == ["fast-enough", "reliable"]


def test_a_pyproject_that_does_not_speak_of_facemon_is_passed_over(write):
    """The search goes on above it; one that does speak of it ends the search, even if it states nothing."""
    write(SOUND)
    inner = write('[project]\nname = "x"', "a/pyproject.toml")
    assert len(promises(inner)) == 2
    assert promises(write("[tool.facemon]", "b/pyproject.toml")) == ()
    assert len(promises(write("tool = 3", "c/pyproject.toml"))) == 2


@pytest.mark.parametrize("text", ["", "# nothing yet", "[objectives]"])
def test_none_stated(write, text):
    """An empty file or table states none: the defaults hold, which is the caller's business."""
    assert promises(write(text)) == ()


def test_no_file_at_all(tmp_path):
    """A folder without one states none (nothing above a temporary folder does either)."""
    assert promises(tmp_path) == ()


def test_a_byte_order_mark_is_accepted(write):
    """As some editors write it."""
    assert len(promises(write("\ufeff" + SOUND))) == 2


def test_a_folder_that_is_relative(write, monkeypatch):
    """`.` and `..` are looked at where they lead."""
    monkeypatch.chdir(write(SOUND))
    assert len(promises(Path())) == 2 and promises(Path())[0].origin == "facemon.toml:3"


# --- refused ---


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            '[objectives]\n\nslow = "respons_time.p95 <= 3s"',
            ["facemon.toml:3: slow: ", "did you mean response_time?"],
        ),
        (
            '[objectives]\nx = "success_rate >= 100%"',
            ["facemon.toml:2: x: ", "it would fail for one failure"],
        ),
        ('[objectives]\nx = ""', ["facemon.toml:2: x: ", "it compares nothing"]),
        ("[objectives]\nx = 3", ["facemon.toml:2: x: 3 is no sentence", "write it as 'response_time.p95"]),
        ("[objectives]\nx = true", ["facemon.toml:2: x: True is no sentence"]),
        ("[objectives]\nx = nan", ["facemon.toml:2: x: nan is no sentence"]),
        ("[objectives]\nx = 2026-01-01", ["facemon.toml:2: x: datetime.date(2026, 1, 1) is no sentence"]),
        (f'[objectives]\nx = ["{FAST}"]', ["facemon.toml:2: x: [", "is no sentence"]),
        (f'[objectives.x]\nsentence = "{FAST}"', ["facemon.toml:1: x: {", "is no sentence"]),
        ('objectives = "x"', ["facemon.toml:1: objectives is 'x', and should be a table of NAME = "]),
        ('[[objectives]]\nx = "y"', ["facemon.toml:1: objectives is [", "and should be a table"]),
        (
            f'[objectives]\n"Fast Enough" = "{FAST}"',
            ["facemon.toml:2: 'Fast Enough' is no name", "give fast-enough"],
        ),
        (f'[objectives]\n95th = "{FAST}"', ["facemon.toml:2: '95th' is no name", "one such as fast-enough"]),
        (f'[objectives]\n"" = "{FAST}"', ["facemon.toml:2: '' is no name of an objective"]),
        (
            f'[objective]\nx = "{FAST}"',
            ["facemon.toml:1: there is no key 'objective'; did you mean objectives?"],
        ),
        (
            f'target = "sim"\n[objectives]\nx = "{FAST}"',
            ["facemon.toml:1: there is no key 'target': there is alerts, objectives"],
        ),
        (f'[objectives]\nx = "{FAST}\n', ["facemon.toml:2: this is no TOML: "]),
        (
            f'[objectives]\nx = "{FAST}"\nx = "{FAST}"',
            ["facemon.toml:3: this is no TOML: Cannot overwrite a value"],
        ),
        ("[objectives]\nx", ["facemon.toml:2: this is no TOML: "]),
        ("x = " + "[" * 5000, ["facemon.toml", "this is no TOML"]),
        ("x = " + "9" * 5000, ["facemon.toml", "this is no TOML"]),
    ],
)
def test_what_is_wrong_is_named(write, text, parts):
    """File, line, name, reason, and the nearest valid name: one sentence each."""
    said = refused(write(text))
    assert said.startswith(parts[0]), said
    for part in parts[1:]:
        assert part in said


def test_what_is_wrong_in_pyproject_is_named_too(write):
    """A key of [tool.facemon] that is none, and a [tool.facemon] that is no table."""
    assert "pyproject.toml:2: there is no key 'objetives'; did you mean objectives?" in refused(
        write("[tool.facemon]\nobjetives = {}", "pyproject.toml")
    )
    assert refused(write("[tool]\nfacemon = 3", "pyproject.toml")) == (
        "pyproject.toml: tool.facemon is 3, and should be a table"
    )


def test_a_file_above_is_named_by_its_way(write):
    """So that one knows which of two facemon.toml it is."""
    folder = write('[objectives]\nx = "y"') / "deep"
    folder.mkdir()
    assert refused(folder).startswith("../facemon.toml:2: x: ")


def test_a_file_that_cannot_be_read(tmp_path):
    """A folder of that name, a link to nothing, bytes that are no UTF-8: refused, and never taken for no promise."""
    (tmp_path / "facemon.toml").mkdir()
    assert refused(tmp_path) == "facemon.toml cannot be read: Is a directory"
    (tmp_path / "facemon.toml").rmdir()
    (tmp_path / "facemon.toml").symlink_to(tmp_path / "gone.toml")
    assert refused(tmp_path) == "facemon.toml cannot be read: No such file or directory"
    (tmp_path / "facemon.toml").unlink()
    (tmp_path / "facemon.toml").write_bytes(b"# \xff")
    assert refused(tmp_path) == "facemon.toml is not UTF-8: byte 3 is wrong"


@settings(deadline=None, max_examples=150)
@given(st.one_of(st.text(max_size=60), st.text(max_size=30).map(lambda text: f"[objectives]\nx = {text}")))
def test_any_text_is_read_or_refused(tmp_path_factory, text):
    """Whatever stands in the file, there are promises or one ConfigError."""
    folder = tmp_path_factory.getbasetemp() / "any"
    folder.mkdir(exist_ok=True)
    (folder / "facemon.toml").write_text(text, "utf-8", newline="")
    found = outcome(folder)
    if isinstance(found, str):
        assert found.startswith("facemon.toml")
    else:
        assert all(isinstance(promise, Promise) for promise in found)


# --- stated elsewhere ---


def test_stated_on_a_command_line():
    """Named by their own words, as they are printed; the origin is told as it was given."""
    found = stated(["success_rate>=0.99", FAST], "--facemon-objective")
    assert [(p.name, p.origin) for p in found] == [
        (RELIABLE, "--facemon-objective"),
        (FAST, "--facemon-objective"),
    ]
    assert stated((), "--facemon-objective") == ()


@pytest.mark.parametrize(
    ("sentences", "reason"),
    [
        (["succes_rate >= 99%"], "did you mean success_rate?"),
        ([FAST, 3], "3 is no sentence"),
        (FAST, "is no list of sentences: give ["),
        (None, "None is no list of sentences"),
        ({"a": FAST}, "is no list of sentences"),
    ],
)
def test_stated_wrongly(sentences, reason):
    """The origin, the reason, and what is accepted: also for a marker's argument of another type."""
    with pytest.raises(ConfigError, match=r"^check_x\.py::check_y: ") as caught:
        stated(sentences, "check_x.py::check_y")
    assert reason in str(caught.value)
