"""Labels: what a name says, what a table says, and every file that says nothing is named with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from facemon.calibrating.labels import Labelled, read_labels
from facemon.errors import InvalidInput


def people(folder: Path, table: Path | None = None) -> dict[str, tuple[int | None, str | None]]:
    """Name → age and gender."""
    return {one.name: (one.age, one.gender) for one in read_labels(folder, table).pictures}


def filled(folder: Path, *names: str) -> Path:
    """A folder with these files, empty."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("34-female-whatever.jpg", (34, "female")),
        ("f_34_x.png", (34, "female")),
        ("m34.webp", (34, "male")),
        ("34F.JPEG", (34, "female")),
        ("Woman 61, hat.png", (61, "female")),
        ("0007-face-20-male-77.png", (20, "male")),  # facemon generate --count
        ("face-30-female-5.png", (30, "female")),  # facemon generate
        ("26_1_3_20170104222105039.jpg.chip.jpg", (26, "female")),  # UTKFace
        ("9_0_2_20161219192130672.jpg", (9, "male")),
        ("116_1_0_20170120134921760.jpg", (116, "female")),
        ("face-30-female-77.png", (30, "female")),  # the seed is a candidate too, but the order is ours
        ("girl.png", (None, "female")),
        ("male-male-40.png", (40, "male")),
        ("face-30-female-7.jpeg", (30, "female")),
        ("IMG_2034_woman_34.jpg", (34, "female")),
        ("face-1024-male-20.png", (20, "male")),
        ("woman_34_2.jpg", (34, "female")),
        ("man-10.png", (10, "male")),
        ("99f.png", (99, "female")),
    ],
)
def test_a_name_says_who_it_is(tmp_path: Path, name: str, expected: tuple[int | None, str]) -> None:
    """The gender as a word; as the age the one number of two digits, which stands beside it."""
    assert people(filled(tmp_path, name)) == {name: expected}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("34.jpg", "no gender"),
        ("IMG_0034.png", "no gender"),
        ("photo-m-large.png", "no gender"),  # a single letter away from a number means anything
        ("female-and-male-30.png", "both genders"),
        ("121_1_0_20170120134921760.jpg", "age of 121: more than 120"),
        ("1999-man.png", "no age for certain (1999)"),
        ("120-man.png", "no age for certain (120)"),
        ("2024-05-01_female_34.png", "no age for certain (2024, 05, 01, 34)"),  # a day, or the age
        ("DSC0034 female.jpg", "no age for certain (0034)"),  # the camera's count
        ("female_01.png", "no age for certain (01)"),
        ("female_7.png", "no age for certain (7)"),
        ("female_00.png", "no age for certain (00)"),
        ("30-female-40.png", "no age for certain (30, 40)"),
        ("30-woman-x-40.png", "no age for certain (30, 40)"),
        ("34-x-woman.png", "no age for certain (34)"),
        ("3_women.jpg", "several people (women)"),
        ("34-women.jpg", "several people (women)"),
        ("man_30_of_12_men.jpg", "several people (men)"),
        ("34-female.gif", "no picture"),
        ("34-female", "no picture"),
    ],
)
def test_what_says_nothing_certain_is_named(tmp_path: Path, name: str, reason: str) -> None:
    """A file that cannot be used is no label guessed: its name and the reason are told."""
    labels = read_labels(filled(tmp_path, name))
    assert not labels.pictures
    ((skipped, why),) = labels.skipped
    assert skipped == name
    assert reason in why


def test_subfolders_belong_to_it_and_hidden_files_do_not(tmp_path: Path) -> None:
    """In the order of their names, with the way from the folder as the name; what is hidden is named once."""
    filled(tmp_path, "b/30-man.png", "a/40-woman.png", ".thumbs/20-man.png", ".hidden-20-man.png")
    labels = read_labels(tmp_path)
    assert [one.name for one in labels.pictures] == ["a/40-woman.png", "b/30-man.png"]
    assert [name for name, _ in labels.skipped] == [".hidden-20-man.png", ".thumbs/"]
    assert all("hidden" in reason for _, reason in labels.skipped)
    assert labels.pictures[0] == Labelled(tmp_path / "a/40-woman.png", "a/40-woman.png", 40, "female")


@pytest.mark.parametrize(
    "text",
    [
        "file,age,gender\nx.png,34,female\nb/y.png,,m\nz.png,51.6,\n",
        "\ufeffGender;File;Age;by\nF;./x.png;34;me\n\nman;b/y.png;;me\n;z.png;51.6\n",
    ],
)
def test_a_table_says_who_they_are(tmp_path: Path, text: str) -> None:
    """Columns in any order and case, commas or semicolons, a spreadsheet's byte order mark; blank means unknown."""
    table = filled(tmp_path, "x.png", "b/y.png", "z.png") / "labels.csv"
    table.write_text(text, "utf-8")
    assert people(tmp_path, table) == {
        "b/y.png": (None, "male"),
        "x.png": (34, "female"),
        "z.png": (52, None),
    }
    assert read_labels(tmp_path, table).skipped == ()  # the table itself is no picture that was skipped


def test_table_and_folder_are_compared_both_ways(tmp_path: Path) -> None:
    """A line without a picture is named first, by its number; then a picture without a line."""
    table = filled(tmp_path, "34-female.png") / "labels.csv"
    table.write_text("file,age,gender\n\nlost.png,30,male\n")
    labels = read_labels(tmp_path, table)
    assert not labels.pictures
    assert labels.skipped == (
        ("lost.png", "line 3 of labels.csv names it, but it is not among the files of the folder"),
        ("34-female.png", "no line of labels.csv names it"),
    )


def test_a_line_may_name_what_cannot_be_read(tmp_path: Path) -> None:
    """The reason is then the file's own, and it is named once."""
    table = filled(tmp_path) / "labels.csv"
    (tmp_path / "a.png").symlink_to("nowhere")
    table.write_text("file,age,gender\na.png,30,male\n")
    assert read_labels(tmp_path, table).skipped == (("a.png", "it is a link to a file that does not exist"),)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "first line of l.csv ''"),
        ("name,age,gender\n", "give the columns file,age,gender"),
        ("file,age,gender\nx.png,old,female\n", "age in l.csv, line 2 'old'"),
        ("file,age,gender\nx.png,30,female\n\ny.png,121,female\n", "age in l.csv, line 4 '121'"),
        ("file,age,gender\nx.png,-3,female\n", "give years from 0 to 120"),
        ("file,age,gender\nx.png,30,women\n", "gender in l.csv, line 2 'women' is not accepted"),
        (
            "file,age,gender\nx.png,30,woma\n",
            "gender in l.csv, line 2 'woma' is not accepted: give male or female",
        ),
        ("file,age,gender\nx.png,30,male\n./x.png,31,male\n", "file in l.csv, line 3 './x.png'"),
        ("file,age,gender\n,30,male\n", "file in l.csv, line 2 ''"),
        ("file,age,gender\n" + "x" * 200_000 + ",30,male\n", "a field of it has more than 131072 characters"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    """Line, column, value, and what is accepted; no label is taken from a table with a mistake."""
    table = filled(tmp_path, "x.png") / "l.csv"
    table.write_text(text)
    with pytest.raises(InvalidInput) as caught:
        read_labels(tmp_path, table)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("folder", "table", "words"),
    [
        ("none", None, "give a folder that exists"),
        ("bytes.csv", None, "give a folder, not a file"),
        (".", "none.csv", "can be read (it does not exist)"),
        (".", "bytes.csv", "can be read (it is not UTF-8 text)"),
        (".", ".", "can be read (it is a folder, not a file)"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, folder: str, table: str | None, words: str) -> None:
    """No folder, no table, a table that is no text: why, in words."""
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidInput) as caught:
        read_labels(tmp_path / folder, None if table is None else tmp_path / table)
    assert words in str(caught.value)
