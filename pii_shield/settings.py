"""All settings there are: their defaults, how each is read, and which of two values is the tighter one. No I/O.

A new key of the configuration file is a field of `Config` (or `Server`) and a row of `SETTINGS` (or `SERVER_KEYS`).
"""

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from . import profiles, reading
from .audit import ship as shipping
from .entities import DEFAULT_TYPES
from .policy import STRICTNESS
from .tokens import DEFAULT_LENGTH, MAX_LENGTH, MIN_LENGTH
from .types import Organisation

if TYPE_CHECKING:
    from .detect.presidio.choice import Choice
    from .otlp import Otlp


class Server(NamedTuple):
    """What the user says of one server.

    Attributes:
        trusted: whether other servers' contact and identity data may go there.
        fingerprint: which resolved command it must have; "" for the one bound at first use.
        mode: "protect", or "observe": findings are recorded, messages go on unchanged.
        observe_from: first day of observing, which ends by itself; None for the first use.
    """

    trusted: bool = False
    fingerprint: str = ""
    mode: str = "protect"
    observe_from: date | None = None


class RuleFile(NamedTuple):
    """A user's own rules. Those of a project are only added to what is found without them."""

    path: Path
    is_added: bool = False


class Config(NamedTuple):
    """All settings, with their defaults.

    Attributes:
        profile: name of the release policy's row.
        servers: by configured name.
        types: entity types that `run` protects.
        detect: the detection profile that was named last.
        greedy: whether rules that are not for every day are used too, and names that are less sure.
        rules: users' own rule files.
        presidio: what is wanted of Presidio; None: nothing.
        compile: whether a process of ours may compile rules in the background, see `compiled`.
        tuning: files with exemptions, from weak to strong, see `tuned`.
        images, audio, other: what happens to binary content: "block" or "pass"; images and documents can also be read:
            "inspect" lets pass what holds nothing, "redact" also what can be replaced.
        instructions: whether the model is told what tokens are.
        scope: the set of tokens that belong together.
        vault, key: files; None for the usual places.
        retention_days: idle days after which a value expires.
        token_length: random characters of a token id.
        checkpoints: second places for the audit log's checkpoints; None for the usual one.
        ship: who gets the audit log's rows.
        organisation: who is responsible, for reports.
        otlp: who gets OpenTelemetry's metrics and spans.
        application_telemetry: whether these go where the program that uses us has set up that they go.
        reveal: where people may read values: at a "terminal", "anywhere", "never".
        off: whether a person may switch a server off for a while: "allowed" or "forbidden".
    """

    profile: str = "balanced"
    servers: Mapping[str, Server] = {}
    types: frozenset[str] = DEFAULT_TYPES
    images: str = "block"
    audio: str = "block"
    other: str = "block"
    instructions: bool = True
    scope: str = "default"
    vault: Path | None = None
    key: Path | None = None
    retention_days: float = 90.0
    token_length: int = DEFAULT_LENGTH
    detect: str = "default"
    greedy: bool = False
    compile: bool = True
    rules: tuple[RuleFile, ...] = ()
    presidio: "Choice | None" = None
    tuning: tuple[Path, ...] = ()
    checkpoints: tuple[str, ...] | None = None
    ship: shipping.Targets = ()
    organisation: Organisation = Organisation()
    otlp: "Otlp | None" = None
    application_telemetry: bool = False
    reveal: str = "terminal"
    off: str = "allowed"


class Setting(NamedTuple):
    """One key of the file: where it goes, how it reads, and what of two values is the tighter one (None: no such).

    `place` makes of what was read what it means in the file's folder.
    """

    field: str
    read: Callable[[Any], Any]
    tighter: Callable[[Any, Any], Any] | None = None
    place: Callable[[Any, Path], Any] | None = None


def stricter(old: str, new: str) -> str:
    """The tighter one of two release profiles."""
    return max(old, new, key=STRICTNESS.index)


def _winning(word: str) -> Callable[[str, str], str]:
    return lambda old, new: word if word in (old, new) else new


def _less_lax(old: str, new: str) -> str:
    return max(old, new, key=_BLOBS.index)


def _rules_in(names: tuple[str, ...], folder: Path) -> tuple[RuleFile, ...]:
    return tuple(RuleFile(folder / Path(name).expanduser()) for name in names)


def _with_added(old: tuple[RuleFile, ...], new: tuple[RuleFile, ...]) -> tuple[RuleFile, ...]:
    return (*old, *(file._replace(is_added=True) for file in new))


def _presidio(table: Any) -> "Choice":
    from .detect.presidio.choice import read

    return read(table)


def _presidio_in(choice: "Choice", folder: Path) -> "Choice":
    from .detect.presidio.choice import placed

    return placed(choice, lambda name: str(folder / Path(name).expanduser()))


def _otlp(table: Any) -> "Otlp":
    from .otlp import read

    return read(table)


_REVEAL = ("anywhere", "terminal", "never")
_BINARY = reading.one_of("block", "pass")
_BLOBS = ("pass", "redact", "inspect", "block")
"""What can happen to images and documents, from lax to strict."""
_READABLE = reading.one_of(*reversed(_BLOBS))
SETTINGS: Mapping[tuple[str, str], Setting] = {
    ("policy", "profile"): Setting("profile", reading.one_of(*STRICTNESS), stricter),
    ("policy", "reveal"): Setting("reveal", reading.one_of(*_REVEAL), lambda *both: max(both, key=_REVEAL.index)),
    ("policy", "off"): Setting("off", reading.one_of("allowed", "forbidden"), _winning("forbidden")),
    ("detect", "profile"): Setting("detect", reading.one_of(*profiles.NAMES), lambda _, new: new),
    ("detect", "types"): Setting("types", reading.types, frozenset.union),
    ("detect", "compile"): Setting("compile", reading.flag),
    ("detect", "rules"): Setting("rules", reading.texts, _with_added, _rules_in),
    ("detect", "presidio"): Setting("presidio", _presidio, None, _presidio_in),
    ("blobs", "images"): Setting("images", _READABLE, _less_lax),
    ("blobs", "audio"): Setting("audio", _BINARY, _winning("block")),
    ("blobs", "other"): Setting("other", _READABLE, _less_lax),
    ("model", "instructions"): Setting("instructions", reading.flag),
    ("tokens", "length"): Setting("token_length", reading.between(MIN_LENGTH, MAX_LENGTH, int), max),
    ("audit", "checkpoints"): Setting("checkpoints", reading.texts),
    ("audit", "ship"): Setting("ship", shipping.read, None, shipping.placed),
    ("telemetry", "otlp"): Setting("otlp", _otlp),
    ("telemetry", "application"): Setting("application_telemetry", reading.flag),
    ("vault", "scope"): Setting("scope", reading.name),
    ("vault", "path"): Setting("vault", reading.path),
    ("vault", "key"): Setting("key", reading.path),
    ("vault", "retention_days"): Setting("retention_days", reading.between(1 / 24, 3650, float), min),
}
TABLES = frozenset({table for table, _ in SETTINGS} | {"servers", "organisation"})
UPSTREAM_KEYS = frozenset("command args env cwd url headers oauth share".split())
"""Keys of [servers.NAME] that say where the server is; with [serve] they are read by `upstreams`."""
SERVER_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "trusted": reading.flag,
    "fingerprint": reading.text,
    "mode": reading.one_of("protect", "observe"),
    "observe_from": reading.day,
}
ORGANISATION_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "controller": reading.text,
    "contact": reading.text,
    "representative": reading.text,
    "officer": reading.text,
    "purposes": reading.texts,
    "subjects": reading.texts,
}
