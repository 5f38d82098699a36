"""What is known of a word wherever it stands: shape and classes of the dictionary. No I/O."""

import re
from collections.abc import Mapping
from typing import NamedTuple

CLASSES = {
    "F": "first name in many countries",
    "f": "first name",
    "L": "surname in many countries, or famous",
    "l": "surname",
    "C": "well-known place",
    "c": "place",
    "d": "part of a place's name",
    "r": "word for a place (River)",
    "O": "well-known organisation",
    "o": "word for an organisation (Ltd)",
    "w": "common word",
    "m": "month, day, nationality, language, abbreviation",
    "h": "heading, product or first word of a sentence",
    "t": "title (Mrs)",
    "j": "occupation or relation",
    "s": "verb that persons do",
    "p": "particle in a name (van)",
}
"""Letters of a word's classes in the dictionary, sorted and joined: "Fcw"."""


class Word(NamedTuple):
    """What is known of a word wherever it stands: lower case, shape, classes of the dictionary."""

    lower: str
    shape: str
    classes: str


def word_of(token: str, classes: Mapping[str, str]) -> Word:
    """What is known of a token."""
    lower = token.lower()
    shape = shape_of(token)
    if shape == "@":
        lower = "@"
    known = classes.get(lower)
    if known is None:
        known = _guess(lower, classes)
        if not known and shape == "Ab" and any("w" in classes.get(part.lower(), "") for part in _HUMP.findall(token)):
            known = "w"
    return Word(lower, shape, known)


_HUMP = re.compile(r"[A-Z][a-z]{2,}")


def _guess(lower: str, classes: Mapping[str, str]) -> str:
    """The classes of a word that the dictionary lacks: those of its first part, or "w" for an inflected common word."""
    first = _JOINT.split(lower, maxsplit=1)[0]
    if first != lower:
        return classes.get(first) or _guess(first, classes)
    if lower.endswith(_COMMON_ENDINGS) and len(lower) > 7:
        return "w"
    for ending, others in _ENDINGS:
        if lower.endswith(ending):
            stem = lower[: -len(ending)]
            if any("w" in classes.get(stem + other, "") for other in others):
                return "w"
    return ""


_JOINT = re.compile("[-'’.]")
_COMMON_ENDINGS = (
    "ically",
    "ingly",
    "fully",
    "ously",
    "ively",
    "ational",
    "ability",
    "isation",
    "ization",
    "edly",
    "lessly",
)
_ENDINGS = (
    ("ies", ("y",)),
    ("ied", ("y",)),
    ("ily", ("y",)),
    ("ing", ("", "e")),
    ("ed", ("", "e")),
    ("es", ("", "e")),
    ("ers", ("", "e")),
    ("ors", ("", "e")),
    ("er", ("", "e")),
    ("or", ("", "e")),
    ("est", ("", "e")),
    ("ly", ("", "le")),
    ("ally", ("",)),
    ("ness", ("",)),
    ("less", ("",)),
    ("ment", ("",)),
    ("ism", ("",)),
    ("ist", ("",)),
    ("ian", ("",)),
    ("al", ("", "e")),
    ("ion", ("", "e")),
    ("ions", ("", "e")),
    ("s", ("",)),
)


def shape_of(word: str) -> str:
    """The shape: a, Aa, AA, Ab (mixed), A (a letter), A. (initials), 0 (digits), @ (web, code), x (else), or itself."""
    if len(word) < 2:
        return word if not word.isalnum() else "0" if word.isdigit() else "A" if word.isupper() else "a"
    if word.isalpha():
        return _letters(word)
    if any(char.isdigit() for char in word):
        return "0"
    if any(char in "@#$&%\\/_:" for char in word):
        return "@"
    if word[-1] == "." and word[:-1].isalpha() and len(word) > 2:
        return _letters(word[:-1])
    if "." in word:
        return "A." if word.isupper() else "@"
    return _letters(word) if word[0].isalpha() else word


def _letters(word: str) -> str:
    if word.islower():
        return "a"
    if word.isupper():
        return "AA"
    if word.istitle() or word[1:].islower():
        return "Aa"
    return "Ab" if word[0].isupper() else "x"
