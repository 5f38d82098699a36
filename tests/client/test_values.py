"""`PiiShield`: objects in, objects out."""

import json
import re
from pathlib import Path
from typing import Any

import anyio
import pytest

from pii_shield import ConfigError, PiiShield, PolicyDenied, ShieldError, UnknownToken
from pii_shield.audit import read

JANE, PHONE = "jane.roe@example.com", "+49 30 1234567"


def token(text: str) -> str:
    return re.search(r"\[[A-Z]+_\w+\]", text)[0]  # type: ignore[index]


def test_what_was_protected_is_released_to_where_it_came_from(pii: PiiShield) -> None:
    record = {"name": "Acme", "mail": JANE, "phones": [PHONE], "n": 3, "open": True, "none": None, "x": 1.5}
    shown = pii.protect(record, server="crm")
    assert JANE not in json.dumps(shown)
    assert PHONE not in json.dumps(shown)
    assert {key: shown[key] for key in ("name", "n", "open", "none", "x")} == {
        "name": "Acme",
        "n": 3,
        "open": True,
        "none": None,
        "x": 1.5,
    }
    assert pii.release(shown, "crm", tool="update") == record


def test_text_stays_text_and_json_text_stays_json(pii: PiiShield) -> None:
    assert pii.protect(f"Mail {JANE}.", server="crm") == f"Mail {token(pii.protect(JANE, server='crm'))}."
    inner = pii.protect(json.dumps({"mail": JANE}), server="crm")
    assert token(json.loads(inner)["mail"]) == json.loads(inner)["mail"]


def test_an_object_without_personal_data_is_the_same_object(pii: PiiShield) -> None:
    plain: dict[str, Any] = {"rows": [1, 2], "text": "nothing here"}
    assert pii.protect(plain, server="crm") is plain
    assert pii.release(plain, "crm") is plain


def test_a_value_does_not_go_to_another_server_unless_it_is_trusted(pii: PiiShield) -> None:
    mail = token(pii.protect(JANE, server="crm"))
    with pytest.raises(PolicyDenied) as denied:
        pii.release({"note": mail}, "webhook", tool="post")
    assert JANE not in str(denied.value)
    assert pii.release({"to": mail}, "mailer", tool="send") == {"to": JANE}


def test_an_unknown_server_is_the_strictest_case(pii: PiiShield) -> None:
    mail = token(pii.protect("john.doe@example.com"))
    for destination in ("", "crm", "sender"):
        with pytest.raises(PolicyDenied):
            pii.release({"text": mail}, destination)


def test_nobody_can_pass_for_an_unknown_server(pii: PiiShield) -> None:
    with pytest.raises(ConfigError):
        pii.release("[EMAIL_7K2QF9M36]", "?sender")
    with pytest.raises(ConfigError):
        pii.protect("text", server="?sender")


def test_the_names_of_tool_and_argument_count(pii: PiiShield) -> None:
    mail = token(pii.protect(JANE, server="crm"))
    for arguments, tool in (({"url": f"https://x.example/?q={mail}"}, "get"), ({"body": mail}, "publish_gist")):
        with pytest.raises(PolicyDenied):
            pii.release(arguments, "crm", tool=tool)


def test_a_token_that_does_not_resolve_is_an_error(pii: PiiShield) -> None:
    with pytest.raises(UnknownToken):
        pii.release({"to": "[EMAIL_7K2QF9M36]"}, "mailer")


def test_values_take_the_type_that_the_schema_wants(pii: PiiShield) -> None:
    shown = pii.protect({"ssn": "078-05-1120", "phone": 49301234567}, server="crm")
    assert isinstance(shown["phone"], str)
    schema = {"type": "object", "properties": {"phone": {"type": "integer"}}}
    assert pii.release({"phone": shown["phone"]}, "crm", schema=schema) == {"phone": 49301234567}


@pytest.mark.parametrize("obj", [float("nan"), [float("inf")]])
def test_what_json_cannot_say_is_refused(pii: PiiShield, obj: Any) -> None:
    with pytest.raises(ShieldError):
        pii.protect(obj, server="crm")


def test_the_person_reads_values_and_foreign_tokens_stay(pii: PiiShield) -> None:
    shown = pii.protect(f"Mail {JANE} or call {PHONE}.", server="crm")
    assert pii.reveal(f"{shown} [EMAIL_7K2QF9M36]") == f"Mail {JANE} or call {PHONE}. [EMAIL_7K2QF9M36]"
    assert "".join(pii.reveal_stream(iter(shown))) == f"Mail {JANE} or call {PHONE}."


def test_what_the_person_read_is_no_closer_to_other_servers(pii: PiiShield) -> None:
    mail = token(pii.protect("eve.stone@example.com", server="crm"))
    assert pii.reveal(mail) == "eve.stone@example.com"
    with pytest.raises(PolicyDenied):
        pii.release({"text": mail}, "user")


def test_the_asynchronous_methods_do_the_same(pii: PiiShield) -> None:
    async def main() -> None:
        shown = await pii.aprotect({"mail": JANE}, server="crm")
        assert shown == pii.protect({"mail": JANE}, server="crm")
        assert await pii.arelease(shown, "crm") == {"mail": JANE}
        assert await pii.areveal(shown["mail"]) == JANE

    anyio.run(main)


def test_releases_refusals_and_what_a_person_read_are_in_the_audit_log(pii: PiiShield, tmp_path: Path) -> None:
    mail = token(pii.protect(JANE, server="crm"))
    pii.release({"to": mail}, "crm", tool="send")
    pii.reveal(mail)
    with pytest.raises(PolicyDenied):
        pii.release({"to": mail}, "webhook", tool="send")
    pii.close()
    log = read.DatabaseSource(tmp_path / "shield" / "vault.db")
    rows = [(row["type"], row.get("server", "").partition("#")[0]) for row in map(read.parsed, log.raw())]
    log.close()
    assert ("release", "crm") in rows
    assert ("release", "user") in rows
    assert ("denial", "webhook") in rows
