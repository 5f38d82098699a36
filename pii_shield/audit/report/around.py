"""What a report says that no row of the log knows: settings, the clients on this machine, the organisation. No I/O."""

from typing import NamedTuple

from ...types import Organisation


class Settings(NamedTuple):
    """What is in force where the report is made.

    Attributes:
        profile, policy: name of the release policy's row; the same with its hash, as rows have it.
        types: entity types that are protected.
        trusted: servers that may receive other servers' data.
        passed: kinds of binary content that pass unsearched.
        retention_days: idle days after which a value is destroyed.
        checkpoints: second places by their kind: "a file", "syslog", "a collector over HTTP".
        observed: a sentence about each server that is set to be observed.
    """

    profile: str
    policy: str
    types: frozenset[str]
    trusted: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    retention_days: float = 90.0
    checkpoints: tuple[str, ...] = ()
    observed: tuple[str, ...] = ()


class Exemption(NamedTuple):
    """Something that passes although it would be found, by somebody's decision.

    Attributes:
        what: in words, without any value.
        where: server, tool and place; "" for everywhere.
        who: whose file it stands in.
        when: day, "" if the file does not say.
    """

    what: str
    where: str
    who: str
    when: str


class Bare(NamedTuple):
    """A server that a client starts and nothing protects."""

    client: str
    server: str
    why: str


class Clients(NamedTuple):
    """What the clients' files of this machine say.

    Attributes:
        files: how many were read.
        unread: files that could not be.
        protected: number of servers behind the shield.
        bare: those that are not.
        beyond: sentences about what no file shows: built-in tools, connectors.
    """

    files: int = 0
    unread: int = 0
    protected: int = 0
    bare: tuple[Bare, ...] = ()
    beyond: tuple[str, ...] = ()


class Around(NamedTuple):
    """All of it.

    Attributes:
        settings: None for a log from elsewhere, whose settings are not known here.
        clients: None where nobody looked.
        exemptions: of the files in force.
        organisation: as the configuration names it.
        program: version of this program.
        made: time, as the log writes it.
        since, until: the time that was asked for, "" for all.
        servers: the only ones that were asked for.
    """

    program: str
    made: str
    settings: Settings | None = None
    clients: Clients | None = None
    exemptions: tuple[Exemption, ...] = ()
    organisation: Organisation = Organisation()
    since: str = ""
    until: str = ""
    servers: tuple[str, ...] = ()
