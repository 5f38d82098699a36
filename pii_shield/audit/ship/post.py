"""How rows get to an HTTP collector: one POST a batch, JSON lines, taken as delivered at a whole 2xx answer.

Redirects are not followed: credentials and rows go where the configuration says, or nowhere.
"""

import gzip
import http.client
import io
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, Final

from .target import Address, Target
from .undelivered import Undelivered, because
from .wires import SECONDS, context, limited

MAX_WAIT: Final = 3600.0
"""Longest time that a receiver can have us wait."""
_MAX_ANSWER: Final = 1 << 20
_TOO_BIG: Final = frozenset({400, 413, 422})
"""One bad or big row may be the cause: it is looked for by halving."""


def post(target: Target, lines: list[bytes], batch: str, seconds: float = SECONDS) -> None:
    """Bring rows to a collector. `batch` names them: the same rows have the same name when they come again.

    Raises:
        Undelivered: it did not take them all.
    """
    body = b"".join(line + b"\n" for line in lines)
    headers = {
        "Content-Type": "application/x-ndjson",
        "User-Agent": "pii-shield",
        "Idempotency-Key": f'"{batch}"',
        **({"Content-Encoding": "gzip"} if target.gzip else {}),
        **{name: text.reveal() for name, text in target.headers.items()},
    }
    send(target.address, gzip.compress(body, 6, mtime=0) if target.gzip else body, headers, seconds)


def send(where: Address, body: bytes, headers: Mapping[str, str], seconds: float = SECONDS) -> None:
    """One POST.

    Raises:
        Undelivered: the answer was not a whole 2xx.
    """
    connection = _connection(where, seconds)
    try:
        connection.connect()
        with limited(connection.sock, seconds):
            connection.request("POST", where.path, body, dict(headers))
            with connection.getresponse() as answer:
                _judge(answer)
    except OSError as error:
        raise because(error) from None
    except http.client.HTTPException:
        raise Undelivered("its answer is not whole, or not HTTP") from None
    finally:
        connection.close()


def _connection(where: Address, seconds: float) -> http.client.HTTPConnection:
    if where.scheme == "https":
        made: http.client.HTTPConnection = http.client.HTTPSConnection(
            where.host, where.port, timeout=seconds, context=context(where.tls)
        )
    else:
        made = http.client.HTTPConnection(where.host, where.port, timeout=seconds)
    made.response_class = _WholeHead
    return made


class _WholeHead(http.client.HTTPResponse):
    """The standard library takes an answer that ends within its headers for a whole one."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fp = self._lines = _Lines(self.fp.detach())

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        if self._lines.ended:
            raise http.client.IncompleteRead(b"")


class _Lines(io.BufferedReader):
    """Knows whether it ended while lines were read."""

    ended = False

    def readline(self, size: int | None = -1, /) -> bytes:
        """See `io.BufferedReader`."""
        line = super().readline(size)
        self.ended = not line.endswith(b"\n")
        return line


def _judge(answer: http.client.HTTPResponse) -> None:
    status = answer.status
    if not 200 <= status < 300:
        wait = _seconds(answer.headers.get("Retry-After", ""))
        raise Undelivered(f"it answers HTTP {status}", wait=wait, too_big=status in _TOO_BIG)
    left = _MAX_ANSWER
    while left > 0 and (data := answer.read(min(left, 65536))):
        left -= len(data)
    if left > 0 and (answer.length or 0) > 0:
        raise Undelivered("its answer is not whole, or not HTTP")


def _seconds(text: str) -> float:
    """Of Retry-After: seconds or a date."""
    if text.strip().isdecimal():
        return min(float(text[:9]), MAX_WAIT)
    try:
        return min(max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0), MAX_WAIT)
    except (ValueError, TypeError, OverflowError):
        return 0.0
