"""What the audit log's tests share."""

import os
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from pii_shield import tokens
from pii_shield.audit.log import Log, Pace
from pii_shield.audit.places import FilePlace, Place

SEED = bytes(range(32))
CRM, MAILER = "crm#1a2b3c4d5e6f", "mailer#0f0f0f0f0f0f"
PACE, OFTEN = Pace(), Pace(rows=25)
TOKEN = "7K2QF9M36"


class Clock:
    """Seconds that pass when told, and a microsecond with every look."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        self.now += 1e-6
        return self.now


def open_log(
    directory: Path,
    clock: Callable[[], float] | None = None,
    pace: Pace = PACE,
    places: Sequence[Place] | None = None,
    seed: bytes = SEED,
) -> Log:
    """The log of a directory; call again for another process's view. Checkpoints go to DIRECTORY/away/checkpoints."""
    where = [FilePlace(directory / "away" / "checkpoints")] if places is None else places
    more = {"clock": clock} if clock else {}
    return Log(db(directory), lambda: seed, os.urandom, places=where, pace=pace, **more)


def db(directory: Path) -> Path:
    return directory / "data" / "vault.db"


def token(chance: random.Random) -> str:
    return tokens.mint_id(8, chance.randrange)


def protect(ids: Sequence[str] = (TOKEN,), server: str = CRM, tool: str = "get_customer") -> dict[str, object]:
    return {
        "scope": "default",
        "server": server,
        "direction": "in",
        "method": "tools/call",
        "tool": tool,
        "counts": {"EMAIL": len(ids)},
        "tokens": list(ids),
        "took": "10ms",
    }


def release(token_id: str = TOKEN, server: str = MAILER, tool: str = "send") -> dict[str, object]:
    item = {"token": token_id, "type": "EMAIL", "from": [CRM], "to": "/to", "whole": True}
    return {
        "scope": "default",
        "server": server,
        "direction": "out",
        "method": "tools/call",
        "tool": tool,
        "items": [item],
        "policy": "balanced@0123456789ab",
    }


def fill(directory: Path, rows: int, pace: Pace = OFTEN, seed: int = 1) -> None:
    """A log of about so many rows, closed."""
    chance, log = random.Random(seed), open_log(directory, Clock(), pace)
    log.commit("start", scope="default", server=CRM, policy="balanced@0123456789ab", program="0.1")
    for number in range(rows):
        if number % 5:
            log.report("protect", **protect([token(chance) for _ in range(number % 4)]))
        else:
            log.commit("release", **release(token(chance)))
        if number % 20 == 0:
            log.flush()
    log.close()
