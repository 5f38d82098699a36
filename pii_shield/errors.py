"""What can go wrong, and whose fault it is. No message, repr or attribute here ever holds a value."""


class ShieldError(Exception):
    """Base of all errors of this package.

    Attributes:
        code: stable identifier that users can search for, like ``PS401``.
        fix: one sentence that says what a person can do about it, or "".
        exit_code: what a command ends with because of it (see ``pii-shield --help``).
    """

    code = "PS000"
    exit_code = 1

    def __init__(self, message: str, *, fix: str = "", code: str = "") -> None:
        super().__init__(message)
        self.fix = fix
        if code:
            self.code = code


class ConfigError(ShieldError):
    """The user's configuration is wrong."""

    code = "PS300"
    exit_code = 3


class RuleError(ConfigError):
    """A rule file is wrong: bad TOML, unknown key, or an example that its own rule does not find."""

    code = "PS310"


class VaultError(ShieldError):
    """The vault or its key cannot be used. One opaque error for every cryptographic failure."""

    code = "PS400"
    exit_code = 4


class WireError(ShieldError):
    """The peer sent a message that cannot be read safely (not JSON, too deep, duplicate keys, ...)."""

    code = "PS500"


class UnknownToken(ShieldError):
    """A bracketed token that does not resolve. Mangled, foreign, erased and unknown ones get the same words."""

    code = "PS510"


class PolicyDenied(ShieldError):
    """The policy does not let a value go where the call would send it."""

    code = "PS600"


class AuditError(ShieldError):
    """The audit log, a checkpoint, a receipt or an export of it cannot be used."""

    code = "PS700"
    exit_code = 4
