"""How syslog messages get to a receiver: datagrams, or one TCP or TLS connection a batch.

Syslog answers nothing. So a connection is closed on our side after the batch (RFC 6587, RFC 5425), and what counts as
delivered is what the receiver has read to the end: it closes too. A datagram is gone when the kernel took it.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from .target import Address, Tls
from .undelivered import Undelivered, because

SECONDS: Final = 10.0
"""For connecting, for sending, and for the receiver to read to the end."""
MAX_DATAGRAM: Final = 8192
"""RFC 5426 wants receivers to take 2,048 bytes; many take this."""
BURST, PAUSE = 32, 0.02
"""Datagrams that go at once, and seconds until the next ones: a receiver's buffer holds about a hundred, and it drops
the others without a word."""
_DATAGRAMS: Final = frozenset({"unix", "syslog+udp"})


def is_datagram(where: Address) -> bool:
    """Whether messages go one by one, and big ones not at all."""
    return where.scheme in _DATAGRAMS


def deliver(where: Address, messages: Sequence[bytes], seconds: float = SECONDS) -> None:
    """Bring messages to a syslog receiver.

    Raises:
        Undelivered: not all of them arrived.
    """
    try:
        if is_datagram(where):
            _datagrams(where, messages, seconds)
        else:
            _stream(where, b"".join(b"%d %b" % (len(m), m) for m in messages), seconds)
    except OSError as error:
        raise because(error) from None


def _datagrams(where: Address, messages: Sequence[bytes], seconds: float) -> None:
    with _datagram_socket(where, seconds) as out:
        for number, message in enumerate(messages):
            if number and not number % BURST:
                time.sleep(PAUSE)
            out.send(message)


def _datagram_socket(where: Address, seconds: float) -> socket.socket:
    if where.scheme == "unix":
        family, address = socket.AF_UNIX, where.path
    else:
        family, _, _, _, address = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_DGRAM)[0]  # type: ignore[assignment]
    out = socket.socket(family, socket.SOCK_DGRAM)
    try:
        out.settimeout(seconds)
        out.connect(address)
    except BaseException:
        out.close()
        raise
    return out


def _stream(where: Address, data: bytes, seconds: float) -> None:
    with socket.create_connection((where.host, where.port), seconds) as plain, limited(plain, seconds):
        if where.scheme != "syslog+tls":
            plain.sendall(data)
            plain.shutdown(socket.SHUT_WR)
            _read_to_end(plain, seconds)
            return
        with context(where.tls).wrap_socket(plain, server_hostname=where.host) as secure:
            secure.sendall(data)
            _end_tls(secure, seconds)


def _end_tls(secure: ssl.SSLSocket, seconds: float) -> None:
    """Say that nothing more comes. A receiver that does not like our certificate tells only now."""
    try:
        plain = secure.unwrap()
    except ssl.SSLEOFError:  # it just closed, as many do; a reset is another error
        return
    except ssl.SSLError as error:
        if error.reason is not None and "CLOSE_NOTIFY" in error.reason:
            return
        raise
    with plain:
        _read_to_end(plain, seconds)


def _read_to_end(stream: socket.socket, seconds: float) -> None:
    """Wait until the receiver closes: it has read all that was before our end."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not stream.recv(4096):
            return
    raise Undelivered("the receiver does not end the connection")


def context(tls: Tls) -> ssl.SSLContext:
    """Certificates are always checked.

    Raises:
        Undelivered: a file cannot be used.
    """
    try:
        made = ssl.create_default_context(cafile=str(tls.ca) if tls.ca else None)
        if tls.cert:
            made.load_cert_chain(tls.cert, tls.key)
    except (OSError, ValueError):  # also what OpenSSL thinks of the content
        raise Undelivered("a certificate or key file cannot be read") from None
    return made


@contextmanager
def limited(stream: socket.socket, seconds: float) -> Iterator[None]:
    """However slowly bytes trickle: after three times the seconds, the connection is cut."""
    handle = socket.fromfd(stream.fileno(), stream.family, stream.type)  # TLS takes the stream's own over
    timer = threading.Timer(3 * seconds, _cut, [handle])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        handle.close()


def _cut(stream: socket.socket) -> None:
    try:
        stream.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
