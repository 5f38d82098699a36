"""Batches over HTTP, against collectors that fail, hang, push back, redirect and break off."""

import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from pii_shield.audit.ship import post
from pii_shield.audit.ship.undelivered import Undelivered

from .kit import Call, Collector, certificates, closing, made, status

LINES = [b'{"seq":1}', b'{"seq":2}']


@pytest.fixture
def collector() -> Iterator[Collector]:
    receiver = Collector()
    with closing(receiver):
        yield receiver


def to(collector: Collector, **more: object):
    return made(f"http://127.0.0.1:{collector.port}/rows?key=k", **more)


def fails(collector: Collector, *script, seconds: float = 2.0) -> Undelivered:
    collector.script = list(script)
    with pytest.raises(Undelivered) as caught:
        post.post(to(collector), LINES, "b", seconds)
    return caught.value


@pytest.mark.parametrize("code", [200, 202, 204])
def test_a_2xx_takes_the_batch(collector: Collector, code: int) -> None:
    collector.script = [status(code)]
    post.post(to(collector, headers={"Authorization": "Bearer x"}), LINES, "log/1-2", 5)
    (call,) = collector.calls
    assert (call.path, call.body) == ("/rows?key=k", b'{"seq":1}\n{"seq":2}\n')
    assert call.headers["Content-Type"] == "application/x-ndjson"
    assert call.headers["Authorization"] == "Bearer x"
    assert call.headers["Idempotency-Key"] == '"log/1-2"'
    assert "Content-Encoding" not in call.headers


def test_gzip(collector: Collector) -> None:
    post.post(to(collector, gzip=True), LINES * 100, "b", 5)
    (call,) = collector.calls
    assert len(call.body) < 100
    assert [row["seq"] for row in call.rows] == [1, 2] * 100


@pytest.mark.parametrize(
    ("code", "big"), [(500, False), (503, False), (401, False), (403, False), (413, True), (400, True)]
)
def test_any_other_answer_is_no_delivery(collector: Collector, code: int, big: bool) -> None:
    error = fails(collector, status(code))
    assert (error.words, error.too_big, error.wait) == (f"it answers HTTP {code}", big, 0)


def test_a_redirect_is_not_followed(collector: Collector) -> None:
    other = Collector()
    with closing(other):
        for code in (301, 302, 303, 307, 308):
            fails(collector, status(code, Location=f"http://127.0.0.1:{other.port}/"))
        assert other.calls == []


@pytest.mark.parametrize(
    ("said", "low", "high"),
    [
        ("7", 7, 7),
        ("99999999999999999999", post.MAX_WAIT, post.MAX_WAIT),
        ("soon", 0, 0),
        ("-3", 0, 0),
        ("²", 0, 0),
    ],
)
def test_retry_after(said: str, low: float, high: float) -> None:
    assert low <= post._seconds(said) <= high


def test_retry_after_may_be_a_date() -> None:
    assert 900 <= post._seconds(formatdate(time.time() + 1000, usegmt=True)) <= 1000
    assert post._seconds(formatdate(time.time() - 50, usegmt=True)) == 0


def test_a_429_says_how_long_to_wait(collector: Collector) -> None:
    assert fails(collector, status(429, Retry_After="3")).wait == 3


def test_an_answer_that_breaks_off_is_no_delivery(collector: Collector) -> None:
    def half(handler: BaseHTTPRequestHandler, _: Call) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "100")
        handler.end_headers()
        handler.wfile.write(b"{")

    def half_a_chunk(handler: BaseHTTPRequestHandler, _: Call) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        handler.wfile.write(b"10\r\nabc")

    def half_a_head(handler: BaseHTTPRequestHandler, _: Call) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nServer: x")

    def nothing(handler: BaseHTTPRequestHandler, _: Call) -> None:
        return

    def noise(handler: BaseHTTPRequestHandler, _: Call) -> None:
        handler.wfile.write(b"220 mail.example ESMTP\r\n\r\n")

    for answer in (half, half_a_chunk, half_a_head, noise):
        assert "not whole" in fails(collector, answer).words
    assert "connection" in fails(collector, nothing).words


def test_a_collector_that_hangs_or_trickles_is_left(collector: Collector) -> None:
    def hangs(handler: BaseHTTPRequestHandler, _: Call) -> None:
        time.sleep(1.5)

    def trickles(handler: BaseHTTPRequestHandler, _: Call) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX: " + b"y" * 1000:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.05)

    begin = time.monotonic()
    assert "in time" in fails(collector, hangs, seconds=0.2).words
    fails(collector, trickles, seconds=0.2)
    assert time.monotonic() - begin < 25  # the trickle alone would take fifty


def test_an_endless_answer_is_not_read_to_the_end(collector: Collector) -> None:
    def endless(handler: BaseHTTPRequestHandler, _: Call) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(1 << 40))
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
        except OSError:
            return

    collector.script = [endless]
    post.post(to(collector), LINES, "b", 5)


def test_nobody_there(collector: Collector) -> None:
    target = to(collector)
    collector.close()
    with pytest.raises(Undelivered, match="Connection refused"):
        post.post(target, LINES, "b")


def test_https_is_always_verified(tmp_path: Path) -> None:
    certs = certificates(tmp_path)
    collector = Collector(context=certs.server())
    with closing(collector):
        where = f"https://127.0.0.1:{collector.port}/"
        with pytest.raises(Undelivered, match="not trusted"):
            post.post(made(where), LINES, "b")
        assert collector.calls == []
        post.post(made(where, ca=str(certs.ca)), LINES, "b")
        assert collector.calls[0].body == b"\n".join(LINES) + b"\n"
