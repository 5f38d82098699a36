"""The characters of a value that count. No I/O."""

import re

_NOT_DIGITS = re.compile(r"[^0-9]+")
_NOT_ALNUM = re.compile(r"[^0-9A-Za-z]+")


def digits(text: str) -> str:
    """The ASCII digits of a text, in order."""
    return text if text.isdigit() and text.isascii() else _NOT_DIGITS.sub("", text)


def alnum(text: str) -> str:
    """The ASCII letters and digits of a text, upper case."""
    return _NOT_ALNUM.sub("", text).upper()
