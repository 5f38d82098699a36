"""What the tagger sees of a text: tokens, which of them could be names, and the features of each. No I/O.

Training and tagging share this file; a change here asks for a new training (benchmarks/training/train.py).

Features that depend on one word alone (`own_features`, `near_features`) are kept apart from those of a place in a text
(`place_features`), so that the tagger can add up the former once per word.
"""

import re
from itertools import accumulate
from typing import NamedTuple

from .lexicon import Word

BREAK = "¶"
"""The token of a line break."""
PAD = 3
"""Empty tokens before the first and after the last one."""

_TOKEN = re.compile(
    r"""\s+
    | (?:https?://|www\.|mailto:)\S+                                # addresses of the web
    | [\w.+-]{1,64}@[\w.-]*\w                                       # e-mail
    | [@\#$&%\\]\w[\w.-]*                                           # handles, tags, variables, entities
    | (?:[^\W\d_a-zß-ÿ]\.-?)+(?![^\W\d_])                           # initials
    | (?:Mrs?|Ms|Mme|Dr|Prof|Sra?|Jr|Sig|Rev|Hon|Esq)\.(?!\w)
    | (?:Capt|Sgt|Lt|Col|Gen|Gov|Sen|Rep|St|Mt|Inc|Ltd|Co|Corp|Bros|vs)\.(?!\w)
    | ['’]s(?!\w)
    | [^\W\d_]++(?:(?:['’](?!s(?!\w))|-)[^\W\d_]++){0,6}+(?![\d_]|[./\\]\w|::) # a word
    | \w+(?:(?:[./\\-]+|::)\w+)*                                    # numbers, identifiers, paths
    | .
    """,
    re.VERBOSE | re.DOTALL,
)
# Every repetition above is bounded or cannot match again from within: time grows with the size of the text alone.
_OPEN, _SHUT = frozenset("(\"'“”‘’[«*_>—–-…"), frozenset(".,;:!?)\"'“”’]»*_…—–-")
ENDS = frozenset((".", "!", "?", BREAK, "", ":", ";", "*", ">", "|", "•"))
LINKS = frozenset(
    ("of", "&", "de", "la", "van", "von", "der", "del", "di", "da", "du", "le", "bin", "al", "den", "dos")
)


class Run(NamedTuple):
    """Neighbouring words that could be one name: token indices, end exclusive, and the features all of them share."""

    start: int
    end: int
    shared: tuple[str, ...]


def tokens_of(text: str) -> tuple[list[str], list[int]]:
    """Tokens of a text and their offsets in code points. A line break is the token BREAK; other white space is none."""
    pieces = _TOKEN.findall(text)
    starts = list(accumulate(map(len, pieces), initial=0))
    tokens, offsets = [""] * PAD, [-1] * PAD
    for piece, start in zip(pieces, starts, strict=False):
        if not piece.isspace():
            tokens.append(piece)
            offsets.append(start)
        elif "\n" in piece:
            tokens.append(BREAK)
            offsets.append(start)
    end = len(text)
    return tokens + [""] * PAD, offsets + [end + 1] * PAD


CAPITAL = frozenset(("Aa", "AA", "Ab", "A", "A."))
_LOW_NAME = frozenset("FLC")


def could_be_name(word: Word) -> bool:
    """Whether a token alone may be part of a name: it has a capital, or is known as a name and as nothing else."""
    if word.shape in CAPITAL:
        return True
    return (
        word.shape == "a" and len(word.lower) > 2 and "w" not in word.classes and not _LOW_NAME.isdisjoint(word.classes)
    )


def mark_of(word: Word) -> str:
    """What a place needs to be judged by, as one letter: A all capitals, C a capital, n a name in lower case, f a word
    that no list knows, a another, x an odd one, a line break for one, "-" a sign that prose has, "s" any other."""
    shape = word.shape
    if shape == BREAK:
        return "\n"
    if shape in CAPITAL:
        return "A" if shape == "AA" else "C"
    if shape == "a":
        return "n" if could_be_name(word) else "f" if is_free(word) else "a"
    return "x" if shape == "x" else "-" if shape in _ASIDE else "s"


def islands(marks: str) -> list[tuple[int, int]]:
    """Stretches of tokens around the words that could be names, end exclusive: what a model has to look at.

    Args:
        marks: of all tokens, see `mark_of`.
    """
    result: list[tuple[int, int]] = []
    start = last = -9
    for place in _COULD_BE.finditer(marks, PAD, len(marks) - PAD):
        index = place.start()
        low = marks[index] == "n"
        first = index - 1 if low and marks[index - 1] in "nf" else index
        end = index + 2 if low and marks[index + 1] in "nf" else index + 1
        if first - last > 2 or "\n" in marks[last:first]:
            if last > 0:
                result.append((start, last))
            start = first
        last = max(last, end)
    if last > 0:
        result.append((start, last))
    return result


_COULD_BE = re.compile("[ACn]")


def is_free(word: Word) -> bool:
    """A lower-case word that no list knows: beside a name in lower case it may be the rest of it."""
    return word.shape == "a" and len(word.lower) > 2 and "w" not in word.classes


def own_features(word: Word) -> list[str]:
    """Features of the word itself."""
    lower, shape, classes = word
    if shape not in CAPITAL and shape != "a":
        return ["w" + lower, "s" + shape]
    return [
        "w" + lower,
        "s" + shape,
        "g" + classes,
        f"sg{shape}|{classes}",
        "z" + lower[-2:],
        "z" + lower[-3:],
        "y" + lower[:3],
        f"n{min(len(lower), 9)}{'-' in lower}",
    ]


def near_features(word: Word, distance: int) -> list[str]:
    """Features that a word lends to the token from which it stands `distance` tokens away (-2, -1, 1, 2)."""
    lower, shape, classes = word
    return [f"{distance}w{lower if shape != '0' else '0'}", f"{distance}s{shape}", f"{distance}g{classes}"]


def place_features(words: list[Word], index: int, run: Run | None, line: str, glue: str) -> list[str]:
    """Features of a token that need more than one word, or the place in the text, beside those its run shares.

    Args:
        run: the run the token is part of.
        line: kind of the line, see `line_kind`.
        glue: characters that stick to the token where prose has a space, see `glue_of`.
    """
    before, (_, shape, classes), after = words[index - 1], words[index], words[index + 1]
    result = [
        f"a{before.classes}|{classes}|{after.classes}",
        f"b{before.classes}|{classes}",
        f"c{classes}|{after.classes}",
        f"d{before.shape}|{shape}|{after.shape}",
        f"e{before.lower}|{classes}",
        f"f{after.lower}|{classes}",
    ]
    if before.shape in ENDS:
        result.append(f"h{classes}|{shape}")
    if line:
        result += (f"k{line}{shape}", f"l{line}{classes}")
    if glue:
        result.append("o" + glue)
    if run is not None:
        result.append(f"p{min(index - run.start, 3)}{min(run.end - 1 - index, 3)}|{classes}")
    return result


def runs(words: list[Word], start: int, end: int) -> dict[int, Run]:
    """The run of each token of an island that is part of one."""
    result: dict[int, Run] = {}
    index = start
    while index < end:
        stop = _run_end(words, index, end)
        if stop > index:
            begin = index + 1 if stop - index > 1 and _opens_sentence(words, index) else index
            run = Run(begin, stop, _shared(words, begin, stop))
            for place in range(begin, stop):
                result[place] = run
        index = max(stop, index + 1)
    return result


def _run_end(words: list[Word], index: int, end: int) -> int:
    capital = words[index].shape in CAPITAL
    if not capital and not is_free(words[index]):
        return index
    while index < end:
        word = words[index]
        if not (word.shape in CAPITAL if capital else is_free(word)):
            linked = capital and word.lower in LINKS and index + 1 < end and words[index + 1].shape in CAPITAL
            if not linked:
                return index
        index += 1
    return end


def _opens_sentence(words: list[Word], index: int) -> bool:
    classes = words[index].classes
    return words[index - 1].shape in ENDS and ("w" in classes or "h" in classes) and "F" not in classes


def _shared(words: list[Word], start: int, end: int) -> tuple[str, ...]:
    """Features of a whole run: its length, its first and last word, what stands before and after it."""
    size = min(end - start, 5)
    before, after = words[start - 1].lower, words[end].lower
    left, right = _word_before(words, start), _word_after(words, end)
    pattern = ".".join(word.classes for word in words[start : start + 3])
    return (
        f"q{size}",
        f"r{before}",
        f"t{after}",
        f"u{left}",
        f"v{right}",
        f"R{before}|{size}",
        f"T{after}|{size}",
        f"U{words[start - 2].lower} {before}",
        f"V{after} {words[end + 1].lower}",
        f"A{words[start].lower}",
        f"B{words[end - 1].lower}",
        f"C{words[end - 1].classes}|{size}",
        f"D{pattern}|{size}",
        f"E{before}|{after}",
    )


def _word_before(words: list[Word], index: int) -> str:
    for place in range(index - 1, max(index - 5, 0), -1):
        if words[place].shape == "a":
            return words[place].lower
    return ""


def _word_after(words: list[Word], index: int) -> str:
    for place in range(index, min(index + 4, len(words))):
        if words[place].shape == "a":
            return words[place].lower
    return ""


def line_of(marks: str, index: int) -> str:
    """The marks of a token's line, of those of all tokens."""
    end = marks.find("\n", index)
    return marks[marks.rfind("\n", 0, index) + 1 : end if end >= 0 else len(marks)]


def line_kind(marks: str) -> str:
    """The kind of a line: "A" all capitals, "T" title case, "a" none at all, "x" code, "" prose."""
    capitals, all_capitals = marks.count("C"), marks.count("A")
    total = capitals + all_capitals + sum(map(marks.count, "nfax"))
    if marks.count("s") * 3 > total + 2:
        return "x"
    if total < 4:
        return ""
    if all_capitals * 4 > total * 3:
        return "A"
    capitals += all_capitals
    return "T" if capitals * 3 > total * 2 else "a" if not capitals else ""


_ASIDE = frozenset((".", ",", "", "'", '"', "?", "!", "0", "-", ":", "(", ")", "’", "“", "”", "'s"))


def glue_of(tokens: list[str], offsets: list[int], index: int) -> str:
    """Characters that stick to a token where prose has a space: signs of code, mail addresses, hashtags."""
    left = right = ""
    previous, following = tokens[index - 1], tokens[index + 1]
    start, end = offsets[index], offsets[index] + len(tokens[index])
    if previous and offsets[index - 1] + len(previous) == start and previous[-1] not in _OPEN and previous != BREAK:
        left = previous[-1]
    if following and offsets[index + 1] == end and following[0] not in _SHUT and following != BREAK:
        right = following[0]
    return f"{left}~{right}" if left or right else ""
