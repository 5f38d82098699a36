"""Client to server: find the tokens in a message, ask what may go, then write the message with values. No I/O.

plan = Release(text, tree, ...)      which tokens, where
plan.questions(rows)                 one question for the policy per token that resolves
plan.apply(secrets)                  the message for the server
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from .. import jsontext, tokens
from ..detect.views import views
from ..errors import PolicyDenied, UnknownToken, WireError
from ..jsontext import Json, Number, Patch
from ..policy import has_metacharacters
from ..types import Path, Secret, TokenRef
from . import schema

MAX_NESTING = 8
_ARGUMENTS = len(("params", "arguments"))


class Use(NamedTuple):
    """One token at one place.

    Attributes:
        match: the token in its text.
        text: the whole string it stands in.
        path: where that string sits in the message.
        whole: whether the token fills the string.
    """

    match: tokens.Match
    text: str
    path: Path
    whole: bool


class Known(NamedTuple):
    """What the vault says of a token: the part of its row that reading needs."""

    label: str
    expired: bool


class Release:
    """The tokens of one message. `tool_schema` is the server's own input schema, of `params.arguments`."""

    def __init__(self, text: str, tree: Json, tool_schema: Json = None) -> None:
        self._document = _Strings(text, tree)
        self._schema = tool_schema
        self._uses = list(self._document.uses())
        self._smuggled = self._document.smuggled()

    def __bool__(self) -> bool:
        return bool(self._uses or self._smuggled)

    @property
    def refs(self) -> list[TokenRef]:
        """What to look up, each once."""
        return list(dict.fromkeys([*(use.match.ref for use in self._uses if use.match.valid), *self._smuggled]))

    def resolve(self, rows: Mapping[TokenRef, Known | None]) -> list[Use]:
        """The uses that count: what is not bracketed and does not resolve is plain text.

        Raises:
            UnknownToken: a bracketed token that does not resolve, whatever the reason, one under another label, or
                one in disguise: a server could decode it.
        """
        if any(rows.get(ref) for ref in self._smuggled):
            raise UnknownToken("a token must be passed on as it is, not encoded", code="PS513")
        return [use for use in self._uses if _counts(use.match, rows.get(use.match.ref))]

    def declared(self, use: Use) -> Path:
        """The steps to a use's place that the tool's schema knows; all of them if there is no schema."""
        steps = len(use.path)
        while isinstance(self._schema, dict) and steps > _ARGUMENTS and not self._subschemas(use.path[:steps]):
            steps -= 1
        return use.path[:steps]

    def formats(self, use: Use) -> frozenset[str]:
        """JSON Schema formats declared for the place of a use."""
        return schema.formats(self._subschemas(use.path))

    def apply(self, secrets: Mapping[TokenRef, Secret], resolved: Sequence[Use], unquoted: frozenset[TokenRef]) -> str:
        """The message with values in place of the resolved tokens.

        `unquoted` are tokens granted only for values without metacharacters.

        Raises:
            PolicyDenied: such a value has some.
            WireError: a value that cannot take the type that the tool's schema wants.
        """
        for use in resolved:
            if use.match.ref in unquoted and not use.whole and has_metacharacters(secrets[use.match.ref].reveal()):
                raise PolicyDenied("the value holds special characters and would not be a whole argument", code="PS609")
        values = {id(use.match): secrets[use.match.ref] for use in resolved}
        return jsontext.patch(self._document.text, self._document.patches(values, self._coerce))

    def _subschemas(self, path: Path) -> list[dict[str, Json]]:
        if path[:2] != ("params", "arguments") or not isinstance(self._schema, dict):
            return []
        return schema.at(self._schema, path[2:])

    def _coerce(self, secret: Secret, path: Path) -> str:
        """The raw JSON of a value that fills a whole string."""
        wanted = schema.allowed_types(self._subschemas(path))
        value = secret.reveal()
        numeric = wanted & {"integer", "number"}
        if secret.kind == "number":
            return value if numeric or "string" not in wanted else jsontext.quote(value)
        if not numeric or "string" in wanted:
            return jsontext.quote(value)
        pattern = _INTEGER if "number" not in wanted else _NUMBER
        if not pattern.fullmatch(value):
            raise WireError("a value cannot take the number type that the tool's schema wants", code="PS511")
        return value


_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def _counts(match: tokens.Match, row: Known | None) -> bool:
    if row is None:
        if match.is_bare or not match.has_known_label:
            return False
        raise UnknownToken("a token is unknown here")
    if match.has_known_label and match.label != row.label:
        raise UnknownToken("a token is unknown here")
    if row.expired:
        raise UnknownToken("a token has expired", code="PS512", fix="have the server send the data again")
    return True


def _percent(value: str) -> str:
    from urllib.parse import quote  # rare, and 6 ms on the start path

    return quote(value, safe="")


def _html(value: str) -> str:
    from html import escape

    return escape(value)


_ENCODE: dict[str, Callable[[str], str]] = {
    "bracketed": str,
    "markdown": str,
    "bare": str,
    "percent": _percent,
    "html": _html,
    "json": lambda value: jsontext.quote(value)[1:-1],
}

Coerce = Callable[[Secret, Path], str]
Values = Mapping[int, Secret]
"""Secrets by the id() of the match that they replace."""


class _Strings:
    """The strings and keys of a JSON text that hold tokens, through JSON text nested in strings."""

    def __init__(self, text: str, tree: Json, path: Path = (), level: int = 0) -> None:
        self.text = text
        self._found: dict[int, tuple[str, Path, bool, list[tokens.Match]]] = {}
        self._nested: dict[int, _Strings] = {}
        self._encoded: set[TokenRef] = set()
        for node in jsontext.walk(tree):
            if isinstance(node.value, str) and not isinstance(node.value, Number):
                self._visit(node, (*path, *node.path), level)

    def _visit(self, node: jsontext.Node, path: Path, level: int) -> None:
        matches = tokens.find(node.value)
        self._encoded |= _smuggled(node.value, matches)
        if not matches:
            return
        inner = None if node.is_key or level >= MAX_NESTING else _container(node.value)
        if inner is not None:
            self._nested[node.ordinal] = _Strings(node.value, inner, path, level + 1)
        else:
            self._found[node.ordinal] = (node.value, path, node.is_key, matches)

    def uses(self) -> Iterator[Use]:
        for text, path, is_key, matches in self._found.values():
            whole = not is_key and tokens.is_whole(text, matches)
            yield from (Use(match, text, path, whole) for match in matches)
        for inner in self._nested.values():
            yield from inner.uses()

    def smuggled(self) -> set[TokenRef]:
        """Valid tokens inside encoded runs."""
        return self._encoded.union(*(inner.smuggled() for inner in self._nested.values()))

    def patches(self, values: Values, coerce: Coerce) -> list[Patch]:
        where = jsontext.spans(self.text, self._found.keys() | self._nested.keys())
        patches: list[Patch] = []
        for ordinal, (text, path, is_key, matches) in self._found.items():
            start, end = where[ordinal]
            held = [match for match in matches if id(match) in values]
            if held and not is_key and len(text) == held[0].end - held[0].start:
                patches.append(Patch(start, end, coerce(values[id(held[0])], path)))
            else:
                patches += jsontext.inside(self.text[start:end], start, [_fill(match, values) for match in held])
        for ordinal, inner in self._nested.items():
            start, end = where[ordinal]
            patches += jsontext.inside(self.text[start:end], start, inner.patches(values, coerce))
        return sorted(patches)


def _smuggled(text: str, matches: Sequence[tokens.Match]) -> set[TokenRef]:
    """Valid tokens in the disguised parts of a text, other than those that are read where they stand."""
    found: set[TokenRef] = set()
    for view in views(text):
        read = {match.ref for match in matches if match.start < view.end and view.start < match.end}
        found |= {match.ref for match in tokens.find(view.text) if match.valid} - read
    return found


def _fill(match: tokens.Match, values: Values) -> Patch:
    return Patch(match.start, match.end, _ENCODE[match.form](values[id(match)].reveal()))


def _container(text: str) -> Json:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        tree = jsontext.loads(text)
    except WireError:
        return None
    return tree if isinstance(tree, dict | list) else None
