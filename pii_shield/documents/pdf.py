"""PDF: the text of its pages, fields and notes, and of the pictures in it. Passes anew written, or not at all."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

from . import image
from .content import Kind, Mark, Text, Unreadable

MAX_PAGES = 200
MAX_IMAGES = 20
# What holds more than pages show: files, programs, forms that draw themselves.
_NAMES = frozenset({"/EmbeddedFiles", "/JavaScript"})
_NOTES = frozenset({"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"})
_UNSEEN = ("/Metadata", "/PieceInfo", "/AA", "/Thumb")


def read(data: bytes) -> list[Text]:
    """A text a page, then fields, notes, bookmarks and pictures. None of them can be replaced for sure."""
    reader = _opened(data)
    texts = [page.extract_text() or "" for page in reader.pages]
    texts += [str(field.get("/V") or "") for field in (reader.get_fields() or {}).values()]
    texts += [note for page in reader.pages for note in _notes(page)]
    texts += [str(entry.title) for entry in _flat(reader.outline)]
    texts += list(_pictures(reader))
    return [Text(text, fixed=True) for text in texts if text.strip()]


def write(data: bytes, marks: Sequence[Mark]) -> bytes:
    """The pages alone: no metadata, no earlier versions, no bookmarks."""
    from pypdf import PdfWriter

    if marks:
        raise Unreadable
    writer = PdfWriter()
    for page in _opened(data).pages:
        new = writer.add_page(page)
        for key in _UNSEEN:
            new.pop(key, None)
        for picture in new.images:
            if picture.image is not None:
                picture.replace(picture.image, quality=90)  # cameras write into them too
    writer.metadata = None
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _opened(data: bytes) -> Any:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted or len(reader.pages) > MAX_PAGES:
        raise Unreadable
    root = reader.root_object
    names, form = root.get("/Names"), root.get("/AcroForm")
    if (names and _NAMES & names.get_object().keys()) or (form and "/XFA" in form.get_object()):
        raise Unreadable
    if any(note.get_object().get("/Subtype") in _NOTES for page in reader.pages for note in page.get("/Annots") or ()):
        raise Unreadable
    return reader


def _notes(page: Any) -> Iterator[str]:
    for reference in page.get("/Annots") or ():
        note = reference.get_object()
        for key in ("/Contents", "/T", "/TU", "/V"):
            if note.get(key):
                yield str(note[key])
        action = note.get("/A")
        if action and action.get_object().get("/URI"):
            yield str(action.get_object()["/URI"])


def _flat(outline: Any) -> Iterator[Any]:
    for entry in outline:
        if isinstance(entry, list):
            yield from _flat(entry)
        else:
            yield entry


def _pictures(reader: Any) -> Iterator[str]:
    count = 0
    for page in reader.pages:
        for picture in page.images:
            count += 1
            if count > MAX_IMAGES:
                raise Unreadable
            for text in image.read(_png(picture.image)):
                yield text.text


def _png(picture: Any) -> bytes:
    if picture is None or picture.width * picture.height > image.MAX_PIXELS:
        raise Unreadable
    out = io.BytesIO()
    picture.convert("RGB").save(out, "PNG")
    return out.getvalue()


KIND = Kind(read, write)
