"""The Vendi score and the pairs of a set, on vectors whose answer is known."""

from math import exp, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.analysis.diversity import diversity, similarity, vendi_score
from facemon.vision.perceptual import BITS, chance_limit
from facemon.vision.trouble import Unscored

RANDOM = np.random.default_rng(11)


def people(count):
    """Vectors of length 1 at right angles, and unrelated hashes: nobody resembles anybody."""
    return np.eye(count, 64), RANDOM.random((count, BITS)) < 0.5


def repeated(which):
    """The set in which picture i shows person which[i], the very same picture of that person."""
    vectors, hashes = people(max(which) + 1)
    return vectors[which], hashes[which], [f"p{place}" for place in range(len(which))]


@pytest.mark.parametrize("count", [1, 2, 9])
def test_vendi_of_different_and_of_equal_items(count):
    """n items that are not alike count n, n that are the same count 1."""
    assert vendi_score(np.eye(count)) == pytest.approx(count)
    assert vendi_score(np.ones((count, count))) == pytest.approx(1)


def test_vendi_by_hand():
    """Two items half alike: eigenvalues 3/4 and 1/4. Two pairs of copies: two."""
    expected = exp(-(0.75 * log(0.75) + 0.25 * log(0.25)))
    assert vendi_score(np.array([[1, 0.5], [0.5, 1]])) == pytest.approx(expected)
    assert vendi_score(np.kron(np.eye(2), np.ones((2, 2)))) == pytest.approx(2)


@given(st.integers(2, 12), st.integers(0, 10**6), st.floats(0.01, 10))
def test_vendi_lies_between_one_and_n_in_any_order(count, seed, half):
    """Whatever the vectors; and the order of the pictures does not matter."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(count, 5))
    found = vendi_score(similarity(vectors, half))
    assert 1 <= found <= count
    assert vendi_score(similarity(vectors[random.permutation(count)], half)) == pytest.approx(found)


def test_similarity_is_one_half_at_the_half_distance():
    """1 to itself, a half at the half distance, a sixteenth at twice that: a Gaussian of the distance."""
    vectors = np.array([[0.0, 1.0], [0.3, 1.0], [0.6, 1.0]], np.float32)
    assert similarity(vectors, 0.3)[0] == pytest.approx([1, 0.5, 1 / 16], rel=1e-4)


def test_different_people_count_each():
    """Ten people, no pair, full marks."""
    vectors, hashes = people(10)
    found = diversity(vectors, hashes, [str(place) for place in range(10)])
    assert found.effective_people == pytest.approx(10) and found.score == pytest.approx(100)
    assert found.people == 10 and found.near_duplicates == () and found.near_bits == chance_limit(45)


def test_copies_count_once():
    """One picture ten times: one person, no marks, every pair named."""
    found = diversity(*repeated([0] * 10))
    assert found.effective_people == pytest.approx(1) and found.score == pytest.approx(0, abs=1e-6)
    assert len(found.near_duplicates) == 45


def test_ten_pictures_of_three_people():
    """The effective number of people cannot exceed three, and the pairs are those of the same person."""
    which = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]
    found = diversity(*repeated(which))
    assert 2.9 < found.effective_people <= 3.0001
    named = {(pair.first, pair.second) for pair in found.near_duplicates}
    assert named == {(f"p{a}", f"p{b}") for b in range(10) for a in range(b) if which[a] == which[b]}


def test_the_same_picture_is_one_person_whatever_its_descriptor():
    """Three files of one picture, each near the next alone: counted once, although landmarks moved their vectors."""
    vectors, hashes = people(4)
    hashes[1], hashes[2] = hashes[0], hashes[0]
    hashes[1, :70] ^= True
    hashes[2, :140] ^= True
    found = diversity(vectors, hashes, "abcd")
    assert [(pair.first, pair.second, pair.bits) for pair in found.near_duplicates] == [
        ("a", "b", 70),
        ("b", "c", 70),
    ]
    assert found.effective_people == pytest.approx(exp(-(0.75 * log(0.75) + 0.25 * log(0.25))))


def test_the_limit_follows_the_number_of_pairs():
    """Two pictures 100 bits apart are one among ten, and none are named so in a set of 120."""
    for count, pairs in ((10, 1), (120, 0)):
        _, hashes = people(count)
        hashes[1] = hashes[0]
        hashes[1, :100] ^= True
        found = diversity(RANDOM.normal(size=(count, 40)), hashes, [str(place) for place in range(count)])
        assert len(found.near_duplicates) == pairs


def test_what_was_left_out_is_kept():
    """The reasons of pictures that could not be compared stay with the answer."""
    vectors, hashes = people(2)
    assert diversity(vectors, hashes, "ab", unscored=[("c", "no face was found")]).unscored == (
        ("c", "no face was found"),
    )


@pytest.mark.parametrize("count", [0, 1])
def test_one_picture_has_no_diversity(count):
    """Fewer than two faces cannot be compared."""
    with pytest.raises(Unscored, match=f"at least two .* not {count}"):
        diversity(np.ones((count, 4)), np.ones((count, BITS), bool), "a" * count)


@pytest.mark.parametrize(
    ("vectors", "hashes", "names"),
    [
        (np.ones((3, 4)), np.ones((2, BITS), bool), "ab"),
        (np.ones((2, 4)), np.ones((3, BITS), bool), "ab"),
        (np.ones((2, 4)), np.ones((2, BITS), bool), "abc"),
        (np.ones(2), np.ones((2, BITS), bool), "ab"),
        (np.full((2, 4), np.nan), np.ones((2, BITS), bool), "ab"),
    ],
)
def test_what_does_not_fit_is_refused(vectors, hashes, names):
    """As many descriptors as hashes as names, and numbers in them."""
    with pytest.raises(ValueError, match=r"names|finite"):
        diversity(vectors, hashes, names)
