from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facemon.simulator.forms import FormError, parse_form

TYPE = "multipart/form-data; boundary=x"
WORDS = st.text(st.characters(codec="utf-8"), max_size=40)


def encode(fields: dict[str, str], boundary: str = "x") -> bytes:
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return ("".join(parts) + f"--{boundary}--\r\n").encode()


@given(st.dictionaries(st.sampled_from(["prompt", "seed", "négatif", "a b"]), WORDS))
def test_what_was_written_is_read(fields: dict[str, str]) -> None:
    """Any text at all survives a form, line ends and dashes included."""
    assert parse_form("multipart/form-data; boundary=7a3c91e2", encode(fields, "7a3c91e2")) == fields


def test_a_quoted_boundary_and_another_case_are_the_same_header() -> None:
    """RFC 2045: parameters may be quoted, types have no case."""
    assert parse_form('Multipart/Form-Data; boundary="a b"', encode({"a": "1"}, "a b")) == {"a": "1"}


def test_a_part_may_have_a_file_name_and_a_type() -> None:
    """httpx writes fields as files when it is forced into multipart."""
    body = (
        b'--x\r\nContent-Disposition: form-data; name="prompt"; filename="p"\r\n'
        b"Content-Type: text/plain\r\n\r\nhello\r\n--x--\r\n"
    )
    assert parse_form(TYPE, body) == {"prompt": "hello"}


def test_the_first_of_two_equal_names_counts() -> None:
    """One field, one value."""
    first, second = encode({"a": "1"}), encode({"a": "2"})
    assert parse_form(TYPE, first.removesuffix(b"--x--\r\n") + second) == {"a": "1"}


@pytest.mark.parametrize(
    ("content_type", "said"),
    [
        (None, "content-type: required"),
        ("", "content-type: required"),
        ("application/json", "content-type: must be multipart/form-data"),
        ("application/x-www-form-urlencoded", "content-type: must be multipart/form-data"),
        ("multipart/form-data", "content-type: must be multipart/form-data"),
    ],
)
def test_another_content_type_is_refused_in_the_documented_words(content_type: str | None, said: str) -> None:
    """STABILITY_API §2, 400."""
    with pytest.raises(FormError, match=f"^{said}$"):
        parse_form(content_type, encode({"a": "1"}))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"prompt=hello",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1',
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n',
        b'--xContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n',
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n--x--\r\n',
        b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\xfe\r\n--x--\r\n',
    ],
)
def test_a_broken_form_is_refused(body: bytes) -> None:
    """What a strict server would not read must not pass here."""
    with pytest.raises(FormError):
        parse_form(TYPE, body)
