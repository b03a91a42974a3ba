"""Which cells there are, and which of them to call failed."""

from hypothesis import given
from hypothesis import strategies as st

from facemon.model import AGES, GENDERS
from facemon.slo.splits import benjamini_hochberg, cells_of


def sizes(cells):
    """How many records each cell has."""
    return {cell: len(records) for cell, records in cells.items()}


def test_every_age_and_gender_is_owed(make):
    """Twelve cells whatever occurred, in the order of the axes; each record is in one of them."""
    records = [make(age=20, gender="male")] * 2 + [make(age=70, gender="female")]
    found = sizes(cells_of(("age", "gender"), records))
    assert list(found) == [(age, gender) for age in AGES for gender in GENDERS]
    assert found[20, "male"] == 2 and found[70, "female"] == 1 and sum(found.values()) == 3
    assert next(iter(cells_of(("gender", "age"), records))) == ("male", 20)
    assert set(sizes(cells_of(("age", "gender"), [])).values()) == {0}


def test_beside_other_axes_it_is_owed_with_what_occurred(make):
    """By gender and model: both genders with each model; by model and check: what occurred together, and no more."""
    records = [make(gender="male", model="core", check="a"), make(gender="male", model="ultra", check="b")]
    assert sizes(cells_of(("gender", "model"), records)) == {
        ("male", "core"): 1,
        ("female", "core"): 0,
        ("male", "ultra"): 1,
        ("female", "ultra"): 0,
    }
    assert sizes(cells_of(("model", "check"), records)) == {("core", "a"): 1, ("ultra", "b"): 1}
    assert cells_of(("model",), []) == {}


def test_what_was_not_owed_is_kept(make):
    """A raw prompt has no age: a cell of its own, after those that are owed."""
    assert sizes(cells_of(("age",), [make()])) == {**{(age,): 0 for age in AGES}, (None,): 1}


def test_benjamini_and_hochbergs_own_example():
    """The 15 p-values of their article (1995, 3.2): at 5 % the four smallest are rejected."""
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    published += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert benjamini_hochberg(published, 0.05) == [True] * 4 + [False] * 11
    assert benjamini_hochberg(published[::-1], 0.05) == [False] * 11 + [True] * 4
    assert benjamini_hochberg([], 0.05) == [] and benjamini_hochberg([0.05], 0.05) == [True]


@given(st.lists(st.floats(0, 1), max_size=20))
def test_benjamini_hochberg_lies_between_bonferroni_and_nothing(p_values):
    """It rejects whatever Bonferroni rejects, nothing above the rate, and always the smallest ones."""
    rejected = benjamini_hochberg(p_values, 0.05)
    assert all(p <= 0.05 for p, reject in zip(p_values, rejected, strict=True) if reject)
    assert all(reject for p, reject in zip(p_values, rejected, strict=True) if p <= 0.05 / len(p_values))
    kept = [p for p, reject in zip(p_values, rejected, strict=True) if not reject]
    assert all(p < min(kept, default=2) for p, reject in zip(p_values, rejected, strict=True) if reject)
