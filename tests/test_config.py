"""Settings: where they come from, what outranks what, and what is refused with which sentence."""

import inspect
import re
import traceback

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from facemon import config
from facemon.config import KEY_VARIABLE, LIVE_URL, Settings, is_loopback
from facemon.errors import ConfigError
from facemon.secret import Secret
from tests.client.leaks import find_leaks, fragments_in

# A slow moment of a busy machine is no failure of the code.
UNHURRIED = settings(deadline=None)

CANARY = "sk-Qx7vWz2KpLr9TnB4mHs8"


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch):
    """No setting of whoever runs the tests reaches them."""
    import os

    for name in list(os.environ):
        if name.upper().startswith("FACEMON_") or name.upper() == KEY_VARIABLE:
            monkeypatch.delenv(name)


def refused(**sources):
    """The sentence of a load that must fail."""
    with pytest.raises(ConfigError) as caught:
        Settings.load(**sources)
    return str(caught.value)


# --- what can be set ---


def test_defaults_need_no_environment():
    """Without any source every setting has its documented default, and there is no key."""
    settings = Settings.load()
    assert (settings.target, settings.base_url, settings.provider) == ("sim", LIVE_URL, "stability_v2beta")
    assert (settings.attempt_timeout, settings.generation_timeout, settings.rate) == (30, 180, (150, 10.0))
    assert settings.api_key is None and settings.max_credits is None and settings.response_time_limit == 3.0


def test_every_field_has_a_description():
    """A setting without a description cannot be explained by --help or the README."""
    assert all(
        field.description and not field.description.endswith(".") for field in Settings.model_fields.values()
    )


def test_settings_are_frozen():
    """Nobody changes a setting while the program runs."""
    with pytest.raises(ValidationError):
        Settings.load().samples = 5


def test_config_is_the_only_reader_of_the_environment():
    """No other module of the package's foundation asks os.environ."""
    from facemon import calls, clock, encoded, ledger, model, prompts, provider_replies, retry, secret
    from facemon.client import client, exchange, faces, limits, transport

    rooms = [calls, clock, encoded, ledger, model, prompts, provider_replies, retry, secret]
    rooms += [client, exchange, faces, limits, transport]
    assert [
        room.__name__ for room in rooms if re.search(r"os\.environ|getenv", inspect.getsource(room))
    ] == []


# --- precedence ---


@pytest.mark.parametrize(
    ("low", "env", "high", "expected"),
    [
        (None, None, None, 72),
        ("1", None, None, 1),
        (None, "2", None, 2),
        (None, None, 3, 3),
        ("1", "2", None, 2),
        ("1", None, 3, 3),
        (None, "2", 3, 3),
        ("1", "2", "3", 3),
    ],
)
def test_precedence(monkeypatch, low, env, high, expected):
    """A default yields to the ini file, that to the environment, that to the command line."""
    if env is not None:
        monkeypatch.setenv("FACEMON_SAMPLES", env)
    low, high = ({} if value is None else {"samples": value} for value in (low, high))
    assert Settings.load(low=low, high=high).samples == expected


def test_sources_are_joined_field_by_field(monkeypatch):
    """Each field is looked up by itself: three fields may come from three sources."""
    monkeypatch.setenv("FACEMON_MODEL", "ultra")
    settings = Settings.load(low={"target": "mock", "model": "core"}, high={"samples": 5})
    assert (settings.target, settings.model, settings.samples) == ("mock", "ultra", 5)


def test_key_comes_from_its_own_variable(monkeypatch):
    """STABILITY_API_KEY is the key, stripped of the newline that a file or a shell added."""
    monkeypatch.setenv(KEY_VARIABLE, f" {CANARY}\n")
    assert Settings.load().api_key.reveal() == CANARY


@pytest.mark.parametrize("value", ["", " ", "\n"])
def test_an_empty_key_is_none(monkeypatch, value):
    """An empty variable, as CI sets it for a missing secret, is no key."""
    monkeypatch.setenv(KEY_VARIABLE, value)
    assert Settings.load().api_key is None


@pytest.mark.parametrize("source", ["low", "high"])
def test_key_comes_from_nowhere_else(source):
    """The module's promise: an ini file or a command line with the key in it is refused, without showing it."""
    sentence = refused(**{source: {"api_key": CANARY}})
    assert KEY_VARIABLE in sentence and not fragments_in(sentence, CANARY)


def test_a_program_may_hand_over_a_secret():
    """What is wrapped already came from a program, not from a file or a command line."""
    secret = Secret(CANARY)
    assert Settings.load(high={"api_key": secret}).api_key is secret


def test_no_dotenv_file_is_read(monkeypatch, tmp_path):
    """A `.env` file beside the program is not read."""
    (tmp_path / ".env").write_text(f"{KEY_VARIABLE}={CANARY}\nFACEMON_SAMPLES=5\n")
    monkeypatch.chdir(tmp_path)
    assert Settings.load().api_key is None and Settings.load().samples == 72


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hang", ("hang",)),
        ("hang;slow", ("hang", "slow")),
        (" hang  slow\nlast ", ("hang", "slow", "last")),
        ("hang; slow;", ("hang", "slow")),
        ("", ()),
        (" ; ", ()),
    ],
)
def test_faults_are_split(monkeypatch, text, expected):
    """Faults are separated by blanks or semicolons; nothing between two of them is no fault."""
    monkeypatch.setenv("FACEMON_FAULT", text)
    assert Settings.load().fault == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("150/10s", (150, 10.0)), ("1/0.5s", (1, 0.5)), ("none", None)]
)
def test_rate(text, expected):
    """A rate is requests in seconds, or none."""
    assert Settings.load(high={"rate_limit": text}).rate == expected


# --- refusals ---

REFUSED = [
    ("target", "siml", "sim, mock, live, or a URL"),
    ("target", "", "sim, mock, live, or a URL"),
    ("target", "SIM", "sim, mock, live, or a URL"),
    ("target", "ftp://host", "https://"),
    ("target", "http://example.org", "https"),
    ("base_url", "", "https://"),
    ("base_url", "api.stability.ai", "https://"),
    ("base_url", "ftp://api.stability.ai", "https://"),
    ("base_url", "https://", "https://"),
    ("base_url", "file:///etc/passwd", "https://"),
    ("base_url", "http://api.stability.ai", "this machine"),
    ("base_url", "http://192.168.0.1", "this machine"),
    ("base_url", "http://0.0.0.0:80", "this machine"),
    ("base_url", "http://localhost.example.org", "this machine"),
    ("base_url", "http://127.0.0.1.nip.io", "this machine"),
    ("base_url", "http://127.1", "this machine"),
    ("base_url", "https://host:99999", "port"),
    ("base_url", "https://host:abc", "port"),
    ("base_url", "https://host/?a=b", "query"),
    ("base_url", "https://host/#part", "fragment"),
    ("base_url", "https://host?", "query"),
    ("base_url", "https://host#", "fragment"),
    ("base_url", "https://ho\nst", "URL"),
    ("base_url", "https://[::1", "URL"),
    ("max_credits", "-1", "0"),
    ("max_credits", "ten", "number"),
    ("max_credits", "nan", "finite"),
    ("max_credits", "inf", "finite"),
    ("max_credits", "", "number"),
    ("samples", "0", "1"),
    ("samples", "-5", "1"),
    ("samples", "1.5", "integer"),
    ("samples", "many", "integer"),
    ("samples", "100001", "100000"),
    ("samples", "9" * 5000, "integer"),
    ("response_time_limit", "0", "0"),
    ("response_time_limit", "inf", "3600"),
    ("response_time_limit", "nan", "0"),
    ("give_up_after", "-1", "0"),
    ("attempt_timeout", "0", "0"),
    ("attempt_timeout", "-3", "0"),
    ("attempt_timeout", "30s", "number"),
    ("generation_timeout", "36001", "36000"),
    ("concurrency", "0", "1"),
    ("concurrency", "1001", "1000"),
    ("rate_limit", "", "150/10s"),
    ("rate_limit", "150", "150/10s"),
    ("rate_limit", "0/10s", "150/10s"),
    ("rate_limit", "150/0s", "150/10s"),
    ("rate_limit", "-1/10s", "150/10s"),
    ("rate_limit", "150/10m", "150/10s"),
    ("rate_limit", "9" * 5000 + "/1s", "150/10s"),
    ("store", "", "character"),
    ("control_url", "nonsense", "https://"),
    ("control_url", "ftp://example.org", "https://"),
]


@pytest.mark.parametrize("source", ["env", "low", "high"])
@pytest.mark.parametrize(("name", "value", "accepted"), REFUSED, ids=lambda part: repr(part)[:28])
def test_bad_value_is_refused_with_one_sentence(monkeypatch, name, value, accepted, source):
    """Whatever the source, a bad value stops the start with one line that names setting, value and what is accepted."""
    monkeypatch.setenv(KEY_VARIABLE, CANARY)
    if source == "env":
        monkeypatch.setenv(f"FACEMON_{name.upper()}", value)
        sentence = refused()
    else:
        sentence = refused(**{source: {name: value}})
    assert sentence.startswith(name) and "is not accepted: give " in sentence
    assert repr(value)[:50] in sentence and accepted in sentence
    assert_reads_well(sentence)


def assert_reads_well(sentence):
    """One line, not long, without the validation library's words, and nothing of the key."""
    assert "\n" not in sentence and len(sentence) < 400
    assert not re.search(r"pydantic|validation error|Value error|Input should|String should|sys\.", sentence)
    assert not fragments_in(sentence, CANARY)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("samples", None),
        ("samples", [1]),
        ("base_url", 5),
        ("fault", 5),
        ("fault", ["hang", 5]),
        ("store", b"\xff"),
    ],
)
def test_value_of_a_wrong_type_is_refused(name, value):
    """A value that no file or command line could hold, but a program could, is refused in the same words."""
    assert_reads_well(sentence := refused(high={name: value}))
    assert sentence.startswith(name) and repr(value) in sentence


@pytest.mark.parametrize("source", ["low", "high"])
def test_unknown_field_names_those_there_are(source):
    """A misspelt ini key or option is refused with the names that exist."""
    sentence = refused(**{source: {"sample": 5}})
    assert sentence.startswith("sample is no setting of facemon") and "samples" in sentence
    assert_reads_well(sentence.split(": give")[0])


@pytest.mark.parametrize(
    ("variable", "near"),
    [
        ("FACEMON_SAMPELS", "FACEMON_SAMPLES"),
        ("FACEMON_MAXCREDITS", "FACEMON_MAX_CREDITS"),
        ("FACEMON_BASEURL", "FACEMON_BASE_URL"),
        ("FACEMON_FAULTS", "FACEMON_FAULT"),
    ],
)
def test_unknown_variable_is_refused_with_a_near_name(monkeypatch, variable, near):
    """A misspelt variable is not skipped in silence: it is named, with the nearest name there is, without its value."""
    monkeypatch.setenv(variable, CANARY)
    sentence = refused()
    assert sentence.startswith(variable) and f"did you mean {near}?" in sentence
    assert not fragments_in(sentence, CANARY)


@pytest.mark.parametrize("variable", ["FACEMON_ZZZZ", "FACEMON_API_KEY", "FACEMON_"])
def test_unknown_variable_lists_all_names(monkeypatch, variable):
    """A variable like none of ours is refused with the list of ours, in a sentence with a stop before the list."""
    monkeypatch.setenv(variable, CANARY)
    sentence = refused()
    assert re.match(rf"{variable} is no setting of facemon\W", sentence) and not fragments_in(
        sentence, CANARY
    )
    assert re.search(r"[.:;?] (Accepted|give)", sentence)
    assert all(f"FACEMON_{name.upper()}" in sentence for name in Settings.model_fields if name != "api_key")


@pytest.mark.parametrize(
    "key", ["sk-Qx7vWz2K pLr9TnB4", "sk-Qx7vWz2Kü", "sk-Qx7vWz2K\tpLr9", "sk-Qx7vWz2K\x7f", "“sk-Qx7vWz2K”"]
)
def test_bad_key_is_refused_without_being_shown(monkeypatch, key):
    """A key that cannot be a header is refused at the start, its variable named, its value not shown."""
    monkeypatch.setenv(KEY_VARIABLE, key)
    sentence = refused()
    assert sentence.startswith(KEY_VARIABLE) and "ASCII" in sentence
    assert not fragments_in(sentence, "sk-Qx7vWz2K")


@pytest.mark.parametrize(
    "url",
    [
        f"https://user:{CANARY}@host",
        f"https://{CANARY}@api.stability.ai",
        f"http://127.0.0.1:{CANARY}@host.example.org",
        "https://:@host",
        "https://@host",
    ],
    ids=["password", "user", "loopback as user", "empty both", "empty"],
)
@pytest.mark.parametrize("name", ["base_url", "target", "control_url"])
def test_url_with_user_info_is_refused_without_showing_it(url, name):
    """User and password in a URL would end in every log: refused, and the password is not in the refusal either."""
    sentence = refused(high={name: url})
    assert "user" in sentence and not fragments_in(sentence, CANARY)


def test_a_key_in_the_wrong_place_is_not_shown(monkeypatch):
    """Who puts the key in another setting by mistake does not find it in the error text."""
    monkeypatch.setenv(KEY_VARIABLE, CANARY)
    monkeypatch.setenv("FACEMON_TARGET", CANARY)
    assert not fragments_in(refused(), CANARY)


# --- where a key may travel ---


@pytest.mark.parametrize(
    "url",
    [
        "https://api.stability.ai",
        "https://api.stability.ai:8443/base",
        "http://127.0.0.1:8080",
        "http://127.8.9.1",
        "http://localhost",
        "HTTP://LOCALHOST:1",
        "http://[::1]:8080",
    ],
)
def test_url_is_accepted(url):
    """https anywhere, http to this machine only, with port and path."""
    assert config.check_url(url) == url and config.check_url(url + "/") == url


@UNHURRIED
@given(st.text(max_size=30), st.sampled_from(["https://", "http://", "https://host", "http://127.0.0.1", ""]))
def test_accepted_urls_can_be_sent_to(rest, start):
    """Whatever is accepted, httpx can send to, sees the same host in, and would send a key there only by our rule."""
    try:
        accepted = config.check_url(start + rest)
    except ValueError:
        return
    url = httpx.URL(accepted + "/v1/user/balance")
    assert url.path.endswith("/v1/user/balance") and not url.userinfo
    assert url.scheme == "https" or is_loopback(url.host)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.255.255.254", True), ("::1", True), ("localhost", True)]
    + [
        (host, False)
        for host in (None, "", "0.0.0.0", "::", "10.0.0.1", "localhost.", "LOCALHOST.evil", "127.1")
    ],
)
def test_is_loopback(host, expected):
    """Only an address of this machine, or its one name, is."""
    assert is_loopback(host) is expected


# --- secrecy ---


def test_no_way_of_showing_settings_shows_the_key(monkeypatch):
    """repr, str, the dictionary, the dump and all that can be reached from settings hold no fragment of the key."""
    monkeypatch.setenv(KEY_VARIABLE, CANARY)
    settings = Settings.load(low={"samples": "5"}, high={"model": "core"})
    shown = [repr(settings), str(settings), repr(vars(settings)), repr(settings.model_dump())]
    assert not fragments_in(" ".join(shown), CANARY)
    assert find_leaks(settings, CANARY) == []


@pytest.mark.parametrize(
    "bad", [{"FACEMON_SAMPLES": "x"}, {"FACEMON_ZZZ": "1"}, {"FACEMON_BASE_URL": "http://example.org"}]
)
def test_config_error_drags_no_key_along(monkeypatch, bad):
    """Neither the traceback nor the frames, contexts and causes behind a ConfigError hold the key."""
    monkeypatch.setenv(KEY_VARIABLE, CANARY)
    for name, value in bad.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as caught:
        Settings.load()
    assert not fragments_in("".join(traceback.format_exception(caught.value)), CANARY)
    assert find_leaks(caught.value, CANARY) == []


def test_config_error_of_a_bad_key_drags_no_key_along(monkeypatch):
    """A key that is refused is not in the frames behind the refusal either."""
    monkeypatch.setenv(KEY_VARIABLE, CANARY + " x")
    with pytest.raises(ConfigError) as caught:
        Settings.load()
    assert find_leaks(caught.value, CANARY) == []


def test_objectives_are_sentences_between_semicolons(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a text by `;` or lines, blanks around them do not count; one by one as a command line gives them."""
    monkeypatch.setenv("FACEMON_OBJECTIVE", " success_rate >= 99% ;; credits.mean <= 4 credits;\n")
    assert Settings.load().objective == ("success_rate >= 99%", "credits.mean <= 4 credits")
    monkeypatch.setenv("FACEMON_OBJECTIVE", " ")
    assert Settings.load().objective == ()
    assert Settings.load(high={"objective": ("a; b", "c")}).objective == ("a", "b", "c")


def test_an_objective_that_is_empty_on_the_command_line_is_not_overlooked() -> None:
    """`--facemon-objective "$UNSET"` promises nothing, and must not mean the usual ones: it stays, to be refused."""
    assert Settings.load(high={"objective": ("",)}).objective == ("",)


@pytest.mark.parametrize(
    ("given", "most"),
    [({}, 72), ({"samples": 60}, 60), ({"sequential": True}, 300), ({"sequential": True, "samples": 72}, 72)],
)
def test_a_sequential_run_may_take_more_samples(given: dict[str, object], most: int) -> None:
    """It stops by itself: what it may take at most is higher, unless somebody names it."""
    assert Settings.load(high=given).most_samples == most
