"""Channels: an open set. A new one is a file here, a line in this table, its test, its name in the README."""

from collections.abc import Callable

from facemon.alerting.channels.apprise import Apprise
from facemon.alerting.channels.base import Channel, ChannelConfig
from facemon.alerting.channels.console import Console
from facemon.alerting.channels.email import Email
from facemon.alerting.channels.github_issue import GithubIssue
from facemon.alerting.channels.webhook import Webhook
from facemon.clock import Clock

CHANNELS: dict[str, Callable[[ChannelConfig, Clock], Channel]] = {
    "console": Console,
    "email": Email,
    "webhook": Webhook,
    "github_issue": GithubIssue,
    "apprise": Apprise,
}


def channel(config: ChannelConfig, clock: Clock) -> Channel:
    """The channel of a table of the project's file. Raises ConfigError for one that cannot work."""
    return CHANNELS[config.kind or config.name](config, clock)
