"""Forks writers that die: python doomed.py. Run by test_crash, on POSIX.

Reads lines of JSON {"directory", "what", "after"}; answers each with {"pid"} once the writer exists, and then waits for
it. `what` is "put" (puts for ever, for somebody else to kill), "start" (the same, from the first moment of a new
vault) or "statement" (kills itself at SQL statement number `after`). Writers append a line to DIRECTORY/acknowledged
after each finished step: {"id", "spelling", "value"} or {"forgotten": id}.
"""

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from kit import CRM, email, phone, sqlite_vault

# imported before the fork, so that a writer costs little
import pii_shield.store.database
import pii_shield.vault.register
import pii_shield.vault.scopes  # noqa: F401
from pii_shield.types import TokenRef
from pii_shield.vault.sqlite import SqliteVault


class Record:
    """What was acknowledged, written as a proxy would write to its client."""

    def __init__(self, directory: Path) -> None:
        self._file = os.open(directory / "acknowledged", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def put(self, vault: SqliteVault, values: list) -> list[TokenRef]:
        refs = vault.put("default", CRM, values)
        for ref, value in zip(refs, values, strict=True):
            self.add({"id": ref.id, "spelling": ref.spelling, "value": value.spelling})
        return refs

    def forget(self, vault: SqliteVault, ref: TokenRef) -> None:
        self.add({"forgetting": ref.id})
        vault.forget("default", ref)
        self.add({"forgotten": ref.id})

    def add(self, line: dict) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


def put_for_ever(directory: Path, seed: int) -> None:
    vault, record, chance = sqlite_vault(directory), Record(directory), random.Random(seed)
    while True:
        size = chance.choice((1, 1, 2, 5, 40))
        refs = record.put(vault, [email(f"user{chance.randrange(10**9)}") for _ in range(size)])
        if chance.random() < 0.05:
            record.forget(vault, refs[0])


def die_at_statement(directory: Path, number: int) -> None:
    vault, record = sqlite_vault(directory), Record(directory)
    vault.ready()
    left = number

    def count(_: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    for connection in vault._open()[0]._connections:
        connection.set_trace_callback(count)
    refs = record.put(vault, [email(f"new{number}"), email("ann", f"Ann{number}@example.com"), phone("number")])
    record.put(vault, [email("ann", f"Ann{number}@example.com")])
    record.forget(vault, refs[0])
    vault.close()


def main() -> None:
    for line in sys.stdin:
        task = json.loads(line)
        directory = Path(task["directory"])
        pid = os.fork()
        if pid == 0:
            if task["what"] == "statement":
                die_at_statement(directory, task["after"])
            else:
                put_for_ever(directory, task["after"])
            os._exit(0)
        print(json.dumps({"pid": pid, "at": time.monotonic()}), flush=True)
        print(json.dumps({"status": os.waitpid(pid, 0)[1]}), flush=True)


main()
