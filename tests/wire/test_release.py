"""Tokens in a client's message: where they stand, which count, and what takes their place."""

import base64
import json
from urllib.parse import quote

import pytest

from pii_shield import jsontext, tokens
from pii_shield.errors import PolicyDenied, UnknownToken, WireError
from pii_shield.types import Secret, TokenRef
from pii_shield.wire.release import Known, Release

REF = TokenRef("7K2QF9M3" + tokens.check_character("7K2QF9M3"))
TOKEN = tokens.write("EMAIL", REF)
ROWS = {REF: Known("EMAIL", expired=False)}


def planned(message: object, schema: object = None) -> Release:
    text = message if isinstance(message, str) else json.dumps(message)
    tree = jsontext.loads(json.dumps(schema)) if schema else None
    return Release(text, jsontext.loads(text), tree)


def released(message: object, value: str, kind: str = "string", schema: object = None) -> str:
    plan = planned(message, schema)
    return plan.apply({REF: Secret(value, kind)}, plan.resolve(ROWS), frozenset())


def arguments(**given: object) -> dict:
    return {"params": {"name": "t", "arguments": given}}


def test_a_message_without_tokens_is_no_plan() -> None:
    assert not planned({"a": "plain [EMAIL_ADDRESS]", "n": 1})


def test_only_the_tokens_change_in_the_raw_text() -> None:
    text = '{ "a" : "\\u0041 ' + TOKEN + ' \\/", "n":1E5}'
    assert released(text, 'x"\n') == text.replace(TOKEN, 'x\\"\\n')


def test_places_and_wholeness_are_told() -> None:
    plan = planned({"a": TOKEN, "b": ["to " + TOKEN], TOKEN: 1, "j": json.dumps({"k": TOKEN})})
    assert [(use.path, use.whole) for use in plan.resolve(ROWS)] == [
        (("a",), True),
        (("b", 0), False),
        ((TOKEN,), False),
        (("j", "k"), True),
    ]


def test_values_in_json_text_are_escaped_at_each_level() -> None:
    out = json.loads(released({"j": json.dumps({"k": TOKEN})}, 'say "hi"\\'))
    assert json.loads(out["j"]) == {"k": 'say "hi"\\'}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f"%5B{TOKEN[1:-1]}%5D", quote('a&b<"é', safe="")),
        (f"&#91;{TOKEN[1:-1]}&#93;", "a&amp;b&lt;&quot;é"),
        (TOKEN[1:-1], 'a&b<"é'),
        (f"\\{TOKEN[:-1]}\\]", 'a&b<"é'),
    ],
)
def test_a_value_is_escaped_as_the_token_was(written: str, expected: str) -> None:
    assert json.loads(released([written + " "], 'a&b<"é')) == [expected + " "]


def test_numbers_return_as_numbers_where_the_token_fills_the_string() -> None:
    message = arguments(a=TOKEN, b=f"n {TOKEN}", j=json.dumps([TOKEN]))
    out = json.loads(released(message, "14155550132", "number"))["params"]["arguments"]
    assert out == {"a": 14155550132, "b": "n 14155550132", "j": "[14155550132]"}


@pytest.mark.parametrize(
    ("schema", "kind", "value", "raw"),
    [
        ({"type": "string"}, "number", "7", '"7"'),
        ({"type": "integer"}, "number", "7", "7"),
        ({"type": "integer"}, "string", "14155550132", "14155550132"),
        ({"type": "number"}, "string", "1.5e3", "1.5e3"),
        ({"type": ["string", "integer"]}, "string", "7", '"7"'),
        ({}, "string", "7", '"7"'),
    ],
)
def test_a_value_takes_the_type_that_the_schema_wants(schema: dict, kind: str, value: str, raw: str) -> None:
    assert f'"v": {raw}' in released(arguments(v=TOKEN), value, kind, {"properties": {"v": schema}})


@pytest.mark.parametrize("value", ["+1 415 555", "1.5", "007", "x"])
def test_a_value_that_cannot_take_the_type_is_an_error_without_it(value: str) -> None:
    with pytest.raises(WireError) as caught:
        released(arguments(v=TOKEN), value, "string", {"properties": {"v": {"type": "integer"}}})
    assert value not in str(caught.value)


def test_bare_tokens_that_resolve_to_nothing_are_plain_text() -> None:
    assert planned([TOKEN[1:-1]]).resolve({REF: None}) == []


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (TOKEN, None),
        (TOKEN.replace(REF.id, REF.id[:-1] + "0"), None),
        (TOKEN, Known("PHONE", expired=False)),
        (TOKEN[1:-1], Known("PHONE", expired=False)),
        (TOKEN, Known("EMAIL", expired=True)),
    ],
)
def test_bracketed_tokens_that_do_not_resolve_are_errors(text: str, row: Known | None) -> None:
    with pytest.raises(UnknownToken):
        planned([text]).resolve({REF: row})


@pytest.mark.parametrize(
    "smuggled",
    [
        base64.b64encode(TOKEN.encode()).decode(),
        f"note {base64.urlsafe_b64encode(f'see {TOKEN} there'.encode()).decode().rstrip('=')} end",
        quote(quote(TOKEN)),
        base64.b64encode(quote(TOKEN).encode()).decode(),
        json.dumps({"x": base64.b64encode(TOKEN.encode()).decode() + TOKEN}),
    ],
)
def test_encoded_tokens_do_not_go_on(smuggled: str) -> None:
    with pytest.raises(UnknownToken):
        planned([smuggled]).resolve({**ROWS})


def test_an_unquoted_grant_refuses_values_with_metacharacters() -> None:
    plan = planned([f"to {TOKEN}"])
    uses = plan.resolve(ROWS)
    with pytest.raises(PolicyDenied):
        plan.apply({REF: Secret("O'Brien")}, uses, frozenset({REF}))
    assert "Zoe" in plan.apply({REF: Secret("Zoe")}, uses, frozenset({REF}))


def test_formats_of_a_place_come_from_the_tools_schema() -> None:
    plan = planned(arguments(v=TOKEN), {"properties": {"v": {"type": "string", "format": "uri"}}})
    (use,) = plan.resolve(ROWS)
    assert plan.formats(use) == {"uri"}
