"""Characters written as escapes: percent, HTML entities, backslashes, quoted-printable. No I/O."""

import re
import sys
from collections.abc import Iterator

from .offsets import SPACES, View, later, rewritten

_H = "[0-9A-Fa-f]"


def _utf8(mark: str) -> str:
    """Pattern of one character, its UTF-8 bytes each written as `mark` and two hexadecimal digits."""
    more = rf"{mark}[89ABab]{_H}"
    return rf"{mark}[0-7]{_H}|{mark}[CDcd]{_H}{more}|{mark}[Ee]{_H}{more}{more}|{mark}[Ff][0-4]{more}{more}{more}"


_NO_HEX = later(r"[^0-9A-Fa-f]+")


def _from_hex(match: re.Match[str]) -> str | None:
    try:
        said = bytes.fromhex(_NO_HEX().sub("", match[0])).decode("utf-8")
    except UnicodeDecodeError:
        return None
    return said if said >= " " or said in "\t\r\n" else None


PERCENT_SIGN = later(rf"%(?:{_H}{{2}}|u{_H}{{4}})")
_PERCENT = later(rf"%u{_H}{{4}}|{_utf8('%')}")


def percent(text: str) -> Iterator[View]:
    """`%40`, and `%u0040` of old scripts."""
    return rewritten(text, PERCENT_SIGN, _PERCENT, _percent, margin=0, edges=SPACES + "\"'<>")


def _percent(match: re.Match[str]) -> str | None:
    return _character(int(match[0][2:], 16)) if match[0][1] == "u" else _from_hex(match)


def _character(code: int) -> str | None:
    """The character of a code point; half a surrogate pair is none."""
    return None if 0xD800 <= code < 0xE000 or code > sys.maxunicode else chr(code)


ENTITY_SIGN = later(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31};);?")


def entities(text: str) -> Iterator[View]:
    """`&#64;`, `&#x40;`, `&commat;`."""
    return rewritten(text, ENTITY_SIGN, ENTITY_SIGN, _entity, margin=48)


def _entity(match: re.Match[str]) -> str | None:
    from html import unescape  # rare, and a large table

    said = unescape(match[0])
    return said if said != match[0] else None


BACKSLASH_SIGN = later(rf"\\(?:[ux]{_H}{{2}}|u\{{{_H}|U000|[01][0-7]{{2}}|[_.@*+\-]|[nrt](?=[\w+(]))(?<!\\\\[nrt])")
_BACKSLASH = later(
    rf"\\(?:u[dD][89ABab]{_H}{{2}}\\u[dD][C-Fc-f]{_H}{{2}}|u{_H}{{4}}|u\{{{_H}{{1,6}}\}}|U{_H}{{8}}|x{_H}{{2}}"
    rf"|[0-3][0-7]{{2}}|[nrt\"'/\\_.@*+\-])"
)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


def backslashes(text: str) -> Iterator[View]:
    r"""`\u0040`, `\x40`, `\u{40}`, `\100`, the `\n` of quoted text, and the `\_` of Markdown."""
    return rewritten(text, BACKSLASH_SIGN, _BACKSLASH, _backslash, margin=24)


def _backslash(match: re.Match[str]) -> str | None:
    body = match[0][1:]
    if len(body) == 1:
        return _LETTERS.get(body, body)
    if len(body) == 11:
        pair = bytes.fromhex(body[1:5] + body[7:])
        return pair.decode("utf-16-be")
    code = int(body, 8) if body.isdigit() else int(body.strip("uUx{}"), 16)
    return _character(code)


QUOTED_SIGN = later(r"=(?:40|2[BDE]|3D|5F|(?:[4-7][0-9A-F]=){2}|[CDE][0-9A-F]=[89AB]|[ \t]{0,8}\r?\n(?=[\w.@+-]))")
_QUOTED = later(rf"=[ \t]{{0,8}}\r?\n|{_utf8('=')}")


def quoted_printable(text: str) -> Iterator[View]:
    """`=40`, and lines that go on after `=`."""
    return rewritten(text, QUOTED_SIGN, _QUOTED, _quoted, margin=80)


def _quoted(match: re.Match[str]) -> str | None:
    return "" if match[0][-1] == "\n" else _from_hex(match)
