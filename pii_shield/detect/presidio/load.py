"""Gets Presidio's recognisers and engines ready: what is installed, from this machine, or a clear refusal.

Does I/O: Presidio reads models and registries. Nothing is ever downloaded: every model is looked for first.
"""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from ...errors import ConfigError
from .detector import THRESHOLD, PresidioDetector


class Choice(NamedTuple):
    """What a user wants of Presidio.

    Attributes:
        nlp: "" none, "spacy", "transformers" or "stanza".
        model: an installed spaCy package or a folder; for transformers the model's folder; stanza has its own place.
        tokenizer: for transformers the spaCy package or folder that cuts text into words.
        gliner: folder of a GLiNER model, or "".
        labels: what GLiNER is to look for, in its own words, and Presidio's names for that.
        language: of texts, recognisers and models.
        predefined: whether Presidio's own recognisers for the language are used.
        phone: whether its phone recogniser is, which is slow and misses numbers in big documents; rules find phones.
        registry: YAML file with the user's recognisers, or "".
        deny: words to find always, by entity.
        threshold: lowest score that counts, for recognisers that set none.
    """

    nlp: str = ""
    model: str = ""
    tokenizer: str = ""
    gliner: str = ""
    labels: Mapping[str, str] = MappingProxyType({})
    language: str = "en"
    predefined: bool = True
    phone: bool = False
    registry: str = ""
    deny: Mapping[str, Sequence[str]] = MappingProxyType({})
    threshold: float = THRESHOLD


def detector(choice: Choice) -> PresidioDetector:
    """The detector a user wants. Takes seconds: Presidio and models are imported and loaded.

    Raises:
        ConfigError: something is not installed or cannot be read.
    """
    engine = _nlp(choice) if choice.nlp else None
    return PresidioDetector(_recognizers(choice, engine), engine, choice.language, choice.threshold)


def _recognizers(choice: Choice, engine: Any) -> list[Any]:
    from presidio_analyzer import PatternRecognizer, RecognizerRegistry

    registry = RecognizerRegistry(supported_languages=[choice.language])
    if choice.predefined:
        registry.load_predefined_recognizers(languages=[choice.language])
        without = {"SpacyRecognizer", "StanzaRecognizer", "TransformersRecognizer"}
        without |= set() if choice.phone else {"PhoneRecognizer"}
        registry.recognizers = [r for r in registry.recognizers if type(r).__name__ not in without]
    if engine is not None:
        registry.add_nlp_recognizer(engine)
    if choice.registry:
        _add_registry(registry, choice.registry)
    if choice.gliner:
        registry.add_recognizer(_gliner(choice))
    for entity, words in choice.deny.items():
        registry.add_recognizer(
            PatternRecognizer(entity, deny_list=list(words), name=f"deny {entity}", supported_language=choice.language)
        )
    return list(registry.recognizers)


def _add_registry(registry: Any, path: str) -> None:
    import yaml  # type: ignore[import-untyped]

    try:
        registry.add_recognizers_from_yaml(path)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, yaml.YAMLError) as error:
        raise ConfigError(
            f"the registry of recognisers cannot be used: {type(error).__name__}",
            fix=f"Correct {Path(path).name}; Presidio's documentation calls it 'recognizers from YAML'.",
            code="PS321",
        ) from None


def _nlp(choice: Choice) -> Any:
    makers = {"spacy": _spacy, "transformers": _transformers, "stanza": _stanza}
    if choice.nlp not in makers:
        raise ConfigError(f"unknown NLP engine {choice.nlp!r}", fix=f"Use one of {', '.join(makers)}.", code="PS322")
    engine = makers[choice.nlp](choice)
    try:
        engine.load()
    except (OSError, ImportError, ValueError, RuntimeError) as error:
        raise ConfigError(
            f"the {choice.nlp} model cannot be loaded: {type(error).__name__}",
            fix="Install it again, in the version that fits the installed library.",
            code="PS323",
        ) from None
    return engine


def _spacy(choice: Choice) -> Any:
    from presidio_analyzer.nlp_engine import SpacyNlpEngine

    _need_spacy(choice.model)
    return SpacyNlpEngine(models=[{"lang_code": choice.language, "model_name": choice.model}])


def _need_spacy(model: str) -> None:
    from spacy.util import is_package

    if not model or not (is_package(model) or Path(model).is_dir()):
        raise ConfigError(
            f"the spaCy model {model!r} is not installed",
            fix=f"Install it first, for example: python -m spacy download {model or 'en_core_web_lg'}",
            code="PS324",
        )


def _transformers(choice: Choice) -> Any:
    from presidio_analyzer.nlp_engine import TransformersNlpEngine

    _need_package("transformers", "transformers")
    _need_folder("transformers", choice.model)
    _need_spacy(choice.tokenizer)
    names = {"spacy": choice.tokenizer, "transformers": choice.model}
    return TransformersNlpEngine(models=[{"lang_code": choice.language, "model_name": names}])


def _stanza(choice: Choice) -> Any:
    from presidio_analyzer.nlp_engine import StanzaNlpEngine

    _need_package("stanza", "stanza")
    from stanza.resources.common import DEFAULT_MODEL_DIR  # type: ignore[import-not-found]

    _need_folder("stanza", str(Path(DEFAULT_MODEL_DIR) / choice.language))
    models = [{"lang_code": choice.language, "model_name": choice.language}]
    return StanzaNlpEngine(models=models, download_if_missing=False)


def _gliner(choice: Choice) -> Any:
    from presidio_analyzer.predefined_recognizers import GLiNERRecognizer

    _need_package("gliner", "gliner")
    _need_folder("GLiNER", choice.gliner)
    return GLiNERRecognizer(
        model_name=choice.gliner,
        entity_mapping=dict(choice.labels) or None,
        supported_language=choice.language,
        local_files_only=True,
    )


def _need_package(module: str, package: str) -> None:
    if find_spec(module) is None:
        raise ConfigError(f"{package} is not installed", fix=f"pip install {package}", code="PS325")


def _need_folder(kind: str, folder: str) -> None:
    if not folder or not Path(folder).is_dir():
        raise ConfigError(
            f"there is no folder {Path(folder).name!r} with a {kind} model",
            fix="Download the model once, with its own tools, and name its folder; nothing is downloaded here.",
            code="PS326",
        )
