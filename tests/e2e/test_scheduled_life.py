"""Scheduled runs as GitHub plays them: each `run` of the workflows in order, a fresh clone for each run, real servers.

The state goes from run to run by its branch alone. A report is made where there is node, and looked at in chromium.
"""

from __future__ import annotations

import asyncio
import copy
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("github")
pytest.importorskip("githubkit")
pytest.importorskip("aiosmtpd")

from scheduled_world import BEAT, KEY, World, every_blob, leaked, remote, state_files, this_checkout, world
from workflow_runner import Github, Job, git

from facemon.scheduled.requirement import requirement
from facemon.scheduled.starter import items
from facemon.simulator.config import SimulatorConfig
from facemon.simulator.process import SimulatorProcess
from facemon.store import RecordStore
from tests.github_server.state import Issue

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CHROMIUM = "/usr/bin/chromium"
FAULT = "internal_error"
# Wide enough for a pass on few pairs. Latency and the people's variety need a hundred.
MARGINS = (
    "--margin success_rate=20% --margin first_attempt_success_rate=20% --margin sound_picture_rate=20% "
    "--margin quality_score=20 --margin prompt_adherence=0.2 --margin response_time.p95=off "
    "--margin diversity_score=off"
)


@dataclass
class Life:
    """The runs of one repository, and what GitHub showed after each of them."""

    around: World
    github: Github
    workflow: str
    shown: list[list[Issue]] = field(default_factory=list)

    def run(self, *faults: str) -> Job:
        """A scheduled run, with these faults in the service."""
        with self.around.serving(*faults):
            return self.go()

    def go(self) -> Job:
        """A scheduled run against the service as it is."""
        job = self.github.play(self.workflow, "monitor")
        self.shown.append(copy.deepcopy(self.around.server.home.issues))
        return job

    def repeat(self) -> subprocess.CompletedProcess[str]:
        """The command that the issue names, on a person's own machine."""
        (command,) = re.findall(r"^facemon generate .*$", self.shown[-1][0].body, re.MULTILINE)
        words = shlex.split(command)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FACEMON_")}
        folder = self.around.room / "own-machine"
        folder.mkdir()
        return subprocess.run(
            [str(Path(sys.executable).with_name(words[0])), *words[1:]],
            cwd=folder,
            env=environment | {"STABILITY_API_KEY": KEY, "FACEMON_GENERATION_TIMEOUT": "2.5"},
            capture_output=True,
            text=True,
            timeout=120,
        )


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """This very checkout with a facemon.toml: well, three runs with an outage, well again."""
    room = tmp_path_factory.mktemp("life")
    with world(room) as (around, trusted):
        files = dict(this_checkout()) | {"facemon.toml": around.project_file().encode()}
        played = Life(around, around.github(remote(room, files.items()), trusted), "monitor.yml")
        played.run()
        with around.serving(FAULT):
            played.go()
            again = played.repeat()
            assert again.returncode == 1, again.stdout + again.stderr
            assert "An unexpected server error has occurred" in again.stderr
            played.go()
            played.go()
        played.run()
        yield played


def test_an_outage_is_one_issue_that_closes_itself(life: Life) -> None:
    """No issue while it is well; one at the first run with the fault; the next two add nothing; recovery closes it
    with its duration in words. GitHub's description allows every request, and no job is red: monitoring worked.
    """
    well, broken, still, again, mended = life.shown
    assert well == []
    assert [issue.state for issue in broken] == ["open"]
    assert still == again == broken
    (issue,) = mended
    assert (issue.state, len(issue.comments)) == ("closed", 1)
    assert re.search(r"up again after (\d+ minutes?|\d+ seconds)", issue.texts[0])
    assert issue.title.startswith("✅ availability is up again after ")
    assert life.around.server.violations == []
    assert [job.red for job in life.github.jobs] == [False] * 5, life.github.jobs[-1].log


def test_the_issue_holds_the_evidence(life: Life) -> None:
    """State in the title, component and state as labels, figure with interval, failing check, error type, records that
    exist and failed, request and response without the key, the command that repeats it, and the report.
    """
    (issue,) = life.shown[1]
    assert issue.title == "🛑 availability is down: server_error"
    assert {"facemon", "availability", "status:down"} <= set(issue.labels)
    body = issue.body
    assert re.search(r"`success_rate >= 95% over 7d`: 54\.5% \([\d.]+% to [\d.]+%, n = 11\)", body)
    assert "check_availability.py::check_a_face_is_painted" in body
    assert "- `server_error`: 5 times" in body
    for part in ("authorization: [redacted]", "POST http://127.0.0.1", '"name":"internal_error"'):
        assert part in body
    assert f"--target {life.around.service}" in body
    assert "[Report](https://team.example.com/app/)" in body
    named = set(re.findall(r"facemon records show (\S+)", body))
    store = life.github.jobs[-1].folder / ".facemon/facemon.db"
    failed = {record.id for record in asyncio.run(records(store)) if not record.succeeded}
    assert len(named) == 5
    assert named <= failed


async def records(store: Path) -> list[Any]:
    """All that a store keeps."""
    async with await RecordStore.open(store) as opened:
        return list(await opened.records())


def test_the_state_goes_by_its_branch_alone(life: Life) -> None:
    """The last of five fresh clones knew all runs; the branch is one commit without a parent; main is untouched, in
    the remote and in every clone.
    """
    origin = life.github.origin
    assert git(f"--git-dir={origin}", "rev-list", "--count", "facemon-state").strip() == "1"
    assert git(f"--git-dir={origin}", "rev-list", "--count", "main").strip() == "1"
    for job in life.github.jobs:
        assert git("status", "--porcelain", "--untracked-files=no", cwd=job.folder) == ""
    last = asyncio.run(records(life.github.jobs[-1].folder / ".facemon/facemon.db"))
    assert len({record.run_id for record in last}) == 5
    assert "this run is the first" in life.github.jobs[0].log
    assert "facemon.db.gz" in state_files(origin)


def test_every_channel_was_told_once(life: Life) -> None:
    """The webhook and the mail heard of the opening and of the recovery, and of nothing between; each run gave a sign
    of life.
    """
    hooks = life.around.receiver.bodies("/hook")
    assert [re.search(rb'"type": "incident\.(\w+)"', body)[1] for body in hooks] == [b"opened", b"recovered"]  # type: ignore[index]
    subjects = [str(mail["Subject"]) for _, mail in life.around.mail.mails]
    assert len(subjects) == 2
    assert "availability is down" in subjects[0]
    assert "up again" in subjects[1]
    assert len(life.around.receiver.bodies(f"/beat/{BEAT}")) == 5


def test_no_secret_is_anywhere(life: Life) -> None:
    """Key, tokens and passwords: not eight characters of any in issues, comments, summaries, logs, files of the runs
    (store, Allure results, site), all that was pushed to the state's branch, webhooks or mails.
    """
    places = dict(written(life))
    # Without these the search would prove nothing.
    said = {name.split(":")[0] for name in places}
    assert {"issue", "log", "summary", "file", "branch", "webhook", "mail"} <= said
    assert (
        sum(data.startswith(b"SQLite format 3") for name, data in places.items() if name[:6] == "branch") >= 5
    )
    assert any(b"[redacted]" in data for name, data in places.items() if name.startswith("issue"))
    assert leaked(KEY.encode())
    assert {name: found for name, data in places.items() if (found := leaked(data))} == {}


def written(life: Life) -> Iterator[tuple[str, bytes]]:
    """Everything that the runs wrote, by where it is."""
    for issue in life.around.server.home.issues:
        for number, text in enumerate((issue.title, issue.body, *issue.texts)):
            yield f"issue:{issue.number}:{number}", text.encode()
    for number, job in enumerate(life.github.jobs):
        yield f"log:{number}", job.log.encode()
        yield f"summary:{number}", job.summary.encode()
        made = git("ls-files", "--others", "-z", cwd=job.folder).split("\0")
        for name in filter(None, made):
            yield f"file:{number}:{name}", (job.folder / name).read_bytes()
    for name, data in every_blob(life.github.origin).items():
        yield f"branch:{name}", data
    for number, (_, path, body) in enumerate(life.around.receiver.got):
        if path == "/hook":
            yield f"webhook:{number}", body
    for number, (_, mail) in enumerate(life.around.mail.mails):
        yield f"mail:{number}", mail.as_bytes()
        for place, part in enumerate(mail.walk()):
            yield f"mail:{number}:{place}", part.get_payload(decode=True) or b""


def test_the_summary_tells_what_the_run_saw(life: Life) -> None:
    """Verdict, figure, and the incident that is open."""
    well, broken, *_, mended = (job.summary for job in life.github.jobs)
    assert "None is open." in well
    assert "| availability | 🛑 down |" in broken
    assert "| fail | success" in broken
    assert "None is open." in mended


@pytest.mark.browser
@pytest.mark.skipif(shutil.which("npx") is None, reason="needs Node.js: npx is not on the path")
@pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs a browser: there is no {CHROMIUM}")
def test_the_report_of_the_last_run_in_a_browser(life: Life, tmp_path: Path) -> None:
    """In real chromium: no request to another host, no complaint on the console, and a trend over the five runs."""
    pytest.importorskip("playwright.sync_api", reason="needs playwright")
    from tests.scheduled.test_allure_site import served

    folder = life.github.jobs[-1].folder
    assert len((folder / ".facemon/allure-history.jsonl").read_text().splitlines()) == 5
    with served(folder / ".facemon/site") as address:
        seen = browse(address, Path(os.environ.get("FACEMON_TEST_SHOTS", tmp_path)))
    assert seen["elsewhere"] == []
    assert seen["complaints"] == []
    assert "check_a_face_is_painted" in seen["checks"]
    assert "Checks of the last runs" in seen["charts"]
    first_chart = seen["charts"].partition("Checks of this run")[0]
    assert len(re.findall(r"^(\d+/\d+/\d+|Latest)$", first_chart, re.MULTILINE)) == 5  # the runs on its axis


def browse(address: str, shots: Path) -> dict[str, Any]:
    """What a person sees of the checks and of the charts, and what the browser asks for meanwhile."""
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    complaints: list[str] = []
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        # A file that is not there is no error of the page: Allure asks for optional ones.
        page.on("console", lambda said: complaints.append(said.text) if "Policy" in said.text else None)
        page.goto(f"{address}index.html")
        for folded in ("checks", "check_availability.py"):
            page.get_by_text(folded, exact=True).first.click()
        page.get_by_text("check_a_face_is_painted").first.wait_for()
        page.screenshot(path=shots / "last-run.png")
        checks = page.inner_text("body")
        page.goto(f"{address}index.html#charts")
        page.reload()
        page.get_by_text("Checks of the last runs").wait_for()
        page.get_by_text("Latest").first.wait_for()
        page.wait_for_timeout(1000)  # the bars grow into view
        page.screenshot(path=shots / "trend.png")
        charts = page.inner_text("body")
        browser.close()
    elsewhere = [url for url in asked if not url.startswith((address, "data:", "blob:"))]
    return {
        "elsewhere": elsewhere,
        "complaints": complaints,
        "checks": checks,
        "charts": charts,
    }


def users_repository(around: World, trusted: Path, **more: str) -> Life:
    """What `facemon init` writes into an empty repository, with all channels. more: checks by their name."""
    room = around.room
    files = {item.path: item.content.encode() for item in items(room, requirement("facemon==1.0"))}
    files["facemon.toml"] = around.project_file().encode()
    files |= {f"checks/{name}.py": text.encode() for name, text in more.items()}
    return Life(around, around.github(remote(room, files.items()), trusted), "facemon-monitor.yml")


def test_wrong_pictures_in_a_users_repository(tmp_path: Path) -> None:
    """What `facemon init` writes into an empty repository: no issue while it is well; pictures of other people are one
    incident of the pictures (nothing else is wrong), told once in three runs, with the score that refuses them; it is
    closed when they are right again. No run leaves a file that git would add.
    """
    with world(tmp_path) as (around, trusted):
        played = users_repository(around, trusted)
        github = played.github
        github.without = ("facemon site",)  # the report has its test
        played.run()
        with around.serving("wrong_age"):
            played.go()
            played.go()
            played.go()
        played.run()
    well, once, twice, thrice, mended = played.shown
    assert well == []
    assert once == twice == thrice, github.jobs[-2].log
    assert [(issue.title, len(issue.comments)) for issue in once] == [
        ("⚠️ pictures are degraded: refused by prompt_adherence", 0)
    ]
    assert re.search(
        r"- `prompt_adherence`: looks \d\d and (fe)?male, where \d\d and (fe)?male was asked", once[0].body
    )
    assert re.search(r"`sound_picture_rate >= 95% over 7d`: 50\.0% \(.*n = 12\)", once[0].body)
    (issue,) = mended
    assert (issue.state, len(issue.comments)) == ("closed", 1), github.jobs[-1].log
    assert issue.title.startswith("✅ pictures are up again after ")
    assert around.server.violations == []
    assert [job.red for job in github.jobs] == [False] * 5
    assert [git("status", "--porcelain", cwd=job.folder) for job in github.jobs] == [""] * 5
    assert {name: found for name, data in written(played) if (found := leaked(data))} == {}


def test_a_report_that_cannot_be_made_takes_nothing_away(tmp_path: Path) -> None:
    """npm does not answer: the step has failed, the job has not, and the sign of life was given."""
    npx = tmp_path / "bin/npx"
    npx.parent.mkdir()
    npx.write_text("#!/bin/sh\necho no answer\nexit 1\n")
    npx.chmod(0o755)
    with world(tmp_path) as (around, trusted):
        played = users_repository(around, trusted)
        path = os.pathsep.join([str(npx.parent), str(Path(sys.executable).parent), os.environ["PATH"]])
        played.github.environment = {**played.github.environment, "PATH": path}
        played.github.without = ()
        job = played.run()
    assert job.step("facemon site").outcome == "failure", job.log
    assert job.step("facemon heartbeat").outcome == "success"
    assert job.steps[-1].outcome == "skipped"  # there is no new history to keep
    assert not job.red
    assert len(around.receiver.bodies(f"/beat/{BEAT}")) == 1


def test_what_a_run_saw_before_its_time_was_up_is_told(tmp_path: Path) -> None:
    """The check hangs after it saw an outage. At its limit it is ended as GitHub does it; the steps after it run, what
    was seen is kept and told with its evidence, and the job is red, without a sign of life: no check ran to its end.
    """
    hang = 'import asyncio\n\n\nasync def check_hangs(facemon):\n    """Never."""\n    await asyncio.sleep(3600)\n'
    with world(tmp_path) as (around, trusted):
        played = users_repository(around, trusted, check_hangs=hang)
        played.github.minute = 1.5  # 20 minutes are 30 s: the outage is seen after half of them
        played.github.without = ("facemon site",)
        job = played.run(FAULT)
    assert job.step("facemon check").outcome == "failure", job.log
    (issue,) = played.shown[-1]
    assert (issue.state, issue.title) == ("open", "🛑 availability is down: server_error"), job.log
    assert "- `server_error`: 5 times" in issue.body
    assert job.step("facemon summary").code == 11
    assert job.red
    assert around.receiver.bodies(f"/beat/{BEAT}") == []
    assert "facemon.db.gz" in state_files(played.github.origin)


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Github:
    """A repository whose release gate is ours."""
    room = tmp_path_factory.mktemp("gate")
    return Github(remote(room, this_checkout()), room, {"secrets": {"STABILITY_API_KEY": KEY}}, {})


@pytest.mark.parametrize(("faults", "code"), [((), 0), (("wrong_age",), 1)], ids=["healthy", "wrong-age"])
def test_the_gate_lets_through_what_is_as_good(caller: Github, faults: tuple[str, ...], code: int) -> None:
    """A candidate as good as the baseline passes on evidence; one that paints people of another age is red, exit 1, and
    the job's page says which promise it breaks.
    """
    settings = {"key": KEY, "latency_scale": 0.02, "balance": 100_000}
    with (
        SimulatorProcess(SimulatorConfig(**settings)) as baseline,
        SimulatorProcess(SimulatorConfig(**settings, faults=faults)) as candidate,
    ):
        job = caller.play(
            "gate.yml",
            "gate",
            target=baseline.url,
            **{
                "candidate-target": candidate.url,
                "max-samples": "150",
                "max-credits": "1000",
                "options": MARGINS,
            },
        )
    assert job.step("facemon gate").code == code, job.log
    assert job.red is bool(code)
    assert (job.folder / "gate.json").exists()
    assert "sound_picture_rate" in job.summary.replace("\\", "")
    assert leaked((job.log + job.summary + (job.folder / "gate.json").read_text()).encode()) == {}
