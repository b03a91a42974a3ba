"""What the server keeps: repositories with issues and comments, as GitHub would show them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

_LINKS = (
    "avatar html followers following gists starred subscriptions organizations repos events received_events"
)
_REPOSITORY_LINKS = (
    "archive assignees blobs branches collaborators comments commits compare contents contributors deployments "
    "downloads events forks git_commits git_refs git_tags issue_comment issue_events issues keys labels languages "
    "merges milestones notifications pulls releases stargazers statuses subscribers subscription tags teams trees "
    "clone hooks svn ssh git"
)
_REPOSITORY_COUNTS = (
    "forks_count stargazers_count watchers_count size open_issues_count subscribers_count network_count forks "
    "open_issues watchers"
)


@dataclass
class Comment:
    """number: unique in the server."""

    number: int
    body: str
    at: datetime
    login: str


@dataclass
class Issue:
    """deleted: answered with 410 · moved: `owner/name#3`, where it was transferred to."""

    number: int
    title: str
    body: str
    at: datetime
    login: str
    labels: list[str] = field(default_factory=list)
    assignees: list[str] = field(default_factory=list)
    state: str = "open"
    state_reason: str | None = None
    locked: bool = False
    lock_reason: str | None = None
    comments: list[Comment] = field(default_factory=list)
    changed: datetime | None = None
    closed_at: datetime | None = None
    deleted: bool = False
    moved: str = ""
    pull: bool = False

    @property
    def texts(self) -> list[str]:
        """Of the comments, oldest first."""
        return [comment.body for comment in self.comments]


@dataclass
class Repository:
    """has_issues: False answers 410 · logins: who can be assigned · keeps_out: a lock holds for our token too ·
    may_push: False drops labels and assignees silently, as GitHub does · renamed: what it is called now.
    """

    name: str
    has_issues: bool = True
    logins: set[str] = field(default_factory=lambda: {"ada", "grace", "linus"})
    keeps_out: bool = False
    may_push: bool = True
    renamed: str = ""
    issues: list[Issue] = field(default_factory=list)

    def add(self, title: str, body: str, at: datetime, login: str, **rest: Any) -> Issue:
        """A new issue with the next number."""
        issue = Issue(len(self.issues) + 1, title, body, at, login, changed=at, **rest)
        self.issues.append(issue)
        return issue

    @property
    def visible(self) -> list[Issue]:
        """Those that a list shows."""
        return [issue for issue in self.issues if not issue.deleted and not issue.moved]


def show_user(login: str, base: str) -> dict[str, Any]:
    """The model SimpleUser."""
    return {
        "login": login, "id": abs(hash(login)) % 10**6, "node_id": login, "gravatar_id": "", "type": "User",
        "site_admin": False, "url": f"{base}/users/{login}",
        **{f"{link}_url": f"{base}/users/{login}" for link in _LINKS.split()},
    }  # fmt: skip


def show_repository(repository: Repository, base: str) -> dict[str, Any]:
    """The model FullRepository."""
    url, moment = f"{base}/repos/{repository.name}", "2026-01-01T00:00:00Z"
    owner, name = repository.name.split("/")
    return {
        "id": 1, "node_id": "R_1", "name": name, "full_name": repository.name, "owner": show_user(owner, base),
        "private": False, "description": None, "fork": False, "url": url, "mirror_url": None, "homepage": None,
        "html_url": f"{base}/{repository.name}", "language": None, "default_branch": "main",
        "has_issues": repository.has_issues, "has_projects": False, "has_wiki": False, "has_pages": False,
        "has_discussions": False, "archived": False, "disabled": False, "pushed_at": moment, "created_at": moment,
        "updated_at": moment, "license": None,
        **{f"{link}_url": url for link in _REPOSITORY_LINKS.split()},
        **dict.fromkeys(_REPOSITORY_COUNTS.split(), 0),
    }  # fmt: skip


def show_issue(repository: Repository, issue: Issue, base: str) -> dict[str, Any]:
    """The model Issue."""
    kind = "pull" if issue.pull else "issues"
    url, html = f"{base}/repos/{repository.name}/issues/{issue.number}", f"{base}/{repository.name}/{kind}"
    people = [show_user(login, base) for login in issue.assignees]
    shown = {
        "id": 1000 + issue.number, "node_id": f"I_{issue.number}", "url": url, "number": issue.number,
        "repository_url": f"{base}/repos/{repository.name}", "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments", "events_url": f"{url}/events", "html_url": f"{html}/{issue.number}",
        "state": issue.state, "state_reason": issue.state_reason, "title": issue.title, "body": issue.body,
        "user": show_user(issue.login, base), "labels": [_label(name, base) for name in issue.labels],
        "assignee": people[0] if people else None, "assignees": people, "milestone": None, "locked": issue.locked,
        "active_lock_reason": issue.lock_reason, "comments": len(issue.comments), "closed_at": _at(issue.closed_at),
        "created_at": _at(issue.at), "updated_at": _at(issue.changed), "author_association": "OWNER",
    }  # fmt: skip
    if issue.pull:
        shown["pull_request"] = {"url": url, "html_url": url, "diff_url": url, "patch_url": url}
    return shown


def show_comment(repository: Repository, issue: Issue, comment: Comment, base: str) -> dict[str, Any]:
    """The model IssueComment."""
    parent = f"{base}/repos/{repository.name}/issues/{issue.number}"
    return {
        "id": comment.number, "node_id": f"C_{comment.number}", "body": comment.body,
        "url": f"{base}/repos/{repository.name}/issues/comments/{comment.number}", "issue_url": parent,
        "html_url": f"{base}/{repository.name}/issues/{issue.number}#issuecomment-{comment.number}",
        "user": show_user(comment.login, base), "created_at": _at(comment.at), "updated_at": _at(comment.at),
        "author_association": "OWNER",
    }  # fmt: skip


def _label(name: str, base: str) -> dict[str, Any]:
    return {
        "id": 1,
        "node_id": name,
        "url": base,
        "name": name,
        "description": None,
        "color": "ededed",
        "default": False,
    }


def _at(moment: datetime | None) -> str | None:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if moment else None
