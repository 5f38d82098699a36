"""The characters of a value that count. No I/O."""

import re
import unicodedata

_NOT_DIGITS = re.compile(r"[^0-9]+")
_NOT_ALNUM = re.compile(r"[^0-9A-Za-z]+")


def digits(text: str) -> str:
    """The digits of a text in order, those of other scripts as 0 to 9."""
    if not text.isascii():
        return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())
    return text if text.isdigit() else _NOT_DIGITS.sub("", text)


def alnum(text: str) -> str:
    """The ASCII letters and digits of a text, upper case."""
    return _NOT_ALNUM.sub("", text).upper()
