"""What people decide, from one TOML file. The only place that reads the environment.

Who may say what: a managed file outranks all; the user's file says everything else; flags, the environment and a
project's `.pii-shield.toml` can only tighten, since a cloned repository or an agent's shell may have written them.
Plain `tomllib` and tuples, because every server start pays for this.
"""

import os
import re
import stat
import tomllib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from . import paths, profiles, reading
from .entities import DEFAULT_TYPES
from .errors import ConfigError
from .policy import STRICTNESS
from .tokens import DEFAULT_LENGTH, MAX_LENGTH, MIN_LENGTH

PROJECT_FILE = ".pii-shield.toml"
TUNING_FILE = "tuning.toml"
MAX_BYTES = 1 << 20


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


class Config(NamedTuple):
    """All settings, with their defaults.

    Attributes:
        profile: name of the release policy's row.
        servers: by configured name.
        types: entity types that `run` protects.
        detect: the detection profile that was named last.
        greedy: whether rules that are not for every day are used too.
        compile: whether a process of ours may compile rules in the background, see `compiled`.
        tuning: files with exemptions, from weak to strong, see `tuned`.
        images, audio, other: what happens to binary content: "block" or "pass".
        instructions: whether the model is told what tokens are.
        scope: the set of tokens that belong together.
        vault, key: files; None for the usual places.
        retention_days: idle days after which a value expires.
        token_length: random characters of a token id.
        checkpoints: second places for the audit log's checkpoints; None for the usual one.
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
    tuning: tuple[Path, ...] = ()
    checkpoints: tuple[str, ...] | None = None


class _Setting(NamedTuple):
    """One key of the file: where it goes, how it reads, and what of two values is the tighter one (None: no such)."""

    field: str
    read: Callable[[Any], Any]
    tighter: Callable[[Any, Any], Any] | None = None


def _stricter(old: str, new: str) -> str:
    return max(old, new, key=STRICTNESS.index)


def _blocking(old: str, new: str) -> str:
    return "block" if "block" in (old, new) else "pass"


_BINARY = reading.one_of("block", "pass")
_SETTINGS: Mapping[tuple[str, str], _Setting] = {
    ("policy", "profile"): _Setting("profile", reading.one_of(*STRICTNESS), _stricter),
    ("detect", "profile"): _Setting("detect", reading.one_of(*profiles.NAMES), lambda _, new: new),
    ("detect", "types"): _Setting("types", reading.types, frozenset.union),
    ("detect", "compile"): _Setting("compile", reading.flag),
    ("blobs", "images"): _Setting("images", _BINARY, _blocking),
    ("blobs", "audio"): _Setting("audio", _BINARY, _blocking),
    ("blobs", "other"): _Setting("other", _BINARY, _blocking),
    ("model", "instructions"): _Setting("instructions", reading.flag),
    ("tokens", "length"): _Setting("token_length", reading.between(MIN_LENGTH, MAX_LENGTH, int), max),
    ("audit", "checkpoints"): _Setting("checkpoints", reading.texts),
    ("vault", "scope"): _Setting("scope", reading.name),
    ("vault", "path"): _Setting("vault", reading.path),
    ("vault", "key"): _Setting("key", reading.path),
    ("vault", "retention_days"): _Setting("retention_days", reading.between(1 / 24, 3650, float), min),
}
_TABLES = frozenset({table for table, _ in _SETTINGS} | {"servers"})
UPSTREAM_KEYS = frozenset("command args env cwd url headers oauth share".split())
"""Keys of [servers.NAME] that say where the server is; with [serve] they are read by `upstreams`."""
_SERVER_KEYS: Mapping[str, Callable[[Any], Any]] = {
    "trusted": reading.flag,
    "fingerprint": reading.text,
    "mode": reading.one_of("protect", "observe"),
    "observe_from": reading.day,
}


def load(
    environ: Mapping[str, str],
    *,
    file: str | None = None,
    scope: str | None = None,
    vault: str | None = None,
    project: Path | None = None,
) -> Config:
    """The configuration in force.

    Args:
        environ: PII_SHIELD_CONFIG names the user's file, PII_SHIELD_PROFILE and PII_SHIELD_DETECT tighten,
            PII_SHIELD_KEY_FILE is the key.
        file, scope, vault: from the command line.
        project: folder that may hold a project file (default: the current one).

    Raises:
        ConfigError: names the file, the line and what to write instead.
    """
    named = file or environ.get("PII_SHIELD_CONFIG")
    config = _apply(Config(tuning=tuning_files(environ, named)), _user_file(environ, named), tighten=False)
    config = _apply(config, (project or Path()) / PROJECT_FILE, tighten=True)
    if environ.get("PII_SHIELD_PROFILE"):
        wanted = _checked("PII_SHIELD_PROFILE", reading.one_of(*STRICTNESS), environ["PII_SHIELD_PROFILE"])
        config = config._replace(profile=_stricter(config.profile, wanted))
    if environ.get("PII_SHIELD_DETECT"):
        named = _checked("PII_SHIELD_DETECT", reading.one_of(*profiles.NAMES), environ["PII_SHIELD_DETECT"])
        config = _with_profile(config, {"detect": named}, tighten=True)
    if environ.get("PII_SHIELD_KEY_FILE"):
        config = config._replace(key=Path(environ["PII_SHIELD_KEY_FILE"]))
    if scope is not None:
        config = config._replace(scope=_checked("--scope", reading.name, scope))
    if vault is not None:
        config = config._replace(vault=_checked("--vault", reading.path, vault))
    return _apply(config, paths.managed_config(), tighten=False)


def tuning_files(environ: Mapping[str, str], file: str | None = None) -> tuple[Path, Path]:
    """The user's and the administrator's exemptions, beside the configuration files; read again when they change."""
    user = file or environ.get("PII_SHIELD_CONFIG") or paths.user_config(environ)
    return Path(user).with_name(TUNING_FILE), paths.managed_config().with_name(f"managed-{TUNING_FILE}")


def _user_file(environ: Mapping[str, str], named: str | None) -> Path:
    path = Path(named) if named else paths.user_config(environ)
    if named and not path.is_file():
        raise ConfigError(f"configuration file {path} does not exist", code="PS301", fix="check --config")
    check_owner(path)
    return path


def check_owner(path: Path) -> None:
    """Refuse a file that somebody else could have written: ConfigError."""
    if path.is_file() and os.name == "posix":
        status = path.stat()
        if status.st_uid not in (os.getuid(), 0) or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise ConfigError(
                f"configuration file {path} could have been written by somebody else",
                code="PS302",
                fix=f"chown it to yourself and: chmod go-w {path}",
            )


def _apply(config: Config, path: Path, *, tighten: bool) -> Config:
    text = _read(path)
    if text is None:
        return config
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}", code="PS303", fix="correct that line") from None
    changes: dict[str, Any] = {}
    for table, content in data.items():
        if table == "servers" and not tighten:
            changes["servers"] = {**config.servers, **_servers(path, text, content)}
            continue
        if table == "serve" and not tighten:
            continue
        if table not in _TABLES or not isinstance(content, dict):
            raise _problem(path, text, (table,), "unknown key", known=sorted(_TABLES))
        for key, value in content.items():
            setting = _SETTINGS.get((table, key))
            if setting is None or (tighten and setting.tighter is None):
                what = (
                    "a project's file can only tighten, not set this key"
                    if setting or table == "servers"
                    else "unknown key"
                )
                raise _problem(path, text, (table, key), what, known=[k for t, k in _SETTINGS if t == table])
            new = _value(path, text, (table, key), setting.read, value)
            old = getattr(config, setting.field)
            changes[setting.field] = setting.tighter(old, new) if tighten and setting.tighter else new
    return _with_profile(config, changes, tighten)


def _with_profile(config: Config, changes: dict[str, Any], tighten: bool) -> Config:
    """The changes, with what a detection profile among them brings: its types, unless types are listed too, and a
    release policy that is not laxer than it asks for, unless one is named too."""
    if "detect" not in changes:
        return config._replace(**changes)
    row = profiles.table()[changes["detect"]]
    brought = {"types": row.types, "greedy": row.greedy, "profile": _stricter(config.profile, row.policy)}
    if tighten:
        brought["greedy"] = config.greedy or row.greedy
        changes |= {"detect": config.detect, "types": changes.get("types", config.types) | row.types}
    return config._replace(**{**brought, **changes})


def _read(path: Path) -> str | None:
    try:
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}", code="PS304", fix="check its permissions"
        ) from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"{path} is larger than {MAX_BYTES} bytes", code="PS304")
    return data.decode("utf-8", "replace")


def _servers(path: Path, text: str, content: Any) -> dict[str, Server]:
    servers: dict[str, Server] = {}
    for name, keys in content.items() if isinstance(content, dict) else ():
        if not isinstance(keys, dict):
            raise _problem(path, text, ("servers", name), "must be a table: [servers.NAME]")
        fields = {}
        for key, value in keys.items():
            if key in UPSTREAM_KEYS:
                continue
            if key not in _SERVER_KEYS:
                raise _problem(path, text, (f"servers.{name}", key), "unknown key", known=list(_SERVER_KEYS))
            fields[key] = _value(path, text, (f"servers.{name}", key), _SERVER_KEYS[key], value)
        servers[name] = Server(**fields)
    return servers


def _value(path: Path, text: str, where: tuple[str, ...], read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise _problem(path, text, where, str(error)) from None


def _checked(what: str, read: Callable[[Any], Any], value: str) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise ConfigError(f"{what} {error}", code="PS306") from None


def _problem(path: Path, text: str, where: tuple[str, ...], what: str, known: list[str] | None = None) -> ConfigError:
    fix = f"known here: {', '.join(known)}" if known else "see the README's table of settings"
    return ConfigError(f"{path}, line {_line_of(text, where)}: {'.'.join(where)}: {what}", code="PS305", fix=fix)


def _line_of(text: str, where: tuple[str, ...]) -> int:
    """Line of a key: tomllib does not tell. The first line that sets the key inside its table, or opens the table."""
    table, found = "", 1
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line)
        if header:
            table = header[1].replace('"', "")
            found = number if table.split(".")[0] == where[0].split(".")[0] and found == 1 else found
        key = re.match(r"\s*\"?([\w.-]+)\"?\s*=", line)
        if key and (table, key[1]) in {where[:2], ("", where[0]), ("", ".".join(where))}:
            return number
    return found
