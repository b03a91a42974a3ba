"""Why a picture, or a question about it, could not be judged."""

import pytest

from facemon.vision.trouble import ModelUnavailable, Unscored, again, in_words


def test_a_missing_model_is_unscored_with_its_cause():
    """It is no failure of the picture, so it is a kind of Unscored; its text names the model and what went wrong."""
    why = ModelUnavailable("age and gender networks", FileNotFoundError("age.onnx"))
    assert isinstance(why, Unscored)
    assert str(why).startswith(
        "the age and gender networks could not be loaded (FileNotFoundError: age.onnx): "
    )
    assert "pip install --force-reinstall" in str(why)


def test_no_folder_of_this_machine_is_published():
    """A foreign message keeps the file's name and loses its folders, and is cut where it goes on and on."""
    error = RuntimeError(
        "Unable to open /home/somebody/venv/lib/points.dat for reading, C:\\Users\\x\\points.dat"
    )
    assert in_words(error) == "RuntimeError: Unable to open points.dat for reading, points.dat"
    assert len(in_words(RuntimeError("x" * 10_000))) < 200


def test_an_exception_again_holds_no_frames():
    """The copy has the kind and the words, and neither a traceback nor what led to it."""

    def fail():
        try:
            raise OSError("gone")
        except OSError as error:
            raise ModelUnavailable("model", error) from error

    with pytest.raises(ModelUnavailable) as raised:
        fail()
    kept = again(raised.value)
    assert (type(kept), str(kept)) == (ModelUnavailable, str(raised.value))
    assert kept.__traceback__ is None and kept.__cause__ is None and kept.__context__ is None
