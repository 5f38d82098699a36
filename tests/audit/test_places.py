"""Second places for checkpoints, against real receivers on loopback."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pii_shield.audit import note
from pii_shield.audit.places import FilePlace, HttpPlace, SyslogPlace, place
from pii_shield.errors import AuditError

from .kit import SEED

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
    with socket.create_server(("127.0.0.1", 0)) as server:
        received: list[bytes] = []

        def receive() -> None:
            connection, _ = server.accept()
            with connection:
                while data := connection.recv(65536):
                    received.append(data)

        thread = threading.Thread(target=receive)
        thread.start()
        assert SyslogPlace(server.getsockname()).put(NOTES)
        thread.join(10)
    data = b"".join(received)
    said = []
    while data:
        length, _, rest = data.partition(b" ")
        said.append(rest[: int(length)].decode())
        data = rest[int(length) :]
    assert [json.loads(line.split(" - ", 3)[-1].removeprefix("checkpoint - ")) for line in said] == NOTES
    assert all(line.startswith("<110>1 ") and "\n" not in line for line in said)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no local sockets here")
def test_syslog_over_a_local_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "log"))
        server.settimeout(10)
        assert SyslogPlace(str(tmp_path / "log")).put(NOTES)
        assert b"example.org/log" in server.recv(65536)


class _Collector(BaseHTTPRequestHandler):
    status = 200
    bodies: list[bytes]

    def do_POST(self) -> None:
        type(self).bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def collector() -> Iterator[tuple[str, type[_Collector]]]:
    handler = type("Collector", (_Collector,), {"bodies": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/checkpoints", handler
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "arrived"), [(200, True), (204, True), (500, False), (403, False)])
def test_http_counts_as_arrived_what_the_collector_took(
    collector: tuple[str, type[_Collector]], status: int, arrived: bool
) -> None:
    url, handler = collector
    handler.status = status
    assert HttpPlace(url).put(NOTES) is arrived
    assert list(note.split(handler.bodies[0].decode())) == NOTES


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
