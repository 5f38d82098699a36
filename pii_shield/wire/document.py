"""A JSON text as leaves to search and, once findings are known, as the same text with tokens in it. No I/O.

A document may hold documents: a string that is JSON text is treated by its own keys and stays valid JSON, a base64
blob with a text type is searched decoded. All leaves of all of them are searched together, and each text is spliced
once, from the inside out.
"""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from .. import jsontext, tokens
from ..errors import WireError
from ..jsontext import Json, Number, Patch
from ..types import Finding, Leaf, Path, TokenRef, Value
from .methods import Act, Table, step
from .schema import VALUE_KEYWORDS

MAX_NESTING = 8
"""JSON text inside JSON text inside ..."""

Encode = Callable[[str], str]
"""How a string encodes the text of the document inside it."""
Found = Mapping[int, Sequence[tuple[Finding, Value]]]
"""Findings by index of the leaf."""
TokenOf = Callable[[Value], tuple[str, TokenRef]]
"""Label and reference of the token that stands for a value."""


class Searched(NamedTuple):
    """All leaves of a message, those of nested documents included, and what a finding in each does."""

    leaves: list[Leaf]
    acts: list[Act]

    def add(self, leaf: Leaf, act: Act) -> int:
        """Its index."""
        self.leaves.append(leaf)
        self.acts.append(act)
        return len(self.leaves) - 1


class Media(NamedTuple):
    """Where a document holds binary content, and what it says the content is."""

    path: Path
    mime: str


class Document:
    """One JSON text, walked once.

    Attributes:
        own: its own leaves: ordinal in the text, index in what is searched.
        nested: documents inside its strings, by ordinal; None for JSON text, else how the string encodes it.
        named: paths of entries whose routing name is searched, by index of the leaf.
        media: places of binary content.
        schemas: paths of tool schemas.
        public: paths of cache scopes that say "public".
    """

    def __init__(
        self, text: str, tree: Json, table: Table, searched: Searched, path: Path = (), level: int = 0
    ) -> None:
        self.text = text
        self.own: list[tuple[int, int]] = []
        self.nested: dict[int, tuple[Document, Encode | None]] = {}
        self.named: dict[int, Path] = {}
        self.media: list[Media] = []
        self.schemas: list[Path] = []
        self.public: list[Path] = []
        self._searched = searched
        self._level = level
        self._next = 0
        self._plain_keys: dict[str, bool] = {}
        if self._level > MAX_NESTING:
            raise WireError("JSON text nested in JSON text too deeply", code="PS506")
        self._visit(tree, path, table)

    def _visit(self, value: Json, path: Path, table: Table) -> None:
        if table is Act.PROTECT:
            # The JSON-RPC envelope tells nothing of a value: error.data.password is no message about a password.
            self._payload(value, path[1:] if path[:1] in _ENVELOPE else path)
            return
        ordinal = self._next
        self._next += 1
        if isinstance(value, dict):
            self._deeper(path)
            for key, member in value.items():
                self._key(key, path)
                self._member(value, key, member, path, table)
        elif isinstance(value, list):
            self._deeper(path)
            for index, element in enumerate(value):
                self._visit(element, (*path, index), step(table, index))
        elif isinstance(value, str):
            kind = "number" if isinstance(value, Number) else "string"
            place = path[1:] if path[:1] in _ENVELOPE else path
            self._add(ordinal, Leaf(value, place, kind), table if isinstance(table, Act) else Act.PROTECT)

    def _payload(self, value: Json, path: Path) -> None:
        """What the table says nothing special of: nearly everything, so this is kept short."""
        ordinal = self._next
        self._next += 1
        kind = type(value)
        if kind is str:
            if not (value[:1] in _OPENERS and self._nest(ordinal, value, path, None)):
                self._add(ordinal, Leaf(value, path), Act.PROTECT)
        elif kind is dict:
            self._deeper(path)
            for key, member in value.items():
                self._key(key, path)
                self._payload(member, (*path, key))
        elif kind is list:
            self._deeper(path)
            for index, element in enumerate(value):
                self._payload(element, (*path, index))
        elif kind is Number:
            self._add(ordinal, Leaf(value, path, "number"), Act.PROTECT)

    def _member(self, holder: dict[str, Json], key: str, member: Json, path: Path, table: Table) -> None:
        act = step(table, key)
        inner = (*path, key)
        if isinstance(table, Act) and table in _SCHEMAS:
            field = path if key in VALUE_KEYWORDS else inner
            self._visit(member, field, table if isinstance(member, dict | list) else Act.PROTECT)
        elif act is Act.SCHEMA:
            self.schemas.append(inner)
            self._visit(member, inner, act)
        elif act is Act.PRIVATE and member == "public":
            self.public.append(inner)
            self._visit(member, inner, act)
        elif act in (Act.MEDIA, Act.BLOB) and isinstance(member, str):
            self._binary(holder, member, path, act)
        elif act is Act.NAME and isinstance(member, str):
            self.named[len(self._searched.leaves)] = path
            self._next += 1
            self._add(self._next - 1, Leaf(member, inner, "key"), act)  # a routing name is a key, not a person's name
        else:
            self._visit(member, inner, act)

    def _deeper(self, path: Path) -> None:
        if len(path) >= jsontext.MAX_DEPTH:
            raise WireError("JSON nested too deeply", code="PS502")
        if self._next > jsontext.MAX_NODES:
            raise WireError("JSON with too many values", code="PS505")

    def _key(self, key: str, path: Path) -> None:
        ordinal = self._next
        self._next += 1
        plain = self._plain_keys.get(key)
        if plain is None:
            plain = self._plain_keys[key] = key.isidentifier() and (len(key) <= 12 or not any(map(str.isdigit, key)))
        if not plain:
            self._add(ordinal, Leaf(key, (*path, key), "key"), Act.PROTECT)

    def _add(self, ordinal: int, leaf: Leaf, act: Act) -> None:
        self.own.append((ordinal, self._searched.add(leaf, act)))

    def _nest(self, ordinal: int, text: str, path: Path, encode: Encode | None) -> bool:
        try:
            tree = jsontext.loads(text)
        except WireError:
            return False
        if not isinstance(tree, dict | list):
            return False
        self.nested[ordinal] = (Document(text, tree, Act.PROTECT, self._searched, path, self._level + 1), encode)
        return True

    def _binary(self, holder: dict[str, Json], data: str, path: Path, act: Act) -> None:
        mime = str(holder.get("mimeType") or "").partition(";")[0].strip().lower()
        ordinal = self._next
        if act is Act.MEDIA and holder.get("type") not in ("image", "audio"):
            self._visit(data, (*path, "data"), Act.PROTECT)
            return
        text = _decode_text(data) if _is_text_type(mime) else None
        if text is None:
            self._next += 1
            self.media.append(Media(path, mime or str(holder.get("type"))))
            return
        self._next += 1
        if not self._nest(ordinal, text, path, _encode_base64):
            # Not JSON: a document of one string, whose raw text is the blob itself.
            self.nested[ordinal] = (_TextBlob(text, self._searched, path), _encode_base64)

    def patches(self, found: Found, token_of: TokenOf) -> list[Patch]:
        """What to replace in the text so that a token stands for each finding."""
        own = [(ordinal, leaf) for ordinal, leaf in self.own if leaf in found]
        inner = {o: (d, encode, d.patches(found, token_of)) for o, (d, encode) in self.nested.items()}
        where = jsontext.spans(self.text, {o for o, _ in own} | {o for o, (_, _, p) in inner.items() if p})
        patches: list[Patch] = []
        for ordinal, leaf in own:
            start, end = where[ordinal]
            bare = self._searched.acts[leaf] is Act.URI
            tokens_here = token_patches(self._searched.leaves[leaf].text, found[leaf], token_of, bare=bare)
            if self.text[start] == '"':
                patches += jsontext.inside(self.text[start:end], start, tokens_here)
            else:
                patches.append(Patch(start, end, jsontext.quote(tokens_here[0].new)))
        for ordinal, (document, encode, inner_patches) in inner.items():
            if inner_patches:
                start, end = where[ordinal]
                if encode is None:
                    patches += jsontext.inside(self.text[start:end], start, inner_patches)
                else:
                    new = encode(jsontext.patch(document.text, inner_patches))
                    patches.append(Patch(start, end, jsontext.quote(new)))
        return sorted(patches)


class _TextBlob(Document):
    """Plain text that was base64 in a blob: one leaf, no JSON around it."""

    def __init__(self, text: str, searched: Searched, path: Path) -> None:
        super().__init__(text, None, Act.PROTECT, searched, path)
        self._add(0, Leaf(text, path), Act.PROTECT)

    def patches(self, found: Found, token_of: TokenOf) -> list[Patch]:
        ((_, leaf),) = self.own
        return token_patches(self.text, found.get(leaf, ()), token_of, bare=False)


def token_patches(text: str, found: Sequence[tuple[Finding, Value]], token_of: TokenOf, *, bare: bool) -> list[Patch]:
    """Tokens in place of findings, which are sorted and do not overlap."""
    patches: list[Patch] = []
    for finding, value in found:
        label, ref = token_of(value)
        fits = bare and tokens.bare_fits(text, finding.start, finding.end)
        new = (tokens.write_bare if fits else tokens.write)(label, ref)
        patches.append(Patch(finding.start, finding.end, new))
    return patches


_OPENERS = frozenset("{[ \n\t\r")
_ENVELOPE = frozenset({("result",), ("error",), ("params",)})
_SCHEMAS = frozenset({Act.SCHEMA, Act.FORM})


def _encode_base64(text: str) -> str:
    return base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")


_TEXT_SUBTYPES = frozenset(
    "json xml csv yaml x-yaml toml javascript x-javascript x-sh sql x-ndjson ld+json rtf".split()
)


def _is_text_type(mime: str) -> bool:
    kind, _, subtype = mime.partition("/")
    return kind == "text" or subtype in _TEXT_SUBTYPES or subtype.endswith(("+json", "+xml", "+yaml"))


def _decode_text(data: str) -> str | None:
    try:
        return base64.b64decode(data, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
