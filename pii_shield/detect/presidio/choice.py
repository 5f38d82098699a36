"""What a user wants of Presidio: the table [detect.presidio] of the configuration, read. No I/O."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from ...errors import ConfigError

NLP = ("spacy", "transformers", "stanza")
THRESHOLD = 0.5
"""Lowest score that counts, for recognisers that set none."""


class Choice(NamedTuple):
    """What a user wants of Presidio.

    Attributes:
        nlp: "" none, or one of NLP.
        model: an installed spaCy package or a folder; for transformers the model's folder; stanza has its own place.
        tokenizer: for transformers the spaCy package or folder that cuts text into words.
        gliner: folder of a GLiNER model, or "".
        labels: what GLiNER is to look for, in its own words, and Presidio's names for that.
        language: of texts, recognisers and models.
        recognizers: whether Presidio's own pattern recognisers are used: those it turns on for the language.
        countries: if given, in place of those of countries it turns on, all of these countries, in any language.
        without: names of recognisers to leave out.
        phone: whether its phone recogniser is used, which is slow and misses numbers in big documents; rules find
            phones.
        registries: YAML files with the user's recognisers.
        modules: Python files with the user's recognisers: classes, or a function `recognizers()`.
        deny: words to find always, by entity.
        threshold: see THRESHOLD.
    """

    nlp: str = ""
    model: str = ""
    tokenizer: str = ""
    gliner: str = ""
    labels: Mapping[str, str] = MappingProxyType({})
    language: str = "en"
    recognizers: bool = True
    countries: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    phone: bool = False
    registries: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    deny: Mapping[str, Sequence[str]] = MappingProxyType({})
    threshold: float = THRESHOLD


def read(table: Any) -> Choice:
    """The choice that a table makes. Paths stay as they are written.

    Raises:
        ValueError: a key or a value makes no sense; says which.
    """
    if not isinstance(table, dict):
        raise ValueError("must be a table: [detect.presidio]")
    for key, value in table.items():
        if key not in _KEYS:
            raise ValueError(f"has no key {key!r}; known are {', '.join(_KEYS)}")
        wanted, fits = _KEYS[key]
        if not fits(value):
            raise ValueError(f"{key} must be {wanted}")
    lists = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
    choice = Choice(**{**table, **lists})
    if choice.model and not choice.nlp:
        raise ValueError("a model needs nlp to say what it is for")
    return choice


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


_TEXT = ("a text", _is_text)
_TEXTS = ("a list of texts", _are_texts)
_FLAG: tuple[str, Callable[[Any], bool]] = ("true or false", lambda value: isinstance(value, bool))
_KEYS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "nlp": (f"one of {', '.join(NLP)}", lambda value: value in NLP),
    "model": _TEXT,
    "tokenizer": _TEXT,
    "gliner": _TEXT,
    "labels": ("a table of texts", lambda value: isinstance(value, dict) and all(map(_is_text, value.values()))),
    "language": ("two letters such as en", lambda value: _is_text(value) and len(value) == 2 and value.isalpha()),
    "recognizers": _FLAG,
    "countries": _TEXTS,
    "without": _TEXTS,
    "phone": _FLAG,
    "registries": _TEXTS,
    "modules": _TEXTS,
    "deny": (
        "a table of lists of texts",
        lambda value: isinstance(value, dict) and all(map(_are_texts, value.values())),
    ),
    "threshold": ("a number from 0 to 1", lambda value: type(value) in (int, float) and 0 <= value <= 1),
}


def placed(choice: Choice, place: Callable[[str], str]) -> Choice:
    """The choice with its files and folders where `place` says. A model without a slash is an installed package."""

    def folder(name: str) -> str:
        return place(name) if "/" in name or "\\" in name else name

    return choice._replace(
        model=folder(choice.model),
        tokenizer=folder(choice.tokenizer),
        gliner=place(choice.gliner) if choice.gliner else "",
        registries=tuple(map(place, choice.registries)),
        modules=tuple(map(place, choice.modules)),
    )


def refusal(what: str, fix: str, code: str) -> ConfigError:
    """Why a choice cannot be had, and what to do."""
    return ConfigError(what, fix=fix, code=code)
