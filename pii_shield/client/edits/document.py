"""The bytes of one configuration file as a text with a tree, and back. No I/O."""

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any, Final, NamedTuple

from . import jsonc, toml, yaml
from .tree import BadText, Node

MAX_BYTES: Final = 32 << 20

_BOM: Final = "\ufeff"


class Format(NamedTuple):
    """How one file format reads, and how it says a new key."""

    parse: Callable[[str], Node]
    key: Callable[[str], str]


JSONC: Final = Format(jsonc.parse, lambda name: f'"{name}": ')
TOML: Final = Format(toml.parse, lambda name: f"{name} = ")
YAML: Final = Format(yaml.parse, lambda name: f"{name}: ")
_BY_SUFFIX: Final[Mapping[str, Format]] = {".toml": TOML, ".yaml": YAML, ".yml": YAML}


class Document(NamedTuple):
    """A file's content.

    Attributes:
        format: how it is written.
        bom: the byte order mark, or "".
        text: everything else.
        root: what the text says.
    """

    format: Format
    bom: str
    text: str
    root: Node

    @property
    def value(self) -> Any:
        """The whole content as plain data."""
        return self.root.value

    def with_text(self, text: str) -> "Document":
        """The same file saying something else.

        Raises:
            BadText: the text is not what the format allows.
        """
        return self._replace(text=text, root=self.format.parse(text))

    def data(self) -> bytes:
        """The bytes of the file."""
        return (self.bom + self.text).encode()


def format_of(path: PurePath) -> Format:
    """The format that a file name announces; JSON with comments where it says nothing else."""
    return _BY_SUFFIX.get(path.suffix.lower(), JSONC)


def read(data: bytes, format: Format) -> Document:
    """A document from the bytes of a file.

    Raises:
        BadText: the bytes are not what the format allows.
    """
    if len(data) > MAX_BYTES:
        raise BadText(1, f"larger than {MAX_BYTES} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise BadText(data.count(b"\n", 0, error.start) + 1, "this is not UTF-8") from None
    bom = _BOM if text.startswith(_BOM) else ""
    text = text.removeprefix(_BOM)
    return Document(format, bom, text, format.parse(text))
