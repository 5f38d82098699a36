"""Which disguises of a value are seen through: a Markdown table on stdout.

    python benchmarks/disguises.py

Every text is written here, at run time, from invented values. Only finding is measured, with the default types: whether
every character of the disguised value is covered, a part of it, or none. `told`: the finding says the plain value, so
that it gets the same token as the value itself.
"""

import base64
import codecs
import gzip
import html
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

from pii_shield import rules
from pii_shield.detect.engine import Engine
from pii_shield.detect.identity import identity
from pii_shield.entities import DEFAULT_TYPES
from pii_shield.types import Leaf

MAIL = "jane.doe@example.com"
LOCAL, _, HOST = MAIL.partition("@")
PHONE = "+49 30 901820"
CARD = "4111 1111 1111 1111"


class Case(NamedTuple):
    """A disguised value.

    Attributes:
        name: of the disguise.
        disguised: what stands in the text.
        value: the plain value.
        type: its entity type.
        before, after: the text around it.
    """

    name: str
    disguised: str
    value: str = MAIL
    type: str = "EMAIL"
    before: str = "Please write to "
    after: str = " today."


class Outcome(NamedTuple):
    """How a case went: "covered", "partial" or "missed", and whether the plain value was told."""

    coverage: str
    told: bool


def between(sign: str, text: str = MAIL) -> str:
    """A sign after every letter but the last."""
    return sign.join(text)


def shifted(first_capital: int, first_small: int, text: str = MAIL) -> str:
    """ASCII letters moved to other alphabets of Unicode."""
    return "".join(
        chr(first_small + ord(char) - 97)
        if char.islower()
        else chr(first_capital + ord(char) - 65)
        if char.isupper()
        else char
        for char in text
    )


def full_width(text: str) -> str:
    """Every ASCII character as wide as a Chinese one."""
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def b64(text: str | bytes) -> str:
    """base64."""
    return base64.b64encode(text.encode() if isinstance(text, str) else text).decode()


def rewritings() -> Iterator[Case]:
    """Forty ways to write one e-mail address."""
    yield Case("plain", MAIL)
    for name, sign in {
        "zero-width space": "\u200b",
        "word joiner": "\u2060",
        "byte order mark": "\ufeff",
        "soft hyphen": "\u00ad",
        "variation selector": "\ufe0f",
        "combining grapheme joiner": "\u034f",
        "Hangul filler": "\u3164",
        "tag character": "\U000e0061",
    }.items():
        yield Case(f"{name} between the letters", between(sign))
    yield Case("full-width @", MAIL.replace("@", "＠"))
    yield Case("full-width throughout", full_width(MAIL))
    yield Case("mathematical bold", shifted(0x1D400, 0x1D41A))
    yield Case("circled letters", shifted(0x24B6, 0x24D0))
    yield Case("one dot leader", MAIL.replace(".", "\u2024"))
    yield Case("full-width dot", MAIL.replace(".", "\uff0e"))
    yield Case("small @", MAIL.replace("@", "\ufe6b"))
    yield Case("ideographic full stop", MAIL.replace(".", "\u3002"))
    yield Case("Cyrillic а", MAIL.replace("a", "а"))
    yield Case("HTML entity, decimal", MAIL.replace("@", "&#64;"))
    yield Case("HTML entity, hexadecimal", MAIL.replace("@", "&#x40;"))
    yield Case("HTML entity, named", MAIL.replace("@", "&commat;").replace(".", "&period;"))
    yield Case("percent", MAIL.replace("@", "%40"))
    yield Case("percent, twice", MAIL.replace("@", "%2540"))
    yield Case("percent throughout", "".join(f"%{ord(char):02x}" for char in MAIL))
    yield Case("backslash u", MAIL.replace("@", "\\u0040"))
    yield Case("quoted-printable", MAIL.replace("@", "=40"))
    yield Case("quoted-printable, soft line break", MAIL.replace("exam", "exam=\n"))
    yield Case("base64", b64(MAIL))
    yield Case("hexadecimal", MAIL.encode().hex())
    yield Case("gzip in base64", b64(gzip.compress(MAIL.encode(), mtime=0)))
    yield Case("spaced letters", between(" "))
    yield Case("(at) and (dot)", MAIL.replace("@", " (at) ").replace(".", " (dot) "))
    yield Case("[at]", MAIL.replace("@", "[at]"))
    yield Case("line break", MAIL.replace("exam", "exam\n"))
    yield Case("Markdown emphasis", f"**{LOCAL}**@{HOST}")
    yield Case("HTML tag", MAIL.replace("doe", "<b>doe</b>"))
    yield Case("HTML comment", MAIL.replace("@", "<!-- -->@"))
    yield Case("right-to-left override", MAIL[::-1], before="Please write to \u202e", after="\u202c today.")
    yield Case("reversed", MAIL[::-1])
    yield Case("rot13", codecs.encode(MAIL, "rot13"))


def others() -> Iterator[Case]:
    """More disguises, of more values."""
    yield Case("words at and dot", MAIL.replace("@", " at ").replace(".", " dot "))
    yield Case("AT and DOT in braces", MAIL.replace("@", " {AT} ").replace(".", " {DOT} "))
    yield Case("_at_ and _dot_", "jane_at_example_dot_com", "jane@example.com")
    yield Case("spaces around @", MAIL.replace("@", " @ "))
    yield Case("line break behind @", MAIL.replace("@", "@\n"))
    yield Case("HTML entities, twice", MAIL.replace("@", "&amp;#64;"))
    yield Case("HTML entity in percent", quote(MAIL.replace("@", "&#64;")))
    yield Case("backslashes throughout", "".join(f"\\x{ord(char):02x}" for char in MAIL))
    yield Case("backslash u, JSON in JSON", MAIL.replace("@", "\\\\u0040"))
    yield Case("behind the \\n of quoted text", MAIL, before="Please write to\\n", after="\\nor call.")
    yield Case("Markdown escapes", MAIL.replace("jane.", "jane\\_").replace("@", "\\@"), "jane_doe@example.com")
    yield Case("HTML soft hyphen", MAIL.replace("@", "&shy;@"))
    yield Case("quoted-printable throughout", "".join(f"={ord(char):02X}" for char in MAIL))
    yield Case(
        "base64url without padding, inside a longer run",
        base64.urlsafe_b64encode(MAIL.encode()).decode().rstrip("="),
        before="id x_1",
    )
    yield Case("base64, twice", b64(b64(MAIL)))
    yield Case("base64 of a sentence", b64(f"Please write to {MAIL} today, or call."))
    yield Case(
        "base64 in lines of 76",
        base64.encodebytes(("Dear all, " * 9 + f"write to {MAIL} today.").encode()).decode().strip(),
        before="\n\n",
        after="\n",
    )
    yield Case("UTF-16 in base64", b64(MAIL.encode("utf-16-le")))
    yield Case("base32", base64.b32encode(MAIL.encode()).decode())
    yield Case("data: URI", f"data:text/plain;base64,{b64(MAIL)}")
    yield Case("data: URI, percent", f"data:text/plain,{quote(MAIL)}")
    yield Case("encoded word of a mail header", f"=?utf-8?B?{b64(MAIL)}?=")
    yield Case("mailto: URI", f"mailto:{quote(MAIL)}?subject=hi")
    yield Case("user of a URL", f"https://{quote(MAIL, safe='')}@files.example.com/")
    yield Case("Greek and Cyrillic letters", MAIL.replace("o", "ο").replace("e", "е"))
    yield Case("small capitals", shifted(0, 0x61).replace("jane", "ᴊᴀɴᴇ"))
    yield Case("struck through", "".join(char + "\u0336" if char.isalpha() else char for char in MAIL))
    yield Case("written in tag characters", "".join(chr(0xE0000 + ord(char)) for char in MAIL))
    yield Case(
        "written in variation selectors",
        "".join(chr(0xE00F0 + code) if code > 15 else chr(0xFE00 + code) for code in MAIL.encode()),
    )
    yield Case("letters outside ASCII", "jané.doe@example.com", "jané.doe@example.com")
    yield Case("the same, decomposed", unicodedata.normalize("NFD", "jané.doe@example.com"), "jané.doe@example.com")
    yield Case("host outside ASCII", "jane@bücher.example", "jane@bücher.example")
    yield Case("host in punycode", "jane@xn--bcher-kva.example", "jane@xn--bcher-kva.example")
    yield Case("phone, full-width digits", full_width(PHONE), PHONE, "PHONE", "Please call ")
    yield Case(
        "phone, Arabic digits",
        "".join(chr(0x660 + int(c)) if c.isdigit() else c for c in PHONE),
        PHONE,
        "PHONE",
        "Please call ",
    )
    yield Case("phone, no-break spaces", PHONE.replace(" ", "\u00a0"), PHONE, "PHONE", "Please call ")
    yield Case("phone, no-break spaces of HTML", PHONE.replace(" ", "&nbsp;"), PHONE, "PHONE", "Please call ")
    yield Case("phone, percent", quote(PHONE), PHONE, "PHONE", "https://x.example/?tel=", "&x=1")
    yield Case("phone, tel: URI", "tel:" + PHONE.replace(" ", "-"), PHONE, "PHONE", "Please call ")
    yield Case("card, zero-width spaces", between("\u200b", CARD), CARD, "CREDIT_CARD")
    yield Case(
        "card, mathematical digits",
        "".join(chr(0x1D7CE + int(c)) if c.isdigit() else c for c in CARD),
        CARD,
        "CREDIT_CARD",
    )
    yield Case("card, base64", b64(f"card: {CARD}"), CARD, "CREDIT_CARD")
    yield Case("card, HTML entities throughout", "".join(f"&#{ord(c)};" for c in CARD), CARD, "CREDIT_CARD")
    yield Case("card, hexadecimal", CARD.encode().hex(), CARD, "CREDIT_CARD")


def outcome(case: Case, engine: Engine) -> Outcome:
    """What the engine makes of a case."""
    text = case.before + case.disguised + case.after
    start = len(case.before)
    hidden = {place for f in engine.find([Leaf(text)])[0] for place in range(f.start, f.end)}
    wanted = _wanted(case, start)
    told = any(
        f.type == case.type and identity(f.type, f.decoded or text[f.start : f.end]) == identity(case.type, case.value)
        for f in engine.find([Leaf(text)])[0]
    )
    coverage = "covered" if wanted <= hidden else "partial" if wanted & hidden else "missed"
    return Outcome(coverage, told)


def _wanted(case: Case, start: int) -> set[int]:
    """What must be hidden: the disguised value, without what is no part of it (a scheme, a query, stars)."""
    visible = case.disguised
    for lead in ("data:text/plain;base64,", "data:text/plain,", "mailto:", "tel:", "https://", "=?utf-8?B?", "**"):
        if visible.startswith(lead):
            start, visible = start + len(lead), visible.removeprefix(lead)
    for tail in ("?subject=hi", "@files.example.com/", "?="):
        visible = visible.removesuffix(tail)
    return set(range(start, start + len(visible)))


def table(cases: Iterator[Case], engine: Engine) -> list[str]:
    """A Markdown table, and a line that sums it up."""
    rows = [(case, outcome(case, engine)) for case in cases]
    lines = ["| disguise | found | told |", "|---|---|---|"]
    lines += [f"| {html.escape(case.name)} | {got.coverage} | {'yes' if got.told else 'no'} |" for case, got in rows]
    count = {kind: sum(got.coverage == kind for _, got in rows) for kind in ("covered", "partial", "missed")}
    return [*lines, "", f"{len(rows)}: " + ", ".join(f"{number} {kind}" for kind, number in count.items()) + "."]


def main() -> None:
    """Print both tables."""
    engine = Engine(rules.load(), DEFAULT_TYPES)
    print("Rewritings of one e-mail address\n", *table(rewritings(), engine), sep="\n")
    print("\nOther forms, other values\n", *table(others(), engine), sep="\n")


if __name__ == "__main__":
    main()
