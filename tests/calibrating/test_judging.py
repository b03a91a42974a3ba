"""One labelled picture judged: by the real models, on a drawn face."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from facemon.calibrating.judging import Judged, judge, load_models
from facemon.calibrating.labels import Labelled
from facemon.scoring import default_evaluators
from facemon.simulator.portraits import draw_portrait
from facemon.vision.decoding import decode
from facemon.vision.trouble import ModelUnavailable


def labelled(path: Path, data: bytes) -> Labelled:
    """A file with a label."""
    path.write_bytes(data)
    return Labelled(path, path.name, 30, "female")


def png(image: Image.Image) -> bytes:
    """The bytes."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def test_a_face_is_judged_as_if_it_had_been_asked_for(tmp_path: Path) -> None:
    """What the networks say of it, and the answers about the labelled person; nothing of format or size."""
    picture = labelled(tmp_path / "30-female.png", png(draw_portrait(30, "female", 1)))
    found = judge(picture, default_evaluators())
    assert isinstance(found, Judged)
    assert found.faces == 1
    assert found.said_age is not None and 0 < found.said_age < 80
    assert found.said_male is not None and 0 <= found.said_male <= 1
    assert {"age", "gender", "prompt_adherence", "not_blank"} <= set(found.answers)
    assert not {"format", "size"} & set(found.answers)


def test_a_picture_without_a_face_is_a_miss_and_no_error(tmp_path: Path) -> None:
    """It counts in the detection rate; what needs a face says nothing."""
    found = judge(labelled(tmp_path / "wall.png", png(Image.new("RGB", (300, 300)))), default_evaluators())
    assert isinstance(found, Judged)
    assert (found.faces, found.said_age, found.said_male) == (0, None, None)
    assert "age" not in found.answers


def test_a_broken_file_is_named_with_its_reason(tmp_path: Path) -> None:
    """Bytes that are no picture, and a file that went away meanwhile."""
    broken = labelled(tmp_path / "30-female.png", b"no picture")
    assert "does not decode" in str(judge(broken, ()))
    broken.path.unlink()
    assert judge(broken, ()) == "it cannot be read: it does not exist"


@pytest.mark.parametrize(("faces", "words"), [(0, "no face was found"), (3, "3 faces were found")])
def test_a_picture_without_exactly_one_face_says_so(faces: int, words: str) -> None:
    """It is left out of every figure but one, and the reason can be told; one face is no reason."""
    label = Labelled(Path("a.png"), "a.png", 30, "female")
    assert Judged(label, 1, 30, 0.1, {}).left_out is None
    reason = Judged(label, faces, None, None, {}).left_out
    assert reason == f"{words}, and exactly one is measured: it only counts in how many have one"


def test_errors_need_a_label_and_a_face() -> None:
    """Said minus labelled, where a label above 80 is the network's last year; None where either is unknown."""
    label = Labelled(Path("a.png"), "a.png", 95, "male")
    one = Judged(label, 1, 71.5, 0.4, {})
    assert (one.age_error, one.mistaken) == (-8.5, True)
    assert Judged(label, 1, 71.5, 0.5, {}).mistaken is False
    blank = Judged(Labelled(Path("a.png"), "a.png", None, None), 1, 71.5, 0.4, {})
    faceless = Judged(label, 0, None, None, {})
    assert (blank.age_error, blank.mistaken, faceless.age_error, faceless.mistaken) == (None,) * 4


def test_a_picture_that_is_too_large_is_called_that(tmp_path: Path) -> None:
    """16 million pixels are what is decoded; one row more is whole all the same, and its size is the reason."""
    assert isinstance(decode(png(Image.new("1", (4000, 4000)))), Image.Image)
    large = labelled(tmp_path / "30-female.png", png(Image.new("1", (4000, 4001))))
    assert judge(large, ()) == "it is too large (4000x4001 pixels): at most 16 megapixels"
    data = large.path.read_bytes()
    large.path.write_bytes(data[:-20])
    assert "does not decode" in str(judge(large, ()))  # cut off as well: what is known of it is not certain


def test_models_that_are_missing_are_heard_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the first of ten thousand pictures, not as ten thousand misses."""

    def gone() -> None:
        raise ModelUnavailable("face detector", ImportError("dlib"))

    monkeypatch.setattr("facemon.calibrating.judging.face_finder", gone)
    with pytest.raises(ModelUnavailable, match="face detector"):
        load_models()
