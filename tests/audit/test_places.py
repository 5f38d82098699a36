"""Second places for checkpoints, against real receivers on loopback."""

import json
import socket
from pathlib import Path

import pytest

from pii_shield.audit import note
from pii_shield.audit.places import FilePlace, place
from pii_shield.errors import AuditError

from .kit import SEED
from .ship.kit import Collector, Stream, certificates, closing, status

SIGNER = note.Signer("example.org/log", SEED)
NOTES = [SIGNER.checkpoint(size, bytes(32), "2027-01-01T00:00:00.000000Z") for size in (1, 2)]


def test_a_file_holds_notes_one_after_the_other_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "away" / "checkpoints"
    assert FilePlace(path).put(NOTES[:1])
    assert FilePlace(path).put(NOTES[1:])
    verifier = note.Verifier(SIGNER.key)
    assert [verifier.checkpoint(text).size for text in note.split(path.read_text())] == [1, 2]
    assert path.stat().st_mode & 0o077 == 0


def test_notes_are_found_among_other_text() -> None:
    text = f"mail header\n\nhello\n{NOTES[0]}\nsignature\n\n{NOTES[1]}"
    assert [found.endswith(own) for found, own in zip(note.split(text), NOTES, strict=True)]
    assert list(note.split("")) == []


def test_syslog_over_tcp_counts_octets() -> None:
    receiver = Stream()
    with closing(receiver):
        assert place(f"syslog://127.0.0.1:{receiver.port}").put(NOTES)
        said = receiver.messages
    assert [json.loads(one.text) for one in said] == NOTES
    assert {(one.facility, one.severity, one.app, one.id) for one in said} == {(13, 6, "pii-shield", "checkpoint")}


def test_syslog_over_tls_believes_whom_this_machine_believes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certs = certificates(tmp_path)
    receiver = Stream(certs.server())
    with closing(receiver):
        where = f"syslog+tls://127.0.0.1:{receiver.port}"
        assert not place(where).put(NOTES)
        monkeypatch.setenv("SSL_CERT_FILE", str(certs.ca))
        assert place(where).put(NOTES)
        assert [json.loads(one.text) for one in receiver.messages] == NOTES


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no local sockets here")
def test_syslog_over_a_local_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "log"))
        server.settimeout(10)
        assert place(f"syslog:{tmp_path}/log").put(NOTES)
        assert b"example.org/log" in server.recv(65536)


@pytest.mark.parametrize(("code", "arrived"), [(200, True), (204, True), (500, False), (403, False)])
def test_http_counts_as_arrived_what_the_collector_took(code: int, arrived: bool) -> None:
    collector = Collector(status(code))
    with closing(collector):
        assert place(f"http://127.0.0.1:{collector.port}/checkpoints").put(NOTES) is arrived
    (call,) = collector.calls
    assert (call.path, list(note.split(call.body.decode()))) == ("/checkpoints", NOTES)


def test_a_collector_that_sends_us_elsewhere_has_not_taken_them() -> None:
    elsewhere = Collector()
    collector = Collector(status(302, Location=f"http://127.0.0.1:{elsewhere.port}/login"))
    with closing(collector, elsewhere):
        assert not place(f"http://127.0.0.1:{collector.port}/").put(NOTES)
    assert elsewhere.calls == []


def test_a_place_that_is_not_there_is_no_error_but_not_arrived(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    (tmp_path / "file").touch()
    for where in (f"syslog://127.0.0.1:{port}", f"syslog:{tmp_path}/none", f"http://127.0.0.1:{port}/"):
        assert place(where).put(NOTES) is False
    assert place(f"{tmp_path}/file/below").put(NOTES) is False


@pytest.mark.parametrize("where", ["ftp://x/y", "https://", "syslog://", "syslog://host:none"])
def test_what_is_no_place_is_an_error(where: str) -> None:
    with pytest.raises(AuditError) as caught:
        place(where)
    assert caught.value.code == "PS707"
