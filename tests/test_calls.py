"""What travels between a provider and the client."""

import hashlib

from facemon.calls import HttpCall, HttpReply, Picture


def test_reply_hash_is_taken_once_and_right():
    """The hash is that of the body, and asking again gives the same object: megabytes are hashed once."""
    reply = HttpReply(200, {}, b"body")
    assert reply.sha256 == hashlib.sha256(b"body").hexdigest()
    assert reply.sha256 is reply.sha256


def test_bodies_are_not_in_a_repr():
    """Neither a reply nor a picture shows its bytes in its repr."""
    assert "pixels" not in repr(HttpReply(200, {}, b"pixels"))
    assert "pixels" not in repr(Picture(b"pixels", "SUCCESS", 1, None, "png", 1, 1))


def test_call_carries_no_key_by_itself():
    """A call without headers has none: the key is added by the transport alone."""
    assert HttpCall("GET", "/x").headers == ()
