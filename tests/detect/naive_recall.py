"""What `Recall` means, said in the slowest and plainest way: one regular expression for each known value."""

import re
from collections.abc import Iterable, Iterator

from pii_shield.checks import alnum, digits
from pii_shield.detect.forms import DIALLED, MIN_DIGITS
from pii_shield.detect.guards import Known, is_local, recallable
from pii_shield.detect.words import fold

GAP = r"(?:(?:[^\w\x01]|_){1,3}|\s{1,40})"
COMMA_GAP = r"(?=[^\x01\w]{0,2},)" + GAP
SEPARATORS = r"[().\-/+ \u00a0\u2010-\u2013]*"
IDS = {"NATIONAL_ID", "TAX_ID", "PASSPORT", "DRIVER_LICENSE", "HEALTH_ID", "BANK_ACCOUNT", "IBAN", "MAC", "VEHICLE"}
BEFORE, AFTER = r"(?<![^\W_])", r"(?![^\W_])"


def spans(known: Iterable[Known], common: frozenset[str], text: str, server: str) -> set[tuple[int, int]]:
    """(start, end) of all known values in a text that a server sends."""
    found: set[tuple[int, int]] = set()
    folded = fold(text)
    for entry in known:
        if recallable(entry, common) and (not is_local(entry) or server in entry.servers):
            found |= set(_of(entry, text, folded))
    return found


def _of(entry: Known, text: str, folded: str) -> Iterator[tuple[int, int]]:
    parts = re.findall(r"[^\W_]+", fold(entry.spelling))
    whole = alnum(entry.spelling).lower()
    if entry.type in DIALLED:
        yield from _dialled(entry, text)
    elif entry.type in IDS and whole.isdigit() and len(whole) >= MIN_DIGITS:
        yield from _number(whole, text)
    elif entry.type in IDS:
        yield from _words(parts, folded)
        yield from _words([whole], folded)
        for size in {"IBAN": [4], "MAC": [2, 4]}.get(entry.type, []):
            yield from _words(re.findall(f".{{1,{size}}}", whole), folded)
    elif entry.type in ("PERSON", "ADDRESS"):
        if entry.type == "PERSON" and re.match(r"[\W_]*[^\W_]+[\W_]*,", entry.spelling):
            parts = [*parts[1:], parts[0]]  # "Doe, Jane" is Jane Doe
        yield from _words(parts, folded)
        if entry.type == "PERSON" and len(parts) > 1:
            yield from _matches(BEFORE + parts[-1] + COMMA_GAP + GAP.join(map(re.escape, parts[:-1])) + AFTER, folded)
    else:
        exact = fold(entry.spelling.strip())
        pattern = " +".join(map(re.escape, re.split(" +", exact)))
        before = BEFORE if exact[0].isalnum() else ""
        after = AFTER if exact[-1].isalnum() else ""
        yield from _matches(before + pattern + after, folded)


def _words(parts: list[str], folded: str) -> Iterator[tuple[int, int]]:
    return _matches(BEFORE + GAP.join(map(re.escape, parts)) + AFTER, folded)


def _matches(pattern: str, text: str) -> Iterator[tuple[int, int]]:
    return (match.span(1) for match in re.finditer(f"(?=({pattern}))", text))


def _dialled(entry: Known, text: str) -> Iterator[tuple[int, int]]:
    bare = digits(entry.spelling)
    forms = {bare}
    if entry.type == "PHONE":
        full = digits(entry.identity.partition(";")[0])
        forms |= {full, "00" + full}
        if len(full) == 11 and full[0] == "1":
            forms.add(full[1:])
        if bare.startswith("0") and not entry.spelling.lstrip(" (").startswith(("+", "00")):
            forms.add(bare[1:])
    for form in forms:
        if len(form) >= MIN_DIGITS:
            yield from _number(form, text)


def _number(number: str, text: str) -> Iterator[tuple[int, int]]:
    for start, end in _matches(r"(?<!\d)" + SEPARATORS.join(number) + r"(?!\d)", text):
        beside = text[start - 1 : start].isalpha() or text[end : end + 1].isalpha()
        if len(re.findall(r"\d+", text[start:end])) <= 8 and not (len(number) < 10 and beside):
            yield start - (text[start - 1 : start] in ("+", "(")), end
