"""What the person writes goes to the model as it is; files that they name with an @ would too, past every tool."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ...errors import PolicyDenied
from . import contract, media
from .after import holds_values
from .contract import Answer, Event
from .means import Means

MAX_BYTES: Final = 4 << 20
_MENTION: Final = re.compile(r"(?<![\w@])@(?:\"([^\"]+)\"|((?:\\ |[^\s\"])+))")


def prompt(event: Event, means: Means) -> Answer:
    """Whether what the person wrote may be sent.

    Raises:
        PolicyDenied: it names a file that the client would send unsearched.
    """
    for name, path in _mentioned(event):
        media.check(path, means.passes)
        if _may_hold_values(path, means):
            raise PolicyDenied(
                f"{name} holds personal data, and the client would send it as it is",
                code="PS367",
                fix="name the file without the @: then it is read by a tool, and the model sees tokens",
            )
    return contract.nothing()


def _mentioned(event: Event) -> Iterator[tuple[str, Path]]:
    """Files behind an @ that are there."""
    for found in _MENTION.finditer(event.text):
        name = (found[1] or found[2]).replace("\\ ", " ")
        for spelled in (name, re.sub(r"#.*\Z", "", name), name.rstrip(".,;:!?)'")):
            path = Path(event.cwd) / Path(spelled).expanduser()
            try:
                is_there = path.is_file()
            except (OSError, ValueError):
                continue
            if is_there:
                yield spelled, path
                break


def _may_hold_values(path: Path, means: Means) -> bool:
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    return len(data) > MAX_BYTES or holds_values(data.decode("utf-8", "replace"), means)
