"""Characters that look like, or hide between, other ones. No I/O.

Look-alikes are a small part of the table of Unicode Technical Standard 39 (confusables.txt); what is ignored is the
property Default_Ignorable_Code_Point (UAX 44) without the letters of living scripts.
"""

import re
import unicodedata
from collections.abc import Iterator

from .offsets import View, later, offsets, rewritten, windows

MAX_MARKS = 30
"""Combining marks of one character that are normalised (the stream-safe limit of UAX 15); further ones say nothing.
Normalising takes quadratic time in them."""

_IGNORED = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_MARKS = "\u0300-\u034e\u0350-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
# What NFKC turns into ASCII, and digits of other scripts.
_COMPATIBLE = (
    "\u00aa\u00b2\u00b3\u00b9\u00ba\u017f\u02b0-\u02b8\u02e0-\u02e4\u1d2c-\u1d6a\u1d78\u1d9b-\u1dbf\u2024"
    "\u2070-\u209c\u210a-\u2115\u2118-\u211d\u2124\u2128-\u2139\u2145-\u2149\u2160-\u217f\u2460-\u24ea\ufb00-\ufb06\ufe52\ufe6b\ufe62\ufe63\uff04-\uff06"
    "\uff0b\uff0d-\uff19\uff20-\uff3a\uff3f\uff41-\uff5a\U0001d400-\U0001d7ff\U0001f100-\U0001f12c"
    "\u0660-\u0669\u06f0-\u06f9\u07c0-\u07c9\u0966-\u096f\u09e6-\u09ef\u0a66-\u0a6f\u0ae6-\u0aef\u0be6-\u0bef"
    "\u0c66-\u0c6f\u0ce6-\u0cef\u0d66-\u0d6f\u0e50-\u0e59\u0ed0-\u0ed9\u0f20-\u0f29\u1040-\u1049\u17e0-\u17e9"
    "\u1810-\u1819"
)
# Letters that NFKC leaves alone: small capitals, and letters in dark circles and squares.
_SMALL = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True))
_BOXED = {chr(first + letter): chr(0x61 + letter) for first in (0x1F150, 0x1F170) for letter in range(26)}
_DOTS = "\u3002\uff61\ufe12\u2027\u22c5\u00b7\u2219"
_LETTER = "A-Za-z0-9\uff10-\uff19\uff21-\uff3a\uff41-\uff5a"
_OTHER = "".join(_SMALL) + "\U0001f150-\U0001f169\U0001f170-\U0001f189"

# Something to ignore counts beside a letter of the Latin, Greek or Cyrillic script or a sign: emoji and the scripts
# that need joiners stay as they are.
_NEAR = "!-~\u00c0-\u052f"
FOLD_SIGN = later(
    rf"[{_COMPATIBLE}{_OTHER}]|[{_IGNORED}](?:(?<=[{_NEAR}].)|(?=[{_NEAR}]))|[{_MARKS}](?<=[A-Za-z0-9@._-].)"
    rf"|[{_DOTS}](?<=[{_LETTER}].)(?=[{_LETTER}])",
    re.DOTALL,
)
_FOLD = later(
    rf"(?P<gone>[{_IGNORED}]+)|[^{_MARKS}{_IGNORED}][{_MARKS}]+|[{_COMPATIBLE}{_OTHER}]"
    rf"|(?P<dot>[{_DOTS}])(?<=[{_LETTER}].)(?=[{_LETTER}])",
    re.DOTALL,
)


def folded(text: str) -> Iterator[View]:
    """Full-width, circled and mathematical letters, foreign digits, marks on letters, and invisible characters."""
    return rewritten(text, FOLD_SIGN, _FOLD, _fold, margin=48)


def _fold(match: re.Match[str]) -> str | None:
    if match["gone"]:
        return ""
    if match["dot"]:
        return "."
    spelled = match[0][: MAX_MARKS + 1]
    plain = _SMALL.get(spelled) or _BOXED.get(spelled) or unicodedata.normalize("NFKC", spelled)
    if len(plain) == 1 and plain.isdecimal():
        plain = str(unicodedata.decimal(plain))
    if len(plain) > 1 and len(spelled) > 1:
        plain = "".join(char for char in plain if not unicodedata.combining(char))
    return plain if plain != match[0] else None


# What, then the Latin letter it is taken for: Cyrillic, Greek, Armenian, and odd Latin letters.
_LOOK_ALIKES = {
    pair[0]: pair[1]
    for pair in """
    аa сc ԁd еe һh іi јj ӏl оo рp ԛq ѕs ԝw хx уy ьb кk тt мm нh вb пn гr иu
    АA ВB СC ЕE НH ІI ЈJ КK МM ОO РP ԚQ ЅS ТT ԜW ХX УY ԌG
    αa γy ιi κk νv οo ρp τt υu ωw ϲc ϳj ηn εe ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX
    օo ոn սu ցg հh ɑa ɡg ıi ɩi ƅb
    """.split()
}
_FOREIGN = "".join(_LOOK_ALIKES)
_ADDRESS = "A-Za-z0-9@._%+-"
LOOK_ALIKE_SIGN = later(rf"[{_FOREIGN}](?:(?<=[{_ADDRESS}].)|(?=[{_ADDRESS}]))")
_WORD = later(r"[\w@.%+-]+")
_LATIN = later(r"[A-Za-z@]")


def look_alikes(text: str) -> Iterator[View]:
    """Words in Latin letters some of which are another script's. Words of that script stay as they are."""
    for start, end in windows(text, offsets(text, LOOK_ALIKE_SIGN), margin=0):
        for word in _WORD().finditer(text, start, end):
            plain = "".join(_LOOK_ALIKES.get(char, char) for char in word[0])
            if plain.isascii() and plain != word[0] and _LATIN().search(word[0]):
                yield _letter_by_letter(*word.span(), plain)


def _letter_by_letter(start: int, end: int, said: str) -> View:
    return View(start, end, said, range(start, end), range(start + 1, end + 1))


TAGS_SIGN = later(r"[\U000e0020-\U000e007e]{6,}")


def tags(text: str) -> Iterator[View]:
    """Invisible tag characters, each of which stands for an ASCII one."""
    for run in TAGS_SIGN().finditer(text):
        yield _letter_by_letter(*run.span(), "".join(chr(ord(char) - 0xE0000) for char in run[0]))


SELECTORS_SIGN = later(r"[\ufe00-\ufe0f\U000e0100-\U000e01ef]{8,}")


def selectors(text: str) -> Iterator[View]:
    """Bytes written as variation selectors, one each."""
    for run in SELECTORS_SIGN().finditer(text):
        codes = bytes(code - 0xFE00 if (code := ord(char)) < 0xFF00 else code - 0xE00F0 for char in run[0])
        yield View(*run.span(), codes.decode("utf-8", "replace"))


BACKWARDS_SIGN = later(r"[\u202e\u2067\u202b]([^\u202c\u2069\r\n]{4,1000})")


def backwards(text: str) -> Iterator[View]:
    """What is written from right to left by an override, as it is read."""
    for run in BACKWARDS_SIGN().finditer(text):
        start, end = run.span(1)
        yield View(start, end, run[1][::-1], range(end - 1, start - 1, -1), range(end, start, -1))
