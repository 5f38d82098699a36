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
from .methods import WORDS, Act, Table, step
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
    acts: dict[int, Act]

    def act(self, leaf: int) -> Act:
        """What a finding in a leaf does; nearly everywhere it becomes a token."""
        return self.acts.get(leaf, Act.PROTECT)


class Media(NamedTuple):
    """Where a document holds binary content, what it says the content is, and its base64."""

    path: Path
    mime: str
    data: str

    @property
    def family(self) -> str:
        """ "image", "audio", "video" or "other"."""
        kind = self.mime.partition("/")[0]
        return kind if kind in ("image", "audio", "video") else "other"


class Document:
    """One JSON text, walked once.

    Attributes:
        own: its own leaves' indices in what is searched, by number of the literal (see `jsontext.literals`).
        nested: documents inside its strings, by number of the literal; None for JSON text, else how it is encoded.
        named: paths of entries whose routing name is searched, by index of the leaf.
        media: places of binary content.
        schemas: paths of tool schemas.
        public: paths of cache scopes that say "public".
    """

    def __init__(
        self, text: str, tree: Json, table: Table, searched: Searched, path: Path = (), level: int = 0
    ) -> None:
        self.text = text
        self.own: dict[int, int] = {}
        self.nested: dict[int, tuple[Document, Encode | None]] = {}
        self.named: dict[int, Path] = {}
        self.media: list[Media] = []
        self.schemas: list[Path] = []
        self.public: list[Path] = []
        self._searched = searched
        self._level = level
        self._next = 0
        self._nodes = 0
        self._plain_keys: set[str] = set()
        if self._level > MAX_NESTING:
            raise WireError("JSON text nested in JSON text too deeply", code="PS506")
        self._visit(tree, path, table)

    def _visit(self, value: Json, path: Path, table: Table) -> None:
        if table is Act.PROTECT:
            # The JSON-RPC envelope tells nothing of a value: error.data.password is no message about a password.
            self._payload(value, path[1:] if path[:1] in _ENVELOPE else path)
        elif isinstance(value, dict):
            self._deeper(path, 2 * len(value))
            for key, member in value.items():
                self._key(key, path)
                self._member(value, key, member, path, table)
        elif isinstance(value, list):
            self._deeper(path, len(value))
            for index, element in enumerate(value):
                self._visit(element, (*path, index), step(table, index))
        elif isinstance(value, str):
            if table is not Act.ECHOED and not (table is Act.WORD and value in WORDS):
                kind = "number" if isinstance(value, Number) else "string"
                place = path[1:] if path[:1] in _ENVELOPE else path
                self._add(Leaf(value, place, kind), table if isinstance(table, Act) else Act.PROTECT)
            self._next += 1

    def _payload(self, value: Json, path: Path) -> None:
        """What the table says nothing special of."""
        kind = type(value)
        if kind is dict:
            self._object(value, path)
        elif kind is list:
            self._deeper(path, len(value))
            for index, element in enumerate(value):
                self._payload(element, (*path, index))
        elif kind is str:
            if not (value[:1] in _OPENERS and self._nest(value, path, None)):
                self._add(Leaf(value, path))
            self._next += 1
        elif kind is Number:
            self._add(Leaf(value, path, "number"))
            self._next += 1

    def _object(self, members: dict[str, Json], path: Path) -> None:
        """Nearly everything: so this is kept short, and does itself what `_payload` would do with a string."""
        self._deeper(path, 2 * len(members))
        plain, own, leaves = self._plain_keys, self.own, self._searched.leaves
        for key, member in members.items():
            if key in plain:
                self._next += 1
            else:
                self._key(key, path)
            if type(member) is str and member[:1] not in _OPENERS:
                own[self._next] = len(leaves)
                leaves.append(Leaf(member, (*path, key)))
                self._next += 1
            else:
                self._payload(member, (*path, key))

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
            self._add(Leaf(member, inner, "key"), act)  # a routing name is a key, not a person's name
            self._next += 1
        else:
            self._visit(member, inner, act)

    def _deeper(self, path: Path, more: int) -> None:
        self._nodes += more
        if len(path) >= jsontext.MAX_DEPTH:
            raise WireError("JSON nested too deeply", code="PS502")
        if self._nodes > jsontext.MAX_NODES:
            raise WireError("JSON with too many values", code="PS505")

    def _key(self, key: str, path: Path) -> None:
        if key.isidentifier() and (len(key) <= 12 or not any(map(str.isdigit, key))):
            self._plain_keys.add(key)
        else:
            self._add(Leaf(key, (*path, key), "key"))
        self._next += 1

    def _add(self, leaf: Leaf, act: Act = Act.PROTECT) -> None:
        leaves, acts = self._searched
        self.own[self._next] = len(leaves)
        if act is not Act.PROTECT:
            acts[len(leaves)] = act
        leaves.append(leaf)

    def _nest(self, text: str, path: Path, encode: Encode | None) -> bool:
        try:
            tree = jsontext.loads(text)
        except WireError:
            return False
        if not isinstance(tree, dict | list):
            return False
        self.nested[self._next] = Document(text, tree, Act.PROTECT, self._searched, path, self._level + 1), encode
        return True

    def _binary(self, holder: dict[str, Json], data: str, path: Path, act: Act) -> None:
        mime = str(holder.get("mimeType") or "").partition(";")[0].strip().lower()
        if act is Act.MEDIA and holder.get("type") not in ("image", "audio"):
            self._visit(data, (*path, "data"), Act.PROTECT)
            return
        text = _decode_text(data) if _is_text_type(mime) else None
        if text is None:
            self.media.append(Media(path, mime or str(holder.get("type")), data))
        elif not self._nest(text, path, _encode_base64):
            # Not JSON: a document of one string, whose raw text is the blob itself.
            self.nested[self._next] = (_TextBlob(text, self._searched, path), _encode_base64)
        self._next += 1

    def patches(self, found: Found, token_of: TokenOf) -> list[Patch]:
        """What to replace in the text so that a token stands for each finding."""
        own = {number: leaf for number, leaf in self.own.items() if leaf in found}
        inner = {n: p for n, (document, _) in self.nested.items() if (p := document.patches(found, token_of))}
        wanted = sorted([*own, *inner])
        patches: list[Patch] = []
        for number, (start, end) in zip(wanted, jsontext.literals(self.text, wanted), strict=True):
            literal = self.text[start:end]
            if number in own:
                new = self._with_tokens(literal, own[number], found[own[number]], token_of)
            else:
                new = self._with_document(literal, number, inner[number])
            patches.append(Patch(start, end, new))
        return patches

    def _with_tokens(self, literal: str, leaf: int, found: Sequence[tuple[Finding, Value]], token_of: TokenOf) -> str:
        text, act = self._searched.leaves[leaf].text, self._searched.act(leaf)
        finding, value = found[0]
        if finding.end - finding.start == len(text) and act is Act.PROTECT:  # most values fill their string
            return jsontext.quote(tokens.write(*token_of(value)))
        patches = token_patches(text, found, token_of, bare=act is Act.URI)
        if literal[0] != '"' or patches[0].end - patches[0].start == len(text):
            return jsontext.quote(patches[0].new)
        return jsontext.respelled(literal, text, patches)

    def _with_document(self, literal: str, number: int, patches: Sequence[Patch]) -> str:
        document, encode = self.nested[number]
        if encode is None:
            return jsontext.respelled(literal, document.text, patches)
        return jsontext.quote(encode(jsontext.patch(document.text, patches)))


class _TextBlob(Document):
    """Plain text that was base64 in a blob: one leaf, no JSON around it."""

    def __init__(self, text: str, searched: Searched, path: Path) -> None:
        super().__init__(text, None, Act.PROTECT, searched, path)
        self._add(Leaf(text, path))

    def patches(self, found: Found, token_of: TokenOf) -> list[Patch]:
        (leaf,) = self.own.values()
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
