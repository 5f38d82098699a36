"""`pii-shield serve`: from the first socket to the last. Starts, watches, drains, ends."""

import asyncio
import contextlib
import gc
import logging
import signal
import ssl
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from aiohttp import web

from ... import recording
from ...assemble import House, logins
from ...conversation import Conversation
from ...errors import ConfigError, ShieldError
from ...settings import Config
from ...upstreams import Serve, Upstream
from ...wire.exchange import Memory
from ..child import StartError, resolve
from ..errout import ErrOut
from ..stdio import SWITCH_INTERVAL
from .absent import Absent
from .aggregate.endpoint import Aggregate
from .aggregate.errand import OWN
from .app import App
from .auth import Principal, Tokens
from .bridge import Bridge
from .caller import Backend
from .guard import Guard
from .link import FIELD_BYTES, Link
from .metrics import Metrics
from .mind import Mind
from .oauth import Credentials
from .peers import Peers, Worker
from .relay import Relay
from .sessions import Sessions

TIDY_SECONDS = 30.0
GC_THRESHOLDS = (50_000, 20, 20)
"""Collecting garbage stops every thread. A big message is a tree of many objects and none of them garbage: searching
them again and again took a quarter of the time that it cost."""
GRACE_SECONDS = 10.0
"""How long requests may go on once we are told to end."""


class Address(NamedTuple):
    """Where to listen.

    Attributes:
        port: 0 for any.
        tls: certificate and key files; None for plain HTTP.
    """

    host: str
    port: int
    tls: tuple[str, str] | None = None


class Plan(NamedTuple):
    """All that is decided before the loop starts.

    Attributes:
        tokens: bearer tokens; None lets everybody in.
        environ: our environment, for servers on stdio.
        worker: which of several workers this is; None if there is only one process.
    """

    config: Config
    serve: Serve
    upstreams: Mapping[str, Upstream]
    tokens: Tokens | None
    address: Address
    environ: Mapping[str, str]
    worker: Worker | None = None


def run(plan: Plan, stderr: int = 2) -> int:
    """Serve until a signal ends it; returns the exit code.

    Raises:
        ShieldError: the address cannot be listened on, or a certificate cannot be read.
    """
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.set_threshold(*GC_THRESHOLDS)
    errors = ErrOut(stderr)
    logging.getLogger("aiohttp.server").addHandler(_Quiet(errors.notice))
    logging.getLogger("aiohttp.server").propagate = False
    house = House(plan.config)
    try:
        asyncio.run(_Service(plan, house, errors).run())
    finally:
        with contextlib.suppress(ShieldError):  # a vault that never opened has no log to end
            house.close()
        errors.flush(1.0)
    return 0


class _Quiet(logging.Handler):
    """Defects inside a request: of what kind and where. Never their text, which may quote a message."""

    def __init__(self, notice: Callable[[str], None]) -> None:
        super().__init__()
        self._notice = notice

    def emit(self, record: logging.LogRecord) -> None:
        kind, _, trace = record.exc_info or (None, None, None)
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        place = f" at {trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}" if trace else ""
        self._notice(f"internal error {kind.__name__ if kind else record.levelname}{place}")


class _Service:
    def __init__(self, plan: Plan, house: House, errors: ErrOut) -> None:
        self._plan = plan
        self._house = house
        self._errors = errors
        self._metrics = Metrics()
        self._mind = Mind(self._metrics, errors.notice)
        self._ready = False
        self._backends: dict[str, Backend] = {}

    async def run(self) -> None:
        plan = self._plan
        asyncio.get_running_loop().set_exception_handler(self._defect)
        own = {name: self._backend(upstream) for name, upstream in plan.upstreams.items()}
        together = Aggregate(own, self._key, self._mind, self._sessions(OWN))
        self._backends = {OWN: together, **own}
        guard = Guard(plan.address.host, plan.serve.hosts)
        peers = Peers(plan.worker) if plan.worker else None
        app = App(self._backends, plan.tokens, guard, self._metrics, lambda: self._ready, peers)
        # Cancelled when its client goes: what the client gave up is given up behind us too.
        server = web.Server(app.handle, handler_cancellation=True, access_log=None, max_field_size=FIELD_BYTES)
        runner = web.ServerRunner(server, shutdown_timeout=GRACE_SECONDS)
        await runner.setup()
        try:
            await self._listen(runner)
            await self._serve()
            app.draining = True
            for backend in self._backends.values():
                backend.drain()
        finally:
            await runner.cleanup()
            for backend in self._backends.values():
                await backend.close()
            if peers:
                await peers.close()
            self._mind.close()

    def _backend(self, upstream: Upstream) -> Backend:
        strict = self._plan.config.profile != "open"
        if not upstream.url:
            try:
                executable = resolve(upstream.command[0], self._plan.environ)
            except StartError as error:
                self._errors.notice(f"{upstream.name}: {error}; {error.fix}")
                return Absent()
            converse = self._converse(upstream.name, "\0".join((executable, *upstream.command[1:])))
            environ = self._plan.environ
            return Bridge(
                upstream, executable, environ, converse, self._mind, self._sessions(upstream.name), self._errors
            )
        link = Link(upstream.url, upstream.headers)
        converse = self._converse(upstream.name, upstream.url)
        credentials = None
        if upstream.oauth is not None:
            credentials = Credentials(upstream.name, upstream.url, logins(self._plan.config))
        return Relay(
            upstream.name, link, converse, self._mind, self._sessions(upstream.name), credentials, strict_headers=strict
        )

    def _sessions(self, server: str) -> Sessions[Any]:
        serve, prefix = self._plan.serve, self._plan.worker.prefix if self._plan.worker else ""

        def count(change: int) -> None:
            self._metrics.add("sessions", change, server=server)

        return Sessions(time.monotonic, serve.idle_minutes * 60, serve.max_sessions, prefix, count)

    def _key(self) -> bytes:
        return self._house.secret("aggregate")

    def _converse(self, name: str, identity: str) -> Callable[[Principal, Memory], Conversation]:
        def converse(principal: Principal, memory: Memory) -> Conversation:
            scope = principal.scope or self._plan.config.scope
            return self._house.conversation(scope, name, identity, memory)

        return converse

    async def _listen(self, runner: web.ServerRunner) -> None:
        host, port, tls = self._plan.address
        if self._plan.worker:
            await self._plan.worker.listen(runner, _context(tls) if tls else None)
            return
        try:
            context = _context(tls) if tls else None
            site = web.TCPSite(runner, host, port, ssl_context=context, reuse_address=True)
            await site.start()
        except OSError as error:
            raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}", code="PS323") from None
        announce(self._errors.notice, self._plan, runner.addresses[0][1])

    async def _serve(self) -> None:
        """Until a signal comes."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
        chores = [asyncio.create_task(self._get_ready()), asyncio.create_task(self._tidy())]
        await ended.wait()
        for chore in chores:
            chore.cancel()
        self._errors.notice("shutting down")

    async def _get_ready(self) -> None:
        try:
            await asyncio.to_thread(self._house.wait)
            gc.collect()
            gc.freeze()  # rules and code stay until the end: nobody looks among them for garbage any more
            self._ready = True
            await self._look_at_shipping()
        except ShieldError as error:
            self._errors.notice(f"not ready ({error.code}): {error}" + (f"; {error.fix}" if error.fix else ""))

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_SECONDS)
            for backend in self._backends.values():
                await backend.tidy()
            await self._look_at_shipping()

    async def _look_at_shipping(self) -> None:
        """Who gets the audit log's rows, and has not got them all."""
        config = self._plan.config
        if not config.ship:
            return
        from ...audit.ship.lag import lags

        with contextlib.suppress(ShieldError):  # no row yet
            for lag in await asyncio.to_thread(lags, recording.log_file(config), config.ship, time.time):
                self._metrics.set("ship_lag_rows", lag.rows, receiver=lag.name)
                self._metrics.set("ship_lag_seconds", lag.seconds, receiver=lag.name)

    def _defect(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self._errors.notice(f"internal error {type(error).__name__ if error else 'in the event loop'}")


def announce(notice: Callable[[str], None], plan: Plan, port: int) -> None:
    """Say where the servers are."""
    host, scheme = plan.address.host, "https" if plan.address.tls else "http"
    shown = f"[{host}]" if ":" in host else host
    notice(f"listening on {scheme}://{shown}:{port}")
    notice(f"  {OWN} (all of them)")
    for name in plan.upstreams:
        notice(f"  /servers/{name}/mcp")


def _context(files: tuple[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(*files)
    except (OSError, ssl.SSLError):
        raise ConfigError("the TLS certificate or its key cannot be used", code="PS324") from None
    return context
