from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.simulator.subject import Subject, read_subject


@pytest.mark.parametrize(
    ("prompt", "age", "gender"),
    [
        ("a 42-year-old woman, neutral expression", 42, "female"),
        ("A 60 year old man", 60, "male"),
        ("photorealistic portrait of a woman aged 70, plain clothing", 70, "female"),
        ("passport photo, male, age 20", 20, "male"),
        ("Female, 30 years old, 85 mm lens, 4k", 30, "female"),
        ("headshot of a (man:0.9), age: 50", 50, "male"),
        ("portrait of a lady, 55yo", 55, "female"),
        ("gentleman of 85 mm look, 40 years of age", 40, "male"),
        ("a woman who is not a man, aged 33", 33, "female"),
        ("a 7-year-old boy", 18, "male"),
        ("a 120-year-old woman", 90, "female"),
    ],
)
def test_age_and_gender_are_read_from_plain_english(prompt: str, age: int, gender: str) -> None:
    """The first age and the first gender count; ages are kept within 18..90."""
    assert read_subject(prompt) == Subject(age, gender)


@given(st.text(max_size=200))
def test_any_prompt_has_a_subject_and_always_the_same(prompt: str) -> None:
    """What is left open follows from the prompt's hash."""
    subject = read_subject(prompt)
    assert subject == read_subject(prompt)
    assert 18 <= subject.age <= 90
    assert subject.gender in ("male", "female")


def test_prompts_without_a_subject_differ() -> None:
    """The hash spreads: not everybody without an age is thirty."""
    subjects = {read_subject(f"a portrait, number {number}") for number in range(50)}
    assert len(subjects) > 20
