"""What stands around the record, for reports: settings in force, exemptions, servers that nothing protects."""

import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from .. import __version__, engines, observing, off, paths, recording, tuned
from ..audit import event
from ..audit.report.around import Around, Bare, Clients, Exemption, Settings
from ..client.installers import show, survey
from ..client.installers.entries import State
from ..client.installers.journal import Journal
from ..client.installers.places import Machine
from ..entities import DEFAULT_TYPES, TYPES
from ..settings import Config
from ..tuning.entries import Entry, Tuning

Mask = Callable[[str], str]
"""Gives a name back, or another one if there is a value in it."""
_PLACES: Final = {"syslog": "syslog", "http": "a collector over HTTP", "https": "a collector over HTTP"}


def around(config: Config, environ: Mapping[str, str], clock: Callable[[], float], *, is_here: bool) -> Around:
    """All of it.

    Args:
        is_here: whether the log is this machine's; of a copy from elsewhere nothing is known here.

    Raises:
        ConfigError: a file of exemptions cannot be read.
    """
    bare = Around(__version__, event.stamp(clock()), organisation=config.organisation)
    if not is_here:
        return bare
    mask = recording.unless_found(engines.Engines(config._replace(presidio=None))(DEFAULT_TYPES | config.types))
    return bare._replace(
        settings=_settings(config, clock()),
        clients=_clients(environ, mask),
        exemptions=tuple(_exemptions(config, mask)),
    )


def _settings(config: Config, now: float) -> Settings:
    passed = {"images": config.images, "sound": config.audio, "other binary content": config.other}
    return Settings(
        config.profile,
        recording.policy_label(config),
        config.types,
        tuple(sorted(name for name, said in config.servers.items() if said.trusted)),
        tuple(what for what, said in passed.items() if said == "pass"),
        config.retention_days,
        tuple(dict.fromkeys(_PLACES.get(place.partition(":")[0], "a file") for place in _places(config))),
        (*observing.notices(config, datetime.fromtimestamp(now, UTC).date()), *off.notices(config, now)),
    )


def _places(config: Config) -> list[str]:
    return recording.checkpoint_places(config)


def _clients(environ: Mapping[str, str], mask: Mask) -> Clients:
    machine = Machine(environ, sys.platform, Path.cwd())
    seen = survey.look_back(machine, survey.Selection(), Journal(paths.state_dir(environ) / "clients"))
    bare = [Bare(place.client.title, mask(entry.name), _why(entry.why)) for place, entry in survey.exposed(seen)]
    protected = sum(entry.state is State.PROTECTED for one in seen for entry in one.entries)
    unread = sum(one.fault is not None for one in seen)
    beyond = show.beyond(one.place for one in seen)
    return Clients(len(seen), unread, protected, tuple(bare), tuple(beyond))


def _why(why: str) -> str:
    return why or "the shield was not put in front of it"


def _exemptions(config: Config, mask: Mask) -> list[Exemption]:
    found: list[Exemption] = []
    for path, who in zip(config.tuning, ("the user", "the administrator"), strict=False):
        tuning = tuned.load([path])
        found += [Exemption(_what(entry, mask), _where(entry, mask), who, entry.added) for entry in tuning.allow]
        found += _looser(tuning, who, mask)
    return found


def _what(entry: Entry, mask: Mask) -> str:
    """In words, without what the entry holds of a value."""
    said = [TYPES[entry.type].title] if entry.type else []
    said += [f"what the rule {mask(entry.rule)} finds"] if entry.rule else []
    said += ["one value"] if entry.value or entry.digest else []
    said += ["addresses of one domain"] if entry.domain else []
    said += ["what fits a pattern"] if entry.pattern else []
    return ", ".join(said) or "everything"


def _where(entry: Entry, mask: Mask) -> str:
    path = "/" + "/".join(map(mask, entry.path)) if entry.path else ""
    return " ".join(filter(None, (mask(entry.server), mask(entry.tool), path)))


def _looser(tuning: Tuning, who: str, mask: Mask) -> list[Exemption]:
    """Thresholds, and servers of which less is protected."""
    found = []
    for (server, tool), scores in tuning.thresholds.items():
        for name, score in scores.items():
            what = TYPES[name].title if name in TYPES else "every type" if name == "all" else f"the rule {mask(name)}"
            where = " ".join(filter(None, (mask(server), mask(tool))))
            found.append(Exemption(f"{what}: findings below a certainty of {score:g}", where, who, ""))
    for server, types in tuning.types.items():
        left = sorted(TYPES[name].title for name in DEFAULT_TYPES - types)
        if left:
            found.append(Exemption(", ".join(left), mask(server), who, ""))
    return found
