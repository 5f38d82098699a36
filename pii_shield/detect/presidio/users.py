"""Recognisers that users bring: YAML registries, Python files. Only what works on this machine is taken.

Does I/O: reads those files.
"""

import importlib.util
from collections.abc import Iterable
from inspect import isabstract
from pathlib import Path
from types import ModuleType
from typing import Any

from .choice import refusal

_MISTAKES = (
    ImportError,
    SyntaxError,
    NameError,
    TypeError,
    ValueError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
)
"""What running somebody's Python file can raise by a mistake in it."""


def from_registry(path: str, language: str) -> list[Any]:
    """The recognisers of a YAML file: a registry as Presidio documents it, or just a list of recognisers.

    Raises:
        ConfigError: it is none.
    """
    import yaml  # type: ignore[import-untyped]
    from presidio_analyzer import RecognizerRegistry
    from presidio_analyzer.recognizer_registry import RecognizerRegistryProvider

    try:
        said = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        if "supported_languages" in said or any("type" in row for row in said["recognizers"]):
            said = {"supported_languages": [language], **said}
            return list(
                RecognizerRegistryProvider(registry_configuration=said).create_recognizer_registry().recognizers
            )
        registry = RecognizerRegistry(supported_languages=[language])
        for row in said["recognizers"]:
            registry.add_pattern_recognizer_from_dict(row)
        return list(registry.recognizers)
    except (*_MISTAKES, yaml.YAMLError) as error:
        raise refusal(
            f"the registry of recognisers {Path(path).name} cannot be used: {type(error).__name__}",
            "Correct it; Presidio's documentation calls it 'recognizer registry from YAML'.",
            "PS321",
        ) from None


def from_module(path: str, language: str) -> list[Any]:
    """The recognisers of a Python file: what its function `recognizers()` gives, else one of each of its classes.

    Raises:
        ConfigError: it cannot be run, or has none.
    """
    try:
        module = _run(path)
        made = getattr(module, "recognizers", None)
        found = list(made()) if callable(made) else [_instance(kind, language) for kind in _classes(module)]
    except _MISTAKES as error:
        where = error.__traceback__
        while where is not None and where.tb_next is not None:
            where = where.tb_next
        line = f", line {where.tb_lineno}" if where is not None else ""
        raise refusal(
            f"the recognisers in {Path(path).name} cannot be made: {type(error).__name__}{line}",
            "Correct it, and try it with: python " + Path(path).name,
            "PS333",
        ) from None
    if not found:
        raise refusal(
            f"{Path(path).name} has no recogniser",
            "Write a class that derives from presidio_analyzer.EntityRecognizer, or a function recognizers().",
            "PS333",
        )
    return found


def _run(path: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"pii_shield_users_{Path(path).stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _classes(module: ModuleType) -> list[Any]:
    from presidio_analyzer import EntityRecognizer

    own = [found for found in vars(module).values() if isinstance(found, type) and found.__module__ == module.__name__]
    return [found for found in own if issubclass(found, EntityRecognizer) and not isabstract(found)]


def _instance(kind: Any, language: str) -> Any:
    made = kind()
    made.supported_language = language
    return made


def keep_local(recognizers: Iterable[Any]) -> list[Any]:
    """The recognisers, none of which sends texts anywhere.

    Raises:
        ConfigError: one does.
    """
    from presidio_analyzer import RemoteRecognizer

    checked = list(recognizers)
    for recognizer in checked:
        if isinstance(recognizer, RemoteRecognizer) or ".third_party." in type(recognizer).__module__:
            raise refusal(
                f"the recogniser {recognizer.name!r} sends texts to a service",
                "Leave it out: what is to be protected does not leave this machine.",
                "PS334",
            )
    return checked
