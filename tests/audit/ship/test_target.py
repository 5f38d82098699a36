"""Receivers in the configuration: what they may say, and that what they say is not shown."""

from pathlib import Path

import pytest

from pii_shield import config
from pii_shield.audit.ship import target
from pii_shield.errors import ConfigError

from .kit import made

GOOD = """
[audit.ship.siem]
to = "syslog+tls://siem.example:6515"
format = "ocsf"
ca = "~/ca.pem"
cert = "client.pem"
host = "gate-1"
[audit.ship.lake]
to = "https://collector.example/v1/rows?key=hidden"
headers = { Authorization = "Bearer ${LAKE_TOKEN}", X-Team = "${TEAM:-blue}" }
gzip = true
rows = 7
"""


def load(tmp_path: Path, text: str, **environ: str) -> config.Config:
    file = tmp_path / "config.toml"
    file.write_text(text)
    file.chmod(0o600)
    return config.load(environ, file=str(file))


def test_receivers_are_read_from_the_configuration(tmp_path: Path) -> None:
    siem, lake = load(tmp_path, GOOD, LAKE_TOKEN="abc").ship
    assert siem[:3] == ("siem", target.Address("syslog+tls", "siem.example", 6515, "/", siem.address.tls), "ocsf")
    assert siem.address.tls == target.Tls(Path("~/ca.pem").expanduser(), tmp_path / "client.pem", None)
    assert (siem.host, lake.host) == ("gate-1", "-")
    assert (lake.name, lake.address.port, lake.address.path) == ("lake", 443, "/v1/rows?key=hidden")
    assert {name: text.reveal() for name, text in lake.headers.items()} == {
        "Authorization": "Bearer abc",
        "X-Team": "blue",
    }
    assert (lake.gzip, lake.rows, lake.format) == (True, 7, "jsonl")


def test_what_is_secret_is_not_shown(tmp_path: Path) -> None:
    config_ = load(tmp_path, GOOD, LAKE_TOKEN="abc")
    assert "abc" not in repr(config_) and "hidden" not in repr(config_)
    assert "hidden" not in f"{config_.ship[1].address}"


def test_a_variable_that_is_not_there_is_a_problem_of_this_receiver_alone(tmp_path: Path) -> None:
    siem, lake = load(tmp_path, GOOD).ship
    assert siem.problem == ""
    assert lake.problem == "the environment has no LAKE_TOKEN"


def test_a_variable_cannot_bring_a_header_of_its_own(tmp_path: Path) -> None:
    assert load(tmp_path, GOOD, LAKE_TOKEN="abc\r\nX-Evil: 1").ship[1].problem == "a header is no single line of text"


@pytest.mark.parametrize(
    ("to", "found"),
    [
        ("syslog://127.0.0.1", ("syslog", "127.0.0.1", 601, "/")),
        ("syslog+udp://localhost:5514", ("syslog+udp", "localhost", 5514, "/")),
        ("syslog+tls://siem.example", ("syslog+tls", "siem.example", 6514, "/")),
        ("syslog:/dev/log", ("unix", "", 0, "/dev/log")),
        ("http://[::1]:8080/x", ("http", "::1", 8080, "/x")),
        ("https://siem.example", ("https", "siem.example", 443, "/")),
    ],
)
def test_addresses(to: str, found: tuple[str, str, int, str]) -> None:
    assert made(to).address[:4] == found


@pytest.mark.parametrize(
    "table",
    [
        {},
        {"to": ""},
        {"to": 3},
        {"to": "ftp://x"},
        {"to": "https://"},
        {"to": "https://u:p@x/"},
        {"to": "https://x/#y"},
        {"to": "https://x:0/"},
        {"to": "https://x:99999/"},
        {"to": "https://x/a b"},
        {"to": "https://x/a\r\nb"},
        {"to": "syslog+tls://x/path"},
        {"to": "syslog+tls://x", "gzip": True},
        {"to": "syslog+tls://x", "headers": {"A": "b"}},
        {"to": "https://x", "headers": {"Content-Length": "3"}},
        {"to": "https://x", "headers": {"a b": "3"}},
        {"to": "https://x", "headers": {"A": 3}},
        {"to": "https://x", "rows": 0},
        {"to": "https://x", "format": "xml"},
        {"to": "https://x", "key": "k.pem"},
        {"to": "https://x", "tls": False},
        {"to": "syslog+tls://x", "host": "a b"},
        {"to": "http://127.0.0.1", "ca": "ca.pem"},
        {"to": "http://collector.example"},
        {"to": "syslog://siem.example"},
        {"to": "syslog+udp://siem.example"},
    ],
)
def test_what_is_wrong_is_an_error(table: dict) -> None:
    with pytest.raises(ValueError):
        target.read({"siem": table})


@pytest.mark.parametrize("value", [[], {"siem": 1}, {"a b": {"to": "https://x"}}, {"": {"to": "https://x"}}])
def test_what_is_no_table_of_receivers_is_an_error(value: object) -> None:
    with pytest.raises(ValueError):
        target.read(value)


def test_in_the_clear_only_where_somebody_said_so() -> None:
    assert made("syslog://siem.example", plain=True).address.host == "siem.example"
    assert made("http://localhost/").address.host == "localhost"


def test_the_error_names_file_line_and_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "\n[audit.ship.siem]\nto = 'gopher://x'\n")
    assert "config.toml, line 2" in str(caught.value) and "siem.to must be one of" in str(caught.value)


def test_a_project_cannot_send_the_log_anywhere(tmp_path: Path) -> None:
    (tmp_path / config.PROJECT_FILE).write_text("[audit.ship.evil]\nto = 'https://evil.example'\n")
    with pytest.raises(ConfigError):
        config.load({}, project=tmp_path)
