"""One decode layer inside text: percent-encoding and base64. No I/O.

A view is a part of a text, decoded, with the offsets that lead back. What is found in a view is replaced in the
original: character by character where the encoding allows it, else the whole encoded run.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

from ..types import Finding

MAX_RUN = 65_536
"""Longest encoded run that is decoded, in characters. Longer ones are binary content, not words."""

_PERCENT_RUN = re.compile(rf"[^\s\"'<>%]{{0,200}}(?:%[0-9A-Fa-f]{{2}}[^\s\"'<>%]{{0,200}}){{1,{MAX_RUN // 200}}}")
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_BASE64_RUN = re.compile(rf"(?<![A-Za-z0-9+/_=-])[A-Za-z0-9+/_-]{{16,{MAX_RUN}}}={{0,2}}(?![A-Za-z0-9+/_=-])")


class View(NamedTuple):
    """A decoded part of a text.

    Attributes:
        start, end: the encoded run in the original.
        text: decoded.
        offsets: original offset of each decoded character and of the end; None if only the whole run can be replaced.
    """

    start: int
    end: int
    text: str
    offsets: list[int] | None

    def back(self, found: Finding) -> Finding:
        """A finding in the view as a finding in the original text."""
        if self.offsets is None:
            whole = not self.text[: found.start].strip() and not self.text[found.end :].strip()
            decoded = self.text[found.start : found.end] if whole else self.text
            return found._replace(start=self.start, end=self.end, decoded=decoded)
        start, end = self.offsets[found.start], self.offsets[found.end]
        return found._replace(start=start, end=end, decoded=self.text[found.start : found.end])


def views(text: str) -> Iterator[View]:
    """The encoded runs of a text that decode to words."""
    if "%" in text:
        yield from (view for run in _PERCENT_RUN.finditer(text) if (view := _percent(run)))
    if len(text) >= 16:
        yield from (view for run in _BASE64_RUN.finditer(text) if (view := _base64(run)))


def _percent(run: re.Match[str]) -> View | None:
    characters: list[str] = []
    offsets: list[int] = []
    position = run.start()
    for part in _PERCENT.finditer(run[0]):
        at = run.start() + part.start()
        characters += run.string[position:at]
        offsets += range(position, at)
        try:
            decoded = bytes.fromhex(part[0].replace("%", "")).decode("utf-8")
        except UnicodeDecodeError:
            return None
        for character in decoded:
            characters.append(character)
            offsets.append(at)
            at += 3 * len(character.encode("utf-8"))
        position = at
    characters += run.string[position : run.end()]
    offsets += range(position, run.end() + 1)
    return View(run.start(), run.end(), "".join(characters), offsets)


_MIXED = re.compile(r"(?=.*[a-z])(?=.*[A-Z0-9])", re.DOTALL)


def _base64(run: re.Match[str]) -> View | None:
    body = run[0].rstrip("=").replace("-", "+").replace("_", "/")
    if not _MIXED.match(body[:200]) or len(body) % 4 == 1:
        return None
    try:
        decoded = base64.b64decode(body + "=" * (-len(body) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    return View(run.start(), run.end(), decoded, None) if _is_words(decoded) else None


def _is_words(text: str) -> bool:
    return all(character.isprintable() or character in "\t\r\n" for character in text)
