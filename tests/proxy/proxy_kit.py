"""A client for the proxy's tests: real processes, generous time limits, nothing left behind."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
PATIENCE = 60
"""Seconds after which a test gives up. Never reached when all is well."""
QUICK = {"after_eof": 1.0, "after_end": 0.5, "after_signal": 0.5, "linger": 0.1}


class Run:
    """One `run` of the proxy in front of a scripted server; a context manager."""

    def __init__(self, *command: str, slow: float = 0.0, env: dict | None = None, **timing: float) -> None:
        argv = command if os.sep in command[0] else (sys.executable, str(HERE / "scripted_server.py"), *command)
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "piped.py"), json.dumps(QUICK | timing), str(slow), *argv],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(HERE.parent.parent), **(env or {})},
        )
        self.lines: queue.Queue[bytes | None] = queue.Queue()
        self.errors = b""
        self._threads = [threading.Thread(target=self._read_errors)]
        self._threads[0].start()

    def _read_errors(self) -> None:
        self.errors = self.process.stderr.read()

    def _read_lines(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def listen(self) -> "Run":
        """Begin to read what the proxy says."""
        self._threads.append(threading.Thread(target=self._read_lines))
        self._threads[-1].start()
        return self

    def send_bytes(self, data: bytes) -> None:
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def send(self, *messages: dict) -> None:
        self.send_bytes(b"".join(json.dumps(message).encode() + b"\n" for message in messages))

    def ask(self, number: object, method: str = "x", **params: object) -> None:
        self.send(request(number, method, **params))

    def line(self) -> bytes | None:
        """The next line with its ending; None at the end of the stream."""
        return self.lines.get(timeout=PATIENCE)

    def message(self) -> dict:
        line = self.line()
        assert line is not None, "the stream has ended"
        return json.loads(line)

    def rest(self) -> list[dict]:
        """Everything up to the end of the stream."""
        return [json.loads(line) for line in iter(self.line, None)]

    def close(self) -> None:
        """Say that the client asks no more."""
        self.process.stdin.close()

    def exit_code(self) -> int:
        return self.process.wait(PATIENCE)

    def stderr(self) -> str:
        """All of it; the proxy has ended."""
        self.exit_code()
        self._threads[0].join(PATIENCE)
        return self.errors.decode()

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stdin.close()
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        for thread in self._threads:
            thread.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()


def request(number: object, method: str = "x", **params: object) -> dict:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params}


def is_alive(pid: int) -> bool:
    done = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], check=False, capture_output=True, text=True)
    return done.stdout.strip()[:1] not in ("", "Z")  # a zombie's new parent, init, may be slow to reap


def children(pid: int) -> list[int]:
    done = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
    pairs = (line.split() for line in done.stdout.splitlines())
    return [int(child) for child, parent in pairs if int(parent) == pid]


def ends(pid: int) -> bool:
    """Whether the process ends within the time limit."""
    deadline = time.monotonic() + PATIENCE
    while is_alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
