"""Which leaves are searched, and what the place of a leaf makes of a finding."""

import base64
import json

import pytest

from pii_shield import jsontext
from pii_shield.errors import ShieldError
from pii_shield.types import Finding, TokenRef, Value
from pii_shield.wire.methods import RESULTS, Act, Table
from pii_shield.wire.protect import ClearText, Options, Protection

MAIL = "jane@acme.com"
REF = TokenRef("7K2QF9M36")


def planned(message: object, table: Table = Act.PROTECT, method: str = "", **options: object) -> Protection:
    text = message if isinstance(message, str) else json.dumps(message)
    return Protection(text, jsontext.loads(text), table, method, Options(**options))


def mails(plan: Protection) -> list[list[Finding]]:
    """Every occurrence of the address, as a detector would say it."""
    found = []
    for leaf in plan.leaves:
        starts = [i for i in range(len(leaf.text)) if leaf.text.startswith(MAIL, i)]
        found.append([Finding("EMAIL", i, i + len(MAIL), 1.0, "mail") for i in starts])
    return found


def written(plan: Protection) -> str:
    values = plan.settle(mails(plan), lambda _, spelling: spelling, lambda _: False)
    return plan.apply(dict.fromkeys(values, ("EMAIL", REF)))


def result(method: str, **fields: object) -> str:
    table: Table = {"id": Act.ECHOED, "result": RESULTS[method]}
    return written(planned({"id": 1, "result": fields}, table, method))


def test_every_kind_of_leaf_is_searched_with_its_path() -> None:
    plan = planned({"a": ["x", {"b c": 7}], MAIL: None, "j": '{"k": [true, "y"]}'})
    assert [(leaf.text, leaf.path, leaf.kind) for leaf in plan.leaves] == [
        ("x", ("a", 0), "string"),
        ("b c", ("a", 1, "b c"), "key"),
        ("7", ("a", 1, "b c"), "number"),
        (MAIL, (MAIL,), "key"),
        ("y", ("j", "k", 1), "string"),
    ]


def test_only_the_finding_changes_in_the_raw_text() -> None:
    text = '{ "x" : "\\u0041\\/ jane@acme.com \\n", "n":1E5 , "j":"{ \\"m\\" :\\"jane@acme.com\\"}"}'
    assert written(planned(text)) == text.replace(MAIL, "[EMAIL_7K2QF9M36]")


def test_a_value_found_in_several_places_is_asked_for_once() -> None:
    plan = planned([MAIL, {"x": MAIL}])
    assert plan.settle(mails(plan), lambda _, s: s, lambda _: False) == [Value("EMAIL", MAIL, MAIL, "string", "mail")]


def test_json_text_stays_json_at_any_depth() -> None:
    deep = json.dumps({"a": json.dumps({"b": json.dumps([MAIL])})})
    out = json.loads(written(planned({"t": deep})))
    assert json.loads(json.loads(json.loads(out["t"])["a"])["b"]) == ["[EMAIL_7K2QF9M36]"]


def test_text_blobs_are_searched_decoded() -> None:
    for text in (f"mail {MAIL}", json.dumps({"email": MAIL})):
        blob = base64.b64encode(text.encode()).decode()
        out = json.loads(result("resources/read", contents=[{"uri": "x://y", "mimeType": "text/plain", "blob": blob}]))
        decoded = base64.b64decode(out["result"]["contents"][0]["blob"]).decode()
        assert decoded == text.replace(MAIL, "[EMAIL_7K2QF9M36]")


@pytest.mark.parametrize("mime", ["application/pdf", "image/png", "", "text/plain"])
def test_other_blobs_are_withheld(mime: str) -> None:
    blob = base64.b64encode(b"\xff\xfe\x00binary").decode()
    out = json.loads(result("resources/read", contents=[{"uri": "x://y", "mimeType": mime, "blob": blob}]))
    (content,) = out["result"]["contents"]
    assert "blob" not in content
    assert "withheld" in content["text"]


def test_uris_get_bare_tokens() -> None:
    out = json.loads(result("resources/list", resources=[{"uri": f"crm://contact/{MAIL}", "name": MAIL}]))
    assert out["result"]["resources"] == [{"uri": "crm://contact/EMAIL_7K2QF9M36", "name": "[EMAIL_7K2QF9M36]"}]


def test_opaque_strings_become_one_token() -> None:
    plan = planned({"result": {"nextCursor": f"after:{MAIL}:3"}}, {"result": RESULTS["tools/list"]})
    (value,) = plan.settle(mails(plan), lambda _, s: s, lambda _: False)
    assert (value.type, value.spelling) == ("OPAQUE", f"after:{MAIL}:3")


def test_the_fields_of_a_schema_are_its_properties_names() -> None:
    schema = {"type": "object", "properties": {"mail": {"enum": [MAIL], "default": MAIL, "description": "d"}}}
    plan = planned({"result": {"tools": [{"name": "t", "inputSchema": schema}]}}, {"result": RESULTS["tools/list"]})
    places = {leaf.path[-2:] for leaf in plan.leaves if leaf.text == MAIL}
    assert places == {("mail", 0), ("inputSchema", "mail")}


def test_the_envelope_is_no_part_of_a_place() -> None:
    plan = planned({"error": {"data": {"password": "x"}}, "result": {"error": "y"}}, {"error": {}, "result": {}})
    assert [leaf.path for leaf in plan.leaves] == [("data", "password"), ("error",)]


def test_what_looks_like_a_token_is_protected_as_a_literal() -> None:
    plan = planned(["see [EMAIL_7K2QF9M36] and [PHONE_00000000]"])
    values = plan.settle([[]], lambda _, s: s, lambda _: False)
    assert [v.type for v in values] == ["LITERAL"]


@pytest.mark.parametrize("sign", ["_", "%5F", "&#95;", "\\u005f"])
def test_a_look_alike_is_a_literal_however_its_underscore_is_written(sign: str) -> None:
    plan = planned([f"x [EMAIL{sign}7K2QF9M36] y"])
    (value,) = plan.settle([[]], lambda _, s: s, lambda _: False)
    assert value.type == "LITERAL"


def test_the_protocols_own_words_are_not_searched_but_any_other_in_their_place_is() -> None:
    content = [{"type": "text", "text": "x"}, {"type": MAIL, "text": "text"}]
    table: Table = {"jsonrpc": Act.WORD, "result": RESULTS["tools/call"]}
    plan = planned({"jsonrpc": "2.0", "result": {"content": content}}, table, "tools/call")
    assert [leaf.text for leaf in plan.leaves] == ["x", MAIL, "text"]
    assert "[EMAIL_7K2QF9M36]" in written(plan)
    assert written(planned({"jsonrpc": MAIL}, table)) == '{"jsonrpc": "[EMAIL_7K2QF9M36]"}'


def test_what_the_client_chose_itself_is_not_searched() -> None:
    plan = planned({"id": 123456, "result": {}}, {"id": Act.ECHOED, "result": RESULTS["tools/call"]})
    assert plan.leaves == []
    assert written(planned({"id": 1, "m": MAIL}, {"id": Act.ECHOED})) == '{"id": 1, "m": "[EMAIL_7K2QF9M36]"}'


@pytest.mark.parametrize("spans", [[(0, 4), (2, 6)], [(4, 6), (0, 2)], [(0, 99)], [(-1, 2)], [(3, 3)]])
def test_a_detector_that_contradicts_itself_blocks_the_message(spans: list[tuple[int, int]]) -> None:
    plan = planned(["0123456789"])
    with pytest.raises(ShieldError):
        plan.settle([[Finding("EMAIL", a, b, 1.0, "r") for a, b in spans]], lambda _, s: s, lambda _: False)


def test_protocol_versions_are_nobodys_birthday() -> None:
    plan = planned({"result": {"protocolVersion": "2025-11-25"}}, {"result": RESULTS["initialize"]}, instructions=False)
    dates = [[Finding("DOB", 0, 10, 1.0, "dob")] if leaf.text == "2025-11-25" else [] for leaf in plan.leaves]
    assert plan.settle(dates, lambda _, s: s, lambda _: False) == []


def test_clear_text_is_what_the_client_wrote_whole_or_long_enough() -> None:
    clear = ClearText(["mail bob@acme.com", "x"])
    assert "bob@acme.com" in clear
    assert "x" in clear
    assert "mail" not in clear
    assert 7 not in clear
