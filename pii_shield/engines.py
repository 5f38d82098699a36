"""The engines that the configuration asks for: rules, the tagger of names, Presidio.

Compiled rules are used where they lie; compiling takes seconds and never happens here.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from . import compiled, entities, paths, rules
from .errors import RuleError
from .settings import Config, RuleFile

if TYPE_CHECKING:
    from .detect.database import Source
    from .detect.engine import Detector, Engine
    from .detect.presidio.detector import PresidioDetector
    from .examples import Problem
    from .rules import RuleSet

_EVERYTHING = frozenset(entities.TYPES)


def rule_set(config: Config) -> "RuleSet":
    """All rules in force, for people.

    Raises:
        RuleError: a file is wrong.
    """
    return rules.load([*rules.shipped(), *(file.path for file in config.rules)])


class Engines:
    """Engines for sets of entity types, which share what takes long to load. Thread-safe.

    Args:
        config: says the usual types, users' rules and Presidio.
        all_rules: whether rules that are not for every day are used.
        greedy: whether names count that are less sure.
        stays: whether the process stays, so that compiling what is not compiled yet is worth it.
    """

    def __init__(
        self, config: Config, *, all_rules: bool | None = None, greedy: bool | None = None, stays: bool = False
    ) -> None:
        self._config = config
        self._all_rules = config.greedy if all_rules is None else all_rules
        self._greedy = config.greedy if greedy is None else greedy
        self._stays = stays and config.compile
        self._lock = threading.Lock()
        self._is_checked = False

    def __call__(self, types: frozenset[str] | None = None) -> "Engine":
        """A new engine for some entity types, or the usual ones.

        Raises:
            ConfigError: a rule does not hold, or something is missing.
        """
        with self._lock:
            if self._config.rules and not self._is_checked:
                rule_set(self._config)  # two rules of one name
                _check(self._config.rules, lambda: self._engine(_EVERYTHING, True, []))
                self._is_checked = True
            types = self._config.types if types is None else types
            made = self._engine(types, self._all_rules, self._detectors(types))
        if self._stays and not made.has_scanner:
            self._compiled_soon(made)
        return made

    def _engine(self, types: frozenset[str], all_rules: bool, detectors: "list[Detector]") -> "Engine":
        from .detect.added import AddingEngine
        from .detect.engine import Engine

        if added := [file.path for file in self._config.rules if file.is_added]:
            strange = Engine(rules.load(added)._replace(words=self._rules.words), types, all_rules)
            made: Engine = AddingEngine(self._rules, types, all_rules, detectors, added=strange)
        else:
            made = Engine(self._rules, types, all_rules, detectors)
        scanner = compiled.load(made.sources(), paths.cache_dir())
        if scanner is not None:
            made.use(scanner)
        return made

    def sources(self) -> "list[list[Source]]":
        """What scanners must look for: that of the usual engine and, if it is wanted, Presidio's."""
        found = [self().sources()]
        return found if self._config.presidio is None else [*found, self._presidio.sources()]

    def _compiled_soon(self, made: "Engine") -> None:
        """Have another process compile the rules where that is not done yet; the engine then uses it."""
        folder = paths.cache_dir()
        start = partial(compiled.build_aside, made.types, self._all_rules, folder, self._own)
        compiled.build_soon(made.sources(), start, folder, made.use)

    @property
    def _own(self) -> list[Path]:
        return [file.path for file in self._config.rules if not file.is_added]

    @cached_property
    def _rules(self) -> "RuleSet":
        return rules.load([*rules.shipped(), *self._own])

    def _detectors(self, types: frozenset[str]) -> "list[Detector]":
        from .detect.prose import TAGGED

        found = [self._prose] if types & TAGGED else []
        return [*found, self._presidio] if self._config.presidio is not None else found

    @cached_property
    def _prose(self) -> "Detector":
        from .detect.prose import Prose
        from .detect.tagger import GREEDY, PRECISE, Tagger

        return Prose(Tagger.load(), GREEDY if self._greedy else PRECISE)

    @cached_property
    def _presidio(self) -> "PresidioDetector":
        from .detect.presidio import load

        assert self._config.presidio is not None  # noqa: S101 - asked for by `_detectors` alone
        made = load.detector(self._config.presidio)
        scanner = compiled.load(made.sources(), paths.cache_dir())
        if scanner is not None:
            made.use(scanner)
        return made


def _check(files: Sequence[RuleFile], engine: "Callable[[], Engine]") -> None:
    """Run the examples of users' rules: a rule that does not hold protects nothing.

    Raises:
        RuleError: names file and line.
    """
    from . import examples

    own = [(file, rules.load([file.path])) for file in files]
    for file, loaded in own:
        if file.is_added and loaded.words:
            raise RuleError(f"{file.path}: a project cannot change word lists", code="PS311", fix="Leave [words] out.")
        _refuse(file, examples.faults(loaded))
    found_by = engine()
    for file, loaded in own:
        _refuse(file, examples.check(loaded, found_by.find))


def _refuse(file: RuleFile, problems: "Iterable[Problem]") -> None:
    for problem in problems:
        line = rules.line_of(file.path.read_text(encoding="utf-8"), problem.rule)
        raise RuleError(
            f"{file.path}, line {line}: {problem}",
            code="PS311",
            fix=f"correct the rule or its examples; this tries it: pii-shield rules check {file.path}",
        )
