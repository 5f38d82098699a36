"""Receivers on the loopback that take what syslog and HTTP bring, and a reader of RFC 5424 that forgives nothing."""

import contextlib
import datetime
import gzip
import ipaddress
import json
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from pii_shield.audit.ship import target
from pii_shield.audit.ship.target import Target

_ATOM = r"[!-~]"
_SD_NAME = r"[!#-<>-\\^-~]{1,32}"
_PARAM = rf' {_SD_NAME}="(?:[^"\\\]]|\\["\\\]])*"'
_ELEMENT = rf"\[{_SD_NAME}(?:{_PARAM})*\]"
_MESSAGE = re.compile(
    rf"<(?P<pri>0|[1-9][0-9]{{0,2}})>1 (?P<time>-|\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{{1,6}})?(?:Z|[+-]\d\d:\d\d)) "
    rf"(?P<host>{_ATOM}{{1,255}}) (?P<app>{_ATOM}{{1,48}}) (?P<proc>{_ATOM}{{1,128}}) (?P<id>{_ATOM}{{1,32}}) "
    rf"(?P<data>-|(?:{_ELEMENT})+)(?: (?P<text>.*))?",
    re.DOTALL,
)


class Said(NamedTuple):
    """A syslog message, taken apart."""

    facility: int
    severity: int
    time: str
    host: str
    app: str
    proc: str
    id: str
    data: dict[str, dict[str, str]]
    text: str

    @property
    def ours(self) -> dict[str, str]:
        return self.data["pii_shield@32473"]

    @property
    def seq(self) -> int:
        return int(self.ours["seq"])


def parse(message: bytes) -> Said:
    """A message by the ABNF of RFC 5424; AssertionError for anything else."""
    match = _MESSAGE.fullmatch(message.decode("utf-8"))
    assert match, message
    assert int(match["pri"]) <= 191
    data: dict[str, dict[str, str]] = {}
    for element in re.findall(_ELEMENT, match["data"]):
        name = re.match(rf"\[({_SD_NAME})", element)[1]
        assert name not in data, "the same structured data twice"
        pairs = re.findall(rf' ({_SD_NAME})="((?:[^"\\\]]|\\["\\\]])*)"', element)
        data[name] = {key: re.sub(r'\\(["\\\]])', r"\1", value) for key, value in pairs}
    facility, severity = divmod(int(match["pri"]), 8)
    said = (match[name] for name in ("time", "host", "app", "proc", "id"))
    return Said(facility, severity, *said, data, match["text"] or "")


def frames(data: bytes) -> list[bytes]:
    """Messages by octet counting, RFC 6587 3.4.1."""
    found = []
    while data:
        match = re.match(rb"([1-9][0-9]*) ", data)
        assert match, data[:40]
        end = match.end() + int(match[1])
        assert end <= len(data), "a frame that was cut off"
        found.append(data[match.end() : end])
        data = data[end:]
    return found


class Stream:
    """A syslog receiver over TCP or TLS. `hold` runs before it reads; what it raises ends the connection."""

    def __init__(self, context: ssl.SSLContext | None = None, hold: Callable[[socket.socket], None] | None = None):
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._context, self.hold = context, hold
        self.batches: list[bytes] = []
        self.refused: list[Exception] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            with connection:
                try:
                    self._take(connection)
                except (OSError, ssl.SSLError) as error:
                    self.refused.append(error)

    def _take(self, connection: socket.socket) -> None:
        if self._context:
            connection = self._context.wrap_socket(connection, server_side=True)
        with connection:
            if self.hold:
                self.hold(connection)
            parts = []
            while part := connection.recv(65536):
                parts.append(part)
            self.batches.append(b"".join(parts))

    @property
    def messages(self) -> list[Said]:
        return [parse(frame) for batch in self.batches for frame in frames(batch)]

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self._thread.join(5)


class Call(NamedTuple):
    """One POST that came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def rows(self) -> list[dict]:
        data = gzip.decompress(self.body) if self.headers.get("Content-Encoding") == "gzip" else self.body
        return [json.loads(line) for line in data.splitlines()]


Answer = Callable[[BaseHTTPRequestHandler, Call], None]


def status(code: int, **headers: str) -> Answer:
    """Answers with a status."""

    def answer(handler: BaseHTTPRequestHandler, _: Call) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"{}")

    return answer


class Collector:
    """An HTTP receiver that answers by a script: one entry a call, the last one for ever."""

    def __init__(self, *script: Answer, context: ssl.SSLContext | None = None):
        self.script = list(script) or [status(200)]
        self.calls: list[Call] = []
        self.taken: list[Call] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                call = Call(self.path, dict(self.headers.items()), body)
                outer.calls.append(call)
                answer = outer.script.pop(0) if len(outer.script) > 1 else outer.script[0]
                answer(self, call)
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if context:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    @property
    def rows(self) -> list[dict]:
        return [row for call in self.calls for row in call.rows]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def made(to: str, **more: object) -> Target:
    """The target of a table, named siem."""
    return target.read({"siem": {"to": to, **more}})[0].resolved({})


class Certificates(NamedTuple):
    """Of a small authority of our own, as PEM files."""

    ca: Path
    cert: Path
    key: Path

    def server(self, *, asks: bool = False) -> ssl.SSLContext:
        """For a receiver; `asks`: it wants to see a certificate of the same authority."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.cert, self.key)
        if asks:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.ca)
        return context


def certificates(directory: Path, name: str = "127.0.0.1") -> Certificates:
    """A new authority, and a certificate of it for an address."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = datetime.datetime.now(datetime.UTC)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])

    def builder(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        made = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
        made = made.serial_number(x509.random_serial_number())
        return made.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=2))

    authority = builder(issuer, ca_key.public_key()).add_extension(x509.BasicConstraints(True, None), True)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name)), x509.DNSName("localhost")])
    leaf = builder(subject, key.public_key()).add_extension(names, False)
    found = Certificates(*(directory / file for file in ("ca.pem", "cert.pem", "key.pem")))
    pem = serialization.Encoding.PEM
    found.ca.write_bytes(authority.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    found.cert.write_bytes(leaf.sign(ca_key, hashes.SHA256()).public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    found.key.write_bytes(secret)
    return found


@contextlib.contextmanager
def closing(*things: Stream | Collector) -> Iterator[None]:
    try:
        yield
    finally:
        for thing in things:
            thing.close()
