"""Documents that real libraries wrote, read by the worker; and those that attackers made."""

import io
import os
import shutil
import time
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("PIL")
pytest.importorskip("pypdf")
pytest.importorskip("openpyxl")

from PIL import Image

from pii_shield.documents import reader
from pii_shield.documents.content import Mark, Unreadable
from pii_shield.documents.reader import Document

from .kit import MAIL, cells, letter, paragraphs, pdf, picture, sheet, unpacked

tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="no tesseract")


def said(data: bytes, family: str = "other") -> list[str]:
    return [text.text for text in Document(data, family).read()]


def marked(data: bytes, value: str, new: str, family: str = "other") -> bytes:
    """The document with every occurrence of a value replaced."""
    document = Document(data, family)
    marks = [
        Mark(number, text.text.index(value), text.text.index(value) + len(value), new)
        for number, text in enumerate(document.read())
        if value in text.text
    ]
    assert marks
    return document.write(marks)


def test_a_words_value_split_over_runs_is_one_text_and_replaced_as_a_whole() -> None:
    data = letter(["Write to ", "jane.d", "oe@acme", ".example", " &amp; Co"], ["Nothing <b> here".replace("<b>", "")])
    assert f"Write to {MAIL} & Co" in said(data)
    new = marked(data, MAIL, "[EMAIL_7K2QF9M36]")
    assert paragraphs(new)[0] == "Write to [EMAIL_7K2QF9M36] & Co"
    assert b"jane" not in unpacked(new)


def test_properties_are_left_out_and_nothing_points_to_them() -> None:
    new = Document(letter(["hello"]), "other").write([])
    archive = zipfile.ZipFile(io.BytesIO(new))
    assert archive.namelist() == ["[Content_Types].xml", "_rels/.rels", "word/document.xml"]
    assert all(b"docProps" not in archive.read(name) for name in archive.namelist())
    assert b"word/document.xml" in archive.read("_rels/.rels")


def test_comments_headers_and_attributes_are_read() -> None:
    said_there = b'<w:comment w:author="Omar Haddad"><w:p><w:t>call him</w:t></w:p></w:comment>'
    comment = b'<w:comments xmlns:w="x">' + said_there + b"</w:comments>"
    link = b'<Relationships xmlns="x"><Relationship Id="r" Target="mailto:jane.doe@acme.example"/></Relationships>'
    data = letter(["x"], extra={"word/comments.xml": comment, "word/_rels/document.xml.rels": link})
    texts = Document(data, "other").read()
    assert {"call him", "Omar Haddad", f"mailto:{MAIL}"} <= {text.text for text in texts}
    assert all(text.fixed for text in texts if "Omar" in text.text or "mailto" in text.text)


def test_cells_are_read_numbers_too_and_replaced() -> None:
    data = sheet(["Name", "Mail"], ["Jane Doe", MAIL], [4111111111111111, "x"])
    assert {"Jane Doe", MAIL, "4111111111111111"} <= set(said(data))
    new = marked(data, MAIL, "[EMAIL_7K2QF9M36]")
    assert cells(new)[:2] == [("Name", "Mail"), ("Jane Doe", "[EMAIL_7K2QF9M36]")]
    assert b"Brandt" not in unpacked(new)


def test_pages_are_read_and_metadata_is_not_passed_on() -> None:
    data = pdf("Hello world", f"Mail {MAIL}", Author="Ilse Brandt")
    assert [text.strip() for text in said(data)] == ["Hello world", f"Mail {MAIL}"]
    assert b"Brandt" in data
    new = Document(data, "other").write([])
    assert b"Brandt" not in new
    assert [text.strip() for text in said(new)] == ["Hello world", f"Mail {MAIL}"]


def test_nothing_is_replaced_in_a_pdf() -> None:
    with pytest.raises(Unreadable):
        Document(pdf("x"), "other").write([Mark(0, 0, 1, "y")])


@tesseract
def test_words_in_a_picture_are_read_and_covered() -> None:
    data = picture("Contact the office", f"mail {MAIL}", "thank you")
    (text,) = said(data, "image")
    assert text.split("\n")[0] == "Contact the office"
    assert MAIL in text
    new = marked(data, MAIL, "", "image")
    (left,) = said(new, "image")
    assert "jane" not in left and "Contact the office" in left and "thank you" in left


@tesseract
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF"])
def test_a_picture_passes_without_what_cameras_and_people_write_into_it(kind: str) -> None:
    exif = Image.Exif()
    exif[0x013B] = "Ilse Brandt"
    more: dict[str, object] = {"exif": exif} if kind in ("PNG", "JPEG", "WEBP", "TIFF") else {}
    more |= {"comment": b"Ilse Brandt"} if kind in ("JPEG", "GIF") else {}
    data = picture("Hello", kind=kind, **more) + b"Ilse Brandt"
    new = Document(data, "image").write([])
    assert b"Brandt" not in new
    image = Image.open(io.BytesIO(new))
    assert (image.format, image.size, dict(image.getexif()).get(0x013B)) == (kind, (900, 140), None)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * (65 << 20))
    return out.getvalue()


def many_pages() -> bytes:
    return pdf(*["x"] * 201)


def encrypted() -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("secret"))))
    writer.encrypt("pw", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def attached() -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("see attachment"))))
    writer.add_attachment("people.csv", b"jane.doe@acme.example")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def moving() -> bytes:
    out = io.BytesIO()
    frames = [Image.new("L", (9, 9), shade) for shade in (0, 255)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def huge() -> bytes:
    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    return out.getvalue()


LAUGHS = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("family", "data"),
    [
        ("other", bomb()),
        ("other", letter(["&b;"], prolog=LAUGHS)),
        ("other", letter(["&x;"], prolog=OUTSIDE)),
        ("other", letter(["x"], inside="<w:a>" * 300 + "</w:a>" * 300)),
        ("other", letter(["x"], extra={"word/vbaProject.bin": b"x"})),
        ("other", letter(["x"], inside="<w:p>words <w:t>between</w:t> elements</w:p>")),
        ("other", letter(["x"])[:200]),
        ("other", many_pages()),
        ("other", encrypted()),
        ("other", attached()),
        ("other", b"%PDF-1.7\nnonsense"),
        ("image", b"\x89PNG\r\n\x1a\nnonsense"),
        ("image", moving()),
        ("image", huge()),
    ],
    ids="bomb laughs outside deep macro mixed cut pages encrypted attached no-pdf no-png moving huge".split(),
)
def test_what_cannot_be_read_for_sure_is_not_read(family: str, data: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(Unreadable):
        Document(data, family).read()
    assert time.monotonic() - began < reader.SECONDS


@pytest.mark.parametrize(
    ("data", "family"),
    [(pdf("x"), "image"), (picture("x"), "other"), (b"text", "other"), (b"", "image"), (picture("x"), "audio")],
)
def test_a_document_is_what_the_message_says_it_is_or_nothing(data: bytes, family: str) -> None:
    with pytest.raises(Unreadable):
        Document(data, family)


def test_a_worker_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(reader, "SECONDS", 0.5)
    slow = tmp_path / "slow.sh"
    slow.write_text("#!/bin/sh\necho $$ > pid\nsleep 60\n")
    slow.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.executable", str(slow))
    with pytest.raises(Unreadable):
        Document(pdf("x"), "other").read()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_the_worker_has_little_memory_and_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    seen = {}
    real = subprocess.Popen

    def noted(*words: object, **more: object) -> object:
        seen.update(more["env"])
        return real(*words, **more)

    monkeypatch.setenv("PII_SHIELD_KEY_FILE", "x")
    monkeypatch.setattr(subprocess, "Popen", noted)
    Document(pdf("x"), "other").read()
    assert "PII_SHIELD_KEY_FILE" not in seen and "PATH" in seen
