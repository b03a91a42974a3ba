"""The perceptual hash: one picture keeps its bits in every encoding, two pictures never come near by chance."""

import io
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from facemon.simulator.portraits.encoding import encode, render
from facemon.simulator.portraits.keys import PictureKey
from facemon.vision.perceptual import BITS, bits_apart, chance_limit, perceptual_hash
from facemon.vision.subject import Subject
from facemon.vision.trouble import Unreadable


def png(image):
    """The bytes of a Pillow image as PNG."""
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def hashed(data):
    """The hash of encoded bytes."""
    return perceptual_hash(Subject(data))


@pytest.fixture(scope="module")
def portraits():
    """Four drawn people of one age and gender."""
    return [
        Image.open(io.BytesIO(render(PictureKey(60, "male", seed, 512, 512, "png")))) for seed in range(4)
    ]


def test_another_encoding_is_the_same_picture(portraits):
    """JPEG, WebP, half the size and less light stay within half of what counts as the same picture at the most."""
    picture = portraits[0]
    written = [encode(picture, "jpeg"), encode(picture, "webp"), png(picture.resize((256, 256)))]
    written.append(png(picture.point(lambda value: value * 0.7)))
    original = hashed(png(picture))
    assert max(int((original != hashed(data)).sum()) for data in written) <= chance_limit(1) // 2


def test_two_people_are_two_pictures(portraits):
    """Nobody's hash comes near to another's, though all have a head in the middle."""
    apart = bits_apart(np.stack([hashed(png(picture)) for picture in portraits]))
    assert apart[np.triu_indices(len(portraits), 1)].min() > 1.5 * chance_limit(1)


def test_the_same_bytes_have_the_same_hash(portraits):
    """Nothing but the picture decides."""
    data = png(portraits[0])
    found = hashed(data)
    assert found.shape == (BITS,) and found.dtype == bool and (found == hashed(data)).all()


def test_the_bits_are_the_signs_of_the_lowest_frequencies():
    """A picture made of 32 by 32 cosine waves, half of them negative, has just those bits."""
    signs = np.random.default_rng(7).permutation(np.repeat([1, -1], BITS // 2)).reshape(32, 32)
    waves = np.cos(np.pi / 128 * np.outer(np.arange(128) + 0.5, np.arange(1, 33)))
    values = np.clip(waves @ signs @ waves.T + 128, 0, 255)  # from top to bottom, from left to right
    picture = Image.fromarray(np.kron(values, np.ones((2, 2))).round().astype(np.uint8))
    assert int((hashed(png(picture)) != (signs > 0).ravel()).sum()) <= 10  # what the clipping took


@pytest.mark.parametrize("colour", ["black", "white", (127, 127, 127), (10, 200, 30)])
def test_flat_pictures_are_one_picture(colour):
    """No bit is made of rounding errors."""
    assert not hashed(png(Image.new("RGB", (300, 300), colour))).any()


@pytest.mark.parametrize(
    ("mode", "size"), [("1", (1, 1)), ("L", (3000, 2)), ("LA", (2, 3000)), ("P", (5, 5)), ("RGBA", (40, 70))]
)
def test_any_picture_has_a_hash(mode, size):
    """Tiny, long, grey or transparent: bits and no exception."""
    assert hashed(png(Image.new(mode, size))).shape == (BITS,)


def test_what_does_not_decode_is_unreadable():
    """No picture, no bits."""
    with pytest.raises(Unreadable):
        hashed(b"x")


def test_bits_apart_by_hand():
    """Hamming distances, symmetric, nothing to itself."""
    hashes = np.array([[0, 0, 1, 1], [0, 1, 1, 0], [1, 1, 0, 0]], bool)
    assert bits_apart(hashes).tolist() == [[0, 2, 4], [2, 0, 2], [4, 2, 0]]


@given(st.integers(1, 10**9), st.integers(1, 10**9))
def test_more_pairs_need_nearer_pictures(one, other):
    """The limit never grows with the number of pairs, and is never negative."""
    few, many = sorted((one, other))
    assert BITS // 10 >= chance_limit(few) >= chance_limit(many) >= 0


@pytest.mark.parametrize("people", [2, 8, 30, 100, 1000])
def test_fewer_than_one_chance_pair_in_a_hundred_sets(people):
    """With the stated null model, in its own words: 48 independent bits, each differing with probability 0.38."""
    pairs = people * (people - 1) // 2
    at_most = chance_limit(pairs) * 48 // BITS
    chance = sum(comb(48, bits) * 0.38**bits * 0.62 ** (48 - bits) for bits in range(at_most + 1))
    assert pairs * chance < 0.01


def test_the_limit_hears_the_number_of_pairs():
    """A thousand pictures are judged more strictly than thirty, thirty people still with room for other encodings."""
    assert chance_limit(30 * 29 // 2) > 84 > chance_limit(300 * 299 // 2) > chance_limit(1000 * 999 // 2) > 0
