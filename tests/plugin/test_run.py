"""One run: what may start, and what its processes are told."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from facemon.config import LIVE_URL, Settings
from facemon.plugin import run  # `check_target` by its own name would be collected as a check
from facemon.plugin.run import RunContext, label, new_context, open_target
from facemon.secret import Secret

KEY = Secret("sk-canary-Qx7vWz2KpLr9")


def settings(**changes: Any) -> Settings:
    """Settings with nothing from the environment."""
    return Settings().model_copy(update={"api_key": None, **changes})


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"target": "mock", "fault": ("hang:on=3",)},
        {"target": "sim", "fault": ("internal_error", "moderated:rate=0.5")},
        {"target": "live", "api_key": KEY, "max_credits": 5.0},
        {"target": "live", "api_key": KEY, "max_credits": 0.0},
        {"target": "https://api.example.com", "api_key": KEY, "max_credits": 5.0},
        {"target": "http://127.0.0.1:8000", "api_key": KEY},
        {"target": "http://[::1]:8000", "api_key": KEY},
    ],
)
def test_what_may_start(changes: dict[str, Any]) -> None:
    """sim and mock need nothing; a URL a key; what costs money a cap as well (a cap of 0 is a cap)."""
    run.check_target(settings(**changes))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"target": "live"}, "STABILITY_API_KEY"),
        ({"target": "live", "api_key": KEY}, "--facemon-max-credits"),
        ({"target": "https://api.example.com", "api_key": KEY}, "--facemon-max-credits"),
        ({"target": "https://api.example.com"}, "STABILITY_API_KEY"),
        ({"target": "http://127.0.0.1:8000"}, "STABILITY_API_KEY"),
        ({"target": "live", "api_key": KEY, "max_credits": 5.0, "fault": ("hang",)}, "sim or mock"),
        ({"target": "mock", "fault": ("hnag",)}, "did you mean hang"),
        ({"target": "sim", "fault": ("hang", "hang")}, "given twice"),
        ({"store": ":memory:"}, "forgotten before the verdict"),
        ({"store": "sqlite://"}, "forgotten before the verdict"),
        ({"store": "sqlite:///:memory:"}, "forgotten before the verdict"),
    ],
)
def test_what_must_not_start(changes: dict[str, Any], said: str) -> None:
    """Refused in one sentence of ours that says what to set, and never with the key."""
    with pytest.raises(pytest.UsageError, match=r"^facemon: ") as refused:
        run.check_target(settings(**changes))
    assert said in str(refused.value)
    assert "canary" not in str(refused.value)


def test_a_context_travels_as_json_and_hides_its_key() -> None:
    """What the controller tells its workers survives JSON; its repr, which may end in a log, has no key."""
    context = RunContext("id", "/tmp/ledger", "http://127.0.0.1:1", "http://127.0.0.1:2", "sk-canary")
    assert RunContext(**json.loads(json.dumps(context.to_dict()))) == context
    assert "canary" not in repr(context)


def test_a_new_context_is_new_and_opens_nothing() -> None:
    """Two runs have two ids and two ledgers; naming them makes no file."""
    first, second = new_context(), new_context()
    assert first.run_id != second.run_id
    assert first.ledger_path != second.ledger_path
    assert not Path(first.ledger_path).exists()


@pytest.mark.parametrize(
    ("target", "base_url", "shown"),
    [
        ("sim", LIVE_URL, "sim"),
        ("live", LIVE_URL, "live"),
        ("live", "https://eu.example.com", "live (https://eu.example.com)"),
        ("http://127.0.0.1:8000", LIVE_URL, "http://127.0.0.1:8000"),
    ],
)
def test_the_label_says_whom_it_talks_to(target: str, base_url: str, shown: str) -> None:
    """live behind another base URL is not the vendor, and the label says so."""
    assert label(settings(target=target, base_url=base_url)) == shown


async def test_the_mock_target_answers_without_a_network() -> None:
    """It has its own key and a transport in place of a socket, and counts what it was asked."""
    target = open_target(settings(target="mock", api_key=KEY), new_context())
    assert target.can_inject
    assert target.transport is not None
    key = target.settings.api_key
    assert key is not None
    assert key.reveal() != KEY.reveal()
    async with httpx.AsyncClient(transport=target.transport) as http:
        headers = {"authorization": f"Bearer {key.reveal()}"}
        reply = await http.get(target.settings.base_url + "/v1/user/balance", headers=headers)
    assert reply.status_code == 200
    assert target.state()["requests"] == 1
    target.close()


def test_a_url_target_takes_the_key_and_injects_nothing() -> None:
    """Somebody else's server: its URL, our key, no state and no faults."""
    target = open_target(settings(target="http://127.0.0.1:8000", api_key=KEY), new_context())
    assert not target.can_inject
    assert target.settings.base_url == "http://127.0.0.1:8000"
    assert target.settings.api_key is KEY
    assert target.state() == {}
    target.close()


def test_live_uses_the_base_url() -> None:
    """`live` is the vendor unless the base URL says otherwise."""
    chosen = settings(target="live", api_key=KEY, base_url="https://eu.example.com")
    assert open_target(chosen, new_context()).settings.base_url == "https://eu.example.com"


def test_a_worker_uses_the_simulator_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shared simulator is used, not started anew, with its own key and never with the vendor's."""
    monkeypatch.setattr("facemon.plugin.run.start_simulator", lambda *_, **__: pytest.fail("started one"))
    context = RunContext("id", os.devnull, "http://127.0.0.1:5", "http://127.0.0.1:6", "sk-of-the-simulator")
    target = open_target(settings(api_key=KEY), context)
    assert target.settings.base_url == "http://127.0.0.1:5"
    assert target.settings.api_key is not None
    assert target.settings.api_key.reveal() == "sk-of-the-simulator"
