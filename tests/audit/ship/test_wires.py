"""Syslog over datagrams, TCP and TLS, against receivers that behave and receivers that do not."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pii_shield.audit.ship import wires
from pii_shield.audit.ship.target import Address, Tls
from pii_shield.audit.ship.undelivered import Undelivered

from .kit import Certificates, Stream, certificates, closing, frames

MESSAGES = [b"<110>1 - - a b c - one", b"<110>1 - - a b c - \xc3\xbc two\nlines"]


@pytest.fixture(scope="module")
def certs(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certs"))


@pytest.fixture
def stream() -> Iterator[Stream]:
    receiver = Stream()
    with closing(receiver):
        yield receiver


def tcp(port: int) -> Address:
    return Address("syslog", "127.0.0.1", port, "/")


def tls(port: int, *files: Path | None, host: str = "127.0.0.1") -> Address:
    return Address("syslog+tls", host, port, "/", Tls(*files))


def fails(where: Address, seconds: float = 2.0, messages: list[bytes] = MESSAGES) -> str:
    with pytest.raises(Undelivered) as caught:
        wires.deliver(where, messages, seconds)
    return caught.value.words


def test_datagrams(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        wires.deliver(Address("syslog+udp", "127.0.0.1", server.getsockname()[1], "/"), MESSAGES)
        assert [server.recv(65536) for _ in MESSAGES] == MESSAGES
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "log"))
        server.settimeout(5)
        wires.deliver(Address("unix", "", 0, str(tmp_path / "log")), MESSAGES)
        assert [server.recv(65536) for _ in MESSAGES] == MESSAGES
    assert fails(Address("unix", "", 0, str(tmp_path / "none"))) == "No such file or directory"


def test_tcp_counts_octets_and_ends_when_all_is_read(stream: Stream) -> None:
    wires.deliver(tcp(stream.port), MESSAGES)
    assert frames(stream.batches[0]) == MESSAGES  # there already: the receiver closed after it


def test_nobody_there_is_no_delivery() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    assert fails(tcp(port)) == "Connection refused"


def test_a_receiver_that_breaks_off_has_nothing(stream: Stream) -> None:
    def reset(connection: socket.socket) -> None:
        connection.recv(10)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        raise OSError("gone")

    stream.hold = reset
    assert "reset" in fails(tcp(stream.port), messages=[b"x" * 5_000_000])
    assert stream.batches == []


def test_a_receiver_that_takes_but_does_not_read_has_nothing(stream: Stream) -> None:
    stream.hold = lambda _: time.sleep(2)
    assert "in time" in fails(tcp(stream.port), 0.3)


def test_a_receiver_that_chatters_for_ever_is_left(stream: Stream) -> None:
    def chatter(connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection.send(b"?")
                time.sleep(0.02)

    stream.hold = chatter
    assert "does not end" in fails(tcp(stream.port), 0.3)


def test_tls_with_an_authority_of_its_own(certs: Certificates) -> None:
    receiver = Stream(certs.server())
    with closing(receiver):
        wires.deliver(tls(receiver.port, certs.ca), MESSAGES)
        assert frames(receiver.batches[0]) == MESSAGES


def test_tls_to_a_stranger_is_refused(certs: Certificates, tmp_path: Path) -> None:
    receiver = Stream(certs.server())
    other = certificates(tmp_path, "127.0.0.2")
    elsewhere = Stream(other.server())
    with closing(receiver, elsewhere):
        assert "not trusted" in fails(tls(receiver.port))
        assert "not trusted" in fails(tls(receiver.port, other.ca))
        assert "mismatch" in fails(tls(elsewhere.port, other.ca))  # its certificate is for another address
        assert receiver.batches == elsewhere.batches == []


def test_tls_where_the_receiver_wants_to_know_us(certs: Certificates) -> None:
    receiver = Stream(certs.server(asks=True))
    with closing(receiver):
        assert fails(tls(receiver.port, certs.ca))  # its alert may be overtaken by the end of the connection
        assert receiver.batches == []
        wires.deliver(tls(receiver.port, certs.ca, certs.cert, certs.key), MESSAGES)
        assert frames(receiver.batches[0]) == MESSAGES


def test_files_that_are_no_certificates(tmp_path: Path, certs: Certificates) -> None:
    (tmp_path / "x.pem").write_text("no")
    with closing(receiver := Stream(certs.server())):
        for files in ((tmp_path / "none.pem",), (tmp_path / "x.pem",), (certs.ca, tmp_path / "x.pem", certs.key)):
            assert "certificate or key file" in fails(tls(receiver.port, *files))


def test_who_does_not_speak_tls_has_nothing(certs: Certificates, stream: Stream) -> None:
    assert fails(tls(stream.port, certs.ca), 0.5)
    assert not any(b"<110>" in batch for batch in stream.batches)


def test_a_handshake_that_hangs_ends() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []
        thread = threading.Thread(target=lambda: held.append(server.accept()[0]), daemon=True)
        thread.start()
        assert "in time" in fails(tls(server.getsockname()[1]), 0.3)
        thread.join(5)
        held[0].close()
