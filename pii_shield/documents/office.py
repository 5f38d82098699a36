"""Word, Excel and PowerPoint files: a zip of XML parts. Texts are spliced in the parts' bytes; the rest stays.

No library for one of them sees all text: comments, notes, headers, tracked changes, hidden sheets are parts too.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.parsers import expat
from xml.sax.saxutils import escape

from . import image
from .content import Kind, Mark, Text, Unreadable, by_text

MAX_PARTS = 2000
MAX_UNPACKED = 64 << 20
MAX_DEPTH = 200
# Parts that only describe the document or a printer: left out.
_DROPPED = re.compile(r"docProps/|.*/printerSettings/|.*/thumbnail\.\w+$|customXml/")
_PICTURE = re.compile(r".*\.(?:png|jpe?g|gif|bmp|tiff?|webp)$", re.IGNORECASE)
_XML = re.compile(r".*\.(?:xml|rels|vml)$")
# One stretch of text each: a paragraph, a shared string, a cell. Runs inside one are read together.
_STRETCHES = frozenset({"p", "si", "is", "comment", "definedName"})
_STRINGS = "xl/sharedStrings.xml"
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml$")
# Attributes that people write into.
_SAID = frozenset("author userId Target descr title tooltip display alias name text lastModifiedBy person".split())


class _Node(NamedTuple):
    """Character data of one element.

    Attributes:
        start, end: its place in the part's bytes.
        text: what it says.
        cell: of which cell of a sheet, like "B7"; "" outside.
        tag: where that cell's tag begins, if it says that this is a number; else -1.
    """

    start: int
    end: int
    text: str
    cell: str = ""
    tag: int = -1


class _Part(NamedTuple):
    """One XML part.

    Attributes:
        stretches: text nodes, those that are read together in one list.
        said: attributes that people write into.
        shared: cell -> number of the shared string that it shows.
    """

    stretches: list[list[_Node]]
    said: list[str]
    shared: dict[str, int]


_NO_PART = _Part([], [], {})


class _Open:
    """An element that is not closed yet."""

    def __init__(self) -> None:
        self.text = ""
        self.start = 0
        self.has_children = False

    def add(self, text: str, place: int) -> None:
        self.start = self.start or place
        self.text += text


def read(data: bytes) -> list[Text]:
    """Stretches of text of all parts, then what stands in attributes and pictures."""
    texts: list[Text] = []
    with _opened(data) as archive:
        strings = _taken_apart(archive.read(_STRINGS)) if _STRINGS in archive.namelist() else _NO_PART
        headers = _headers(archive, [_said(nodes) for nodes in strings.stretches])
        for name in _parts(archive):
            part = archive.read(name)
            if _PICTURE.match(name):
                texts += [Text(found.text, fixed=True) for found in image.read(part)]
                continue
            taken = _taken_apart(part)
            for number, nodes in enumerate(taken.stretches):
                place = str(number) if name == _STRINGS else name + _column(nodes[0].cell)
                text, header = _said(nodes), headers.get(place, "")
                texts.append(Text(text, name=header if header != text else ""))
            texts += [Text(value, fixed=True) for value in taken.said]
    return texts


def _said(nodes: Sequence[_Node]) -> str:
    return "".join(node.text for node in nodes)


def _column(cell: str) -> str:
    return cell.rstrip("0123456789")


def _headers(archive: zipfile.ZipFile, strings: Sequence[str]) -> dict[str, str]:
    """What stands at the top of the column: by sheet and column, and by number of a shared string."""
    found: dict[str, str] = {}
    for name in archive.namelist():
        if not _SHEET.match(name):
            continue
        sheet = _taken_apart(archive.read(name))
        shown = {cell: strings[number] for cell, number in sheet.shared.items() if number < len(strings)}
        shown |= {nodes[0].cell: _said(nodes) for nodes in sheet.stretches if nodes[0].cell}
        for cell, text in shown.items():  # the first row comes first
            found.setdefault(name + _column(cell), text)
        for cell, number in sheet.shared.items():
            found.setdefault(str(number), found[name + _column(cell)])
    return found


def write(data: bytes, marks: Sequence[Mark]) -> bytes:
    """The same parts in the same order, with marks in their texts; without properties."""
    wanted, number = by_text(marks), 0
    out = io.BytesIO()
    with _opened(data) as archive, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in _parts(archive):
            part = archive.read(name)
            if _PICTURE.match(name):
                number += len(image.read(part))
                part = image.write(part, ())
            else:
                stretches, said, _ = _taken_apart(part)
                splices = [
                    splice
                    for k, nodes in enumerate(stretches)
                    for splice in _spliced(nodes, wanted.get(number + k, ()))
                ]
                number += len(stretches) + len(said)
                for splice in sorted(splices, reverse=True):
                    part = splice.on(part)
                part = _without_dropped(part)
            new.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _opened(data: bytes) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(data))
    members = archive.infolist()
    if len(members) > MAX_PARTS or sum(member.file_size for member in members) > MAX_UNPACKED:
        raise Unreadable
    if any(member.flag_bits & 1 for member in members) or len({m.filename for m in members}) < len(members):
        raise Unreadable
    return archive


def _parts(archive: zipfile.ZipFile) -> Iterator[str]:
    for name in archive.namelist():
        if _DROPPED.match(name) or name.endswith("/"):
            continue
        if not _XML.match(name) and not _PICTURE.match(name):
            raise Unreadable  # a macro, an embedded object, a font
        yield name


def _taken_apart(part: bytes) -> _Part:
    """What people wrote into a part."""
    _refuse_declarations(part)
    stretches: list[list[_Node]] = []
    said: list[str] = []
    shared: dict[str, int] = {}
    cell, kind, tag = "", "", -1
    open_: list[_Open] = []
    groups: list[list[_Node] | None] = []
    parser = expat.ParserCreate("utf-8")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal cell, kind, tag
        if name == "c" and "r" in attributes:
            cell, kind, tag = attributes["r"], attributes.get("t", ""), parser.CurrentByteIndex
        if len(open_) > MAX_DEPTH:
            raise Unreadable
        if name.rpartition(":")[2] in _STRETCHES:
            groups.append([])
        else:
            groups.append(groups[-1] if groups else None)
        if open_:
            open_[-1].has_children = True
        open_.append(_Open())
        said.extend(v for k, v in attributes.items() if k.rpartition(":")[2] in _SAID and len(v) > 2)

    def data(text: str) -> None:
        if open_:
            open_[-1].add(text, parser.CurrentByteIndex)

    def end(name: str) -> None:
        nonlocal cell
        closed = open_.pop()
        group = groups.pop()
        if name == "v" and kind == "s" and cell and closed.text.isdecimal():
            shared[cell] = int(closed.text)
        elif closed.text.strip():
            if closed.has_children:
                raise Unreadable  # words between elements: none of these formats has them
            node = _Node(closed.start, parser.CurrentByteIndex, closed.text, cell, tag if name == "v" else -1)
            if group is None:
                stretches.append([node])
            else:
                group.append(node)
        if name.rpartition(":")[2] in _STRETCHES and group:
            stretches.append(group)
        if name == "c":
            cell = ""

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, data
    parser.Parse(part, True)
    return _Part(stretches, said, shared)


def _refuse_declarations(part: bytes) -> None:
    """No document of these kinds declares entities, or is written in anything but UTF-8."""
    if b"<!" in part.replace(b"<!--", b"").replace(b"<![CDATA[", b"") or b"\0" in part[:64]:
        raise Unreadable


class _Splice(NamedTuple):
    """New character data of an element."""

    start: int
    end: int
    text: str
    tag: int

    def on(self, part: bytes) -> bytes:
        """The part with it. A cell of a number becomes one of a text."""
        part = part[: self.start] + escape(self.text).encode() + part[self.end :]
        if self.tag < 0:
            return part
        end = part.index(b">", self.tag)
        tag = _TYPE.sub(b"", part[self.tag : end])
        return part[: self.tag] + tag + b' t="str"' + part[end:]


_TYPE = re.compile(rb'\st="[^"]*"')


def _spliced(nodes: Sequence[_Node], marks: Sequence[Mark]) -> Iterator[_Splice]:
    """New texts of the nodes that marks touch: the new words stand where the old ones began."""
    position = 0
    for node in nodes:
        begin, stop = position, position + len(node.text)
        position = stop
        touching = [mark for mark in marks if mark.start < stop and begin < mark.end]
        text = node.text
        for mark in reversed(touching):
            new = mark.new if begin <= mark.start else ""
            text = text[: max(0, mark.start - begin)] + new + text[mark.end - begin :]
        if touching:
            yield _Splice(node.start, node.end, text, node.tag)


_LINKS = re.compile(rb'<(?:Relationship|Override)\b[^<>]*?(?:Target|PartName)="/?([^"]*)"[^<>]*?/>')


def _without_dropped(part: bytes) -> bytes:
    """A list of parts without those that are left out."""

    def kept(match: re.Match[bytes]) -> bytes:
        target = match[1].decode("utf-8", "replace").removeprefix("../")
        gone = _DROPPED.match(target) or _DROPPED.match("x/" + target)
        return b"" if gone else match[0]

    return _LINKS.sub(kept, part) if b"<Relationships" in part or b"<Types" in part else part


KIND = Kind(read, write)
