"""`name: value` in running text: log lines, forms, headers, JSON fragments in prose, vertical tables. No I/O.

Every ":" or "=" that follows a word is looked at once; a name that no rule knows costs one dictionary lookup.
"""

import re
from collections.abc import Iterator

from ..rules import FieldRule
from ..types import Finding
from .fields import MAX_VALUE, Names

_SIGN = re.compile(r"""(?<=[A-Za-z_"'`*)\]À-ɏ\d])[ \t]{0,3}(?:=>|:=|[:=])(?![:=/])""")
_BEFORE = 64
# The name that ends where the sign stands: quoted, or up to four words.
_QUOTED_NAME = re.compile(r"""["'`]([^"'`\n\\]{1,48})\\?["'`]$""")
_BARE_NAME = re.compile(r"(?:[^\W\d_][\w.'-]{0,40}[ ]){0,3}[^\W\d_][\w.\-\[\]]{0,40}$")
_LINE_START = re.compile(r"[ \t>*#|\u2022\u00b7+\-]{0,12}\Z")
_SENTENCE = re.compile(r"[.!?][\"')]?[ ]\Z")
_QUOTED_VALUE = re.compile(r"""[ \t]{0,4}(\\?["'`])(?P<value>[^"'`\n\\]{1,256})\1""")
_OWN_LINE = re.compile(rf"[ \t*`]{{0,8}}(?:\r?\n[ \t]{{0,4}})?(?P<value>[^\n]{{1,{MAX_VALUE}}})")
# Where a bare value may end, from the most generous reading to the least.
_ENDS = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?=\r?\n|$)",
        r"[ \t]*(?:[|;<>\t{}\[\]]|[ ]{2}|,?[ ][\w.'-]{1,24}(?:[ ][\w.'-]{1,24})?[:=]|[.][ ](?=[A-Z]))",
        r"[,)&\"'`]",
        r"[\s,;&|<>\"')\]}]",
    )
)
_TRAILING = " \t\r*`,;"
_ONE_ROW = 200
"""Longest text that can be a single row of a table, in characters."""
_CELLS = re.compile(
    r"^[ \t]{0,16}\|?[ \t]{0,16}(?P<name>[A-Za-z][\w /.-]{1,40}?)[ \t]{0,16}[|,\t;][ \t]{0,16}"
    r"(?P<value>[^|\n]{3,120}?)[ \t]{0,16}\|?[ \t]{0,16}\r?$",
    re.MULTILINE,
)


class Pairs:
    """Applies field rules to the pairs of a text."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def find(self, text: str) -> list[Finding]:
        """Findings whose name stands before them; unsorted, may overlap. Offsets in code points."""
        findings = list(self._signs(text)) if ":" in text or "=" in text else []
        if (len(text) <= _ONE_ROW or "\n" in text) and ("," in text or "|" in text or "\t" in text or ";" in text):
            findings += self._cells(text)
        return findings

    def _signs(self, text: str) -> Iterator[Finding]:
        for sign in _SIGN.finditer(text):
            before = text[max(0, sign.start() - _BEFORE) : sign.start()]
            quoted = _QUOTED_NAME.search(before)
            bare = None if quoted else _BARE_NAME.search(before.rstrip("*`\"' )"))
            name = quoted or bare
            if name is None:
                continue
            words = name[1] if quoted else name[0]
            rules = self._names.rules_for((words,)) or (
                self._names.rules_for((words.rpartition(" ")[2],)) if " " in words else ()
            )
            if rules:
                line = quoted is not None or _starts_line(text, sign.start() - len(before) + name.start())
                yield from self._value(text, sign.end(), rules, line)

    def _value(self, text: str, place: int, rules: tuple[FieldRule, ...], line: bool) -> Iterator[Finding]:
        match = _QUOTED_VALUE.match(text, place)
        if match is not None:
            yield from self._judge(rules, match["value"], match.start("value"), ("quoted", "line", "any"))
            return
        match = _OWN_LINE.match(text, place)
        if match is None:
            return
        modes = ("line", "any") if line else ("any",)
        seen = set()
        for end in _ENDS:
            cut = end.search(match["value"])
            value = (match["value"][: cut.start()] if cut else match["value"]).rstrip(_TRAILING)
            if not value or value in seen:
                continue
            seen.add(value)
            found = list(self._judge(rules, value, match.start("value"), modes))
            if found:
                yield found[0]
                return

    def _judge(self, rules: tuple[FieldRule, ...], value: str, start: int, modes: tuple[str, ...]) -> Iterator[Finding]:
        stripped = value.strip()
        start += len(value) - len(value.lstrip())
        for rule in rules:
            if (
                rule.text in modes
                and not rule.siblings
                and stripped
                and self._names.accepts(rule, stripped, in_text=True)
            ):
                yield Finding(rule.type, start, start + len(stripped), rule.score, rule.id)
                return

    def _cells(self, text: str) -> Iterator[Finding]:
        """Two-cell rows: the first names what the second holds."""
        for row in _CELLS.finditer(text):
            if "," in row["value"] and "|" not in row[0]:
                continue
            if rules := self._names.rules_for((row["name"],)):
                yield from self._judge(rules, row["value"], row.start("value"), ("line", "any"))


def _starts_line(text: str, start: int) -> bool:
    begin = text.rfind("\n", max(0, start - 16), start) + 1
    begin = begin or (0 if start <= 16 else start)
    return (begin < start or begin == 0 or text[begin - 1] == "\n") and (
        _LINE_START.match(text[begin:start]) or _SENTENCE.search(text[begin:start])
    ) is not None
