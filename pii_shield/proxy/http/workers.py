"""`pii-shield serve --workers N`: one address, N processes, one vault. This is the parent, which only watches."""

import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from ...errors import ConfigError
from ..errout import ErrOut
from .peers import Worker
from .serving import GRACE_SECONDS, Plan, announce

RESTART_SECONDS = 1.0
"""Between the death of a worker and its successor."""
POLL_SECONDS = 0.2


def supervise(plan: Plan, count: int, command: Sequence[str], stderr: int = 2) -> int:
    """Run `count` workers until a signal comes; a worker that dies is replaced.

    Args:
        command: what starts this program again.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    errors = ErrOut(stderr)
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    with _listening(plan) as shared, tempfile.TemporaryDirectory(prefix="pii-shield-") as folder:
        announce(errors.notice, plan, shared.getsockname()[1])
        workers = [Worker(number, count, shared.fileno(), Path(folder)) for number in range(count)]
        running = {worker: _start(worker, command) for worker in workers}
        while not ending.wait(POLL_SECONDS):
            for worker, process in running.items():
                if process.poll() is not None:
                    errors.notice(f"worker {worker.number} ended with code {process.returncode}; starting another")
                    time.sleep(RESTART_SECONDS)
                    Path(worker.socket_of(worker.number)).unlink(missing_ok=True)
                    running[worker] = _start(worker, command)
        _end(list(running.values()))
    errors.flush(1.0)
    return 0


def _start(worker: Worker, command: Sequence[str]) -> "subprocess.Popen[bytes]":
    words = [*command, "--worker", worker.text()]
    # A session of its own: a ^C for us must not reach it before we have drained it.
    return subprocess.Popen(words, pass_fds=[worker.descriptor], start_new_session=True)  # noqa: S603 - ourselves


def _end(processes: "list[subprocess.Popen[bytes]]") -> None:
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + 2 * GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listening(plan: Plan) -> socket.socket:
    host, port, _ = plan.address
    try:
        return socket.create_server((host, port), family=_family(host), backlog=1024)
    except OSError as error:
        raise ConfigError(f"cannot listen on {host}:{port}: {error.strerror}", code="PS323") from None


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
