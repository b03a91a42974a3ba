from __future__ import annotations

import pytest

from facemon.simulator import RateLimit, SimulatorConfig


def test_a_config_survives_the_way_to_another_process() -> None:
    """to_json and from_json are each other's reverse, for nested and for absent values."""
    for config in (
        SimulatorConfig(),
        SimulatorConfig(rate_limit=None, faults=("hang:on=3", "moderated"), cache_folder="/x", balance=2.5),
        SimulatorConfig(rate_limit=RateLimit(3, 1.0, 2.0), key="sk-other", host="::1", port=8080, pool=0),
    ):
        assert SimulatorConfig.from_json(config.to_json()) == config


def test_what_is_left_out_keeps_its_default() -> None:
    """A config of one setting is enough."""
    assert SimulatorConfig.from_json('{"balance": 5}') == SimulatorConfig(balance=5)


def test_the_key_is_not_in_the_repr() -> None:
    """Secrets stay in: a config may be logged."""
    assert "sk-canary" not in repr(SimulatorConfig(key="sk-canary"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"host": "0.0.0.0"}, "'0.0.0.0'.*loopback"),
        ({"host": "example.org"}, "'example.org'.*loopback"),
        ({"host": ""}, "host: ''"),
        ({"port": 70000}, "port: 70000.*65535"),
        ({"port": True}, "port: True"),
        ({"balance": -1}, "balance: -1.*0 to"),
        ({"balance": float("nan")}, "balance: nan"),
        ({"latency_scale": -0.1}, "latency_scale: -0.1"),
        ({"seed": 1.5}, "seed: 1.5"),
        ({"pool": -1}, "pool: -1"),
        ({"key": ""}, "key: "),
        ({"key": "two\nlines"}, "key: "),
        ({"faults": "hang"}, "faults: 'hang'.*tuple"),
        ({"faults": ("hnag",)}, "'hnag'.*did you mean hang"),
        ({"rate_limit": 150}, "rate_limit: 150.*RateLimit"),
        ({"cache_folder": ""}, "cache_folder: ''"),
        ({"prepare": "yes"}, "prepare: 'yes'"),
    ],
)
def test_a_wrong_setting_is_refused_by_name_and_value(settings: dict[str, object], said: str) -> None:
    """One sentence: the setting, its value, what is accepted."""
    with pytest.raises(ValueError, match=said):
        SimulatorConfig(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"requests": 0}, "rate_limit.requests: 0"),
        ({"seconds": 0}, "rate_limit.seconds: 0"),
        ({"lockout": -1}, "rate_limit.lockout: -1"),
    ],
)
def test_a_rate_limit_that_makes_no_sense_is_refused(settings: dict[str, int], said: str) -> None:
    """A limit of nothing would lock everybody out."""
    with pytest.raises(ValueError, match=said):
        RateLimit(**settings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ('{"balanse": 1}', "'balanse'.*balance"),
        ('{"rate_limit": {"x": 1}}', "'x'.*requests"),
    ],
)
def test_a_config_that_cannot_be_read_is_refused(text: str, said: str) -> None:
    """JSON errors are ours to explain, not json's."""
    with pytest.raises(ValueError, match=said):
        SimulatorConfig.from_json(text)


def test_a_remote_host_needs_a_word() -> None:
    """Nobody serves a network by accident."""
    assert SimulatorConfig(host="0.0.0.0", allow_remote=True).host == "0.0.0.0"
