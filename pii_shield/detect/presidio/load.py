"""Gets Presidio's recognisers and engines ready: what is installed, from this machine, or a clear refusal.

Does I/O: Presidio reads models and registries. Nothing is ever downloaded: every model is looked for first, and the
libraries that could fetch one are told to stay offline while they load.
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .choice import Choice, refusal

if TYPE_CHECKING:
    from .detector import PresidioDetector

_NEEDED = {"spacy": "spacy", "transformers": "transformers", "stanza": "stanza"}
"""Module that an NLP engine needs beside Presidio."""
_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


def need(choice: Choice) -> None:
    """Look whether all that a choice names is there. Imports nothing, so that a start can be refused at once.

    Raises:
        ConfigError: something is not installed, or a file or folder is missing.
    """
    _need_package("presidio_analyzer", "'pii-shield-mcp[presidio]'")
    if choice.nlp:
        _need_package(_NEEDED[choice.nlp], _NEEDED[choice.nlp])
    if choice.nlp == "spacy":
        _need_spacy(choice.model)
    if choice.nlp == "transformers":
        _need_folder("transformers", choice.model)
        _need_spacy(choice.tokenizer)
    if choice.gliner:
        _need_package("gliner", "gliner")
        _need_folder("GLiNER", choice.gliner)
    for path in (*choice.registries, *choice.modules):
        if not Path(path).is_file():
            raise refusal(f"there is no file {path}", "Correct [detect.presidio].", "PS321")


def detector(choice: Choice) -> "PresidioDetector":
    """The detector a user wants. Takes seconds: Presidio and models are imported and loaded.

    Raises:
        ConfigError: something is not installed or cannot be read.
    """
    need(choice)
    with _offline_and_quiet():
        from .detector import PresidioDetector

        engine = _nlp(choice) if choice.nlp else None
        return PresidioDetector(_recognizers(choice, engine), engine, choice.language, choice.threshold)


@contextmanager
def _offline_and_quiet() -> Iterator[None]:
    """No download, and no warning for each recogniser of another language."""
    log = logging.getLogger("presidio-analyzer")
    level = log.level
    before = {name: os.environ.get(name) for name in _OFFLINE}
    os.environ.update(_OFFLINE)
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _recognizers(choice: Choice, engine: Any) -> list[Any]:
    from presidio_analyzer import PatternRecognizer, RecognizerRegistry

    from .users import from_module, from_registry, keep_local

    registry = RecognizerRegistry(supported_languages=[choice.language])
    if engine is not None:
        registry.add_nlp_recognizer(engine)
    own = _own(choice) if choice.recognizers else []
    theirs = [one for path in choice.registries for one in from_registry(path, choice.language)]
    theirs += [one for path in choice.modules for one in from_module(path, choice.language)]
    for recognizer in (*own, *theirs):
        registry.add_recognizer(recognizer)
    if choice.gliner:
        registry.add_recognizer(_gliner(choice))
    for entity, words in choice.deny.items():
        registry.add_recognizer(
            PatternRecognizer(entity, deny_list=list(words), name=f"deny {entity}", supported_language=choice.language)
        )
    every: list[Any] = list(registry.recognizers)
    return keep_local(one for one in every if not {one.name, type(one).__name__} & set(choice.without))


def _own(choice: Choice) -> list[Any]:
    """Presidio's own recognisers that need no model: those it turns on, or those of some countries."""
    from presidio_analyzer import RecognizerRegistry

    registry = RecognizerRegistry()
    generic: list[str] | None = None if choice.countries is None else []
    registry.load_predefined_recognizers(languages=[choice.language], countries=generic)
    without = {"SpacyRecognizer", "StanzaRecognizer", "TransformersRecognizer"}
    without |= set() if choice.phone else {"PhoneRecognizer"}
    kept = [one for one in registry.recognizers if type(one).__name__ not in without]
    return [*kept, *_of_countries(choice)] if choice.countries else kept


def _of_countries(choice: Choice) -> list[Any]:
    from presidio_analyzer import EntityRecognizer, predefined_recognizers

    classes = [found for found in vars(predefined_recognizers).values() if isinstance(found, type)]
    by_country: dict[str, list[Any]] = {}
    for found in classes:
        if issubclass(found, EntityRecognizer) and (code := getattr(found, "COUNTRY_CODE", None)):
            by_country.setdefault(code, []).append(found)
    wanted = [country.lower() for country in choice.countries or ()]
    if unknown := sorted(set(wanted) - by_country.keys()):
        known = ", ".join(sorted(by_country))
        raise refusal(f"Presidio has no recognisers for the country {unknown[0]!r}", f"Known are {known}.", "PS332")
    return [found(supported_language=choice.language) for country in wanted for found in by_country[country]]


def _nlp(choice: Choice) -> Any:
    engine = {"spacy": _spacy, "transformers": _transformers, "stanza": _stanza}[choice.nlp](choice)
    try:
        engine.load()
    except (OSError, ImportError, ValueError, RuntimeError) as error:
        raise refusal(
            f"the {choice.nlp} model cannot be loaded: {type(error).__name__}",
            "Install it again, in the version that fits the installed library.",
            "PS323",
        ) from None
    return engine


def _spacy(choice: Choice) -> Any:
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    return SpacyNlpEngine(models=[{"lang_code": choice.language, "model_name": choice.model}])


def _transformers(choice: Choice) -> Any:
    from presidio_analyzer.nlp_engine import TransformersNlpEngine

    names = {"spacy": choice.tokenizer, "transformers": choice.model}
    return TransformersNlpEngine(models=[{"lang_code": choice.language, "model_name": names}])


def _stanza(choice: Choice) -> Any:
    from presidio_analyzer.nlp_engine import StanzaNlpEngine
    from stanza.resources.common import DEFAULT_MODEL_DIR  # type: ignore[import-not-found]

    _need_folder("stanza", str(Path(DEFAULT_MODEL_DIR) / choice.language))
    models = [{"lang_code": choice.language, "model_name": choice.language}]
    return StanzaNlpEngine(models=models, download_if_missing=False)


def _gliner(choice: Choice) -> Any:
    from presidio_analyzer.predefined_recognizers import GLiNERRecognizer

    return GLiNERRecognizer(
        model_name=choice.gliner,
        entity_mapping=dict(choice.labels) or None,
        supported_language=choice.language,
        local_files_only=True,
    )


def _need_spacy(model: str) -> None:
    if not (model and (Path(model).is_dir() or _is_installed(model))):
        raise refusal(
            f"the spaCy model {model!r} is not installed",
            f"Install it first, for example: python -m spacy download {model or 'en_core_web_lg'}",
            "PS324",
        )


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except (PackageNotFoundError, ValueError):
        return False
    return True


def _need_package(module: str, package: str) -> None:
    if find_spec(module) is None:
        raise refusal(f"{module} is not installed, and [detect.presidio] needs it", f"pip install {package}", "PS325")


def _need_folder(kind: str, folder: str) -> None:
    if not folder or not Path(folder).is_dir():
        raise refusal(
            f"there is no folder {Path(folder).name!r} with a {kind} model",
            "Download the model once, with its own tools, and name its folder; nothing is downloaded here.",
            "PS326",
        )
