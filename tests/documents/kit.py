"""Documents as the real libraries write them."""

import io
import zipfile

import openpyxl
from PIL import Image, ImageDraw, ImageFont

MAIL = "jane.doe@acme.example"


def picture(*lines: str, kind: str = "PNG", **saved: object) -> bytes:
    image = Image.new("RGB", (900, 80 + 60 * len(lines)), "white")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        draw.text((30, 30 + 60 * number), line, fill="black", font=ImageFont.load_default(size=32))
    out = io.BytesIO()
    image.save(out, kind, **saved)
    return out.getvalue()


def sheet(*rows: list[object]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.properties.creator = "Ilse Brandt"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(data: bytes) -> list[tuple[object, ...]]:
    return list(openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True))


_TYPES = """<?xml version="1.0" encoding="UTF-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/>
<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>
</Types>"""
_RELS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://x/officeDocument" Target="word/document.xml"/>
<Relationship Id="rId2" Type="http://x/core-properties" Target="docProps/core.xml"/>
</Relationships>"""
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def letter(*paragraphs: list[str], extra: dict[str, bytes] | None = None, prolog: str = "", inside: str = "") -> bytes:
    """A Word file; a paragraph is a list of runs."""
    body = "".join(
        "<w:p>" + "".join(f'<w:r><w:t xml:space="preserve">{run}</w:t></w:r>' for run in runs) + "</w:p>"
        for runs in paragraphs
    )
    parts = {
        "[Content_Types].xml": _TYPES.encode(),
        "_rels/.rels": _RELS.encode(),
        "word/document.xml": (
            f'<?xml version="1.0"?>{prolog}<w:document xmlns:w="{W}"><w:body>{body}{inside}</w:body></w:document>'
        ).encode(),
        "docProps/core.xml": b'<cp xmlns="x"><creator>Ilse Brandt</creator></cp>',
        **(extra or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return out.getvalue()


def unpacked(data: bytes) -> bytes:
    """All parts, one after the other."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(map(archive.read, archive.namelist()))


def paragraphs(data: bytes) -> list[str]:
    from xml.etree import ElementTree

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        tree = ElementTree.fromstring(archive.read("word/document.xml"))
    return ["".join(t.text or "" for t in p.iter(f"{{{W}}}t")) for p in tree.iter(f"{{{W}}}p")]


def pdf(*pages: str, **metadata: str) -> bytes:
    """A PDF with one line a page, written by hand and read in by pypdf, which adds what is asked for."""
    from pypdf import PdfWriter
    from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

    writer = PdfWriter()
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    for line in pages:
        page = writer.add_blank_page(300, 200)
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 20 100 Td ({line}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): writer._add_object(font)})}
        )
    writer.add_metadata({f"/{key}": text for key, text in metadata.items()})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
