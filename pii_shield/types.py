"""Records that several rooms share. Frozen, without behaviour beyond hiding what must not be shown."""

from typing import NamedTuple, NoReturn

Path = tuple[str | int, ...]
"""Where a leaf sits: object keys (str) and array indices (int), outermost first."""


class Finding(NamedTuple):
    """A span in one text that holds a value.

    Attributes:
        type: name of an entity type (see `entities.TYPES`).
        start, end: offsets in code points into the text that was searched, end exclusive.
        score: 0.0 to 1.0.
        rule: id of the rule or detector that found it.
        decoded: what the span says, where the text spells it encoded (percent, base64); else "".
    """

    type: str
    start: int
    end: int
    score: float
    rule: str
    decoded: str = ""

    def __repr__(self) -> str:
        return f"Finding({self.type}, {self.start}, {self.end}, {self.score}, {self.rule})"


class Leaf(NamedTuple):
    """One text to search, with what is known about its place.

    Attributes:
        text: the decoded string; for a JSON number its spelling; for a key the key.
        path: where it sits; for a key the path of its member.
        kind: "string", "number" or "key".
        format: JSON Schema `format` declared for this place, or "".
    """

    text: str
    path: Path = ()
    kind: str = "string"
    format: str = ""


class Value(NamedTuple):
    """What the vault is asked to keep: one spelling of one identity, seen from one server.

    Attributes:
        type: entity type.
        identity: canonical form within the type (E.164 phone, case-folded e-mail, card digits).
        spelling: the exact characters the server wrote.
        kind: "string" or "number" (a JSON number is a spelling of its own kind).
        rule: id of the rule that found it.
    """

    type: str
    identity: str
    spelling: str
    kind: str
    rule: str

    def __repr__(self) -> str:
        return f"Value({self.type})"


class TokenRef(NamedTuple):
    """The meaning of one token: which identity, which of its spellings.

    Attributes:
        id: canonical token id including its check character, upper case.
        spelling: 1 for the first spelling, 2 for `~2`, ...
    """

    id: str
    spelling: int = 1


class Secret:
    """A value on its way out of the vault. Shows, pickles and compares nothing; `reveal()` is greppable."""

    __slots__ = ("_kind", "_value")

    def __init__(self, value: str, kind: str = "string") -> None:
        self._value = value
        self._kind = kind

    def reveal(self) -> str:
        """Return the exact spelling."""
        return self._value

    @property
    def kind(self) -> str:
        """ "string" or "number"."""
        return self._kind

    def __repr__(self) -> str:
        return "Secret(...)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret does not pickle")


class Organisation(NamedTuple):
    """Who is responsible, as records of processing name it (GDPR Art. 30). What nobody said is empty.

    Attributes:
        controller: name and address.
        contact: how to reach it.
        representative: in the Union, of a controller outside of it.
        officer: the data protection officer.
        purposes: why data is processed.
        subjects: whose data it is: customers, staff, ...
    """

    controller: str = ""
    contact: str = ""
    representative: str = ""
    officer: str = ""
    purposes: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()
