"""Bad input: one sentence that names the value and what is accepted, exit code 4, no traceback, nothing sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from facemon.cli.trouble import Exit
from tests.cli.conftest import Invoke

FACE = ("generate", "--target", "mock", "--age", "30", "--gender", "female")
SET = ("generate", "--target", "mock", "--count")
LONG = "x" * 10_001

# The command, the value that the sentence names, a part of what it says is accepted.
CASES = [
    (("generate", "--age", "25", "--gender", "male"), "25", "20, 30, 40, 50, 60, 70"),
    (("generate", "--age", "30.0", "--gender", "male"), "'30.0'", "20, 30"),
    (("generate", "--age", "", "--gender", "male"), "''", "20, 30"),
    (("generate", "--age", "３０", "--gender", "male"), "'３０'", "20, 30"),
    (("generate", "--age", "30", "--gender", "woman"), "'woman'", "male, female"),
    (("generate", "--age", "30"), "--gender", "male or female"),
    (("generate", "--gender", "male"), "--age", "20, 30"),
    (("generate",), "--age and --gender", "20, 30"),
    (("generate", "--prompt", "a man", "--age", "30"), "'a man'", "--age and --gender"),
    (("generate", "--prompt", "   "), "'   '", "1 to 10000 characters"),
    (("generate", "--prompt", LONG), "xxx…xxx", "1 to 10000 characters"),
    ((*FACE, "--seed", "0"), "seed 0", "from 1 to 4294967294"),
    ((*FACE, "--seed", "-1"), "seed -1", "from 1 to 4294967294"),
    ((*FACE, "--seed", "4294967295"), "4294967295", "from 1 to 4294967294"),
    ((*FACE, "--seed", "abc"), "'abc'", "from 1 to 4294967294"),
    ((*FACE, "--seed", "9" * 40), "999", "from 1 to 4294967294"),
    ((*FACE, "--aspect-ratio", "4:3"), "'4:3'", "16:9"),
    ((*FACE, "--format", "gif"), "'gif'", "png, jpeg, webp"),
    ((*FACE, "--format", "webp", "--provider", "stability_v1"), "'webp'", "stability_v1 paints: png"),
    ((*FACE, "--format", "webp", "--out", "face.png"), "'face.png'", ".webp"),
    ((*FACE, "--out", "face.gif"), "'face.gif'", ".png, .jpg, .jpeg, .webp, or without"),
    ((*FACE, "--store", " "), "' '", "sqlite:///PATH"),
    ((*FACE, "--out", "missing/face.png"), "'missing'", "folder that exists"),
    ((*FACE, "--out", "a-file/face.png"), "'a-file'", "a folder"),
    ((*FACE, "--out", "/proc/face.png"), "'/proc'", "can be written"),
    ((*FACE, "--out", "there.png"), "'there.png'", "--force"),
    ((*FACE, "--seed", "5"), "'face-30-female-5.png'", "--force"),
    ((*FACE, "--model", "coer"), "'coer'", "core, ultra"),
    ((*FACE, "--provider", "stability"), "'stability'", "stability_v1, stability_v2beta"),
    ((*FACE, "--max-credits", "-1"), "'-1'", "greater than or equal to 0"),
    ((*FACE, "--max-credits", "lots"), "'lots'", "valid number"),
    ((*FACE, "--max-credits", "nan"), "'nan'", "finite number"),
    ((*FACE, "--fault", "hangs"), "'hangs'", "did you mean hang"),
    ((*FACE, "--fault", "hang:rate=2"), "rate=2", "a share above 0 and up to 1"),
    ((*FACE, "--store", "missing/way/f.db"), "missing/way", "make the folder"),
    ((*FACE, "--store", "a-file/f.db"), "a-file", "is not a folder"),
    ((*FACE, "--store", "mysql://host/db"), "mysql://", "sqlite:///PATH"),
    ((*FACE, "--store", "full"), "the store full", "name a file in it"),
    ((*FACE, "--store", "a-file"), "a-file", "is not a database"),
    ((*SET, "0"), "count 0", "from 1 to 100000"),
    ((*SET, "many"), "'many'", "from 1 to 100000"),
    ((*SET, "2", "--age", "30"), "--count 2", "--age, --gender or --prompt"),
    ((*SET, "2", "--out", "full"), "'full'", "--force"),
    ((*SET, "2", "--out", "a-file"), "'a-file'", "a folder"),
    (("generate", "--target", "moon", "--age", "30", "--gender", "male"), "'moon'", "sim, mock, live"),
    (("generate", "--target", "http://example.com", "--age", "30", "--gender", "male"), "example.com", "https"),
    (("generate", "--target", "ftp://127.0.0.1", "--age", "30", "--gender", "male"), "ftp://", "https://"),
    (("generate", "--target", "live", "--age", "30", "--gender", "male"), "live", "needs a key"),
    (("check", "missing"), "'missing'", "a file or folder of checks"),
    (("check", "-n", "many"), "'many'", "from 0 to 64"),
    (("check", "--samples", "0"), "'0'", "greater than or equal to 1"),
    (("check", "--target", "http://127.0.0.1:99999"), "99999", "from 0 to 65535"),
    (("check", "--target", "http://127.0.0.1:9", "--fault", "hang"), "hang", "cannot be told"),
    (("check", "--junit", "missing/junit.xml"), "'missing/junit.xml'", "a folder that exists"),
    (("check", "--allure", "a-file"), "'a-file'", "a folder"),
    (("check", "--sampels", "3"), "'--sampels'", "did you mean --samples"),
    (("simulate", "--port", "70000"), "70000", "0 (any free one) to 65535"),
    (("simulate", "--port", "http"), "'http'", "0 (any free one) to 65535"),
    (("simulate", "--balance", "much"), "'much'", "a number of credits"),
    (("simulate", "--pool", "-1"), "-1", "100000"),
    (("simulate", "--seed", "x"), "'x'", "whole number"),
    (("simulate", "--latency-scale", "1000"), "1000", "0 (no waiting) to 100"),
    (("simulate", "--latency-scale", "1", "--realtime"), "--realtime", "contradict"),
    (("simulate", "--fault", "hang", "--fault", "hang"), "'hang'", "given twice"),
    (("simulate", "--cache", "a-file"), "'a-file'", "a folder"),
    (("simulate", "--all-models"), "--all-models", "--prepare-only"),
    (("records", "list", "--store", "missing.db"), "missing.db", "no store"),
    (("records", "list", "--state", "upp"), "'upp'", "did you mean up"),
    (("records", "list", "--error-type", "timeot"), "'timeot'", "did you mean timeout"),
    (("records", "list", "--age", "31"), "31", "20, 30"),
    (("records", "list", "--gender", "man"), "'man'", "male, female"),
    (("records", "list", "--since", "yesterday"), "'yesterday'", "24h"),
    (("records", "list", "--since", "999999w"), "'999999w'", "24h"),
    (("records", "list", "--limit", "0"), "limit 0", "from 1 to 100000"),
    (("records", "list", "--run", "nobody"), "'nobody'", "last"),
    (("records", "show", "nobody"), "'nobody'", "the id of a record"),
    (("records", "show", ""), "''", "the id of a record"),
    (("records", "show", "019"), "'019'", "several records"),
    (("records", "show"), "ID", "Missing argument"),
    (("records", "export", "--format", "xml"), "'xml'", "csv, json, jsonl"),
    (("records", "export", "--out", "missing/r.json"), "'missing'", "folder that exists"),
    (("records", "export", "--out", "there.png"), "'there.png'", "--force"),
    (("records", "runs", "--limit", "ten"), "'ten'", "from 1 to 100000"),
    (("record",), "'record'", "'records'"),
    (("generate", "30", "female"), "30 female", "unexpected"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "value", "accepted"), CASES, ids=lambda part: str(part)[:60])
def test_one_sentence_says_what_is_wrong(
    invoke: Invoke,
    one_error: Callable[[Result], str],
    store: Path,
    arguments: tuple[str, ...],
    value: str,
    accepted: str,
) -> None:
    """The sentence names the value and what is accepted; the code is 4, and what was there is as it was."""
    Path("a-file").write_text("not yours to change, and no database at all")
    Path("there.png").write_text("a picture")
    Path("face-30-female-5.png").write_text("a picture")
    Path("full").mkdir()
    Path("full/of.txt").write_text("things")
    before = {path: path.read_bytes() for path in Path().rglob("*.*") if path.is_file() and path != store}
    result = invoke(*arguments)
    sentence = one_error(result)
    assert result.exit_code == Exit.USAGE, result.output
    assert value in sentence
    assert accepted in sentence
    assert result.stdout == ""
    assert before == {path: path.read_bytes() for path in before}


@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        ("FACEMON_TARGET", "moon", "sim, mock, live"),
        ("FACEMON_CONCURRENCY", "0", "greater than or equal to 1"),
        ("FACEMON_MODLE", "core", "did you mean FACEMON_MODEL?"),
        ("FACEMON_RATE_LIMIT", "fast", "150/10s"),
    ],
)
def test_a_wrong_variable_is_refused_like_an_option(
    invoke: Invoke,
    one_error: Callable[[Result], str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    accepted: str,
) -> None:
    """What the environment says is judged as what the command line says."""
    monkeypatch.setenv(name, value)
    result = invoke("generate", "--age", "30", "--gender", "male")
    assert accepted in one_error(result)
    assert result.exit_code == Exit.USAGE
