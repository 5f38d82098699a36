"""Verification for people: a log, public keys, and the checkpoints that somebody else kept."""

from collections.abc import Callable, Iterable, Sequence

from ..errors import AuditError
from . import note
from .note import Checkpoint, Verifier
from .read import Source
from .verify import Trusted, Verdict, verify


def examine(
    log: Source, keys: Sequence[str], outside: Sequence[str], progress: Callable[[int], None] = lambda _: None
) -> Verdict:
    """Verify a log.

    Args:
        keys: public keys as `pii-shield audit key` prints them; none: the key that the log itself names.
        outside: texts from second places, each with any number of checkpoints.

    Raises:
        AuditError: a key is none, or the log cannot be read.
    """
    own = log.key()
    verifiers = [Verifier(key) for key in keys or ([own] if own else [])]
    refused: list[str] = []
    theirs = [c for text in outside for c in _read(note.split(text), verifiers, "an outside checkpoint", refused)]
    if any(map(str.strip, outside)) and not theirs:
        refused.append("none of the outside checkpoints is of this log: it may have been replaced")
    ours = _read(log.notes(), verifiers, "a checkpoint in the log's own file", refused, is_own=True)
    start = log.start
    seals = _read([start.note] if start.note else [], verifiers, "the seal", refused, is_own=True)
    trusted = Trusted(theirs, ours, seals[0] if seals else None, bool(keys), list(dict.fromkeys(refused)))
    return verify(log.raw(), start, trusted, progress)


def _read(
    notes: Iterable[str], verifiers: Sequence[Verifier], what: str, refused: list[str], is_own: bool = False
) -> list[Checkpoint]:
    """The notes of this log. Those that only claim to be are refused; other logs may share a second place."""
    found = []
    for text in notes:
        mine = [v for v in verifiers if text.startswith(f"{v.name}\n")]
        checkpoint = next(filter(None, (_opened(v, text) for v in mine)), None)
        if checkpoint:
            found.append(checkpoint)
        elif mine or is_own:
            refused.append(f"{what} is not signed with the key")
    return found


def _opened(verifier: Verifier, text: str) -> Checkpoint | None:
    try:
        return verifier.checkpoint(text)
    except AuditError:
        return None
