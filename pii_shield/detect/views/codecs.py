"""Runs of characters that are bytes: hexadecimal, base64, base32, and UTF-16 or compressed text in them. No I/O."""

import base64
import binascii
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from .offsets import View, later

MAX_RUN = 4 * 1024 * 1024
"""Longest run that is decoded, in characters. Longer ones are binary content, not words."""
MAX_EXPANSION = 16
MAX_INFLATED = 256 * 1024
"""Compressed text is read up to so many times its length, and so many bytes."""
MIN_RUN = 14
FULL_LINE = 56
"""A run at least this long may go on in the next line."""
MAX_BEFORE = 256
"""How far before an address its run of words is looked for, in bytes."""

# Text as runs of base64's alphabet ("B") and anything else: finding a long run is then finding a string.
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
_SHAPES = bytes(0x42 if code in _ALPHABET else code if code in b"\r\n" else 0x20 for code in range(256))
_LONG = "B" * MIN_RUN
_RUN = later(r"B+")
_LINES = later(rf"(?:\r?\nB{{{FULL_LINE},}}+)*+(?:\r?\nB+)?")
_STANDARD = str.maketrans("-_", "+/", "\r\n")
_HEX = later(r"[0-9A-Fa-f]+")
_BASE32 = later(r"[A-Z2-7]+")
# How ASCII text looks in base64: two times three bytes that are printable; the same as UTF-16; compressed; a long run.
_TEXT = later(
    r"(?:[I-Za-f][C-HS-Xi-ny-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][\w+/-]){2}"
    r"|A[C-H][\w+/-]A[I-Za-f][AQgw][AB]|\A(?:H4sI|eJ|eN|eAE|eF)|\A(?=.{0,60}[0-9]).{40}"
)
_HEX_TEXT = later(r"[0-9A-Fa-f]?(?:[2-7][0-9A-Fa-f]|0[9AaDd]|[CDcd][0-9A-Fa-f][89ABab][0-9A-Fa-f]){6}[0-9A-Fa-f]*\Z")
_PLAIN = later(r"[\t\r\n\x20-\x7e]+")
_ADDRESS = later(r"@[A-Za-z0-9.-]{1,60}\.[A-Za-z]{2}")


class _Run(NamedTuple):
    start: int
    end: int  # behind the padding
    text: str  # without padding


def runs(text: str) -> Iterator[int]:
    """Offsets of the runs that could be encoded."""
    return (start for start, end in _spans(text) if _plausible(text[start:end]))


def encoded(text: str) -> Iterator[View]:
    """Encoded runs that decode to words, wherever in the run these begin."""
    for start, end in _spans(text):
        if _plausible(text[start:end]):
            run = _Run(start, end + _padding(text, start, end), text[start:end])
            views = list(_decoded(run))
            if not views and "\n" in run.text:
                views = [view for line in _lines(run) for view in _decoded(line)]
            yield from views


def _spans(text: str) -> Iterator[tuple[int, int]]:
    shape = text.encode("ascii", "replace").translate(_SHAPES).decode("ascii")
    find, run = shape.find, _RUN().match
    start = find(_LONG)
    while start >= 0:
        found = run(shape, start)
        end = found.end() if found else len(text)
        if end - start >= FULL_LINE and shape[end : end + 1] in ("\r", "\n"):
            lines = _LINES().match(shape, end)
            end = lines.end() if lines else end
        if end - start <= MAX_RUN:
            yield start, end
        start = find(_LONG, end)


def _padding(text: str, start: int, end: int) -> int:
    """How many equals signs pad a run: as many as its length wants, so that `name=value` has none."""
    wanted = -(end - start - text.count("\n", start, end) - text.count("\r", start, end)) % 4
    return wanted if 0 < wanted < 3 and text.startswith("=" * wanted, end) else 0


def _lines(run: _Run) -> Iterator[_Run]:
    start = run.start
    for line in run.text.splitlines(keepends=True):
        body = line.strip()
        yield _Run(start, start + len(body), body)
        start += len(line)


def _plausible(run: str) -> bool:
    """Whether a run could say something: words of a natural or a programming language, and hashes, do not."""
    head = run[:400]
    if head.islower() or head.isdigit():
        return bool(_HEX_TEXT().match(head))
    if head.isupper():
        return bool(_BASE32().fullmatch(head) or _HEX_TEXT().match(head))
    return bool(_TEXT().search(head))


def _decoded(run: _Run) -> Iterator[View]:
    if _HEX().fullmatch(run.text):
        for shift in (0, 1):
            digits = run.text[shift : len(run.text) - (len(run.text) - shift) % 2]
            yield from _said(bytes.fromhex(digits), run, shift, 2, 1)
    elif _BASE32().fullmatch(run.text):
        whole = run.text[: len(run.text) // 8 * 8]
        yield from _said(base64.b32decode(whole + _tail32(run.text[len(whole) :])), run, 0, 8, 5)
    else:
        standard = run.text.translate(_STANDARD)
        # In lines, only all of it: places inside could not be told.
        for shift in range(1 if "\n" in run.text else 4):
            yield from _said(_base64(standard[shift:]), run, shift, 4, 3)


def _tail32(tail: str) -> str:
    """The last characters of base32, padded; characters that hold no whole byte are dropped."""
    kept = tail[: {1: 0, 3: 2, 6: 5}.get(len(tail), len(tail))]
    return kept + "=" * (-len(kept) % 8)


def _base64(body: str) -> bytes:
    body = body[: len(body) - (len(body) % 4 == 1)]
    return binascii.a2b_base64(body + "=" * (-len(body) % 4))


def _said(raw: bytes, run: _Run, shift: int, digits: int, size: int) -> Iterator[View]:
    """What decoded bytes say, if not all of them then where they hold an address.

    `digits` characters of the run hold `size` bytes.
    """
    text = _words(raw) if shift == 0 else ""
    if text:
        yield View(run.start, run.end, text)
    if text or "\n" in run.text:
        return
    characters = raw.decode("latin-1")
    for address in _ADDRESS().finditer(characters):
        pieces = _PLAIN().finditer(characters, max(0, address.start() - MAX_BEFORE))
        piece = next(found for found in pieces if found.end() > address.start())
        first = run.start + shift + piece.start() * digits // size
        last = run.start + shift - (-piece.end() * digits // size)
        yield View(first, min(last, run.end), piece[0])


def _words(raw: bytes) -> str:
    """Bytes as text, be it compressed or UTF-16; "" if they are none."""
    for decode in (_utf8, _utf16, _inflated):
        text = decode(raw)
        if text and text.translate(_BREAKS).isprintable():
            return text
    return ""


_BREAKS = str.maketrans("", "", "\t\r\n\f\ufeff")


def _utf8(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _utf16(raw: bytes) -> str:
    """UTF-16 of either order, if it is mostly Latin."""
    for order, high in (("utf-16-le", raw[1::2]), ("utf-16-be", raw[0::2])):
        if high.count(0) * 4 > len(high) * 3:
            return raw[: len(raw) // 2 * 2].decode(order, "ignore")
    return ""


def _inflated(raw: bytes) -> str:
    """gzip or zlib, up to a limit."""
    if raw[:2] not in (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"):
        return ""
    try:
        inflated = zlib.decompressobj(47).decompress(raw, min(MAX_INFLATED, MAX_EXPANSION * len(raw)))
    except zlib.error:
        return ""
    return inflated.decode("utf-8", "ignore")
