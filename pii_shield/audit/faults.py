"""What can go wrong with the audit log: one table of codes, words and fixes. No I/O."""

from typing import Final

from ..errors import AuditError, ShieldError

_FAULTS: Final[dict[str, tuple[str, str]]] = {
    "PS701": ("the audit log cannot be written, so nothing is released: {why}", "{fix}"),
    "PS702": ("no audit log at {path}: {why}", "name the vault, or an exported log, with --log"),
    "PS703": ("{what} is not a signed note of an audit log, or its signature does not fit the key", "check the file"),
    "PS704": ("{what} is not a public key of an audit log", "use what `pii-shield audit key` prints"),
    "PS705": ("there is no row {seq} in the audit log", "`pii-shield audit tail` shows the last ones"),
    "PS706": ("no checkpoint covers row {seq} yet", "wait for the next one, or restart a shield"),
    "PS707": ("{what} is not a checkpoint place: {why}", "see `pii-shield audit --help`"),
    "PS708": ("the line {line} of {path} is not a row of an audit log", "export it again"),
    "PS709": ("{what} is not a time", "write 2026-05-31, 2026-05-31T12:00:00Z, or an age like 7d, 12h, 30m"),
    "PS710": ("{path} cannot be written: {why}", "name another file"),
    "PS712": ("there is no {what} in [audit.ship]; configured: {known}", "see `pii-shield audit ship --help`"),
    "PS711": ("{path} is not a receipt of an audit log", "make it again"),
}


def fault(code: str, **facts: object) -> AuditError:
    """The error for a code of the table, with its words filled in."""
    words, fix = _FAULTS[code]
    return AuditError(words.format(**facts), fix=fix.format(**facts), code=code)


def unwritable(error: Exception | None) -> AuditError:
    """PS701, with what is known of the cause."""
    if isinstance(error, ShieldError):
        return fault("PS701", why=str(error), fix=error.fix)
    why = getattr(error, "strerror", None) or "it is closed"
    return fault("PS701", why=why, fix="free disk space, or check the vault's directory")
