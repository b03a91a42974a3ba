"""Why a picture, or a question about it, could not be judged."""

from facemon.vision.trouble import ModelUnavailable, Unreadable, Unscored


def test_a_missing_model_is_unscored_with_its_cause():
    """It is no failure of the picture, so it is a kind of Unscored; its text names the model and what went wrong."""
    why = ModelUnavailable("age and gender networks", FileNotFoundError("age.onnx"))
    assert isinstance(why, Unscored)
    assert str(why) == "the age and gender networks could not be loaded (FileNotFoundError: age.onnx)"


def test_an_unreadable_picture_is_not_unscored():
    """Bytes that do not decode are a finding, and must not be taken for a question that could not be judged."""
    assert not issubclass(Unreadable, Unscored) and not issubclass(Unscored, Unreadable)
