"""Names, dates and places: checks that know words. No I/O."""

import re
from collections.abc import Mapping


def calendar_date(text: str) -> bool:
    """A day a living person can be born on: parts in range, year 1900 to 2099 or two digits."""
    numbers = [int(n) for n in re.findall(r"\d+", text[:32])]
    if len(numbers) < 3:
        return bool(re.search(r"[^\W\d_]{3}", text)) and bool(numbers)
    big = [n for n in numbers[:3] if n > 31]
    return not big or (len(big) == 1 and (1900 <= big[0] <= 2099 or big[0] <= 99))


Words = Mapping[str, frozenset[str]]
_PARTS = re.compile(r"[^\W\d_]+")


def not_word(text: str, lists: Words) -> bool:
    """A name: not made of ordinary words and places only."""
    common, places = lists.get("common", frozenset()), lists.get("places", frozenset())
    parts = [part.lower() for part in _PARTS.findall(text)]
    return any(len(part) > 1 and part not in common and part not in places for part in parts) and (
        len(parts) < 2 or parts[0] not in common or parts[-1] not in common
    )


def full_name(text: str, lists: Words) -> bool:
    """Two words or more, of which neither the first nor the last is an ordinary word or a place."""
    parts = [part.lower() for part in _PARTS.findall(text)]
    ordinary = lists.get("common", frozenset()) | lists.get("places", frozenset())
    return len(parts) > 1 and parts[0] not in ordinary and parts[-1] not in ordinary


def known_first_name(text: str, lists: Words) -> bool:
    """A given name and nothing else."""
    return text.lower() in lists.get("first_names", frozenset())


def first_name(text: str, lists: Words) -> bool:
    """Begins with a given name and does not end in an ordinary word or a place."""
    parts = [part.lower() for part in _PARTS.findall(text)]
    if len(parts) < 2 or parts[0] not in lists.get("first_names", frozenset()):
        return False
    if parts[0] in _ALSO_WORDS and parts[-1] in lists.get("common", frozenset()) | _QUANTITIES:
        return False
    return parts[-1] not in _NOT_SURNAMES and parts[-1] not in lists.get("places", frozenset())


# "Max Count", "Mark Read", "Bill Amount": labels, not people.
_ALSO_WORDS = frozenset(
    (
        "max mark bill will grant chase art rob pat drew frank dean grace hope faith joy may june april august miles "
        "chip ray christian rose ivy jade amber ruby pearl guy jack lance dale glen cliff heath reed wade kit major "
        "mercedes paris sue page gene iris lane victor angel carol dawn eve gale"
    ).split()
)
_QUANTITIES = frozenset(
    (
        "count counts size length depth items results tokens lines rows value values width height age amount date due "
        "retries limit pages bytes chars characters entries files users requests level rate speed time timeout read "
        "unread done all as total number password address email"
    ).split()
)


_NOT_SURNAMES = frozenset(
    (
        "street avenue road university college school hospital park river lake island county city airport bridge "
        "museum church institute prize award day says said and is was the of in on for company corp inc ltd llc group "
        "records studios center centre house hall tower stadium cup league theorem law effect test method algorithm "
        "server service api band museum library foundation society party square place"
    ).split()
)

_NO_ADDRESS = re.compile(
    r"""^(?:[\w-]+\.)+[a-z]{2,}(?::\d+)?(?:/|$)  # a host
    | ^[0-9a-fA-F:]{6,}$ | ^\d{1,3}(?:\.\d{1,3}){3}  # a hash, a machine's address
    | ^[\d.,]{6,}$ | ^\d+[.,][\d.,]*$  # a number of another kind
    | ^(?:true|false|none|null|n/a)$
    | ^(?:return|let|const|var|new|await|throw|import|export|function|def|class|case|if|for|while)\b
    | [;({]\s*$ | \w\( | \w\[ | ^[A-Z][a-z]+\d+$  # code, the name of a program's part""",
    re.VERBOSE,
)
_SMALL_WORDS = frozenset(
    (
        "of item items byte bytes and or is are was to in on at the a an for with time times day days hour hours "
        "minute minutes year years people users percent"
    ).split()
)


def address_words(text: str) -> bool:
    """A number and words of which the first is no ordinary one: "17 Laugavegur 22"."""
    first = _PARTS.search(text)
    return first is not None and len(first[0]) > 1 and first[0].lower() not in _SMALL_WORDS


def address_field(text: str) -> bool:
    """A street address, or part of one: no host, no plain number of another kind."""
    return _NO_ADDRESS.search(text) is None
