import pytest
from hypothesis import given
from hypothesis import strategies as st

from pii_shield import jsontext
from pii_shield.wire import headers


def call(name: str = "send", **arguments: object) -> jsontext.Json:
    params = {"name": name, "arguments": arguments}
    return jsontext.loads(jsontext.dumps({"jsonrpc": "2.0", "method": "tools/call", "params": params}))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_every_text_survives_a_header(text: str) -> None:
    value = headers.encode(text)
    assert headers.decode(value) == text
    assert value.isascii()
    assert value == value.strip()
    assert not any(ord(c) < 32 for c in value)


@pytest.mark.parametrize("text", ["plain", "with space", "a=b?c"])
def test_plain_text_stays_readable(text: str) -> None:
    assert headers.encode(text) == text


@pytest.mark.parametrize("value", ["=?base64?!!!?=", "=?base64?gA==?=", "=?base64?YQ?="])
def test_a_malformed_sentinel_says_nothing_and_is_forwarded_as_it_came(value: str) -> None:
    assert headers.decode(value) is None
    given_ = [("Mcp-Name", value), ("Mcp-Param-To", value)]
    assert headers.follow(given_, call(to="[X]"), call(to="y")) == (given_, [])


def test_a_released_argument_changes_its_header_and_no_other() -> None:
    before = call(to="[EMAIL_7K2QF9M36]", region="eu", n="[EMAIL_7K2QF9M36] x")
    after = call(to="zoë@acme.com", region="eu", n="zoë@acme.com x")
    sent = [("Mcp-Method", "tools/call"), ("Mcp-Name", "send"), ("Mcp-Param-To", "[EMAIL_7K2QF9M36]")]
    followed, changed = headers.follow([*sent, ("mcp-param-region", "eu"), ("Accept", "a/b")], before, after)
    assert followed == [
        *sent[:2],
        ("Mcp-Param-To", headers.encode("zoë@acme.com")),
        ("mcp-param-region", "eu"),
        ("Accept", "a/b"),
    ]
    assert changed == ["Mcp-Param-To"]


def test_a_sentinel_header_is_read_before_it_is_followed() -> None:
    followed, _ = headers.follow([("Mcp-Param-To", headers.encode("é[T]"))], call(to="é[T]"), call(to="éjane"))
    assert headers.decode(followed[0][1]) == "éjane"


def test_a_released_number_is_spelled_in_its_header() -> None:
    after = jsontext.loads('{"method":"tools/call","params":{"name":"send","arguments":{"to":14155550100}}}')
    followed, _ = headers.follow([("Mcp-Param-To", "[T]")], call(to="[T]"), after)
    assert followed == [("Mcp-Param-To", "14155550100")]


def test_a_released_uri_changes_the_name_header() -> None:
    def read(uri: str) -> jsontext.Json:
        return jsontext.loads(jsontext.dumps({"method": "resources/read", "params": {"uri": uri}}))

    followed, changed = headers.follow([("Mcp-Name", "crm://T")], read("crm://T"), read("crm://jane"))
    assert (followed, changed) == ([("Mcp-Name", "crm://jane")], [])


def test_a_header_that_never_agreed_with_the_message_is_left_to_the_server() -> None:
    sent = [("Mcp-Name", "other"), ("Mcp-Param-To", "[OTHER]")]
    assert headers.follow(sent, call(to="[T]"), call(to="jane")) == (sent, [])


SCHEMA = {
    "properties": {
        "region": {"type": "string", "x-mcp-header": "Region"},
        "deep": {"properties": {"flag": {"type": "boolean", "x-mcp-header": "Flag"}}},
        "bad": {"x-mcp-header": "not a token"},
        "absent": {"x-mcp-header": "Absent"},
    }
}


def test_a_message_without_headers_gets_those_that_its_schema_asks_for() -> None:
    message = call(region="eü", deep={"flag": True}, bad="x")
    assert headers.mirror(message, SCHEMA) == [
        ("Mcp-Method", "tools/call"),
        ("Mcp-Name", "send"),
        ("Mcp-Param-Region", headers.encode("eü")),
        ("Mcp-Param-Flag", "true"),
    ]
    assert headers.mirror({"method": "tools/list"}, None) == [("Mcp-Method", "tools/list")]
    assert headers.mirror({"id": "1", "result": {}}, None) == []


def test_the_version_is_read_from_stateless_requests_only() -> None:
    meta = {"_meta": {headers.MODERN_VERSION_KEY: "2026-07-28"}}
    assert headers.version_of({"params": meta}) == "2026-07-28"
    assert headers.version_of({"params": {}}) == ""
    assert headers.version_of([1]) == ""
