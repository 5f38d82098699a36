"""Several workers behind one address: a session lives in one of them, and its id says in which.

Stateless requests are answered wherever they arrive. A request of a session that arrives at the wrong worker goes on to
the right one over a Unix socket that only we can reach; that worker checks it as if it had come there.
"""

import socket
import ssl
from pathlib import Path
from typing import NamedTuple

import aiohttp
from aiohttp import web
from yarl import URL

from . import answers

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "upgrade", "te", "trailer"})


class Worker(NamedTuple):
    """One of several processes.

    Attributes:
        descriptor: the listening socket that all of them share.
        folder: where each has a socket for the others.
    """

    number: int
    total: int
    descriptor: int
    folder: Path

    @classmethod
    def parse(cls, text: str) -> "Worker":
        """From the supervisor's command line."""
        number, total, descriptor, folder = text.split(",", 3)
        return cls(int(number), int(total), int(descriptor), Path(folder))

    def text(self) -> str:
        """For the command line."""
        return f"{self.number},{self.total},{self.descriptor},{self.folder}"

    @property
    def prefix(self) -> str:
        """What the ids of this worker's sessions begin with."""
        return f"{self.number}-"

    def socket_of(self, number: int) -> str:
        """Where a worker listens for the others."""
        return str(self.folder / str(number))

    async def listen(self, runner: web.ServerRunner, context: ssl.SSLContext | None) -> None:
        """Take part in the shared address, and be there for the others."""
        await web.UnixSite(runner, self.socket_of(self.number)).start()
        shared = socket.socket(fileno=self.descriptor)
        await web.SockSite(runner, shared, ssl_context=context).start()


class Peers:
    """The other workers. Must be made inside the event loop."""

    def __init__(self, worker: Worker) -> None:
        self._worker = worker
        others = [number for number in range(worker.total) if number != worker.number]
        self._clients = {number: self._client(number) for number in others}

    def _client(self, number: int) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(self._worker.socket_of(number), limit=0),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
        )

    def owner(self, request: web.BaseRequest) -> int | None:
        """The other worker that a request's session lives in, None if it is ours or nobody's."""
        number, _, rest = request.headers.get("Mcp-Session-Id", "").partition("-")
        return int(number) if rest and number.isdecimal() and int(number) in self._clients else None

    async def forward(self, request: web.BaseRequest, number: int) -> web.StreamResponse:
        """Have another worker answer."""
        headers = [(n, v) for n, v in request.headers.items() if n.lower() not in _HOP]
        url = URL.build(scheme="http", host="peer", path=request.path)
        response: web.StreamResponse | None = None
        try:
            async with self._clients[number].request(
                request.method, url, data=request.content if request.can_read_body else None, headers=headers
            ) as answer:
                kept = [(n, v) for n, v in answer.headers.items() if n.lower() not in _HOP]
                response = web.StreamResponse(status=answer.status)
                response.headers.extend(kept)
                await response.prepare(request)
                async for chunk in answer.content.iter_any():
                    await response.write(chunk)
        except (aiohttp.ClientError, OSError):
            if response is None:  # that worker is gone, and its sessions with it
                return answers.error(404, "there is no such session")
            if request.transport is not None:
                request.transport.abort()
        return response

    async def metrics(self, request: web.BaseRequest, own: str) -> str:
        """The numbers of all workers, each with the worker it is from."""
        texts = {self._worker.number: own}
        if "X-One-Worker" in request.headers:
            return own
        headers = {name: request.headers[name] for name in ("Host", "Authorization") if name in request.headers}
        for number, client in self._clients.items():
            try:
                async with client.get("http://peer/metrics", headers={**headers, "X-One-Worker": "1"}) as answer:
                    texts[number] = await answer.text()
            except (aiohttp.ClientError, OSError):
                continue
        return _merged(texts)

    async def close(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.close()


def _merged(texts: dict[int, str]) -> str:
    """Samples of one metric belong together, whichever worker they are from."""
    comments: dict[str, list[str]] = {}
    samples: dict[str, list[str]] = {}
    for number, text in sorted(texts.items()):
        for line in text.splitlines():
            if line.startswith("#"):
                known = comments.setdefault(line.split()[2], [])
                known += [] if line in known else [line]
                continue
            name, value = line.rsplit(" ", 1)
            metric, _, labels = name.rstrip("}").partition("{")
            labelled = f'{metric}{{{labels + "," if labels else ""}worker="{number}"}} {value}'
            samples.setdefault(metric, []).append(labelled)
    lines = [line for metric in comments for line in (*comments[metric], *samples.get(metric, []))]
    return "\n".join(lines) + "\n"
