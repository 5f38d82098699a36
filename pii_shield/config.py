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
from pathlib import Path
from typing import Any

from . import paths, profiles, reading
from .audit import ship as shipping
from .errors import ConfigError
from .policy import STRICTNESS
from .settings import (
    ORGANISATION_KEYS,
    SERVER_KEYS,
    SETTINGS,
    TABLES,
    UPSTREAM_KEYS,
    Config,
    RuleFile,
    Server,
    stricter,
)

PROJECT_FILE = ".pii-shield.toml"
TUNING_FILE = "tuning.toml"
MAX_BYTES = 1 << 20


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
        config = config._replace(profile=stricter(config.profile, wanted))
    if environ.get("PII_SHIELD_DETECT"):
        named = _checked("PII_SHIELD_DETECT", reading.one_of(*profiles.NAMES), environ["PII_SHIELD_DETECT"])
        config = _with_profile(config, {"detect": named}, tighten=True)
    if environ.get("PII_SHIELD_KEY_FILE"):
        config = config._replace(key=Path(environ["PII_SHIELD_KEY_FILE"]))
    if scope is not None:
        config = config._replace(scope=_checked("--scope", reading.name, scope))
    if vault is not None:
        config = config._replace(vault=_checked("--vault", reading.path, vault))
    config = _apply(config, paths.managed_config(), tighten=False)
    if config.otlp is not None:
        config = config._replace(otlp=_checked("[telemetry.otlp]", lambda it: it.resolved(environ), config.otlp))
    return config._replace(ship=shipping.resolved(config.ship, environ))


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
        if table == "organisation" and not tighten:
            fields = _fields(path, text, table, content, ORGANISATION_KEYS)
            changes[table] = config.organisation._replace(**fields)
            continue
        if table == "serve" and not tighten:
            continue
        if table not in TABLES or not isinstance(content, dict):
            raise _problem(path, text, (table,), "unknown key", known=sorted(TABLES))
        for key, value in content.items():
            setting = SETTINGS.get((table, key))
            if setting is None or (tighten and setting.tighter is None):
                what = (
                    "a project's file can only tighten, not set this key"
                    if setting or table == "servers"
                    else "unknown key"
                )
                raise _problem(path, text, (table, key), what, known=[k for t, k in SETTINGS if t == table])
            new = _value(path, text, (table, key), setting.read, value)
            new = setting.place(new, path.absolute().parent) if setting.place else new
            _check_files(path, text, (table, key), new)
            old = getattr(config, setting.field)
            changes[setting.field] = setting.tighter(old, new) if tighten and setting.tighter else new
    return _with_profile(config, changes, tighten)


def _with_profile(config: Config, changes: dict[str, Any], tighten: bool) -> Config:
    """The changes, with what a detection profile among them brings: its types, unless types are listed too, and a
    release policy that is not laxer than it asks for, unless one is named too."""
    if "detect" not in changes:
        return config._replace(**changes)
    row = profiles.table()[changes["detect"]]
    brought = {"types": row.types, "greedy": row.greedy, "profile": stricter(config.profile, row.policy)}
    if tighten:
        brought["greedy"] = config.greedy or row.greedy
        changes |= {"detect": config.detect, "types": changes.get("types", config.types) | row.types}
    return config._replace(**{**brought, **changes})


def _check_files(path: Path, text: str, where: tuple[str, ...], new: Any) -> None:
    """Refuse rules that are not there, and rules or programs that somebody else could have written."""
    named = [file.path for file in new if isinstance(file, RuleFile)] if isinstance(new, tuple) else []
    for file in named:
        if not file.is_file():
            raise _problem(path, text, where, f"there is no file {file}")
    for file in (*named, *map(Path, getattr(new, "modules", ()))):
        check_owner(file)


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
        known = {**SERVER_KEYS, **dict.fromkeys(UPSTREAM_KEYS, lambda value: value)}
        said = _fields(path, text, f"servers.{name}", keys, known)
        servers[name] = Server(**{key: value for key, value in said.items() if key in SERVER_KEYS})
    return servers


def _fields(path: Path, text: str, table: str, keys: Any, known: Mapping[str, Callable[[Any], Any]]) -> dict[str, Any]:
    """The keys of one table, read."""
    if not isinstance(keys, dict):
        raise _problem(path, text, (table,), f"must be a table: [{table}]")
    for key in keys:
        if key not in known:
            raise _problem(path, text, (table, key), "unknown key", known=sorted(known))
    return {key: _value(path, text, (table, key), known[key], value) for key, value in keys.items()}


def _value(path: Path, text: str, where: tuple[str, ...], read: Callable[[Any], Any], value: Any) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise _problem(path, text, where, str(error)) from None


def _checked(what: str, read: Callable[[Any], Any], value: Any) -> Any:
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
