"""A receipt convinces a third party that has the public key, and nobody else's can."""

import json
from pathlib import Path

import pytest

from pii_shield.audit import receipt
from pii_shield.audit.note import Signer, Verifier
from pii_shield.audit.read import DatabaseSource
from pii_shield.errors import AuditError

from .kit import SEED, Clock, db, fill, open_log, release


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    directory = tmp_path_factory.mktemp("log")
    fill(directory, 60)
    log = DatabaseSource(db(directory))
    key = log.key()
    log.close()
    return directory, key


def write(directory: Path, seq: int) -> str:
    log = DatabaseSource(db(directory))
    try:
        return receipt.make(log, seq)
    finally:
        log.close()


@pytest.mark.parametrize("seq", [1, 2, 24, 25, 26, 40, 63])
def test_a_receipt_of_any_row_verifies_with_the_key_alone(made: tuple[Path, str], seq: int) -> None:
    proven = receipt.verify(write(made[0], seq), made[1])
    log = DatabaseSource(db(made[0]))
    row = log.row(seq)
    log.close()
    assert row and (proven.seq, proven.row) == (seq, json.loads(row[1]))


def test_a_receipt_shows_no_other_row(made: tuple[Path, str]) -> None:
    text = write(made[0], 7)
    assert text.count('\\"writer\\"') == 1
    assert len(text) < 10_000


@pytest.mark.parametrize(
    ("field", "value"),
    [("row", '{"type":"release"}'), ("seq", 8), ("before", "00" * 32), ("after", ""), ("checkpoint", "x\n\n— x y\n")],
)
def test_a_receipt_that_was_changed_is_refused(made: tuple[Path, str], field: str, value: object) -> None:
    said = json.loads(write(made[0], 7))
    with pytest.raises(AuditError):
        receipt.verify(json.dumps({**said, field: value}), made[1])


def test_a_receipt_that_was_signed_with_another_key_is_refused(made: tuple[Path, str]) -> None:
    said = json.loads(write(made[0], 7))
    name = made[1].partition("+")[0]
    forger = Signer(name, bytes(32))
    size, head = said["checkpoint"].splitlines()[1:3]
    said["checkpoint"] = forger.sign(f"{name}\n{size}\n{head}\ncheckpoint 2027-01-01T00:00:00.000000Z\n")
    said["key"] = forger.key
    assert receipt.verify(json.dumps(said)).seq == 7
    with pytest.raises(AuditError) as caught:
        receipt.verify(json.dumps(said), made[1])
    assert caught.value.code == "PS703"


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"format":"pii-shield-receipt/1"}', "\ud800"])
def test_what_is_no_receipt_is_said_to_be_none(text: str) -> None:
    with pytest.raises(AuditError) as caught:
        receipt.verify(text)
    assert caught.value.code == "PS711"


def test_rows_that_do_not_exist_or_are_not_covered_have_no_receipt(tmp_path: Path) -> None:
    log = open_log(tmp_path, Clock())
    for _ in range(3):
        log.commit("release", **release())
    for seq, code in ((99, "PS705"), (0, "PS705"), (4, "PS706")):
        with pytest.raises(AuditError) as caught:
            write(tmp_path, seq)
        assert caught.value.code == code
    log.close()
    assert receipt.verify(write(tmp_path, 4)).seq == 4


def test_notes_have_the_layout_of_c2sp() -> None:
    """https://c2sp.org/signed-note: text, empty line, em dash, name, base64 of key id and signature."""
    signer = Signer("example.org/log", SEED)
    note = signer.checkpoint(3, bytes(32), "2027-01-01T00:00:00.000000Z")
    body, _, signature = note.rpartition("\n\n")
    assert body.splitlines()[:2] == ["example.org/log", "3"]
    assert signature.startswith("— example.org/log ")
    assert signature.endswith("\n")
    name, key_id, _ = signer.key.split("+", 2)
    assert (name, len(key_id)) == ("example.org/log", 8)
    assert Verifier(signer.key).checkpoint(note).size == 3
    assert "SEED" not in repr(signer) and SEED.hex() not in repr(signer)


@pytest.mark.parametrize(
    "key", ["", "x", "a+b+c", "example.org/log+00000000+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"]
)
def test_what_is_no_key_is_refused(key: str) -> None:
    with pytest.raises(AuditError) as caught:
        Verifier(key)
    assert caught.value.code == "PS704"


def test_a_third_party_needs_none_of_our_code(made: tuple[Path, str]) -> None:
    """SHA-256, base64 and Ed25519 as `audit.chain` and C2SP say: this is all there is to it."""
    from base64 import b64decode
    from hashlib import sha256

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    name, _, encoded = made[1].split("+", 2)
    public = Ed25519PublicKey.from_public_bytes(b64decode(encoded)[1:])
    said = json.loads(write(made[0], 7))
    leaf = sha256(b"\0" + said["row"].encode()).digest()
    head = sha256(b"\1" + bytes.fromhex(said["before"]) + leaf).digest()
    after = b64decode(said["after"])
    for start in range(0, len(after), 32):
        head = sha256(b"\1" + head + after[start : start + 32]).digest()
    text, _, signature = said["checkpoint"].rpartition("\n\n")
    public.verify(b64decode(signature.split()[2])[4:], f"{text}\n".encode())
    origin, size, signed_head, _ = text.splitlines()
    assert (origin, int(size), b64decode(signed_head)) == (name, 7 + len(after) // 32, head)
