"""Binary content of messages: what passes, what is withheld, what is replaced, and what the model is told."""

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("PIL")
pytest.importorskip("pypdf")
pytest.importorskip("openpyxl")

from pii_shield import assemble, blobs
from pii_shield.conversation import Conversation
from pii_shield.errors import ConfigError
from pii_shield.settings import Config

from .kit import MAIL, cells, letter, paragraphs, pdf, picture, sheet

pytestmark = pytest.mark.skipif(shutil.which("tesseract") is None, reason="no tesseract")
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def conversation(tmp_path: Path, **policy: str) -> Conversation:
    return assemble.conversation(Config(vault=tmp_path / "v.db", **policy), name="crm", command=("/bin/crm",))


def image(data: bytes) -> dict[str, Any]:
    return {"type": "image", "mimeType": "image/png", "data": base64.b64encode(data).decode()}


def blob(data: bytes, mime: str) -> dict[str, Any]:
    return {"uri": "file:///x", "mimeType": mime, "blob": base64.b64encode(data).decode()}


def resource(data: bytes, mime: str) -> dict[str, Any]:
    return {"type": "resource", "resource": blob(data, mime)}


def answered(talk: Conversation, method: str, **result: Any) -> dict[str, Any]:
    talk.from_client(json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": {"name": "t"}}).encode())
    outcome = talk.from_server(json.dumps({"jsonrpc": "2.0", "id": 1, "result": result}).encode())
    assert outcome.forward is not None
    return json.loads(outcome.forward)["result"]


def content(talk: Conversation, *blocks: dict[str, Any]) -> list[dict[str, Any]]:
    return answered(talk, "tools/call", content=list(blocks))["content"]


def decoded(block: dict[str, Any]) -> bytes:
    holder = block.get("resource", block)
    return base64.b64decode(holder.get("blob") or holder["data"])


@pytest.mark.parametrize("policy", ["inspect", "redact"])
def test_what_holds_nothing_passes_without_its_metadata(tmp_path: Path, policy: str) -> None:
    talk = conversation(tmp_path, images=policy, other=policy)
    found = content(
        talk,
        image(picture("Opening hours") + b"hidden behind"),
        resource(pdf("Opening hours", Author="Ilse Brandt"), "application/pdf"),
        resource(letter(["Opening hours"]), DOCX),
    )
    assert [block["type"] for block in found] == ["image", "resource", "resource"]
    assert b"hidden" not in decoded(found[0])
    assert all(b"Brandt" not in decoded(block) for block in found)
    assert paragraphs(decoded(found[2])) == ["Opening hours"]


def test_inspected_content_that_holds_something_is_withheld_and_the_model_is_told_what(tmp_path: Path) -> None:
    talk = conversation(tmp_path, images="inspect", other="inspect")
    found = content(talk, image(picture(f"mail {MAIL}")), resource(pdf(f"mail {MAIL}"), "application/pdf"))
    assert found[0] == {
        "type": "text",
        "text": "[image content withheld by pii_shield: it holds personal data (1 EMAIL)]",
    }
    assert "it holds personal data (1 EMAIL)" in found[1]["resource"]["text"]


def test_sheets_and_letters_are_passed_on_with_tokens_that_the_vault_knows(tmp_path: Path) -> None:
    talk = conversation(tmp_path, other="redact")
    book, note, text, note2 = content(
        talk, resource(sheet(["Mail"], [MAIL]), XLSX), resource(letter(["to ", MAIL]), DOCX)
    )
    token = str(cells(decoded(book))[1][0])
    assert token.startswith("[EMAIL_")
    assert paragraphs(decoded(text)) == [f"to {token}"]
    assert (
        note
        == note2
        == {
            "type": "text",
            "text": "[personal data replaced in this binary content by pii_shield: 1 EMAIL]",
        }
    )
    call = {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "s", "arguments": {"to": token}}}
    assert MAIL.encode() in (talk.from_client(json.dumps(call).encode()).forward or b"")


def test_a_cell_is_read_by_its_columns_header(tmp_path: Path) -> None:
    rows = sheet(["Surname", "SSN", "Item"], ["Quist", 536904399, "Blue chair"], ["Ng", 536904398, "Oak table"])
    book, note = content(conversation(tmp_path, other="redact"), resource(rows, XLSX))
    header, first, second = cells(decoded(book))
    assert header == ("Surname", "SSN", "Item")
    assert [str(cell).split("_")[0] for cell in first] == ["[PERSON", "[ID", "Blue chair"]
    assert "2 US_SSN" in note["text"] and "536904398" not in str(second)


def test_a_picture_is_passed_on_with_black_boxes(tmp_path: Path) -> None:
    talk = conversation(tmp_path, images="redact")
    covered, note = content(talk, image(picture("Opening hours", f"mail {MAIL}")))
    again = content(conversation(tmp_path, images="inspect"), covered)
    assert again[0]["type"] == "image", "nothing is left to find"
    assert "1 EMAIL" in note["text"]


def test_what_cannot_be_replaced_is_withheld_in_a_resource_too(tmp_path: Path) -> None:
    talk = conversation(tmp_path, other="redact")
    both = [blob(pdf(f"mail {MAIL}"), "application/pdf"), blob(sheet([MAIL]), XLSX)]
    result = answered(talk, "resources/read", contents=both)
    first, second, note = result["contents"]
    assert "it holds personal data (1 EMAIL)" in first["text"] and "blob" not in first
    assert "[EMAIL_" in str(cells(decoded(second)))
    assert (note["uri"], note["mimeType"]) == ("file:///x", "text/plain")


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (b"%PDF-1.7 broken", "application/pdf"),
        (b"MZ\x90\0", "application/octet-stream"),
        (picture("x"), "application/pdf"),
        (b"", ""),
    ],
)
def test_what_cannot_be_read_is_withheld(tmp_path: Path, data: bytes, mime: str) -> None:
    (found,) = content(conversation(tmp_path, other="inspect"), resource(data, mime))
    assert "it cannot be read" in found["resource"]["text"]


def test_what_is_no_base64_is_withheld(tmp_path: Path) -> None:
    (found,) = content(conversation(tmp_path, images="inspect"), {**image(b""), "data": "%%% jane@acme.example"})
    assert found["text"] == "[image content withheld by pii_shield: it cannot be read]"


def test_sound_and_video_are_never_read(tmp_path: Path) -> None:
    talk = conversation(tmp_path, images="inspect", other="inspect")
    sound = {"type": "audio", "mimeType": "audio/wav", "data": base64.b64encode(b"RIFF").decode()}
    found = content(talk, sound, resource(picture("x"), "video/mp4"))
    assert "cannot be searched" in found[0]["text"] and "cannot be searched" in found[1]["resource"]["text"]


def test_more_pieces_than_are_read_are_withheld(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "MAX_BLOBS", 1)
    found = content(conversation(tmp_path, other="inspect"), *[resource(letter(["x"]), DOCX)] * 2)
    assert ["blob" in block["resource"] for block in found] == [True, False]


def test_by_default_nothing_is_read(tmp_path: Path) -> None:
    (found,) = content(conversation(tmp_path), image(picture("x")))
    assert "cannot be searched" in found["text"]


def test_without_tesseract_the_start_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError) as refusal:
        conversation(tmp_path, images="inspect")
    assert refusal.value.code == "PS336"
