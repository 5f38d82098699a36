"""What finds values here: rules, the tagger of names, Presidio, and the compiled rules that make it fast."""

from collections.abc import Iterator
from importlib import util

from .. import compiled, engines, needs, paths
from .line import Line, Patient, ok, warn


def detectors(patient: Patient) -> Iterator[Line]:
    """What is used, and whether it loads: an engine is made as a server's start makes it."""
    config = patient.config
    needs.need(config)
    made = engines.Engines(config)
    usual = made()
    rules = engines.rule_set(config)
    own = f", {len(config.rules)} files of your own" if config.rules else ""
    names = "a tagger of names (English first), " if _tags(config.types) else ""
    presidio = "Presidio" if config.presidio is not None else "no Presidio"
    yield ok("detectors", f"{len(rules.patterns) + len(rules.fields)} rules{own}, {names}{presidio}")
    yield ok("types", f"{len(usual.types)} entity types are protected ({config.detect})")
    if usual.has_scanner:
        yield ok("fast scan", f"compiled, in {paths.cache_dir(patient.environ)}")
    elif util.find_spec("hyperscan") is None:
        yield ok("fast scan", "not here: without the package hyperscan rules search one by one, with equal results")
    else:
        yield warn(
            "fast scan",
            "the rules are not compiled yet",
            "until then every rule searches by itself, with equal results",
            "pii-shield rules compile",
            lambda: _compile(made),
        )


def _compile(made: engines.Engines) -> str:
    for sources in made.sources():
        compiled.build(sources, paths.cache_dir())
    return "compiled the rules"


def _tags(types: frozenset[str]) -> bool:
    from ..detect.prose import TAGGED

    return bool(types & TAGGED)
