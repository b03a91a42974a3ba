"""The classical descriptor: the same face in another light is near, another person is far."""

import io

import numpy as np
import pytest
from PIL import Image

from facemon.simulator.portraits.encoding import encode, render
from facemon.simulator.portraits.keys import PictureKey
from facemon.vision.descriptors import ClassicalDescriptor
from facemon.vision.subject import Subject
from facemon.vision.trouble import Unreadable, Unscored

DESCRIPTOR = ClassicalDescriptor()


class Aligned:
    """Stands for a subject whose aligned face is this array."""

    def __init__(self, grey):
        self.grey = grey.astype(np.float32)

    def view(self, _make):
        """The array, whatever is asked for."""
        return self.grey


def described(image):
    """The vector of a Pillow image."""
    return DESCRIPTOR.describe(Subject(encode(image, "png")))


def apart(one, other):
    """Euclidean distance."""
    return float(np.linalg.norm(one - other))


@pytest.fixture(scope="module")
def portraits():
    """Three drawn people of one age and gender."""
    return [
        Image.open(io.BytesIO(render(PictureKey(40, "female", seed, 512, 512, "png")))) for seed in range(3)
    ]


def test_a_vector_of_length_one(portraits):
    """3564 numbers of 32 bits, finite, of length 1, the same each time."""
    vector = described(portraits[0])
    assert vector.shape == (3564,) and vector.dtype == np.float32
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-5)
    assert (vector == described(portraits[0])).all()


@pytest.mark.parametrize("light", [(0.7, 0.7, 0.7), (1.0, 0.9, 0.75), (0.85, 0.95, 1.0)])
def test_another_light_is_no_other_person(portraits, light):
    """Darker, warmer or cooler light moves a face by less than half of what another person does."""
    channels = [
        band.point(lambda v, gain=gain: v * gain)
        for band, gain in zip(portraits[0].split(), light, strict=True)
    ]
    lit = described(Image.merge("RGB", channels))
    original = described(portraits[0])
    assert apart(original, lit) < min(apart(original, described(other)) for other in portraits[1:]) / 1.5


def test_another_encoding_is_no_other_person(portraits):
    """JPEG moves a face by less than the distance that counts half; other people are farther away."""
    original = described(portraits[0])
    written = DESCRIPTOR.describe(Subject(encode(portraits[0], "jpeg")))
    others = [apart(original, described(other)) for other in portraits[1:]]
    assert apart(original, written) < DESCRIPTOR.half_distance < min(others)


def test_brightness_and_contrast_do_not_count():
    """A brighter face is the same to a rounding error; with twice the contrast it is nearly the same."""
    grey = np.random.default_rng(3).uniform(20, 100, (192, 160))
    face = DESCRIPTOR.describe(Aligned(grey))
    assert apart(face, DESCRIPTOR.describe(Aligned(grey + 50))) < 1e-4
    assert apart(face, DESCRIPTOR.describe(Aligned(grey * 2))) < 0.1


def test_dark_on_bright_is_as_good_as_bright_on_dark():
    """The gradient's direction counts over half a turn."""
    grey = np.random.default_rng(4).uniform(0, 255, (192, 160))
    assert apart(DESCRIPTOR.describe(Aligned(grey)), DESCRIPTOR.describe(Aligned(255 - grey))) < 1e-4


def test_stripes_of_another_direction_are_far():
    """Upright and level stripes have nothing in common; stripes that lean left are no stripes that lean right."""
    rows, columns = np.mgrid[:192, :160]
    waves = [np.sin(phase / 3) * 100 + 128 for phase in (rows, columns, rows + columns, rows - columns)]
    vectors = [DESCRIPTOR.describe(Aligned(wave)) for wave in waves]
    assert min(apart(vectors[a], vectors[b]) for a in range(4) for b in range(a)) > 1


def test_a_pixel_beside_is_near():
    """Landmarks are a pixel off in every encoding: that is less than the distance which counts half."""
    smooth = Image.fromarray(np.random.default_rng(5).integers(0, 255, (24, 20), np.uint8)).resize((161, 192))
    grey = np.asarray(smooth, np.float32)
    near = apart(DESCRIPTOR.describe(Aligned(grey[:, 1:])), DESCRIPTOR.describe(Aligned(grey[:, :-1])))
    assert near < DESCRIPTOR.half_distance


def test_weaker_grain_counts_less():
    """Where a face is flat, noise of a tenth of a grey value moves it far less than noise of two, or than features."""
    random = np.random.default_rng(6)
    upper = np.asarray(Image.fromarray(random.integers(0, 255, (12, 20), np.uint8)).resize((160, 96)))
    noise = random.normal(0, 1, (96, 160))
    plain, *grains = (
        DESCRIPTOR.describe(Aligned(np.vstack([upper, 120 + noise * grey]))) for grey in (0, 0.1, 2.0)
    )
    weak, strong = (apart(plain, each) for each in grains)
    assert weak < DESCRIPTOR.half_distance < strong / 2


@pytest.mark.parametrize("value", [0, 255])
def test_a_flat_face_is_no_division_by_nothing(value):
    """Without any contrast the vector is zero, and finite."""
    assert not DESCRIPTOR.describe(Aligned(np.full((192, 160), value))).any()


def test_no_face_and_no_picture():
    """Unscored without a face, Unreadable without a picture."""
    with pytest.raises(Unscored, match="no face"):
        described(Image.new("RGB", (300, 300), "grey"))
    with pytest.raises(Unreadable):
        DESCRIPTOR.describe(Subject(b"x"))
