"""kill -9 at any moment: what reached the client resolves afterwards. PROXY_KILLS sets how often (default 8)."""

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading

from pii_shield import assemble, policy
from pii_shield.policy import Grant, Question
from pii_shield.settings import Config
from pii_shield.types import TokenRef

from .harness import SERVERS, Home

KILLS = int(os.environ.get("PROXY_KILLS", "8"))
TOKEN = re.compile(rb"\[EMAIL_([0-9A-Z]+)\]")


def talk_until_killed(home: Home, seconds: float) -> tuple[bytes, int]:
    """What the client received from a proxy that was killed after a while, and how many calls it made."""
    command = home.shielded("fresh", [sys.executable, str(SERVERS / "fresh.py")])
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=home.environ()
    )
    killer = threading.Timer(seconds, os.kill, (child.pid, signal.SIGKILL))
    killer.start()
    received, calls = b"", 0
    assert child.stdin and child.stdout
    with child.stdin, child.stdout:
        try:
            while True:
                calls += 1
                child.stdin.write(
                    json.dumps(
                        {"jsonrpc": "2.0", "id": calls, "method": "tools/call", "params": {"name": "x"}}
                    ).encode()
                    + b"\n"
                )
                child.stdin.flush()
                line = child.stdout.readline()
                if not line:
                    break
                received += line
        except BrokenPipeError:
            received += child.stdout.read()
    killer.join()
    child.wait()
    return received, calls


def grant(token_id: str, server: str) -> Grant:
    question = Question(
        "default", TokenRef(token_id), "EMAIL", frozenset({server}), server, False, frozenset(), frozenset(), True
    )
    decision = policy.decide(policy.PROFILES["balanced"], question)
    assert isinstance(decision, Grant)
    return decision


def test_every_token_that_reached_the_client_resolves_after_a_kill(home: Home) -> None:
    randomness = random.Random(7)
    seen: set[str] = set()
    for _ in range(KILLS):
        received, _ = talk_until_killed(home, randomness.uniform(0.15, 1.2))
        assert b"@example.org" not in received
        seen |= {match.decode() for match in TOKEN.findall(received)}
    assert len(seen) > KILLS
    print(f"{KILLS} kills, {len(seen)} tokens reached the client")
    vault = assemble.vault(Config(vault=home.vault))
    refs = [TokenRef(token_id) for token_id in seen]
    rows = vault.look("default", refs)
    assert all(row is not None and not row.expired for row in rows)
    secrets = vault.open([grant(ref.id, next(iter(row.origins))) for ref, row in zip(refs, rows, strict=True) if row])
    assert all(secret.reveal().endswith("@example.org") for secret in secrets)
    vault.close()
    with sqlite3.connect(home.vault) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
