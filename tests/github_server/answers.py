"""What each documented request of the issues API does and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.github_server.description import ASSIGNEE_LIMIT, BODY_LIMIT, LABEL_LIMIT, TITLE_LIMIT
from tests.github_server.state import Comment, Issue, Repository, show_comment, show_issue, show_repository

if TYPE_CHECKING:
    from tests.github_server.server import GithubServer

Answer = Callable[["GithubServer", Repository, dict[str, str], dict[str, Any], Any], "Reply"]


@dataclass
class Reply:
    """body: None where there is none."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class Stop(Exception):
    """The request ends with an error. violation: it should never have been sent, and why."""

    def __init__(
        self,
        status: int,
        message: str,
        errors: list[Any] | None = None,
        headers: dict[str, str] | None = None,
        violation: str = "",
    ) -> None:
        self.status, self.headers, self.violation = status, headers or {}, violation
        self.body: dict[str, Any] = {"message": message, "documentation_url": "https://docs.github.com/rest"}
        if errors:
            self.body["errors"] = errors
        super().__init__(message)


def _refuse(name: str, code: str = "invalid", **more: Any) -> Stop:
    return Stop(422, "Validation Failed", [{"resource": "Issue", "field": name, "code": code, **more}])


def _check_text(content: dict[str, Any]) -> None:
    title, body = content.get("title"), content.get("body")
    if title is not None and not str(title).strip():
        raise _refuse("title", "missing_field")
    if title is not None and len(str(title)) > TITLE_LIMIT:
        raise _refuse("title", "custom", message="title is too long (maximum is 256 characters)")
    if body is not None and len(body) > BODY_LIMIT:
        raise _refuse("body", "custom", message="body is too long (maximum is 65536 characters)")
    for label in content.get("labels", []):
        if not label.strip() or len(label) > LABEL_LIMIT:
            raise _refuse("labels")


def _check_assignees(repository: Repository, logins: list[str]) -> None:
    if len(logins) > ASSIGNEE_LIMIT:
        raise _refuse("assignees", "too_many")
    for login in logins:
        if login not in repository.logins:
            raise _refuse("assignees", value=login)


def _issue(server: GithubServer, repository: Repository, parts: dict[str, str]) -> Issue:
    number = int(parts["number"])
    if not repository.has_issues:
        raise Stop(410, "Issues are disabled for this repo")
    issue = next((each for each in repository.issues if each.number == number), None)
    if issue is None:
        raise Stop(404, "Not Found")
    if issue.deleted:
        raise Stop(410, "This issue was deleted")
    if issue.moved:
        name, moved = issue.moved.split("#")
        raise Stop(
            301, "Moved Permanently", headers={"Location": f"{server.url}/repos/{name}/issues/{moved}"}
        )
    return issue


def _repository(server: GithubServer, repository: Repository, *_: Any) -> Reply:
    return Reply(200, show_repository(repository, server.url))


def _list(server: GithubServer, repository: Repository, _: Any, query: dict[str, Any], __: Any) -> Reply:
    if not repository.has_issues:
        raise Stop(410, "Issues are disabled for this repo")
    labels = [label for label in query.get("labels", "").split(",") if label]
    state, since = query.get("state", "open"), query.get("since")
    found = [
        issue
        for issue in repository.visible
        if state in ("all", issue.state)
        and set(labels) <= set(issue.labels)
        and (since is None or issue.changed >= since)
    ]
    found.sort(key=lambda issue: (issue.at, issue.number), reverse=query.get("direction", "desc") == "desc")
    shown = [show_issue(repository, issue, server.url) for issue in found]
    return server.paged(f"/repos/{repository.name}/issues", shown, query)


def _create(server: GithubServer, repository: Repository, _: Any, __: Any, body: Any) -> Reply:
    if not repository.has_issues:
        raise Stop(410, "Issues are disabled for this repo")
    _check_text(body)
    _check_assignees(repository, body.get("assignees", []))
    rest = (
        {"labels": body.get("labels", []), "assignees": body.get("assignees", [])}
        if repository.may_push
        else {}
    )
    issue = repository.add(body["title"], body.get("body", ""), server.now(), server.me, **rest)
    return Reply(201, show_issue(repository, issue, server.url))


def _get(server: GithubServer, repository: Repository, parts: dict[str, str], *_: Any) -> Reply:
    return Reply(200, show_issue(repository, _issue(server, repository, parts), server.url))


def _update(server: GithubServer, repository: Repository, parts: dict[str, str], _: Any, body: Any) -> Reply:
    issue = _issue(server, repository, parts)
    _check_text(body)
    _check_assignees(repository, body.get("assignees", []))
    issue.title, issue.body = body.get("title", issue.title), body.get("body", issue.body)
    if repository.may_push:
        issue.labels = body.get("labels", issue.labels)
        issue.assignees = body.get("assignees", issue.assignees)
    if body.get("state", issue.state) != issue.state:
        issue.state, issue.state_reason = body["state"], body.get("state_reason")
        issue.closed_at = server.now() if issue.state == "closed" else None
    issue.changed = server.now()
    return Reply(200, show_issue(repository, issue, server.url))


def _comments(
    server: GithubServer, repository: Repository, parts: dict[str, str], query: dict[str, Any], _: Any
) -> Reply:
    issue = _issue(server, repository, parts)
    shown = [show_comment(repository, issue, comment, server.url) for comment in issue.comments]
    return server.paged(f"/repos/{repository.name}/issues/{issue.number}/comments", shown, query)


def _comment(server: GithubServer, repository: Repository, parts: dict[str, str], _: Any, body: Any) -> Reply:
    issue = _issue(server, repository, parts)
    if issue.locked and repository.keeps_out:
        raise Stop(403, "Unable to create comment because issue is locked.")
    if not body["body"].strip():
        raise _refuse("body", "missing_field")
    _check_text({"body": body["body"]})
    comment = Comment(server.next_comment(), body["body"], server.now(), server.me)
    issue.comments.append(comment)
    issue.changed = server.now()
    return Reply(201, show_comment(repository, issue, comment, server.url))


def _lock(server: GithubServer, repository: Repository, parts: dict[str, str], _: Any, body: Any) -> Reply:
    issue = _issue(server, repository, parts)
    issue.locked, issue.lock_reason = True, (body or {}).get("lock_reason")
    return Reply(204, None)


def _unlock(server: GithubServer, repository: Repository, parts: dict[str, str], *_: Any) -> Reply:
    issue = _issue(server, repository, parts)
    issue.locked, issue.lock_reason = False, None
    return Reply(204, None)


def _assign(server: GithubServer, repository: Repository, parts: dict[str, str], _: Any, body: Any) -> Reply:
    issue = _issue(server, repository, parts)
    new = [
        login
        for login in body.get("assignees", [])
        if login in repository.logins and login not in issue.assignees
    ]
    if repository.may_push:
        issue.assignees = (issue.assignees + new)[:ASSIGNEE_LIMIT]
    return Reply(201, show_issue(repository, issue, server.url))


ANSWERS: dict[str, Answer] = {
    "repository": _repository,
    "list": _list,
    "create": _create,
    "get": _get,
    "update": _update,
    "comments": _comments,
    "comment": _comment,
    "lock": _lock,
    "unlock": _unlock,
    "assign": _assign,
}
