"""What tuning changes for one server, in a line for the audit log that shows no value of it. No I/O."""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from .entries import Tuning

NOTHING: Final = "nothing tuned"


def label(tuning: Tuning, server: str, digest: Callable[[str], str]) -> str:
    """How many entries concern a server, and a digest over all that they say: another one after every change.

    Args:
        digest: keyed, since entries may hold values that could be tried out.
    """
    allow, deny = (
        [entry._asdict() for entry in entries if entry.server in ("", server)]
        for entries in (tuning.allow, tuning.deny)
    )
    scores = {"/".join(place): said for place, said in tuning.thresholds.items() if place[0] in ("", server)}
    types = tuning.types.get(server)
    if not (allow or deny or scores or types is not None):
        return NOTHING
    parts = [f"{len(allow)} allowed", f"{len(deny)} denied"]
    parts += [f"{sum(map(len, scores.values()))} thresholds"] if scores else []
    parts += [f"{len(types)} types"] if types is not None else []
    facts = json.dumps([allow, deny, scores, types], default=_plain, sort_keys=True)
    return f"{', '.join(parts)} @{digest(facts)}"


def _plain(content: Any) -> Any:
    return content.pattern if isinstance(content, re.Pattern) else sorted(content)
