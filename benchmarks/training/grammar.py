"""Draws labelled sentences from grammar.txt."""

import random
import re
from collections.abc import Callable
from typing import NamedTuple

from maker import Maker
from names import HERE, Names

_SLOT = re.compile(r"\{(\w+)\}")
_REPEAT = re.compile(r"\{(\d+)x\}")


class Sample(NamedTuple):
    """A text and its names: (start, end, type), sorted."""

    text: str
    spans: list[tuple[int, int, str]]


def load_grammar() -> dict[str, list[str]]:
    """Sections of grammar.txt: slot -> alternatives."""
    rules: dict[str, list[str]] = {}
    current: list[str] = []
    for line in (HERE / "grammar.txt").read_text("utf8").splitlines():
        if re.fullmatch(r"\[\w+\]", line):
            current = rules.setdefault(line[1:-1], [])
        elif line and not line.startswith("# "):
            repeat = _REPEAT.match(line)
            text = _REPEAT.sub("", line, count=1) if repeat else line
            current += [text.replace("\\n", "\n")] * (int(repeat[1]) if repeat else 1)
    return rules


class Grammar:
    """Expands slots at random.

    Args:
        names: word lists, which fill slots without a section of their own.
        maker: makes the names up.
        rng: source of all choices.
    """

    DEPTH = 14

    def __init__(self, names: Names, maker: Maker, rng: random.Random) -> None:
        self._rules = load_grammar()
        self._lists = names.lists
        self._maker = maker
        self._rng = rng
        self._parts: dict[str, list[str]] = {}
        self._special: dict[str, Callable[[], str]] = {
            "num": lambda: str(rng.choice((rng.randrange(1, 100), rng.randrange(1, 10), rng.randrange(100, 90000)))),
            "year": lambda: str(rng.randrange(1880, 2027)),
            "phone": lambda: f"{rng.randrange(200, 990)}-{rng.randrange(200, 990)}-{rng.randrange(1000, 9999)}",
            "mail": lambda: f"{maker.first().lower()}@{rng.choice(('mail', 'corp', 'post'))}.example",
            "url": lambda: f"https://{maker.coined().lower()}.example/{rng.randrange(999)}",
            "handle": lambda: rng.choice(
                (maker.first(), maker.first().lower() + "_" + maker.last().lower(), maker.coined())
            ),
            "ident": lambda: "_".join(
                rng.choice(names.lists["noun"]).replace(" ", "_") for _ in range(rng.randrange(1, 3))
            ),
            "Camel": lambda: "".join(rng.choice(names.lists["noun"]).title() for _ in range(rng.randrange(1, 4))),
            "CONST": lambda: "_".join(rng.choice(names.lists["noun"]).upper() for _ in range(rng.randrange(1, 4))),
            "work": lambda: rng.choice(names.lists["work"]) if rng.random() < 0.4 else maker.work(),
            "ACR_O": maker.letters,
            "gib": lambda: "".join(
                rng.choice("bcdfglmnprstv") + rng.choice("aeiou") for _ in range(rng.randrange(2, 4))
            ),
            "Tribe": lambda: maker.odd(maker.last().partition(" ")[0]).capitalize(),
            "demonym": lambda: maker.city().rstrip("aeiou").split()[-1] + rng.choice(("er", "an", "ian", "ese", "i")),
            "Prod": lambda: rng.choice(
                (
                    maker.coined().capitalize(),
                    maker.letters(),
                    maker.last(),
                    maker.first() + maker.coined(),
                    *names.lists["product"][:40],
                )
            ),
            "JOBCAP": lambda: rng.choice(names.lists["job"]).title(),
            "Noun": lambda: rng.choice(names.lists["noun"]).title(),
        }

    def draw(self, section: str) -> Sample:
        """One text of a section."""
        parts: list[tuple[str, str]] = []
        self._expand("{" + section + "}", parts, 0, "")
        text, spans = "", []
        for part, label in parts:
            if label:
                spans.append((len(text), len(text) + len(part), label))
            text += part
        return Sample(text, spans)

    def _expand(self, template: str, parts: list[tuple[str, str]], depth: int, style: str) -> None:
        pieces = _SLOT.split(template)
        for index, piece in enumerate(pieces):
            if index % 2:
                self._slot(piece, parts, depth + 1, style)
            elif piece:
                parts.append((self._styled(piece, style), ""))

    def _slot(self, slot: str, parts: list[tuple[str, str]], depth: int, style: str) -> None:
        name = slot
        if slot.startswith("TITLE_"):
            name, style = _TITLES[slot], "title"
        if name in self._maker.slots:
            label, make = self._maker.slots[name]
            parts.append((make(), label))
        elif name in self._special:
            parts.append((self._special[name](), ""))
        elif name in self._rules:
            rules = self._rules[name]
            rule = self._rng.choice(rules)
            if depth > self.DEPTH:  # the plainest alternative ends a sentence that grows too long
                rule = min(rules, key=len)
            before = len(parts)
            self._expand(rule, parts, depth, style)
            if name == "S" and before < len(parts):
                text, label = parts[before]
                parts[before] = (text[:1].upper() + text[1:], label)
        else:
            parts.append((self._styled(self._rng.choice(self._lists[name]), style), ""))

    @staticmethod
    def _styled(text: str, style: str) -> str:
        return re.sub(r"\b[a-z](?=\w{3,})", lambda match: match[0].upper(), text) if style else text


_TITLES = {"TITLE_np": "np", "TITLE_vp": "vp", "TITLE_misc": "docs"}


def vary(sample: Sample, rng: random.Random) -> Sample:
    """The same text as people also write it: lower case, capitals, spaces around signs."""
    text, spans = sample
    roll = rng.random()
    if roll < 0.05:
        text = text.lower()
    elif roll < 0.08:
        text = text.upper()
    elif roll < 0.13:
        return _spaced(sample)
    elif roll < 0.20:
        text = _recased(text, spans, rng)
    return Sample(text, spans) if len(text) == len(sample.text) else sample


def _recased(text: str, spans: list[tuple[int, int, str]], rng: random.Random) -> str:
    """Some names in lower case or capitals, the rest as it was."""
    for start, end, _ in spans:
        if rng.random() < 0.6:
            name = text[start:end].lower() if rng.random() < 0.6 else text[start:end].upper()
            if len(name) == end - start:
                text = text[:start] + name + text[end:]
    return text


def _spaced(sample: Sample) -> Sample:
    """Like the output of a tokeniser: signs stand alone."""
    text, last = "", 0
    ends: dict[int, int] = {}
    for match in re.finditer(r"(?<=\w)(?=[.,!?:;)'’](?:\s|$|s\b))|(?<=[(\"'])(?=\w)|(?<=')(?=s\b)", sample.text):
        at = match.start()
        text += sample.text[last:at] + " "
        ends[at] = 1
        last = at
    text += sample.text[last:]
    moved = []
    for start, end, label in sample.spans:
        left = sum(1 for at in ends if at <= start)
        right = sum(1 for at in ends if at < end)
        moved.append((start + left, end + right, label))
    return Sample(text, moved)
