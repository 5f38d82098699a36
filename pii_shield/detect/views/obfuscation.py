"""Addresses as people write them so that machines do not read them, and values with markup inside. No I/O."""

import re
from collections.abc import Iterator

from .offsets import View, later, offsets, rewrite, rewritten, windows

_TOPS = (
    "(?:com|org|net|edu|gov|mil|int|info|biz|name|io|ai|co|dev|app|example|test"
    "|de|fr|es|nl|ch|eu|uk|ca|au|jp|cn|br|ru|pl|se|fi|dk|cz)"
)
"""Ends of a host that are no ordinary words."""
_MAX_WORDS = 5
_OPEN, _CLOSE = r"\s{0,3}[\[({<]\s?", r"\s?[\])}>]\s{0,3}"
_AT = rf"{_OPEN}(?:at|@|ät|aet|arroba){_CLOSE}|\s{{1,3}}at\s{{1,3}}|[_-]at[_-]"
_DOT = rf"{_OPEN}(?:dot|\.|punkt|punto|point){_CLOSE}|\s{{1,3}}dot\s{{1,3}}|[_-]dot[_-]"
_WORDS_FOR_AT = r"(?i:at|ät|aet|arroba)|@"
_BRACKETS = ((r"\(", r"\)"), (r"\[", r"\]"), (r"\{", r"\}"), ("<", ">"))
BRACKETED_SIGNS = tuple(later(rf"{opening}(?=\s?(?:{_WORDS_FOR_AT})\s?{closing})") for opening, closing in _BRACKETS)
SPOKEN_SIGN = later(rf"(?<=\w)[\s_-]{{1,3}}at[\s_-]{{1,3}}(?=[A-Za-z0-9-]{{1,63}}(?:{_DOT}))", re.IGNORECASE)
SPOKEN_WORDS = ("dot", "DOT", "Dot")

_SPOKEN = later(rf"(?P<at>{_AT})|(?:{_DOT})", re.IGNORECASE)
_AT_THEN = later(_AT, re.IGNORECASE)
_LABEL = r"[a-z0-9-]{1,63}"
_HOST = later(rf"{_LABEL}(?:(?:{_DOT}|\.){_LABEL}){{0,5}}(?:{_DOT}|\.)[a-z]{{2,24}}(?!\w)", re.IGNORECASE)
_SPOKEN_HOST = later(
    rf"(?!(?:the|an?|this|that|my|our|your|each|every)\b){_LABEL}(?:(?:{_DOT}|\.){_LABEL}){{0,5}}?"
    rf"(?:(?:{_DOT}){_TOPS}){{1,2}}(?!\w)",
    re.IGNORECASE,
)
_DOT_LAST = later(rf"(?:{_DOT})\Z", re.IGNORECASE)


def bracketed(text: str) -> Iterator[View]:
    """`jane (at) example.com`."""
    return _spoken(text, offsets(text, *BRACKETED_SIGNS), _HOST())


def spoken(text: str) -> Iterator[View]:
    """`jane at example dot com`."""
    return _spoken(text, offsets(text, SPOKEN_SIGN), _SPOKEN_HOST())


def _spoken(text: str, signs: Iterator[int], hosts: re.Pattern[str]) -> Iterator[View]:
    end = 0
    for sign in signs:
        at = sign
        while at > max(end, sign - 3) and text[at - 1].isspace():
            at -= 1
        word = _AT_THEN().match(text, at)
        host = hosts.match(text, word.end()) if word and at >= end else None
        start = _mailbox(text, at, end) if host else at
        if host and start < at:
            end = host.end()
            view = rewrite(text, start, end, _SPOKEN, _sign, "EMAIL")
            if view is not None:
                yield view


def _sign(match: re.Match[str]) -> str:
    return "@" if match["at"] else "."


def _mailbox(text: str, end: int, floor: int) -> int:
    """Where the mailbox that ends at `end` begins, words for dots and all."""
    best = end
    for _ in range(_MAX_WORDS):
        word = _word_start(text, end, max(floor, end - 64))
        if word == end:
            break
        best = word
        dot = _DOT_LAST().search(text, max(floor, word - 12), word)
        if dot is None:
            break
        end = dot.start()
    return best


def _word_start(text: str, end: int, floor: int) -> int:
    start = end
    while start > floor and (text[start - 1].isalnum() or text[start - 1] in "._+-%"):
        start -= 1
    while start < end and not text[start].isalnum():
        start += 1
    return start


SPACED_SIGN = later(r"@ (?=[A-Za-z0-9])")
_LETTERS_AFTER = later(r"@(?: {1,3}[A-Za-z0-9.-](?!\w))+")
_LETTERS_BEFORE = later(r"@(?: {1,3}[A-Za-z0-9._+-](?!\w))+")
_HOST_AFTER = later(r"@ [a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,4}\.[a-z]{2,24}(?![\w(])")
_MAILBOX_BEFORE = later(r"@ ?(?=\w*[._+0-9])(?=[\w.+-]*[A-Za-z])[\w.+-]{1,64}(?!\S)")
_SPACES = later(r" {1,3}")
_MIN_LETTERS = 6


def spaced(text: str) -> Iterator[View]:
    """`j a n e @ e x a m p l e . c o m`, `jane.doe @ example.com`."""
    for sign in SPACED_SIGN().finditer(text):
        at = sign.start()
        before = text[max(0, at - 200) : at + 1][::-1]
        for behind, ahead in ((_LETTERS_BEFORE, _LETTERS_AFTER), (_MAILBOX_BEFORE, _HOST_AFTER)):
            mailbox, host = behind().match(before), ahead().match(text, at)
            if mailbox and host and (behind is not _LETTERS_BEFORE or host.end() - at > _MIN_LETTERS):
                view = rewrite(text, at + 1 - mailbox.end(), host.end(), _SPACES, _nothing, "EMAIL")
                if view is not None:
                    yield view


def _nothing(_: re.Match[str]) -> str:
    return ""


_WRAP = r"[ \t]{0,8}\r?\n[ \t>]{0,16}"
_LABELS = r"[A-Za-z0-9-]{1,63}"
WRAPPED_SIGN = later(
    rf"@(?:{_WRAP}(?={_LABELS}(?:\.{_LABELS}){{0,4}}\.[A-Za-z]{{2,24}}(?![\w(]))"
    rf"|{_LABELS}{_WRAP}(?=[a-z0-9-]{{0,63}}\.[a-z]{{2,24}}(?![\w.(]))"
    rf"|(?:{_LABELS}\.){{1,4}}{_WRAP}(?={_TOPS}(?![\w.(]))"
    rf"|(?<=\n@){_LABELS}(?:\.{_LABELS}){{0,4}}\.[A-Za-z]{{2,24}}(?![\w(.]))"
)
"""An at sign with a line break in the host behind it, or just before it."""
_HOST_REST = later(r"[\w.-]{0,80}")
_WRAPS = later(_WRAP)
_MAILBOX_LAST = later(r"(?:[ \t>]{0,16}\n\r?[ \t]{0,8})?(?P<box>[\w.+-]{1,64})(?![\w.+-])")


def wrapped(text: str) -> Iterator[View]:
    """An address that goes on in the next line."""
    for sign in WRAPPED_SIGN().finditer(text):
        at = sign.start()
        mailbox = _MAILBOX_LAST().match(text[max(0, at - 100) : at][::-1])
        if mailbox is None or ("\n" in mailbox[0] and mailbox["box"].isalpha()):
            continue
        host = _HOST_REST().match(text, sign.end())
        view = rewrite(text, at - mailbox.end(), host.end() if host else sign.end(), _WRAPS, _nothing, "EMAIL")
        if view is not None:
            yield view


_INSIDE = r"[\w@.+-]"
_INLINE = "b|i|u|s|em|strong|span|font|wbr|mark|small|code|tt|bdi|bdo|su[bp]|big|a"
_TAG = rf"(?:/?(?:{_INLINE})\b[^<>]{{0,200}}|!--[^<>]{{0,200}}--)>"
MARKUP_SIGN = later(rf"<(?<=[\w@.+-]<){_TAG}(?:<{_TAG}){{0,4}}(?={_INSIDE})")


def markup(text: str) -> Iterator[View]:
    """Tags and comments of HTML inside a word or an address."""
    return rewritten(text, MARKUP_SIGN, MARKUP_SIGN, _markup, margin=64)


_CAPITALISED = later(r"(?<![\w@.+-])[A-Z]\w*\Z")


def _markup(match: re.Match[str]) -> str | None:
    """Nothing, unless the tag ends a word that stands for itself, as a label does: `<b>Mail</b>jane@example.com`."""
    before = match.string[max(0, match.start() - 24) : match.start()]
    return None if match[0].startswith("</") and _CAPITALISED().search(before) else ""


EMPHASIS_SIGNS = tuple(later(rf"{mark}(?<={_INSIDE}{mark})(?={_INSIDE}|{mark})") for mark in (r"\*", "`", "~"))
_EMPHASIS = later(rf"(?<={_INSIDE})[*`~]{{1,3}}(?={_INSIDE})")


def emphasis(text: str) -> Iterator[View]:
    """Markdown's stars, back-ticks and tildes inside an address."""
    for start, end in windows(text, offsets(text, *EMPHASIS_SIGNS), margin=64):
        view = rewrite(text, start, end, _EMPHASIS, _nothing)
        if view is not None:
            yield view


MIRRORED_SIGN = later(r"(?<![\w.@-])(?:moc|gro|ten)\.[\w-]{1,63}(?:\.[\w-]{1,63}){0,4}@[\w.%+-]{1,64}(?![\w@])")
MIRRORED_WORDS = ("moc.", "gro.", "ten.")


def mirrored(text: str) -> Iterator[View]:
    """`moc.elpmaxe@enaj`."""
    for run in MIRRORED_SIGN().finditer(text):
        start, end = run.span()
        yield View(start, end, run[0][::-1], range(end - 1, start - 1, -1), range(end, start, -1), "EMAIL")
